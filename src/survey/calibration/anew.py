"""Scaling and trimming in replicates: each replicate is scaled and trimmed as a separate sample.

What a step looks at (sums of groups, numbers of respondents, medians) is recomputed from the weights of the replicate,
among those who have a weight in it: a respondent left out is not one of weight 0. That is what a loop over complete
samples does, and R's `trimWeights` of a design with replicate weights.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.base.arrays import Array
from survey.base.codes import Ints, factorize
from survey.calibration.limits import JointCells, limits_of, recalibrated, redistributed
from survey.calibration.problem import Problem, joint_cells
from survey.calibration.readjusted import Readjusted
from survey.design.design import Adjustment
from survey.errors import ConvergenceError, DesignError, shorten

__all__ = ["rescaled", "retrimmed"]

_MOST = 2**27
"""Numbers in a table of differently weighted respondents by replicates: a gigabyte."""
_GOAL, _TOLERANCE, _STEPS = 1e-13, 1e-10, 200
_BAR = 3e8


def rescaled(made: Readjusted, step: Adjustment, frame: pd.DataFrame) -> tuple[Ints, Array]:
    """Compute the factors of scaling for each replicate.

    Parameters
    ----------
    made : Readjusted
        The replicate weights before this step.
    step : Adjustment
        Its `settings` have `to` and `by`.
    frame : DataFrame

    Returns
    -------
    code : int array (rows,)
        Group of each respondent.
    factors : array (groups, replicates)

    Raises
    ------
    ConvergenceError
        If a group with a specified sum is empty in some replicate, or its weights have a negative sum.
    """
    group, k = _groups(step, frame)
    sums, to = made.sums(group, k), step.settings["to"]
    there = made.sums(group, k, counts=True)
    alive = there > 0
    if not (sums[alive] > 0).all():
        raise ConvergenceError(
            "Some replicates cannot be scaled: the weights of a group do not have a positive sum.",
            where=f"replicates {shorten(np.flatnonzero((alive & ~(sums > 0)).any(axis=0)), 6)}",
            got="negative replicate weights",
            fix="use larger groups, or variance='taylor'",
        )
    if isinstance(to, str):
        waves = np.maximum(alive.sum(axis=0), 1)
        wanted = {"n": there, "average": sums / waves, "equal": np.where(alive, sums.sum(axis=0) / waves, 0.0)}[to]
    elif isinstance(to, tuple):
        wanted = np.repeat(np.asarray(to, float)[:, None], made.count, axis=1)
        if not alive.all():
            lost = np.flatnonzero(~alive.all(axis=1))
            raise ConvergenceError(
                "In some replicates a group with a specified sum has no respondents left.",
                where=f"groups {shorten(lost + 1)} of {shorten(step.settings['by'])}",
                got=f"{int((~alive).any(axis=0).sum())} of {made.count} replicates",
                expected="at least one respondent in every group",
                fix="use Fay's replicates, which keep every respondent, or variance='taylor'",
            )
    else:
        wanted = sums / sums.sum(axis=0) * float(to)
    return group, np.divide(wanted, sums, out=np.ones_like(sums), where=alive)


def retrimmed(
    made: Readjusted, step: Adjustment, frame: pd.DataFrame, live: NDArray[np.bool_], progress: bool
) -> tuple[Ints, Array]:
    """Compute the factors of trimming for each replicate.

    Parameters
    ----------
    made : Readjusted
        The replicate weights before this step.
    step : Adjustment
        Its `settings` have `by`, the rule and its number, `lower` and `redistribute`; its targets are those to meet.
    frame : DataFrame
    live : bool array (rows,)
        Who has a weight in the whole sample.
    progress : bool
        Show a bar.

    Returns
    -------
    code : int array (rows,)
        Respondents who have the same weight as each other in every replicate.
    factors : array (codes, replicates)

    Raises
    ------
    DesignError
        If the table of weights would not fit in memory.
    ConvergenceError
        If some replicates cannot be trimmed: the limits leave no room for their weights or totals.
    """
    settings = step.settings
    group, k = _groups(step, frame)
    n = len(frame)
    whole, of_row = None, np.zeros(n, np.int64)
    codes, sizes = [group, pd.factorize(made.base)[0], made.unit], [k, n, len(made.multipliers)]
    for factor in made.factors:
        codes.append(factor.code)
        sizes.append(len(factor.cells))
        if factor.rows is not None:
            codes.append(pd.factorize(factor.rows)[0])
            sizes.append(n)
    if settings["redistribute"] == "recalibrate" and step.targets is not None:
        data = frame if live.all() else frame.loc[live]  # who weighs nothing may be in no category
        whole = Problem.on(data, step.targets, None, step.unit)
        of_row[live] = whole.cell
        codes.append(of_row)
        sizes.append(len(whole.start))
    cell, _ = joint_cells(codes, sizes)
    cells = int(cell.max(initial=-1)) + 1
    if cells * made.count > _MOST:
        raise DesignError(
            "Trimming the weights again in every replicate would not fit in memory.",
            got=f"{cells:,} different weights by {made.count:,} replicates",
            expected=f"at most {_MOST:,} in all",
            fix="use fewer replicates, or variance='taylor'",
        )
    first = np.zeros(cells, np.int64)
    first[cell] = np.arange(n)
    table, count = made.weights(first), np.bincount(cell, minlength=cells).astype(float)
    own = None if whole is None else JointCells(whole, of_row[first])
    if own is not None and (table < 0).any():
        raise DesignError(
            "Negative replicate weights cannot be trimmed to known totals.",
            got=f"{int((table < 0).any(axis=0).sum())} of {made.count} replicates with a weight below 0",
            expected="replicate weights of 0 or more",
            fix="use redistribute='proportional' or 'none', trim before calibrating, or use variance='taylor'",
        )
    failed: list[int] = []
    from tqdm import tqdm

    long = progress and own is not None and table.size * table.shape[1] > _BAR
    out = np.ones_like(table)
    for r in tqdm(range(made.count), desc="trim, replicates", disable=not long, leave=False):
        there = np.flatnonzero(table[:, r])
        after = _trimmed(table[there, r], count[there], group[first[there]], k, step, own, there)
        if after is None:
            failed.append(r)
        else:
            out[there, r] = after / table[there, r]
    if failed:
        raise ConvergenceError(
            "Some replicates cannot be trimmed: no weights satisfy the limits.",
            where=f"{_told(settings)}; replicates {shorten(failed, 6)}",
            got=f"{len(failed)} of {made.count} replicates",
            expected="weights within the limits in every replicate",
            fix="trim at a multiple of the median, which adapts to each replicate; widen the limits; use "
            "a jackknife, which changes weights least; or use variance='taylor'",
        )
    return cell, out


def _trimmed(
    weights: Array, count: Array, group: Ints, k: int, step: Adjustment, own: JointCells | None, there: Ints
) -> Array | None:
    """The weights of one replicate after trimming; None where that cannot be."""
    settings = step.settings
    low, high = limits_of(settings["rule"], settings["limit"], settings["lower"], weights, group, k, count)
    if not (low < high).all():
        return None
    if own is None:
        return redistributed(weights, low, high, group, settings["redistribute"], count)
    part = own.at(there)
    after, solution = recalibrated(
        part, weights, count, low[group], high[group], settings["distance"], tolerance=_GOAL, max_iterations=_STEPS
    )
    return after if solution.worst <= _TOLERANCE else None


def _told(settings: Mapping[str, Any]) -> str:
    """The rule in words: "median 3, lower 0.3"."""
    rule, limit, lower = settings["rule"], settings["limit"], settings["lower"]
    parts = [] if rule == "none" else [rule if isinstance(limit, tuple) else f"{rule} {limit:g}"]
    return ", ".join([*parts, *([] if lower is None else [f"lower {lower:g}"])])


def _groups(step: Adjustment, frame: pd.DataFrame) -> tuple[Ints, int]:
    by = step.settings["by"]
    if not by:
        return np.zeros(len(frame), np.int64), 1
    code, labels = factorize([frame[c] for c in by])
    return code, len(labels)
