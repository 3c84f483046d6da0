"""Things that are equal by algebra, however they are computed: under every design, before and after raking."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import survey as sv

REFERENCE = Path(__file__).parents[1] / "reference"
DESIGNS = json.loads((REFERENCE / "designs.json").read_text(encoding="utf-8"))


def targets(rows: pd.DataFrame) -> dict[str, dict[object, float]]:
    n = rows["w"].sum()
    return {"sex": {0: 0.42 * n, 1: 0.58 * n}, "age": {0: 0.25 * n, 1: 0.5 * n, 2: 0.25 * n}}


@pytest.fixture(params=[f"{d}{r}" for d in DESIGNS for r in ("", "/raked")])
def sample(request: pytest.FixtureRequest, rows: pd.DataFrame) -> sv.Sample:
    return make(rows, request.param)


def make(rows: pd.DataFrame, name: str) -> sv.Sample:
    design, _, raked = name.partition("/")
    s = sv.Sample(rows, **DESIGNS[design])
    return s.rake(targets(rows), tolerance=1e-13) if raked else s


def both(e: sv.Estimates, at: int = 0) -> tuple[float, float]:
    return e.table["estimate"].iloc[at], e.table["std_error"].iloc[at]


@pytest.mark.sampled
def test_a_domain_mean_is_a_ratio_is_a_regression_coefficient(rows: pd.DataFrame, sample: sv.Sample) -> None:
    mean = sample.mean("q1", by="ward")
    valid = sample.data["q1"].notna().to_numpy()
    for i, ward in enumerate(mean.table["ward"]):
        data = sample.data.assign(
            member=((sample.data["ward"] == ward) & valid).astype(float), y=sample.data["q1"].fillna(0)
        )
        data["y"] *= data["member"]
        s = sv.Sample.of(sv.Responses(data), sample.design)
        assert both(s.ratio("y", "member")) == pytest.approx(both(mean, i), rel=1e-9)
        only = sample.linear("q1 ~ 1", where=(sample.data["ward"] == ward).to_numpy())
        assert both(only) == pytest.approx(both(mean, i), rel=1e-9)


@pytest.mark.sampled
def test_means_of_all_domains_are_a_regression_on_their_indicators(sample: sv.Sample) -> None:
    mean, model = sample.mean("q1", by="ward"), sample.linear("q1 ~ 0 + ward")
    np.testing.assert_allclose(model.table["estimate"], mean.table["estimate"], rtol=1e-9)
    np.testing.assert_allclose(model.covariance, mean.covariance, rtol=1e-7, atol=1e-12)


@pytest.mark.sampled
def test_difference_in_differences_is_the_interaction_of_a_regression(sample: sv.Sample) -> None:
    contrast = sample.mean("q1", by=["group", "wave"]).contrast([1, -1, -1, 1]).table.iloc[0]
    model = sample.linear("q1 ~ group * wave").table.iloc[3]
    for column in ("estimate", "std_error", "statistic", "df", "p_value", "conf_low", "conf_high"):
        assert contrast[column] == pytest.approx(model[column], rel=1e-8), column


@pytest.mark.crossed
@pytest.mark.parametrize("item", ["trips", "minutes", "one"])
@pytest.mark.sampled
def test_totals_of_domains_add_up_with_their_covariance(sample: sv.Sample, item: str) -> None:
    parts, whole = sample.total(item, by=["ward", "sex"]), sample.total(item)
    assert parts.table["estimate"].sum() == pytest.approx(both(whole)[0], rel=1e-10)
    # a total that raking fixes has no variance but rounding, on the scale of its parts
    scale = np.trace(parts.covariance)
    assert parts.covariance.sum() == pytest.approx(both(whole)[1] ** 2, rel=1e-9, abs=1e-12 * scale)
    summed = parts.contrast(np.ones(len(parts)))
    assert both(summed) == pytest.approx(both(whole), rel=1e-9, abs=1e-6 * np.sqrt(scale))


@pytest.mark.sampled
def test_the_sum_of_weights_is_the_population(sample: sv.Sample) -> None:
    assert both(sample.total("one"))[0] == pytest.approx(sample.weights.sum(), rel=1e-12)


@pytest.mark.sampled
def test_shares_sum_to_one_and_their_covariances_to_zero(sample: sv.Sample) -> None:
    e = sample.distribution("q2", by="kind")
    assert e.table.groupby("kind")["estimate"].sum().tolist() == pytest.approx([1.0, 1.0], rel=1e-12)
    for start in (0, 5):
        rows = e.covariance[start : start + 5]
        scale = np.sqrt(np.diag(e.covariance)).max() ** 2
        for block in (rows[:, :5], rows[:, 5:]):
            assert np.abs(block.sum(axis=1)).max() < 1e-12 * max(1.0, scale)


@pytest.mark.sampled
def test_a_proportion_is_a_sum_of_rows_of_the_distribution(sample: sv.Sample) -> None:
    share = sample.proportion("q1", levels=[2, 5])
    summed = sample.distribution("q1").contrast([0, 1, 0, 0, 1])
    assert both(summed) == pytest.approx(both(share), rel=1e-9)


@pytest.mark.sampled
def test_a_mean_is_the_distribution_times_the_scale(sample: sv.Sample) -> None:
    mean = sample.mean("q1", by="sex")
    e = sample.distribution("q1", by="sex")
    for i in (0, 1):
        weights = np.zeros(10)
        weights[5 * i : 5 * i + 5] = [1, 2, 3, 4, 5]
        assert both(e.contrast(weights)) == pytest.approx(both(mean, i), rel=1e-9)


def test_a_total_is_the_mean_times_the_number_of_people_when_that_is_known(rows: pd.DataFrame) -> None:
    """After raking the population's size is no estimate, so total and mean have the same relative error."""
    s = make(rows, "strat_clus/raked")
    n = rows["w"].sum()
    mean, total = both(s.mean("trips")), both(s.total("trips"))
    assert total == pytest.approx((n * mean[0], n * mean[1]), rel=1e-9)


@pytest.mark.crossed
@pytest.mark.parametrize("by", [None, "ward"])
@pytest.mark.parametrize("verb", ["mean", "total"])
@pytest.mark.sampled
def test_counting_answers_and_counting_moments_agree(sample: sv.Sample, verb: str, by: str | None) -> None:
    """Five answers are counted one by one; the same answers, nudged so that they take many values, by their moments."""
    nudge = 1e-13 * np.arange(len(sample)) / len(sample)
    data = sample.data.assign(nudged=sample.data["q1"] + nudge)
    assert data["nudged"].nunique() > 64
    s = sv.Sample.of(sv.Responses(data), sample.design)
    few, many = getattr(s, verb)("q1", by=by), getattr(s, verb)("nudged", by=by)
    pd.testing.assert_frame_equal(many.table.drop(columns="item"), few.table.drop(columns="item"), rtol=1e-9)
    scale = np.sqrt(np.outer(np.diag(few.covariance), np.diag(few.covariance)))
    np.testing.assert_allclose(many.covariance / scale, few.covariance / scale, atol=1e-9)


@pytest.mark.sampled
def test_estimates_do_not_depend_on_what_is_asked_together(sample: sv.Sample) -> None:
    """Items counted by answers and by moments in one table, and alone: variances and covariances are the same."""
    together = sample.mean(["q1", "minutes", "q2"], by="sex")
    for i, item in enumerate(("q1", "minutes", "q2")):
        alone = sample.mean(item, by="sex")
        at = slice(2 * i, 2 * i + 2)
        np.testing.assert_allclose(together.covariance[at, at], alone.covariance, rtol=1e-8, atol=1e-15)
    np.testing.assert_allclose(np.sqrt(np.diag(together.covariance)), together.table["std_error"], rtol=1e-9)
    np.testing.assert_allclose(together.covariance, together.covariance.T, rtol=1e-12)
    assert np.linalg.eigvalsh(together.covariance).min() > -1e-10 * np.trace(together.covariance)


@pytest.mark.crossed
@pytest.mark.parametrize("items", [("q1", "q2"), ("q1", "minutes"), ("minutes", "trips")])
@pytest.mark.sampled
def test_the_difference_of_two_items_is_the_mean_of_their_difference(sample: sv.Sample, items: tuple[str, str]) -> None:
    """People who answered both are the domain; the covariance between items is what makes this hold."""
    a, b = items
    data = sample.data.assign(difference=sample.data[a] - sample.data[b])
    s = sv.Sample.of(sv.Responses(data), sample.design)
    answered = data["difference"].notna().to_numpy()
    contrast = s.mean([a, b], where=answered).contrast([1, -1])
    assert both(contrast) == pytest.approx(both(s.mean("difference")), rel=1e-9)


@pytest.mark.sampled
def test_the_covariance_of_items_knows_of_missing_answers(sample: sv.Sample) -> None:
    """With different people missing, the mean of the difference is another estimate: sum the influence values."""
    e = sample.mean(["q1", "q2"])
    stacked = sample.data.assign(first=sample.data["q1"].notna() * 1.0, second=sample.data["q2"].notna() * 1.0)
    m1, m2 = e.table["estimate"]
    w = sample.weights
    u = (stacked["q1"].fillna(0) - m1) * stacked["first"] / (w @ stacked["first"])
    v = (stacked["q2"].fillna(0) - m2) * stacked["second"] / (w @ stacked["second"])
    totals = sv.Sample.of(sv.Responses(stacked.assign(u=u, v=v, s=u + v)), sample.design)
    var_u, var_v, var_s = (both(totals.total(c))[1] ** 2 for c in ("u", "v", "s"))
    assert e.covariance[0, 1] == pytest.approx((var_s - var_u - var_v) / 2, rel=1e-7, abs=1e-12)


@pytest.mark.parametrize("design", DESIGNS)
def test_what_raking_fixes_has_no_variance(rows: pd.DataFrame, design: str) -> None:
    known, s = targets(rows), make(rows, f"{design}/raked")
    for variable, totals in known.items():
        e = s.total("one", by=variable)
        assert e.table["estimate"].tolist() == pytest.approx([*totals.values()], rel=1e-12)
        assert (e.table["std_error"] < 1e-9 * e.table["estimate"]).all()
        shares = s.distribution(variable)
        assert (shares.table["std_error"] < 1e-9).all()
    assert both(s.total("one"))[1] < 1e-9 * rows["w"].sum()


@pytest.mark.parametrize("design", DESIGNS)
def test_a_mean_within_a_raked_category_is_its_total_over_a_known_number(rows: pd.DataFrame, design: str) -> None:
    known, s = targets(rows), make(rows, f"{design}/raked")
    means, totals = s.mean("trips", by="sex"), s.total("trips", by="sex")
    for i, n in enumerate(known["sex"].values()):
        assert both(totals, i) == pytest.approx((n * both(means, i)[0], n * both(means, i)[1]), rel=1e-8)


@pytest.mark.parametrize("design", DESIGNS)
def test_raking_one_margin_is_poststratification(rows: pd.DataFrame, design: str) -> None:
    """Weights by hand; the variance is that of deviations from the mean of each post-stratum."""
    known = targets(rows)["age"]
    s = sv.Sample(rows, **DESIGNS[design]).rake({"age": known})
    factor = rows["age"].map(known) / rows["w"].groupby(rows["age"]).transform("sum")
    np.testing.assert_allclose(s.weights, rows["w"] * factor, rtol=1e-12)
    centred = rows["trips"] - (rows["trips"] * rows["w"]).groupby(rows["age"]).transform("sum") / rows["w"].groupby(
        rows["age"]
    ).transform("sum")
    plain = sv.Sample(rows.assign(w=s.weights, centred=centred), **DESIGNS[design]).total("centred")
    assert both(s.total("trips"))[1] == pytest.approx(both(plain)[1], rel=1e-9)


@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.sampled
def test_crossing_margins_is_one_margin_of_cells(rows: pd.DataFrame, design: str) -> None:
    cells = {(sex, age): 100.0 * (1 + sex + age) for sex in (0, 1) for age in (0, 1, 2)}
    rows["cell"] = [f"{s}{a}" for s, a in zip(rows["sex"], rows["age"], strict=True)]
    crossed = sv.Sample(rows, **DESIGNS[design]).rake({("sex", "age"): cells})
    single = sv.Sample(rows, **DESIGNS[design]).rake({"cell": {f"{s}{a}": n for (s, a), n in cells.items()}})
    np.testing.assert_allclose(crossed.weights, single.weights, rtol=1e-12)
    assert both(crossed.mean("q1")) == pytest.approx(both(single.mean("q1")), rel=1e-10)


@pytest.mark.parametrize("design", DESIGNS)
def test_raking_to_what_holds_already_changes_no_weight_but_the_standard_error(rows: pd.DataFrame, design: str) -> None:
    """Margins that are known make a correlated estimate surer, even where the weights need no change."""
    rows["y"] = 10.0 * rows["sex"] + rows["trips"]
    before = sv.Sample(rows, **DESIGNS[design])
    after = before.rake({"sex": rows.groupby("sex")["w"].sum().to_dict()})
    np.testing.assert_allclose(after.weights, before.weights, rtol=1e-12)
    assert both(after.mean("y"))[0] == pytest.approx(both(before.mean("y"))[0], rel=1e-12)
    assert both(after.mean("y"))[1] < 0.8 * both(before.mean("y"))[1]


@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.sampled
def test_raking_twice_to_the_same_margins_is_raking_once(rows: pd.DataFrame, design: str) -> None:
    once = make(rows, f"{design}/raked")
    twice = once.rake(targets(rows), tolerance=1e-13)
    for verb in (lambda s: s.mean("minutes", by="sex"), lambda s: s.distribution("q1")):
        np.testing.assert_allclose(verb(twice).covariance, verb(once).covariance, rtol=1e-7, atol=1e-12)


def test_people_drawn_one_by_one_with_equal_weights_have_no_design_effect(rows: pd.DataFrame) -> None:
    s = sv.Sample(rows.dropna(subset=["minutes", "q1"]), weights=None)
    for e in (s.mean(["q1", "minutes", "trips"]), s.ratio("minutes", "trips"), s.distribution("q1")):
        assert e.table["deff"].tolist() == pytest.approx([1.0] * len(e), rel=1e-9)
