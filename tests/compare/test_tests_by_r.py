"""Tests of independence, rank tests, t tests, trends and gaps against R's `survey`: `reference/tests.R` has each call.

Tolerance: 1e-8 relative, for closed forms that differ from R's in the order of summation alone.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import pandas as pd
import pytest
from scipy.special import fdtrc

import survey as sv
from survey.base.tails import weighted_tail

REFERENCE = Path(__file__).parents[1] / "reference"
EXPECTED = {r["id"]: r for r in json.loads((REFERENCE / "tests.json").read_text(encoding="utf-8"))["results"]}
DESIGNS = json.loads((REFERENCE / "designs.json").read_text(encoding="utf-8"))
NAMES = [*DESIGNS, "calibrated_strat_clus", "calibrated_element", "jackknife"]


@cache
def rows() -> pd.DataFrame:
    frame = pd.read_csv(REFERENCE / "rows.csv")
    return frame.assign(u=frame["minutes"] + frame["rid"] * 1e-6)


@cache
def sample(name: str) -> sv.Sample:
    if name == "jackknife":
        return sample("strat_clus").replicates("jackknife")
    made = sv.Sample(rows(), **DESIGNS[name.removeprefix("calibrated_")])
    if not name.startswith("calibrated_"):
        return made
    targets = EXPECTED["targets"]
    return made.calibrate({v: dict(enumerate(targets[v])) for v in ("sex", "age")}, method="linear")


@cache
def read(name: str) -> pd.DataFrame:
    return pd.read_csv(REFERENCE / name)


def schools() -> sv.Sample:
    return sv.Sample(read("apiclus1.csv"), weights="pw", psu="dnum", fpc="fpc")


def stratified_schools() -> sv.Sample:
    return sv.Sample(read("apistrat.csv"), weights="pw", strata="stype", fpc="fpc")


def nhanes() -> sv.Sample:
    return sv.Sample(read("nhanes.csv.gz"), weights="WTMEC2YR", strata="SDMVSTRA", psu="SDMVPSU", nest=True)


def row(e: sv.Estimates) -> Any:
    assert len(e.table) == 1
    return e.table.iloc[0]


def close(got: object, expected: object, rtol: float = 1e-8) -> None:
    np.testing.assert_allclose(np.asarray(got, float), np.asarray(expected, float), rtol=rtol)


def same(got: Any, key: str, *, scaled: bool = False) -> None:
    """A row against R's answer; `scaled` where R's statistic is not divided by its degrees of freedom."""
    expected = EXPECTED[key]
    for column, name in (("estimate", "estimate"), ("std_error", "se"), ("p_value", "p")):
        if name in expected:
            close(got[column], expected[name])
    if "statistic" in expected:
        close(got["statistic"], expected["statistic"])
    if "chisq" in expected:
        close(got["statistic"] * got["df"], expected["chisq"])
    if "df" in expected:
        assert got["df"] == expected["df"]
    if "ddf" in expected:
        assert got["ddf"] == expected["ddf"]


def independent(s: sv.Sample, item: str, by: str, key: str, where: str | None = None) -> None:
    for statistic in ("F", "Chisq", "Wald", "adjWald", "lincom"):
        expected = EXPECTED.get(f"{key}/{statistic}")
        if expected is None:
            continue
        if statistic == "lincom":
            if not key.startswith("calibrated_element"):
                lincom(s, item, by, expected)
            continue
        got = row(s.independence(item, by, where=where, statistic=statistic))
        if key.startswith("calibrated_element") and statistic != "Chisq":
            got = of_everybody(got, s, expected)
        close(got["p_value"], expected["p"])
        if statistic != "Chisq":  # R gives Pearson's statistic, of n rows with and without an answer, before correction
            close(got["statistic"], expected["statistic"])
            close([got["df"], got["ddf"]], expected["parameter"])
        else:
            assert got["df"] == expected["parameter"] and np.isnan(got["ddf"])


def of_everybody(got: Any, s: sv.Sample, expected: dict[str, Any]) -> Any:
    """A row with R's degrees of freedom of calibrated elements: it counts who gave no answer, as no other verb does."""
    (df, ddf), everybody = expected["parameter"], len(s) - s.data["stratum"].nunique()
    f, own = got["statistic"], got["ddf"]
    if ddf == everybody - df + 1:  # adjusted Wald
        own += df - 1
        f = f * own / (own - df + 1) * ddf / everybody
    else:
        assert ddf / everybody == pytest.approx(1.0) or ddf / everybody == pytest.approx(df)
    return {**got, "statistic": f, "ddf": ddf, "p_value": fdtrc(df, ddf, f)}


def lincom(s: sv.Sample, item: str, by: str, expected: dict[str, Any]) -> None:
    """R counts the terms of a sum of `ddf` squared normals in whole numbers where ddf is a fraction; we do not.

    Its number is that of the next lower whole number of terms, the scale left as it is. For replicates it refers to the
    sum alone, as if its scale were known.
    """
    with patch("survey.compare.independence.weighted_tail", wraps=weighted_tail) as tail:
        got = row(s.independence(item, by, statistic="lincom"))
    (pearson, effects, ddf), _ = tail.call_args
    whole = np.floor(ddf + 1e-9)
    r = weighted_tail(pearson, effects) if s.design.replicates else weighted_tail(pearson * whole / ddf, effects, whole)
    close(r, expected["p"], rtol=1e-6)  # R looks for a root to 1e-9
    assert got["p_value"] == weighted_tail(pearson, effects, ddf) and got["ddf"] == ddf


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.sampled
def test_independence(name: str) -> None:
    s = sample(name)
    independent(s, "q2", "kind", f"{name}/q2_kind")
    independent(s, "q2", "age", f"{name}/q2_age")
    independent(s, "q2", "sex", f"{name}/domain", where="kind == 'resident'")


def test_independence_of_schools_and_of_people() -> None:
    independent(schools(), "sch.wide", "stype", "apiclus1")
    independent(stratified_schools(), "sch.wide", "stype", "apistrat")
    independent(stratified_schools(), "sch.wide", "comp.imp", "apistrat_comp")
    independent(nhanes(), "HI_CHOL", "race", "nhanes")
    independent(nhanes(), "HI_CHOL", "RIAGENDR", "nhanes_sex")
    independent(nhanes(), "agecat", "race", "nhanes_age")


def test_the_interaction_is_projected_unweighted() -> None:
    """5.1934 in R's documentation of svychisq; a projection weighted by the cells gives 4.42."""
    assert row(schools().independence("sch.wide", "stype"))["statistic"] == pytest.approx(5.1934, abs=5e-5)


@pytest.mark.parametrize("item", ["q2", "u"])
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.sampled
def test_ranks(name: str, item: str) -> None:
    """Against R's svyglm of the ranks of Lumley & Scott (2013), equal answers in the middle of their weights.

    R's svyranktest ranks equal answers by the order of the rows; see `test_ranks_do_not_depend_on_the_order_of_rows`.
    """
    s = sample(name)
    for test in ("wilcoxon", "vanderWaerden", "median"):
        same(row(s.rank_test(item, by="kind", test=test)), f"{name}/{item}/{test}")
    same(row(s.rank_test(item, by="age", test="kruskal")), f"{name}/{item}/kruskal")
    same(row(s.trend(item, by="age", test="rank")), f"{name}/{item}/cuzick")


def test_svyranktest_where_no_answers_are_equal() -> None:
    s = sample("strat_clus")
    for test in ("wilcoxon", "vanderWaerden", "median"):
        same(row(s.rank_test("u", by="kind", test=test)), f"svyranktest/{test}")
    same(row(s.rank_test("u", by="age", test="kruskal")), "svyranktest/kruskal")
    same(row(schools().rank_test("enroll", by="sch.wide")), "apiclus1/wilcoxon")  # equal ones, but all weights are too
    same(row(schools().rank_test("enroll", by="stype")), "apiclus1/kruskal")


def test_ranks_do_not_depend_on_the_order_of_rows() -> None:
    """R's do where answers are equal and weights are not: `ties="row_order"` gives its number for either order."""
    forward, backward = EXPECTED["svyranktest/order"]["statistic"]
    assert abs(forward - backward) > 0.01
    turned = sv.Sample(rows().iloc[::-1], **DESIGNS["strat_clus"])
    by_rows = [row(s.rank_test("q2", by="kind", ties="row_order")) for s in (sample("strat_clus"), turned)]
    close([r["statistic"] for r in by_rows], [forward, backward])
    middle = [row(s.rank_test("q2", by="kind"))["statistic"] for s in (sample("strat_clus"), turned)]
    assert middle[0] == pytest.approx(middle[1], rel=1e-12)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.sampled
def test_t_tests_gaps_and_trends(name: str) -> None:
    s = sample(name)
    same(row(s.t_test("q2", by="kind")), f"{name}/ttest")
    one = row(s.t_test("q2", value=3))
    same(one, f"{name}/against_3")
    close(one["statistic"], one["estimate"] / EXPECTED[f"{name}/against_3"]["se"])
    same(row(s.gap("q1", "q2")), f"{name}/gap")
    same(row(s.gap("q1", "q2", top=2)), f"{name}/gap_top2")
    same(row(s.trend("q2", by="age")), f"{name}/trend")
    same(row(s.trend("q2", by="age", top=2)), f"{name}/trend_top2")
    same(row(s.trend("minutes", by="age")), f"{name}/trend_minutes")
    expected = EXPECTED[f"{name}/departure"]
    close(row(s.trend("q2", by="age"))["p_departure"], fdtrc(1, expected["ddf"], expected["statistic"]))


def test_t_tests_and_trends_of_schools_and_of_people() -> None:
    same(row(schools().t_test("api00", by="sch.wide")), "apiclus1/ttest")
    same(row(stratified_schools().t_test("api00", by="comp.imp")), "apistrat/ttest")
    same(row(nhanes().trend("HI_CHOL", by="race")), "nhanes/trend")


@pytest.mark.parametrize("x", [0.5, 3, 7.2, 20])
def test_tails_of_weighted_sums_of_chi_squared_variables(x: float) -> None:
    weights = np.array([1.5, 0.7, 1.2, 0.3])
    close(weighted_tail(x, weights), EXPECTED[f"tail/{x:g}"]["p"], rtol=1e-7)  # R looks for a root to 1e-9
    close(weighted_tail(x, weights, 29), EXPECTED[f"tail_29/{x:g}"]["p"], rtol=1e-7)
