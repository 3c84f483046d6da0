"""Changes of units put through a permutation test: the effect, its p-value, and its interval by test inversion."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from survey.base.arrays import Array
from survey.compare.assignments import Assignments
from survey.compare.inversion import inverted_interval

__all__ = ["Judged", "judge", "spread_of"]


@dataclass(frozen=True, slots=True)
class Judged:
    """What the test says of each item.

    Parameters
    ----------
    estimate, conf_low, conf_high, p_value : array (items,)
    as_large : int array (items,)
        Ways, the one observed among them, whose gap is at least as large in either direction.
    """

    estimate: Array
    conf_low: Array
    conf_high: Array
    p_value: Array
    as_large: NDArray[np.int64]


def judge(change: Array, ways: Assignments, rounding: Array, alpha: float) -> Judged:
    """Test each item.

    Parameters
    ----------
    change : array (items, units)
    ways : Assignments
    rounding : array (items,)
        How far gaps that are equal may differ by rounding.
    alpha : float
        One minus the level of the interval.
    """
    weights = ways.weights
    estimate = change @ ways.observed
    gaps = change @ weights.T
    as_large = (np.abs(gaps) >= (np.abs(estimate) - rounding)[:, None]).sum(axis=1)
    low, high = inverted_interval(gaps, weights @ ways.treated.astype(float), estimate, alpha)
    low, high = (np.where(np.abs(end) <= rounding, 0.0, end) for end in (low, high))
    return Judged(estimate, low, high, as_large / len(ways.inside), as_large)


def spread_of(change: Array, ways: Assignments) -> Array:
    """Standard deviation of the units' changes about their stratum and the effect: (items,).

    NaN where there are no degrees of freedom left: units less strata less one.
    """
    treated, strata = ways.treated.astype(float), ways.strata
    used = np.isin(strata, np.unique(strata[ways.treated]))
    change, treated = change[:, used], treated[used]
    _, strata = np.unique(strata[used], return_inverse=True)
    size = np.bincount(strata)
    df = len(strata) - len(size) - 1
    if df < 1:
        return np.full(len(change), np.nan)
    mean = np.stack([np.bincount(strata, weights=row) / size for row in change])
    own = change - mean[:, strata]
    flag = treated - (np.bincount(strata, weights=treated) / size)[strata]
    left = own - np.outer(own @ flag / (flag @ flag), flag)
    return np.asarray(np.sqrt((left**2).sum(axis=1) / df))
