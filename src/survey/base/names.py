"""Names as people type them: one word in two Unicode forms (NFC, NFD) is one word."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any
from unicodedata import is_normalized, normalize

import numpy as np
import pandas as pd

__all__ = ["column_named", "columns_named", "composed_column", "composed_value", "plain", "same_name"]

_WHOLE = re.compile(r"0|-?[1-9][0-9]*")


def composed_value(value: Any) -> Any:
    """Text in its composed form (NFC); anything else as it is."""
    return normalize("NFC", value) if isinstance(value, str) and not is_normalized("NFC", value) else value


def plain(value: Any) -> Any:
    """A category as Python has it, so that a CSV matches any data.

    1, 1.0, "1" and numpy's 1 are one category, and so is one word in both Unicode forms.
    """
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, str):
        return int(value) if _WHOLE.fullmatch(value) else normalize("NFC", value)
    return int(value) if isinstance(value, float) and value.is_integer() else value


def composed_column(column: pd.Series) -> pd.Series:
    """A column of text in its composed form; each distinct text is looked at once."""
    code, labels = pd.factorize(column)
    if all(is_normalized("NFC", v) for v in labels if isinstance(v, str)):
        return column
    values = np.array([*(composed_value(v) for v in labels), np.nan], dtype=object)[code]
    return pd.Series(values, index=column.index, dtype=column.dtype, name=column.name)


def same_name(name: object, columns: Iterable[Any]) -> list[Any]:
    """The columns whose name is this one in either Unicode form."""
    wanted = composed_value(name)
    return [c for c in columns if isinstance(c, str) and composed_value(c) == wanted]


def column_named(name: Any, columns: Iterable[Any]) -> Any:
    """The column that a name stands for: the one spelled so, else the only one that is the same word; else the name."""
    columns = list(columns)
    if not isinstance(name, str) or name in columns:
        return name
    found = same_name(name, columns)
    return found[0] if len(found) == 1 else name


def columns_named(names: Iterable[Any], columns: Iterable[Any]) -> list[Any]:
    """`column_named` for several names."""
    columns = list(columns)
    return [column_named(name, columns) for name in names]
