"""New weights become a new sample: a column more, a line in the log, a step that the design remembers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from survey.base.arrays import Array
from survey.codebook.told import describe_rows
from survey.core.log import LogEntry, plain_arguments
from survey.core.sample_data import S
from survey.design.design import Adjustment
from survey.errors import ConvergenceError

__all__ = ["free_name", "only_counted", "reweighted"]


def only_counted(sample: S) -> S:
    """The sample without rows whose weight is 0, which stay drawn; `reweighted` of the whole sample puts them back.

    Who stands for no one has no part in how weights are adjusted, and no weight afterwards.
    """
    structure = sample.structure
    counted = structure.counted
    if counted is None:
        return sample
    own = sample.responses
    missing = own.missing[counted] if len(own.missing.columns) else own.missing
    left = replace(
        structure,
        weights=structure.weights[counted],
        unit=structure.unit[counted],
        silent=np.append(structure.silent, structure.unit[~counted]),
    )
    responses = replace(own, data=sample.data[counted], missing=missing)
    return type(sample).of(responses, replace(sample.design, replicates=None), left)


def reweighted(sample: S, weights: Array, into: str, adjustment: Adjustment, what: str, reason: str = "") -> S:
    """The sample with new weights; the old column stays.

    Parameters
    ----------
    weights : array (rows,)
        Of all rows, or of those with a weight above 0; a weight of 0 stays 0.
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
    counted = sample.structure.counted
    if counted is not None and len(weights) < len(counted):
        every = np.zeros(len(counted))
        every[counted] = weights
        weights = every
    own = weights if counted is None else weights[counted]
    if not (len(own) and own.min() > 0 and np.isfinite(own.sum())):
        bad = ~(own > 0) | ~np.isfinite(own)
        index = sample.data.index if counted is None else sample.data.index[counted]
        people = sample.structure.people
        raise ConvergenceError(
            "Calibration produced weights that are not positive.",
            where=f"rows {describe_rows(index, bad)}" if people is None else None,
            got=f"{int(bad.sum())} weights from {own[bad].min():.3g}"
            if people is None
            else f"weights of {int(people[bad].sum())} respondents",
            expected="positive weights",
            fix='bounds=(0.2, 5), or method="raking", which is never negative',
        )
    data = sample.data.copy(deep=False)
    previous = sample.design.weights
    if previous is None:
        previous = free_name("w_equal", data)
        data[previous] = 1.0
    name = free_name(into, data)
    data[name] = pd.Series(weights, index=data.index, copy=False)  # the frame copies once someone writes
    step = replace(adjustment, weights_before=previous)
    arguments = {
        "margins": [" x ".join(m) for m in step.margins],
        "numbers": [" by ".join(reversed(n)) for n in step.numbers],
        "bounds": step.bounds,
        "limits": step.limits,
        "into": name,
    }
    entry = LogEntry(
        adjustment.method,
        f"weights {previous} -> {name}: {what}",
        plain_arguments(**{k: v for k, v in arguments.items() if v}),
        len(data),
        len(data),
        len(data),
        0,
        reason,
    )
    responses = sample.responses.logged(entry, data=data)
    structure = sample.structure.weighed(weights)  # who was drawn how is the same
    return type(sample).of(responses, sample.design.reweighted(name, step), structure)


def free_name(wanted: str, data: pd.DataFrame) -> str:
    """A column name that is not taken: the wanted one, else with a number."""
    name, suffix = wanted, 2
    while name in data.columns:
        name, suffix = f"{wanted}_{suffix}", suffix + 1
    return name
