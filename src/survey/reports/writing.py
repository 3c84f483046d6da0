"""A report to files: document, slides and workbook a language, one page for all, and the CSV of every number."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from survey.base.arguments import listed
from survey.base.files import together, writing
from survey.base.spreadsheet import for_spreadsheets
from survey.errors import ExportError, shorten
from survey.exhibits.picture import shared_pictures
from survey.reports import word_styles
from survey.reports.compose import compose, results_of, tables_of
from survey.reports.material import Material, Report
from survey.reports.page import page
from survey.reports.progress import progress
from survey.reports.slides import template as slide_template
from survey.reports.slides.deck import to_slides
from survey.reports.word import to_word
from survey.reports.workbook import to_workbook
from survey.scanning.watch import watched

__all__ = ["FORMATS", "USUAL", "Template", "write_report"]

FORMATS = ("docx", "html", "pptx", "xlsx")
"""What a report can be written as."""
USUAL = ("docx", "html", "pptx")
"""What it is written as when nothing is said."""
Template = str | os.PathLike[str] | Sequence[str | os.PathLike[str]] | None
_STEM = "report"


def write_report(
    material: Material,
    languages: Sequence[str],
    formats: str | Sequence[str],
    folder: Path,
    template: Template = None,
    shown: bool = False,
) -> dict[str, Path]:
    """Write a report: all of its files, or none.

    Parameters
    ----------
    material : Material
    languages : sequence of str
    formats : str or sequence of str
        Of `FORMATS`.
    folder : Path
    template : path or sequence of paths, optional
        Of the Word documents (.docx) and of the slides (.pptx).
    shown : bool
        Whether a progress bar goes to stderr.

    Returns
    -------
    dict
        "vi.docx", "vi.xlsx", "html", "numbers" to what was written.

    Raises
    ------
    ExportError
        For an unknown format, a template that cannot be used, or a file that cannot be written.
    """
    wanted = listed(formats)
    unknown = [name for name in wanted if name not in FORMATS]
    if unknown or not wanted:
        raise ExportError(
            "A report cannot be written in this format.",
            got=shorten(unknown) or "no format",
            expected=shorten(FORMATS),
            fix="choose one of these formats",
        )
    templates = _templates(template, wanted)
    if "docx" in templates:  # before anything is estimated
        word_styles.opened(templates["docx"], languages[0])
    if "pptx" in templates:
        slide_template.opened(templates["pptx"])
    written: dict[str, Path] = {}
    with progress(shown) as steps, watched(steps.more_done), together(), shared_pictures():
        steps.more(len(material.settings.parts) * (1 + len(languages)))
        part = steps.part(languages[0])
        results = results_of(material, part)
        reports = {lang: Report(material, lang, results) for lang in languages}
        documents = {lang: compose(material, results, lang, part, reports[lang]) for lang in languages}
        steps.more(sum(len(d.blocks) for d in documents.values()) * len(wanted))
        for lang, document in documents.items():
            if "docx" in wanted:
                path = folder / f"{_STEM}.{lang}.docx"
                with writing(path) as temporary:
                    to_word(document, temporary, material.settings.office, templates.get("docx"), steps.of(path.name))
                written[f"{lang}.docx"] = path
            if "pptx" in wanted:
                path = folder / f"{_STEM}.{lang}.pptx"
                with writing(path) as temporary:
                    to_slides(document, reports[lang], temporary, templates.get("pptx"), steps.of(path.name))
                written[f"{lang}.pptx"] = path
        tables = {lang: tables_of(material, results, lang) for lang in languages}
        if "xlsx" in wanted:
            for lang, document in documents.items():
                path = folder / f"{_STEM}.{lang}.xlsx"
                with writing(path) as temporary:
                    to_workbook(document, temporary, tables[lang], steps.of(path.name))
                written[f"{lang}.xlsx"] = path
        if "html" in wanted:
            path = folder / f"{_STEM}.html"
            content = page(list(documents.values()), steps.of(path.name))
            with writing(path) as temporary:
                temporary.write_bytes(content.encode("utf-8"))
            written["html"] = path
        for lang in languages:
            for name, exhibit in tables[lang].items():
                text = for_spreadsheets(exhibit.frame()).to_csv(index=False, lineterminator="\n")
                with writing(folder / "numbers" / f"{name}.{lang}.csv") as temporary:
                    temporary.write_bytes(text.encode("utf-8-sig"))
        written["numbers"] = folder / "numbers"
    return written


def _templates(given: Template, wanted: Sequence[str]) -> dict[str, str | os.PathLike[str]]:
    """Templates by the format that they are of; the name of a file says so, and one of a single format is its own."""
    files = [given] if isinstance(given, str | os.PathLike) else list(given or ())
    kinds = [name for name in wanted if name in ("docx", "pptx")]
    found: dict[str, str | os.PathLike[str]] = {}
    for file in files:
        ending = Path(file).suffix.lower().lstrip(".").replace("dotx", "docx").replace("potx", "pptx")
        kind = ending if ending in kinds or len(kinds) != 1 else kinds[0]
        if kind not in kinds or kind in found:
            raise ExportError(
                "The template cannot be used.",
                where=file,
                got=f"a second template of .{kind}" if kind in found else f"formats {shorten(wanted)}",
                expected="a .docx for Word, a .pptx for slides, one of each at most",
                fix="name a template of a format that is written, or leave out --template",
            )
        found[kind] = file
    return found
