"""One factor behind several items: loadings by minimum residuals, and how many components chance would explain.

References
----------
Harman & Jones (1966), Psychometrika 31, 351-368: minres. Horn (1965), Psychometrika 30, 179-185, and Glorfeld (1995),
Educational and Psychological Measurement 55, 377-393: parallel analysis, by a high quantile of chance. Bartlett (1933),
Proc. Royal Society of Edinburgh 53: covariance matrices of independent normal items drawn without their rows.
"""

from __future__ import annotations

import numpy as np

from survey.base.arrays import Array

__all__ = ["LEAST_ITEMS", "by_chance", "loadings", "standardised"]

LEAST_ITEMS = 3
"""Items from which the loadings of one factor are determined."""
_SWEEPS, _NEWTON = 400, 60
_NEAR, _SOLVED = 1e-3, 1e-13


def standardised(covariance: Array) -> Array:
    """Correlation matrices of covariance matrices (..., k, k)."""
    sd = np.sqrt(np.einsum("...ii->...i", covariance))
    return np.asarray(covariance / (sd[..., :, None] * sd[..., None, :]))


def loadings(correlation: Array) -> Array:
    """Loadings (rows, k) of one factor that leave the least squared correlations between items unexplained.

    Parameters
    ----------
    correlation : array (rows, k, k)
        Real; or complex with a tiny imaginary part, which then goes through a step of Newton's method at the solution
        and gives the derivative of the loadings, as the implicit function theorem has it.

    Returns
    -------
    array (rows, k)
        Of positive sum; NaN where there are fewer than three items, or no solution was found.
    """
    rows, k = correlation.shape[:2]
    if k < LEAST_ITEMS:
        return np.full((rows, k), np.nan)
    real = np.ascontiguousarray(correlation.real)
    found = np.full((rows, k), np.nan)
    ok = np.isfinite(real).all(axis=(1, 2))
    if ok.any():
        different, place = np.unique(real[ok].reshape(ok.sum(), -1), axis=0, return_inverse=True)
        found[ok] = _solved(different.reshape(-1, k, k))[place.reshape(-1)]
    if np.iscomplexobj(correlation):
        moved = np.full((rows, k), np.nan, complex)
        known = np.isfinite(found).all(axis=1)
        if known.any():
            moved[known] = found[known] - _step(found[known], correlation[known])
        return moved
    return found


def _solved(r: Array) -> Array:
    k = r.shape[1]
    values, vectors = np.linalg.eigh(r)
    found = vectors[:, :, -1] * np.sqrt(np.maximum(values[:, -1:], 0))
    # one item after the other by least squares: it never gets worse, and ends near the solution
    for _ in range(_SWEEPS):
        before = found.copy()
        for i in range(k):
            others = np.delete(np.arange(k), i)
            top = np.einsum("rj,rj->r", r[:, i, others], found[:, others])
            found[:, i] = top / np.maximum((found[:, others] ** 2).sum(axis=1), 1e-300)
        if np.abs(found - before).max() < _NEAR:
            break
    solved = np.zeros(len(r), bool)
    with np.errstate(invalid="ignore", over="ignore"):
        for _ in range(_NEWTON):
            step = _step(found, r)
            found = found - step
            solved = np.abs(step).max(axis=1) <= _SOLVED * np.maximum(1, np.abs(found).max(axis=1))
            if (solved | ~np.isfinite(found).all(axis=1)).all():
                break
    # a point where the derivative is 0 may be a saddle: at a minimum the second derivatives are positive
    least = np.full(len(r), np.nan)
    finite = np.isfinite(found).all(axis=1)
    if finite.any():
        least[finite] = np.linalg.eigvalsh(_curvature(found[finite], r[finite]))[:, 0]
    found[~(solved & (least > 0))] = np.nan
    return np.asarray(np.where(found.sum(axis=1, keepdims=True) < 0, -found, found))


def _curvature(a: Array, r: Array) -> Array:
    """Half the second derivatives of half the sum of squared residuals (rows, k, k)."""
    k = a.shape[1]
    product = a[:, :, None] * a[:, None, :]
    out = 2 * product - r
    square = a**2
    out[:, np.arange(k), np.arange(k)] = square.sum(axis=1, keepdims=True) - square
    return np.asarray(out)


def _step(a: Array, r: Array) -> Array:
    """A step of Newton's method (rows, k)."""
    k = a.shape[1]
    residual = a[:, :, None] * a[:, None, :] - r
    residual[:, np.arange(k), np.arange(k)] = 0
    slope = np.einsum("rij,rj->ri", residual, a)
    curvature = _curvature(a, r)
    try:
        return np.asarray(np.linalg.solve(curvature, slope[:, :, None])[:, :, 0])
    except np.linalg.LinAlgError:  # one of them is singular: by its pseudo-inverse the others are the same
        return np.asarray((np.linalg.pinv(curvature) @ slope[:, :, None])[:, :, 0])


def by_chance(k: int, n: float, draws: int, quantile: float, seed: int) -> Array:
    """Quantile (k,) of the eigenvalues of the correlation matrix of k independent normal items with n answers each."""
    rng = np.random.default_rng(seed)
    lower = np.tril(rng.standard_normal((draws, k, k)), -1)
    lower[:, np.arange(k), np.arange(k)] = np.sqrt(rng.chisquare(n - 1 - np.arange(k), (draws, k)))
    values = np.linalg.eigvalsh(standardised(lower @ lower.transpose(0, 2, 1)))[:, ::-1]
    return np.asarray(np.quantile(values, quantile, axis=0))
