"""A draw as an Excel workbook: the sample, its reserves, what the log says; texts are texts and never formulas."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pandas as pd

from survey.base._archive import EPOCH, refuse_unwritable
from survey.base.files import writing
from survey.base.text import written
from survey.drawing.drawn import DrawData
from survey.errors import ExportError

__all__ = ["refuse_ending", "to_excel"]


def to_excel(self: DrawData, path: str | os.PathLike[str]) -> Path:
    """Write sample, reserves and log as the sheets of a workbook.

    Parameters
    ----------
    path : path
        Ends in .xlsx.

    Returns
    -------
    Path

    Raises
    ------
    ExportError
        If the file cannot be written, or a text holds what documents cannot.
    """
    import xlsxwriter

    refuse_ending(path, ".xlsx")
    log = [(k, v) for k, v in self.log.items() if isinstance(v, str | int)]
    log += [(f"{name}: {k}", v) for name, frame in self.log["frames"].items() for k, v in frame.items()]
    log += [("note", note) for note in self.log["notes"]]
    strata = pd.DataFrame([{k: _joined(v) for k, v in s.items()} for s in self.log["strata"]])
    tables = {
        "sample": self.table,
        "reserves": self.reserves,
        "strata": strata,
        "log": pd.DataFrame(log, columns=["what", "value"]).astype(object),
    }
    with writing(path, endings=(".xlsx",)) as temporary:
        book = xlsxwriter.Workbook(str(temporary), {"nan_inf_to_errors": False})
        book.set_properties({"created": EPOCH, "author": ""})
        for name, table in tables.items():
            _sheet(book, name, table)
        book.close()
    return Path(path)


def refuse_ending(path: str | os.PathLike[str], ending: str) -> None:
    """Raise unless the name of a file ends as its kind does."""
    if Path(path).suffix.lower() != ending:
        raise ExportError(
            "The file name has the wrong extension.", got=Path(path).name, expected=f"one ending in {ending}"
        )


def _joined(value: Any) -> Any:
    return ", ".join(map(str, value)) if isinstance(value, list) else value


def _sheet(book: Any, name: str, table: pd.DataFrame) -> None:
    sheet = book.add_worksheet(name)
    head = book.add_format({"bold": True, "bottom": 1})
    for j, column in enumerate(table.columns):
        sheet.write_string(0, j, str(column), head)
        for i, value in enumerate(table[column].tolist(), 1):
            if isinstance(value, int | float) and not isinstance(value, bool):
                if value == value:
                    sheet.write_number(i, j, value)
            elif value is not None and value == value:
                refuse_unwritable([written(value)], f"column {column!r}")
                sheet.write_string(i, j, written(value))
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, max(len(table.columns) - 1, 0), 16)
