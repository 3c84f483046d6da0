"""The limits of a report in words: what its data cannot show, as far as that follows from the data themselves."""

from __future__ import annotations

from survey.reports.document import Block, Heading, plain
from survey.reports.material import Report
from survey.reports.parts.part import Part

__all__ = ["LIMITS"]


def _write(report: Report) -> list[Block]:
    return [
        Heading(1, report.text("limits"), "limits"),
        *(plain(report.text(key), "item") for key in _keys(report)),
    ]


def _keys(report: Report) -> list[str]:
    material, settings = report.material, report.material.settings
    design = material.sample.design
    keys = ["limit_simulated"] if material.simulated else []
    keys.append("limit_intervals")
    if design.weights is None:
        keys.append("limit_unweighted")
    elif not design.psu and not design.strata:
        keys.append("limit_no_design")
    if material.response is not None:
        keys.append("limit_nonresponse")
    keys.append("limit_two_waves" if material.period else "limit_one_wave")
    if material.unit:
        keys.append("limit_ranking")
    elif settings.unit:
        keys.append("limit_one_ward")
    if settings.pilot is not None and "pilot" in settings.parts:
        shown = any(name.endswith("-did") for name in report.results)
        keys += ["limit_pilot_chosen"] if shown else ["limit_no_pilot"]
    if any("p_value" in e.table.columns for e in report.results.values()) and len(material.scores) > 1:
        keys.append("limit_many_tests_adjusted" if report.planned else "limit_many_tests")
    if "businesses" in settings.parts:
        keys.append("limit_firms" if material.firms is not None else "limit_no_firms")
    return [*keys, "limit_other_indices"]


LIMITS = Part(_write)
