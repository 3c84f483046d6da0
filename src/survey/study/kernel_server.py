"""A process that has imported what notebooks import, and forks a kernel of itself for each: `python -m` this module.

A kernel's own start and imports take seconds of each notebook's time; a fork takes milliseconds. Linux only: elsewhere,
and where the system refuses, kernels are started one by one (`kernels`). The process that started it writes one JSON
line a kernel to stdin (arguments, folder, environment) and reads its process number; when it goes away, all end.
"""

from __future__ import annotations

import ctypes
import gc
import importlib
import json
import os
import signal
import sys
import time
from contextlib import suppress

__all__ = ["serve"]

_KERNEL = "ipykernel.kernelapp"  # of the kernel "python3", which comes with JupyterLab
_MODULES = (
    "matplotlib.backends.backend_agg",
    "matplotlib.backends.backend_pdf",
    "matplotlib.backends.backend_svg",
    "matplotlib.figure",
    "matplotlib_inline.backend_inline",
    "scipy.optimize",
    "scipy.stats",
    "survey.compare.effect",
    "survey.figures",
    "survey.narrative",
    "survey.reports.export",
    "survey.study.notebook_displays",
    "survey.study.study",
    "survey.tables",
)
_LATER = (  # what some notebooks need: imported while the first one runs, which nothing waits for
    "babel.numbers",
    "docx",
    "great_tables",
    "jinja2",
    "pyarrow.parquet",
    "xlsxwriter",
)
_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG of <sys/prctl.h>


def serve() -> None:
    """Import, then fork a kernel a line until the input ends."""
    _import(_KERNEL, *_MODULES)
    package = importlib.import_module("survey")
    for name in package.__all__:  # what `sv.` gives is imported at its first use
        with suppress(Exception):
            getattr(package, name)
    signal.signal(signal.SIGCHLD, _reap)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.freeze()
    print("ready", flush=True)
    for number, line in enumerate(sys.stdin):
        asked = json.loads(line)
        child = os.fork()
        if child == 0:
            _become_kernel(asked["arguments"], asked["folder"], asked["environment"])
        print(child, flush=True)
        if number == 0:
            _import(*_LATER)
            gc.freeze()


def _import(*names: str) -> None:
    for name in names:
        with suppress(ImportError):
            importlib.import_module(name)


def _reap(*_: object) -> None:
    """No zombies; who asked for a kernel watches the process itself."""
    with suppress(OSError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _become_kernel(arguments: list[str], folder: str, environment: dict[str, str]) -> None:
    code = 1
    try:
        os.setsid()
        server = os.getppid()
        ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
        if os.getppid() != server:
            os._exit(1)
        for number in (signal.SIGCHLD, signal.SIGINT):
            signal.signal(number, signal.SIG_DFL if number == signal.SIGCHLD else signal.default_int_handler)
        nothing = os.open(os.devnull, os.O_RDWR)
        os.dup2(nothing, 0)
        os.dup2(nothing, 1)
        os.chdir(folder)
        os.environ.clear()
        os.environ.update({**environment, "JPY_PARENT_PID": str(server)})
        time.tzset()
        sys.argv = ["ipykernel_launcher.py", *arguments]
        importlib.import_module(_KERNEL).launch_new_instance(arguments)
        code = 0
    finally:
        with suppress(Exception):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    serve()
