"""Whether the categories of a breakdown differ: Wald tests of equality of its estimates, under the design."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.base.arrays import Array
from survey.base.catalogue import Note
from survey.base.tails import f_tail, wald
from survey.core.contrasts import adjust_pvalues
from survey.core.estimates_data import EstimatesData
from survey.core.support import Support
from survey.estimates import Summary

__all__ = ["equality"]

ADJUSTMENT = "holm"


def equality(support: Support, e: EstimatesData) -> Summary:
    """Test the equality of each breakdown's estimates; see `EstimatesData.tests`.

    Wald's statistic of the differences to the first category, over its degrees of freedom q, against F with q and
    d - q: d are clusters minus strata with members in the categories. That is what R's regTermTest makes of a factor.
    Of a distribution it is the differences of all answers but one. Categories without an estimate or a standard error
    are left out.

    Parameters
    ----------
    support : Support
        What the rows of the whole result stand on; the rows of `e` are the same, some perhaps without numbers.
    e : Estimates
        A result with `breakdowns`.
    """
    table, breakdowns = e.table, e.breakdowns
    within = ["item", *e.by]
    within.remove("category")
    rows: list[dict[str, Any]] = []
    left_out = too_many = alone = False
    usable = np.isfinite(table["estimate"].to_numpy(float)) & np.isfinite(table["std_error"].to_numpy(float))
    answered = table["n"].to_numpy(float) > 0
    for key, places in table.groupby(within, sort=False, observed=True, dropna=False).indices.items():
        told = dict(zip(within, key, strict=True))
        if breakdowns is not None and not breakdowns.variables.get(told["breakdown"]):
            continue  # everyone
        at = np.sort(places)
        used = at[usable[at]]
        categories = table["category"].iloc[used]
        k = int(categories.nunique())
        left_out |= bool((answered[at] & ~usable[at]).any())
        alone |= k < 2
        found = None if k < 2 else _wald(e, support, used, categories.to_numpy(object))
        too_many |= k > 1 and found is None
        statistic, q, df, p = found or (np.nan, np.nan, np.nan, np.nan)
        n = table.iloc[used].drop_duplicates("category")["n"].sum()
        rows.append(
            told
            | {"categories": k, "statistic": statistic, "df_num": q, "df": df, "p_value": p, "p_adjusted": p, "n": n}
        )
    columns = [*within, "categories", "statistic", "df_num", "df", "p_value", "p_adjusted", "n"]
    tests = pd.DataFrame(rows, columns=columns)
    adjusted = tests.groupby("item", sort=False)["p_value"].transform(
        lambda p: adjust_pvalues(p.to_numpy(), ADJUSTMENT)
    )
    notes = [
        Note("notes.equality"),
        Note("notes.equality_adjusted"),
        *([Note("notes.equality_left_out")] if left_out else []),
        *([Note("notes.equality_too_many")] if too_many else []),
        *([Note("notes.equality_alone")] if alone else []),
    ]
    return Summary(
        tests.assign(p_adjusted=adjusted.astype(float)),
        "equality",
        tuple(name for name in within if name != "item"),
        e.level,
        e.codebook,
        tuple(notes),
        e.source,
        e.simulated,
        breakdowns=breakdowns,
    )


def _wald(
    e: EstimatesData, support: Support, rows: NDArray[np.int64], category: NDArray[Any]
) -> tuple[float, int, float, float] | None:
    """F, its degrees of freedom and p; None where the covariance has no inverse or no degrees of freedom are left."""
    places, names = pd.factorize(category)
    answers = np.zeros(len(rows), np.int64)
    if e.kind.per_answer:
        answers, _ = pd.factorize(e.table["answer"].iloc[rows].to_numpy(object))
    grid = np.full((len(names), int(answers.max()) + 1), -1)
    grid[places, answers] = np.arange(len(rows))
    theta = e.table["estimate"].to_numpy(float)[rows]
    # an answer that nobody gave, or that not every category has, is no difference; the last is what the others leave
    kept = [a for a in range(grid.shape[1]) if (grid[:, a] >= 0).all() and (theta[grid[:, a]] > 0).any()]
    kept = kept[:-1] if e.kind.per_answer else [0]
    contrasts = [(grid[g, a], grid[0, a]) for g in range(1, len(names)) for a in kept]
    q = len(contrasts)
    df = support.joint_df(rows) + len(names) - 1 - q
    if not q or not df > 0:
        return None
    matrix = np.zeros((q, len(rows)))
    for i, (one, first) in enumerate(contrasts):
        matrix[i, one], matrix[i, first] = 1.0, -1.0
    joint: Array = matrix @ e.covariance_of(rows) @ matrix.T
    statistic = wald(matrix @ theta, joint)
    return None if np.isnan(statistic) else (statistic, q, df, f_tail(statistic, q, df))
