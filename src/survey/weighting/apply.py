"""New weights become a new sample: a column more, a line in the log, a step that the design remembers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from survey._linalg import Array
from survey._log import LogEntry, plain_arguments
from survey.design import Adjustment
from survey.errors import ConvergenceError, some

if TYPE_CHECKING:
    from survey.sample import Sample

__all__ = ["free_name", "reweighted"]


def reweighted(
    sample: Sample, weights: Array, into: str, adjustment: Adjustment, what: str, reason: str = ""
) -> Sample:
    """The sample with new weights; the old column stays.

    Parameters
    ----------
    weights : array (rows,)
    into : str
        Name of the new column; a number is added when it is taken.
    adjustment : Adjustment
        Without `weights_before`, which is filled in.
    what : str
        What was done, for the log.

    Raises
    ------
    ConvergenceError
        If some weights are not positive: linear calibration without bounds can do that. A weight of 0 stays 0.
    """
    if not (len(weights) and weights.min() > 0 and np.isfinite(weights.sum())):
        bad = ~((weights > 0) | ((weights == 0) & (sample.weights == 0))) | ~np.isfinite(weights)
        if bad.any():
            raise ConvergenceError(
                "Calibration gives weights that are not positive.", where=f"rows {some(sample.data.index[bad])}",
                got=f"{int(bad.sum())} weights from {weights[bad].min():.3g}", expected="positive weights",
                fix='bounds=(0.2, 5), or method="raking", which is never negative',
            )  # fmt: skip
    data = sample.data.copy(deep=False)
    previous = sample.design.weights
    if previous is None:
        previous = free_name("w_equal", data)
        data[previous] = 1.0
    name = free_name(into, data)
    data[name] = pd.Series(weights, index=data.index, copy=False)  # the frame copies once somebody writes
    step = replace(adjustment, weights_before=previous)
    arguments = {
        "margins": [" x ".join(m) for m in step.margins], "numbers": [" by ".join(reversed(n)) for n in step.numbers],
        "bounds": step.bounds, "limits": step.limits, "into": name,
    }  # fmt: skip
    entry = LogEntry(
        adjustment.method,
        f"weights {previous} -> {name}: {what}",
        plain_arguments(**{k: v for k, v in arguments.items() if v}),
        len(data), len(data), len(data), 0,
        reason,
    )  # fmt: skip
    responses = sample.responses.logged(entry, data=data)
    structure = replace(sample.structure, weights=weights)  # who was drawn how is the same
    return type(sample).of(responses, sample.design.reweighted(name, step), structure)


def free_name(wanted: str, data: pd.DataFrame) -> str:
    """A column name that is not taken: the wanted one, else with a number."""
    name, suffix = wanted, 2
    while name in data.columns:
        name, suffix = f"{wanted}_{suffix}", suffix + 1
    return name
