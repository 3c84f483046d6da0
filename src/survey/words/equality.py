"""Tests of equality of breakdowns in words: beside a heading, or as a note below an exhibit."""

from __future__ import annotations

import math
from collections.abc import Hashable

from survey.core.breakdowns import COLUMNS
from survey.core.estimates_data import EstimatesData
from survey.core.result import ResultData
from survey.core.summary import SummaryData
from survey.words import labels
from survey.words import locale as loc

__all__ = ["beside_headings", "row_key", "tests_note", "tests_of", "within_varies"]

_MOST = 12
"""Tests that a note can tell; more stand in a table of their own, `tables.table(e.tests)`."""


def tests_of(e: ResultData) -> SummaryData | None:
    """The tests of a result where they are few enough to be told beside it."""
    if not isinstance(e, EstimatesData) or e.breakdowns is None or "breakdown" not in e.by:
        return None
    count = len(e.table.drop_duplicates(_columns(e)))
    return e.tests if 0 < count <= _MOST else None


def _columns(e: ResultData) -> list[str]:
    return [c for c in ("item", *e.by) if c != "category" and c in e.table.columns]


def row_key(e: ResultData, i: int) -> tuple[Hashable, ...]:
    """What tells the test of row `i` from others."""
    return tuple(e.table[c].iloc[i] for c in _columns(e))


def beside_headings(e: ResultData, lang: str) -> dict[tuple[Hashable, ...], str]:
    """What stands after the heading of a breakdown, " (adjusted p = 0.012)", by the key of its rows."""
    tests = tests_of(e)
    if tests is None:
        return {}
    rows = zip(tests.table[_columns(e)].itertuples(index=False, name=None), tests.table["p_adjusted"], strict=True)
    return {tuple(key): f" ({loc.p_equals(float(p), lang, adjusted=True)})" for key, p in rows if math.isfinite(p)}


def tests_note(e: ResultData, lang: str) -> list[str]:
    """Whether groups differ, one sentence for all tests: "Sex < 0.001; Age 0.012"."""
    tests = tests_of(e)
    if tests is None:
        return []
    varying = [c for c in _columns(e) if e.table[c].nunique(dropna=False) > 1 or c == "breakdown"]
    told = []
    for i, p in enumerate(tests.table["p_adjusted"]):
        row = tests.table.iloc[i]
        names = [
            labels.item_label(e, row[c], lang) if c == "item" else labels.group_label(e, c, row[c], lang)
            for c in varying
        ]
        if math.isfinite(p):
            told.append(f"{', '.join(names)}: {loc.p_value(float(p), lang)}")
    key = "equality_plan" if "family" in tests.table.columns else "equality"
    return [loc.word(key, lang, tests="; ".join(told))] if told else []


def within_varies(e: ResultData) -> bool:
    """Whether each breakdown is taken in several groups of `by=`, so that a heading has several tests."""
    return any(e.table[c].nunique(dropna=False) > 1 for c in e.by if c not in COLUMNS)
