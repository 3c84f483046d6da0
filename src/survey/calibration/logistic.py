"""Logistic regression on arrays: its maximum, and whether it has one. Of models and of propensities to respond."""

from __future__ import annotations

import numpy as np

from survey.base.arrays import Array, solve_spd

__all__ = ["FAR", "MOST_ITERATIONS", "TOLERANCE", "logistic", "most_likely", "separating_direction"]

MOST_ITERATIONS = 100
TOLERANCE = 1e-10
"""Largest score, relative to the sum of |x| that it is made of, at which the likelihood is at its maximum."""
FAR = 12.0
"""Linear predictors beyond it (a probability within 6e-6 of 0 or 1) are looked into: a maximum may not exist."""


def logistic(eta: Array) -> Array:
    """1 / (1 + exp(-eta))."""
    from scipy.special import expit

    return np.asarray(expit(eta))


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
    beta = np.zeros(x.shape[1])
    scale = np.abs(x).T @ w
    scale = np.where(scale > 0, scale, 1.0)

    def likelihood(b: Array) -> float:
        eta = x @ b
        return float(w @ (y * eta - np.logaddexp(0.0, eta)))

    reached, worst = likelihood(beta), np.inf
    for iteration in range(1, MOST_ITERATIONS + 1):
        p = logistic(x @ beta)
        score = x.T @ (w * (y - p))
        before, worst = worst, float(np.max(np.abs(score) / scale))
        if worst <= 1e-15 or (worst <= 1e-12 and worst >= before):
            return beta, iteration, worst
        information = (x * (w * p * (1 - p))[:, None]).T @ x
        step = solve_spd(information, score)[0]
        for _ in range(30):  # a whole step may overshoot where probabilities are near 0 or 1
            new = likelihood(beta + step)
            if new >= reached - 1e-14 * abs(reached):
                break
            step = step / 2
        beta, reached = beta + step, new
    return beta, MOST_ITERATIONS, worst


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
    from scipy.optimize import linprog

    # each person's condition keeps its meaning when it is divided, and a number far from all others its own
    length = np.array([np.median(column[column > 0]) if column.any() else 1.0 for column in np.abs(x).T])
    sign = np.where(y >= 0.5, 1.0, -1.0)
    signed = x / length
    signed = np.unique(signed * (sign / np.maximum(np.abs(signed).max(axis=1), 1e-300))[:, None], axis=0)
    k = x.shape[1]
    found = linprog(
        np.ones(2 * k),
        A_ub=np.hstack([-signed, signed]),
        b_ub=np.zeros(len(signed)),
        A_eq=np.append(signed.mean(axis=0), -signed.mean(axis=0))[None],
        b_eq=[1.0],
    )
    if found.status != 0:
        return None
    b = found.x[:k] - found.x[k:]
    return np.asarray(np.where(np.abs(b) > 1e-7 * np.abs(b).max(), b, 0.0) / length)
