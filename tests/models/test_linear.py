"""Linear models: R's svyglm under six designs, factors in their order, and formulas that make no model."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import survey as sv

REFERENCE = Path(__file__).parents[1] / "reference"
DESIGNS = json.loads((REFERENCE / "designs.json").read_text(encoding="utf-8"))
R = {r["id"]: r for r in json.loads((REFERENCE / "core.json").read_text(encoding="utf-8"))["results"]}


@pytest.fixture
def sample(rows: pd.DataFrame) -> sv.Sample:
    return sv.Sample(rows, **DESIGNS["strat_clus"])


def with_columns(rows: pd.DataFrame, **columns: Any) -> sv.Sample:
    return sv.Sample(rows.assign(**columns), **DESIGNS["strat_clus"])


@pytest.mark.parametrize("design", DESIGNS)
def test_factors_and_interactions_are_those_of_r(rows: pd.DataFrame, design: str) -> None:
    table = sv.Sample(rows, **DESIGNS[design]).linear("minutes ~ C(age) + sex * kind").table
    expected = R[f"{design}/linear"]
    assert len(table) == len(expected["names"])  # intercept, age 1, age 2, sex, kind resident, sex x kind
    np.testing.assert_allclose(table["estimate"], expected["estimate"], rtol=1e-8)
    np.testing.assert_allclose(table["std_error"], expected["se"], rtol=1e-8)
    np.testing.assert_allclose(table["p_value"], expected["p"], rtol=1e-6)
    assert (table["df"] == expected["df"]).all()


@pytest.mark.parametrize("design", DESIGNS)
def test_a_model_of_a_domain_keeps_clusters_without_members(rows: pd.DataFrame, design: str) -> None:
    table = sv.Sample(rows, **DESIGNS[design]).linear("q1 ~ wave", where="kind == 'business'").table
    expected = R[f"{design}/linear_business"]
    np.testing.assert_allclose(table["estimate"], expected["estimate"], rtol=1e-8)
    np.testing.assert_allclose(table["std_error"], expected["se"], rtol=1e-8)
    np.testing.assert_allclose(table["p_value"], expected["p"], rtol=1e-6)
    assert (table["df"] == expected["df"]).all()


def test_terms_come_as_written_with_the_intercept_first(sample: sv.Sample) -> None:
    e = sample.linear("minutes ~ wave + C(age) + wave:sex")
    assert e.table["term"].tolist() == ["Intercept", "wave", "C(age)[T.1]", "C(age)[T.2]", "wave:sex"]
    assert e.table["item"].unique().tolist() == ["minutes"]
    assert e.statistic == "coefficient"


def test_intervals_and_tests_go_with_the_degrees_of_freedom(sample: sv.Sample) -> None:
    row = sample.linear("q1 ~ sex", level=0.9).table.iloc[1]
    assert row["df"] == 14
    assert row["conf_high"] - row["estimate"] == pytest.approx(1.76131013577489 * row["std_error"])  # qt(.95, 14)
    assert row["statistic"] == pytest.approx(row["estimate"] / row["std_error"])


def test_missing_answers_in_any_variable_leave_the_model(rows: pd.DataFrame, sample: sv.Sample) -> None:
    e = sample.linear("q1 ~ minutes + yes")
    n = rows[["q1", "minutes", "yes"]].notna().all(axis=1).sum()
    assert any(str(n) in note for note in e.notes)
    complete = rows[["q1", "minutes", "yes"]].notna().all(axis=1).to_numpy()
    again = sample.linear("q1 ~ minutes + yes", where=complete)
    pd.testing.assert_frame_equal(again.table, e.table)


def test_coefficients_can_be_combined(sample: sv.Sample) -> None:
    """The mean of the last ward is the intercept plus its coefficient."""
    combined = sample.linear("q1 ~ ward").contrast([1, 0, 1]).table.iloc[0]
    mean = sample.mean("q1", by="ward").table.iloc[2]
    assert combined["estimate"] == pytest.approx(mean["estimate"])
    assert combined["std_error"] == pytest.approx(mean["std_error"], rel=1e-9)


# --- factors ----------------------------------------------------------------------------------------------------------


def test_text_is_a_factor_whose_first_level_is_first_in_order(sample: sv.Sample) -> None:
    assert sample.linear("q1 ~ ward").table["term"].tolist() == ["Intercept", "ward[T.Bình Minh]", "ward[T.Đông Sơn]"]


def test_the_codebook_has_the_say_on_the_first_level(rows: pd.DataFrame) -> None:
    labels = {"resident": "Resident", "business": "Business"}
    codebook = sv.Codebook.from_dict({"variables": {"kind": {"type": "nominal", "labels": labels}}})
    s = sv.Sample(sv.Responses(rows, codebook), **DESIGNS["strat_clus"])
    assert s.linear("q1 ~ kind").table["term"].tolist() == ["Intercept", "kind[T.business]"]


def test_an_ordered_category_keeps_its_order(rows: pd.DataFrame) -> None:
    names = ["young", "middle", "old"]
    band = pd.Categorical(rows["age"].map(dict(enumerate(names))), names, ordered=True)
    table = with_columns(rows, band=band).linear("q1 ~ band").table
    assert table["term"].tolist() == ["Intercept", "band[T.middle]", "band[T.old]"]


def test_numbers_as_categories_are_levels_and_not_lost(rows: pd.DataFrame) -> None:
    """pd.Categorical turns labels it does not know into missing ones; 1 and "1" are different labels."""
    table = with_columns(rows, band=rows["age"].astype("category")).linear("q1 ~ band").table
    expected = with_columns(rows).linear("q1 ~ C(age)").table
    np.testing.assert_allclose(table["estimate"], expected["estimate"], rtol=1e-9)
    np.testing.assert_allclose(table["std_error"], expected["std_error"], rtol=1e-9)


def test_numbers_in_an_object_column_are_numbers_as_in_a_mean(rows: pd.DataFrame) -> None:
    table = with_columns(rows, band=rows["age"].astype(object)).linear("q1 ~ band").table
    expected = with_columns(rows).linear("q1 ~ age").table
    np.testing.assert_allclose(table["estimate"], expected["estimate"], rtol=1e-9)
    np.testing.assert_allclose(table["std_error"], expected["std_error"], rtol=1e-9)


def test_levels_that_nobody_in_the_domain_has_are_no_terms(sample: sv.Sample) -> None:
    table = sample.linear("q1 ~ ward", where="ward != 'Bình Minh'").table
    assert table["term"].tolist() == ["Intercept", "ward[T.Đông Sơn]"]


@pytest.mark.parametrize("dtype", ["Int64", "boolean", "bool", "int8", "float32"])
def test_every_kind_of_number(rows: pd.DataFrame, dtype: str) -> None:
    expected = with_columns(rows).linear("trips ~ sex").table
    got = with_columns(rows, sex=rows["sex"].astype(dtype)).linear("trips ~ sex").table
    pd.testing.assert_frame_equal(got, expected, rtol=1e-9)


def test_names_in_vietnamese_and_with_spaces(rows: pd.DataFrame) -> None:
    expected = with_columns(rows).linear("trips ~ sex").table
    s = sv.Sample(rows.rename(columns={"sex": "giới tính", "trips": "lần"}), **DESIGNS["strat_clus"])
    table = s.linear("lần ~ `giới tính`").table
    assert table["term"].tolist() == ["Intercept", "giới tính"]
    np.testing.assert_allclose(table["std_error"], expected["std_error"], rtol=1e-12)


@pytest.mark.parametrize("unit", [1e-12, 1e-3, 1e10])
def test_units_do_not_make_terms_collinear(rows: pd.DataFrame, unit: float) -> None:
    """Incomes in đồng beside an intercept of 1: a large unit is not a missing rank."""
    expected = with_columns(rows).linear("q1 ~ trips").table
    table = with_columns(rows, trips=rows["trips"] * unit).linear("q1 ~ trips").table
    np.testing.assert_allclose(table["estimate"] * [1, unit], expected["estimate"], rtol=1e-8)
    np.testing.assert_allclose(table["statistic"], expected["statistic"], rtol=1e-8)


def test_a_variable_far_from_zero_is_not_collinear_with_the_intercept(rows: pd.DataFrame) -> None:
    expected = with_columns(rows).linear("q1 ~ trips").table
    table = with_columns(rows, trips=rows["trips"] + 20240.0).linear("q1 ~ trips").table
    assert table.loc[1, "estimate"] == pytest.approx(expected.loc[1, "estimate"], rel=1e-6)
    assert table.loc[1, "std_error"] == pytest.approx(expected.loc[1, "std_error"], rel=1e-6)


# --- no model ---------------------------------------------------------------------------------------------------------


def refuses(words: str, call: Any, *named: str) -> None:
    with pytest.raises(sv.EstimationError, match=words) as caught:
        call()
    for name in named:
        assert name in str(caught.value)


@pytest.mark.parametrize("formula", ["q1 ~ sex +* wave", "q1 ~ (sex", "", "q1 ~~ sex"])
def test_a_formula_that_cannot_be_read(sample: sv.Sample, formula: str) -> None:
    with pytest.raises(sv.EstimationError):
        sample.linear(formula)


def test_an_unknown_variable_is_named(sample: sv.Sample) -> None:
    refuses("names variables that are not in the data", lambda: sample.linear("q1 ~ sex + district"), "district")


def test_a_formula_without_an_outcome(sample: sv.Sample) -> None:
    refuses("no outcome", lambda: sample.linear("~ sex"))


def test_text_is_no_outcome(sample: sv.Sample) -> None:
    refuses("The outcome must be a single numeric column", lambda: sample.linear("ward ~ sex"), "ward")


@pytest.mark.parametrize("formula", ["q1 ~ sex + I(1 - sex)", "q1 ~ sex + trips + I(2 * trips + sex)"])
def test_collinear_terms_are_named(sample: sv.Sample, formula: str) -> None:
    refuses("collinear", lambda: sample.linear(formula), formula.rsplit("+ ", 1)[-1])


def test_a_constant_term_beside_the_intercept_is_collinear(sample: sv.Sample) -> None:
    refuses("collinear", lambda: sample.linear("q1 ~ sex", where="sex == 1"), "sex")


def test_more_coefficients_than_respondents(sample: sv.Sample) -> None:
    few = np.arange(len(sample)) < 4
    refuses("more coefficients", lambda: sample.linear("trips ~ sex + C(age) + group * wave", where=few), "4")


def test_nobody_has_all_variables(rows: pd.DataFrame) -> None:
    s = with_columns(rows, q9=np.where(rows["q1"].isna(), 1.0, np.nan))
    refuses("No respondent", lambda: s.linear("q1 ~ q9"), "q9")


def test_a_logarithm_of_zero_is_not_left_in_the_model(rows: pd.DataFrame) -> None:
    s = with_columns(rows, minutes=rows["minutes"].where(rows.index != 3, 0.0))
    refuses("infinite or undefined", lambda: s.linear("q1 ~ np.log(minutes)"), "log(minutes)")
    refuses("infinite or undefined", lambda: s.linear("q1 ~ np.log(minutes - 1)"), "log(minutes - 1)")


def test_an_infinite_outcome_is_refused(rows: pd.DataFrame) -> None:
    s = with_columns(rows, minutes=rows["minutes"].where(rows.index != 3, np.inf))
    refuses("infinite or undefined", lambda: s.linear("minutes ~ sex"), "minutes")


def test_missing_codes_that_were_not_recoded_are_refused(rows: pd.DataFrame) -> None:
    codebook = sv.Codebook.from_dict({"variables": {"trips": {"missing": {-98: "dont_know"}}}})
    rows.loc[5, "trips"] = -98
    s = sv.Sample(sv.Responses(rows, codebook), **DESIGNS["strat_clus"])
    refuses("declares missing", lambda: s.linear("q1 ~ trips"), "-98", "trips")
    refuses("declares missing", lambda: s.linear("trips ~ sex"), "-98", "trips")


@pytest.mark.parametrize("level", [0, 1, 95])
def test_a_level_is_a_share(sample: sv.Sample, level: float) -> None:
    refuses("confidence level", lambda: sample.linear("q1 ~ sex", level=level))


def test_a_text_declared_missing_is_no_category_in_either_unicode_form() -> None:
    """Without the check the model had a coefficient for "Không biết" where the data write it decomposed."""
    labels = {c: {"en": c, "vi": c} for c in ("A", "B")}
    book = sv.Codebook({"g": sv.Variable("g", type="nominal", labels=labels, missing={"Không biết": "dont_know"})})
    for form in ("NFC", "NFD"):
        g = ["A", "B", unicodedata.normalize(form, "Không biết")] * 10
        frame = pd.DataFrame({"g": g, "y": range(30)})
        with pytest.raises(sv.EstimationError, match="declares missing"):
            sv.Sample(sv.Responses(frame, book), weights=None).linear("y ~ g")


def test_a_number_among_the_terms_that_looks_like_no_answer_is_told() -> None:
    frame = pd.DataFrame({"q": [1, 2, 3, 4, 5, 9] * 20, "y": range(120)})
    s = sv.Sample(frame, weights=None)
    assert any("q: 9 looks like a non-answer" in n for n in s.linear("y ~ q").notes)
    assert not any("looks like" in n for n in s.linear("y ~ C(q)").notes)  # a coefficient of its own shows it
