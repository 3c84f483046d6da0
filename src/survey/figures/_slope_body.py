"""How slopes are drawn: a column of values for each wave, lines between them, names at the left."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from survey.base import catalogue
from survey.exhibits import theme
from survey.exhibits.exhibit import Exhibit
from survey.exhibits.theme import Style
from survey.figures._canvas import Body, Canvas, text_width, widest, wrap
from survey.figures._legend import Legend
from survey.figures._page import shared_range
from survey.figures._spread import spread
from survey.figures._timeline import Point, Timeline
from survey.figures._vertical import span
from survey.words.statuses import mark

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["SlopeBody"]

_LOOKS = {1: (theme.SERIES[0], 0.24, "o"), -1: (theme.SERIES[1], 0.24, "s"), 0: ("#8c8c8c", 0.1, "o")}
"""Colour, thickness and marker of a line that rose, fell, or did neither as far as the data show."""
_LEAST = 0.205
"""Part of the page's width that the lines keep."""
_KEYS = {1: "slope.rose", -1: "slope.fell", 0: "slope.still"}


class _SlopeLegend(Legend):
    """Short lines with the marker of each verdict."""

    def __init__(self, verdicts: list[int], labels: list[str], sizes: Style, width: float) -> None:
        self.verdicts = verdicts
        super().__init__(labels, [_LOOKS[v][0] for v in verdicts], sizes, width)

    def _mark(self, canvas: Canvas, i: int, x: float, centre: float) -> None:
        from matplotlib.lines import Line2D

        colour, thick, shape = _LOOKS[self.verdicts[i]]
        canvas.figure.add_artist(
            Line2D(
                [(x + part * self.box) / canvas.width for part in (-0.25, 0.4, 1.05)],
                [1 - centre / canvas.height] * 3,
                transform=canvas.figure.transFigure,
                color=colour,
                linewidth=thick * self.sizes.base,
                marker=shape,
                markevery=[1],
                markersize=0.5 * self.sizes.base,
                markerfacecolor="white" if shape == "s" else colour,
                markeredgecolor=colour,
            )
        )


class SlopeBody(Body):
    def __init__(self, exhibit: Exhibit, time: Timeline, change: list[float], verdict: list[int], sizes: Style) -> None:
        self.exhibit, self.time, self.change, self.verdict, self.sizes = exhibit, time, change, verdict, sizes
        size, small, lang = sizes.base, sizes.small, exhibit.lang
        self.pitch = sizes.pitch(size)
        judged = {v for v, c in zip(verdict, change, strict=True) if np.isfinite(c)}
        present: list[int] = [v for v in (1, -1, 0) if v in judged]
        texts = [catalogue.text(_KEYS[v], lang) for v in present]
        inner = sizes.width - 2 * sizes.margin
        self.legend = _SlopeLegend(present, texts, sizes, inner - 0.3 * size)
        self.ends = ({p.line: p for p in time.points if p.wave == w and np.isfinite(p.estimate)} for w in (0, 1))
        self.left_points, self.right_points = self.ends
        gap = 1.1 * size
        for share, self.stacked in (
            (0.36, False),
            (0.28, False),
            (0.28, True),
            (0.25, True),
            (0.22, True),
            (0.16, True),
        ):
            self._measure(share, gap)
            if self.width >= _LEAST * sizes.width:
                break
        stacks = [
            sum(max(1, len(self.names[i])) * self.pitch for i in self.left_points),
            sum(len(lines) * self.pitch for lines in self.right_lines.values()),
        ]
        self.plot = max(0.36 * sizes.width, 1.03 * max(stacks))
        plain = replace(time.measure, difference=False)
        self.low, self.high = shared_range(*span([p.estimate for p in time.points], plain, 0.04, 0.02))
        beside = (self.left - sizes.margin, self.right_width + gap)
        rooms = [room + min(0.45 * self.width, 9 * size) for room in beside]
        self.heads = [wrap(text, room, small, "bold") for text, room in zip(time.waves, rooms, strict=True)]
        unit = time.measure.axis(lang)
        self.unit = wrap(unit, max(self.width, 8 * size), small) if unit else []
        heads = sizes.pitch(small) * max(len(h) for h in self.heads)
        self.above = (self.legend.height + 0.5 * size if present else 0.0) + heads + 0.5 * size
        self.below = sizes.pitch(small) * len(self.unit) + 0.5 * size
        self.height = self.above + self.plot + self.below

    def _measure(self, share: float, gap: float) -> None:
        """Texts at both ends, with names in so large a part of the page, and what is left for the lines."""
        sizes, size = self.sizes, self.sizes.base
        lines = enumerate(self.time.lines)
        self.names = {i: wrap(name, share * sizes.width, size) if name else [] for i, name in lines}
        self.left_values = {i: self._value(p) for i, p in self.left_points.items()}
        if self.stacked:  # the value under the name
            self.names = {i: [*own, *filter(None, [self.left_values.get(i)])] for i, own in self.names.items()}
        self.value_width = 0.0 if self.stacked else widest(list(self.left_values.values()), size)
        names = [t for i in self.left_points for t in self.names[i]]
        self.names_width = widest(names, size) + (0.7 * size if any(names) and not self.stacked else 0.0)
        # a group without an earlier value is named at the right
        self.right_lines = {i: self._right_lines(p, share) for i, p in self.right_points.items()}
        self.right_width = max(
            (text_width(t, size, self._weight(i)) for i, lines in self.right_lines.items() for t in lines), default=0.0
        )
        self.left = sizes.margin + self.names_width + self.value_width + gap
        self.width = sizes.width - sizes.margin - self.right_width - gap - self.left

    def _value(self, p: Point) -> str:
        m = self.time.measure
        text = m.value(p.estimate / m.factor, self.exhibit.lang, self.exhibit.options.get("digits"))
        return text + mark(p.status, p.detail)

    def _right_lines(self, p: Point, share: float) -> list[str]:
        """The later value, with the change where it is shown, and the name of a group that has no earlier one."""
        parts, m = [self._value(p)], self.time.measure
        if self.verdict[p.line]:
            change = replace(m, difference=True).value(
                self.change[p.line] / m.factor, self.exhibit.lang, self.exhibit.options.get("digits")
            )
            parts.append(f"({change})")
        lines = parts if self.stacked else [" ".join(parts)]
        if p.line in self.left_points or not self.time.lines[p.line]:
            return lines
        return wrap(f"{lines[0]} {self.time.lines[p.line]}", share * self.sizes.width, self.sizes.base)

    def _weight(self, line: int) -> str:
        return "bold" if self.verdict[line] else "normal"

    def _y(self, value: float, plot: float) -> float:
        return plot * (1 - (value - self.low) / (self.high - self.low))

    def draw(self, canvas: Canvas, top: float, height: float) -> None:
        """Grey lines first, then those that changed, then values and names at both ends."""
        sizes, size, small = self.sizes, self.sizes.base, self.sizes.small
        pitch = sizes.pitch(small)
        self.legend.draw(canvas, sizes.margin + 0.3 * size, top)
        plot_top, plot = top + self.above, height - self.above - self.below
        # at the outer side of their column of values, as far as the page goes
        ends = [widest(lines, small, "bold") for lines in self.heads]
        left = max(self.left + 0.4 * size, sizes.margin + ends[0])
        right = min(self.left + self.width - 0.4 * size, sizes.width - sizes.margin - ends[1])
        for lines, at, ha in zip(self.heads, (left, right), ("right", "left"), strict=True):
            start = plot_top - 0.5 * size - pitch * len(lines)
            canvas.block(at, start, lines, small, pitch, ha=ha, weight="bold")
        axes = canvas.axes(self.left, plot_top, self.width, plot)
        axes.set(xlim=(0, self.width), ylim=(plot, 0))
        for x in (0, self.width):
            axes.plot([x, x], [0, plot], color=theme.FAINT, linewidth=0.1 * size, clip_on=False, zorder=0)
        for line in sorted(range(len(self.time.lines)), key=lambda i: abs(self.verdict[i])):
            self._line(axes, line, plot)
        self._column(canvas, axes, plot_top, plot, False)
        self._column(canvas, axes, plot_top, plot, True)
        canvas.block(
            self.left + self.width / 2,
            plot_top + plot + 0.5 * size,
            self.unit,
            small,
            pitch,
            ha="center",
            colour=theme.SOFT,
        )

    def _line(self, axes: Axes, line: int, plot: float) -> None:
        colour, thick, shape = _LOOKS[self.verdict[line]]
        size, strong = self.sizes.base, bool(self.verdict[line])
        ends = [(x, p[line]) for x, p in ((0.0, self.left_points), (self.width, self.right_points)) if line in p]
        at, y = [x for x, _ in ends], [self._y(p.estimate, plot) for _, p in ends]
        axes.plot(
            at,
            y,
            color=colour,
            linewidth=thick * size,
            marker=shape,
            markersize=(0.62 if strong else 0.4) * size,
            markerfacecolor="white" if shape == "s" else colour,
            markeredgecolor=colour,
            markeredgewidth=0.14 * size,
            clip_on=False,
            zorder=4 if strong else 2,
        )

    def _column(self, canvas: Canvas, axes: Axes, top: float, plot: float, right: bool) -> None:
        size, pitch = self.sizes.base, self.pitch
        points = self.right_points if right else self.left_points
        lines = self.right_lines if right else {i: self.names[i] for i in points}
        kept = list(points)
        wanted = [self._y(points[i].estimate, plot) for i in kept]
        centres = spread(wanted, [max(1, len(lines[i])) * pitch for i in kept], -0.3 * pitch, plot + 0.3 * pitch)
        for i, want, centre in zip(kept, wanted, centres.tolist(), strict=True):
            x = (self.width, self.width + 0.9 * size) if right else (0.0, -0.9 * size)
            if abs(want - centre) > 0.2 * pitch:
                axes.plot(x, [want, centre], color="#8c8c8c", linewidth=0.06 * size, clip_on=False, zorder=1)
            how = {"weight": self._weight(i), "colour": theme.INK}
            if right:
                canvas.middle(self.left + self.width + 1.1 * size, top + centre, lines[i], size, pitch, **how)
                continue
            edge = self.left - 1.1 * size
            if not self.stacked:
                canvas.middle(edge, top + centre, [self.left_values[i]], size, pitch, ha="right")
                edge -= self.value_width + 0.7 * size
            canvas.middle(edge, top + centre, lines[i], size, pitch, ha="right")
