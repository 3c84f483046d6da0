"""Arithmetic over rows of a table by their names: "University - Primary", "100 * (`P02:2` / `P02:1` - 1)".

A difference of two rows is read whatever their names hold (spaces, minus signs, numbers: "2025 - 2024"); in longer
arithmetic names with spaces or signs may stand as they are where they can be told, and in `backticks` anywhere. A row
is called by its groups as the data hold them, or by their labels in the codebook.

Values carry their gradient along (forward differentiation), so a ratio gets its delta-method standard error by the
same road as a difference.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass
from unicodedata import normalize

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.base.arrays import Array
from survey.base.stored import shown
from survey.base.suggestions import did_you_mean
from survey.base.text import written
from survey.codebook import LANGUAGES, Codebook
from survey.core.breakdowns import COLUMNS, Breakdowns
from survey.errors import EstimationError, shorten

__all__ = ["Combination", "evaluate", "label_names", "row_names"]

_LONGEST = 10_000
_NUMBER = re.compile(r"\d+(?:\.\d*)?")


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
    columns = [[written(v) for v in table[c]] for c in varying]
    return [":".join(row) for row in zip(*columns, strict=True)]


def label_names(
    table: pd.DataFrame, by: tuple[str, ...], codebook: Codebook, breakdowns: Breakdowns | None = None
) -> list[list[str]]:
    """Names of the rows as `row_names` makes them, of the codebook's labels: one list a language that differs."""
    own = row_names(table, by)
    found: list[list[str]] = []
    for lang in LANGUAGES:
        labelled = table.copy()
        for column in by:
            labelled[column] = [codebook.label(column, v, lang) for v in table[column]]
        if breakdowns is not None and set(COLUMNS) <= set(by):
            pairs = list(table[list(COLUMNS)].itertuples(index=False, name=None))
            each = [[codebook.label(v, c, lang) for v, c in breakdowns.values(*pair)] for pair in pairs]
            labelled["category"] = [", ".join(e) or p[1] for e, p in zip(each, pairs, strict=True)]
            heads = [[codebook.short_name(v, lang) for v in breakdowns.variables.get(p[0], ())] for p in pairs]
            labelled["breakdown"] = [" × ".join(h) or p[0] for h, p in zip(heads, pairs, strict=True)]
        if "item" in table:
            labelled["item"] = [codebook.short_name(str(v), lang) for v in table["item"]]
        if "answer" in table:
            items = table["item"] if "item" in table else [""] * len(table)
            labelled["answer"] = [codebook.label(str(i), v, lang) for i, v in zip(items, table["answer"], strict=True)]
        names = row_names(labelled, by)
        if names != own and len(set(names)) == len(names) and names not in found:
            found.append(names)
    return found


def evaluate(expression: str, names: list[str], estimate: Array, labels: Sequence[Sequence[str]] = ()) -> Combination:
    """Value and gradient of an expression over named rows.

    Parameters
    ----------
    expression : str
    names : list of str (rows,)
        As `row_names` makes them.
    estimate : array (rows,)
    labels : list of lists of str (rows,), optional
        Other names of the rows, for those that `names` does not know; see `label_names`.

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
    # Python composes the plain words of an expression, so everything is compared composed; a true minus is one too
    expression = normalize("NFC", expression).replace("\N{MINUS SIGN}", "-")
    rows = _Rows([[normalize("NFC", n).replace("\N{MINUS SIGN}", "-") for n in every] for every in (names, *labels)])
    pair = _pair(expression, rows)
    if pair is None:
        try:
            return _read(expression, rows, estimate)
        except EstimationError as problem:
            try:
                return _read(rows.in_backticks(expression), rows, estimate)
            except EstimationError:
                raise problem from None  # it tells of the text as it was typed
    first, last = pair
    gradient = np.eye(len(names))[first] - np.eye(len(names))[last]
    if expression.count("-") > 1:
        try:
            other = _read(expression, rows, estimate).gradient
        except EstimationError:
            other = gradient
        if not np.array_equal(other, gradient):
            raise _unclear(expression, rows)
    return Combination(float(estimate[first] - estimate[last]), gradient, gradient != 0, True)


class _Rows:
    """Rows by their names, in the words of the data and of the codebook."""

    def __init__(self, lists: list[list[str]]) -> None:
        self.lists = lists

    @property
    def names(self) -> list[str]:
        return self.lists[0]

    def find(self, name: str) -> int | None:
        """The only row of that name."""
        for names in self.lists:
            if name in names:
                return names.index(name) if names.count(name) == 1 else None
        return None

    def in_backticks(self, expression: str) -> str:
        """The expression with names that stand as they are in backticks, the longest first; numbers stay numbers."""
        every = {n for names in self.lists for n in names if n and "`" not in n and not _NUMBER.fullmatch(n)}
        if not every:
            return expression
        any_of = "|".join(re.escape(n) for n in sorted(every, key=len, reverse=True))
        name = re.compile(rf"(`[^`]*`)|(?<!\w)({any_of})(?!\w)")
        return name.sub(lambda found: found[1] or f"`{found[2]}`", expression)


def _pair(expression: str, rows: _Rows) -> tuple[int, int] | None:
    """The two rows of "A - B"; None where it is anything else.

    Raises
    ------
    EstimationError
        If it can be cut into two names in several ways.
    """
    found = []
    for sign in re.finditer("-", expression):
        sides = [expression[: sign.start()].strip(), expression[sign.end() :].strip()]
        whole = [side[1:-1] if re.fullmatch("`[^`]*`", side) else side for side in sides]
        numbers = [bool(_NUMBER.fullmatch(side)) for side in sides]
        first, last = map(rows.find, whole)
        # "P02 - 1" takes 1 from P02, also where a row is called 1
        if first is not None and last is not None and first != last and numbers[0] == numbers[1]:
            found.append((first, last))
    if len(set(found)) > 1:
        raise _unclear(expression, rows)
    return found[0] if found else None


def _unclear(expression: str, rows: _Rows) -> EstimationError:
    return EstimationError(
        "A contrast can be read in several ways.",
        where=shown(expression),
        got="names that hold minus signs",
        expected=shorten(rows.names, 12),
        fix="put each name in `backticks`",
    )


def _read(expression: str, rows: _Rows, estimate: Array) -> Combination:
    names = rows.names
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
        i = rows.find(name)
        if i is None:
            every = list(dict.fromkeys(n for each in rows.lists for n in each))
            raise EstimationError(
                "A name in a contrast matches no row, or more than one.",
                where=expression,
                got=name,
                expected=shorten(names, 12),
                fix=did_you_mean([name], every, "name a row by its groups, in `backticks` where that is no plain word"),
            )
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
