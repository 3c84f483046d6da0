"""Trimming: limits that hold, totals that hold with them, weight that is given away or lost as was said."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import survey as sv
from examples import examples

REFERENCE = Path(__file__).parents[1] / "reference"
DESIGNS = json.loads((REFERENCE / "designs.json").read_text(encoding="utf-8"))
MARGINS = {"sex": {0: 1400.0, 1: 1600.0}, "age": {0: 800.0, 1: 1300.0, 2: 900.0}}
TEN = [1.0, 2.0, 2.0, 3.0, 4.0, 4.0, 5.0, 6.0, 8.0, 25.0]  # sum 60, median 4


@pytest.fixture
def rows(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(one=1)


def ten(**columns: Any) -> sv.Sample:
    return sv.Sample(pd.DataFrame({"w": TEN, **columns}), weights="w")


def close(got: Any, expected: Any, rtol: float = 1e-9, atol: float = 0.0) -> None:
    np.testing.assert_allclose(
        np.asarray(got, float).ravel(), np.asarray(expected, float).ravel(), rtol=rtol, atol=atol
    )


# --- ten weights by hand ----------------------------------------------------------------------------------------------


def test_cut_off_and_lost() -> None:
    close(ten().trim(upper=10, redistribute="none").weights, [*TEN[:9], 10])
    close(ten().trim(upper=6, lower=3, redistribute="none").weights, [3, 3, 3, 3, 4, 4, 5, 6, 6, 6])


def test_cut_off_and_shared_in_proportion() -> None:
    """15 are cut off; the others' 35 become 50, and 8 becomes 11.4: over the limit, so it is cut to 10 as well.

    Then 20 of 60 are at the limit, and the other eight keep their proportions: 27 become 40.
    """
    close(ten().trim(upper=10).weights, [*(np.array(TEN[:8]) * 40 / 27), 10, 10])
    close(ten().trim(upper=20).weights, [*(np.array(TEN[:9]) * 40 / 35), 20])


def test_cut_off_and_shared_equally() -> None:
    """15 over nine are 5/3 each: 8 + 5/3 stays below 10."""
    close(ten().trim(upper=10, redistribute="equal").weights, [*(np.array(TEN[:9]) + 5 / 3), 10])
    # at 9 two are over after the first round: 16 / 9 each makes 9.78, whose .78 goes to the other eight
    cut = 16 / 9
    close(ten().trim(upper=9, redistribute="equal").weights, [*(np.array(TEN[:8]) + cut + (8 + cut - 9) / 8), 9, 9])


def test_a_lower_limit_takes_from_the_others() -> None:
    """1, 2 and 2 are raised to 3 together by 4, in proportion to the others' 55."""
    w = ten().trim(lower=3).weights
    # 3 becomes 3 * 51/55 < 3, so it is raised as well: four at 3, and the other six hold 48 instead of 52
    close(w, [3, 3, 3, 3, *(np.array(TEN[4:]) * 48 / 52)])
    assert w.sum() == pytest.approx(60)


def test_a_quantile_of_the_weights() -> None:
    """The 0.9 quantile of ten numbers lies 0.1 of the way from the ninth to the tenth: 8 + 0.1 * 17 = 9.7."""
    close(ten().trim(quantile=0.9, redistribute="none").weights, [*TEN[:9], 9.7])


def test_a_multiple_of_the_median() -> None:
    close(ten().trim(median=2, redistribute="none").weights, [*TEN[:9], 8])
    close(ten().trim(median=3, redistribute="none").weights, [*TEN[:9], 12])


def test_groups_have_limits_of_their_own_and_keep_their_sums() -> None:
    """Waves 1 (1, 2, 2, 3, 4) and 2 (4, 5, 6, 8, 25) have medians 2 and 6."""
    s = ten(wave=[1] * 5 + [2] * 5)
    w = s.trim(median=1.75, by="wave", redistribute="none").weights
    close(w, [1, 2, 2, 3, 3.5, 4, 5, 6, 8, 10.5])
    w = s.trim(median=1.75, by="wave").weights
    close(w, [*(np.array([1, 2, 2, 3]) * 8.5 / 8), 3.5, *expected_wave()])
    close(pd.Series(w).groupby(s.data["wave"]).sum(), [12, 48])


def expected_wave() -> list[float]:
    """4, 5, 6, 8, 25 at most 10.5: 8 grows by 37.5 / 23 to more than 10.5, so two are at the limit, 27 for 4, 5, 6."""
    return [*(np.array([4, 5, 6]) * 27 / 15), 10.5, 10.5] if 6 * 27 / 15 <= 10.5 else three_at_the_limit()


def three_at_the_limit() -> list[float]:
    """6 * 27 / 15 = 10.8 is over as well: 16.5 for 4 and 5."""
    return [*(np.array([4, 5]) * 16.5 / 9), 10.5, 10.5, 10.5]


def test_groups_by_several_columns_and_text() -> None:
    s = ten(wave=[1] * 5 + [2] * 5, ward=["a", "b"] * 5)
    w = s.trim(median=1.5, by=["wave", "ward"], redistribute="none").weights
    expected = (
        pd.Series(TEN).groupby([s.data["wave"], s.data["ward"]]).transform(lambda g: g.clip(upper=1.5 * g.median()))
    )
    close(w, expected)


def test_weights_within_the_limits_stay_as_they_are() -> None:
    for how in ("proportional", "equal", "none"):
        close(ten().trim(upper=25, redistribute=how).weights, TEN, 0)


# --- what cannot be ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "one upper limit"),
        ({"upper": 5, "median": 3}, "one upper limit"),
        ({"quantile": 0.3}, "The trimming quantile must be between"),
        ({"quantile": 1.0}, "The trimming quantile must be between"),
        ({"median": 1}, "above 1"),
        ({"upper": 3, "lower": 4}, "The limits must satisfy 0 <= lower < upper"),
        ({"upper": np.nan}, "The limits must satisfy 0 <= lower < upper"),
        ({"upper": 5.9}, "The limits are incompatible with the sum of the weights"),
        ({"lower": 6.1}, "The limits are incompatible with the sum of the weights"),
        ({"lower": -1}, "The limits must satisfy 0 <= lower < upper"),
        ({"upper": 10, "redistribute": "evenly"}, "unknown way"),
        ({"upper": 10, "redistribute": "recalibrate"}, "The weights have not been calibrated"),
        ({"upper": 10, "by": "ward"}, "grouping"),
    ],
    ids=str,
)
def test_limits_that_make_no_sense_are_refused_with_a_reason(options: dict[str, Any], words: str) -> None:
    s = ten()
    with pytest.raises(sv.DesignError, match=words):
        s.trim(**options)
    assert s.weights.tolist() == TEN and len(s.responses.log) == 0


def test_the_mean_weight_itself_as_a_limit_makes_all_weights_equal() -> None:
    """The only weights of sum 60 that are at most 6 are ten sixes; cutting and sharing only comes near to them."""
    for how in ("proportional", "equal"):
        close(ten().trim(upper=6, redistribute=how).weights, [6.0] * 10, 1e-9)


def test_a_row_without_a_group_is_named() -> None:
    with pytest.raises(sv.DesignError, match="group is missing for some rows") as caught:
        ten(wave=[1.0] * 9 + [np.nan]).trim(upper=10, by="wave")
    assert "rows 9" in str(caught.value)


# --- with totals that are known ---------------------------------------------------------------------------------------


def held(s: sv.Sample, targets: dict[Any, Any], rtol: float = 1e-9) -> None:
    w = pd.Series(s.weights, index=s.data.index)
    for key, totals in targets.items():
        if isinstance(totals, dict):
            got = w.groupby([s.data[v] for v in ([key] if isinstance(key, str) else key)]).sum()
            close([got.loc[c] for c in totals], [*totals.values()], rtol)
        else:
            assert w @ s.data[key] == pytest.approx(totals, rel=rtol)


@pytest.mark.parametrize("method", ["rake", "linear", "logit", "entropy", "poststratify", "trips", "within", "unit"])
@pytest.mark.sampled
def test_totals_still_hold_after_trimming(rows: pd.DataFrame, method: str) -> None:
    targets: dict[Any, Any] = MARGINS
    s = sv.Sample(rows, **DESIGNS["strat_clus"])
    if method == "poststratify":
        targets = {"age": MARGINS["age"]}
        s = s.poststratify(targets)
    elif method == "trips":
        targets = MARGINS | {"trips": 5500.0}
        s = s.calibrate(targets, method="raking")
    elif method == "within":
        targets = {
            ("wave", v): {(w, c): t * (1 + w) / 2 for w in (0, 1) for c, t in MARGINS[v].items()} for v in MARGINS
        }
        s = s.rake(targets, within="wave")
    elif method == "unit":
        data = rows.assign(hh=rows["cluster"] + (rows.groupby("cluster").cumcount() // 2).astype(str))
        s = sv.Sample(data.assign(w=data.groupby("hh")["w"].transform("first")), **DESIGNS["strat_clus"])
        s = s.rake(targets, unit="hh")
    elif method == "rake":
        s = s.rake(targets)
    else:
        s = s.calibrate(targets, method=method, bounds=(0.3, 3) if method == "logit" else None)
    limit = float(np.quantile(s.weights, 0.93))
    t = s.trim(upper=limit)
    assert t.weights.max() <= limit and (s.weights > limit).sum() > 3
    held(t, targets)
    for margin in targets:
        known = (
            t.total("one", by=list(margin) if isinstance(margin, tuple) else margin)
            if margin != "trips"
            else t.total("trips")
        )
        assert (known.table["std_error"] < 1e-7 * known.table["estimate"]).all()
    if method == "unit":
        assert (pd.Series(t.weights).groupby(t.data["hh"]).nunique() == 1).all()


@st.composite
def calibrated(draw: st.DrawFn) -> tuple[sv.Sample, dict[Any, Any], dict[str, Any]]:
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n = draw(st.integers(30, 120))
    frame = pd.DataFrame({"a": rng.integers(0, 3, n), "b": rng.integers(0, 2, n), "wave": rng.integers(0, 2, n)})
    frame["w"] = rng.lognormal(0, 0.8, n)
    targets = {v: dict(enumerate(1000 * rng.dirichlet([30] * k))) for v, k in (("a", 3), ("b", 2))}
    s = sv.Sample(frame, weights="w").rake(targets)
    w = s.weights
    options: dict[str, Any] = draw(
        st.sampled_from(
            [{"quantile": 0.95}, {"median": 4.0}, {"upper": float(np.sort(w)[-3])}, {"quantile": 0.9, "by": "wave"}]
        )
    )
    if draw(st.booleans()):
        options = options | {"lower": float(np.quantile(w, 0.03))}
    return s, targets, options


@settings(max_examples=examples(60), deadline=None)
@given(calibrated(), st.randoms(use_true_random=False))
def test_limits_and_totals_hold_together_whatever_the_order_of_rows(
    problem: tuple[sv.Sample, dict[Any, Any], dict[str, Any]], random: Any
) -> None:
    s, targets, options = problem
    before = s.data.copy()
    try:
        t = s.trim(**options)
    except sv.ConvergenceError as error:
        proved(s, targets, error, options)
        pd.testing.assert_frame_equal(s.data, before)
        return
    low, high = limits(s, options)
    assert (t.weights <= high).all() and (t.weights >= low).all()
    held(t, targets)
    order = list(range(len(before)))
    random.shuffle(order)
    again = sv.Sample(before.iloc[order], weights="w").rake(targets).trim(**options)
    close(again.weights, t.weights[order], 1e-6)


def limits(s: sv.Sample, options: dict[str, Any]) -> tuple[Any, Any]:
    """The rules, by pandas."""
    w = pd.Series(s.weights)
    group = s.data[options["by"]].to_numpy() if "by" in options else np.zeros(len(w))
    if "quantile" in options:
        high = w.groupby(group).transform(lambda g: g.quantile(options["quantile"]))
    elif "median" in options:
        high = w.groupby(group).transform(lambda g: options["median"] * g.median())
    else:
        high = pd.Series(options["upper"], index=w.index)
    return options.get("lower", 0.0), high.to_numpy() * (1 + 1e-12)


def proved(s: sv.Sample, targets: dict[Any, Any], error: sv.ConvergenceError, options: dict[str, Any]) -> None:
    """The most that the proof's combination can be within the limits, over the rows."""
    low, high = limits(s, options)
    found = error.explanation
    assert found.possible is False
    value, asked = np.zeros(len(s)), 0.0
    for label, times in zip(found.proof.labels, found.proof.multipliers, strict=True):
        v, c = re.fullmatch(r"(\w+) = (\d+)", label).groups()  # type: ignore[union-attr]
        value += times * (s.data[v] == int(c)).to_numpy()
        asked += times * targets[v][int(c)]
    most = np.where(value > 0, value * high, value * low).sum()
    assert found.proof.asked == pytest.approx(asked)
    assert found.proof.attainable == pytest.approx(most, rel=1e-7, abs=1e-6)
    assert most < asked


# --- limits that leave no room ----------------------------------------------------------------------------------------


@pytest.fixture
def small() -> tuple[sv.Sample, dict[Any, Any]]:
    """Four people stand for 40 old ones: no limit below 10 can be."""
    frame = pd.DataFrame({"a": [0] * 4 + [1] * 16, "b": [0, 1] * 10, "w": 1.0})
    targets = {"a": {0: 40.0, 1: 60.0}, "b": {0: 45.0, 1: 55.0}}
    return sv.Sample(frame, weights="w").rake(targets), targets


def test_impossible_limits_are_proved_and_the_limit_that_is_proposed_works(small: Any) -> None:
    s, targets = small
    data = s.data.copy()
    with pytest.raises(sv.ConvergenceError, match="No weights within the limits") as caught:
        s.trim(upper=9)
    pd.testing.assert_frame_equal(s.data, data)
    proved(s, targets, caught.value, {"upper": 9.0})
    assert "(a = 0) is at most 36.0" in str(caught.value) and "make it 40.0" in str(caught.value)
    (proposal,) = caught.value.explanation.proposals
    least = float(re.fullmatch(r"upper=(.*) or more", proposal)[1])  # type: ignore[index]
    assert 10 <= least <= 10.05
    t = s.trim(upper=least)
    assert t.weights.max() <= least
    held(t, targets)


def test_a_lower_limit_that_is_in_the_way_is_the_one_to_move(small: Any) -> None:
    """Sixteen people stand for 60: no lower limit above 3.75 can be."""
    s, targets = small
    with pytest.raises(sv.ConvergenceError) as caught:
        s.trim(upper=30, lower=3.9)
    proved(s, targets, caught.value, {"upper": 30.0, "lower": 3.9})
    (proposal,) = caught.value.explanation.proposals
    most = float(re.fullmatch(r"lower=(.*) or less", proposal)[1])  # type: ignore[index]
    assert 3.7 <= most <= 3.75
    held(s.trim(upper=30, lower=most), targets)


def test_too_few_iterations_are_told_apart_from_limits_without_room(small: Any) -> None:
    s, _ = small
    with pytest.raises(sv.ConvergenceError, match="Trimming did not converge") as caught:
        s.trim(upper=10.5, max_iterations=0)
    assert caught.value.explanation.possible is True and caught.value.explanation.proof is None


# --- what is remembered -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.sampled
def test_standard_errors_know_of_the_totals_after_trimming(rows: pd.DataFrame, design: str) -> None:
    s = sv.Sample(rows, **DESIGNS[design]).rake(MARGINS, tolerance=1e-12)
    t = s.trim(quantile=0.95)
    assert (t.total("one", by="age").table["std_error"] < 1e-6).all()
    # trimmed a little, a standard error changes a little
    assert t.mean("q1").table.loc[0, "std_error"] == pytest.approx(s.mean("q1").table.loc[0, "std_error"], rel=0.15)


def test_trimming_without_recalibration_leaves_the_memory_of_the_totals(rows: pd.DataFrame) -> None:
    """The totals hold no more; the residuals of the raking before still do their part."""
    s = sv.Sample(rows, weights="w").rake(MARGINS)
    t = s.trim(quantile=0.95, redistribute="none")
    assert [a.method for a in t.design.adjustments] == ["rake", "trim"]
    assert t.design.adjustments[1].targets is None
    u, after, before = rows["trips"].to_numpy(), t.weights, rows["w"].to_numpy()
    x = np.column_stack([rows["sex"] == c for c in (0, 1)] + [rows["age"] == c for c in (0, 1, 2)]).astype(float)
    raked = s.weights
    b = np.linalg.pinv(x.T @ (x * before[:, None])) @ (x.T @ (before / raked * after * u))
    z = after * u - raked * (x @ b)
    n = len(z)
    expected = np.sqrt(n / (n - 1) * ((z - z.mean()) ** 2).sum())
    assert t.total("trips").table.loc[0, "std_error"] == pytest.approx(expected, rel=1e-9)


def test_trimming_is_one_line_in_the_log(rows: pd.DataFrame) -> None:
    s = sv.Sample(rows, **DESIGNS["strat_clus"]).rake(MARGINS).trim(median=2.5)
    line = s.responses.log.iloc[-1]
    assert line["verb"] == "trim" and "w_final -> w_trimmed" in line["what"] and "2.5 x the median" in line["what"]
    assert "recalibrate" in line["what"] and "%" in line["what"]
    assert s.design.weights == "w_trimmed" and s.calibration is not None


def test_after_scaling_the_totals_are_not_forced_back(rows: pd.DataFrame) -> None:
    s = sv.Sample(rows, weights="w").rake(MARGINS).scale_weights("n")
    t = s.trim(quantile=0.95)
    assert t.weights.sum() == pytest.approx(len(rows))


@pytest.mark.parametrize("method", ["bootstrap", "jackknife"])
@pytest.mark.slow
def test_trimmed_replicates_agree_roughly_with_linearisation(rows: pd.DataFrame, method: str) -> None:
    s = sv.Sample(rows, weights="w", strata="stratum", psu="cluster").replicates(
        method, n=400 if method == "bootstrap" else None, seed=2
    )
    t = s.rake(MARGINS).trim(quantile=0.93)
    for verb, item in (("mean", "q1"), ("total", "trips"), ("mean", "minutes")):
        by_replicates = getattr(t, verb)(item).table.loc[0, "std_error"]
        linearised = getattr(t, verb)(item, variance="taylor").table.loc[0, "std_error"]
        assert by_replicates == pytest.approx(linearised, rel=0.25)
    assert (t.total("one", by="age").table["std_error"] < 1e-7).all()


# --- Potter's mean squared error --------------------------------------------------------------------------------------

SIX = pd.DataFrame({"y": [1.0, 4.0, 2.0, 8.0, 5.0, 9.0], "w": [1.0, 1.0, 2.0, 3.0, 3.0, 10.0]})


def by_hand(frame: pd.DataFrame, limit: float, item: str = "y") -> tuple[float, float]:
    """(theta_t - theta_0)^2 - V(theta_0) + 2 Cov, by sums over elements drawn one by one; and V(theta_0)."""
    w, y = frame["w"].to_numpy(), frame[item].to_numpy()
    inside = ~np.isnan(y)
    y = np.where(inside, y, 0.0)
    n = len(w)

    def linear(weights: np.ndarray) -> tuple[float, np.ndarray]:
        weights = np.where(inside, weights, 0.0)
        theta = (weights * y).sum() / weights.sum()
        return theta, weights * (y - theta) / weights.sum()

    def cov(a: np.ndarray, b: np.ndarray) -> float:
        return float(n / (n - 1) * ((a - a.mean()) * (b - b.mean())).sum())

    (theta_0, e_0), (theta_t, e_t) = linear(w), linear(np.minimum(w, limit))
    return (theta_t - theta_0) ** 2 - cov(e_0, e_0) + 2 * cov(e_t, e_0), cov(e_0, e_0)


def test_potter_s_formula_by_hand() -> None:
    s = sv.Sample(SIX, weights="w")
    table = s.trimming_errors("y", limits=[2, 3, 5, 10])
    assert table["limit"].tolist() == [2, 3, 5, 10] and table["trimmed"].tolist() == [3, 1, 1, 0]
    for limit, relative in zip(table["limit"], table["y"], strict=True):
        mse, variance = by_hand(SIX, limit)
        assert relative == pytest.approx(mse / variance, rel=1e-12)
    assert table["y"].iloc[-1] == pytest.approx(1, rel=1e-12)


def test_potter_s_limit_is_the_one_with_the_least_error(rows: pd.DataFrame) -> None:
    heavy = rows.assign(w=rows["w"] * np.where(rows.index % 29 == 0, 12, 1))
    s = sv.Sample(heavy, weights="w")
    tried = np.unique([*np.quantile(heavy["w"], np.linspace(0.5, 0.999, 40)), heavy["w"].max()])
    errors = [np.mean([by_hand(heavy, t, i)[0] / by_hand(heavy, t, i)[1] for i in ("q1", "minutes")]) for t in tried]
    table = s.trimming_errors(["q1", "minutes"])
    close(table["limit"], tried)
    close(table["mean"], errors, 1e-8)
    t = s.trim(mse=["q1", "minutes"], redistribute="none")
    assert t.weights.max() == pytest.approx(tried[int(np.argmin(errors))])


@pytest.mark.crossed
@pytest.mark.parametrize("how", ["proportional", "equal", "recalibrate"])
@pytest.mark.parametrize("seed", range(4))
def test_a_limit_chosen_by_its_error_is_one_that_can_be_kept(seed: int, how: str) -> None:
    """Of skew weights the median lies far below the mean, and the least error may too: no sum fits under it."""
    rng = np.random.default_rng(seed)
    x = pd.DataFrame({"y": rng.normal(size=80), "sex": rng.integers(0, 2, 80), "w": rng.lognormal(0, 2, 80)})
    s = sv.Sample(x, weights="w")
    s = s.rake({"sex": {0: 100.0, 1: 120.0}}) if how == "recalibrate" else s
    t = s.trim(mse="y", redistribute=how)
    assert t.weights.sum() == pytest.approx(s.weights.sum())
    errors = s.trimming_errors("y")
    free = errors.loc[errors["mean"].idxmin(), "limit"]
    assert t.weights.max() <= s.weights.max() * (1 + 1e-12)
    assert free < s.weights.mean() or t.weights.max() == pytest.approx(free) or how == "recalibrate"


@pytest.mark.parametrize("design", DESIGNS)
def test_no_trimming_has_an_error_of_one_under_any_design(rows: pd.DataFrame, design: str) -> None:
    for s in (sv.Sample(rows, **DESIGNS[design]), sv.Sample(rows, **DESIGNS[design]).rake(MARGINS)):
        table = s.trimming_errors(["q1", "trips"])
        assert table["limit"].iloc[-1] == s.weights.max() and table["trimmed"].iloc[-1] == 0
        close(table[["q1", "trips", "mean"]].iloc[-1], [1, 1, 1], 1e-9)


def test_a_limit_for_each_wave_is_judged_by_that_wave(rows: pd.DataFrame) -> None:
    s = sv.Sample(rows, weights="w")
    t = s.trim(mse="q1", by="wave", redistribute="none")
    for wave in (0, 1):
        part = rows[rows["wave"] == wave]
        # one element in the whole sample: the others add zeros to its variance
        tried = np.unique([*np.quantile(part["w"], np.linspace(0.5, 0.999, 40)), part["w"].max()])
        own = rows.assign(y=rows["q1"].where(rows["wave"] == wave))
        errors = [by_hand(own, limit)[0] for limit in tried]
        assert t.weights[rows["wave"] == wave].max() == pytest.approx(tried[int(np.argmin(errors))])


@pytest.mark.parametrize(
    ("item", "words"),
    [
        ("nothing", "no such item"),
        ("ward", "An item is not numeric"),
        ("same", "An item does not vary, so trimming cannot be assessed with it"),
        ("none", "An item has no answers"),
    ],
)
def test_items_that_tell_nothing_are_refused(rows: pd.DataFrame, item: str, words: str) -> None:
    s = sv.Sample(rows.assign(same=3, none=np.nan), weights="w")
    with pytest.raises(sv.EstimationError, match=words):
        s.trim(mse=item)


# --- properties -------------------------------------------------------------------------------------------------------


@settings(max_examples=examples(80), deadline=None)
@given(
    st.lists(st.floats(0.01, 100), min_size=2, max_size=40),
    st.floats(0.001, 1),
    st.booleans(),
    st.sampled_from(["proportional", "equal", "none"]),
)
def test_weight_is_kept_or_lost_as_was_said(weights: list[float], share: float, lower: bool, how: str) -> None:
    """Any limit above the mean can be kept with the sum; the order of weights stays."""
    w = np.array(weights)
    limit = w.mean() + share * (w.max() - w.mean())
    options = {"lower": 0.5 * (w.min() + w.mean())} if lower and w.min() < limit else {}
    if limit <= options.get("lower", 0) or limit < w.mean():
        return
    t = sv.Sample(pd.DataFrame({"w": w}), weights="w").trim(upper=limit, redistribute=how, **options).weights
    assert t.max() <= limit and t.min() >= options.get("lower", 0)
    if how == "none":
        close(t, np.clip(w, options.get("lower", 0), limit), 1e-15)
    else:
        assert t.sum() == pytest.approx(w.sum(), rel=1e-10)
    assert (np.diff(t[np.argsort(w, kind="stable")]) >= -1e-9 * limit).all()
