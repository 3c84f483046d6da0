"""A report as a Word document: headings, contents, numbered captions, references, each number with where it is from."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path
from typing import Any

from survey.base import catalogue
from survey.base._archive import EPOCH, property_text, without_dates
from survey.codebook import Text
from survey.exhibits import theme
from survey.exhibits._metadata import png_words
from survey.exhibits._png import png
from survey.exhibits.picture import picture_of
from survey.reports.document import Block, Document, ExhibitBlock, Heading, PageBreak, Paragraph, WordTable, name_of
from survey.reports.word_head import contents, end, head, headers
from survey.reports.word_styles import FINDING, NOTE, opened, style_ids, text_widths
from survey.reports.word_table import laid_out, table_xml
from survey.reports.word_xml import NAMESPACES, Ids, bookmarked, field_of, paragraph, runs, text_run
from survey.tables._docx_widths import unbroken
from survey.words import locale as loc
from survey.words.phrases import named

__all__ = ["to_word"]

_DPI = 200
_STYLES = {"text": "normal", "finding": FINDING.lower(), "item": "list bullet", "note": NOTE.lower(), "lead": "normal"}


def to_word(
    document: Document,
    path: Path,
    office: Mapping[str, Text],
    template: str | os.PathLike[str] | None = None,
    step: Callable[[str], None] = lambda name: None,
) -> None:
    """Write a report to a file; the same bytes on every run.

    Parameters
    ----------
    document : Document
    path : Path
    office : mapping of str to Text
        What an official report says at its head and its end; empty for none.
    template : path, optional
        A Word file whose page, header, footer and styles are taken. Styles that it lacks are added.
    step : callable (str)
        Called after each block.

    Raises
    ------
    ExportError
        If the template cannot be used.
    """
    word = opened(template, document.lang)
    headers(word, document, own=template is None)
    writer = _Writer(document, word, style_ids(word))
    parts = head(document, office, writer.styles)
    parts += contents(document, writer.styles, writer.ids, writer.widths[0])
    for block, after in zip_longest(document.blocks, document.blocks[1:]):
        parts += writer.block(block, after)
        step(document.lang)
    parts += writer.upright()
    parts += end(document, office)
    if writer.sections:
        _numbered_from_its_first_page(word.element.body[-1])
    _put(word, parts)
    core = word.core_properties
    core.title, core.subject = property_text(document.title), property_text(_simulated(document))
    core.author, core.comments = "", property_text(document.source)
    core.language = catalogue.text("language.tag", document.lang)
    core.created = core.modified = EPOCH
    core.last_modified_by, core.revision = "", 1
    word.save(str(path))
    without_dates(path)


def _simulated(document: Document) -> str:
    return catalogue.text("report.simulated_line", document.lang) if document.simulated else ""


def _put(word: Any, parts: list[str | Any]) -> None:
    """The content before the last section."""
    from docx.oxml import parse_xml

    body = word.element.body
    last = body[-1]
    wrapped = parse_xml(f"<w:body {NAMESPACES}>{''.join(parts)}</w:body>")
    for child in list(wrapped):
        last.addprevious(child)


@dataclass
class _Writer:
    document: Document
    word: Any
    styles: Mapping[str, str]
    ids: Ids = field(default_factory=Ids)
    turned: bool = False
    sections: int = 0
    widths: tuple[float, float] = field(init=False)

    def __post_init__(self) -> None:
        self.widths = text_widths(self.word)

    def block(self, block: Block, after: Block | None = None) -> list[str]:
        """A block as paragraphs and tables; what leads to the block after it stays on its page."""
        if isinstance(block, Heading):
            style = self.styles[f"heading {block.level}"]
            inside = bookmarked(text_run(block.text), self.ids.name(f"heading {block.key}"), self.ids)
            return [*self.upright(), paragraph(inside, style)]
        if isinstance(block, Paragraph):
            properties = "" if block.kind == "item" else '<w:jc w:val="both"/>'
            properties = ("<w:keepNext/>" if _leads(block, after) else "") + properties
            style = self.styles[_STYLES[block.kind]]
            return [*self.upright(), paragraph(runs(block.runs, self.ids), style, properties)]
        if isinstance(block, PageBreak):
            turned = self.upright()
            return turned or [paragraph('<w:r><w:br w:type="page"/></w:r>', properties=_THIN)]
        if isinstance(block, WordTable):
            lead = f"{loc.word('notes', self.document.lang)}: "
            notes = (lead + " ".join(loc.sentence(n) for n in block.notes),) if block.notes else ()
            return self._table(block, notes, "; ".join(block.heads))
        if block.kind == "table":
            return self._table(block, block.notes, block.ready.alt)
        return [*self.upright(), *self._picture(block)]

    def upright(self) -> list[str]:
        """Go on upright."""
        return self._turn(False)

    def _turn(self, turned: bool) -> list[str]:
        """End the section that the page was turned in, or the one before it."""
        if turned == self.turned:
            return []
        section = _section(self.word, self.turned, first=self.sections == 0)
        self.turned, self.sections = turned, self.sections + 1
        return [paragraph("", properties=f"{_THIN}{section}")]

    def _table(self, block: WordTable | ExhibitBlock, notes: Sequence[str], alt: str) -> list[str]:
        parts = laid_out(block, *self.widths)
        made = self._turn(parts[0].turned)
        made.append(self._caption(block))
        width = self.widths[1] if parts[0].turned else self.widths[0]
        for i, laid in enumerate(parts, 1):
            if i > 1:
                told = {"table": name_of(block, self.document.lang), "i": i, "n": len(parts)}
                made.append(self._note(catalogue.text("tables.continued", self.document.lang, **told), keep=True))
            made.append(table_xml(laid, width, self.ids, _described(block, self.document.lang, alt)))
        return [*made, *(self._notes(notes) or [self._note("")])]

    def _picture(self, block: ExhibitBlock) -> list[str]:
        from docx.shared import Mm

        exhibit = block.ready
        # only this frame is wanted: a picture of both would be drawn twice
        dots = theme.dots(picture_of(exhibit).figure("bare"), _DPI)
        picture = png(dots, _DPI, png_words(exhibit))
        width = Mm(min(exhibit.style.width * 25.4 / 72, self.widths[0]))
        inline = self.word.part.new_pic_inline(io.BytesIO(picture), width)
        for side in ("distT", "distB", "distL", "distR"):  # else 3 mm beyond the margin in LibreOffice
            inline.set(side, "0")
        inline.docPr.set("id", str(self.ids.number()))
        inline.docPr.set("name", block.key)
        inline.docPr.set("descr", _described(block, self.document.lang, exhibit.alt))
        inline.docPr.set("title", block.heading)
        drawn = f"<w:r><w:drawing>{_xml(inline)}</w:drawing></w:r>"
        made = [paragraph(drawn, properties=_PICTURE)]
        made.append(self._caption(block))
        return made + self._notes(block.notes)

    def _caption(self, block: WordTable | ExhibitBlock) -> str:
        """ "Table 3. …", where "Table 3" is what references show and Word counts."""
        word, series = loc.word(block.kind, self.document.lang), block.series
        counted = text_run(f"{word} {series}{'.' if series else ''}")
        counted += field_of(f" SEQ {word}{series} \\* ARABIC ", text_run(str(block.number)))
        inside = bookmarked(counted, self.ids.name(block.key), self.ids) + text_run(f". {unbroken(block.heading)}")
        return paragraph(inside, self.styles["caption"], "<w:keepNext/>")

    def _notes(self, texts: Sequence[str]) -> list[str]:
        """Notes on the page of each other, apart from what stands above and below them."""
        return [
            self._note(text, keep=i < len(texts), first=i == 1, last=i == len(texts)) for i, text in enumerate(texts, 1)
        ]

    def _note(self, text: str, keep: bool = False, first: bool = False, last: bool = False) -> str:
        properties = "<w:keepNext/>" if keep else ""
        if apart := (' w:before="40"' if first else "") + (' w:after="160"' if last else ""):
            properties += f"<w:spacing{apart}/>"
        return paragraph(text_run(text), self.styles[NOTE.lower()], properties)


def _described(block: WordTable | ExhibitBlock, lang: str, alt: str) -> str:
    kind = loc.word(block.kind, lang)
    return named(alt, kind, name_of(block, lang).removeprefix(f"{kind} "))


_PICTURE = '<w:keepNext/><w:spacing w:before="120" w:after="0"/><w:ind w:firstLine="0"/><w:jc w:val="center"/>'
_THIN = '<w:spacing w:before="0" w:after="0" w:line="20" w:lineRule="exact"/>'


def _leads(block: Paragraph, after: Block | None) -> bool:
    """Whether a paragraph is about what follows: a note above a figure, a line before a list."""
    if block.kind == "note":
        return isinstance(after, ExhibitBlock | WordTable)
    return isinstance(after, Paragraph) and bool(block.runs) and block.runs[-1].text.rstrip().endswith(":")


def _numbered_from_its_first_page(section: Any) -> None:
    """Only the first page of the document has a header of its own, not that of each section."""
    from docx.oxml.ns import qn

    for own in section.findall(qn("w:titlePg")):
        section.remove(own)


def _section(word: Any, turned: bool, first: bool) -> str:
    """The properties of a section that ends: those of the document, its page upright or on its side."""
    from copy import deepcopy

    from docx.oxml.ns import qn

    properties = deepcopy(word.element.body[-1])
    size = properties.find(qn("w:pgSz"))
    wide, high = sorted((int(size.get(qn("w:w"))), int(size.get(qn("w:h")))))
    size.set(qn("w:w"), str(high if turned else wide))
    size.set(qn("w:h"), str(wide if turned else high))
    if turned:
        size.set(qn("w:orient"), "landscape")
    if not first:
        _numbered_from_its_first_page(properties)
    return _xml(properties)


def _xml(element: Any) -> str:
    return str(element.xml)
