"""Which units and groups meet at all: where there are thousands of both, most pairs of them hold no one.

A table of 5,000 units by 5,000 groups has 25 million places, of which a million respondents fill one million at most.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from survey.base.arrays import Array, weighted_count
from survey.base.codes import Ints
from survey.counting.cells import Grouping
from survey.design.coded_design import CodedDesign

__all__ = ["Pairs", "large", "mostly_empty", "pairs_of", "summed"]

_DENSE = 1 << 20
"""Places of a table (units x groups) up to which it is kept whole."""
_EMPTY = 4
"""A larger table is kept by its pairs where this times as many places are empty or more."""


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Pairs of a unit and a group, each once, by group and then by unit.

    Parameters
    ----------
    unit, group : int arrays (pairs,)
    units, groups : int
        How many there are of each, whether they are in a pair or not.
    row : int array (rows,) or None
        The pair of each row, `len(pairs)` of rows in no group; None where rows were counted and not kept.
    """

    unit: Ints
    group: Ints
    units: int
    groups: int
    row: Ints | None = None

    def __len__(self) -> int:
        return len(self.unit)

    @classmethod
    def of_rows(cls, unit: Ints, group: Ints, units: int, groups: int) -> Pairs:
        """The pairs that rows are in; `group` is `groups` for rows in none."""
        key = group * np.int64(units)
        key += unit
        if (groups + 1) * units < 2**31:
            key = key.astype(np.int32)
        found, row = np.unique(key, return_inverse=True)
        found = found[: np.searchsorted(found, groups * units)].astype(np.int64)
        of_group, of_unit = np.divmod(found, units)
        return cls(of_unit, of_group, units, groups, np.minimum(row.reshape(-1), len(found)))

    @property
    def starts(self) -> Ints:
        """Where the pairs of each group begin, and where the last end: (groups + 1,)."""
        return np.searchsorted(self.group, np.arange(self.groups + 1))

    def over_units(self, values: NDArray[Any]) -> NDArray[Any]:
        """Sums over the units of each group of values (pairs, ...): (groups, ...)."""
        starts = self.starts
        some = np.flatnonzero(np.diff(starts))
        out = np.zeros((self.groups, *values.shape[1:]), np.int64 if values.dtype == bool else values.dtype)
        if len(some):
            out[some] = np.add.reduceat(values, starts[some], axis=0, dtype=out.dtype)
        return out

    def table(self, values: NDArray[Any], groups: Ints | None = None) -> NDArray[Any]:
        """Values (pairs, ...) in a table of all units by some groups, in order: (units, groups, ...)."""
        if groups is None:
            out = np.zeros((self.units, self.groups, *values.shape[1:]), values.dtype)
            out[self.unit, self.group] = values
            return out
        place = np.full(self.groups, -1)
        place[groups] = np.arange(len(groups))
        own = place[self.group]
        inside = np.flatnonzero(own >= 0)
        out = np.zeros((self.units, len(groups), *values.shape[1:]), values.dtype)
        out[self.unit[inside], own[inside]] = values[inside]
        return out

    def in_clusters(self, cluster: Ints, clusters: int) -> tuple[Pairs, Ints]:
        """Pairs of a larger unit, in which a unit lies by `cluster` (units,), and which of them each pair is in."""
        if clusters == self.units and np.array_equal(cluster, np.arange(clusters)):
            return self, np.arange(len(self))
        found, at = np.unique(self.group * np.int64(clusters) + cluster[self.unit], return_inverse=True)
        group, unit = np.divmod(found, clusters)
        return Pairs(unit, group, clusters, self.groups), at.reshape(-1)


def summed(at: Ints, values: NDArray[Any], size: int) -> Array:
    """Sums of values (n, ...) by `at` (n,): (size, ...)."""
    if len(at) == size and np.array_equal(at, np.arange(size)):
        return values.astype(float, copy=False)
    flat = values.reshape(len(values), -1)
    out = np.stack([weighted_count(at, column.astype(float), size) for column in flat.T], axis=1)
    return out.reshape(size, *values.shape[1:])


def large(units: int, groups: int) -> bool:
    """Whether a table of units by groups is so large that its empty places matter."""
    return units * (groups + 1) > _DENSE


def mostly_empty(units: int, groups: int, rows: int) -> bool:
    """Whether rows cannot fill more than a small part of a large table of units by groups."""
    return large(units, groups) and rows * _EMPTY <= units * (groups + 1)


def pairs_of(structure: CodedDesign, grouping: Grouping) -> Pairs | None:
    """The pairs that hold anyone, where they are few of very many; None where a whole table is no waste.

    Found once for all items of a grouping.
    """
    found: Pairs | None = grouping.kept("pairs", lambda: _found(structure, grouping))
    return found


def _found(structure: CodedDesign, grouping: Grouping) -> Pairs | None:
    units, groups = structure.units, len(grouping)
    places = units * (groups + 1)
    if not large(units, groups):
        return None
    if not mostly_empty(units, groups, structure.rows):
        there = np.zeros(places, bool)
        there[grouping.place] = True
        if np.count_nonzero(there) * _EMPTY > places:
            return None
    return Pairs.of_rows(structure.unit, grouping.code, units, groups)
