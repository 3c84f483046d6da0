"""The respondents of a model: those who are alike in every variable stand together, as one row of its matrix.

Answers take few values, and so a million respondents of a model with categorical predictors are a few dozen rows with
the sum of their weights. Where a variable takes many values, or a term looks at the whole column (scale, splines),
each respondent is a row; results are the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.base._formula_tree import Column, Function, Negative, Node, Operation, as_numbers
from survey.base.arrays import Array, weighted_count
from survey.base.catalogue import Note
from survey.base.codes import Ints, joined, numbers
from survey.base.formula import Formula, Term
from survey.base.names import column_named
from survey.calibration.model_matrix import ModelMatrix, columns_of, factor_column, is_number, model_matrix
from survey.codebook._missing_codes import codes_left
from survey.codebook.ordered import refuse_names
from survey.codebook.told import describe_terms
from survey.core.sample_data import SampleData
from survey.counting.cells import code_answers
from survey.design.coded_design import CodedDesign
from survey.errors import EstimationError, shorten

__all__ = ["ModelRows", "Predictors", "columns_in", "model_rows", "term_names"]

MOST_LEVELS = 4_096
"""Values of a text column up to which respondents may be put together by it."""
_ROOM = 1 << 20
_LOOK_AT_ALL = ("center", "scale", "poly", "bs", "ns")
_AS_FACTOR = "write C({}); if its answers are ordered, declare them with set_scale(...)"


@dataclass(frozen=True)
class ModelRows:
    """The rows of a model.

    Parameters
    ----------
    formula : Formula
    structure : CodedDesign
    code : int array (respondents,)
        Row of the matrix of each respondent of the sample; `len(matrix.values)` for those outside the model.
    columns : mapping of str to Series (rows,)
        The variables by the formula's names, in the rows of the matrix.
    matrix : ModelMatrix
        Outcome (rows,) and values (rows, coefficients).
    n : int array (rows,)
        Respondents.
    weights : array (rows,)
        The sum of their weights.
    """

    formula: Formula
    structure: CodedDesign
    code: Ints
    columns: Mapping[str, pd.Series]
    matrix: ModelMatrix
    n: Ints
    weights: Array

    def __len__(self) -> int:
        return len(self.n)

    @cached_property
    def used(self) -> NDArray[np.bool_]:
        """Which respondents of the sample are in the model: (respondents,)."""
        return self.code < len(self)

    @cached_property
    def unit_n(self) -> Ints:
        """Respondents of the model in each counted unit of the design: (units,)."""
        if self._unit_place is not None:
            table = np.bincount(self._unit_place, minlength=self._cells).reshape(-1, len(self) + 1)
            return np.asarray(table[:, :-1].sum(axis=1))
        return np.bincount(self.structure.unit[self.used], minlength=self.structure.units)

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
        if self._unit_place is None:
            return None
        return weighted_count(self._unit_place, self.structure.weights, self._cells).reshape(-1, len(self) + 1)[:, :-1]

    def unit_totals(self, values: Array) -> Array:
        """Sums of w times values (rows, statistics) in the counted units of the design: (units, statistics)."""
        if self._unit_weights is not None:
            return np.asarray(self._unit_weights @ values)
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

    def with_matrix(self, keep: NDArray[np.bool_]) -> ModelRows:
        """The same with only some of the columns of the matrix."""
        at, m = np.flatnonzero(keep), self.matrix
        names, terms = [m.names[j] for j in at], [m.term[j] for j in at]
        made = replace(m, values=m.values[:, at], names=names, term=terms)
        out = replace(self, matrix=made)
        for name in ("used", "unit_n", "_cells", "_unit_place", "_unit_weights"):
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
            code = joined((pd.factorize(self.columns[v])[0], len(self)) for v in names)
            size = int(code.max()) + 1
            if size > 2 and any(v in as_numbers(factor) and is_number(self.columns[v]) for v in names):
                return False
            parts.append((code, size))
        there = len(np.unique(np.stack([code for code, _ in parts], axis=1), axis=0))
        return there < int(np.prod([size for _, size in parts]))

    def split(self, group: Ints, groups: int) -> tuple[ModelRows, Ints, Ints]:
        """Rows of respondents who are alike and in one group, and the row and group that each comes from.

        Parameters
        ----------
        group : int array (respondents,)
            Below `groups`; others belong to one group more, `groups`.
        groups : int
        """
        width = groups + 1
        at, place, n = np.unique((self.code * width + group)[self.used], return_inverse=True, return_counts=True)
        code = np.full(len(self.code), len(at))
        code[self.used] = place
        weights = weighted_count(code, self.structure.weights, len(at) + 1)[:-1]
        row, own = np.divmod(at, width)
        matrix = replace(self.matrix, outcome=self.matrix.outcome[row], values=self.matrix.values[row])
        columns = {v: column.iloc[row] for v, column in self.columns.items()}
        return ModelRows(self.formula, self.structure, code, columns, matrix, n, weights), row, own


class Predictors:
    """The terms of a formula in a domain, coded once for however many outcomes.

    Parameters
    ----------
    sample : Sample
    formula : Formula
        Its outcome is not looked at.
    inside : bool array (respondents,)
        The domain; who has a weight of 0 is outside of it.
    """

    def __init__(self, sample: SampleData, formula: Formula, inside: NDArray[np.bool_]) -> None:
        self.sample, self.inside = sample, inside
        outcome = set() if formula.outcome is None else columns_in(formula.outcome)
        terms = {v for term in formula.terms for factor in term for v in columns_in(factor)}
        self.names = [v for v in formula.variables if v in terms or v not in outcome]
        columns_of(formula, sample.data, "The formula names variables that are not in the data.")
        self.together = not any(_looks_at_all(f) for term in formula.terms for f in term)
        self.code: Ints | None = None
        self.size = 1
        if self.together:
            coded = self._joint(self.names)
            if coded is not None:
                self.code, self.size = coded

    def spelled(self, variable: str) -> str:
        """The column behind a variable, as the data write it."""
        return str(column_named(variable, self.sample.data.columns))

    def _joint(self, names: Iterable[str]) -> tuple[Ints, int] | None:
        """The combinations of some variables, -1 where one is missing; None where there are too many."""
        code: Ints | None = None
        size = 1
        for v in names:
            found = _small_codes(self.sample.data[self.spelled(v)])
            if found is None or size * found[1] > _ROOM:
                return None
            part, k = found
            code = part if code is None else np.where((code < 0) | (part < 0), -1, code * k + part)
            size *= k
        return (np.zeros(len(self.inside), np.int64) if code is None else code), size

    def with_outcome(self, outcome: Node | None) -> tuple[Ints, Ints]:
        """Row of the matrix of each respondent, and a respondent of each row: (respondents,), (rows,)."""
        further = [v for v in sorted(columns_in(outcome)) if v not in self.names] if outcome is not None else []
        together = self.code is not None and not (outcome is not None and _looks_at_all(outcome))
        coded = self._joint(further) if together else None
        if coded is None or self.code is None or self.size * coded[1] > _ROOM:
            return self._each([*self.names, *further])
        code, k = coded
        size = self.size * k
        key = self.code * k + code if further else self.code
        out = (self.code < 0) | (code < 0) | ~self.inside
        key = np.where(out, size, key)
        there = np.bincount(key, minlength=size + 1)[:size] > 0
        rows = int(there.sum())
        if rows > 64 and 2 * rows > len(key):
            return self._each([*self.names, *further])
        place = np.full(size + 1, rows)
        place[np.flatnonzero(there)] = np.arange(rows)
        key = place[key]
        first = np.zeros(rows + 1, np.int64)
        first[key[::-1]] = np.arange(len(key))[::-1]
        return key, first[:rows]

    def _each(self, names: Sequence[str]) -> tuple[Ints, Ints]:
        """Each respondent by themselves."""
        used = self.inside.copy()
        for v in names:
            column = self.sample.data[self.spelled(v)]
            used &= ~np.isnan(numbers(column)) if is_number(column) else column.notna().to_numpy()
        first = np.flatnonzero(used)
        code = np.full(len(used), len(first))
        code[first] = np.arange(len(first))
        return code, first


def model_rows(formula: Formula, predictors: Predictors, ordered: bool = False) -> tuple[ModelRows, tuple[str, ...]]:
    """The rows of one model, and notes on its terms; an `ordered` outcome may be categories.

    Raises
    ------
    EstimationError
        If no one has answered everything, a variable cannot be taken as it is, or a term is not finite.
    """
    sample = predictors.sample
    names = columns_of(formula, sample.data, "The formula names variables that are not in the data.")
    code, first = predictors.with_outcome(formula.outcome)
    if not len(first):
        raise EstimationError("No respondent has complete data for the model.", where=formula.text, got=shorten(names))
    data = sample.data
    numeric = {v: is_number(data[names[v]]) for v in formula.variables}
    n = np.bincount(code, minlength=len(first) + 1)[: len(first)]
    weights = weighted_count(code, sample.structure.weights, len(first) + 1)[: len(first)]
    columns = {v: _variable(sample, names[v], data[names[v]].iloc[first], numeric[v]) for v in formula.variables}
    _refuse_names(sample, formula, {v: names[v] for v, yes in numeric.items() if yes}, code < len(first))
    matrix = model_matrix(formula, columns, len(first), ordered=ordered)
    made = ModelRows(formula, sample.structure, code, columns, matrix, n, weights)
    bad = np.asarray(~np.isfinite(matrix.values).all(axis=0))
    undefined = term_names(made, bad)
    if not np.isfinite(matrix.outcome).all():
        undefined.insert(0, matrix.outcome_name)
    if undefined:
        raise EstimationError(
            "A term of the model is infinite or undefined for some respondents.",
            where=formula.text,
            got=shorten(undefined),
            fix="exclude them with where=, or transform the variable differently",
        )
    if not matrix.names:
        raise EstimationError("The model has no terms.", where=formula.text, fix="write y ~ 1 for the mean alone")
    return made, tuple(Note("notes.one_category", term=name) for name in matrix.single)


def term_names(rows: ModelRows, which: NDArray[Any]) -> list[str]:
    """Names of some coefficients; a level that few respondents have may be what one of them wrote, and is not told."""
    if not which.any():
        return []
    return describe_terms(rows.matrix.names, rows.matrix.values[rows.code[rows.used]], np.flatnonzero(which))


def columns_in(node: Node) -> set[str]:
    """The columns that a factor reads, as numbers or as levels."""
    inner = getattr(node, "column", None)
    return {inner.name} if isinstance(inner, Column) else as_numbers(node)


def _looks_at_all(node: Node) -> bool:
    """Whether a factor's value for one respondent depends on the others."""
    match node:
        case Function(name, _, inner):
            return name in _LOOK_AT_ALL or _looks_at_all(inner)
        case Negative(inner):
            return _looks_at_all(inner)
        case Operation(_, left, right):
            return _looks_at_all(left) or _looks_at_all(right)
    return False


def _small_codes(column: pd.Series) -> tuple[Ints, int] | None:
    """A column of few values as codes, -1 where missing, and how many codes there are; None where there are many."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return column.cat.codes.to_numpy().astype(np.int64), max(len(column.cat.categories), 1)
    if pd.api.types.is_numeric_dtype(column.dtype) or pd.api.types.is_bool_dtype(column.dtype):
        coded = code_answers(column, None, required=False)
        if coded is None:
            return None
        k = len(coded.answers)
        code = coded.code.astype(np.int64)
        code[code == k] = -1
        return code, max(k, 1)
    code, labels = pd.factorize(column)
    return None if len(labels) > MOST_LEVELS else (code.astype(np.int64), max(len(labels), 1))


def _refuse_names(sample: SampleData, formula: Formula, names: Mapping[str, str], used: NDArray[np.bool_]) -> None:
    """Raise for a nominal item as the outcome, or as a number among the terms: region 6 is not twice region 3."""
    outcome = set() if formula.outcome is None else as_numbers(formula.outcome)
    terms = {v for term in formula.terms for factor in term for v in as_numbers(factor)}
    for v in (v for v in names if v in outcome | terms):
        name = names[v]
        variable = sample.codebook.variables.get(name)
        if variable is None:
            continue
        column = sample.data.loc[used, name]
        if v in outcome:
            refuse_names(variable, column, name, where=f"{formula.text}, {name}")
        elif column.nunique() > 2:  # of two categories the coefficient is their difference, or a factor of it
            refuse_names(variable, column, name, where=f"{formula.text}, {name}", fix=_AS_FACTOR.format(v))


def _variable(sample: SampleData, name: str, column: pd.Series, number: bool) -> pd.Series:
    """A number as it is; text as a factor in the order of the codebook."""
    variable = sample.codebook.variables.get(name)
    if variable is not None:
        codes = codes_left(column, sample.codebook, name)
        if codes:
            raise EstimationError(
                "A variable still contains codes that the codebook declares missing.",
                where=name,
                got=shorten(codes),
                fix="call recode_missing() before sv.Sample(...)",
            )
    found = numbers(column) if number else np.array([v for v in column.unique() if isinstance(v, float)], dtype=float)
    if np.isinf(found).any():  # as a level, or where a function would bring it back to a number
        raise EstimationError(
            "A term of the model is infinite or undefined for some respondents.",
            where=name,
            got="infinite numbers",
            fix="recode them as missing",
        )
    if number:
        return column
    return factor_column(column, name, () if variable is None else tuple(variable.codes))
