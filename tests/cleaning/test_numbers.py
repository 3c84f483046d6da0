"""The call that is advised where a column holds texts in place of numbers. Expected: by hand."""

from __future__ import annotations

import pandas as pd
import pytest

import survey as sv
from survey.cleaning.numbers import how_to_number

COMMA, BLANK = 'decimal=","', 'others="blank"'


@pytest.mark.parametrize(
    ("cells", "options", "numbers"),
    [
        (["1", "2"], [], [1, 2]),
        (["7,5", "8"], [COMMA], [7.5, 8]),
        (["1.200,5", "950"], [COMMA], [1200.5, 950]),
        (["1 200", "950"], [COMMA], [1200, 950]),
        (["1.200", "7,5"], [COMMA], [1200, 7.5]),
        (["Không biết", "7,5"], [COMMA, BLANK], [None, 7.5]),
        (["-", "3"], [BLANK], [None, 3]),
        (["2.5", "x"], [BLANK], [2.5, None]),
    ],
)
def test_the_call_that_is_advised_gives_the_numbers(
    cells: list[str], options: list[str], numbers: list[float | None]
) -> None:
    assert how_to_number("q", cells) == "to_number(" + ", ".join(["'q'", *options]) + ")"
    given = {"decimal": ","} if COMMA in options else {}
    given |= {"others": "blank"} if BLANK in options else {}
    got = sv.Responses(pd.DataFrame({"q": cells})).to_number("q", **given).data["q"]
    pd.testing.assert_series_equal(got, pd.Series(numbers, name="q", dtype=float))


@pytest.mark.parametrize(
    "cells", [["7,5", "7.5"], ["1.200", "950"], ["1,200", "950"], ["1.250.000"], ["Không biết"], [], ["yes", "no"]]
)
def test_no_call_is_advised_where_it_would_guess(cells: list[str]) -> None:
    """ "1,200" may be 1.2 or a thousand and two hundred."""
    assert how_to_number("q", cells) is None
