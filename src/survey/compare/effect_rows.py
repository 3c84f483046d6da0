"""Rows of an effect: changes of units put through the test, with their sampling errors and the detectable effect."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from survey.base.arrays import Array
from survey.compare.effect_data import Treatment, rounding_of
from survey.compare.permutation_power import smallest_within
from survey.compare.permutation_test import judge, spread_of
from survey.core.estimates_data import EstimatesData

__all__ = ["POWER", "by_people", "effect_rows", "unit_weights"]

POWER = 0.8
"""Of the smallest detectable effect."""


def unit_weights(t: Treatment) -> Array:
    """What each unit's change counts in the effect: (units,)."""
    return t.ways.observed


def effect_rows(
    means: EstimatesData, names: Sequence[str], t: Treatment, level: float, margin: float | None
) -> tuple[pd.DataFrame, Array, Array]:
    """The table of an effect, the covariance of its rows by sampling people, and their weights on the means."""
    value = means.table["estimate"].to_numpy(float)[t.rows]
    change = value[:, :, 1] - value[:, :, 0]
    weights, ways = unit_weights(t), t.ways
    matrix = np.zeros((len(names), len(means.table)))
    for i, rows in enumerate(t.rows):
        matrix[i, rows[:, 1]] = weights
        matrix[i, rows[:, 0]] = -weights
    joint = matrix @ means.covariance @ matrix.T
    rounding = rounding_of(means, t.rows, change @ weights)
    found = judge(change, ways, rounding, 1 - level)
    least = smallest_within(ways.sizes, round(level, 12), POWER)
    table = pd.DataFrame(
        {
            "item": list(names),
            "estimate": found.estimate,
            "std_error": np.sqrt(np.clip(np.diag(joint), 0, None)),
            "conf_low": found.conf_low,
            "conf_high": found.conf_high,
            "p_value": found.p_value,
            "p_floor": ways.floor,
            "treated": int(ways.treated.sum()),
            "units": len(ways.treated),
            "assignments": len(ways.inside),
            "as_large": found.as_large,
            "mde": np.nan if least is None else least * spread_of(change, ways),
        }
    )
    if margin is not None:
        table = table.assign(margin_low=-float(margin), margin_high=float(margin))
    return table, joint, matrix


def by_people(means: EstimatesData, t: Treatment) -> Array:
    """The difference in differences with each unit counting by its people in each period: (items,).

    The population means of the treated and of the other units, as `mean(by=[treated, period])` has them.
    """
    if means.population is None:
        return np.full(len(t.rows), np.nan)
    people = np.asarray(means.population, float)[t.rows]
    value = means.table["estimate"].to_numpy(float)[t.rows]
    counted = unit_weights(t) != 0
    level = {}
    for arm in (True, False):
        at = counted & (t.ways.treated == arm)
        level[arm] = (people[:, at] * value[:, at]).sum(axis=1) / people[:, at].sum(axis=1)
    gap = level[True] - level[False]
    return np.asarray(gap[:, 1] - gap[:, 0])
