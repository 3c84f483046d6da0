"""Tables as HTML, by great_tables: one id per table, so that the same table gives the same page."""

from __future__ import annotations

import re
from hashlib import sha256

import pandas as pd

from survey.base.arguments import checked
from survey.base.html import escape
from survey.errors import ExportError
from survey.exhibits.exhibit import Exhibit
from survey.tables._grid import grid_of

__all__ = ["table_html", "to_html"]


@checked(ExportError)
def to_html(exhibit: Exhibit) -> str:
    """A fragment of HTML with title, caption, table, notes and source."""
    return f'<section lang="{exhibit.lang}">\n{table_html(exhibit, words=True)}\n</section>'


def table_html(exhibit: Exhibit, words: bool) -> str:
    """The table; with title, caption, notes and source where `words` is true (a figure says these itself)."""
    from great_tables import GT

    grid = exhibit.once(grid_of)
    keys = [f"c{i}" for i in range(len(grid.columns))]
    frame = pd.DataFrame([line.cells for line in grid.lines], columns=keys)
    frame.insert(0, "name", [line.name for line in grid.lines])
    grouped = any(line.group for line in grid.lines)
    if grouped:
        frame.insert(0, "group", [line.group for line in grid.lines])
    # two exhibits of the same numbers may stand on one page: their words tell them apart
    words_too = "\0".join([exhibit.hash, exhibit.name, exhibit.title, exhibit.caption])
    key = f"t-{sha256(words_too.encode()).hexdigest()[:12]}-{exhibit.lang}"
    made = GT(frame, rowname_col="name", groupname_col="group" if grouped else None, id=key)
    made = made.tab_stubhead(label=grid.stub).cols_label(dict(zip(keys, [c.head for c in grid.columns], strict=True)))
    for spanner in dict.fromkeys(c.spanner for c in grid.columns if c.spanner):
        columns = [k for k, c in zip(keys, grid.columns, strict=True) if c.spanner == spanner]
        made = made.tab_spanner(label=spanner, columns=columns, id=f"s-{columns[0]}")
    if words:
        made = made.tab_header(title=exhibit.title, subtitle=exhibit.subtitle or None)
        for text in exhibit.footing:
            made = made.tab_source_note(escape(text))
    made = made.cols_align(align="right", columns=keys)
    if names := [k for k, c in zip(keys, grid.columns, strict=True) if c.words]:
        made = made.cols_align(align="left", columns=names)
    made = made.tab_options(
        heading_align="left",
        heading_title_font_weight="bold",
        heading_title_font_size="1.05em",
        heading_subtitle_font_size="0.95em",
        table_font_size="0.95em",
        source_notes_font_size="0.85em",
        row_group_font_weight="bold",
        column_labels_font_weight="bold",
        table_border_top_width="0px",
        table_margin_left="0px",
        data_row_padding="5px",
        data_row_padding_horizontal="10px",
        column_labels_padding_horizontal="10px",
    )
    cells = f"#{key} td.gt_row {{white-space: pre-line; font-variant-numeric: tabular-nums;}}"
    cells += f" #{key} td.gt_right {{white-space: pre;}}"  # or an interval would break after its dash
    if grouped and not all(line.group for line in grid.lines):  # everyone stands above the groups, without a heading
        cells += f" #{key} .gt_empty_group_heading {{display: none;}}"
    html: str = made.opt_css(cells).as_raw_html()
    return _accessible(re.sub(r"[ \t]+\n", "\n", html), key, exhibit.title)


_NO_HEADING = re.compile(r'<th ([^>]*?) rowspan="(\d+)" colspan="(\d+)" scope="col"[^>]*></th>')


def _accessible(html: str, key: str, title: str) -> str:
    """The table as keyboards and screen readers need it.

    What scrolls sideways on a narrow screen can be reached by a key, and is called as the table is; a corner without
    words is no heading.
    """
    named = f'<div id="{key}" role="group" aria-label="{escape(title)}" tabindex="0" '
    html = html.replace(f'<div id="{key}" ', named, 1)
    return _NO_HEADING.sub(r'<td \1 rowspan="\2" colspan="\3"></td>', html)
