"""What an exhibit holds besides its picture: the frame of a CSV, and what must be told of the names of its rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.core.result import ResultData
from survey.exhibits.titles import whole_name
from survey.words import labels, locale
from survey.words.statuses import told

__all__ = ["frame_of", "notes_on_names"]


def frame_of(e: ResultData, rows: pd.DataFrame, measures: Sequence[labels.Measure], lang: str) -> pd.DataFrame:
    """Codes and labels, every digit, the unit, status and source of every row; what is hidden is empty."""
    out: dict[str, Any] = {}
    for name in [*labels.levels_of(e), *(["answer"] if "answer" in e.table.columns else [])]:
        out[name] = e.table[name]
        out[f"{name}_label"] = rows[name]
        if name == "item" and labels.cut_short(e, lang):
            out["item_wording"] = [whole_name(e, item, lang) for item in e.table["item"]]
    hidden = rows["status"] == "suppressed"
    for name in e.table.columns:
        if name not in out:
            out[name] = rows[name].where(~hidden) if name in ("n", "df") else rows[name]
    shares = locale.word("share_unit", lang)
    if "estimate" in e.table.columns:
        out["unit"] = [shares if m.kind == "share" else m.axis(lang) for m in measures]
    out["status"] = [told(*row) for row in zip(rows["status"], rows["detail"], strict=True)]
    out["source"] = locale.source(e.codebook.cited(lang), e.source, e.simulated, lang, bare=True)
    return pd.DataFrame(out, index=e.table.index)


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
