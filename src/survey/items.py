"""From a column of a sample to its counts: what an item is, and how it is counted."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from survey._expressions import Where, mask
from survey._linalg import Array
from survey.cells import Cells, Coded, Grouping, code_answers, count_answers, count_moments, group_rows
from survey.errors import EstimationError, some
from survey.estimates import RESULT_COLUMNS
from survey.functionals import MEAN, TOTAL, Functional
from survey.linearize import Piece
from survey.structure import numbers

if TYPE_CHECKING:
    from survey.sample import Sample

__all__ = [
    "Names",
    "answers_of",
    "column_of",
    "count_item",
    "counted_answers",
    "grouping_of",
    "item_names",
    "known_scale",
    "number_piece",
    "numbers_of",
    "scaled_piece",
]

Names = str | Sequence[str]

RESERVED = ("item", "with", "answer", "quantile", *RESULT_COLUMNS, "n", "n_eff", "deff")
"""Columns of results that a group may not be called after."""


def item_names(value: Names | None) -> list[str]:
    if value is None:
        return []
    names = [value] if isinstance(value, str) else list(value)
    if not names:
        raise EstimationError("There is nothing to estimate.", expected="at least one item")
    return names


def grouping_of(sample: Sample, by: Names | None, where: Where) -> Grouping:
    inside = None if where is None else mask(where, sample.data)
    groups = item_names(by)
    for name in groups:
        if name in sample.data.columns and pd.api.types.is_float_dtype(sample.data[name].dtype):
            refuse_infinite(name, sample.data[name].to_numpy(float, na_value=np.nan), "A group")
    taken = [name for name in groups if name in RESERVED or groups.count(name) > 1]
    if taken:
        raise EstimationError(
            "Groups cannot be told from the other columns of the result.",
            where="by=", got=some(dict.fromkeys(taken)),
            expected=f"each column once, and none called {some(RESERVED, 20)}", fix="rename the column",
        )  # fmt: skip
    found = group_rows(sample.data, groups, inside, sample.structure)
    for name in found.labels.columns:
        refuse_infinite(str(name), found.labels[name].to_numpy(object), "A group")
    return found


def column_of(sample: Sample, name: str) -> pd.Series:
    if not isinstance(name, Hashable) or name not in sample.data.columns:
        if isinstance(name, str) and name == "one":
            return pd.Series(np.ones(len(sample.data)), index=sample.data.index, name="one")
        raise EstimationError(
            "The data have no such item.", got=name, expected=some(sample.data.columns, 20), fix="correct the name"
        )
    return sample.data[name]


def numbers_of(sample: Sample, name: str) -> Array:
    column = column_of(sample, name)
    try:
        values = numbers(column)
    except (TypeError, ValueError):
        raise EstimationError(
            "An item holds no numbers.", where=name, got=some(column.dropna().unique(), 4),
            expected="numbers", fix="recode it, or use distribution or proportion(levels=...)",
        ) from None  # fmt: skip
    _refuse_missing_codes(sample, name, np.unique(values[np.isin(values, missing_codes_of(sample, name))]))
    refuse_infinite(name, values)
    return values


def refuse_infinite(name: str, values: Any, what: str = "An item") -> None:
    """Raise if there are infinite numbers, among answers of any kind: they are no answers (division by zero, often)."""
    numbers_only = [v for v in values if isinstance(v, float)] if values.dtype == object else values
    if np.isinf(np.asarray(numbers_only, dtype=float)).any():
        raise EstimationError(f"{what} holds infinite numbers.", where=name, fix="recode them as missing")


def missing_codes_of(sample: Sample, name: str) -> list[float]:
    variable = sample.codebook.variables.get(name)
    return [] if variable is None else [c for c in variable.missing if isinstance(c, int | float)]


def _refuse_missing_codes(sample: Sample, name: str, found: Any) -> None:
    if len(found):
        raise EstimationError(
            "An item still holds codes that the codebook declares missing.",
            where=name, got=some(found), fix="call recode_missing() before sv.Sample(...)",
        )  # fmt: skip


def answers_of(sample: Sample, name: str) -> Coded:
    variable = sample.codebook.variables.get(name)
    try:
        coded = code_answers(column_of(sample, name), variable, required=True)
    except TypeError:
        raise EstimationError(
            "An item holds something that is no single answer.", where=name, expected="numbers or text in each cell",
            fix="make a column of each answer (lists in a cell are several answers)",
        ) from None  # fmt: skip
    if coded is None or len(coded.answers) == 0:
        raise EstimationError("An item has no answers at all.", where=name, fix="leave it out")
    if variable is not None:
        _refuse_missing_codes(sample, name, [a for a in coded.answers if a in variable.missing])
    refuse_infinite(name, coded.answers)
    return coded


def count_item(sample: Sample, name: str, grouping: Grouping, coded: Coded) -> Cells:
    return count_answers(name, sample.structure, grouping, coded, n_by_unit=False)


def number_piece(sample: Sample, name: str, grouping: Grouping, functional: Functional) -> Piece:
    """A mean or total, by counting answers where there are few and moments where there are many."""
    column = column_of(sample, name)
    if pd.api.types.is_numeric_dtype(column.dtype) or pd.api.types.is_bool_dtype(column.dtype):
        coded = code_answers(column, None, required=False)
        small = coded is not None and len(coded.answers) > 0 and _affordable(sample, grouping, coded)
        if coded is not None and small:
            variable = sample.codebook.variables.get(name)
            if variable is not None:
                _refuse_missing_codes(sample, name, [a for a in coded.answers if a in variable.missing])
            value = np.asarray(coded.answers, dtype=float)
            refuse_infinite(name, value)
            features = np.stack([np.ones(len(value)), value, value * value], axis=1)
            return Piece.of(functional, count_item(sample, name, grouping, coded), grouping, coded, features=features)
    y = numbers_of(sample, name)
    # moments around a pivot keep their digits; a total is not free to move its origin
    pivot = 0.0 if functional is TOTAL or np.isnan(y).all() else float(np.nanmean(y))
    y = y - pivot
    moments = (np.where(np.isnan(y), np.nan, 1.0), y, y * y)
    counts = count_moments(name, sample.structure, grouping, moments, functional.squared)
    piece = Piece.of(functional, counts, grouping, None, moments)
    piece.estimate[...] += pivot
    return piece


def _affordable(sample: Sample, grouping: Grouping, coded: Coded) -> bool:
    size = sample.structure.units * (len(grouping) + 1) * (len(coded.answers) + 1)
    return size <= max(4 * sample.structure.rows, 100_000)


def counted_answers(sample: Sample, name: str, coded: Coded, asked: Mapping[str, Any]) -> tuple[Array, tuple[Any, ...]]:
    """What each answer counts for (1, 0; for a net share also -1), and which answers are counted.

    `asked` is {"levels": ..., "top": ..., "bottom": ..., "net": ...}, exactly one of them not None.
    """
    given = [k for k, v in asked.items() if v is not None]
    if len(given) != 1 or (asked["levels"] is not None and len(asked["levels"]) == 0):
        raise EstimationError(
            "Which answers count?", where=name, got=some(given) or "nothing", expected=f"one of {some(asked)}"
        )
    answers, kind = coded.answers, given[0]
    if kind == "levels":
        levels = [asked[kind]] if isinstance(asked[kind], str) else list(asked[kind])
        absent = [v for v in levels if not isinstance(v, Hashable) or v not in list(answers)]
        if absent:
            raise EstimationError(
                "An answer is not on the item's scale.", where=name, got=some(absent), expected=some(answers)
            )
        hit = np.array([a in levels for a in answers], dtype=float)
        return hit, tuple(answers[hit > 0])
    codes = known_scale(sample, name, coded)
    dtype = column_of(sample, name).dtype
    nominal = name in sample.codebook and sample.codebook[name].type == "nominal"
    if nominal or (answers.dtype == object and not codes and not getattr(dtype, "ordered", False)):
        raise EstimationError(
            "An item's answers have no order, so none is the highest or lowest.",
            where=name, got=f"{kind}={asked[kind]}; answers {some(answers)}",
            expected="an ordinal item of the codebook, numbers, or an ordered category",
            fix="name the answers with levels=",
        )  # fmt: skip
    count = asked[kind]
    if not isinstance(count, int | np.integer) or isinstance(count, bool) or not 0 < count < len(answers):
        raise EstimationError(
            "More answers are asked for than the scale leaves.",
            where=name, got=f"{kind}={count}", expected=f"a number from 1 to {len(answers) - 1}",
        )  # fmt: skip
    if kind == "net" and 2 * count > len(answers):
        raise EstimationError(
            "The two sides of a net share overlap.", where=name, got=f"net={count} of {len(answers)} answers",
            expected=f"a number from 1 to {len(answers) // 2}",
        )  # fmt: skip
    position = np.arange(len(answers))
    high, low = position >= len(answers) - count, position < count
    hit = {"top": 1.0 * high, "bottom": 1.0 * low, "net": 1.0 * high - 1.0 * low}[kind]
    return hit, tuple(answers[hit != 0])


def known_scale(sample: Sample, name: str, coded: Coded) -> tuple[Any, ...]:
    """The codebook's codes of an item, empty if it has none; answers outside them are an error here."""
    codes = sample.codebook[name].codes if name in sample.codebook else ()
    outside = [a for a in coded.answers if a not in codes]
    if codes and outside:
        raise EstimationError(
            "An item has answers outside its scale, so its ends are not known.",
            where=name, got=some(outside), expected=some(codes), fix="recode or drop these answers (see check())",
        )  # fmt: skip
    return codes


def scaled_piece(sample: Sample, name: str, grouping: Grouping, ends: tuple[float, float]) -> Piece:
    """A mean with the item's scale stretched to `ends`: 1-5 onto 0-100."""
    try:
        bottom, top = (float(end) for end in ends)
    except (TypeError, ValueError):
        bottom = top = np.nan
    if not np.isfinite([bottom, top]).all() or bottom == top:
        raise EstimationError("A scale is stretched to two ends.", got=ends, expected="such as rescale=(0, 100)")
    coded = answers_of(sample, name)
    codes = known_scale(sample, name, coded)
    if len(codes) < 2 or not all(isinstance(c, int | float) for c in codes):
        raise EstimationError(
            "The ends of an item's scale are not known.", where=name, got=some(codes) or "no codes",
            expected="a codebook with its codes", fix="give the codebook, or rescale the column yourself",
        )  # fmt: skip
    low, high = min(codes), max(codes)
    value = bottom + (np.asarray(coded.answers, float) - low) / (high - low) * (top - bottom)
    features = np.stack([np.ones(len(value)), value, value * value], axis=1)
    return Piece.of(MEAN, count_item(sample, name, grouping, coded), grouping, coded, features=features)
