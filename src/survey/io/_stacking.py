"""Several files, or several sheets, as one: rows under each other, codebooks agreed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import pandas as pd

from survey.codebook import Codebook
from survey.errors import CodebookError, ReadError, shorten
from survey.io._raw import Raw

__all__ = ["agreed", "declared_by_all", "stacked"]


def stacked(raws: Sequence[Raw], places: Sequence[object]) -> pd.DataFrame:
    """Rows of all files under one index, columns in the order of the first.

    Raises
    ------
    ReadError
        If columns differ, or one holds another kind of values in another file.
    """
    first = raws[0].data
    if len(raws) == 1:
        return first
    for raw, place in zip(raws[1:], places[1:], strict=True):
        lacking = [c for c in first.columns if c not in raw.data.columns]
        surplus = [c for c in raw.data.columns if c not in first.columns]
        if lacking or surplus:
            parts = [f"{what}: {shorten(c)}" for what, c in (("it lacks", lacking), ("it adds", surplus)) if c]
            raise ReadError(
                "Files of one study have different columns.",
                where=f"{place} against {places[0]}",
                got="; ".join(parts),
                fix="read them one by one, or give them the same columns",
            )
    columns: dict[str, Any] = {}
    for name in first.columns:
        answers = [r.data[name] for r in raws]
        kinds = {_kind(p): place for p, place in zip(answers, places, strict=True) if p.notna().any()}
        if len(kinds) > 1:
            raise ReadError(
                "A column has different types of values in different files.",
                where=name,
                got="; ".join(f"{kind} in {place}" for kind, place in kinds.items()),
                expected="one kind",
                fix="read the file with its codebook, or correct the column at its source",
            )
        columns[name] = _end_to_end(answers)
    return pd.DataFrame(columns)


def _end_to_end(parts: list[pd.Series]) -> pd.Series:
    """One column from those of several files, an empty one taking the type of the others."""
    dtypes = list(dict.fromkeys(p.dtype for p in parts if p.notna().any()))
    if len(dtypes) > 1:  # whole and other numbers, or numbers and Stata's tagged missings
        objects = any(pd.api.types.is_object_dtype(d) for d in dtypes)
        dates = all(pd.api.types.is_datetime64_any_dtype(d) for d in dtypes)
        dtypes = ["datetime64[us]" if dates else "object" if objects else "float64"]
    elif len(dtypes) == 1 and pd.api.types.is_integer_dtype(dtypes[0]) and any(p.isna().any() for p in parts):
        dtypes = ["float64"]
    return pd.concat([p.astype(dtypes[0]) for p in parts] if dtypes else parts, ignore_index=True)


def _kind(column: pd.Series) -> str:
    if isinstance(column.dtype, pd.StringDtype):
        return "text"
    return "date" if pd.api.types.is_datetime64_any_dtype(column.dtype) else "number"


def agreed(raws: Sequence[Raw], places: Sequence[object]) -> Codebook:
    """The files' own codebook: the first one's, with what later files add; no code may change its label.

    Raises
    ------
    CodebookError
    """
    book = raws[0].codebook
    for raw, place in zip(raws[1:], places[1:], strict=True):
        for variable in raw.codebook.variables.values():
            before = book.variables[variable.name]
            for code, text in {**variable.missing_labels, **variable.labels}.items():
                known = before.labels.get(code) or before.missing_labels.get(code)
                if known is not None and dict(known) != dict(text):
                    raise CodebookError(
                        "Files give the same code different labels.",
                        where=f"{variable.name}, code {code}",
                        got=f"{before.label(code)!r} in {places[0]}, {variable.label(code)!r} in {place}",
                        fix="give a codebook that says which is right, after recoding one of the files",
                    )
            missing = {**variable.missing, **before.missing}
            labels = {c: t for c, t in {**before.labels, **variable.labels}.items() if c not in missing}
            book = book.update(
                replace(
                    before,
                    labels=MappingProxyType(labels),
                    missing=MappingProxyType(missing),
                    missing_labels=MappingProxyType({**variable.missing_labels, **before.missing_labels}),
                )
            )
    return book


def declared_by_all(raws: Sequence[Raw]) -> dict[str, Any]:
    """Ranges of codes that any of the files declares missing, by column."""
    declared: dict[str, Any] = {}
    for raw in raws:
        for name, ranges in raw.declared.items():
            declared[name] = tuple(dict.fromkeys([*declared.get(name, ()), *ranges]))
    return declared
