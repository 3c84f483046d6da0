"""Conditions of a form and of a codebook as one kind of tree: comparisons joined by and, or."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["MIRRORED", "OPPOSITE", "Always", "Comparison", "Join", "Node", "Term", "join", "negated", "simplified"]


@dataclass(frozen=True, slots=True)
class Term:
    """`x == 1`; `op` may also be "empty" or "full"."""

    name: str
    op: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class Always:
    """A condition that holds for everybody, or for nobody."""

    holds: bool


@dataclass(frozen=True, slots=True)
class Join:
    """Conditions that hold together, or of which one holds."""

    word: str  # "and", "or"
    parts: tuple[Comparison, ...]


Comparison = Term | Join
Node = Comparison | Always
OPPOSITE = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">", "empty": "full", "full": "empty"}
MIRRORED = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}


def join(word: str, parts: Sequence[Node]) -> Node:
    """Joined, with nested joins of the same word laid flat, and without what holds always or never."""
    decisive = word == "or"  # one part that holds decides an or, one that does not hold an and
    flat: list[Node] = []
    for part in parts:
        flat += part.parts if isinstance(part, Join) and part.word == word else [part]
    if Always(decisive) in flat:
        return Always(decisive)
    left = [part for part in dict.fromkeys(flat) if not isinstance(part, Always)]
    if not left:
        return Always(not decisive)
    return left[0] if len(left) == 1 else Join(word, tuple(left))


def negated(node: Node) -> Node:
    """not(...) as XPath means it: true of an empty answer wherever the comparison is false of it."""
    if isinstance(node, Always):
        return Always(not node.holds)
    if isinstance(node, Join):
        return join("or" if node.word == "and" else "and", [negated(p) for p in node.parts])
    turned = Term(node.name, OPPOSITE[node.op], node.value)
    if node.op in ("empty", "full") or node.op == "!=":
        return turned
    return join("or", [turned, Term(node.name, "empty")])


def simplified(node: Node) -> Node:
    """`notna(x) and (x != 1 or isna(x))` is `x != 1`."""
    if not isinstance(node, Join):
        return node
    parts = [simplified(p) for p in node.parts]
    if node.word == "and":
        full = {p.name for p in parts if isinstance(p, Term) and p.op == "full"}
        parts = [_without_empty(p, full) for p in parts]
        said = {p.name for p in parts if isinstance(p, Term) and p.op not in ("full", "empty")}
        parts = [p for p in parts if not (isinstance(p, Term) and p.op == "full" and p.name in said)]
    return join(node.word, parts)


def _without_empty(node: Node, full: set[str]) -> Node:
    if isinstance(node, Join) and node.word == "or":
        left = [p for p in node.parts if not (isinstance(p, Term) and p.op == "empty" and p.name in full)]
        return join("or", left) if left else node
    return node
