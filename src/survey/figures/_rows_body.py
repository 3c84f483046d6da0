"""Rows with marks on one axis and columns of numbers beside them: forests, ranked units, benchmarks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from survey.exhibits import theme
from survey.exhibits.theme import Style
from survey.figures._axis import horizontal
from survey.figures._canvas import Body, Canvas, text_width, widest, wrap
from survey.figures._legend import Legend
from survey.figures._page import shared_range
from survey.figures._shapes import draw_line
from survey.figures._stub import Slot, Stub

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Column", "Mark", "RowsBody", "RowsPlot", "Rule", "look"]

_LEAST = 0.2
"""Part of the page's width that the plot keeps at least: columns that leave less are left to the table."""
_STUBS = (0.32, 0.27, 0.22)
"""Parts of it that names of rows take at most."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One estimate on a row, in the units shown, with its interval; `look` is its marker, None for a line alone."""

    row: int
    x: float
    low: float
    high: float
    look: dict[str, Any] | None
    colour: str
    shift: float = 0.0
    """Of the row's height, down."""
    thick: float = 0.17


@dataclass(frozen=True, slots=True)
class Column:
    """A column of texts beside the rows; `strong` are in bold."""

    head: str
    texts: Sequence[str]
    strong: Sequence[bool] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """A vertical line through all rows, with its name above it; from `low` to `high` a shaded strip."""

    x: float
    label: str = ""
    dashed: bool = False
    low: float = np.nan
    high: float = np.nan


@dataclass(frozen=True)
class RowsPlot:
    """What is drawn.

    Parameters
    ----------
    keys : list of tuple of str
        Labels of the rows, outermost first.
    headings : bool
        Outermost labels stand above their rows, however short they are.
    ratios : bool
        The axis is logarithmic: what is shown are ratios.
    columns : list of Column
        The most important first: those that do not fit are left out.
    span : (low, high)
        Of the axis.
    limits : (low, high), optional
        No ticks beyond them.
    """

    keys: list[tuple[str, ...]]
    marks: list[Mark]
    columns: list[Column]
    span: tuple[float, float]
    unit: str
    lang: str
    rules: list[Rule] = field(default_factory=list)
    limits: tuple[float, float] | None = None
    headings: bool = False
    ratios: bool = False
    legend: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    said: dict[int, str] = field(default_factory=dict)
    """What stands in the plot of a row without a mark."""


def look(sizes: Style, colour: str, shape: str = "o", filled: bool = True, scale: float = 1.0) -> dict[str, Any]:
    """A marker, which may be hollow."""
    return {
        "marker": shape,
        "markersize": 0.66 * scale * sizes.base,
        "color": colour,
        "markerfacecolor": colour if filled else "white",
        "markeredgewidth": 0.14 * sizes.base,
        "markeredgecolor": colour,
    }


class _Looks(Legend):
    """Markers with what they mean."""

    def __init__(self, entries: Sequence[tuple[str, dict[str, Any]]], sizes: Style, width: float) -> None:
        self.looks = [one for _, one in entries]
        super().__init__([text for text, _ in entries], [""] * len(entries), sizes, width)

    def _mark(self, canvas: Canvas, i: int, x: float, centre: float) -> None:
        from matplotlib.lines import Line2D

        at: dict[str, Any] = {"transform": canvas.figure.transFigure, "linestyle": "none"}
        left, up = (x + self.box / 2) / canvas.width, 1 - centre / canvas.height
        canvas.figure.add_artist(Line2D([left], [up], **at, **self.looks[i]))


def _brief(column: Column) -> Column:
    """Values without their intervals, with the marks that follow them."""
    texts = [re.sub(r" \(.*\)", "", text) for text in column.texts]
    return Column(re.sub(r" \(.*\)", "", column.head), texts, column.strong)


class RowsBody(Body):
    def __init__(self, plot: RowsPlot, sizes: Style) -> None:
        self.plot, self.sizes, self.span = plot, sizes, shared_range(*plot.span)
        size, small = sizes.base, sizes.small
        self.pitch = sizes.pitch(small)
        least = (1.3 if sizes.height else 1.5) * size + 0.35 * size
        given, need = list(plot.columns), max(_LEAST * sizes.width, 8 * size)
        wanted = [self._width(column) + 0.9 * size for column in given]
        stubs = [Stub(plot.keys, sizes, share, least, plot.headings) for share in _STUBS]
        rooms = [sizes.width - 2 * sizes.margin - stub.width - 1.2 * size for stub in stubs]
        # the widest beside which all columns have room, or the first of them
        fitting = [k for wide in (sum(wanted), sum(wanted[:1])) for k, x in enumerate(rooms) if x - wide >= need]
        if not fitting:  # the intervals are drawn: their ends are left to the table
            given = [_brief(given[0]), *given[1:]]
        at = fitting[0] if fitting else -1
        self.stub, room = stubs[at], rooms[at]
        self.left = sizes.margin + self.stub.width
        self.columns: list[Column] = []
        self.widths: list[float] = []
        for column in given:
            wide = self._width(column) + 0.9 * size
            if self.columns and room - sum(self.widths) - wide < need:
                break
            self.columns.append(column)
            self.widths.append(wide)
        self.heads = [wrap(c.head, w - 0.6 * size, small) for c, w in zip(self.columns, self.widths, strict=True)]
        self.width = room - sum(self.widths)
        self.legend = _Looks(plot.legend, sizes, sizes.width - 2 * sizes.margin) if len(plot.legend) > 1 else None
        self.labels = [wrap(r.label, max(self.width, 8 * size), small) if r.label else [] for r in plot.rules]
        self.axis_lines = wrap(plot.unit, max(self.width, 0.5 * sizes.width), small) if plot.unit else []
        tall = max([1, *(len(h) for h in self.heads), *(len(lines) for lines in self.labels)])
        self.above = (self.legend.height + 0.4 * size if self.legend else 0.0) + self.pitch * (tall + 0.25)
        self.below = 1.2 * self.pitch + 0.4 * size + self.pitch * len(self.axis_lines)
        self.height = self.above + self.stub.height + self.below

    def _width(self, column: Column) -> float:
        size = self.sizes.base
        strong = column.strong or [False] * len(column.texts)
        texts = zip(column.texts, strong, strict=True)
        own = max((text_width(t, size, "bold" if s else "normal") for t, s in texts), default=0.0)
        words = widest(column.head.split(" "), self.sizes.small)
        return max(own, words, min(text_width(column.head, self.sizes.small), 6.5 * size))

    def draw(self, canvas: Canvas, top: float, height: float) -> None:
        """The legend, stripes, labels, the axis with its lines, marks, then the columns of numbers."""
        from survey.figures._text import Writer

        sizes, size, small = self.sizes, self.sizes.base, self.sizes.small
        if self.legend:
            self.legend.draw(canvas, sizes.margin, top)
        rows_top, rows = top + self.above, height - self.above - self.below
        slots = self.stub.slots(rows)
        bands = self.stub.spans(rows) if self.stub.headed or self.stub.stacked else [Slot(0.0, rows)]
        edge = sizes.margin - 0.3 * size
        for slot in [slot.whole for slot in slots[::2]]:
            canvas.rectangle(edge, rows_top + slot.top, sizes.width - 2 * edge, slot.height, theme.BAND, 0)
        self.stub.draw(canvas, sizes.margin, rows_top, rows)
        axes = canvas.axes(self.left, rows_top, self.width, rows)
        axes.set_ylim(rows, 0)
        self._axis(axes, bands, rows)
        self._rules(canvas, axes, bands, rows_top)
        self._intervals(axes, slots)
        for mark in self.plot.marks:
            if mark.look is not None and np.isfinite(mark.x):
                at = {"linestyle": "none", "zorder": 3, "clip_on": False}
                draw_line(axes, [mark.x], [_height(mark, slots)], **at, **mark.look)
        beside = Writer(axes, small, "italic", places=axes.get_yaxis_transform())
        for row, text in self.plot.said.items():
            beside.write(0.01, slots[row].centre, text, colour=theme.SOFT)
        right = sizes.width - sizes.margin
        for column, lines, width in reversed(list(zip(self.columns, self.heads, self.widths, strict=True))):
            start = rows_top - 0.25 * self.pitch - self.pitch * len(lines)
            canvas.block(right, start, lines, small, self.pitch, ha="right", colour=theme.SOFT)
            strong = column.strong or [False] * len(column.texts)
            for slot, text, bold in zip(slots, column.texts, strong, strict=True):
                weight = "bold" if bold else "normal"
                canvas.middle(right, rows_top + slot.centre, [text], size, sizes.pitch(size), ha="right", weight=weight)
            right -= width
        start = rows_top + rows + 1.2 * self.pitch + 0.3 * size
        half = widest(self.axis_lines, small) / 2
        middle = min(max(self.left + self.width / 2, sizes.margin + half), sizes.width - sizes.margin - half)
        canvas.block(middle, start, self.axis_lines, small, self.pitch, ha="center", colour=theme.SOFT)

    def _axis(self, axes: Axes, bands: Sequence[Slot], rows: float) -> None:
        low, high = self.span
        plot = self.plot
        ticks = horizontal(axes, low, high, self.width, self.sizes, plot.lang, limits=plot.limits, ratios=plot.ratios)
        for tick in ticks:
            self._line(axes, float(tick), bands, color=theme.FAINT, linewidth=0.07 * self.sizes.base, zorder=0)

    def _line(self, axes: Axes, x: float, bands: Sequence[Slot], **how: Any) -> None:
        """A vertical line; broken where headings stand between the rows."""
        axes.vlines([x] * len(bands), [b.top for b in bands], [b.top + b.height for b in bands], **how)

    def _rules(self, canvas: Canvas, axes: Axes, bands: Sequence[Slot], rows_top: float) -> None:
        sizes, (low, high) = self.sizes, self.span
        for rule, lines in zip(self.plot.rules, self.labels, strict=True):
            if np.isfinite(rule.low) and np.isfinite(rule.high):
                for band in bands:
                    y = [band.top, band.top + band.height]
                    axes.fill_betweenx(y, rule.low, rule.high, color=theme.INK, alpha=0.09, linewidth=0, zorder=0.5)
            if np.isfinite(rule.x):
                style: Any = (0, (4, 2.5)) if rule.dashed else "-"
                thick = (0.12 if rule.dashed else 0.1) * sizes.base
                self._line(axes, rule.x, bands, color=theme.INK, linewidth=thick, linestyle=style, zorder=1)
            half = widest(lines, sizes.small) / 2
            at = self.left + (rule.x - low) / (high - low) * self.width
            at = min(max(at, self.left + half - 0.3 * self.stub.width), self.left + self.width - half)
            start = rows_top - 0.25 * self.pitch - self.pitch * len(lines)
            canvas.block(at, start, lines, sizes.small, self.pitch, ha="center", colour=theme.INK)

    def _intervals(self, axes: Axes, slots: Sequence[Slot]) -> None:
        """All intervals of one colour and thickness at once."""
        sure = [m for m in self.plot.marks if np.isfinite(m.low) and np.isfinite(m.high)]
        for colour, thick in dict.fromkeys((m.colour, m.thick) for m in sure):
            own = [m for m in sure if (m.colour, m.thick) == (colour, thick)]
            axes.hlines(
                [_height(m, slots) for m in own],
                [m.low for m in own],
                [m.high for m in own],
                colors=colour,
                linewidth=thick * self.sizes.base,
                capstyle="butt",
                zorder=2,
            )


def _height(mark: Mark, slots: Sequence[Slot]) -> float:
    slot = slots[mark.row]
    return slot.centre + mark.shift * slot.height
