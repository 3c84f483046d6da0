"""What an effect is made of: the units with their two periods, and the gap under every way to choose the treated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from survey.base.arrays import Array
from survey.compare.effect import all_gaps
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
    """

    item: str
    unit: str
    period: str
    before: Any
    after: Any
    units: list[Any]
    treated: NDArray[np.bool_]
    rows: NDArray[np.int64]


def effect_parts(e: EstimatesData) -> list[EffectParts]:
    """The units of each item of an effect, as its weights on the rows of its origin tell them.

    Raises
    ------
    EstimationError
        If the result has no origin with units and periods: it was pooled, stored without it, or is no effect.
    """
    if "effect" not in e.kind.exhibits or e.origin is None or e.contrast_matrix is None or len(e.origin.by) != 2:
        raise EstimationError(
            "What this effect is made of is not known.",
            got=e.statistic,
            expected="the result of sample.effect(...), not pooled",
        )
    unit, period = e.origin.by
    table = e.origin.table.reset_index(drop=True)
    before, after = sorted(table[period].unique())
    found = []
    for item, weights in zip(e.table["item"], np.asarray(e.contrast_matrix), strict=True):
        used = np.flatnonzero(weights)
        rows: dict[Any, dict[Any, int]] = {}
        for k in used:
            rows.setdefault(table[unit].iloc[k], {})[table[period].iloc[k]] = int(k)
        pairs = np.array([[own[before], own[after]] for own in rows.values()], dtype=np.int64)
        treated = weights[pairs[:, 1]] > 0
        found.append(EffectParts(str(item), unit, period, before, after, list(rows), treated, pairs))
    return found


def permutation_gaps(e: EstimatesData, parts: EffectParts) -> Array:
    """The gap under every way to choose as many units as were treated, the one that was among them: (assignments,).

    NaN throughout where the estimate of a unit is not known, or may not be.
    """
    if e.origin is None:
        return np.full(0, np.nan)
    value = e.origin.table["estimate"].to_numpy(float)[parts.rows]
    return np.asarray(all_gaps((value[:, 1] - value[:, 0])[None, :], int(parts.treated.sum()))[0])
