"""Counts that are kept in place of rows give the estimates of the rows, also after they were saved and read again.

Expected values are those of `sv.Sample`, which tests/estimation holds against R, and R's own.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import survey as sv
from cell_people import DESIGN, codebook, people, same, sample
from survey.counting import pairs
from survey.sharing import state

REFERENCE = Path(__file__).parents[1] / "reference"
ASKED = {"q1": [["ward", "wave", "sex"], ["ward"]], "minutes": ["ward", "wave"], "ward": ["sex"]}
VERBS: dict[str, Callable[[Any], sv.Estimates]] = {
    "mean": lambda s: s.mean("q1"),
    "means by": lambda s: s.mean(["q1", "minutes"], by="ward"),
    "mean by two": lambda s: s.mean("q1", by=["ward", "sex"]),
    "mean in a domain": lambda s: s.mean("q1", by="wave", where="sex == 2 and ward != 'Cẩm'"),
    "mean of numbers in a domain": lambda s: s.mean("minutes", by="ward", where="wave == 1"),
    "mean rescaled": lambda s: s.mean("q1", by="ward", rescale=(0, 100)),
    "total": lambda s: s.total(["one", "minutes"], by="ward"),
    "top": lambda s: s.proportion("q1", top=2, by="ward"),
    "levels": lambda s: s.proportion("q1", levels=[2], by="ward"),
    "net": lambda s: s.proportion("q1", net=2, by="sex"),
    "beta": lambda s: s.proportion("q1", top=1, by="ward", interval="beta"),
    "distribution": lambda s: s.distribution("q1", by=["ward", "wave"]),
    "distribution of text": lambda s: s.distribution("ward", by="sex"),
    "a category that nobody has": lambda s: s.mean("q1", where="sex == 1 or sex == 3"),
}


def plain() -> sv.Sample:
    return sample(people())


def with_sizes() -> sv.Sample:
    return sample(people(), fpc="total", lonely="adjust")


def calibrated() -> sv.Sample:
    rows = people().dropna(subset="sex")
    margins = {"sex": {1: 21_000, 2: 19_000}, "ward": {"An Hòa": 12_000, "Bình": 15_000, "Cẩm": 13_000}}
    return sample(rows).poststratify({"wave": {1: 17_000, 2: 23_000}}).rake(margins)


@pytest.fixture(scope="module", params=[plain, with_sizes, calibrated], ids=lambda made: made.__name__)
def pair(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[sv.SharedCells, sv.Sample]:
    """Cells that were saved and read again, and their rows."""
    rows = request.param()
    path = sv.count_cells(rows, ASKED).save(tmp_path_factory.mktemp("cells") / "cells.parquet")
    return sv.load_cells(path), rows


@pytest.mark.parametrize("verb", VERBS)
def test_estimates_are_those_of_the_rows(pair: tuple[sv.SharedCells, sv.Sample], verb: str) -> None:
    cells, rows = pair
    same(VERBS[verb](cells), VERBS[verb](rows))


@pytest.mark.parametrize("made", [plain, with_sizes, calibrated])
def test_pairs_of_cluster_and_group_give_what_tables_give(
    made: Callable[[], sv.Sample], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where clusters and groups are thousands, no table of all is made of the lines that the cells are."""
    rows = made()
    cells = sv.count_cells(rows, ASKED)
    expected = {verb: asked(rows) for verb, asked in VERBS.items()}
    monkeypatch.setattr(pairs, "_DENSE", -1)
    monkeypatch.setattr(pairs, "_EMPTY", 0)
    monkeypatch.setattr(state, "by_tables", None)
    for verb, asked in VERBS.items():
        same(asked(cells), expected[verb])
    with pytest.raises(sv.EstimationError, match="are hidden"):
        cells.suppress(3).mean("q1", by=["ward", "wave", "sex"])


def test_what_a_question_may_take_is_said_when_cells_are_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = sv.count_cells(plain(), ASKED).save(tmp_path / "cells.parquet")
    assert len(sv.load_cells(path, memory=10**6).mean("q1", by="ward").table) == 3
    for _ in range(2):
        with pytest.raises(sv.EstimationError, match="more memory than they may") as caught:
            sv.load_cells(path, memory=1000).mean("q1", by="ward")
        assert caught.value.where == "memory=..." and "load_cells(...)" in str(caught.value.fix)
        monkeypatch.setattr(pairs, "_DENSE", -1)
        monkeypatch.setattr(pairs, "_EMPTY", 0)
    with pytest.raises(sv.DesignError, match="whole number of bytes"):
        sv.load_cells(path, memory=0)


def test_contrasts_are_those_of_the_rows(pair: tuple[sv.SharedCells, sv.Sample]) -> None:
    got, expected = (s.mean(["q1", "minutes"], by="ward").pairwise().table for s in pair)
    for column in ("estimate", "std_error", "df", "p_value", "conf_low", "conf_high"):
        np.testing.assert_allclose(got[column], expected[column], rtol=1e-10, atol=1e-12)


def test_a_scan_gives_the_same_cells(tmp_path: Path) -> None:
    rows = people()
    book = codebook()
    scan = sv.scan(pa.Table.from_pandas(rows, preserve_index=False), codebook=book, **DESIGN)
    one, other = (sv.count_cells(data, ASKED) for data in (scan, sample(rows, book)))
    same(one.distribution("q1", by="sex"), other.distribution("q1", by="sex"))
    same(one.mean("minutes", by="ward"), other.mean("minutes", by="ward"))


def test_estimates_are_those_of_r(tmp_path: Path) -> None:
    """R 4.2, survey: d <- svydesign(id=~dnum, weights=~pw, fpc=~fpc, data=apiclus1).

    svyby(~api00, ~stype, d, svymean, covmat=TRUE) and its vcov; degf(d); after r <- rake(d, list(~stype, ~sch.wide),
    ...) to 4421, 755, 1018 and 1072, 5122: svymean(~api00, r), svytotal(~enroll, r), and svyby(~api00, ~stype, r,
    svymean).
    """
    schools = pd.read_csv(REFERENCE / "apiclus1.csv")
    design = sv.Sample(schools, weights="pw", psu="dnum", fpc="fpc")
    asked = {"api00": ["stype"], "enroll": [[]]}
    path = sv.count_cells(design, asked).save(tmp_path / "a.parquet")
    got = sv.load_cells(path).mean("api00", by="stype")
    np.testing.assert_allclose(got.table["estimate"], [648.868055555556, 618.571428571429, 631.44], rtol=1e-12)
    expected = [
        [500.077331534932, 521.979779636953, 646.837432379581],
        [521.979779636953, 1445.539361351529, 658.330933383657],
        [646.837432379581, 658.330933383657, 999.158291952444],
    ]
    np.testing.assert_allclose(got.covariance, expected, rtol=1e-10)
    assert sv.load_cells(path).mean("api00").table["df"].item() == 14
    margins = {"stype": {"E": 4421, "H": 755, "M": 1018}, "sch.wide": {"No": 1072, "Yes": 5122}}
    raked = sv.count_cells(design.rake(margins, tolerance=1e-12), asked)
    whole, total = raked.mean("api00").table, raked.total("enroll").table
    np.testing.assert_allclose(whole[["estimate", "std_error"]].iloc[0], [641.2303209268, 23.70362], rtol=1e-6)
    np.testing.assert_allclose(total[["estimate", "std_error"]].iloc[0], [3647280.148065, 400603.25686], rtol=1e-6)
    groups = raked.mean("api00", by="stype").table
    np.testing.assert_allclose(groups["estimate"], [647.446579228416, 621.291861054897, 629.021538266647], rtol=1e-6)
    np.testing.assert_allclose(groups["std_error"], [22.8084121940973, 36.7431448777652, 29.9628809590603], rtol=1e-6)


@pytest.mark.parametrize(
    ("design", "said"),
    [
        ({"psu": None}, "every respondent is a cluster"),
        ({"psu": ["psu", "row"], "fpc": ["total", "people"]}, "2 stages"),
    ],
)
def test_designs_whose_counts_would_be_rows_are_refused(design: dict[str, Any], said: str) -> None:
    rows = people().assign(row=range(900), people=1000)
    with pytest.raises(sv.DesignError, match="one column of clusters") as caught:
        sv.count_cells(sample(rows, **design), "q1")
    assert said in str(caught.value.got)
    with pytest.raises(sv.DesignError, match="one column of clusters"):
        sv.count_cells(plain().replicates("jackknife"), "q1")


def test_what_was_not_counted_is_one_error_that_says_what_was() -> None:
    cells = sv.count_cells(plain(), ASKED)
    with pytest.raises(sv.EstimationError, match="do not hold this question") as caught:
        cells.mean("minutes", by="sex")
    assert caught.value.expected == "minutes by ward, wave"
    with pytest.raises(sv.EstimationError, match="no such column"):
        cells.mean("psu")
    for verb, given in {"quantile": ["minutes"], "rake": [{}], "linear": ["q1 ~ ward"]}.items():
        with pytest.raises(sv.EstimationError, match="have no rows"):
            getattr(cells, verb)(*given)
    with pytest.raises(sv.EstimationError, match="by their sums"):
        cells.distribution("minutes")


def test_personal_data_and_rows_of_text_are_refused() -> None:
    book = codebook('title.en = "t"\n[variables.phone]\nrole = "personal"\ntype = "text"\ntext.en = "Phone"\n')
    rows = people().assign(phone=[f"0912{i:06d}" for i in range(900)], note=[f"text {i}" for i in range(900)])
    with pytest.raises(sv.PrivacyError, match="Personal data are not counted"):
        sv.count_cells(sv.Sample(sv.Responses(rows, book), **DESIGN), "q1", by="phone")
    with pytest.raises(sv.EstimationError, match="twice"):
        sv.count_cells(plain(), "q1", by=["q1"])
    with pytest.raises(sv.EstimationError, match="from a sample or a scan"):
        sv.count_cells(rows, "q1")  # type: ignore[arg-type]
