"""What a chart that Excel and PowerPoint draw themselves shows of an exhibit, before it is either."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from survey.base.arrays import Array
from survey.words.measure import Measure

if TYPE_CHECKING:
    from survey.exhibits.exhibit import Exhibit

__all__ = ["BARS", "COLUMNS", "LINES", "POINTS", "STACKED", "Chart", "ChartSeries", "chart_of", "two_levels"]

BARS, STACKED, LINES, COLUMNS, POINTS = "bars", "stacked", "lines", "columns", "points"


@dataclass(frozen=True, slots=True, eq=False)
class ChartSeries:
    """What is drawn in one colour.

    Parameters
    ----------
    name : str
        In the exhibit's language; "" for the only one.
    values : array of floats
        A number for each category, unrounded and in the units of the result (a share in 0-1, a score in points); NaN
        where nothing may be shown or there is nothing.
    rows : tuple of int
        Of the result, from 0, that each value is in; -1 for none. Its evidence is `exhibit.row.estimate`.
    colour : str
        "#1f5590".
    low, high : array of floats, optional
        Ends of the intervals, NaN where there is none; not given where no value has one.
    muted : bool
        Only the background of others.
    across, across_low, across_high : array of floats, optional
        Of points: the number along, and its interval.
    hollow : tuple of bool
        Of bars: which are outlined and not filled, as a test does not show them; () for none.
    columns : tuple of str
        Of the result: the column that each value is in, its interval in `<column>_low` and `_high`; () for that of the
        chart.
    """

    name: str
    values: Array
    rows: tuple[int, ...]
    colour: str
    low: Array | None = None
    high: Array | None = None
    muted: bool = False
    across: Array | None = None
    across_low: Array | None = None
    across_high: Array | None = None
    hollow: tuple[bool, ...] = ()
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart of a kind that office programs have.

    Parameters
    ----------
    kind : {"bars", "stacked", "lines", "columns", "points"}
        Horizontal bars side by side with intervals; horizontal bars of shares that add up to 1; lines over waves;
        upright bars of classes; points of two numbers, whose names are the categories.
    categories : tuple of tuple of str
        (label,) or (heading, label): the first on top, or at the left.
    series : tuple of ChartSeries
    number_format : str
        As Excel writes number formats: "0.0%".
    axis : str
        What the values are measured in: "%", "điểm (thang 0–100)"; "" for nothing.
    limits : tuple of two floats, optional
        The ends of the scale of the values, in their units; of lines those of the axis.
    along : str
        What the axis of categories or of the numbers along measures; "" for nothing.
    measures : tuple of Measure
        Of points: of the numbers upwards and along. Of others: of the values, where it is not that of the result.
    columns : tuple of two str
        Of points: the columns of the result that both are in; their intervals are in `<column>_low` and `_high`.
    crossing : tuple of two floats, optional
        Of points: where the axes cross (along, upwards), in the units shown; None for an end of the axis.
    joined : bool
        Of points: whether those of a series lie on a curve, and are not named one by one.
    told : tuple of str
        Sentences that a reader needs beside it.
    """

    kind: str
    categories: tuple[tuple[str, ...], ...]
    series: tuple[ChartSeries, ...]
    number_format: str
    axis: str = ""
    limits: tuple[float, float] | None = None
    along: str = ""
    measures: tuple[Measure, ...] = ()
    columns: tuple[str, str] = ("estimate", "")
    crossing: tuple[float | None, float | None] | None = None
    joined: bool = False
    told: tuple[str, ...] = ()


def chart_of(exhibit: Exhibit) -> Chart | None:
    """The chart of an exhibit; None where its form has none of these kinds, or nothing in it may be shown."""
    return exhibit.once(_chart)


def _chart(exhibit: Exhibit) -> Chart | None:
    found: Chart | None = None if exhibit.form.chart is None else exhibit.form.chart(exhibit)
    if found is None or not any(np.isfinite(one.values).any() for one in found.series):
        return None
    return found


def two_levels(keys: Sequence[Sequence[str]]) -> tuple[tuple[str, ...], ...]:
    """Labels of rows as a chart takes them: at most a heading and a label; headings only where there are several."""
    cut = [(key[0], ", ".join(t for t in key[1:] if t)) if len(key) > 1 else (*key, "")[:1] for key in keys]
    if len({key[0] for key in cut}) == 1 and all(len(key) == 2 for key in cut):
        return tuple(key[1:] for key in cut)
    return tuple(cut)
