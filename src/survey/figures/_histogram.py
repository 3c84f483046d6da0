"""Numbers as a distribution: bars of classes, or the distribution function, with the median and quartiles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from survey.base import catalogue
from survey.base.arguments import checked
from survey.base.arrays import Array
from survey.base.names import composed_value
from survey.codebook import Text
from survey.core.estimates_data import EstimatesData
from survey.errors import ExportError, shorten
from survey.exhibits import theme
from survey.exhibits.chart import Chart
from survey.exhibits.exhibit import Exhibit, ExhibitKind, exhibit_of
from survey.exhibits.theme import Style
from survey.figures._axis import decimals, ticks_between
from survey.figures._canvas import Body, Canvas, compose, fill, text_width, widest, wrap
from survey.figures._native import columns_chart
from survey.figures._page import shared_range
from survey.figures._result_rows import RESULT, left_out
from survey.words import labels as _labels
from survey.words import locale as loc
from survey.words.disclosure import published
from survey.words.statuses import hidden_text, mark

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["histogram"]

_BAR = "#4d7ab0"
_MIDDLE = (0.25, 0.5, 0.75)


@checked(ExportError)
def histogram(
    e: EstimatesData,
    *,
    quantiles: EstimatesData | None = None,
    lang: str | None = None,
    title: str | Text | None = None,
    caption: str | Text | None = None,
    subtitle: str | Text | None = None,
    width: str = "full",
    digits: int | None = None,
    labels: Mapping[str, str | Text] | None = None,
    name: str = "",
    suppress_below: int = _labels.SUPPRESS_BELOW,
    flag_below: int = _labels.FLAG_BELOW,
) -> Exhibit:
    """Draw the distribution of a number (minutes waited): a bar a class, or the share below each limit.

    Classes that are equally wide stand on an axis of numbers; others stand side by side under their names, as bars of
    unequal width would have to show densities.

    Parameters
    ----------
    e : Estimates
        Of `sample.histogram`, of everyone or of one group; of several, panels(e, by=..., figure=figures.histogram).
    quantiles : Estimates, optional
        Of `sample.quantile` of the same item: the median is marked and told with its interval, the quartiles too.
    lang, title, caption, subtitle, digits, labels, name, suppress_below, flag_below :
        As for `intervals`.
    width : {"full", "half", "slide"}

    Returns
    -------
    Exhibit

    Raises
    ------
    ExportError
        If there are several groups, or these are not results of `sample.histogram`; if the quantiles are of another
        item.
    """
    if quantiles is not None and quantiles.kind.phrase != "quantile":
        raise ExportError(
            "Quantiles must be the result of sample.quantile.", where="quantiles=", got=quantiles.statistic
        )
    options = {
        "quantiles": None if quantiles is None else published(quantiles, suppress_below),
        "width": width,
        "digits": digits,
        "labels": labels,
        "suppress_below": suppress_below,
        "flag_below": flag_below,
    }
    return exhibit_of(FORM, e, lang, title, caption, name, options, subtitle)


@dataclass(frozen=True, slots=True)
class _Quantile:
    p: float
    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class _Distribution:
    """Classes and their shares in %, the number of answers, and the quantiles."""

    limits: Array
    names: list[str]
    share: Array
    low: Array
    high: Array
    n: float
    status: str
    detail: str
    unit: str
    quantiles: list[_Quantile]

    @property
    def even(self) -> bool:
        """Whether classes are equally wide, so that they fit on an axis of numbers."""
        width = np.diff(self.limits)
        return bool(np.isfinite(width).all() and np.ptp(width) < 1e-9 * max(float(np.abs(self.limits).max()), 1.0))


def _distribution(exhibit: Exhibit) -> _Distribution:
    e, shown, lang = exhibit.estimates, exhibit.rows(), exhibit.lang
    varying = _labels.varying(e, _labels.levels_of(e))
    if varying:
        raise ExportError(
            "A histogram shows one distribution.",
            got=f"several: they differ in {shorten(varying)}",
            fix=f"use figures.panels(e, by={varying[0]!r}, figure=figures.histogram)",
        )
    numbers = 100 * shown[list(RESULT)].to_numpy(float)
    item = str(e.table["item"].iloc[0])
    variable = e.codebook.variables.get(item)
    unit = loc.unit_word(variable.unit, lang) if variable is not None and variable.unit else ""
    head = (exhibit.options.get("labels") or {}).get(item)
    label = loc.pick(loc.text_of(head), lang) if head else _labels.item_label(e, item, lang)
    return _Distribution(
        np.asarray(e.answers, float),
        [str(text) for text in shown["answer"]],
        numbers[:, 0],
        numbers[:, 1],
        numbers[:, 2],
        float(shown["n"].iloc[0]),
        str(shown["status"].iloc[0]),
        str(shown["detail"].iloc[0]),
        f"{label} ({unit})" if unit else label,
        _quantiles(exhibit, item),
    )


def _quantiles(exhibit: Exhibit, item: str) -> list[_Quantile]:
    """The quartiles of the same item and group; those that may be shown."""
    given, e = exhibit.options.get("quantiles"), exhibit.estimates
    if given is None:
        return []
    table = given.table
    table = table[[composed_value(i) == composed_value(item) for i in table["item"]]]
    if not len(table):
        raise ExportError("The quantiles are of another item.", where="quantiles=", expected=item)
    for name in given.by:
        if name in e.table.columns:
            table = table[table[name] == e.table[name].iloc[0]]
    table = table[table["estimate"].notna()]
    rows = table[["quantile", "estimate", "conf_low", "conf_high"]].itertuples(index=False, name=None)
    found = {p: _Quantile(p, x, low, high) for p, x, low, high in rows}
    return [found[p] for p in sorted(found) if p in _MIDDLE]


class _HistogramBody(Body):
    def __init__(self, exhibit: Exhibit, sizes: Style) -> None:
        self.exhibit, self.sizes, self.found = exhibit, sizes, exhibit.once(_distribution)
        size, small, inner = sizes.base, sizes.small, sizes.width - 2 * sizes.margin
        self.below_limits = exhibit.estimates.kind.below
        self.numeric = self.found.even or self.below_limits
        self.low, self.high = self._range()
        plot = (0.36 if sizes.height is None else 0.2) * sizes.width
        self.ticks = ticks_between(0.0, self.high, max(3, int(plot / (3.2 * small))))
        places = decimals(self.ticks)
        self.tick_texts = [loc.number(float(t), places, exhibit.lang) for t in self.ticks]
        self.left = sizes.margin + widest(self.tick_texts, small) + 0.7 * size
        # the last number of the axis below stands half beyond its end
        ends = self.found.limits[np.isfinite(self.found.limits)]
        last = loc.number(float(ends[-1]), decimals(ends), exhibit.lang) if self.numeric else ""
        self.plot = sizes.width - sizes.margin - max(0.8 * size, 0.5 * text_width(last, small)) - self.left
        self.told = fill(_told(exhibit), inner, small) if self.found.quantiles else []
        self.unit = wrap(self.found.unit, self.plot, small)
        count = len(self.found.names)
        self.names = [] if self.numeric else [wrap(t, self.plot / count - 2, small) for t in self.found.names]
        pitch = sizes.pitch(small)
        self.above = (1 + len(self.told)) * pitch + 1.4 * size
        lines = max((len(n) for n in self.names), default=1)
        self.below = (lines + len(self.unit)) * pitch + 1.1 * size
        self.height = self.above + plot + self.below

    def _range(self) -> tuple[float, float]:
        if self.below_limits:
            return shared_range(0.0, 100.0)
        top = np.fmax(self.found.share, self.found.high)
        return shared_range(0.0, float(np.nanmax(top)) * 1.04 if np.isfinite(top).any() else 10.0)

    def draw(self, canvas: Canvas, top: float, height: float) -> None:
        """The quartiles in words, then the axes, then bars or steps."""
        from survey.figures._text import Writer

        sizes, size, small, found = self.sizes, self.sizes.base, self.sizes.small, self.found
        pitch, lang = sizes.pitch(small), self.exhibit.lang
        top += canvas.block(sizes.margin, top, self.told, small, pitch)
        canvas.block(sizes.margin, top, [loc.word("percent_answers", lang)], small, pitch, colour=theme.SOFT)
        n = f"n = {loc.count(found.n, lang)}{mark(found.status, found.detail)}" if np.isfinite(found.n) else ""
        canvas.block(sizes.width - sizes.margin, top, [n], small, pitch, ha="right", colour=theme.SOFT)
        plot = height - self.above - self.below
        top += pitch + 1.4 * size
        axes = canvas.axes(self.left, top, self.plot, plot)
        axes.set(ylim=(0, self.high))
        for tick, text in zip(self.ticks, self.tick_texts, strict=True):
            axes.axhline(tick, color=theme.FAINT, linewidth=0.07 * size, zorder=0)
            y = top + plot * (1 - tick / self.high)
            canvas.middle(self.left - 0.5 * size, y, [text], small, pitch, ha="right", colour=theme.SOFT)
        if not np.isfinite(found.share).any():
            axes.set_xlim(0, 1)
            low = self.exhibit.thresholds[0]
            text = loc.word("empty", lang)
            if found.status == "suppressed":
                text = hidden_text(found.detail, lang, low, False)
            Writer(axes, small, "italic").write(0.5, self.high / 2, text, ha="center", colour=theme.SOFT)
        elif self.numeric:
            self._numbers(canvas, axes, top + plot)
        else:
            self._side_by_side(canvas, axes, top + plot)
        lines = max((len(name) for name in self.names), default=1)
        below = top + plot + 0.5 * size + lines * pitch + 0.2 * size
        canvas.block(self.left + self.plot / 2, below, self.unit, small, pitch, ha="center", colour=theme.SOFT)

    def _numbers(self, canvas: Canvas, axes: Axes, bottom: float) -> None:
        """Bars that touch, or steps, on an axis of numbers; the median as a line."""
        sizes, found, small = self.sizes, self.found, self.sizes.small
        limits = found.limits[np.isfinite(found.limits)]
        first, last = float(limits[0]), float(limits[-1])
        axes.set_xlim(first, last)
        if self.below_limits:
            self._steps(axes, first, last)
        else:
            middle, width = limits[:-1] + np.diff(limits) / 2, np.diff(limits)
            axes.bar(middle, found.share, width, color=_BAR, edgecolor="white", linewidth=0.1 * sizes.base, zorder=2)
            self._over(axes, middle, self.plot / len(middle))
        ticks = ticks_between(first, last, max(2, min(12, int(self.plot / (4.5 * small)))))
        places, pitch = decimals(ticks), sizes.pitch(small)
        for tick in ticks:
            x = self.left + self.plot * (tick - first) / (last - first)
            text = loc.number(float(tick), places, self.exhibit.lang)
            canvas.block(x, bottom + 0.4 * sizes.base, [text], small, pitch, ha="center", colour=theme.SOFT)
        for q in found.quantiles:
            if first <= q.value <= last:
                style: Any = "solid" if q.p == 0.5 else (0, (3, 2))
                axes.axvline(q.value, color=theme.INK, linewidth=0.13 * sizes.base, linestyle=style, zorder=4)

    def _steps(self, axes: Axes, first: float, last: float) -> None:
        """The distribution function is known at the limits; between them it is drawn straight, and is not known."""
        found, sizes = self.found, self.sizes
        x = self.found.limits[1:-1]
        axes.fill_between(x, found.low, found.high, color=_BAR, alpha=0.25, linewidth=0, zorder=1)
        ends = ([first, *x, last], [0, *found.share, 100]) if np.isfinite(found.limits[-1]) else (x, found.share)
        axes.plot(*ends, color=theme.SERIES[0], linewidth=0.16 * sizes.base, zorder=3)
        dots: dict[str, Any] = {"linestyle": "none", "marker": "o", "markersize": 0.5 * sizes.base, "zorder": 3}
        axes.plot(x, found.share, color=theme.SERIES[0], clip_on=False, **dots)

    def _side_by_side(self, canvas: Canvas, axes: Axes, bottom: float) -> None:
        sizes, found, count = self.sizes, self.found, len(self.names)
        axes.set_xlim(-0.5, count - 0.5)
        axes.bar(np.arange(count), found.share, 0.74, color=_BAR, linewidth=0, zorder=2)
        self._over(axes, np.arange(count), self.plot / count)
        for i, lines in enumerate(self.names):
            x = self.left + self.plot * (i + 0.5) / count
            canvas.block(x, bottom + 0.4 * sizes.base, lines, sizes.small, sizes.pitch(sizes.small), ha="center")

    def _over(self, axes: Axes, x: Any, room: float) -> None:
        """Intervals as lines, and numbers above them where there is room for all."""
        from survey.figures._text import ABOVE, Writer

        sizes, found = self.sizes, self.found
        thin = 0.12 * sizes.base
        axes.vlines(x, found.low, found.high, color=theme.INK, linewidth=thin, zorder=3)
        digits = self.exhibit.options.get("digits")
        texts = [loc.number(v, 0 if digits is None else digits, self.exhibit.lang) for v in found.share]
        if max(text_width(t, sizes.small) for t in texts) + 2 > room:
            return
        above = Writer(axes, sizes.small, at=ABOVE, shift=(0.0, 0.25 * sizes.base))
        for at, share, high, text in zip(x, found.share, found.high, texts, strict=True):
            if np.isfinite(share):
                y = np.fmax(share, high)
                above.write(at, y, text, ha="center", zorder=5)


def _told(exhibit: Exhibit) -> str:
    """ "Median 25 minutes (20–30); the middle half from 15 to 40"."""
    lang, found = exhibit.lang, exhibit.once(_distribution)
    e, digits = exhibit.options["quantiles"], exhibit.options.get("digits")
    measure = _labels.measures(e)[0]
    at = {q.p: q for q in found.quantiles}
    said = []
    if 0.5 in at:
        q = at[0.5]
        value = measure.with_interval(q.value, q.low, q.high, lang, digits)
        said.append(catalogue.text("histogram.median", lang, value=value))
    if 0.25 in at and 0.75 in at:
        low, high = (measure.value(at[p].value, lang, digits) for p in (0.25, 0.75))
        said.append(catalogue.text("histogram.half", lang, low=low, high=high))
    return loc.sentence("; ".join(said)) if said else ""


def _chart(exhibit: Exhibit) -> Chart | None:
    """Classes as upright bars; None of the share below each limit, which is no bar."""
    found, lang = exhibit.once(_distribution), exhibit.lang
    if exhibit.estimates.kind.below:
        return None
    numbers = np.c_[found.share, found.low, found.high] / 100
    n = f"; n = {loc.count(found.n, lang)}{mark(found.status, found.detail)}" if np.isfinite(found.n) else ""
    told = [catalogue.text("histogram.limits", lang)] if found.even else []
    told += [_told(exhibit)] if found.quantiles else []
    return columns_chart(found.names, numbers, _BAR, f"{found.unit}{n}", told, lang)


def _draw(exhibit: Exhibit, frame: str) -> Figure:
    return compose(exhibit, frame, lambda sizes: _HistogramBody(exhibit, sizes))


def _notes(exhibit: Exhibit) -> list[str]:
    e, lang, found = exhibit.estimates, exhibit.lang, exhibit.once(_distribution)
    level = loc.level_word(e.level, lang)
    key = "histogram.band" if e.kind.below else "histogram.lines"
    notes = [catalogue.text(key, lang, level=level)] if np.isfinite(found.low).any() else []
    if not e.kind.below and found.even:
        notes.append(catalogue.text("histogram.limits", lang))
    if found.quantiles and (found.even or e.kind.below):
        notes.append(catalogue.text("histogram.marks", lang))
    return notes


def _alt(exhibit: Exhibit) -> str:
    lang, found = exhibit.lang, exhibit.once(_distribution)
    key = "alt.cumulative" if exhibit.estimates.kind.below else "alt.histogram"
    head = catalogue.text(key, lang, title=loc.sentence(exhibit.title), n=len(found.names), unit=found.unit)
    if not np.isfinite(found.share).any():
        return " ".join([head, *left_out([found.unit], lang)])
    shares = zip(found.names, found.share, strict=True)
    told = "; ".join(f"{name}: {loc.number(x, 1, lang)}%" for name, x in shares)
    return " ".join(text for text in (head, told + ".", _told(exhibit) if found.quantiles else "") if text)


FORM = ExhibitKind(
    "histogram",
    "figure",
    _alt,
    _notes,
    draw=_draw,
    chart=_chart,
    parts=_distribution,
    shows="A histogram shows shares of classes of a number.",
    takes="the result of sample.histogram(...)",
    otherwise="use sample.histogram(...), or figures.likert for answers on a scale",
)
