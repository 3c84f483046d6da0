"""Passes over rows whose weights were adjusted: once by cluster, and once by the cells that weights were adjusted by.

The second gives the sums that calibrated weights take off influence values: calibration variables are sums of cells.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.base.codes import Ints
from survey.design.design import Design
from survey.scanning.first_pass import Clusters
from survey.scanning.pair_pass import PairPass, PairTally
from survey.scanning.passing import Pass, Tally
from survey.scanning.readers import Reader
from survey.scanning.steps import Steps
from survey.scanning.weigher import Weigher

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["weighted_tally"]

_CELL = "\0cell"
"""A column that no source has."""


@dataclass(frozen=True)
class _Cells(Clusters):
    """Cells in place of clusters."""

    def unit(self, batch: pa.RecordBatch, design: Design, steps: Steps, start: int) -> Ints:
        """The cell of each row of a batch."""
        return np.asarray(batch.column(_CELL), np.int64)


def weighted_tally(reader: Reader, one: Pass, weigher: Weigher, variables: Any | None) -> Tally:
    """What a pass counts with the weights that a weigher gives, with its sums by calibration variable.

    Parameters
    ----------
    reader : Reader
    one : Pass
        Of the design whose weights the weigher gives.
    weigher : Weigher
    variables : sparse array (variables, cells)
        What the weight of a cell adds to each calibration variable; None where no sums by variable are wanted.
    """
    base = replace(one, design=weigher.base)
    reads = list(dict.fromkeys((*base.reads, *one.steps.read(list(weigher.columns)))))
    tally = reader.gather(reads, partial(_counted, one, weigher))
    if variables is None:
        return tally
    cells, tables = len(weigher.factors), one.by_tables() if isinstance(one, PairPass) else one
    structure = replace(one.clusters.structure, units=cells)
    other = replace(tables, clusters=_Cells(structure, pd.Series(dtype="int64"), one.clusters.rows, pd.DataFrame()))
    by_cell = reader.gather(reads, partial(_counted, other, weigher))
    g = len(one.groups)
    margins = [
        _summed(variables, table.reshape(cells, g + 1, counter.slots + 1))
        for counter, table in zip(one.answers, by_cell.sums, strict=True)
    ]
    of_moments = [_summed(variables, of_cells.sums) for of_cells in by_cell.moments]
    if isinstance(tally, PairTally):
        tally.margins = [*(table[:, :-1, :-1] for table in margins), *of_moments]
        return tally
    tally.margins = [table.reshape(-1) for table in margins]
    tally.moments = [replace(own, margins=table) for own, table in zip(tally.moments, of_moments, strict=True)]
    return tally


def _summed(variables: Any, table: NDArray[Any]) -> NDArray[Any]:
    """Sums of cells (cells, ...) by calibration variable."""
    flat = variables @ table.reshape(len(table), -1)
    return np.asarray(flat).reshape(-1, *table.shape[1:])


def _counted(one: Pass, weigher: Weigher, batches: Iterable[pa.RecordBatch]) -> Tally:
    return one.count(_weighted(one, weigher, batches))


def _weighted(one: Pass, weigher: Weigher, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Batches with their weights and cells as columns."""
    import pyarrow as pa

    start = 0
    for batch in batches:
        weights, cell = weigher.weights(batch, one.steps, start)
        start += batch.num_rows
        columns = [*batch.columns, pa.array(weights), pa.array(cell)]
        yield pa.record_batch(columns, names=[*batch.schema.names, str(one.design.weights), _CELL])
