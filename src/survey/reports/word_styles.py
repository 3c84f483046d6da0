"""The page and the styles of a report in Word: those of a template, else those of official documents in Vietnam.

Decree 30/2020/ND-CP, annex I, asks for A4, black Times New Roman of 13 to 14 points, margins of 20-25 mm above and
below, 30-35 mm at the left and 15-20 mm at the right, and the page number centred in the upper margin from page 2 on.
Paragraphs are justified, begin 1 cm or 1.27 cm further in and stand at least 6 points apart; titles and headings have
13 to 14 points, those of the first level in capitals. docs/report.md names the sources, and what is not followed.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any
from zipfile import BadZipFile

from survey.base import catalogue
from survey.errors import ExportError

__all__ = ["FINDING", "NOTE", "opened", "style_ids", "text_widths"]

FINDING, NOTE = "Survey Finding", "Survey Note"
"""Styles of a report that Word has not; a template may have its own of these names."""
_FONT, _BODY, _NOTE_PT = "Times New Roman", 13.0, 10.0
_INDENT_MM = 10
"""Where the first line of a paragraph begins."""
_PAGE_MM, _MARGINS_MM = (210, 297), (20, 20, 30, 20)
_NAMES = ("Normal", "Title", "Heading 1", "Heading 2", "Heading 3", "Caption", "List Bullet", "toc 1", "toc 2")
_TABLES = "table of figures"


def opened(template: str | os.PathLike[str] | None, lang: str) -> Any:
    """A document without content: the template's page, header, footer and styles, or those of an official document.

    Raises
    ------
    ExportError
        If the template is missing or is not a Word document.
    """
    from docx import Document
    from docx.opc.exceptions import PackageNotFoundError

    try:
        document = Document(None if template is None else os.fspath(template))
    except (PackageNotFoundError, BadZipFile, ValueError, KeyError, OSError) as problem:
        raise ExportError(
            "The template cannot be used.",
            where=template,
            got=type(problem).__name__ if template and os.path.exists(template) else "a file that does not exist",
            expected="a Word document, .docx",
            fix="correct the path, save it in Word as .docx, or leave out --template",
        ) from problem
    body = document.element.body
    for child in list(body):
        if not child.tag.endswith("}sectPr"):
            body.remove(child)
    if template is None:
        _page(document)
    _styles(document, lang, own=template is None)
    return document


def text_widths(document: Any) -> tuple[float, float]:
    """Room for text in mm, on an upright page and on one that lies on its side."""
    section = document.sections[-1]
    sides = section.left_margin.mm + section.right_margin.mm
    wide, high = sorted((section.page_width.mm, section.page_height.mm))
    return wide - sides, high - sides


def style_ids(document: Any) -> Mapping[str, str]:
    """Ids of styles by their names in small letters."""
    return {style.name.lower(): style.style_id for style in document.styles if style.type == 1}


def _page(document: Any) -> None:
    from docx.shared import Mm

    section = document.sections[0]
    section.page_width, section.page_height = (Mm(x) for x in _PAGE_MM)
    section.top_margin, section.bottom_margin, section.left_margin, section.right_margin = (Mm(x) for x in _MARGINS_MM)
    section.header_distance = Mm(8)
    section.different_first_page_header_footer = True


def _styles(document: Any, lang: str, own: bool) -> None:
    """Give an own document its styles, a template those that it lacks."""
    from docx.enum.style import WD_STYLE_TYPE
    from docx.oxml.ns import qn

    known = style_ids(document)
    for name in (*_NAMES, _TABLES, FINDING, NOTE):
        there = name.lower() in known
        if not there:
            style = document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
            if name == "Normal":  # what paragraphs have that name no style
                style.element.set(qn("w:default"), "1")
            else:
                style.base_style = document.styles["Normal"]
        if own or not there:
            _look(document.styles[name if not there else _name(document, name)], name, own)
    for element in document.styles.element.iter(qn("w:lang")):
        element.set(qn("w:val"), catalogue.text("language.tag", lang))


def _name(document: Any, name: str) -> str:
    return str(next(style.name for style in document.styles if style.name.lower() == name.lower()))


def _look(style: Any, name: str, own: bool) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml.ns import qn
    from docx.shared import Mm, Pt, RGBColor

    form, font = style.paragraph_format, style.font
    if own:
        font.name = _FONT
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for theme in ("w:asciiTheme", "w:hAnsiTheme", "w:eastAsiaTheme", "w:cstheme"):
            fonts.attrib.pop(qn(theme), None)
        for script in ("w:ascii", "w:hAnsi", "w:eastAsia", "w:cs"):
            fonts.set(qn(script), _FONT)
        font.color.rgb = RGBColor(0, 0, 0)
        font.italic = False
    size, bold = _BODY, False
    form.space_before, form.space_after = Pt(0), Pt(6)
    if own:
        form.first_line_indent = Mm(_INDENT_MM if name in ("Normal", FINDING) else 0)
    if name == "Title":
        size, bold = 14.0 if own else 16.0, True
        form.alignment = WD_ALIGN_PARAGRAPH.CENTER
        form.space_before = form.space_after = Pt(12)
        border = style.element.pPr.find(qn("w:pBdr")) if style.element.pPr is not None else None
        if border is not None:
            style.element.pPr.remove(border)
    elif name.startswith("Heading"):
        size, bold = {"1": 14.0 if own else 15.0, "2": 13.5, "3": 13.0}[name[-1]], True
        font.all_caps = own and name[-1] == "1"
        form.space_before, form.keep_with_next = Pt(14 if name[-1] == "1" else 10), True
    elif name == "Caption":
        bold, size = True, 12
        form.space_before = Pt(10)
    elif name == NOTE:
        size = _NOTE_PT
        form.space_after = Pt(3)
    elif name == FINDING:
        form.left_indent = Mm(0 if own else 4)
    elif name == "List Bullet" and own:
        form.left_indent, form.first_line_indent = Mm(6), Mm(-6)
    elif name.lower().startswith(("toc", "table of")):
        size = 12
        form.space_after = Pt(2)
        form.left_indent = Mm(6) if name == "toc 2" else Mm(0)
    font.size, font.bold = Pt(size), bold
