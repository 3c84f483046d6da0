"""Two numbers of each unit: matched by unit, intervals both ways, names apart, a correlation no further than honest."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import survey as sv
from exhibit_cases import SHAPES
from survey.errors import ExportError
from survey.figures._placing import distances, place_labels
from survey.figures._scatter import correlation

Y = (61.0, 62, 75, 64, 70, 65, 50, 73)
X = (41.0, 40, 45, 39, 44, 41, 38, 42)
WARDS = [f"P{i:02d}" for i in range(1, 9)]
FROM = {"source": "PAPI 2024", "other_label": {"vi": "Chỉ số PAPI", "en": "PAPI index"}}


def wards(cases: Any, n: Any = 150, item: str = "friendliness", values: Any = Y) -> sv.Estimates:
    return cases.made(cases.rows(item, values, se=1.0, n=n, ward=WARDS), "mean", ("ward",))


def test_the_correlation_is_that_of_r() -> None:
    # R: cor.test(c(61,62,75,64,70,65,50,73), c(41,40,45,39,44,41,38,42))
    np.testing.assert_allclose(
        correlation(np.array(Y), np.array(X), 0.95), [0.85714354, 0.38503249, 0.97369749], rtol=1e-6
    )
    assert np.isnan(correlation(np.array([1.0, 2, 3, 4]), np.ones(4), 0.95)).all()
    assert correlation(np.arange(5.0), 2 * np.arange(5.0), 0.95)[0] == 1


def test_units_are_matched_by_code_whatever_their_order(cases: Any) -> None:
    e = wards(cases)
    table = pd.DataFrame({"ward": WARDS[::-1], "value": X[::-1], "std_error": 0.5})
    made = [
        sv.figures.scatter(e, table, lang="en", **FROM),
        sv.figures.scatter(e, dict(zip(WARDS, X, strict=True)), lang="en", **FROM),
        sv.figures.scatter(e, wards(cases, item="OV02", values=X), lang="en"),
    ]
    for exhibit in made:
        np.testing.assert_allclose(exhibit.frame()["other"], X)
        assert "r = 0.86 (95% CI 0.39–0.97)" in exhibit.alt
    np.testing.assert_allclose(made[0].frame()["other_low"], np.array(X) - 1.959964 * 0.5, rtol=1e-6)
    assert any("taken as exact" in n for n in made[1].notes) and "PAPI index: PAPI 2024." in made[1].notes
    assert made[0].title == "Friendliness and PAPI index, by ward"
    assert any("same respondents" in n for n in made[2].notes)
    assert not any("same respondents" in n for n in made[0].notes)


def test_two_items_of_one_result_are_enough(cases: Any) -> None:
    both = pd.concat([wards(cases).table, wards(cases, item="OV02", values=X).table], ignore_index=True)
    exhibit = sv.figures.scatter(cases.made(both, "mean", ("ward",)), lang="en")
    assert len(exhibit.frame()) == 8
    front = exhibit.figure().axes[1]
    (dots,) = [line for line in front.lines if line.get_marker() == "o"]
    assert list(dots.get_xdata()) == list(X)
    assert [len(lines.get_segments()) for lines in front.collections] == [8, 8]


def test_a_unit_hidden_in_either_number_is_hidden_in_both(cases: Any) -> None:
    few = [150] * 6 + [20] * 2
    exhibit = sv.figures.scatter(wards(cases, n=[20] * 2 + [150] * 6), wards(cases, few, "OV02", X), lang="en")
    table = exhibit.frame()
    assert table.loc[[0, 1, 6, 7], ["estimate", "other", "other_low", "n"]].isna().all(axis=None)
    assert table["status"].tolist() == [*["suppressed"] * 2, *["shown"] * 4, *["suppressed"] * 2]
    assert table["status_detail"].tolist() == [*["small"] * 2, *[""] * 4, *["complementary"] * 2]
    assert "Not shown: Đông Hải ward; An Phú ward; Mỹ Độ ward; Quang Vinh ward." in exhibit.alt


def test_of_few_units_no_correlation_is_told(cases: Any) -> None:
    exhibit = sv.figures.scatter(wards(cases), dict(zip(WARDS[:5], X[:5], strict=True)), lang="en", **FROM)
    assert "r = " not in exhibit.alt and "No correlation is given of fewer than 6 units." in exhibit.notes
    assert "3 units have no other number and are not drawn." in exhibit.notes


def test_names_find_places_of_their_own() -> None:
    rng = np.random.default_rng(1)
    points, sizes = rng.uniform(20, 380, (40, 2)), np.tile([50.0, 10.0], (40, 1))
    spots = place_labels(points, sizes, (0, 0, 400, 400), 5.0, np.zeros((0, 4)))
    kept = [s for s in spots if s is not None]
    assert len(kept) >= 38
    for i, a in enumerate(kept):
        assert all(abs(a[0] - b[0]) >= 50 or abs(a[1] - b[1]) >= 10 for b in kept[:i])
    lone = place_labels(points[:1], sizes[:1], (0, 0, 400, 400), 5.0, np.zeros((0, 4)))[0]
    assert lone is not None and distances((lone[0] - 25, lone[1] - 5, lone[0] + 25, lone[1] + 5), points[:1])[0] <= 5


@pytest.mark.parametrize(("lang", "width"), SHAPES)
def test_nothing_is_cut_or_covered(cases: Any, crowding: Callable[[Any], list[str]], lang: str, width: str) -> None:
    near = cases.made(cases.rows("friendliness", 60 + np.arange(8) / 9, se=2, ward=WARDS), "mean", ("ward",))
    exhibit = sv.figures.scatter(near, wards(cases, item="OV02", values=40 + np.arange(8) / 9), lang=lang, width=width)
    assert crowding(exhibit.figure()) == []


def test_what_cannot_be_drawn(cases: Any) -> None:
    e = wards(cases)
    for one, other, arguments, message in (
        (e, None, {}, "two numbers of each unit"),
        (e, {"P01": 1.0}, {}, "source and a name"),
        (e, {"P01": 1.0}, {"source": "PAPI"}, "source and a name"),
        (e, {"P77": 1.0}, FROM, "fits no row"),
        (e, pd.DataFrame({"place": ["P01"], "value": [1.0]}), FROM, "not of these units"),
        (e, pd.DataFrame({"ward": ["P01", "P01"], "value": [1.0, 2.0]}), FROM, "more than one number"),
        (e, pd.DataFrame({"ward": ["P77"], "value": [1.0]}), FROM, "No unit has both"),
        (e, cases.wards(), {}, "more than one number"),
        (cases.means(), e, {}, "one number of each unit upwards"),
        (cases.differences(), e, {}, "two numbers of each unit"),
    ):
        with pytest.raises(ExportError, match=message):
            sv.figures.scatter(one, other, **arguments)


@pytest.mark.parametrize("seed", range(4))
def test_every_unit_is_named_on_a_phone(seed: int) -> None:
    """Ten wards that lie close together: names that find no place near their point are led to from farther away."""
    rng = np.random.default_rng(seed)
    rows = pd.DataFrame({"ward": np.repeat(np.arange(1, 11), 120)})
    rows = rows.assign(**{name: 60 + rng.normal(0, 15, len(rows)) for name in ("a", "b")})
    names = {i: {"vi": f"Phường Mô phỏng {i}", "en": f"Simulated ward {i}"} for i in range(1, 11)}
    book = sv.Codebook({"ward": sv.Variable("ward", "nominal", labels=names)})
    e = sv.Sample(sv.Responses(rows, book), weights=None).mean(["a", "b"], by="ward")
    figure = sv.figures.scatter(e, lang="vi").sized("phone").figure()
    said = [t.get_text() for t in figure.texts]
    assert {names[i]["vi"] for i in names} <= set(said)
