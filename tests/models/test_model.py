"""What a model is asked: effects, predictions, tests, ratios; and what it says of data that make no model."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import survey as sv
from survey.models.pooled import PooledModel, pooled_wald
from survey.words.disclosure import published

pytestmark = pytest.mark.sampled

DESIGNS = json.loads((Path(__file__).parents[1] / "reference" / "designs.json").read_text(encoding="utf-8"))
FORMULA = "yes ~ C(age) * sex + kind"
NUMBERS = ["estimate", "std_error", "conf_low", "conf_high"]


@pytest.fixture
def sample(rows: pd.DataFrame) -> sv.Sample:
    return sv.Sample(rows, **DESIGNS["strat_clus"])


def same(one: sv.Estimates, other: sv.Estimates, rtol: float = 1e-9, **factors: float) -> None:
    for name in NUMBERS:
        factor = factors.get("factor", 1.0)
        np.testing.assert_allclose(one.table[name], factor * other.table[name], rtol=rtol, atol=1e-12)


VERBS = {
    "coefficients": lambda m: m,
    "margins": lambda m: m.margins(),
    "margins by": lambda m: m.margins("sex", by="ward"),
    "predict": lambda m: m.predict({"age": [0, 2], "sex": 1}),
}


# --- four invariances -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("kind", ["linear", "logistic"])
def test_the_scale_of_the_weights_does_not_matter(rows: pd.DataFrame, kind: str, verb: str) -> None:
    one = sv.Sample(rows, **DESIGNS["strat_clus"])
    other = sv.Sample(rows.assign(w=rows["w"] * 1000), **DESIGNS["strat_clus"])
    same(VERBS[verb](getattr(other, kind)(FORMULA)), VERBS[verb](getattr(one, kind)(FORMULA)))


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("kind", ["linear", "logistic"])
def test_the_order_of_the_rows_does_not_matter(rows: pd.DataFrame, kind: str, verb: str) -> None:
    one = sv.Sample(rows, **DESIGNS["strat_clus"])
    other = sv.Sample(rows.sample(frac=1, random_state=3), **DESIGNS["strat_clus"])
    same(VERBS[verb](getattr(other, kind)(FORMULA)), VERBS[verb](getattr(one, kind)(FORMULA)))


@pytest.mark.parametrize("verb", VERBS)
def test_percent_and_shares_are_the_same(rows: pd.DataFrame, verb: str) -> None:
    one = sv.Sample(rows, **DESIGNS["strat_clus"])
    other = sv.Sample(rows.assign(yes=rows["yes"] * 100), **DESIGNS["strat_clus"])
    same(VERBS[verb](other.linear(FORMULA)), VERBS[verb](one.linear(FORMULA)), factor=100.0)


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("kind", ["linear", "logistic"])
def test_weights_of_one_are_no_weights(rows: pd.DataFrame, kind: str, verb: str) -> None:
    one = sv.Sample(rows.assign(w=1.0), weights="w")
    other = sv.Sample(rows, weights=None)
    same(VERBS[verb](getattr(other, kind)(FORMULA)), VERBS[verb](getattr(one, kind)(FORMULA)))


# --- cells and rows ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize("raked", [False, True])
@pytest.mark.parametrize("kind", ["linear", "logistic"])
def test_cells_and_respondents_give_the_same_model(rows: pd.DataFrame, kind: str, raked: bool, design: str) -> None:
    """A natural spline of one degree is a line, and looks at all respondents one by one."""
    s = sv.Sample(rows, **DESIGNS[design])
    if raked:
        s = s.rake({"sex": {0: 0.45, 1: 0.55}})
    few, each = getattr(s, kind)("yes ~ C(age) + q2"), getattr(s, kind)("yes ~ C(age) + scale(q2)")
    n = int(few.regressions[0].rows.n.sum())
    assert len(few.regressions[0].rows) < n == len(each.regressions[0].rows)
    same(few.margins(), each.margins(), rtol=1e-7)
    same(few.predict({"q2": [1, 5]}), each.predict({"q2": [1, 5]}), rtol=1e-7)
    assert few.test("q2").table["p_value"][0] == pytest.approx(each.test("scale(q2)").table["p_value"][0], rel=1e-7)


def test_several_outcomes_are_each_their_own_model(sample: sv.Sample) -> None:
    both = sample.linear("C(age) * sex", items=["q1", "minutes", "yes"])
    for item in ("q1", "minutes", "yes"):
        alone = sample.linear(f"{item} ~ C(age) * sex")
        own = both.table[both.table["item"] == item]
        pd.testing.assert_frame_equal(own.reset_index(drop=True), alone.table)
    tests = both.test("C(age):sex").table
    assert tests["item"].tolist() == ["q1", "minutes", "yes"]
    assert len(both.margins("sex").table) == 3
    # a difference between outcomes knows that the same people gave both
    k = len(alone.table)
    gap = both.contrast([*np.eye(k)[0], *np.zeros(k), *-np.eye(k)[0]]).table.iloc[0]
    variances = both.table["std_error"].iloc[0] ** 2 + both.table["std_error"].iloc[2 * k] ** 2
    assert gap["std_error"] ** 2 == pytest.approx(variances - 2 * both.covariance[0, 2 * k], rel=1e-9)


def test_outcomes_are_named_once(sample: sv.Sample) -> None:
    with pytest.raises(sv.EstimationError, match="named twice"):
        sample.linear("q1 ~ sex", items=["q2"])
    with pytest.raises(sv.EstimationError, match="no outcome"):
        sample.linear("sex + C(age)")


# --- identities -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("raked", [False, True])
@pytest.mark.parametrize("kind", ["linear", "logistic"])
def test_a_model_of_one_factor_predicts_the_means_of_its_groups(rows: pd.DataFrame, kind: str, raked: bool) -> None:
    """Domain mean = regression: estimates and standard errors, also after calibration."""
    s = sv.Sample(rows, **DESIGNS["strat_clus"])
    if raked:
        s = s.rake({"sex": {0: 0.45, 1: 0.55}})
    model, means = getattr(s, kind)("yes ~ ward"), s.mean("yes", by="ward").table
    levels = means["ward"].tolist()
    table = model.predict({"ward": levels}).table
    np.testing.assert_allclose(table["estimate"], means["estimate"], rtol=1e-9)
    np.testing.assert_allclose(table["std_error"], means["std_error"], rtol=1e-8)
    effects = model.margins().table["estimate"]
    by_name = dict(zip(levels, means["estimate"], strict=True))
    first = next(v for v in levels if f"ward[T.{v}]" not in model.table["term"].tolist())
    expected = [by_name[t[7:-1]] - by_name[first] for t in model.margins().table["term"]]
    np.testing.assert_allclose(effects, expected, rtol=1e-8)


def test_the_average_prediction_is_the_mean(sample: sv.Sample) -> None:
    for kind in ("linear", "logistic"):
        row = getattr(sample, kind)(FORMULA).predict().table.iloc[0]
        mean = sample.mean("yes").table.iloc[0]
        assert row["estimate"] == pytest.approx(mean["estimate"], rel=1e-9)
        assert row["std_error"] == pytest.approx(mean["std_error"], rel=1e-8)


def test_the_effect_of_a_number_in_a_linear_model_is_its_coefficient(sample: sv.Sample) -> None:
    model = sample.linear("minutes ~ trips + sex")
    effect, own = model.margins("trips").table.iloc[0], model.table.iloc[1]
    assert effect["estimate"] == pytest.approx(own["estimate"], rel=1e-8)
    assert effect["std_error"] == pytest.approx(own["std_error"], rel=1e-7)


@pytest.mark.parametrize(
    "term", ["poly(trips, 2)", "log(trips + 1)", "bs(trips, df=4)", "ns(trips, df=2)", "I(trips**2)"]
)
def test_slopes_follow_whatever_function_a_number_stands_in(rows: pd.DataFrame, term: str) -> None:
    """The average slope is how the average prediction moves when everybody's number moves: a plain quotient."""
    s = sv.Sample(rows, **DESIGNS["strat_clus"])
    model = s.linear(f"minutes ~ {term} + sex")
    one, h = model.regressions[0], 1e-5
    from survey.models.what_if import matrix_at

    x = one.rows.columns["trips"].to_numpy(float)
    ends = [one.rows.weights @ (matrix_at(one.rows, {"trips": x + k * h}) @ one.fit.beta) for k in (1, -1)]
    slope = (ends[0] - ends[1]) / (2 * h) / one.rows.weights.sum()
    assert model.margins("trips").table["estimate"].iloc[0] == pytest.approx(slope, rel=1e-5)


def test_an_odds_ratio_is_the_exponential(sample: sv.Sample) -> None:
    model = sample.logistic(FORMULA)
    table, own = model.odds_ratios().table, model.table.iloc[1:].reset_index(drop=True)
    assert "Intercept" not in table["term"].tolist()
    for name in ("estimate", "conf_low", "conf_high"):
        np.testing.assert_allclose(table[name], np.exp(own[name]), rtol=1e-12)
    np.testing.assert_allclose(table["p_value"], own["p_value"], rtol=1e-12)
    with pytest.raises(sv.EstimationError, match="log odds"):
        sample.linear(FORMULA).odds_ratios()


def test_a_test_of_one_coefficient_is_its_t_test(sample: sv.Sample) -> None:
    model = sample.linear("minutes ~ trips + sex")
    row, own = model.test("trips").table.iloc[0], model.table.iloc[1]
    assert row["statistic"] == pytest.approx(own["statistic"] ** 2, rel=1e-12)
    assert row["p_value"] == pytest.approx(own["p_value"], rel=1e-10)


def test_a_star_tests_a_term_with_its_interaction(sample: sv.Sample) -> None:
    model = sample.linear("minutes ~ C(age) * sex + kind")
    assert model.test("age * sex").table["df_num"][0] == 5
    assert model.test().table["term"].tolist() == ["C(age)", "sex", "kind", "C(age):sex"]


@pytest.mark.parametrize("asked", ["ages", "C(sexe)", "trips:sex", "1"])
def test_a_term_that_is_not_there(sample: sv.Sample, asked: str) -> None:
    with pytest.raises(sv.EstimationError, match="no such term"):
        sample.linear("minutes ~ C(age) * sex").test(asked)


def test_predictions_are_compared_like_other_groups(sample: sv.Sample) -> None:
    e = sample.logistic(FORMULA).predict({"sex": [0, 1]})
    gap = e.contrast([-1, 1]).table.iloc[0]
    effect = sample.logistic(FORMULA).margins("sex").table.iloc[0]
    assert gap["estimate"] == pytest.approx(effect["estimate"], rel=1e-9)
    assert gap["std_error"] == pytest.approx(effect["std_error"], rel=1e-9)
    assert gap["df"] == effect["df"]


@pytest.mark.parametrize("value", [7, "x", None, float("nan")])
def test_a_value_that_a_variable_cannot_have(sample: sv.Sample, value: Any) -> None:
    with pytest.raises(sv.EstimationError, match="category is not among"):
        sample.logistic(FORMULA).predict({"age": value})
    with pytest.raises(sv.EstimationError, match="no such variable"):
        sample.logistic(FORMULA).predict({"ages": 1})
    with pytest.raises(sv.EstimationError, match="no such variable"):
        sample.logistic(FORMULA).margins("C(age)")


# --- what is passed on ------------------------------------------------------------------------------------------------


def test_what_is_published_holds_nobody(rows: pd.DataFrame) -> None:
    model = sv.Sample(rows, **DESIGNS["strat_clus"]).logistic(FORMULA)
    shown = published(model)
    assert shown.regressions == ()
    with pytest.raises(sv.EstimationError, match="is not known"):
        shown.margins()
    assert isinstance(shown._covariance, np.ndarray)  # and no function that keeps the sample


def test_what_is_made_of_a_model_is_a_model_no_longer(sample: sv.Sample) -> None:
    made = sample.linear("minutes ~ trips + sex").contrast([0, 1, -1])
    assert type(made) is sv.Estimates


@pytest.mark.parametrize("kind", ["linear", "logistic"])
def test_models_are_shown_in_both_languages(sample: sv.Sample, kind: str) -> None:
    model = getattr(sample, kind)(FORMULA)
    results = [model, model.margins(), model.predict({"age": [0, 1], "sex": [0, 1]}), model.test()]
    if kind == "logistic":
        results.append(model.odds_ratios())
    for e in results:
        for lang in ("vi", "en"):
            assert e.to_text(lang) and sv.tables.table(e, lang=lang).html()
            if isinstance(e, sv.Estimates):
                draw = sv.figures.forest if "term" in e.table else sv.figures.intervals
                assert draw(e, lang=lang).alt
        if isinstance(e, sv.Estimates):
            said = sv.narrative.describe(e, row=0)
            assert said.vi and said.en


def test_percentage_points_of_an_effect(sample: sv.Sample) -> None:
    said = sv.narrative.describe(sample.logistic("yes ~ sex").margins(), row=0)
    assert "percentage points" in said.en and "điểm phần trăm" in said.vi


# --- imputations ------------------------------------------------------------------------------------------------------


def test_effects_of_imputations_are_pooled_by_rubin(rows: pd.DataFrame) -> None:
    """Variance within plus (1 + 1/m) between, by hand."""
    each = [sv.Sample(rows.assign(yes=rows["yes"].fillna(float(k % 2))), **DESIGNS["strat_clus"]) for k in range(3)]
    pooled = sv.Imputations(each).logistic("yes ~ C(age) + sex")
    assert isinstance(pooled, PooledModel)
    effects = [s.logistic("yes ~ C(age) + sex").margins().table for s in each]
    estimates = np.stack([t["estimate"] for t in effects])
    within = np.mean([t["std_error"] ** 2 for t in effects], axis=0)
    expected = np.sqrt(within + 4 / 3 * estimates.var(axis=0, ddof=1))
    np.testing.assert_allclose(pooled.margins().table["estimate"], estimates.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(pooled.margins().table["std_error"], expected, rtol=1e-10)
    row, own = pooled.test("sex").table.iloc[0], pooled.table.iloc[3]
    assert row["statistic"] == pytest.approx(own["statistic"] ** 2, rel=1e-10)  # of one coefficient it is t squared
    assert 0 < row["df"] <= each[0].logistic("yes ~ C(age) + sex").table["df"][0]
    assert pooled.predict({"sex": [0, 1]}).table["conf_low"].between(0, 1).all()
    assert (pooled.odds_ratios().table["estimate"] > 0).all()


IMPUTED = json.loads((Path(__file__).parents[1] / "reference" / "imputed.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", IMPUTED["results"], ids=lambda case: case["id"])
def test_three_coefficients_of_imputations_are_tested_as_by_mitml(case: dict[str, Any]) -> None:
    """Its D1 (Li, Raghunathan & Rubin 1991; Reiter 2007), of two imputations and of five: reference/imputed.R."""
    values, within = np.array(IMPUTED["q"])[: case["m"]], np.array(IMPUTED["u"])[: case["m"]].mean(axis=0)
    found = pooled_wald(values, within, np.inf if case["df"] < 0 else case["df"])
    np.testing.assert_allclose(found, [case["statistic"], case["ddf"]], rtol=1e-10)


def test_a_test_of_several_coefficients_takes_them_from_every_imputation(rows: pd.DataFrame) -> None:
    """Sex and two categories of age: Rubin's mean and covariances by hand."""
    each = [sv.Sample(rows.assign(yes=rows["yes"].fillna(float(k % 2))), **DESIGNS["strat_clus"]) for k in range(3)]
    models = [s.logistic("yes ~ sex + C(age)") for s in each]
    row = sv.Imputations(each).logistic("yes ~ sex + C(age)").test("sex + C(age)").table.iloc[0]
    at = [1, 2, 3]
    q = np.stack([m.table["estimate"].to_numpy()[at] for m in models])
    u = np.mean([m.covariance[np.ix_(at, at)] for m in models], axis=0)
    r = 4 / 3 * np.trace(np.cov(q.T) @ np.linalg.inv(u)) / len(at)
    statistic = q.mean(axis=0) @ np.linalg.inv(u) @ q.mean(axis=0) / len(at) / (1 + r)
    assert row["df_num"] == 3 and row["statistic"] == pytest.approx(statistic, rel=1e-9)
    assert row["df"] == pytest.approx(pooled_wald(q, u, models[0].table["df"][0])[1], rel=1e-9)


# --- no model ---------------------------------------------------------------------------------------------------------


def test_separation_names_the_term(rows: pd.DataFrame) -> None:
    s = sv.Sample(rows.assign(yes=np.where(rows["age"] == 2, 1.0, rows["yes"])), **DESIGNS["strat_clus"])
    with pytest.raises(sv.EstimationError, match="separates") as caught:
        s.logistic("yes ~ C(age) + sex")
    assert "C(age)[T.2]" in str(caught.value.got) and "all" in str(caught.value.got)


def test_complete_separation_by_a_number(rows: pd.DataFrame) -> None:
    s = sv.Sample(rows.assign(late=(rows["minutes"] > rows["minutes"].median()) * 1.0), **DESIGNS["strat_clus"])
    with pytest.raises(sv.EstimationError, match="separates") as caught:
        s.logistic("late ~ minutes + sex", where="minutes > 0")
    assert "minutes" in str(caught.value.got)


def test_numbers_kept_as_text_are_categories_and_a_note_says_so(rows: pd.DataFrame) -> None:
    text = sv.Sample(rows.assign(old=rows["age"].astype(str)), **DESIGNS["strat_clus"])
    assert any("old: numbers kept as text" in note for note in text.linear("minutes ~ old + sex").notes)
    assert not any("kept as text" in note for note in text.linear("minutes ~ age + kind").notes)
    with pytest.raises(sv.EstimationError, match="to_number"):
        sv.Sample(rows.assign(yes=rows["yes"].astype(str)), **DESIGNS["strat_clus"]).logistic("yes ~ sex")


@pytest.mark.parametrize("x", [lambda v: f"{v},5", lambda v: "không rõ" if v == 20 else str(v), lambda v: f" {v}.25 "])
def test_numbers_kept_as_text_are_told_with_a_comma_and_beside_a_word(x: Callable[[int], str]) -> None:
    """Twenty numbers become as many categories; one word or decimal commas among them silenced the note."""
    numbers = np.tile(np.arange(20, 40), 6)
    data = pd.DataFrame({"y": np.arange(120) % 7, "x": [x(v) for v in numbers], "w": 1.0})
    model = sv.Sample(data, weights="w").linear("y ~ x")
    assert any("x: numbers kept as text" in note for note in model.notes) and len(model.table) == 20
    ages = pd.cut(numbers, [0, 25, 30, 35, 40], labels=["20-25", "26-30", "31-35", "36"]).astype(str)
    assert not any("kept as text" in n for n in sv.Sample(data.assign(x=ages), weights="w").linear("y ~ x").notes)


@pytest.mark.parametrize("outcome", ["q1", "minutes"])
def test_a_logistic_outcome_is_0_or_1(sample: sv.Sample, outcome: str) -> None:
    with pytest.raises(sv.EstimationError, match="must be 0 or 1"):
        sample.logistic(f"{outcome} ~ sex")


def test_an_outcome_that_does_not_vary(sample: sv.Sample) -> None:
    with pytest.raises(sv.EstimationError, match="does not vary"):
        sample.logistic("yes ~ sex", where="yes == 1")


def test_a_factor_of_one_level_is_said(sample: sv.Sample) -> None:
    model = sample.logistic("yes ~ C(age) + sex", where="age == 1")
    assert any("one category" in note for note in model.notes)
    assert model.table["term"].tolist() == ["Intercept", "sex"]
    assert model.margins().table["term"].tolist() == ["sex"]


def test_one_cluster_has_no_errors(rows: pd.DataFrame) -> None:
    s = sv.Sample(rows.assign(one=1), weights="w", psu="one", lonely="remove")
    model = s.linear("minutes ~ sex")
    assert model.table[["conf_low", "p_value"]].isna().all(axis=None)
    assert any("degrees of freedom" in note for note in model.notes)
    assert np.isnan(model.test("sex").table["p_value"][0])


def test_three_respondents(sample: sv.Sample) -> None:
    few = np.isin(np.arange(len(sample)), [3, 60, 120])
    with pytest.raises(sv.SurveyError):
        sample.logistic("yes ~ C(age) * sex + trips", where=few)
    model = sample.linear("trips ~ 1", where=few)
    assert len(model.table) == 1


def test_nobody_has_answered(rows: pd.DataFrame) -> None:
    s = sv.Sample(rows.assign(q9=np.nan), **DESIGNS["strat_clus"])
    for kind in ("linear", "logistic"):
        with pytest.raises(sv.EstimationError, match="No respondent"):
            getattr(s, kind)("yes ~ q9")
        with pytest.raises(sv.EstimationError, match="No respondent"):
            getattr(s, kind)("q9 ~ sex")


def test_forty_predictors_on_two_hundred_rows() -> None:
    """20 clusters: coefficients, and a note that nothing can be said of their errors."""
    rng = np.random.default_rng(5)
    frame = pd.DataFrame({f"x{j}": rng.normal(size=200) for j in range(40)})
    frame = frame.assign(y=rng.normal(size=200), psu=np.arange(200) // 10, w=1.0)
    model = sv.Sample(frame, weights="w", psu="psu").linear("y ~ " + " + ".join(f"x{j}" for j in range(40)))
    assert model.table["estimate"].notna().all() and model.table["p_value"].isna().all()
    assert any("degrees of freedom" in note for note in model.notes)
    assert np.isnan(model.test("x1 + x2").table["statistic"][0])


def test_what_to_do_with_aliased_terms_is_one_of_two(sample: sv.Sample) -> None:
    with pytest.raises(sv.EstimationError, match="aliased"):
        sample.linear("minutes ~ sex", aliased="keep")


def test_an_interaction_of_numbers_0_and_1_without_one_cell(sample: sv.Sample) -> None:
    model = sample.linear("minutes ~ sex * group", where="not (sex == 1 and group == 1)")
    assert model.table["term"].tolist() == ["Intercept", "sex", "group"]
    assert any("sex:group" in note for note in model.notes)


@pytest.mark.parametrize("design", ["strat_clus", "two_stage", "element"])
@pytest.mark.parametrize("how", [{"by": "sex"}, {"model": "C(sex) + trips"}])
def test_errors_know_of_nonresponse(rows: pd.DataFrame, design: str, how: dict[str, Any]) -> None:
    """A model of one factor is the means of its groups, whose errors know of the nonrespondents."""
    gone = np.arange(len(rows)) % 5 == 0
    s = sv.Sample(rows[~gone], **DESIGNS[design] | {"lonely": "adjust"})
    s = s.adjust_nonresponse(**how, nonrespondents=rows[gone].assign(disposition="2.1"))
    means = s.mean(["yes", "minutes"], by="ward").table
    model = s.linear("ward", items=["yes", "minutes"])
    table = model.predict({"ward": means["ward"].unique().tolist()}).table
    np.testing.assert_allclose(table["estimate"], means["estimate"], rtol=1e-9)
    np.testing.assert_allclose(table["std_error"], means["std_error"], rtol=1e-8)


def test_replicates_of_large_models_are_taken_one_by_one(sample: sv.Sample, monkeypatch: pytest.MonkeyPatch) -> None:
    s = sample.replicates("JKn")
    together = s.logistic(FORMULA).margins()
    monkeypatch.setattr("survey.models.variance._TOGETHER", 0)
    same(s.logistic(FORMULA).margins(), together, rtol=1e-10)
