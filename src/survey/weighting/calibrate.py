"""Calibration: weights that meet known totals and stay as near as they can to those before.

Post-stratification, generalised regression, raking as calibration, logit and truncated distances, entropy balancing:
one problem with different distances (Deville & Sarndal 1992; Deville, Sarndal & Sautory 1993).
"""

from __future__ import annotations

import numpy as np

from survey.base.arguments import columns_exist, listed
from survey.base.arrays import weighted_count
from survey.base.text import counted
from survey.calibration.distances import check_bounds, distance
from survey.calibration.infeasible import refuse, refuse_signs, settled
from survey.calibration.margins import CodedMargin, on_columns, scale_to_targets
from survey.calibration.newton import Solution, solve
from survey.calibration.problem import Problem
from survey.codebook._missing_codes import refuse_codes_of
from survey.codebook.ordered import refuse_names
from survey.core.sample_data import S, SampleData
from survey.design.design import Adjustment
from survey.design.targets import Targets, TargetsLike
from survey.errors import TargetsError, shorten
from survey.weighting.apply import only_counted, reweighted

__all__ = ["calibrate", "poststratify", "prepared", "remembered"]

Within = str | list[str] | tuple[str, ...]


def calibrate(
    self: S,
    targets: TargetsLike,
    *,
    method: str = "linear",
    bounds: tuple[float, float] | None = None,
    within: Within = (),
    unit: str | None = None,
    total: float | None = None,
    tolerance: float = 1e-10,
    max_iterations: int = 100,
    into: str = "w_final",
) -> S:
    """Calibrate the weights to margins, cells and totals of numeric variables.

    Parameters
    ----------
    targets : Targets, DataFrame, dict or path
        {variable: {category: total}} for margins, {(a, b): {(1, 2): total}} for cells, {variable: sum} for a number.
    method : {"linear", "raking", "logit", "entropy"}
        The distance from the weights before: linear is generalised regression (GREG), raking is multiplicative, logit
        stays within `bounds`, entropy is entropy balancing, whose weights are those of raking.
    bounds : (low, high), optional
        What a weight may at least and at most be multiplied by, as in R: weights that do not add up to about the
        population are brought there by `scale_weights` first. Needed for logit; truncates linear and raking.
    within : str or list of str
        Groups with a separate population, such as ["ward", "wave"]: columns of a table of targets, or the first
        variables of each key. One call then does for every group what a separate call would do.
    unit : str, optional
        Column of households: all members get one weight (integrated calibration, Lemaitre & Dufour 1987).
    total : float, optional
        Scale the targets to this total: for shares, the number of people.
    tolerance : float
        Largest difference from a target, relative to it, that counts as met.
    max_iterations : int
    into : str
        Name of the new weight column; the old one stays (a number is added when the name is taken).

    Returns
    -------
    Sample
        Its standard errors know of the totals: residuals on the calibration variables, regressed with the weights from
        before.

    Raises
    ------
    TargetsError
        If targets and data do not match, or bounds leave no room.
    ConvergenceError
        If the totals cannot be met, with the reason, its proof and possible remedies; or if weights would not be
        positive. The sample is left as it was.

    References
    ----------
    Deville & Sarndal (1992), JASA 87. Lemaitre & Dufour (1987), Survey Methodology 13. Hainmueller (2012), Political
    Analysis 20. Agrees with R's calibrate.

    Examples
    --------
    >>> sample.calibrate(targets, method="logit", bounds=(0.3, 3))  # doctest: +SKIP
    """
    check_bounds(bounds, method)
    form = distance(method, bounds)
    whole, self = self, only_counted(self)
    known, margins, problem = prepared(self, targets, within, unit, total, scale=bounds is None)
    solution = solve(problem.start, problem.x, problem.totals, form, tolerance=tolerance, max_iterations=max_iterations)
    signed = method == "linear" and bounds is None
    if not settled(problem, solution, tolerance, bounds, signed=signed):
        refuse(problem, solution, "Calibration", tolerance, max_iterations, bounds, signed=signed)
    if signed and not (solution.factors > 0).all():
        refuse_signs(problem, solution, self.weights, self.data.index)
    step = remembered(method, known, margins, bounds, unit, solution)
    return reweighted(
        whole,
        problem.weighted(self.weights, solution.factors),
        into,
        step,
        _told(margins, solution),
        f"total {known.total:,.0f}" if known.counts else "",
    )


def poststratify(
    self: S, targets: TargetsLike, *, within: Within = (), total: float | None = None, into: str = "w_final"
) -> S:
    """Post-stratify: one factor in each cell of known size.

    Parameters
    ----------
    targets : Targets, DataFrame, dict or path
        One variable, {"age": {0: 4100, 1: 5200}}, or the cells of several crossed, {("sex", "age"): {(1, 0): 2000}}.
    within, total, into :
        As for `calibrate`.

    Raises
    ------
    TargetsError
        If there are several margins (rake to those), or targets and data do not match.

    References
    ----------
    Holt & Smith (1979), JRSS A 142. Agrees with R's postStratify.
    """
    whole, self = self, only_counted(self)
    known, margins, problem = prepared(self, targets, within, None, total, scale=True)
    if len(margins) > 1 or margins[0].values is not None:
        raise TargetsError(
            "Post-stratification needs exactly one margin.",
            got=shorten(m.margin.name for m in margins),
            expected='one variable, or one key of crossed variables: {("sex", "age"): {(1, 0): 2000, ...}}',
            fix="use rake for several margins, or calibrate for totals of numeric variables",
        )
    factors = margins[0].totals / weighted_count(margins[0].own, problem.start, len(margins[0].totals))
    solution = Solution(factors[margins[0].own], 1, 0.0)
    step = remembered("poststratify", known, margins, None, None, solution)
    told = f"{counted(len(factors), 'cell')} of {margins[0].margin.name}"
    after = problem.weighted(self.weights, solution.factors)
    return reweighted(whole, after, into, step, told, f"total {known.total:,.0f}")


def prepared(
    sample: SampleData, targets: TargetsLike, within: Within, unit: str | None, total: float | None, *, scale: bool
) -> tuple[Targets, list[CodedMargin], Problem]:
    """Targets, margins coded on the data, and the problem on cells.

    With `scale` its weights add up to the population already: where nothing bounds the way, that changes no result and
    the iteration begins near its end.
    """
    known = on_columns(Targets.of(targets, within), sample.data.columns)
    refuse_codes_in_margins(sample, known)
    if total is not None:
        known = known.scaled(total)
    units, columns = listed(unit), sample.data.columns
    columns_exist(units, columns, "The data have no such column of households.", TargetsError, where="unit")
    refuse_codes_of(sample.data, sample.codebook, units, "unit", error=TargetsError)
    problem = Problem.on(sample.data, known, sample.weights, unit, sample.structure.people)
    if scale and unit is None:
        problem = problem.scaled(scale_to_targets(problem.margins, known, problem.start))
    elif scale and known.counts:
        problem = problem.scaled(np.full(len(problem.start), known.total / problem.start.sum()))
    return known, problem.margins, problem


def refuse_codes_in_margins(sample: SampleData, targets: Targets) -> None:
    """Raise if a column to be calibrated on holds declared missing codes without a target, or a sum is one of names.

    Raises
    ------
    TargetsError
    """
    data, book = sample.data, sample.codebook
    for margin in targets.margins:
        if margin.number in data.columns:
            refuse_codes_of(data, book, [margin.number], "a sum to be met", error=TargetsError)
            refuse_names(
                book.variables.get(margin.number),
                data[margin.number],
                margin.number,
                where=f"margin {margin.name}",
                fix=f"give the size of each category: {{{margin.number!r}: {{category: total, ...}}}}",
                error=TargetsError,
            )
        for i, name in enumerate(margin.variables):
            if name in data.columns:
                named = {category[i] for category in margin.totals}
                refuse_codes_of(data, book, [name], f"margin {margin.name}", allowed=named, error=TargetsError)


def remembered(
    method: str,
    targets: Targets,
    margins: list[CodedMargin],
    bounds: tuple[float, float] | None,
    unit: str | None,
    solution: Solution,
) -> Adjustment:
    """What the design keeps of a calibration."""
    return Adjustment(
        method,
        tuple(m.margin.variables for m in margins if m.values is None),
        tuple(m.margin.columns for m in margins if m.values is not None),
        targets=targets,
        bounds=bounds,
        unit=unit or "",
        iterations=solution.iterations,
        worst=solution.worst,
    )


def _told(margins: list[CodedMargin], solution: Solution) -> str:
    counts = sum(m.values is None for m in margins)
    parts = [counted(counts, "margin")] if counts else []
    parts += [counted(len(margins) - counts, "sum")] if len(margins) > counts else []
    return f"{', '.join(parts)}, {counted(solution.iterations, 'iteration')}, worst gap {solution.worst:.1e}"
