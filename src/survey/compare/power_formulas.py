"""Formulas of sample size and power: standard errors of a design, the power of a test, and where a function crosses.

Every effect is judged by a two-sided test of an estimate against its standard error. With `se0` the standard error
under no effect and `se1` under the effect, the test rejects where the estimate is beyond t * se0, and the estimate over
se1 has a noncentral t distribution about effect / se1 (normal where there are no degrees of freedom to count).

References
----------
Cohen (1988), Statistical Power Analysis for the Behavioral Sciences, ch. 2 and 6: t tests and shares. As R's
`power.t.test(strict = TRUE)` and `power.prop.test(strict = TRUE)`.
Kish (1965), Survey Sampling, section 5.4: deff = 1 + (m - 1) icc; section 11.7: 1 + cv^2 of unequal weights.
Donner & Klar (2000), Design and Analysis of Cluster Randomization Trials, ch. 5: both in comparisons of clusters, with
degrees of freedom of the clusters.
Bloom (1995), Minimum detectable effects, Evaluation Review 19: the effect that a design finds with a given power.
Cochran (1977), Sampling Techniques, section 2.6: the finite population correction 1 - n / N.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import inf, isinf, nan, sqrt

from survey.base.arrays import t_interval_factor

__all__ = ["Setting", "crossing", "margin_of", "power_of"]

_ENOUGH = 1e12
"""More answers than there are people: what they do not reach nothing reaches."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What is known of a design beside n and the effect.

    Parameters
    ----------
    of : {"share", "mean", "difference", "did"}
    share, sd : float, optional
        The share without the effect, or the standard deviation of people's answers.
    level : float
        Confidence level; the test is at 1 - level, two-sided.
    deff : float
        Of clusters and weights together.
    cluster_size : float
        Answers in a cluster; 1 where people are drawn directly.
    ratio : float
        Answers in the second group for each in the first.
    wave_correlation : float
        Of the estimates of two waves of the same group.
    population : float
        Size of the population of each group; infinite where it need not be counted.
    """

    of: str
    share: float | None
    sd: float | None
    level: float
    deff: float
    cluster_size: float
    ratio: float
    wave_correlation: float
    population: float

    @property
    def groups(self) -> int:
        return 1 if self.of in ("share", "mean") else 2

    @property
    def waves(self) -> int:
        return 2 if self.of == "did" else 1

    def sizes(self, n: float) -> tuple[float, ...]:
        """Answers in each group (of one wave)."""
        return (n,) if self.groups == 1 else (n, self.ratio * n)

    def df(self, n: float) -> float:
        """Clusters minus groups; without clusters people minus groups, and none counted for shares, as R does."""
        if self.cluster_size > 1:
            return sum(self.sizes(n)) / self.cluster_size - self.groups
        return inf if self.share is not None else self.waves * (sum(self.sizes(n)) - self.groups)

    def errors(self, n: float, effect: float) -> tuple[float, float]:
        """Standard errors under no effect and under the effect."""
        each = [self.deff / k * max(0.0, 1 - k / self.population) for k in self.sizes(n)]
        if self.sd is not None:
            factor = 2 * (1 - self.wave_correlation) if self.of == "did" else 1.0
            error = self.sd * sqrt(factor * sum(each))
            return error, error
        p = 0.0 if self.share is None else self.share
        moved = min(1.0, max(0.0, p + effect))
        v, w = p * (1 - p), moved * (1 - moved)
        if self.of == "share":
            return sqrt(v * each[0]), sqrt(w * each[0])
        if self.of == "difference":  # pooled under no effect
            sizes = self.sizes(n)
            pooled = (p * sizes[0] + moved * sizes[1]) / sum(sizes)
            return sqrt(pooled * (1 - pooled) * sum(each)), sqrt(v * each[0] + w * each[1])
        error = sqrt((1 - self.wave_correlation) * ((v + w) * each[0] + 2 * v * each[1]))
        return error, error


def power_of(setting: Setting, n: float, effect: float) -> float:
    """The chance that a two-sided test finds the effect; of no effect its size, 1 - level."""
    df = setting.df(n)
    if not df > 0:
        return 0.0
    null, error = setting.errors(n, effect)
    effect = abs(effect)
    if error == 0:  # a census, or a share of 0 or 1: the estimate is the truth
        return float(effect > _factor(setting.level, df) * null)
    bound, centre = _factor(setting.level, df) * null / error, effect / error
    if isinf(df):
        from scipy.special import ndtr

        return float(ndtr(centre - bound) + ndtr(-centre - bound))
    if centre > 37:  # beyond what the noncentral distribution is computed for, and certain
        return 1.0 if centre > 2 * bound else _normal(centre, bound)
    from scipy.stats import nct

    return float(min(1.0, nct.sf(bound, df, centre) + nct.cdf(-bound, df, centre)))


def _normal(centre: float, bound: float) -> float:
    from scipy.special import ndtr

    return float(ndtr(centre - bound))


def margin_of(setting: Setting, n: float) -> float:
    """Half the width of the interval; NaN where there are no degrees of freedom."""
    df = setting.df(n)
    return _factor(setting.level, df) * setting.errors(n, 0.0)[0] if df > 0 else nan


def _factor(level: float, df: float) -> float:
    return float(t_interval_factor(level, df))


def crossing(reached: Callable[[float], bool], low: float, high: float = _ENOUGH) -> float | None:
    """The smallest number in (low, high] at which something is reached that stays reached; None where none is."""
    if not reached(high):
        return None
    for _ in range(200):
        # by ratios while the ends are far apart: numbers of people range over many orders
        middle = sqrt(low * high) if low > 0 and high > 4 * low else (low + high) / 2
        if middle in (low, high) or high - low <= 1e-10 * high:
            break
        low, high = (low, middle) if reached(middle) else (middle, high)
    return high
