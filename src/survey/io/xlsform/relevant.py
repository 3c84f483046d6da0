"""Routing in two tongues: the `relevant` of an XLSForm (XPath) and the `base` of a codebook (our expressions).

They differ in what an empty answer means. To XPath an empty answer is a text, so `${x} != 1` holds where x is empty;
our `x != 1` is unknown there and does not hold. What is translated says the same in both, or is not translated.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from survey.base.catalogue import Note
from survey.errors import CodebookError

__all__ = ["base_of", "relevant_of"]


@dataclass(frozen=True, slots=True)
class _Term:
    """`x == 1`; `op` may also be "empty" or "full"."""

    name: str
    op: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class _Join:
    word: str  # "and", "or"
    parts: tuple[_Term | _Join, ...]


_Node = _Term | _Join
_OPPOSITE = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">", "empty": "full", "full": "empty"}
_MIRRORED = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}


def _join(word: str, parts: list[_Node]) -> _Node:
    """Joined, with nested joins of the same word laid flat."""
    flat: list[_Node] = []
    for part in parts:
        flat += part.parts if isinstance(part, _Join) and part.word == word else [part]
    flat = list(dict.fromkeys(flat))
    return flat[0] if len(flat) == 1 else _Join(word, tuple(flat))


# ---- from XPath

_TOKEN = re.compile(
    r"\s*(?:(?P<name>\$\{[^}]+\})|(?P<number>-?\d+(?:\.\d+)?)|(?P<text>'[^']*'|\"[^\"]*\")|"
    r"(?P<word>[A-Za-z][\w-]*)|(?P<sign><=|>=|!=|=|<|>|\(|\)|,))"
)


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
    try:
        reader = _Reader(_tokens(relevant), codes or {}, column)
        return _written(_simplified(reader.whole())), ""
    except ValueError as problem:
        return "", problem.args[0]  # as it is, and not as plain text: a note is read in any language
    except RecursionError:
        return "", Note("relevant.deep")


def _unknown(text: str) -> ValueError:
    return ValueError(Note("relevant.unknown", text=repr(text)))


def _tokens(text: str) -> list[tuple[str, str]]:
    found, at = [], 0
    text = text.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            raise _unknown(text[at:].strip()[:20])
        found.append((match.lastgroup, match[match.lastgroup]))
        at = match.end()
    return found


class _Reader:
    def __init__(self, tokens: list[tuple[str, str]], codes: Any, column: Any) -> None:
        self.tokens, self.codes, self.column, self.at = tokens, codes, column, 0

    def next(self) -> tuple[str, str]:
        if self.at == len(self.tokens):
            raise ValueError(Note("relevant.cut"))
        self.at += 1
        return self.tokens[self.at - 1]

    def sees(self, *texts: str) -> bool:
        return self.at < len(self.tokens) and self.tokens[self.at][1] in texts

    def expect(self, text: str) -> None:
        if self.next()[1] != text:
            raise ValueError(Note("relevant.lacks", sign=repr(text)))

    def whole(self) -> _Node:
        node = self.any()
        if self.at != len(self.tokens):
            raise _unknown(self.tokens[self.at][1])
        return node

    def any(self) -> _Node:
        parts = [self.all()]
        while self.sees("or"):
            self.next()
            parts.append(self.all())
        return _join("or", parts)

    def all(self) -> _Node:
        parts = [self.one()]
        while self.sees("and"):
            self.next()
            parts.append(self.one())
        return _join("and", parts)

    def one(self) -> _Node:
        kind, text = self.next()
        if text == "(" and kind == "sign":
            node = self.any()
            self.expect(")")
            return node
        if kind == "word" and text in ("not", "selected") and self.sees("("):
            self.next()
            node = _negated(self.any()) if text == "not" else self.selected()
            self.expect(")")
            return node
        if kind in ("number", "text"):
            sign, (other, name) = self.next()[1], self.next()
            if other != "name":
                raise ValueError(Note("relevant.question"))
            return self.compared(name, _MIRRORED.get(sign, sign), (kind, text))
        if kind != "name":
            raise _unknown(text)
        return self.compared(text, self.next()[1], self.next())

    def selected(self) -> _Node:
        kind, name = self.next()
        self.expect(",")
        what, code = self.next()
        if kind != "name" or what not in ("text", "number"):
            raise ValueError(Note("relevant.selected"))
        question, written = name[2:-1].strip(), code.strip("'\"")
        column = self.column(question, written)
        return _Term(question, "==", self.value(question, (what, code))) if column is None else _Term(column, "==", "1")

    def compared(self, name: str, sign: str, other: tuple[str, str]) -> _Node:
        question, op = name[2:-1].strip(), {"=": "=="}.get(sign, sign)
        if op not in ("==", "!=", "<", "<=", ">", ">="):
            raise _unknown(sign)
        if other[0] not in ("number", "text"):
            raise ValueError(Note("relevant.values"))
        if self.column(question, "") is not None and other[1] not in ("''", '""'):
            raise ValueError(Note("relevant.several", column=question))
        if other[1] in ("''", '""'):
            if op not in ("==", "!="):
                raise ValueError(Note("relevant.empty"))
            return _Term(question, "empty" if op == "==" else "full")
        term = _Term(question, op, self.value(question, other))
        return term if op != "!=" else _join("or", [term, _Term(question, "empty")])  # empty is not 1, says XPath

    def value(self, question: str, other: tuple[str, str]) -> str:
        text = other[1].strip("'\"") if other[0] == "text" else other[1]
        known = self.codes.get(question) or {}
        if text in known:
            return repr(known[text]) if isinstance(known[text], str) else f"{known[text]:g}"
        numeric = re.fullmatch(r"-?(0|[1-9]\d*)(\.\d+)?", text) and (other[0] == "number" or not known)
        return text if numeric else repr(text)


def _negated(node: _Node) -> _Node:
    """not(...) as XPath means it: true of an empty answer wherever the comparison is false of it."""
    if isinstance(node, _Join):
        return _join("or" if node.word == "and" else "and", [_negated(p) for p in node.parts])
    turned = _Term(node.name, _OPPOSITE[node.op], node.value)
    if node.op in ("empty", "full") or node.op == "!=":
        return turned
    return _join("or", [turned, _Term(node.name, "empty")])


def _simplified(node: _Node) -> _Node:
    """`notna(x) and (x != 1 or isna(x))` is `x != 1`."""
    if isinstance(node, _Term):
        return node
    parts = [_simplified(p) for p in node.parts]
    if node.word == "and":
        full = {p.name for p in parts if isinstance(p, _Term) and p.op == "full"}
        parts = [_without_empty(p, full) for p in parts]
        said = {p.name for p in parts if isinstance(p, _Term) and p.op not in ("full", "empty")}
        parts = [p for p in parts if not (isinstance(p, _Term) and p.op == "full" and p.name in said)]
    return _join(node.word, parts)


def _without_empty(node: _Node, full: set[str]) -> _Node:
    if isinstance(node, _Join) and node.word == "or":
        left = [p for p in node.parts if not (isinstance(p, _Term) and p.op == "empty" and p.name in full)]
        return _join("or", left) if left else node
    return node


def _written(node: _Node) -> str:
    if isinstance(node, _Term):
        name = node.name if node.name.isidentifier() else f"`{node.name}`"
        if node.op in ("empty", "full"):
            return f"{'isna' if node.op == 'empty' else 'notna'}({name})"
        return f"{name} {node.op} {node.value}"
    if node.word == "or":
        names = {(p.name, p.op) if isinstance(p, _Term) else None for p in node.parts}
        if len(names) == 1 and None not in names and next(iter(names))[1] == "==":  # type: ignore[index]
            first = node.parts[0]
            name = first.name if first.name.isidentifier() else f"`{first.name}`"  # type: ignore[union-attr]
            return f"{name} in [{', '.join(p.value for p in node.parts)}]"  # type: ignore[union-attr]
        return " or ".join(_written(p) for p in node.parts)
    return " and ".join(f"({_written(p)})" if isinstance(p, _Join) and _joins(p) else _written(p) for p in node.parts)


def _joins(node: _Join) -> bool:
    return " or " in _written(node)


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


def _node(node: ast.expr, quoted: Mapping[str, str], holds: bool) -> _Node:
    """The tree of a condition, negations pushed down to the comparisons."""
    match node:
        case ast.BoolOp(op=joined, values=values):
            word = "and" if isinstance(joined, ast.And) is holds else "or"
            return _join(word, [_node(v, quoted, holds) for v in values])
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return _node(operand, quoted, not holds)
        case ast.Compare(left=left, ops=ops, comparators=rights):
            parts: list[_Node] = []
            for op, right in zip(ops, rights, strict=True):
                parts.append(_comparison(left, op, right, quoted, holds))
                left = right
            return _join("and" if holds else "or", parts)
        case ast.Call(func=ast.Name(id=("isna" | "notna") as word), args=[argument]):
            return _Term(_name(argument, quoted), "empty" if (word == "isna") is holds else "full")
    raise ValueError(f"{ast.unparse(node)} is not a comparison")


def _comparison(left: ast.expr, op: ast.cmpop, right: ast.expr, quoted: Mapping[str, str], holds: bool) -> _Node:
    if isinstance(op, ast.In | ast.NotIn):
        if not isinstance(right, ast.List | ast.Tuple | ast.Set) or not right.elts:
            raise ValueError(f"{ast.unparse(right)} is not a list")
        inside = isinstance(op, ast.In) is holds
        name = _name(left, quoted)
        return _join("or" if inside else "and", [_Term(name, "==" if inside else "!=", _value(v)) for v in right.elts])
    if type(op) not in _SIGNS:
        raise ValueError(f"{ast.unparse(left)} is {ast.unparse(right)}")
    sign = _SIGNS[type(op)]
    if not isinstance(left, ast.Name):
        left, right, sign = right, left, _MIRRORED.get(sign, sign)
    return _Term(_name(left, quoted), sign if holds else _OPPOSITE[sign], _value(right))


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


def _xpath(node: _Node) -> str:
    if isinstance(node, _Join):
        return f" {node.word} ".join(f"({_xpath(p)})" if isinstance(p, _Join) else _xpath(p) for p in node.parts)
    name = f"${{{node.name}}}"
    if node.op in ("empty", "full"):
        return f"{name} {'=' if node.op == 'empty' else '!='} ''"
    if node.op == "!=":  # to XPath an empty answer is not 1; to us it is unknown
        return f"({name} != '' and {name} != {node.value})"
    return f"{name} {'=' if node.op == '==' else node.op} {node.value}"
