"""Passes over a source as they are made, for whoever shows how far a long computation is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, TypeVar

from survey.scanning.readers import Reader

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["gathered", "watched"]

T = TypeVar("T")
_DONE: ContextVar[Callable[[], None] | None] = ContextVar("done", default=None)


@contextmanager
def watched(done: Callable[[], None]) -> Iterator[None]:
    """Call `done` after every pass of the block."""
    token = _DONE.set(done)
    try:
        yield
    finally:
        _DONE.reset(token)


def gathered(reader: Reader, columns: Sequence[str], work: Callable[[Iterator[pa.RecordBatch]], T]) -> T:
    """As `Reader.gather`: one pass."""
    found = reader.gather(columns, work)
    done = _DONE.get()
    if done is not None:
        done()
    return found
