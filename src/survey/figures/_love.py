"""How far the sample is from the population in every category, before and after weighting: a love plot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from survey.base import catalogue
from survey.base.arguments import checked
from survey.codebook import Text
from survey.errors import ExportError
from survey.exhibits import theme
from survey.exhibits.chart import Chart
from survey.exhibits.exhibit import Exhibit, ExhibitKind, exhibit_of
from survey.exhibits.theme import Style
from survey.figures._axis import horizontal
from survey.figures._canvas import Body, Canvas, compose, widest, wrap
from survey.figures._legend import MarkerLegend, marker
from survey.figures._native import Row, rows_chart
from survey.figures._shapes import draw_line
from survey.figures._share_bars import COLOURS
from survey.figures._stub import Stub
from survey.words import locale as loc
from survey.words.measure import Measure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

from survey.core.estimates_data import EstimatesData
from survey.core.summary import SummaryData

__all__ = ["love"]

_MOST = {"full": 45, "half": 20, "slide": 14, "slide_body": 14, "phone": 20}
"""Rows that stay legible on a page and on a slide."""
_AFTER, _BEFORE = 0, 1
"""The series whose markers are used: filled after, open before."""


@checked(ExportError)
def love(
    e: EstimatesData | SummaryData,
    *,
    lang: str | None = None,
    title: str | Text | None = None,
    caption: str | Text | None = None,
    subtitle: str | Text | None = None,
    most: int | None = None,
    width: str = "full",
    name: str = "",
) -> Exhibit:
    """Gaps between sample and population before and after weighting, a row for every category of every margin.

    Shares differ by percentage points. A sum of a number differs by percent of the known sum, and its row says so.

    Parameters
    ----------
    e : Summary
        What `sample.margin_gaps()` returns.
    lang : {"vi", "en"}, optional
        The language set by `sv.language`, that of the study, or of the codebook, when not given.
    title, caption, subtitle : str or mapping of language to str, optional
        A title that is not given says what the result shows (see `survey.titles`), with the question as subtitle.
    most : int, optional
        Rows shown; where there are more categories, those with the largest gaps, and a note says how large the others
        are at most. When not given: 45 at full width, 20 at half, 14 on a slide.
    width : {"full", "half", "slide"}
        As for `intervals`; the half width and slides write no numbers.
    name : str
        Name of exported files.

    Returns
    -------
    Exhibit

    Raises
    ------
    ExportError
        If the estimates are not gaps of margins.

    References
    ----------
    Love plots are named after Thomas Love, who drew covariate balance before and after matching this way (Greifer,
    cobalt). Here the zero is the population.
    """
    return exhibit_of(FORM, e, lang, title, caption, name, {"most": most, "width": width}, subtitle)


@dataclass(frozen=True, slots=True)
class _Gap:
    """A row: its margin and category in words, and its gaps as drawn (percentage points, or percent of the sum)."""

    margin: str
    category: str
    before: float
    after: float
    row: int = 0
    people: bool = True

    @property
    def size(self) -> float:
        return float(np.nanmax([abs(self.before), abs(self.after), 0.0]))


def _gaps(exhibit: Exhibit) -> list[_Gap]:
    table, shown = exhibit.estimates.table, exhibit.rows()
    people = (table["unit"] == "share").to_numpy()
    before, after = (
        100 * np.where(people, table[points], table[relative])
        for points, relative in (("gap_before", "relative_before"), ("gap", "relative"))
    )
    mark = loc.word("percent_of_sum", exhibit.lang)
    return [
        _Gap(str(m), str(c) if share else f"{c} ({mark})", float(b), float(a), i, bool(share))
        for i, (m, c, share, b, a) in enumerate(
            zip(shown["margin"], shown["category"], people, before, after, strict=True)
        )
    ]


def _chosen(exhibit: Exhibit) -> tuple[list[_Gap], list[_Gap]]:
    """Gaps shown, in the order of the table, and those left out."""
    every = exhibit.once(_gaps)
    most = exhibit.options.get("most") or _MOST[exhibit.style.name]
    if len(every) <= most:
        return every, []
    first = set(sorted(range(len(every)), key=lambda i: (-every[i].size, i))[:most])
    return [g for i, g in enumerate(every) if i in first], [g for i, g in enumerate(every) if i not in first]


class _Legend(MarkerLegend):
    """Before, then after: as they are read, not as series are numbered."""

    def _mark(self, canvas: Canvas, i: int, x: float, centre: float) -> None:
        super()._mark(canvas, 1 - i, x, centre)


class _LoveBody(Body):
    def __init__(self, exhibit: Exhibit, sizes: Style) -> None:
        self.exhibit, self.sizes = exhibit, sizes
        self.rows, _ = exhibit.once(_chosen)
        lang, size, small = exhibit.lang, sizes.base, sizes.small
        self.silent = sizes.brief or sizes.height is not None
        self.stub = Stub([(g.margin, g.category) for g in self.rows], sizes, 0.42, 1.35 * size)
        self.texts = [] if self.silent else [[_number(x, lang) for x in (g.before, g.after)] for g in self.rows]
        self.heads = [loc.heading(name, lang) for name in ("before", "after")]
        self.columns = [
            0.0 if self.silent else widest([*(row[j] for row in self.texts), self.heads[j]], size) + 0.9 * size
            for j in (0, 1)
        ]
        self.left = sizes.margin + self.stub.width + 0.3 * size
        beside = 1.6 * small if self.silent else 0.6 * size  # room for half a tick's label
        self.plot = sizes.width - sizes.margin - sum(self.columns) - self.left - beside
        names = [catalogue.text(f"love.{name}", lang) for name in ("before", "after")]
        self.legend = _Legend(names, theme.SERIES[:2], sizes, sizes.width - 2 * sizes.margin)
        self.axis_lines = wrap(catalogue.text("love.axis", lang), self.plot, small)
        self.above = self.legend.height + 0.4 * size + (0.0 if self.silent else 1.25 * sizes.pitch(small))
        self.below = 1.6 * sizes.pitch(small) + 0.3 * size + sizes.pitch(small) * len(self.axis_lines)
        self.height = self.above + self.stub.height + self.below

    def draw(self, canvas: Canvas, top: float, height: float) -> None:
        """Rows from top to bottom, numbers on the right."""
        sizes, size = self.sizes, self.sizes.base
        pitch = sizes.pitch(sizes.small)
        self.legend.draw(canvas, sizes.margin, top)
        rows_top, rows = top + self.above, height - self.above - self.below
        right = sizes.width - sizes.margin
        ends = (right - self.columns[1], right)
        if not self.silent:
            for head, end in zip(self.heads, ends, strict=True):
                canvas.block(end, rows_top - 1.25 * pitch, [head], sizes.small, pitch, ha="right", colour=theme.SOFT)
        for band in self.stub.bands(rows)[::2]:
            edge = sizes.margin - 0.3 * size
            canvas.rectangle(edge, rows_top + band.top, sizes.width - 2 * edge, band.height, theme.BAND, 0)
        self.stub.draw(canvas, sizes.margin, rows_top, rows)
        axes = canvas.axes(self.left, rows_top, self.plot, rows)
        self._axis(axes, rows)
        for i, (gap, slot) in enumerate(zip(self.rows, self.stub.slots(rows), strict=True)):
            self._row(axes, gap, slot.centre)
            if not self.silent:
                for text, end in zip(self.texts[i], ends, strict=True):
                    canvas.middle(end, rows_top + slot.centre, [text], size, sizes.pitch(size), ha="right")
        axis_top = rows_top + rows + 1.6 * pitch
        canvas.block(
            self.left + self.plot / 2, axis_top, self.axis_lines, sizes.small, pitch, ha="center", colour=theme.SOFT
        )

    def _axis(self, axes: Axes, rows: float) -> None:
        far = max((g.size for g in self.rows), default=0.0)
        far = 1.08 * far if far > 0.05 else 1.0  # gaps of nothing are not blown up
        ticks = horizontal(axes, -far, far, self.plot, self.sizes, self.exhibit.lang, loc.signed)
        axes.set_ylim(rows, 0)
        for x in ticks:
            self._line(axes, x, rows, color=theme.FAINT, linewidth=0.07 * self.sizes.base, zorder=0)
        self._line(axes, 0.0, rows, color=theme.INK, linewidth=0.12 * self.sizes.base, zorder=1)

    def _line(self, axes: Axes, x: float, rows: float, **how: Any) -> None:
        """A vertical line, broken where headings stand between the rows."""
        bands = self.stub.spans(rows)
        axes.vlines([x] * len(bands), [b.top for b in bands], [b.top + b.height for b in bands], **how)

    def _row(self, axes: Axes, gap: _Gap, y: float) -> None:
        if np.isfinite(gap.before) and np.isfinite(gap.after):
            thin = {"color": theme.SOFT, "linewidth": 0.08 * self.sizes.base, "zorder": 2}
            draw_line(axes, [gap.before, gap.after], [y, y], **thin)
        for x, series in ((gap.before, _BEFORE), (gap.after, _AFTER)):
            if np.isfinite(x):
                at = {"linestyle": "none", "zorder": 3 + (series == _AFTER), "clip_on": False}
                draw_line(axes, [x], [y], **at, **marker(series, self.sizes))


def _number(x: float, lang: str) -> str:
    return loc.signed(x, 1, lang)


def _draw(exhibit: Exhibit, frame: str) -> Figure:
    return compose(exhibit, frame, lambda sizes: _LoveBody(exhibit, sizes))


def _chart(exhibit: Exhibit) -> Chart | None:
    """Two bars a category, from zero: the gap before weighting and the one after it."""
    lang, (rows, _) = exhibit.lang, exhibit.once(_chosen)
    series = []
    for j, (name, column, relative) in enumerate(
        (("before", "gap_before", "relative_before"), ("after", "gap", "relative"))
    ):
        values = np.array([getattr(gap, name) for gap in rows])
        columns = [column if gap.people else relative for gap in rows]
        at = [gap.row if np.isfinite(x) else -1 for gap, x in zip(rows, values, strict=True)]
        numbers = np.c_[values, np.full((len(rows), 2), np.nan)]
        series.append(Row(catalogue.text(f"love.{name}", lang), COLOURS[1 - j], numbers, at, columns=columns))
    axis, points = catalogue.text("love.axis", lang), Measure("share", difference=True)
    return rows_chart([(gap.margin, gap.category) for gap in rows], series, points, axis, exhibit.once(_left))


def _left(exhibit: Exhibit) -> list[str]:
    """How many gaps are not drawn, and how large they are."""
    lang, (shown, hidden) = exhibit.lang, exhibit.once(_chosen)
    if not hidden:
        return []
    largest = loc.number(max(g.size for g in hidden), 1, lang)
    return [catalogue.text("love.hidden", lang, n=len(shown), all=len(shown) + len(hidden), largest=largest)]


def _notes(exhibit: Exhibit) -> list[str]:
    return [catalogue.text("love.zero", exhibit.lang), *exhibit.once(_left)]


def _alt(exhibit: Exhibit) -> str:
    lang, rows = exhibit.lang, exhibit.once(_gaps)
    head = catalogue.text("alt.love", lang, title=loc.sentence(exhibit.title), n=len(rows))
    before = max(rows, key=lambda g: abs(np.nan_to_num(g.before)))
    after = max(rows, key=lambda g: abs(np.nan_to_num(g.after)))
    one = f"{before.margin}, {before.category}, {_number(before.before, lang)}"
    if abs(np.nan_to_num(after.after)) < 0.05:
        return f"{head} {catalogue.text('alt.love_none_left', lang, before=one)}"
    other = f"{after.margin}, {after.category}, {_number(after.after, lang)}"
    return f"{head} {catalogue.text('alt.love_largest', lang, before=one, after=other)}"


FORM = ExhibitKind(
    "love",
    "figure",
    _alt,
    _notes,
    draw=_draw,
    chart=_chart,
    shows="A love plot needs margin gaps.",
    takes="what sample.margin_gaps() returns",
)
