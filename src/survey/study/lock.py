"""One run at a time in a folder: a lock of the operating system's, which ends with the process that holds it."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from survey.errors import StudyError

__all__ = ["holding", "is_held"]

_FAR = 2**30  # Windows locks bytes: one that no content reaches, so that others can read who holds it


@contextmanager
def holding(path: Path) -> Iterator[None]:
    """Hold a lock file; that of a process that has died is taken over.

    Raises
    ------
    StudyError
        If another process holds it: which one, and since when.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="utf-8") as stream:
        if not _taken(stream):
            raise StudyError(
                "Another run is using this folder.",
                where=path.parents[1],
                got=_holder(path),
                expected="one run at a time",
                fix="wait for it, or stop it",
            )
        stream.truncate(0)
        stream.write(json.dumps({"pid": os.getpid(), "since": time.strftime("%Y-%m-%d %H:%M:%S")}))
        stream.flush()
        try:
            yield
        finally:
            with suppress(OSError):
                stream.truncate(0)
            _freed(stream)


def is_held(path: Path) -> bool:
    """Whether a living process holds a lock file."""
    try:
        with path.open("a+", encoding="utf-8") as stream:
            if not _taken(stream):
                return True
            _freed(stream)
    except OSError:
        return False
    return False


def _holder(path: Path) -> str:
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        return f"process {told['pid']}, since {told['since']}"
    except (OSError, ValueError, KeyError, TypeError):
        return "a process that has only just started"


if sys.platform == "win32":
    import msvcrt

    def _taken(stream: IO[str]) -> bool:
        stream.seek(_FAR)
        try:
            msvcrt.locking(stream.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _freed(stream: IO[str]) -> None:
        stream.seek(_FAR)
        with suppress(OSError):
            msvcrt.locking(stream.fileno(), msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _taken(stream: IO[str]) -> bool:
        try:
            fcntl.flock(stream.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:  # a file system without locks: nothing can be promised there
            return True
        return True

    def _freed(stream: IO[str]) -> None:
        with suppress(OSError):
            fcntl.flock(stream.fileno(), fcntl.LOCK_UN)
