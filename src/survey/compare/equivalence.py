"""What else a difference says: whether two groups are equivalent, and how small a difference could have been found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.base.arrays import Array, t_interval_factor
from survey.core.adjusting import adjust_pvalues, of_equivalence, verdicts
from survey.errors import EstimationError, shorten

__all__ = ["POWER", "Margin", "detectable", "equivalence", "margins_of"]

POWER = 0.8
"""With which the minimum detectable difference would be found."""

Margin = float | tuple[float, float] | Mapping[str, Any] | None
"""Differences that do not matter: within plus or minus a number, between two, or either by item."""


def margins_of(margin: Margin, items: Sequence[str], rows: pd.Series) -> Array:
    """Both ends of the margin of each row, by its item: (rows, 2).

    Raises
    ------
    EstimationError
        If it is not one positive number, two with 0 between them, or lacks an item.
    """
    if isinstance(margin, Mapping):
        unknown, lacking = [m for m in margin if m not in items], [i for i in items if i not in margin]
        if unknown or lacking:
            raise EstimationError(
                "The margins do not fit the items.",
                where="margin=",
                got=shorten(margin),
                expected=f"one margin for each of {shorten(items)}",
            )
        known = {item: _ends(margin[item]) for item in items}
    else:
        known = dict.fromkeys(items, _ends(margin))
    return np.array([known[item] for item in rows], dtype=float).reshape(len(rows), 2)


def _ends(margin: Any) -> tuple[float, float]:
    try:
        both = (-margin, margin) if isinstance(margin, int | float) else tuple(margin)
        low, high = (float(end) for end in both)
    except (TypeError, ValueError):
        low = high = np.nan
    if isinstance(margin, bool) or not (np.isfinite([low, high]).all() and low < 0 < high):
        raise EstimationError(
            "A margin of equivalence must be a positive number, or two ends with 0 between them.",
            where="margin=",
            got=repr(margin),
            expected="in the units of the estimate: margin=0.05 is 5 percentage points of a share",
        )
    return low, high


def equivalence(
    table: pd.DataFrame, margins: Array, families: NDArray[np.int64], adjust: str, level: float
) -> pd.DataFrame:
    """Two one-sided tests (Schuirmann 1987): the larger p, the interval of level 1 - 2 alpha, what they come to.

    p-values are adjusted as those of the differences are; by Holm with max-t, whose bands are two-sided.
    """
    from scipy.special import stdtr

    estimate, error, df = (table[c].to_numpy(float) for c in ("estimate", "std_error", "df"))
    inside = np.minimum(estimate - margins[:, 0], margins[:, 1] - estimate)
    d = np.where(df > 0, np.minimum(df, 1e12), 1.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        p = np.where(error > 0, stdtr(d, -inside / error), np.where(inside > 0, 0.0, 1.0))
    p = np.where((df > 0) & np.isfinite(estimate + error), p, np.nan)
    adjusted = np.empty(len(p))
    for family in np.unique(families):
        at = families == family
        adjusted[at] = adjust_pvalues(p[at], of_equivalence(adjust))
    half = t_interval_factor(1 - 2 * (1 - level), df) * error
    return pd.DataFrame(
        {
            "margin_low": margins[:, 0],
            "margin_high": margins[:, 1],
            "p_equivalence": p,
            "p_equivalence_adjusted": adjusted,
            "equivalence_low": estimate - half,
            "equivalence_high": estimate + half,
            "verdict": verdicts(table["p_adjusted"].to_numpy(float), adjusted, 1 - level),
        }
    )


def detectable(std_error: Array, df: Array, critical: Array) -> Array:
    """The smallest true difference that a two-sided test with these critical values would find with 80 % power.

    The non-centrality at which a t beyond the critical value has that probability, in standard errors; what a t beyond
    the other end adds is left out, as in R's power.t.test(strict = FALSE).
    """
    from scipy.special import nctdtrinc, ndtri

    pairs = np.stack([np.where(np.isfinite(df), df, np.inf), critical], axis=1)
    known = (pairs[:, 0] > 0) & np.isfinite(critical) & np.isfinite(std_error)
    out = np.full(len(std_error), np.nan)
    if known.any():
        alike, place = np.unique(pairs[known], axis=0, return_inverse=True)
        d, c = alike[:, 0], alike[:, 1]
        normal = c + ndtri(POWER)
        shift = np.where(d < 1e6, nctdtrinc(np.minimum(d, 1e6), 1 - POWER, c), normal)
        out[known] = shift[place.reshape(-1)] * std_error[known]
    return out
