"""Means, totals, shares and ratios: against R, as domains, on odd columns, and with input that cannot be estimated."""

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


def simple(**columns: Any) -> sv.Sample:
    """People drawn one by one with equal weights."""
    return sv.Sample(pd.DataFrame(columns), weights=None)


def close(got: Any, expected: Any, rtol: float = 1e-8) -> None:
    np.testing.assert_allclose(np.asarray(got, float).ravel(), np.atleast_1d(np.asarray(expected, float)), rtol=rtol)


# --- against R, under six designs -------------------------------------------------------------------------------------

ESTIMATES = {
    "mean": lambda s: s.mean("q1"),
    "mean_minutes": lambda s: s.mean("minutes"),
    "total": lambda s: s.total("trips"),
    "total_missing": lambda s: s.total("yes"),
    "ratio": lambda s: s.ratio("minutes", "trips", where="sex == 1"),
    "mean_by_ward": lambda s: s.mean("q1", by="ward"),
    "total_by_ward_business": lambda s: s.total("trips", by="ward", where="kind == 'business'"),
}


@pytest.mark.parametrize("what", ESTIMATES)
@pytest.mark.parametrize("design", DESIGNS)
def test_estimates_and_standard_errors_are_those_of_r(rows: pd.DataFrame, design: str, what: str) -> None:
    e, expected = ESTIMATES[what](sv.Sample(rows, **DESIGNS[design])), R[f"{design}/{what}"]
    if "ward" in expected:
        assert e.table["ward"].tolist() == expected["ward"]
    close(e.table["estimate"], expected["estimate"])
    close(e.table["std_error"], expected["se"])


@pytest.mark.parametrize("design", DESIGNS)
def test_covariance_of_groups_is_that_of_r(rows: pd.DataFrame, design: str) -> None:
    e = sv.Sample(rows, **DESIGNS[design]).mean("q1", by="ward")
    np.testing.assert_allclose(e.covariance.ravel(), R[f"{design}/mean_by_ward"]["vcov"], rtol=1e-8, atol=1e-14)


@pytest.mark.parametrize("design", DESIGNS)
def test_distributions_and_their_covariance_are_those_of_r(rows: pd.DataFrame, design: str) -> None:
    e, expected = sv.Sample(rows, **DESIGNS[design]).distribution("q2", by="kind"), R[f"{design}/distribution_by_kind"]
    order = e.table.sort_values(["answer", "kind"], kind="stable").index  # R lets the group run fastest
    close(e.table["estimate"][order], expected["estimate"])
    close(e.table["std_error"][order], expected["se"])
    covariance = e.covariance[np.ix_(order, order)]
    np.testing.assert_allclose(covariance.ravel(), expected["vcov"], rtol=1e-8, atol=1e-14)


@pytest.mark.parametrize("design", DESIGNS)
def test_a_domain_counts_the_degrees_of_freedom_of_clusters_with_members(rows: pd.DataFrame, design: str) -> None:
    table = sv.Sample(rows, **DESIGNS[design]).total("one", where="kind == 'business'").table
    close(table["df"], R[f"{design}/df_business"]["estimate"])


@pytest.mark.parametrize("item", ["q1", "rare"])
def test_design_effect_is_that_of_r(sample: sv.Sample, item: str) -> None:
    row = sample.mean(item).table.iloc[0]
    close(row["deff"], R[f"deff/{item}"]["estimate"])
    assert row["n_eff"] == pytest.approx(row["n"] / R[f"deff/{item}"]["estimate"])


# --- domains ----------------------------------------------------------------------------------------------------------


def test_a_subgroup_is_not_a_smaller_survey(rows: pd.DataFrame) -> None:
    """Dropping rows forgets the clusters without a member: the standard error must not be the one of fewer clusters."""
    in_four = rows["psu"] <= 4
    domain = sv.Sample(rows, **DESIGNS["strat_clus"]).total("trips", where="kind == 'business'").table.iloc[0]
    dropped = rows[rows["kind"] == "business"]
    fewer = sv.Sample(dropped, **DESIGNS["strat_clus"]).total("trips").table.iloc[0]
    assert in_four.any()
    assert domain["estimate"] == pytest.approx(fewer["estimate"])
    assert domain["std_error"] > 1.2 * fewer["std_error"]


def test_a_missing_answer_is_a_domain_too(rows: pd.DataFrame, sample: sv.Sample) -> None:
    by_missing, by_condition = sample.mean("q1"), sample.mean("q1", where=rows["q1"].notna().to_numpy())
    pd.testing.assert_frame_equal(by_missing.table, by_condition.table)


def test_a_missing_answer_adds_nothing_to_a_total(rows: pd.DataFrame, sample: sv.Sample) -> None:
    as_zero = sv.Sample(rows.fillna({"yes": 0}), **DESIGNS["strat_clus"]).total("yes").table.iloc[0]
    row = sample.total("yes").table.iloc[0]
    close(row[["estimate", "std_error"]], as_zero[["estimate", "std_error"]])
    assert row["n"] == rows["yes"].notna().sum()


def test_the_three_ways_to_write_a_domain_agree(rows: pd.DataFrame, sample: sv.Sample) -> None:
    expected = sample.mean("q1", by="sex", where="kind == 'business'").table
    as_array = sample.mean("q1", by="sex", where=(rows["kind"] == "business").to_numpy()).table
    as_function = sample.mean("q1", by="sex", where=lambda d: d["kind"] == "business").table
    pd.testing.assert_frame_equal(as_array, expected)
    pd.testing.assert_frame_equal(as_function, expected)


def test_where_and_by_are_the_same_domain(sample: sv.Sample) -> None:
    by = sample.mean("q1", by="kind").table.set_index("kind").loc["business"]
    where = sample.mean("q1", where="kind == 'business'").table.iloc[0]
    for column in ("estimate", "std_error", "conf_low", "conf_high", "df", "n", "n_eff", "deff"):
        assert by[column] == pytest.approx(where[column], rel=1e-12), column


def test_groups_that_a_condition_leaves_empty_are_not_shown(sample: sv.Sample) -> None:
    table = sample.mean("q1", by="stratum", where="stratum in ['nam', 'bac']").table
    assert table["stratum"].tolist() == ["bac", "nam"]


@pytest.mark.parametrize("verb", ["mean", "total"])
@pytest.mark.parametrize("item", ["q1", "minutes"])
def test_a_group_of_only_missing_answers_has_a_row_and_no_estimate(rows: pd.DataFrame, item: str, verb: str) -> None:
    rows.loc[rows["ward"] == "An Hòa", item] = np.nan
    table = getattr(sv.Sample(rows, **DESIGNS["strat_clus"]), verb)(item, by="ward").table.set_index("ward")
    empty = table.loc["An Hòa"]
    assert empty["n"] == 0
    assert empty[["estimate", "std_error", "conf_low", "conf_high", "deff"]].isna().all()
    assert table["estimate"].notna().sum() == 2


def test_rows_without_a_group_are_in_no_group_and_are_counted_in_a_note(rows: pd.DataFrame) -> None:
    rows.loc[rows.index[:7], "ward"] = None
    e = sv.Sample(rows, **DESIGNS["strat_clus"]).total("one", by="ward")
    assert e.table["estimate"].sum() == pytest.approx(rows["w"][7:].sum())
    assert any("7 rows" in note and "ward" in note for note in e.notes)


def test_an_index_with_gaps_and_another_order_does_not_move_answers(rows: pd.DataFrame, sample: sv.Sample) -> None:
    expected = sample.mean("q1", by="ward", where="sex == 1").table
    rows.index = np.random.default_rng(1).permutation(len(rows)) * 10
    got = sv.Sample(rows, **DESIGNS["strat_clus"]).mean("q1", by="ward", where="sex == 1").table
    pd.testing.assert_frame_equal(got, expected)


# --- one cluster says nothing of the spread between clusters ----------------------------------------------------------


@pytest.mark.parametrize("verb", ["mean", "distribution"])
def test_a_group_within_one_cluster_has_no_standard_error(rows: pd.DataFrame, verb: str) -> None:
    rows["place"] = np.where((rows["stratum"] == "nam") & (rows["psu"] == 3), "inside one", "elsewhere")
    e = getattr(sv.Sample(rows, **DESIGNS["strat_clus"]), verb)("q1", by="place")
    alone = e.table[e.table["place"] == "inside one"]
    assert alone["estimate"].notna().all()
    assert alone[["std_error", "conf_low", "conf_high"]].isna().all(axis=None)
    assert (alone["df"] <= 0).all()
    assert any("one cluster" in note for note in e.notes)
    assert e.table.loc[e.table["place"] == "elsewhere", "std_error"].gt(0).all()


def test_a_total_within_one_cluster_has_the_error_of_drawing_it_or_not(r_sample: pd.DataFrame) -> None:
    row = sv.Sample(r_sample, **DESIGNS["strat_clus"]).total("trips", where="psu == 3").table.iloc[0]
    # R survey 4.1-1: SE(svytotal(~trips, subset(d, psu == 3)))
    assert row["std_error"] == pytest.approx(592.6463, rel=1e-9)
    assert np.isnan(row["conf_low"])


def test_one_person_among_people_drawn_one_by_one_has_no_standard_error() -> None:
    e = simple(q=[1, 2, 3, 4], g=["a", "a", "a", "b"]).mean("q", by="g")
    assert e.table.loc[1, ["std_error", "conf_low"]].isna().all()
    assert e.table.loc[0, "std_error"] > 0


def test_two_clusters_in_two_strata_leave_no_degrees_of_freedom_and_no_interval(rows: pd.DataFrame) -> None:
    where = "psu == 1 and stratum in ['nam', 'bac']"
    row = sv.Sample(rows, **DESIGNS["strat_clus"]).mean("q1", where=where).table.iloc[0]
    assert row["df"] == 0
    assert np.isnan(row["conf_low"]) and np.isnan(row["conf_high"])


# --- intervals and columns --------------------------------------------------------------------------------------------


def test_the_interval_of_a_mean_uses_t_of_the_design(sample: sv.Sample) -> None:
    for level, t in ((0.95, 2.13144954555978), (0.9, 1.75305035569257)):  # qt(.975, 15); qt(.95, 15)
        e = sample.mean("q1", level=level)
        row = e.table.iloc[0]
        assert row["df"] == 19 - 4
        close(row["conf_high"] - row["estimate"], t * row["std_error"])
        close(row["estimate"] - row["conf_low"], t * row["std_error"])
        assert e.level == level


def test_rows_come_by_item_then_sorted_group_then_answer(sample: sv.Sample) -> None:
    table = sample.distribution(["q2", "q1"], by=["sex", "kind"]).table
    assert table["item"].unique().tolist() == ["q2", "q1"]
    expected = [(s, k, a) for s in (0, 1) for k in ("business", "resident") for a in (1, 2, 3, 4, 5)]
    assert [*table.loc[:19, ["sex", "kind", "answer"]].itertuples(index=False, name=None)] == expected
    assert [*table.columns] == [
        "item",
        "sex",
        "kind",
        "answer",
        "estimate",
        "std_error",
        "conf_low",
        "conf_high",
        "df",
        "n",
        "n_eff",
        "deff",
    ]


def test_many_items_at_once_are_each_as_alone(sample: sv.Sample) -> None:
    together = sample.mean(["q1", "minutes", "q3"], by="sex").table
    alone = pd.concat([sample.mean(i, by="sex").table for i in ("q1", "minutes", "q3")], ignore_index=True)
    pd.testing.assert_frame_equal(together, alone)


def test_people_are_counted_by_one(rows: pd.DataFrame, sample: sv.Sample) -> None:
    close(sample.total("one", by="sex").table["estimate"], rows.groupby("sex")["w"].sum())


def test_a_column_called_one_is_that_column(rows: pd.DataFrame) -> None:
    rows["one"] = 2.0
    row = sv.Sample(rows, **DESIGNS["strat_clus"]).total("one").table.iloc[0]
    close(row["estimate"], 2 * rows["w"].sum())


@pytest.mark.parametrize("dtype", ["int8", "Int64", "float32", "bool", "boolean", "category", "object"])
def test_the_kind_of_a_column_does_not_matter(dtype: str) -> None:
    values = pd.Series([1, 0, 1, 1, 0, 1])
    plain = simple(q=values).mean("q").table
    pd.testing.assert_frame_equal(simple(q=values.astype(dtype)).mean("q").table, plain, rtol=1e-14)


@pytest.mark.parametrize("dtype", ["Int64", "boolean", "category", "object", "float64"])
def test_a_gap_is_missing_in_every_kind_of_column(dtype: str) -> None:
    s = simple(q=pd.Series([1, None, 1, 0, None, 0], dtype=dtype))
    for e in (s.mean("q"), s.proportion("q", levels=[1])):
        row = e.table.iloc[0]
        assert (row["estimate"], row["n"]) == (0.5, 4)


@pytest.mark.parametrize("dtype", ["Int64", "boolean", "category", "str", "float64"])
def test_groups_of_every_kind_of_column(dtype: str) -> None:
    raw = ["0", "1", None, "1"] if dtype == "str" else [0, 1, None, 1]
    table = simple(q=[1.0, 2.0, 9.0, 4.0], g=pd.Series(raw, dtype=dtype)).mean("q", by="g").table
    assert table["estimate"].tolist() == [1.0, 3.0]
    assert [int(g) for g in table["g"]] == [0, 1]


def test_ordered_categories_stay_in_their_order_as_groups() -> None:
    size = pd.CategoricalDtype(["small", "large"], ordered=True)
    s = simple(q=[1.0, 3.0, 5.0], g=pd.Series(["large", "small", "small"], dtype=size))
    assert s.mean("q", by="g").table["g"].tolist() == ["small", "large"]


def test_one_word_in_both_unicode_forms_is_one_group() -> None:
    composed, decomposed = (unicodedata.normalize(form, "An Hòa") for form in ("NFC", "NFD"))
    assert composed != decomposed
    table = simple(q=[1.0, 3.0, 5.0], g=[composed, decomposed, "Bình"]).mean("q", by="g").table
    assert table["g"].tolist() == [composed, "Bình"]
    assert table["estimate"].tolist() == [2.0, 5.0]


def test_weights_in_the_trillions_lose_no_digits(rows: pd.DataFrame, sample: sv.Sample) -> None:
    expected = sample.mean("q1", by="ward").table
    rows["w"] *= 1e12
    got = sv.Sample(rows, **DESIGNS["strat_clus"]).mean("q1", by="ward").table
    pd.testing.assert_frame_equal(got, expected, rtol=1e-12)


def test_a_number_far_from_zero_keeps_its_standard_error() -> None:
    """Squares of 1e9 + small lose their digits; years, dates and incomes are such numbers."""
    y = np.random.default_rng(3).normal(size=200)
    w = np.linspace(1, 3, 200)
    near = sv.Sample(pd.DataFrame({"y": y, "w": w}), weights="w").mean("y").table.iloc[0]
    far = sv.Sample(pd.DataFrame({"y": 1e9 + y, "w": w}), weights="w").mean("y").table.iloc[0]
    assert far["std_error"] == pytest.approx(near["std_error"], rel=1e-6)
    assert far["deff"] == pytest.approx(near["deff"], rel=1e-6)


def test_one_category_is_a_share_of_one_with_an_interval() -> None:
    table = simple(q=[3] * 20).distribution("q").table
    assert table["estimate"].tolist() == [1.0]
    # nobody gave another answer: one-sided (Louis 1981), 0.05^(1 / 20); two-sided (Clopper & Pearson), 0.025^(1 / 20)
    assert table.loc[0, "conf_low"] == pytest.approx(0.05 ** (1 / 20))
    beta = simple(q=[3] * 20).distribution("q", interval="beta").table
    assert beta.loc[0, "conf_low"] == pytest.approx(0.025 ** (1 / 20))
    assert table.loc[0, "conf_high"] == 1.0


def test_the_answers_counted_are_remembered(sample: sv.Sample) -> None:
    assert sample.proportion("q1", top=2).answers == (4, 5)
    assert sample.proportion("q1", bottom=1).answers == (1,)
    assert sample.proportion("q1", levels=[5, 1]).answers == (1, 5)


def test_top_and_bottom_follow_the_scale_of_the_codebook() -> None:
    labels = {"tốt": "good", "vừa": "fair", "tệ": "bad"}  # "bad" is highest here, whatever the alphabet says
    codebook = sv.Codebook.from_dict({"variables": {"q": {"type": "ordinal", "labels": labels}}})
    frame = pd.DataFrame({"q": ["tốt", "tệ", "vừa", "tốt"]})
    s = sv.Sample(sv.Responses(frame, codebook), weights=None)
    assert s.proportion("q", top=1).table["estimate"].tolist() == [0.25]
    assert s.proportion("q", bottom=1).table["estimate"].tolist() == [0.5]


def test_an_option_nobody_chose_has_a_share_of_zero() -> None:
    codebook = sv.Codebook.from_dict({"variables": {"q": {"type": "ordinal", "labels": {1: "a", 2: "b", 3: "c"}}}})
    s = sv.Sample(sv.Responses(pd.DataFrame({"q": [1, 1, 3, 3, 3]}), codebook), weights=None)
    table = s.distribution("q").table
    assert table["estimate"].tolist() == [0.4, 0.0, 0.6]
    assert table.loc[1, "conf_low"] == 0 < table.loc[1, "conf_high"]
    assert s.proportion("q", levels=[2]).table["estimate"].tolist() == [0.0]


def test_a_ratio_with_a_denominator_of_zero_has_no_value() -> None:
    s = simple(a=[1.0, 2.0, 3.0, 4.0], b=[0.0, 0.0, 1.0, 2.0], g=["x", "x", "y", "y"])
    table = s.ratio("a", "b", by="g").table
    assert np.isnan(table.loc[0, "estimate"]) and np.isnan(table.loc[0, "std_error"])
    assert table.loc[1, "estimate"] == pytest.approx(7 / 3)


def test_a_ratio_leaves_out_rows_where_either_is_missing() -> None:
    s = simple(a=[1.0, np.nan, 3.0, 5.0], b=[1.0, 7.0, np.nan, 2.0])
    row = s.ratio("a", "b").table.iloc[0]
    assert (row["estimate"], row["n"]) == (2.0, 2)


# --- what cannot be estimated -----------------------------------------------------------------------------------------


def refuses(words: str, call: Any, *named: str) -> None:
    """The error has these words, and names these things."""
    with pytest.raises(sv.EstimationError, match=words) as caught:
        call()
    for name in named:
        assert name in str(caught.value)


@pytest.mark.parametrize("verb", ["mean", "total", "distribution", "cells"])
def test_an_unknown_item_is_named(sample: sv.Sample, verb: str) -> None:
    refuses("no such item", lambda: getattr(sample, verb)("q99"), "q99", "q1")


@pytest.mark.parametrize("verb", ["mean", "total"])
def test_text_has_no_mean(sample: sv.Sample, verb: str) -> None:
    refuses("An item is not numeric", lambda: getattr(sample, verb)("ward"), "ward", "An Hòa")


def test_text_that_looks_like_numbers_is_text() -> None:
    refuses("An item is not numeric", lambda: simple(q=["1", "2", "3"]).mean("q"), "q")


def test_a_date_has_no_mean() -> None:
    days = pd.to_datetime(["2024-01-01", "2024-01-03"])
    with pytest.raises(sv.EstimationError):
        simple(day=days).mean("day")


@pytest.mark.parametrize("verb", ["mean", "total", "distribution"])
@pytest.mark.parametrize("kind", ["few answers", "many answers"])
def test_missing_codes_that_were_not_recoded_are_refused(verb: str, kind: str) -> None:
    codebook = sv.Codebook.from_dict({"variables": {"q": {"missing": {-98: "dont_know", -99: "refused"}}}})
    values = [1, 2, -98, 5] if kind == "few answers" else [*np.linspace(0, 1, 100), -98]
    s = sv.Sample(sv.Responses(pd.DataFrame({"q": values}), codebook), weights=None)
    refuses("declares missing", lambda: getattr(s, verb)("q"), "-98", "recode_missing")


def test_missing_codes_are_refused_in_ratios_too() -> None:
    codebook = sv.Codebook.from_dict({"variables": {"b": {"missing": {-98: "dont_know"}}}})
    s = sv.Sample(sv.Responses(pd.DataFrame({"a": [1.0, 2], "b": [1.0, -98]}), codebook), weights=None)
    refuses("declares missing", lambda: s.ratio("a", "b"), "-98")


def test_an_empty_domain_is_refused(sample: sv.Sample) -> None:
    refuses("The domain is empty", lambda: sample.mean("q1", where="sex == 7"))


def test_an_unknown_group_is_named(sample: sv.Sample) -> None:
    refuses("group", lambda: sample.mean("q1", by=["sex", "district"]), "district")


@pytest.mark.parametrize("name", ["n", "item", "df", "estimate", "answer"])
def test_a_group_called_after_a_column_of_the_result_is_refused(rows: pd.DataFrame, name: str) -> None:
    """Its labels would be written over by the numbers of people, the names of items, the answers."""
    s = sv.Sample(rows.rename(columns={"sex": name}), **DESIGNS["strat_clus"])
    refuses(
        "A grouping column conflicts with a column of the result",
        lambda: s.distribution("rare", by=name),
        name,
        "rename",
    )


def test_a_group_named_twice_is_refused(sample: sv.Sample) -> None:
    refuses(
        "A grouping column conflicts with a column of the result",
        lambda: sample.mean("q1", by=["sex", "age", "sex"]),
        "sex",
    )


def test_a_domain_without_any_group_is_refused(rows: pd.DataFrame) -> None:
    s = sv.Sample(rows.assign(ward=None), **DESIGNS["strat_clus"])
    refuses("group", lambda: s.mean("q1", by="ward"), "ward")


@pytest.mark.parametrize("level", [0, 1, 95, -0.5, np.nan])
def test_a_level_is_a_share(sample: sv.Sample, level: float) -> None:
    refuses("confidence level", lambda: sample.mean("q1", level=level), "0.95")


@pytest.mark.parametrize("options", [{"top": 1.5}, {"top": True}, {"bottom": "2"}])
def test_the_number_of_answers_is_a_whole_number(sample: sv.Sample, options: dict[str, Any]) -> None:
    refuses("must be a whole number", lambda: sample.proportion("q1", **options), "q1", "1 to 4")


@pytest.mark.parametrize("options", [{"top": 5}, {"top": 0}, {"bottom": 9}, {"bottom": -1}])
def test_more_answers_than_the_scale_leaves(sample: sv.Sample, options: dict[str, Any]) -> None:
    refuses(
        "The number of answers exceeds the length of the scale",
        lambda: sample.proportion("q1", **options),
        "q1",
        "1 to 4",
    )


@pytest.mark.parametrize("options", [{}, {"top": 1, "levels": [5]}, {"top": 1, "bottom": 1}, {"levels": []}])
def test_one_set_of_answers_and_no_more(sample: sv.Sample, options: dict[str, Any]) -> None:
    refuses(
        "Give exactly one of levels, top, bottom, net",
        lambda: sample.proportion("q1", **options),
        "levels",
        "top",
        "bottom",
    )


@pytest.mark.parametrize("options", [{"top": 1}, {"bottom": 1}])
def test_answers_without_an_order_have_no_top(rows: pd.DataFrame, sample: sv.Sample, options: dict[str, int]) -> None:
    """The alphabet is no scale; nor are the codes of a nominal item."""
    refuses("have no order", lambda: sample.proportion("ward", **options), "ward", "levels=")
    codebook = sv.Codebook.from_dict({"variables": {"age": {"type": "nominal", "labels": {0: "a", 1: "b", 2: "c"}}}})
    s = sv.Sample(sv.Responses(rows, codebook), **DESIGNS["strat_clus"])
    refuses("have no order", lambda: s.proportion("age", **options), "age")
    assert s.proportion("age", levels=[2]).answers == (2,)


def test_an_ordered_category_has_a_top(rows: pd.DataFrame) -> None:
    names = ["young", "middle", "old"]
    rows["band"] = pd.Categorical(rows["age"].map(dict(enumerate(names))), names, ordered=True)
    s = sv.Sample(rows, **DESIGNS["strat_clus"])
    assert s.proportion("band", top=1).answers == ("old",)
    assert s.proportion("band", top=np.int64(2)).answers == ("middle", "old")


def test_an_unknown_answer_is_named(sample: sv.Sample) -> None:
    refuses("not on the item's scale", lambda: sample.proportion("q1", levels=[4, 8]), "8", "q1")


def test_an_item_nobody_answered_has_no_shares(rows: pd.DataFrame) -> None:
    s = sv.Sample(rows.assign(q1=np.nan), **DESIGNS["strat_clus"])
    refuses("no answers", lambda: s.distribution("q1"), "q1")
    row = s.mean("q1").table.iloc[0]
    assert row["n"] == 0 and np.isnan(row["estimate"]) and np.isnan(row["std_error"])


@pytest.mark.parametrize("values", [[1.0, np.inf, 2.0], [*np.linspace(0, 1, 100), -np.inf]])
def test_infinite_answers_are_refused(values: list[float]) -> None:
    refuses("infinite", lambda: simple(q=values).mean("q"), "q")


@pytest.mark.parametrize("verb", ["mean", "distribution"])
def test_nothing_to_estimate(sample: sv.Sample, verb: str) -> None:
    refuses("nothing to estimate", lambda: getattr(sample, verb)([]))


def test_estimating_leaves_the_data_alone(rows: pd.DataFrame, sample: sv.Sample) -> None:
    before = rows.copy()
    sample.mean(["q1", "minutes"], by="ward", where="sex == 1")
    sample.distribution("q1")
    sample.ratio("minutes", "trips")
    pd.testing.assert_frame_equal(sample.data, before)
