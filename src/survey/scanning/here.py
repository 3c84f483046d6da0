"""What readers share whose batches come to this process."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Here"]

T = TypeVar("T")


class Here:
    """What readers share whose batches come to this process."""

    @property
    def files(self) -> tuple[str, ...]:
        """See `Reader`."""
        return ()

    def batches(self, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        raise NotImplementedError

    def gather(self, columns: Sequence[str], work: Callable[[Iterator[pa.RecordBatch]], T]) -> T:
        """See `Reader`; what is read is closed, also where `work` stops in the middle."""
        batches = self.batches(columns)
        try:
            return work(batches)
        finally:
            if isinstance(batches, Generator):
                batches.close()

    def in_order(self, columns: Sequence[str], work: Callable[[Iterator[pa.RecordBatch]], T]) -> T:
        """See `Reader`."""
        return self.gather(columns, work)

    def ranges(self, columns: Sequence[str]) -> dict[str, tuple[int, int, Any]]:
        """See `Reader`."""
        return {}
