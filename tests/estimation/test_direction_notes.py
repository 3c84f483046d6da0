"""An item whose first code is its good end is never counted from the other end without a word."""

from __future__ import annotations

import unicodedata
from typing import Any

import pandas as pd
import pytest

import survey as sv

Q21 = {1: "Muito satisfeito(a)", 2: "Satisfeito(a)", 3: "Pouco satisfeito(a)", 4: "Nada satisfeito(a)"}  # ESEB 2018
USE = {1: "Always", 2: "Sometimes", 3: "Never", 8: "Don't know"}
UP = {1: "Never", 2: "Sometimes", 3: "Always"}
GRADE = {1: "A", 2: "B", 3: "C"}


def sample(labels: dict[Any, str], names: tuple[str, ...] = ("q",), **how: Any) -> sv.Sample:
    texts = {c: {"vi": f"[{t}]", "en": t} for c, t in labels.items()}
    book = sv.Codebook({n: sv.Variable(n, type="ordinal", labels=texts, **how) for n in names})
    answers = [c for c in labels if c != 8] * 10
    return sv.Sample(sv.Responses(pd.DataFrame(dict.fromkeys(names, answers)), book), weights=None)


def told(e: sv.Estimates) -> list[str]:
    return [note for note in e.notes if "good or strong end" in note]


def test_top_names_the_labels_it_counts_where_the_first_code_is_the_best() -> None:
    (note,) = told(sample(Q21).proportion("q", top=2))
    assert note == (
        "q: the first code is the good or strong end (1 “Muito satisfeito(a)” … 4 “Nada satisfeito(a)”); top 2 counts "
        "3 “Pouco satisfeito(a)”, 4 “Nada satisfeito(a)”"
    )
    assert note.in_language("vi").endswith("2 mức cuối được tính: 3 “[Pouco satisfeito(a)]”, 4 “[Nada satisfeito(a)]”")
    (bottom,) = told(sample(Q21).proportion("q", bottom=1))
    assert bottom.endswith("bottom 1 counts 1 “Muito satisfeito(a)”")
    (net,) = told(sample(Q21).proportion("q", net=1))
    assert net.endswith("counted as top 1: 4 “Nada satisfeito(a)”; as bottom 1: 1 “Muito satisfeito(a)”")
    assert told(sample(Q21).bounds("q", top=2)) == [note]
    assert not told(sample(Q21).proportion("q", levels=[4]))  # named by the one who asks


def test_means_quantiles_and_distributions_say_so_too() -> None:
    s = sample(Q21)
    assert told(s.mean("q")) == told(s.quantile("q", [0.5])) and told(s.mean("q"))[0].endswith("nearer to the last")
    (note,) = told(s.distribution("q"))
    assert note.endswith("answers above the middle are those of the other end")
    drawn = sv.figures.likert(s.distribution("q"), title={"vi": "Thử", "en": "Test"}, lang="en")
    assert any("good or strong end" in text for text in drawn.notes)


@pytest.mark.parametrize(
    ("labels", "how", "says"),
    [
        (USE, {}, True),  # no end is good: the strong one is first, and what is no answer is no point
        (UP, {}, False),
        (UP, {"direction": -1}, True),  # the codebook says that a low code is good
        (Q21, {"direction": 1}, False),  # and here that a high one is
        (GRADE, {}, False),  # nobody knows
        ({1: "Yes", 2: "No"}, {}, True),
        ({1: "Yes", 0: "No"}, {}, False),
        ({1: "Very satisfied", 10: "Very dissatisfied"}, {}, True),  # labelled at its ends
        ({1: "Most", 2: "Rất thường xuyên"}, {}, False),
        ({"Luôn luôn": "Luôn luôn", "Đôi khi": "Đôi khi", "Không bao giờ": "Không bao giờ"}, {}, True),
        ({"Không bao giờ": "Không bao giờ", "Đôi khi": "Đôi khi", "Luôn luôn": "Luôn luôn"}, {}, False),
    ],
)
def test_the_codebook_and_then_the_words_of_known_scales_say_which_end_is_first(
    labels: dict[Any, str], how: dict[str, int], says: bool
) -> None:
    assert bool(told(sample(labels, **how).proportion("q", top=1))) == says


def test_items_of_which_the_same_is_said_share_a_note_and_a_turned_item_has_none() -> None:
    s = sample(Q21, ("a", "b"), direction=-1)
    (note,) = told(s.mean(["a", "b"]))
    assert note.startswith("a, b: ")
    turned = sv.Sample(s.responses.reverse("a"), weights=None)
    (left,) = told(turned.mean(["a", "b"]))
    assert left.startswith("b: ")


def test_a_code_between_labelled_ends_is_named_by_itself() -> None:
    (note,) = told(sample({1: "Very satisfied", 10: "Very dissatisfied"}).proportion("q", top=2))
    assert note.endswith("top 2 counts 9, 10 “Very dissatisfied”")


@pytest.mark.parametrize(
    "words",
    [
        ("Very satisfied", "Satisfied", "Dissatisfied", "Very dissatisfied"),
        ("Rất hài lòng", "Hài lòng", "Không hài lòng", "Rất không hài lòng"),
    ],
)
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_an_ordered_category_without_a_codebook_says_which_end_is_first(words: tuple[str, ...], form: str) -> None:
    typed = [unicodedata.normalize(form, w) for w in words]
    for categories, says in ((typed, True), (typed[::-1], False)):
        answers = pd.Series(typed * 10).astype(pd.CategoricalDtype(categories, ordered=True))
        s = sv.Sample(pd.DataFrame({"q": answers}), weights=None)
        for e in (s.proportion("q", top=2), s.distribution("q")):
            assert bool(told(e)) == says
    unordered = sv.Sample(pd.DataFrame({"q": pd.Series(typed * 10).astype("category")}), weights=None)
    assert not told(unordered.distribution("q"))
