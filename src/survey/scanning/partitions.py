"""Data frames of Dask: every partition is counted where it is, and counts are added in a tree of tasks.

The client is the user's: `dask.distributed.Client(...)` of a local cluster or of an address, or Dask's own threads
where there is none. A task reads a partition and forgets it; only counts travel. A task whose worker is lost runs again
on another, and nothing is counted twice, because tasks change nothing that they are given.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from importlib import import_module
from operator import add
from typing import TYPE_CHECKING, Any, TypeVar

from survey.codebook.told import said
from survey.errors import ReadError

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Partitions"]

T = TypeVar("T")
_TOGETHER = 8
"""Counts that a task adds."""


@dataclass(frozen=True)
class Partitions:
    """A data frame of Dask as a reader; see `survey.scanning.readers.Reader`."""

    data: Any
    batch: int
    source: str = "a Dask data frame"

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.data.columns)

    @property
    def files(self) -> tuple[str, ...]:
        """None that are known."""
        return ()

    def batches(self, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """One partition after the other, in this process."""
        for i, part in enumerate(self.data[list(columns)].to_delayed()):
            yield from _batches(part.compute(), i, self.batch)

    def gather(self, columns: Sequence[str], work: Callable[[Iterator[pa.RecordBatch]], T]) -> T:
        """What `work` makes of each partition, added up in the order of the partitions."""
        delayed = import_module("dask.delayed").delayed  # of the Dask that the frame is from: nothing here requires it
        parts = self.data[list(columns)].to_delayed()
        made = [delayed(_worked, pure=False)(part, i, self.batch, work) for i, part in enumerate(parts)]
        while len(made) > 1:
            made = [delayed(_together, pure=False)(made[i : i + _TOGETHER]) for i in range(0, len(made), _TOGETHER)]
        result: T = made[0].compute()
        return result

    def in_order(self, columns: Sequence[str], work: Callable[[Iterator[pa.RecordBatch]], T]) -> T:
        """See `survey.scanning.readers.Reader`; partitions come here one by one."""
        return work(self.batches(columns))

    def ranges(self, columns: Sequence[str]) -> dict[str, tuple[int, int, Any]]:
        """Nothing: partitions have no statistics."""
        return {}


def _worked(frame: Any, number: int, batch: int, work: Callable[[Iterator[pa.RecordBatch]], T]) -> T:
    return work(_batches(frame, number, batch))


def _together(parts: Sequence[Any]) -> Any:
    return reduce(add, parts)


def _batches(frame: Any, number: int, batch: int) -> Iterator[pa.RecordBatch]:
    """The rows of a partition."""
    import pyarrow as pa

    try:
        table = pa.Table.from_pandas(frame, preserve_index=False)
    except pa.ArrowException as problem:
        raise ReadError(
            "A partition holds cells that are no numbers, dates or texts.",
            where=f"partition {number}",
            got=said(problem),
            expected="one value a cell, of one type a column",
            fix="convert the column before sv.scan(...)",
        ) from problem
    yield from (part for part in table.to_batches(max_chunksize=batch) if part.num_rows)
