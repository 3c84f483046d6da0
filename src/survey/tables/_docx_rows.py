"""The rows of a Word table as XML: cell by cell, python-docx looks for the place of every property anew."""

from __future__ import annotations

import re
from collections.abc import Sequence

from survey.base.html import escape
from survey.tables._docx_widths import spans, unbroken
from survey.tables._grid import Grid

__all__ = ["LONG", "parts_of", "rows_of"]

LONG = 16
"""Rows of a group that may stand on two pages, so that its name is repeated; shorter ones stay on one."""

_ALONG, _UNDER = (4, "808080"), (6, "000000")
"""Lines under the names of several columns and under the heading: eighths of a point, colour."""


def parts_of(grid: Grid) -> list[range]:
    """The rows of the tables that a table becomes: a group that may stand on two pages is one of its own."""
    groups = [line.group for line in grid.lines]
    starts = [i for i, g in enumerate(groups) if i == 0 or g != groups[i - 1]]
    ends = [*starts[1:], len(groups)]
    if not any(groups) or max(b - a for a, b in zip(starts, ends, strict=True)) <= LONG:
        return [range(len(groups))]
    return [range(a, b) for a, b in zip(starts, ends, strict=True)]


def rows_of(grid: Grid, widths: Sequence[int], half_points: int, part: range | None = None) -> str:
    """The `w:tr` of a table: its heading, which every page repeats, then its lines, under the names of their groups.

    Parameters
    ----------
    grid : Grid
    widths : sequence of int
        Of the columns, the names' first, in twentieths of a point.
    half_points : int
        Size of the letters.
    part : range, optional
        Rows of one group, whose name is then repeated with the heading; all rows when not given. Groups of a whole
        table stay on one page each.
    """
    of = _Cells(half_points)
    rows = [*_heads(grid, widths, of)]
    groups = [line.group for line in grid.lines]
    breaks = [i for i, g in enumerate(groups) if g and (i == 0 or groups[i - 1] != g)]
    size = {g: groups.count(g) for g in set(groups)}
    beginning = {i + k for i in ([0, *breaks] if grid.laid_out else [0]) for k in range(3)}
    up = "top" if grid.laid_out else "center"  # numbers stand on one line, letters below them
    for i in part or range(len(grid.lines)):
        line = grid.lines[i]
        if i in breaks:
            name = of.cell(line.group, sum(widths), bold=True, keep=True, span=len(widths))
            rows.append(_row([name], head=part is not None))
        # the first rows stand with their heading, the last with the notes, those of a group with each other
        inside = bool(line.group) and size[line.group] <= LONG and groups[i + 1 : i + 2] == [line.group]
        cells = [of.cell(line.name, widths[0], keep=inside or i in beginning or i + 3 > len(grid.lines), up=up)]
        for text, width, column in zip(line.cells, widths[1:], grid.columns, strict=True):
            cells.append(of.cell(text, width, side="left" if column.words else "right", up=up))
        rows.append(_row(cells))
    return "".join(rows)


def _heads(grid: Grid, widths: Sequence[int], of: _Cells) -> list[str]:
    """One row of headings, or two where several columns have a name in common."""
    second = [
        of.cell(unbroken(c.head), width, bold=True, side="left" if c.words else "right", line=_UNDER)
        for c, width in zip(grid.columns, widths[1:], strict=True)
    ]
    if not any(c.spanner for c in grid.columns):
        return [_row([of.cell(grid.stub, widths[0], bold=True, line=_UNDER), *second], head=True)]
    ends = dict(spans(grid))
    first, j = [of.cell(grid.stub, widths[0], bold=True, merge='<w:vMerge w:val="restart"/>')], 0
    while j < len(grid.columns):
        last = ends.get(j)
        if last is None:
            first.append(of.empty(widths[j + 1], line=_ALONG))
        else:
            wide, span = sum(widths[j + 1 : last + 2]), last - j + 1
            text = grid.columns[j].spanner
            first.append(of.cell(text, wide, bold=True, side="center", span=span, line=_ALONG))
        j = j + 1 if last is None else last + 1
    second.insert(0, of.empty(widths[0], line=_UNDER, merge="<w:vMerge/>"))
    return [_row(first, head=True), _row(second, head=True)]


def _row(cells: Sequence[str], head: bool = False) -> str:
    repeated = "<w:tblHeader/>" if head else ""
    return f"<w:tr><w:trPr><w:cantSplit/>{repeated}</w:trPr>{''.join(cells)}</w:tr>"


class _Cells:
    """Cells with letters of one size."""

    def __init__(self, half_points: int) -> None:
        self.size = f'<w:sz w:val="{half_points}"/>'

    def cell(
        self,
        text: str,
        width: int,
        *,
        bold: bool = False,
        side: str = "left",
        keep: bool = False,
        span: int = 1,
        merge: str = "",
        line: tuple[int, str] | None = None,
        up: str = "center",
    ) -> str:
        """A cell with a line of text; `keep`: on the page of the next row."""
        # a line that nothing is written on is as high as its end mark
        mark = "" if text else f"<w:rPr>{self.size}</w:rPr>"
        kept, strong = ("" if on else ' w:val="0"' for on in (keep, bold))
        spanned = f'<w:gridSpan w:val="{span}"/>' if span > 1 else ""
        return (
            f'<w:tc><w:tcPr>{_width(width)}{spanned}{merge}{_line(line)}<w:vAlign w:val="{up}"/></w:tcPr>'
            f'<w:p><w:pPr><w:keepNext{kept}/><w:spacing w:before="30" w:after="30"/><w:jc w:val="{side}"/>{mark}'
            f"</w:pPr><w:r><w:rPr><w:b{strong}/>{self.size}</w:rPr>{_text(text)}</w:r></w:p></w:tc>"
        )

    def empty(self, width: int, *, line: tuple[int, str], merge: str = "") -> str:
        """A cell that holds nothing."""
        return f"<w:tc><w:tcPr>{_width(width)}{merge}{_line(line)}</w:tcPr><w:p/></w:tc>"


def _width(twips: int) -> str:
    return f'<w:tcW w:type="dxa" w:w="{twips}"/>'


def _line(line: tuple[int, str] | None) -> str:
    if line is None:
        return ""
    bottom = f'<w:bottom w:val="single" w:sz="{line[0]}" w:space="0" w:color="{line[1]}"/>'
    return f"<w:tcBorders>{bottom}</w:tcBorders>"


def _text(text: str) -> str:
    """Text of a run: tabs and ends of lines are elements, spaces at the ends are kept."""
    return "".join(_piece(piece) for piece in re.split(r"([\t\n\r])", text) if piece)


def _piece(piece: str) -> str:
    if piece in "\t\n\r":
        return "<w:tab/>" if piece == "\t" else "<w:br/>"
    kept = ' xml:space="preserve"' if piece != piece.strip() else ""
    return f"<w:t{kept}>{escape(piece, quote=False)}</w:t>"
