"""Proportional odds regression of ordered answers, with design-based standard errors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from functools import partial
from itertools import pairwise
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd

from survey.base._formula_tree import Column, Node
from survey.base.arguments import explained_verbs
from survey.base.arrays import Array
from survey.base.catalogue import Note, listed
from survey.base.codes import Ints
from survey.base.expressions import Where
from survey.base.names import column_named
from survey.base.text import written
from survey.codebook.ordered import are_names, order_call, refuse_names
from survey.codebook.told import describe_values
from survey.core.sample_data import SampleData
from survey.errors import ConvergenceError, EstimationError, shorten
from survey.estimation.answer_sets import has_order
from survey.estimation.direction_notes import slope_notes
from survey.estimation.items import Names
from survey.models import ordinal_margins, ordinal_tests
from survey.models.fitting import Fit
from survey.models.model import Model
from survey.models.ordinal_fitting import ScaleFit, fit_ordinal, separating_slopes
from survey.models.ordinal_response import OrdinalResponse
from survey.models.regress import Family, regress
from survey.models.rows import ModelRows, term_names

__all__ = ["OrdinalModel", "ordinal"]

MOST_ANSWERS = 50
"""With more, an outcome is a number, and its thresholds would be a table that nobody reads."""
_MOST_NAMED = 6


@explained_verbs(EstimationError)
class OrdinalModel(Model):
    """A proportional odds model: slopes, then the thresholds between the answers.

    The slope of a term is the change of the log odds of a higher answer, at whichever cut of the scale.
    """

    margins = ordinal_margins.margins
    predict = ordinal_margins.predict
    parallel_lines = ordinal_tests.parallel_lines
    cuts = ordinal_tests.cuts


def ordinal(
    self: SampleData,
    formula: str,
    items: Names | None = None,
    where: Where = None,
    level: float = 0.95,
    *,
    aliased: str = "fail",
    variance: str | None = None,
) -> OrdinalModel:
    """Fit a proportional odds model of ordered answers with standard errors of the design.

    Parameters
    ----------
    formula : str
        "OV01 ~ pilot * wave", as for `linear`. The outcome has ordered answers: an ordinal item of the codebook, an
        ordered category, or a number of at most 50 values, which are taken in their order.
    items : str or list of str, optional
        Several outcomes of the same terms.
    where : str, bool array or callable, optional
        A domain; clusters without a member count as zeros.
    level : float
    aliased : {"fail", "drop"}
        As for `linear`.
    variance : {"taylor", "replicate"}, optional
        As for `linear`.

    Returns
    -------
    OrdinalModel
        item, term, estimate, std_error, ... as for `linear`: the terms as written, whose estimates are log odds (above
        0: higher answers), then the thresholds "1|2", "2|3", ... with logit P(answer <= j) = threshold - terms.
        `parallel_lines()` tests whether one slope does for all cuts; a note says what it found.

    Raises
    ------
    EstimationError
        As for `linear`; for answers without an order, a single answer or very many; or if a term separates low answers
        from high ones, so that no finite coefficient is the best one: the terms are named.
    ConvergenceError
        If the iteration stops before the maximum of the likelihood.

    Notes
    -----
    Answers of the scale that nobody in the model gave have no threshold, and a note names them. Thresholds count as one
    coefficient in the degrees of freedom, as in R, so that of two answers the model is the logistic one.

    References
    ----------
    McCullagh (1980), J. R. Statist. Soc. B 42; Binder (1983), Int. Stat. Review 51. Agrees with R's svyolr as far as
    its numerical derivatives go, and to ten digits with a sandwich of Richardson's derivatives.
    """
    family = Family("ordinal", "log_odds", partial(_fit, self), _response, _names, ordinal=True)
    model = regress(self, family, formula, items, where, level, aliased, variance)
    made = OrdinalModel(**{f.name: getattr(model, f.name) for f in fields(model)})
    outcomes = [name for one in made.regressions if (name := _column(self, one.rows)) is not None]
    notes = (*made.notes, *_empty(self, made), *slope_notes(self, outcomes), *ordinal_tests.parallel_notes(made))
    return replace(made, notes=notes)


def _fit(sample: SampleData, rows: ModelRows, weights: Array) -> Fit:
    matrix, formula = rows.matrix, rows.formula.text
    where = f"{formula}, {matrix.outcome_name}"
    if () not in rows.formula.terms:
        raise EstimationError(
            "The thresholds of an ordinal model are its intercepts and cannot be removed.",
            where=formula,
            fix="leave out 0 + or - 1",
        )
    _refuse_unordered(sample, rows, where)
    found, answer = _coded(rows)
    if len(found) < 2:
        raise EstimationError(
            "The outcome of the model does not vary.",
            where=where,
            got=f"{written(_scale(rows)[0])} for everyone in the model",
            expected="two answers or more",
        )
    if len(found) > MOST_ANSWERS:
        raise EstimationError(
            "The outcome has too many different values for an ordinal model.",
            where=where,
            got=f"{len(found):,}",
            expected=f"up to {MOST_ANSWERS}",
            fix="use linear(...), or make classes of it with responses.band(...)",
        )
    fit = fit_ordinal(matrix.values, answer, weights)
    if not fit.converged:
        direction = separating_slopes(matrix.values, answer)
        if direction is not None:
            _refuse_separation(rows, direction)
        raise ConvergenceError(
            "The model did not converge to the maximum of its likelihood.",
            where=f"{formula}, {fit.steps} steps",
            fix="use fewer terms, or put the variables on a common scale",
        )
    return ScaleFit.of(fit)


def _refuse_unordered(sample: SampleData, rows: ModelRows, where: str) -> None:
    """Raise for names, or answers in words whose order nobody declared."""
    name = _column(sample, rows)
    if name is None:
        return
    variable = sample.codebook.variables.get(name)
    if are_names(variable, sample.data[name]) or not has_order(sample, name):
        told = sample.data[name].iloc[np.flatnonzero(rows.used)]
        refuse_names(variable, told, name, where=where)
        raise EstimationError(
            "The answers of the outcome have no order.",
            where=where,
            got=describe_values(told.dropna().unique(), variable, column=told),
            expected="an ordinal item of the codebook, numbers, or an ordered category",
            fix=f"put them in order with {order_call(variable) or 'set_scale(...)'} before sv.Sample(...), "
            "or use logistic(...) on a column of 0 and 1",
        )


def _refuse_separation(rows: ModelRows, direction: Array) -> None:
    """Raise, naming the terms of a combination that sets low answers apart from high ones."""
    raise EstimationError(
        "The model has no finite estimate: a term separates people with low answers from people with high ones.",
        where=rows.formula.text,
        got=shorten(term_names(rows, direction != 0)),
        expected="answers that overlap on either side of every term",
        fix="merge the category with another, drop the term, or choose a domain with where=",
    )


def _column(sample: SampleData, rows: ModelRows) -> str | None:
    """The column of the data that is the outcome; None of what is computed from columns."""
    outcome: Node | None = rows.formula.outcome
    if not isinstance(outcome, Column):
        return None
    return str(column_named(outcome.name, sample.data.columns))


def _coded(rows: ModelRows) -> tuple[Array, Ints]:
    found, answer = np.unique(rows.matrix.outcome, return_inverse=True)
    return found, np.asarray(answer.reshape(-1), dtype=np.int64)


def _scale(rows: ModelRows) -> tuple[Any, ...]:
    """The answers given, in their order: numbers, or categories of words."""
    found = np.unique(rows.matrix.outcome)
    outcome = rows.formula.outcome
    if isinstance(outcome, Column):
        dtype = rows.columns[outcome.name].dtype
        if isinstance(dtype, pd.CategoricalDtype) and not all(isinstance(c, Real) for c in dtype.categories):
            return tuple(dtype.categories[int(v)] for v in found)
    return tuple(int(v) if v.is_integer() else float(v) for v in found)


def _response(rows: ModelRows) -> OrdinalResponse:
    return OrdinalResponse.of(_scale(rows))


def _names(rows: ModelRows) -> tuple[Sequence[str], Sequence[int]]:
    scale = [written(answer) for answer in _scale(rows)]
    thresholds = [f"{low}|{high}" for low, high in pairwise(scale)]
    return [*rows.matrix.names, *thresholds], [*rows.matrix.term, *[-1] * len(thresholds)]


def _empty(sample: SampleData, model: OrdinalModel) -> list[Note]:
    """Notes on answers of the scale that nobody in a model gave."""
    notes = []
    for one in model.regressions:
        name = _column(sample, one.rows)
        variable = None if name is None else sample.codebook.variables.get(name)
        known: Sequence[Any] = () if variable is None else variable.codes
        if name is not None and not known:
            dtype = sample.data[name].dtype
            known = tuple(dtype.categories) if isinstance(dtype, pd.CategoricalDtype) else ()
        given = {written(answer) for answer in _scale(one.rows)}
        absent = [written(answer) for answer in known if written(answer) not in given]
        if absent:
            notes.append(Note("notes.no_threshold", item=one.item, answers=listed(absent, _MOST_NAMED)))
    return notes
