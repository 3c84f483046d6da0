"""Net shares and scores on 0-100: against R, against the top and bottom they are made of, and their errors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import survey as sv

REFERENCE = Path(__file__).parents[1] / "reference"
DESIGNS = json.loads((REFERENCE / "designs.json").read_text(encoding="utf-8"))
_R = json.loads((REFERENCE / "statistics" / "statistics.json").read_text(encoding="utf-8"))["results"]
R = {r["id"].removeprefix("share/"): r for r in _R if r["id"].startswith("share/")}
FIVE = {"type": "ordinal", "labels": {k: str(k) for k in range(1, 6)}}
CODEBOOK = sv.Codebook.from_dict({"variables": {"q1": FIVE, "q2": FIVE}})


def make(rows: pd.DataFrame, design: str = "strat_clus", raked: bool = False) -> sv.Sample:
    s = sv.Sample(sv.Responses(rows, CODEBOOK), **DESIGNS[design])
    return s.rake({"sex": {0: 2000.0, 1: 2700.0}}) if raked else s


@pytest.fixture
def sample(rows: pd.DataFrame) -> sv.Sample:
    return make(rows)


def close(got: Any, expected: Any, rtol: float = 1e-8) -> None:
    np.testing.assert_allclose(np.ravel(got).astype(float), np.ravel(expected).astype(float), rtol=rtol)


# --- against R --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("by", [None, "ward"])
@pytest.mark.parametrize("design", DESIGNS)
def test_net_shares_and_points_are_those_of_r(rows: pd.DataFrame, design: str, by: str | None) -> None:
    s, suffix = make(rows, design), "_by_ward" if by else ""
    for what, e in {"net": s.proportion("q1", net=2, by=by), "points": s.mean("q1", by=by, rescale=(0, 100))}.items():
        expected = R[f"{design}/{what}{suffix}"]
        close(e.table["estimate"], expected["estimate"])
        close(e.table["std_error"], expected["se"])


# --- identities -------------------------------------------------------------------------------------------------------


@pytest.mark.crossed
@pytest.mark.parametrize("raked", [False, True], ids=["", "raked"])
@pytest.mark.parametrize("by", [None, "ward"])
@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.sampled
def test_a_net_share_is_the_top_less_the_bottom(rows: pd.DataFrame, design: str, by: str | None, raked: bool) -> None:
    s = make(rows, design, raked)
    net = s.proportion("q1", net=2, by=by)
    top, bottom = s.proportion("q1", top=2, by=by).table, s.proportion("q1", bottom=2, by=by).table
    close(net.table["estimate"], top["estimate"] - bottom["estimate"])
    d = s.distribution("q1", by=by)
    for i in range(len(net)):
        weights = np.zeros(len(d))
        weights[5 * i : 5 * i + 5] = [-1, -1, 0, 1, 1]
        contrast = d.contrast(weights).table.iloc[0]
        for column in ("estimate", "std_error", "df", "conf_low", "conf_high"):
            assert net.table[column][i] == pytest.approx(contrast[column], rel=1e-9), column


@pytest.mark.crossed
@pytest.mark.parametrize("raked", [False, True], ids=["", "raked"])
@pytest.mark.parametrize("by", [None, "ward"])
@pytest.mark.parametrize("design", DESIGNS)
def test_points_are_25_times_the_mean_less_one(rows: pd.DataFrame, design: str, by: str | None, raked: bool) -> None:
    s = make(rows, design, raked)
    points, mean = s.mean(["q1", "q2"], by=by, rescale=(0, 100)), s.mean(["q1", "q2"], by=by)
    for column in ("estimate", "conf_low", "conf_high"):
        close(points.table[column], 25 * (mean.table[column] - 1))
    close(points.table["std_error"], 25 * mean.table["std_error"])
    pd.testing.assert_frame_equal(
        points.table[["item", "df", "n", "n_eff", "deff"]], mean.table[["item", "df", "n", "n_eff", "deff"]], rtol=1e-8
    )
    np.testing.assert_allclose(points.covariance, 625 * mean.covariance, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("by", [None, "sex"])
def test_replicates_give_net_shares_and_points_too(rows: pd.DataFrame, by: str | None) -> None:
    s = make(rows).replicates("JKn")
    net = s.proportion("q1", net=2, by=by)
    d = s.distribution("q1", by=by)
    weights = np.kron(np.eye(len(net)), [-1, -1, 0, 1, 1])
    expected = d.contrast({str(i): w for i, w in enumerate(weights)})
    close(net.table["std_error"], expected.table["std_error"])
    np.testing.assert_allclose(net.covariance, expected.covariance, rtol=1e-7, atol=1e-12)
    close(s.mean("q1", by=by, rescale=(0, 100)).table["std_error"], 25 * s.mean("q1", by=by).table["std_error"])


def test_turning_the_scale_around_turns_the_sign(rows: pd.DataFrame, sample: sv.Sample) -> None:
    turned = make(rows.assign(q1=6 - rows["q1"]))
    ours, theirs = sample.proportion("q1", net=2).table.iloc[0], turned.proportion("q1", net=2).table.iloc[0]
    assert theirs["estimate"] == pytest.approx(-ours["estimate"])
    assert theirs["conf_low"] == pytest.approx(-ours["conf_high"])
    down, up = sample.mean("q1", rescale=(100, 0)).table.iloc[0], sample.mean("q1", rescale=(0, 100)).table.iloc[0]
    assert down["estimate"] == pytest.approx(100 - up["estimate"])
    assert down["std_error"] == pytest.approx(up["std_error"])
    assert down["conf_low"] == pytest.approx(100 - up["conf_high"])


# --- what must not change a result ------------------------------------------------------------------------------------


@pytest.mark.crossed
@pytest.mark.parametrize("what", ["net", "points"])
@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.sampled
def test_the_scale_of_the_weights_and_the_order_of_the_rows(rows: pd.DataFrame, design: str, what: str) -> None:
    def run(r: pd.DataFrame) -> sv.Estimates:
        s = make(r, design)
        return s.proportion("q1", net=2, by="ward") if what == "net" else s.mean("q1", by="ward", rescale=(0, 100))

    expected = run(rows)
    for changed in (rows.assign(w=1e6 * rows["w"]), rows.sample(frac=1, random_state=7)):
        got = run(changed)
        pd.testing.assert_frame_equal(got.table, expected.table, rtol=1e-9)
        np.testing.assert_allclose(got.covariance, expected.covariance, rtol=1e-7, atol=1e-12)


def test_percent_against_share(sample: sv.Sample) -> None:
    share, percent = sample.mean("q1", rescale=(0, 1)).table, sample.mean("q1", rescale=(0, 100)).table
    for column in ("estimate", "std_error", "conf_low", "conf_high"):
        close(percent[column], 100 * share[column])


def test_with_weights_of_one_they_are_those_of_the_textbook(rows: pd.DataFrame) -> None:
    rows = rows.dropna(subset="q1")
    s = sv.Sample(sv.Responses(rows, CODEBOOK), weights=None)
    net = (rows["q1"] >= 4) * 1.0 - (rows["q1"] <= 2)
    row = s.proportion("q1", net=2).table.iloc[0]
    assert row["estimate"] == pytest.approx(net.mean())
    assert row["std_error"] == pytest.approx(net.std() / np.sqrt(len(net)), rel=1e-10)
    assert row["deff"] == pytest.approx(1.0, rel=1e-9)
    points = s.mean("q1", rescale=(0, 100)).table.iloc[0]
    assert points["std_error"] == pytest.approx(25 * rows["q1"].std() / np.sqrt(len(rows)), rel=1e-10)
    assert points["deff"] == pytest.approx(1.0, rel=1e-9)


# --- hazards ----------------------------------------------------------------------------------------------------------


def test_a_net_share_keeps_a_plain_interval_whatever_the_share_intervals_are(sample: sv.Sample) -> None:
    tables = [sample.proportion("q1", net=2, interval=i).table for i in ("logit", "wilson", "beta", "asin", "plain")]
    for table in tables[1:]:
        pd.testing.assert_frame_equal(table, tables[0])
    row = tables[0].iloc[0]
    assert row["conf_high"] - row["estimate"] == pytest.approx(row["estimate"] - row["conf_low"])


def test_the_ends_are_the_codebooks_even_where_nobody_answered_them(rows: pd.DataFrame) -> None:
    """Nobody said 1 or 5: a mean of 3 is still 50 points, and a net share counts 4 and 2 alone."""
    middle = make(rows.assign(q1=rows["q1"].clip(2, 4)))
    mean = middle.mean("q1").table["estimate"][0]
    assert middle.mean("q1", rescale=(0, 100)).table["estimate"][0] == pytest.approx(25 * (mean - 1))
    answers = rows["q1"].clip(2, 4).dropna()
    w = rows["w"][answers.index]
    expected = (w[answers == 4].sum() - w[answers == 2].sum()) / w.sum()
    assert middle.proportion("q1", net=2).table["estimate"][0] == pytest.approx(expected)


def test_answers_outside_the_scale_leave_its_ends_unknown(rows: pd.DataFrame) -> None:
    s = make(rows.assign(q1=rows["q1"].replace(5, 7)))
    for run in (lambda: s.proportion("q1", net=2), lambda: s.mean("q1", rescale=(0, 100))):
        with pytest.raises(sv.EstimationError, match="outside its scale") as caught:
            run()
        assert "7" in str(caught.value)


def test_without_a_codebook_a_scale_is_not_guessed_for_points_and_said_for_shares(rows: pd.DataFrame) -> None:
    s = sv.Sample(rows, **DESIGNS["strat_clus"])
    with pytest.raises(sv.EstimationError, match="ends of an item's scale"):
        s.mean("q1", rescale=(0, 100))
    assert any("no scale in the codebook" in note for note in s.proportion("q1", net=2).notes)
    assert make(rows).proportion("q1", net=2).notes == ()


def test_all_of_one_mind_is_a_net_share_of_one(rows: pd.DataFrame) -> None:
    row = make(rows.assign(q1=5.0)).proportion("q1", net=2).table.iloc[0]
    assert row["estimate"] == pytest.approx(1.0)
    assert row["std_error"] == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize("net", [1.5, True, "2", [2]])
def test_a_net_share_takes_a_whole_number(sample: sv.Sample, net: Any) -> None:
    with pytest.raises(sv.EstimationError, match="The number of answers must be a whole number") as caught:
        sample.proportion("q1", net=net)
    assert caught.value.got == f"net={net!r}" and caught.value.expected == "a number from 1 to 4"
    assert caught.value.fix == ("write it without quotes: net=2" if net == "2" else None)


@pytest.mark.parametrize("net", [0, 5, -1])
def test_a_net_share_takes_a_number_of_answers_that_the_scale_has(sample: sv.Sample, net: Any) -> None:
    with pytest.raises(sv.EstimationError, match="The number of answers exceeds the length of the scale") as caught:
        sample.proportion("q1", net=net)
    assert f"net={net}" in str(caught.value)


def test_one_set_of_answers_and_no_more(sample: sv.Sample) -> None:
    with pytest.raises(sv.EstimationError, match="Give exactly one of levels, top, bottom, net"):
        sample.proportion("q1", net=2, top=2)


@pytest.mark.parametrize("ends", [(0,), (0, 100, 200), (0, 0), (0, np.nan), (0, np.inf), "ab", 100, (None, 1)])
def test_a_scale_is_stretched_to_two_ends(sample: sv.Sample, ends: Any) -> None:
    with pytest.raises(sv.EstimationError, match="two ends"):
        sample.mean("q1", rescale=ends)
