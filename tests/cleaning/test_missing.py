"""Missing answers: no kind is mixed with another, and no code is left among the answers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from survey.codebook import Codebook, Variable
from survey.core.log import KIND_CODES
from survey.errors import CleaningError
from survey.responses import Responses

NA, BLANK, DK, REFUSED, NOT_ASKED = (
    KIND_CODES[k] for k in ("not_applicable", "blank", "dont_know", "refused", "not_asked")
)


def test_every_missing_code_is_emptied_and_its_kind_kept(responses: Responses) -> None:
    clean = responses.recode_missing()
    np.testing.assert_array_equal(clean.data["contact"], [1, 1, 0, 1, np.nan])
    np.testing.assert_array_equal(clean.data["gentle"], [5, 4, np.nan, np.nan, np.nan])
    np.testing.assert_array_equal(clean.data["bribes"], [2, np.nan, 1, 5, 3])
    assert clean.missing["contact"].tolist() == [0, 0, 0, 0, REFUSED]
    assert clean.missing["bribes"].tolist() == [0, BLANK, 0, 0, 0]
    assert clean.missing["badge"].tolist() == [0, 0, 0, DK, 0]
    assert (clean.missing.dtypes == np.uint8).all()
    assert clean.missing.index.equals(clean.data.index)


def test_not_asked_is_an_empty_cell_whose_base_does_not_hold(responses: Responses) -> None:
    clean = responses.recode_missing()
    # R3 had no contact; R4 was asked; whether R5 was asked is unknown, as they refused to say
    assert clean.missing["gentle"].tolist() == [0, 0, NOT_ASKED, DK, 0]
    assert clean.missing["curt"].tolist() == [0, 0, NOT_ASKED, NA, 0]


def test_a_base_is_not_decided_by_a_missing_code(responses: Responses) -> None:
    book = responses.codebook
    gentle = Variable("gentle", type="ordinal", labels=book["gentle"].labels, base="contact != 1")
    data = responses.data.assign(gentle=np.nan, contact=[1, 1, 0, -98, -99])
    clean = Responses(data, book.update(gentle)).recode_missing()
    # -98 differs from 1 and still says nothing about contact
    assert clean.missing["gentle"].tolist() == [NOT_ASKED, NOT_ASKED, 0, 0, 0]


def test_an_empty_cell_nobody_declared_is_of_no_kind(responses: Responses) -> None:
    data = responses.data.assign(bribes=[np.nan, 1, 2, 3, 4])
    assert Responses(data, responses.codebook).recode_missing().missing["bribes"].tolist() == [0] * 5


def test_a_second_call_changes_nothing(responses: Responses) -> None:
    once = responses.recode_missing()
    twice = once.recode_missing()
    pd.testing.assert_frame_equal(once.data, twice.data)
    pd.testing.assert_frame_equal(once.missing, twice.missing)
    assert twice.entries[-1].answers_touched == 0


def test_column_by_column_gives_the_same_as_all_at_once(responses: Responses) -> None:
    whole = responses.recode_missing()
    by_one = responses
    for name in responses.data.columns[::-1]:
        by_one = by_one.recode_missing(name)
    pd.testing.assert_frame_equal(by_one.data, whole.data)
    pd.testing.assert_frame_equal(by_one.missing, whole.missing)


def test_the_log_counts_answers_and_rows(responses: Responses) -> None:
    entry = responses.recode_missing().entries[-1]
    # contact 1, gentle 1, curt 1, bribes 1, badge 1, born 1; in R2, R4, R5
    assert (entry.answers_touched, entry.rows_touched) == (6, 3)
    assert "dont_know 3" in entry.what
    assert entry.rows_before == entry.rows_after == 5


def test_codes_outside_the_scale_stay_unless_they_are_asked_away(responses: Responses) -> None:
    data = responses.data.assign(gentle=[5, 44, np.nan, -98, 7], ward=["P01", "P1", None, "P02", "P02"], born=9999)
    raw = Responses(data, responses.codebook)
    np.testing.assert_array_equal(raw.recode_missing().data["gentle"], [5, 44, np.nan, np.nan, 7])
    clean = raw.recode_missing(outside="blank")
    np.testing.assert_array_equal(clean.data["gentle"], [5, np.nan, np.nan, np.nan, np.nan])
    assert clean.missing["gentle"].tolist() == [0, BLANK, NOT_ASKED, DK, BLANK]
    assert clean.data["ward"].isna().tolist() == [False, True, True, False, False]
    assert clean.missing["ward"].tolist() == [0, BLANK, 0, 0, 0]
    assert (clean.data["born"] == 9999).all()  # a number has limits, not a scale
    assert "3 codes outside the scale taken as blank: gentle 2, ward 1" in clean.entries[-1].what
    assert clean.entries[-1].answers_touched == raw.recode_missing().entries[-1].answers_touched + 3
    pd.testing.assert_frame_equal(raw.recode_missing().recode_missing(outside="blank").data, clean.data)
    with pytest.raises(CleaningError, match="unknown kind"):
        raw.recode_missing(outside="wrong")


def test_whole_numbers_become_numbers_that_can_be_empty() -> None:
    book = Codebook().update(Variable("q", missing={-9: "refused"}))
    clean = Responses(pd.DataFrame({"q": [1, 2, -9]}), book).recode_missing()
    np.testing.assert_array_equal(clean.data["q"], [1, 2, np.nan])


def test_text_codes() -> None:
    book = Codebook().update(Variable("q", type="nominal", labels={"a": {}}, missing={"x": "refused"}))
    clean = Responses(pd.DataFrame({"q": ["a", "x", "a"]}), book).recode_missing()
    assert clean.data["q"].isna().tolist() == [False, True, False]
    assert clean.data["q"].dtype == "str"
    assert clean.missing["q"].tolist() == [0, REFUSED, 0]


def test_tagged_missings_leave_numbers_behind() -> None:
    book = Codebook().update(Variable("q", missing={"a": "refused", "b": "dont_know"}))
    data = pd.DataFrame({"q": pd.Series([1.0, "a", 3.0, "b", np.nan], dtype=object)})
    clean = Responses(data, book).recode_missing()
    assert clean.data["q"].dtype == float
    assert clean.missing["q"].tolist() == [0, REFUSED, 0, DK, 0]


def test_a_column_of_nothing_but_missing_codes() -> None:
    book = Codebook().update(Variable("q", missing={-9: "refused"}))
    clean = Responses(pd.DataFrame({"q": [-9, -9]}), book).recode_missing()
    assert clean.data["q"].isna().all()
    assert clean.data["q"].dtype == float


def test_an_unknown_column_is_named(responses: Responses) -> None:
    with pytest.raises(CleaningError, match="no column 'gentel'") as caught:
        responses.recode_missing(["gentel"])
    assert "gentle" in str(caught.value)


def test_without_rows(responses: Responses) -> None:
    empty = Responses(responses.data.iloc[:0], responses.codebook).recode_missing()
    assert len(empty) == 0
    assert list(empty.data.columns) == list(responses.data.columns)


def test_a_known_kind_is_not_overwritten_by_not_asked(responses: Responses) -> None:
    """R3 had no contact and yet the interviewer noted a code: what was noted stays, in every order of steps."""
    data = responses.data.assign(gentle=[5, 4, -99.0, -98, np.nan], curt=[1, 3, -97.0, -96, np.nan])
    once = Responses(data, responses.codebook).recode_missing()
    for clean in (
        once,
        once.recode_missing(),
        once.recode_missing("gentle").recode_missing("curt"),
        Responses(data, responses.codebook).recode_missing("gentle").recode_missing(),
        Responses(data, responses.codebook)
        .recode_missing("contact")
        .recode_missing(["curt", "gentle"])
        .recode_missing(),
    ):
        assert clean.missing["gentle"].tolist() == [0, 0, REFUSED, DK, 0]
        assert clean.missing["curt"].tolist() == [0, 0, BLANK, NA, 0]


def test_kinds_that_came_with_the_data_are_not_overwritten_by_not_asked(responses: Responses) -> None:
    data = responses.data.assign(gentle=[5, 4, np.nan, np.nan, np.nan])
    came = pd.DataFrame({"gentle": np.array([0, 0, DK, REFUSED, 0], dtype=np.uint8)}, index=data.index)
    clean = Responses(data, responses.codebook, came).recode_missing()
    assert clean.missing["gentle"].tolist() == [0, 0, DK, REFUSED, 0]


def test_a_kind_is_kept_when_the_routing_answer_changes_later(responses: Responses) -> None:
    """R4 was asked and did not know; coding contact the other way round does not make them not asked."""
    clean = responses.recode_missing().recode("contact", {0: 1, 1: 0}, reason="codes were swapped in the form")
    again = clean.recode_missing()
    assert again.missing["gentle"].tolist() == [0, 0, NOT_ASKED, DK, 0]
    assert again.missing["curt"].tolist() == [0, 0, NOT_ASKED, NA, 0]


UNSURE = "dont_know"


def chained(**data: list[float]) -> Responses:
    """Contact leads to visits, and visits to the waiting time, as in a form with filters one after another."""
    book = Codebook(
        {
            "contact": Variable("contact", type="binary", labels={0: {}, 1: {}}, missing={-98: UNSURE}),
            "visits": Variable("visits", type="number", base="contact == 1", missing={-98: UNSURE}),
            "wait": Variable("wait", type="number", base="visits >= 1"),
        }
    )
    return Responses(pd.DataFrame(data), book)


def test_who_was_not_asked_the_routing_question_was_not_asked_what_follows() -> None:
    clean = chained(
        contact=[1, 1, 0, -98, 1],
        visits=[2, 0, np.nan, np.nan, -98],
        wait=[30, np.nan, np.nan, np.nan, np.nan],
    ).recode_missing()
    # went; only telephoned; had no contact; cannot say whether; cannot say how often
    assert clean.missing["visits"].tolist() == [0, 0, NOT_ASKED, 0, DK]
    assert clean.missing["wait"].tolist() == [0, NOT_ASKED, NOT_ASKED, 0, 0]


def test_a_routing_question_of_another_file_leaves_the_chain_unknown() -> None:
    whole = chained(contact=[0], visits=[np.nan], wait=[np.nan])
    alone = Responses(whole.data[["visits", "wait"]], whole.codebook)
    assert alone.recode_missing("wait").missing["wait"].tolist() == [0]


def test_a_chain_that_leads_back_to_itself_ends() -> None:
    one, other = Variable("a", type="number", base="b == 1"), Variable("b", type="number", base="a == 1")
    book = Codebook({"a": one, "b": other})
    clean = Responses(pd.DataFrame({"a": [np.nan, 2.0], "b": [np.nan, np.nan]}), book).recode_missing()
    assert clean.missing["b"].tolist() == [0, NOT_ASKED]


def test_kinds_that_came_with_the_data_say_who_was_not_asked_the_routing_question() -> None:
    whole = chained(contact=[-98, -98], visits=[np.nan, np.nan], wait=[np.nan, np.nan])
    kinds = pd.DataFrame({"visits": np.array([NOT_ASKED, 0], dtype=np.uint8)})
    clean = Responses(whole.data, whole.codebook, missing=kinds).recode_missing()
    assert clean.missing["wait"].tolist() == [NOT_ASKED, 0]
