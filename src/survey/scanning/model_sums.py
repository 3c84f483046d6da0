"""What passes over the rows of a model add up: who is in it, its matrix, its likelihood, and its influence values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.base.arrays import Array, weighted_count
from survey.base.codes import Ints
from survey.calibration.logistic import place_of, signed_rows
from survey.models.fitting import Moved, Solution, Triangle
from survey.scanning import held
from survey.scanning.model_batches import Part
from survey.words.behind import RowCounts

__all__ = [
    "Climb",
    "Combinations",
    "Conditions",
    "Facts",
    "FactsOf",
    "Having",
    "People",
    "Scores",
    "Separated",
    "Shape",
    "ShapeOf",
]

_KEPT = 5_000
_MOST_OUTCOMES = 64
_WORST = 200
"""Rows of a piece that contradict a separation and are kept."""


@dataclass(frozen=True)
class Facts:
    """Who is in a model.

    Parameters
    ----------
    n : int array (units,)
    weight : float
        The sum of their weights.
    held : dict of column to dict of value to int, or None
        People of each value; None of very many values.
    rows, weights : DataFrame (kept, variables), array (kept,)
        Some of them, as many from everywhere: one of `stride`.
    """

    n: Ints
    weight: float
    held: dict[str, dict[Any, int] | None]
    rows: pd.DataFrame
    weights: Array
    stride: int

    def __add__(self, other: Facts) -> Facts:
        stride = max(self.stride, other.stride)
        frames, weights = [], []
        for one in (self, other):
            step = stride // one.stride
            frames.append(one.rows.iloc[::step])
            weights.append(one.weights[::step])
        rows, own = pd.concat(frames, ignore_index=True), np.concatenate(weights)
        if len(rows) > 2 * _KEPT:
            stride, rows, own = 2 * stride, rows.iloc[::2], own[::2]
        counts = {name: _together(one, other.held[name]) for name, one in self.held.items()}
        return Facts(self.n + other.n, self.weight + other.weight, counts, rows, own, stride)


def _together(one: dict[Any, int] | None, other: dict[Any, int] | None) -> dict[Any, int] | None:
    if one is None or other is None:
        return None
    both = dict(one)
    for value, n in other.items():
        both[value] = both.get(value, 0) + n
    return None if len(both) > held.MOST_VALUES else both


@dataclass(frozen=True)
class FactsOf:
    """Facts of a part; columns that are known to have very `many` values are not counted."""

    units: int
    many: tuple[str, ...]

    def __call__(self, part: Part) -> Facts:
        stride = 1
        while len(part) > 2 * _KEPT * stride:
            stride *= 2
        counts: dict[str, dict[Any, int] | None] = {}
        for name in part.frame.columns:
            if name in self.many:
                counts[name] = None
                continue
            code, labels = pd.factorize(part.frame[name])
            n = np.bincount(code, minlength=len(labels)).tolist()
            few = len(labels) <= held.MOST_VALUES
            counts[name] = dict(zip(list(labels), n, strict=True)) if few else None
        n = np.bincount(part.unit, minlength=self.units)
        rows, weights = part.frame.iloc[::stride], part.weights[::stride]
        return Facts(n, float(part.weights.sum()), counts, rows, weights, stride)


@dataclass(frozen=True)
class Shape:
    """What must be known of a matrix before a model is fitted to it.

    Parameters
    ----------
    undefined : bool array (columns + 1,)
        Columns with numbers that are none, the outcome last.
    largest : array (columns + 1,)
    squares : array (columns,)
        Sums of w x^2.
    sizes : array (columns,)
        Sums of w |x| of the columns that were moved.
    triangle : Triangle
        Of the columns that were moved.
    there : array (columns,)
        People whose value is not 0.
    outcomes : array
        Different values of the outcome, as far as they are few.
    """

    undefined: NDArray[np.bool_]
    largest: Array
    squares: Array
    sizes: Array
    triangle: Triangle
    there: Ints
    outcomes: Array

    def __add__(self, other: Shape) -> Shape:
        return Shape(
            self.undefined | other.undefined,
            np.maximum(self.largest, other.largest),
            self.squares + other.squares,
            self.sizes + other.sizes,
            self.triangle + other.triangle,
            self.there + other.there,
            np.unique(np.concatenate([self.outcomes, other.outcomes]))[:_MOST_OUTCOMES],
        )


@dataclass(frozen=True)
class ShapeOf:
    """The shape of a part."""

    moved: Moved
    about: float

    def __call__(self, part: Part, y: Array, x: Array) -> Shape:
        both = np.column_stack([x, y])
        undefined = np.asarray(~np.isfinite(both).all(axis=0))
        if undefined.any():
            both = np.where(np.isfinite(both), both, 0.0)
            x, y = both[:, :-1], both[:, -1]
        w = part.weights
        root = np.sqrt(w)
        with np.errstate(over="ignore", invalid="ignore"):
            values = self.moved.columns(x)
            return Shape(
                undefined,
                np.abs(both).max(axis=0),
                w @ x**2,
                w @ np.abs(values),
                Triangle.of(values * root[:, None], (y - self.about) * root),
                np.asarray(np.count_nonzero(x, axis=0), np.int64),
                np.unique(y)[:_MOST_OUTCOMES],
            )


@dataclass(frozen=True)
class Climbed:
    """The likelihood at some coefficients; see `survey.calibration.logistic.Place`."""

    value: float
    score: Array
    information: Array
    farthest: float

    def __add__(self, other: Climbed) -> Climbed:
        return Climbed(
            self.value + other.value,
            self.score + other.score,
            self.information + other.information,
            max(self.farthest, other.farthest),
        )


@dataclass(frozen=True)
class Climb:
    """The likelihood of a part at some coefficients of columns that were moved; weights add up to 1 over all."""

    moved: Moved
    beta: Array
    weight: float

    def __call__(self, part: Part, y: Array, x: Array) -> Climbed:
        values = self.moved.columns(x)
        place = place_of(values, y, part.weights / self.weight, self.beta)
        farthest = float(np.abs(values @ self.beta).max(initial=0.0))
        return Climbed(place.value, place.score, place.information(), farthest)


@dataclass(frozen=True)
class Sums:
    """Sums by unit (units, statistics), and by what weights were adjusted by (cells, statistics); counts of rows."""

    by_unit: Array
    by_cell: Array
    counts: RowCounts

    def __add__(self, other: Sums) -> Sums:
        return Sums(self.by_unit + other.by_unit, self.by_cell + other.by_cell, self.counts + other.counts)


@dataclass(frozen=True)
class Scores:
    """Sums of the influence values of a part, and behind them of what cancels in these."""

    solution: Solution
    units: int
    cells: int
    names: tuple[str, ...]

    def __call__(self, part: Part, y: Array, x: Array) -> Sums:
        both = np.hstack(self.solution.influence(y, x)) * part.weights[:, None]
        by_cell = np.zeros((0, both.shape[1])) if part.cell is None else _summed(part.cell, self.cells, both)
        return Sums(_summed(part.unit, self.units, both), by_cell, RowCounts.of(x, self.names))


def _summed(key: Ints, size: int, values: Array) -> Array:
    return np.stack([weighted_count(key, column, size) for column in values.T], axis=1)


@dataclass(frozen=True)
class Combinations:
    """Which combinations of some columns occur."""

    names: tuple[str, ...]

    def __call__(self, part: Part) -> Set:
        return Set(frozenset(part.frame[list(self.names)].drop_duplicates().itertuples(index=False, name=None)))


@dataclass(frozen=True)
class Set:
    """A set, which adds."""

    found: frozenset[Any] = field(default_factory=frozenset)

    def __add__(self, other: Set) -> Set:
        return Set(self.found | other.found)


@dataclass(frozen=True)
class Having:
    """People who have all of some values, by column."""

    values: Mapping[str, Any]

    def __call__(self, part: Part) -> People:
        have = np.all([(part.frame[name] == value).to_numpy(bool) for name, value in self.values.items()], axis=0)
        return People(int(have.sum()))


@dataclass(frozen=True)
class People:
    """A number of people, which adds."""

    n: int

    def __add__(self, other: People) -> People:
        return People(self.n + other.n)


@dataclass(frozen=True)
class Kept:
    """Conditions of separation: their sum over all rows, how many rows, and those that contradict a direction most."""

    sums: Array
    n: int
    worst: Array

    def __add__(self, other: Kept) -> Kept:
        return Kept(self.sums + other.sums, self.n + other.n, np.vstack([self.worst, other.worst]))


@dataclass(frozen=True)
class Conditions:
    """Conditions of separation of a part; those that a direction breaks are kept."""

    length: Array
    direction: Array

    def __call__(self, part: Part, y: Array, x: Array) -> Kept:
        signed = signed_rows(y, x, self.length)
        told = signed @ self.direction
        broken = np.flatnonzero(told < -1e-9 * np.abs(self.direction).sum())
        worst = broken[np.argsort(told[broken], kind="stable")[:_WORST]]
        return Kept(signed.sum(axis=0), len(signed), signed[worst])


@dataclass(frozen=True)
class Apart:
    """The largest score, and people apart from 0 with an outcome of 1 and of 0."""

    largest: float
    n: Ints

    def __add__(self, other: Apart) -> Apart:
        return Apart(max(self.largest, other.largest), self.n + other.n)


@dataclass(frozen=True)
class Separated:
    """People whom a direction sets apart by more than `least`."""

    direction: Array
    least: float

    def __call__(self, part: Part, y: Array, x: Array) -> Apart:
        score = np.abs(x @ self.direction)
        apart = score > self.least
        return Apart(float(score.max(initial=0.0)), np.array([(apart & (y == value)).sum() for value in (1.0, 0.0)]))
