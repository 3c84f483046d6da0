"""Charts that Excel draws itself, of the cells of their sheet: bars with intervals, stacked answers, lines."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from survey.base import catalogue
from survey.base.arrays import Array
from survey.exhibits import theme
from survey.exhibits.chart import BARS, COLUMNS, LINES, POINTS, STACKED, Chart, ChartSeries
from survey.exhibits.exhibit import Exhibit
from survey.tables._chart_pieces import lighter
from survey.tables._xlsx_book import FONT
from survey.tables._xlsx_page import Page

__all__ = ["chart_data", "chart_size", "in_points", "insert_chart"]

_THIN: dict[str, Any] = {"line": {"color": theme.INK, "width": 0.9}}
_DASHES = ("solid", "dash", "round_dot", "dash_dot")
_MARKERS = ("circle", "square", "triangle", "diamond")
_WIDTH, _MOST = 540, 1300
"""Pixels: how wide a chart is, and how high at most."""
_LONG, _LETTER, _WIDEST = 40, 5.0, 760
"""Letters of a name beyond which a chart is wider, by pixels for each, and how wide at most."""
_NAMED = 14
"""Columns that are named along the axis."""
_ROOM = 0.055
"""Share of a bar below which its number has no room."""


def chart_size(chart: Chart) -> tuple[int, int]:
    """Width and height of a chart in pixels."""
    if chart.kind in (LINES, COLUMNS, POINTS):
        return _WIDTH, 380
    longest = max(len(key[-1]) for key in chart.categories)
    width = round(min(_WIDTH + max(0, longest - _LONG) * _LETTER, _WIDEST))
    bars = len(chart.series) if chart.kind == BARS else 1
    lines = len(chart.categories) * max(26, 15 * bars + 10)
    return width, min(_MOST, 110 + lines + (20 if len(chart.series) > 1 else 0))


def in_points(chart: Chart | None, exhibit: Exhibit) -> Chart | None:
    """The chart as a workbook has its numbers: differences of shares in percentage points."""
    if chart is None or chart.number_format.endswith("%") or "estimate" not in exhibit.estimates.table.columns:
        return chart
    up = (chart.measures or exhibit.measures)[0].book_factor
    along = chart.measures[1].book_factor if chart.kind == POINTS else 1.0
    if up == along == 1.0:
        return chart

    def times(factor: float, numbers: Array | None) -> Array | None:
        return None if numbers is None else factor * numbers

    series = tuple(
        replace(
            one,
            values=up * one.values,
            low=times(up, one.low),
            high=times(up, one.high),
            across=times(along, one.across),
            across_low=times(along, one.across_low),
            across_high=times(along, one.across_high),
        )
        for one in chart.series
    )
    limits = None if chart.limits is None else (up * chart.limits[0], up * chart.limits[1])
    return replace(chart, series=series, limits=limits)


def chart_data(page: Page, chart: Chart, top: int) -> list[dict[str, Any]]:
    """Write what a chart shows from row `top` on; its series as ranges of these cells.

    Each series has a column; behind all of them each that has intervals has two more, of how far these reach.
    """
    book, sheet, lang = page.book, page.sheet, page.book.lang
    names = max(len(key) for key in chart.categories)
    columns: list[tuple[str, Array]] = [(one.name, one.values) for one in chart.series]
    along = names + len(columns)
    if chart.kind == POINTS:
        columns.append((chart.along, np.nanmax([x for one in chart.series if (x := one.across) is not None], axis=0)))
    reach: dict[tuple[int, str], int] = {}
    upright = "x" if chart.kind == BARS else "y"
    for i, one in enumerate(chart.series):
        both = [(upright, one.values, one.low, one.high)]
        both += [] if one.across is None else [("x", one.across, one.across_low, one.across_high)]
        for side, values, low, high in both:
            if low is None or high is None:
                continue
            reach[i, side] = names + len(columns)
            for way, distance in (("down", values - low), ("up", high - values)):
                told = catalogue.text(f"workbook.{way}", lang)
                parts = (one.name, chart.along if one.across is not None and side == "x" else "", told)
                columns.append((": ".join(x for x in parts if x), distance))
    head = book.style(bold=True, bottom=1, text_wrap=True, valign="top", font_size=8)
    small = book.style(font_size=8, text_wrap=True, valign="top")
    number = book.style(font_size=8, num_format=chart.number_format, valign="top")
    sheet.write_string(top, 0, catalogue.text("workbook.chart_data", lang), book.style(bold=True, font_size=8))
    for j, (name, _) in enumerate(columns, names):
        sheet.write_string(top + 1, j, name, head)
    page.row(top + 1, [(j, j, name) for j, (name, _) in enumerate(columns, names)], 8.0, bold=True)
    first = top + 2
    padded = [(*[""] * (names - len(key)), *key) for key in chart.categories]
    for i, labels in enumerate(padded):
        for j, text in enumerate(labels):
            if j == names - 1 or i == 0 or labels[j] != padded[i - 1][j]:
                sheet.write_string(first + i, j, text, small)
        page.row(first + i, [(j, j, text) for j, text in enumerate(labels)], 8.0)
        for j, (_, values) in enumerate(columns, names):
            if np.isfinite(values[i]):
                sheet.write_number(first + i, j, float(values[i]), number)
    last = first + len(chart.categories) - 1

    def cells(j: int) -> list[Any]:
        return [page.name, first, j, last, j]

    found: list[dict[str, Any]] = []
    for i, one in enumerate(chart.series):
        named: list[Any] | str = [page.name, top + 1, names + i] if one.name else ""
        below = cells(along) if chart.kind == POINTS else [page.name, first, 0, last, names - 1]
        found.append({"name": named, "categories": below, "values": cells(names + i)})
        for side in (s for s in "xy" if (i, s) in reach):
            minus, plus = (_formula(page.name, first, last, reach[i, side] + k) for k in (0, 1))
            found[-1][f"{side}_error_bars"] = {"type": "custom", "minus_values": minus, "plus_values": plus, **_THIN}
        if chart.kind == POINTS and not chart.joined:
            named_by = [
                {"value": _formula(page.name, first + k, first + k, names - 1)} for k in range(last - first + 1)
            ]
            found[-1]["data_labels"] = {"value": True, "custom": named_by, "position": "right", "font": _letters()}
    return found


def _formula(sheet: str, first: int, last: int, column: int) -> str:
    from xlsxwriter.utility import xl_range_formula

    return "=" + str(xl_range_formula(sheet, first, column, last, column))


def insert_chart(page: Page, exhibit: Exhibit, chart: Chart, ranges: list[dict[str, Any]], at: tuple[int, int]) -> None:
    """Put a chart beside its table, with the alternative text of its exhibit."""
    kinds: dict[str, dict[str, str]] = {
        BARS: {"type": "bar"},
        STACKED: {"type": "bar", "subtype": "stacked"},
        LINES: {"type": "line"},
        COLUMNS: {"type": "column"},
        POINTS: {"type": "scatter", "subtype": "straight_with_markers" if chart.joined else "marker_only"},
    }
    made = page.book.book.add_chart(kinds[chart.kind])
    for one, cells in zip(chart.series, ranges, strict=True):
        made.add_series({**cells, **_look(chart, one)})
    _axes(made, chart)
    made.set_title({"none": True})
    several = len(chart.series) > 1
    made.set_legend({"position": "bottom", "font": _letters()} if several else {"none": True})
    made.show_blanks_as("gap")
    width, height = chart_size(chart)
    made.set_size({"width": width, "height": height})
    page.sheet.insert_chart(*at, made, {"object_position": 2, "description": exhibit.alt, "x_offset": 4, "y_offset": 2})


def _letters(colour: str = theme.INK, **more: Any) -> dict[str, Any]:
    return {"name": FONT, "size": 8, "color": colour, **more}


def _look(chart: Chart, one: ChartSeries) -> dict[str, Any]:
    colour = one.colour
    if chart.kind == STACKED:
        labels = [{} if np.isfinite(x) and x >= _ROOM else {"delete": True} for x in one.values]
        font = _letters(theme.on(colour))
        shown = {"value": True, "num_format": chart.number_format, "font": font, "custom": labels}
        return {"fill": {"color": colour}, "border": {"color": "white", "width": 0.5}, "gap": 45, "data_labels": shown}
    if chart.joined:
        nth = [s.colour for s in chart.series].index(colour) % len(_MARKERS)
        marker = {"type": _MARKERS[nth], "size": 5, "fill": {"color": colour}, "border": {"color": colour}}
        return {"line": {"color": colour, "width": 2.0, "dash_type": _DASHES[nth]}, "marker": marker}
    if chart.kind == POINTS:
        kind = _MARKERS[[s.colour for s in chart.series].index(colour) % len(_MARKERS)]
        return {"marker": {"type": kind, "size": 7, "fill": {"color": colour}, "border": {"color": colour}}}
    if chart.kind == COLUMNS:
        return {"fill": {"color": lighter(colour)}, "border": {"color": colour, "width": 0.75}, "gap": 8}
    if chart.kind == BARS:
        edge = {"color": colour, "width": 0.75}
        look = {"fill": {"color": lighter(colour)}, "border": edge, "gap": 60}
        hollow = {"fill": {"none": True}, "border": edge}
        return look | ({"points": [hollow if x else None for x in one.hollow]} if any(one.hollow) else {})
    line = {"color": colour, "width": 1.0 if one.muted else 2.0}
    marker = {"type": "circle", "size": 5, "fill": {"color": colour}, "border": {"color": colour}}
    return {"line": line, "marker": {"type": "none"} if one.muted else marker}


def _axes(made: Any, chart: Chart) -> None:
    axis_format = "0%" if chart.number_format.endswith("%") else "General"
    values: dict[str, Any] = {
        "name": chart.axis,
        "name_font": _letters(theme.SOFT, bold=False),
        "num_font": _letters(theme.SOFT),
        "num_format": axis_format,
        "major_gridlines": {"visible": True, "line": {"color": theme.FAINT, "width": 0.5}},
        "line": {"none": True},
    }
    names: dict[str, Any] = {"num_font": _letters(), "line": {"color": theme.SOFT}, "major_tick_mark": "none"}
    numbers = [x for one in chart.series for x in (one.values, one.low) if x is not None]
    negative = any(np.nanmin(x, initial=0.0) < 0 for x in numbers)
    if chart.kind == POINTS:
        cross = chart.crossing
        up, across = (m.factor / m.book_factor for m in chart.measures) if chart.measures else (1.0, 1.0)
        share = chart.measures[1].pattern().endswith("%")
        below = {**values, "name": chart.along, "num_format": "0%" if share else "General"}
        line: dict[str, Any] = {"color": theme.SOFT, "width": 0.75} | ({"dash_type": "dash"} if cross else {})
        apart = {"line": line, "label_position": "low"}
        if chart.limits is not None:
            values |= {"min": chart.limits[0], "max": chart.limits[1]}
        # an axis is where the other one is crossed: dashed where that is a value of its own
        ends = (None, None) if cross is None else cross
        for put, axis, at, factor in (
            (made.set_x_axis, below, ends[0], across),
            (made.set_y_axis, values, ends[1], up),
        ):
            put(axis | apart | ({} if at is None else {"crossing": at / factor}))
        return
    if chart.kind in (LINES, COLUMNS):
        along = {"name": chart.along, "name_font": values["name_font"]} if chart.along else {}
        made.set_x_axis(names | along)
        if chart.kind == COLUMNS:  # programs leave intervals out of account
            highest = np.nanmax([x for one in chart.series for x in (one.values, one.high) if x is not None])
            values |= {"min": 0} | ({} if chart.measures else {"max": float(np.ceil(20 * highest) / 20)})
            made.set_x_axis(names | {"interval_unit": max(1, -(-len(chart.categories) // _NAMED))} | along)
        if chart.kind == LINES and chart.limits is not None:
            values |= {"min": chart.limits[0], "max": chart.limits[1]}
        made.set_y_axis(values)
        return
    if chart.kind == STACKED:
        values |= {"max": 1, "min": 0}
    elif chart.limits is not None and chart.limits[0] > 0:  # a scale from its lowest answer, as it is drawn
        values |= {"min": chart.limits[0], "max": chart.limits[1]}
    elif not negative:
        values |= {"min": 0}
    # the first category on top, the values below
    made.set_y_axis({**names, "reverse": True, "label_position": "low", "interval_unit": 1})
    made.set_x_axis({**values, "label_position": "high"})
