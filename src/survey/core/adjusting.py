"""P-values adjusted for many comparisons, and critical values of intervals that hold together."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from survey.base.arguments import one_of
from survey.base.arrays import Array
from survey.errors import EstimationError

__all__ = ["ADJUSTMENTS", "adjust_pvalues", "check_adjust", "of_equivalence", "verdicts"]

ADJUSTMENTS = ("holm", "hochberg", "bh", "bonferroni", "max-t", "none")
"""Family-wise error rate: all but "bh", which holds the false discovery rate, and "none"."""


def adjust_pvalues(p: Array, method: str = "holm") -> Array:
    """P-values adjusted for many comparisons; NaN stays NaN.

    Parameters
    ----------
    p : array (k,)
    method : {"holm", "hochberg", "bh", "bonferroni", "none"}
        "max-t" needs the covariance of the comparisons besides: see `pairwise` and `Sample.compare`.

    References
    ----------
    Holm (1979), Scand. J. Statist. 6; Hochberg (1988), Biometrika 75; Benjamini & Hochberg (1995), JRSS B 57. Agrees
    with R's p.adjust.
    """
    check_adjust(method)
    if method == "max-t":
        raise EstimationError(
            "p-values alone cannot be adjusted by max-t.",
            where="adjust=",
            got=repr(method),
            expected="estimates with their covariance",
            fix='call estimates.pairwise(adjust="max-t") or sample.compare(..., adjust="max-t")',
        )
    p = np.asarray(p, dtype=float)
    valid = np.flatnonzero(~np.isnan(p))
    m = len(valid)
    out = p.copy()
    if method == "none" or m == 0:
        return out
    if method == "bonferroni":
        out[valid] = np.minimum(1, m * p[valid])
        return out
    order = valid[np.argsort(p[valid], kind="stable")]
    # as scipy's false_discovery_control has it, whose import takes longer than all p-values of a report
    steps = p[order] * (m / np.arange(1, m + 1)) if method == "bh" else (m - np.arange(m)) * p[order]
    if method in ("hochberg", "bh"):
        out[order] = np.minimum(1, np.minimum.accumulate(steps[::-1])[::-1])
    else:
        out[order] = np.minimum(1, np.maximum.accumulate(steps))
    return out


def verdicts(different: Array, equivalent: Array, alpha: float) -> NDArray[np.object_]:
    """What adjusted p-values of a difference and of equivalence come to; see `Sample.compare`."""
    apart, alike = np.asarray(different) < alpha, np.asarray(equivalent) < alpha
    found = np.select([alike & apart, alike, apart], ["small_difference", "equivalent", "different"], "inconclusive")
    return np.where(np.isnan(equivalent), "inconclusive", found).astype(object)


def of_equivalence(adjust: str) -> str:
    """How p-values of equivalence are adjusted: as those of differences, by Holm with max-t, which is two-sided."""
    return "holm" if adjust == "max-t" else adjust


def check_adjust(method: str) -> None:
    """Raise unless an adjustment of p-values is known."""
    one_of(method, ADJUSTMENTS, "adjustment of p-values", EstimationError)
