"""Quantiles with Woodruff intervals.

The interval of a quantile is the interval of the share below it, read back through the distribution function
(Woodruff 1952, JASA 47; Sarndal, Swensson & Wretman 1992, section 5.11). Shares below are counted like answers, so the
standard error stands on the same cells as everything else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from numbers import Real
from typing import Protocol

import numpy as np
import pandas as pd

from survey.base.arguments import one_of
from survey.base.arrays import Array, t_interval_factor
from survey.base.catalogue import Note
from survey.base.expressions import Where
from survey.core.sample_data import SampleData
from survey.counting.cells import Coded, Grouping
from survey.counting.memory import ItemRows
from survey.counting.paired import cells_of_answers
from survey.errors import EstimationError, shorten
from survey.estimates import Estimates
from survey.estimation.curves import RULES, Curve, between, curves_of, read
from survey.estimation.direction_notes import mean_notes
from survey.estimation.estimators import SHARES
from survey.estimation.inferred import scale_notes
from survey.estimation.intervals import NAMED
from survey.estimation.items import Names, grouping_of, item_names, numbers_of
from survey.estimation.linearize import LinearizedItem
from survey.estimation.results import assemble
from survey.words.notes import BY_DESIGN

__all__ = ["Curves", "asked_for", "quantile", "quantiles_of"]

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
        See `survey.estimation.curves.RULES`.

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
    wanted = asked_for(probs, rule, interval)
    names = item_names(items, self)
    grouping = grouping_of(self, by, where)
    curves = _InMemory.of(self, names, grouping)
    return quantiles_of(self, curves, names, grouping, wanted, rule, level, interval, variance)


def asked_for(probs: float | Sequence[float], rule: str, interval: str) -> Array:
    """The probabilities of quantiles, in the order given: (probs,); what else is asked for is looked at too.

    Raises
    ------
    EstimationError
        For probabilities outside 0-1 or no numbers, an unknown rule or interval.
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
    return wanted


class Curves(Protocol):
    """Distribution functions of some items in some groups, wherever their rows are."""

    def read(self, probs: Sequence[Array], rule: str) -> list[Array]:
        """Quantiles of each item: (groups, probs), as `probs`."""
        ...

    def shares(self, cut: Sequence[Array], features: Array) -> list[LinearizedItem]:
        """Of each item the shares up to its cuts (groups, cuts): answers are coded as `between` does.

        `features` (cuts + 1, shares + 1) says what each code counts for.
        """
        ...


@dataclass(frozen=True)
class _InMemory:
    """Curves of rows in memory."""

    sample: SampleData
    names: Sequence[str]
    grouping: Grouping
    values: Sequence[Array]
    curves: Sequence[list[Curve]]

    @classmethod
    def of(cls, sample: SampleData, names: Sequence[str], grouping: Grouping) -> _InMemory:
        values = [numbers_of(sample, name) for name in names]
        people, groups = sample.structure.people, len(grouping)
        curves = [curves_of(y, sample.weights, grouping.code, groups, people) for y in values]
        return cls(sample, names, grouping, values, curves)

    def read(self, probs: Sequence[Array], rule: str) -> list[Array]:
        return [read(curves, own, rule) for curves, own in zip(self.curves, probs, strict=True)]

    def shares(self, cut: Sequence[Array], features: Array) -> list[LinearizedItem]:
        pieces = []
        for name, values, own in zip(self.names, self.values, cut, strict=True):
            coded = Coded(between(own, values, self.grouping.code), np.arange(len(features), dtype=float))
            cells = cells_of_answers(name, self.sample.structure, self.grouping, coded)
            pieces.append(LinearizedItem.of(SHARES, cells, ItemRows(self.grouping, coded), features))
        return pieces


def quantiles_of(
    sample: SampleData,
    curves: Curves,
    names: Sequence[str],
    grouping: Grouping,
    probs: Array,
    rule: str,
    level: float,
    interval: str,
    variance: str | None,
) -> Estimates:
    """Quantiles of curves: the shares below them with their intervals, read back through the curves."""
    cut = curves.read([np.tile(probs, (len(grouping), 1)) for _ in names], rule)
    place = np.argsort(np.argsort(probs, kind="stable"), kind="stable")
    upto = (np.arange(len(probs) + 1)[:, None] <= place[None, :]).astype(float)
    pieces = curves.shares(cut, np.hstack([np.ones((len(probs) + 1, 1)), upto]))
    below = assemble(sample, "quantile", pieces, names, grouping, level, interval, variance)
    result = _read_back(below, curves, cut, probs, rule)
    return replace(result, notes=(*result.notes, *scale_notes(sample, names), *mean_notes(sample, names)))


def _read_back(below: Estimates, curves: Curves, cut: Sequence[Array], probs: Array, rule: str) -> Estimates:
    """Turn shares below into quantiles: the ends of their intervals through the distribution function."""
    table = below.table
    estimate = np.concatenate([own.reshape(-1) for own in cut])
    limits = table[["conf_low", "conf_high"]].to_numpy(float).reshape(len(cut), -1, 2 * len(probs))
    ends = np.concatenate([own.reshape(-1, 2) for own in curves.read(list(limits), rule)])
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
