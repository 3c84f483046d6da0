"""Answers on an ordered scale as diverging stacked bars (Robbins & Heiberger 2011): the middle answer is centred."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from survey.base.arguments import checked
from survey.codebook import Text
from survey.errors import ExportError
from survey.exhibits import theme
from survey.exhibits.exhibit import Exhibit, ExhibitKind, exhibit_of
from survey.exhibits.theme import Style
from survey.figures._bars import Bar, bars_of
from survey.figures._canvas import Body, Canvas, compose, fill, text_width, widest
from survey.figures._legend import Legend, StripLegend
from survey.figures._likert_words import (
    BESIDE,
    MANY,
    absent_line,
    alt_text,
    has_totals,
    is_drawn,
    n_text,
    notes,
    total_text,
    without_code,
)
from survey.figures._native import bars_chart
from survey.figures._page import shared_range
from survey.figures._shapes import draw_bars, draw_line
from survey.figures._stub import Stub
from survey.words import labels as _labels
from survey.words import locale as loc
from survey.words.labels import code_text
from survey.words.statuses import hidden_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

from survey.core.estimates_data import EstimatesData
from survey.core.summary import SummaryData

__all__ = ["likert"]


@checked(ExportError)
def likert(
    e: EstimatesData | SummaryData,
    *,
    lang: str | None = None,
    title: str | Text | None = None,
    caption: str | Text | None = None,
    subtitle: str | Text | None = None,
    sort: bool = False,
    totals: bool | None = None,
    intervals: bool = False,
    width: str = "full",
    labels: Mapping[str, str | Text] | None = None,
    name: str = "",
    suppress_below: int = _labels.SUPPRESS_BELOW,
    flag_below: int = _labels.FLAG_BELOW,
) -> Exhibit:
    """Diverging stacked bars of the answers to one question by group, or to several questions on one scale.

    Parameters
    ----------
    e : Estimates
        Of `Sample.distribution`: shares in 0-1, one row an answer. Its columns `dont_know` and `refused` (shares in
        0-1 of everyone asked) are drawn beside the bars, in grey, as they are not points of the scale; refusals where
        they reach 1%.
    lang : {"vi", "en"}, optional
        The language set by `sv.language`, that of the study, or of the codebook, when not given.
    title, caption, subtitle : str or mapping of language to str, optional
        A title that is not given says what the result shows (see `survey.titles`), with the question as subtitle.
    sort : bool
        Rows by the share of the upper answers, the largest first; otherwise in the order of the table.
    totals : bool, optional
        Sums of the answers below and above the middle at both ends of a bar; when not given, from six answers on, whose
        segments are too narrow for numbers.
    intervals : bool
        Confidence intervals of these sums, from the covariance of the shares: logit intervals, as of
        `Sample.proportion(..., interval="logit")`, in brackets (half a page: as lines alone).
    width : {"full", "half", "slide"}
        160 mm, 80 mm, or a slide of 13.33 x 7.5 in.
    labels : mapping of str to text, optional
        Shorter names for items.
    name : str
        Name of exported files.
    suppress_below, flag_below : int
        Rows on fewer answers are left out (and said to be), or get an asterisk.

    Returns
    -------
    Exhibit

    Raises
    ------
    ExportError
        If these are not distributions, the items have different scales, or the answers have no order.

    References
    ----------
    Robbins & Heiberger (2011), Plotting Likert and other rating scales, JSM Proceedings.
    """
    options = {
        "sort": sort,
        **({"totals": totals} if totals is not None else {}),
        **({"intervals": True} if intervals else {}),
        "width": width,
        "labels": labels,
        "suppress_below": suppress_below,
        "flag_below": flag_below,
    }
    return exhibit_of(FORM, e, lang, title, caption, name, options, subtitle)


class _LikertBody(Body):
    def __init__(self, exhibit: Exhibit, sizes: Style) -> None:
        self.exhibit, self.sizes, self.bars = exhibit, sizes, exhibit.once(bars_of)
        lang, size = exhibit.lang, sizes.base
        rows, k = self.bars.rows, len(self.bars.codes)
        self.colours = theme.diverging(k)
        self.n = [n_text(bar, exhibit) for bar in rows]
        self.n_width = widest([*self.n, "n"], size) + 0.9 * size
        self.beside = [r for r in BESIDE if any(is_drawn(r, bar) for bar in rows)]
        heads = [text_width(loc.word(reason, lang), sizes.small) for reason in self.beside]
        # each is as wide as the widest, so that one scale serves all
        self.beside_width = max([0.1 * sizes.width / max(len(heads), 1), *heads]) + 1.2 * size if heads else 0.0
        self.stub = Stub([bar.key for bar in rows], sizes, 0.36, 1.9 * size, exhibit.estimates.breakdowns is not None)
        self.left = sizes.margin + self.stub.width
        self.plot = sizes.width - sizes.margin - self.n_width - len(self.beside) * self.beside_width - self.left
        inner = sizes.width - 2 * sizes.margin
        codes = [code_text(c) for c in self.bars.codes]
        plain = all(a == c or k > 7 for a, c in zip(self.bars.answers[1:-1], codes[1:-1], strict=True))
        self.legend: Legend | StripLegend
        if k >= MANY and plain:
            ends = (without_code(self.bars.answers[0], codes[0]), without_code(self.bars.answers[-1], codes[-1]))
            self.legend = StripLegend(codes, ends, self.colours, sizes, inner)
        else:
            self.legend = Legend(self.bars.answers, self.colours, sizes, inner)
        self.head = sizes.pitch(sizes.small) * 1.25
        self.absent = fill(absent_line(exhibit), inner, sizes.small) if self.bars.absent else []
        self.foot = sizes.pitch(sizes.small) * len(self.absent) + (0.3 * size if self.absent else 0.0)
        self.height = self.legend.height + 0.4 * size + self.head + self.stub.height + self.foot

    def draw(self, canvas: Canvas, top: float, height: float) -> None:
        lang, sizes = self.exhibit.lang, self.sizes
        self.legend.draw(canvas, sizes.margin, top)
        top += self.legend.height + 0.4 * sizes.base
        pitch = sizes.pitch(sizes.small)
        small: dict[str, Any] = {"colour": theme.SOFT}
        right = sizes.width - sizes.margin
        canvas.block(self.left, top, [loc.word("percent_answers", lang)], sizes.small, pitch, **small)
        canvas.block(right, top, ["n"], sizes.small, pitch, ha="right", **small)
        for i, reason in enumerate(self.beside):
            x = self.left + self.plot + i * self.beside_width + 1.2 * sizes.base
            canvas.block(x, top, [loc.word(reason, lang)], sizes.small, pitch, **small)
        top += self.head
        rows = height - (self.height - self.stub.height)
        pitch = sizes.pitch(sizes.small)
        below = top + rows + 0.3 * sizes.base
        canvas.block(sizes.margin, below, self.absent, sizes.small, pitch, weight="italic", **small)
        self.stub.draw(canvas, sizes.margin, top, rows)
        slots = self.stub.slots(rows)
        for slot, text in zip(slots, self.n, strict=True):
            canvas.middle(right, top + slot.centre, [text], sizes.base, sizes.pitch(sizes.base), ha="right")
        axes = canvas.axes(self.left, top, self.plot, rows)
        axes.set(ylim=(rows, 0))
        centres = [slot.centre for slot in slots]
        thick = 0.78 * min(*(slot.height for slot in slots), 2.6 * sizes.base)
        bands = self.stub.spans(rows)
        axes.vlines(
            [0] * len(bands),
            [b.top for b in bands],
            [b.top + b.height for b in bands],
            color=theme.INK,
            linewidth=0.07 * sizes.base,
            zorder=0,
        )
        self._segments(axes, centres, thick)
        if self.beside:
            self._beside(canvas, top, rows, centres, thick)

    def _range(self) -> tuple[float, float]:
        """How far bars and the lines of their intervals reach to both sides of the middle, in %."""
        reaches = [self._reach(bar) for bar in self.bars.rows if np.isfinite(bar.shares).all()] or [(-1.0, 1.0)]
        reach = [-min(first for first, _ in reaches), max(last for _, last in reaches)]
        left, right = (max(r, 2.0) for r in reach)
        return shared_range(-left, right)

    def _segments(self, axes: Axes, centres: list[float], thick: float) -> None:
        from survey.figures._text import Writer

        sizes, rows, k = self.sizes, self.bars.rows, len(self.bars.codes)
        filled = [bar for bar in rows if np.isfinite(bar.shares).all()]
        low, right = self._range()
        left = -low
        # sums at both ends need room outside the longest bars
        ends = [[total_text(bar, side, self.exhibit, sizes) for bar in filled] for side in ("low", "high")]
        pad = widest([text for texts in ends for text in texts] or ["100"], sizes.base, "bold") + 0.7 * sizes.base
        pad = pad if has_totals(self.exhibit) else 1.0
        unit = (left + right) / (self.plot - 2 * pad)
        axes.set_xlim(-left - pad * unit, right + pad * unit)
        starts = np.array([np.r_[0, np.cumsum(b.shares)] - b.low - b.middle / 2 for b in rows]).reshape(-1, k + 1)
        for j in range(k):
            share = np.nan_to_num([b.shares[j] for b in rows])
            look: dict[str, Any] = {"facecolor": self.colours[j], "edgecolor": "white", "linewidth": 0.08 * sizes.base}
            draw_bars(axes, centres, share, thick, np.nan_to_num(starts[:, j]), **look)
        inks = [theme.on(colour) for colour in self.colours]
        inside, outside = Writer(axes, sizes.base), Writer(axes, sizes.base, "bold")
        absent = Writer(axes, sizes.small, "italic", places=axes.get_yaxis_transform())
        for bar, centre, edges in zip(rows, centres, starts, strict=True):
            if not np.isfinite(bar.shares).all():
                absent.write(0.5, centre, self._absence(bar), ha="center", colour=theme.SOFT, ground="white")
                continue
            for j, (first, last) in enumerate(pairwise(edges)):
                text = loc.number(bar.shares[j], 0, self.exhibit.lang)
                if (last - first) / unit >= text_width(text, sizes.base) + 0.35 * sizes.base:
                    inside.write((first + last) / 2, centre, text, ha="center", colour=inks[j])
            if self.exhibit.options.get("intervals"):
                self._whiskers(axes, bar, centre, thick)
            if has_totals(self.exhibit):
                away = 0.35 * sizes.base * unit
                left_end, right_end = self._reach(bar)
                for x, side, ha in ((left_end - away, "low", "right"), (right_end + away, "high", "left")):
                    outside.write(x, centre, total_text(bar, side, self.exhibit, sizes), ha=ha)

    def _reach(self, bar: Bar) -> tuple[float, float]:
        """How far a bar and the lines of its intervals go to the left and the right of the middle."""
        sides = [max(getattr(bar, s), np.nan_to_num(getattr(bar, f"{s}_interval")[1])) for s in ("low", "high")]
        return -float(sides[0]) - bar.middle / 2, float(sides[1]) + bar.middle / 2

    def _whiskers(self, axes: Axes, bar: Bar, centre: float, thick: float) -> None:
        """The interval of each sum as a line over the end of its bar."""
        for sign, side in ((-1, "low"), (1, "high")):
            interval = getattr(bar, f"{side}_interval")
            if np.isfinite(interval).all():
                x, y = [sign * (end + bar.middle / 2) for end in interval], [centre + 0.42 * thick] * 2
                for width, colour in ((0.24, "white"), (0.1, theme.INK)):
                    thin: dict[str, Any] = {"color": colour, "linewidth": width * self.sizes.base, "zorder": 3}
                    draw_line(axes, x, y, solid_capstyle="butt", **thin)

    def _absence(self, bar: Bar) -> str:
        lang = self.exhibit.lang
        if bar.status != "suppressed":
            return loc.word("empty", lang)
        least = self.exhibit.thresholds[0]
        text, short = hidden_text(bar.detail, lang, least, short=False), hidden_text(bar.detail, lang, least)
        return text if text_width(text, self.sizes.small) < 0.95 * self.plot else short

    def _beside(self, canvas: Canvas, top: float, height: float, centres: list[float], thick: float) -> None:
        """Shares of don't know and of refused on one scale, each in a column of its own."""
        from survey.figures._text import Writer

        size = self.sizes.base
        columns = [[bar.beside(reason) for bar in self.bars.rows] for reason in self.beside]
        width = self.beside_width - 1.2 * size
        pad = text_width("100", size) + 0.4 * size
        largest = max(np.nan_to_num(columns).max(), 1.0)
        for i, shares in enumerate(columns):
            axes = canvas.axes(self.left + self.plot + i * self.beside_width + 1.2 * size, top, width, height)
            axes.set(ylim=(height, 0))
            axes.set_xlim(0, largest * width / (width - pad))
            look: dict[str, Any] = {"facecolor": theme.DONT_KNOW, "linewidth": 0}
            draw_bars(axes, centres, np.nan_to_num(shares), thick, [0.0] * len(centres), **look)
            after = Writer(axes, size, shift=(0.3 * size, 0.0))
            for share, centre in zip(shares, centres, strict=True):
                if np.isfinite(share):
                    after.write(share, centre, loc.number(share, 0, self.exhibit.lang))


def _draw(exhibit: Exhibit, frame: str) -> Figure:
    return compose(exhibit, frame, lambda sizes: _LikertBody(exhibit, sizes))


FORM = ExhibitKind(
    "likert",
    "figure",
    alt_text,
    notes,
    draw=_draw,
    parts=bars_of,
    chart=bars_chart,
    shows="Likert bars need distributions.",
    takes="sample.distribution(...)",
    otherwise="use distribution, or figures.intervals for means and shares",
)
