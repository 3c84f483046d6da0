"""What a CSV of an exhibit holds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from survey.core.result import ResultData
from survey.words import labels, locale
from survey.words.group_labels import sides_of
from survey.words.statuses import TOLD_APART

__all__ = ["rows_as_data"]


def rows_as_data(e: ResultData, rows: pd.DataFrame, measures: Sequence[labels.Measure], lang: str) -> pd.DataFrame:
    """Codes and labels, every digit, the unit, status and source of every row.

    Parameters
    ----------
    e : Estimates or Summary
    rows : DataFrame
        `words.labels.labelled` of it.
    measures : sequence of Measure
        What each row is measured in.
    lang : {"vi", "en"}
    """
    out: dict[str, Any] = {}
    for name in [*labels.levels_of(e), *(["answer"] if "answer" in e.table.columns else [])]:
        out[name] = e.table[name]
        out[f"{name}_label"] = rows[name]
        if name == "item" and labels.cut_short(e, lang):
            out["item_wording"] = [_wording(e, item, lang) for item in e.table["item"]]
    hidden = rows["status"] == "suppressed"
    for name in e.table.columns:
        if name not in out:
            out[name] = rows[name].where(~hidden) if name in ("n", "df") else rows[name]
    shares = locale.word("share_unit", lang)
    if "estimate" in e.table.columns:
        out["unit"] = [shares if m.kind == "share" else m.axis(lang) for m in measures]
    out["status"] = rows["status"]
    if rows["detail"].isin(TOLD_APART).any():
        out["status_detail"] = rows["detail"]
    out["source"] = locale.source(e.codebook.cited(lang), e.source, e.simulated, lang, bare=True)
    return pd.DataFrame(out, index=e.table.index)


def _wording(e: ResultData, item: str, lang: str) -> str:
    """The whole name or wording of an item whose label is cut short."""
    parts = sides_of(e, item)
    return " / ".join(e.codebook[p].full_name(lang) if p in e.codebook else e.codebook.wording(p, lang) for p in parts)
