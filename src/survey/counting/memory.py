"""Rows in memory as a source: cut into batches, counted in threads, and asked again where counts are not enough.

numpy's bincount lets go of Python's lock, so threads count at the same time. Cuts depend on the data alone and are
added in their order; results are the same to the last bit whatever the number of threads.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from survey.base.arrays import Array, tallied, weighted_count
from survey.counting.cells import Cells, Coded, Grouping
from survey.counting.engine import Batch, Layout, count
from survey.design.coded_design import CodedDesign, Ints

__all__ = ["FrameSource", "ItemRows", "count_answers", "count_moments", "in_threads"]

_ALONE, _CUT = 1 << 17, 1 << 20
"""Rows below which one thread does everything, and rows of a batch."""
_MOST = 8
"""Threads at most: each holds a batch's keys and cells, and memory delivers no faster to more."""

T = TypeVar("T")
U = TypeVar("U")
_inside = threading.local()


def in_threads(work: Callable[[T], U], things: Iterable[T], rows: int) -> list[U]:
    """Results of `work` on each of some things, in their order, in threads where there are many rows.

    The first of the things that fails raises its error as it is, what has not begun is not begun, and no thread is
    left. Inside such work there are no more threads.
    """
    things = list(things)
    threads = min(os.cpu_count() or 1, len(things), _MOST)
    if threads < 2 or rows < _ALONE or getattr(_inside, "work", False):
        return [work(thing) for thing in things]

    def begin() -> None:
        _inside.work = True

    with ThreadPoolExecutor(threads, "survey-counting", begin) as pool:
        try:
            futures = [pool.submit(copy_context().run, work, thing) for thing in things]
            return [future.result() for future in futures]
        finally:
            pool.shutdown(cancel_futures=True)


@dataclass(frozen=True, slots=True)
class FrameSource:
    """The rows of a frame, whose design, groups and answers are coded.

    Parameters
    ----------
    structure : CodedDesign
    grouping : Grouping
    codes : dict of item to int array (rows,)
    cut : int
        Rows of a batch.
    """

    structure: CodedDesign
    grouping: Grouping
    codes: Mapping[str, NDArray[Any]]
    cut: int = _CUT

    def batches(self, items: Sequence[str]) -> Iterator[Batch]:
        """Pieces of `cut` rows, as views; see `Source`."""
        grouping, structure, weights = self.grouping, self.structure, self.structure.weights
        everyone = len(grouping) == 1 and not grouping.partial
        for start in range(0, max(len(weights), 1), self.cut):
            at = slice(start, start + self.cut)
            codes = {item: self.codes[item][at] for item in items}
            sizes = grouping.sizes if len(weights) <= self.cut and not everyone else None
            group = None if everyone else grouping.code[at]
            people = None if structure.people is None else structure.people[at]
            squared = None if structure.squared is None else structure.squared[at]
            yield Batch(weights[at], grouping.place[at], group, codes, sizes, people, squared)


def count_answers(
    item: str, structure: CodedDesign, grouping: Grouping, coded: Coded, *, n_by_unit: bool = True
) -> Cells:
    """Count an item's answers by unit and group; without `n_by_unit` rows are counted by group alone.

    A batch has several times the rows that the table has cells, so that adding tables costs little beside counting.
    """
    elements = structure.elements is not None
    by_unit = n_by_unit or elements
    layout = Layout(item, grouping.labels, coded.answers, structure.units, by_unit, elements and n_by_unit)
    cells = structure.units * (len(grouping) + 1) * (len(coded.answers) + 1)
    source = FrameSource(structure, grouping, {item: coded.code}, max(_CUT, 4 * cells))
    return count(source, [layout], lambda work, batches: in_threads(work, batches, structure.rows))[0]


def count_moments(item: str, structure: CodedDesign, grouping: Grouping, moments: Sequence[Array]) -> Cells:
    """Count the moments of numbers by unit and group.

    Parameters
    ----------
    moments : list of arrays (rows,)
        NaN in any of them leaves the row out.
    """
    units, g = structure.units, len(grouping)
    valid = ~np.isnan(moments[0])
    for moment in moments[1:]:
        valid &= ~np.isnan(moment)
    key = grouping.place if valid.all() else np.where(valid, grouping.place, structure.unit * (g + 1) + g)
    size, shape = units * (g + 1), (units, g + 1)
    n = tallied(key, structure.people, size).reshape(shape)[:, :g]
    weighted = [np.where(valid, structure.weights * m, 0.0) for m in moments]
    sums = np.stack([weighted_count(key, v, size).reshape(shape)[:, :g] for v in weighted], axis=2)
    inside = tallied(grouping.code, structure.people, g + 1)[:g]
    return Cells(item, grouping.labels, None, sums, n, inside - n.sum(axis=0))


@dataclass(frozen=True, slots=True)
class ItemRows:
    """An item's rows, for what counts do not tell: calibration, elements as clusters, readjusted replicates.

    Parameters
    ----------
    grouping : Grouping
    coded : Coded or None
        The item's answers, where cells count answers.
    moments : tuple of arrays (rows,)
        The numbers, where cells hold moments.
    """

    grouping: Grouping
    coded: Coded | None
    moments: tuple[Array, ...] = ()

    def answered(self) -> Ints:
        """The group of each row with an answer, -1 of others: (rows,)."""
        return np.where(self.valid() & (self.grouping.code < len(self.grouping)), self.grouping.code, -1)

    def valid(self) -> NDArray[np.bool_]:
        """Whether each row has an answer, in whatever group and domain: (rows,)."""
        if self.coded is None:
            return np.asarray(self._valid(slice(0, len(self.grouping.code))), dtype=bool)
        return np.asarray(np.asarray(self.coded.code) < len(self.coded.answers), dtype=bool)

    def features(self, features: Array | None, at: slice) -> Any:
        """What one unit of weight of some rows adds to each total: sparse (groups * features, rows).

        `features` (answers, features) says what each answer counts for; left out, for itself.
        """
        from scipy import sparse

        groups = len(self.grouping)
        group = self.grouping.code[at]
        rows = len(group)
        if self.coded is not None:
            k = len(self.coded.answers)
            answer = np.asarray(self.coded.code[at], np.int64)
            inside = np.flatnonzero((group < groups) & (answer < k))
            values = np.eye(k) if features is None else features
            own = values[answer[inside]]
        else:
            inside = np.flatnonzero((group < groups) & self._valid(at))
            own = np.stack([moment[at][inside] for moment in self.moments], axis=1)
        size = own.shape[1]
        place = (group[inside, None] * size + np.arange(size)).ravel()
        column = np.repeat(inside, size)
        return sparse.csr_array((own.ravel(), (place, column)), shape=(groups * size, rows))

    def cross(self, gradient: Array, code: Ints, size: int, values: Array) -> Array:
        """Sum of values * u over the rows of each category: (size, groups * statistics).

        Parameters
        ----------
        gradient : array (groups, statistics, answers or moments)
            u of an answer or moment.
        code : int array (rows,)
            Category of each row, below `size`.
        values : array (rows,)
        """
        groups, statistics, width = gradient.shape
        if self.coded is not None:
            k = len(self.coded.answers)
            shape = (size, groups + 1, k + 1)
            key = code * (groups + 1)
            key += self.grouping.code
            key *= k + 1
            key += self.coded.code
            counts = weighted_count(key, values, size * (groups + 1) * (k + 1)).reshape(shape)[:, :groups, :k]
        else:
            key = code * (groups + 1) + self.grouping.code
            valid = self._valid()
            counts = np.zeros((size, groups, width))
            for b in np.flatnonzero(np.any(gradient != 0, axis=(0, 1))):
                weighted = np.where(valid, values * self.moments[b], 0.0)
                counts[:, :, b] = weighted_count(key, weighted, size * (groups + 1)).reshape(size, groups + 1)[
                    :, :groups
                ]
        product: Array = np.einsum("cgb,gsb->cgs", counts, gradient)
        return product.reshape(size, groups * statistics)

    def influence(self, gradient: Array, at: slice) -> tuple[Ints, Ints, Array]:
        """Of some rows those with an answer in a group: where they are, their group, and u (rows, statistics)."""
        group = self.grouping.code[at]
        if self.coded is not None:
            answer = self.coded.code[at]
            inside = np.flatnonzero((group < len(self.grouping)) & (answer < len(self.coded.answers)))
            group = group[inside]
            return inside, group, gradient.transpose(0, 2, 1)[group, answer[inside]]
        inside = np.flatnonzero((group < len(self.grouping)) & self._valid(at))
        group = group[inside]
        own = np.zeros((len(inside), gradient.shape[1]))
        for b in np.flatnonzero(np.any(gradient != 0, axis=(0, 1))):
            own += gradient[group, :, b] * self.moments[b][at][inside, None]
        return inside, group, own

    def _valid(self, at: slice = slice(None)) -> NDArray[np.bool_]:
        valid: NDArray[np.bool_] = ~np.isnan(self.moments[0][at])
        for moment in self.moments[1:]:
            valid = valid & ~np.isnan(moment[at])
        return valid
