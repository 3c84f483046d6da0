"""Non-answers are found by label, letter, text or number, and answers that look like them are not."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

import pandas as pd
import pytest

from survey.codebook import Codebook, Variable, same_text
from survey.codebook._nonanswer_words import read_label
from survey.codebook.nonanswers import NonAnswer, find_nonanswers
from work import at_most

SCALE = {1: "Very dissatisfied", 2: "Dissatisfied", 3: "Neither", 4: "Satisfied", 5: "Very satisfied"}


def book(labels: dict[str, dict[object, str]], **more: dict[str, object]) -> Codebook:
    """A codebook of nominal variables with these labels."""
    return Codebook(
        {
            name: Variable(
                name, type="nominal", labels={c: same_text(t) for c, t in texts.items()}, **more.get(name, {})
            )
            for name, texts in labels.items()
        }
    )


def found(values: Sequence[object], labels: dict[object, str] | None = None) -> list[tuple[object, str, str, bool]]:
    frame = pd.DataFrame({"q": list(values)})
    known = book({"q": labels}) if labels else Codebook()
    return [(one.code, one.kind, one.reason, one.sure) for one in find_nonanswers(frame, known)]


@pytest.mark.parametrize(
    ("label", "kind"),
    [
        ("Không biết", "dont_know"),
        ("khong biet", "dont_know"),
        ("KHÔNG BIẾT/KHÓ TRẢ LỜI", "dont_know"),
        ("8. Khó trả lời", "dont_know"),
        ("Từ chối trả lời", "refused"),
        ("Không trả lời", "refused"),
        ("Không áp dụng", "not_applicable"),
        ("Bỏ trống", "blank"),
        ("Không hỏi", "not_asked"),
        ("Don't know", "dont_know"),
        ("Don’t know (vol.)", "dont_know"),
        ("DK", "dont_know"),
        ("(DO NOT READ) Refused", "refused"),
        ("99 = Prefer not to say", "refused"),
        ("N/A", "not_applicable"),
        ("Missing", "blank"),
        ("Not asked", "not_asked"),
        ("NS/NC", "dont_know"),  # both: the people were asked, and shares of non-answers and bounds need them
        ("No sabe / No responde", "dont_know"),
        ("NS", "dont_know"),
        ("NR", "refused"),
        ("Recusa", "refused"),
        ("DK/NA", "dont_know"),
        ("DK/REF", "dont_know"),
        ("n/a", "not_applicable"),
        ("NSP/NRP", "dont_know"),
        ("Không biết/Từ chối", "dont_know"),
        ("No sabe / No aplica", ""),  # not of one answer: some were not concerned
        ("No sabe", "dont_know"),
        ("No contesta", "refused"),
        ("Ne sait pas", "dont_know"),
        ("Refus de répondre", "refused"),
        ("Não sabe", "dont_know"),
        ("Não respondeu", "refused"),
        ("Não sabe (Esp.)", "dont_know"),
        ("Não respondeu [Esp]", "refused"),
        ("Não sabe avaliar", "dont_know"),
        ("Ne connais pas", "dont_know"),
        ("No conoce a la persona", "dont_know"),
        ("NULL", "blank"),
        ("-999", ""),
        ("Không biết hoặc từ chối", "dont_know"),
        ("Missing value", "blank"),
        ("Do not understand the question", "dont_know"),
        ("Không hiểu câu hỏi", "dont_know"),
        ("Not applicable (not a citizen)", "not_applicable"),
        ("Không áp dụng: chưa đến cơ quan nào", "not_applicable"),
    ],
)
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_non_answers_are_read_in_five_languages_and_both_unicode_forms(label: str, kind: str, form: str) -> None:
    reading = read_label(unicodedata.normalize(form, label))  # type: ignore[arg-type]
    assert reading is not None
    assert reading.kind == kind


@pytest.mark.parametrize(
    "label",
    [
        "No", "Không", "Not satisfied", "Không hài lòng", "Neither", "None", "Never", "Không bao giờ", "Nothing",
        "Không biết ai để hỏi", "Don't know whom to ask", "Not at all", "No trust", "Không đồng ý", "Không phù hợp",
        "No service", "Refuse collection", "Other", "Khác", "Không có", "Nada satisfecho", "No satisfecho", "Rien",
        "Không tiếp cận được", "No answer from the office", "Nam", "Never heard of it", "Không rõ ràng",
        "Known", "Missing persons unit", "Not well known", "Nunca", "Pas du tout",
        "N/o one I know has seen it", "Neutral", "Trung lập",
    ],
)  # fmt: skip
def test_answers_are_not_read_as_non_answers(label: str) -> None:
    assert read_label(label) is None


@pytest.mark.parametrize(
    ("label", "kind"),
    [
        ("Dont knwo", "dont_know"),
        ("Don't kno", "dont_know"),
        ("khogn biet", "dont_know"),
        ("Refuse to anwser", "refused"),
        ("Prefer not to anser", "refused"),
        ("Refusd", "refused"),
        ("tu chio tra loi", "refused"),
        ("No contseta", "refused"),
        ("Not aplicable", "not_applicable"),
        ("Dont knwo / refusd", "dont_know"),
        ("Missng", "blank"),
    ],
)
def test_a_slip_of_the_keyboard_is_mended_and_never_sure(label: str, kind: str) -> None:
    reading = read_label(label)
    assert reading is not None and (reading.kind, reading.perhaps, reading.misspelt) == (kind, True, True)
    for code in (6, 99):  # beside the scale, and far from it
        assert found([1, 2, 3, 4, 5, code, code], {**SCALE, code: label}) == [(code, kind, "label", False)]
    assert found([1, 2, 3, 4, 5], {**SCALE, 3: label}) == []  # between two answers it is one


@pytest.mark.parametrize(
    "label",
    [
        "Not started", "Not rated", "No sale", "Shipped", "Slipped", "Refuse", "Refuge", "Không viết", "Khong hiem",
        "Not a sore point", "Skin", "Black", "Mission", "No reply needed", "No save", "Unsafe", "Insure", "Don't show",
        "Not used", "No opinions differ", "No responder", "Now", "Know-how", "Biển", "Refused permit", "Sabe", "Ref",
        "No answers from the ward office", "Not asked for", "Blanc", "Vida", "Null hypothesis", "Vote nul",
    ],
)  # fmt: skip
def test_words_that_are_near_are_no_slips(label: str) -> None:
    reading = read_label(label)
    assert reading is None or not reading.misspelt


def test_labelled_non_answers_are_sure_and_bear_their_kind() -> None:
    labels = {**SCALE, 8: "Don't know", 9: "Refused"}
    assert found([1, 2, 3, 4, 5, 8, 8, 9], labels) == [
        (8, "dont_know", "label", True),
        (9, "refused", "label", True),
    ]


@pytest.mark.parametrize(
    "labels",
    [
        {1: "Biết", 2: "Không biết"},
        {1: "Biết rõ", 2: "Biết một ít", 3: "Không biết"},
        {1: "Agreed", 2: "Refused"},
        {1: "Complete interview", 2: "Refusal", 3: "Non-contact"},
        {1: "Very sure", 2: "Sure", 3: "Not sure"},
        {1: "Disagree", 2: "No opinion", 3: "Agree"},
        {1: "NC", 2: "SC", 3: "VA", 4: "MD"},
    ],
)
def test_a_label_with_its_opposite_among_the_answers_is_an_answer(labels: dict[object, str]) -> None:
    assert found([1, 2, 3, 1, 2], labels) == []


def test_what_the_codebook_declares_is_not_found_again() -> None:
    frame = pd.DataFrame({"q": [1, 2, 9]})
    known = book({"q": SCALE}, q={"missing": {9: "refused"}, "missing_labels": {9: same_text("Refused")}})
    assert find_nonanswers(frame, known) == ()


@pytest.mark.parametrize(
    ("values", "codes"),
    [
        ([1, 2, 3, 4, 5, 9, 9], [9]),
        ([1, 2, 3, 4, 8, 9], [8, 9]),
        ([*range(11), 99, 88], [88, 99]),
        ([*range(1, 11), 99], [99]),
        ([1, 2, 9], [9]),
        ([0, 1, 99], [99]),
        ([-1, 1, 2, 3, 4, 5], [-1]),
        ([-9, -8, 0, 1, 2, 3], [-9, -8]),
        ([18, 25, 40, 90, 999, 999], [999]),
        ([12.5, 800.25, 99999, 99999], [99999]),
        (["1", "2", "5", "4", "3", "99"], ["99"]),
    ],
)
def test_numbers_apart_from_their_scale_are_found_and_not_sure(values: list[object], codes: list[object]) -> None:
    assert found(values) == [(code, "", "apart", False) for code in codes]


@pytest.mark.parametrize(
    "values",
    [
        [*range(11)],
        [*range(1, 11)],
        [1, 2, 3, 4, 5, 6, 7, 8, 9],
        [18, 19, 35, 50, 64, 88, 97, 98, 99],
        [-2, -1, 0, 1, 2],
        [-1, 0, 1],
        [0] * 300 + [1] * 100 + [2] * 60 + [3] * 20 + [4] * 5 + [8],
        [0, 25, 50, 75, 98, 99, 100],
        [2011, 2012, 2013, 9999.5],
        [True, False, True],
        [*range(100)],
    ],
)
def test_ends_of_scales_ages_counts_and_percentages_are_answers(values: list[object]) -> None:
    assert found(values) == []


def test_a_code_without_label_beyond_a_labelled_scale_is_found() -> None:
    assert found([1, 2, 3, 4, 5, 9, 9], dict(SCALE)) == [(9, "", "beyond", False)]
    assert found([0, 1, 2, 3, 4, 5], dict(SCALE)) == [(0, "", "beyond", False)]


def test_an_item_of_ten_codes_with_labels_of_five_has_no_non_answer() -> None:
    assert found([*range(1, 11)], dict(SCALE)) == []


def test_a_code_without_a_label_is_not_a_blank() -> None:
    assert found([1, 2, 1, 2], {1: "", 2: ""}) == []


def test_labels_of_answers_are_not_overruled_by_their_numbers() -> None:
    assert found([1, 2, 3, 99], {1: "Ward A", 2: "Ward B", 3: "Ward C", 99: "Other ward"}) == []


def test_a_code_apart_in_three_items_is_shared_and_found_where_it_is_weak() -> None:
    scale = [1, 2, 3, 4, 5, 9]
    frame = pd.DataFrame({"a": scale, "b": scale, "c": scale, "d": [1, 2, 2, 4, 1, 9], "e": [3, 4, 5, 6, 7, 8]})
    by_name = {one.variable: (one.code, one.reason) for one in find_nonanswers(frame, Codebook())}
    assert by_name == dict.fromkeys("abcd", (9, "shared"))
    assert [o.variable for o in find_nonanswers(frame, Codebook(), ["d"])] == ["d"]


def test_a_bare_code_takes_the_kind_of_its_label_in_other_items() -> None:
    frame = pd.DataFrame({"a": [1, 2, 3, 4, 5, 9], "b": [1, 2, 3, 4, 5, 9]})
    known = book({"a": {**SCALE, 9: "Refused"}})
    assert [(o.variable, o.kind, o.sure) for o in find_nonanswers(frame, known)] == [
        ("a", "refused", True),
        ("b", "refused", False),
    ]


def test_letters_of_stata_are_missing_whether_labelled_or_not() -> None:
    frame = pd.DataFrame({"q": pd.Series([1.0, 2.0, "a", 3.0, "b"], dtype=object), "t": ["a", "b", "c", "a", "b"]})
    assert [(o.variable, o.code, o.reason, o.sure) for o in find_nonanswers(frame, Codebook())] == [
        ("q", "a", "letter", True),
        ("q", "b", "letter", True),
    ]


def test_the_few_texts_of_a_column_of_numbers_are_named() -> None:
    values = [*map(str, range(1, 10))] * 3 + ["không biết", "see note"]
    assert found(values) == [("không biết", "dont_know", "text", True), ("see note", "", "text", False)]


def test_texts_of_answers_are_read_like_labels() -> None:
    values = ["Rất hài lòng", "Hài lòng", "Không hài lòng", "Không biết", "Hài lòng"]
    assert found(values) == [("Không biết", "dont_know", "label", True)]
    assert found(["Yes", "No", "Yes"]) == []


def test_columns_without_answers_and_of_other_kinds_are_passed_over() -> None:
    frame = pd.DataFrame(
        {
            "empty": [None, None],
            "date": pd.to_datetime(["2024-01-01", "2024-01-02"]),
            "lists": [[1], [2]],
            "one": [9, 9],
        }
    )
    assert find_nonanswers(frame, Codebook()) == ()


def test_rows_are_counted_in_the_data() -> None:
    one = find_nonanswers(pd.DataFrame({"q": [1, 2, 3, 8, 8]}), book({"q": {**SCALE, 8: "DK", 9: "Refused"}}))
    assert [(o.code, o.rows) for o in one] == [(8, 2), (9, 0)]
    assert isinstance(one[0], NonAnswer)


def test_labelled_ends_of_a_scale_kept_as_text_are_answers() -> None:
    values = [*map(str, range(1, 10))] * 5 + ["0 - Pas du tout", "10 - Totalement", "9. NS/NR"]
    assert found(values) == [("9. NS/NR", "dont_know", "text", True)]


def test_a_code_that_became_a_label_is_no_answer_but_a_step_of_a_long_scale_is() -> None:
    labels: dict[object, str] = {1: "-999", 2: "Bad", 3: "Middling", 4: "Good"}
    assert found([1, 2, 3, 4, 4], labels) == [(1, "", "label", True)]
    assert found([-100, -99, -98, 100], {-100: "worst", -99: "-99", -98: "-98", 100: "best"}) == []


def test_who_does_not_know_a_person_is_an_answer_beside_who_does() -> None:
    assert found([1, 2, 3], {1: "Conoce", 2: "No conoce", 3: "Conoce poco"}) == []


def test_no_text_of_a_column_is_sought_among_all() -> None:
    class Compared(str):
        """A text of which each comparison is a call."""

        def __eq__(self, other: object) -> bool:
            return str.__eq__(self, other)

        __hash__ = str.__hash__

    frame = pd.DataFrame({"id": pd.Series([Compared(f"respondent {i}") for i in range(5_000)], dtype=object)})
    with at_most(1_000_000):  # millions of comparisons where each text was sought among all
        assert find_nonanswers(frame, Codebook()) == ()
