"""Linear regression with design-based standard errors."""

from __future__ import annotations

from survey.base.arrays import Array
from survey.base.expressions import Where
from survey.core.sample_data import SampleData
from survey.estimation.items import Names
from survey.models.fitting import Fit, fit_linear
from survey.models.model import Model
from survey.models.regress import Family, regress
from survey.models.response import IDENTITY
from survey.models.rows import ModelRows

__all__ = ["LINEAR", "linear"]


def linear(
    self: SampleData,
    formula: str,
    where: Where = None,
    level: float = 0.95,
    *,
    items: Names | None = None,
    aliased: str = "fail",
    variance: str | None = None,
) -> Model:
    """Fit a linear regression by weighted least squares with standard errors of the design.

    Parameters
    ----------
    formula : str
        "friendliness ~ pilot * wave"; `C(age)` makes a number a factor. Text columns are factors whose first level is
        the codebook's first, or the first in sorted order. The grammar is that of `survey.base.formula`: a formula is
        read, never run.
    where : str, bool array or callable, optional
        A domain; clusters without a member count as zeros.
    level : float
    items : str or list of str, optional
        Several outcomes of the same terms: `linear("pilot * wave", items=["q1", "q2"])`. The terms are coded once.
    aliased : {"fail", "drop"}
        What to do with terms that others already say: raise, or leave out the later ones as R does, with a note; they
        have no row then, as in R's summary. An interaction of categories that lacks a combination always loses the
        coefficients of it alone.
    variance : {"taylor", "replicate"}, optional
        Left out, the replicates where the sample has them (the model is fitted again in each), else linearisation.

    Returns
    -------
    Model
        item, term, estimate, std_error, statistic, df, p_value, conf_low, conf_high; the intercept first. The degrees
        of freedom are clusters minus strata (or those of the replicates), plus one minus the coefficients.

    Raises
    ------
    EstimationError
        If the formula cannot be read or asks for too much, a variable is not there, or terms are collinear.
    DesignError
        If linearised standard errors are asked for of a design that is known by replicate weights alone.

    References
    ----------
    Fuller (1975), Sankhya C 37; Binder (1983), Int. Stat. Review 51. Agrees with R's svyglm.
    """
    return regress(self, LINEAR, formula, items, where, level, aliased, variance)


def _fit(rows: ModelRows, weights: Array) -> Fit:
    return fit_linear(rows.matrix.outcome, rows.matrix.values, weights)


LINEAR = Family("linear", "coefficient", _fit, lambda rows: IDENTITY)
