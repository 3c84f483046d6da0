"""From one row an answer to one row a person; expected tables by pandas' pivot or by hand."""

from __future__ import annotations

import unicodedata
from typing import Any

import numpy as np
import pandas as pd
import pytest

import survey as sv
from survey.codebook import Variable
from survey.errors import CleaningError


def long() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "person": ["b", "a", "a", "b", "c"],
            "ward": ["P2", "P1", None, "P2", "P3"],
            "item": ["wait", "sat", "wait", "sat", "sat"],
            "value": ["15", "4", "10", "5", "tốt"],
        }
    )


def shaped(data: pd.DataFrame | None = None, book: sv.Codebook | None = None, **how: Any) -> sv.Responses:
    answers = sv.Responses(long() if data is None else data, book or sv.Codebook())
    return answers.reshape(id="person", question="item", answer="value", **how)


def test_it_is_the_pivot_of_pandas() -> None:
    done = shaped()
    wanted = long().pivot(index="person", columns="item", values="value").loc[["b", "a", "c"]]
    assert done.data["person"].tolist() == ["b", "a", "c"] and done.data["ward"].tolist() == ["P2", "P1", "P3"]
    assert done.data["sat"].tolist() == wanted["sat"].tolist()  # text, as one of the answers is
    assert done.data["wait"].tolist()[:2] == [15.0, 10.0] and pd.isna(done.data["wait"].iloc[2])
    assert done.data.index.tolist() == [0, 1, 4] and list(done.data.columns) == ["person", "ward", "wait", "sat"]
    assert done.codebook["wait"].type == "number" and done.codebook["sat"].type == "text"
    (entry,) = done.entries
    assert (entry.rows_before, entry.rows_after, entry.answers_touched) == (5, 3, 5)


def test_a_question_without_a_row_gets_the_kind_that_is_said() -> None:
    assert shaped(absent="not_asked").missing["wait"].tolist() == [0, 0, 5]
    assert shaped().missing.empty


@pytest.mark.parametrize(("repeats", "kept", "gone"), [("first", 15.0, 5), ("last", 20.0, 0)])
def test_one_of_several_answers_counts_and_the_others_are_rejected(repeats: str, kept: float, gone: int) -> None:
    data = pd.concat([long(), long().iloc[[0]].assign(value="20")], ignore_index=True)
    with pytest.raises(CleaningError, match="several answers"):
        shaped(data)
    done = shaped(data, repeats=repeats, reason="corrected by telephone")
    assert done.data["wait"].iloc[0] == kept
    assert done.rejected.index.tolist() == [gone] and done.rejected["_reason"].tolist() == ["corrected by telephone"]
    assert done.rejected["_step"].tolist() == [1]


def test_several_answers_are_joined_for_a_select_all_question() -> None:
    data = pd.DataFrame(
        {"person": [1, 1, 2, 3], "item": "how", "value": ["phone", "post", "phone", None], "ward": ["x", "x", "y", "z"]}
    )
    done = shaped(data, repeats="join")
    assert done.data["how"].tolist()[:2] == ["phone;post", "phone"] and pd.isna(done.data["how"].iloc[2])
    ready = done.declare_select_all("how", separator=";", base="any chosen")
    assert ready.data["how_phone"].tolist()[:2] == [1, 1] and ready.data["how_post"].tolist()[:2] == [1, 0]
    with pytest.raises(CleaningError, match="holds the sign"):
        shaped(data.assign(value=["a;b", "post", "phone", None]), repeats="join")


def test_questions_that_are_numbers_take_wording_scale_and_missing_codes() -> None:
    data = pd.DataFrame({"person": [1, 1, 2], "item": [2, 1, 2], "value": [5, 1, 9]})
    labels = {1: {"en": "first question"}, 2: {"en": "second question"}}
    scale = Variable("value", "ordinal", labels={1: {"en": "no"}, 5: {"en": "yes"}}, missing={9: "refused"})
    done = shaped(data, sv.Codebook().update(Variable("item", "nominal", labels=labels), scale)).recode_missing()
    assert list(done.data.columns) == ["person", "item_1", "item_2"]
    assert done.codebook["item_2"].wording() == "second question" and done.codebook["item_2"].label(5) == "yes"
    assert done.missing["item_2"].tolist() == [0, 4] and "value" not in done.codebook


def test_kinds_of_missing_answers_go_with_the_answer() -> None:
    data = pd.DataFrame({"person": [1, 1, 2], "item": ["a", "b", "a"], "value": [1, 9, 9]})
    raw = sv.Responses(data, sv.Codebook().update(Variable("value", missing={9: "dont_know"}))).recode_missing()
    done = raw.reshape(id="person", question="item", answer="value", absent="not_asked")
    assert done.missing["a"].tolist() == [0, 3] and done.missing["b"].tolist() == [3, 5]


def test_a_column_that_stays_keeps_an_answer_or_its_kind_and_never_both() -> None:
    """By hand: a said 3 in one row and refused in another, b refused in one and left the other empty."""
    data = long()[:4].assign(ward=[np.nan, 99, 3, 99])  # of b, a, a, b
    raw = sv.Responses(data, sv.Codebook().update(Variable("ward", missing={99: "refused"}))).recode_missing()
    done = raw.reshape(id="person", question="item", answer="value")
    assert done.data["ward"].fillna(-1).tolist() == [-1, 3]
    assert done.missing["ward"].tolist() == [4, 0]


def test_variables_that_the_codebook_has_are_used() -> None:
    known = Variable("wait", unit="minutes", limits=(0, 600), base="sat >= 1")
    done = shaped(book=sv.Codebook().update(known, Variable("item", "text")))
    assert done.codebook["wait"] == known


def test_two_columns_name_a_person() -> None:
    data = long().assign(house=[1, 1, 2, 1, 1])
    done = sv.Responses(data).reshape(id=["person", "house"], question="item", answer="value")
    assert done.data[["person", "house"]].to_numpy().tolist() == [["b", 1], ["a", 1], ["a", 2], ["c", 1]]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"person": ["b", "a", None, "b", "c"]}, "names no person"),
        ({"item": ["wait", "sat", " ", "sat", "sat"]}, "names no person"),
        ({"ward": ["P2", "P1", "P9", "P2", "P3"]}, "differs between the answers"),
        ({"item": ["ward", "sat", "wait", "sat", "sat"]}, "name of a column that stays"),
        ({"item": ["wait", "sat", "sat ", "sat", "sat"]}, "differ in spaces"),
    ],
)
def test_what_has_no_one_answer_is_refused(change: dict[str, Any], words: str) -> None:
    with pytest.raises(CleaningError, match=words):
        shaped(long().assign(**change))


def test_the_same_column_twice_is_refused() -> None:
    with pytest.raises(CleaningError, match="each a column of its own"):
        sv.Responses(long()).reshape(id="person", question="person", answer="value")
    with pytest.raises(CleaningError, match="unknown way with several answers"):
        shaped(repeats="mean")


def test_both_unicode_forms_of_a_question_are_one() -> None:
    data = long().assign(item=["chờ", "sat", unicodedata.normalize("NFD", "chờ"), "sat", "sat"])
    assert list(shaped(data).data.columns) == ["person", "ward", "chờ", "sat"]
