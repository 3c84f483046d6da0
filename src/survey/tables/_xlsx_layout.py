"""A worksheet laid out as the printed table: headings over headings, typed numbers, letters in columns of their own."""

from __future__ import annotations

from survey.base import catalogue
from survey.tables._docx_widths import spans
from survey.tables._grid import Grid, Line
from survey.tables._xlsx_book import cell_text
from survey.tables._xlsx_page import Page

__all__ = ["write_grid"]

_MANY = 5
"""Columns above which they are as narrow as their headings and numbers allow: all of them are to stand on one page."""
_END = 9
"""Width of a column of the ends of intervals, whose headings have two lines."""


def write_grid(page: Page, grid: Grid, top: int, name: str = "") -> tuple[tuple[int, int], int, int]:
    """Write a table from row `top` on, with headings and names of rows frozen.

    A number is a number with every digit, its mark a part of its format; a column whose cells have letters is followed
    by one that holds them, and one with intervals by their ends. With the `name` of the exhibit, cells are named by
    their evidence.

    Returns
    -------
    tuple
        First and last row of the headings; last column; last row.
    """
    sheet, style = page.sheet, page.book.style
    head = {"bold": True, "text_wrap": True, "valign": "bottom"}
    grouped = any(line.group for line in grid.lines)
    names = 2 if grouped else 1
    places = _places(grid, names)
    page.names, page.starts = names, places
    _widths(page, grid, names, places)
    whole = places[-1] + _wide(grid, len(places) - 1) - 1 if places else names - 1
    spanned = any(c.spanner for c in grid.columns)
    at = top + spanned
    for first, last in spans(grid):
        end = places[last] + _wide(grid, last) - 1
        on_one_page = end <= page.on_first_page(whole)  # else the middle may stand on another
        over = style(bold=True, align="center" if on_one_page else "left", bottom=1, text_wrap=True)
        if end > places[first]:
            sheet.merge_range(top, places[first], top, end, grid.columns[first].spanner, over)
        else:
            sheet.write_string(top, places[first], cell_text(grid.columns[first].spanner), over)
    for j in range(names):
        text = grid.stub if j == names - 1 else catalogue.text("workbook.section", page.book.lang)
        sheet.write_string(at, j, text, style(**head, bottom=1))
    for j, column in enumerate(grid.columns):
        side = {"align": "left", "indent": 1} if column.words else {"align": "right"}
        sheet.write_string(at, places[j], cell_text(column.label), style(**head, bottom=1, **side))
        after = places[j] + 1
        if _lettered(grid, j):
            sheet.write_string(at, after, column.letter, style(**head, bottom=1, align="left"))
        for k, text in enumerate(grid.interval if _ended(grid, j) else ()):
            sheet.write_string(at, after + _lettered(grid, j) + k, text, style(**head, bottom=1, align="right"))
    for i, line in enumerate(grid.lines, at + 1):
        _line(page, grid, line, i, names, places, name)
    end = at + len(grid.lines)
    _heights(page, grid, (top, at), names, places)
    sheet.freeze_panes(at + 1, names)
    if grid.lines:
        sheet.autofilter(at, 0, end, whole)
    return (top, at), whole, end


def _line(page: Page, grid: Grid, line: Line, i: int, names: int, places: list[int], name: str) -> None:
    sheet, style = page.sheet, page.book.style
    if names == 2:
        sheet.write_string(i, 0, cell_text(line.group), style(text_wrap=True, valign="top"))
    sheet.write_string(i, names - 1, cell_text(line.name), style(text_wrap=True, valign="top"))
    for j, text in enumerate(line.cells):
        number = line.numbers[j] if line.numbers else None
        where = line.at[j] if line.at else None
        if name and where is not None:
            page.book.name_cell(f"{name}.{where[0] + 1}.{where[1][0]}", page.name, i, places[j])
        if number is None:
            side = {"align": "left", "indent": 1} if grid.columns[j].words else {"align": "right"}
            sheet.write_string(i, places[j], text, style(valign="top", text_wrap=True, **side))
        else:
            sheet.write_number(i, places[j], number[0], style(num_format=number[1], valign="top"))
        if line.letters and line.letters[j]:
            sheet.write_string(i, places[j] + 1, line.letters[j], style(valign="top", font_color="#595959"))
        ends = line.ends[j] if line.ends else None
        if ends is not None and number is not None:
            after = places[j] + 1 + _lettered(grid, j)
            for at_end, x in ((after, ends[0]), (after + 1, ends[1])):
                sheet.write_number(i, at_end, x, style(num_format=number[1], valign="top"))


def _widths(page: Page, grid: Grid, names: int, places: list[int]) -> None:
    room = 38 if names == 1 else 30
    longest = max((len(line.name) for line in grid.lines), default=0)
    page.column(0, names - 1, min(max(20, 1.15 * longest + 2), room) if len(places) > _MANY else room)
    for j, column in enumerate(grid.columns):
        longest = max((len(part) for line in grid.lines for part in line.cells[j].split("\n")), default=0)
        least = max([9.5, *(1.15 * len(word) + 2.5 for word in column.label.split())]) if len(places) > _MANY else 12
        page.column(places[j], places[j] + _wide(grid, j) - 1, min(max(least, 1.1 * longest + 2), 44))
        if _lettered(grid, j):
            page.column(places[j] + 1, places[j] + 1, 6)
        if _ended(grid, j):
            page.column(places[j] + 1 + _lettered(grid, j), places[j] + _wide(grid, j) - 1, _END)


def _heights(page: Page, grid: Grid, heads: tuple[int, int], names: int, places: list[int]) -> None:
    (top, at), each = heads, range(len(grid.columns))
    if at > top:
        over = [(places[a], places[b] + _wide(grid, b) - 1, grid.columns[a].spanner) for a, b in spans(grid)]
        page.row(top, over, bold=True)
    told = [(places[j], places[j], f"{grid.columns[j].label} ..") for j in each]
    told += [(places[j], places[j], text) for j in each if _ended(grid, j) for text in grid.interval]
    page.row(at, [*told, (names - 1, names - 1, grid.stub)], bold=True)
    for i, line in enumerate(grid.lines, at + 1):
        texts = [(0, 0, line.group), (names - 1, names - 1, line.name)]
        numbers = line.numbers or (None,) * len(line.cells)
        texts += [(places[j], places[j], line.cells[j]) for j in each if numbers[j] is None]
        page.row(i, texts)


def _lettered(grid: Grid, j: int) -> int:
    """Whether a column of the table is followed by one of letters, as a number."""
    return int(bool(grid.columns[j].letter) or any(line.letters and line.letters[j] for line in grid.lines))


def _ended(grid: Grid, j: int) -> bool:
    """Whether a column of the table is followed by the two ends of its intervals."""
    return any(line.ends and line.ends[j] is not None for line in grid.lines)


def _wide(grid: Grid, j: int) -> int:
    """Columns of the sheet that a column of the table takes."""
    return 1 + _lettered(grid, j) + 2 * _ended(grid, j)


def _places(grid: Grid, names: int) -> list[int]:
    places, at = [], names
    for j in range(len(grid.columns)):
        places.append(at)
        at += _wide(grid, j)
    return places
