"""Excel: the sheet is named, the cells are what they were."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xlsxwriter

from survey.codebook import Codebook, Variable
from survey.errors import ReadError
from survey.io import read


def workbook(path: Path, **sheets: list[list[object]]) -> Path:
    with xlsxwriter.Workbook(str(path), {"default_date_format": "yyyy-mm-dd"}) as book:
        for title, rows in sheets.items():
            sheet = book.add_worksheet(title)
            for i, row in enumerate(rows):
                for j, cell in enumerate(row):
                    if cell is not None:
                        sheet.write(i, j, cell)
    return path


ROWS: list[list[object]] = [
    ["id", "q1", "w", "phường", "ngày", "yes", "mixed", "empty"],
    ["01", 1, 1.5, "Đông Hoà", dt.date(2024, 6, 30), True, 5, None],
    ["02", None, 2, None, None, False, "x", None],
    ["03", -98, 3, "Tây", dt.date(2023, 8, 1), None, 2.5, None],
]


def test_cells_are_what_they_were(tmp_path: Path) -> None:
    data = read(workbook(tmp_path / "a.xlsx", data=ROWS)).data
    assert data["id"].tolist() == ["01", "02", "03"]
    np.testing.assert_array_equal(data["q1"], [1, np.nan, -98])
    np.testing.assert_array_equal(data["w"], [1.5, 2, 3])
    assert data["phường"].tolist()[::2] == ["Đông Hoà", "Tây"]
    assert data["phường"].isna().tolist() == [False, True, False]
    assert data["ngày"].iloc[0] == pd.Timestamp("2024-06-30")
    np.testing.assert_array_equal(data["yes"], [1, 0, np.nan])
    assert data["mixed"].tolist() == ["5", "x", "2.5"]
    assert data["empty"].isna().all()


def test_whole_numbers_are_whole(tmp_path: Path) -> None:
    data = read(workbook(tmp_path / "a.xlsx", data=[["n"], [1], [12436]])).data
    assert data["n"].dtype == "int64"


def test_a_number_as_a_name(tmp_path: Path) -> None:
    data = read(workbook(tmp_path / "a.xlsx", data=[["id", 2023, None], [1, 2, 3]])).data
    assert list(data.columns) == ["id", "2023", "column_3"]


def test_declared_columns(tmp_path: Path) -> None:
    book = Codebook().update(Variable("ward", "nominal", labels={"12436": {}}), Variable("q", "number"))
    rows: list[list[object]] = [["ward", "q"], [12436, "3"], [12436, "4"]]
    data = read(workbook(tmp_path / "a.xlsx", data=rows), book).data
    assert data["ward"].tolist() == ["12436", "12436"]
    assert data["q"].tolist() == [3, 4]


def test_the_sheet_is_not_guessed(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", codebook=[["name"], ["q1"]], answers=[["q1"], [5]])
    with pytest.raises(ReadError, match="several sheets") as caught:
        read(path)
    assert "codebook, answers" in str(caught.value)
    assert read(path, sheet="answers").data["q1"].tolist() == [5]
    assert read(path, sheet=1).data["q1"].tolist() == [5]
    assert read(path, sheet="answers").entries[0].arguments["sheet"] == "answers"
    for wrong in ("Answers", 2, -1):
        with pytest.raises(ReadError, match="no such sheet"):
            read(path, sheet=wrong)


def test_an_empty_sheet(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="sheet is empty"):
        read(workbook(tmp_path / "a.xlsx", data=[]))


def test_blank_rows_at_the_end_are_no_respondents(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(str(tmp_path / "a.xlsx")) as book:
        sheet = book.add_worksheet()
        sheet.write(0, 0, "q")
        sheet.write(1, 0, 1)
        sheet.write_blank(9, 3, None, book.add_format({"bold": True}))
    data = read(tmp_path / "a.xlsx").data
    assert data.shape == (1, 1)


def test_an_archive_that_is_no_workbook(tmp_path: Path) -> None:
    import zipfile

    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as archive:
        archive.writestr("note.txt", "hello")
    with pytest.raises(ReadError, match="damaged"):
        read(tmp_path / "a.xlsx")


@pytest.mark.real
def test_papi_sheets_are_named(data_home: Path) -> None:
    path = data_home / "papi_2011_2016" / "PAPI_2011-2016.xlsx"
    with pytest.raises(ReadError, match="several sheets") as caught:
        read(path)
    assert "2016_PAPI" in str(caught.value)
    # 63 provinces and cities, below the second header row
    assert len(read(path, sheet="2016_PAPI")) >= 63
