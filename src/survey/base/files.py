"""Writing files: whole or not at all, several together, and never over one that they were made from.

Every file that the package writes passes through `writing`, so that these promises are kept in one place.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from survey.errors import ExportError, SurveyError

__all__ = [
    "AnySource",
    "holds",
    "inputs",
    "keep_aside",
    "making_raw_data",
    "refuse_sources",
    "sha256",
    "system_message",
    "together",
    "writing",
]

AnyPath = str | os.PathLike[str]
AnySource = AnyPath | tuple[AnyPath, str]
"""A file that something was made from; with its SHA-256, it is known again after it or we have moved."""

_INPUTS: ContextVar[tuple[AnySource, ...]] = ContextVar("inputs", default=())
_BATCH: ContextVar[_Batch | None] = ContextVar("batch", default=None)
_RAW: ContextVar[bool] = ContextVar("raw", default=False)


@contextmanager
def writing(path: AnyPath, sources: Iterable[AnySource] = (), *, endings: Sequence[str] = ()) -> Iterator[Path]:
    """Give a temporary path in the same folder; rename it onto `path` only if the block succeeds.

    Parameters
    ----------
    path : path
        Folders on the way are made.
    sources : paths, optional
        What the content was made from. None of these files is replaced, whatever name `path` gives it; nor are those
        of `inputs`, nor the raw data of a study.
    endings : sequence of str, optional
        Extensions of files of this kind. An existing file with another extension is not replaced.

    Raises
    ------
    ExportError
        If `path` is one of the sources, or the system refuses to write: no room, no permission, no such name.

    Examples
    --------
    >>> with writing("table.csv") as temporary:  # doctest: +SKIP
    ...     frame.to_csv(temporary)
    """
    target = Path(path)
    with _system_errors(target, naming=True):
        _refuse_no_place(target)
        refuse_sources(target, sources)
        _refuse_other_kinds(target, endings)
        made = _folders(target.parent)
    temporary = None
    try:
        with _system_errors(target):
            # a short name: one made from the target's could be too long where the target's is not
            handle, name = tempfile.mkstemp(prefix=".survey-", suffix=target.suffix[:16], dir=target.parent)
            os.close(handle)
            temporary = Path(name)
            yield temporary
            mask = os.umask(0)
            os.umask(mask)
            temporary.chmod(0o666 & ~mask)
            batch = _BATCH.get()
            if batch is None:
                _put_in_place([(temporary, target)])
            else:
                batch.staged.append((temporary, target))
                batch.folders += made
    except BaseException:
        _remove(temporary)
        _remove_folders(made)
        raise


@dataclass
class _Batch:
    staged: list[tuple[Path, Path]] = field(default_factory=list)
    folders: list[Path] = field(default_factory=list)


@contextmanager
def together(*, fresh: bool = False) -> Iterator[None]:
    """Files that are written in this block appear all at once when it ends, or none of them.

    Parameters
    ----------
    fresh : bool
        No file of other content is replaced.

    Raises
    ------
    ExportError
        If one of them cannot be put in its place; those before it are as they were.
    """
    if _BATCH.get() is not None:  # a part of something larger
        yield
        return
    batch = _Batch()
    token = _BATCH.set(batch)
    done = False
    try:
        yield
        staged = list({os.path.abspath(target): (new, target) for new, target in batch.staged}.values())
        if fresh:
            _refuse_changes(staged)
        _put_in_place(staged)
        done = True
    finally:
        _BATCH.reset(token)
        for temporary, _ in batch.staged:
            _remove(temporary)
        if not done:
            _remove_folders(batch.folders)


def _put_in_place(staged: Sequence[tuple[Path, Path]]) -> None:
    """Rename every temporary file onto its target; if one cannot be, put the old files back."""
    begun: list[tuple[Path, Path, bool, Path | None]] = []
    try:
        for temporary, target in staged:
            with _system_errors(target):
                existed = os.path.lexists(target)
                old = _second_name(target) if existed and len(staged) > 1 else None
                begun.append((temporary, target, existed, old))
                os.replace(temporary, target)
    except BaseException:
        for temporary, target, existed, old in reversed(begun):
            with suppress(OSError):
                if old is not None:
                    os.replace(old, target)
                elif not existed and not temporary.exists():
                    target.unlink()
        raise
    finally:
        for *_, old in begun:
            _remove(old)


def _second_name(target: Path) -> Path:
    """A second name beside it for the file at a path, by which it can be put back."""
    handle, name = tempfile.mkstemp(prefix=".survey-", suffix=".old", dir=target.parent)
    os.close(handle)
    try:
        os.unlink(name)
        os.link(target, name, follow_symlinks=False)
    except (OSError, NotImplementedError):  # a file system without links
        shutil.copy2(target, name)
    return Path(name)


def _remove(path: Path | None) -> None:
    if path is not None:
        with suppress(OSError):
            path.unlink()


def _remove_folders(made: Sequence[Path]) -> None:
    for folder in reversed(made):
        with suppress(OSError):
            folder.rmdir()


def _folders(folder: Path) -> list[Path]:
    """Make a folder and those above it; return those that were not there."""
    absent = [p for p in (folder, *folder.parents) if not p.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    return absent[::-1]


@contextmanager
def inputs(paths: Iterable[AnySource]) -> Iterator[None]:
    """Files that nothing written in this block may replace: what a command was given to read."""
    token = _INPUTS.set((*_INPUTS.get(), *paths))
    try:
        yield
    finally:
        _INPUTS.reset(token)


@contextmanager
def making_raw_data() -> Iterator[None]:
    """The one way into the raw folder of a study: for verbs that make raw data."""
    token = _RAW.set(True)
    try:
        yield
    finally:
        _RAW.reset(token)


def refuse_sources(path: AnyPath, sources: Iterable[AnySource] = ()) -> None:
    """Raise if writing to a path would replace a source, an input, or something in the raw folder of a study.

    Links, other spellings of a path, and other letter case where the system takes no notice of it name the same file.
    """
    target = Path(path)
    with _system_errors(target, naming=True):
        _refuse_sources(target, (*sources, *_INPUTS.get()))


def _refuse_sources(target: Path, sources: Iterable[AnySource]) -> None:
    for source in sources:
        place, digest = source if isinstance(source, tuple) else (source, "")
        if _is_same(target, Path(place), digest):
            raise ExportError(
                "This file was an input and would be overwritten.",
                where=target,
                got=f"the name of an input: {os.fspath(place)}",
                expected="a name other than those of the input files",
                fix="write to another file",
            )
    raw = None if _RAW.get() else _raw_folder(target)
    if raw is not None:
        raise ExportError(
            "The raw data of a study must not be overwritten.",
            where=target,
            got=f"a file in {raw}",
            expected="a file in another folder, such as processed",
            fix="write to another folder",
        )


def _is_same(target: Path, source: Path, digest: str) -> bool:
    if os.path.exists(source):
        if os.path.exists(target) and os.path.samefile(target, source):
            return True
        if source.is_dir():  # a folder that was read as one: its files
            inside = Path(os.path.realpath(source)) in Path(os.path.realpath(target)).parents
            return inside and os.path.exists(target)
    elif digest and target.is_file():  # its path was relative to a folder we are no longer in
        named = Path(os.path.realpath(target)).name.casefold() == source.name.casefold()
        return named and sha256(target) == digest
    here, there = (os.path.normcase(os.path.realpath(p)) for p in (target, source))
    return here == there


def _raw_folder(target: Path) -> Path | None:
    parents = Path(os.path.realpath(target)).parents
    return next((p for p in parents if p.name.casefold() == "raw" and (p / "study.toml").is_file()), None)


def _refuse_other_kinds(target: Path, endings: Sequence[str]) -> None:
    if endings and target.suffix.lower() not in endings and target.is_file() and target.stat().st_size:
        raise ExportError(
            "A file of another kind has this name.",
            where=target,
            got=target.suffix or "no extension",
            expected=f"a name that ends in {' or '.join(endings)}",
            fix="choose another name, or remove this file first",
        )


def _refuse_changes(staged: Iterable[tuple[Path, Path]]) -> None:
    other = [
        target
        for new, target in staged
        if os.path.lexists(target) and not (target.is_file() and sha256(target) == sha256(new))
    ]
    if other:
        raise ExportError(
            "Raw data are never changed, and this folder contains other files with these names.",
            where=other[0].parent,
            got=", ".join(p.name for p in other[:8]),
            expected="an empty or new folder, or the same files",
            fix="choose another folder",
        )


def _refuse_no_place(target: Path) -> None:
    """What would fail at the end fails at once: a name that cannot be, a folder, a file that was locked on purpose."""
    with suppress(FileNotFoundError):
        os.lstat(target)
    if target.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if target.exists() and not os.access(target, os.W_OK):
        raise PermissionError(errno.EACCES, "the file is read-only")


@contextmanager
def _system_errors(target: Path, *, naming: bool = False) -> Iterator[None]:
    """What the system refuses, as an ExportError."""
    try:
        yield
    except SurveyError:
        raise
    except OSError as problem:
        raise _refused(target, problem) from problem
    except ValueError as problem:  # a name with a zero byte, or with half a letter
        if not naming:
            raise
        raise _refused(target, problem) from problem
    except Exception as problem:  # libraries that wrap an OSError in an error of their own
        inner = next((p for p in (*problem.args, problem.__cause__) if isinstance(p, OSError)), None)
        if inner is None:
            raise
        raise _refused(target, inner) from problem


def _refused(target: Path, problem: OSError | ValueError) -> ExportError:
    code = getattr(problem, "errno", None)
    reason, fix = _REASONS.get(code, ("The file cannot be written.", "write to a folder that you may write to"))
    if isinstance(problem, ValueError):
        reason, fix = _REASONS[errno.EINVAL]
    return ExportError(
        reason,
        where=repr(str(target)) if isinstance(problem, ValueError) else target,
        got=system_message(problem),
        expected="a file that can be made, or replaced, in a folder with room",
        fix=fix,
    )


def system_message(problem: BaseException) -> str:
    """What the system said, without the path, which an error names elsewhere."""
    said = getattr(problem, "strerror", None)
    return str(said) if said else f"{type(problem).__name__}: {problem}" if str(problem) else type(problem).__name__


_NO_ROOM = ("The file cannot be written: there is no room left.", "free some space, or write to another disk")
_NOT_ALLOWED = (
    "The file cannot be written: permission denied.",
    "close it in other programs (Excel keeps it locked while it is open), or write to a folder that you may write to",
)
_REASONS: dict[Any, tuple[str, str]] = {
    errno.ENOSPC: _NO_ROOM,
    errno.EDQUOT: _NO_ROOM,
    errno.EFBIG: _NO_ROOM,
    errno.EACCES: _NOT_ALLOWED,
    errno.EPERM: _NOT_ALLOWED,
    errno.EROFS: _NOT_ALLOWED,
    errno.EISDIR: ("The file cannot be written: the path is a folder.", "name a file in it"),
    errno.ENAMETOOLONG: ("The file cannot be written: its name is too long.", "choose a shorter one"),
    errno.ENOTDIR: ("The file cannot be written: a part of the path is a file, not a folder.", "correct the path"),
    errno.EEXIST: ("The file cannot be written: a part of the path is a file, not a folder.", "correct the path"),
    errno.EINVAL: (
        "The file cannot be written: the file name is invalid.",
        "choose a name of letters and digits",
    ),
}


def keep_aside(path: AnyPath) -> Path:
    """Keep what a file holds under the first numbered name that is free: `book.1.toml` for `book.toml`."""
    old = Path(path)
    free = (old.with_name(f"{old.stem}.{i}{old.suffix}") for i in range(1, 10_000))
    kept = next((p for p in free if not os.path.lexists(p)), old)
    with writing(kept, [old]) as temporary:
        shutil.copyfile(old, temporary)
    return kept


def holds(path: AnyPath, content: bytes) -> bool:
    """Whether a file holds these bytes already: then nothing need be written, whatever the file is."""
    try:
        return Path(path).read_bytes() == content
    except (OSError, ValueError):
        return False


def sha256(path: AnyPath) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
