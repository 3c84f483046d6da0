"""For each of several estimates the largest t of its differences from the others, from one set of directions."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from survey.base._max_t_integrals import PRODUCT, Radial, directions_on, gauss, loadings_of_differences
from survey.base.arrays import Array
from survey.base.max_t import MaxT

__all__ = ["max_t_of_each"]

_POINTS = ((20, 8191), (100, 1021), (np.inf, 251))
"""Estimates up to which each of the eight shifted lattices has so many points."""


def max_t_of_each(covariance: Array, differs: NDArray[np.bool_]) -> list[MaxT | None]:
    """The distribution of max |T| among each estimate's differences from the others; None where it has none.

    As `max_t_of_pairs` of each estimate's own pairs, which would integrate once for every estimate.

    Parameters
    ----------
    covariance : array (estimates, estimates)
    differs : bool array (estimates, estimates)
        Which differences have a standard error above 0.
    """
    loadings = loadings_of_differences(covariance)
    groups, rank = loadings.shape
    if not rank:
        return [None] * groups
    directions = directions_on(rank, next(points for most, points in _POINTS if groups <= most)).reshape(-1, rank)
    scores = np.empty((groups, len(directions)))
    step = max(16, PRODUCT // (groups * rank))
    for start in range(0, len(directions), step):
        part = slice(start, start + step)
        scores[:, part] = loadings @ directions[part].T
    found: list[MaxT | None] = []
    for i in range(groups):
        others = np.flatnonzero(differs[i])
        if not len(others):
            found.append(None)
            continue
        size = np.sqrt(((loadings[others] - loadings[i]) ** 2).sum(axis=1))
        largest = (np.abs(scores[others] - scores[i]) / size[:, None]).max(axis=0)
        found.append(MaxT(len(others), Radial(*gauss(largest), rank), rank))
    return found
