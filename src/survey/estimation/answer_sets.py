"""Which answers of an item a share counts: those named, or the highest and lowest ones of its scale."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from survey.base.arrays import Array
from survey.base.names import composed_value
from survey.base.text import written
from survey.codebook.ordered import NAMES, order_call
from survey.codebook.told import describe_values
from survey.core.columns import numeric
from survey.core.sample_data import SampleData
from survey.counting.cells import Coded
from survey.errors import EstimationError, shorten
from survey.estimation.items import column_of, known_scale
from survey.estimation.meant import meant_answers

__all__ = ["counted_answers", "has_order"]


def counted_answers(
    sample: SampleData, name: str, coded: Coded, asked: Mapping[str, Any]
) -> tuple[Array, tuple[Any, ...]]:
    """What each answer counts for (1, 0; for a net share also -1), and which answers are counted.

    `asked` is {"levels": ..., "top": ..., "bottom": ..., "net": ...}, exactly one of them not None.
    """
    given = [k for k, v in asked.items() if v is not None]
    if len(given) != 1 or (asked["levels"] is not None and len(asked["levels"]) == 0):
        raise EstimationError(
            "Give exactly one of levels, top, bottom, net.",
            where=name,
            got=shorten(given) or "nothing",
            expected=f"one of {shorten(asked)}",
            fix="name the answers to count, such as levels=[4, 5] or top=2",
        )
    answers, kind = coded.answers, given[0]
    if kind == "levels":
        levels = [composed_value(v) for v in ([asked[kind]] if isinstance(asked[kind], str) else asked[kind])]
        there = [composed_value(a) for a in answers]
        absent = [v for v in levels if not isinstance(v, Hashable) or v not in there]
        if absent:
            raise EstimationError(
                "An answer is not on the item's scale.",
                where=name,
                got=shorten(map(repr, absent)),
                expected=shorten(map(written, answers))
                if answers.dtype != object
                else describe_values(answers, sample.codebook.variables.get(name), column=column_of(sample, name)),
                fix=meant_answers(column_of(sample, name), sample.codebook.variables.get(name), absent, answers),
            )
        hit = np.array([a in levels for a in there], dtype=float)
        return hit, tuple(answers[hit > 0])
    call = order_call(sample.codebook.variables.get(name))
    if not call:  # else that its type is nominal says more than that codes between its ends have no label
        known_scale(sample, name, coded)
    if not has_order(sample, name):
        said = describe_values(answers, sample.codebook.variables.get(name), column=column_of(sample, name))
        raise EstimationError(
            "An item's answers have no order, so none is the highest or lowest.",
            where=name,
            got=f"{kind}={asked[kind]}; answers {said}",
            expected="an ordinal item of the codebook, numbers, or an ordered category",
            fix="name the answers with levels=, or put them in order with "
            f"{call or 'set_scale(...)'} before sv.Sample(...)",
        )
    count = asked[kind]
    if not isinstance(count, int | np.integer) or isinstance(count, bool):
        raise EstimationError(
            "The number of answers must be a whole number.",
            where=name,
            got=f"{kind}={count!r}"[:60],
            expected=f"a number from 1 to {len(answers) - 1}",
            fix=f"write it without quotes: {kind}={count}" if isinstance(count, str) and count.isdecimal() else None,
        )
    if not 0 < count < len(answers):
        raise EstimationError(
            "The number of answers exceeds the length of the scale.",
            where=name,
            got=f"{kind}={count}",
            expected=f"a number from 1 to {len(answers) - 1}",
        )
    if kind == "net" and 2 * count > len(answers):
        raise EstimationError(
            "The two sides of a net share overlap.",
            where=name,
            got=f"net={count} of {len(answers)} answers",
            expected=f"a number from 1 to {len(answers) // 2}",
        )
    position = np.arange(len(answers))
    high, low = position >= len(answers) - count, position < count
    hit = {"top": 1.0 * high, "bottom": 1.0 * low, "net": 1.0 * high - 1.0 * low}[kind]
    return hit, tuple(answers[hit != 0])


def has_order(sample: SampleData, name: str) -> bool:
    """Whether the answers to an item have an order: by the codebook, as numbers, or as an ordered category."""
    variable, dtype = sample.codebook.variables.get(name), column_of(sample, name).dtype
    if variable is not None and (variable.type in NAMES or variable.codes):
        return variable.type not in NAMES
    if isinstance(dtype, pd.CategoricalDtype):
        return bool(dtype.ordered) or pd.api.types.is_numeric_dtype(dtype.categories.dtype)
    return pd.api.types.is_bool_dtype(dtype) or numeric(sample.data[name]) is not None
