"""The pilot: paths of the groups of wards, the difference in differences, the permutation test; and businesses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import numpy as np

from survey import figures, tables
from survey.core.result import ResultData
from survey.errors import EstimationError
from survey.narrative import compare, permutation, specifications
from survey.reports.document import Block, Heading, plain
from survey.reports.material import Material, Report
from survey.reports.parts.estimates import known, wave_change
from survey.reports.parts.part import Part
from survey.reports.parts.summary import last_sentence, pair_places
from survey.scanning.alike import TooManyAlike

__all__ = ["BUSINESSES", "PILOT"]


def _results(material: Material) -> Mapping[str, ResultData]:
    pilot, sample = material.settings.pilot, material.sample
    if pilot is None or not material.period or pilot.column not in material.about.columns:
        return {}
    there = set(material.about.values(pilot.column))
    if not {pilot.treated, pilot.untreated} <= there:
        return {}
    first, last = (f"{p:g}" if isinstance(p, float) else str(p) for p in (material.periods[0], material.periods[-1]))
    found: dict[str, ResultData] = {}
    for score in material.scores:
        tiers = sample.mean(score, by=[pilot.column, material.period], where=material.users())
        found[f"{score}-tiers"] = tiers
        rise, usual = (f"`{t}:{last}` - `{t}:{first}`" for t in (pilot.treated, pilot.untreated))
        ends = (material.periods[0], material.periods[-1])
        both = (pilot.treated, pilot.untreated)
        if all(known(tiers, **{pilot.column: group, material.period: end}) for group in both for end in ends):
            found[f"{score}-did"] = tiers.contrast({"did": f"({rise}) - ({usual})"})
    scores = [score for score in material.scores if f"{score}-did" in found]
    if scores and material.unit and len(material.periods) == 2:
        pool = f"{pilot.column} in [{pilot.treated!r}, {pilot.untreated!r}]"
        treated = f"{pilot.column} == {pilot.treated!r}"
        effect = (treated, material.period, material.unit, material.users(pool))
        with _told():  # a ward partly treated, or without answers: the report says that it is missing
            found["pilot-effect"] = sample.effect(scores, *effect)
        if material.choices and "pilot-effect" in found:
            for score in scores:
                found[f"{score}-choices"] = sample.specifications(score, *effect, choices=material.choices)
    return found


@contextmanager
def _told() -> Iterator[None]:
    """Leave out what cannot be estimated; what takes more memory than a scan may have is an error all the same."""
    try:
        yield
    except TooManyAlike:
        raise
    except EstimationError:
        pass


def _write(report: Report) -> list[Block]:
    material, pilot = report.material, report.material.settings.pilot
    scores = [score for score in material.scores if f"{score}-did" in report]
    if pilot is None or not scores:
        return []
    treated = report.label(pilot.column, pilot.treated)
    others = report.label(pilot.column, pilot.untreated)
    found: list[Block] = [
        Heading(1, report.text("pilot"), "pilot"),
        plain(report.text("pilot_lead", treated=_small(treated), others=_small(others))),
        *_compared(report),
    ]
    effect = report.result("pilot-effect") if "pilot-effect" in report else None
    for score in scores:
        found.append(Heading(2, report.name(score), f"pilot-{score}"))
        name = f"{score}-did"
        found.append(report.sentence(compare(report.result(name), 0), report.places(name, 0)))
        row = None if effect is None else report.row("pilot-effect", item=score)
        if effect is not None and row is not None:
            found.append(report.sentence(permutation(effect, row), report.places("pilot-effect", row)))
        found.append(report.block(f"{score}-tiers", figures.intervals))
        found += _choices(report, score)
    if effect is not None:
        found.append(report.block("pilot-effect", tables.table))
    else:
        found.append(plain(report.text("no_permutation"), "note"))
    return found


def _compared(report: Report) -> list[Block]:
    """How many wards each group has, and how many neither."""
    material, pilot = report.material, report.material.settings.pilot
    if pilot is None or not material.unit:
        return []
    pairs = material.about.pairs(pilot.column, material.unit)
    treated, others = ({unit for group, unit in pairs if group == code} for code in (pilot.treated, pilot.untreated))
    every = len(material.about.values(material.unit))
    rest = every - len(treated | others)
    told = [report.text("pilot_wards", all=every, treated=len(treated), others=len(others))]
    told += [report.text("pilot_wards_rest", n=rest)] if rest else []
    return [plain(" ".join(told))]


def _choices(report: Report, score: str) -> list[Block]:
    """The effect on a score under the choices that the study declared: which of them flip the verdict."""
    name = f"{score}-choices"
    if name not in report:
        return []
    estimate = report.results[name].table["estimate"].to_numpy(float)
    known = [int(i) for i in np.argsort(estimate, kind="stable") if np.isfinite(estimate[i])]
    ends = {"lowest": known[0], "highest": known[-1]} if known else {}
    places = {key: report.places(name, row)["estimate"] for key, row in ends.items()}
    return [
        report.sentence(specifications(report.result(name)), places),
        *([plain(report.text("choices_alone"), "note")] if len(report.material.scores) > 1 else []),
        report.block(name, figures.specifications),
    ]


def _small(label: str) -> str:
    """A label of a group inside a sentence."""
    return label[:1].lower() + label[1:] if label[1:2].islower() else label


def _of_firms(material: Material) -> Mapping[str, ResultData]:
    firms, known = material.firms, material.about_firms
    if firms is None or known is None:
        return {}
    period = material.period if material.period in known.columns else ""
    found: dict[str, ResultData] = {}
    for score in (s for s in material.scores if s in known.columns):
        waves = firms.mean(score, by=[period] if period else None, where=material.users())
        found[f"{score}-firms"] = waves
        if period:
            found |= {f"{score}-firms-{key}": e for key, e in wave_change(material, waves).items()}
    return found


def _businesses(report: Report) -> list[Block]:
    scores = [score for score in report.material.scores if f"{score}-firms" in report]
    if not scores:
        return []
    found: list[Block] = [
        Heading(1, report.text("businesses"), "businesses"),
        plain(report.text("businesses_lead")),
    ]
    for score in scores:
        name, change = f"{score}-firms", f"{score}-firms-change"
        found.append(Heading(2, report.name(score), f"firms-{score}"))
        found += last_sentence(report, name)
        if change in report:
            found.append(report.sentence(compare(report.result(change), 0), pair_places(report, change, name)))
        found.append(report.block(name, tables.table))
    return found


PILOT = Part(_write, _results)
BUSINESSES = Part(_businesses, firms=_of_firms)
