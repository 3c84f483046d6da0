"""What differences and effect sizes of groups are functions of, and its covariance: moments or shares, and sizes.

Everyone else than a group is a domain of its own. Its mean is the mean of the other groups by their weights, and its
moments are smooth functions of those of the groups, so that they share one covariance with them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.base.arrays import Array, t_interval_factor
from survey.core.domains import Domains
from survey.core.rest import Rest
from survey.estimates import Estimates
from survey.estimation.estimators import Estimator
from survey.estimation.intervals import share_interval
from survey.estimation.joined import Joint
from survey.estimation.linearized_item import LinearizedItem

__all__ = ["ItemMoments", "moments_of", "seen_as", "with_rest"]

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class ItemMoments:
    """Statistics of an item in its groups, and then, if asked for, in everyone else than each.

    Parameters
    ----------
    estimate : array (rows, statistics)
        Mean, size of the population and variance (n times the mean square); or shares of the answers and size.
    n : array (rows,)
        Answers.
    joint, at : what gives covariances, and where its statistics of the groups stand
    shares : bool
    jacobian : array (rows * statistics, groups * statistics), optional
        Of everyone else: derivative of all statistics by those of the groups.
    answers : array, optional
    """

    estimate: Array
    n: Array
    joint: Joint
    at: slice
    shares: bool
    jacobian: Array | None = None
    answers: NDArray[Any] | None = None

    @cached_property
    def covariance(self) -> Array:
        """(rows * statistics, rows * statistics), statistics of a row next to each other."""
        own = self.joint.block(np.arange(self.at.start, self.at.stop))
        return own if self.jacobian is None else self.jacobian @ own @ self.jacobian.T

    def with_rest(self) -> ItemMoments:
        """The groups, and then everyone else than each of them."""
        rest, jacobian = _rest(self.estimate, self.shares)
        n = np.r_[self.n, self.n.sum() - self.n]
        estimate = np.vstack([self.estimate, rest])
        estimate[n == 0] = np.nan
        whole = np.vstack([np.eye(self.estimate.size), jacobian])
        return replace(self, estimate=estimate, n=n, jacobian=whole)


def moments_of(
    pieces: Sequence[LinearizedItem], raw: Sequence[LinearizedItem], joint: Joint, shares: bool
) -> list[ItemMoments]:
    """Moments of items whose statistics are stacked in `joint`; `raw` are the pieces the means were made from.

    Numbers far from 0 were counted from a pivot, which their means have back and their variances do not need.
    """
    ends = np.cumsum([piece.size for piece in pieces])
    out = []
    for piece, own, end in zip(pieces, raw, ends, strict=True):
        estimate = piece.estimate.copy()
        if not shares:
            estimate[:, 0] = own.estimate[:, 0]
        at = slice(int(end) - piece.size, int(end))
        out.append(ItemMoments(estimate, piece.n.astype(float), joint, at, shares, answers=piece.answers))
    return out


def seen_as(pieces: Sequence[LinearizedItem], estimator: Estimator) -> list[LinearizedItem]:
    """The same counts as other statistics."""
    return [piece.seen_as(estimator) for piece in pieces]


def _rest(estimate: Array, shares: bool) -> tuple[Array, Array]:
    """Statistics of everyone else than each group, and their derivatives by those of the groups."""
    groups, width = estimate.shape
    theta = np.nan_to_num(estimate)
    size = theta[:, -1] if shares else theta[:, 1]
    others = (1 - np.eye(groups)) * (size > 0)
    total = others @ size
    with np.errstate(divide="ignore", invalid="ignore"):
        inverse = np.where(total > 0, 1 / total, 0.0)
    weight = others * size * inverse[:, None]
    rest = np.zeros((groups, width))
    slope = np.zeros((groups, width, groups, width))
    where = -1 if shares else 1
    rest[:, where] = total
    slope[:, where, :, where] = others
    per = others * inverse[:, None]
    for k in range(width - 1 if shares else 1):
        rest[:, k] = weight @ theta[:, k]
        slope[:, k, :, k] = weight
        slope[:, k, :, where] = per * (theta[:, k] - rest[:, k, None])
    if not shares:
        away = theta[:, 0] - rest[:, 0, None]
        rest[:, 2] = (weight * (theta[:, 2] + away**2)).sum(axis=1)
        slope[:, 2, :, 2] = weight
        slope[:, 2, :, 0] = 2 * weight * away
        slope[:, 2, :, 1] = per * (theta[:, 2] + away**2 - rest[:, 2, None])
    return rest, slope.reshape(groups * width, groups * width)


@dataclass(frozen=True)
class _RestCovariance:
    """Covariance of the rows of `with_rest`, whole or of some rows."""

    moments: tuple[ItemMoments, ...]

    @cached_property
    def _places(self) -> tuple[Ints, Ints]:
        """Item of each row, and which of the item's statistics it is."""
        item, place = [], []
        for i, one in enumerate(self.moments):
            rows, width = one.estimate.shape
            kept = width - 1 if one.shares else 1
            place.append((np.arange(rows)[:, None] * width + np.arange(kept)).ravel())
            item.append(np.full(len(place[-1]), i))
        return np.concatenate(item), np.concatenate(place)

    def block(self, rows: Ints) -> Array:
        item, place = self._places
        if len(np.unique(item[rows])) == 1:
            at = place[rows]
            return np.asarray(self.moments[item[rows[0]]].covariance[np.ix_(at, at)])
        return np.asarray(self()[np.ix_(rows, rows)])

    def __call__(self) -> Array:
        item, place = self._places
        first = self.moments[0]
        parts = [one.jacobian[place[item == i]] for i, one in enumerate(self.moments) if one.jacobian is not None]
        joint = first.joint.block(np.arange(self.moments[-1].at.stop))
        out = np.empty((len(item), len(item)))
        for i, a in enumerate(parts):
            for j, b in enumerate(parts):
                own = joint[self.moments[i].at, self.moments[j].at]
                out[np.ix_(item == i, item == j)] = a @ own @ b.T
        return out


def with_rest(e: Estimates, moments: Sequence[ItemMoments]) -> Estimates:
    """Estimates of the groups, item by item followed by those of everyone else than each group."""
    support, joint = e.support, _RestCovariance(tuple(moments))
    assert support is not None  # made by assemble
    tables, members, groups, start = [], [], [], 0
    domains: list[Domains] = []
    for one in moments:
        rows, width = one.estimate.shape
        kept, count = (width - 1 if one.shares else 1), rows // 2
        at = slice(start, start + kept * count)
        start = at.stop
        own = e.table.iloc[at]
        tables += [own, _rest_table(own, one, kept, e)]
        domains += [] if e._domains is None else [e._domains.take(at), e._domains.take(at).rest()]
        present = support.columns(at)[:, ::kept]  # the same for all answers of a group
        total = present.sum(axis=1, keepdims=True) - present
        other = total if support.elements else (total > 0).astype(present.dtype)
        members += [support.columns(at), np.repeat(other, kept, axis=1)]
        labels = support.groups[at]
        groups += [labels, labels + int(support.groups.max()) + 1]
    support = replace(support, members=np.hstack(members), groups=np.concatenate(groups))
    table = pd.concat(tables, ignore_index=True)
    rest = np.concatenate([np.full(len(t), bool(k % 2)) for k, t in enumerate(tables)])
    clusters = support.clusters()
    table["df"] = np.where(rest, support.df(), table["df"])
    error = np.sqrt(np.clip(np.concatenate([_errors(one) for one in moments]), 0, None))
    error[(clusters <= 1) & (support.fixed is None)] = np.nan
    table["std_error"] = np.where(rest, error, table["std_error"])
    estimate, error, df, n = (table[c].to_numpy(float)[rest] for c in ("estimate", "std_error", "df", "n"))
    half = t_interval_factor(e.level, df) * error
    low, high = estimate - half, estimate + half
    if e.kind.interval == "share":
        low, high, _ = share_interval(estimate, error, df, n, n, e.level, "logit")
    table.loc[rest, "conf_low"], table.loc[rest, "conf_high"] = low, high
    exact: tuple[str, ...] = ()
    if e.exact:
        own_exact = iter(e.exact)
        exact = tuple("" if r else next(own_exact) for r in rest)
    return e.with_table(
        table,
        _covariance=joint,
        _domains=domains[0].joined(domains[1:]) if domains else None,
        support=support,
        population=None,
        behind=None,
        clustering=None,
        exact=exact,
    )


def _errors(one: ItemMoments) -> Array:
    """Variances of the rows of the table, in their order."""
    width = one.estimate.shape[1]
    own = np.diag(one.covariance).reshape(-1, width)
    return np.asarray(own[:, : width - 1 if one.shares else 1].reshape(-1))


def _rest_table(own: pd.DataFrame, one: ItemMoments, kept: int, e: Estimates) -> pd.DataFrame:
    rows = len(one.estimate) // 2
    table = own.copy()
    for name in e.by:
        table[name] = pd.Series([Rest.of(v) for v in own[name]], index=own.index, dtype=object)
    table["estimate"] = one.estimate[rows:, :kept].reshape(-1)
    table["n"] = np.repeat(one.n[rows:], kept).astype(np.int64)
    for name in ("n_eff", "deff", "dont_know", "refused"):
        if name in table.columns:
            table[name] = np.nan
    return table
