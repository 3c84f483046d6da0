"""What may be asked of an adjustment for nonresponse, and of which designs."""

from __future__ import annotations

from typing import Any

import numpy as np

from survey.core.sample_data import SampleData
from survey.design.design import Design
from survey.errors import DesignError, shorten

__all__ = ["check_options"]


def check_options(
    sample: SampleData, by: Any, model: Any, classes: Any, unknown: Any, collapse: Any, smallest: Any, largest: Any
) -> None:
    """Raise if the arguments of `adjust_nonresponse` contradict each other, or come too late for the design."""

    def refuse(what: str, where: str, got: object, expected: str, fix: str | None = None) -> None:
        raise DesignError(what, where=where, got=repr(got), expected=expected, fix=fix)

    def number(value: Any, kinds: Any) -> bool:
        return isinstance(value, kinds) and not isinstance(value, bool)

    _check_design(sample.design)
    if by is None and model is None:
        refuse(
            "Give `by` or `model`.",
            "by, model",
            None,
            "weighting classes, or a model",
            'name variables known of everybody drawn: by=["ward", "age_group"]; by=[] is one class for all',
        )
    if model is not None and classes is not None and not (number(classes, int | np.integer) and classes >= 1):
        refuse(
            "`classes` must be a positive whole number.",
            "classes",
            classes,
            "1, 2, ..., or None for the propensity itself",
        )
    if model is not None and classes is None and (by or collapse is not None or smallest != 1):
        refuse(
            "Dividing by the propensity does not use classes.",
            "classes=None",
            {"by": by, "collapse": collapse},
            "no `by`, `collapse`, `smallest`",
            "put the variables of `by` into the model, or give classes=5",
        )
    if isinstance(unknown, str):
        if unknown not in ("proportional", "eligible", "ineligible"):
            refuse(
                "`unknown` must be a rule or a share between 0 and 1.",
                "unknown",
                unknown,
                '"proportional", "eligible", "ineligible", or 0 to 1',
            )
    elif not (number(unknown, int | float | np.number) and 0 <= unknown <= 1):
        refuse(
            "`unknown` must be a rule or a share between 0 and 1.",
            "unknown",
            unknown,
            "0 to 1",
            "write 85 percent as 0.85",
        )
    if isinstance(collapse, str) and collapse != "neighbours":
        refuse("`collapse` has an invalid value.", "collapse", collapse, '"neighbours", or {"age_group": {4: 3}}')
    if not (number(smallest, int | np.integer) and smallest >= 1):
        refuse("`smallest` must be a positive number of respondents.", "smallest", smallest, "1 or more")
    if largest is not None and not (number(largest, int | float | np.number) and largest >= 1):
        refuse("`largest_factor` must be at least 1.", "largest_factor", largest, "1 or more")


def _check_design(design: Design) -> None:
    done = [a.method for a in design.adjustments if a.calibrates or a.margins or a.numbers or a.method == "propensity"]
    if done or design.absent is not None:
        raise DesignError(
            "Nonresponse must be adjusted for once, before the weights are calibrated.",
            got=f"weights after {shorten(done) or 'a nonresponse adjustment'}",
            expected="base weights",
            fix="start from the sample with its base weights: call adjust_nonresponse first, then rake or calibrate",
        )
    made = design.replicates
    if made is not None and made.multipliers is not None and (made.per != "psu" or not design.psu):
        raise DesignError(
            "The replicates have a row for each element, but none for the nonrespondents.",
            got=f"replicates {made.method}, made before",
            expected="replicates of clusters, or none",
            fix="call sample.replicates(...) after adjust_nonresponse",
        )
