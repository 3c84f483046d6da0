"""A sheet of an exhibit: its rows with every digit, what to know of each, its chart or picture beside them."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import pandas as pd

from survey.base import catalogue
from survey.core.result import ResultData
from survey.exhibits.chart import chart_of
from survey.exhibits.exhibit import Exhibit
from survey.exhibits.picture import PICTURE_DPI, picture_of
from survey.figures._heat import heat_of
from survey.tables._cells import SHARE
from survey.tables._grid import grid_of
from survey.tables._numbered import marks_of, numbered, shaded
from survey.tables._xlsx_book import Book, cell_text
from survey.tables._xlsx_chart import chart_data, chart_size, in_points, insert_chart
from survey.tables._xlsx_layout import write_grid
from survey.tables._xlsx_page import HEAD_ROW, Page, one_across, scale_of
from survey.tables._xlsx_words import footing
from survey.words import labels, quantities
from survey.words import locale as loc
from survey.words.beside import COLUMNS as BESIDE_COLUMNS
from survey.words.beside import OTHERS as OTHER_COLUMNS
from survey.words.families import family_label, planned
from survey.words.ranks import COLUMNS as RANK_COLUMNS
from survey.words.ranks import ENDS as RANKED_ENDS

__all__ = ["write_exhibit"]

_NUMBERS = (
    *("estimate", "conf_low", "conf_high", "p_value", "p_adjusted", "p_departure"),
    *BESIDE_COLUMNS,
    *RANK_COLUMNS[:-1],
    *RANKED_ENDS,
    "n",
)
_BESIDE = ("dont_know", "refused")
"""Shares of everyone asked that stand beside shares of the answers."""
_GAP = 2.0
"""Width of the empty column before a chart."""
_BETWEEN, _LARGE = 8.0, 0.52
"""Millimetres between a table and its chart; how large a sheet is printed that has its chart beside the table, rather
than below where letters would be larger."""
_PIXEL = 25.4 / 96


def write_exhibit(book: Book, exhibit: Exhibit, otherwise: str, title: str = "", back: str = "") -> str:
    """Add the sheet of an exhibit; the name of the sheet.

    Parameters
    ----------
    book : Book
    exhibit : Exhibit
    otherwise : str
        What the sheet is called where the exhibit has no name.
    title : str
        In place of the exhibit's own.
    back : str
        The sheet that a link above the table leads to; "" for none.
    """
    sheet, name = book.sheet(exhibit.name, otherwise)
    page = Page(book, sheet, name)
    grid = exhibit.once(grid_of) if exhibit.kind == "table" else None
    if grid is None or not grid.laid_out:
        grid = exhibit.once(numbered)
    if grid is not None:
        heads, last, end = write_grid(page, grid, HEAD_ROW, exhibit.name)
        limits = grid.has_ends
        if shaded(exhibit):
            _shade(page, exhibit, heads[1] + 1, end)
    else:
        heads, (last, end) = (HEAD_ROW, HEAD_ROW), _rows(page, exhibit)
        limits = "conf_low" in exhibit.estimates.table.columns
    page.head(title or exhibit.title, exhibit.subtitle, last, back)
    below = page.foot(end + 1, last, footing(exhibit, limits)) - 1
    rows, columns, drawn = _beside(page, exhibit, last, below, heads[1] + 1)
    page.print_setup(
        rows,
        columns,
        heads,
        simulated=exhibit.estimates.simulated,
        whole=drawn if drawn > below else None,
        table=last,
    )
    return name


def _shade(page: Page, exhibit: Exhibit, first: int, end: int) -> None:
    """Colours of the cells of a shaded table, over all of it or of each column."""
    heat = exhibit.once(heat_of)
    scale = {"type": "2_color_scale", "min_color": "#f7fbff", "max_color": "#6baed6"}  # letters stay legible on both
    columns = range(1, 1 + len(heat.heads))
    blocks = [(j, j) for j in columns] if heat.shade == "column" else [(columns[0], columns[-1])]
    for a, b in blocks:
        page.sheet.conditional_format(first, a, end, b, scale)


def _beside(page: Page, exhibit: Exhibit, last: int, end: int, top: int) -> tuple[int, int, int]:
    """Put the chart or the picture of an exhibit beside its rows, below their headings, or below them.

    Returns the last row and column that are printed, and the row that the picture begins in.
    """
    chart = in_points(chart_of(exhibit), exhibit)
    if chart is None and (exhibit.kind != "figure" or shaded(exhibit)):
        return end, last, 0
    picture = b"" if chart is not None else picture_of(exhibit).png("bare", PICTURE_DPI)
    width, height = _picture_size(picture, exhibit.style.width) if chart is None else chart_size(chart)
    table, drawn = (page.wide(0, last), page.high(0, end)), (width * _PIXEL, height * _PIXEL)
    both = table[0] + _BETWEEN + drawn[0], max(table[1], page.high(0, top) + drawn[1])
    below = max(table[0], drawn[0]), table[1] + _BETWEEN + drawn[1]
    beside = scale_of(*both)[0] >= min(scale_of(*below)[0], _LARGE)
    beside = beside and one_across(both[0]) and not page.cuts(last)
    if beside:
        page.column(last + 1, last + 1, _GAP)
    row, column = (top, last + 2) if beside else (end + 2, page.beyond_names(last))
    columns, rows = column, row
    while page.wide(column, columns) < (width + 8) * _PIXEL:
        columns += 1
    while page.high(row, rows) < (height + 4) * _PIXEL:
        rows += 1
    rows, columns = max(rows, end), max(columns, last)
    if chart is not None:
        insert_chart(page, exhibit, chart, chart_data(page, chart, rows + 2), (row, column))
    else:
        described = {"image_data": io.BytesIO(picture), "description": exhibit.alt, "object_position": 2}
        page.sheet.insert_image(row, column, f"{exhibit.name or 'figure'}.png", described)
    return rows, columns, row


def _picture_size(picture: bytes, points: float) -> tuple[int, int]:
    """Width and height in pixels of a PNG that is `points` wide, from its first chunk (ISO/IEC 15948, 11.2.2)."""
    wide, high = (int.from_bytes(picture[at : at + 4], "big") for at in (16, 20))
    return round(points * 96 / 72), round(points * 96 / 72 * high / wide)


def _rows(page: Page, exhibit: Exhibit) -> tuple[int, int]:
    """The rows of the estimates: what tells them apart, their numbers, their status; the last column and row."""
    e, shown, book, sheet = exhibit.estimates, exhibit.rows(), page.book, page.sheet
    lang = exhibit.lang
    names = [*labels.levels_of(e), *(["answer"] if "answer" in e.table.columns else [])]
    numbers = list(e.quantities) or [c for c in (*_NUMBERS, "std_error", *_BESIDE) if c in e.table.columns]
    marks = exhibit.once(marks_of)
    heads = [_heading(column, exhibit) for column in (*names, *numbers)]
    families = [family_label(e, i, lang) for i in range(len(shown))] if planned(e) else []
    heads += [loc.heading("family", lang)] if families else []
    heads += [catalogue.text("workbook.status", lang)]
    heads += [catalogue.text("tables.marks", lang)] if any(marks) else []
    page.names = max(1, len(names))
    last, status = len(heads) - 1, len(names) + len(numbers) + bool(families)
    for j, column in enumerate(names):
        texts = [str(x) for x in shown[column]]
        longest = max((len(t) for t in (*texts, heads[j])), default=8)
        page.column(j, j, min(max(10, 1.15 * longest + 2), 46 if longest > 70 else 32))
    page.column(len(names), status - 1, 13)
    if families:
        page.column(status - 1, status - 1, 28)
    page.column(status, status, 17)
    if any(marks):
        page.column(last, last, min(46, max(16, 1.15 * max(map(len, marks)) + 2)))
    for j, text in enumerate(heads):
        number = len(names) <= j < len(names) + len(numbers)
        side = {"align": "right"} if number else {"align": "left", "indent": int(j >= len(names))}
        head = book.style(bold=True, bottom=1, text_wrap=True, valign="bottom", **side)
        sheet.write_string(HEAD_ROW, j, cell_text(text), head)
    # a button of the filter stands in each heading
    page.row(HEAD_ROW, [(j, j, f"{text} ..") for j, text in enumerate(heads)], bold=True)
    formats, wrapped = _formats(book, exhibit), book.style(text_wrap=True, valign="top")
    apart = book.style(text_wrap=True, valign="top", align="left", indent=1)
    side = book.style(align="right", valign="top")
    measures = exhibit.measures if "estimate" in e.table.columns else [None] * len(shown)
    i = HEAD_ROW
    for at, ((_, row), measure) in enumerate(zip(shown.iterrows(), measures, strict=True)):
        i = HEAD_ROW + 1 + at
        told = [cell_text(str(row[column])) for column in names]
        for j, text in enumerate(told):
            sheet.write_string(i, j, text, wrapped)
        for j, column in enumerate(numbers, len(names)):
            if exhibit.name:
                book.name_cell(f"{exhibit.name}.{at + 1}.{column}", page.name, i, j)
            if column == "n" and row["status"] == "suppressed":
                hidden = "–" if row["detail"] == "complementary" else f"< {exhibit.thresholds[0]}"
                sheet.write_string(i, j, hidden, side)
            elif pd.notna(row[column]) and abs(float(row[column])) == float("inf"):  # an interval without ends
                sheet.write_string(i, j, "∞" if row[column] > 0 else "−∞", side)
            elif pd.notna(row[column]):
                kind = _kind(e, column, row, measure)
                flagged = column == "n" and row["status"] == "flagged"
                times = kind.book_factor if isinstance(kind, labels.Measure) else 1.0
                sheet.write_number(i, j, times * float(row[column]), formats["flagged" if flagged else kind])
        beside = [*([families[at]] if families else []), catalogue.text(f"workbook.{row['status']}", lang)]
        for j, text in enumerate(beside, status - bool(families)):
            sheet.write_string(i, j, text, apart)
        if marks[at]:
            sheet.write_string(i, last, marks[at], wrapped)
        said = [*enumerate(told), *enumerate(beside, status - bool(families)), (last, marks[at])]
        page.row(i, [(j, j, text) for j, text in said])
    sheet.freeze_panes(HEAD_ROW + 1, 1)
    sheet.autofilter(HEAD_ROW, 0, i, last)
    return last, i


def _kind(e: ResultData, column: str, row: pd.Series, measure: labels.Measure | None) -> str | labels.Measure:
    """What a cell holds, and so which of the number formats it gets."""
    held = e.quantities.get(column, "")
    if column in _BESIDE:
        return SHARE
    if held in ("share", "points"):
        return replace(SHARE, difference=held == "points") if row.get("unit", "share") == "share" else "number"
    if column == "n" or held == "count":
        return "n"
    if column.startswith("p_"):
        return "p"
    if column in OTHER_COLUMNS:
        return "number"
    if e.kind.ranks and e.origin is not None and column in ("value", *RANKED_ENDS):
        return SHARE if labels.measures(e.origin)[0].kind == "share" else "number"
    if measure is None or (held and not held.startswith("item")):
        return "number"
    return replace(measure, difference=True) if held in ("item_change", "item_error") else measure


def _heading(column: str, exhibit: Exhibit) -> str:
    lang, e = exhibit.lang, exhibit.estimates
    if column in e.quantities and column != "n":
        return quantities.head(e, column, lang)
    level = loc.level_word(e.level, lang)
    words = {
        "estimate": loc.word(e.kind.column, lang),
        "conf_low": loc.word("ci_low", lang, level=level),
        "conf_high": loc.word("ci_high", lang, level=level),
        "n": "n",
    }
    if column in words:
        return words[column]
    return labels.level_head(e, column, lang)


def _formats(book: Book, exhibit: Exhibit) -> dict[str | labels.Measure, Any]:
    """Number formats: Excel writes the decimal mark of its own language."""
    e, digits = exhibit.estimates, exhibit.options.get("digits")
    known = [SHARE, *(exhibit.measures if "estimate" in e.table.columns else [])]
    made: dict[str | labels.Measure, str] = {
        m: m.pattern(digits) for one in known for m in (one, replace(one, difference=True))
    }
    made |= {
        "n": "#,##0",
        "flagged": '#,##0"*"',
        "number": labels.Measure("number", digits=2).pattern(digits),
        "p": loc.p_pattern(exhibit.lang),
    }
    return {name: book.style(num_format=text, valign="top") for name, text in made.items()}
