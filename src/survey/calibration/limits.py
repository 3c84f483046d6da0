"""Weights brought within limits, on arrays: what trimming does to a sample and to each of its replicates.

Respondents of weight 0 are left out before: they stand outside the population spoken of, and would pull a median down.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from survey.base.arrays import Array, weighted_count
from survey.base.codes import Ints
from survey.calibration.distances import distance
from survey.calibration.newton import Solution, solve
from survey.calibration.problem import Problem, joint_cells

__all__ = ["JointCells", "Recalibrated", "limits_of", "recalibrated", "redistributed", "roomless"]

_ROUNDS, _ROUNDING, _HALVINGS = 100, 1e-12, 100


def limits_of(
    rule: str, limit: Any, lower: float | None, weights: Array, group: Ints, k: int, count: Array | None = None
) -> tuple[Array, Array]:
    """Limits of each group as a rule finds them in the weights.

    Parameters
    ----------
    rule : {"upper", "quantile", "median", "mse", "none"}
    limit : float or tuple of float
        The limit itself, the quantile, the multiple of the median; of "mse" for each group the multiple of its mean
        weight that was chosen.
    lower : float or None
    weights : array (rows,)
    group : int array (rows,)
    k : int
        Groups; one without rows has the limits 0 and infinity.
    count : array (rows,), optional
        Respondents in each row.

    Returns
    -------
    low, high : array (groups,)
    """
    floor = 0.0 if len(weights) == 0 or weights.min() >= 0 else -np.inf  # a negative replicate weight is no fault
    low, high = np.full(k, floor if lower is None else float(lower)), np.full(k, np.inf)
    if rule == "upper":
        high[:] = float(limit)
    elif rule == "mse":
        for g in range(k):
            inside = group == g
            if inside.any():
                high[g] = limit[g] * np.average(weights[inside], weights=None if count is None else count[inside])
    elif rule != "none":
        for g in range(k):
            part = _repeated(weights, count, group == g)
            if len(part):
                high[g] = np.quantile(part, limit) if rule == "quantile" else limit * np.median(part)
    return low, high


def _repeated(weights: Array, count: Array | None, inside: Any) -> Array:
    return weights[inside] if count is None else np.repeat(weights[inside], count[inside].astype(np.int64))


def roomless(weights: Array, low: Array, high: Array, group: Ints, count: Array | None = None) -> Ints:
    """Groups whose sum of weights has no room within the limits."""
    one = np.ones(len(weights)) if count is None else count
    n, total = weighted_count(group, one, len(low)), weighted_count(group, weights * one, len(low))
    slack = _ROUNDING * np.abs(total)
    with np.errstate(invalid="ignore"):  # no one times infinity
        return np.flatnonzero((n * high < total - slack) | (n * low > total + slack))


def redistributed(
    weights: Array, low: Array, high: Array, group: Ints, how: str, count: Array | None = None
) -> Array | None:
    """Cut off and give away until nothing is outside the limits; None where there is no room for the sum.

    Parameters
    ----------
    weights : array (rows,)
    low, high : array (groups,)
    group : int array (rows,)
    how : {"proportional", "equal", "none"}
    count : array (rows,), optional
        Respondents in each row.
    """
    one, k = np.ones(len(weights)) if count is None else count, len(low)
    floor, roof = low[group], high[group]
    if how == "none":
        return np.clip(weights, floor, roof)
    if len(roomless(weights, low, high, group, count)):
        return None
    total = weighted_count(group, weights * one, k)
    after = weights.astype(float)
    for _ in range(_ROUNDS):
        # what is over by rounding alone is cut off for good, else the last digit is passed on for ever
        outside = (after < floor - _ROUNDING * np.abs(floor)) | (after > roof + _ROUNDING * np.abs(roof))
        cut: Array = np.clip(after, floor, roof)
        if not outside.any():
            return cut
        lost = weighted_count(group, (after - cut) * one, k)
        share = np.where(outside, 0.0, 1.0 if how == "equal" else after)
        room = weighted_count(group, share * one, k)
        if ((room <= 0) & (np.abs(lost) > 0)).any():
            break
        after = cut + share * (lost / np.where(room > 0, room, 1.0))[group]
    after = _levelled(weights, floor, roof, group, total, how, one)
    gap = np.abs(weighted_count(group, after * one, k) - total)
    return after if (gap <= 1e-9 * np.abs(total)).all() else None


def _levelled(weights: Array, floor: Array, roof: Array, group: Ints, total: Array, how: str, count: Array) -> Array:
    """Every weight of a group times (or plus) one number, cut at the limits: that which keeps the sum, by bisection.

    Where limits to both sides pass weight to and fro, or leave no one inside to give it to.
    """
    reach = 60.0 if how == "proportional" else float(np.abs(weights).max() + np.abs(total).max())
    low, high = np.full(len(total), -reach), np.full(len(total), reach)
    after = weights
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        moved = weights * np.exp(middle)[group] if how == "proportional" else weights + middle[group]
        after = np.clip(moved, floor, roof)
        short = weighted_count(group, after * count, len(total)) < total
        low, high = np.where(short, middle, low), np.where(short, high, middle)
    return after


@dataclass(frozen=True, slots=True)
class JointCells:
    """Totals to be met, and the cell of each row in them.

    Parameters
    ----------
    whole : Problem
    cell : int array (rows,)
    """

    whole: Problem
    cell: Ints

    def at(self, rows: Ints) -> JointCells:
        """Some of the rows."""
        return JointCells(self.whole, self.cell[rows])


@dataclass(frozen=True, slots=True)
class Recalibrated:
    """Cells of rows alike in all that is known, in weight and in limits, and how they moved.

    Parameters
    ----------
    solution : Solution
    problem_cell : int array (cells,)
        Cell of the whole problem.
    n : array (cells,)
        Respondents.
    start, low, high : array (cells,)
        Weight of one respondent once cut, and its limits.
    x : sparse array (cells, targets)
    """

    solution: Solution
    problem_cell: Ints
    n: Array
    start: Array
    low: Array
    high: Array
    x: Any

    @property
    def worst(self) -> float:
        """Largest relative gap from a total."""
        return self.solution.worst


def recalibrated(
    own: JointCells,
    weights: Array,
    count: Array,
    low: Array,
    high: Array,
    method: str,
    *,
    tolerance: float,
    max_iterations: int,
) -> tuple[Array, Recalibrated]:
    """The nearest weights within the limits that meet the totals (rows,), and how well; look at `worst`.

    Parameters
    ----------
    own : JointCells
    weights, count, low, high : array (rows,)
        Weights before, respondents in each row, limits of the row.
    method : {"linear", "raking"}
    """
    start = np.clip(weights, low, high)
    # people alike in everything that is known and in weight and limits move together
    alike = [own.cell, pd.factorize(start)[0], pd.factorize(low)[0], pd.factorize(high)[0]]
    cell, of_cell = joint_cells(alike, [int(code.max(initial=-1)) + 1 for code in alike])
    first = np.zeros(len(of_cell[0]), np.int64)
    first[cell] = np.arange(len(cell))
    n = weighted_count(cell, count, len(first))
    x = own.whole.x[of_cell[0]]
    form = distance(method, (low[first] / start[first], high[first] / start[first]))
    solution = solve(start[first] * n, x, own.whole.totals, form, tolerance=tolerance, max_iterations=max_iterations)
    # the last digit of a product must not put a weight over its limit
    after = np.clip(start * solution.factors[cell], low, high)
    return after, Recalibrated(solution, of_cell[0], n, start[first], low[first], high[first], x)
