"""Scores: the base is who was asked, and a missing code is never a low score."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from survey.codebook import Codebook, Variable
from survey.core.log import KIND_CODES
from survey.errors import CleaningError, CodebookError
from survey.responses import Responses


def test_a_score_by_hand(responses: Responses) -> None:
    scored = responses.recode_missing().score("friendliness")
    # R1: gentle 5 -> 100, curt 1 -> 0 -> turned 100, bribes 2 -> 25 -> turned 75: mean 275/3
    # R2: gentle 4 -> 75, curt 3 -> 50, bribes blank: two of three is enough: 62.5
    # R3: no contact, so bribes alone applies: 1 -> turned 100
    # R4: gentle don't know, curt not applicable, bribes 5 -> 0: one of two is not enough
    # R5: contact refused, gentle and curt empty, bribes 3: one of three is not enough
    np.testing.assert_allclose(scored.data["friendliness"], [275 / 3, 62.5, 100, np.nan, np.nan])
    variable = scored.codebook["friendliness"]
    assert (variable.type, variable.unit, variable.limits, variable.dimension) == (
        "number",
        "points",
        (0.0, 100.0),
        "friendliness",
    )
    assert variable.wording("vi") == "Thân thiện"
    assert not variable.scored
    assert "3 of 5 rows got a score" in scored.entries[-1].what


def test_the_score_is_the_same_with_and_without_reversing_first(responses: Responses) -> None:
    clean = responses.recode_missing()
    straight = clean.score("friendliness").data["friendliness"]
    pd.testing.assert_series_equal(clean.reverse().score("friendliness").data["friendliness"], straight)


def test_missing_codes_are_never_scored(responses: Responses) -> None:
    with pytest.raises(CleaningError, match="recode_missing") as caught:
        responses.score("friendliness")
    assert "(R4)" in str(caught.value)


@pytest.mark.parametrize(
    ("share", "given"),
    [(0.01, [1, 1, 1, 1, 1]), (0.5, [1, 1, 1, 1, 0]), (2 / 3, [1, 1, 1, 0, 0]), (1, [1, 0, 1, 0, 0])],
)
def test_the_share_of_answered_items_counts_applicable_items_only(
    responses: Responses, share: float, given: list[int]
) -> None:
    scored = responses.recode_missing().score("friendliness", min_answered=share)
    assert scored.data["friendliness"].notna().tolist() == [bool(g) for g in given]


def test_not_asked_is_left_out_even_where_kinds_were_not_recoded(responses: Responses) -> None:
    data = responses.data.replace({-96: np.nan, -97: np.nan, -98: np.nan, -99: np.nan})
    scored = Responses(data, responses.codebook).score("friendliness")
    assert scored.data["friendliness"].tolist()[2] == 100  # R3: the base says who was asked


def test_an_answer_to_a_question_that_was_not_asked_does_not_count(responses: Responses) -> None:
    data = responses.data.assign(gentle=[5, 4, 1, -98, np.nan])  # R3 had no contact and answered all the same
    scored = Responses(data, responses.codebook).recode_missing().score("friendliness")
    assert scored.data["friendliness"].tolist()[2] == 100


def test_nobody_to_whom_it_applies_has_a_score_and_a_kind(responses: Responses) -> None:
    clean = responses.recode_missing().score("contact items", items=["gentle", "curt"], into="c")
    assert clean.data["c"].isna().tolist() == [False, False, True, True, True]
    assert clean.missing["c"].tolist() == [0, 0, KIND_CODES["not_applicable"], 0, 0]


def test_items_and_scale_of_ones_own(responses: Responses) -> None:
    scored = responses.recode_missing().score("two", items=["gentle", "badge"], scale=(0, 10), min_answered=1)
    # R1: 100 and 100; R2: 75 and 0; on 0-10
    np.testing.assert_allclose(scored.data["two"], [10, 3.75, 10, np.nan, np.nan])


def test_a_number_is_scored_by_its_limits() -> None:
    book = Codebook().update(Variable("trust", "number", limits=(0, 10), direction=1))
    scored = Responses(pd.DataFrame({"trust": [0, 7, 10]}), book).score("t", items=["trust"])
    np.testing.assert_allclose(scored.data["t"], [0, 70, 100])


def test_a_share_of_two_thirds_is_met_by_six_of_nine() -> None:
    book = Codebook().update(*(Variable(f"q{i}", "binary", labels={0: {}, 1: {}}, direction=1) for i in range(9)))
    data = pd.DataFrame({f"q{i}": [1.0 if i < 6 else np.nan, 1.0 if i < 5 else np.nan] for i in range(9)})
    scored = Responses(data, book).score("s", items=[f"q{i}" for i in range(9)])
    assert scored.data["s"].notna().tolist() == [True, False]


def test_codes_outside_the_scale_are_named_by_row(responses: Responses) -> None:
    data = responses.data.assign(gentle=[5, 6, np.nan, 4, np.nan])
    with pytest.raises(CleaningError, match="outside the scale") as caught:
        Responses(data, responses.codebook).recode_missing().score("friendliness")
    assert "1 row: 1 (R2)" in str(caught.value)


def test_scoring_errors(responses: Responses) -> None:
    clean = responses.recode_missing()
    with pytest.raises(CodebookError, match="kindness"):
        clean.score("kindness")
    with pytest.raises(CleaningError, match="no column"):
        clean.score("x", items=["gentle", "absent"])
    with pytest.raises(CleaningError, match="ends of its scale"):
        Responses(clean.data, Codebook().update(Variable("born"))).score("x", items=["born"])
    with pytest.raises(CleaningError, match="overwrite"):
        clean.score("friendliness", into="born")
    for share in (0, 1.5):
        with pytest.raises(CleaningError, match="share"):
            clean.score("friendliness", min_answered=share)
    with pytest.raises(CleaningError, match="A score needs a minimum and a maximum"):
        clean.score("friendliness", scale=(1, 1))
    with pytest.raises(CleaningError, match="needs items"):
        clean.score("x", items=[])


def test_all_empty_items_give_no_score(responses: Responses) -> None:
    data = responses.data.assign(gentle=np.nan, curt=np.nan, bribes=np.nan, contact=1)
    scored = Responses(data, responses.codebook).score("friendliness")
    assert scored.data["friendliness"].isna().all()


def test_without_rows(responses: Responses) -> None:
    scored = Responses(responses.data.iloc[:0], responses.codebook).score("friendliness")
    assert scored.data["friendliness"].dtype == float
