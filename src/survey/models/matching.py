"""What people are alike in when an item is compared between groups: a score, and the curve that answers follow over it.

Two things make an item that works alike seem to differ where the groups differ in what is measured. The mean of all
items does not hold all that they tell where some tell more than others: each counts by its loading over its unique
variance here. And the log odds of an answer are no straight line over a score that has a floor and a ceiling: they
follow a natural cubic spline.

References
----------
DeMars (2010), Educ. Psychol. Measurement 70, 961-972: errors of such tests where groups differ. Birnbaum (1968), in
Lord & Novick, Statistical Theories of Mental Test Scores: items that tell more count more in what is sufficient.
Thurstone (1935), The Vectors of Mind; Thomson (1951), The Factorial Analysis of Human Ability: the regression of one
factor on its items.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from survey.base.arrays import Array, plain_quantiles
from survey.calibration.splines import natural_spline
from survey.models.fitting import aliased_columns
from survey.models.one_factor import loadings, standardised

__all__ = ["MATCHES", "Matched", "matched"]

MATCHES = ("factor", "total", "rest")
_BENDS = 3
"""Degrees of freedom of the curve: a line and two bends."""
_MOST_LOADING = 0.95
"""Beyond it an item is the factor itself, and would be matched with itself."""


@dataclass(frozen=True, slots=True)
class Matched:
    """What people are alike in.

    Parameters
    ----------
    score : array (rows,)
        Of weighted mean 0 and variance 1.
    curve : array (rows, up to 3)
        A natural spline of the score; the score alone where it has too few values for one.
    equal : bool
        Whether items count alike, though their loadings were asked for, as these make no sense.
    """

    score: Array
    curve: Array
    equal: bool = False


def matched(
    y: Array, j: int, anchors: NDArray[np.bool_], w: Array, match: str, people: NDArray[np.int64] | None = None
) -> Matched:
    """The score that answers to an item are compared at.

    Parameters
    ----------
    y : array (rows, items)
    j : int
        The item that is tested.
    anchors : bool array (items,)
        Items that the score is made of, besides the one tested.
    w : array (rows,)
    match : {"factor", "total", "rest"}
        Items by what they tell of their one factor; their mean; the mean of the other items.
    people : int array (rows,), optional
        How many respondents each row stands for.
    """
    alike = anchors.copy()
    alike[j] = match != "rest"
    items = y[:, alike]
    weights = _regression(items, w) if match == "factor" else None
    score = items.mean(axis=1) if weights is None else items @ weights
    score = (score - np.average(score, weights=w)) / np.sqrt(np.cov(score, aweights=w, ddof=0))
    return Matched(score, _curve(score, w, people), weights is None and match == "factor")


def _regression(items: Array, w: Array) -> Array | None:
    """What each item counts in the regression of one factor on all (items,); None where there is no such factor."""
    covariance = np.atleast_2d(np.cov(items.T, aweights=w, ddof=0))
    load = loadings(standardised(covariance[None]))[0]
    if not ((load > 0) & (load < _MOST_LOADING)).all():
        return None
    return np.asarray(load / (1 - load**2) / np.sqrt(np.diag(covariance)))


def _curve(score: Array, w: Array, people: NDArray[np.int64] | None) -> Array:
    inner = plain_quantiles(score, people, np.linspace(0, 1, _BENDS + 1)[1:-1])
    inner = np.unique(inner[(inner > score.min()) & (inner < score.max())])
    if not len(inner):
        return score[:, None]
    found = natural_spline(score, score, knots=tuple(inner))
    there = np.column_stack([np.ones(len(score)), score, found])
    if aliased_columns(there, w).sum() > 1:  # the score is a combination of its spline; more is too few values
        return score[:, None]
    return found
