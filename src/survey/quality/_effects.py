"""How much of the variance of an answer is the interviewer's: the intraclass correlation with its interval."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.base.arrays import Array

__all__ = ["interviewer_icc", "one_way"]


def one_way(x: Array, group: NDArray[np.int64], cell: NDArray[np.int64], level: float = 0.95) -> dict[str, float]:
    """Intraclass correlation by one-way random-effects analysis of variance with unequal groups, within cells.

    rho = (MSB - MSW) / (MSB + (n0 - 1) MSW), n0 = (N - sum n_i^2 / N) / (k - 1). The interval inverts F: exact where
    all groups are of one size, close otherwise. Groups of several cells (waves) are compared within their cell:
    squares and degrees of freedom add up.

    Parameters
    ----------
    x : array (n,)
        NaN is left out.
    group, cell : int array (n,)
        Interviewer within cell, and cell; -1 is left out.
    level : float

    Returns
    -------
    dict
        icc, conf_low, conf_high, p_value (of F), groups, n, n0, deff (1 + (n0 - 1) icc, at least 1: how much
        interviewers of this workload raise the variance of a mean, if respondents were allotted to them at random).
        NaN where nothing varies or no group has two answers.

    References
    ----------
    Searle (1971), Linear models, section 9.6; Donner (1986), International Statistical Review 54, 67-82; Kish
    (1962), JASA 57, 92-115, on interviewers.
    """
    from scipy import stats

    used = np.isfinite(x) & (group >= 0)
    x, group, cell = x[used], group[used], cell[used]
    between = within = df_between = df_within = weight = 0.0
    groups = 0
    for c in np.unique(cell):
        at = cell == c
        _, code = np.unique(group[at], return_inverse=True)
        size = np.bincount(code).astype(float)
        k, n = len(size), size.sum()
        if k < 2:
            continue
        centred = x[at] - x[at].mean()
        mean = np.bincount(code, centred) / size
        between += (size * mean**2).sum()
        within += ((centred - mean[code]) ** 2).sum()
        df_between, df_within, groups = df_between + k - 1, df_within + n - k, groups + k
        weight += n - (size**2).sum() / n
    out = {
        "icc": np.nan,
        "conf_low": np.nan,
        "conf_high": np.nan,
        "p_value": np.nan,
        "groups": float(groups),
        "n": float(len(x)),
        "n0": np.nan,
        "deff": np.nan,
    }
    if df_between < 1 or df_within < 1 or within <= 1e-12 * max(between, 1):
        return out
    n0 = weight / df_between
    f = (between / df_between) / (within / df_within)
    tail = (1 - level) / 2
    low, high = (f / stats.f.ppf(q, df_between, df_within) for q in (1 - tail, tail))
    icc = (f - 1) / (f + n0 - 1)
    return out | {
        "icc": icc,
        "conf_low": (low - 1) / (low + n0 - 1),
        "conf_high": (high - 1) / (high + n0 - 1),
        "n0": n0,
        "p_value": float(stats.f.sf(f, df_between, df_within)),
        "deff": max(1.0, 1 + (n0 - 1) * icc),
    }


def interviewer_icc(
    values: dict[str, Array], team: NDArray[np.int64], cell: NDArray[np.int64], level: float
) -> pd.DataFrame:
    """One row an item; see `one_way`."""
    rows = [{"item": name} | one_way(x, team, cell, level) for name, x in values.items()]
    columns = ["item", "icc", "conf_low", "conf_high", "p_value", "groups", "n", "n0", "deff"]
    return pd.DataFrame(rows, columns=columns).astype({"groups": int, "n": int})
