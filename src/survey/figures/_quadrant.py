"""Importance against performance: each predictor as a point, marked by the quadrant it is certain to stand in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from survey.base import catalogue
from survey.base.arguments import checked
from survey.base.arrays import Array
from survey.codebook import LANGUAGES, Text
from survey.core.estimates_data import EstimatesData
from survey.core.summary import SummaryData
from survey.errors import ExportError
from survey.exhibits import theme
from survey.exhibits.chart import Chart
from survey.exhibits.exhibit import Exhibit, ExhibitKind, exhibit_of
from survey.exhibits.theme import Style
from survey.figures._canvas import Canvas, compose
from survey.figures._legend import Legend, marker
from survey.figures._native import points_chart
from survey.figures._scatter_body import ScatterBody
from survey.words import labels as _labels
from survey.words import locale as loc
from survey.words.measure import Measure
from survey.words.parts import quoted
from survey.words.quadrant_sentence import PLACES, outcome_of, quadrants_said
from survey.words.statuses import mark

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["quadrant"]

_SERIES = {"improve": 1, "keep": 0, "later": 2, "maintain": 3}
"""Markers of the theme, which differ in shape and filling as well as in colour."""


@checked(ExportError)
def quadrant(
    e: EstimatesData | SummaryData,
    *,
    lang: str | None = None,
    title: str | Text | None = None,
    caption: str | Text | None = None,
    subtitle: str | Text | None = None,
    width: str = "full",
    labels: Mapping[str, str | Text] | None = None,
    name: str = "",
    suppress_below: int = _labels.SUPPRESS_BELOW,
    flag_below: int = _labels.FLAG_BELOW,
) -> Exhibit:
    """Draw drivers by importance (upwards) and performance (along), with intervals and the averages of both.

    An item is said to stand in a quadrant only where its intervals leave no doubt of the side; the others are marked as
    undecided. Importance is association: the notes say so.

    Parameters
    ----------
    e : Estimates
        Of `sample.drivers`.
    lang : {"vi", "en"}, optional
    title, caption, subtitle : str or mapping of language to str, optional
    width : {"full", "half", "slide"}
    labels : mapping of str to text, optional
        Names of one's own for items.
    name : str
        Name of exported files.
    suppress_below, flag_below : int
        Where fewer respondents than this stand behind the drivers, nothing is drawn, or items get an asterisk.

    Returns
    -------
    Exhibit

    Raises
    ------
    ExportError
        If these are no drivers.

    References
    ----------
    Martilla & James (1977), Journal of Marketing 41, 77-79.

    Examples
    --------
    >>> sv.figures.quadrant(sample.drivers("OV01", ["FR01", "TR01", "EF04"]))  # doctest: +SKIP
    """
    options: dict[str, Any] = {
        "width": width,
        "labels": labels,
        "suppress_below": suppress_below,
        "flag_below": flag_below,
    }
    if isinstance(e, EstimatesData) and FORM.name in e.kind.exhibits:
        performance = getattr(e, "performance", None)
        options["along"] = Measure("number") if performance is None else _labels.common_measure(performance)
        if title is None:
            names = {each: quoted(outcome_of(e, each), each) for each in LANGUAGES}
            title = {each: catalogue.text("quadrant.title", each, outcome=text) for each, text in names.items()}
    return exhibit_of(FORM, e, lang, title, caption, name, options, subtitle)


@dataclass(frozen=True, slots=True)
class _Plane:
    """What is drawn: names, points (k, 6) as of a scatter, places, and where the averages lie."""

    names: list[str]
    rows: list[int]
    points: Array
    places: list[str]
    cuts: tuple[float, float]
    measures: tuple[Measure, Measure]


def _plane(exhibit: Exhibit) -> _Plane:
    e, shown = exhibit.estimates, exhibit.rows()
    along, up = exhibit.options["along"], Measure("share", limits=(0.0, 100.0))
    x = along.factor * shown[["performance", "performance_low", "performance_high"]].to_numpy(float)
    y = up.factor * shown[["share", "share_low", "share_high"]].to_numpy(float)
    kept = np.flatnonzero(np.isfinite(x[:, 0]) & np.isfinite(y[:, 0]))
    flags = [mark(s, d) for s, d in zip(shown["status"], shown["detail"], strict=True)]
    names = [str(shown["item"].iloc[i]) + flags[i] for i in kept]
    places = [str(e.table["quadrant"].iloc[i]) for i in kept]
    cuts = (float(x[kept, 0].mean()), float(y[kept, 0].mean())) if len(kept) else (np.nan, np.nan)
    return _Plane(names, [int(i) for i in kept], np.c_[x, y][kept], places, cuts, (along, up))


class _Markers(Legend):
    def _mark(self, canvas: Canvas, i: int, x: float, centre: float) -> None:
        from matplotlib.lines import Line2D

        canvas.figure.add_artist(
            Line2D(
                [(x + self.box / 2) / canvas.width],
                [1 - centre / canvas.height],
                transform=canvas.figure.transFigure,
                linestyle="none",
                **_marker(self.colours[i], self.sizes),
            )
        )


def _marker(place: str, sizes: Style) -> dict[str, Any]:
    if place in _SERIES:
        return marker(_SERIES[place], sizes)
    thick = 0.14 * sizes.base
    return {"marker": "x", "markersize": 0.5 * sizes.base, "color": theme.SOFT, "markeredgewidth": thick}


class _QuadrantBody(ScatterBody):
    def __init__(self, plane: _Plane, axes_names: tuple[str, str], sizes: Style, lang: str) -> None:
        super().__init__(plane.names, plane.points, plane.measures, axes_names, sizes, lang, None)
        self.plane = plane
        present = [place for place in PLACES if place in plane.places]
        said = [catalogue.text(f"quadrant.{place or 'unclear'}", lang) for place in present]
        self.legend = _Markers(said, present, sizes, sizes.width - 2 * sizes.margin)
        self.height += self.legend.height + 0.3 * sizes.base

    def draw(self, canvas: Canvas, top: float, height: float) -> None:
        """The legend, then the plane below it."""
        self.legend.draw(canvas, self.sizes.margin, top)
        used = self.legend.height + 0.3 * self.sizes.base
        super().draw(canvas, top + used, height - used)

    def lines_across(self, plot: float) -> list[tuple[float, ...]]:
        """The averages."""
        along, up = self.plane.cuts
        if not np.isfinite(along):
            return []
        x = self.width * (along - self.low) / (self.high - self.low)
        y = plot * (1 - (up - self.scale.low) / (self.scale.high - self.scale.low))
        return [(x, 0.0, x, plot), (0.0, y, self.width, y)]

    def dots(self, front: Axes, x: Array, y: Array) -> None:
        """The averages as dashed lines, and points by quadrant."""
        plot = float(front.get_ylim()[0])
        how: dict[str, Any] = {"color": theme.SOFT, "linewidth": 0.09 * self.sizes.base, "linestyle": (0, (4, 3))}
        for x0, y0, x1, y1 in self.lines_across(plot):
            ends = self.low + (self.high - self.low) * np.array([x0, x1]) / self.width
            front.plot(ends, [y0, y1], zorder=1, **how)
        for place in PLACES:
            mine = np.array([p == place for p in self.plane.places], bool)
            if mine.any():
                front.plot(x[mine], y[mine], linestyle="none", clip_on=False, zorder=3, **_marker(place, self.sizes))


def _axis_names(exhibit: Exhibit) -> tuple[str, str]:
    unit = exhibit.options["along"].axis(exhibit.lang)
    along = catalogue.text("quadrant.along", exhibit.lang, unit=f", {unit}" if unit else "")
    return along, catalogue.text("quadrant.upwards", exhibit.lang)


def _draw(exhibit: Exhibit, frame: str) -> Figure:
    plane, names = exhibit.once(_plane), _axis_names(exhibit)
    return compose(exhibit, frame, lambda sizes: _QuadrantBody(plane, names, sizes, exhibit.lang))


def _chart(exhibit: Exhibit) -> Chart:
    """Points by quadrant, on axes that cross at the averages."""
    plane, lang = exhibit.once(_plane), exhibit.lang
    groups = []
    for place in (p for p in PLACES if p in plane.places):
        colour = theme.SERIES[_SERIES[place]] if place in _SERIES else theme.SOFT
        mine = [p == place for p in plane.places]
        groups.append((catalogue.text(f"quadrant.{place or 'unclear'}", lang), colour, mine))
    names, told = _axis_names(exhibit), exhibit.once(_notes)
    crossing = plane.cuts if plane.names else None
    columns = ("performance", "share")
    return points_chart(plane.names, plane.rows, plane.points, groups, plane.measures, names, columns, told, crossing)


def _notes(exhibit: Exhibit) -> list[str]:
    level = loc.level_word(exhibit.estimates.level, exhibit.lang)
    return [loc.sentence(catalogue.text("quadrant.cuts", exhibit.lang, level=level))]


def _all_names(exhibit: Exhibit) -> Sequence[str]:
    return [str(name) for name in exhibit.rows()["item"]]


def _described(exhibit: Exhibit) -> str:
    lang, plane, e = exhibit.lang, exhibit.once(_plane), exhibit.estimates
    along, upwards = _axis_names(exhibit)
    title = loc.sentence(exhibit.title)
    said = [catalogue.text("quadrant.alt", lang, title=title, n=len(plane.names), along=along, upwards=upwards)]
    if isinstance(e, EstimatesData) and plane.names:
        said += quadrants_said(e, lang, _all_names(exhibit))
    return " ".join(said)


FORM = ExhibitKind(
    "quadrant",
    "figure",
    _described,
    _notes,
    draw=_draw,
    chart=_chart,
    parts=_plane,
    shows="A quadrant shows the importance and the performance of drivers.",
    takes="the result of sample.drivers(...)",
    otherwise="use figures.scatter for two numbers of each unit",
)
