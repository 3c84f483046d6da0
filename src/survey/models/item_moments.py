"""Moments of several items together, counted once per cluster, and smooth functions of their covariance matrix.

Reliability, loadings and shares of R2 are functions of a covariance matrix, and that is a function of weighted sums of
1, of each item and of the product of each two. So they are counted like a mean, and linearisation, calibration and
replicates see a statistic like any other.

References
----------
Squire & Trapp (1998), SIAM Review 40, 110-112: a derivative by a step into the complex plane, exact to rounding.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from survey.base.arrays import Array
from survey.core.sample_data import SampleData
from survey.counting.cells import Grouping
from survey.counting.memory import ItemRows, count_moments
from survey.estimation.estimators import Estimator
from survey.estimation.items import group_means
from survey.estimation.linearize import LinearizedItem

__all__ = ["counted_pairwise", "counted_together", "covariances", "pairwise_covariances", "smooth"]

_STEP = 1e-30
_ROOM = 2_000_000
"""Numbers in a table of moved sums."""


def counted_together(
    sample: SampleData, name: str, values: Sequence[Array], grouping: Grouping, estimator: Estimator
) -> LinearizedItem:
    """Count 1, items and their products in the rows that have all items, and evaluate a statistic on them.

    Parameters
    ----------
    name : str
        What the result is called.
    values : list of arrays (rows,)
        Items; NaN in any of them leaves the row out.
    grouping : Grouping
    estimator : Estimator
        Of features (1, the k items, the k (k + 1) / 2 products in the order of `numpy.triu_indices`).

    Notes
    -----
    Items are taken from the plain mean of their group, so that products keep their digits.
    """
    complete = ~np.isnan(values).any(axis=0)
    known = [np.where(complete, v, np.nan) for v in values]
    centred = [v - group_means(v, grouping)[grouping.code] for v in known]
    i, j = np.triu_indices(len(centred))
    one = np.where(complete, 1.0, np.nan)
    moments = (one, *centred, *(centred[a] * centred[b] for a, b in zip(i, j, strict=True)))
    counts = count_moments(name, sample.structure, grouping, moments)
    return LinearizedItem.of(estimator, counts, ItemRows(grouping, None, moments))


def counted_pairwise(
    sample: SampleData, name: str, values: Sequence[Array], grouping: Grouping, estimator: Estimator
) -> LinearizedItem:
    """The same for each two items in the rows that have both, whatever else these lack.

    Features are, for each pair in the order of `numpy.triu_indices`, the sums of 1, of both items and of their product;
    see `pairwise_covariances`. A row counts where it has any item.
    """
    answered = ~np.isnan(values)
    some = np.where(answered.any(axis=0), 0.0, np.nan)
    centred = [v - group_means(v, grouping)[grouping.code] for v in values]
    moments: list[Array] = []
    for a, b in zip(*np.triu_indices(len(centred)), strict=True):
        both = answered[a] & answered[b]
        x, y = np.where(both, centred[a], 0.0), np.where(both, centred[b], 0.0)
        moments += [both + some, x + some, y + some, x * y + some]
    counts = count_moments(name, sample.structure, grouping, moments)
    return LinearizedItem.of(estimator, counts, ItemRows(grouping, None, tuple(moments)))


def pairwise_covariances(sums: Array, k: int) -> Array:
    """Covariance matrices (..., k, k) of each two items among those who have both, from sums of `counted_pairwise`."""
    parts = sums.reshape(*sums.shape[:-1], -1, 4)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = parts[..., 1:] / parts[..., :1]
    i, j = np.triu_indices(k)
    out = np.empty((*sums.shape[:-1], k, k), sums.dtype)
    out[..., i, j] = out[..., j, i] = mean[..., 2] - mean[..., 0] * mean[..., 1]
    return out


def covariances(sums: Array, k: int) -> Array:
    """Covariance matrices (..., k, k), divided by the sum of weights, from sums (..., features)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = sums[..., 1:] / sums[..., :1]
    i, j = np.triu_indices(k)
    out = np.empty((*sums.shape[:-1], k, k), sums.dtype)
    out[..., i, j] = out[..., j, i] = mean[..., k:]
    mean = mean[..., :k]
    return np.asarray(out - mean[..., :, None] * mean[..., None, :])


def smooth(
    name: str, k: int, value: Callable[[Array], Array], matrix: Callable[[Array, int], Array] = covariances
) -> Estimator:
    """A statistic of the covariance matrix of k items.

    Parameters
    ----------
    value : function of matrices (rows, k, k)
        Gives (rows, statistics). It must take complex numbers and use neither their conjugates nor their size: its
        gradient is found by a step into the complex plane.
    matrix : function of sums and k
        `covariances`, or `pairwise_covariances`.
    """
    pairs = k * (k + 1) // 2
    features = 1 + k + pairs if matrix is covariances else 4 * pairs

    def evaluate(sums: Array) -> Array:
        with np.errstate(divide="ignore", invalid="ignore"):
            return value(matrix(sums, k))

    def gradient(sums: Array) -> Array:
        return np.stack([_slopes(evaluate, own) for own in sums])

    def srs(sums: Array, n: Array) -> Array:
        return np.full((len(sums), evaluate(sums[:1]).shape[1]), np.nan)

    return Estimator(name, features, evaluate, gradient, srs)


def _slopes(value: Callable[[Array], Array], at: Array) -> Array:
    """Derivatives (statistics, features) at one row of sums."""
    parts = []
    chunk = max(1, _ROOM // len(at))
    for start in range(0, len(at), chunk):
        moved = at + 1j * _STEP * np.eye(len(at))[start : start + chunk]
        parts.append(value(moved).imag / _STEP)
    return np.asarray(np.concatenate(parts).T)
