"""Small multiples: one figure for each group or item on a page, with the same axes, one legend and one title."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from survey.base import catalogue
from survey.base.arguments import checked, in_range, one_of
from survey.codebook import Text
from survey.core.estimates_data import EstimatesData
from survey.errors import ExportError, shorten
from survey.exhibits import theme
from survey.exhibits.exhibit import Exhibit, ExhibitKind, exhibit_of
from survey.exhibits.theme import Style
from survey.figures._canvas import Body, Canvas, compose, maker_of, wrap
from survey.figures._intervals import intervals
from survey.figures._legend import Legend, StripLegend
from survey.figures._page import Page
from survey.figures._result_rows import rows_of
from survey.words import labels as _labels
from survey.words import locale as loc

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["panels"]


_NARROW = 0.45
"""Part of a panel that its plot has at least, where labels beside the rows would take more."""


class _Whole:
    """Whether a number is whole, from 1 to the largest."""

    def __init__(self, largest: int) -> None:
        self.largest = largest

    def __call__(self, n: float) -> bool:
        return 1 <= n <= self.largest and n == int(n)


class _Verb:
    """A verb of figures; its text is its name, so that the hash of an exhibit is the same on every run."""

    def __init__(self, verb: Callable[..., Exhibit]) -> None:
        self.call = verb

    def __str__(self) -> str:
        return str(getattr(self.call, "__name__", type(self.call).__name__))


@checked(ExportError)
def panels(
    e: EstimatesData,
    *,
    by: str,
    figure: Callable[..., Exhibit] = intervals,
    columns: int | None = None,
    most: int = 9,
    page: int = 1,
    lang: str | None = None,
    title: str | Text | None = None,
    caption: str | Text | None = None,
    subtitle: str | Text | None = None,
    width: str = "full",
    name: str = "",
    suppress_below: int = _labels.SUPPRESS_BELOW,
    flag_below: int = _labels.FLAG_BELOW,
    **options: Any,
) -> Exhibit:
    """Draw the same figure for each group or item, side by side on one page.

    Parameters
    ----------
    e : Estimates
        What the figure takes, for all groups together: sample.mean("score", by=["wave", "ward"]).
    by : str
        A grouping column, "item", "answer" or "contrast": a panel for each of its values, in the order of the table.
    figure : verb of survey.figures
        intervals, bars, likert, waves, map, heat or another that takes Estimates.
    columns : int, optional
        Panels side by side, 1 to 4; when not given, 2, and 1 at half width or on a phone.
    most : int
        Panels on a page, at most; further ones are on further pages.
    page : int
        Which page.
    lang, title, caption, subtitle, name, suppress_below, flag_below :
        As for `intervals`. The title is that of the page; each panel is headed by its group.
    width : {"full", "half", "slide"}
    **options
        Arguments of the figure: figures.panels(e, by="wave", figure=figures.map, regions="wards.geojson").

    Returns
    -------
    Exhibit
        Its data are those of all panels, also of other pages.

    Raises
    ------
    ExportError
        If there is no such column or page, the figure cannot show these estimates, or series differ between panels.
    """
    one_of(by, _possible(e), "column for panels", ExportError, where="by=")
    whole = {"columns": (columns, 4), "most": (most, 24), "page": (page, 10_000)}
    for argument, (value, largest) in whole.items():
        if value is not None:
            message = f"{argument}= must be a whole number."
            in_range(
                value,
                message,
                ExportError,
                where=f"{argument}=",
                expected=f"1 to {largest}",
                fits=_Whole(largest),
            )
    pages = -(-e.table[by].nunique(dropna=False) // most)
    if page > pages:
        raise ExportError("There is no such page of panels.", where="page=", got=page, expected=f"1 to {pages}")
    given = {
        "by": by,
        "figure": _Verb(figure),
        "columns": columns,
        "most": most,
        "page": page,
        "width": width,
        "suppress_below": suppress_below,
        "flag_below": flag_below,
        "of_figure": options,
    }
    made = exhibit_of(FORM, e, lang, title, caption, name, given, subtitle)
    _PanelsBody(made, theme.style(width))  # what one legend cannot tell is said at once
    return made


def _possible(e: EstimatesData) -> list[str]:
    return [*_labels.levels_of(e), *(["answer"] if "answer" in e.table.columns else [])]


def panels_of(exhibit: Exhibit) -> list[Exhibit]:
    """The exhibit of each panel of the page; its title is the name of its group."""
    e, options = exhibit.estimates, exhibit.options
    if not isinstance(e, EstimatesData):
        raise FORM.refusal(e)
    by, most, page = options["by"], options["most"], options["page"]
    shown = exhibit.rows()
    place: dict[Any, list[int]] = {}
    for i, value in enumerate(e.table[by].tolist()):
        place.setdefault(value, []).append(i)
    found = []
    for rows in list(place.values())[(page - 1) * most : page * most]:
        part = rows_of(e, np.array(rows, np.int64))
        label = str(shown[by].iloc[rows[0]])
        low, high = exhibit.thresholds
        found.append(
            options["figure"].call(
                part,
                lang=exhibit.lang,
                title=label,
                suppress_below=low,
                flag_below=high,
                **options["of_figure"],
            )
        )
    return found


class _Shifted(Canvas):
    """A part of a page, `by` points from its left edge."""

    def __init__(self, page: Canvas, by: float) -> None:
        self.width, self.height, self.figure, self.by = page.width, page.height, page.figure, by

    def axes(self, left: float, top: float, width: float, height: float) -> Axes:
        return super().axes(left + self.by, top, width, height)

    def line_of_text(self, x: float, baseline: float, text: str, size: float, **how: Any) -> None:
        super().line_of_text(x + self.by, baseline, text, size, **how)

    def rectangle(self, left: float, top: float, width: float, height: float, colour: str, zorder: float = 1) -> None:
        super().rectangle(left + self.by, top, width, height, colour, zorder)


class _PanelsBody(Body):
    def __init__(self, exhibit: Exhibit, sizes: Style) -> None:
        self.sizes, found = sizes, exhibit.once(panels_of)
        usual = 1 if sizes.brief else 2
        self.columns = min(int(exhibit.options["columns"] or usual), len(found))
        self.gap = 1.6 * sizes.base
        self.width = (sizes.width - 2 * sizes.margin - (self.columns - 1) * self.gap) / self.columns
        # a panel is as a figure of half a page: no intervals in numbers
        inner = replace(
            sizes,
            brief=True,
            width=self.width + 2,
            margin=1.0,
            base=sizes.base if self.columns == 1 else max(0.9 * sizes.base, min(sizes.base, 6.5)),
            small=sizes.small if self.columns == 1 else max(0.92 * sizes.small, min(sizes.small, 6.0)),
        )
        makers = [maker_of(panel) for panel in found]
        self.page, self.bodies = _made(makers, inner)
        if any(getattr(body, "plot", self.width) < _NARROW * self.width for body in self.bodies if body.height):
            self.page, self.bodies = _made(makers, replace(inner, stacked=True))  # labels above their rows leave room
        self.legend = _legend(self.bodies, sizes)
        self.heads = [wrap(panel.title, self.width, sizes.base, "bold") for panel in found]
        at = range(0, len(found), self.columns)
        pitch = sizes.pitch(sizes.base)
        self.head_heights = [max(len(h) for h in self.heads[i : i + self.columns]) * pitch for i in at]
        self.row_heights = [max(b.height for b in self.bodies[i : i + self.columns]) for i in at]
        self.above = self.legend.height + 0.6 * sizes.base if self.legend else 0.0
        self.fixed = self.above + sum(self.head_heights) + (len(self.row_heights) - 1) * 0.8 * self.gap
        self.height = self.fixed + sum(self.row_heights)

    def draw(self, canvas: Canvas, top: float, height: float) -> None:
        """The legend, then the panels row by row."""
        sizes = self.sizes
        if self.legend:
            self.legend.draw(canvas, sizes.margin, top)
        top += self.above
        stretch = (height - self.fixed) / sum(self.row_heights)
        pitch = sizes.pitch(sizes.base)
        with self.page.open():
            for i, (body, head) in enumerate(zip(self.bodies, self.heads, strict=True)):
                row, column = divmod(i, self.columns)
                if column == 0 and row:
                    top += self.head_heights[row - 1] + stretch * self.row_heights[row - 1] + 0.8 * self.gap
                left = sizes.margin + column * (self.width + self.gap)
                canvas.block(left, top, head, sizes.base, pitch, weight="bold")
                part = _Shifted(canvas, left - 1.0)
                body.draw(part, top + self.head_heights[row], stretch * self.row_heights[row])


def _made(makers: Sequence[Callable[[Style], Body]], sizes: Style) -> tuple[Page, list[Body]]:
    """The figures of a page, made twice: the second time with the ranges and numbers of all."""
    page = Page()
    with page.open():
        for body in [make(sizes) for make in makers]:
            own_range = getattr(body, "_range", None)
            if own_range is not None:
                own_range()
        page.settled = True
        return page, [make(sizes) for make in makers]


def _legend(bodies: list[Body], sizes: Style) -> Legend | StripLegend | None:
    """One legend for all panels: the largest, which has the entries of all others.

    Raises
    ------
    ExportError
        If the same mark means different things in two panels.
    """
    legends: list[Legend | StripLegend] = [b.legend for b in bodies if getattr(b, "legend", None)]  # type: ignore[attr-defined]
    if not legends:
        return None
    meaning: dict[str, str] = {}
    for legend in legends:
        for mark, text in legend.entries:
            if meaning.setdefault(mark, text) != text:
                raise ExportError(
                    "The panels have different series, so that one legend cannot serve them all.",
                    got=f"{shorten([meaning[mark], text])} with the same mark",
                    fix="estimate the same groups in every panel",
                )
    chosen = copy(max(legends, key=lambda legend: len(legend.entries)))  # its figure keeps its own, which is not drawn
    for legend in legends:
        for i, entry in enumerate(legend.entries):
            if entry not in chosen.entries and isinstance(chosen, Legend) and isinstance(legend, Legend):
                chosen.take(legend, i)
    chosen.apart = False
    chosen.arrange(sizes, sizes.width - 2 * sizes.margin)
    return chosen


def _draw(exhibit: Exhibit, frame: str) -> Figure:
    return compose(exhibit, frame, lambda sizes: _PanelsBody(exhibit, sizes))


def _notes(exhibit: Exhibit) -> list[str]:
    lang, options, e = exhibit.lang, exhibit.options, exhibit.estimates
    found = [note for panel in exhibit.once(panels_of) for note in panel.form.notes(panel)]
    pages = -(-e.table[options["by"]].nunique(dropna=False) // options["most"])
    page = [catalogue.text("panels.page", lang, page=options["page"], pages=pages)] if pages > 1 else []
    return [*page, *dict.fromkeys(found)]


def _alt(exhibit: Exhibit) -> str:
    lang, found = exhibit.lang, exhibit.once(panels_of)
    name = _labels.level_head(exhibit.estimates, exhibit.options["by"], lang)
    head = catalogue.text("alt.panels", lang, title=loc.sentence(exhibit.title), n=len(found), by=name)
    return " ".join([head, *(panel.form.alt(panel) for panel in found)])


FORM = ExhibitKind(
    "panels",
    "figure",
    _alt,
    _notes,
    draw=_draw,
    parts=panels_of,
    shows="Panels show estimates of groups or items.",
    takes="the result of sample.mean(...) or a similar method",
    otherwise="use the figure made for this result",
)
