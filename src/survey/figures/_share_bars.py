"""Shares as horizontal bars from zero, each with its interval and its numbers: options of a select-all question."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from survey.base.arguments import checked
from survey.codebook import Text
from survey.core.estimates_data import EstimatesData
from survey.errors import ExportError
from survey.exhibits import theme
from survey.exhibits.exhibit import Exhibit, ExhibitKind, exhibit_of
from survey.exhibits.theme import Style
from survey.figures import _intervals
from survey.figures._canvas import compose
from survey.figures._dots import Dot, dots_of
from survey.figures._intervals_body import IntervalsBody
from survey.figures._legend import Legend
from survey.figures._native import dots_chart
from survey.figures._shapes import draw_bars
from survey.words import labels as _labels

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["COLOURS", "bars"]


@checked(ExportError)
def bars(
    e: EstimatesData,
    *,
    lang: str | None = None,
    title: str | Text | None = None,
    caption: str | Text | None = None,
    subtitle: str | Text | None = None,
    series: str | None = None,
    sort: bool = True,
    width: str = "full",
    digits: int | None = None,
    labels: Mapping[str, str | Text] | None = None,
    name: str = "",
    suppress_below: int = _labels.SUPPRESS_BELOW,
    flag_below: int = _labels.FLAG_BELOW,
) -> Exhibit:
    """Sorted bars with intervals: the options of a select-all question, by group where there are groups.

    Parameters
    ----------
    e : Estimates
        The result of `sample.select_all(...)` or `sample.proportion(...)`.
    lang, title, caption, series, width, digits, labels, name, suppress_below, flag_below :
        As for `intervals`.
    sort : bool
        The largest share (of the last series) first; exclusive options ("none of these") stay last.

    Returns
    -------
    Exhibit

    Raises
    ------
    ExportError
        If the estimates are not shares, or `series` is not a grouping column or has more than four groups.
    """
    options = {
        "series": series,
        "sort": sort,
        "width": width,
        "digits": digits,
        "labels": labels,
        "suppress_below": suppress_below,
        "flag_below": flag_below,
    }
    return exhibit_of(FORM, e, lang, title, caption, name, options, subtitle)


COLOURS = ("#3f6fa8", "#f0b57d", "#7f9f5f", "#e0e0e0")
"""Light enough for the line of an interval, and any two at least 10 apart in CIELAB lightness: grey print tells them.

A thin dark edge tells the pale ones from the page and the band behind them.
"""


class _Body(IntervalsBody):
    """Rows of labels, bars and numbers."""

    def __init__(self, exhibit: Exhibit, sizes: Style) -> None:
        super().__init__(exhibit, sizes)
        if self.legend is not None:
            names = self.found.series
            self.legend = Legend(names, COLOURS[: len(names)], sizes, sizes.width - 2 * sizes.margin)

    def _range(self) -> tuple[float, float]:
        _, high = super()._range()
        return 0.0, max(high, 1.0)

    def _dot(self, axes: Axes, dot: Dot, y: float) -> None:
        if not np.isfinite(dot.estimate):
            return
        from matplotlib.collections import LineCollection

        thick, edge = 0.72 * self.line, 0.06 * self.sizes.base
        how: dict[str, Any] = {"facecolor": COLOURS[dot.series], "edgecolor": theme.SOFT, "linewidth": edge}
        draw_bars(axes, [y], [dot.estimate], thick, [0.0], zorder=2, **how)
        if np.isfinite(dot.low) and np.isfinite(dot.high):
            colour, thin, cap = theme.INK, 0.12 * self.sizes.base, 0.18 * thick
            ends = [[(x, y - cap), (x, y + cap)] for x in (dot.low, dot.high)]
            whisker = LineCollection([[(dot.low, y), (dot.high, y)], *ends], colors=colour, linewidths=thin, zorder=3)
            axes.add_collection(whisker, autolim=False)


def _draw(exhibit: Exhibit, frame: str) -> Figure:
    return compose(exhibit, frame, lambda sizes: _Body(exhibit, sizes))


FORM = ExhibitKind(
    "bars",
    "figure",
    lambda exhibit: _intervals.described(exhibit, "alt.bars"),
    _intervals.FORM.notes,
    draw=_draw,
    parts=dots_of,
    chart=dots_chart,
    shows="Bars from zero show shares, one per row.",
    takes="the result of sample.select_all(...) or sample.proportion(...)",
    otherwise="use figures.intervals or tables.table",
)
