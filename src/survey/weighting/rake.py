"""Raking: iterative proportional fitting of the weights to margins.

The margins' joint cells hold all that raking looks at, so the iteration runs on a few hundred cells and not on the
respondents (Deming & Stephan 1940; Deville, Sarndal & Sautory 1993).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from survey._linalg import Array, weighted_count
from survey.design import Adjustment
from survey.errors import ConvergenceError, some
from survey.responses import LogEntry
from survey.structure import Ints
from survey.targets import Targets
from survey.weighting.margins import CodedMargin, code_margins

if TYPE_CHECKING:
    from survey.sample import Sample

__all__ = ["rake", "raking_factors"]


def rake(
    self: Sample,
    targets: Targets | pd.DataFrame | Mapping[Any, Any],
    *,
    tolerance: float = 1e-10,
    max_iterations: int = 500,
    into: str = "w_raked",
) -> Sample:
    """Rake the weights to population margins.

    Parameters
    ----------
    targets : Targets, DataFrame or dict
        Margins; the weights will add up to their total.
    tolerance : float
        Largest difference from a target, relative to it, that counts as met.
    max_iterations : int
    into : str
        Name of the new weight column; the old one stays (a number is added when the name is taken).

    Returns
    -------
    Sample
        With the new weights. Its standard errors know of the margins: residuals on them, regressed with the weights
        from before (Deville & Sarndal 1992).

    Raises
    ------
    TargetsError
        If targets and data do not match (see `code_margins`).
    ConvergenceError
        If the margins do not hold after the last iteration, with the worst gaps. The sample is left as it was.
    """
    margins = code_margins(self.data, Targets.of(targets))
    before = self.weights
    cell, codes = _joint_cells(margins)
    start = weighted_count(cell, before, len(codes[0]))
    factors, iterations, worst = raking_factors(start, codes, [m.totals for m in margins], tolerance, max_iterations)
    if not worst <= tolerance:
        _raise_gaps(margins, codes, start * factors, iterations, tolerance)
    after = before * factors[cell]
    return _reweighted(self, after, into, margins, iterations, worst)


def raking_factors(
    weights: Array, codes: list[Ints], totals: list[Array], tolerance: float, max_iterations: int
) -> tuple[Array, int, float]:
    """Factors (cells,) that bring the margins of `weights` (cells,) to `totals`.

    Returns
    -------
    factors : array (cells,)
    iterations : int
    worst : float
        Largest relative difference of a margin from its target, measured after the last step.
    """
    raked = weights.astype(float)
    worst = np.inf
    iteration = 0
    while iteration < max_iterations:
        iteration += 1
        for code, total in zip(codes, totals, strict=True):
            raked = raked * (total / weighted_count(code, raked, len(total)))[code]
        worst = max(
            float(np.max(np.abs(weighted_count(c, raked, len(t)) / t - 1))) for c, t in zip(codes, totals, strict=True)
        )
        if worst <= tolerance:
            break
    return raked / weights, iteration, worst


def _joint_cells(margins: list[CodedMargin]) -> tuple[Ints, list[Ints]]:
    """Joint cell of each respondent, and each cell's category in each margin."""
    key = margins[0].code
    for margin in margins[1:]:
        key = pd.factorize(key * len(margin.categories) + margin.code)[0]
    cell, uniques = pd.factorize(key)
    first = np.zeros(len(uniques), np.int64)
    first[cell[::-1]] = np.arange(len(cell))[::-1]
    return cell, [m.code[first] for m in margins]


def _raise_gaps(margins: list[CodedMargin], codes: list[Ints], raked: Array, iterations: int, tolerance: float) -> None:
    gaps = []
    for margin, code in zip(margins, codes, strict=True):
        achieved = weighted_count(code, raked, len(margin.totals))
        for c, got, want in zip(margin.categories, achieved, margin.totals, strict=True):
            gaps.append((abs(got / want - 1), f"{margin.margin.label(c)}: {got:,.1f} for {want:,.1f}"))
    worst = [text for gap, text in sorted(gaps, reverse=True) if gap > tolerance]
    raise ConvergenceError(
        "Raking stopped without meeting the margins.",
        where=f"{iterations} iterations over {some(m.margin.name for m in margins)}",
        got=some(worst, 4),
        expected=f"every margin within {tolerance:g} of its target",
        fix="look for categories that always occur together (confounded margins) or margins from different sources; "
        "merge categories, or drop a margin",
    )


def _free_name(wanted: str, data: pd.DataFrame) -> str:
    """A column name that is not taken: the wanted one, else with a number."""
    name, suffix = wanted, 2
    while name in data.columns:
        name, suffix = f"{wanted}_{suffix}", suffix + 1
    return name


def _reweighted(
    sample: Sample, weights: Array, into: str, margins: list[CodedMargin], iterations: int, worst: float
) -> Sample:
    data = sample.data.copy(deep=False)
    previous = sample.design.weights
    if previous is None:
        previous = _free_name("w_equal", data)
        data[previous] = 1.0
    name = _free_name(into, data)
    data[name] = weights
    entry = LogEntry(
        "rake",
        f"weights {previous} -> {name}: {len(margins)} margins, {iterations} iterations, worst gap {worst:.1e}",
        {"margins": [m.margin.name for m in margins], "into": name},
        len(data), len(data), len(data), 0,
        f"total {margins[0].totals.sum():,.0f}",
    )  # fmt: skip
    adjustment = Adjustment("rake", tuple(m.margin.variables for m in margins), (), previous)
    responses = sample.responses.logged(entry, data=data)
    return type(sample).of(responses, sample.design.reweighted(name, adjustment))
