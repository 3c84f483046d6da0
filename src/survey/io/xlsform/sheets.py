"""The sheets of an XLSForm as rows of texts under headers that are written in one way."""

from __future__ import annotations

import datetime as dt
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from survey.base.catalogue import Note
from survey.errors import ReadError
from survey.io._cells import cell_text, sheet_names, workbook_cells
from survey.io._raw import nfc
from survey.io._sheets import Sheet
from survey.io.xlsform.question_types import is_known

__all__ = ["KNOWN_SHEETS", "is_form", "sheets_of"]

KNOWN_SHEETS = ("survey", "choices", "settings", "external_choices", "entities", "osm")
"""The sheets that pyxform looks for."""
_LANGUAGE = re.compile(r"\(\s*([A-Za-z]{2,3})(?:[-_][A-Za-z0-9]+)*\s*\)\s*$")
_NAMES = {
    "english": "en",
    "tiếng anh": "en",
    "vietnamese": "vi",
    "tiếng việt": "vi",
    "tieng viet": "vi",
    "việt": "vi",
    "french": "fr",
    "français": "fr",
    "español": "es",
    "spanish": "es",
}
_CHOICES = {"caption": "label", "value": "name"}
_ALIASES: Mapping[str, Mapping[str, str]] = {
    "survey": {
        "command": "type",
        "tag": "name",
        "value": "name",
        "caption": "label",
        "relevance": "relevant",
        "bind::relevant": "relevant",
        "bind::required": "required",
        "bind::constraint": "constraint",
        "bind::calculate": "calculation",
        "calculate": "calculation",
        "constraining_message": "constraint_message",
        "bind::jr:constraintmsg": "constraint_message",
        "control::appearance": "appearance",
        "body::appearance": "appearance",
        "count": "repeat_count",
        "jr:count": "repeat_count",
        "control::jr:count": "repeat_count",
        "body::jr:count": "repeat_count",
    },
    "choices": _CHOICES,
    "external_choices": _CHOICES,
    "settings": {"set_form_title": "form_title", "set_form_id": "form_id", "id_string": "form_id"},
}
"""Older and longer names of columns, as pyxform knows them."""
_SPOKEN = (
    "label",
    "hint",
    "guidance_hint",
    "constraint_message",
    "required_message",
    "form_title",
    "title",
    "short",
    "codebook_note",
    "unit",
    "element",
    "dimension",
)
_STRAIGHT = str.maketrans({"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"'})
_GAP = 60  # empty rows, after which pyxform takes a sheet to be over
_LARGEST = 4_000_000  # bytes; a workbook with one sheet of another name is looked into only if it may be a form


def is_form(path: str | os.PathLike[str]) -> bool:
    """Whether a workbook is an XLSForm: a sheet survey with choices or settings, or a sheet of typed questions.

    The sheet of questions is the one named survey, or nearly so, or the only one.
    """
    target = Path(path)
    names = sheet_names(target)
    plain = {_plain(n) for n in names}
    if "survey" in plain and plain & {"choices", "settings"}:
        return True
    if not _named("survey", names) and (len(names) != 1 or target.stat().st_size > _LARGEST):
        return False
    try:
        sheets = workbook_cells(target)
    except ReadError:
        return False
    return any(_asks(sheets[n]) for n in _named("survey", list(sheets)) or list(sheets))


def sheets_of(path: Path) -> tuple[dict[str, list[dict[str, str]]], list[Note]]:
    """Rows of each sheet as {header: text}, empty rows left out; what was taken for a misspelt sheet."""
    if not path.is_file():
        raise ReadError("The form does not exist.", where=path, fix="correct the path")
    found = workbook_cells(path, what="form", expected="an XLSForm, .xlsx", fix="export it again")
    taken: dict[str, str] = {}
    notes: list[Note] = []
    for wanted in KNOWN_SHEETS:
        near = [n for n in _named(wanted, list(found)) if n not in taken]
        if wanted == "survey" and not any(_plain(n) == wanted for n in near):
            near = [n for n in near or list(found)[: len(found) == 1] if _asks(found[n])]
        if len(near) == 1 or (near and _plain(near[0]) == wanted):
            taken[near[0]] = wanted
            if _plain(near[0]) != wanted:
                notes.append(Note("reading.form_sheet", sheet=repr(near[0]), meant=wanted))
    return {(kind := taken.get(name, _plain(name))): list(_rows(sheet, kind)) for name, sheet in found.items()}, notes


def _plain(name: str) -> str:
    return name.strip().lower()


def _named(wanted: str, names: Sequence[str]) -> list[str]:
    """The sheets of a name, or of one that differs by two letters at most; "_survey" is put aside on purpose."""
    same = [n for n in names if _plain(n) == wanted]
    if same or wanted == "osm":
        return same
    others = [n for n in names if _plain(n) not in KNOWN_SHEETS and not n.startswith("_")]
    return [n for n in others if _distance(_plain(n), wanted) <= 2]


def _distance(one: str, other: str) -> int:
    """Letters to be put in, left out or changed (Levenshtein)."""
    if abs(len(one) - len(other)) > 2:
        return 3
    before = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        row = [i]
        for j, b in enumerate(other, 1):
            row.append(min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b)))
        before = row
    return before[-1]


def _asks(sheet: Sheet) -> bool:
    """Whether the rows of a sheet are questions: a column of types, most of which are types, and one of names."""
    header = _headers(sheet, "survey")
    if "type" not in header or not {"name", "label"} & {h.partition("::")[0] for h in header}:
        return False
    place = header.index("type")
    types = [_text(row[place]) for row in sheet.rows[1:] if row[place] != ""]
    return 2 * sum(is_known(t) for t in types) >= len(types)


def _headers(sheet: Sheet, kind: str) -> list[str]:
    header = [_header(cell) for cell in sheet.rows[0]] if sheet.rows else []
    aliases = _ALIASES.get(kind, {})
    return [aliases[h] if h in aliases and aliases[h] not in header else h for h in header]


def _rows(sheet: Sheet, kind: str) -> Iterator[dict[str, str]]:
    header = _headers(sheet, kind)
    empty = 0
    for number, row in enumerate(sheet.rows[1:], sheet.skipped + 2):
        cells = {h: t for h, cell in zip(header, row, strict=True) if h and (t := _read(h, cell, kind))}
        empty = 0 if cells else empty + 1
        if empty > _GAP:
            return
        if cells:
            yield cells | {"_row": str(number)}


def _read(header: str, cell: Any, kind: str) -> str:
    """A cell as platforms read it: quotes straight, and in the sheet survey one space between words.

    Wording stays as it was written.
    """
    text = _text(cell)
    if kind not in KNOWN_SHEETS or header.partition("::")[0] in _SPOKEN:
        return text
    text = text.translate(_STRAIGHT)
    return " ".join(text.split()) if kind == "survey" else text


def _text(cell: Any) -> str:
    """The text that pyxform makes of a cell, which is what stands in the data: TRUE, 2024-01-31 00:00:00."""
    if isinstance(cell, dt.date | dt.time):
        day = isinstance(cell, dt.date) and not isinstance(cell, dt.datetime)
        return str(dt.datetime.combine(cell, dt.time())) if day else str(cell)  # type: ignore[arg-type]
    return cell_text(cell, ("FALSE", "TRUE")).replace("\xa0", " ").strip()


def _header(cell: Any) -> str:
    """ "Label :: Tiếng Việt (vi)" is label::vi; "list name" is list_name."""
    head, found, language = nfc(str(cell)).strip().partition("::")
    if not found:
        head, found, language = head.partition(":")
    head = "_".join(head.lower().split())
    if head == "survey":  # survey::dimension: a column of ours by its full name
        return "_".join(language.strip(": ").lower().split())
    if head == "bind" and language.strip(": ").lower().startswith("survey:"):  # kept in the form as an attribute
        return language.strip(": ").lower().removeprefix("survey:")
    if head == "jr":
        return f"jr:{language.strip().lower()}"
    if not found or head in ("body", "bind", "control", "instance", "media"):
        return f"{head}::{language.strip(': ').lower()}" if found else head
    language = language.strip(": ")
    code = _LANGUAGE.search(language)
    known = _NAMES.get(language.casefold(), language)
    return f"{head}::{code[1].lower() if code else known}"
