"""Answers on an ordered scale as diverging stacked bars (Robbins & Heiberger 2011): the middle answer is centred."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from survey.base import catalogue
from survey.base.arguments import checked
from survey.codebook import Text
from survey.errors import ExportError
from survey.exhibits import theme
from survey.exhibits.exhibit import Exhibit, ExhibitKind, exhibit_of
from survey.exhibits.theme import Style
from survey.figures._bars import Bar, Bars, bars_of
from survey.figures._canvas import Body, Canvas, compose, text_width, widest
from survey.figures._legend import Legend, StripLegend
from survey.figures._page import shared_range
from survey.figures._stub import Stub
from survey.words import labels as _labels
from survey.words import locale as loc
from survey.words.equality import tests_note
from survey.words.labels import code_text
from survey.words.phrases import small
from survey.words.statuses import hidden_text, mark

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

from survey.core.estimates_data import EstimatesData
from survey.core.summary import SummaryData

__all__ = ["likert"]

BESIDE = ("dont_know", "refused")
_LEAST_REFUSED = 1.0  # percent of everyone asked, in any row
_MANY = 6  # from this many answers on, segments are too narrow for numbers: sums stand at both ends instead


@checked(ExportError)
def likert(
    e: EstimatesData | SummaryData,
    *,
    lang: str | None = None,
    title: str | Text | None = None,
    caption: str | Text | None = None,
    sort: bool = False,
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
    title, caption : str or mapping of language to str, optional
    sort : bool
        Rows by the share of the upper answers, the largest first; otherwise in the order of the table.
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
        "width": width,
        "labels": labels,
        "suppress_below": suppress_below,
        "flag_below": flag_below,
    }
    return exhibit_of(FORM, e, lang, title, caption, name, options)


class _LikertBody(Body):
    def __init__(self, exhibit: Exhibit, sizes: Style) -> None:
        self.exhibit, self.sizes, self.bars = exhibit, sizes, exhibit.once(bars_of)
        lang, size = exhibit.lang, sizes.base
        rows, k = self.bars.rows, len(self.bars.codes)
        self.colours = theme.diverging(k)
        self.n = [_n(bar, exhibit) for bar in rows]
        self.n_width = widest([*self.n, "n"], size) + 0.9 * size
        self.beside = [r for r in BESIDE if any(_drawn(r, bar) for bar in rows)]
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
        if k >= _MANY and plain:
            ends = (_without_code(self.bars.answers[0], codes[0]), _without_code(self.bars.answers[-1], codes[-1]))
            self.legend = StripLegend(codes, ends, self.colours, sizes, inner)
        else:
            self.legend = Legend(self.bars.answers, self.colours, sizes, inner)
        self.head = sizes.pitch(sizes.small) * 1.25
        self.height = self.legend.height + 0.4 * size + self.head + self.stub.height

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
        self.stub.draw(canvas, sizes.margin, top, rows)
        slots = self.stub.slots(rows)
        for slot, text in zip(slots, self.n, strict=True):
            canvas.middle(right, top + slot.centre, [text], sizes.base, sizes.pitch(sizes.base), ha="right")
        axes = canvas.axes(self.left, top, self.plot, rows)
        axes.set(ylim=(rows, 0), xticks=[], yticks=[])
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
        """How far bars reach to both sides of the middle, in %."""
        filled = [bar for bar in self.bars.rows if np.isfinite(bar.shares).all()]
        reach = [max((getattr(b, side) + b.middle / 2 for b in filled), default=1.0) for side in ("low", "high")]
        left, right = (max(r, 2.0) for r in reach)
        return shared_range(-left, right)

    def _segments(self, axes: Axes, centres: list[float], thick: float) -> None:
        sizes, rows, k = self.sizes, self.bars.rows, len(self.bars.codes)
        low, right = self._range()
        left = -low
        # sums at both ends need room outside the longest bars
        pad = text_width("100", sizes.base) + 0.7 * sizes.base if k >= _MANY else 1.0
        unit = (left + right) / (self.plot - 2 * pad)
        axes.set_xlim(-left - pad * unit, right + pad * unit)
        starts = np.array([np.r_[0, np.cumsum(b.shares)] - b.low - b.middle / 2 for b in rows]).reshape(-1, k + 1)
        for j in range(k):
            share = np.nan_to_num([b.shares[j] for b in rows])
            drawn = axes.barh(
                centres,
                share,
                thick,
                np.nan_to_num(starts[:, j]),
                color=self.colours[j],
                edgecolor="white",
                linewidth=0.08 * sizes.base,
                label=self.bars.answers[j],
            )
            for patch in drawn:
                if patch.get_width() == 0:
                    patch.set_linewidth(0)  # the white edge of nothing would cut the line in the middle
        font = theme.font(sizes.base)
        for bar, centre, edges in zip(rows, centres, starts, strict=True):
            if not np.isfinite(bar.shares).all():
                text = self._absence(bar)
                axes.text(
                    0.5,
                    centre,
                    text,
                    transform=axes.get_yaxis_transform(),
                    ha="center",
                    va="center_baseline",
                    fontproperties=theme.font(sizes.small, "italic"),
                    color=theme.SOFT,
                    bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.5},
                )
                continue
            for j, (first, last) in enumerate(pairwise(edges)):
                text = loc.number(bar.shares[j], 0, self.exhibit.lang)
                if (last - first) / unit >= text_width(text, sizes.base) + 0.35 * sizes.base:
                    axes.text(
                        (first + last) / 2,
                        centre,
                        text,
                        ha="center",
                        va="center_baseline",
                        fontproperties=font,
                        color=theme.on(self.colours[j]),
                    )
            if k >= _MANY:
                away, bold = 0.35 * sizes.base * unit, theme.font(sizes.base, "bold")
                for x, value, ha in ((edges[0] - away, bar.low, "right"), (edges[-1] + away, bar.high, "left")):
                    axes.text(
                        x,
                        centre,
                        loc.number(value, 0, self.exhibit.lang),
                        ha=ha,
                        va="center_baseline",
                        fontproperties=bold,
                        color=theme.INK,
                    )

    def _absence(self, bar: Bar) -> str:
        lang = self.exhibit.lang
        if bar.status != "suppressed":
            return loc.word("empty", lang)
        least = self.exhibit.thresholds[0]
        text, short = hidden_text(bar.detail, lang, least, short=False), hidden_text(bar.detail, lang, least)
        return text if text_width(text, self.sizes.small) < 0.95 * self.plot else short

    def _beside(self, canvas: Canvas, top: float, height: float, centres: list[float], thick: float) -> None:
        """Shares of don't know and of refused on one scale, each in a column of its own."""
        sizes, size = self.sizes, self.sizes.base
        columns = [[bar.beside(reason) for bar in self.bars.rows] for reason in self.beside]
        width = self.beside_width - 1.2 * size
        pad = text_width("100", size) + 0.4 * size
        largest = max(np.nan_to_num(columns).max(), 1.0)
        for i, shares in enumerate(columns):
            axes = canvas.axes(self.left + self.plot + i * self.beside_width + 1.2 * size, top, width, height)
            axes.set(ylim=(height, 0), xticks=[], yticks=[])
            axes.set_xlim(0, largest * width / (width - pad))
            axes.barh(centres, np.nan_to_num(shares), thick, color=theme.DONT_KNOW, linewidth=0)
            for share, centre in zip(shares, centres, strict=True):
                if np.isfinite(share):
                    axes.text(
                        share + 0.3 * size * largest / (width - pad),
                        centre,
                        loc.number(share, 0, self.exhibit.lang),
                        va="center_baseline",
                        fontproperties=theme.font(sizes.base),
                        color=theme.INK,
                    )


def _drawn(reason: str, bar: Bar) -> bool:
    """Whether a share is worth the width of a column: don't know always, refusals only where they are not a trifle."""
    return bar.beside(reason) >= (0.0 if reason == "dont_know" else _LEAST_REFUSED)


def _n(bar: Bar, exhibit: Exhibit) -> str:
    if bar.status == "suppressed":
        return loc.number(np.nan) if bar.detail == "complementary" else f"<{loc.NBSP}{exhibit.thresholds[0]}"
    if not np.isfinite(bar.n):
        return ""
    return loc.count(bar.n, exhibit.lang) + mark(bar.status, bar.detail)


def _without_code(label: str, code: str) -> str:
    """ "0 hoàn toàn không tin" as "hoàn toàn không tin": the strip writes the codes itself."""
    head, _, rest = label.partition(" ")
    return rest.lstrip("–-. ") if rest and head.rstrip(".:") == code else label


def _draw(exhibit: Exhibit, frame: str) -> Figure:
    return compose(exhibit, frame, lambda sizes: _LikertBody(exhibit, sizes))


_BESIDE_NOTES = {"dont_know": "dont_know_note", "refused": "refused_note"}


def _notes(exhibit: Exhibit) -> list[str]:
    lang, bars = exhibit.lang, exhibit.once(bars_of)
    found = [loc.word("n_note", lang)] if any(np.isfinite(b.n) for b in bars.rows) else []
    if len(bars.codes) >= _MANY:
        found.insert(0, loc.word("ends_note", lang))
    found += [loc.word(_BESIDE_NOTES[r], lang) for r in BESIDE if any(_drawn(r, b) for b in bars.rows)]
    return [*found, *tests_note(exhibit.estimates, lang)]


def _alt(exhibit: Exhibit) -> str:
    lang, bars = exhibit.lang, exhibit.once(bars_of)
    head = catalogue.text(
        "alt.likert",
        lang,
        title=loc.sentence(exhibit.title),
        n=len(bars.rows),
        answers=len(bars.codes),
        first=bars.answers[0],
        last=bars.answers[-1],
    )
    filled = [b for b in bars.rows if np.isfinite(b.shares).all()]
    return " ".join([head, *_told(filled, exhibit), *_left_out(bars, lang)])


def _told(filled: list[Bar], exhibit: Exhibit) -> list[str]:
    lang, bars, e = exhibit.lang, exhibit.once(bars_of), exhibit.estimates
    if not filled:
        return []
    if len(filled) == 1:
        shares = "; ".join(
            f"{answer} {loc.number(x, 1, lang)}%" for answer, x in zip(bars.answers, filled[0].shares, strict=True)
        )
        return [f"{', '.join(filled[0].key)}: {shares}."]
    above = bars.answers[-(len(bars.codes) // 2) :]
    upper = ", ".join(above) if len(bars.codes) <= 5 else f"{above[0]} – {above[-1]}"
    levels = [name for name in _labels.levels_of(e) if e.table[name].nunique(dropna=False) > 1]  # of a key

    def place(key: tuple[str, ...]) -> str:
        """A row inside a sentence: an item in quotation marks, a group with a small letter."""
        named = zip(key, levels or [""], strict=False)
        return ", ".join(
            catalogue.text("narrative.quoted", lang, text=k) if name == "item" else small(k, lang) for k, name in named
        )

    best, worst = max(filled, key=lambda b: b.high), min(filled, key=lambda b: b.high)
    parts: dict[str, str] = {}
    for name, bar in (("best", best), ("worst", worst)):
        high, low = (loc.number(x, 1, lang) + "%" for x in (bar.high, bar.low))
        parts |= {name: place(bar.key), f"{name}_high": high, f"{name}_low": low}
    return [catalogue.text("alt.likert_ends", lang, upper=upper, **parts)]


def _left_out(bars: Bars, lang: str) -> list[str]:
    absent = [", ".join(b.key) for b in bars.rows if b.status in ("suppressed", "empty")]
    return [catalogue.text("alt.not_shown", lang, places="; ".join(absent))] if absent else []


FORM = ExhibitKind(
    "likert",
    "figure",
    _alt,
    _notes,
    draw=_draw,
    parts=bars_of,
    shows="Likert bars need distributions.",
    takes="sample.distribution(...)",
    otherwise="use distribution, or figures.intervals for means and shares",
)
