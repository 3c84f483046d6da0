"""Curves of a planned survey: power against the number of people asked, and whatever else was solved for."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from survey.base import catalogue
from survey.base.arguments import checked, in_range
from survey.base.arrays import Array
from survey.codebook import Text
from survey.errors import ExportError
from survey.exhibits import theme
from survey.exhibits.chart import Chart
from survey.exhibits.exhibit import Exhibit, ExhibitKind, exhibit_of
from survey.exhibits.theme import Style
from survey.figures._axis import decimals, horizontal, ticks_between
from survey.figures._canvas import Body, Canvas, compose, whole, widest, wrap
from survey.figures._native import points_chart
from survey.words import locale as loc
from survey.words import quantities
from survey.words.measure import Measure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

from survey.core.estimates_data import EstimatesData
from survey.core.summary import SummaryData

__all__ = ["power"]

_AXES = ("n", "effect", "margin_of_error", "power")
_MOST = 4
"""Curves whose names still find room at their ends."""
_DASHES = ("-", (0, (5, 2)), (0, (1.5, 1.5)), (0, (6, 2, 1.5, 2)))


@checked(ExportError)
def power(
    e: EstimatesData | SummaryData,
    *,
    target: float | None = 0.8,
    lang: str | None = None,
    title: str | Text | None = None,
    caption: str | Text | None = None,
    subtitle: str | Text | None = None,
    width: str = "full",
    name: str = "",
) -> Exhibit:
    """Curves of what `sv.power` found, against the number of people asked (or the effect), one for each other value.

    Parameters
    ----------
    e : Summary
        What `sv.power` returns for lists: n=[200, 400, ...], effect=[0.05, 0.1].
    target : float, optional
        A power to reach, a horizontal line where power is drawn; None for none.
    lang : {"vi", "en"}, optional
        The language set by `sv.language`, or Vietnamese, when not given.
    title, caption, subtitle : str or mapping of language to str, optional
        A title that is not given says what the result shows (see `survey.titles`), with the question as subtitle.
    width : {"full", "half", "slide"}
    name : str
        Name of exported files.

    Returns
    -------
    Exhibit

    Raises
    ------
    ExportError
        If the result is of something else, has one row only, or needs more than four curves.
    """
    if target is not None:
        message, expected = "The target must be a power.", "above 0, below 1"
        in_range(target, message, ExportError, where="target=", expected=expected, fits=lambda v: 0 < v < 1)
    return exhibit_of(FORM, e, lang, title, caption, name, {"width": width, "target": target}, subtitle)


@dataclass(frozen=True, slots=True)
class _Curves:
    """What is drawn: names of the columns on the axes, and for each curve its label, its points and their rows."""

    x: str
    y: str
    labels: list[str]
    points: list[tuple[Array, Array]]
    rows: list[list[int]]


def _curves(exhibit: Exhibit) -> _Curves:
    table = exhibit.estimates.table
    solved = str(table["solved"].iloc[0])
    y = "margin_of_error" if solved == "margin" else solved
    varying = [c for c in _AXES if c != y and c in table.columns and table[c].nunique() > 1]
    if not varying:
        raise ExportError(
            "A curve needs several points.",
            got="one value of each number",
            expected="a list of values, such as sv.power(..., n=[200, 400, 800])",
        )
    x, *other = varying
    groups = [((), table)] if not other else list(table.groupby(other[0], sort=True))
    if len(groups) > _MOST:
        raise ExportError(
            "There are too many curves to read.",
            got=f"{len(groups)} values of {other[0]}",
            expected=f"at most {_MOST}",
            fix="give fewer values of it",
        )
    labels, points, rows = [], [], []
    for _, part in groups:
        part = part.sort_values(x)
        labels.append(_label(exhibit, other[0], int(table.index.get_loc(part.index[0]))) if other else "")
        points.append((_scaled(exhibit, part[x], x), _scaled(exhibit, part[y], y)))
        rows.append([int(table.index.get_loc(i)) for i in part.index])
    return _Curves(x, y, labels, points, rows)


def _shares(exhibit: Exhibit, column: str) -> bool:
    """Whether a column is shown in per cent or percentage points."""
    unit = exhibit.estimates.table["unit"].iloc[0]
    return column in ("effect", "margin_of_error") and unit == "share"


def _scaled(exhibit: Exhibit, values: pd.Series, column: str) -> Array:
    factor = 100.0 if column == "power" or _shares(exhibit, column) else 1.0
    return factor * np.asarray(values, dtype=float)


def _label(exhibit: Exhibit, column: str, at: int) -> str:
    """What a curve is called: the number that it is of."""
    e, lang = exhibit.estimates, exhibit.lang
    name = loc.heading(column, lang)
    if column == "power":
        return f"{name} {loc.level_word(float(e.table[column].iloc[at]), lang)}"
    unit = f" {loc.word('percentage_points', lang)}" if _shares(exhibit, column) else ""
    return f"{name} {quantities.written(e, column, at, lang)}{unit}"


def _axis(exhibit: Exhibit, column: str) -> str:
    lang = exhibit.lang
    if column == "n":
        return catalogue.text("power.n", lang)
    unit = "%" if column == "power" else loc.word("percentage_points", lang) if _shares(exhibit, column) else ""
    return loc.heading(column, lang) + (f" ({unit})" if unit else "")


class _PowerBody(Body):
    def __init__(self, exhibit: Exhibit, sizes: Style) -> None:
        self.exhibit, self.sizes, self.curves = exhibit, sizes, exhibit.once(_curves)
        size, small = sizes.base, sizes.small
        self.pitch = sizes.pitch(small)
        self.letters = whole(self.curves.labels, 0.26 * sizes.width, small)
        self.names = [wrap(n, 0.26 * sizes.width, self.letters) if n else [] for n in self.curves.labels]
        lines = [line for name in self.names for line in name]
        self.name_width = widest(lines, small) + (0.6 * size if lines else 0)
        ys = np.concatenate([y for _, y in self.curves.points])
        self.top = 100.0 if self.curves.y == "power" else 1.05 * float(np.nanmax(ys))
        self.ticks = ticks_between(0.0, self.top, 5)
        self.numbers = [loc.number(float(t), decimals(self.ticks), exhibit.lang) for t in self.ticks]
        self.left = sizes.margin + widest(self.numbers, small) + 0.6 * size
        self.plot = sizes.width - sizes.margin - self.name_width - self.left - size
        self.head = wrap(_axis(exhibit, self.curves.y), self.plot, small)
        self.foot = wrap(_axis(exhibit, self.curves.x), self.plot, small)
        self.above = self.pitch * len(self.head) + 0.8 * size
        self.below = 1.6 * self.pitch + self.pitch * len(self.foot)
        names = self.pitch * len(lines)  # all of them fit beside the plot, one below the other
        self.height = self.above + max(names, min(0.55 * self.plot, 20 * size)) + self.below

    def draw(self, canvas: Canvas, top: float, height: float) -> None:
        """The curves, their names at their ends, the axis of y written above, that of x below."""
        size, small = self.sizes.base, self.sizes.small
        canvas.block(self.left, top, self.head, small, self.pitch, colour=theme.SOFT)
        plot_top, tall = top + self.above, height - self.above - self.below
        axes = canvas.axes(self.left, plot_top, self.plot, tall)
        self._axes(axes)
        for number, tick in zip(self.numbers, self.ticks, strict=True):
            y = plot_top + tall * (1 - float(tick) / self.top)
            canvas.middle(self.left - 0.4 * size, y, [number], small, self.pitch, ha="right", colour=theme.SOFT)
        ends = [plot_top + tall * (1 - float(y[-1]) / self.top) for _, y in self.curves.points]
        for name, centre in zip(self.names, self._apart(ends, plot_top + tall), strict=True):
            canvas.middle(self.left + self.plot + 0.5 * size, centre, name, self.letters, self.pitch)
        canvas.block(
            self.left + self.plot / 2,
            plot_top + tall + 1.6 * self.pitch,
            self.foot,
            small,
            self.pitch,
            ha="center",
            colour=theme.SOFT,
        )

    def _apart(self, ends: list[float], foot: float) -> list[float]:
        """Heights of the names: moved down until none covers another, then up from the foot of the plot."""
        out, order = list(ends), np.argsort(ends)
        half = [max(1, len(name)) * self.pitch / 2 for name in self.names]
        for one, other in pairwise(order):
            out[other] = max(out[other], out[one] + half[one] + half[other])
        for i in order:
            out[i] = min(out[i], foot - half[i])
        for other, one in pairwise(order[::-1]):
            out[one] = min(out[one], out[other] - half[one] - half[other])
        return out

    def _axes(self, axes: Axes) -> None:
        sizes, curves, exhibit = self.sizes, self.curves, self.exhibit
        xs = np.concatenate([x for x, _ in curves.points])
        low, high = float(xs.min()), float(xs.max())
        pad = 0.02 * (high - low)
        horizontal(axes, max(0.0, low - pad) if low >= 0 else low - pad, high + pad, self.plot, sizes, exhibit.lang)
        axes.set_ylim(0, self.top)
        for tick in self.ticks:
            axes.axhline(float(tick), color=theme.FAINT, linewidth=0.07 * sizes.base, zorder=0)
        axes.axhline(0, color=theme.SOFT, linewidth=0.1 * sizes.base, zorder=1, clip_on=False)
        target = exhibit.options.get("target")
        if curves.y == "power" and target is not None:
            axes.axhline(100 * target, color=theme.INK, linewidth=0.12 * sizes.base, zorder=2)
        for (x, y), colour, dash, marker in zip(curves.points, theme.SERIES, _DASHES, theme.MARKERS, strict=False):
            axes.plot(x, y, color=colour, linewidth=0.2 * sizes.base, linestyle=dash, zorder=3, clip_on=False)
            if len(x) <= 12:
                axes.plot(x, y, marker, color=colour, markersize=0.5 * sizes.base, zorder=4, clip_on=False)


def _draw(exhibit: Exhibit, frame: str) -> Figure:
    return compose(exhibit, frame, lambda sizes: _PowerBody(exhibit, sizes))


def _chart(exhibit: Exhibit) -> Chart:
    """Curves through their points; the axis along crosses at the power to reach."""
    curves = exhibit.once(_curves)
    rows = [row for own in curves.rows for row in own]
    of = [k for k, own in enumerate(curves.rows) for _ in own]
    points = np.full((len(rows), 6), np.nan)
    points[:, 0], points[:, 3] = (np.concatenate([p[j] for p in curves.points]) for j in (0, 1))
    groups = [
        (name, colour, [k == one for k in of])
        for one, (name, colour) in enumerate(zip(curves.labels, theme.SERIES, strict=False))
    ]
    up, along = (
        Measure("share", digits=1)
        if c == "power" or _shares(exhibit, c)
        else Measure("count", digits=0 if c == "n" else 1)
        for c in (curves.y, curves.x)
    )
    target = exhibit.options.get("target") if curves.y == "power" else None
    return points_chart(
        [curves.labels[k] for k in of],
        rows,
        points,
        groups,
        (along, up),
        (_axis(exhibit, curves.x), _axis(exhibit, curves.y)),
        (curves.x, curves.y),
        _notes(exhibit, "power.target_dashed"),
        None if target is None else (None, 100.0 * target),
        joined=True,
        limits=(0.0, 1.0) if curves.y == "power" else None,
    )


def _notes(exhibit: Exhibit, key: str = "power.target") -> list[str]:
    target = exhibit.options.get("target")
    if exhibit.once(_curves).y != "power" or target is None:
        return []
    said = f"{loc.heading('power', exhibit.lang).lower()} {loc.level_word(target, exhibit.lang)}"
    return [catalogue.text(key, exhibit.lang, target=said)]


def _alt(exhibit: Exhibit) -> str:
    lang, curves = exhibit.lang, exhibit.once(_curves)
    told = []
    for label, (x, y) in zip(curves.labels, curves.points, strict=True):
        (low, first), (high, last) = ((_number(a, lang), _number(b, lang)) for a, b in ((x[0], y[0]), (x[-1], y[-1])))
        name = label or _axis(exhibit, curves.y)
        told.append(catalogue.text("power.alt_curve", lang, name=name, first=first, low=low, last=last, high=high))
    head = catalogue.text(
        "power.alt",
        lang,
        title=loc.sentence(exhibit.title),
        n=len(told),
        y=_axis(exhibit, curves.y),
        x=_axis(exhibit, curves.x),
    )
    return f"{head} {loc.sentence('; '.join(told))}"


def _number(x: float, lang: str) -> str:
    return loc.number(float(x), 0 if float(x).is_integer() else 1 if abs(x) >= 10 else 2, lang)


FORM = ExhibitKind(
    "power",
    "figure",
    _alt,
    _notes,
    draw=_draw,
    chart=_chart,
    parts=_curves,
    shows="This figure needs a plan of sample size or power.",
    takes="what sv.power(...) returns for several values of n or effect",
)
