"""Counts against pandas: nobody is lost, nobody is counted twice, and an option nobody chose is still an option."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import survey as sv
from survey.counting.cells import code_answers

REFERENCE = Path(__file__).parents[1] / "reference"
DESIGNS = json.loads((REFERENCE / "designs.json").read_text(encoding="utf-8"))


def cells(frame: pd.DataFrame | sv.Responses, item: str, design: str = "clus_only", **options: Any) -> sv.Cells:
    return sv.Sample(frame, **DESIGNS[design]).cells(item, **options)[0]


def column(values: object, dtype: str | None = None) -> pd.DataFrame:
    """A sample of equal weights, every row a cluster."""
    return pd.DataFrame({"q": pd.Series(values, dtype=dtype), "w": 1.0})


def counted(frame: pd.DataFrame, codebook: sv.Codebook | None = None) -> dict[Any, int]:
    """Answer -> number of people."""
    data = frame if codebook is None else sv.Responses(frame, codebook)
    c = cells(data, "q", "unequal")
    assert c.answers is not None and c.n_answers is not None
    return dict(zip(c.answers.tolist(), c.n_answers[0].tolist(), strict=True))


def test_counts_are_those_of_a_pivot_table(rows: pd.DataFrame) -> None:
    c = cells(rows, "q1", by="ward")
    keys = ["cluster", "ward", "q1"]
    full = pd.MultiIndex.from_product([sorted(rows[k].dropna().unique()) for k in keys])
    grouped = rows.dropna(subset="q1").groupby(keys)["w"]
    np.testing.assert_allclose(c.sums.ravel(), grouped.sum().reindex(full, fill_value=0))
    assert c.groups["ward"].tolist() == sorted(rows["ward"].unique())
    valid = rows.dropna(subset="q1").groupby(keys[:2]).size().reindex(full.droplevel(2).unique(), fill_value=0)
    assert c.n.ravel().tolist() == valid.tolist()
    assert c.n_missing.tolist() == rows[rows["q1"].isna()].groupby("ward").size().tolist()


def test_clusters_that_a_domain_empties_stay_as_zeros(rows: pd.DataFrame) -> None:
    everyone, business = cells(rows, "q1"), cells(rows, "q1", where="kind == 'business'")
    assert business.sums.shape == everyone.sums.shape
    assert (business.n.sum(axis=1) == 0).sum() == 2 + 2 + 3 + 2  # the clusters with an even number have no business


def test_where_elements_are_the_last_stage_squares_of_weights_are_kept(rows: pd.DataFrame) -> None:
    c = cells(rows, "q2", "element")
    assert c.squares is not None
    expected = rows.assign(ww=rows["w"] ** 2).groupby(["stratum", "q2"])["ww"].sum()
    np.testing.assert_allclose(c.squares.ravel(), expected)
    assert cells(rows, "q2", "strat_clus").squares is None


def test_shards_add_up_to_the_whole(rows: pd.DataFrame) -> None:
    first = rows.index < 70
    for design in ("clus_only", "element"):
        whole = cells(rows, "q1", design, by="sex")
        parts = cells(rows, "q1", design, by="sex", where=first) + cells(rows, "q1", design, by="sex", where=~first)
        np.testing.assert_allclose(parts.sums, whole.sums)
        np.testing.assert_array_equal(parts.n, whole.n)
        np.testing.assert_array_equal(parts.n_missing, whole.n_missing)
        np.testing.assert_array_equal(parts.n_answers, whole.n_answers)
        if whole.squares is not None:
            np.testing.assert_allclose(parts.squares, whole.squares)


@pytest.mark.parametrize("other", [{"item": "q2", "by": "sex"}, {"item": "q1", "by": "age"}, {"item": "q1"}])
def test_cells_of_different_things_do_not_add_up(rows: pd.DataFrame, other: dict[str, str]) -> None:
    with pytest.raises(sv.EstimationError, match="Cells of different items, groups or answers cannot be added"):
        cells(rows, "q1", by="sex") + cells(rows, **other)


def test_cells_counted_in_different_clusters_do_not_add_up(rows: pd.DataFrame) -> None:
    with pytest.raises(sv.EstimationError, match="Cells of different items, groups or answers cannot be added"):
        cells(rows, "q1") + cells(rows[rows["stratum"] != "tay"], "q1")


def test_an_option_that_nobody_chose_is_still_an_option() -> None:
    codebook = sv.Codebook.from_dict({"variables": {"q": {"type": "ordinal", "labels": {1: "a", 2: "b", 3: "c"}}}})
    assert counted(column([3, 1, 3, np.nan]), codebook) == {1: 1, 2: 0, 3: 2}


def test_the_codebook_has_the_say_on_the_order_of_text_answers() -> None:
    labels = {"tệ": "bad", "vừa": "fair", "tốt": "good"}
    codebook = sv.Codebook.from_dict({"variables": {"q": {"type": "ordinal", "labels": labels}}})
    got = counted(column(["tốt", "tệ", "tốt", None]), codebook)
    assert list(got.items()) == [("tệ", 1), ("vừa", 0), ("tốt", 2)]


def test_an_answer_that_the_codebook_does_not_know_is_counted_where_it_belongs() -> None:
    codebook = sv.Codebook.from_dict({"variables": {"q": {"type": "ordinal", "labels": {1: "a", 3: "c"}}}})
    assert list(counted(column([3, 2, 1, 2]), codebook).items()) == [(1, 1), (2, 2), (3, 1)]


def test_an_ordered_category_keeps_its_order_and_its_empty_levels() -> None:
    levels = pd.CategoricalDtype(["low", "middle", "high", "top"], ordered=True)
    frame = pd.DataFrame({"q": pd.Series(["high", "low", None, "high"], dtype=levels), "w": 1.0})
    assert list(counted(frame).items()) == [("low", 1), ("middle", 0), ("high", 2), ("top", 0)]


@pytest.mark.parametrize(
    ("values", "dtype", "expected"),
    [
        ([True, False, True], "bool", {0: 1, 1: 2}),
        ([True, None, True], "boolean", {1: 2}),
        ([2, None, 5, 2], "Int64", {2: 2, 5: 1}),
        ([2, 5, 2], "int8", {2: 2, 5: 1}),
        ([-98, 1, -98, 3], "int64", {-98: 2, 1: 1, 3: 1}),
        ([1, 1000, 1_000_000], "int64", {1: 1, 1000: 1, 1_000_000: 1}),
        ([0.5, 1.5, 0.5, np.nan], "float64", {0.5: 2, 1.5: 1}),
        (["b", "a", None, "b"], "str", {"a": 1, "b": 2}),
        (["b", "a", None, "b"], "object", {"a": 1, "b": 2}),
        ([3, 1, 3], "category", {1: 1, 3: 2}),
        ([7.0, 7.0], "float32", {7: 2}),
    ],
)
def test_every_kind_of_column_is_counted(values: list[Any], dtype: str, expected: dict[Any, int]) -> None:
    assert counted(column(values, dtype)) == expected


def test_codes_beyond_a_hundred_do_not_overflow_small_keys() -> None:
    values = np.tile(np.arange(60), 300)  # 18,000 rows in 60 groups of 60 answers, all held as int8
    frame = pd.DataFrame({"q": values.astype("int8"), "g": np.repeat(np.arange(60), 300).astype("int8"), "w": 1.0})
    c = cells(frame, "q", "unequal", by="g")
    assert c.n_answers is not None
    expected = pd.crosstab(frame["g"], frame["q"]).to_numpy()
    np.testing.assert_array_equal(c.n_answers, expected)


def test_a_number_of_many_values_is_counted_answer_by_answer_when_asked(rows: pd.DataFrame) -> None:
    c = cells(rows, "minutes", "unequal")
    assert c.answers is not None
    assert c.answers.tolist() == sorted(rows["minutes"].dropna().unique())


def test_rows_without_a_group_are_counted_in_the_domain_only() -> None:
    """Seven people have no ward; two of them are in the domain."""
    frame = pd.DataFrame(
        {
            "q": [1.0, 2, 3, 4, 5, 1, 2, 3, 4, 5, 1, 2],
            "ward": ["P01", "P01", "P02", "P02", None, None, None, None, None, None, None, "P01"],
            "age": [20, 30, 40, 50, 60, 60, 20, 20, 20, 20, 20, 20],
            "w": 1.0,
        }
    )
    s = sv.Sample(frame, weights="w")
    everyone, older = s.mean("q", by="ward"), s.mean("q", by="ward", where="age >= 25")
    assert [note for note in everyone.notes if "no value of ward" in note] == [
        "7 rows have no value of ward and are in no group"
    ]
    assert [note for note in older.notes if "no value of ward" in note] == [
        "2 rows have no value of ward and are in no group"
    ]
    assert older.table["n"].tolist() == [1, 2]
    # a domain in which everybody has a ward says nothing of those outside it
    assert not [n for n in s.mean("q", by="ward", where="age in (30, 40, 50)").notes if "no value of ward" in n]


@pytest.mark.parametrize("answers", [1, 2, 16, 17, 60])
def test_rows_of_an_answer_are_counted_as_numpy_does(answers: int) -> None:
    values = np.random.default_rng(answers).integers(-1, answers - 1, 300_000).astype(float)
    values[::7] = np.nan
    coded = code_answers(pd.Series(values), None, required=False)
    assert coded is not None and coded.rows is not None
    held, rows = np.unique(values[~np.isnan(values)], return_counts=True)
    assert coded.answers.tolist() == held.tolist()
    assert coded.rows.tolist() == rows.tolist()
