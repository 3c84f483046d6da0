"""One margin of the population: a total for each category of a variable, or of several crossed."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from numbers import Real
from types import MappingProxyType
from typing import Any

import pandas as pd

from survey.base.arguments import check_fields, explained_verbs
from survey.base.names import plain
from survey.design.totals import typed, warn_of_fractions
from survey.errors import TargetsError

__all__ = ["Margin", "margin_of", "refuse_twice"]


@explained_verbs(TargetsError)
@dataclass(frozen=True, slots=True)
class Margin:
    """Population totals of the categories of one variable, or of several crossed.

    Parameters
    ----------
    variables : tuple of str
        None for a number known of the population as a whole.
    totals : mapping of tuple to float
        Category (one value a variable) to number of people, or to the sum of `number` over them.
    number : str
        A variable whose sum is known (minutes, household size) instead of how many people there are.
    """

    variables: tuple[str, ...]
    totals: Mapping[tuple[Hashable, ...], float]
    number: str = ""

    def __post_init__(self) -> None:
        check_fields(self, TargetsError)
        totals = {
            tuple(map(plain, c)) if isinstance(c, tuple) else c: float(total) if isinstance(total, Real) else total
            for c, total in self.totals.items()
        }
        if len(totals) < len(self.totals):
            raise TargetsError(
                "A category has two targets.", where=f"margin {self.name}", expected="one total for each"
            )
        if any(not isinstance(c, tuple) or len(c) != len(self.variables) for c in self.totals):
            raise TargetsError(
                "A category must have one value per variable.",
                where=f"margin {self.name}",
                got="another",
                expected='a tuple such as ("nữ", 2)',
                fix="use sv.Targets.of(...)",
            )
        object.__setattr__(self, "totals", MappingProxyType(totals))

    @property
    def name(self) -> str:
        """Name of the margin: its variables joined by " x "; of a number, "minutes" or "minutes by ward"."""
        crossed = " x ".join(map(str, self.variables))
        return f"{self.number} by {crossed}" if self.number and crossed else self.number or crossed

    @property
    def total(self) -> float:
        """Number of people (or sum of the number) in all its categories."""
        return math.fsum(self.totals.values())

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column of the data that it speaks of."""
        return (*self.variables, self.number) if self.number else self.variables

    def label(self, category: tuple[Hashable, ...]) -> str:
        """A category in words."""
        where = ", ".join(f"{v} = {c}" for v, c in zip(self.variables, category, strict=True))
        return (f"sum of {self.number}, {where}" if where else f"sum of {self.number}") if self.number else where


def refuse_twice(keys: list[tuple[Any, ...]], variable: str, where: str) -> None:
    if len(set(keys)) != len(keys):
        raise TargetsError(
            "A category has two targets.",
            where=f"{where}, {variable}",
            got=typed(next(k for k in keys if keys.count(k) > 1)),
            expected="one row per category",
        )


def margin_of(variables: tuple[str, ...], totals: Mapping[Any, Any], number: str = "") -> Margin:
    where = " x ".join((*variables, number) if number else variables)
    if not isinstance(totals, Mapping) or not totals:
        raise TargetsError(
            "A margin has no categories.",
            where=where,
            got=type(totals).__name__,
            expected="{category: total}",
            fix="give a total for each category",
        )
    cells: dict[tuple[Hashable, ...], float] = {}
    for category, total in totals.items():
        given = category if isinstance(category, tuple) else (category,)
        key = tuple(plain(k) for k in given)
        if len(key) != len(variables):
            raise TargetsError(
                "The number of values in a category differs from the number of variables of its margin.",
                where=where,
                got=category if len(str(category)) <= 60 else typed(given),
                expected=f"{len(variables)} values",
            )
        if any(pd.isna(k) for k in key):
            raise TargetsError("A category of a margin is empty.", where=where, got=typed(given), expected="a value")
        if key in cells:  # 1 and "1" are one category
            raise TargetsError("A category has two targets.", where=where, got=typed(given), expected="one for each")
        try:
            cells[key] = float(total)
        except (TypeError, ValueError):
            raise TargetsError(
                "Targets must be non-negative numbers.", where=f"{where}, {typed(given)}", got=typed((total,))
            ) from None
    if not number:
        warn_of_fractions(where, cells.values())
    return Margin(variables, MappingProxyType(cells), number)
