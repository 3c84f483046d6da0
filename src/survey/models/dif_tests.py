"""The tests of one item: ordinal logistic regressions on the score, the group and their product.

Tests are Wald's under the design: by the influence values of the coefficients, linearised or in every replicate.

References
----------
Nagelkerke (1991), Biometrika 78; Lumley (2017), Aust. N. Z. J. Statist. 59: R2 with weights. Binder (1983), Int. Stat.
Review 51: influence values. Hu & Kalbfleisch (2000), Canadian J. Statist. 28, 449-481: replicates of what the equations
of an estimate add up, at the estimate.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from survey.base.arrays import Array
from survey.base.tails import f_tail, wald
from survey.core.sample_data import SampleData
from survey.estimation.linearize import row_covariance
from survey.estimation.replicate_variance import spread
from survey.models.matching import Matched
from survey.models.ordinal_fitting import OrdinalFit, fit_ordinal, shares
from survey.models.scale_items import respondents_df

__all__ = ["tested"]

Ints = NDArray[np.int64]
_COLUMNS = (
    *("estimate", "statistic", "df", "ddf", "p_value", "statistic_uniform", "p_uniform"),
    *("statistic_nonuniform", "p_nonuniform", "shift"),
)


@dataclass(frozen=True, slots=True)
class _Terms:
    """The matrices of the three models: the curve of the score; and group; and group times score."""

    matched: Matched
    groups: Array

    def of(self, groups: Array, which: int) -> Array:
        """The matrix of a model (0, 1, 2), with the groups (rows, q) as given."""
        parts = [self.matched.curve, groups, groups * self.matched.score[:, None]]
        return np.column_stack(parts[: which + 1])


def tested(
    sample: SampleData, values: Array, answer: Ints, matching: Matched, code: Ints, used: Ints, replicated: bool
) -> dict[str, float]:
    """The columns of an item: NaN where a model has no solution.

    Parameters
    ----------
    sample : Sample
    values : array (answers,)
        What the answers are worth, in their order.
    answer : int array (rows,)
        From 0.
    matching : Matched
    code : int array (rows,)
        The group of each, from 0.
    used : int array (rows,)
        Which respondents the rows are.
    replicated : bool
        Whether tests take the covariance of replicates.
    """
    w = sample.weights[used]
    groups = np.eye(int(code.max()) + 1)[code][:, 1:]
    q, c = groups.shape[1], matching.curve.shape[1]
    terms = _Terms(matching, groups)
    fits = [fit_ordinal(terms.of(groups, which), answer, w) for which in range(3)]
    df = respondents_df(sample.structure, used)
    if replicated:
        df = min(df, sample.replicate_df)
    if not all(f.converged for f in fits):
        return {**dict.fromkeys(_COLUMNS, np.nan), "df": 2.0 * q}
    total = float(w.sum())
    null = float((np.bincount(answer, w) * np.log(np.bincount(answer, w) / total)).sum())
    r2 = [(1 - np.exp(2 * (null - f.value) / total)) / (1 - np.exp(2 * null / total)) for f in fits]
    asked = [(1, slice(c, c + q)), (2, slice(c + q, c + 2 * q)), (2, slice(c, c + 2 * q))]
    found = []
    for which, at in asked:
        ddf = df - (c + which * q)
        statistic = wald(fits[which].slopes[at], _covariance(sample, fits[which], used, at, replicated))
        p = f_tail(statistic, at.stop - at.start, ddf) if np.isfinite(statistic) else float("nan")
        found.append((statistic, p))
    uniform, nonuniform, both = found
    return {
        "estimate": r2[2] - r2[0],
        "statistic": both[0],
        "df": 2.0 * q,
        "ddf": df - (c + 2 * q),
        "p_value": both[1],
        "statistic_uniform": uniform[0],
        "p_uniform": uniform[1],
        "statistic_nonuniform": nonuniform[0],
        "p_nonuniform": nonuniform[1],
        "shift": _shift(fits[2], terms, values, w),
    }


def _covariance(sample: SampleData, fit: OrdinalFit, used: Ints, which: slice, replicated: bool) -> Array:
    """Covariance of some slopes under the design."""
    cuts = len(fit.thresholds)
    own = fit.scores @ fit.bread[:, cuts + which.start : cuts + which.stop]
    spec = sample.design.replicates
    if replicated and spec is not None:
        each = np.array([sample.readjusted.replicate(r)[used] @ own for r in range(sample.readjusted.count)])
        return spread(spec, each, sample.weights[used] @ own).covariance()
    influence = np.zeros((len(sample), own.shape[1]))
    influence[used] = own
    inside = np.zeros(len(sample), bool)
    inside[used] = True
    return row_covariance(sample.structure, sample.residuals, influence, inside)


def _shift(fit: OrdinalFit, terms: _Terms, values: Array, w: Array) -> float:
    """Expected answer in the group that differs most less that in the first, everybody at their own score."""
    means = []
    for g in range(terms.groups.shape[1] + 1):
        group = np.zeros_like(terms.groups)
        if g:
            group[:, g - 1] = 1.0
        expected = shares(terms.of(group, 2), fit.thresholds, fit.slopes) @ values
        means.append(float(np.average(expected, weights=w)))
    shifts = np.array(means[1:]) - means[0]
    return float(shifts[np.argmax(np.abs(shifts))])
