"""The same effect under several choices: rows of intervals, their verdicts, and which choices each row makes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from survey.base import catalogue
from survey.base.arguments import checked
from survey.codebook import Text
from survey.core.estimates_data import EstimatesData
from survey.core.summary import SummaryData
from survey.errors import ExportError
from survey.exhibits import theme
from survey.exhibits.chart import Chart
from survey.exhibits.exhibit import Exhibit, ExhibitKind, exhibit_of
from survey.exhibits.theme import Style
from survey.figures._canvas import compose
from survey.figures._native import Row, rows_chart
from survey.figures._result_rows import numbers_of, shared_unit
from survey.figures._rows_body import Column, Mark, RowsBody, RowsPlot, Rule, look
from survey.figures._share_bars import COLOURS
from survey.figures._vertical import span
from survey.words import labels as _labels
from survey.words import locale as loc
from survey.words.effect_sentence import verdict_word, verdicts_of
from survey.words.statuses import hidden_text

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["specifications"]

_TOLD = 6
_PLUS = " + "


@checked(ExportError)
def specifications(
    e: EstimatesData | SummaryData,
    *,
    lang: str | None = None,
    title: str | Text | None = None,
    caption: str | Text | None = None,
    subtitle: str | Text | None = None,
    sort: bool = False,
    width: str = "full",
    digits: int | None = None,
    labels: Mapping[str, str | Text] | None = None,
    name: str = "",
    suppress_below: int = _labels.SUPPRESS_BELOW,
    flag_below: int = _labels.FLAG_BELOW,
) -> Exhibit:
    """Draw an effect under several choices, with the verdict of each row beside it.

    A filled marker is an effect that the permutation test shows. The dashed line is the estimate as planned; a margin
    below which effects do not matter is shaded. Where rows make several choices at once, these are numbered, and
    columns of dots mark them.

    Parameters
    ----------
    e : Estimates
        Of sample.specifications(...), effect.leave_one_out() or sample.pretrends(...).
    lang : {"vi", "en"}, optional
    title, caption, subtitle : str or mapping of language to str, optional
    sort : bool
        Rows by their estimate (a specification curve), the largest first; else in the order declared.
    width : {"full", "half", "slide"}
        Columns that do not fit are left to the table.
    digits : int, optional
        Decimals written.
    labels : mapping of str to text, optional
        Names of one's own for items.
    name : str
        Name of exported files.
    suppress_below, flag_below : int
        Rows on fewer answers are left out (and said to be), or get an asterisk.

    Returns
    -------
    Exhibit

    Raises
    ------
    ExportError
        If the result has no specifications, or its rows have different units.

    References
    ----------
    Simonsohn, Simmons & Nelson (2020), Nature Human Behaviour 4.

    Examples
    --------
    >>> sv.figures.specifications(sample.specifications(..., choices={...}))  # doctest: +SKIP
    """
    options: dict[str, Any] = {
        "sort": sort,
        "width": width,
        "digits": digits,
        "labels": labels,
        "suppress_below": suppress_below,
        "flag_below": flag_below,
    }
    return exhibit_of(FORM, e, lang, title, caption, name, options, subtitle)


def _order(exhibit: Exhibit) -> list[int]:
    """Rows of the table in the order shown, item by item."""
    e = exhibit.estimates
    _labels.common_measure(e)
    if not exhibit.options.get("sort"):
        return list(range(len(e.table)))
    items = list(dict.fromkeys(e.table["item"]))
    value = np.nan_to_num(exhibit.rows()["estimate"].to_numpy(float), nan=-np.inf)
    return sorted(range(len(e.table)), key=lambda i: (items.index(e.table["item"].iloc[i]), -float(value[i])))


def _choices(exhibit: Exhibit) -> list[str]:
    """Single choices that some row makes together with others; empty where each row makes one at most."""
    e = exhibit.estimates
    names = list(dict.fromkeys(e.table[e.by[0]].astype(str)))
    return [n for n in names[1:] if _PLUS not in n] if any(_PLUS in n for n in names) else []


def _label(exhibit: Exhibit, i: int) -> str:
    e, choices = exhibit.estimates, exhibit.once(_choices)
    name = str(e.table[e.by[0]].iloc[i])
    made = [str(choices.index(c) + 1) for c in name.split(_PLUS) if c in choices]
    return _PLUS.join(made) if made else str(exhibit.rows()[e.by[0]].iloc[i])


def _alpha(exhibit: Exhibit) -> float:
    return 1 - exhibit.estimates.level


def _shown(exhibit: Exhibit) -> Any:
    """Whether the test shows an effect, of each row."""
    return exhibit.rows()["p_value"].to_numpy(float) <= _alpha(exhibit) + 1e-12


def _draw(exhibit: Exhibit, frame: str) -> Figure:
    return compose(exhibit, frame, lambda sizes: RowsBody(_plot(exhibit, sizes), sizes))


def _plot(exhibit: Exhibit, sizes: Style) -> RowsPlot:
    e, rows, at, lang = exhibit.estimates, exhibit.rows(), exhibit.once(_order), exhibit.lang
    if not isinstance(e, EstimatesData):
        raise FORM.refusal(e)
    m, choices = exhibit.measures[0], exhibit.once(_choices)
    numbers = m.factor * rows[["estimate", "conf_low", "conf_high"]].to_numpy(float)
    shown, colour = exhibit.once(_shown), theme.SERIES[0]
    marks = []
    finite = [float(x) for x in numbers[at].ravel() if np.isfinite(x)]
    ends = span([*finite, 0.0], m, 0.02, 0.05)
    for k, i in enumerate(at):
        x, low, high = (float(v) for v in np.clip(numbers[i], *ends))  # without ends: through the whole plot
        if np.isfinite(x):
            marks.append(Mark(k, x, low, high, look(sizes, colour, filled=bool(shown[i])), colour))
    level = loc.word("ci_short", lang, level=loc.level_word(e.level, lang))
    main = e.table[e.by[0]].tolist()[0]
    strong = [e.table[e.by[0]].iloc[i] == main for i in at]
    columns = [Column(f"{loc.word('difference', lang)} ({level})", [_value(exhibit, i) for i in at], strong)]
    known = [rows["status"].iloc[i] in ("shown", "flagged") for i in at]
    words = verdicts_of(e)
    p = [loc.p_value(float(rows["p_value"].iloc[i]), lang) if k else "" for i, k in zip(at, known, strict=True)]
    told = [verdict_word(words[i], lang) if k else "" for i, k in zip(at, known, strict=True)]
    columns += [Column(loc.heading("verdict", lang), told, strong), Column(loc.heading("p_value", lang), p, strong)]
    made = [str(e.table[e.by[0]].iloc[i]).split(_PLUS) for i in at]
    columns += [Column(str(k), ["●" if c in own else "" for own in made]) for k, c in enumerate(choices, 1)]
    several = e.table["item"].nunique() > 1
    rules = [Rule(0.0)]
    if not several and np.isfinite(numbers[0, 0]):
        rules.append(Rule(float(numbers[0, 0]), dashed=True))
    if "margin_low" in e.table.columns and e.table[["margin_low", "margin_high"]].drop_duplicates().shape[0] == 1:
        low, high = (m.factor * float(e.table[c].iloc[0]) for c in ("margin_low", "margin_high"))
        rules.append(Rule(np.nan, low=low, high=high))
    values = [*numbers[at].ravel(), 0.0, *(x for r in rules for x in (r.low, r.high))]
    values = [x for x in values if np.isfinite(x)]
    keys: list[tuple[str, ...]] = [(_label(exhibit, i),) for i in at]
    if several:
        keys = [(str(rows["item"].iloc[i]), *key) for i, key in zip(at, keys, strict=True)]
    return RowsPlot(keys, marks, columns, span(values, m, 0.02, 0.05), m.axis(lang), lang, rules, headings=several)


def _chart(exhibit: Exhibit) -> Chart | None:
    """A bar from zero of each choice, whose name tells what is concluded."""
    e, rows, at, lang = exhibit.estimates, exhibit.rows(), exhibit.once(_order), exhibit.lang
    if not isinstance(e, EstimatesData):
        return None
    m, shown, words = exhibit.measures[0], exhibit.once(_shown), verdicts_of(e)
    keys: list[tuple[str, ...]] = []
    for i in at:
        name = _label(exhibit, i)
        if rows["status"].iloc[i] in ("shown", "flagged"):
            name = catalogue.text("effect.judged", lang, name=name, verdict=verdict_word(words[i], lang))
        keys.append((str(rows["item"].iloc[i]), name))
    one = Row("", COLOURS[0], numbers_of(exhibit, m)[at], at, [not shown[i] for i in at])
    axis, digits = shared_unit(exhibit, m), exhibit.options.get("digits")
    return rows_chart(keys, [one], m, axis, exhibit.once(_notes)[1:], digits)


def _value(exhibit: Exhibit, i: int) -> str:
    m, lang, row = exhibit.measures[i], exhibit.lang, exhibit.rows().iloc[i]
    if row["status"] == "suppressed":
        return hidden_text(str(row["detail"]), lang, exhibit.thresholds[0])
    estimate, low, high = (float(row[c]) for c in ("estimate", "conf_low", "conf_high"))
    return m.with_interval(estimate, low, high, lang, exhibit.options.get("digits")) + (
        "*" if row["status"] == "flagged" else ""
    )


def _notes(exhibit: Exhibit) -> list[str]:
    e, lang = exhibit.estimates, exhibit.lang
    told = [loc.word("ci_note", lang, level=loc.level_word(e.level, lang))]
    told.append(catalogue.text("effect.filled", lang, alpha=loc.number(_alpha(exhibit), 2, lang)))
    choices = exhibit.once(_choices)
    if choices:
        names = e.table[e.by[0]].astype(str).tolist()
        named = "; ".join(f"{k} {exhibit.rows()[e.by[0]].iloc[names.index(c)]}" for k, c in enumerate(choices, 1))
        told.append(catalogue.text("effect.choices", lang, named=named))
    return told


def _described(exhibit: Exhibit) -> str:
    e, lang, rows, at = exhibit.estimates, exhibit.lang, exhibit.rows(), exhibit.once(_order)
    known = [i for i in at if np.isfinite(rows["estimate"].iloc[i])]
    unit = exhibit.measures[0].axis(lang) or catalogue.text("alt.no_unit", lang)
    title = loc.sentence(exhibit.title)
    said = [catalogue.text("effect.specifications_alt", lang, title=title, n=len(known), unit=unit)]
    words = verdicts_of(e) if isinstance(e, EstimatesData) else []
    several = e.table["item"].nunique() > 1
    told = []
    for i in known[:_TOLD]:
        place = ", ".join([*([str(rows["item"].iloc[i])] if several else []), str(rows[e.by[0]].iloc[i])])
        told.append(f"{place}: {_value(exhibit, i)}, {verdict_word(words[i], lang)}")
    if told:
        said.append("; ".join(told) + ".")
    absent = [str(rows[e.by[0]].iloc[i]) for i in at if i not in known]
    if absent:
        said.append(catalogue.text("alt.not_shown", lang, places="; ".join(absent)))
    return " ".join(said)


FORM = ExhibitKind(
    "specifications",
    "figure",
    _described,
    _notes,
    draw=_draw,
    chart=_chart,
    parts=_order,
    shows="A specification figure shows one effect under several choices.",
    takes="the result of sample.specifications(...), effect.leave_one_out() or sample.pretrends(...)",
    otherwise="use figures.forest for differences between groups",
)
