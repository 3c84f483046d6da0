"""Calibration by Newton's method on its dual: a smooth concave problem with one unknown a target.

The line search makes every step an ascent, so the method finds the weights whenever there are any; that it did is
checked afterwards on the totals themselves.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from survey._linalg import Array, solve_spd
from survey.weighting.distances import Distance
from survey.weighting.problem import gaps_of

__all__ = ["Solution", "solve"]

_HALVINGS = 40
_DENSE = 2**21
"""Cells by targets up to which products of whole matrices are faster than sparse ones."""


@dataclass(frozen=True, slots=True)
class Solution:
    """Where an iteration ended.

    Parameters
    ----------
    factors : array (cells,)
    multipliers : array (targets,)
        lambda: the factor is F(x' lambda).
    iterations : int
    worst : float
        Largest relative difference from a target, measured at these factors.
    """

    factors: Array
    multipliers: Array
    iterations: int
    worst: float


def solve(
    start: Array,
    x: Any,
    totals: Array,
    distance: Distance,
    *,
    tolerance: float,
    max_iterations: int,
    guess: Array | None = None,
) -> Solution:
    """Factors that bring X' (start * factor) to the totals, nearest to 1 in the distance.

    Parameters
    ----------
    start : array (cells,)
    x : sparse array (cells, targets)
    totals : array (targets,)
    guess : array (targets,), optional
        Multipliers to begin from.

    Returns
    -------
    Solution
        The best point found, whether or not it meets the totals: look at `worst`.
    """
    if not isinstance(x, np.ndarray) and x.shape[0] * x.shape[1] <= _DENSE:
        x = x.toarray()
    size = np.where(np.abs(totals) > 0, np.abs(totals), 1.0)
    at = np.zeros(len(totals)) if guess is None else guess.copy()
    u = x @ at
    factors, value = distance.factor(u), _value(distance, start, u, totals, at)
    worst = float(np.max(np.abs(gaps_of(x, totals, start, factors))))
    iteration = 0
    best = Solution(factors, at, 0, worst)
    spread = _gram(x, start)
    while worst > tolerance and iteration < max_iterations:
        iteration += 1
        gap = totals - x.T @ (start * factors)
        step = _step(x, start * distance.slope(u), spread, gap)
        rise = float(gap @ step)
        if not (np.isfinite(step).all() and rise > 0):
            break
        length = 1.0
        for _ in range(_HALVINGS):
            trial = at + length * step
            v = x @ trial
            reached = _value(distance, start, v, totals, trial)
            # near the solution the gain drowns in rounding, and the gaps themselves decide
            near = np.abs(gaps_of(x, totals, start, distance.factor(v))).max()
            if reached >= value + 1e-4 * length * rise or near < worst * 0.9:
                break
            length /= 2
        else:
            break
        at, u, value = trial, v, reached
        factors = distance.factor(u)
        worst = float(np.max(np.abs(gaps_of(x, totals, start, factors))))
        if worst < best.worst:
            best = Solution(factors, at, iteration, worst)
        if np.abs(length * step * (x.T @ start) / size).max() < 1e-16:
            break
    return Solution(best.factors, best.multipliers, iteration, best.worst)


def _value(distance: Distance, start: Array, u: Array, totals: Array, at: Array) -> float:
    return float(totals @ at - start @ distance.integral(u))


def _gram(x: Any, weights: Array) -> Array:
    product = x.T @ (x * weights[:, None])
    return product if isinstance(product, np.ndarray) else product.toarray()


def _step(x: Any, slopes: Array, spread: Array, gap: Array) -> Array:
    """Newton's step; where cells at their bounds leave a direction flat, a step along the free problem's curvature."""
    hessian = _gram(x, slopes)
    step = solve_spd(hessian, gap)[0]
    left = gap - hessian @ step
    scale = np.sqrt(np.clip(np.diag(spread), 1e-300, None))
    if np.linalg.norm(left / scale) > 1e-6 * np.linalg.norm(gap / scale):
        damped = hessian + 1e-3 * spread
        return solve_spd(damped, gap)[0]
    return step
