"""The one-page summary: a verdict a dimension, with the numbers that it rests on."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from survey.core.result import ResultData
from survey.narrative import compare, describe, permutation
from survey.reports.document import Block, Heading, Paragraph, WordTable, plain
from survey.reports.evidence import Run
from survey.reports.material import Material, Report
from survey.reports.parts.estimates import answered_last, overall_results, score_results, with_unit
from survey.reports.parts.part import Part
from survey.words.difference_sentence import shows

__all__ = ["NONE", "SUMMARY", "last_sentence", "pair_places", "verdict_of"]

NONE = "–"
"""Where a result was not computed."""


def _results(material: Material) -> Mapping[str, ResultData]:
    return {**score_results(material), **overall_results(material)}


def verdict_of(report: Report, name: str) -> str:
    """Whether a difference is a rise, a fall, not shown or not known, as its sentence says: a key of the catalogue."""
    row = report.exhibit_row(name, 0)
    if row["status"] == "suppressed" or not np.isfinite([row["conf_low"], row["conf_high"]]).all():
        return "verdict_unknown"
    if not shows(report.result(name), 0):
        return "verdict_open"
    return "verdict_up" if row["estimate"] > 0 else "verdict_down"


def last_sentence(report: Report, name: str, strong: str = "") -> list[Paragraph]:
    """The last estimate of a result in words; nothing where nobody answered."""
    last = answered_last(report, name)
    if last is None:
        return []
    return [report.sentence(describe(report.result(name), last), report.places(name, last), strong)]


def pair_places(report: Report, change: str, waves: str) -> dict[str, str]:
    """Evidence of a change, and of the two numbers that it is the difference of."""
    table = report.results[waves].table
    last = report.places(waves, len(table) - 1)["estimate"]
    return report.places(change, 0) | {"first": last, "second": report.places(waves, 0)["estimate"]}


def _write(report: Report) -> list[Block]:
    material = report.material
    blocks: list[Block] = [Heading(1, report.text("summary"), "summary")]
    scored = [score for score in material.scores if f"{score}-waves" in report]
    told = [(report.name(score), f"{score}-waves", f"{score}-change") for score in scored]
    if "overall-satisfied" in report:
        overall = report.name(material.settings.overall)
        told.append((overall, "overall-satisfied", "overall-change"))
    if not told:
        return [*blocks, plain(report.text("summary_nothing"))]
    blocks.append(_table(report, told))
    for label, waves, change in told:
        if change in report:
            places = pair_places(report, change, waves)
            blocks.append(report.sentence(compare(report.result(change), 0), places, f"{label}."))
        else:
            blocks += last_sentence(report, waves, f"{label}.")
    blocks += _pilot(report)
    return blocks


def _table(report: Report, told: list[tuple[str, str, str]]) -> WordTable:
    material = report.material
    period = material.period
    heads = [report.text("dimension")]
    heads += [report.label(period, code) for code in material.periods] if period else [report.text("result")]
    heads += [report.text("change"), report.text("verdict")] if period else []
    rows = []
    for label, waves, change in told:
        cells: list[tuple[Run, ...]] = [(Run(with_unit(report, label, waves)),)]
        cells += [report.cell(waves, i) for i in range(len(report.results[waves].table))]
        if period:
            there = change in report
            cells.append(report.cell(change, 0) if there else (Run(NONE),))
            cells.append((Run(report.text(verdict_of(report, change) if there else "verdict_none")),))
        rows.append(tuple(cells))
    notes = [report.text("in_brackets"), report.text("summary_note")]
    if period and any(change not in report for _, _, change in told):
        notes.append(report.text("profile_no_change"))
    return WordTable("tab-summary", report.text("summary_title"), tuple(heads), tuple(rows), notes=tuple(notes))


def _pilot(report: Report) -> list[Block]:
    if "pilot-effect" not in report:
        return []
    e = report.result("pilot-effect")
    found: list[Block] = []
    for i, item in enumerate(e.table["item"]):
        found.append(report.sentence(permutation(e, {"item": item}), report.places("pilot-effect", i)))
    return [plain(report.text("summary_pilot"), "lead"), *found] if found else []


SUMMARY = Part(_write, _results)
