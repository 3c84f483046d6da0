"""The state of an effect: besides its rows, the units, which were treated, and the ways they could have been chosen."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from survey.base.arrays import Array
from survey.compare.assignments import Assignments
from survey.core.estimates_data import EstimatesData
from survey.errors import EstimationError
from survey.estimates import Estimates

__all__ = ["OF_ALL_UNITS", "EffectData", "Treatment", "blank_of_hidden_units", "changes_of", "rounding_of"]

OF_ALL_UNITS = ("conf_low", "conf_high", "mde", "by_people")
"""Numbers of an effect from which the change of a single unit could be computed, with those of the others."""


@dataclass(frozen=True, slots=True)
class Treatment:
    """Who was treated, and when.

    Parameters
    ----------
    unit, period : str
        Columns.
    before, after : any
        The two periods.
    units : tuple
        Labels of the units, sorted.
    ways : Assignments
        Of the units, in their order.
    within : str
        Column of the strata; "" where all units are in one.
    rows : int array (items, units, 2)
        Rows of the means that the changes are made of: before, after.
    """

    unit: str
    period: str
    before: Any
    after: Any
    units: tuple[Any, ...]
    ways: Assignments
    within: str
    rows: NDArray[np.int64]


@dataclass(frozen=True)
class EffectData(Estimates):
    """State of `survey.compare.effect.Effect`, which has the verbs."""

    treatment: Treatment | None = field(default=None, repr=False)


def changes_of(e: EffectData) -> tuple[Treatment, Array]:
    """The treatment, and the change of each unit: (items, units).

    Raises
    ------
    EstimationError
        If the units are not known: the result was pooled, or made by hand.
    """
    if e.treatment is None or e.origin is None or "effect" not in e.kind.exhibits:
        raise EstimationError(
            "What this effect is made of is not known.", got=e.statistic, expected="the result of sample.effect(...)"
        )
    value = e.origin.table["estimate"].to_numpy(float)[e.treatment.rows]
    return e.treatment, np.asarray(value[:, :, 1] - value[:, :, 0])


def rounding_of(means: EstimatesData, rows: NDArray[np.int64], estimate: Array) -> Array:
    """How far two gaps that are equal may differ by rounding: (items,).

    A billionth of the gap itself, or what the last digits of the means that it is a difference of amount to.
    """
    level = np.abs(np.nan_to_num(means.table["estimate"].to_numpy(float)))[rows]
    return np.asarray(np.maximum(1e-9 * np.abs(estimate), 1e-12 * level.max(axis=(1, 2))))


def blank_of_hidden_units(e: Any, hidden: NDArray[np.bool_]) -> Any:
    """The effect without the numbers that would give away a unit that may not be shown; for `EstimatesData._hiding`."""
    if e.origin is None or e.treatment is None:
        return e
    value = e.origin.table["estimate"].to_numpy(float)
    rows = e.treatment.rows
    gone = hidden.copy()
    if len(rows) == len(gone):
        gone |= np.isnan(value[rows]).any(axis=(1, 2))
    if not gone.any():
        return e
    columns = {c: np.where(gone, np.nan, e.table[c].to_numpy(float)) for c in OF_ALL_UNITS if c in e.table}
    return replace(e, table=e.table.assign(**columns))
