"""What a programme changed, judged by the units that got it: few treated wards call for a permutation of wards."""

from __future__ import annotations

from itertools import combinations
from math import comb
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.base.arguments import columns_exist
from survey.base.arrays import Array
from survey.base.catalogue import Note
from survey.base.codes import numbers
from survey.base.expressions import Where, column_names, evaluate
from survey.base.names import columns_named, composed_value
from survey.codebook._missing_codes import refuse_codes_in, refuse_codes_of
from survey.codebook.told import describe_values, may_be_shown
from survey.core.sample_data import SampleData
from survey.core.unheld import unheld, unheld_remark
from survey.errors import EstimationError
from survey.estimates import Estimates
from survey.estimation.items import Names, domain, item_names
from survey.estimation.means import mean

__all__ = ["all_gaps", "effect"]

MOST_ASSIGNMENTS = 50_000
EACH_UNIT_ONCE = Note("notes.each_unit_once")
"""What tells this estimate from `mean(by=...)` and `contrast`, which may be shown beside it."""


def effect(
    self: SampleData,
    items: Names,
    treated: str,
    period: str,
    unit: str,
    where: Where = None,
    level: float = 0.95,
) -> Estimates:
    """Estimate a difference in differences over units (wards), with the exact permutation test of the assignment.

    Every unit's mean is estimated in both periods; the effect is the mean change of the treated units minus that of
    the others, each unit counting once. The p-value is the share of all ways to choose as many units whose gap, in
    either direction, is at least as large as the one seen: with 2 of 9 wards it cannot be below 1/36. Where exactly
    half of the units are treated, choosing the others instead turns the gap around and is as large, so that the
    p-value cannot be below 2 over the number of ways: with 2 of 4 wards 2/6.

    Parameters
    ----------
    items : str or list of str
        Columns of numbers (scores).
    treated : str
        A column of 0 and 1, or a condition ("pilot_tier == 2"), the same for everyone in a unit.
    period : str
        Column with two values in the domain; the smaller is before.
    unit : str
        Column of the units that were treated or not.
    where : str, bool array or callable, optional
        Domain: exclude units that are not a clean comparison ("pilot_tier != 1").
    level : float
        Kept with the result.

    Returns
    -------
    Estimates
        item, estimate (units of the item), std_error (of sampling people within the units alone: too small to judge
        the programme by), p_value (permutation), p_floor (the smallest possible), treated, units, assignments,
        as_large (assignments with a gap at least as large).

    Raises
    ------
    EstimationError
        If a unit is partly treated, all or none are, there are not two periods, a unit has no answers in one, or there
        are too many assignments.

    References
    ----------
    Fisher (1935), The Design of Experiments; Conley & Taber (2011), Rev. Econ. Stat. 93, on few treated groups.
    """
    names = item_names(items, self)
    treated, unit, period = columns_named((treated, unit, period), self.data.columns)
    for what, name in (("treated", treated), ("unit", unit), ("period", period)):
        if name in self.data.columns:
            refuse_codes_of(self.data, self.codebook, [name], what)
        elif what == "treated":
            refuse_codes_in(self.data, self.codebook, name, what)
    units, chosen = _treated_units(self, treated, unit, where)
    k, total = int(chosen.sum()), comb(len(units), int(chosen.sum()))
    if total > MOST_ASSIGNMENTS:
        raise EstimationError(
            "There are too many assignments to enumerate.",
            got=f"{total:,} ways to choose {k} of {len(units)}",
            expected=f"at most {MOST_ASSIGNMENTS:,}",
            fix="with this many treated units, use a design-based comparison: mean(by=...) and contrast",
        )
    means = mean(self, names, by=[unit, period], where=where, level=level)
    steps = _steps(means, names, unit, period, units)
    weights = np.where(chosen, 1 / k, -1 / (len(units) - k))
    change = steps @ np.nan_to_num(means.table["estimate"].to_numpy(float))
    matrix = np.einsum("u,iur->ir", weights, steps)
    estimate = change @ weights
    joint = matrix @ means.covariance @ matrix.T
    gaps = np.abs(all_gaps(change, k))
    as_large = (gaps >= (np.abs(estimate) - _rounding(means, steps, estimate))[:, None]).sum(axis=1)
    table = pd.DataFrame(
        {
            "item": names,
            "estimate": estimate,
            "std_error": np.sqrt(np.clip(np.diag(joint), 0, None)),
            "p_value": as_large / total,
            "p_floor": _smallest(k, len(units)) / total,
            "treated": k,
            "units": len(units),
            "assignments": total,
            "as_large": as_large,
        }
    )
    notes = (
        Note("notes.permutation"),
        EACH_UNIT_ONCE,
        *(() if treated in self.data.columns else (one.note for one in unheld(self, treated))),
        *means.notes,
    )
    return Estimates(
        table,
        "effect",
        level=level,
        codebook=self.codebook,
        notes=notes,
        source=self.source,
        simulated=self.simulated,
        _covariance=joint,
        origin=means,
        contrast_matrix=matrix,
        behind=_behind(means, steps, chosen),
        compared=(*([treated] if treated in self.data.columns else column_names(treated)), period),
    )


def _behind(means: Estimates, steps: Array, chosen: NDArray[np.bool_]) -> Array:
    """Answers an effect stands on: of the treated and of the others, before and after, whichever are fewest."""
    n = means.table["n"].to_numpy(float)
    sides = [(steps[:, group] * sign > 0).any(axis=1) @ n for group in (chosen, ~chosen) for sign in (1, -1)]
    return np.asarray(np.min(sides, axis=0), dtype=float)


def _treated_units(
    sample: SampleData, treated: str, unit: str, where: Where
) -> tuple[NDArray[np.object_], NDArray[np.bool_]]:
    data = sample.data
    columns_exist([unit], data.columns, "The data have no such unit column.", EstimationError, where="unit")
    within = domain(sample, where)
    inside = np.ones(len(data), bool) if within is None else within
    if sample.structure.counted is not None:  # a weight of 0 stands for no one, in whatever unit
        inside = inside & sample.structure.counted
    flag = data[treated] if treated in data.columns else pd.Series(evaluate(treated, data, "treated"), index=data.index)
    try:
        known = pd.Series(numbers(flag), index=data.index)[inside]
    except (TypeError, ValueError):
        raise EstimationError(
            "Treatment status must be 0, 1 or a condition.",
            where=treated,
            got=str(flag.dtype),
            expected="a column of 0 and 1, or a condition",
            fix=f"give a condition, such as treated=\"{treated} == 'yes'\"",
        ) from None
    if known.isna().any() or not known.isin([0.0, 1.0]).all():
        raise EstimationError(
            "Treatment status is missing for some rows.",
            where=treated,
            got=describe_values(
                pd.Series(flag, index=data.index)[inside].unique(), sample.codebook.variables.get(treated)
            ),
            expected="0 or 1",
            fix="exclude these rows with where=",
        )
    by_unit = known.groupby(data.loc[inside, unit].map(composed_value)).agg(["min", "max"])
    mixed = by_unit.index[by_unit["min"] != by_unit["max"]]
    if len(mixed):
        raise EstimationError(
            "Some units are partly treated.",
            where=unit,
            got=describe_values(mixed, column=data[unit]),
            expected="either all or none of its members",
        )
    chosen = by_unit["max"].to_numpy() == 1
    if not 0 < chosen.sum() < len(chosen):
        raise EstimationError(
            "There is nothing to compare.",
            got=f"{int(chosen.sum())} of {len(chosen)} units treated"
            + ("" if treated in data.columns else unheld_remark(sample, treated)),
            expected="some treated and some not",
        )
    return by_unit.index.to_numpy(dtype=object), chosen


def _steps(means: Estimates, names: list[str], unit: str, period: str, units: NDArray[np.object_]) -> Array:
    """For each item and unit the weights of the table's rows that give its change: (items, units, rows)."""
    table = means.table
    periods = sorted(table[period].unique())
    if len(periods) != 2:
        raise EstimationError(
            "A change needs exactly two periods.",
            where=period,
            got=describe_values(periods, column=table[period]),
            expected="two values",
        )
    out = np.zeros((len(names), len(units), len(table)))
    for i, name in enumerate(names):
        for u, label in enumerate(units):
            for sign, when in zip((-1.0, 1.0), periods, strict=True):
                row = table.index[(table["item"] == name) & (table[unit] == label) & (table[period] == when)]
                if len(row) != 1 or np.isnan(table.loc[row[0], "estimate"]):
                    raise EstimationError(
                        "A unit has no answers in one of the periods.",
                        where=f"{name}, {unit} = {_said(table, unit, label)}, {period} = {_said(table, period, when)}",
                        fix="exclude the unit with where=",
                    )
                out[i, u, row[0]] = sign
    return out


def _said(table: pd.DataFrame, column: str, label: Any) -> str:
    """A unit or period, if it may be told: see `survey.codebook.told`."""
    return str(label) if may_be_shown(label, int(table.loc[table[column] == label, "n"].sum())) else "(not shown)"


def _smallest(k: int, units: int) -> int:
    """How many assignments are at least as large as the largest in either direction.

    The gap of an assignment is turned around by its mirror, which treats the units that it leaves out. The mirror is
    one of the assignments only where it treats as many: with exactly half of the units.
    """
    return 2 if 2 * k == units else 1


def _rounding(means: Estimates, steps: Array, estimate: Array) -> Array:
    """How far two gaps that are equal may differ by rounding: (items,).

    A billionth of the gap itself, or what the last digits of the means that it is a difference of amount to.
    """
    level = np.abs(np.nan_to_num(means.table["estimate"].to_numpy(float)))
    largest = (np.abs(steps).max(axis=1) * level).max(axis=1)
    return np.asarray(np.maximum(1e-9 * np.abs(estimate), 1e-12 * largest))


def all_gaps(change: Array, k: int) -> Array:
    """The gap under every way to choose k of the units: (items, assignments)."""
    units = change.shape[1]
    picks = np.array(list(combinations(range(units), k)))
    inside = np.zeros((len(picks), units))
    inside[np.arange(len(picks))[:, None], picks] = 1.0
    gaps: Array = change @ (inside / k - (1 - inside) / (units - k)).T
    return gaps
