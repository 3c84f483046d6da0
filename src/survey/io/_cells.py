"""CSV text and workbooks as raw cells: the one place that parses either. What a cell means is left to who asks."""

from __future__ import annotations

import csv
import datetime as dt
import io
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from survey.codebook.told import said
from survey.errors import ReadError, shorten
from survey.io._raw import nfc
from survey.io._sheets import Sheet

__all__ = ["SEPARATORS", "cell_text", "csv_cells", "sheet_names", "workbook_cells"]

SEPARATORS = {",": '","', ";": '";"', "\t": '"\\t"', "|": '"|"'}
"""Signs that separate cells, and how they are typed."""
_BLOCK = 1 << 24  # bytes; a quoted text must not be longer
_ZIPPED = (".xlsx", ".xlsm", ".xlsb", ".ods")


def csv_cells(
    text: str, separator: str, where: object, *, missing: Sequence[str] = (), fix: str
) -> tuple[list[str], list[pd.Series]]:
    """The first row of CSV, and the cells below it by column: text as it stands, empty cells missing.

    Parameters
    ----------
    text : str
        Holds more than blanks.
    separator : str
        One sign.
    where : path or str
        The file, for errors.
    missing : sequence of str
        Words that are missing where they stand without quotes ("NA").
    fix : str
        What helps where rows have more or fewer cells than the header.

    Raises
    ------
    ReadError
        For another separator, a quote that is never closed, rows with more or fewer cells than the header.
    """
    import pyarrow as pa
    import pyarrow.csv as pc

    header = _header(text, separator, where)
    _refuse_open_quote(text, separator, where)
    ragged: list[str] = []

    def note(row: pc.InvalidRow) -> str:
        number = "" if row.number is None else f"row {row.number}: "
        ragged.append(f"{number}{row.actual_columns} cells")
        return "skip"

    names = [str(i) for i in range(len(header))]
    try:
        table = pc.read_csv(
            pa.BufferReader(text.encode("utf-8")),
            read_options=pc.ReadOptions(use_threads=False, block_size=_BLOCK, column_names=names),
            parse_options=pc.ParseOptions(delimiter=separator, newlines_in_values=True, invalid_row_handler=note),
            convert_options=pc.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()),
                null_values=["", *missing],
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,
            ),
        )
    except pa.ArrowInvalid as problem:
        raise ReadError(
            "The file could not be parsed as CSV.",
            where=where,
            got=said(problem),
            expected="CSV",
            fix="export it again",
        ) from None
    if ragged:
        raise ReadError(
            "Some rows have more or fewer cells than the header: the file is cut short, or text with separators "
            "lacks its quotes.",
            where=where,
            got=shorten(ragged),
            expected=f"{len(header)} cells",
            fix=fix,
        )
    columns = [pd.Series(c.to_pandas(), dtype="str") for c in table.slice(1).columns]
    return header, [c.mask(c == "") for c in columns]


def _header(text: str, separator: str, where: object) -> list[str]:
    try:
        cells = next(row for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator) if row)
    except csv.Error as problem:
        raise ReadError("The header of the file cannot be read.", where=where, got=said(problem)) from None
    if len(cells) == 1:
        for other, shown in SEPARATORS.items():
            if other != separator and other in cells[0]:
                raise ReadError(
                    "The header has a single column: the file uses another separator.",
                    where=where,
                    got=f"{cells[0].count(other):,} of the sign {shown} in it",
                    expected=f"columns separated by {separator!r}",
                    fix=f"name it: read(..., separator={shown})",
                )
    return cells


def _refuse_open_quote(text: str, separator: str, where: object) -> None:
    """An error for a quote that is never closed: it would swallow every row after it."""
    if text.count('"') % 2 == 0:
        return
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    start = 1
    try:
        for _ in reader:
            start = reader.line_num + 1
    except csv.Error as problem:
        raise ReadError(
            "A quote is not closed: the file is cut short, or a quote inside a text is not doubled.",
            where=f"{where}, row that begins in line {start}",
            got=said(problem),
            expected='text in quotes, with quotes inside it doubled: "a ""word"" apart"',
            fix="export the file again",
        ) from None


def workbook_cells(
    path: Path, *, what: str = "workbook", expected: str | None = None, fix: str = "open it in Excel and save it again"
) -> dict[str, Sheet]:
    """Every sheet of cells, in the workbook's order, without the empty rows around; text in NFC.

    Parameters
    ----------
    path : Path
        .xlsx, .xlsm, .xlsb, .xls or .ods.
    what, expected, fix : str, optional
        What the workbook is and should be, and what helps where it cannot be read.

    Raises
    ------
    ReadError
        If the file is cut short, no workbook, or protected.
    """
    import python_calamine

    try:
        if path.suffix.lower() in _ZIPPED and not zipfile.is_zipfile(path):
            raise ValueError("no complete archive")
        workbook = python_calamine.CalamineWorkbook.from_path(str(path))
        found = {}
        for about in workbook.sheets_metadata:
            if about.typ != python_calamine.SheetTypeEnum.WorkSheet:
                continue
            sheet = workbook.get_sheet_by_name(about.name)
            rows: list[Any] = sheet.to_python(skip_empty_area=False)
            merged = sheet.merged_cell_ranges or []
            hidden = about.visible != python_calamine.SheetVisibleEnum.Visible
            found[about.name] = _trimmed(Sheet(about.name, rows, tuple(merged), hidden))
    except python_calamine.PasswordError as problem:
        raise ReadError(
            f"The {what} is protected by a password.", where=path, got=said(problem), fix="save it without one"
        ) from problem
    except Exception as problem:  # a parser may fail in ways of its own
        raise ReadError(
            f"The {what} cannot be read: it is cut short, damaged, or no workbook.",
            where=path,
            got=said(problem),
            expected=expected or f"a whole {path.suffix} file",
            fix=fix,
        ) from None
    return found


def _trimmed(sheet: Sheet) -> Sheet:
    rows = [[nfc(cell) for cell in row] for row in sheet.rows]
    while rows and all(cell == "" for cell in rows[-1]):
        rows.pop()
    first = next((i for i, row in enumerate(rows) if any(cell != "" for cell in row)), 0)
    width = max((i for row in rows for i, cell in enumerate(row, 1) if cell != ""), default=0)
    merged = tuple(((a - first, b), (c - first, d)) for (a, b), (c, d) in sheet.merged)
    return Sheet(sheet.name, [row[:width] for row in rows[first:]], merged, sheet.hidden, first)


def sheet_names(path: Path) -> list[str]:
    """Names of the sheets of a workbook; none of a file that cannot be opened."""
    import python_calamine

    try:
        return list(python_calamine.CalamineWorkbook.from_path(str(path)).sheet_names)
    except Exception:  # whoever reads it says why
        return []


def cell_text(cell: Any, booleans: tuple[str, str] = ("False", "True")) -> str:
    """A cell of a workbook as text: whole numbers without a point, dates as ISO 8601, in NFC; "" where empty."""
    if isinstance(cell, bool):
        return booleans[cell]
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return cell.isoformat() if isinstance(cell, dt.date | dt.time) else nfc(str(cell))
