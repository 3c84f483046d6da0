"""Rows of several files or waves under each other: one column from those of all of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any
from unicodedata import normalize

import numpy as np
import pandas as pd

from survey.base.catalogue import Note

__all__ = ["COLUMNS", "absent", "end_to_end", "kind_of", "two_names"]

COLUMNS = ("all", "common")
"""Which columns waves with different questionnaires give: all of them, or those that every wave has."""


def end_to_end(parts: Sequence[pd.Series], *, ignore_index: bool = True) -> pd.Series:
    """One column from those of several files, an empty one taking the type of the others."""
    if len({p.dtype for p in parts}) == 1:
        return pd.concat(list(parts), ignore_index=ignore_index)
    dtypes = list(dict.fromkeys(p.dtype for p in parts if p.notna().any()))
    if len(dtypes) > 1 and all(isinstance(d, pd.CategoricalDtype) for d in dtypes):
        categories = list(dict.fromkeys(c for d in dtypes for c in d.categories))
        ordered = all(d.ordered for d in dtypes) and len({tuple(d.categories) for d in dtypes}) == 1
        dtypes = [pd.CategoricalDtype(categories, ordered=ordered)]
    elif len(dtypes) > 1:  # whole and other numbers, or numbers and Stata's tagged missings
        texts = all(kind_of(p) == "text" for p in parts if p.notna().any())
        objects = any(pd.api.types.is_object_dtype(d) for d in dtypes)
        dates = all(pd.api.types.is_datetime64_any_dtype(d) for d in dtypes)
        zoned = dates and any(getattr(d, "tz", None) is not None for d in dtypes)
        date = "datetime64[us, UTC]" if zoned else "datetime64[us]"
        dtypes = ["str" if texts else date if dates else "object" if objects else "float64"]
    elif len(dtypes) == 1 and dtypes[0].kind in "iub" and any(p.isna().any() for p in parts):
        dtypes = ["float64"]
    return pd.concat([p.astype(dtypes[0]) for p in parts] if dtypes else list(parts), ignore_index=ignore_index)


def kind_of(column: pd.Series) -> str:
    """What a column holds, in a word: "text", "date", or "number" (where Stata's letters stand among numbers too)."""
    dtype = column.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        dtype = dtype.categories.dtype
    if pd.api.types.is_datetime64_any_dtype(dtype):
        return "date" if getattr(dtype, "tz", None) is None else "date with a zone"
    if pd.api.types.is_object_dtype(dtype):
        return "text" if pd.api.types.infer_dtype(column, skipna=True) == "string" else "number"
    return "text" if pd.api.types.is_string_dtype(dtype) else "number"


def absent(rows: int, index: Any = None) -> pd.Series:
    """The column of a question that a wave did not ask."""
    return pd.Series(np.nan, index=range(rows) if index is None else index, dtype=float)


def two_names(first: Iterable[Any], second: Iterable[Any]) -> list[Note]:
    """Columns of one wave each that may be one question: their names differ in case, spaces or signs only."""
    spelled = {_bare(name): name for name in second}
    meant = [(name, spelled[_bare(name)]) for name in first if _bare(name) in spelled]
    return [Note("shape.two_names", first=str(a), second=str(b)) for a, b in meant]


def _bare(name: Any) -> str:
    """Letters and digits of a name, and zeros before a number left out: "Q_01" is "q1"."""
    kept = "".join(c if c.isalnum() else " " for c in normalize("NFC", str(name)).casefold())
    return re.sub(r"(?<!\d)0+(?=\d)", "", kept).replace(" ", "")
