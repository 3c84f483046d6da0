"""Small exports in the platforms' own shapes, with invented answers, and the form that they are of.

Headers follow what the platforms document: KoboToolbox's help pages on exporting data and the tests of its package
formpack, ODK's documentation of Central submissions and the XForms specification of client audit logs, SurveyCTO's
help page on the format of exported data, LimeSurvey's manual on exporting results, Qualtrics' support page on
understanding the data set and the sample file of the R package qualtRics.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest
import xlsxwriter

Rows = list[list[object]]

SURVEY: Rows = [
    ["type", "name", "label::Vietnamese (vi)", "label::English (en)"],
    ["start", "start", "", ""],
    ["end", "end", "", ""],
    ["begin_group", "person", "Người trả lời", "Respondent"],
    ["integer", "age", "Tuổi của ông/bà?", "How old are you?"],
    ["begin_group", "home", "Nơi ở", "Home"],
    ["select_one yesno", "owner", "Ông/bà có nhà riêng không?", "Do you own your home?"],
    ["end_group", "", "", ""],
    ["end_group", "", "", ""],
    ["select_one sat", "OV01", "Ông/bà hài lòng đến đâu?", "How satisfied are you?"],
    ["select_multiple water", "water", "Nguồn nước nào?", "Which water do you use?"],
    ["date", "moved", "Ngày chuyển đến", "Date moved in"],
    ["geopoint", "loc", "Vị trí", "Location"],
    ["text", "remark", "Ý kiến", "Remarks"],
    ["calculate", "double", "", ""],
    ["begin_repeat", "household", "Thành viên", "Members"],
    ["text", "nick", "Tên gọi", "Nickname"],
    ["integer", "years", "Bao nhiêu tuổi?", "Years of age?"],
    ["end_repeat", "", "", ""],
]
CHOICES: Rows = [
    ["list_name", "name", "label::Vietnamese (vi)", "label::English (en)"],
    ["yesno", 1, "Có", "Yes"],
    ["yesno", 0, "Không", "No"],
    ["sat", 1, "Không hài lòng", "Dissatisfied"],
    ["sat", 2, "Bình thường", "Neither"],
    ["sat", 3, "Hài lòng", "Satisfied"],
    ["sat", -98, "Không biết", "Don't know"],
    ["water", "tap", "Nước máy", "Tap water"],
    ["water", "well", "Nước giếng, có lọc", "Well, filtered"],
    ["water", "rain", "Nước mưa", "Rain"],
]


def written(path: Path, **sheets: Rows) -> Path:
    with xlsxwriter.Workbook(str(path)) as book:
        for title, rows in sheets.items():
            sheet = book.add_worksheet(title.replace("__", " "))
            for i, row in enumerate(rows):
                for j, cell in enumerate(row):
                    if cell not in ("", None):
                        sheet.write(i, j, cell)
    return path


@pytest.fixture
def workbook(tmp_path: Path) -> Callable[..., Path]:
    """Write a workbook: workbook("name.xlsx", sheet=rows)."""
    return lambda name, **sheets: written(tmp_path / name, **sheets)


@pytest.fixture
def csv_file(tmp_path: Path) -> Callable[..., Path]:
    """Write a CSV with every cell in quotes, as the platforms do."""

    def write(name: str, rows: Rows, separator: str = ",") -> Path:
        stream = io.StringIO(newline="")
        csv.writer(stream, delimiter=separator, quoting=csv.QUOTE_ALL).writerows(rows)
        path = tmp_path / name
        path.write_text(stream.getvalue(), encoding="utf-8")
        return path

    return write


@pytest.fixture
def form(tmp_path: Path) -> Path:
    return written(tmp_path / "form.xlsx", survey=SURVEY, choices=CHOICES)
