"""Tables of a report in Word: headings and group names that each page repeats, numbers that no column breaks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from survey.base.html import escape
from survey.reports.document import ExhibitBlock, WordTable
from survey.reports.evidence import Run
from survey.reports.word_widths import worded
from survey.reports.word_xml import Ids, paragraph, runs, text_run
from survey.tables._docx_rows import LONG
from survey.tables._docx_widths import Layout, banner, column_blocks, fits, layout_of, line_width, unbroken
from survey.tables._grid import Column, Grid, Line

__all__ = ["Laid", "cells_of", "laid_out", "table_xml"]

_LETTERS = 8.0
"""Points of the letters below which a table is rather put on its side."""
_TWIPS = 1440 / 25.4
_LONG_LINES = 24
"""Lines of text of a group that stays on one page: about half of it."""
_RULE = '<w:{side} w:val="single" w:sz="{size}" w:space="0" w:color="{colour}"/>'


@dataclass(frozen=True, slots=True)
class Laid:
    """A table as it is printed, the runs of its cells, and whether its page lies on its side."""

    grid: Grid
    cells: tuple[tuple[tuple[Run, ...], ...], ...]
    title: str
    turned: bool
    worded: bool = False


def laid_out(block: ExhibitBlock | WordTable, width: float, turned_width: float) -> list[Laid]:
    """A table, cut into blocks of columns where no page is wide enough."""
    grid, cells = cells_of(block)
    title = block.heading
    if isinstance(block, WordTable):
        return [Laid(grid, cells, title, False, worded=True)]
    turned = not fits(grid, width, _LETTERS)
    if not turned or fits(grid, turned_width):
        return [Laid(grid, cells, title, turned)]
    parts = []
    for part in column_blocks(grid, turned_width, _LETTERS):
        at = [grid.columns.index(column) for column in part.columns]
        own = tuple(tuple(row[j] for j in at) for row in cells)
        parts.append(Laid(part, own, title, True))
    return parts


def cells_of(block: ExhibitBlock | WordTable) -> tuple[Grid, tuple[tuple[tuple[Run, ...], ...], ...]]:
    if isinstance(block, ExhibitBlock):
        grid = block.grid
        return grid, tuple(tuple(block.cells(line)) for line in grid.lines)
    groups = block.groups or ("",) * len(block.rows)
    texts = [tuple("".join(run.text for run in cell) for cell in row) for row in block.rows]
    words = [any(_wordy(row[j]) for row in texts) for j in range(1, len(block.heads))]
    columns = tuple(Column(head, words=w) for head, w in zip(block.heads[1:], words, strict=True))
    lines = tuple(Line(group, row[0], row[1:]) for group, row in zip(groups, texts, strict=True))
    return Grid(block.heads[0], columns, lines), tuple(row[1:] for row in block.rows)


def _wordy(text: str) -> bool:
    """Whether a cell is read as words and not as one number: a list of numbers may go on in the next line."""
    return text.count(", ") > 1 or (len(text) > 2 and sum(c.isalpha() for c in text) > len(text) / 2)


def table_xml(laid: Laid, width: float, ids: Ids, alt: str) -> str:
    """The table; where it is long and has groups, one after the other that look as one.

    Parameters
    ----------
    laid : Laid
    width : float
        Of the page in mm.
    ids : Ids
    alt : str
    """
    groups = [line.group for line in laid.grid.lines]
    starts = [i for i, g in enumerate(groups) if i == 0 or g != groups[i - 1]]
    ends = [*starts[1:], len(groups)]
    cut = any(groups) and max(b - a for a, b in zip(starts, ends, strict=True)) > LONG
    ends = ends if cut else [len(groups)]
    made = []
    for first, last in zip(starts if cut else [0], ends, strict=True):
        made.append(_one(laid, range(first, last), width, ids, alt, with_group=cut, first=first == 0))
    thin = paragraph("", properties='<w:spacing w:before="0" w:after="0" w:line="20" w:lineRule="exact"/>')
    return thin.join(made)


def _one(laid: Laid, rows: range, width: float, ids: Ids, alt: str, *, with_group: bool, first: bool) -> str:
    grid = laid.grid
    layout = layout_of(grid, width) if not laid.worded else worded(grid, width)
    twips = [round(w * _TWIPS) for w in layout.widths]
    size = f'<w:sz w:val="{round(2 * layout.size)}"/>'
    made = _head(grid, twips, size)
    last, whole = rows[-1], _whole(grid, layout)
    for i in rows:
        line = grid.lines[i]
        if line.group and (i == rows[0] or line.group != grid.lines[i - 1].group):
            made += _row([_cell(line.group, sum(twips), size, bold=True, span=len(twips), keep=True)], head=with_group)
        end = i == last or grid.lines[i + 1].group != line.group
        keep = (not end and i in whole) or i == len(grid.lines) - 1  # the last row on the page of the notes
        cells = [_cell(unbroken(line.name), twips[0], size, keep=keep)]
        for j, found in enumerate(laid.cells[i]):
            right = not grid.columns[j].words
            cells.append(_cell(runs(found, ids, size), twips[j + 1], size, right=right, made=True, keep=keep))
        made += _row(cells)
    borders = "".join(
        _RULE.format(side=side, size=eighths, colour=colour)
        for side, eighths, colour in (("top", 8, "000000"), ("bottom", 8, "000000"), ("insideH", 4, "D9D9D9"))
    )
    side = round(layout.margin * _TWIPS)
    described = f'<w:tblCaption w:val="{escape(laid.title)}"/><w:tblDescription w:val="{escape(alt)}"/>'
    return (
        f'<w:tbl><w:tblPr><w:tblW w:w="{sum(twips)}" w:type="dxa"/><w:tblBorders>{borders}</w:tblBorders>'
        f'<w:tblLayout w:type="fixed"/><w:tblCellMar><w:left w:w="{side}" w:type="dxa"/>'
        f'<w:right w:w="{side}" w:type="dxa"/></w:tblCellMar>'
        f'<w:tblLook w:val="0020" w:firstRow="1"/>{described if first else ""}</w:tblPr>'
        f"<w:tblGrid>{''.join(f'<w:gridCol w:w={chr(34)}{w}{chr(34)}/>' for w in twips)}</w:tblGrid>{made}</w:tbl>"
    )


def _whole(grid: Grid, layout: Layout) -> set[int]:
    """Rows of groups that stay on one page: short ones, in rows and in lines."""
    taken: dict[str, list[int]] = {}
    for line in grid.lines:
        high = (
            math.ceil(line_width(text, layout.size) / max(width - 2 * layout.margin, 1.0))
            for text, width in zip((line.name, *line.cells), layout.widths, strict=True)
        )
        taken.setdefault(line.group, []).append(max(1, *high))
    whole = {group for group, lines in taken.items() if len(lines) <= LONG and sum(lines) <= _LONG_LINES}
    return {i for i, line in enumerate(grid.lines) if line.group in whole}


def _head(grid: Grid, twips: Sequence[int], size: str) -> str:
    spanned = any(c.spanner for c in grid.columns)
    below = [
        _cell(unbroken(c.head), w, size, bold=True, right=not c.words, rule=True, keep=True)
        for c, w in zip(grid.columns, twips[1:], strict=True)
    ]
    stub = grid.stub
    if not spanned:
        return _row([_cell(stub, twips[0], size, bold=True, rule=True, keep=True), *below], head=True)
    above = [_cell(stub, twips[0], size, bold=True, merge="restart", keep=True)]
    for first, last in banner(grid):
        wide, text = sum(twips[first + 1 : last + 2]), grid.columns[first].spanner
        above.append(_cell(text, wide, size, bold=True, centre=True, span=last - first + 1, rule=bool(text), keep=True))
    return _row(above, head=True) + _row(
        [_cell("", twips[0], size, merge="continue", rule=True, keep=True), *below], head=True
    )


def _row(cells: Sequence[str], head: bool = False) -> str:
    return f"<w:tr><w:trPr><w:cantSplit/>{'<w:tblHeader/>' if head else ''}</w:trPr>{''.join(cells)}</w:tr>"


def _cell(
    text: str,
    width: int,
    size: str,
    *,
    bold: bool = False,
    right: bool = False,
    centre: bool = False,
    span: int = 1,
    merge: str = "",
    rule: bool = False,
    keep: bool = False,
    made: bool = False,
) -> str:
    told = f'<w:tcW w:w="{width}" w:type="dxa"/>'
    told += f'<w:gridSpan w:val="{span}"/>' if span > 1 else ""
    told += f'<w:vMerge w:val="{merge}"/>' if merge else ""
    told += f"<w:tcBorders>{_RULE.format(side='bottom', size=6, colour='000000')}</w:tcBorders>" if rule else ""
    told += f'<w:vAlign w:val="{"bottom" if rule or merge else "center"}"/>'
    where = "center" if centre else "right" if right else "left"
    properties = "<w:keepNext/>" if keep else ""
    properties += '<w:spacing w:before="30" w:after="30" w:line="240" w:lineRule="auto"/><w:ind w:firstLine="0"/>'
    # the mark of the paragraph has the size of its letters: that of an empty cell would make its row higher
    properties += f'<w:jc w:val="{where}"/><w:rPr>{size}</w:rPr>'
    inside = text if made or not text else text_run(text, ("<w:b/>" if bold else "") + size)
    return f"<w:tc><w:tcPr>{told}</w:tcPr>{paragraph(inside, properties=properties)}</w:tc>"
