"""Names as people type them: one word in two Unicode forms (NFC, NFD) is one word."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any
from unicodedata import is_normalized, normalize

import numpy as np
import pandas as pd

from survey.base.text import written

__all__ = [
    "column_named",
    "columns_named",
    "composed_categories",
    "composed_column",
    "composed_value",
    "label",
    "plain",
    "same_name",
]

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


def label(value: Any) -> str:
    """A name as it is hashed and compared: 3, 3.0 and "3" are one, both Unicode forms are, and blanks do not count."""
    return " ".join(written(plain(value)).split())


def composed_column(column: pd.Series) -> pd.Series:
    """A column of text in its composed form; each distinct text is looked at once."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return composed_categories(column)
    if not (pd.api.types.is_object_dtype(column.dtype) or pd.api.types.is_string_dtype(column.dtype)):
        return column
    code, labels = pd.factorize(column)
    if all(is_normalized("NFC", v) for v in labels if isinstance(v, str)):
        return column
    values = np.array([*(composed_value(v) for v in labels), np.nan], dtype=object)[code]
    return pd.Series(values, index=column.index, dtype=column.dtype, name=column.name)


def composed_categories(column: pd.Series) -> pd.Series:
    """A categorical column whose categories are in their composed form, each once, in the order of the first."""
    given = list(column.cat.categories)
    if all(is_normalized("NFC", c) for c in given if isinstance(c, str)):
        return column
    place, kept = pd.factorize(np.array([composed_value(c) for c in given], dtype=object))
    code = np.append(place, -1)[column.cat.codes.to_numpy()]
    made = pd.Categorical.from_codes(code, categories=kept, ordered=column.cat.ordered)
    return pd.Series(made, index=column.index, name=column.name)


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
