"""Two pages for every ward: its scores beside those of all wards, how they changed, and the answers to each item."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from survey import figures, tables
from survey.base.catalogue import text
from survey.codebook import LANGUAGES
from survey.core.result import ResultData
from survey.narrative import compare
from survey.reports.document import Block, Heading, PageBreak, WordTable, plain
from survey.reports.evidence import Run
from survey.reports.material import Material, Report
from survey.reports.parts.estimates import (
    items_of,
    known,
    overall_results,
    score_results,
    ward_results,
    with_unit,
)
from survey.reports.parts.part import Part
from survey.reports.parts.summary import NONE
from survey.words import locale as loc
from survey.words.statuses import MARK, mark

__all__ = ["PROFILES"]

_LONGEST = 5
"""Answers that a scale must have for its two highest to be told: of three, two are most."""


def _results(material: Material) -> Mapping[str, ResultData]:
    if not material.unit:
        return {}
    found = {**score_results(material), **ward_results(material), **overall_results(material)}
    names = _items(material)
    if names:
        sample, where = material.sample, material.latest or None
        found["items-wards"] = sample.proportion(names, top=2, by=material.unit, where=where)
        found["items-all"] = sample.proportion(names, top=2, where=where)
    if period := material.period:
        ends = (material.periods[0], material.periods[-1])
        first, last = (f"{p:g}" if isinstance(p, float) else str(p) for p in ends)
        steps = {str(unit): f"`{unit}:{last}` - `{unit}:{first}`" for unit in material.units}
        for score in material.scores:
            wards = found[f"{score}-wards"]
            both = [u for u in material.units if all(known(wards, **{material.unit: u, period: e}) for e in ends)]
            if both:  # a ward that joined later, or was not asked at one end, has no change
                asked = {str(u): steps[str(u)] for u in both}
                found[f"{score}-wards-change"] = wards.contrast(asked)  # type: ignore[attr-defined]
    for unit in material.units:
        where_unit = material.users(f"{material.unit} == {unit!r}")
        found[f"profile-{_key(material, unit)}"] = material.sample.mean(
            list(material.scores), by=material.by(material.period), where=where_unit
        )
    return found


def _items(material: Material) -> list[str]:
    book = material.codebook
    names = [name for score in material.scores for name in items_of(material, score)]
    return [name for name in names if len(book[name].codes) >= _LONGEST]


def _key(material: Material, unit: Any) -> int:
    """The place of a ward among all, which its exhibits are named by: a code may hold anything."""
    return material.units.index(unit) + 1


def _write(report: Report) -> list[Block]:
    material = report.material
    if not material.unit:
        return []
    found: list[Block] = [PageBreak(), Heading(1, report.text("profiles"), "profiles")]
    found.append(plain(report.text("profiles_lead")))
    for i, unit in enumerate(material.units):
        found += ([PageBreak()] if i else []) + _profile(report, unit)
    return found


def _profile(report: Report, unit: Any) -> list[Block]:
    material = report.material
    name = report.label(material.unit, unit)
    found: list[Block] = [Heading(2, name, f"profile-{_key(report.material, unit)}"), _scores(report, unit, name)]
    for score in material.scores:
        change = f"{score}-wards-change"
        row = report.row(change, contrast=str(unit)) if change in report else None
        if row is not None:
            found.append(report.sentence(compare(report.result(change), row), _places(report, score, unit, row)))
    own = f"profile-{_key(report.material, unit)}"
    if own in report:
        found.append(report.block(own, figures.intervals, title=_titles(report, unit)))
    if "items-wards" in report:
        found += _table(report, unit, name)
    return found


def _places(report: Report, score: str, unit: Any, row: int) -> dict[str, str]:
    """Evidence of a change, and of the numbers of the two waves."""
    material, wards = report.material, f"{score}-wards"
    found = report.places(f"{score}-wards-change", row)
    for key, code in (("second", material.periods[0]), ("first", material.periods[-1])):
        at = report.row(wards, **{material.unit: unit, material.period: code})
        found |= {key: report.places(wards, at)["estimate"]} if at is not None else {}
    return found


def _titles(report: Report, unit: Any) -> dict[str, str]:
    book = report.material.codebook
    return {
        lang: text("report.profile_figure", lang, ward=book.label(report.material.unit, unit, lang))
        for lang in LANGUAGES
    }


def _scores(report: Report, unit: Any, name: str) -> WordTable:
    """The scores of the ward by wave, its change, and all wards in the last wave."""
    material, period = report.material, report.material.period
    waves = list(material.periods) if period else [None]
    heads = [report.text("dimension")]
    heads += [report.label(period, code) for code in waves] if period else [name]
    heads += [report.text("change")] if period else []
    heads += ["n", report.text("all_wards")]
    rows = []
    told = [(report.name(s), f"{s}-wards", f"{s}-wards-change", f"{s}-waves") for s in material.scores]
    if "overall-wards" in report:
        told.append((report.name(material.settings.overall), "overall-wards", "", "overall-satisfied"))
    for label, wards, change, everyone in told:
        cells: list[tuple[Run, ...]] = [(Run(with_unit(report, label, wards)),)]
        last = None
        for code in waves:
            keys = {material.unit: unit} | ({period: code} if period else {})
            last = report.row(wards, **keys)
            cells.append(report.cell(wards, last) if last is not None else (Run(loc.word("empty", report.lang)),))
        if period:
            row = report.row(change, contrast=str(unit)) if change in report else None
            cells.append(report.cell(change, row) if row is not None else (Run(NONE),))
        cells.append(_n(report, wards, last) if last is not None else (Run(NONE),))
        cells.append(report.cell(everyone, len(report.results[everyone].table) - 1))
        rows.append(tuple(cells))
    said = [report.text("in_brackets"), report.text("profile_note")]
    if period and any(row[-3] == (Run(NONE),) for row in rows):
        said.append(report.text("profile_no_change"))
    key, title = f"tab-profile-{_key(material, unit)}", report.text("profile_title", ward=name)
    notes = _notes(report, said, told[0][1] if told else "", rows)
    return WordTable(key, title, tuple(heads), tuple(rows), notes=notes)


def _n(report: Report, name: str, row: int) -> tuple[Run, ...]:
    told = report.exhibit_row(name, row)
    evidence = report.places(name, row)["n"]
    if told["status"] == "suppressed":
        return (Run(loc.number(float("nan")), evidence),)
    marks = mark(str(told["status"]), str(told["detail"]))
    return (Run(loc.count(float(told["n"]), report.lang), evidence), *((Run(marks),) if marks else ()))


def _notes(
    report: Report, said: Sequence[str], name: str, rows: Iterable[tuple[tuple[Run, ...], ...]]
) -> tuple[str, ...]:
    """The notes of a table, and what the marks beside its numbers of answers say."""
    told = "".join(run.text for row in rows for cell in row[1:] for run in cell if not run.evidence)
    found = list(said)
    if "*" in told:
        low, high = report.exhibit(name, tables.table).thresholds
        found.append(loc.word("flag_note", report.lang, low=low, high=high - 1))
    if MARK in told:
        found.append(loc.word("unreliable_note", report.lang))
    return tuple(found)


def _table(report: Report, unit: Any, name: str) -> list[Block]:
    """Of each item the share of the two highest answers in the ward, and among all; nothing where nobody was asked."""
    material, book = report.material, report.material.codebook
    rows, groups = [], []
    for item in _items(material):
        here = report.row("items-wards", item=item, **{material.unit: unit})
        everyone = report.row("items-all", item=item)
        if here is None or everyone is None:
            continue
        cells = (report.cell("items-wards", here), _n(report, "items-wards", here), report.cell("items-all", everyone))
        rows.append(((Run(book.short_name(item, report.lang)),), *cells))
        groups.append(report.name(book[item].dimension))
    if not rows:
        return []
    heads = (report.text("item"), name, "n", report.text("all_wards"))
    title = report.text("profile_items", ward=name)
    said = [report.text(key) for key in ("profile_items_wave", "in_brackets", "profile_items_note")]
    notes = _notes(report, said, "items-wards", rows)
    return [WordTable(f"tab-items-{_key(report.material, unit)}", title, heads, tuple(rows), tuple(groups), notes)]


PROFILES = Part(_write, _results)
