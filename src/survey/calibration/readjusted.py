"""Replicate weights that went the same way as the weights: every adjustment is repeated in every replicate.

A replicate multiplies clusters, an adjustment multiplies cells. So the sums that an adjustment looks at are, for all
replicates at once, a product of the clusters' sums by cell with the multipliers, and what comes out is a factor a cell
and replicate: there is no table of respondents by replicates (Valliant, Dever & Kreuter 2018, section 15.4).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from survey.base.arrays import Array
from survey.base.codes import ROOM, Ints, by_unit
from survey.calibration.problem import indicators_of, joint_cells
from survey.design.coded_design import CodedDesign
from survey.design.design import Replicates

__all__ = ["Factor", "Readjusted", "multiplier_rows"]

"""Numbers in one passing table of rows by replicates."""


@dataclass(frozen=True, slots=True)
class Factor:
    """What one adjustment multiplies replicate weights by.

    Parameters
    ----------
    code : int array (rows,)
        Cell of each respondent.
    cells : array (cells, replicates)
    rows : array (rows,), optional
        A part that is the same in every replicate: trimming and scaling of samples stored before these were repeated.
    """

    code: Ints
    cells: Array
    rows: Array | None = None


@dataclass(frozen=True, slots=True)
class Readjusted:
    """The weights of the respondents in every replicate.

    Parameters
    ----------
    base : array (rows,)
        Weights from before all adjustments; ones where a producer's columns are complete weights themselves.
    unit : int array (rows,)
        Row of the multipliers of each respondent.
    multipliers : array (units, replicates)
    factors : tuple of Factor
    """

    base: Array
    unit: Ints
    multipliers: Array
    factors: tuple[Factor, ...] = ()

    @property
    def count(self) -> int:
        """Number of replicates."""
        count: int = self.multipliers.shape[1]
        return count

    def chunks(self) -> Iterator[slice]:
        """Slices of the rows whose weights in all replicates fit into a passing table."""
        step = max(ROOM // max(self.count, 1), 256)
        for start in range(0, len(self.base), step):
            yield slice(start, min(start + step, len(self.base)))

    def weights(self, at: slice | Ints) -> Array:
        """Weights of some rows in all replicates: (rows, replicates)."""
        out: Array = self.multipliers[self.unit[at]]
        out *= self.base[at, None]
        for factor in self.factors:
            out *= factor.cells[factor.code[at]]
            if factor.rows is not None:
                out *= factor.rows[at, None]
        return out

    def replicate(self, r: int) -> Array:
        """Weights of all rows in one replicate."""
        out: Array = self.base * self.multipliers[self.unit, r]
        for factor in self.factors:
            out *= factor.cells[factor.code, r]
            if factor.rows is not None:
                out *= factor.rows
        return out

    def sums(self, code: Ints, size: int, *, counts: bool = False) -> Array:
        """Sums of the weights by code in all replicates, or numbers of those who have one: (size, replicates)."""
        if counts:
            return by_unit((self.multipliers != 0).astype(float), self.unit, code, (self.base != 0).astype(float), size)
        base, codes, sizes = self.base, [code], [size]
        for factor in self.factors:
            base = base if factor.rows is None else base * factor.rows
            if len(factor.cells) > 1:
                codes.append(factor.code)
                sizes.append(len(factor.cells))
        cell, own = joint_cells(codes, sizes) if len(codes) > 1 else (code, [np.arange(size)])
        fine = by_unit(self.multipliers, self.unit, cell, base, len(own[0]))
        parts = iter(own[1:])
        for factor in self.factors:
            fine *= factor.cells[next(parts)] if len(factor.cells) > 1 else factor.cells
        if len(own) == 1:
            out = np.zeros((size, self.count))
            out[own[0]] = fine
            return out
        summed: Array = indicators_of(own[0], size) @ fine
        return summed


def multiplier_rows(structure: CodedDesign, replicates: Replicates) -> tuple[Ints, Ints]:
    """Which row of the multipliers belongs to each respondent, and to each nonrespondent."""
    if structure.elements is not None and not structure.stages:
        drawn = np.arange(len(structure.drawn))
        return drawn[: structure.rows], drawn[structure.rows :]
    if replicates.per == "psu":
        return structure.psu[structure.unit], structure.psu[structure.silent]
    return structure.unit, structure.silent
