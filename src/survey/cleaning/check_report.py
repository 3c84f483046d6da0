"""What a check found: every broken rule with its rows, as a table, as text, as HTML, or as one error."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

import pandas as pd

from survey.base import catalogue
from survey.base.catalogue import Note
from survey.base.files import AnySource, writing
from survey.base.html import escape, markup, render, whole_page
from survey.base.language import chosen, spoken
from survey.base.text import counted
from survey.codebook import LANGUAGES, Text
from survey.core.columns import Bools, row_ids
from survey.core.responses_data import ResponsesData
from survey.errors import CheckError

__all__ = ["Broken", "Report", "broken"]

_COLUMNS = ["rule", "variable", "severity", "rows", "ids", "message"]


@dataclass(frozen=True, slots=True)
class Broken:
    """A rule that does not hold.

    Parameters
    ----------
    rule : str
        "type", "scale", "limits", "required", "unique", "copies", "routing", "codebook", "missing codes", "future",
        "waves", "panel", "select-all", "direction", or the name of a custom rule.
    variable : str
        "" where the rule is about whole rows.
    severity : str
        "error" or "warning".
    index : Index
        The rows that break it; empty where the rule is about the codebook.
    ids : tuple of str
        The first of these rows, by index and id.
    texts : mapping of language to str
        What is wrong, in every language.
    """

    rule: str
    variable: str
    severity: str
    index: pd.Index
    ids: tuple[str, ...]
    texts: Mapping[str, str]

    @property
    def message(self) -> str:
        """What is wrong, in English."""
        return self.texts["en"]

    @property
    def vi(self) -> str:
        """What is wrong, in Vietnamese."""
        return self.texts["vi"]


def broken(
    self: ResponsesData,
    rule: str,
    variable: str,
    severity: str,
    rows: Bools | None,
    note: str,
    own: Text = MappingProxyType({}),
) -> Broken:
    """A broken rule with the rows that break it, None where it is about the codebook; in own words where there are."""
    index, ids = self.data.index[:0], ()  # type: tuple[pd.Index, tuple[str, ...]]
    if rows is not None:
        index, ids = self.data.index[rows], tuple(row_ids(self.data, self.codebook, rows))
    told = {lang: note.in_language(lang) if isinstance(note, Note) else note for lang in LANGUAGES}
    told |= {lang: text for lang, text in own.items() if lang in told and text}
    if own and not own.get("en"):
        told["en"] = next((text for text in own.values() if text), note)
    return Broken(rule, variable, severity, index, ids, told)


@dataclass(frozen=True, slots=True)
class Report:
    """Every broken rule at once.

    Parameters
    ----------
    broken : tuple of Broken
        Errors first.
    rows : int
        Rows checked.
    variables : int
        Columns checked.
    source : str
    names : mapping of str to mapping of language to str
        What variables are called, for readers of the page.
    language : str
        The language of the study or of the data's texts; `sv.language` wins.
    """

    broken: tuple[Broken, ...]
    rows: int
    variables: int
    source: str = ""
    rules: tuple[str, ...] = field(default=(), repr=False)
    simulated: bool = False
    files: tuple[AnySource, ...] = field(default=(), repr=False)
    names: Mapping[str, Text] = field(default_factory=dict, repr=False)
    language: str = field(default="en", repr=False)

    @property
    def table(self) -> pd.DataFrame:
        """One line a broken rule: rule, variable, severity, rows, ids (the first rows), message."""
        lines = [
            {
                "rule": b.rule,
                "variable": b.variable,
                "severity": b.severity,
                "rows": len(b.index),
                "ids": ", ".join(b.ids) + (", …" if len(b.index) > len(b.ids) > 0 else ""),
                "message": b.message,
            }
            for b in self.broken
        ]
        return pd.DataFrame(lines, columns=_COLUMNS)

    @property
    def errors(self) -> tuple[Broken, ...]:
        """Broken rules that make results wrong; the others are warnings."""
        return tuple(b for b in self.broken if b.severity == "error")

    @property
    def passed(self) -> bool:
        """Whether there is no error; warnings do not count."""
        return not self.errors

    def __bool__(self) -> bool:
        return self.passed

    def raise_if_failed(self) -> None:
        """Turn errors into one exception.

        Raises
        ------
        CheckError
            If the report has errors; all of them are listed.
        """
        if self.errors:
            lines = [
                f"{b.variable or 'rows'}: {b.message}" + (f" [{', '.join(b.ids)}]" if b.ids else "")
                for b in self.errors
            ]
            raise CheckError(
                f"The answers break {counted(len(lines), 'rule')}.",
                where=self.source or None,
                got="\n            ".join(lines),
                fix="correct the codebook, or recode or drop the rows; .check().table lists them",
            )

    def summary(self, lang: str | None = None) -> str:
        """The outcome in one sentence, in the language of displays unless told otherwise."""
        return _summary(self, lang or chosen() or self.language)

    def to_text(self, lang: str | None = None) -> str:
        """The report as plain text, in the language of displays unless told otherwise."""
        lang = lang or chosen() or self.language
        if not self.broken:
            return self.summary(lang)
        told = self.table.drop(columns="ids").assign(
            rule=[
                b.rule if catalogue.find(f"rules.{b.rule}", lang) is None else catalogue.text(f"rules.{b.rule}", lang)
                for b in self.broken
            ],
            severity=[catalogue.text(f"command.{b.severity}", lang) for b in self.broken],
            message=[b.texts.get(lang, b.message) for b in self.broken],
        )
        heads = {name: catalogue.text(f"check_page.{name}", lang) for name in told.columns}
        return f"{self.summary(lang)}\n{told.rename(columns=heads).to_string(index=False)}"

    def to_html(self, path: str | os.PathLike[str]) -> Path:
        """Write the report as a standalone page, in Vietnamese and English: self-contained, whole or not at all.

        Returns
        -------
        Path
        """
        with writing(path, self.files, endings=(".html", ".htm")) as temporary:
            temporary.write_bytes(_page(self).encode("utf-8", "replace"))
        return Path(path)

    def _repr_html_(self) -> str:
        return _table_of(self)


_SEVERITIES = ("error", "warning")
_STYLE = (
    "body{font:15px/1.5 system-ui,sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a;"
    "background:#fff}table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;"
    "padding:.35rem .6rem;border-bottom:1px solid #ccc}td.n{text-align:right;white-space:nowrap}"
    ".en{color:#555;font-style:italic}h2.error{color:#a11212}h2.warning{color:#7a5200}code{overflow-wrap:anywhere}"
)
_HEAD = ("rule", "variable", "rows", "message", "ids")


def _spoken(key: str) -> list[str]:
    """A text of the page in every language."""
    return [catalogue.text(f"check_page.{key}", lang) for lang in spoken()]


def _below(texts: Iterable[str]) -> str:
    """A text in every language, one below the other; what is the same is written once."""
    first, *others = dict.fromkeys(texts)
    return first + "".join(f"<br><span class='en'>{text}</span>" for text in others)


def _table_of(report: Report) -> str:
    """The report as part of a page; what a notebook shows."""
    parts = []
    for severity in _SEVERITIES:
        lines = [b for b in report.broken if b.severity == severity]
        first, *others = _spoken(severity)
        if lines:
            parts.append((severity, markup(_below([f"{first} ({len(lines)})", *others])), lines))
    return render(
        _PART,
        summary=markup(_below(escape(_summary(report, lang)) for lang in spoken())),
        simulated=report.simulated,
        heads=[markup(_below(_spoken(name))) for name in _HEAD],
        parts=parts,
        said=_said,
        rule=_rule,
        variable=lambda b: _variable(report, b),
        marked=" / ".join(catalogue.text("words.simulated", lang) for lang in spoken()),
    )


def _page(report: Report) -> str:
    """The report as a whole page that needs nothing from elsewhere."""
    title = " / ".join(_spoken("title"))
    inside = render(_MAIN, title=title, source=report.source, body=markup(_table_of(report)))
    return whole_page(inside, lang=spoken()[0], title=title, style=_STYLE)


def _said(found: Broken) -> str:
    """What is wrong, in every language."""
    return markup(_below(escape(found.texts[lang]) for lang in spoken() if lang in found.texts))


def _rule(found: Broken) -> str:
    """What a rule is called, in every language; one of somebody's own as it was named."""
    known = {lang: catalogue.find(f"rules.{found.rule}", lang) for lang in spoken()}
    return markup(_below(escape(str(name or found.rule)) for name in known.values()))


def _variable(report: Report, found: Broken) -> str:
    """The column as it is typed, and what it is called, in every language."""
    names = report.names.get(found.variable, {})
    told = _below(escape(names[lang]) for lang in spoken() if lang in names) if names else ""
    return markup(
        " ".join(part for part in (found.variable and f"<code>{escape(found.variable)}</code>", told) if part)
    )


_PART = """\
<p>{{ summary }}</p>
{%- if simulated %}

<p><strong>{{ marked }}</strong></p>
{%- endif %}
{% for severity, title, lines in parts %}

<h2 class='{{ severity }}'>{{ title }}</h2>
<table class='survey-check'><thead><tr>
{%- for head in heads %}<th scope='col'>{{ head }}</th>{% endfor -%}
</tr></thead><tbody>
{% for b in lines %}
<tr><td>{{ rule(b) }}</td><td>{{ variable(b) }}</td><td class='n'>
{%- if b.index|length %}{{ "{:,}".format(b.index|length) }}{% endif %}</td><td>{{ said(b) }}</td><td>
{{- b.ids|join(", ") }}
{%- if b.index|length > b.ids|length > 0 %}, …{% endif %}</td></tr>
{% endfor %}
</tbody></table>
{%- endfor %}"""
_MAIN = """\
<h1>{{ title }}</h1>
{% if source %}<p><code>{{ source }}</code></p>{% endif %}

{{ body }}"""


def _summary(report: Report, lang: str) -> str:
    errors = len(report.errors)
    counts = (("error_count", errors), ("warning_count", len(report.broken) - errors))
    outcome = ", ".join(catalogue.text(f"check_page.{key}", lang, n=n) for key, n in counts)
    return catalogue.text(
        "check_page.summary",
        lang,
        rows=catalogue.text("check_page.row_count", lang, n=report.rows),
        columns=catalogue.text("check_page.column_count", lang, n=report.variables),
        outcome=outcome if report.broken else catalogue.text("check_page.nothing", lang),
    )
