"""What closes a report: every table, and the list of what was not shown."""

from __future__ import annotations

from dataclasses import replace

from survey import tables
from survey.core.estimates_data import EstimatesData
from survey.reports.disclosure import counts_of
from survey.reports.document import Block, Heading, WordTable, plain
from survey.reports.evidence import Run
from survey.reports.material import Report
from survey.reports.parts.part import Part
from survey.words import locale as loc

__all__ = ["SUPPRESSED", "TABLES"]


def _tables(report: Report) -> list[Block]:
    """Every result that is shown as a figure elsewhere, or not at all, as a table."""
    every = [name for name, e in report.results.items() if isinstance(e, EstimatesData)]
    names = [
        name for name in every if not name.startswith("profile-")
    ]  # rows of others, which profiles show as figures
    found: list[Block] = [Heading(1, report.text("tables"), "tables"), plain(report.text("tables_lead"))]
    for name in names:
        found.append(replace(report.block(name, tables.table, key=f"all-{name}"), series="A"))
    return found


def _suppressed(report: Report) -> list[Block]:
    found: list[Block] = [Heading(1, report.text("suppressed"), "suppressed")]
    rows: list[tuple[tuple[Run, ...], ...]] = []
    total = 0
    for name, e in report.results.items():
        if not isinstance(e, EstimatesData):
            continue
        exhibit = report.exhibit(name, tables.table)
        counts = counts_of(exhibit)
        total += counts["rows"] if counts else 0
        shown = exhibit.rows()
        for i, told in enumerate(shown.to_dict("records")):
            if told["status"] != "suppressed":
                continue
            levels = [str(told[level]) for level in exhibit.estimates.by if level in shown.columns]
            levels += [str(told[k]) for k in ("answer", "contrast") if k in shown.columns]
            item = str(told["item"]) if "item" in shown.columns else exhibit.title
            why = report.text("why_complementary" if told["detail"] == "complementary" else "why_small")
            rows.append(((Run(item),), (Run(", ".join(levels), f"{name}.{i + 1}.status"),), (Run(why),)))
    if not rows:
        found.append(plain(report.text("nothing_suppressed", all=loc.count(total, report.lang))))
        return found
    found.append(
        plain(
            report.text("suppressed_lead", hidden=loc.count(len(rows), report.lang), all=loc.count(total, report.lang))
        )
    )
    heads = (report.text("item"), report.text("group"), report.text("why"))
    return [*found, WordTable("tab-suppressed", report.text("suppressed_title"), heads, tuple(rows))]


TABLES = Part(_tables)
SUPPRESSED = Part(_suppressed)
