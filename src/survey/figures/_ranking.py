"""Units ranked: their values with intervals, the ranks each may have, in quarters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from survey.base import catalogue
from survey.base.arguments import checked
from survey.codebook import Text
from survey.core.estimates_data import EstimatesData
from survey.core.ranks import ranks
from survey.core.summary import SummaryData
from survey.errors import ExportError
from survey.exhibits import theme
from survey.exhibits.chart import Chart
from survey.exhibits.exhibit import Exhibit, ExhibitKind, exhibit_of
from survey.exhibits.theme import Style
from survey.figures._canvas import compose
from survey.figures._native import Row, rows_chart
from survey.figures._result_rows import count_text, left_out, numbers_of, plain_unit, value_text
from survey.figures._rows_body import Column, Mark, RowsBody, RowsPlot, Rule, look
from survey.figures._share_bars import COLOURS
from survey.figures._vertical import span
from survey.words import labels as _labels
from survey.words import locale as loc
from survey.words.disclosure import published
from survey.words.measure import Measure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["ranking"]

_VALUE = ("value", "value_low", "value_high")


@checked(ExportError)
def ranking(
    e: EstimatesData | SummaryData,
    *,
    first: str = "highest",
    within: str | Sequence[str] | None = None,
    method: str = "simultaneous",
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
    """Draw units from the first to the last rank in quarters, each with its value and the ranks it may have.

    A filled marker is a unit that is in its quarter for sure, at the level of the estimates; a hollow one may be in
    another quarter. Units without a quarter (fewer than four) stand in one list.

    Parameters
    ----------
    e : Estimates
        Means, shares or indices of units, or the result of their `.ranks()`.
    first : {"highest", "lowest"}
        Which estimate has rank 1. Not for a result of `.ranks()`, which knows it.
    within : str or list of str, optional
        Grouping columns within which units are ranked ("wave").
    method : {"simultaneous", "marginal", "bootstrap"}
        Of the intervals of ranks; see `Estimates.ranks`.
    width : {"full", "half", "slide"}
        Columns that do not fit are left to the table.
    digits : int, optional
        Decimals of the values.
    suppress_below, flag_below : int
        Results on fewer answers are left out (and said to be), or get an asterisk. They have no rank, and the others
        are ranked as if there were no such units.
    lang, title, caption, subtitle, labels, name :
        As for `intervals`.

    Returns
    -------
    Exhibit

    Raises
    ------
    ExportError
        If the result has no units to rank, or they are measured in different units.
    EstimationError
        As for `Estimates.ranks`.

    References
    ----------
    As for `Estimates.ranks`.

    Examples
    --------
    >>> sv.figures.ranking(sample.index("friendly-ward", by="ward", part="index"))  # doctest: +SKIP
    """
    options: dict[str, Any] = {
        "width": width,
        "digits": digits,
        "labels": labels,
        "suppress_below": suppress_below,
        "flag_below": flag_below,
    }
    if isinstance(e, EstimatesData) and FORM.name in e.kind.exhibits:
        given = e.kind.ranks
        if given and (first, within, method) != ("highest", None, "simultaneous"):
            raise ExportError(
                "These are ranks already.",
                where="first=, within=, method=",
                got="the result of ranks()",
                fix="give them to ranks(...), or give the estimates themselves",
            )
        e = e if given else ranks(e, first=first, within=within, method=method)
        e = _with_values(published(e, suppress_below))
    return exhibit_of(FORM, e, lang, title, caption, name, options, subtitle)


def _with_values(r: EstimatesData) -> EstimatesData:
    """Ranks with the intervals of the values that were ranked; what is hidden is hidden for good."""
    if r.origin is None or len(r.origin.table) != len(r.table):
        raise ExportError(
            "These ranks have lost what was ranked.",
            got="ranks without their estimates",
            fix="rank the estimates again",
        )
    t = r.origin.table
    low, high = (t[c].to_numpy(float) if c in t.columns else np.full(len(t), np.nan) for c in ("conf_low", "conf_high"))
    hidden = r.table["value"].isna().to_numpy()
    low, high = (np.where(hidden, np.nan, x) for x in (low, high))
    return replace(r.with_table(r.table.assign(value_low=low, value_high=high)), _hiding=None)


@dataclass(frozen=True, slots=True)
class Ranked:
    """Rows of the figure from the first rank: headings, labels and rows of the table; what values are measured in."""

    keys: list[tuple[str, ...]]
    rows: list[int]
    measure: Measure


def _ranked(exhibit: Exhibit) -> Ranked:
    e, shown, lang = exhibit.estimates, exhibit.rows(), exhibit.lang
    if e.origin is None:
        raise FORM.refusal(e)
    measure = _labels.common_measure(e.origin)
    varying = _labels.varying(e) or _labels.levels_of(e)[-1:]
    table, quarter = e.table, e.table["quartile"].to_numpy(float)
    outer = _blocks(exhibit, varying)
    inner = [n for n in varying if n not in outer]
    blocks = [", ".join(str(shown[n].iloc[i]) for n in outer) for i in range(len(table))]
    names = [", ".join(str(shown[n].iloc[i]) for n in inner) for i in range(len(table))]
    number = {block: k for k, block in enumerate(dict.fromkeys(blocks))}
    rank = np.nan_to_num(table["estimate"].to_numpy(float), nan=np.inf)
    order = sorted(range(len(table)), key=lambda i: (number[blocks[i]], float(rank[i]), i))
    some = bool(np.isfinite(quarter).any())
    keys: list[tuple[str, ...]] = []
    for i in order:
        told = [blocks[i]] if len(number) > 1 else []
        if some and np.isfinite(quarter[i]):
            told.append(catalogue.text("ranking.quarter", lang, number=int(quarter[i])))
        elif some:
            told.append(catalogue.text("ranking.unranked", lang))
        head = " · ".join(told)
        keys.append((head, names[i]) if some or len(number) > 1 else (names[i],))
    return Ranked(keys, order, measure)


def _blocks(exhibit: Exhibit, varying: list[str]) -> list[str]:
    """The columns within which units are ranked: as many as there can be with a first rank in each of their blocks."""
    table = exhibit.estimates.table
    known = table[table["estimate"].notna()]
    for count in range(len(varying) - 1, 0, -1):
        for outer in combinations(varying, count):
            blocks = known.groupby(list(outer), dropna=False, observed=True)["estimate"]
            if bool((blocks.min() == 1).all()):
                return list(outer)
    return []


def _sure(exhibit: Exhibit) -> Any:
    t = exhibit.estimates.table
    return (t["quartile_low"] == t["quartile_high"]).to_numpy()


def _draw(exhibit: Exhibit, frame: str) -> Figure:
    return compose(exhibit, frame, lambda sizes: RowsBody(_plot(exhibit, sizes), sizes))


def _plot(exhibit: Exhibit, sizes: Style) -> RowsPlot:
    e, lang, found = exhibit.estimates, exhibit.lang, exhibit.once(_ranked)
    m, sure, some = found.measure, _sure(exhibit), bool(e.table["quartile"].notna().any())
    numbers = numbers_of(exhibit, m, _VALUE)
    marks = []
    for k, i in enumerate(found.rows):
        x, low, high = (float(v) for v in numbers[i])
        if np.isfinite(x):
            filled = bool(sure[i]) or not some
            marks.append(Mark(k, x, low, high, look(sizes, theme.SERIES[0], filled=filled), theme.SERIES[0]))
    ci = loc.word("ci_short", lang, level=loc.level_word(e.level, lang))
    origin = e.origin.kind if e.origin is not None else e.kind
    head = loc.word(origin.difference if m.difference else origin.heading, lang)
    head = "%" if m.kind == "share" and not m.difference else head
    columns = [
        Column(catalogue.text("ranking.rank", lang), [_rank(exhibit, i) for i in found.rows]),
        Column(f"{head} ({ci})", [value_text(exhibit, i, m, _VALUE) for i in found.rows]),
    ]
    if some:
        columns.append(Column(catalogue.text("ranking.quarters", lang), [_quarters(exhibit, i) for i in found.rows]))
    if "n" in e.table.columns:
        columns.append(Column("n", [count_text(exhibit, i) for i in found.rows]))
    rules = [] if m.no_difference is None else [Rule(m.factor * m.no_difference)]
    return RowsPlot(
        found.keys,
        marks,
        columns,
        span(numbers.ravel(), m, 0.05, 0.05),
        m.axis(lang),
        lang,
        rules,
        limits=None if m.difference else m.limits,
        headings=len(found.keys[0]) > 1,
    )


def _chart(exhibit: Exhibit) -> Chart | None:
    """A bar of the value of each unit, whose name tells its rank and those that it may have."""
    lang, found = exhibit.lang, exhibit.once(_ranked)
    m, sure, ranked = found.measure, _sure(exhibit), exhibit.estimates.table["estimate"].notna().to_numpy()
    keys = [
        (
            *key[:-1],
            catalogue.text("ranking.placed", lang, name=key[-1], rank=_rank(exhibit, i)) if ranked[i] else key[-1],
        )
        for key, i in zip(found.keys, found.rows, strict=True)
    ]
    some = bool(exhibit.estimates.table["quartile"].notna().any())
    hollow = [some and not sure[i] for i in found.rows]
    numbers = numbers_of(exhibit, m, _VALUE)[found.rows]
    one = Row("", COLOURS[0], numbers, found.rows, hollow, ["value"] * len(found.rows))
    told = [catalogue.text("ranking.in_brackets", lang), catalogue.text("ranking.filled", lang) if some else ""]
    return rows_chart(keys, [one], m, m.axis(lang), told, exhibit.options.get("digits"))


def _rank(exhibit: Exhibit, i: int) -> str:
    row, lang = exhibit.rows().iloc[i], exhibit.lang
    own, low, high = (float(row[c]) for c in ("estimate", "conf_low", "conf_high"))
    if not np.isfinite(own):
        return loc.number(np.nan)
    if low == high:
        return loc.count(own, lang)
    return f"{loc.count(own, lang)} ({loc.interval(low, high, 0, lang)})"


def _quarters(exhibit: Exhibit, i: int) -> str:
    low, high = (float(exhibit.rows()[c].iloc[i]) for c in ("quartile_low", "quartile_high"))
    if not np.isfinite(low):
        return ""
    return loc.count(low, exhibit.lang) if low == high else loc.interval(low, high, 0, exhibit.lang)


def _notes(exhibit: Exhibit) -> list[str]:
    e, lang = exhibit.estimates, exhibit.lang
    told = [
        loc.word("ci_note", lang, level=loc.level_word(e.level, lang)),
        catalogue.text("ranking.in_brackets", lang),
    ]
    if e.table["quartile"].notna().any():
        told.append(catalogue.text("ranking.filled", lang))
    if "n" in e.table.columns:
        told.append(loc.word("n_note", lang))
    return told


def _described(exhibit: Exhibit) -> str:
    e, lang, found = exhibit.estimates, exhibit.lang, exhibit.once(_ranked)
    rank = e.table["estimate"].to_numpy(float)
    ranked = [(key, i) for key, i in zip(found.keys, found.rows, strict=True) if np.isfinite(rank[i])]
    title, unit = loc.sentence(exhibit.title), plain_unit(found.measure, lang)
    said = [catalogue.text("ranking.alt", lang, title=title, n=len(ranked), unit=unit)]
    told = ranked if len(ranked) <= 8 else [*ranked[:3], *ranked[-3:]]
    texts = [
        catalogue.text(
            "ranking.alt_row",
            lang,
            place=", ".join(key),
            rank=_rank(exhibit, i),
            value=value_text(exhibit, i, found.measure, _VALUE),
        )
        for key, i in told
    ]
    said += ["; ".join(texts) + "."] if texts else []
    if e.table["quartile"].notna().any():
        sure = _sure(exhibit)
        said.append(catalogue.text("ranking.alt_sure", lang, n=sum(bool(sure[i]) for _, i in ranked)))
    absent = [key[-1] for key, i in zip(found.keys, found.rows, strict=True) if (key, i) not in ranked]
    return " ".join([*said, *left_out(absent, lang)])


FORM = ExhibitKind(
    "ranking",
    "figure",
    _described,
    _notes,
    draw=_draw,
    chart=_chart,
    parts=_ranked,
    shows="A ranking shows units by one number each.",
    takes="the result of sample.mean(..., by=...), .index(..., by=...) or a similar method, or of its .ranks()",
    otherwise="use figures.intervals",
)
