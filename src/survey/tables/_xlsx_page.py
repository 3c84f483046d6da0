"""What stands around the cells of a sheet: title, notes, sizes of rows, and how the sheet prints on A4."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from survey.base import catalogue
from survey.tables._xlsx_book import SIZE, Book, cell_text, lines_of, millimetres
from survey.words import locale as loc

__all__ = ["HEAD_ROW", "Page", "one_across", "scale_of"]

HEAD_ROW = 3
"""Row of the headings, from 0: above it title, subtitle and the way back."""
DEFAULT_HEIGHT = 12.75
"""Of a row of Arial 10, in points."""
_LINE = 1.28
"""Height of a line of letters, in their size."""
_PAPER, _EDGES, _FURNITURE = (210.0, 297.0), 24.0, 36.0
"""A4 in mm; margins at both sides; margins, header and footer above and below."""
_LEAST = 0.5
"""How small a sheet may be printed to stand on one page."""
_LEAST_WIDE, _LEAST_TABLE = 0.47, 0.5
"""How small a sheet may be printed to stand on one page beside no other, a list of rows or a table as it is printed: a
wider one is cut between columns."""
_CUT = 0.58
"""How large the pages of a table that is cut are to be printed, about."""
_SURE = 0.92
"""How much of a page a sheet takes whose scale is given: programs differ in how wide columns are."""
_POINT = 25.4 / 72
_SIDE = _PAPER[1] - _EDGES
"""The width of a page that lies on its side, in mm."""


def scale_of(width: float, height: float) -> tuple[float, bool]:
    """How large something of a size in mm is printed on one page of A4, and whether that lies on its side."""
    (narrow, long), (low, high) = (x - _EDGES for x in _PAPER), (x - _FURNITURE for x in _PAPER)
    upright, turned = min(narrow / width, high / height), min(long / width, low / height)
    return max((upright, False), (turned, True))


def _filled(parts: Sequence[tuple[int, float]], room: float) -> list[int]:
    """The first columns of pages that are filled one after the other with parts (first column, width)."""
    found: list[int] = []
    used = room
    for first, width in parts:
        if not found or used + width > room:
            found.append(first)
            used = 0.0
        used += width
    return found


def one_across(width: float) -> bool:
    """Whether something of a width in mm is printed on one page beside no other: a wider table is cut."""
    return _SIDE / width >= _LEAST_WIDE


@dataclass
class Page:
    """A sheet: its widths and heights as they are set, so that it can be fitted to paper.

    Parameters
    ----------
    book : Book
    sheet : xlsxwriter worksheet
    name : str
    names : int
        Columns of names at the left, which stand on each page of a table that is cut between columns.
    starts : sequence of int
        Columns before which it may be cut: an interval stays with its number. Any where there are none.
    """

    book: Book
    sheet: Any
    name: str
    names: int = 1
    starts: Sequence[int] = ()
    widths: dict[int, float] = field(default_factory=dict)
    heights: dict[int, float] = field(default_factory=dict)

    def column(self, first: int, last: int, width: float) -> None:
        """Set the width of columns, in letters."""
        self.sheet.set_column(first, last, width)
        self.widths |= dict.fromkeys(range(first, last + 1), width)

    def wide(self, first: int, last: int) -> float:
        """How wide some columns are, in mm."""
        return sum(millimetres(self.widths.get(j, 8.43)) for j in range(first, last + 1))

    def row(self, i: int, texts: Sequence[tuple[int, int, str]], size: float = SIZE, *, bold: bool = False) -> None:
        """Set the height of a row so that its texts (first column, last column, text) are seen whole."""
        lines = max((lines_of(text, self.wide(a, b), size, bold=bold) for a, b, text in texts), default=1)
        height = max(DEFAULT_HEIGHT, lines * size * _LINE + 2)
        self.sheet.set_row(i, min(height, 409.0))
        self.heights[i] = min(height, 409.0)

    def high(self, first: int, last: int) -> float:
        """How high some rows are, in mm."""
        return sum(self.heights.get(i, DEFAULT_HEIGHT) for i in range(first, last + 1)) * _POINT

    def across(self, i: int, last: int, text: str, *, size: float = SIZE, first: int = 0, **look: Any) -> None:
        """A text over the columns of the table that stand on the first page, in as many lines as it takes."""
        last = self.on_first_page(last)
        style = self.book.style(text_wrap=True, valign="top", font_size=size, **look)
        if last > first:
            self.sheet.merge_range(i, first, i, last, "", style)
        self.sheet.write_string(i, first, cell_text(text), style)
        self.row(i, [(first, last, text)], size, bold=bool(look.get("bold")))

    def head(self, title: str, subtitle: str, last: int, back: str = "") -> None:
        """Title, subtitle, and the way back to the contents."""
        self.across(0, last, title, size=12.0, bold=True)
        if subtitle:
            self.across(1, last, subtitle)
        if back:
            text = catalogue.text("workbook.back", self.book.lang)
            style = self.book.style(font_color="#1f5590", underline=1, font_size=8)
            self.sheet.write_url(2, 0, f"internal:'{back}'!A1", style, text)

    def foot(self, i: int, last: int, texts: Sequence[str]) -> int:
        """Notes below the numbers, each in a row; the first row after them.

        Below a table that is cut they stand beside the columns of names, which each page has again.
        """
        first = self.beyond_names(last)
        for k, text in enumerate(texts):
            self.across(i + k, last, text, size=8.0, first=first, font_color="#595959")
        return i + len(texts)

    def beyond_names(self, last: int) -> int:
        """The first column of what is to stand on one page only."""
        return self.names if self.cuts(last) else 0

    def on_first_page(self, last: int) -> int:
        """The last of the columns up to one that are printed on the first page."""
        return next(iter(self.cuts(last)), last + 1) - 1

    def cuts(self, last: int) -> list[int]:
        """The columns that pages side by side begin with, after the first: pages about as wide as each other."""
        width, names = self.wide(0, last), self.wide(0, self.names - 1)
        least = _LEAST_TABLE if self.starts else _LEAST_WIDE
        if _SIDE / width >= least:
            return []
        pages = max(2, math.ceil((width - names) / max(_SIDE / _CUT - names, 1.0)))
        starts = [j for j in (self.starts or range(self.names, last + 1)) if j <= last]
        parts = [(a, self.wide(a, b - 1)) for a, b in pairwise([*starts, last + 1])]
        room = (width - names) / pages
        while len(found := _filled(parts, room)) > pages and room < width:
            room *= 1.02
        return found[1:]

    def print_setup(
        self,
        rows: int,
        columns: int,
        heads: tuple[int, int],
        *,
        simulated: bool = False,
        whole: int | None = None,
        table: int | None = None,
    ) -> None:
        """A4, one page wide, headings on each page; on a single page where the letters stay legible.

        A table whose letters would be too small on one page is cut between columns, with its names on each page.

        Parameters
        ----------
        rows, columns : int
            The last row and column that are printed, from 0.
        heads : tuple of int
            First and last row of the headings.
        simulated : bool
            Said at the top of each page.
        whole : int, optional
            The first row of what is not to be cut by the end of a page, as it goes on to the last row printed.
        table : int, optional
            The last column of the table, where something stands beside it; the last that is printed by default.
        """
        sheet = self.sheet
        width = self.wide(0, columns)
        best, landscape = scale_of(width, self.high(0, rows))
        if best < _LEAST:  # several pages: upright ones hold more rows, as long as letters stay legible
            landscape = (_PAPER[0] - _EDGES) / width < _LEAST
        cuts = self.cuts(columns) if table is None or self.cuts(table) else []
        sheet.set_paper(9)
        sheet.set_margins(left=12 / 25.4, right=12 / 25.4, top=18 / 25.4, bottom=16 / 25.4)
        (sheet.set_landscape if landscape or cuts else sheet.set_portrait)()
        wide, high = _PAPER[landscape] - _EDGES, _PAPER[not landscape] - _FURNITURE
        scale = _SURE * wide / width
        cut = not cuts and best < _LEAST and whole is not None and self._cut(whole, rows, heads, high / scale)
        if cuts:  # a sheet that is fitted to pages heeds no break
            names = self.wide(0, self.names - 1)
            widest = max(self.wide(a, b - 1) for a, b in pairwise([self.names, *cuts, columns + 1]))
            sheet.set_print_scale(max(10, int(100 * min(1.0, _SURE * _SIDE / (names + widest)))))
            sheet.set_v_pagebreaks(cuts)
            sheet.repeat_columns(0, self.names - 1)
        elif cut:
            sheet.set_print_scale(max(10, int(100 * scale)))
            sheet.set_h_pagebreaks([whole])
        else:
            sheet.fit_to_pages(1, 1 if best >= _LEAST else 0)
        sheet.print_area(0, 0, rows, columns)
        sheet.repeat_rows(*heads)
        told = loc.word("simulated", self.book.lang).upper() if simulated else ""
        sheet.set_header(f"&C&8&K808080{told}" if told else "")
        sheet.set_footer("&R&8&P/&N")

    def _cut(self, first: int, last: int, heads: tuple[int, int], page: float) -> bool:
        """Whether the end of a page of some mm cuts what stands in some rows and would fit on one."""
        repeated, whole, used = self.high(*heads), self.high(first, last), 0.0
        for i in range(first):
            row = self.high(i, i)
            used = (used if used + row <= page else repeated) + row
        return used + whole > page >= repeated + whole
