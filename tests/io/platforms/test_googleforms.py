"""Google Forms: wording above the answers, checkboxes in one cell, words of one's own, times by locale."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import survey as sv
from survey.errors import ReadError

Write = Callable[..., Path]

BOOK = sv.Codebook.from_dict(
    {
        "variables": {
            "OV01": {
                "type": "ordinal",
                "text": {"vi": "Ông/bà hài lòng đến đâu?", "en": "How satisfied are you?"},
                "labels": {
                    "1": {"vi": "Không hài lòng", "en": "Dissatisfied"},
                    "2": {"vi": "Hài lòng", "en": "Satisfied"},
                },
            },
            "job": {
                "type": "nominal",
                "text": {"vi": "Nghề nghiệp", "en": "Your work"},
                "labels": {"1": {"vi": "Nông dân", "en": "Farmer"}, "9": {"vi": "Khác", "en": "Other"}},
            },
            "ch_web": {
                "type": "binary",
                "labels": {"0": "0", "1": "1"},
                "text": {"vi": "Trang web, ứng dụng", "en": "Web, app"},
            },
            "ch_desk": {"type": "binary", "labels": {"0": "0", "1": "1"}, "text": {"vi": "Quầy", "en": "Counter"}},
            "ch_other": {"type": "binary", "labels": {"0": "0", "1": "1"}, "text": {"vi": "Khác", "en": "Other"}},
            "wait": {"type": "number", "text": {"vi": "Chờ bao nhiêu phút?", "en": "Minutes waited?"}},
            "born": {"type": "date", "text": {"vi": "Ngày làm việc", "en": "Day of the visit"}},
        },
        "sets": {
            "ch": {
                "variables": ["ch_web", "ch_desk", "ch_other"],
                "label": {"vi": "Qua kênh nào?", "en": "By which channels?"},
            }
        },
    }
)
ROWS: list[list[object]] = [
    [
        "Timestamp",
        "Email Address",
        "How satisfied are you?",
        "Your work",
        "By which channels?",
        "Minutes waited?",
        "Day of the visit",
    ],
    ["2026/11/24 3:38:51 PM GMT+7", "a@example.org", "Satisfied", "Farmer", "Web, app, Counter", "15", "2026/11/20"],
    [
        "2026/11/24 9:05:00 AM GMT+7",
        "b@example.org",
        "Dissatisfied",
        "Blacksmith, retired",
        "Counter, by the gate, twice",
        "40",
        "",
    ],
    ["2026/11/24 9:06:00 AM GMT+7", "c@example.org", "", "Other", "", "", ""],
]


class TestWithACodebook:
    def test_codes_several_answers_and_words_of_ones_own(self, csv_file: Write) -> None:
        read = sv.read(csv_file("a.csv", ROWS), BOOK, export="googleforms")
        data = read.data
        assert data["timestamp"].tolist() == [
            pd.Timestamp("2026-11-24 15:38:51"),
            pd.Timestamp("2026-11-24 09:05"),
            pd.Timestamp("2026-11-24 09:06"),
        ]
        np.testing.assert_array_equal(data["OV01"], [2, 1, np.nan])
        np.testing.assert_array_equal(data["job"], [1, 9, 9])
        assert data["job_other"].tolist()[1] == "Blacksmith, retired" and data["job_other"].isna().tolist() == [
            True,
            False,
            True,
        ]
        np.testing.assert_array_equal(data[["ch_web", "ch_desk", "ch_other"]], [[1, 1, 0], [0, 1, 1], [np.nan] * 3])
        assert data["ch_other"].tolist()[1] == 1 and data["ch_other_text"].tolist()[1] == "by the gate, twice"
        np.testing.assert_array_equal(data["wait"], [15, 40, np.nan])
        assert data["born"].iloc[0] == pd.Timestamp("2026-11-20")
        assert "email" not in data and "example.org" not in data.to_csv()

    def test_in_vietnamese_typed_on_a_mac(self, csv_file: Write) -> None:
        rows = [
            ["Dấu thời gian", "Ông/bà hài lòng đến đâu? *", "Qua kênh nào?"],
            ["24/11/2026 15:38:51", "Hài lòng", "Trang web, ứng dụng;Quầy"],
        ]
        rows = [[unicodedata.normalize("NFD", c) for c in r] for r in rows]
        data = sv.read(csv_file("a.csv", rows), BOOK, export="googleforms", locale="vi").data
        assert data["OV01"].tolist() == [2] and data[["ch_web", "ch_desk", "ch_other"]].iloc[0].tolist() == [1, 1, 0]
        assert data["timestamp"].iloc[0] == pd.Timestamp("2026-11-24 15:38:51")

    def test_a_wording_the_codebook_lacks_proposes_the_nearest(self, csv_file: Write) -> None:
        rows = [["Timestamp", "How satisfied were you?"], ["2026/11/24 3:38:51 PM GMT+7", "Satisfied"]]
        with pytest.raises(ReadError, match="not in the codebook") as caught:
            sv.read(csv_file("a.csv", rows), BOOK, export="googleforms")
        assert "nearest: 'how satisfied are you?', which is OV01" in str(caught.value)

    def test_an_answer_that_is_no_label_names_its_rows(self, csv_file: Write) -> None:
        rows = [["How satisfied are you?"], ["Satisfied"], ["Satisfed"]]
        with pytest.raises(ReadError, match="An answer is not an option of its question") as caught:
            sv.read(csv_file("a.csv", rows), BOOK, export="googleforms")
        assert "1 row: 1" in str(caught.value) and "'Satisfied'" in str(caught.value)

    def test_one_wording_above_two_columns(self, csv_file: Write) -> None:
        twice = sv.Codebook.from_dict(
            {"variables": {"a": {"type": "number", "text": "Why?"}, "b": {"type": "number", "text": "Why?"}}}
        )
        read = sv.read(csv_file("a.csv", [["Why?", "Why?"], ["1", "2"]]), twice, export="googleforms")
        assert read.data.to_dict("list") == {"a": [1], "b": [2]} and "taken in order" in read.log["what"].iloc[0]
        with pytest.raises(ReadError, match="A wording is ambiguous"):
            sv.read(csv_file("b.csv", [["Why?", "Why?", "Why?"], ["1", "2", "3"]]), twice, export="googleforms")


class TestWithoutACodebook:
    def test_names_are_numbers_and_wording_is_kept(self, csv_file: Write, workbook: Write) -> None:
        for path in (csv_file("a.csv", ROWS), workbook("a.xlsx", answers=ROWS)):
            read = sv.read(path, export="googleforms")
            assert list(read.data.columns) == ["timestamp", "q1", "q2", "q3", "q4", "q5"]
            assert read.codebook["q1"].wording("vi") == "How satisfied are you?"
            assert read.data["q1"].tolist()[:2] == ["Satisfied", "Dissatisfied"]

    @pytest.mark.parametrize(
        ("locale", "day"), [("vi", "2026-04-03"), ("en-US", "2026-03-04"), ("en-GB", "2026-04-03")]
    )
    def test_times_of_a_sheet_need_its_locale(self, csv_file: Write, locale: str, day: str) -> None:
        path = csv_file("a.csv", [["Timestamp", "Q"], ["3/4/2026 9:05:00", "x"]])
        assert sv.read(path, export="googleforms", locale=locale).data["timestamp"].iloc[0] == pd.Timestamp(
            f"{day} 09:05"
        )
        with pytest.raises(ReadError, match="order of day and month"):
            sv.read(path, export="googleforms")

    @pytest.mark.parametrize(
        ("header", "cell", "hour"),
        [
            ("Timestamp", "2026/11/24 1:38:51 PM GMT+7", 13),
            ("Timestamp", "2026/11/24 12:38:51 AM GMT+5:30", 0),
            ("Dấu thời gian", "2026/11/24 1:38:51 CH GMT+7", 13),
            ("Dấu thời gian", "2026/11/24 1:38:51 SA GMT+7", 1),
            ("Horodateur", "2026/11/24 1:38:51 PM UTC+1", 13),
            ("Zeitstempel", "2026/11/24 1:38:51 PM MEZ", 13),
            ("Zeitstempel", "24.11.2026 13:38:51", 13),
            ("Marca temporal", "2026/11/24 1:38:51 p.\u00a0m. GMT-5", 13),
            ("Carimbo de data/hora", "2026/11/24 1:38:51 PM GMT-3", 13),
            ("タイムスタンプ", "2026/11/24 午後1:38:51 GMT+9", 13),
            ("타임스탬프", "2026. 11. 24 오후 1:38:51", 13),
        ],
    )
    def test_times_in_other_languages(self, csv_file: Write, header: str, cell: str, hour: int) -> None:
        data = sv.read(csv_file("a.csv", [[header, "Q?"], [cell, "x"]]), export="googleforms").data
        expected = pd.Timestamp("2026-11-24 00:38:51") + pd.Timedelta(hours=hour)
        assert data["timestamp"].tolist() == [expected] and data["q1"].tolist() == ["x"]

    def test_a_day_that_can_be_no_month_tells_the_order_of_the_column(self, csv_file: Write) -> None:
        rows = [["Timestamp", "Q?"], ["3/4/2026 9:00:00", "x"], ["3/21/2026 9:00:00", "y"]]
        read = sv.read(csv_file("a.csv", rows), export="googleforms")
        assert read.data["timestamp"].tolist() == [pd.Timestamp("2026-03-04 09:00"), pd.Timestamp("2026-03-21 09:00")]
        assert "dates as mm/dd/yyyy" in read.log["what"].iloc[0] and "3/21/2026" in read.log["what"].iloc[0]
        rows.append(["21/3/2026 9:00:00", "z"])  # two orders in one column: neither is known
        with pytest.raises(ReadError, match="order of day and month"):
            sv.read(csv_file("a.csv", rows), export="googleforms")
