"""Where to trim: the limit with the least mean squared error of what is estimated.

Trimming takes variance away and puts bias in. With theta_0 the estimate with the weights as they are, taken as
unbiased, and theta_t that with weights trimmed at t,

    MSE(theta_t) = (theta_t - theta_0)^2 - V(theta_0) + 2 Cov(theta_t, theta_0),

since the expected squared difference of the two is V(theta_t) + V(theta_0) - 2 Cov + bias^2 (Potter 1990). Both come
from the same sample, so the covariance is estimated by linearisation like any other, not bounded.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.base.arguments import columns_exist, listed
from survey.base.arrays import Array
from survey.base.codes import Ints
from survey.codebook._missing_codes import refuse_codes_of
from survey.codebook.numeric import column_numbers
from survey.codebook.ordered import refuse_names
from survey.core.sample_data import SampleData
from survey.errors import EstimationError
from survey.weighting.apply import only_counted

__all__ = ["least_mse", "trimming_errors"]

_CANDIDATES = 40


def trimming_errors(
    self: SampleData, items: str | Sequence[str], limits: Sequence[float] | None = None
) -> pd.DataFrame:
    """Estimate mean squared errors of items' means by upper trimming limit.

    Parameters
    ----------
    items : str or list of str
    limits : list of float, optional
        Upper limits to try; by default quantiles of the weights above their median, and the largest weight.

    Returns
    -------
    DataFrame
        limit, trimmed (number of weights), and for each item `<item>` the mean squared error relative to that without
        trimming; `mean` over the items. Below 1 trimming pays.

    References
    ----------
    Potter (1990), A study of procedures to identify and trim extreme sampling weights, Proc. ASA Section on Survey
    Research Methods.
    """
    self = only_counted(self)
    return _errors(self, listed(items), limits, np.ones(len(self), bool))


def least_mse(
    sample: SampleData, items: str | Sequence[str], groups: Sequence[Ints], stands: Callable[[Array], bool]
) -> Array:
    """The limits with the least mean relative error among those that can be kept, one per group.

    A limit below the mean weight has no room for the sum of the weights, and a low one none for known totals: each
    group's limits are tried from as low as they stand together. The highest is the largest weight, which always does.

    Parameters
    ----------
    sample : Sample
    items : str or list of str
    groups : list of int arrays
        Rows of each group.
    stands : function
        Whether limits (groups,) can be kept; if some can, so can higher ones.

    Returns
    -------
    array (groups,)
    """
    tables = []
    for rows in groups:
        inside = np.zeros(len(sample), bool)
        inside[rows] = True
        tables.append(_errors(sample, listed(items), None, inside))

    def best(level: int) -> Array:
        """Of each group the best limit that is not among its `level` lowest."""
        found = []
        for table in tables:
            left = table.iloc[min(level, len(table) - 1) :]
            found.append(float(left.loc[left["mean"].idxmin(), "limit"]))
        return np.array(found)

    if stands(best(0)):
        return best(0)
    low, high = 1, max(len(table) for table in tables) - 1
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if stands(best(middle)) else (middle + 1, high)
    return best(low)


def _errors(
    sample: SampleData, items: list[str], limits: Sequence[float] | None, inside: NDArray[np.bool_]
) -> pd.DataFrame:
    weights = sample.weights
    own = weights[inside & (weights > 0)]
    usual = np.append(np.quantile(own, np.linspace(0.5, 0.999, _CANDIDATES)), own.max())
    tried: Array = np.unique(np.asarray(usual if limits is None else limits, dtype=np.float64))
    columns: dict[str, Array] = {
        "limit": tried,
        "trimmed": np.array([np.count_nonzero(weights[inside] > t) for t in tried]),
    }
    for item in items:
        columns[item] = _relative(sample, item, tried, inside)
    table = pd.DataFrame(columns)
    return table.assign(mean=table[items].mean(axis=1))


def _relative(sample: SampleData, item: str, limits: Array, inside: NDArray[np.bool_]) -> Array:
    columns_exist([item], sample.data.columns, "The data have no such item.", EstimationError, where="items")
    refuse_codes_of(sample.data, sample.codebook, [item], "trimming")
    from survey.estimation.linearize import row_covariance  # it stands on this package's residuals

    y = column_numbers(sample.data[item], "An item is not numeric.", EstimationError, where=item)
    refuse_names(sample.codebook.variables.get(item), sample.data[item], item)
    valid = inside & ~np.isnan(y) & (sample.weights > 0)
    if not valid.any():
        raise EstimationError("An item has no answers.", where=item)
    weights, filled = sample.weights, np.where(valid, y, 0.0)
    every = np.stack([np.where(valid, np.minimum(weights, t), 0.0) for t in (np.inf, *limits)], axis=1)
    total = every.sum(axis=0)
    theta = filled @ every / total
    influence = every / np.where(weights > 0, weights, 1.0)[:, None] * (filled[:, None] - theta) / total
    joint = row_covariance(sample.structure, sample.residuals, influence)
    mse = (theta[1:] - theta[0]) ** 2 - joint[0, 0] + 2 * joint[0, 1:]
    if not joint[0, 0] > 0:
        raise EstimationError(
            "An item does not vary, so trimming cannot be assessed with it.", where=item, fix="choose another item"
        )
    relative: Array = mse / joint[0, 0]
    return relative
