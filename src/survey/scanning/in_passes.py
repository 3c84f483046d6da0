"""Which models of a scan are read in passes over batches, and the verbs of these."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from survey.base.arguments import one_of
from survey.base.expressions import mask
from survey.base.formula import Formula
from survey.base.names import column_named
from survey.core.sample_data import SampleData
from survey.errors import EstimationError
from survey.estimation.results import check_level
from survey.models.linear import LINEAR
from survey.models.logistic import LOGISTIC
from survey.models.model import Model
from survey.models.regress import ALIASED, Family, assembled, formulas_of
from survey.responses import Responses
from survey.sample import Sample
from survey.scanning.asked import conditions_of
from survey.scanning.model_passes import Passes, pass_bytes, refused
from survey.scanning.state import ScanData

__all__ = ["IN_PASSES", "beyond_memory", "bytes_of_passes", "in_passes"]

IN_PASSES: Mapping[str, Family] = {"linear": LINEAR, "logistic": LOGISTIC}
"""Verbs whose rows may be read in passes."""


def beyond_memory(scan: ScanData, names: Sequence[str], each: int) -> bool:
    """Whether rows of people who are alike, of so many bytes `each`, would take more than they may, by the first rows.

    Where the columns have few values, or many people are alike, it is seen while they are counted.
    """
    many = [name for name in names if scan.held(name).counts is None and not scan.held(name).text]
    if not many or len(scan) * each <= scan.memory:
        return False
    for batch in scan.reader.batches(scan.steps.read(many)):
        found = scan.steps.responses(batch, 0, many).data[many]
        return float((~found.duplicated()).mean()) * len(scan) * each > scan.memory
    return False


def in_passes(scan: ScanData, verb: str, args: tuple[Any, ...], options: Mapping[str, Any]) -> Model:
    """A model of `Sample`, from passes over the rows of a scan; its arguments and errors are those of the verb.

    Raises
    ------
    EstimationError
        As the verb; also for terms that look at all respondents, and for sums that take more memory than they may.
    """
    family, given, formulas, looked_at = _asked(scan, verb, args, options)
    where, level, aliased = given["where"], given["level"], given["aliased"]
    check_level(level)
    one_of(aliased, ALIASED, "treatment of aliased terms", EstimationError, where=f"{verb}(aliased=...)")
    sample = scan.prototype(looked_at)
    if sample.uses_replicates(given["variance"]):
        raise refused(
            "Replicates of a model need rows that fit into memory.",
            f"{verb}(variance=...)",
            f"{len(scan):,} respondents, of whom hardly two are alike",
            fix="give variance='taylor' for linearised standard errors, or scan(..., memory=) more bytes",
        )
    within = mask(where, sample.data) if where else None
    made = [Passes(scan, sample, family, f, where, looked_at, aliased).regression() for f in formulas]
    return assembled(sample, family, given["formula"], made, formulas, where, within, level)


def bytes_of_passes(scan: ScanData, verb: str, args: tuple[Any, ...], options: Mapping[str, Any]) -> tuple[int, int]:
    """Coefficients, and bytes that their sums take: at most, as not every category need be in the model."""
    family, given, formulas, looked_at = _asked(scan, verb, args, options)
    sample = scan.prototype(looked_at)
    widths = [Passes(scan, sample, family, f, given["where"], looked_at, "drop").width() for f in formulas]
    return max(widths), sum(pass_bytes(scan, width) for width in widths)


def _asked(
    scan: ScanData, verb: str, args: tuple[Any, ...], options: Mapping[str, Any]
) -> tuple[Family, Mapping[str, Any], list[Formula], tuple[str, ...]]:
    """The kind of model, the arguments, a formula for each outcome, and all columns that are looked at."""
    bound = inspect.signature(getattr(Sample, verb)).bind(scan, *args, **options)
    bound.apply_defaults()
    given, named = bound.arguments, [*scan.steps.names]
    conditions = conditions_of(scan, given["where"])
    empty = SampleData.of(Responses(pd.DataFrame(columns=named), scan.codebook), scan.design, scan.clusters.structure)
    formulas = formulas_of(empty, given["formula"], given["items"], verb)
    variables = [column_named(v, named) for f in formulas for v in f.variables]
    looked_at = tuple(dict.fromkeys((*variables, *conditions)))
    scan.look(looked_at)
    return IN_PASSES[verb], given, formulas, looked_at
