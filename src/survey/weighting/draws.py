"""How many units of a list were drawn, and with which probability: proportional to size, large ones for certain."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from survey.base.arrays import Array, weighted_count
from survey.base.codes import Ints
from survey.codebook.told import describe_values
from survey.errors import DesignError, shorten
from survey.weighting.frames import in_words, positive

__all__ = ["ROUNDING", "drawn_in", "proportional", "with_certainty"]

ROUNDING = 1e-9
"""A probability may pass 1 by this much: thirds and fifteenths do not add up exactly."""


def proportional(sizes: Array, group: Ints, drawn: Array) -> Array:
    """n * size / total of the group (units,)."""
    return drawn[group] * sizes / weighted_count(group, sizes, len(drawn))[group]


def with_certainty(sizes: Array, group: Ints, drawn: Array) -> Array:
    """The same, with units that are too large taken for certain, and the rest drawn from the rest, until all fit."""
    certain = np.zeros(len(sizes), dtype=bool)
    while True:
        left = drawn - np.bincount(group[certain], minlength=len(drawn))
        total = weighted_count(group, np.where(certain, 0.0, sizes), len(drawn))
        p = np.divide(left[group] * sizes, total[group], out=np.ones(len(sizes)), where=~certain)
        more = p > 1 + ROUNDING
        if not more.any():
            return p
        certain |= more


def drawn_in(frame: pd.DataFrame, n: float | str | Mapping[Any, float], group: Ints, labels: pd.DataFrame) -> Array:
    """How many units were drawn in each group (groups,)."""
    k = len(labels)
    if isinstance(n, str):
        column = positive(frame, n, "n")
        drawn = np.zeros(k)
        drawn[group] = column
        uneven = np.unique(group[column != drawn[group]])
        if len(uneven):
            raise DesignError(
                "The number drawn varies within a group.",
                where=f"frame, column {n!r}, {in_words(labels, uneven, group)}",
                expected="one number per group",
                fix="correct the column, or the columns of `within`",
            )
    elif isinstance(n, Mapping):
        shown = [row[0] if len(row) == 1 else tuple(row) for row in labels.to_numpy(dtype=object)]
        if labels.columns.empty or set(n) != set(shown):
            raise DesignError(
                "The groups of `n` differ from those of the frame.",
                where="n",
                got=shorten(n),
                expected=in_words(labels, code=group),
                fix="give a number for each group of `within`, or one number for all",
            )
        drawn = np.array([positive(labels[:1], n[key], f"n, {key}")[0] for key in shown])
    else:
        drawn = positive(labels, n, "n")
    listed = np.bincount(group, minlength=k)
    wrong = (drawn % 1 != 0) | (drawn > listed)
    if wrong.any():
        raise DesignError(
            "More units were drawn than are listed.",
            where=f"n, {in_words(labels, wrong, group)}",
            got=describe_values(drawn[wrong]),
            fix="correct n, or complete the list",
            expected=f"a whole number up to the units listed ({shorten(listed[wrong])})",
        )
    return drawn
