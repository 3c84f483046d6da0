"""One question to a source: its groups and counters, and the pass over batches that answers it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, replace
from operator import add
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.base.arrays import Array
from survey.base.codes import Ints, factorize
from survey.codebook import Codebook, Variable
from survey.counting.cells import Cells, Coded, Grouping, code_answers, count_moments, in_scale_order
from survey.counting.engine import Batch, Layout, count_batch
from survey.design.coded_design import CodedDesign
from survey.errors import EstimationError
from survey.responses import Responses

__all__ = ["KINDS", "Answers", "Counter", "Groups", "Moments", "Rows", "kept", "summed", "windowed"]

T = TypeVar("T")
U = TypeVar("U")
KINDS = 6
"""Reasons of an empty cell: the five kinds of the codebook, and none recorded."""


@dataclass(frozen=True)
class Rows:
    """A batch, with the unit and group of each row; rows outside the domain are in group `groups`."""

    responses: Responses
    structure: CodedDesign
    grouping: Grouping


class Counter:
    """What one item is counted into, batch by batch."""

    def cells(self, rows: Rows) -> Cells:
        raise NotImplementedError

    def size(self, units: int, groups: int) -> int:
        """Bytes of one table of cells."""
        raise NotImplementedError


@dataclass(frozen=True)
class Answers(Counter):
    """An item by its answers; with `kinds` also by why there is none."""

    item: str
    answers: NDArray[Any]
    variable: Variable | None
    squares: bool
    kinds: bool

    @property
    def slots(self) -> int:
        return len(self.answers) + (KINDS if self.kinds else 0)

    def size(self, units: int, groups: int) -> int:
        return units * (groups + 1) * (self.slots + 1) * 8 * (2 if self.squares else 1)

    def cells(self, rows: Rows) -> Cells:
        column, grouping, k = rows.responses.data[self.item], rows.grouping, len(self.answers)
        code = recoded(column, self.answers, self.item)
        if self.kinds:
            kind = rows.responses.missing[self.item].to_numpy().astype(np.int64)
            code = np.where(code < k, code, k + np.where(kind > 0, kind - 1, KINDS - 1))
        layout = Layout(self.item, grouping.labels, np.arange(self.slots), rows.structure.units, False, self.squares)
        batch = Batch(rows.structure.weights, grouping.place, grouping.code, {self.item: code}, grouping.sizes)
        cells = count_batch(layout, batch)
        if not self.kinds:
            return cells
        missing = np.bincount(grouping.code[code >= k], minlength=len(grouping) + 1)[: len(grouping)]
        return replace(cells, n_missing=missing, n_answered=grouping.sizes[: len(grouping)] - missing)

    def answered(self, cells: Cells) -> Cells:
        """The cells of those who answered."""
        k = len(self.answers)
        squares = None if cells.squares is None else cells.squares[:, :, :k]
        return replace(cells, answers=self.answers, sums=cells.sums[:, :, :k], squares=squares)


@dataclass(frozen=True)
class Moments(Counter):
    """An item of numbers by sums of what is made from its columns."""

    item: str
    make: Callable[[Rows], tuple[Array, ...]]
    width: int

    def size(self, units: int, groups: int) -> int:
        return units * (groups + 1) * (self.width + 1) * 8

    def cells(self, rows: Rows) -> Cells:
        return count_moments(self.item, rows.structure, rows.grouping, self.make(rows))


def recoded(column: pd.Series, answers: NDArray[Any], item: str) -> Ints:
    """Answers of a batch as places in a list, `len(answers)` where there is none: (rows,)."""
    coded = code_answers(column, None, required=True) or Coded(np.zeros(len(column), np.int8), np.empty(0))
    place = {value: i for i, value in enumerate(answers.tolist())}
    try:
        look = np.array([*(place[value] for value in coded.answers.tolist()), len(answers)])
    except KeyError:
        raise EstimationError(
            "The source changed while it was read: it holds answers that it did not hold before.",
            where=item,
            fix="scan it again",
        ) from None
    code: Ints = look[coded.code]
    return code


@dataclass(frozen=True)
class Groups:
    """Groups by the values of columns, all combinations of them.

    Parameters
    ----------
    columns : dict of name to array
        The values of each, in order.
    labels : DataFrame (groups, by)
    """

    columns: dict[str, NDArray[Any]]
    labels: pd.DataFrame

    @classmethod
    def of(cls, values: dict[str, pd.Series], codebook: Codebook) -> Groups:
        ordered = {}
        for name, held in values.items():
            _, labels = factorize([in_scale_order(held, codebook.variables.get(name))])
            ordered[name] = labels.iloc[:, 0]
        if not ordered:
            return cls({}, pd.DataFrame(index=pd.RangeIndex(1)))
        at = np.indices([len(v) for v in ordered.values()]).reshape(len(ordered), -1)
        labels = pd.DataFrame({n: v.iloc[i].array for (n, v), i in zip(ordered.items(), at, strict=True)})
        return cls({n: v.to_numpy(object) for n, v in ordered.items()}, labels)

    def __len__(self) -> int:
        return len(self.labels)

    def code(self, frame: pd.DataFrame) -> Ints:
        """The group of each row, `groups` where a value is missing: (rows,)."""
        code = np.zeros(len(frame), np.int64)
        outside = np.zeros(len(frame), bool)
        for name, values in self.columns.items():
            part = recoded(frame[name], values, name)
            outside |= part == len(values)
            code = code * len(values) + part
        return np.where(outside, len(self), code)


def windowed(work: Callable[[T], U], things: Iterable[T], threads: int) -> Iterator[U]:
    """Results in order, a few at a time: no more things are asked for than threads work on."""
    if threads < 2:
        yield from map(work, things)
        return
    with ThreadPoolExecutor(threads, "survey-scanning") as pool:
        waiting: deque[Future[U]] = deque()
        try:
            for thing in things:
                waiting.append(pool.submit(copy_context().run, work, thing))
                if len(waiting) > threads:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            pool.shutdown(cancel_futures=True)


def summed(parts: Iterator[tuple[list[Cells], Ints]]) -> tuple[list[Cells], Ints]:
    """Cells and rows by group of all batches, added in their order."""
    total, sizes = next(parts)
    for cells, n in parts:
        total, sizes = list(map(add, total, cells)), sizes + n
    return total, sizes


def kept(cells: Cells, keep: NDArray[np.bool_], labels: pd.DataFrame) -> Cells:
    """The cells of some groups."""

    def some(part: Any, axis: int) -> Any:
        return None if part is None else np.compress(keep, part, axis=axis)

    return Cells(
        cells.item,
        labels,
        cells.answers,
        some(cells.sums, 1),
        some(cells.n, 1),
        some(cells.n_missing, 0),
        some(cells.squares, 1),
        some(cells.n_answers, 0),
        some(cells.n_answered, 0),
    )
