"""Columns of many files as one table: numbers are as wide as in the widest file, and text beside them is refused.

Arrow would read all files as the first one: the clusters "01" and "1" of a file of texts become one where the first
file holds numbers, codes 1 to 5 become true where it holds truth values, and a column that a file lacks is empty there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from survey.errors import ReadError

if TYPE_CHECKING:
    import pyarrow as pa

_MOST_DIGITS = 38  # of a decimal of 128 bits

__all__ = ["agreed", "lacking", "names_of_files", "refuse_lacking"]


def agreed(data: Any) -> tuple[pa.Schema, dict[str, ReadError]]:
    """The schema that holds what every file of a data set holds, and what is wrong with columns that have none.

    Parameters
    ----------
    data : pyarrow.dataset.Dataset
        Its schema is that of the first file. Files that cannot be opened are left to who reads them.

    Raises
    ------
    ReadError
        If a column holds numbers in one file and text in another; the file and the column are named. That another one
        holds dates and text is an error once it is asked for.
    """
    import pyarrow as pa

    known: dict[str, tuple[str, str]] = {}
    apart: dict[str, ReadError] = {}
    widest: dict[str, pa.DataType] = {field.name: field.type for field in data.schema}
    for path, schema in _schemas(data):
        for field in schema:
            kind = _kind(field.type)
            if kind is None or field.name not in widest:
                continue
            before, first = known.setdefault(field.name, (kind, path))
            if kind != before:
                problem = ReadError(
                    "A column holds {} in one file and {} in another.".format(*sorted((before, kind))),
                    where=f"column {field.name!r}, {path}",
                    got=f"{kind}, where {first} holds {before}",
                    expected="one type in all files",
                    fix='write the column alike in all files (ids as text, if there are any like "01"); or scan what a '
                    "query of DuckDB makes of them: from read_parquet('log/*.parquet', union_by_name=true)",
                )
                if {kind, before} == {"numbers", "text"}:
                    raise problem
                apart.setdefault(field.name, problem)
                continue
            widest[field.name] = _wider(widest[field.name], field.type)
    return pa.schema([field.with_type(widest[field.name]) for field in data.schema], data.schema.metadata), apart


def lacking(data: Any) -> dict[str, str]:
    """Columns that some files hold and others do not, each with the first file that lacks it."""
    schemas = [(path, set(schema.names)) for path, schema in _schemas(data)]
    found: dict[str, str] = {}
    for name in sorted(set().union(*(names for _, names in schemas))):
        without = [path for path, names in schemas if name not in names]
        if without:
            found[name] = without[0]
    return found


def names_of_files(data: Any) -> list[tuple[str, list[str]]]:
    """The files of a data set that can be opened, with the names of their columns."""
    return [(path, schema.names) for path, schema in _schemas(data)]


def refuse_lacking(columns: Sequence[str], without: Mapping[str, str], apart: Mapping[str, ReadError]) -> None:
    """Raise `ReadError` if a column is asked for that some files lack, or hold with other types."""
    for name in columns:
        if name in apart:
            raise apart[name]
        if name in without:
            raise ReadError(
                "A file lacks a column that others hold.",
                where=without[name],
                got=f"no column {name!r}",
                expected="the columns that are asked for in every file",
                fix="scan the files that hold it; or a query of DuckDB, where it is empty in the others: "
                "from read_parquet('log/*.parquet', union_by_name=true)",
            )


def _schemas(data: Any) -> list[tuple[str, pa.Schema]]:
    import pyarrow as pa

    found = []
    for fragment in getattr(data, "get_fragments", list)():
        try:
            found.append((str(fragment.path), fragment.physical_schema))
        except (pa.ArrowException, OSError, ValueError):
            continue
    return found


def _kind(kind: pa.DataType) -> str | None:
    """What a column holds; None of what is empty or of many values, of which Arrow itself says what goes together."""
    import pyarrow as pa

    kind, of = _decoded(kind), pa.types
    if of.is_integer(kind) or of.is_floating(kind) or of.is_decimal(kind) or of.is_boolean(kind):
        return "numbers"
    if of.is_timestamp(kind) and kind.tz is not None:
        return "moments with a time zone"
    for told, holds in (
        ("text", of.is_string(kind) or of.is_large_string(kind) or of.is_string_view(kind)),
        ("dates", of.is_date(kind) or of.is_timestamp(kind)),
        ("times of day", of.is_time(kind)),
        ("durations", of.is_duration(kind)),
    ):
        if holds:
            return told
    return None


def _decoded(kind: pa.DataType) -> pa.DataType:
    import pyarrow as pa

    return kind.value_type if pa.types.is_dictionary(kind) else kind


def _wider(one: pa.DataType, other: pa.DataType) -> pa.DataType:
    """The type that holds what both hold, which are of one kind; of columns that are empty in a file the other."""
    import pyarrow as pa

    if one == other or pa.types.is_null(other):
        return one
    if pa.types.is_null(one):
        return other
    one, other = _decoded(one), _decoded(other)
    kind, both = _kind(one), (one, other)
    if one == other or kind is None:
        return one
    if kind == "text":
        return pa.large_string()
    if kind in ("dates", "moments with a time zone"):
        fine = any(pa.types.is_timestamp(held) and held.unit == "ns" for held in both)
        return pa.timestamp("ns" if fine else "us", None if kind == "dates" else "UTC")
    if kind == "numbers" and any(map(pa.types.is_boolean, both)):
        wide = other if pa.types.is_boolean(one) else one
        return pa.float64() if pa.types.is_decimal(wide) else wide
    if any(map(pa.types.is_integer, both)) and any(map(pa.types.is_decimal128, both)):
        return pa.decimal128(_MOST_DIGITS, one.scale if pa.types.is_decimal(one) else other.scale)
    try:
        found = [pa.schema([("column", held)]) for held in both]
        return pa.unify_schemas(found, promote_options="permissive").field("column").type
    except pa.ArrowException:
        return one
