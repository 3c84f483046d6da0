"""Regression with design-based standard errors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey._expressions import Where, mask
from survey._linalg import Array, t_interval_factor, t_pvalue
from survey.assemble import check_level
from survey.errors import DesignError, EstimationError, some
from survey.estimates import Estimates
from survey.linearize import row_covariance
from survey.structure import Structure

if TYPE_CHECKING:
    from survey.sample import Sample

__all__ = ["linear"]


def linear(self: Sample, formula: str, where: Where = None, level: float = 0.95) -> Estimates:
    """Linear regression by weighted least squares with linearised standard errors.

    Parameters
    ----------
    formula : str
        "friendliness ~ pilot * wave"; `C(age)` makes a number a factor. Text columns are factors whose first level is
        the codebook's first, or the first in sorted order.
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
        If the formula cannot be read, a variable is not there, or terms are collinear.
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
            "A model's standard errors are linearised, which needs strata and clusters.",
            got="replicate weights and nothing else of the design",
            fix="name strata and psu too, or run your own function of the weights through sample.replicate(...)",
        )
    inside = np.ones(len(self), bool) if where is None else mask(where, self.data)
    if self.structure.counted is not None:
        inside = inside & self.structure.counted
    name, y, x, used = _matrices(self, formula, inside)
    structure = self.structure
    w = structure.weights[used]
    root = np.sqrt(w)[:, None]
    values, origin = _centred(x, w)
    weighted = values * root
    if len(weighted) < weighted.shape[1]:
        raise EstimationError(
            "The model has more coefficients than respondents.",
            where=formula, got=f"{len(weighted)} respondents", expected=f"{weighted.shape[1]} or more",
        )  # fmt: skip
    q, r = np.linalg.qr(weighted)
    # what a column adds to those before it, beside its own length: units do not matter
    length = np.linalg.norm(x.to_numpy(float) * root, axis=0)
    aliased = np.abs(np.diag(r)) <= np.maximum(1e-9 * np.linalg.norm(weighted, axis=0), 1e-13 * length)
    if aliased.any():
        raise EstimationError(
            "Terms of the model are collinear.",
            where=formula, got=some(x.columns[aliased]), fix="leave one of them out",
        )  # fmt: skip
    about = float(np.average(y, weights=w)) if origin.any() or "Intercept" in x.columns else 0.0
    beta = np.linalg.solve(r, q.T @ ((y - about) * root[:, 0]))
    error = (y - about) - values @ beta
    bread = np.linalg.solve(r, np.linalg.inv(r).T)
    own = (values * error[:, None]) @ bread.T
    if "Intercept" in x.columns:  # back from the origin that columns were centred on
        first = list(x.columns).index("Intercept")
        beta[first] += about - origin @ beta
        own[:, first] -= own @ origin
    influence = np.zeros((len(self), len(beta)))
    influence[used] = own
    covariance = row_covariance(structure, self.residuals, influence, used)
    std_error = np.sqrt(np.clip(np.diag(covariance), 0, None))
    df = _design_df(structure, used) + 1 - len(beta)
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = beta / std_error
    half = t_interval_factor(level, df) * std_error
    table = pd.DataFrame(
        {
            "item": name, "term": list(x.columns), "estimate": beta, "std_error": std_error, "statistic": statistic,
            "df": float(df), "p_value": t_pvalue(statistic, np.full(len(beta), df)), "conf_low": beta - half,
            "conf_high": beta + half,
        }
    )  # fmt: skip
    notes = (f"{int(used.sum()):,} respondents with all variables of the model",)
    return Estimates(
        table, "coefficient", (), level, (), self.codebook, notes, self.source, self.simulated, None, covariance
    )


def _centred(x: pd.DataFrame, w: Array) -> tuple[Array, Array]:
    """Columns less their weighted means where there is an intercept, and the means: what is far from 0 keeps digits."""
    values = x.to_numpy(float)
    if "Intercept" not in x.columns:
        return values, np.zeros(values.shape[1])
    origin = np.where(x.columns == "Intercept", 0.0, np.average(values, axis=0, weights=w))
    return values - origin, origin


def _design_df(structure: Structure, used: NDArray[np.bool_]) -> float:
    """Clusters minus strata, of those with members in the model."""
    counts = np.bincount(structure.unit[used], minlength=structure.units)
    strata = len(np.unique(structure.stratum[counts > 0]))
    if structure.elements is not None and not structure.stages:
        return float(used.sum() - strata)
    return float(len(np.unique(structure.psu[counts > 0])) - strata)


def _matrices(
    sample: Sample, formula: str, inside: NDArray[np.bool_]
) -> tuple[str, Array, pd.DataFrame, NDArray[np.bool_]]:
    """Name and values of the outcome, the model matrix, and which rows of the sample are in it."""
    from formulaic import Formula
    from formulaic.errors import FormulaicError

    try:
        parsed = Formula(formula)
        wanted = [str(v) for v in parsed.required_variables]
    except (FormulaicError, SyntaxError, ValueError) as problem:
        raise EstimationError(
            "The formula cannot be read.", where=formula, got=problem, expected="such as 'score ~ pilot * wave'"
        ) from problem
    absent = [v for v in wanted if v not in sample.data.columns]
    if absent:
        raise EstimationError(
            "The formula names variables that the data lack.",
            where=formula, got=some(absent), expected=some(sample.data.columns, 20),
        )  # fmt: skip
    if not hasattr(parsed, "lhs"):
        raise EstimationError("The formula has no outcome.", where=formula, expected="'outcome ~ terms'")
    used = inside & sample.data[wanted].notna().all(axis=1).to_numpy()
    if not used.any():
        raise EstimationError("No respondent has all variables of the model.", where=formula, got=some(wanted))
    frame = pd.DataFrame({v: _factor(sample, v, used) for v in wanted})
    try:
        with np.errstate(all="ignore"):
            matrices = parsed.get_model_matrix(frame, na_action="ignore")
    except FormulaicError as problem:
        raise EstimationError("A term of the model cannot be computed.", where=formula, got=problem) from problem
    outcome, x = pd.DataFrame(matrices.lhs), pd.DataFrame(matrices.rhs)
    both = pd.concat([outcome, x], axis=1)
    undefined = both.columns[~np.isfinite(both.to_numpy(float)).all(axis=0)]
    if len(undefined):
        raise EstimationError(
            "A term of the model is infinite or undefined for some respondents.",
            where=formula, got=some(undefined), fix="leave them out with where=, or transform the variable another way",
        )  # fmt: skip
    if outcome.shape[1] != 1:
        raise EstimationError(
            "The outcome is not one column of numbers.", where=formula, got=some(outcome.columns), expected="one number"
        )
    return str(outcome.columns[0]), outcome.iloc[:, 0].to_numpy(float), x, used


def _factor(sample: Sample, name: str, used: NDArray[np.bool_]) -> pd.Series:
    """A text column as a factor in the order of the codebook."""
    column = sample.data.loc[used, name]
    if pd.api.types.is_numeric_dtype(column.dtype):
        variable = sample.codebook.variables.get(name)
        codes = set() if variable is None else set(variable.missing) & set(column.unique())
        if codes:
            raise EstimationError(
                "A variable still holds codes that the codebook declares missing.",
                where=name, got=some(codes), fix="call recode_missing() before sv.Sample(...)",
            )  # fmt: skip
        return column
    if isinstance(column.dtype, pd.CategoricalDtype):
        present = [c for c in column.cat.categories if (column == c).any()]
    else:
        present = sorted(pd.unique(column), key=lambda v: (isinstance(v, str), v))
    known = [c for c in (sample.codebook[name].codes if name in sample.codebook else ()) if c in present]
    order = known + [v for v in present if v not in known]
    return pd.Series(pd.Categorical(column.astype(object), categories=order), index=column.index)
