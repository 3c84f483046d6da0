"""Exhibits as PowerPoint slides: a title that screen readers find, a chart, a real table, or a described picture."""

from __future__ import annotations

import io
import math
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from survey.base import catalogue
from survey.base._archive import EPOCH, property_text, without_dates
from survey.base.arguments import checked
from survey.base.files import writing
from survey.errors import ExportError
from survey.exhibits.exhibit import Exhibit
from survey.exhibits.picture import picture_of
from survey.tables._docx_widths import column_blocks, fits, line_width, spans, unbroken, widths_at
from survey.tables._grid import Grid, Line, grid_of
from survey.tables._items import listed, only_exhibits
from survey.tables._slide_chart import SlideChart, slide_chart
from survey.tables._slide_frame import Room, draw_chart, parts_of, theme_slides
from survey.tables._slide_words import below_chart, rows_told

__all__ = ["to_pptx"]

_ROWS = 14  # rows of a table on one slide, so that its letters stay legible
_EDGE = 0.5  # inches
_BODY_TOP, _BODY_END, _WIDTH, _FOOT_END = 1.25, 6.55, 13.333, 7.4
_BLOCK_PT, _MARGIN_MM = 11.0, 1.6
_WIDER = 1.2  # letters of slides, beside those of Times
_FOOT_LINES = 9
"""Lines of small notes that a slide has room for; longer ones stand on a slide of their own."""


@checked(ExportError)
def to_pptx(exhibits: Exhibit | Sequence[Exhibit], path: str | os.PathLike[str]) -> Path:
    """Write exhibits onto wide slides (13.33 x 7.5 in), one each; long ones go on over several.

    A figure is a chart that PowerPoint draws and opens for editing, with each number in the speaker notes, where it has
    one of PowerPoint's forms (`exhibits.chart`); otherwise a picture.

    Parameters
    ----------
    exhibits : Exhibit or sequence of Exhibit
    path : str or path
        Ends in .pptx.

    Returns
    -------
    Path
        What was written; the same bytes on every run.

    Raises
    ------
    ExportError
        If there are no exhibits, or the name ends otherwise.
    """
    from pptx import Presentation
    from pptx.util import Inches

    chosen = only_exhibits(listed(exhibits, path, ".pptx"), path, "leave findings out of slides, or write a .docx")
    deck = Presentation()
    deck.slide_width, deck.slide_height = Inches(_WIDTH), Inches(7.5)
    theme_slides(deck)
    core = deck.core_properties
    core.title, core.subject = property_text(chosen[0].title), property_text(chosen[0].alt)
    core.comments, core.author = property_text(chosen[0].source), ""
    core.language = catalogue.text("language.tag", chosen[0].lang)
    core.last_modified_by, core.created, core.modified = "", EPOCH, EPOCH
    for exhibit in chosen:
        _exhibit(deck, exhibit)
    with writing(path, [f for e in chosen for f in e.estimates.codebook.files]) as temporary:
        deck.save(str(temporary))
        without_dates(temporary)
    return Path(path)


def _exhibit(deck: Any, exhibit: Exhibit) -> None:
    """The slides of an exhibit: a chart in as many parts as its rows need, a picture, or pages of a table."""
    below = exhibit.once(_foot)
    room = Room(_EDGE, _BODY_TOP, _WIDTH - 2 * _EDGE, below.top - 0.1 - _BODY_TOP)
    chart = slide_chart(exhibit) if exhibit.kind == "figure" else None
    parts: list[SlideChart] | list[_Page] | list[None] = [None]
    if chart is not None:
        parts = parts_of(chart, room)
    elif exhibit.kind == "table":
        parts = _pages(exhibit)
    for i, part in enumerate(parts, 1):
        slide = _slide(deck, exhibit, f" ({i}/{len(parts)})" if len(parts) > 1 else "")
        if isinstance(part, SlideChart):
            tag = catalogue.text("language.tag", exhibit.lang)
            draw_chart(slide, room, part, exhibit, exhibit.name or exhibit.title, tag)
        elif isinstance(part, _Page):
            _table(slide, exhibit, part)
        else:
            _picture(slide, exhibit, room)
        if chart is not None and i == 1:
            slide.notes_slide.notes_text_frame.text = "\n".join(rows_told(exhibit))
    if below.apart:
        _notes_slide(deck, exhibit)


@dataclass(frozen=True, slots=True)
class _Foot:
    """What stands below a table or picture: its texts, the size of their letters, where they begin (inches).

    `apart`: they are too long, and stand on a slide of their own; a slide of the table says so.
    """

    texts: list[str]
    size: float
    top: float
    apart: bool


def _texts_below(exhibit: Exhibit) -> list[str]:
    chart = slide_chart(exhibit) if exhibit.kind == "figure" else None
    if chart is not None:
        return below_chart(exhibit, chart)
    return [t for t in (exhibit.subtitle, *exhibit.footing) if t]


def _foot(exhibit: Exhibit) -> _Foot:
    texts = exhibit.once(_texts_below)
    for size in (11.0, 9.0):
        lines = sum(_lines(t, size, _WIDTH - 2 * _EDGE) for t in texts)
        top = min(_FOOT_END - 0.1 - lines * size * 1.25 / 72, _BODY_END + 0.1)
        if top >= _BODY_END + 0.1 - 1e-9:
            return _Foot(texts, size, top, False)
    if lines <= _FOOT_LINES:
        return _Foot(texts, size, top, False)
    short = [t for t in (exhibit.subtitle, catalogue.text("tables.notes_apart", exhibit.lang), exhibit.source) if t]
    return _Foot(short, 11.0, _BODY_END + 0.1, True)


def _lines(text: str, size: float, inches: float) -> int:
    """About how many lines a text takes."""
    return max(1, math.ceil(_WIDER * line_width(text, size) / (25.4 * (inches - 0.2))))


def _slide(deck: Any, exhibit: Exhibit, page: str) -> Any:
    """A slide with its title and what stands below."""
    from pptx.dml.color import RGBColor
    from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
    from pptx.util import Inches, Pt

    slide = deck.slides.add_slide(deck.slide_layouts[5])
    title = slide.shapes.title
    title.left, title.top, title.width, title.height = (Inches(x) for x in (_EDGE, 0.25, _WIDTH - 2 * _EDGE, 0.9))
    title.text_frame.text = exhibit.title + page
    title.text_frame.vertical_anchor = MSO_ANCHOR.MIDDLE
    paragraph = title.text_frame.paragraphs[0]
    paragraph.alignment = PP_ALIGN.LEFT
    paragraph.runs[0].font.size = Pt(26 if len(exhibit.title) < 70 else 20 if len(exhibit.title) < 200 else 14)
    paragraph.runs[0].font.bold = True
    below = exhibit.once(_foot)
    foot = slide.shapes.add_textbox(
        Inches(_EDGE), Inches(below.top), Inches(_WIDTH - 2 * _EDGE), Inches(_FOOT_END - below.top)
    )
    foot.text_frame.word_wrap = True
    for i, text in enumerate(below.texts):
        line = foot.text_frame.paragraphs[0] if i == 0 else foot.text_frame.add_paragraph()
        run = line.add_run()
        run.text = text
        run.font.size, run.font.color.rgb = Pt(below.size), RGBColor(0x59, 0x59, 0x59)
    return slide


def _notes_slide(deck: Any, exhibit: Exhibit) -> None:
    """The notes of a table that its own slides have no room for."""
    from pptx.util import Inches, Pt

    slide = _slide(deck, exhibit, "")
    box = slide.shapes.add_textbox(
        Inches(_EDGE), Inches(_BODY_TOP), Inches(_WIDTH - 2 * _EDGE), Inches(_BODY_END - _BODY_TOP)
    )
    box.text_frame.word_wrap = True
    for i, text in enumerate(exhibit.once(_texts_below)):
        line = box.text_frame.paragraphs[0] if i == 0 else box.text_frame.add_paragraph()
        run = line.add_run()
        run.text, run.font.size = text, Pt(12)


def _picture(slide: Any, exhibit: Exhibit, room: Room) -> None:
    from pptx.util import Inches

    drawn = picture_of(exhibit.at_width("slide_body"))
    picture = drawn.png("bare", 200)
    width, height = drawn.figure("bare").get_size_inches()
    part = min(1.0, room.height / height)
    shape = slide.shapes.add_picture(
        io.BytesIO(picture), Inches((_WIDTH - part * width) / 2), Inches(_BODY_TOP), height=Inches(part * height)
    )
    shape._element.nvPicPr.cNvPr.set("descr", exhibit.alt)
    shape.name = exhibit.name or exhibit.title


@dataclass(frozen=True, slots=True)
class _Page:
    """What of a table stands on a slide, the widths of its columns in mm and lines of its headings."""

    grid: Grid
    size: float
    widths: list[float]
    heads: int


def _pages(exhibit: Exhibit) -> list[_Page]:
    """A table cut into what fits on a slide: blocks of columns, and rows of each."""
    grid, end = exhibit.once(grid_of), exhibit.once(_foot).top - 0.1
    width = _WIDTH - 2 * _EDGE
    wide = column_blocks(grid, width * 25.4, _BLOCK_PT) if not fits(grid, width * 25.4, _BLOCK_PT) else [grid]
    pages: list[_Page] = []
    for block in wide:
        size = _size(block)
        in_mm = widths_at(block, width * 25.4, _WIDER * size, _MARGIN_MM)
        widths = [x / 25.4 for x in in_mm]
        heads = max(_lines(unbroken(c.head), size, w) for c, w in zip(block.columns, widths[1:], strict=True))
        room = end - _BODY_TOP - _height(size, heads) - (_height(size, 1) if _spanned(block) else 0)
        taken = 0.0
        rows: list[Line] = []
        for line in block.lines:
            name = _lines(_named(block, line), size, widths[0])
            told = [
                _lines(text, size, w) if c.words else text.count("\n") + 1
                for text, w, c in zip(line.cells, widths[1:], block.columns, strict=True)
            ]
            high = _height(size, max([name, *told]))
            if block.laid_out and line.group and (not rows or rows[-1].group != line.group):
                high += _height(size, 1)  # the heading above
            if rows and (taken + high > room or (len(rows) == _ROWS and not block.laid_out)):
                pages.append(_Page(replace(block, lines=tuple(rows)), size, in_mm, heads))
                taken, rows = 0.0, []
                high = high if not block.laid_out or not line.group else high + _height(size, 1)
            taken += high
            rows.append(line)
        pages.append(_Page(replace(block, lines=tuple(rows)), size, in_mm, heads))
    return pages


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


def _table(slide: Any, exhibit: Exhibit, page: _Page) -> None:
    from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
    from pptx.util import Inches, Mm, Pt

    grid, size, over = page.grid, page.size, int(_spanned(page.grid))
    width = _WIDTH - 2 * _EDGE
    body, groups = _texts(grid)
    rows = len(body) + 1 + over
    height = _height(size, 1) * rows
    frame = slide.shapes.add_table(
        rows,
        len(grid.columns) + 1,
        Inches(_EDGE),
        Inches(_BODY_TOP),
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
