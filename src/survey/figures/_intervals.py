"""Estimates as dots on a line, each with its interval and its numbers (Cleveland 1984)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from survey.base import catalogue
from survey.base.arguments import checked, in_range
from survey.codebook import Text
from survey.errors import ExportError
from survey.exhibits.exhibit import Exhibit, ExhibitKind, exhibit_of
from survey.figures._canvas import compose
from survey.figures._dots import Dot, Dots, dots_of
from survey.figures._intervals_body import IntervalsBody, silent
from survey.figures._native import dots_chart
from survey.figures._result_rows import left_out, plain_unit
from survey.words import labels as _labels
from survey.words import locale as loc
from survey.words.equality import tests_note

if TYPE_CHECKING:
    from matplotlib.figure import Figure

from survey.core.estimates_data import EstimatesData
from survey.core.summary import SummaryData

__all__ = ["described", "intervals"]


@checked(ExportError)
def intervals(
    e: EstimatesData | SummaryData,
    *,
    lang: str | None = None,
    title: str | Text | None = None,
    caption: str | Text | None = None,
    subtitle: str | Text | None = None,
    reference: float | None = None,
    reference_label: str | Text | None = None,
    series: str | None = None,
    sort: bool = False,
    width: str = "full",
    digits: int | None = None,
    labels: Mapping[str, str | Text] | None = None,
    name: str = "",
    suppress_below: int = _labels.SUPPRESS_BELOW,
    flag_below: int = _labels.FLAG_BELOW,
) -> Exhibit:
    """Dots with intervals: means, shares or differences, by group or by item.

    Parameters
    ----------
    e : Estimates
        Items in one unit. Differences get a line at zero.
    lang : {"vi", "en"}, optional
        The language set by `sv.language`, that of the study, or of the codebook, when not given.
    title, caption, subtitle : str or mapping of language to str, optional
        A title that is not given says what the result shows (see `survey.titles`), with the question as subtitle.
    reference : float, optional
        A value to compare with, unrounded and in the units of `e.table` (a share in 0-1): a dashed line.
    reference_label : str or mapping of language to str, optional
        What the line is.
    series : str, optional
        The grouping column whose groups are distinguished by markers on the same row ("wave"); at most four groups.
        When not given: the innermost grouping column, if rows remain and it has at most four groups; "" for none.
    sort : bool
        Rows by the estimate of the last series, the largest first; otherwise in the order of the table.
    width : {"full", "half", "slide"}
        160 mm, 80 mm, or a slide of 13.33 x 7.5 in. The half width writes no intervals in numbers, a slide of
        more than 14 estimates no numbers at all: they could not be read from the back of a room.
    digits : int, optional
        Decimals written.
    labels : mapping of str to text, optional
        Names of one's own for items and contrasts.
    name : str
        Name of exported files.
    suppress_below, flag_below : int
        Results on fewer answers are left out (and said to be), or get an asterisk.

    Returns
    -------
    Exhibit

    Raises
    ------
    ExportError
        If the items have different units, or `series` is not a grouping column or has more than four groups.

    References
    ----------
    Cleveland (1984), Graphical methods for data presentation: dot charts, The American Statistician 38.
    """
    options = {
        "reference": reference,
        "reference_label": reference_label,
        "series": series,
        "sort": sort,
        "width": width,
        "digits": digits,
        "labels": labels,
        "suppress_below": suppress_below,
        "flag_below": flag_below,
    }
    if reference is not None:
        in_range(
            reference, "The reference must be a number.", ExportError, expected="unrounded, in the units of e.table"
        )
    return exhibit_of(FORM, e, lang, title, caption, name, options, subtitle)


def _draw(exhibit: Exhibit, frame: str) -> Figure:
    return compose(exhibit, frame, lambda sizes: IntervalsBody(exhibit, sizes))


def _notes(exhibit: Exhibit) -> list[str]:
    e, lang = exhibit.estimates, exhibit.lang
    brief = exhibit.style.brief or silent(exhibit)
    key = "ci_note_lines" if brief else "ci_note"
    some = "conf_low" in e.table.columns and bool(np.isfinite(e.table["conf_low"].to_numpy(float)).any())
    found = [loc.word(key, lang, level=loc.level_word(e.level, lang))] if some else []
    if "n" in e.table.columns and not silent(exhibit):
        found.append(loc.word("n_note", lang))
    return [*found, *tests_note(e, lang)]


def described(exhibit: Exhibit, head: str = "alt.intervals") -> str:
    """Alternative text; `head` is the text it begins with, which says what the figure is."""
    lang, found = exhibit.lang, exhibit.once(dots_of)
    level = loc.level_word(exhibit.estimates.level, lang)
    shown = [d for d in found.dots if np.isfinite(d.estimate)]
    unit = plain_unit(found.measure, lang)
    title = loc.sentence(exhibit.title)
    start = catalogue.text(head, lang, level=level, title=title, n=len(shown), unit=unit)
    if len(shown) <= 6:
        listed = "; ".join(_told(d, found, exhibit) for d in shown)
        body = [listed + "."] if listed else []
    else:
        # what has no interval cannot be judged, so it is neither the highest nor the lowest
        sure = [d for d in shown if np.isfinite(d.low) and np.isfinite(d.high)] or shown
        best, worst = max(sure, key=lambda d: d.estimate), min(sure, key=lambda d: d.estimate)
        highest, lowest = _told(best, found, exhibit), _told(worst, found, exhibit)
        body = [catalogue.text("alt.intervals_ends", lang, highest=highest, lowest=lowest)]
        body += _largest_change(found, exhibit)
    absent = [_place(d, found) for d in found.dots if d.status in ("suppressed", "empty")]
    return " ".join([start, *body, *left_out(absent, lang)])


def _place(dot: Dot, found: Dots) -> str:
    return ", ".join(x for x in (*found.keys[dot.row], found.series[dot.series]) if x)


def _told(dot: Dot, found: Dots, exhibit: Exhibit) -> str:
    f, m = found.measure.factor, found.measure
    digits = exhibit.options.get("digits")
    value = m.with_interval(dot.estimate / f, dot.low / f, dot.high / f, exhibit.lang, digits)
    place = _place(dot, found)
    return f"{place}: {value}" if place else value


def _largest_change(found: Dots, exhibit: Exhibit) -> list[str]:
    """The main comparison of a figure with two series: the row on which they lie furthest apart."""
    if len(found.series) != 2:
        return []
    pairs = [(found.at(i, 0), found.at(i, 1)) for i in range(len(found.keys))]
    full = [(a, b) for a, b in pairs if a and b and np.isfinite(a.estimate) and np.isfinite(b.estimate)]
    if not full:
        return []
    a, b = max(full, key=lambda pair: abs(pair[1].estimate - pair[0].estimate))
    m, lang = found.measure, exhibit.lang
    first, second = (m.value(d.estimate / m.factor, lang, exhibit.options.get("digits")) for d in (a, b))
    row = ", ".join(found.keys[a.row])
    one, other = found.series
    return [catalogue.text("alt.intervals_apart", lang, one=one, other=other, row=row, first=first, second=second)]


FORM = ExhibitKind(
    "intervals",
    "figure",
    described,
    _notes,
    draw=_draw,
    parts=dots_of,
    chart=dots_chart,
    shows="Dots with intervals show one estimate per row.",
    takes="the result of sample.mean(...) or a similar method",
    otherwise="use tables.table, or the figure made for this result",
)
