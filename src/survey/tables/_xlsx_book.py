"""A workbook that is made the same way every time: formats, names of sheets, names of cells, properties."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from survey.base import catalogue
from survey.base._archive import EPOCH, property_text, without_dates

__all__ = ["Book", "cell_text", "lines_of", "millimetres", "workbook"]

FONT, SIZE = "Arial", 10.0
"""Of all cells: a font that every office program has, or one as wide."""
_LONGEST_CELL = 32_767  # letters, of which one beyond the basic plane counts as two
_LONGEST_NAME = 31
_FORBIDDEN = re.compile(r"[\[\]:*?/\\'\x00-\x1f]")


def cell_text(text: str) -> str:
    """As much of a text as a cell of Excel holds; a longer one would be left out whole."""
    return text if len(text) <= _LONGEST_CELL else f"{text[: _LONGEST_CELL - 1]}…"


def millimetres(width: float) -> float:
    """How wide a column is, from its width in digits of Arial 10."""
    return (7 * width + 5) * 25.4 / 96


def lines_of(text: str, width: float, size: float = SIZE, *, bold: bool = False) -> int:
    """About how many lines a text takes in `width` mm, on the safe side."""
    from survey.tables._docx_widths import line_width

    room = max(width - 2.0, 4.0)
    whole = 0
    for part in text.split("\n"):
        lines, used = 1, 0.0
        for word in part.split(" "):
            wide = 1.22 * line_width(word + " ", size, bold=bold)
            if used and used + wide > room:
                lines, used = lines + 1, 0.0
            used += wide
            lines += int(used / room) if wide > room else 0
        whole += lines
    return whole


class Book:
    """A workbook in the making.

    Parameters
    ----------
    book : xlsxwriter.Workbook
    lang : str
    """

    def __init__(self, book: Any, lang: str) -> None:
        self.book, self.lang = book, lang
        self._formats: dict[tuple[tuple[str, Any], ...], Any] = {}
        self._sheets: set[str] = {"history"}  # Excel keeps this name for itself
        self._cells: set[str] = set()

    def style(self, **properties: Any) -> Any:
        """A format; the same one for the same properties."""
        key = tuple(sorted(properties.items()))
        if key not in self._formats:
            self._formats[key] = self.book.add_format(properties)
        return self._formats[key]

    def sheet(self, wanted: str, otherwise: str) -> tuple[Any, str]:
        """A new sheet and its name: of at most 31 letters, none that Excel forbids, in NFC, no two alike."""
        name = _FORBIDDEN.sub(" ", unicodedata.normalize("NFC", wanted))[: _LONGEST_NAME - 3].strip() or otherwise
        tried, i = name, 1
        while tried.casefold() in self._sheets:
            i += 1
            tried = f"{name[: _LONGEST_NAME - 2 - len(str(i))].rstrip()} {i}"
        self._sheets.add(tried.casefold())
        return self.book.add_worksheet(tried), tried

    def name_cell(self, evidence: str, sheet: str, row: int, column: int) -> None:
        """Give a cell the name of its evidence, once: "friendliness_waves.2.estimate"."""
        name = cell_name(evidence)
        if name and name.casefold() not in self._cells:
            self._cells.add(name.casefold())
            self.book.define_name(name, f"='{sheet}'!${_letters(column)}${row + 1}")


def cell_name(evidence: str) -> str:
    """An evidence id as Excel names cells: letters, digits, points and underscores; "" where it has too many."""
    name = re.sub(r"[^\w.]", "_", unicodedata.normalize("NFC", evidence))
    name = name if re.match(r"[^\W\d]", name) else f"_{name}"
    return name if len(name) <= 255 else ""


def _letters(column: int) -> str:
    from xlsxwriter.utility import xl_col_to_name

    return str(xl_col_to_name(column))


@contextmanager
def workbook(path: Path, lang: str, title: str, about: str, source: str) -> Iterator[Book]:
    """A workbook that is written when the block ends, with its title, subject and source among its properties."""
    import xlsxwriter

    letters = {"font_name": FONT, "font_size": SIZE}
    book = xlsxwriter.Workbook(str(path), {"nan_inf_to_errors": False, "default_format_properties": letters})
    book.set_properties(
        {
            "title": property_text(title),
            "subject": property_text(about),
            "comments": property_text(source),
            "author": "",
            "created": EPOCH,
        }
    )
    yield Book(book, lang)
    book.close()
    without_dates(path, catalogue.text("language.tag", lang))
