"""Tables of exhibits on slides: cut into what fits, row by row and column by column, and the shapes that hold them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from survey.exhibits.exhibit import Exhibit
from survey.tables._docx_widths import column_blocks, fits, line_width, spans, unbroken, widths_at
from survey.tables._grid import Grid, Line, grid_of
from survey.tables._slide_frame import Room
from survey.tables._slide_letters import cut, without_long_words

__all__ = ["TablePage", "draw_page", "lines_about", "table_pages"]

_ROWS = 14  # rows of a table on one slide, so that its letters stay legible
_BLOCK_PT, _MARGIN_MM = 11.0, 1.6
_WIDER = 1.2  # letters of slides, beside those of Times
_SHORT = 60
"""Letters of a text that is never too high for a slide."""


def lines_about(text: str, size: float, inches: float) -> int:
    """About how many lines a text takes."""
    return max(1, math.ceil(_WIDER * line_width(text, size) / (25.4 * (inches - 0.2))))


@dataclass(frozen=True, slots=True)
class TablePage:
    """What of a table stands on a slide, the widths of its columns in mm and lines of its headings."""

    grid: Grid
    size: float
    widths: list[float]
    heads: int
    whole: tuple[str, ...] = ()
    """Texts of which only the beginning has room on a slide."""


def table_pages(exhibit: Exhibit, room: Room) -> list[TablePage]:
    """A table cut into what fits on a slide: blocks of columns, and rows of each."""
    whole_words, width = exhibit.once(grid_of), room.width
    grid = _with_texts(whole_words, without_long_words)
    least = (width * 25.4, _WIDER * _BLOCK_PT, _MARGIN_MM)
    wide = [grid] if fits(grid, *least) else column_blocks(grid, *least)
    pages: list[TablePage] = []
    for block in wide:
        size = _size(block)
        in_mm = widths_at(block, width * 25.4, _WIDER * size, _MARGIN_MM)
        widths = [x / 25.4 for x in in_mm]
        block, whole = _cut(block, size, widths, room.height)
        whole = whole if grid == whole_words else (*_long_words(whole_words), *whole)
        heads = max(lines_about(unbroken(c.head), size, w) for c, w in zip(block.columns, widths[1:], strict=True))
        left = room.height - _height(size, heads) - (_height(size, 1) if _spanned(block) else 0)
        taken = 0.0
        rows: list[Line] = []
        for line in block.lines:
            name = lines_about(_named(block, line), size, widths[0])
            told = [
                lines_about(text, size, w) if c.words or len(text) >= _SHORT else text.count("\n") + 1
                for text, w, c in zip(line.cells, widths[1:], block.columns, strict=True)
            ]
            high = _height(size, max([name, *told]))
            if block.laid_out and line.group and (not rows or rows[-1].group != line.group):
                high += _height(size, 1)  # the heading above
            if rows and (taken + high > left or (len(rows) == _ROWS and not block.laid_out)):
                pages.append(TablePage(replace(block, lines=tuple(rows)), size, in_mm, heads, whole))
                taken, rows, whole = 0.0, [], ()
                high = high if not block.laid_out or not line.group else high + _height(size, 1)
            taken += high
            rows.append(line)
        pages.append(TablePage(replace(block, lines=tuple(rows)), size, in_mm, heads, whole))
    return pages


def _with_texts(grid: Grid, make: Callable[[str], str]) -> Grid:
    """A table whose texts are made into others."""
    columns = tuple(replace(c, label=make(c.label), spanner=make(c.spanner)) for c in grid.columns)
    lines = (
        replace(x, group=make(x.group), name=make(x.name), cells=tuple(make(t) for t in x.cells)) for x in grid.lines
    )
    return replace(grid, stub=make(grid.stub), columns=columns, lines=tuple(lines))


def _long_words(grid: Grid) -> tuple[str, ...]:
    found: dict[str, None] = {}

    def keep(text: str) -> str:
        if without_long_words(text) != text:
            found[text] = None
        return text

    _with_texts(grid, keep)
    return tuple(found)


def _cut(grid: Grid, size: float, widths: Sequence[float], room: float) -> tuple[Grid, tuple[str, ...]]:
    """A table whose cells are none higher than a slide: the beginnings of longer texts, and these texts."""
    whole: list[str] = []

    def short(text: str, width: float, part: float) -> str:
        most = max(1, int(part * room / (1.3 * size / 72)))
        if len(text) < _SHORT or lines_about(text, size, width) <= most:
            return text
        whole.append(text)
        return cut(text, _WIDER * size, width, most)

    columns = tuple(
        replace(c, label=short(c.label, w, 0.25), spanner=short(c.spanner, w, 0.05))
        for c, w in zip(grid.columns, widths[1:], strict=True)
    )
    lines = []
    for line in grid.lines:
        group = short(line.group, sum(widths), 0.1) if grid.laid_out else short(line.group, widths[0], 0.3)
        cells = tuple(short(t, w, 0.5) for t, w in zip(line.cells, widths[1:], strict=True))
        lines.append(replace(line, group=group, name=short(line.name, widths[0], 0.4), cells=cells))
    return replace(grid, columns=columns, lines=tuple(lines)), tuple(dict.fromkeys(whole))


def _height(size: float, lines: int) -> float:
    return lines * size * 1.3 / 72 + 0.05


def _size(grid: Grid) -> float:
    if not grid.laid_out:
        return 14.0 if len(grid.lines) <= 8 else 12.0 if len(grid.columns) <= 5 else 11.0
    return 14.0 if len(grid.columns) <= 4 else 12.0 if len(grid.columns) <= 7 else _BLOCK_PT


def _spanned(grid: Grid) -> bool:
    return any(c.spanner for c in grid.columns)


def _named(grid: Grid, line: Line) -> str:
    """The name of a row; the group of a banner has a row of its own."""
    return line.name if grid.laid_out else ", ".join(x for x in (line.group, line.name) if x)


def _texts(grid: Grid) -> tuple[list[list[str]], list[int]]:
    """The cells of the rows below the headings, and which rows are headings of groups."""
    texts: list[list[str]] = []
    groups: list[int] = []
    for before, line in zip([None, *grid.lines], grid.lines, strict=False):
        if grid.laid_out and line.group and (before is None or before.group != line.group):
            groups.append(len(texts))
            texts.append([line.group, *([""] * len(line.cells))])
        texts.append([_named(grid, line), *line.cells])
    return texts, groups


def draw_page(slide: Any, room: Room, exhibit: Exhibit, page: TablePage) -> None:
    from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
    from pptx.util import Inches, Mm, Pt

    grid, size, over = page.grid, page.size, int(_spanned(page.grid))
    width = room.width
    body, groups = _texts(grid)
    rows = len(body) + 1 + over
    height = _height(size, 1) * rows
    frame = slide.shapes.add_table(
        rows,
        len(grid.columns) + 1,
        Inches(room.left),
        Inches(room.top),
        Inches(width),
        Inches(height),
    )
    frame._element.nvGraphicFramePr.cNvPr.set("descr", exhibit.alt)
    frame.name = exhibit.name or exhibit.title
    table = frame.table
    for column, mm in zip(table.columns, page.widths, strict=True):
        column.width = Mm(mm)
    table.rows[over].height = Inches(_height(size, page.heads))
    texts = [[grid.stub, *(unbroken(c.head) for c in grid.columns)]]
    texts += body
    if over:
        texts.insert(0, ["", *([""] * len(grid.columns))])
        for first, last in spans(grid):
            texts[0][first + 1] = grid.columns[first].spanner
            table.cell(0, first + 1).merge(table.cell(0, last + 1))
    for i in groups:
        table.cell(i + 1 + over, 0).merge(table.cell(i + 1 + over, len(grid.columns)))
    for i, row in enumerate(texts):
        for j, text in enumerate(row):
            cell = table.cell(i, j)
            if cell.is_spanned:
                continue
            cell.text_frame.text = text.replace("\n", "\v")
            cell.vertical_anchor = MSO_ANCHOR.TOP if grid.laid_out and i > over else MSO_ANCHOR.MIDDLE
            cell.margin_top = cell.margin_bottom = Inches(0.02)
            cell.margin_left = cell.margin_right = Mm(_MARGIN_MM)
            paragraph = cell.text_frame.paragraphs[0]
            centred = over and i == 0
            left = j == 0 or grid.columns[j - 1].words
            paragraph.alignment = PP_ALIGN.CENTER if centred else PP_ALIGN.LEFT if left else PP_ALIGN.RIGHT
            paragraph.font.size = Pt(size)  # of a line that nothing is written on
            for run in paragraph.runs:
                run.font.size = Pt(size)
                run.font.bold = True if i <= over or i - 1 - over in groups else None
