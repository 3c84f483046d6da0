"""Models as they are passed on.

The class body is a table of contents: the state is `ModelData`, each verb a function of the module named here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

import numpy as np
import pandas as pd

from survey.base.arguments import explained_verbs
from survey.base.arrays import Array, t_interval_factor, t_pvalue
from survey.core.estimates_data import EstimatesData
from survey.core.sample_data import SampleData
from survey.errors import EstimationError
from survey.estimates import Estimates
from survey.models import margins, odds_ratios, predictions, term_tests
from survey.models.model_data import ModelData, Regression
from survey.models.variance import linearised_covariance, replicate_covariance, without_residuals
from survey.models.what_if import references
from survey.words.notes import ALONE

__all__ = ["Model", "model_of"]


@explained_verbs(EstimationError)
class Model(ModelData, Estimates):
    """A regression under the sampling design: coefficients, and what follows from them.

    Figures, tables and sentences take it as they take any `Estimates`; `contrast` combines coefficients. What is made
    of a model (a contrast, margins, predictions) is `Estimates`.

    Parameters
    ----------
    table : DataFrame
        item (the outcome), term, estimate, std_error, statistic, df, p_value, conf_low, conf_high; the intercept first.
    formula : str
        As it was written.
    regressions : tuple of Regression
        What was fitted, one for each outcome; empty where rows of the table were left out or hidden.
    references : mapping of str to str
        The category that each factor compares with, by the factor's name in the terms.
    """

    margins = margins.margins
    predict = predictions.predict
    test = term_tests.test
    odds_ratios = odds_ratios.odds_ratios

    def derived(self, table: pd.DataFrame, statistic: str, **changes: Any) -> Any:
        """A result of another kind that is made of these coefficients, which is a model no longer."""
        plain = Estimates(**{f.name: getattr(self, f.name) for f in fields(EstimatesData)})
        return plain.derived(table, statistic, **{"origin": self, **changes})


def model_of(
    sample: SampleData,
    regressions: Sequence[Regression],
    statistic: str,
    *,
    formula: str,
    level: float,
    notes: Sequence[str] = (),
) -> Model:
    """The model of one or several regressions of a sample.

    Standard errors are linearised under the design, or come from the replicates where these were fitted.

    Parameters
    ----------
    sample : Sample
    regressions : sequence of Regression
        One for each outcome.
    statistic : str
        What a coefficient is: a key of `survey.core.statistics.KINDS`.
    formula : str
    level : float
        Of the intervals.
    notes : sequence of str
    """
    std_errors, behind, blocks, alone = [], [], [], []
    for one in regressions:
        if one.replicated is None:
            joint = linearised_covariance(sample, [(one.rows, one.fit.influence)])
        else:
            joint = replicate_covariance(sample, one.replicated, one.fit.beta)
        std_error = np.sqrt(np.clip(np.diag(joint), 0, None))
        hollow = without_residuals(one.rows, one.fit.influence, one.fit.size)
        std_error[hollow] = np.nan
        std_errors.append(std_error)
        blocks.append(joint)
        alone.append(hollow)
        behind.append(_people_behind(one))
    unknown = np.concatenate(alone)

    def covariance() -> Array:
        joint = blocks[0] if len(blocks) == 1 else _joint(sample, regressions)
        joint[unknown], joint[:, unknown] = 0.0, 0.0
        return joint

    return Model(
        _table(regressions, std_errors, level),
        statistic,
        level=level,
        codebook=sample.codebook,
        notes=(*notes, *[ALONE] * bool(unknown.any())),
        source=sample.source,
        simulated=sample.simulated,
        _covariance=covariance() if len(blocks) == 1 else covariance,
        behind=np.concatenate(behind),
        formula=formula,
        regressions=tuple(regressions),
        references=references(regressions[0].rows),
    )


def _table(regressions: Sequence[Regression], std_errors: Sequence[Array], level: float) -> pd.DataFrame:
    """The coefficients of regressions with t intervals and tests."""
    k = [len(one.names) for one in regressions]
    beta, std_error = np.concatenate([one.fit.beta for one in regressions]), np.concatenate(std_errors)
    df = np.repeat([float(one.df) for one in regressions], k)
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = beta / std_error
    half = t_interval_factor(level, df) * std_error
    return pd.DataFrame(
        {
            "item": [one.item for one in regressions for _ in one.names],
            "term": [name for one in regressions for name in one.names],
            "estimate": beta,
            "std_error": std_error,
            "statistic": statistic,
            "df": df,
            "p_value": t_pvalue(statistic, df),
            "conf_low": beta - half,
            "conf_high": beta + half,
        }
    )


def _joint(sample: SampleData, regressions: Sequence[Regression]) -> Array:
    """Covariance of the coefficients of several regressions."""
    if all(one.replicated is not None for one in regressions):
        each = np.hstack([one.replicated for one in regressions if one.replicated is not None])
        return replicate_covariance(sample, each, np.concatenate([one.fit.beta for one in regressions]))
    return linearised_covariance(sample, [(one.rows, one.fit.influence) for one in regressions])


def _people_behind(one: Regression) -> Array:
    """Respondents that each coefficient stands on; thresholds are judged as the one intercept that they are."""
    names = list(one.names)
    width = len(one.rows.matrix.names)
    cuts = len(names) - width
    k = width + bool(cuts)
    found = one.rows.counts(names[:k], bool(cuts)).behind(one.fit.bread[:k, :k])
    return np.concatenate([found, np.repeat(found[-1:], max(cuts - 1, 0))])
