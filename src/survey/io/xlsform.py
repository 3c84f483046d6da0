"""Questionnaires as XLSForm, the workbook that KoboToolbox, ODK and SurveyCTO load: to a codebook and back.

A form says what was asked, of whom and in which words; what an analysis needs besides (direction, dimension, kinds of
missing codes) stands in columns of its own, which those programs pass over.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from survey.codebook import Codebook, MultipleSet, Text, Variable
from survey.errors import CodebookError, ReadError, some
from survey.io._raw import nfc
from survey.io._relevant import base_of

__all__ = ["Form", "Question", "codebook_from_xlsform", "read_form"]

_LANGUAGE = re.compile(r"\(([A-Za-z-]{2,12})\)\s*$")
_NAMES = {"english": "en", "tiếng việt": "vi", "vietnamese": "vi", "tieng viet": "vi"}
_NUMBERS = ("integer", "int", "decimal", "range")
_METADATA = {
    "start": "paradata", "end": "paradata", "today": "paradata", "audit": "", "background-audio": "", "note": "",
    "deviceid": "personal", "username": "personal", "phonenumber": "personal", "subscriberid": "personal",
    "simserial": "personal", "email": "personal",
}  # fmt: skip
_PLACES = ("geopoint", "geotrace", "geoshape")
_FILES = ("image", "audio", "video", "file")
_NAME = re.compile(r"[^\W\d][\w.-]*")


@dataclass(frozen=True, slots=True)
class Question:
    """One row of the survey sheet that holds answers.

    Parameters
    ----------
    name : str
    path : tuple of str
        Groups and repeats it stands in, outermost first.
    kind : str
        "select_one", "select_multiple", "integer", "text", ...
    list_name : str
        Of a selection.
    choices : mapping of code to Text
        Options in order, missing codes among them.
    text : Text
    repeat : str
        The repeat it stands in; "" for none.
    row : int
        Row of the sheet, from 1.
    cells : mapping of str to str
        All its cells by header.
    """

    name: str
    path: tuple[str, ...]
    kind: str
    list_name: str
    choices: Mapping[Any, Text]
    text: Text
    repeat: str
    row: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Form:
    """An XLSForm as it was read: questions in order, lists of choices, kinds of missing codes by list, and so on."""

    questions: tuple[Question, ...]
    lists: Mapping[str, Mapping[Any, Text]]
    kinds: Mapping[str, Mapping[Any, str]]
    languages: tuple[str, ...]
    settings: Mapping[str, str]
    notes: tuple[str, ...]
    source: str

    def __getitem__(self, name: str) -> Question:
        found = [q for q in self.questions if q.name == name]
        if len(found) != 1:
            raise CodebookError(
                "The form has no such question, or several.", where=self.source, got=name,
                expected=some(q.name for q in self.questions),
            )  # fmt: skip
        return found[0]


def codebook_from_xlsform(path: str | os.PathLike[str]) -> Codebook:
    """The codebook of an XLSForm.

    Parameters
    ----------
    path : path
        .xlsx with sheets survey and choices. Columns of one's own are read where they stand: in survey `codebook_type`
        ("ordinal"), `dimension`, `direction`, `scored`, `role`, `unit`, `base` ("everyone" for none), `missing` (a list
        of choices that are missing codes), `dont_know`, `element`, `codebook_note`; in choices `kind` (dont_know,
        refused, ...).

    Returns
    -------
    Codebook
        Variables in the order of the form; a question with several answers is one 0/1 variable an option, together a
        set. `relevant` becomes `base` where our expressions can say it; where not, it is in the variable's note.

    Raises
    ------
    ReadError
        If the file is no workbook or lacks the sheet survey.
    CodebookError
        If a list of choices is not there, a name stands twice or is no name, or a kind of missing is unknown.
    """
    return _codebook(read_form(path))


def read_form(path: str | os.PathLike[str]) -> Form:
    """Questions, choices and settings of an XLSForm; see `codebook_from_xlsform`."""
    sheets = _sheets(Path(path))
    survey, choices = sheets.get("survey"), sheets.get("choices", [])
    if survey is None:
        raise ReadError(
            "The workbook is no XLSForm.", where=path, got=f"sheets {some(sheets)}", expected="a sheet named survey"
        )
    lists, kinds = _choices(choices, str(path))
    questions, notes = _questions(survey, lists, str(path))
    settings = {k: v for row in sheets.get("settings", [])[:1] for k, v in row.items()}
    languages = tuple(dict.fromkeys(lang for q in questions for lang in q.text))
    return Form(questions, lists, kinds, languages, settings, notes, str(path))


def _sheets(path: Path) -> dict[str, list[dict[str, str]]]:
    """Rows of each sheet as {header: text}; headers in lower case but for languages, empty rows left out."""
    from python_calamine import CalamineWorkbook

    if not path.is_file():
        raise ReadError("The form is not there.", where=path, fix="correct the path")
    try:
        book = CalamineWorkbook.from_path(str(path))
        raw = {name.strip().lower(): book.get_sheet_by_name(name).to_python() for name in book.sheet_names}
    except Exception as problem:  # the parser has errors of its own; all mean that it cannot be read
        raise ReadError(
            "The form cannot be read.", where=path, got=problem, expected="an .xlsx workbook", fix="export it again"
        ) from problem
    out: dict[str, list[dict[str, str]]] = {}
    for name, rows in raw.items():
        if not rows:
            out[name] = []
            continue
        header = [_header(cell) for cell in rows[0]]
        out[name] = [
            {h: text for h, cell in zip(header, row, strict=False) if h and (text := _cell(cell))}
            | {"_row": str(number)}
            for number, row in enumerate(rows[1:], 2)
            if any(_cell(c) for c in row)
        ]
    return out


def _header(cell: Any) -> str:
    head, found, language = nfc(str(cell)).strip().partition("::")
    head = head.strip().lower().replace(" ", "_")
    return f"{head}::{language.strip(': ')}" if found else head


def _cell(cell: Any) -> str:
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(nfc(str(cell)).strip()) if cell is not None else ""


def _language(header: str) -> str:
    """ "label::Tiếng Việt (vi)" is Vietnamese; without a code, the name itself, and "" without a language."""
    name = header.partition("::")[2]
    code = _LANGUAGE.search(name)
    return code[1].lower() if code else _NAMES.get(name.casefold(), name)


def _texts(row: Mapping[str, str], what: str) -> Text:
    found = {_language(h): text for h, text in row.items() if h == what or h.startswith(f"{what}::")}
    plain = found.pop("", None)
    if plain is not None:
        found = {"vi": plain, "en": plain} | found
    return MappingProxyType(found)


def _code(text: str) -> Any:
    return int(text) if re.fullmatch(r"-?(0|[1-9]\d*)", text) else text


def _choices(rows: list[dict[str, str]], path: str) -> tuple[dict[str, dict[Any, Text]], dict[str, dict[Any, str]]]:
    lists: dict[str, dict[Any, Text]] = {}
    kinds: dict[str, dict[Any, str]] = {}
    for row in rows:
        name, code = row.get("list_name", ""), _code(row.get("name", row.get("value", "")))
        where = f"{path}, choices, row {row['_row']}"
        if not name or code == "":
            raise CodebookError("A choice has no list or no name.", where=where, expected="list_name and name")
        if code in lists.setdefault(name, {}):
            raise CodebookError("A list has one choice twice.", where=where, got=f"{name}, {code}")
        lists[name][code] = _texts(row, "label")
        if row.get("kind"):
            kinds.setdefault(name, {})[code] = row["kind"]
    return lists, kinds


def _questions(
    rows: list[dict[str, str]], lists: Mapping[str, Mapping[Any, Text]], path: str
) -> tuple[tuple[Question, ...], tuple[str, ...]]:
    questions: list[Question] = []
    groups: list[tuple[str, str, str]] = []  # kind, name, relevant
    notes: list[str] = []
    for row in rows:
        where = f"{path}, survey, row {row['_row']}"
        kind, _, rest = row.get("type", "").partition(" ")
        kind = kind.strip().lower()
        joined = f"{kind} {rest}".strip().lower().replace("_", " ")
        if joined in ("begin group", "begin repeat"):
            groups.append((joined.split()[1], row.get("name", ""), row.get("relevant", "")))
            continue
        if joined in ("end group", "end repeat"):
            if not groups:
                raise CodebookError("A group ends that never began.", where=where, got=joined)
            groups.pop()
            continue
        if not kind or kind.startswith("#"):
            continue
        name = row.get("name", "")
        if not _NAME.fullmatch(name):
            if kind in _METADATA:
                continue
            raise CodebookError("A question has no proper name.", where=where, got=repr(name),
                                expected="letters, digits and _, beginning with a letter")  # fmt: skip
        list_name = rest.split()[0] if kind.startswith("select") and rest.strip() else ""
        if kind in ("select_one", "select_multiple", "rank") and list_name not in lists:
            raise CodebookError("A question uses a list of choices that is not there.", where=where,
                                got=list_name or "no list", expected=some(lists))  # fmt: skip
        if row.get("choice_filter"):
            notes.append(f"{name}: choice_filter is not followed; all choices are in the codebook")
        relevant = " and ".join(f"({r})" for _, _, r in groups if r)
        own = row.get("relevant", "")
        cells = {**row, "relevant": f"{relevant} and ({own})" if relevant and own else relevant or own}
        questions.append(
            Question(
                name, tuple(g[1] for g in groups), kind, list_name, MappingProxyType(dict(lists.get(list_name, {}))),
                _texts(row, "label"), next((g[1] for g in reversed(groups) if g[0] == "repeat"), ""),
                int(row["_row"]), MappingProxyType(cells),
            )
        )  # fmt: skip
    if groups:
        raise CodebookError("A group is not closed.", where=path, got=groups[-1][1], expected="end_group")
    names = [q.name for q in questions]
    twice = sorted({n for n in names if names.count(n) > 1})
    if twice:
        raise CodebookError("Two questions have one name.", where=path, got=some(twice), fix="rename one of them")
    return tuple(questions), tuple(notes)


def _codebook(form: Form) -> Codebook:
    variables: dict[str, Variable] = {}
    sets: dict[str, MultipleSet] = {}
    several = {q.name for q in form.questions if q.kind == "select_multiple"}
    codes = {q.name: set(q.choices) for q in form.questions}
    shared = {name: {**lst} for name, lst in form.kinds.items()}
    for question in form.questions:
        if question.kind in _METADATA and not _METADATA[question.kind]:
            continue
        variable = _variable(question, form, shared, several, codes)
        if question.kind != "select_multiple":
            variables[question.name] = variable
            continue
        members = []
        for code, label in question.choices.items():
            if code in form.kinds.get(question.list_name, {}):
                continue
            name = f"{question.name}_{code}"
            members.append(name)
            variables[name] = replace(variable, name=name, type="binary", text=label, labels=_NO_YES)
        sets[question.name] = MultipleSet(question.name, tuple(members), "dichotomies", question.text)
    title = form.settings.get("form_title", "")
    return Codebook(
        MappingProxyType(variables), title=_same(title) if title else MappingProxyType({}), source=form.source,
        sets=MappingProxyType(sets), extra=MappingProxyType({"notes": form.notes} if form.notes else {}),
    )  # fmt: skip


_NO_YES: Mapping[Any, Text] = MappingProxyType({
    0: MappingProxyType({"vi": "Không", "en": "No"}), 1: MappingProxyType({"vi": "Có", "en": "Yes"}),
})  # fmt: skip


def _same(text: str) -> Text:
    return MappingProxyType({"vi": text, "en": text})


def _variable(
    question: Question, form: Form, shared: Mapping[str, Mapping[Any, str]], several: Iterable[str],
    codes: Mapping[str, set[Any]],
) -> Variable:  # fmt: skip
    cells, where = question.cells, f"{form.source}, survey, row {question.row}"
    kinds = dict(shared.get(cells.get("missing", question.list_name), {}))
    labels = {c: t for c, t in question.choices.items() if c not in kinds}
    texts = question.choices if question.list_name else form.lists.get(cells.get("missing", ""), {})
    base, why = ("", "")
    if cells.get("base"):
        base = "" if cells["base"] == "everyone" else cells["base"]
    elif cells.get("relevant"):
        base, why = base_of(cells["relevant"], set(several), codes)
    notes = [n for n in (cells.get("codebook_note", ""), f"relevant: {cells['relevant']} ({why})" if why else "") if n]
    entry = {
        "type": cells.get("codebook_type") or _type(question, labels), "direction": _code(cells.get("direction", "0")),
        "dimension": cells.get("dimension", ""), "scored": _true(cells.get("scored", "")), "base": base,
        "role": cells.get("role") or _role(question), "unit": cells.get("unit", ""),
        "required": _true(cells.get("required", "")) and not kinds, "dont_know": cells.get("dont_know", "exclude"),
        "element": cells.get("element", ""), "note": "; ".join(notes),
    }  # fmt: skip
    limits = _limits(cells.get("constraint", ""))
    if limits is not None:
        entry["limits"] = limits
    entry["missing"] = {str(c): {"kind": k, **texts.get(c, {})} for c, k in kinds.items()} or False
    made = Codebook.from_dict({"variables": {question.name: entry}}, source=where)[question.name]
    return replace(made, text=question.text, labels=MappingProxyType(labels))


def _true(text: str) -> bool:
    return text.strip().lower() in ("true", "true()", "yes", "1")


def _type(question: Question, labels: Mapping[Any, Text]) -> str:
    if question.kind in ("select_one", "select_multiple"):
        return "binary" if set(labels) == {0, 1} else "nominal"
    if question.kind in _NUMBERS:
        return "number"
    return "date" if question.kind in ("date", "datetime", "start", "end", "today") else "text"


def _role(question: Question) -> str:
    if question.kind in _PLACES or question.kind in _FILES:
        return "personal"
    return _METADATA.get(question.kind) or ("derived" if question.kind == "calculate" else "item")


def _limits(constraint: str) -> tuple[float, float] | None:
    """Smallest and largest number of ". >= 0 and . <= 600"; None if it says anything else about either end."""
    low = re.findall(r"\.\s*>=\s*(-?\d+(?:\.\d+)?)", constraint)
    high = re.findall(r"\.\s*<=\s*(-?\d+(?:\.\d+)?)", constraint)
    return (float(low[0]), float(high[0])) if len(low) == len(high) == 1 else None
