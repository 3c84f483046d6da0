"""Numbers and words by language. Expected forms: DOMAIN's 83,94 and 1.234; Unicode CLDR for the marks."""

from __future__ import annotations

import datetime as dt

import pytest

from survey import ExportError
from survey.words import locale as loc


@pytest.mark.parametrize(
    ("value", "digits", "vi", "en"),
    [
        (83.94, 2, "83,94", "83.94"),
        (1234, 0, "1.234", "1,234"),
        (1234567.891, 1, "1.234.567,9", "1,234,567.9"),
        (-2.15, 1, "−2,2", "−2.2"),
        (-0.04, 1, "0,0", "0.0"),  # what rounds to zero has no sign
        (0.25, 1, "0,3", "0.3"),  # halves go up, as people round
        (72.45, 1, "72,5", "72.5"),
        (100 * 0.7245, 1, "72,5", "72.5"),
        (100 * 0.285, 0, "29", "29"),  # 28.499999999999996 in binary
        (float("nan"), 1, "–", "–"),
        (float("inf"), 1, "–", "–"),
        (0.0, 0, "0", "0"),
    ],
)
def test_numbers_are_written_as_each_language_writes_them(value: float, digits: int, vi: str, en: str) -> None:
    assert loc.number(value, digits, "vi") == vi
    assert loc.number(value, digits, "en") == en


def test_a_difference_always_has_its_sign_unless_it_rounds_to_zero() -> None:
    assert [loc.signed(x) for x in (2.13, -0.42, 0.04, -0.04, 0.0)] == ["+2,1", "−0,4", "0,0", "0,0", "0,0"]


def test_a_minus_sign_never_meets_the_dash_of_an_interval() -> None:
    assert loc.interval(70.1, 74.6) == "70,1–74,6"
    assert loc.interval(-1.2, 3.4) == "−1,2 đến 3,4"
    assert loc.interval(-3.4, -1.2, lang="en") == "−3.4 to −1.2"
    assert loc.interval(-0.01, 3.4, lang="en") == "0.0–3.4"


def test_p_values_are_never_zero() -> None:
    assert loc.p_value(0.00004).replace("\N{NO-BREAK SPACE}", " ") == "< 0,001"
    assert loc.p_value(0.0234, "en") == "0.023"
    assert loc.p_value(float("nan")) == "–"


def test_dates() -> None:
    assert loc.date(dt.date(2023, 9, 20), "vi") == "20/09/2023"
    assert loc.date(dt.date(2023, 9, 20), "en") == "20 September 2023"


def test_levels() -> None:
    assert [loc.level_word(x) for x in (0.95, 0.9, 0.975)] == ["95%", "90%", "97,5%"]


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(ExportError, match="unknown language"):
        loc.check_language("fr")


@pytest.mark.parametrize(
    ("note", "vi"),
    [
        ("12 rows have no value of ward, wave and are in no group", "12 dòng thiếu ward, wave và không thuộc nhóm nào"),
        ("2,467 respondents with all variables of the model", "2.467 người trả lời có đủ các biến của mô hình"),
        ("groups within one cluster have no standard error", "nhóm nằm gọn trong một cụm không có sai số chuẩn"),
        ("something nobody translated, 1,000 times", "something nobody translated, 1,000 times"),
    ],
)
def test_notes_of_the_verbs_are_told_in_vietnamese(note: str, vi: str) -> None:
    assert loc.note(note, "vi") == vi
    assert loc.note(note, "en") == note


def test_simulated_data_are_marked_once() -> None:
    title = {"vi": "Khảo sát (dữ liệu mô phỏng)", "en": "Survey (simulated data)"}
    assert loc.source(title, "", True, "vi") == "Nguồn: Khảo sát (dữ liệu mô phỏng)"
    assert loc.source({}, "Survey (simulated data)", True, "vi") == "Nguồn: Survey (dữ liệu mô phỏng)"
    assert loc.source({}, "", False, "en") == ""
