"""Calibration by Newton's method on its dual: a smooth concave problem with one unknown a target.

The line search makes every step an ascent, so the method finds the weights whenever there are any; that it did is
checked afterwards on the totals themselves.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from survey.base.arrays import Array, solve_spd
from survey.calibration.distances import Distance
from survey.calibration.problem import gaps_of

__all__ = ["Solution", "solve"]

_HALVINGS, _GAIN = 40, 0.1
_FLAT = 1e-3
"""Share of the curvature at the start that is added where there is none."""
_DENSE = 2**21
"""Cells by targets up to which products of whole matrices are faster than sparse ones."""


@dataclass(frozen=True, slots=True)
class Solution:
    """Where an iteration ended.

    Parameters
    ----------
    factors : array (cells,)
    iterations : int
    worst : float
        Largest relative difference from a target, measured at these factors.
    """

    factors: Array
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
) -> Solution:
    """Factors that bring X' (start * factor) to the totals, nearest to 1 in the distance.

    Parameters
    ----------
    start : array (cells,)
    x : sparse array (cells, targets)
    totals : array (targets,)

    Returns
    -------
    Solution
        The best point found, whether or not it meets the totals: look at `worst`.
    """
    if not isinstance(x, np.ndarray) and x.shape[0] * x.shape[1] <= _DENSE:
        x = x.toarray()
    at = np.zeros(len(totals))
    u = x @ at
    factors, value = distance.factor(u), _value(distance, start, u, totals, at)
    worst = float(np.max(np.abs(gaps_of(x, totals, start, factors))))
    iteration = 0
    best = Solution(factors, 0, worst)
    spread = _gram(x, start)
    while worst > tolerance and iteration < max_iterations:
        iteration += 1
        gap = totals - x.T @ (start * factors)
        with np.errstate(over="ignore", invalid="ignore"):  # on the way to infinity, where nothing meets the totals
            step = _step(_gram(x, start * distance.slope(u)), spread, gap)
            rise = float(gap @ step)
        if not (np.isfinite(step).all() and rise > 0):
            break
        moved = float(np.abs(x @ step).max())
        drowned = 1e-7 * (abs(value) + float(np.abs(totals) @ np.abs(at)))
        length = min(1.0, distance.reach / moved) if moved > 0 else 1.0
        for _ in range(_HALVINGS):
            trial = at + length * step
            v = x @ trial
            reached = _value(distance, start, v, totals, trial)
            if reached >= value + _GAIN * length * rise:
                break
            # near the solution the gain drowns in rounding, and the gaps themselves decide
            if rise < drowned and np.abs(gaps_of(x, totals, start, distance.factor(v))).max() < worst * 0.9:
                break
            length /= 2
        else:
            break
        at, u, value = trial, v, reached
        factors = distance.factor(u)
        worst = float(np.max(np.abs(gaps_of(x, totals, start, factors))))
        if worst < best.worst:
            best = Solution(factors, iteration, worst)
        if length * moved < 1e-16:
            break
    return Solution(best.factors, iteration, best.worst)


def _value(distance: Distance, start: Array, u: Array, totals: Array, at: Array) -> float:
    return float(totals @ at - start @ distance.integral(u))


def _gram(x: Any, weights: Array) -> Array:
    product = x.T @ (x * weights[:, None])
    return product if isinstance(product, np.ndarray) else product.toarray()


def _step(hessian: Array, spread: Array, gap: Array) -> Array:
    """Newton's step; where cells at their bounds leave a direction flat, a step along the free problem's curvature."""
    step = solve_spd(hessian, gap)[0]
    left = gap - hessian @ step
    scale = np.sqrt(np.clip(np.diag(spread), 1e-300, None))
    if np.linalg.norm(left / scale) > 1e-6 * np.linalg.norm(gap / scale):
        return solve_spd(hessian + _FLAT * spread, gap)[0]
    return step
