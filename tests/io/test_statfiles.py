"""SPSS and Stata: don't know is not refused, and neither is a number."""

from __future__ import annotations

import unicodedata
from datetime import date
from pathlib import Path
from typing import ClassVar

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


class TestOneWildDate:
    def test_it_is_named_and_the_others_are_dates(self, tmp_path: Path) -> None:
        # 13.8e9 seconds after 14 October 1582 are 159,722 days and 19,200 seconds: 2020-02-02 05:20, by R's as.Date
        frame = pd.DataFrame({"d": [13.8e9, 1.38e12, np.nan, 13.9e9]})
        pyreadstat.write_sav(frame, str(tmp_path / "a.sav"), variable_format={"d": "DATETIME20"})
        responses = read(tmp_path / "a.sav")
        assert responses.data["d"].tolist()[0] == pd.Timestamp("2020-02-02 05:20")
        assert responses.data["d"].isna().tolist() == [False, True, True, False]
        (note,) = responses.sources[0].notes
        assert note.startswith("d: ") and note.endswith("in 1 cells, left empty; rows counted from 0: 1")
        assert note in responses.check().table["message"].tolist()

    def test_a_column_of_other_numbers_stays_numbers_and_is_told(self, tmp_path: Path) -> None:
        frame = pd.DataFrame({"d": [1.38e12, 2e13, 13.9e9]})
        pyreadstat.write_sav(frame, str(tmp_path / "a.sav"), variable_format={"d": "DATE11"})
        responses = read(tmp_path / "a.sav")
        assert responses.data["d"].tolist() == [1.38e12, 2e13, 13.9e9]
        assert responses.codebook["d"].unit == "seconds since 1582-10-14"
        assert "declared as dates" in responses.sources[0].notes[0]

    def test_dates_of_long_ago_are_dates(self, tmp_path: Path) -> None:
        """SAS counts from 1582, Stata from the year 100; neither is a reason to keep numbers."""
        frame = pd.DataFrame({"d": [-679_350.0, 0.0]})  # 1 January 100 is 679,350 days before 1960, by R's as.Date
        pyreadstat.write_dta(frame, str(tmp_path / "a.dta"), variable_format={"d": "%td"})
        responses = read(tmp_path / "a.dta")
        assert [d.isoformat() for d in responses.data["d"]] == ["0100-01-01T00:00:00", "1960-01-01T00:00:00"]
        assert responses.sources[0].notes == ()

    def test_periods_of_stata_have_their_unit(self, tmp_path: Path) -> None:
        frame = pd.DataFrame({"m": [768.0, 769.0], "q": [256.0, np.nan]})
        pyreadstat.write_dta(frame, str(tmp_path / "a.dta"), variable_format={"m": "%tm", "q": "%tq"})
        book = read(tmp_path / "a.dta").codebook
        assert (book["m"].unit, book["q"].unit) == ("months since 1960", "quarters since 1960")


def test_empty_cells_beside_letters_are_empty(tmp_path: Path) -> None:
    """Whole numbers of Stata with .a and . in one column: pyreadstat gives whatever stood in memory for the latter.

    No library here writes such a column, so the missing value of a byte is put into the file: 101 is ., 102 is .a.
    """
    frame = pd.DataFrame({"q": np.array([1, 77, 3, 99, 98], dtype="int8")})
    frame.to_stata(tmp_path / "a.dta", write_index=False, version=118)
    content = (tmp_path / "a.dta").read_bytes()
    assert content.count(b"<data>" + bytes([1, 77, 3, 99, 98]) + b"</data>") == 1
    odd = bytes([1, 102, 3, 101, 98])
    (tmp_path / "a.dta").write_bytes(content.replace(bytes([1, 77, 3, 99, 98]) + b"</data>", odd + b"</data>"))
    responses = read(tmp_path / "a.dta")
    assert responses.data["q"].tolist()[:3] == [1, "a", 3] and responses.data["q"].tolist()[4] == 98
    assert responses.data["q"].isna().tolist() == [False, False, False, True, False]


class TestCatalogues:
    """No SAS file can be written here; the parsers are stood in for by what they give of such files."""

    LABELS: ClassVar = {"SATF": {1.0: "Low", 2.0: "High", 3.0: "Other", 4.0: "Other"}, "$SEX": {"f": "Female"}}

    @pytest.fixture
    def sas(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        from types import SimpleNamespace

        from survey.io import statfiles

        head = bytes(12) + bytes.fromhex("c2ea8160b31411cfbd92080009c7318c")
        for name in ("a.sas7bdat", "a.sas7bcat"):
            (tmp_path / name).write_bytes(head + bytes(4096))
        frame = pd.DataFrame({"sat": [1.0, 2.0, 3.0, 4.0], "sex": ["f", "m", "f", "f"], "n": [1.0, 2.0, 3.0, 4.0]})
        meta = SimpleNamespace(
            column_names=list(frame.columns),
            column_names_to_labels={"sat": "Satisfied?", "sex": None, "n": None},
            original_variable_types={"sat": "SATF", "sex": "$SEX", "n": "BEST12"},
            variable_to_label={"sat": "satf.", "sex": "$SEX", "n": "BEST12"},
            variable_value_labels={},
            missing_ranges={},
            missing_user_values={},
            variable_measure={},
            number_rows=4,
            file_label="",
            mr_sets={},
        )
        monkeypatch.setattr(statfiles, "parsed", lambda path, encoding: (frame.copy(), meta))
        monkeypatch.setattr(statfiles, "parsed_catalogue", lambda path, encoding: self.LABELS)
        return tmp_path / "a.sas7bdat"

    def test_labels_stand_in_the_codebook_and_cells_stay_codes(self, sas: Path) -> None:
        responses = read(sas)
        assert responses.data["sat"].tolist() == [1, 2, 3, 4]  # two codes share a label and stay two
        assert responses.data["sex"].tolist() == ["f", "m", "f", "f"]
        book = responses.codebook
        assert {c: book["sat"].label(c) for c in book["sat"].labels} == {1: "Low", 2: "High", 3: "Other", 4: "Other"}
        assert book["sex"].label("f") == "Female" and not book["n"].labels
        assert "a.sas7bcat" in responses.sources[0].notes[0]

    def test_a_catalogue_that_cannot_be_read_is_named(self, sas: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        from survey.io import statfiles

        def fails(path: Path, encoding: str | None) -> None:
            raise statfiles.Failed("ReadstatError", "Invalid file")

        monkeypatch.setattr(statfiles, "parsed_catalogue", fails)
        with pytest.raises(ReadError, match="catalogue of value labels") as caught:
            read(sas)
        assert str(caught.value.where).endswith("a.sas7bcat")


@pytest.mark.parametrize(
    ("texts", "named"),
    [
        ({"utf-8": ["Huế"], "latin1": ["Huáº¿"]}, "utf-8"),
        ({"windows-1258": ["phường", "Trường", "người"], "latin1": ["phýờng"]}, "windows-1258"),
        ({"latin1": ["Größe", "Straße"]}, "latin1"),
        ({"utf-8": [], "latin1": ["Größe"]}, "latin1"),
    ],
)
def test_the_encoding_that_is_suggested_reads_the_file(texts: dict[str, list[str]], named: str) -> None:
    from survey.base.encodings import encoding_that_reads

    assert encoding_that_reads(texts) == named


def test_a_file_with_a_password_says_so(tmp_path: Path) -> None:
    (tmp_path / "a.sav").write_bytes(b"\x1c\0\0\0\0\0\0\0ENCRYPTEDSAV" + bytes(64))
    with pytest.raises(ReadError) as caught:
        read(tmp_path / "a.sav")
    assert caught.value.got == "an SPSS file protected by a password" and "password" in str(caught.value.fix)


def test_a_set_of_categories_goes_into_a_codebook_and_comes_back(data_home: Path, tmp_path: Path) -> None:
    from survey.codebook import Codebook

    book = read(data_home / "awkward" / "simple_alltypes.sav").codebook
    assert {s.kind for s in book.sets.values()} == {"categories", "dichotomies"}
    book.to_toml(tmp_path / "book.toml")
    assert Codebook.from_toml(tmp_path / "book.toml").sets == book.sets
