"""What a draw is: the sample, its reserves, and the record from which it is drawn again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from survey.base.frames import kept
from survey.drawing.design import DrawDesign

__all__ = ["PROBABILITIES", "DrawData"]

PROBABILITIES = ("certain", "prob_unit", "prob_household", "prob", "base_weight")
"""Columns of a sample that a frame must not have."""


@kept("table", "reserves")
@dataclass(frozen=True, eq=False, repr=False)
class DrawData:
    """State of a draw.

    Parameters
    ----------
    table : DataFrame
        One row per unit (or household) drawn: strata, unit, household, the columns shown, whom to ask (`kish`,
        `adult_2`, ...), `certain` (1: the unit was drawn whatever the number), `prob_unit` and `prob_household` (of
        inclusion at each stage), `prob` (their product), `base_weight` (1 / prob).
    reserves : DataFrame
        The same, with `reserve_unit` and `reserve_household` first: the order of use among units of the stratum and
        among households of the unit; 0 for a unit, or a household of a reserve unit, that is no reserve itself.
    log : mapping
        Seed, design and its hash, frame and its hash, what was drawn in each stratum, notes.
    design : DrawDesign
    """

    table: pd.DataFrame
    reserves: pd.DataFrame
    log: Mapping[str, Any]
    design: DrawDesign
