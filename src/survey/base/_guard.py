"""Another process for files whose parsers are in C and Rust: what ends it, or never ends in it, is an error here.

It gets limits of time and, on Linux, of memory, both by the size of the file. It is no sandbox: it may do whatever the
user may do.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from survey.base._wire import Broken, decoded, decoded_tree, read_frame
from survey.base.said import said
from survey.errors import ReadError

__all__ = ["TRUST", "Failed", "asked"]

TRUST = "SURVEY_TRUST_FILES"
"""The environment variable that turns the guard off."""

_START = 120.0  # seconds until the other process is ready; a cold disk and a scanner of viruses take some
_SECONDS, _SECONDS_PER_MB, _SECONDS_PER_MB_XML = 3.0, 10.0, 1.0  # of the processor
_SLOWER = 3  # times as long by the clock: other programs want the processor too
_MEMORY, _MEMORY_PER_BYTE, _MEMORY_PER_BYTE_XML = 1 << 30, 100, 8
_MB = 1 << 20
_PROGRAM = (
    "import sys, json; request = json.loads(sys.stdin.buffer.read()); sys.path[:] = request['folders']; "
    "from survey.base._parser import main; main(request)"
)


_CPU_IS_OVER, _KILLED = (int(getattr(signal, name, 10_000)) for name in ("SIGXCPU", "SIGKILL"))


class _NoMemory(Exception):
    """The other process says that its memory is not enough."""


class Failed(Exception):
    """What a parser said of a file that it could not read; `told` is as much of it as may be shown."""

    def __init__(self, kind: str, text: str) -> None:
        self.kind = kind if kind.isidentifier() and len(kind) < 80 else "Exception"
        text = said(text)
        self.told = f"{self.kind}: {text}" if text else self.kind
        super().__init__(self.told)


def asked(task: str, path: Path, arguments: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The answer of a parser in another process: a table of plain values, with its columns put together again.

    Parameters
    ----------
    task : str
        "statfile", "workbook" or "names".
    path : Path
    arguments : mapping, optional
        Of pyreadstat.

    Raises
    ------
    Failed
        If the parser says that it cannot read the file.
    ReadError
        If it crashes, takes too long or too much memory, or cannot be started.
    """
    seconds, memory = _limits(path)
    request = {
        "task": task,
        "path": os.fspath(path),
        "arguments": dict(arguments or {}),
        "seconds": seconds,
        "memory": memory,
        "folders": [*(str(f) for f in sys.path if f), str(Path(__file__).parents[2])],
    }
    process = _started(path)
    late = threading.Event()
    printed = bytearray()

    def stop() -> None:
        late.set()
        process.kill()

    clock = threading.Timer(_START, stop)
    listener = threading.Thread(target=_listen, args=(process.stderr, printed), daemon=True)
    ready = False
    try:
        clock.daemon = True
        clock.start()
        listener.start()
        try:
            _tell(process.stdin, request)
            ready = bytes(read_frame(process.stdout, 100)) == b"ready"
            clock.cancel()
            clock = threading.Timer(_SLOWER * seconds, stop)
            clock.daemon = True
            clock.start()
            return _answer(process.stdout, task, clock)
        except (EOFError, OSError):
            pass
        except (Broken, ValueError, TypeError, KeyError, AttributeError, RecursionError) as problem:
            raise ReadError(
                "The file cannot be read: its parser gave an answer that makes no sense.",
                where=path,
                got=f"{type(problem).__name__} in the answer",
                expected=f"a whole {path.suffix} file",
                fix="copy or export it again",
            ) from None
        except _NoMemory:
            printed += b"MemoryError"
        except MemoryError:  # in this process
            printed += b"MemoryError"
        code = _code(process)
        listener.join(1)
        raise _ended(path, code, ready, late.is_set(), (seconds, memory), bytes(printed))
    finally:
        clock.cancel()
        process.kill()
        process.wait()
        listener.join(1)
        for stream in (process.stdout, process.stderr):
            if stream is not None and not listener.is_alive():
                stream.close()


def _code(process: subprocess.Popen[bytes]) -> int:
    """What a process ended with, that has closed its output or gave an answer we do not take."""
    try:
        return process.wait(1)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return 0


def _limits(path: Path) -> tuple[float, int]:
    """Seconds and bytes that a file may take: ten times what a good one of its size does on a slow machine."""
    try:
        size = path.stat().st_size
    except OSError:
        size = 0
    unpacked = 0
    try:
        if path.suffix.lower() in (".xlsx", ".xlsm", ".xlsb", ".ods"):
            with zipfile.ZipFile(path) as archive:
                unpacked = min(sum(p.file_size for p in archive.infolist()), 1000 * size)
    except Exception:  # the parser says why
        unpacked = 0
    seconds = _SECONDS + (unpacked * _SECONDS_PER_MB_XML if unpacked else size * _SECONDS_PER_MB) / _MB
    memory = _MEMORY + (unpacked * _MEMORY_PER_BYTE_XML if unpacked else size * _MEMORY_PER_BYTE)
    return seconds, memory


def _started(path: Path) -> subprocess.Popen[bytes]:
    python = _python()
    try:
        if python is None:
            raise FileNotFoundError("no Python interpreter")
        return subprocess.Popen(
            # -S: what site would find is among our folders; -P: not the folder with the data, where anything may lie
            [python, "-S", "-P", "-X", "utf8", "-c", _PROGRAM],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            pipesize=1 << 20,
            # linear algebra would reserve memory for each of its threads
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"},
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    except OSError as problem:
        raise ReadError(
            "The process that parses the file cannot be started.",
            where=path,
            got=f"{type(problem).__name__}: {problem}"[:300],
            expected="a Python interpreter that may be started",
            fix=f"if you trust the file, set the environment variable {TRUST}=1: it is then parsed in this process",
        ) from None


def _python() -> str | None:
    """The interpreter; where Python runs inside another program, `sys.executable` may be that program."""
    folder = Path(sys.exec_prefix)
    places = [sys.executable, getattr(sys, "_base_executable", None), folder / "bin" / "python3", folder / "python.exe"]
    if getattr(sys, "frozen", False):
        return None
    names = ("python", "pypy")
    return next((str(p) for p in places if p and Path(p).name.lower().startswith(names) and os.path.isfile(p)), None)


def _tell(stream: Any, request: dict[str, Any]) -> None:
    with stream:
        stream.write(json.dumps(request).encode("ascii"))


def _listen(stream: Any, printed: bytearray) -> None:
    """Keep the beginning of what libraries print, and let them print the rest."""
    try:
        while part := stream.read1(1 << 16):
            printed += part[: max(4096 - len(printed), 0)]
    except (OSError, ValueError):
        pass


_PARTS: dict[str, dict[str, type]] = {
    "names": {"names": list},
    "statfile": {"names": list, "rows": int, "columns": list, "about": dict},
    "workbook": {"sheets": list},
}
_SHEET = {"name": str, "rows": int, "columns": list, "merged": list, "hidden": bool, "skipped": int, "inside": dict}


def _answer(stream: Any, task: str, clock: threading.Timer) -> dict[str, Any]:
    head = json.loads(bytes(read_frame(stream)))
    clock.cancel()  # the rest only waits for us
    if isinstance(head, dict) and "failed" in head:
        raise _failure(str(head["failed"]), str(head.get("text", "")))
    _check_parts(head, _PARTS[task])
    if task == "statfile":
        _put_together(head, stream, float("nan"))
        head["about"] = decoded_tree(head["about"])
        if len(head["names"]) != len(head["columns"]) or not isinstance(head["about"], dict):
            raise Broken("columns without their names")
    for sheet in head.get("sheets", ()):
        _check_parts(sheet, _SHEET)
        _put_together(sheet, stream, "")
    return dict(head)


def _check_parts(table: Any, parts: Mapping[str, type]) -> None:
    if not isinstance(table, dict) or not all(isinstance(table.get(name), kind) for name, kind in parts.items()):
        raise Broken("an answer of another shape")


def _put_together(table: dict[str, Any], stream: Any, gap: str | float) -> None:
    columns = []
    for about in table["columns"]:
        parts = [read_frame(stream) for _ in range(min(int(about["parts"]), 2))]
        columns.append(decoded(about, parts, table["rows"], gap))
    table["columns"] = columns


def _failure(kind: str, text: str) -> Exception:
    return _NoMemory() if kind == "MemoryError" or "allocate memory" in text else Failed(kind, text)


def _ended(path: Path, code: int, ready: bool, late: bool, limits: tuple[float, int], printed: bytes) -> ReadError:
    """Why there is no answer."""
    seconds, memory = limits
    size = path.stat().st_size if path.is_file() else 0
    expected = f"an undamaged {path.suffix} file"
    fix = "copy or export it again"
    trusted = f"if you trust the file, set the environment variable {TRUST}=1 to read it without limits"
    if not ready:
        last = printed.decode("utf-8", "replace").strip().splitlines()[-1:] or [f"exit code {code}"]
        return ReadError(
            "The process that parses the file did not start.",
            where=path,
            got=f"nothing for {_START:.0f} s" if late else last[0][:300],
            expected="a Python interpreter that finds the packages of this one",
            fix=f"if you trust the file, set the environment variable {TRUST}=1: it is then parsed in this process",
        )
    if late or code == -_CPU_IS_OVER:
        return ReadError(
            "The file takes too long to parse: it is damaged, or made to keep its reader busy.",
            where=path,
            got=f"no end after {seconds:,.0f} s of the processor, for {size:,} bytes",
            expected=expected,
            fix=f"{fix}; {trusted}",
        )
    if code == -_KILLED or any(sign in printed for sign in (b"memory allocation", b"bad_alloc", b"MemoryError")):
        return ReadError(
            "The file takes too much memory to parse: it is damaged, or has a cell far away from the others.",
            where=path,
            got=f"more than {memory / 1e9:,.1f} GB, for {size:,} bytes",
            expected=expected,
            fix=f"in a workbook delete the rows and columns after the last answer (Ctrl+End shows where it ends); "
            f"else {fix}; {trusted}",
        )
    return ReadError(
        "The file makes its parser crash: it is damaged.",
        where=path,
        got=_signal_name(code),
        expected=expected,
        fix=fix,
    )


def _signal_name(code: int) -> str:
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"exit code {code}"
