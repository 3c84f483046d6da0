"""A codebook as a document: Excel, Word, a web page, or TOML."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from survey.base import catalogue
from survey.base._archive import EPOCH, property_text, refuse_unwritable, without_dates
from survey.base.arguments import checked, listed
from survey.base.files import writing
from survey.base.html import markup, render, whole_page
from survey.codebook import LANGUAGES, Codebook
from survey.codebook._table import headings, table, title, to_html
from survey.errors import ExportError, shorten
from survey.tables._docx_widths import line_width
from survey.words import locale as loc

__all__ = ["export_codebook"]

_WIDTHS = {
    "variable": 16,
    "short": 28,
    "type": 12,
    "wording": 48,
    "answers": 40,
    "missing": 34,
    "dimension": 20,
    "base": 24,
    "note": 30,
}
_IN_WORD = {
    "variable": 24,
    "short": 32,
    "type": 18,
    "wording": 62,
    "answers": 60,
    "missing": 42,
    "dimension": 28,
    "base": 30,
}
_CELL = 32_767  # letters that a cell of Excel holds


@checked(ExportError)
def export_codebook(book: Codebook, path: str | os.PathLike[str], languages: Sequence[str] = LANGUAGES) -> Path:
    """Write a codebook as a document that people read, every language in turn.

    Parameters
    ----------
    book : Codebook
    path : path
        .xlsx (a sheet a language), .docx (a part a language), .html (one page), or .toml, which `sv.read` takes.
        Written whole or not at all; the same bytes on every run.
    languages : sequence of {"vi", "en"}

    Returns
    -------
    Path

    Raises
    ------
    ExportError
        For another extension or language, or a codebook without variables.
    """
    target = Path(path)
    suffix = target.suffix.lower()
    if suffix not in _WRITERS and suffix != ".toml":
        raise ExportError(
            "A codebook cannot be written in this format.",
            where=target,
            got=suffix or "no extension",
            expected=shorten([*_WRITERS, ".toml"]),
            fix="give the file another extension",
        )
    if not len(book):
        raise ExportError("The codebook has no variables.", where=target, expected="at least one")
    chosen = list(dict.fromkeys(listed(languages)))
    if not chosen:
        raise ExportError("No language was given.", where=target, expected=shorten(LANGUAGES))
    for lang in chosen:
        loc.check_language(lang)
    if suffix == ".toml":
        return book.to_toml(target)
    for lang in chosen:
        frame = table(book, lang)
        refuse_unwritable([title(book, lang), *(v for n in frame.columns for v in frame[n])], target)
    with writing(target, book.files, endings=(suffix,)) as temporary:
        _WRITERS[suffix](book, temporary, chosen)
    return target


def _html(book: Codebook, path: Path, languages: Sequence[str]) -> None:
    inside = render(_SECTIONS, sections=[(lang, markup(to_html(book, lang))) for lang in languages])
    page = whole_page(inside, lang=languages[0], title=title(book, languages[0]), style=_STYLE)
    path.write_bytes(page.encode("utf-8"))


_STYLE = "body{font-family:sans-serif;margin:2em}section .survey-codebook{max-height:none}"
_SECTIONS = """\
{% for lang, table in sections %}
<section lang='{{ lang }}'>{{ table }}</section>
{% endfor %}"""


def _xlsx(book: Codebook, path: Path, languages: Sequence[str]) -> None:
    import xlsxwriter

    workbook = xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False})
    workbook.set_properties({"title": property_text(title(book, languages[0])), "author": "", "created": EPOCH})
    strong = workbook.add_format({"bold": True, "font_size": 13})
    head = workbook.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    cell = workbook.add_format({"text_wrap": True, "valign": "top"})
    for lang in languages:
        sheet = workbook.add_worksheet(catalogue.text("codebook.title", lang))
        frame = table(book, lang)
        sheet.write_string(0, 0, title(book, lang), strong)
        for j, column in enumerate(frame.columns):
            sheet.write_string(2, j, headings(lang)[column], head)
            sheet.set_column(j, j, _WIDTHS.get(column, 14))
            for i, text in enumerate(frame[column], 3):
                told = text.replace("; ", "\n")
                if len(told) > _CELL:
                    raise ExportError(
                        "A text is too long for an Excel cell.",
                        where=f"{frame['variable'][i - 3]}, {column}",
                        got=f"{len(told):,} letters",
                        expected=f"at most {_CELL:,}",
                        fix="write .html or .toml",
                    )
                sheet.write_string(i, j, told, cell)
        sheet.freeze_panes(3, 1)
        sheet.autofilter(2, 0, 2 + len(frame), len(frame.columns) - 1)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(2)
    workbook.close()


def _docx(book: Codebook, path: Path, languages: Sequence[str]) -> None:
    from docx import Document
    from docx.enum.section import WD_ORIENT
    from docx.shared import Mm

    from survey.tables._docx import _styles

    document = Document()
    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Mm(297), Mm(210)
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Mm(15)
    _styles(document, languages[0], _points())
    core = document.core_properties
    core.title, core.author, core.comments = property_text(title(book, languages[0])), "", ""
    core.created = core.modified = EPOCH
    for i, lang in enumerate(languages):
        if i:
            document.add_page_break()
        document.add_paragraph(title(book, lang), style="Caption")
        _docx_table(document, book, lang)
    document.save(str(path))
    without_dates(path)


def _points() -> Any:
    from docx.shared import Pt

    return Pt


def _docx_table(document: Any, book: Codebook, lang: str) -> None:
    from docx.oxml import OxmlElement
    from docx.shared import Mm, Pt

    frame = table(book, lang)
    shown = [c for c in frame.columns if c == "variable" or (frame[c] != "").any()]
    made = document.add_table(1 + len(frame), len(shown), style="Table Grid")
    made.autofit = False
    widths = _widths_in_word(frame["variable"], shown)
    for column, width in zip(made.columns, widths, strict=True):  # some programs ask the columns, some the cells
        column.width = Mm(width)
    rows = [list(row.cells) for row in made.rows]  # read once: a cell looked up by row and column walks the table
    texts = [[headings(lang)[c] for c in shown], *frame[shown].to_numpy().tolist()]
    for i, (cells, line) in enumerate(zip(rows, texts, strict=True)):
        made.rows[i]._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
        for j, (cell, text) in enumerate(zip(cells, line, strict=True)):
            cell.width = Mm(widths[j])
            paragraph = cell.paragraphs[0]
            paragraph.paragraph_format.space_after = Pt(0)
            run = paragraph.add_run(_plain(text.replace("; ", "\n")))
            run.font.size, run.bold = Pt(8), i == 0 or j == 0
    made.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))


def _widths_in_word(names: Iterable[str], shown: Sequence[str]) -> list[float]:
    """Widths of columns in mm: names of variables whole, up to a quarter of the page, the others in proportion."""
    page = 267.0
    first = min(max(line_width(name, 8, bold=True) + 4.5 for name in ["", *names]), page / 4)
    rest = [_IN_WORD.get(c, 22) for c in shown[1:]]
    first = max(first, page * _IN_WORD["variable"] / (sum(rest) + _IN_WORD["variable"]))
    return [first, *((page - first) * w / sum(rest) for w in rest)]


def _plain(text: str) -> str:
    """Without the control characters that XML cannot hold."""
    return "".join(c if c >= " " or c in "\n\t" else " " for c in text)


_WRITERS: Mapping[str, Callable[[Codebook, Path, Sequence[str]], None]] = MappingProxyType(
    {".xlsx": _xlsx, ".docx": _docx, ".html": _html}
)
