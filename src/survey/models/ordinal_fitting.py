"""Proportional odds on arrays: the weighted log-likelihood, its derivatives, and Newton's method.

The model is logit P(Y <= j) = threshold_j - x'slopes: a slope above 0 moves answers up, as in R's polr and svyolr. A
row may be a respondent or everybody who is alike in all terms and in the answer; with the sum of their weights the
result is the same.

References
----------
McCullagh (1980), J. R. Statist. Soc. B 42, 109-142: the model. Pratt (1981), JASA 76, 103-106: the log-likelihood is
concave, so a maximum that is found is the only one. Binder (1983), Int. Stat. Review 51: influence values.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from survey.base.arrays import Array, weighted_count
from survey.base.codes import Ints
from survey.models.fitting import Fit, middle

__all__ = ["OrdinalFit", "ScaleFit", "cumulative", "fit_ordinal", "separating_slopes", "shares"]

_STEPS, _HALVINGS = 60, 40
_NEAR = 1e-6
"""Largest change of any log odds in a step that is the last: what is left after it is about its square."""
_FLAT = 1e-10
"""Smallest curvature over the largest, both in units of the terms' own spread, below which the top is not a point."""


@dataclass(frozen=True, slots=True)
class _Likelihood:
    """The log-likelihood of rows at some parameters, with derivatives on the log odds at the cuts around each answer.

    Each is an array (rows,). At the ends of the scale there is one cut, and derivatives on the other are 0. The mixed
    second derivative is `bend`; those on one cut are -(upper or lower slope of the logistic curve) - bend.
    """

    logarithm: Array
    upper: Array
    lower: Array
    upper_curve: Array
    lower_curve: Array
    bend: Array

    @classmethod
    def of(cls, eta: Array, answer: Ints, thresholds: Array) -> _Likelihood:
        """At linear predictors (rows,) of answers (rows,) counted from 0, and thresholds that ascend."""
        from scipy.special import expit, log_expit

        ends = np.concatenate([[-np.inf], thresholds, [np.inf]])
        above, below = ends[1:][answer] - eta, ends[:-1][answer] - eta
        width = np.diff(ends)[answer]
        with np.errstate(over="ignore"):
            share = 1 / np.expm1(width)
        bend = share * (1 + share)
        up, down = expit(-above), expit(below)
        return cls(
            log_expit(above) + log_expit(-below) + np.log(-np.expm1(-width)),
            up + share,
            -down - share,
            up * (1 - up),
            down * (1 - down),
            bend,
        )

    def gradient(self, x: Array, answer: Ints, w: Array, cuts: int) -> Array:
        """Of the weighted log-likelihood, on thresholds, then slopes."""
        up = weighted_count(answer, w * self.upper, cuts + 1)
        down = weighted_count(answer, w * self.lower, cuts + 1)
        return np.concatenate([up[:-1] + down[1:], -x.T @ (w * (self.upper + self.lower))])

    def curvature(self, x: Array, answer: Ints, w: Array, cuts: int) -> Array:
        """Minus the Hessian of the weighted log-likelihood on thresholds, then slopes."""
        k, j = x.shape[1], np.arange(cuts)
        out = np.zeros((cuts + k, cuts + k))
        up, down, bend = (weighted_count(answer, w * part, cuts + 1) for part in self._curves())
        out[j, j] = up[:-1] + down[1:] + bend[:-1] + bend[1:]
        out[j[:-1], j[1:]] = out[j[1:], j[:-1]] = -bend[1:-1]
        upper, lower = w * self.upper_curve, w * self.lower_curve
        for c in range(k):
            out[cuts + c, :cuts] -= weighted_count(answer, upper * x[:, c], cuts + 1)[:-1]
            out[cuts + c, :cuts] -= weighted_count(answer, lower * x[:, c], cuts + 1)[1:]
        out[:cuts, cuts:] = out[cuts:, :cuts].T
        root = x * np.sqrt(upper + lower)[:, None]
        out[cuts:, cuts:] = root.T @ root
        return out

    def _curves(self) -> tuple[Array, Array, Array]:
        return self.upper_curve, self.lower_curve, self.bend


@dataclass(frozen=True, slots=True)
class OrdinalFit:
    """What maximises the log-likelihood, if anything does.

    Parameters
    ----------
    thresholds : array (answers - 1,)
    slopes : array (k,)
    bread : array (parameters, parameters)
        Inverse of minus the Hessian, thresholds first.
    scores : array (rows, parameters)
        Derivatives of each row's log-probability, thresholds first.
    value : float
        The weighted log-likelihood.
    steps : int
    converged : bool
        False where parameters run off to infinity (separation) or the steps were not enough.
    """

    thresholds: Array
    slopes: Array
    bread: Array
    scores: Array
    value: float
    steps: int
    converged: bool


@dataclass(frozen=True, slots=True)
class ScaleFit(Fit):
    """A fit as all models have it, with slopes first and thresholds last, and what it was made of."""

    details: OrdinalFit | None = None

    @classmethod
    def of(cls, fit: OrdinalFit) -> ScaleFit:
        """The same fit with its parameters in the order of a table."""
        cuts, k = len(fit.thresholds), len(fit.slopes)
        order = np.r_[cuts : cuts + k, :cuts]
        bread, scores = fit.bread[np.ix_(order, order)], fit.scores[:, order]
        beta = np.concatenate([fit.slopes, fit.thresholds])
        size = np.abs(scores) @ np.abs(bread)
        return cls(beta, scores @ bread, bread, size, fit.steps, fit.converged, fit)


def cumulative(x: Array, thresholds: Array, slopes: Array) -> Array:
    """Probabilities of an answer up to each cut: (rows, answers - 1)."""
    from scipy.special import expit

    return np.asarray(expit(thresholds[None, :] - (x @ slopes)[:, None]))


def shares(x: Array, thresholds: Array, slopes: Array) -> Array:
    """Probabilities of the answers: (rows, answers). Small ones keep their digits."""
    from scipy.special import expit

    inner = thresholds[None, :] - (x @ slopes)[:, None]
    out = np.empty((len(x), len(thresholds) + 1))
    out[:, 0], out[:, -1] = expit(inner[:, 0]), expit(-inner[:, -1])
    out[:, 1:-1] = expit(inner[:, 1:]) * expit(-inner[:, :-1]) * -np.expm1(-np.diff(thresholds))
    return out


def fit_ordinal(x: Array, answer: Ints, w: Array) -> OrdinalFit:
    """Maximise the weighted log-likelihood by Newton's method.

    Parameters
    ----------
    x : array (rows, k)
        Without an intercept (thresholds are there), and of full rank beside one.
    answer : int array (rows,)
        0, 1, ...; each is given by somebody.
    w : array (rows,)
        Positive.

    Notes
    -----
    The log-likelihood is concave: a step that does not gain is halved, and thresholds that would cross count as no
    gain. Terms are centred and scaled within, so that neither units nor what lies far from 0 matter.
    """
    cuts, k = int(answer.max()), x.shape[1]
    centre, spread = middle(x, w)
    z = (x - centre) / spread
    share = np.cumsum(weighted_count(answer, w, cuts + 1))[:-1] / w.sum()
    theta = np.concatenate([np.log(share) - np.log1p(-share), np.zeros(k)])
    here = _Likelihood.of(np.zeros(len(z)), answer, theta[:cuts])
    value, converged, steps = float(w @ here.logarithm), False, 0
    curvature = here.curvature(z, answer, w, cuts)
    while steps < _STEPS and not converged:
        steps += 1
        step = _solved(curvature, here.gradient(z, answer, w, cuts))
        if step is None:
            break
        by = max(np.abs(step[:cuts]).max(), np.abs(z @ step[cuts:]).max(initial=0.0))
        slack = 1e-13 * abs(value)  # what rounding makes of the same number
        for _ in range(_HALVINGS):
            new = theta + step
            if (np.diff(new[:cuts]) > 0).all():
                there = _Likelihood.of(z @ new[cuts:], answer, new[:cuts])
                gained = float(w @ there.logarithm)
                if gained >= value - slack:
                    break
            step = step / 2
        else:
            break
        theta, here, value = new, there, gained
        curvature = here.curvature(z, answer, w, cuts)
        converged = by <= _NEAR
    bread = _inverse(curvature)
    converged = converged and bread is not None
    if bread is None:
        bread = np.full((len(theta), len(theta)), np.nan)
    back = np.eye(len(theta))  # to the terms' own units
    back[cuts:, cuts:] = np.diag(1 / spread)
    back[:cuts, cuts:] = centre / spread
    theta = back @ theta
    scores = np.zeros((len(x), cuts + k))
    at = np.arange(len(x))
    upper, lower = answer < cuts, answer > 0
    scores[at[upper], answer[upper]] = here.upper[upper]
    scores[at[lower], answer[lower] - 1] = here.lower[lower]
    scores[:, cuts:] = -(here.upper + here.lower)[:, None] * x
    return OrdinalFit(theta[:cuts], theta[cuts:], back @ bread @ back.T, scores, value, steps, converged)


def separating_slopes(x: Array, answer: Ints) -> Array | None:
    """A direction of the slopes in which the likelihood grows without end: (k,); None where there is none.

    Such a direction (t, b) keeps t_j - x'b >= 0 at the cut above every answer given and t_(j-1) - x'b <= 0 at the cut
    below, with one of them strict. Of two answers this is Albert & Anderson's separation, complete or quasi-complete.
    Among them the one of the smallest sum of absolute slopes is found, by a linear programme.

    References
    ----------
    Albert & Anderson (1984), Biometrika 71, 1-10; Konis (2007), thesis, University of Oxford.
    """
    from scipy.optimize import linprog
    from scipy.sparse import csr_matrix, hstack

    cuts, k = int(answer.max()), x.shape[1]
    centre, spread = middle(x, np.ones(len(x)))
    own, place = np.unique((x - centre) / spread, axis=0, return_inverse=True)
    place = place.reshape(-1)
    above, below = answer < cuts, answer > 0
    conditions = np.stack(
        [
            np.concatenate([place[above], place[below]]),
            np.concatenate([answer[above], answer[below] - 1]),
            np.repeat([1, -1], [above.sum(), below.sum()]),
        ]
    )
    at, cut, sign = np.unique(conditions, axis=1)
    n = len(at)
    by = 1 / np.maximum(np.abs(own).max(axis=1, initial=1.0)[at], 1.0)  # a condition keeps its meaning when divided
    slopes = -(sign * by)[:, None] * own[at]
    gains = hstack([csr_matrix((sign * by, (np.arange(n), cut)), shape=(n, cuts)), slopes, -slopes]).tocsr()
    found = linprog(
        np.concatenate([np.zeros(cuts), np.ones(2 * k)]),
        A_ub=-gains,
        b_ub=np.zeros(n),
        A_eq=np.asarray(gains.mean(axis=0)).reshape(1, -1),
        b_eq=[1.0],
        bounds=[(None, None)] * cuts + [(0, None)] * (2 * k),
    )
    if found.status != 0:
        return None
    b = found.x[cuts : cuts + k] - found.x[cuts + k :]
    return np.asarray(np.where(np.abs(b) > 1e-7 * np.abs(b).max(), b, 0.0) / spread)


def _solved(curvature: Array, right: Array) -> Array | None:
    size = np.sqrt(np.clip(np.diag(curvature), 0, None))
    if not (np.isfinite(curvature).all() and (size > 0).all()):
        return None
    try:
        return np.asarray(np.linalg.solve(curvature / np.outer(size, size), right / size) / size)
    except np.linalg.LinAlgError:
        return None


def _inverse(curvature: Array) -> Array | None:
    """Inverse of the curvature; None where it is flat in some direction."""
    size = np.sqrt(np.clip(np.diag(curvature), 0, None))
    if not (np.isfinite(curvature).all() and (size > 0).all()):
        return None
    values, vectors = np.linalg.eigh(curvature / np.outer(size, size))
    if values[0] <= _FLAT * values[-1]:
        return None
    return np.asarray((vectors / values) @ vectors.T / np.outer(size, size))
