"""An interval for shares that stays honest where clusters are few or the answer is rare.

Korn & Graubard's interval takes its effective number of answers from the standard error. A rare answer that a handful
of clusters carry gives that standard error little to stand on, and an answer that no one gave gives it nothing: with an
intracluster correlation of 0.3 the interval at a share of 3 % covers 0.81 in 15 clusters instead of 0.95. Franco,
Little, Louis & Slud (2019) find the same of every interval on an estimated design effect, and better coverage where the
design effect borrows from a model. Here it is pooled with the design effect of a planning value of the correlation; how
much the estimate counts for is the number of clusters that carry the rarer answer.

The constants were chosen by simulation (`python -m benchmarks.intervals`, docs/intervals.md): coverage of at least
0.93 over 8, 15 and 30 clusters of 15, correlations of 0, 0.1 and 0.3, shares of 1, 3, 10 and 50 %, at a width of at
most 1.3 times Korn & Graubard's. In clusters of hundreds the planning design effect is hundreds too, while the estimate
is worth as much as ever: what it excludes is not planned with.

References
----------
Korn & Graubard (1998), Survey Methodology 24: the beta interval on an effective n, reduced for degrees of freedom.
Franco, Little, Louis & Slud (2019), Journal of Survey Statistics and Methodology 7: intervals and design effects.
Kish (1965): design effects of weights and of clusters, 1 + (b - 1) rho.
Skellam (1948); Williams (1975): the beta-binomial, whose probability of an empty cluster gives the n behind a 0.
Louis (1981), The American Statistician 35: the interval of an event no one had is one-sided.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from survey.base.arrays import Array, t_interval_factor
from survey.core.support import Clustering

__all__ = [
    "CORRELATION",
    "EXCLUDED",
    "FEWER",
    "LEAST",
    "PRIOR",
    "SIZE",
    "START",
    "at_an_end",
    "carried",
    "clustered_interval",
    "empty_cluster_size",
]

CORRELATION = 0.25
"""Planning value of the intracluster correlation: what is assumed as far as the answers cannot say."""
PRIOR, START, FEWER = 0.5, 0.55, 3
"""What the planning value counts for, in clusters; the part of it that counts where the estimate shows no clustering;
by how many the degrees of freedom of a rare answer's variance fall short of clusters minus strata."""
SIZE, EXCLUDED = 15, 0.01
"""Answers of a cluster up to which the planning value counts in full; in larger clusters it is at most the design
effect from which the estimate has this chance to come, by chi-square of the clusters that carry the rarer answer."""
LEAST = 0.25
"""The smallest design effect that the answers of a sample are believed to show; see `Clustering.least`."""


def empty_cluster_size(answers: Array, correlation: float = CORRELATION) -> Array:
    """How many independent answers say as much as those of one cluster in which no one gave a rare answer.

    In the beta-binomial, -log P(no one of m) is p times phi (psi(phi + m) - psi(phi)) for a small share p, with
    phi = (1 - rho) / rho; for independent answers it is p times m.

    Parameters
    ----------
    answers : array
        Effective answers of each cluster, at least 0.
    correlation : float
        Intracluster correlation, 0 < rho < 1.
    """
    from scipy.special import digamma

    phi = (1 - correlation) / correlation
    return np.asarray(phi * (digamma(phi + answers) - digamma(phi)))


def clustered_interval(
    share: Array, std_error: Array, df: Array, n: Array, level: float, clustering: Clustering
) -> tuple[Array, Array]:
    """Limits of the intervals of shares (k,): Korn & Graubard's, on a pooled design effect.

    Parameters
    ----------
    share, std_error, df, n : array (k,)
    level : float
    clustering : Clustering

    Notes
    -----
    With d the estimated design effect (of clustering alone: over Kish's n), s the clusters that carry the rarer answer,
    d0 = 1 + (size - 1) rho the planning one (at most d (s - 1) / the 1 % quantile of chi-square with s - 1 degrees of
    freedom, where that is above the d0 of 15 answers), and t the reduction for degrees of freedom:
    pooled = (s d t^(1 - 1/s^2) + c d0) / (s + c), where c grows with d - 1 up to half a cluster. The pooled value is
    never below the estimate's own excess with Korn & Graubard's reduction. A share of 0 or 1 has a one-sided interval
    on `empty_n`.
    """
    from scipy.special import betaincinv, gammaincinv

    tail = (1 - level) / 2
    flip = share > 0.5
    rare = np.where(flip, 1 - share, share)
    k = clustering
    with np.errstate(divide="ignore", invalid="ignore"):
        estimated = k.kish_n * std_error**2 / (rare * (1 - rare))
        spread = k.carrying / k.clusters
        estimated = np.maximum(estimated, k.least * np.clip(6 * (1 - spread), 1, 4))
        reduction = _reduction(n, df, level)
        excess = np.where(estimated > 1, 1 + (estimated - 1) * reduction, 0.0)
        own = estimated * reduction ** (1 - 1 / np.maximum(k.carrying, 1) ** 2)
        prior = PRIOR * np.clip(START + estimated - 1, 0, 1)
        freedom = np.where(k.carrying > 2, k.carrying - 1, np.nan)
        held = estimated * freedom / (2 * gammaincinv(freedom / 2, EXCLUDED))
        planned = np.fmin(1 + (k.size - 1) * CORRELATION, np.maximum(held, 1 + (SIZE - 1) * CORRELATION))
        pooled = (k.carrying * own + prior * planned) / (k.carrying + prior)
        pooled = np.maximum(pooled, excess)
        upper, lower = k.kish_n / pooled, k.kish_n / np.maximum(pooled, estimated * reduction)
        low = betaincinv(np.maximum(rare * lower, 1e-300), (1 - rare) * lower + 1, tail)
        high = betaincinv(rare * upper + 1, np.maximum((1 - rare) * upper, 1e-300), 1 - tail)
        nobody = k.carrying <= 0
        low = np.where(nobody, 0.0, np.minimum(low, rare))
        high = np.where(nobody, 1 - (1 - level) ** (1 / k.empty_n), np.maximum(high, rare))
    return np.where(flip, 1 - high, low), np.where(flip, 1 - low, high)


def _reduction(n: Array, df: Array, level: float) -> Array:
    """Korn & Graubard's factor (t of df / t of n - 1)^2, for fewer degrees of freedom than the design's."""
    fewer = np.maximum(df - FEWER, (df + 1) / 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray((t_interval_factor(level, fewer) / t_interval_factor(level, n - 1)) ** 2)


def carried(shares: Array) -> Array:
    """Effective number of clusters that carry a weight: T^2 / sum T_c^2, 0 where there is none.

    Parameters
    ----------
    shares : array (clusters, k)
    """
    total, squares = shares.sum(axis=0), (shares**2).sum(axis=0)
    return np.where(squares > 0, total**2 / np.where(squares > 0, squares, 1.0), 0.0)


def at_an_end(share: Array, std_error: Array) -> NDArray[np.bool_]:
    """Whether a share is 0 or 1; one that sums of weights bring within rounding of them is."""
    return (std_error <= 1e-12) & ((share < 1e-12) | (share > 1 - 1e-12))
