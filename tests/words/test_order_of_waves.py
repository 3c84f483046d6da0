"""Whether one wave is after another, so that a sentence tells a change and not a difference of groups."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

import survey as sv
from survey.words.phrases import later

LATER = {
    "numbers": (10, 9, True),
    "years as text": ("2024", "2023", True),
    "numbers as text": ("10", "9", True),
    "dates as text": ("2024-06-01", "2023-08-01", True),
    "the same turned round": ("2023-08-01", "2024-06-01", False),
    "months with a year": ("8/2023", "6/2024", False),
    "words": ("trước", "sau", False),
    "numbered words": ("Đợt 9", "Đợt 10", False),
    "a date with a time zone beside one without": ("2024-06-01T00:00:00+07:00", "2023-08-01", False),
}


@pytest.mark.parametrize("case", LATER)
def test_text_has_an_order_only_as_numbers_or_dates(case: str) -> None:
    one, other, expected = LATER[case]
    assert later(sv.Codebook({}), "wave", one, other) is expected


@pytest.mark.parametrize(
    ("waves", "told"), [(("8/2023", "6/2024"), "between"), (("9", "10"), "between"), (("1", "2"), "from 1 to 2")]
)
def test_a_sentence_does_not_tell_a_change_backwards(waves: tuple[str, str], told: str) -> None:
    """Sorted as text, June 2024 comes before August 2023: the change was told from the last wave to the first."""
    data = pd.DataFrame({"wave": [*waves] * 30, "y": [i % 5 for i in range(60)], "w": 1.0})
    compared: Any = sv.Sample(data, weights="w").compare("y", by="wave")
    sentence = str(sv.narrative.compare(compared, 0).text("en"))
    assert told in sentence, sentence
    assert f"from {waves[1]} to {waves[0]}" not in sentence
