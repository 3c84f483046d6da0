"""The workbook that PowerPoint opens to edit a chart; the same bytes on every run."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from survey.base._archive import EPOCH, without_dates
from survey.tables._chart_pieces import written

__all__ = ["SHEET", "book_of"]

SHEET = "Sheet1"
"""The sheet that charts name in their ranges."""


def book_of(names: Sequence[str], columns: Sequence[tuple[str, Sequence[float | None]]], tag: str) -> bytes:
    """Names in the first column, below an empty heading; each other column below its own. `tag` is of the language."""
    import xlsxwriter

    with TemporaryDirectory() as folder:
        path = Path(folder) / "chart.xlsx"
        book = xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False})
        book.set_properties({"created": EPOCH, "author": ""})
        sheet = book.add_worksheet(SHEET)
        sheet.set_column(0, 0, 40)
        for i, text in enumerate(names, 1):
            sheet.write_string(i, 0, written(text))
        for j, (head, values) in enumerate(columns, 1):
            sheet.write_string(0, j, written(head))
            for i, value in enumerate(values, 1):
                if value is not None and math.isfinite(value):
                    sheet.write_number(i, j, value)
        book.close()
        without_dates(path, tag)
        return path.read_bytes()
