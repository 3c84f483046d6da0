"""Who was asked what: respondents by wave, and every item with its wording, its answers and who was asked."""

from __future__ import annotations

from survey.codebook import Variable
from survey.reports.document import Block, Heading, Paragraph, WordTable, plain
from survey.reports.evidence import Run
from survey.reports.material import Report
from survey.reports.parts.estimates import items_scored
from survey.reports.parts.part import Part
from survey.words import locale as loc

__all__ = ["ASKED"]


def _write(report: Report) -> list[Block]:
    material, settings = report.material, report.material.settings
    found: list[Block] = [Heading(1, report.text("asked"), "asked"), plain(report.text("asked_lead"))]
    found.append(Paragraph(_counted(report, "methods", "asked_residents"), "item"))
    if "methods-firms" in report:
        found.append(Paragraph(_counted(report, "methods-firms", "asked_firms"), "item"))
    if settings.users:
        found.append(plain(report.text("asked_users", condition=_condition(report)), "item"))
    if material.scores:
        found.append(plain(report.text("scores_made")))
    items = [material.codebook[name] for score in material.scores for name in items_scored(material, score)]
    if "questions" in settings.parts:
        told = {v.name for v in items} | {settings.overall}
        others = [name for names in material.codebook.by_scale() for name in names if name not in told]
        items += [material.codebook[name] for name in others if name in material.about.columns]
    if settings.overall and settings.overall in material.codebook:
        items.append(material.codebook[settings.overall])
    if items:
        heads = (report.text("item"), report.text("question"), report.text("answers"))
        rows = tuple(tuple((Run(text),) for text in _item(report, v)) for v in items)
        groups = tuple(report.name(v.dimension) if v.dimension else "" for v in items)
        found.append(WordTable("tab-questions", report.text("questions_title"), heads, rows, groups))
    return found


def _counted(report: Report, name: str, key: str) -> tuple[Run, ...]:
    """A sentence about the number of respondents, which is a fact of the methods annex."""
    row = report.row(name, topic="respondents")
    value = int(report.results[name].table["value"].iloc[row or 0])
    before, _, after = report.text(key, count="\0").partition("\0")
    return (Run(before), Run(loc.count(value, report.lang), report.places(name, row or 0)["value"]), Run(after))


def _condition(report: Report) -> str:
    """Who scores describe, in words where the condition is one column being 1; else as it is written."""
    column, equals, value = report.material.settings.users.partition(" == ")
    if equals and value.strip() == "1" and column in report.material.codebook:
        name = report.name(column)
        return name[:1].lower() + name[1:] if name[1:2].islower() else name
    return report.material.settings.users


def _item(report: Report, variable: Variable) -> tuple[str, str, str]:
    lang = report.lang
    codes = variable.codes
    ends = [variable.label(codes[0], lang), variable.label(codes[-1], lang)] if len(codes) > 1 else []
    told = report.text("scale", n=len(codes), low=ends[0], high=ends[1]) if ends else ""
    return variable.short_name(lang), variable.wording(lang), told


ASKED = Part(_write)
