"""LimeSurvey: codes or full answers, headers as codes, wording or both; what "Y" and "-oth-" mean."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import survey as sv
from survey.errors import ReadError

Write = Callable[..., Path]

CODES: list[list[object]] = [
    [
        "id",
        "submitdate",
        "lastpage",
        "startlanguage",
        "seed",
        "ipaddr",
        "G1Q1",
        "G1Q2[SQ001]",
        "G1Q2[SQ002]",
        "G2Q1[SQ001]",
        "G2Q1[SQ002]",
        "G2Q1[other]",
        "G2Q2",
        "G2Q2[other]",
        "G3Q1",
        "interviewtime",
        "groupTime5",
    ],
    [
        "1",
        "2026-11-24 10:38:51",
        "3",
        "vi",
        "123",
        "203.0.113.9",
        "A2",
        "1",
        "5",
        "Y",
        "",
        "qua loa phường",
        "-oth-",
        "Thợ rèn",
        "Y",
        "310.5",
        "100",
    ],
    [
        "2",
        "1980-01-01 00:00:00",
        "3",
        "en",
        "124",
        "203.0.113.8",
        "A1",
        "2",
        "4",
        "",
        "Y",
        "",
        "A1",
        "",
        "N",
        "60",
        "20",
    ],
    ["3", "", "1", "en", "125", "203.0.113.7", "", "", "", "", "", "", "", "", "", "", ""],
]
BOOK = sv.Codebook.from_dict(
    {
        "variables": {
            "G1Q1": {
                "type": "ordinal",
                "text": {"vi": "Hài lòng đến đâu?", "en": "How satisfied?"},
                "labels": {"A1": {"vi": "Không", "en": "Not"}, "A2": {"vi": "Có", "en": "Quite"}},
                "missing": False,
            },
            "G3Q1": {
                "type": "binary",
                "text": {"vi": "Đã gặp chưa?", "en": "Did you meet?"},
                "labels": {"0": {"vi": "Chưa", "en": "Not yet"}, "1": {"vi": "Rồi", "en": "Already"}},
            },
        }
    }
)


def test_codes(csv_file: Write) -> None:
    read = sv.read(csv_file("a.csv", CODES), export="limesurvey")
    data = read.data
    assert data["submitdate"].iloc[0] == pd.Timestamp("2026-11-24 10:38:51") and data["submitdate"].isna().iloc[1]
    assert "1980-01-01 in 1 rows" in read.log["what"].iloc[0]
    assert data["G1Q1"].tolist()[:2] == ["A2", "A1"]
    np.testing.assert_array_equal(data[["G1Q2_SQ001", "G1Q2_SQ002"]], [[1, 5], [2, 4], [np.nan] * 2])
    np.testing.assert_array_equal(data[["G2Q1_SQ001", "G2Q1_SQ002"]], [[1, 0], [0, 1], [np.nan] * 2])
    assert read.codebook.sets["G2Q1"].variables == ("G2Q1_SQ001", "G2Q1_SQ002")
    assert data["G2Q1_other"].iloc[0] == "qua loa phường" and data["G2Q2"].iloc[0] == "-oth-"
    assert data["G2Q2_other"].iloc[0] == "Thợ rèn"
    assert "ipaddr" not in data and read.codebook["id"].role == "id"
    assert read.codebook["groupTime5"].role == "paradata" and data["interviewtime"].iloc[0] == 310.5


def test_yes_and_no_by_the_codebook(csv_file: Write) -> None:
    read = sv.read(csv_file("a.csv", CODES), BOOK, export="limesurvey")
    np.testing.assert_array_equal(read.data["G3Q1"], [1, 0, np.nan])
    assert read.data["G1Q1"].tolist()[:2] == ["A2", "A1"] and read.codebook["G1Q1"].label("A2") == "Quite"


def test_full_answers_and_wording(csv_file: Write) -> None:
    rows: list[list[object]] = [
        ["Response ID", "Date submitted", "How satisfied?", "Did you meet?"],
        ["1", "2026-11-24 10:38:51", "Quite", "Yes"],
        ["2", "2026-11-24 11:00:00", "Not", "No"],
        ["3", "2026-11-24 11:10:00", "N/A", "N/A"],
    ]
    read = sv.read(csv_file("a.csv", rows), BOOK, export="limesurvey")
    assert read.data["G1Q1"].tolist()[:2] == ["A2", "A1"] and read.data["G1Q1"].isna().iloc[2]
    np.testing.assert_array_equal(read.data["G3Q1"], [1, 0, np.nan])
    assert read.data["id"].tolist() == [1, 2, 3]


def test_code_and_wording_in_one_header(csv_file: Write) -> None:
    rows = [
        ["id. Response ID", "G1Q1. How satisfied?", "G2Q1[SQ001]. Channels? [Web]", "G2Q1[SQ002]. Channels? [Desk]"],
        ["1", "A1", "Yes", "No"],
        ["2", "A2", "No", "No"],
    ]
    read = sv.read(csv_file("a.csv", rows), export="limesurvey")
    assert read.codebook["G1Q1"].wording() == "How satisfied?" and read.codebook["G2Q1_SQ001"].wording() == "Web"
    assert read.codebook.sets["G2Q1"].label["en"] == "Channels?"
    assert read.data[["G2Q1_SQ001", "G2Q1_SQ002"]].to_numpy().tolist() == [[1, 0], [0, 0]]


def test_wording_without_a_codebook(csv_file: Write) -> None:
    rows = [
        [
            "Response ID",
            "Last page",
            "How satisfied?",
            "Channels? [Web]",
            "Channels? [Desk]",
            "Channels? [Other]",
            "Why?",
        ],
        ["1", "3", "Quite", "Yes", "No", "radio", "x"],
        ["2", "3", "Not", "No", "No", "", ""],
    ]
    read = sv.read(csv_file("a.csv", rows), export="limesurvey")
    assert list(read.data.columns) == ["id", "lastpage", "q1", "q2_1", "q2_2", "q2_other", "q3"]
    assert read.data["q1"].tolist() == ["Quite", "Not"] and read.codebook["q1"].wording() == "How satisfied?"
    assert read.data[["q2_1", "q2_2"]].to_numpy().tolist() == [[1, 0], [0, 0]]
    assert read.codebook.sets["q2"].label["en"] == "Channels?" and read.codebook["q2_1"].wording() == "Web"
    assert "questions are called q1, q2" in read.log["what"].iloc[0]


@pytest.mark.parametrize(
    ("headings", "yes", "no"),
    [
        (["ID de la réponse", "Date de soumission", "Dernière page", "Langue de départ", "Adresse IP"], "Oui", "Non"),
        (["Antwort ID", "Datum Abgeschickt", "Letzte Seite", "Start-Sprache", "IP-Adresse"], "Ja", "Nein"),
        (["ID de respuesta", "Fecha de envío", "Última página", "Lenguaje inicial", "Dirección IP"], "Sí", "No"),
        (["ID trả lời", "Ngày gửi", "Trang cuối cùng", "Ngôn ngữ bắt đầu", "Địa chỉ IP"], "Có", "Không"),
    ],
    ids=["fr", "de", "es", "vi"],
)
def test_columns_of_the_platform_in_other_languages(csv_file: Write, headings: list[str], yes: str, no: str) -> None:
    """Headings as in the language files fr.mo, de.mo, es.mo and vi.mo of LimeSurvey 3."""
    rows = [
        [*headings, "Kênh? [Web]", "Kênh? [Quầy]"],
        ["7", "2026-11-24 10:38:51", "3", "fr", "203.0.113.9", yes, no],
        ["8", "", "1", "fr", "203.0.113.8", no, no],
    ]
    read = sv.read(csv_file("a.csv", rows), export="limesurvey")
    assert list(read.data.columns) == ["id", "submitdate", "lastpage", "startlanguage", "q1_1", "q1_2"]
    assert read.data["id"].tolist() == [7, 8] and read.data["submitdate"].iloc[0] == pd.Timestamp("2026-11-24 10:38:51")
    assert read.data[["q1_1", "q1_2"]].to_numpy().tolist() == [[1, 0], [0, 0]]


def test_wording_of_another_survey(csv_file: Write) -> None:
    with pytest.raises(ReadError, match="not in the codebook") as caught:
        sv.read(
            csv_file("a.csv", [["Response ID", "How satisfied are you?"], ["1", "Quite"]]), BOOK, export="limesurvey"
        )
    assert "nearest: 'how satisfied?', which is G1Q1" in str(caught.value)


def test_an_answer_that_is_none(csv_file: Write) -> None:
    rows = [["id", "G1Q1"], ["1", "Quite"], ["2", "Quiet"]]
    with pytest.raises(ReadError, match="An answer is not an option of its question") as caught:
        sv.read(csv_file("a.csv", rows), BOOK, export="limesurvey")
    assert "1 row: 1" in str(caught.value) and "is it 'Quite'?" in str(caught.value)


def test_a_workbook(workbook: Write, csv_file: Write) -> None:
    a = sv.read(csv_file("a.csv", CODES), export="limesurvey").data
    b = sv.read(workbook("a.xlsx", responses=CODES), export="limesurvey").data
    pd.testing.assert_frame_equal(a, b)
