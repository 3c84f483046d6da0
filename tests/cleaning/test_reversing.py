"""Reversing: a scale turned twice is a scale turned into nonsense."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from survey.codebook import Codebook, Variable
from survey.errors import CleaningError
from survey.responses import Responses


def test_items_of_direction_minus_one_are_turned_with_their_labels(responses: Responses) -> None:
    turned = responses.recode_missing().reverse()
    np.testing.assert_array_equal(turned.data["curt"], [5, 3, np.nan, np.nan, np.nan])
    np.testing.assert_array_equal(turned.data["bribes"], [4, np.nan, 5, 1, 3])
    np.testing.assert_array_equal(turned.data["gentle"], [5, 4, np.nan, np.nan, np.nan])
    assert turned.codebook.label("curt", 5) == "never"
    assert turned.codebook.label("curt", 1, "vi") == "luôn luôn"
    assert turned.codebook["curt"].codes == (1, 2, 3, 4, 5)
    assert turned.codebook["curt"].direction == 1


def test_what_a_respondent_said_is_the_same_before_and_after(responses: Responses) -> None:
    clean = responses.recode_missing()
    turned = clean.reverse()
    for name in ("curt", "bribes", "gentle"):
        before = [clean.codebook.label(name, v) for v in clean.data[name].dropna()]
        after = [turned.codebook.label(name, v) for v in turned.data[name].dropna()]
        assert before == after


def test_a_second_call_changes_nothing(responses: Responses) -> None:
    once = responses.recode_missing().reverse()
    twice = once.reverse()
    pd.testing.assert_frame_equal(once.data, twice.data)
    assert once.codebook == twice.codebook
    assert twice.entries[-1].answers_touched == 0
    pd.testing.assert_frame_equal(once.reverse(["curt"]).data, once.data)


def test_missing_codes_are_not_turned(responses: Responses) -> None:
    turned = responses.reverse()
    np.testing.assert_array_equal(turned.data["curt"], [5, 3, np.nan, -96, np.nan])
    np.testing.assert_array_equal(turned.data["bribes"], [4, -97, 5, 1, 3])
    before = responses.recode_missing().reverse()
    pd.testing.assert_frame_equal(turned.recode_missing().data, before.data)


def test_a_binary_item_is_turned(responses: Responses) -> None:
    variable = responses.codebook["badge"]
    book = responses.codebook.update(Variable("badge", "binary", labels=variable.labels, direction=-1))
    data = responses.data.assign(badge=[1, 0, 1, 1, 0])
    turned = Responses(data, book).reverse("badge")
    assert turned.data["badge"].tolist() == [0, 1, 0, 0, 1]
    assert turned.codebook.label("badge", 0) == "yes"


def test_tagged_missings_stay() -> None:
    book = Codebook().update(
        Variable("q", "ordinal", labels={1: {}, 2: {}, 3: {}}, missing={"a": "refused"}, direction=-1)
    )
    data = pd.DataFrame({"q": pd.Series([1.0, "a", 3.0, np.nan], dtype=object)})
    turned = Responses(data, book).reverse()
    assert turned.data["q"].tolist()[:3] == [3.0, "a", 1.0]
    np.testing.assert_array_equal(turned.recode_missing().data["q"], [3, np.nan, 1, np.nan])


def test_codes_outside_the_scale_are_named_by_row(responses: Responses) -> None:
    data = responses.data.assign(curt=[1, 7, 3, 0, 5])
    with pytest.raises(CleaningError) as caught:
        Responses(data, responses.codebook).reverse()
    assert "2 rows: 1 (R2), 3 (R4)" in str(caught.value)
    assert "0, 7" in str(caught.value)


def test_a_scale_that_is_no_mirror_image_is_refused() -> None:
    book = Codebook().update(Variable("q", "ordinal", labels={1: {}, 2: {}, 4: {}}, direction=-1))
    with pytest.raises(CleaningError, match="evenly spaced codes"):
        Responses(pd.DataFrame({"q": [1, 2, 4]}), book).reverse()


@pytest.mark.parametrize("name", ["born", "ward", "resp_id"])
def test_a_column_without_scale_and_direction_is_refused_when_named(responses: Responses, name: str) -> None:
    with pytest.raises(CleaningError, match="direction"):
        responses.reverse([name])


def test_a_text_column_says_so(responses: Responses) -> None:
    data = responses.data.assign(curt=["never", "x", "x", "x", "x"])
    with pytest.raises(CleaningError, match="needs a numeric column"):
        Responses(data, responses.codebook).reverse()


def test_all_empty_and_no_rows(responses: Responses) -> None:
    data = responses.data.assign(curt=np.nan)
    assert Responses(data, responses.codebook).reverse().data["curt"].isna().all()
    assert len(Responses(data.iloc[:0], responses.codebook).reverse()) == 0
