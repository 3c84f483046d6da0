"""Parquet: the types are declared, the codebook stands beside."""

from __future__ import annotations

import datetime as dt
import unicodedata
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from survey.errors import CodebookError, ReadError
from survey.io import read


def parquet(path: Path, **columns: object) -> Path:
    pq.write_table(pa.table(columns), path)
    return path


def test_cells_are_what_they_were(tmp_path: Path) -> None:
    path = parquet(
        tmp_path / "a.parquet",
        q=pa.array([1, None, 5], pa.int8()),
        n=pa.array([1, 2, 3], pa.int8()),
        fee=pa.array([Decimal("1.50"), None, Decimal("2")]),
        yes=[True, False, None],
        ward=pa.array([unicodedata.normalize("NFD", "Đông Hoà"), "", None]).dictionary_encode(),
        day=[dt.date(2024, 6, 30), None, dt.date(1959, 12, 31)],
        at=[dt.time(8, 30), None, dt.time(0, 0, 1)],
        none=pa.nulls(3),
    )
    responses = read(path)
    data = responses.data
    np.testing.assert_array_equal(data["q"], [1, np.nan, 5])
    assert data["n"].dtype == "int64"  # 100 + 100 has no room in eight bits
    np.testing.assert_array_equal(data["fee"], [1.5, np.nan, 2])
    np.testing.assert_array_equal(data["yes"], [1, 0, np.nan])
    assert data["ward"].iloc[0] == "Đông Hoà" and data["ward"].isna().tolist() == [False, True, True]
    assert data["day"].tolist() == [pd.Timestamp("2024-06-30"), pd.NaT, pd.Timestamp("1959-12-31")]
    np.testing.assert_array_equal(data["at"], [30_600, np.nan, 1])
    assert responses.codebook["at"].unit == "seconds"
    assert data["none"].isna().all()


def test_a_long_id_keeps_every_digit(tmp_path: Path) -> None:
    data = read(parquet(tmp_path / "a.parquet", id=[12345678901234567, None])).data
    assert data["id"].tolist()[0] == "12345678901234567"


def test_the_index_of_pandas_is_no_question(tmp_path: Path) -> None:
    pd.DataFrame({"q": [1, 2]}, index=["a", "b"]).to_parquet(tmp_path / "a.parquet")
    responses = read(tmp_path / "a.parquet")
    assert list(responses.data.columns) == ["q"]
    assert "left out" in responses.sources[0].notes[0]


def test_the_codebook_beside_is_used_and_said(tmp_path: Path) -> None:
    path = parquet(tmp_path / "a.parquet", q=[1, 9], name=["Lan", "Minh"])
    (tmp_path / "a.codebook.toml").write_text(
        '[variables.q]\ntype = "ordinal"\nlabels = {1 = "yes"}\nmissing = {9 = "refused"}\n'
        '[variables.name]\ntype = "text"\nrole = "personal"\n',
        encoding="utf-8",
    )
    responses = read(path)
    assert responses.codebook["q"].missing == {9: "refused"}
    assert list(responses.data.columns) == ["q"]
    assert "codebook a.codebook.toml, found beside" in responses.sources[0].notes[0]
    (tmp_path / "b.toml").write_text('[variables.q]\ntype = "number"\n[variables.name]\nrole = "personal"\n')
    assert read(path, tmp_path / "b.toml").codebook["q"].type == "number"
    other = parquet(tmp_path / "b.parquet", q=[1, 9], name=["Hoa", "An"])
    (tmp_path / "b.codebook.toml").write_text('[variables.q]\ntype = "number"\n', encoding="utf-8")
    with pytest.raises(CodebookError, match="differ"):
        read([path, other])


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    whole = parquet(tmp_path / "a.parquet", q=list(range(1000))).read_bytes()
    for share in (0.01, 0.5, 0.99):
        (tmp_path / "b.parquet").write_bytes(whole[: int(len(whole) * share)])
        with pytest.raises(ReadError, match="cut short"):
            read(tmp_path / "b.parquet")
    with pytest.raises(ReadError, match="more than one value"):
        read(parquet(tmp_path / "c.parquet", q=[[1, 2], [3]]))
    with pytest.raises(ReadError, match="name says"):
        (tmp_path / "d.parquet").write_bytes(b"id,q\n1,2\n")
        read(tmp_path / "d.parquet")


def test_a_text_that_is_not_utf8_is_one_error(tmp_path: Path) -> None:
    offsets, letters = pa.py_buffer(b"\0\0\0\0\2\0\0\0"), pa.py_buffer(b"\xcd\xff")
    parquet(tmp_path / "a.parquet", q=pa.Array.from_buffers(pa.string(), 1, [None, offsets, letters]))
    with pytest.raises(ReadError, match="cut short or damaged"):
        read(tmp_path / "a.parquet")


def test_a_duration_of_thousands_of_years_is_a_number(tmp_path: Path) -> None:
    """Microseconds beyond 2 ** 53 have no exact float; a damaged file holds them."""
    path = parquet(tmp_path / "a.parquet", q=pa.array([2**59, None], pa.duration("us")))
    assert read(path).data["q"][0] == pytest.approx(2**59 / 1e6)
