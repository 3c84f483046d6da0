"""SPSS and Stata: don't know is not refused, and neither is a number."""

from __future__ import annotations

import unicodedata
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pyreadstat
import pytest

from survey.core.log import KIND_CODES
from survey.errors import ReadError
from survey.io import read
from survey.io.metadata import kind_of


@pytest.fixture
def sav(tmp_path: Path) -> Path:
    frame = pd.DataFrame(
        {
            "q1": [1.0, 2.0, 5.0, 8.0, 9.0, np.nan],
            "trust": [0.0, 10.0, -98.0, -99.0, 5.0, -97.0],
            "kind": ["người dân", "doanh nghiệp", "", "x", "người dân", "x"],
        }
    )
    path = tmp_path / "a.sav"
    pyreadstat.write_sav(
        frame,
        str(path),
        file_label="Khảo sát",
        column_labels={"q1": unicodedata.normalize("NFD", "Ông/bà hài lòng đến đâu?")},
        variable_value_labels={
            "q1": {1: "rất không hài lòng", 2: "không hài lòng", 5: "rất hài lòng", 8: "Không biết", 9: "Từ chối"},
            "trust": {0: "hoàn toàn không", 10: "hoàn toàn", -98: "Khó trả lời"},
            "kind": {"x": "không xác định"},
        },
        missing_ranges={"q1": [8, 9], "trust": [{"lo": -99, "hi": -97}], "kind": ["x"]},
        variable_measure={"q1": "ordinal", "trust": "scale", "kind": "nominal"},
    )
    return path


def test_user_missing_codes_survive_reading(sav: Path) -> None:
    # a plain read turns 8 and 9 into the same empty cell
    assert pyreadstat.read_sav(str(sav))[0]["q1"].isna().sum() == 3
    responses = read(sav)
    np.testing.assert_array_equal(responses.data["q1"], [1, 2, 5, 8, 9, np.nan])
    clean = responses.recode_missing()
    np.testing.assert_array_equal(clean.data["q1"], [1, 2, 5, np.nan, np.nan, np.nan])
    assert clean.missing["q1"].tolist() == [0, 0, 0, KIND_CODES["dont_know"], KIND_CODES["refused"], 0]
    # by hand: 1, 2 and 5
    assert clean.data["q1"].mean() == pytest.approx(8 / 3)


def test_the_codebook_is_what_the_file_declares(sav: Path) -> None:
    book = read(sav).codebook
    q1, trust, kind = book["q1"], book["trust"], book["kind"]
    assert (q1.type, trust.type, kind.type) == ("ordinal", "number", "text")
    assert q1.wording("vi") == "Ông/bà hài lòng đến đâu?"
    assert unicodedata.is_normalized("NFC", q1.wording("vi"))
    assert q1.codes == (1, 2, 5)
    assert q1.missing == {8: "dont_know", 9: "refused"}
    assert q1.label(8, "vi") == "Không biết"
    assert kind.missing == {"x": "blank"}
    assert book.title["vi"] == "Khảo sát"


def test_of_a_range_of_missing_codes_those_that_are_labelled_or_occur(sav: Path) -> None:
    trust = read(sav).codebook["trust"]
    assert trust.missing == {-98: "dont_know", -99: "blank", -97: "blank"}
    clean = read(sav).recode_missing()
    np.testing.assert_array_equal(clean.data["trust"], [0, 10, np.nan, np.nan, 5, np.nan])


def test_empty_text_is_an_empty_cell_and_declared_text_is_missing(sav: Path) -> None:
    clean = read(sav).recode_missing()
    assert clean.data["kind"].isna().tolist() == [False, False, True, True, False, True]
    assert clean.missing["kind"].tolist() == [0, 0, 0, KIND_CODES["blank"], 0, KIND_CODES["blank"]]


def test_text_is_composed(tmp_path: Path) -> None:
    text = unicodedata.normalize("NFD", "Thái Bình")
    pyreadstat.write_sav(pd.DataFrame({"place": [text, "Hà Nội"]}), str(tmp_path / "a.sav"))
    assert read(tmp_path / "a.sav").data["place"].tolist() == ["Thái Bình", "Hà Nội"]


@pytest.mark.parametrize(
    ("label", "kind"),
    [
        ("Không biết/khó trả lời", "dont_know"),
        ("KHÔNG BIẾT", "dont_know"),
        (unicodedata.normalize("NFD", "Từ chối"), "refused"),
        ("Refused to answer", "refused"),
        ("Không áp dụng", "not_applicable"),
        ("Bỏ trống", "blank"),
        ("98", "blank"),
        ("", "blank"),
        ("Don't know or refused", "dont_know"),
    ],
)
def test_the_kind_is_read_from_the_label_and_never_guessed(label: str, kind: str) -> None:
    assert kind_of(label) == kind


def test_dates_are_dates_and_times_are_seconds(tmp_path: Path) -> None:
    # SPSS counts seconds from 14 October 1582
    days = (date(2024, 6, 30) - date(1582, 10, 14)).days
    frame = pd.DataFrame(
        {"day": [days * 86400.0, np.nan], "moment": [days * 86400.0 + 3661.5, np.nan], "t": [3661.0, 0]}
    )
    pyreadstat.write_sav(
        frame, str(tmp_path / "a.sav"), variable_format={"day": "DATE11", "moment": "DATETIME23.2", "t": "TIME8"}
    )
    responses = read(tmp_path / "a.sav")
    assert responses.data["day"].tolist() == [pd.Timestamp("2024-06-30"), pd.NaT]
    assert responses.data["moment"].iloc[0] == pd.Timestamp("2024-06-30 01:01:01.5")
    assert responses.data["t"].tolist() == [3661, 0]
    assert (responses.codebook["day"].type, responses.codebook["t"].unit) == ("date", "seconds")


def test_stata_dates_and_empty_whole_numbers(tmp_path: Path) -> None:
    frame = pd.DataFrame({"day": pd.to_datetime(["2024-06-30", "1959-12-31"]), "n": pd.array([1, None], dtype="Int64")})
    frame.assign(n=frame["n"].astype(float)).to_stata(
        tmp_path / "a.dta", convert_dates={"day": "td"}, write_index=False
    )
    data = read(tmp_path / "a.dta").data
    assert data["day"].tolist() == [pd.Timestamp("2024-06-30"), pd.Timestamp("1959-12-31")]
    np.testing.assert_array_equal(data["n"], [1, np.nan])


def test_stata_moments(tmp_path: Path) -> None:
    frame = pd.DataFrame({"t": pd.to_datetime(["2024-06-30 12:34:56", "1960-01-01 00:00:00"])})
    frame.to_stata(tmp_path / "a.dta", convert_dates={"t": "tc"}, write_index=False)
    assert read(tmp_path / "a.dta").data["t"].tolist() == list(frame["t"])


def test_stata_tagged_missings_keep_their_letters_and_labels(tmp_path: Path) -> None:
    frame = pd.DataFrame({"q": [1.0, "a", 3.0, "b"]}, dtype=object)
    pyreadstat.write_dta(
        frame,
        str(tmp_path / "a.dta"),
        missing_user_values={"q": ["a", "b"]},
        variable_value_labels={"q": {1: "no", 3: "yes", "a": "Refused", "b": "Don't know"}},
    )
    responses = read(tmp_path / "a.dta")
    assert responses.codebook["q"].missing == {"a": "refused", "b": "dont_know"}
    assert responses.codebook["q"].codes == (1, 3)
    clean = responses.recode_missing()
    np.testing.assert_array_equal(clean.data["q"], [1, np.nan, 3, np.nan])
    assert clean.missing["q"].tolist() == [0, KIND_CODES["refused"], 0, KIND_CODES["dont_know"]]
    assert responses.check().passed


def test_a_wrong_encoding_says_how_to_name_the_right_one(data_home: Path) -> None:
    path = data_home / "awkward" / "test2_115.dta"
    with pytest.raises(ReadError, match="The text of the file is not in its declared encoding") as caught:
        read(path)
    assert 'encoding="utf-8"' in str(caught.value)
    assert {"高雄市", "Иркутск", "부산"} <= {
        cell for _, column in read(path, encoding="utf-8").data.items() for cell in column
    }
    (note,) = read(path, encoding="latin1").sources[0].notes
    assert "stand for 高" in note and 'encoding="utf-8" would read it' in note
    with pytest.raises(ReadError):
        read(path, encoding="no such encoding")


def test_sas_transport_files(tmp_path: Path) -> None:
    # SAS counts days and seconds from 1 January 1960: 30 June 2024 is day 64 x 365 + 16 + 181
    frame = pd.DataFrame({"DAY": [23557.0, np.nan], "AT": [23557 * 86400.0 + 60, 0], "Q": [1.0, 2.0], "W": ["x", ""]})
    pyreadstat.write_xport(
        frame,
        str(tmp_path / "a.xpt"),
        column_labels={"Q": "Content?"},
        file_format_version=8,
        variable_format={"DAY": "DATE9", "AT": "DATETIME20"},
    )
    responses = read(tmp_path / "a.xpt")
    assert responses.data["DAY"].tolist() == [pd.Timestamp("2024-06-30"), pd.NaT]
    assert responses.data["AT"].tolist() == [pd.Timestamp("2024-06-30 00:01"), pd.Timestamp("1960-01-01")]
    assert responses.data["Q"].tolist() == [1, 2]
    assert responses.data["W"].isna().tolist() == [False, True]
    assert responses.codebook["Q"].wording() == "Content?"


@pytest.mark.parametrize("suffix", ["sas7bdat", "xpt"])
def test_sas_files_of_other_content(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a.{suffix}"
    path.write_bytes(b"id,q\n1,2\n")
    with pytest.raises(ReadError, match="name says"):
        read(path)
    path.write_bytes(bytes(12) + bytes.fromhex("c2ea8160b31411cfbd92080009c7318c") + bytes(200))
    with pytest.raises(ReadError, match=r"cut short|name says"):
        read(path)


@pytest.mark.parametrize("encoding", ["tcvn3", "vni"])
def test_text_from_before_unicode(tmp_path: Path, encoding: str) -> None:
    from legacy_text import to_legacy

    frame = pd.DataFrame({"place": [to_legacy("phường Đông Hoà", encoding), "x"], "q": [1.0, 9.0]})
    path = tmp_path / "a.dta"
    # version 117 and before hold bytes in the encoding of their country
    frame.to_stata(path, write_index=False, version=117, variable_labels={"q": to_legacy("Hài lòng?", encoding)})
    responses = read(path, encoding=encoding)
    assert responses.data["place"].tolist() == ["phường Đông Hoà", "x"]
    assert responses.codebook["q"].wording() == "Hài lòng?"
