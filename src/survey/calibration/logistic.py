"""Logistic regression on arrays: its maximum, and whether it has one. Of models and of propensities to respond."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from survey.base.arrays import Array, solve_spd

__all__ = [
    "FAR",
    "MOST_ITERATIONS",
    "TOLERANCE",
    "Place",
    "climbed",
    "logistic",
    "most_likely",
    "place_of",
    "separating_combination",
    "separating_direction",
    "signed_rows",
    "usual_length",
]

MOST_ITERATIONS = 100
TOLERANCE = 1e-10
"""Largest score, relative to the sum of |x| that it is made of, at which the likelihood is at its maximum."""
FAR = 12.0
"""Linear predictors beyond it (a probability within 6e-6 of 0 or 1) are looked into: a maximum may not exist."""


def logistic(eta: Array) -> Array:
    """1 / (1 + exp(-eta))."""
    from scipy.special import expit

    return np.asarray(expit(eta))


@dataclass(frozen=True, slots=True)
class Place:
    """The weighted likelihood at some coefficients.

    Parameters
    ----------
    value : float
    score : array (coefficients,)
    information : function that gives an array (coefficients, coefficients)
    """

    value: float
    score: Array
    information: Callable[[], Array]


def climbed(
    at: Callable[[Array], Place], scale: Array, *, enough: float = 1e-15, slack: float = 1e-14
) -> tuple[Array, Place, int, float]:
    """Newton's method with steps that are halved, from coefficients of 0.

    Parameters
    ----------
    at : function of coefficients to Place
        Sums over rows, which may be somewhere else.
    scale : array (coefficients,)
        The sums of |x| that scores are made of; 0 where there is nothing.
    enough : float
        Largest relative score at which it stops at once; below 1e-12 it stops when a step brings nothing.
    slack : float
        Of the likelihood: what rounding makes of the same number.

    Returns
    -------
    As `most_likely`, with the place that was reached second.
    """
    beta, here, worst = np.zeros(len(scale)), at(np.zeros(len(scale))), np.inf
    scale = np.where(scale > 0, scale, 1.0)
    for iteration in range(1, MOST_ITERATIONS + 1):
        before, worst = worst, float(np.max(np.abs(here.score) / scale))
        if worst <= enough or (worst <= 1e-12 and worst >= before):
            return beta, here, iteration, worst
        step = solve_spd(here.information(), here.score)[0]
        for _ in range(30):  # a whole step may overshoot where probabilities are near 0 or 1
            there = at(beta + step)
            if there.value >= here.value - slack * abs(here.value):
                break
            step = step / 2
        beta, here = beta + step, there
    return beta, here, MOST_ITERATIONS, worst


def most_likely(x: Array, y: Array, w: Array) -> tuple[Array, int, float]:
    """The maximum of the weighted likelihood of a logistic regression, by Newton's method with steps that are halved.

    Parameters
    ----------
    x : array (rows, coefficients)
    y : array (rows,)
        0 or 1, or a share of a row's weight in between.
    w : array (rows,)
        Adding up to 1.

    Returns
    -------
    beta : array (coefficients,)
    iterations : int
    worst : float
        The largest score that is left, relative to the sum of |x| that it is made of; what is far from 0 has not
        converged.
    """
    beta, _, iterations, worst = climbed(lambda b: place_of(x, y, w, b), np.abs(x).T @ w)
    return beta, iterations, worst


def place_of(x: Array, y: Array, w: Array, beta: Array) -> Place:
    """The likelihood of rows at some coefficients; those of parts of the rows add."""
    eta = x @ beta
    p = logistic(eta)

    def information() -> Array:
        return np.asarray((x * (w * p * (1 - p))[:, None]).T @ x)

    return Place(float(w @ (y * eta - np.logaddexp(0.0, eta))), x.T @ (w * (y - p)), information)


def separating_direction(y: Array, x: Array) -> Array | None:
    """Coefficients along which the likelihood grows for ever; None where it has a maximum.

    Such a combination of columns is never negative where the outcome is 1 and never positive where it is 0 (Albert &
    Anderson 1984, Biometrika 71: complete and quasi-complete separation). Among them the one of the smallest sum of
    absolute coefficients is found, by a linear programme (Konis 2007).

    Parameters
    ----------
    y : array (rows,)
        0 or 1.
    x : array (rows, coefficients)

    Returns
    -------
    array (coefficients,) or None
    """
    # each person's condition keeps its meaning when it is divided, and a number far from all others its own
    length = usual_length(x)
    signed = np.unique(signed_rows(y, x, length), axis=0)
    b = separating_combination(signed, signed.mean(axis=0))
    return None if b is None else np.asarray(b / length)


def usual_length(x: Array) -> Array:
    """Of each column the median of its positive absolute values, by which conditions are divided: (coefficients,)."""
    return np.array([np.median(column[column > 0]) if column.any() else 1.0 for column in np.abs(x).T])


def signed_rows(y: Array, x: Array, length: Array) -> Array:
    """The conditions of separation: (rows, coefficients), none of whose products with a direction is negative."""
    sign = np.where(y >= 0.5, 1.0, -1.0)
    signed = x / length
    return np.asarray(signed * (sign / np.maximum(np.abs(signed).max(axis=1), 1e-300))[:, None])


def separating_combination(signed: Array, mean: Array) -> Array | None:
    """The smallest combination of columns (coefficients,) that is negative in no row and 1 on average, if there is one.

    Parameters
    ----------
    signed : array (rows, coefficients)
        As `signed_rows`; of all rows some may do.
    mean : array (coefficients,)
        Of all rows.
    """
    from scipy.optimize import linprog

    k = len(mean)
    found = linprog(
        np.ones(2 * k),
        A_ub=np.hstack([-signed, signed]),
        b_ub=np.zeros(len(signed)),
        A_eq=np.append(mean, -mean)[None],
        b_eq=[1.0],
    )
    if found.status != 0:
        return None
    b = found.x[:k] - found.x[k:]
    return np.asarray(np.where(np.abs(b) > 1e-7 * np.abs(b).max(), b, 0.0))
