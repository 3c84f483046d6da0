"""What stands around the parts of a report in Word: header, national heading, title, contents, signature."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from survey.base import catalogue
from survey.codebook import Text
from survey.codebook._variable import pick
from survey.reports.document import Document, Heading, name_of
from survey.reports.word_xml import Ids, field_of, link, paragraph, text_run
from survey.words import locale as loc

__all__ = ["contents", "end", "head", "headers"]

_CENTRED = '<w:jc w:val="center"/>'
_GREY = '<w:b/><w:color w:val="808080"/><w:sz w:val="20"/>'
_TWIPS = 1440 / 25.4


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


def head(document: Document, office: Mapping[str, Text], styles: Mapping[str, str], ids: Ids) -> list[str]:
    """The national heading, where an office reports; the title; the source."""
    lang = document.lang
    made: list[str] = []
    if office:
        made.append(_two_columns(_office(office, lang), _nation(office, lang)))
        made.append(paragraph(text_run(catalogue.text("report.kind", lang), "<w:b/>"), styles["title"]))
    made.append(paragraph(text_run(document.title), styles["title"]))
    if document.source:
        made.append(paragraph(text_run(document.source), properties=_CENTRED))
    return made


def _office(office: Mapping[str, Text], lang: str) -> list[str]:
    lines = []
    if parent := pick(office.get("parent", {}), lang, ""):
        lines.append(paragraph(text_run(parent.upper(), '<w:sz w:val="26"/>'), properties=_CENTRED))
    if name := pick(office.get("name", {}), lang, ""):
        lines.append(paragraph(text_run(name.upper(), '<w:b/><w:sz w:val="26"/>'), properties=_CENTRED))
    number = catalogue.text("report.number", lang, number=pick(office.get("number", {}), lang, "…"))
    return [*lines, paragraph(text_run(number, '<w:sz w:val="26"/>'), properties=_CENTRED)]


def _nation(office: Mapping[str, Text], lang: str) -> list[str]:
    ruled = '<w:pBdr><w:bottom w:val="single" w:sz="6" w:space="1" w:color="000000"/></w:pBdr>'
    ruled += '<w:ind w:left="500" w:right="500"/>' + _CENTRED
    place = ", ".join(p for p in (pick(office.get(k, {}), lang, "") for k in ("place", "date")) if p) or "…"
    return [
        paragraph(text_run(catalogue.text("report.nation", lang), '<w:b/><w:sz w:val="24"/>'), properties=_CENTRED),
        paragraph(
            text_run(catalogue.text("report.motto", lang), '<w:b/><w:sz w:val="26"/>'), properties=ruled + _CENTRED
        ),
        paragraph(text_run(place, '<w:i/><w:sz w:val="26"/>'), properties=_CENTRED),
    ]


def _two_columns(left: list[str], right: list[str]) -> str:
    cells = "".join(
        f'<w:tc><w:tcPr><w:tcW w:w="{w}" w:type="dxa"/></w:tcPr>{"".join(lines)}</w:tc>'
        for w, lines in ((3400, left), (5600, right))
    )
    return (
        '<w:tbl><w:tblPr><w:tblW w:w="9000" w:type="dxa"/><w:tblLayout w:type="fixed"/></w:tblPr>'
        f'<w:tblGrid><w:gridCol w:w="3400"/><w:gridCol w:w="5600"/></w:tblGrid><w:tr>{cells}</w:tr></w:tbl>'
    )


def contents(document: Document, styles: Mapping[str, str], ids: Ids, width: float) -> list[str]:
    """Contents, tables and figures, as Word lists them, with what they say before Word has counted pages."""
    lang = document.lang
    headings = [b for b in document.blocks if isinstance(b, Heading) and b.level <= 2]
    found = [(b.text, ids.name(f"heading {b.key}"), styles[f"toc {b.level}"]) for b in headings]
    made = _list(catalogue.text("report.contents", lang), ' TOC \\o "1-2" \\h \\z \\u ', found, styles, width)
    numbered = [b for b in document.shown if not b.series]
    for kind, head_key in (("table", "list_of_tables"), ("figure", "list_of_figures")):
        word, own = loc.word(kind, lang), styles["table of figures"]
        entries = [(f"{name_of(b, lang)}. {b.heading}", ids.name(b.key), own) for b in numbered if b.kind == kind]
        if entries:
            title = catalogue.text(f"report.{head_key}", lang)
            made += _list(title, f' TOC \\h \\z \\c "{word}" ', entries, styles, width)
    # as high as nothing: a line after lists that fill a page would make an empty one
    thin = '<w:spacing w:before="0" w:after="0" w:line="20" w:lineRule="exact"/>'
    return [*made, paragraph('<w:r><w:br w:type="page"/></w:r>', properties=thin)]


def _list(
    title: str, instruction: str, entries: list[tuple[str, str, str]], styles: Mapping[str, str], width: float
) -> list[str]:
    tab = f'<w:tabs><w:tab w:val="right" w:leader="dot" w:pos="{round(width * _TWIPS)}"/></w:tabs>'
    # no field is marked as out of date: Word would ask on opening whether to update fields "that may refer to other
    # files". It counts pages when the document is printed, saved as PDF or its fields are updated
    begin, separate, stop = (f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>' for kind in ("begin", "separate", "end"))
    told = f'<w:r><w:instrText xml:space="preserve">{instruction.replace(chr(34), "&quot;")}</w:instrText></w:r>'
    made = [paragraph(text_run(title, "<w:b/>"), properties='<w:keepNext/><w:spacing w:before="240"/>')]
    for i, (text, name, style) in enumerate(entries):
        page = "<w:r><w:tab/></w:r>" + field_of(f" PAGEREF {name} \\h ", text_run("–"))
        line = link(text_run(text) + page, name)
        line = (begin + told + separate if i == 0 else "") + line + (stop if i == len(entries) - 1 else "")
        made.append(paragraph(line, style, tab))
    return made


def end(document: Document, office: Mapping[str, Text], styles: Mapping[str, str], ids: Ids) -> list[str]:
    """To whom it goes and who signs."""
    lang = document.lang
    position, signer = (pick(office.get(key, {}), lang, "") for key in ("position", "signer"))
    recipients = pick(office.get("recipients", {}), lang, "")
    if not position and not signer and not recipients:
        return []
    left = [paragraph(text_run(catalogue.text("report.recipients", lang), '<w:b/><w:i/><w:sz w:val="24"/>'))]
    left += [paragraph(text_run(f"- {line}", '<w:sz w:val="22"/>')) for line in recipients.split("\n") if line]
    right = [paragraph(text_run(position.upper(), "<w:b/>"), properties=_CENTRED)]
    right += [paragraph("", properties=_CENTRED)] * 4
    right.append(paragraph(text_run(signer, "<w:b/>"), properties=_CENTRED))
    return [paragraph(""), _two_columns(left if recipients else [paragraph("")], right)]
