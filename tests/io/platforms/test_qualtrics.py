"""Qualtrics: three header rows; values or choice text; one column a choice."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import survey as sv
from survey.errors import ReadError

Write = Callable[..., Path]


def ids(*names: str) -> list[object]:
    return [
        json.dumps(
            {"ImportId": n} if ":" not in n else {"ImportId": n.split(":")[0], "choiceId": n.split(":")[1]},
            separators=(",", ":"),
        )
        for n in names
    ]


ROWS: list[list[object]] = [
    [
        "StartDate",
        "EndDate",
        "Status",
        "IPAddress",
        "Progress",
        "Duration (in seconds)",
        "Finished",
        "RecordedDate",
        "ResponseId",
        "RecipientLastName",
        "LocationLatitude",
        "UserLanguage",
        "Q1",
        "Q3_1",
        "Q3_4",
        "Q3_4_TEXT",
        "Q5",
    ],
    [
        "Start Date",
        "End Date",
        "Response Type",
        "IP Address",
        "Progress",
        "Duration (in seconds)",
        "Finished",
        "Recorded Date",
        "Response ID",
        "Recipient Last Name",
        "Location Latitude",
        "User Language",
        "How satisfied\nare you?",
        "Which channels? - Selected Choice - Web, app",
        "Which channels? - Selected Choice - Other",
        "Which channels? - Other - Text",
        "Minutes?",
    ],
    ids(
        "startDate",
        "endDate",
        "status",
        "ipAddress",
        "progress",
        "duration",
        "finished",
        "recordedDate",
        "_recordId",
        "recipientLastName",
        "locationLatitude",
        "userLanguage",
        "QID1",
        "QID3:1",
        "QID3:4",
        "QID3_4_TEXT",
        "QID5_TEXT",
    ),
    [
        "2026-11-24 10:00:00",
        "2026-11-24 10:05:10",
        "0",
        "203.0.113.9",
        "100",
        "310",
        "1",
        "2026-11-24 10:05:11",
        "R_1",
        "Nguyễn",
        "20.4",
        "VI",
        "2",
        "1",
        "1",
        "the gate",
        "15",
    ],
    [
        "2026-11-24 11:00:00",
        "2026-11-24 11:01:00",
        "0",
        "203.0.113.9",
        "40",
        "60",
        "0",
        "2026-11-25 11:01:00",
        "R_2",
        "Trần",
        "20.4",
        "EN",
        "1",
        "",
        "1",
        "",
        "20",
    ],
    [
        "2026-11-24 12:00:00",
        "2026-11-24 12:01:00",
        "1",
        "",
        "100",
        "60",
        "1",
        "2026-11-24 12:01:00",
        "R_3",
        "",
        "",
        "EN",
        "-99",
        "",
        "",
        "",
        "",
    ],
]
BOOK = sv.Codebook.from_dict(
    {
        "variables": {
            "Q1": {
                "type": "ordinal",
                "text": {"en": "How satisfied are you?"},
                "labels": {"1": "Dissatisfied", "2": "Satisfied"},
                "missing": {"-99": {"kind": "blank", "en": "Seen but unanswered"}},
            }
        }
    }
)


def test_values(csv_file: Write) -> None:
    read = sv.read(csv_file("a.csv", ROWS), export="qualtrics")
    data = read.data
    assert data["StartDate"].iloc[0] == pd.Timestamp("2026-11-24 10:00") and data["duration_s"].tolist() == [
        310,
        60,
        60,
    ]
    assert data["Finished"].tolist() == [1, 0, 1] and data["Q1"].tolist() == [2, 1, -99]
    np.testing.assert_array_equal(data[["Q3_1", "Q3_4"]], [[1, 1], [0, 1], [np.nan, np.nan]])
    assert data["Q3_4_TEXT"].iloc[0] == "the gate" and read.codebook.sets["Q3"].variables == ("Q3_1", "Q3_4")
    assert read.codebook["Q3_1"].wording() == "Web, app" and read.codebook.sets["Q3"].label["en"] == "Which channels?"
    assert read.codebook["Q1"].wording() == "How satisfied are you?" and read.codebook["ResponseId"].role == "id"
    assert not {"IPAddress", "RecipientLastName", "LocationLatitude"} & set(data.columns)
    assert "1 rows are previews" in read.log["what"].iloc[0] and "1 rows are not finished" in read.log["what"].iloc[0]


def test_choice_text_means_the_codes(csv_file: Write, workbook: Write) -> None:
    rows = [list(r) for r in ROWS]
    rows[3][12], rows[4][12], rows[5][12] = "Satisfied", "Dissatisfied", "Seen but unanswered"
    rows[3][13] = "Web, app"
    for path in (csv_file("a.csv", rows), workbook("a.xlsx", Sheet0=rows)):
        read = sv.read(path, BOOK, export="qualtrics")
        assert read.data["Q1"].tolist() == [2, 1, -99]
        np.testing.assert_array_equal(read.data[["Q3_1", "Q3_4"]], [[1, 1], [0, 1], [np.nan, np.nan]])


def test_a_set_that_the_codebook_declares(csv_file: Write) -> None:
    rows = [list(r) for r in ROWS]
    rows[2][13:15] = ids("QID3_1", "QID3_4")  # older exports do not name choices
    plain = sv.read(csv_file("a.csv", rows), export="qualtrics")
    assert not plain.codebook.sets and np.isnan(plain.data["Q3_1"].iloc[1])  # nothing says that these are ticks
    book = sv.Codebook.from_dict(
        {
            "variables": {n: {"type": "binary", "labels": {"0": "No", "1": "Yes"}} for n in ("Q3_1", "Q3_4")},
            "sets": {"Q3": {"variables": ["Q3_1", "Q3_4"]}},
        }
    )
    read = sv.read(csv_file("a.csv", rows), book, export="qualtrics")
    np.testing.assert_array_equal(read.data[["Q3_1", "Q3_4"]], [[1, 1], [0, 1], [np.nan, np.nan]])


@pytest.mark.parametrize("kept", [(0, 1), (0, 2), (0,), (0, 1, 2)], ids=["no ids", "no wording", "names", "all"])
def test_header_rows_that_were_cut_out(csv_file: Write, kept: tuple[int, ...]) -> None:
    read = sv.read(csv_file("a.csv", [*(ROWS[i] for i in kept), *ROWS[3:]]), export="qualtrics")
    expected = sv.read(csv_file("b.csv", ROWS), export="qualtrics")
    assert read.data["Q1"].tolist() == [2, 1, -99] and read.data["duration_s"].tolist() == [310, 60, 60]
    assert read.data["Q3_4_TEXT"].iloc[0] == "the gate" and list(read.data.columns) == list(expected.data.columns)
    assert read.codebook["Q1"].wording() == ("How satisfied are you?" if 1 in kept else "Q1")
    assert read.codebook["ResponseId"].role == "id" and bool(read.codebook.sets) == (2 in kept)
    assert ("no row of" in read.log["what"].iloc[0]) == (2 not in kept)


def test_a_row_that_is_nearly_empty_is_an_answer(csv_file: Write) -> None:
    rows = [["StartDate", "EndDate", "ResponseId", "Q1"], ["", "", "", "5"], ["2026-11-24 10:00:00", "", "R_1", "6"]]
    assert sv.read(csv_file("a.csv", rows), export="qualtrics").data["Q1"].tolist() == [5, 6]


def test_names_that_repeat_and_tabs_in_utf_16(tmp_path: Path) -> None:
    """TSV of Qualtrics is UTF-16 with a mark; loops have a name again."""
    path = tmp_path / "a.tsv"
    rows = ["StartDate\tEndDate\tQ1\tQ1", "2026-11-24 10:00:00\t2026-11-24 10:05:00\tđẹp\txấu"]
    path.write_bytes("\n".join(rows).encode("utf-16"))
    read = sv.read(path, export="qualtrics")
    assert read.data[["Q1", "Q1_2"]].to_numpy().tolist() == [["đẹp", "xấu"]]
    assert "'Q1' heads 2 columns" in read.log["what"].iloc[0]


def test_the_former_format(csv_file: Write) -> None:
    """V1, V2, ... with the names of its own columns in the second row (qualtRics: sample_legacy.csv)."""
    rows = [
        ["V1", "V6", "V8", "V9", "Q1", "LocationLatitude", ""],
        ["ResponseID", "IPAddress", "StartDate", "EndDate", "A choice?", "LocationLatitude", ""],
        ["R_1", "203.0.113.9", "2017-07-18 08:28:09", "2017-07-18 08:28:48", "2", "47.1", ""],
    ]
    read = sv.read(csv_file("a.csv", rows), export="qualtrics")
    assert list(read.data.columns) == ["ResponseId", "StartDate", "EndDate", "Q1"] and read.data["Q1"].tolist() == [2]
    assert read.codebook["Q1"].wording() == "A choice?" and read.codebook["ResponseId"].role == "id"


def test_a_row_of_import_ids_with_other_text(csv_file: Write) -> None:
    rows = [list(r) for r in ROWS]
    rows[2][12] = "How satisfied"
    with pytest.raises(ReadError, match="row of import ids holds other text") as caught:
        sv.read(csv_file("a.csv", rows), export="qualtrics")
    assert "row 3" in str(caught.value) and "Q1 lack one" in str(caught.value)
    with pytest.raises(ReadError, match="the columns of Qualtrics are not there"):
        sv.read(csv_file("b.csv", [["a", "b"], ["1", "2"], ["3", "4"]]), export="qualtrics")


def test_no_answers(csv_file: Write) -> None:
    for rows in (ROWS[:3], ROWS[:2], ROWS[:1]):
        with pytest.raises(ReadError, match="no rows"):
            sv.read(csv_file("a.csv", rows), export="qualtrics")


def test_a_choice_that_is_none(csv_file: Write) -> None:
    rows = [list(r) for r in ROWS]
    rows[3][12], rows[4][12], rows[5][12] = "Satisfied", "Quite satisfied", "Satisfied"
    with pytest.raises(ReadError, match="An answer is not an option of its question") as caught:
        sv.read(csv_file("a.csv", rows), BOOK, export="qualtrics")
    assert "1 row: 1" in str(caught.value)
