"""Several files, or several sheets, as one: rows under each other, codebooks agreed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from survey.base.arguments import one_of
from survey.base.catalogue import Note, listed
from survey.codebook import Codebook
from survey.codebook._shape import as_one
from survey.core.log import KIND_CODES
from survey.core.stacking import COLUMNS, absent, end_to_end, kind_of, two_names
from survey.errors import ReadError, shorten
from survey.io._raw import Raw

__all__ = ["agreed", "declared_by_all", "kinds_of", "stacked", "without_uncommon"]

_MOST = 20


def stacked(
    raws: Sequence[Raw], places: Sequence[object], columns: str | None = None
) -> tuple[pd.DataFrame, list[Note]]:
    """Rows of all files under one index, columns in the order of the first; what not every file has, in notes.

    Parameters
    ----------
    columns : {"all", "common"}, optional
        What becomes of columns that not every file has; an error when not given.

    Raises
    ------
    ReadError
        If columns differ, or one holds another kind of values in another file.
    """
    if columns is not None:
        one_of(columns, COLUMNS, "choice of columns", ReadError, where="read(columns=...)")
    first = raws[0].data
    if len(raws) == 1:
        return first, []
    names = list(dict.fromkeys(c for r in raws for c in r.data.columns))
    uncommon = [c for c in names if any(c not in r.data.columns for r in raws)]
    notes: list[Note] = []
    if uncommon and columns is None:
        _refuse_other_columns(raws, places)
    if uncommon and columns == "common":
        apart = set(uncommon)
        names = [c for c in names if c not in apart]
        if not names:
            raise ReadError(
                "The files have no column in common.",
                where=shorten(places),
                got=shorten(first.columns),
                expected='files of one study; read(..., columns="common")',
                fix="read them one by one, rename() columns, and append() them",
            )
        notes.append(Note("shape.not_common", columns=listed(uncommon, _MOST)))
    parts: dict[str, Any] = {}
    for name in names:
        answers = [r.data[name] if name in r.data.columns else absent(len(r.data)) for r in raws]
        kinds = {kind_of(p): place for p, place in zip(answers, places, strict=True) if p.notna().any()}
        if len(kinds) > 1:
            raise ReadError(
                "A column has different types of values in different files.",
                where=name,
                got="; ".join(f"{kind} in {place}" for kind, place in kinds.items()),
                expected="one kind",
                fix="read the file with its codebook, or correct the column at its source",
            )
        parts[name] = end_to_end(answers)
    if uncommon and columns == "all":
        for raw, place in zip(raws, places, strict=True):
            lacking = [c for c in uncommon if c not in raw.data.columns]
            if lacking:
                told = listed(lacking, _MOST)
                notes.append(
                    Note("shape.not_asked", file=getattr(place, "name", str(place)), n=len(raw.data), columns=told)
                )
        for raw in raws[1:]:
            surplus = [c for c in raw.data.columns if c not in first.columns]
            notes += two_names([c for c in first.columns if c not in raw.data.columns], surplus)
    return pd.DataFrame(parts), list(dict.fromkeys(notes))


def _refuse_other_columns(raws: Sequence[Raw], places: Sequence[object]) -> None:
    first = raws[0].data
    for raw, place in zip(raws[1:], places[1:], strict=True):
        lacking = [c for c in first.columns if c not in raw.data.columns]
        surplus = [c for c in raw.data.columns if c not in first.columns]
        if lacking or surplus:
            parts = [f"{what}: {shorten(c)}" for what, c in (("it lacks", lacking), ("it adds", surplus)) if c]
            raise ReadError(
                "Files of one study have different columns.",
                where=f"{place} against {places[0]}",
                got="; ".join(parts),
                fix='waves that asked other questions: read([...], columns="all") or "common"; the same question under '
                "two names: read them one by one, rename() it, and append() them",
            )


def kinds_of(raws: Sequence[Raw], data: pd.DataFrame) -> pd.DataFrame:
    """Kinds of missing answers under one index: those of the files, and not_asked where a file lacks a column."""
    held = [set(r.data.columns.tolist()) for r in raws]
    wanted = {n for r in raws for n in r.kinds.columns.tolist()} | (set.union(*held) - set.intersection(*held))
    names = [n for n in data.columns.tolist() if n in wanted]
    if not names:
        return pd.DataFrame()
    parts = []
    for raw in raws:
        kinds = raw.kinds.reindex(columns=names, index=range(len(raw.data)), fill_value=0)
        kinds[[n for n in names if n not in raw.data.columns]] = KIND_CODES["not_asked"]
        parts.append(kinds)
    return pd.concat(parts, ignore_index=True).astype("uint8")


def agreed(raws: Sequence[Raw], places: Sequence[object]) -> Codebook:
    """The files' own codebook: the first one's, with what later files add; no code may change its label.

    Raises
    ------
    CodebookError
    """
    book = raws[0].codebook
    for raw, place in zip(raws[1:], places[1:], strict=True):
        for variable in raw.codebook.variables.values():
            before = book.variables.get(variable.name)
            if before is None:  # a question that only later files ask
                book = book.update(variable)
                continue
            fix = "give a codebook that says which is right, after recoding one of the files"
            book = book.update(as_one(before, variable, str(places[0]), str(place), "Files", fix))
    return book


def without_uncommon(book: Codebook, raws: Sequence[Raw], data: pd.DataFrame) -> Codebook:
    """The codebook without the questions that some of the files asked and the data do not hold."""
    left_out = {c for r in raws for c in r.data.columns}.difference(data.columns)
    return book.select(n for n in book.variables if n not in left_out) if left_out else book


def declared_by_all(raws: Sequence[Raw]) -> dict[str, Any]:
    """Ranges of codes that any of the files declares missing, by column."""
    declared: dict[str, Any] = {}
    for raw in raws:
        for name, ranges in raw.declared.items():
            declared[name] = tuple(dict.fromkeys([*declared.get(name, ()), *ranges]))
    return declared
