"""The ways in which as many units could have been treated, all of them or a random sample, also within strata.

Every way gives a gap: the mean change of the units it treats less that of the others. Within strata (pairs, districts)
a treated unit is compared with the untreated ones of its stratum, and ways keep the number treated in each stratum.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb, prod

import numpy as np
from numpy.typing import NDArray

from survey.base.arrays import Array

__all__ = ["MOST_ASSIGNMENTS", "SAMPLED", "Assignments", "floor_of", "gap_weights"]

MOST_ASSIGNMENTS = 50_000
"""Ways up to which all are tried; of more a random sample is."""
SAMPLED = 9_999
"""Ways that are drawn then, beside the one that was observed."""

Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Assignments:
    """Ways to choose the treated units.

    Parameters
    ----------
    treated : bool array (units,)
        As observed.
    strata : int array (units,)
        From 0.
    inside : bool array (ways, units)
        Whom each way treats; where they are sampled, the first is the one observed.
    total : int
        How many ways there are.
    seed : int
        Of ways that are drawn.
    """

    treated: Bools
    strata: NDArray[np.int64]
    inside: Bools
    total: int
    seed: int = 1

    @classmethod
    def of(
        cls, treated: Bools, strata: NDArray[np.int64] | None = None, most: int | None = None, seed: int = 1
    ) -> Assignments:
        """Every way where there are at most `most` (50,000); else the one observed and as many drawn at random.

        Parameters
        ----------
        treated : bool array (units,)
        strata : int array (units,), optional
            From 0; all units are in one where not given.
        most : int, optional
            Ways to try at most, without the one observed where they are drawn; 9,999 are drawn when not given.
        seed : int
            Of the random ways; they are drawn with replacement, each as likely as any other.
        """
        strata = np.zeros(len(treated), np.int64) if strata is None else strata
        sizes = _sizes(treated, strata)
        total = prod(comb(n, k) for n, k in sizes)
        if total <= (MOST_ASSIGNMENTS if most is None else most):
            return cls(treated, strata, _all(treated, strata), total, seed)
        rng = np.random.default_rng(seed)
        draws = SAMPLED if most is None else most
        inside = np.zeros((draws + 1, len(treated)), bool)
        inside[0] = treated
        for s, (n, k) in enumerate(sizes):
            at = np.flatnonzero(strata == s)
            order = np.argsort(rng.random((draws, n)), axis=1)[:, :k]
            inside[np.arange(1, draws + 1)[:, None], at[order]] = True
        return cls(treated, strata, inside, total, seed)

    @property
    def sampled(self) -> bool:
        """Whether only some ways are tried."""
        return len(self.inside) != self.total

    @property
    def floor(self) -> float:
        """The smallest p-value that the test can have."""
        return 1 / len(self.inside) if self.sampled else floor_of(self.sizes)

    @property
    def sizes(self) -> tuple[tuple[int, int], ...]:
        """Units and treated units of each stratum."""
        return _sizes(self.treated, self.strata)

    @property
    def weights(self) -> Array:
        """What each unit's change counts in the gap of each way: (ways, units)."""
        return gap_weights(self.inside, self.treated, self.strata)

    @property
    def observed(self) -> Array:
        """What each unit's change counts in the effect: (units,)."""
        weights: Array = gap_weights(self.treated[None, :], self.treated, self.strata)[0]
        return weights


def floor_of(sizes: Sequence[tuple[int, int]]) -> float:
    """The smallest p-value of a two-sided test of every way, by units and treated units of each stratum.

    The gap of a way is turned around by its mirror, which treats the units that it leaves out. The mirror is one of the
    ways only where it treats as many, in each stratum: with exactly half of the units.
    """
    ways = prod(comb(n, k) for n, k in sizes)
    informative = [(n, k) for n, k in sizes if k]
    return min(1.0, (2 if all(2 * k == n for n, k in informative) else 1) / ways)


def gap_weights(inside: Bools, treated: Bools, strata: NDArray[np.int64]) -> Array:
    """What each unit's change counts in the gap of each way: (ways, units).

    Each treated unit counts 1/k of all k; the untreated ones of a stratum share the weight of its treated ones. Strata
    in which none is treated count nothing.
    """
    k = int(treated.sum())
    out = np.zeros(inside.shape)
    for s, (n, own) in enumerate(_sizes(treated, strata)):
        if own:
            at = strata == s
            others = -own / k / (n - own) if n > own else np.nan
            out[:, at] = np.where(inside[:, at], 1 / k, others)
    return out


def _sizes(treated: Bools, strata: NDArray[np.int64]) -> tuple[tuple[int, int], ...]:
    n, k = np.bincount(strata), np.bincount(strata, weights=treated)
    return tuple((int(a), int(b)) for a, b in zip(n, k, strict=True))


def _all(treated: Bools, strata: NDArray[np.int64]) -> Bools:
    """Every way, in the order of the combinations of each stratum, the last stratum fastest."""
    out = np.zeros((1, len(treated)), bool)
    for s, (n, k) in enumerate(_sizes(treated, strata)):
        at = np.flatnonzero(strata == s)
        picks = np.array(list(combinations(range(n), k)), dtype=np.int64).reshape(-1, k)
        own = np.zeros((len(picks), n), bool)
        own[np.arange(len(picks))[:, None], picks] = True
        out = np.repeat(out, len(own), axis=0)
        out[:, at] = np.tile(own, (len(out) // len(own), 1))
    return out
