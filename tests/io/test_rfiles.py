"""Data frames of R, where pyreadr is installed."""

from __future__ import annotations

import datetime as dt
import importlib.util
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from survey.errors import ReadError
from survey.io import read, rfiles

WITHOUT = importlib.util.find_spec("pyreadr") is None


def _file(path: Path) -> Path:
    path.write_bytes(b"\x1f\x8b" + bytes(30))
    return path


@pytest.fixture
def holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """What pyreadr gives of a file, as its own tests show it."""

    def make(**objects: pd.DataFrame) -> Path:
        monkeypatch.setattr(rfiles, "parsed_objects", lambda path: objects)
        monkeypatch.setattr(importlib.util, "find_spec", lambda name: object())
        return _file(tmp_path / "a.rda")

    return make


FRAME = pd.DataFrame(
    {
        "n": [1.5, np.nan, 3.0],
        "i": pd.Series([1, None, 3], dtype=object),
        "whole": pd.Series([1, 2, 3], dtype="int32"),
        "yes": pd.Series([True, False, None], dtype=object),
        "day": pd.Series([dt.date(2024, 6, 30), None, dt.date(2024, 7, 1)], dtype=object),
        "at": pd.to_datetime(pd.Series(["2024-06-30 08:00", None, "2024-06-30 09:00"])),
        "ward": pd.Categorical(["Tây", None, "Đông"], categories=["Đông", "Tây"]),
        "say": pd.Series(["a", "", "b"], dtype="str"),
    }
)


def test_columns_are_what_they_are_in_r(holds) -> None:
    responses = read(holds(answers=FRAME))
    data, book = responses.data, responses.codebook
    np.testing.assert_array_equal(data["n"], [1.5, np.nan, 3])
    np.testing.assert_array_equal(data["i"], [1, np.nan, 3])
    np.testing.assert_array_equal(data["yes"], [1, 0, np.nan])
    assert data["whole"].tolist() == [1, 2, 3] and data["whole"].dtype == "int64"
    assert data["day"].tolist() == [pd.Timestamp("2024-06-30"), pd.NaT, pd.Timestamp("2024-07-01")]
    assert data["at"].tolist()[0] == pd.Timestamp("2024-06-30 08:00")
    assert data["ward"].tolist()[::2] == ["Tây", "Đông"] and data["ward"].isna().tolist() == [False, True, False]
    assert data["say"].isna().tolist() == [False, True, False]
    assert list(book["ward"].labels) == ["Đông", "Tây"] and book["ward"].type == "nominal"
    assert book["day"].type == "date"


def test_several_data_frames_are_not_chosen_from(holds) -> None:
    path = holds(one=FRAME, two=FRAME[["n", "i"]], vector=FRAME[["n"]])
    with pytest.raises(ReadError, match="several data frames") as caught:
        read(path)
    assert "two (3 rows x 2 columns)" in str(caught.value)
    assert list(read(path, sheet="two").data.columns) == ["n", "i"]
    with pytest.raises(ReadError, match="no such object"):
        read(path, sheet="three")


def test_the_only_one_with_columns_is_found_and_said(holds) -> None:
    responses = read(holds(vector=FRAME[["n"]], answers=FRAME))
    assert len(responses.data.columns) == 8
    assert responses.sources[0].notes == (
        "data frame answers, found: the only one with several columns; not read: vector",
    )


def test_without_the_reader_the_type_is_unknown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ReadError, match="The file type is unknown") as caught:
        read(_file(tmp_path / "a.rds"))
    assert "haven::write_sav" in str(caught.value) and "resident-survey[r]" in str(caught.value)


@pytest.mark.skipif(WITHOUT or shutil.which("Rscript") is None, reason="pyreadr or R is not installed")
def test_what_r_wrote(tmp_path: Path) -> None:
    frame = 'data.frame(q = c(1L, NA), w = factor(c("b", "a")), s = c("x", NA))'
    code = f'saveRDS({frame}, "{(tmp_path / "a.rds").as_posix()}")'
    subprocess.run(["Rscript", "-e", code], check=True, capture_output=True)
    data = read(tmp_path / "a.rds").data
    np.testing.assert_array_equal(data["q"], [1, np.nan])
    assert data["w"].tolist() == ["b", "a"] and data["s"].isna().tolist() == [False, True]


@pytest.mark.skipif(WITHOUT, reason="pyreadr is not installed")
def test_a_file_that_is_damaged(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="cannot be read"):
        read(_file(tmp_path / "a.rds"))
