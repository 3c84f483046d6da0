"""How lines over waves are drawn: bands, lines, markers, and a name at the end of each line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from survey.base.arrays import Array
from survey.exhibits import theme
from survey.exhibits.exhibit import Exhibit
from survey.exhibits.theme import Style
from survey.figures._canvas import Body, Canvas, text_width, widest, wrap
from survey.figures._legend import MarkerLegend
from survey.figures._page import legends_apart
from survey.figures._series import COLOURS, MUTED, marker_of
from survey.figures._spread import spread
from survey.figures._timeline import Point, Timeline
from survey.figures._vertical import VerticalScale
from survey.words import locale as loc
from survey.words.statuses import hidden_text, mark

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["LinesBody"]

_NAMES = 0.3
"""Largest part of the page's width that names of lines take."""
_VALUES = 12
"""Waves of a single line whose values fit beside it."""


class _Key(MarkerLegend):
    """Markers of lines with their names, where a page has no room for these at the ends of the lines."""

    def _look(self, i: int) -> dict[str, Any]:
        return marker_of(COLOURS.index(self.colours[i]), self.sizes)


class LinesBody(Body):
    def __init__(self, exhibit: Exhibit, time: Timeline, out: list[int], sizes: Style) -> None:
        self.exhibit, self.time, self.out, self.sizes = exhibit, time, out, sizes
        size, small, lang = sizes.base, sizes.small, exhibit.lang
        inner = sizes.width - 2 * sizes.margin
        unit = time.measure.axis(lang)
        self.unit = wrap(unit, inner, small) if unit else []
        self.single = len(time.lines) == 1
        there = [] if self.single else [i for i in out if time.on(i)]
        self.legend: _Key | None = None
        narrow = sizes.stacked or sizes.brief
        if there and narrow and not legends_apart():  # names above, so that the lines have the whole width
            colours = [COLOURS[out.index(i)] for i in there]
            self.legend = _Key([time.lines[i] for i in there], colours, sizes, inner)
            self.names = {i: [value] for i in there if (value := self._value(i))}
        else:
            self.names = {i: wrap(self._name(i), _NAMES * sizes.width, size) for i in there}
        pitch = sizes.pitch(size)
        stack = sum(len(lines) * pitch + 0.15 * size for lines in self.names.values())
        self.plot = max((0.8 if sizes.stacked else 0.42 if sizes.height is None else 0.4) * sizes.width, stack)
        values = [x for p in time.points for x in self._seen(p) if np.isfinite(x)]
        self.scale = VerticalScale.of(values, time.measure, self.plot, sizes, lang, exhibit.options.get("digits"))
        self.left = sizes.margin + self.scale.room(sizes)
        self.names_width = widest([t for lines in self.names.values() for t in lines], size)
        right = self.names_width + 1.6 * size if self.names else 1.0 * size
        self.width = sizes.width - sizes.margin - right - self.left
        x = self.places
        gaps = np.diff(x)
        edge = 2 * (x[0] + self.left - sizes.margin), 2 * (self.width - x[-1] + right)
        self.rows = [self._fit(i, gaps, edge) for i in range(len(x))]
        self.below = 0.6 * size + sizes.pitch(small) * max(len(lines) for lines in self.rows)
        self.above = sizes.pitch(small) * len(self.unit) + 0.4 * size
        self.above += self.legend.height + 0.3 * size if self.legend else 0.0
        self.height = self.above + self.plot + self.below

    def _seen(self, p: Point) -> tuple[float, ...]:
        return (p.estimate, p.low, p.high) if p.line in self.out else (p.estimate,)

    def _name(self, line: int) -> str:
        """The name of a line with its last value: the end of what it tells."""
        return f"{self.time.lines[line]} {self._value(line)}".strip()

    def _value(self, line: int) -> str:
        """The value of the last wave; "" of a line that ends before."""
        last, m = self.time.on(line), self.time.measure
        if not last or last[-1].wave != len(self.time.waves) - 1:
            return ""
        return m.value(last[-1].estimate / m.factor, self.exhibit.lang, self.exhibit.options.get("digits"))

    @property
    def places(self) -> Array:
        """Where the waves stand, in points from the left of the plot."""
        place = np.asarray(self.time.place, float)
        pad = max(0.03 * self.width, 1.6 * self.sizes.base)
        share = (place - place.min()) / (place.max() - place.min())
        return np.asarray(pad + share * (self.width - 2 * pad))

    def _fit(self, i: int, gaps: Array, edge: tuple[float, float]) -> list[str]:
        """The label of a wave, in the room that its neighbours leave; none where that is too narrow for it."""
        small = self.sizes.small
        rooms = [edge[0]] if i == 0 else [float(gaps[i - 1])]
        rooms += [edge[1]] if i == len(gaps) else [float(gaps[i])]
        return wrap(self.time.waves[i], max(0.94 * min(rooms), 3.2 * small), small)

    def draw(self, canvas: Canvas, top: float, height: float) -> None:
        """The axis, grey lines first, then bands, then lines, then their names."""
        sizes, size, small = self.sizes, self.sizes.base, self.sizes.small
        pitch = sizes.pitch(small)
        plot_top, plot = top + self.above, height - self.above - self.below
        if self.legend:
            self.legend.draw(canvas, sizes.margin, top)
        canvas.block(
            sizes.margin, plot_top - 0.4 * size - pitch * len(self.unit), self.unit, small, pitch, colour=theme.SOFT
        )
        axes = canvas.axes(self.left, plot_top, self.width, plot)
        self.scale.draw(canvas, axes, self.left, plot_top, self.width, plot, sizes)
        x = self.places
        for place, lines in zip(x, self.rows, strict=True):
            canvas.block(self.left + place, plot_top + plot + 0.5 * size, lines, small, pitch, ha="center")
        for i in range(len(self.time.lines)):
            if i not in self.out:
                self._grey(axes, i, x)
        for order, i in enumerate(self.out):
            self._band(axes, i, order, x)
        for order, i in enumerate(self.out):
            self._line(axes, i, order, x)
        if self.single:
            self._values(canvas, x, plot_top, plot)
        else:
            self._ends(canvas, axes, x, plot_top, plot)

    def _grey(self, axes: Axes, line: int, x: Array) -> None:
        for piece in self.time.pieces(line):
            at, y = [x[p.wave] for p in piece], [p.estimate for p in piece]
            alone: dict[str, Any] = {"marker": "o", "markersize": 0.3 * self.sizes.base} if len(piece) == 1 else {}
            axes.plot(at, y, color=MUTED, linewidth=0.1 * self.sizes.base, zorder=1, **alone)

    def _band(self, axes: Axes, line: int, order: int, x: Array) -> None:
        colour = COLOURS[order]
        for piece in self.time.pieces(line):
            sure = [p for p in piece if np.isfinite(p.low) and np.isfinite(p.high)]
            runs: list[list[Point]] = []
            for p in sure:
                if runs and p.wave == runs[-1][-1].wave + 1:
                    runs[-1].append(p)
                else:
                    runs.append([p])
            for run in runs:
                at, low, high = [x[p.wave] for p in run], [p.low for p in run], [p.high for p in run]
                if len(run) > 1:
                    alpha = 0.16 if len(self.out) <= 4 else 0.11
                    axes.fill_between(at, low, high, color=colour, alpha=alpha, linewidth=0, zorder=2)
                else:  # a wave without neighbours has no band, but an interval
                    axes.plot(at * 2, [*low, *high], color=colour, linewidth=0.17 * self.sizes.base, zorder=3)

    def _line(self, axes: Axes, line: int, order: int, x: Array) -> None:
        size, colour = self.sizes.base, COLOURS[order]
        for piece in self.time.pieces(line):
            at, y = [x[p.wave] for p in piece], [p.estimate for p in piece]
            axes.plot(at, y, color=colour, linewidth=0.19 * size, solid_joinstyle="round", zorder=4)
            axes.plot(at, y, linestyle="none", zorder=5, clip_on=False, **marker_of(order, self.sizes, 0.9))
            for p, place in zip(piece, at, strict=True):
                sign = mark(p.status, p.detail)
                if sign and not self.single:
                    self._mark(axes, place, p, sign)

    def _mark(self, axes: Axes, place: float, p: Point, sign: str) -> None:
        """An asterisk beside a small sample, a dagger beside an unreliable share."""
        from survey.figures._text import ABOVE, Writer

        size = self.sizes.base
        Writer(axes, size, at=ABOVE, shift=(0.25 * size, 0.1 * size)).write(place, p.estimate, sign, zorder=6)

    def _values(self, canvas: Canvas, x: Array, top: float, plot: float) -> None:
        """The values of a single line above its intervals, and why one is not there."""
        m, small, lang = self.time.measure, self.sizes.small, self.exhibit.lang
        digits = self.exhibit.options.get("digits")
        pitch = self.sizes.pitch(small)
        there = {p.wave: p for p in self.time.on(0)}
        hidden = {p.wave: p.detail for p in self.time.points if p.status == "suppressed"}
        room = float(np.diff(x).min())
        for wave, place in enumerate(x):
            p = there.get(wave)
            if p is None:
                said = loc.word("empty", lang)
                if wave in hidden:
                    said = hidden_text(hidden[wave], lang, self.exhibit.thresholds[0])
                lines = wrap(said, max(room, 3 * small), small)
                canvas.block(
                    self.left + place,
                    top + plot - pitch * len(lines),
                    lines,
                    small,
                    pitch,
                    ha="center",
                    colour=theme.SOFT,
                )
                continue
            text = m.value(p.estimate / m.factor, lang, digits) + mark(p.status, p.detail)
            if len(x) > _VALUES or text_width(text, small) > room:
                continue
            upper = p.high if np.isfinite(p.high) else p.estimate
            centre = top + self.scale.at(upper, plot) - 0.75 * pitch
            if centre - pitch / 2 < top - 0.3 * pitch:  # no room above: below the band
                lower = p.low if np.isfinite(p.low) else p.estimate
                centre = top + self.scale.at(lower, plot) + 0.75 * pitch
            canvas.middle(self.left + place, centre, [text], small, pitch, ha="center")

    def _ends(self, canvas: Canvas, axes: Axes, x: Array, top: float, plot: float) -> None:
        """A name for each line beside its end; a thin line leads to it where others pushed it away."""
        size = self.sizes.base
        pitch = self.sizes.pitch(size)
        kept = [i for i in self.out if i in self.names]
        ends = {i: self.time.on(i)[-1] for i in kept}
        wanted = [self.scale.at(ends[i].estimate, plot) for i in kept]
        tall = [len(self.names[i]) * pitch + 0.15 * size for i in kept]
        centres = spread(wanted, tall, -0.5 * pitch, plot + 0.5 * pitch)
        text_left = self.left + self.width + 0.9 * size
        for i, want, centre in zip(kept, wanted, centres, strict=True):
            colour = COLOURS[self.out.index(i)]
            start = x[ends[i].wave] + 0.55 * size
            self._leader(axes, start, want, self.width + 0.6 * size, float(centre), plot, colour)
            canvas.middle(text_left, top + float(centre), self.names[i], size, pitch)

    def _leader(self, axes: Axes, x0: float, y0: float, x1: float, y1: float, plot: float, colour: str) -> None:
        low, high = self.scale.low, self.scale.high
        y = [high - (high - low) * v / plot for v in (y0, y1)]
        bend = max(x0, self.width - 0.6 * self.sizes.base)
        axes.plot(
            [x0, bend, x1],
            [y[0], y[0], y[1]],
            color=colour,
            linewidth=0.08 * self.sizes.base,
            linestyle=(0, (1.2, 1.2)),
            clip_on=False,
            zorder=3,
        )
