"""When waves were in the field: what a slope is per, and the weights that make one of the waves' estimates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from survey.base.arrays import Array
from survey.base.names import composed_value
from survey.compare._waves import Waves
from survey.errors import EstimationError, shorten

__all__ = ["Times"]

_YEAR = 365.25


@dataclass(frozen=True, slots=True)
class Times:
    """Times of the waves, in their order.

    Parameters
    ----------
    value : array (waves,)
    unit : {"year", "wave", "unit"}
    """

    value: Array
    unit: str

    @classmethod
    def of(cls, waves: Waves, given: Mapping[Any, Any] | None) -> Times:
        """Times as given, or those that the waves are themselves; else 0, 1, 2, ...

        Raises
        ------
        EstimationError
            If a wave has no time or one that cannot be read, or two waves have the same.
        """
        values = list(waves.values)
        if given is not None:
            known = {composed_value(k): v for k, v in given.items()}
            absent = [waves.label(i) for i, v in enumerate(values) if composed_value(v) not in known]
            if absent:
                raise EstimationError(
                    "Some waves have no time.", where="time=", got=shorten(known), expected=shorten(absent) + " as well"
                )
            values = [known[composed_value(v)] for v in values]
        numbers, unit = _numbers(values, given is not None)
        if len(np.unique(numbers)) < len(numbers):
            raise EstimationError(
                "Two waves have the same time.", where="time=", got=shorten(map(str, values)), expected="one for each"
            )
        return cls(numbers, unit)

    @property
    def slope(self) -> Array:
        """What the waves' estimates are multiplied by in the least-squares slope: (waves,)."""
        away = self.value - self.value.mean()
        return np.asarray(away / (away @ away))


def _numbers(values: list[Any], given: bool) -> tuple[Array, str]:
    if all(isinstance(v, int | float | np.integer | np.floating) and not isinstance(v, bool) for v in values):
        numbers = np.asarray(values, dtype=float)
        if not np.isfinite(numbers).all():
            raise EstimationError("A wave has a time that is not finite.", where="time=", got=shorten(map(str, values)))
        return numbers, "wave" if not given and (np.diff(numbers) == 1).all() else "unit"
    if given or all(isinstance(v, pd.Timestamp) for v in values):
        days = [_day(v) for v in values]
        return np.array([(d - days[0]) / pd.Timedelta(days=1) for d in days]) / _YEAR, "year"
    return np.arange(len(values), dtype=float), "wave"


def _day(value: Any) -> pd.Timestamp:
    try:
        day = pd.Timestamp(value)
    except (ValueError, TypeError):
        day = pd.NaT
    if pd.isna(day):
        raise EstimationError(
            "The time of a wave cannot be read.",
            where="time=",
            got=value,
            expected="dates such as '2024-06-15' or '2024-06' for all waves, or numbers for all",
        )
    return day.tz_localize(None)
