"""Few units: the power of a permutation test of which units were treated, and the p-value it cannot go below.

With G units of which k are treated, there are C(G, k) ways to choose as many, and the smallest p-value is one over
their number (two over it where half of the units are treated: choosing the others instead turns the gap around). The
power depends on the effect over the standard deviation of the units' changes alone; it is computed from normal changes,
drawn once with a fixed seed and put through the test one by one, so that it is the same on every run.

References
----------
Fisher (1935), The Design of Experiments; Bloom (1995), Evaluation Review 19, for the effect that a design can find;
Conley & Taber (2011), Review of Economics and Statistics 93, on few treated groups.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import comb, isfinite, prod, sqrt

import numpy as np

from survey.base.arrays import t_interval_factor
from survey.compare.assignments import Assignments, floor_of
from survey.compare.power_formulas import Setting

__all__ = ["MOST", "FewUnits", "floor", "smallest_effect", "smallest_within", "unit_power"]

MOST = 500
"""Ways to choose beyond which steps of the p-value are too small to matter, and the t test on units stands in."""
_DRAWS, _CHUNK, _SEED = 10_000, 2_000, 1
_TIE = 1e-12

Sizes = tuple[tuple[int, int], ...]
"""Units and treated units of each stratum."""


def floor(units: int, treated: int) -> float:
    """The smallest p-value of a two-sided permutation test."""
    return floor_of(((units, treated),))


@lru_cache(maxsize=64)
def unit_power(units: int, treated: int, level: float, effect: float) -> float:
    """Power for an effect in standard deviations of a unit's change.

    Standard error by simulation: at most 0.005.
    """
    return _power(((units, treated),), level, effect)


def _power(sizes: Sizes, level: float, effect: float) -> float:
    if floor_of(sizes) > 1 - level + _TIE:
        return 0.0
    if prod(comb(n, k) for n, k in sizes) > MOST:
        return _by_t(sizes, level, effect)
    strata = np.repeat(np.arange(len(sizes)), [n for n, _ in sizes])
    treated = np.concatenate([np.arange(n) < k for n, k in sizes])
    ways = Assignments.of(treated, strata)
    gap = ways.weights
    moved = gap @ treated.astype(float)  # what the effect on the treated units adds to the gap of each assignment
    own = int(np.flatnonzero((ways.inside == treated).all(axis=1))[0])
    rng = np.random.default_rng(_SEED)
    found = 0
    for _ in range(_DRAWS // _CHUNK):
        gaps = np.abs(rng.standard_normal((_CHUNK, len(treated))) @ gap.T + effect * moved)
        as_large = (gaps >= gaps[:, own : own + 1] - _TIE).sum(axis=1)
        found += int((as_large / len(gap) <= 1 - level + _TIE).sum())
    return found / _DRAWS


def _by_t(sizes: Sizes, level: float, effect: float) -> float:
    from scipy.stats import nct

    used = [(n, k) for n, k in sizes if k]
    df = sum(n for n, _ in used) - len(used) - 1
    bound = float(t_interval_factor(level, df))
    treated = sum(k for _, k in used)
    variance = sum((k / treated) ** 2 * (1 / k + 1 / (n - k)) for n, k in used)
    centre = min(30.0, effect / sqrt(variance))
    return float(min(1.0, nct.sf(bound, df, centre) + nct.cdf(-bound, df, centre)))


def smallest_effect(units: int, treated: int, level: float, power: float) -> float | None:
    """The effect, in standard deviations of a unit's change, that is found with a power; None where none is."""
    return smallest_within(((units, treated),), level, power)


@lru_cache(maxsize=64)
def smallest_within(sizes: Sizes, level: float, power: float) -> float | None:
    """The same of units in strata, by units and treated units of each."""
    low, high = 0.0, 1.0
    while _power(sizes, level, high) < power:
        high *= 2
        if high > 100:
            return None
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (low, middle) if _power(sizes, level, middle) >= power else (middle, high)
        if high - low < 1e-3:
            break
    return high


@dataclass(frozen=True, slots=True)
class FewUnits:
    """A comparison of few units, some of them treated.

    Parameters
    ----------
    units, treated : int
    sd : float
        Standard deviation between units (and waves), beside that of sampling people.
    setting : Setting
        Of the people asked in each unit.
    """

    units: int
    treated: int
    sd: float
    setting: Setting

    @property
    def factor(self) -> int:
        """Levels that a comparison takes of each unit: two for a change."""
        return self.setting.waves

    @property
    def ways(self) -> int:
        """Ways to choose as many units."""
        return comb(self.units, self.treated)

    @property
    def floor(self) -> float:
        """The smallest p-value."""
        return floor(self.units, self.treated)

    def power(self, effect: float, n: float) -> float:
        """Power for an effect with n answers in each unit (and wave)."""
        spread = self.spread(n)
        return unit_power(self.units, self.treated, self.setting.level, abs(effect) / max(spread, 1e-300))

    def least(self, power: float) -> float | None:
        """The effect found with a power, in standard deviations of what is compared; None where none is."""
        return smallest_effect(self.units, self.treated, self.setting.level, power)

    @property
    def person(self) -> float:
        """Variance of a unit's estimate in one wave, times its answers."""
        share = 0.0 if self.setting.share is None else self.setting.share
        variance = share * (1 - share) if self.setting.sd is None else self.setting.sd**2
        return variance * self.setting.deff * (1 - self.setting.wave_correlation)

    def spread(self, n: float) -> float:
        """Standard deviation of what is compared between units, with n answers in each (and wave)."""
        people = self.person / n * max(0.0, 1 - n / self.setting.population) if isfinite(n) else 0.0
        return sqrt(self.factor * (self.sd**2 + people))

    def answers(self, spread: float) -> float | None:
        """Answers in each unit that bring the standard deviation down to a number; None where none do."""
        left = spread**2 / self.factor - self.sd**2
        if left <= 0:
            return None
        return self.person / (left + self.person / self.setting.population)
