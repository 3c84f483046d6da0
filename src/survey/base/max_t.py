"""The largest of several t statistics that move together: simultaneous critical values and adjusted p-values.

With z normal on as many axes as the correlation has rank, T_j = a_j'z / s with s^2 = chi^2 / df. In polar
coordinates z = r u, max_j |T_j| = (r / s) M(u) with M(u) = max_j |a_j'u|, and (r / s)^2 / rank is an F statistic that
does not depend on u. So P(max |T| > c) is the mean over directions u of the F tail beyond c^2 / (rank M(u)^2): smooth
in c, the same directions for every c and df, and singular correlations (all pairs of groups) need nothing special.

The mean over directions is exact for one or two axes, and a lattice rule otherwise. Where correlations are products of
one loading each (independent groups against one control; independent statistics) the integral over the common factor
is exact at any number of axes.

References
----------
Deak (1980), Numerische Mathematik 35; Genz & Bretz (2009), Computation of Multivariate Normal and t Probabilities.
Dunnett & Sobel (1955), Biometrika 42: the one-factor integral. Hothorn, Bretz & Westfall (2008), Biometrical Journal
50: what the numbers are for.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from survey.base.arrays import Array, t_interval_factor, t_pvalue, weighted_count
from survey.errors import EstimationError

__all__ = ["MaxT", "adjusted_pvalues", "critical_value", "max_t", "max_t_of_pairs"]

_Short = NDArray[np.float32]
_SHIFTS = 8
_POINTS = ((2_000, 8191), (10_000_000, 1021), (np.inf, 251))
"""Statistics x axes up to which each of the eight shifted lattices has so many points. The tail at 5% has a standard
error below 0.0002 with few statistics and below 0.001 with all pairs of 40 groups, mvtnorm's own default (see
`MaxT.error`)."""
_MATRIX = 2_000_000
"""Largest matrix of loadings: all pairs of 150 groups; with more, differences are taken block by block."""
_NODES = 24
_BINS = 2048
_RANK = 1e-10
_LARGE = 1e9
"""Degrees of freedom beyond which a t is a normal to every digit."""


class _Tail(Protocol):
    """P(max |T| > c) for arrays c and df of the same shape, before it is held between its bounds."""

    def __call__(self, c: Array, df: Array, /) -> Array: ...


class _Largest(Protocol):
    """M(u) of each direction, in single precision."""

    def __call__(self, directions: _Short, /) -> _Short: ...


@dataclass(frozen=True)
class MaxT:
    """Distribution of the largest absolute value among statistics that are jointly t.

    Parameters
    ----------
    size : int
        Number of statistics.
    tail_of : callable
        P(max |T| > c) of arrays c and df.
    samples : array (shifts, points), optional
        M(u) of the directions drawn, where the integral is not exact.
    rank : int
    """

    size: int
    tail_of: _Tail
    rank: int = 1
    samples: Array | None = None

    def tail(self, c: Array | float, df: Array | float) -> Array:
        """P(max |T| > c), never below the p-value of one statistic nor above Bonferroni's; NaN where df <= 0."""
        c, df = np.broadcast_arrays(np.abs(np.asarray(c, float)), np.asarray(df, float))
        single = t_pvalue(c, df)
        known = np.isfinite(single) & np.isfinite(c)
        out = single.copy()
        if known.any():
            found = self.tail_of(c[known], np.minimum(df[known], _LARGE))
            out[known] = np.clip(found, single[known], np.minimum(1.0, self.size * single[known]))
        return out

    def critical_value(self, df: Array | float, level: float = 0.95) -> Array:
        """The c that max |T| stays below with probability `level`; NaN where df <= 0."""
        wanted, place = np.unique(np.asarray(df, float), return_inverse=True)
        low = np.asarray(t_interval_factor(level, wanted), float)
        high = np.asarray(t_interval_factor(1 - (1 - level) / self.size, wanted), float)
        out = np.full(len(wanted), np.nan)
        known = np.isfinite(low) & np.isfinite(high)
        if known.any():
            out[known] = self._root(low[known], high[known], np.minimum(wanted[known], _LARGE), 1 - level)
        return out[place].reshape(np.shape(df))

    def _root(self, low: Array, high: Array, df: Array, alpha: float) -> Array:
        """Where the tail is alpha, between two bounds: false position on its logarithm (the Illinois rule)."""

        def excess(c: Array) -> Array:
            return np.asarray(np.log(np.maximum(self.tail_of(c, df), 1e-300) / alpha), dtype=float)

        above, below = np.maximum(excess(low), 0.0), np.minimum(excess(high), 0.0)
        middle = low
        for _ in range(100):
            width = above - below
            middle = low + (high - low) * above / np.where(width > 0, width, 1.0)
            found = excess(middle)
            if np.all((np.abs(found) < 1e-13) | (high - low <= 1e-13 * high)):
                break
            rises = found > 0
            # a bound that stays twice counts half, so that it moves in the end
            above, below = np.where(rises, found, above / 2), np.where(rises, below / 2, found)
            low, high = np.where(rises, middle, low), np.where(rises, high, middle)
        return middle

    def error(self, c: float, df: float) -> float:
        """Standard error of `tail(c, df)` from the shifts of the lattice; 0 where the integral is exact."""
        if self.samples is None:
            return 0.0
        of_each = [_radial(np.array([c]), np.array([min(df, _LARGE)]), m, None, self.rank)[0] for m in self.samples]
        return float(np.std(of_each, ddof=1) / np.sqrt(len(of_each)))


def critical_value(correlation: Array, df: float, level: float = 0.95) -> float:
    """Two-sided equicoordinate quantile of a multivariate t: |T_j| <= c for all j with probability `level`.

    Parameters
    ----------
    correlation : array (k, k)
        Of the statistics; may be singular. A covariance matrix does as well.
    df : float
        Degrees of freedom, the same for all; may be infinite. NaN comes back where it is not above 0.
    level : float

    Returns
    -------
    float
        The same on every run. Exact for correlations of rank 1 and 2 and of one factor; see `MaxT.error` otherwise.

    Raises
    ------
    EstimationError
        If `correlation` is no square, symmetric, finite matrix with a positive diagonal.
    """
    return float(max_t(correlation).critical_value(df, level))


def adjusted_pvalues(statistic: Array, correlation: Array, df: Array | float) -> Array:
    """P(max_j |T_j| >= |t_i|) for each statistic t_i: single-step p-values, adjusted for all k comparisons.

    Parameters
    ----------
    statistic : array (k,)
        NaN stays NaN.
    correlation : array (k, k)
    df : float or array (k,)
        Where they differ, each statistic is judged by its own.

    Returns
    -------
    array (k,)
    """
    return max_t(correlation).tail(np.asarray(statistic, float), df)


def max_t(correlation: Array) -> MaxT:
    """The distribution of max |T| for a correlation (or covariance) matrix; it may be singular."""
    matrix = np.asarray(correlation, float)
    square = matrix.ndim == 2 and matrix.shape[0] == matrix.shape[1] and matrix.shape[0] > 0
    if not square or not np.isfinite(matrix).all() or not np.allclose(matrix, matrix.T) or (np.diag(matrix) <= 0).any():
        raise EstimationError(
            "A correlation matrix must be square, symmetric and finite, with a positive diagonal.",
            got=f"shape {matrix.shape}",
            fix="leave out comparisons without a standard error",
        )
    scale = np.sqrt(np.diag(matrix))
    matrix = matrix / np.outer(scale, scale)
    values, vectors = np.linalg.eigh((matrix + matrix.T) / 2)
    keep = values > _RANK * values[-1] * len(values)
    factor = vectors[:, keep] * np.sqrt(values[keep])
    return _of_factor(factor, matrix if keep.all() else None)


def max_t_of_pairs(covariance: Array, first: NDArray[np.int64], second: NDArray[np.int64]) -> MaxT:
    """The distribution of max |T| for differences `second` - `first` of estimates with this covariance.

    The matrix of the differences, 780 by 780 for all pairs of 40 groups, is never made.
    """
    values, vectors = np.linalg.eigh((covariance + covariance.T) / 2)
    keep = values > _RANK * values[-1] * len(values)
    loadings = vectors[:, keep] * np.sqrt(values[keep])
    # what all have in common drops out of differences, and with it an axis
    shift = loadings[np.unique(np.concatenate([first, second]))].mean(axis=0)
    values, vectors = np.linalg.eigh((loadings - shift).T @ (loadings - shift))
    loadings = (loadings - shift) @ vectors[:, values > _RANK * values[-1] * len(values)]
    size, rank = len(first), loadings.shape[1]
    if size * rank <= _MATRIX:
        factor = loadings[second] - loadings[first]
        factor = factor / np.sqrt((factor**2).sum(axis=1))[:, None]
        return _of_factor(factor, factor @ factor.T if size == rank else None)
    order = np.argsort(first, kind="stable")
    a, b = first[order], second[order]
    inverse = np.empty(size)
    for rows in np.array_split(np.arange(size), max(1, size * rank // 1_000_000)):
        inverse[rows] = 1 / np.sqrt(((loadings[b[rows]] - loadings[a[rows]]) ** 2).sum(axis=1))
    starts = np.flatnonzero(np.r_[True, np.diff(a) > 0])
    loadings, inverse = loadings.astype(np.float32), inverse.astype(np.float32)
    blocks = [(int(a[s]), b[s:e], inverse[s:e]) for s, e in zip(starts, np.r_[starts[1:], size], strict=True)]

    def largest(directions: _Short) -> _Short:
        scores = loadings @ directions.T
        out = np.zeros(len(directions), np.float32)
        for one, others, scale in blocks:
            gap = scores[others]
            gap -= scores[one]
            np.abs(gap, out=gap)
            gap *= scale[:, None]
            np.maximum(out, gap.max(axis=0), out=out)
        return out

    return _sampled(size, rank, largest)


def _of_factor(factor: Array, full: Array | None) -> MaxT:
    """From loadings with rows of length 1; `full` is their correlation where it has full rank."""
    size, rank = factor.shape
    if rank == 1:
        return MaxT(size, _Radial(np.ones(1), np.ones(1), 1))
    if rank == 2:
        return MaxT(size, _Radial(*_half_circle(factor), 2), 2)
    loadings = None if full is None else _one_factor(full)
    if loadings is not None:
        return MaxT(size, _OneFactor(loadings), rank)

    short = factor.astype(np.float32)

    def largest(directions: _Short) -> _Short:
        scores = directions @ short.T
        return np.asarray(np.abs(scores, out=scores).max(axis=1))

    return _sampled(size, rank, largest)


@dataclass(frozen=True)
class _Radial:
    """The mean of F tails over a discrete distribution of M(u)."""

    nodes: Array
    weights: Array
    rank: int

    def __call__(self, c: Array, df: Array, /) -> Array:
        return _radial(c, df, self.nodes, self.weights, self.rank)


def _radial(c: Array, df: Array, nodes: Array, weights: Array | None, rank: int) -> Array:
    from scipy.special import chdtrc, fdtrc

    square = (c[:, None] / nodes) ** 2
    normal = df >= _LARGE
    tails = np.empty(square.shape)
    tails[normal] = chdtrc(rank, square[normal])
    tails[~normal] = fdtrc(rank, df[~normal, None], square[~normal] / rank)
    return np.asarray(tails.mean(axis=1) if weights is None else tails @ weights, dtype=float)


def _half_circle(factor: Array) -> tuple[Array, Array]:
    """Nodes and weights of M(u) on two axes: M is the cosine of the angle to the nearest of the statistics' axes."""
    angle = np.unique(np.mod(np.arctan2(factor[:, 1], factor[:, 0]), np.pi))
    gaps = np.diff(np.r_[angle, angle[0] + np.pi]) / 2
    x, w = _legendre(_NODES)
    theta = gaps[:, None] * (x + 1) / 2
    return np.cos(theta).ravel(), (gaps[:, None] * w / np.pi).ravel()


@lru_cache(maxsize=8)
def _directions(rank: int, points: int) -> _Short:
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
    short: _Short = z.astype(np.float32)  # seven digits of a direction are many times more than the lattice knows
    short.flags.writeable = False
    return short


def _primes(count: int) -> Array:
    most = max(20, int(count * (np.log(count + 1) + np.log(np.log(count + 3)))) + 10)
    sieve = np.ones(most, bool)
    sieve[:2] = False
    for i in range(2, int(most**0.5) + 1):
        sieve[i * i :: i] = False
    return np.flatnonzero(sieve)[:count].astype(float)


def _sampled(size: int, rank: int, largest: _Largest) -> MaxT:
    directions = _directions(rank, next(points for most, points in _POINTS if size * rank <= most))
    step = max(1, 1_000_000 // min(size, 2000))
    samples = np.empty(directions.shape[:2])
    for shift in range(len(directions)):
        for start in range(0, directions.shape[1], step):
            part = slice(start, start + step)
            samples[shift, part] = largest(directions[shift, part])
    return MaxT(size, _Radial(*_gauss(samples.ravel().astype(float)), rank), rank, samples)


def _gauss(values: Array) -> tuple[Array, Array]:
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


def _one_factor(matrix: Array) -> Array | None:
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


class _OneFactor:
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
            if one >= _LARGE:
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
