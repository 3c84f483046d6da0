"""The second stage: households of a unit by number, or from a list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import pandas as pd

from survey.base.arguments import columns_exist
from survey.base.names import column_named
from survey.codebook.told import describe_groups
from survey.drawing.design import DrawDesign, HouseholdStage
from survey.drawing.listing import Label, Listing, labels_of, named, refuse_repeated, sorted_places
from survey.drawing.random_numbers import below, in_random_order
from survey.errors import DesignError

__all__ = ["HouseholdList", "Households", "draw_households", "household_list"]


@dataclass(frozen=True, slots=True)
class HouseholdList:
    """Listed households by unit.

    Parameters
    ----------
    rows : DataFrame
    keys : tuple of str
        Columns that name the unit: those of the strata that the list has, and those of the unit.
    places : dict of unit to list of int
        Rows of each unit in the order of the draw.
    names : list of str
        Of every row.
    """

    rows: pd.DataFrame
    keys: tuple[str, ...]
    places: Mapping[Label, list[int]]
    names: list[str]


@dataclass(frozen=True, slots=True)
class Households:
    """Households drawn in one unit.

    Parameters
    ----------
    chosen : list
        Their numbers, or their rows in the list; in the order of the sheet.
    reserves : list
        In the order in which they are to be used.
    names : list of (int or str)
        Of chosen and reserves, in this order: what is hashed for the adult.
    probability : Fraction
    listed : int
        Households that there are.
    """

    chosen: list[int]
    reserves: list[int]
    names: list[Any]
    probability: Fraction
    listed: int


def household_list(listed: pd.DataFrame, design: DrawDesign, listing: Listing) -> HouseholdList:
    """The list of households, checked and sorted.

    Raises
    ------
    DesignError
        For columns that do not exist, a household without name or listed twice, a list without the strata where units
        of two strata have one name.
    """
    stage = design.households or HouseholdStage(1)
    columns = listed.columns if isinstance(listed, pd.DataFrame) else ()
    strata = tuple(s for s in design.strata if column_named(s, columns) in columns)
    keys = (*strata, *design.unit)
    rows = named(listed, "households", [*keys, stage.unit, *stage.show])
    if strata != design.strata and len(set(listing.units)) < len(listing.units):
        columns_exist(
            design.strata,
            rows.columns,
            "Units of several strata have the same name, so the list of households needs the strata.",
            DesignError,
            where="households",
        )
    unit = labels_of(rows, keys, "households")
    name = labels_of(rows, [stage.unit], "households")
    refuse_repeated([u + n for u, n in zip(unit, name, strict=True)], "households")
    places: dict[Label, list[int]] = {}
    for place in sorted_places(rows, stage.sort, name, design.seed, unit):
        places.setdefault(unit[place], []).append(place)
    return HouseholdList(rows, keys, places, [n[0] for n in name])


def draw_households(
    design: DrawDesign, stage: HouseholdStage, listing: Listing, place: int, listed: HouseholdList | None
) -> Households:
    """Households of one unit: n of M with probability n/M, all where there are no more.

    Raises
    ------
    DesignError
        For a unit that was drawn and has no household in the list.
    """
    stratum, unit = listing.strata[place], listing.units[place]
    if listed is None:
        rows = list(range(1, listing.counts[place] + 1))
        names: dict[int, Any] = {k: k for k in rows}
    else:
        key = tuple(s for s, c in zip(stratum, design.strata, strict=True) if c in listed.keys) + unit
        rows = listed.places.get(key, [])
        names = {k: listed.names[k] for k in rows}
    if not rows:
        raise DesignError(
            "A unit that was drawn has no household in the list.",
            where=f"households, {describe_groups([stratum + unit])}",
            got="no household",
            expected="the list of every unit drawn, reserves too",
            fix="add its list; the draw of units stays the same as long as seed, frame and their design do",
        )
    n, path = min(stage.n, len(rows)), ("households", stratum, unit)
    if stage.method == "systematic":
        start = below(len(rows), design.seed, *path, "start")
        chosen = [rows[(start + i * len(rows)) // n] for i in range(n)]
    else:
        kept = set(in_random_order(names.values(), design.seed, *path, "unit")[:n])
        chosen = [k for k in rows if names[k] in kept]
    taken = set(chosen)
    by_name = {names[k]: k for k in rows if k not in taken}
    reserves = [by_name[name] for name in in_random_order(by_name, design.seed, *path, "reserve")[: stage.reserves]]
    drawn = [names[k] for k in [*chosen, *reserves]]
    return Households(chosen, reserves, drawn, Fraction(n, len(rows)), len(rows))
