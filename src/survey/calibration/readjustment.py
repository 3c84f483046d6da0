"""Every adjustment of the weights, repeated in every replicate."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.base.arrays import Array
from survey.base.codes import Ints, by_unit, factorize
from survey.calibration.anew import rescaled, retrimmed
from survey.calibration.problem import Problem
from survey.calibration.propensity import refitted
from survey.calibration.readjusted import Factor, Readjusted, multiplier_rows
from survey.calibration.replicates import calibrate_all
from survey.design.coded_design import CodedDesign
from survey.design.design import Adjustment, Design, Replicates
from survey.errors import ConvergenceError, DesignError, shorten

__all__ = ["readjust"]


def readjust(frame: pd.DataFrame, design: Design, structure: CodedDesign, progress: bool = False) -> Readjusted:
    """Repeat every adjustment of the design in every replicate.

    Parameters
    ----------
    frame : DataFrame
    design : Design
        With replicates.
    structure : CodedDesign
    progress : bool
        Show a bar.

    Raises
    ------
    ConvergenceError
        If some replicates cannot be adjusted: a category may have lost all its clusters.
    """
    replicates = design.replicates
    if replicates is None:
        raise DesignError("The design has no replicates.")
    columns = [a.weights_before for a in design.adjustments] + [design.weights]
    given = None if not design.adjustments else columns[0]
    base = structure.weights if given is None else frame[given].to_numpy(float)
    base, multipliers, unit, silent = _multipliers(frame, structure, replicates, base)
    made = Readjusted(base, unit, multipliers)
    for adjustment, first, last in zip(design.adjustments, columns[:-1], columns[1:], strict=True):
        before, after = frame[first].to_numpy(float), frame[last].to_numpy(float)
        ratio = np.divide(after, before, out=np.ones(len(before)), where=before != 0)
        factor = _factor(made, adjustment, frame, design, silent, ratio, before != 0, progress)
        made = Readjusted(base, unit, multipliers, (*made.factors, factor))
    return made


def _multipliers(
    frame: pd.DataFrame, structure: CodedDesign, replicates: Replicates, base: Array
) -> tuple[Array, Array, Ints, Ints]:
    """Base weights, multipliers, and their row of each respondent and of nonrespondents."""
    if replicates.multipliers is not None:
        return base, replicates.multipliers, *multiplier_rows(structure, replicates)
    columns = frame[list(replicates.columns)].to_numpy(float)
    return np.ones(len(base)) if replicates.combined else base, columns, np.arange(len(base)), np.zeros(0, np.int64)


def _factor(
    made: Readjusted,
    step: Adjustment,
    frame: pd.DataFrame,
    design: Design,
    silent: Ints,
    ratio: Array,
    live: NDArray[np.bool_],
    progress: bool,
) -> Factor:
    if step.method == "nonresponse":
        return _classes(made, step, frame, design, silent)
    if step.method == "propensity":
        return Factor(*refitted(made, step, frame, design, silent))
    if step.method == "scale" and step.settings:
        return Factor(*rescaled(made, step, frame))
    if step.method == "trim" and step.settings:
        return Factor(*retrimmed(made, step, frame, live, progress))
    if step.targets is None:
        return Factor(np.zeros(len(frame), np.int64), np.ones((1, made.count)), ratio)
    fixed = ratio if step.method == "trim" else None  # stored before trimming remembered how it was asked for
    start = made if fixed is None else _times(made, fixed)
    whole = bool(live.all())  # who weighs nothing may be in no category
    data = frame if whole else frame.loc[live]
    problem = Problem.on(data, step.targets, None, step.unit)
    cell = problem.cell
    if not whole:
        cell = np.zeros(len(frame), np.int64)
        cell[live] = problem.cell
    sums = start.sums(cell, len(problem.start))
    # trimmed weights meet the targets already; elsewhere the factors of the whole sample are where to begin
    guess = np.ones(len(problem.start))
    if fixed is None:
        guess[cell[live]] = ratio[live]
    cells = calibrate_all(problem, sums, step, guess, progress)
    return Factor(cell, cells, fixed)


def _times(made: Readjusted, rows: Array) -> Readjusted:
    neutral = Factor(np.zeros(len(rows), np.int64), np.ones((1, made.count)), rows)
    return Readjusted(made.base, made.unit, made.multipliers, (*made.factors, neutral))


def _classes(made: Readjusted, step: Adjustment, frame: pd.DataFrame, design: Design, silent: Ints) -> Factor:
    """Factors of weighting classes: what those drawn weigh, over what the respondents weigh."""
    if design.absent is None or (len(silent) == 0 and len(design.absent.rows)):
        raise DesignError(
            "A nonresponse adjustment cannot be repeated with replicate weights supplied by the data producer.",
            got="replicate columns for the respondents only",
            fix="create replicates from the design: sample.replicates()",
        )
    away = design.absent.rows
    names = list(step.margins[0])
    code, labels = factorize([pd.concat([frame[c], away[c]]) for c in names])
    n, k = len(frame), len(labels)
    code[:n] = np.maximum(code[:n], 0)  # who has no class has no weight
    answered = made.sums(code[:n], k)
    weights, of_away = away[design.absent.weights].to_numpy(float), code[n:]
    counted = (of_away >= 0) & (weights > 0)
    others = by_unit(made.multipliers, silent[counted], of_away[counted], weights[counted], k)
    empty = (answered <= 0) & (others > 0)
    if empty.any():
        raise ConvergenceError(
            "In some replicates a weighting class has no respondents.",
            where=f"classes {shorten(labels.iloc[np.flatnonzero(empty.any(axis=1)), 0])}",
            got=f"{int(empty.any(axis=0).sum())} of {made.count} replicates",
            expected="at least one respondent in each",
            fix="merge small classes (collapse=), use Fay's replicates (which keep everyone), or variance='taylor'",
        )
    with np.errstate(divide="ignore", invalid="ignore"):
        return Factor(code[:n], np.where(answered > 0, 1 + others / answered, 1.0))
