"""Trimming: no weight beyond a limit, the excess redistributed, known totals still met."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from numbers import Real
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from survey.base.arguments import columns_exist, in_range, listed
from survey.base.arrays import Array, weighted_count
from survey.base.codes import Ints, factorize, infinite_in
from survey.base.text import counted
from survey.calibration.feasibility import certificate, nearest_limits
from survey.calibration.infeasible import Explanation
from survey.calibration.limits import JointCells, Recalibrated, limits_of, recalibrated, redistributed, roomless
from survey.calibration.problem import Problem
from survey.codebook._missing_codes import refuse_codes_of
from survey.codebook.told import describe_rows
from survey.core.sample_data import S, SampleData
from survey.design.design import Adjustment
from survey.errors import ConvergenceError, DesignError, shorten
from survey.weighting.apply import only_counted, reweighted
from survey.weighting.trimming_mse import least_mse

__all__ = ["columns_of", "group_rows", "trim"]

REDISTRIBUTE = ("recalibrate", "proportional", "equal", "none")


def trim(
    self: S,
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
) -> S:
    """Trim the weights, and redistribute the excess.

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
        `trimming_errors`, among those that leave room for the sum, or for the totals. Exactly one of `upper`,
        `quantile`, `median` and `mse`, or only `lower`.
    by : str or list of str, optional
        Groups (waves) with separate limits, within which weight is redistributed.
    redistribute : {"recalibrate", "proportional", "equal", "none"}, optional
        recalibrate: the nearest weights within the limits that meet the totals of the last calibration; the default
        for calibrated weights. proportional: shared among the others by their weights,
        the default for uncalibrated weights. equal: shared equally, as R's trimWeights(strict = TRUE). none: lost.
    tolerance : float
        Largest relative difference from a target after recalibration.
    max_iterations : int
    into : str
        Name of the new weight column.

    Returns
    -------
    Sample
        With all weights within the limits, and the totals met where they were before. Linearised standard errors take
        the factors of trimming as fixed, and account for the totals; replicates are trimmed again, each as a separate
        sample (with `mse`, at the chosen multiple of the mean weight).

    Raises
    ------
    DesignError
        If no limit, or more than one, is given, or the limits are incompatible with the sum of the weights.
    ConvergenceError
        If no weights within the limits meet the totals: with the proof, and the smallest feasible limit. The sample
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
    rule, limit = _asked(upper, lower, quantile, median, mse)
    last = _calibration(self)
    how = redistribute or ("recalibrate" if last is not None else "proportional")
    if how not in REDISTRIBUTE:
        raise DesignError("An unknown way to redistribute.", got=redistribute, expected=shorten(REDISTRIBUTE))
    if how == "recalibrate" and last is None:
        raise DesignError(
            "The weights have not been calibrated.",
            got="redistribute='recalibrate'",
            fix="rake or calibrate first, or choose redistribute='proportional'",
        )
    there = np.flatnonzero(self.weights)  # who weighs nothing is outside the population, and no small weight
    weights, group, k = self.weights[there], group[there], len(labels)
    if how == "recalibrate" and last is not None and last.targets is not None:
        data = self.data if len(there) == len(self) else self.data.iloc[there]
        problem = Problem.on(data, last.targets, weights, last.unit)
        own = JointCells(problem, problem.cell)
        method = "linear" if last.method == "linear" or last.settings.get("distance") == "linear" else "raking"
    else:
        own, method = None, ""

    def brought(low: Array, high: Array) -> tuple[Array | None, Recalibrated | None]:
        """The weights within limits; None, or a gap that is too large, where that cannot be."""
        if own is None:
            return redistributed(weights, low, high, group, how), None
        return recalibrated(
            own,
            weights,
            np.ones(len(weights)),
            low[group],
            high[group],
            method,
            tolerance=tolerance,
            max_iterations=max_iterations,
        )

    def stands(low: Array, high: Array) -> bool:
        after, found = brought(low, high)
        return after is not None and (found is None or found.worst <= tolerance)

    if rule == "mse":
        low = np.full(k, 0.0 if lower is None else float(lower))
        inside = [np.flatnonzero(self.weights)[group == g] for g in range(k)]
        high = least_mse(self, limit, inside, lambda high: bool((low < high).all()) and stands(low, high))
        means = weighted_count(group, weights, k) / np.maximum(np.bincount(group, minlength=k), 1)
        limit = tuple(float(h / m) if m else 1.0 for h, m in zip(high, means, strict=True))
    else:
        low, high = limits_of(rule, limit, lower, weights, group, k)
    _refuse_order(low, high)
    cut, found = brought(low, high)
    if cut is None:
        _refuse_roomless(weights, low, high, group)
    elif own is not None and found is not None and not found.worst <= tolerance:
        _refuse_totals(own, found, tolerance)
    after = np.zeros(len(self))
    after[there] = cut
    outside = (weights < low[group]) | (weights > high[group])
    moved = np.abs(np.clip(weights, low[group], high[group]) - weights).sum() / weights.sum()
    told = f"{counted(int(outside.sum()), 'weight')} outside {_told_rule(rule, limit, high, lower)}"
    told += f", {moved:.2%} of all weight; {how}"
    span = (float(low.min()), float(high.max()))
    settings = MappingProxyType(
        {
            "rule": rule,
            "limit": float(limit) if isinstance(limit, Real) else limit,
            "lower": None if lower is None else float(lower),
            "by": columns_of(by),
            "redistribute": how,
            "distance": method,
        }
    )
    step = Adjustment("trim", limits=span, settings=settings)
    if last is not None and found is not None:
        step = replace(
            last,
            method="trim",
            limits=span,
            bounds=None,
            iterations=found.solution.iterations,
            worst=found.worst,
            settings=settings,
        )
        told += f", worst gap {found.worst:.1e}"
    return reweighted(whole, after, into, step, told)


def columns_of(by: str | list[str] | None) -> tuple[str, ...]:
    """The columns of `by`."""
    return tuple(listed(by))


def group_rows(sample: SampleData, by: str | list[str] | None) -> tuple[Ints, pd.DataFrame]:
    """Group of every row, and the groups; one group without `by`.

    Raises
    ------
    DesignError
        If a column is not there, or a row has no group.
    """
    columns = columns_of(by)
    columns_exist(columns, sample.data.columns, "The data have no such grouping column.", DesignError, where="by")
    if not columns:
        return np.zeros(len(sample), np.int64), pd.DataFrame(index=range(1))
    refuse_codes_of(sample.data, sample.codebook, columns, "by", error=DesignError)
    code, labels = factorize([sample.data[c] for c in columns])
    for column, values in zip(columns, (labels[c] for c in labels), strict=True):
        if infinite_in(values):
            raise DesignError(
                "A group holds infinite numbers.",
                where=f"by={column!r}",
                got=f"{infinite_in(values)} of {len(labels)} groups",
                expected="finite numbers or text",
                fix="recode them as missing: recode(column, {float('inf'): float('nan')})",
            )
    if (code < 0).any():
        raise DesignError(
            "The group is missing for some rows.",
            where=f"columns {shorten(columns)}, rows {describe_rows(sample.data.index, code < 0)}",
        )
    return code, labels


def _asked(
    upper: float | None,
    lower: float | None,
    quantile: float | None,
    median: float | None,
    mse: str | list[str] | None,
) -> tuple[str, Any]:
    """The one rule of the upper limit and its number (items, of "mse")."""
    given = {"upper": upper, "quantile": quantile, "median": median, "mse": mse}
    asked = [name for name, value in given.items() if value is not None]
    if len(asked) > 1 or (not asked and lower is None):
        raise DesignError(
            "Give exactly one upper limit for trimming.",
            where="trim(...)",
            got=shorten(asked) or "none",
            expected=f"one of {shorten(given)}, or lower",
            fix="write trim(median=5) or trim(quantile=0.99)",
        )
    if quantile is not None:
        message = "The trimming quantile must be between 0.5 and 1."
        in_range(quantile, message, DesignError, expected="above 0.5, below 1", fits=lambda v: 0.5 < v < 1)
    if median is not None and not median > 1:
        raise DesignError("The multiple of the median must be above 1.", got=median)
    return (asked[0], given[asked[0]]) if asked else ("none", None)


def _told_rule(rule: str, limit: Any, high: Array, lower: float | None) -> str:
    shown = shorten(f"{h:.4g}" for h in high)
    words: dict[str, Callable[[], str]] = {
        "upper": lambda: f"at most {limit:g}",
        "quantile": lambda: f"the {limit:g} quantile ({shown})",
        "median": lambda: f"{limit:g} x the median ({shown})",
        "mse": lambda: f"the least mean squared error ({shown})",
        "none": lambda: "no upper limit",
    }
    return words[rule]() + (f", at least {lower:g}" if lower is not None else "")


def _refuse_order(low: Array, high: Array) -> None:
    if not ((low >= 0) & (low < high)).all():
        raise DesignError(
            "The limits must satisfy 0 <= lower < upper.",
            got=f"{shorten(low)} to {shorten(high)}",
            expected="0 <= lower < upper",
        )


def _calibration(sample: SampleData) -> Adjustment | None:
    """The last calibration, if the weights still meet its totals."""
    for step in reversed(sample.design.adjustments):
        if step.targets is not None:
            return step
        if step.method == "scale":
            return None
    return None


def _refuse_roomless(weights: Array, low: Array, high: Array, group: Ints) -> None:
    at, k = roomless(weights, low, high, group), len(low)
    n, total = np.bincount(group, minlength=k), weighted_count(group, weights, k)
    raise DesignError(
        "The limits are incompatible with the sum of the weights.",
        got=shorten(f"{n[i]} weights of {low[i]:g} to {high[i]:g} for a sum of {total[i]:,.0f}" for i in at),
        expected="a mean weight between the limits",
        fix="widen the limits, or use redistribute='none', which lets the sum shrink",
    )


def _refuse_totals(own: JointCells, found: Recalibrated, tolerance: float) -> None:
    """Why no weights within the limits meet the totals, and which limits would do."""
    start = found.start * found.n
    codes = tuple(code[found.problem_cell] for code in own.whole.codes)
    problem = replace(own.whole, start=start, x=found.x, codes=codes)
    why = _why(problem, found.low / found.start, found.high / found.start, found.n, found.low, found.high)
    raise ConvergenceError(
        why.reason,
        where=f"limits {found.low.min():.6g} to {found.high.max():.6g}, "
        f"totals of {shorten(m.margin.name for m in own.whole.margins)}",
        got=f"a worst gap of {found.worst:.2g}" + ("" if why.proof is None else f". Proof: {why.proof}"),
        expected=f"every total within {tolerance:g}, every weight within the limits",
        fix="; or ".join(why.proposals),
        explanation=why,
    )


def _why(problem: Problem, floor: Array, roof: Array, n: Array, low: Array, high: Array) -> Explanation:
    """Why limits leave no room, and which would."""
    proof = certificate(problem, floor, roof)
    if proof is None:
        reason, ways = "Trimming did not converge.", ["more iterations (max_iterations=)", "a looser tolerance"]
        return Explanation(reason, True, None, pd.DataFrame(), None, tuple(ways))
    least, most = nearest_limits(problem, n, low, high)
    ways = [] if most is None else [f"upper={most:.4g} or more"]
    ways += [] if not least else [f"lower={least:.4g} or less"]
    ways = ways or ["wider limits to both sides", "calibrate to fewer margins first"]
    return Explanation("No weights within the limits meet the totals.", False, proof, pd.DataFrame(), None, tuple(ways))
