"""Columns of many files as one table: numbers are as wide as in the widest file, and text beside them is refused.

Arrow would read all files as the first one: the clusters "01" and "1" of a file of texts become one where the first
file holds numbers, and a column that a file lacks is empty there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from survey.errors import ReadError

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["agreed", "lacking", "refuse_lacking"]


def agreed(data: Any) -> pa.Schema:
    """The schema that holds what every file of a data set holds.

    Parameters
    ----------
    data : pyarrow.dataset.Dataset
        Its schema is that of the first file. Files that cannot be opened are left to who reads them.

    Raises
    ------
    ReadError
        If a column holds numbers in one file and text in another; the file and the column are named.
    """
    import pyarrow as pa

    known: dict[str, tuple[str, str]] = {}
    widest: dict[str, pa.DataType] = {field.name: field.type for field in data.schema}
    for path, schema in _schemas(data):
        for field in schema:
            kind = _kind(field.type)
            if kind is None or field.name not in widest:
                continue
            before, first = known.setdefault(field.name, (kind, path))
            if kind != before:
                raise ReadError(
                    "A column holds numbers in one file and text in another.",
                    where=f"column {field.name!r}, {path}",
                    got=f"{kind}, where {first} holds {before}",
                    expected="one type in all files",
                    fix='write the column alike in all files: ids as text, if there are any like "01"',
                )
            widest[field.name] = _wider(widest[field.name], field.type)
    return pa.schema([field.with_type(widest[field.name]) for field in data.schema], data.schema.metadata)


def lacking(data: Any) -> dict[str, str]:
    """Columns that some files hold and others do not, each with the first file that lacks it."""
    schemas = [(path, set(schema.names)) for path, schema in _schemas(data)]
    found: dict[str, str] = {}
    for name in sorted(set().union(*(names for _, names in schemas))):
        without = [path for path, names in schemas if name not in names]
        if without:
            found[name] = without[0]
    return found


def refuse_lacking(columns: Sequence[str], without: Mapping[str, str]) -> None:
    """Raise `ReadError` if a column is asked for that some files lack."""
    for name in columns:
        if name in without:
            raise ReadError(
                "A file lacks a column that others hold.",
                where=without[name],
                got=f"no column {name!r}",
                expected="the columns that are asked for in every file",
                fix="scan the files that hold it, or write it to the others with empty cells",
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
    """Numbers or text; None of dates and others, of which Arrow itself says what does not go together."""
    import pyarrow as pa

    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    if pa.types.is_integer(kind) or pa.types.is_floating(kind):
        return "numbers"
    text = pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)
    return "text" if text else None


def _wider(one: pa.DataType, other: pa.DataType) -> pa.DataType:
    """The type that holds numbers of both; of texts the first, of columns that are empty in a file the other."""
    import pyarrow as pa

    if one == other or pa.types.is_dictionary(one) or pa.types.is_dictionary(other):
        return one
    if pa.types.is_null(one):
        return other
    if _kind(one) != "numbers":
        return one
    try:
        both = [pa.schema([("column", kind)]) for kind in (one, other)]
        return pa.unify_schemas(both, promote_options="permissive").field("column").type
    except pa.ArrowException:
        return one
