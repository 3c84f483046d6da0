"""Names of columns as `read` gives them: in composed Unicode, without blanks about them, whatever a source has.

A source whose names differ from that is read under its own names, and its batches are renamed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from survey.errors import ReadError
from survey.scanning.readers import Reader
from survey.scanning.spellings import differently, shown, together

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Spelled", "spelled"]

T = TypeVar("T")


@dataclass(frozen=True)
class Spelled:
    """A reader under other names; `own` has its columns by the names that are shown."""

    reader: Reader
    own: Mapping[str, str]

    @property
    def names(self) -> tuple[str, ...]:
        """See `survey.scanning.readers.Reader`."""
        return tuple(self.own)

    @property
    def source(self) -> str:
        """See `survey.scanning.readers.Reader`."""
        return self.reader.source

    @property
    def files(self) -> tuple[str, ...]:
        """See `survey.scanning.readers.Reader`."""
        return self.reader.files

    def batches(self, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """See `survey.scanning.readers.Reader`."""
        yield from _renamed(self.reader.batches(self._own(columns)))

    def gather(self, columns: Sequence[str], work: Callable[[Iterator[pa.RecordBatch]], T]) -> T:
        """See `survey.scanning.readers.Reader`."""
        return self.reader.gather(self._own(columns), partial(_worked, work))

    def in_order(self, columns: Sequence[str], work: Callable[[Iterator[pa.RecordBatch]], T]) -> T:
        """See `survey.scanning.readers.Reader`."""
        return self.reader.in_order(self._own(columns), partial(_worked, work))

    def ranges(self, columns: Sequence[str]) -> dict[str, tuple[int, int, Any]]:
        """See `survey.scanning.readers.Reader`."""
        return {shown(name): known for name, known in self.reader.ranges(self._own(columns)).items()}

    def _own(self, columns: Sequence[str]) -> list[str]:
        return [self.own[name] for name in columns]


def spelled(reader: Reader) -> Reader:
    """A reader under the names that `read` gives its columns; itself where it has them.

    Raises
    ------
    ReadError
        If two columns of a table become one name. That one file has one of them and another file the other is an error
        once the column is asked for (`two_spellings`).
    """
    names = reader.names
    if all(shown(name) == name for name in names):
        return reader
    own: dict[str, str] = {}
    for name, spellings in together(names).items():
        own[name] = spellings[0]
        if len(spellings) > 1 and not set(spellings) <= set(getattr(reader, "apart", ())):
            raise ReadError(
                "Two columns have the same name.",
                where=reader.source,
                got=f"{name!r}: {differently(spellings)}",
                expected="a unique name for each column, in either Unicode form and without the blanks about it",
                fix="rename them at the source",
            )
    return Spelled(reader, own)


def _worked(work: Callable[[Iterator[pa.RecordBatch]], T], batches: Iterator[pa.RecordBatch]) -> T:
    return work(_renamed(batches))


def _renamed(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    import pyarrow as pa

    for batch in batches:
        schema = pa.schema([field.with_name(shown(field.name)) for field in batch.schema])
        yield pa.RecordBatch.from_arrays(batch.columns, schema=schema)
