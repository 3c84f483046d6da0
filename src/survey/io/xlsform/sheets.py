"""The sheets of an XLSForm as rows of texts under headers that are written in one way."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from survey.errors import ReadError
from survey.io._cells import cell_text, sheet_names, workbook_cells
from survey.io._raw import nfc
from survey.io._sheets import Sheet

__all__ = ["is_form", "sheets_of"]

_LANGUAGE = re.compile(r"\(\s*([A-Za-z]{2,3})(?:[-_]\w+)*\s*\)\s*$")
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


def is_form(path: str | os.PathLike[str]) -> bool:
    """Whether a workbook has the sheets that make it an XLSForm: survey, with choices or settings."""
    names = {s.strip().lower() for s in sheet_names(Path(path))}
    return "survey" in names and bool(names & {"choices", "settings"})


def sheets_of(path: Path) -> dict[str, list[dict[str, str]]]:
    """Rows of each sheet as {header: text}; empty rows left out."""
    if not path.is_file():
        raise ReadError("The form does not exist.", where=path, fix="correct the path")
    sheets = workbook_cells(path, what="form", expected="an XLSForm, .xlsx", fix="export it again")
    return {name.strip().lower(): list(_rows(sheet)) for name, sheet in sheets.items()}


def _rows(sheet: Sheet) -> Iterator[dict[str, str]]:
    header = [_header(cell) for cell in sheet.rows[0]] if sheet.rows else []
    for number, row in enumerate(sheet.rows[1:], sheet.skipped + 2):
        texts = (cell_text(cell, ("false", "true")).strip() for cell in row)
        cells = {h: text for h, text in zip(header, texts, strict=True) if h and text}
        if cells:
            yield cells | {"_row": str(number)}


def _header(cell: Any) -> str:
    """ "Label :: Tiếng Việt (vi)" is label::vi; "list name" is list_name."""
    head, found, language = nfc(str(cell)).strip().partition("::")
    if not found:
        head, found, language = head.partition(":")
    head = head.strip().lower().replace(" ", "_")
    if not found or head in ("body", "bind", "instance", "media", "jr"):
        return head + found + language
    language = language.strip(": ")
    code = _LANGUAGE.search(language)
    known = _NAMES.get(language.casefold(), language)
    return f"{head}::{code[1].lower() if code else known}"
