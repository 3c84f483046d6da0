"""Wald tests of the terms of a model: whether all coefficients of a term are 0."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from survey.base._formula_tree import text_of
from survey.base.arguments import listed
from survey.base.catalogue import Note
from survey.base.codes import Ints
from survey.base.formula import Term, parse
from survey.base.suggestions import did_you_mean
from survey.base.tails import f_tail, wald
from survey.core.estimates_data import EstimatesData
from survey.errors import EstimationError, shorten
from survey.estimates import Summary
from survey.estimation.items import Names
from survey.models.model_data import ModelData, Regression, regressions_of

__all__ = ["coefficients_tested", "summary", "test"]


def test(self: ModelData, terms: Names | None = None) -> Summary:
    """Test terms: whether the outcome depends on them at all, by Wald's F with the degrees of freedom of the model.

    Parameters
    ----------
    terms : str or list of str, optional
        Terms of the formula: a row each. "C(age) + sex" is one test of both together, "a * b" one of a, b and a:b. A
        variable alone stands for its factor: "age" for C(age). Left out, every term but the intercept.

    Returns
    -------
    Summary
        item, term, statistic (F), df_num, df (of the denominator: those of the model), p_value. NaN where the
        coefficients are too many for the clusters, or have no standard error.

    Raises
    ------
    EstimationError
        If the model has no such term.

    References
    ----------
    Agrees with R's regTermTest(method = "Wald").
    """
    rows: list[dict[str, Any]] = []
    estimate, std_error = (self.table[name].to_numpy(float) for name in ("estimate", "std_error"))
    for item, name, at, df in coefficients_tested(self, terms):
        known = bool(np.isfinite(std_error[at]).all()) and df > 0
        statistic = wald(estimate[at], self.covariance_of(at)) if known else np.nan
        p = f_tail(statistic, len(at), df)
        rows.append({"item": item, "term": name, "statistic": statistic, "df_num": len(at), "df": df, "p_value": p})
    return summary(self, pd.DataFrame(rows))


def coefficients_tested(self: ModelData, terms: Names | None) -> list[tuple[str, str, Ints, float]]:
    """What is tested: outcome, term, rows of the model's table, and the model's degrees of freedom."""
    found, start = [], 0
    for one in regressions_of(self, "test"):
        own = [_text(t) for t in one.rows.formula.terms if t]
        for name in own if terms is None else [str(t) for t in listed(terms)]:
            found.append((one.item, name, start + _coefficients(one, name), one.df))
        start += len(one.names)
    return found


def summary(model: EstimatesData, table: pd.DataFrame) -> Summary:
    """The tests of a model as a result."""
    columns = ["item", "term", "statistic", "df_num", "df", "p_value"]
    table = table.reindex(columns=columns)
    notes = [*model.notes, *([Note("notes.no_term_test")] if table["statistic"].isna().any() else [])]
    return Summary(
        table,
        "term_test",
        level=model.level,
        codebook=model.codebook,
        notes=tuple(notes),
        source=model.source,
        simulated=model.simulated,
    )


def _text(term: Term) -> str:
    return ":".join(text_of(factor) for factor in term)


def _coefficients(one: Regression, name: str) -> Ints:
    """Places of the coefficients of a term, or of several joined by +."""
    terms = one.rows.formula.terms
    known = {frozenset(text_of(f) for f in term): i for i, term in enumerate(terms) if term}
    alone = {getattr(getattr(f, "column", f), "name", ""): text_of(f) for term in terms for f in term}
    asked = [t for t in parse(name, "'C(age)', or 'C(age) + sex'").terms if t]
    keys = [frozenset(alone.get(text_of(f), text_of(f)) for f in term) for term in asked]
    keys = [key if key in known else frozenset(text_of(f) for f in term) for key, term in zip(keys, asked, strict=True)]
    absent = [_text(term) for key, term in zip(keys, asked, strict=True) if key not in known]
    if absent or not keys:
        every = [_text(term) for term in terms if term]
        raise EstimationError(
            "The model has no such term.",
            where="test(terms=...)",
            got=shorten(absent) or repr(name),
            expected=shorten(every, 20) or "terms besides the intercept",
            fix=did_you_mean(absent, every),
        )
    places = np.flatnonzero(np.isin(one.terms, [known[key] for key in keys]))
    if not len(places):
        raise EstimationError(
            "A term of the model has no coefficient that could be tested.",
            where="test(terms=...)",
            got=name,
            expected="a term with two categories or more, which others do not already say",
        )
    return places
