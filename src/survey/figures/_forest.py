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
from survey.exhibits.exhibit import Exhibit, ExhibitKind, exhibit_of
from survey.exhibits.theme import Style
from survey.figures._canvas import compose
from survey.figures._rows_body import Column, Mark, RowsBody, RowsPlot, Rule, look
from survey.figures._vertical import span
from survey.words import labels as _labels
from survey.words import locale as loc
from survey.words.comparisons import compared_head, compared_text, margins_apart
from survey.words.statuses import hidden_text, mark
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

    A filled marker is a difference that the test shows (by the adjusted p-value where there is one), a hollow one is
    not shown. A margin of equivalence that all rows share is shaded.

    Parameters
    ----------
    e : Estimates
        Of sample.compare, .contrast, .pairwise, .change, .gap, .trend, .linear, of a model's margins and odds ratios.
    lang : {"vi", "en"}, optional
    title, caption, subtitle : str or mapping of language to str, optional
    groups : mapping of str to text, optional
        The heading of each row, by its contrast, term or item as in `e.table`; rows without one come first. When not
        given, rows stand under their item, place or variable.
    sort : bool
        Rows by their estimate within each group, the largest first.
    width : {"full", "half", "slide"}
        Columns that do not fit are left to the table.
    digits : int, optional
        Decimals written.
    labels : mapping of str to text, optional
        Names of one's own for items, contrasts and terms.
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
    levels = [n for n in [*_labels.levels_of(e), "answer"] if n in e.table.columns]
    varying = [n for n in levels if e.table[n].nunique(dropna=False) > 1] or levels[-1:]
    lines = []
    for i in range(len(e.table)):
        names = list(_labels.under_headings(e, varying, [str(shown[n].iloc[i]) for n in varying]))
        heading, label = (names[0], ", ".join(names[1:])) if len(names) > 1 else ("", names[0])
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
    value = np.nan_to_num(shown["estimate"].to_numpy(float), nan=-np.inf)
    first = {h: i for i, h in enumerate(dict.fromkeys(["", *(line.heading for line in lines)]))}
    by_size = bool(exhibit.options.get("sort"))
    return sorted(lines, key=lambda x: (first[x.heading], -float(value[x.row]) if by_size else 0.0))


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
    numbers = m.factor * shown[["estimate", "conf_low", "conf_high"]].to_numpy(float)
    status = shown["status"].tolist()
    colour = theme.SERIES[0]
    marks = []
    for k, i in enumerate(at):
        x, low, high = (float(v) for v in numbers[i])
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
    unit = m.axis(lang)
    shared = _labels.shared_difference(e, lang)
    return RowsPlot(
        [(line.heading, line.label) if any(x.heading for x in lines) else (line.label,) for line in lines],
        marks,
        columns,
        span(values, m, 0.02, 0.05),
        f"{shared} ({unit})" if shared and unit else shared or unit,
        lang,
        rules,
        headings=True,
    )


def _value(exhibit: Exhibit, i: int) -> str:
    shown, m, lang = exhibit.rows(), exhibit.measures[i], exhibit.lang
    row = shown.iloc[i]
    if row["status"] == "suppressed":
        return hidden_text(str(row["detail"]), lang, exhibit.thresholds[0])
    estimate, low, high = (float(row[c]) for c in ("estimate", "conf_low", "conf_high"))
    return m.with_interval(estimate, low, high, lang, exhibit.options.get("digits")) + mark(
        str(row["status"]), str(row["detail"])
    )


def _notes(exhibit: Exhibit) -> list[str]:
    e, lang = exhibit.estimates, exhibit.lang
    column, _ = _judged(exhibit)
    level = loc.level_word(e.level, lang)
    told = [loc.word("ci_note", lang, level=level)]
    if column:
        p = catalogue.text("narrative.p_adjusted", lang) if column == "p_adjusted" else "p"
        told.append(catalogue.text("forest.filled", lang, p=p, level=loc.number(1 - e.level, 2, lang)))
    else:
        told.append(catalogue.text("forest.filled_interval", lang))
    if "margin_low" in e.table.columns:
        told.append(catalogue.text("forest.margin", lang))
    if "term" in e.table.columns and len(exhibit.once(_lines)) < len(e.table):
        told.append(catalogue.text("forest.intercept", lang))
    return told


def _described(exhibit: Exhibit) -> str:
    lang, lines = exhibit.lang, exhibit.once(_lines)
    shown, (_, differs) = exhibit.rows(), _judged(exhibit)
    sure = [line for line in lines if np.isfinite(shown["estimate"].iloc[line.row])]
    unit = exhibit.measures[0].axis(lang) or catalogue.text("alt.no_unit", lang)
    title = loc.sentence(exhibit.title)
    n = sum(bool(differs[line.row]) for line in sure)
    said = [catalogue.text("forest.alt", lang, title=title, n=len(sure), unit=unit, differ=n)]
    # those that are shown first, the largest of them first
    size = np.abs(shown["estimate"].to_numpy(float))
    order = sorted(sure, key=lambda x: (not differs[x.row], -size[x.row]))
    told = order if len(order) <= _TOLD else order[: _TOLD // 2]
    said += ["; ".join(f"{_place(line)}: {_value(exhibit, line.row)}" for line in told) + "."] if told else []
    absent = [_place(line) for line in lines if line not in sure]
    if absent:
        said.append(catalogue.text("alt.not_shown", lang, places="; ".join(absent)))
    return " ".join(said)


def _place(line: Line) -> str:
    return ", ".join(t for t in (line.heading, line.label) if t)


FORM = ExhibitKind(
    "forest",
    "figure",
    _described,
    _notes,
    draw=_draw,
    parts=_lines,
    shows="A forest shows differences or coefficients.",
    takes="the result of sample.compare(...), .linear(...), model.margins(), estimates.contrast(...) or .pairwise(...)",
    otherwise="use figures.intervals for means and shares",
)
