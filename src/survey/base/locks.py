"""A file that one process at a time may change: the lock goes with its process, however that ends."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from survey.base.files import AnyPath, system_message
from survey.errors import ExportError

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

__all__ = ["alone"]

_TRIES = 100


@contextmanager
def alone(path: AnyPath) -> Iterator[None]:
    """Let no other process that asks likewise change a file in this block.

    The system's lock is on an empty file beside it, `.NAME.lock`, which goes at the end. A killed process leaves that
    file, but no lock. Where the system has no such locks (Windows), the file itself is the lock.

    Raises
    ------
    ExportError
        At once, if another process has the lock, or none can be taken.
    """
    target = Path(path)
    place = target.with_name(f".{target.name}.lock")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle = _taken(place)
    except FileExistsError:
        raise _refused(target, f"end it, or, if there is none, remove {place}") from None
    except BlockingIOError:
        raise _refused(target, "wait until it has ended, and try again") from None
    except OSError as problem:
        raise ExportError(
            "The file cannot be locked against other writers.",
            where=target,
            got=system_message(problem),
            expected="a folder that you may write to, on a file system with locks",
            fix="put the file into another folder",
        ) from problem
    try:
        yield
    finally:
        if fcntl is None:  # Windows removes nothing that is open
            os.close(handle)
        with suppress(OSError):
            place.unlink()
        if fcntl is not None:
            os.close(handle)


def _refused(target: Path, fix: str) -> ExportError:
    return ExportError(
        "Another process is changing this file.",
        where=target,
        got="a lock that it holds",
        expected="one writer at a time",
        fix=fix,
    )


def _taken(place: Path) -> int:
    if fcntl is None:
        return os.open(place, os.O_CREAT | os.O_EXCL | os.O_RDWR)
    for _ in range(_TRIES):
        handle = os.open(place, os.O_CREAT | os.O_RDWR, 0o666)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _is_there(handle, place):
                return handle
        except BaseException:
            os.close(handle)
            raise
        os.close(handle)  # who had it before has removed it meanwhile: the lock is on a file without a name
    raise BlockingIOError


def _is_there(handle: int, place: Path) -> bool:
    with suppress(FileNotFoundError):
        there, held = os.stat(place), os.fstat(handle)
        return (there.st_dev, there.st_ino) == (held.st_dev, held.st_ino)
    return False
