"""A vertical axis of numbers: its range from what is shown, round ticks, faint lines across the plot."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from survey.base.arrays import Array
from survey.exhibits import theme
from survey.exhibits.theme import Style
from survey.figures._axis import decimals, ticks_between
from survey.figures._canvas import Canvas, widest
from survey.figures._page import shared_range
from survey.words import locale as loc
from survey.words.measure import Measure

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["VerticalScale", "rounded", "span"]


def span(values: Iterable[float], measure: Measure, least: float = 0.1, pad: float = 0.06) -> tuple[float, float]:
    """The range of an axis: what is shown, the value of no difference, and at least a part of the item's scale.

    Parameters
    ----------
    values : iterable of float
        In the units shown; those that are not finite do not count.
    measure : Measure
    least : float
        Part of the scale that is shown at least: a nearly empty range would blow up noise.
    pad : float
        Part of the range that is left free at both ends.
    """
    found = [float(x) for x in values if np.isfinite(x)]
    if measure.no_difference is not None and set(found) <= {measure.factor * measure.no_difference}:
        return measure.factor * measure.no_difference - 1.0, measure.factor * measure.no_difference + 1.0
    if measure.no_difference is not None:
        found.append(measure.factor * measure.no_difference)
    found = found or list(measure.limits or (0.0, 1.0))
    low, high = min(found), max(found)
    whole = measure.limits[1] - measure.limits[0] if measure.limits else 0.4 * max(abs(low), abs(high))
    extra = max(least * whole - (high - low), 0) / 2
    edge = pad * (high - low + 2 * extra) or 1.0
    return low - extra - edge, high + extra + edge


def rounded(values: Iterable[float], measure: Measure, most: int = 6) -> tuple[float, float]:
    """Round numbers around the range of an axis, none beyond the scale, nor below zero where nothing shown is.

    Parameters
    ----------
    values, measure :
        As of `span`.
    most : int
        Ticks at most between the ends.
    """
    shown = [float(x) for x in values if np.isfinite(x)]
    low, high = span(shown, measure)
    ticks = ticks_between(low, high, most)
    step = float(ticks[1] - ticks[0]) if len(ticks) > 1 else high - low
    low, high = float(np.floor(low / step + 1e-9) * step), float(np.ceil(high / step - 1e-9) * step)
    if measure.limits is not None and not measure.difference:
        low, high = max(low, measure.limits[0]), min(high, measure.limits[1])
    return (max(low, 0.0) if min(shown, default=0.0) >= 0 else low), high


@dataclass(frozen=True)
class VerticalScale:
    """An axis of numbers from `low` to `high` at the left of a plot."""

    low: float
    high: float
    ticks: Array
    texts: list[str]
    null: float | None

    @classmethod
    def of(
        cls,
        values: Iterable[float],
        measure: Measure,
        height: float,
        sizes: Style,
        lang: str,
        digits: int | None = None,
    ) -> VerticalScale:
        """The axis of a plot that is `height` points high."""
        low, high = shared_range(*span(values, measure), "vertical")
        ticks = ticks_between(low, high, max(3, int(height / (3.2 * sizes.small))))
        if measure.limits is not None and not measure.difference:
            ticks = ticks[(ticks >= measure.limits[0]) & (ticks <= measure.limits[1])]
        places = decimals(ticks) if digits is None else digits
        null = None if measure.no_difference is None else measure.factor * measure.no_difference
        return cls(low, high, ticks, [loc.number(float(t), places, lang) for t in ticks], null)

    def room(self, sizes: Style) -> float:
        """Width of the numbers, with the gap before the plot."""
        return widest(self.texts, sizes.small) + 0.8 * sizes.base

    def at(self, value: float, height: float) -> float:
        """Points from the top of the plot."""
        return height * (1 - (value - self.low) / (self.high - self.low))

    def draw(
        self, canvas: Canvas, axes: Axes, left: float, top: float, width: float, height: float, sizes: Style
    ) -> None:
        """Limits, faint lines and numbers of axes that stand at `left`, `top` and are `width` points wide."""
        axes.set(xlim=(0, width), ylim=(self.low, self.high))
        for tick, text in zip(self.ticks, self.texts, strict=True):
            axes.plot([0, width], [tick, tick], color=theme.FAINT, linewidth=0.07 * sizes.base, zorder=0)
            y = top + self.at(float(tick), height)
            pitch = sizes.pitch(sizes.small)
            canvas.middle(left - 0.6 * sizes.base, y, [text], sizes.small, pitch, ha="right", colour=theme.SOFT)
        if self.null is not None:
            axes.plot([0, width], [self.null] * 2, color=theme.INK, linewidth=0.1 * sizes.base, zorder=1)
