"""Models of multiply-imputed samples: fitted in each, and all that follows from them pooled by Rubin's rules.

References
----------
Rubin (1987), Multiple Imputation for Nonresponse in Surveys, ch. 3; Li, Raghunathan & Rubin (1991), J. Am. Stat. Assoc.
86, 1065-1073, on tests of several coefficients; Reiter (2007), Biometrika 94, 502-508, on their degrees of freedom.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from survey.base.arrays import Array
from survey.base.catalogue import Note
from survey.base.expressions import Where
from survey.base.tails import f_tail, wald
from survey.errors import EstimationError
from survey.estimates import Estimates, Summary
from survey.estimation.imputation import PooledEstimates, pool
from survey.estimation.items import Names
from survey.models import odds_ratios, predictions, term_tests
from survey.models.model import Model
from survey.models.ordinal_tests import PARALLEL

__all__ = ["PooledModel", "pool_models", "pooled_wald"]


@dataclass(frozen=True)
class PooledModel(PooledEstimates):
    """A regression pooled over imputations."""

    def margins(
        self, variables: Names | None = None, by: Names | None = None, where: Where = None, **counted: Any
    ) -> PooledEstimates:
        """As `Model.margins`, pooled by Rubin's rules; `counted` are the answers of an ordinal model."""
        return _told_once(pool([m.margins(variables, by, where, **counted) for m in self.models]))

    def predict(
        self, at: Mapping[str, Any] | None = None, by: Names | None = None, where: Where = None, **counted: Any
    ) -> PooledEstimates:
        """As `Model.predict`, pooled by Rubin's rules; `counted` as for `margins`."""
        pooled = _told_once(pool([m.predict(at, by, where, **counted) for m in self.models]))
        if pooled.kind.unit != "share":
            return pooled
        table = pooled.table
        estimate, std_error = (table[name].to_numpy(float) for name in ("estimate", "std_error"))
        low, high = predictions.share_limits(estimate, std_error, table["df"].to_numpy(float), self.level)
        return pooled.with_table(table.assign(conf_low=low, conf_high=high))

    def odds_ratios(self) -> Estimates:
        """As `Model.odds_ratios`, of the pooled coefficients."""
        return odds_ratios.ratios(self, self.models[0])

    def test(self, terms: Names | None = None) -> Summary:
        """As `Model.test`, pooled: Wald's F of the pooled coefficients, by Li, Raghunathan & Rubin (1991)."""
        each = [term_tests.coefficients_tested(m, terms) for m in self.models]
        rows = []
        for i, (item, name, places, complete) in enumerate(each[0]):
            own = [(m, e[i][2]) for m, e in zip(self.models, each, strict=True)]
            values = np.stack([m.table["estimate"].to_numpy(float)[at] for m, at in own])
            within = np.mean([m.covariance_of(at) for m, at in own], axis=0)
            statistic, df = pooled_wald(values, within, complete)
            q, p = len(places), f_tail(statistic, len(places), df)
            rows.append({"item": item, "term": name, "statistic": statistic, "df_num": q, "df": df, "p_value": p})
        return term_tests.summary(self, pd.DataFrame(rows))

    @property
    def models(self) -> tuple[Model, ...]:
        """The models of the completed samples."""
        found = tuple(m for m in self.completed if isinstance(m, Model))
        if not found:
            raise EstimationError(
                "The models of the imputations are not known.",
                got="a pooled table whose rows were hidden",
                expected="what imputations.linear(...) or imputations.logistic(...) returned",
            )
        return found


def pool_models(models: Sequence[Model]) -> PooledModel:
    """Pool the models of completed samples, which have the same coefficients."""
    pooled = _told_once(pool(models))
    return PooledModel(**{name: getattr(pooled, name) for name in pooled.__dataclass_fields__})


def _told_once(pooled: PooledEstimates) -> PooledEstimates:
    """With one note for the tests of parallel lines of all imputations, whose p-values differ."""
    of_tests = [n for n in pooled.notes if isinstance(n, Note) and n.key in PARALLEL]
    if not of_tests:
        return pooled
    parted = sum(any(isinstance(n, Note) and n.key in PARALLEL[1:] for n in e.notes) for e in pooled.completed)
    told = Note("notes.parallel_imputed", parted=parted, samples=len(pooled.completed))
    return replace(pooled, notes=(*(n for n in pooled.notes if n not in of_tests), told))


def pooled_wald(values: Array, within: Array, complete: float) -> tuple[float, float]:
    """F of estimates (imputations, k) with their covariance within imputations (k, k), and its denominator's df.

    `complete` are the degrees of freedom of complete data. Agrees with mitml's D1.
    """
    m, k = values.shape
    mean = values.mean(axis=0)
    alone = wald(mean, within)
    if np.isnan(alone) or not complete > 0:
        return float("nan"), float("nan")
    spread = values - mean
    between = spread.T @ spread / (m - 1)
    r = float((1 + 1 / m) * np.trace(np.linalg.solve(within, between)) / k)
    return alone / (1 + r), _reiter(r, float(k * (m - 1)), complete, k)


def _reiter(r: float, t: float, complete: float, k: int) -> float:
    """Degrees of freedom of the denominator; with `complete` infinite those of Li, Raghunathan & Rubin."""
    if r <= 0:
        return complete
    if t <= 4:
        return min(t * (1 + 1 / k) * (1 + 1 / r) ** 2 / 2, complete)
    a = r * t / (t - 2)
    if not np.isfinite(complete):
        return 4 + (t - 4) * (1 + 1 / a) ** 2
    v = (complete + 1) / (complete + 3) * complete
    c0, c1, c2 = 1 / (t - 4), v - 2 * (1 + a), v - 4 * (1 + a)
    if c2 <= 0:
        return min(4 + (t - 4) * (1 + 1 / a) ** 2, v)
    z = 1 / c2 + c0 * (
        a**2 * c1 / ((1 + a) ** 2 * c2)
        + 8 * a**2 * c1 / ((1 + a) * c2**2)
        + 4 * a**2 / ((1 + a) * c2)
        + 4 * a**2 / (c2 * c1)
        + 16 * a**2 * c1 / c2**3
        + 8 * a**2 / c2**2
    )
    return 4 + 1 / z
