"""What is known of the population: margins with their source and date."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from numbers import Real
from types import MappingProxyType
from typing import Any, TypeAlias

import pandas as pd

from survey.base.arguments import check_fields, explained_verbs, listed
from survey.base.card import Card, Displayed
from survey.base.cells import second_table
from survey.base.files import system_message
from survey.base.names import plain
from survey.design.cards import targets_card
from survey.design.carried import map_wards
from survey.design.margin import Margin, margin_of, refuse_twice
from survey.design.totals import read_totals
from survey.errors import ReadError, TargetsError, shorten

__all__ = ["Margin", "Targets", "TargetsLike", "plain"]


@explained_verbs(TargetsError)
@dataclass(frozen=True, slots=True)
class Targets(Displayed):
    """Margins of the population, all of the same total.

    Parameters
    ----------
    margins : tuple of Margin
    source, date : str
        Where the figures come from, and of when they are; printed under every weighted table.
    within : tuple of str
        Variables of groups with a separate population (a wave, a ward): they come first in every margin, and the
        margins must agree on the total of each group.
    files : tuple of str
        The files that they were read from: nothing that is made with them replaces one. Not compared, not stored.
    """

    margins: tuple[Margin, ...]
    source: str = ""
    date: str = ""
    within: tuple[str, ...] = ()
    files: tuple[str, ...] = field(default=(), repr=False, compare=False, metadata={"stored": False})

    def __post_init__(self) -> None:
        if not self.margins:
            raise TargetsError(
                "No targets were given.",
                where="targets",
                got="no margin",
                expected="at least one",
                fix='give targets such as {"sex": {"nam": 490, "nữ": 510}}',
            )
        if isinstance(self.margins, Mapping | str) or not all(isinstance(m, Margin) for m in self.margins):
            raise TargetsError(
                "Targets must be Margin objects.",
                got=type(self.margins).__name__,
                expected="Margin objects",
                fix="sv.Targets.of({variable: {category: total}}), from_frame or from_csv",
            )
        check_fields(self, TargetsError)
        for margin in self.margins:
            for category, total in margin.totals.items():
                known = isinstance(total, Real) and math.isfinite(total)
                if not known or (total < 0 and not margin.number):
                    raise TargetsError(
                        "Targets must be non-negative numbers.",
                        where=f"margin {margin.name}, {margin.label(category)}",
                        got=total,
                        expected="0 or more",
                    )
            if margin.variables[: len(self.within)] != self.within:
                raise TargetsError(
                    "A margin is not crossed with the grouping variables of within=.",
                    where=f"margin {margin.name}",
                    got=shorten(margin.variables) or "no groups",
                    expected=f"{shorten(self.within)} first",
                    fix="give a total for every group, or omit within=",
                )
        for margin in self.counts[1:]:
            self._check_agreement(self.counts[0], margin)

    map_wards = map_wards

    def _card(self) -> Card:
        return targets_card(self.margins, self.within, self.source, self.date)

    @property
    def counts(self) -> tuple[Margin, ...]:
        """The margins that count people."""
        return tuple(m for m in self.margins if not m.number)

    def group_totals(self, margin: Margin) -> dict[tuple[Hashable, ...], float]:
        """What a margin sums to in each group of `within`; one entry, (), without groups."""
        parts: dict[tuple[Hashable, ...], list[float]] = {}
        for category, total in margin.totals.items():
            parts.setdefault(category[: len(self.within)], []).append(total)
        return {group: math.fsum(part) for group, part in parts.items()}

    def _check_agreement(self, first: Margin, margin: Margin) -> None:
        one, other = self.group_totals(first), self.group_totals(margin)
        off = [g for g in {**one, **other} if not math.isclose(one.get(g, 0), other.get(g, 0), rel_tol=1e-6)]
        if not off:
            return

        def gap(group: tuple[Hashable, ...]) -> str:
            a, b = one.get(group, 0.0), other.get(group, 0.0)
            named = ", ".join(f"{v} = {c}" for v, c in zip(self.within, group, strict=True))
            return f"{named + ': ' if named else ''}{a:,.2f} against {b:,.2f}, a difference of {b - a:+,.2f}"

        ratio = math.fsum(other.get(g, 0) for g in off) / (math.fsum(one.get(g, 0) for g in off) or math.nan)
        thousand = 0.9 < ratio / 1000 < 1.1 or 0.9 < 1 / ratio / 1000 < 1.1 if ratio else False
        raise TargetsError(
            "Margins disagree on the size of the population.",
            where=f"{first.name} against {margin.name}",
            got=shorten((gap(g) for g in off), 4),
            expected="the same total" + (f" in each group of {shorten(self.within)}" if self.within else ""),
            fix="one is about a thousand times the other: one of them may use a thousands separator, "
            "sv.Targets.from_csv(path, thousands='.'), or one is in thousands of people"
            if thousand
            else "take the margins from the same source and date, or scale one of them yourself; give all of them as "
            "counts, or all of them as shares",
        )

    def scaled(self, total: float) -> Targets:
        """The same shares of another total: shares become numbers of people, and means sums.

        Raises
        ------
        TargetsError
            If the total is not positive, or no margin counts people.
        """
        if not (math.isfinite(total) and total > 0) or not self.counts or not self.total > 0:
            raise TargetsError(
                "These targets cannot be rescaled.", got=total, expected="a positive total, and a margin of people"
            )
        factor = total / self.total
        margins = tuple(
            Margin(m.variables, MappingProxyType({c: t * factor for c, t in m.totals.items()}), m.number)
            for m in self.margins
        )
        return replace(self, margins=margins)

    @property
    def total(self) -> float:
        """Number of people in the population; NaN where only sums of numbers are known."""
        return self.counts[0].total if self.counts else math.nan

    @classmethod
    def of(cls, value: TargetsLike, within: str | Sequence[str] = ()) -> Targets:
        """Targets from Targets, a long DataFrame, a dict, or the path of a CSV file.

        A dict is {variable: {category: total}}; a key may be a tuple of crossed variables, with tuples as categories;
        a plain number in place of the categories is the sum of a numeric variable. A DataFrame has columns variable,
        category, total; a row without a category is the sum of a numeric variable.

        Parameters
        ----------
        value : Targets, DataFrame, dict or path
        within : str or list of str
            Groups with a separate population; columns of the DataFrame, or the first variables of each key.

        Raises
        ------
        TargetsError
            If margins disagree on the total or a total is not a number of people.
        """
        groups = tuple(listed(within))
        if isinstance(value, Targets):
            return replace(value, within=groups) if groups else value
        if isinstance(value, pd.DataFrame):
            return cls.from_frame(value, groups)
        if isinstance(value, str | os.PathLike):
            return cls.from_csv(value, groups)
        if not isinstance(value, Mapping):
            raise TargetsError(
                "The targets are of an unknown kind.",
                got=type(value).__name__,
                expected="Targets, a DataFrame, or {variable: {category: total}}",
            )
        margins = []
        for key, totals in value.items():
            if not isinstance(key, str | tuple):
                raise TargetsError(
                    "A margin must be named by one or more variables.",
                    got=repr(key),
                    expected="a column, or a tuple of crossed columns",
                )
            variables = (key,) if isinstance(key, str) else key
            if isinstance(totals, pd.Series):
                totals = totals.to_dict()
            if isinstance(totals, Real) and not isinstance(totals, bool) and len(variables) == 1:
                margins.append(Margin((), MappingProxyType({(): float(totals)}), variables[0]))
            else:
                margins.append(margin_of(variables, totals))
        return cls(tuple(margins), within=groups)

    @classmethod
    def cells(
        cls, frame: pd.DataFrame, by: Sequence[str], total: str = "total", within: str | Sequence[str] = ()
    ) -> Targets:
        """Targets from a table of cells: a column for each variable, one of numbers of people.

        Parameters
        ----------
        frame : DataFrame
        by : list of str
            The variables whose cells are known (sex and age).
        total : str
            The column of numbers of people.
        within : str or list of str
            Further columns, of groups with a separate population.

        Raises
        ------
        TargetsError
            If a column is not there or a cell stands twice.
        """
        groups = tuple(listed(within))
        columns = [*groups, *by]
        absent = [c for c in [*columns, total] if c not in frame.columns]
        if absent:
            raise TargetsError(
                "The table of cells is missing a column.", got=shorten(frame.columns), expected=shorten(absent)
            )
        keys = list(frame[columns].itertuples(index=False, name=None))
        refuse_twice(keys, " x ".join(columns), "cells")
        margin = margin_of(tuple(columns), dict(zip(keys, frame[total], strict=True)))
        return cls((margin,), _only(frame, "source"), _only(frame, "date"), groups)

    @classmethod
    def from_frame(cls, frame: pd.DataFrame, within: str | Sequence[str] = (), source: str = "") -> Targets:
        """Targets from a table with columns variable, category, total.

        Parameters
        ----------
        frame : DataFrame
            Further columns `source` and `date` are kept when they hold one value.
        within : str or list of str
            Columns of the table that name groups, each with separate margins (a wave, a ward): every margin is
            crossed with them, so that each group is weighted to its own population.
        source : str

        Raises
        ------
        TargetsError
        """
        groups = listed(within)
        needed = [*groups, "variable", "category", "total"]
        absent = [c for c in needed if c not in frame.columns]
        if absent:
            raise TargetsError(
                "The table of targets is missing a column.",
                where=source or None,
                got=shorten(frame.columns),
                expected=shorten(needed),
                fix=f"add {shorten(absent)}",
            )
        margins = []
        for variable, part in frame.groupby("variable", sort=False):
            number = bool(part["category"].isna().all())
            columns = groups if number else [*groups, "category"]
            keys = list(zip(*(part[c] for c in columns), strict=True)) if columns else [()] * len(part)
            refuse_twice(keys, str(variable), source or "targets")
            totals = dict(zip(keys, part["total"], strict=True))
            if number:
                margins.append(margin_of(tuple(groups), totals, str(variable)))
            else:
                margins.append(margin_of((*groups, str(variable)), totals))
        return cls(tuple(margins), source or _only(frame, "source"), _only(frame, "date"), tuple(groups))

    @classmethod
    def from_csv(
        cls,
        path: str | os.PathLike[str],
        within: str | Sequence[str] = (),
        *,
        decimal: str | None = None,
        thousands: str | None = None,
        encoding: str | None = None,
        separator: str | None = None,
    ) -> Targets:
        """Targets from a CSV file with columns variable, category, total (and those of `within`).

        Parameters
        ----------
        path : path
        within : str or list of str
        decimal, thousands : str, optional
            How totals are written, such as decimal=",", thousands="." in Vietnam. Not given: a decimal point, thousands
            with a space or an apostrophe; a total that may be read in two ways is an error.
        encoding, separator : str, optional
            As `survey.read`; found in the file when not given. Categories stay what the file has: "01" is not 1, and
            "NA" and "None" are categories; an empty cell is none.

        Raises
        ------
        TargetsError
            If the file is missing or lacks a column, or a total may be read in two ways.
        """
        try:
            frame = second_table(path, encoding=encoding, separator=separator)
        except FileNotFoundError:
            raise TargetsError(
                "The targets file does not exist.",
                where=path,
                got="no such file",
                expected="CSV",
                fix="correct the path",
            ) from None
        except ReadError as problem:
            raise TargetsError(
                "The targets file cannot be read.",
                where=problem.where or path,
                got=problem.what if problem.got is None else f"{problem.what} {problem.got}",
                expected="CSV with the header variable,category,total",
                fix=str(problem.fix).replace("read(...", "sv.Targets.from_csv(..."),
            ) from problem
        except (OSError, ValueError) as problem:  # a ValueError: a name that cannot be
            raise TargetsError(
                "The targets file cannot be opened.",
                where=path,
                got=system_message(problem),
                expected="a CSV file",
                fix="correct the path",
            ) from problem
        for name in {"category", *listed(within)} & set(frame.columns):
            frame[name] = pd.Series([_category(c) for c in frame[name]], index=frame.index, dtype=object)
        if {"variable", "total"} <= set(frame.columns):
            groups = listed(within)
            margin = list(zip(*(frame[c] for c in ["variable", *groups] if c in frame), strict=True))
            frame["total"] = pd.Series(
                read_totals(list(frame["total"]), margin, decimal=decimal, thousands=thousands, where=str(path)),
                index=frame.index,
                dtype=object,
            )
        targets = cls.from_frame(frame, within, source=str(path))
        return replace(targets, source=_only(frame, "source") or str(path), files=(os.path.abspath(path),))

    def table(self) -> pd.DataFrame:
        """The targets as a long table: margin, category, total, share."""
        rows = [
            {"margin": m.name, "category": m.label(c), "total": t, "share": math.nan if m.number else t / m.total}
            for m in self.margins
            for c, t in m.totals.items()
        ]
        return pd.DataFrame(rows)


TargetsLike: TypeAlias = "Targets | pd.DataFrame | Mapping[Any, Any] | str | os.PathLike[str]"
"""Whatever is taken where targets are asked for."""


def _only(frame: pd.DataFrame, column: str) -> str:
    values = frame[column].dropna().unique() if column in frame.columns else []
    return "; ".join(str(v) for v in values)


_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]*)\.[0-9]+")


def _category(text: Any) -> Any:
    """A category of a file: 1 and 1.0 are the number 1, as in any data; "01", "NA" and "True" are text."""
    return plain(float(text)) if isinstance(text, str) and _DECIMAL.fullmatch(text) else plain(text)
