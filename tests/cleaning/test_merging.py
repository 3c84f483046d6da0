"""Merged categories: each in one group, nobody left over, and the scale's order and direction kept where they hold."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from survey.core.log import KIND_CODES
from survey.errors import CleaningError
from survey.responses import Responses


def test_labels_become_new_codes_in_their_order(responses: Responses) -> None:
    merged = responses.recode_missing().merge_categories(
        "bribes", {"seldom": [1, 2], "at times": [3], "often": [4, 5]}, into="bribes3"
    )
    # bribes was 2, blank, 1, 5, 3
    np.testing.assert_array_equal(merged.data["bribes3"], [1, np.nan, 1, 3, 2])
    variable = merged.codebook["bribes3"]
    assert variable.codes == (1, 2, 3) and variable.label(3, "vi") == "often"
    assert (variable.type, variable.direction) == ("ordinal", -1)
    assert merged.missing["bribes3"].tolist() == [0, KIND_CODES["blank"], 0, 0, 0]
    assert merged.data["bribes"].equals(responses.recode_missing().data["bribes"])
    line = merged.log.iloc[-1]
    assert (line["verb"], line["rows_touched"], line["answers_touched"]) == ("merge_categories", 4, 4)


def test_a_code_takes_the_labels_of_what_it_is_made_of(responses: Responses) -> None:
    merged = responses.recode_missing().merge_categories("bribes", {0: [1, 2, 3], 1: [4, 5]}, into="b")
    assert merged.codebook["b"].label(1, "vi") == "thường / luôn luôn"
    assert merged.codebook["b"].label(0, "en") == "never / rarely / sometimes"
    assert merged.data["b"].dropna().tolist() == [0, 0, 1, 0]


def test_groups_that_leave_the_order_of_the_scale_are_no_scale(responses: Responses) -> None:
    clean = responses.recode_missing()
    for groups in ({"ends": [1, 5], "between": [2, 3, 4]}, {"high": [4, 5], "low": [1, 2, 3]}):
        variable = clean.merge_categories("bribes", groups, into="b").codebook["b"]
        assert (variable.type, variable.direction) == ("nominal", 0)


def test_labels_in_two_languages(responses: Responses) -> None:
    labels = [{"vi": "Một", "en": "One"}, {"vi": "Hai", "en": "Two"}]
    merged = responses.merge_categories("ward", {1: ["P01"], 2: ["P02"]}, into="w", labels=labels)
    assert merged.codebook["w"].label(2, "vi") == "Hai" and merged.data["w"].tolist()[:3] == [1, 2, 1]


@pytest.mark.parametrize(
    ("groups", "words"),
    [
        ({"low": [1, 2, 3], "high": [4]}, "no group"),
        ({"low": [1, 2, 3], "high": [3, 4, 5]}, "two groups"),
        ({"low": [1, 2, 3], 7: [4, 5]}, "The names of the groups are not distinct"),
        ([[1, [1, 2, 3]], [1, [4, 5]]], "The names of the groups are not distinct"),
        ({"low": [], "high": [1, 2, 3, 4, 5]}, "needs groups"),
        ({}, "needs groups"),
        (7, "needs groups"),
    ],
)
def test_groups_that_leave_something_open(responses: Responses, groups: object, words: str) -> None:
    with pytest.raises(CleaningError, match=words):
        responses.recode_missing().merge_categories("bribes", groups, into="b")  # type: ignore[arg-type]


def test_answers_in_no_group_are_named_by_row(responses: Responses) -> None:
    data = responses.data.assign(bribes=[9, 1, 2, 3, 4])
    with pytest.raises(CleaningError, match="belong to no group") as caught:
        Responses(data, responses.codebook).merge_categories("bribes", {"l": [1, 2], "h": [3, 4, 5]}, into="b")
    assert "0 (R1)" in str(caught.value) and "9" in str(caught.value)


def test_missing_codes_are_never_a_category(responses: Responses) -> None:
    with pytest.raises(CleaningError, match="recode_missing"):
        responses.merge_categories("bribes", {"l": [1, 2], "h": [3, 4, 5]}, into="b")
    with pytest.raises(CleaningError, match="overwrite"):
        responses.recode_missing().merge_categories("bribes", {"l": [1, 2, 3, 4, 5]}, into="born")


def test_without_a_codebook_the_data_are_all_there_is() -> None:
    raw = Responses(pd.DataFrame({"x": ["hoà", "bình", None]}))
    merged = raw.merge_categories("x", {"cả hai": ["hoà", "bình"]}, into="y")
    assert merged.data["y"].tolist()[:2] == [1, 1] and merged.data["y"].isna().tolist() == [False, False, True]
    empty = Responses(pd.DataFrame({"x": pd.Series([], dtype=float)}), raw.codebook)
    assert len(empty.merge_categories("x", {"a": [1]}, into="y")) == 0
