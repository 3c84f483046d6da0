"""An effect without each of its units: whether one ward makes the result."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from survey.base.catalogue import LANGUAGES, Note, text, texts
from survey.compare.assignments import Assignments
from survey.compare.effect_data import EffectData, Treatment, changes_of
from survey.compare.effect_rows import effect_rows
from survey.compare.stacked_effects import least_of_units, stacked
from survey.errors import EstimationError
from survey.estimates import Estimates

__all__ = ["leave_one_out"]


def leave_one_out(self: EffectData) -> Estimates:
    """Estimate the effect again without each unit in turn, tested among the units that are left.

    Returns
    -------
    Estimates
        item, specification ("all", then each unit), and the columns of an effect, with the verdict of each row. Units
        without which nothing can be compared (the only one treated, in all or in its stratum) have no row; a note
        names how many. Ways that are drawn are drawn with the seed of the effect. As two rows give away the change of a
        unit, all rest on the answers of the smallest unit.

    Raises
    ------
    EstimationError
        If the units of the effect are not known, or none can be left out.

    Examples
    --------
    >>> sample.effect("friendliness", "treated", "wave", "ward").leave_one_out()  # doctest: +SKIP
    """
    treatment, _ = changes_of(self)
    means = self.origin
    if means is None:  # told by changes_of
        raise EstimationError("What this effect is made of is not known.", got=self.statistic)
    names = self.table["item"].tolist()
    margin = float(self.table["margin_high"].iloc[0]) if "margin_high" in self.table else None
    parts = {"all": treatment}
    labels: dict[str, Any] = {"all": texts("effect.all_units")}
    gone = 0
    for k, unit in enumerate(treatment.units):
        rest = _without(treatment, k)
        if rest is None:
            gone += 1
            continue
        parts[str(unit)] = rest
        named = {lang: self.codebook.label(treatment.unit, unit, lang) for lang in LANGUAGES}
        labels[str(unit)] = {lang: text("effect.without", lang, unit=name) for lang, name in named.items()}
    if len(parts) == 1:
        raise EstimationError(
            "No unit can be left out.",
            got=f"{int(treatment.ways.treated.sum())} of {len(treatment.units)} units treated",
            expected="two treated units or more, and two others, so that a comparison is left",
        )
    made = {name: effect_rows(means, names, t, self.level, margin) for name, t in parts.items()}
    matrix = np.stack([m for _, _, m in made.values()], axis=1).reshape(-1, len(means.table))
    least = least_of_units(self)
    notes = [*self.notes, Note("notes.leave_one_out"), *([Note("notes.not_left_out", units=gone)] if gone else [])]
    return stacked(
        self,
        {name: table for name, (table, _, _) in made.items()},
        labels,
        dict.fromkeys(made, least),
        notes,
        matrix @ means.covariance @ matrix.T,
    )


def _without(t: Treatment, k: int) -> Treatment | None:
    """The treatment of the other units; None where there is nothing to compare then."""
    keep = np.arange(len(t.units)) != k
    treated = t.ways.treated[keep]
    _, strata = np.unique(t.ways.strata[keep], return_inverse=True)
    sizes = list(zip(np.bincount(strata), np.bincount(strata, weights=treated), strict=True))
    if not treated.any() or any(0 < own == n for n, own in sizes):
        return None
    most = len(t.ways.inside) - 1 if t.ways.sampled else None
    ways = Assignments.of(treated, strata.astype(np.int64), most, t.ways.seed)
    return replace(t, units=tuple(np.array(t.units, dtype=object)[keep]), ways=ways, rows=t.rows[:, keep])
