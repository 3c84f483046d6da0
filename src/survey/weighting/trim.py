"""Trimming: no weight beyond a limit, the weight cut off given to others, known totals met all the same."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from survey._linalg import Array, weighted_count
from survey._log import counted
from survey.design import Adjustment
from survey.errors import ConvergenceError, DesignError, some
from survey.structure import Ints, factorize
from survey.weighting.apply import only_counted, reweighted
from survey.weighting.distances import distance
from survey.weighting.explain import Explanation
from survey.weighting.margins import code_margins
from survey.weighting.newton import Solution, solve
from survey.weighting.potter import least_mse
from survey.weighting.problem import Problem, joint_cells
from survey.weighting.programmes import certificate, nearest_limits

if TYPE_CHECKING:
    from survey.sample import Sample

__all__ = ["group_rows", "trim"]

REDISTRIBUTE = ("recalibrate", "proportional", "equal", "none")
_ROUNDS, _ROUNDING, _HALVINGS = 100, 1e-12, 100


def trim(
    self: Sample,
    *,
    upper: float | None = None,
    lower: float | None = None,
    quantile: float | None = None,
    median: float | None = None,
    mse: str | list[str] | None = None,
    by: str | list[str] | None = None,
    redistribute: str | None = None,
    tolerance: float = 1e-10,
    max_iterations: int = 200,
    into: str = "w_trimmed",
) -> Sample:
    """Trim the weights, and give to others what is cut off.

    Parameters
    ----------
    upper, lower : float, optional
        The limits themselves.
    quantile : float, optional
        Upper limit: this quantile of the weights (0.99).
    median : float, optional
        Upper limit: this multiple of the median weight (3).
    mse : str or list of str, optional
        Upper limit: that with the least mean squared error of these items' means (Potter 1990), see
        `trimming_errors`. Exactly one of `upper`, `quantile`, `median` and `mse`, or only `lower`.
    by : str or list of str, optional
        Groups (waves) with limits of their own, inside which weight is given away.
    redistribute : {"recalibrate", "proportional", "equal", "none"}, optional
        recalibrate: the nearest weights within the limits that meet the totals of the last calibration; what is done
        unless told otherwise to weights that were calibrated. proportional: shared among the others by their weights,
        what is done to weights that were not. equal: shared equally, as R's trimWeights(strict = TRUE). none: lost.
    tolerance : float
        Largest relative difference from a target after recalibration.
    max_iterations : int
    into : str
        Name of the new weight column.

    Returns
    -------
    Sample
        With all weights within the limits, and the totals met where they were before. Its standard errors take the
        factors of trimming as fixed, and know of the totals.

    Raises
    ------
    DesignError
        If no limit, or more than one, is given, or the limits leave no room for the weights' sum.
    ConvergenceError
        If no weights within the limits meet the totals: with the proof, and the least limit that would do. The sample
        is left as it was.

    References
    ----------
    Potter (1990), Proc. ASA Section on Survey Research Methods. Valliant, Dever & Kreuter (2018), section 14.4.

    Examples
    --------
    >>> sample.rake(targets).trim(median=3)  # doctest: +SKIP
    """
    whole, self = self, only_counted(self)
    group, labels = group_rows(self, by)
    low, high, rule = _limits(self, group, len(labels), upper, lower, quantile, median, mse)
    weights = self.weights
    outside = (weights < low[group]) | (weights > high[group])
    last = _calibration(self)
    how = redistribute or ("recalibrate" if last is not None else "proportional")
    if how not in REDISTRIBUTE:
        raise DesignError("An unknown way to redistribute.", got=redistribute, expected=some(REDISTRIBUTE))
    if how == "recalibrate" and last is None:
        raise DesignError(
            "These weights were never calibrated.", got="redistribute='recalibrate'",
            fix="rake or calibrate first, or choose redistribute='proportional'",
        )  # fmt: skip
    solution = None
    if how == "recalibrate" and last is not None:
        after, solution = _recalibrated(self, last, low[group], high[group], tolerance, max_iterations)
    else:
        after = _redistributed(weights, low, high, group, how)
    moved = np.abs(np.clip(weights, low[group], high[group]) - weights).sum() / weights.sum()
    told = f"{counted(int(outside.sum()), 'weight')} outside {rule}, {moved:.2%} of all weight; {how}"
    span = (float(low.min()), float(high.max()))
    step = Adjustment("trim", limits=span)
    if last is not None and solution is not None:
        step = replace(
            last, method="trim", limits=span, bounds=None, iterations=solution.iterations, worst=solution.worst
        )
        told += f", worst gap {solution.worst:.1e}"
    return reweighted(whole, after, into, step, told)


def group_rows(sample: Sample, by: str | list[str] | None) -> tuple[Ints, pd.DataFrame]:
    """Group of every row, and the groups; one group without `by`.

    Raises
    ------
    DesignError
        If a column is not there, or a row has no group.
    """
    columns = [] if by is None else [by] if isinstance(by, str) else list(by)
    absent = [c for c in columns if c not in sample.data.columns]
    if absent:
        raise DesignError("The data have no such grouping column.", got=some(absent))
    if not columns:
        return np.zeros(len(sample), np.int64), pd.DataFrame(index=range(1))
    code, labels = factorize([sample.data[c] for c in columns])
    if (code < 0).any():
        raise DesignError(
            "Some rows have no group.", where=f"columns {some(columns)}, rows {some(sample.data.index[code < 0])}"
        )
    return code, labels


def _limits(
    sample: Sample, group: Ints, k: int, upper: float | None, lower: float | None, quantile: float | None,
    median: float | None, mse: str | list[str] | None,
) -> tuple[Array, Array, str]:  # fmt: skip
    """Limits of each group, and the rule in words."""
    given = {"upper": upper, "quantile": quantile, "median": median, "mse": mse}
    asked = [name for name, value in given.items() if value is not None]
    if len(asked) > 1 or (not asked and lower is None):
        raise DesignError(
            "Trimming takes one upper limit.", got=some(asked) or "none", expected=f"one of {some(given)}, or lower"
        )
    weights = sample.weights
    parts = [weights[group == g] for g in range(k)]
    if upper is not None:
        high, rule = np.full(k, float(upper)), f"at most {upper:g}"
    elif quantile is not None:
        if not 0.5 < quantile < 1:
            raise DesignError("A quantile to trim at is a share.", got=quantile, expected="above 0.5, below 1")
        high = np.array([np.quantile(part, quantile) for part in parts])
        rule = f"the {quantile:g} quantile ({some(f'{h:.4g}' for h in high)})"
    elif median is not None:
        if not median > 1:
            raise DesignError("A multiple of the median is above 1.", got=median)
        high = np.array([median * np.median(part) for part in parts])
        rule = f"{median:g} x the median ({some(f'{h:.4g}' for h in high)})"
    elif mse is not None:
        high = np.array([least_mse(sample, mse, group == g) for g in range(k)])
        rule = f"the least mean squared error ({some(f'{h:.4g}' for h in high)})"
    else:
        high, rule = np.full(k, np.inf), "no upper limit"
    low = np.full(k, 0.0 if lower is None else float(lower))
    if lower is not None:
        rule += f", at least {lower:g}"
    if not ((low >= 0) & (low < high)).all():
        raise DesignError(
            "The limits leave no room.", got=f"{some(low)} to {some(high)}", expected="0 <= lower < upper"
        )
    return low, high, rule


def _calibration(sample: Sample) -> Adjustment | None:
    """The last calibration, if the weights still meet its totals."""
    for step in reversed(sample.design.adjustments):
        if step.targets is not None:
            return step
        if step.method == "scale":
            return None
    return None


def _redistributed(weights: Array, low: Array, high: Array, group: Ints, how: str) -> Array:
    """Cut off and give away until nothing is outside the limits."""
    floor, roof = low[group], high[group]
    if how == "none":
        return np.clip(weights, floor, roof)
    n, total = np.bincount(group), weighted_count(group, weights, len(low))
    if ((n * high < total) | (n * low > total)).any():
        at = np.flatnonzero((n * high < total) | (n * low > total))
        raise DesignError(
            "The limits leave no room for the sum of the weights.",
            got=some(f"{n[i]} weights of {low[i]:g} to {high[i]:g} for a sum of {total[i]:,.0f}" for i in at),
            expected="a mean weight between the limits",
        )  # fmt: skip
    after = weights.astype(float)
    for _ in range(_ROUNDS):
        # what is over by rounding alone is cut off for good, else the last digit is passed on for ever
        outside = (after < floor * (1 - _ROUNDING)) | (after > roof * (1 + _ROUNDING))
        cut = np.clip(after, floor, roof)
        if not outside.any():
            return cut
        lost = weighted_count(group, after - cut, len(low))
        share = np.where(outside, 0.0, 1.0 if how == "equal" else after)
        room = weighted_count(group, share, len(low))
        if ((room == 0) & (np.abs(lost) > 0)).any():
            break
        after = cut + share * (lost / np.where(room > 0, room, 1.0))[group]
    return _levelled(weights, floor, roof, group, total, how)


def _levelled(weights: Array, floor: Array, roof: Array, group: Ints, total: Array, how: str) -> Array:
    """Every weight of a group times (or plus) one number, cut at the limits: that which keeps the sum, by bisection.

    Where limits to both sides pass weight to and fro, or leave nobody inside to give it to.
    """
    reach = 60.0 if how == "proportional" else float(weights.max() + total.max())
    low, high = np.full(len(total), -reach), np.full(len(total), reach)
    after = weights
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        moved = weights * np.exp(middle)[group] if how == "proportional" else weights + middle[group]
        after = np.clip(moved, floor, roof)
        short = weighted_count(group, after, len(total)) < total
        low, high = np.where(short, middle, low), np.where(short, high, middle)
    return after


def _recalibrated(
    sample: Sample, last: Adjustment, low: Array, high: Array, tolerance: float, max_iterations: int
) -> tuple[Array, Solution]:
    """The nearest weights within the limits that meet the totals: (rows,)."""
    if last.targets is None:
        raise DesignError("The calibration has no targets.", where=last.method)
    weights = sample.weights
    start = np.clip(weights, low, high)
    margins = code_margins(sample.data, last.targets, weights)
    unit = sample.data[last.unit] if last.unit else None
    whole = Problem.of(margins, weights, unit)
    # people alike in everything that is known and in weight and limits move together
    alike = [whole.cell, pd.factorize(start)[0], pd.factorize(low)[0], pd.factorize(high)[0]]
    cell, own = joint_cells(alike, [int(code.max()) + 1 for code in alike])
    first = np.zeros(len(own[0]), np.int64)
    first[cell] = np.arange(len(cell))
    n = np.bincount(cell).astype(float)
    sums, floor, roof = start[first] * n, low[first] / start[first], high[first] / start[first]
    x = whole.x[own[0]]
    method = "linear" if last.method == "linear" else "raking"
    solution = solve(
        sums, x, whole.totals, distance(method, (floor, roof)), tolerance=tolerance, max_iterations=max_iterations
    )
    if not solution.worst <= tolerance:
        problem = replace(whole, start=sums, x=x, codes=tuple(code[own[0]] for code in whole.codes))
        found = _why(problem, floor, roof, n, low[first], high[first])
        raise ConvergenceError(
            found.reason,
            where=f"limits {low.min():.6g} to {high.max():.6g}, totals of {some(m.margin.name for m in margins)}",
            got=f"a worst gap of {solution.worst:.2g}" + ("" if found.proof is None else f". Proof: {found.proof}"),
            expected=f"every total within {tolerance:g}, every weight within the limits",
            fix="; or ".join(found.proposals), explanation=found,
        )  # fmt: skip
    # the last digit of a product must not put a weight over its limit
    return np.clip(start * solution.factors[cell], low, high), solution


def _why(problem: Problem, floor: Array, roof: Array, n: Array, low: Array, high: Array) -> Explanation:
    """Why limits leave no room, and which would."""
    proof = certificate(problem, floor, roof)
    if proof is None:
        reason, ways = "Trimming stopped too soon.", ["more iterations (max_iterations=)", "a looser tolerance"]
        return Explanation(reason, True, None, pd.DataFrame(), None, tuple(ways))
    least, most = nearest_limits(problem, n, low, high)
    ways = [] if most is None else [f"upper={most:.4g} or more"]
    ways += [] if not least else [f"lower={least:.4g} or less"]
    ways = ways or ["wider limits to both sides", "calibrate to fewer margins first"]
    return Explanation("No weights within the limits meet the totals.", False, proof, pd.DataFrame(), None, tuple(ways))
