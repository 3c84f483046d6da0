"""The few tests that the checks share: one against the others, counts that vary more than chance."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from survey.base.arrays import Array
from survey.base.codes import factorize

__all__ = ["against_others", "beta_binomial_sf", "robust_z", "shorter"]

_NORMAL = 1.4826
"""MAD of a normal distribution times this is its standard deviation."""


def robust_z(x: Array) -> Array:
    """Distance from the median in robust standard deviations (1.4826 MAD); NaN where more than half are alike.

    References
    ----------
    Iglewicz & Hoaglin (1993), How to detect and handle outliers: flag beyond 3.5.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        away = x - np.nanmedian(x) if np.isfinite(x).any() else x
        spread = _NORMAL * np.nanmedian(np.abs(away)) if np.isfinite(away).any() else np.nan
        return away / spread if spread > 0 else np.full(len(x), np.nan)


def against_others(
    hits: Array,
    trials: Array,
    group: NDArray[np.int64],
    person: NDArray[np.int64],
    team: NDArray[np.int64],
    cell: NDArray[np.int64],
    teams: int,
) -> tuple[Array, Array, Array]:
    """Share of each interviewer, share expected, and the chance of so many among the interviewers of the same cell.

    A one-sided binomial test of the interviewer's hits against the share of all others of its cell. Answers of one
    respondent hang together, so both counts are first divided by the design effect of respondents: the variance of
    respondents' residuals over that of independent answers, at least 1.

    Parameters
    ----------
    hits, trials : array (n,)
        Of each respondent and kind of trial.
    group : int array (n,)
        Kind of trial: trials of one kind share the others' rate (an item, a variable).
    person : int array (n,)
        Respondent.
    team, cell : int array (n,)
        Interviewer within cell (-1: no one's), and cell.
    teams : int

    Returns
    -------
    share, expected, p : arrays (teams,)
        NaN where there are no trials, or no others.

    References
    ----------
    Effective counts in an exact binomial: Korn & Graubard (1998), Survey Methodology 24, 193-201.
    """
    from scipy.special import betainc

    used = (team >= 0) & (trials > 0)
    hits, trials = hits[used], trials[used]
    group, person, team, cell = group[used], person[used], team[used], cell[used]
    if not len(hits):
        return (np.full(teams, np.nan),) * 3
    kind = factorize([cell, group])[0]
    kinds = int(kind.max()) + 1
    both = team * kinds + kind
    own_hits, own_trials = (np.bincount(both, w, teams * kinds).reshape(teams, kinds) for w in (hits, trials))
    all_hits, all_trials = (np.bincount(kind, w, kinds) for w in (hits, trials))
    with np.errstate(invalid="ignore", divide="ignore"):
        others = (all_hits - own_hits) / (all_trials - own_trials)
        expected_hits = np.where(own_trials > 0, own_trials * others, 0.0).sum(axis=1)
        n, y = own_trials.sum(axis=1), own_hits.sum(axis=1)
        share, expected = y / n, expected_hits / n
        rate = all_hits / all_trials
        spread = (trials * rate[kind] * (1 - rate[kind])).sum()
        left = np.bincount(person, hits - trials * rate[kind])
        deff = max(1.0, (left**2).sum() / spread) if spread > 0 else 1.0
        p0 = np.clip(expected, 0.5 / np.maximum(all_trials.sum() - n, 1), 1 - 1e-12)  # no one else: half a hit
        p = np.where(y > 0, betainc(np.maximum(y, 1e-9) / deff, np.maximum(n - y, 0) / deff + 1, p0), 1.0)
    p[np.isnan(expected)] = np.nan
    return share, expected, p


def beta_binomial_sf(y: Array, n: Array, mean: Array, rho: float) -> Array:
    """Chance of y or more in n, with mean share `mean` and correlation `rho` of the trials; elementwise."""
    from scipy import stats

    inside = np.clip(mean, 1e-9, 1 - 1e-9)
    if rho <= 1e-9:
        return np.asarray(stats.binom.sf(y - 1, n, inside))
    weight = 1 / rho - 1
    return np.asarray(stats.betabinom.sf(y - 1, n, inside * weight, (1 - inside) * weight))


def shorter(x: Array, team: NDArray[np.int64], cell: NDArray[np.int64], teams: int) -> Array:
    """Chance, one-sided, that an interviewer's numbers rank so low among those of its cell (Mann & Whitney 1947).

    Normal approximation with ties; NaN with fewer than five numbers on either side.
    """
    from scipy.special import ndtr
    from scipy.stats import rankdata

    p = np.full(teams, np.nan)
    for c in np.unique(cell[team >= 0]):
        rows = np.flatnonzero((cell == c) & (team >= 0) & np.isfinite(x))
        n = len(rows)
        if n < 10:
            continue
        ranks = rankdata(x[rows])
        _, ties = np.unique(ranks, return_counts=True)
        tied = float((ties.astype(float) ** 3 - ties).sum())
        for t in np.unique(team[rows]):
            own = team[rows] == t
            m = int(own.sum())
            variance = m * (n - m) / 12 * (n + 1 - tied / (n * (n - 1)))
            if m >= 5 and n - m >= 5 and variance > 0:
                p[t] = float(ndtr((ranks[own].sum() - m * (n + 1) / 2 + 0.5) / np.sqrt(variance)))
    return p
