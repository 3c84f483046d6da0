"""Whether the answers of groups differ in rank: Wilcoxon, Kruskal-Wallis, normal scores and the median."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.base.arguments import one_of
from survey.base.arrays import Array
from survey.base.catalogue import Note, listed
from survey.base.expressions import Where
from survey.base.tails import f_tail, wald
from survey.base.text import written
from survey.compare.asked import groups_to_compare
from survey.compare.outcome import Outcome, rank_outcome
from survey.core.contrasts import combine
from survey.core.sample_data import SampleData
from survey.errors import EstimationError
from survey.estimates import Estimates
from survey.estimation.direction_notes import mean_notes
from survey.estimation.inferred import scale_notes
from survey.estimation.items import Names, each_item, item_names
from survey.estimation.results import assemble, check_level

__all__ = ["TESTS", "rank_scores", "rank_test"]

TESTS = ("wilcoxon", "kruskal", "vanderWaerden", "median")
TIES = ("midrank", "row_order")
_MOST_NAMED = 6
_MIDDLE = 0.5 + 1e-12


def rank_scores(ranks: Array, test: str) -> Array:
    """What ranks in 0-1 count for: themselves, normal scores, or whether they are above the middle."""
    if test == "vanderWaerden":
        from scipy.special import ndtri

        return np.asarray(ndtri(np.where((ranks > 0) & (ranks < 1), ranks, 0.5)))
    return (ranks > _MIDDLE).astype(float) if test == "median" else ranks


def rank_test(
    self: SampleData,
    items: Names,
    by: Names,
    where: Where = None,
    test: str = "wilcoxon",
    ties: str = "midrank",
    level: float = 0.95,
    variance: str | None = None,
) -> Estimates:
    """Test whether the answers of one group tend to be higher than those of another, by ranks.

    Parameters
    ----------
    items : str or list of str
        Numbers, or answers in an order: of the codebook or an ordered category. Each is tested by itself.
    by : str or list of str
        Groups; two give a t test of the mean ranks, more give an F test of all of them.
    where : str, bool array or callable, optional
        A domain.
    test : {"wilcoxon", "kruskal", "vanderWaerden", "median"}
        What a rank counts for: itself ("wilcoxon"; "kruskal" is the same by the name that more groups have), its normal
        score, or whether it is above the middle (Mood's test).
    ties : {"midrank", "row_order"}
        Equal answers share the middle of their weights. "row_order" is what R's svyranktest does up to survey 4.1:
        where weights differ, it depends on the order of the rows.
    level : float
        1 - level is the error that sentences allow.
    variance : {"taylor", "replicate"}, optional
        As for `mean`.

    Returns
    -------
    Estimates
        For two groups: item, contrast, test, estimate (difference of the mean rank scores, later group minus earlier),
        std_error, statistic (t), df, p_value, and of Wilcoxon's test superiority: the probability (0-1) that someone of
        the later group answered higher than someone of the earlier, ties counting half. For more: item, with, test,
        estimate (share of the variance of the scores between groups), std_error (empty), statistic (F), df, ddf,
        p_value. And n.

    Raises
    ------
    EstimationError
        As for `mean`; also for answers without an order, or a single group.

    Notes
    -----
    Ranks are shares of the population below, in 0-1, so that a difference of mean ranks is superiority minus a half.
    The standard error is that under equal distributions, and gives no interval.

    References
    ----------
    Lumley & Scott (2013), Biometrika 100, 831-842. Agrees with R's svyranktest where no answers are equal.

    Examples
    --------
    >>> sample.rank_test("OV01", by="pilot")  # doctest: +SKIP
    """
    one_of(test, TESTS, "rank test", EstimationError)
    one_of(ties, TIES, "rule for ties", EstimationError)
    check_level(level)
    names = list(dict.fromkeys(item_names(items, self)))
    grouping = groups_to_compare(self, by, where)
    groups = [str(name) for name in grouping.labels.columns]
    score = partial(rank_scores, test=test)
    outcomes = each_item(
        self, grouping, lambda name: rank_outcome(self, name, grouping, score, ties == "row_order"), names
    )
    pieces = [outcome.means() for outcome in outcomes]
    means = assemble(self, "mean", pieces, names, grouping, level, variance=variance)
    told = (*scale_notes(self, [*names, *groups], shown=True), *mean_notes(self, names))
    if len(grouping) == 2:
        result, why = _two(means, names, test, ties)
    else:
        result, why = _several(means, names, outcomes, "/".join(groups), test)
    about = [Note(f"notes.{key}", items=listed(which, _MOST_NAMED)) for key, which in why.items() if which]
    return replace(result, notes=(*means.notes, *about, *told))


def _two(means: Estimates, names: list[str], test: str, ties: str) -> tuple[Estimates, dict[str, list[str]]]:
    """A t test of two mean ranks."""
    theta, n = means.table["estimate"].to_numpy(float), means.table["n"].to_numpy(float)
    there = ~np.isnan(theta).reshape(-1, 2).any(axis=1)
    matrix = np.asarray(np.kron(np.eye(len(names)), [[-1.0, 1.0]]), dtype=float)
    labels = pd.DataFrame({"item": names, "contrast": _sides(means), "test": test})
    table = labels.reindex(columns=[*labels.columns, "estimate", "std_error", "statistic", "df", "p_value"])
    if there.any():
        found = combine(means, matrix[there], labels[there]).table
        table.loc[there, found.columns] = found
    if test in ("wilcoxon", "kruskal") and ties == "midrank":
        table["superiority"] = 0.5 + table["estimate"].astype(float)
    table = table.drop(columns=["conf_low", "conf_high"], errors="ignore")
    table["n"] = n.reshape(-1, 2).sum(axis=1).astype(np.int64)
    numbers = [c for c in table.columns if c not in ("item", "contrast", "test", "n")]
    table[numbers] = table[numbers].astype(float)
    behind = np.where(there, n.reshape(-1, 2).min(axis=1), 0.0)
    result = means.derived(table, "rank_test", contrast_matrix=matrix, behind=behind)
    no_df = ~(table["df"] > 0) & there
    return result, {
        "one_row": [i for i, ok in zip(names, there, strict=True) if not ok],
        "no_df": [i for i, gone in zip(names, no_df, strict=True) if gone],
    }


def _sides(means: Estimates) -> str:
    first, second = (" ".join(map(written, row)) for row in means.table[list(means.by)].head(2).to_numpy(object))
    return f"{second} − {first}"


def _several(
    means: Estimates, names: list[str], outcomes: list[Outcome], groups: str, test: str
) -> tuple[Estimates, dict[str, list[str]]]:
    """An F test of all mean ranks."""
    size = len(means.table) // len(names)
    found: list[dict[str, float]] = []
    why: dict[str, list[str]] = {"one_row": [], "no_df": [], "no_test": []}
    for i, (name, outcome) in enumerate(zip(names, outcomes, strict=True)):
        rows = np.arange(i * size, (i + 1) * size)
        rows = rows[means.table["estimate"].notna().to_numpy()[rows]]
        values = _f_test(means, rows)
        values["estimate"], values["n"] = _between(outcome.sums), means.table["n"].to_numpy(float)[rows].sum()
        key = "one_row" if len(rows) < 2 or np.isnan(values["estimate"]) else ""
        key = key or ("no_df" if not values["ddf"] > 0 else "no_test" if np.isnan(values["statistic"]) else "")
        if key:
            why[key].append(name)
        found.append(values)
    columns = ("estimate", "std_error", "statistic", "df", "ddf", "p_value")
    table = pd.DataFrame({"item": names, "with": groups, "test": test})
    for column in columns:
        table[column] = [values.get(column, np.nan) for values in found]
    table["n"] = np.array([values["n"] for values in found]).astype(np.int64)
    return means.derived(table, "rank_test_groups"), why


def _f_test(means: Estimates, rows: NDArray[np.int64]) -> dict[str, float]:
    """Whether some means are all the same: F with the df of a model with one coefficient per group."""
    k = len(rows) - 1
    if k < 1 or means.support is None:
        return {"statistic": np.nan, "df": np.nan, "ddf": np.nan, "p_value": np.nan}
    ddf = means.support.joint_df(rows)
    theta = means.table["estimate"].to_numpy(float)[rows]
    joint = means.covariance[np.ix_(rows, rows)]
    contrasts = np.hstack([-np.ones((k, 1)), np.eye(k)])
    f = wald(contrasts @ theta, contrasts @ joint @ contrasts.T) if ddf > 0 else np.nan
    if means.table["std_error"].isna().to_numpy()[rows].any():  # a group within one cluster
        f = np.nan
    return {"statistic": f, "df": float(k), "ddf": ddf, "p_value": f_tail(f, k, ddf)}


def _between(sums: Array) -> float:
    """Share of the variance that lies between groups, from sums of (1, y, y squared): 0-1; NaN where there is none."""
    sums = sums[sums[:, 0] > 0]
    total = sums.sum(axis=0)
    if not len(sums):
        return float("nan")
    mean = total[1] / total[0]
    whole = total[2] / total[0] - mean**2
    between = float((sums[:, 0] * (sums[:, 1] / sums[:, 0] - mean) ** 2).sum() / total[0])
    return between / whole if whole > 1e-12 else float("nan")
