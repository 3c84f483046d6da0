"""Which shares are unreliable by the presentation standards of the US National Center for Health Statistics.

References
----------
Parker, Talih, Malec et al. (2017), National Center for Health Statistics Data Presentation Standards for Proportions,
Vital and Health Statistics 2(175). Korn & Graubard (1998), Survey Methodology 24. Agrees with the rules and with the
interval of NCHS's SAS macro for SUDAAN output (C. Martin, version 2.0, degrees of freedom adjusted).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from survey.base.arrays import Array, t_interval_factor

__all__ = ["LEAST_DF", "LEAST_N", "NARROW", "REASONS", "RELATIVE", "WIDE", "korn_graubard", "nchs"]

LEAST_N = 30
"""Answers, and effective answers, below which a share is unreliable."""
WIDE, NARROW = 0.30, 0.05
"""Width of the interval from which a share is unreliable, and up to which it is reliable, however small."""
RELATIVE = 1.30
"""Width of the interval over the share above which a share is unreliable, between the two."""
LEAST_DF = 8
"""Degrees of freedom below which a statistician looks at a share."""
REASONS = ("n", "wide", "relative", "df", "end", "complement")
"""Small effective n; wide interval; wide beside the share; few degrees of freedom, 0 or 1 (to be reviewed); wide beside
the share of everybody else (a footnote)."""
_LEVEL = 0.95
_END = 1e-12


def korn_graubard(share: Array, std_error: Array, df: Array, n: Array) -> tuple[Array, Array, Array]:
    """The 95% interval of the standard, and the effective number of answers.

    Parameters
    ----------
    share, std_error, df, n : array (k,)

    Returns
    -------
    low, high : array (k,)
        Clopper-Pearson on the effective n, reduced for degrees of freedom and at most n; on n at a share of 0 or 1.
    n_eff : array (k,)
        Before that reduction; n where the share is 0 or 1.
    """
    from scipy.special import betaincinv

    end = (share < _END) | (share > 1 - _END)
    with np.errstate(divide="ignore", invalid="ignore"):
        n_eff = np.where(end, n, share * (1 - share) / std_error**2)
        ratio = t_interval_factor(_LEVEL, n - 1) / t_interval_factor(_LEVEL, df)
        size = np.where(end, n, np.minimum(n, n_eff * ratio**2))
        p, tail = np.where(end, np.round(share), share), (1 - _LEVEL) / 2
        above, below = size * p, size * (1 - p)
        low = np.where(above > 0, betaincinv(np.maximum(above, 1e-300), below + 1, tail), 0.0)
        high = np.where(below > 0, betaincinv(above + 1, np.maximum(below, 1e-300), 1 - tail), 1.0)
    return low, high, n_eff


def nchs(share: Array, std_error: Array, df: Array, n: Array) -> NDArray[np.object_]:
    """Why each share is unreliable, or to be reviewed, by the standard.

    Parameters
    ----------
    share : array (k,)
        0-1.
    std_error, df, n : array (k,)

    Returns
    -------
    array of str (k,)
        "" for a reliable share, or what could not be judged (no standard error, as in a census); else the first of
        `REASONS`: "n", "wide" and "relative" make it unreliable, "df" and "end" ask for a review, "complement" is a
        footnote.
    """
    low, high, n_eff = korn_graubard(share, std_error, df, n)
    width = high - low
    with np.errstate(divide="ignore", invalid="ignore"):
        # no share of 0 is wide beside itself: such are reviewed
        relative = np.where(share < _END, 0.0, width / share)
        of_others = np.where(share > 1 - _END, 0.0, width / (1 - share))
        found = [
            np.minimum(n, n_eff) < LEAST_N,
            width >= WIDE,
            (width > NARROW) & (relative > RELATIVE),
            df < LEAST_DF,
            (share < _END) | (share > 1 - _END),
            (width > NARROW) & (of_others > RELATIVE),
        ]
    out = np.full(len(share), "", dtype=object)
    for reason, at in reversed(list(zip(REASONS, found, strict=True))):
        out[at] = reason
    known = (std_error == 0) & (share > _END) & (share < 1 - _END)  # everyone was asked
    out[~np.isfinite(share) | ~np.isfinite(std_error) | known] = ""
    return out
