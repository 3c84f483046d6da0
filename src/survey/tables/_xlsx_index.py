"""The first sheet of a workbook: what is in it, with links, numbers of respondents and what is not shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from survey.base import catalogue
from survey.exhibits.exhibit import Exhibit
from survey.exhibits.titles import default_title
from survey.tables._xlsx_book import Book, cell_text
from survey.tables._xlsx_page import HEAD_ROW, Page
from survey.words import locale as loc

__all__ = ["Entry", "Index", "about", "base_of", "index_sheet", "status_of"]

_WIDTHS = (13, 62, 36, 16, 30)


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the contents: a sheet, a heading (`heading`), or a sentence that stands among them (`text`)."""

    number: str = ""
    title: str = ""
    about: str = ""
    base: str = ""
    status: str = ""
    sheet: str = ""
    text: str = ""
    heading: str = ""


@dataclass(frozen=True, slots=True)
class Index:
    """The sheet of contents, first in its book and written last."""

    page: Page

    @property
    def name(self) -> str:
        """Of the sheet."""
        return self.page.name

    def write(self, entries: Sequence[Entry], title: str = "", below: str = "", *, simulated: bool = False) -> None:
        """Write the contents."""
        page, book, sheet = self.page, self.page.book, self.page.sheet
        last = len(_WIDTHS) - 1
        for j, width in enumerate(_WIDTHS):
            page.column(j, j, width)
        page.head(title or self.name, below, last)
        head = book.style(bold=True, bottom=1, text_wrap=True, valign="top")
        heads = [catalogue.text(f"workbook.{key}", book.lang) for key in ("number", "title", "about", "base", "status")]
        for j, text in enumerate(heads):
            sheet.write_string(HEAD_ROW, j, text, head)
        page.row(HEAD_ROW, [(j, j, text) for j, text in enumerate(heads)], bold=True)
        for i, entry in enumerate(entries, HEAD_ROW + 1):
            self._entry(i, entry, last)
        sheet.freeze_panes(HEAD_ROW + 1, 0)
        page.print_setup(HEAD_ROW + len(entries), last, (HEAD_ROW, HEAD_ROW), simulated=simulated)

    def _entry(self, i: int, entry: Entry, last: int) -> None:
        page, book, sheet = self.page, self.page.book, self.page.sheet
        plain = book.style(text_wrap=True, valign="top")
        if entry.text or entry.heading:
            look = {"bold": True} if entry.heading else {}
            style = book.style(text_wrap=True, valign="top", **look)
            told = "" if entry.heading else catalogue.text("workbook.finding", book.lang)
            sheet.write_string(i, 0, told, plain)
            sheet.merge_range(i, 1, i, last, "", style)
            sheet.write_string(i, 1, cell_text(entry.text or entry.heading), style)
            page.row(i, [(0, 0, told), (1, last, entry.text or entry.heading)], bold=bool(entry.heading))
            return
        cells = (entry.number, entry.title, entry.about, entry.base, entry.status)
        for j, text in enumerate(cells):
            if j == 0 and entry.sheet:  # titles have more lines than LibreOffice gives a link
                linked = book.style(text_wrap=True, valign="top", font_color="#1f5590", underline=1)
                sheet.write_url(i, j, f"internal:'{entry.sheet}'!A1", linked, text[:255])
            else:
                sheet.write_string(i, j, cell_text(text), plain)
        page.row(i, [(j, j, text) for j, text in enumerate(cells)])


def index_sheet(book: Book) -> Index:
    """Add the sheet of contents."""
    sheet, name = book.sheet(catalogue.text("workbook.contents", book.lang), "Index")
    return Index(Page(book, sheet, name))


def about(exhibit: Exhibit) -> str:
    """What an exhibit is of, where its title says what it shows; otherwise what its numbers are measured in."""
    if "estimate" not in exhibit.estimates.table.columns:
        return ""
    told = default_title(exhibit.estimates, exhibit.lang)
    if told != exhibit.title:
        return told
    return ", ".join(dict.fromkeys(unit for m in exhibit.measures if (unit := m.axis(exhibit.lang))))


def base_of(exhibit: Exhibit) -> str:
    """How many answers its rows stand on: "98–412"; "" where that is not known."""
    rows = exhibit.rows()
    if "n" not in rows.columns:
        return ""
    n = rows["n"].where(rows["status"] != "suppressed").to_numpy(float)
    n = n[np.isfinite(n)]
    if not len(n):
        return loc.number(np.nan)
    low, high = (loc.count(float(x), exhibit.lang) for x in (n.min(), n.max()))
    return low if low == high else f"{low}–{high}"


def status_of(exhibit: Exhibit) -> str:
    """How many of its rows are shown, on small samples, and not shown."""
    lang, status = exhibit.lang, exhibit.rows()["status"].tolist()
    hidden, flagged = status.count("suppressed"), status.count("flagged")
    if not hidden and not flagged and "empty" not in status:
        return catalogue.text("workbook.all_shown", lang)
    shown = len(status) - hidden - status.count("empty")
    told = [catalogue.text("workbook.rows_shown", lang, n=shown, all=len(status))]
    told += [catalogue.text("workbook.rows_flagged", lang, n=flagged)] if flagged else []
    told += [catalogue.text("workbook.rows_hidden", lang, n=hidden)] if hidden else []
    return "; ".join(told)
