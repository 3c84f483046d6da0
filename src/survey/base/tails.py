"""What tests are made of: a Wald statistic, and the upper tails of F, chi-squared and weighted sums of chi-squared."""

from __future__ import annotations

import numpy as np

from survey.base.arrays import Array

__all__ = ["chi2_tail", "departure", "f_tail", "wald", "weighted_tail"]

_NEAR = 1e-5
"""Of a standard deviation: nearer to the mean the saddlepoint formula is 0 over 0, and its limit is taken."""
_EDGE = 1e-12
"""How near a root is looked for to where the derivative is infinite."""
_SINGULAR = 1e-10
"""Smallest over largest eigenvalue of a correlation matrix below which it has no inverse."""


def wald(values: Array, covariance: Array) -> float:
    """Numbers (k,) squared in the metric of their covariance (k, k), over k; NaN where that cannot be inverted."""
    if not len(values) or not (np.isfinite(values).all() and np.isfinite(covariance).all()):
        return float("nan")
    size = np.sqrt(np.clip(np.diag(covariance), 0, None))
    if not size.all():
        return float("nan")
    correlation, z = covariance / np.outer(size, size), values / size
    eigenvalues = np.linalg.eigvalsh(correlation)
    if eigenvalues[0] <= _SINGULAR * eigenvalues[-1]:
        return float("nan")
    return float(z @ np.linalg.solve(correlation, z)) / len(z)


def departure(values: Array, covariance: Array, x: Array) -> float:
    """Wald's statistic, over k - 2, of whether numbers (k,) lie on a straight line over x (k,); NaN as for `wald`."""
    line = np.stack([np.ones(len(x)), x - x.mean()], axis=1)
    beyond = np.linalg.qr(line, mode="complete")[0][:, 2:]
    return wald(beyond.T @ values, beyond.T @ covariance @ beyond)


def chi2_tail(x: float, df: float) -> float:
    """P(chi-squared with `df` degrees of freedom > x); NaN where df <= 0."""
    from scipy.special import chdtrc

    return float(chdtrc(df, max(x, 0.0))) if df > 0 and np.isfinite(x) else float("nan")


def f_tail(x: float, df: float, ddf: float) -> float:
    """P(F with `df` and `ddf` degrees of freedom > x); NaN where one of them is not above 0."""
    from scipy.special import fdtrc

    if not (df > 0 and ddf > 0 and np.isfinite(x)):
        return float("nan")
    return float(fdtrc(df, ddf, max(x, 0.0))) if np.isfinite(ddf) else chi2_tail(df * x, df)


def weighted_tail(x: float, weights: Array, ddf: float = np.inf) -> float:
    """P(sum of weights * chi-squared with 1 df > x), by the saddlepoint approximation.

    Parameters
    ----------
    x : float
    weights : array (k,)
        Above 0.
    ddf : float
        Degrees of freedom with which the scale of the weights was estimated: x is then compared with the sum over an
        independent chi-squared variable divided by its `ddf`, as F is to chi-squared. Infinite where it is known.

    Returns
    -------
    float
        NaN where there is no weight above 0 or ddf <= 0.

    References
    ----------
    Kuonen (1999), Biometrika 86, 929-935; Lumley & Scott (2014), Aust. N. Z. J. Stat. 56, 1-14, for `ddf`.
    """
    from scipy.optimize import brentq
    from scipy.special import ndtr

    a = np.asarray(weights, dtype=float)
    a = a[a > 0]
    if not len(a) or not ddf > 0 or not np.isfinite(x):
        return float("nan")
    if x <= 0:
        return 1.0
    scale = float(a.max())
    a, df, at = a / scale, np.ones(len(a)), x / scale
    if np.isfinite(ddf):  # the sum less x times the scale exceeds 0
        a, df, at = np.append(a, -at / ddf), np.append(df, ddf), 0.0

    def first(s: float) -> float:
        return float((df * a / (1 - 2 * a * s)).sum()) - at

    def second(s: float) -> float:
        return float((2 * df * a**2 / (1 - 2 * a * s) ** 2).sum())

    spread = np.sqrt(second(0.0))
    if abs(first(0.0)) < _NEAR * spread:
        skewness = float((8 * df * a**3).sum()) / spread**3
        return float(ndtr(first(0.0) / spread - skewness / 6))
    high = 0.5 / a.max()
    low = 0.5 / a.min() if a.min() < 0 else min(-1.0, -len(a) / at)
    while a.min() > 0 and first(low) > 0:
        low *= 2
    if a.min() < 0:
        low *= 1 - _EDGE
    s = float(brentq(first, low, high * (1 - _EDGE), xtol=1e-300, rtol=1e-14, maxiter=500))
    exponent = s * at + 0.5 * float((df * np.log1p(-2 * a * s)).sum())
    w = np.sign(s) * np.sqrt(2 * max(exponent, 0.0))
    v = s * np.sqrt(second(s))
    return float(np.clip(ndtr(-(w + np.log(v / w) / w)), 0.0, 1.0))
