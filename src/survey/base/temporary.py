"""Temporary folders that go with their process, however it ends: the next one removes what a killed one has left.

A folder is held by a lock of the operating system's for as long as its process lives. So no process number that was
given out again, and no process that cannot be seen from here, is mistaken: what is held, of another user, or a link to
elsewhere is not touched. On Windows, and on file systems without locks, what was left stays.
"""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

__all__ = ["temporary_folder"]

_ENDING = ".held"
_TRIES = 100


@contextmanager
def temporary_folder(prefix: str, parent: Path | None = None) -> Iterator[Path]:
    """A new folder, which is removed at the end of the block. Those of killed processes are removed before it is made.

    Parameters
    ----------
    prefix : str
        How its name begins.
    parent : Path, optional
        Where it is made, which must be there; the system's place for temporary files when not given.

    Yields
    ------
    Path
        It may be renamed; then nothing is removed.
    """
    place = Path(tempfile.gettempdir()) if parent is None else parent
    _sweep(place, prefix)
    folder, handle = _made(place, prefix)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        if handle is not None:
            os.close(handle)


def _made(place: Path, prefix: str) -> tuple[Path, int | None]:
    for _ in range(_TRIES):
        folder = Path(tempfile.mkdtemp(prefix=prefix, suffix=_ENDING, dir=place))
        if fcntl is None:
            break
        with suppress(OSError):
            handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            _held(handle)
            if folder.is_dir():
                return folder, handle
            os.close(handle)  # another process removed it before it was held
    return folder, None


def _held(handle: int) -> bool:
    """Whether a lock that nobody else has could be taken."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:  # somebody has it, or there are no locks
        return False
    return True


def _sweep(place: Path, prefix: str) -> None:
    """Remove the folders of this prefix that no living process holds."""
    if fcntl is None:
        return
    with suppress(OSError):
        for entry in os.scandir(place):
            if entry.name.startswith(prefix) and entry.name.endswith(_ENDING):
                with suppress(OSError):
                    _remove_left(entry.path)


def _remove_left(path: str) -> None:
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)  # no file, no link
    try:
        about = os.fstat(handle)
        if stat.S_ISDIR(about.st_mode) and about.st_uid == os.getuid() and _held(handle):
            shutil.rmtree(path, ignore_errors=True)
    finally:
        os.close(handle)
