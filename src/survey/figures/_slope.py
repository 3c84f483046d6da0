"""Two waves of many groups as slopes; those whose change the data show stand out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from survey.base import catalogue
from survey.base.arguments import checked, one_of
from survey.base.catalogue import Note
from survey.codebook import Text
from survey.core.adjusting import ADJUSTMENTS, adjust_pvalues
from survey.core.differences import differences, family_names
from survey.core.estimates_data import EstimatesData
from survey.core.summary import SummaryData
from survey.errors import ExportError, shorten
from survey.exhibits.exhibit import Exhibit, ExhibitKind, exhibit_of
from survey.figures._canvas import compose
from survey.figures._native import lines_chart
from survey.figures._result_rows import left_out, plain_unit
from survey.figures._slope_body import SlopeBody
from survey.figures._timeline import Timeline, timeline_of, wave_column, without_empty_waves
from survey.words import labels as _labels
from survey.words import locale as loc
from survey.words.disclosure import published
from survey.words.phrases import later

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["slope"]

_MOST = 60
_TOLD = 6


@checked(ExportError)
def slope(
    e: EstimatesData | SummaryData,
    *,
    lang: str | None = None,
    title: str | Text | None = None,
    caption: str | Text | None = None,
    subtitle: str | Text | None = None,
    wave: str | None = None,
    adjust: str = "holm",
    width: str = "full",
    digits: int | None = None,
    labels: Mapping[str, str | Text] | None = None,
    name: str = "",
    suppress_below: int = _labels.SUPPRESS_BELOW,
    flag_below: int = _labels.FLAG_BELOW,
) -> Exhibit:
    """Draw two waves of many groups as slopes, and mark the changes that a test shows.

    The change of each group is tested with the covariance of its two waves, and the p-values are adjusted over all
    groups of an item. Its change, interval and adjusted p stand in the table beside the estimate of the later wave.

    Parameters
    ----------
    e : Estimates
        Of two waves: sample.mean("friendliness", by=["ward", "wave"]).
    wave : str, optional
        The grouping column of waves; when not given the one that the codebook or its name calls a period, else the
        last.
    adjust : {"holm", "hochberg", "bh", "bonferroni", "none"}
        How p-values are adjusted over the groups.
    width : {"full", "half", "slide"}
    lang, title, caption, subtitle, digits, labels, name, suppress_below, flag_below :
        As for `intervals`.

    Returns
    -------
    Exhibit

    Raises
    ------
    ExportError
        If there are not two waves, more than sixty groups, or items in different units.

    Examples
    --------
    >>> sv.figures.slope(sample.mean("friendliness", by=["ward", "wave"]))  # doctest: +SKIP
    """
    possible = tuple(a for a in ADJUSTMENTS if a != "max-t")
    one_of(adjust, possible, "adjustment of p-values", ExportError, where="adjust=")
    options = {
        "wave": wave,
        "adjust": adjust,
        "width": width,
        "digits": digits,
        "labels": labels,
        "suppress_below": suppress_below,
        "flag_below": flag_below,
    }
    if isinstance(e, EstimatesData) and FORM.name in e.kind.exhibits:
        e = _with_changes(published(e, suppress_below), wave_column(e, wave), adjust)
    return exhibit_of(FORM, e, lang, title, caption, name, options, subtitle)


def _with_changes(e: EstimatesData, column: str, adjust: str) -> EstimatesData:
    """The estimates with the change of each group beside its later wave."""
    first, last, hidden = _pairs(e, column)
    names = ("difference", "difference_low", "difference_high", "p_difference")
    values = {name: np.full(len(e.table), np.nan) for name in names}
    if len(last):
        whole = [c for c in e.table.columns if c in (*_labels.levels_of(e), "answer") and c != column]
        labels = e.table[whole].iloc[last].reset_index(drop=True).assign(contrast="change")
        together = [c for c in ("item", "answer", "quantile") if c in whole]
        # a pair that may not be shown counts as a comparison that found nothing
        both = np.r_[last, np.array(hidden, np.int64)]
        families = family_names(e.table[together].iloc[both].reset_index(drop=True), together)[0]
        made = differences(e, first, last, labels, families[: len(last)], "none", "contrast").table
        p = np.r_[made["p_value"].to_numpy(float), np.ones(len(hidden))]
        for family in np.unique(families):
            p[families == family] = adjust_pvalues(p[families == family], adjust)
        for name, own in zip(names, ("estimate", "conf_low", "conf_high"), strict=False):
            values[name][last] = made[own].to_numpy(float)
        values["p_difference"][last] = p[: len(last)]
    notes = [Note(f"notes.adjusted_{adjust}")] if len(last) and adjust != "none" else []
    return replace(e.with_table(e.table.assign(**values)), notes=(*e.notes, *notes))


def _pairs(e: EstimatesData, column: str) -> tuple[Any, Any, list[int]]:
    """Rows of the earlier and of the later wave of each group that has both; the later ones of those that do not."""
    waves = list(dict.fromkeys(e.table[column].tolist()))
    if len(waves) != 2:
        raise ExportError(
            "Slopes join two waves.",
            where=column,
            got=f"{len(waves)} wave" + ("" if len(waves) == 1 else "s"),
            fix="use figures.lines for three waves and more" if len(waves) > 2 else "estimate with two waves",
        )
    early, late = waves[::-1] if later(e.codebook, column, waves[0], waves[1]) else waves
    others = [n for n in [*_labels.levels_of(e), "answer"] if n != column and n in e.table.columns]
    table = e.table.reset_index(drop=True)
    grouped = table.groupby(others, sort=False, dropna=False, observed=True) if others else None
    key = np.zeros(len(table), np.int64) if grouped is None else grouped.ngroup().to_numpy()
    there = table["estimate"].notna()
    at = {wave: pd.Series(table.index, index=key)[(table[column] == wave).to_numpy()] for wave in (early, late)}
    if any(rows.index.has_duplicates for rows in at.values()):
        raise ExportError("There are several estimates of one group in a wave.", got=shorten(e.table.columns))
    first, last, hidden = [], [], []
    for group, row in at[late].items():
        before = at[early].get(group)
        if before is None:
            continue
        if there[row] and there[before]:
            first.append(int(before))
            last.append(int(row))
        else:
            hidden.append(int(row))
    return np.array(first, np.int64), np.array(last, np.int64), hidden


@dataclass(frozen=True, slots=True)
class Slopes:
    """The two waves, and for each line its change and what the test says of it: 1 rose, -1 fell, 0 neither."""

    time: Timeline
    change: list[float]
    p: list[float]
    verdict: list[int]


def _slopes(exhibit: Exhibit) -> Slopes:
    time, e = without_empty_waves(timeline_of(exhibit)), exhibit.estimates
    if len(time.lines) > _MOST:
        raise ExportError(
            "There are too many slopes to name each.",
            got=f"{len(time.lines)} groups",
            expected=f"at most {_MOST}",
            fix="estimate fewer groups or items, or rank the changes: sample.change(..., by=...).ranks()",
        )
    n = len(time.lines)
    change, p_values, verdict = [np.nan] * n, [np.nan] * n, [0] * n
    columns = e.table[["difference", "p_difference"]].to_numpy(float)
    for p in time.points:
        value, p_value = columns[p.row]
        if p.wave == 1 and np.isfinite(value):
            change[p.line], p_values[p.line] = time.measure.factor * float(value), float(p_value)
            verdict[p.line] = int(np.sign(value)) if p_value < 1 - e.level else 0
    return Slopes(time, change, p_values, verdict)


def _draw(exhibit: Exhibit, frame: str) -> Figure:
    found = exhibit.once(_slopes)
    return compose(exhibit, frame, lambda sizes: SlopeBody(exhibit, found.time, found.change, found.verdict, sizes))


def _notes(exhibit: Exhibit) -> list[str]:
    lang, found = exhibit.lang, exhibit.once(_slopes)
    tested = sum(bool(np.isfinite(p)) for p in found.p)
    # a group without values in either wave is nowhere in the picture
    gone = [name for i, name in enumerate(found.time.lines) if name and not found.time.on(i)]
    absent = left_out(gone, lang)
    if not tested:
        return [catalogue.text("slope.untested", lang), *absent]
    adjusted = exhibit.options["adjust"] != "none" and tested > 1
    p = catalogue.text("narrative.p_adjusted", lang) if adjusted else "p"
    level = loc.number(1 - exhibit.estimates.level, 2, lang)
    return [catalogue.text("slope.shown", lang, p=p, level=level, n=tested), *absent]


def _described(exhibit: Exhibit) -> str:
    """Which groups rose and fell, the largest changes first, and how many did neither."""
    lang, found = exhibit.lang, exhibit.once(_slopes)
    time = found.time
    title, unit = loc.sentence(exhibit.title), plain_unit(time.measure, lang)
    first, last = time.waves
    said = [catalogue.text("slope.alt", lang, title=title, n=len(time.lines), first=first, last=last, unit=unit)]
    for sign, key in ((1, "slope.alt_rose"), (-1, "slope.alt_fell")):
        own = sorted((i for i, v in enumerate(found.verdict) if v == sign), key=lambda i: -abs(found.change[i]))
        if own:
            told = "; ".join(_told(exhibit, found, i) for i in own[:_TOLD])
            more = catalogue.text("slope.alt_more", lang, n=len(own) - _TOLD) if len(own) > _TOLD else ""
            said.append(catalogue.text(key, lang, n=len(own), told=told + more))
    still = [i for i, v in enumerate(found.verdict) if v == 0 and np.isfinite(found.change[i])]
    if still:
        named = ": " + "; ".join(_told(exhibit, found, i) for i in still) if len(still) <= _TOLD else ""
        said.append(catalogue.text("slope.alt_still", lang, n=len(still), told=named))
    absent = [time.lines[i] for i, c in enumerate(found.change) if not np.isfinite(c)]
    return " ".join([*said, *left_out([name or time.waves[0] for name in absent], lang)])


def _told(exhibit: Exhibit, found: Slopes, line: int) -> str:
    m, digits = found.time.measure, exhibit.options.get("digits")
    before, after = (m.value(p.estimate / m.factor, exhibit.lang, digits) for p in found.time.on(line))
    change = replace(m, difference=True).value(found.change[line] / m.factor, exhibit.lang, digits)
    return f"{found.time.lines[line]} {before} → {after} ({change})".strip()


FORM = ExhibitKind(
    "slope",
    "figure",
    _described,
    _notes,
    draw=_draw,
    parts=_slopes,
    chart=lambda exhibit: lines_chart(exhibit, exhibit.once(_slopes).time),
    shows="Slopes show two waves of each group.",
    takes='the result of sample.mean(..., by=["ward", "wave"]) or a similar method',
    otherwise="use figures.contrasts for changes that were computed before",
)
