"""From the respondents of a sample to the rows of a model: coded, put together, and checked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.base._formula_tree import Column, Function, Negative, Node, Operation, as_numbers, text_of
from survey.base.arrays import Array, tallied, weighted_count
from survey.base.catalogue import Note
from survey.base.codes import Ints, numbers
from survey.base.formula import Formula
from survey.base.names import column_named
from survey.calibration.model_matrix import ModelMatrix, columns_of, factor_column, is_number, model_matrix
from survey.codebook._missing_codes import codes_left
from survey.codebook.ordered import NAMES, refuse_names
from survey.core.sample_data import SampleData
from survey.counting.cells import Grouping, code_answers
from survey.counting.memory import count_answers
from survey.errors import EstimationError, shorten
from survey.estimation.held_answers import keep_counts
from survey.models.rows import ModelRows, columns_in, term_names

__all__ = [
    "Predictors",
    "columns_checked",
    "looks_at_all",
    "model_rows",
    "nobody",
    "refuse_extremes",
    "refuse_undefined",
    "told_of_terms",
]

MOST_LEVELS = 4_096
"""Values of a text column up to which respondents may be put together by it."""
_MOSTLY = 0.9
"""Share of the values of a text column that are numbers, from which on a model says so."""
_ROOM = 1 << 20
_LARGEST = 1e100
_LOOK_AT_ALL = ("center", "scale", "poly", "bs", "ns")
_AS_FACTOR = "write C({}); if its answers are ordered, declare them with set_scale(...)"


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
        self.together = not any(looks_at_all(f) for term in formula.terms for f in term)
        self.joint = self._joint(self.names) if self.together else None
        self.grouping, self.first = self._grouped()
        self._matrices: dict[bytes, tuple[ModelMatrix, dict[str, pd.Series]]] = {}

    def _grouped(self) -> tuple[Grouping | None, Ints]:
        """Respondents by their values of all terms, and one of each group; None where there are too many values."""
        structure = self.sample.structure
        if self.joint is None:
            return None, np.zeros(0, np.int64)
        code, first = _put_together(*self.joint, self.inside)
        if structure.units * (len(first) + 1) > max(structure.rows, 100_000):
            return None, np.zeros(0, np.int64)
        labels = pd.DataFrame(index=range(len(first)))
        return Grouping(code, structure.unit, labels, 0, people=structure.people), first

    def spelled(self, variable: str) -> str:
        """The column behind a variable, as the data write it."""
        return str(column_named(variable, self.sample.data.columns))

    def _joint(self, names: Iterable[str]) -> tuple[Ints, NDArray[np.bool_]] | None:
        """The combinations of some variables (respondents,), and which have all of them (combinations,).

        None where there are too many.
        """
        key: Any = None
        complete = np.ones(1, bool)
        for v in names:
            found = _small_codes(self.sample, self.spelled(v))
            if found is None or len(complete) * (found[1] + 1) > _ROOM:
                return None
            code, k = found
            if key is None:
                key = code.astype(np.int32)
            else:
                key *= k + 1
                key += code
            complete = np.logical_and.outer(complete, np.arange(k + 1) < k).reshape(-1)
        return (np.zeros(len(self.inside), np.int32) if key is None else key), complete

    def with_outcome(self, outcome: Node | None) -> tuple[Ints, Ints]:
        """Row of the matrix of each respondent, and a respondent of each row: (respondents,), (rows,)."""
        further = [v for v in sorted(columns_in(outcome)) if v not in self.names] if outcome is not None else []
        together = self.joint is not None and not (outcome is not None and looks_at_all(outcome))
        joint = self._joint([*self.names, *further]) if together else None
        if joint is not None:
            code, first = _put_together(*joint, self.inside)
            if len(first) <= 64 or 2 * len(first) <= len(code):
                return code, first
        return self.each([*self.names, *further])

    def each(self, names: Sequence[str]) -> tuple[Ints, Ints]:
        """Each respondent by themselves."""
        used = self.inside.copy()
        for v in names:
            column = self.sample.data[self.spelled(v)]
            used &= ~np.isnan(numbers(column)) if is_number(column) else column.notna().to_numpy()
        first = np.flatnonzero(used)
        code = np.full(len(used), len(first))
        code[first] = np.arange(len(first))
        return code, first

    def matrix_of(self, formula: Formula, groups: Ints) -> tuple[ModelMatrix, dict[str, pd.Series]]:
        """The matrix of some groups and the variables in its rows; kept, as outcomes mostly have the same groups."""
        key = groups.tobytes()
        if key not in self._matrices:
            right = replace(formula, outcome=None, variables=tuple(self.names))
            columns = columns_checked(self.sample, right, {v: self.spelled(v) for v in self.names}, self.first[groups])
            self._matrices[key] = model_matrix(right, columns, len(groups)), columns
        return self._matrices[key]


def _put_together(key: Ints, complete: NDArray[np.bool_], inside: NDArray[np.bool_]) -> tuple[Ints, Ints]:
    """Respondents by combination, those outside last, and one respondent of each: (respondents,), (rows,)."""
    size = len(complete)
    if not inside.all():
        key = np.where(inside, key, size)
    there = np.flatnonzero((np.bincount(key, minlength=size + 1)[:size] > 0) & complete)
    place = np.full(size + 1, len(there))
    place[there] = np.arange(len(there))
    code = place[key]
    first = np.zeros(len(there) + 1, np.int64)
    first[code] = np.arange(len(code))
    return code, first[:-1]


def _counted(formula: Formula, predictors: Predictors) -> ModelRows | None:
    """The rows of a model whose outcome has few values, by counting; None where respondents must be looked at."""
    sample, grouping = predictors.sample, predictors.grouping
    if grouping is None or not isinstance(formula.outcome, Column) or formula.outcome.name in predictors.names:
        return None
    name = predictors.spelled(formula.outcome.name)
    column = sample.data[name]
    if isinstance(column.dtype, pd.CategoricalDtype) or not pd.api.types.is_numeric_dtype(column.dtype):
        return None
    coded = code_answers(column, None, required=False)
    structure, groups = sample.structure, len(grouping)
    if coded is None or not len(coded.answers):
        return None
    keep_counts(sample.responses, name, coded)
    answers = len(coded.answers)
    if structure.units * (groups + 1) * (answers + 1) > max(4 * structure.rows, 100_000):
        return None
    cells = count_answers(name, structure, grouping, coded)
    if cells.n is None or cells.n_answers is None:
        return None
    there = np.flatnonzero(cells.n_answers)
    group, answer = np.divmod(there, answers)
    if not len(there):
        raise nobody(formula, [*predictors.names, formula.outcome.name])
    used, row_of = np.unique(group, return_inverse=True)
    matrix, columns = predictors.matrix_of(formula, used)
    outcome = pd.Series(np.asarray(coded.answers, dtype=float)[answer])
    taken = {v: column.iloc[row_of].reset_index(drop=True) for v, column in columns.items()}
    taken[formula.outcome.name] = _variable(sample, name, outcome, number=True)
    if sample.codebook.variables.get(name) is not None:
        _refuse_names(sample, replace(formula, terms=()), {formula.outcome.name: name}, predictors.inside)
    made = replace(
        matrix, outcome=outcome.to_numpy(), outcome_name=text_of(formula.outcome), values=matrix.values[row_of]
    )
    sums = cells.sums.reshape(structure.units, -1)[:, there]
    place = np.full((groups + 1) * (answers + 1), len(there))
    place[group * (answers + 1) + answer] = np.arange(len(there))

    def located() -> Ints:
        return np.asarray(place[grouping.code * (answers + 1) + coded.code])

    n, unit_n = cells.n_answers.reshape(-1)[there], cells.n.sum(axis=1)
    return ModelRows(formula, structure, located, taken, made, n, sums.sum(axis=0), (sums, unit_n))


def model_rows(formula: Formula, predictors: Predictors, ordered: bool = False) -> tuple[ModelRows, tuple[str, ...]]:
    """The rows of one model, and notes on its terms; an `ordered` outcome may be categories.

    Raises
    ------
    EstimationError
        If no one has answered everything, a variable cannot be taken as it is, or a term is not finite.
    """
    sample = predictors.sample
    names = columns_of(formula, sample.data, "The formula names variables that are not in the data.")
    try:
        made = _counted(formula, predictors) or _looked_at(formula, predictors, names, ordered)
    except EstimationError:
        if predictors.joint is None:
            raise
        # what is wrong is told of people: which values may be shown depends on how many have them
        made = _looked_at(formula, predictors, names, ordered, together=False)
    matrix = made.matrix
    bad = np.asarray(~np.isfinite(matrix.values).all(axis=0))
    refuse_undefined(made, bad, not np.isfinite(matrix.outcome).all())
    parts = (matrix.values, matrix.outcome[:, None])
    refuse_extremes(made, np.concatenate([np.maximum(part.max(axis=0), -part.min(axis=0)) for part in parts]))
    return made, told_of_terms(sample, made, {v: predictors.spelled(v) for v in predictors.names})


def told_of_terms(sample: SampleData, rows: ModelRows, spelled: Mapping[str, str]) -> tuple[str, ...]:
    """Notes on the terms of a model, whose variables are `spelled` so in the data; a model without terms is refused."""
    if not rows.matrix.names:
        raise EstimationError("The model has no terms.", where=rows.formula.text, fix="write y ~ 1 for the mean alone")
    text = [name for v, name in spelled.items() if _is_text_of_numbers(sample, name, rows, v)]
    notes = [Note("notes.one_category", term=name) for name in rows.matrix.single]
    return (*notes, *([Note("notes.text_numbers", items=", ".join(text))] if text else []))


def refuse_undefined(rows: ModelRows, bad: NDArray[np.bool_], outcome: bool) -> None:
    """Raise if terms are `bad`, infinite or undefined for somebody, or the `outcome` is."""
    undefined = term_names(rows, bad)
    if outcome:
        undefined.insert(0, rows.matrix.outcome_name)
    if undefined:
        raise EstimationError(
            "A term of the model is infinite or undefined for some respondents.",
            where=rows.formula.text,
            got=shorten(undefined),
            fix="exclude them with where=, or transform the variable differently",
        )


def refuse_extremes(rows: ModelRows, largest: Array) -> None:
    """Raise for terms and outcomes that cannot be squared; `largest` of each, the outcome last."""
    extreme = (largest > _LARGEST) | ((largest > 0) & (largest < 1 / _LARGEST))
    if extreme.any():
        found = term_names(rows, extreme[:-1])
        raise EstimationError(
            "A term of the model is too large or too small to compute with.",
            where=rows.formula.text,
            got=shorten([rows.matrix.outcome_name, *found] if extreme[-1] else found),
            expected=f"numbers from {1 / _LARGEST:g} to {_LARGEST:g}",
            fix="divide or multiply the variable first",
        )


def _is_text_of_numbers(sample: SampleData, name: str, rows: ModelRows, variable: str) -> bool:
    """Whether three or more categories of a column of text are numbers, and nine in ten, and nobody declared codes."""
    declared = sample.codebook.variables.get(name)
    if (declared is not None and declared.codes) or isinstance(sample.data[name].dtype, pd.CategoricalDtype):
        return False
    levels = pd.unique(rows.columns[variable])
    if len(levels) < 3 or not all(isinstance(v, str) for v in levels):
        return False
    texts = pd.Series([text.replace(",", ".", 1) for text in levels], dtype=object)
    found = int(pd.to_numeric(texts, errors="coerce").notna().sum())
    return found >= max(3, _MOSTLY * len(levels))


def _looked_at(
    formula: Formula, predictors: Predictors, names: Mapping[str, str], ordered: bool, together: bool = True
) -> ModelRows:
    """The rows of a model, from the respondents: those who are alike `together`, or each."""
    sample = predictors.sample
    code, first = predictors.with_outcome(formula.outcome) if together else predictors.each(list(names))
    if not len(first):
        raise nobody(formula, names)
    n = tallied(code, sample.structure.people, len(first) + 1)[: len(first)]
    weights = weighted_count(code, sample.structure.weights, len(first) + 1)[: len(first)]
    columns = columns_checked(sample, formula, names, first)
    matrix = model_matrix(formula, columns, len(first), ordered=ordered, people=n)
    return ModelRows(formula, sample.structure, code, columns, matrix, n, weights)


def columns_checked(
    sample: SampleData, formula: Formula, names: Mapping[str, str], first: Ints
) -> dict[str, pd.Series]:
    """The variables of a formula in its rows, each checked."""
    data = sample.data
    numeric = {v: is_number(data[names[v]]) for v in formula.variables}
    columns = {v: _variable(sample, names[v], data[names[v]].iloc[first], numeric[v]) for v in formula.variables}
    _refuse_names(sample, formula, {v: names[v] for v, yes in numeric.items() if yes}, first)
    return {v: column.reset_index(drop=True) for v, column in columns.items()}


def nobody(formula: Formula, names: Iterable[str]) -> EstimationError:
    """What is wrong where nobody has all variables."""
    return EstimationError("No respondent has complete data for the model.", where=formula.text, got=shorten(names))


def looks_at_all(node: Node) -> bool:
    """Whether a factor's value for one respondent depends on the others."""
    match node:
        case Function(name, _, inner):
            return name in _LOOK_AT_ALL or looks_at_all(inner)
        case Negative(inner):
            return looks_at_all(inner)
        case Operation(_, left, right):
            return looks_at_all(left) or looks_at_all(right)
    return False


def _small_codes(sample: SampleData, name: str) -> tuple[NDArray[Any], int] | None:
    """A column of few values as codes 0..k-1, k where missing, and k; None where there are many."""
    column = sample.data[name]
    if isinstance(column.dtype, pd.CategoricalDtype):
        code, k = column.cat.codes.to_numpy(), len(column.cat.categories)
    elif pd.api.types.is_numeric_dtype(column.dtype) or pd.api.types.is_bool_dtype(column.dtype):
        coded = code_answers(column, None, required=False)
        keep_counts(sample.responses, name, coded)
        return None if coded is None else (coded.code, len(coded.answers))
    else:
        code, labels = pd.factorize(column)
        k = len(labels)
    return None if k > MOST_LEVELS else (np.where(code < 0, k, code), k)


def _refuse_names(sample: SampleData, formula: Formula, names: Mapping[str, str], used: NDArray[Any]) -> None:
    """Raise for a nominal item as the outcome, or as a number among the terms: region 6 is not twice region 3."""
    outcome = set() if formula.outcome is None else as_numbers(formula.outcome)
    terms = {v for term in formula.terms for factor in term for v in as_numbers(factor)}
    for v in (v for v in names if v in outcome | terms):
        name = names[v]
        variable = sample.codebook.variables.get(name)
        if variable is None or variable.type not in NAMES:
            continue
        column = sample.data[name].iloc[used] if used.dtype != bool else sample.data.loc[used, name]
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
