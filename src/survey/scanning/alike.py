"""Respondents who are alike in all that a verb looks at, as one row: a sample for the verbs that need more than sums.

Rows are counted by cluster and by what stands in a few columns, all combinations that occur. A row of the result has
the weights of its people together, the sum of their squares and their number, so that the estimators of `Sample` give
what they give of the people themselves. There are never more rows than people, and of scales and groups far fewer.
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
from survey.scanning.columns import KINDS, Column
from survey.scanning.first_pass import Clusters, weights_in
from survey.scanning.passing import places_of
from survey.scanning.steps import Steps

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Alike", "AlikePass", "frame_of", "missing_of"]

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
    strays : frozenset of str
        Columns that held what they did not hold before.
    """

    key: list[Ints]
    sums: list[Array]
    strays: frozenset[str] = frozenset()

    def __add__(self, other: Alike) -> Alike:
        both = Alike([*self.key, *other.key], [*self.sums, *other.sums], self.strays | other.strays)
        return both.together() if sum(map(len, both.key)) > _MOST else both

    def together(self) -> Alike:
        """Every combination once, in order."""
        if not self.key:
            return Alike([np.zeros(0, np.int64)], [np.zeros((3, 0))], self.strays)
        key, place = np.unique(np.concatenate(self.key), return_inverse=True)
        parts = np.concatenate(self.sums, axis=1)
        sums = np.stack([weighted_count(place, part, len(key)) for part in parts])
        return Alike([key], [sums], self.strays)


@dataclass(frozen=True)
class AlikePass:
    """What says of each row with whom it is alike; see `survey.scanning.passing.Pass`."""

    steps: Steps
    design: Design
    clusters: Clusters
    columns: dict[str, Column]
    everyone: bool = False

    @property
    def reads(self) -> list[str]:
        """Columns of the source that are read."""
        return list(dict.fromkeys((*self.steps.read(list(self.columns)), *self.design.columns)))

    def count(self, batches: Iterable[pa.RecordBatch]) -> Alike:
        """Put together who is alike.

        A weight of 0 stands for no one, in no group: such rows are left out, or stand apart where `everyone` is asked.
        """
        found, start = Alike([], []), 0
        for batch in batches:
            weights = weights_in(batch, self.design, self.steps, start)
            key = self.clusters.unit(batch, self.design, self.steps, start)
            places, _ = places_of(batch, self.columns, self.steps, start)
            strays = set()
            for name, place in places.items():
                size = self.columns[name].size
                if (place == size - 1).any():
                    strays.add(name)
                key = key * size + place
            start += batch.num_rows
            if self.everyone:
                key = 2 * key + (weights > 0)
            elif weights.min(initial=1.0) <= 0:
                key, weights = key[weights > 0], weights[weights > 0]
            sums = np.stack([weights, weights**2, np.ones(len(weights))])
            found += Alike([key], [sums], frozenset(strays)).together()
        return found

    def rows(self, alike: Alike) -> tuple[Ints, dict[str, Ints]]:
        """Of each combination its cluster, and the place in each column."""
        key, places = alike.together().key[0] // (2 if self.everyone else 1), {}
        for name, column in reversed(self.columns.items()):
            key, places[name] = np.divmod(key, column.size)
        return key, {name: places[name] for name in self.columns}


def missing_of(columns: dict[str, Column], places: dict[str, Ints]) -> pd.DataFrame:
    """Why there is no answer, of the columns that have reasons."""
    made = {}
    for name, column in columns.items():
        kind = np.where(column.kinds < KINDS - 1, column.kinds + 1, 0).astype(np.uint8)
        made[name] = kind[places[name]]
    return pd.DataFrame(made, index=pd.RangeIndex(len(next(iter(places.values()), np.zeros(0)))), dtype=np.uint8)


def frame_of(columns: dict[str, Column], places: dict[str, Ints], kept: dict[str, pd.Series]) -> pd.DataFrame:
    """The rows as a data frame, each column of the type that it has in memory (`kept`)."""
    made = {}
    for name, column in columns.items():
        values = column.clean.to_numpy(object)[places[name]]
        empty = pd.isna(values)
        if kept[name].dtype.kind in "iuf":
            numbers = np.where(empty, np.nan, values).astype(float)
            whole = kept[name].dtype.kind in "iu" and not empty.any()
            made[name] = pd.Series(numbers.astype(np.int64) if whole else numbers, name=name)
        else:
            made[name] = pd.Series(np.where(empty, None, values), dtype=kept[name].dtype, name=name)
    rows = len(next(iter(places.values()), np.zeros(0)))
    return pd.DataFrame(made, index=pd.RangeIndex(rows))
