"""How a scatter is drawn: two axes of numbers, crosses of intervals, points, names beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from survey.base.arrays import Array
from survey.exhibits import theme
from survey.exhibits.theme import Style
from survey.figures._axis import horizontal
from survey.figures._canvas import Body, Canvas, text_width, wrap
from survey.figures._page import shared_range
from survey.figures._placing import distances, place_labels
from survey.figures._vertical import VerticalScale, span
from survey.words.measure import Measure

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["ScatterBody"]

_GROUND = "#ffffffd9"
"""White of names over intervals, through which these are still seen."""


class ScatterBody(Body):
    def __init__(
        self,
        names: Sequence[str],
        points: Array,
        measures: tuple[Measure, Measure],
        axes_names: tuple[str, str],
        sizes: Style,
        lang: str,
        digits: int | None,
    ) -> None:
        self.names, self.points, self.sizes, self.lang = names, points, sizes, lang
        small, size = sizes.small, sizes.base
        along, up = (replace(m, difference=False, null=None) if m.difference else m for m in measures)
        self.plot = (0.36 if sizes.height is not None else 0.95 if sizes.brief else 0.62) * sizes.width
        self.scale = VerticalScale.of(points[:, 3:].ravel(), up, self.plot, sizes, lang, digits)
        self.low, self.high = shared_range(*span(points[:, :3].ravel(), along))
        self.left = sizes.margin + self.scale.room(sizes)
        self.width = sizes.width - sizes.margin - 0.8 * size - self.left
        inner = sizes.width - 2 * sizes.margin
        self.up_lines, self.along_lines = wrap(axes_names[1], inner, small), wrap(axes_names[0], self.width, small)
        pitch = sizes.pitch(small)
        self.above = pitch * len(self.up_lines) + 0.5 * size
        self.below = 1.4 * pitch + 0.4 * size + pitch * len(self.along_lines)
        self.height = self.above + self.plot + self.below

    def lines_across(self, plot: float) -> list[tuple[float, ...]]:
        """Further lines (x0, y0, x1, y1) that names should rather not cover, in points; there are none."""
        return []

    def dots(self, front: Axes, x: Array, y: Array) -> None:
        """The points, on axes of numbers along and of points downwards."""
        front.plot(
            x,
            y,
            linestyle="none",
            marker="o",
            markersize=0.62 * self.sizes.base,
            color=theme.SERIES[0],
            markeredgecolor="white",
            markeredgewidth=0.06 * self.sizes.base,
            clip_on=False,
            zorder=3,
        )

    def draw(self, canvas: Canvas, top: float, height: float) -> None:
        """Axes, intervals, points, then the names that found a place."""
        sizes, size, small = self.sizes, self.sizes.base, self.sizes.small
        pitch = sizes.pitch(small)
        plot_top, plot = top + self.above, height - self.above - self.below
        canvas.block(sizes.margin, top, self.up_lines, small, pitch, colour=theme.SOFT)
        axes = canvas.axes(self.left, plot_top, self.width, plot)
        self.scale.draw(canvas, axes, self.left, plot_top, self.width, plot, sizes)
        # a second set of axes on the same place, whose ticks are those of the numbers along
        front = canvas.axes(self.left, plot_top, self.width, plot)
        ticks = horizontal(front, self.low, self.high, self.width, sizes, self.lang)
        front.set_ylim(plot, 0)
        for tick in ticks:
            front.plot([tick, tick], [0, plot], color=theme.FAINT, linewidth=0.07 * size, zorder=0)
        x = [self.width * (self.points[:, k] - self.low) / (self.high - self.low) for k in range(3)]
        y = [plot * (1 - (self.points[:, k] - self.scale.low) / (self.scale.high - self.scale.low)) for k in (3, 4, 5)]
        pale = "#9db8d3"
        segments = []
        for ends in (np.c_[x[1], y[0], x[2], y[0]], np.c_[x[0], y[1], x[0], y[2]]):
            segments += [tuple(row) for row in ends[np.isfinite(ends).all(axis=1)]]
        thick = 0.11 * size
        segments += self.lines_across(plot)
        level, upright = np.isfinite(x[1]) & np.isfinite(x[2]), np.isfinite(y[1]) & np.isfinite(y[2])
        along = self.points[:, :3]
        front.hlines(y[0][level], along[level, 1], along[level, 2], colors=pale, linewidth=thick, zorder=1)
        front.vlines(along[upright, 0], y[1][upright], y[2][upright], colors=pale, linewidth=thick, zorder=1)
        self.dots(front, along[:, 0], y[0])
        where = np.c_[x[0], y[0]]
        box = np.array([[text_width(n, small) + 0.3 * small, pitch] for n in self.names]).reshape(-1, 2)
        bounds = (0.0, 0.0, self.width + 0.6 * size, plot)
        lines = np.array(segments).reshape(-1, 4)
        spots = place_labels(where, box, bounds, 0.62 * size, lines)
        for i, (name, at, spot) in enumerate(zip(self.names, where, spots, strict=True)):
            if spot is None:
                continue
            wide, high = text_width(name, small) / 2, 0.5 * pitch
            ends = (spot[0] - wide, spot[1] - high, spot[0] + wide, spot[1] + high)
            far = distances(ends, where)
            if far[i] > 1.3 * size or bool((np.delete(far, i) < 1.5 * far[i]).any()):
                reach = np.clip(at, ends[:2], ends[2:])
                across = self.low + (self.high - self.low) * np.array([at[0], reach[0]]) / self.width
                front.plot(across, [at[1], reach[1]], color=theme.SOFT, linewidth=0.06 * size, zorder=2)
            # a ground that lets intervals be seen below it, and not run through the letters
            ground = (self.left + ends[0] - 0.1 * small, plot_top + spot[1] - 0.6 * small)
            canvas.rectangle(*ground, 2 * wide + 0.2 * small, 1.2 * small, _GROUND)
            canvas.middle(self.left + spot[0], plot_top + spot[1], [name], small, pitch, ha="center")
        start = plot_top + plot + 1.4 * pitch + 0.3 * size
        middle = self.left + self.width / 2
        canvas.block(middle, start, self.along_lines, small, pitch, ha="center", colour=theme.SOFT)
