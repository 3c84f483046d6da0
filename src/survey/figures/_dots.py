"""What a figure of dots shows: which estimate stands on which row, in which series, in which unit."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from survey.core.breakdowns import COLUMNS
from survey.core.result import ResultData
from survey.errors import ExportError, shorten
from survey.exhibits import theme
from survey.exhibits.exhibit import Exhibit
from survey.figures._result_rows import numbers_of, shared_unit
from survey.words import labels as _labels

__all__ = ["Dot", "Dots", "dots_of"]

_MOST_SERIES = len(theme.SERIES)


@dataclass(frozen=True, slots=True)
class Dot:
    """One estimate with its interval, in the units shown; `row` and `series` say where it stands."""

    row: int
    series: int
    estimate: float
    low: float
    high: float
    n: float
    status: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Dots:
    """All estimates, the labels of their rows and series, and their unit."""

    keys: list[tuple[str, ...]]
    series: list[str]
    dots: list[Dot]
    measure: _labels.Measure
    unit: str

    def at(self, row: int, series: int) -> Dot | None:
        """The estimate of a row and series, if there is one."""
        return next((d for d in self.dots if (d.row, d.series) == (row, series)), None)


def dots_of(exhibit: Exhibit) -> Dots:
    """What the figure shows, in order."""
    e, shown = exhibit.estimates, exhibit.rows()
    measure = _labels.common_measure(e)
    levels = [n for n in [*_labels.levels_of(e), "answer"] if n in e.table.columns]
    varying = _labels.varying(e)
    across = _series(exhibit, varying)
    down = [name for name in varying if name != across] or ([] if across else levels[-1:])
    if not down and across:
        down = [name for name in levels if name != across][:1]
    rows, series = _places(e, down), _places(e, [across] if across else [])
    keys: list[tuple[str, ...]] = [()] * (int(rows.max()) + 1)
    names = [""] * (int(series.max()) + 1)
    for i, labels in zip(rows, shown[down].itertuples(index=False, name=None), strict=True):
        keys[i] = _labels.under_headings(e, down, [str(label) for label in labels])
    if across:
        for j, label in zip(series, shown[across], strict=True):
            names[j] = str(label)
    numbers = numbers_of(exhibit, measure)
    n = shown["n"].to_numpy(float) if "n" in shown.columns else np.full(len(shown), np.nan)
    dots = [
        Dot(int(i), int(j), float(x[0]), float(x[1]), float(x[2]), float(count), str(status), str(detail))
        for i, j, x, count, status, detail in zip(
            rows, series, numbers, n, shown["status"], shown["detail"], strict=True
        )
    ]
    found = Dots(keys, names, dots, measure, shared_unit(exhibit, measure))
    return _sorted(found, _last(e, rows)) if exhibit.options.get("sort") else found


def _last(e: ResultData, rows: NDArray[np.int64]) -> set[int]:
    """Rows of options that exclude the others ("none of these"): they stand last, however large."""
    question = _labels.asked_as(e)
    if question is None or "item" not in e.table.columns:
        return set()
    return {int(row) for row, item in zip(rows, e.table["item"], strict=True) if item in question.exclusive}


def _places(e: ResultData, columns: list[str]) -> NDArray[np.int64]:
    """Number of the group each row is in, in the order of first appearance."""
    if not columns:
        return np.zeros(len(e.table), np.int64)
    group = e.table.groupby(columns, sort=False, dropna=False, observed=True).ngroup()
    return np.asarray(group, np.int64)


def _series(exhibit: Exhibit, varying: list[str]) -> str:
    """The column distinguished by markers; "" for none."""
    e, asked = exhibit.estimates, exhibit.options.get("series")
    possible = [name for name in varying if name in (*e.by, "contrast", "step")]
    if asked is None and e.breakdowns is not None:
        within = [name for name in possible if name not in COLUMNS]
        several = ["item"] if "item" in varying and "breakdown" in e.by else []
        asked = next((n for n in reversed([*several, *within]) if _few(e, n)), "")
    elif asked is None:
        asked = next((n for n in reversed(possible) if len(varying) > 1 and _few(e, n)), "")
    if asked and (asked not in [*e.by, "contrast", "item", "step"] or asked not in e.table.columns):
        raise ExportError(
            "The estimates have no such grouping column for series.",
            got=asked,
            expected=shorten(e.by) or "no groups at all",
        )
    if asked and not _few(e, asked):
        raise ExportError(
            "There are too many series to distinguish.",
            where=asked,
            got=f"{e.table[asked].nunique()} groups",
            expected=f"at most {_MOST_SERIES}",
            fix="choose another column for series",
        )
    return str(asked)


def _few(e: ResultData, name: str) -> bool:
    return bool(e.table[name].nunique(dropna=False) <= _MOST_SERIES)


def _sorted(found: Dots, last: set[int]) -> Dots:
    """Largest estimate of the last series first, inside each outermost group where there are several levels."""
    outer = {key: i for i, key in enumerate(dict.fromkeys(k[0] for k in found.keys))}
    nested = len(found.keys[0]) > 1

    def place(row: int) -> tuple[int, bool, bool, float]:
        dot = found.at(row, len(found.series) - 1)
        value = np.nan if dot is None else dot.estimate
        empty = bool(np.isnan(value))
        size = float(np.nan_to_num(value))
        first = size if found.measure.kind == "rank" else -size  # rank 1 is on top
        return (outer[found.keys[row][0]] if nested else 0, row in last, empty, first)

    order = sorted(range(len(found.keys)), key=place)
    dots = [replace(d, row=order.index(d.row)) for d in found.dots]
    return replace(found, keys=[found.keys[i] for i in order], dots=dots)
