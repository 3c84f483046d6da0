"""Averages over the respondents of a model of what it says of each, with their design-based covariance.

An average of d(x, beta) over a group of respondents has the influence value

    u_i = [i in the group] (d(x_i, beta) - average) / W  +  J influence_i(beta),    J = sum of w d' / W,

so that it counts both what is not known of the coefficients and who happened to be drawn, and what the two have in
common (Graubard & Korn 1999, Biometrics 55, on predictive margins). R's svypredmeans adds the two variances and leaves
out what they have in common.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from survey.base.arrays import Array, weighted_count
from survey.base.codes import Ints
from survey.base.expressions import Where
from survey.core.sample_data import SampleData
from survey.counting.cells import Grouping
from survey.estimation.items import Names, domain_of, group_by, item_names, refuse_nested
from survey.models.model_data import Regression
from survey.models.rows import ModelRows
from survey.models.summed import SummedRows
from survey.models.variance import Part, linearised_covariance, replicate_covariance, replicate_weights
from survey.models.what_if import Effect

__all__ = ["Averages", "averages", "groups_of", "joint_covariance"]


@dataclass(frozen=True)
class Averages:
    """Averages of effects over groups of respondents of one regression.

    Parameters
    ----------
    estimate : array (groups, effects, answers)
    n : array (groups,)
        Respondents averaged over.
    covariance : array (averages, averages)
        In the order of `estimate`.
    part : Part
        Rows and influence values, for the covariance with those of other regressions.
    replicated : array (replicates, averages), optional
    """

    estimate: Array
    n: Array
    covariance: Array
    part: Part
    replicated: Array | None = None


def groups_of(sample: SampleData, by: Names | None, where: Where) -> Grouping:
    """The respondents whom averages are taken over, in groups."""
    refuse_nested(by)
    return group_by(sample, item_names(by, sample), domain_of(sample, where))


def averages(one: Regression, effects: Sequence[Effect], grouping: Grouping) -> Averages:
    """Average effects over each group of respondents."""
    groups = len(grouping)
    if isinstance(one.rows, SummedRows):
        return _of_one_kind(one, one.rows, effects)
    fine, row, group = one.rows.split(np.asarray(grouping.code, np.int64), groups)
    each = [effect.values(one, one.fit.beta) for effect in effects]
    slopes = [effect.gradient(one) for effect in effects]
    total = _sums(group, groups, fine.weights)
    n = weighted_count(group, fine.n.astype(float), groups + 1)[:groups]
    with np.errstate(divide="ignore", invalid="ignore"):
        estimate = np.stack([_averaged(d[row], group, fine.weights, total) for d in each], axis=1)
        values = np.zeros((len(fine), *estimate.shape))
        for e, (d, slope) in enumerate(zip(each, slopes, strict=True)):
            for g in range(groups):
                inside = group == g
                own = fine.weights[inside]
                jacobian = np.einsum("r,rak->ak", own, slope[row[inside]]) / total[g]
                values[:, g, e] = one.fit.influence[row] @ jacobian.T
                values[inside, g, e] += (d[row[inside]] - estimate[g, e]) / total[g]
    flat = values.reshape(len(fine), -1)
    if one.replicated is None:
        return Averages(estimate, n, linearised_covariance(one.sample, [(fine, flat)]), (fine, flat))
    found = _replicated(one, effects, fine, row, group, groups)
    joint = replicate_covariance(one.sample, found, estimate.reshape(-1))
    return Averages(estimate, n, joint, (fine, flat), found)


def _of_one_kind(one: Regression, rows: SummedRows, effects: Sequence[Effect]) -> Averages:
    """What a model whose rows are not there says of one kind of person, with all variables chosen: no average."""
    estimate = np.stack([effect.values(one, one.fit.beta)[:1] for effect in effects], axis=1)
    slopes = np.stack([effect.gradient(one)[0] for effect in effects])
    part = (rows, one.fit.influence @ slopes.reshape(-1, slopes.shape[2]).T)
    return Averages(estimate, np.array([float(rows.people)]), linearised_covariance(one.sample, [part]), part)


def joint_covariance(sample: SampleData, parts: Sequence[Averages]) -> Array | Callable[[], Array]:
    """The covariance of averages of one regression, or what makes that of several when it is asked for."""
    if len(parts) == 1:
        return parts[0].covariance

    def joint() -> Array:
        if all(part.replicated is not None for part in parts):
            each = np.hstack([part.replicated for part in parts if part.replicated is not None])
            return replicate_covariance(sample, each, np.concatenate([part.estimate.reshape(-1) for part in parts]))
        return linearised_covariance(sample, [part.part for part in parts])

    return joint


def _sums(group: Ints, groups: int, weights: Array) -> Array:
    return weighted_count(group, weights, groups + 1)[:groups]


def _averaged(d: Array, group: Ints, weights: Array, total: Array) -> Array:
    """Weighted means of d (rows, answers) by group: (groups, answers)."""
    return np.stack([_sums(group, len(total), weights * column) / total for column in d.T], axis=1)


def _replicated(
    one: Regression, effects: Sequence[Effect], fine: ModelRows, row: Ints, group: Ints, groups: int
) -> Array:
    """The averages in every replicate, of its coefficients and weights: (replicates, averages)."""
    if one.replicated is None:
        return np.empty((0, 0))
    found = []
    for beta, w in zip(one.replicated, replicate_weights(one.sample, fine), strict=True):
        with np.errstate(divide="ignore", invalid="ignore"):
            total = _sums(group, groups, w)
            found.append(np.stack([_averaged(e.values(one, beta)[row], group, w, total) for e in effects], axis=1))
    return np.stack(found).reshape(len(found), -1)
