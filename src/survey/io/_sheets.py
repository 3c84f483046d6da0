"""Which sheet of a workbook is the data, how many of its rows are its header, and what its cells do not say."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from survey.base.catalogue import Note, listed
from survey.codebook import Codebook
from survey.errors import ReadError, shorten
from survey.io._raw import nfc

__all__ = ["Inside", "Sheet", "cell_name", "chosen", "is_vietnamese", "named"]

Row = Sequence[Any]
_NAMED = 0.8  # share of a sheet's columns that another must list to be its codebook
_LEAST = 3  # columns
_MOST = 50  # sheets


@dataclass(frozen=True, slots=True)
class Inside:
    """What the parser's cells do not tell of a sheet: formulas without a value and cells with an error, by place."""

    formulas: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()
    since_1904: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """The cells of one sheet: rows of equal length, "" where empty; `skipped` rows stood empty above them."""

    name: str
    rows: list[Row]
    merged: tuple[tuple[tuple[int, int], tuple[int, int]], ...] = ()
    hidden: bool = False
    skipped: int = 0
    inside: Inside = Inside()

    @property
    def header(self) -> list[str]:
        """The first row as text."""
        return [nfc(str(cell)).strip() for cell in self.rows[0] if cell != ""] if self.rows else []

    @property
    def size(self) -> str:
        """The sheet with its size, as errors list it."""
        width = max((len(row) for row in self.rows), default=0)
        key = "parts.sheet_hidden" if self.hidden else "parts.sheet"
        return Note(key, name=self.name, rows=str(len(self.rows)), columns=str(width))


def chosen(sheets: Mapping[str, Sheet], book: Codebook | None, path: Path) -> tuple[str, list[str]]:
    """The sheet that is the data by its structure, and why; nothing is chosen where two are alike.

    In this order: the only sheet with cells in it (a hidden one counts only if no other is there); the only one with
    columns of the codebook that was given; the only one whose columns another sheet lists, as a codebook does.

    Raises
    ------
    ReadError
        If it cannot be told; the sheets are listed with their sizes.
    """
    if not sheets:
        raise ReadError(
            "The workbook has no sheet of cells.",
            where=path,
            expected="a sheet with answers",
            fix="open it in Excel or LibreOffice and save it again",
        )
    if len(sheets) == 1:
        return next(iter(sheets)), []
    filled = [s for s in sheets.values() if s.rows]
    for rest in (filled, [s for s in filled if not s.hidden]):
        if len(rest) == 1:
            others = listed((s.size for s in sheets.values() if s is not rest[0]), 8)
            return rest[0].name, [Note("reading.sheet_alone", sheet=rest[0].name, others=others)]
    if book is not None:
        shares = {s.name: len(set(s.header) & set(book.variables)) for s in filled}
        fitting = [name for name, count in shares.items() if count]
        if len(fitting) == 1:
            held = {"columns": shares[fitting[0]], "variables": len(book)}
            return fitting[0], [Note("reading.sheet_fits", sheet=fitting[0], **held)]
    looked = filled if len(filled) <= _MOST else []  # each is held against each
    pairs = [(data, by) for data in looked for by in looked if data is not by and _lists(by, data)]
    found = {data.name for data, _ in pairs} - {by.name for _, by in pairs}
    if len(found) == 1:
        data, by = next(pair for pair in pairs if pair[0].name in found)
        return data.name, [Note("reading.sheet_listed", sheet=data.name, other=by.name)]
    raise ReadError(
        "The workbook has several sheets.",
        where=path,
        expected=f"one of its sheets: {shorten((s.size for s in sheets.values()), 20)}",
        fix=f"name the sheet that holds the answers: read(..., sheet={next(iter(sheets))!r}), "
        'or sheet="*" for all, stacked',
    )


def named(sheets: Mapping[str, Sheet], wanted: object, path: Path) -> str:
    """The name of the sheet that was asked for by name or position.

    Raises
    ------
    ReadError
        If there is none; the sheets are listed with their sizes.
    """
    names = list(sheets)
    if isinstance(wanted, int) and not isinstance(wanted, bool) and 0 <= wanted < len(names):
        return names[wanted]
    if isinstance(wanted, str):
        same = [name for name in names if nfc(name) == nfc(wanted)]
        if same:
            return same[0]
    raise ReadError(
        "The workbook has no such sheet.",
        where=path,
        got=repr(wanted),
        expected=f"one of its sheets: {shorten((s.size for s in sheets.values()), 20)}",
        fix=f"name the sheet that holds the answers: read(..., sheet={names[0]!r})" if names else None,
    )


def _lists(by: Sheet, data: Sheet) -> bool:
    """Whether one column of a sheet holds the names of the columns of another."""
    names = set(data.header)
    if len(names) < _LEAST or len(by.rows) < _LEAST:
        return False
    width = max(len(row) for row in by.rows)
    for i in range(width):
        cells = {nfc(row[i]).strip() for row in by.rows[1:] if i < len(row) and isinstance(row[i], str)}
        if len(names & cells) >= _NAMED * len(names):
            return True
    return False


def cell_name(row: int, column: int) -> str:
    """The name of a cell, from its row and column counted from 0: "B3"."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row + 1}"


def is_vietnamese(texts: Iterable[str]) -> bool:
    """Whether a row of texts has letters that only Vietnamese has."""
    apart = unicodedata.normalize("NFD", " ".join(texts)).lower()
    return any(c in apart for c in "đ\u031b\u0309\u0323") or "\u0302\u0301" in apart
