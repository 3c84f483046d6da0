"""A cell of an exhibit is never a formula, whatever a label, a group or a question is called."""

from __future__ import annotations

import csv
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import survey as sv
from survey.base.spreadsheet import for_spreadsheets, harmless

EVIL = ['=HYPERLINK("http://x")', "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1+1"]


@pytest.fixture
def estimates() -> Any:
    data = pd.DataFrame({"g": np.repeat(EVIL, 60), "q": np.tile(np.r_[np.ones(20), np.zeros(40)], len(EVIL)), "w": 1.0})
    labels = {0: {"vi": "=no"}, 1: {"vi": "+yes"}}
    variables = {
        "q": sv.Variable("q", "binary", {"vi": "=cmd|'/c calc'!A0"}, labels),
        "g": sv.Variable("g", "nominal", {"vi": "@g"}),
    }
    s = sv.Sample(sv.Responses(data, sv.Codebook(variables, title={"vi": "-title"})), weights="w")
    return s.distribution("q", by="g")


def test_no_text_of_a_csv_begins_as_a_formula(estimates: Any, tmp_path: Path) -> None:
    difference = estimates.contrast(
        {"=1+1": np.r_[-1.0, 1.0, np.zeros(2 * len(EVIL) - 2)], "@b": np.r_[1.0, np.zeros(2 * len(EVIL) - 1)]}
    )
    for i, e in enumerate((estimates, difference)):
        path = sv.export(sv.tables.table(e), f"t{i}", formats=["csv"], folder=tmp_path)["csv"]
        with path.open(encoding="utf-8-sig", newline="") as file:
            cells = [cell for row in csv.reader(file) for cell in row]
        begun = [c for c in cells if c.lstrip().startswith(("=", "+", "-", "@", "＝"))]
        assert all(float(c) < 0 for c in begun)
        assert len(cells) > 20


def test_negative_numbers_stay_numbers(estimates: Any, tmp_path: Path) -> None:
    e = estimates.contrast({"a": np.r_[-1.0, 1.0, np.zeros(2 * len(EVIL) - 2)]})
    path = sv.export(sv.tables.table(e), "t", formats=["csv"], folder=tmp_path)["csv"]
    assert pd.read_csv(path)["estimate"].tolist() == pytest.approx([-1 / 3])  # 20 of 60 less 40 of 60


def test_texts_of_a_workbook_are_no_formulas(estimates: Any, tmp_path: Path) -> None:
    path = sv.tables.to_xlsx(sv.tables.table(estimates), tmp_path / "t.xlsx")
    with zipfile.ZipFile(path) as book:
        sheets = [book.read(n).decode() for n in book.namelist() if n.startswith("xl/worksheets/")]
    assert sheets and not any("<f>" in s or "<f " in s or "<hyperlink" in s for s in sheets)


def test_texts_of_a_page_are_no_markup(tmp_path: Path) -> None:
    data = pd.DataFrame(
        {"g": np.repeat(["<b>a</b>", "<script>x</script>"], 60), "q": np.tile([0.0, 1.0], 60), "w": 1.0}
    )
    book = sv.Codebook(
        {"q": sv.Variable("q", "number", {"vi": "<img src=x onerror=alert(1)>"})}, title={"vi": "<i>t</i>"}
    )
    e = sv.Sample(sv.Responses(data, book), weights="w").mean("q", by="g")
    for exhibit in (
        sv.tables.table(e, title="<u>t</u>", caption="<u>c</u>"),
        sv.figures.intervals(e, title="<u>t</u>"),
    ):
        page = sv.export(exhibit, "t", formats=["html"], folder=tmp_path)["html"].read_text(encoding="utf-8")
        assert not any(tag in page for tag in ("<script>", "<img src=x", "<b>a", "<u>", "<i>t"))


def test_headings_and_texts_only_are_changed() -> None:
    frame = pd.DataFrame({"=a": ["=1", "b", None], "n": [-1.5, 2.0, np.nan]}, index=[3, 3, 4])
    safe = for_spreadsheets(frame)
    assert list(safe.columns) == ["'=a", "n"] and safe["'=a"].tolist()[:2] == ["'=1", "b"]
    assert safe["n"].equals(frame["n"]) and harmless("") == "" and harmless(-1) == -1


def test_letters_of_no_width_hide_no_formula() -> None:
    from survey.base.spreadsheet import harmless

    for text in ("\u200b=1+1", "\ufeff=1+1", " \n=1+1", "\u3000＝1+1", "\u00a0@x", "\u2060-1"):
        assert harmless(text) == f"'{text}"
    assert harmless("a=1") == "a=1"
