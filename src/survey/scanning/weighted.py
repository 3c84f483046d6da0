"""Weights of a scan that meet known totals: calibrated in the cells of the margins, which one pass counts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, TypeVar

import pandas as pd

from survey.calibration.margins import margin_columns, on_columns
from survey.design.targets import Targets, TargetsLike
from survey.errors import DesignError, TargetsError, shorten
from survey.estimates import Summary
from survey.sample import Sample
from survey.scanning.combined import alike_sample
from survey.scanning.held import MOST_VALUES
from survey.scanning.state import ScanData
from survey.scanning.weighing import Weighing
from survey.weighting.apply import free_name
from survey.weighting.calibrate import Within
from survey.weighting.calibration_report import Calibration
from survey.weighting.calibration_report import calibration as report

__all__ = ["calibrate", "calibration", "margin_gaps", "poststratify", "rake", "weighted_sample"]

S = TypeVar("S", bound=ScanData)


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
    """Rake the weights to population margins, as `Sample.rake`; one pass counts the cells of the margins.

    Parameters, errors and the record of the result (`scan.calibration`) are those of `Sample.rake`. No row is changed:
    every later question multiplies the weights of a batch as it reads it, and `write` writes them.

    Raises
    ------
    TargetsError
        As `Sample.rake`; rows are counted, and not named. Also for `unit=`: households need rows.
    ConvergenceError
        If the margins are not met after the last iteration. The scan is left as it was.
    """
    options = {"bounds": bounds, "total": total, "tolerance": tolerance, "max_iterations": max_iterations}
    return _adjusted(self, "rake", targets, within, unit, into, options)


def poststratify(
    self: S, targets: TargetsLike, *, within: Within = (), total: float | None = None, into: str = "w_final"
) -> S:
    """Post-stratify, as `Sample.poststratify`: one factor in each cell of known size; see `rake`."""
    return _adjusted(self, "poststratify", targets, within, None, into, {"total": total})


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
    """Calibrate the weights, as `Sample.calibrate`; see `rake`. Numbers whose sums are known must take few values."""
    options = {
        "method": method,
        "bounds": bounds,
        "total": total,
        "tolerance": tolerance,
        "max_iterations": max_iterations,
    }
    return _adjusted(self, "calibrate", targets, within, unit, into, options)


def _adjusted(
    scan: S, verb: str, targets: TargetsLike, within: Within, unit: str | None, into: str, options: dict[str, Any]
) -> S:
    if unit is not None:
        raise TargetsError(
            "Households that share one weight need rows.",
            where=f"scan(...).{verb}(unit=...)",
            got=unit,
            expected="weights of respondents",
            fix="leave unit= out, or read the columns of the margins into memory: sv.Sample(sv.read(...), ...)",
        )
    known = on_columns(Targets.of(targets, within), scan.steps.names)
    names = margin_columns(known, scan.steps.names)
    scan.look(names)
    if many := [name for name in names if scan.held(name).counts is None]:
        raise TargetsError(
            "Weights of a scan are adjusted by columns of few values.",
            where=f"scan(...).{verb}(...)",
            got=f"more than {MOST_VALUES:,} values of {shorten(many)}",
            expected="categories, or numbers of few values",
            fix="band them with derive(...), or read the columns into memory: sv.Sample(sv.read(...), ...)",
        )
    start = alike_sample(scan, names, weighed=True)
    taken = [*scan.steps.names, *start.data.columns]
    made: Sample = getattr(start, verb)(
        targets, within=within, into=free_name(into, pd.DataFrame(columns=taken)), **options
    )
    earlier = [] if scan.weighing is None else scan.weighing.names
    weighing = Weighing.of(made, replace(scan.drawn_by, replicates=None), list(dict.fromkeys((*earlier, *names))))
    rows = len(scan)
    told = replace(made.responses.entries[-1], rows_before=rows, rows_after=rows, rows_touched=rows)
    entries = (*(() if scan.weighing is None else scan.weighing.entries), told)
    return replace(scan, design=made.design, weighing=replace(weighing, entries=entries))


def weighted_sample(scan: ScanData) -> Sample:
    """Respondents who are alike in all that their weights were adjusted by, as one row each.

    Raises
    ------
    DesignError
        If no weights were adjusted.
    """
    if scan.weighing is None:
        raise DesignError(
            "The weights have not been calibrated.",
            got=scan.design.describe(),
            fix="rake, poststratify or calibrate the scan first",
        )
    return alike_sample(scan, scan.weighing.names)


def calibration(self: ScanData) -> Calibration:
    """The record of the last calibration, as `Sample.calibration`; `factors` are of respondents who are alike."""
    return report(weighted_sample(self))


def margin_gaps(self: ScanData, targets: TargetsLike | None = None) -> Summary:
    """Compare every category of the targets with the first and the current weights, as `Sample.margin_gaps`."""
    if targets is None:
        return weighted_sample(self).margin_gaps()
    known = on_columns(Targets.of(targets), self.steps.names)
    return alike_sample(self, margin_columns(known, self.steps.names), weighed=True).margin_gaps(targets)
