"""Columns of every kind that logs hold: counted as `read` counts them, or refused; never cast in silence.

Expected values are those of `sv.Sample`, and means by hand in pandas.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import survey as sv

N = 120
DESIGN: dict[str, Any] = {"weights": "w", "psu": "psu"}
Made = Callable[[list[int]], pa.Array]


def people(seed: int) -> tuple[dict[str, pa.Array], list[int]]:
    rng = np.random.default_rng(seed)
    columns = {"w": rng.uniform(1, 3, N), "psu": rng.integers(0, 9, N), "y": rng.integers(1, 6, N)}
    return {name: pa.array(values) for name, values in columns.items()}, rng.integers(1, 6, N).tolist()


def texts(codes: list[int]) -> list[str]:
    return [f"0{code}" for code in codes]


def days(codes: list[int]) -> list[dt.datetime]:
    return [dt.datetime(2024, 1, code) for code in codes]


NUMBERS: dict[str, Made] = {
    "byte": lambda c: pa.array(c, pa.int8()),
    "whole": pa.array,
    "single": lambda c: pa.array(c, pa.float32()),
    "decimal": lambda c: pa.array([Decimal(x) for x in c], pa.decimal128(9, 2)),
    "places": lambda c: pa.array(c).dictionary_encode(),
    "empty": lambda c: pa.nulls(len(c)),
}
TEXTS: dict[str, Made] = {
    "text": lambda c: pa.array(texts(c)),
    "view": lambda c: pa.array(texts(c)).cast(pa.string_view()),
    "places": lambda c: pa.array(texts(c), pa.large_string()).dictionary_encode(),
    "empty": lambda c: pa.nulls(len(c)),
}
DATES: dict[str, Made] = {
    "date": lambda c: pa.array(days(c), pa.date32()),
    "moment": lambda c: pa.array(days(c), pa.timestamp("ms")),
    "fine": lambda c: pa.array(days(c), pa.timestamp("ns")),
    "empty": lambda c: pa.nulls(len(c)),
}
TRUTHS: dict[str, Made] = {"truth": lambda c: pa.array([x > 3 for x in c])}
ZONED: dict[str, Made] = {"zoned": lambda c: pa.array(days(c), pa.timestamp("us", "UTC"))}
TOGETHER = [pair for kinds in (NUMBERS, TEXTS, DATES) for pair in itertools.permutations(kinds.items(), 2)]


def two_files(folder: Path, one: Made, other: Made) -> pd.DataFrame:
    """Files of two kinds, and their rows."""
    frames = []
    for i, made in enumerate((one, other)):
        columns, codes = people(i)
        values = made(codes)
        pq.write_table(pa.table({**columns, "t": values}), folder / f"{i}.parquet")
        truths = pa.types.is_boolean(values.type)
        held = [None] * N if pa.types.is_null(values.type) else [int(x > 3) if truths else x for x in codes]
        frames.append(pd.DataFrame({name: column.to_numpy() for name, column in columns.items()}).assign(t=held))
    return pd.concat(frames, ignore_index=True).astype({"t": float})


def holds(scan: sv.Scan, rows: pd.DataFrame) -> None:
    got, expected = (data.mean("y", by="t") for data in (scan, sv.Sample(rows, **DESIGN)))
    assert got.table["n"].tolist() == expected.table["n"].tolist()
    np.testing.assert_allclose(got.table["estimate"], expected.table["estimate"], rtol=1e-12)
    np.testing.assert_allclose(got.covariance, expected.covariance, rtol=1e-10)


@pytest.mark.parametrize(
    ("one", "other"), [(a, b) for (_, a), (_, b) in TOGETHER], ids=[f"{a}-{b}" for (a, _), (b, _) in TOGETHER]
)
def test_one_kind_in_two_types_is_one_column(tmp_path: Path, one: Made, other: Made) -> None:
    rows = two_files(tmp_path, one, other)
    holds(sv.scan(tmp_path, **DESIGN), rows)


@pytest.mark.parametrize("number", ["byte", "single", "decimal", "places"])
@pytest.mark.parametrize("first", [True, False])
def test_codes_beside_truth_values_stay_codes(tmp_path: Path, number: str, first: bool) -> None:
    """Arrow makes true of every code where the first file holds truth values."""
    made = (TRUTHS["truth"], NUMBERS[number])
    rows = two_files(tmp_path, *(made if first else made[::-1]))
    holds(sv.scan(tmp_path, **DESIGN), rows)


APART = [(TEXTS["text"], DATES["moment"]), (DATES["date"], ZONED["zoned"]), (ZONED["zoned"], TEXTS["text"])]


@pytest.mark.parametrize(("one", "other"), [*APART, *((b, a) for a, b in APART)])
def test_kinds_that_do_not_go_together_are_refused_once_they_are_asked_for(
    tmp_path: Path, one: Made, other: Made
) -> None:
    """Arrow writes moments as texts beside texts, "2024-01-01 00:00:00.000" beside "2024-01-01"."""
    two_files(tmp_path, one, other)
    scan = sv.scan(tmp_path, **DESIGN)
    assert scan.mean("y").table["n"].tolist() == [2 * N]
    with pytest.raises(sv.ReadError, match=r"in one file and .* in another") as caught:
        scan.mean("y", by="t")
    assert "column 't'" in str(caught.value.where) and "1.parquet" in str(caught.value.where)


def test_what_is_advised_of_codes_beside_words_works(tmp_path: Path) -> None:
    duckdb = pytest.importorskip("duckdb")
    two_files(tmp_path, NUMBERS["whole"], TEXTS["text"])
    with pytest.raises(sv.ReadError, match="numbers in one file and text in another") as caught:
        sv.scan(tmp_path, **DESIGN)
    query = str(caught.value.fix).partition("makes of them: ")[2].replace("log/", f"{tmp_path.as_posix()}/")
    found = sv.scan(duckdb.connect(), query=query, **DESIGN).mean("y", by="t").table
    assert found["t"].tolist() == ["01", "02", "03", "04", "05", "1", "2", "3", "4", "5"]


MANY: dict[str, Callable[[list[int]], pa.Array]] = {
    "bytes": lambda c: pa.array([text.encode() for text in texts(c)]),
    "list": lambda c: pa.array([[x] for x in c]),
    "parts": lambda c: pa.array([{"a": x} for x in c]),
    "id": lambda c: pa.array([bytes(15) + bytes([x]) for x in c], pa.binary(16)),
}


@pytest.mark.parametrize("source", ["parquet", "arrow", "duckdb", "polars"])
@pytest.mark.parametrize("kind", MANY)
def test_cells_of_several_values_or_of_bytes_are_refused_where_they_are_asked_for(
    tmp_path: Path, kind: str, source: str
) -> None:
    """b"01" and b"1" were the number 1. (Dask itself makes texts of all such cells.)"""
    columns, codes = people(1)
    table = pa.table({**columns, "t": MANY[kind](codes)})
    path = tmp_path / "log.parquet"
    pq.write_table(table, path)
    given: Any = table if source == "arrow" else path
    if source == "duckdb":
        given = pytest.importorskip("duckdb").connect().read_parquet(str(path))
    elif source == "polars":
        given = pytest.importorskip("polars").scan_parquet(path)
    scan = sv.scan(given, **DESIGN)
    assert scan.mean("y").table["n"].tolist() == [N]
    for asked in (lambda: scan.mean("t"), lambda: scan.mean("y", by="t"), lambda: sv.scan(given, weights="w", psu="t")):
        with pytest.raises(sv.ReadError, match="neither numbers nor texts nor dates") as caught:
            asked()
        assert str(caught.value.where) == "column 't'"


def test_parts_that_nobody_asks_for_are_written_with_the_weights(tmp_path: Path) -> None:
    columns, codes = people(1)
    table = pa.table({**columns, "t": MANY["parts"](codes)})
    pq.write_table(table, tmp_path / "log.parquet")
    raked = sv.scan(tmp_path / "log.parquet", **DESIGN).poststratify({"y": dict.fromkeys(range(1, 6), 10.0)})
    raked.write(tmp_path / "weighted.parquet")
    assert pq.read_table(tmp_path / "weighted.parquet").column("t").to_pylist() == table.column("t").to_pylist()


def test_what_an_engine_says_is_one_error(tmp_path: Path) -> None:
    duckdb, polars = pytest.importorskip("duckdb"), pytest.importorskip("polars")
    connection = duckdb.connect()
    with pytest.raises(sv.ReadError, match="cannot be read") as caught:
        sv.scan(connection, query="select * form log", **DESIGN)
    assert "form log" in str(caught.value.where)
    late = "select 1.0 w, i psu, cast(case when i > 4 then 'x' else '1' end as int) y from range(9) t(i)"
    scan = sv.scan(connection, query=late, **DESIGN)
    with pytest.raises(sv.ReadError, match="cannot be read"):
        scan.mean("y")
    with pytest.raises(sv.ReadError, match="cannot be read"):
        sv.scan(polars.scan_parquet(tmp_path / "absent.parquet"), **DESIGN)
