"""A forest of differences: what is filled, what stands beside it, how coefficients are named."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import survey as sv
from survey.errors import ExportError

AGES = {1: {"vi": "18–34", "en": "18–34"}, 2: {"vi": "35–59", "en": "35–59"}, 3: {"vi": "60+", "en": "60+"}}
BOOK = sv.Codebook(
    {
        "age": sv.Variable("age", "ordinal", short={"vi": "Nhóm tuổi", "en": "Age group"}, labels=AGES),
        "pilot": sv.Variable("pilot", "number", short={"vi": "Thí điểm", "en": "Pilot"}),
        "y": sv.Variable("y", "number", unit="points", limits=(0, 100), short={"vi": "Thân thiện", "en": "Kindness"}),
        "z": sv.Variable("z", "number", unit="points", limits=(0, 100), short={"vi": "Minh bạch", "en": "Openness"}),
    }
)


@pytest.fixture(scope="module")
def sample() -> Any:
    rng = np.random.default_rng(1)
    data = pd.DataFrame({"age": rng.integers(1, 4, 300), "pilot": rng.integers(0, 2, 300), "w": 1.0})
    data["y"] = rng.normal(60, 15, 300) + 12 * (data["age"] == 3)
    data["z"] = rng.normal(50, 15, 300)
    return sv.Sample(sv.Responses(data, codebook=BOOK), weights="w")


def texts(exhibit: Any) -> list[str]:
    return [t.get_text() for t in exhibit.figure().texts]


def filled(exhibit: Any) -> list[bool]:
    """Whether each marker is filled, from the top."""
    marks = [line for line in exhibit.figure().axes[0].lines if line.get_marker() == "o"]
    return [m.get_markerfacecolor() != "white" for m in marks]


def test_items_are_headings_and_effect_sizes_stand_beside(sample: Any) -> None:
    e = sample.compare(["y", "z"], by="age", margin=3)
    exhibit = sv.figures.forest(e, lang="en", width="slide")
    said = texts(exhibit)
    assert {"Kindness", "Openness", "60+ − 35–59", "Hedges' g (95% CI)", "Adjusted p"} <= set(said)
    row = e.table.iloc[1]
    assert f"{row['effect_size']:.2f} ({row['effect_low']:.2f}–{row['effect_high']:.2f})" in said
    assert filled(exhibit) == (e.table["p_adjusted"] < 0.05).tolist() and any(filled(exhibit))
    assert any("within the margin" in note for note in exhibit.notes)


def test_coefficients_stand_under_their_variable_with_what_they_are_compared_with(sample: Any) -> None:
    e = sample.linear("y ~ C(age) * pilot + z")
    exhibit = sv.figures.forest(e, lang="en")
    said = texts(exhibit)
    assert {"Age group (against 18–34)", "35–59", "Pilot", "Openness", "Age group × Pilot", "60+ × Pilot"} <= set(said)
    assert len(filled(exhibit)) == len(e.table) - 1 and any("intercept" in note for note in exhibit.notes)
    assert len(exhibit.frame()) == len(e.table)


def test_rows_under_headings_of_ones_own_and_sorted(cases: Any, sample: Any) -> None:
    groups = {"P01": "Bờ biển", "P05": {"vi": "Đồi", "en": "Hills"}}
    labels = {"P01": "Hải", "P05": "Sơn"}
    exhibit = sv.figures.forest(cases.differences(), lang="en", groups=groups, labels=labels)
    height = {t.get_text(): t.get_position()[1] for t in exhibit.figure().texts}
    order = ["An Phú ward", "Vĩnh Trường ward", "Bờ biển", "Hải", "Hills", "Sơn"]
    assert sorted(order, key=lambda text: -height[text]) == order
    e = sample.compare("y", by="age")
    marks = sv.figures.forest(e, sort=True).figure().axes[0].lines
    drawn = [float(line.get_xdata()[0]) for line in marks if line.get_marker() == "o"]
    assert drawn == pytest.approx(sorted(e.table["estimate"], reverse=True))


def test_what_may_not_be_shown_is_said(cases: Any) -> None:
    table = cases.wards().table
    table.loc[5, "n"] = 12
    weights = {f"P{i + 1:02d}": np.eye(20)[2 * i + 1] - np.eye(20)[2 * i] for i in range(10)}
    e = cases.made(table, "proportion", ("ward", "wave"), answers=(4, 5)).contrast(weights)
    exhibit = sv.figures.forest(e, lang="en")
    assert "n < 30" in texts(exhibit) and len(filled(exhibit)) == 9 and "Not shown: Bình Minh ward." in exhibit.alt


@pytest.mark.parametrize(("lang", "width"), [("vi", "full"), ("en", "half"), ("vi", "slide")])
def test_nothing_is_cut_or_covered(sample: Any, crowding: Callable[[Any], list[str]], lang: str, width: str) -> None:
    e = sample.compare(["y", "z"], by="age", margin=3)
    assert crowding(sv.figures.forest(e, lang=lang, width=width).figure()) == []


def test_means_are_no_forest(cases: Any) -> None:
    with pytest.raises(ExportError, match="differences or coefficients"):
        sv.figures.forest(cases.wards())
