"""From the design and its lists to the rows of a sample: stage by stage, with the probability of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import pandas as pd

from survey.base.catalogue import Note, listed
from survey.drawing.adults import adult_columns
from survey.drawing.design import DrawDesign
from survey.drawing.drawn import PROBABILITIES
from survey.drawing.households import HouseholdList, draw_households
from survey.drawing.listing import Label, Listing
from survey.drawing.selection import Selection, select
from survey.errors import DesignError, shorten

__all__ = ["Drawing", "draw_sample"]

_RESERVES = ("reserve_unit", "reserve_household")


@dataclass(slots=True)
class Drawing:
    """What a draw gives before it is kept: rows of sample and reserves, the record of each stratum, notes."""

    table: pd.DataFrame
    reserves: pd.DataFrame
    strata: list[dict[str, Any]]
    notes: list[Note]


@dataclass(slots=True)
class _Rows:
    """Rows as they are drawn: place in the frame and in the list of households, and columns of their own."""

    unit: list[int] = field(default_factory=list)
    household: list[int] = field(default_factory=list)
    own: list[dict[str, Any]] = field(default_factory=list)


def draw_sample(listing: Listing, design: DrawDesign, households: HouseholdList | None) -> Drawing:
    """Draw every stratum.

    Raises
    ------
    DesignError
        For a unit drawn that has no household in the list, or columns of the frame that the sample needs itself.
    """
    rows, strata, notes = _Rows(), [], _Remarks()
    for stratum, places in listing.places().items():
        found = select(
            [listing.sizes[i] for i in places],
            [listing.units[i] for i in places],
            listing.drawn[stratum],
            method=design.method,
            reserves=design.reserves,
            seed=design.seed,
            names=("units", stratum),
        )
        strata.append(_record(stratum, places, listing, found))
        notes.of_units(design, stratum, [listing.units[i] for i in places], found)
        notes.of_sizes(stratum, [listing.units[i] for i in places], [listing.sizes[i] for i in places])
        _draw_units(rows, notes, found, places, listing, design, households)
    table, reserves = _tables(rows, listing, design, households)
    return Drawing(table, reserves, strata, notes.told(design))


def _draw_units(
    rows: _Rows,
    notes: _Remarks,
    found: Selection,
    places: Sequence[int],
    listing: Listing,
    design: DrawDesign,
    households: HouseholdList | None,
) -> None:
    if design.households is None:
        every = [*found.chosen, *found.reserves]
        names = [listing.units[places[k]] for k in every]
        stratum = listing.strata[places[0]]
        asked = adult_columns(design.adult, names, design.seed, ("units", stratum))
        for i, k in enumerate(every):
            order = max(i + 1 - len(found.chosen), 0)
            rows.unit.append(places[k])
            rows.household.append(-1)
            rows.own.append(_own(order, 0, asked[i], found, k, None))
        return
    for order, k in [*((0, k) for k in found.chosen), *enumerate(found.reserves, 1)]:
        place = places[k]
        home = draw_households(design, design.households, listing, place, households)
        notes.of_households(design, listing, place, len(home.chosen), len(home.reserves), home.listed)
        path = ("households", listing.strata[place], listing.units[place])
        asked = adult_columns(design.adult, home.names, design.seed, path)
        for i, household in enumerate([*home.chosen, *home.reserves]):
            second = max(i + 1 - len(home.chosen), 0)
            rows.unit.append(place)
            rows.household.append(household)
            rows.own.append(_own(order, second, asked[i], found, k, home.probability))


def _own(
    order: int, second: int, asked: dict[str, object], found: Selection, k: int, within: Fraction | None
) -> dict[str, Any]:
    first = found.probability[k]
    prob = first if within is None else first * within
    return {
        "reserve_unit": order,
        "reserve_household": second,
        **asked,
        "certain": int(k in found.certain),
        "prob_unit": float(first),
        **({} if within is None else {"prob_household": float(within)}),
        "prob": float(prob),
        "base_weight": float(1 / prob),
    }


def _tables(
    rows: _Rows, listing: Listing, design: DrawDesign, households: HouseholdList | None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    stage = design.households
    names = list(dict.fromkeys([*design.strata, *design.unit, *design.show]))
    parts = [listing.rows[names].iloc[rows.unit].reset_index(drop=True)]
    if stage is not None and households is None:
        parts.append(pd.DataFrame({stage.unit: rows.household}))
    elif stage is not None and households is not None:
        shown = list(dict.fromkeys([stage.unit, *stage.show]))
        parts.append(households.rows[shown].iloc[rows.household].reset_index(drop=True))
    own = pd.DataFrame(rows.own)
    taken = [c for part in parts for c in part.columns]
    twice = sorted({c for c in taken if taken.count(c) > 1 or c in own.columns or c in (*PROBABILITIES, *_RESERVES)})
    if twice:
        raise DesignError(
            "A column of the frame has a name that the sample needs itself.",
            where="frame",
            got=shorten(twice),
            expected=f"other names than {shorten([*_RESERVES, *PROBABILITIES], 20)}, and each once",
            fix="rename the column in the file",
        )
    every = pd.concat([*parts, own], axis=1)
    spare = (every["reserve_unit"] > 0) | (every["reserve_household"] > 0)
    reserves = every[spare]
    first = _RESERVES if stage is not None else _RESERVES[:1]
    reserves = reserves[[*first, *(c for c in reserves.columns if c not in _RESERVES)]]
    return every[~spare].drop(columns=[*_RESERVES]).reset_index(drop=True), reserves.reset_index(drop=True)


def _record(stratum: Label, places: Sequence[int], listing: Listing, found: Selection) -> dict[str, Any]:
    """What the log says of a stratum: enough to count the draw off by hand."""
    units = [" / ".join(listing.units[i]) for i in places]
    record: dict[str, Any] = {
        "stratum": " / ".join(stratum),
        "units": len(places),
        "size": sum(listing.sizes[i] for i in places),
        "drawn": len(found.chosen),
        "sum_of_probabilities": float(sum(found.probability)),
    }
    if found.total:
        n = len(found.chosen) - len(found.certain)
        record |= {"interval": found.total / n, "start": found.start / n}
    record["certain"] = [units[k] for k in found.certain]
    return record | {"chosen": [units[k] for k in found.chosen], "reserves": [units[k] for k in found.reserves]}


class _Remarks:
    """What is to be said of a draw, gathered over strata and units."""

    def __init__(self) -> None:
        self.totals: list[str] = []
        self.certain: list[str] = []
        self.whole: list[str] = []
        self.short: list[str] = []
        self.few: list[str] = []
        self.few_reserves = 0
        self.other: list[str] = []

    def of_units(self, design: DrawDesign, stratum: Label, units: Sequence[Label], found: Selection) -> None:
        name = " / ".join(stratum)
        if len(found.chosen) == len(units):
            self.whole.append(name)
        else:
            self.certain += [" / ".join(stratum + units[k]) for k in found.certain]
        if len(found.reserves) < design.reserves:
            self.short.append(name)

    def of_sizes(self, stratum: Label, units: Sequence[Label], sizes: Sequence[int]) -> None:
        """A row of totals stands at the end of many lists, and would be drawn with certainty."""
        total = sum(sizes)
        if len(units) > 2:
            self.totals += [
                " / ".join(stratum + unit) for unit, size in zip(units, sizes, strict=True) if 2 * size == total
            ]

    def of_households(
        self, design: DrawDesign, listing: Listing, place: int, drawn: int, reserves: int, listed: int
    ) -> None:
        stage, name = design.households, " / ".join(listing.strata[place] + listing.units[place])
        if stage is None:
            return
        if drawn < stage.n:
            self.few.append(name)
        self.few_reserves += drawn == stage.n and reserves < stage.reserves
        if design.size and stage.count == design.size and listed != listing.sizes[place]:
            self.other.append(name)

    def told(self, design: DrawDesign) -> list[Note]:
        asked = design.households.n if design.households else 0
        found = [
            ("draw.row_of_totals", self.totals, {}),
            ("draw.certain", self.certain, {}),
            ("draw.whole", self.whole, {}),
            ("draw.short_reserves", self.short, {}),
            ("draw.few_households", self.few, {"asked": asked}),
            ("draw.other_count", self.other, {}),
        ]
        told = [
            Note(key, n=len(names), names=listed((n or "–" for n in names), 8), **more)
            for key, names, more in found
            if names
        ]
        if self.few_reserves:
            told.append(Note("draw.few_reserves", n=self.few_reserves))
        return told
