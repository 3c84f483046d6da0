"""Tables of several numbers of equal standing, as diagnostics of weights are: what each column is called and says."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from survey.core.result import ResultData, rows_in
from survey.words import labels
from survey.words import locale as loc

__all__ = ["head", "printed", "written"]

_PAGE = (
    "estimate",
    "std_error",
    "change",
    "change_std_error",
    "min",
    "median",
    "max",
    "cv",
    "deff_kish",
    "deff",
    "n_eff",
    "correlation",
    "n",
)
_MOST_NUMBERS = 7
"""Columns of numbers that fit on a page."""


def printed(e: ResultData) -> list[str]:
    """The quantities that fit side by side on a page; all of them where they are few."""
    every = list(e.quantities)
    return every if len(every) <= _MOST_NUMBERS else [name for name in every if name in _PAGE]


def head(e: ResultData, column: str, lang: str) -> str:
    """Heading of a quantity with its unit."""
    name = loc.word(e.kind.column, lang) if column == "estimate" else loc.heading(column, lang)
    kind = e.quantities[column]
    if kind in ("item", "item_error", "item_change"):
        units = {m.axis(lang) for m in (replace(m, difference=kind != "item") for m in labels.measures(e))}
    else:
        unit = {"share": "%", "points": loc.word("percentage_points", lang)}.get(kind, "")
        means = "unit" in e.table.columns and bool((e.table["unit"] == "mean").any())
        units = set() if means else {unit}
    unit = units.pop() if len(units) == 1 else ""
    return f"{name}, {unit}" if unit else name


def written(e: ResultData, column: str, i: int, lang: str, digits: int | None = None) -> str:
    """A quantity of row `i` as it is read, without its unit.

    Kinds: "count"; "number" (two decimals); "p" (a p-value, or what is as small); "df" (whole, or with one
    decimal); "weight" (three digits that say something); "share" (in 0-1, shown in %) and "points" (a difference of
    shares), both bare numbers in rows whose `unit` is "mean"; "item" (in the unit of the row's item), "item_change"
    (a difference of two such) and "item_error" (its standard error).
    """
    kind, x = e.quantities[column], float(rows_in(e)[column].iloc[i])
    if kind == "count":
        return loc.count(x, lang)
    if kind == "p":
        return loc.p_value(x, lang)
    if kind == "df":
        return loc.degrees_of_freedom(x, lang)
    if kind in ("item", "item_change", "item_error"):
        measure = labels.measure_at(e, i)
        decimals = measure.digits + (kind == "item_error") if digits is None else digits
        return replace(measure, difference=kind == "item_change").value(x, lang, decimals)
    mean = kind in ("share", "points") and "unit" in e.table.columns and e.table["unit"].iloc[i] == "mean"
    bare = kind == "weight" or mean
    if bare and np.isfinite(x):
        digits = int(np.clip(2 - np.floor(np.log10(abs(x))), 0, 4)) if x else 2
        return loc.signed(x, digits, lang) if kind == "points" else loc.number(x, digits, lang)
    if kind in ("share", "points"):
        write = loc.signed if kind == "points" else loc.number
        return write(100 * x, 1 if digits is None else digits, lang)
    return loc.number(x, 2 if digits is None else digits, lang)
