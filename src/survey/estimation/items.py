"""From a column of a sample to its counts: what an item is, and how it is counted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.base.arguments import listed
from survey.base.arrays import Array, weighted_count
from survey.base.expressions import Where, mask
from survey.base.names import columns_named
from survey.base.text import counted
from survey.codebook._missing_codes import refuse_codes_in, refuse_codes_of
from survey.codebook.ordered import refuse_names
from survey.codebook.told import describe_values
from survey.core.estimates_data import RESULT_COLUMNS
from survey.core.result import refuse_reserved
from survey.core.sample_data import SampleData, answers_in
from survey.core.unheld import refuse_empty, unheld
from survey.counting.cells import Cells, Coded, Grouping, code_answers, group_rows
from survey.counting.memory import ItemRows, count_answers, in_threads
from survey.counting.paired import PairCells, cells_of_answers, cells_of_moments
from survey.counting.pairs import pairs_of
from survey.design.coded_design import numbers
from survey.errors import EstimationError, shorten
from survey.estimation.estimators import TOTAL, Estimator, total_about
from survey.estimation.fitting import groups_exist, item_exists
from survey.estimation.held_answers import counts_kept, keep_counts
from survey.estimation.inferred import where_notes
from survey.estimation.item_types import not_numeric, refuse_other_type
from survey.estimation.linearized_item import LinearizedItem, PairedItem

__all__ = [
    "Names",
    "answers_of",
    "column_of",
    "count_item",
    "count_pairs",
    "domain",
    "domain_of",
    "each_item",
    "group_by",
    "group_means",
    "grouping_of",
    "item_names",
    "known_scale",
    "linearized_numbers",
    "number_counter",
    "numbers_of",
    "pivoted",
    "prepare",
    "refuse_infinite",
    "refuse_nested",
]

Names = str | Sequence[str]
Result = TypeVar("Result")

RESERVED = ("item", "with", "answer", "quantile", *RESULT_COLUMNS, "n", "n_eff", "deff")
"""Columns of results that a group may not be called after."""


def item_names(value: Names | None, sample: SampleData | None = None) -> list[str]:
    """Names as a list; of a sample's columns, spelled as these are (the other Unicode form is the same name)."""
    if value is None:
        return []
    names = listed(value)
    if not names:
        raise EstimationError(
            "There is nothing to estimate.",
            where="items",
            got="no name",
            expected="at least one item",
            fix="name a column of the data",
        )
    return names if sample is None else columns_named(names, answers_in(sample).columns)


def domain(sample: SampleData, where: Where) -> NDArray[np.bool_] | None:
    """Which rows are in a domain; None for all. A condition does not take declared missing codes for answers."""
    if where is None:
        return None
    refuse_codes_in(answers_in(sample), sample.codebook, where)
    inside = mask(where, sample.data)
    if not inside.any() and (absent := unheld(sample, where)):
        refuse_empty(absent)
    return inside


def grouping_of(sample: SampleData, by: Names | None, where: Where) -> Grouping:
    refuse_nested(by)
    inside = domain_of(sample, where)
    groups = item_names(by, sample)
    return group_by(sample, groups, inside)


def refuse_nested(by: Any) -> None:
    """Raise for lists inside `by=`: they ask for breakdowns side by side."""
    if isinstance(by, list | tuple) and any(isinstance(name, list | tuple) for name in by):
        entries = [list(n) if isinstance(n, list | tuple) else [n] for n in by]
        over = [e[0] if len(e) == 1 else e for e in entries]
        raise EstimationError(
            "by= crosses variables, and takes their names alone.",
            where="by=",
            got=shorten(map(repr, by)),
            expected="names of columns",
            fix=f"use over={over!r} for breakdowns side by side (mean, total, proportion, distribution, ratio and "
            "select_all take it)",
        )


def domain_of(sample: SampleData, where: Where) -> tuple[NDArray[np.bool_] | None, tuple[str, ...]]:
    """Which rows are in a domain, as `domain`, and what a reader must know of it."""
    inside = domain(sample, where)
    return inside, (*(one.note for one in unheld(sample, where)), *where_notes(sample, where, inside))


def group_by(
    sample: SampleData,
    groups: list[str],
    within: tuple[NDArray[np.bool_] | None, tuple[str, ...]],
    argument: str = "by",
) -> Grouping:
    """The rows of a domain in groups; `argument` is what named the groups, for errors."""
    for name in groups:
        if name in answers_in(sample).columns and pd.api.types.is_float_dtype(answers_in(sample)[name].dtype):
            refuse_infinite(name, answers_in(sample)[name].to_numpy(float, na_value=np.nan), "A group")
    if argument == "by":
        refuse_reserved(groups, RESERVED)
    groups_exist(sample, groups, argument)
    refuse_codes_of(answers_in(sample), sample.codebook, groups, argument)
    inside, notes = within
    found = group_rows(answers_in(sample), groups, inside, sample.structure, sample.codebook, argument)
    for name in found.labels.columns:
        refuse_infinite(str(name), found.labels[name].to_numpy(object), "A group")
    return replace(found, notes=notes)


def column_of(sample: SampleData, name: str, *, numeric: bool = False) -> pd.Series:
    if isinstance(name, str) and name == "one" and name not in answers_in(sample).columns:
        return pd.Series(np.ones(len(answers_in(sample))), index=answers_in(sample).index, name="one")
    refuse_set(sample, name)
    item_exists(sample, name, numeric=numeric)
    return answers_in(sample)[name]


def refuse_set(sample: SampleData, name: str) -> None:
    """Raise if a name is that of a select-all question, whose answers stand in several columns."""
    if name in sample.codebook.sets:
        raise EstimationError(
            "An item is a select-all question: each option is a share of its own.",
            where=str(name),
            got=f"a set of {counted(len(sample.codebook.sets[name].variables), 'column')}",
            expected="one column",
            fix=f"call sample.select_all({name!r}); options_chosen({name!r}) is the mean number of options",
        )


def numbers_of(sample: SampleData, name: str) -> Array:
    column = column_of(sample, name, numeric=True)
    try:
        values = numbers(column)
    except (TypeError, ValueError):
        raise not_numeric(name, column, sample.codebook.variables.get(name)) from None
    _refuse_missing_codes(name, np.unique(values[np.isin(values, missing_codes_of(sample, name))]))
    refuse_names(sample.codebook.variables.get(name), column, name)
    refuse_infinite(name, values)
    return values


_LARGEST = 1e50


def refuse_infinite(name: str, values: Any, what: str = "An item") -> None:
    """Raise if there are infinite numbers, among answers of any kind: they are no answers (division by zero, often)."""
    numbers_only = [v for v in values if isinstance(v, float)] if values.dtype == object else values
    large = np.abs(np.asarray(numbers_only, dtype=float)) > _LARGEST
    if large.any():
        kind = (
            "infinite numbers" if np.isinf(np.asarray(numbers_only, dtype=float)[large]).any() else "numbers too large"
        )
        raise EstimationError(
            f"{what} holds {kind}.",
            where=name,
            got=counted(int(large.sum()), "value"),
            expected=f"numbers of at most {_LARGEST:g}, whose squares can be summed",
            fix="recode them as missing",
        )


def missing_codes_of(sample: SampleData, name: str) -> list[float]:
    variable = sample.codebook.variables.get(name)
    return [] if variable is None else [c for c in variable.missing if isinstance(c, int | float)]


def _refuse_missing_codes(name: str, found: Any) -> None:
    if len(found):
        raise EstimationError(
            "An item still contains codes that the codebook declares missing.",
            where=name,
            got=shorten(found),
            fix="call recode_missing() before sv.Sample(...)",
        )


def answers_of(sample: SampleData, name: str) -> Coded:
    variable = sample.codebook.variables.get(name)
    try:
        coded = code_answers(column_of(sample, name), variable, required=True)
    except TypeError:
        raise EstimationError(
            "An item contains values that are not single answers.",
            where=name,
            expected="numbers or text in each cell",
            fix="split the answers into one column each (a list in a cell is several answers)",
        ) from None
    if coded is None or len(coded.answers) == 0:
        raise EstimationError("An item has no answers.", where=name, fix="leave it out")
    if variable is not None:
        _refuse_missing_codes(name, [a for a in coded.answers if a in variable.missing])
        refuse_other_type(name, coded.answers, variable)
    refuse_infinite(name, coded.answers)
    if coded.rows is not None:
        keep_counts(sample.responses, name, coded)
    return coded


def each_item(
    sample: SampleData, grouping: Grouping, work: Callable[[str], Result], names: Sequence[str]
) -> list[Result]:
    """Results of `work` on each item, in threads where there are many rows."""
    prepare(sample, grouping)
    counts_kept(sample.responses)
    return in_threads(work, names, sample.structure.rows)


def prepare(sample: SampleData, grouping: Grouping) -> None:
    """Make what all items share once, before threads ask for it."""
    if pairs_of(sample.structure, grouping) is None:
        grouping.place  # noqa: B018
    else:
        grouping.sizes  # noqa: B018


def count_item(sample: SampleData, name: str, grouping: Grouping, coded: Coded) -> Cells:
    return count_answers(name, sample.structure, grouping, coded, n_by_unit=False)


def count_pairs(sample: SampleData, name: str, grouping: Grouping, coded: Coded) -> Cells | PairCells:
    """As `count_item`, by the pairs of unit and group that hold anyone where these are few of very many."""
    return cells_of_answers(name, sample.structure, grouping, coded)


def linearized_numbers(sample: SampleData, name: str, grouping: Grouping, estimator: Estimator) -> LinearizedItem:
    """A mean or total, by counting answers where there are few and moments where there are many; in whole tables."""
    piece = number_counter(sample, name, estimator)(grouping)
    return piece.part() if isinstance(piece, PairedItem) else piece


def number_counter(sample: SampleData, name: str, estimator: Estimator) -> Callable[[Grouping], LinearizedItem]:
    """What counts a mean or total in any groups; the answers are looked at once."""
    column = column_of(sample, name, numeric=True)
    coded = value = None
    if pd.api.types.is_numeric_dtype(column.dtype) or pd.api.types.is_bool_dtype(column.dtype):
        coded = code_answers(column, None, required=False)
        if coded is not None and coded.rows is not None:
            keep_counts(sample.responses, name, coded)
        if coded is not None and len(coded.answers) > 0:
            value = np.asarray(coded.answers, dtype=float)
    numbers_kept: list[Array] = []

    def count(grouping: Grouping) -> LinearizedItem:
        if coded is not None and value is not None and _affordable(sample, grouping, coded):
            variable = sample.codebook.variables.get(name)
            if variable is not None:
                given = coded.answers if coded.rows is None else coded.answers[coded.rows > 0]
                _refuse_missing_codes(name, [a for a in given if a in variable.missing])
                refuse_names(variable, column, name)
            refuse_infinite(name, value)
            if _near(value):
                return pivoted(estimator, value, count_pairs(sample, name, grouping, coded), ItemRows(grouping, coded))
        if not numbers_kept:
            numbers_kept.append(numbers_of(sample, name))
        return _by_moments(sample, name, grouping, estimator, numbers_kept[0])

    return count


def _by_moments(sample: SampleData, name: str, grouping: Grouping, estimator: Estimator, y: Array) -> LinearizedItem:
    pivot = group_means(y, grouping)
    y = y - pivot[grouping.code]
    moments = (np.where(np.isnan(y), np.nan, 1.0), y, y * y)
    counts = cells_of_moments(name, sample.structure, grouping, moments)
    about = total_about(pivot[:-1]) if estimator is TOTAL else estimator
    piece = LinearizedItem.of(about, counts, ItemRows(grouping, None, moments))
    if estimator is not TOTAL:
        piece.estimate[...] += pivot[:-1, None]
    return piece


def _near(value: Array) -> bool:
    """Whether answers lie near each other beside their least distance, so that one pivot does for all groups."""
    gaps = np.diff(np.sort(value))
    return len(value) < 2 or bool(value.max() - value.min() <= 1e3 * gaps[gaps > 0].min(initial=np.inf))


def pivoted(estimator: Estimator, value: Array, counts: Cells | PairCells, rows: ItemRows | None) -> LinearizedItem:
    """A mean or total of few values, counted from among them where they are far from 0: their squares keep digits."""
    middle = (value.min() + value.max()) / 2
    pivot = float(middle) if abs(middle) > 2 * (value.max() - value.min()) else 0.0
    value = value - pivot
    features = np.stack([np.ones(len(value)), value, value * value], axis=1)
    about = total_about(np.array([pivot])) if estimator is TOTAL and pivot else estimator
    piece = LinearizedItem.of(about, counts, rows, features)
    if estimator is not TOTAL:
        piece.estimate[...] += pivot
    return piece


def group_means(y: Array, grouping: Grouping) -> Array:
    """Plain mean of y in each group, and a 0 for who is in none: (groups + 1,); 0 where no one answered.

    Moments around it keep their digits, however far from 0 and from each other groups are.
    """
    groups = len(grouping)
    valid = np.flatnonzero((grouping.code < groups) & ~np.isnan(y))
    code = grouping.code[valid]
    n = np.bincount(code, minlength=groups + 1)
    return np.where(n > 0, weighted_count(code, y[valid], groups + 1) / np.maximum(n, 1), 0.0)


def _affordable(sample: SampleData, grouping: Grouping, coded: Coded) -> bool:
    pairs = pairs_of(sample.structure, grouping)
    places = sample.structure.units * (len(grouping) + 1) if pairs is None else len(pairs)
    return places * (len(coded.answers) + 1) <= max(4 * sample.structure.rows, 100_000)


def known_scale(sample: SampleData, name: str, coded: Coded) -> tuple[Any, ...]:
    """The codebook's codes of an item, empty if it has none; answers outside them are an error here."""
    codes = sample.codebook[name].codes if name in sample.codebook else ()
    outside = [a for a in coded.answers if a not in codes]
    if codes and outside:
        raise EstimationError(
            "An item has answers outside its scale, so its ends are unknown.",
            where=name,
            got=describe_values(
                outside, sample.codebook.variables.get(name), column=column_of(sample, name), like=codes
            ),
            expected=shorten(codes),
            fix="complete the scale with set_scale(...) or the codebook, or declare what is no answer missing",
        )
    return codes
