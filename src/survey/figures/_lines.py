"""Estimates of three and more waves as lines with confidence bands, named at their ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from survey.base import catalogue
from survey.base.arguments import checked, listed
from survey.codebook import LANGUAGES, Text
from survey.core.estimates_data import EstimatesData
from survey.core.summary import SummaryData
from survey.errors import ExportError, shorten
from survey.exhibits.exhibit import Exhibit, ExhibitKind, exhibit_of
from survey.figures._canvas import compose
from survey.figures._lines_body import LinesBody
from survey.figures._native import lines_chart
from survey.figures._result_rows import plain_unit
from survey.figures._series import MOST
from survey.figures._timeline import Timeline, interval_text, level_of, timeline_of
from survey.words import labels as _labels
from survey.words import locale as loc
from survey.words.disclosure import published

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["lines"]

_TOLD = 8


@checked(ExportError)
def lines(
    e: EstimatesData | SummaryData,
    *,
    lang: str | None = None,
    title: str | Text | None = None,
    caption: str | Text | None = None,
    subtitle: str | Text | None = None,
    wave: str | None = None,
    time: Mapping[Any, Any] | None = None,
    highlight: str | Sequence[str] | None = None,
    trend: EstimatesData | None = None,
    width: str = "full",
    digits: int | None = None,
    labels: Mapping[str, str | Text] | None = None,
    name: str = "",
    suppress_below: int = _labels.SUPPRESS_BELOW,
    flag_below: int = _labels.FLAG_BELOW,
) -> Exhibit:
    """Draw means or shares of three and more waves as lines with confidence bands, a line for each group or item.

    Each line is named where it ends, so that no legend is needed. A line is broken where a wave has no estimate or one
    that may not be shown.

    Parameters
    ----------
    e : Estimates
        With the wave among its groups: sample.mean(items, by=["ward", "wave"]).
    wave : str, optional
        The grouping column of waves; when not given the one that the codebook or its name calls a period, else the
        last.
    time : mapping of wave to date or number, optional
        When each wave was in the field. Waves that are dates or years, or whose labels all name a year ("2021",
        "Tháng 8/2023"), stand at their real distances without it; all others evenly.
    highlight : str or list of str, optional
        Groups or items, by code or label, whose lines stand out; the others are thin, grey and without a name. Needed
        for more than eight lines.
    trend : Estimates, optional
        The result of sample.wave_trend(...) of the same items: its slopes are told in the notes.
    width : {"full", "half", "slide"}
    lang, title, caption, subtitle, digits, labels, name, suppress_below, flag_below :
        As for `intervals`.

    Returns
    -------
    Exhibit

    Raises
    ------
    ExportError
        If there are fewer than three waves, more than eight lines without `highlight`, items in different units, or
        times that are missing, equal or cannot be read.

    Examples
    --------
    >>> sv.figures.lines(sample.mean("friendliness", by=["ward", "wave"]), highlight="An Phú")  # doctest: +SKIP
    """
    options = {
        "wave": wave,
        "time": time,
        "highlight": None if highlight is None else listed(highlight),
        "trend": None if trend is None else _checked_trend(trend, suppress_below),
        "width": width,
        "digits": digits,
        "labels": labels,
        "suppress_below": suppress_below,
        "flag_below": flag_below,
    }
    return exhibit_of(FORM, e, lang, title, caption, name, options, subtitle)


def _checked_trend(trend: EstimatesData, suppress_below: int) -> EstimatesData:
    names = trend.table["contrast"].tolist() if "contrast" in trend.table.columns else []
    if not names or not all(str(name).startswith("trend_per_") for name in names):
        raise ExportError(
            "These are not the slopes of lines over waves.",
            where="trend=",
            got=trend.statistic,
            expected="the result of sample.wave_trend(...)",
        )
    return published(trend, suppress_below)


@dataclass(frozen=True, slots=True)
class Shown:
    """What the figure shows: the points, and which lines stand out (all, or those asked for)."""

    time: Timeline
    out: list[int]

    @property
    def muted(self) -> list[int]:
        """The lines in the background."""
        return [i for i in range(len(self.time.lines)) if i not in self.out]


def _shown(exhibit: Exhibit) -> Shown:
    time = timeline_of(exhibit)
    if len(time.waves) < 3:
        raise ExportError(
            "Lines need three waves or more.",
            where=time.column,
            got=f"{len(time.waves)} waves",
            fix="use figures.slope for two waves of several groups, or figures.intervals",
        )
    asked = exhibit.options.get("highlight")
    if asked is None:
        if len(time.lines) > MOST:
            raise ExportError(
                "There are too many lines to name each.",
                got=f"{len(time.lines)} lines",
                expected=f"at most {MOST}",
                fix=f"say which stand out: highlight={time.lines[0]!r}; or estimate fewer groups or items",
            )
        return Shown(time, list(range(len(time.lines))))
    known = [_called(exhibit, time, i) for i in range(len(time.lines))]
    out: list[int] = []
    for wanted in asked:
        found = [i for i, names in enumerate(known) if wanted in names]
        if not found:
            raise ExportError(
                "There is no such line to stand out.",
                where="highlight=",
                got=wanted,
                expected=shorten(time.lines),
            )
        out += found
    out = list(dict.fromkeys(out))
    if len(out) > MOST:
        raise ExportError(
            "Too many lines stand out.", where="highlight=", got=f"{len(out)} lines", expected=f"at most {MOST}"
        )
    return Shown(time, out)


def _called(exhibit: Exhibit, time: Timeline, line: int) -> set[Any]:
    """Everything that a line may be called by: its label, the codes and labels of its groups, in any language."""
    e = exhibit.estimates
    names: set[Any] = {time.lines[line]}
    for column, code in time.keys[line].items():
        names |= {code, str(code)}
        for lang in LANGUAGES:
            if column == "item":
                names.add(_labels.item_label(e, str(code), lang))
            elif column in e.by:
                names.add(_labels.group_label(e, column, code, lang))
    return names


def _draw(exhibit: Exhibit, frame: str) -> Figure:
    found = exhibit.once(_shown)
    return compose(exhibit, frame, lambda sizes: LinesBody(exhibit, found.time, found.out, sizes))


def _notes(exhibit: Exhibit) -> list[str]:
    lang, found = exhibit.lang, exhibit.once(_shown)
    told: list[str] = []
    if any(np.isfinite(p.low) and np.isfinite(p.high) for p in found.time.points if p.line in found.out):
        told.append(catalogue.text("lines.bands", lang, level=level_of(exhibit)))
    if found.muted:
        told.append(catalogue.text("lines.muted", lang, n=len(found.muted)))
    if any(len(found.time.pieces(i)) > 1 for i in found.out):
        told.append(catalogue.text("lines.broken", lang))
    return [*told, *_trends(exhibit)]


def _trends(exhibit: Exhibit) -> list[str]:
    """The slope of each line: "Trend per year: +1.2 (0.4 to 2.0)"."""
    trend, lang = exhibit.options.get("trend"), exhibit.lang
    if not isinstance(trend, EstimatesData):
        return []
    rows = _labels.labelled(trend, lang, exhibit.options.get("labels"), *exhibit.thresholds)
    # a slope has no place on the scale, but the unit of what it is a slope of
    measures = [replace(m, difference=True) for m in _labels.measures(trend)]
    named = [n for n in _labels.varying(trend) if n != "contrast"]
    told = []
    for i, m in enumerate(measures):
        row = rows.iloc[i]
        if not np.isfinite(row["estimate"]):
            continue
        text = m.with_interval(row["estimate"], row["conf_low"], row["conf_high"], lang, exhibit.options.get("digits"))
        who = ", ".join(str(row[n]) for n in named)
        p = float(row.get("p_departure", np.nan))
        bent = f"; {catalogue.text('lines.bent', lang, p=loc.p_equals(p, lang))}" if p < 1 - trend.level else ""
        told.append((f"{who} " if who else "") + text + bent)
    head = loc.word(str(trend.table["contrast"].iloc[0]), lang)
    unit = measures[0].axis(lang) if measures else ""
    return [f"{head}{f' ({unit})' if unit else ''}: {'; '.join(told)}"] if told else []


def _described(exhibit: Exhibit) -> str:
    """Each line from its first to its last wave, with intervals."""
    lang, found = exhibit.lang, exhibit.once(_shown)
    time, digits = found.time, exhibit.options.get("digits")
    unit = plain_unit(time.measure, lang)
    title, many = loc.sentence(exhibit.title), catalogue.text("lines.alt_lines", lang, n=len(time.lines))
    said = [
        catalogue.text("lines.alt", lang, level=level_of(exhibit), title=title, lines=many, n=len(time.waves)),
        catalogue.text("lines.alt_unit", lang, unit=unit, first=time.waves[0], last=time.waves[-1]),
    ]
    for i in found.out[:_TOLD]:
        own = time.on(i)
        some = [own[0], own[-1]] if len(own) > 4 else own
        told = [f"{time.waves[p.wave]} {interval_text(time, p, lang, digits)}" for p in some]
        if told:
            said.append((f"{time.lines[i]}: " if time.lines[i] else "") + "; ".join(told) + ".")
    last = [p for i in found.muted for p in time.on(i)[-1:] if p.wave == len(time.waves) - 1]
    if last:
        ends = [f(last, key=lambda p: p.estimate) for f in (min, max)]
        low, high = (time.measure.value(p.estimate / time.measure.factor, lang, digits) for p in ends)
        said.append(
            catalogue.text("lines.alt_muted", lang, n=len(found.muted), wave=time.waves[-1], low=low, high=high)
        )
    return " ".join(said)


FORM = ExhibitKind(
    "lines",
    "figure",
    _described,
    _notes,
    draw=_draw,
    parts=_shown,
    chart=lambda exhibit: lines_chart(exhibit, exhibit.once(_shown).time, exhibit.once(_shown).out),
    shows="Lines over waves show one estimate of each wave.",
    takes='the result of sample.mean(..., by=[group, "wave"]) or a similar method',
    otherwise="use figures.intervals",
)
