"""The limits of a report in words: what its data cannot show, as far as that follows from the data themselves."""

from __future__ import annotations

from survey.reports.document import Block, Heading, plain
from survey.reports.material import Report
from survey.reports.parts.estimates import answered, items_scored
from survey.reports.parts.part import Part

__all__ = ["LIMITS"]


def _write(report: Report) -> list[Block]:
    told = [*(report.text(key) for key in _keys(report)), *_of_change(report), *_of_choices(report)]
    told.append(report.text("limit_other_indices"))
    return [Heading(1, report.text("limits"), "limits"), *(plain(text, "item") for text in told)]


def _of_choices(report: Report) -> list[str]:
    """Choices under which the effect of the pilot is not estimated again."""
    left_out = ", ".join(f"“{label[report.lang]}”" for label in report.material.left_out)
    return [report.text("limit_left_out", choices=left_out)] if left_out else []


def _of_change(report: Report) -> list[str]:
    """What stands in the way of a change between the first and the last wave: wards or questions of one only."""
    material, found = report.material, []
    if not material.period:
        return []
    if material.unit:
        pairs, ends = material.about.pairs(material.unit, material.period), (material.periods[0], material.periods[-1])
        waves = [{unit for unit, period in pairs if period == code} for code in ends]
        wards = [report.label(material.unit, unit) for unit in material.units if unit in waves[0] ^ waves[1]]
        found += [report.text("limit_other_wards", wards=", ".join(wards))] if wards else []
    for score in material.scores:
        if f"{score}-change" in report:
            items = items_scored(material, score)
            once = set(answered(material, items, 0)) ^ set(answered(material, items))
            names = ", ".join(_quoted(report, item) for item in items if item in once)
            found += [report.text("limit_other_items", score=_quoted(report, score), items=names)] if once else []
    unchanged = ", ".join(_quoted(report, item) for item in _without_change(report))
    return [*found, *([report.text("limit_no_change", items=unchanged)] if unchanged else [])]


def _quoted(report: Report, name: str) -> str:
    return f"“{report.name(name)}”"


def _without_change(report: Report) -> list[str]:
    """Scores and overall satisfaction that the first or the last wave has no answers to."""
    told = {score: (f"{score}-waves", f"{score}-change") for score in report.material.scores}
    told |= {report.material.settings.overall: ("overall-satisfied", "overall-change")}
    return [item for item, (waves, change) in told.items() if waves in report and change not in report]


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
    return keys


LIMITS = Part(_write)
