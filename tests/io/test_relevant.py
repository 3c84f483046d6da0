"""Routing: whom a form asks is whom the codebook says, also where an answer is empty (XPath 1.0)."""

from __future__ import annotations

import pandas as pd
import pytest

from survey.base.expressions import mask
from survey.errors import CodebookError
from survey.io.xlsform.relevant import base_of, relevant_of

FRAME = pd.DataFrame({"a": [1.0, 2.0, 3.0, None], "b": [None, 1.0, 2.0, 3.0]})


@pytest.mark.parametrize(
    ("relevant", "rows"),
    [
        # XPath: an empty answer is the text '', which equals no number and is no number to compare by size
        ("${a} = 1", [0]),
        ("${a} != 1", [1, 2, 3]),
        ("not(${a} = 1)", [1, 2, 3]),
        ("${a} != '' and ${a} != 1", [1, 2]),
        ("${a} = ''", [3]),
        ("${a} > 1", [1, 2]),
        ("not(${a} > 1)", [0, 3]),
        ("2 <= ${a}", [1, 2]),
        ("not(${a} = 1 or ${b} != 2)", [2]),
        ("${a} = 1 or ${b} = 1 and ${a} = 2", [0, 1]),
        ("(${a} = 1 or ${b} = 1) and ${a} = 2", [1]),
        ("selected(${a}, '2')", [1]),
        ("not(selected(${a}, '2'))", [0, 2, 3]),
        ("not(not(${a} = 1) and not(${b} = 3))", [0, 3]),
    ],
)
def test_both_tongues_hold_for_the_same_rows(relevant: str, rows: list[int]) -> None:
    base, why = base_of(relevant, {"a": {"1": 1, "2": 2, "3": 3}})
    assert why == ""
    assert list(FRAME.index[mask(base, FRAME)]) == rows
    again, why = base_of(relevant_of(base), {"a": {"1": 1}})
    assert why == "" and list(FRAME.index[mask(again, FRAME)]) == rows


@pytest.mark.parametrize(
    "relevant",
    [
        "",
        "${a} = ${b}",
        "count-selected(${a}) > 1",
        "${a} = 1 and",
        "(${a} = 1",
        "${a} + 1 = 2",
        "false()",
        "${a}",
        "${a} like 1",
        "regex(${a}, 'x')",
        "${a} < ''",
        "selected(${a}, ${b})",
        "${a} = 1 ${b} = 2",
    ],
)
def test_what_cannot_be_said_is_not_half_said(relevant: str) -> None:
    base, why = base_of(relevant)
    assert base == "" and why


def test_what_holds_always_asks_everybody() -> None:
    """An empty base: everybody is asked."""
    assert base_of("true()") == ("", "")


def test_a_comparison_with_a_question_of_several_answers_is_none() -> None:
    several = lambda name, code: f"{name}_{code}" if name == "m" else None  # noqa: E731
    assert base_of("selected(${m}, 'web')", column=several) == ("m_web == 1", "")
    assert base_of("${m} = 'web'", column=several)[0] == ""


def test_quotes_mean_what_the_choices_are() -> None:
    codes = {"a": {"1": 1, "01": "01"}}
    assert base_of("${a} = '1'", codes)[0] == "a == 1"
    assert base_of("${a} = '01'", codes)[0] == "a == '01'"
    assert base_of("${free} = '01'", codes)[0] == "free == '01'"


@pytest.mark.parametrize(
    "base",
    [
        "contact12 == 1",
        "a != 1",
        "a in [1, 2]",
        "a >= 1 and a <= 3",
        "(a == 1 or b == 2) and c == 'x'",
        "isna(a)",
        "a != 1 or isna(a)",
        "`my q` == 1",
    ],
)
def test_what_was_written_is_read_again(base: str) -> None:
    assert base_of(relevant_of(base)) == (base, "")


@pytest.mark.parametrize(
    "base", ["a + 1 == 2", "abs(a) == 1", "a == True", "a == b", "a", "a ==", "a == 'x' if b else 1"]
)
def test_a_base_that_xpath_cannot_say_is_refused(base: str) -> None:
    with pytest.raises(CodebookError, match="XLSForm"):
        relevant_of(base)
