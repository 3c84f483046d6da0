"""Labels beside the points they name: moved apart until none covers another, and no further than needed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from survey.base.arrays import Array

__all__ = ["spread"]


def spread(wanted: Sequence[float], heights: Sequence[float], low: float, high: float) -> Array:
    """Centres of labels in one column, as near as they get to where they are wanted, without overlap.

    The sum of squared moves is the smallest possible (isotonic regression by pooling adjacent violators), so that
    labels that have room stay beside their points. Labels keep the order of their points.

    Parameters
    ----------
    wanted : sequence of float (k,)
        Where each centre would be if it were alone.
    heights : sequence of float (k,)
    low, high : float
        Ends of the column. Labels that are taller together than it is run over its end.

    Returns
    -------
    array (k,)
    """
    at, tall = np.asarray(wanted, float), np.asarray(heights, float)
    if not len(at):
        return at
    order = np.argsort(at, kind="stable")
    # measured from the centre that each would have in a stack without gaps, any two may be as near as they like
    stacked = np.cumsum(np.r_[0.0, (tall[order][1:] + tall[order][:-1]) / 2])
    pools: list[list[float]] = []
    for value in at[order] - stacked:
        pools.append([float(value), 1.0])
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            (a, n), (b, m) = pools[-2:]
            pools[-2:] = [[(a * n + b * m) / (n + m), n + m]]
    even = np.repeat([p[0] for p in pools], [int(p[1]) for p in pools])
    first = low + tall[order][0] / 2
    last = max(first, high - tall[order][-1] / 2 - stacked[-1])
    out = np.empty(len(at))
    out[order] = np.clip(even, first, last) + stacked
    return out
