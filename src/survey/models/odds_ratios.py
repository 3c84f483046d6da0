"""Odds ratios: the coefficients of a logistic or proportional-odds model as ratios."""

from __future__ import annotations

import numpy as np

from survey.errors import EstimationError
from survey.estimates import Estimates
from survey.models.model_data import ModelData, regressions_of

__all__ = ["odds_ratios"]


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
    if self.kind.phrase != "log_odds":
        raise EstimationError(
            "Only the coefficients of log odds have odds ratios.",
            where="odds_ratios()",
            got=self.statistic,
            expected="a model as sample.logistic(...) gives it",
        )
    regressions_of(self, "odds_ratios")
    keep = np.array([i for i, term in enumerate(self.table["term"]) if str(term) not in self.without_ratio], int)
    table = self.table.iloc[keep].reset_index(drop=True)
    table.insert(2, "against", [_against(self, str(term)) for term in table["term"]])
    with np.errstate(over="ignore"):
        ratio = np.exp(table["estimate"].to_numpy(float))
        table = table.assign(
            estimate=ratio,
            std_error=ratio * table["std_error"],
            conf_low=np.exp(table["conf_low"].to_numpy(float)),
            conf_high=np.exp(table["conf_high"].to_numpy(float)),
        )
    behind = None if self.behind is None else self.behind[keep]
    return Estimates(
        table,
        "odds_ratio",
        level=self.level,
        codebook=self.codebook,
        notes=self.notes,
        source=self.source,
        simulated=self.simulated,
        behind=behind,
        _covariance=self.covariance[np.ix_(keep, keep)] * np.outer(ratio, ratio),
    )


def _against(self: ModelData, term: str) -> str:
    """What a category is compared with; "" for numbers and interactions."""
    heads = [head for head in self.references if term.startswith(f"{head}[") and term.count("[") == 1]
    return self.references[heads[0]] if heads else ""
