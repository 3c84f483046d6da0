"""The seam where another engine can count: a source delivers batches, one kernel counts a batch, and cells add.

A source may be a frame in memory, the files of a folder or the result of a query; it says for some of its rows in
which unit and group they are, what they weigh and what they answered. What it does not need is all rows at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import Any, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.base.arrays import Array, tallied, weighted_count
from survey.counting.cells import Cells
from survey.design.coded_design import Ints
from survey.errors import EstimationError

__all__ = ["Batch", "Layout", "Source", "count", "count_batch", "without_rows"]

_CHUNK = 65_536
"""Rows of a batch that are worked on at a time, so that passes stay in the processor's cache."""


@dataclass(frozen=True, slots=True)
class Layout:
    """What an item is counted into, the same for every batch: cells of the same layout add.

    Parameters
    ----------
    item : str
    groups : DataFrame (groups, by)
    answers : array (answers,)
    units : int
    by_unit : bool
        Whether rows are counted by unit too (`Cells.n`), or by group alone, in a table that stays in the processor's
        cache: weights of the rows in groups are positive, so their sums show which clusters have members.
    squares : bool
        Whether squares of weights are summed (`Cells.squares`).
    """

    item: str
    groups: pd.DataFrame
    answers: NDArray[Any]
    units: int
    by_unit: bool = True
    squares: bool = True


@dataclass(frozen=True, slots=True)
class Batch:
    """Some rows of a source, coded.

    Parameters
    ----------
    weights : array (rows,)
    place : int array (rows,)
        Unit and group of each row in one number: unit * (groups + 1) + group.
    group : int array (rows,) or None
        Group of each row, `groups` for rows in none; None where there is one group and everybody is in it.
    sizes : int array (groups + 1,) or None
        Rows of each group, those in none last; counted from `group` where they are not given.
    codes : dict of item to int array (rows,)
        Answers as 0..k-1, k where there is none.
    people, squares : arrays (rows,) or None
        As `CodedDesign.people` and `CodedDesign.squared`.
    """

    weights: Array
    place: Ints
    group: Ints | None
    codes: Mapping[str, NDArray[Any]]
    sizes: Ints | None = None
    people: Ints | None = None
    squares: Array | None = None


class Source(Protocol):
    """Where rows are."""

    def batches(self, items: Sequence[str]) -> Iterable[Batch]:
        """All rows once, with the answers to these items, in batches whose order does not change."""
        ...


def count(
    source: Source, layouts: Sequence[Layout], over: Callable[[Any, Iterable[Batch]], Iterable[list[Cells]]] = map
) -> list[Cells]:
    """Count the items of a source in one pass; batches are added in their order, so that sums are always the same.

    Parameters
    ----------
    over : function of a function and batches, optional
        How batches are gone through: `map`, or what does the same in threads.
    """

    def counted(batch: Batch) -> list[Cells]:
        return [count_batch(layout, batch) for layout in layouts]

    def plus(one: list[Cells], other: list[Cells]) -> list[Cells]:
        return list(map(add, one, other))

    return reduce(plus, over(counted, source.batches([layout.item for layout in layouts])))


def count_batch(layout: Layout, batch: Batch) -> Cells:
    """Count one item of one batch by unit, group and answer."""
    units, g, k = layout.units, len(layout.groups), len(layout.answers)
    code = batch.codes[layout.item]
    key = np.empty(len(code), np.int64)
    for start in range(0, len(code), _CHUNK):
        at = slice(start, start + _CHUNK)
        np.multiply(batch.place[at], k + 1, out=key[at])
        key[at] += code[at]
    shape, size = (units, g + 1, k + 1), units * (g + 1) * (k + 1)
    sums = weighted_count(key, batch.weights, size).reshape(shape)[:, :g, :k]
    squares = n = n_answers = n_answered = None
    if layout.squares:
        squares = weighted_count(key, batch.weights**2 if batch.squares is None else batch.squares, size).reshape(
            shape
        )[:, :g, :k]
    if layout.by_unit:
        by_unit = tallied(key, batch.people, size).reshape(shape)[:, :g]
        n, by_group = by_unit[:, :, :k].sum(axis=2), by_unit.sum(axis=0)
        n_answers, n_missing = by_group[:, :k], by_group[:, k]
    else:
        sizes, n_missing = _sizes(batch, g), _unanswered(batch, code, g, k)
        n_answered = sizes - n_missing
    return Cells(layout.item, layout.groups, layout.answers, sums, n, n_missing, squares, n_answers, n_answered)


def _sizes(batch: Batch, groups: int) -> Ints:
    """Rows of each group: (groups,)."""
    if batch.group is None:
        return np.array([len(batch.weights) if batch.people is None else batch.people.sum()])
    return (tallied(batch.group, batch.people, groups + 1) if batch.sizes is None else batch.sizes)[:groups]


def _unanswered(batch: Batch, code: NDArray[Any], groups: int, none: int) -> Ints:
    """Rows of each group without an answer: (groups,)."""
    at = np.flatnonzero(code == none)
    people = None if batch.people is None else batch.people[at]
    if batch.group is None:
        return np.array([len(at) if people is None else people.sum()])
    return tallied(batch.group[at], people, groups + 1)[:groups]


def without_rows(item: str) -> EstimationError:
    """What is wrong where rows are needed, and the source of an item's counts has none to give."""
    return EstimationError(
        "This needs respondent-level rows, but the source provides only counts.",
        where=item,
        got="counts from a source without rows",
        expected="rows in memory, as for calibrated weights or where respondents are the sampled units",
        fix="read the data into memory, or name clusters and use uncalibrated weights",
    )
