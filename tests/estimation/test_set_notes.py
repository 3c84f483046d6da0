"""Columns that hold one answer and are empty otherwise are said to look like an option of a select-all question."""

import numpy as np
import pandas as pd
import pytest

import survey as sv

NOTE = "notes.one_answer"
ROWS = 1_200


def noted(column: object, verb: str = "mean") -> bool:
    sample = sv.Sample(pd.DataFrame({"q": column, "w": 1.0}), weights="w")
    result = sample.mean("q") if verb == "mean" else sample.distribution("q")
    return any(note.key == NOTE for note in result.notes)


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        ([1.0] * 3 + [np.nan] * (ROWS - 3), True),
        ([np.nan] * (ROWS - 2) + [7.0] * 2, True),
        ([1.0] * ROWS, False),  # nobody is empty: a constant
        ([1.0] + [np.nan] * (ROWS - 1), False),  # one row is no pattern
        ([1.0] * (ROWS - 2) + [2.0, np.nan], False),  # another answer, far down
        ([1.0, 2.0] * (ROWS // 2 - 1) + [np.nan] * 2, False),
    ],
)
def test_one_answer_and_blanks_are_noted(column: list[float], expected: bool) -> None:
    assert noted(column) is expected


def test_text_is_looked_at_too() -> None:
    assert noted(["radio", "radio"] + [None] * 8, "distribution")
    assert not noted(["radio"] * 600 + ["tv"] + [None] * 8, "distribution")
