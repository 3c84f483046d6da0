"""Wards whose means change by known numbers, for tests of effects on few units."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

import survey as sv

ASKED = {"period": "wave", "unit": "ward"}


def city(changes: Mapping[str, float], people: int = 4, waves: Sequence[Any] = (1, 2), **columns: Any) -> pd.DataFrame:
    """Wards with the mean 50 in all waves but the last, where it is 50 + change; people spread by -1, 1."""
    rows = [
        {"ward": ward, "wave": wave, "y": 50 + change * (wave == waves[-1]) + (-1) ** person, "w": 1.0}
        for ward, change in changes.items()
        for wave in waves
        for person in range(people)
    ]
    return pd.DataFrame(rows).assign(**columns)


def sample(frame: pd.DataFrame) -> sv.Sample:
    """Everyone drawn directly, with the weights `w`."""
    return sv.Sample(frame, weights="w")


def effect(changes: Mapping[str, float], treated: str, people: int = 4, **options: Any) -> Any:
    """The effect on y of wards that are treated: "AB" for the wards A and B."""
    return sample(city(changes, people)).effect("y", f"ward in {list(treated)}", **ASKED, **options)
