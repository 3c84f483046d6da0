"""The same calibration of many replicates at once: their sums in the cells are the columns of one table."""

from __future__ import annotations

from typing import Any

import numpy as np

from survey.base.arrays import Array
from survey.base.codes import Ints
from survey.calibration.distances import distance
from survey.calibration.margins import scale_to_targets
from survey.calibration.newton import solve
from survey.calibration.problem import Problem, indicators_of
from survey.design.design import Adjustment
from survey.errors import ConvergenceError, shorten

__all__ = ["calibrate_all"]

_TOLERANCE, _GOAL = 1e-10, 1e-13
"""What must hold, and what is tried for: a total that calibration fixes has no error left but rounding."""
_CACHED = 2**17
"""Numbers of a table that goes through the sweeps of proportional fitting: a megabyte."""
_SWEEPS, _STEPS = 100, 100
_BAR = 3e8
"""Cells by targets by replicates from which a progress bar is shown."""


def calibrate_all(problem: Problem, sums: Array, step: Adjustment, guess: Array, progress: bool) -> Array:
    """Factors that bring every replicate to the targets.

    Parameters
    ----------
    problem : Problem
        Cells and totals.
    sums : array (cells, replicates)
        Weight of each cell in each replicate.
    step : Adjustment
        Method and bounds.
    guess : array (cells,)
        Factors of the whole sample, from which proportional fitting begins.
    progress : bool

    Returns
    -------
    array (cells, replicates)
        1 where a cell has no weight.

    Raises
    ------
    ConvergenceError
        If some replicates cannot be brought there.
    """
    _check_categories(problem, sums)
    method = step.method if step.method in ("linear", "logit") else "raking"
    factors = np.ones_like(sums)
    left = np.arange(sums.shape[1])
    if method == "raking" and step.bounds is None and problem.counts_only:
        factors = _fit(problem, sums, guess)
        left = left[_worst(problem, sums * factors) > _TOLERANCE]
    if not len(left):
        return factors
    form = distance(method, step.bounds)
    from tqdm import tqdm

    long = progress and problem.x.shape[0] * problem.x.shape[1] * len(left) > _BAR
    failed = []
    x = problem.x.toarray() if problem.x.shape[0] * problem.x.shape[1] <= 2**21 else problem.x
    for r in tqdm(left, desc=f"{step.method}, replicates", disable=not long, leave=False):
        # from the population's size, as for the whole sample: where nothing is bounded, the result is the same
        scale = _to_population(problem, step, sums[:, r]) if step.bounds is None else 1.0
        found = solve(sums[:, r] * scale, x, problem.totals, form, tolerance=_GOAL, max_iterations=_STEPS)
        factors[:, r] = found.factors * scale
        if not found.worst <= _TOLERANCE:
            failed.append((found.worst, int(r)))
    if failed:
        raise ConvergenceError(
            "Some replicates cannot be calibrated to the targets.",
            where=f"{step.method}; replicates {shorten(sorted(r for _, r in failed), 6)}",
            got=f"{len(failed)} of {sums.shape[1]}, the worst gap {max(failed)[0]:.2g}",
            expected=f"every target within {_TOLERANCE:g}",
            fix="merge small categories, widen the bounds, use Fay's replicates, which keep every respondent, or use "
            "variance='taylor'",
        )
    return factors


def _to_population(problem: Problem, step: Adjustment, start: Array) -> Array | float:
    if step.targets is None or not step.targets.counts:
        return 1.0
    if problem.households is not None:
        return float(step.targets.total / start.sum())
    return scale_to_targets(problem.margins, step.targets, start)


def _check_categories(problem: Problem, sums: Array) -> None:
    """Raise if a category has lost all its weight in some replicate."""
    there = abs(problem.x).T @ sums
    lost = (there <= 0) & (problem.totals != 0)[:, None]
    if lost.any():
        names = [problem.labels[i] for i in np.flatnonzero(lost.any(axis=1))]
        raise ConvergenceError(
            "In some replicates a category has no respondents left.",
            where=shorten(names, 6),
            got=f"{int(lost.any(axis=0).sum())} of {sums.shape[1]} replicates",
            expected="at least one respondent in every category",
            fix="merge the category with an adjacent one, use Fay's replicates, which keep every respondent, or use "
            "variance='taylor'",
        )


def _fit(problem: Problem, sums: Array, guess: Array) -> Array:
    """Iterative proportional fitting of all columns, as many at once as stay in the processor's cache."""
    margins = [
        (indicators_of(code, len(m.categories)), code, problem.totals[part][:, None])
        for code, m, part in zip(problem.codes, problem.margins, problem.slices(), strict=True)
    ]
    out = np.empty_like(sums)
    step = max(_CACHED // len(sums), 8)
    for first in range(0, sums.shape[1], step):
        some_of = np.ascontiguousarray(sums[:, first : first + step])
        out[:, first : first + step] = _fit_columns(margins, some_of, guess)
    return out


def _fit_columns(margins: list[tuple[Any, Ints, Array]], sums: Array, guess: Array) -> Array:
    """Factors of some columns, begun from those of the whole sample."""
    fitted = sums * guess[:, None]
    work = np.empty_like(fitted)
    before = np.inf
    with np.errstate(divide="ignore", invalid="ignore"):
        for _ in range(_SWEEPS):
            worst = 0.0
            for indicator, code, total in margins:
                ratio = total / (indicator @ fitted)
                worst = max(worst, float(np.abs(ratio - 1).max()))
                np.take(ratio, code, axis=0, out=work, mode="clip")  # "raise" would take it by way of a buffer
                fitted *= work
            # at the goal, or where rounding keeps it from coming nearer
            if not worst > _GOAL or (worst < _TOLERANCE and worst > before / 2):
                break
            before = worst
        return np.where(sums != 0, fitted / sums, 1.0)


def _worst(problem: Problem, fitted: Array) -> Array:
    """Largest relative gap of each column; infinite where the fit broke down."""
    gaps = np.abs(problem.x.T @ fitted / problem.totals[:, None] - 1).max(axis=0)
    return np.where(np.isfinite(gaps), gaps, np.inf)
