"""The integrals behind `survey.base.max_t`: over directions on one circle, a lattice, or one common factor."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from survey.base.arrays import Array, weighted_count

__all__ = [
    "LARGE",
    "PRODUCT",
    "OneFactor",
    "Radial",
    "Short",
    "directions_on",
    "gauss",
    "half_circle",
    "loadings_of",
    "loadings_of_differences",
    "one_factor",
    "radial",
]

Short = NDArray[np.float32]
LARGE = 1e9
"""Degrees of freedom beyond which a t is a normal to every digit."""
PRODUCT = 200_000
"""Multiplications of a product of matrices so small that BLAS starts no threads."""
_SHIFTS = 8
_NODES = 16
_BINS = 2048
_RANK = 1e-10


@dataclass(frozen=True)
class Radial:
    """The mean of F tails over a discrete distribution of M(u)."""

    nodes: Array
    weights: Array
    rank: int

    def __call__(self, c: Array, df: Array, /) -> Array:
        return radial(c, df, self.nodes, self.weights, self.rank)


def radial(c: Array, df: Array, nodes: Array, weights: Array | None, rank: int) -> Array:
    from scipy.special import chdtrc, fdtrc

    square = (c[:, None] / nodes) ** 2
    normal = df >= LARGE
    tails = np.empty(square.shape)
    tails[normal] = chdtrc(rank, square[normal])
    tails[~normal] = fdtrc(rank, df[~normal, None], square[~normal] / rank)
    return np.asarray(tails.mean(axis=1) if weights is None else tails @ weights, dtype=float)


def loadings_of(covariance: Array) -> Array:
    """Numbers with this covariance by independent ones: (rows, axes), as many axes as it has rank."""
    values, vectors = np.linalg.eigh((covariance + covariance.T) / 2)
    keep = values > _RANK * max(float(values[-1]), 0.0) * len(values)
    return np.asarray(vectors[:, keep] * np.sqrt(values[keep]))


def loadings_of_differences(covariance: Array) -> Array:
    """As `loadings_of`, without what all have in common: it drops out of differences, and with it an axis."""
    shared = covariance.mean(axis=0) + covariance.mean(axis=1)[:, None] - covariance.mean()
    return loadings_of(covariance - shared)


def half_circle(factor: Array) -> tuple[Array, Array]:
    """Nodes and weights of M(u) on two axes: M is the cosine of the angle to the nearest of the statistics' axes."""
    angle = np.unique(np.mod(np.arctan2(factor[:, 1], factor[:, 0]), np.pi))
    gaps = np.diff(np.r_[angle, angle[0] + np.pi]) / 2
    x, w = _legendre(24)
    theta = gaps[:, None] * (x + 1) / 2
    return np.cos(theta).ravel(), (gaps[:, None] * w / np.pi).ravel()


@lru_cache(maxsize=8)
def directions_on(rank: int, points: int) -> Short:
    """Directions on `rank` axes, from shifted lattices whose generators are roots of primes: (shifts, points, rank).

    The shifts come from a fixed seed, so that a result is the same on every run.
    """
    from scipy.special import ndtri

    generators = np.sqrt(_primes(rank)) % 1
    shifts = np.random.Generator(np.random.PCG64(20111231)).random((_SHIFTS, 1, rank))
    lattice = np.arange(1, points + 1)[:, None] * generators
    folded = np.abs(2 * ((lattice + shifts) % 1) - 1)  # Baker's transformation: as smooth at 0 as at 1
    z = ndtri(np.clip(folded, 1e-15, 1 - 1e-15))
    z /= np.sqrt((z**2).sum(axis=2))[:, :, None]
    short: Short = z.astype(np.float32)  # seven digits of a direction are many times more than the lattice knows
    short.flags.writeable = False
    return short


def _primes(count: int) -> Array:
    most = max(20, int(count * (np.log(count + 1) + np.log(np.log(count + 3)))) + 10)
    sieve = np.ones(most, bool)
    sieve[:2] = False
    for i in range(2, int(most**0.5) + 1):
        sieve[i * i :: i] = False
    return np.flatnonzero(sieve)[:count].astype(float)


def gauss(values: Array) -> tuple[Array, Array]:
    """Gauss quadrature for the mean over a sample: a few nodes that give the same integrals of smooth functions.

    Lanczos' recurrence with full reorthogonalisation (Gautschi 2004, Orthogonal Polynomials).
    """
    low, high = values.min(), values.max()
    if high - low < 1e-12:
        return np.array([values.mean()]), np.ones(1)
    # thousands of narrow classes, each with its mean, instead of every value
    bins = np.minimum((values - low) * (_BINS / (high - low)), _BINS - 1).astype(np.int64)
    counts = np.bincount(bins, minlength=_BINS)
    x = weighted_count(bins, values, _BINS)[counts > 0] / counts[counts > 0]
    x = (2 * x - low - high) / (high - low)
    basis = np.empty((_NODES, len(x)))
    basis[0] = np.sqrt(counts[counts > 0] / len(values))
    diagonal, off = np.zeros(_NODES), np.zeros(_NODES - 1)
    for k in range(_NODES):
        v = x * basis[k]
        diagonal[k] = v @ basis[k]
        if k + 1 == _NODES:
            break
        for _ in range(2):
            v = v - basis[: k + 1].T @ (basis[: k + 1] @ v)
        off[k] = np.sqrt(v @ v)
        basis[k + 1] = v / off[k]
    nodes, vectors = np.linalg.eigh(np.diag(diagonal) + np.diag(off, 1) + np.diag(off, -1))
    return (nodes * (high - low) + low + high) / 2, vectors[0] ** 2


def one_factor(matrix: Array) -> Array | None:
    """Loadings l with correlations l_i l_j, none of them near 1; None where there are none."""
    size = len(matrix)
    off = matrix - np.eye(size)
    if np.abs(off).max() < 1e-12:
        return np.zeros(size)
    i, j = np.unravel_index(np.abs(off).argmax(), off.shape)
    both = np.abs(off[i] * off[j])
    k = int(both.argmax())
    if both[k] < 1e-12:
        return None
    square = off[i, j] * off[i, k] / off[j, k]
    if not 0 < square < 1:
        return None
    loadings = off[i] / np.sqrt(square)
    loadings[i] = np.sqrt(square)
    product = np.outer(loadings, loadings)
    np.fill_diagonal(product, 1.0)
    near = np.abs(product - matrix).max() < 1e-11 and np.abs(loadings).max() < np.sqrt(1 - 4e-3)
    return loadings if near else None


class OneFactor:
    """P(max |T| > c) where T_j = (l_j z + sqrt(1 - l_j^2) e_j) / s, by quadrature over z and s."""

    def __init__(self, loadings: Array) -> None:
        from scipy.special import ndtr

        self._top = 9.5
        nodes = np.cos(np.pi * (np.arange(257) + 0.5) / 257)
        x = (nodes + 1) * self._top / 2
        z, w = _legendre(220)
        z, w = 9.0 * z, 9.0 * w * np.exp(-((9.0 * z) ** 2) / 2) / np.sqrt(2 * np.pi)
        inside = np.ones((len(x), len(z)))
        alike, counts = np.unique(np.abs(loadings), return_counts=True)
        for one, count in zip(alike, counts, strict=True):
            spread = np.sqrt(1 - one**2)
            inside *= (ndtr((x[:, None] + one * z) / spread) - ndtr((one * z - x[:, None]) / spread)) ** count
        angle = np.outer(np.arange(257), np.pi * (np.arange(257) + 0.5) / 257)
        series = np.cos(angle) @ (1 - inside @ w) * 2 / 257
        series[0] /= 2
        self._series = np.polynomial.chebyshev.Chebyshev(series, domain=[0, self._top])

    def _beyond(self, x: Array) -> Array:
        return np.where(x < self._top, self._series(np.minimum(x, self._top)), 0.0)

    def __call__(self, c: Array, df: Array, /) -> Array:
        out = np.empty(len(c))
        for one in np.unique(df):
            rows = df == one
            if one >= LARGE:
                out[rows] = self._beyond(c[rows])
                continue
            s, w = _chi(float(one))
            out[rows] = self._beyond(c[rows, None] * s) @ w
        return out


@lru_cache(maxsize=8)
def _legendre(points: int) -> tuple[Array, Array]:
    return np.polynomial.legendre.leggauss(points)


@lru_cache(maxsize=256)
def _chi(df: float) -> tuple[Array, Array]:
    """Nodes and weights of s = sqrt(chi^2 / df)."""
    from scipy.special import chdtri, gammaln

    low, high = np.sqrt(chdtri(df, 1 - 1e-16) / df), np.sqrt(chdtri(df, 1e-16) / df)
    x, w = _legendre(160)
    s = low + (high - low) * (x + 1) / 2
    log = (df - 1) * np.log(s) - df * s**2 / 2 + (df / 2) * np.log(df) - gammaln(df / 2) - (df / 2 - 1) * np.log(2)
    weights = np.exp(log) * w * (high - low) / 2
    return s, weights / weights.sum()
