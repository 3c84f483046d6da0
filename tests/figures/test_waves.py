"""Lines over waves: where dots stand, what is left out, and what cannot be drawn."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import survey as sv
from survey.errors import ExportError

LABELS = {k: {"vi": f"Đợt {k}", "en": f"Wave {k}"} for k in (1, 2, 3)}
BOOK = sv.Codebook(
    {
        "round": sv.Variable("round", type="nominal", role="period", labels=LABELS),
        "y": sv.Variable(
            "y", type="number", unit="points", limits=(0, 100), short={"vi": "Thân thiện", "en": "Kindness"}
        ),
    }
)


def estimates(groups: int = 2, n: int = 200, **columns: Any) -> sv.Estimates:
    """Means of 50, 51, ... in the order of rows, two groups by three waves."""
    names = [f"g{i}" for i in range(groups)]
    value = 50.0 + np.arange(3 * groups)
    table = pd.DataFrame(
        {
            "item": "y",
            "group": np.repeat(names, 3),
            "round": [1, 2, 3] * groups,
            "estimate": value,
            "std_error": 1.0,
            "conf_low": value - 2,
            "conf_high": value + 2,
            "df": 30.0,
            "n": n,
        }
    ).assign(**columns)
    return sv.Estimates(table, "mean", ("group", "round"), codebook=BOOK)


def lines(exhibit: Any) -> list[Any]:
    """Lines that join more than two points, in the order of the series."""
    return [line for line in exhibit.figure().axes[0].lines if len(line.get_xdata()) == 3]


def test_a_line_a_group_through_its_estimates() -> None:
    exhibit = sv.figures.waves(estimates(), lang="en")
    first, second = lines(exhibit)
    assert list(first.get_ydata()) == [50, 51, 52] and list(second.get_ydata()) == [53, 54, 55]
    assert (np.array(first.get_xdata()) < np.array(second.get_xdata())).all()  # beside each other, not over
    texts = [t.get_text() for t in exhibit.figure().texts]
    assert {"g0", "g1", "Wave 1", "Wave 2", "Wave 3"} <= set(texts)
    assert "g0: Wave 1 50.0 (48.0–52.0); Wave 2 51.0" in exhibit.alt
    assert "3 đợt" in sv.figures.waves(estimates(), lang="vi").alt
    assert exhibit.notes[0] == "Vertical lines: 95% confidence intervals."


def test_distances_are_those_of_the_times() -> None:
    even, uneven = (
        lines(sv.figures.waves(estimates(1), lang="en", time=time))[0].get_xdata()
        for time in (None, {1: 2021, 2: 2022, 3: 2025})
    )
    assert np.diff(even)[0] == pytest.approx(np.diff(even)[1])
    assert np.diff(uneven)[1] == pytest.approx(3 * np.diff(uneven)[0])


def test_a_wave_on_few_answers_is_left_out_and_breaks_the_line() -> None:
    """With the second wave goes the fifth, the smallest other: all waves together would tell the second."""
    e = estimates(2, group="g0", round=np.arange(1, 7), n=[200, 12, 200, 200, 60, 200])
    exhibit = sv.figures.waves(e, lang="en")
    (line,) = [line for line in exhibit.figure().axes[0].lines if len(line.get_xdata()) == 6]
    assert np.isnan(line.get_ydata()).tolist() == [False, True, False, False, True, False]
    assert "51.0 (" not in exhibit.alt and any("fewer than 30" in note for note in exhibit.notes)


def test_the_same_bytes_and_every_width() -> None:
    for width in ("full", "half", "slide"):
        first, again = (sv.figures.waves(estimates(), lang="vi", width=width)._repr_png_() for _ in range(2))
        assert first == again


@pytest.mark.parametrize(
    ("e", "arguments", "message"),
    [
        (estimates(5), {}, "too many lines"),
        (estimates(), {"wave": "year"}, "no such column of waves"),
        (estimates(), {"time": {1: 2021, 2: 2022}}, "Some waves have no time"),
        (estimates().contrast([1, -1, 0, 0, 0, 0]), {}, "one estimate of each wave"),
        (sv.Estimates(estimates(1).table.drop(columns=["group", "round"]), "mean"), {}, "no waves to draw"),
    ],
)
def test_what_cannot_be_drawn(e: sv.Estimates, arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ExportError, match=message):
        sv.figures.waves(e, lang="en", **arguments)
