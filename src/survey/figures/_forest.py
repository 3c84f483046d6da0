"""Differences and coefficients as a forest: groups of rows around a line, with effect sizes and p-values beside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
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
from survey.figures._axis import ratio_span, ratio_value
from survey.figures._canvas import compose
from survey.figures._native import Row, rows_chart
from survey.figures._result_rows import (
    keys_of,
    largest_first,
    left_out,
    numbers_of,
    plain_unit,
    shared_unit,
    value_text,
)
from survey.figures._rows_body import Column, Mark, RowsBody, RowsPlot, Rule, look
from survey.figures._share_bars import COLOURS
from survey.figures._vertical import span
from survey.words import labels as _labels
from survey.words import locale as loc
from survey.words.comparisons import compared_head, compared_text, margins_apart
from survey.words.statuses import mark
from survey.words.terms import is_intercept, term_parts

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["forest"]

_TOLD = 6


@checked(ExportError)
def forest(
    e: EstimatesData | SummaryData,
    *,
    lang: str | None = None,
    title: str | Text | None = None,
    caption: str | Text | None = None,
    subtitle: str | Text | None = None,
    groups: Mapping[str, str | Text] | None = None,
    sort: bool = False,
    width: str = "full",
    digits: int | None = None,
    labels: Mapping[str, str | Text] | None = None,
    name: str = "",
    suppress_below: int = _labels.SUPPRESS_BELOW,
    flag_below: int = _labels.FLAG_BELOW,
) -> Exhibit:
    """Draw differences or coefficients in groups of rows, with effect sizes, p-values and verdicts beside them.

    Odds ratios have a logarithmic axis, on which 2 is as far from 1 as 0.5. A filled marker is a difference that the
    test shows (by the adjusted p-value where there is one), a hollow one is not shown. A margin of equivalence that all
    rows share is shaded.

    Parameters
    ----------
    e : Estimates
        Of sample.compare, .contrast, .pairwise, .change, .gap, .trend, .linear, of a model's margins and odds ratios.
    groups : mapping of str to text, optional
        The heading of each row, by its contrast, term or item as in `e.table`; rows without one come first. When not
        given, rows stand under their item, place or variable.
    sort : bool
        Rows by their estimate within each group, the largest first.
    width : {"full", "half", "slide"}
        Columns that do not fit are left to the table.
    labels : mapping of str to text, optional
        Names of one's own for items, contrasts and terms.
    lang, title, caption, subtitle, digits, name, suppress_below, flag_below :
        As for `intervals`.

    Returns
    -------
    Exhibit

    Raises
    ------
    ExportError
        If the result compares nothing, or its rows have different units.

    Examples
    --------
    >>> sv.figures.forest(sample.compare(["friendliness", "transparency"], by="pilot"))  # doctest: +SKIP
    >>> sv.figures.forest(sample.linear("friendliness ~ pilot + C(age_group)"))  # doctest: +SKIP
    """
    options = {
        "groups": None if groups is None else {k: dict(loc.text_of(v)) for k, v in groups.items()},
        "sort": sort,
        "width": width,
        "digits": digits,
        "labels": labels,
        "suppress_below": suppress_below,
        "flag_below": flag_below,
    }
    return exhibit_of(FORM, e, lang, title, caption, name, options, subtitle)


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the figure: its labels, and which row of the table it shows."""

    heading: str
    label: str
    row: int


def _lines(exhibit: Exhibit) -> list[Line]:
    """Rows in their order, heading by heading."""
    e, shown = exhibit.estimates, exhibit.rows()
    _labels.common_measure(e)
    given, own = exhibit.options.get("groups"), exhibit.options.get("labels") or {}
    varying = _labels.varying(e) or _labels.levels_of(e)[-1:]
    lines = []
    for i, key in enumerate(keys_of(exhibit, varying)):
        heading, label = key if len(key) > 1 else ("", key[0])
        if "term" in e.table.columns:
            term = str(e.table["term"].iloc[i])
            if is_intercept(term):
                continue
            if term not in own:
                variable, label = term_parts(e, term, exhibit.lang)
                heading = ", ".join(t for t in (heading, variable) if t)
        elif len(varying) == 1 and varying[0] == "contrast":
            heading, label = _parted(exhibit, i, label)
        if given is not None:
            keys = [str(e.table[n].iloc[i]) for n in ("contrast", "term", "item") if n in e.table.columns]
            text = next((given[k] for k in keys if k in given), None)
            label = label if not heading or text is None else f"{heading}, {label}"
            heading = "" if text is None else loc.pick(text, exhibit.lang)
        lines.append(Line(heading, label, i))
    if not lines:
        raise ExportError("There is nothing to show.", got="an intercept alone", expected="differences or coefficients")
    value = np.array([shown["estimate"].iloc[line.row] for line in lines], float)
    value = value if exhibit.options.get("sort") else np.zeros(len(lines))
    # rows without a heading come first
    return [lines[i - 1] for i in largest_first(["", *(line.heading for line in lines)], np.r_[np.inf, value])[1:]]


def _parted(exhibit: Exhibit, i: int, label: str) -> tuple[str, str]:
    """Of contrasts in several places that compare several things, the place is the heading."""
    e, lang = exhibit.estimates, exhibit.lang
    if str(e.table["contrast"].iloc[i]) in (exhibit.options.get("labels") or {}) or _labels.shared_difference(e, lang):
        return "", label
    place, sides = _labels.contrast_parts(e, i, lang)
    if not sides or not place:
        return "", label
    return place, _labels.change(e, i, lang) or " − ".join(sides)


def _draw(exhibit: Exhibit, frame: str) -> Figure:
    return compose(exhibit, frame, lambda sizes: RowsBody(_plot(exhibit, sizes), sizes))


def _judged(exhibit: Exhibit) -> tuple[str, Any]:
    """The column of p-values that judges, "" where there is none, and whether each row is shown to differ."""
    e, shown = exhibit.estimates, exhibit.rows()
    column = next((c for c in ("p_adjusted", "p_value") if c in e.table.columns), "")
    if column:
        return column, shown[column].to_numpy(float) < 1 - e.level
    m = exhibit.measures[0]
    null = m.no_difference or 0.0
    return "", (shown["conf_low"].to_numpy(float) > null) | (shown["conf_high"].to_numpy(float) < null)


def _plot(exhibit: Exhibit, sizes: Style) -> RowsPlot:
    e, shown, lines, lang = exhibit.estimates, exhibit.rows(), exhibit.once(_lines), exhibit.lang
    m = exhibit.measures[0]
    column, differs = _judged(exhibit)
    at = [line.row for line in lines]
    numbers = numbers_of(exhibit, m)
    status = shown["status"].tolist()
    colour = theme.SERIES[0]
    ratios, ends = exhibit.once(_ratio_span), (-np.inf, np.inf)
    if ratios is not None:  # what has no end, or lies far beyond, goes to the edge
        ends = ratios
    marks = []
    for k, i in enumerate(at):
        x, low, high = (float(v) for v in np.clip(numbers[i], *ends))
        if np.isfinite(x):
            marks.append(Mark(k, x, low, high, look(sizes, colour, filled=bool(differs[i])), colour))
    texts = [_value(exhibit, i) for i in at]
    level = loc.level_word(e.level, lang)
    head = loc.word(e.kind.difference if m.difference else e.kind.heading, lang)
    columns = [Column(f"{head} ({loc.word('ci_short', lang, level=level)})", texts)]
    known = [status[i] in ("shown", "flagged") for i in at]
    for name in ("effect_size", "verdict"):
        if name in e.table.columns and e.kind.compares:
            apart = margins_apart(e, lang)
            cells = [compared_text(shown.iloc[i], name, m, lang, apart[i]) for i in at]
            cells = [text if told else "" for text, told in zip(cells, known, strict=True)]
            columns.append(Column(compared_head(e, name, lang), cells))
    if column:
        p = [loc.p_value(float(shown[column].iloc[i]), lang) if k else "" for i, k in zip(at, known, strict=True)]
        columns.insert(len(columns) if len(columns) < 3 else 2, Column(loc.heading(column, lang), p))
    null = m.no_difference if m.no_difference is not None else 0.0
    rules = [Rule(m.factor * null)]
    if "margin_low" in e.table.columns and e.table[["margin_low", "margin_high"]].drop_duplicates().shape[0] == 1:
        low, high = (m.factor * float(e.table[c].iloc[0]) for c in ("margin_low", "margin_high"))
        rules.append(Rule(np.nan, "", low=low, high=high))
    values = [*numbers[at].ravel(), *(x for r in rules for x in (r.x, r.low, r.high))]
    return RowsPlot(
        [(line.heading, line.label) if any(x.heading for x in lines) else (line.label,) for line in lines],
        marks,
        columns,
        span(values, m, 0.02, 0.05) if ratios is None else ratios,
        shared_unit(exhibit, m) if ratios is None else catalogue.text("forest.ratios", lang, name=head),
        lang,
        rules,
        headings=True,
        ratios=ratios is not None,
    )


def _chart(exhibit: Exhibit) -> Chart | None:
    """Differences as bars from zero; None of ratios, whose bars would begin nowhere on an axis of logarithms."""
    if exhibit.once(_ratio_span) is not None:
        return None
    lines, m = exhibit.once(_lines), exhibit.measures[0]
    at = [line.row for line in lines]
    _, differs = _judged(exhibit)
    keys = [(line.heading, line.label) if any(x.heading for x in lines) else (line.label,) for line in lines]
    one = Row("", COLOURS[0], numbers_of(exhibit, m)[at], at, [not differs[i] for i in at])
    told = [note for note in exhibit.once(_told_of) if note]
    return rows_chart(keys, [one], m, shared_unit(exhibit, m), told, exhibit.options.get("digits"))


def _value(exhibit: Exhibit, i: int) -> str:
    """The number of a row with its interval; ratios have as many digits as say something."""
    row, lang = exhibit.rows().iloc[i], exhibit.lang
    numbers = [float(row[column]) for column in ("estimate", "conf_low", "conf_high")]
    plain = exhibit.once(_ratio_span) is None or exhibit.options.get("digits") is not None
    if plain or row["status"] == "suppressed" or not np.isfinite(numbers).all():
        return value_text(exhibit, i, exhibit.measures[i])
    told, low, high = (ratio_value(x, lang) for x in numbers)
    return f"{told} ({low}–{high})" + mark(str(row["status"]), str(row["detail"]))


def _ratio_span(exhibit: Exhibit) -> tuple[float, float] | None:
    """The range of the axis of a result of ratios, of which 1 says that there is nothing; None of any other."""
    if exhibit.estimates.kind.null != 1.0:
        return None
    numbers = numbers_of(exhibit, exhibit.measures[0])
    at = [line.row for line in exhibit.once(_lines)]
    return ratio_span(numbers[at, 0], numbers[at, 1:])


def _cut(exhibit: Exhibit) -> bool:
    """Whether an interval goes on beyond the axis."""
    ends = exhibit.once(_ratio_span)
    if ends is None:
        return False
    at = [line.row for line in exhibit.once(_lines)]
    numbers = numbers_of(exhibit, exhibit.measures[0])[at]
    numbers = numbers[np.isfinite(numbers[:, 0])]
    return bool((numbers[:, 1] < ends[0]).any() or (numbers[:, 2] > ends[1]).any())


def _filled(exhibit: Exhibit) -> str:
    """What filled and hollow mean."""
    e, lang = exhibit.estimates, exhibit.lang
    column, _ = _judged(exhibit)
    if not column:
        return catalogue.text("forest.filled_interval", lang)
    p = catalogue.text("narrative.p_adjusted", lang) if column == "p_adjusted" else "p"
    return catalogue.text("forest.filled", lang, p=p, level=loc.number(1 - e.level, 2, lang))


def _without_intercept(exhibit: Exhibit) -> str:
    e = exhibit.estimates
    left = "term" in e.table.columns and len(exhibit.once(_lines)) < len(e.table)
    return catalogue.text("forest.intercept", exhibit.lang) if left else ""


def _told_of(exhibit: Exhibit) -> list[str]:
    """What stands beside a chart of an office program: a margin of equivalence in words, as it is not shaded."""
    e, lang, m = exhibit.estimates, exhibit.lang, exhibit.measures[0]
    told = [_filled(exhibit)]
    if "margin_low" in e.table.columns and not any(margins_apart(e, lang)):
        low, high = (m.value(float(e.table[c].iloc[0]), lang) for c in ("margin_low", "margin_high"))
        told.append(catalogue.text("forest.margin_told", lang, low=low, high=high))
    return [*told, _without_intercept(exhibit)]


def _notes(exhibit: Exhibit) -> list[str]:
    e, lang = exhibit.estimates, exhibit.lang
    level = loc.level_word(e.level, lang)
    told = [loc.word("ci_note", lang, level=level), _filled(exhibit)]
    if exhibit.once(_ratio_span) is not None:
        told.append(catalogue.text("forest.log", lang))
    if _cut(exhibit):
        told.append(catalogue.text("forest.cut", lang))
    if "margin_low" in e.table.columns:
        told.append(catalogue.text("forest.margin", lang))
    return [*told, *filter(None, [_without_intercept(exhibit)])]


def _described(exhibit: Exhibit) -> str:
    lang, lines = exhibit.lang, exhibit.once(_lines)
    shown, (_, differs) = exhibit.rows(), _judged(exhibit)
    sure = [line for line in lines if np.isfinite(shown["estimate"].iloc[line.row])]
    unit = plain_unit(exhibit.measures[0], lang)
    title = loc.sentence(exhibit.title)
    n = sum(bool(differs[line.row]) for line in sure)
    said = [catalogue.text("forest.alt", lang, title=title, n=len(sure), unit=unit, differ=n)]
    # those that are shown first, the largest of them first
    size = np.abs(shown["estimate"].to_numpy(float))
    order = sorted(sure, key=lambda x: (not differs[x.row], -size[x.row]))
    told = order if len(order) <= _TOLD else order[: _TOLD // 2]
    said += ["; ".join(f"{_place(line)}: {_value(exhibit, line.row)}" for line in told) + "."] if told else []
    absent = [_place(line) for line in lines if line not in sure]
    return " ".join([*said, *left_out(absent, lang)])


def _place(line: Line) -> str:
    return ", ".join(t for t in (line.heading, line.label) if t)


FORM = ExhibitKind(
    "forest",
    "figure",
    _described,
    _notes,
    draw=_draw,
    chart=_chart,
    parts=_lines,
    shows="A forest shows differences or coefficients.",
    takes="the result of sample.compare(...), .linear(...), model.margins(), estimates.contrast(...) or .pairwise(...)",
    otherwise="use figures.intervals for means and shares",
)
