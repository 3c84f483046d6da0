"""Estimates against reference values from elsewhere, with their source, and a test of each difference."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from survey.base import catalogue
from survey.base.arguments import checked, one_of
from survey.base.arrays import Array, t_interval_factor, t_pvalue
from survey.base.catalogue import Note
from survey.codebook import Text
from survey.core.adjusting import ADJUSTMENTS, adjust_pvalues
from survey.core.estimates_data import EstimatesData
from survey.core.summary import SummaryData
from survey.errors import ExportError
from survey.exhibits import theme
from survey.exhibits.chart import Chart
from survey.exhibits.data import rows_as_data
from survey.exhibits.exhibit import Exhibit, ExhibitKind, exhibit_of
from survey.exhibits.theme import Style
from survey.figures._canvas import compose, text_width
from survey.figures._native import Row, rows_chart
from survey.figures._references import Given, references_of
from survey.figures._result_rows import count_text, keys_of, largest_first, numbers_of, plain_unit, value_text
from survey.figures._rows_body import Column, Mark, RowsBody, RowsPlot, Rule, look
from survey.figures._share_bars import COLOURS
from survey.figures._vertical import span
from survey.words import labels as _labels
from survey.words import locale as loc
from survey.words.disclosure import published

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["benchmark"]

_TOLD = 6
_OTHER = theme.SERIES[1]


@checked(ExportError)
def benchmark(
    e: EstimatesData | SummaryData,
    reference: float | Mapping[Any, float] | pd.DataFrame | EstimatesData,
    *,
    source: str | Text,
    reference_error: float | Mapping[Any, float] | None = None,
    reference_label: str | Text | None = None,
    adjust: str = "holm",
    sort: bool = False,
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
    """Draw estimates beside reference values from elsewhere (a target, the nation, another place), and test each.

    A filled marker is an estimate that the test shows to differ from its reference. The difference has the sampling
    error of the estimate, and that of the reference where it is known; a reference without one is taken as exact, which
    the notes say.

    Parameters
    ----------
    e : Estimates
        Means, shares, totals, ratios, quantiles, indices.
    reference : float, mapping, DataFrame or Estimates
        One value for all rows, or one for each by its item or group (code or label, of several columns joined by ":"),
        or a DataFrame with such columns, "value" and perhaps "std_error", or another survey's estimates of the same
        items or groups, which are taken as independent. Unrounded, in the units of `e.table` (a share in 0-1).
    source : str or mapping of language to str
        Where the reference comes from and of when it is; it stands in the notes.
    reference_error : float or mapping, optional
        Standard error of the reference, in the same units.
    reference_label : str or mapping of language to str, optional
        What the reference is ("Whole country, 2024"); "Reference" when not given.
    adjust : {"holm", "hochberg", "bh", "bonferroni", "none"}
        How p-values are adjusted over the rows.
    sort : bool
        Rows by their estimate, the largest first.
    width : {"full", "half", "slide"}
    lang, title, caption, subtitle, digits, labels, name, suppress_below, flag_below :
        As for `intervals`.

    Returns
    -------
    Exhibit

    Raises
    ------
    ExportError
        If there is no source, a reference fits no row or is in another unit, or rows have different units.

    References
    ----------
    Welch (1947), Biometrika 34, for the degrees of freedom where the reference has an error of its own.

    Examples
    --------
    >>> sv.figures.benchmark(sample.mean("friendliness", by="ward"), 71.5, source="PAPI 2024")  # doctest: +SKIP
    """
    possible = tuple(a for a in ADJUSTMENTS if a != "max-t")
    one_of(adjust, possible, "adjustment of p-values", ExportError, where="adjust=")
    if not any(text.strip() for text in loc.text_of(source).values()):
        raise ExportError(
            "A reference value needs its source.",
            where="source=",
            got=repr(source),
            expected="who published it and when, such as 'PAPI 2024, national mean'",
        )
    options: dict[str, Any] = {
        "source": dict(loc.text_of(source)),
        "reference_label": reference_label,
        "adjust": adjust,
        "sort": sort,
        "width": width,
        "digits": digits,
        "labels": labels,
        "suppress_below": suppress_below,
        "flag_below": flag_below,
    }
    if isinstance(e, EstimatesData) and FORM.name in e.kind.exhibits:
        e = published(e, suppress_below)
        given = references_of(e, reference, reference_error, suppress_below)
        options["one_value"] = given.single
        if isinstance(reference, EstimatesData):  # its numbers are part of the exhibit, also for an audit
            options["reference_result"] = published(reference, suppress_below)
        e = _compared(e, given, adjust)
    return exhibit_of(FORM, e, lang, title, caption, name, options, subtitle)


def _compared(e: EstimatesData, given: Given, adjust: str) -> EstimatesData:
    """The estimates with their reference, the difference, its interval and adjusted p-value."""
    t = e.table
    estimate, error, df = (
        t[c].to_numpy(float) if c in t.columns else np.full(len(t), np.nan) for c in ("estimate", "std_error", "df")
    )
    own, other = error**2, np.nan_to_num(given.error) ** 2
    total = own + other
    freedom = welch(own, df, other, given.df)
    difference = estimate - given.value
    with np.errstate(divide="ignore", invalid="ignore"):
        whole = np.where(total > 0, np.sqrt(total), np.nan)
        p = np.array(t_pvalue(difference / whole, freedom))
    half = t_interval_factor(e.level, freedom) * whole
    # rows that may not be shown count as comparisons that found nothing
    hidden = int((np.isnan(estimate) & np.isfinite(given.value)).sum())
    adjusted = adjust_pvalues(np.r_[p, np.ones(hidden)], adjust)[: len(p)]
    beside = {"reference": given.value}
    if np.isfinite(given.error).any():
        beside["reference_std_error"] = given.error
    beside |= {"difference": difference, "difference_low": difference - half, "difference_high": difference + half}
    beside["p_difference"] = adjusted
    several = adjust != "none" and int(np.isfinite(p).sum()) + hidden > 1
    notes = [Note(f"notes.adjusted_{adjust}")] if several else []
    return replace(e.with_table(t.assign(**beside)), notes=(*e.notes, *notes))


def welch(own: Array, df: Array, other: Array, other_df: Array) -> Array:
    """Degrees of freedom of a difference of two independent estimates, from their variances and own degrees."""
    with np.errstate(divide="ignore", invalid="ignore"):
        joint = (own + other) ** 2 / (own**2 / df + np.where(other > 0, other**2 / other_df, 0.0))
    return np.where(other > 0, joint, df)


def _rows(exhibit: Exhibit) -> list[tuple[tuple[str, ...], int]]:
    """Labels of each row and its place in the table, in their order."""
    e, shown = exhibit.estimates, exhibit.rows()
    _labels.common_measure(e)
    keys = keys_of(exhibit, _labels.varying(e) or _labels.levels_of(e)[:1])
    order = list(range(len(keys)))
    if exhibit.options.get("sort"):
        order = largest_first([key[0] if len(key) > 1 else "" for key in keys], shown["estimate"].to_numpy(float))
    return [(keys[i], i) for i in order]


def _differs(exhibit: Exhibit) -> Any:
    return exhibit.rows()["p_difference"].to_numpy(float) < 1 - exhibit.estimates.level


def _draw(exhibit: Exhibit, frame: str) -> Figure:
    return compose(exhibit, frame, lambda sizes: RowsBody(_plot(exhibit, sizes), sizes))


def _name(exhibit: Exhibit) -> str:
    given = exhibit.options.get("reference_label")
    return loc.pick(loc.text_of(given), exhibit.lang) if given else loc.heading("reference", exhibit.lang)


def _plot(exhibit: Exhibit, sizes: Style) -> RowsPlot:
    e, lang = exhibit.estimates, exhibit.lang
    rows, m, digits = exhibit.once(_rows), exhibit.measures[0], exhibit.options.get("digits")
    differs, f = _differs(exhibit), exhibit.measures[0].factor
    numbers = numbers_of(exhibit, m)
    reference = f * e.table["reference"].to_numpy(float)
    reach = f * float(t_interval_factor(e.level, np.inf)) * _errors(e)
    single = bool(exhibit.options.get("one_value"))
    colour, name = theme.SERIES[0], _name(exhibit)
    if text_width(name, sizes.base) > 0.6 * sizes.width:  # the notes have it whole
        name = loc.heading("reference", lang)
    tick = {**look(sizes, _OTHER, "D", False, 0.85)}
    marks: list[Mark] = []
    for k, (_, i) in enumerate(rows):
        x, low, high = (float(v) for v in numbers[i])
        if np.isfinite(x):
            marks.append(Mark(k, x, low, high, look(sizes, colour, filled=bool(differs[i])), colour))
        if not single and np.isfinite(reference[i]):
            ends = (float(reference[i] - reach[i]), float(reference[i] + reach[i]))
            marks.append(Mark(k, float(reference[i]), ends[0], ends[1], tick, _OTHER, 0.26, 0.1))
    rules = []
    values = [*numbers.ravel(), *reference, *(reference - reach), *(reference + reach)]
    if single and np.isfinite(reference).any():
        x = float(reference[np.isfinite(reference)][0])
        r = float(reach[np.isfinite(reference)][0])
        rules.append(Rule(x, f"{_name(exhibit)}: {m.value(x / f, lang, digits)}", True, x - r, x + r))
    level = loc.level_word(e.level, lang)
    ci = loc.word("ci_short", lang, level=level)
    head = {"share": "%", "count": loc.word("total", lang)}.get(m.kind, loc.word(e.kind.heading, lang))
    columns = [Column(f"{head} ({ci})", [value_text(exhibit, i, exhibit.measures[i]) for _, i in rows])]
    if not single:
        texts = [m.value(reference[i] / f, lang, digits) if np.isfinite(reference[i]) else "" for _, i in rows]
        columns.append(Column(name if len(name) < 24 else loc.heading("reference", lang), texts))
    columns.append(
        Column(
            f"{loc.word('difference', lang)} ({ci})",
            [_difference(exhibit, i) for _, i in rows],
            [bool(differs[i]) for _, i in rows],
        )
    )
    if "n" in e.table.columns:
        columns.append(Column("n", [count_text(exhibit, i) for _, i in rows]))
    return RowsPlot(
        [key for key, _ in rows],
        marks,
        columns,
        span(values, replace(m, difference=False, null=None), 0.05, 0.05),
        m.axis(lang),
        lang,
        rules,
        limits=None if m.difference else m.limits,
        legend=[] if single else [(_own(exhibit), look(sizes, colour)), (name, tick)],
    )


def _chart(exhibit: Exhibit) -> Chart | None:
    """A bar of each estimate above one of its reference."""
    e, rows, m = exhibit.estimates, exhibit.once(_rows), exhibit.measures[0]
    at = [i for _, i in rows]
    known = np.isfinite(numbers_of(exhibit, m)[at, 0])
    reference = m.factor * np.where(known, e.table["reference"].to_numpy(float)[at], np.nan)
    reach = m.factor * float(t_interval_factor(e.level, np.inf)) * _errors(e)[at]
    differs = _differs(exhibit)
    other = np.c_[reference, reference - reach, reference + reach]
    there = [i if np.isfinite(x) else -1 for i, x in zip(at, reference, strict=True)]
    series = [
        Row(_own(exhibit), COLOURS[0], numbers_of(exhibit, m)[at], at, [not differs[i] for i in at]),
        Row(_name(exhibit), COLOURS[1], other, there, columns=["reference"] * len(at)),
    ]
    told = [*_sourced(exhibit), _filled(exhibit, "benchmark.filled_bars"), *_sure(exhibit)]
    return rows_chart([key for key, _ in rows], series, m, m.axis(exhibit.lang), told, exhibit.options.get("digits"))


def _errors(e: Any) -> Array:
    """Standard errors of the references; NaN where they are not known."""
    column = "reference_std_error"
    return np.asarray(e.table[column].to_numpy(float) if column in e.table else np.full(len(e.table), np.nan))


def _own(exhibit: Exhibit) -> str:
    return catalogue.text("benchmark.own", exhibit.lang)


def _difference(exhibit: Exhibit, i: int) -> str:
    row, m = exhibit.rows().iloc[i], replace(exhibit.measures[i], difference=True)
    x, low, high = (float(row[c]) for c in ("difference", "difference_low", "difference_high"))
    return m.with_interval(x, low, high, exhibit.lang, exhibit.options.get("digits")) if np.isfinite(x) else ""


def _sourced(exhibit: Exhibit) -> list[str]:
    source = loc.pick(exhibit.options["source"], exhibit.lang)
    return [catalogue.text("benchmark.source", exhibit.lang, name=_name(exhibit), source=source)]


def _filled(exhibit: Exhibit, key: str) -> str:
    """What filled and hollow mean."""
    e, lang = exhibit.estimates, exhibit.lang
    tested = int(e.table["p_difference"].notna().sum())
    adjusted = exhibit.options["adjust"] != "none" and tested > 1
    p = catalogue.text("narrative.p_adjusted", lang) if adjusted else "p"
    return catalogue.text(key, lang, p=p, level=loc.number(1 - e.level, 2, lang))


def _sure(exhibit: Exhibit) -> list[str]:
    """How sure the references are, and how many are not known."""
    e, lang = exhibit.estimates, exhibit.lang
    known = "reference_std_error" in e.table.columns
    level = loc.level_word(e.level, lang)
    told = [catalogue.text("benchmark.uncertain" if known else "benchmark.exact", lang, level=level)]
    absent = int((e.table["reference"].isna() & e.table["estimate"].notna()).sum())
    if absent:
        told.append(catalogue.text("benchmark.absent", lang, n=absent))
    return told


def _notes(exhibit: Exhibit) -> list[str]:
    e, lang = exhibit.estimates, exhibit.lang
    told = [*_sourced(exhibit), loc.word("ci_note", lang, level=loc.level_word(e.level, lang))]
    told += [_filled(exhibit, "benchmark.filled"), *_sure(exhibit)]
    if "n" in e.table.columns:
        told.append(loc.word("n_note", lang))
    return told


def _described(exhibit: Exhibit) -> str:
    e, lang, rows = exhibit.estimates, exhibit.lang, exhibit.once(_rows)
    shown, differs, m = exhibit.rows(), _differs(exhibit), exhibit.measures[0]
    sure = [(key, i) for key, i in rows if np.isfinite(shown["difference"].iloc[i])]
    title, unit = loc.sentence(exhibit.title), plain_unit(m, lang)
    up = sum(bool(differs[i]) and shown["difference"].iloc[i] > 0 for _, i in sure)
    down = sum(bool(differs[i]) and shown["difference"].iloc[i] < 0 for _, i in sure)
    values = {"title": title, "unit": unit, "name": _name(exhibit), "above": up, "below": down}
    said = [catalogue.text("benchmark.alt", lang, n=len(sure), **values)]
    size = np.abs(shown["difference"].to_numpy(float))
    told = sure if len(sure) <= _TOLD else sorted(sure, key=lambda r: -size[r[1]])[: _TOLD // 2]
    texts = []
    for key, i in told:
        other = m.value(float(e.table["reference"].iloc[i]), lang, exhibit.options.get("digits"))
        texts.append(
            catalogue.text(
                "benchmark.alt_row",
                lang,
                place=", ".join(t for t in key if t) or exhibit.title,
                value=value_text(exhibit, i, exhibit.measures[i]),
                reference=other,
                difference=_difference(exhibit, i),
            )
        )
    said += ["; ".join(texts) + "."] if texts else []
    absent = [", ".join(t for t in key if t) for key, i in rows if shown["status"].iloc[i] in ("suppressed", "empty")]
    if absent:
        said.append(catalogue.text("alt.not_shown", lang, places="; ".join(absent)))
    return " ".join(said)


def _data(exhibit: Exhibit) -> pd.DataFrame:
    """With what the reference is and where it comes from."""
    source = loc.pick(exhibit.options["source"], exhibit.lang)
    usual = rows_as_data(exhibit.estimates, exhibit.rows(), exhibit.measures, exhibit.lang)
    return usual.assign(reference_label=_name(exhibit), reference_source=source)


FORM = ExhibitKind(
    "benchmark",
    "figure",
    _described,
    _notes,
    draw=_draw,
    chart=_chart,
    parts=_rows,
    data=_data,
    shows="A benchmark compares means, shares and their kind with reference values.",
    takes="the result of sample.mean(...), .proportion(...), .index(...) or a similar method",
    otherwise="use figures.forest for differences that were computed before",
)
