"""What each predictor adds to R2, averaged over all orders in which predictors can enter a regression.

The R2 of all 2^p subsets comes from sweeping one predictor after the other out of the covariance matrix, both ways at
once: left out, or taken in. What is left to be swept shrinks as the number of subsets doubles, so that the whole costs
about 30 multiplications a subset, for many matrices (replicates) side by side.

References
----------
Lindeman, Merenda & Gold (1980), Introduction to Bivariate and Multivariate Analysis: the average over orders. Groemping
(2007), The American Statistician 61, 139-147; (2006), J. Stat. Software 17(1): relaimpo's lmg, and its groups. Shapley
(1953). Agrees with the definition, all subsets fitted by R's lm.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import factorial

import numpy as np

from survey.base.arrays import Array
from survey.base.codes import Ints

__all__ = ["MOST_PREDICTORS", "average_gains", "explained_by_subsets"]

MOST_PREDICTORS = 16
"""65,536 subsets, in each replicate."""
_ROOM = 2_000_000
_NOTHING = 1e-10
"""Of a predictor's variance: what others leave of it, when it is a combination of them."""


def explained_by_subsets(covariance: Array) -> Array:
    """Share of the outcome's variance that each subset of predictors explains.

    Parameters
    ----------
    covariance : array (matrices, p + 1, p + 1)
        Of the predictors, and last of the outcome.

    Returns
    -------
    array (matrices, 2 ** p)
        Bit j of the place says whether predictor j is in the subset.
    """
    p = covariance.shape[1] - 1
    least = _NOTHING * np.einsum("rii->ir", covariance)
    left = np.ascontiguousarray(covariance.transpose(1, 2, 0))[:, :, :, None]
    for j in range(p):
        row, rest = left[0, 1:], left[1:, 1:]
        pivot = left[0, 0]
        inverse = np.divide(1.0, pivot, out=np.zeros_like(pivot), where=pivot > least[j, :, None])
        size = len(rest)
        both = np.empty((size, size, len(covariance), 2 * pivot.shape[1]))
        both[..., : pivot.shape[1]] = rest
        for i in range(size):  # a symmetric matrix: the upper half is all that is looked at
            np.subtract(rest[i, i:], (row[i] * inverse) * row[i:], out=both[i, i:, :, pivot.shape[1] :])
        left = both
    total = covariance[:, -1, -1][:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray((total - left[0, 0]) / total)


def average_gains(covariance: Array, players: Sequence[Sequence[int]] | None = None) -> Array:
    """What each predictor adds to R2 on average over all orders: (matrices, p), adding up to R2.

    Parameters
    ----------
    covariance : array (matrices, p + 1, p + 1)
        Of the predictors, and last of the outcome.
    players : sequence of sequences of int, optional
        Groups of predictors that enter as a whole, each predictor in one: gains are theirs then, (matrices, groups).
    """
    p = covariance.shape[1] - 1
    whole = None if players is None else _unions(players)
    step = max(1, _ROOM // (10 << p))
    starts = range(0, len(covariance), step)
    return np.concatenate([_gains(explained_by_subsets(covariance[s : s + step]), whole) for s in starts])


def _unions(players: Sequence[Sequence[int]]) -> Ints:
    """For each set of groups, by its bits, the place of the set of their predictors: (2 ** groups,)."""
    place = np.zeros(1, np.int64)
    for members in players:
        place = np.concatenate([place, place | sum(1 << j for j in members)])
    return place


def _gains(explained: Array, sets: Ints | None) -> Array:
    """Gains from R2 of subsets (matrices, 2 ** p), of all or of some that are sets of groups."""
    if sets is not None:
        explained = explained[:, sets]
    p = explained.shape[1].bit_length() - 1
    size = np.zeros(1, np.int64)  # of the subsets of the other predictors
    for _ in range(p - 1):
        size = np.concatenate([size, size + 1])
    weight = np.array([factorial(s) * factorial(p - 1 - s) / factorial(p) for s in range(p)])[size]
    out = np.empty((len(explained), p))
    for j in range(p):
        both = explained.reshape(len(explained), -1, 2, 1 << j)
        gain = (both[:, :, 1] - both[:, :, 0]).reshape(len(explained), -1)
        out[:, j] = gain @ weight
    return out
