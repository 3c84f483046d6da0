"""CSV as Excel writes it in Vietnamese, and other odd logs: a scan gives the estimates of `read`, or says what is bad.

Expected values are those of `sv.Sample` of what `sv.read` makes of the same file.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import survey as sv

DESIGN: dict[str, Any] = {"weights": "w", "strata": "st", "psu": "psu"}
EXCEL: dict[str, Any] = {"separator": ";", "decimal": ","}
N = 60
Texts = pd.DataFrame
Asked = Callable[[Any], Any]


def log() -> Texts:
    """Cells of a log as they stand in the file."""
    rng = np.random.default_rng(3)
    psu = rng.integers(0, 8, N)
    return pd.DataFrame(
        {
            "w": [f"{v:.2f}".replace(".", ",") for v in rng.uniform(1, 4, N)],
            "psu": psu.astype(str),
            "st": (psu % 2).astype(str),
            "q": rng.integers(1, 6, N).astype(str),
            "wait": [f"{v:.1f}".replace(".", ",") for v in rng.gamma(2, 9, N)],
            "ward": rng.choice(["An Hòa", "Bình"], N),
        }
    )


def first(column: str, cell: str) -> Texts:
    rows = log()
    rows.loc[0, column] = cell
    return rows


def csv(rows: Texts, separator: str = ";", head: list[str] | None = None, end: str = "\r\n") -> str:
    lines = [head or list(rows.columns), *rows.to_numpy().tolist()]
    return "".join(separator.join(line) + end for line in lines)


def nfd(text: str) -> str:
    return unicodedata.normalize("NFD", text)


def by_ward(data: Any) -> Any:
    return data.mean("wait", by="ward")


def by_quoted(data: Any) -> Any:
    return data.mean(nfd("phút"), by="phường")


def shares(data: Any) -> Any:
    return data.distribution("q", by="ward")


def both(path: Path, asked: Asked, written: dict[str, Any], steps: Asked = lambda data: data) -> tuple[Any, Any]:
    rows = steps(sv.read(path, **written).recode_missing())
    return asked(sv.Sample(rows, **DESIGN)), asked(steps(sv.scan(path, **written, **DESIGN)))


def same(expected: Any, got: Any) -> None:
    pd.testing.assert_frame_equal(got.table, expected.table, rtol=1e-10)
    np.testing.assert_allclose(got.covariance, expected.covariance, rtol=1e-10)


VIETNAMESE = ["w", "psu", "st", "q", "phút", "phường"]
ODD: list[tuple[str, str, Asked]] = [
    ("as Excel writes it", csv(log()), by_ward),
    ("a byte order mark", "\ufeff" + csv(log()), by_ward),
    ("lines that end otherwise", csv(log(), end="\r"), by_ward),
    ("empty lines", csv(log()).replace("\r\n", "\r\n\r\n", 3), by_ward),
    ("tabs", csv(log(), "\t"), by_ward),
    ("shares", csv(log()), shares),
    ("answers with decimals", csv(log().assign(q=log()["q"] + ",0")), shares),
    ("a line break in a cell", csv(log().replace({"ward": {"Bình": '"Bình\nAn"'}})), by_ward),
    ("a separator in a cell", csv(log().replace({"ward": {"Bình": '"Bình; An"'}})), by_ward),
    ("numbers in quotes", csv(log().assign(wait='"' + log()["wait"] + '"')), by_ward),
    ("blanks about numbers", csv(log().assign(wait=" " + log()["wait"] + " ")), by_ward),
    ("an end of more separators", csv(log()).replace("\r\n", ";\r\n"), by_ward),
    ("clusters 01 and 1", csv(log().assign(psu=["0" * (i % 2) + p for i, p in enumerate(log()["psu"])])), by_ward),
    ("ids of 17 digits", csv(log().assign(psu="900719925474099" + log()["psu"] + "3")), by_ward),
    ("a column without answers", csv(log().assign(wait="")), by_ward),
    ("NA among numbers", csv(first("wait", "NA")), by_ward),
    ("a power of ten", csv(first("wait", "1,2E+03")), by_ward),
    ("dates as groups", csv(log().assign(ward=[f"{i % 9 + 1:02}/01/2024" for i in range(N)])), by_ward),
    ("a header in NFC", csv(log(), head=VIETNAMESE), by_quoted),
    ("values in NFD", csv(log().assign(ward=[nfd(w) for w in log()["ward"]])), by_ward),
]


@pytest.mark.parametrize(("text", "asked"), [one[1:] for one in ODD], ids=[one[0] for one in ODD])
def test_odd_csv_gives_the_estimates_of_rows_in_memory(tmp_path: Path, text: str, asked: Asked) -> None:
    path = tmp_path / "log.csv"
    path.write_bytes(text.encode())
    written = {**EXCEL, "separator": "\t"} if "\t" in text else EXCEL
    same(*both(path, asked, written))


@pytest.mark.parametrize(
    ("cell", "options"),
    [
        ("Không biết", {"decimal": ",", "others": "dont_know"}),
        ("-", {"decimal": ",", "others": "blank"}),
        ("1.200,5", {"decimal": ","}),
        ("1 200,5", {"decimal": ","}),
    ],
)
def test_texts_among_numbers_are_read_as_in_memory(tmp_path: Path, cell: str, options: dict[str, Any]) -> None:
    path = tmp_path / "log.csv"
    path.write_bytes(csv(first("wait", cell)).encode())
    same(*both(path, by_ward, EXCEL, lambda data: data.to_number("wait", **options)))
    with pytest.raises(sv.EstimationError, match="not numeric") as caught:
        by_ward(sv.scan(path, **EXCEL, **DESIGN))
    call = "to_number('wait', decimal=\",\"" + (', others="blank")' if "others" in options else ")")
    assert f"scan(...).{call}" in str(caught.value.fix)


def test_texts_that_are_no_numbers_are_named_by_the_first_question(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_bytes(csv(first("wait", "Không biết")).encode())
    scan = sv.scan(path, **EXCEL, **DESIGN).to_number("wait", decimal=",")
    with pytest.raises(sv.CleaningError, match="texts that are not numbers"):
        scan.mean("wait")
    assert scan.mean("q").table["n"].tolist() == [N]


def test_only_columns_of_the_source_become_numbers(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_bytes(csv(log()).encode())
    scan = sv.scan(path, **EXCEL, **DESIGN).derive("long", "wait > 20")
    with pytest.raises(sv.EstimationError, match="Only columns of the source"):
        scan.to_number("long")
    raked = scan.rake({"st": {0: 1.0, 1: 1.0}})
    with pytest.raises(sv.EstimationError, match="before weights are adjusted"):
        raked.to_number("wait")


@pytest.mark.parametrize("source", ["parquet", "polars", "duckdb", "dask", "arrow"])
def test_text_is_read_as_numbers_from_every_source(tmp_path: Path, source: str) -> None:
    """Words beside codes, as where the months of a log were exported by two programs."""
    rows = pd.DataFrame(
        {"w": 1.0 + np.arange(N) % 3, "psu": np.arange(N) % 8, "st": np.arange(N) % 2, "ward": log()["ward"]}
    ).assign(q=[["1", "2", "Không biết", "4", None][i % 5] for i in range(N)])
    path = tmp_path / "log.parquet"
    rows.to_parquet(path)
    given: Any = path
    if source == "arrow":
        given = pytest.importorskip("pyarrow.parquet").read_table(path)
    elif source == "polars":
        given = pytest.importorskip("polars").scan_parquet(path)
    elif source == "duckdb":
        given = pytest.importorskip("duckdb").connect().read_parquet(str(path))
    elif source == "dask":
        given = pytest.importorskip("dask.dataframe").from_pandas(rows, npartitions=3, sort=False)
    options: dict[str, Any] = {"others": "dont_know"}
    scan = sv.scan(given, **DESIGN).to_number("q", **options)
    sample = sv.Sample(sv.Responses(rows).to_number("q", **options), **DESIGN)
    same(sample.mean("q", by="ward"), scan.mean("q", by="ward"))
    same(sample.distribution("q"), scan.distribution("q"))
    same(sample.proportion("q", levels=[4], by="ward"), scan.proportion("q", levels=[4], by="ward"))


PLAIN = csv(log()).replace("ì", "i").replace("ò", "o")
WORDING = "\r\nTrọng số;Cụm;Tầng;Câu một;Phút chờ;Phường xã\r\n"
BAD: list[tuple[str, bytes, dict[str, Any], str, str]] = [
    ("utf-16", csv(log()).encode("utf-16"), EXCEL, "in UTF-16", 'encoding="utf-16"'),
    ("utf-16 without a mark", PLAIN.encode("utf-16-le"), EXCEL, "NUL", "utf-16-le"),
    ("windows-1258", nfd(csv(log())).encode("cp1258", "ignore"), EXCEL, "not in UTF-8", "windows-1258"),
    (
        "late bytes",
        (csv(log()) + csv(log()).partition("\n")[2] * 2000).encode() + b"B\xecnh",
        EXCEL,
        "not in UTF-8",
        "cp1252",
    ),
    ("another separator", csv(log()).encode(), {}, "another separator", 'separator=";"'),
    ("more cells", csv(log()).encode() + b"2,5;1;1;3;4,0;A;x\r\n", EXCEL, "more or fewer cells", "quotes"),
    ("fewer cells", csv(log()).encode() + b"2,5;1;1\r\n", EXCEL, "more or fewer cells", "quotes"),
    ("an open quote", csv(log()).encode() + b'2,5;1;1;3;4,0;"A\r\n', EXCEL, "quote is not closed", "export"),
    ("a zero byte", csv(log()).encode().replace(b"An H", b"A\0 H", 1), EXCEL, "NUL bytes", "UTF-8"),
    ("two columns of one name", csv(log(), head=[*VIETNAMESE[:5], "q"]).encode(), EXCEL, "same name", "rename"),
    ("a title", ("Tháng 1;;;;;\r\n" + csv(log())).encode(), EXCEL, "first row must name", "remove"),
    ("a declared separator", ("sep=;\r\n" + csv(log())).encode(), EXCEL, "first row must name", "remove"),
    ("wording below", csv(log()).replace("\r\n", WORDING, 1).encode(), EXCEL, "first row must name", "remove"),
    ("nothing", b"", EXCEL, "empty", "export"),
    ("blanks", b" \r\n", EXCEL, "empty", "export"),
]


@pytest.mark.parametrize(("raw", "written", "match", "fix"), [one[1:] for one in BAD], ids=[one[0] for one in BAD])
def test_a_file_that_cannot_be_counted_is_one_error_with_what_helps(
    tmp_path: Path, raw: bytes, written: dict[str, Any], match: str, fix: str
) -> None:
    (tmp_path / "0.csv").write_bytes(
        csv(log(), ";" if written else ",").replace(",", "." if not written else ",").encode()
    )
    path = tmp_path / "1.csv"
    path.write_bytes(raw)
    with pytest.raises(sv.ReadError, match=match) as caught:
        by_ward(sv.scan(tmp_path, **written, **DESIGN))
    assert str(path) in str(caught.value.where) and fix in str(caught.value.fix)


def test_what_is_advised_of_an_encoding_works(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_bytes(csv(log()).encode("utf-16"))
    rows = sv.read(path, encoding="utf-16", **EXCEL)
    rows.write(tmp_path / "log.parquet")
    same(by_ward(sv.Sample(rows, **DESIGN)), by_ward(sv.scan(tmp_path / "log.parquet", **DESIGN)))


@pytest.mark.parametrize("written", [{"separator": ";;"}, {"separator": 1}, {"decimal": "'"}])
def test_signs_are_single_ones(tmp_path: Path, written: dict[str, Any]) -> None:
    (tmp_path / "log.csv").write_text(csv(log()))
    with pytest.raises(sv.ReadError, match="one character"):
        sv.scan(tmp_path / "log.csv", **written, **DESIGN)


def test_a_separator_of_no_csv_is_refused(tmp_path: Path) -> None:
    pd.DataFrame({"w": [1.0], "psu": [1], "st": [1]}).to_parquet(tmp_path / "log.parquet")
    with pytest.raises(sv.ReadError, match="do not apply"):
        sv.scan(tmp_path / "log.parquet", separator=";", **DESIGN)


def test_files_with_two_separators_are_not_one_table(tmp_path: Path) -> None:
    (tmp_path / "0.csv").write_text(csv(log(), ",").replace(",", "."))
    (tmp_path / "1.tsv").write_text(csv(log(), "\t"))
    with pytest.raises(sv.ReadError, match="not of one kind"):
        sv.scan(tmp_path, **DESIGN)
