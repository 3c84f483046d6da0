"""A worksheet laid out as the printed table: headings over headings, typed numbers, letters in columns of their own."""

from __future__ import annotations

from functools import cache
from typing import Any

from survey.tables._docx_widths import spans
from survey.tables._grid import Grid

__all__ = ["cell_text", "write_grid"]

_LONGEST_CELL = 32_767  # letters, of which one beyond the basic plane counts as two


def cell_text(text: str) -> str:
    """As much of a text as a cell of Excel holds; a longer one would be left out whole."""
    return text if len(text) <= _LONGEST_CELL else f"{text[: _LONGEST_CELL - 1]}…"


def write_grid(book: Any, sheet: Any, grid: Grid, top: int) -> int:
    """Write a table from row `top` on, with headings and names of rows frozen; the first row below it.

    A number is a number with every digit, its mark a part of its format; a column whose cells have letters is followed
    by one that holds them.
    """

    @cache
    def style(**properties: Any) -> Any:
        return book.add_format(properties)

    head = {"bold": True, "text_wrap": True, "valign": "top"}
    grouped = any(line.group for line in grid.lines)
    names = 2 if grouped else 1
    places = _places(grid, names)
    spanned = any(c.spanner for c in grid.columns)
    at = top + spanned
    for first, last in spans(grid):
        end = places[last] + _wide(grid, last) - 1
        over = style(bold=True, align="center", bottom=1)
        if end > places[first]:
            sheet.merge_range(top, places[first], top, end, grid.columns[first].spanner, over)
        else:
            sheet.write_string(top, places[first], cell_text(grid.columns[first].spanner), over)
    for j in range(names):
        sheet.write_string(at, j, grid.stub if j == names - 1 else "", style(**head, bottom=1))
    for j, column in enumerate(grid.columns):
        side = "left" if column.words else "right"
        sheet.write_string(at, places[j], cell_text(column.label), style(**head, bottom=1, align=side))
        after = places[j] + 1
        if _lettered(grid, j):
            sheet.write_string(at, after, column.letter, style(**head, bottom=1, align="left"))
        for k, text in enumerate(grid.interval if _ended(grid, j) else ()):
            sheet.write_string(at, after + _lettered(grid, j) + k, text, style(**head, bottom=1, align="right"))
    for i, line in enumerate(grid.lines, at + 1):
        if grouped:
            sheet.write_string(i, 0, cell_text(line.group), style(text_wrap=True, valign="top"))
        sheet.write_string(i, names - 1, cell_text(line.name), style(text_wrap=True, valign="top"))
        for j, text in enumerate(line.cells):
            number = line.numbers[j] if line.numbers else None
            if number is None:
                side = "left" if grid.columns[j].words else "right"
                sheet.write_string(i, places[j], text, style(align=side, valign="top", text_wrap=True))
            else:
                sheet.write_number(i, places[j], number[0], style(num_format=number[1], valign="top"))
            if line.letters and line.letters[j]:
                sheet.write_string(i, places[j] + 1, line.letters[j], style(valign="top", font_color="#595959"))
            ends = line.ends[j] if line.ends else None
            if ends is not None and number is not None:
                after = places[j] + 1 + _lettered(grid, j)
                for at_end, x in ((after, ends[0]), (after + 1, ends[1])):
                    sheet.write_number(i, at_end, x, style(num_format=number[1], valign="top"))
    sheet.set_column(0, names - 1, 38 if names == 1 else 30)
    for j in range(len(grid.columns)):
        longest = max((len(part) for line in grid.lines for part in line.cells[j].split("\n")), default=0)
        sheet.set_column(places[j], places[j] + _wide(grid, j) - 1, min(max(12, longest + 2), 44))
        if _lettered(grid, j):
            sheet.set_column(places[j] + 1, places[j] + 1, 6)
    sheet.freeze_panes(at + 1, names)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.repeat_rows(top, at)
    sheet.repeat_columns(0, names - 1)
    if places:
        sheet.fit_to_pages(1 if places[-1] < 16 else 0, 0)
    return at + 1 + len(grid.lines)


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
