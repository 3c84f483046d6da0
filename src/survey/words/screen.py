"""How results and samples look on a screen: labels for codes, rounded for reading, every digit kept in `.table`.

Nothing is left out here, unlike in exhibits: who analyses must see small numbers too. They are marked instead.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any

import numpy as np
import pandas as pd

from survey.base import catalogue
from survey.base.html import facts, markup, paragraphs, render
from survey.codebook._table import language_of
from survey.core.estimates_data import EstimatesData
from survey.core.responses_data import ResponsesData
from survey.core.result import ResultData
from survey.core.sample_data import SampleData
from survey.core.undeclared import form_notes, undeclared_note
from survey.words import labels as _labels
from survey.words import locale as loc
from survey.words import quantities, ranks, steps
from survey.words.certainty import certainty
from survey.words.comparisons import READ, compared_head, compared_text, is_compared, margins_apart
from survey.words.effect_sentence import verdict_word
from survey.words.families import family_label, planned
from survey.words.frames import frame_to_html

__all__ = [
    "language_of",
    "responses_parts",
    "responses_to_html",
    "responses_to_text",
    "rounded",
    "sample_to_html",
    "to_html",
    "to_text",
]

_MOST_ROWS, _MOST_NOTES = 60, 3
_MARGINS = ("margin_low", "margin_high")
_HIDDEN = {"std_error", "test", "conf_low", "conf_high", "statistic", "n_eff", "status", "part", "against"}


def rounded(self: ResultData, lang: str | None = None) -> pd.DataFrame:
    """The table as text, rounded for reading: labels, the estimate with its unit, its interval, p, n, df, deff.

    Parameters
    ----------
    lang : {"vi", "en"}, optional
        Vietnamese if the codebook has it, otherwise English.

    Returns
    -------
    DataFrame
        Of text, with the index of `table`.
    """
    lang = lang or language_of(self.codebook)
    # thresholds of 0: nothing is hidden
    rows = _labels.labelled(self, lang, suppress_below=0, flag_below=0)
    levels = [*_labels.levels_of(self), *(["answer"] if "answer" in self.table.columns else [])]
    shown: dict[str, list[str]] = {}
    for name in levels:
        shown[_heading(self, name, lang)] = [str(v) for v in rows[name]]
    if self.quantities or not isinstance(self, EstimatesData):
        for name in self.quantities:
            head = "n" if name == "n" else quantities.head(self, name, lang)
            shown[head] = [_quantity(self, name, i, lang) for i in range(len(self.table))]
        if planned(self):
            shown[loc.heading("family", lang)] = [family_label(self, i, lang) for i in range(len(self.table))]
        return pd.DataFrame(shown, index=self.table.index)
    measures = _labels.measures(self)
    shown[loc.word(self.kind.heading if self.kind.ranks else "estimate", lang)] = [
        _with_unit(m, float(x), lang) for m, x in zip(measures, self.table["estimate"], strict=True)
    ]
    if "conf_low" in self.table.columns:
        level = loc.word("ci_short", lang, level=loc.level_word(self.level, lang))
        ends = zip(measures, self.table["conf_low"], self.table["conf_high"], strict=True)
        shown[level] = [m.interval(float(low), float(high), lang) or "–" for m, low, high in ends]
    shown |= ranks.beside_ranks(self, lang)
    apart = ranks.COLUMNS if self.kind.ranks else ()
    for column in self.table.columns:
        if column in levels or column in _HIDDEN or column in apart or column == "estimate":
            continue
        if column == "family" and planned(self):
            shown[loc.heading(column, lang)] = [family_label(self, i, lang) for i in range(len(self.table))]
        if column == "family" or is_compared(self, column) or (self.kind.by_units and column in _MARGINS):
            continue
        if self.kind.by_units and column == "verdict":
            shown[_heading(self, column, lang)] = [verdict_word(v, lang) if v else "–" for v in self.table[column]]
            continue
        heading = _heading(self, column, lang)
        shown[column if heading in shown else heading] = [_cell(column, v, lang) for v in self.table[column]]
    margins = margins_apart(self, lang) if self.kind.compares else []
    for column in READ if self.kind.compares else ():
        if column in self.table.columns:
            cells = zip((row for _, row in self.table.iterrows()), measures, margins, strict=True)
            head = compared_head(self, column, lang)
            shown[head] = [compared_text(row, column, measure, lang, margin) for row, measure, margin in cells]
    return pd.DataFrame(shown, index=self.table.index)


def to_text(self: ResultData, lang: str | None = None) -> str:
    """The rounded table as plain text, with its notes."""
    lang = lang or language_of(self.codebook)
    return "\n".join([rounded(self, lang).to_string(index=False), *_foot(self, lang)])


def to_html(self: ResultData, lang: str | None = None) -> str:
    """The rounded table as HTML, with its notes; what a notebook shows.

    What is the same in all rows (the item, often) stands above the table. Long tables are cut after 60 rows.
    """
    lang = lang or language_of(self.codebook)
    frame = rounded(self, lang)
    labels = [_heading(self, name, lang) for name in _labels.levels_of(self)]
    labels += [_heading(self, "answer", lang)] if "answer" in self.table.columns else []
    same = [c for c in labels if len(frame) and frame[c].nunique() == 1 and len(labels) > 1] or (
        labels[:1] if len(frame) == 1 else []
    )
    if len(frame) > 1 and len(same) == len(labels):
        same = same[:-1]
    caption = "; ".join(str(frame[c].iloc[0]) for c in same)
    body = frame.drop(columns=same)
    heads = [c for c in labels if c not in same]
    foot = _foot(self, lang)
    if len(body) > _MOST_ROWS:
        foot.insert(0, loc.sentence(loc.word("more_rows", lang, n=loc.count(len(body) - _MOST_ROWS, lang))))
        body = body.iloc[:_MOST_ROWS]
    return _table(body, heads, caption, foot, lang)


def _quantity(e: ResultData, column: str, i: int, lang: str) -> str:
    if column == "n" and "estimate" in e.table.columns:
        return _cell(column, e.table[column].iloc[i], lang)
    return quantities.written(e, column, i, lang)


def _heading(e: ResultData, column: str, lang: str) -> str:
    return _labels.level_head(e, column, lang)


def _with_unit(measure: _labels.Measure, x: float, lang: str) -> str:
    text = measure.value(x, lang)
    if not np.isfinite(x) or measure.kind != "share":
        return text
    return text + ("" if measure.difference else "%")


def _cell(column: str, value: Any, lang: str) -> str:
    if isinstance(value, bool | np.bool_):
        return catalogue.text(f"labels.{'true' if value else 'false'}", lang)
    if isinstance(value, str) or value is None or pd.isna(value):
        return "–" if value is None or not isinstance(value, str) else value
    if column in ("p_value", "p_adjusted", "p_departure", "p_floor"):
        return loc.p_value(float(value), lang)
    if column == "n":
        mark = "†" if value < _labels.SUPPRESS_BELOW else "*" if value < _labels.FLAG_BELOW else ""
        return loc.count(float(value), lang) + mark
    if isinstance(value, int | np.integer):
        return loc.count(float(value), lang)
    if column in ("dont_know", "refused"):
        return loc.number(100 * float(value), 1, lang) + "%"
    if column == "df":
        whole = abs(value - round(value)) < 1e-9 if np.isfinite(value) else True
        return "∞" if np.isinf(value) else loc.number(float(value), 0 if whole else 1, lang)
    return loc.number(float(value), 2, lang)


def _foot(e: ResultData, lang: str) -> list[str]:
    """What stands under a table."""
    foot = []
    units = dict.fromkeys(m.axis(lang) for m in _labels.measures(e)) if isinstance(e, EstimatesData) else {}
    units = {u: None for u in units if u and u != "%"}
    if units:
        foot.append(f"{loc.word('unit', lang)}: {', '.join(units)}")
    if {"n", "estimate"} <= set(e.table.columns):
        n = e.table["n"].to_numpy(float)
        if (n < _labels.SUPPRESS_BELOW).any():
            foot.append(loc.word("dagger_note", lang, low=_labels.SUPPRESS_BELOW))
        if ((n >= _labels.SUPPRESS_BELOW) & (n < _labels.FLAG_BELOW)).any():
            foot.append(loc.word("flag_note", lang, low=_labels.SUPPRESS_BELOW, high=_labels.FLAG_BELOW - 1))
    if "unknown" in certainty(e) and not e.quantities:
        foot.append(loc.word("unjudged_note", lang))
    foot += [loc.note(text, lang) for text in e.notes]
    source = loc.source(e.codebook.cited(lang), e.source, e.simulated, lang)
    return [loc.sentence(text) for text in (*foot, source) if text]


_STYLE = "border-collapse:collapse;font-variant-numeric:tabular-nums"


def _table(frame: pd.DataFrame, heads: list[str], caption: str, foot: list[str], lang: str) -> str:
    """A table whose first columns are row headings; equal neighbours in the first of them are one cell."""
    numbers = [c for c in frame.columns if c not in heads]
    nested = len(heads) > 1
    rows = [dict(zip(frame.columns, row, strict=True)) for row in frame.itertuples(index=False, name=None)]
    blocks = [list(b) for _, b in groupby(rows, key=lambda row: row[heads[0]] if nested else id(row))]
    return render(
        _TABLE,
        lang=lang,
        style=_STYLE,
        caption=caption,
        foot=" ".join(foot),
        heads=heads,
        numbers=numbers,
        blocks=blocks,
        outer=heads[:1] if nested else [],
        inner=heads[1:] if nested else heads,
    )


_TABLE = """\
<div lang='{{ lang }}'><table class='survey-estimates' style='{{ style }}'>
{%- if caption %}<caption style='text-align:left'>{{ caption }}</caption>{% endif %}

<thead><tr>
{%- for name in heads %}<th scope='col' style='text-align:left'>{{ name }}</th>{% endfor %}
{%- for name in numbers %}<th scope='col' style='text-align:right'>{{ name }}</th>{% endfor -%}
</tr></thead>
<tbody>
{% for block in blocks %}{% for row in block %}
<tr>
{%- if loop.first %}{% for name in outer %}
<th scope='rowgroup'{% if block|length > 1 %} rowspan='{{ block|length }}'{% endif %}
 style='text-align:left;vertical-align:top'>{{ row[name] }}</th>
{%- endfor %}{% endif %}
{%- for name in inner %}<th scope='row' style='text-align:left;font-weight:normal'>{{ row[name] }}</th>{% endfor %}
{%- for name in numbers %}<td style='text-align:right'>{{ row[name] }}</td>{% endfor -%}
</tr>
{% endfor %}{% endfor %}
</tbody></table>{% if foot %}<p style='font-size:smaller'>{{ foot }}</p>{% endif %}</div>"""


def sample_to_html(self: SampleData) -> str:
    """A sample in a few lines: how many people, which design, which weights, where the data come from."""
    lang = language_of(self.codebook)
    counted = self.structure.counted
    weights = self.weights if counted is None else self.weights[counted]
    deff = float(len(weights) * np.sum(weights**2) / np.sum(weights) ** 2) if len(weights) else float("nan")
    lines: Mapping[str, str] = {
        loc.word("respondents", lang): loc.count(len(self), lang),
        loc.word("design", lang): _design(self, lang),
        loc.word("weight_range", lang): f"{loc.number(weights.min(), 2, lang)}–{loc.number(weights.max(), 2, lang)}",
        loc.word("kish", lang): f"{loc.number(deff, 2, lang)} (n_eff = {loc.count(len(weights) / deff, lang)})",
        loc.word("source", lang): loc.source(self.codebook.cited(lang), self.source, self.simulated, lang, bare=True),
    }
    rows = markup(facts((name, text) for name, text in lines.items() if text))
    return render(_SAMPLE, lang=lang, style=_STYLE, rows=rows)


_SAMPLE = (
    "<div lang='{{ lang }}'><table class='survey-sample' style='{{ style }}'><tbody>{{ rows }}</tbody></table></div>"
)


def _design(self: SampleData, lang: str) -> str:
    """The design in one line, its columns and methods by their names."""
    design = self.design

    def named(columns: Iterable[str]) -> str:
        return ", ".join(self.codebook.short_name(c, lang) for c in columns)

    weights = [catalogue.text("design.weights", lang, column=named([design.weights]))] if design.weights else []
    parts = weights or [catalogue.text("design.unweighted", lang)]
    for key, columns in (("strata", design.strata), ("clusters", design.psu), ("fpc", design.fpc)):
        parts += [catalogue.text(f"design.{key}", lang, columns=named(columns))] if columns else []
    parts += [] if design.psu else [catalogue.text("design.elements", lang)]
    methods = ", ".join(dict.fromkeys(loc.method(a.method, lang) for a in design.adjustments))
    parts += [catalogue.text("design.adjusted", lang, methods=methods)] if methods else []
    if design.replicates:
        parts.append(catalogue.text("design.replicates", lang, method=design.replicates.method))
    return "; ".join(parts)


def _responses_lines(self: ResponsesData, lang: str) -> list[str]:
    shown = {"row_count": len(self.data), "column_count": len(self.data.columns)}
    counts = [catalogue.text(f"check_page.{key}", lang, n=n) for key, n in shown.items()]
    lines = [", ".join([*counts, catalogue.text("log.rejected", lang, n=len(self.rejected))])]
    if self.codebook.simulated:
        lines.append(catalogue.text("words.simulated", lang))
    for source in self.sources:
        rows = catalogue.text("check_page.row_count", lang, n=source.rows)
        lines.append(f"{source.path}: {rows}, SHA-256 {source.sha256[:12]}…")
    undeclared = undeclared_note(self)
    lines += [] if undeclared is None else [loc.sentence(undeclared.in_language(lang))]
    notes = list(dict.fromkeys([*form_notes(self), *(n for s in self.sources for n in s.notes)]))
    lines += [loc.sentence(loc.note(n, lang)) for n in notes[:_MOST_NOTES]]
    if len(notes) > _MOST_NOTES:
        lines.append(loc.sentence(catalogue.text("nonanswers.more_notes", lang, n=len(notes) - _MOST_NOTES)))
    return lines


def responses_to_text(self: ResponsesData, lang: str | None = None) -> str:
    """Counts, sources and the log as plain text."""
    lang = lang or language_of(self.codebook)
    log = [
        f"{step:>3}. {steps.verb(entry.verb, lang)}: {steps.in_words(entry.what, lang, entry.verb)} -> "
        + catalogue.text("check_page.row_count", lang, n=entry.rows_after)
        + (f" ({steps.in_words(entry.reason, lang)})" if entry.reason else "")
        for step, entry in enumerate(self.entries, 1)
    ]
    return "\n".join([*_responses_lines(self, lang), *log])


def responses_to_html(self: ResponsesData) -> str:
    """Counts, sources and the log as HTML: what pages of notebooks show, and nothing of single rows."""
    return "".join(responses_parts(self))


def responses_parts(self: ResponsesData) -> tuple[str, str]:
    """Counts and sources, and the log, as HTML; the log is "" where nothing was done."""
    lang = language_of(self.codebook)
    log = frame_to_html(self.log, lang, classes="survey-log") if self.entries else ""
    return paragraphs(_responses_lines(self, lang)), log
