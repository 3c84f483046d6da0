"""SurveyCTO: options and repeats as name_1, name_2; times as "Nov 24, 2026 10:38:51 AM"."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import survey as sv
from survey.errors import ReadError

Write = Callable[..., Path]


@pytest.fixture
def cto(workbook: Write) -> Path:
    return workbook(
        "f.xlsx",
        survey=[
            ["type", "name", "label"],
            ["start", "starttime", ""],
            ["select_multiple crops", "crop", "Crops?"],
            ["integer", "wait", "Minutes?"],
            ["date", "moved", "Moved?"],
            ["begin repeat", "roster", "Roster"],
            ["text", "nick", "Called?"],
            ["integer", "years", "Age?"],
            ["select_multiple crops", "own", "Own?"],
            ["end repeat", "", ""],
            ["geopoint", "gps", "Where?"],
        ],
        choices=[["list_name", "name", "label"], ["crops", 1, "Rice"], ["crops", 2, "Maize"], ["crops", -888, "Other"]],
    )


ROWS: list[list[object]] = [
    [
        "SubmissionDate",
        "starttime",
        "deviceid",
        "devicephonenum",
        "duration",
        "crop",
        "crop_1",
        "crop_2",
        "crop__888",
        "wait",
        "moved",
        "roster_count",
        "nick_1",
        "years_1",
        "own_1",
        "own_1_1",
        "own_2_1",
        "nick_2",
        "years_2",
        "own_2",
        "gps-Latitude",
        "gps-Longitude",
        "instanceID",
        "formdef_version",
        "KEY",
    ],
    [
        "Nov 24, 2026 10:38:51 AM",
        "Nov 24, 2026 10:01:00 AM",
        "d1",
        "0912",
        "2271",
        "1 -888",
        "1",
        "0",
        "1",
        "-999",
        "Feb 29, 2020",
        "2",
        "Tí",
        "4",
        "1 2",
        "1",
        "1",
        "Tèo",
        "8",
        "",
        "20.4",
        "106.3",
        "uuid:1",
        "2611",
        "uuid:1",
    ],
    [
        "Nov 24, 2026 12:05:00 PM",
        "Nov 24, 2026 12:00:00 PM",
        "d1",
        "0912",
        "300",
        "",
        "",
        "",
        "",
        "15",
        "",
        "0",
        "",
        "",
        "",
        "",
        "",
        "",
        "",
        "",
        "",
        "",
        "uuid:2",
        "2611",
        "uuid:2",
    ],
]


def test_wide(csv_file: Write, cto: Path) -> None:
    read = sv.read(csv_file("a.csv", ROWS), export="surveycto", form=cto)
    data = read.data
    assert data["SubmissionDate"].tolist() == [pd.Timestamp("2026-11-24 10:38:51"), pd.Timestamp("2026-11-24 12:05")]
    np.testing.assert_array_equal(data[["crop_1", "crop_2", "crop__888"]], [[1, 0, 1], [np.nan] * 3])
    assert data["wait"].tolist() == [-999, 15]  # a missing code is a code until the codebook says so
    assert data["moved"].iloc[0] == pd.Timestamp("2020-02-29") and data["duration"].tolist() == [2271, 300]
    assert data["nick_2"].iloc[0] == "Tèo" and data["years_1"].iloc[0] == 4
    np.testing.assert_array_equal(data[["own_1_1", "own_1_2"]].iloc[0], [1, 1])
    assert "devicephonenum" not in data and not [c for c in data if c.startswith("gps")]
    assert read.codebook["KEY"].role == "id"


def test_missing_codes_that_a_codebook_declares(csv_file: Write, cto: Path) -> None:
    book = sv.Codebook.from_dict(
        {
            "variables": {
                "wait": {
                    "type": "number",
                    "limits": [0, 600],
                    "missing": {"-999": {"kind": "refused", "en": "Refused"}},
                }
            }
        }
    )
    read = sv.read(csv_file("a.csv", ROWS), book, export="surveycto", form=cto).recode_missing(["wait"])
    assert np.isnan(read.data["wait"].iloc[0]) and read.missing["wait"].tolist() == [4, 0]


def test_a_repeat_in_wide_form_becomes_long(csv_file: Write, cto: Path) -> None:
    read = sv.read(csv_file("a.csv", ROWS), export="surveycto", form=cto, repeat="roster")
    data = read.data
    assert data["nick"].tolist() == ["Tí", "Tèo"] and data["years"].tolist() == [4, 8]
    assert data["roster_row"].tolist() == [1, 2] and data["KEY"].tolist() == ["uuid:1", "uuid:1"]
    assert data["wait"].tolist() == [-999, -999]
    assert "1 of 2 submissions have no such row" in read.log["what"].iloc[0]


def test_long_files(csv_file: Write, cto: Path) -> None:
    path = csv_file("a.csv", [["wait", "SET-OF-roster", "KEY"], ["15", "uuid:1/roster", "uuid:1"]])
    csv_file(
        "a-roster.csv",
        [
            ["nick", "years", "PARENT_KEY", "KEY", "SET-OF-roster"],
            ["Tí", "4", "uuid:1", "uuid:1/roster[1]", "uuid:1/roster"],
        ],
    )
    data = sv.read(path, export="surveycto", form=cto, repeat="roster").data
    assert data[["nick", "wait"]].to_numpy().tolist() == [["Tí", 15]]


def test_a_cell_that_is_no_time_stays_and_check_tells(csv_file: Write, cto: Path) -> None:
    read = sv.read(
        csv_file("a.csv", [["SubmissionDate", "KEY"], ["24. Nov 2026", "uuid:1"]]), export="surveycto", form=cto
    )
    assert read.data["SubmissionDate"].tolist() == ["24. Nov 2026"]
    assert "not a date" in str([b.message for b in read.check().broken])


def test_an_option_that_could_be_a_row_is_one_question_only(csv_file: Write, cto: Path) -> None:
    with pytest.raises(ReadError, match="Two columns belong to the same question"):
        sv.read(csv_file("a.csv", [["crop_1", "crop/1", "KEY"], ["1", "1", "u"]]), export="surveycto", form=cto)
