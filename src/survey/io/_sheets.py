"""Which sheet of a workbook is the data, how many of its rows are its header, and what its cells do not say."""

from __future__ import annotations

import re
import unicodedata
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from survey.base.catalogue import Note, listed
from survey.codebook import Codebook
from survey.codebook.nonanswers import read_label
from survey.errors import ReadError, shorten
from survey.io._raw import nfc

__all__ = ["Inside", "Sheet", "cell_name", "chosen", "header_rows", "inside", "is_vietnamese", "named"]

Row = Sequence[Any]
_NAMED = 0.8  # share of a sheet's columns that another must list to be its codebook
_LEAST = 3  # columns


@dataclass(frozen=True, slots=True)
class Sheet:
    """The cells of one sheet: rows of equal length, "" where empty; `skipped` rows stood empty above them."""

    name: str
    rows: list[Row]
    merged: tuple[tuple[tuple[int, int], tuple[int, int]], ...] = ()
    hidden: bool = False
    skipped: int = 0

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
    if len(sheets) == 1:
        return next(iter(sheets)), []
    filled = [s for s in sheets.values() if s.rows]
    for rest in (filled, [s for s in filled if not s.hidden]):
        if len(rest) == 1:
            others = listed((s.size for s in sheets.values() if s is not rest[0]), 8)
            return rest[0].name, [Note("reading.sheet_alone", sheet=rest[0].name, others=others)]
    if book is not None:
        shares = {s.name: sum(name in s.header for name in book.variables) for s in filled}
        fitting = [name for name, count in shares.items() if count]
        if len(fitting) == 1:
            held = {"columns": shares[fitting[0]], "variables": len(book)}
            return fitting[0], [Note("reading.sheet_fits", sheet=fitting[0], **held)]
    pairs = [(data, by) for data in filled for by in filled if data is not by and _lists(by, data)]
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


def header_rows(sheet: Sheet, wanted: int | None, where: str) -> tuple[int, list[str]]:
    """How many rows are the header, and what is to be said of it.

    Two are found where the second row is all text and half of the columns, two at least, hold numbers below it (or the
    only one does, below a wording of several words; cells of spaces are empty), or
    where cells of the first are merged across columns and the second has texts below each of them.

    Raises
    ------
    ReadError
        If the number asked for is none, or leaves no row.
    """
    if wanted is not None:
        if wanted not in (1, 2) or isinstance(wanted, bool):
            raise ReadError("A header must have one or two rows.", where=where, got=wanted, expected="1 or 2")
        return wanted, []
    if len(sheet.rows) < 4:
        return 1, []
    second, below = sheet.rows[1], sheet.rows[2:]
    width = len(second)
    if all(isinstance(c, str) and c for c in second):
        numbers = sum(_all_numbers(row[i] for row in below) for i in range(width))
        alone = width == numbers == 1 and " " in second[0].strip() and read_label(second[0]) is None
        if numbers >= max(2, width / 2) or alone:
            return 2, [Note("reading.header_text", sheet=sheet.name, columns=numbers)]
    spans = [(first[1], last[1]) for first, last in sheet.merged if first[0] == 0 == last[0] and last[1] > first[1]]
    if spans and all(isinstance(second[i], str) and second[i] for low, high in spans for i in range(low, high + 1)):
        return 2, [Note("reading.header_merged", sheet=sheet.name)]
    return 1, []


def _all_numbers(cells: Iterable[Any]) -> bool:
    given = [c for c in cells if not (isinstance(c, str) and not c.strip())]
    return len(given) >= 2 and all(isinstance(c, int | float) and not isinstance(c, bool) for c in given)


# ------------------------------------------------------------------ what only the file itself says

_FORMULA = re.compile(
    rb"<c\b([^>]*)>\s*<f\b[^>]*?(?:/>|>[^<]*</f>)\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>"
)  # a formula, and no value
_ERROR = re.compile(rb'<c\b([^>]*\bt="e"[^>]*)>')
_PLACE = re.compile(rb'\br="([A-Z]+[0-9]+)"')
_ODS_FORMULA = re.compile(r"<table:table-cell\b(?=[^>]*table:formula=)(?![^>]*office:value-type=)[^>]*>")


@dataclass(frozen=True, slots=True)
class Inside:
    """What calamine does not tell of a sheet."""

    formulas: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()
    since_1904: bool = field(default=False)


def inside(path: Path, sheet: str) -> Inside:
    """Formulas without a value and cells with an error, by their place; whether dates count from 1904.

    Both would be read as empty cells. Only .xlsx, .xlsm and .ods are looked into.
    """
    suffix = path.suffix.lower()
    try:
        with zipfile.ZipFile(path) as archive:
            if "content.xml" in archive.namelist():
                text = archive.read("content.xml").decode("utf-8", errors="replace")
                start = text.find(f'table:name="{sheet}"')
                part = text[start : text.find("</table:table>", start)] if start >= 0 else ""
                count = len(_ODS_FORMULA.findall(part)) if "table:formula" in part else 0
                return Inside(formulas=tuple("a cell" for _ in range(count)))
            if suffix == ".xlsb":
                return Inside()
            return _inside_xlsx(archive, sheet)
    except (zipfile.BadZipFile, KeyError, ElementTree.ParseError, OSError, ValueError, NotImplementedError):
        return Inside()


def _inside_xlsx(archive: zipfile.ZipFile, sheet: str) -> Inside:
    head = archive.read("xl/workbook.xml")
    tree = ElementTree.fromstring(head)
    links = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    target = {link.get("Id"): link.get("Target", "") for link in links}
    part = None
    for element in tree.iter():
        if element.tag.endswith("}sheet") and nfc(element.get("name", "")) == nfc(sheet):
            part = next((target.get(v) for k, v in element.attrib.items() if k.endswith("}id")), None)
    since = re.search(rb'date1904="(1|true)"', head) is not None
    if part is None:
        return Inside(since_1904=since)
    xml = archive.read(part.lstrip("/") if part.startswith("/") else f"xl/{part}")
    formulas = [m[1] for m in _FORMULA.finditer(xml) if b't="str"' not in m[1]] if b"<f" in xml else []
    errors = _ERROR.findall(xml) if b't="e"' in xml else []
    return Inside(_places(formulas), _places(errors), since)


def _places(cells: Iterable[bytes]) -> tuple[str, ...]:
    found = (_PLACE.search(cell) for cell in cells)
    return tuple(match[1].decode() if match else "a cell" for match in found)


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
