"""Response propensity: R's logistic fit, quantile classes, and a named term where there is no estimate."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import survey as sv
from survey.calibration.propensity import fit, model_matrix, propensity_classes, variables_of
from survey.errors import ConvergenceError, EstimationError

REFERENCE = Path(__file__).parents[1] / "reference"
DESIGNS = json.loads((REFERENCE / "designs.json").read_text(encoding="utf-8"))
R = {r["id"]: r for r in json.loads((REFERENCE / "weighting.json").read_text(encoding="utf-8"))["results"]}
MODEL = "sex + C(age) + ward"


@pytest.fixture
def answered(rows: pd.DataFrame) -> np.ndarray:
    return ((rows["rid"] * 7) % 5 != 0).to_numpy()


def close(got: Any, expected: Any, rtol: float = 1e-10) -> None:
    np.testing.assert_allclose(np.asarray(got, float), np.asarray(expected, float), rtol=rtol)


# --- the fit ----------------------------------------------------------------------------------------------------------


def test_fitted_values_are_those_of_r(rows: pd.DataFrame, answered: np.ndarray) -> None:
    close(fit(MODEL, rows, answered, rows["w"].to_numpy()), R["propensity/glm"]["fitted"])
    close(fit("sex * C(age)", rows, answered, rows["w"].to_numpy()), R["propensity/saturated"]["fitted"])


def test_coefficients_behind_them_are_those_of_svyglm(rows: pd.DataFrame, answered: np.ndarray) -> None:
    p = fit(MODEL, rows, answered, rows["w"].to_numpy())
    beta = np.linalg.lstsq(model_matrix(MODEL, rows), np.log(p / (1 - p)), rcond=None)[0]
    # Intercept, C(age)[1], C(age)[2], ward, ward, sex here; sex comes second in R
    expected = R["propensity/svyglm/two_stage"]["estimate"]
    assert sorted(beta) == pytest.approx(sorted(expected), rel=1e-9)


def test_a_saturated_model_gives_the_weighted_response_rates(rows: pd.DataFrame, answered: np.ndarray) -> None:
    w = rows["w"].to_numpy()
    rates = (rows.assign(a=w * answered).groupby("ward")["a"].sum() / rows.groupby("ward")["w"].sum())[rows["ward"]]
    close(fit("ward", rows, answered, w), rates)


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e9])
def test_the_scale_of_weights_and_the_units_of_variables_do_not_matter(
    rows: pd.DataFrame, answered: np.ndarray, scale: float
) -> None:
    w = rows["w"].to_numpy()
    one = fit("trips + C(sex)", rows, answered, w)
    other = rows.assign(trips=rows["trips"] * scale)
    close(fit("trips + C(sex)", other, answered, w * scale), one)


def test_the_order_of_rows_does_not_matter(rows: pd.DataFrame, answered: np.ndarray) -> None:
    order = np.random.default_rng(1).permutation(len(rows))
    w = rows["w"].to_numpy()
    close(fit(MODEL, rows.iloc[order], answered[order], w[order]), fit(MODEL, rows, answered, w)[order])


def test_all_ones_are_an_unweighted_fit(rows: pd.DataFrame, answered: np.ndarray) -> None:
    p = fit(MODEL, rows, answered, np.ones(len(rows)))
    x = model_matrix(MODEL, rows)
    assert np.abs(x.T @ (answered - p)).max() < 1e-9  # the score of a logistic regression


def test_rare_response_is_no_separation() -> None:
    """One in two thousand answers: far from 0.5, and still a maximum at the rate itself."""
    frame = pd.DataFrame({"g": np.repeat(["a", "b"], 4000)})
    answered = np.zeros(8000, bool)
    answered[[5, 4005, 4006, 4007]] = True
    close(fit("g", frame, answered, np.ones(8000)), np.repeat([1 / 4000, 3 / 4000], 4000), 1e-8)


# --- what cannot be fitted --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("all_answer", [True, False])
def test_a_category_that_all_answered_or_nobody_is_named(
    rows: pd.DataFrame, answered: np.ndarray, all_answer: bool
) -> None:
    inside = (rows["ward"] == "Đông Sơn").to_numpy()
    answered = np.where(inside, all_answer, answered)
    with pytest.raises(
        EstimationError, match="a term separates a group in which everyone, or no one, responded"
    ) as caught:
        fit("C(sex) + ward", rows, answered, rows["w"].to_numpy())
    assert "ward[T.Đông Sơn]" in str(caught.value.got) and "sex" not in str(caught.value.got)
    told = "answered" if all_answer else "did not answer"
    assert f"all {inside.sum()} {told}" in str(caught.value.got)


def test_a_first_category_that_all_answered_is_found_though_it_has_no_column(
    rows: pd.DataFrame, answered: np.ndarray
) -> None:
    answered = answered | (rows["ward"] == "An Hòa").to_numpy()
    with pytest.raises(
        EstimationError, match="a term separates a group in which everyone, or no one, responded"
    ) as caught:
        fit("ward", rows, answered, rows["w"].to_numpy())
    assert f"all {(rows['ward'] == 'An Hòa').sum()} answered" in str(caught.value.got)


def test_a_number_that_tells_who_answered(rows: pd.DataFrame) -> None:
    with pytest.raises(
        EstimationError, match="a term separates a group in which everyone, or no one, responded"
    ) as caught:
        fit("trips", rows, (rows["trips"] > 3).to_numpy(), rows["w"].to_numpy())
    assert "trips" in str(caught.value.got) and " and all " in str(caught.value.got)


def test_collinear_terms_are_named(rows: pd.DataFrame, answered: np.ndarray) -> None:
    with pytest.raises(EstimationError, match="collinear") as caught:
        fit("ward + double", rows.assign(double=2.0 * (rows["ward"] == "An Hòa")), answered, rows["w"].to_numpy())
    assert caught.value.got == "double"
    with pytest.raises(EstimationError, match="more coefficients"):
        fit("sex + age + trips + group", rows.iloc[:4], answered[:4], np.ones(4))


@pytest.mark.parametrize(
    ("formula", "message"),
    [
        ("answered ~ sex", "The response model must not name an outcome"),
        ("sex +", "cannot be read"),
        ("1", "The formula contains no variables"),
        ("", "The formula contains no variables"),
        (3, "The response model must be a formula"),
    ],
)
def test_formulas_that_are_none(formula: Any, message: str) -> None:
    with pytest.raises(EstimationError, match=message) as caught:
        variables_of(formula)
    assert "\x1b" not in str(caught.value) and str(caught.value).count("\n") <= 4


def test_variables_inside_transforms_are_found() -> None:
    formula = "bs(trips, df=4) + `a b` + C(ward, contr.sum):np.log(x + 1) + poly(y, 2) + I(z / 2)"
    assert variables_of(formula) == ("a b", "trips", "ward", "x", "y", "z")


def test_terms_that_cannot_be_computed(rows: pd.DataFrame) -> None:
    for formula, message in (("nobody + sex", "do not exist"), ("log(sex - 1)", "infinite or undefined")):
        with pytest.raises(EstimationError, match=message):
            model_matrix(formula, rows)
    with pytest.raises(EstimationError, match="A variable of the model is neither numeric nor text"):
        model_matrix("day", pd.DataFrame({"day": pd.to_datetime(["2024-06-01", "2024-06-02"])}))


# --- the matrix -------------------------------------------------------------------------------------------------------


def test_a_row_that_lacks_a_variable_is_zero_and_shapes_nothing(rows: pd.DataFrame) -> None:
    extra = pd.DataFrame({"sex": [0], "age": [np.nan], "ward": ["Xa lạ"]})
    both = model_matrix(MODEL, pd.concat([rows[["sex", "age", "ward"]], extra]))
    np.testing.assert_array_equal(both[:-1], model_matrix(MODEL, rows))
    assert not both[-1].any()


def test_kinds_of_columns_and_forms_of_text_make_one_matrix(rows: pd.DataFrame) -> None:
    forms = ["NFD" if i % 2 else "NFC" for i in range(len(rows))]
    other = rows.assign(
        ward=[unicodedata.normalize(f, w) for f, w in zip(forms, rows["ward"], strict=True)],
        age=pd.Categorical(rows["age"], categories=[2, 1, 0]),
        sex=rows["sex"].astype("Int64"),
    )
    np.testing.assert_array_equal(model_matrix(MODEL, other), model_matrix(MODEL, rows))


# --- quantile classes -------------------------------------------------------------------------------------------------


def by_hand(p: np.ndarray, w: np.ndarray, k: int) -> np.ndarray:
    """Class of a value: 1 + the number of quantiles q_j, the least value v with F(v) >= j / k, that lie below it."""
    values = np.unique(p)
    share = np.array([w[p <= v].sum() for v in values]) / w.sum()
    cuts = [values[np.flatnonzero(share >= j / k - 1e-9)[0]] for j in range(1, k)]
    return 1 + np.array([sum(v > c for c in cuts) for v in p])


@pytest.mark.parametrize("classes", [1, 2, 5, 12])
def test_classes_lie_between_weighted_quantiles(rows: pd.DataFrame, answered: np.ndarray, classes: int) -> None:
    w = rows["w"].to_numpy()
    rng = np.random.default_rng(3)
    for p in (fit(MODEL, rows, answered, w), rng.random(len(rows)), np.full(len(rows), 0.4)):
        got = propensity_classes(p, w, np.zeros(len(rows), np.int64), classes)
        np.testing.assert_array_equal(got, by_hand(np.round(p, 12), w, classes))
        order = rng.permutation(len(rows))
        again = propensity_classes(p[order], 7 * w[order], np.zeros(len(rows), np.int64), classes)
        np.testing.assert_array_equal(again, got[order])


def test_classes_within_groups_are_those_of_each_group_by_itself(rows: pd.DataFrame) -> None:
    w, group = rows["w"].to_numpy(), rows["age"].to_numpy()
    p = np.random.default_rng(4).random(len(rows)).round(1)
    got = propensity_classes(p, w, group, 4)
    for g in range(3):
        np.testing.assert_array_equal(got[group == g], by_hand(p[group == g], w[group == g], 4))


def test_equal_weights_make_equal_classes() -> None:
    p = np.random.default_rng(5).random(100)
    assert np.bincount(propensity_classes(p, np.ones(100), np.zeros(100, np.int64), 5))[1:].tolist() == [20] * 5


# --- replicates -------------------------------------------------------------------------------------------------------

VERBS = {
    "mean": lambda s: s.mean("q1"),
    "total": lambda s: s.total("trips"),
    "total_yes": lambda s: s.total("yes"),
    "ratio": lambda s: s.ratio("minutes", "trips"),
}


@pytest.mark.parametrize(("design", "method"), [("strat_clus", "JKn"), ("clus_only", "JK1")])
@pytest.mark.parametrize("first", ["adjusted", "replicates"])
@pytest.mark.sampled
def test_the_model_is_fitted_anew_in_every_replicate(
    rows: pd.DataFrame, answered: np.ndarray, design: str, method: str, first: str
) -> None:
    s = sv.Sample(rows.assign(disposition=np.where(answered, 1.1, 2.1)), **DESIGNS[design])
    if first == "adjusted":
        s = s.adjust_nonresponse(model=MODEL, classes=None).replicates("jackknife")
    else:
        s = s.replicates("jackknife").adjust_nonresponse(model=MODEL, classes=None)
    for verb, estimate in VERBS.items():
        expected, got = R[f"nonresponse/{design}_{method}/propensity/{verb}"], estimate(s).table.loc[0]
        close([got["estimate"], got["std_error"]], [expected["estimate"], expected["se"]], 1e-9)


def test_replicates_that_know_nothing_of_those_who_did_not_answer(rows: pd.DataFrame, answered: np.ndarray) -> None:
    rows = rows.assign(disposition=np.where(answered, 1.1, 2.1), r1=rows["w"] * 1.1, r2=rows["w"] * 0.9)
    made = sv.Replicates("bootstrap", columns=("r1", "r2"))
    s = sv.Sample(rows, weights="w", replicates=made)
    for options in ({"by": "ward"}, {"model": MODEL, "classes": None}):
        with pytest.raises(
            (sv.errors.DesignError, ConvergenceError), match=r"supplied by the data producer|producer's"
        ):
            s.adjust_nonresponse(**options)  # type: ignore[arg-type]
