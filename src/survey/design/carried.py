"""Margins carried over a reorganisation of wards: the totals of units that became one add up."""

from __future__ import annotations

import os
from collections.abc import Hashable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

import pandas as pd

from survey.base.names import plain
from survey.design.lineage_table import Lineage
from survey.design.margin import Margin
from survey.errors import TargetsError, shorten

if TYPE_CHECKING:
    from typing import Protocol

    class _HasMargins(Protocol):
        margins: tuple[Margin, ...]
        within: tuple[str, ...]


__all__ = ["map_wards"]

T = TypeVar("T", bound="_HasMargins")
_ALIKE = 1e-6


def map_wards(
    self: T,
    variable: str,
    *,
    lineage: pd.DataFrame | str | os.PathLike[str] | list[dict[str, Any]],
    date: str | Mapping[str, Mapping[Any, str]],
    to: str,
    into: str = "",
) -> T:
    """Carry margins by ward over to the wards of another day; the totals of wards that became one add up.

    Parameters
    ----------
    variable : str
        The variable of wards, in whichever margins have it.
    lineage : DataFrame, or path of a CSV
        As for `Responses.map_wards`: a unit is a code with the days in which it was in force.
    date : str or mapping
        The day of the codes; or another variable of the same margins with the day that each of its values stands for:
        {"wave": {1: "2024-06-30", 2: "2025-09-01"}}.
    to : str
        The day whose wards are wanted ("2025-07-01").
    into : str
        What the variable is called then; as before when not given.

    Returns
    -------
    Targets

    Raises
    ------
    TargetsError
        If no margin has the variable, a code was no unit on its day, has no single successor (a split), or totals are
        shares within each ward, which do not add up.
    CleaningError
        For a lineage table that contradicts itself.
    """
    if not any(variable in m.variables for m in self.margins):
        raise TargetsError(
            "No margin has this variable.",
            where="map_wards",
            got=variable,
            expected=shorten(dict.fromkeys(v for m in self.margins for v in m.variables)),
        )
    table, target, name = Lineage.of(lineage), _day(to, "to="), into or variable
    if isinstance(date, Mapping) and len(date) != 1:
        raise TargetsError("The date of the codes must be of a single variable.", where="date=", got=shorten(date))
    problems: dict[str, None] = {}
    margins = []
    for margin in self.margins:
        if variable not in margin.variables:
            margins.append(margin)
            continue
        at, days = margin.variables.index(variable), _days(margin, date)
        totals: dict[tuple[Hashable, ...], float] = {}
        merged = False
        for category, total in margin.totals.items():
            code, problem, _ = table.follow(category[at], days(category), target, str(category[at]))
            if problem:
                problems[problem] = None
                continue
            key = (*category[:at], plain(code), *category[at + 1 :])
            merged |= key in totals
            totals[key] = totals.get(key, 0.0) + total
        if merged and variable in self.within:
            _refuse_shares(margin, len(self.within))
        if totals:
            variables = (*margin.variables[:at], name, *margin.variables[at + 1 :])
            margins.append(Margin(variables, totals, margin.number))
    if problems:
        raise TargetsError(
            "The ward of some margins on that day cannot be determined.",
            where=variable,
            got=shorten(problems, 8),
            expected=f"one unit in force on {target:%Y-%m-%d} for each code",
            fix="correct the code or its date, or complete the lineage table",
        )
    within = tuple(name if v == variable else v for v in self.within)
    return replace(self, margins=tuple(margins), within=within)  # type: ignore[type-var]


def _days(margin: Margin, date: str | Mapping[str, Mapping[Any, str]]) -> Any:
    """The day of a category's code, as a function of the category."""
    if not isinstance(date, Mapping):
        day = _day(date, "date=")
        return lambda category: day
    ((other, stands),) = date.items()
    if other not in margin.variables:
        raise TargetsError(
            "A margin does not have the variable that tells the date.",
            where=f"margin {margin.name}",
            got=shorten(margin.variables),
            expected=other,
            fix="give one day for all: date='2024-06-30'",
        )
    at, known = margin.variables.index(other), {plain(k): _day(v, "date=") for k, v in stands.items()}

    def found(category: tuple[Hashable, ...]) -> pd.Timestamp:
        if plain(category[at]) not in known:
            raise TargetsError(
                "Some categories of a margin have no date.",
                where=f"margin {margin.name}",
                got=f"{other} = {category[at]}",
                expected=shorten(known),
            )
        return known[plain(category[at])]

    return found


def _refuse_shares(margin: Margin, groups: int) -> None:
    """Raise if every group of a margin adds up to 1 or to 100: shares of merged wards are no shares of the whole."""
    sums: dict[tuple[Hashable, ...], float] = {}
    for category, total in margin.totals.items():
        sums[category[:groups]] = sums.get(category[:groups], 0.0) + total
    for whole in (1.0, 100.0):
        if not margin.number and len(sums) > 1 and all(abs(s / whole - 1) < _ALIKE for s in sums.values()):
            raise TargetsError(
                "Shares within wards cannot be carried over: those of merged wards do not add up.",
                where=f"margin {margin.name}",
                got=f"{len(sums)} groups that each add up to {whole:g}",
                expected="numbers of people",
                fix="multiply the shares of each ward by its population",
            )


def _day(text: Any, where: str) -> pd.Timestamp:
    try:
        day = pd.Timestamp(text)
    except (ValueError, TypeError):
        day = pd.NaT
    if pd.isna(day):
        raise TargetsError("A date cannot be read.", where=where, got=text, expected="such as '2025-07-01'")
    return day.tz_localize(None).normalize()
