"""Weighted distribution functions, and the quantiles that are read from them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from survey.base.arrays import Array, tallied, weighted_count
from survey.base.codes import Ints

__all__ = ["RULES", "TOLERANCE", "Curve", "between", "curves_of", "read"]

RULES = ("math", "school", "hf4")
"""How a quantile is read from the distribution function F: "math", the smallest value with F >= p (type 1 of Hyndman &
Fan 1996, R's default for surveys); "school", the mean of the two values where F = p exactly (type 2); "hf4", linear
interpolation from answer to answer in order, also of equal ones (type 4; R's "hf4").

Equal answers are a step of F: with 10 ones, 8 twos and 7 threes F climbs from 18/25 to 19/25 between the last two and
the first three, so that the upper quartile is 2.75. R takes the weight of whichever of the equal answers stands first
in the file; here it is their mean weight, which is the same where weights are equal and does not depend on the order of
the rows. Below the share of the smallest answer the quantile is that answer, where R extrapolates beyond the data."""
TOLERANCE = 1e-12
"""Sums of weights may miss a share by rounding."""


@dataclass(frozen=True, slots=True)
class Curve:
    """A weighted distribution function: distinct values, the share up to each, and up to the first answer of each."""

    values: Array
    share: Array
    first: Array

    @classmethod
    def of(cls, y: Array, weights: Array, people: Ints | None = None) -> Curve:
        """The curve of some rows; each may stand for several people."""
        keep = ~np.isnan(y) & (weights > 0)
        values, position = np.unique(y[keep], return_inverse=True)
        weight = weighted_count(position, weights[keep], len(values))
        n = tallied(position, None if people is None else people[keep], len(values))
        return cls.of_brackets(values, values, weight, n)

    @classmethod
    def of_brackets(cls, low: Array, high: Array, weight: Array, n: NDArray[np.number]) -> Curve:
        """The curve of values that were counted between limits, in order: it is right wherever a bracket holds one.

        Parameters
        ----------
        low, high : arrays (brackets,)
            The lowest and the highest value of each; between them nothing is known of where the weight stands, so that
            all of it stands at the end.
        weight, n : arrays (brackets,)
            The weight of its answers, and their number.
        """
        if not len(low):
            return cls(low, low, low)
        upto = np.cumsum(weight)
        one = low == high
        first = np.where(one, upto - weight + weight / n, upto)
        at = np.repeat(np.arange(len(low)), np.where(one, 1, 2))
        values = np.where(np.r_[True, at[1:] != at[:-1]], low[at], high[at])
        return cls(values, upto[at] / upto[-1], first[at] / upto[-1])

    def at(self, p: float, rule: str) -> float:
        """The quantile of p; NaN for p outside 0-1 or without answers."""
        if not len(self.values) or not 0 <= p <= 1:
            return np.nan
        i = int(np.searchsorted(self.share, p - TOLERANCE))
        i = min(i, len(self.values) - 1)
        if rule == "math":
            return float(self.values[i])
        if rule == "school":
            exact = abs(self.share[i] - p) <= TOLERANCE and i + 1 < len(self.values)
            return float(self.values[i] + self.values[i + 1]) / 2 if exact else float(self.values[i])
        ends = np.stack([np.minimum(self.first, self.share), self.share], axis=1).reshape(-1)
        return float(np.interp(p, ends, np.repeat(self.values, 2)))


def curves_of(y: Array, weights: Array, group: Ints, groups: int, people: Ints | None = None) -> list[Curve]:
    """The curves of groups; `group` is `groups` for rows in none, which are sorted by group once for all."""
    order = np.argsort(group, kind="stable")
    ends = np.searchsorted(group, np.arange(groups + 1), sorter=order)
    rows = (order[start:end] for start, end in pairwise(ends))
    return [Curve.of(y[own], weights[own], None if people is None else people[own]) for own in rows]


def read(curves: list[Curve], probs: Array, rule: str) -> Array:
    """Quantiles of the curves of some groups: (groups, probs), as `probs`."""
    rows = zip(curves, probs, strict=True)
    return np.array([[curve.at(p, rule) for p in row] for curve, row in rows], float).reshape(probs.shape)


def between(cut: Array, values: Array, group: Ints) -> Ints:
    """How many of the cuts of its group each value is beyond; one more than there are, without value or group.

    Parameters
    ----------
    cut : array (groups, cuts)
    values : array (rows,)
    group : int array (rows,)
        `groups` for none.
    """
    code = np.zeros(len(values), np.int64)
    for one in cut.T:
        code += values > np.append(one, np.nan)[group]
    code[np.isnan(values) | (group == len(cut))] = cut.shape[1] + 1
    return code
