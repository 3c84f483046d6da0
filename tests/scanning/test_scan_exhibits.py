"""Figures, tables, sentences and files of rows that are counted batch by batch are those of the rows in memory."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

import survey as sv
from tests.scanning.test_scan import CODEBOOK, DESIGN
from tests.scanning.test_scan_models import CHOICES, EFFECT, _prepared, _rows


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Any]:
    """A scan and a sample whose codebook has a Vietnamese text only for the score, which not every result asks for."""
    rows = _rows()
    path = tmp_path_factory.mktemp("book") / "codebook.toml"
    path.write_text(CODEBOOK, encoding="utf-8")
    book = sv.Codebook.from_toml(path)
    scan = sv.scan(pa.Table.from_pandas(rows, preserve_index=False), codebook=book, **DESIGN)
    return _prepared(scan), sv.Sample(_prepared(sv.Responses(rows, book).recode_missing()), **DESIGN)


EXHIBITS: dict[str, Callable[[Any], Any]] = {
    "likert": lambda s: sv.figures.likert(s.distribution("q1", by="ward")),
    "intervals": lambda s: sv.figures.intervals(s.mean(["q1", "q2"], by="ward")),
    "odds ratios": lambda s: sv.figures.forest(s.logistic("yes ~ C(ward) + trips").odds_ratios()),
    "histogram": lambda s: sv.figures.histogram(s.histogram("age")),
    "waves": lambda s: sv.figures.lines(s.mean("service", by=["ward", "wave"])),
    "drivers": lambda s: sv.figures.quadrant(s.drivers("yes", "service", replicates=10)),
    "specifications": lambda s: sv.figures.specifications(
        s.specifications("service", **EFFECT, choices=CHOICES, seed=1)
    ),
    "banner": lambda s: sv.tables.banner(s.proportion(["q1", "q3"], top=2, over=["ward", "sex"])),
    "model": lambda s: sv.tables.table(s.linear("q1 ~ C(ward) + trips")),
    "reliability": lambda s: sv.tables.table(s.reliability(["q1", "q3", "q4"])),
}
TABLES = ("banner", "model", "reliability")


@pytest.mark.sampled
@pytest.mark.parametrize("exhibit", EXHIBITS)
def test_files_of_exhibits_are_those_of_the_rows_in_memory(pair: tuple[Any, Any], exhibit: str, tmp_path: Path) -> None:
    got, expected = (EXHIBITS[exhibit](s) for s in pair)
    drawn = "html" if exhibit in TABLES else "svg"
    formats = ["csv", drawn, "docx"]
    first, second = (
        sv.export(one, "e", formats=formats, folder=tmp_path / folder)
        for one, folder in ((got, "scan"), (expected, "memory"))
    )
    assert set(first) == set(second)
    for name in first:
        if not name.endswith("csv"):  # a CSV holds all digits, whose last may differ
            assert first[name].read_bytes() == second[name].read_bytes(), name
    one, two = (pd.read_csv(files["csv"]) for files in (first, second))
    pd.testing.assert_frame_equal(one, two, rtol=1e-10, atol=1e-12)
    assert len(json.loads(first["json"].read_text(encoding="utf-8"))["hash"]) == 64


SENTENCES: dict[str, Callable[[Any], Any]] = {
    "describe": lambda s: sv.narrative.describe(s.mean("q1", by="ward"), row={"ward": "Bình"}),
    "median": lambda s: sv.narrative.describe(s.quantile("minutes", [0.5])),
    "change": lambda s: sv.narrative.describe(s.change("service", waves=[1, 3])),
    "compare": lambda s: sv.narrative.compare(s.compare("q1", by="sex")),
    "ranking": lambda s: sv.narrative.ranking(s.mean("q1", by="ward")),
    "permutation": lambda s: sv.narrative.permutation(s.effect("q1", **EFFECT, seed=1)),
    "limits": sv.narrative.limits,
}


@pytest.mark.parametrize("sentence", SENTENCES)
def test_sentences_are_those_of_the_rows_in_memory(pair: tuple[Any, Any], sentence: str) -> None:
    got, expected = (SENTENCES[sentence](s) for s in pair)
    told = [[str(one) for one in found] if isinstance(found, tuple) else str(found) for found in (got, expected)]
    assert told[0] == told[1]
    assert told[0] or sentence == "limits"


def test_results_of_a_scan_are_written_together(pair: tuple[Any, Any], tmp_path: Path) -> None:
    scan, _ = pair
    figure = sv.figures.intervals(scan.mean("q1", by="ward"))
    table = sv.tables.table(scan.linear("q1 ~ C(ward)"))
    said = sv.narrative.ranking(scan.mean("q1", by="ward"))
    made = sv.export([figure, table, said], "report", formats=["docx", "xlsx"], folder=tmp_path)
    assert {"report.docx", "report.xlsx"} <= {path.name for path in made.values()}
    with zipfile.ZipFile(tmp_path / "report.docx") as word:
        assert str(said).splitlines()[0] in word.read("word/document.xml").decode("utf-8")
