"""Logistic regression with design-based standard errors."""

from __future__ import annotations

import numpy as np

from survey.base.arrays import Array
from survey.base.expressions import Where
from survey.calibration.logistic import FAR, MOST_ITERATIONS, separating_direction
from survey.core.sample_data import SampleData
from survey.errors import ConvergenceError, EstimationError, shorten
from survey.estimation.items import Names
from survey.models.fitting import Fit, fit_logistic
from survey.models.model import Model
from survey.models.regress import Family, regress
from survey.models.response import LOGIT
from survey.models.rows import ModelRows, term_names

__all__ = ["logistic"]


def logistic(
    self: SampleData,
    formula: str,
    where: Where = None,
    level: float = 0.95,
    *,
    items: Names | None = None,
    aliased: str = "fail",
    variance: str | None = None,
) -> Model:
    """Fit a logistic regression of an outcome of 0 and 1 with standard errors of the design.

    Parameters
    ----------
    formula : str
        "content ~ pilot * wave + C(age)", as for `linear`; the outcome is 0 or 1.
    where : str, bool array or callable, optional
        A domain; clusters without a member count as zeros.
    level : float
    items : str or list of str, optional
        Several outcomes of the same terms.
    aliased : {"fail", "drop"}
        As for `linear`.
    variance : {"taylor", "replicate"}, optional
        As for `linear`.

    Returns
    -------
    Model
        item, term, estimate (log odds; `odds_ratios()` gives ratios, `margins()` percentage points), std_error, ... as
        for `linear`.

    Raises
    ------
    EstimationError
        As for `linear`; if the outcome is not 0 and 1; or if a term separates those with 1 from those with 0, so that
        no finite coefficient is the best one: the terms are named.
    ConvergenceError
        If the iteration stops before the maximum of the likelihood.

    References
    ----------
    Binder (1983), Int. Stat. Review 51; Albert & Anderson (1984), Biometrika 71, on separation. Agrees with R's svyglm,
    family quasibinomial.
    """
    return regress(self, _LOGISTIC, formula, items, where, level, aliased, variance)


def _fit(rows: ModelRows, weights: Array) -> Fit:
    matrix, formula = rows.matrix, rows.formula.text
    y, x = matrix.outcome, matrix.values
    found = np.unique(y)
    if not np.isin(found, [0.0, 1.0]).all():
        raise EstimationError(
            "The outcome of a logistic regression must be 0 or 1.",
            where=f"{formula}, {matrix.outcome_name}",
            got=shorten(f"{v:g}" for v in found),
            expected="0 and 1",
            fix="add a column of 0 and 1, 1 where the answer is one of those meant",
        )
    if len(found) == 1:
        raise EstimationError(
            "The outcome of the model does not vary.",
            where=f"{formula}, {matrix.outcome_name}",
            got=f"{found[0]:g} for everyone in the model",
            expected="both 0 and 1",
        )
    fit = fit_logistic(y, x, weights)
    if not fit.converged or np.abs(x @ fit.beta).max() > FAR:
        direction = separating_direction(y, x)
        if direction is not None:
            _refuse_separation(rows, direction)
    if not fit.converged:
        raise ConvergenceError(
            "The model did not converge to the maximum of its likelihood.",
            where=f"{formula}, {MOST_ITERATIONS} iterations",
            fix="use fewer terms, or put the variables on a common scale",
        )
    return fit


def _refuse_separation(rows: ModelRows, direction: Array) -> None:
    """Raise, naming the terms of a combination that sets apart people who all have 1 or all have 0."""
    matrix = rows.matrix
    score = matrix.values @ direction
    apart = np.abs(score) > 1e-7 * np.abs(score).max()
    n = [int(rows.n[apart & (matrix.outcome == value)].sum()) for value in (1.0, 0.0)]
    told = [f"all {k:,} have {value}" for k, value in zip(n, (1, 0), strict=True) if k]
    raise EstimationError(
        "The model has no finite estimate: a term separates people who all have the same outcome.",
        where=rows.formula.text,
        got=f"{shorten(term_names(rows, direction != 0))}: in the separated group, {' and '.join(told)}",
        expected="both outcomes on either side of every term",
        fix="merge the category with another, drop the term, or choose a domain with where=",
    )


_LOGISTIC = Family("logistic", "log_odds", _fit, lambda rows: LOGIT)
