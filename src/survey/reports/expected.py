"""What a report that is made now would print in a format: what a finished one is held against."""

from __future__ import annotations

from collections.abc import Mapping

from survey.base.temporary import temporary_folder
from survey.core.result import ResultData
from survey.exhibits._undrawn import without_pictures
from survey.reports.compose import compose, tables_of
from survey.reports.material import Material, Report
from survey.reports.office_parts import Parts
from survey.reports.printed import Piece, pieces_of
from survey.reports.printed_book import pieces_in_book
from survey.reports.printed_slides import pieces_in_slides
from survey.reports.slides.deck import to_slides
from survey.reports.workbook import to_workbook

__all__ = ["expected"]


def expected(material: Material, results: Mapping[str, ResultData], lang: str, ending: str) -> list[Piece]:
    """The pieces of a report in one language.

    What documents and pages say is told by the report before it is written. Slides and workbooks say it in their own
    words and places: they are written, without their pictures, and read as a finished one is.

    Parameters
    ----------
    material : Material
    results : mapping of str to result
    lang : str
    ending : str
        ".docx", ".html", ".htm" or ".pdf"; ".pptx"; ".xlsx".
    """
    report = Report(material, lang, results)
    document = compose(material, results, lang, report=report)
    if ending not in (".pptx", ".xlsx"):
        return pieces_of(document)
    with temporary_folder("survey-report-") as folder, without_pictures():
        path = folder / f"report{ending}"
        if ending == ".pptx":
            to_slides(document, report, path)
            return pieces_in_slides(Parts(path))[0]
        to_workbook(document, path, tables_of(material, results, lang))
        return pieces_in_book(Parts(path))[0]
