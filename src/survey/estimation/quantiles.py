"""Quantiles with Woodruff intervals.

The interval of a quantile is the interval of the share below it, read back through the distribution function
(Woodruff 1952, JASA 47; Sarndal, Swensson & Wretman 1992, section 5.11). Shares below are counted like answers, so the
standard error stands on the same cells as everything else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from numbers import Real

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.base.arguments import one_of
from survey.base.arrays import Array, t_interval_factor, tallied
from survey.base.catalogue import Note
from survey.base.codes import Ints
from survey.base.expressions import Where
from survey.core.sample_data import SampleData
from survey.counting.cells import Coded, Grouping
from survey.counting.memory import ItemRows, count_answers
from survey.errors import EstimationError, shorten
from survey.estimates import Estimates
from survey.estimation.direction_notes import mean_notes
from survey.estimation.estimators import SHARES
from survey.estimation.inferred import scale_notes
from survey.estimation.intervals import NAMED
from survey.estimation.items import Names, grouping_of, item_names, numbers_of
from survey.estimation.linearize import LinearizedItem
from survey.estimation.results import assemble
from survey.words.notes import BY_DESIGN

__all__ = ["RULES", "quantile"]

RULES = ("math", "school", "hf4")
"""How a quantile is read from the distribution function F: "math", the smallest value with F >= p (type 1 of Hyndman &
Fan 1996, R's default for surveys); "school", the mean of the two values where F = p exactly (type 2); "hf4", linear
interpolation from answer to answer in order, also of equal ones (type 4; R's "hf4").

Equal answers are a step of F: with 10 ones, 8 twos and 7 threes F climbs from 18/25 to 19/25 between the last two and
the first three, so that the upper quartile is 2.75. R takes the weight of whichever of the equal answers stands first
in the file; here it is their mean weight, which is the same where weights are equal and does not depend on the order of
the rows. Below the share of the smallest answer the quantile is that answer, where R extrapolates beyond the data."""
_CERTAIN = 1e-9
"""Standard error of a share up to which it is rounding: of the share up to the highest answer, which is always 1."""


def quantile(
    self: SampleData,
    items: Names,
    probs: float | Sequence[float] = (0.25, 0.5, 0.75),
    by: Names | None = None,
    where: Where = None,
    interval: str = "plain",
    rule: str = "math",
    level: float = 0.95,
    variance: str | None = None,
) -> Estimates:
    """Estimate quantiles of numbers, with Woodruff intervals.

    Parameters
    ----------
    items : str or list of str
    probs : float or list of float
        Between 0 and 1.
    by, where, level, variance :
        As for `mean`.
    interval : {"plain", "logit", "wilson", "beta", "asin"}
        Interval of the share below the quantile; "plain" agrees with R's interval.type = "mean".
    rule : {"math", "school", "hf4"}
        See `RULES`.

    Returns
    -------
    Estimates
        item, <by...>, quantile, estimate, std_error, conf_low, conf_high (units of the item). The standard error is
        the interval's width over twice the t value; an end beyond the data is NaN.

    Raises
    ------
    EstimationError
        For probabilities outside 0-1 or an unknown rule; otherwise as for `mean`.

    References
    ----------
    Agrees with R's svyquantile (survey 4.1): "math", "school" and, where equal answers have equal weights, "hf4".
    """
    given = np.atleast_1d(np.asarray(probs, dtype=object)).reshape(-1)
    if not all(isinstance(p, Real) and not isinstance(p, bool | np.bool_) for p in given):
        raise EstimationError(
            "A quantile must be a number.",
            where="probs=",
            got=shorten(map(repr, given)),
            expected="0.25, 0.5, ...",
            fix="write numbers without quotes: 0.5",
        )
    wanted = given.astype(float)
    if not ((wanted > 0) & (wanted < 1)).all() or len(wanted) == 0:
        raise EstimationError(
            "Quantiles must be between 0 and 1.",
            where="probs=",
            got=shorten(wanted) or "none",
            expected="0.25, 0.5, ...",
            fix="write the median as 0.5",
        )
    one_of(rule, RULES, "rule for quantiles", EstimationError)
    one_of(interval, NAMED, "interval for a share", EstimationError)
    names = item_names(items, self)
    grouping = grouping_of(self, by, where)
    pieces, curves = [], []
    for name in names:
        values = numbers_of(self, name)
        people = self.structure.people
        curve = [_Curve.of(values, self.weights, grouping.code == g, people) for g in range(len(grouping))]
        cut = np.array([[c.at(p, rule) for p in wanted] for c in curve])
        pieces.append(_shares_below(self, name, values, grouping, cut, np.argsort(wanted, kind="stable")))
        curves.append((curve, cut))
    below = assemble(self, "quantile", pieces, names, grouping, level, interval, variance)
    result = _read_back(below, curves, wanted, rule)
    return replace(result, notes=(*result.notes, *scale_notes(self, names), *mean_notes(self, names)))


@dataclass(frozen=True, slots=True)
class _Curve:
    """A weighted distribution function: distinct values, the share up to each, and up to the first answer of each."""

    values: Array
    share: Array
    first: Array

    @classmethod
    def of(cls, y: Array, weights: Array, inside: NDArray[np.bool_], people: Ints | None = None) -> _Curve:
        keep = inside & ~np.isnan(y) & (weights > 0)
        values, position = np.unique(y[keep], return_inverse=True)
        if not len(values):
            return cls(values, values, values)
        weight = np.bincount(position, weights[keep])
        n = tallied(position, None if people is None else people[keep], len(values))
        share = np.cumsum(weight)
        return cls(values, share / share[-1], (share - weight + weight / n) / share[-1])

    def at(self, p: float, rule: str) -> float:
        """The quantile of p; NaN for p outside 0-1 or without answers."""
        if not len(self.values) or not 0 <= p <= 1:
            return np.nan
        # sums of weights may miss p by rounding
        tolerance = 1e-12
        i = int(np.searchsorted(self.share, p - tolerance))
        i = min(i, len(self.values) - 1)
        if rule == "math":
            return float(self.values[i])
        if rule == "school":
            exact = abs(self.share[i] - p) <= tolerance and i + 1 < len(self.values)
            return float(self.values[i] + self.values[i + 1]) / 2 if exact else float(self.values[i])
        ends = np.stack([np.minimum(self.first, self.share), self.share], axis=1).reshape(-1)
        return float(np.interp(p, ends, np.repeat(self.values, 2)))


def _shares_below(
    sample: SampleData, name: str, values: Array, grouping: Grouping, cut: Array, order: NDArray[np.int64]
) -> LinearizedItem:
    """Share of each group at or below each of its quantiles (in `order`), by counting between the cuts."""
    groups, probs = cut.shape
    code = np.full(len(values), probs + 1)
    for g in range(groups):
        rows = np.flatnonzero((grouping.code == g) & ~np.isnan(values))
        code[rows] = np.searchsorted(cut[g, order], values[rows], side="left")
    coded = Coded(code.astype(np.int64), np.arange(probs + 1, dtype=float))
    counts = count_answers(name, sample.structure, grouping, coded)
    place = np.argsort(order, kind="stable")
    upto = (np.arange(probs + 1)[:, None] <= place[None, :]).astype(float)
    return LinearizedItem.of(SHARES, counts, ItemRows(grouping, coded), np.hstack([np.ones((probs + 1, 1)), upto]))


def _read_back(below: Estimates, curves: list[tuple[list[_Curve], Array]], probs: Array, rule: str) -> Estimates:
    """Turn shares below into quantiles: the ends of their intervals through the distribution function."""
    table = below.table
    each = [(curve, i) for curve_of_item, _ in curves for curve in curve_of_item for i in range(len(probs))]
    estimate = np.concatenate([cut.reshape(-1) for _, cut in curves])
    ends = np.array(
        [
            (curve.at(low, rule), curve.at(high, rule))
            for (curve, _), low, high in zip(each, table["conf_low"], table["conf_high"], strict=True)
        ]
    )
    # one answer of much weight is a long step of F: the quantile may lie beyond the interval of the share below it
    ends[:, 0], ends[:, 1] = np.minimum(ends[:, 0], estimate), np.maximum(ends[:, 1], estimate)
    width = 2 * t_interval_factor(below.level, table["df"].to_numpy(float))
    # where everyone was drawn F is known everywhere; where calibration fixed a share, at one point only
    known = np.array(below.exact) == BY_DESIGN
    std_error = np.where(known, 0.0, (ends[:, 1] - ends[:, 0]) / width)
    keep = ["item", *below.by]
    out = table[keep].assign(
        quantile=np.tile(probs, len(table) // len(probs)),
        estimate=estimate,
        std_error=std_error,
        conf_low=ends[:, 0],
        conf_high=ends[:, 1],
        df=table["df"],
        n=table["n"],
    )

    def covariance() -> Array:
        # correlations are those of the shares below; a share that is certain goes with no other
        joint = below.covariance
        root = np.sqrt(np.clip(np.diag(joint), 0, None))
        root[root <= _CERTAIN] = np.inf
        correlation = joint / np.outer(root, root)
        np.fill_diagonal(correlation, 1.0)
        out: Array = correlation * np.outer(std_error, std_error)
        return out

    flat: tuple[str, ...] = (Note("notes.no_width"),)
    flat = flat if (std_error[~known] == 0).any() else ()
    notes = (*below.notes, *flat, Note("notes.quantile_rule", rule=rule))
    return below.with_table(pd.DataFrame(out), _covariance=covariance, notes=notes)
