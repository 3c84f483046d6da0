"""Average marginal effects of predictors that are standardised within groups, in the sample and in all replicates.

References
----------
Hanmer & Kalkan (2013), American Journal of Political Science 57, 263-277: effects are averaged over the people there
are. Korn & Graubard (1999), Analysis of Health Surveys, ch. 3: with their weights.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from survey.base.arrays import Array
from survey.calibration.logistic import logistic
from survey.calibration.readjusted import Readjusted
from survey.models.fitting import middle
from survey.models.within_groups import scaled_rows

__all__ = ["linear_effects", "logistic_effects", "logistic_effects_of_replicates"]

Ints = NDArray[np.int64]
_STEPS, _SOLVED = 60, 1e-7
"""The last step of Newton's method, in log odds, of anybody: what is left is its square."""
_STEEPEST = 30.0


def linear_effects(covariance: Array) -> Array:
    """Change in the outcome's mean for one standard deviation more of each predictor (matrices, p).

    Parameters
    ----------
    covariance : array (matrices, p + 1, p + 1)
        Within groups, of standardised predictors and the outcome; see `survey.models.within_groups.pooled`.
    """
    x, xy = covariance[:, :-1, :-1], covariance[:, :-1, -1]
    return np.asarray(np.linalg.pinv(x, rcond=1e-10, hermitian=True) @ xy[:, :, None])[:, :, 0]


def logistic_effects(y: Array, x: Array, starts: Ints, w: Array, start: Array | None = None) -> Array:
    """Average marginal effects (p,) of a logistic regression with an intercept for each group; NaN without solution.

    Parameters
    ----------
    y : array (rows,)
        0 or 1. Groups whose rows all give the same answer say nothing of predictors, and nobody's answer in them would
        change.
    x : array (rows, p)
        In units of which most values are a few; what is added to all of a group does not matter.
    starts : int array (groups,)
        Where each group starts: rows stand group by group.
    w : array (rows,)
    start : array (groups + p,), optional
        Where to start; the solution is written into it.
    """
    p, k = x.shape[1], len(starts)
    lengths = np.diff(np.append(starts, len(y)))
    size, yes = np.add.reduceat(w, starts), np.add.reduceat(w * y, starts)
    mixed = (yes > 1e-12 * size) & (yes < (1 - 1e-12) * size)
    if not mixed.any():
        return np.full(p, np.nan)
    w = w * np.repeat(mixed, lengths)
    with np.errstate(divide="ignore", invalid="ignore"):
        level = np.where(mixed, np.log(yes / (size - yes)), 0.0)
    beta = np.concatenate([level, np.zeros(p)])
    if start is not None:
        beta[k:] = start[k:]
        beta[:k] = np.where(mixed & (start[:k] != 0), start[:k], level)
    before = np.full(len(y), np.inf)
    for _ in range(_STEPS):
        eta = np.repeat(beta[:k], lengths) + x @ beta[k:]
        probability = logistic(eta)
        if (np.abs(eta - before) <= _SOLVED * (1 + np.abs(eta))).all():
            if start is not None:
                start[:] = beta
            return np.asarray((w * probability * (1 - probability)).sum() / size.sum() * beta[k:])
        before = eta
        q = w * probability * (1 - probability)
        score = w * (y - probability)
        own, by_group = np.add.reduceat(q, starts), np.add.reduceat(score, starts)
        own = np.where(own > 0, own, 1.0)
        weighted = x * q[:, None]
        cross = np.add.reduceat(weighted, starts, axis=0)
        try:
            step = np.linalg.solve(
                weighted.T @ x - (cross / own[:, None]).T @ cross, x.T @ score - cross.T @ (by_group / own)
            )
        except np.linalg.LinAlgError:
            return np.full(p, np.nan)
        moved = np.concatenate([(by_group - cross @ step) / own, step])
        beta = beta + moved
        if not np.isfinite(beta).all() or np.abs(beta).max() > _STEEPEST:
            return np.full(p, np.nan)
    return np.full(p, np.nan)


def logistic_effects_of_replicates(
    y: Array, predictors: Array, starts: Ints, w: Array, readjusted: Readjusted, used: Ints
) -> Array:
    """The effects in the sample and in every replicate (1 + replicates, p): predictors are standardised in each.

    Within, they are taken from the medians of their groups and in units of most of their distances from there, so that
    one number far from all others leaves these their digits.
    """
    from tqdm import tqdm

    lengths = np.diff(np.append(starts, len(y)))
    medians = [np.median(part, axis=0) for part in np.split(predictors, starts[1:])]
    away = predictors - np.repeat(medians, lengths, axis=0)
    unit = middle(away * scaled_rows(predictors, starts, w), w)[1]
    start = np.zeros(len(starts) + predictors.shape[1])
    out = np.empty((1 + readjusted.count, predictors.shape[1]))
    out[0] = logistic_effects(y, away * scaled_rows(predictors, starts, w) / unit, starts, w, start) / unit
    for r in tqdm(range(readjusted.count), desc="replicates", disable=len(y) < 50_000, leave=False):
        own = readjusted.replicate(r)[used]
        x = away * scaled_rows(predictors, starts, own) / unit
        out[1 + r] = logistic_effects(y, x, starts, own, start.copy()) / unit
    return out
