"""Covariances within groups, of the sample and of all its replicates: predictors standardised, group by group.

Sums of 1, of each variable and of each product are counted once by group and cluster; those of all replicates are a
product with what replicates multiply clusters by. In every replicate means and standard deviations are anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from survey.base.arrays import Array
from survey.calibration.readjusted import Readjusted
from survey.estimation.variance import unit_sums

__all__ = ["Within", "pooled", "scaled_rows"]

Ints = NDArray[np.int64]
_ROOM = 8_000_000


@dataclass(frozen=True)
class Within:
    """Covariance matrices within groups, the first of the sample and then those of its replicates.

    Parameters
    ----------
    covariance : array (1 + replicates, p + 1, p + 1)
        Of predictors divided by their standard deviation in the group, and last of the outcome in its own unit;
        averaged over groups by their weight.
    constant : bool array (groups, p)
        Predictors that do not vary in a group of the sample, and count for nothing there.
    """

    covariance: Array
    constant: NDArray[np.bool_]


def pooled(
    values: Array, group: Ints, groups: int, weights: Array, readjusted: Readjusted | None, used: Ints
) -> Within:
    """Covariances within groups.

    Parameters
    ----------
    values : array (rows, p + 1)
        Predictors, then the outcome; no missing values.
    group : int array (rows,)
    groups : int
    weights : array (rows,)
    readjusted : Readjusted, optional
        Of all respondents; without it there is the sample alone.
    used : int array (rows,)
        Which respondents the rows are.
    """
    m, p = values.shape[1], values.shape[1] - 1
    count = 0 if readjusted is None else readjusted.count
    total, size = np.zeros((1 + count, m, m)), np.zeros(1 + count)
    constant = np.zeros((groups, p), bool)
    for g, rows in _members(group, groups):
        own = values[rows] - np.average(values[rows], axis=0, weights=weights[rows])
        sums = _sums(own, weights[rows], readjusted, used[rows])
        n = sums[:, 0]
        with np.errstate(divide="ignore", invalid="ignore"):
            matrix, variance = _covariances(sums, m)
            # rounding of values that are all the same is no variance
            varies = variance[:, :p] > 1e-20 * np.abs(values[rows, :p]).max(axis=0) ** 2
            scale = np.where(varies, 1 / np.sqrt(np.where(varies, variance[:, :p], 1.0)), 0.0)
        scale = np.concatenate([scale, np.ones((len(scale), 1))], axis=1)
        constant[g] = ~varies[0]
        total += np.where(n > 0, n, 0.0)[:, None, None] * matrix * scale[:, :, None] * scale[:, None, :]
        size += np.where(n > 0, n, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return Within(total / size[:, None, None], constant)


def scaled_rows(predictors: Array, starts: Ints, weights: Array) -> Array:
    """What predictors (rows, p) are multiplied by: one over their standard deviation in the group; 0 where that is 0.

    Rows stand group by group, and `starts` (groups,) says where each starts.
    """
    lengths = np.diff(np.append(starts, len(weights)))
    w = weights[:, None]
    size = np.add.reduceat(weights, starts)[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.nan_to_num(np.add.reduceat(w * predictors, starts, axis=0) / size)
        own = predictors - np.repeat(mean, lengths, axis=0)
        square = np.nan_to_num(np.add.reduceat(w * own * own, starts, axis=0) / size)
        varies = square > 1e-20 * np.abs(predictors).max(axis=0) ** 2
        scale = np.where(varies, 1 / np.sqrt(np.where(varies, square, 1.0)), 0.0)
    return np.repeat(scale, lengths, axis=0)


def _members(group: Ints, groups: int) -> Iterator[tuple[int, Ints]]:
    order = np.argsort(group, kind="stable")
    ends = np.cumsum(np.bincount(group, minlength=groups))
    for g, (start, end) in enumerate(zip(np.r_[0, ends[:-1]], ends, strict=True)):
        if end > start:
            yield g, order[start:end]


def _features(values: Array) -> Array:
    """1, the variables, and the products of each two: (rows, features)."""
    i, j = np.triu_indices(values.shape[1])
    return np.concatenate([np.ones((len(values), 1)), values, values[:, i] * values[:, j]], axis=1)


def _covariances(sums: Array, m: int) -> tuple[Array, Array]:
    """Covariance matrices (replicates, m, m) and their diagonals; 0 where a replicate has nobody of the group."""
    mean = sums[:, 1:] / sums[:, :1]
    mean[~(sums[:, 0] > 0)] = 0.0
    i, j = np.triu_indices(m)
    out = np.empty((len(sums), m, m))
    out[:, i, j] = out[:, j, i] = mean[:, m:]
    out -= mean[:, :m, None] * mean[:, None, :m]
    return out, np.einsum("rii->ri", out)


def _sums(values: Array, weights: Array, readjusted: Readjusted | None, rows: Ints) -> Array:
    """Sums of the features in the sample and in every replicate: (1 + replicates, features)."""
    if readjusted is None:
        return np.asarray(weights @ _features(values))[None]
    count = readjusted.count
    step = max(256, _ROOM // (1 + max(count, values.shape[1] ** 2)))
    whole: Array | float = 0.0
    each: Array | float = 0.0
    for start in range(0, len(rows), step):
        at = slice(start, start + step)
        features, own = _features(values[at]), rows[at]
        whole = whole + weights[at] @ features
        if readjusted.factors:
            each = each + readjusted.weights(own).T @ features
            continue
        unit, place = np.unique(readjusted.unit[own], return_inverse=True)
        sums = unit_sums(readjusted.base[own, None] * features, place.reshape(-1), len(unit))
        each = each + readjusted.multipliers[unit].T @ sums
    return np.vstack([whole, each])
