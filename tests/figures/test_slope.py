"""Slopes between two waves: which changes are marked, what is told of them, what cannot be drawn."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import survey as sv
from survey.errors import ExportError


def estimates(cases: Any, changes: Any, n: Any = 150, se: float = 1.0) -> sv.Estimates:
    """Wards that start at 50, 51, ... and change by so many points, each wave with its own standard error."""
    k = len(changes)
    start = 50.0 + np.arange(k)
    value = np.stack([start, start + np.asarray(changes, float)], axis=1).ravel()
    wards = [f"P{i:02d}" for i in range(1, k + 1)]
    rows = cases.rows("friendliness", value, se=se, n=n, ward=np.repeat(wards, 2), wave=np.tile([1, 2], k))
    return cases.made(rows, "mean", ("ward", "wave"))


def test_changes_are_marked_where_the_adjusted_test_shows_them(cases: Any) -> None:
    # by R, p.adjust(2 * pt(-c(6, 3, 3.2, 0.5) / sqrt(2), 98)): each change over its error, with 98 degrees of freedom
    exhibit = sv.figures.slope(estimates(cases, [6, -3, 3.2, 0.5]), lang="en")
    table = exhibit.frame()
    later = table[table["wave"] == 2]
    np.testing.assert_allclose(later["difference"], [6, -3, 3.2, 0.5])
    np.testing.assert_allclose(later["p_difference"], [0.0002006335, 0.07757591, 0.07757591, 0.7244331], rtol=1e-6)
    assert table.loc[table["wave"] == 1, "difference"].isna().all()
    assert "Rose (1): Đông Hải ward 50.0 → 56.0 (+6.0)." in exhibit.alt and "No change shown (3)" in exhibit.alt
    plain = sv.figures.slope(estimates(cases, [6, -3, 3.2, 0.5]), adjust="none", lang="en")
    assert "Rose (2)" in plain.alt and "Fell (1): An Phú ward 51.0 → 48.0 (−3.0)." in plain.alt
    bold = [t.get_text() for t in exhibit.figure().texts if t.get_fontproperties().get_file().endswith("-Bold.ttf")]
    assert "56.0 (+6.0)" in bold and "55.2" not in bold


def test_a_hidden_pair_has_no_change_and_counts_in_the_adjustment(cases: Any) -> None:
    exhibit = sv.figures.slope(estimates(cases, [3, 9], n=[150, 150, 150, 12]), lang="en")
    table = exhibit.frame()
    # alone, 3 points have p = 2 * pt(-3 / sqrt(2), 98); beside a comparison that may not be shown, twice that
    np.testing.assert_allclose(table["p_difference"].dropna(), [2 * 0.03641776], rtol=1e-6)
    assert "9.0" not in exhibit.alt and "60.0" not in exhibit.alt and "Not shown: An Phú ward." in exhibit.alt
    assert all("60.0" not in t.get_text() for t in exhibit.figure().texts)
    gone = sv.figures.slope(estimates(cases, [3, 9], n=[150, 150, 12, 12]), lang="en")
    assert "Not shown: An Phú ward." in gone.notes


@pytest.mark.parametrize(("lang", "width"), [("vi", "full"), ("en", "half"), ("vi", "slide")])
def test_forty_values_are_told_apart(cases: Any, crowding: Callable[[Any], list[str]], lang: str, width: str) -> None:
    rng = np.random.default_rng(5)
    e = estimates(cases, rng.normal(0, 3, 40 if width == "full" else 12))
    assert crowding(sv.figures.slope(e, lang=lang, width=width).figure()) == []


def test_every_format_has_the_change(cases: Any, tmp_path: Any) -> None:
    exhibit = sv.figures.slope(estimates(cases, [6, -3]), lang="en")
    written = sv.export(exhibit, "slope", formats=("xlsx", "html"), folder=tmp_path)
    sheet = pd.read_excel(written["xlsx"], header=3, engine="calamine")
    assert sheet["Difference"].iloc[:4].tolist()[1::2] == [6, -3]
    assert "+6.0 (" in written["html"].read_text(encoding="utf-8")


def test_what_cannot_be_drawn(cases: Any) -> None:
    three = cases.made(cases.rows("friendliness", [1, 2, 3], wave=[1, 2, 3]), "mean", ("wave",), codebook=sv.Codebook())
    for e, arguments, message in (
        (three, {}, "join two waves"),
        (estimates(cases, [1]), {"adjust": "max-t"}, "adjustment of p-values"),
        (estimates(cases, np.ones(61)), {}, "too many slopes"),
        (cases.differences(), {}, "two waves of each group"),
        (cases.means(), {}, "no waves"),
    ):
        with pytest.raises(ExportError, match=message):
            sv.figures.slope(e, **arguments)
