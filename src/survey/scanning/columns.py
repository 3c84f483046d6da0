"""A column of few values as places in a list: looked up in Arrow's own arrays, without a copy as numbers or as text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.base.codes import ROOM, Ints
from survey.base.names import composed_value
from survey.counting.cells import code_answers
from survey.responses import Responses
from survey.scanning.held import texts
from survey.scanning.steps import Steps

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["KINDS", "Column", "places_in", "small"]

KINDS = 6
"""Reasons of an empty cell: the five kinds of the codebook, and none recorded."""


def small(size: int) -> type[np.unsignedinteger[Any]]:
    """The smallest type for places below `size`."""
    return np.uint8 if size <= 2**8 else np.uint16 if size <= 2**16 else np.uint32


def places_in(values: Sequence[Any], array: pa.Array, none: int, stray: int) -> NDArray[Any] | None:
    """The place of each cell in a list of whole numbers or texts; None for arrays of another type.

    Parameters
    ----------
    values : list
    array : Array
    none, stray : int
        What empty cells and values that are not in the list get.

    Returns
    -------
    array (rows,) of the smallest type for `stray`
    """
    import pyarrow as pa

    kind = array.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        array = array.dictionary_encode()
    if pa.types.is_dictionary(array.type):
        if not pa.types.is_string(array.type.value_type) and not pa.types.is_large_string(array.type.value_type):
            return None
        place = {value: i for i, value in enumerate(values)}
        held = [place.get(composed_value(v), stray) if v else none for v in array.dictionary.to_pylist()]
        return _taken(np.array([*held, none], small(stray + 1)), array.indices, len(held))
    if not pa.types.is_integer(kind) or not all(isinstance(v, int) for v in values):
        return None
    low, high = (min(values), max(values)) if values else (0, -1)
    if high - low > ROOM:
        return None
    narrow = small(stray + 1)
    above = np.fromiter((value - low for value in values), np.int64, len(values))
    if array.null_count == 0 and len(array) and len(above) and (np.diff(above) == 1).all():
        given = _raw(array, 0)
        if low <= int(given.min()) and int(given.max()) <= high:  # every number of a range: no look-up
            moved: NDArray[Any] = np.subtract(given, low, dtype=given.dtype)
            return moved.view(np.uint8) if moved.itemsize == 1 else moved.astype(narrow, copy=False)
    look = np.full(high - low + 3, stray, narrow)
    look[above + 1] = np.arange(len(values))
    if kind.bit_width == 8:  # every value of a byte has its place
        every = np.arange(256).astype(np.uint8).view(np.dtype(kind.to_pandas_dtype())).astype(np.int64)
        whole = look[np.clip(every - (low - 1), 0, len(look) - 1)]
        return _emptied(whole.take(_raw(array, 0).view(np.uint8)), array, none)
    given = _raw(array, low)
    if given.dtype == np.uint64:  # beyond what other whole numbers reach
        first = max(low - 1, 0)
        given, low = np.clip(given, first, max(high + 1, first)) - np.uint64(first), low - first
    shifted = given.astype(np.int64)
    shifted -= low - 1
    return _emptied(look.take(np.clip(shifted, 0, len(look) - 1, out=shifted)), array, none)


def _taken(look: NDArray[Any], indices: pa.Array, none: int) -> NDArray[Any]:
    return look.take(_raw(indices, none))


def _raw(array: pa.Array, instead: int) -> NDArray[Any]:
    return np.asarray((array if array.null_count == 0 else array.fill_null(instead)).to_numpy(zero_copy_only=False))


def _emptied(places: NDArray[Any], array: pa.Array, none: int) -> NDArray[Any]:
    if array.null_count:
        places[array.is_null().to_numpy(zero_copy_only=False)] = none
    return places


@dataclass(frozen=True)
class Column:
    """What the cells of a column may hold, and what cleaning makes of each.

    Parameters
    ----------
    name : str
    raw : tuple or None
        Values as the source has them; None of a column that is made from others, or whose values are of many kinds:
        it is cleaned row by row.
    clean : Series (places,)
        What cleaning makes of each, then of an empty cell; of a column without `raw` its values, and an empty cell.
    kinds : int array (places,)
        Why there is none, 0..KINDS-1; of answers KINDS-1.
    """

    name: str
    raw: tuple[Any, ...] | None
    clean: pd.Series
    kinds: Ints
    _looks: dict[Any, NDArray[Any]] = field(default_factory=dict, repr=False, compare=False)

    @property
    def size(self) -> int:
        """Places, with one for values that are not in the list."""
        return len(self.clean) + 1

    @classmethod
    def looked_up(cls, steps: Steps, name: str, raw: Iterable[Any], kind: pa.DataType) -> Column:
        """A column of the source that holds whole numbers or texts among `raw`."""
        values = tuple(raw)
        responses = cleaned(steps, name, [*values, None], kind)
        kinds = np.full(len(values) + 1, KINDS - 1)
        if name in responses.missing:
            given = responses.missing[name].to_numpy().astype(np.int64)
            kinds = np.where(given > 0, given - 1, KINDS - 1)
        return cls(name, values, responses.data[name], kinds)

    @classmethod
    def row_by_row(cls, name: str, values: pd.Series) -> Column:
        """A column that is cleaned row by row into `values`; empty cells stand behind them by their kind."""
        clean = pd.concat([values.astype(object), pd.Series([None] * KINDS, dtype=object)], ignore_index=True)
        return cls(name, None, clean, np.r_[np.full(len(values), KINDS - 1), np.arange(KINDS)])

    def values(self) -> pd.Series:
        """The different values after cleaning, in order."""
        values = sorted(set(self.clean.dropna().tolist()), key=lambda v: (isinstance(v, str), v))
        if any(not isinstance(value, int | float) for value in values):
            return texts(values, self.name)
        return pd.Series(np.asarray(values, float), name=self.name)

    def places(self, array: pa.Array) -> NDArray[Any] | None:
        """The place of each cell of a batch; None where it must be cleaned row by row."""
        if self.raw is None:
            return None
        return places_in(self.raw, array, len(self.raw), self.size - 1)

    def places_cleaned(self, responses: Responses) -> NDArray[Any]:
        """The place of each row of a batch that was cleaned."""
        column, stray = responses.data[self.name], self.size - 1
        coded = code_answers(column, None, required=True)
        values = [*enumerate(self.clean.tolist())]
        place = {value: i for i, value in reversed(values) if not pd.isna(value)}
        empty = {self.kinds[i]: i for i, value in reversed(values) if pd.isna(value)}
        none = np.array([empty.get(kind, stray) for kind in range(KINDS)])
        given = np.zeros(len(column), np.int64)
        if self.name in responses.missing:
            given = responses.missing[self.name].to_numpy().astype(np.int64)
        without = none[np.where(given > 0, given - 1, KINDS - 1)]
        if coded is None:
            return without
        look = np.array([*(place.get(value, stray) for value in coded.answers.tolist()), stray])
        return np.where(np.asarray(coded.code) < len(coded.answers), look[coded.code], without)

    def slots(self, answers: Sequence[Any], kinds: bool) -> Ints:
        """Where each place is counted: an answer's in `answers`; behind them why there is none, or one for all."""
        k = len(answers)
        place = {answer: i for i, answer in enumerate(answers)}
        out = np.full(self.size, k + KINDS if kinds else k)
        for i, value in enumerate(self.clean.tolist()):
            if not pd.isna(value) and value in place:
                out[i] = place[value]
            elif pd.isna(value):
                out[i] = k + self.kinds[i] if kinds else k
        return out


def cleaned(steps: Steps, name: str, values: Sequence[Any], kind: pa.DataType) -> Responses:
    """Single values of a column, cleaned as a batch is."""
    import pyarrow as pa

    return steps.responses(pa.record_batch({name: pa.array(values, kind)}), 0, [name])
