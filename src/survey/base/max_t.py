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
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from survey.base._max_t_integrals import (
    LARGE,
    PRODUCT,
    OneFactor,
    Radial,
    Short,
    directions_on,
    gauss,
    half_circle,
    loadings_of,
    loadings_of_differences,
    one_factor,
    radial,
)
from survey.base.arrays import Array, t_interval_factor, t_pvalue
from survey.errors import EstimationError

__all__ = ["MaxT", "max_t", "max_t_of_pairs"]

_POINTS = ((2_000, 8191), (10_000_000, 1021), (np.inf, 251))
"""Statistics x axes up to which each of the eight shifted lattices has so many points. The tail at 5% has a standard
error below 0.0002 with few statistics and below 0.001 with all pairs of 40 groups, mvtnorm's own default (see
`MaxT.error`)."""
_FEW = 60
"""Differences up to which their correlation is made; of more, they are taken block by block from what they compare."""


class _Tail(Protocol):
    """P(max |T| > c) for arrays c and df of the same shape, before it is held between its bounds."""

    def __call__(self, c: Array, df: Array, /) -> Array: ...


class _Largest(Protocol):
    """M(u) of each direction, in single precision."""

    def __call__(self, directions: Short, /) -> Short: ...


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
            found = self.tail_of(c[known], np.minimum(df[known], LARGE))
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
            out[known] = self._root(low[known], high[known], np.minimum(wanted[known], LARGE), 1 - level)
        return out[place].reshape(np.shape(df))

    def _root(self, low: Array, high: Array, df: Array, alpha: float) -> Array:
        """Where the tail is alpha, between two bounds: false position on its logarithm (the Illinois rule)."""

        def excess(c: Array) -> Array:
            return np.asarray(np.log(np.maximum(self.tail_of(c, df), 1e-300) / alpha), dtype=float)

        above, below = np.maximum(excess(low), 0.0), np.minimum(excess(high), 0.0)
        middle, last = low, np.zeros(len(low))
        for _ in range(100):
            width = above - below
            middle = low + (high - low) * above / np.where(width > 0, width, 1.0)
            found = excess(middle)
            if np.all((np.abs(found) < 1e-11) | (high - low <= 1e-13 * high)):
                break
            rises = found > 0
            # a bound that stays twice counts half, so that it moves in the end
            stay_low, stay_high = np.where(last < 0, above / 2, above), np.where(last > 0, below / 2, below)
            above, below = np.where(rises, found, stay_low), np.where(rises, stay_high, found)
            low, high = np.where(rises, middle, low), np.where(rises, high, middle)
            last = np.where(rises, 1.0, -1.0)
        return middle

    def each_level(self, level: float) -> float:
        """At which confidence level each statistic is judged so that all are right at once with probability `level`.

        They are taken as jointly normal for this, and each then gets the t quantile of its own degrees of freedom. A
        multivariate t would have them share one estimated variance. Groups of a survey have each their own: of 40 wards
        of 12 clusters that are all alike, its quantile let all be told alike 91 times in 100, and this one 95.
        """
        from scipy.special import ndtr

        return float(1 - 2 * ndtr(-self.critical_value(np.inf, level)))

    def error(self, c: float, df: float) -> float:
        """Standard error of `tail(c, df)` from the shifts of the lattice; 0 where the integral is exact."""
        if self.samples is None:
            return 0.0
        of_each = [radial(np.array([c]), np.array([min(df, LARGE)]), m, None, self.rank)[0] for m in self.samples]
        return float(np.std(of_each, ddof=1) / np.sqrt(len(of_each)))


def max_t(correlation: Array) -> MaxT:
    """The distribution of max |T| for a correlation (or covariance) matrix; it may be singular.

    Exact for correlations of rank 1 and 2 and of one factor; see `MaxT.error` otherwise. The same on every run.

    Raises
    ------
    EstimationError
        If it is no square, symmetric, finite matrix with a positive diagonal.
    """
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
    factor = loadings_of(matrix)
    return _of_factor(factor, matrix if factor.shape[1] == len(matrix) else None)


def max_t_of_pairs(covariance: Array, first: NDArray[np.int64], second: NDArray[np.int64]) -> MaxT:
    """The distribution of max |T| for differences `second` - `first` of estimates with this covariance.

    The matrix of the differences, 780 by 780 for all pairs of 40 groups, is never made.
    """
    used = np.unique(np.concatenate([first, second]))
    a, b, size = np.searchsorted(used, first), np.searchsorted(used, second), len(first)
    covariance = covariance[np.ix_(used, used)]
    if size <= max(_FEW, len(used)):
        half = covariance[b] - covariance[a]
        return max_t(half[:, b] - half[:, a])
    loadings = loadings_of_differences(covariance)
    order = np.lexsort((b, a))
    a, b = a[order], b[order]
    inverse = np.empty(size)
    for rows in np.array_split(np.arange(size), max(1, size * loadings.shape[1] // 1_000_000)):
        inverse[rows] = 1 / np.sqrt(((loadings[b[rows]] - loadings[a[rows]]) ** 2).sum(axis=1))
    ends = np.flatnonzero(np.r_[np.diff(a) > 0, True]) + 1
    short = loadings.astype(np.float32)
    width = max(16, PRODUCT // short.size)
    blocks = [
        (int(a[start]), _consecutive(b[start:end]), inverse[start:end, None].astype(np.float32))
        for start, end in zip(np.r_[0, ends[:-1]], ends, strict=True)
    ]

    def largest(directions: Short) -> Short:
        scores = np.empty((len(short), len(directions)), np.float32)
        for start in range(0, len(directions), width):
            scores[:, start : start + width] = short @ directions[start : start + width].T
        out = np.zeros(len(directions), np.float32)
        room = np.empty_like(scores)
        for one, others, scale in blocks:
            gap = np.subtract(scores[others], scores[one], out=room[: len(scale)])
            np.abs(gap, out=gap)
            gap *= scale
            np.maximum(out, gap.max(axis=0), out=out)
        return out

    return _sampled(size, loadings.shape[1], largest, 2048)


def _consecutive(rows: NDArray[np.int64]) -> slice | NDArray[np.int64]:
    """Rows as a slice where they follow each other: a view and no copy."""
    if rows[-1] - rows[0] + 1 == len(rows):
        return slice(int(rows[0]), int(rows[-1]) + 1)
    return rows


def _of_factor(factor: Array, full: Array | None) -> MaxT:
    """From loadings with rows of length 1; `full` is their correlation where it has full rank."""
    size, rank = factor.shape
    if rank == 1:
        return MaxT(size, Radial(np.ones(1), np.ones(1), 1))
    if rank == 2:
        return MaxT(size, Radial(*half_circle(factor), 2), 2)
    loadings = None if full is None else one_factor(full)
    if loadings is not None:
        return MaxT(size, OneFactor(loadings), rank)

    short = factor.astype(np.float32)

    def largest(directions: Short) -> Short:
        scores = directions @ short.T
        return np.asarray(np.abs(scores, out=scores).max(axis=1))

    return _sampled(size, rank, largest)


def _sampled(size: int, rank: int, largest: _Largest, step: int = 0) -> MaxT:
    together = step > 0
    directions = directions_on(rank, next(points for most, points in _POINTS if size * rank <= most))
    # products so small that BLAS starts no threads, and that their results stay in the processor's cache
    step = step or max(16, PRODUCT // (size * rank))
    samples = np.empty(directions.shape[:2])
    # many statistics have few points a shift: they are taken together, for fewer and longer steps
    flat, lengths = (1, -1) if together else directions.shape[:2]
    at_once, out = directions.reshape(flat, lengths, rank), samples.reshape(flat, lengths)
    for shift in range(flat):
        for start in range(0, at_once.shape[1], step):
            part = slice(start, start + step)
            out[shift, part] = largest(at_once[shift, part])
    return MaxT(size, Radial(*gauss(samples.ravel().astype(float)), rank), rank, samples)
