"""One pass over batches: the unit and group of each row once a batch, then every item by one bincount.

A pass is made of plain data, so that it can be sent to where the rows are; what it counts adds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, field, replace
from operator import add
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.base.arrays import Array, rows_of, weighted_count
from survey.base.codes import Ints
from survey.base.expressions import Where, column_names, mask
from survey.base.names import columns_named
from survey.counting.cells import Grouping
from survey.design.design import Design
from survey.responses import Responses
from survey.scanning.columns import Column, small
from survey.scanning.first_pass import Clusters, weights_in
from survey.scanning.question import Answers, ByRows, Groups, Moments, Rows
from survey.scanning.steps import Steps

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Block", "Pass", "Tally", "places_of"]

_LEAST, _MOST = 1 << 18, 1 << 21
"""Rows that are counted at a time: more than a table has cells, which is made anew each time."""


@dataclass
class Tally:
    """What a pass counted; tallies of parts of the rows add.

    Parameters
    ----------
    rows : int
    outside : int
        Rows of the domain without a group.
    sizes : int array (groups + 1,)
        Rows of each group, those in none last.
    held : dict of name to int array
        Rows at each place of a column.
    sums : list of arrays (units * (groups + 1) * (slots + 1),)
        Of each counter of answers.
    squares : list of the same, or None
    missing : list of int arrays (groups + 1,)
    moments : list of Cells, or of what else `ByRows` makes
    margins : list of arrays (variables * (groups + 1) * (slots + 1),)
        As `sums`, by calibration variable, where counts that were kept hold them; else empty.
    """

    rows: int
    outside: int
    sizes: Ints
    held: dict[str, Ints]
    sums: list[Array]
    squares: list[Array | None]
    missing: list[Ints]
    moments: list[Any] = field(default_factory=list)
    margins: list[Array] = field(default_factory=list)

    def __add__(self, other: Tally) -> Tally:
        """Both together; neither is changed, so that a sum that was lost can be made again."""
        squares = [
            None if one is None or of_other is None else one + of_other
            for one, of_other in zip(self.squares, other.squares, strict=True)
        ]
        moments = self.moments or other.moments
        if self.moments and other.moments:
            moments = list(map(add, self.moments, other.moments))
        return Tally(
            self.rows + other.rows,
            self.outside + other.outside,
            self.sizes + other.sizes,
            {name: n + other.held[name] for name, n in self.held.items()},
            list(map(add, self.sums, other.sums)),
            squares,
            list(map(add, self.missing, other.missing)),
            moments,
        )


@dataclass
class Block:
    """Rows that wait to be counted."""

    rows: int = 0
    place: list[NDArray[Any]] = field(default_factory=list)
    group: list[Ints] = field(default_factory=list)
    weights: list[Array] = field(default_factory=list)
    codes: dict[str, list[NDArray[Any]]] = field(default_factory=dict)
    moments: list[Array] = field(default_factory=list)


@dataclass(frozen=True)
class Pass:
    """Counters of one question, and what says of each row where it is counted.

    Parameters
    ----------
    steps : Steps
    design : Design
    clusters : Clusters
    groups : Groups
    where : str or None
    columns : dict of name to Column
        Of the items that are counted by answers, and of what groups are made of.
    answers : list of Answers
    moments : list of ByRows
    others : list of str
        Columns that `moments` are made of.
    threads : int
    """

    steps: Steps
    design: Design
    clusters: Clusters
    groups: Groups
    where: Where
    columns: dict[str, Column]
    answers: Sequence[Answers]
    moments: Sequence[ByRows]
    others: Sequence[str]
    threads: int

    @property
    def reads(self) -> list[str]:
        """Columns of the source that are read."""
        return list(
            dict.fromkeys(
                (*self.steps.read(list(dict.fromkeys((*self.columns, *self._rough())))), *self.design.columns)
            )
        )

    @property
    def summed(self) -> list[Answers | Moments]:
        """Counters of sums by cluster and group, answers first: not of what else may be made of rows."""
        return [*self.answers, *(one for one in self.moments if isinstance(one, Moments))]

    def _rough(self) -> list[str]:
        conditions = columns_named(column_names(self.where), self.steps.names) if isinstance(self.where, str) else []
        return list(dict.fromkeys((*self.others, *conditions)))

    def _narrow(self) -> bool:
        """Whether the place of a row in the largest table fits into four bytes."""
        widest = max((counter.slots + 1 for counter in self.answers), default=1)
        return self.clusters.structure.units * (len(self.groups) + 1) * widest < 2**31

    def empty(self) -> Tally:
        """Nothing counted yet."""
        units, g = self.clusters.structure.units, len(self.groups)
        sizes = [units * (g + 1) * (counter.slots + 1) for counter in self.answers]
        return Tally(
            0,
            0,
            np.zeros(g + 1, np.int64),
            {name: np.zeros(column.size, np.int64) for name, column in self.columns.items()},
            [np.zeros(size) for size in sizes],
            [np.zeros(size) if counter.squares else None for size, counter in zip(sizes, self.answers, strict=True)],
            [np.zeros(g + 1, np.int64) for _ in self.answers],
        )

    def count(self, batches: Iterable[pa.RecordBatch]) -> Tally:
        """Count batches; sums are added in the order of the rows, whatever the number of threads."""
        tally, block, rough = self.empty(), Block(), self._rough()
        largest = max((len(table) for table in tally.sums), default=0)
        enough = min(max(2 * largest, _LEAST), _MOST)
        slots = [self.columns[c.item].slots(c.answers.tolist(), c.kinds) for c in self.answers]
        with ThreadPoolExecutor(max(self.threads, 1), "survey-scanning") as pool:
            work: list[Future[None]] = []
            for batch in batches:
                self._take(batch, tally, block, rough)
                if block.rows >= enough:
                    work, block = self._flush(block, tally, slots, pool, work), Block()
            for done in self._flush(block, tally, slots, pool, work) if block.rows else work:
                done.result()
        return tally

    def _take(self, batch: pa.RecordBatch, tally: Tally, block: Block, rough: list[str]) -> None:
        """Code a batch, count its moments, and put it into a block."""
        n, g = batch.num_rows, len(self.groups)
        weights = weights_in(batch, self.design, self.steps, tally.rows)
        unit = self.clusters.unit(batch, self.design, self.steps, tally.rows)
        places, responses = places_of(batch, self.columns, self.steps, tally.rows, rough)
        if responses is None and self.moments:  # of everyone, who needs no column
            responses = Responses(pd.DataFrame(index=pd.RangeIndex(n)), self.steps.codebook)
        code = self.groups.code(places, self.columns, n)
        inside: NDArray[np.bool_] | None = None if weights.min(initial=1.0) > 0 else weights > 0
        if self.where is not None and responses is not None:
            chosen = mask(self.where, responses.data)
            inside = chosen if inside is None else inside & chosen
        if inside is not None:
            tally.outside += int(np.count_nonzero(inside & (code == g)))
            code = np.where(inside, code, g)
        else:
            tally.outside += int(np.count_nonzero(code == g)) if g > 1 or self.groups.columns else 0
        tally.rows += n
        sizes = np.bincount(code, minlength=g + 1)
        tally.sizes += sizes
        place = unit * (g + 1)
        place += code
        narrow = place.astype(np.int32) if self._narrow() else place
        if self.moments and responses is not None:
            grouping = Grouping(code, unit, self.groups.labels, 0, _kept={"place": place, "sizes": sizes})
            self._count_moments(responses, weights, unit, grouping, tally, block)
        block.rows += n
        block.place.append(narrow)
        block.group.append(code)
        block.weights.append(weights)
        for name, own in places.items():
            block.codes.setdefault(name, []).append(own)

    def _count_moments(
        self, responses: Responses, weights: Array, unit: Ints, grouping: Grouping, tally: Tally, block: Block
    ) -> None:
        """Count the moments of a batch."""
        rows = Rows(responses, replace(self.clusters.structure, weights=weights, unit=unit), grouping)
        found = [counter.cells(rows) for counter in self.moments]
        tally.moments = list(map(add, tally.moments, found)) if tally.moments else found

    def _flush(
        self, block: Block, tally: Tally, slots: list[Ints], pool: ThreadPoolExecutor, before: list[Future[None]]
    ) -> list[Future[None]]:
        """Count a block when the one before is counted: items beside each other, each in a thread."""
        for done in before:
            done.result()
        place, group = np.concatenate(block.place), np.concatenate(block.group)
        weights = np.concatenate(block.weights)
        squared = weights**2 if any(counter.squares for counter in self.answers) else weights
        scaled = {width: place * width for width in {counter.slots + 1 for counter in self.answers}}

        def item(i: int) -> None:
            counter, look = self.answers[i], slots[i]
            codes = np.concatenate(block.codes[counter.item])
            held = rows_of(codes, len(look))
            tally.held[counter.item] += held
            slot = codes
            if not np.array_equal(look, np.arange(len(look))):
                slot = look.astype(small(counter.slots + 1)).take(codes)
            key = scaled[counter.slots + 1] + slot
            tally.sums[i] += _summed(key, weights, len(tally.sums[i]))
            if (square := tally.squares[i]) is not None:
                square += _summed(key, squared, len(square))
            none = look >= len(counter.answers)
            if held[none].any():
                tally.missing[i] += np.bincount(group[none[codes]], minlength=len(self.groups) + 1)

        for name in set(self.columns) - {counter.item for counter in self.answers}:
            for codes in block.codes[name]:
                tally.held[name] += np.bincount(codes, minlength=self.columns[name].size)
        return [pool.submit(copy_context().run, item, i) for i in range(len(self.answers))]


def places_of(
    batch: pa.RecordBatch, columns: Mapping[str, Column], steps: Steps, start: int, others: Sequence[str] = ()
) -> tuple[dict[str, NDArray[Any]], Responses | None]:
    """What stands in each row of some columns, as `Column` says; and the rows of `others`, cleaned, where any are."""
    there = set(batch.schema.names)
    places = {name: column.places(batch.column(name)) if name in there else None for name, column in columns.items()}
    known = {name: found for name, found in places.items() if found is not None}
    slow = list(dict.fromkeys((*others, *(name for name in columns if name not in known))))
    if not slow:
        return known, None
    responses = steps.responses(batch.select(steps.read(slow)), start, slow)
    made = {name: columns[name].places_cleaned(responses) for name in columns if name not in known}
    return {name: known[name] if name in known else made[name] for name in columns}, responses


def _summed(key: NDArray[Any], weights: Array, size: int) -> Array:
    """Sum of weights by key; as numpy's bincount, which takes half as long again: it wants keys of 8 bytes."""
    if size > np.iinfo(np.int32).max or key.dtype != np.int32:
        return weighted_count(key, weights, size)
    from scipy import sparse

    ends = np.array([0, len(key)], np.int32)
    return np.asarray(sparse.csc_array((weights, key, ends), shape=(size, 1)) @ np.ones(1))
