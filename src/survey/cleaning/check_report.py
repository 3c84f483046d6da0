"""What a check found: every broken rule with its rows, as a table, as text, as HTML, or as one error."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from survey.base.files import AnySource, writing
from survey.base.html import markup, render
from survey.base.text import counted
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
        "waves", "panel", or the name of a rule of your own.
    variable : str
        "" where the rule is about whole rows.
    severity : str
        "error" or "warning".
    index : Index
        The rows that break it; empty where the rule is about the codebook.
    ids : tuple of str
        The first of these rows, by index and id.
    message : str
    """

    rule: str
    variable: str
    severity: str
    index: pd.Index
    ids: tuple[str, ...]
    message: str
    vi: str = ""


def broken(
    self: ResponsesData, rule: str, variable: str, severity: str, rows: Bools | None, message: str, vi: str = ""
) -> Broken:
    """A broken rule with the rows that break it; None where it is about the codebook."""
    if rows is None:
        return Broken(rule, variable, severity, self.data.index[:0], (), message, vi)
    ids = tuple(row_ids(self.data, self.codebook, rows))
    return Broken(rule, variable, severity, self.data.index[rows], ids, message, vi)


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
    """

    broken: tuple[Broken, ...]
    rows: int
    variables: int
    source: str = ""
    rules: tuple[str, ...] = field(default=(), repr=False)
    simulated: bool = False
    files: tuple[AnySource, ...] = field(default=(), repr=False)

    @property
    def table(self) -> pd.DataFrame:
        """One line a broken rule: rule, variable, severity, rows, ids (the first rows), message."""
        lines = [
            {"rule": b.rule, "variable": b.variable, "severity": b.severity, "rows": len(b.index),
             "ids": ", ".join(b.ids) + (", …" if len(b.index) > len(b.ids) > 0 else ""), "message": b.message}
            for b in self.broken
        ]  # fmt: skip
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
            If the report has errors; every one is told.
        """
        if self.errors:
            lines = [
                f"{b.variable or 'rows'}: {b.message}" + (f" [{', '.join(b.ids)}]" if b.ids else "")
                for b in self.errors
            ]
            raise CheckError(
                f"The answers break {counted(len(lines), 'rule')}.",
                where=self.source or None, got="\n            ".join(lines),
                fix="correct the codebook, or recode or drop the rows; .check().table lists them",
            )  # fmt: skip

    def summary(self) -> str:
        """The outcome in one sentence."""
        errors = len(self.errors)
        outcome = f"{counted(errors, 'error')}, {counted(len(self.broken) - errors, 'warning')}"
        outcome = outcome if self.broken else "no rule is broken"
        return f"{counted(self.rows, 'row')}, {counted(self.variables, 'column')} checked: {outcome}."

    def to_text(self) -> str:
        """The report as plain text."""
        if not self.broken:
            return self.summary()
        table: str = self.table.drop(columns="ids").to_string(index=False)
        return self.summary() + "\n" + table

    def to_html(self, path: str | os.PathLike[str]) -> Path:
        """Write the report as a page of its own, in Vietnamese and English: whole or not at all, nothing loaded.

        Returns
        -------
        Path
        """
        with writing(path, self.files, endings=(".html", ".htm")) as temporary:
            temporary.write_bytes(_page(self).encode("utf-8", "replace"))
        return Path(path)

    def _repr_html_(self) -> str:
        return _table_of(self)


_SEVERITIES = {
    "error": ("Lỗi: sai kết quả nếu để nguyên", "Errors: results are wrong if they stay"),
    "warning": ("Cảnh báo: cần xem xét", "Warnings: worth a look"),
}
_STYLE = (
    "body{font:15px/1.5 system-ui,sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a;"
    "background:#fff}table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;"
    "padding:.35rem .6rem;border-bottom:1px solid #ccc}td.n{text-align:right;white-space:nowrap}"
    ".en{color:#555;font-style:italic}h2.error{color:#a11212}h2.warning{color:#7a5200}code{overflow-wrap:anywhere}"
)
_HEAD = (
    ("Quy tắc", "Rule"), ("Biến", "Variable"), ("Số dòng", "Rows"), ("Điều sai", "What is wrong"),
    ("Dòng đầu tiên (mã)", "First rows (id)"),
)  # fmt: skip


def _table_of(report: Report) -> str:
    """The report as part of a page; what a notebook shows."""
    parts = [(severity, *words, [b for b in report.broken if b.severity == severity])
             for severity, words in _SEVERITIES.items()]  # fmt: skip
    parts = [part for part in parts if part[-1]]
    return render(_PART, vi=_summary(report), en=report.summary(), simulated=report.simulated, heads=_HEAD, parts=parts)


def _page(report: Report) -> str:
    """The report as a whole page that needs nothing from elsewhere."""
    return render(_PAGE, style=markup(_STYLE), source=report.source, body=markup(_table_of(report)))


_PART = """\
<p>{{ vi }}<br><span class='en'>{{ en }}</span></p>
{%- if simulated %}

<p><strong>dữ liệu mô phỏng / simulated data</strong></p>
{%- endif %}
{% for severity, vi, en, lines in parts %}

<h2 class='{{ severity }}'>{{ vi }} ({{ lines|length }})<br><span class='en'>{{ en }}</span></h2>
<table class='survey-check'><thead><tr>
{%- for vi, en in heads %}<th scope='col'>{{ vi }}<br><span class='en'>{{ en }}</span></th>{% endfor -%}
</tr></thead><tbody>
{% for b in lines %}
<tr><td>{{ b.rule }}</td><td>{{ b.variable }}</td><td class='n'>
{%- if b.index|length %}{{ "{:,}".format(b.index|length) }}{% endif %}</td><td>{{ b.vi or b.message }}
{%- if b.vi and b.vi != b.message %}<br><span class='en'>{{ b.message }}</span>{% endif %}</td><td>
{{- b.ids|join(", ") }}
{%- if b.index|length > b.ids|length > 0 %}, …{% endif %}</td></tr>
{% endfor %}
</tbody></table>
{%- endfor %}"""
_PAGE = """\
<!DOCTYPE html>
<html lang='vi'>
<head>
<meta charset='utf-8'>
<meta name='viewport' content='width=device-width, initial-scale=1'>
<title>Kiểm tra dữ liệu / Check of the answers</title>
<style>{{ style }}</style>
</head>
<body>
<h1>Kiểm tra dữ liệu / Check of the answers</h1>
{% if source %}<p><code>{{ source }}</code></p>{% endif %}

{{ body }}
</body>
</html>
"""


def _summary(report: Report) -> str:
    errors = len(report.errors)
    rows = f"{report.rows:,}".replace(",", ".")
    outcome = (
        f"{errors} lỗi, {len(report.broken) - errors} cảnh báo" if report.broken else "không quy tắc nào bị vi phạm"
    )
    return f"Đã kiểm tra {rows} dòng, {report.variables} cột: {outcome}."
