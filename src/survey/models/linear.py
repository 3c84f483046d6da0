"""Regression with design-based standard errors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.base._formula_tree import as_numbers
from survey.base.arrays import Array, t_interval_factor, t_pvalue
from survey.base.catalogue import Note
from survey.base.codes import numbers
from survey.base.expressions import Where
from survey.base.formula import Formula, parse
from survey.calibration.model_matrix import ModelMatrix, columns_of, factor_column, is_number, model_matrix
from survey.codebook._missing_codes import codes_left
from survey.codebook.ordered import refuse_names
from survey.codebook.told import describe_terms
from survey.core.sample_data import SampleData
from survey.core.unheld import unheld
from survey.design.coded_design import CodedDesign
from survey.errors import DesignError, EstimationError, shorten
from survey.estimates import Estimates
from survey.estimation.inferred import scale_notes, where_notes
from survey.estimation.items import domain
from survey.estimation.linearize import row_covariance
from survey.estimation.results import check_level
from survey.estimation.variance import unit_sums
from survey.words.disclosure import behind_coefficients
from survey.words.notes import ALONE

__all__ = ["linear"]

_AS_FACTOR = "write C({}); if its answers are ordered, declare them with set_scale(...)"


def linear(self: SampleData, formula: str, where: Where = None, level: float = 0.95) -> Estimates:
    """Fit a linear regression by weighted least squares with linearised standard errors.

    Parameters
    ----------
    formula : str
        "friendliness ~ pilot * wave"; `C(age)` makes a number a factor. Text columns are factors whose first level is
        the codebook's first, or the first in sorted order. The grammar is that of `survey.base.formula`: a formula is
        read, never run.
    where : str, bool array or callable, optional
        A domain; clusters without a member count as zeros.
    level : float

    Returns
    -------
    Estimates
        term, estimate, std_error, statistic, df, p_value, conf_low, conf_high; the intercept first. The degrees of
        freedom are clusters minus strata, plus one minus the coefficients.

    Raises
    ------
    EstimationError
        If the formula cannot be read or asks for too much, a variable is not there, or terms are collinear.
    DesignError
        If a producer's replicate weights are all that is known of the design.

    References
    ----------
    Fuller (1975), Sankhya C 37; Binder (1983), Int. Stat. Review 51. Agrees with R's svyglm.
    """
    check_level(level)
    design = self.design
    if design.replicates is not None and design.replicates.columns and not (design.strata or design.psu):
        raise DesignError(
            "Linearised standard errors of a model need strata and clusters.",
            got="only replicate weights",
            fix="name strata and psu too, or run your own function of the weights through sample.replicate(...)",
        )
    within = domain(self, where)
    inside = np.ones(len(self), bool) if within is None else within
    if self.structure.counted is not None:
        inside = inside & self.structure.counted
    matrix, used, told = _matrices(self, formula, inside)
    y, x, names = matrix.outcome, matrix.values, matrix.names
    structure = self.structure
    w = structure.weights[used]
    root = np.sqrt(w)[:, None]
    values, origin = _centred(x, names, w)
    weighted = values * root
    if len(weighted) < weighted.shape[1]:
        raise EstimationError(
            "The model has more coefficients than respondents.",
            where=formula,
            got=f"{len(weighted)} respondents",
            expected=f"{weighted.shape[1]} or more",
        )
    q, r = np.linalg.qr(weighted)
    # what a column adds to those before it, beside its own length: units do not matter
    length = np.linalg.norm(x * root, axis=0)
    aliased = np.abs(np.diag(r)) <= np.maximum(1e-9 * np.linalg.norm(weighted, axis=0), 1e-13 * length)
    if aliased.any():
        raise EstimationError(
            "Terms of the model are collinear.",
            where=formula,
            got=shorten(_terms(names, x, aliased)),
            fix="drop one of them",
        )
    about = float(np.average(y, weights=w)) if origin.any() or "Intercept" in names else 0.0
    beta = np.linalg.solve(r, q.T @ ((y - about) * root[:, 0]))
    error = (y - about) - values @ beta
    bread = np.linalg.solve(r, np.linalg.inv(r).T)
    own = (values * error[:, None]) @ bread.T
    size = (np.abs(values) * np.abs(y - about)[:, None]) @ np.abs(bread).T  # of what cancels in it
    if "Intercept" in names:  # back from the origin that columns were centred on
        first, back = names.index("Intercept"), np.eye(len(names))
        back[first] -= origin
        beta, own, bread = back @ beta, own @ back.T, back @ bread @ back.T
        size = size @ np.abs(back).T
        beta[first] += about
    influence = np.zeros((len(self), len(beta)))
    influence[used] = own
    covariance = row_covariance(structure, self.residuals, influence, used)
    std_error = np.sqrt(np.clip(np.diag(covariance), 0, None))
    alone = _without_residuals(structure, own, size, used)
    std_error[alone] = np.nan
    covariance[alone], covariance[:, alone] = 0.0, 0.0
    df = _design_df(structure, used) + 1 - len(beta)
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = beta / std_error
    half = t_interval_factor(level, df) * std_error
    table = pd.DataFrame(
        {
            "item": matrix.outcome_name,
            "term": names,
            "estimate": beta,
            "std_error": std_error,
            "statistic": statistic,
            "df": float(df),
            "p_value": t_pvalue(statistic, np.full(len(beta), df)),
            "conf_low": beta - half,
            "conf_high": beta + half,
        }
    )
    absent = (*(one.note for one in unheld(self, where)), *where_notes(self, where, within))
    notes = (Note("notes.respondents_of_model", n=int(used.sum())), *absent, *told, *[ALONE] * bool(alone.any()))
    return Estimates(
        table,
        "coefficient",
        level=level,
        codebook=self.codebook,
        notes=notes,
        source=self.source,
        simulated=self.simulated,
        _covariance=covariance,
        behind=behind_coefficients(pd.DataFrame(x, columns=names), bread),
    )


def _centred(x: Array, names: Sequence[str], w: Array) -> tuple[Array, Array]:
    """Columns less their weighted means where there is an intercept, and the means: what is far from 0 keeps digits."""
    if "Intercept" not in names:
        return x, np.zeros(x.shape[1])
    origin = np.where(np.array(names, dtype=object) == "Intercept", 0.0, np.average(x, axis=0, weights=w))
    return x - origin, origin


def _without_residuals(structure: CodedDesign, own: Array, size: Array, used: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Coefficients (k,) that no residuals stand behind: of a single respondent or cluster, or of an exact fit.

    What each adds cancels within every cluster; R's svyglm gives the rounding that is left of it, such as 4e-16.
    """
    w = structure.weights[used][:, None]
    sums, sizes = w * own, w * size
    if structure.stages:
        cluster = structure.psu[structure.unit[used]]
        k = int(cluster.max()) + 1
        sums, sizes = unit_sums(sums, cluster, k), unit_sums(sizes, cluster, k)
    return np.asarray(np.linalg.norm(sums, axis=0) <= 1e-12 * np.linalg.norm(sizes, axis=0))


def _design_df(structure: CodedDesign, used: NDArray[np.bool_]) -> float:
    """Clusters minus strata, of those with members in the model."""
    counts = np.bincount(structure.unit[used], minlength=structure.units)
    strata = len(np.unique(structure.stratum[counts > 0]))
    if structure.elements is not None and not structure.stages:
        return float(used.sum() - strata)
    return float(len(np.unique(structure.psu[counts > 0])) - strata)


def _matrices(
    sample: SampleData, formula: str, inside: NDArray[np.bool_]
) -> tuple[ModelMatrix, NDArray[np.bool_], tuple[str, ...]]:
    """Outcome and matrix of the model, which rows of the sample are in it, and what a reader must know of its terms."""
    parsed = parse(formula)
    if parsed.outcome is None:
        raise EstimationError(
            "The formula has no outcome.",
            where="linear(formula=...)",
            got=repr(parsed.text[:80]),
            expected="'outcome ~ terms'",
            fix='name the outcome before a ~, such as "trust ~ C(ward) + age"',
        )
    names = columns_of(parsed, sample.data, "The formula names variables that are not in the data.")
    used = inside.copy()
    numeric = {}
    for name, column in names.items():
        values = sample.data[column]
        numeric[name] = is_number(values)
        used &= ~np.isnan(numbers(values)) if numeric[name] else values.notna().to_numpy()
    if not used.any():
        raise EstimationError("No respondent has complete data for the model.", where=formula, got=shorten(names))
    columns = {v: _variable(sample, column, used, numeric[v]) for v, column in names.items()}
    _refuse_names(sample, parsed, {v: column for v, column in names.items() if numeric[v]}, used)
    matrix = model_matrix(parsed, columns, int(used.sum()))
    finite = np.isfinite(matrix.values)
    bad = np.asarray(~finite.all(axis=0))
    undefined = _terms(matrix.names, matrix.values, bad)
    if not np.isfinite(matrix.outcome).all():
        undefined.insert(0, matrix.outcome_name)
    if undefined:
        raise EstimationError(
            "A term of the model is infinite or undefined for some respondents.",
            where=formula,
            got=shorten(undefined),
            fix="exclude them with where=, or transform the variable differently",
        )
    if not matrix.names:
        raise EstimationError("The model has no terms.", where=formula, fix="write y ~ 1 for the mean alone")
    counted = [*as_numbers(parsed.outcome), *(v for term in parsed.terms for f in term for v in as_numbers(f))]
    taken = [names[v] for v in counted if numeric[v]]
    single = (Note("notes.one_category", term=name) for name in matrix.single)
    return matrix, used, (*single, *scale_notes(sample, taken, shown=True))


def _refuse_names(sample: SampleData, formula: Formula, names: Mapping[str, str], used: NDArray[np.bool_]) -> None:
    """Raise for a nominal item as the outcome, or as a number among the terms: region 6 is not twice region 3."""
    outcome = set() if formula.outcome is None else as_numbers(formula.outcome)
    terms = {v for term in formula.terms for factor in term for v in as_numbers(factor)}
    for v in (v for v in names if v in outcome | terms):
        name = names[v]
        column, variable = sample.data.loc[used, name], sample.codebook.variables.get(name)
        if v in outcome:
            refuse_names(variable, column, name, where=f"{formula.text}, {name}")
        elif column.nunique() > 2:  # of two categories the coefficient is their difference, or a factor of it
            refuse_names(variable, column, name, where=f"{formula.text}, {name}", fix=_AS_FACTOR.format(v))


def _terms(names: Sequence[str], values: Array, which: NDArray[Any]) -> list[str]:
    """Names of some terms; a level that few respondents have may be what one of them wrote, and is not told."""
    return describe_terms(names, values, np.flatnonzero(which))


def _variable(sample: SampleData, name: str, used: NDArray[np.bool_], number: bool) -> pd.Series:
    """A number as it is; text as a factor in the order of the codebook."""
    column = sample.data.loc[used, name]
    variable = sample.codebook.variables.get(name)
    if variable is not None:
        codes = codes_left(column, sample.codebook, name)
        if codes:
            raise EstimationError(
                "A variable still contains codes that the codebook declares missing.",
                where=name,
                got=shorten(codes),
                fix="call recode_missing() before sv.Sample(...)",
            )
    found = numbers(column) if number else np.array([v for v in column.unique() if isinstance(v, float)], dtype=float)
    if np.isinf(found).any():  # as a level, or where a function would bring it back to a number
        raise EstimationError(
            "A term of the model is infinite or undefined for some respondents.",
            where=name,
            got="infinite numbers",
            fix="recode them as missing",
        )
    if number:
        return column
    return factor_column(column, name, () if variable is None else tuple(variable.codes))
