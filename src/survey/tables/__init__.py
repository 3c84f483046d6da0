"""Tables from Estimates, ready for a report: HTML, Word, Excel and PowerPoint, in Vietnamese and English."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from survey.base import catalogue
from survey.base.arguments import checked
from survey.base.catalogue import Note
from survey.codebook import Text
from survey.core.estimates_data import EstimatesData
from survey.core.summary import SummaryData
from survey.errors import ExportError
from survey.exhibits.exhibit import Exhibit, ExhibitKind, exhibit_of
from survey.tables._banner import banner
from survey.tables._changes import changes
from survey.tables._codebook import export_codebook
from survey.tables._docx import to_docx
from survey.tables._frequencies import frequencies
from survey.tables._grid import grid_of, silent
from survey.tables._html import to_html
from survey.tables._indicators import indicators
from survey.tables._methods import methods
from survey.tables._native import native
from survey.tables._pptx import to_pptx
from survey.tables._xlsx import to_xlsx
from survey.words import labels as _labels
from survey.words import locale as loc
from survey.words.equality import tests_note
from survey.words.notes import silent_notes

__all__ = [
    "banner",
    "changes",
    "export_codebook",
    "frequencies",
    "indicators",
    "methods",
    "table",
    "to_docx",
    "to_html",
    "to_pptx",
    "to_xlsx",
]


@checked(ExportError)
def table(
    e: EstimatesData | SummaryData,
    *,
    lang: str | None = None,
    title: str | Text | None = None,
    caption: str | Text | None = None,
    subtitle: str | Text | None = None,
    digits: int | None = None,
    labels: Mapping[str, str | Text] | None = None,
    name: str = "",
    suppress_below: int = _labels.SUPPRESS_BELOW,
    flag_below: int = _labels.FLAG_BELOW,
) -> Exhibit:
    """Make a table of estimates with their intervals, "72,4 (70,1–74,6)", and the number of answers behind each.

    Answers, or up to three groups of the innermost grouping column, stand side by side; everything else has a row of
    its own. Files of the kind CSV and XLSX keep every digit.

    Parameters
    ----------
    e : Estimates or Summary
    lang : {"vi", "en"}, optional
        The language set by `sv.language`, that of the study, or of the codebook, when not given.
    title, caption, subtitle : str or mapping of language to str, optional
        A title that is not given says what the result shows (see `survey.titles`), with the question as subtitle.
    digits : int, optional
        Decimals written; one for shares and scores, two for means of codes when not given.
    labels : mapping of str to text, optional
        Names of one's own for items, contrasts and terms.
    name : str
        Name of exported files.
    suppress_below, flag_below : int
        Results on fewer answers are left out (and said to be), or get an asterisk.

    Returns
    -------
    Exhibit

    Raises
    ------
    ExportError
        If there are no rows.
    """
    options = {"digits": digits, "labels": labels, "suppress_below": suppress_below, "flag_below": flag_below}
    return exhibit_of(FORM, e, lang, title, caption, name, options, subtitle)


def _notes(exhibit: Exhibit) -> list[str]:
    e, lang = exhibit.estimates, exhibit.lang
    if e.quantities:
        return _quantity_notes(exhibit)
    has_interval = "conf_low" in e.table.columns and bool(np.isfinite(e.table["conf_low"].to_numpy(float)).any())
    has_interval = has_interval and (not e.kind.per_answer or e.table["answer"].nunique() <= 5)
    found = [loc.word("ci_note_table", lang, level=loc.level_word(e.level, lang))] if has_interval else []
    found += [loc.word("n_note", lang)] if "n" in e.table.columns else []
    found += silent_notes(silent(exhibit), lang)
    return [*found, *tests_note(e, lang)]  # also where headings have them: a workbook has no headings


def _quantity_notes(exhibit: Exhibit) -> list[str]:
    e, lang = exhibit.estimates, exhibit.lang
    found = [loc.word("n_note", lang)] if {"n", "estimate"} <= set(e.table.columns) else []
    return [*found, loc.word("kish_note", lang)] if "deff_kish" in e.quantities else found


def _alt(exhibit: Exhibit) -> str:
    """What the table holds, and its first and last numbers: the cells themselves can be read one by one."""
    lang, grid = exhibit.lang, exhibit.once(grid_of)
    rows, columns = len(grid.lines), len(grid.columns)
    head = catalogue.text(
        "alt.table", lang, title=loc.sentence(exhibit.title), n=rows, columns=Note("alt.columns", n=columns)
    )
    ends = [grid.lines[0], grid.lines[-1]] if rows > 1 else [grid.lines[0]]
    told = "; ".join(
        ", ".join(x for x in (line.group, line.name) if x) + f": {line.cells[0]}".replace("\n", " ") for line in ends
    )
    return f"{head} " + (catalogue.text("alt.table_ends", lang, rows=told) if rows > 1 else f"{told}.")


FORM = ExhibitKind("table", "table", _alt, _notes, html=to_html, chart=native)
