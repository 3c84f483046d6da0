"""The largest of all standardised differences between several estimates: its quantiles, from their covariance alone.

The G (G - 1) / 2 differences of G estimates lie in G - 1 dimensions. A normal vector is a random direction times a
length that does not depend on it, so that only directions are drawn; the length, and the chi-square of a t statistic,
are integrated exactly. A few thousand directions then give three digits, the same ones on every run.

References
----------
Genz & Bretz (2009), Computation of Multivariate Normal and t Probabilities, section 4.1 (spherical-radial transform).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from survey.base.arrays import Array

__all__ = ["critical_values", "largest_differences"]

_DIRECTIONS, _LEAST, _WORK, _CHUNK, _SEED = 16_384, 512, 4e7, 2e6, 20240618


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
    u = _normal(draws, rank)
    z = (u / np.linalg.norm(u, axis=1)[:, None]) @ factor.T
    out = np.empty((draws, groups))
    step = max(1, int(_CHUNK / groups**2))
    for start in range(0, draws, step):
        part = z[start : start + step]
        out[start : start + step] = (np.abs(part[:, :, None] - part[:, None, :]) * inverse).max(axis=2)
    return out, rank


def _normal(draws: int, rank: int) -> Array:
    """Normal vectors (draws, rank) from Sobol points, which fill space more evenly than random ones."""
    from scipy.special import ndtri
    from scipy.stats.qmc import Sobol

    points = Sobol(rank, seed=np.random.default_rng(_SEED)).random(draws)
    return np.asarray(ndtri(np.clip(points, 1e-12, 1 - 1e-12)))


def critical_values(largest: Array, rank: int, df: Array, level: float) -> Array:
    """What the largest t statistic stays below with probability `level`.

    Parameters
    ----------
    largest : array (directions,)
        From `largest_differences`.
    rank : int
    df : array
        Degrees of freedom; infinite for normal estimates, NaN for a result of NaN.
    level : float

    Returns
    -------
    array
        A two-sided critical value for each of `df`.
    """
    from scipy.optimize import brentq
    from scipy.special import chdtrc, fdtrc

    found: NDArray[np.float64] = np.full(np.shape(df), np.nan)
    squares = largest[largest > 0] ** 2
    share = len(squares) / len(largest)
    for d in np.unique(df[df > 0]):

        def beyond(c: float, d: float = float(d)) -> float:
            x = c * c / squares
            p = chdtrc(rank, x) if np.isinf(d) else fdtrc(rank, d, x / rank)
            return share * float(p.mean()) - (1 - level)

        high = 4.0
        while share and beyond(high) > 0:
            high *= 2
        found[df == d] = brentq(beyond, 1e-9, high, xtol=1e-10) if share else 0.0
    return found
