"""The counts that everything stands on: cluster x group x answer -> sum of w, sum of w squared, n.

Answers take few values, so a million respondents become a small table in one pass of numpy's bincount over small
integer keys, without a copy of the data. Numbers that take many values (minutes) are counted by their moments
(1, y, y squared) on the same road.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.base.arguments import columns_exist
from survey.base.arrays import Array, rows_of, tallied
from survey.base.names import composed_categories, composed_value
from survey.codebook import Variable
from survey.codebook._data import CodebookData
from survey.design.coded_design import CodedDesign, Ints, composed, factorize
from survey.errors import EstimationError, shorten

__all__ = [
    "MAX_ANSWERS",
    "Cells",
    "Coded",
    "Grouping",
    "code_answers",
    "group_rows",
    "in_scale_order",
    "part_of",
]

MAX_ANSWERS = 64
"""A number with more distinct values than this is counted by its moments; results do not depend on it."""
_WIDEST = 126
_CHUNK = 1 << 15
"""Rows at a time, whose numbers (8 bytes) stay in the processor's cache."""


@dataclass(frozen=True, slots=True)
class Grouping:
    """Rows in groups.

    Parameters
    ----------
    code : int array (rows,)
        Group of each row, `len(labels)` for rows outside the domain or without a group.
    unit : int array (rows,)
        Unit in which each row is counted, as in `CodedDesign`.
    labels : DataFrame (groups, by)
    n_outside : int
        Rows of the domain, with a weight above 0, that have no group.
    partial : bool
        Whether some rows are in no group.
    notes : tuple of str
        What a reader must know of the domain.
    people : int array (rows,) or None
        As `CodedDesign.people`.
    """

    code: Ints
    unit: Ints
    labels: pd.DataFrame
    n_outside: int
    partial: bool = True
    notes: tuple[str, ...] = ()
    people: Ints | None = None
    _kept: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def place(self) -> Ints:
        """Unit and group of each row in one number, unit * (groups + 1) + group; kept for the next item."""
        if "place" not in self._kept:
            place = self.unit * (len(self) + 1)
            place += self.code
            self._kept["place"] = place
        return np.asarray(self._kept["place"])

    @property
    def sizes(self) -> Ints:
        """Rows of each group, rows outside them last: (groups + 1,); kept for the next item."""
        sizes: Ints = self.kept("sizes", lambda: tallied(self.code, self.people, len(self) + 1))
        return sizes

    def kept(self, name: str, make: Callable[[], Any]) -> Any:
        """What was made of all rows for one item, for the next."""
        if name not in self._kept:
            self._kept[name] = make()
        return self._kept[name]

    def forget(self) -> None:
        """Give up the memory that counting took."""
        self._kept.clear()


@dataclass(frozen=True, slots=True)
class Coded:
    """An item's answers as 0..k-1, with k where there is none; how many rows hold each, where they were counted."""

    code: NDArray[Any]
    answers: NDArray[Any]
    rows: NDArray[np.int64] | None = None


@dataclass(frozen=True, slots=True)
class Cells:
    """Counts of one item.

    Parameters
    ----------
    item : str
    groups : DataFrame (groups, by)
    answers : array (answers,) or None
        The answers in order; None where `sums` holds moments.
    sums : array (units, groups, answers or moments)
        Sum of w (times the moment) in each unit.
    squares : array (units, groups, answers), optional
        Where elements are the last stage and rows are counted by unit, sum of w squared.
    n : int array (units, groups), optional
        Rows with an answer, by unit; left out where only whether a unit has any matters.
    n_answers : int array (groups, answers), optional
        Rows that gave each answer, where rows are counted by unit.
    n_answered : int array (groups,), optional
        Rows with an answer, where they are counted by group alone.
    n_missing : int array (groups,)
        Rows of the group without an answer.
    margins : array (variables, groups, answers or moments), optional
        Of counts without rows whose weights were calibrated: sums of each calibration variable, step by step.
    """

    item: str
    groups: pd.DataFrame
    answers: NDArray[Any] | None
    sums: Array
    n: Ints | None
    n_missing: Ints
    squares: Array | None = None
    n_answers: Ints | None = None
    n_answered: Ints | None = None
    margins: Array | None = None

    def __add__(self, other: Cells) -> Cells:
        """Cells of two shards of the same sample, counted in the same units."""
        same = self.item == other.item and self.sums.shape == other.sums.shape and self.groups.equals(other.groups)
        if not same or not np.array_equal(_listed(self.answers), _listed(other.answers)):
            raise EstimationError(
                "Cells of different items, groups or answers cannot be added.",
                got=f"{self.item} {self.sums.shape} and {other.item} {other.sums.shape}",
                expected="the same item counted in the same units, groups and answers",
            )

        def plus(a: Any, b: Any) -> Any:
            return None if a is None or b is None else a + b

        return Cells(
            self.item,
            self.groups,
            self.answers,
            self.sums + other.sums,
            plus(self.n, other.n),
            self.n_missing + other.n_missing,
            plus(self.squares, other.squares),
            plus(self.n_answers, other.n_answers),
            plus(self.n_answered, other.n_answered),
            plus(self.margins, other.margins),
        )

    @property
    def totals(self) -> Array:
        """Sums over all units: (groups, answers or moments)."""
        return np.asarray(np.einsum("ugb->gb", self.sums))

    @property
    def n_groups(self) -> Ints:
        """Rows with an answer in each group: (groups,)."""
        if self.n_answered is not None:
            return self.n_answered
        return np.zeros(self.sums.shape[1], np.int64) if self.n is None else self.n.sum(axis=0)

    @property
    def members(self) -> NDArray[Any]:
        """Rows with an answer in each unit and group, or whether there are any: (units, groups)."""
        if self.n is not None:
            return self.n
        out = np.zeros(self.sums.shape[:2], bool)
        for answer in range(self.sums.shape[2]):  # `any` over a short last axis takes five times as long
            out |= self.sums[:, :, answer] != 0
        return out

    @property
    def table(self) -> pd.DataFrame:
        """Non-empty cells in long form: unit, <by...>, answer, w, n is counted by unit."""
        if self.answers is None:
            raise EstimationError("Cells of moments have no answers to list.", where=self.item)
        unit, group, answer = np.nonzero(self.sums)
        frame = pd.DataFrame({"unit": unit})
        for column in self.groups.columns:
            frame[column] = self.groups[column].to_numpy()[group]
        return frame.assign(answer=self.answers[answer], w=self.sums[unit, group, answer])


def _listed(answers: NDArray[Any] | None) -> NDArray[Any]:
    return np.empty(0) if answers is None else answers


def group_rows(
    frame: pd.DataFrame,
    by: Sequence[str],
    inside: NDArray[np.bool_] | None,
    structure: CodedDesign,
    codebook: CodebookData,
    argument: str = "by",
) -> Grouping:
    """Group the rows of a domain by columns; groups that no one is in are left out, rows without a group counted.

    Groups stand in the order of the numbers; of texts that the codebook lists, in its order; else in sorted order.

    Rows with a weight of 0 are outside every domain: they were drawn, so units count them, and stand for no one.

    Raises
    ------
    EstimationError
        If a column is not there, or the domain is empty.
    """
    columns_exist(by, frame.columns, "The data have no such grouping column.", EstimationError, where=argument)
    rows = structure.rows
    counted = structure.counted
    if inside is not None and not inside.any():
        raise EstimationError("The domain is empty.", where="where=", fix="check the condition")
    if counted is not None:
        inside = counted if inside is None else inside & counted
        if not inside.any():
            raise EstimationError(
                "No respondent in the domain has a positive weight.",
                where="where=",
                fix="check the condition and the weights",
            )
    if not by:
        labels = pd.DataFrame(index=pd.RangeIndex(1))
        code = np.zeros(rows, np.int64) if inside is None else np.where(inside, 0, 1)
        return Grouping(code, structure.unit, labels, 0, inside is not None, people=structure.people)
    code, labels = factorize([in_scale_order(frame[c], codebook.variables.get(composed_value(c))) for c in by])
    labels.columns = list(by)
    if inside is not None:
        used = np.zeros(len(labels) + 1, bool)
        used[code[inside]] = True  # -1 lands in the last slot
        renumber = np.full(len(labels) + 1, -1)
        renumber[np.flatnonzero(used[:-1])] = np.arange(used[:-1].sum())
        outside = _people(inside & (code < 0), structure)
        code = np.where(inside, renumber[code], -1)
        labels = labels.loc[used[:-1]].reset_index(drop=True)
    else:
        outside = _people(code < 0, structure)
    g = len(labels)
    if g == 0:
        raise EstimationError("No row of the domain belongs to a group.", where=f"{argument} = {shorten(by)}")
    code = np.where(code < 0, g, code) if outside or inside is not None else code
    return Grouping(code, structure.unit, labels, outside, people=structure.people)


def _people(rows: NDArray[np.bool_], structure: CodedDesign) -> int:
    """How many people some rows stand for."""
    return int(np.count_nonzero(rows) if structure.people is None else structure.people[rows].sum())


def in_scale_order(column: pd.Series, variable: Variable | None) -> pd.Series:
    """A column of text as categories in the codebook's order, others behind them; any other column as it is."""
    known = [] if variable is None else [composed_value(c) for c in variable.codes if isinstance(c, str)]
    if len(known) < 2 or pd.api.types.is_numeric_dtype(column.dtype):
        return column
    code, labels = composed(*pd.factorize(column.astype(object)))
    if not all(isinstance(label, str) for label in labels):
        return column
    order = [c for c in dict.fromkeys(known) if c in set(labels)]
    order += sorted(set(labels) - set(order))
    place = {label: i for i, label in enumerate(order)}
    renumber = np.array([*(place[label] for label in labels), -1])
    return pd.Series(pd.Categorical.from_codes(renumber[code], categories=order), index=column.index)


def part_of(grouping: Grouping, inside: NDArray[np.bool_], structure: CodedDesign) -> Grouping:
    """The same groups, with only some of the rows in them."""
    code = np.where(inside, grouping.code, len(grouping))
    return Grouping(
        code, structure.unit, grouping.labels, grouping.n_outside, notes=grouping.notes, people=structure.people
    )


def code_answers(column: pd.Series, variable: Variable | None, *, required: bool) -> Coded | None:
    """An item's answers as small codes; None for a number of many values, unless answers are `required`.

    Where they are not required, whole numbers may be listed that no one gave. Answers of the codebook come first in
    scale order, so that an option no one chose is still an option; others that occur are sorted in.
    """
    known = () if variable is None else variable.codes
    if isinstance(column.dtype, pd.CategoricalDtype):
        column = composed_categories(column)
    numeric = pd.api.types.is_numeric_dtype(column.dtype) or pd.api.types.is_bool_dtype(column.dtype)
    if isinstance(column.dtype, pd.CategoricalDtype):
        known = known or tuple(column.cat.categories)
        numeric = pd.api.types.is_numeric_dtype(column.cat.categories.dtype)
    if numeric:
        values = column.to_numpy(dtype=float, na_value=np.nan)
        coded = _code_small_integers(values, required=required)
        if coded is None and not required and _many_values(values):
            return None
        if coded is None:
            code, answers = pd.factorize(values, sort=True)
            coded = Coded(np.where(code < 0, len(answers), code), np.asarray(answers))
            if len(answers) > MAX_ANSWERS and not required:
                return None
        return _with_known(coded, known)
    code, answers = composed(*pd.factorize(column.astype(object), sort=not known))
    return _with_known(Coded(np.where(code < 0, len(answers), code), np.asarray(answers, dtype=object)), known)


def _code_small_integers(values: Array, *, required: bool) -> Coded | None:
    """Whole numbers of a short range as value - lowest, a chunk at a time so that passes stay in the processor's cache.

    fmin passes over NaN, so one fmin turns "missing" into the number after the highest; a cast that changes a number
    shows one that is not whole or does not fit.
    """
    highest = np.fmax.reduce(values, initial=-np.inf)
    if highest == -np.inf and np.isnan(values).all():
        return Coded(np.zeros(len(values), np.int8), np.empty(0))
    if not -_WIDEST < highest < _WIDEST:
        return None
    code = np.empty(len(values), np.int8)
    buffer = np.empty(min(_CHUNK, len(values)))
    for start in range(0, len(values), _CHUNK):
        part, out = code[start : start + _CHUNK], buffer[: len(values) - start]
        np.fmin(values[start : start + _CHUNK], highest + 1, out=out)
        with np.errstate(invalid="ignore"):
            np.copyto(part, out, casting="unsafe")
        if not np.array_equal(part, out):
            return None
    low = int(code.min())
    k = int(highest) - low + 1
    if k > MAX_ANSWERS:
        return None
    code -= np.int8(low)
    answers = low + np.arange(k, dtype=float)
    rows = rows_of(code, k)
    present = rows > 0
    if not required or present.all():
        return Coded(code, answers, rows)
    renumber = np.cumsum(np.r_[present, True]) - 1
    return Coded(renumber.astype(np.int8)[code], answers[present], rows[present])


def _with_known(coded: Coded, known: Sequence[Any]) -> Coded:
    """Put the codebook's answers in, in its order; answers it does not know follow in theirs."""
    if not known:
        return coded
    order = list(known)
    seen = [float(a) if isinstance(a, np.floating) else a for a in coded.answers]
    extra = [a for a in seen if a not in set(order)]
    numbers = all(isinstance(a, int | float) for a in order + extra)
    answers = sorted(order + extra) if numbers else order + extra
    if len(answers) == len(seen) and answers == seen:
        return coded
    place = {a: i for i, a in enumerate(answers)}
    renumber = np.array([place[a] for a in seen] + [len(answers)])
    out = np.empty(len(answers), dtype=float if numbers else object)
    out[:] = answers
    rows = None
    if coded.rows is not None:
        rows = np.zeros(len(answers), np.int64)
        rows[renumber[:-1]] = coded.rows
    return Coded(renumber.astype(np.int16 if len(answers) < 2**15 else np.int64)[coded.code], out, rows)


def _many_values(values: Array, look: int = 4096) -> bool:
    return len(np.unique(values[:: max(1, len(values) // look)])) > MAX_ANSWERS
