"""Estimators as smooth functions of weighted sums, with their gradients.

A functional is evaluated on sums of features for each group, shape (groups, features), and gives (groups,
statistics); its gradient (groups, statistics, features) is all that linearisation needs. `srs` is the variance that
the same estimate would have under simple random sampling with replacement, for the design effect.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from survey._linalg import Array

__all__ = ["DISTRIBUTION", "MEAN", "RATIO", "TOTAL", "Functional"]


@dataclass(frozen=True, slots=True)
class Functional:
    """A statistic of weighted sums.

    Parameters
    ----------
    name : str
    squared : int
        How many leading features the gradient uses.
    evaluate, gradient : function of sums (groups, features)
    srs : function of sums (groups, features) and n (groups,)
        Variance under simple random sampling with replacement (groups, statistics).
    """

    name: str
    squared: int
    evaluate: Callable[[Array], Array]
    gradient: Callable[[Array], Array]
    srs: Callable[[Array, Array], Array]


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


MEAN = Functional("mean", 2, _mean, _mean_gradient, _spread)
"""Weighted mean; features (1, y, y squared)."""


def _total_gradient(sums: Array) -> Array:
    out = np.zeros((len(sums), 1, sums.shape[1]))
    out[:, 0, 1] = 1.0
    return out


TOTAL = Functional(
    "total",
    2,
    lambda sums: sums[:, 1:2].copy(),
    _total_gradient,
    lambda sums, n: _spread(sums, n) * sums[:, :1] ** 2,
)
"""Weighted total; features (1, y, y squared)."""


def _shares(sums: Array) -> Array:
    return _ratio(sums, sums.sum(axis=1, keepdims=True))


def _shares_gradient(sums: Array) -> Array:
    total = sums.sum(axis=1)[:, None, None]
    return _ratio(np.eye(sums.shape[1])[None] - _shares(sums)[:, :, None], total)


DISTRIBUTION = Functional(
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


def _ratio_srs(sums: Array, n: Array) -> Array:
    # residuals e = y - R x have weighted mean zero
    slope = _ratio(sums[:, 0], sums[:, 1])
    total = sums[:, 2]
    square = _ratio(sums[:, 3] - 2 * slope * sums[:, 4] + slope**2 * sums[:, 5], total)
    bar = _ratio(sums[:, 1], total)
    return _ratio(np.clip(square, 0, None), bar**2 * (np.asarray(n, float) - 1))[:, None]


RATIO = Functional("ratio", 2, lambda sums: _ratio(sums[:, 0], sums[:, 1])[:, None], _ratio_gradient, _ratio_srs)
"""Ratio of two totals; features (y, x, 1, y squared, x y, x squared)."""
