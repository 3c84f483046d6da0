"""Small expressions over columns, "kind == 'business' and age >= 18": what `where`, `base` and `derive` are written in.

Python's own grammar, read into a tree of which only the nodes named here are evaluated: columns, numbers, text,
comparisons (also chained, `in [..]`), `and` / `or` / `not`, arithmetic, and the functions of `FUNCTIONS`. Nothing of
what a user types is ever run as code.

A missing answer makes a condition unknown, and what is unknown does not hold: where `q1` is empty, neither
`q1 == 1` nor `q1 != 1` nor `not q1 == 1` holds (Kleene's three-valued logic, as in SQL and R's `subset`).
"""

from __future__ import annotations

import ast
import keyword
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.base._evaluator import FUNCTIONS, Evaluator, Ternary
from survey.base.stored import shown
from survey.base.suggestions import did_you_mean
from survey.errors import EstimationError, SurveyError, shorten

__all__ = [
    "FUNCTIONS",
    "Where",
    "column_names",
    "compared_values",
    "constants",
    "derived",
    "evaluate",
    "mask",
    "with_names",
]

Where: TypeAlias = "str | NDArray[Any] | pd.Series | Callable[[pd.DataFrame], Any] | None"
"""A condition: an expression, a bool for every row, a function of the data that gives one, or None for everyone."""

_LONGEST = 10_000
_MOST_STEPS = 1_000
_QUOTED = re.compile(r"""'[^']*'|"[^"]*"|`([^`]+)`""")
_NAMED = re.compile(r"""'[^']*'|"[^"]*"|`([^`]+)`|(?<![\w.])([^\W\d]\w*)(?!\w|\s*\()""")
"""Texts, and the names of columns: in backticks, or bare and not called."""


def evaluate(
    expression: str, frame: pd.DataFrame, what: str = "where", *, error: type[SurveyError] = EstimationError
) -> NDArray[Any] | pd.Series:
    """Evaluate an expression for every row.

    Parameters
    ----------
    expression : str
        Columns by name; a name that is not an identifier goes in backticks: "`Q1 (a)` == 1".
    frame : DataFrame
    what : str
        What the expression is for, in error messages.
    error : subclass of SurveyError

    Returns
    -------
    array of bool (rows,) for a condition; array of numbers (rows,); Series for text and dates
        A condition on a missing answer is False. Arithmetic on one, and division by zero, is NaN.

    Raises
    ------
    EstimationError, or `error`
        For an unknown column, anything outside the grammar, or text compared with numbers.
    """
    value = _run(expression, frame, what, error)
    return value.holds if isinstance(value, Ternary) else value


def derived(
    expression: str, frame: pd.DataFrame, what: str = "derive", *, error: type[SurveyError] = EstimationError
) -> NDArray[Any] | pd.Series:
    """Like `evaluate`, for a new column: a condition becomes 1, 0 or, where it is unknown, NaN.

    A missing answer must not turn into a "no".
    """
    value = _run(expression, frame, what, error)
    return value.number() if isinstance(value, Ternary) else value


def mask(
    where: Where, frame: pd.DataFrame, what: str = "where", *, error: type[SurveyError] = EstimationError
) -> NDArray[np.bool_]:
    """Find the rows that meet a condition.

    Parameters
    ----------
    where : str, array of bool, Series of bool, callable or None
        A Series is matched by its index, an array by position; None means every row.
    frame : DataFrame

    Returns
    -------
    array of bool (rows,)

    Raises
    ------
    EstimationError, or `error`
        If it is not a condition, or does not give one value per row.
    """
    rows = len(frame)
    if where is None:
        return np.ones(rows, dtype=bool)
    if isinstance(where, str):
        value = evaluate(where, frame, what, error=error)
        if not (isinstance(value, np.ndarray) and value.dtype == bool):
            raise error(
                f"The expression of `{what}` is not a condition.",
                where=where,
                expected="a true or false value per row",
                fix=f"compare it with a value, as in {where.strip()} == 1",
            )
        return value
    if callable(where):
        return mask(_called(where, frame, what, error), frame, what, error=error)
    if isinstance(where, pd.Series) and not where.index.equals(frame.index):
        if len(where) != rows or not where.index.is_unique or not frame.index.isin(where.index).all():
            raise error(
                f"The rows of `{what}` do not match the data.",
                got=f"{len(where)} rows",
                expected=f"{rows} rows",
                fix="give a Series with the index of the data, or an array in the order of its rows",
            )
        where = where.reindex(frame.index)
    if isinstance(where, pd.Series) and isinstance(where.dtype, pd.BooleanDtype):
        where = where.fillna(False)
    values = np.asarray(where)
    if values.shape != (rows,) or (values.dtype != bool and rows > 0):
        raise error(
            f"`{what}` is not true or false for every row.",
            got=f"an array of {values.dtype}, shape {values.shape}",
            expected=f"bool, shape ({rows},)",
            fix="give an expression such as \"ward == 'P01'\", or one bool for every row",
        )
    return values.astype(bool)


def _called(where: Callable[[pd.DataFrame], Any], frame: pd.DataFrame, what: str, error: type[SurveyError]) -> Any:
    """What a function of the data gives; a slip in it is an error that names the column, as in an expression."""
    try:
        found = where(frame)
    except (KeyError, AttributeError) as problem:
        name = problem.args[0] if isinstance(problem, KeyError) else getattr(problem, "name", "")
        raise error(
            f"The function of `{what}` asks for a column that the data do not have.",
            where=f"{what}=",
            got=shown(repr(name)[:80]),
            expected=shorten(frame.columns, 20),
            fix=did_you_mean([name], frame.columns, "correct the name"),
        ) from problem
    except (TypeError, ValueError) as problem:
        raise error(
            f"The function of `{what}` fails.",
            where=f"{what}=",
            got=type(problem).__name__,
            expected="a function of the data that gives true or false for every row",
            fix="try it alone on .data, or write the condition as text",
        ) from problem
    if found is None:
        raise error(
            f"The function of `{what}` returns nothing.",
            where=f"{what}=",
            got="None",
            expected="true or false for every row",
            fix="return the condition: lambda data: data['age'] >= 18",
        )
    return found


def column_names(
    expression: str, error: type[SurveyError] = EstimationError, what: str = "expression"
) -> tuple[str, ...]:
    """The columns an expression speaks of, in order of appearance.

    Raises
    ------
    EstimationError, or `error`
        If the expression cannot be read.
    """
    tree, quoted = _parse(expression, what, error)
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    names = [n for n in ast.walk(tree) if isinstance(n, ast.Name) and id(n) not in called]
    names.sort(key=lambda n: (n.lineno, n.col_offset))
    return tuple(dict.fromkeys(quoted.get(n.id, n.id) for n in names))


def constants(expression: str, error: type[SurveyError] = EstimationError) -> tuple[Any, ...]:
    """The numbers and texts an expression names: `x == -98` names -98.

    Raises
    ------
    EstimationError, or `error`
        If the expression cannot be read.
    """
    tree, _ = _parse(expression, "expression", error)
    found = [n.value for n in ast.walk(tree) if isinstance(n, ast.Constant)]
    signed = [n.operand for n in ast.walk(tree) if isinstance(n, ast.UnaryOp) and isinstance(n.op, ast.USub)]
    return (*found, *(-n.value for n in signed if isinstance(n, ast.Constant) and isinstance(n.value, int | float)))


def with_names(expression: str, names: Mapping[str, str]) -> str:
    """An expression that speaks of columns by other names; the same one if it cannot be read, or names none of them.

    A new name that is no identifier goes in backticks. Text in quotes and names of functions stay.

    Parameters
    ----------
    expression : str
    names : mapping of str to str
        Old name to new name.

    Examples
    --------
    >>> with_names("q1 == 1 and `q 2` == 'q1'", {"q1": "met the ward", "q 2": "q2"})
    "`met the ward` == 1 and q2 == 'q1'"
    """
    try:
        spoken_of = column_names(expression, EstimationError)
    except EstimationError:
        return expression
    new = {unicodedata.normalize("NFC", old): name for old, name in names.items()}
    if not any(name in new for name in spoken_of):
        return expression

    def written(found: re.Match[str]) -> str:
        name = unicodedata.normalize("NFC", found.group(1) or found.group(2) or "")
        if name not in new:
            return found.group(0)
        bare = new[name].isidentifier() and not keyword.iskeyword(new[name])
        return new[name] if bare else f"`{new[name]}`"

    return _NAMED.sub(written, unicodedata.normalize("NFC", expression))


def compared_values(expression: str, error: type[SurveyError] = EstimationError) -> tuple[tuple[str, Any, bool], ...]:
    """Columns and the values they are compared with by ==, !=, `in` or `not in`: (column, value, whether by == or in).

    `g in ['a', 'b'] and x != -9 and age > 40` gives ("g", "a", True), ("g", "b", True), ("x", -9, False). A comparison
    under `not` counts as its opposite.

    Raises
    ------
    EstimationError, or `error`
        If the expression cannot be read.
    """
    tree, quoted = _parse(expression, "expression", error)
    return tuple(_compared(tree, quoted, True))


def _compared(node: ast.AST, quoted: dict[str, str], straight: bool) -> Iterator[tuple[str, Any, bool]]:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not | ast.Invert):
        straight = not straight
    if isinstance(node, ast.Compare):
        left = node.left
        for op, right in zip(node.ops, node.comparators, strict=True):
            sides = (left, right) if isinstance(left, ast.Name) else (right, left)
            if isinstance(sides[0], ast.Name) and isinstance(op, ast.Eq | ast.NotEq | ast.In | ast.NotIn):
                listed = sides[1].elts if isinstance(sides[1], ast.List | ast.Tuple | ast.Set) else [sides[1]]
                equal = isinstance(op, ast.Eq | ast.In) == straight
                for value in filter(None, map(_constant, listed)):
                    yield quoted.get(sides[0].id, sides[0].id), value[0], equal
            left = right
    for child in ast.iter_child_nodes(node):
        yield from _compared(child, quoted, straight)


def _constant(node: ast.expr) -> tuple[Any] | None:
    """A number or text alone in a tuple, -98 too; None for anything else."""
    minus = isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub)
    value = node.operand if isinstance(node, ast.UnaryOp) and minus else node
    if not isinstance(value, ast.Constant) or isinstance(value.value, bool):
        return None
    if isinstance(value.value, int | float):
        return (-value.value if minus else value.value,)
    return (value.value,) if isinstance(value.value, str) and not minus else None


def _parse(expression: str, what: str, error: type[SurveyError]) -> tuple[ast.expr, dict[str, str]]:
    try:
        return _parsed(expression)
    except (SyntaxError, ValueError, TypeError, RecursionError, MemoryError) as problem:
        single = isinstance(expression, str) and re.search(r"(?<![=<>!])=(?!=)", expression)
        raise error(
            f"The expression of `{what}` cannot be read.",
            where=shown(str(expression)[:200]),
            got=shown(getattr(problem, "msg", None) or problem),
            expected="a condition such as age >= 18 and ward in ['P01', 'P02']",
            fix="write == to compare" if single else "correct the expression; a name with spaces goes in `backticks`",
        ) from None


@lru_cache(maxsize=512)
def _parsed(expression: str) -> tuple[ast.expr, dict[str, str]]:
    if not isinstance(expression, str):
        raise TypeError("not a text")
    if len(expression) > _LONGEST:
        raise ValueError(f"longer than {_LONGEST} characters")
    quoted: dict[str, str] = {}

    def stand_in(found: re.Match[str]) -> str:
        if found.group(1) is None:
            return found.group(0)
        name = f"_quoted_{len(quoted)}_"
        quoted[name] = found.group(1)
        return name

    text = _QUOTED.sub(stand_in, unicodedata.normalize("NFC", expression).strip())
    tree = ast.parse(text, mode="eval").body
    if sum(len(getattr(n, "ops", ())) + isinstance(n, ast.BinOp | ast.UnaryOp) for n in ast.walk(tree)) > _MOST_STEPS:
        raise ValueError(f"more than {_MOST_STEPS:,} comparisons and operations")
    return tree, quoted


def _run(expression: str, frame: pd.DataFrame, what: str, error: type[SurveyError]) -> Any:
    tree, quoted = _parse(expression, what, error)
    walker = Evaluator(expression, frame, what, error, quoted)
    try:
        value = walker.visit(tree)
    except RecursionError:
        raise error(
            f"The expression of `{what}` is nested too deeply.", where=expression[:200], fix="split it"
        ) from None
    if isinstance(value, Ternary):
        return value
    if isinstance(value, str | pd.Timestamp):
        return pd.Series([value] * len(frame), index=frame.index)
    if isinstance(value, pd.Series):
        return value
    return np.array(np.broadcast_to(value, len(frame)))
