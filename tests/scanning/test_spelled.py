"""Columns in decomposed Unicode, or with blanks about their names, are called in a scan as `read` calls them.

Expected values are those of `sv.Sample` of the same rows under composed names, or of what `sv.read` makes of the file.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import survey as sv
from survey.sharing.alike import composed
from tests.scanning.test_scan import ENGINES, equal

N = 480
DESIGN: dict[str, Any] = {"weights": "trọng số", "strata": "tầng", "psu": "cụm", "nest": True}
CODEBOOK = """
title.en = "Test"
[dimensions]
service = {en = "Service", vi = "Phục vụ"}
[variables."hài lòng"]
type = "ordinal"
direction = -1
dimension = "service"
scored = true
text.en = "Satisfied"
missing.99 = "refused"
labels.1.en = "a"
labels.2.en = "b"
labels.3.en = "c"
"""


def nfd(text: str) -> str:
    return unicodedata.normalize("NFD", text)


def rows(seed: int = 5) -> pd.DataFrame:
    """Under composed names, but for those that are the same in both forms."""
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "trọng số": rng.uniform(1, 9, N),
            "tầng": rng.choice(["bắc", "nam"], N),
            "cụm": rng.integers(1, 9, N),
            "phường": rng.choice(["An Hòa", "Bình"], N),
            "hài lòng": rng.choice([1, 2, 3, 99], N),
            "phút": np.round(rng.gamma(2, 9, N), 2),
            "trips": rng.integers(1, 4, N),
        }
    )


def apart(data: pd.DataFrame) -> pd.DataFrame:
    return data.rename(columns=nfd)


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("book") / "codebook.toml"
    path.write_text(CODEBOOK, encoding="utf-8")
    return path


@pytest.fixture(scope="module", params=ENGINES, ids=lambda engine: engine.__name__)
def pair(
    request: pytest.FixtureRequest, book: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[sv.Scan, sv.Sample]:
    """A scan of columns in decomposed Unicode, and the same rows in memory under composed names."""
    source = request.param(apart(rows()), tmp_path_factory.mktemp(request.param.__name__))
    steps: Callable[[Any], Any] = lambda data: data.reverse().score("service").derive("lâu", "phút >= 20")  # noqa: E731
    clean = steps(sv.Responses(rows(), sv.Codebook.from_toml(book)).recode_missing())
    return steps(sv.scan(source, codebook=book, **DESIGN)), sv.Sample(clean, **DESIGN)


VERBS: dict[str, Callable[[Any], sv.Estimates]] = {
    "mean": lambda s: s.mean(["hài lòng", "service", "phút"], by="phường", where="lâu == 1 or phút < 9"),
    "names typed in the other form": lambda s: s.mean(nfd("phút"), by=nfd("phường")),
    "shares": lambda s: s.distribution("hài lòng", by=["phường", "lâu"]),
    "ratio": lambda s: s.ratio("phút", "trips", where="phường == 'Bình'"),
    "alike": lambda s: s.compare("hài lòng", by="phường"),
}


@pytest.mark.parametrize("verb", VERBS)
def test_estimates_are_those_of_composed_names_in_memory(pair: tuple[sv.Scan, sv.Sample], verb: str) -> None:
    scan, sample = pair
    equal(VERBS[verb](scan), VERBS[verb](sample))


def test_weights_and_cells_are_those_of_composed_names(pair: tuple[sv.Scan, sv.Sample], tmp_path: Path) -> None:
    scan, sample = pair
    raked, expected = (s.rake({"phường": {"An Hòa": 3_000, "Bình": 2_000}}) for s in (scan, sample))
    equal(raked.mean("phút"), expected.mean("phút"))
    made = pd.read_parquet(raked.write(tmp_path / "w.parquet", columns=["cụm", nfd("phường")]))
    assert list(made.columns)[:2] == ["cụm", "phường"]
    equal(sv.count_cells(scan, "hài lòng", by="phường").mean("hài lòng"), sample.mean("hài lòng"))


def test_all_columns_are_written_under_composed_names(tmp_path: Path) -> None:
    pq.write_table(pa.Table.from_pandas(apart(rows())), tmp_path / "a.parquet")
    scan = sv.scan(tmp_path / "a.parquet", **DESIGN).rake({"phường": {"An Hòa": 30, "Bình": 20}})
    made = pd.read_parquet(scan.write(tmp_path / "made.parquet"))
    pd.testing.assert_frame_equal(made[list(rows().columns)], rows(), check_dtype=False)


@pytest.mark.parametrize("spell", [nfd, lambda name: f" {name} ", lambda name: f"{nfd(name)}\t"])
def test_headers_of_csv_are_those_of_read(tmp_path: Path, book: Path, spell: Callable[[str], str]) -> None:
    path = tmp_path / "log.csv"
    rows().rename(columns=spell).to_csv(path, index=False)
    sample = sv.Sample(sv.read(path, codebook=book).recode_missing(), **DESIGN)
    scan = sv.scan(path, codebook=book, **DESIGN)
    for asked in (lambda s: s.mean("phút", by="phường"), lambda s: s.distribution("hài lòng")):
        equal(asked(scan), asked(sample))
    made = sv.count_new(tmp_path / "c.parquet", path, ["phút"], by=["phường"], weights="trọng số", psu="cụm").cells
    once = sv.Sample(sv.read(path), weights="trọng số", psu="cụm")
    pd.testing.assert_frame_equal(made.mean("phút", by="phường").table, once.mean("phút", by="phường").table, rtol=1e-9)


@pytest.mark.parametrize("typed", [str, nfd])
def test_files_of_both_forms_are_counted_together(tmp_path: Path, typed: Callable[[str], str]) -> None:
    """Items in composed Unicode were "not there", and the second file too."""
    design = {"weights": "trọng số", "psu": "cụm"}
    (tmp_path / "log").mkdir()
    apart(rows(1)).to_parquet(tmp_path / "log" / "1.parquet")
    asked = {name: typed(column) for name, column in design.items()}
    for parts in ([rows(1)], [rows(1), rows(2)]):
        if len(parts) > 1:
            rows(2).to_parquet(tmp_path / "log" / "2.parquet")
        made = sv.count_new(tmp_path / "c.parquet", tmp_path / "log", [typed("phút")], by=[typed("phường")], **asked)
        expected = sv.Sample(pd.concat(parts, ignore_index=True), **design).mean("phút", by="phường")
        pd.testing.assert_frame_equal(made.cells.mean("phút", by="phường").table, expected.table, rtol=1e-9)


def test_cells_of_rows_in_memory_take_either_form() -> None:
    for data in (rows(), apart(rows())):
        sample = sv.Sample(data, **DESIGN)
        for spell in (str, nfd):
            cells = sv.count_cells(sample, [spell("phút")], by=[spell("phường")])
            equal(cells.mean(spell("phút")), sample.mean(spell("phút")))


def test_cells_that_an_older_scan_counted_are_continued_under_composed_names() -> None:
    """They were called as the columns of their files."""
    sample = sv.Sample(apart(rows()), **DESIGN)
    older = sv.count_cells(sample, ["phút"], by=["phường"])
    assert older.tallies[0].by == (nfd("phường"),)
    made = composed(older)
    assert (made.tallies[0].item, made.tallies[0].by, made.design.psu) == ("phút", ("phường",), ("cụm",))
    equal(made.mean("phút", by="phường"), sv.Sample(rows(), **DESIGN).mean("phút", by="phường"))
    assert composed(made) is made


@pytest.mark.parametrize("kind", ["parquet", "csv"])
@pytest.mark.parametrize(
    ("spell", "told"), [(nfd, "decomposed Unicode"), (lambda name: f"{name} ", "with blanks about it")]
)
def test_files_that_spell_a_name_in_two_ways_are_told_so_in_words(
    tmp_path: Path, kind: str, spell: Callable[[str], str], told: str
) -> None:
    """They were told that a file lacks a column, which looked like one that it has; unasked columns are no matter."""
    for i, name in enumerate(("phút", spell("phút")), 1):
        data = rows(i).rename(columns={"phút": name})
        path = tmp_path / f"{i}.{kind}"
        data.to_parquet(path) if kind == "parquet" else data.to_csv(path, index=False)
    scan = sv.scan(tmp_path / f"*.{kind}", **DESIGN)
    both = pd.concat([rows(1), rows(2)], ignore_index=True)
    equal(scan.mean("trips"), sv.Sample(both, **DESIGN).mean("trips"))
    with pytest.raises(sv.ReadError, match="two ways that look alike") as caught:
        scan.mean("phút")
    assert told in str(caught.value)
    assert str(tmp_path / f"2.{kind}") in str(caught.value.where)
    fixed = []
    for i in (1, 2):  # what the error advises
        sv.read(tmp_path / f"{i}.{kind}").write(tmp_path / "made" / f"{i}.parquet")
        fixed.append(tmp_path / "made" / f"{i}.parquet")
    equal(sv.scan(fixed, **DESIGN).mean("phút"), sv.Sample(both, **DESIGN).mean("phút"))


@pytest.mark.parametrize("kind", ["parquet", "csv", "table"])
def test_two_columns_of_one_name_are_refused_as_by_read(tmp_path: Path, kind: str) -> None:
    data = rows().assign(**{nfd("phút"): 1.0})
    path = tmp_path / f"a.{kind}"
    if kind == "csv":
        data.to_csv(path, index=False)
    elif kind == "parquet":
        data.to_parquet(path)
    source = pa.Table.from_pandas(data) if kind == "table" else path
    with pytest.raises(sv.ReadError, match="Two columns have the same name") as caught:
        sv.scan(source, **DESIGN)
    assert "decomposed" in str(caught.value.got)
    if kind != "table":
        with pytest.raises(sv.ReadError, match="Two columns have the same name"):
            sv.read(path)
