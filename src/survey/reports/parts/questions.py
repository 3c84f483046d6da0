"""Questions that are in no score: what was answered, those of one scale in one figure."""

from __future__ import annotations

from collections.abc import Mapping

from survey import figures
from survey.base.catalogue import texts
from survey.codebook import LANGUAGES
from survey.core.result import ResultData
from survey.exhibits.titles import default_title
from survey.reports.document import Block, Heading, plain
from survey.reports.material import Material, Report
from survey.reports.parts.part import Part

__all__ = ["QUESTIONS"]


def _results(material: Material) -> Mapping[str, ResultData]:
    """Answers to the ordered items that no score holds, in the last wave, a result a scale."""
    book, columns = material.codebook, material.about.columns
    held = {v.name for v in book.variables.values() if v.scored and v.dimension in material.scores}
    left = [v.name for v in book.variables.values() if v.role == "item" and v.name in columns and v.name not in held]
    sets = book.by_scale(n for n in left if n != material.settings.overall)
    return {
        f"questions-{i}": material.sample.distribution(list(names), where=material.latest or None)
        for i, names in enumerate(sets, 1)
    }


def _write(report: Report) -> list[Block]:
    names = [name for name in report.results if name.startswith("questions-")]
    if not names:
        return []
    found: list[Block] = [Heading(1, report.text("questions"), "questions"), plain(report.text("questions_lead"))]
    for number, name in enumerate(names, 1):
        e = report.result(name)
        title = {lang: default_title(e, lang) for lang in LANGUAGES}
        if e.table["item"].nunique() > 1:
            title = texts("report.questions_figure", number=number)
        found.append(report.block(name, figures.likert, title=title, sort=True))
    return found


QUESTIONS = Part(_write, _results)
