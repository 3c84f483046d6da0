"""Which files were counted, and what has become of them: known by their bytes, called by their names."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from survey.base.files import sha256, system_message
from survey.errors import ReadError, shorten

__all__ = ["CountedFile", "Found", "Look", "found"]


class CountedFile(NamedTuple):
    """A file whose rows were counted.

    Parameters
    ----------
    name : str
        Its path from the folder of the cells, so that both may move together.
    size : int
        Bytes.
    sha256 : str
    rows : int
    """

    name: str
    size: int
    sha256: str
    rows: int


class Look(NamedTuple):
    """A file as it is now."""

    path: Path
    size: int
    sha256: str

    @classmethod
    def at(cls, path: Path) -> Look:
        """Its size and hash; raise `ReadError` where the system does not let it be read."""
        try:
            return cls(path, path.stat().st_size, sha256(path))
        except OSError as problem:
            raise ReadError(
                "The file cannot be read.", got=system_message(problem), fix="let it be read, or take it away"
            ) from problem


@dataclass(frozen=True)
class Found:
    """Files as they are now beside those that were counted.

    Parameters
    ----------
    files : tuple of CountedFile
        Those that were counted, by the names that they have now.
    new : dict of name to Look
        Those that were not.
    renamed : tuple of (str, str)
        Old and new names.
    vanished : tuple of str
        Counted files that are no longer there.
    unread : tuple of (str, ReadError)
        Files that cannot be read, so that nobody knows whether they were counted.
    """

    files: tuple[CountedFile, ...]
    new: dict[str, Look]
    renamed: tuple[tuple[str, str], ...]
    vanished: tuple[str, ...]
    unread: tuple[tuple[str, ReadError], ...] = ()


def found(paths: Iterable[Path], counted: Sequence[CountedFile], folder: Path) -> Found:
    """Compare files with those that were counted; every file is read for its hash.

    Raises
    ------
    ReadError
        If a file holds other bytes than when it was counted, and no file holds those.
    """
    looks, unread = {}, []
    for path in paths:
        name = _name(path, folder)
        try:
            looks[name] = Look.at(path)
        except ReadError as problem:
            unread.append((name, problem))
    same = {f.name for f in counted if f.name in looks and looks[f.name].sha256 == f.sha256}
    known = {f.sha256 for f in counted}
    free = {name: look.sha256 for name, look in looks.items() if name not in same}
    files, renamed, vanished, changed = [], [], [], []
    for file in counted:
        name = file.name
        if name not in same:
            spot = next((n for n, mark in free.items() if mark == file.sha256), None)
            if spot is not None:
                renamed.append((name, spot))
                del free[spot]
                name = spot
            elif name in looks and looks[name].sha256 not in known:  # else the names have moved on, as in a rotated log
                changed.append(file)
            elif name in looks or not (folder / name).is_file():
                vanished.append(name)
        files.append(file._replace(name=name))
    if changed:
        first, now = changed[0], looks[changed[0].name]
        raise ReadError(
            "A file has changed since it was counted: rows that it no longer holds are among the counts.",
            where=shorten([file.name for file in changed]),
            got=f"{now.size:,} bytes, SHA-256 {now.sha256[:12]}…",
            expected=f"{first.size:,} bytes, SHA-256 {first.sha256[:12]}…, as it was counted",
            fix="bring the old file back, or count all files anew: anew=True, survey cells update --anew",
        )
    return Found(tuple(files), {name: looks[name] for name in free}, tuple(renamed), tuple(vanished), tuple(unread))


def _name(path: Path, folder: Path) -> str:
    try:
        return Path(os.path.relpath(os.path.realpath(path), os.path.realpath(folder))).as_posix()
    except ValueError:  # another drive of Windows
        return Path(os.path.realpath(path)).as_posix()
