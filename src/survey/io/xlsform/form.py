"""The sheets of an XLSForm as they stand: questions in order with the groups around them, lists of choices."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from survey.codebook import Text, catalogue_text, same_text
from survey.errors import CodebookError, ReadError, shorten
from survey.io.xlsform.sheets import sheets_of

__all__ = ["Group", "Question", "XLSForm", "read_form", "safe"]

_NAME = re.compile(r"[^\W\d][\w.\-]*")
_KINDS = {
    "select1": "select_one",
    "select one": "select_one",
    "select one from": "select_one",
    "select multiple": "select_multiple",
    "select all that apply": "select_multiple",
    "select multiple from": "select_multiple",
    "select all that apply from": "select_multiple",
    "add select one prompt using": "select_one",
    "add select multiple prompt using": "select_multiple",
    "int": "integer",
    "string": "text",
    "datetime": "dateTime",
    "trigger": "acknowledge",
    "photo": "image",
    "location": "geopoint",
    "select one from file": "select_one_from_file",
    "range": "range",
    "select multiple from file": "select_multiple_from_file",
}
_NAMELESS = ("start", "end", "today", "deviceid", "username", "phonenumber", "email", "audit", "note")
_SELECTS = ("select_one", "select_multiple", "rank")


@dataclass(frozen=True, slots=True)
class Group:
    """A group or a repeat around questions.

    Parameters
    ----------
    kind : {"group", "repeat"}
    name : str
    text : Text
    relevant : str
        Whom it is for, in XPath.
    cells : mapping of header to text
    """

    kind: str
    name: str
    text: Text = field(default_factory=lambda: MappingProxyType({}))
    relevant: str = ""
    cells: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Question:
    """One row of the survey sheet that is neither the beginning nor the end of a group.

    Parameters
    ----------
    name : str
    kind : str
        Its type in the words of the XLSForm standard: "select_one", "select_multiple", "integer", "text", "note", ...
    groups : tuple of Group
        Those around it, outermost first.
    list_name : str
        Of a selection.
    choices : mapping of code as written to Text
        Options in order, missing codes among them.
    text : Text
    row : int
        Row of the sheet, from 1.
    cells : mapping of header to text
        Headers in lower case; of translated columns "label::vi".
    """

    name: str
    kind: str
    groups: tuple[Group, ...]
    list_name: str
    choices: Mapping[str, Text]
    text: Text
    row: int
    cells: Mapping[str, str]

    @property
    def path(self) -> tuple[str, ...]:
        """Names of the groups around it, outermost first."""
        return tuple(g.name for g in self.groups)

    @property
    def repeat(self) -> str:
        """The innermost repeat around it, or ""."""
        return next((g.name for g in reversed(self.groups) if g.kind == "repeat"), "")


@dataclass(frozen=True, slots=True)
class XLSForm:
    """An XLSForm as it was read.

    Parameters
    ----------
    questions : tuple of Question
    lists : mapping of str to mapping of code as written to Text
        Lists of choices.
    choices : mapping of str to mapping of code as written to mapping of header to text
        All cells of each choice.
    repeats : mapping of str to str
        Repeats, and the repeat that each stands in, or "".
    languages : tuple of str
    settings : mapping of str to str
    sheets : mapping of str to rows
        Sheets that the standard does not know, as {header: text}.
    source : str
    """

    questions: tuple[Question, ...]
    lists: Mapping[str, Mapping[str, Text]]
    choices: Mapping[str, Mapping[str, Mapping[str, str]]]
    repeats: Mapping[str, str]
    languages: tuple[str, ...]
    settings: Mapping[str, str]
    sheets: Mapping[str, Sequence[Mapping[str, str]]]
    source: str

    def __getitem__(self, name: str) -> Question:
        found = [q for q in self.questions if q.name == name]
        if len(found) != 1:
            raise CodebookError(
                f"The form has {'several questions' if found else 'no question'} of this name.",
                where=self.source,
                got=name,
                expected=shorten(q.name for q in self.questions),
            )
        return found[0]

    def column(self, question: Question, code: str | None = None) -> str:
        """The column of a question, or of one option of a question with several answers.

        The name alone; with its groups before it where questions in different groups have one name.
        """
        alone = sum(q.name == question.name for q in self.questions) < 2
        name = question.name if alone else "_".join((*question.path, question.name))
        return name if code is None else f"{name}_{safe(code)}"


def safe(code: Any) -> str:
    """A code as the end of a column name: -98 is _98."""
    return re.sub(r"\W", "_", str(code))


def read_form(path: str | os.PathLike[str]) -> XLSForm:
    """Questions, choices and settings of an XLSForm.

    Raises
    ------
    ReadError
        If the file is missing, cut short, or no XLSForm.
    CodebookError
        If a group does not close, a list of choices does not exist, a name is repeated or invalid.
    """
    where = str(path)
    sheets = sheets_of(Path(path))
    if "survey" not in sheets:
        raise ReadError(
            "The workbook is not an XLSForm.",
            where=path,
            got=f"sheets {shorten(sheets)}",
            expected="a sheet named survey",
            fix="give the workbook that was loaded into KoboToolbox or ODK",
        )
    if not sheets["survey"]:
        raise CodebookError("The sheet survey has no questions.", where=path, expected="one row per question")
    if not any("type" in row for row in sheets["survey"]):
        raise CodebookError(
            "The sheet survey has no column named type.",
            where=path,
            got=shorten(sheets["survey"][0]),
            expected="type, name, label",
            fix="the first row of the sheet must name its columns",
        )
    choices = _choices(sheets.get("choices", []), where)
    lists = {name: {code: _texts(row) for code, row in rows.items()} for name, rows in choices.items()}
    questions, repeats = _questions(sheets["survey"], lists, where)
    texts = [t for q in questions for t in (q.text, *(g.text for g in q.groups), *q.choices.values())]
    return XLSForm(
        tuple(questions),
        MappingProxyType(lists),
        MappingProxyType(choices),
        MappingProxyType(repeats),
        tuple(dict.fromkeys(lang for t in texts for lang in t)),
        MappingProxyType({k: v for row in sheets.get("settings", [])[:1] for k, v in row.items() if k != "_row"}),
        MappingProxyType({n: r for n, r in sheets.items() if n not in ("survey", "choices", "settings")}),
        where,
    )


def _texts(row: Mapping[str, str], what: str = "label") -> Text:
    """Texts of a row by language; one without a language serves both."""
    found = {h.partition("::")[2]: text for h, text in row.items() if h.startswith(f"{what}::")}
    plain = row.get(what)
    return MappingProxyType((dict(same_text(plain)) if plain else {}) | found)


def _choices(rows: Sequence[Mapping[str, str]], path: str) -> dict[str, dict[str, Mapping[str, str]]]:
    lists: dict[str, dict[str, Mapping[str, str]]] = {}
    for row in rows:
        name, code = row.get("list_name", ""), row.get("name", row.get("value", ""))
        where = f"{path}, sheet choices, row {row['_row']}"
        if not name or not code:
            if not name and not code:
                continue  # a remark of someone
            raise CodebookError(
                "A choice has no list." if not name else "A choice has no name.",
                where=where,
                got=name or code,
                expected="list_name, name and label in each row",
                fix="fill the cell, or remove the row",
            )
        if code in lists.setdefault(name, {}):
            raise CodebookError(
                "A list contains the same choice twice.",
                where=where,
                got=f"{code} in {name}",
                fix="rename or remove one",
            )
        lists[name][code] = MappingProxyType(dict(row))
    return lists


def _questions(
    rows: Sequence[Mapping[str, str]], lists: Mapping[str, Mapping[str, Text]], path: str
) -> tuple[list[Question], dict[str, str]]:
    questions: list[Question] = []
    open_groups: list[Group] = []
    repeats: dict[str, str] = {}
    seen: set[tuple[str, ...]] = set()
    for row in rows:
        where = f"{path}, sheet survey, row {row['_row']}"
        kind, list_name, other = _kind(row.get("type", ""))
        if not kind or row.get("disabled", "").lower() in ("yes", "true"):
            continue
        if kind in ("begin group", "begin repeat"):
            group = Group(kind.split()[1], row.get("name", ""), _texts(row), row.get("relevant", ""), row)
            if group.kind == "repeat":
                repeats[group.name] = next((g.name for g in reversed(open_groups) if g.kind == "repeat"), "")
            open_groups.append(group)
            continue
        if kind in ("end group", "end repeat"):
            if not open_groups or open_groups[-1].kind != kind.split()[1]:
                raise CodebookError(
                    "A group is closed that was not open.",
                    where=where,
                    got=row["type"],
                    expected=f"end_{open_groups[-1].kind} of {open_groups[-1].name}" if open_groups else "no end here",
                )
            open_groups.pop()
            continue
        name = row.get("name", "") or (kind if kind in _NAMELESS else "")
        if not _NAME.fullmatch(name):
            raise CodebookError(
                "The name of a question is invalid.",
                where=where,
                got=repr(name),
                expected="letters, digits, _, - and ., beginning with a letter",
                fix="name it in the column name",
            )
        if kind in _SELECTS and list_name not in lists:
            raise CodebookError(
                "A question uses a list of choices that does not exist.",
                where=where,
                got=f"{name}: {list_name or 'none'}",
                expected=shorten(lists) or "rows in the sheet choices",
                fix="add the list to the sheet choices",
            )
        place = (*(g.name for g in open_groups), name)
        if place in seen:
            raise CodebookError(
                "Two questions have the same name.",
                where=where,
                got="/".join(place),
                expected="a unique name for each",
                fix="rename one of them",
            )
        seen.add(place)
        choices = dict(lists[list_name]) if kind in _SELECTS else {}
        if other:
            choices.setdefault("other", catalogue_text("labels.other"))
        shape = (tuple(open_groups),)
        cells = MappingProxyType(dict(row))
        questions.append(
            Question(name, kind, *shape, list_name, MappingProxyType(choices), _texts(row), int(row["_row"]), cells)
        )
        if other:
            words = catalogue_text("labels.other_specify")
            questions.append(
                Question(
                    f"{name}_other",
                    "text",
                    *shape,
                    "",
                    MappingProxyType({}),
                    words,
                    int(row["_row"]),
                    MappingProxyType({"relevant": f"selected(${{{name}}}, 'other')"}),
                )
            )
    if open_groups:
        raise CodebookError(
            "A group is not closed.",
            where=path,
            got=open_groups[-1].name,
            expected=f"end_{open_groups[-1].kind}",
            fix="the form may be cut short: compare its last rows",
        )
    return questions, repeats


def _kind(written: str) -> tuple[str, str, bool]:
    """ "select_one yes_no or_other" is (select_one, yes_no, True); "begin_group" is (begin group, "", False)."""
    words = written.split()
    if not words or words[0].startswith("#"):
        return "", "", False
    joined = " ".join(words).lower().replace("_", " ")
    if joined in ("begin group", "end group", "begin repeat", "end repeat", "begin lgroup", "end lgroup"):
        return joined.replace("lgroup", "repeat"), "", False
    other = words[-1].lower() == "or_other" or [w.lower() for w in words[-3:]] == ["or", "specify", "other"]
    rest = words[: -1 if words[-1].lower() == "or_other" else -3] if other else words
    if rest[0].lower() in ("begin", "end"):
        return joined, "", False
    for size in range(len(rest) - 1, 0, -1):
        head = " ".join(rest[:size]).lower()
        kind = _KINDS.get(head.replace("_", " "), head.replace(" ", "_"))
        if kind.startswith("select_") or kind == "rank":
            return kind, rest[size], other
    kind = _KINDS.get(joined, joined.replace(" ", "_"))
    return ("dateTime" if kind == "datetime" else kind), "", other
