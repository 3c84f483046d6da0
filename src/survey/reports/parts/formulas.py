"""The formulas of the methods annex: as many as the results of the report need, each complete enough to be used."""

from __future__ import annotations

from survey.base.catalogue import Note
from survey.core.estimates_data import EstimatesData
from survey.core.result import ResultData
from survey.estimation.clustered import CORRELATION, EXCLUDED, FEWER, LEAST, PRIOR, SIZE, START
from survey.reports.document import Block, Heading, plain
from survey.reports.material import Report
from survey.words import locale as loc
from survey.words.statuses import FLAG_BELOW, SUPPRESS_BELOW

__all__ = ["formulas"]


def formulas(report: Report) -> list[Block]:
    """Their section."""
    texts = [report.text(key, **_constants(key, report)) for key in _keys(report)]
    texts += _plan(report)
    texts.append(report.text("formula_small", low=SUPPRESS_BELOW, high=FLAG_BELOW - 1))
    return [Heading(2, report.text("formulas"), "methods-formulas"), *(plain(text, "item") for text in texts)]


def _keys(report: Report) -> list[str]:
    design = report.material.sample.design
    methods = [step.method for step in design.adjustments]
    keys = ["formula_score", "formula_mean", "formula_variance" if design.psu else "formula_variance_elements"]
    if report.material.firms is not None and design.psu:
        keys.append("formula_variance_firms")
    if any(step.targets is not None for step in design.adjustments):
        keys.append("formula_calibrated")
    estimated = {"nonresponse": "formula_nonresponse_variance", "propensity": "formula_propensity_variance"}
    keys += [key for method, key in estimated.items() if method in methods]
    keys += ["formula_df", "formula_deff", "formula_interval"]
    if any(_of_shares(e) for e in report.results.values()):
        keys += ["formula_share", "formula_share_deff", "formula_share_end"]
        if not any(step.calibrates for step in design.adjustments):
            keys.append("formula_share_least")
        keys.append("formula_dont_know")
    keys.append("formula_change")
    if "pilot-effect" in report:
        keys += ["formula_permutation", "formula_permutation_interval"]
    if "weights-steps" in report:
        keys.append("formula_weights")
    return keys


def _of_shares(result: ResultData) -> bool:
    return isinstance(result, EstimatesData) and result.clustering is not None


def _constants(key: str, report: Report) -> dict[str, object]:
    """The numbers of a formula, from where the package has them."""
    found = {
        "formula_share_deff": {
            "rho": CORRELATION,
            "prior": PRIOR,
            "start": START,
            "fewer": FEWER,
            "size": SIZE,
            "excluded": EXCLUDED,
        },
        "formula_share_end": {"phi": (1 - CORRELATION) / CORRELATION},
        "formula_share_least": {"least": LEAST},
    }.get(key, {})
    return {name: f"{loc.number(value, 2, report.lang)}".rstrip("0").rstrip(",.") for name, value in found.items()}


def _plan(report: Report) -> list[str]:
    """How p-values are adjusted where the study declares families of tests: what the results say of each."""
    notes = {loc.note(n, report.lang): None for e in report.results.values() for n in e.notes if _of_plan(n)}
    return [report.text("formula_plan"), *map(loc.sentence, notes)] if notes else []


def _of_plan(note: object) -> bool:
    return isinstance(note, Note) and note.key == "plan.family"
