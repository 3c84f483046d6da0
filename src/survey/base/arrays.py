"""The few pieces of linear algebra and distribution theory that several layers share.

scipy is imported where it is used: `import survey` must stay light.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "Array",
    "distinct",
    "gram",
    "plain_quantiles",
    "rows_of",
    "solve_spd",
    "t_interval_factor",
    "t_pvalue",
    "tallied",
    "weighted_count",
]

Array = NDArray[np.float64]
_FEW, _CHUNK = 16, 1 << 18
"""Codes that are compared one by one; rows at a time, whose codes (1 byte) stay in the processor's cache."""


def weighted_count(key: NDArray[Any], weights: Array, size: int) -> Array:
    """Sum of weights by key 0..size-1: numpy's bincount, whose result is of floats as soon as there are weights."""
    if not weights.flags.writeable:
        # columns of a data frame are locked, and bincount copies what is locked, though it never writes
        weights = weights.view()
        with suppress(ValueError):
            weights.flags.writeable = True
    return np.bincount(key, weights, size)  # type: ignore[return-value]


def tallied(key: NDArray[Any], people: NDArray[np.int64] | None, size: int) -> NDArray[np.int64]:
    """Rows by key 0..size-1; where each row stands for several people alike, these."""
    if people is None:
        return np.bincount(key, minlength=size)
    return np.asarray(np.rint(weighted_count(key, people.astype(float), size)), np.int64)


def plain_quantiles(values: Array, people: NDArray[np.int64] | None, probs: Array) -> Array:
    """Quantiles as numpy's, between two values where need be, of numbers that each stand for several people."""
    if people is None:
        return np.asarray(np.quantile(values, probs))
    order = np.argsort(values, kind="stable")
    ends, at = np.cumsum(people[order]), probs * (people.sum() - 1)
    low, high = (values[order][np.searchsorted(ends, part, side="right")] for part in (np.floor(at), np.ceil(at)))
    return np.asarray(low + (high - low) * (at - np.floor(at)))


def distinct(key: NDArray[np.int64]) -> NDArray[np.int64]:
    """Each number once, in order. numpy's `unique` hashes, which takes ten times as long where most differ."""
    ordered = np.sort(key)
    first = np.ones(len(ordered), bool)
    np.not_equal(ordered[1:], ordered[:-1], out=first[1:])
    return ordered[first]


def rows_of(code: NDArray[Any], k: int) -> NDArray[np.int64]:
    """Rows of each code 0..k-1. Comparing bytes takes a fraction of what bincount does, which widens them first."""
    if k > _FEW:
        return np.bincount(code, minlength=k + 1)[:k]
    rows, same = np.zeros(k, np.int64), np.empty(min(len(code), _CHUNK), np.bool_)
    for start in range(0, len(code), _CHUNK):
        part = code[start : start + _CHUNK]
        for answer in range(k):
            rows[answer] += np.count_nonzero(np.equal(part, answer, out=same[: len(part)]))
    return rows


def gram(matrix: Array) -> Array:
    """matrix' matrix, taken in parts so small that BLAS starts no threads, which would wait for each other."""
    width = matrix.shape[1]
    step = max(16, 200_000 // max(1, width * width))
    if len(matrix) <= step or width > 1000:
        return np.asarray(matrix.T @ matrix)
    out = np.zeros((width, width))
    for start in range(0, len(matrix), step):
        part = matrix[start : start + step]
        out += part.T @ part
    return out


def t_interval_factor(level: float, df: Array | float) -> Array:
    """Half-width of a two-sided t interval in standard errors; NaN where df <= 0."""
    from scipy.special import stdtrit

    d = np.asarray(df, dtype=float)
    ok = d > 0
    return np.where(ok, stdtrit(np.where(ok & np.isfinite(d), d, 1e12), 0.5 + level / 2), np.nan)


def t_pvalue(statistic: Array | float, df: Array | float) -> Array:
    """Two-sided p-value of a t statistic; NaN where df <= 0."""
    from scipy.special import stdtr

    d = np.asarray(df, dtype=float)
    ok = d > 0
    p = 2 * stdtr(np.where(ok & np.isfinite(d), d, 1e12), -np.abs(np.asarray(statistic, dtype=float)))
    return np.where(ok, p, np.nan)


def solve_spd(matrix: Array, right: Array) -> tuple[Array, int]:
    """Solve a symmetric non-negative system by its pseudo-inverse; also the rank found.

    Calibration margins are linearly dependent (every margin adds up to the population), so the
    cross-product matrix is singular by construction and any of its solutions gives the same residuals.
    Rows and columns are scaled to unit diagonal first, so the rank does not depend on units.
    """
    scale = np.sqrt(np.clip(np.diag(matrix), 0, None))
    scale = np.where(scale > 0, scale, 1.0)
    values, vectors = np.linalg.eigh(matrix / np.outer(scale, scale))
    keep = values > values[-1] * len(values) * 1e-12 if len(values) else values > 0
    basis = vectors[:, keep]
    rotated = basis.T @ (right / scale[:, None] if right.ndim == 2 else right / scale)
    solved = basis @ (rotated / (values[keep][:, None] if right.ndim == 2 else values[keep]))
    return (solved / scale[:, None] if right.ndim == 2 else solved / scale), int(keep.sum())
