"""Response propensity: a logistic regression of response on variables known for every sampled case.

The maximum of the weighted likelihood is found by Newton's method. Where it does not exist, because some terms set
apart people who all answered or all did not (separation), a linear programme finds those terms.
"""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.base._formula_tree import as_numbers
from survey.base.arrays import Array, weighted_count
from survey.base.codes import Ints, by_unit, numbers
from survey.base.formula import Formula, parse
from survey.base.text import counted
from survey.calibration.logistic import FAR, MOST_ITERATIONS, TOLERANCE, logistic, most_likely, separating_direction
from survey.calibration.model_matrix import columns_of, factor_column, is_number
from survey.calibration.model_matrix import model_matrix as of_formula
from survey.calibration.readjusted import Readjusted
from survey.codebook.told import describe_terms
from survey.design.design import Adjustment, Design, Nonrespondents
from survey.errors import ConvergenceError, DesignError, EstimationError, shorten

__all__ = ["fit", "model_matrix", "numbers_in", "propensity_classes", "refitted", "response_matrix", "variables_of"]


def variables_of(formula: str) -> tuple[str, ...]:
    """The variables of the right-hand side of a model.

    Raises
    ------
    EstimationError
        If the formula cannot be read, has an outcome, or names no variable.
    """
    return tuple(sorted(_parsed(formula).variables))


def numbers_in(formula: str) -> tuple[str, ...]:
    """The variables that a model takes as numbers: those outside C(); errors as for `variables_of`."""
    terms = _parsed(formula).terms
    return tuple(sorted({name for term in terms for factor in term for name in as_numbers(factor)}))


def model_matrix(formula: str, frame: pd.DataFrame) -> Array:
    """The variables of a model as numbers.

    Parameters
    ----------
    formula : str
        Right-hand side, as for `variables_of`.
    frame : DataFrame

    Returns
    -------
    array (rows, coefficients)
        A row that lacks a variable of the model is all zeros; it has no say in what the columns are.

    Raises
    ------
    EstimationError
        If the formula cannot be read, or a term cannot be computed or is infinite.
    """
    return _matrix(formula, frame)[0]


def fit(formula: str, frame: pd.DataFrame, answered: NDArray[np.bool_], weights: Array) -> Array:
    """Fit response propensities.

    Parameters
    ----------
    formula : str
    frame : DataFrame
        Every case that counts in the model; no variable is missing.
    answered : bool array (rows,)
    weights : array (rows,)
        Positive.

    Returns
    -------
    array (rows,)
        Between 0 and 1, neither included.

    Raises
    ------
    EstimationError
        If terms are collinear, or set apart people who all answered or all did not.
    ConvergenceError
        If the iteration stops before the maximum.

    References
    ----------
    Kim & Kim (2007), Canadian J. Statistics 35. The estimates are those of R's glm and svyglm, family quasibinomial.
    """
    x, names = _matrix(formula, frame)
    w = weights / weights.sum()
    length = np.abs(x).max(axis=0, initial=0.0)
    x = x / np.where(length > 0, length, 1.0)  # units do not matter
    if len(x) < x.shape[1]:
        raise EstimationError(
            "The response model has more coefficients than there are people.",
            where=formula,
            got=f"{counted(len(x), 'person')}, {x.shape[1]} coefficients",
            fix="use fewer terms",
        )
    weighted = x * np.sqrt(w)[:, None]
    aliased = np.abs(np.diag(np.linalg.qr(weighted, mode="r"))) <= 1e-9 * np.linalg.norm(weighted, axis=0)
    if aliased.any():
        raise EstimationError(
            "Terms of the response model are collinear.",
            where=formula,
            got=shorten(describe_terms(names, x, np.flatnonzero(aliased))),
            fix="drop these terms",
        )
    y = answered.astype(float)
    beta, _, worst = most_likely(x, y, w)
    eta = x @ beta
    if not worst <= TOLERANCE or np.abs(eta).max() > FAR:
        _refuse_separation(x, names, answered, formula)
    if not worst <= TOLERANCE:
        raise ConvergenceError(
            "The response model did not converge to the maximum of its likelihood.",
            where=f"{formula}, {MOST_ITERATIONS} iterations",
            got=f"a score of {worst:.1e}",
            expected=f"{TOLERANCE:g} or less",
            fix="use fewer terms, or put the variables on a common scale",
        )
    return logistic(eta)


def propensity_classes(propensity: Array, weights: Array, group: Ints, classes: int) -> Ints:
    """Classes of about equal weight by propensity, 1 the least likely to answer: (rows,).

    Parameters
    ----------
    propensity, weights : array (rows,)
    group : int array (rows,)
        Quantiles are taken within each group.
    classes : int
        Ties stay together, so there may be fewer.
    """
    value = np.round(propensity, 12)  # equal people must not differ by the last bit
    order = np.lexsort((value, group))
    value, group, w = value[order], group[order], weights[order]
    totals = weighted_count(group, w, int(group.max()) + 1)
    below = np.cumsum(w) - w - (np.cumsum(totals) - totals)[group]
    new = np.append(True, (np.diff(value) != 0) | (np.diff(group) != 0))
    tie = np.cumsum(new) - 1
    # q_j is the least value v with F(v) >= j / k; so v is in class j where its weight from below is in [j - 1, j) / k
    share = below[new] / totals[group[new]]
    place = np.clip(np.floor(share * classes + 1e-9).astype(np.int64), 0, classes - 1) + 1
    out = np.empty(len(order), np.int64)
    out[order] = place[tie]
    return out


def response_matrix(step: Adjustment, frame: pd.DataFrame, absent: Nonrespondents) -> Array:
    """The matrix that a response model was fitted with: (rows + absent, coefficients); zeros for who had no weight."""
    names, n = list(step.model), len(frame)
    counts = np.append(np.ones(n, bool), absent.rows[absent.weights].to_numpy(float) > 0)
    made = model_matrix(step.formula, pd.concat([frame[names], absent.rows[names]])[counts])
    out = np.zeros((len(counts), made.shape[1]))
    out[counts] = made
    return out


def refitted(
    made: Readjusted, step: Adjustment, frame: pd.DataFrame, design: Design, silent: Ints
) -> tuple[Ints, Array]:
    """What 1 / propensity multiplies replicate weights by, with the model refitted in every replicate.

    Parameters
    ----------
    made : Readjusted
        The replicate weights before this step.
    step : Adjustment
    frame : DataFrame
        The respondents.
    design : Design
    silent : int array (absent,)
        Row of the multipliers of each nonrespondent.

    Returns
    -------
    code : int array (rows,)
        Each respondent's pattern of the model's variables.
    factors : array (patterns, replicates)

    Raises
    ------
    DesignError
        If the replicates do not cover the nonrespondents.
    ConvergenceError
        If the model cannot be fitted in some replicates.
    """
    if design.absent is None or (len(silent) == 0 and len(design.absent.rows)):
        raise DesignError(
            "A response model cannot be refitted with replicate weights supplied by the data producer.",
            got="replicate columns for the respondents only",
            fix="create replicates from the design: sample.replicates()",
        )
    away, n = design.absent.rows, len(frame)
    weights = away[design.absent.weights].to_numpy(float)
    x = response_matrix(step, frame, design.absent)
    counts = np.append(np.ones(n, bool), weights > 0)
    patterns, found = np.unique(x[counts], axis=0, return_inverse=True)
    code, k = found.reshape(-1).astype(np.int64), len(patterns)
    answered = made.sums(code[:n], k)
    total = answered + by_unit(made.multipliers, silent[weights > 0], code[n:], weights[weights > 0], k)
    largest = np.abs(patterns).max(axis=0)
    patterns = patterns / np.where(largest > 0, largest, 1.0)
    factors, failed = np.ones((k, made.count)), 0
    for r in range(made.count):
        rate = np.divide(answered[:, r], total[:, r], out=np.zeros(k), where=total[:, r] > 0)
        beta, _, worst = most_likely(patterns, rate, total[:, r] / total[:, r].sum())
        failed += not worst <= TOLERANCE
        factors[:, r] = 1 / logistic(np.clip(patterns @ beta, -700, 700))
    if failed:
        raise ConvergenceError(
            "The response model cannot be fitted in some replicates.",
            where=step.formula,
            got=f"{failed} of {made.count} replicates",
            expected="convergence in each",
            fix="use fewer terms, weighting classes, or variance='taylor'",
        )
    return code[:n], factors


def _parsed(formula: object) -> Formula:
    """The formula of a response model, read and checked."""
    example = '"C(sex) + C(age_group) + ward", what response depends on, without an outcome'
    if not isinstance(formula, str):
        raise EstimationError("The response model must be a formula.", got=type(formula).__name__, expected=example)
    parsed = parse(formula, example)
    if parsed.outcome is not None:
        raise EstimationError(
            "The response model must not name an outcome: the outcome is response itself.",
            where=parsed.text,
            expected=example,
            fix="write only the right-hand side",
        )
    if not parsed.variables:
        raise EstimationError(
            "The formula contains no variables.",
            where="model",
            got=repr(parsed.text[:80]),
            expected=example,
            fix="name the variables that response depends on",
        )
    return parsed


def _matrix(formula: str, frame: pd.DataFrame) -> tuple[Array, list[str]]:
    parsed = _parsed(formula)
    names = columns_of(parsed, frame, "The response model names variables that do not exist.")
    complete = frame[list(names.values())].notna().all(axis=1).to_numpy()
    known = {v: _usable(frame[column], complete, formula) for v, column in names.items()}
    made = of_formula(parsed, known, int(complete.sum()))
    undefined = ~np.isfinite(made.values).all(axis=0)
    if undefined.any():
        raise EstimationError(
            "A term of the response model is infinite or undefined for some people.",
            where=formula,
            got=shorten(describe_terms(made.names, made.values, np.flatnonzero(undefined))),
            fix="transform the variable differently",
        )
    out = np.zeros((len(frame), made.values.shape[1]))
    out[complete] = made.values
    return out, [re.sub(r"(\d)\.0\b", r"\1", name) for name in made.names]


def _usable(column: pd.Series, complete: NDArray[np.bool_], formula: str) -> pd.Series:
    """Numbers as floats, text as categories in sorted order and one Unicode form."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        column = column.astype(object)
    known = column[complete].reset_index(drop=True)
    if is_number(column):
        return pd.Series(numbers(known), name=column.name)
    return factor_column(known, f"{formula}, {column.name}")


def _refuse_separation(x: Array, names: list[str], answered: NDArray[np.bool_], formula: str) -> None:
    """Raise if some combination of terms is never negative for those who answered and never positive for the others.

    Then the likelihood grows for ever along it (Albert & Anderson 1984, Biometrika 71). Among such combinations the one
    of the smallest sum of absolute coefficients is named.
    """
    b = separating_direction(answered.astype(float), x)
    if b is None:
        return
    apart = np.abs(x @ b) > 1e-7 * np.abs(x @ b).max()
    terms = describe_terms(names, x, np.flatnonzero(b))
    yes, no = int((apart & answered).sum()), int((apart & ~answered).sum())
    told = [f"all {n:,} {what}" for n, what in ((yes, "answered"), (no, "did not answer")) if n]
    raise EstimationError(
        "The response model has no finite estimate: a term separates a group in which everyone, or no one, responded.",
        where=formula,
        got=f"{shorten(terms)}: in the separated group, {' and '.join(told)}",
        expected="both respondents and nonrespondents on either side of every term",
        fix="merge the category with another first, drop the term, or use weighting classes (by=...)",
    )
