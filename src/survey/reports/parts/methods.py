"""The methods annex, written from the data: complete enough to make the numbers again without this package."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

import numpy as np

from survey import tables
from survey.base.catalogue import texts
from survey.core.result import ResultData
from survey.reports.document import Block, Heading, WordTable, plain
from survey.reports.evidence import Run
from survey.reports.material import Material, Report
from survey.reports.parts.formulas import formulas
from survey.reports.parts.part import Part
from survey.reports.parts.remaking import CLEANING, WEIGHTING, choices, designs, rows_picked, steps, variables
from survey.scanning.alike import TooManyAlike
from survey.words import locale as loc
from survey.words.steps import for_readers, log_in_language

__all__ = ["METHODS"]


def _results(material: Material) -> Mapping[str, ResultData]:
    sample = material.sample
    if not sample.design.adjustments:
        return {}
    found: dict[str, ResultData] = {"weights-steps": sample.weight_diagnostics()}
    for score in material.scores[:1]:
        with suppress(TooManyAlike):  # of a scan whose weights are too many to be held apart: the report says so
            found[f"{score}-weights"] = sample.weight_effects(score, where=material.users())
    if any(step.targets is not None for step in sample.design.adjustments):
        found["weights-margins"] = sample.margin_gaps()
    return found


def _write(report: Report) -> list[Block]:
    found: list[Block] = [Heading(1, report.text("methods"), "methods"), plain(report.text("methods_lead"))]
    found.append(Heading(2, report.text("methods_facts"), "methods-facts"))
    found.append(report.block("methods", tables.methods, title=texts("titles.methods")))
    if "methods-firms" in report:
        found.append(report.block("methods-firms", tables.methods, title=texts("report.methods_firms_title")))
    found += [
        *designs(report),
        *variables(report),
        Heading(2, report.text("cleaning"), "methods-cleaning"),
        plain(report.text("cleaning_scanned" if report.material.about.scanned else "cleaning_lead")),
        _log(report),
        *rows_picked(report),
        *steps(report, CLEANING),
    ]
    found += [Heading(2, report.text("weighting"), "methods-weighting")]
    if "weights-steps" in report:
        found.append(plain(report.text("weighting_lead")))
        found += [
            *steps(report, WEIGHTING),
            *_bounds(report),
            *(report.block(name, tables.table) for name in _weights(report)),
        ]
        if not any(name.endswith("-weights") for name in report.results):
            found.append(plain(report.text("weights_uncounted")))
    else:
        unweighted = report.material.sample.design.weights is None
        found.append(plain(report.text("unweighted" if unweighted else "weights_as_given")))
    return [*found, *choices(report), *formulas(report)]


def _weights(report: Report) -> list[str]:
    return [name for name in report.results if name.startswith("weights-") or name.endswith("-weights")]


def _bounds(report: Report) -> list[Block]:
    """How far each calibration could move a weight."""
    book, lang = report.material.codebook, report.lang
    found: list[Block] = []
    for step in report.material.sample.design.adjustments:
        if step.bounds is not None:
            margins = ", ".join(" × ".join(book.short_name(v, lang) for v in margin) for margin in step.margins)
            low, high = (loc.number(float(x), 1, lang) for x in step.bounds)
            found.append(plain(report.text("weight_bounds", margins=margins, low=low, high=high), "item"))
    return found


def _least(report: Report, step: int) -> str:
    """What share of its items a score needs; "" for other steps."""
    share = report.material.about.entries[step].arguments.get("min_answered")
    if not isinstance(share, float | int):
        return ""
    return "; " + report.text("log_min_answered", share=f"{loc.number(100 * float(share), 0, report.lang)}%")


def _weight_names(report: Report) -> dict[str, str]:
    """What the columns of weights are called: those of the design as the codebook has it, others by their step."""
    book, lang, design = report.material.codebook, report.lang, report.material.sample.design
    columns = [*(step.weights_before for step in design.adjustments), design.weights]
    names = [
        book.short_name(str(columns[0]), lang) if columns[0] in book else "",
        *(loc.after(step.method, lang) for step in design.adjustments),
    ]
    return {str(column): name for column, name in zip(columns, names, strict=True) if column and name}


def _log(report: Report) -> WordTable:
    lang = report.lang
    log = log_in_language(report.material.about.log, lang)
    reasons, names = report.material.settings.reasons, _weight_names(report)
    heads = tuple(report.text(key) for key in ("log_step", "log_what", "log_touched", "log_rows", "log_reason"))
    rows = []
    for i, entry in log.iterrows():
        counts = [
            loc.count(float(entry[name]), lang) if np.isfinite(entry[name]) else report.text("log_uncounted")
            for name in ("answers_touched", "rows_after")
        ]
        what = for_readers(str(entry["what"]), lang, names) + _least(report, int(i) - 1)
        cells = (
            f"{i}. {entry['verb']}".replace("_", " "),
            what,
            *counts,
            reasons.get(str(entry["reason"]), {}).get(lang) or str(entry["reason"]),
        )
        rows.append(tuple((Run(text),) for text in cells))
    return WordTable("tab-log", report.text("log_title"), heads, tuple(rows))


METHODS = Part(_write, _results)
