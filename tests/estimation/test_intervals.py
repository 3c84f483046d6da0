"""Intervals of shares: R's svyciprop, the ends of the scale, and never a width of zero."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import survey as sv

REFERENCE = Path(__file__).parents[1] / "reference"
DESIGNS = json.loads((REFERENCE / "designs.json").read_text(encoding="utf-8"))
R = {r["id"]: r for r in json.loads((REFERENCE / "core.json").read_text(encoding="utf-8"))["results"]}
METHODS = ("logit", "wilson", "beta", "asin", "plain")
IN_R = {"logit": "logit", "beta": "beta", "asin": "asin", "plain": "mean"}


@pytest.fixture
def sample(rows: pd.DataFrame) -> sv.Sample:
    return sv.Sample(rows, **DESIGNS["strat_clus"])


def people(yes: int, n: int) -> sv.Sample:
    """A simple random sample in which `yes` of `n` said 1."""
    codebook = sv.Codebook.from_dict({"variables": {"q": {"type": "binary", "labels": {0: "no", 1: "yes"}}}})
    frame = pd.DataFrame({"q": np.r_[np.ones(yes), np.zeros(n - yes)]})
    return sv.Sample(sv.Responses(frame, codebook), weights=None)


def share(s: sv.Sample, method: str, level: float = 0.95, **options: object) -> pd.Series:
    return s.proportion("q", levels=[1], interval=method, level=level, **options).table.iloc[0]


@pytest.mark.parametrize("level", [0.95, 0.9])
@pytest.mark.parametrize("item", ["rare", "yes"])
@pytest.mark.parametrize("method", IN_R)
def test_limits_are_those_of_r(sample: sv.Sample, method: str, item: str, level: float) -> None:
    expected = R[f"ciprop/{IN_R[method]}/{item}/{level:g}"]
    row = sample.proportion(item, levels=[1], interval=method, level=level).table.iloc[0]
    # R's logit interval stands on svyglm, which iterates to 1e-8 of the deviance
    rtol = 1e-6 if method == "logit" else 1e-8
    got = [row["estimate"], row["conf_low"], row["conf_high"]]
    np.testing.assert_allclose(got, [expected["estimate"], expected["low"], expected["high"]], rtol=rtol)


@pytest.mark.parametrize("level", [0.95, 0.9])
@pytest.mark.parametrize("item", ["rare", "yes"])
def test_wilson_limits_are_the_shares_that_a_score_test_just_rejects(
    sample: sv.Sample, item: str, level: float
) -> None:
    """The definition, on the effective n: |p - p0| = t sqrt(p0 (1 - p0) / n_eff) at both limits."""
    row = sample.proportion(item, levels=[1], interval="wilson", level=level).table.iloc[0]
    t = {0.95: 2.13144954555978, 0.9: 1.75305035569257}[level]  # qt(.975, 15); qt(.95, 15)
    p = row["estimate"]
    n_eff = p * (1 - p) / row["std_error"] ** 2
    for limit in (row["conf_low"], row["conf_high"]):
        assert abs(p - limit) == pytest.approx(t * np.sqrt(limit * (1 - limit) / n_eff), rel=1e-10)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("everyone", [False, True], ids=["nobody", "everyone"])
def test_a_share_of_0_or_1_has_the_exact_interval_and_says_so(method: str, everyone: bool) -> None:
    n = 30
    s = people(n if everyone else 0, n)
    e = s.proportion("q", levels=[1], interval=method)
    row = e.table.iloc[0]
    bound = 1 - 0.025 ** (1 / n)  # Clopper & Pearson (1934) at x = 0: 1 - (alpha / 2)^(1 / n)
    expected = (1 - bound, 1.0) if everyone else (0.0, bound)
    assert (row["conf_low"], row["conf_high"]) == pytest.approx(expected, rel=1e-10)
    assert any("Korn-Graubard" in note for note in e.notes)


def test_at_the_ends_the_level_counts_too() -> None:
    assert share(people(0, 30), "logit", level=0.9)["conf_high"] == pytest.approx(1 - 0.05 ** (1 / 30), rel=1e-10)


def test_at_the_ends_unequal_weights_cost_answers() -> None:
    """Kish: (sum w)^2 / sum w^2 = 60^2 / 200 = 18 people of equal weight; n - 1 = df, so t changes nothing."""
    w = np.r_[np.full(10, 2.0), np.full(10, 4.0)]
    frame = pd.DataFrame({"q": np.zeros(20), "w": w})
    codebook = sv.Codebook.from_dict({"variables": {"q": {"type": "binary", "labels": {0: "no", 1: "yes"}}}})
    row = share(sv.Sample(sv.Responses(frame, codebook), weights="w"), "logit")
    assert row["conf_high"] == pytest.approx(1 - 0.025 ** (1 / 18), rel=1e-10)


@pytest.mark.parametrize("method", METHODS)
def test_few_clusters_widen_the_interval_at_the_ends(rows: pd.DataFrame, method: str) -> None:
    rows["q"] = 1
    one_by_one = share(sv.Sample(rows, weights="w"), method)
    clusters = share(sv.Sample(rows, weights="w", psu="stratum"), method)  # four of them
    assert clusters["conf_low"] < one_by_one["conf_low"] < 1.0


@pytest.mark.parametrize("method", [m for m in METHODS if m != "plain"])
@pytest.mark.parametrize("yes", [0, 1, 2, 38, 39, 40])
def test_limits_stay_within_0_and_1_around_the_share(method: str, yes: int) -> None:
    row = share(people(yes, 40), method)
    assert 0 <= row["conf_low"] <= row["estimate"] <= row["conf_high"] <= 1
    assert row["conf_high"] - row["conf_low"] > 0.01


def test_the_arcsine_stops_at_the_end_of_the_scale() -> None:
    """39 of 40: arcsin(sqrt(0.975)) + half a width is beyond 90 degrees, where the sine would come down again."""
    assert share(people(39, 40), "asin")["conf_high"] == 1.0
    assert share(people(1, 40), "asin")["conf_low"] == 0.0


@pytest.mark.parametrize("method", METHODS)
def test_no_and_yes_have_mirrored_intervals(sample: sv.Sample, method: str) -> None:
    yes, no = (sample.proportion("yes", levels=[v], interval=method).table.iloc[0] for v in (1, 0))
    assert yes["conf_low"] == pytest.approx(1 - no["conf_high"], rel=1e-10)
    assert yes["conf_high"] == pytest.approx(1 - no["conf_low"], rel=1e-10)


@pytest.mark.parametrize("method", METHODS)
def test_a_higher_level_is_wider(sample: sv.Sample, method: str) -> None:
    narrow, wide = (sample.proportion("rare", levels=[1], interval=method, level=p).table.iloc[0] for p in (0.8, 0.99))
    assert wide["conf_low"] < narrow["conf_low"] < narrow["conf_high"] < wide["conf_high"]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("item", ["yes", "same"])
def test_one_cluster_has_no_interval_and_a_note(rows: pd.DataFrame, method: str, item: str) -> None:
    """A share of 1 from one cluster must not look as sure as one from many."""
    rows["same"] = 1
    rows["place"] = np.where(rows["cluster"] == "nam3", "inside one", "elsewhere")
    e = sv.Sample(rows, **DESIGNS["strat_clus"]).proportion(item, levels=[1], by="place", interval=method)
    alone = e.table[e.table["place"] == "inside one"].iloc[0]
    assert alone["n"] > 0 and not np.isnan(alone["estimate"])
    assert np.isnan(alone["conf_low"]) and np.isnan(alone["conf_high"]) and np.isnan(alone["std_error"])
    assert any("one cluster" in note for note in e.notes)


def test_every_row_of_a_distribution_has_the_interval_of_its_proportion(sample: sv.Sample) -> None:
    table = sample.distribution("q1", by="sex", interval="beta").table
    for answer in range(1, 6):
        expected = sample.proportion("q1", levels=[answer], by="sex", interval="beta").table
        got = table[table["answer"] == answer].drop(columns="answer").reset_index(drop=True)
        pd.testing.assert_frame_equal(got, expected, rtol=1e-9)


@pytest.mark.parametrize("method", ("clustered", *METHODS))
def test_a_share_fixed_by_raking_has_no_interval(rows: pd.DataFrame, method: str) -> None:
    """The population's share of women is known, not estimated: its standard error is zero and not the share's fault."""
    n = rows["w"].sum()
    s = sv.Sample(rows, **DESIGNS["strat_clus"]).rake({"sex": {0: 0.45 * n, 1: 0.55 * n}})
    row = s.proportion("sex", levels=[1], interval=method).table.iloc[0]
    assert row["estimate"] == pytest.approx(0.55, rel=1e-12)
    assert row["std_error"] == 0
    assert np.isnan(row[["conf_low", "conf_high", "n_eff", "deff"]].astype(float)).all()


@pytest.mark.parametrize("verb", ["proportion", "distribution"])
def test_an_unknown_interval_is_named(sample: sv.Sample, verb: str) -> None:
    options = {"levels": [1]} if verb == "proportion" else {}
    with pytest.raises(sv.EstimationError, match="unknown interval") as caught:
        getattr(sample, verb)("yes", interval="wald", **options)
    assert "wald" in str(caught.value) and "wilson" in str(caught.value)
