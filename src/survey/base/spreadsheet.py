"""Texts that a spreadsheet does not take for formulas when it opens a CSV."""

from __future__ import annotations

from typing import Any

import pandas as pd

__all__ = ["for_spreadsheets", "harmless"]

_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What Excel, LibreOffice and Google Sheets begin a formula with, also in full width; blanks before it are no help."""
_BLANK = "".join(c for c in map(chr, range(0x3001)) if c.isspace()) + "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"
"""Blanks, and letters of no width, that no one sees before a sign."""


def harmless(text: Any) -> Any:
    """A text with an apostrophe before it where a spreadsheet would compute it; anything else as it is.

    Numbers stay numbers: -0.25 is none of ours to change. Texts that look like numbers get the apostrophe too, as a
    label "-1" is not a number that we wrote.

    References
    ----------
    OWASP, CSV Injection: cells that begin with =, +, -, @, tab or carriage return.
    """
    if not isinstance(text, str):
        return text
    # a bare carriage return ends the row for some readers, and what follows it would begin a cell
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return f"'{text}" if text.startswith(_STARTS) or text.lstrip(_BLANK).startswith(_STARTS) else text


def for_spreadsheets(frame: pd.DataFrame) -> pd.DataFrame:
    """A table whose texts, headings too, are not formulas; numbers as they were."""
    out = {
        i: column if pd.api.types.is_numeric_dtype(column.dtype) else column.astype(object).map(harmless)
        for i, (_, column) in enumerate(frame.items())
    }
    safe = pd.DataFrame(out, index=frame.index)
    return safe.set_axis([harmless(name) for name in frame.columns], axis=1)
