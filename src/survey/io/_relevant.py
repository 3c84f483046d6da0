"""Routing in two tongues: XLSForm's `relevant` (XPath) and the codebook's `base`."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from typing import Any

from survey.errors import CodebookError

__all__ = ["base_of", "relevant_of"]

_TOKEN = re.compile(
    r"\s*(?:(?P<var>\$\{[^}]+\})|(?P<number>-?\d+(?:\.\d+)?)|(?P<text>'[^']*'|\"[^\"]*\")|"
    r"(?P<word>[A-Za-z][\w-]*)|(?P<sign><=|>=|!=|=|<|>|\(|\)|,|\+|-|\*))"
)
_SIGNS = {"=": "=="}


def base_of(relevant: str, several: set[str], codes: Mapping[str, set[Any]]) -> tuple[str, str]:
    """An XPath condition as an expression of ours, or "" and why not.

    Parameters
    ----------
    relevant : str
    several : set of str
        Questions with several answers: selected(${q}, 'a') asks for the column q_a.
    codes : mapping of str to set
        Choices of each question: '1' in quotes is the number 1 where the codes are numbers.
    """
    try:
        words = _words(relevant)
        out, at = _expression(words, 0, several, codes)
        if at != len(words):
            raise ValueError(f"{words[at][1]!r} is not understood")
    except (ValueError, IndexError) as problem:
        return "", str(problem) or "not understood"
    return out, ""


def _words(text: str) -> list[tuple[str, str]]:
    found, at = [], 0
    while at < len(text.rstrip()):
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            raise ValueError(f"{text[at:].strip()[:20]!r} is not understood")
        found.append((match.lastgroup, match[match.lastgroup]))
        at = match.end()
    return found


def _expression(words: list[tuple[str, str]], at: int, several: set[str], codes: Mapping[str, set[Any]]) -> Any:
    """Terms joined by and / or, up to a closing parenthesis."""
    parts: list[str] = []
    while True:
        term, at = _term(words, at, several, codes)
        parts.append(term)
        if at < len(words) and words[at] in (("word", "and"), ("word", "or")):
            parts.append(words[at][1])
            at += 1
            continue
        return " ".join(parts), at


def _term(words: list[tuple[str, str]], at: int, several: set[str], codes: Mapping[str, set[Any]]) -> tuple[str, int]:
    kind, word = words[at]
    if word == "(":
        inner, at = _expression(words, at + 1, several, codes)
        _expect(words, at, ")")
        simple = " and " not in inner and " or " not in inner
        return (inner if simple else f"({inner})"), at + 1
    if word in ("not", "selected") and words[at + 1][1] == "(":
        if word == "not":
            inner, at = _expression(words, at + 2, several, codes)
            _expect(words, at, ")")
            return f"not ({inner})", at + 1
        question, comma, code, end = (words[at + i] for i in range(2, 6))
        if question[0] != "var" or comma[1] != "," or code[0] not in ("text", "number") or end[1] != ")":
            raise ValueError("selected() of this form is not understood")
        name, value = _name(question[1]), code[1].strip("'\"")
        if name in several:
            return f"{name}_{value} == 1", at + 6
        return f"{name} == {_value(name, code, codes)}", at + 6
    if kind != "var":
        raise ValueError(f"{word!r} is not understood")
    name, sign, other = _name(word), words[at + 1], words[at + 2]
    if name in several:
        raise ValueError(f"a comparison of {name}, which takes several answers")
    if sign[1] not in ("=", "!=", "<", ">", "<=", ">=") or other[0] not in ("number", "text", "var"):
        raise ValueError(f"{sign[1]!r} is not understood")
    if other == ("text", "''") or other == ("text", '""'):
        return f"{'isna' if sign[1] == '=' else 'notna'}({name})", at + 3
    right = _name(other[1]) if other[0] == "var" else _value(name, other, codes)
    return f"{name} {_SIGNS.get(sign[1], sign[1])} {right}", at + 3


def _expect(words: list[tuple[str, str]], at: int, sign: str) -> None:
    if words[at][1] != sign:
        raise ValueError(f"{sign!r} is missing")


def _name(word: str) -> str:
    return word[2:-1].strip()


def _value(name: str, word: tuple[str, str], codes: Mapping[str, set[Any]]) -> str:
    """A constant as the codebook has it: quotes mean little to XPath, so the question's own codes decide."""
    text = word[1].strip("'\"")
    known = codes.get(name) or set()
    if text in known:
        return repr(text)
    number = re.fullmatch(r"-?\d+(\.\d+)?", text)
    return text if number and (word[0] == "number" or not known or float(text) in known) else repr(text)


def relevant_of(base: str) -> str:
    """An expression of ours as XPath.

    Raises
    ------
    CodebookError
        If XPath has no word for it.
    """
    try:
        return _xpath(ast.parse(base, mode="eval").body)
    except (SyntaxError, ValueError) as problem:
        raise CodebookError(
            "A base cannot be said in an XLSForm.", where=base, got=problem,
            expected="comparisons, joined by and, or, not",
        ) from None  # fmt: skip


_COMPARE = {ast.Eq: "=", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">="}


def _xpath(node: ast.expr) -> str:
    if isinstance(node, ast.BoolOp):
        word = " and " if isinstance(node.op, ast.And) else " or "
        return word.join(f"({_xpath(v)})" if isinstance(v, ast.BoolOp) else _xpath(v) for v in node.values)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return f"not({_xpath(node.operand)})"
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        left, right, op = node.left, node.comparators[0], node.ops[0]
        if isinstance(op, ast.In) and isinstance(right, ast.List | ast.Tuple):
            return "(" + " or ".join(f"{_xpath(left)} = {_xpath(v)}" for v in right.elts) + ")"
        if type(op) in _COMPARE:
            return f"{_xpath(left)} {_COMPARE[type(op)]} {_xpath(right)}"
    if isinstance(node, ast.Name):
        return f"${{{node.id}}}"
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return f"-{_xpath(node.operand)}"
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float | str):
        return f"'{node.value}'" if isinstance(node.value, str) else f"{node.value:g}"
    if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("isna", "notna") and len(node.args) == 1:
        return f"{_xpath(node.args[0])} {'=' if node.func.id == 'isna' else '!='} ''"  # type: ignore[attr-defined]
    raise ValueError(ast.unparse(node))
