"""Splines of numbers among the terms of a model."""

from __future__ import annotations

import numpy as np

from survey.base.arrays import Array

__all__ = ["natural_spline"]


def natural_spline(x: Array, about: Array, df: int = 1, knots: tuple[float, ...] | None = None) -> Array:
    """Natural cubic splines of x without the intercept: (rows, df), the basis of R's splines::ns.

    Cubic B-splines with inner knots at quantiles of x, in the subspace whose second derivatives at both ends are zero
    (de Boor 1978, A Practical Guide to Splines).

    Parameters
    ----------
    x : array (rows,)
    about : array
        The values that knots are taken from; their ends are where the spline becomes a line.
    df : int
    knots : tuple of float, optional
        Inner knots; left out, df - 1 of them.

    Raises
    ------
    ValueError
        If knots lie outside the range of the values.
    """
    from scipy.interpolate import BSpline

    low, high = float(about.min()), float(about.max())
    inner = np.quantile(about, np.linspace(0, 1, df + 1)[1:-1]) if knots is None else np.sort(np.array(knots, float))
    if not low < high or (len(inner) and not (low < inner.min() and inner.max() < high)):
        raise ValueError("knots lie outside the range of the values")
    every = np.r_[[low] * 4, inner, [high] * 4]
    k = len(every) - 4
    spline = BSpline(every, np.eye(k), 3)
    ends = spline.derivative(2)(np.array([low, high]))[:, 1:]
    q = np.linalg.qr(ends.T, mode="complete")[0]
    return np.asarray(spline(x)[:, 1:] @ q[:, 2:])
