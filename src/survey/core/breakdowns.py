"""Breakdowns of a result by several variables side by side (`over=`): what its rows stand for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["COLUMNS", "EVERYONE", "Breakdowns"]

COLUMNS = ("breakdown", "category")
"""Columns of a result that say which breakdown a row is of, and which of its categories it is."""
EVERYONE = "everyone"
"""The breakdown of one category that holds everyone, unless the data have a column of that name."""


@dataclass(frozen=True, slots=True)
class Breakdowns:
    """What the breakdowns of a result are.

    Parameters
    ----------
    variables : mapping of str to tuple of str
        The variables that each breakdown crosses, by its name in the column `breakdown`; none for everyone.
    crossed : mapping of (str, str) to tuple
        Of breakdowns that cross several variables: the value of each, by breakdown and category.
    """

    variables: Mapping[str, tuple[str, ...]]
    crossed: Mapping[tuple[str, Any], tuple[Any, ...]] = field(default_factory=dict)

    def values(self, breakdown: str, category: Any) -> tuple[tuple[str, Any], ...]:
        """The variables of a category with their values; empty for everyone."""
        names = self.variables.get(breakdown, ())
        found = (category,) if len(names) == 1 else self.crossed.get((breakdown, category), ())
        return tuple(zip(names, found, strict=False))
