"""Parquet, by pyarrow: types as declared, text in NFC, nothing of what only pandas wrote for itself."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from survey.base.catalogue import Note, listed
from survey.codebook import Variable
from survey.codebook.told import describe_values, said
from survey.core.log import KIND_CODES
from survey.errors import ReadError, shorten
from survey.io._raw import Options, Raw, column_names, nfc, normalised
from survey.io._values import PLAIN, settled, truths_as_codes, wants_text
from survey.io.csvfiles import plain_codebook

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["arrow_column", "as_coded", "read_parquet"]

_KIND_OF = b"survey.kind_of"  # metadata of a column that holds the kinds of another


def read_parquet(path: Path, options: Options) -> Raw:
    """Read .parquet.

    Dates and moments become datetimes (a moment with a zone: its clock in UTC), times of day and durations numbers
    of seconds, decimals and truth values numbers; categories become their texts. Kinds of missing answers that
    `Responses.write` put beside a column come back as kinds.

    Raises
    ------
    ReadError
        If the file is cut short or damaged, or a column holds lists or tables.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(str(path), partitioning=None)
        table.validate(full=True)  # text that is not UTF-8, codes outside of their dictionary
    except (pa.ArrowException, OSError, ValueError) as problem:
        raise ReadError(
            "The file cannot be read: it is cut short or damaged.",
            where=path,
            got=said(problem),
            expected="a whole .parquet file",
            fix="copy or export it again",
        ) from problem
    table, kinds = _kinds(table, path)
    nested = [f"{f.name}: {f.type}" for f in table.schema if pa.types.is_nested(f.type) or _opaque(f.type)]
    if nested:
        raise ReadError(
            "A column has more than one value per cell.",
            where=path,
            got=shorten(nested),
            expected="numbers, texts, dates",
            fix="split it into several columns",
        )
    index = [n for n in table.column_names if n.startswith("__index_level_")]
    names = column_names([n for n in table.column_names if n not in index], path)
    kept = table.drop_columns(index) if index else table
    variables = options.codebook.variables if options.codebook else {}
    notes: list[str] = [Note("reading.pandas_index", index=listed(index, 8))] if index else []
    units: dict[str, str] = {}
    columns = {}
    for name, values in zip(names, kept.columns, strict=True):
        variable = variables.get(name)
        column, units[name] = arrow_column(as_coded(values, variable), name, notes)
        text = isinstance(column.dtype, pd.StringDtype)
        if variable is not None and text and not wants_text(variable):
            column = settled(column, variable, PLAIN, notes)
        columns[name] = column
    data = pd.DataFrame(columns, index=pd.RangeIndex(table.num_rows))
    return Raw(data, plain_codebook(data, str(path), units), {}, tuple(notes), kinds)


def _kinds(table: pa.Table, path: Path) -> tuple[pa.Table, pd.DataFrame]:
    """A table without the columns of kinds that `Responses.write` put beside its columns, and these kinds."""
    beside = {f.name: f.metadata[_KIND_OF].decode("utf-8") for f in table.schema if _KIND_OF in (f.metadata or {})}
    kinds = {}
    for name, of in beside.items():
        words = table.column(name).to_pandas().astype("object")
        unknown = sorted({str(w) for w in words.dropna().unique()} - set(KIND_CODES))
        if unknown or of not in table.column_names:
            raise ReadError(
                "A column of kinds of missing answers is invalid.",
                where=f"{path}, {name}",
                got=describe_values(unknown) or f"no column {of!r}",
                expected=shorten(KIND_CODES),
                fix="write the file again",
            )
        kinds[nfc(of)] = words.map(KIND_CODES).fillna(0).to_numpy(np.uint8)
    return table.drop_columns(list(beside)), pd.DataFrame(kinds, index=pd.RangeIndex(table.num_rows))


def _opaque(kind: pa.DataType) -> bool:
    import pyarrow as pa

    opaque: bool = pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind)
    return opaque


def arrow_column(values: pa.ChunkedArray, name: str, notes: list[str]) -> tuple[pd.Series, str]:
    """A column as the other readers give it, and its unit."""
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = values.type
    if pa.types.is_dictionary(kind):
        values = values.cast(kind.value_type)
        kind = values.type
    if pa.types.is_null(kind):
        return pd.Series(float("nan"), index=range(len(values)), name=name), ""
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return normalised(pd.Series(values.to_pandas(), dtype="str", name=name)), ""
    if pa.types.is_date(kind) or pa.types.is_timestamp(kind):
        if pa.types.is_timestamp(kind) and kind.tz is not None:
            notes.append(Note("reading.utc_clock", column=name, zone=kind.tz))
        try:
            return pd.Series(values.cast(pa.timestamp("us")).to_numpy(), name=name), ""
        except pa.ArrowInvalid:
            notes.append(Note("reading.microseconds", column=name))
            return pd.Series(values.cast(pa.timestamp("us"), safe=False).to_numpy(), name=name), ""
    if pa.types.is_time(kind) or pa.types.is_duration(kind):
        micros = pa.time64("us") if pa.types.is_time(kind) else pa.duration("us")
        whole = values.cast(micros, safe=False).cast(pa.int64())
        return _floats(pc.divide(whole.cast(pa.float64(), safe=False), 1e6), name), "seconds"
    if pa.types.is_integer(kind) and values.null_count == 0:
        return pd.Series(
            values.cast(pa.int64()).to_numpy() if kind != pa.uint64() else values.to_numpy(), name=name
        ), ""
    if pa.types.is_integer(kind) or (pa.types.is_decimal(kind) and kind.scale == 0):
        limits: dict[str, Any] = pc.min_max(values).as_py()
        if max(abs(limits["min"] or 0), abs(limits["max"] or 0)) > 2**53:
            return pd.Series(values.cast(pa.string()).to_pandas(), dtype="str", name=name), ""
    return _floats(values.cast(pa.float64(), safe=False), name), ""


def as_coded(values: pa.ChunkedArray, variable: Variable | None) -> pa.ChunkedArray:
    """Truth values as the codes that a codebook has for them: "TRUE" and "FALSE"."""
    import pyarrow as pa
    import pyarrow.compute as pc

    words = (
        truths_as_codes([*variable.codes, *variable.missing])
        if variable is not None and pa.types.is_boolean(values.type)
        else {}
    )
    return pc.if_else(values, words[True], words[False]) if len(words) == 2 else values


def _floats(values: pa.ChunkedArray, name: str) -> pd.Series:
    return pd.Series(values.to_numpy(), name=nfc(name), dtype=float)
