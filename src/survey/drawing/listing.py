"""The list that is drawn from: its units by name, stratum and size, in the order in which they are counted off."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from survey.base.arguments import columns_exist
from survey.base.digest import canonical
from survey.base.names import columns_named, composed_column, label
from survey.codebook.told import describe_groups, describe_rows, describe_values
from survey.drawing.design import DrawDesign
from survey.drawing.random_numbers import number
from survey.errors import DesignError, shorten

__all__ = ["Listing", "content_hash", "labels_of", "listing_of", "refuse_repeated", "sorted_places", "whole"]

Label = tuple[str, ...]
_GROUPED = re.compile(r"[1-9]\d{0,2}(?:[.,]\d{3})+")
_SPACES = str.maketrans("", "", " \u00a0\u2009\u202f'\u2019")


@dataclass(frozen=True, slots=True)
class Listing:
    """The frame as it is drawn from.

    Parameters
    ----------
    rows : DataFrame
        Of the frame, in the order of the draw: by stratum, and within as `sort` says.
    strata, units : list of tuple of str
        Labels of every row.
    sizes : list of int
        1 for equal probabilities.
    counts : list of int
        Households by number; empty where they come from a list or there is no such stage.
    drawn : dict of stratum to int
        How many units are drawn.
    """

    rows: pd.DataFrame
    strata: list[Label]
    units: list[Label]
    sizes: list[int]
    counts: list[int]
    drawn: dict[Label, int]

    def places(self) -> dict[Label, list[int]]:
        """Rows of each stratum, in order."""
        found: dict[Label, list[int]] = {}
        for place, stratum in enumerate(self.strata):
            found.setdefault(stratum, []).append(place)
        return found


def listing_of(frame: pd.DataFrame, design: DrawDesign, *, by_number: bool) -> Listing:
    """The frame, checked and sorted.

    Parameters
    ----------
    frame : DataFrame
        One row per unit.
    design : DrawDesign
    by_number : bool
        Whether households are numbers, so that the frame must count them.

    Raises
    ------
    DesignError
        For an empty frame, columns that do not exist, units without name or listed twice, sizes that are no positive
        whole numbers, a stratum with fewer units than are to be drawn, totals that differ from those expected.
    """
    frame = named(frame, "frame", [*design.strata, *design.unit, *design.show, *filter(None, [design.size])])
    strata, units = labels_of(frame, design.strata, "frame"), labels_of(frame, design.unit, "frame")
    refuse_repeated([s + u for s, u in zip(strata, units, strict=True)], "frame")
    sizes = whole(frame, design.size, "frame", units, design.thousands) if design.size else [1] * len(frame)
    _refuse_other_totals(design, len(frame), sizes)
    counts: list[int] = []
    if by_number and design.households is not None:
        counts = _counts(frame, design, units)
    drawn = _drawn(frame, design, strata)
    within = sorted_places(frame, design.sort, units, design.seed, strata)
    order = sorted(within, key=lambda place: _natural(strata[place]))
    return Listing(
        frame.iloc[order].reset_index(drop=True),
        [strata[i] for i in order],
        [units[i] for i in order],
        [sizes[i] for i in order],
        [counts[i] for i in order] if counts else [],
        drawn,
    )


def named(frame: pd.DataFrame, where: str, columns: Sequence[str]) -> pd.DataFrame:
    """The frame with the columns that are needed spelled as the design has them, and text in composed form (NFC)."""
    if not isinstance(frame, pd.DataFrame):
        raise DesignError("Expected a DataFrame.", where=where, got=type(frame).__name__, expected="a DataFrame")
    if not len(frame):
        raise DesignError("The frame is empty.", where=where, expected="one row per listed unit")
    found = columns_named(columns, frame.columns)
    fix = "correct the name, or add the column"
    columns_exist(found, frame.columns, "A column is missing.", DesignError, where=where, fix=fix)
    twice = [c for c in dict.fromkeys(found) if list(frame.columns).count(c) > 1]
    if twice:
        raise DesignError(
            "Two columns have the same name.", where=where, got=shorten(map(repr, twice)), fix="rename one of them"
        )
    frame = frame.rename(columns=dict(zip(found, columns, strict=True))).reset_index(drop=True)
    return frame.assign(**{c: _as_written(composed_column(frame[c])) for c in dict.fromkeys(columns)})


def _as_written(column: pd.Series) -> pd.Series:
    """Whole numbers as such: a workbook gives 3.0 where CSV has 3, and the sample is the same to the byte."""
    if pd.api.types.is_float_dtype(column.dtype) and column.notna().all() and (column % 1 == 0).all():
        return column.astype("int64")
    return column


def labels_of(frame: pd.DataFrame, columns: Sequence[str], where: str) -> list[Label]:
    """The name of each row by some columns; none is missing or blank."""
    texts = [[label(v) for v in frame[c]] for c in columns]
    for column, names in zip(columns, texts, strict=True):
        bad = frame[column].isna().to_numpy() | np.array([not name for name in names])
        if bad.any():
            raise DesignError(
                "The unit or group is missing for some rows.",
                where=f"{where}, column {column!r}, rows {describe_rows(frame.index, bad)}",
                got="missing",
                expected="a value in every row",
                fix="complete these rows in the file: merged cells hold a value in the first of their rows alone, and "
                "rows of totals and empty rows do not belong in a list",
            )
    return list(zip(*texts, strict=True)) if columns else [()] * len(frame)


def refuse_repeated(names: Sequence[Label], where: str) -> None:
    """Raise if a unit is listed twice: it would be drawn with twice the probability."""
    places: dict[Label, list[int]] = {}
    for place, name in enumerate(names):
        places.setdefault(name, []).append(place)
    twice = {name: at for name, at in places.items() if len(at) > 1}
    if twice:
        raise DesignError(
            "Some units are listed twice in the frame.",
            where=f"{where}, {describe_groups(twice)}",
            got=shorten(i for at in twice.values() for i in at),
            expected="one row per unit (positions of the rows above, from 0)",
            fix="remove the duplicates, or name further columns that identify these units",
        )


def whole(
    frame: pd.DataFrame, column: str, where: str, units: Sequence[Label], thousands: str = "", least: int = 1
) -> list[int]:
    """A column as whole numbers of at least `least`; what could be read in two ways is not read.

    Raises
    ------
    DesignError
        For missing values, other text, fractions, and numbers below `least`.
    """
    values = frame[column].astype(object).tolist()
    found = [_whole_number(v, thousands) for v in values]
    bad = [i for i, v in enumerate(found) if v is None]
    if bad:
        wrong = [values[i] for i in bad]
        grouped = any(_grouped(v) for v in wrong)
        raise DesignError(
            "The size is no whole number for some units of the frame.",
            where=f"{where}, column {column!r}, {describe_groups(units[i] for i in bad)}",
            got="missing" if all(pd.isna(v) for v in wrong) else describe_values(wrong, column=frame[column]),
            expected="a whole number for every unit",
            fix="complete the list"
            if not grouped
            else 'if a sign separates thousands, declare it: thousands = "." reads 1.234 as 1234'
            if not thousands
            else "a program took the sign for a decimal point, so that these are numbers: read the list as text",
        )
    small = [i for i, v in enumerate(found) if v is not None and v < least]
    if small:
        raise DesignError(
            "Some units of the frame have size 0." if least == 1 else "Some numbers are too small.",
            where=f"{where}, column {column!r}, {describe_groups(units[i] for i in small)}",
            got=shorten(dict.fromkeys(found[i] for i in small)),
            expected="a positive size for every unit",
            fix="a unit of size 0 can never be selected: remove it, or merge it with a neighbour",
        )
    return [v for v in found if v is not None]


def _whole_number(value: Any, thousands: str) -> int | None:
    value = value.item() if hasattr(value, "item") else value
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, str):
        bare = value.strip()
        if thousands and re.fullmatch(rf"\d{{1,3}}(?:{re.escape(thousands)}\d{{3}})+", bare):
            bare = bare.replace(thousands, "")
        if re.fullmatch(r"\d{1,3}(?:[ \u00a0\u2009\u202f'\u2019]\d{3})+", bare):
            bare = bare.translate(_SPACES)
        return int(bare.removesuffix(".0")) if re.fullmatch(r"[0-9]{1,15}(?:\.0)?", bare) else None
    try:
        return int(value) if value == int(value) else None
    except (TypeError, ValueError, OverflowError):
        return None


def _grouped(value: Any) -> bool:
    if isinstance(value, float):
        return value == value and 1 <= value < 1000
    return isinstance(value, str) and bool(_GROUPED.fullmatch(value.strip()))


def _counts(frame: pd.DataFrame, design: DrawDesign, units: Sequence[Label]) -> list[int]:
    column = design.households.count if design.households else ""
    if not column:
        raise DesignError(
            "The design does not say how many households a unit has.",
            where="households",
            got="neither a list of households nor a count",
            expected='count = "COLUMN" of the frame, or list = "households.csv"',
        )
    return whole(named(frame, "frame", [column]), column, "frame", units, design.thousands)


def _refuse_other_totals(design: DrawDesign, units: int, sizes: Sequence[int]) -> None:
    found = {"units": units, "size": sum(sizes)}
    wrong = {k: v for k, v in design.expect.items() if found[k] != v}
    if wrong:
        raise DesignError(
            "The frame does not have the totals that the design expects.",
            where="frame, expect",
            got=shorten(f"{k} = {found[k]}" for k in wrong),
            expected=shorten(f"{k} = {v}" for k, v in wrong.items()),
            fix="the frame may be cut short or an older one: get the whole list, or correct expect",
        )


def _drawn(frame: pd.DataFrame, design: DrawDesign, strata: Sequence[Label]) -> dict[Label, int]:
    listed = {s: 0 for s in sorted(set(strata), key=_natural)}
    for s in strata:
        listed[s] += 1
    if isinstance(design.n, dict):
        asked = {label(k): v for k, v in design.n.items()}
        known = {" / ".join(s): s for s in listed}
        if set(asked) != set(known) or not design.strata:
            raise DesignError(
                "The strata of `n` differ from those of the frame.",
                where="n",
                got=shorten(sorted(set(asked) - set(known)) or sorted(asked)),
                expected=shorten(sorted(set(known) - set(asked)) or sorted(known)),
                fix="give a number for each stratum, or one number for all",
            )
        drawn = {known[name]: n for name, n in asked.items()}
    elif isinstance(design.n, str):
        column = whole(named(frame, "frame", [design.n]), design.n, "frame", strata, design.thousands)
        drawn = dict(zip(strata, column, strict=True))
        uneven = {s for s, n in zip(strata, column, strict=True) if drawn[s] != n}
        if uneven:
            raise DesignError(
                "The number drawn varies within a stratum.",
                where=f"frame, column {design.n!r}, {shorten(' / '.join(s) or 'all' for s in sorted(uneven))}",
                expected="one number per stratum",
                fix="correct the column, or strata",
            )
    else:
        drawn = dict.fromkeys(listed, design.n)
    short = [s for s in listed if drawn[s] > listed[s]]
    if short:
        raise DesignError(
            "A stratum has fewer units than are to be drawn.",
            where=f"n, {describe_groups(s or ('all',) for s in short)}",
            got=shorten(f"{drawn[s]} of {listed[s]}" for s in short),
            expected="at most the units listed",
            fix="lower n for these strata (n by stratum, or a column of the frame), join strata, or complete the list",
        )
    return {s: drawn[s] for s in listed}


def sorted_places(
    frame: pd.DataFrame,
    sort: tuple[str, ...] | str,
    names: Sequence[Label],
    seed: int,
    groups: Sequence[Label],
) -> list[int]:
    """Positions of the rows in the order that is declared; ties by the units' names."""
    places = range(len(frame))
    if sort == "listed":
        return list(places)
    if sort == "random":
        return sorted(places, key=lambda i: number(seed, "sort", groups[i], names[i]))
    columns = list(sort)
    spelled = named(frame, "frame", columns) if columns else frame
    texts = [[_natural([label(v)]) for v in spelled[c]] for c in columns]
    return sorted(places, key=lambda i: (*(t[i] for t in texts), _natural(names[i]), names[i]))


def _natural(texts: Iterable[str]) -> list[list[Any]]:
    """Text in the order in which people list it: T2 before T10."""
    return [[int(p) if k % 2 else p for k, p in enumerate(re.split(r"([0-9]+)", text))] for text in texts]


def content_hash(frame: pd.DataFrame) -> str:
    """SHA-256 of what a table says: names of columns and cells as text, whatever the file was."""
    digest = hashlib.sha256(canonical([label(c) for c in frame.columns]).encode("utf-8"))
    missing = frame.isna().to_numpy()
    for row, absent in zip(frame.itertuples(index=False, name=None), np.atleast_2d(missing), strict=True):
        digest.update(b"\n")
        digest.update(canonical([None if a else label(v) for v, a in zip(row, absent, strict=True)]).encode("utf-8"))
    return digest.hexdigest()
