"""Responses by day: bars of each day and the line of all so far; by ward or interviewer, a row of bars each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from survey.base import catalogue
from survey.base.arguments import checked
from survey.base.arrays import Array
from survey.codebook import Text
from survey.core.summary import SummaryData
from survey.errors import ExportError
from survey.exhibits import theme
from survey.exhibits.chart import Chart
from survey.exhibits.exhibit import Exhibit, ExhibitKind, exhibit_of
from survey.exhibits.theme import Style
from survey.figures._axis import ticks_between
from survey.figures._canvas import Body, Canvas, compose, text_width, widest
from survey.figures._native import columns_chart
from survey.figures._stub import Stub
from survey.words import locale as loc
from survey.words.measure import Measure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["fieldwork"]

_MOST, _MOST_ON_A_SLIDE = 40, 12
_BAR = "#4d7ab0"
_BETWEEN = "…"
_BREAK = 2
"""Width of a break between two periods of fieldwork, in days."""


@checked(ExportError)
def fieldwork(
    e: SummaryData,
    *,
    sort: bool = False,
    most: int | None = None,
    lang: str | None = None,
    title: str | Text | None = None,
    caption: str | Text | None = None,
    subtitle: str | Text | None = None,
    width: str = "full",
    labels: Mapping[str, str | Text] | None = None,
    name: str = "",
) -> Exhibit:
    """Draw responses by day: each day and all so far, or a row of bars for each ward or interviewer.

    Parameters
    ----------
    e : Summary
        Of `responses.by_day(...)`.
    sort : bool
        Groups by their number of responses, the largest first; otherwise in their order.
    most : int, optional
        Groups shown; a note says how many are left out. When not given: 40, on a slide 12.
    lang, title, caption, subtitle, labels, name :
        As for `intervals`.
    width : {"full", "half", "slide"}

    Returns
    -------
    Exhibit

    Raises
    ------
    ExportError
        If this is not a result of `by_day`.
    """
    options = {"sort": sort, "most": most, "width": width, "labels": labels}
    return exhibit_of(FORM, e, lang, title, caption, name, options, subtitle)


@dataclass(frozen=True, slots=True)
class _Row:
    key: tuple[str, ...]
    responses: Array

    @property
    def total(self) -> int:
        return int(self.responses.sum())


@dataclass(frozen=True, slots=True)
class _Days:
    """Days, where each stands (breaks are narrow), the number of responses a day of each group."""

    days: list[pd.Timestamp]
    place: Array
    rows: list[_Row]
    left_out: int

    @property
    def breaks(self) -> list[float]:
        """Middles of the breaks."""
        gaps = np.flatnonzero(np.diff(self.place) > 1)
        return [float((self.place[i] + self.place[i + 1]) / 2) for i in gaps]


def _days_of(exhibit: Exhibit) -> _Days:
    e, shown = exhibit.estimates, exhibit.rows()
    days = sorted(e.table["day"].unique())
    stamps = [pd.Timestamp(d) for d in days]
    apart = [0, *((b - a).days for a, b in pairwise(stamps))]
    place = np.cumsum([min(gap, 1 + _BREAK) if gap > 1 else gap for gap in apart]).astype(float)
    at = {d: i for i, d in enumerate(days)}
    groups = [b for b in e.by if b != "day"]
    rows = []
    found = e.table.groupby(groups, sort=False, dropna=False, observed=True) if groups else [((), e.table)]
    for _, part in found:
        responses = np.zeros(len(days))
        responses[[at[d] for d in part["day"]]] = part["responses"].to_numpy(float)
        label = tuple(str(shown.loc[part.index[0], g]) for g in groups)
        rows.append(_Row(label, responses))
    if exhibit.options.get("sort"):
        rows.sort(key=lambda r: -r.total)
    most = exhibit.options.get("most") or (_MOST if exhibit.style.height is None else _MOST_ON_A_SLIDE)
    return _Days(stamps, place, rows[:most], max(len(rows) - most, 0))


class _FieldworkBody(Body):
    def __init__(self, exhibit: Exhibit, sizes: Style) -> None:
        self.exhibit, self.sizes, self.found = exhibit, sizes, exhibit.once(_days_of)
        lang, size, small = exhibit.lang, sizes.base, sizes.small
        self.single = len(self.found.rows) == 1 and not self.found.rows[0].key
        self.pitch = sizes.pitch(small)
        self.largest = max(float(max(r.responses.max() for r in self.found.rows)), 1.0)
        total = max(r.total for r in self.found.rows)
        self.ticks = [ticks_between(0.0, top, 4) for top in (float(total), self.largest)]
        self.tick_texts = [[loc.count(float(t), lang) for t in ticks if t == int(t)] for ticks in self.ticks]
        self.ticks = [ticks[ticks == np.round(ticks)] for ticks in self.ticks]
        if self.single:
            self.left = sizes.margin + max(widest(t, small) for t in self.tick_texts) + 0.7 * size
            self.totals, self.total_width = [], 0.8 * size
        else:
            self.stub = Stub([r.key for r in self.found.rows], sizes, 0.3, 2.0 * size)
            self.totals = [loc.count(r.total, lang) for r in self.found.rows]
            self.total_width = widest([*self.totals, loc.word("total", lang)], small) + 1.0 * size
            self.left = sizes.margin + self.stub.width
        self.plot = sizes.width - sizes.margin - self.total_width - self.left
        unit = (0.17 if sizes.height is None else 0.1) * sizes.width
        self.parts = [unit, 0.8 * unit] if self.single else [self.stub.height]
        self.above = self.pitch * 1.3
        self.below = self.pitch * 2.0 + 0.5 * size
        between = self.above + 0.8 * size
        self.height = self.above + sum(self.parts) + (len(self.parts) - 1) * between + self.below
        self.between = between

    def draw(self, canvas: Canvas, top: float, height: float) -> None:
        """All so far above, each day below; or a row of bars a group."""
        sizes, lang, small = self.sizes, self.exhibit.lang, self.sizes.small
        stretch = (height - (self.height - sum(self.parts))) / sum(self.parts)
        if self.single:
            row = self.found.rows[0]
            for part, (head, values) in enumerate(
                (("fieldwork.cumulative", np.cumsum(row.responses)), ("fieldwork.daily", row.responses))
            ):
                canvas.block(sizes.margin, top, [catalogue.text(head, lang)], small, self.pitch, colour=theme.SOFT)
                top += self.above
                axes = self._plot(canvas, top, stretch * self.parts[part], float(values.max()), part)
                if part == 0:
                    self._line(axes, values)
                else:
                    axes.bar(self.found.place, values, 0.82, color=_BAR, linewidth=0, zorder=2)
                top += stretch * self.parts[part] + (0.8 * sizes.base if part == 0 else 0.0)
        else:
            top = self._groups(canvas, top, stretch)
        self._dates(canvas, top + 0.4 * sizes.base)

    def _plot(self, canvas: Canvas, top: float, height: float, most: float, part: int) -> Axes:
        """Axes over all days with a few lines of numbers."""
        size = self.sizes.base
        axes = canvas.axes(self.left, top, self.plot, height)
        axes.set(xlim=(-0.7, self.found.place[-1] + 0.7), ylim=(0, 1.03 * max(most, 1.0)))
        for tick, text in zip(self.ticks[part], self.tick_texts[part], strict=True):
            axes.axhline(tick, color=theme.FAINT, linewidth=0.07 * size, zorder=0)
            y = top + height * (1 - tick / (1.03 * max(most, 1.0)))
            where = self.left - 0.5 * size
            canvas.middle(where, y, [text], self.sizes.small, self.pitch, ha="right", colour=theme.SOFT)
        self._breaks(axes)
        return axes

    def _breaks(self, axes: Axes) -> None:
        for x in self.found.breaks:
            axes.axvline(x, color=theme.SOFT, linewidth=0.1 * self.sizes.base, linestyle=(0, (1, 2)), zorder=1)

    def _line(self, axes: Axes, values: Array) -> None:
        """All so far; broken where the fieldwork was."""
        place = self.found.place
        for own in np.split(np.arange(len(place)), np.flatnonzero(np.diff(place) > 1) + 1):
            axes.plot(place[own], values[own], color=theme.SERIES[0], linewidth=0.2 * self.sizes.base, zorder=3)
            if len(own) == 1:
                axes.plot(place[own], values[own], "o", color=theme.SERIES[0], markersize=0.5 * self.sizes.base)

    def _groups(self, canvas: Canvas, top: float, stretch: float) -> float:
        sizes, lang, small = self.sizes, self.exhibit.lang, self.sizes.small
        right = sizes.width - sizes.margin
        head = catalogue.text("fieldwork.daily_most", lang, most=loc.count(self.largest, lang))
        canvas.block(self.left, top, [head], small, self.pitch, colour=theme.SOFT)
        canvas.block(right, top, [loc.word("total", lang)], small, self.pitch, ha="right", colour=theme.SOFT)
        top += self.above
        rows = stretch * self.parts[0]
        slots = self.stub.slots(rows)
        self.stub.draw(canvas, sizes.margin, top, rows)
        axes = canvas.axes(self.left, top, self.plot, rows)
        axes.set(xlim=(-0.7, self.found.place[-1] + 0.7), ylim=(rows, 0))
        self._breaks(axes)
        for row, slot, text in zip(self.found.rows, slots, self.totals, strict=True):
            floor = slot.top + 0.94 * slot.height
            tall = 0.84 * slot.height * row.responses / self.largest
            axes.bar(self.found.place, -tall, 0.82, bottom=floor, color=_BAR, linewidth=0, zorder=2)
            axes.axhline(floor, color=theme.FAINT, linewidth=0.08 * sizes.base, zorder=1)
            canvas.middle(right, top + slot.centre, [text], small, self.pitch, ha="right")
        return top + rows

    def _dates(self, canvas: Canvas, top: float) -> None:
        """The first day of each period, and as many others as fit; the year below the first of each."""
        small = self.sizes.small
        place, days = self.found.place, self.found.days
        low, wide = -0.7, place[-1] + 1.4
        first = [0, *(np.flatnonzero(np.diff(place) > 1) + 1).tolist()]
        room = text_width("00/00", small) + 0.9 * small
        # where labels stand above their rows the plot begins at the margin, and half of a date would be off the page
        edge = self.sizes.margin + widest(["00/00", "0000"], small) / 2
        taken: list[float] = []
        for i in [*first, *(k for k in range(len(days)) if k not in first)]:
            x = max(self.left + self.plot * (place[i] - low) / wide, edge)
            if any(abs(x - other) < room for other in taken):
                continue
            taken.append(x)
            day = catalogue.text("fieldwork.short_day", self.exhibit.lang, day=f"{days[i]:%d}", month=f"{days[i]:%m}")
            texts = [day, f"{days[i]:%Y}"] if i in first else [day]
            canvas.block(x, top, texts, small, self.pitch, ha="center", colour=theme.SOFT)


def _draw(exhibit: Exhibit, frame: str) -> Figure:
    return compose(exhibit, frame, lambda sizes: _FieldworkBody(exhibit, sizes))


def _chart(exhibit: Exhibit) -> Chart | None:
    """Each day as a column, breaks as empty ones; None of several groups, which have a row of bars each."""
    found, lang, table = exhibit.once(_days_of), exhibit.lang, exhibit.estimates.table
    if len(found.rows) != 1 or found.rows[0].key:
        return None
    place = found.place.astype(int)
    names, rows = [_BETWEEN] * (place[-1] + 1), [-1] * (place[-1] + 1)
    numbers = np.full((len(names), 3), np.nan)
    row_of = {pd.Timestamp(day): i for i, day in enumerate(table["day"])}
    for at, day, responses in zip(place, found.days, found.rows[0].responses, strict=True):
        short = catalogue.text("fieldwork.short_day", lang, day=f"{day:%d}", month=f"{day:%m}")
        first = at == 0 or names[at - 1] == _BETWEEN
        names[at], rows[at] = f"{short}/{day:%Y}" if first else short, row_of.get(day, -1)
        numbers[at, 0] = responses
    told = [catalogue.text("fieldwork.counts", lang)]
    told += [catalogue.text("fieldwork.breaks_empty", lang, mark=_BETWEEN)] if _BETWEEN in names else []
    axis = catalogue.text("fieldwork.daily", lang)
    return columns_chart(names, numbers, _BAR, "", told, lang, (rows, Measure("count", digits=0), axis, "responses"))


def _notes(exhibit: Exhibit) -> list[str]:
    found, lang = exhibit.once(_days_of), exhibit.lang
    notes = [catalogue.text("fieldwork.counts", lang)]
    if found.breaks:
        notes.append(catalogue.text("fieldwork.breaks", lang))
    if found.left_out:
        notes.append(catalogue.text("fieldwork.left_out", lang, n=found.left_out))
    return notes


def _alt(exhibit: Exhibit) -> str:
    """From when to when, how many, the fullest day; of groups the most and the least."""
    lang, found = exhibit.lang, exhibit.once(_days_of)
    together = np.sum([r.responses for r in found.rows], axis=0)
    at = int(together.argmax())
    said = [
        catalogue.text(
            "alt.fieldwork",
            lang,
            title=loc.sentence(exhibit.title),
            n=int(together.sum()),
            first=loc.date(found.days[0].date(), lang),
            last=loc.date(found.days[-1].date(), lang),
            day=loc.date(found.days[at].date(), lang),
            most=loc.count(float(together[at]), lang),
        )
    ]
    if len(found.rows) > 1:
        best, worst = max(found.rows, key=lambda r: r.total), min(found.rows, key=lambda r: r.total)
        ends = (f"{', '.join(r.key)}: {loc.count(r.total, lang)}" for r in (best, worst))
        said.append(catalogue.text("alt.intervals_ends", lang, highest=next(ends), lowest=next(ends)))
    return " ".join(said)


FORM = ExhibitKind(
    "fieldwork",
    "figure",
    _alt,
    _notes,
    draw=_draw,
    chart=_chart,
    parts=_days_of,
    shows="This figure shows responses by day.",
    takes="the result of responses.by_day(...)",
    otherwise="use tables.table, or the figure made for this result",
)
