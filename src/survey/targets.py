"""What is known of the population: margins with their source and date."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd

from survey.errors import TargetsError, some

__all__ = ["Margin", "Targets", "plain"]

_WHOLE = re.compile(r"0|-?[1-9][0-9]*")


@dataclass(frozen=True, slots=True)
class Margin:
    """Population totals of the categories of one variable, or of several crossed.

    Parameters
    ----------
    variables : tuple of str
    totals : mapping of tuple to float
        Category (one value a variable) to number of people.
    """

    variables: tuple[str, ...]
    totals: Mapping[tuple[Hashable, ...], float]

    @property
    def name(self) -> str:
        """Name of the margin: its variables joined by " x "."""
        return " x ".join(self.variables)

    @property
    def total(self) -> float:
        """Number of people in all its categories."""
        return math.fsum(self.totals.values())

    def label(self, category: tuple[Hashable, ...]) -> str:
        """A category in words."""
        return ", ".join(f"{v} = {c}" for v, c in zip(self.variables, category, strict=True))


@dataclass(frozen=True, slots=True)
class Targets:
    """Margins of the population, all of the same total.

    Parameters
    ----------
    margins : tuple of Margin
    source, date : str
        Where the figures come from, and of when they are; printed under every weighted table.
    """

    margins: tuple[Margin, ...]
    source: str = ""
    date: str = ""

    def __post_init__(self) -> None:
        if not self.margins:
            raise TargetsError("There are no targets.", expected="at least one margin")
        for margin in self.margins:
            for category, total in margin.totals.items():
                if not (isinstance(total, int | float) and math.isfinite(total) and total >= 0):
                    raise TargetsError(
                        "A target is no number of people.",
                        where=f"margin {margin.name}, {margin.label(category)}", got=total, expected="0 or more",
                    )  # fmt: skip
        first = self.margins[0]
        for margin in self.margins[1:]:
            if not math.isclose(margin.total, first.total, rel_tol=1e-6):
                raise TargetsError(
                    "Margins disagree on the size of the population.",
                    where=f"{first.name} against {margin.name}",
                    got=f"{first.total:,.2f} against {margin.total:,.2f}, a difference of "
                    f"{margin.total - first.total:+,.2f}",
                    expected="the same total",
                    fix="take the margins from the same source and date, or scale one of them yourself",
                )

    @property
    def total(self) -> float:
        """Number of people in the population."""
        return self.margins[0].total

    @classmethod
    def of(cls, value: Targets | pd.DataFrame | Mapping[Any, Any]) -> Targets:
        """Targets from Targets, a long DataFrame or a dict.

        A dict is {variable: {category: total}}; a key may be a tuple of crossed variables, with tuples as
        categories. A DataFrame has columns variable, category, total.

        Raises
        ------
        TargetsError
            If margins disagree on the total or a total is no number of people.
        """
        if isinstance(value, Targets):
            return value
        if isinstance(value, pd.DataFrame):
            return cls.from_frame(value)
        if not isinstance(value, Mapping):
            raise TargetsError(
                "Targets of an unknown kind.",
                got=type(value).__name__,
                expected="Targets, a DataFrame, or {variable: {category: total}}",
            )
        margins = []
        for key, totals in value.items():
            variables = (key,) if isinstance(key, str) else tuple(key)
            if isinstance(totals, pd.Series):
                totals = totals.to_dict()
            margins.append(_margin(variables, totals))
        return cls(tuple(margins))

    @classmethod
    def from_frame(cls, frame: pd.DataFrame, within: str | Sequence[str] = (), source: str = "") -> Targets:
        """Targets from a table with columns variable, category, total.

        Parameters
        ----------
        frame : DataFrame
            Further columns `source` and `date` are kept when they hold one value.
        within : str or list of str
            Columns of the table that name groups, each with margins of its own (a wave, a ward): every margin is
            crossed with them, so that each group is weighted to its own population.
        source : str

        Raises
        ------
        TargetsError
        """
        groups = [within] if isinstance(within, str) else list(within)
        needed = [*groups, "variable", "category", "total"]
        absent = [c for c in needed if c not in frame.columns]
        if absent:
            raise TargetsError(
                "The table of targets lacks a column.", where=source or None, got=some(frame.columns),
                expected=some(needed), fix=f"add {some(absent)}",
            )  # fmt: skip
        margins = []
        for variable, part in frame.groupby("variable", sort=False):
            keys = list(zip(*(part[c] for c in [*groups, "category"]), strict=True))
            if len(set(keys)) != len(keys):
                twice = next(k for k in keys if keys.count(k) > 1)
                raise TargetsError(
                    "A category has two targets.",
                    where=f"{source or 'targets'}, {variable}",
                    got=some(twice),
                    expected="one row a category",
                )
            margins.append(_margin((*groups, str(variable)), dict(zip(keys, part["total"], strict=True))))
        return cls(tuple(margins), source or _only(frame, "source"), _only(frame, "date"))

    @classmethod
    def from_csv(cls, path: str | os.PathLike[str], within: str | Sequence[str] = ()) -> Targets:
        """Targets from a CSV file with columns variable, category, total (and those of `within`).

        Raises
        ------
        TargetsError
            If the file is missing or lacks a column.
        """
        if not Path(path).is_file():
            raise TargetsError("The file of targets is not there.", where=path, fix="correct the path")
        try:
            frame = pd.read_csv(path, encoding="utf-8-sig")
        except (pd.errors.EmptyDataError, pd.errors.ParserError, UnicodeDecodeError) as problem:
            raise TargetsError(
                "The file of targets cannot be read.", where=path, got=problem, expected="CSV in UTF-8 with a first "
                "line of names: variable,category,total",
            ) from problem  # fmt: skip
        if "category" in frame:
            frame["category"] = [plain(c) for c in frame["category"]]
        targets = cls.from_frame(frame, within, source=str(path))
        return cls(targets.margins, _only(frame, "source") or str(path), targets.date)

    def table(self) -> pd.DataFrame:
        """The targets as a long table: margin, category, total, share."""
        rows = [
            {"margin": m.name, "category": m.label(c), "total": t, "share": t / m.total}
            for m in self.margins
            for c, t in m.totals.items()
        ]
        return pd.DataFrame(rows)


def _margin(variables: tuple[str, ...], totals: Mapping[Any, Any]) -> Margin:
    where = " x ".join(variables)
    if not isinstance(totals, Mapping) or not totals:
        raise TargetsError("A margin has no categories.", where=where, got=totals, expected="{category: total}")
    cells: dict[tuple[Hashable, ...], float] = {}
    for category, total in totals.items():
        given = category if isinstance(category, tuple) else (category,)
        key = tuple(plain(k) for k in given)
        if len(key) != len(variables):
            raise TargetsError(
                "A category has another number of values than its margin has variables.",
                where=where, got=category, expected=f"{len(variables)} values",
            )  # fmt: skip
        if any(pd.isna(k) for k in key):
            raise TargetsError("A category of a margin is empty.", where=where, got=category, expected="a value")
        if key in cells:  # 1 and "1" are one category
            raise TargetsError("A category has two targets.", where=where, got=category, expected="one total for each")
        try:
            cells[key] = float(total)
        except (TypeError, ValueError):
            raise TargetsError("A target is no number of people.", where=f"{where}, {category}", got=total) from None
    return Margin(variables, MappingProxyType(cells))


def plain(value: Any) -> Any:
    """A category as Python has it: 1, 1.0, "1" and numpy's 1 are one category, so that a CSV matches any data."""
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, str):
        return int(value) if _WHOLE.fullmatch(value) else value
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _only(frame: pd.DataFrame, column: str) -> str:
    values = frame[column].dropna().unique() if column in frame.columns else []
    return "; ".join(str(v) for v in values)
