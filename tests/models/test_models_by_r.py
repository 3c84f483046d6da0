"""Regressions against R's `survey` 4.1-1 under six designs, raked and jackknifed: reference/models.R has the calls.

Closed forms agree to 1e-8. Logistic models iterate, in R to a deviance that changes by less than 1e-14: 1e-6, and 1e-7
for effects, whose influence values R has here as numerical derivatives by each weight.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import survey as sv
from survey.models.averages import averages, groups_of
from survey.models.variance import linearised_covariance
from survey.models.what_if import predicted_at

pytestmark = pytest.mark.sampled

REFERENCE = Path(__file__).parents[1] / "reference"
DESIGNS = json.loads((REFERENCE / "designs.json").read_text(encoding="utf-8"))
R = {r["id"]: r for r in json.loads((REFERENCE / "models.json").read_text(encoding="utf-8"))["results"]}
LOGISTIC = "yes ~ q2 + sex + C(age) + group * wave"
LINEAR = "minutes ~ C(age) * kind + log(trips + 1) + I(q2**2)"
CASES = (*DESIGNS, "raked", "raked_element")


def sample_of(rows: pd.DataFrame, case: str) -> sv.Sample:
    if case in DESIGNS:
        return sv.Sample(rows, **DESIGNS[case])
    targets = {"sex": dict(enumerate(R["targets"]["sex"])), "age": dict(enumerate(R["targets"]["age"]))}
    design = DESIGNS["element" if case == "raked_element" else "strat_clus"]
    return sv.Sample(rows, **design).calibrate(targets, method="raking", tolerance=1e-12)


def close(got: Any, expected: Any, rtol: float, atol: float = 0.0) -> None:
    np.testing.assert_allclose(np.asarray(got, float).ravel(), np.atleast_1d(expected), rtol=rtol, atol=atol)


def same(e: sv.Estimates, key: str, rtol: float, order: list[int] | None = None) -> None:
    expected = R[key]
    at = range(len(e.table)) if order is None else order
    close(e.table["estimate"].iloc[list(at)], expected["estimate"], rtol, 1e-12)
    close(e.table["std_error"].iloc[list(at)], expected["se"], rtol)


def same_test(model: sv.Estimates, key: str, terms: str, rtol: float) -> None:
    row, expected = model.test(terms).table.iloc[0], R[key]
    close(
        row[["statistic", "df_num", "df", "p_value"]].to_list(),
        [expected[k] for k in ("statistic", "df", "ddf", "p")],
        rtol,
    )


@pytest.mark.parametrize("case", CASES)
def test_logistic_models_are_those_of_r(rows: pd.DataFrame, case: str) -> None:
    model = sample_of(rows, case).logistic(LOGISTIC)
    expected = R[f"{case}/logistic"]
    same(model, f"{case}/logistic", 1e-6)
    close(model.table["p_value"], expected["p"], 1e-6)
    close(model.covariance, expected["vcov"], 1e-6, 1e-9)
    assert (model.table["df"] == expected["df"]).all()
    same_test(model, f"{case}/logistic/test/age", "C(age)", 1e-6)
    same_test(model, f"{case}/logistic/test/sex_age", "sex + C(age)", 1e-6)
    same_test(model, f"{case}/logistic/test/interaction", "group:wave", 1e-6)


@pytest.mark.parametrize("case", CASES)
def test_linear_models_are_those_of_r(rows: pd.DataFrame, case: str) -> None:
    model = sample_of(rows, case).linear(LINEAR)
    # R puts main effects first and interactions last, as we do
    same(model, f"{case}/linear", 1e-8)
    close(model.covariance, R[f"{case}/linear"]["vcov"], 1e-8, 1e-12)
    same_test(model, f"{case}/linear/test/age_kind", "C(age):kind", 1e-8)
    same_test(model, f"{case}/linear/test/kind", "kind", 1e-8)


@pytest.mark.parametrize("case", CASES)
def test_average_marginal_effects_are_the_derivatives_by_the_weights(rows: pd.DataFrame, case: str) -> None:
    s = sample_of(rows, case)
    model = s.logistic(LOGISTIC)
    everyone = model.margins(["sex", "age", "q2"]).table
    in_wave = model.margins("group", where="wave == 1").table
    got = pd.concat([everyone, in_wave])
    close(got["estimate"], R[f"{case}/ame_logistic"]["estimate"], 1e-7)
    close(got["std_error"], R[f"{case}/ame_logistic"]["se"], 1e-6)
    same(s.linear(LINEAR).margins(["age", "kind", "trips", "q2"]), f"{case}/ame_linear", 1e-7)


@pytest.mark.parametrize("case", CASES)
def test_predicted_margins_are_the_derivatives_by_the_weights(rows: pd.DataFrame, case: str) -> None:
    model = sample_of(rows, case).logistic(LOGISTIC)
    got = [model.predict(), model.predict({"sex": 1, "age": 2}), model.predict({"group": 1}, by="wave")]
    table = pd.concat([e.table for e in got])
    close(table["estimate"], R[f"{case}/margins_logistic"]["estimate"], 1e-7)
    close(table["std_error"], R[f"{case}/margins_logistic"]["se"], 1e-6)


@pytest.mark.parametrize("case", CASES)
def test_a_prediction_for_one_kind_of_person_is_that_of_r(rows: pd.DataFrame, case: str) -> None:
    model = sample_of(rows, case).logistic(LOGISTIC)
    points = [
        {"q2": 1, "sex": 0, "age": 0, "group": 1, "wave": 0},
        {"q2": 4, "sex": 1, "age": 2, "group": 0, "wave": 1},
    ]
    table = pd.concat([model.predict(at).table for at in points])
    close(table["estimate"], R[f"{case}/predict"]["estimate"], 1e-7)
    close(table["std_error"], R[f"{case}/predict"]["se"], 1e-6)


def test_a_domain_keeps_clusters_without_members(rows: pd.DataFrame) -> None:
    model = sample_of(rows, "strat_clus").logistic("yes ~ sex + wave", where="kind == 'business'")
    same(model, "business", 1e-6)
    assert (model.table["df"] == R["business"]["df"]).all()


def test_a_model_without_an_intercept(rows: pd.DataFrame) -> None:
    same(sample_of(rows, "strat_clus").linear("minutes ~ 0 + C(age) + sex"), "through_zero", 1e-8)


# --- replicates -------------------------------------------------------------------------------------------------------


def test_replicates_refit_the_model(rows: pd.DataFrame) -> None:
    s = sample_of(rows, "strat_clus").replicates("JKn")
    model = s.logistic(LOGISTIC)
    same(model, "jackknife/logistic", 1e-6)
    assert (model.table["df"] == R["jackknife/logistic"]["df"]).all()
    same_test(model, "jackknife/logistic/test/age", "age", 1e-6)
    same(s.linear(LINEAR), "jackknife/linear", 1e-8)
    got = pd.concat([model.margins(["sex", "age", "q2"]).table, model.margins("group", where="wave == 1").table])
    close(got["std_error"], R["jackknife/ame_logistic"]["se"], 1e-6)
    around_mean = sample_of(rows, "strat_clus").replicates("JKn", mse=False)
    same(around_mean.linear(LINEAR), "jackknife_mean/linear", 1e-8)


def test_replicates_are_raked_again_before_the_model_is_fitted(rows: pd.DataFrame) -> None:
    targets = {"sex": dict(enumerate(R["targets"]["sex"])), "age": dict(enumerate(R["targets"]["age"]))}
    s = sample_of(rows, "strat_clus").replicates("JKn").calibrate(targets, method="raking", tolerance=1e-13)
    same(s.logistic(LOGISTIC), "jackknife_raked/logistic", 1e-6)


def test_the_weights_of_a_data_producer_will_do(rows: pd.DataFrame) -> None:
    """Columns of replicate weights and nothing else known of the design: the same jackknife from outside."""
    made = sample_of(rows, "strat_clus").replicates("JKn")
    columns = {f"rw{r}": made.readjusted.replicate(r) for r in range(made.readjusted.count)}
    spec = made.design.replicates
    factors = np.ones(len(columns)) if spec.rscales is None else np.asarray(spec.rscales)
    given = sv.Replicates(columns=tuple(columns), method="JKn", scale=spec.factor, rscales=tuple(factors), mse=True)
    s = sv.Sample(rows.assign(**columns), weights="w", replicates=given)
    same(s.linear(LINEAR), "jackknife/linear", 1e-8)
    with pytest.raises(sv.DesignError, match="need strata and clusters"):
        s.linear(LINEAR, variance="taylor")


def test_linearisation_on_request(rows: pd.DataFrame) -> None:
    s = sample_of(rows, "strat_clus").replicates("JKn")
    same(s.linear(LINEAR, variance="taylor"), "strat_clus/linear", 1e-8)


# --- aliased terms ----------------------------------------------------------------------------------------------------


def test_an_empty_cell_costs_one_coefficient(rows: pd.DataFrame) -> None:
    s, expected = sample_of(rows, "strat_clus"), R["empty_cell"]
    model = s.linear("minutes ~ C(age) * kind", where="not (age == 2 and kind == 'business')")
    same(model, "empty_cell", 1e-8)
    assert (model.table["df"] == expected["df"]).all()
    assert len(model.table) == 5  # of 6: the cell that nobody is in has none
    assert any("C(age)[T.2]:kind[T.resident]" in note for note in model.notes)


def test_terms_that_others_say_are_dropped_as_r_drops_them(rows: pd.DataFrame) -> None:
    s = sample_of(rows, "strat_clus")
    with pytest.raises(sv.EstimationError, match="collinear"):
        s.linear("minutes ~ sex + I(sex / 2) + wave")
    model = s.linear("minutes ~ sex + I(sex / 2) + wave", aliased="drop")
    same(model, "aliased", 1e-8)
    assert model.table["term"].tolist() == ["Intercept", "sex", "wave"]
    assert (model.table["df"] == R["aliased"]["df"]).all()
    assert any("I(sex / 2)" in note for note in model.notes)


# --- predictive margins in R ------------------------------------------------------------------------------------------


def test_the_two_parts_of_rs_predictive_margins(rows: pd.DataFrame) -> None:
    """R adds what is not known of the coefficients and who was drawn; ours has what these have in common besides."""
    s = sample_of(rows, "strat_clus")
    model, expected = s.logistic("yes ~ q2 + sex + C(age)"), R["predmeans"]
    assert expected["names"] == ["0", "1", "2"]
    close(model.predict({"age": [0, 1, 2]}).table["estimate"], expected["estimate"], 1e-7)
    one = model.regressions[0]
    effects = [predicted_at(one, {"age": age}) for age in (0, 1, 2)]
    fine, both = averages(one, effects, groups_of(s, None, None)).part
    d = np.hstack([e.values(one, one.fit.beta) for e in effects])
    people = (d - np.average(d, axis=0, weights=fine.weights)) / fine.weights.sum()
    close(np.diag(linearised_covariance(s, [(fine, people)])), expected["people"], 1e-6)
    close(np.diag(linearised_covariance(s, [(fine, both - people)])), expected["coefficients"], 1e-6)


def test_predictions_at_every_combination_are_those_of_emmeans(rows: pd.DataFrame) -> None:
    expected = R["emmeans"]
    model = sample_of(rows, "strat_clus").logistic("yes ~ q2 + sex * C(age)")
    table = model.predict({"age": [0, 1, 2], "sex": [0, 1], "q2": 3}).table
    assert table["sex"].tolist() == expected["sex"]
    assert table["age"].tolist() == expected["age"]
    close(table["estimate"], expected["estimate"], 1e-6)
    close(table["std_error"], expected["se"], 1e-6)
