"""Multiple imputation: Rubin's rules by hand and against R's mitools, through every verb that pools."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import survey as sv
from survey.codebook import MultipleSet
from survey.compare.scheme_file import scheme_of
from survey.core.contrasts import adjust_pvalues
from survey.estimation.imputation import pool
from survey.imputations import POOLED

REFERENCE = Path(__file__).parents[1] / "reference"
DESIGNS = json.loads((REFERENCE / "designs.json").read_text(encoding="utf-8"))
_R = json.loads((REFERENCE / "statistics" / "statistics.json").read_text(encoding="utf-8"))["results"]
R = {r["id"].removeprefix("imputed/"): r for r in _R if r["id"].startswith("imputed/")}
M = 4


INDEX = scheme_of(
    {
        "scheme": {"name": "made", "range": [0, 100], "aggregation": "mean_of_components"},
        "components": {"one": {}, "two": {}},
    },
    "made.toml",
)


def fill(rows: pd.DataFrame, k: int) -> pd.DataFrame:
    """Missing answers to q1 filled in the k-th way, by the rule that statistics.R uses."""
    return rows.assign(q1=rows["q1"].fillna(1 + (rows["rid"] + k * rows["age"]) % 5))


def imputations(rows: pd.DataFrame, design: str = "strat_clus") -> sv.Imputations:
    return sv.Imputations([_sample(fill(rows, k), design) for k in range(1, M + 1)])


def _sample(filled: pd.DataFrame, design: str) -> sv.Sample:
    """A sample with a select-all question, one of whose options was filled in."""
    book = sv.Codebook(sets={"how": MultipleSet("how", ("high", "rare"))})
    return sv.Sample(sv.Responses(filled.assign(high=1.0 * (filled["q1"] >= 4)), book), **DESIGNS[design])


@pytest.fixture
def imputed(rows: pd.DataFrame) -> sv.Imputations:
    return imputations(rows)


def rubin(estimates: list[float], errors: list[float], complete: float) -> dict[str, float]:
    """Rubin (1987), eqs 3.1.2-3.1.10; Barnard & Rubin (1999), eqs 3 and 4; step by step."""
    m = len(estimates)
    q = sum(estimates) / m
    within = sum(se**2 for se in errors) / m
    between = sum((e - q) ** 2 for e in estimates) / (m - 1)
    total = within + (1 + 1 / m) * between
    if between == 0:
        large, gamma, r = np.inf, 0.0, 0.0
    else:
        r = (1 + 1 / m) * between / within
        large, gamma = (m - 1) * (1 + 1 / r) ** 2, (1 + 1 / m) * between / total
    observed = (1 - gamma) * complete * (complete + 1) / (complete + 3)
    df = large * observed / (large + observed) if np.isfinite(large) and np.isfinite(observed) else min(large, observed)
    return {"estimate": q, "std_error": total**0.5, "df": df, "fmi": (r + 2 / (df + 3)) / (r + 1)}


def given(estimates: list[float], errors: list[float], df: float) -> list[sv.Estimates]:
    """Results that came from elsewhere."""
    return [
        sv.Estimates(pd.DataFrame({"item": ["y"], "estimate": [e], "std_error": [se], "df": [df]}), "mean")
        for e, se in zip(estimates, errors, strict=True)
    ]


# --- by hand ----------------------------------------------------------------------------------------------------------

# means and standard errors of 31 people's oxygen uptake in five imputations, as printed in the SAS/STAT User's Guide,
# The MIANALYZE Procedure, first example (complete-data df 30)
OXYGEN = [47.0120, 47.2407, 47.4995, 47.1485, 47.0042]
ERRORS = [0.95984, 0.93540, 1.00766, 0.95439, 0.96528]


def test_rubins_rules_step_by_step() -> None:
    row = pool(given(OXYGEN, ERRORS, 30)).table.iloc[0]
    # mean 47.18098; within 0.930854; between 0.041470; total 0.930854 + 1.2 * 0.041470
    assert row["estimate"] == pytest.approx(47.18098, abs=1e-6)
    assert row["std_error"] ** 2 == pytest.approx(0.930854 + 1.2 * 0.041470, abs=2e-6)
    expected = rubin(OXYGEN, ERRORS, 30)
    for column, value in expected.items():
        assert row[column] == pytest.approx(value, rel=1e-10), column
    assert 26.2 < row["df"] < 26.4
    from scipy.special import stdtrit

    half = stdtrit(expected["df"], 0.975) * expected["std_error"]
    np.testing.assert_allclose([row["conf_low"], row["conf_high"]], expected["estimate"] + np.array([-half, half]))


def test_a_large_sample_has_rubins_own_degrees_of_freedom() -> None:
    """Without a limit from the complete data: (m - 1) (1 + 1 / r)^2, Rubin (1987), eq. 3.1.6."""
    row = pool(given(OXYGEN, ERRORS, np.inf)).table.iloc[0]
    between, within = np.var(OXYGEN, ddof=1), np.mean(np.square(ERRORS))
    assert row["df"] == pytest.approx(4 * (1 + within / (1.2 * between)) ** 2, rel=1e-10)


def test_imputations_that_agree_add_no_variance() -> None:
    """Between is 0: the variance is that within; Barnard & Rubin then give df (v + 1) / (v + 3) of v."""
    row = pool(given([3.0] * 5, [0.5] * 5, 30)).table.iloc[0]
    assert row["std_error"] == 0.5
    assert row["df"] == pytest.approx(30 * 31 / 33)


def test_degrees_of_freedom_never_exceed_those_of_complete_data() -> None:
    for complete in (1, 3, 30, 1000):
        assert pool(given(OXYGEN, ERRORS, complete)).table["df"][0] < complete


# --- against R's mitools ----------------------------------------------------------------------------------------------

VERBS: dict[str, Callable[[Any], sv.Estimates]] = {
    "mean": lambda s: s.mean("q1"),
    "mean_by_sex": lambda s: s.mean("q1", by="sex"),
    "difference": lambda s: s.mean("q1", by="sex").contrast([-1, 1]),
    "linear": lambda s: s.linear("q1 ~ sex + age"),
}


@pytest.mark.parametrize("verb", VERBS)
def test_pooled_estimates_are_those_of_mitools(imputed: sv.Imputations, verb: str) -> None:
    """MIcombine; its df and missing information for a large sample, as mitools 2.4 departs from Barnard & Rubin.

    It multiplies by W / (W + B) where they have W / (W + (1 + 1/m) B); `rubin` above holds us to the paper.
    """
    run, expected = VERBS[verb], R[verb]
    e = run(imputed)
    for ours, theirs in {"estimate": "estimate", "std_error": "se"}.items():
        np.testing.assert_allclose(e.table[ours], np.atleast_1d(expected[theirs]), rtol=1e-8, err_msg=ours)
    np.testing.assert_allclose(e.covariance.ravel(), np.atleast_1d(expected["vcov"]), rtol=1e-7, atol=1e-12)
    each = [run(s) for s in imputed.samples]
    large = pool([one.with_table(one.table.assign(df=np.inf)) for one in each]).table
    for column in ("df", "fmi"):
        np.testing.assert_allclose(large[column], np.atleast_1d(expected[column]), rtol=1e-8, err_msg=column)
    complete = each[0].table["df"].to_numpy()
    assert (e.table["df"] < np.minimum(complete, large["df"])).all()


def test_a_difference_of_groups_has_the_degrees_of_freedom_of_its_own_between_variance(imputed: sv.Imputations) -> None:
    """A contrast is taken in each imputation and pooled; from pooled rows alone its df would be wrong."""
    e = imputed.mean("q1", by="sex")
    row = e.contrast({"d": "`1` - `0`"}).table.iloc[0]
    each = [s.mean("q1", by="sex").contrast([-1, 1]).table.iloc[0] for s in imputed.samples]
    expected = rubin([r["estimate"] for r in each], [r["std_error"] for r in each], each[0]["df"])
    for column, value in expected.items():
        assert row[column] == pytest.approx(value, rel=1e-9), column
    assert row["std_error"] ** 2 == pytest.approx(np.array([-1, 1]) @ e.covariance @ [-1, 1], rel=1e-9)
    assert row["statistic"] == pytest.approx(row["estimate"] / row["std_error"])
    assert 0 < row["p_value"] < 1


def test_a_ratio_is_pooled_as_a_ratio(imputed: sv.Imputations) -> None:
    row = imputed.mean("q1", by="sex").contrast({"r": "`1` / `0`"}).table.iloc[0]
    each = [s.mean("q1", by="sex").contrast({"r": "`1` / `0`"}).table.iloc[0] for s in imputed.samples]
    assert row["estimate"] == pytest.approx(np.mean([r["estimate"] for r in each]))


def test_pairs_are_pooled_first_and_adjusted_after(imputed: sv.Imputations) -> None:
    e = imputed.mean(["q1", "trips"], by="ward").pairwise("holm").table
    assert len(e) == 6
    for item in ("q1", "trips"):
        part = e[e["item"] == item]
        np.testing.assert_allclose(part["p_adjusted"], adjust_pvalues(part["p_value"].to_numpy(), "holm"))
    plain = imputed.mean(["q1", "trips"], by="ward").pairwise("none").table
    assert (plain["p_adjusted"] == plain["p_value"]).all()


# --- every verb -------------------------------------------------------------------------------------------------------

CALLS: dict[str, Callable[[Any], sv.Estimates]] = {
    "mean": lambda s: s.mean(["q1", "minutes"], by="sex"),
    "total": lambda s: s.total("q1", by="ward"),
    "proportion": lambda s: s.proportion("q1", top=2, by="sex"),
    "distribution": lambda s: s.distribution("q1"),
    "ratio": lambda s: s.ratio("q1", "trips"),
    "select_all": lambda s: s.select_all("how", by="sex"),
    "options_chosen": lambda s: s.options_chosen("how"),
    "quantile": lambda s: s.quantile("q1", [0.25, 0.5]),
    "variance": lambda s: s.variance("q1"),
    "covariance": lambda s: s.covariance(["q1", "trips"]),
    "correlation": lambda s: s.correlation(["q1", "trips"]),
    "linear": lambda s: s.linear("q1 ~ sex + age"),
    "logistic": lambda s: s.logistic("yes ~ sex + age"),
    "ordinal": lambda s: s.ordinal("q1 ~ sex + age"),
    "index": lambda s: s.index(INDEX, columns={"one": "q1", "two": "trips"}, scale={"q1": (1, 5), "trips": (0, 9)}),
}


def test_every_verb_that_pools_is_tried() -> None:
    assert set(CALLS) == set(POOLED)


@pytest.mark.parametrize("verb", CALLS)
def test_every_verb_is_pooled_row_by_row(imputed: sv.Imputations, verb: str) -> None:
    run = CALLS[verb]
    e, each = run(imputed), [run(s).table for s in imputed.samples]
    labels = [c for c in ("item", "with", "sex", "ward", "answer", "quantile", "term") if c in each[0]]
    pd.testing.assert_frame_equal(e.table[labels], each[0][labels])
    assert e.statistic == run(imputed.samples[0]).statistic
    for i in range(len(e)):
        rows = [t.iloc[i] for t in each]
        expected = rubin([r["estimate"] for r in rows], [r["std_error"] for r in rows], float(rows[0]["df"]))
        for column in ("estimate", "std_error", "df", "fmi"):
            assert e.table[column][i] == pytest.approx(expected[column], rel=1e-9), (column, i)
    assert any("4 imputations" in note for note in e.notes)


def test_an_item_without_gaps_is_as_in_one_sample(imputed: sv.Imputations) -> None:
    e, one = imputed.mean("trips").table.iloc[0], imputed.samples[0].mean("trips").table.iloc[0]
    assert e["estimate"] == one["estimate"]
    assert e["std_error"] == pytest.approx(one["std_error"], rel=1e-12)


def test_replicates_pool_too(rows: pd.DataFrame) -> None:
    samples = [sv.Sample(fill(rows, k), **DESIGNS["strat_clus"]).replicates("JKn") for k in (1, 2, 3)]
    e = sv.Imputations(samples).mean("q1").table.iloc[0]
    each = [s.mean("q1").table.iloc[0] for s in samples]
    expected = rubin([r["estimate"] for r in each], [r["std_error"] for r in each], 15)
    assert e["std_error"] == pytest.approx(expected["std_error"])


# --- intervals of shares ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("interval", ["logit", "wilson", "beta", "asin", "plain"])
@pytest.mark.sampled
def test_pooled_shares_have_the_interval_that_was_asked_for(imputed: sv.Imputations, interval: str) -> None:
    from scipy.special import stdtrit

    for e in (imputed.proportion("q1", top=2, interval=interval), imputed.distribution("q1", interval=interval)):
        t = e.table
        assert ((t["conf_low"] < t["estimate"]) & (t["estimate"] < t["conf_high"])).all()
        half = stdtrit(t["df"], 0.975) * t["std_error"]
        symmetric = np.isclose(t["estimate"] - t["conf_low"], half) & np.isclose(t["conf_high"] - t["estimate"], half)
        assert symmetric.all() == (interval == "plain")
        if interval == "logit":
            p = t["estimate"]
            centre, width = np.log(p / (1 - p)), half / (p * (1 - p))
            np.testing.assert_allclose(t["conf_low"], 1 / (1 + np.exp(width - centre)), rtol=1e-9)


def test_an_interval_may_be_given_by_its_place_too(imputed: sv.Imputations) -> None:
    by_name = imputed.distribution("q1", None, None, interval="plain")
    pd.testing.assert_frame_equal(imputed.distribution("q1", None, None, "plain").table, by_name.table)


def test_a_net_share_may_be_negative_and_has_a_plain_interval(rows: pd.DataFrame) -> None:
    """It lies between -1 and 1, where a logit is none."""
    imputed = imputations(rows.assign(q1=6 - rows["q1"]))
    row = imputed.proportion("q1", net=2).table.iloc[0]
    assert row["estimate"] < 0
    assert row["estimate"] - row["conf_low"] == pytest.approx(row["conf_high"] - row["estimate"], rel=1e-9)
    assert row["conf_low"] < -0.1


# --- what must not change a result ------------------------------------------------------------------------------------


def same(got: sv.Estimates, expected: sv.Estimates, rtol: float = 1e-9) -> None:
    pd.testing.assert_frame_equal(got.table, expected.table, rtol=rtol)
    np.testing.assert_allclose(got.covariance, expected.covariance, rtol=1e-8, atol=1e-12)


@pytest.fixture(scope="module")
def as_they_are(_rows: pd.DataFrame) -> Callable[[str], sv.Imputations]:
    return cache(lambda design: imputations(_rows, design))


@pytest.mark.crossed
@pytest.mark.parametrize("design", ["strat_clus", "two_stage", "unequal"])
@pytest.mark.parametrize("verb", ["mean", "proportion", "ratio", "variance", "correlation", "quantile", "linear"])
@pytest.mark.sampled
def test_scale_of_weights_order_of_rows_and_order_of_imputations_do_not_matter(
    rows: pd.DataFrame, as_they_are: Callable[[str], sv.Imputations], design: str, verb: str
) -> None:
    run, before = CALLS[verb], as_they_are(design)
    expected = run(before)
    same(run(imputations(rows.assign(w=1e6 * rows["w"]), design)), expected)
    same(run(imputations(rows.sample(frac=1, random_state=3), design)), expected)
    same(run(sv.Imputations(before.samples[::-1])), expected)


def test_percent_against_share(rows: pd.DataFrame) -> None:
    share = imputations(rows).mean("q1", by="sex").table
    percent = (
        sv.Imputations(
            [
                sv.Sample(fill(rows, k).assign(q1=lambda d: 100 * d["q1"]), **DESIGNS["strat_clus"])
                for k in range(1, M + 1)
            ]
        )
        .mean("q1", by="sex")
        .table
    )
    for column in ("estimate", "std_error", "conf_low", "conf_high"):
        np.testing.assert_allclose(percent[column], 100 * share[column], rtol=1e-10)
    np.testing.assert_allclose(percent[["df", "fmi"]], share[["df", "fmi"]], rtol=1e-9)


def test_with_weights_of_one_it_is_the_textbook(rows: pd.DataFrame) -> None:
    filled = [fill(rows, k)["q1"] for k in range(1, M + 1)]
    n = len(rows)
    expected = rubin([y.mean() for y in filled], [y.std() / np.sqrt(n) for y in filled], n - 1)
    row = sv.Imputations([sv.Sample(fill(rows, k), weights=None) for k in range(1, M + 1)]).mean("q1").table.iloc[0]
    for column, value in expected.items():
        assert row[column] == pytest.approx(value, rel=1e-9), column


# --- errors -----------------------------------------------------------------------------------------------------------


def test_an_answer_that_only_some_imputations_have_is_not_lined_up_by_chance(rows: pd.DataFrame) -> None:
    a, b = fill(rows, 1), fill(rows, 2)
    b["q1"] = b["q1"].replace(5, 4)
    pair = sv.Imputations([sv.Sample(f, **DESIGNS["strat_clus"]) for f in (a, b)])
    with pytest.raises(sv.EstimationError, match="different rows") as caught:
        pair.distribution("q1")
    assert "codebook" in str(caught.value)
    assert len(pair.mean("q1")) == 1


def test_a_codebook_lines_the_answers_up(rows: pd.DataFrame) -> None:
    labels = {"type": "ordinal", "labels": {k: str(k) for k in range(1, 6)}}
    codebook = sv.Codebook.from_dict({"variables": {"q1": labels}})
    a, b = fill(rows, 1), fill(rows, 2).assign(q1=lambda d: d["q1"].replace(5, 4))
    pair = sv.Imputations([sv.Sample(sv.Responses(f, codebook), **DESIGNS["strat_clus"]) for f in (a, b)])
    assert pair.distribution("q1").table["answer"].tolist() == [1, 2, 3, 4, 5]


def test_groups_that_differ_between_imputations_are_refused(rows: pd.DataFrame) -> None:
    a, b = fill(rows, 1), fill(rows, 2).assign(ward="An Hòa")
    pair = sv.Imputations([sv.Sample(f, **DESIGNS["strat_clus"]) for f in (a, b)])
    with pytest.raises(sv.EstimationError, match="different rows"):
        pair.mean("q1", by="ward")


def test_one_imputation_is_none(rows: pd.DataFrame) -> None:
    with pytest.raises(sv.EstimationError, match="two"):
        sv.Imputations([sv.Sample(fill(rows, 1), **DESIGNS["strat_clus"])])
    with pytest.raises(sv.EstimationError, match="two"):
        pool(given([1.0], [0.1], 5))


def test_samples_of_different_people_are_refused(rows: pd.DataFrame) -> None:
    a, b = fill(rows, 1), fill(rows, 2).iloc[:-5]
    with pytest.raises(sv.EstimationError, match="differ in size"):
        sv.Imputations([sv.Sample(f, **DESIGNS["strat_clus"]) for f in (a, b)])


def test_data_frames_are_no_samples(rows: pd.DataFrame) -> None:
    with pytest.raises(sv.EstimationError, match="Completed data sets must be samples"):
        sv.Imputations([fill(rows, 1), fill(rows, 2)])  # type: ignore[list-item]


def test_different_statistics_do_not_pool(rows: pd.DataFrame) -> None:
    s = sv.Sample(fill(rows, 1), **DESIGNS["strat_clus"])
    with pytest.raises(sv.EstimationError, match="different rows"):
        pool([s.mean("q1"), s.total("q1")])
