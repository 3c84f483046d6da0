"""Multiple imputation: completed samples are estimated one by one and pooled, through the same verbs.

References
----------
Rubin (1987), Multiple Imputation for Nonresponse in Surveys, ch. 3; Barnard & Rubin (1999), Biometrika 86, for the
degrees of freedom.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.base.arguments import explained
from survey.base.arrays import Array, t_interval_factor, t_pvalue
from survey.base.catalogue import Note
from survey.core.contrasts import answers_behind
from survey.core.support import Clustering
from survey.errors import EstimationError
from survey.estimates import Estimates
from survey.estimation.intervals import fisher_interval, share_interval

__all__ = ["PooledEstimates", "pool"]

SOME_AT_END = Note("notes.some_at_end")


@dataclass(frozen=True)
class PooledEstimates(Estimates):
    """Estimates pooled over imputations; contrasts are taken in each and pooled, so their df are right too."""

    completed: tuple[Estimates, ...] = field(default=(), repr=False)

    def contrast(self, weights: Mapping[str, Any] | Sequence[float] | Array | pd.DataFrame | str) -> PooledEstimates:
        """As `Estimates.contrast`, pooled by Rubin's rules."""
        return self._named(pool([e.contrast(weights) for e in self.completed]))

    def pairwise(self, adjust: str = "holm") -> PooledEstimates:
        """As `Estimates.pairwise`, pooled by Rubin's rules; adjusted after pooling."""
        from survey.core.contrasts import adjust_pvalues, alike_in
        from survey.core.differences import errors_longer, family_names, simultaneous

        pooled = self._named(pool([e.pairwise("none") for e in self.completed]))
        keys = alike_in(pooled)
        if adjust == "max-t":
            families, of_pairs = family_names(pooled.table, keys)[0], pooled.completed[0].contrast_matrix
            assert of_pairs is not None  # made by pairwise
            pairs = np.stack([np.argsort(row)[[0, -1]] for row in of_pairs])
            longer = errors_longer(self.completed[0], pairs[:, 0], pairs[:, 1])
            table = simultaneous(pooled.table, pooled.covariance, families, self.level, longer)
            return pooled.with_table(table, _covariance=pooled._covariance, adjust=adjust)
        p = pooled.table.groupby(keys, sort=False, dropna=False)["p_value"]
        table = pooled.table.assign(p_adjusted=p.transform(lambda v: adjust_pvalues(v.to_numpy(), adjust)))
        return pooled.with_table(table, _covariance=pooled._covariance, adjust=adjust)

    def _named(self, pooled: PooledEstimates) -> PooledEstimates:
        """A pooled contrast that knows the pooled rows it was made from: its unit and labels come from them."""
        of = pooled.completed[0]
        return replace(pooled, origin=self, contrast_matrix=of.contrast_matrix, linear=of.linear)


@explained(EstimationError)
def pool(completed: Sequence[Estimates], interval: str | None = "clustered") -> PooledEstimates:
    """Pool the same estimates from several completed data sets.

    Parameters
    ----------
    completed : list of Estimates
        One a completed data set, with the same rows.
    interval : {"clustered", "logit", "wilson", "beta", "asin", "plain"} or None
        Of shares; None for a plain t interval, as net shares have. Everything else has a plain one too.

    Returns
    -------
    Estimates
        Estimate: the mean. Variance: within + (1 + 1/m) between. df: Barnard & Rubin from each row's complete-data df.
        With `fmi`, the fraction of information missing.

    Raises
    ------
    EstimationError
        If there are fewer than two, or their rows differ.
    """
    if len(completed) < 2:
        raise EstimationError("Pooling needs at least two imputations.", got=len(completed), expected="5 or more")
    first = completed[0]
    results = {
        "estimate",
        "std_error",
        "statistic",
        "df",
        "p_value",
        "p_adjusted",
        "conf_low",
        "conf_high",
        "n",
        "n_eff",
        "deff",
    }
    beside = [c for c in ("dont_know", "refused") if c not in first.by]  # what is left of them is not imputed
    labels = [c for c in first.table.columns if c not in results and c not in beside]
    for e in completed[1:]:
        if e.statistic != first.statistic or not e.table[labels].equals(first.table[labels]):
            raise EstimationError(
                "The imputations produce different rows.",
                expected="the same items, groups and answers in each",
                fix="an answer or a group may be empty in one of them: declare scales in the codebook",
            )
    m, remarks = len(completed), []
    each = np.stack([e.table["estimate"].to_numpy(float) for e in completed])
    estimate = each.mean(axis=0)
    within = np.mean([e.table["std_error"].to_numpy(float) ** 2 for e in completed], axis=0)
    between = each.var(axis=0, ddof=1)
    total = within + (1 + 1 / m) * between
    complete = np.mean([e.table["df"].to_numpy(float) for e in completed], axis=0)
    df, fmi = _barnard_rubin(within, between, m, complete)
    table = first.table[labels].assign(estimate=estimate, std_error=np.sqrt(total))
    half = t_interval_factor(first.level, df) * table["std_error"]
    if "p_value" in first.table:
        with np.errstate(divide="ignore", invalid="ignore"):
            statistic = estimate / np.sqrt(total)
        table = table.assign(statistic=statistic, df=df, p_value=t_pvalue(statistic, df))
    low, high = estimate - half, estimate + half
    # what has no sampling error in any of them, and is the same in all, has none pooled
    ends = np.stack([e.table.reindex(columns=["conf_low", "conf_high"]).to_numpy(float) for e in completed])
    known = (within == 0) & (between <= 1e-24 * estimate**2) & np.isnan(ends).all(axis=(0, 2)) & (complete > 0)
    if interval is not None and first.kind.interval == "share":
        n = first.table["n"].to_numpy(float)
        low, high, _ = share_interval(
            estimate, np.sqrt(total), df, n, n, first.level, interval, _clusters(completed, interval)
        )
        low, high = _holding_ends(low, high, each, ends)
        at_end = _at_end(each)
        if (at_end.any(axis=0) & ~at_end.all(axis=0)).any():
            remarks.append(SOME_AT_END)
    if first.kind.interval == "fisher":
        low, high = fisher_interval(estimate, table["std_error"].to_numpy(float), df, first.level)
    table = table.assign(
        conf_low=np.where(known, np.nan, low),
        conf_high=np.where(known, np.nan, high),
        df=df,
        std_error=np.where(known, 0.0, table["std_error"]),
    )
    if "n" in first.table:
        table["n"] = first.table["n"]
    for name in beside:
        if all(name in e.table for e in completed):
            table[name] = np.mean([e.table[name].to_numpy(float) for e in completed], axis=0)
    table["fmi"] = np.where(known | (total <= 0), np.nan, fmi)  # of no variance no part is due to missing answers
    reasons = zip(*(e.exact for e in completed if e.exact), strict=True)
    exact = tuple(why[0] if len(why) == m and len(set(why)) == 1 else "" for why in reasons)

    def covariance() -> Array:
        inside = np.mean([e.covariance for e in completed], axis=0)
        spread = each - estimate
        total: Array = inside + (1 + 1 / m) * spread.T @ spread / (m - 1)
        return total

    of_each = tuple(dict.fromkeys(note for e in completed for note in e.notes))
    notes = (*of_each, *remarks, Note("notes.imputations", imputations=m))
    return PooledEstimates(
        pd.DataFrame(table),
        first.statistic,
        first.by,
        first.level,
        first.answers,
        first.codebook,
        notes,
        first.source,
        first.simulated,
        None,
        covariance,
        scale=first.scale,
        behind=answers_behind(first),
        completed=tuple(completed),
        exact=exact,
        breakdowns=first.breakdowns,
    )


def _clusters(completed: Sequence[Estimates], interval: str) -> Clustering | None:
    """What the imputations know of the clusters behind each share, on the average."""
    known = [e.clustering for e in completed if e.clustering is not None]
    if interval != "clustered" or len(known) < len(completed):
        return None
    means = {f.name: np.mean([getattr(k, f.name) for k in known], axis=0) for f in fields(Clustering)}
    return Clustering(**means)


def _at_end(each: Array) -> NDArray[np.bool_]:
    """Shares of 0 or 1: (imputations, rows)."""
    at_end: NDArray[np.bool_] = (each < 1e-12) | (each > 1 - 1e-12)
    return at_end


def _holding_ends(low: Array, high: Array, each: Array, ends: Array) -> tuple[Array, Array]:
    """Limits that hold the intervals of the imputations whose share is 0 or 1.

    Such a share has a standard error of 0 and adds nothing to the variance within imputations, although it is as
    uncertain as the others: its interval (Korn & Graubard) is what is known of it.
    """
    at_end = _at_end(each)
    own_low = np.where(at_end & np.isfinite(ends[:, :, 0]), ends[:, :, 0], np.inf).min(axis=0)
    own_high = np.where(at_end & np.isfinite(ends[:, :, 1]), ends[:, :, 1], -np.inf).max(axis=0)
    every = at_end.all(axis=0)
    low = np.where(every, np.where(np.isfinite(own_low), own_low, np.nan), np.minimum(low, own_low))
    high = np.where(every, np.where(np.isfinite(own_high), own_high, np.nan), np.maximum(high, own_high))
    return low, high


def _barnard_rubin(within: Array, between: Array, m: int, complete: Array) -> tuple[Array, Array]:
    """Degrees of freedom and fraction of missing information."""
    with np.errstate(divide="ignore", invalid="ignore"):
        total = within + (1 + 1 / m) * between
        lam = np.where(total > 0, (1 + 1 / m) * between / total, 0.0)
        old = np.where(lam > 0, (m - 1) / lam**2, np.inf)
        observed = np.where(np.isfinite(complete), (complete + 1) / (complete + 3) * complete * (1 - lam), np.inf)
        df = 1 / (1 / old + 1 / observed)
        r = lam / (1 - lam)
        return df, (r + 2 / (df + 3)) / (r + 1)
