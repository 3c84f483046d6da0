"""The t test by its name: two groups, or one mean or share against a value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from survey.base.catalogue import Note, listed
from survey.base.expressions import Where
from survey.compare.asked import means_or_shares
from survey.core.contrasts import combine, pairwise
from survey.core.sample_data import SampleData
from survey.errors import EstimationError
from survey.estimates import Estimates
from survey.estimation.items import Names, item_names

__all__ = ["t_test"]

_MOST_NAMED = 6


def t_test(
    self: SampleData,
    items: Names,
    by: Names | None = None,
    value: float | None = None,
    levels: Sequence[Any] | None = None,
    top: int | None = None,
    bottom: int | None = None,
    net: int | None = None,
    where: Where = None,
    level: float = 0.95,
    variance: str | None = None,
    rescale: tuple[float, float] | None = None,
) -> Estimates:
    """Test two groups for a difference of means or shares, or one mean or share against a value.

    Parameters
    ----------
    items : str or list of str
    by : str or list of str, optional
        Two groups. Exactly one of `by` and `value`.
    value : float, optional
        What the mean is compared with, in units of the item; a share in 0-1.
    levels, top, bottom, net : optional
        Test the share of these answers, as for `proportion`; left out, the mean.
    where, level, variance, rescale :
        As for `mean`.

    Returns
    -------
    Estimates
        Of two groups item, contrast, estimate (later group minus earlier), std_error, statistic (t), df, p_value,
        conf_low, conf_high, n (of both groups). Of one: item, value, estimate (mean minus value), and the same.

    Raises
    ------
    EstimationError
        As for `mean`; also if neither or both of `by` and `value` are given, or there are not two groups.

    Notes
    -----
    The degrees of freedom are clusters minus strata, and one fewer for two groups. R's svyttest takes one fewer for one
    mean too.

    Examples
    --------
    >>> sample.t_test("OV01", by="pilot")  # doctest: +SKIP
    >>> sample.t_test("friendliness", value=60)  # doctest: +SKIP
    """
    if (by is None) == (value is None):
        raise EstimationError(
            "A t test needs either two groups or a value.",
            where="t_test",
            got="neither by nor value" if by is None else "both by and value",
            expected="by= or value=",
            fix="name the groups with by=, or what a mean is compared with by value=",
        )
    names = list(dict.fromkeys(item_names(items, self)))
    asked = {"levels": levels, "top": top, "bottom": bottom, "net": net}
    e = means_or_shares(self, names, asked, by, where, level, variance, rescale)
    return _two(e, names) if value is None else _one(e, value)


def _two(e: Estimates, names: list[str]) -> Estimates:
    groups = e.table[list(e.by)].drop_duplicates()
    if len(groups) != 2:
        raise EstimationError(
            "A t test compares two groups.",
            where="by",
            got=f"{len(groups)} groups" if len(groups) != 1 else "1 group",
            expected="2",
            fix="choose two with where=; of more, compare every two with mean(by=...).pairwise()",
        )
    found = pairwise(e, adjust="none")
    n = e.table.groupby("item", sort=False)["n"].agg(["sum", "min"])
    own = n.loc[found.table["item"]]
    table = found.table.drop(columns="p_adjusted").assign(n=own["sum"].to_numpy())
    alone = [name for name in names if name not in set(found.table["item"])]
    notes = [Note("notes.one_row", items=listed(alone, _MOST_NAMED))] if alone else []
    return replace(found, table=table, adjust="", behind=own["min"].to_numpy(float), notes=(*found.notes, *notes))


def _one(e: Estimates, value: float) -> Estimates:
    try:
        against = float(value)
    except (TypeError, ValueError):
        against = np.nan
    if not np.isfinite(against):
        raise EstimationError("The value of a t test must be a number.", where="value=", got=repr(value)[:80])
    theta = e.table["estimate"].to_numpy(float)
    if np.isnan(theta).any():
        empty = e.table["item"][np.isnan(theta)].tolist()
        raise EstimationError("An item has no answers.", where=listed(empty, _MOST_NAMED), fix="leave it out")
    labels = pd.DataFrame({"item": e.table["item"], "value": against})
    found = combine(e, np.eye(len(theta)), labels.assign(contrast="value"), theta - against)
    n = e.table["n"].to_numpy()
    table = found.table.drop(columns="contrast").assign(n=n)
    return replace(found, table=table, statistic="one_mean", behind=n.astype(float))
