"""Dots, bars, lines, classes and points as charts that office programs draw: the same rows, series and colours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from survey.base.arrays import Array
from survey.exhibits import theme
from survey.exhibits.chart import BARS, COLUMNS, LINES, POINTS, STACKED, Chart, ChartSeries, two_levels
from survey.exhibits.exhibit import Exhibit
from survey.figures._bars import bars_of
from survey.figures._dots import dots_of
from survey.figures._series import COLOURS, MUTED
from survey.figures._timeline import Timeline
from survey.figures._vertical import rounded
from survey.words import locale as loc
from survey.words.measure import Measure

__all__ = ["Row", "bars_chart", "columns_chart", "dots_chart", "lines_chart", "points_chart", "rows_chart"]


def dots_chart(exhibit: Exhibit) -> Chart | None:
    """Estimates with intervals as bars from zero; None of ranks and ratios, whose bars would begin nowhere."""
    found = exhibit.once(dots_of)
    if found.measure.kind == "rank" or found.measure.null:
        return None
    numbers = np.full((len(found.series), len(found.keys), 3), np.nan)
    rows = np.full(numbers.shape[:2], -1)
    for i, dot in enumerate(found.dots):
        numbers[dot.series, dot.row] = (dot.estimate, dot.low, dot.high)
        rows[dot.series, dot.row] = i
    series = tuple(
        _series(name, numbers[j], rows[j], theme.SERIES[j], found.measure) for j, name in enumerate(found.series)
    )
    digits = exhibit.options.get("digits")
    return Chart(
        BARS, two_levels(found.keys), series, found.measure.pattern(digits), found.unit, _limits(found.measure)
    )


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """A series of `rows_chart`: its name and colour, and for each row of the figure what it shows there.

    `numbers` is (rows, 3): the value and its interval, in the units shown; `rows` are those of the result, -1 for none.
    """

    name: str
    colour: str
    numbers: Array
    rows: Sequence[int]
    hollow: Sequence[bool] = ()
    columns: Sequence[str] = ()


def rows_chart(
    keys: Sequence[tuple[str, ...]],
    series: Sequence[Row],
    measure: Measure,
    axis: str,
    told: Sequence[str],
    digits: int | None = None,
) -> Chart | None:
    """Rows of a figure (a forest, a ranking, ...) as bars from zero or from the lowest answer, the first on top.

    None where an interval has no end: office programs draw none there.
    """
    if any(np.isinf(one.numbers).any() for one in series):
        return None
    made = []
    for one in series:
        found = _series(one.name, one.numbers, np.asarray(one.rows, int), one.colour, measure)
        hollow = tuple(bool(x and np.isfinite(value)) for x, value in zip(one.hollow, found.values, strict=False))
        made.append(replace(found, hollow=hollow, columns=tuple(one.columns)))
    return Chart(
        BARS,
        two_levels(keys),
        tuple(made),
        measure.pattern(digits),
        axis,
        _limits(measure),
        measures=(measure,),
        told=tuple(loc.sentence(text) for text in told if text),
    )


def bars_chart(exhibit: Exhibit) -> Chart:
    """Answers as bars of shares that add up to 1, the lowest answer at the left."""
    found = exhibit.once(bars_of)
    colours = theme.diverging(len(found.codes))
    series = tuple(
        ChartSeries(
            answer,
            np.array([bar.shares[j] / 100 for bar in found.rows]),
            tuple(bar.at[j] for bar in found.rows),
            colours[j],
        )
        for j, answer in enumerate(found.answers)
    )
    axis = loc.word("percent_answers", exhibit.lang)
    return Chart(STACKED, two_levels([bar.key for bar in found.rows]), series, "0%", axis, (0.0, 1.0))


def lines_chart(exhibit: Exhibit, time: Timeline, out: Sequence[int] | None = None) -> Chart:
    """Estimates of several waves as lines, on an axis as it is drawn; those that do not stand out are grey."""
    out = range(len(time.lines)) if out is None else out
    order = [*out, *(i for i in range(len(time.lines)) if i not in out)]
    numbers = np.full((len(time.lines), len(time.waves), 3), np.nan)
    rows = np.full(numbers.shape[:2], -1)
    for p in time.points:
        numbers[p.line, p.wave] = (p.estimate, p.low, p.high)
        rows[p.line, p.wave] = p.row
    series = tuple(
        _series(
            time.lines[i],
            numbers[i],
            rows[i],
            COLOURS[place % len(COLOURS)] if i in out else MUTED,
            time.measure,
            muted=i not in out,
        )
        for place, i in enumerate(order)
    )
    unit = time.measure.axis(exhibit.lang)
    digits = exhibit.options.get("digits")
    waves = tuple((wave,) for wave in time.waves)
    low, high = (x / time.measure.factor for x in rounded(numbers.ravel(), time.measure))
    return Chart(LINES, waves, series, time.measure.pattern(digits), unit, (low, high))


def columns_chart(
    names: Sequence[str],
    numbers: Array,
    colour: str,
    along: str,
    told: Sequence[str],
    lang: str,
    counted: tuple[Sequence[int], Measure, str, str] | None = None,
) -> Chart:
    """Classes as upright bars: `numbers` is (classes, 3), a share in 0-1 and its interval.

    Of `counted` numbers: rows of the result, their measure, what the axis says, the column of the result.
    """
    whole = np.isfinite(numbers).all(axis=1)
    low, high = (np.where(whole, numbers[:, k], np.nan) for k in (1, 2))
    ends = (low, high) if whole.any() else (None, None)
    keys = tuple((n,) for n in names)
    if counted is None:
        one = ChartSeries("", numbers[:, 0], tuple(range(len(names))), colour, ends[0], ends[1])
        axis = loc.word("percent_answers", lang)
        return Chart(COLUMNS, keys, (one,), "0%", axis, along=along, told=tuple(told))
    rows, measure, axis, column = counted
    one = ChartSeries("", numbers[:, 0], tuple(rows), colour, ends[0], ends[1], columns=(column,) * len(keys))
    return Chart(COLUMNS, keys, (one,), measure.pattern(), axis, along=along, measures=(measure,), told=tuple(told))


def points_chart(
    names: Sequence[str],
    rows: Sequence[int],
    points: Array,
    groups: Sequence[tuple[str, str, Sequence[bool]]],
    measures: tuple[Measure, Measure],
    axes: tuple[str, str],
    columns: tuple[str, str],
    told: Sequence[str],
    crossing: tuple[float | None, float | None] | None = None,
    *,
    joined: bool = False,
    limits: tuple[float, float] | None = None,
) -> Chart:
    """Points of two numbers, a series a group.

    Parameters
    ----------
    names : sequence of str
    rows : sequence of int
        Of the result.
    points : array of floats
        (points, 6): along, its interval, upwards, its interval, in the units shown.
    groups : sequence of (name, colour, which points)
    measures, axes, columns : tuples of two
        Of the numbers along and upwards: measures, names of the axes, columns of the result.
    told, crossing, joined, limits :
        As of `Chart`.
    """
    along, up = measures
    series = []
    for name, colour, mine in groups:
        own = np.where(np.asarray(mine, bool)[:, None], points, np.nan)
        x, x_low, x_high = (own[:, k] / along.factor for k in range(3))
        y, low, high = (own[:, k] / up.factor for k in range(3, 6))
        at = tuple(row if k else -1 for row, k in zip(rows, mine, strict=True))
        series.append(ChartSeries(name, y, at, colour, *_ends(low, high), False, x, *_ends(x_low, x_high)))
    return Chart(
        POINTS,
        tuple((name,) for name in names),
        tuple(series),
        up.pattern(),
        axes[1],
        limits,
        along=axes[0],
        measures=(up, along),
        columns=(columns[1], columns[0]),
        crossing=crossing,
        joined=joined,
        told=tuple(told),
    )


def _ends(low: Array, high: Array) -> tuple[Array | None, Array | None]:
    """Ends of intervals, where any has both."""
    whole = np.isfinite(low) & np.isfinite(high)
    return (np.where(whole, low, np.nan), np.where(whole, high, np.nan)) if whole.any() else (None, None)


def _series(
    name: str, numbers: Array, rows: Array, colour: str, measure: Measure, *, muted: bool = False
) -> ChartSeries:
    """Numbers in the unit shown, (categories, 3), as a series in the unit of the result."""
    values, low, high = (numbers[:, k] / measure.factor for k in range(3))
    whole = np.isfinite(low) & np.isfinite(high) & np.isfinite(values)
    low, high = (np.where(whole, x, np.nan) for x in (low, high))
    shown = bool(whole.any()) and not muted
    rows_of = tuple(int(i) for i in rows)
    return ChartSeries(name, values, rows_of, colour, low if shown else None, high if shown else None, muted)


def _limits(measure: Measure) -> tuple[float, float] | None:
    if measure.limits is None or measure.difference:
        return None
    low, high = measure.limits
    return low / measure.factor, high / measure.factor
