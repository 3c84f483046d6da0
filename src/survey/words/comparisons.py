"""What stands beside a difference of groups, as it is read: effect size, verdict, what it was compared with."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from survey.base import catalogue
from survey.core.estimates_data import EstimatesData
from survey.core.result import ResultData
from survey.words import labels
from survey.words import locale as loc
from survey.words.measure import Measure

__all__ = ["PRINTED", "READ", "compared_head", "compared_text", "is_compared", "margins_apart", "value_against"]

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
    """Heading of a column; of effect sizes which they are, and their interval; of verdicts the margin of all."""
    if column == "verdict":
        margins = set(_margins(e, lang))
        return loc.heading(column, lang) + (f" ({margins.pop()})" if len(margins) == 1 else "")
    told = column == "effect_size" and "effect" in e.table.columns
    names = list(e.table["effect"].dropna().unique()) if told else []
    if len(names) != 1:
        return loc.heading(column, lang)
    name = catalogue.text(f"words.effect_{names[0]}", lang)
    return f"{name[:1].upper()}{name[1:]} ({loc.word('ci_short', lang, level=loc.level_word(e.level, lang))})"


def compared_text(row: pd.Series, column: str, measure: Measure, lang: str, margin: str = "") -> str:
    """The cell of a row, which may hold no numbers; of a verdict with the margin, where the heading has none."""
    value: Any = row[column]
    if column == "verdict":
        told = f" ({margin})" if margin else ""
        return catalogue.text(f"words.verdict_{value}", lang) + told if value else loc.number(np.nan)
    x = float(value)
    if column == "effect_size":
        inside = loc.interval(float(row["effect_low"]), float(row["effect_high"]), 2, lang)
        known = np.isfinite([row["effect_low"], row["effect_high"]]).all()
        return loc.number(x, 2, lang) + (f" ({inside})" if known else "")
    if column == "mdd":
        return replace(measure, difference=False).value(x, lang)
    return loc.p_value(x, lang)


def margins_apart(e: ResultData, lang: str) -> list[str]:
    """The margin of each row, where rows have several; "" where the heading tells it, or there is none."""
    found = _margins(e, lang) if "margin_low" in e.table.columns else []
    return found if len(set(found)) > 1 else [""] * len(e.table)


def _margins(e: ResultData, lang: str) -> list[str]:
    """The margin of equivalence of each row, in the unit of its difference: "biên ±5,0"."""
    found = []
    ends = zip(*(e.table[name].tolist() for name in ("margin_low", "margin_high")), labels.measures(e), strict=True)
    for low, high, measure in ends:
        size = {"size": replace(measure, difference=False).value(high, lang)}
        both = {"low": measure.value(low, lang), "high": measure.value(high, lang)}
        even = low == -high
        margin = catalogue.text(f"narrative.margin_{'even' if even else 'uneven'}", lang, **(size if even else both))
        found.append(loc.word("within_margin", lang, margin=margin))
    return found


def value_against(e: EstimatesData, i: int, lang: str) -> str:
    """The value that a mean or share was tested against, with its unit: "60,0 điểm"; "50,0%"."""
    measure = labels.measure_at(e if e.origin is None else e.origin, i)
    text = measure.value(float(e.table["value"].iloc[i]), lang)
    if measure.kind == "share":
        return f"{text}%"
    unit = loc.unit_word(measure.unit, lang)
    return f"{text} {unit}" if unit else text
