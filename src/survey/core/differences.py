"""Plain differences of two rows each: many at once, without the matrix of their weights or of their covariance.

All pairs of 40 wards on 20 items are 15,600 differences of 800 rows: the matrix of weights would hold twelve million
numbers, nearly all 0, and the covariance of the differences 240 million. Both are made when somebody asks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.base.arrays import Array, t_interval_factor, t_pvalue
from survey.base.catalogue import Note
from survey.base.max_t import MaxT, max_t, max_t_of_pairs
from survey.core.adjusting import adjust_pvalues
from survey.core.estimates_data import E, EstimatesData

__all__ = ["DifferenceMatrix", "differences", "errors_longer", "family_names", "simultaneous"]

Ints = NDArray[np.int64]
_DENSE = 1_000_000
_ROUNDING = 1e-12
"""Of the variance that the rows would have without their covariance: less is what rounding left of zero."""


@dataclass(frozen=True)
class DifferenceMatrix:
    """Weights of differences (rows, columns): 1 at `second`, -1 at `first`, made a row at a time."""

    first: Ints
    second: Ints
    columns: int

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.first), self.columns

    def __len__(self) -> int:
        return len(self.first)

    def __getitem__(self, i: int) -> Array:
        row = np.zeros(self.columns)
        row[self.second[i]], row[self.first[i]] = 1.0, -1.0
        return row

    def __iter__(self) -> Iterator[Array]:
        return (self[i] for i in range(len(self)))

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        out = np.zeros(self.shape)
        out[np.arange(len(self)), self.second] = 1.0
        out[np.arange(len(self)), self.first] = -1.0
        return out


def differences(
    self: E, first: Ints, second: Ints, labels: pd.DataFrame, families: Ints, adjust: str, statistic: str
) -> E:
    """The rows `second` minus the rows `first`, with p-values adjusted within families.

    Parameters
    ----------
    first, second : int array (k,)
        Rows of the table.
    labels : DataFrame (k, ...)
        First columns of the result.
    families : int array (k,)
        Family of each difference, 0, 1, ...
    adjust : str
        One of `ADJUSTMENTS`; with "max-t" the intervals are simultaneous over a family.
    statistic : str
        The kind of the result.
    """
    theta, errors = (self.table[c].to_numpy(float) for c in ("estimate", "std_error"))
    estimate = theta[second] - theta[first]
    variance, df = np.empty(len(first)), np.empty(len(first))
    p_adjusted, factor = np.empty(len(first)), np.empty(len(first))
    order = np.argsort(families, kind="stable")
    ends = np.flatnonzero(np.r_[np.diff(families[order]) > 0, True]) + 1 if len(order) else order
    statistics, p_value = np.empty(len(first)), np.empty(len(first))
    known = np.zeros(len(first), bool)

    def judge(at: Ints) -> None:
        a, b = first[at], second[at]
        rows, place = np.unique(np.concatenate([a, b]), return_inverse=True)
        covariance = self.covariance_of(rows)
        i, j = place[: len(at)], place[len(at) :]
        own = np.diag(covariance)
        variance[at] = np.clip(own[i] + own[j] - 2 * covariance[i, j], 0, None)
        # of numbers that are known, or that cancel, rounding is left
        known[at] = variance[at] <= _ROUNDING * (np.nan_to_num(errors[a]) + np.nan_to_num(errors[b])) ** 2
        if self.support is None:
            df[at] = np.fmin(*(self.table["df"].to_numpy(float)[k] for k in (a, b)))
        else:
            df[at] = self.support.pair_df(a, b)
        with np.errstate(divide="ignore", invalid="ignore"):
            # where a row's own error is unknown (a group within one cluster), so is that of the difference
            error = np.where(np.isnan(errors[a] + errors[b]), np.nan, np.sqrt(variance[at]))
            statistics[at] = np.where(known[at], np.nan, estimate[at] / error)
        p_value[at] = t_pvalue(statistics[at], df[at])
        factor[at] = t_interval_factor(self.level, df[at])
        if adjust != "max-t":
            p_adjusted[at] = adjust_pvalues(p_value[at], adjust)
            return
        p_adjusted[at] = np.nan
        sure = np.flatnonzero(np.isfinite(p_value[at]))
        if len(sure):
            i, j, where = i[sure], j[sure], at[sure]
            longer = np.ones(len(sure))
            if len(sure) > 1:
                covariance, longer = _believed(self, rows, covariance, i, j)
            largest = max_t_of_pairs(covariance, i, j)
            p_adjusted[where] = _together(largest, t_pvalue(statistics[where] / longer, df[where]))
            factor[where] = t_interval_factor(largest.each_level(self.level), df[where]) * longer

    for at in np.split(order, ends[:-1]):
        judge(at)
    std_error = np.where(np.isnan(errors[first] + errors[second]), np.nan, np.sqrt(variance))
    std_error[known] = 0.0
    half = np.where(known, np.nan, factor * std_error)
    table = labels.assign(
        estimate=estimate,
        std_error=std_error,
        statistic=statistics,
        df=df,
        p_value=p_value,
        conf_low=estimate - half,
        conf_high=estimate + half,
        p_adjusted=p_adjusted,
    )
    matrix = DifferenceMatrix(first, second, len(theta))
    small = len(first) * len(theta) <= _DENSE
    behind = None
    if not small and "n" in self.table.columns:
        n = self.table["n"].to_numpy(float, na_value=np.nan)
        behind = np.minimum(n[first], n[second])

    def covariance_of_all() -> Array:
        joint = self.covariance
        part = joint[second] - joint[first]
        return np.asarray(part[:, second] - part[:, first])

    return self.derived(
        table,
        statistic,
        notes=(*self.notes, *([Note("notes.known_difference")] if known.any() else [])),
        contrast_matrix=np.asarray(matrix) if small else cast(Array, matrix),
        _covariance=covariance_of_all,
        behind=behind,
        adjust=adjust,
    )


def _believed(self: EstimatesData, rows: Ints, covariance: Array, i: Ints, j: Ints) -> tuple[Array, Array]:
    """Covariance of rows as it would be on average, and by how much that makes the errors of differences longer.

    Variances of few clusters are too small on average (see `Support.expected_variance`). One test at 5% hardly feels
    it, but the largest of many is far out in the tail, where some percent of an error change the chance by a fifth.
    """
    if self.support is None:
        return covariance, np.ones(len(i))
    expected = self.support.expected_variance(rows)
    away = 1 / np.sqrt(np.where(np.isnan(expected), 1.0, expected))
    longer = covariance * away * away[:, None]
    before, after = (np.diag(c)[i] + np.diag(c)[j] - 2 * c[i, j] for c in (covariance, longer))
    return longer, np.sqrt(after / before)


def errors_longer(self: EstimatesData, first: Ints, second: Ints) -> Array:
    """By how much max-t takes the standard errors of differences to be longer than they are estimated: (k,)."""
    rows, place = np.unique(np.concatenate([first, second]), return_inverse=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        return _believed(self, rows, self.covariance_of(rows), place[: len(first)], place[len(first) :])[1]


def _together(largest: MaxT, p: Array) -> Array:
    """Simultaneous p-values from those of single comparisons.

    A multivariate t has one error for all comparisons; domains each have their own, and the largest of their t
    statistics is larger. So each p-value is judged by the normal number that it stands for, and by the correlation.
    """
    from scipy.special import ndtri

    return largest.tail(-ndtri(np.maximum(p, 1e-300) / 2), np.inf)


def simultaneous(table: pd.DataFrame, covariance: Array, families: Ints, level: float, longer: Array) -> pd.DataFrame:
    """A table of differences with max-t p-values and intervals within families, from their own covariance.

    `longer` is what `errors_longer` says of them.
    """
    statistic, error, df, estimate = (table[c].to_numpy(float) for c in ("statistic", "std_error", "df", "estimate"))
    sure = np.isfinite(statistic) & (error > 0) & (df > 0)
    adjusted, half = np.full(len(table), np.nan), np.full(len(table), np.nan)
    for family in np.unique(families):
        at = np.flatnonzero(sure & (families == family))
        if len(at):
            largest = max_t(covariance[np.ix_(at, at)])
            by = longer[at] if len(at) > 1 else np.ones(1)
            adjusted[at] = _together(largest, t_pvalue(statistic[at] / by, df[at]))
            half[at] = t_interval_factor(largest.each_level(level), df[at]) * error[at] * by
    low, high = (np.where(sure, estimate + sign * half, table[c]) for sign, c in ((-1, "conf_low"), (1, "conf_high")))
    return table.assign(p_adjusted=adjusted, conf_low=low, conf_high=high)


def family_names(labels: pd.DataFrame, columns: list[str]) -> tuple[Ints, NDArray[np.object_]]:
    """Family of each row by some of its labels, in the order in which they come; and what each is called."""
    if not columns:
        return np.zeros(len(labels), np.int64), np.array(["all"], dtype=object)
    code = labels.groupby(columns, sort=False, dropna=False, observed=True).ngroup().to_numpy()
    firsts = labels[columns].iloc[np.unique(code, return_index=True)[1]]
    names = np.empty(len(firsts), dtype=object)
    names[:] = [", ".join(map(str, row)) for row in firsts.itertuples(index=False, name=None)]
    return code.astype(np.int64), names
