"""Raking: iterative proportional fitting of the weights to margins.

The margins' joint cells hold all that raking looks at, so the iteration runs on a few hundred cells and not on the
respondents (Deming & Stephan 1940; Deville, Sarndal & Sautory 1993).
"""

from __future__ import annotations

import numpy as np

from survey.base.arrays import Array, weighted_count
from survey.base.codes import Ints
from survey.base.text import counted
from survey.calibration.distances import check_bounds, distance
from survey.calibration.infeasible import refuse, settled
from survey.calibration.newton import Solution, solve
from survey.calibration.problem import Problem
from survey.core.sample_data import S
from survey.design.targets import TargetsLike
from survey.weighting.apply import only_counted, reweighted
from survey.weighting.calibrate import Within, prepared, remembered

__all__ = ["fit_proportionally", "rake"]

_NEWTON = 100
"""Steps of Newton's method where proportional fitting gets stuck; either reaches the same weights."""


def rake(
    self: S,
    targets: TargetsLike,
    *,
    bounds: tuple[float, float] | None = None,
    within: Within = (),
    unit: str | None = None,
    total: float | None = None,
    tolerance: float = 1e-10,
    max_iterations: int = 500,
    into: str = "w_final",
) -> S:
    """Rake the weights to population margins.

    Parameters
    ----------
    targets : Targets, DataFrame, dict or path
        Margins; the weights will add up to their total.
    bounds : (low, high), optional
        Range of the factors on the weights: the nearest such weights in the same distance.
    within, unit, total :
        As for `calibrate`: groups with a separate population, households with one weight, the total of shares.
    tolerance : float
        Largest difference from a target, relative to it, that counts as met.
    max_iterations : int
    into : str
        Name of the new weight column; the old one stays (a number is added when the name is taken).

    Returns
    -------
    Sample
        With the new weights. Its standard errors account for the margins: residuals on them, regressed with the weights
        from before (Deville & Sarndal 1992). `sample.calibration` reports the result.

    Raises
    ------
    TargetsError
        If targets and data do not match, or the bounds are not valid.
    ConvergenceError
        If the margins are not met after the last iteration: with the worst gaps, the reason, its proof, and which
        merged categories would fix it. The sample is left as it was.
    """
    check_bounds(bounds)
    whole, self = self, only_counted(self)
    known, margins, problem = prepared(self, targets, within, unit, total, scale=bounds is None)
    if bounds is None and problem.counts_only:
        solution = fit_proportionally(problem, tolerance, max_iterations)
    else:
        solution = solve(
            problem.start,
            problem.x,
            problem.totals,
            distance("raking", bounds),
            tolerance=tolerance,
            max_iterations=max_iterations,
        )
    if not settled(problem, solution, tolerance, bounds, signed=False):
        refuse(problem, solution, "Raking", tolerance, max_iterations, bounds, signed=False)
    after = problem.weighted(self.weights, solution.factors)
    told = (
        f"{counted(len(margins), 'margin')}, {counted(solution.iterations, 'iteration')}, "
        f"worst gap {solution.worst:.1e}"
    )
    step = remembered("rake", known, margins, bounds, unit, solution)
    return reweighted(whole, after, into, step, told, f"total {known.total:,.0f}" if known.counts else "")


def fit_proportionally(problem: Problem, tolerance: float, max_iterations: int) -> Solution:
    """Factors that bring the margins of cells to their totals; Newton's method takes over where fitting gets stuck."""
    totals = [problem.totals[part] for part in problem.slices()]
    fitted = problem.start.astype(float)
    worst, iteration = _worst(problem.codes, totals, fitted), 0
    while worst > tolerance and iteration < max_iterations:
        iteration += 1
        for code, total in zip(problem.codes, totals, strict=True):
            reached = weighted_count(code, fitted, len(total))
            if not (reached > 0).all():  # what cannot be met drives whole categories to zero
                return Solution(fitted / problem.start, iteration, np.inf)
            fitted = fitted * (total / reached)[code]
        worst = _worst(problem.codes, totals, fitted)
    found = Solution(fitted / problem.start, iteration, worst)
    if worst <= tolerance or max_iterations < _NEWTON:
        return found
    other = solve(
        problem.start, problem.x, problem.totals, distance("raking"), tolerance=tolerance, max_iterations=_NEWTON
    )
    if not other.worst <= tolerance:
        return found
    return Solution(other.factors, iteration + other.iterations, other.worst)


def _worst(codes: tuple[Ints, ...], totals: list[Array], fitted: Array) -> float:
    """Largest relative difference of a margin from its totals."""
    gaps = [np.abs(weighted_count(c, fitted, len(t)) / t - 1).max() for c, t in zip(codes, totals, strict=True)]
    return float(max(gaps))
