"""Quantiles: against R and numpy, against the definition in exact fractions, and what must not change them."""

from __future__ import annotations

import json
from collections.abc import Callable
from fractions import Fraction
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
_R = json.loads((REFERENCE / "statistics" / "statistics.json").read_text(encoding="utf-8"))["results"]
R = {r["id"]: r for r in _R if r["id"].startswith("quantile/")}
WARDS = ["An Hòa", "Bình Minh", "Đông Sơn"]
COLUMNS = {"estimate": "estimate", "conf_low": "low", "conf_high": "high", "std_error": "se"}


@pytest.fixture
def sample(rows: pd.DataFrame) -> sv.Sample:
    return sv.Sample(rows, **DESIGNS["strat_clus"])


def people(values: Any, weights: Any = None, **columns: Any) -> sv.Sample:
    """People drawn one by one, perhaps only one."""
    frame = pd.DataFrame({"y": values, **columns})
    return sv.Sample(frame.assign(w=1.0 if weights is None else weights), weights="w", lonely="remove")


def quantile(s: sv.Sample, p: Any, **options: Any) -> list[float]:
    return s.quantile("y", p, **options).table["estimate"].tolist()


def numbers(expected: list[Any]) -> np.ndarray:
    """R's NaN is text in JSON."""
    return np.array([np.nan if v in (None, "NaN", "NA") else v for v in expected], dtype=float)


def same_as_r(e: sv.Estimates, key: str, but: Callable[[np.ndarray], np.ndarray] | None = None) -> None:
    expected = R[key]
    for ours, theirs in COLUMNS.items():
        got, want = e.table[ours].to_numpy(float), numbers(expected[theirs])
        keep = np.ones(len(want), bool) if but is None else ~but(numbers(expected["low"]))
        np.testing.assert_allclose(got[keep], want[keep], rtol=1e-8, err_msg=f"{key}: {ours}")
    assert (e.table["df"] == expected["df"]).all()


# --- against R --------------------------------------------------------------------------------------------------------


@pytest.mark.crossed
@pytest.mark.parametrize("interval", ["plain", "beta", "logit", "asin"])
@pytest.mark.parametrize("rule", ["math", "school", "hf4"])
@pytest.mark.parametrize("design", DESIGNS)
def test_rules_and_intervals_are_those_of_r(rows: pd.DataFrame, design: str, rule: str, interval: str) -> None:
    theirs = {"plain": "mean", "logit": "xlogit"}.get(interval, interval)
    key = f"quantile/{design}/{rule}/{theirs}"
    e = sv.Sample(rows, **DESIGNS[design]).quantile("minutes", R[key]["p"], rule=rule, interval=interval)
    # two people waited 19.2 minutes: R interpolates person by person, in the order of the rows; we interpolate F
    tied = (lambda low: low == 19.2) if rule == "hf4" else None
    same_as_r(e, key, tied)


@pytest.mark.parametrize("rule", ["math", "school"])
@pytest.mark.parametrize("design", DESIGNS)
def test_a_five_point_item_has_the_quantiles_of_r(rows: pd.DataFrame, design: str, rule: str) -> None:
    key = f"quantile/{design}/{rule}/ties"
    same_as_r(sv.Sample(rows, **DESIGNS[design]).quantile("q1", R[key]["p"], rule=rule), key)


@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.sampled
def test_groups_are_domains_as_in_r(rows: pd.DataFrame, design: str) -> None:
    s = sv.Sample(rows, **DESIGNS[design])
    together = s.quantile("minutes", by="ward")
    assert together.table["ward"].unique().tolist() == WARDS
    for i, ward in enumerate(WARDS):
        alone = s.quantile("minutes", where=f"ward == '{ward}'")
        pd.testing.assert_frame_equal(
            together.table.iloc[3 * i : 3 * i + 3].drop(columns="ward").reset_index(drop=True), alone.table
        )
        if ward != "An Hòa":
            same_as_r(alone, f"quantile/{design}/by/{ward}")
            continue
        # where the lower limit lies below the first person's share, R 4.1 takes the second smallest value
        key, smallest = f"quantile/{design}/by/{ward}", rows.loc[rows["ward"] == ward, "minutes"].min()
        same_as_r(alone, key, lambda low: low == 4.83)
        low = alone.table["conf_low"].to_numpy()
        assert (low[numbers(R[key]["low"]) == 4.83] == smallest).all()
        np.testing.assert_allclose(alone.table["estimate"], R[key]["estimate"])


# --- against numpy and the definition ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "method"), [("math", "inverted_cdf"), ("school", "averaged_inverted_cdf")], ids=["math", "school"]
)
@pytest.mark.parametrize("values", [[3, 1, 4, 1, 5, 9, 2, 6], [2, 2, 2, 2], [1, 5, 5, 5, 1, 1, 3, 3, 3, 3], [7.5]])
def test_with_weights_of_one_rules_are_those_of_hyndman_and_fan(rule: str, method: str, values: list[float]) -> None:
    p = np.arange(1, 40) / 40
    expected = [np.quantile(values, Fraction(k, 40).__float__(), method=method) for k in range(1, 40)]
    np.testing.assert_allclose(quantile(people(values), p, rule=rule), expected)


def test_interpolation_between_tied_answers_is_that_of_r() -> None:
    """R survey 4.1: svyquantile(~x, d, p, qrule="hf4", interval.type="mean", df=degf(d)), equal weights."""
    three = people(np.repeat([1.0, 2, 3], [10, 8, 7])).quantile("y", QUARTILES, rule="hf4").table
    assert three["estimate"].tolist() == [1, 2, pytest.approx(2.75)]
    assert three[["conf_low", "conf_high"]].to_numpy().tolist() == [[1, 2], [2, 3], [2, 3]]
    five = people(np.repeat([1.0, 2, 3, 4, 5], 40)).quantile("y", QUARTILES, rule="hf4").table
    assert five["estimate"].tolist() == [2, 3, 4]
    assert five[["conf_low", "conf_high"]].to_numpy().tolist() == [[2, 3], [3, 4], [4, 5]]
    np.testing.assert_allclose(five["std_error"], 0.2535552832, rtol=1e-9)


def test_of_answers_tied_with_unequal_weights_the_mean_weight_counts() -> None:
    """Where the file's order does not decide, R's numbers: 1, 2, 2, 2, 3, 3 with weights 1, 2, 2, 2, 1.5, 1.5."""
    # by hand: F is 0.1 at 1, climbs to 0.3 at the first 2, to 0.7 at the last, to 0.85 at the first 3
    for weights in ([1, 1, 2, 3, 2, 1], [1, 3, 2, 1, 1, 2], [1, 2, 2, 2, 1.5, 1.5]):
        got = quantile(people([1.0, 2, 2, 2, 3, 3], weights), [0.2, 0.5, 0.775, 0.9], rule="hf4")
        np.testing.assert_allclose(got, [1.5, 2, 2.5, 3])


def test_the_interval_of_an_interpolated_quantile_holds_it_whatever_the_weights() -> None:
    """Of 41 people the fourth has a fifth of the weight, a long step of F: 0.2 lies on it, the share below is 0.06."""
    weights = np.where(np.arange(41) == 3, 10.0, 1.0)
    t = people(np.arange(41.0) ** 2, weights).quantile("y", [0.1, 0.2, 0.25], rule="hf4", interval="logit").table
    assert t["conf_low"].notna().all()
    assert (t["conf_low"] <= t["estimate"]).all() and (t["conf_high"] >= t["estimate"]).all()


def test_interpolation_is_type_4_where_nobody_is_tied() -> None:
    values = [3.0, 11.0, 4.0, 8.0, 5.0, 9.5, 2.0, 6.0]
    p = np.arange(1, 40) / 40
    expected = np.quantile(values, p, method="interpolated_inverted_cdf")
    np.testing.assert_allclose(quantile(people(values), p, rule="hf4"), expected)


@st.composite
def answered(draw: st.DrawFn) -> tuple[list[int], list[int], list[int]]:
    n = draw(st.integers(1, 12))
    value = st.sampled_from([1, 2, 3, 4, 5, 10])
    sized = {"min_size": n, "max_size": n}
    return draw(st.lists(value, **sized)), draw(st.lists(st.integers(1, 9), **sized)), draw(st.lists(value, **sized))


def by_definition(values: list[int], weights: list[int], p: Fraction, rule: str) -> Fraction:
    """In whole numbers, where shares are exact: smallest value with F >= p, and so on."""
    total, up_to, curve = sum(weights), 0, []
    for v in sorted(set(values)):
        up_to += sum(w for w, y in zip(weights, values, strict=True) if y == v)
        curve.append((v, Fraction(up_to, total)))
    i = next(k for k, (_, share) in enumerate(curve) if share >= p)
    value, share = curve[i]
    if rule == "math" or (rule == "school" and (share != p or i + 1 == len(curve))):
        return Fraction(value)
    if rule == "school":
        return Fraction(value + curve[i + 1][0], 2)
    if i == 0:
        return Fraction(value)
    # from the last of the smaller answers to the first of these, which has their mean weight
    before, below = curve[i - 1]
    first = Fraction(share - below) / sum(y == value for y in values)
    return before + (value - before) * min(Fraction(1), (p - below) / first)


@settings(max_examples=examples(60), deadline=None)
@given(answered(), st.sampled_from(["math", "school", "hf4"]))
def test_quantiles_are_their_definition_in_exact_fractions(drawn: tuple[list[int], ...], rule: str) -> None:
    """Ties, exact shares and unequal weights; floating shares must not miss p by a rounding."""
    values, weights, _ = drawn
    probs = [Fraction(k, sum(weights)) for k in range(1, sum(weights))] or [Fraction(1, 2)]
    got = quantile(people(values, weights), [float(p) for p in probs], rule=rule)
    expected = [float(by_definition(values, weights, p, rule)) for p in probs]
    np.testing.assert_allclose(got, expected, rtol=1e-9)


@pytest.mark.parametrize(("people_asked", "weight", "k"), [(4, 0.7, 3), (12, 0.1, 10), (8, 1 / 3, 7)])
def test_a_share_that_rounding_leaves_just_below_p_is_p(people_asked: int, weight: float, k: int) -> None:
    """Equal weights of 0.7: three of four people sum to 0.7499999999999999 of all; the third has the quartile."""
    share = np.cumsum(np.full(people_asked, weight))
    assert share[k - 1] / share[-1] < k / people_asked
    s = people(np.arange(1, people_asked + 1), weight)
    assert quantile(s, k / people_asked) == [k]
    assert quantile(s, k / people_asked, rule="school") == [k + 0.5]


@pytest.mark.slow
@settings(max_examples=examples(30), deadline=None)
@given(answered())
def test_a_higher_share_has_no_lower_quantile(drawn: tuple[list[int], ...]) -> None:
    values, weights, _ = drawn
    for rule in ("math", "school", "hf4"):
        got = quantile(people(values, weights), np.arange(1, 50) / 50, rule=rule)
        assert (np.diff(got) >= 0).all()
        assert min(values) <= got[0] <= got[-1] <= max(values)


@settings(max_examples=examples(30), deadline=None)
@given(answered())
def test_an_interval_holds_its_estimate(drawn: tuple[list[int], ...]) -> None:
    values, weights, _ = drawn
    if len(values) == 1:
        return
    for rule in ("math", "school", "hf4"):
        t = people(values, weights).quantile("y", [0.2, 0.5, 0.8], interval="logit", rule=rule).table
        assert (t["conf_low"] <= t["estimate"]).all()
        assert (t["conf_high"] >= t["estimate"]).all()


# --- what must not change a result ------------------------------------------------------------------------------------

QUARTILES = (0.25, 0.5, 0.75)


def run(rows: pd.DataFrame, design: str, item: str = "minutes", **options: Any) -> sv.Estimates:
    return sv.Sample(rows, **DESIGNS[design]).quantile(item, QUARTILES, by="sex", **options)


def same(got: sv.Estimates, expected: sv.Estimates, rtol: float = 1e-9) -> None:
    pd.testing.assert_frame_equal(got.table, expected.table, rtol=rtol)
    np.testing.assert_allclose(got.covariance, expected.covariance, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("item", ["minutes", "q1"])
@pytest.mark.parametrize("design", DESIGNS)
class TestInvariance:
    @pytest.mark.parametrize("factor", [2.0, 1e6, 1 / 3])
    @pytest.mark.crossed
    @pytest.mark.sampled
    def test_the_scale_of_the_weights(self, rows: pd.DataFrame, design: str, item: str, factor: float) -> None:
        same(run(rows.assign(w=rows["w"] * factor), design, item), run(rows, design, item))

    @pytest.mark.crossed
    @pytest.mark.sampled
    def test_the_order_of_the_rows(self, rows: pd.DataFrame, design: str, item: str) -> None:
        for rule in ("math", "school", "hf4"):
            shuffled = rows.sample(frac=1, random_state=8)
            same(run(shuffled, design, item, rule=rule), run(rows, design, item, rule=rule))

    @pytest.mark.sampled
    def test_the_unit_of_the_answers(self, rows: pd.DataFrame, design: str, item: str) -> None:
        """Percent for share, seconds for minutes: a * y + b has quantiles a * q + b, for a above 0."""
        expected = run(rows, design, item)
        moved = run(rows.assign(**{item: 60 * rows[item] + 7}), design, item).table
        for column in ("estimate", "conf_low", "conf_high"):
            np.testing.assert_allclose(moved[column], 60 * expected.table[column] + 7, rtol=1e-12)
        np.testing.assert_allclose(moved["std_error"], 60 * expected.table["std_error"], rtol=1e-9)


def test_all_ones_weights_are_the_textbook_median_and_its_woodruff_interval() -> None:
    """99 people, 1..99: F(50) = 50/99, its SE sqrt(p q / 98); the ends are the values at those shares."""
    e = people(np.arange(1.0, 100.0)).quantile("y", 0.5).table.iloc[0]
    assert e["estimate"] == 50
    from scipy.special import stdtrit

    p, t = 50 / 99, stdtrit(98, 0.975)
    half = t * np.sqrt(p * (1 - p) / 98)
    low, high = np.ceil(99 * (p - half)), np.ceil(99 * (p + half))
    assert (e["conf_low"], e["conf_high"]) == (low, high)
    assert e["std_error"] == pytest.approx((high - low) / (2 * t), rel=1e-10)


@pytest.mark.parametrize("dtype", ["Int64", "int8", "float32", "category"])
def test_the_kind_of_a_column_does_not_matter(dtype: str) -> None:
    values = [1, 3, 3, 5, 2, 4]
    expected = people(values).quantile("y").table
    pd.testing.assert_frame_equal(people(pd.Series(values).astype(dtype)).quantile("y").table, expected)


# --- shape of the result ----------------------------------------------------------------------------------------------


def test_rows_come_by_item_then_group_then_as_the_probabilities_were_given(sample: sv.Sample) -> None:
    e = sample.quantile(["q2", "minutes"], [0.9, 0.1, 0.5], by="sex")
    assert e.table["item"].tolist() == ["q2"] * 6 + ["minutes"] * 6
    assert e.table["sex"].tolist() == [0, 0, 0, 1, 1, 1] * 2
    assert e.table["quantile"].tolist() == [0.9, 0.1, 0.5] * 4
    assert e.statistic == "quantile"
    assert e.by == ("sex",)
    assert any("'math'" in note for note in e.notes)


def test_probabilities_out_of_order_are_each_as_alone(sample: sv.Sample) -> None:
    e = sample.quantile("minutes", [0.9, 0.1, 0.5, 0.1], interval="logit")
    for i, p in enumerate([0.9, 0.1, 0.5, 0.1]):
        alone = sample.quantile("minutes", p, interval="logit").table
        pd.testing.assert_frame_equal(e.table.iloc[[i]].reset_index(drop=True), alone)


def test_quantiles_of_the_same_people_are_correlated_as_the_shares_below_them(rows: pd.DataFrame) -> None:
    """The standard error of an interquartile range needs it; Sarndal, Swensson & Wretman (1992), section 5.11."""
    s = sv.Sample(rows, **DESIGNS["strat_clus"])
    e = s.quantile("minutes", [0.25, 0.75])
    below = {f"b{i}": (rows["minutes"] <= q).where(rows["minutes"].notna()) for i, q in enumerate(e.table["estimate"])}
    shares = sv.Sample(rows.assign(**{k: v.astype("Float64") for k, v in below.items()}), **DESIGNS["strat_clus"])
    covariance = shares.mean(["b0", "b1"]).covariance
    expected = covariance[0, 1] / np.sqrt(covariance[0, 0] * covariance[1, 1])
    se = e.table["std_error"].to_numpy()
    np.testing.assert_allclose(e.covariance, np.outer(se, se) * [[1, expected], [expected, 1]], rtol=1e-9)
    spread = e.contrast({"iqr": "`0.75` - `0.25`"}).table.iloc[0]
    assert spread["estimate"] == e.table["estimate"][1] - e.table["estimate"][0]
    assert spread["std_error"] == pytest.approx(np.sqrt(se @ se - 2 * expected * se[0] * se[1]), rel=1e-9)


def test_the_highest_value_goes_with_no_other_quantile(rows: pd.DataFrame) -> None:
    """The share up to it is 1 in every sample, and its covariances were rounding, other ones in every order of rows.

    By hand: the variance of the difference of two such quantiles is the sum of their variances, whatever the weights.
    """
    high = rows.assign(one=1.0, minutes=rows["minutes"] + np.arange(len(rows)) / 1e6)
    for weights in ("w", "one"):
        for data in (high, high.sample(frac=1, random_state=1)):
            e = sv.Sample(data, weights=weights, psu="psu").quantile("minutes", [0.5, 1 - 1e-9], by="ward")
            own = np.flatnonzero(e.table["quantile"] > 0.9)
            error = e.table["std_error"].to_numpy()
            np.testing.assert_allclose(e.covariance[own], np.diag(error**2)[own])
            middle = np.flatnonzero(e.table["quantile"] == 0.5)
            assert abs(e.covariance[middle[0], middle[1]]) > 1e-3  # as the shares below them
            first, second = own[:2]
            weight = np.zeros(len(error))
            weight[first], weight[second] = 1, -1
            difference = e.contrast({"d": weight}).table["std_error"][0]
            assert 0 < difference == pytest.approx(np.hypot(error[first], error[second]))


def test_groups_are_compared_at_the_same_quantile_only(sample: sv.Sample) -> None:
    e = sample.quantile("minutes", [0.25, 0.5], by="ward")
    pairs = e.pairwise("none").table
    assert len(pairs) == 2 * 3
    assert pairs["quantile"].tolist() == [0.25] * 3 + [0.5] * 3
    first = e.contrast({"d": "`Bình Minh:0.5` - `An Hòa:0.5`"}).table.iloc[0]
    assert pairs["contrast"].iloc[3] == "Bình Minh − An Hòa"
    for column in ("estimate", "std_error", "df", "p_value"):
        assert pairs[column].iloc[3] == pytest.approx(first[column])


# --- few answers, or none ---------------------------------------------------------------------------------------------


def test_where_all_say_the_same_that_is_every_quantile(rows: pd.DataFrame) -> None:
    e = sv.Sample(rows.assign(y=3.0), **DESIGNS["strat_clus"]).quantile("y")
    assert e.table["estimate"].tolist() == e.table["conf_low"].tolist() == e.table["conf_high"].tolist() == [3.0] * 3


def test_an_interval_that_leaves_the_data_has_an_open_end(sample: sv.Sample) -> None:
    row = sample.quantile("minutes", 0.9).table.iloc[0]
    assert np.isnan(row["conf_high"])
    assert np.isnan(row["std_error"])
    assert row["conf_low"] < row["estimate"]


def test_nobody_answered(rows: pd.DataFrame) -> None:
    e = sv.Sample(rows.assign(y=np.nan), **DESIGNS["strat_clus"]).quantile("y")
    assert e.table[["estimate", "std_error", "conf_low", "conf_high"]].isna().all(axis=None)
    assert (e.table["n"] == 0).all()


def test_a_group_without_answers_has_its_rows_and_does_not_disturb_the_others(rows: pd.DataFrame) -> None:
    s = sv.Sample(rows.assign(y=rows["minutes"].where(rows["ward"] != "Bình Minh")), **DESIGNS["strat_clus"])
    got, expected = s.quantile("y", by="ward").table, s.quantile("minutes", by="ward").table
    empty = got["ward"] == "Bình Minh"
    assert empty.sum() == 3
    assert got.loc[empty, "estimate"].isna().all()
    assert (got.loc[empty, "n"] == 0).all()
    np.testing.assert_allclose(got.loc[~empty, "estimate"], expected.loc[~empty, "estimate"])
    np.testing.assert_allclose(got.loc[~empty, "std_error"], expected.loc[~empty, "std_error"])


def test_one_person_has_a_value_and_no_interval(rows: pd.DataFrame) -> None:
    row = sv.Sample(rows, **DESIGNS["strat_clus"]).quantile("minutes", 0.5, where="rid == 3").table.iloc[0]
    assert row["estimate"] == rows.loc[rows["rid"] == 3, "minutes"].item()
    assert np.isnan(row["std_error"])
    assert np.isnan(row["conf_low"])


# --- errors -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("probs", [0, 1, -0.1, 50, [0.5, 1.2], np.nan, [], "median", [None]])
def test_a_probability_lies_between_zero_and_one(sample: sv.Sample, probs: Any) -> None:
    with pytest.raises(sv.EstimationError, match=r"[Qq]uantile"):
        sample.quantile("minutes", probs)


@pytest.mark.parametrize(
    ("options", "words"),
    [({"rule": "hf7"}, "rule"), ({"interval": "score"}, "interval"), ({"level": 95}, "confidence level")],
)
def test_unknown_options_are_named(sample: sv.Sample, options: dict[str, Any], words: str) -> None:
    with pytest.raises(sv.EstimationError, match=words) as caught:
        sample.quantile("minutes", 0.5, **options)
    assert str(next(iter(options.values()))) in str(caught.value)


def test_text_has_no_quantile(sample: sv.Sample) -> None:
    with pytest.raises(sv.EstimationError, match="An item is not numeric"):
        sample.quantile("ward")


def test_missing_codes_that_were_not_recoded_are_refused(rows: pd.DataFrame) -> None:
    variable = {"type": "ordinal", "labels": {1: "a", 5: "b"}, "missing": {-98: "dont_know"}}
    answers = sv.Responses(
        rows.assign(q1=rows["q1"].fillna(-98)), sv.Codebook.from_dict({"variables": {"q1": variable}})
    )
    with pytest.raises(sv.EstimationError, match="declares missing"):
        sv.Sample(answers, **DESIGNS["strat_clus"]).quantile("q1")
