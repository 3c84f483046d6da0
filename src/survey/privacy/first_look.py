"""Responses as notebooks show them: sizes, sources, variables, a few rows of what names nobody, and the log."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd

from survey.base.card import Card, CardTable, clipped
from survey.base.catalogue import text
from survey.base.html import markup, render
from survey.base.numbers import count, number
from survey.codebook import Variable
from survey.core.responses_data import ResponsesData
from survey.privacy.scan import quick_look
from survey.words import screen

__all__ = ["first_rows", "responses_to_html", "variables"]

_ROWS, _COLUMNS = 5, 10
_NAMELESS = ("ordinal", "nominal", "binary", "number", "date")
"""Types of columns whose values may be shown: no identifiers, no open text."""


def responses_to_html(self: ResponsesData) -> str:
    """What a notebook shows: counts and sources; variables and the first rows, folded; the log.

    Pages that are passed on show `words.screen.responses_to_html`, without the rows.
    """
    lang = screen.language_of(self.codebook)
    tables = [variables(self, lang), *([first_rows(self, lang)] if len(self.data) else [])]
    # what opens a table names it
    parts = [(t.caption, markup(Card(lang, "", [], [replace(t, caption="")]).to_html())) for t in tables]
    head, log = screen.responses_parts(self)
    return render(_SHOWN, lang=lang, head=markup(head), parts=parts, log=markup(log))


_SHOWN = """\
<div lang='{{ lang }}'>{{ head }}
{% for name, table in parts %}
<details><summary>{{ name }}</summary>{{ table }}</details>
{% endfor %}
{{ log }}</div>"""


def variables(self: ResponsesData, lang: str) -> CardTable:
    """A row a column: what it is called, its type, how many answered."""
    heads = [text(f"codebook_columns.{key}", lang) for key in ("variable", "short", "type")]
    heads += [text("card.answered", lang), text("card.missing", lang)]
    answered = self.once(_answered)
    rows = []
    for name, n in zip(self.data.columns, answered, strict=True):
        variable = self.codebook.variables.get(name)
        short = variable.short_name(lang) if variable is not None and (variable.short or variable.text) else ""
        kind = "" if variable is None else text(f"codebook.{variable.type}", lang)
        rows.append((str(name), short, kind, count(n, lang), count(len(self.data) - n, lang)))
    return clipped(text("card.variables", lang), heads, rows, lang, frozenset({3, 4}))


def _answered(self: ResponsesData) -> tuple[int, ...]:
    """How many answers each column holds that are no missing code."""
    known = []
    for name in self.data.columns:
        column, variable = self.data[name], self.codebook.variables.get(name)
        given = column.notna()
        if variable is not None and variable.missing:
            given &= ~column.isin(list(variable.missing))
        known.append(int(given.sum()))
    return tuple(known)


def first_rows(self: ResponsesData, lang: str) -> CardTable:
    """The first rows of columns that may be shown, answers by their labels; below, what is left out."""
    personal = self.once(quick_look)
    shown: list[Any] = []
    hidden: list[Any] = []
    for name in self.data.columns:
        variable = self.codebook.variables.get(name)
        plain = variable is not None and variable.type in _NAMELESS and variable.role not in ("id", "personal")
        (shown if plain and name not in personal else hidden).append(name)
    shown.sort(key=lambda name: self.codebook[name].role != "item")  # answers before what is known of the interview
    head = self.data[shown[:_COLUMNS]].head(_ROWS)
    known = self.codebook.variables
    rows = [
        (str(index), *(_written(v, known[n], lang) for n, v in zip(head.columns, row, strict=True)))
        for index, row in zip(head.index, head.itertuples(index=False, name=None), strict=True)
    ]
    foot = []
    if len(shown) > _COLUMNS:
        foot.append(text("card.more_columns", lang, n=len(shown) - _COLUMNS))
    if hidden:
        more = ", …" if len(hidden) > _COLUMNS else ""
        foot.append(text("card.left_out", lang, columns=", ".join(map(str, hidden[:_COLUMNS])) + more))
    caption = text("card.first_rows", lang, n=len(head))
    heads = [text("check_page.rows", lang), *(known[n].short_name(lang) for n in head.columns)]
    return CardTable(caption, heads, rows, foot="".join(f"{line}. " for line in foot).rstrip())


def _written(value: Any, variable: Variable, lang: str) -> str:
    if pd.isna(value):
        return "–"
    if value in variable.missing and not variable.missing_labels.get(value):
        return text(f"codebook.{variable.missing[value]}", lang)
    if value in variable.labels or value in variable.missing:
        return variable.label(value, lang)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return number(value, 0 if float(value).is_integer() else 2, lang)
    return str(value)
