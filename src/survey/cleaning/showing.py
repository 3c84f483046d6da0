"""How Responses look on a screen: counts, sources, log."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from survey._log import counted

if TYPE_CHECKING:
    from survey.responses import Responses

__all__ = ["to_html", "to_text"]


def _lines(self: Responses) -> list[str]:
    lines = [
        ", ".join(
            [
                counted(len(self.data), "row"),
                counted(len(self.data.columns), "column"),
                f"{counted(len(self.rejected), 'row')} rejected",
            ]
        )
    ]
    if self.codebook.simulated:
        lines.append("dữ liệu mô phỏng / simulated data")
    lines += [f"{s.path}: {counted(s.rows, 'row')}, SHA-256 {s.sha256[:12]}…" for s in self.sources]
    return lines


def to_text(self: Responses) -> str:
    """Counts, sources and the log as plain text."""
    log = [
        f"{step:>3}. {entry.verb}: {entry.what} -> {counted(entry.rows_after, 'row')}"
        + (f" ({entry.reason})" if entry.reason else "")
        for step, entry in enumerate(self.entries, 1)
    ]
    return "\n".join([*_lines(self), *log])


def to_html(self: Responses) -> str:
    """Counts, sources and the log as HTML; what a notebook shows."""
    head = "".join(f"<p>{escape(line)}</p>" for line in _lines(self))
    return head + ("" if not self.entries else self.log.to_html(border=0, classes="survey-log"))
