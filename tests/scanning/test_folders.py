"""Columns in the names of folders, and columns that appear later. Expected: the same rows in memory, by `sv.Sample`."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import survey as sv

DESIGN: dict[str, Any] = {"weights": "w", "psu": "psu"}
N = 60


def rows(seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame({"w": rng.uniform(1, 3, N), "psu": rng.integers(0, 6, N), "y": rng.integers(1, 6, N)})


def written(folder: Path, names: list[str], kind: str = "parquet") -> list[pd.DataFrame]:
    """A file in each folder."""
    parts = [rows(i) for i in range(len(names))]
    for name, part in zip(names, parts, strict=True):
        (folder / name).mkdir(parents=True)
        if kind == "csv":
            part.to_csv(folder / name / "a.csv", index=False)
        else:
            part.to_parquet(folder / name / "a.parquet", index=False)
    return parts


def holds(folder: Path, column: str, parts: list[pd.DataFrame], values: list[Any]) -> None:
    whole = pd.concat([p.assign(**{column: v}) for p, v in zip(parts, values, strict=True)], ignore_index=True)
    got, expected = (data.mean("y", by=column) for data in (sv.scan(folder, **DESIGN), sv.Sample(whole, **DESIGN)))
    pd.testing.assert_frame_equal(got.table, expected.table, rtol=1e-10)


@pytest.mark.parametrize("kind", ["parquet", "csv"])
@pytest.mark.parametrize(
    ("column", "names", "values"),
    [
        ("phường", ["phường=01", "phường=1", "phường=2"], ["01", "1", "2"]),  # were one number
        ("phường", ["phường=00123", "phường=00124"], ["00123", "00124"]),
        ("month", ["month=1", "month=12"], [1, 12]),
        ("month", ["month=2024-01", "month=2024-02"], ["2024-01", "2024-02"]),
        ("tỉnh", ["tỉnh=An Giang", "tỉnh=C%C3%A0 Mau", unicodedata.normalize("NFD", "tỉnh=Huế")], None),  # were lost
        ("tỉnh", ["tỉnh=Huế", "tỉnh=__HIVE_DEFAULT_PARTITION__"], ["Huế", None]),
    ],
)
def test_names_of_folders_are_columns(
    tmp_path: Path, column: str, names: list[str], values: list[Any] | None, kind: str
) -> None:
    holds(tmp_path, column, written(tmp_path, names, kind), values or ["An Giang", "Cà Mau", "Huế"])


def test_folders_in_folders_are_two_columns(tmp_path: Path) -> None:
    parts = written(tmp_path, [f"year={y}/month={m}" for y in (2023, 2024) for m in ("01", "02")])
    holds(tmp_path, "month", parts, ["01", "02", "01", "02"])
    holds(tmp_path, "year", parts, [2023, 2023, 2024, 2024])


def test_a_file_outside_of_the_folders_is_named_where_they_are_asked_for(tmp_path: Path) -> None:
    """Its rows were in no group, and nothing said so."""
    written(tmp_path, ["month=1", "month=2"])
    rows(9).to_parquet(tmp_path / "b.parquet", index=False)
    scan = sv.scan(tmp_path, **DESIGN)
    assert scan.mean("y").table["n"].tolist() == [3 * N]
    with pytest.raises(sv.ReadError, match="lacks a column") as caught:
        scan.mean("y", by="month")
    assert str(caught.value.where) == str(tmp_path / "b.parquet")


def test_a_column_of_files_and_of_folders_is_refused_and_the_advice_works(tmp_path: Path) -> None:
    written(tmp_path, ["psu=7", "psu=8"])
    with pytest.raises(sv.ReadError, match="in the files and in the names of their folders") as caught:
        sv.scan(tmp_path, **DESIGN)
    assert "**/*.parquet" in str(caught.value.fix)
    assert len(sv.scan(str(tmp_path / "**/*.parquet"), **DESIGN).clusters.drawn) == 6


@pytest.mark.parametrize("kind", ["parquet", "csv"])
def test_a_column_that_appears_later_is_told_with_a_file_that_lacks_it(tmp_path: Path, kind: str) -> None:
    duckdb = pytest.importorskip("duckdb")
    parts = [rows(0), rows(1).assign(staff=rows(2)["y"])]
    for i, part in enumerate(parts):
        part.to_parquet(tmp_path / f"{i}.parquet") if kind == "parquet" else part.to_csv(tmp_path / f"{i}.csv")
    scan = sv.scan(tmp_path, **DESIGN)
    with pytest.raises(sv.ReadError, match="lacks a column") as caught:
        scan.mean("staff")
    assert str(caught.value.where) == str(tmp_path / f"0.{kind}")
    if kind == "parquet":
        query = str(caught.value.fix).partition("others: ")[2].replace("log/", f"{tmp_path.as_posix()}/")
        got = sv.scan(duckdb.connect(), query=query, **DESIGN).mean("staff")
        expected = sv.Sample(pd.concat(parts, ignore_index=True), **DESIGN).mean("staff")
        pd.testing.assert_frame_equal(got.table, expected.table, rtol=1e-10)
