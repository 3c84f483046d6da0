"""What a figure tells beside an estimate: what it was compared with, the difference, and its p-value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from survey.base import catalogue
from survey.core.result import ResultData
from survey.words import locale as loc
from survey.words.measure import Measure

__all__ = ["COLUMNS", "OTHERS", "beside_drivers", "beside_estimates", "columns_beside"]

OTHERS = ("other", "other_low", "other_high")
"""Another number of the same unit, in a unit of its own."""
COLUMNS = (
    *("reference", "reference_std_error", "difference", "difference_low", "difference_high", "p_difference"),
    *OTHERS,
)
"""Columns that a figure adds to the estimates it shows; the differences are in the unit of the estimate."""


def beside_estimates(
    e: ResultData, measures: Sequence[Measure], lang: str, digits: int | None = None
) -> dict[str, list[str]]:
    """Headings and texts of the columns that a figure added to its estimates; none for any other result."""
    table, found = e.table, {}
    if "reference" in table.columns:
        values = table["reference"].to_numpy(float)
        found[loc.heading("reference", lang)] = [
            m.value(float(x), lang, digits) if np.isfinite(x) else "" for m, x in zip(measures, values, strict=True)
        ]
    if "difference" in table.columns:
        ends = table[["difference", "difference_low", "difference_high"]].to_numpy(float)
        head = f"{loc.word('difference', lang)} ({loc.word('ci_short', lang, level=loc.level_word(e.level, lang))})"
        found[head] = [
            replace(m, difference=True).with_interval(x[0], x[1], x[2], lang, digits) if np.isfinite(x[0]) else ""
            for m, x in zip(measures, ends.tolist(), strict=True)
        ]
    if "p_difference" in table.columns:
        p = table["p_difference"].to_numpy(float)
        found[loc.heading("p_difference", lang)] = [loc.p_value(x, lang) if np.isfinite(x) else "" for x in p]
    if "other" in table.columns:
        ends = table[list(OTHERS)].to_numpy(float)
        found[loc.heading("other", lang)] = [
            Measure("number", digits=2).with_interval(x[0], x[1], x[2], lang, digits) if np.isfinite(x[0]) else ""
            for x in ends.tolist()
        ]
    return found | (_of_effect(table, measures, lang, digits) if e.kind.by_units and not e.quantities else {})


def columns_beside(e: ResultData, head: str, lang: str) -> tuple[str, ...]:
    """Columns of the result whose numbers stand below a heading of `beside_estimates`, in their order."""
    several = {"other": OTHERS}
    for name in ("reference", "p_difference", "other", "p_floor", "mde"):
        if name in e.table.columns and head == loc.heading(name, lang):
            return several.get(name, (name,))
    return ("difference", "difference_low", "difference_high") if "difference" in e.table.columns else ()


def _of_effect(table: pd.DataFrame, measures: Sequence[Measure], lang: str, digits: int | None) -> dict[str, list[str]]:
    """Beside an effect on few units: the smallest possible p, the detectable effect, and the verdict of a choice."""
    found = {}
    if "p_floor" in table.columns:
        found[loc.heading("p_floor", lang)] = [loc.p_value(float(x), lang) for x in table["p_floor"]]
    if "mde" in table.columns and "verdict" not in table.columns:
        sized = zip(measures, table["mde"].to_numpy(float), strict=True)
        found[loc.heading("mde", lang)] = [replace(m, difference=False).value(x, lang, digits) for m, x in sized]
    if "verdict" in table.columns:
        words = {v: catalogue.text(f"effect.verdict_{v}", lang) for v in set(table["verdict"]) if v}
        found[loc.heading("verdict", lang)] = [words.get(v, "") for v in table["verdict"]]
    return found


def beside_drivers(e: ResultData, lang: str) -> dict[str, list[str]]:
    """Importance and performance of drivers, beside their effects in a table; none for any other result."""
    table, found = e.table, {}
    if "share_low" in table.columns:
        ends = table[["share", "share_low", "share_high"]].to_numpy(float)
        head = f"{loc.word('driver_share', lang)}, %"
        found[head] = [
            Measure("share").with_interval(x[0], x[1], x[2], lang) if np.isfinite(x[0]) else "" for x in ends.tolist()
        ]
        values = table["performance"].to_numpy(float)
        digits = 1 if np.nanmax(np.abs(values), initial=0.0) >= 20 else 2
        found[loc.heading("performance", lang)] = [
            loc.number(float(x), digits, lang) if np.isfinite(x) else "" for x in values
        ]
    return found
