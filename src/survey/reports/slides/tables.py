"""Tables on slides: cut into as many slides as they need, so that no cell is cut and no letter is small."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from survey.reports.evidence import Run
from survey.reports.slides.letters import beginning, put, text_of
from survey.reports.slides.places import Places
from survey.tables._docx_widths import column_blocks, fits, spans, unbroken, widths_at
from survey.tables._grid import Column, Grid
from survey.tables._slide_frame import Room
from survey.tables._slide_letters import LEAST, cut, lines_of, width_of, without_long_words

__all__ = ["Page", "draw_table", "height_of", "pages_of"]

Cells = tuple[tuple[tuple[Run, ...], ...], ...]
_SIZES = (18.0, 16.0, 14.0, LEAST)
_WIDER = 1.2
"""Letters of slides beside those of Times, which widths are measured in."""
_MARGIN_MM = 2.0
_PAD = 0.08
_NAME_LINES, _HEAD_LINES = 2, 3
_NEVER = 40
"""Letters of a heading that is never too high."""
_INSET = 2 * _MARGIN_MM / 25.4 + 0.06  # and what letters of another program are wider


@dataclass(frozen=True, slots=True)
class Page:
    """What of a table stands on one slide; `cells` are those of its lines, names of rows not among them."""

    grid: Grid
    cells: Cells
    names: tuple[tuple[Run, ...], ...]
    size: float
    widths: tuple[float, ...]
    rows: tuple[float, ...]
    whole: tuple[str, ...] = ()
    """Texts of which only the beginning has room on a slide."""


def pages_of(
    grid: Grid, cells: Cells, names: Sequence[tuple[Run, ...]], room: Room, sizes: Sequence[float] = _SIZES
) -> list[Page]:
    """A table cut into pages: the largest letters in which it fits on one, else the smallest.

    Parameters
    ----------
    grid : Grid
    cells : tuple of tuple of runs
        Of each line.
    names : sequence of runs
        Of each line, the name of the row.
    room : Room
        What a slide has for it.
    sizes : sequence of floats
        Points of letters that may be taken, the largest first.
    """
    grid, cells, names, words = _without_long_words(grid, cells, names)
    for size in sizes:
        whole = fits(grid, 25.4 * room.width, _WIDER * size)
        if not whole and size > LEAST:
            continue
        blocks = [grid] if whole else column_blocks(grid, 25.4 * room.width, _WIDER * size)
        found: list[Page] = []
        for block in blocks:
            at = _columns(grid, block)
            own = tuple(tuple(row[j] for j in at) for row in cells)
            found += _by_rows(block, own, tuple(names), size, room)
        found[0] = replace(found[0], whole=(*words, *(text for text in found[0].whole if text not in words)))
        if size == LEAST or (len(found) == 1 and not _crowded(found[0])):
            return found
    return []


def _without_long_words(
    grid: Grid, cells: Cells, names: Sequence[tuple[Run, ...]]
) -> tuple[Grid, Cells, tuple[tuple[Run, ...], ...], tuple[str, ...]]:
    """A table without words that no column has room for, and the texts that had one."""
    whole: dict[str, None] = {}

    def short(text: str) -> str:
        made = without_long_words(text)
        if made != text:
            whole[text] = None
        return made

    def runs(cell: tuple[Run, ...]) -> tuple[Run, ...]:
        return tuple(run if len(run.text) <= _NEVER else replace(run, text=short(run.text)) for run in cell)

    names, cells = tuple(map(runs, names)), tuple(tuple(map(runs, row)) for row in cells)
    lines = tuple(
        replace(line, group=short(line.group), name=text_of(name), cells=tuple(map(text_of, row)))
        for line, name, row in zip(grid.lines, names, cells, strict=True)
    )
    columns = tuple(replace(c, label=short(c.label), spanner=short(c.spanner)) for c in grid.columns)
    return replace(grid, stub=short(grid.stub), columns=columns, lines=lines), cells, names, tuple(whole)


def _crowded(page: Page) -> bool:
    """Whether names of rows or headings are broken into so many lines that smaller letters read better."""
    names = max([lines_of(text_of(n), page.size, page.widths[0], inset=_INSET) for n in page.names] or [1])
    heads = [page.grid.stub, *(unbroken(c.head) for c in page.grid.columns)]
    high = max(lines_of(t, page.size, w, "bold", _INSET) for t, w in zip(heads, page.widths, strict=True))
    return names > _NAME_LINES or high > _HEAD_LINES


def _columns(grid: Grid, block: Grid) -> list[int]:
    """Places of the columns of a block; equal ones are told apart by their order."""
    left = list(range(len(grid.columns)))
    found = []
    for column in block.columns:
        at = next(j for j in left if grid.columns[j] is column or grid.columns[j] == column)
        left.remove(at)
        found.append(at)
    return found


def _by_rows(grid: Grid, cells: Cells, names: tuple[tuple[Run, ...], ...], size: float, room: Room) -> list[Page]:
    widths = _widths(grid, names, size, room.width)
    grid, cells, names, whole = _cut(grid, cells, names, widths, size, room)
    heads = _heads(grid, widths, size)
    pages: list[Page] = []
    first, taken, rows = 0, sum(heads), list(heads)
    for i, line in enumerate(grid.lines):
        texts = [text_of(names[i]), *(text_of(cell) for cell in cells[i])]
        high = _high(max(lines_of(t, size, w, inset=_INSET) for t, w in zip(texts, widths, strict=True)), size)
        group = _high(1, size) if line.group and (i == first or grid.lines[i - 1].group != line.group) else 0.0
        if i > first and taken + group + high > room.height:
            pages.append(_page(grid, cells, names, size, widths, rows, first, i, whole if not pages else ()))
            first, taken, rows = i, sum(heads), list(heads)
            group = _high(1, size) if line.group else 0.0
        rows += ([group] if group else []) + [high]
        taken += group + high
    last = _page(grid, cells, names, size, widths, rows, first, len(grid.lines), whole if not pages else ())
    return [*pages, last]


def _cut(
    grid: Grid, cells: Cells, names: tuple[tuple[Run, ...], ...], widths: Sequence[float], size: float, room: Room
) -> tuple[Grid, Cells, tuple[tuple[Run, ...], ...], tuple[str, ...]]:
    """A table whose cells are none higher than a slide: the beginnings of longer texts, and these texts."""
    pitch = size * 1.22 / 72
    most_head = max(2, int(0.3 * room.height / pitch))
    whole: list[str] = []

    def short(text: str, width: float, most: int, weight: str = "normal") -> str:
        made = cut(text, size, width, most, weight, _INSET)
        whole.extend([text] if made != text else [])
        return made

    def runs(cell: tuple[Run, ...], width: float, most: int) -> tuple[Run, ...]:
        text = text_of(cell)
        made = short(text, width, most)
        return cell if made == text else beginning(cell, len(made) - 1)

    columns = tuple(
        c if len(c.head) < _NEVER else replace(c, label=short(c.label, w, most_head, "bold"))
        for c, w in zip(grid.columns, widths[1:], strict=True)
    )
    wide = sum(widths)
    groups = {line.group: short(line.group, wide, 1, "bold") for line in grid.lines}
    grid = replace(
        grid,
        stub=short(grid.stub, widths[0], most_head, "bold"),
        columns=columns,
        lines=tuple(replace(line, group=groups[line.group]) for line in grid.lines),
    )
    left = room.height - sum(_heads(grid, widths, size)) - _high(1, size) - _PAD
    most = max(1, int(left / pitch))
    names = tuple(runs(name, widths[0], most) for name in names)
    cells = tuple(tuple(runs(cell, w, most) for cell, w in zip(row, widths[1:], strict=True)) for row in cells)
    return grid, cells, names, tuple(dict.fromkeys(whole))


def _widths(grid: Grid, names: Sequence[tuple[Run, ...]], size: float, room: float) -> tuple[float, ...]:
    """Widths of the columns in inches; columns of words share what names of rows do not need."""
    first, *others = (x / 25.4 for x in widths_at(grid, 25.4 * room, _WIDER * size, _MARGIN_MM))
    worded = [j for j, column in enumerate(grid.columns) if column.words]
    longest = max([width_of(text_of(n), size) for n in names] or [0.0]) / 72 + _INSET + 0.1
    spare = first - max(longest, 0.2 * room)
    if worded and spare > 0:
        long = [max([width_of(line.cells[j], size) for line in grid.lines] or [1.0]) for j in worded]
        for j, part in zip(worded, long, strict=True):
            others[j] += spare * part / sum(long)
        first -= spare
    return (first, *others)


def _page(
    grid: Grid,
    cells: Cells,
    names: tuple[tuple[Run, ...], ...],
    size: float,
    widths: tuple[float, ...],
    rows: Sequence[float],
    first: int,
    last: int,
    whole: tuple[str, ...],
) -> Page:
    part = replace(grid, lines=grid.lines[first:last])
    return Page(part, cells[first:last], names[first:last], size, widths, tuple(rows), whole)


def _heads(grid: Grid, widths: Sequence[float], size: float) -> list[float]:
    """Heights of the rows of headings."""
    labels = [grid.stub, *(unbroken(c.head) for c in grid.columns)]
    own = _high(max(lines_of(t, size, w, "bold", _INSET) for t, w in zip(labels, widths, strict=True)), size)
    if not any(c.spanner for c in grid.columns):
        return [own]
    above = max(
        lines_of(grid.columns[a].spanner, size, sum(widths[a + 1 : b + 2]), "bold", _INSET) for a, b in spans(grid)
    )
    return [_high(above, size), own]


def _high(lines: int, size: float) -> float:
    return lines * size * 1.22 / 72 + _PAD


def height_of(page: Page) -> float:
    """Inches that a page takes."""
    return sum(page.rows)


def draw_table(slide: Any, room: Room, page: Page, alt: str, name: str, tag: str, places: Places) -> None:
    """A page of a table on a slide, and where its numbers come from."""
    from pptx.util import Inches

    grid, over = page.grid, int(any(c.spanner for c in page.grid.columns))
    body: list[tuple[tuple[Run, ...], ...]] = []
    groups: list[int] = []
    empty: tuple[Run, ...] = ()
    for i, line in enumerate(grid.lines):
        if line.group and (i == 0 or grid.lines[i - 1].group != line.group):
            groups.append(len(body) + 1 + over)
            body.append(((Run(line.group),), *(empty for _ in grid.columns)))
        body.append((page.names[i], *page.cells[i]))
    heads: list[tuple[tuple[Run, ...], ...]] = [((Run(grid.stub),), *((Run(unbroken(c.head)),) for c in grid.columns))]
    if over:
        above: list[tuple[Run, ...]] = [empty] * (len(grid.columns) + 1)
        for first, _ in spans(grid):
            above[first + 1] = (Run(grid.columns[first].spanner),)
        heads.insert(0, tuple(above))
    rows: list[tuple[tuple[Run, ...], ...]] = [*heads, *body]
    at = (Inches(x) for x in (room.left, room.top, sum(page.widths), height_of(page)))
    frame = slide.shapes.add_table(len(rows), len(page.widths), *at)
    shape = frame._element.nvGraphicFramePr.cNvPr
    shape.set("descr", alt)
    shape.set("name", name)
    table = frame.table
    for column, width in zip(table.columns, page.widths, strict=True):
        column.width = Inches(width)
    for row, high in zip(table.rows, page.rows, strict=True):
        row.height = Inches(high)
    if over:
        for first, last in spans(grid):
            if last > first:
                table.cell(0, first + 1).merge(table.cell(0, last + 1))
    for i in groups:
        table.cell(i, 0).merge(table.cell(i, len(grid.columns)))
    number = int(shape.get("id"))
    for i, cells in enumerate(rows):
        for j, runs in enumerate(cells):
            cell = table.cell(i, j)
            if not cell.is_spanned:
                bold = True if i <= over or i in groups else None
                column = grid.columns[j - 1] if j and i not in groups else None
                _fill(cell, runs, tag, page.size, bold, column, centred=bool(over) and i == 0)
                places.cell(runs, i + 1, j + 1, number)


def _fill(
    cell: Any, runs: Sequence[Run], tag: str, size: float, bold: bool | None, column: Column | None, *, centred: bool
) -> None:
    from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
    from pptx.util import Inches, Mm

    cell.margin_top = cell.margin_bottom = Inches(_PAD / 2)
    cell.margin_left = cell.margin_right = Mm(_MARGIN_MM)
    cell.vertical_anchor = MSO_ANCHOR.MIDDLE
    paragraph = cell.text_frame.paragraphs[0]
    left = column is None or column.words
    paragraph.alignment = PP_ALIGN.CENTER if centred else PP_ALIGN.LEFT if left else PP_ALIGN.RIGHT
    put(paragraph, runs, tag, size, bold=bold)
