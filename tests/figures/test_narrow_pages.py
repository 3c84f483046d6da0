"""What a phone and a column have room for: every ward named, lines and shaded cells on the whole width."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from docs.gallery.kinds import kinds
from survey.figures._map_shapes import outside_place
from survey.figures._placing import place_labels

KINDS = {kind.key: kind for kind in kinds()}
BLOCK = np.array([[0.0, 0.0], [60.0, 0.0], [60.0, 100.0], [0.0, 100.0]])


def texts(figure: Any) -> list[str]:
    return [t.get_text() for axes in figure.axes for t in axes.texts]


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize("size", ["page", "column", "slide", "phone"])
def test_a_map_names_every_ward(size: str, lang: str) -> None:
    figure = sv_map().in_language(lang).sized(size).figure()
    said = " ".join(texts(figure))
    name = "Phường Mô phỏng" if lang == "vi" else "Simulated ward"
    assert [i for i in range(1, 11) if not re.search(rf"{name} {i}(?!\d)", said)] == []


def sv_map() -> Any:
    return KINDS["map"].make()


def test_a_name_outside_stands_on_nothing() -> None:
    """The page is 100 wide and the area takes the left 60: boxes of 30 by 10 have their centres from 75 to 85."""
    first = outside_place([BLOCK], [], (30, 10), (100, 100), (50, 50))
    assert first is not None and 75 <= first[0] <= 77 and abs(first[1] - 50) < 2
    taken = [(first[0] - 15, first[1] - 5, first[0] + 15, first[1] + 5)]
    second = outside_place([BLOCK], taken, (30, 10), (100, 100), (50, 50))
    assert second is not None and abs(second[1] - first[1]) >= 10
    assert outside_place([BLOCK], [], (50, 10), (100, 100), (30, 50)) is None  # no room of 50
    assert outside_place([BLOCK], [], (30, 10), (100, 100), (5, 50)) is None  # too far away


def test_a_level_line_through_a_name_weighs_more_than_an_upright_one() -> None:
    """To the right a level interval, above an upright one."""
    point, size = np.array([[50.0, 50.0]]), np.array([[20.0, 6.0]])
    lines = np.array([[50.0, 50.0, 90.0, 50.0], [10.0, 50.0, 50.0, 50.0], [50.0, 10.0, 50.0, 90.0]])
    spot = place_labels(point, size, (0.0, 0.0, 100.0, 100.0), 4.0, lines)[0]
    assert spot is not None and abs(spot[1] - 50) > 3


@pytest.mark.slow
@pytest.mark.parametrize("key", ["lines", "shaded"])
def test_a_phone_gives_the_plot_its_width(key: str) -> None:
    figure = KINDS[key].make().sized("phone").figure()
    if key == "lines":
        assert figure.axes[0].get_position().width > 0.7
        return
    wide, page = figure.get_size_inches()[0] * 72, figure.transFigure.inverted()
    cells = [page.transform(p.get_window_extent()) for p in figure.artists if hasattr(p, "get_width")]
    left = sorted({round(float(c[0][0]) * wide, 1) for c in cells if (c[1] - c[0])[0] > 0.2})
    assert left[0] < 12  # points: the margin
