"""A calibration as the solvers see it: cells of respondents who are alike in all that is known of the population.

Margins take few categories, so the weights of a million respondents move together in a few hundred cells, and every
iteration runs on the cells.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from survey.base.arrays import Array, weighted_count
from survey.base.codes import Ints, factorize, first_of, joined
from survey.calibration.joint_cells import Joint
from survey.calibration.margins import CodedMargin, code_margins
from survey.codebook.told import describe_groups, describe_rows
from survey.design.targets import Targets
from survey.errors import TargetsError

__all__ = ["Problem", "gaps_of", "indicators_of", "joint_cells"]


@dataclass(frozen=True)
class Problem:
    """Cells and what must hold of them.

    Parameters
    ----------
    joint : Joint
        Which cell each respondent is in.
    start : array (cells,)
        Weight in each cell.
    x : sparse array (cells, targets)
        What one unit of weight in a cell adds to each target.
    totals : array (targets,)
    codes : tuple of int arrays (cells,)
        Category of each cell in each margin; empty for households, whose members differ.
    margins : list of CodedMargin
    scale : array (cells,) or 1
        What the weights were multiplied by to give `start`.
    households : Series (cells,), optional
        Their labels, where a cell is a household.
    """

    joint: Joint
    start: Array
    x: Any
    totals: Array
    codes: tuple[Ints, ...]
    margins: list[CodedMargin]
    scale: Array | float = 1.0
    households: pd.Series | None = None

    @classmethod
    def of(cls, margins: list[CodedMargin], weights: Array, unit: pd.Series | None = None) -> Problem:
        """Cells of coded margins; with `unit`, one cell per household, in which all members get one factor.

        `weights` are those that the margins were coded with.

        Raises
        ------
        TargetsError
            If members of a household have no household or different weights before.
        """
        if unit is not None:
            return _households(margins, weights, unit)
        x = _indicators([(m.own, len(m.categories), m.values) for m in margins])
        totals = np.concatenate([m.totals for m in margins])
        return cls(margins[0].joint, margins[0].joint.sums, x, totals, tuple(m.own for m in margins), margins)

    @classmethod
    def on(
        cls,
        data: pd.DataFrame,
        targets: Targets,
        weights: Array | None,
        unit: str | None,
        people: Ints | None = None,
    ) -> Problem:
        """The problem of data and targets, the same for every way to meet them; without `weights` all are 1.

        `people` is how many respondents a row stands for, as `CodedDesign.people`.

        Raises
        ------
        TargetsError
            If targets and data do not match; for households as `of`.
        """
        start = np.ones(len(data)) if weights is None else weights
        return cls.of(code_margins(data, targets, start, people), start, data[unit] if unit else None)

    @property
    def cell(self) -> Ints:
        """Cell of each respondent: (rows,)."""
        return self.joint.cell

    def scaled(self, scale: Array) -> Problem:
        """The same problem with the cells' weights multiplied."""
        return replace(self, start=self.start * scale, scale=scale)

    def weighted(self, weights: Array, factors: Array) -> Array:
        """Weights of the rows times the factors of their cells: (rows,)."""
        return self.joint.spread(factors * self.scale, weights)

    @property
    def labels(self) -> list[str]:
        """The targets in words, in the order of `totals`."""
        return [label for m in self.margins for label in m.labels]

    @property
    def counts_only(self) -> bool:
        """Whether all targets are numbers of people in categories, so that proportional fitting applies."""
        return bool(self.codes) and all(m.values is None for m in self.margins)

    def slices(self) -> list[slice]:
        """Where each margin's targets stand in `totals`."""
        ends = np.cumsum([len(m.categories) for m in self.margins])
        return [slice(end - len(m.categories), end) for end, m in zip(ends, self.margins, strict=True)]

    def gaps(self, factors: Array) -> Array:
        """Relative difference from each target: (targets,)."""
        return gaps_of(self.x, self.totals, self.start, factors)


def gaps_of(x: Any, totals: Array, start: Array, factors: Array) -> Array:
    """Relative differences of X' (start * factors) from the totals; of sums that cancel out, of what is summed."""
    weights = start * factors
    size = np.maximum(np.abs(totals), 1e-3 * (abs(x).T @ np.abs(weights)))
    gaps: Array = (x.T @ weights - totals) / np.where(size > 0, size, 1.0)
    return gaps


def indicators_of(code: Ints, size: int) -> Any:
    """Sparse indicators (size, cells) of a code: their product sums by it."""
    from scipy import sparse

    return sparse.csr_array((np.ones(len(code)), (code, np.arange(len(code)))), shape=(size, len(code)))


def joint_cells(codes: list[Ints], sizes: list[int]) -> tuple[Ints, list[Ints]]:
    """Occupied combinations of codes: the cell of each row, and each cell's code in every variable."""
    cell = joined(zip(codes, sizes, strict=True))
    first = first_of(cell, np.arange(len(cell)), int(cell.max(initial=-1)) + 1)
    return cell, [code[first] for code in codes]


def _indicators(blocks: list[tuple[Ints, int, Array | None]]) -> Any:
    from scipy import sparse

    cells = len(blocks[0][0])
    starts = np.cumsum([0] + [size for _, size, _ in blocks])
    columns = np.stack([code + start for (code, _, _), start in zip(blocks, starts[:-1], strict=True)], axis=1)
    values = np.stack([np.ones(cells) if number is None else number for _, _, number in blocks], axis=1)
    pointers = np.arange(0, columns.size + 1, len(blocks))
    return sparse.csr_array((values.ravel(), columns.ravel(), pointers), shape=(cells, int(starts[-1])))


def _households(margins: list[CodedMargin], weights: Array, unit: pd.Series) -> Problem:
    from scipy import sparse

    cell, labels = factorize([unit])
    if (cell < 0).any():
        raise TargetsError(
            "The household is missing for some respondents.",
            where=f"column {unit.name!r}, rows {describe_rows(unit.index, cell < 0)}",
            expected="a household for everyone",
            fix="give each person who lives alone a separate household id",
        )
    k = len(labels)
    counted = weights > 0
    n = np.maximum(np.bincount(cell[counted], minlength=k), 1)
    low, high = np.full(k, np.inf), np.zeros(k)
    np.minimum.at(low, cell[counted], weights[counted])
    np.maximum.at(high, cell, weights)
    uneven = high > low * (1 + 1e-9)
    if uneven.any():
        raise TargetsError(
            "Members of a household have different starting weights, so they cannot share a calibrated weight.",
            where=f"column {unit.name!r}, households {describe_groups(labels.iloc[np.flatnonzero(uneven), 0])}",
            got=f"{int(uneven.sum())} households",
            expected="one weight per household",
            fix="start from household weights, or calibrate without unit=",
        )
    rows = _indicators([(m.code, len(m.categories), m.number) for m in margins])
    member = sparse.csr_array((counted / n[cell], (cell, np.arange(len(cell)))), shape=(k, len(cell)))
    totals = np.concatenate([m.totals for m in margins])
    start = weighted_count(cell, weights, k)
    joint = Joint(cell, k, np.arange(k), start, [], [])
    named = labels.iloc[:, 0].rename(str(unit.name))
    return Problem(joint, start, member @ rows, totals, (), margins, households=named)
