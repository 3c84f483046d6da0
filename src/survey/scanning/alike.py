"""Respondents who are alike in all that a verb looks at, as one row: a sample for the verbs that need more than sums.

Rows are counted by cluster and by what stands in a few columns, all combinations that occur. A row of the result has
the weights of its people together, the sum of their squares and their number, so that the estimators of `Sample` give
what they give of the people themselves. There are never more rows than people, and of scales and groups far fewer. A
column of very many numbers (minutes, ids) has no list of places: its numbers stand beside the key, as they are.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from survey.base.arrays import Array, weighted_count
from survey.base.codes import Ints
from survey.design.design import Design
from survey.errors import EstimationError
from survey.scanning.columns import KINDS, Column
from survey.scanning.first_pass import Clusters, weights_in
from survey.scanning.held import EXACT, told_apart
from survey.scanning.passing import places_of
from survey.scanning.steps import Steps

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Alike", "AlikePass", "TooManyAlike", "frame_of", "missing_of", "too_many"]

_PLACES = 2**62
"""Places of a key, which is a whole number of 8 bytes."""
_MOST = 1 << 21
"""Combinations that wait to be put together."""


@dataclass(frozen=True)
class Alike:
    """People by cluster and answers; people of several parts add.

    Parameters
    ----------
    key : list of int arrays (combinations,)
        Cluster and places in one number.
    sums : list of arrays (3, combinations)
        Weights, their squares, people.
    numbers : list of arrays (columns of very many numbers and further keys, combinations)
    strays : frozenset of str
        Columns that held what they did not hold before.
    most, columns : int
        Combinations that there is memory for, and of how many columns they are.
    """

    key: list[Ints]
    sums: list[Array]
    numbers: list[Array]
    strays: frozenset[str] = frozenset()
    most: int = 2**62
    columns: int = 0

    def __len__(self) -> int:
        return sum(map(len, self.key))

    def __add__(self, other: Alike) -> Alike:
        sums, numbers = [*self.sums, *other.sums], [*self.numbers, *other.numbers]
        strays, most = self.strays | other.strays, min(self.most, other.most)
        both = Alike([*self.key, *other.key], sums, numbers, strays, most, max(self.columns, other.columns))
        settled = max(map(len, both.key), default=0)  # what was put together before, mostly
        if len(both) <= min(max(_MOST, 2 * settled), both.most):
            return both
        if len(both := both.together()) > both.most:
            raise too_many(f"more than {both.most:,}", both.columns)
        return both

    def together(self) -> Alike:
        """Every combination once, in order."""
        if not self.key:
            return Alike([np.zeros(0, np.int64)], [np.zeros((3, 0))], [], self.strays, self.most, self.columns)
        parts, numbers = np.concatenate(self.sums, axis=1), np.concatenate(self.numbers, axis=1)
        if len(numbers) and len(self):
            key = np.concatenate(self.key)
            order = np.lexsort((*numbers, key))
            key, numbers = key[order], numbers[:, order]
            other = np.r_[True, (key[1:] != key[:-1]) | (numbers[:, 1:] != numbers[:, :-1]).any(axis=0)]
            first = np.flatnonzero(other)
            sums = np.add.reduceat(parts[:, order], first, axis=1)
            return Alike([key[first]], [sums], [numbers[:, first]], self.strays, self.most, self.columns)
        key, place = np.unique(np.concatenate(self.key), return_inverse=True)
        sums = np.stack([weighted_count(place, part, len(key)) for part in parts])
        return Alike([key], [sums], [numbers[:, : len(key)]], self.strays, self.most, self.columns)


@dataclass(frozen=True)
class AlikePass:
    """What says of each row with whom it is alike; see `survey.scanning.passing.Pass`.

    Parameters
    ----------
    numbers : tuple of str
        Columns of very many numbers; what `columns` says of them is why there is none.
    everyone : bool
        Whether rows with a weight of 0 are kept, apart from others.
    most : int
        Combinations that there is memory for.
    """

    steps: Steps
    design: Design
    clusters: Clusters
    columns: dict[str, Column]
    numbers: tuple[str, ...] = ()
    everyone: bool = False
    most: int = 2**62

    @property
    def reads(self) -> list[str]:
        """Columns of the source that are read."""
        return list(dict.fromkeys((*self.steps.read(list(self.columns)), *self.design.columns)))

    def count(self, batches: Iterable[pa.RecordBatch]) -> Alike:
        """Put together who is alike.

        A weight of 0 stands for no one, in no group: such rows are left out, or stand apart where `everyone` is asked.

        Raises
        ------
        EstimationError
            For more combinations than there is memory for.
        """
        found, start = Alike([], [], [], most=self.most, columns=len(self.columns)), 0
        for batch in batches:
            weights = weights_in(batch, self.design, self.steps, start)
            key = self.clusters.unit(batch, self.design, self.steps, start)
            places, responses = places_of(batch, self.columns, self.steps, start, self.numbers)
            first, further = self._keys
            numbers = np.empty((len(self.numbers) + len(further), batch.num_rows))
            for i, name in enumerate(self.numbers):
                if responses is not None:
                    numbers[i] = _numbers(responses.data[name])
            sizes = {name: column.size for name, column in self.columns.items()}
            strays = {n for n in places if n not in self.numbers and (places[n] == sizes[n] - 1).any()}
            for name in first:
                key = key * sizes[name] + places[name]
            for i, names in enumerate(further, len(self.numbers)):
                own: Ints = np.zeros(batch.num_rows, np.int64)
                for name in names:
                    own = own * sizes[name] + places[name]
                numbers[i] = own
            start += batch.num_rows
            if self.everyone:
                key = 2 * key + (weights > 0)
            elif weights.min(initial=1.0) <= 0:
                inside = weights > 0
                key, weights, numbers = key[inside], weights[inside], numbers[:, inside]
            sums = np.stack([weights, weights**2, np.ones(len(weights))])
            found += Alike([key], [sums], [numbers], frozenset(strays)).together()
        return found

    @property
    def _keys(self) -> tuple[list[str], list[list[str]]]:
        """The columns in the key, beside the cluster, and those of further keys where it is full.

        Further keys stand beside the numbers, and so below 2^53.
        """
        first, further, room = list[str](), list[list[str]](), _PLACES // (2 * self.clusters.structure.units)
        for name, column in self.columns.items():
            if column.size > room:
                room = EXACT
                further.append([])
            room //= column.size
            (further[-1] if further else first).append(name)
        return first, further

    def rows(self, alike: Alike) -> tuple[Ints, dict[str, Ints]]:
        """Of each combination its cluster, and the place in each column."""
        whole, (first, further) = alike.together(), self._keys
        unit, places = whole.key[0] // (2 if self.everyone else 1), dict[str, Ints]()
        beside = whole.numbers[0] if whole.numbers else np.zeros((len(self.numbers) + len(further), 0))
        keys = [(unit, first)]
        keys += [(beside[i].astype(np.int64), names) for i, names in enumerate(further, len(self.numbers))]
        for i, (key, names) in enumerate(keys):
            for name in reversed(names):
                key, places[name] = np.divmod(key, self.columns[name].size)
            unit = key if i == 0 else unit
        return unit, {name: places[name] for name in self.columns}


def missing_of(columns: dict[str, Column], places: dict[str, Ints]) -> pd.DataFrame:
    """Why there is no answer, of the columns that have reasons."""
    made = {}
    for name, column in columns.items():
        kind = np.append(np.where(column.kinds < KINDS - 1, column.kinds + 1, 0), 0).astype(np.uint8)
        made[name] = kind[places[name]]
    return pd.DataFrame(made, index=pd.RangeIndex(len(next(iter(places.values()), np.zeros(0)))), dtype=np.uint8)


class TooManyAlike(EstimationError):
    """People are alike too seldom."""


def too_many(combinations: str, columns: int, got: str = "", budget: str = "") -> TooManyAlike:
    """What is wrong where people are alike too seldom."""
    return TooManyAlike(
        "The combinations of these columns take more memory than they may.",
        where="scan(memory=...)",
        got=f"{got}{combinations} combinations of {columns} columns and clusters",
        expected=budget or "columns of few values each, whose combinations are far fewer than the rows",
        fix="ask for fewer items or groups at a time, round numbers of many digits with derive(...), or give "
        "scan(..., memory=) more bytes",
    )


def _numbers(column: pd.Series) -> Array:
    """The numbers of a batch; 0 where there is none."""
    values = column.to_numpy(float, na_value=np.nan)
    if column.dtype.kind in "iu" and np.abs(values).max(initial=0.0) >= EXACT:
        raise told_apart(str(column.name), np.abs(values).max())
    return np.where(np.isnan(values), 0.0, values) + 0.0


def frame_of(
    columns: dict[str, Column],
    places: dict[str, Ints],
    kept: dict[str, pd.Series],
    numbers: dict[str, Array],
) -> pd.DataFrame:
    """The rows as a data frame, each column of the type that it has in memory (`kept`)."""
    made = {}
    for name, column in columns.items():
        if name in numbers:
            there = places[name] == column.size - 1
            whole = kept[name].dtype.kind in "iu" and bool(there.all())
            made[name] = pd.Series(np.where(there, numbers[name], np.nan).astype(np.int64 if whole else float))
            continue
        values = column.clean.to_numpy(object)[places[name]]
        empty = pd.isna(values)
        if kept[name].dtype.kind in "iuf":
            cells = np.where(empty, np.nan, values).astype(float)
            whole = kept[name].dtype.kind in "iu" and not empty.any()
            made[name] = pd.Series(cells.astype(np.int64) if whole else cells, name=name)
        else:
            made[name] = pd.Series(np.where(empty, None, values), dtype=kept[name].dtype, name=name)
    rows = len(next(iter(places.values()), np.zeros(0)))
    return pd.DataFrame(made, index=pd.RangeIndex(rows))
