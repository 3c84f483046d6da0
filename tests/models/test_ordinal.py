"""Proportional odds: R's svyolr, numerical derivatives, published numbers, and outcomes that make no model."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import survey as sv
from survey.models.ordinal_fitting import fit_ordinal, separating_slopes, shares
from survey.models.parallel_lines import departures

pytestmark = pytest.mark.sampled

REFERENCE = Path(__file__).parents[1] / "reference"
DESIGNS = json.loads((REFERENCE / "designs.json").read_text(encoding="utf-8"))
R = {r["id"]: r for r in json.loads((REFERENCE / "ordinal.json").read_text(encoding="utf-8"))["results"]}
FORMULAS = {"q1": "q1 ~ sex * wave + C(age)", "q2": "q2 ~ minutes + group * wave"}
NAMES = {"agef1": "C(age)[T.1]", "agef2": "C(age)[T.2]", "1|": "1|2", "2|": "2|3", "3|": "3|4", "4|": "4|5"}


@pytest.fixture
def sample(rows: pd.DataFrame) -> sv.Sample:
    return sv.Sample(rows, **DESIGNS["strat_clus"])


def with_columns(rows: pd.DataFrame, **columns: Any) -> sv.Sample:
    return sv.Sample(rows.assign(**columns), **DESIGNS["strat_clus"])


def against(table: pd.DataFrame, expected: dict[str, Any], rtol: float) -> None:
    """Estimates to a part of their standard error, and standard errors to a part of themselves, term by term."""
    names = [NAMES.get(name, name) for name in expected["names"]]
    own = table.set_index("term").loc[names]
    se = np.array(expected["se"])
    assert len(own) == len(table)
    assert np.abs(own["estimate"] - expected["estimate"]).max() <= rtol * se.max()
    np.testing.assert_allclose(own["std_error"], se, rtol=rtol)


# --- against R --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize("outcome", FORMULAS)
def test_the_sandwich_is_that_of_numerical_derivatives(rows: pd.DataFrame, design: str, outcome: str) -> None:
    """Nothing of svyolr in it: Richardson's derivatives (numDeriv) of the log-likelihood, variances by svytotal."""
    model = sv.Sample(rows, **DESIGNS[design]).ordinal(FORMULAS[outcome])
    expected = R[f"{design}/own_{outcome}"]
    against(model.table, expected, 1e-8)
    names = [NAMES.get(name, name) for name in expected["names"]]
    at = [model.table["term"].tolist().index(name) for name in names]
    joint = np.reshape(expected["vcov"], (len(at), len(at)))
    np.testing.assert_allclose(model.covariance[np.ix_(at, at)], joint, rtol=1e-7, atol=1e-9 * joint.max())


@pytest.mark.parametrize("design", DESIGNS)
def test_estimates_errors_and_degrees_of_freedom_are_those_of_svyolr(rows: pd.DataFrame, design: str) -> None:
    """svyolr's Hessian is numerical: 2e-6 from the sandwich above at best."""
    table = sv.Sample(rows, **DESIGNS[design]).ordinal(FORMULAS["q1"]).table
    against(table, R[f"{design}/svyolr_q1"], 3e-6)
    assert (table["df"] == R[f"{design}/svyolr_q1"]["df"]).all()


def test_svyolr_loses_digits_where_a_term_has_large_units(sample: sv.Sample) -> None:
    """Minutes beside dummies: its standard error is 4e-4 off, as the sandwich of Richardson's derivatives shows."""
    own, svyolr = (R[f"strat_clus/{which}_q2"]["se"][0] for which in ("own", "svyolr"))
    assert abs(svyolr / own - 1) > 3e-4
    se = sample.ordinal(FORMULAS["q2"]).table["std_error"].iloc[0]
    assert se == pytest.approx(own, rel=1e-9)
    scaled = sample.ordinal("q2 ~ I(minutes / 1000) + group * wave").table["std_error"].iloc[0]
    assert scaled / 1000 == pytest.approx(own, rel=1e-9)


def test_a_domain_keeps_clusters_without_members(sample: sv.Sample) -> None:
    against(sample.ordinal("q1 ~ sex + wave", where="kind == 'resident'").table, R["strat_clus/own_residents"], 1e-8)


@pytest.mark.parametrize("design", ["strat_clus", "element"])
def test_standard_errors_know_of_calibration(rows: pd.DataFrame, design: str) -> None:
    targets = {"sex": R["targets"]["sex"], "age": R["targets"]["age"]}
    raked = sv.Sample(rows, **DESIGNS[design]).rake(
        {k: dict(enumerate(v)) for k, v in targets.items()}, tolerance=1e-13
    )
    against(raked.ordinal(FORMULAS["q1"]).table, R[f"{design}/own_raked"], 1e-6)


def test_the_jackknife_fits_every_replicate(sample: sv.Sample) -> None:
    table = sample.replicates("jackknife").ordinal("q1 ~ sex + wave").table
    expected = R["jackknife/own_q1"]
    against(table, expected, 1e-7)
    assert max(expected["svyolr_se"]) < 1e-6  # svyolr of a replicate design: no standard errors at all


def test_the_textbook_example_of_the_model() -> None:
    """McCullagh & Nelder (1989), Generalized Linear Models, p. 175-178: taste of cheese with four additives.

    Estimates of R's MASS::polr(taste ~ additive, weights = n) with the fourth additive as the reference, to 4 digits.
    """
    counts = [
        [0, 0, 1, 7, 8, 8, 19, 8, 1],
        [6, 9, 12, 11, 7, 6, 1, 0, 0],
        [1, 1, 6, 8, 23, 7, 5, 1, 0],
        [0, 0, 0, 1, 3, 7, 14, 16, 11],
    ]
    rows = [(f"{additive}", taste, n) for additive, line in enumerate(counts, 1) for taste, n in enumerate(line, 1)]
    data = pd.DataFrame(rows, columns=["additive", "taste", "n"]).query("n > 0")
    table = sv.Sample(data, weights="n").ordinal("taste ~ C(additive, Treatment('4'))").table
    published = [-1.6128, -4.9646, -3.3227, -7.0802, -6.0250, -4.9254, -3.8568, -2.5206, -1.5685, -0.0669, 1.4930]
    np.testing.assert_allclose(table["estimate"], published, atol=5.1e-5)


def test_every_weight_one_is_polr(rows: pd.DataFrame) -> None:
    data = rows.dropna(subset=["q1"])
    x = np.column_stack([data["sex"], data["wave"], data["age"] == 1, data["age"] == 2, data["sex"] * data["wave"]])
    fit = fit_ordinal(x.astype(float), data["q1"].to_numpy(int) - 1, np.ones(len(data)))
    expected = R["polr"]
    np.testing.assert_allclose([*fit.slopes, *fit.thresholds], expected["estimate"], atol=1e-6)
    error = np.sqrt(np.diag(fit.bread))
    np.testing.assert_allclose([*error[4:], *error[:4]], expected["se"], rtol=1e-5)  # polr's Hessian is numerical
    assert fit.value == pytest.approx(expected["loglik"], rel=1e-10)


def test_two_answers_are_logistic_regression(rows: pd.DataFrame, sample: sv.Sample) -> None:
    two, one = (getattr(sample, verb)("yes ~ q2 + C(age)") for verb in ("ordinal", "logistic"))
    assert two.table["term"].tolist() == ["q2", "C(age)[T.1]", "C(age)[T.2]", "0|1"]
    order = [1, 2, 3, 0]
    sign = np.array([1, 1, 1, -1.0])  # a threshold is minus the intercept
    np.testing.assert_allclose(two.table["estimate"], sign * one.table["estimate"].to_numpy()[order], rtol=1e-9)
    expected = one.covariance[np.ix_(order, order)] * np.outer(sign, sign)
    np.testing.assert_allclose(two.covariance, expected, rtol=1e-8)
    assert (two.table["df"].to_numpy() == one.table["df"].iloc[0]).all()
    np.testing.assert_array_equal(two.behind, one.behind[order])


# --- parallel lines ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("design", ["strat_clus", "element", "unequal"])
@pytest.mark.parametrize("outcome", FORMULAS)
def test_the_score_of_lines_that_part(rows: pd.DataFrame, design: str, outcome: str) -> None:
    """R's numbers come from numerical derivatives of the model with slopes of its own at every cut."""
    sample = sv.Sample(rows, **DESIGNS[design])
    tests = sample.ordinal(FORMULAS[outcome]).parallel_lines().table.set_index("term")
    expected = R[f"{design}/parallel_{outcome}"]
    columns = {name: i for i, name in enumerate(expected["columns"])}
    mean_weight = rows["w"][rows[["q2", "minutes"] if outcome == "q2" else ["q1"]].notna().all(axis=1)].mean()

    def same(term: str, numbers: list[float]) -> None:
        own = tests.loc[term]
        assert own["statistic"] == pytest.approx(numbers[columns["statistic"]], rel=1e-7)
        assert own["deff"] == pytest.approx(numbers[columns["deff"]] / mean_weight, rel=1e-7)
        d, ddf = numbers[columns["df"]], numbers[columns["ddf"]] / numbers[columns["df"]]
        # Rao and Scott's degrees of freedom are total^2 / squares; without the scatter of a Wishart matrix, ours
        k = own["contrasts"]
        squares = ddf**2 / ((ddf + 2) * (ddf - 1)) * (1 / d - 1 / ddf)
        assert own["df"] == pytest.approx(min(k, 1 / squares) if squares > 0 else k, rel=1e-6)
        assert own["ddf"] == pytest.approx(own["df"] * ddf, rel=1e-9)

    same("(all)", expected["overall"])
    for name, numbers in zip(expected["names"], expected["each"], strict=True):
        if name in tests.index:  # age is two columns and one term
            same(name, numbers)


def test_the_score_test_of_independent_answers_is_chi_squared() -> None:
    """The same by an information matrix of complex-step derivatives, computed here."""
    counts = np.array([[4, 9, 7, 12], [11, 6, 9, 3], [5, 5, 14, 9]])
    pattern, answer = np.nonzero(counts)
    w = counts[pattern, answer].astype(float)
    patterns = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    x = patterns[pattern]
    fit = fit_ordinal(x, answer, w)

    def cells(theta: np.ndarray) -> np.ndarray:
        slopes = theta[3:].reshape(3, 2)
        below = 1 / (1 + np.exp(-(theta[:3] - patterns @ slopes.T)))
        return np.diff(np.hstack([np.zeros((3, 1)), below, np.ones((3, 1))]), axis=1)

    at = np.concatenate([fit.thresholds, np.tile(fit.slopes, 3)])
    p = cells(at)
    steps = [at + 1e-30j * unit for unit in np.eye(len(at))]
    jacobian = np.stack([cells(step).imag / 1e-30 for step in steps])
    score = (jacobian * (counts / p)).sum(axis=(1, 2))
    information = np.einsum("apj,bpj,pj->ab", jacobian, jacobian, counts.sum(axis=1)[:, None] / p)
    found = departures(fit, x, answer, w)
    test = found.test(found.information, range(2), np.inf)
    assert test.score == pytest.approx(score @ np.linalg.solve(information, score), rel=1e-9)
    assert (test.contrasts, test.df) == (4, pytest.approx(4))


def test_the_score_is_a_total_whose_jackknife_is_its_linearisation(sample: sv.Sample) -> None:
    """A stratified jackknife of a total has the variance n / (n - 1) sum (z - mean)^2 of clusters, exactly."""
    linear, again = (
        s.ordinal("q1 ~ sex * wave").parallel_lines().table for s in (sample, sample.replicates("jackknife"))
    )
    for column in ("statistic", "df", "deff"):
        np.testing.assert_allclose(again[column], linear[column], rtol=1e-9)


def test_two_answers_have_one_cut_and_nothing_to_compare(sample: sv.Sample) -> None:
    model = sample.ordinal("yes ~ sex")
    assert model.parallel_lines().table["p_value"].isna().all()
    assert not any("parallel lines" in note for note in model.notes)
    assert model.cuts().table["cut"].tolist() == ["0|1"]
    np.testing.assert_allclose(model.cuts().table["estimate"], model.table["estimate"][:1])


def test_cuts_are_logistic_regressions_with_one_covariance(sample: sv.Sample) -> None:
    cuts = sample.ordinal(FORMULAS["q1"]).cuts()
    for cut in range(1, 5):
        expected = R[f"strat_clus/cut_{cut}"]
        own = cuts.table[cuts.table["cut"] == f"{cut}|{cut + 1}"].set_index("term")
        names = [NAMES.get(name, name) for name in expected["names"][1:]]
        np.testing.assert_allclose(own.loc[names, "estimate"], expected["estimate"][1:], rtol=1e-6)
        np.testing.assert_allclose(own.loc[names, "std_error"], expected["se"][1:], rtol=1e-6)
        assert (own["df"] == expected["df"]).all()
    np.testing.assert_allclose(np.sqrt(np.diag(cuts.covariance)), cuts.table["std_error"], rtol=1e-9)


def test_a_note_says_what_the_test_found(rows: pd.DataFrame) -> None:
    rng = np.random.default_rng(3)
    x = np.repeat([0, 1], 300)
    wide = np.where(x, rng.choice([1, 5], 600), rng.integers(1, 6, 600))  # ends against the middle: no shift at all
    apart = sv.Sample(pd.DataFrame({"x": x, "q": wide}), weights=None).ordinal("q ~ x")
    assert apart.parallel_lines().table["p_value"].iloc[0] < 1e-6
    assert any("slopes differ along the scale" in note and "x" in note for note in apart.notes)
    alike = sv.Sample(pd.DataFrame({"x": x, "q": rng.integers(1, 6, 600)}), weights=None).ordinal("q ~ x")
    assert alike.parallel_lines().table["p_value"].iloc[0] > 0.05
    assert any("do not show that slopes differ" in note for note in alike.notes)


# --- fitted on cells and on rows --------------------------------------------------------------------------------------


def test_cells_and_rows_give_the_same(rows: pd.DataFrame) -> None:
    """center() looks at the whole column, so that every respondent is a row."""
    s = sv.Sample(rows, **DESIGNS["strat_clus"])
    together, apart = s.ordinal("q1 ~ sex * wave"), s.ordinal("q1 ~ sex * wave + I(0 * center(trips))", aliased="drop")
    assert len(together.regressions[0].rows) < 25 < 100 < len(apart.regressions[0].rows)
    for column in ("estimate", "std_error", "df"):
        np.testing.assert_allclose(together.table[column], apart.table[column], rtol=1e-9)
    one, other = (m.parallel_lines().table for m in (together, apart))
    np.testing.assert_allclose(one["p_value"], other["p_value"], rtol=1e-8)


def test_several_outcomes_of_the_same_terms(sample: sv.Sample) -> None:
    both = sample.ordinal("sex + wave", items=["q1", "q2"])
    for item in ("q1", "q2"):
        alone = sample.ordinal(f"{item} ~ sex + wave").table
        pd.testing.assert_frame_equal(both.table[both.table["item"] == item].reset_index(drop=True), alone)
    assert both.parallel_lines().table["item"].tolist() == ["q1"] * 3 + ["q2"] * 3


@pytest.mark.parametrize("invariance", ["scale", "order", "ones", "percent"])
def test_invariances(rows: pd.DataFrame, invariance: str) -> None:
    """Scale of the weights, order of the rows, all weights one; of the answers only the order matters."""
    design = DESIGNS["strat_clus"]
    expected, data = rows, rows
    if invariance == "scale":
        data = rows.assign(w=rows["w"] * 1e6)
    elif invariance == "order":
        data = rows.sample(frac=1, random_state=1)
    elif invariance == "ones":
        expected, data = rows.assign(w=1.0), rows.assign(w=7.0)
    else:
        data = rows.assign(q1=rows["q1"] * 20)
    before, after = (sv.Sample(d, **design).ordinal("q1 ~ sex * wave") for d in (expected, data))
    for column in ("estimate", "std_error", "df", "p_value"):
        np.testing.assert_allclose(before.table[column], after.table[column], rtol=1e-8)
    one, other = (m.parallel_lines().table for m in (before, after))
    for column in ("statistic", "df", "ddf", "p_value", "deff"):
        np.testing.assert_allclose(one[column], other[column], rtol=1e-7)


# --- outcomes ---------------------------------------------------------------------------------------------------------


WORDS = ["poor", "fair", "good", "very good", "excellent"]


def test_an_ordered_category_of_words(rows: pd.DataFrame, sample: sv.Sample) -> None:
    words = pd.Categorical(rows["q1"].map(dict(enumerate(WORDS, 1))), WORDS, ordered=True)
    table = with_columns(rows, word=words).ordinal("word ~ sex * wave").table
    expected = sample.ordinal("q1 ~ sex * wave").table
    assert table["term"].tolist()[3:] == ["poor|fair", "fair|good", "good|very good", "very good|excellent"]
    np.testing.assert_allclose(table["estimate"], expected["estimate"], rtol=1e-12)
    np.testing.assert_allclose(table["std_error"], expected["std_error"], rtol=1e-12)


def test_answers_in_words_of_a_codebook(rows: pd.DataFrame, sample: sv.Sample) -> None:
    labels = {word: {"en": word} for word in WORDS}
    codebook = sv.Codebook.from_dict({"variables": {"word": {"type": "ordinal", "labels": labels}}})
    data = rows.assign(word=rows["q1"].map(dict(enumerate(WORDS, 1))))
    table = sv.Sample(sv.Responses(data, codebook), **DESIGNS["strat_clus"]).ordinal("word ~ sex").table
    np.testing.assert_allclose(table["estimate"], sample.ordinal("q1 ~ sex").table["estimate"], rtol=1e-12)


def test_an_answer_that_nobody_gave_has_no_threshold(rows: pd.DataFrame) -> None:
    labels = {k: {"en": str(k)} for k in range(1, 6)}
    codebook = sv.Codebook.from_dict({"variables": {"q1": {"type": "ordinal", "labels": labels}}})
    data = rows[rows["q1"] != 3]
    model = sv.Sample(sv.Responses(data, codebook), **DESIGNS["strat_clus"], lonely="adjust").ordinal("q1 ~ sex")
    assert model.table["term"].tolist() == ["sex", "1|2", "2|4", "4|5"]
    assert any("nobody in the model gave 3" in note for note in model.notes)


def test_the_direction_of_a_scale_that_runs_down_is_said(rows: pd.DataFrame) -> None:
    labels = {k: {"en": f"{t}"} for k, t in enumerate(["Very good", "Good", "Fair", "Poor", "Very poor"], 1)}
    codebook = sv.Codebook.from_dict({"variables": {"q1": {"type": "ordinal", "labels": labels, "direction": -1}}})
    model = sv.Sample(sv.Responses(rows, codebook), **DESIGNS["strat_clus"]).ordinal("q1 ~ sex")
    assert any("a coefficient above 0 moves answers towards the last" in note for note in model.notes)


def test_an_empty_cell_costs_one_coefficient(rows: pd.DataFrame) -> None:
    """Nobody of age 0 in wave 1; the model of the cells that there are is the same with one term per cell."""
    data = rows[~((rows["age"] == 0) & (rows["wave"] == 1))]
    s = sv.Sample(data, **DESIGNS["strat_clus"])
    model = s.ordinal("q1 ~ C(age) * wave")
    assert any("no respondents" in note for note in model.notes)
    cell = (data["age"] * 10 + data["wave"]).astype(int).astype(str)
    by_cell = sv.Sample(data.assign(cell=cell), **DESIGNS["strat_clus"]).ordinal("q1 ~ cell")
    assert len(model.table) == len(by_cell.table)
    np.testing.assert_allclose(model.table["estimate"][-4:], by_cell.table["estimate"][-4:], rtol=1e-8)


def test_a_term_that_is_constant_is_dropped_on_request(rows: pd.DataFrame, sample: sv.Sample) -> None:
    with pytest.raises(sv.EstimationError, match="collinear"):
        sample.ordinal("q1 ~ sex + I(1 - sex)")
    model = sample.ordinal("q1 ~ sex + I(1 - sex)", aliased="drop")
    assert model.table["term"].tolist() == ["sex", "1|2", "2|3", "3|4", "4|5"]


# --- no model ---------------------------------------------------------------------------------------------------------


def refuses(words: str, call: Any, *named: str) -> None:
    with pytest.raises(sv.SurveyError, match=words) as caught:
        call()
    for name in named:
        assert name in str(caught.value)


def test_separation_is_found_and_named(rows: pd.DataFrame) -> None:
    data = rows.assign(only=((rows["q1"] == 5) & (rows["sex"] == 1)).astype(int))
    s = sv.Sample(data, **DESIGNS["strat_clus"])
    refuses("no finite estimate", lambda: s.ordinal("q1 ~ only + wave"), "only")


def test_what_does_not_separate_is_not_refused() -> None:
    """Everybody of a group at one end is no separation of the other terms; a group in the middle is none at all."""
    x = np.array([[0.0], [0.0], [0.0], [1.0]])
    assert separating_slopes(x, np.array([0, 1, 2, 1])) is None
    assert separating_slopes(x, np.array([0, 1, 2, 2])) is not None
    assert fit_ordinal(x, np.array([0, 1, 2, 1]), np.ones(4)).converged


def test_answers_without_an_order(sample: sv.Sample) -> None:
    refuses("no order", lambda: sample.ordinal("ward ~ sex"), "ward", "set_scale")


def test_a_nominal_outcome(rows: pd.DataFrame) -> None:
    labels = {k: {"en": t} for k, t in enumerate(["Bus", "Car", "Bicycle", "Walk", "Other"], 1)}
    codebook = sv.Codebook.from_dict({"variables": {"q1": {"type": "nominal", "labels": labels}}})
    s = sv.Sample(sv.Responses(rows, codebook), **DESIGNS["strat_clus"])
    refuses("nominal", lambda: s.ordinal("q1 ~ sex"), "distribution")


def test_one_answer(sample: sv.Sample) -> None:
    refuses("does not vary", lambda: sample.ordinal("q1 ~ sex", where="q1 == 4"), "4 for everyone")


def test_too_many_answers(rows: pd.DataFrame, sample: sv.Sample) -> None:
    refuses("too many different values", lambda: sample.ordinal("minutes ~ sex"), "linear")


def test_thresholds_cannot_be_removed(sample: sv.Sample) -> None:
    refuses("cannot be removed", lambda: sample.ordinal("q1 ~ 0 + sex"))


def test_nobody_answered(rows: pd.DataFrame) -> None:
    refuses("No respondent", lambda: with_columns(rows, q9=np.nan).ordinal("q9 ~ sex"))


def test_three_respondents(rows: pd.DataFrame) -> None:
    few = sv.Sample(pd.DataFrame({"q": [1, 2, 3], "x": [0, 1, 0]}), weights=None).ordinal("q ~ x")
    assert (few.table["df"] == 1).all()
    assert np.isfinite(few.table["estimate"]).all()


def test_a_single_cluster(rows: pd.DataFrame) -> None:
    data = rows.assign(one=1)
    refuses("single cluster", lambda: sv.Sample(data, weights="w", psu="one").ordinal("q1 ~ sex"))
    model = sv.Sample(data, weights="w", psu="one", lonely="adjust").ordinal("q1 ~ sex")
    assert model.table[["std_error", "p_value", "conf_low"]].isna().all(axis=None)
    assert model.parallel_lines().table["p_value"].isna().all()


@pytest.mark.parametrize("factor", [1e9, 1e-9])
def test_weights_of_very_different_size(rows: pd.DataFrame, factor: float) -> None:
    """A wave whose weights are a billion times those of the other: each has its own slope, found to full precision."""
    data = rows.assign(w=rows["w"] * np.where(rows["wave"] == 1, factor, 1.0)).dropna(subset=["q1"])
    x = np.column_stack([data["wave"] == 1, (data["wave"] == 1) * data["sex"], (data["wave"] == 0) * data["sex"]])
    fit = fit_ordinal(x.astype(float), data["q1"].to_numpy(int) - 1, data["w"].to_numpy())
    assert fit.converged
    score = data["w"].to_numpy() @ fit.scores
    size = data["w"].to_numpy() @ np.abs(fit.scores)
    assert np.abs(score / size).max() < 1e-10


def test_small_probabilities_keep_their_digits() -> None:
    """Cells of 1e-20 by hand: F(b) - F(a) of a logistic curve is F(b) (1 - F(a)) (1 - exp(a - b))."""
    p = shares(np.array([[1.0]]), np.array([0.0, 0.1, 50.0]), np.array([-46.0]))
    assert p[0, 2] == pytest.approx(1 / (1 + np.exp(-96.0)) * np.exp(-46.1) / (1 + np.exp(-46.1)) * -np.expm1(-49.9))
    assert p.sum() == pytest.approx(1.0)
