"""What every regression verb does: read the formula, choose the respondents, fit, and put a model together.

A kind of regression is a `Family`: how its rows are fitted, and what its coefficients are called.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from survey.base._formula_tree import Column, as_numbers
from survey.base.arguments import one_of
from survey.base.arrays import Array
from survey.base.catalogue import Note
from survey.base.expressions import Where
from survey.base.formula import Formula, parse
from survey.base.names import column_named
from survey.base.text import counted
from survey.calibration.model_matrix import ModelMatrix
from survey.core.sample_data import SampleData
from survey.core.unheld import unheld
from survey.counting.memory import in_threads
from survey.errors import DesignError, EstimationError, SurveyError, shorten
from survey.estimation.inferred import scale_notes, where_notes
from survey.estimation.items import Names, domain, item_names
from survey.estimation.results import check_level
from survey.models.fitting import Fit, aliased_columns
from survey.models.model import Model, model_of
from survey.models.model_data import Regression
from survey.models.predictors import Predictors, model_rows
from survey.models.response import Response
from survey.models.rows import ModelRows, term_names
from survey.models.variance import design_df, replicate_weights

__all__ = ["ALIASED", "Family", "assembled", "formulas_of", "of_full_rank", "regress", "regression_of"]

ALIASED = ("fail", "drop")
R = TypeVar("R", bound=ModelRows)


@dataclass(frozen=True, slots=True)
class Family:
    """A kind of regression.

    Parameters
    ----------
    verb : str
        The verb of `Sample` that fits it, for errors.
    statistic : str
        What a coefficient is: a key of `survey.core.statistics.KINDS`.
    fit : function of (ModelRows, weights (rows,)) to Fit
        Weights are positive. Raises a `SurveyError` where the model has no estimate.
    refit : function of (ModelRows, weights (rows,)) to coefficients, optional
        For replicates: some weights may be 0. Left out, `fit` on the rows with weight.
    response : function of ModelRows to Response
    names : function of ModelRows to names and terms of the coefficients, optional
        Left out, those of the matrix.
    ordinal : bool
        Whether the outcome is answers in an order, of numbers or categories, and thresholds take the place of the
        intercept, which the matrix has no column of.
    """

    verb: str
    statistic: str
    fit: Callable[[ModelRows, Array], Fit]
    response: Callable[[ModelRows], Response]
    names: Callable[[ModelRows], tuple[Sequence[str], Sequence[int]]] | None = None
    ordinal: bool = False


def regress(
    sample: SampleData,
    family: Family,
    formula: str,
    items: Names | None,
    where: Where,
    level: float,
    aliased: str,
    variance: str | None,
) -> Model:
    """Fit a model for each outcome; the arguments are those of the verbs."""
    check_level(level)
    one_of(aliased, ALIASED, "treatment of aliased terms", EstimationError, where=f"{family.verb}(aliased=...)")
    replicated = sample.uses_replicates(variance)
    design = sample.design
    columns = design.replicates is not None and bool(design.replicates.columns)
    if columns and not (replicated or design.strata or design.psu):
        raise DesignError(
            "Linearised standard errors of a model need strata and clusters.",
            got="only replicate weights",
            fix="leave variance= out: standard errors then come from the replicates",
        )
    formulas = formulas_of(sample, formula, items, family.verb)
    within = domain(sample, where)
    inside = np.ones(len(sample), bool) if within is None else within
    if sample.structure.counted is not None:
        inside = inside & sample.structure.counted
    predictors = Predictors(sample, formulas[0], inside)

    def one(parsed: Formula) -> tuple[Regression, tuple[str, ...]]:
        rows, told = model_rows(parsed, predictors, family.ordinal)
        rows, dropped = of_full_rank(rows, family, aliased, lambda m: aliased_columns(m.values, rows.weights))
        return _fitted(sample, family, rows, replicated), (*told, *dropped)

    made = in_threads(one, formulas, len(sample))
    return assembled(sample, family, formula, made, formulas, where, within, level, replicated)


def assembled(
    sample: SampleData,
    family: Family,
    formula: str,
    made: Sequence[tuple[Regression, Sequence[str]]],
    formulas: Sequence[Formula],
    where: Where,
    within: NDArray[np.bool_] | None,
    level: float,
    replicated: bool = False,
) -> Model:
    """The model of regressions that were made, each with what was told of it, and its notes.

    Parameters
    ----------
    within : bool array (rows of the sample,), optional
        Who meets `where`.
    """
    regressions = [regression for regression, _ in made]
    spelled = {v: str(column_named(v, sample.data.columns)) for f in formulas for v in f.variables}
    taken = dict.fromkeys(spelled[v] for f in formulas for v in _as_numbers(f))
    scale = scale_notes(sample, taken, shown=True)
    notes: list[str] = [_respondents(regressions), *(absent.note for absent in unheld(sample, where))]
    notes += [*where_notes(sample, where, within), *(note for _, told in made for note in told), *scale]
    if any(regression.df <= 0 for regression in regressions):
        notes.append(Note("notes.no_df_model"))
    design = sample.design
    if replicated and design.replicates is not None:
        notes.append(Note("notes.replicates", replicates=design.replicates.count, method=design.replicates.method))
        if any(np.isnan(found).any() for r in regressions if (found := r.replicated) is not None):
            notes.append(Note("notes.nan_replicate"))
    notes = list(dict.fromkeys(notes))
    return model_of(sample, regressions, family.statistic, formula=formula, level=level, notes=notes)


def formulas_of(sample: SampleData, formula: str, items: Names | None, verb: str) -> list[Formula]:
    """One formula for each outcome."""
    parsed = parse(formula)
    where = f"{verb}(formula=...)"
    if items is None:
        if parsed.outcome is None:
            raise EstimationError(
                "The formula has no outcome.",
                where=where,
                got=repr(parsed.text[:80]),
                expected="'outcome ~ terms', or 'terms' with items=[...]",
                fix='name the outcome before a ~, such as "trust ~ C(ward) + age"',
            )
        return [parsed]
    if parsed.outcome is not None:
        raise EstimationError(
            "The outcome is named twice: in the formula and in items=.",
            where=where,
            got=repr(parsed.text[:80]),
            expected="the terms alone",
            fix="leave out what stands before the ~, or items=",
        )
    right = parsed.text.replace("~", "").strip()
    return [
        replace(
            parsed,
            text=f"{name} ~ {right}",
            outcome=Column(name),
            variables=tuple(dict.fromkeys((name, *parsed.variables))),
        )
        for name in dict.fromkeys(item_names(items, sample))
    ]


def _as_numbers(formula: Formula) -> list[str]:
    """The variables that a formula takes as numbers."""
    outcome = set() if formula.outcome is None else as_numbers(formula.outcome)
    return [*outcome, *(v for term in formula.terms for factor in term for v in as_numbers(factor))]


def of_full_rank(
    rows: R, family: Family, aliased: str, without: Callable[[ModelMatrix], NDArray[np.bool_]]
) -> tuple[R, list[Note]]:
    """The rows without columns that others already say, as R leaves them out, and a note that names these.

    A column is left out where that was asked for, or where it belongs to an interaction of categories of which some
    combination has no respondents: an empty cell costs one coefficient. `without` finds the columns, of the matrix.
    """
    matrix, n = rows.matrix, rows.people
    if aliased == "fail" and n < len(matrix.names):
        raise EstimationError(
            "The model has more coefficients than respondents.",
            where=rows.formula.text,
            got=counted(n, "respondent"),
            expected=f"{len(matrix.names)} or more",
        )
    found = without(matrix)
    if found.any():
        empty = found & _of_categories(rows)
        unwanted = found & ~empty
        if aliased == "fail" and unwanted.any():
            raise EstimationError(
                "Terms of the model are collinear.",
                where=rows.formula.text,
                got=shorten(term_names(rows, unwanted)),
                fix="drop one of them, or let the later ones be dropped as R does: aliased='drop'",
            )
        told = {key: term_names(rows, which) for key, which in (("empty_cell", empty), ("aliased", unwanted))}
        notes = [
            Note(f"notes.{key}", item=matrix.outcome_name, terms=shorten(names)) for key, names in told.items() if names
        ]
        rows = rows.with_matrix(~found)
    else:
        notes = []
    if family.ordinal:
        rows = rows.with_matrix(np.array([bool(rows.formula.terms[t]) for t in rows.matrix.term]))
    return rows, notes


def _of_categories(rows: ModelRows) -> NDArray[np.bool_]:
    """Which columns belong to an interaction of categories some of whose combinations nobody has: (coefficients,)."""
    terms = rows.formula.terms
    return np.array([len(terms[t]) > 1 and rows.has_empty_cell(terms[t]) for t in rows.matrix.term], bool)


def _fitted(sample: SampleData, family: Family, rows: ModelRows, replicated: bool) -> Regression:
    made = regression_of(sample, family, rows, family.fit(rows, rows.weights), replicated)
    fit = made.fit
    if not replicated:
        return made
    each = np.full((sample.readjusted.count, len(fit.beta)), np.nan)
    for r, w in enumerate(replicate_weights(sample, rows)):
        with_weight = w > 0
        part = rows.only(with_weight)
        if len(part) and not aliased_columns(part.matrix.values, w[with_weight]).any():
            try:
                beta = family.fit(part, w[with_weight]).beta
                each[r] = beta if len(beta) == each.shape[1] else np.nan  # an answer may be lost
            except SurveyError:  # separated in this replicate: no standard error, and a note says so
                continue
    return replace(made, replicated=each)


def regression_of(
    sample: SampleData, family: Family, rows: ModelRows, fit: Fit, replicated: bool = False
) -> Regression:
    """A fit with its names and its degrees of freedom."""
    names, terms = (rows.matrix.names, rows.matrix.term) if family.names is None else family.names(rows)
    base = sample.replicate_df if replicated else design_df(rows)
    cuts = sum(term < 0 for term in terms)
    df = base + 1 - (len(fit.beta) - max(cuts - 1, 0))  # thresholds count as the one intercept that they are in R
    return Regression(sample, rows, fit, family.response(rows), tuple(names), tuple(terms), df)


def _respondents(regressions: Sequence[Regression]) -> Note:
    n = [one.rows.people for one in regressions]
    if len(set(n)) == 1:
        return Note("notes.respondents_of_model", n=n[0])
    return Note("notes.respondents_of_models", low=min(n), high=max(n))
