"""k and l counted by hand on a table small enough to type in."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from survey.errors import CleaningError
from survey.responses import Responses

# ward, sex, age: three men of P01 aged 30, two women of P01 aged 40, one woman of P02 aged 40, one without a sex
ROWS = pd.DataFrame(
    {
        "ward": ["P01", "P01", "P01", "P01", "P01", "P02", "P02"],
        "sex": [1, 1, 1, 2, 2, 2, np.nan],
        "age": [30, 30, 30, 40, 40, 40, 40],
        "ill": ["a", "b", "a", "c", "c", "a", "a"],
    }
)


def test_by_hand() -> None:
    report = Responses(ROWS).k_anonymity(["ward", "sex", "age"], sensitive="ill")
    assert (report.k, report.unique, report.rows, report.combinations, report.l) == (1, 2, 7, 4, 1)
    assert report.unique_share == pytest.approx(2 / 7)
    assert report.sizes["people"].tolist() == [1, 1, 2, 3]
    assert report.sizes["answers"].tolist() == [1, 1, 1, 2]
    assert report.rows_below(3) == 4
    # without the ward: men 3, women 3, unknown 1; without the sex: 3, 2, 2; without the age: as with it
    left = report.without.set_index("left_out")
    assert left.loc["ward", ["k", "unique"]].tolist() == [1, 1]
    assert left.loc["sex", ["k", "unique"]].tolist() == [2, 0]
    assert left.loc["age", ["k", "unique"]].tolist() == [1, 2]
    assert report.without["left_out"].iloc[0] == "sex" and "sex" in report.advice()
    assert "k = 1 over ward, sex, age" in report.to_text() and "<table" in report._repr_html_()


def test_the_order_of_rows_and_columns_does_not_matter() -> None:
    one = Responses(ROWS).k_anonymity(["ward", "sex", "age"])
    two = Responses(ROWS[::-1].reset_index(drop=True)).k_anonymity(["age", "sex", "ward"])
    assert (one.k, one.unique, one.sizes["people"].tolist()) == (two.k, two.unique, two.sizes["people"].tolist())


def test_everybody_alike_and_nobody() -> None:
    assert Responses(ROWS.assign(all=1)).k_anonymity("all").k == 7
    assert Responses(ROWS.assign(all=np.nan)).k_anonymity("all").k == 7
    empty = Responses(ROWS.iloc[:0]).k_anonymity(["ward", "sex"], sensitive="ill")
    assert (empty.k, empty.unique, empty.l, empty.unique_share) == (0, 0, 0, 0.0)
    assert empty.to_text()


@pytest.mark.parametrize(
    ("quasi", "sensitive"),
    [([], None), (["ward", "ward"], None), (["wrad"], None), (["ward"], "ward"), (["ward"], "no")],
)
def test_columns_that_make_no_sense(quasi: list[str], sensitive: str | None) -> None:
    with pytest.raises(CleaningError):
        Responses(ROWS).k_anonymity(quasi, sensitive=sensitive)
