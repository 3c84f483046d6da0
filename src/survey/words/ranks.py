"""What stands beside a rank when it is read: the number that was ranked, the quarter, how many are not told apart."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import numpy as np

from survey.core.result import ResultData
from survey.words import labels
from survey.words import locale as loc
from survey.words.measure import Measure

__all__ = ["COLUMNS", "ENDS", "beside_ranks"]

COLUMNS = ("quartile", "quartile_low", "quartile_high", "alike", "value", "letters")
"""Columns of ranks that are shown together with others, or in the unit of what was ranked."""
ENDS = ("value_low", "value_high")
"""Ends of the interval of what was ranked, which a figure adds."""


def beside_ranks(e: ResultData, lang: str) -> dict[str, list[str]]:
    """Headings and texts of the columns beside ranks; none for any other result."""
    if not e.kind.ranks:
        return {}
    rows, origin = e.table, e.origin
    measures = labels.measures(origin) if origin is not None else labels.measures(e)
    units = {m.axis(lang) for m in measures}
    unit = next(iter(units)) if len(units) == 1 else ""
    named = loc.heading("value", lang) + (f", {unit}" if unit else "")
    found = {named: [_value(m, row, lang) for m, row in zip(measures, rows.to_dict("records"), strict=True)]}
    if rows["quartile"].notna().any():
        ends = rows[["quartile", "quartile_low", "quartile_high"]].to_numpy(float)
        found[loc.heading("quartile", lang)] = [_quarter(own, low, high, lang) for own, low, high in ends]
    found[loc.heading("alike", lang)] = [loc.count(float(x), lang) for x in rows["alike"]]
    if (rows["letters"] != "").any():
        found[loc.heading("letters", lang)] = [text or loc.number(np.nan) for text in rows["letters"]]
    return found


def _value(measure: Measure, row: dict[Hashable, Any], lang: str) -> str:
    """What was ranked, with its interval where a figure added it."""
    if "value_low" not in row:
        return measure.value(float(row["value"]), lang)
    value, low, high = (float(row[name]) for name in ("value", "value_low", "value_high"))
    return measure.with_interval(value, low, high, lang)


def _quarter(own: float, low: float, high: float, lang: str) -> str:
    """The quarter of a group, and in brackets those it may be in: 2 (1–3)."""
    if not np.isfinite(own):
        return loc.number(np.nan)
    text = loc.number(own, 0, lang)
    return text if low == high else f"{text} ({loc.interval(low, high, 0, lang)})"
