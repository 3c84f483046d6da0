"""How dots with intervals are drawn: a stub of labels, the axis, a dot and its numbers a row."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from survey.base import catalogue
from survey.exhibits import theme
from survey.exhibits.exhibit import Exhibit
from survey.exhibits.theme import Style
from survey.figures._axis import (
    decimals,
    logarithmic,
    ratio_span,
    ratio_text,
    ratio_ticks,
    ticks_between,
    write_numbers,
)
from survey.figures._canvas import Body, Canvas, widest, wrap
from survey.figures._dots import Dot, dots_of
from survey.figures._legend import Legend, MarkerLegend, marker
from survey.figures._page import shared_range
from survey.figures._stub import Slot, Stub
from survey.words import locale as loc
from survey.words.statuses import hidden_text, mark

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["IntervalsBody", "silent"]

_MOST_ON_A_SLIDE = 14


def _headroom(head: str, size: float, small: float) -> float:
    """Width of a heading in lines: no word of it is cut."""
    return min(widest([head], small), max(7.5 * size, widest(head.split(" "), small)))


class IntervalsBody(Body):
    def __init__(self, exhibit: Exhibit, sizes: Style) -> None:
        self.exhibit, self.sizes, self.found = exhibit, sizes, exhibit.once(dots_of)
        lang, size, small = exhibit.lang, sizes.base, sizes.small
        self.brief, self.silent = sizes.brief, silent(exhibit)
        series = len(self.found.series)
        self.line = (0.6 if self.silent else 1.3 if sizes.height else 1.5) * size
        self.texts = {(d.row, d.series): self._text(d) for d in self.found.dots}
        self.n = {(d.row, d.series): self._n(d) for d in self.found.dots}
        counted = any(self.n.values()) and not self.silent
        head = self._value_head()
        self.text_width = (
            0.0
            if self.silent
            else max(
                widest(list(self.texts.values()), size),
                _headroom(head, size, small),
            )
        )
        self.value_head = [] if self.silent else wrap(head, self.text_width, small)
        self.n_width = widest([*self.n.values(), "n"], size) + 0.9 * size if counted else 0.0
        self.stub = Stub(
            self.found.keys,
            sizes,
            0.36 if self.brief else 0.34,
            max(series * self.line, 1.3 * size) + 0.5 * size,
            exhibit.estimates.breakdowns is not None,
        )
        self.left = sizes.margin + self.stub.width
        self.plot = sizes.width - sizes.margin - self.n_width - self.text_width - 1.2 * size - self.left
        self.legend: Legend | None = (
            MarkerLegend(self.found.series, theme.SERIES[:series], sizes, sizes.width - 2 * sizes.margin)
            if series > 1
            else None
        )
        label = exhibit.options.get("reference_label")
        self.reference_label = loc.pick(loc.text_of(label), lang) if label else ""
        self.reference_lines = wrap(self.reference_label, self.plot, small) if self.reference_label else []
        unit = self.found.unit
        if self._ratios:
            unit = catalogue.text("forest.ratios", lang, name=loc.word(exhibit.estimates.kind.heading, lang))
        self.axis_lines = wrap(unit, max(self.plot, 1.0), small)
        self.above = (self.legend.height + 0.4 * size if self.legend else 0.0) + sizes.pitch(small) * (
            max(len(self.value_head), len(self.reference_lines), 1) + 0.25
        )
        self.below = 1.2 * sizes.pitch(small) + 0.4 * size + sizes.pitch(small) * len(self.axis_lines)
        self.height = self.above + self.stub.height + self.below

    def _text(self, dot: Dot) -> str:
        exhibit, measure = self.exhibit, self.found.measure
        if dot.status == "suppressed":
            return hidden_text(dot.detail, exhibit.lang, exhibit.thresholds[0])
        if dot.status == "empty":
            return loc.number(np.nan)
        digits, f = exhibit.options.get("digits"), measure.factor
        if self.brief:
            return measure.value(dot.estimate / f, exhibit.lang, digits)
        return measure.with_interval(dot.estimate / f, dot.low / f, dot.high / f, exhibit.lang, digits)

    def _n(self, dot: Dot) -> str:
        if dot.status == "suppressed" or not np.isfinite(dot.n):
            return ""
        return loc.count(dot.n, self.exhibit.lang) + mark(dot.status, dot.detail)

    def _value_head(self) -> str:
        lang, measure, kind = self.exhibit.lang, self.found.measure, self.exhibit.estimates.kind
        if measure.difference:
            name = loc.word(kind.difference, lang)
        else:
            name = {"share": "%", "count": loc.word("total", lang)}.get(measure.kind, loc.word(kind.heading, lang))
        level = loc.level_word(self.exhibit.estimates.level, lang)
        return name if self.brief else f"{name} ({loc.word('ci_short', lang, level=level)})"

    def draw(self, canvas: Canvas, top: float, height: float) -> None:
        sizes, size, small = self.sizes, self.sizes.base, self.sizes.small
        if self.legend:
            self.legend.draw(canvas, sizes.margin, top)
        rows_top, right = top + self.above, sizes.width - sizes.margin
        pitch = sizes.pitch(small)
        head_bottom = rows_top - 0.25 * pitch
        text_right = right - self.n_width
        canvas.block(
            text_right,
            head_bottom - pitch * len(self.value_head),
            self.value_head,
            small,
            pitch,
            ha="right",
            colour=theme.SOFT,
        )
        if self.n_width:
            canvas.block(right, head_bottom - pitch, ["n"], small, pitch, ha="right", colour=theme.SOFT)
        rows = height - self.above - self.below
        bands = self.stub.slots(rows)
        for band in [slot.whole for slot in bands[::2]]:
            edge = sizes.margin - 0.3 * size
            canvas.rectangle(edge, rows_top + band.top, sizes.width - 2 * edge, band.height, theme.BAND, 0)
        self.stub.draw(canvas, sizes.margin, rows_top, rows)
        axes = canvas.axes(self.left, rows_top, self.plot, rows)
        self._axis(axes, rows)
        self._reference(canvas, axes, head_bottom, rows_top)
        for dot in self.found.dots:
            y = self._height_of(dot, bands[dot.row])
            self._dot(axes, dot, y)
            if self.silent:
                continue
            colour = theme.INK if dot.status in ("shown", "flagged") else theme.SOFT
            canvas.middle(
                text_right,
                rows_top + y,
                [self.texts[dot.row, dot.series]],
                size,
                sizes.pitch(size),
                ha="right",
                colour=colour,
            )
            if self.n_width:
                canvas.middle(right, rows_top + y, [self.n[dot.row, dot.series]], size, sizes.pitch(size), ha="right")
        if self.silent:
            self._silences(axes, bands)
        axis_top = rows_top + rows + 1.2 * pitch + 0.3 * size
        canvas.block(self.left + self.plot / 2, axis_top, self.axis_lines, small, pitch, ha="center", colour=theme.SOFT)

    @property
    def _ratios(self) -> bool:
        """Whether numbers are ratios, of which 1 says that there is nothing: their axis is logarithmic."""
        return self.found.measure.null == 1.0

    def _height_of(self, dot: Dot, slot: Slot) -> float:
        step = self.line * min(1.25, slot.height / (len(self.found.series) * self.line + 0.5 * self.sizes.base))
        return slot.centre + (dot.series - (len(self.found.series) - 1) / 2) * step

    def _axis(self, axes: Axes, rows: float) -> None:
        low, high = self._range()
        axes.set(ylim=(rows, 0))
        room = 4.5 * self.sizes.small
        most = max(2, min(7, int(self.plot / room)))
        ratios = self._ratios
        if ratios:
            logarithmic(axes)
        ticks = ratio_ticks(low, high, max(3, most)) if ratios else ticks_between(low, high, most)
        if self.found.measure.kind == "rank":  # whole numbers, 1 among them
            last = int(high)
            step = next(s for s in (1, 2, 5, 10, 20, 50, 100, 200, 500, last) if last / s <= 12)
            start = {1: 2, 2: 3}.get(step, step)
            ticks = np.r_[1.0, np.arange(start, last + 1, step)]
        limits = self.found.measure.limits
        if limits is not None and not self.found.measure.difference:
            ticks = ticks[(ticks >= limits[0]) & (ticks <= limits[1])]
        digits = decimals(ticks)
        lang = self.exhibit.lang
        axes.set_xlim(low, high)
        texts = [ratio_text(float(t), lang) if ratios else loc.number(t, digits, lang) for t in ticks]
        write_numbers(axes, ticks, texts, self.sizes, 0.35 * self.sizes.base)
        for tick in ticks:
            self._line(axes, float(tick), color=theme.FAINT, linewidth=0.07 * self.sizes.base, zorder=0)

    def _line(self, axes: Axes, x: float, **how: Any) -> None:
        """A vertical line; broken where headings stand between the rows."""
        rows = axes.get_ylim()[0]
        bands = self.stub.spans(rows) if self.stub.headed or self.stub.stacked else [Slot(0.0, rows)]
        axes.vlines([x] * len(bands), [b.top for b in bands], [b.top + b.height for b in bands], **how)

    def _range(self) -> tuple[float, float]:
        found = self.found
        values = [x for d in found.dots for x in (d.estimate, d.low, d.high) if np.isfinite(x)]
        reference = self.exhibit.options.get("reference")
        if reference is not None:
            values.append(found.measure.factor * reference)
        null = found.measure.no_difference
        if null is not None:
            values.append(found.measure.factor * null)
        if self._ratios:
            return shared_range(*ratio_span(np.array([d.estimate for d in found.dots]), np.array(values)))
        if found.measure.kind == "rank" and values:
            return shared_range(0.5, max(values) + 0.5)
        if not values:
            values = list(found.measure.limits or (0.0, 1.0))
        low, high = min(values), max(values)
        # a nearly empty range would blow up noise: at least a twentieth of the scale is shown
        least = (found.measure.limits[1] - found.measure.limits[0]) / 20 if found.measure.limits else 0.02 * abs(high)
        extra = max(least - (high - low), 0) / 2
        pad = 0.05 * (high - low + 2 * extra) or 1.0
        return shared_range(low - extra - pad, high + extra + pad)

    def _reference(self, canvas: Canvas, axes: Axes, head_bottom: float, rows_top: float) -> None:
        sizes, reference = self.sizes, self.exhibit.options.get("reference")
        null = self.found.measure.no_difference
        if null is not None:
            self._line(axes, self.found.measure.factor * null, color=theme.INK, linewidth=0.1 * sizes.base, zorder=1)
        if reference is None:
            return
        x = self.found.measure.factor * reference
        self._line(axes, x, color=theme.INK, linewidth=0.12 * sizes.base, linestyle=(0, (4, 2.5)), zorder=1)
        if self.reference_lines:
            low, high = axes.get_xlim()
            half = widest(self.reference_lines, sizes.small) / 2
            middle = self.left + (x - low) / (high - low) * self.plot
            middle = min(max(middle, self.left + half), self.left + self.plot - half)
            pitch = sizes.pitch(sizes.small)
            canvas.block(
                middle,
                head_bottom - pitch * len(self.reference_lines),
                self.reference_lines,
                sizes.small,
                pitch,
                ha="center",
                colour=theme.INK,
            )

    def _silences(self, axes: Axes, bands: Sequence[Slot]) -> None:
        """Where no column of numbers says so: why there is no dot; reasons that would cover each other in one line."""
        from survey.figures._text import Writer

        size, told = 0.85 * self.sizes.small, dict[int, list[tuple[float, str]]]()
        for dot in self.found.dots:
            if not np.isfinite(dot.estimate):
                hidden = dot.status == "suppressed"
                text = self.texts[dot.row, dot.series] if hidden else loc.word("empty", self.exhibit.lang)
                told.setdefault(dot.row, []).append((self._height_of(dot, bands[dot.row]), text))
        beside = Writer(axes, size, "italic", places=axes.get_yaxis_transform())
        for row, texts in told.items():
            if any(below - above < self.sizes.pitch(size) for (above, _), (below, _) in pairwise(texts)):
                texts = [(bands[row].centre, "; ".join(dict.fromkeys(text for _, text in texts)))]
            for y, text in texts:
                beside.write(0.005, y, text, colour=theme.SOFT)

    def _dot(self, axes: Axes, dot: Dot, y: float) -> None:
        if not np.isfinite(dot.estimate):
            return
        from matplotlib.lines import Line2D

        # the range of the axes is known: `plot` would find it anew with every line
        colour, look = theme.SERIES[dot.series], marker(dot.series, self.sizes)
        if np.isfinite(dot.low) and np.isfinite(dot.high):
            wide: dict[str, Any] = {"color": colour, "linewidth": 0.17 * self.sizes.base, "solid_capstyle": "butt"}
            low, high = np.clip([dot.low, dot.high], *axes.get_xlim()) if self._ratios else (dot.low, dot.high)
            axes.add_artist(Line2D([low, high], [y, y], zorder=2, **wide))
        axes.add_artist(Line2D([dot.estimate], [y], linestyle="none", zorder=3, clip_on=False, **look))


def silent(exhibit: Exhibit) -> bool:
    """Whether numbers are left to the table: on a slide with many estimates."""
    return exhibit.style.height is not None and len(exhibit.estimates.table) > _MOST_ON_A_SLIDE
