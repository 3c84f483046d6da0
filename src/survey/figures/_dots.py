"""What a figure of dots shows: which estimate stands on which row, in which series, in which unit."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from survey import _labels
from survey.errors import ExportError, some
from survey.figures import theme

if TYPE_CHECKING:
    from survey.estimates import Estimates
    from survey.exhibits import Exhibit

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
    levels = [*_labels.levels_of(e), *(["answer"] if "answer" in e.table.columns else [])]
    varying = [name for name in levels if e.table[name].nunique(dropna=False) > 1]
    across = _series(exhibit, varying)
    down = [name for name in varying if name != across] or ([] if across else levels[-1:])
    if not down and across:
        down = [name for name in levels if name != across][:1]
    raw_rows: list[tuple[Any, ...]] = [()]
    if down:
        raw_rows = list(dict.fromkeys(e.table[down].itertuples(index=False, name=None)))
    raw_series = list(dict.fromkeys(e.table[across])) if across else [None]
    dots: list[Dot] = []
    keys: list[tuple[str, ...]] = [()] * len(raw_rows)
    names = [""] * len(raw_series)
    for (_, raw), (_, row) in zip(e.table.iterrows(), shown.iterrows(), strict=True):
        i = raw_rows.index(tuple(raw[c] for c in down))
        j = raw_series.index(raw[across]) if across else 0
        keys[i] = tuple(str(row[c]) for c in down)
        names[j] = str(row[across]) if across else ""
        estimate, low, high = (measure.factor * float(row[c]) for c in ("estimate", "conf_low", "conf_high"))
        dots.append(Dot(i, j, estimate, low, high, float(row.get("n", np.nan)), str(row["status"])))
    shared = _labels.shared_difference(e, exhibit.lang)
    unit = measure.axis(exhibit.lang) + (f" ({shared})" if shared else "")
    found = Dots(keys, names, dots, measure, unit)
    return _sorted(found) if exhibit.options.get("sort") else found


def _series(exhibit: Exhibit, varying: list[str]) -> str:
    """The column told apart by markers; "" for none."""
    e, asked = exhibit.estimates, exhibit.options.get("series")
    possible = [name for name in varying if name in e.by or name == "contrast"]
    if asked is None:
        asked = next((n for n in reversed(possible) if len(varying) > 1 and _few(e, n)), "")
    if asked and (asked not in [*e.by, "contrast", "item"] or asked not in e.table.columns):
        raise ExportError(
            "There is no such grouping column to make series of.", got=asked, expected=some(e.by) or "no groups at all"
        )
    if asked and not _few(e, asked):
        raise ExportError(
            "Too many series to tell apart.", where=asked, got=f"{e.table[asked].nunique()} groups",
            expected=f"at most {_MOST_SERIES}", fix="choose another column for series",
        )  # fmt: skip
    return str(asked)


def _few(e: Estimates, name: str) -> bool:
    return bool(e.table[name].nunique(dropna=False) <= _MOST_SERIES)


def _sorted(found: Dots) -> Dots:
    """Largest estimate of the last series first, inside each outermost group where there are several levels."""
    outer = {key: i for i, key in enumerate(dict.fromkeys(k[0] for k in found.keys))}
    nested = len(found.keys[0]) > 1

    def place(row: int) -> tuple[int, bool, float]:
        dot = found.at(row, len(found.series) - 1)
        value = np.nan if dot is None else dot.estimate
        return (outer[found.keys[row][0]] if nested else 0, bool(np.isnan(value)), -float(np.nan_to_num(value)))

    order = sorted(range(len(found.keys)), key=place)
    dots = [replace(d, row=order.index(d.row)) for d in found.dots]
    return replace(found, keys=[found.keys[i] for i in order], dots=dots)
