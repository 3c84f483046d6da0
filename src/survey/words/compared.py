"""Which rows of a result a difference compares."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from survey.core.estimates_data import EstimatesData
from survey.core.result import ResultData

__all__ = ["compared", "two_rows"]


def compared(e: ResultData, row: int) -> tuple[int, int] | None:
    """For a plain difference, the two rows of the origin (minuend, subtrahend); None for any other contrast."""
    if not isinstance(e, EstimatesData) or e.origin is None or e.contrast_matrix is None or e.origin.kind.combines:
        return None
    weights = e.contrast_matrix[row]
    used = np.flatnonzero(weights)
    if len(used) != 2 or sorted(weights[used]) != [-1.0, 1.0]:
        return None
    first, second = used if weights[used[0]] > 0 else used[::-1]
    return int(first), int(second)


def two_rows(e: ResultData, row: int) -> tuple[Mapping[str, Any], Mapping[str, Any]] | None:
    """The two rows themselves, by column; None for what is no plain difference."""
    pair = compared(e, row)
    if pair is None or e.origin is None:
        return None
    rows = e.origin.once(_rows)
    return rows[pair[0]], rows[pair[1]]


def _rows(e: ResultData) -> list[dict[str, Any]]:
    """The rows of a table, read once: pandas makes a column of each row that is asked for."""
    columns = [str(c) for c in e.table.columns]
    return [dict(zip(columns, row, strict=True)) for row in zip(*(e.table[c].tolist() for c in columns), strict=True)]
