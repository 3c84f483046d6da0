"""Ordered answers in words become the numbers of their scale, and nothing else does."""

from __future__ import annotations

import pandas as pd
import pytest

import survey as sv

FIVE = ["Rất kém", "Kém", "Trung bình", "Tốt", "Rất tốt"]


def raw(**columns: list[object]) -> sv.Responses:
    labels = {text: {"vi": text} for text in FIVE}
    book = sv.Codebook(
        {
            "q": sv.Variable("q", "ordinal", labels=labels, missing={"KB": "dont_know"}, dimension="d", scored=True),
            "has": sv.Variable("has", "binary", labels={"Không": {"vi": "Không"}, "Có": {"vi": "Có"}}),
            "ward": sv.Variable("ward", "nominal", labels={"A": {"vi": "A"}, "B": {"vi": "B"}}),
            "code": sv.Variable("code", "ordinal", labels={1: {"vi": "thấp"}, 2: {"vi": "cao"}}),
        }
    )
    data = pd.DataFrame(columns)
    return sv.Responses(data, book.select(data.columns))


def test_the_order_of_the_labels_is_the_order_of_the_numbers() -> None:
    done = raw(q=["Tốt", "Rất kém", None, "Rất tốt"], has=["Có", "Không", "Có", None], ward=["A", "B", "A", "B"])
    done = done.number_scales()
    assert done.data["q"].tolist()[:2] == [4, 1] and done.data["q"].isna().tolist() == [False, False, True, False]
    assert done.data["has"].tolist()[:3] == [1, 0, 1]
    assert done.data["ward"].tolist() == ["A", "B", "A", "B"]  # names have no order
    assert done.codebook.label("q", 5, "vi") == "Rất tốt" and done.codebook["q"].codes == (1, 2, 3, 4, 5)
    assert done.entries[-1].verb == "number_scales" and done.entries[-1].answers_touched == 6


def test_a_score_by_hand() -> None:
    """Two points of four above the lowest: 50 of 100."""
    clean = raw(q=["Trung bình", "KB", "Rất tốt"]).recode_missing().number_scales().score("d")
    assert clean.data["d"].tolist()[0] == 50 and clean.data["d"].tolist()[2] == 100
    assert clean.data["d"].isna().tolist() == [False, True, False]


def test_spelling_does_not_matter_and_a_second_call_changes_nothing() -> None:
    once = raw(q=["5. RẤT TỐT ", "kém"], code=[1, 2]).number_scales()
    assert once.data["q"].tolist() == [5, 2] and once.data["code"].tolist() == [1, 2]
    again = once.number_scales()
    pd.testing.assert_frame_equal(again.data, once.data)
    assert again.codebook == once.codebook and again.entries[-1].answers_touched == 0


def test_what_is_not_on_the_scale_is_an_error_that_names_its_rows() -> None:
    with pytest.raises(sv.CleaningError) as caught:
        raw(q=["Tốt", "tạm được"]).number_scales()
    assert "not on the scale" in str(caught.value) and "q" in str(caught.value.where)
    with pytest.raises(sv.CleaningError):  # a non-answer that was not emptied has no place on the scale
        raw(q=["Tốt", "KB"]).number_scales()
    with pytest.raises(sv.CleaningError) as named:
        raw(ward=["A", "B"]).number_scales("ward")
    assert "set_scale" in str(named.value.fix)


def test_the_step_is_told_in_both_languages() -> None:
    done = raw(q=["Tốt", "Kém"]).number_scales()
    assert "đánh số theo thứ tự của thang đo: q" in done.to_text("vi")
    assert "1 item numbered in the order of their scales: q" in done.to_text("en")
