"""A codebook as a table that people read: one row per question, answers and missing codes in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from survey.base import catalogue
from survey.base.arguments import one_of
from survey.base.html import markup, render
from survey.base.language import chosen
from survey.codebook._data import CodebookData
from survey.codebook._variable import LANGUAGES, pick
from survey.codebook._variable_card import COLUMNS, headings
from survey.errors import CodebookError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["COLUMNS", "headings", "language_of", "table", "title", "to_html"]


def language_of(self: CodebookData, otherwise: str = "en") -> str:
    """The language to show things in: the one that is set, the study's, Vietnamese if the texts have it, else English.

    `otherwise` where nothing is set and there are no texts.
    """
    set_or_study = chosen() or self.language
    if set_or_study:
        return set_or_study
    texts = [self.title, *(v.text for v in self.variables.values())]
    if not any(texts):  # labels in every language are those that verbs write
        labels = [text for v in self.variables.values() for text in v.labels.values()]
        texts = [text for text in labels if not set(LANGUAGES) <= set(text)]
    return next((lang for lang in LANGUAGES if any(lang in text for text in texts)), otherwise)


def _checked(self: CodebookData, lang: str | None) -> str:
    if lang is not None:
        one_of(lang, LANGUAGES, "language", CodebookError, fix="choose one of these")
    return lang or language_of(self)


def table(self: CodebookData, lang: str | None = None) -> pd.DataFrame:
    """The codebook as a table, one row per variable, everything in words.

    Parameters
    ----------
    lang : {"vi", "en"}, optional
        Vietnamese if the codebook has it, otherwise English.

    Returns
    -------
    DataFrame
        Of text: variable, short (what it is called in results), type, wording, answers ("1 = Never; 2 = Rarely"),
        missing ("-98 = Don't know (don't know)"),
        direction, dimension, base (who was asked), role, unit, note.

    Raises
    ------
    CodebookError
        For another language.
    """
    import pandas as pd

    lang = _checked(self, lang)
    names = {key: pick(text, lang, key) for key, text in self.dimensions.items()}
    rows = [list(v._described(lang, names.get(v.dimension, "")).values()) for v in self.variables.values()]
    return pd.DataFrame(rows, columns=list(COLUMNS), dtype="str")


def _word(key: str, lang: str) -> str:
    return catalogue.text(f"codebook.{key}", lang)


def title(self: CodebookData, lang: str) -> str:
    """What stands above the table: the study, how many variables, and whether the data are simulated."""
    count = catalogue.text("codebook.variables", lang, n=len(self.variables))
    parts = [pick(self.title, lang, _word("title", lang)).rstrip("."), count]
    notice = _word("simulated", lang)
    told = notice.rstrip(".").casefold() in parts[0].casefold()  # a title may say so itself
    return ". ".join(parts) + "." + (f" {notice}" if self.simulated and not told else "")


def to_html(self: CodebookData, lang: str | None = None) -> str:
    """The table as HTML, columns that are empty throughout left out; what a notebook shows."""
    lang = _checked(self, lang)
    frame = table(self, lang)
    shown = [c for c in frame.columns if c == "variable" or (frame[c] != "").any()]
    rows = [(row[0], [cell.split("; ") for cell in row[1:]]) for row in frame[shown].itertuples(index=False, name=None)]
    named = headings(lang)
    heads = [named[c] for c in shown]
    return render(_TABLE, lang=lang, style=markup(_STYLE), caption=title(self, lang), heads=heads, rows=rows)


_TABLE = """\
<div class='survey-codebook' lang='{{ lang }}'><style>{{ style }}</style><table><caption>{{ caption }}</caption>
<thead><tr>{% for head in heads %}<th scope='col'>{{ head }}</th>{% endfor %}</tr></thead>
<tbody>
{% for name, cells in rows %}
<tr><th scope='row'>{{ name }}</th>
{%- for cell in cells %}<td>{% for part in cell %}{{ part }}{% if not loop.last %}<br>{% endif %}{% endfor %}</td>
{%- endfor %}</tr>
{% endfor %}
</tbody></table></div>"""
_STYLE = (
    ".survey-codebook{max-height:40em;overflow:auto}.survey-codebook table{border-collapse:collapse;font-size:.9em}"
    ".survey-codebook caption{text-align:left;font-weight:bold;padding:.3em 0}"
    ".survey-codebook th,.survey-codebook td{text-align:left;vertical-align:top;padding:.25em .6em;"
    "border-bottom:1px solid #d9d9d9}.survey-codebook thead th{border-bottom:1px solid #000}"
    "@media print{.survey-codebook{max-height:none}}"
)
