"""What must be told of the names of an exhibit's rows."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.core.result import ResultData
from survey.words import labels, locale

__all__ = ["notes_on_names"]


def notes_on_names(e: ResultData, rows: pd.DataFrame, sure: NDArray[np.object_], lang: str) -> list[str]:
    """That items are reversed, numbers without an interval, names cut short or in another language."""
    found = []
    if labels.turned(e) and "item" in e.table.columns:
        found.append(locale.word("reversed_note", lang))
    if "unknown" in sure[rows["status"].isin(("shown", "flagged")).to_numpy()] and not e.quantities:
        found.append(locale.word("unjudged_note", lang))
    if labels.cut_short(e, lang):
        found.append(locale.word("shortened_note", lang))
    if labels.untranslated(e, lang):
        found.append(locale.word("untranslated_note", lang))
    return found
