"""Regressions on arrays: coefficients, and what each row adds to them.

A row may be a respondent or everybody who is alike in all variables: with the sum of their weights the result is the
same. Nothing here knows of a design; `influence` is what a design turns into standard errors.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from survey.base.arrays import Array
from survey.calibration.logistic import TOLERANCE, logistic, most_likely

__all__ = ["Fit", "aliased_columns", "fit_linear", "fit_logistic", "middle"]


@dataclass(frozen=True, slots=True)
class Fit:
    """A model that was fitted.

    Parameters
    ----------
    beta : array (coefficients,)
    influence : array (rows, coefficients)
        What one unit of weight in a row adds to each coefficient: bread @ score.
    bread : array (coefficients, coefficients)
        Inverse of the information: of X'WX, with the weights of the likelihood in W.
    size : array (rows, coefficients)
        The sum of the absolute values that cancel in `influence`; tells rounding from a residual.
    iterations : int
    converged : bool
        Whether the score is 0 at `beta`, by `TOLERANCE`.
    """

    beta: Array
    influence: Array
    bread: Array
    size: Array
    iterations: int = 1
    converged: bool = True


def fit_linear(y: Array, x: Array, w: Array) -> Fit:
    """Weighted least squares.

    Parameters
    ----------
    y : array (rows,)
    x : array (rows, coefficients)
        Of full rank; see `aliased_columns`. A column of ones is the intercept, wherever it stands.
    w : array (rows,)
        Positive.

    Returns
    -------
    Fit
    """
    first, origin = _origin(x, w)
    values = x - origin
    about = float(np.average(y, weights=w)) if first is not None else 0.0
    root = np.sqrt(w)
    q, r = np.linalg.qr(values * root[:, None])
    beta = np.linalg.solve(r, q.T @ ((y - about) * root))
    bread = np.linalg.solve(r, np.linalg.inv(r).T)
    error = (y - about) - values @ beta
    size = np.abs(values) * np.abs(y - about)[:, None]
    beta, influence, bread, size = _moved_back(beta, values * error[:, None], bread, size, first, origin)
    if first is not None:
        beta[first] += about
    return Fit(beta, influence, bread, size)


def fit_logistic(y: Array, x: Array, w: Array) -> Fit:
    """Logistic regression: the maximum of the weighted likelihood, by Newton's method with steps that are halved.

    Parameters
    ----------
    y : array (rows,)
        0 or 1, or a share of a row's weight in between.
    x : array (rows, coefficients)
        Of full rank; see `aliased_columns`.
    w : array (rows,)
        Positive.

    Returns
    -------
    Fit
        Look at `converged`; where it is False or a linear predictor is beyond `FAR`, `calibration.logistic` tells
        whether there is a maximum at all.

    References
    ----------
    Binder (1983), Int. Stat. Review 51. The estimates are those of R's svyglm, family quasibinomial.
    """
    first, _ = _origin(x, w)
    origin, scale = middle(x, w)
    if first is None:
        origin[:] = 0.0
    else:
        origin[first] = 0.0
    values = (x - origin) / scale
    share = w / w.sum()
    beta, iterations, worst = most_likely(values, y, share)
    p = logistic(values @ beta)
    information = (values * (w * p * (1 - p))[:, None]).T @ values
    bread = np.asarray(np.linalg.pinv(information, rcond=1e-15, hermitian=True))
    error = y - p
    beta, bread, values = beta / scale, bread / np.outer(scale, scale), values * scale
    size = np.abs(values) * np.maximum(np.abs(error), p * (1 - p))[:, None]
    beta, influence, bread, size = _moved_back(beta, values * error[:, None], bread, size, first, origin)
    return Fit(beta, influence, bread, size, iterations, worst <= TOLERANCE)


def middle(x: Array, w: Array) -> tuple[Array, Array]:
    """Where most of the weight of columns is, and how far from there: two arrays (columns,).

    Medians, and of the distances that are not 0; a single value of 1e8 by mistake leaves the others their digits, where
    beside its mean and standard deviation they are all the same number.
    """
    centre = np.array([_median(column, w) for column in x.T])
    spread = []
    for column in np.abs(x - centre).T:
        apart = column > 0
        spread.append(_median(column[apart], w[apart]) if apart.any() else 1.0)
    return centre, np.array(spread)


def _median(values: Array, w: Array) -> float:
    """The smallest value up to which half of the weight lies."""
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(w[order])
    return float(values[order[np.searchsorted(reached, reached[-1] / 2)]])


def aliased_columns(x: Array, w: Array) -> NDArray[np.bool_]:
    """Columns that add nothing to those before them, as R's glm leaves them out: (coefficients,).

    What a column adds is judged beside its own length, so that units do not matter.
    """
    _, origin = _origin(x, w)
    root = np.sqrt(w)[:, None]
    values, length = (x - origin) * root, np.linalg.norm(x * root, axis=0)
    own = np.linalg.norm(values, axis=0)
    least = np.maximum(1e-9 * own, 1e-13 * length)
    found = np.zeros(x.shape[1], bool)
    basis = np.empty((len(x), min(x.shape)))
    kept = 0
    for j in range(x.shape[1]):
        left = values[:, j]
        for _ in range(2):  # once more takes off what rounding left
            left = left - basis[:, :kept] @ (basis[:, :kept].T @ left)
        norm = float(np.linalg.norm(left))
        found[j] = norm <= least[j] or kept == basis.shape[1]
        if not found[j]:
            basis[:, kept] = left / norm
            kept += 1
    return found


def _origin(x: Array, w: Array) -> tuple[int | None, Array]:
    """Where the intercept stands, and the weighted means that other columns are taken from if there is one.

    What is far from 0, such as years, keeps its digits so.
    """
    ones = np.flatnonzero((x == 1.0).all(axis=0))
    if not len(ones):
        return None, np.zeros(x.shape[1])
    origin = np.average(x, axis=0, weights=w)
    origin[ones[0]] = 0.0
    return int(ones[0]), np.asarray(origin)


def _moved_back(
    beta: Array, score: Array, bread: Array, size: Array, first: int | None, origin: Array
) -> tuple[Array, Array, Array, Array]:
    """Coefficients, influence, bread and sizes of the columns as they came, from those that were moved to 0."""
    own, size = score @ bread, size @ np.abs(bread)
    if first is None:
        return beta, own, bread, size
    back = np.eye(len(beta))
    back[first] -= origin
    return back @ beta, own @ back.T, back @ bread @ back.T, size @ np.abs(back).T
