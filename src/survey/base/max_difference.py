"""The largest of all standardised differences between several estimates: its quantiles, from their covariance alone.

The G (G - 1) / 2 differences of G estimates lie in G - 1 dimensions. A normal vector is a random direction times a
length that does not depend on it, so that only directions are drawn; the length is integrated exactly. A few thousand
directions then give three digits, the same ones on every run.

References
----------
Genz & Bretz (2009), Computation of Multivariate Normal and t Probabilities, section 4.1 (spherical-radial transform).
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from survey.base.arrays import Array

__all__ = ["critical_level", "largest_differences"]

_BINS = 256
_DIRECTIONS, _LEAST, _WORK, _SEED = 16_384, 512, 4e7, 20240618


def largest_differences(covariance: Array, error: Array) -> tuple[Array, int]:
    """In random directions of unit length, the largest standardised difference of each estimate from the others.

    Parameters
    ----------
    covariance : array (groups, groups)
    error : array (groups, groups)
        Standard errors of the differences; NaN or 0 where a difference has none and is left out.

    Returns
    -------
    array (directions, groups)
        Its maximum over groups is the largest of all differences; 0 where a group has none.
    int
        Dimensions that the differences vary in.
    """
    # differences do not see what all estimates have in common: the covariance around their mean
    centred = covariance - covariance.mean(axis=0) - covariance.mean(axis=1)[:, None] + covariance.mean()
    values, vectors = np.linalg.eigh(centred)
    keep = values > max(values[-1], 0.0) * len(values) * 1e-12
    factor, groups = vectors[:, keep] * np.sqrt(values[keep]), len(covariance)
    rank = int(keep.sum())
    with np.errstate(divide="ignore", invalid="ignore"):
        inverse = np.where(error > 0, 1 / error, 0.0)
    if rank == 0 or not inverse.any():
        return np.zeros((1, groups)), max(rank, 1)
    draws = 2 ** int(np.log2(np.clip(_WORK / groups**2, _LEAST, _DIRECTIONS)))
    z = _directions(draws, rank) @ factor.T
    out = np.zeros((draws, groups))
    for i in range(groups - 1):
        away = np.abs(z[:, i, None] - z[:, i + 1 :])
        away *= inverse[i, i + 1 :]
        np.maximum(out[:, i], away.max(axis=1), out=out[:, i])
        np.maximum(out[:, i + 1 :], away, out=out[:, i + 1 :])
    return out, rank


@lru_cache(maxsize=4)
def _directions(draws: int, rank: int) -> Array:
    """Directions (draws, rank) of unit length from Sobol points, which fill space more evenly than random ones."""
    from scipy.special import ndtri
    from scipy.stats.qmc import Sobol

    points = Sobol(rank, seed=np.random.default_rng(_SEED)).random(draws)
    u = ndtri(np.clip(points, 1e-12, 1 - 1e-12))
    return np.asarray(u / np.linalg.norm(u, axis=1)[:, None])


def critical_level(largest: Array, rank: int, level: float) -> float:
    """At which level each difference is judged so that all intervals hold at once with probability `level`.

    The differences are taken as normal for this, and each then gets the t quantile of its own degrees of freedom. A
    multivariate t would have them share one estimated variance. Groups of a survey have each their own, and with 40
    wards of 12 clusters the quantile of that t held 91 times in 100 where this one held 95 (`benchmarks/ranks.py`).

    Parameters
    ----------
    largest : array (directions,)
        From `largest_differences`.
    rank : int
    level : float

    Returns
    -------
    float
        As a confidence level: 0.95 for a single difference, nearer to 1 for several.
    """
    from scipy.optimize import brentq
    from scipy.special import chdtrc, erf

    squares = np.sort(largest[largest > 0] ** 2)
    share = len(squares) / len(largest)
    if not share:
        return level
    if len(squares) > _BINS:  # neighbours have nearly the same tail: their mean does for them
        squares = squares[: len(squares) // _BINS * _BINS].reshape(_BINS, -1).mean(axis=1)

    def beyond(z: float) -> float:
        return share * float(chdtrc(rank, z * z / squares).mean()) - (1 - level)

    high = 4.0
    while beyond(high) > 0:
        high *= 2
    return float(erf(brentq(beyond, 1e-9, high, xtol=1e-12) / np.sqrt(2)))
