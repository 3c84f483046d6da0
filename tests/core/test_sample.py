"""A sample that cannot be is refused at the door, with the column, the rows and what to do about it."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import survey as sv

REFERENCE = Path(__file__).parents[1] / "reference"
DESIGNS = json.loads((REFERENCE / "designs.json").read_text(encoding="utf-8"))


@pytest.fixture
def frame() -> pd.DataFrame:
    """Two strata of three clusters of two people; the index is not the position."""
    return pd.DataFrame(
        {
            "w": np.arange(1.0, 13.0),
            "s": ["a"] * 6 + ["b"] * 6,
            "c": np.repeat([1, 2, 3, 4, 5, 6], 2),
            "N": [10] * 6 + [20] * 6,
            "q": [1, 2, 3] * 4,
        },
        index=np.arange(100, 112),
    )


def refused(frame: Any, **design: Any) -> str:
    """The words of the error."""
    with pytest.raises(sv.DesignError) as caught:
        sv.Sample(frame, **{"weights": "w", **design})
    return str(caught.value)


# --- columns ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("part", ["weights", "strata", "psu", "fpc"])
def test_a_column_that_is_not_there_is_named(frame: pd.DataFrame, part: str) -> None:
    words = refused(frame, **{part: "wieght"})
    assert "wieght" in words and "w, s, c, N, q" in words


def test_weights_must_be_named_even_if_there_are_none(frame: pd.DataFrame) -> None:
    with pytest.raises(sv.DesignError, match="weights") as failed:
        sv.Sample(frame)  # type: ignore[call-arg]
    assert "weights=None" in str(failed.value.fix)
    assert sv.Sample(frame, weights=None).weights.tolist() == [1.0] * 12


@pytest.mark.parametrize("value", [np.nan, -1.0, np.inf, -np.inf])
def test_a_weight_that_is_none_is_named_by_its_row(frame: pd.DataFrame, value: float) -> None:
    frame.loc[103, "w"] = value
    words = refused(frame)
    assert "103" in words and "'w'" in words and str(value) in words
    assert "104" not in words


@pytest.mark.parametrize("values", [["1,5"] * 12, ["x"] * 12, ["1.5"] * 12])
def test_text_is_no_weight_even_if_it_reads_like_one(frame: pd.DataFrame, values: list[str]) -> None:
    words = refused(frame.assign(w=values))
    assert "column is not numeric" in words and "'w'" in words and values[0] in words


def test_nullable_and_whole_weights_are_weights(frame: pd.DataFrame) -> None:
    for dtype in ("int64", "Int64", "Float64", "float32"):
        np.testing.assert_array_equal(sv.Sample(frame.astype({"w": dtype}), weights="w").weights, np.arange(1.0, 13.0))
    frame["w"] = frame["w"].astype("Int64")
    frame.loc[105, "w"] = pd.NA
    assert "105" in refused(frame)


@pytest.mark.parametrize(("part", "column"), [("strata", "s"), ("psu", "c")])
def test_a_missing_stratum_or_cluster_is_named_by_its_row(frame: pd.DataFrame, part: str, column: str) -> None:
    frame[column] = frame[column].astype(object)
    frame.loc[107, column] = None
    words = refused(frame, **{part: column})
    assert "107" in words and column in words


def test_nobody_is_no_sample(frame: pd.DataFrame) -> None:
    assert "no rows" in refused(frame.iloc[:0]).lower()
    assert "no rows" in refused(frame.iloc[:0], strata="s", psu="c").lower()


@pytest.mark.parametrize("data", [None, [1, 2], "residents.csv", {"w": [1.0]}])
def test_a_sample_is_made_of_responses(data: Any) -> None:
    assert "Responses or a DataFrame" in refused(data)


# --- strata and clusters ----------------------------------------------------------------------------------------------


def test_cluster_ids_that_repeat_in_strata_are_a_question(frame: pd.DataFrame) -> None:
    frame["c"] = np.tile(np.repeat([1, 2, 3], 2), 2)
    words = refused(frame, strata="s", psu="c")
    assert "3 ids" in words and "1, 2, 3" in words and "nest=True" in words
    assert sv.Sample(frame, weights="w", strata="s", psu="c", nest=True).total("one").table.loc[0, "df"] == 4


def test_only_the_ids_that_repeat_are_named(frame: pd.DataFrame) -> None:
    frame.loc[111, "c"] = 1
    words = refused(frame, strata="s", psu="c")
    assert "1 ids in more than one stratum: 1" in words


def test_lonely_strata_are_named(frame: pd.DataFrame) -> None:
    frame.loc[frame["s"] == "b", "c"] = 4
    words = refused(frame, strata="s", psu="c")
    assert "strata b" in words and "lonely=" in words
    for rule in ("adjust", "centered", "average", "remove", "certainty"):
        assert f"'{rule}'" in words
        e = sv.Sample(frame, weights="w", strata="s", psu="c", lonely=rule).mean("q")
        assert e.table.loc[0, "std_error"] > 0
        assert e.table.loc[0, "df"] == 4 - 2


def test_a_lonely_element_is_a_lonely_cluster(frame: pd.DataFrame) -> None:
    frame["s"] = ["a"] * 11 + ["b"]
    assert "strata b" in refused(frame, strata="s")


def test_one_cluster_in_all_is_lonely(frame: pd.DataFrame) -> None:
    assert "single cluster" in refused(frame.assign(c=1), psu="c")
    assert "single cluster" in refused(frame.iloc[:1])


def test_an_unknown_rule_is_named(frame: pd.DataFrame) -> None:
    words = refused(frame, lonely="ignore")
    assert "ignore" in words and "adjust" in words


# --- population sizes -------------------------------------------------------------------------------------------------


def test_a_population_smaller_than_its_sample(frame: pd.DataFrame) -> None:
    frame.loc[frame["s"] == "b", "N"] = 2
    words = refused(frame, strata="s", psu="c", fpc="N")
    assert "strata b" in words and "2 < 3" in words


def test_a_population_size_that_varies(frame: pd.DataFrame) -> None:
    frame.loc[108, "N"] = 21
    words = refused(frame, strata="s", psu="c", fpc="N")
    assert "The population size varies within a stratum or cluster" in words and "strata b" in words


def test_fractions_mixed_with_sizes(frame: pd.DataFrame) -> None:
    frame["N"] = frame["N"].where(frame["s"] == "a", 0.3)
    assert "The fpc mixes sampling fractions with population sizes" in refused(frame, strata="s", psu="c", fpc="N")


@pytest.mark.parametrize("value", [np.nan, 0.0, -4.0])
def test_a_population_size_that_is_none_is_named_by_its_row(frame: pd.DataFrame, value: float) -> None:
    frame["N"] = frame["N"].astype(float)
    frame.loc[109, "N"] = value
    words = refused(frame, strata="s", psu="c", fpc="N")
    assert "109" in words and "'N'" in words


def test_text_is_no_population_size(frame: pd.DataFrame) -> None:
    assert "column is not numeric" in refused(frame.assign(N="many"), strata="s", psu="c", fpc="N")


@pytest.mark.parametrize(
    ("design", "words"),
    [
        ({"psu": ["c", "q"], "fpc": "N"}, "both population sizes"),
        ({"psu": ["c", "q"]}, "both population sizes"),
        ({"psu": "c", "fpc": ["N", "N"]}, "There are more finite population corrections than stages of clusters"),
        ({"fpc": ["N", "N"]}, "There are more finite population corrections than stages of clusters"),
        ({"psu": ["c", "q", "s"]}, "At most two stages of clusters are supported"),
    ],
)
def test_stages_and_sizes_must_fit(frame: pd.DataFrame, design: dict[str, Any], words: str) -> None:
    assert words in refused(frame, **design)


# --- a sample that can be ---------------------------------------------------------------------------------------------


def test_weights_are_in_the_order_of_the_rows(frame: pd.DataFrame) -> None:
    shuffled = frame.sample(frac=1, random_state=1)
    s = sv.Sample(shuffled, weights="w", strata="s", psu="c")
    np.testing.assert_array_equal(s.weights, shuffled["w"])


def test_a_sample_and_its_design_cannot_be_changed(frame: pd.DataFrame) -> None:
    s = sv.Sample(frame, weights="w")
    with pytest.raises(dataclasses.FrozenInstanceError):
        s.design = None  # type: ignore[misc, assignment]
    with pytest.raises(dataclasses.FrozenInstanceError):
        s.design.weights = "q"  # type: ignore[misc]


def test_the_design_is_told_in_one_line(frame: pd.DataFrame) -> None:
    s = sv.Sample(frame, weights="w", strata="s", psu="c", fpc="N")
    assert repr(s) == "<Sample: 12 respondents; weights w; strata s; clusters c; fpc N>"
    plain = "<Sample: 12 respondents; every row counts once; elements drawn one by one>"
    assert repr(sv.Sample(frame, weights=None)) == plain
    assert "weighted by rake" in repr(s.rake({"s": {"a": 5.0, "b": 5.0}}))
    assert len(s) == 12


def test_responses_bring_their_codebook(frame: pd.DataFrame) -> None:
    codebook = sv.Codebook.from_dict(
        {"study": {"title": {"en": "Ten wards"}, "simulated": True}, "variables": {"q": {"text": "How good?"}}}
    )
    s = sv.Sample(sv.Responses(frame, codebook), weights="w")
    e = s.mean("q")
    assert s.simulated and e.simulated
    assert "simulated data" in s.source and e.source == s.source
    assert e.codebook.wording("q") == "How good?"


def test_a_plain_frame_and_responses_are_the_same_sample(frame: pd.DataFrame) -> None:
    plain, wrapped = sv.Sample(frame, weights="w"), sv.Sample(sv.Responses(frame), weights="w")
    pd.testing.assert_frame_equal(plain.mean("q").table, wrapped.mean("q").table)


@pytest.mark.parametrize("dtype", ["category", "str", "object", "Int64", "float64"])
def test_cluster_ids_of_every_kind(frame: pd.DataFrame, dtype: str) -> None:
    expected = sv.Sample(frame, weights="w", strata="s", psu="c").mean("q").table
    got = sv.Sample(frame.astype({"c": dtype}), weights="w", strata="s", psu="c").mean("q").table
    pd.testing.assert_frame_equal(got, expected, rtol=1e-12)


def test_an_unused_category_is_no_stratum(frame: pd.DataFrame) -> None:
    frame["s"] = pd.Categorical(frame["s"], ["a", "empty", "b"])
    assert sv.Sample(frame, weights="w", strata="s", psu="c").mean("q").table.loc[0, "df"] == 6 - 2


@pytest.mark.parametrize("name", DESIGNS)
def test_making_a_sample_leaves_the_data_alone(name: str) -> None:
    rows = pd.read_csv(REFERENCE / "rows.csv")
    before = rows.copy()
    sv.Sample(rows, **DESIGNS[name]).mean("q1")
    pd.testing.assert_frame_equal(rows, before)
