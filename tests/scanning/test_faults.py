"""Files that do not go together are one error that names the file, and what goes together is counted once.

Expected values are those of `sv.Sample` of the same rows.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import survey as sv

DESIGN: dict[str, Any] = {"weights": "w", "strata": "stratum", "psu": "psu"}


def part(number: int) -> pd.DataFrame:
    rng, n = np.random.default_rng([7, number]), 200
    psu = rng.integers(0, 24, n)
    return pd.DataFrame(
        {"w": rng.uniform(1, 4, n), "psu": psu, "stratum": psu % 4, "q": rng.integers(1, 6, n), "sex": psu % 2}
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for i in range(3):
        write(part(i), tmp_path / f"{i}.parquet")
    return tmp_path


def write(rows: pd.DataFrame, path: Path) -> None:
    pq.write_table(pa.Table.from_pandas(rows, preserve_index=False), path)


def ids(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(psu=rows["psu"].map("{:02}".format))


@pytest.mark.parametrize("at", [0, 2])
def test_a_file_that_is_cut_is_named_wherever_it_stands(folder: Path, at: int) -> None:
    path = folder / f"{at}.parquet"
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(sv.ReadError) as caught:
        sv.scan(folder, **DESIGN)
    assert str(caught.value.where) == str(path)


@pytest.mark.parametrize("odd", [0, 1])
@pytest.mark.parametrize(
    ("column", "change"),
    [
        ("psu", ids),  # "01" of the one file is 1 of the other, and "10" is 10
        ("psu", lambda rows: rows.assign(psu=rows["psu"].astype(str).astype("category"))),
        ("q", lambda rows: rows.assign(q=rows["q"].astype(str))),
    ],
)
def test_numbers_in_one_file_and_text_in_another_are_refused(
    folder: Path, column: str, change: Callable[[pd.DataFrame], pd.DataFrame], odd: int
) -> None:
    write(change(part(odd)), folder / f"{odd}.parquet")
    with pytest.raises(sv.ReadError, match="numbers in one file and text in another") as caught:
        sv.scan(folder, **DESIGN)
    assert f"column {column!r}" in str(caught.value.where) and ".parquet" in str(caught.value.where)
    assert f"{odd}.parquet" in f"{caught.value.where} {caught.value.got}"


def test_ids_that_are_text_everywhere_stay_apart(folder: Path) -> None:
    """The clusters "01" and "1" are two."""
    few = part(2)[part(2)["psu"] < 10]
    rows = [ids(part(0)), ids(part(1)), few.assign(psu=few["psu"].astype(str))]
    for i, one in enumerate(rows):
        write(one, folder / f"{i}.parquet")
    got = sv.scan(folder, **DESIGN).mean("q")
    expected = sv.Sample(pd.concat(rows, ignore_index=True), **DESIGN).mean("q")
    assert len({v for one in rows for v in one["psu"]}) == 24 + 10  # "0" to "9" beside "00" to "09"
    pd.testing.assert_frame_equal(got.table, expected.table, rtol=1e-10)


@pytest.mark.parametrize("narrow", [0, 2])
def test_numbers_are_as_wide_as_in_the_widest_file(folder: Path, narrow: int) -> None:
    """Numbers of 8 bits, decimals where answers are missing, a column that is empty in a file: each in any order."""
    rows = [part(i) for i in range(3)]
    rows[1] = rows[1].assign(psu=rows[1]["psu"] + 1000, q=rows[1]["q"].where(rows[1]["sex"] == 1))
    rows[narrow] = rows[narrow].astype({"psu": "int8", "q": "int8"}).assign(w=2, sex=None)
    for i, one in enumerate(rows):
        write(one, folder / f"{i}.parquet")
    assert pq.read_schema(folder / f"{narrow}.parquet").field("sex").type == pa.null()
    whole = pd.concat([one.astype({"sex": float}) for one in rows], ignore_index=True)
    got, expected = (s.mean("q", by="sex") for s in (sv.scan(folder, **DESIGN), sv.Sample(whole, **DESIGN)))
    np.testing.assert_allclose(got.table["estimate"], expected.table["estimate"], rtol=1e-10)
    np.testing.assert_allclose(got.covariance, expected.covariance, rtol=1e-10)
    assert got.table["n"].tolist() == expected.table["n"].tolist()


@pytest.mark.parametrize("kind", ["parquet", "csv"])
def test_a_file_without_a_column_is_named_once_the_column_is_asked_for(tmp_path: Path, kind: str) -> None:
    for i in range(3):
        rows = part(i).drop(columns="q") if i == 1 else part(i)
        (write if kind == "parquet" else lambda r, p: r.to_csv(p, index=False))(rows, tmp_path / f"{i}.{kind}")
    scan = sv.scan(tmp_path, **DESIGN)
    assert scan.mean("sex").table["n"].tolist() == [600]
    with pytest.raises(sv.ReadError, match="lacks a column") as caught:
        scan.mean("q")
    assert str(caught.value.where) == str(tmp_path / f"1.{kind}") and "'q'" in str(caught.value.got)
