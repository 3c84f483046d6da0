"""What a model says of the same respondents with a variable changed: effects of variables, and predictions.

Everything is a weighted sum of predictions at changed matrices: a category against the first is one prediction less
another, the slope of a number is a difference quotient of four, whatever functions of it stand in the formula.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from survey.base._formula_tree import Levels, text_of
from survey.base.arguments import columns_exist
from survey.base.arrays import Array
from survey.base.codes import numbers
from survey.base.names import composed_value
from survey.base.suggestions import did_you_mean
from survey.base.text import written
from survey.calibration.model_matrix import is_number, model_matrix
from survey.codebook.told import describe_values, may_be_shown
from survey.errors import EstimationError
from survey.models.fitting import middle
from survey.models.model_data import Regression
from survey.models.rows import ModelRows, columns_in

__all__ = ["Effect", "effects_of", "known_value", "predicted_at", "references", "variables_of"]

_STEP = 1e-4
"""Of the standard deviation of a number: the difference quotient of four points errs by its fourth power."""
_QUOTIENT = ((1.0, 8.0), (-1.0, -8.0), (2.0, -1.0), (-2.0, 1.0))


@dataclass(frozen=True, slots=True)
class Effect:
    """A weighted sum of predictions of the same rows at several matrices.

    Parameters
    ----------
    term : str
        As coefficients are called: "C(age)[T.2]", "minutes".
    reference : str
        What a category is compared with; "" for slopes and predictions.
    parts : tuple of (float, array (rows, columns))
    chosen, against : mapping of str to value
        The categories that it tells about, and those that these are compared with.
    """

    term: str
    reference: str
    parts: tuple[tuple[float, Array], ...]
    chosen: Mapping[str, Any]
    against: Mapping[str, Any]

    def values(self, one: Regression, beta: Array) -> Array:
        """The effect in each row: (rows, answers)."""
        return np.asarray(sum(c * one.response.predicted(x, beta) for c, x in self.parts))

    def gradient(self, one: Regression) -> Array:
        """Its derivatives: (rows, answers, coefficients)."""
        return np.asarray(sum(c * one.response.gradient(x, one.fit.beta) for c, x in self.parts))


def variables_of(rows: ModelRows) -> list[str]:
    """The variables among the terms of a model, in their order."""
    used = {v for term in rows.formula.terms for factor in term for v in columns_in(factor)}
    return [v for v in rows.formula.variables if v in used]


def effects_of(one: Regression, variable: str) -> list[Effect]:
    """The effects of a variable: of each category against the first, of a number's two values, or a slope."""
    rows = one.rows
    column = rows.columns[variable]
    factor = _as_levels(rows, variable)
    if factor is not None or not is_number(column):
        levels = _levels(rows, variable)
        first = matrix_at(rows, {variable: levels[0]})
        name = text_of(factor) if factor is not None else _name(rows, variable)
        return [
            Effect(
                f"{name}[T.{written(level)}]",
                written(levels[0]),
                ((1.0, matrix_at(rows, {variable: level})), (-1.0, first)),
                {variable: level},
                {variable: levels[0]},
            )
            for level in levels[1:]
        ]
    x = numbers(column)
    values = np.unique(x)
    name = _name(rows, variable)
    if len(values) <= 2:
        ends = [(1.0, values[-1]), (-1.0, values[0])] if len(values) == 2 else []
        parts = tuple((c, matrix_at(rows, {variable: float(v)})) for c, v in ends)
        return [Effect(name, written(values[0]), parts, {variable: values[-1]}, {variable: values[0]})] if parts else []
    h = _STEP * float(middle(x[:, None], rows.weights)[1][0])  # of most people: a number far from all others is no step
    parts = tuple((c / (12 * h), matrix_at(rows, {variable: x + k * h})) for k, c in _QUOTIENT)
    if not all(np.isfinite(m).all() for _, m in parts):
        raise EstimationError(
            "The slope of a variable is not defined for some respondents.",
            where=f"margins(...), {variable}",
            got="a term that is infinite or undefined near their values",
            fix="leave the variable out, or exclude them with where=",
        )
    return [Effect(name, "", parts, {}, {})]


def references(rows: ModelRows) -> dict[str, str]:
    """The category that each factor compares with, by the factor's name in the terms."""
    found = {}
    for v in variables_of(rows):
        factor = _as_levels(rows, v)
        if factor is not None and not factor.sums:
            found[text_of(factor)] = written(_levels(rows, v)[0])
        if not is_number(rows.columns[v]):
            found[_name(rows, v)] = written(_levels(rows, v)[0])
    return found


def predicted_at(one: Regression, at: Mapping[str, Any]) -> Effect:
    """Predictions with some variables at chosen values, the others as they are."""
    known = {v: known_value(one.rows, v, value) for v, value in at.items()}
    chosen = {v: value for v, value in known.items() if _is_category(one.rows, v)}
    return Effect("", "", ((1.0, matrix_at(one.rows, known)),), chosen, {})


def known_value(rows: ModelRows, variable: str, value: Any) -> Any:
    """A value that a variable may be set to.

    Raises
    ------
    EstimationError
        If the variable is not in the model, a category is not among those of its respondents, or a number is none.
    """
    every = variables_of(rows)
    columns_exist(
        [variable], every, "The model has no such variable.", EstimationError, where="at", fix="name a variable of it"
    )
    if _as_levels(rows, variable) is None and is_number(rows.columns[variable]):
        if isinstance(value, bool | int | float | np.number) and np.isfinite(value):
            return int(value) if float(value).is_integer() else float(value)
        raise EstimationError(
            "A variable of the model is a number.",
            where=f"at, {variable}",
            got=describe_values([value]),
            expected="a finite number",
        )
    levels = _levels(rows, variable)
    for level in levels:
        if composed_value(value) == level:
            return level
    column = rows.columns[variable]
    shown = [v for v in levels if may_be_shown(v, rows.people_with({variable: v}))]
    raise EstimationError(
        "A category is not among those of the model.",
        where=f"at, {variable}",
        got=describe_values([value], column=column, like=shown),
        expected=describe_values(levels, column=column) or "categories that occur",
        fix=did_you_mean([value], shown),
    )


def matrix_at(rows: ModelRows, values: Mapping[str, Any]) -> Array:
    """The model's matrix with some variables changed: each to one value, or to numbers (rows,).

    What centring, scaling, polynomials and splines are taken about stays as it was.
    """
    n = len(next(iter(rows.columns.values()), rows.n))
    formula = replace(rows.formula, outcome=None)
    columns = {}
    for v in variables_of(rows):
        column = rows.columns[v]
        if v not in values:
            changed = column
        elif isinstance(column.dtype, pd.CategoricalDtype) or _as_levels(rows, v) is not None:
            who = int(np.flatnonzero((column == values[v]).to_numpy())[0])
            changed = column.iloc[np.full(n, who)]
        else:
            changed = pd.Series(np.broadcast_to(np.asarray(values[v], dtype=float), n))
            column = pd.Series(numbers(column))
        columns[v] = pd.concat([column, changed], ignore_index=True)
    made = model_matrix(formula, columns, 2 * n, n, people=rows.n if len(rows) == n else None)
    place = {name: j for j, name in enumerate(made.names)}
    return np.ascontiguousarray(made.values[n:, [place[name] for name in rows.matrix.names]])


def _is_category(rows: ModelRows, variable: str) -> bool:
    column = rows.columns[variable]
    return _as_levels(rows, variable) is not None or not is_number(column) or rows.has_two_values(variable)


def _as_levels(rows: ModelRows, variable: str) -> Levels | None:
    """The C() that makes a factor of a variable, if the formula has one."""
    factors = (f for term in rows.formula.terms for f in term)
    return next((f for f in factors if isinstance(f, Levels) and f.column.name == variable), None)


def _levels(rows: ModelRows, variable: str) -> list[Any]:
    """The categories of a variable, the reference first."""
    column, factor = rows.columns[variable], _as_levels(rows, variable)
    categorical = isinstance(column.dtype, pd.CategoricalDtype)
    levels = list(column.cat.categories) if categorical else sorted(column.unique())
    if factor is not None:
        asked = factor.order or (() if factor.base is None else (factor.base,))
        first = [levels[levels.index(composed_value(v))] for v in asked]
        levels = [*first, *(v for v in levels if v not in first)]
    return levels


def _name(rows: ModelRows, variable: str) -> str:
    """A variable as the formula writes it, in backticks where it is no word."""
    factors = (f for term in rows.formula.terms for f in term)
    return next(
        (text_of(f) for f in factors if getattr(f, "name", None) == variable and not hasattr(f, "inner")), variable
    )
