"""Logistic regression with design-based standard errors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn

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

__all__ = ["LOGISTIC", "logistic", "refuse_outcome", "refuse_separation", "refuse_unconverged"]


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
    return regress(self, LOGISTIC, formula, items, where, level, aliased, variance)


def _fit(rows: ModelRows, weights: Array) -> Fit:
    matrix = rows.matrix
    y, x = matrix.outcome, matrix.values
    refuse_outcome(np.unique(y), rows)
    fit = fit_logistic(y, x, weights)
    if not fit.converged or np.abs(x @ fit.beta).max() > FAR:
        direction = separating_direction(y, x)
        if direction is not None:
            score = x @ direction
            apart = np.abs(score) > 1e-7 * np.abs(score).max()
            n = [int(rows.n[apart & (y == value)].sum()) for value in (1.0, 0.0)]
            refuse_separation(rows, direction, n)
    if not fit.converged:
        refuse_unconverged(rows)
    return fit


def refuse_outcome(found: Array, rows: ModelRows) -> None:
    """Raise unless the values of an outcome that were `found` are 0 and 1."""
    where = f"{rows.formula.text}, {rows.matrix.outcome_name}"
    if not np.isin(found, [0.0, 1.0]).all():
        raise EstimationError(
            "The outcome of a logistic regression must be 0 or 1.",
            where=where,
            got=shorten(f"{v:g}" for v in found),
            expected="0 and 1",
            fix="add a column of 0 and 1, 1 where the answer is one of those meant",
        )
    if len(found) == 1:
        raise EstimationError(
            "The outcome of the model does not vary.",
            where=where,
            got=f"{found[0]:g} for everyone in the model",
            expected="both 0 and 1",
        )


def refuse_separation(rows: ModelRows, direction: Array, n: Sequence[int]) -> NoReturn:
    """Raise, naming the terms of a combination that sets apart `n` people who all have 1 or all have 0."""
    told = [f"all {k:,} have {value}" for k, value in zip(n, (1, 0), strict=True) if k]
    raise EstimationError(
        "The model has no finite estimate: a term separates people who all have the same outcome.",
        where=rows.formula.text,
        got=f"{shorten(term_names(rows, direction != 0))}: in the separated group, {' and '.join(told)}",
        expected="both outcomes on either side of every term",
        fix="merge the category with another, drop the term, or choose a domain with where=",
    )


def refuse_unconverged(rows: ModelRows) -> NoReturn:
    """Raise for an iteration that did not reach the maximum."""
    raise ConvergenceError(
        "The model did not converge to the maximum of its likelihood.",
        where=f"{rows.formula.text}, {MOST_ITERATIONS} iterations",
        fix="use fewer terms, or put the variables on a common scale",
    )


LOGISTIC = Family("logistic", "log_odds", _fit, lambda rows: LOGIT)
