"""What stands around the parts of a report in Word: header, national heading, title, contents, signature."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from survey.base import catalogue
from survey.codebook import Text
from survey.codebook._variable import pick
from survey.reports.document import Document, Heading, name_of
from survey.reports.word_xml import Ids, field_of, link, paragraph, text_run
from survey.tables._docx_widths import line_width
from survey.words import locale as loc

__all__ = ["contents", "end", "head", "headers"]

_LEVEL = '<w:ind w:firstLine="0"/>'
_CENTRED = f'{_LEVEL}<w:jc w:val="center"/>'
_GREY = '<w:b/><w:color w:val="808080"/><w:sz w:val="20"/>'
_TWIPS = 1440 / 25.4
_LEFT_MM, _RIGHT_MM, _CELL_MM = 60.0, 100.0, 0.5
"""Columns of the national heading, and the room at either side of their texts."""
_SMALL, _LARGE = 12, 13
"""Points of names in capitals, and of other lines of the national heading."""
_TITLE_RULE_MM = 45.0


def headers(word: Any, document: Document, own: bool) -> None:
    """The page number, from the second page on, and on every page that the data are simulated."""
    from docx.oxml import parse_xml

    from survey.reports.word_xml import NAMESPACES

    told = catalogue.text("report.simulated_line", document.lang) if document.simulated else ""
    section = word.sections[0]
    line = paragraph(text_run(told, _GREY), properties=_CENTRED) if told else ""
    number = paragraph(field_of(" PAGE ", text_run("1")), properties=_CENTRED) if own else ""
    kinds = [(section.header, number + line)]
    if section.different_first_page_header_footer:
        kinds.append((section.first_page_header, line))
    for header, content in kinds:
        header.is_linked_to_previous = False
        if own:
            for old in list(header._element):
                header._element.remove(old)
        content = content or (paragraph("") if own else "")
        for i, child in enumerate(parse_xml(f"<w:hdr {NAMESPACES}>{content}</w:hdr>")):
            header._element.insert(i, child)


def head(document: Document, office: Mapping[str, Text], styles: Mapping[str, str]) -> list[str]:
    """The national heading, where an office reports; the title; the source."""
    lang = document.lang
    made: list[str] = []
    if office:
        made.append(
            _two_columns([(_office(office, lang), _nation(lang)), (_number(office, lang), _date(office, lang))])
        )
        made.append(paragraph(text_run(catalogue.text("report.kind", lang), "<w:b/>"), styles["title"]))
    made.append(paragraph(text_run(document.title), styles["title"]))
    if office:
        made.append(_rule(_TITLE_RULE_MM, _LEFT_MM + _RIGHT_MM))
    if document.source:
        made.append(paragraph(text_run(document.source), properties=_CENTRED))
    return made


def _office(office: Mapping[str, Text], lang: str) -> list[str]:
    """Who reports, below the body it belongs to; a line of a third to a half of the name below it."""
    lines = []
    if parent := pick(office.get("parent", {}), lang, ""):
        lines.append(_line(parent.upper(), _SMALL))
    if name := pick(office.get("name", {}), lang, "").upper():
        wide = min(line_width(name, _SMALL, bold=True), _LEFT_MM - 2 * _CELL_MM)
        lines += [_line(name, _SMALL, "<w:b/>"), _rule(0.4 * wide, _LEFT_MM)]
    return lines or [_line("", _SMALL)]


def _nation(lang: str) -> list[str]:
    """The national heading and the motto; a line as long as the motto below it."""
    nation, motto = (catalogue.text(f"report.{key}", lang) for key in ("nation", "motto"))
    below = _rule(line_width(motto, _LARGE, bold=True), _RIGHT_MM)
    return [_line(nation, _SMALL, "<w:b/>"), _line(motto, _LARGE, "<w:b/>"), below]


def _number(office: Mapping[str, Text], lang: str) -> list[str]:
    number = catalogue.text("report.number", lang, number=pick(office.get("number", {}), lang, "…"))
    return [_line(number, _LARGE)]


def _date(office: Mapping[str, Text], lang: str) -> list[str]:
    place = ", ".join(p for p in (pick(office.get(k, {}), lang, "") for k in ("place", "date")) if p) or "…"
    return [_line(place, _LARGE, "<w:i/>")]


def _line(text: str, size: int, properties: str = "") -> str:
    apart = '<w:spacing w:before="0" w:after="0"/>'
    return paragraph(text_run(text, f'{properties}<w:sz w:val="{2 * size}"/>'), properties=apart + _CENTRED)


def _rule(long: float, cell: float) -> str:
    """A line so long in the middle of a cell, both in mm."""
    side = round(max(cell - 2 * _CELL_MM - long, 0.0) / 2 * _TWIPS)
    top = '<w:pBdr><w:top w:val="single" w:sz="6" w:space="1" w:color="000000"/></w:pBdr>'
    low = '<w:spacing w:before="40" w:after="60" w:line="120" w:lineRule="exact"/>'
    return paragraph("", properties=f'{top}{low}<w:ind w:left="{side}" w:right="{side}" w:firstLine="0"/>')


def _two_columns(rows: list[tuple[list[str], list[str]]]) -> str:
    """A table without lines, of two columns."""
    twips = [round(mm * _TWIPS) for mm in (_LEFT_MM, _RIGHT_MM)]
    made = ""
    for row in rows:
        cells = zip(twips, row, strict=True)
        filled = (f'<w:tc><w:tcPr><w:tcW w:w="{w}" w:type="dxa"/></w:tcPr>{"".join(x)}</w:tc>' for w, x in cells)
        made += f"<w:tr>{''.join(filled)}</w:tr>"
    side = round(_CELL_MM * _TWIPS)
    return (
        f'<w:tbl><w:tblPr><w:tblW w:w="{sum(twips)}" w:type="dxa"/><w:tblLayout w:type="fixed"/><w:tblCellMar>'
        f'<w:left w:w="{side}" w:type="dxa"/><w:right w:w="{side}" w:type="dxa"/></w:tblCellMar></w:tblPr>'
        f"<w:tblGrid>{''.join(f'<w:gridCol w:w={chr(34)}{w}{chr(34)}/>' for w in twips)}</w:tblGrid>{made}</w:tbl>"
    )


def contents(document: Document, styles: Mapping[str, str], ids: Ids, width: float) -> list[str]:
    """Contents, tables and figures, as Word lists them, with what they say before Word has counted pages."""
    lang = document.lang
    headings = [b for b in document.blocks if isinstance(b, Heading) and b.level <= 2]
    found = [(b.text, ids.name(f"heading {b.key}"), styles[f"toc {b.level}"]) for b in headings]
    made = _list(catalogue.text("report.contents", lang), ' TOC \\o "1-2" \\h \\z \\u ', found, width)
    numbered = [b for b in document.shown if not b.series]
    for kind, head_key in (("table", "list_of_tables"), ("figure", "list_of_figures")):
        word, own = loc.word(kind, lang), styles["table of figures"]
        entries = [(f"{name_of(b, lang)}. {b.heading}", ids.name(b.key), own) for b in numbered if b.kind == kind]
        if entries:
            title = catalogue.text(f"report.{head_key}", lang)
            made += _list(title, f' TOC \\h \\z \\c "{word}" ', entries, width)
    # as high as nothing: a line after lists that fill a page would make an empty one
    thin = '<w:spacing w:before="0" w:after="0" w:line="20" w:lineRule="exact"/>'
    return [*made, paragraph('<w:r><w:br w:type="page"/></w:r>', properties=thin)]


def _list(title: str, instruction: str, entries: list[tuple[str, str, str]], width: float) -> list[str]:
    tab = f'<w:tabs><w:tab w:val="right" w:leader="dot" w:pos="{round(width * _TWIPS)}"/></w:tabs>'
    # no field is marked as out of date: Word would ask on opening whether to update fields "that may refer to other
    # files". It counts pages when the document is printed, saved as PDF or its fields are updated
    begin, separate, stop = (f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>' for kind in ("begin", "separate", "end"))
    told = f'<w:r><w:instrText xml:space="preserve">{instruction.replace(chr(34), "&quot;")}</w:instrText></w:r>'
    made = [paragraph(text_run(title, "<w:b/>"), properties=f'<w:keepNext/><w:spacing w:before="240"/>{_LEVEL}')]
    for i, (text, name, style) in enumerate(entries):
        page = "<w:r><w:tab/></w:r>" + field_of(f" PAGEREF {name} \\h ", text_run("–"))
        line = link(text_run(text) + page, name)
        line = (begin + told + separate if i == 0 else "") + line + (stop if i == len(entries) - 1 else "")
        made.append(paragraph(line, style, tab))
    return made


def end(document: Document, office: Mapping[str, Text]) -> list[str]:
    """To whom it goes and who signs."""
    lang = document.lang
    position, signer = (pick(office.get(key, {}), lang, "") for key in ("position", "signer"))
    recipients = pick(office.get("recipients", {}), lang, "")
    if not position and not signer and not recipients:
        return []
    told = catalogue.text("report.recipients", lang)
    left = [paragraph(text_run(told, '<w:b/><w:i/><w:sz w:val="24"/>'), properties=_LEVEL)]
    lines = [line for line in recipients.split("\n") if line]
    left += [paragraph(text_run(f"- {line}", '<w:sz w:val="22"/>'), properties=_LEVEL) for line in lines]
    right = [paragraph(text_run(position.upper(), "<w:b/>"), properties=_CENTRED)]
    right += [paragraph("", properties=_CENTRED)] * 4
    right.append(paragraph(text_run(signer, "<w:b/>"), properties=_CENTRED))
    return [paragraph(""), _two_columns([(left if recipients else [paragraph("")], right)])]
