"""Waves under each other, of which one asked what another did not."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from survey.base.arguments import one_of, outside
from survey.base.catalogue import Note, listed
from survey.base.names import column_named
from survey.base.text import counted
from survey.codebook import Codebook
from survey.codebook._shape import MADE, of_waves, renamed
from survey.codebook.told import describe_groups
from survey.core.log import KIND_CODES, LogEntry, plain_arguments
from survey.core.responses_data import R, ResponsesData
from survey.core.stacking import COLUMNS, absent, end_to_end, kind_of, two_names
from survey.errors import CleaningError, CodebookError, SurveyWarning, shorten

__all__ = ["append"]

_MOST = 20


def append(self: R, other: ResponsesData, *, columns: str = "all") -> R:
    """Put the rows of another wave under these: wave1.append(wave2).

    A question that one of them did not ask is empty there and of the kind not_asked; the log, the display and `check`
    say which. Both logs are kept: replaying reads and cleans the other wave too. Rows of the other wave are numbered
    after those of this one, as if both files had been read together; its rejected rows bear this step.

    Parameters
    ----------
    other : Responses
        Cleaned as far as these are: items reversed in one of the two only are refused.
    columns : {"all", "common"}
        All columns, or only those that both have.

    Returns
    -------
    Responses
        With the codebooks of both. Where they differ in wording or the like this one's counts, and the log says so.

    Raises
    ------
    CleaningError
        If no column is common; if a column holds text in one and numbers in the other; if codes have two labels, or an
        item or select-all question is not kept in the same way in both.

    Warns
    -----
    SurveyWarning
        If a column of each has nearly the same name, so that one question may stand in two.

    Examples
    --------
    >>> both = wave1.derive("wave", "1").append(wave2.derive("wave", "2"))  # doctest: +SKIP
    """
    if not isinstance(other, ResponsesData):
        raise CleaningError(
            "Only responses can be appended.",
            where="append(other=...)",
            got=type(other).__name__,
            expected="Responses",
            fix="read the file with sv.read(...), or make sv.Responses(frame)",
        )
    one_of(columns, COLUMNS, "choice of columns", CleaningError, where="append(columns=...)")
    other = _spelled_as(other, self.data.columns)
    ours, theirs = dict.fromkeys(self.data.columns), dict.fromkeys(other.data.columns)
    common = [n for n in ours if n in theirs]
    if not common:
        raise CleaningError(
            "The two have no column in common.",
            where="append",
            got=shorten(theirs),
            expected=shorten(ours),
            fix="rename the columns of one of them",
        )
    only_ours = [n for n in ours if n not in theirs]
    only_theirs = [n for n in theirs if n not in ours]
    names = [*ours, *only_theirs] if columns == "all" else common
    _refuse_other_types(self, other, common)
    first, second = _called(self, Note("shape.this_wave")), _called(other, Note("shape.other_wave"))
    try:
        book, notes = of_waves(self.codebook, other.codebook, first, second)
    except CodebookError as problem:
        raise CleaningError(
            problem.what,
            where=f"append, {problem.where}",
            got=problem.got,
            expected=problem.expected,
            fix=problem.fix,
        ) from None
    below = _renumbered(self, other)
    step = len(self.entries) + 1
    index = self.data.index.append(below.data.index)
    above, under = self.data, below.data
    parts = {n: [_column(above, n), _column(under, n)] for n in names}
    data = pd.DataFrame({n: end_to_end(p, ignore_index=False).set_axis(index) for n, p in parts.items()}, index=index)
    missing = _kinds(self, below, names, index)
    alike = two_names(only_ours, only_theirs) if columns == "all" else []
    told = _told(book, columns, (only_theirs, first, len(self)), (only_ours, second, len(other)))
    rejected = _rejected(self, below, names, step)
    if columns == "common":
        book = book.select(common)
    entry = LogEntry(
        "append",
        "; ".join([f"{second}: {counted(len(other), 'row')}{_steps(other)}", *told, *notes, *alike]),
        plain_arguments(other=_log_of(other), columns=columns),
        len(self.data),
        len(data),
        len(other),
        sum(int(under[n].notna().sum()) for n in names if n in theirs),
    )
    if alike:
        warnings.warn(f"append: {'; '.join(alike)}.", SurveyWarning, stacklevel=outside())
    sources = (*self.sources, *other.sources)
    if sources:
        last = replace(sources[-1], notes=(*sources[-1].notes, *told, *notes, *alike))
        sources = (*sources[:-1], last)
    return self.logged(entry, data=data, missing=missing, rejected=rejected, codebook=book, sources=sources)


def _spelled_as(other: ResponsesData, columns: Any) -> ResponsesData:
    """The other wave with its columns in the Unicode form of these."""
    known = set(columns)
    foreign = [n for n in other.data.columns if isinstance(n, str) and not n.isascii() and n not in known]
    names = {n: column_named(n, columns) for n in foreign}
    names = {n: m for n, m in names.items() if n != m and m not in other.data.columns}
    if not names:
        return other
    return replace(
        other,
        data=other.data.rename(columns=names),
        missing=other.missing.rename(columns=names),
        rejected=other.rejected.rename(columns=names),
        codebook=renamed(other.codebook, names),
    )


def _called(self: ResponsesData, otherwise: Note) -> str:
    """What a wave is called: after its files, if it has any."""
    return shorten([_name(s.path) for s in self.sources], 4) or otherwise


def _name(path: str) -> str:
    return path.replace("\\", "/").rsplit("/", 1)[-1]


def _steps(other: ResponsesData) -> str:
    verbs = [e.verb for e in other.entries if e.verb != "read"]
    return f" after {shorten(verbs, 8)}" if verbs else ""


def _log_of(other: ResponsesData) -> Mapping[str, Any]:
    """The other wave's log, from which replaying makes it again."""
    return {
        "sources": [{"path": s.path, "sha256": s.sha256, "rows": s.rows} for s in other.sources],
        "steps": [{name: getattr(entry, name) for name in LogEntry.__slots__} for entry in other.entries],
    }


def _refuse_other_types(self: ResponsesData, other: ResponsesData, names: Sequence[str]) -> None:
    ours, theirs = self.data, other.data
    for name in names:
        both = [ours[name], theirs[name]]
        if both[0].dtype == both[1].dtype and both[0].dtype != object:
            continue
        kinds = [kind_of(c) for c in both if c.notna().any()]
        if len(set(kinds)) > 1:
            raise CleaningError(
                "A column holds different types of values in the two waves.",
                where=f"append, {name}",
                got=f"{kinds[0]} here, {kinds[1]} in the other",
                expected="one type",
                fix=f"call to_number({name!r}) or recode({name!r}, ...) on one of them first",
            )


def _renumbered(self: ResponsesData, other: ResponsesData) -> ResponsesData:
    """The other wave with rows numbered after all that these were read from."""
    labels = [table.index for r in (self, other) for table in (r.data, r.rejected) if len(table)]
    if all(pd.api.types.is_integer_dtype(i.dtype) for i in labels):
        own = [i.max() + 1 for i in (self.data.index, self.rejected.index) if len(i)]
        start = int(max([sum(s.rows for s in self.sources), *own]))
        moved = {"data": other.data, "missing": other.missing, "rejected": other.rejected}
        return replace(other, **{k: v.set_axis(v.index + start) if len(v) else v for k, v in moved.items()})
    twice = self.data.index.intersection(other.data.index)
    if len(twice):
        raise CleaningError(
            "Rows of the two waves have the same name.",
            where="append",
            got=describe_groups(twice.unique()),
            expected="a unique name for each row",
            fix="call reset_index(drop=True) on the frames before sv.Responses(...)",
        )
    return other


def _column(data: pd.DataFrame, name: str) -> pd.Series:
    return data[name] if name in data.columns else absent(len(data), data.index)


def _kinds(self: ResponsesData, below: ResponsesData, names: Sequence[str], index: pd.Index) -> pd.DataFrame:
    """Kinds of missing answers of both; of a question that one did not ask, not_asked."""
    made = {}
    waves = [(w.missing, set(w.data.columns), len(w), o.codebook) for w, o in ((self, below), (below, self))]
    for name in names:
        parts, known = [], False
        for kinds, there, rows, others in waves:
            if name in kinds.columns:
                parts.append(kinds[name].to_numpy())
                known = True
            elif name in there or _by_cleaning(others, name):
                parts.append(np.zeros(rows, np.uint8))
            else:
                parts.append(np.full(rows, KIND_CODES["not_asked"], np.uint8))
                known = True
        if known:
            made[name] = np.concatenate(parts)
    return pd.DataFrame(made, index=index, dtype=np.uint8)


def _by_cleaning(book: Codebook | Any, name: str) -> bool:
    return name in book.variables and book.variables[name].role in MADE


def _told(book: Any, columns: str, *apart: tuple[list[str], str, int]) -> list[Note]:
    """Columns that a wave lacks, what this wave is called, and its rows: in words."""
    if columns == "common":
        gone = [name for names, *_ in reversed(apart) for name in names]
        return [Note("shape.not_common", columns=listed(gone, _MOST))] if gone else []
    notes = []
    for names, file, rows in apart:
        for key, made in (("shape.not_asked", False), ("shape.not_made", True)):
            some = [n for n in names if _by_cleaning(book, n) == made]
            if some:
                notes.append(Note(key, file=file, n=rows, columns=listed(some, _MOST)))
    return notes


def _rejected(self: ResponsesData, below: ResponsesData, names: Sequence[str], step: int) -> pd.DataFrame:
    """Rejected rows of both; the other's say by this step that they left before."""
    tables = [self.rejected, below.rejected.assign(_step=step) if len(below.rejected) else below.rejected]
    wanted = {*names, "_reason", "_step"}
    tables = [t[[c for c in t.columns if c in wanted]] for t in tables if len(t)]
    if len(tables) < 2:
        return tables[0] if tables else self.rejected
    order = list(dict.fromkeys(c for t in tables for c in t.columns if c not in ("_reason", "_step")))
    index = tables[0].index.append(tables[1].index)
    made = {}
    for name in [*order, "_reason", "_step"]:
        parts = [t[name] if name in t.columns else absent(len(t), t.index) for t in tables]
        kinds = {kind_of(p) for p in parts if p.notna().any()}
        parts = parts if len(kinds) < 2 else [p.astype(object) for p in parts]
        made[name] = end_to_end(parts, ignore_index=False).set_axis(index)
    return pd.DataFrame(made, index=index)
