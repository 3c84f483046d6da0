"""Models, scales, waves, quantiles and correlations of rows that are counted batch by batch, beside those in memory.

Expected values are those of `sv.Sample`, which tests/models, tests/compare and tests/estimation hold against R.
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
from survey.scanning import held, readers
from tests.scanning.test_scan import CODEBOOK, DESIGN, ENGINES


def _rows() -> pd.DataFrame:
    """Many respondents who are alike, in three waves; weights of 0; people who are asked again."""
    rng = np.random.default_rng(23)
    n = 1_600
    ability = rng.normal(0, 1, n)

    def item() -> Any:
        return np.clip(np.round(3 + ability + rng.normal(0, 1, n)), 1, 5)

    rows = pd.DataFrame(
        {
            "stratum": rng.choice(["bắc", "nam"], n),
            "psu": rng.integers(1, 7, n),
            "w": np.where(rng.random(n) < 0.02, 0.0, rng.choice([1.0, 2.5, 7.0], n)),
            "ward": rng.choice(["An Hòa", "Bình", "Cẩm"], n, p=[0.5, 0.4, 0.1]),
            "sex": rng.choice([1.0, 2.0, np.nan], n, p=[0.5, 0.45, 0.05]),
            "age": rng.integers(18, 90, n),
            "minutes": rng.gamma(2, 9, n),
            "trips": rng.integers(1, 7, n),
            "wave": rng.integers(1, 4, n),
            "mode": rng.choice(["phone", "face"], n),
            "q1": np.where(rng.random(n) < 0.1, 98, item()),
            "q2": 6 - item(),
            "q3": item(),
            "q4": np.where(rng.random(n) < 0.1, np.nan, item()),
        }
    )
    rows.loc[rows["wave"] == 3, "mode"] = "phone"
    rows["yes"] = (rows["q3"] + rng.integers(0, 4, n) > 4).astype(int)
    place = ["stratum", "psu", "wave"]
    rows["person"] = 1_000 * rows["psu"] + 10_000 * (rows["stratum"] == "nam") + rows.groupby(place).cumcount()
    return rows


@pytest.fixture(scope="module")
def codebook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("book") / "codebook.toml"
    path.write_text(CODEBOOK, encoding="utf-8")
    return path


def _prepared(data: Any) -> Any:
    return data.reverse().score("service").derive("old", "age >= 60").derive("few", "psu <= 2")


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    return _rows()


@pytest.fixture(scope="module")
def memory(rows: pd.DataFrame, codebook: Path) -> sv.Sample:
    clean = sv.Responses(rows, sv.Codebook.from_toml(codebook)).recode_missing()
    return sv.Sample(_prepared(clean), **DESIGN)


@pytest.fixture(scope="module", params=ENGINES, ids=lambda engine: engine.__name__)
def scanned(
    request: pytest.FixtureRequest, rows: pd.DataFrame, codebook: Path, tmp_path_factory: pytest.TempPathFactory
) -> sv.Scan:
    source = request.param(rows, tmp_path_factory.mktemp(request.param.__name__))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(readers, "BATCH", 400)
        yield _prepared(sv.scan(source, codebook=codebook, **DESIGN))


PARTS = ("shares", "explained", "performance", "group_shares", "items", "components")
"""What stands behind results of drivers and of reliability."""


def same(got: Any, expected: Any) -> None:
    assert type(got) is type(expected)
    assert list(got.table.columns) == list(expected.table.columns)
    assert len(expected.table) > 0
    for column in expected.table:
        if expected.table[column].dtype.kind in "fi":
            np.testing.assert_allclose(
                got.table[column], expected.table[column], rtol=1e-10, atol=1e-10, err_msg=str(column)
            )
        else:
            assert got.table[column].tolist() == expected.table[column].tolist(), column
    assert got.notes == expected.notes
    if not isinstance(expected, sv.Estimates):
        return
    if "std_error" in expected.table:
        np.testing.assert_allclose(got.covariance, expected.covariance, rtol=1e-10, atol=1e-12)
    assert got.answers == expected.answers
    if expected.behind is not None:
        np.testing.assert_array_equal(got.behind, expected.behind)
    for part in PARTS:
        if getattr(expected, part, None) is not None:
            same(getattr(got, part), getattr(expected, part))


ITEMS = ["q1", "q2", "q3", "q4"]
EFFECT: dict[str, Any] = {"treated": "few", "period": "old", "unit": "psu", "acknowledge": "mode", "permutations": 99}
CHOICES = {
    "often": {"where": "trips > 2", "label": "A"},
    "all": {"min_answered": 1.0, "label": "B"},
    "without": {"without": ["q2"], "label": "C"},
}
VERBS: dict[str, Callable[[Any], Any]] = {
    "quantile": lambda s: s.quantile(["trips", "q1"], by="ward"),
    "quantile in steps": lambda s: s.quantile(["age", "q1"], [0.05, 0.33, 0.5], by=["ward", "sex"], rule="hf4"),
    "quantile of school": lambda s: s.quantile("trips", rule="school", interval="logit", where="old == 1"),
    "quantile of replicates": lambda s: s.replicates("jackknife").quantile("age", by="ward"),
    "histogram": lambda s: s.histogram("age", by="ward"),
    "cumulative": lambda s: s.histogram("age", [0, 30, 60, 100], where="trips > 2", cumulative=True),
    "variance": lambda s: s.variance(["q1", "trips"], by="ward"),
    "covariance": lambda s: s.covariance(["q1", "trips"]),
    "correlation": lambda s: s.correlation(["q1", "q2", "trips"], by="sex", where="old == 0"),
    "linear": lambda s: s.linear("q1 ~ C(ward) * old + trips"),
    "linear of items": lambda s: s.linear("C(sex) + trips", items=["q1", "q2"], where="old == 1"),
    "splines": lambda s: s.linear("q1 ~ bs(age, 4) + scale(trips) + center(age) + poly(trips, 2)", aliased="drop"),
    "natural splines": lambda s: s.linear("q1 ~ ns(age, 3)").margins(),
    "empty cells": lambda s: s.linear("q1 ~ C(ward) * C(psu)", where="psu > 1 or ward == 'Bình'"),
    "predictions": lambda s: s.linear("q1 ~ C(ward) * old").predict(at={"old": [0, 1]}, by="ward"),
    "logistic": lambda s: s.logistic("yes ~ C(ward) + trips"),
    "margins": lambda s: s.logistic("yes ~ C(ward) + trips").margins(by="ward"),
    "odds ratios": lambda s: s.logistic("yes ~ C(ward) + trips").odds_ratios(),
    "tests of terms": lambda s: s.logistic("yes ~ C(ward) + trips").test(),
    "ordinal": lambda s: s.ordinal("q3 ~ C(ward) + trips"),
    "margins of answers": lambda s: s.ordinal("q3 ~ C(ward) + trips").margins(),
    "parallel lines": lambda s: s.ordinal("q3 ~ C(ward) + trips").parallel_lines(),
    "cuts": lambda s: s.ordinal("q3 ~ C(ward) + trips").cuts(),
    "bootstrap of a model": lambda s: s.replicates("bootstrap", n=20, seed=3).linear("q1 ~ C(ward) + trips"),
    "reliability": lambda s: s.reliability(ITEMS),
    "reliability of a score": lambda s: s.reliability("service", by="ward", missing="pairwise"),
    "reliability of pairs": lambda s: s.reliability(ITEMS, missing="pairwise", by="old"),
    "dif": lambda s: s.dif(ITEMS, by="old"),
    "dif of replicates": lambda s: s.replicates("jackknife").dif(ITEMS, by="ward", match="total"),
    "drivers": lambda s: s.drivers("yes", ["q2", "q3", "q4"], groups={"g": ["q2", "q3"]}),
    "drivers of a scale": lambda s: s.drivers("q3", "service", within="ward", top=2, replicates=10),
    "change": lambda s: s.change(["q1", "service"], by="ward"),
    "change of a share": lambda s: s.change("q1", top=2, against="previous", where="old == 1", clusters="same"),
    "waves drawn anew": lambda s: s.change("q1", clusters="new"),
    "people of two waves": lambda s: s.change("q1", person="person"),
    "all people": lambda s: s.wave_trend("q1", person="person", by="ward"),
    "wave trend": lambda s: s.wave_trend("q1", time={1: "2023-08", 2: "2024-06", 3: "2025-09"}),
    "pretrends": lambda s: s.pretrends("q1", **{**EFFECT, "period": "wave"}, start=3),
    "specifications": lambda s: s.specifications("service", **EFFECT, choices=CHOICES, seed=1),
}


@pytest.mark.crossed
@pytest.mark.filterwarnings("ignore:invalid value encountered in divide:RuntimeWarning")
@pytest.mark.parametrize("verb", VERBS)
def test_results_are_those_of_the_rows_in_memory(scanned: sv.Scan, memory: sv.Sample, verb: str) -> None:
    same(VERBS[verb](scanned), VERBS[verb](memory))


def test_other_weights_under_a_choice_are_refused(rows: pd.DataFrame) -> None:
    """Rows that stand for several people cannot be given the weights of one of them."""
    scan = sv.scan(pa.Table.from_pandas(rows.assign(other=rows["trips"])), weights="w", psu="psu")
    scan = scan.derive("old", "age >= 60").derive("few", "psu <= 2")
    with pytest.raises(sv.EstimationError, match="Other weights need the respondents"):
        scan.specifications("q3", **EFFECT, choices={"other": {"weights": "other"}})


def test_a_person_twice_in_a_wave_is_seen(rows: pd.DataFrame) -> None:
    """Whose two rows are alike in everything, so that they are counted as one row of two people."""
    twice = pd.concat([rows, rows.iloc[[5]]], ignore_index=True)
    for sample in (sv.Sample(twice, **DESIGN), sv.scan(pa.Table.from_pandas(twice), **DESIGN)):
        with pytest.raises(sv.EstimationError, match="stands in a wave more than once"):
            sample.change("q3", person="person")


@pytest.fixture(scope="module")
def of_numbers(rows: pd.DataFrame, codebook: Path) -> sv.Scan:
    """A scan in which columns of more than three values, `q1` with its don't-knows too, have too many to be listed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(readers, "BATCH", 400)
        patch.setattr(held, "MOST_VALUES", 3)
        yield _prepared(sv.scan(pa.Table.from_pandas(rows, preserve_index=False), codebook=codebook, **DESIGN))


BY_ANSWERS = ("drivers of a scale", "change of a share", "pretrends", "specifications")
"""Verbs of which a column of more than three values is a group, or answers that are counted by themselves."""
OF_NUMBERS = {name: verb for name, verb in VERBS.items() if name not in BY_ANSWERS} | {
    "quantile of minutes": lambda s: s.quantile(["minutes", "age"], [0.1, 0.5], by="ward", where="minutes > 3"),
    "histogram of minutes": lambda s: s.histogram("minutes", by="ward"),
    "correlation of minutes": lambda s: s.correlation(["minutes", "q1"]),
    "model of minutes": lambda s: s.linear("minutes ~ q1 + log(age) + C(ward)"),
    "logistic of minutes": lambda s: s.logistic("yes ~ minutes", where="age > 30").margins(),
    "ranks of minutes": lambda s: s.rank_test("minutes", by="ward"),
    "comparison of minutes": lambda s: s.compare("minutes", by="ward"),
    "ratio side by side": lambda s: s.ratio("minutes", "trips", over=["ward", "sex"]),
    "drivers of a share": lambda s: s.drivers("yes", ["minutes", "q3"], top=1, replicates=10),
    "share of people asked again": lambda s: s.change("old", top=1, person="person"),
}


@pytest.mark.sampled
@pytest.mark.filterwarnings("ignore:invalid value encountered in divide:RuntimeWarning")
@pytest.mark.parametrize("verb", OF_NUMBERS)
def test_columns_of_very_many_numbers_are_counted_as_they_are(
    of_numbers: sv.Scan, memory: sv.Sample, verb: str
) -> None:
    same(OF_NUMBERS[verb](of_numbers), OF_NUMBERS[verb](memory))


def test_numbers_beyond_the_budget_are_refused_while_they_are_counted(rows: pd.DataFrame) -> None:
    """1,570 rows with weight, hardly two alike, at 8 bytes x (3 x 2 columns + 8): 176 kB."""
    table = pa.Table.from_pandas(rows.assign(minutes=rows["minutes"] + np.arange(len(rows)) / 1e6))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(held, "MOST_VALUES", 3)
        small = sv.scan(table, **DESIGN, memory=100_000)
        with pytest.raises(sv.EstimationError, match="take more memory than they may") as caught:
            small.compare("minutes", by="ward")
        assert "more than 892 combinations of 2 columns" in str(caught.value.got)  # 100,000 / (8 x 14)
        whole = sv.scan(table, **DESIGN, memory=200_000).compare("minutes", by="ward")
    assert len(whole.table) == 3


def test_very_many_texts_are_refused(rows: pd.DataFrame) -> None:
    table = pa.Table.from_pandas(rows.assign(person=rows["person"].astype(str)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(held, "MOST_VALUES", 100)
        with pytest.raises(sv.EstimationError, match="too many different values") as caught:
            sv.scan(table, **DESIGN).change("q3", person="person")
    assert "whole numbers" in str(caught.value.fix)


def test_numbers_that_floating_point_merges_are_refused(rows: pd.DataFrame) -> None:
    table = pa.Table.from_pandas(rows.assign(person=rows["person"] + 2**53))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(held, "MOST_VALUES", 100)
        with pytest.raises(sv.EstimationError, match="told apart"):
            sv.scan(table, **DESIGN).change("q3", person="person")


LISTED: dict[str, Callable[[Any], Any]] = {
    "groups": lambda s: s.compare("q3", by="minutes"),
    "groups of several": lambda s: s.mean("q3", over=["ward", ["wave", "minutes"]]),
    "answers": lambda s: s.frequencies("minutes"),
    "distribution": lambda s: s.compare("minutes", by="wave", statistic="distribution"),
    "top": lambda s: s.change("minutes", top=2),
    "units": lambda s: s.effect("q3", "few", "old", "minutes"),
}


@pytest.mark.parametrize("verb", LISTED)
def test_numbers_of_very_many_values_are_no_groups_and_no_answers(of_numbers: sv.Scan, verb: str) -> None:
    """A table of each of them by every cluster would have no end."""
    with pytest.raises(sv.EstimationError, match="too many different values") as caught:
        LISTED[verb](of_numbers)
    assert "minutes" in str(caught.value.where)


def test_a_variable_of_a_formula_that_the_source_lacks_is_named(of_numbers: sv.Scan) -> None:
    with pytest.raises(sv.EstimationError, match="variables that are not in the source") as caught:
        of_numbers.linear("q3 ~ C(wrad) + trips")
    assert caught.value.got == "'wrad'"
    assert "ward" in str(caught.value.expected) and "ward" in str(caught.value.fix)
