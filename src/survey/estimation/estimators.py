"""Estimators as smooth functions of weighted sums, with their gradients.

A estimator is evaluated on sums of features for each group, shape (groups, features), and gives (groups,
statistics); its gradient (groups, statistics, features) is all that linearisation needs. `srs` is the variance that
the same estimate would have under simple random sampling with replacement, for the design effect.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from survey.base.arrays import Array

__all__ = [
    "CORRELATION",
    "COVARIANCE",
    "DISTRIBUTION",
    "MEAN",
    "MEAN_OF_MOMENTS",
    "MOMENTS",
    "RATIO",
    "SHARES",
    "SIZED_SHARES",
    "TOTAL",
    "VARIANCE",
    "Estimator",
    "total_about",
]


@dataclass(frozen=True, slots=True)
class Estimator:
    """A statistic of weighted sums.

    Parameters
    ----------
    name : str
    squared : int
        How many leading features the gradient uses.
    evaluate, gradient : function of sums (groups, features)
    srs : function of sums (groups, features) and n (groups,)
        Variance under simple random sampling with replacement (groups, statistics).
    one : int
        Which of the moments is the constant 1, whose sum is the size of the population.
    """

    name: str
    squared: int
    evaluate: Callable[[Array], Array]
    gradient: Callable[[Array], Array]
    srs: Callable[[Array, NDArray[Any]], Array]
    one: int = 0


def _ratio(top: Array, bottom: Array) -> Array:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(bottom != 0, top / np.where(bottom != 0, bottom, 1.0), np.nan)


def _spread(sums: Array, n: Array) -> Array:
    """Variance of y from sums of (1, y, y squared), divided by n - 1: the SRS variance of a mean."""
    mean = _ratio(sums[:, 1], sums[:, 0])
    square = np.clip(_ratio(sums[:, 2], sums[:, 0]) - mean**2, 0, None)
    return _ratio(square, np.asarray(n, dtype=float) - 1)[:, None]


def _mean(sums: Array) -> Array:
    return _ratio(sums[:, 1], sums[:, 0])[:, None]


def _mean_gradient(sums: Array) -> Array:
    out = np.zeros((len(sums), 1, sums.shape[1]))
    out[:, 0, 0] = _ratio(-_mean(sums)[:, 0], sums[:, 0])
    out[:, 0, 1] = _ratio(np.ones(len(sums)), sums[:, 0])
    return out


MEAN = Estimator("mean", 2, _mean, _mean_gradient, _spread)
"""Weighted mean; features (1, y, y squared)."""


def _total_gradient(sums: Array) -> Array:
    out = np.zeros((len(sums), 1, sums.shape[1]))
    out[:, 0, 1] = 1.0
    return out


TOTAL = Estimator(
    "total",
    2,
    lambda sums: sums[:, 1:2].copy(),
    _total_gradient,
    lambda sums, n: _spread(sums, n) * sums[:, :1] ** 2,
)
"""Weighted total; features (1, y, y squared)."""


def total_about(pivot: Array) -> Estimator:
    """`TOTAL` of y from features (1, y - pivot, its square): what is far from 0 keeps its digits.

    `pivot` has one number per group, or one for all.
    """

    def of_rows(sums: Array) -> Array:
        return np.tile(pivot, len(sums) // len(pivot))

    def evaluate(sums: Array) -> Array:
        return (sums[:, 1] + of_rows(sums) * sums[:, 0])[:, None]

    def gradient(sums: Array) -> Array:
        out = _total_gradient(sums)
        out[:, 0, 0] = of_rows(sums)
        return out

    return Estimator("total", 2, evaluate, gradient, TOTAL.srs)


def _shares(sums: Array) -> Array:
    return _ratio(sums, sums.sum(axis=1, keepdims=True))


def _shares_gradient(sums: Array) -> Array:
    total = sums.sum(axis=1)[:, None, None]
    return _ratio(np.eye(sums.shape[1])[None] - _shares(sums)[:, :, None], total)


DISTRIBUTION = Estimator(
    "distribution",
    0,
    _shares,
    _shares_gradient,
    lambda sums, n: _ratio(_shares(sums) * (1 - _shares(sums)), np.asarray(n, float)[:, None] - 1),
)
"""Share of every answer; features are the answers' indicators."""


def _ratio_gradient(sums: Array) -> Array:
    out = np.zeros((len(sums), 1, sums.shape[1]))
    out[:, 0, 0] = _ratio(np.ones(len(sums)), sums[:, 1])
    out[:, 0, 1] = _ratio(-_ratio(sums[:, 0], sums[:, 1]), sums[:, 1])
    return out


def _ratio_srs(sums: Array, n: NDArray[Any]) -> Array:
    # residuals e = y - R x have weighted mean zero
    slope = _ratio(sums[:, 0], sums[:, 1])
    total = sums[:, 2]
    square = _ratio(sums[:, 3] - 2 * slope * sums[:, 4] + slope**2 * sums[:, 5], total)
    bar = _ratio(sums[:, 1], total)
    return _ratio(np.clip(square, 0, None), bar**2 * (np.asarray(n, float) - 1))[:, None]


RATIO = Estimator("ratio", 2, lambda sums: _ratio(sums[:, 0], sums[:, 1])[:, None], _ratio_gradient, _ratio_srs, 2)
"""Ratio of two totals; features (y, x, 1, y squared, x y, x squared)."""


def _share_means(sums: Array) -> Array:
    return _ratio(sums[:, 1:], sums[:, :1])


def _share_means_gradient(sums: Array) -> Array:
    k = sums.shape[1] - 1
    out = np.zeros((len(sums), k, k + 1))
    out[:, :, 0] = _ratio(-_share_means(sums), sums[:, :1])
    out[:, np.arange(k), np.arange(1, k + 1)] = _ratio(np.ones((len(sums), 1)), sums[:, :1])
    return out


SHARES = Estimator(
    "shares",
    0,
    _share_means,
    _share_means_gradient,
    lambda sums, n: _ratio(_share_means(sums) * (1 - _share_means(sums)), np.asarray(n, float)[:, None] - 1),
)
"""Means of several indicators; features (1, indicators)."""


def _spread_around(raw: Array, mean: Array) -> Array:
    """Central second moment from the raw one; what rounding leaves of a group of equal answers is zero.

    It is less than 0 in a replicate where negative weights outweigh the others away from the mean, and stays so.
    """
    central = raw - mean**2
    return np.where(np.abs(central) <= 1e-13 * np.abs(raw), 0.0, central)


def _no_srs(sums: Array, n: NDArray[Any]) -> Array:
    return np.full((len(sums), 1), np.nan)


def _central(sums: Array) -> tuple[Array, Array, Array, Array, Array]:
    """Means of x and y, variances of x and y, covariance; features (1, x, y, x squared, x y, y squared)."""
    mx, my = _ratio(sums[:, 1], sums[:, 0]), _ratio(sums[:, 2], sums[:, 0])
    xx = _spread_around(_ratio(sums[:, 3], sums[:, 0]), mx)
    xy = _ratio(sums[:, 4], sums[:, 0]) - mx * my
    yy = _spread_around(_ratio(sums[:, 5], sums[:, 0]), my)
    return mx, my, xx, xy, yy


def _covariance_gradients(sums: Array) -> Array:
    """Gradients of the central second moments (xx, xy, yy): (groups, 3, 6)."""
    mx, my, xx, xy, yy = _central(sums)
    inverse = _ratio(np.ones(len(sums)), sums[:, 0])
    out = np.zeros((len(sums), 3, 6))
    out[:, 0] = np.stack([mx**2 - xx, -2 * mx, 0 * mx, 0 * mx + 1, 0 * mx, 0 * mx], axis=1)
    out[:, 1] = np.stack([mx * my - xy, -my, -mx, 0 * mx, 0 * mx + 1, 0 * mx], axis=1)
    out[:, 2] = np.stack([my**2 - yy, 0 * mx, -2 * my, 0 * mx, 0 * mx, 0 * mx + 1], axis=1)
    return out * inverse[:, None, None]


COVARIANCE = Estimator(
    "covariance",
    6,
    lambda sums: _central(sums)[3][:, None],
    lambda sums: _covariance_gradients(sums)[:, 1:2],
    _no_srs,
)
"""Central second moment of two variables, divided by the sum of weights; features (1, x, y, x^2, x y, y^2)."""


def _variance_gradient(sums: Array) -> Array:
    mean, square = _ratio(sums[:, 1], sums[:, 0]), _ratio(sums[:, 2], sums[:, 0])
    inverse = _ratio(np.ones(len(sums)), sums[:, 0])
    return (np.stack([2 * mean**2 - square, -2 * mean, np.ones(len(sums))], axis=1) * inverse[:, None])[:, None]


def _moments(sums: Array) -> Array:
    return np.concatenate([_mean(sums), sums[:, :1], VARIANCE.evaluate(sums)], axis=1)


def _moments_gradient(sums: Array) -> Array:
    size = np.zeros((len(sums), 1, 3))
    size[:, 0, 0] = 1.0
    return np.concatenate([_mean_gradient(sums), size, _variance_gradient(sums)], axis=1)


MEAN_OF_MOMENTS = Estimator("mean", 3, _mean, _mean_gradient, _spread)
"""`MEAN` that keeps all of its features by unit, for `MOMENTS`."""

MOMENTS = Estimator("moments", 3, _moments, _moments_gradient, _no_srs)
"""Mean, size of the population, central second moment; features (1, y, y squared)."""


def _sized_shares(sums: Array) -> Array:
    return np.concatenate([_shares(sums), sums.sum(axis=1, keepdims=True)], axis=1)


def _sized_shares_gradient(sums: Array) -> Array:
    return np.concatenate([_shares_gradient(sums), np.ones((len(sums), 1, sums.shape[1]))], axis=1)


SIZED_SHARES = Estimator("sized shares", 0, _sized_shares, _sized_shares_gradient, _no_srs)
"""Share of every answer, then the size of the population; features are the answers' indicators."""

VARIANCE = Estimator(
    "variance",
    3,
    lambda sums: _spread_around(_ratio(sums[:, 2], sums[:, 0]), _ratio(sums[:, 1], sums[:, 0]))[:, None],
    _variance_gradient,
    _no_srs,
)
"""Central second moment, divided by the sum of weights; features (1, y, y squared)."""


def _correlation(sums: Array) -> Array:
    _, _, xx, xy, yy = _central(sums)
    return _ratio(xy, np.sqrt(np.clip(xx * yy, 0, None)))[:, None]


def _correlation_gradient(sums: Array) -> Array:
    _, _, xx, _, yy = _central(sums)
    r = _correlation(sums)[:, 0]
    parts = _covariance_gradients(sums)
    root = np.sqrt(np.clip(xx * yy, 0, None))
    by_xy = _ratio(np.ones(len(sums)), root)
    by_xx, by_yy = _ratio(-r, 2 * xx), _ratio(-r, 2 * yy)
    weights = np.stack([by_xx, by_xy, by_yy], axis=1)
    gradient: Array = np.einsum("gk,gkf->gf", weights, parts)[:, None]
    return gradient


CORRELATION = Estimator("correlation", 6, _correlation, _correlation_gradient, _no_srs)
"""Correlation of two variables; features (1, x, y, x^2, x y, y^2)."""
