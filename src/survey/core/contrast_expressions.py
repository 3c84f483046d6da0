"""Arithmetic over rows of a table by their names: "P02 - P01", "100 * (`P02:2` / `P02:1` - 1)".

Values carry their gradient along (forward differentiation), so a ratio gets its delta-method standard error by the
same road as a difference.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from unicodedata import normalize

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.base.arrays import Array
from survey.base.stored import shown
from survey.errors import EstimationError, shorten

__all__ = ["Combination", "evaluate", "row_names"]

_LONGEST = 10_000


@dataclass(frozen=True, slots=True)
class _Dual:
    """A value and its gradient on the rows of the table."""

    value: float
    gradient: Array
    degree: int = 0  # 0 for a number, 1 for a linear combination of rows, 2 for anything else

    def __add__(self, other: _Dual) -> _Dual:
        return _Dual(self.value + other.value, self.gradient + other.gradient, self._degree_of_sum(other))

    def __sub__(self, other: _Dual) -> _Dual:
        return _Dual(self.value - other.value, self.gradient - other.gradient, self._degree_of_sum(other))

    def __mul__(self, other: _Dual) -> _Dual:
        gradient = self.gradient * other.value + other.gradient * self.value
        return _Dual(self.value * other.value, gradient, min(self.degree + other.degree, 2))

    def __truediv__(self, other: _Dual) -> _Dual:
        ratio = self.value / other.value
        gradient = (self.gradient - ratio * other.gradient) / other.value
        return _Dual(ratio, gradient, 2 if other.degree else self.degree)

    def _degree_of_sum(self, other: _Dual) -> int:
        # a row and a number besides 0 are no combination of rows alone
        shifted = any(a.degree == 0 and a.value != 0 and b.degree for a, b in ((self, other), (other, self)))
        return 2 if shifted else max(self.degree, other.degree)


@dataclass(frozen=True, slots=True)
class Combination:
    """What an expression comes to.

    Parameters
    ----------
    value : float
    gradient : array (rows,)
    used : bool array (rows,)
        The rows it names, also where the gradient on them happens to be 0.
    linear : bool
        Whether the gradient is the same whatever the rows' values.
    """

    value: float
    gradient: Array
    used: NDArray[np.bool_]
    linear: bool


def row_names(table: pd.DataFrame, by: tuple[str, ...]) -> list[str]:
    """Names of the rows: item, groups and answer joined by ":"; parts that are the same in every row are left out."""
    parts = [c for c in ("item", "with", *by, "answer", "quantile", "term") if c in table.columns]
    varying = [c for c in parts if table[c].nunique(dropna=False) > 1] or parts[:1]
    columns = [[_written(v) for v in table[c]] for c in varying]
    return [":".join(row) for row in zip(*columns, strict=True)]


def evaluate(expression: str, names: list[str], estimate: Array) -> Combination:
    """Value and gradient of an expression over named rows.

    Raises
    ------
    EstimationError
        If it cannot be read, names an unknown row or none at all, or divides by zero.
    """
    if not isinstance(expression, str) or len(expression) > _LONGEST:
        told = f"{len(expression):,} characters" if isinstance(expression, str) else type(expression).__name__
        raise EstimationError(
            "A contrast must be a short text.",
            where=str(expression)[:80],
            got=told,
            expected=f'such as "P02 - P01", up to {_LONGEST:,} characters',
            fix="give the parts as separate contrasts",
        )
    # Python composes the plain words of an expression, so everything is compared composed
    expression = normalize("NFC", expression)
    names = [normalize("NFC", name) for name in names]
    quoted: dict[str, str] = {}
    used: set[int] = set()

    def stand_in(found: re.Match[str]) -> str:
        key = f"_row_{len(quoted)}_"
        quoted[key] = found.group(1)
        return key

    try:
        tree = ast.parse(re.sub(r"`([^`]*)`", stand_in, expression).strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as problem:
        raise EstimationError(
            "A contrast cannot be read.",
            where=shown(expression),
            got=shown(problem),
            expected='such as "P02 - P01"; names that are not plain identifiers in `backticks`: `P02:2` - `P02:1`',
            fix="write names of groups, numbers, + - * / and parentheses",
        ) from None

    def walk(node: ast.expr) -> _Dual:
        number = node.value if isinstance(node, ast.Constant) else None
        if isinstance(number, int | float) and not isinstance(number, bool) and abs(number) < 1e300:
            return _Dual(float(number), np.zeros(len(names)))
        if isinstance(node, ast.Name):
            return row(quoted.get(node.id, node.id))
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
            inner = walk(node.operand)
            return inner if isinstance(node.op, ast.UAdd) else _Dual(-inner.value, -inner.gradient, inner.degree)
        if isinstance(node, ast.BinOp):
            left, right = walk(node.left), walk(node.right)
            if isinstance(node.op, ast.Add):
                return left + right
            if isinstance(node.op, ast.Sub):
                return left - right
            if isinstance(node.op, ast.Mult):
                return left * right
            if isinstance(node.op, ast.Div):
                if right.value == 0:
                    raise EstimationError(
                        "A contrast divides by zero.",
                        where=shown(expression),
                        got="a divisor of 0",
                        expected="a non-zero divisor",
                        fix="exclude this row, or take the difference",
                    )
                return left / right
        written = re.sub(r"_row_\d+_", lambda key: f"`{quoted.get(key[0], key[0])}`", ast.unparse(node))
        raise EstimationError(
            "A contrast may contain only row names, numbers, + - * / and parentheses.", where=expression, got=written
        )

    def row(name: str) -> _Dual:
        if names.count(name) != 1:
            raise EstimationError(
                "A name in a contrast matches no row, or more than one.",
                where=expression,
                got=name,
                expected=shorten(names, 12),
            )
        i = names.index(name)
        used.add(i)
        return _Dual(float(estimate[i]), np.eye(len(names))[i], 1)

    try:
        result = walk(tree)
    except RecursionError:
        raise EstimationError(
            "A contrast is nested too deeply.",
            where=shown(expression),
            got="too many nested operations",
            expected='such as "P02 - P01"',
            fix="give the parts as separate contrasts",
        ) from None
    if not used:
        raise EstimationError("A contrast does not name any row.", where=expression, expected=shorten(names, 12))
    named = np.isin(np.arange(len(names)), list(used))
    return Combination(result.value, result.gradient, named, result.degree < 2)


def _written(value: object) -> str:
    return f"{value:g}" if isinstance(value, float | np.floating) else str(value)
