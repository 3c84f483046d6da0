"""Exhibits as a Word document: real tables, pictures with alternative text, numbered captions."""

from __future__ import annotations

import io
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from survey.base import catalogue
from survey.base._archive import EPOCH, property_text, without_dates
from survey.base.arguments import checked
from survey.base.files import writing
from survey.errors import ExportError
from survey.exhibits.exhibit import Exhibit
from survey.exhibits.finding import Finding
from survey.exhibits.picture import PICTURE_DPI, picture_of
from survey.tables._docx_rows import parts_of, rows_of
from survey.tables._docx_widths import column_blocks, fits, layout_of
from survey.tables._grid import Grid, grid_of
from survey.tables._items import exhibits_of, language_of_items, listed
from survey.words import locale as loc
from survey.words.phrases import named

__all__ = ["to_docx"]

_FONT = "Times New Roman"  # as official documents in Vietnam are written (Decree 30/2020/ND-CP)
_PAGE_MM, _MARGINS_MM = (210, 297), (20, 20, 30, 20)  # A4; top, bottom, left (for binding), right
_TEXT_MM = _PAGE_MM[0] - _MARGINS_MM[2] - _MARGINS_MM[3]
_TURNED_MM = _PAGE_MM[1] - _MARGINS_MM[2] - _MARGINS_MM[3]
"""Room for text on an upright page and on one that lies on its side."""
_BANNER_PT = 8.0
"""Letters of tables that are cut into blocks of columns rather than made smaller."""


@checked(ExportError)
def to_docx(exhibits: Exhibit | Finding | Sequence[Exhibit | Finding], path: str | os.PathLike[str]) -> Path:
    """Write exhibits into one Word document, ready to be copied from: A4, tables that can be edited.

    Parameters
    ----------
    exhibits : Exhibit, Finding, or sequence of them
        Tables become Word tables, figures pictures of 160 or 80 mm; each with title, caption, notes and source. A
        finding is a paragraph. Of several, rows that give away what another hides are hidden too (`sv.protect`).
    path : str or path
        Ends in .docx.

    Returns
    -------
    Path
        What was written; the same bytes on every run.

    Raises
    ------
    ExportError
        If there are no exhibits, one is something else, or the name ends otherwise.
    """
    from docx import Document
    from docx.shared import Mm, Pt

    chosen = listed(exhibits, path, ".docx")
    shown, lang = exhibits_of(chosen), language_of_items(chosen)
    document = Document()
    section = document.sections[0]
    section.page_width, section.page_height = (Mm(x) for x in _PAGE_MM)
    section.top_margin, section.bottom_margin, section.left_margin, section.right_margin = (Mm(x) for x in _MARGINS_MM)
    _styles(document, lang, Pt)
    core = document.core_properties
    told = [property_text(t) for t in (shown[0].title, shown[0].alt, shown[0].source)] if shown else [""] * 3
    core.title, core.subject, core.comments = told
    core.author = ""
    core.language = catalogue.text("language.tag", lang)
    core.created = core.modified = EPOCH
    numbers = {"table": 0, "figure": 0}
    for item in chosen:
        if isinstance(item, Finding):
            _turn(document, False)
            document.add_paragraph(item.text(lang))
            continue
        numbers[item.kind] += 1
        _exhibit(document, item, numbers[item.kind])
    with writing(path, [f for e in shown for f in e.estimates.codebook.files]) as temporary:
        document.save(str(temporary))
        without_dates(temporary)
    return Path(path)


def _styles(document: Any, lang: str, points: Any) -> None:
    from docx.oxml.ns import qn
    from docx.shared import RGBColor

    for name, size in (("Normal", 12), ("Caption", 12)):
        style = document.styles[name]
        style.font.name, style.font.size = _FONT, points(size)
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for script in ("w:ascii", "w:hAnsi", "w:eastAsia", "w:cs"):
            fonts.set(qn(script), _FONT)
        style.paragraph_format.space_after = points(4)
    document.styles["Caption"].paragraph_format.space_before = points(12)
    caption = document.styles["Caption"].font
    caption.bold, caption.italic, caption.color.rgb = True, False, RGBColor(0, 0, 0)
    for element in document.styles.element.iter(qn("w:lang")):
        element.set(qn("w:val"), catalogue.text("language.tag", lang))
    # without the tag, Word checks Vietnamese with an English dictionary and underlines all of it


def _exhibit(document: Any, exhibit: Exhibit, number: int) -> None:
    from docx.shared import Mm

    grid = exhibit.once(grid_of) if exhibit.kind == "table" else None
    # a banner keeps letters that are read without a glass; other tables have been laid out for the smallest
    turned = grid is not None and not fits(grid, _TEXT_MM, _BANNER_PT if grid.laid_out else None)
    _turn(document, turned)
    if grid is not None:
        _title(document, exhibit, number, keep=True)
        if exhibit.subtitle:
            _small(document, exhibit.subtitle, keep=True)
        blocks = column_blocks(grid, _TURNED_MM, _BANNER_PT) if turned else [grid]
        for i, block in enumerate(blocks, 1):
            if i > 1:
                told = {"table": f"{loc.word('table', exhibit.lang)} {number}", "i": i, "n": len(blocks)}
                _small(document, catalogue.text("tables.continued", exhibit.lang, **told), keep=True, above=10)
            _table(document, exhibit, block, _TURNED_MM if turned else _TEXT_MM, _told(exhibit, number))
    else:
        sizes = exhibit.style
        picture = picture_of(exhibit).png("bare", PICTURE_DPI)
        paragraph = document.add_paragraph()
        paragraph.paragraph_format.keep_with_next = True
        shape = paragraph.add_run().add_picture(io.BytesIO(picture), width=Mm(min(sizes.width * 25.4 / 72, _TEXT_MM)))
        for side in ("distT", "distB", "distL", "distR"):  # else 3 mm beyond the margin in LibreOffice
            shape._inline.set(side, "0")
        shape._inline.docPr.set("descr", _told(exhibit, number))
        shape._inline.docPr.set("title", exhibit.title)
        shape._inline.docPr.set("name", exhibit.name or exhibit.title)
        _title(document, exhibit, number, keep=False)
    below = [t for t in (exhibit.subtitle if exhibit.kind == "figure" else "", *exhibit.footing) if t]
    for i, text in enumerate(below, 1):
        _small(document, text, keep=i < len(below))


def _told(exhibit: Exhibit, number: int) -> str:
    return named(exhibit.alt, loc.word(exhibit.kind, exhibit.lang), str(number))


def _title(document: Any, exhibit: Exhibit, number: int, keep: bool) -> None:
    """ "Bảng 1. …" with a field that Word renumbers and lists tables by."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    kind = loc.word(exhibit.kind, exhibit.lang)
    paragraph = document.add_paragraph(style="Caption")
    paragraph.paragraph_format.keep_with_next = keep
    paragraph.add_run(f"{kind} ")
    counter = OxmlElement("w:fldSimple")
    counter.set(qn("w:instr"), f" SEQ {kind} \\* ARABIC ")
    run, text = OxmlElement("w:r"), OxmlElement("w:t")
    text.text = str(number)
    run.append(text)
    counter.append(run)
    paragraph._p.append(counter)
    paragraph.add_run(f". {exhibit.title}")


def _turn(document: Any, turned: bool) -> None:
    """Go on upright or on its side; a section of its own where the last one stands otherwise."""
    from docx.enum.section import WD_ORIENT, WD_SECTION

    section = document.sections[-1]
    if (section.orientation == WD_ORIENT.LANDSCAPE) == turned:
        return
    if document.paragraphs or document.tables:
        section = document.add_section(WD_SECTION.NEW_PAGE)
    section.orientation = WD_ORIENT.LANDSCAPE if turned else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = section.page_height, section.page_width


def _small(document: Any, text: str, keep: bool = False, above: float = 0.0) -> None:
    from docx.shared import Pt

    paragraph = document.add_paragraph()
    paragraph.paragraph_format.space_before, paragraph.paragraph_format.space_after = Pt(above), Pt(2)
    paragraph.paragraph_format.keep_with_next = keep
    paragraph.add_run(text).font.size = Pt(10)


def _table(document: Any, exhibit: Exhibit, grid: Grid, page: float, alt: str) -> None:
    """The table; where it has long groups, one after the other that look as one and repeat the name of their group."""
    parts = parts_of(grid)
    for i, part in enumerate(parts):
        if i:
            _thin(document)
        _part(document, exhibit, grid, page, part if len(parts) > 1 else None, alt)


def _thin(document: Any) -> None:
    """A paragraph that parts two tables, which Word would join otherwise, and that is not seen."""
    from docx.enum.text import WD_LINE_SPACING
    from docx.shared import Pt

    look = document.add_paragraph().paragraph_format
    look.space_before = look.space_after = Pt(0)
    look.line_spacing_rule, look.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(1)


def _part(document: Any, exhibit: Exhibit, grid: Grid, page: float, part: range | None, alt: str) -> None:
    from docx.oxml import OxmlElement, parse_xml
    from docx.oxml.ns import nsdecls, qn
    from docx.shared import Mm, Pt

    table = document.add_table(0, 1 + len(grid.columns))
    table.autofit = False
    layout = layout_of(grid, page)
    widths = [Mm(width) for width in layout.widths]
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width
    for key, text in (("w:tblCaption", exhibit.title), ("w:tblDescription", alt)):
        element = OxmlElement(key)
        element.set(qn("w:val"), text)
        table._tbl.tblPr.append(element)
    rows = rows_of(grid, [width.twips for width in widths], int(2 * Pt(layout.size).pt), part)
    table._tbl.extend(list(parse_xml(f"<w:tbl {nsdecls('w')}>{rows}</w:tbl>")))
    _margins(table, layout.margin)
    _rules(table)


def _margins(table: Any, mm: float) -> None:
    """The space at the left and the right of what stands in a cell."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn
    from docx.shared import Mm

    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        element = OxmlElement(f"w:{side}")
        element.set(qn("w:w"), str(int(Mm(mm).twips)))
        element.set(qn("w:type"), "dxa")
        margins.append(element)
    table._tbl.tblPr.insert_element_before(margins, "w:tblLook", "w:tblCaption", "w:tblDescription")


def _rules(table: Any) -> None:
    """Lines above and below; thin grey ones between rows."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    def border(side: str, eighths: int, colour: str) -> Any:
        element = OxmlElement(f"w:{side}")
        for key, value in (("val", "single"), ("sz", str(eighths)), ("space", "0"), ("color", colour)):
            element.set(qn(f"w:{key}"), value)
        return element

    around = OxmlElement("w:tblBorders")
    for side, eighths, colour in (("top", 8, "000000"), ("bottom", 8, "000000"), ("insideH", 4, "D9D9D9")):
        around.append(border(side, eighths, colour))
    properties = table._tbl.tblPr
    # the schema wants a fixed order of children: borders come before the layout
    properties.insert_element_before(around, "w:shd", "w:tblLayout", "w:tblCellMar", "w:tblLook", "w:tblCaption")
