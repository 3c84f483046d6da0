"""Figures without colour: what lies side by side differs in lightness, or in form, filling, dashes or a label."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, pairwise
from typing import Any

import pytest

from hard_layouts import HARD
from survey.exhibits import theme
from survey.figures import _effect_body, _power, _quality, _share_bars

CONTRAST = 1.5
"""Least ratio of relative luminances (WCAG 2.2) of series that nothing but their shade tells apart."""
SERIES = {
    "intervals": "a missing group",
    "waves": "four items",
    "lines": "eight groups",
    "slope": "twelve items",
    "forest": "forty groups",
    "quadrant": "twelve items",
    "benchmark": "forty groups",
    "ranking": "forty groups",
    "love": "forty groups",
    "power": "four curves",
}
"""Cases with several series, of kinds that draw marks or lines; units of an effect stand under headings."""


def _lightness(colour: str) -> float:
    """CIELAB L* of a relative luminance (CIE 15:2018): 0 for black, 100 for white."""
    y = theme.luminance(colour)
    return 116 * y ** (1 / 3) - 16 if y > (6 / 29) ** 3 else y * (29 / 3) ** 3


def _contrast(one: str, other: str) -> float:
    dark, light = sorted((theme.luminance(one), theme.luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _steps(colours: Sequence[str]) -> float:
    """Least distance in lightness between neighbours."""
    return min(abs(_lightness(a) - _lightness(b)) for a, b in pairwise(colours))


def test_lightness_is_that_of_the_textbook() -> None:
    """L* of black, of middle grey and of white: 0, 53.585 (sRGB 128 of 255, by hand) and 100."""
    assert [_lightness(c) for c in ("#000000", "#808080", "#ffffff")] == pytest.approx([0, 53.585, 100], abs=1e-3)


@pytest.mark.parametrize(("k", "least"), [(2, 10), (3, 10), (4, 10), (5, 10), (6, 10), (7, 9), (8, 9), (9, 9)])
def test_answers_side_by_side_differ_in_grey(k: int, least: float) -> None:
    assert _steps(theme.diverging(k)) >= least


@pytest.mark.parametrize("k", [10, 11])
def test_long_scales_differ_in_grey_and_carry_their_codes(k: int) -> None:
    assert _steps(theme.diverging(k)) >= 7


def test_any_two_groups_of_bars_differ_in_grey() -> None:
    """All pairs, as a bar may be missing between two others; the line of an interval shows on each of them."""
    colours = _share_bars.COLOURS
    assert min(abs(_lightness(a) - _lightness(b)) for a, b in combinations(colours, 2)) >= 10
    assert min(_contrast(theme.INK, c) for c in colours) >= 3  # WCAG 2.2, 1.4.11


def test_two_kinds_of_bars_and_of_cells_differ_in_grey() -> None:
    assert _contrast(_effect_body._PLAIN, _effect_body._EXTREME) >= CONTRAST
    assert _contrast(_quality._ALERT, _quality._HINT) >= 3


def _looks(figure: Any) -> set[tuple[str, str, bool]]:
    """Colour, form, and whether it is hollow, of every mark."""
    from matplotlib.colors import to_hex

    found = set()
    for axes in figure.axes:
        for line in axes.get_lines():
            marker = str(line.get_marker())
            if marker in ("None", "", "|"):
                continue
            edge, face = to_hex(line.get_markeredgecolor()), to_hex(line.get_markerfacecolor())
            hollow = face == "#ffffff"
            found.add((face if edge == "#ffffff" else edge, marker, hollow))
    return found


@pytest.mark.slow
@pytest.mark.parametrize("kind", SERIES)
def test_series_are_told_apart_by_form_or_shade(kind: str) -> None:
    """Any two colours of marks differ in the form or the filling of their markers, or in luminance."""
    looks = _looks(HARD[kind][SERIES[kind]]().figure())
    assert looks
    for one, other in combinations(sorted(looks), 2):
        if one[0] != other[0] and one[1:] == other[1:]:
            assert _contrast(one[0], other[0]) >= CONTRAST, (one, other)


def test_curves_of_a_plan_have_dashes_of_their_own() -> None:
    assert len(set(_power._DASHES)) == len(_power._DASHES) == len(theme.SERIES)
