"""Answers of another type than their codes, and answers that read like none, in every verb that may count them.

Expected numbers are counted by hand beside each.
"""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

import survey as sv

FIVE = ["Very dissatisfied", "Dissatisfied", "Neither", "Satisfied", "Very satisfied"]


def book(name: str, labels: dict[Any, str], **parts: Any) -> sv.Codebook:
    kind = parts.pop("type", "ordinal")
    return sv.Codebook(
        {name: sv.Variable(name, type=kind, labels={c: {"en": t, "vi": t} for c, t in labels.items()}, **parts)}
    )


def sample(codebook: sv.Codebook | None = None, **columns: Any) -> sv.Sample:
    frame = pd.DataFrame(columns)
    return sv.Sample(frame if codebook is None else sv.Responses(frame, codebook), weights=None)


def test_a_missing_code_among_the_answers_that_nobody_holds_any_more() -> None:
    codebook = book("q", {1: "a", 2: "b", 9: "c"}, missing={8: "dont_know"})
    s = sv.Sample(sv.Responses(pd.DataFrame({"q": [1, 2, 8, 9] * 5}), codebook).recode_missing(), weights=None)
    assert s.mean("q").table["estimate"].iloc[0] == pytest.approx(4)  # (1 + 2 + 9) / 3


@pytest.mark.parametrize("dtype", ["object", "str", "string", "string[pyarrow]", "category"])
def test_digits_kept_as_text_are_no_answers_beside_their_codes(dtype: str) -> None:
    s = sample(book("q", dict(enumerate(FIVE, 1))), q=pd.Series(list("34545") * 10).astype(dtype))
    for verb in (lambda: s.distribution("q"), lambda: s.proportion("q", levels=[4, 5])):
        with pytest.raises(sv.EstimationError, match="differ in type") as caught:
            verb()
        assert "'3' and the code 3" in caught.value.got and "to_number('q')" in caught.value.fix
    numbers = s.responses.to_number("q")
    assert sv.Sample(numbers, weights=None).proportion("q", levels=[4, 5]).table["estimate"].iloc[0] == 0.8


def test_numbers_beside_codes_that_are_text() -> None:
    s = sample(book("q", {"1": "a", "2": "b"}, type="nominal"), q=[1, 2, 2, 2] * 5)
    with pytest.raises(sv.EstimationError, match="differ in type") as caught:
        s.distribution("q")
    assert "1 and the code '1'" in caught.value.got and "without quotes" in caught.value.fix


@pytest.mark.parametrize("dtype", ["int64", "Int64", "int64[pyarrow]", "object", "category"])
def test_numbers_of_any_type_are_a_scale_that_is_told(dtype: str) -> None:
    s = sample(q=pd.Series([1, 2, 3, 4] * 5).astype(dtype))
    top = s.proportion("q", top=1)
    assert top.table["estimate"].iloc[0] == 0.25 and any("top 1: 4" in n for n in top.notes)
    assert any("answers counted: 1, 2, 3, 4" in n for n in s.mean("q").notes)


@pytest.mark.parametrize(
    ("none", "refused"), [("Don't know", "Refused"), ("Không biết", "Từ chối"), ("No sabe", "No contesta")]
)
def test_the_top_of_a_scale_is_no_answer_that_says_nothing(none: str, refused: str) -> None:
    scale = pd.CategoricalDtype([*FIVE, none, refused], ordered=True)
    s = sample(q=pd.Series([*FIVE, none, refused] * 10).astype(scale))
    for asked in ({"top": 2}, {"net": 2}):
        with pytest.raises(sv.EstimationError, match="reads like a non-answer") as caught:
            s.proportion("q", **asked)
        assert none in caught.value.got and "declare_missing(columns='q')" in caught.value.fix
    bottom = s.proportion("q", bottom=2)  # none is counted there, and the note says that some are in the base
    assert any("looks like a non-answer" in n for n in bottom.notes)
    labelled = book("q", dict(enumerate([*FIVE, none, refused], 1)))
    with pytest.raises(sv.EstimationError, match="reads like a non-answer"):
        sample(labelled, q=[1, 2, 3, 4, 5, 6, 7] * 10).proportion("q", top=2)
    declared = sv.Responses(pd.DataFrame({"q": [1, 2, 3, 4, 5, 6, 7] * 10}), labelled).declare_missing().apply()
    assert sv.Sample(declared, weights=None).proportion("q", top=2).table["estimate"].iloc[0] == 0.4  # 4, 5 of 1 to 5


def test_a_condition_that_a_non_answer_meets_is_told() -> None:
    codebook = book("q", {**dict(enumerate(FIVE, 1)), 8: "Don't know"})
    s = sample(codebook, q=[1, 2, 3, 4, 5, 8] * 10, y=[1.0, 2, 3, 4, 5, 60] * 10)

    def told(where: Any) -> bool:
        means = s.mean("y", where=where), s.linear("y ~ 1", where=where)
        said = {any("Don't know" in n and "meets the condition" in n for n in e.notes) for e in means}
        assert len(said) == 1
        return said.pop()

    assert told("q >= 4") and told("q != 5")
    assert not told("q <= 4") and not told("q >= 4 and q != 8") and not told("q in [4, 8]") and not told(None)
