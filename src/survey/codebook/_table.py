"""A codebook as a table that people read: one row a question, answers and missing codes in words."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from survey.base.arguments import one_of
from survey.base.html import markup, render
from survey.codebook._data import CodebookData
from survey.codebook._variable import LANGUAGES, Variable, pick
from survey.errors import CodebookError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["COLUMNS", "headings", "language", "table", "title", "to_html"]

COLUMNS = (
    "variable", "type", "wording", "answers", "missing", "direction", "dimension", "base", "role", "unit", "note",
)  # fmt: skip
_HEADINGS: Mapping[str, Mapping[str, str]] = MappingProxyType({
    "vi": {"variable": "Biến", "type": "Loại", "wording": "Câu hỏi", "answers": "Trả lời", "missing": "Mã thiếu",
           "direction": "Chiều", "dimension": "Nội dung", "base": "Hỏi ai", "role": "Vai trò", "unit": "Đơn vị",
           "note": "Ghi chú"},
    "en": {"variable": "Variable", "type": "Type", "wording": "Question", "answers": "Answers",
           "missing": "Missing codes", "direction": "Direction", "dimension": "Dimension", "base": "Asked of",
           "role": "Role", "unit": "Unit", "note": "Note"},
})  # fmt: skip
_WORDS: Mapping[str, Mapping[str, str]] = MappingProxyType({
    "vi": {"ordinal": "thứ bậc", "nominal": "phân loại", "binary": "hai giá trị", "number": "số", "text": "văn bản",
           "date": "ngày", "id": "mã định danh", "not_applicable": "không áp dụng", "blank": "bỏ trống",
           "dont_know": "không biết", "refused": "từ chối", "not_asked": "không được hỏi", "1": "mã cao là tốt",
           "-1": "mã thấp là tốt", "0": "", "everyone": "mọi người", "scored": "có tính điểm", "to": "đến",
           "answer": "“không biết” là một câu trả lời", "required": "bắt buộc",
           "simulated": "Dữ liệu mô phỏng.", "title": "Sổ mã", "variables": "{n} biến"},
    "en": {"ordinal": "ordinal", "nominal": "nominal", "binary": "two values", "number": "number", "text": "text",
           "date": "date", "id": "identifier", "not_applicable": "not applicable", "blank": "left blank",
           "dont_know": "don't know", "refused": "refused", "not_asked": "not asked", "1": "a high code is good",
           "-1": "a low code is good", "0": "", "everyone": "everyone", "scored": "scored", "to": "to",
           "answer": "“don't know” is an answer", "required": "required",
           "simulated": "Simulated data.", "title": "Codebook", "variables": "{n} variables"},
})  # fmt: skip


def language(self: CodebookData) -> str:
    """Vietnamese if the codebook has it, otherwise English."""
    texts = [self.title, *(v.text for v in self.variables.values())]
    return "vi" if any("vi" in text for text in texts) else "en"


def _checked(self: CodebookData, lang: str | None) -> str:
    if lang is not None:
        one_of(lang, LANGUAGES, "language", CodebookError, fix="choose one of these")
    return lang or language(self)


def table(self: CodebookData, lang: str | None = None) -> pd.DataFrame:
    """The codebook as a table, one row a variable, everything in words.

    Parameters
    ----------
    lang : {"vi", "en"}, optional
        Vietnamese if the codebook has it, otherwise English.

    Returns
    -------
    DataFrame
        Of text: variable, type, wording, answers ("1 = Never; 2 = Rarely"), missing ("-98 = Don't know (don't know)"),
        direction, dimension, base (who was asked), role, unit, note.

    Raises
    ------
    CodebookError
        For another language.
    """
    import pandas as pd

    lang = _checked(self, lang)
    rows = [_row(self, v, lang) for v in self.variables.values()]
    return pd.DataFrame(rows, columns=list(COLUMNS), dtype="str")


def _row(self: CodebookData, v: Variable, lang: str) -> list[str]:
    words = _WORDS[lang]
    answers = "; ".join(f"{_code(c)} = {v.label(c, lang)}" for c in v.labels)
    if v.limits is not None:
        ends = f"{v.limits[0]:g} {words['to']} {v.limits[1]:g}"
        answers = f"{answers}; {ends}" if answers else ends
    missing = "; ".join(
        f"{_code(c)} = {pick(v.missing_labels[c], lang, words[k])} ({words[k]})"
        if v.missing_labels.get(c)
        else f"{_code(c)} = {words[k]}"
        for c, k in v.missing.items()
    )
    dimension = pick(self.dimensions.get(v.dimension, {}), lang, v.dimension)
    note = [v.note, words["answer"] if v.dont_know == "answer" else "", words["required"] if v.required else ""]
    return [
        v.name, words[v.type], pick(v.text, lang, ""), answers, missing, words[str(v.direction)],
        f"{dimension} ({words['scored']})" if v.scored else dimension, v.base or words["everyone"], v.role, v.unit,
        "; ".join(n for n in note if n),
    ]  # fmt: skip


def _code(code: object) -> str:
    return f"{code:g}" if isinstance(code, float) else str(code)


def headings(lang: str) -> Mapping[str, str]:
    """Headings of the columns of `table` in a language."""
    return _HEADINGS[lang]


def title(self: CodebookData, lang: str) -> str:
    """What stands above the table: the study, how many variables, and whether the data are simulated."""
    words = _WORDS[lang]
    parts = [pick(self.title, lang, words["title"]).rstrip("."), words["variables"].format(n=len(self.variables))]
    return ". ".join(parts) + "." + (f" {words['simulated']}" if self.simulated else "")


def to_html(self: CodebookData, lang: str | None = None) -> str:
    """The table as HTML, columns that are empty throughout left out; what a notebook shows."""
    lang = _checked(self, lang)
    frame = table(self, lang)
    shown = [c for c in frame.columns if c == "variable" or (frame[c] != "").any()]
    rows = [(row[0], [cell.split("; ") for cell in row[1:]]) for row in frame[shown].itertuples(index=False, name=None)]
    heads = [_HEADINGS[lang][c] for c in shown]
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
