"""How an effect is drawn: rows of units above, below them the distribution of the gap with the one observed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from survey.base.arrays import Array
from survey.exhibits import theme
from survey.exhibits.theme import Style
from survey.figures._axis import horizontal
from survey.figures._canvas import Body, Canvas, fill, text_width, wrap
from survey.figures._rows_body import RowsBody, RowsPlot
from survey.words import locale as loc

__all__ = ["Distribution", "EffectBody", "Panel"]

_EXTREME = theme.SERIES[1]
_PLAIN = "#a6a6a6"
_BINS = 10
"""Bars from 0 to the observed gap."""
_MOST_BINS = 60


@dataclass(frozen=True, slots=True)
class Distribution:
    """Gaps under every assignment, in the units shown; none where they may not be shown, and `text` says why.

    `as_large` is how many are at least as large as the observed one, in either direction.
    """

    gaps: Array
    effect: float
    as_large: int
    text: str
    observed: str
    axis: str


@dataclass(frozen=True, slots=True)
class Panel:
    """One item: its name (""), where it is the only one), the rows of its units, its distribution."""

    heading: str
    rows: RowsPlot
    distribution: Distribution


class EffectBody(Body):
    def __init__(self, panels: Sequence[Panel], sizes: Style, lang: str) -> None:
        self.panels, self.sizes, self.lang = panels, sizes, lang
        size, inner = sizes.base, sizes.width - 2 * sizes.margin
        self.rows = [RowsBody(p.rows, sizes) for p in panels]
        self.texts = [fill(p.distribution.text, inner, size) for p in panels]
        self.axes_lines = [wrap(p.distribution.axis, inner, sizes.small) for p in panels]
        self.heads = [wrap(p.heading, inner, size, "bold") if p.heading else [] for p in panels]
        self.plot = (0.15 if sizes.height is None else 0.1) * sizes.width
        self.heights = [self._height(i) for i in range(len(panels))]
        self.height = sum(self.heights)

    def _below(self, i: int) -> float:
        """Height of the distribution with its words."""
        sizes, size = self.sizes, self.sizes.base
        words = len(self.texts[i]) * sizes.pitch(size) + 0.5 * size
        if not len(self.panels[i].distribution.gaps):
            return words
        axis = 1.3 * sizes.pitch(sizes.small) + sizes.pitch(sizes.small) * len(self.axes_lines[i])
        return words + 1.2 * sizes.pitch(size) + self.plot + axis

    def _height(self, i: int) -> float:
        size = self.sizes.base
        head = len(self.heads[i]) * self.sizes.pitch(size) + (0.4 * size if self.heads[i] else 0.0)
        return head + self.rows[i].height + 1.0 * size + self._below(i) + 0.8 * size

    def draw(self, canvas: Canvas, top: float, height: float) -> None:
        """Item by item; on a slide the rows take what room is left."""
        sizes, size = self.sizes, self.sizes.base
        extra = max(0.0, height - self.height) / len(self.panels)
        for i, panel in enumerate(self.panels):
            start = top
            if self.heads[i]:
                pitch = sizes.pitch(size)
                top += canvas.block(sizes.margin, top, self.heads[i], size, pitch, weight="bold") + 0.4 * size
            self.rows[i].draw(canvas, top, self.rows[i].height + extra)
            top += self.rows[i].height + extra + 1.0 * size
            self._distribution(canvas, i, panel.distribution, top)
            top = start + self.heights[i] + extra

    def _distribution(self, canvas: Canvas, i: int, d: Distribution, top: float) -> None:
        sizes, size, small = self.sizes, self.sizes.base, self.sizes.small
        pitch = sizes.pitch(size)
        top += canvas.block(sizes.margin, top, self.texts[i], size, pitch) + 0.5 * size
        if not len(d.gaps):
            return
        left, width = sizes.margin + 1.5 * size, sizes.width - 2 * sizes.margin - 3.0 * size
        plot_top = top + 1.2 * pitch
        axes = canvas.axes(left, plot_top, width, self.plot)
        reach = 1.06 * max(float(np.abs(d.gaps).max()), abs(d.effect)) or 1.0
        edges = _edges(d, reach)
        order = np.argsort(-np.abs(d.gaps), kind="stable")
        extreme = np.zeros(len(d.gaps), bool)
        extreme[order[: d.as_large]] = True
        # an extreme gap stands beyond the observed one even where rounding says otherwise
        shown = np.where(extreme, np.sign(d.gaps) * np.maximum(np.abs(d.gaps), abs(d.effect) * (1 + 1e-9)), d.gaps)
        shown = np.where(extreme, shown, np.clip(shown, -abs(d.effect) * (1 - 1e-9), abs(d.effect) * (1 - 1e-9)))
        counts = [np.histogram(shown[kind], edges)[0] for kind in (~extreme, extreme)]
        middle, wide = (edges[1:] + edges[:-1]) / 2, np.diff(edges)
        for own, colour in zip(counts, (_PLAIN, _EXTREME), strict=True):
            at_all = own > 0
            axes.bar(middle[at_all], own[at_all], 0.88 * wide[at_all], color=colour, linewidth=0, zorder=2)
        most = float(max(1, (counts[0] + counts[1]).max()))
        axes.set_ylim(0, 1.05 * most)
        horizontal(axes, -reach, reach, width, sizes, self.lang, loc.signed)
        axes.plot([-reach, reach], [0, 0], color=theme.SOFT, linewidth=0.08 * size, clip_on=False, zorder=3)
        axes.plot([d.effect] * 2, [0, 1.05 * most], color=theme.INK, linewidth=0.16 * size, clip_on=False, zorder=4)
        dashes = (0, (3, 2))
        axes.plot([-d.effect] * 2, [0, 1.05 * most], color=theme.SOFT, linewidth=0.1 * size, linestyle=dashes, zorder=1)
        at = left + width * (d.effect + reach) / (2 * reach)
        half = text_width(d.observed, size, "bold") / 2
        at = min(max(at, sizes.margin + half), sizes.width - sizes.margin - half)
        canvas.middle(at, plot_top - 0.6 * pitch, [d.observed], size, pitch, ha="center", weight="bold")
        start = plot_top + self.plot + 1.3 * sizes.pitch(small)
        lines = self.axes_lines[i]
        canvas.block(left + width / 2, start, lines, small, sizes.pitch(small), ha="center", colour=theme.SOFT)


def _edges(d: Distribution, reach: float) -> Array:
    """Ends of the bars: the observed gap and its mirror are among them, so that no bar is of two kinds."""
    step = abs(d.effect) / _BINS
    if step < 2 * reach / _MOST_BINS:
        step = abs(d.effect) / max(1, int(abs(d.effect) // (2 * reach / _MOST_BINS))) if d.effect else 2 * reach / _BINS
    if step < 2 * reach / _MOST_BINS:
        step = 2 * reach / _MOST_BINS
    number = int(np.ceil(reach / step))
    return np.asarray(step * np.arange(-number, number + 1))
