"""What an effect is made of: the units with their two periods, and the gap under every way to choose the treated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from survey.base.arrays import Array
from survey.compare.assignments import Assignments
from survey.compare.effect_data import EffectData, changes_of
from survey.core.estimates_data import EstimatesData
from survey.errors import EstimationError

__all__ = ["EffectParts", "effect_parts", "permutation_gaps"]


@dataclass(frozen=True, slots=True)
class EffectParts:
    """One item of an effect.

    Parameters
    ----------
    item : str
    unit, period : str
        Columns of the origin.
    before, after : any
        The two periods.
    units : list
        Codes of the units.
    treated : bool array (units,)
    rows : int array (units, 2)
        Rows of the origin: before, after.
    ways : Assignments
        Ways to choose the treated units.
    """

    item: str
    unit: str
    period: str
    before: Any
    after: Any
    units: list[Any]
    treated: NDArray[np.bool_]
    rows: NDArray[np.int64]
    ways: Assignments


def effect_parts(e: EstimatesData) -> list[EffectParts]:
    """The units of each item of an effect.

    Raises
    ------
    EstimationError
        If the result was pooled, stored without its units, or is no effect.
    """
    if not isinstance(e, EffectData):
        raise EstimationError(
            "What this effect is made of is not known.",
            got=e.statistic,
            expected="the result of sample.effect(...), not pooled",
        )
    t, _ = changes_of(e)
    return [
        EffectParts(str(item), t.unit, t.period, t.before, t.after, list(t.units), t.ways.treated, rows, t.ways)
        for item, rows in zip(e.table["item"], t.rows, strict=True)
    ]


def permutation_gaps(e: EstimatesData, parts: EffectParts) -> Array:
    """The gap under every way tried to choose as many units as were treated, the one observed among them: (ways,).

    NaN throughout where the estimate of a unit is not known, or may not be.
    """
    if e.origin is None:
        return np.full(0, np.nan)
    value = e.origin.table["estimate"].to_numpy(float)[parts.rows]
    return np.asarray((value[:, 1] - value[:, 0]) @ parts.ways.weights.T)
