"""What a rank test or a trend is of: an item's numbers, counts of answers or rank scores, counted by group once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.base.arrays import Array, weighted_count
from survey.codebook.ordered import order_call, refuse_names
from survey.codebook.told import describe_values
from survey.compare.joint import pair_rows, pairs, rows_needed
from survey.core.columns import numeric
from survey.core.sample_data import SampleData
from survey.counting.cells import Cells, Coded, Grouping, code_answers
from survey.counting.memory import ItemRows, count_moments
from survey.errors import EstimationError
from survey.estimation.answer_sets import counted_answers, has_order
from survey.estimation.estimators import MEAN, Estimator
from survey.estimation.items import answers_of, column_of, count_item, numbers_of
from survey.estimation.linearize import LinearizedItem

__all__ = ["SLOPE", "Outcome", "number_outcome", "rank_outcome", "share_outcome"]


def _slope(sums: Array) -> Array:
    """Slope of y on x from sums of (1, x, y, x squared, x y)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        x, y = sums[:, 1] / sums[:, 0], sums[:, 2] / sums[:, 0]
        return np.asarray((sums[:, 4] / sums[:, 0] - x * y) / (sums[:, 3] / sums[:, 0] - x * x))[:, None]


def _slope_gradient(sums: Array) -> Array:
    with np.errstate(divide="ignore", invalid="ignore"):
        x, y = sums[:, 1] / sums[:, 0], sums[:, 2] / sums[:, 0]
        spread, b = sums[:, 3] - x * sums[:, 1], _slope(sums)[:, 0]
        parts = np.stack([x * y - b * x * x, 2 * b * x - y, -x, -b, np.ones(len(sums))], axis=1)
        return np.asarray(parts / spread[:, None])[:, None]


SLOPE = Estimator("slope", 0, _slope, _slope_gradient, lambda sums, n: np.full((len(sums), 1), np.nan))
"""Slope of the weighted regression of y on x; features (1, x, y, x squared, x y)."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Numbers that respondents stand for in a comparison, counted by group.

    Parameters
    ----------
    counts : Cells
        By group, of answers or of the moments (1, y, y squared).
    grouping : Grouping
    coded : Coded or None
        The answers; None where moments are counted.
    value : array (answers,)
        The number of each answer.
    moments : tuple of arrays (rows,)
        Empty where answers are counted.
    pivot : float
        What was taken off the numbers that moments are of, to keep their digits.
    """

    counts: Cells
    grouping: Grouping
    coded: Coded | None
    value: Array
    moments: tuple[Array, ...] = ()
    pivot: float = 0.0

    @property
    def sums(self) -> Array:
        """Weighted sums of (1, y, y squared) in each group: (groups, 3)."""
        totals = np.einsum("ugb->gb", self.counts.sums)
        return totals if self.coded is None else np.asarray(totals @ self._powers)

    @property
    def spread(self) -> float:
        """Weighted variance of the numbers over everybody."""
        one, first, second = self.sums.sum(axis=0)
        return float(max(second / one - (first / one) ** 2, 0.0))

    @property
    def _powers(self) -> Array:
        return np.stack([np.ones(len(self.value)), self.value, self.value**2], axis=1)

    def means(self) -> LinearizedItem:
        """The mean of each group."""
        rows = ItemRows(self.grouping, self.coded, self.moments)
        piece = LinearizedItem.of(MEAN, self.counts, rows, None if self.coded is None else self._powers)
        piece.estimate[...] += self.pivot
        return piece

    def slope(self, x: Array, whole: Grouping, sample: SampleData, variance: str | None) -> LinearizedItem:
        """The slope of the numbers on scores x (groups,) of the groups, over everybody."""
        x = x - (x.min() + x.max()) / 2
        needed = rows_needed(sample, variance)
        if self.coded is not None:
            y = self.value - (self.value.min() + self.value.max()) / 2
            by_pair = [np.ones((len(x), len(y))), x[:, None] + 0 * y, 0 * x[:, None] + y]
            by_pair += [by_pair[1] ** 2, by_pair[1] * by_pair[2]]
            features = np.stack([part.ravel() for part in by_pair], axis=1)
            cells = pairs(self.counts, np.arange(len(features)))
            own = pair_rows(self.grouping, whole, self.coded) if needed else None
            return LinearizedItem.of(SLOPE, cells, own, features)
        one, first, _ = (self.counts.sums[:, :, b] for b in range(3))
        parts = [one.sum(axis=1), one @ x, first.sum(axis=1), one @ x**2, first @ x]
        cells = pairs(self.counts, None)
        cells = Cells(
            cells.item, cells.groups, None, np.stack(parts, axis=1)[:, None], cells.n, cells.n_missing,
            n_answered=cells.n_answered,
        )  # fmt: skip
        rows = None
        if needed:
            own_x, y = np.append(x, 0.0)[self.grouping.code], self.moments[1]
            rows = ItemRows(whole, None, (self.moments[0], own_x, y, own_x**2, own_x * y))
        return LinearizedItem.of(SLOPE, cells, rows)


def _by_answer(sample: SampleData, name: str, grouping: Grouping) -> Coded | None:
    """The answers to an item of numbers where they are few enough to be counted one by one."""
    column = column_of(sample, name)
    values = column if pd.api.types.is_numeric_dtype(column.dtype) else pd.Series(numbers_of(sample, name))
    coded = code_answers(values, None, required=False)
    if coded is None or not len(coded.answers):
        return None
    size = sample.structure.units * (len(grouping) + 1) * (len(coded.answers) + 1)
    return coded if size <= max(4 * sample.structure.rows, 100_000) else None


def number_outcome(sample: SampleData, name: str, grouping: Grouping) -> Outcome:
    """The numbers of an item as they are."""
    y = numbers_of(sample, name)
    coded = _by_answer(sample, name, grouping)
    if coded is not None:
        return _of_answers(sample, name, grouping, coded, np.asarray(coded.answers, dtype=float))
    return _of_rows(sample, name, grouping, y)


def share_outcome(sample: SampleData, name: str, grouping: Grouping, asked: Mapping[str, Any]) -> Outcome:
    """1 for the answers counted, 0 for the others; -1 for the lower side of a net share."""
    coded = answers_of(sample, name)
    hit, _ = counted_answers(sample, name, coded, asked)
    return _of_answers(sample, name, grouping, coded, hit)


def rank_outcome(
    sample: SampleData, name: str, grouping: Grouping, score: Callable[[Array], Array], row_order: bool = False
) -> Outcome:
    """Scores of the ranks of the answers in the population of all groups together.

    Parameters
    ----------
    score : function of ranks in 0-1
        What a rank counts for.
    row_order : bool
        Ranks of equal answers as in R's svyranktest: cumulated row by row and averaged over rows, so that they depend
        on the order of the rows. Otherwise the middle of their weights.

    Raises
    ------
    EstimationError
        If the answers have no order.
    """
    coded: Coded | None
    column = column_of(sample, name)
    if numeric(column) is None:
        _refuse_unordered(sample, name, column)
        coded = answers_of(sample, name)
        y = np.append(np.arange(len(coded.answers), dtype=float), np.nan)[coded.code]
    else:
        y = numbers_of(sample, name)
        coded = _by_answer(sample, name, grouping)
    inside = np.flatnonzero((grouping.code < len(grouping)) & ~np.isnan(y))
    weights = sample.structure.weights[inside]
    if coded is not None:
        place = np.asarray(coded.code[inside], dtype=np.int64)
        ranks = _ranks(place, weights, len(coded.answers), row_order)
        return _of_answers(sample, name, grouping, coded, score(ranks))
    values, place = np.unique(y[inside], return_inverse=True)
    ranks = _ranks(place, weights, len(values), row_order)
    scores = np.full(len(y), np.nan)
    scores[inside] = score(ranks)[place]
    return _of_rows(sample, name, grouping, scores)


def _ranks(place: NDArray[np.int64], weights: Array, k: int, row_order: bool) -> Array:
    """Share of the weights below each of k values, and half of those equal to it: (k,).

    Lumley & Scott (2013): the estimated distribution function, in its middle where it jumps.
    """
    weight = weighted_count(place, weights, k)
    below = np.cumsum(weight) - weight
    half = weight / 2
    if row_order:
        order = np.argsort(place, kind="stable")
        reached = np.cumsum(weights[order]) - weights[order] / 2
        n = np.bincount(place, minlength=k)
        half = weighted_count(place[order], reached, k) / np.maximum(n, 1) - below
    return np.asarray((below + half) / weight.sum())


def _of_answers(sample: SampleData, name: str, grouping: Grouping, coded: Coded, value: Array) -> Outcome:
    return Outcome(count_item(sample, name, grouping, coded), grouping, coded, value)


def _of_rows(sample: SampleData, name: str, grouping: Grouping, y: Array) -> Outcome:
    inside = (grouping.code < len(grouping)) & ~np.isnan(y)
    pivot = float(y[inside].mean()) if inside.any() else 0.0
    y = y - pivot
    moments = (np.where(np.isnan(y), np.nan, 1.0), y, y * y)
    counts = count_moments(name, sample.structure, grouping, moments)
    return Outcome(counts, grouping, None, np.zeros(0), moments, pivot)


def _refuse_unordered(sample: SampleData, name: str, column: pd.Series) -> None:
    """Raise for answers in words whose order nobody declared."""
    variable = sample.codebook.variables.get(name)
    refuse_names(variable, column, name)
    if not has_order(sample, name):
        raise EstimationError(
            "An item's answers have no order, so they have no ranks.",
            where=name,
            got=describe_values(column.dropna().unique(), variable, column=column),
            expected="an ordinal item of the codebook, numbers, or an ordered category",
            fix=f"use independence, or put them in order with {order_call(variable) or 'set_scale(...)'} "
            "before sv.Sample(...)",
        )
