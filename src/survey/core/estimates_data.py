"""The state of a result: a tidy, unrounded table and the covariance of its rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Self, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.base.arguments import explained_verbs
from survey.base.arrays import Array, t_interval_factor
from survey.base.frames import kept, locked
from survey.codebook import Codebook
from survey.core.breakdowns import Breakdowns
from survey.core.domains import Domains
from survey.core.result import ResultData
from survey.core.statistics import kind_of
from survey.core.summary import SummaryData
from survey.core.support import Clustering, Support
from survey.errors import EstimationError

__all__ = ["RESULT_COLUMNS", "E", "EstimatesData"]

_OF_ROWS: Mapping[str, Any] = MappingProxyType(
    {
        "_covariance": None,
        "support": None,
        "contrast_matrix": None,
        "population": None,
        "behind": None,
        "linear": None,
        "hidden": None,
        "complementary": None,
        "_domains": None,
        "clustering": None,
        "exact": (),
        "_nonresponse": None,
        "_tests": None,
        "_hiding": None,
    }
)
"""Fields about the rows of a table, which others do not share; each as where nothing is known."""
RESULT_COLUMNS = ("estimate", "std_error", "statistic", "df", "p_value", "conf_low", "conf_high")


@explained_verbs(EstimationError)
@kept("table")
@dataclass(frozen=True)
class EstimatesData(ResultData):
    """State of `survey.estimates.Estimates`, which has the verbs; the fields are described there."""

    table: pd.DataFrame
    statistic: str
    by: tuple[str, ...] = ()
    level: float = 0.95
    answers: tuple[Any, ...] = ()
    codebook: Codebook = field(default_factory=Codebook, repr=False)
    notes: tuple[str, ...] = ()
    source: str = ""
    simulated: bool = False
    support: Support | None = field(default=None, repr=False)
    _covariance: Array | Callable[[], Array] | None = field(default=None, repr=False)
    origin: EstimatesData | None = field(default=None, repr=False)
    contrast_matrix: Array | None = field(default=None, repr=False)
    population: Array | None = field(default=None, repr=False)
    scale: tuple[float, float] | None = None
    behind: Array | None = field(default=None, repr=False)
    linear: NDArray[np.bool_] | None = field(default=None, repr=False)
    adjust: str = field(default="", repr=False)
    hidden: NDArray[np.bool_] | None = field(default=None, repr=False)
    clustering: Clustering | None = field(default=None, repr=False)
    exact: tuple[str, ...] = field(default=(), repr=False)
    unordered: tuple[str, ...] = field(default=(), repr=False)
    _nonresponse: Callable[[], EstimatesData] | None = field(default=None, repr=False)
    breakdowns: Breakdowns | None = field(default=None, repr=False)
    _tests: Callable[[EstimatesData], SummaryData] | None = field(default=None, repr=False)
    compared: tuple[str, ...] = field(default=(), repr=False)
    complementary: NDArray[np.bool_] | None = field(default=None, repr=False)
    _domains: Domains | None = field(default=None, repr=False)
    # where rows depend on each other (ranks, the families of a plan): the same result with some of them hidden
    _hiding: Callable[[Any, NDArray[np.bool_]], Any] | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        kind_of(self.statistic)
        for name in ("contrast_matrix", "population", "_covariance"):
            object.__setattr__(self, name, locked(getattr(self, name)))

    @property
    def covariance(self) -> Array:
        """Covariance matrix of the estimates, rows in the order of `table`; computed when first asked for.

        It cannot be written to.
        """
        value = self._covariance
        if callable(value):
            value = value()
            value.flags.writeable = False
            object.__setattr__(self, "_covariance", value)
        if value is None:
            value = np.diag(self.table["std_error"].to_numpy(float) ** 2)
        return value

    def covariance_of(self, rows: NDArray[np.int64]) -> Array:
        """Covariance matrix of some rows; of many items by many groups the whole is never made for it."""
        value = self._covariance
        block: Callable[[NDArray[np.int64]], Array] | None = getattr(value, "block", None)
        if block is not None:
            return block(rows)
        return self.covariance[np.ix_(rows, rows)]

    @property
    def nonresponse(self) -> EstimatesData | None:
        """Shares of everyone asked who did not know or refused, with their standard errors; None where nobody did.

        Of shares and distributions; the table has the same shares without their errors, `dont_know` and `refused`.

        Returns
        -------
        Estimates or None
            item, <by...>, reason ("dont_know" or "refused"), estimate (0-1), std_error, conf_low, conf_high, ...
        """
        return None if self._nonresponse is None else self._nonresponse()

    @property
    def tests(self) -> SummaryData | None:
        """Tests of equality of the categories of each breakdown; None without `over=`, and of pooled results.

        Returns
        -------
        Summary or None
            item, breakdown, <by...>, categories (how many are compared), statistic (Wald's chi-squared over its degrees
            of freedom), df_num, df (of the denominator), p_value, p_adjusted (Holm over the tests of the item), n.
            NaN where fewer than two categories can be compared, or there are too many for the design.

        References
        ----------
        Agrees with R's regTermTest of the breakdown's variable in svyglm.
        """
        return None if self._tests is None else self.once(self._tests)

    @property
    def precision(self) -> pd.DataFrame:
        """How precise each estimate is: coefficient of variation, margin of error, design effects, effective n.

        Returns
        -------
        DataFrame
            The table's labels, then estimate, std_error, cv (std_error over |estimate|), moe (half the width of the t
            interval), deff (against simple random sampling with replacement), deff_without_replacement (R's
            `deff = TRUE`: deff / (1 - n / N) with N the sum of weights; meaningless, and NaN where n > N, once
            weights are rescaled), n, n_eff (n / deff).

        Raises
        ------
        EstimationError
            If these estimates have no numbers of answers (contrasts, coefficients).
        """
        if self.population is None or "deff" not in self.table:
            raise EstimationError(
                "Precision is not available for estimates without counts of answers.",
                got=self.statistic,
                expected="means, totals, shares, ratios",
            )
        t = self.table
        results = [c for c in t.columns if c in (*RESULT_COLUMNS, "n", "n_eff", "deff")]
        with np.errstate(divide="ignore", invalid="ignore"):
            left = 1 - t["n"].to_numpy(float) / self.population
            without = np.where(left > 0, t["deff"] / left, np.nan)
            cv = t["std_error"] / t["estimate"].abs()
        moe = t_interval_factor(self.level, t["df"].to_numpy(float)) * t["std_error"]
        return t.drop(columns=results).assign(
            estimate=t["estimate"],
            std_error=t["std_error"],
            cv=cv,
            moe=moe,
            deff=t["deff"],
            deff_without_replacement=without,
            n=t["n"],
            n_eff=t["n_eff"],
        )

    def with_table(self, table: pd.DataFrame, **changes: Any) -> Self:
        """A copy with another table (rounded, renamed); the covariance is left behind if rows changed."""
        if len(table) != len(self.table):
            known = ("clustering", "exact", "_domains") if "_covariance" in changes else tuple(_OF_ROWS)
            changes = {**{name: _OF_ROWS[name] for name in known}, **changes}
        return replace(self, table=table, **changes)

    def derived(self, table: pd.DataFrame, statistic: str, **changes: Any) -> Self:
        """A result of another kind that is made of these estimates, its origin; nothing is known of its rows yet."""
        unknown = {**_OF_ROWS, "by": (), "adjust": "", "compared": (), "origin": self}
        return replace(self, table=table, statistic=statistic, **{**unknown, **changes})


E = TypeVar("E", bound=EstimatesData)
