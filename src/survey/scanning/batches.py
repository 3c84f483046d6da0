"""Batches of any engine: their cells are numbers, texts or dates, and what the engine says is one error."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from survey.base.said import said
from survey.errors import ReadError

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["engine_errors", "plain", "refuse_many"]

_ENGINES = ("duckdb", "_duckdb", "polars", "pyarrow")


def plain(batch: pa.RecordBatch) -> pa.RecordBatch:
    """A batch whose views of texts are texts: Arrow itself cannot do much with views."""
    import pyarrow as pa

    views = [field.name for field in batch.schema if pa.types.is_string_view(field.type)]
    for name in views:
        batch = batch.set_column(batch.schema.get_field_index(name), name, batch.column(name).cast(pa.large_string()))
    return batch


def refuse_many(schema: pa.Schema) -> None:
    """Raise `ReadError` for a column of lists, structures, bytes or intervals: b"01" would be the number 1."""
    import pyarrow as pa

    for field in schema:
        kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
        if not _of_single_values(kind):
            raise ReadError(
                "The cells of a column are neither numbers nor texts nor dates.",
                where=f"column {field.name!r}",
                got=str(kind),
                expected="one number, text or date in each cell",
                fix="write the part that is needed as a column of its own, and bytes as text; or scan what a query of "
                "DuckDB makes of it: select part.name as name, ...",
            )


def _of_single_values(kind: pa.DataType) -> bool:
    import pyarrow as pa

    of = pa.types
    numbers = of.is_integer(kind) or of.is_floating(kind) or of.is_decimal(kind) or of.is_boolean(kind)
    moments = of.is_date(kind) or of.is_timestamp(kind) or of.is_time(kind) or of.is_duration(kind)
    texts = of.is_string(kind) or of.is_large_string(kind) or of.is_string_view(kind) or of.is_null(kind)
    single: bool = numbers or moments or texts
    return single


@contextmanager
def engine_errors(source: str) -> Iterator[None]:
    """Tell as `ReadError` what an engine raises: of a wrong query, a file that it cannot read, a type of its own."""
    try:
        yield
    except Exception as problem:
        if type(problem).__module__.partition(".")[0] not in _ENGINES and not isinstance(problem, OSError):
            raise
        raise ReadError(
            "The source cannot be read.",
            where=source,
            got=said(problem),
            expected="a table, frame or query that gives its rows",
            fix="run it without survey, and mend what it says; nothing was counted",
        ) from problem
