"""What an XLSForm, or a codebook in its place, says about the columns of an export."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from survey.codebook import Codebook, Text, Variable
from survey.errors import CodebookError, some
from survey.io._raw import nfc

__all__ = ["Form", "Question", "code_of", "plain", "safe"]

_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?")
_TAGGED = re.compile(r"(.*)\((\w{2,3})(?:[-_]\w+)?\)\s*$")
_NAMES = {"english": "en", "vietnamese": "vi", "tiếng việt": "vi", "en": "en", "vi": "vi"}
_EMPTY: Mapping[Any, Any] = MappingProxyType({})


def plain(text: str) -> str:
    """A wording for comparison: composed letters, single spaces, no marks of emphasis."""
    return " ".join(re.sub(r"<[^>]*>|\*\*|__", "", nfc(text)).split())


def safe(code: Any) -> str:
    """A code as the end of a column name: -98 is _98."""
    return re.sub(r"\W", "_", str(code))


def code_of(written: str) -> Any:
    """A code as the codebook writes it: numbers where it looks like one, else text."""
    if not _NUMBER.fullmatch(written):
        return written
    value = float(written)
    return int(value) if value.is_integer() else value


@dataclass(frozen=True, slots=True)
class Question:
    """One question of a form.

    `kind` is the type of the form ("select_one", "integer", "geopoint", ...); `path` the groups around it, outermost
    first; `repeat` the innermost of them that repeats, or "". `choices` are codes as written, with their labels.
    """

    name: str
    kind: str
    path: tuple[str, ...] = ()
    titles: tuple[Text, ...] = ()
    repeat: str = ""
    text: Text = field(default_factory=lambda: _EMPTY)
    choices: Mapping[str, Text] = field(default_factory=lambda: _EMPTY)


@dataclass(frozen=True, slots=True)
class Form:
    """The questions of a form in their order; `repeats` says inside which repeat each repeat group stands."""

    questions: tuple[Question, ...] = ()
    repeats: Mapping[str, str] = field(default_factory=lambda: _EMPTY)
    source: str = ""

    def column(self, question: Question) -> str:
        """The name of a question's column: its own, or with its groups where several questions have that name."""
        alone = sum(q.name == question.name for q in self.questions) < 2
        return question.name if alone else "_".join((*question.path, question.name))

    @property
    def languages(self) -> tuple[str, ...]:
        """Languages of wording and labels."""
        found = [lang for q in self.questions for text in (q.text, *q.choices.values()) for lang in text]
        return tuple(dict.fromkeys(found))

    @classmethod
    def from_codebook(cls, book: Codebook) -> Form:
        """The questions that a codebook names, without groups."""
        kinds = {"ordinal": "select_one", "nominal": "select_one", "binary": "select_one", "number": "decimal",
                 "date": "date", "text": "text", "id": "text"}  # fmt: skip
        inside = {m: s for s in book.sets.values() for m in s.variables}
        questions: dict[str, Question] = {}
        for v in book.variables.values():
            if v.name in inside:
                s = inside[v.name]
                choices = {m.removeprefix(s.name).lstrip("_/"): book[m].text for m in s.variables if m in book}
                questions[s.name] = Question(s.name, "select_multiple", text=s.label, choices=choices)
                continue
            choices = {str(c): t for c, t in {**v.labels, **v.missing_labels}.items()} if v.labels else {}
            kind = kinds[v.type] if v.labels or kinds[v.type] != "select_one" else ""
            questions[v.name] = Question(v.name, kind, text=v.text, choices=choices)
        return cls(tuple(questions.values()), source=book.source)

    @classmethod
    def from_xlsform(cls, path: Path) -> Form:
        """Read an XLSForm workbook.

        Raises
        ------
        CodebookError
            If it is no XLSForm, or its groups do not close.
        """
        survey, choices = _sheets(path)
        lists: dict[str, dict[str, Text]] = {}
        for row in choices:
            name = row.get("list_name") or row.get("list name") or ""
            if name and row.get("name"):
                lists.setdefault(name, {})[row["name"]] = _text(row)
        questions: list[Question] = []
        stack: list[tuple[str, str, Text]] = []  # "group" or "repeat", name, label
        repeats: dict[str, str] = {}
        for row in survey:
            words = row.get("type", "").split()
            if not words:
                continue
            head = words[0].lower()
            if head in ("begin", "begin_group", "begin_repeat"):
                what = head.removeprefix("begin_") if head != "begin" else words[1].lower() if len(words) > 1 else ""
                if what == "repeat":
                    repeats[row.get("name", "")] = next((n for w, n, _ in reversed(stack) if w == "repeat"), "")
                stack.append((what, row.get("name", ""), _text(row)))
            elif head in ("end_group", "end_repeat") or (head == "end" and len(words) > 1):
                if not stack:
                    raise CodebookError("A group of the form ends that did not begin.", where=path, got=row.get("type"))
                stack.pop()
            else:
                questions += _questions(row, words, stack, lists)
        if stack:
            raise CodebookError("A group of the form does not end.", where=path, got=stack[-1][1])
        return cls(tuple(questions), MappingProxyType(repeats), str(path))


def _questions(
    row: Mapping[str, str],
    words: list[str],
    stack: list[tuple[str, str, Text]],
    lists: Mapping[str, Mapping[str, Text]],
) -> Iterable[Question]:
    kind = {"select1": "select_one", "int": "integer", "string": "text"}.get(words[0].lower(), words[0].lower())
    if kind == "select" and len(words) > 1:  # "select one from", "select all that apply from"
        kind = "select_one" if words[1] in ("one", "1") else "select_multiple"
    other = words[-1] in ("or_other", "other") and words[-2:] != ["specify", "other"] and len(words) > 2
    name = words[-2] if other and words[-1] == "or_other" else words[-1]
    choices = dict(lists.get(name, {})) if kind in ("select_one", "select_multiple", "rank") else {}
    if other and choices:
        choices.setdefault("other", MappingProxyType({"en": "Other", "vi": "Khác"}))
    shape: dict[str, Any] = {
        "path": tuple(n for _, n, _ in stack), "titles": tuple(t for _, _, t in stack),
        "repeat": next((n for w, n, _ in reversed(stack) if w == "repeat"), ""),
    }  # fmt: skip
    yield Question(row.get("name", "") or kind, kind, text=_text(row), choices=MappingProxyType(choices), **shape)
    if other and choices:
        yield Question(f"{row.get('name', '')}_other", "text", **shape)


def _text(row: Mapping[str, str]) -> Text:
    """Labels of a row by language; one without a language serves both."""
    found: dict[str, str] = {}
    for key, value in row.items():
        head, _, tag = key.partition(":")
        if head.strip() != "label" or not value:
            continue
        tag = tag.strip(": ")
        match = _TAGGED.match(tag)
        if match:
            found[match[2].lower()] = value
        elif tag:
            found[_NAMES.get(tag.lower(), tag.lower())] = value
        else:
            found |= {lang: value for lang in ("en", "vi") if lang not in found}
    return MappingProxyType(found)


def _sheets(path: Path) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    import python_calamine

    try:
        workbook = python_calamine.CalamineWorkbook.from_path(str(path))
        sheets = {
            s.name.strip().lower(): workbook.get_sheet_by_name(s.name).to_python() for s in workbook.sheets_metadata
        }
    except FileNotFoundError:
        raise CodebookError("The form is not there.", where=path, fix="correct the path") from None
    except Exception as problem:  # a parser may fail in ways of its own
        raise CodebookError(
            "The form cannot be read.", where=path, got=problem, expected="an XLSForm, .xlsx"
        ) from problem
    if "survey" not in sheets:
        raise CodebookError(
            "The workbook is no XLSForm.", where=path, got=some(sheets), expected="sheets named survey and choices",
            fix="give the workbook that was loaded into the platform",
        )  # fmt: skip
    return _rows(sheets["survey"]), _rows(sheets.get("choices", []))


def _rows(cells: list[list[Any]]) -> list[dict[str, str]]:
    if not cells:
        return []
    header = [nfc(str(c)).strip().lower() for c in cells[0]]
    return [
        {h: _written(c) for h, c in zip(header, row, strict=False) if h and c != ""} for row in cells[1:]
    ]  # fmt: skip


def _written(cell: Any) -> str:
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else nfc(str(cell)).strip()


def variable_of(question: Question, name: str) -> Variable:
    """What the form says about the column of a question with one answer."""
    codes = [code_of(c) for c in question.choices]
    labels = {code: text for code, text in zip(codes, question.choices.values(), strict=True)}
    kind = {"integer": "number", "decimal": "number", "range": "number", "date": "date", "datetime": "date",
            "start": "date", "end": "date", "today": "date"}.get(question.kind, "text")  # fmt: skip
    if labels:
        kind = "binary" if set(codes) == {0, 1} else "nominal"
    role = "item"
    if question.kind in ("geopoint", "geotrace", "geoshape", "phonenumber", "email", "subscriberid", "simserial"):
        role = "personal"
    elif question.kind in _PARADATA:
        role = "paradata"
    return Variable(name, type=kind, text=question.text, labels=MappingProxyType(labels), role=role)


def book_of(form: Form, given: Codebook | None, path: Path | None) -> Codebook | None:
    """The codebook of a form, under what a given one says; None where there is neither."""
    if path is None:
        return given
    from survey.io.xlsform import codebook_from_xlsform

    names = [q.name for q in form.questions]
    if len(set(names)) == len(names):
        book = codebook_from_xlsform(path)
    else:  # the same name in two groups, which a form may have and a codebook may not
        made = [
            variable_of(q, form.column(q)) for q in form.questions if q.kind not in ("select_multiple", "note", "audit")
        ]
        book = Codebook(source=str(path)).update(*made)
    added = {c: t for q in form.questions for c, t in q.choices.items() if c == "other"}
    for q in form.questions:  # "or other" adds an option that stands in no list
        v = book.variables.get(form.column(q))
        if v is not None and q.kind == "select_one" and added and "other" in q.choices and "other" not in v.labels:
            book = book.update(replace(v, labels=MappingProxyType({**v.labels, "other": added["other"]})))
    if given is None:
        return book
    variables = MappingProxyType({**book.variables, **given.variables})
    return replace(given, variables=variables, sets=MappingProxyType({**book.sets, **given.sets}))


_PARADATA = ("start", "end", "today", "deviceid", "username", "audit", "start-geopoint", "background-audio", "image",
             "audio", "video", "file")  # fmt: skip
