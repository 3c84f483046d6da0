"""The weights of a batch, where they are base weights times a factor by what stands in a few columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.base.arrays import Array
from survey.base.codes import ROOM, Ints
from survey.design.design import Design
from survey.errors import ReadError
from survey.scanning.columns import Column
from survey.scanning.first_pass import weights_in
from survey.scanning.passing import places_of
from survey.scanning.steps import Steps

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Changed", "Weigher", "weighed"]


class Changed(ReadError):
    """Rows are in cells that were not there when the weights were made."""

    @classmethod
    def of(cls, names: Sequence[str]) -> Changed:
        """The error of cells of some columns."""
        return cls(
            "The source changed while it was read: it holds categories that the weights were not made for.",
            where=", ".join(names),
            fix="scan it again, and weight it again",
        )


@dataclass(frozen=True, eq=False)
class Weigher:
    """What says of each row of a batch in which cell it is and what it weighs; plain data, sent to where the rows are.

    Parameters
    ----------
    base : Design
        Of the weights that stand in the rows.
    columns : dict of name to Column
        What the cells are made of.
    values : dict of name to list
        Values of each that occur in cells.
    keys : int array (cells,)
        Cells by their values in one number, in order.
    cells : int array (cells,)
        The cell of each key.
    factors : array (cells,)
        What base weights are multiplied by.
    """

    base: Design
    columns: dict[str, Column]
    values: dict[str, list[Any]]
    keys: Ints
    cells: Ints
    factors: Array

    @classmethod
    def of(cls, base: Design, columns: dict[str, Column], cells: pd.DataFrame, factors: Array) -> Weigher:
        """Cells as a look-up of values."""
        values = {name: list(dict.fromkeys(cells[name].tolist())) for name in columns}
        key: Ints = np.zeros(len(cells), np.int64)
        for name, held in values.items():
            place = {value: i for i, value in enumerate(held)}
            key = key * (len(held) + 1) + np.array([place[v] for v in cells[name].tolist()], np.int64)
        order = np.argsort(key)
        return cls(base, columns, values, key[order], order, factors)

    @property
    def size(self) -> int:
        """Combinations of values, each with one for what is in no cell."""
        return int(np.prod([len(held) + 1.0 for held in self.values.values()]))

    def cell(self, places: Mapping[str, NDArray[Any]], rows: int) -> Ints:
        """The cell of each row, -1 where there is none: (rows,).

        Parameters
        ----------
        places : dict of name to int array (rows,)
            What stands in each column, as its `Column` says.
        """
        key: Ints = np.zeros(rows, np.int64)
        for name, held in self.values.items():
            key = key * (len(held) + 1) + self.columns[name].slots(held, False)[places[name]]
        if self.size <= ROOM:
            table = np.full(self.size, -1)
            table[self.keys] = self.cells
            return np.asarray(table[key], np.int64)
        at = np.minimum(np.searchsorted(self.keys, key), len(self.keys) - 1)
        return np.where(self.keys[at] == key, self.cells[at], -1)

    def weights(self, batch: pa.RecordBatch, steps: Steps, start: int) -> tuple[Array, Ints]:
        """Weights of a batch, and the cell of each row: (rows,), (rows,). Who weighs nothing may be in none.

        Raises
        ------
        ReadError
            If a row is in a cell that the weights were not made for.
        """
        places, _ = places_of(batch, self.columns, steps, start)
        weights, cell = weights_in(batch, self.base, steps, start), self.cell(places, batch.num_rows)
        if ((cell < 0) & (weights > 0)).any():
            raise Changed.of(list(self.columns))
        return np.where(cell < 0, 0.0, weights * self.factors[np.maximum(cell, 0)]), np.maximum(cell, 0)


def weighed(
    batch: pa.RecordBatch, design: Design, weigher: Weigher | None, steps: Steps, start: int
) -> tuple[Array, Ints | None]:
    """Weights of a batch, and the cells that they were adjusted by; None where they are as they stand in the rows."""
    return (weights_in(batch, design, steps, start), None) if weigher is None else weigher.weights(batch, steps, start)
