"""A pass that counts by the pairs of cluster and group that hold anyone, where a table of all would be mostly empty."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, fields, replace
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.base.arrays import Array, weighted_count
from survey.base.codes import Ints
from survey.counting.paired import PairCells
from survey.counting.pairs import Pairs, summed
from survey.errors import EstimationError
from survey.responses import Responses
from survey.scanning.columns import small
from survey.scanning.passing import Block, Pass, Tally
from survey.scanning.question import Answers, Moments, Rows

__all__ = ["PairPass", "PairTally", "columns_of", "pair_bytes", "too_many"]

_WAIT = 1 << 18
"""Pairs that wait to be put together, at least."""
_COPIES = 3
"""Copies of the pairs while they are put together."""


def columns_of(counters: Sequence[Answers | Moments]) -> list[slice]:
    """Where the sums of each counter stand among all that are kept of a pair."""
    ends = np.cumsum([0, *(_width(counter) for counter in counters)]).tolist()
    return [slice(start, end) for start, end in pairwise(ends)]


def _width(counter: Answers | Moments) -> int:
    if isinstance(counter, Moments):
        return counter.width + 1
    return counter.slots * (2 if counter.squares else 1)


def pair_bytes(counters: Sequence[Answers | Moments]) -> int:
    """Bytes that a pair of cluster and group takes while it is counted."""
    return 8 * _COPIES * (1 + sum(map(_width, counters)))


def too_many(pairs: int, size: int, budget: int) -> EstimationError:
    """What is wrong where the pairs that occur take more memory than they may."""
    return EstimationError(
        "The counts of this question take more memory than they may.",
        where="memory=...",
        got=f"{size / 1e9:.3g} GB or more for {pairs:,} pairs of cluster and group",
        expected=f"at most {budget / 1e9:.3g} GB",
        fix="ask for fewer items or groups at a time, or give scan(...) or load_cells(...) more bytes by memory=",
    )


@dataclass
class PairTally(Tally):
    """What a pass counted by pairs: their sums side by side, as `columns_of` says; tables are not there.

    Parameters
    ----------
    keys : list of int arrays (pairs,)
        unit * (groups + 1) + group.
    values : list of arrays (pairs, sums)
    each, budget : int
        Bytes that a pair takes, and that all may take.
    margins : list of arrays (variables, groups, sums)
        Of each counter, answers first: what the weights were calibrated to, where they were.
    """

    keys: list[Ints] = field(default_factory=list)
    values: list[Array] = field(default_factory=list)
    each: int = 0
    budget: int = 0

    def __add__(self, other: Tally) -> PairTally:
        assert isinstance(other, PairTally)
        held = {name: n + other.held[name] for name, n in self.held.items()}
        missing = [one + more for one, more in zip(self.missing, other.missing, strict=True)]
        both = replace(
            self,
            rows=self.rows + other.rows,
            outside=self.outside + other.outside,
            sizes=self.sizes + other.sizes,
            held=held,
            missing=missing,
            keys=[*self.keys, *other.keys],
            values=[*self.values, *other.values],
        )
        both.settle()
        return both

    def settle(self, whole: bool = False) -> None:
        """Put pairs together that wait, where they are many or the `whole` is wanted.

        Raises
        ------
        EstimationError
            As soon as the pairs that occur take more than they may.
        """
        waiting = sum(map(len, self.keys[1:]))
        first = len(self.keys[0]) if self.keys else 0
        if not self.keys or not (whole or waiting > max(first, min(_WAIT, self.budget // max(self.each, 1)))):
            return
        key, at = np.unique(np.concatenate(self.keys), return_inverse=True)
        if len(key) * self.each > self.budget:
            raise too_many(len(key), len(key) * self.each, self.budget)
        self.keys, self.values = [key], [summed(at.reshape(-1), np.concatenate(self.values), len(key))]

    def cells(
        self,
        counter: Answers | Moments,
        at: slice,
        keep: NDArray[np.bool_],
        labels: pd.DataFrame,
        missing: Ints | None,
        margins: Array | None = None,
    ) -> PairCells:
        """The cells of a counter in the groups that are kept.

        Parameters
        ----------
        missing : int array (groups + 1,) or None
            Rows without an answer of all groups, where answers were counted.
        margins : array (variables, groups, sums) or None
        """
        self.settle(whole=True)
        groups = len(keep)
        key = self.keys[0] if self.keys else np.zeros(0, np.int64)
        values = self.values[0] if self.values else np.zeros((0, at.stop))
        unit, group = np.divmod(key, groups + 1)
        order = np.argsort(group, kind="stable")
        place = np.cumsum(keep) - 1
        pairs = Pairs(unit[order], place[group[order]], self._units, int(keep.sum()))
        own, sizes = values[order, at], self.sizes[:-1][keep]
        margins = None if margins is None else margins[:, keep]
        if isinstance(counter, Moments):
            n = np.rint(own[:, -1]).astype(np.int64)
            answered = pairs.over_units(n)
            sums, rest = own[:, :-1], sizes - answered
            return PairCells(counter.item, labels, None, pairs, sums, n, answered, rest, margins=margins)
        assert missing is not None
        none, slots = missing[:-1][keep], counter.slots
        squares = own[:, slots:] if counter.squares else None
        answers = np.arange(slots)
        sums, answered = own[:, :slots], sizes - none
        return PairCells(counter.item, labels, answers, pairs, sums, None, answered, none, squares, margins)

    _units: int = 0


@dataclass(frozen=True)
class PairPass(Pass):
    """Counters of one question, counted by pairs; see `Pass`.

    Parameters
    ----------
    budget : int
        Bytes that the pairs may take.
    """

    budget: int = 0

    def by_tables(self) -> Pass:
        """The same pass into whole tables."""
        return Pass(**{each.name: getattr(self, each.name) for each in fields(Pass)})

    @property
    def _of_numbers(self) -> list[Moments]:
        return [one for one in self.moments if isinstance(one, Moments)]

    def empty(self) -> PairTally:
        """Nothing counted yet."""
        g = len(self.groups)
        held = {name: np.zeros(column.size, np.int64) for name, column in self.columns.items()}
        missing = [np.zeros(g + 1, np.int64) for _ in self.answers]
        each = pair_bytes(self.summed)
        units = self.clusters.structure.units
        return PairTally(
            0, 0, np.zeros(g + 1, np.int64), held, [], [], missing, each=each, budget=self.budget, _units=units
        )

    def _count_moments(
        self, responses: Responses, weights: Array, unit: Ints, grouping: Any, tally: Tally, block: Block
    ) -> None:
        """Keep the moments of a batch until the block is counted."""
        rows = Rows(responses, replace(self.clusters.structure, weights=weights, unit=unit), grouping)
        made = [counter.make(rows) for counter in self._of_numbers]
        block.moments.append(np.stack([column for columns in made for column in columns], axis=1))

    def _flush(
        self, block: Block, tally: Tally, slots: list[Ints], pool: ThreadPoolExecutor, before: list[Future[None]]
    ) -> list[Future[None]]:
        """Count a block by its pairs."""
        assert isinstance(tally, PairTally)
        place, group = np.concatenate(block.place).astype(np.int64), np.concatenate(block.group)
        inside = np.flatnonzero(group < len(self.groups))
        weights = np.concatenate(block.weights)
        key, at = np.unique(place[inside], return_inverse=True)
        at, w, size = at.reshape(-1), weights[inside], len(key)
        parts = []
        for i, counter in enumerate(self.answers):
            look, codes = slots[i], np.concatenate(block.codes[counter.item])
            tally.held[counter.item] += np.bincount(codes, minlength=len(look))
            slot = look.astype(small(counter.slots + 1)).take(codes[inside])
            wide = counter.slots + 1
            both = at * wide + slot
            parts.append(weighted_count(both, w, size * wide).reshape(size, wide)[:, :-1])
            if counter.squares:
                parts.append(weighted_count(both, w**2, size * wide).reshape(size, wide)[:, :-1])
            none = (look >= len(counter.answers))[codes]
            tally.missing[i] += np.bincount(group[none], minlength=len(self.groups) + 1)
        if self.moments:
            made, start = np.concatenate(block.moments)[inside], 0
            for moments in self._of_numbers:
                own = made[:, start : start + moments.width]
                start += moments.width
                valid = ~np.isnan(own).any(axis=1)
                here = at[valid]
                parts += [weighted_count(here, (w * column)[valid], size)[:, None] for column in own.T]
                parts.append(np.bincount(here, minlength=size).astype(float)[:, None])
        for name in set(self.columns) - {counter.item for counter in self.answers}:
            for codes in block.codes[name]:
                tally.held[name] += np.bincount(codes, minlength=self.columns[name].size)
        tally.keys.append(key)
        tally.values.append(np.concatenate(parts, axis=1) if parts else np.zeros((size, 0)))
        tally.settle()
        return []
