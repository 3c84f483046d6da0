"""Variances, covariances and correlations: against R, numpy and the jackknife, and what must not change them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import survey as sv

REFERENCE = Path(__file__).parents[1] / "reference"
DESIGNS = json.loads((REFERENCE / "designs.json").read_text(encoding="utf-8"))
_R = json.loads((REFERENCE / "statistics" / "statistics.json").read_text(encoding="utf-8"))["results"]
R = {r["id"].removeprefix("moments/"): r for r in _R if r["id"].startswith("moments/")}
WARDS = ["An Hòa", "Bình Minh", "Đông Sơn"]
ITEMS = ["q1", "q2", "minutes"]
VERBS: dict[str, Callable[..., sv.Estimates]] = {
    "variance": lambda s, **how: s.variance("minutes", **how),
    "covariance": lambda s, **how: s.covariance(ITEMS, **how),
    "correlation": lambda s, **how: s.correlation(ITEMS, **how),
}


@pytest.fixture
def sample(rows: pd.DataFrame) -> sv.Sample:
    return sv.Sample(rows, **DESIGNS["strat_clus"])


def close(got: Any, expected: Any, rtol: float = 1e-8, atol: float = 0.0) -> None:
    np.testing.assert_allclose(np.ravel(got).astype(float), np.ravel(expected).astype(float), rtol=rtol, atol=atol)


# --- against R --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("design", DESIGNS)
def test_estimates_and_standard_errors_are_those_of_r(rows: pd.DataFrame, design: str, verb: str) -> None:
    """svyvar on rows where all are answered: R 4.1 divides by one fewer than all rows, also those without an answer."""
    e, expected = VERBS[verb](sv.Sample(rows, **DESIGNS[design])), R[f"{design}/{verb}"]
    close(e.table["estimate"], expected["estimate"])
    close(e.table["std_error"], expected["se"])
    if "vcov" in expected:
        close(e.covariance, expected["vcov"], rtol=1e-7, atol=1e-10)


@pytest.mark.crossed
@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("design", DESIGNS)
def test_groups_are_domains_as_in_r(rows: pd.DataFrame, design: str, verb: str) -> None:
    t = VERBS[verb](sv.Sample(rows, **DESIGNS[design]), by="ward").table
    for ward in WARDS:
        part, expected = t[t["ward"] == ward], R[f"{design}/{ward}/{verb}"]
        close(part["estimate"], expected["estimate"])
        close(part["std_error"], expected["se"])


def test_a_correlation_has_the_standard_error_of_leaving_clusters_out() -> None:
    """Delta method against the jackknife, which differ in the next order: under 3 % with 120 clusters of 10."""
    rng = np.random.default_rng(3)
    cluster = np.repeat(np.arange(120), 10)
    level = rng.normal(0, 0.6, 120)[cluster]
    x = level + rng.normal(0, 1, 1200)
    frame = pd.DataFrame({"c": cluster, "x": x, "y": 0.6 * x + level + rng.normal(0, 1, 1200)})
    s = sv.Sample(frame.assign(w=rng.uniform(1, 3, 1200)), weights="w", psu="c")
    delta, jackknife = s.correlation(["x", "y"]), s.replicates("jackknife").correlation(["x", "y"])
    assert delta.table["std_error"][0] == pytest.approx(jackknife.table["std_error"][0], rel=0.03)
    assert delta.table["estimate"][0] == jackknife.table["estimate"][0]


# --- what they are ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("raked", [False, True], ids=["", "raked"])
@pytest.mark.parametrize("by", [None, "ward"])
def test_a_variance_is_the_mean_of_squared_deviations_with_the_error_of_that_mean(
    rows: pd.DataFrame, by: str | None, raked: bool
) -> None:
    """Its derivative by the mean is zero, so the mean may be taken as known."""
    sample = sv.Sample(rows, **DESIGNS["strat_clus"])
    if raked:
        sample = sample.rake({"sex": {0: 2000.0, 1: 2700.0}})
    rows = rows.assign(w=sample.weights)
    groups = rows[by] if by else pd.Series("all", index=rows.index)
    valid = rows.dropna(subset="minutes")
    mean = valid.groupby(groups)[["minutes", "w"]].apply(lambda g: np.average(g["minutes"], weights=g["w"]))
    n = valid.groupby(groups).size()
    squares = (rows["minutes"] - groups.map(mean)) ** 2 * groups.map(n / (n - 1))
    data = sv.Responses(sample.data.assign(squares=squares))
    expected = sv.Sample.of(data, sample.design).mean("squares", by=by)
    e = sample.variance("minutes", by=by)
    close(e.table["estimate"], expected.table["estimate"])
    close(e.table["std_error"], expected.table["std_error"])
    close(e.covariance, expected.covariance, rtol=1e-7, atol=1e-9)


def test_covariances_are_those_of_numpy_with_these_weights(rows: pd.DataFrame, sample: sv.Sample) -> None:
    complete = rows.dropna(subset=ITEMS)
    n = len(complete)
    expected = np.cov(complete[ITEMS].to_numpy().T, aweights=complete["w"], ddof=0) * n / (n - 1)
    t = sample.covariance(ITEMS).table
    close(t["estimate"], expected[np.triu_indices(3)])
    assert (t["n"] == n).all()
    assert list(zip(t["item"], t["with"], strict=True)) == [
        ("q1", "q1"),
        ("q1", "q2"),
        ("q1", "minutes"),
        ("q2", "q2"),
        ("q2", "minutes"),
        ("minutes", "minutes"),
    ]


def test_a_correlation_is_a_covariance_over_two_standard_deviations_with_its_delta_method(sample: sv.Sample) -> None:
    c, r = sample.covariance(["q1", "minutes"]), sample.correlation(["q1", "minutes"]).table.iloc[0]
    xx, xy, yy = c.table["estimate"]
    rho = xy / np.sqrt(xx * yy)
    gradient = np.array([-rho / (2 * xx), 1 / np.sqrt(xx * yy), -rho / (2 * yy)])
    assert r["estimate"] == pytest.approx(rho, rel=1e-12)
    assert r["std_error"] == pytest.approx(np.sqrt(gradient @ c.covariance @ gradient), rel=1e-9)


def test_the_interval_of_a_correlation_is_fishers(sample: sv.Sample) -> None:
    from scipy.special import stdtrit

    row = sample.correlation(["q1", "q2"], level=0.9).table.iloc[0]
    half = stdtrit(15, 0.95) * row["std_error"] / (1 - row["estimate"] ** 2)
    expected = np.tanh(np.arctanh(row["estimate"]) + np.array([-half, half]))
    close([row["conf_low"], row["conf_high"]], expected, rtol=1e-10)


def test_an_interval_of_a_strong_correlation_stays_below_one() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=12)
    s = sv.Sample(pd.DataFrame({"x": x, "y": x + rng.normal(0, 0.05, 12)}), weights=None)
    row = s.correlation(["x", "y"]).table.iloc[0]
    assert 0.9 < row["conf_low"] < row["estimate"] < row["conf_high"] < 1


def test_the_interval_of_a_variance_does_not_go_below_zero() -> None:
    s = sv.Sample(pd.DataFrame({"x": [0.0] * 9 + [10.0]}), weights=None)
    row = s.variance("x").table.iloc[0]
    assert row["estimate"] == pytest.approx(10.0)
    assert row["conf_low"] == 0


# --- what must not change a result ------------------------------------------------------------------------------------


def same(got: sv.Estimates, expected: sv.Estimates, rtol: float = 1e-9) -> None:
    pd.testing.assert_frame_equal(got.table, expected.table, rtol=rtol, atol=1e-12)
    scale = np.sqrt(np.outer(np.diag(expected.covariance), np.diag(expected.covariance)))
    np.testing.assert_allclose(got.covariance / scale, expected.covariance / scale, rtol=rtol, atol=1e-8)


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("design", DESIGNS)
class TestInvariance:
    @pytest.mark.parametrize("factor", [2.0, 1e6])
    @pytest.mark.crossed
    @pytest.mark.sampled
    def test_the_scale_of_the_weights(self, rows: pd.DataFrame, design: str, verb: str, factor: float) -> None:
        run = VERBS[verb]
        got = run(sv.Sample(rows.assign(w=rows["w"] * factor), **DESIGNS[design]), by="sex")
        same(got, run(sv.Sample(rows, **DESIGNS[design]), by="sex"))

    @pytest.mark.crossed
    @pytest.mark.sampled
    def test_the_order_of_the_rows(self, rows: pd.DataFrame, design: str, verb: str) -> None:
        run, shuffled = VERBS[verb], rows.sample(frac=1, random_state=2)
        same(run(sv.Sample(shuffled, **DESIGNS[design]), by="sex"), run(sv.Sample(rows, **DESIGNS[design]), by="sex"))

    @pytest.mark.crossed
    @pytest.mark.sampled
    def test_percent_against_share_and_where_zero_lies(self, rows: pd.DataFrame, design: str, verb: str) -> None:
        """Second moments take the square of a unit, correlations none; neither knows where zero is."""
        run = VERBS[verb]
        expected = run(sv.Sample(rows, **DESIGNS[design]))
        moved = rows.assign(**{item: 100 * rows[item] + 5000 for item in ITEMS})
        got = run(sv.Sample(moved, **DESIGNS[design]))
        factor = 1.0 if verb == "correlation" else 1e4
        units = {c: expected.table[c] * factor for c in ("estimate", "std_error", "conf_low", "conf_high")}
        if verb == "correlation":
            units |= {c: expected.table[c] for c in ("conf_low", "conf_high")}
        covariance = expected.covariance * factor**2
        same(got, expected.with_table(expected.table.assign(**units), _covariance=covariance))


def test_with_weights_of_one_they_are_those_of_the_textbook(rows: pd.DataFrame) -> None:
    """pandas' var, cov and corr; the error of a variance is that of a mean of squares."""
    s = sv.Sample(rows, weights=None)
    complete = rows.dropna(subset=ITEMS)[ITEMS]
    close(s.covariance(ITEMS).table["estimate"], complete.cov().to_numpy()[np.triu_indices(3)])
    close(s.correlation(ITEMS).table["estimate"], complete.corr().to_numpy()[np.triu_indices(3, 1)])
    trips = s.variance("trips").table.iloc[0]
    n = len(rows)
    squares = (rows["trips"] - rows["trips"].mean()) ** 2 * n / (n - 1)
    assert trips["estimate"] == pytest.approx(rows["trips"].var(), rel=1e-12)
    assert trips["std_error"] == pytest.approx(squares.std() / np.sqrt(n), rel=1e-10)


@pytest.mark.parametrize("far", [1e6, 1e9])
def test_numbers_far_from_zero_keep_their_digits(rows: pd.DataFrame, sample: sv.Sample, far: float) -> None:
    away = sv.Sample(rows.assign(q1=rows["q1"] + far, q2=rows["q2"] - far), **DESIGNS["strat_clus"])
    for verb in ("covariance", "correlation"):
        got, expected = getattr(away, verb)(["q1", "q2"]).table, getattr(sample, verb)(["q1", "q2"]).table
        close(got["estimate"], expected["estimate"], rtol=1e-7)
        close(got["std_error"], expected["std_error"], rtol=1e-7)


def test_a_variance_is_the_covariance_with_itself_and_order_is_a_label(sample: sv.Sample) -> None:
    one, both = sample.variance("minutes", by="sex").table, sample.covariance(["minutes"], by="sex").table
    close(both["estimate"], one["estimate"])
    close(both["std_error"], one["std_error"])
    ab, ba = sample.correlation(["q1", "minutes"]).table, sample.correlation(["minutes", "q1"]).table
    close(ab["estimate"], ba["estimate"])
    close(ab["std_error"], ba["std_error"])
    assert (ba["item"][0], ba["with"][0]) == ("minutes", "q1")


# --- hazards ----------------------------------------------------------------------------------------------------------


def test_people_who_missed_any_of_the_items_are_in_no_pair(rows: pd.DataFrame) -> None:
    """A matrix of pairs with different people need not be one of covariances."""
    rows.loc[rows["rid"] % 3 == 0, "q3"] = np.nan
    s = sv.Sample(rows, **DESIGNS["strat_clus"])
    complete = rows[["q1", "q2", "q3"]].notna().all(axis=1)
    e = s.covariance(["q1", "q2", "q3"])
    assert (e.table["n"] == complete.sum()).all()
    expected = s.covariance(["q1", "q2"], where=complete.to_numpy()).table
    got = e.table[(e.table["item"] != "q3") & (e.table["with"] != "q3")]
    close(got["estimate"], expected["estimate"])
    close(got["std_error"], expected["std_error"])


@pytest.mark.parametrize("value", [0.1, 3.0, 1e6])
def test_a_group_of_equal_answers_has_no_variance_and_no_correlation(rows: pd.DataFrame, value: float) -> None:
    """Rounding must not make one: 0.1 less its mean is 1e-17, not 0."""
    rows["y"] = rows["minutes"].where(rows["sex"] == 0, value)
    s = sv.Sample(rows, **DESIGNS["strat_clus"])
    correlation = s.correlation(["y", "q1"], by="sex").table
    assert correlation["estimate"].isna().tolist() == [False, True]
    assert correlation["std_error"].isna().tolist() == [False, True]
    variance = s.variance("y", by="sex").table
    assert variance["estimate"][1] == 0
    assert variance["std_error"][1] < 1e-10 * max(1.0, value**2)


def test_an_item_is_perfectly_correlated_with_its_double(rows: pd.DataFrame) -> None:
    s = sv.Sample(rows.assign(y=2 * rows["minutes"] - 1, z=-rows["minutes"]), **DESIGNS["strat_clus"])
    e = s.correlation(["minutes", "y", "z"])
    close(e.table["estimate"], [1, -1, -1], rtol=1e-12)
    assert (e.table["std_error"] < 1e-7).all()


def test_one_person_has_no_variance_and_a_group_of_nobody_has_a_row(rows: pd.DataFrame) -> None:
    rows["y"] = rows["minutes"].where(rows["ward"] != "Bình Minh")
    t = sv.Sample(rows, **DESIGNS["strat_clus"]).variance("y", by="ward").table
    assert t["ward"].tolist() == WARDS
    assert t["estimate"].isna().tolist() == [False, True, False]
    alone = sv.Sample(rows, **DESIGNS["strat_clus"]).variance("minutes", where="rid == 3").table.iloc[0]
    assert np.isnan(alone["estimate"])
    assert alone["n"] == 1


def test_groups_are_compared_within_one_pair_of_items_only(sample: sv.Sample) -> None:
    pairs = sample.correlation(ITEMS, by="sex").pairwise().table
    assert len(pairs) == 3
    assert (pairs["contrast"] == "1 − 0").all()
    e = sample.correlation(ITEMS, by="sex").table
    close(pairs["estimate"], e["estimate"].to_numpy()[1::2] - e["estimate"].to_numpy()[::2])
    assert (pairs["p_adjusted"] == pairs["p_value"]).all()


def test_a_correlation_needs_two_items(sample: sv.Sample) -> None:
    with pytest.raises(sv.EstimationError, match="two items"):
        sample.correlation("q1")


@pytest.mark.parametrize("verb", ["variance", "covariance", "correlation"])
def test_text_has_no_moments(sample: sv.Sample, verb: str) -> None:
    with pytest.raises(sv.EstimationError, match="An item is not numeric"):
        getattr(sample, verb)(["ward", "q1"])
