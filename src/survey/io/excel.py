"""Excel workbooks, by python-calamine."""

from __future__ import annotations

import datetime as dt
import zipfile
from pathlib import Path
from typing import Any

import pandas as pd

from survey.codebook import Variable
from survey.errors import ReadError, some
from survey.io._raw import Options, Raw, column_names, normalised, settled
from survey.io.csvfiles import plain_codebook

__all__ = ["read_excel"]


def read_excel(path: Path, options: Options) -> Raw:
    """Read one sheet of an .xlsx workbook; its first row names the columns.

    Raises
    ------
    ReadError
        If the workbook is cut short, has several sheets and none is named, or the sheet is empty.
    """
    import python_calamine

    if not zipfile.is_zipfile(path):
        raise _damaged(path, "no complete archive")
    try:
        workbook = python_calamine.CalamineWorkbook.from_path(str(path))
        sheets = {s.name: s for s in workbook.sheets_metadata}
    except Exception as problem:  # a parser may fail in ways of its own
        raise _damaged(path, problem) from problem
    name = _sheet(list(sheets), options.sheet, path)
    try:
        rows = workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
    except Exception as problem:
        raise _damaged(path, problem) from problem
    while rows and all(cell == "" for cell in rows[-1]):
        rows.pop()
    if not rows:
        raise ReadError("The sheet is empty.", where=f"{path}, sheet {name!r}", fix=f"other sheets: {some(sheets)}")
    width = max((i for row in rows for i, cell in enumerate(row, 1) if cell != ""), default=0)
    names = column_names([_written(cell) for cell in rows[0][:width]], path)
    variables = options.codebook.variables if options.codebook else {}
    columns = {}
    for i, title in enumerate(names):
        cells = [row[i] for row in rows[1:]]
        columns[title] = _column(cells, variables.get(title))
    data = pd.DataFrame(columns, index=pd.RangeIndex(len(rows) - 1))
    return Raw(data, plain_codebook(data, str(path)), {})


def _column(cells: list[Any], variable: Variable | None) -> pd.Series:
    """Cells of one column: numbers, dates, or text; numbers among text are written as text."""
    given = [c for c in cells if c != ""]
    if not given:
        return pd.Series([float("nan")] * len(cells))
    if all(isinstance(c, bool) for c in given):
        return pd.Series([None if c == "" else float(c) for c in cells], dtype=float)
    numbers = all(isinstance(c, int | float) and not isinstance(c, bool) for c in given)
    if numbers and not (variable is not None and _wants_text(variable)):
        column = pd.Series([None if c == "" else c for c in cells], dtype=float)
        whole = len(given) == len(cells) and (column % 1 == 0).all() and (column.abs() < 2**53).all()
        return column.astype("int64") if whole else column
    if all(isinstance(c, dt.date | dt.datetime) for c in given):
        return pd.to_datetime(pd.Series([None if c == "" else c for c in cells]))
    texts = pd.Series([None if c == "" else _written(c) for c in cells], dtype="str")
    texts = normalised(texts)
    return texts if variable is None else settled(texts, variable)


def _wants_text(variable: Variable) -> bool:
    return variable.type == "text" or any(isinstance(c, str) for c in [*variable.labels, *variable.missing])


def _written(cell: Any) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return cell.isoformat() if isinstance(cell, dt.date | dt.time) else str(cell)


def _sheet(names: list[str], wanted: str | int | None, path: Path) -> str:
    if isinstance(wanted, int) and not isinstance(wanted, bool) and 0 <= wanted < len(names):
        return names[wanted]
    if isinstance(wanted, str) and wanted in names:
        return wanted
    if wanted is None and len(names) == 1:
        return names[0]
    raise ReadError(
        "The workbook has no such sheet." if wanted is not None else "The workbook has several sheets.",
        where=path, got=None if wanted is None else repr(wanted), expected=f"one of its sheets: {some(names)}",
        fix=f"name the sheet that holds the answers: read(..., sheet={names[0]!r})" if names else None,
    )  # fmt: skip


def _damaged(path: Path, problem: object) -> ReadError:
    return ReadError(
        "The workbook cannot be read: it is cut short or damaged.", where=path, got=problem,
        expected="a whole .xlsx file", fix="open it in Excel and save it again",
    )  # fmt: skip
