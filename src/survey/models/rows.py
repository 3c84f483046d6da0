"""The respondents of a model: those who are alike in every variable stand together, as one row of its matrix.

Answers take few values, and so a million respondents of a model with categorical predictors are a few dozen rows with
the sum of their weights. Where a variable takes many values, or a term looks at the whole column (scale, splines),
each respondent is a row; results are the same.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.base._formula_tree import Column, Node, as_numbers
from survey.base.arrays import Array, tallied, weighted_count
from survey.base.codes import Ints, joined
from survey.base.formula import Formula, Term
from survey.calibration.model_matrix import ModelMatrix, is_number
from survey.codebook.told import describe_terms
from survey.design.coded_design import CodedDesign
from survey.words.behind import RowCounts

__all__ = ["ModelRows", "columns_in", "term_names"]


@dataclass(frozen=True)
class ModelRows:
    """The rows of a model.

    Parameters
    ----------
    formula : Formula
    structure : CodedDesign
    located : int array (respondents,), or a function that gives it
        As `code`, which asks for it once: of counts it is not needed.
    columns : mapping of str to Series (rows,)
        The variables by the formula's names, in the rows of the matrix.
    matrix : ModelMatrix
        Outcome (rows,) and values (rows, coefficients).
    n : int array (rows,)
        Respondents.
    weights : array (rows,)
        The sum of their weights.
    counted : array (units, rows) and int array (units,), optional
        Sums of weights by unit of the design and row, and respondents by unit, where they were counted.
    """

    formula: Formula
    structure: CodedDesign
    located: Ints | Callable[[], Ints]
    columns: Mapping[str, pd.Series]
    matrix: ModelMatrix
    n: Ints
    weights: Array
    counted: tuple[Array, Ints] | None = None

    def __len__(self) -> int:
        return len(self.n)

    @property
    def people(self) -> int:
        """Respondents of the model."""
        return int(self.n.sum())

    def people_with(self, values: Mapping[str, Any]) -> int:
        """Respondents of the model who have all of some values."""
        have = np.all([(self.columns[v] == value).to_numpy(bool) for v, value in values.items()], axis=0)
        return int(self.n[have].sum())

    def has_two_values(self, variable: str) -> bool:
        """Whether a number has two values at most."""
        return bool(self.columns[variable].nunique() <= 2)

    def refuse_averages(self, at: Collection[str] | None, groups: int) -> None:
        """Raise where averages over respondents cannot be told, with the variables `at` set, in so many groups."""

    def counts(self, names: Sequence[str], thresholds: bool = False) -> RowCounts:
        """Counts of the rows of the matrix, with a column of ones for `thresholds`, which it does not have."""
        x = self.matrix.values
        return RowCounts.of(np.hstack([x, np.ones((len(x), 1))]) if thresholds else x, names, self.n.astype(float))

    @cached_property
    def code(self) -> Ints:
        """Row of the matrix of each respondent of the sample; `len(self)` for those outside the model."""
        return self.located() if callable(self.located) else self.located

    @cached_property
    def used(self) -> NDArray[np.bool_]:
        """Which respondents of the sample are in the model: (respondents,)."""
        return self.code < len(self)

    @cached_property
    def unit_n(self) -> Ints:
        """Respondents of the model in each counted unit of the design: (units,)."""
        if self.counted is not None:
            return self.counted[1]
        if self._unit_place is not None:
            table = tallied(self._unit_place, self.structure.people, self._cells).reshape(-1, len(self) + 1)
            return np.asarray(table[:, :-1].sum(axis=1))
        people = None if self.structure.people is None else self.structure.people[self.used]
        return tallied(self.structure.unit[self.used], people, self.structure.units)

    @cached_property
    def _cells(self) -> int:
        return self.structure.units * (len(self) + 1)

    @cached_property
    def _unit_place(self) -> Ints | None:
        """Unit and row of each respondent in one number; None where that table would be larger than the data."""
        if self._cells > max(4 * self.structure.rows, 100_000):
            return None
        return self.structure.unit * (len(self) + 1) + self.code

    @cached_property
    def _unit_weights(self) -> Array | None:
        if self.counted is not None:
            return self.counted[0]
        if self._unit_place is None:
            return None
        return weighted_count(self._unit_place, self.structure.weights, self._cells).reshape(-1, len(self) + 1)[:, :-1]

    def unit_totals(self, values: Array) -> Array:
        """Sums of w times values (rows, statistics) in the counted units of the design: (units, statistics)."""
        if self._unit_weights is not None:
            return _product(self._unit_weights, values)
        return self.totals(self.structure.unit, self.structure.units, self.structure.weights, values)

    def totals(self, key: Ints, size: int, weights: Array, values: Array) -> Array:
        """Sums of weights (respondents,) times values (rows, statistics) by a key of the respondents below `size`."""
        width = len(self) + 1
        if size * width <= max(4 * len(key), 100_000):
            table = weighted_count(key * width + self.code, weights, size * width).reshape(size, width)
            return np.asarray(table[:, :-1] @ values)
        at = np.flatnonzero(self.used)
        code, key, weights = self.code[at], key[at], weights[at]
        return np.stack([weighted_count(key, weights * column[code], size) for column in values.T], axis=1)

    def with_matrix(self, keep: NDArray[np.bool_]) -> Self:
        """The same with only some of the columns of the matrix."""
        at, m = np.flatnonzero(keep), self.matrix
        names, terms = [m.names[j] for j in at], [m.term[j] for j in at]
        made = replace(m, values=m.values[:, at], names=names, term=terms)
        out = replace(self, matrix=made)
        for name in ("code", "used", "unit_n", "_cells", "_unit_place", "_unit_weights"):
            if name in self.__dict__:
                out.__dict__[name] = self.__dict__[name]
        return out

    def only(self, keep: NDArray[np.bool_]) -> ModelRows:
        """Some of the rows of the matrix; who is in the others is outside."""
        at, m = np.flatnonzero(keep), self.matrix
        place = np.full(len(self) + 1, len(at))
        place[at] = np.arange(len(at))
        matrix = replace(m, outcome=m.outcome[at], values=m.values[at])
        columns = {v: column.iloc[at] for v, column in self.columns.items()}
        return ModelRows(self.formula, self.structure, place[self.code], columns, matrix, self.n[at], self.weights[at])

    def has_empty_cell(self, term: Term) -> bool:
        """Whether a term crosses categories, or numbers of two values, of which some combination has no respondents."""
        parts = []
        for factor in term:
            names = sorted(columns_in(factor))
            size, codes = self.combined(names)
            if size > 2 and any(v in as_numbers(factor) and is_number(self.columns[v]) for v in names):
                return False
            parts.append((codes, size))
        there = self.combinations([codes for codes, _ in parts])
        return there < int(np.prod([size for _, size in parts]))

    def combined(self, names: Sequence[str]) -> tuple[int, Any]:
        """How many combinations of some variables occur, and the combination of each row: (rows,)."""
        code = joined((pd.factorize(self.columns[v])[0], len(self)) for v in names)
        return int(code.max()) + 1, code

    def combinations(self, codes: Sequence[Any]) -> int:
        """How many combinations of what `combined` gives occur."""
        return len(np.unique(np.stack(codes, axis=1), axis=0))

    def split(self, group: Ints, groups: int) -> tuple[ModelRows, Ints, Ints]:
        """Rows of respondents who are alike and in one group, and the row and group that each comes from.

        Parameters
        ----------
        group : int array (respondents,)
            Below `groups`; others belong to one group more, `groups`.
        groups : int
        """
        width = groups + 1
        at, place = np.unique((self.code * width + group)[self.used], return_inverse=True)
        code = np.full(len(self.code), len(at))
        code[self.used] = place
        n = tallied(code, self.structure.people, len(at) + 1)[:-1]
        weights = weighted_count(code, self.structure.weights, len(at) + 1)[:-1]
        row, own = np.divmod(at, width)
        matrix = replace(self.matrix, outcome=self.matrix.outcome[row], values=self.matrix.values[row])
        columns = {v: column.iloc[row] for v, column in self.columns.items()}
        return ModelRows(self.formula, self.structure, code, columns, matrix, n, weights), row, own


def _product(sums: Array, values: Array) -> Array:
    """sums (units, rows) @ values, in parts so small that BLAS starts no threads, which would wait for each other."""
    out = np.empty((len(sums), values.shape[1]))
    step = max(1, 200_000 // max(1, values.size))
    for start in range(0, len(sums), step):
        np.dot(sums[start : start + step], values, out=out[start : start + step])
    return out


def term_names(rows: ModelRows, which: NDArray[Any]) -> list[str]:
    """Names of some coefficients; a level that few respondents have may be what one of them wrote, and is not told."""
    if not which.any():
        return []
    return describe_terms(rows.matrix.names, rows.matrix.values, np.flatnonzero(which), rows.n)


def columns_in(node: Node) -> set[str]:
    """The columns that a factor reads, as numbers or as levels."""
    inner = getattr(node, "column", None)
    return {inner.name} if isinstance(inner, Column) else as_numbers(node)
