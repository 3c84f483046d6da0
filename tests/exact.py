"""Linear algebra in fractions: what a rank is without rounding."""

from __future__ import annotations

from fractions import Fraction
from typing import Any


def rank(rows: Any) -> int:
    """The rank of a matrix, by elimination."""
    left = [[Fraction(float(v)) for v in row] for row in rows]
    found = 0
    for column in range(len(left[0]) if left else 0):
        pivot = next((i for i in range(found, len(left)) if left[i][column]), None)
        if pivot is None:
            continue
        left[found], left[pivot] = left[pivot], left[found]
        for i in range(found + 1, len(left)):
            factor = left[i][column] / left[found][column]
            left[i] = [a - factor * b for a, b in zip(left[i], left[found], strict=True)]
        found += 1
    return found
