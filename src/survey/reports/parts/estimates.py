"""The results that several parts of a report tell of, each under the name of its exhibit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from survey import tables
from survey.core.result import ResultData
from survey.estimates import Estimates
from survey.reports.material import Material, Report

__all__ = [
    "answered",
    "answered_last",
    "change_of",
    "item_sets",
    "items_of",
    "items_results",
    "items_scored",
    "known",
    "overall_results",
    "score_results",
    "ward_results",
    "wave_change",
    "with_unit",
]


def change_of(material: Material) -> str:
    """The contrast of the last wave with the first."""
    first, last = material.periods[0], material.periods[-1]
    return f"`{_written(last)}` - `{_written(first)}`"


def known(e: ResultData, **groups: object) -> bool:
    """Whether the row of some groups is there and has an estimate."""
    table = e.table
    chosen = np.logical_and.reduce([(table[column] == code).to_numpy(bool) for column, code in groups.items()])
    return bool(np.isfinite(table["estimate"].to_numpy(float)[chosen]).any())


def wave_change(material: Material, e: Estimates) -> dict[str, ResultData]:
    """The change of a result by wave, if both ends have answers: a question that is new in the last has none."""
    if not material.period:
        return {}
    ends = (material.periods[0], material.periods[-1])
    if not all(known(e, **{material.period: code}) for code in ends):
        return {}
    return {"change": e.contrast({"change": change_of(material)})}


def answered_last(report: Report, name: str) -> int | None:
    """The last row of a result that has an estimate; None where none has."""
    known = np.flatnonzero(np.isfinite(report.results[name].table["estimate"].to_numpy(float)))
    return int(known[-1]) if known.size else None


def score_results(material: Material) -> Mapping[str, ResultData]:
    """Of each score its mean by wave, and the change."""
    found: dict[str, ResultData] = {}
    for score in material.scores:
        waves = material.sample.mean(score, by=material.by(material.period), where=material.users())
        found[f"{score}-waves"] = waves
        found |= {f"{score}-{key}": e for key, e in wave_change(material, waves).items()}
    return found


def ward_results(material: Material) -> Mapping[str, ResultData]:
    """Of each score its mean by ward and wave, and by ward in the last wave."""
    if not material.unit:
        return {}
    found: dict[str, ResultData] = {}
    for score in material.scores:
        sample, unit = material.sample, material.unit
        found[f"{score}-wards"] = sample.mean(score, by=material.by(unit, material.period), where=material.users())
        if material.period:
            found[f"{score}-wards-last"] = sample.mean(score, by=unit, where=material.users(material.latest))
    return found


def items_scored(material: Material, score: str) -> list[str]:
    """The items that a dimension is scored from, as far as the data have them: ordered answers, or yes and no."""
    book, columns = material.codebook, material.about.columns
    return [name for name in book.items(score) if name in columns] if score in book.scored else []


def items_asked(material: Material, score: str) -> list[list[str]]:
    """The sets of items of a dimension, without items that nobody answered in the last wave."""
    sets = [answered(material, names) for names in item_sets(material, score)]
    return [names for names in sets if names]


def answered(material: Material, names: Sequence[str], wave: int = -1) -> list[str]:
    """Those of some columns that hold anything in the last wave, or in another."""
    there = [name for name in names if name in material.about.columns]
    if not material.period:
        return [name for name in there if material.about.values(name)]
    return material.about.answered(there, material.period, material.periods[wave])


def items_of(material: Material, score: str) -> list[str]:
    """The items of a dimension whose answers are ordered, as far as the data have them."""
    return [name for name in items_scored(material, score) if material.codebook[name].type == "ordinal"]


def item_sets(material: Material, score: str) -> list[list[str]]:
    """The items of a dimension by their answers: ordered ones of one scale stand in one figure, others in one table."""
    book = material.codebook
    sets = [list(names) for names in book.by_scale(items_of(material, score))]
    others: dict[tuple[str, ...], list[str]] = {}
    for name in items_scored(material, score):
        if book[name].type != "ordinal":
            others.setdefault(tuple(book[name].label(code, "en") for code in book[name].codes), []).append(name)
    return [*sets, *others.values()]


def items_results(material: Material) -> Mapping[str, ResultData]:
    """Of each dimension the answers to its items in the last wave, a result for each scale."""
    found: dict[str, ResultData] = {}
    for score in material.scores:
        for i, names in enumerate(items_asked(material, score), 1):
            found[f"{score}-items-{i}"] = material.sample.distribution(names, where=material.latest or None)
    return found


def overall_results(material: Material) -> Mapping[str, ResultData]:
    """Overall satisfaction: answers by wave, the share of the two highest by wave, its change, by group and by ward."""
    item, sample = material.settings.overall, material.sample
    if not item:
        return {}
    period = material.by(material.period)
    satisfied = sample.proportion(item, top=2, by=period)
    found: dict[str, ResultData] = {
        "overall-answers": sample.distribution(item, by=period),
        "overall-satisfied": satisfied,
    }
    found |= {f"overall-{key}": e for key, e in wave_change(material, satisfied).items()}
    groups = answered(material, material.settings.groups)
    if groups and answered(material, [item]):
        found["overall-groups"] = sample.proportion(item, top=2, over=groups, where=material.latest or None)
    if material.unit:
        found["overall-wards"] = sample.proportion(item, top=2, by=material.by(material.unit, material.period))
    return found


def _written(code: object) -> str:
    """A code as contrasts name it: 2.0 is `2`."""
    return f"{code:g}" if isinstance(code, float) else str(code)


def with_unit(report: Report, label: str, name: str) -> str:
    """A row's name beside rows of points: a share says that it is one."""
    exhibit = report.exhibit(name, tables.table)
    return f"{label} (%)" if exhibit.measures[0].kind == "share" else label
