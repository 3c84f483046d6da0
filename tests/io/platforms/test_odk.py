"""ODK Central and Briefcase: dashes between groups, KEY and PARENT_KEY, the .zip with a file for each repeat group."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import survey as sv
from survey.errors import ReadError

Write = Callable[..., Path]

MAIN: list[list[object]] = [
    [
        "SubmissionDate",
        "start",
        "end",
        "person-age",
        "person-home-owner",
        "OV01",
        "water",
        "water/tap",
        "water/well",
        "water/rain",
        "loc-Latitude",
        "loc-Longitude",
        "loc-Altitude",
        "loc-Accuracy",
        "meta-instanceID",
        "KEY",
        "SubmitterID",
        "SubmitterName",
        "AttachmentsPresent",
        "AttachmentsExpected",
        "Status",
        "ReviewState",
        "DeviceID",
        "Edits",
        "FormVersion",
    ],
    [
        "2026-11-24T03:30:00.123Z",
        "2026-11-24T10:00:00.000+07:00",
        "2026-11-24T10:20:00.000+07:00",
        "34",
        "1",
        "3",
        "tap rain",
        "1",
        "0",
        "1",
        "20.45",
        "106.34",
        "0",
        "5",
        "uuid:1",
        "uuid:1",
        "7",
        "An",
        "0",
        "0",
        "",
        "approved",
        "d1",
        "0",
        "1",
    ],
    [
        "2026-11-24T17:15:00.000Z",
        "2026-11-24T23:30:00.000+07:00",
        "2026-11-25T00:10:00.000+07:00",
        "71",
        "0",
        "-98",
        "",
        "0",
        "0",
        "0",
        "",
        "",
        "",
        "",
        "uuid:2",
        "uuid:2",
        "7",
        "An",
        "0",
        "0",
        "",
        "rejected",
        "d1",
        "0",
        "1",
    ],
]
MEMBERS: list[list[object]] = [
    ["nick", "years", "PARENT_KEY", "KEY"],
    ["Tí", "4", "uuid:2", "uuid:2/household[1]"],
    ["Tèo", "8", "uuid:2", "uuid:2/household[2]"],
]


def test_a_csv_of_central(csv_file: Write, form: Path) -> None:
    read = sv.read(csv_file("f.csv", MAIN), export="odk", form=form)
    data = read.data
    assert data["age"].tolist() == [34, 71] and data["owner"].tolist() == [1, 0]
    # asked and nothing ticked: zeros in the file stay zeros
    assert data[["water_tap", "water_well", "water_rain"]].to_numpy().tolist() == [[1, 0, 1], [0, 0, 0]]
    assert data["SubmissionDate"].iloc[0] == pd.Timestamp("2026-11-24 10:30:00.123")
    assert data["instanceID"].tolist() == ["uuid:1", "uuid:2"] and read.codebook["KEY"].role == "id"
    assert not [c for c in data.columns if c.startswith("loc")]
    assert "1 submissions were refused by a reviewer (ReviewState)" in read.log["what"].iloc[0]


def test_a_repeat_in_the_file_beside(csv_file: Write, form: Path) -> None:
    path = csv_file("f.csv", MAIN)
    csv_file("f-household.csv", MEMBERS)
    data = sv.read(path, export="odk", form=form, repeat="household").data
    assert data["nick"].tolist() == ["Tí", "Tèo"] and data["age"].tolist() == [71, 71]
    assert data["KEY"].tolist() == ["uuid:2/household[1]", "uuid:2/household[2]"]


def test_a_repeat_in_the_archive(csv_file: Write, form: Path, tmp_path: Path) -> None:
    files = [csv_file("f.csv", MAIN), csv_file("f-household.csv", MEMBERS)]
    with zipfile.ZipFile(tmp_path / "f.csv.zip", "w") as archive:
        for file in files:
            archive.write(file, file.name)
        archive.writestr("media/a.jpg", b"x")
    data = sv.read(tmp_path / "f.csv.zip", export="odk", form=form, repeat="household").data
    assert data["years"].tolist() == [4, 8] and data["OV01"].tolist() == [-98, -98]
    whole = (tmp_path / "f.csv.zip").read_bytes()
    (tmp_path / "f.csv.zip").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ReadError, match="cut short"):
        sv.read(tmp_path / "f.csv.zip", export="odk", form=form)


def test_a_repeat_that_was_not_exported(csv_file: Write, form: Path) -> None:
    with pytest.raises(ReadError, match="no table of that repeat group"):
        sv.read(csv_file("f.csv", MAIN), export="odk", form=form, repeat="household")


def test_orphans_are_named(csv_file: Write, form: Path) -> None:
    path = csv_file("f.csv", MAIN[:2])
    csv_file("f-household.csv", MEMBERS)
    with pytest.raises(ReadError, match="Rows of the repeat group do not belong to a submission") as caught:
        sv.read(path, export="odk", form=form, repeat="household")
    assert "2 rows: 0, 1" in str(caught.value)


def test_headers_without_groups(csv_file: Write, form: Path) -> None:
    data = sv.read(csv_file("f.csv", [["age", "owner", "KEY"], ["34", "1", "uuid:1"]]), export="odk", form=form).data
    assert data["age"].tolist() == [34]


def test_a_name_with_a_dash_is_not_taken_for_a_group(csv_file: Write, workbook: Write) -> None:
    form = workbook(
        "f.xlsx",
        survey=[
            ["type", "name", "label"],
            ["integer", "a-b", "?"],
            ["begin_group", "a", "A"],
            ["integer", "c", "?"],
            ["end_group", "", ""],
        ],
        choices=[["list_name", "name", "label"]],
    )
    data = sv.read(csv_file("f.csv", [["a-b", "a-c"], ["1", "2"]]), export="odk", form=form).data
    assert data.to_dict("list") == {"a-b": [1], "c": [2]}


def test_old_options_that_were_not_offered_stay_empty(csv_file: Write, form: Path) -> None:
    rows = [["water/tap", "water/well", "KEY"], ["1", "", "a"], ["0", "1", "b"]]
    data = sv.read(csv_file("f.csv", rows), export="odk", form=form).data
    np.testing.assert_array_equal(
        data[["water_tap", "water_well", "water_rain"]], [[1, np.nan, np.nan], [0, 1, np.nan]]
    )
