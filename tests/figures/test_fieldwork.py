"""Responses by day: every response once, days without any as 0, long breaks left out and told."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import survey as sv
from survey.errors import CleaningError, ExportError

DAYS = ["2024-06-01", "2024-06-01", "2024-06-03", None, "2024-07-20", "2024-06-03", "2024-06-01"]


@pytest.fixture
def responses() -> sv.Responses:
    when = [None if d is None else f"{d}T09:30:00+07:00" for d in DAYS]
    data = pd.DataFrame({"int_start": when, "ward": ["a", "b", "a", "a", "b", "b", "a"]})
    return sv.Responses(data, sv.Codebook({}))


def test_days_by_hand(responses: sv.Responses) -> None:
    d = responses.by_day()
    # 2 June is a day with 0; from 3 June to 20 July is a break
    assert d.table.to_numpy().tolist() == [
        ["2024-06-01", 3, 3],
        ["2024-06-02", 0, 3],
        ["2024-06-03", 2, 5],
        ["2024-07-20", 1, 6],
    ]
    assert [str(n) for n in d.notes] == ["1 response without a date is not counted."]
    by = responses.by_day(by="ward").table
    assert by.groupby("ward")["cumulative"].last().tolist() == [3, 3]
    assert by["responses"].sum() == 6 and len(by) == 8


@pytest.mark.parametrize(
    ("by", "width", "lang"), [(None, "full", "vi"), ("ward", "half", "en"), ("ward", "slide", "vi")]
)
def test_it_is_drawn_in_each_size(responses: sv.Responses, crowding: Any, by: Any, width: str, lang: str) -> None:
    m = sv.figures.fieldwork(responses.by_day(by=by), lang=lang, width=width)
    assert crowding(m.figure()) == []
    assert "6" in m.alt and len(m.frame()) == (8 if by else 4)


def test_bars_and_line_hold_the_counts(responses: sv.Responses) -> None:
    m = sv.figures.fieldwork(responses.by_day(), lang="en")
    line, bars = m.figure().axes
    assert [b.get_height() for b in bars.patches] == [3, 0, 2, 1]
    drawn = np.concatenate([x.get_ydata() for x in line.lines if len(x.get_xdata()) == 3])
    assert drawn.tolist() == [3, 3, 5]
    assert "most on 1 June 2024: 3" in m.alt
    assert any("break" in note for note in m.notes)


def test_groups_beyond_what_fits_are_told(responses: sv.Responses) -> None:
    m = sv.figures.fieldwork(responses.by_day(by="ward"), most=1, lang="en")
    assert "1 further group is not shown." in m.notes


def test_no_dates_and_other_results(responses: sv.Responses) -> None:
    with pytest.raises(CleaningError, match="lack") as found:
        responses.by_day("int_strat")
    assert "did you mean" in str(found.value)
    with pytest.raises(CleaningError, match="dates with a time"):
        responses.by_day("ward")
    empty = sv.Responses(pd.DataFrame({"int_start": pd.Series([None, None], dtype=object)}), sv.Codebook({}))
    with pytest.raises(CleaningError, match="No response has a date"):
        empty.by_day()
    with pytest.raises(ExportError, match="responses by day"):
        sv.figures.fieldwork(sv.Sample(pd.DataFrame({"w": [1.0, 2, 3]}), weights="w").weight_diagnostics())
