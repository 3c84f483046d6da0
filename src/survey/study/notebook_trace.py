"""An IPython extension that writes down which files a notebook opened: what its results were made from.

`reproduce` loads it into each kernel. Python says of every file that it opens, lists or moves (`sys.addaudithook`);
what the interpreter, the libraries and the system need is left out. Files that compiled libraries open by themselves
are not seen: they are raw files of the study, which are hashed whatever is opened, or what `study.load` reads.
"""

from __future__ import annotations

import os
import sys
import tempfile
from importlib.util import source_from_cache
from pathlib import Path
from typing import Any

__all__ = ["TRACE", "load_ipython_extension", "read_trace"]

TRACE = "SURVEY_TRACE"
"""Environment variable: the file to write to."""
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_LISTING = ("os.listdir", "os.scandir")
_CHANGING = (
    "os.rename",
    "os.remove",
    "os.mkdir",
    "os.rmdir",
    "os.link",
    "os.symlink",
    "shutil.copyfile",
    "shutil.move",
)
_SYSTEM = ("/proc", "/dev", "/sys", "/etc", "/usr", "/lib", "/bin", "/opt", "/run")


def load_ipython_extension(shell: Any) -> None:
    """Begin to write down; IPython calls this in the kernel."""
    path = os.environ.get(TRACE)
    if path:
        _begin(path)


def _begin(path: str) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
    root = os.path.dirname(os.getcwd())  # of the project: looked at wherever it lies
    beside = {tempfile.gettempdir(), *(os.path.expanduser(f"~/{name}") for name in (".cache", ".config", ".local"))}
    beside |= {os.environ.get("MPLCONFIGDIR", ""), *(_SYSTEM if os.name != "nt" else ())}
    beside = {os.path.abspath(p) for p in beside if p and not root.startswith(os.path.abspath(p) + os.sep)}
    beside |= {sys.prefix, sys.base_prefix, str(Path(__file__).parents[1]), os.path.dirname(path)}
    beside |= {os.environ.get("IPYTHONDIR") or path}
    stage, known = os.environ.get("SURVEY_PROCESSED", ""), os.path.abspath(os.environ.get("SURVEY_PROCESSED", "."))
    apart = tuple(os.path.abspath(p) + os.sep for p in beside)
    seen: set[tuple[str, str]] = set()

    def note(event: str, values: tuple[Any, ...]) -> None:
        if event == "open":
            name, mode, flags = values
            kind = "w" if (flags or 0) & _WRITING or (isinstance(mode, str) and set(mode) & set("wax+")) else "r"
        elif event in _LISTING:
            name, kind = values[0], "l"
        elif event in _CHANGING:
            name, kind = values[0], "w"
        else:
            return
        if not isinstance(name, str | bytes | os.PathLike):  # an open file
            return
        try:
            place = os.path.abspath(os.fsdecode(name))
            if place.endswith(".pyc"):
                place = source_from_cache(place)
        except (ValueError, NotImplementedError, OSError):
            return
        inside = stage and (place == known or place.startswith(known + os.sep))
        if (inside and kind == "w") or (not inside and place.startswith(apart)) or (kind, place) in seen:
            return
        if not inside and kind == "l":  # of a folder what is listed is not kept; of the study's it is
            return
        seen.add((kind, place))
        os.write(handle, f"{kind} {place}\n".encode("utf-8", "surrogateescape"))

    sys.addaudithook(note)


def read_trace(path: Path) -> list[tuple[str, Path]]:
    """What was written down: "r" for read, "l" for listed, "w" for written or changed, and the file or folder."""
    try:
        lines = path.read_bytes().decode("utf-8", "surrogateescape").splitlines()
    except OSError:
        return []
    return [(line[0], Path(line[2:])) for line in lines if len(line) > 2]
