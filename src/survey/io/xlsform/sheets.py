"""The sheets of an XLSForm as rows of texts under headers that are written in one way."""

from __future__ import annotations

import os
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from survey.codebook.told import said
from survey.errors import ReadError
from survey.io._raw import nfc

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
    from python_calamine import CalamineWorkbook

    try:
        names = {s.strip().lower() for s in CalamineWorkbook.from_path(str(path)).sheet_names}
    except Exception:  # what cannot be opened is none; whoever reads it says why
        return False
    return "survey" in names and bool(names & {"choices", "settings"})


def sheets_of(path: Path) -> dict[str, list[dict[str, str]]]:
    """Rows of each sheet as {header: text}; empty rows left out."""
    from python_calamine import CalamineWorkbook

    if not path.is_file():
        raise ReadError("The form is not there.", where=path, fix="correct the path")
    try:
        if path.suffix.lower() == ".xlsx" and not zipfile.is_zipfile(path):
            raise ValueError("no complete archive")
        book = CalamineWorkbook.from_path(str(path))
        raw = {n.strip().lower(): book.get_sheet_by_name(n).to_python() for n in book.sheet_names}
    except Exception as problem:  # a parser may fail in ways of its own; all mean that it cannot be read
        raise ReadError(
            "The form cannot be read: it is cut short, damaged, or no workbook.",
            where=path,
            got=said(problem),
            expected="an XLSForm, .xlsx",
            fix="export it again",
        ) from problem
    return {name: list(_rows(rows)) for name, rows in raw.items()}


def _rows(rows: list[list[Any]]) -> Iterator[dict[str, str]]:
    header = [_header(cell) for cell in rows[0]] if rows else []
    for number, row in enumerate(rows[1:], 2):
        cells = {h: text for h, cell in zip(header, row, strict=False) if h and (text := _written(cell))}
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


def _written(cell: Any) -> str:
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(nfc(str(cell)).strip()) if cell is not None else ""
