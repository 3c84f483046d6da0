"""Categories as whole numbers: one variable, combinations of several, and sums by them.

Every numbering of joint combinations is one of two: `joined` counts them in the order in which they appear, and is the
fastest; `factorize` counts them in sorted order and gives their labels.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.base.arrays import Array, weighted_count
from survey.errors import DesignError

__all__ = [
    "ROOM",
    "Ints",
    "by_unit",
    "composed",
    "factorize",
    "first_of",
    "infinite_in",
    "joined",
    "numbers",
    "sorted_codes",
]

Ints = NDArray[np.int64]

ROOM = 2**22
"""Numbers in a table that is made in passing."""
_NUMBERS = ("integer", "floating", "mixed-integer-float", "boolean", "decimal", "empty")


def joined(parts: Iterable[tuple[Ints, int]]) -> Ints:
    """Number the combinations of codes from 0 in order of appearance.

    Parameters
    ----------
    parts : iterable of (int array (rows,), int), at least one
        Codes from 0, and how many there may be.

    Returns
    -------
    int array (rows,)
    """
    cell: Ints | None = None
    for code, size in parts:
        # after each step there are no more numbers than rows, so that the next product fits into 64 bits
        cell = pd.factorize(code if cell is None else cell * size + code)[0]
    if cell is None:
        raise DesignError("No columns to code.")
    return cell


def factorize(columns: list[pd.Series | NDArray[np.int64]]) -> tuple[Ints, pd.DataFrame]:
    """Codes 0..k-1 of the combinations of columns, sorted; -1 where any is missing. And their labels."""
    code: Ints | None = None
    for column in columns:
        part, labels = sorted_codes(column)
        if code is None:
            code = part
            continue
        joined = np.where((code < 0) | (part < 0), -1, code * len(labels) + part)
        code, kept = sorted_codes(joined)
        if len(kept) and kept[0] == -1:
            code = code - 1
    if code is None:
        raise DesignError("No columns to code.")
    if len(columns) == 1 and isinstance(labels, np.ndarray) and labels.dtype.kind == "i":
        return code, pd.DataFrame({0: labels.astype(columns[0].dtype)})
    k = int(code.max(initial=-1)) + 1
    first = first_of(code, np.arange(len(code)), k)
    return code, pd.DataFrame({i: _composed_text(pd.Series(c).iloc[first]) for i, c in enumerate(columns)})


def _composed_text(values: pd.Series) -> Any:
    if isinstance(values.dtype, pd.CategoricalDtype) and not all(
        unicodedata.is_normalized("NFC", c) for c in values.cat.categories if isinstance(c, str)
    ):
        values = values.astype(object)
    if pd.api.types.is_object_dtype(values.dtype) or pd.api.types.is_string_dtype(values.dtype):
        values = values.map(lambda v: unicodedata.normalize("NFC", v) if isinstance(v, str) else v)
    return values.to_numpy()


def sorted_codes(column: pd.Series | Ints) -> tuple[Ints, Any]:
    """Codes in sorted order, -1 for missing, and the values; short ranges of integers are looked up, not hashed."""
    if isinstance(column.dtype, np.dtype) and column.dtype.kind in "iu" and len(column):
        values = np.asarray(column)
        low, high = int(values.min()), int(values.max())
        if high - low <= 2 * len(values) and high < 2**62:
            shifted = values.astype(np.int64, copy=False) - low
            present = np.zeros(high - low + 1, bool)
            present[shifted] = True
            if present.all():
                return shifted, np.arange(low, high + 1)
            place = np.cumsum(present) - 1
            return place[shifted], low + np.flatnonzero(present)
    code, labels = composed(*pd.factorize(column))
    order = pd.factorize(labels, sort=True)[0]
    return np.append(order, -1)[code], labels[np.argsort(order, kind="stable")]


def composed(code: Ints, labels: Any) -> tuple[Ints, Any]:
    """Codes and labels with text in one Unicode form (NFC): the same word in two forms is one category."""
    if not any(isinstance(label, str) and not unicodedata.is_normalized("NFC", label) for label in labels):
        return code, labels
    texts = [unicodedata.normalize("NFC", label) if isinstance(label, str) else label for label in labels]
    place, labels = pd.factorize(np.array(texts, dtype=object))
    return np.append(place, -1)[code], labels


def infinite_in(values: Iterable[Any]) -> int:
    """How many of some categories are infinite numbers, which come of a division by zero and are no category."""
    return sum(isinstance(v, float | np.floating) and bool(np.isinf(v)) for v in values)


def first_of(code: Ints, values: Ints, k: int) -> Ints:
    """For each code 0..k-1 the value of one of its rows."""
    out = np.zeros(k, np.int64)
    if len(code) and code.min() < 0:
        code, values = code[code >= 0], values[code >= 0]
    out[code] = values
    return out


def numbers(column: pd.Series) -> Array:
    """A column as numbers (rows,), NaN where missing.

    Raises
    ------
    TypeError
        For dates and for text, also text that reads like numbers: what a column means is not guessed from its values.
    """
    if isinstance(column.dtype, np.dtype) and column.dtype.kind == "f":
        return np.asarray(column.to_numpy(dtype=float))
    values = column.cat.categories if isinstance(column.dtype, pd.CategoricalDtype) else column
    if pd.api.types.infer_dtype(values, skipna=True) not in _NUMBERS and column.notna().any():
        raise TypeError(str(column.dtype))
    return np.asarray(column.to_numpy(dtype=float, na_value=np.nan))


def by_unit(multipliers: Array, unit: Ints, cell: Ints, weights: Array, cells: int) -> Array:
    """Sums by cell in all replicates: the clusters' sums by cell, times the multipliers."""
    units = len(multipliers)
    if units * cells <= max(ROOM * 2, 4 * len(cell)):
        table = weighted_count(cell * units + unit, weights, cells * units).reshape(cells, units)
        return np.asarray(table @ multipliers)
    from scipy import sparse

    return np.asarray(sparse.csr_array((weights, (cell, unit)), shape=(cells, units)) @ multipliers)
