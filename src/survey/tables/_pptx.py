"""Exhibits as PowerPoint slides: a title that screen readers find, a picture with alternative text or a real table."""

from __future__ import annotations

import io
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from survey.base._archive import EPOCH, property_text, without_dates
from survey.base.arguments import checked
from survey.base.files import writing
from survey.errors import ExportError
from survey.exhibits.exhibit import Exhibit
from survey.exhibits.picture import picture_of
from survey.tables._docx import listed
from survey.tables._grid import Grid, Line, grid_of

__all__ = ["to_pptx"]

_ROWS = 14  # rows of a table on one slide, so that its letters stay legible
_EDGE = 0.5  # inches
_BODY_TOP, _BODY_HEIGHT, _WIDTH = 1.25, 5.3, 13.333


@checked(ExportError)
def to_pptx(exhibits: Exhibit | Sequence[Exhibit], path: str | os.PathLike[str]) -> Path:
    """Write exhibits onto wide slides (13.33 x 7.5 in), one each; long tables go on over several.

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

    chosen = listed(exhibits, path, ".pptx")
    deck = Presentation()
    deck.slide_width, deck.slide_height = Inches(_WIDTH), Inches(7.5)
    core = deck.core_properties
    core.title, core.subject = property_text(chosen[0].title), property_text(chosen[0].alt)
    core.comments, core.author = property_text(chosen[0].source), ""
    core.last_modified_by, core.created, core.modified = "", EPOCH, EPOCH
    for exhibit in chosen:
        if exhibit.kind == "figure":
            _picture(_slide(deck, exhibit, ""), exhibit)
            continue
        grid = exhibit.once(grid_of)
        pages = [grid.lines[i : i + _ROWS] for i in range(0, len(grid.lines), _ROWS)]
        for i, lines in enumerate(pages, 1):
            _table(_slide(deck, exhibit, f" ({i}/{len(pages)})" if len(pages) > 1 else ""), exhibit, grid, lines)
    with writing(path, [f for e in chosen for f in e.estimates.codebook.files]) as temporary:
        deck.save(str(temporary))
        without_dates(temporary)
    return Path(path)


def _slide(deck: Any, exhibit: Exhibit, page: str) -> Any:
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
    paragraph.runs[0].font.size = Pt(26 if len(exhibit.title) < 70 else 20)
    paragraph.runs[0].font.bold = True
    foot = slide.shapes.add_textbox(Inches(_EDGE), Inches(6.65), Inches(_WIDTH - 2 * _EDGE), Inches(0.7))
    foot.text_frame.word_wrap = True
    for i, text in enumerate(t for t in (exhibit.subtitle, *exhibit.footing) if t):
        line = foot.text_frame.paragraphs[0] if i == 0 else foot.text_frame.add_paragraph()
        run = line.add_run()
        run.text = text
        run.font.size, run.font.color.rgb = Pt(11), RGBColor(0x59, 0x59, 0x59)
    return slide


def _picture(slide: Any, exhibit: Exhibit) -> None:
    from pptx.util import Inches

    from survey.exhibits import theme

    drawn = picture_of(exhibit.at_width("slide_body"))
    figure, picture = drawn.figure("bare"), drawn.png("bare", 200)
    sizes = theme.style("slide_body")
    height = min(_BODY_HEIGHT, figure.get_size_inches()[1])
    shape = slide.shapes.add_picture(
        io.BytesIO(picture), Inches((_WIDTH - sizes.width / 72) / 2), Inches(_BODY_TOP), height=Inches(height)
    )
    shape._element.nvPicPr.cNvPr.set("descr", exhibit.alt)
    shape.name = exhibit.name or exhibit.title


def _table(slide: Any, exhibit: Exhibit, grid: Grid, lines: Sequence[Line]) -> None:
    from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
    from pptx.util import Inches, Pt

    size = Pt(14 if len(lines) <= 8 else 12 if len(grid.columns) <= 5 else 11)
    width = _WIDTH - 2 * _EDGE
    height = min(_BODY_HEIGHT, 0.36 * (len(lines) + 1))
    frame = slide.shapes.add_table(
        len(lines) + 1, len(grid.columns) + 1, Inches(_EDGE), Inches(_BODY_TOP), Inches(width), Inches(height)
    )
    frame._element.nvGraphicFramePr.cNvPr.set("descr", exhibit.alt)
    frame.name = exhibit.name or exhibit.title
    table = frame.table
    stub = min(0.45, max(0.22, 1 - 0.15 * len(grid.columns))) * width
    table.columns[0].width = Inches(stub)
    for j in range(len(grid.columns)):
        table.columns[j + 1].width = Inches((width - stub) / len(grid.columns))
    heads = [grid.stub, *(f"{c.spanner}: {c.label}" if c.spanner else c.label for c in grid.columns)]
    texts = [heads, *([", ".join(x for x in (line.group, line.name) if x), *line.cells] for line in lines)]
    for i, row in enumerate(texts):
        for j, text in enumerate(row):
            cell = table.cell(i, j)
            cell.text_frame.text = text.replace("\n", "\v")
            cell.vertical_anchor = MSO_ANCHOR.MIDDLE
            cell.margin_top = cell.margin_bottom = Inches(0.02)
            paragraph = cell.text_frame.paragraphs[0]
            paragraph.alignment = PP_ALIGN.LEFT if j == 0 else PP_ALIGN.RIGHT
            for run in paragraph.runs:
                run.font.size = size
