"""Workbooks as raw cells, and CSV as `base.cells` parses it. What a cell means is left to who asks."""

from __future__ import annotations

import datetime as dt
import zipfile
from pathlib import Path
from typing import Any

from survey.base.cells import SEPARATORS, csv_cells
from survey.codebook.told import said
from survey.errors import ReadError
from survey.io._raw import nfc
from survey.io._sheets import Sheet

__all__ = ["SEPARATORS", "cell_text", "csv_cells", "sheet_names", "workbook_cells"]

_ZIPPED = (".xlsx", ".xlsm", ".xlsb", ".ods")


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
    rows = [[_cell(cell) for cell in row] for row in sheet.rows]
    while rows and all(cell == "" for cell in rows[-1]):
        rows.pop()
    first = next((i for i, row in enumerate(rows) if any(cell != "" for cell in row)), 0)
    width = max((i for row in rows for i, cell in enumerate(row, 1) if cell != ""), default=0)
    merged = tuple(((a - first, b), (c - first, d)) for (a, b), (c, d) in sheet.merged)
    return Sheet(sheet.name, [row[:width] for row in rows[first:]], merged, sheet.hidden, first)


def _cell(cell: Any) -> Any:
    """Text in NFC, "" of nothing but spaces; anything else as it is."""
    if not isinstance(cell, str):
        return cell
    return "" if not cell or cell.isspace() else nfc(cell)


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
