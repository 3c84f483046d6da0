"""Walks the tree of an expression over the columns of a frame; `_expressions` is the door to it."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.base.names import column_named, composed_column, same_name
from survey.base.suggestions import did_you_mean, near
from survey.base.text import counted
from survey.errors import SurveyError, shorten

__all__ = ["FUNCTIONS", "Evaluator", "Ternary"]

FUNCTIONS = ("abs", "min", "max", "round", "isna", "notna")

_COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
_ARITHMETIC: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: np.add,
    ast.Sub: np.subtract,
    ast.Mult: np.multiply,
    ast.Div: np.divide,
    ast.FloorDiv: np.floor_divide,
    ast.Mod: np.mod,
    ast.Pow: np.power,
}


@dataclass(frozen=True, slots=True)
class Ternary:
    """A condition: where it holds, and where it is known."""

    holds: NDArray[np.bool_]
    known: NDArray[np.bool_]

    def number(self) -> NDArray[np.float64]:
        return np.where(self.known, self.holds.astype(float), np.nan)

    def negated(self) -> Ternary:
        return Ternary(self.known & ~self.holds, self.known)

    def both(self, other: Ternary) -> Ternary:
        fails = (self.known & ~self.holds) | (other.known & ~other.holds)
        holds = self.holds & other.holds
        return Ternary(holds, holds | fails)

    def either(self, other: Ternary) -> Ternary:
        return self.negated().both(other.negated()).negated()


@dataclass(frozen=True, slots=True)
class Evaluator:
    """Evaluates one tree over one frame. Numbers are arrays or scalars, text and dates are Series or scalars."""

    expression: str
    frame: pd.DataFrame
    what: str
    error: type[SurveyError]
    quoted: dict[str, str]

    def fail(self, sentence: str, **parts: Any) -> SurveyError:
        return self.error(sentence, **{"where": f"{self.what} = {self.expression!r}", **parts})

    def visit(self, node: ast.expr) -> Any:
        match node:
            case ast.Constant(value=value):
                return self.constant(value)
            case ast.Name(id=name):
                return self.column(self.quoted.get(name, name))
            case ast.BoolOp(op=op, values=nodes):
                return reduce(Ternary.both if isinstance(op, ast.And) else Ternary.either, map(self.truth, nodes))
            case ast.UnaryOp(op=ast.Not() | ast.Invert(), operand=operand):
                return self.truth(operand).negated()
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return -self.number(operand)
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self.number(operand)
            case ast.BinOp(left=left, op=ast.BitAnd(), right=right):
                return self.truth(left).both(self.truth(right))
            case ast.BinOp(left=left, op=ast.BitOr(), right=right):
                return self.truth(left).either(self.truth(right))
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _ARITHMETIC:
                with np.errstate(all="ignore"):
                    value = _ARITHMETIC[type(op)](self.number(left), self.number(right))
                return np.where(np.isfinite(value), value, np.nan)
            case ast.Compare(left=left, ops=ops, comparators=rights):
                return self.compare(left, ops, rights)
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]) if name in FUNCTIONS:
                return self.call(name, arguments)
            case ast.Call():
                raise self.fail(
                    "An unknown function.", got=ast.unparse(node), expected=shorten(f"{f}(..)" for f in FUNCTIONS)
                )
        raise self.fail(
            "An expression uses something that is not allowed.",
            got=ast.unparse(node),
            expected="columns, numbers, 'text', comparisons, in [..], and, or, not, arithmetic, parentheses",
        )

    def constant(self, value: Any) -> Any:
        if isinstance(value, bool):
            rows = np.ones(len(self.frame), dtype=bool)
            return Ternary(rows & value, rows)
        if isinstance(value, int):
            # beyond 64 bits numpy would fall back to Python objects
            return value if abs(value) < 2**63 else float(value) if abs(value) < 2**1000 else np.inf
        if isinstance(value, float | str):
            return value
        raise self.fail(
            "A value has an unsupported type.",
            got=repr(value),
            expected="a number or 'text'",
            fix="write isna(x) for an empty answer" if value is None else None,
        )

    def column(self, name: str) -> Any:
        name = column_named(name, self.frame.columns)
        if len(same_name(name, self.frame.columns)) > 1:
            raise self.fail(f"Two columns are called {name!r}.", fix="rename one of them")
        if name not in self.frame.columns:
            raise self.fail(
                f"The data have no column {name!r}.",
                expected=shorten(self.frame.columns),
                fix=did_you_mean([name], self.frame.columns)
                if near([name], self.frame.columns)
                else f"put text in quotes: '{name}'"
                if any(c.isalpha() for c in name)
                else None,
            )
        return self.values(self.frame[name], name)

    def values(self, column: Any, name: str) -> Any:
        """The values of a column as expressions compute with them."""
        found = self._plain(column, name)
        if isinstance(found, np.ndarray) and found.dtype.kind == "f" and np.isinf(found).any():
            raise self.fail(
                f"The column {name!r} holds infinite numbers.",
                got=counted(int(np.isinf(found).sum()), "row"),
                expected="finite numbers",
                fix="recode them as missing: recode(column, {float('inf'): float('nan')})",
            )
        return found

    def _plain(self, column: Any, name: str) -> Any:
        if isinstance(column, pd.DataFrame):
            raise self.fail(f"Two columns are called {name!r}.", fix="rename one of them")
        if isinstance(column.dtype, pd.CategoricalDtype):
            column = column.astype(column.cat.categories.dtype if not column.isna().any() else object)
        if isinstance(column.dtype, pd.ArrowDtype):
            column = _from_arrow(column)
        if pd.api.types.is_object_dtype(column.dtype):
            column = column.infer_objects()
            if pd.api.types.infer_dtype(column, skipna=True) in ("string", "empty"):
                column = column.astype("str")
        dtype = column.dtype
        if pd.api.types.is_bool_dtype(dtype) and isinstance(dtype, np.dtype):
            return Ternary(column.to_numpy(), np.ones(len(column), dtype=bool))
        if isinstance(dtype, pd.BooleanDtype):
            return Ternary(column.fillna(False).to_numpy(bool), column.notna().to_numpy())
        if pd.api.types.is_numeric_dtype(dtype):
            return column.to_numpy() if isinstance(dtype, np.dtype) else column.to_numpy(float, na_value=np.nan)
        if isinstance(dtype, pd.StringDtype):
            return composed_column(column)
        if pd.api.types.is_datetime64_any_dtype(dtype):
            return column
        if pd.api.types.is_object_dtype(dtype):
            kinds = sorted({type(v).__name__ for v in column.dropna()})
            if set(kinds) <= {"int", "float", "bool"}:
                return pd.to_numeric(column).to_numpy(float)
            raise self.fail(f"The column {name!r} mixes kinds of values.", got=shorten(kinds), expected="one kind")
        raise self.fail(f"The column {name!r} cannot be used in an expression.", got=str(dtype))

    def truth(self, node: ast.expr) -> Ternary:
        value = self.visit(node)
        if isinstance(value, Ternary):
            return value
        written = ast.unparse(node)
        raise self.fail(
            "`and`, `or` and `not` join conditions.",
            got=written,
            expected="a comparison",
            fix=f"write {written} == 1; with & and | put each comparison in parentheses",
        )

    def number(self, node: ast.expr) -> Any:
        value = self.visit(node)
        if isinstance(value, Ternary):
            return value.number()
        if isinstance(value, str | pd.Series | pd.Timestamp):
            raise self.fail("Arithmetic needs numbers.", got=f"{ast.unparse(node)} is {_kind(value)}")
        return np.asarray(value, dtype=float)

    def compare(self, left: ast.expr, ops: list[ast.cmpop], rights: list[ast.expr]) -> Ternary:
        parts = []
        for op, right in zip(ops, rights, strict=True):
            if isinstance(op, ast.In | ast.NotIn):
                part = self.member(left, right)
                part = part.negated() if isinstance(op, ast.NotIn) else part
            elif type(op) in _COMPARE:
                part = self.pair(_COMPARE[type(op)], left, right)
            else:
                raise self.fail("`is` cannot compare answers.", fix="write ==, or isna(x) for an empty answer")
            parts.append(part)
            left = right
        return reduce(Ternary.both, parts)

    def pair(self, op: Callable[[Any, Any], Any], left: ast.expr, right: ast.expr) -> Ternary:
        a, b = self.alike(_numeric(self.visit(left)), _numeric(self.visit(right)), left, right)
        known = self.spread(~_empty(a) & ~_empty(b))
        try:
            return Ternary(self.spread(op(a, b)) & known, known)
        except TypeError as problem:  # dates with and without a time zone
            raise self.fail("Two values cannot be compared.", got=problem) from None

    def member(self, left: ast.expr, right: ast.expr) -> Ternary:
        if not isinstance(right, ast.List | ast.Tuple | ast.Set):
            raise self.fail("`in` needs a list.", got=ast.unparse(right), expected="x in [1, 2] or x in ['a', 'b']")
        value, options = _numeric(self.visit(left)), []
        for node in right.elts:
            option = _numeric(self.visit(node))
            if np.ndim(option):
                raise self.fail("`in` needs a list of values.", got=ast.unparse(node), expected="numbers or 'text'")
            value, option = self.alike(value, option, left, node)
            options.append(option)
        known = self.spread(~_empty(value))
        inside = value.isin(options) if isinstance(value, pd.Series) else np.isin(value, options)
        return Ternary(self.spread(inside) & known, known)

    def alike(self, a: Any, b: Any, left: ast.expr, right: ast.expr) -> tuple[Any, Any]:
        """Both values of one kind; text beside a date is read as a date."""
        if _kind(a) == "a date" and isinstance(b, str):
            b = self.date(b)
        if _kind(b) == "a date" and isinstance(a, str):
            a = self.date(a)
        if _kind(a) != _kind(b):
            raise self.fail(
                "A comparison of two kinds of values never holds.",
                got=f"{ast.unparse(left)} is {_kind(a)}, {ast.unparse(right)} is {_kind(b)}",
                fix="put quotes around text and none around numbers",
            )
        return a, b

    def date(self, text: str) -> pd.Timestamp:
        try:
            return pd.Timestamp(text)
        except ValueError:
            raise self.fail("A date cannot be read.", got=text, expected="'2024-06-30'") from None

    def call(self, name: str, arguments: list[ast.expr]) -> Any:
        if name in ("isna", "notna"):
            self.count(name, arguments, 1, 1)
            value = self.visit(arguments[0])
            empty = ~value.known if isinstance(value, Ternary) else self.spread(_empty(value))
            holds = empty if name == "isna" else ~empty
            return Ternary(holds, np.ones(len(self.frame), dtype=bool))
        if name == "round":
            self.count(name, arguments, 1, 2)
            digits = 0
            if len(arguments) == 2:
                node = arguments[1]
                if not (isinstance(node, ast.Constant) and type(node.value) is int and node.value <= 15):
                    raise self.fail(
                        "round(x, digits) needs a whole number of digits.",
                        got=ast.unparse(node)[:40],
                        expected="0 to 15",
                    )
                digits = node.value
            return np.round(self.number(arguments[0]), digits)
        if name == "abs":
            self.count(name, arguments, 1, 1)
            return np.abs(self.number(arguments[0]))
        self.count(name, arguments, 2, 99)
        smallest = np.minimum if name == "min" else np.maximum
        value = self.number(arguments[0])
        for node in arguments[1:]:
            value = smallest(value, self.number(node))
        return value

    def count(self, name: str, arguments: list[ast.expr], low: int, high: int) -> None:
        if not low <= len(arguments) <= high:
            raise self.fail(
                f"{name}() with {len(arguments)} values.",
                expected=f"{low}" if low == high else f"{low} to {high}" if high < 99 else f"{low} or more",
            )

    def spread(self, value: Any) -> NDArray[np.bool_]:
        return np.array(np.broadcast_to(np.asarray(value, dtype=bool), len(self.frame)))


def _from_arrow(column: pd.Series) -> pd.Series:
    """A column of pandas' pyarrow types in the types of numpy and pandas that hold the same."""
    dtype = column.dtype
    if pd.api.types.is_bool_dtype(dtype):
        return column.astype("boolean")
    if pd.api.types.is_numeric_dtype(dtype):
        return pd.Series(column.to_numpy(float, na_value=np.nan), index=column.index)
    if getattr(dtype, "kind", "") == "M" or str(dtype).startswith("date"):
        return pd.to_datetime(column.astype(object))
    return column.astype(object)


def _numeric(value: Any) -> Any:
    return value.number() if isinstance(value, Ternary) else value


def _kind(value: Any) -> str:
    if isinstance(value, str) or (isinstance(value, pd.Series) and isinstance(value.dtype, pd.StringDtype)):
        return "text"
    return "a date" if isinstance(value, pd.Series | pd.Timestamp) else "a number"


def _empty(value: Any) -> Any:
    return value.isna().to_numpy() if isinstance(value, pd.Series) else np.asarray(pd.isna(value))
