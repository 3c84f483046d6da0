"""Weights that were brought to known totals, of rows that are never kept: a factor for each cell of the margins.

All that such a weight is made of is a base weight, which stands in the row, and factors that depend on what stands in
the columns of the margins. So a short list of cells and factors does for any number of rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from survey.base.arrays import Array
from survey.base.codes import Ints
from survey.calibration.residuals import Block, Residuals, Step
from survey.core.log import LogEntry
from survey.design.design import Adjustment, Design
from survey.sample import Sample
from survey.scanning.columns import Column
from survey.scanning.weigher import Changed, Weigher
from survey.weighting.apply import free_name, reweighted

__all__ = ["Weighing", "with_base_weights"]


@dataclass(frozen=True, eq=False)
class CellBlock:
    """Calibration variables of cells: the indicators of a margin, or a number.

    Parameters
    ----------
    code : int array (cells,)
    size : int
    values : array (cells,)
        What a cell's weight is multiplied by in the regression.
    """

    code: Ints
    size: int
    values: Array

    @property
    def variables(self) -> Any:
        """What a cell's weight adds to each: sparse (variables, cells)."""
        from scipy import sparse

        place = (self.code, np.arange(len(self.code)))
        return sparse.csr_array((self.values, place), shape=(self.size, len(self.code)))

    def of_rows(self, cell: Ints, weights: Array) -> Step:
        """The variables of rows that are in cells, as far as they are summed."""
        nobody = np.zeros((0, 0))
        return Step((Block(self.code[cell], self.size),), nobody, self.values[cell] * weights, nobody, nobody)


@dataclass(frozen=True, eq=False)
class Weighing:
    """Adjustments of the weights by cells of some columns, oldest first.

    Parameters
    ----------
    base : Design
        As the source has it: the weights from before, and no adjustment.
    cells : DataFrame (cells, columns)
        The combinations of values that occur, each once.
    factors : tuple of array (cells,)
        What each adjustment multiplies weights by.
    adjustments : tuple of Adjustment
    into : tuple of str
        What the weights after each are called.
    residuals : Residuals
        What estimates take off, without rows.
    blocks : tuple of CellBlock
        The calibration variables of all adjustments, in turn.
    entries : tuple of LogEntry
        What the log says of each.
    """

    base: Design
    cells: pd.DataFrame
    factors: tuple[Array, ...]
    adjustments: tuple[Adjustment, ...]
    into: tuple[str, ...]
    residuals: Residuals
    blocks: tuple[CellBlock, ...]
    entries: tuple[LogEntry, ...] = ()
    _index: list[pd.Index] = field(default_factory=list, repr=False)

    @classmethod
    def of(cls, sample: Sample, base: Design, names: Sequence[str]) -> Weighing:
        """What was done to the weights of a sample, by cells of the columns that it was done by."""
        frame, adjustments = sample.data, sample.design.adjustments
        first = ~frame[list(names)].duplicated().to_numpy()
        columns = [*(str(a.weights_before) for a in adjustments), str(sample.design.weights)]
        weights = [frame[c].to_numpy(float)[first] for c in columns]
        factors = tuple(after / before for before, after in pairwise(weights))
        cells = frame.loc[first, list(names)].reset_index(drop=True)
        residuals, rows = sample.residuals, np.flatnonzero(first)
        blocks = _blocks(residuals, sample.weights, rows)
        return cls(base, cells, factors, adjustments, tuple(columns[1:]), residuals.without_rows(), blocks)

    @property
    def names(self) -> list[str]:
        """The columns that the factors depend on."""
        return list(self.cells.columns)

    def weigher(self, columns: dict[str, Column]) -> Weigher:
        """The look-up of weights in batches; `columns` are those of `names`."""
        return Weigher.of(self.base, columns, self.cells, np.asarray(np.prod(np.stack(self.factors), axis=0)))

    @property
    def variables(self) -> Any:
        """What a cell's weight adds to each calibration variable: sparse (variables, cells)."""
        from scipy import sparse

        return sparse.vstack([block.variables for block in self.blocks], format="csr")

    def place(self, frame: pd.DataFrame) -> Ints:
        """The cell of each row, -1 where there is none: (rows,)."""
        if not self._index:
            self._index.append(pd.MultiIndex.from_frame(self.cells.astype(object)))
        return np.asarray(self._index[0].get_indexer(pd.MultiIndex.from_frame(frame[self.names].astype(object))))

    def applied(self, sample: Sample) -> Sample:
        """A sample with the base weights, weighted likewise; each adjustment is remembered as it was made.

        As in `Weigher.weights`, who weighs nothing may be in no cell.
        """
        cell = self.place(sample.data)
        if ((cell < 0) & (sample.weights > 0)).any():
            raise Changed.of(self.names)
        replicates = sample.design.replicates
        sample = Sample.of(sample.responses, replace(sample.design, replicates=None), sample.structure)
        for factor, adjustment, into in zip(self.factors, self.adjustments, self.into, strict=True):
            sample = reweighted(sample, sample.weights * factor[cell], into, adjustment, "")
        design = replace(sample.design, replicates=replicates)
        return Sample.of(sample.responses, design, sample.structure)


def _blocks(residuals: Residuals, weights: Array, rows: Ints) -> tuple[CellBlock, ...]:
    """The calibration variables of cells, of each of which one row is given."""
    found = []
    for step in residuals.steps:
        share = step.share[rows] / weights[rows]
        for block in step.blocks:
            values = share if block.number is None else share * block.number[rows]
            found.append(CellBlock(block.code[rows], block.size, values))
    return tuple(found)


def with_base_weights(sample: Sample, taken: Sequence[str]) -> Sample:
    """A sample of respondents who are alike with its weights as a column, whatever else its columns are called."""
    given = sample.design.weights
    names: dict[str, Any] = dict.fromkeys((*sample.data.columns, *(taken if given is None else ())))
    own = free_name("w_equal" if given is None else given, pd.DataFrame(columns=list(names)))
    data = sample.data.assign(**{own: sample.weights})
    responses = replace(sample.responses, data=data)
    return Sample.of(responses, replace(sample.design, weights=own), sample.structure)
