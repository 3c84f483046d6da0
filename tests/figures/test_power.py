"""Curves of a planned survey: names at their ends never cover each other, the axes or the edge of the page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import survey as sv
from survey.base.catalogue import LANGUAGES

PLANS: dict[str, dict[str, Any]] = {
    "apart": {"n": list(range(100, 2001, 100)), "effect": [0.03, 0.04, 0.05, 0.1]},
    "together": {"n": [1000, 5000, 9000], "effect": [0.1, 0.11, 0.12, 0.13]},
    "at the foot": {"n": [10, 20, 30], "effect": [0.01, 0.011, 0.012]},
}


@pytest.mark.parametrize("width", ["full", "half", "slide"])
@pytest.mark.parametrize("name", PLANS)
@pytest.mark.sampled
def test_nothing_is_crowded(name: str, width: str, crowding: Callable[[Any], list[str]]) -> None:
    e = sv.power("difference", share=0.6, **PLANS[name])
    for lang in LANGUAGES:
        assert crowding(sv.figures.power(e, lang=lang, width=width).figure()) == []


def test_the_target_is_a_line_and_can_be_left_out() -> None:
    e = sv.power("difference", share=0.6, n=[100, 500], effect=0.1)
    for target, expected in ((0.8, 2), (0.9, 1), (None, 1)):  # a thin line of the scale stands at 80 too
        figure = sv.figures.power(e, lang="en", target=target)
        (axes,) = figure.figure().axes
        level = [round(float(line.get_ydata()[0]), 6) for line in axes.get_lines() if len(set(line.get_ydata())) == 1]
        assert level.count(80.0) == expected and level.count(90.0) == (target == 0.9)
        assert any("power" in note for note in figure.notes) == (target is not None)
