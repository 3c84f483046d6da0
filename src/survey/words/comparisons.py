"""What stands beside a difference of groups, as it is read: effect size, verdict, smallest difference to be found."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from survey.base import catalogue
from survey.core.result import ResultData
from survey.words import locale as loc
from survey.words.measure import Measure

__all__ = ["PRINTED", "READ", "compared_head", "compared_text", "is_compared"]

READ = ("p_equivalence_adjusted", "verdict", "effect_size", "mdd")
"""Columns of comparisons that a screen shows, each in one cell; the others are told by these, by notes, or by
`table`."""
PRINTED = ("effect_size", "verdict")
"""Those of them that fit on a page."""
_OF_COMPARISONS = (
    "effect",
    "effect_std_error",
    "effect_low",
    "effect_high",
    "family",
    "margin_low",
    "margin_high",
    "p_equivalence",
    "equivalence_low",
    "equivalence_high",
)


def is_compared(e: ResultData, column: str) -> bool:
    """Whether a column belongs to the comparisons of a result, so that it is written by this module or not at all."""
    return e.kind.compares and column in (*READ, *_OF_COMPARISONS)


def compared_head(e: ResultData, column: str, lang: str) -> str:
    """Heading of a column; of effect sizes which they are, and their interval."""
    told = column == "effect_size" and "effect" in e.table.columns
    names = list(e.table["effect"].dropna().unique()) if told else []
    if len(names) != 1:
        return loc.heading(column, lang)
    name = catalogue.text(f"words.effect_{names[0]}", lang)
    return f"{name[:1].upper()}{name[1:]} ({loc.word('ci_short', lang, level=loc.level_word(e.level, lang))})"


def compared_text(row: pd.Series, column: str, measure: Measure, lang: str) -> str:
    """The cell of a row, which may hold no numbers."""
    value: Any = row[column]
    if column == "verdict":
        return catalogue.text(f"words.verdict_{value}", lang) if value else loc.number(np.nan)
    x = float(value)
    if column == "effect_size":
        inside = loc.interval(float(row["effect_low"]), float(row["effect_high"]), 2, lang)
        known = np.isfinite([row["effect_low"], row["effect_high"]]).all()
        return loc.number(x, 2, lang) + (f" ({inside})" if known else "")
    if column == "mdd":
        return replace(measure, difference=False).value(x, lang)
    return loc.p_value(x, lang)
