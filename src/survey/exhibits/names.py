"""What must be told of the names of an exhibit's rows, and of their numbers."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.core.result import ResultData
from survey.words import labels, locale

__all__ = ["notes_on_names", "notes_on_numbers"]


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


def notes_on_numbers(rows: pd.DataFrame, recomputable: bool, thresholds: tuple[int, int], lang: str) -> list[str]:
    """That what is read off differs by rounding, and what an asterisk says."""
    found = [] if recomputable else [locale.word("rounded_note", lang)]
    if "flagged" in set(rows["status"]):
        found.append(locale.word("flag_note", lang, low=thresholds[0], high=thresholds[1] - 1))
    return found
