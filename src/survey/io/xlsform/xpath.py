"""A condition in XPath, as forms have it, read into a tree of comparisons.

An empty answer is a text to XPath, so `${x} != 1` holds where x is empty; the tree says so in words of its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from survey.base.catalogue import Note
from survey.io.xlsform.conditions import MIRRORED, Always, Node, Term, join, negated

__all__ = ["Subject", "condition_of"]

_TOKEN = re.compile(
    r"\s*(?:(?P<name>\$\{[^}]+\}|(?:(?:\.{1,2}/)+|/)[^\W\d][\w.\-]*(?:/[^\W\d][\w.\-]*)*)|"
    r"(?P<number>-?(?:\d+(?:\.\d+)?|\.\d+))|(?P<text>'[^']*'|\"[^\"]*\")|"
    r"(?P<word>[A-Za-z][\w-]*)|(?P<sign><=|>=|!=|=|<|>|\(|\)|,))"
)
_TRUE, _FALSE = ("yes", "Yes", "YES", "true", "True", "TRUE"), ("no", "No", "NO", "false", "False", "FALSE")
_SIGNS = ("=", "!=", "<", "<=", ">", ">=")
_MOST = 100  # options that are named one by one
_LENGTHS = ("count-selected", "string-length")
_MORE = {(">", 0), ("!=", 0), (">=", 1)}
_NONE = {("=", 0), ("<=", 0), ("<", 1)}


@dataclass(frozen=True, slots=True)
class Subject:
    """What a condition speaks of.

    Parameters
    ----------
    name : str
        Its column.
    codes : mapping of code as written to code
        Says whether '1' in quotes is a number or a text: XPath does not care.
    options : mapping of code as written to column, or function of a code, optional
        Of a question with several answers: the columns that say whether an option was chosen.
    """

    name: str
    codes: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    options: Mapping[str, str] | Callable[[str], str] | None = None


def condition_of(relevant: str, subject_of: Callable[[str], Subject]) -> Node:
    """A condition as a tree.

    Parameters
    ----------
    relevant : str
        Such as "${used} = 1 and selected(${channel}, 'web')".
    subject_of : function
        What "used" in "${used}", or a path such as "../used", speaks of; raises ValueError with a note if nothing.

    Raises
    ------
    ValueError
        With a note that says what cannot be told.
    """
    text = relevant.strip()
    if text in _TRUE or text in _FALSE:  # as pyxform takes them
        return Always(text in _TRUE)
    return _Reader(_tokens(text), subject_of).whole()


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
    def __init__(self, tokens: list[tuple[str, str]], subject_of: Callable[[str], Subject]) -> None:
        self.tokens, self.subject_of, self.at = tokens, subject_of, 0

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

    def whole(self) -> Node:
        node = self.any()
        if self.at != len(self.tokens):
            raise _unknown(self.tokens[self.at][1])
        return node

    def any(self) -> Node:
        parts = [self.all()]
        while self.sees("or"):
            self.next()
            parts.append(self.all())
        return join("or", parts)

    def all(self) -> Node:
        parts = [self.one()]
        while self.sees("and"):
            self.next()
            parts.append(self.one())
        return join("and", parts)

    def one(self) -> Node:
        kind, text = self.next()
        if text == "(" and kind == "sign":
            node = self.any()
            self.expect(")")
            return node
        if kind == "word" and self.sees("("):
            return self.called(text)
        if kind == "number" and not self.sees(*_SIGNS):
            return Always(float(text) != 0)
        if kind in ("number", "text"):
            sign, (other, name) = self.next()[1], self.next()
            if other != "name":
                raise ValueError(Note("relevant.question"))
            return self.compared(name, MIRRORED.get(sign, sign), (kind, text))
        if kind != "name":
            raise _unknown(text)
        return self.compared(text, self.next()[1], self.next())

    def called(self, word: str) -> Node:
        if word not in ("not", "selected", "true", "false", *_LENGTHS):
            raise _unknown(word)
        self.next()
        node: Node
        if word == "not":
            node = negated(self.any())
        elif word == "selected":
            node = self.selected()
        elif word in _LENGTHS:
            return self.length(word)
        else:
            node = Always(word == "true")
        self.expect(")")
        return node

    def selected(self) -> Node:
        kind, name = self.next()
        self.expect(",")
        what, code = self.next()
        if kind != "name" or what not in ("text", "number"):
            raise ValueError(Note("relevant.selected"))
        subject, written = self.subject(name), code.strip("'\"").strip()
        if subject.options is None:
            return Term(subject.name, "==", self.value(subject, (what, code)))
        if callable(subject.options):
            return Term(subject.options(written), "==", "1")
        if written not in subject.options:
            raise ValueError(Note("relevant.no_choice", column=subject.name, choice=repr(written)))
        return Term(subject.options[written], "==", "1")

    def length(self, word: str) -> Node:
        """count-selected(${x}) > 0: whether there is an answer; other numbers are no comparison of an answer."""
        kind, name = self.next()
        self.expect(")")
        asked = (self.next()[1], self.next()[1])
        known = {(sign, str(n)): full for full, pairs in ((True, _MORE), (False, _NONE)) for sign, n in pairs}
        if kind != "name" or asked not in known:
            raise _unknown(word)
        answered = self.answered(self.subject(name))
        return answered if known[asked] else negated(answered)

    def answered(self, subject: Subject) -> Node:
        """Whether a question has an answer: of several, whether any option was chosen."""
        if subject.options is None:
            return Term(subject.name, "full")
        if callable(subject.options) or not 0 < len(subject.options) <= _MOST:
            raise ValueError(Note("relevant.several", column=subject.name))
        return join("or", [Term(column, "==", "1") for column in subject.options.values()])

    def compared(self, name: str, sign: str, other: tuple[str, str]) -> Node:
        subject, op = self.subject(name), {"=": "=="}.get(sign, sign)
        if sign not in _SIGNS:
            raise _unknown(sign)
        if other[0] not in ("number", "text"):
            raise ValueError(Note("relevant.values"))
        if other[1] in ("''", '""'):
            if op not in ("==", "!="):
                raise ValueError(Note("relevant.empty"))
            return self.answered(subject) if op == "!=" else negated(self.answered(subject))
        if other[1].strip("'\"") == "NaN":  # a number that could not be calculated: no answer that data could hold
            raise _unknown("NaN")
        if subject.options is not None:
            alone = self.alone(subject, sign, other[1].strip("'\"").strip())
            return alone if op == "==" else negated(alone)
        term = Term(subject.name, op, self.value(subject, other))
        return term if op != "!=" else join("or", [term, Term(subject.name, "empty")])  # empty is not 1, says XPath

    def alone(self, subject: Subject, sign: str, code: str) -> Node:
        """`${m} = 'web'` of several answers: "web" was chosen, and nothing else."""
        options = subject.options
        if (
            callable(options)
            or options is None
            or code not in options
            or len(options) > _MOST
            or sign not in ("=", "!=")
        ):
            raise ValueError(Note("relevant.several", column=subject.name))
        chosen = {c: Term(column, "==", "1") for c, column in options.items()}
        return join("and", [term if c == code else negated(term) for c, term in chosen.items()])

    def subject(self, written: str) -> Subject:
        name = written[2:-1].strip() if written.startswith("$") else written
        if name.startswith("last-saved#"):
            raise ValueError(Note("relevant.last_saved"))
        return self.subject_of(name)

    def value(self, subject: Subject, other: tuple[str, str]) -> str:
        text = other[1].strip("'\"") if other[0] == "text" else other[1]
        known = subject.codes
        if text in known:
            return repr(known[text]) if isinstance(known[text], str) else f"{known[text]:g}"
        numeric = re.fullmatch(r"-?(0|[1-9]\d*)(\.\d+)?", text) and (other[0] == "number" or not known)
        return text if numeric else repr(text)
