"""The effect of a programme: every unit before and after, and the gap under every other way to choose the treated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from survey.base import catalogue
from survey.base.arguments import checked, listed
from survey.base.arrays import Array
from survey.codebook import Text
from survey.compare.effect_data import EffectData
from survey.compare.effect_parts import EffectParts, effect_parts, permutation_gaps
from survey.core.estimates_data import EstimatesData
from survey.core.summary import SummaryData
from survey.errors import ExportError, shorten
from survey.exhibits import theme
from survey.exhibits.data import rows_as_data
from survey.exhibits.exhibit import Exhibit, ExhibitKind, exhibit_of
from survey.exhibits.theme import Style
from survey.figures._canvas import compose
from survey.figures._effect_body import Distribution, EffectBody, Panel
from survey.figures._result_rows import RESULT, plain_unit, rows_of
from survey.figures._rows_body import Column, Mark, RowsPlot, look
from survey.figures._vertical import span
from survey.words import labels as _labels
from survey.words import locale as loc
from survey.words.measure import Measure
from survey.words.statuses import hidden_text

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["effect"]

_MOST_ITEMS = 3
_TREATED, _OTHER = theme.SERIES[0], theme.SERIES[2]


@checked(ExportError)
def effect(
    e: EstimatesData | SummaryData,
    *,
    item: str | Sequence[str] | None = None,
    lang: str | None = None,
    title: str | Text | None = None,
    caption: str | Text | None = None,
    subtitle: str | Text | None = None,
    width: str = "full",
    digits: int | None = None,
    labels: Mapping[str, str | Text] | None = None,
    name: str = "",
    suppress_below: int = _labels.SUPPRESS_BELOW,
    flag_below: int = _labels.FLAG_BELOW,
) -> Exhibit:
    """Draw what a programme changed: each unit before and after, and the permutation distribution of the effect.

    Above, the treated units and the others, each with both periods and its change; below, the gap under every way to
    choose as many treated units, with the one observed. Where a unit may not be shown, the distribution is not, nor the
    effect if a hidden mean or change could be computed from it.

    Parameters
    ----------
    e : Estimates
        The result of sample.effect(...).
    item : str or list of str, optional
        Which items, at most three; needed where the result has more.
    width : {"full", "half", "slide"}
    lang, title, caption, subtitle, digits, labels, name, suppress_below, flag_below :
        As for `intervals`.

    Returns
    -------
    Exhibit

    Raises
    ------
    ExportError
        If the result is no effect, has more than three items and none is chosen, or no such item.
    EstimationError
        If the units behind the effect are not known (a pooled result).

    References
    ----------
    Fisher (1935), The Design of Experiments, on the permutation test.

    Examples
    --------
    >>> sv.figures.effect(sample.effect("friendliness", "pilot", "wave", "ward"))  # doctest: +SKIP
    """
    options: dict[str, Any] = {
        "width": width,
        "digits": digits,
        "labels": labels,
        "suppress_below": suppress_below,
        "flag_below": flag_below,
    }
    if isinstance(e, EstimatesData) and FORM.name in e.kind.exhibits:
        e = _chosen(e, item)
    return exhibit_of(FORM, e, lang, title, caption, name, options, subtitle)


def _chosen(e: EstimatesData, item: str | Sequence[str] | None) -> EstimatesData:
    """The effect on some items."""
    items = e.table["item"].tolist()
    asked = items if item is None else listed(item)
    absent = [i for i in asked if i not in items]
    if absent:
        raise ExportError("The effect has no such item.", where="item=", got=shorten(absent), expected=shorten(items))
    if len(asked) > _MOST_ITEMS:
        raise ExportError(
            "Too many items for one figure.",
            where="item=",
            got=f"{len(asked)} items",
            expected=f"at most {_MOST_ITEMS}",
            fix=f"choose: item={items[0]!r}",
        )
    at = [items.index(i) for i in dict.fromkeys(asked)]
    if at == list(range(len(items))):
        return e
    chosen = rows_of(e, np.array(at, np.int64))
    if isinstance(chosen, EffectData) and chosen.treatment is not None:
        chosen = replace(chosen, treatment=replace(chosen.treatment, rows=chosen.treatment.rows[at]))
    return chosen


@dataclass(frozen=True, slots=True)
class Shown:
    """One item: its units, its row of the table, and the gaps; empty where they may not be shown."""

    parts: EffectParts
    row: int
    gaps: Array
    measure: Measure


def _shown(exhibit: Exhibit) -> list[Shown]:
    e = exhibit.estimates
    if not isinstance(e, EstimatesData):
        raise FORM.refusal(e)
    parts = effect_parts(e)
    found = []
    for i, p in enumerate(parts):
        gaps = permutation_gaps(e, p) if np.isfinite(e.table["estimate"].iloc[i]) else np.full(1, np.nan)
        found.append(Shown(p, i, gaps if np.isfinite(gaps).all() else gaps[:0], exhibit.measures[i]))
    return found


def _means(exhibit: Exhibit) -> pd.DataFrame:
    """Rows of the units, labelled."""
    e = exhibit.estimates
    return _labels.labelled(e.origin or e, exhibit.lang, exhibit.options.get("labels"), *exhibit.thresholds)


def _draw(exhibit: Exhibit, frame: str) -> Figure:
    def body(sizes: Style) -> EffectBody:
        shown = exhibit.once(_shown)
        return EffectBody([_panel(exhibit, one, sizes, len(shown) > 1) for one in shown], sizes, exhibit.lang)

    return compose(exhibit, frame, body)


def _panel(exhibit: Exhibit, one: Shown, sizes: Style, headed: bool) -> Panel:
    lang, digits = exhibit.lang, exhibit.options.get("digits")
    means, parts = exhibit.once(_means), one.parts
    plain = replace(one.measure, difference=False)
    f = plain.factor
    marks: list[Mark] = []
    keys: list[tuple[str, ...]] = []
    changes: list[str] = []
    strong: list[bool] = []
    values: list[float] = []
    names = {True: catalogue.text("effect.treated", lang), False: catalogue.text("effect.others", lang)}
    for treated in (True, False):
        colour = _TREATED if treated else _OTHER
        of_group = [k for k, t in enumerate(parts.treated) if bool(t) is treated]
        ends = []
        for k in of_group:
            rows = [means.iloc[int(r)] for r in parts.rows[k]]
            numbers = [[f * float(r[c]) for c in RESULT] for r in rows]
            at = len(keys)
            keys.append((names[treated], str(rows[0][parts.unit])))
            marks += _pair(at, numbers, colour, sizes)
            values += [x for three in numbers for x in three]
            ends.append([three[0] for three in numbers])
            changes.append(_change(exhibit, rows, one.measure))
            strong.append(False)
        middle = np.mean(np.asarray(ends, float), axis=0)
        if np.isfinite(middle).all() and len(of_group) > 1:
            at = len(keys)
            keys.append((names[treated], catalogue.text("effect.mean", lang)))
            marks += _pair(at, [[float(x), np.nan, np.nan] for x in middle], colour, sizes)
            changes.append(one.measure.value(float(middle[1] - middle[0]) / f, lang, digits))
            strong.append(True)
    origin = exhibit.estimates.origin
    period = [
        _labels.group_label(origin, parts.period, v, lang) if origin is not None else str(v)
        for v in (parts.before, parts.after)
    ]
    legend = [(text, look(sizes, _OTHER, "o", filled)) for text, filled in zip(period, (False, True), strict=True)]
    plot = RowsPlot(
        keys,
        marks,
        [Column(catalogue.text("effect.change", lang), changes, strong)],
        span(values, plain, 0.05, 0.05),
        plain.axis(lang),
        lang,
        limits=plain.limits,
        headings=True,
        legend=legend,
    )
    row = exhibit.estimates.table.iloc[one.row]
    heading = str(exhibit.rows()["item"].iloc[one.row]) if headed else ""
    return Panel(heading, plot, _distribution(exhibit, one, row))


def _pair(row: int, numbers: Sequence[Sequence[float]], colour: str, sizes: Style) -> list[Mark]:
    """Before above, hollow; after below it, filled; joined by a thin line."""
    (x0, low0, high0), (x1, low1, high1) = numbers
    first = Mark(row, x0, low0, high0, look(sizes, colour, "o", False, 0.9), colour, -0.17, 0.11)
    return [first, Mark(row, x1, low1, high1, look(sizes, colour, "o", True, 0.9), colour, 0.17, 0.11)]


def _change(exhibit: Exhibit, rows: Sequence[pd.Series], measure: Measure) -> str:
    if any(r["status"] == "suppressed" for r in rows):
        gone = [str(r["detail"]) for r in rows if r["status"] == "suppressed"]
        detail = "small" if "small" in gone else gone[0]
        return hidden_text(detail, exhibit.lang, exhibit.thresholds[0])
    sign = "*" if any(r["status"] == "flagged" for r in rows) else ""
    first, last = (float(r["estimate"]) for r in rows)
    return measure.value(last - first, exhibit.lang, exhibit.options.get("digits")) + sign


def _distribution(exhibit: Exhibit, one: Shown, row: pd.Series) -> Distribution:
    lang = exhibit.lang
    if not np.isfinite(row["estimate"]):
        return Distribution(np.zeros(0), np.nan, 0, catalogue.text("effect.none", lang), "", "")
    f, m = one.measure.factor, one.measure
    told = catalogue.text(
        "effect.observed", lang, value=m.value(float(row["estimate"]), lang, exhibit.options.get("digits"))
    )
    large = catalogue.text(
        "effect.as_large",
        lang,
        large=int(row["as_large"]),
        all=int(row["assignments"]),
        p=loc.p_equals(float(row["p_value"]), lang),
        floor=loc.number(float(row["p_floor"]), 3, lang),
    )
    axis = ", ".join(filter(None, (catalogue.text("effect.axis", lang), m.axis(lang))))
    return Distribution(f * one.gaps, f * float(row["estimate"]), int(row["as_large"]), large, told, axis)


def _notes(exhibit: Exhibit) -> list[str]:
    lang, shown = exhibit.lang, exhibit.once(_shown)
    level = loc.level_word(exhibit.estimates.level, lang)
    told = [loc.word("ci_note_lines", lang, level=level)]
    if any(len(one.gaps) for one in shown):
        told.append(catalogue.text("effect.below", lang))
    means = exhibit.once(_means)
    rows = [int(r) for one in shown for r in one.parts.rows.ravel()]
    status = set(means["status"].iloc[rows])
    low, high = exhibit.thresholds
    if "complementary" in set(means["detail"].iloc[rows]) - set(exhibit.rows()["detail"]):
        told.append(loc.word("complementary_note", lang, low=low))
    own = set(exhibit.rows()["status"])
    if "flagged" in status and "flagged" not in own:
        told.append(loc.word("flag_note", lang, low=low, high=high - 1))
    if "suppressed" in status and "suppressed" not in own:
        told.append(loc.word("suppress_note", lang, low=low))
    return told


def _described(exhibit: Exhibit) -> str:
    lang, means = exhibit.lang, exhibit.once(_means)
    said = []
    shown = exhibit.once(_shown)
    for one in shown:
        parts, row = one.parts, exhibit.estimates.table.iloc[one.row]
        unit = plain_unit(one.measure, lang)
        head = loc.sentence(exhibit.title if len(shown) == 1 else str(exhibit.rows()["item"].iloc[one.row]))
        n = len(parts.units)
        said.append(catalogue.text("effect.alt", lang, title=head, n=n, treated=int(parts.treated.sum()), unit=unit))
        told = []
        for k in np.flatnonzero(parts.treated)[:4]:
            rows = [means.iloc[int(r)] for r in parts.rows[int(k)]]
            told.append(f"{rows[0][parts.unit]} {_change(exhibit, rows, one.measure)}")
        said.append(catalogue.text("effect.alt_treated", lang, told="; ".join(told)))
        d = _distribution(exhibit, one, row)
        said += [loc.sentence(text) for text in (d.observed, d.text) if text]
    return " ".join(said)


def _data(exhibit: Exhibit) -> pd.DataFrame:
    """The effect, the units in both periods, and how often each gap comes: a row each, told apart by `part`."""
    means, origin, shown = exhibit.once(_means), exhibit.estimates.origin, exhibit.once(_shown)
    usual = rows_as_data(exhibit.estimates, exhibit.rows(), exhibit.measures, exhibit.lang)
    frames = [usual.assign(part="effect")]
    for one in shown:
        parts = one.parts
        flat = [int(r) for r in parts.rows.ravel()]
        if origin is None:
            continue
        own = means.iloc[flat].copy()
        hidden = own["status"] == "suppressed"
        own = own.rename(columns={"detail": "status_detail"})
        for c in [c for c in ("n", "df") if c in own.columns]:
            own[c] = own[c].where(~hidden)
        own = own.rename(columns={n: f"{n}_label" for n in ("item", parts.unit, parts.period)})
        for n in ("item", parts.unit, parts.period):
            own[n] = origin.table[n].iloc[flat].to_numpy()
        frames.append(own.assign(part="unit", treated=np.repeat(parts.treated, 2).astype(int)))
        value, count = np.unique(np.round(one.gaps, 10), return_counts=True)
        gaps = pd.DataFrame({"part": "permutation", "item": parts.item, "estimate": value, "count": count})
        frames.append(gaps)
    out = pd.concat([f.reset_index(drop=True) for f in frames], ignore_index=True)
    names = ["part", "item", *(c for c in out.columns if c not in ("part", "item"))]
    return out[names].assign(source=usual["source"].iloc[0])


FORM = ExhibitKind(
    "effect",
    "figure",
    _described,
    _notes,
    draw=_draw,
    parts=_shown,
    data=_data,
    shows="An effect figure shows the units of a programme before and after.",
    takes='the result of sample.effect(items, treated=..., period="wave", unit="ward")',
    otherwise="use figures.forest for differences in differences that were computed as contrasts",
)
