"""Confidence intervals for shares.

A share's interval should stay within 0 and 1 and never have zero width; the plain t interval does neither near the
ends. All take the linearised standard error, so the design is in every one of them.

References
----------
Korn & Graubard (1998), Survey Methodology 24: the beta interval on the effective sample size.
Wilson (1927); Dean & Pagano (2015), Journal of Survey Statistics and Methodology: Wilson on the effective sample size.
Agresti (2013), ch. 1; Lumley (2010), ch. 2: logit and arcsine.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from survey.base.arguments import one_of
from survey.base.arrays import Array, t_interval_factor
from survey.core.support import Clustering
from survey.errors import EstimationError, shorten
from survey.estimation.clustered import at_an_end, clustered_interval

__all__ = ["INTERVALS", "NAMED", "fisher_interval", "share_interval"]

NAMED = ("logit", "wilson", "beta", "asin", "plain")
INTERVALS = ("clustered", *NAMED)
"""Of shares; the first is the default. The named ones are those of other software and agree with R's svyciprop."""


def share_interval(
    share: Array,
    std_error: Array,
    df: Array,
    n: Array,
    kish_n: Array,
    level: float,
    method: str,
    clustering: Clustering | None = None,
) -> tuple[Array, Array, NDArray[np.bool_]]:
    """Limits of the intervals of shares.

    Parameters
    ----------
    share, std_error, df, n : array (k,)
    kish_n : array (k,)
        Kish's effective number of answers, (sum w)^2 / sum w^2, which stands in for the effective n where the share
        is 0 or 1 and its standard error is zero.
    level : float
    method : one of `INTERVALS`
        "clustered" is the default of the estimators; see `survey.estimation.clustered`.
    clustering : Clustering, optional
        Needed for "clustered".

    Returns
    -------
    low, high : array (k,)
        NaN where df <= 0: from one cluster there is no honest interval.
    at_end : bool array (k,)
        Where the share is 0 or 1: the interval is one-sided, or Korn & Graubard's in place of a named one.
    """
    one_of(method, INTERVALS, "interval for a share", EstimationError)
    none = ~(df > 0)
    at_end = at_an_end(share, std_error)
    if method == "clustered":
        if clustering is None:
            raise EstimationError("The clusters behind a share are unknown.", expected="one of " + shorten(NAMED))
        low, high = clustered_interval(share, std_error, df, n, level, clustering)
        return np.where(none, np.nan, low), np.where(none, np.nan, high), at_end & ~none
    t = t_interval_factor(level, df)
    with np.errstate(divide="ignore", invalid="ignore"):
        effective = np.where(at_end, kish_n, share * (1 - share) / std_error**2)
        if method == "plain":
            low, high = share - t * std_error, share + t * std_error
        elif method == "logit":
            centre, half = np.log(share / (1 - share)), t * std_error / (share * (1 - share))
            low, high = 1 / (1 + np.exp(half - centre)), 1 / (1 + np.exp(-half - centre))
        elif method == "asin":
            centre, half = np.arcsin(np.sqrt(share)), t * std_error / (2 * np.sqrt(share * (1 - share)))
            low = np.sin(np.clip(centre - half, 0, np.pi / 2)) ** 2
            high = np.sin(np.clip(centre + half, 0, np.pi / 2)) ** 2
        elif method == "wilson":
            shift = t**2 / effective
            centre = (share + shift / 2) / (1 + shift)
            half = t * np.sqrt(share * (1 - share) / effective + t**2 / (4 * effective**2)) / (1 + shift)
            low, high = centre - half, centre + half
        else:
            low, high = _beta(share, effective, df, n, level)
    if at_end.any():
        end_low, end_high = _beta(np.round(share), effective, df, n, level)
        low, high = np.where(at_end, end_low, low), np.where(at_end, end_high, high)
    return np.where(none, np.nan, low), np.where(none, np.nan, high), at_end & ~none


def _beta(share: Array, effective: Array, df: Array, n: Array, level: float) -> tuple[Array, Array]:
    """Korn & Graubard: Clopper-Pearson on the effective n, reduced for the degrees of freedom."""
    from scipy.special import betaincinv

    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = t_interval_factor(level, n - 1) / t_interval_factor(level, df)
        size = effective * ratio**2
        tail = (1 - level) / 2
        above, below = size * share, size * (1 - share)
        low = np.where(above > 0, betaincinv(np.maximum(above, 1e-300), below + 1, tail), 0.0)
        high = np.where(below > 0, betaincinv(above + 1, np.maximum(below, 1e-300), 1 - tail), 1.0)
    exact = np.isinf(size)  # a share that is known without error, as in a census
    return np.where(exact, share, low), np.where(exact, share, high)


def fisher_interval(r: Array, std_error: Array, df: Array, level: float) -> tuple[Array, Array]:
    """Limits of a correlation by Fisher's z (1921) with t: within -1 and 1."""
    with np.errstate(divide="ignore", invalid="ignore"):
        half = t_interval_factor(level, df) * std_error / (1 - r**2)
        return np.tanh(np.arctanh(r) - half), np.tanh(np.arctanh(r) + half)
