"""CSV for archives, Parquet for programs, Excel for people."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from survey.core.log import KIND_CODES
from survey.errors import ExportError
from survey.writing._columns import Columns, kind_of_column

__all__ = ["KIND_SUFFIX", "write_csv", "write_parquet", "write_xlsx"]

KIND_SUFFIX = "__kind"
"""Columns of a Parquet file that hold the kinds of missing answers: `FR01__kind` beside `FR01`."""

_CELL = 32_767  # characters in a cell of Excel
_ROWS = 1_048_576
_NO_CELL = "[\ufffe\uffff]"  # XML has no such characters, and Excel's escape of them is read back as its letters


class _Exact(float):
    """A number that is written with all its digits: XlsxWriter asks for 16, and some numbers need 17."""

    def __format__(self, _: str) -> str:
        return repr(float(self))


def write_csv(path: Path, columns: Columns) -> None:
    """Write .csv: UTF-8, comma, text in quotes, codes, dates as yyyy-mm-ddThh:mm:ss, nothing where there is no code."""
    import pyarrow as pa
    import pyarrow.csv as pc

    fields: dict[str, Any] = {}
    for name in columns.data.columns:
        column = columns.data[name]
        if kind_of_column(column) == "date":
            column = _iso(column)
        elif column.dtype == float and (column.dropna() % 1 == 0).all() and (column.dropna().abs() <= 2**53).all():
            column = column.astype("Int64")  # 5, not 5.0
        fields[name] = pa.Array.from_pandas(column)
    if len(fields) == 1:  # a line with nothing in it would be no row
        (name,) = fields
        fields[name] = pa.array([("" if v is None else str(v)) for v in fields[name].to_pylist()], pa.string())
    pc.write_csv(pa.table(fields), str(path), pc.WriteOptions(include_header=True, quoting_style="needed"))


def _iso(column: pd.Series) -> pd.Series:
    given = column.dropna()
    if (given == given.dt.normalize()).all():
        return column.dt.strftime("%Y-%m-%d").astype("str")
    return column.map(lambda t: t.isoformat(), na_action="ignore").astype("str")


def write_parquet(path: Path, columns: Columns) -> None:
    """Write .parquet: empty cells as nulls, and for every recoded column its kinds beside it, in words.

    Raises
    ------
    ExportError
        If a column of the data has the name of a column of kinds.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    words = pa.array(list(KIND_CODES))
    arrays, fields = [], []
    for name in columns.data.columns:
        column = columns.data[name]
        if kind_of_column(column) == "tagged":
            raise ExportError(
                "Parquet cannot store Stata's tagged missing values in a numeric column.",
                where=name,
                fix="call recode_missing() first: the kinds go beside the numbers",
            )
        arrays.append(pa.Array.from_pandas(column))
        fields.append(pa.field(name, arrays[-1].type))
        if name not in columns.kinds.columns:
            continue
        beside = f"{name}{KIND_SUFFIX}"
        if beside in columns.data.columns:
            raise ExportError("A column has the reserved name of a column of kinds.", where=beside, fix="rename it")
        kinds = columns.kinds[name].to_numpy().astype(np.int8)
        arrays.append(pa.DictionaryArray.from_arrays(pa.array(kinds - 1, mask=kinds == 0), words))
        fields.append(pa.field(beside, arrays[-1].type, metadata={"survey.kind_of": name}))
    pq.write_table(pa.Table.from_arrays(arrays, schema=pa.schema(fields)), str(path), compression="zstd")


def write_xlsx(path: Path, columns: Columns, lang: str) -> None:
    """Write .xlsx: the sheet `data` with codes, and the sheet `codebook` with a row a code.

    Raises
    ------
    ExportError
        For more rows, longer texts or earlier dates than Excel has.
    """
    import datetime as dt

    import xlsxwriter

    data = columns.data
    _check_room(columns)
    book = xlsxwriter.Workbook(
        str(path), {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    )
    book.set_properties({"title": columns.codebook.wording("", lang), "created": dt.datetime(2024, 1, 1)})
    head = book.add_format({"bold": True})
    moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
    sheet = book.add_worksheet("data")
    for j, name in enumerate(data.columns):
        if re.search(_NO_CELL, name):
            raise _no_cell(ascii(name))
        sheet.write_string(0, j, name, head)
        column = data[name]
        kind = kind_of_column(column)
        for i, value in enumerate(column.tolist(), 1):
            if value is None or value is pd.NaT or value != value:
                continue
            if kind == "date":
                sheet.write_datetime(i, j, value.to_pydatetime(), moment)
            elif kind == "text":
                sheet.write_string(i, j, value)
            else:
                sheet.write_number(i, j, _Exact(value))
    sheet.freeze_panes(1, 0)
    _codebook_sheet(book.add_worksheet("codebook"), columns, head)
    book.close()


def _codebook_sheet(sheet: Any, columns: Columns, head: Any) -> None:
    titles = ["variable", "type", "text_vi", "text_en", "code", "label_vi", "label_en", "missing"]
    rows: list[list[Any]] = []
    for v in columns.codebook.variables.values():
        rows.append([v.name, v.type, v.text.get("vi", ""), v.text.get("en", ""), "", "", "", ""])
        for code in (*v.labels, *v.missing):
            text = v.labels.get(code) or v.missing_labels.get(code) or {}
            rows.append([v.name, "", "", "", code, text.get("vi", ""), text.get("en", ""), v.missing.get(code, "")])
    for j, title in enumerate(titles):
        sheet.write_string(0, j, title, head)
    for i, row in enumerate(rows, 1):
        for j, cell in enumerate(row):
            if isinstance(cell, str):
                if re.search(_NO_CELL, cell):
                    raise _no_cell(f"codebook, {row[0]!a}")
                sheet.write_string(i, j, cell)
            else:
                sheet.write_number(i, j, _Exact(cell))
    sheet.freeze_panes(1, 0)


def _no_cell(where: str) -> ExportError:
    return ExportError(
        "A text contains a character that Excel cells cannot store.",
        where=where,
        got="U+FFFE or U+FFFF",
        expected="letters, digits, signs",
        fix="remove it from the text (recode), or write .parquet or .csv",
    )


def _check_room(columns: Columns) -> None:
    data = columns.data
    if len(data) >= _ROWS or len(data.columns) > 16_384:
        raise ExportError(
            "The table has too many rows or columns for Excel.",
            got=f"{data.shape[0]:,} x {data.shape[1]:,}",
            expected=f"at most {_ROWS - 1:,} x 16,384",
            fix="write .parquet or .csv",
        )
    if len(data) and data.iloc[-1].isna().all():
        raise ExportError(
            "The last row is empty and would be lost in a sheet.",
            got=f"{len(data):,} rows",
            fix="write .parquet or .csv, or drop the rows with a reason",
        )
    for name in data.columns:
        column = data[name].dropna()
        kind = kind_of_column(data[name])
        if kind == "text" and column.str.contains(_NO_CELL).any():
            raise _no_cell(name)
        if kind == "text" and (column.str.len() > _CELL).any():
            raise ExportError(
                "A text is too long for an Excel cell.",
                where=name,
                got=int(column.str.len().max()),
                expected=f"at most {_CELL:,} characters",
                fix="write .parquet or .csv",
            )
        early = kind == "date" and (column < "1900-03-01").any()
        fine = kind == "date" and (column != column.dt.round("ms")).any()
        if early or fine:
            raise ExportError(
                "Excel cannot store these dates.",
                where=name,
                got="a date before 1900-03-01" if early else "moments finer than a millisecond",
                fix="write .parquet or .csv",
            )
