"""Routing in two tongues: the `relevant` of an XLSForm (XPath) and the `base` of a codebook (our expressions).

They differ in what an empty answer means. To XPath an empty answer is a text, so `${x} != 1` holds where x is empty;
our `x != 1` is unknown there and does not hold. What is translated says the same in both, or is not translated.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from survey.base.catalogue import Note
from survey.errors import CodebookError
from survey.io.xlsform.conditions import MIRRORED, OPPOSITE, Always, Comparison, Join, Node, Term, join, simplified
from survey.io.xlsform.xpath import Subject, condition_of

__all__ = ["base_of", "base_of_all", "relevant_of"]

# ---- from XPath


def base_of(
    relevant: str,
    codes: Mapping[str, Mapping[str, Any]] | None = None,
    column: Callable[[str, str], str | None] = lambda name, code: None,
) -> tuple[str, str]:
    """An XPath condition as an expression of ours.

    Parameters
    ----------
    relevant : str
        Such as "${used} = 1 and selected(${channel}, 'web')".
    codes : mapping of question to {code as written: code}, optional
        Says whether '1' in quotes is a number or a text: XPath does not care.
    column : function of (question, code as written), optional
        The column that says whether an option of a question with several answers was chosen; None for other questions.

    Returns
    -------
    str
        The expression; "" if ours cannot say it.
    str
        Why not.
    """

    def subject_of(name: str) -> Subject:
        known = (codes or {}).get(name) or {}
        if column(name, "") is None:
            return Subject(name, known)
        return Subject(name, known, lambda code: column(name, code) or "")

    return base_of_all([(relevant, subject_of)])


def base_of_all(relevants: Sequence[tuple[str, Callable[[str], Subject]]]) -> tuple[str, str]:
    """Conditions that hold together as an expression of ours, each with what its names speak of; see `base_of`."""
    try:
        node = simplified(join("and", [condition_of(text, subject_of) for text, subject_of in relevants]))
        if isinstance(node, Always):
            return "", "" if node.holds else Note("relevant.never")
        return _written(node), ""
    except ValueError as problem:
        return "", problem.args[0]  # as it is, and not as plain text: a note is read in any language
    except RecursionError:
        return "", Note("relevant.deep")


def _written(node: Comparison) -> str:
    if isinstance(node, Term):
        name = node.name if node.name.isidentifier() else f"`{node.name}`"
        if node.op in ("empty", "full"):
            return f"{'isna' if node.op == 'empty' else 'notna'}({name})"
        return f"{name} {node.op} {node.value}"
    if node.word == "or":
        names = {(p.name, p.op) if isinstance(p, Term) else None for p in node.parts}
        if len(names) == 1 and None not in names and next(iter(names))[1] == "==":  # type: ignore[index]
            first = node.parts[0]
            name = first.name if first.name.isidentifier() else f"`{first.name}`"  # type: ignore[union-attr]
            return f"{name} in [{', '.join(p.value for p in node.parts)}]"  # type: ignore[union-attr]
        return " or ".join(_written(p) for p in node.parts)
    texts = [(p, _written(p)) for p in node.parts]
    return " and ".join(f"({text})" if isinstance(p, Join) and " or " in text else text for p, text in texts)


# ---- to XPath


def relevant_of(base: str) -> str:
    """An expression of ours as XPath.

    Raises
    ------
    CodebookError
        If XPath has no word for it.
    """
    quoted: dict[str, str] = {}

    def stand_in(found: re.Match[str]) -> str:
        if found[1] is None:
            return found[0]
        quoted[f"_quoted_{len(quoted)}_"] = found[1]
        return f"_quoted_{len(quoted) - 1}_"

    try:
        text = re.sub(r"'[^']*'|\"[^\"]*\"|`([^`]+)`", stand_in, base.strip())
        return _xpath(_node(ast.parse(text, mode="eval").body, quoted, True))
    except (SyntaxError, ValueError, RecursionError, MemoryError) as problem:
        raise CodebookError(
            "A base cannot be expressed in an XLSForm.",
            where=base[:200],
            got=problem,
            expected="comparisons of a question with a value, joined by and, or, not",
            fix="derive a variable for it, or remove the question from the form",
        ) from None


_SIGNS = {ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">="}


def _node(node: ast.expr, quoted: Mapping[str, str], holds: bool) -> Node:
    """The tree of a condition, negations pushed down to the comparisons."""
    match node:
        case ast.BoolOp(op=joined, values=values):
            word = "and" if isinstance(joined, ast.And) is holds else "or"
            return join(word, [_node(v, quoted, holds) for v in values])
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return _node(operand, quoted, not holds)
        case ast.Compare(left=left, ops=ops, comparators=rights):
            parts: list[Node] = []
            for op, right in zip(ops, rights, strict=True):
                parts.append(_comparison(left, op, right, quoted, holds))
                left = right
            return join("and" if holds else "or", parts)
        case ast.Call(func=ast.Name(id=("isna" | "notna") as word), args=[argument]):
            return Term(_name(argument, quoted), "empty" if (word == "isna") is holds else "full")
    raise ValueError(f"{ast.unparse(node)} is not a comparison")


def _comparison(left: ast.expr, op: ast.cmpop, right: ast.expr, quoted: Mapping[str, str], holds: bool) -> Node:
    if isinstance(op, ast.In | ast.NotIn):
        if not isinstance(right, ast.List | ast.Tuple | ast.Set) or not right.elts:
            raise ValueError(f"{ast.unparse(right)} is not a list")
        inside = isinstance(op, ast.In) is holds
        name = _name(left, quoted)
        return join("or" if inside else "and", [Term(name, "==" if inside else "!=", _value(v)) for v in right.elts])
    if type(op) not in _SIGNS:
        raise ValueError(f"{ast.unparse(left)} is {ast.unparse(right)}")
    sign = _SIGNS[type(op)]
    if not isinstance(left, ast.Name):
        left, right, sign = right, left, MIRRORED.get(sign, sign)
    return Term(_name(left, quoted), sign if holds else OPPOSITE[sign], _value(right))


def _name(node: ast.expr, quoted: Mapping[str, str]) -> str:
    if not isinstance(node, ast.Name):
        raise ValueError(f"{ast.unparse(node)} is not a question")
    return quoted.get(node.id, node.id)


def _value(node: ast.expr) -> str:
    value = ast.literal_eval(node)
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError(f"{ast.unparse(node)} is neither a number nor a text")
    if not isinstance(value, str):
        return f"{value:g}" if abs(value) < 1e6 else str(value)
    if "'" in value and '"' in value:
        raise ValueError(f"{value!r} contains both kinds of quotes")
    return f'"{value}"' if "'" in value else f"'{value}'"


def _xpath(node: Node) -> str:
    if isinstance(node, Always):
        return "true()" if node.holds else "false()"
    if isinstance(node, Join):
        return f" {node.word} ".join(f"({_xpath(p)})" if isinstance(p, Join) else _xpath(p) for p in node.parts)
    name = f"${{{node.name}}}"
    if node.op in ("empty", "full"):
        return f"{name} {'=' if node.op == 'empty' else '!='} ''"
    if node.op == "!=":  # to XPath an empty answer is not 1; to us it is unknown
        return f"({name} != '' and {name} != {node.value})"
    return f"{name} {'=' if node.op == '==' else node.op} {node.value}"
