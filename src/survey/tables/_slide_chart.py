"""A chart as it stands on a slide: what `exhibits.chart` says of an exhibit, without what may not be shown.

A row that may not be shown is no category and in no workbook; a sentence names it. Small bases have their marks, and
numbers are in the units that are read (a share in %).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from survey.core.estimates_data import EstimatesData
from survey.exhibits.chart import BARS, COLUMNS, LINES, POINTS, STACKED, Chart, ChartSeries, chart_of
from survey.exhibits.exhibit import Exhibit
from survey.figures._axis import ticks_between
from survey.figures._share_bars import COLOURS
from survey.figures._vertical import rounded
from survey.words import labels
from survey.words import locale as loc
from survey.words.phrases import is_period
from survey.words.statuses import hidden_text, mark

__all__ = ["Point", "Series", "SlideChart", "absent_of", "slide_chart", "told_by"]

_TICKS, _MOST_LINES = 6, 8
_NAME, _WORD = 150, 36
"""Letters of a name in a chart, three lines at its left, and of a word of it, which charts do not break."""


@dataclass(frozen=True, slots=True)
class Point:
    """A number in the units shown, its interval (NaN for none), the row of the result, and the mark beside it.

    `hollow` of a bar: it is outlined. `column`: of the result, where it is not that of the chart. `across`, of a point:
    the number along and its interval.
    """

    value: float
    low: float
    high: float
    row: int
    mark: str = ""
    hollow: bool = False
    column: str = ""
    across: float = np.nan
    across_low: float = np.nan
    across_high: float = np.nan


@dataclass(frozen=True, slots=True)
class Series:
    """The numbers of one colour, one a category; None where there is none."""

    name: str
    colour: str
    points: tuple[Point | None, ...]


@dataclass(frozen=True, slots=True)
class SlideChart:
    """A chart on a slide.

    Parameters
    ----------
    kind : {"bars", "stacked", "lines", "columns", "points"}
        As of `exhibits.chart.Chart`.
    categories : tuple of str
    counts : tuple of int
        Row of the result whose number of answers stands in the name of each category; -1 where none does.
    headings : tuple of bool
        Which categories are headings of those below, without a number.
    series : tuple of Series
    unit : str
        What the axis measures, in words.
    digits : int
        Decimals of the numbers.
    low, high : float
        Ends of the axis.
    signed : bool
        Whether numbers are differences, and above zero have a plus.
    along : str
        What the axis of categories measures, or of points that along.
    left, right : float
        Of points: ends of the axis along.
    columns, crossing, joined :
        As of `exhibits.chart.Chart`.
    pale : bool
        Whether bars have an edge and are pale inside: some may be hollow, or lines of intervals run through numbers.
    """

    kind: str
    categories: tuple[str, ...]
    counts: tuple[int, ...]
    headings: tuple[bool, ...]
    series: tuple[Series, ...]
    unit: str
    digits: int
    low: float
    high: float
    signed: bool = False
    along: str = ""
    left: float = 0.0
    right: float = 0.0
    columns: tuple[str, str] = ("estimate", "")
    crossing: tuple[float | None, float | None] | None = None
    joined: bool = False
    pale: bool = False

    @property
    def points(self) -> Iterator[Point]:
        """Every number."""
        return (p for s in self.series for p in s.points if p is not None)

    @property
    def has_intervals(self) -> bool:
        """Whether any number has an interval."""
        return any(np.isfinite([p.low, p.high]).all() for p in self.points)

    @property
    def marks(self) -> str:
        """The marks that stand beside numbers."""
        return "".join(p.mark for p in self.points) + "".join(self.categories) + self.along

    def part(self, first: int, last: int) -> SlideChart:
        """The same chart with some of its categories; the heading of the first stands again above it."""
        places = list(range(first, last))
        if not self.headings[first]:
            above = [i for i in range(first) if self.headings[i]]
            places = [*above[-1:], *places]
        return replace(
            self,
            categories=tuple(self.categories[i] for i in places),
            counts=tuple(self.counts[i] for i in places),
            headings=tuple(self.headings[i] for i in places),
            series=tuple(replace(s, points=tuple(s.points[i] for i in places)) for s in self.series),
        )


def told_by(p: Point, columns: tuple[str, str]) -> Iterator[tuple[str, str]]:
    """Each number that a point of a chart shows, as evidence calls it, and the column of the result that it is in."""
    numbers = (
        ("", p.column or columns[0], p.value, p.low, p.high),
        ("along", columns[1], p.across, p.across_low, p.across_high),
    )
    for what, column, value, low, high in numbers:
        ends = ("conf_low", "conf_high") if column == "estimate" else (f"{column}_low", f"{column}_high")
        if np.isfinite(value):
            yield what or "value", column
        if np.isfinite([low, high]).all():
            yield from zip((f"{what} low".strip(), f"{what} high".strip()), ends, strict=True)


def slide_chart(exhibit: Exhibit) -> SlideChart | None:
    """The chart of an exhibit; None where its form has none of office programs, or nothing in it may be shown.

    None too of more lines than can be told apart by colours and a legend: a picture names them where they end.
    """
    return exhibit.once(_slide_chart)


def _slide_chart(exhibit: Exhibit) -> SlideChart | None:
    chart = chart_of(exhibit)
    if chart is None or (chart.kind == LINES and len(chart.series) > _MOST_LINES):
        return None
    return _drawn(exhibit, chart)


def absent_of(exhibit: Exhibit) -> tuple[str, ...]:
    """Sentences that name the rows that are not drawn, each kind of them after its reason."""
    chart = chart_of(exhibit)
    if chart is None:
        return ()
    lang, rows = exhibit.lang, exhibit.rows()
    found: dict[str, list[str]] = {}
    for i, category in enumerate(chart.categories):
        for one in chart.series[:1] if chart.kind == STACKED else chart.series:
            at = one.rows[i]
            if at < 0 or np.isfinite(one.values[i]):
                continue
            status, detail = str(rows["status"].iloc[at]), str(rows["detail"].iloc[at])
            hidden = status == "suppressed"
            why = hidden_text(detail, lang, exhibit.thresholds[0], short=False) if hidden else loc.word("empty", lang)
            own = "" if chart.kind == STACKED else one.name
            found.setdefault(why, []).append(", ".join(short_name(x) for x in (*category, own) if x))
    lines = [f"{why[:1].upper()}{why[1:]}: {'; '.join(dict.fromkeys(places))}." for why, places in found.items()]
    return tuple(lines)


def short_name(text: str) -> str:
    """A name as a chart has room for it."""
    text = re.sub(rf"\S{{{_WORD + 1},}}", lambda found: f"{found[0][: _WORD - 1]}…", text)
    return text if len(text) <= _NAME else f"{text[: _NAME - 1].rstrip()}…"


def _drawn(exhibit: Exhibit, chart: Chart) -> SlideChart:
    rows, lang = exhibit.rows(), exhibit.lang
    stacked = chart.kind == STACKED
    each = [np.isfinite(s.values) for s in chart.series]
    shown = np.all(each, axis=0) if stacked else np.any(each, axis=0)
    points = chart.kind == POINTS
    measure = chart.measures[0] if chart.measures else exhibit.measures[0]
    over_time = _over_time(exhibit, chart)
    counted = stacked or (_one_number(exhibit, chart) and not over_time)
    shown = shown | (chart.kind == COLUMNS)  # classes and days keep their distance
    categories, counts, headings, places = _named(chart.categories, shown)
    status, detail = rows["status"].tolist(), rows["detail"].tolist()
    n = rows["n"].to_numpy(float, na_value=np.nan) if "n" in rows.columns else np.full(len(rows), np.nan)
    if counted:
        for i, at in places.items():
            row = next(s.rows[i] for s in chart.series if s.rows[i] >= 0)
            if np.isfinite(n[row]):
                of_many = "" if stacked else str(detail[row])  # a bar is of many shares
                told = loc.count(float(n[row]), lang) + mark(str(status[row]), of_many)
                categories[at], counts[at] = f"{categories[at]} (n{loc.NBSP}={loc.NBSP}{told})", row
    unit = chart.axis
    colours = (
        COLOURS
        if chart.kind == BARS and not over_time and not chart.measures
        else tuple(s.colour for s in chart.series)
    )
    series = []
    for one, colour in zip(chart.series, colours, strict=False):
        placed: list[Point | None] = [None] * len(categories)
        for i, at in places.items():
            row = one.rows[i]
            if row >= 0 and np.isfinite(one.values[i]):
                unmarked = counts[at] >= 0 or chart.kind in (STACKED, COLUMNS, POINTS)
                marked = "" if unmarked else mark(str(status[row]), str(detail[row]))
                placed[at] = _point(one, i, measure.factor, marked, chart.measures[1].factor if points else 1.0)
        series.append(Series(short_name(one.name) or unit, colour, tuple(placed)))
    digits = 0 if stacked or (chart.kind == COLUMNS and not chart.measures) else measure.digits
    given = exhibit.options.get("digits")
    made = SlideChart(
        LINES if over_time else chart.kind,
        tuple(categories),
        tuple(counts),
        tuple(headings),
        tuple(series),
        unit,
        digits if given is None else int(given),
        0.0,
        100.0,
        measure.difference,
        chart.along,
        columns=chart.columns,
        crossing=chart.crossing,
        joined=chart.joined,
        pale=chart.kind == BARS and (measure.difference or any(one.hollow for one in chart.series)),
    )
    ends = [x for p in made.points for x in (p.value, p.low, p.high)]
    if points:
        scale = chart.limits and tuple(measure.factor * x for x in chart.limits)
        low, high = scale or _around(ends)
        left, right = _around([x for p in made.points for x in (p.across, p.across_low, p.across_high)])
        return replace(made, low=low, high=high, left=left, right=right)
    if made.kind == LINES:
        low, high = rounded(ends, measure, _TICKS)
    else:
        low, high = (
            (0.0, 100.0) if stacked else _around([0.0, *ends]) if chart.kind == COLUMNS else _range(measure, made)
        )
    return replace(made, low=low, high=high)


def _one_number(exhibit: Exhibit, chart: Chart) -> bool:
    """Whether each row of bars is on one number of answers: of one series, or of one beside its reference."""
    if chart.kind != BARS or not isinstance(exhibit.estimates, EstimatesData):
        return False
    first, *others = (one.rows for one in chart.series)
    return all(row in (-1, own) for rows in others for row, own in zip(rows, first, strict=True))


def _over_time(exhibit: Exhibit, chart: Chart) -> bool:
    """Whether a chart of one series goes from period to period, and so is a line."""
    e = exhibit.estimates
    if chart.kind != BARS or chart.measures or not isinstance(e, EstimatesData):
        return False
    levels = labels.varying(e, labels.levels_of(e))
    return len(chart.series) == 1 and len(levels) == 1 and levels[0] in e.by and is_period(e.codebook, levels[0])


def _point(one: ChartSeries, i: int, factor: float, marked: str, along: float = 1.0) -> Point:
    low, high = (np.nan if ends is None else factor * float(ends[i]) for ends in (one.low, one.high))
    across = (one.across, one.across_low, one.across_high)
    return Point(
        factor * float(one.values[i]),
        low,
        high,
        one.rows[i],
        marked,
        bool(one.hollow and one.hollow[i]),
        one.columns[i] if one.columns else "",
        *(np.nan if x is None else along * float(x[i]) for x in across),
    )


def _named(keys: Sequence[tuple[str, ...]], shown: Any) -> tuple[list[str], list[int], list[bool], dict[int, int]]:
    """Names of categories with headings among them, rows of their counts, which are headings, and where each stands."""
    names: list[str] = []
    headings: list[bool] = []
    places: dict[int, int] = {}
    before = ""
    for i, key in enumerate(keys):
        if not shown[i]:
            continue
        head = key[0] if len(key) > 1 else ""
        if head and head != before:
            names.append(f"{short_name(head)}:")
            headings.append(True)
        before = head
        places[i] = len(names)
        names.append(short_name(key[-1]))
        headings.append(False)
    return names, [-1] * len(names), headings, places


def _range(measure: Any, chart: SlideChart) -> tuple[float, float]:
    """Ends of the axis: those of the scale, or round numbers around what is drawn, with zero."""
    if not measure.difference and measure.kind == "share":
        return 0.0, 100.0
    if not measure.difference and measure.limits is not None and measure.kind in ("score", "scale"):
        return float(measure.limits[0]), float(measure.limits[1])
    return _around([0.0, *(x for p in chart.points for x in (p.value, p.low, p.high))])


def _around(numbers: Sequence[float]) -> tuple[float, float]:
    """Round numbers around what is drawn."""
    drawn = [x for x in numbers if np.isfinite(x)]
    low, high = min(drawn), max(drawn)
    if low == high:
        return low, low + 1.0
    ticks = ticks_between(low, high, _TICKS)
    step = float(ticks[1] - ticks[0]) if len(ticks) > 1 else high - low
    return float(np.floor(low / step + 1e-9) * step), float(np.ceil(high / step - 1e-9) * step)
