"""Counts of an item by the pairs of unit and group that hold anyone: what `Cells` hold, without the empty places."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.base.arrays import Array, tallied, weighted_count
from survey.base.codes import Ints
from survey.counting.cells import Cells, Coded, Grouping
from survey.counting.memory import count_answers, count_moments
from survey.counting.pairs import Pairs, pairs_of
from survey.design.coded_design import CodedDesign

__all__ = ["PairCells", "cells_of_answers", "cells_of_moments"]


@dataclass(frozen=True, slots=True, eq=False)
class PairCells:
    """Counts of one item by pairs; what is not said here is as of `Cells`.

    Parameters
    ----------
    pairs : Pairs
    sums : array (pairs, answers or moments)
    n : int array (pairs,), optional
    squares : array (pairs, answers), optional
    n_answered : int array (groups,)
    """

    item: str
    groups: pd.DataFrame
    answers: NDArray[Any] | None
    pairs: Pairs
    sums: Array
    n: Ints | None
    n_answered: Ints
    n_missing: Ints
    squares: Array | None = None
    margins: Array | None = None

    @property
    def totals(self) -> Array:
        """Sums over all units: (groups, answers or moments)."""
        return self.pairs.over_units(self.sums)

    @property
    def n_groups(self) -> Ints:
        """Rows with an answer in each group: (groups,)."""
        return self.n_answered

    @property
    def members(self) -> NDArray[Any]:
        """Rows with an answer in each pair, or whether there are any: (pairs,)."""
        return np.asarray((self.sums != 0).any(axis=1)) if self.n is None else self.n


def cells_of_answers(item: str, structure: CodedDesign, grouping: Grouping, coded: Coded) -> Cells | PairCells:
    """Count an item's answers, by pairs where these are few of very many; rows by group alone, where that is enough."""
    pairs = pairs_of(structure, grouping)
    if pairs is None or pairs.row is None:
        return count_answers(item, structure, grouping, coded, n_by_unit=False)
    k, g = len(coded.answers), len(grouping)
    key = pairs.row * (k + 1)
    key += coded.code
    size = (len(pairs) + 1) * (k + 1)
    sums = weighted_count(key, structure.weights, size).reshape(-1, k + 1)[:-1, :k]
    n = None
    if structure.elements is not None:
        n = tallied(key, structure.people, size).reshape(-1, k + 1)[:-1, :k].sum(axis=1)
    none = np.flatnonzero(coded.code == k)
    people = None if structure.people is None else structure.people[none]
    missing = tallied(grouping.code[none], people, g + 1)[:g]
    return PairCells(item, grouping.labels, coded.answers, pairs, sums, n, grouping.sizes[:g] - missing, missing)


def cells_of_moments(
    item: str, structure: CodedDesign, grouping: Grouping, moments: Sequence[Array]
) -> Cells | PairCells:
    """Count moments of numbers as `count_moments`, by pairs where these are few of very many."""
    pairs = pairs_of(structure, grouping)
    if pairs is None or pairs.row is None:
        return count_moments(item, structure, grouping, moments)
    valid = ~np.isnan(moments[0])
    for moment in moments[1:]:
        valid &= ~np.isnan(moment)
    size, g = len(pairs) + 1, len(grouping)
    key = np.where(valid, pairs.row, len(pairs))
    n = tallied(key, structure.people, size)[:-1]
    weighted = (np.where(valid, structure.weights * moment, 0.0) for moment in moments)
    sums = np.stack([weighted_count(key, values, size)[:-1] for values in weighted], axis=1)
    answered = pairs.over_units(n)
    return PairCells(item, grouping.labels, None, pairs, sums, n, answered, grouping.sizes[:g] - answered)
