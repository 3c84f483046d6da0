"""The form behind an export: an XLSForm, or a codebook or the headers themselves in its place."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from survey.codebook import Codebook, Text, Variable
from survey.codebook._toml import number
from survey.io._raw import nfc
from survey.io.xlsform.choices import codes_of
from survey.io.xlsform.form import Group, Question, XLSForm, read_form, safe
from survey.io.xlsform.question_types import PERSONAL

__all__ = [
    "SEVERAL",
    "Question",
    "XLSForm",
    "book_of",
    "code_of",
    "form_of",
    "form_of_codebook",
    "plain",
    "question",
    "read_form",
    "safe",
    "variable_of",
]

_NOTHING: Mapping[Any, Any] = MappingProxyType({})
_KINDS = {
    "ordinal": "select_one",
    "nominal": "select_one",
    "binary": "select_one",
    "number": "decimal",
    "date": "date",
    "text": "text",
    "id": "text",
}
code_of = number
_STRAIGHT = str.maketrans({"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"'})  # as platforms write them
SEVERAL = ("select_multiple", "select_multiple_from_file")
"""Types of questions with several answers."""


def plain(text: str) -> str:
    """A wording for comparison: composed letters, straight quotes, single spaces, no marks of emphasis."""
    return " ".join(re.sub(r"<[^>]*>|\*\*|__", "", nfc(text).translate(_STRAIGHT)).split())


def question(
    name: str, kind: str, path: Sequence[str] = (), text: Text = _NOTHING, choices: Mapping[str, Text] = _NOTHING
) -> Question:
    """A question that no row of an XLSForm stands for."""
    groups = tuple(Group("group", g) for g in path)
    return Question(name, kind, groups, "", MappingProxyType(dict(choices)), text, 0, _NOTHING)


def form_of(questions: Sequence[Question], source: str = "") -> XLSForm:
    """Questions as a form without repeats."""
    texts = [t for q in questions for t in (q.text, *q.choices.values())]
    languages = tuple(dict.fromkeys(lang for t in texts for lang in t))
    return XLSForm(tuple(questions), _NOTHING, _NOTHING, _NOTHING, languages, _NOTHING, _NOTHING, source)


def form_of_codebook(book: Codebook) -> XLSForm:
    """The questions that a codebook names, without groups."""
    inside = {m: s for s in book.sets.values() for m in s.variables}
    questions: dict[str, Question] = {}
    for v in book.variables.values():
        if v.name in inside:
            s = inside[v.name]
            choices = {m.removeprefix(s.name).lstrip("_/"): book[m].text for m in s.variables if m in book}
            questions[s.name] = question(s.name, "select_multiple", text=s.label, choices=choices)
            continue
        choices = {str(c): t for c, t in {**v.labels, **v.missing_labels}.items()} if v.labels else {}
        kind = _KINDS[v.type] if v.labels or _KINDS[v.type] != "select_one" else ""
        questions[v.name] = question(v.name, kind, text=v.text, choices=choices)
    return form_of(list(questions.values()), book.source)


def book_of(form: XLSForm, given: Codebook | None, of_file: bool) -> Codebook | None:
    """The codebook of a form, under what a given one says; None where there is neither."""
    if not of_file:
        return given
    from survey.io.xlsform.codebook import codebook_of_form

    book = codebook_of_form(form, given)
    if given is None:
        return book
    variables = MappingProxyType({**book.variables, **given.variables})
    return replace(given, variables=variables, sets=MappingProxyType({**book.sets, **given.sets}))


def variable_of(q: Question, name: str) -> Variable:
    """A variable for a column that no codebook has."""
    kind = {"decimal": "number", "date": "date"}.get(q.kind, "text")
    codes = codes_of(q.choices)
    labels = {codes[c]: text for c, text in q.choices.items()} if q.kind == "select_one" else {}
    role = "personal" if q.kind in PERSONAL else "item"
    return Variable(name, type="nominal" if labels else kind, text=q.text, labels=MappingProxyType(labels), role=role)
