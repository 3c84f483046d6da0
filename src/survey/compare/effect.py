"""What a programme changed, judged by the units that got it: few treated wards call for a permutation of wards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from survey.base.arguments import columns_exist, explained_verbs, in_range, listed
from survey.base.arrays import Array
from survey.base.catalogue import Note
from survey.base.expressions import Where, column_names
from survey.base.names import columns_named, composed_value
from survey.codebook._missing_codes import refuse_codes_in, refuse_codes_of
from survey.codebook.told import may_be_shown
from survey.compare import leave_one_out as leaving
from survey.compare import wild_bootstrap as wild
from survey.compare._waves import Waves
from survey.compare.assignments import Assignments
from survey.compare.circumstances import check_arms
from survey.compare.effect_data import EffectData, Treatment, blank_of_hidden_units
from survey.compare.effect_rows import by_people, effect_rows, unit_weights
from survey.compare.stacked_effects import UNBOUNDED
from survey.compare.treated_units import strata_of, treated_units, two_waves
from survey.core.estimates_data import EstimatesData
from survey.core.sample_data import SampleData, answers_in
from survey.core.unheld import unheld
from survey.errors import EstimationError
from survey.estimation.items import Names, domain, item_names
from survey.estimation.means import mean

__all__ = ["Effect", "effect"]

EACH_UNIT_ONCE = Note("notes.each_unit_once")
"""What tells this estimate from `mean(by=...)` and `contrast`, which may be shown beside it."""


@explained_verbs(EstimationError)
@dataclass(frozen=True)
class Effect(EffectData):
    """An effect on few units: `Estimates` that know their units, so that the result can be tried without each of them.

    The class body is a table of contents.
    """

    leave_one_out = leaving.leave_one_out
    wild_bootstrap = wild.wild_bootstrap


def effect(
    self: SampleData,
    items: Names,
    treated: str,
    period: str,
    unit: str,
    where: Where = None,
    level: float = 0.95,
    *,
    within: str | None = None,
    waves: Sequence[Any] | None = None,
    permutations: int | None = None,
    seed: int = 1,
    margin: float | None = None,
    circumstances: Names | None = None,
    acknowledge: Names | None = None,
) -> Effect:
    """Estimate a difference in differences over units (wards), judged by permutation of who was treated.

    Every unit's mean is estimated in both periods; the effect is the mean change of the treated units minus that of
    the others, each unit counting once. The p-value is the share of all ways to choose as many units whose gap, in
    either direction, is at least as large as the one seen: with 2 of 9 wards it cannot be below 1/36. Where exactly
    half of the units are treated, choosing the others instead turns the gap around and is as large, so that the
    p-value cannot be below 2 over the number of ways: with 2 of 4 wards 2/6. The interval holds the sizes of effect
    that this test does not reject; where no p-value can be small enough for the level, it has no ends.

    Parameters
    ----------
    items : str or list of str
        Columns of numbers (scores).
    treated : str
        A column of 0 and 1, or a condition ("pilot_tier == 2"), the same for everyone in a unit and in both periods.
    period : str
        Column with two values in the domain; their order is that of numbers, dates or the codebook.
    unit : str
        Column of the units that were treated or not.
    where : str, bool array or callable, optional
        Domain: exclude units that are not a clean comparison ("pilot_tier != 1").
    level : float
        Of the interval.
    within : str, optional
        Column of strata or pairs of units in which the programme was given: treated units are compared with the others
        of their stratum (strata count by their treated units), and permuted within it.
    waves : sequence of two values, optional
        Before and after, where there are more waves or their order is not known.
    permutations : int, optional
        Ways to choose that are tried at most; of more, as many are drawn at random beside the one observed. By default
        all of up to 50,000, and 9,999 of more.
    seed : int
        Of the ways drawn.
    margin : float, optional
        The smallest effect that matters, in units of the items: what "no sign" of an effect in the verdict is held to.
    circumstances : str or list of str, optional
        Further columns in which treated and other units must have been asked alike, besides `mode`, `frame` and
        columns with the role "mode".
    acknowledge : str or list of str, optional
        Such columns of which it is known that they differ; a note says by how much.

    Returns
    -------
    Effect (Estimates)
        item, estimate (units of the item), std_error (of sampling people within the units alone: too small to judge
        the programme by), conf_low and conf_high (by inversion of the test; infinite where p_floor is above 1 -
        level), p_value (permutation), p_floor (the smallest possible), treated, units, assignments (ways tried),
        as_large (those with a gap at least as large), mde (the effect that is found with a power of 80% if units vary
        as they did; NaN where none is), by_people (the same difference with units counting by their people), and
        margin_low, margin_high where a margin is given. `.leave_one_out()` and `.wild_bootstrap()` try the result.

    Raises
    ------
    EstimationError
        If a unit is partly treated or treated in one period only, all or none are, there are not two periods, a unit
        has no answers in one, or treated and other units were asked by other modes or from other frames.

    References
    ----------
    Fisher (1935), The Design of Experiments; Conley & Taber (2011), Rev. Econ. Stat. 93, on few treated groups; Phipson
    & Smyth (2010), Stat. Appl. Genet. Mol. Biol. 9, on p-values of sampled permutations; Rosenbaum (2002),
    Observational Studies, on intervals; Bloom (1995), Evaluation Review 19, on the detectable effect.

    Examples
    --------
    >>> sample.effect("friendliness", "pilot_tier == 2", "wave", "ward", "pilot_tier != 1")  # doctest: +SKIP
    >>> sample.effect("friendliness", "treated", "wave", "ward", within="district", margin=5)  # doctest: +SKIP
    """
    names = item_names(items, self)
    treated, unit, period = asked_columns(self, treated, unit, period, within)
    _check_numbers(permutations, seed, margin)
    columns_exist([unit], self.data.columns, "The data have no such unit column.", EstimationError, where="unit")
    within_where = domain(self, where)
    inside = np.ones(len(self.data), bool) if within_where is None else within_where
    if self.structure.counted is not None:  # a weight of 0 stands for no one, in whatever unit
        inside = inside & self.structure.counted
    if waves is not None:
        chosen_waves = two_waves(self, period, waves, inside)
        inside = inside & (chosen_waves.number >= 0)
        where = inside
    units, chosen = treated_units(self, treated, unit, period, inside)
    order = two_waves(self, period, waves, inside)
    strata = None
    if within is not None:
        (within,) = columns_named([within], self.data.columns)
        strata = strata_of(self, within, unit, units, chosen, inside)
    known = dict(zip(units.tolist(), chosen.tolist(), strict=True))
    label = self.data[unit].map(composed_value)
    arm = label.map(known).fillna(False).to_numpy(bool)
    asked = inside & (order.number >= 0)
    notes = check_arms(self, arm, order.number, asked, listed(circumstances or []), listed(acknowledge or []))
    ways = Assignments.of(chosen, strata, permutations, seed)
    means = mean(self, names, by=[unit, period], where=where, level=level)
    treatment = Treatment(
        unit,
        period,
        order.values[0],
        order.values[1],
        tuple(units.tolist()),
        ways,
        within or "",
        _rows(means, names, unit, order, units),
    )
    table, joint, matrix = effect_rows(means, names, treatment, level, margin)
    table.insert(len(table.columns) - (2 if margin is not None else 0), "by_people", by_people(means, treatment))
    return Effect(
        table,
        "effect",
        level=level,
        codebook=self.codebook,
        notes=(
            *_notes(ways, within, seed, level, margin),
            *notes,
            *(() if treated in self.data.columns else (one.note for one in unheld(self, treated))),
            *means.notes,
        ),
        source=self.source,
        simulated=self.simulated,
        _covariance=joint,
        origin=means,
        contrast_matrix=matrix,
        behind=_behind(means, treatment),
        compared=(*([treated] if treated in self.data.columns else column_names(treated)), period),
        _hiding=blank_of_hidden_units,
        treatment=treatment,
    )


def _check_numbers(permutations: int | None, seed: int, margin: float | None) -> None:
    """Raise for options that are no such numbers."""
    asked: tuple[tuple[str, Any, str, Any], ...] = (
        ("permutations", permutations, "a whole number from 99", lambda v: v >= 99 and int(v) == v),
        ("seed", seed, "a whole number from 0", lambda v: v >= 0 and int(v) == v),
        ("margin", margin, "a number above 0", lambda v: v > 0),
    )
    for name, value, expected, fits in asked:
        if value is not None:
            in_range(value, f"{name} is out of range.", EstimationError, where=f"{name}=", expected=expected, fits=fits)


def asked_columns(sample: SampleData, treated: str, unit: str, period: str, within: str | None) -> tuple[str, str, str]:
    """The columns as the data write them; an error if one holds codes that the codebook declares missing."""
    found = columns_named((treated, unit, period, *([] if within is None else [within])), answers_in(sample).columns)
    for what, name in zip(("treated", "unit", "period", "within"), found, strict=False):
        if name in answers_in(sample).columns:
            refuse_codes_of(answers_in(sample), sample.codebook, [name], what)
        elif what == "treated":
            refuse_codes_in(answers_in(sample), sample.codebook, name, what)
    return found[0], found[1], found[2]


def _notes(ways: Assignments, within: str | None, seed: int, level: float, margin: float | None) -> list[Note]:
    """How the ways were chosen, and what they do not allow."""
    found = [Note("notes.permutation"), EACH_UNIT_ONCE, Note("notes.effect_interval")]
    if margin is not None:
        found.append(Note("notes.effect_margin", margin=margin))
    if within:
        found.append(Note("notes.permutation_within", column=within))
    if ways.sampled:
        found.append(Note("notes.permutation_sampled", n=len(ways.inside) - 1, seed=seed))
    if ways.floor > 1 - level + 1e-12:
        found.append(UNBOUNDED)
    return found


def _behind(means: EstimatesData, t: Treatment) -> Array:
    """Answers an effect stands on: of the treated and of the others, before and after, whichever are fewest."""
    n = means.table["n"].to_numpy(float)[t.rows]
    counted = unit_weights(t) != 0
    sides = [n[:, counted & (t.ways.treated == arm)].sum(axis=1) for arm in (True, False)]
    return np.asarray(np.min(np.concatenate(sides, axis=1), axis=1), dtype=float)


def _rows(means: EstimatesData, names: list[str], unit: str, order: Waves, units: Any) -> Any:
    """Rows of the table with each unit's mean before and after: (items, units, 2)."""
    table = means.table
    place = {
        "item": {n: i for i, n in enumerate(names)},
        unit: {u: i for i, u in enumerate(units.tolist())},
        order.name: {composed_value(v): i for i, v in enumerate(order.values)},
    }
    out = np.full((len(names), len(units), 2), -1, dtype=np.int64)
    columns = [table[c].map(composed_value).map(own).tolist() for c, own in place.items()]
    answered = table["estimate"].notna().tolist()
    for row, (i, u, t) in enumerate(zip(*columns, strict=True)):
        if answered[row] and not np.isnan([i, u, t]).any():
            out[int(i), int(u), int(t)] = row
    lacking = np.argwhere(out < 0)
    if len(lacking):
        i, u, t = (int(x) for x in lacking[0])
        told = [_said(table, c, v) for c, v in ((unit, units[u]), (order.name, order.values[t]))]
        raise EstimationError(
            "A unit has no answers in one of the periods.",
            where=f"{names[i]}, {unit} = {told[0]}, {order.name} = {told[1]}",
            fix="exclude the unit with where=",
        )
    return out


def _said(table: pd.DataFrame, column: str, label: Any) -> str:
    """A unit or period, if it may be told: see `survey.codebook.told`."""
    same = table[column].map(composed_value) == composed_value(label)
    return str(label) if may_be_shown(label, int(table.loc[same, "n"].sum())) else "(not shown)"
