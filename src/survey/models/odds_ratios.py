"""Odds ratios: the coefficients of a logistic or proportional-odds model as ratios."""

from __future__ import annotations

import numpy as np

from survey.core.estimates_data import EstimatesData
from survey.errors import EstimationError
from survey.estimates import Estimates
from survey.models.model_data import ModelData, regressions_of

__all__ = ["odds_ratios", "ratios", "reference_of"]


def odds_ratios(self: ModelData) -> Estimates:
    """Odds ratios of the terms, without the intercept: exp of the coefficients and of their intervals.

    A ratio of 1 is no association. Where an outcome is not rare an odds ratio is farther from 1 than the ratio of
    shares; `margins()` says the same in percentage points.

    Returns
    -------
    Estimates
        item, term, against (what a category is compared with), estimate, std_error (delta method), statistic, df and
        p_value (of the coefficient), conf_low, conf_high.

    Raises
    ------
    EstimationError
        If the coefficients are not log odds.
    """
    regressions_of(self, "odds_ratios")
    return ratios(self, self)


def ratios(e: EstimatesData, model: ModelData) -> Estimates:
    """The coefficients of a result, which may be pooled, as ratios; `model` knows its terms."""
    if e.kind.phrase != "log_odds":
        raise EstimationError(
            "Only the coefficients of log odds have odds ratios.",
            where="odds_ratios()",
            got=e.statistic,
            expected="a model as sample.logistic(...) gives it",
        )
    keep = np.array([i for i, term in enumerate(e.table["term"]) if str(term) not in model.without_ratio], int)
    table = e.table.iloc[keep].reset_index(drop=True)
    table.insert(2, "against", [reference_of(model, str(term)) for term in table["term"]])
    with np.errstate(over="ignore"):
        ratio = np.exp(table["estimate"].to_numpy(float))
        table = table.assign(
            estimate=ratio,
            std_error=ratio * table["std_error"],
            conf_low=np.exp(table["conf_low"].to_numpy(float)),
            conf_high=np.exp(table["conf_high"].to_numpy(float)),
        )
    return Estimates(
        table,
        "odds_ratio",
        level=e.level,
        codebook=e.codebook,
        notes=e.notes,
        source=e.source,
        simulated=e.simulated,
        behind=None if e.behind is None else e.behind[keep],
        _covariance=e.covariance[np.ix_(keep, keep)] * np.outer(ratio, ratio),
    )


def reference_of(self: ModelData, term: str) -> str:
    """What a category is compared with; "" for numbers and interactions."""
    heads = [head for head in self.references if term.startswith(f"{head}[") and term.count("[") == 1]
    return self.references[heads[0]] if heads else ""
