"""Expressions: what holds where an answer is missing, and that nothing a user types is run as code."""

from __future__ import annotations

import unicodedata

import numpy as np
import pandas as pd
import pytest

from survey.base.expressions import column_names, derived, evaluate, mask
from survey.errors import CleaningError, EstimationError


@pytest.fixture
def frame() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "age": [17, 40, 65, 30],
            "q1": [1.0, 2.0, np.nan, 5.0],
            "kind": ["resident", "business", None, "resident"],
            "flag": [True, False, True, False],
            "day": pd.to_datetime(["2023-08-01", "2024-06-30", None, "2024-07-01"]),
            "Q1 (a)": [1, 1, 2, 2],
            "thôn": ["Đông", "Tây", "Đông", "Nam"],
            "count": pd.array([1, None, 3, 4], dtype="Int64"),
            "group": pd.Categorical(["a", "b", None, "a"]),
        },
        index=[10, 11, 12, 13],
    )


T, F = True, False


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("age >= 18", [F, T, T, T]),
        ("18 <= age < 65", [F, T, F, T]),
        ("kind == 'business' or age > 60", [F, T, T, F]),
        ("age > 18 and not kind == 'business'", [F, F, F, T]),
        ("age in [17, 30]", [T, F, F, T]),
        ("kind in ('resident', 'official')", [T, F, F, T]),
        ("flag", [T, F, T, F]),
        ("flag == 1", [T, F, T, F]),
        ("flag == True", [T, F, T, F]),
        ("(age > 18) & (q1 > 1)", [F, T, F, T]),
        ("(age > 60) | (q1 == 1)", [T, F, T, F]),
        ("~(age > 18)", [T, F, F, F]),
        ("`Q1 (a)` == 2", [F, F, T, T]),
        ("kind == '`Q1 (a)`'", [F, F, F, F]),
        ("thôn == 'Đông'", [T, F, T, F]),
        ("day >= '2024-07-01'", [F, F, F, T]),
        ("day == '2024-06-30'", [F, T, F, F]),
        ("count >= 3", [F, F, T, T]),
        ("group == 'a'", [T, F, F, T]),
        ("max(age, 10 * q1) == 50", [F, F, F, T]),
        ("min(age, 30) == 30", [F, T, T, T]),
        ("abs(age - 40) <= 10", [F, T, F, T]),
        ("round(age / 10) == 4", [F, T, F, F]),
        ("round(age / 7, 1) == 5.7", [F, T, F, F]),
        ("age % 2 == 0 and age // 10 == 3", [F, F, F, T]),
        ("-age < -60", [F, F, T, F]),
        ("1 == 1", [T, T, T, T]),
    ],
)
def test_conditions(frame: pd.DataFrame, expression: str, expected: list[bool]) -> None:
    assert mask(expression, frame).tolist() == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("q1 == 1", [T, F, F, F]),
        ("q1 != 1", [F, T, F, T]),
        ("not q1 == 1", [F, T, F, T]),
        ("q1 not in [1]", [F, T, F, T]),
        ("kind != 'business'", [T, F, F, T]),
        ("q1 > 1 or age > 60", [F, T, T, T]),  # one part that holds is enough
        ("not (q1 > 1 and age < 60)", [T, F, T, F]),  # one part that fails is enough
        ("isna(q1)", [F, F, T, F]),
        ("notna(kind) and age > 0", [T, T, F, T]),
        ("isna(q1 / 0)", [T, T, T, T]),
        ("isna(q1 > 1)", [F, F, T, F]),
        ("count != 1", [F, F, T, T]),
    ],
)
def test_a_condition_on_a_missing_answer_does_not_hold_nor_does_its_negation(
    frame: pd.DataFrame, expression: str, expected: list[bool]
) -> None:
    assert evaluate(expression, frame).tolist() == expected


def test_a_missing_answer_does_not_turn_into_a_no_in_a_new_column(frame: pd.DataFrame) -> None:
    np.testing.assert_array_equal(derived("q1 >= 4", frame), [0, 0, np.nan, 1])
    np.testing.assert_array_equal(derived("q1 >= 4 or age > 60", frame), [0, 0, 1, 1])


def test_the_tree_is_evaluated_left_to_right_with_pythons_precedence(frame: pd.DataFrame) -> None:
    # 2 + 3 * 4 ** 2 / 8 - 1 = 7 by hand
    np.testing.assert_array_equal(evaluate("2 + 3 * 4 ** 2 / 8 - 1 + 0 * age", frame), [7.0] * 4)


def test_whole_numbers_beyond_the_reach_of_floats_are_compared_exactly() -> None:
    frame = pd.DataFrame({"id": [9007199254740992, 9007199254740993]})
    assert mask("id == 9007199254740993", frame).tolist() == [False, True]


@pytest.mark.parametrize(
    "expression",
    [
        "__import__('os').system('true')",
        "age.__class__",
        "(lambda: 1)()",
        "[x for x in age]",
        "open('f')",
        "age[0] == 1",
        "f'{age}' == '17'",
        "age if flag else q1",
        "(y := 3) == 3",
        "eval('age') == 1",
        "min(age, *q1) > 1",
        "round(age, ndigits=1) > 1",
    ],
)
def test_nothing_a_user_types_is_run_as_code(frame: pd.DataFrame, expression: str) -> None:
    with pytest.raises(EstimationError):
        mask(expression, frame)


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("agee > 3", "did you mean age"),
        ("KIND == 'x'", "did you mean kind"),
        ("age = 3", "=="),
        ("ward == P01", "no column 'ward'"),
        ("kind == resident", "'resident'"),
        ("kind == 1", "text"),
        ("age == '17'", "quotes"),
        ("age and q1", "age == 1"),
        ("age == 17 & q1 == 1", "parentheses"),
        ("age == None", "isna"),
        ("age is None", "isna"),
        ("kind + 'x' == 'y'", "numbers"),
        ("kind in 'resident'", "list"),
        ("age in [q1]", "list of values"),
        ("day > 'yesterday afternoon'", "date"),
        ("day > 2024", "a date"),
        ("min(age) > 3", "min"),
        ("round(age, q1) == 3", "whole number"),
        ("", "cannot be read"),
        ("age >", "cannot be read"),
        ("age + 1", "is not a condition"),
        ("age", "age == 1"),
        ("(" * 500 + "age" + ")" * 500 + " > 1", "cannot be read"),
        ("1" * 20_000 + " == age", "longer"),
    ],
)
def test_an_expression_that_cannot_hold_says_how_to_mend_it(frame: pd.DataFrame, expression: str, words: str) -> None:
    with pytest.raises(EstimationError) as caught:
        mask(expression, frame)
    assert words in str(caught.value)


def test_the_error_is_of_the_kind_the_caller_asks_for(frame: pd.DataFrame) -> None:
    with pytest.raises(CleaningError, match="no column"):
        mask("nothing == 1", frame, "drop", error=CleaningError)


def test_a_deep_tree_is_an_error_and_not_a_crash(frame: pd.DataFrame) -> None:
    with pytest.raises(EstimationError):
        mask("-" * 5000 + "age > 1", frame)


def test_a_column_of_mixed_kinds_is_named() -> None:
    frame = pd.DataFrame({"q": pd.Series([1, "a", None], dtype=object)})
    with pytest.raises(EstimationError, match="mixes"):
        mask("q == 1", frame)


def test_numbers_kept_as_objects_are_numbers() -> None:
    frame = pd.DataFrame({"q": pd.Series([1, 2.5, None], dtype=object)})
    assert mask("q > 1", frame).tolist() == [False, True, False]


def test_decomposed_letters_are_the_same_name_and_the_same_text(frame: pd.DataFrame) -> None:
    assert mask(unicodedata.normalize("NFD", "thôn == 'Đông'"), frame).tolist() == [T, F, T, F]


def test_column_names_leave_out_functions() -> None:
    assert column_names("abs(b - 1) > a and `c d` in [1] and b > 0") == ("b", "a", "c d")


class TestMask:
    def test_none_is_everyone(self, frame: pd.DataFrame) -> None:
        assert mask(None, frame).all()

    def test_arrays_go_by_position_and_series_by_index(self, frame: pd.DataFrame) -> None:
        assert mask(np.array([T, F, F, T]), frame).tolist() == [T, F, F, T]
        assert mask(pd.Series([T, F, F, T], index=[13, 12, 11, 10]), frame).tolist() == [T, F, F, T]
        assert mask(pd.Series([T, F, F, F], index=[13, 12, 11, 10]), frame).tolist() == [F, F, F, T]

    def test_functions_of_the_data(self, frame: pd.DataFrame) -> None:
        assert mask(lambda d: d["age"] > 20, frame).tolist() == [F, T, T, T]

    def test_an_unknown_in_a_nullable_series_does_not_hold(self, frame: pd.DataFrame) -> None:
        assert mask(pd.Series([T, None, F, T], index=frame.index, dtype="boolean"), frame).tolist() == [T, F, F, T]

    @pytest.mark.parametrize("where", [[T, F], np.array([1, 0, 1, 1]), pd.Series([T] * 4), pd.Series([T] * 5)])
    def test_anything_but_one_bool_a_row_is_refused(self, frame: pd.DataFrame, where: object) -> None:
        with pytest.raises(EstimationError):
            mask(where, frame)  # type: ignore[arg-type]

    def test_a_frame_without_rows(self, frame: pd.DataFrame) -> None:
        assert mask("age > 3 and kind == 'x'", frame.iloc[:0]).shape == (0,)
        assert mask([], frame.iloc[:0]).shape == (0,)  # type: ignore[arg-type]
