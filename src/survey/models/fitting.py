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

__all__ = [
    "Fit",
    "Moved",
    "Solution",
    "Triangle",
    "aliased_columns",
    "fit_linear",
    "fit_logistic",
    "middle",
    "without_addition",
]


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
    moved = Moved(first, origin)
    about = float(np.average(y, weights=w)) if first is not None else 0.0
    root = np.sqrt(w)
    triangle = Triangle.of(moved.columns(x) * root[:, None], (y - about) * root)
    solution = Solution(moved, *triangle.solved(), about)
    return solution.fit(*solution.influence(y, x))


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
    moved = Moved.scaled(first, *middle(x, w))
    values = moved.columns(x)
    beta, iterations, worst = most_likely(values, y, w / w.sum())
    p = logistic(values @ beta)
    information = (values * (w * p * (1 - p))[:, None]).T @ values
    solution = Solution.logistic(moved, beta, information, iterations, worst)
    return solution.fit(*solution.influence(y, x))


@dataclass(frozen=True, slots=True)
class Moved:
    """Columns of a matrix that were moved to 0, so that what is far from it, such as years, keeps its digits.

    Parameters
    ----------
    first : int or None
        Where the intercept stands; without one nothing is moved.
    origin : array (columns,)
    scale : array (columns,), optional
        What columns are divided by.
    """

    first: int | None
    origin: Array
    scale: Array | None = None

    @classmethod
    def scaled(cls, first: int | None, origin: Array, scale: Array) -> Moved:
        """Columns about their middle, in units of their spread."""
        origin = origin.copy()
        origin[slice(None) if first is None else first] = 0.0
        return cls(first, origin, scale)

    def columns(self, x: Array) -> Array:
        """The columns where they are small."""
        return x - self.origin if self.scale is None else (x - self.origin) / self.scale

    @property
    def back(self) -> Array:
        """What coefficients of columns about `origin` are multiplied by to be those of the columns as they came."""
        back = np.eye(len(self.origin))
        if self.first is not None:
            back[self.first] -= self.origin
        return back


@dataclass(frozen=True, slots=True)
class Triangle:
    """Weighted least squares as the triangle of a QR decomposition, which keeps the digits that X'WX loses.

    Triangles of parts of the rows add to that of all.

    Parameters
    ----------
    r : array (rows or coefficients, coefficients)
    right : array (rows or coefficients,)
    """

    r: Array
    right: Array

    @classmethod
    def of(cls, x: Array, y: Array) -> Triangle:
        """Of rows that were multiplied by the roots of their weights."""
        q, r = np.linalg.qr(x)
        return cls(r, q.T @ y)

    def __add__(self, other: Triangle) -> Triangle:
        return Triangle.of(np.vstack([self.r, other.r]), np.concatenate([self.right, other.right]))

    def solved(self) -> tuple[Array, Array]:
        """Coefficients, and the inverse of X'WX."""
        bread = np.asarray(np.linalg.solve(self.r, np.linalg.inv(self.r).T))
        return np.asarray(np.linalg.solve(self.r, self.right)), bread


@dataclass(frozen=True, slots=True)
class Solution:
    """Coefficients of columns that were moved, and what rows add to them.

    Parameters
    ----------
    moved : Moved
    beta : array (coefficients,)
    bread : array (coefficients, coefficients)
    about : float
        What was taken off the outcome.
    logit : bool
        Whether the outcome is 0 or 1.
    iterations : int
    converged : bool
    """

    moved: Moved
    beta: Array
    bread: Array
    about: float = 0.0
    logit: bool = False
    iterations: int = 1
    converged: bool = True

    @classmethod
    def logistic(cls, moved: Moved, beta: Array, information: Array, iterations: int, worst: float) -> Solution:
        """Of a maximum of the likelihood, whose largest relative score is `worst`."""
        bread = np.asarray(np.linalg.pinv(information, rcond=1e-15, hermitian=True))
        return cls(moved, beta, bread, 0.0, True, iterations, worst <= TOLERANCE)

    @property
    def _own(self) -> tuple[Array, Array]:
        """Coefficients and bread of columns that are not divided."""
        scale = self.moved.scale
        return (self.beta, self.bread) if scale is None else (self.beta / scale, self.bread / np.outer(scale, scale))

    def influence(self, y: Array, x: Array) -> tuple[Array, Array]:
        """Influence values of rows, and the sums that cancel in them, as `Fit` has them: (rows, coefficients) each."""
        values = self.moved.columns(x)
        told = values @ self.beta
        if self.moved.scale is not None:
            values = values * self.moved.scale
        if self.logit:
            p = logistic(told)
            error, spread = y - p, np.maximum(np.abs(y - p), p * (1 - p))
        else:
            error, spread = (y - self.about) - told, np.abs(y - self.about)
        score, size = values * error[:, None], np.abs(values) * spread[:, None]
        bread = self._own[1]
        own: Array = score @ bread
        size = size @ np.abs(bread)
        if self.moved.first is None:
            return own, size
        back = self.moved.back
        return np.asarray(own @ back.T), np.asarray(size @ np.abs(back).T)

    def fit(self, influence: Array, size: Array) -> Fit:
        """The fit, of the columns as they came."""
        beta, bread = self._own
        first, back = self.moved.first, self.moved.back
        if first is not None:
            beta, bread = back @ beta, back @ bread @ back.T
            beta[first] += self.about
        return Fit(beta, influence, bread, size, self.iterations, self.converged)


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
    return without_addition((x - origin) * root, np.linalg.norm(x * root, axis=0))


def without_addition(values: Array, length: Array) -> NDArray[np.bool_]:
    """Columns that add nothing to those before them: (coefficients,).

    Parameters
    ----------
    values : array (rows, coefficients)
        About their means, times the roots of the weights; or the triangle of their QR decomposition.
    length : array (coefficients,)
        Of the columns as they came.
    """
    own = np.linalg.norm(values, axis=0)
    least = np.maximum(1e-9 * own, 1e-13 * length)
    found = np.zeros(values.shape[1], bool)
    basis = np.empty((len(values), min(values.shape)))
    kept = 0
    for j in range(values.shape[1]):
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
