"""Shaded tables: each number in its cell, the foot names the right unit, what is hidden is in neither."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import survey as sv
from exhibit_cases import CODES, Cases
from survey.errors import ExportError
from survey.figures._heat import heat_of

SCORES = (61.0, 55, 72, 48, 66, 59, 80, 53, 70, 64)
MINUTES = (20.0, 35, 15, 50, 25, 30, 15, 45, 40, 22)


def indices(cases: Cases) -> sv.Estimates:
    """Two indices in different units; the lowest score stands on 12 answers, and one on 40 is withheld with it."""
    one = cases.rows("friendliness", SCORES, se=2.0, ward=list(CODES))
    one.loc[3, "n"], one.loc[9, "n"], one.loc[6, "n"] = 12, 40, 45
    other = cases.rows("EF01", MINUTES, se=2.0, ward=list(CODES))
    return cases.made(pd.concat([one, other], ignore_index=True), "mean", ("ward",))


def test_the_foot_names_the_lowest_the_median_and_the_highest(cases: Cases, crowding: Any) -> None:
    m = sv.figures.heat(indices(cases), lang="en")
    scores, minutes = m.once(heat_of).foot
    # by hand: without the hidden 48 and the withheld 64 the scores are 53 55 59 61 66 70 72 80
    assert (scores.low, scores.median, scores.high) == (53, 63.5, 80)
    assert (scores.lowest, scores.highest) == (["Quang Vinh ward"], ["Mỹ Độ ward"])
    # 15 15 20 22 25 30 35 40 45 50: two are lowest, the median is between 25 and 30
    assert (minutes.low, minutes.median, minutes.high) == (15, 27.5, 50)
    assert minutes.lowest == ["Bình Minh ward", "Mỹ Độ ward"]
    texts = [t.get_text() for t in m.figure().findobj() if hasattr(t, "get_text")]
    assert "80.0*" in texts and "48.0" not in " ".join([*texts, m.alt, *m.notes])
    assert "Lowest" in texts and texts.count("15.0") == 3  # two cells and the foot
    assert "lowest 53.0 (Quang Vinh ward), median 63.5, highest 80.0 (Mỹ Độ ward)" in m.alt
    assert crowding(m.figure()) == []


@pytest.mark.parametrize(("lang", "width"), [("vi", "full"), ("en", "half"), ("vi", "slide")])
def test_units_by_waves_in_each_size(cases: Cases, crowding: Any, lang: str, width: str) -> None:
    assert crowding(sv.figures.heat(cases.hard(), lang=lang, width=width).figure()) == []


def test_rows_are_sorted_by_one_column(cases: Cases) -> None:
    found = sv.figures.heat(indices(cases), lang="en", sort="EF01").once(heat_of)
    assert [found.cells[i, 1].value for i in range(10)] == sorted(MINUTES, reverse=True)
    with pytest.raises(ExportError, match="unknown value of item") as problem:
        sv.figures.heat(indices(cases), sort="EF1")
    assert "did you mean EF01" in str(problem.value)


def test_one_set_of_shades_needs_one_unit(cases: Cases) -> None:
    assert sv.figures.heat(indices(cases)).once(heat_of).shade == "column"
    assert sv.figures.heat(cases.wards()).once(heat_of).shade == "table"
    with pytest.raises(ExportError, match="different units"):
        sv.figures.heat(indices(cases), shade="table")


def test_what_a_shaded_table_cannot_show_is_refused(cases: Cases) -> None:
    with pytest.raises(ExportError, match="crosses units"):
        sv.figures.heat(cases.means())
    many = cases.made(
        pd.concat([cases.rows(f"x{i}", np.linspace(0.2, 0.8, 10), ward=list(CODES)) for i in range(15)]),
        "ratio",
        ("ward",),
    )
    with pytest.raises(ExportError, match="too many columns"):
        sv.figures.heat(many)
    assert len(sv.figures.heat(many, columns="ward").once(heat_of).heads) == 10
