"""The gap between two items that the same people answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from survey.base.catalogue import Note
from survey.base.expressions import Where
from survey.compare.asked import means_or_shares, shares_asked
from survey.core.contrasts import combine
from survey.core.sample_data import SampleData
from survey.core.unheld import unheld
from survey.errors import EstimationError
from survey.estimates import Estimates
from survey.estimation.inferred import where_notes
from survey.estimation.items import Names, answers_of, domain, item_names, numbers_of

__all__ = ["gap"]


def gap(
    self: SampleData,
    item: str,
    other: str,
    by: Names | None = None,
    levels: Sequence[Any] | None = None,
    top: int | None = None,
    bottom: int | None = None,
    net: int | None = None,
    where: Where = None,
    level: float = 0.95,
    variance: str | None = None,
    rescale: tuple[float, float] | None = None,
) -> Estimates:
    """Estimate the difference of two items' means or shares among those who answered both, with the paired t test.

    Parameters
    ----------
    item, other : str
        The gap is the first minus the second.
    by : str or list of str, optional
        A gap for each group.
    levels, top, bottom, net : optional
        Compare the shares of these answers, as for `proportion`; left out, the means.
    where, level, variance, rescale :
        As for `mean`. `rescale=(0, 100)` puts items of different scales on one.

    Returns
    -------
    Estimates
        item, with (the other item), <by...>, estimate, std_error, statistic (t), df, p_value, conf_low, conf_high, n
        (who answered both). The standard error is that of paired answers: it has their covariance.

    Raises
    ------
    EstimationError
        As for `mean`; also if nobody answered both, or both are the same.

    Notes
    -----
    The gap is the mean of the differences of answers, so it equals a one-sample t test of them. Two means that are
    estimated apart, each among those who answered it, may differ otherwise.

    Examples
    --------
    >>> sample.gap("FR01", "TR01", top=2, by="ward")  # doctest: +SKIP
    """
    names = item_names([item, other], self)
    if names[0] == names[1]:
        raise EstimationError("A gap needs two different items.", where=names[0], expected="two items")
    asked = {"levels": levels, "top": top, "bottom": bottom, "net": net}
    shares = shares_asked(asked)
    inside = domain(self, where)
    both = np.ones(len(self), bool) if inside is None else inside.copy()
    for name in names:
        if shares:
            coded = answers_of(self, name)
            both &= np.asarray(coded.code) < len(coded.answers)
        else:
            both &= ~np.isnan(numbers_of(self, name))
    if self.structure.counted is not None:
        both &= self.structure.counted
    if not both.any():
        raise EstimationError("Nobody answered both items.", where=f"{names[0]}, {names[1]}", expected="some who did")
    e = means_or_shares(self, names, asked, by, both, level, variance, rescale)
    groups = len(e.table) // 2
    matrix = np.hstack([np.eye(groups), -np.eye(groups)])
    labels = pd.DataFrame({"item": names[0], "with": names[1], "contrast": "", "test": "paired"}, index=range(groups))
    for name in e.by:
        labels[name] = e.table[name].iloc[:groups].array
    found = combine(e, matrix, labels)
    n = e.table["n"].to_numpy()[:groups]
    order = ["item", "with", *e.by, "test"]
    results = [c for c in found.table.columns if c not in (*order, "contrast")]
    notes = [*(one.note for one in unheld(self, where)), *where_notes(self, where, inside), *found.notes]
    if not shares and rescale is None and _scales_differ(self, names):
        notes.append(Note("notes.gap_scales", item=names[0], other=names[1]))
    return replace(
        found,
        table=found.table[[*order, *results]].assign(n=n),
        statistic="gap",
        by=e.by,
        behind=n.astype(float),
        notes=tuple(notes),
    )


def _scales_differ(sample: SampleData, names: Sequence[str]) -> bool:
    """Whether two items have codes of the codebook that are not the same."""
    variables = [sample.codebook.variables.get(name) for name in names]
    scales = [() if v is None else tuple(sorted(c for c in v.codes if isinstance(c, int | float))) for v in variables]
    return all(scales) and (scales[0][0], scales[0][-1]) != (scales[1][0], scales[1][-1])
