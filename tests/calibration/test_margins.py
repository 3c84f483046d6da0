"""Targets matched to respondents: every way in which they can fail to fit, with names and numbers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import survey as sv

DESIGNS = json.loads((Path(__file__).parents[1] / "reference" / "designs.json").read_text(encoding="utf-8"))


@pytest.fixture
def sample() -> sv.Sample:
    frame = pd.DataFrame(
        {"sex": [0, 1, 0, 1, 1, 0], "age": ["young", "old", "old", "young", "old", "young"], "w": 10.0},
        index=[11, 12, 13, 14, 15, 16],
    )
    return sv.Sample(frame, weights="w")


def refused(sample: sv.Sample, targets: Any) -> str:
    """The words of the error; weighting and looking at gaps refuse alike, and neither touches the sample."""
    words = []
    for verb in (sample.rake, sample.margin_gaps):
        with pytest.raises(sv.TargetsError) as caught:
            verb(targets)
        words.append(str(caught.value))
    assert words[0] == words[1]
    assert sample.weights.tolist() == [10.0] * 6
    return words[0]


def changed(sample: sv.Sample, **columns: Any) -> sv.Sample:
    return sv.Sample(sample.data.assign(**columns), weights="w")


def test_a_variable_that_the_data_lack(sample: sv.Sample) -> None:
    words = refused(sample, {"sex": {0: 50, 1: 50}, "district": {1: 100}})
    assert "district" in words and "sex, age, w" in words


def test_respondents_without_a_category_are_named_by_their_rows(sample: sv.Sample) -> None:
    words = refused(changed(sample, sex=[0, 1, np.nan, 1, np.nan, 0]), {"sex": {0: 50, 1: 50}})
    assert "2 respondents" in words and "13, 15" in words and "margin sex" in words


def test_respondents_in_a_category_without_a_target(sample: sv.Sample) -> None:
    words = refused(sample, {"age": {"young": 100}})
    assert "no target" in words and "age = old (3 respondents)" in words


def test_a_category_nobody_answered(sample: sv.Sample) -> None:
    words = refused(sample, {"sex": {0: 400, 1: 500, 2: 1100}})
    assert (
        "A category of the population has no respondents" in words and "sex = 2: target 1,100, 0 respondents" in words
    )


def test_a_target_of_zero_for_people_who_are_there(sample: sv.Sample) -> None:
    words = refused(sample, {"sex": {0: 0, 1: 100}})
    assert "target is 0" in words and "sex = 0" in words


def test_a_target_of_zero_for_nobody_is_fine(sample: sv.Sample) -> None:
    assert sample.rake({"sex": {0: 40, 1: 60, 2: 0}}).weights.sum() == pytest.approx(100)


def test_an_empty_cell_of_crossed_margins_is_named(sample: sv.Sample) -> None:
    targets = {("sex", "age"): {(0, "young"): 20, (0, "old"): 20, (1, "young"): 30, (1, "old"): 30, (2, "old"): 5}}
    assert "sex = 2, age = old: target 5" in refused(sample, targets)


def test_margins_that_disagree(sample: sv.Sample) -> None:
    assert "-10.00" in refused(sample, {"sex": {0: 50, 1: 50}, "age": {"young": 40, "old": 50}})


def test_one_category_written_in_two_ways_in_the_data(sample: sv.Sample) -> None:
    """1 and "1" are one category of the targets; each must not be given the whole total."""
    mixed = changed(sample, sex=pd.Series([0, 1, 0, "1", 1, "0"], dtype=object).to_numpy())
    assert "sex = 1" in refused(mixed, {"sex": {0: 40, 1: 60}})


@pytest.mark.parametrize("categories", [{"0": 40, "1": 60}, {0.0: 40, 1.0: 60}, {False: 40, True: 60}])
def test_categories_match_however_they_are_written(sample: sv.Sample, categories: dict[Any, float]) -> None:
    s = sample.rake({"sex": categories})
    assert pd.Series(s.weights).groupby(s.data["sex"].to_numpy()).sum().tolist() == pytest.approx([40, 60])


def test_text_categories_with_leading_zeros_are_not_numbers(sample: sv.Sample) -> None:
    s = changed(sample, ward=["01", "1", "01", "1", "01", "1"])
    assert "ward = 1 " in refused(s, {"ward": {"01": 100}})
    assert s.rake({"ward": {"01": 40, "1": 60}}).weights.sum() == pytest.approx(100)
