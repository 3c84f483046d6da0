"""Importance against performance: which predictors are told apart from the average of all, and on which side.

References
----------
Martilla & James (1977), Journal of Marketing 41, 77-79. A point near the middle says nothing: Bacon (2003),
International Journal of Market Research 45, finds the quadrant of such points a matter of chance.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.core.contrasts import contrast
from survey.estimates import Estimates

__all__ = ["QUADRANTS", "cuts", "quadrants"]

QUADRANTS = {(1, -1): "improve", (1, 1): "keep", (-1, -1): "later", (-1, 1): "maintain"}
"""By the sides of importance and performance: 1 above the average of the predictors, -1 below."""


def cuts(shares: Estimates, performance: Estimates) -> tuple[float, float]:
    """The averages of importance and performance over the predictors, where the quadrants meet."""
    return float(shares.table["estimate"].mean()), float(performance.table["estimate"].mean())


def quadrants(shares: Estimates, performance: Estimates) -> list[str]:
    """The quadrant of each predictor, "" where it is not told apart from the average of importance or performance.

    Shares add up to 1, so that their average is known; that of performance is an estimate too, and the interval is that
    of the difference.
    """
    table, average = shares.table, 1 / len(shares.table)
    important = _sides(table["conf_low"] - average, table["conf_high"] - average)
    k = len(performance.table)
    away = contrast(performance, {f"{i}": row for i, row in enumerate(np.eye(k) - 1 / k)}).table
    good = _sides(away["conf_low"], away["conf_high"])
    return [QUADRANTS.get((int(a), int(b)), "") for a, b in zip(important, good, strict=True)]


def _sides(low: pd.Series, high: pd.Series) -> NDArray[np.int64]:
    """1 above the average, -1 below it, 0 where the interval of the difference holds 0 or there is none."""
    return np.where(low.to_numpy(float) > 0, 1, np.where(high.to_numpy(float) < 0, -1, 0))
