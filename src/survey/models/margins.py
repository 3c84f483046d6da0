"""Average marginal effects: by how much the outcome differs with one variable, the others as they are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from survey.base.arguments import columns_exist, listed
from survey.base.arrays import Array, t_interval_factor, t_pvalue
from survey.base.expressions import Where
from survey.core.result import refuse_reserved
from survey.counting.cells import Grouping
from survey.errors import EstimationError
from survey.estimates import Estimates
from survey.estimation.items import Names
from survey.models.averages import Averages, averages, groups_of, joint_covariance
from survey.models.model_data import ModelData, Regression, regressions_of
from survey.models.predictions import RESERVED, labels_of, people_behind, predictions
from survey.models.what_if import Effect, effects_of, variables_of

__all__ = ["margins"]


def margins(self: ModelData, variables: Names | None = None, by: Names | None = None, where: Where = None) -> Estimates:
    """Average marginal effects of variables on the outcome, in its units: of a share, in percentage points.

    Of a category: what the model says if everybody had it, minus what it says if everybody had the first one, averaged
    over the respondents of the model with their weights. Of a number of two values the same, the larger against the
    smaller; of any other number the slope, averaged. Interactions, polynomials and functions of a variable are all
    followed.

    Parameters
    ----------
    variables : str or list of str, optional
        Variables of the model; left out, all.
    by : str or list of str, optional
        Columns: effects averaged within each group, such as the effect of a programme in each ward.
    where : str, bool array or callable, optional
        Respondents to average over; left out, all in the model.

    Returns
    -------
    Estimates
        item, <by...>, (answer), term (as coefficients are called), against (what a category is compared with),
        estimate, std_error, statistic, df, p_value, conf_low, conf_high. Standard errors hold what is not known of the
        coefficients, who was drawn, and what the two have in common, under the design and its calibration; t intervals
        with the degrees of freedom of the model.

    Raises
    ------
    EstimationError
        If the model has no such variable, or a slope is not defined.

    References
    ----------
    Graubard & Korn (1999), Biometrics 55, 652-659. The effects are those of R's marginaleffects and Stata's
    `margins, dydx() vce(unconditional)`.

    Examples
    --------
    >>> sample.logistic("content ~ pilot * wave + C(age)").margins("pilot", by="wave")  # doctest: +SKIP
    """
    regressions = regressions_of(self, "margins")
    regressions[0].rows.refuse_averages(None, 1)
    grouping = groups_of(regressions[0].sample, by, where)
    refuse_reserved(grouping.labels.columns, RESERVED)
    tables, found, behind = [], [], []
    for one in regressions:
        chosen = [str(v) for v in listed(variables)] or variables_of(one.rows)
        columns_exist(
            chosen,
            variables_of(one.rows),
            "The model has no such variable.",
            EstimationError,
            where="margins(variables=...)",
            fix="name a variable of the formula, without C()",
        )
        effects = [effect for v in chosen for effect in effects_of(one, v)]
        if not effects:
            raise EstimationError(
                "The model has no variable whose effect could be told.",
                where="margins(...)",
                got=one.rows.formula.text,
                expected="a variable with two values or more",
            )
        part = averages(one, effects, grouping)
        found.append(part)
        tables.append(_table(one, effects, part, grouping, self.level))
        behind.append(people_behind(one, effects, part))
    origin = predictions(self, {}, grouping)
    return replace(
        origin,
        table=pd.concat(tables, ignore_index=True),
        statistic="marginal_effect",
        origin=origin,
        behind=np.concatenate(behind),
        _covariance=joint_covariance(regressions[0].sample, found),
    )


def _table(one: Regression, effects: list[Effect], part: Averages, grouping: Grouping, level: float) -> pd.DataFrame:
    told = pd.DataFrame({"term": [e.term for e in effects], "against": [e.reference for e in effects]})
    table = labels_of(one, grouping, told)
    estimate, std_error = part.estimate.reshape(-1), errors_of(part)
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = estimate / std_error
    half = t_interval_factor(level, one.df) * std_error
    return table.assign(
        estimate=estimate,
        std_error=std_error,
        statistic=statistic,
        df=float(one.df),
        p_value=t_pvalue(statistic, np.full(len(estimate), one.df)),
        conf_low=estimate - half,
        conf_high=estimate + half,
    )


def errors_of(part: Averages) -> Array:
    """Standard errors of averages; NaN where there is nothing but rounding."""
    return np.sqrt(np.clip(np.diag(part.covariance), 0, None))
