"""What is known without error, and why, row by row."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import survey as sv
from survey.words.certainty import certainty
from survey.words.notes import ALIKE, CALIBRATED


def raked(**columns: Any) -> sv.Sample:
    frame = pd.DataFrame({"w": [1.0] * 12, "g": [1, 2] * 6, "same": 4.0, "y": range(12), **columns})
    return sv.Sample(frame, weights="w").rake({"g": {1: 40.0, 2: 60.0}})


def test_a_known_total_stays_known_beside_a_row_of_equal_answers() -> None:
    e = raked().mean(["g", "same"])
    assert {CALIBRATED, ALIKE} <= set(e.notes)
    assert certainty(e).tolist() == ["known", "unknown"]


def test_pooled_numbers_that_are_known_have_no_missing_information() -> None:
    samples = [raked(), raked(y=np.arange(12) + 1.0)]
    e = sv.Imputations(samples).mean(["g", "same", "y"])
    assert e.table["fmi"].isna().tolist() == [True, True, False]
    assert certainty(e).tolist() == ["known", "unknown", "judged"]


def test_a_zero_weight_is_drawn_in_frame_check_and_in_response_rates() -> None:
    """R 4.1: svytotal of ones with svydesign(~u, weights = ~w) gives 15 and 5.0; without the unit of zeros 15 and 0."""
    data = pd.DataFrame(
        {
            "u": [1, 1, 2, 2, 3, 3, 4, 4],
            "w": [2.0, 3, 0, 0, 4, 1, 0, 5],
            "disposition": ["I", "I", "R", "R", "I", "NC", "NC", "I"],
        }
    )
    listed = pd.DataFrame({"u": [1, 2, 3, 4], "size": 4})
    table = sv.frame_check(data, listed, weights="w", size="size", unit="u")
    assert table["estimate"].tolist() == [15] and table["units"].tolist() == [4] and table["n"].tolist() == [5]
    assert table["std_error"][0] == pytest.approx(5.0, rel=1e-12)
    with pytest.warns(sv.SurveyWarning, match="3 cases with a weight of 0"):
        rates = sv.response_rates(data, weights="w")
    assert rates["n"].tolist() == [8] and rates["RR1"][0] == pytest.approx(14 / 15, rel=1e-12)
    for verb in (
        lambda d: sv.frame_check(d, listed, weights="w", size="size"),
        lambda d: sv.response_rates(d, weights="w"),
    ):
        for wrong in (-1.0, np.nan, np.inf, 0.0):
            with pytest.raises(sv.DesignError, match="weight"):
                verb(data.assign(w=wrong))
