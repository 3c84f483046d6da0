"""Answers counted by the classes that numbers fall into, where they are many: shares below quantiles, histograms."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from survey.base.arrays import Array
from survey.base.codes import Ints
from survey.counting.cells import Cells, Coded
from survey.counting.memory import count_answers
from survey.estimation.histogram import Spread
from survey.estimation.items import refuse_infinite
from survey.scanning.question import ByRows, Rows, numbers_in

__all__ = ["ByClass", "Extremes"]


@dataclass(frozen=True)
class ByClass(ByRows):
    """An item of numbers by classes: weights, their squares and people, by cluster and group.

    Parameters
    ----------
    item : str
    classes : int
    code : function
        The class of each number in its group, `classes` for none: of (rows,) and (rows,) to (rows,).
    """

    item: str
    classes: int
    code: Callable[[Array, Ints], Ints]

    def size(self, units: int, groups: int) -> int:
        """Bytes of its tables."""
        return units * (groups + 1) * (self.classes + 1) * 8 * 3

    def cells(self, rows: Rows) -> Cells:
        """The classes of a batch."""
        structure, group = rows.structure, rows.grouping.code
        coded = Coded(self.code(numbers_in(rows, self.item), group), np.arange(self.classes, dtype=float))
        cells = count_answers(self.item, structure, rows.grouping, coded)
        squared = replace(structure, weights=structure.weights**2)
        return replace(cells, squares=count_answers(self.item, squared, rows.grouping, coded, n_by_unit=False).sums)


@dataclass(frozen=True)
class Extremes(ByRows):
    """Where the answers of a domain lie.

    Parameters
    ----------
    item : str
    given : array (limits,) or None
        As of `Spread`.
    """

    item: str
    given: Array | None

    def cells(self, rows: Rows) -> Spread:
        """Of a batch.

        Raises
        ------
        EstimationError
            For infinite numbers.
        """
        values = numbers_in(rows, self.item)
        refuse_infinite(self.item, values)
        return Spread.of(values[(rows.grouping.code < len(rows.grouping)) & ~np.isnan(values)], self.given)
