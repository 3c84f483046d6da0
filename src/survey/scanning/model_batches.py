"""The rows of a model, a batch at a time: who is in it, and the numbers of its matrix."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Protocol, Self, TypeVar

import numpy as np
import pandas as pd

from survey.base.arrays import Array
from survey.base.codes import Ints, numbers
from survey.base.expressions import mask
from survey.base.formula import Formula
from survey.calibration.model_matrix import factor_column, is_number, model_matrix
from survey.design.design import Design
from survey.scanning.first_pass import Clusters
from survey.scanning.steps import Steps
from survey.scanning.weigher import Weigher, weighed

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Coding", "Fold", "ModelBatches", "Part", "Total"]

_CELLS = 4_000_000
"""Numbers of a matrix that is made at a time: 32 MB."""


class Adds(Protocol):
    """What is counted of a part of the rows, and adds."""

    def __add__(self, other: Self, /) -> Self: ...


A = TypeVar("A", bound=Adds)


@dataclass(frozen=True)
class Part:
    """Respondents of a model: those of a batch who have all variables, are in the domain and weigh something.

    Parameters
    ----------
    frame : DataFrame (rows, variables)
    weights : array (rows,)
    unit : int array (rows,)
    cell : int array (rows,), or None
        What weights were adjusted by, where they were.
    """

    frame: pd.DataFrame
    weights: Array
    unit: Ints
    cell: Ints | None

    def __len__(self) -> int:
        return len(self.weights)

    def pieces(self, rows: int) -> Iterator[Part]:
        """The same in pieces of so many rows."""
        for start in range(0, len(self), rows):
            at = slice(start, start + rows)
            cell = None if self.cell is None else self.cell[at]
            yield Part(self.frame.iloc[at], self.weights[at], self.unit[at], cell)


@dataclass(frozen=True)
class ModelBatches:
    """What of each batch is in a model; plain data, sent to where the rows are.

    Parameters
    ----------
    steps : Steps
    design : Design
        Of the weights that stand in the rows.
    clusters : Clusters
    variables : tuple of str
        Columns of the formula.
    looked_at : tuple of str
        With those of `where`.
    where : str or None
    weigher : Weigher or None
    """

    steps: Steps
    design: Design
    clusters: Clusters
    variables: tuple[str, ...]
    looked_at: tuple[str, ...]
    where: str | None
    weigher: Weigher | None

    @property
    def reads(self) -> list[str]:
        """Columns of the source that are read."""
        weighed_by = () if self.weigher is None else tuple(self.weigher.columns)
        return list(dict.fromkeys((*self.steps.read([*self.looked_at, *weighed_by]), *self.design.columns)))

    def parts(self, batches: Iterable[pa.RecordBatch]) -> Iterator[Part]:
        """The respondents of the model in each batch."""
        start = 0
        for batch in batches:
            unit = self.clusters.unit(batch, self.design, self.steps, start)
            weights, cell = weighed(batch, self.design, self.weigher, self.steps, start)
            responses = self.steps.responses(batch.select(self.steps.read(self.looked_at)), start, self.looked_at)
            start += batch.num_rows
            inside = weights > 0
            if self.where is not None:
                inside &= mask(self.where, responses.data)
            columns = {}
            for name in self.variables:
                column = responses.data[name]
                if is_number(column):
                    column = pd.Series(numbers(column), name=name)
                    inside &= ~np.isnan(column.to_numpy())
                else:
                    inside &= column.notna().to_numpy()
                columns[name] = column.reset_index(drop=True)
            frame = pd.DataFrame(columns)
            if inside.all():
                yield Part(frame, weights, unit, cell)
            elif inside.any():
                at = np.flatnonzero(inside)
                yield Part(frame.iloc[at], weights[at], unit[at], None if cell is None else cell[at])


@dataclass(frozen=True)
class Coding:
    """A formula and what is known of its variables before rows are read again.

    Parameters
    ----------
    formula : Formula
    spelled : mapping of str to str
        The column behind each variable.
    first : mapping of str to Series
        Rows in which every category occurs, checked and coded: they stand before those of each part, so that the
        columns of the matrix are the same in all.
    width : int
        Columns of the matrix.
    keep : tuple of int, optional
        Columns that are in the model; left out, all.
    """

    formula: Formula
    spelled: Mapping[str, str]
    first: Mapping[str, pd.Series]
    width: int
    keep: tuple[int, ...] | None = None

    def pieces(self, part: Part) -> Iterator[tuple[Part, Array, Array]]:
        """A part in pieces whose matrix fits: each with its outcome (rows,) and its matrix (rows, columns)."""
        for piece in part.pieces(max(1_000, _CELLS // max(self.width, 1))):
            columns = {v: self._column(v, piece.frame[name]) for v, name in self.spelled.items()}
            known = len(next(iter(self.first.values())))
            made = model_matrix(self.formula, columns, known + len(piece), known)
            x = made.values[known:]
            yield piece, made.outcome[known:], x if self.keep is None else x[:, list(self.keep)]

    def _column(self, variable: str, column: pd.Series) -> pd.Series:
        first = self.first[variable]
        if isinstance(first.dtype, pd.CategoricalDtype):
            found = factor_column(column, str(column.name)).cat.set_categories(first.cat.categories)
            return pd.concat([first, found.astype(first.dtype)], ignore_index=True)
        return pd.concat([first.astype(float), column.astype(float)], ignore_index=True)


@dataclass(frozen=True)
class Total(Generic[A]):
    """A sum of what parts gave; of no part there is nothing."""

    value: A | None = None

    def __add__(self, other: Total[A]) -> Total[A]:
        if self.value is None or other.value is None:
            return self if other.value is None else other
        return Total(self.value + other.value)


@dataclass(frozen=True)
class Fold(Generic[A]):
    """A pass: what is made of every part, added up; plain data too."""

    batches: ModelBatches
    coding: Coding | None
    make: Callable[..., A]

    def __call__(self, batches: Iterable[Any]) -> Total[A]:
        total: Total[A] = Total()
        for part in self.batches.parts(batches):
            if self.coding is None:
                total += Total(self.make(part))
                continue
            for piece, y, x in self.coding.pieces(part):
                total += Total(self.make(piece, y, x))
        return total
