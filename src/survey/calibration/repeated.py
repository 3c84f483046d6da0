"""People who are alike, written out one by one, for what looks at all of them."""

from __future__ import annotations

import numpy as np

from survey.base.arrays import Array
from survey.base.codes import Ints
from survey.errors import EstimationError

__all__ = ["repeated"]

MOST_PEOPLE = 50_000_000
"""Numbers of 8 bytes: 0.4 GB."""


def repeated(x: Array, people: Ints) -> Array:
    """The numbers of people who are alike, one by one.

    Raises
    ------
    EstimationError
        For more people than numbers are written out for.
    """
    if (n := int(people.sum())) > MOST_PEOPLE:
        raise EstimationError(
            "A term that looks at every respondent has too many of them.",
            where="center, scale, poly, bs or ns",
            got=f"{n:,} respondents",
            expected=f"up to {MOST_PEOPLE:,}",
            fix="write the term in numbers, such as (age - 45) / 10, or give the splines knots and bounds",
        )
    return np.repeat(x, people)
