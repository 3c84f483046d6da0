"""The interval of an effect by test inversion: every size of effect that the permutation test does not reject.

If the programme moved every treated unit by the same t, the changes without it are those seen less t in the treated
units. A way to choose the treated then has the gap g - t c, where g is its gap and c the part of the effect that it
moves along (1 for the way observed, whose gap is estimate - t). It is at least as large as the one observed, in either
direction, for the t between

    (estimate - g) / (1 - c)  and  (estimate + g) / (1 + c),

which hold the estimate between them. So the p-value of t is the share of ways whose two limits hold t; it falls on both
sides of the estimate, and the ends of the interval are order statistics of these limits: no search, no grid.

References
----------
Rosenbaum (2002), Observational Studies, 2nd ed., section 2.6; Imbens & Rubin (2015), Causal Inference, section 5.7.
"""

from __future__ import annotations

from math import floor

import numpy as np

from survey.base.arrays import Array

__all__ = ["inverted_interval"]

_TIE = 1e-9


def inverted_interval(gaps: Array, moved: Array, estimate: Array, alpha: float) -> tuple[Array, Array]:
    """Ends of the interval at level 1 - alpha; infinite where no size of effect can be rejected.

    Parameters
    ----------
    gaps : array (items, ways)
        The gap of each way.
    moved : array (ways,)
        What part of an effect on the treated units each way's gap holds, from -1 to 1.
    estimate : array (items,)
    alpha : float

    Returns
    -------
    low, high : array (items,)
        -inf and inf where the smallest possible p-value is above alpha.
    """
    free = np.abs(moved) > 1 - 1e-12  # the way observed, and its mirror: as large whatever the effect
    with np.errstate(divide="ignore", invalid="ignore"):
        one = (estimate[:, None] - gaps) / (1 - moved)
        other = (estimate[:, None] + gaps) / (1 + moved)
    low = np.where(free, -np.inf, np.minimum(one, other))
    high = np.where(free, np.inf, np.maximum(one, other))
    ways = gaps.shape[1]
    # a size is rejected where at most this many ways hold it
    rank = min(floor(alpha * ways * (1 + _TIE) + _TIE), ways - 1)
    known = np.isfinite(gaps).all(axis=1) & np.isfinite(estimate)
    bottom = np.partition(low, rank, axis=1)[:, rank]
    top = -np.partition(-high, rank, axis=1)[:, rank]
    return np.where(known, bottom, np.nan), np.where(known, top, np.nan)
