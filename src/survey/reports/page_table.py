"""A table of a report as HTML: headings that screen readers name, numbers with their evidence."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from survey.base.html import escape
from survey.reports.document import ExhibitBlock, WordTable
from survey.reports.evidence import Run
from survey.reports.word_table import cells_of
from survey.tables._docx_widths import banner, unbroken
from survey.tables._grid import Grid

__all__ = ["table_html"]


def table_html(block: ExhibitBlock | WordTable, caption: str, written: Callable[[Sequence[Run]], str]) -> str:
    """The table with its caption, in a box that scrolls sideways on narrow screens and that keys reach.

    Parameters
    ----------
    block : ExhibitBlock or WordTable
    caption : str
    written : callable (runs) -> str
        Runs as HTML.
    """
    grid, cells = cells_of(block)
    stubs = [row[0] for row in block.rows] if isinstance(block, WordTable) else [(Run(x.name),) for x in grid.lines]
    made, groups = "", [line.group for line in grid.lines]
    for i, (line, row) in enumerate(zip(grid.lines, cells, strict=True)):
        if i == 0 or line.group != groups[i - 1]:
            made += ("</tbody>" if i else "") + "<tbody>"
            if line.group:
                wide = len(grid.columns) + 1
                made += f'<tr class="group"><th colspan="{wide}" scope="rowgroup">{escape(line.group)}</th></tr>'
        made += f'<tr><th scope="row">{written(stubs[i])}</th>'
        for column, cell in zip(grid.columns, row, strict=True):
            made += f"<td{' class=words' if column.words else ''}>{written(cell)}</td>"
        made += "</tr>\n"
    return (
        f'<div class="scroll" role="group" aria-label="{escape(caption)}" tabindex="0"><table>'
        f"<caption>{escape(caption)}</caption>\n<thead>{_head(grid)}</thead>\n{made}</tbody></table></div>"
    )


def _label(text: str) -> str:
    """A heading that no line breaks inside short brackets, nor "p-value" at its hyphen."""
    return _WHOLE.sub(r'<span class="whole">\g<0></span>', escape(unbroken(text)))


_WHOLE = re.compile(r"\b\w-\w+|\([^()]{1,16}\)")


def _head(grid: Grid) -> str:
    heads = "".join(f'<th scope="col"{" class=words" if c.words else ""}>{_label(c.head)}</th>' for c in grid.columns)
    corner = "th" if grid.stub else "td"
    scope = ' scope="col"' if grid.stub else ""
    if not any(c.spanner for c in grid.columns):
        return f"<tr><{corner}{scope}>{escape(grid.stub)}</{corner}>{heads}</tr>"
    above = f'<{corner}{scope} rowspan="2">{escape(grid.stub)}</{corner}>'
    for first, last in banner(grid):
        text, wide = grid.columns[first].spanner, last - first + 1
        above += f'<th scope="colgroup" colspan="{wide}">{escape(text)}</th>' if text else f'<td colspan="{wide}"></td>'
    return f"<tr>{above}</tr><tr>{heads}</tr>"
