"""Differences of anything estimated together: R's numbers, degrees of freedom, adjusted p-values, what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import survey as sv
from survey.core.contrasts import adjust_pvalues

REFERENCE = Path(__file__).parents[1] / "reference"
DESIGNS = json.loads((REFERENCE / "designs.json").read_text(encoding="utf-8"))
R = {r["id"]: r for r in json.loads((REFERENCE / "core.json").read_text(encoding="utf-8"))["results"]}


@pytest.fixture
def sample(rows: pd.DataFrame) -> sv.Sample:
    return sv.Sample(rows, **DESIGNS["strat_clus"])


@pytest.mark.parametrize("design", DESIGNS)
def test_a_difference_of_items_is_that_of_r(rows: pd.DataFrame, design: str) -> None:
    answered = rows[["q1", "q2"]].notna().all(axis=1).to_numpy()
    e = sv.Sample(rows, **DESIGNS[design]).mean(["q1", "q2"], where=answered).contrast([1, -1])
    expected = R[f"{design}/two_items"]
    row = e.table.iloc[0]
    np.testing.assert_allclose([row["estimate"], row["std_error"]], [expected["estimate"], expected["se"]], rtol=1e-8)


def test_a_contrast_is_tested_with_t_of_the_design(sample: sv.Sample) -> None:
    row = sample.mean("q1", by="sex").contrast({"gap": [-1, 1]}).table.iloc[0]
    assert row["contrast"] == "gap"
    # 19 clusters, 4 strata; two groups: the degrees of freedom of svyglm(q1 ~ sex), 19 - 4 + 1 - 2
    assert row["df"] == 14
    assert row["statistic"] == pytest.approx(row["estimate"] / row["std_error"])
    assert row["conf_high"] - row["estimate"] == pytest.approx(2.1447866879178 * row["std_error"])  # qt(.975, 14)


@pytest.mark.parametrize(
    ("by", "weights", "groups"),
    [
        (["group", "wave"], [1, -1, -1, 1], 4),
        (["group", "wave"], [1, 0, 0, -1], 2),
        (["group", "wave"], [0, 1, 0, 0], 1),
        (["sex"], [0.5, 0.5], 2),
    ],
)
def test_every_group_in_use_costs_a_degree_of_freedom(
    sample: sv.Sample, by: list[str], weights: list[float], groups: int
) -> None:
    e = sample.mean("q1", by=by)
    used = e.table[np.array(weights) != 0]
    members = sample.data.dropna(subset="q1").merge(used[by])
    clusters, strata = members["cluster"].nunique(), members["stratum"].nunique()
    assert e.contrast(weights).table.loc[0, "df"] == clusters - strata + 1 - groups


def test_items_of_one_group_cost_nothing(sample: sv.Sample) -> None:
    """q1 against q2 among everyone is one mean, that of the difference."""
    assert sample.mean(["q1", "q2"]).contrast([1, -1]).table.loc[0, "df"] == 15


def test_people_who_answered_two_items_are_not_counted_twice(rows: pd.DataFrame) -> None:
    answered = rows[["q1", "q2"]].notna().all(axis=1).to_numpy()
    e = sv.Sample(rows, **DESIGNS["element"]).mean(["q1", "q2"], where=answered).contrast([1, -1])
    assert e.table.loc[0, "df"] == answered.sum() - 4


def test_elements_are_counted_one_by_one(rows: pd.DataFrame) -> None:
    e = sv.Sample(rows, **DESIGNS["element"]).mean("trips", by="sex").contrast([1, -1])
    assert e.table.loc[0, "df"] == len(rows) - 4 + 1 - 2


def test_a_single_row_is_its_own_contrast(sample: sv.Sample) -> None:
    e = sample.mean("q1", by="ward")
    for i in range(3):
        row, expected = e.contrast(np.eye(3)[i]).table.iloc[0], e.table.iloc[i]
        for column in ("estimate", "std_error", "df", "conf_low", "conf_high"):
            assert row[column] == pytest.approx(expected[column], rel=1e-9), column


def test_many_contrasts_keep_their_covariance(sample: sv.Sample) -> None:
    e = sample.mean("q1", by="ward")
    matrix = np.array([[1, -1, 0], [0, 1, -1]])
    joint = e.contrast({"a": matrix[0], "b": matrix[1]})
    np.testing.assert_allclose(joint.covariance, matrix @ e.covariance @ matrix.T, rtol=1e-10)
    np.testing.assert_allclose(np.sqrt(np.diag(joint.covariance)), joint.table["std_error"], rtol=1e-12)
    summed = joint.contrast([1, 1])
    assert summed.table.loc[0, "std_error"] == pytest.approx(e.contrast([1, 0, -1]).table.loc[0, "std_error"])


def test_a_contrast_of_a_group_within_one_cluster_has_no_standard_error(rows: pd.DataFrame) -> None:
    """The group's own error is unknown; that of the rest alone would pass for the error of the difference."""
    rows["place"] = np.where(rows["cluster"] == "nam3", "inside one", rows["ward"])
    e = sv.Sample(rows, **DESIGNS["strat_clus"]).mean("q1", by="place")
    alone = (e.table["place"] == "inside one").to_numpy()
    with_it, without = alone * 1.0, (~alone) * 1.0
    without[np.flatnonzero(without)[0]] = -1.0
    with_it[np.flatnonzero(~alone)[0]] = -1.0
    table = e.contrast({"with": with_it, "without": without}).table
    assert table.loc[0, ["std_error", "p_value", "conf_low", "conf_high"]].isna().all()
    assert table.loc[1, ["std_error", "p_value", "conf_low", "conf_high"]].notna().all()
    pairs = e.pairwise().table
    unknown = pairs["contrast"].str.contains("inside one")
    assert unknown.sum() == 3
    assert pairs.loc[unknown, ["std_error", "p_value", "p_adjusted"]].isna().all(axis=None)
    assert pairs.loc[~unknown, "p_adjusted"].notna().all()


def test_a_contrast_remembers_what_it_was_made_of(sample: sv.Sample) -> None:
    e = sample.mean("q1", by="sex")
    made = e.contrast({"gap": [-1, 1]})
    assert made.origin is e and made.statistic == "contrast"
    np.testing.assert_array_equal(made.contrast_matrix, [[-1, 1]])


def test_the_level_of_the_estimates_is_kept(sample: sv.Sample) -> None:
    row = sample.mean("q1", by="sex", level=0.9).contrast([-1, 1]).table.iloc[0]
    assert row["conf_high"] - row["estimate"] == pytest.approx(1.76131013577489 * row["std_error"])  # qt(.95, 14)


# --- pairs ------------------------------------------------------------------------------------------------------------


def test_every_pair_once_later_minus_earlier(sample: sv.Sample) -> None:
    e = sample.mean(["q1", "q2"], by="ward")
    table = e.pairwise().table
    wards = ["An Hòa", "Bình Minh", "Đông Sơn"]
    pairs = [(wards[0], wards[1]), (wards[0], wards[2]), (wards[1], wards[2])]
    assert table["item"].tolist() == ["q1"] * 3 + ["q2"] * 3
    assert table["contrast"].tolist() == [f"{b} − {a}" for a, b in pairs] * 2
    means = e.table.set_index(["item", "ward"])["estimate"]
    expected = [means[i, b] - means[i, a] for i in ("q1", "q2") for a, b in pairs]
    assert table["estimate"].tolist() == pytest.approx(expected)


def test_a_pair_is_the_contrast_of_its_rows(sample: sv.Sample) -> None:
    e = sample.mean("q1", by="ward")
    pair = e.pairwise("none").table.iloc[1]
    expected = e.contrast([-1, 0, 1]).table.iloc[0]
    for column in ("estimate", "std_error", "statistic", "df", "p_value", "conf_low", "conf_high"):
        assert pair[column] == pytest.approx(expected[column]), column
    assert pair["p_adjusted"] == pair["p_value"]


def test_pairs_are_adjusted_item_by_item_and_answer_by_answer(sample: sv.Sample) -> None:
    table = sample.distribution("q1", by="ward").pairwise("bonferroni").table
    assert len(table) == 15
    assert table["p_adjusted"].tolist() == pytest.approx(np.minimum(1, 3 * table["p_value"]).tolist())
    assert table["answer"].tolist() == [a for a in range(1, 6) for _ in range(3)]


def test_empty_groups_are_left_out_of_pairs(rows: pd.DataFrame) -> None:
    rows.loc[rows["ward"] == "Bình Minh", "q1"] = np.nan
    table = sv.Sample(rows, **DESIGNS["strat_clus"]).mean("q1", by="ward").pairwise().table
    assert table["contrast"].tolist() == ["Đông Sơn − An Hòa"]


# p.adjust(c(.01, .02, .03, .04, .05, NA, .001), method)
P = [0.01, 0.02, 0.03, 0.04, 0.05, np.nan, 0.001]
ADJUSTED = {
    "holm": [0.05, 0.08, 0.09, 0.09, 0.09, np.nan, 0.006],
    "bonferroni": [0.06, 0.12, 0.18, 0.24, 0.30, np.nan, 0.006],
    "bh": [0.03, 0.04, 0.045, 0.048, 0.05, np.nan, 0.006],
    "none": P,
}


@pytest.mark.parametrize("method", ADJUSTED)
def test_adjusted_p_values_are_those_of_r(method: str) -> None:
    np.testing.assert_allclose(adjust_pvalues(np.array(P), method), ADJUSTED[method], rtol=1e-12)


@pytest.mark.parametrize("method", ADJUSTED)
def test_adjusted_p_values_stay_within_one_and_do_not_pass_each_other(method: str) -> None:
    p = np.random.default_rng(2).random(40)
    adjusted = adjust_pvalues(p, method)
    assert (adjusted <= 1).all() and (adjusted >= p).all()
    assert (np.diff(adjusted[np.argsort(p)]) >= 0).all()


def test_nothing_to_adjust() -> None:
    assert np.isnan(adjust_pvalues(np.array([np.nan]), "holm")).all()


# --- what is refused --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "weights", [[1, -1], [1, -1, 0, 0], [[1, -1, 0]], [0, 0, 0], [1, np.nan, -1], [1, np.inf, -1], [1, "a", 0], 3.0]
)
def test_a_contrast_that_does_not_fit_is_named(sample: sv.Sample, weights: Any) -> None:
    with pytest.raises(sv.EstimationError, match="does not fit") as caught:
        sample.mean("q1", by="ward").contrast({"gap": weights})
    assert "gap" in str(caught.value) and "3" in str(caught.value)


def test_a_row_without_an_estimate_cannot_be_compared(rows: pd.DataFrame) -> None:
    rows.loc[rows["ward"] == "Bình Minh", "q1"] = np.nan
    e = sv.Sample(rows, **DESIGNS["strat_clus"]).mean("q1", by="ward")
    with pytest.raises(sv.EstimationError, match="without an estimate") as caught:
        e.contrast([1, -1, 0])
    assert "Bình Minh" in str(caught.value)
    assert e.contrast([1, 0, -1]).table["estimate"].notna().all()


def test_without_groups_there_are_no_pairs(sample: sv.Sample) -> None:
    with pytest.raises(sv.EstimationError, match="no groups"):
        sample.mean("q1").pairwise()


def test_one_group_has_no_pair(sample: sv.Sample) -> None:
    with pytest.raises(sv.EstimationError, match="only one group"):
        sample.mean("q1", by="ward", where="ward == 'An Hòa'").pairwise()


def test_an_unknown_adjustment_is_named(sample: sv.Sample) -> None:
    with pytest.raises(sv.EstimationError, match="unknown adjustment") as caught:
        sample.mean("q1", by="ward").pairwise("tukey")
    assert "tukey" in str(caught.value) and "holm" in str(caught.value)


def test_a_matrix_is_a_contrast_a_row(r_sample: pd.DataFrame) -> None:
    e = sv.Sample(r_sample, weights="w", strata="stratum", psu="psu").mean("q1", by=["group", "wave"])
    named = e.contrast({"did": [1, -1, -1, 1], "wave": [-1, 1, 0, 0]})
    matrix = np.array([[1.0, -1, -1, 1], [-1, 1, 0, 0]])
    numbered = e.contrast(matrix)
    assert numbered.table["contrast"].tolist() == ["contrast 1", "contrast 2"]
    framed = e.contrast(pd.DataFrame(matrix, index=["did", "wave"]))
    pd.testing.assert_frame_equal(framed.table, named.table)
    pd.testing.assert_frame_equal(numbered.table.drop(columns="contrast"), named.table.drop(columns="contrast"))
    np.testing.assert_allclose(numbered.covariance, named.covariance)


# Benjamini & Hochberg (1995), section 3.2: fifteen p-values of a thrombolysis trial
TRIAL = np.array(
    [
        0.0001,
        0.0004,
        0.0019,
        0.0095,
        0.0201,
        0.0278,
        0.0298,
        0.0344,
        0.0459,
        0.3240,
        0.4262,
        0.5719,
        0.6528,
        0.7590,
        1.0000,
    ]
)


def test_false_discoveries_are_those_of_the_paper_that_proposed_it() -> None:
    rng = np.random.default_rng(1)
    order = rng.permutation(15)
    assert (adjust_pvalues(TRIAL[order], "bh") <= 0.05).sum() == 4  # "we now reject the four hypotheses"
    assert (adjust_pvalues(TRIAL[order], "holm") <= 0.05).sum() == 3
    # R: p.adjust(p, "BH")[1:5], p.adjust(p, "holm")[1:4]; by hand: p * 15 / rank, p * (16 - rank)
    assert adjust_pvalues(TRIAL, "bh")[:4] == pytest.approx([0.0015, 0.003, 0.0095, 0.035625])
    assert adjust_pvalues(TRIAL, "holm")[:4] == pytest.approx([0.0015, 0.0056, 0.0247, 0.114])


def test_what_was_not_tested_costs_the_others_nothing() -> None:
    with_gaps = np.array([0.01, np.nan, 0.04, np.nan])
    assert adjust_pvalues(with_gaps, "bh") == pytest.approx([0.02, np.nan, 0.04, np.nan], nan_ok=True)
    assert adjust_pvalues(with_gaps, "holm") == pytest.approx([0.02, np.nan, 0.04, np.nan], nan_ok=True)
