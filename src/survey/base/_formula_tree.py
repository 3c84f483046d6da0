"""What a formula is made of, and how its parts are written in the names of terms."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TypeAlias

__all__ = ["Column", "Factor", "Function", "Levels", "Negative", "Node", "Number", "Operation", "as_numbers", "text_of"]


@dataclass(frozen=True, slots=True)
class Column:
    """A column by its name."""

    name: str


@dataclass(frozen=True, slots=True)
class Number:
    """A number, and how it was written."""

    value: float
    written: str


@dataclass(frozen=True, slots=True)
class Negative:
    """-x"""

    inner: Node


@dataclass(frozen=True, slots=True)
class Operation:
    """x + y, x - y, x * y, x / y or x ** y."""

    sign: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Function:
    """I, log, exp, sqrt, center, scale (one column) or poly, bs, ns (several).

    `written` and `rest` are the function's name and further arguments as the formula has them.
    """

    name: str
    written: str
    inner: Node
    keywords: tuple[tuple[str, object], ...] = ()
    rest: str = ""


@dataclass(frozen=True, slots=True)
class Levels:
    """C(column): its values as categories, `base` the first of them, or in an `order`; `sums`: against the mean."""

    column: Column
    base: str | float | None = None
    order: tuple[str | float, ...] = ()
    sums: bool = False
    written: str = ""


Node: TypeAlias = Column | Number | Negative | Operation | Function | Levels
Factor: TypeAlias = Column | Function | Levels

_STRENGTH = {"+": 1, "-": 1, "*": 2, "/": 2, "**": 4}
_WORD = re.compile(r"[^\W\d]\w*")


def text_of(node: Node) -> str:
    """How a factor is written in the name of a term: `age`, `C(age)`, `I(2 * trips + sex)`, `bs(x, df=4)`."""
    return node.name if isinstance(node, Column) else _text(node)[0]


def _text(node: Node) -> tuple[str, int]:
    """The text, and how strongly it holds together."""
    match node:
        case Column(name):
            return (name if _WORD.fullmatch(name) else f"`{name}`"), 9
        case Number(_, written):
            return written, 9
        case Negative(inner):
            return f"-{_within(inner, 3)}", 3
        case Operation(sign, left, right):
            own = _STRENGTH[sign]
            # + - * / are read from the left; a power of a power or of a sign is held together
            sides = (
                (_within(left, own + 1), _within(right, own + 1))
                if sign == "**"
                else (_within(left, own), _within(right, own + 1))
            )
            return f"{sides[0]} {sign} {sides[1]}", own
        case Function(_, written, inner, _, rest):
            return f"{written}({_text(inner)[0]}{rest})", 9
        case Levels(column, base, order, sums, written):
            if sums:
                return f"C({_text(column)[0]}, {written})", 9
            if order:
                return f"C({_text(column)[0]}, levels={list(order)})", 9
            return f"C({_text(column)[0]}{'' if base is None else f', {written}{base!r})'})", 9
    raise TypeError(type(node).__name__)


def _within(node: Node, least: int) -> str:
    text, strength = _text(node)
    return text if strength >= least else f"({text})"


def as_numbers(node: Node) -> set[str]:
    """The columns that a factor takes as numbers; those inside C() are categories."""
    match node:
        case Column(name):
            return {name}
        case Negative(inner) | Function(_, _, inner):
            return as_numbers(inner)
        case Operation(_, left, right):
            return as_numbers(left) | as_numbers(right)
    return set()
