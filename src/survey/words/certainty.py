"""How sure a result is: what is known without error, what cannot be judged, and what readers can recompute."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from survey.base.frames import locked
from survey.core.estimates_data import EstimatesData
from survey.core.result import ResultData
from survey.words import locale as loc
from survey.words.labels import Measure, compared, measures
from survey.words.notes import ALIKE, BY_DESIGN, CALIBRATED

__all__ = ["certainty", "recomputable", "told_digits"]


def certainty(e: ResultData) -> NDArray[np.object_]:
    """How sure each row is: "judged" (it has an interval), "known" (no sampling error) or "unknown".

    Unknown is where no interval can be computed: one cluster in the group, a single answer, no degrees of freedom, an
    end beyond the data. Nothing may be concluded from such a row. What is judged by permutation of units (an effect)
    counts as judged, also where its interval has no ends. The array is kept with the result: no one may write to it.
    """
    return e.once(_certainty)


def _certainty(e: ResultData) -> NDArray[np.object_]:
    found: NDArray[np.object_] = locked(_judged(e))
    return found


def _judged(e: ResultData) -> NDArray[np.object_]:
    out = np.full(len(e.table), "judged", dtype=object)
    if not isinstance(e, EstimatesData) or "conf_low" not in e.table.columns or e.kind.by_units:
        return out
    table = e.table
    none = ~np.isfinite(table[["conf_low", "conf_high"]].to_numpy(float)).all(axis=1)
    none &= np.isfinite(table["estimate"].to_numpy(float))
    if not none.any():
        return out
    out[none] = "unknown"
    exact = none & (table["std_error"].to_numpy(float) == 0) & (table["df"].to_numpy(float) > 0)
    if e.origin is not None and e.contrast_matrix is not None:
        known = certainty(e.origin) == "known"
        exact &= np.array([bool(known[row != 0].all()) for row in e.contrast_matrix], dtype=bool)
    elif e.exact:
        exact &= np.isin(np.array(e.exact, dtype=object).astype(str), (CALIBRATED, BY_DESIGN))
    elif ALIKE in e.notes or not {CALIBRATED, BY_DESIGN} & set(e.notes):
        exact[:] = False
    out[exact] = "known"
    return out


def told_digits(measure: Measure, first: float, second: float, difference: float, digits: int) -> int | None:
    """Decimals with which readers can recompute a difference from its two numbers: as asked, or one more; else None.

    The numbers are unrounded; 60.14 and 57.55 differ by 2.59, told as 60.1, 57.6 and 2.6 with one decimal.
    """
    for decimals in (digits, digits + 1):
        a, b, d = (loc.rounded(measure.factor * x, decimals) for x in (first, second, difference))
        if a - b == d:
            return decimals
    return None


def recomputable(e: ResultData, digits: int | None = None) -> bool:
    """Whether readers who subtract the rounded numbers get the rounded differences, in every row that is one."""
    for i, measure in enumerate(measures(e)) if e.kind.combines else ():
        pair = compared(e, i)
        if pair is None or e.origin is None or not measure.difference:
            continue
        a, b = (float(e.origin.table["estimate"].iloc[k]) for k in pair)
        decimals = measure.digits if digits is None else digits
        if np.isfinite([a, b]).all() and told_digits(measure, a, b, a - b, decimals) != decimals:
            return False
    return True
