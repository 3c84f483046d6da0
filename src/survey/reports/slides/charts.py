"""Which exhibits of a report stand on slides as charts, and what the speaker says of who gave no opinion."""

from __future__ import annotations

from survey import figures
from survey.core.estimates_data import EstimatesData
from survey.errors import ExportError
from survey.exhibits.exhibit import Exhibit
from survey.reports.evidence import Run, evidence_id
from survey.reports.material import Report
from survey.words import labels
from survey.words import locale as loc

__all__ = ["charted", "silences"]

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
