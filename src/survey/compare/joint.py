"""Counts of an item by group, seen as counts of pairs: each group and answer together is one answer of everybody.

Tests of a whole table and trends over groups are statistics of such pairs. Nothing is counted anew.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.core.sample_data import SampleData
from survey.counting.cells import Cells, Coded, Grouping
from survey.counting.memory import ItemRows
from survey.estimation.replicate_variance import by_clusters

__all__ = ["everybody", "pair_rows", "pairs", "rows_needed"]


def everybody(grouping: Grouping) -> Grouping:
    """One group of all who are in any group."""
    return Grouping(
        grouping.code // len(grouping), grouping.unit, pd.DataFrame(index=pd.RangeIndex(1)), 0, people=grouping.people
    )


def pairs(cells: Cells, answers: NDArray[np.int64] | None) -> Cells:
    """Cells by group as cells of one group, whose answers are pairs of a group and an answer or moment, in this order.

    `answers` are the codes of the pairs; None where cells hold moments.
    """
    units, groups, width = cells.sums.shape
    return Cells(
        cells.item,
        pd.DataFrame(index=pd.RangeIndex(1)),
        answers,
        cells.sums.reshape(units, 1, groups * width),
        None if cells.n is None else cells.n.sum(axis=1, keepdims=True),
        np.array([cells.n_missing.sum()]),
        n_answered=np.array([cells.n_groups.sum()]),
    )


def rows_needed(sample: SampleData, variance: str | None) -> bool:
    """Whether a variance looks at rows: after calibration, where respondents are drawn, for readjusted replicates."""
    if sample.uses_replicates(variance):
        return not by_clusters(sample.structure, sample.design)
    return bool(sample.residuals.steps) or sample.structure.elements is not None


def pair_rows(grouping: Grouping, whole: Grouping, coded: Coded) -> ItemRows:
    """The rows of pairs: group * answers + answer, and the number of pairs for who is in none; `whole` is everybody."""
    groups, k = len(grouping), len(coded.answers)
    code = grouping.code * k + coded.code
    code[(grouping.code == groups) | (coded.code == k)] = groups * k
    return ItemRows(whole, Coded(code, np.arange(groups * k)))
