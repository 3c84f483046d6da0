"""A forest of differences: what is filled, what stands beside it, how coefficients are named."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import pytest

import survey as sv
from exhibit_cases import SHAPES
from survey.errors import ExportError
from survey.figures._forest import FORM
from work import calls

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
    assert {"Kindness", "Openness", "60+ − 35–59", "Hedges’ g (95% CI)", "Adjusted p"} <= set(said)
    row = e.table.iloc[1]
    assert f"{row['effect_size']:.2f} ({row['effect_low']:.2f}–{row['effect_high']:.2f})" in said
    assert filled(exhibit) == (e.table["p_adjusted"] < 0.05).tolist() and any(filled(exhibit))
    assert any("within the margin" in note for note in exhibit.notes)


def test_what_a_row_compares_is_worked_out_once() -> None:
    """A row of 66 costs no more than one of 15: all were worked out anew for each of them."""
    each = {}
    for groups in (6, 12):
        rng = np.random.default_rng(1)
        frame = pd.DataFrame({"g": rng.integers(0, groups, 600), "y": rng.normal(50, 10, 600)})
        exhibit = sv.figures.forest(sv.Sample(frame, weights=None).compare("y", by="g"), lang="en")
        again = exhibit.in_language("vi")
        assert FORM.parts is not None
        each[groups] = calls(partial(again.once, FORM.parts)) / len(exhibit.estimates.table)
    assert each[12] < 1.3 * each[6], each


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
    table.loc[[5, 7], "n"] = 20
    weights = {f"P{i + 1:02d}": np.eye(20)[2 * i + 1] - np.eye(20)[2 * i] for i in range(10)}
    e = cases.made(table, "proportion", ("ward", "wave"), answers=(4, 5)).contrast(weights)
    exhibit = sv.figures.forest(e, lang="en")
    assert len(filled(exhibit)) == 8 and "Not shown: Bình Minh ward; Hòa Thuận ward." in exhibit.alt
    assert exhibit.frame()["estimate"].isna().sum() == 2


@pytest.mark.parametrize(("lang", "width"), SHAPES)
def test_nothing_is_cut_or_covered(sample: Any, crowding: Callable[[Any], list[str]], lang: str, width: str) -> None:
    e = sample.compare(["y", "z"], by="age", margin=3)
    assert crowding(sv.figures.forest(e, lang=lang, width=width).figure()) == []


def test_means_are_no_forest(cases: Any) -> None:
    with pytest.raises(ExportError, match="differences or coefficients"):
        sv.figures.forest(cases.wards())
