"""The state of a model: a table of coefficients, their covariance, and the regressions they come from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self, TypeVar

import pandas as pd

from survey.base.arrays import Array
from survey.core.estimates_data import EstimatesData
from survey.core.sample_data import SampleData
from survey.errors import EstimationError
from survey.models.fitting import Fit
from survey.models.response import Response
from survey.models.rows import ModelRows

__all__ = ["M", "ModelData", "Regression", "regressions_of"]


@dataclass(frozen=True)
class Regression:
    """One regression of a sample.

    Parameters
    ----------
    sample : SampleData
    rows : ModelRows
        Its matrix, in rows of respondents who are alike.
    fit : Fit
        Its coefficients; `influence` is theirs in the rows of the matrix.
    response : Response
    names : tuple of str (coefficients,)
    terms : tuple of int (coefficients,)
        Of each coefficient its place among the formula's terms; -1 for those of no term (thresholds).
    df : float
        Of the model: clusters minus strata, plus one minus the coefficients.
    refit : function, optional
        Coefficients from other weights (rows,) of the matrix; for replicates.
    replicated : array (replicates, coefficients), optional
        Coefficients in every replicate, where standard errors come from these.
    """

    sample: SampleData
    rows: ModelRows
    fit: Fit
    response: Response
    names: tuple[str, ...]
    terms: tuple[int, ...]
    df: float
    replicated: Array | None = None

    @property
    def item(self) -> str:
        """The outcome, as the formula writes it."""
        return self.rows.matrix.outcome_name


@dataclass(frozen=True)
class ModelData(EstimatesData):
    """State of `survey.models.model.Model`, which has the verbs; the fields are described there."""

    formula: str = ""
    regressions: tuple[Regression, ...] = field(default=(), repr=False)
    references: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def without_ratio(self) -> frozenset[str]:
        """Coefficients that compare nobody with anybody: the intercept, and thresholds."""
        return frozenset(
            name
            for one in self.regressions
            for name, t in zip(one.names, one.terms, strict=True)
            if t < 0 or not one.rows.formula.terms[t]
        )

    def with_table(self, table: pd.DataFrame, **changes: Any) -> Self:
        """A copy with another table; of other rows it is no longer known what was fitted."""
        if len(table) != len(self.table):
            changes = {"regressions": (), **changes}
        return super().with_table(table, **changes)


M = TypeVar("M", bound=ModelData)
Covariance = Array | Callable[[], Array]


def regressions_of(model: ModelData, verb: str) -> tuple[Regression, ...]:
    """The regressions of a model.

    Raises
    ------
    EstimationError
        If they are not known: rows of the table were left out, or hidden.
    """
    if not model.regressions:
        raise EstimationError(
            "The regression behind these coefficients is not known.",
            where=f"{verb}(...)",
            got="a table whose rows were left out, hidden or pooled",
            expected="a model as sample.linear(...) or sample.logistic(...) returned it",
            fix=f"call .{verb}(...) before",
        )
    return model.regressions
