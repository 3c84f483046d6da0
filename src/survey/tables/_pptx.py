"""Exhibits as PowerPoint slides: a title that screen readers find, a chart, a real table, or a described picture."""

from __future__ import annotations

import io
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from survey.base import catalogue
from survey.base._archive import EPOCH, property_text, without_dates
from survey.base.arguments import checked
from survey.base.files import writing
from survey.errors import ExportError
from survey.exhibits.exhibit import Exhibit
from survey.exhibits.picture import picture_of
from survey.tables._items import listed, only_exhibits
from survey.tables._pptx_table import TablePage, draw_page, lines_about, table_pages
from survey.tables._slide_chart import SlideChart, slide_chart
from survey.tables._slide_frame import Room, draw_chart, parts_of, theme_slides
from survey.tables._slide_letters import cut
from survey.tables._slide_words import below_chart, rows_told

__all__ = ["to_pptx"]

_EDGE = 0.5  # inches
_BODY_TOP, _BODY_END, _WIDTH, _FOOT_END = 1.25, 6.55, 13.333, 7.4
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
    parts: list[SlideChart] | list[TablePage] | list[None] = [None]
    if chart is not None:
        parts = parts_of(chart, room)
    elif exhibit.kind == "table":
        parts = table_pages(exhibit, room)
    for i, part in enumerate(parts, 1):
        slide = _slide(deck, exhibit, f" ({i}/{len(parts)})" if len(parts) > 1 else "")
        if isinstance(part, SlideChart):
            tag = catalogue.text("language.tag", exhibit.lang)
            draw_chart(slide, room, part, exhibit, exhibit.name or exhibit.title, tag)
        elif isinstance(part, TablePage):
            draw_page(slide, room, exhibit, part)
            if part.whole:
                _say(slide, part.whole)
        else:
            _picture(slide, exhibit, room)
        if chart is not None and i == 1:
            _say(slide, rows_told(exhibit))
    if below.apart:
        _notes_slide(deck, exhibit)


def _say(slide: Any, lines: Sequence[str]) -> None:
    """Add lines to the speaker notes."""
    frame = slide.notes_slide.notes_text_frame
    frame.text = "\n".join([*([frame.text] if frame.text else []), *lines])


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
    size = 12.0
    lines = sum(lines_about(t, size, _WIDTH - 2 * _EDGE) for t in texts)
    top = min(_FOOT_END - 0.1 - lines * size * 1.25 / 72, _BODY_END + 0.1)
    if lines <= _FOOT_LINES:
        return _Foot(texts, size, top, False)
    short = [t for t in (exhibit.subtitle, catalogue.text("tables.notes_apart", exhibit.lang), exhibit.source) if t]
    top = _BODY_END + 0.1
    most = int((_FOOT_END - 0.1 - top) * 72 / (1.25 * size))
    return _Foot([cut(t, size, _WIDTH - 2 * _EDGE, max(1, most // len(short))) for t in short], size, top, True)


def _slide(deck: Any, exhibit: Exhibit, page: str) -> Any:
    """A slide with its title and what stands below."""
    from pptx.dml.color import RGBColor
    from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
    from pptx.util import Inches, Pt

    slide = deck.slides.add_slide(deck.slide_layouts[5])
    title = slide.shapes.title
    title.left, title.top, title.width, title.height = (Inches(x) for x in (_EDGE, 0.25, _WIDTH - 2 * _EDGE, 0.9))
    told = exhibit.title
    short = cut(told, 14.0, _WIDTH - 2 * _EDGE, 3, "bold") if len(told) >= 200 else told
    title.text_frame.text = short + page
    if short != told:
        _say(slide, [told])
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
    texts, width = exhibit.once(_texts_below), _WIDTH - 2 * _EDGE
    most = 24
    short = [cut(t, 12.0, width, max(1, most - len(texts) + 1)) for t in texts]
    if sum(lines_about(t, 12.0, width) for t in short) > most:
        short = [cut(t, 12.0, width, max(1, most // len(texts))) for t in short]
    if short != texts:
        _say(slide, texts)
    for i, text in enumerate(short):
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
