"""What a shaded table holds: cells, the heads of columns, the labels of rows, the foot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from survey.words.measure import Measure

__all__ = ["Cell", "Foot", "Heat"]


@dataclass(frozen=True, slots=True)
class Cell:
    """A number in the unit shown; NaN where there is none or it is not shown. `row` is that of the result, from 0."""

    value: float
    status: str
    measure: Measure
    detail: str = ""
    row: int = -1

    @property
    def shown(self) -> bool:
        """Whether there is a number to print."""
        return bool(np.isfinite(self.value))


@dataclass(frozen=True, slots=True)
class Foot:
    """The lowest, the median and the highest number of a column, and the units that have them."""

    low: float
    median: float
    high: float
    lowest: list[str]
    highest: list[str]


@dataclass(frozen=True, slots=True)
class Heat:
    """A shaded table: `cells` by row and column, `units` below heads where they differ, `down` the levels of rows."""

    keys: list[tuple[str, ...]]
    heads: list[str]
    units: list[str]
    cells: Mapping[tuple[int, int], Cell]
    foot: list[Foot]
    unit: str
    shade: str
    down: tuple[str, ...] = ()

    def measure(self, column: int) -> Measure:
        """What a column is measured in; every column has a cell."""
        return next(cell.measure for (_, j), cell in self.cells.items() if j == column)

    def column(self, j: int) -> list[float]:
        """The numbers of a column."""
        return [cell.value for (_, at), cell in self.cells.items() if at == j]
