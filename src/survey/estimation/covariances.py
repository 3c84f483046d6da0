"""Variances, covariances and correlations in the population, with their standard errors."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, combinations_with_replacement

import numpy as np

from survey.base.arrays import Array
from survey.base.expressions import Where
from survey.core.sample_data import SampleData
from survey.counting.cells import Grouping
from survey.counting.memory import ItemRows
from survey.counting.paired import cells_of_moments
from survey.errors import EstimationError
from survey.estimates import Estimates
from survey.estimation.estimators import CORRELATION, COVARIANCE, VARIANCE, Estimator
from survey.estimation.inferred import scale_notes
from survey.estimation.intervals import fisher_interval
from survey.estimation.items import Names, group_means, grouping_of, item_names, numbers_of
from survey.estimation.linearize import LinearizedItem
from survey.estimation.results import assemble

__all__ = [
    "correlation",
    "covariance",
    "moments_of",
    "pairs_between",
    "pairs_with",
    "result_of",
    "variance",
]


def variance(
    self: SampleData,
    items: Names,
    by: Names | None = None,
    where: Where = None,
    level: float = 0.95,
    variance: str | None = None,
) -> Estimates:
    """Estimate population variances of items, n / (n - 1) times the weighted mean square, as R's svyvar.

    Parameters
    ----------
    items, by, where, level, variance :
        As for `mean`.

    Returns
    -------
    Estimates
        Squared units of the item.
    """
    grouping = grouping_of(self, by, where)
    names = item_names(items, self)
    pieces = []
    for name in names:
        y = _centred(numbers_of(self, name), grouping)
        moments = (np.where(np.isnan(y), np.nan, 1.0), y, y * y)
        counts = cells_of_moments(name, self.structure, grouping, moments)
        pieces.append(LinearizedItem.of(VARIANCE, counts, ItemRows(grouping, None, moments)))
    return result_of(self, VARIANCE, names, pieces, grouping, level, variance)


def covariance(
    self: SampleData,
    items: Names,
    by: Names | None = None,
    where: Where = None,
    level: float = 0.95,
    variance: str | None = None,
) -> Estimates:
    """Covariances of all pairs of items, variances among them, over respondents who answered all, as R's svyvar.

    Returns
    -------
    Estimates
        item, with, <by...>, estimate, ...: pairs in the order of the items.
    """
    names = item_names(items, self)
    pieces, grouping = _pieces(self, COVARIANCE, names, pairs_with(names), by, where)
    return result_of(self, COVARIANCE, names, pieces, grouping, level, variance)


def correlation(
    self: SampleData,
    items: Names,
    by: Names | None = None,
    where: Where = None,
    level: float = 0.95,
    variance: str | None = None,
) -> Estimates:
    """Correlations of all pairs of items, over respondents who answered all.

    Returns
    -------
    Estimates
        item, with, <by...>, estimate, ...; intervals by Fisher's z with t, so that they stay within -1 and 1.
    """
    names = item_names(items, self)
    pieces, grouping = _pieces(self, CORRELATION, names, pairs_between(names), by, where)
    return result_of(self, CORRELATION, names, pieces, grouping, level, variance)


def pairs_with(names: list[str]) -> list[tuple[str, str]]:
    """The pairs that have a covariance: of every item with itself too."""
    return list(combinations_with_replacement(names, 2))


def pairs_between(names: list[str]) -> list[tuple[str, str]]:
    """The pairs that have a correlation."""
    if len(names) < 2:
        raise EstimationError("A correlation needs at least two items.", got=names)
    return list(combinations(names, 2))


def moments_of(x: Array, y: Array, one: Array) -> tuple[Array, ...]:
    """What a pair is counted into, about numbers near its means; `one` is NaN of who lacks an item."""
    return one, x, y, x * x, x * y, y * y


def result_of(
    sample: SampleData,
    estimator: Estimator,
    names: list[str],
    pieces: list[LinearizedItem],
    grouping: Grouping,
    level: float,
    variance: str | None,
) -> Estimates:
    """Variances, covariances or correlations of items, from the moments of each, or of each pair."""
    if estimator is VARIANCE:
        e = _bessel(assemble(sample, "variance", pieces, names, grouping, level, variance=variance))
    elif estimator is COVARIANCE:
        e = _bessel(_of_pairs(sample, COVARIANCE, pairs_with(names), pieces, grouping, level, variance))
    else:
        e = _of_pairs(sample, CORRELATION, pairs_between(names), pieces, grouping, level, variance)
        table = e.table
        r, std_error, df = (table[c].to_numpy(float) for c in ("estimate", "std_error", "df"))
        low, high = fisher_interval(r, std_error, df, level)
        e = e.with_table(table.assign(conf_low=low, conf_high=high), _covariance=e._covariance)
    return _noted(sample, names, e)


def _pieces(
    sample: SampleData,
    estimator: Estimator,
    names: list[str],
    pairs: list[tuple[str, str]],
    by: Names | None,
    where: Where,
) -> tuple[list[LinearizedItem], Grouping]:
    grouping = grouping_of(sample, by, where)
    values = {name: _centred(numbers_of(sample, name), grouping) for name in names}
    incomplete = np.any([np.isnan(v) for v in values.values()], axis=0)
    one = np.where(incomplete, np.nan, 1.0)
    pieces = []
    for a, b in pairs:
        moments = moments_of(values[a], values[b], one)
        counts = cells_of_moments(f"{a}, {b}", sample.structure, grouping, moments)
        pieces.append(LinearizedItem.of(estimator, counts, ItemRows(grouping, None, moments)))
    return pieces, grouping


def _of_pairs(
    sample: SampleData,
    estimator: Estimator,
    pairs: list[tuple[str, str]],
    pieces: list[LinearizedItem],
    grouping: Grouping,
    level: float,
    variance: str | None,
) -> Estimates:
    e = assemble(sample, estimator.name, pieces, [a for a, _ in pairs], grouping, level, variance=variance)
    table = e.table.copy()
    table.insert(1, "with", np.repeat([b for _, b in pairs], len(grouping)))
    return e.with_table(table)


def _noted(sample: SampleData, names: list[str], e: Estimates) -> Estimates:
    return replace(e, notes=(*e.notes, *scale_notes(sample, names)))


def _centred(y: Array, grouping: Grouping) -> Array:
    """Moments around the group's mean keep their digits; second central moments do not depend on the origin."""
    return y - group_means(y, grouping)[grouping.code]


def _bessel(e: Estimates) -> Estimates:
    n = e.table["n"].to_numpy(float)
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = np.where(n > 1, n / (n - 1), np.nan)
    scaled = {c: e.table[c] * factor for c in ("estimate", "std_error", "conf_low", "conf_high")}
    # a variance is not negative; its plain interval may be
    if e.kind.least is not None:
        scaled["conf_low"] = scaled["conf_low"].clip(lower=e.kind.least)
    return e.with_table(e.table.assign(**scaled), _covariance=lambda: e.covariance * np.outer(factor, factor))
