"""How an exhibit of a report stands on slides: as a chart, in parts where it has many rows, a picture, or a table."""

from __future__ import annotations

from survey import figures
from survey.core.estimates_data import EstimatesData
from survey.errors import ExportError
from survey.exhibits.exhibit import Exhibit
from survey.reports.evidence import Run, evidence_id
from survey.reports.material import Report
from survey.reports.slides.show import legible
from survey.reports.slides.template import Room
from survey.tables._slide_chart import SlideChart, absent_of
from survey.words import labels
from survey.words import locale as loc

__all__ = ["charted", "foot_of", "parts_of", "silences"]

_MOST = 40
"""Rows of a table that a chart can stand for."""


def charted(report: Report, exhibit: Exhibit) -> Exhibit:
    """A figure as it is; a table of estimates as the figure of the same numbers, where that shows all it says."""
    e = exhibit.estimates
    told = {"p_value", "with", "term", "quartile", "letters"} & set(e.table.columns)
    if exhibit.form.name != "table" or not isinstance(e, EstimatesData) or told or len(e.table) > _MOST:
        return exhibit
    if "intervals" not in e.kind.exhibits or e.kind.per_answer:
        return exhibit
    try:
        return report.exhibit(exhibit.name, figures.intervals)
    except ExportError:  # several units
        return exhibit


def parts_of(chart: SlideChart, room: Room) -> list[SlideChart]:
    """A chart in as many parts as its rows need to be legible."""
    total = len(chart.categories)
    if chart.kind == "lines":
        return [chart]
    for n in range(1, total + 1):
        step = -(-total // n)
        parts = [chart.part(i, min(i + step, total)) for i in range(0, total, step)]
        if all(legible(part, room) for part in parts):
            return parts
    return [chart]


def foot_of(exhibit: Exhibit, chart: SlideChart | None) -> list[str]:
    """What a reader of the slide must know: intervals, marks, what is not drawn."""
    lang, found = exhibit.lang, []
    if chart is None:
        return []
    if chart.has_intervals:
        key = "ci_note_vertical" if chart.kind == "lines" else "ci_note_lines"
        found.append(loc.sentence(loc.word(key, lang, level=loc.level_word(exhibit.estimates.level, lang))))
    if any(row >= 0 for row in chart.counts):
        found.append(loc.sentence(loc.word("n_note", lang)))
    marks = chart.marks + "".join(chart.categories)
    low, high = exhibit.thresholds
    if "*" in marks:
        found.append(loc.sentence(loc.word("flag_note", lang, low=low, high=high - 1)))
    if "†" in marks:
        found.append(loc.sentence(loc.word("unreliable_note", lang)))
    return [*found, *absent_of(exhibit)]


def silences(exhibit: Exhibit) -> list[tuple[Run, ...]]:
    """Shares of those who did not know or refused, which the bars do not hold, for the speaker: a line each reason."""
    if exhibit.form.name != "likert":
        return []
    lang, rows, e = exhibit.lang, exhibit.rows(), exhibit.estimates
    levels = labels.varying(e, labels.levels_of(e))
    found = []
    for reason in ("dont_know", "refused"):
        if reason not in rows.columns:
            continue
        runs = [Run(f"{loc.heading(reason, lang)} (%): ")]
        seen: set[tuple[str, ...]] = set()
        for i, row in enumerate(rows.to_dict("records")):
            place = tuple(str(row[name]) for name in levels)
            share = 100 * float(row[reason])
            if place in seen or row["status"] == "suppressed" or not share >= 0.05:  # less is 0.0
                continue
            seen.add(place)
            runs.append(Run(("; " if len(runs) > 1 else "") + (", ".join(place) + " " if place else "")))
            runs.append(Run(loc.number(share, 1, lang), evidence_id(exhibit.name, i, reason)))
        if len(runs) > 1:
            found.append((*runs, Run(".")))
    return found
