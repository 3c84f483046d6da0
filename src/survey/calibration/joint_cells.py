"""Joint cells of several variables: respondents who are alike in all of them, coded in one pass over the rows.

Rows are taken in chunks that stay in the processor's cache, and one small number a row is all that is kept: the codes
of the single variables, and everything known of the margins, are read off the few cells.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.base.arrays import Array, tallied, weighted_count
from survey.base.codes import Ints, first_of, joined, sorted_codes
from survey.counting.cells import code_answers

__all__ = ["Coding", "Joint"]

_CHUNK = 2**15
_LARGEST = 2**21
"""Joint keys that are counted without being looked up: 16 MB of counts."""
_SHORT = 2**15


@dataclass(frozen=True, slots=True)
class Coding:
    """One variable as 0..k-1, with k where it is missing: values minus `low`, or codes made beforehand."""

    values: NDArray[Any]
    low: int
    labels: NDArray[Any]

    @classmethod
    def of(cls, column: pd.Series) -> Coding:
        """Code a column; sorted, missing values last."""
        if isinstance(column.dtype, np.dtype) and column.dtype.kind in "iu" and len(column):
            values = column.to_numpy()
            low, high = _range(values)
            if high - low < _SHORT and high < 2**62:
                return cls(values, low, low + np.arange(high - low + 1))
        if isinstance(column.dtype, np.dtype) and column.dtype.kind == "f":
            coded = code_answers(column, None, required=False)
            if coded is not None:
                return cls(coded.code, 0, np.asarray(coded.answers))
        code, labels = sorted_codes(column)
        k = len(labels)
        return cls(np.where(code < 0, k, code).astype(np.min_scalar_type(k)), 0, np.asarray(labels))

    @property
    def size(self) -> int:
        """Codes that may occur, the one for missing included."""
        return len(self.labels) + 1


@dataclass(frozen=True)
class Joint:
    """The occupied cells of several variables.

    Parameters
    ----------
    key : int array (rows,)
    size : int
        Keys are below this.
    kept : int array (cells,)
        The keys that occur, in order.
    sums : array (cells,)
        Weights in each cell; cells whose rows all have a weight of 0 are left out.
    codes : list of int arrays (cells,)
        Code of each cell in every variable.
    codings : list of Coding
    people : int array (rows,), optional
        How many respondents a row stands for; None where each is one.
    """

    key: NDArray[Any]
    size: int
    kept: Ints
    sums: Array
    codes: list[Ints]
    codings: list[Coding]
    people: Ints | None = None

    @classmethod
    def of(cls, columns: Sequence[pd.Series], weights: Array) -> Joint:
        """Code columns together; no column at all makes one cell.

        Parameters
        ----------
        columns : list of Series (rows,)
        weights : array (rows,)
        """
        codings = [Coding.of(column) for column in columns]
        size = 1
        for coding in codings:
            size *= coding.size
        rows = len(weights)
        if size > max(_LARGEST, rows // 4):
            return cls._looked_up(codings, weights)
        key = np.empty(rows, np.int16 if size < _SHORT else np.int32 if size < 2**31 else np.int64)
        small = size <= _SHORT
        sums = np.zeros(size)
        joined, part = np.empty(min(_CHUNK, rows), np.int64), np.empty(min(_CHUNK, rows), np.int64)
        for start in range(0, rows, _CHUNK):
            at = slice(start, min(start + _CHUNK, rows))
            x, y = joined[: at.stop - start], part[: at.stop - start]
            for i, coding in enumerate(codings):
                # in 64 bits: what an int8 is above the least may be more than an int8 holds
                np.subtract(coding.values[at], coding.low, out=y if i else x, dtype=np.int64, casting="unsafe")
                if i:
                    x *= coding.size
                    x += y
            if not codings:
                x[:] = 0
            key[at] = x
            if small:
                sums += weighted_count(x, weights[at], size)
        if not small:
            sums = weighted_count(key, weights, size)
        kept = np.flatnonzero(sums)  # no weight is negative
        codes, left = [], kept
        for coding in reversed(codings):
            left, code = np.divmod(left, coding.size)
            codes.append(code)
        return cls(key, size, kept, sums[kept], codes[::-1], codings)

    @classmethod
    def _looked_up(cls, codings: list[Coding], weights: Array) -> Joint:
        """For very many combinations: one variable after the other, keeping those that occur."""
        key = joined((coding.values.astype(np.int64) - coding.low, coding.size) for coding in codings)
        k = int(key.max(initial=-1)) + 1
        first = first_of(key, np.arange(len(key)), k)
        sums = weighted_count(key, weights, k)
        kept = np.flatnonzero(sums)
        codes = [coding.values[first[kept]].astype(np.int64) - coding.low for coding in codings]
        return cls(key, k, kept, sums[kept], codes, codings)

    def __len__(self) -> int:
        return len(self.kept)

    @cached_property
    def count(self) -> Ints:
        """Respondents in each cell: (cells,)."""
        return tallied(self.key, self.people, self.size)[self.kept]

    @cached_property
    def cell(self) -> Ints:
        """Cell of every row, counted without gaps: (rows,)."""
        if len(self.kept) == self.size:
            return np.asarray(self.key, np.int64)
        place = np.zeros(self.size, np.int64)
        place[self.kept] = np.arange(len(self.kept))
        cell: Ints = place[self.key]
        return cell

    def spread(self, values: NDArray[Any], times: Array | None = None) -> NDArray[Any]:
        """Values of the cells given to their rows, multiplied by `times`: (rows,)."""
        whole = np.zeros(self.size, values.dtype)
        whole[self.kept] = values
        out = np.empty(len(self.key), values.dtype if times is None else np.float64)
        for start in range(0, len(out), _CHUNK):
            at = slice(start, start + _CHUNK)
            part = whole.take(self.key[at])
            if times is None:
                out[at] = part
            else:
                np.multiply(part, times[at], out=out[at])
        return out


def _range(values: NDArray[Any]) -> tuple[int, int]:
    """Least and greatest, each chunk read from memory once."""
    chunks = [values[start : start + _CHUNK] for start in range(0, len(values), _CHUNK)]
    limits = [(chunk.min(), chunk.max()) for chunk in chunks]
    return int(min(low for low, _ in limits)), int(max(high for _, high in limits))
