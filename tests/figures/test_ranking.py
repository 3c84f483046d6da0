"""Units ranked in quarters: the ranks are those of `.ranks()`, values keep their intervals, hidden units have none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import survey as sv
from exhibit_cases import SHAPES
from survey.errors import ExportError

VALUES = (61, 62, 75, 64, 70, 65, 50, 73)


def wards(cases: Any, n: Any = 150) -> sv.Estimates:
    rows = cases.rows("friendliness", VALUES, se=1.0, n=n, ward=[f"P{i:02d}" for i in range(1, 9)])
    return cases.made(rows, "mean", ("ward",))


def heights(exhibit: Any) -> dict[str, float]:
    """Where each text stands, from the top."""
    return {t.get_text(): -t.get_position()[1] for t in exhibit.figure().texts}


def test_units_stand_by_rank_under_their_quarter(cases: Any) -> None:
    e = wards(cases)
    exhibit, again = sv.figures.ranking(e, lang="en"), sv.figures.ranking(e.ranks(), lang="en")
    assert exhibit.hash == again.hash
    at = heights(exhibit)
    # by hand: 75, 73 | 70, 65 | 64, 62 | 61, 50
    order = ["Quarter 1", "Bình Minh ward", "Quang Vinh ward", "Quarter 2", "Kỳ Sơn ward", "Lạc Viên ward", "Quarter 3"]
    order += ["Hòa Thuận ward", "An Phú ward", "Quarter 4", "Đông Hải ward", "Mỹ Độ ward"]
    assert sorted(order, key=at.__getitem__) == order
    # 50 is eleven points from the next, seven times its error: rank 8 alone, in the last quarter for sure
    assert {"8", "50.0 (48.0–52.0)", "4"} <= set(at)
    marks = [line for line in exhibit.figure().axes[0].lines if line.get_marker() == "o"]
    table = e.ranks().table.set_index("ward")
    sure = (table["quartile_low"] == table["quartile_high"]).loc[table["estimate"].sort_values().index]
    assert [m.get_markerfacecolor() != "white" for m in marks] == sure.tolist() and 0 < sure.sum() < 8
    assert f"{sure.sum()} units are in their quarter for sure" in exhibit.alt
    np.testing.assert_allclose(exhibit.frame()["value_low"], np.array(VALUES) - 2)


def test_a_hidden_unit_has_no_rank_and_leaves_no_trace(cases: Any, tmp_path: Any) -> None:
    e = wards(cases, n=[150] * 3 + [20, 20] + [150] * 3)
    exhibit = sv.figures.ranking(e, lang="en")
    table = exhibit.frame()
    assert table.loc[[3, 4], ["estimate", "value", "value_low", "n", "quartile"]].isna().all(axis=None)
    assert table["estimate"].dropna().max() == 6 and "Not shown: Hòa Thuận ward; Kỳ Sơn ward." in exhibit.alt
    assert exhibit.hash == sv.figures.ranking(e.ranks(), lang="en").hash
    written = sv.export(exhibit, "r", formats=("xlsx", "html"), folder=tmp_path)
    page = written["html"].read_text(encoding="utf-8")
    assert "75.0 (73.0–77.0)" in page and "70.0 (" not in page
    sheet = pd.read_excel(written["xlsx"], header=3, engine="calamine")
    assert sheet["Value, lower end"].iloc[2] == 73


def test_units_are_ranked_within_waves_or_all_together(cases: Any) -> None:
    e = cases.wards()
    within = heights(sv.figures.ranking(e, within="wave", lang="en"))
    assert "June 2024 · Quarter 1" in within
    together = heights(sv.figures.ranking(e, lang="en"))
    assert "Quarter 1" in together and "Vĩnh Trường ward, June 2024" in " ".join(together)  # on two lines


@pytest.mark.parametrize(("lang", "width"), SHAPES)
def test_nothing_is_cut_or_covered(cases: Any, crowding: Callable[[Any], list[str]], lang: str, width: str) -> None:
    assert crowding(sv.figures.ranking(cases.hard(), within="wave", lang=lang, width=width).figure()) == []


def test_what_cannot_be_drawn(cases: Any) -> None:
    with pytest.raises(ExportError, match="ranks already"):
        sv.figures.ranking(wards(cases).ranks(), first="lowest")
    with pytest.raises(ExportError, match="units by one number"):
        sv.figures.ranking(cases.made(cases.rows("y", 1.0, term="x"), "coefficient"))
