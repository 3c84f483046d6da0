"""How Estimates look on a screen: rounded for reading, with every digit kept in `.table`."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from survey.estimates import Estimates

__all__ = ["rounded", "to_html", "to_text"]

_AS_SHARE = ("proportion", "distribution")


def rounded(self: Estimates) -> pd.DataFrame:
    """The table as text, rounded for reading."""
    shown = {}
    for column in self.table.columns:
        values = self.table[column]
        if column in ("p_value", "p_adjusted"):
            shown[column] = ["" if pd.isna(v) else "<0.001" if v < 0.001 else f"{v:.3f}" for v in values]
        elif column in ("n", "df", "n_eff"):
            shown[column] = ["–" if pd.isna(v) else f"{v:,.0f}" for v in values]
        elif column in ("estimate", "std_error", "conf_low", "conf_high") and self.statistic in _AS_SHARE:
            shown[column] = ["–" if pd.isna(v) else f"{100 * v:.1f}%" for v in values]
        elif pd.api.types.is_float_dtype(values):
            shown[column] = ["–" if pd.isna(v) else f"{v:,.0f}" if abs(v) >= 10_000 else f"{v:.3g}" for v in values]
        else:
            shown[column] = [str(v) for v in values]
    return pd.DataFrame(shown, index=self.table.index)


def to_text(self: Estimates) -> str:
    """The rounded table as plain text."""
    return rounded(self).to_string(index=False)


def to_html(self: Estimates) -> str:
    """The rounded table as HTML, with its notes; what a notebook shows."""
    lines = [rounded(self).to_html(index=False, border=0, classes="survey-estimates")]
    foot = [f"{self.level:.0%} confidence intervals", *self.notes, self.source]
    lines.append("<p style='font-size:smaller'>" + escape(". ".join(x for x in foot if x)) + "</p>")
    return "\n".join(lines)
