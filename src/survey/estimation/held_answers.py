"""How many rows hold each answer to an item of numbers: counted once while the item is coded, and kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from survey.core.responses_data import ResponsesData
from survey.counting.cells import MAX_ANSWERS, Coded

__all__ = ["counts_kept", "keep_counts", "keep_lone", "lone_kept"]


def counts_kept(responses: ResponsesData) -> Mapping[str, Mapping[float, int] | None]:
    """Rows by answer of the items counted so far; None of an item with more answers than a list has."""
    return responses.once(_by_item)


def keep_counts(responses: ResponsesData, name: str, coded: Coded | None) -> None:
    """Keep the counts of an item of numbers as it was coded."""
    kept = responses.once(_by_item)
    if name in kept:
        return
    if coded is None or len(coded.answers) > MAX_ANSWERS or coded.answers.dtype == object:
        kept[name] = None
        return
    rows = coded.rows
    if rows is None:
        rows = np.bincount(coded.code, minlength=len(coded.answers) + 1)[: len(coded.answers)]
    kept[name] = {float(a): int(n) for a, n in zip(coded.answers, rows, strict=True) if n}


def lone_kept(responses: ResponsesData) -> Mapping[str, bool]:
    """Of items whose rows are somewhere else: whether one answer is in several rows, and others are empty."""
    return responses.once(_lone)


def keep_lone(responses: ResponsesData, name: str, counts: Mapping[Any, int] | None, rows: int) -> None:
    """Keep whether an item holds one answer alone, from the rows that hold each answer and the number of all rows."""
    responses.once(_lone)[name] = counts is not None and len(counts) == 1 and 2 <= sum(counts.values()) < rows


def _lone(responses: ResponsesData) -> dict[str, bool]:
    return {}


def _by_item(responses: ResponsesData) -> dict[str, Mapping[float, int] | None]:
    return {}
