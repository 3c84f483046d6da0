"""Estimates of several waves as lines through dots, each dot with its interval."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from survey.base import catalogue
from survey.base.arguments import checked
from survey.codebook import Text
from survey.core.estimates_data import EstimatesData
from survey.core.summary import SummaryData
from survey.errors import ExportError
from survey.exhibits import theme
from survey.exhibits.exhibit import Exhibit, ExhibitKind, exhibit_of
from survey.exhibits.theme import Style
from survey.figures._axis import decimals, ticks_between
from survey.figures._canvas import Body, Canvas, compose, whole, widest, wrap
from survey.figures._legend import MarkerLegend, marker
from survey.figures._native import lines_chart
from survey.figures._page import shared_range
from survey.figures._result_rows import plain_unit
from survey.figures._timeline import Timeline, interval_text, level_of, timeline_of, without_empty_waves
from survey.words import labels as _labels
from survey.words import locale as loc

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["waves"]

_MOST_SERIES = len(theme.SERIES)
_APART = 0.09
"""Of the distance between neighbouring waves: how far apart series stand, so that their intervals do not cover."""


@checked(ExportError)
def waves(
    e: EstimatesData | SummaryData,
    *,
    lang: str | None = None,
    title: str | Text | None = None,
    caption: str | Text | None = None,
    subtitle: str | Text | None = None,
    wave: str | None = None,
    time: Mapping[Any, float] | None = None,
    width: str = "full",
    digits: int | None = None,
    labels: Mapping[str, str | Text] | None = None,
    name: str = "",
    suppress_below: int = _labels.SUPPRESS_BELOW,
    flag_below: int = _labels.FLAG_BELOW,
) -> Exhibit:
    """Lines over waves: means or shares of each wave with their intervals, a line for each group or item.

    Parameters
    ----------
    e : Estimates
        With the wave among its groups: sample.mean(items, by=["pilot", "wave"]).
    wave : str, optional
        The grouping column of waves; when not given the one that the codebook or its name calls a period, else the
        last.
    time : mapping of wave to number, optional
        Where each wave stands on the axis (2021, 2022.5, 2025), so that unequal distances show; otherwise evenly.
    width : {"full", "half", "slide"}
    digits : int, optional
        Decimals of the axis of numbers.
    suppress_below, flag_below : int
        Results on fewer answers are left out (and said to be), or get a note.
    lang, title, caption, subtitle, labels, name :
        As for `intervals`.

    Returns
    -------
    Exhibit

    Raises
    ------
    ExportError
        If there are no groups, more than four lines, items in different units, or a wave has no time.
    """
    options = {
        "wave": wave,
        "time": time,
        "width": width,
        "digits": digits,
        "labels": labels,
        "suppress_below": suppress_below,
        "flag_below": flag_below,
    }
    return exhibit_of(FORM, e, lang, title, caption, name, options, subtitle)


def _lines_of(exhibit: Exhibit) -> Timeline:
    found = without_empty_waves(timeline_of(exhibit))
    if len(found.lines) > _MOST_SERIES:
        raise ExportError(
            "There are too many lines to distinguish.",
            got=f"{len(found.lines)} lines",
            expected=f"at most {_MOST_SERIES}",
            fix="estimate fewer groups or items, or use figures.intervals",
        )
    return found if exhibit.options.get("time") else replace(found, place=[float(i) for i in range(len(found.waves))])


class _WavesBody(Body):
    def __init__(self, exhibit: Exhibit, sizes: Style) -> None:
        self.exhibit, self.sizes, self.found = exhibit, sizes, exhibit.once(_lines_of)
        found, size, small = self.found, sizes.base, sizes.small
        inner = sizes.width - 2 * sizes.margin
        self.legend = (
            MarkerLegend(found.lines, theme.SERIES[: len(found.lines)], sizes, inner) if len(found.lines) > 1 else None
        )
        unit = found.measure.axis(exhibit.lang)
        self.unit = wrap(unit, inner, small) if unit else []
        self.low, self.high = self._range()
        plot = (0.8 if sizes.stacked else 0.42 if sizes.height is None else 0.4) * sizes.width
        self.ticks = ticks_between(self.low, self.high, max(3, int(plot / (3.2 * small))))
        if found.measure.limits is not None and not found.measure.difference:
            low, high = found.measure.limits
            self.ticks = self.ticks[(self.ticks >= low) & (self.ticks <= high)]
        wanted = exhibit.options.get("digits")
        places = decimals(self.ticks) if wanted is None else wanted
        self.tick_texts = [loc.number(float(t), places, exhibit.lang) for t in self.ticks]
        self.left = sizes.margin + widest(self.tick_texts, small) + 0.8 * size
        self.width = sizes.width - sizes.margin - 1.0 * size - self.left
        x = self._places()
        gaps = np.diff(x) if len(x) > 1 else np.array([self.width])
        room = float(min(gaps.min(), 2 * (x[0] + 1.5 * size), 2 * (self.width - x[-1] + 1.5 * size)))
        room = max(0.95 * room, 4 * small)
        self.letters = whole(found.waves, room, small)
        self.names = [wrap(text, room, self.letters) for text in found.waves]
        pitch = sizes.pitch(small)
        self.above = (self.legend.height + 0.4 * size if self.legend else 0.0) + pitch * len(self.unit) + 0.4 * size
        self.below = 0.6 * size + pitch * max(len(lines) for lines in self.names)
        self.height = self.above + plot + self.below

    def _places(self) -> Any:
        """Where the waves stand, in points from the left of the plot."""
        place = np.asarray(self.found.place, float)
        pad = max(0.08 * self.width, 3 * self.sizes.base)
        span = place.max() - place.min()
        share = (place - place.min()) / span if span > 0 else np.full(len(place), 0.5)
        return pad + share * (self.width - 2 * pad)

    def _range(self) -> tuple[float, float]:
        found = self.found
        values = [x for p in found.points for x in (p.estimate, p.low, p.high) if np.isfinite(x)]
        if found.measure.no_difference is not None:
            values.append(found.measure.factor * found.measure.no_difference)
        values = values or list(found.measure.limits or (0.0, 1.0))
        low, high = min(values), max(values)
        # a nearly empty range would blow up noise: at least a tenth of the scale is shown
        least = (found.measure.limits[1] - found.measure.limits[0]) / 10 if found.measure.limits else 0.04 * abs(high)
        extra = max(least - (high - low), 0) / 2
        pad = 0.06 * (high - low + 2 * extra) or 1.0
        return shared_range(low - extra - pad, high + extra + pad)

    def draw(self, canvas: Canvas, top: float, height: float) -> None:
        sizes, size, small = self.sizes, self.sizes.base, self.sizes.small
        pitch = sizes.pitch(small)
        if self.legend:
            self.legend.draw(canvas, sizes.margin, top)
        plot_top, plot = top + self.above, height - self.above - self.below
        canvas.block(
            sizes.margin, plot_top - 0.4 * size - pitch * len(self.unit), self.unit, small, pitch, colour=theme.SOFT
        )
        axes = canvas.axes(self.left, plot_top, self.width, plot)
        axes.set(xlim=(0, self.width), ylim=(self.low, self.high))
        for tick, text in zip(self.ticks, self.tick_texts, strict=True):
            axes.plot([0, self.width], [tick, tick], color=theme.FAINT, linewidth=0.07 * size, zorder=0)
            y = plot_top + plot * (1 - (tick - self.low) / (self.high - self.low))
            canvas.middle(self.left - 0.6 * size, y, [text], small, pitch, ha="right", colour=theme.SOFT)
        null = self.found.measure.no_difference
        if null is not None:
            level = self.found.measure.factor * null
            axes.plot([0, self.width], [level, level], color=theme.INK, linewidth=0.1 * size, zorder=1)
        x = self._places()
        self._draw_lines(axes, x)
        for lines, place in zip(self.names, x, strict=True):
            canvas.block(self.left + place, plot_top + plot + 0.5 * size, lines, self.letters, pitch, ha="center")

    def _draw_lines(self, axes: Axes, x: Any) -> None:
        size, count = self.sizes.base, len(self.found.lines)
        step = min(_APART * (float(np.diff(x).min()) if len(x) > 1 else self.width), 1.4 * size)
        for s in range(count):
            own = sorted((p for p in self.found.points if p.line == s), key=lambda p: p.wave)
            at = [float(x[p.wave]) + (s - (count - 1) / 2) * step for p in own]
            colour = theme.SERIES[s]
            # a wave that is not shown breaks the line
            axes.plot(at, [p.estimate for p in own], color=colour, linewidth=0.12 * size, alpha=0.6, zorder=1)
            for place, p in zip(at, own, strict=True):
                if not np.isfinite(p.estimate):
                    continue
                if np.isfinite(p.low) and np.isfinite(p.high):
                    axes.plot(
                        [place] * 2,
                        [p.low, p.high],
                        color=colour,
                        linewidth=0.17 * size,
                        solid_capstyle="butt",
                        zorder=2,
                    )
                axes.plot([place], [p.estimate], linestyle="none", zorder=3, clip_on=False, **marker(s, self.sizes))


def _draw(exhibit: Exhibit, frame: str) -> Figure:
    return compose(exhibit, frame, lambda sizes: _WavesBody(exhibit, sizes))


def _notes(exhibit: Exhibit) -> list[str]:
    e, lang = exhibit.estimates, exhibit.lang
    some = "conf_low" in e.table.columns and bool(np.isfinite(e.table["conf_low"].to_numpy(float)).any())
    return [loc.word("ci_note_vertical", lang, level=loc.level_word(e.level, lang))] if some else []


def _described(exhibit: Exhibit) -> str:
    """Each line from its first to its last wave, with intervals."""
    lang, found = exhibit.lang, exhibit.once(_lines_of)
    digits, unit = exhibit.options.get("digits"), plain_unit(found.measure, lang)
    title, level = loc.sentence(exhibit.title), level_of(exhibit)
    said = [catalogue.text("alt.waves", lang, level=level, title=title, n=len(found.waves), unit=unit)]
    for s, name in enumerate(found.lines):
        own = found.on(s)
        some = [own[0], own[-1]] if len(own) > 4 else own
        told = [f"{found.waves[p.wave]} {interval_text(found, p, lang, digits)}" for p in some]
        if told:
            said.append((f"{name}: " if name else "") + "; ".join(told) + ".")
    return " ".join(said)


FORM = ExhibitKind(
    "waves",
    "figure",
    _described,
    _notes,
    draw=_draw,
    parts=_lines_of,
    chart=lambda exhibit: lines_chart(exhibit, exhibit.once(_lines_of)),
    shows="Lines over waves show one estimate of each wave.",
    takes='the result of sample.mean(..., by="wave") or a similar method',
    otherwise="use figures.intervals",
)
