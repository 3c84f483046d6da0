"""A section a dimension: its score, how it changed, how wards compare, and the answers to each item."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from survey import figures, tables
from survey.core.result import ResultData
from survey.errors import EstimationError
from survey.exhibits.exhibit import Exhibit
from survey.narrative import compare, ranking
from survey.reports.document import Block, Heading, Paragraph, plain
from survey.reports.material import Material, Report, records
from survey.reports.parts.estimates import items_results, overall_results, score_results, ward_results
from survey.reports.parts.part import Part
from survey.reports.parts.summary import last_sentence, pair_places

__all__ = ["DIMENSIONS", "SATISFACTION", "WARDS", "ranked"]


def _results(material: Material) -> Mapping[str, ResultData]:
    return {**score_results(material), **ward_results(material), **items_results(material)}


def ranked(report: Report, name: str) -> list[Paragraph]:
    """The highest and the lowest group of a result in words; nothing where too few may be shown."""
    e = report.result(name)
    try:
        finding = ranking(e)
    except EstimationError:
        return [plain(report.text("not_ranked"), "note")]
    places: dict[str, str] = {}
    for end in ("highest", "lowest"):
        value = finding.numbers[f"estimate_{end}"]
        row = int((e.table["estimate"] == value).to_numpy().argmax())
        places |= report.places(name, row, f"_{end}")
    return [report.sentence(finding, places)]


def _last(report: Report, name: str) -> str:
    return f"{name}-last" if f"{name}-last" in report else name


def _write(report: Report) -> list[Block]:
    material, blocks = report.material, []
    for score in material.scores:
        blocks += [Heading(1, report.name(score), f"dimension-{score}"), *_score(report, score)]
    return blocks


def _score(report: Report, score: str) -> list[Block]:
    waves, change, wards = f"{score}-waves", f"{score}-change", f"{score}-wards"
    found: list[Block] = [*last_sentence(report, waves)]
    if change in report:
        found.append(report.sentence(compare(report.result(change), 0), pair_places(report, change, waves)))
    found.append(report.block(waves, tables.table))
    if wards in report:
        if "wards" not in report.material.settings.parts:  # a part of its own says it
            found += ranked(report, _last(report, wards))
        found += _figure(report, wards, figures.intervals)
    names = [name for name in report.results if name.startswith(f"{score}-items-")]
    if names:
        found.append(Heading(2, report.text("items"), f"items-{score}"))
    for name in names:
        first = report.material.codebook[str(report.results[name].table["item"].iloc[0])]
        ordered = first.type == "ordinal"
        found.append(report.block(name, figures.likert, sort=True) if ordered else report.block(name, tables.table))
    return found


def _satisfaction(report: Report) -> list[Block]:
    if "overall-satisfied" not in report:
        return []
    item = report.material.settings.overall
    found: list[Block] = [Heading(1, report.name(item), "satisfaction")]
    found += last_sentence(report, "overall-satisfied")
    if "overall-change" in report:
        places = pair_places(report, "overall-change", "overall-satisfied")
        found.append(report.sentence(compare(report.result("overall-change"), 0), places))
    found += _figure(report, "overall-answers", figures.likert)
    if "overall-groups" in report:
        found.append(report.block("overall-groups", figures.intervals))
    if "overall-wards" in report:
        found.append(report.block("overall-wards", tables.table))
    return found


def _wards(report: Report) -> list[Block]:
    names = [f"{score}-wards" for score in report.material.scores if f"{score}-wards" in report]
    if not names:
        return []
    found: list[Block] = [Heading(1, report.text("wards"), "wards"), plain(report.text("wards_lead"))]
    for score, name in zip(report.material.scores, names, strict=True):
        found += [Heading(2, report.name(score), f"wards-{score}"), *ranked(report, _last(report, name))]
        found += _figure(report, _last(report, name), figures.intervals, sort=True)
    return found


def _figure(report: Report, name: str, verb: Callable[..., Exhibit], **options: Any) -> list[Block]:
    """A figure of a result; none where nobody answered."""
    asked = any(row["status"] != "empty" for row in report.exhibit(name, tables.table).once(records))
    return [report.block(name, verb, **options)] if asked else []


DIMENSIONS = Part(_write, _results)
SATISFACTION = Part(_satisfaction, overall_results)
WARDS = Part(_wards, ward_results)
