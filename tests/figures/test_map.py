"""Maps: the right ward gets the right shade, what has none is hatched, what fits nothing is told."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

import survey as sv
from exhibit_cases import CODES, Cases
from survey.base.geojson import read_areas
from survey.errors import ExportError
from survey.exhibits import theme
from survey.figures._map_shapes import Plan, label_place, path_of
from survey.figures._shades import Classes, classes_of, ink_on, sequential
from survey.simulate.settings import packaged
from survey.words.measure import Measure

SHARE = Measure("share", limits=(0.0, 100.0))


def grid(names: Any = CODES, **more: Any) -> dict[str, Any]:
    """Squares in a row, named."""
    features = []
    for i, name in enumerate(names):
        ring = [[i, 0], [i + 1, 0], [i + 1, 1], [i, 1], [i, 0]]
        geometry = {"type": "Polygon", "coordinates": [ring]}
        features.append({"type": "Feature", "properties": {"code": name, **more}, "geometry": geometry})
    return {"type": "FeatureCollection", "features": features}


def one_wave(cases: Cases, hard: bool = False) -> sv.Estimates:
    table = (cases.hard() if hard else cases.wards()).table
    table = table[table["wave"] == 2].drop(columns="wave").reset_index(drop=True)
    return cases.made(table, "proportion", ("ward",), answers=(4, 5))


def test_each_ward_has_the_shade_of_its_number(cases: Cases) -> None:
    m = sv.figures.map(one_wave(cases), grid(), classes=[0.55, 0.65], lang="en")
    faces = [c.get_facecolor()[0] for c in filled(m)]
    # by hand: 51 and 53 are below 55; 55 to 63 below 65; 65, 67, 69 above
    light, middle, dark = (tuple(np.round(theme_rgb(c), 6)) for c in sequential(3))
    assert [tuple(np.round(f[:3], 6)) for f in faces] == [light] * 2 + [middle] * 5 + [dark] * 3


def filled(m: sv.Exhibit) -> list[Any]:
    """What each area is filled with, from west to east."""
    areas = [(c, part) for c in m.figure().axes[0].collections if len(c.get_facecolor()) for part in _parts(c)]
    return [c for c, _ in sorted(areas, key=lambda pair: pair[1])]


def _parts(collection: Any) -> list[float]:
    """The western ends of the areas of a path."""
    ends = collection.get_paths()[0].to_polygons()
    return [float(part[:, 0].min()) for part in ends]


def theme_rgb(colour: str) -> Any:
    from matplotlib.colors import to_rgb

    return np.array(to_rgb(colour))


def test_a_number_is_in_the_class_that_its_print_is_in() -> None:
    found = classes_of(np.array([54.96, 60.0]), SHARE, "en", classes=[0.55])
    assert found.texts == ("<\N{NO-BREAK SPACE}55.0", "≥\N{NO-BREAK SPACE}55.0")
    assert [found.of(x) for x in (54.94, 54.96)] == [0, 1]  # printed as 54.9 and 55.0


def test_quantile_classes_by_hand() -> None:
    found = classes_of(np.arange(1.0, 11.0), Measure("number", digits=0), "en", classes=5)
    assert found.inner == (3, 5, 7, 9)
    assert found.texts == ("1–2", "3–4", "5–6", "7–8", "9–10")
    assert np.bincount([found.of(x) for x in range(1, 11)]).tolist() == [2] * 5
    ties = classes_of(np.array([1.0, 1, 1, 1, 2]), Measure("number", digits=0), "en", classes=5)
    assert ties.texts == ("1", "2")
    assert classes_of(np.array([4.0]), Measure("number", digits=0), "en").texts == ("4",)


def test_differences_have_shades_on_both_sides_of_zero() -> None:
    measure = Measure("share", True)
    found = classes_of(np.array([-4.0, -1, 1, 8]), measure, "en", classes=4)
    assert found.inner == (0, 4)  # -4 is on the edge of the mirrored class, which is left out as nothing lies below it
    assert found.texts == ("−4.0 to −0.1", "0.0 to +3.9", "+4.0 to +8.0")
    below, pale, strong = (theme.luminance(c) for c in found.colours)
    assert strong < pale and below < 0.9


def test_shades_tell_apart_in_grey_and_carry_text() -> None:
    for k in range(2, 8):
        grey = [_lightness(c) for c in sequential(k)]
        assert all(a - b > 8.5 for a, b in pairwise(grey))
        assert all(_contrast(ink_on(c), c) >= 4.5 for c in [*sequential(k), *theme.diverging(2 * (k // 2))])


def _contrast(one: str, other: str) -> float:
    low, high = sorted((theme.luminance(one), theme.luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _lightness(colour: str) -> float:
    """CIELAB L* of a relative luminance (CIE 15:2018)."""
    return 116 * theme.luminance(colour) ** (1 / 3) - 16


def test_what_is_not_shown_is_hatched_and_in_the_legend(cases: Cases, crowding: Any) -> None:
    # P02 has nobody, P03 22 answers; one more is withheld, as the city less all others would tell P03
    e = one_wave(cases, hard=True)
    m = sv.figures.map(e, grid([*CODES, "elsewhere"]), lang="en")
    figure = m.figure()
    hatches = [c.get_hatch() for c in filled(m)]
    assert hatches == ["\\\\\\\\", "xxxx", "////", *[None] * 7, "xxxx"]
    said = {t.get_text() for t in figure.findobj() if hasattr(t, "get_text")}
    assert {"fewer than 30 answers, not shown", "no estimate"} <= said
    assert "Not shown: Đông Hải ward; An Phú ward; Bình Minh ward." in m.alt
    assert "12.3" not in json.dumps([m.alt, *m.notes]) + m.frame().to_csv()
    assert crowding(figure) == []


@pytest.mark.parametrize("width", ["full", "half", "slide"])
def test_the_invented_city_is_drawn_in_both_languages(cases: Cases, crowding: Any, width: str) -> None:
    for lang in ("vi", "en"):
        m = sv.figures.map(one_wave(cases), sv.simulate.city_map(), lang=lang, width=width)
        assert crowding(m.figure()) == []
    assert any("invented" in note for note in m.notes)


def test_the_map_that_ships_is_the_one_the_script_draws() -> None:
    shipped = json.loads(packaged("city.geojson"))
    assert shipped == json.loads(json.dumps(sv.simulate.draw_city()))
    areas = sv.simulate.city_map()
    assert list(areas.named("ward_legacy_code")) == [f"P{i:02d}" for i in range(1, 11)]
    # wards neither overlap nor leave gaps: areas and the lake add up to the hull of the outline, edge by edge
    points = np.vstack([a.polygons[0][0] for a in areas.areas])
    edges: dict[frozenset[tuple[float, ...]], int] = {}
    for area in areas.areas:
        ring = area.polygons[0][0]
        for a, b in zip(ring, np.roll(ring, -1, axis=0), strict=True):
            edge = frozenset((tuple(a), tuple(b)))
            edges[edge] = edges.get(edge, 0) + 1
    assert set(edges.values()) == {1, 2}
    outer = [tuple(edge) for edge, times in edges.items() if times == 1]
    ends = [p for edge in outer for p in edge]
    assert all(ends.count(p) == 2 for p in set(ends))  # the outline is closed
    assert np.abs(points).max() < 0.06  # degrees around 0, 0: in the sea


def test_names_in_either_unicode_form_by_code_or_label(cases: Cases) -> None:
    import unicodedata

    e = one_wave(cases)
    for names in (
        [unicodedata.normalize("NFD", f"Phường {w}") for w in ("Đông Hải", "An Phú")],
        ["Đông Hải ward", "An Phú ward"],
        ["P01", "P02"],
    ):
        m = sv.figures.map(e, grid(names), unmatched="note", lang="en")
        assert "Not on the map: Bình Minh ward" in " ".join(m.notes)
        assert len(filled(m)) == 2


def test_codes_that_lost_their_zeros_find_their_areas(cases: Cases) -> None:
    table = one_wave(cases).table.assign(area=range(1, 11)).drop(columns="ward")
    e = cases.made(table, "proportion", ("area",), answers=(4, 5))
    for names in ([f"{i:05d}" for i in range(1, 11)], [float(i) for i in range(1, 11)]):
        assert len(filled(sv.figures.map(e, grid(names)))) == 10


def test_names_that_fit_none_or_are_misspelt_are_told(cases: Cases) -> None:
    e = one_wave(cases)
    with pytest.raises(ExportError, match="names none"):
        sv.figures.map(e, grid([f"X{i}" for i in range(10)]))
    with pytest.raises(ExportError, match="does not name some") as found:
        sv.figures.map(e, grid(["P1O", *CODES[:-1]]), lang="en")
    assert "did you mean P1O" in str(found.value)
    with pytest.raises(ExportError, match="unknown property") as found:
        sv.figures.map(e, grid(), key="cod")
    assert "did you mean code" in str(found.value)


def test_what_a_map_cannot_show_is_refused(cases: Cases) -> None:
    with pytest.raises(ExportError, match="several estimates") as found:
        sv.figures.map(cases.wards(), grid())
    assert "wave" in str(found.value)
    with pytest.raises(ExportError, match="estimate of each area"):
        sv.figures.map(cases.made(cases.rows("OV01", 0.5), "proportion"), grid())
    for classes in (1, 8, [0.6, 0.5], []):
        with pytest.raises(ExportError):
            sv.figures.map(one_wave(cases), grid(), classes=classes)


def test_changes_of_wards_find_their_areas(cases: Cases) -> None:
    m = sv.figures.map(cases.differences(), grid(), lang="en")
    assert "10 areas, in percentage points" in m.alt
    assert "interval includes 0" in {t.get_text() for t in m.figure().findobj() if hasattr(t, "get_text")}


def test_a_degree_east_is_shorter_in_the_north() -> None:
    square = {"type": "Polygon", "coordinates": [[[10, 59.5], [11, 59.5], [11, 60.5], [10, 60.5]]]}
    assert Plan(read_areas(square)).shape == pytest.approx(2.0, rel=1e-12)  # cos 60° = 1/2
    metres = {"type": "Polygon", "coordinates": [[[500_000, 0], [500_300, 0], [500_300, 600]]]}
    assert Plan(read_areas(metres)).shape == pytest.approx(2.0)
    across = {"type": "Polygon", "coordinates": [[[179, 0], [-179, 0], [-179, 2], [179, 2]]]}
    assert Plan(read_areas(across)).shape == pytest.approx(1.0, rel=1e-3)


def test_a_hole_stays_empty_and_a_label_keeps_out_of_it() -> None:
    ring = [np.array([[0.0, 0], [90, 0], [90, 90], [0, 90]]), np.array([[30.0, 30], [30, 89], [89, 89], [89, 30]])]
    assert _painted([ring], (15, 15)) and not _painted([ring], (60, 60))
    x, y = label_place([ring], 12, 12) or (0, 0)
    assert min(x, y) < 30
    assert label_place([ring], 200, 12) is None


def _painted(polygons: Any, at: tuple[int, int]) -> bool:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.collections import PathCollection
    from matplotlib.figure import Figure

    figure = Figure(figsize=(0.9, 0.9), dpi=100)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, 90), ylim=(0, 90))
    axes.add_collection(PathCollection([path_of(polygons)], facecolors="black", linewidths=0), autolim=False)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return bool(np.asarray(canvas.buffer_rgba())[89 - at[1], at[0], 0] < 128)


def test_classes_without_numbers() -> None:
    assert classes_of(np.array([np.nan]), SHARE, "en") == Classes((), (), (), 1)


def test_a_slide_names_the_wards_of_the_invented_city(cases: Cases) -> None:
    figure = sv.figures.map(one_wave(cases), sv.simulate.city_map(), lang="en", width="slide").figure()
    said = [t.get_text() for axes in figure.axes for t in axes.texts]
    assert sum("ward" in text for text in said) == 10
