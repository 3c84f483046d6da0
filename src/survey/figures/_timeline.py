"""Estimates of several waves as points: which wave each is of, where the wave stands in time, which line it is on."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from survey.base.names import composed_value
from survey.codebook import LANGUAGES, Codebook
from survey.core.result import ResultData
from survey.errors import ExportError, shorten
from survey.exhibits.exhibit import Exhibit
from survey.figures._result_rows import numbers_of
from survey.words import labels as _labels
from survey.words import locale as loc
from survey.words.phrases import is_period

__all__ = ["Point", "Timeline", "interval_text", "level_of", "timeline_of", "wave_column", "without_empty_waves"]

_YEAR = 365.25
_DATED = re.compile(r"(?:(?<!\d)(?P<month>0?[1-9]|1[0-2])\s*[/.-]\s*)?(?<!\d)(?P<year>(?:19|20)\d\d)(?!\d)")


@dataclass(frozen=True, slots=True)
class Point:
    """One estimate, in the units shown."""

    line: int
    wave: int
    estimate: float
    low: float
    high: float
    status: str
    detail: str
    row: int
    """Of the table."""


@dataclass(frozen=True, slots=True)
class Timeline:
    """Waves in their order, lines, and the points on them.

    Parameters
    ----------
    column : str
        The grouping column of waves.
    waves : list of str
        Labels of the waves.
    place : list of float
        Where each stands: years, or whatever `time` gives; 0, 1, 2, ... where nothing tells.
    lines : list of str
        Labels of the lines; [""] for a single one.
    keys : list of dict
        For each line, by column, what its rows have in common.
    """

    column: str
    waves: list[str]
    place: list[float]
    lines: list[str]
    keys: list[dict[str, Any]]
    points: list[Point]
    measure: _labels.Measure

    def on(self, line: int) -> list[Point]:
        """The points of a line that have an estimate, in the order of the waves."""
        own = (p for p in self.points if p.line == line and np.isfinite(p.estimate))
        return sorted(own, key=lambda p: p.wave)

    def pieces(self, line: int) -> list[list[Point]]:
        """The points of a line, parted where a wave between them has no estimate."""
        found: list[list[Point]] = []
        for p in self.on(line):
            if found and p.wave == found[-1][-1].wave + 1:
                found[-1].append(p)
            else:
                found.append([p])
        return found


def without_empty_waves(time: Timeline) -> Timeline:
    """The waves that have rows alone; a wave of the codebook between two others may have none."""
    kept = sorted({p.wave for p in time.points})
    if len(kept) == len(time.waves):
        return time
    at = {wave: i for i, wave in enumerate(kept)}
    points = [replace(p, wave=at[p.wave]) for p in time.points]
    return replace(time, waves=[time.waves[i] for i in kept], place=[time.place[i] for i in kept], points=points)


def wave_column(e: ResultData, asked: str | None) -> str:
    """The grouping column of waves: as asked, else the one that the codebook or its name calls a period, else the last.

    Raises
    ------
    ExportError
        If there are no groups, or none of that name.
    """
    if not e.by:
        raise ExportError(
            "There are no waves to draw.", got="estimates without groups", expected='by="wave", or by=[group, "wave"]'
        )
    if asked is not None and asked not in e.by:
        raise ExportError("The estimates have no such column of waves.", got=asked, expected=shorten(e.by))
    return asked or next((b for b in reversed(e.by) if is_period(e.codebook, b)), e.by[-1])


def timeline_of(exhibit: Exhibit) -> Timeline:
    """What a figure over waves shows. A wave of the codebook between others that nobody answered has a place too."""
    e, shown = exhibit.estimates, exhibit.rows()
    column = wave_column(e, exhibit.options.get("wave"))
    measure = _labels.common_measure(e)
    values, place = _in_time(e, column, exhibit.options.get("time"))
    at = {composed_value(v): i for i, v in enumerate(values)}
    others = [n for n in _labels.varying(e) if n != column]
    whole = list(e.table[others].itertuples(index=False, name=None)) if others else [()] * len(e.table)
    # two missing groups are one group
    keys = [tuple("–" if _missing(k) else k for k in key) for key in whole]
    number = {key: i for i, key in enumerate(dict.fromkeys(keys))}
    texts = list(shown[others].itertuples(index=False, name=None)) if others else [()] * len(e.table)
    names = [""] * len(number)
    points: list[Point] = []
    numbers = numbers_of(exhibit, measure)
    waves = e.table[column].tolist()
    for i, (key, text, wave, x, status, detail) in enumerate(
        zip(keys, texts, waves, numbers.tolist(), shown["status"], shown["detail"], strict=True)
    ):
        told = _labels.under_headings(e, others, [str(t) for t in text]) if others else ()
        names[number[key]] = ", ".join(t for t in told if t)
        points.append(Point(number[key], at[composed_value(wave)], x[0], x[1], x[2], str(status), str(detail), i))
    if len({(p.line, p.wave) for p in points}) < len(points):
        raise ExportError(
            "There are several estimates of one line in a wave.",
            got=shorten(e.table.columns),
            expected="one row for each wave and group",
        )
    labels = [_labels.group_label(e, column, v, exhibit.lang) for v in values]
    groups = [dict(zip(others, key, strict=True)) for key in number]
    return Timeline(column, labels, place, names, groups, points, measure)


def _missing(value: Any) -> bool:
    try:
        return bool(pd.isna(value))
    except (TypeError, ValueError):
        return False


def _in_time(e: ResultData, column: str, time: Mapping[Any, Any] | None) -> tuple[list[Any], list[float]]:
    """The waves in their order, with their places."""
    values = [v for v in dict.fromkeys(e.table[column].tolist()) if not _missing(v)]
    if not values or e.table[column].isna().any():
        raise ExportError(
            "Some estimates are of no wave.",
            where=column,
            got="a missing wave",
            expected="a wave for each row",
            fix='leave them out when estimating: where="' + column + ' is not missing"',
        )
    if time is not None:
        known = {composed_value(k): v for k, v in time.items()}
        absent = [str(v) for v in values if composed_value(v) not in known]
        if absent:
            raise ExportError("Some waves have no time.", where="time=", got=shorten(known), expected=shorten(absent))
        place = _numbers([known[composed_value(v)] for v in values], "time=")
        order = sorted(range(len(values)), key=place.__getitem__)
        return _apart([values[i] for i in order], [place[i] for i in order])
    codes = e.codebook.variables[column].codes if column in e.codebook.variables else ()
    if codes and all(v in codes for v in values):
        inside = [codes.index(v) for v in values]
        values = list(codes[min(inside) : max(inside) + 1])
    elif all(isinstance(v, int | float | pd.Timestamp | np.datetime64) for v in values):
        values.sort()
    dated = _dated(e.codebook, column, values)
    if dated is not None and all(a < b for a, b in pairwise(dated)):
        return values, dated
    return values, [float(i) for i in range(len(values))]


def _apart(values: list[Any], place: list[float]) -> tuple[list[Any], list[float]]:
    if any(a >= b for a, b in pairwise(place)):
        raise ExportError("Two waves have the same time.", where="time=", got=shorten(map(str, place)))
    return values, place


def _numbers(given: Sequence[Any], where: str) -> list[float]:
    """Numbers as they are, dates as years."""
    if all(isinstance(v, int | float | np.number) and not isinstance(v, bool) for v in given):
        found = [float(v) for v in given]
        if np.isfinite(found).all():
            return found
    try:
        days = [pd.Timestamp(v).tz_localize(None) for v in given]
    except (ValueError, TypeError):
        days = [pd.NaT]
    if any(pd.isna(d) for d in days):
        raise ExportError(
            "The time of a wave cannot be read.",
            where=where,
            got=shorten(map(str, given)),
            expected="numbers for all waves, or dates such as '2024-06-15' for all",
        )
    return [(d - days[0]) / pd.Timedelta(days=1) / _YEAR for d in days]


def _dated(book: Codebook, column: str, values: Sequence[Any]) -> list[float] | None:
    """When the waves were, where they are dates or years, or all their labels name one ("2021", "Tháng 8/2023")."""
    if all(isinstance(v, pd.Timestamp | np.datetime64) for v in values):
        return _numbers(values, column)
    labelled = column in book.variables and bool(book.variables[column].labels)
    plain = [v for v in values if isinstance(v, int | float) and not isinstance(v, bool)]
    if len(plain) == len(values) and not labelled:
        return [float(v) for v in plain]
    for lang in LANGUAGES:
        said = [_DATED.findall(book.label(column, v, lang) if labelled else str(v)) for v in values]
        if all(len(found) == 1 for found in said) and len({bool(found[0][0]) for found in said}) == 1:
            return [int(year) + ((int(month) - 0.5) / 12 if month else 0.0) for ((month, year),) in said]
    return None


def interval_text(timeline: Timeline, p: Point, lang: str, digits: int | None) -> str:
    """The estimate of a point with its interval."""
    f = timeline.measure.factor
    return timeline.measure.with_interval(p.estimate / f, p.low / f, p.high / f, lang, digits)


def level_of(exhibit: Exhibit) -> str:
    """The confidence level, as it is written."""
    return loc.level_word(exhibit.estimates.level, exhibit.lang)
