"""Doing a log again: raw files + log = cleaned answers, bit for bit."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from survey.base.arguments import explained
from survey.base.files import sha256
from survey.base.stored import shown
from survey.base.text import counted
from survey.cleaning.appending import append
from survey.cleaning.audit import join_audit
from survey.cleaning.declaring import declared_missing
from survey.cleaning.lineage import map_wards
from survey.cleaning.logfile import Log, fingerprint, read_log
from survey.cleaning.merging import merge_categories
from survey.cleaning.missing import recode_missing
from survey.cleaning.numbering import number_scales
from survey.cleaning.numbers import to_number
from survey.cleaning.open_answers import code_answers
from survey.cleaning.recoding import band, derive, recode
from survey.cleaning.reshaping import reshape
from survey.cleaning.reversing import reverse
from survey.cleaning.rows import collapse_copies, drop
from survey.cleaning.scale import set_scale
from survey.cleaning.scoring import score
from survey.cleaning.select_all import declare_select_all
from survey.cleaning.shaping import rename, select
from survey.codebook import Codebook
from survey.codebook.told import said
from survey.core.log import LogEntry, Source
from survey.errors import CleaningError, ReadError, SurveyError, SurveyWarning, shorten
from survey.io._logged_files import (
    codebook_of,
    first_sources,
    hashes_of,
    inside,
    places_of,
    recorded_in,
    refuse_other_files,
    shared_out,
    where_in,
)
from survey.responses import Responses

__all__ = ["VERBS", "replay", "replayed"]

AnyPath = str | os.PathLike[str]

VERBS: Mapping[str, Callable[..., Any]] = MappingProxyType(
    {
        verb.__name__: verb
        for verb in (
            recode_missing,
            recode,
            merge_categories,
            derive,
            band,
            map_wards,
            reverse,
            drop,
            collapse_copies,
            score,
            set_scale,
            number_scales,
            join_audit,
            to_number,
            declare_select_all,
            code_answers,
            rename,
            select,
            append,
            reshape,
        )
    }
    | {"declare_missing": declared_missing}
)
"""What a log may ask for; nothing else in it is ever called."""


@explained(ReadError)
def replay(
    log: Log | AnyPath | Responses,
    sources: AnyPath | Sequence[AnyPath] | Responses | None = None,
    *,
    codebook: AnyPath | Codebook | None = None,
) -> Responses:
    """Replay a log: the raw files and the log reproduce the cleaned data bit for bit.

    The raw files must have the SHA-256 that the log names, every step must touch as many rows and answers as it says,
    and the answers, kinds of missing answers, rejected rows and the codebook must be the same to the last bit. What
    the log does not record (`save_log` records everything) is not compared, and a warning says so.

    Parameters
    ----------
    log : path, Log or Responses
    sources : path, list of paths, folder or Responses, optional
        Where the raw files are now, in the order of the log (those of waves that were appended after those read
        first), or the folder that contains them. When not given: where they were, or else next to the log. Responses
        stand for raw answers that were already read.
    codebook : path or Codebook, optional
        Where the codebook is now; when not given, where it was, or else next to the log.

    Returns
    -------
    Responses

    Raises
    ------
    ReadError
        If a raw file is not there, or is not the one that the log was written for.
    CleaningError
        If the log does not begin with reading a file, names an unknown verb, or gives another result than it says.

    Warns
    -----
    SurveyWarning
        If something was not compared, because the log has no SHA-256 of a raw file or no fingerprint of a result.

    Examples
    --------
    >>> clean.save_log("cleaning.json")  # doctest: +SKIP
    >>> again = sv.replay("cleaning.json")  # doctest: +SKIP
    """
    now, open_ = replayed(log, sources, codebook=codebook)
    if open_:
        warnings.warn(f"Replayed, and not compared: {shorten(open_, 20)}.", SurveyWarning, stacklevel=2)
    return now


def replayed(
    log: Log | AnyPath | Responses,
    sources: AnyPath | Sequence[AnyPath] | Responses | None = None,
    *,
    codebook: AnyPath | Codebook | None = None,
) -> tuple[Responses, tuple[str, ...]]:
    """What `replay` gives, and what of it could not be compared with the log; nothing if it is the same."""
    from survey.responses import Responses

    path = "" if isinstance(log, Log | Responses) else os.fspath(log)
    if isinstance(log, Responses):
        log = Log(log.entries, log.sources, fingerprint(log))
    elif not isinstance(log, Log):
        log = read_log(log)
    now, open_ = _done(log, sources, codebook)
    open_ += _compare(log, now)
    if log.path or path:  # what comes of a log does not replace it
        now = replace(now, codebook=now.codebook.read_from(log.path or path))
    return now, tuple(open_)


def _done(
    log: Log, sources: AnyPath | Sequence[AnyPath] | Responses | None, codebook: AnyPath | Codebook | None
) -> tuple[Responses, list[str]]:
    """The steps of a log from the first one, and what could not be compared."""
    steps = list(log.entries)
    begins = bool(steps) and steps[0].verb == "read"
    for number, entry in enumerate(steps, 1):
        if entry.verb not in VERBS and not (begins and number == 1):
            raise CleaningError(
                "The log names a step that cannot be repeated.",
                where=where_in(log, number),
                got=entry.verb,
                expected=shorten([*VERBS, "read as the first step"], 20),
                fix="use the version of the toolkit that wrote the log",
            )
    open_: list[str] = []
    read_now, *others = shared_out(log, None if isinstance(sources, Responses) else sources)
    own = first_sources(log)
    if isinstance(sources, Responses):
        now = sources
        refuse_other_files(log, own, now.sources)
    elif begins:
        now, open_ = _read(log, steps[0], read_now, own, codebook)
    else:
        raise CleaningError(
            "The log does not begin with reading a file, so there is nothing to start from.",
            where=log.path or None,
            got=steps[0].verb if steps else "an empty log",
            expected="read",
            fix="give the raw answers: replay(log, sources=responses)",
        )
    first = 1 if begins else 0
    for number, entry in enumerate(steps[first:], first + 1):
        if entry.verb == "append":
            wave, left_open = _other_wave(log, number, others.pop(0), codebook)
            open_ += left_open
            entry = replace(entry, arguments={**entry.arguments, "other": wave})
        now = _step(now, entry, where_in(log, number))
        _compare_step(now.entries[-1], entry, where_in(log, number))
    return now, open_


def _other_wave(
    log: Log, number: int, sources: AnyPath | Sequence[AnyPath] | None, codebook: AnyPath | Codebook | None
) -> tuple[Responses, list[str]]:
    """The wave that a step appended, read and cleaned as its own log says."""
    own = inside(log, number)
    named = {entry.arguments.get("codebook") for entry in (log.entries[0], *own.entries[:1])}
    try:
        return _done(own, sources, codebook if len(named) == 1 else None)
    except SurveyError as problem:
        problem.add_note(f"while replaying the wave appended in {where_in(log, number)}")
        raise


def _step(now: Responses, entry: LogEntry, where: str) -> Responses:
    arguments = dict(entry.arguments)
    rows = arguments.pop("rows", None)
    if entry.verb == "drop" and rows is not None:
        if not isinstance(rows, list) or not all(isinstance(r, str | int | float) for r in rows):
            raise CleaningError(
                "The log does not list the rows that were dropped.",
                where=where,
                got=type(rows).__name__,
                expected="a list of rows",
                fix="write it again with responses.save_log(...)",
            )
        picked = now.data.index.isin(rows)
        if int(picked.sum()) != len(set(rows)):
            lost = [r for r in rows if r not in now.data.index]
            raise CleaningError(
                "The log drops rows that are not in the data.",
                where=where,
                got=shorten(lost),
                expected=counted(len(rows), "row"),
                fix="give the raw files of this log",
            )
        arguments["where"] = picked
    try:
        done: Responses = VERBS[entry.verb](now, **arguments)
    except SurveyError as problem:
        problem.add_note(f"while replaying {where}: {entry.verb}: {entry.what}")
        raise
    except Exception as problem:  # a changed log can give a verb anything
        raise CleaningError(
            "A step of the log has arguments that its verb does not accept.",
            where=where,
            got=f"{entry.verb}: {shown(said(problem))}",
            expected="the arguments that responses.save_log(...) wrote",
            fix="use the version of the toolkit that wrote the log",
        ) from None
    return done


def _read(
    log: Log,
    entry: LogEntry,
    sources: AnyPath | Sequence[AnyPath] | None,
    then: Sequence[Source],
    codebook: AnyPath | Codebook | None,
) -> tuple[Responses, list[str]]:
    from survey.io import read

    arguments = dict(entry.arguments)
    arguments.pop("path", None)
    recorded = recorded_in(log, entry)
    beside = Path(log.path).parent if log.path else None
    paths = places_of(recorded, sources, beside)
    wanted, open_ = hashes_of(log, recorded)
    other, absent = [], []
    for path, before in zip(paths, recorded, strict=True):
        if not path.is_file():
            absent.append(str(path))
        elif before in wanted and (found := sha256(path)) != wanted[before]:
            other.append(f"{path}: SHA-256 {found[:12]}…, the log has {wanted[before][:12]}…")
    if absent:
        raise ReadError(
            "A raw file of the log does not exist.",
            where=log.path or None,
            got=shorten(absent),
            fix="give its current location: replay(log, sources=[...])",
        )
    if other:
        raise ReadError(
            f"{counted(len(other), 'raw file')} of {len(paths)} not the one that the log was written for.",
            where=log.path or None,
            got="; ".join(other),
            expected="the files with the SHA-256 of the log",
            fix="give the raw files as they were, or clean the new ones from scratch",
        )
    book = codebook
    named = arguments.pop("codebook", None)
    if book is None and named is not None:
        book = codebook_of(str(named), beside, log)
    try:
        fresh = read(paths if len(paths) > 1 else paths[0], codebook=book, **arguments)
    except SurveyError:
        raise
    except Exception as problem:
        raise ReadError(
            "The log reads its files with unknown options.",
            where=where_in(log, 1),
            got=shown(said(problem)),
            expected="the arguments that responses.save_log(...) wrote",
            fix="use the version of the toolkit that wrote the log",
        ) from None
    _compare_step(fresh.entries[0], entry, where_in(log, 1))
    # the same bytes read from another place are the same: the log keeps saying where they were
    sources_then = tuple(then) or fresh.sources
    done = replace(entry, what=fresh.entries[0].what)  # what a log tells in words is not compared, so it is repeated
    return type(fresh)(fresh.data, fresh.codebook, fresh.missing, (done,), fresh.rejected, sources_then), open_


_COUNTS = ("rows_before", "rows_after", "rows_touched", "answers_touched", "reason")


def _compare_step(done: LogEntry, told: LogEntry, where: str) -> None:
    """Raise if a step did something else than the log tells of it."""
    differ = [name for name in _COUNTS if getattr(done, name) != getattr(told, name)]
    if differ:
        raise CleaningError(
            "A step gives a different result from the one in the log.",
            where=where,
            got="; ".join(f"{name} {getattr(done, name)!r}" for name in differ),
            expected="; ".join(f"{name} {getattr(told, name)!r}" for name in differ),
            fix="give the raw files and the codebook that the log was written with, and the log as it was written",
        )


_PARTS = MappingProxyType(
    {"data": "answers", "missing": "kinds of missing answers", "rejected": "rejected rows", "codebook": "codebook"}
)


def _compare(log: Log, now: Responses) -> list[str]:
    """Raise if the log knows what came out and this is something else; what it does not know of."""
    found, lines = fingerprint(now), []
    for part, columns in log.result.items():
        have = found.get(part, {})
        names = dict.fromkeys([*columns, *have])
        differ = [name or "rows and order" for name in names if columns.get(name) != have.get(name)]
        if differ:
            lines.append(f"{part}: {shorten(differ)}")
    if lines:
        raise CleaningError(
            "The replayed answers differ from those in the log.",
            where=log.path or None,
            got="; ".join(lines),
            expected="the same to the last bit",
            fix="give the codebook and the raw answers that the log was written with",
        )
    return [f"{words} (the log has no fingerprint of them)" for p, words in _PARTS.items() if p not in log.result]
