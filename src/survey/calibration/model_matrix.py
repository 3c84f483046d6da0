"""From a formula that was read to the numbers of a model: (rows, coefficients).

Every factor is computed here. formulaic gets the finished columns under names of our own making (v0, v1) and crosses
them to a matrix of full rank: it looks names up and never sees, let alone evaluates, what a person wrote.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd

from survey.base._formula_tree import Column, Factor, Function, Levels, Negative, Node, Number, Operation, text_of
from survey.base.arguments import columns_exist
from survey.base.arrays import Array
from survey.base.codes import Ints, composed, numbers
from survey.base.formula import Formula
from survey.base.names import column_named, composed_value, same_name
from survey.base.suggestions import did_you_mean
from survey.base.text import written
from survey.calibration.repeated import repeated
from survey.calibration.splines import natural_spline
from survey.codebook.told import describe_values, may_be_shown, said
from survey.errors import EstimationError, shorten

__all__ = ["ModelMatrix", "columns_of", "factor_column", "is_number", "model_matrix"]

MOST_COLUMNS = 1_000
MOST_CELLS = 200_000_000
"""A matrix of 1.6 GB: beyond it a model would fill the memory of an ordinary machine."""

_FUNCTIONS: dict[str, Callable[[Array], Array]] = {
    "I": lambda x: x,
    "log": np.log,
    "exp": np.exp,
    "sqrt": np.sqrt,
}
_OPERATIONS: dict[str, Callable[[Array, Array], Array]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "**": np.power,
}
_GENERATED = re.compile(r"v(\d+)(?:\[([TS]\.)?(\d+)\])?")


@dataclass(frozen=True, slots=True)
class ModelMatrix:
    """The numbers of a model.

    Parameters
    ----------
    outcome : array (rows,)
        Empty, with an empty `outcome_name`, for a formula without one.
    outcome_name : str
    values : array (rows, coefficients)
    names : list of str
        Of the coefficients: "Intercept", "pilot", "ward[T.Bình Minh]", "C(age)[T.2]:pilot".
    single : list of str
        Factors that have one level only and so gave no coefficient.
    term : list of int
        Of each coefficient, its place among the formula's terms.
    """

    outcome: Array
    outcome_name: str
    values: Array
    names: list[str]
    single: list[str]
    term: list[int]


def columns_of(formula: Formula, frame: pd.DataFrame, what: str) -> dict[str, str]:
    """The column of a frame behind each variable of a formula, in either Unicode form.

    Raises
    ------
    EstimationError
        For variables that are not there, or that two columns are called.
    """
    found = {name: column_named(name, frame.columns) for name in formula.variables}
    columns_exist(found.values(), frame.columns, what, EstimationError, where=formula.text)
    double = [name for name in found if len(same_name(name, frame.columns)) != 1]
    if double:
        raise EstimationError(
            "Two columns match the name of one variable.",
            where=formula.text,
            got=shorten(double),
            fix="rename one of them; they may differ only in Unicode form",
        )
    return found


def is_number(column: pd.Series) -> bool:
    """Whether a model takes a column as a number: the rule of means, but categories of numbers are levels."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return False
    try:
        numbers(column.iloc[:0] if isinstance(column.dtype, np.dtype) and column.dtype.kind in "fiub" else column)
    except (TypeError, ValueError):
        return False
    return True


def factor_column(column: pd.Series, where: str, known: tuple[Any, ...] = ()) -> pd.Series:
    """Text or categories as a factor: first the `known` levels, then by the category's order, else sorted.

    Levels that no one has are left out; one word in two Unicode forms is one level.

    Raises
    ------
    EstimationError
        For dates and other things that are neither numbers, text nor categories.
    """
    if isinstance(column.dtype, pd.CategoricalDtype):
        order, code = list(column.cat.categories), column.cat.codes.to_numpy()
    else:
        code, labels = pd.factorize(column.astype(object))
        kind = pd.api.types.infer_dtype(labels)
        if kind != "string" and not all(isinstance(v, str | int | float) for v in labels):
            raise EstimationError(
                "A variable of the model is neither numeric nor text.",
                where=where,
                got=kind,
                fix="convert the column to one of them",
            )
        order = list(labels)
    code, found = composed(code.astype(np.int64), np.array([*order], dtype=object))
    present = [found[i] for i in np.unique(code[code >= 0])]
    if not isinstance(column.dtype, pd.CategoricalDtype):
        present.sort(key=lambda v: (isinstance(v, str), v))
    there = set(present)
    first = [c for c in (composed_value(k) for k in known) if c in there]
    order = [*first, *(v for v in present if v not in set(first))]
    place = {value: i for i, value in enumerate(order)}
    renumber = np.array([*(place.get(v, -1) for v in found), -1])
    return pd.Series(pd.Categorical.from_codes(renumber[code], categories=order), index=column.index, name=column.name)


def model_matrix(
    formula: Formula,
    columns: Mapping[str, pd.Series],
    rows: int,
    known: int | None = None,
    ordered: bool = False,
    people: Ints | None = None,
) -> ModelMatrix:
    """Compute a model's outcome and matrix.

    Parameters
    ----------
    formula : Formula
    columns : mapping of str to Series (rows,)
        By the formula's names, without missing values: numbers, or factors as `factor_column` makes them.
    rows : int
    known : int, optional
        The first rows alone say where `center`, `scale`, polynomials and splines lie: others are what-if rows.
    ordered : bool
        Whether an outcome of categories is its places in their order, 0, 1, ...
    people : int array (known,), optional
        How many respondents each of the first rows stands for; one, where not given.

    Returns
    -------
    ModelMatrix
        Numbers may be infinite or NaN where a term is not defined.

    Raises
    ------
    EstimationError
        If a factor cannot be computed, or the matrix would have too many columns.
    """
    made = _Made(formula, columns, rows, rows if known is None else known, people)
    outcome = np.zeros(0)
    if formula.outcome is not None:
        found = made.factor(formula.outcome)
        if (
            isinstance(formula.outcome, Column)
            and isinstance(found, pd.Categorical)
            and all(isinstance(c, Real) for c in found.categories)
        ):
            found = np.append(np.asarray(found.categories, dtype=float), np.nan)[found.codes]
        elif ordered and isinstance(formula.outcome, Column) and isinstance(found, pd.Categorical):
            found = found.codes.astype(float)
        if not isinstance(found, np.ndarray) or found.ndim != 1:
            raise EstimationError(
                "The outcome must be a single numeric column.",
                where=formula.text,
                got=text_of(formula.outcome),
                expected="one number",
                fix="make a number of it, with responses.to_number(...) or as a column of 0 and 1",
            )
        outcome = found
    factors = list(dict.fromkeys(f for term in formula.terms for f in term))
    values = {factor: made.factor(factor) for factor in factors}
    widths = {f: _width(v) for f, v in values.items()}
    total = sum(int(np.prod([float(widths[f]) for f in term])) for term in formula.terms)
    if total > MOST_COLUMNS or total * rows > MOST_CELLS:
        widest = sorted(factors, key=lambda f: -widths[f])[:3]
        raise EstimationError(
            "The model has too many coefficients.",
            where=formula.text,
            got=f"about {total:,}, of {rows:,} rows; "
            f"the widest factors are {shorten(f'{text_of(f)}: {widths[f]:,}' for f in widest)}",
            expected=f"up to {min(MOST_COLUMNS, MOST_CELLS // max(rows, 1)):,}",
            fix="merge categories, or use fewer terms",
        )
    matrix, names, term = _crossed(formula, factors, values, rows)
    taken = {int(i) for name in names for i in re.findall(r"v(\d+)", name)}
    single = [
        text_of(f)
        for i, f in enumerate(factors)
        if i not in taken and isinstance(values[f], pd.Categorical) and widths[f] < 2
    ]
    written = [_translated(name, factors, values) for name in names]
    name = "" if formula.outcome is None else text_of(formula.outcome)
    return ModelMatrix(outcome, name, matrix, written, single, term)


def _width(value: Any) -> int:
    if isinstance(value, pd.Categorical):
        return len(value.categories)
    return value.shape[1] if value.ndim == 2 else 1


def _crossed(
    formula: Formula, factors: list[Factor], values: Mapping[Factor, Any], rows: int
) -> tuple[Array, list[str], list[int]]:
    """The matrix, formulaic's names for its columns (made of v0, v1 and numbers of levels), and the term of each."""
    from formulaic.formula import SimpleFormula
    from formulaic.materializers.types import FactorValues
    from formulaic.parser.types import Factor as Named
    from formulaic.parser.types import Term
    from formulaic.transforms import C, ContrastsRegistry

    frame: dict[str, Any] = {"_": np.zeros(rows)}
    several: dict[str, Any] = {}
    for i, factor in enumerate(factors):
        value = values[factor]
        if isinstance(value, pd.Categorical):
            coded = pd.Categorical.from_codes(value.codes, categories=range(len(value.categories)))
            if isinstance(factor, Levels) and factor.sums:
                several[f"v{i}"] = C(coded, ContrastsRegistry.sum)
            else:
                frame[f"v{i}"] = coded
        elif value.ndim == 1:
            frame[f"v{i}"] = value
        else:
            columns = {k + 1: value[:, k] for k in range(value.shape[1])}
            several[f"v{i}"] = FactorValues(columns, kind="numerical", spans_intercept=False, format="{name}[{field}]")
    place = {factor: f"v{i}" for i, factor in enumerate(factors)}
    terms = [
        Term([Named(place[f], eval_method="lookup") for f in term])
        if term
        else Term([Named("1", eval_method="literal")])
        for term in formula.terms
    ]
    if not terms:
        return np.empty((rows, 0)), [], []
    made = SimpleFormula(terms).get_model_matrix(pd.DataFrame(frame), context=several, na_action="ignore")
    names = [str(c) for c in made.columns]
    found = made.model_spec.term_indices.items()
    of_term = {column: terms.index(term) for term, columns in found for column in columns}
    return np.asarray(made, dtype=float), names, [of_term[j] for j in range(len(names))]


def _translated(name: str, factors: list[Factor], values: Mapping[Factor, Any]) -> str:
    def told(found: re.Match[str]) -> str:
        factor = factors[int(found[1])]
        if found[3] is None:
            return text_of(factor)
        value = values[factor]
        level = written(value.categories[int(found[3])]) if isinstance(value, pd.Categorical) else int(found[3])
        return f"{text_of(factor)}[{found[2] or ''}{_first_column(factor, level)}]"

    return _GENERATED.sub(told, name)


def _first_column(factor: Factor, level: Any) -> Any:
    """Columns of a raw polynomial have always been counted from 0."""
    raw = isinstance(factor, Function) and factor.name == "poly" and dict(factor.keywords).get("raw")
    return level - 1 if raw else level


class _Made:
    """Values of factors: numbers (rows,), several columns (rows, k), or a Categorical."""

    def __init__(
        self, formula: Formula, columns: Mapping[str, pd.Series], rows: int, known: int, people: Ints | None
    ) -> None:
        self.formula, self.columns, self.rows, self.known = formula, columns, rows, known
        self.people = None if people is None or bool((people == 1).all()) else people

    def everyone(self, x: Array) -> Array:
        """A number of every respondent of the first rows."""
        about = x[: self.known]
        return about if self.people is None else repeated(about, self.people)

    def fail(self, what: str, factor: Node, **parts: Any) -> EstimationError:
        return EstimationError(what, where=f"{self.formula.text}, {text_of(factor)}", **parts)

    def factor(self, factor: Factor) -> Any:
        if isinstance(factor, Levels):
            return self.levels(factor)
        if isinstance(factor, Column):
            column = self.columns[factor.name]
            if isinstance(column.dtype, pd.CategoricalDtype):
                return pd.Categorical(column)
        with np.errstate(all="ignore"):
            if isinstance(factor, Function) and factor.name in ("poly", "bs", "ns"):
                return self.several(factor)
            return np.array(np.broadcast_to(self.number(factor), self.rows), dtype=float)

    def number(self, node: Node) -> Array:
        match node:
            case Number(value, _):
                return np.asarray(float(value))
            case Negative(inner):
                return np.negative(self.number(inner))
            case Operation(sign, left, right):
                return np.asarray(_OPERATIONS[sign](self.number(left), self.number(right)))
            case Function(name, _, inner):
                x = np.broadcast_to(self.number(inner), self.rows)
                if name in _FUNCTIONS:
                    return np.asarray(_FUNCTIONS[name](x))
                about = self.everyone(x)  # center and scale
                return np.asarray((x - about.mean()) / (about.std(ddof=1) if name == "scale" else 1.0))
            case Column(name):
                column = self.columns[name]
                if not isinstance(column.dtype, pd.CategoricalDtype):
                    return numbers(column)
        raise self.fail(
            "A term of the model cannot be computed.",
            node,
            got="text",
            expected="a column of numbers",
            fix="use the variable without a function",
        )

    def several(self, factor: Function) -> Array:
        from formulaic.transforms import basis_spline, poly

        x = np.array(np.broadcast_to(self.number(factor.inner), self.rows), dtype=float)
        options: dict[str, Any] = dict(factor.keywords)
        if not np.isfinite(x).all():
            raise self.fail(
                "A term of the model is infinite or undefined for some respondents.",
                factor,
                fix="exclude them with where=, or transform the variable differently",
            )
        about = self.everyone(x)
        state: dict[str, Any] = {}
        try:
            if factor.name == "ns":
                return natural_spline(x, about, **options)
            if factor.name == "poly":
                poly(about, **options, _state=state)
                return np.asarray(poly(x, **options, _state=state), dtype=float)
            found = basis_spline(about, **options, _state=state)
            if self.people is not None or len(about) < len(x):
                found = basis_spline(x, **options, extrapolation="extend", _state=state)
            return np.stack([v for k, v in found.items() if not isinstance(k, str)], axis=1)
        except (ValueError, ZeroDivisionError, IndexError) as problem:
            raise self.fail("A term of the model cannot be computed.", factor, got=said(problem)) from None

    def levels(self, factor: Levels) -> pd.Categorical:
        column = self.columns[factor.column.name]
        if not isinstance(column.dtype, pd.CategoricalDtype):
            values = column.astype(object)
            column = pd.Series(pd.Categorical(values, categories=sorted(values.unique())), index=column.index)
        present = list(column.cat.categories)
        asked = factor.order or (() if factor.base is None else (factor.base,))
        strange = [v for v in asked if composed_value(v) not in present]
        if strange:
            raise self.fail(
                "A level named in C() does not occur in the data.",
                factor,
                got=shorten(strange),
                expected=describe_values(present, column=column) or "levels that occur",
                fix=did_you_mean(strange, (v for v in present if may_be_shown(v, int((column == v).sum())))),
            )
        first = [present[present.index(composed_value(v))] for v in asked]
        rest = [v for v in present if v not in first]
        if factor.order and (rest or len(set(first)) != len(first)):
            raise self.fail(
                "C(levels=) must name each level exactly once.",
                factor,
                got=shorten(asked, 20),
                expected=f"each of {len(present)}",
            )
        return pd.Categorical(column.astype(object), categories=first + rest)
