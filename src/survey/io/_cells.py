"""Workbooks as raw cells, and CSV as `base.cells` parses it. What a cell means is left to who asks."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from survey.base.cells import SEPARATORS, csv_cells
from survey.base.native import Failed, parsed_names, parsed_workbook
from survey.errors import ReadError
from survey.io._raw import nfc
from survey.io._sheets import Inside, Sheet

__all__ = ["SEPARATORS", "cell_text", "csv_cells", "sheet_names", "workbook_cells"]


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
    try:
        parsed = parsed_workbook(path)
    except Failed as problem:
        if problem.kind == "PasswordError":
            raise ReadError(
                f"The {what} is protected by a password.", where=path, got=problem.told, fix="save it without one"
            ) from None
        raise ReadError(
            f"The {what} cannot be read: it is cut short, damaged, or no workbook.",
            where=path,
            got=problem.told,
            expected=expected or f"a whole {path.suffix} file",
            fix=fix,
        ) from None
    return {s["name"]: _sheet(s) for s in parsed}


def _sheet(parsed: dict[str, Any]) -> Sheet:
    merged = tuple((tuple(first), tuple(last)) for first, last in parsed["merged"])
    about = parsed["inside"]
    inside = Inside(tuple(about.get("formulas", ())), tuple(about.get("errors", ())), about.get("since_1904", False))
    rows: list[Any] = [list(row) for row in zip(*parsed["columns"], strict=True)]
    return Sheet(parsed["name"], rows, merged, parsed["hidden"], parsed["skipped"], inside)


def sheet_names(path: Path) -> list[str]:
    """Names of the sheets of a workbook; none of a file that cannot be opened."""
    try:
        return parsed_names(path)
    except (Failed, ReadError):  # whoever reads it says why
        return []


def cell_text(cell: Any, booleans: tuple[str, str] = ("False", "True")) -> str:
    """A cell of a workbook as text: whole numbers without a point, dates as ISO 8601, in NFC; "" where empty."""
    if isinstance(cell, bool):
        return booleans[cell]
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return cell.isoformat() if isinstance(cell, dt.date | dt.time) else nfc(str(cell))
