"""A report of checks as HTML: by severity, each rule in both languages, with its first rows."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from survey.cleaning.report import Broken, Report

__all__ = ["page", "table_of"]

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


def table_of(report: Report) -> str:
    """The report as part of a page; what a notebook shows."""
    parts = [f"<p>{escape(_summary(report))}<br><span class='en'>{escape(report.summary())}</span></p>"]
    if report.simulated:
        parts.append("<p><strong>dữ liệu mô phỏng / simulated data</strong></p>")
    for severity, (vi, en) in _SEVERITIES.items():
        lines = [b for b in report.broken if b.severity == severity]
        if lines:
            parts.append(f"<h2 class='{severity}'>{vi} ({len(lines)})<br><span class='en'>{en}</span></h2>")
            head = "".join(f"<th scope='col'>{vi}<br><span class='en'>{en}</span></th>" for vi, en in _HEAD)
            parts.append(f"<table class='survey-check'><thead><tr>{head}</tr></thead><tbody>")
            parts += [_line(b) for b in lines]
            parts.append("</tbody></table>")
    return "\n".join(parts)


def page(report: Report) -> str:
    """The report as a whole page that needs nothing from elsewhere."""
    title = "Kiểm tra dữ liệu / Check of the answers"
    source = f"<p><code>{escape(report.source)}</code></p>" if report.source else ""
    return (
        "<!DOCTYPE html>\n<html lang='vi'>\n<head>\n<meta charset='utf-8'>\n"
        "<meta name='viewport' content='width=device-width, initial-scale=1'>\n"
        f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>\n{source}\n"
        f"{table_of(report)}\n</body>\n</html>\n"
    )


def _line(found: Broken) -> str:
    ids = ", ".join(found.ids) + (", …" if len(found.index) > len(found.ids) > 0 else "")
    count = f"{len(found.index):,}" if len(found.index) else ""
    said = escape(found.vi or found.message)
    if found.vi and found.vi != found.message:
        said += f"<br><span class='en'>{escape(found.message)}</span>"
    cells = [f"<td>{escape(found.rule)}</td>", f"<td>{escape(found.variable)}</td>", f"<td class='n'>{count}</td>"]
    return f"<tr>{''.join(cells)}<td>{said}</td><td>{escape(ids)}</td></tr>"


def _summary(report: Report) -> str:
    errors = len(report.errors)
    rows = f"{report.rows:,}".replace(",", ".")
    outcome = (
        f"{errors} lỗi, {len(report.broken) - errors} cảnh báo" if report.broken else "không quy tắc nào bị vi phạm"
    )
    return f"Đã kiểm tra {rows} dòng, {report.variables} cột: {outcome}."
