"""What every reader gives, and what is done to every text."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from survey.codebook import Codebook, Variable
from survey.errors import ReadError, some

__all__ = ["Options", "Raw", "column_names", "nfc", "normalised", "settled"]


@dataclass(frozen=True, slots=True)
class Options:
    """How a file is to be read; None where nothing was said."""

    sheet: str | int | None = None
    encoding: str | None = None
    separator: str | None = None
    decimal: str | None = None
    codebook: Codebook | None = None


@dataclass(frozen=True, slots=True)
class Raw:
    """The content of one file.

    Parameters
    ----------
    data : DataFrame
        Text in NFC, empty cells NaN, index from 0.
    codebook : Codebook
        What the file itself says about its columns.
    declared : mapping of str to tuple of (low, high)
        Ranges of codes that the file declares missing, by column.
    """

    data: pd.DataFrame
    codebook: Codebook
    declared: Mapping[str, tuple[tuple[Any, Any], ...]]


def nfc(text: Any) -> Any:
    """A text in its composed form; anything else as it is."""
    return unicodedata.normalize("NFC", text) if isinstance(text, str) else text


def normalised(column: pd.Series) -> pd.Series:
    """A text column in NFC, with empty texts as empty cells.

    Only distinct values are looked at: survey text repeats itself.
    """
    changed = {}
    for value in column.unique():
        if isinstance(value, str) and (value == "" or not unicodedata.is_normalized("NFC", value)):
            changed[value] = nfc(value) or np.nan
    return column.map(lambda v: changed.get(v, v), na_action="ignore").astype("str") if changed else column


def column_names(names: Sequence[Any], path: Path) -> list[str]:
    """Column names in NFC; one without a name is called after its position.

    Raises
    ------
    ReadError
        If two columns have one name.
    """
    clean = [nfc(str(name)).strip() or f"column_{i}" for i, name in enumerate(names, 1)]
    twice = list(dict.fromkeys(n for n in clean if clean.count(n) > 1)) if len(set(clean)) < len(clean) else []
    if twice:
        places = "; ".join(f"{n}: columns {some(i for i, c in enumerate(clean, 1) if c == n)}" for n in twice[:5])
        raise ReadError(
            "Two columns have the same name.", where=path, got=places, expected="a name of its own for each column",
            fix="rename them in a copy of the file",
        )  # fmt: skip
    return clean


def settled(column: pd.Series, variable: Variable | None, decimal: str = ".") -> pd.Series:
    """A column of text as the codebook declares it: numbers, dates, or text.

    A declared column that holds anything else stays text, and `check()` names the rows. Without a declaration a
    column is numbers if every cell is one and none begins with a zero that a number would lose ("01").
    """
    if variable is not None and _is_text(variable):
        return column
    if variable is not None and variable.type == "date":
        dates = pd.to_datetime(column, errors="coerce", format="ISO8601")
        return dates if dates.isna().equals(column.isna()) else column
    return _numbers(column, decimal, declared=variable is not None)


def _is_text(variable: Variable) -> bool:
    codes: Iterable[Any] = [*variable.labels, *variable.missing]
    return variable.type in ("text", "id") or any(isinstance(c, str) for c in codes)


def _numbers(column: pd.Series, decimal: str, declared: bool) -> pd.Series:
    import pyarrow as pa
    import pyarrow.compute as pc

    texts = pc.utf8_trim_whitespace(pa.array(column, type=pa.string(), from_pandas=True))
    if decimal != ".":
        texts = pc.replace_substring(texts, decimal, ".")
    if not declared and pc.any(pc.match_substring_regex(texts, r"^[+-]?0[0-9]")).as_py():
        return column
    try:
        whole = texts.cast(pa.int64())
        if whole.null_count == 0:
            return pd.Series(whole.to_numpy(), index=column.index, name=column.name)
        limits = pc.min_max(whole).as_py()
        if not declared and max(abs(limits["min"] or 0), abs(limits["max"] or 0)) > 2**53:
            return column  # beyond what a number with empty cells can hold exactly
    except pa.ArrowInvalid:
        pass
    try:
        values = texts.cast(pa.float64())
    except pa.ArrowInvalid:
        return column
    numbers = values.to_numpy(zero_copy_only=False)
    if np.isfinite(numbers).sum() + values.null_count < len(numbers):
        return column  # "nan" and "inf" are words here
    return pd.Series(numbers, index=column.index, name=column.name)
