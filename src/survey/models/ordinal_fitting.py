"""Proportional odds on arrays: the weighted log-likelihood, its derivatives, and Newton's method.

Respondents come as a table of patterns by answers: a pattern is what one or more respondents have in all terms of the
model, and the table holds their weights together. A model of factors has a handful of patterns whatever the number of
respondents; one of minutes has a pattern a respondent. Both are the same arithmetic.

The model is logit P(Y <= j) = threshold_j - x'slopes: a slope above 0 moves answers up, as in R's polr and svyolr.

References
----------
McCullagh (1980), J. R. Statist. Soc. B 42, 109-142: the model. Pratt (1981), JASA 76, 103-106: the log-likelihood is
concave, so a maximum that is found is the only one. Binder (1983), Int. Stat. Review 51: influence values.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from survey.base.arrays import Array, gram

__all__ = ["Fit", "Likelihood", "fit", "probabilities", "separated"]

_STEPS, _HALVINGS = 60, 40
_NEAR = 1e-11
"""Newton's decrement (twice the log-likelihood that is left to gain) over the weights together, where it has converged:
one more step, which squares what is left, is taken from there."""
_FLAT = 1e-10
"""Smallest curvature over the largest, both in units of the terms' own spread, below which the top is not a point."""


@dataclass(frozen=True, slots=True)
class Likelihood:
    """The log-likelihood at some parameters, with its derivatives on the two linear predictors around each answer.

    The answer j of a pattern lies between upper_j = threshold_j - x'slopes and lower_j = threshold_(j-1) - x'slopes.

    Parameters
    ----------
    probability, log_probability : array (patterns, answers)
    upper, lower : array (patterns, answers)
        First derivatives of the log-probability on the predictor above and below the answer.
    upper_curve, lower_curve, cross : array (patterns, answers)
        Second derivatives: on the upper one, on the lower one, on both.
    """

    probability: Array
    log_probability: Array
    upper: Array
    lower: Array
    upper_curve: Array
    lower_curve: Array
    cross: Array

    @classmethod
    def of(cls, x: Array, thresholds: Array, slopes: Array) -> Likelihood:
        """At thresholds (answers - 1,) that ascend and slopes (k,), for patterns x (patterns, k)."""
        from scipy.special import expit, log_expit

        eta = x @ slopes
        inner = thresholds[None, :] - eta[:, None]
        none = np.full((len(x), 1), np.inf)
        a, b = np.hstack([inner, none]), np.hstack([-none, inner])
        with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
            gap = np.where(np.isinf(a) | np.isinf(b), np.inf, a - b)
            log_probability = log_expit(a) + log_expit(-b) + np.log(-np.expm1(-gap))
            share = 1 / np.expm1(gap)
            bend = share * (1 + share)
        up, down = expit(-a), expit(b)
        return cls(
            np.exp(log_probability),
            log_probability,
            up + share,
            -down - share,
            -up * (1 - up) - bend,
            -down * (1 - down) - bend,
            bend,
        )

    def value(self, weights: Array) -> float:
        """The weighted log-likelihood, for weights (patterns, answers)."""
        seen = weights > 0
        return float(weights[seen] @ self.log_probability[seen])

    def scores(self, x: Array) -> Array:
        """Derivatives of each cell's log-probability on thresholds, then slopes: (patterns, answers, parameters)."""
        patterns, answers = self.upper.shape
        cuts = answers - 1
        out = np.zeros((patterns, answers, cuts + x.shape[1]))
        j = np.arange(cuts)
        out[:, j, j] = self.upper[:, :-1]
        out[:, j + 1, j] = self.lower[:, 1:]
        out[:, :, cuts:] = -(self.upper + self.lower)[:, :, None] * x[:, None, :]
        return out

    def gradient(self, x: Array, weights: Array) -> Array:
        """Gradient of the weighted log-likelihood on thresholds, then slopes."""
        up, down = weights * self.upper, weights * self.lower
        thresholds = up[:, :-1].sum(axis=0) + down[:, 1:].sum(axis=0)
        return np.concatenate([thresholds, -x.T @ (up + down).sum(axis=1)])

    def curvature(self, x: Array, weights: Array) -> Array:
        """Minus the Hessian of the weighted log-likelihood on thresholds, then slopes."""
        own, beside = self.blocks(weights)
        cuts, k = own.shape[1], x.shape[1]
        out = np.zeros((cuts + k, cuts + k))
        j = np.arange(cuts)
        out[j, j] = own.sum(axis=0)
        out[j[:-1], j[1:]] = out[j[1:], j[:-1]] = beside.sum(axis=0)
        row = own.copy()  # of each pattern: the sum of its block's columns
        row[:, :-1] += beside
        row[:, 1:] += beside
        out[cuts:, :cuts] = -x.T @ row
        out[:cuts, cuts:] = out[cuts:, :cuts].T
        out[cuts:, cuts:] = gram(x * np.sqrt(np.clip(row.sum(axis=1), 0, None))[:, None])
        return out

    def blocks(self, weights: Array) -> tuple[Array, Array]:
        """Of each pattern, minus the second derivatives on its predictors at the cuts, a matrix of three diagonals.

        Returns
        -------
        tuple of array
            (patterns, answers - 1) on the diagonal, and (patterns, answers - 2) beside it.
        """
        own = -(weights[:, :-1] * self.upper_curve[:, :-1] + weights[:, 1:] * self.lower_curve[:, 1:])
        return own, -(weights[:, 1:-1] * self.cross[:, 1:-1])


@dataclass(frozen=True, slots=True)
class Fit:
    """What maximises the log-likelihood, if anything does.

    Parameters
    ----------
    thresholds : array (answers - 1,)
    slopes : array (k,)
    bread : array (parameters, parameters)
        Inverse of minus the Hessian, thresholds first.
    likelihood : Likelihood
    value : float
        The weighted log-likelihood.
    steps : int
    converged : bool
        False where parameters run off to infinity (separation) or the steps were not enough.
    """

    thresholds: Array
    slopes: Array
    bread: Array
    likelihood: Likelihood
    value: float
    steps: int
    converged: bool

    def influence(self, x: Array) -> Array:
        """Influence values of each cell on thresholds, then slopes, per unit of weight: (patterns, answers, p)."""
        return self.likelihood.scores(x) @ self.bread


def probabilities(x: Array, thresholds: Array, slopes: Array) -> Array:
    """Probabilities of the answers: (patterns, answers)."""
    return Likelihood.of(x, thresholds, slopes).probability


def fit(x: Array, weights: Array, start: tuple[Array, Array] | None = None) -> Fit:
    """Maximise the weighted log-likelihood by Newton's method.

    Parameters
    ----------
    x : array (patterns, k)
        Without an intercept (thresholds are there), and of full rank beside one.
    weights : array (patterns, answers)
        Weights together of the respondents of a pattern who gave an answer; each answer has weight above 0.
    start : tuple of array, optional
        Thresholds and slopes to begin from.

    Notes
    -----
    The log-likelihood is concave: a step that does not gain is halved, and thresholds that would cross count as no
    gain. Terms are centred and scaled within, so that neither units nor what lies far from 0 matter.
    """
    centre, spread = _centred(x, weights)
    z = (x - centre) / spread
    total = weights.sum()
    k = x.shape[1]
    if start is None:
        share = np.cumsum(weights.sum(axis=0))[:-1] / total
        theta = np.concatenate([np.log(share) - np.log1p(-share), np.zeros(k)])
    else:
        theta = np.concatenate([start[0] - centre @ start[1], start[1] * spread])
    cuts = len(theta) - k
    here = Likelihood.of(z, theta[:cuts], theta[cuts:])
    value, converged, steps = here.value(weights), False, 0
    curvature = here.curvature(z, weights)
    for steps in range(1, _STEPS + 1):
        gradient = here.gradient(z, weights)
        step = _solved(curvature, gradient)
        if step is None:
            break
        left = float(gradient @ step)
        last = left <= _NEAR * total
        theta, here, gained, moved = _stepped(z, weights, theta, step, cuts, here, value)
        value = gained
        if moved:
            curvature = here.curvature(z, weights)
        if last or not moved:
            converged = left <= 1e3 * _NEAR * total
            break
    bread = _inverse(curvature)
    converged = converged and bread is not None
    if bread is None:
        bread = np.full((len(theta), len(theta)), np.nan)
    # back to the terms' own units
    back = np.zeros((len(theta), len(theta)))
    back[:cuts, :cuts] = np.eye(cuts)
    back[cuts:, cuts:] = np.diag(1 / spread)
    back[:cuts, cuts:] = centre / spread
    theta = back @ theta
    return Fit(theta[:cuts], theta[cuts:], back @ bread @ back.T, here, value, steps, converged)


def _centred(x: Array, weights: Array) -> tuple[Array, Array]:
    """Weighted means and standard deviations of terms; 1 for one that does not vary."""
    own = weights.sum(axis=1)
    centre = own @ x / own.sum()
    spread = np.sqrt(own @ (x - centre) ** 2 / own.sum())
    return centre, np.where(spread > 0, spread, 1.0)


def _stepped(
    z: Array, weights: Array, theta: Array, step: Array, cuts: int, here: Likelihood, value: float
) -> tuple[Array, Likelihood, float, bool]:
    """The first of the step, its half, its quarter, ... that gains; where none does, what was there."""
    slack = 1e-13 * abs(value)  # what rounding makes of the same number
    for _ in range(_HALVINGS):
        new = theta + step
        if (np.diff(new[:cuts]) > 0).all():
            there = Likelihood.of(z, new[:cuts], new[cuts:])
            gained = there.value(weights)
            if gained >= value - slack:
                return new, there, gained, True
        step = step / 2
    return theta, here, value, False


def _solved(curvature: Array, right: Array) -> Array | None:
    if not np.isfinite(curvature).all():
        return None
    size = np.sqrt(np.diag(curvature))
    if not (size > 0).all():
        return None
    try:
        return np.asarray(np.linalg.solve(curvature / np.outer(size, size), right / size) / size)
    except np.linalg.LinAlgError:
        return None


def _inverse(curvature: Array) -> Array | None:
    """Inverse of the curvature; None where it is flat in some direction."""
    if not np.isfinite(curvature).all():
        return None
    size = np.sqrt(np.clip(np.diag(curvature), 0, None))
    if not (size > 0).all():
        return None
    values, vectors = np.linalg.eigh(curvature / np.outer(size, size))
    if values[0] <= _FLAT * values[-1]:
        return None
    return np.asarray((vectors / values) @ vectors.T / np.outer(size, size))


def separated(x: Array, weights: Array) -> NDArray[np.bool_] | None:
    """Which slopes could grow without end and never lower the likelihood of anyone: (k,); None where none could.

    Such a direction (t, b) keeps t_j - x'b >= 0 at the cut above every answer given and t_(j-1) - x'b <= 0 at the cut
    below, with one of them strict. A linear programme finds the direction with the largest gains, and the slopes that
    move in it are named. Of two answers this is Albert & Anderson's separation, complete or quasi-complete.

    References
    ----------
    Albert & Anderson (1984), Biometrika 71, 1-10; Konis (2007), thesis, University of Oxford: linear programmes.
    """
    from scipy.optimize import linprog
    from scipy.sparse import csr_matrix, hstack

    centre, spread = _centred(x, weights)
    z = (x - centre) / spread
    pattern, answer = np.nonzero(weights > 0)
    cuts, k = weights.shape[1] - 1, x.shape[1]
    rows, columns, signs = [], [], []
    for at, sign in ((answer, 1.0), (answer - 1, -1.0)):
        inside = (at >= 0) & (at < cuts)
        rows.append(pattern[inside])
        columns.append(at[inside])
        signs.append(np.full(int(inside.sum()), sign))
    where, cut, sign = (np.concatenate(parts) for parts in (rows, columns, signs))
    # the same pattern and cut on the same side is one condition
    keep = np.unique(np.stack([where, cut, sign]), axis=1)
    where, cut, sign = keep[0].astype(int), keep[1].astype(int), keep[2]
    n = len(where)
    ones = csr_matrix((sign, (np.arange(n), cut)), shape=(n, cuts))
    gains = hstack([ones, csr_matrix(-sign[:, None] * z[where])]).tocsr()
    found = linprog(
        -np.asarray(gains.sum(axis=0)).ravel(), A_ub=-gains, b_ub=np.zeros(n), bounds=[(-1, 1)] * (cuts + k)
    )
    if found.x is None or -found.fun <= 1e-7:
        return None
    return np.asarray(np.abs(found.x[cuts:]) > 1e-7)
