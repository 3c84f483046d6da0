"""Means of items whose scale is stretched to other ends: 1-5 onto 0-100."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from survey.base.arrays import Array
from survey.codebook.ordered import refuse_names
from survey.core.sample_data import SampleData
from survey.counting.cells import Coded, Grouping
from survey.counting.memory import ItemRows
from survey.errors import EstimationError, shorten
from survey.estimation.estimators import MEAN, Estimator
from survey.estimation.items import answers_of, column_of, count_pairs, known_scale, pivoted
from survey.estimation.linearize import LinearizedItem

__all__ = ["score_counter", "stretched"]


def score_counter(
    sample: SampleData, name: str, ends: tuple[float, float], estimator: Estimator = MEAN
) -> Callable[[Grouping], LinearizedItem]:
    """What counts a mean with the item's scale stretched to `ends`, 1-5 onto 0-100, in any groups."""
    coded, value = stretched(sample, name, ends)

    def count(grouping: Grouping) -> LinearizedItem:
        return pivoted(estimator, value, count_pairs(sample, name, grouping, coded), ItemRows(grouping, coded))

    return count


def stretched(sample: SampleData, name: str, ends: tuple[float, float]) -> tuple[Coded, Array]:
    """The answers to an item, and where each stands on a scale with these ends: (answers,).

    Raises
    ------
    EstimationError
        If there are no two ends, or those of the item's own scale are unknown.
    """
    try:
        bottom, top = (float(end) for end in ends)
    except (TypeError, ValueError):
        bottom = top = np.nan
    if not np.isfinite([bottom, top]).all() or bottom == top:
        raise EstimationError(
            "rescale must give the two ends of a scale.", got=ends, expected="such as rescale=(0, 100)"
        )
    coded = answers_of(sample, name)
    codes = known_scale(sample, name, coded) or _limits(sample, name)
    if len(codes) < 2 or not all(isinstance(c, int | float) for c in codes):
        raise EstimationError(
            "The ends of an item's scale are unknown.",
            where=name,
            got=shorten(codes) or "no codes",
            expected="a codebook with its codes",
            fix="give the codebook, or rescale the column yourself",
        )
    low, high = min(codes), max(codes)
    refuse_names(sample.codebook[name], column_of(sample, name), name)
    return coded, bottom + (np.asarray(coded.answers, float) - low) / (high - low) * (top - bottom)


def _limits(sample: SampleData, name: str) -> tuple[float, ...]:
    """The ends of a scale without codes, such as that of a score, where the codebook has both."""
    limits = sample.codebook[name].limits if name in sample.codebook else None
    return tuple(limits) if limits is not None and np.isfinite(limits).all() else ()
