"""One estimate of each unit (a ward, an office): what maps show, and how it is told in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from survey.base import catalogue
from survey.errors import ExportError, shorten
from survey.exhibits.exhibit import Exhibit
from survey.figures._result_rows import left_out, numbers_of, plain_unit, shared_unit
from survey.words import labels as _labels
from survey.words import locale as loc

__all__ = ["Unit", "Units", "described", "units_of"]


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit and its estimate, in the units shown; `row` is its place in the table."""

    row: int
    value: Any
    label: str
    estimate: float
    low: float
    high: float
    status: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Units:
    """All units, in the order of the table."""

    units: list[Unit]
    measure: _labels.Measure
    unit: str

    @property
    def shown(self) -> list[Unit]:
        """Those with an estimate that may be shown."""
        return [u for u in self.units if np.isfinite(u.estimate)]


def units_of(exhibit: Exhibit, column: str) -> Units:
    """The estimates of a column of units.

    Raises
    ------
    ExportError
        If a unit has several, or they are in different units.
    """
    e, shown = exhibit.estimates, exhibit.rows()
    others = [n for n in _labels.varying(e) if n != column]
    if others:
        raise ExportError(
            "There are several estimates for each area.",
            where=column,
            got=f"they differ in {shorten(others)}",
            expected="one",
            fix=f"draw a map for each with figures.panels(e, by={others[0]!r}, figure=figures.map, regions=...), or "
            "estimate one",
        )
    measure = _labels.common_measure(e)
    numbers = numbers_of(exhibit, measure)
    values, texts = e.table[column].tolist(), shown[column].tolist()
    status = list(zip(shown["status"], shown["detail"], strict=True))
    found = [
        Unit(i, value, str(text), float(x[0]), float(x[1]), float(x[2]), str(known[0]), str(known[1]))
        for i, (value, text, x, known) in enumerate(zip(values, texts, numbers, status, strict=True))
    ]
    return Units(found, measure, shared_unit(exhibit, measure))


def described(exhibit: Exhibit, found: Units, head: str) -> str:
    """Alternative text: what is shown, the highest and the lowest unit, and those that are not shown."""
    lang, measure, digits = exhibit.lang, found.measure, exhibit.options.get("digits")

    def told(u: Unit) -> str:
        f = measure.factor
        return f"{u.label}: {measure.with_interval(u.estimate / f, u.low / f, u.high / f, lang, digits)}"

    unit = plain_unit(measure, lang)
    said = [catalogue.text(head, lang, title=loc.sentence(exhibit.title), n=len(found.shown), unit=unit)]
    if len(found.shown) > 6:
        best, worst = (pick(found.shown, key=lambda u: u.estimate) for pick in (max, min))
        said.append(catalogue.text("alt.intervals_ends", lang, highest=told(best), lowest=told(worst)))
    elif found.shown:
        said.append("; ".join(told(u) for u in found.shown) + ".")
    return " ".join([*said, *left_out([u.label for u in found.units if not np.isfinite(u.estimate)], lang)])
