"""A report as a presentation: the file of its slides."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from survey.base import catalogue
from survey.base._archive import EPOCH, property_text, without_dates
from survey.reports.document import Document
from survey.reports.material import Report
from survey.reports.slides.show import Show
from survey.reports.slides.telling import Teller
from survey.reports.slides.template import opened

__all__ = ["to_slides"]


def to_slides(
    document: Document,
    report: Report,
    path: Path,
    template: str | os.PathLike[str] | None = None,
    step: Callable[[str], None] = lambda name: None,
) -> None:
    """Write a report as a presentation to a file; the same bytes on every run.

    Parameters
    ----------
    document : Document
    report : Report
        That the document was written from.
    path : Path
    template : path, optional
        A presentation whose layouts are taken.
    step : callable (str)
        Called after each block.

    Raises
    ------
    ExportError
        If the template cannot be used.
    """
    deck, layouts = opened(template)
    lang = document.lang
    tag = catalogue.text("language.tag", lang)
    line = catalogue.text("report.simulated_line", lang) if document.simulated else ""
    Teller(document, report, Show(deck, layouts, tag, line), step).tell()
    core = deck.core_properties
    core.title, core.subject = property_text(document.title), property_text(line)
    core.author, core.comments, core.keywords = "", property_text(document.source), ""
    core.language, core.last_modified_by, core.revision = tag, "", 1
    core.created = core.modified = EPOCH
    deck.save(str(path))
    without_dates(path)
