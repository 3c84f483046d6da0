"""The log of cleaning: one entry per step, with arguments plain enough to be written as JSON and replayed."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from survey.base.files import AnySource
from survey.base.stored import check_types
from survey.codebook import MISSING_KINDS

__all__ = ["KIND_CODES", "LogEntry", "Source", "log_inside", "named_files", "plain_arguments"]

KIND_CODES: Mapping[str, int] = MappingProxyType({kind: i + 1 for i, kind in enumerate(MISSING_KINDS)})
"""How `Responses.missing` writes a kind: 0 = an answer (or an empty cell no one declared), 1 = not_applicable, ..."""


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One line of the log: what was done, by which rule, and what it touched.

    `arguments` are those of the verb, in lists, numbers and text only: a mapping with keys other than text is a
    list of pairs, an infinite number is the text "inf", and a condition that was no expression is the list `rows`
    of the rows it picked.
    """

    verb: str
    what: str
    arguments: Mapping[str, Any]
    rows_before: int
    rows_after: int
    rows_touched: int
    answers_touched: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """A raw file: its path as given, its SHA-256, how many rows it gave, and what was found on reading it.

    `notes` say what was not declared and had to be found (a sheet, an encoding), why it was taken, and what of the
    file could not be kept.
    """

    path: str
    sha256: str
    rows: int
    notes: tuple[str, ...] = ()


def named_files(entries: Iterable[LogEntry], sources: Iterable[Source]) -> tuple[AnySource, ...]:
    """Every file that a log names: raw files with their SHA-256, codebooks, forms, audit logs."""
    found: list[AnySource] = [(s.path, s.sha256) for s in sources]
    for entry in entries:
        if entry.verb in ("read", "join_audit"):
            for name in ("path", "codebook", "form"):
                value = entry.arguments.get(name)
                found += [value] if isinstance(value, str) else [p for p in value or () if isinstance(p, str)]
        elif entry.verb == "append":
            with suppress(KeyError, TypeError, ValueError, AttributeError):  # a changed log may hold anything
                found += named_files(*log_inside(entry))
    return tuple(f for f in found if f and f != ("", ""))


def log_inside(entry: LogEntry) -> tuple[tuple[LogEntry, ...], tuple[Source, ...]]:
    """The log that a step holds of the wave it appended: its entries and its raw files.

    Raises
    ------
    TypeError, KeyError, ValueError
        If the step holds something else.
    """
    held = entry.arguments["other"]
    entries = tuple(LogEntry(**{**e, "arguments": plain_arguments(**e["arguments"])}) for e in held["steps"])
    for one in entries:
        check_types(one)
    sources = tuple(Source(str(s["path"]), str(s["sha256"]), int(s["rows"])) for s in held["sources"])
    return entries, sources


def plain_arguments(**arguments: Any) -> Mapping[str, Any]:
    """Arguments as JSON can hold them."""
    return MappingProxyType({name: _plain(value) for name, value in arguments.items()})


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, Mapping):
        if all(isinstance(k, str) for k in value):
            return {k: _plain(v) for k, v in value.items()}
        return [[_plain(k), _plain(v)] for k, v in value.items()]
    if hasattr(value, "tolist"):
        return _plain(value.tolist())
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(v) for v in value]
    return str(value)
