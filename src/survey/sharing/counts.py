"""What a file of cells holds: the counts of each question, the clusters, what the weights were calibrated to.

Cells are listed, not tabulated: one line for each cluster, group and answer that somebody gave. Groups are every
combination of the breakdown columns that occurs, missing values among them, so that any of these columns can be left
out again, and a condition on them can be asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.base.arrays import Array, weighted_count
from survey.base.codes import Ints
from survey.calibration.residuals import Residuals, Step
from survey.scanning.columns import KINDS

__all__ = ["Calibration", "ItemCounts", "Lines", "add_lines"]


@dataclass(frozen=True, eq=False)
class Lines:
    """Counts, listed.

    Parameters
    ----------
    unit : int array (lines,)
        Cluster; of the sums of calibration variables, the variable.
    group : int array (lines,)
    slot : int array (lines,)
        Answer, in the order of `ItemCounts.answers`; then the six reasons why there is none. Slot 0 of numbers is one.
    sums : array (lines, width)
        Sum of w; of numbers also of w y and w y squared, about the pivot.
    squares : array (lines,)
        Sum of w squared.
    n : int array (lines,)
        Rows.
    """

    unit: Ints
    group: Ints
    slot: Ints
    sums: Array
    squares: Array
    n: Ints

    def __len__(self) -> int:
        return len(self.unit)

    def some(self, keep: NDArray[np.bool_]) -> Lines:
        """Some of the lines."""
        unit, group, slot = self.unit[keep], self.group[keep], self.slot[keep]
        return Lines(unit, group, slot, self.sums[keep], self.squares[keep], self.n[keep])

    def placed(self, unit: Ints, group: Ints, slot: Ints) -> Lines:
        """The same counts elsewhere, those of one place added up; places below 0 are left out."""
        keep = (unit >= 0) & (group >= 0) & (slot >= 0)
        return add_lines([Lines(unit, group, slot, self.sums, self.squares, self.n).some(keep)])

    def table(self, shape: tuple[int, int, int], column: int = 0) -> Array:
        """Sums as a table (units, groups, slots)."""
        values = self.squares if column < 0 else self.sums[:, column]
        return weighted_count(self._key(shape), values, int(np.prod(shape))).reshape(shape)

    def counts(self, shape: tuple[int, int, int]) -> Ints:
        """Rows as a table (units, groups, slots)."""
        found = weighted_count(self._key(shape), self.n.astype(float), int(np.prod(shape)))
        return np.rint(found).astype(np.int64).reshape(shape)

    def _key(self, shape: tuple[int, int, int]) -> Ints:
        return np.asarray((self.unit * shape[1] + self.group) * shape[2] + self.slot, np.int64)


def add_lines(parts: Sequence[Lines]) -> Lines:
    """Lines of one place added up, in the order of clusters, groups and answers."""
    unit, group = np.concatenate([p.unit for p in parts]), np.concatenate([p.group for p in parts])
    slot = np.concatenate([p.slot for p in parts]).astype(np.int64)
    sums = np.concatenate([p.sums for p in parts])
    squares, n = np.concatenate([p.squares for p in parts]), np.concatenate([p.n for p in parts])
    if not len(unit):
        return Lines(unit, group, slot, sums, squares, n)
    groups, slots = int(group.max()) + 1, int(slot.max()) + 1
    key, at = np.unique((unit * groups + group) * slots + slot, return_inverse=True)
    size = len(key)
    added = np.stack([weighted_count(at, column, size) for column in sums.T], axis=1)
    rows = np.rint(weighted_count(at, n.astype(float), size)).astype(np.int64)
    rest, place = np.divmod(key, slots)
    return Lines(*np.divmod(rest, groups), place, added, weighted_count(at, squares, size), rows)


@dataclass(frozen=True, eq=False)
class ItemCounts:
    """The counts of one item by some columns.

    Parameters
    ----------
    item : str
    by : tuple of str
    groups : DataFrame (groups, by)
        The combinations that occur; a missing value is one of the values.
    answers : dict of answer to int, or None
        Rows that gave each, also rows with a weight of 0; None for numbers, which are counted by their moments.
    pivot : float
        What is taken off numbers first.
    kinds : bool array (8,) or None
        Which reasons of missing answers occur; None where none are recorded.
    cells : Lines
    margins : Lines or None
        By calibration variable in place of the cluster; None where weights were not calibrated.
    hidden : DataFrame (groups, [n, weight])
        People of each group whose cells are hidden.
    """

    item: str
    by: tuple[str, ...]
    groups: pd.DataFrame
    answers: dict[str | float, int] | None
    pivot: float
    kinds: NDArray[np.bool_] | None
    cells: Lines
    margins: Lines | None
    hidden: pd.DataFrame

    @property
    def slots(self) -> int:
        """Places for answers and for reasons why there is none."""
        return self.numbers + KINDS

    @property
    def numbers(self) -> int:
        """Places for answers."""
        return 1 if self.answers is None else len(self.answers)

    @property
    def width(self) -> int:
        """Sums of each line."""
        return 3 if self.answers is None else 1

    @property
    def sizes(self) -> Ints:
        """Rows of each group with a weight above 0, hidden ones too: (groups,)."""
        seen = np.bincount(self.cells.group, weights=self.cells.n, minlength=len(self.groups))
        return np.asarray(np.rint(seen) + self.hidden["n"].to_numpy(np.int64), np.int64)

    @property
    def name(self) -> str:
        """The item and its columns, as people read them."""
        return f"{self.item} by {', '.join(self.by)}" if self.by else self.item


@dataclass(frozen=True, eq=False)
class Calibration:
    """What calibration takes off influence values, summed beforehand; see `calibration.residuals`.

    Parameters
    ----------
    sizes : tuple of int
        Calibration variables of each step.
    inverse : tuple of array (variables, variables)
    totals : array (units, all variables)
    later : tuple of tuple of array
        Of each step with the later ones.
    """

    sizes: tuple[int, ...]
    inverse: tuple[Array, ...]
    totals: Array
    later: tuple[tuple[Array, ...], ...]

    @classmethod
    def of(cls, residuals: Residuals) -> Calibration | None:
        """None where weights were not calibrated."""
        steps = residuals.steps
        if not steps:
            return None
        return cls(
            tuple(s.unit_totals.shape[1] for s in steps),
            tuple(s.inverse for s in steps),
            np.hstack([s.unit_totals for s in steps]),
            tuple(s.later for s in steps),
        )

    @property
    def starts(self) -> tuple[int, ...]:
        """The first variable of each step."""
        return tuple(int(n) for n in np.cumsum((0, *self.sizes[:-1])))

    @property
    def residuals(self) -> Residuals:
        """The steps without rows."""
        parts = zip(self.starts, self.sizes, self.inverse, self.later, strict=True)
        return Residuals(tuple(Step.summed(at, m, self.totals[:, at : at + n], later) for at, n, m, later in parts))
