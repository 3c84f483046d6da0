"""Titles of results about weights, margins, fieldwork and planned surveys."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from survey.base import catalogue
from survey.core.result import ResultData
from survey.exhibits._basis import Statement, differing
from survey.words import labels
from survey.words import locale as loc
from survey.words.families import alpha_of

__all__ = ["SUMMARIES"]


def _of_equality(e: ResultData, lang: str) -> Statement | None:
    """By which breakdowns groups differ, for the tests of one item."""
    items = labels.items_of(e)
    if len(items) != 1 or [b for b in e.by if b != "breakdown"] or e.breakdowns is None:
        return None
    names = [labels.breakdown_label(e, str(n), lang) for n in e.table["breakdown"]]
    alphas = [alpha_of(e, k) for k in range(len(names))]
    item = catalogue.text("narrative.quoted", lang, text=labels.item_label(e, items[0], lang))
    return differing(item, names, e.table["p_adjusted"].to_numpy(float), alphas, lang)


def _of_quality(e: ResultData, lang: str) -> Statement | None:
    """How many interviewers have results that someone should verify."""
    if "interviewer" not in e.table.columns:
        return None
    everyone = e.table["interviewer"].nunique()
    told = e.table.loc[e.table["alert"].to_numpy(float) > 0, "interviewer"].nunique()
    return Statement((_text("statements.alerts" if told else "statements.alerts_none", lang, n=told, all=everyone),))


def _of_margins(e: ResultData, lang: str) -> Statement | None:
    """What weighting did to the largest gap between the sample and the population."""
    t = e.table
    if "unit" not in t.columns or set(t["unit"]) != {"share"} or not t[["gap_before", "gap"]].notna().all(axis=None):
        return None
    before, after = (float(t[c].abs().max()) * 100 for c in ("gap_before", "gap"))
    told = [loc.number(x, 1, lang) for x in (before, after)]
    if told[0] == told[1]:
        return None
    key = "statements.gap_smaller" if after < before else "statements.gap_larger"
    points = loc.word("percentage_points", lang)
    return Statement((_text(key, lang, before=told[0], after=f"{told[1]} {points}"),))


def _of_weights(e: ResultData, lang: str) -> Statement | None:
    """How many equally weighted answers the weighted ones are worth."""
    if not {"n", "n_eff"} <= set(e.table.columns) or e.by:
        return None
    n, effective = (float(e.table[c].iloc[-1]) for c in ("n", "n_eff"))
    if not np.isfinite([n, effective]).all() or round(n) == round(effective):
        return None
    return Statement((_text("statements.effective", lang, n=loc.count(n, lang), effective=loc.count(effective, lang)),))


def _of_plans(e: ResultData, lang: str) -> Statement | None:
    """How many answers a planned survey needs, or what it finds with those it has."""
    t = e.table
    if len(t) != 1 or not {"n_total", "solved", "unit"} <= set(t.columns):
        return None
    row, solved = t.iloc[0], str(t["solved"].iloc[0])
    total = float(row["n_total"])
    size = float(row["effect" if "effect" in t.columns else "margin_of_error"])
    if not np.isfinite([total, size]).all():
        return None
    written = f"{loc.number(100 * size, 1, lang)} {loc.word('percentage_points', lang)}"
    written = written if row["unit"] == "share" else loc.number(size, 2, lang)
    parts = {"total": loc.count(total, lang), "effect": written, "margin": written}
    if "power" in t.columns:
        parts["power"] = loc.level_word(float(row["power"]), lang)
    known = {
        "n": "statements.power_n" if "power" in t.columns else "statements.precision_n",
        "effect": "statements.power_effect",
        "power": "statements.power_power",
        "margin_of_error": "statements.precision_margin",
    }
    if solved not in known:
        return None
    key = known[solved]
    return Statement((_text(key, lang, **parts),))


def _text(key: str, lang: str, **parts: object) -> str:
    return catalogue.text(key, lang, **parts)


SUMMARIES: Mapping[str, Callable[[ResultData, str], Statement | None]] = MappingProxyType(
    {
        "equality": _of_equality,
        "quality": _of_quality,
        "margins": _of_margins,
        "weights": _of_weights,
        "power": _of_plans,
        "precision": _of_plans,
    }
)
"""Titles of summaries, by the key of their descriptive title."""
