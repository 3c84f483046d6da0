"""The files that a log names: where they are now, and whether they are the same."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path

from survey.cleaning.logfile import Log
from survey.core.log import LogEntry, Source, log_inside
from survey.errors import CleaningError, ReadError, shorten

__all__ = [
    "codebook_of",
    "first_sources",
    "hashes_of",
    "inside",
    "places_of",
    "recorded_in",
    "refuse_other_files",
    "shared_out",
    "where_in",
]

AnyPath = str | os.PathLike[str]


def where_in(log: Log, number: int) -> str:
    return f"{log.path + ', ' if log.path else ''}step {number}"


def inside(log: Log, number: int) -> Log:
    """The log of the wave that a step appended.

    Raises
    ------
    CleaningError
        If the step holds none.
    """
    try:
        entries, sources = log_inside(log.entries[number - 1])
    except (KeyError, TypeError, ValueError, AttributeError):
        raise CleaningError(
            "A step of the log does not say how the wave it appended was made.",
            where=where_in(log, number),
            got="append",
            expected="the arguments that responses.save_log(...) wrote",
            fix="use the version of the toolkit that wrote the log",
        ) from None
    return Log(entries, sources, path=log.path)


def first_sources(log: Log) -> tuple[Source, ...]:
    """The raw files that a log begins with, without those of the waves that it appends."""
    added = sum(len(inside(log, n).sources) for n, entry in enumerate(log.entries, 1) if entry.verb == "append")
    return log.sources[: len(log.sources) - added] if added else log.sources


def files_of(log: Log) -> list[list[str]]:
    """The raw files that a log reads, and those of each wave that it appends, in the order of its steps."""
    found = [recorded_in(log, log.entries[0])] if log.entries and log.entries[0].verb == "read" else [[]]
    for number, entry in enumerate(log.entries, 1):
        if entry.verb == "append":
            found.append([p for files in files_of(inside(log, number)) for p in files])
    return found


def shared_out(log: Log, sources: AnyPath | Sequence[AnyPath] | None) -> list[AnyPath | Sequence[AnyPath] | None]:
    """The files that were given, by who reads them: the log's first step, and each wave that it appends.

    Raises
    ------
    ReadError
        If there are more or fewer than the log names.
    """
    groups = files_of(log)
    if len(groups) == 1 or sources is None or (isinstance(sources, str | os.PathLike) and Path(sources).is_dir()):
        return [sources] * len(groups)
    given = [sources] if isinstance(sources, str | os.PathLike) else list(sources)
    every = [p for files in groups for p in files]
    _refuse_other_number(given, every)
    ends = list(accumulate(len(files) for files in groups))
    return [given[end - len(files) : end] for files, end in zip(groups, ends, strict=True)]


def recorded_in(log: Log, entry: LogEntry) -> list[str]:
    """The files that a step read, as they were called.

    Raises
    ------
    ReadError
        If it names none.
    """
    paths = entry.arguments.get("path")
    paths = [paths] if isinstance(paths, str) else paths
    if not isinstance(paths, list) or not paths or not all(isinstance(p, str) for p in paths):
        raise ReadError(
            "The log does not name the files that were read.",
            where=where_in(log, 1),
            got=paths,
            expected="paths of the raw files",
            fix="write it again with responses.save_log(...)",
        )
    return paths


def hashes_of(log: Log, recorded: Sequence[str]) -> tuple[dict[str, str], list[str]]:
    """The SHA-256 of every raw file that the log knows it of, and the files it does not."""
    wanted: dict[str, str] = {}
    for source in log.sources:
        if wanted.setdefault(source.path, source.sha256) != source.sha256:
            raise ReadError(
                "The log gives two SHA-256 values for one raw file.",
                where=log.path or None,
                got=source.path,
                expected="one for each file",
                fix="write it again with responses.save_log(...)",
            )
    known = {p: h for p, h in wanted.items() if re.fullmatch(r"[0-9a-f]{64}", h)}
    open_ = [f"raw file {p} (the log has no SHA-256 of it)" for p in dict.fromkeys(recorded) if p not in known]
    return known, open_


def refuse_other_files(log: Log, recorded: Sequence[Source], given: Sequence[Source]) -> None:
    """Raise if answers that were read already came from other files than those of the log."""
    then, now = ([s.sha256 for s in sources if s.sha256] for sources in (recorded, given))
    if then and now and then != now:
        raise ReadError(
            "The answers were read from raw files other than those of the log.",
            where=log.path or None,
            got=f"SHA-256 {shorten([h[:12] + '…' for h in now])}",
            expected=shorten([h[:12] + "…" for h in then]),
            fix="give the answers as they were read from the files of the log",
        )


def places_of(recorded: list[str], sources: AnyPath | Sequence[AnyPath] | None, beside: Path | None) -> list[Path]:
    if sources is None:
        return [_found(Path(p), beside) for p in recorded]
    if isinstance(sources, str | os.PathLike):
        one = Path(sources)
        if one.is_dir():
            return [one / Path(p).name for p in recorded]
        given = [one]
    else:
        given = [Path(p) for p in sources]
    _refuse_other_number(given, recorded)
    return given


def _refuse_other_number(given: Sequence[AnyPath], recorded: Sequence[str]) -> None:
    if len(given) != len(recorded):
        raise ReadError(
            "The number of raw files differs from the log.",
            got=f"{len(given)}: {shorten(given)}",
            expected=f"{len(recorded)}: {shorten(recorded)}",
            fix="give them in this order",
        )


def _found(path: Path, beside: Path | None) -> Path:
    if not path.exists() and beside is not None and (beside / path.name).exists():
        return beside / path.name
    return path


def codebook_of(named: str, beside: Path | None, log: Log) -> Path:
    path = _found(Path(named), beside) if named else Path()
    if not named or not path.is_file():
        raise ReadError(
            "The codebook of the log does not exist.",
            where=log.path or None,
            got=named or "a codebook that was no file",
            fix="give its current location: replay(log, codebook=...)",
        )
    return path
