"""What a result stands on: the clusters that degrees of freedom are counted from, and those behind a share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from survey.base.arrays import Array, distinct, gram

__all__ = ["Clustering", "Support"]


@dataclass(frozen=True, slots=True)
class Support:
    """Which clusters each row of a table stands on: degrees of freedom are counted from it.

    Parameters
    ----------
    members : array or sparse matrix by columns (units, rows)
        With clusters: whether the cluster has members in the row's domain. With elements as clusters: units
        are strata and the array counts elements. Sparse where most places of it are empty.
    strata : int array (units,)
    elements : bool
    groups : int array (rows,)
        Rows of one group share members; those of different groups do not.
    fixed : float, optional
        Degrees of freedom known beforehand (a producer's replicate weights).
    most : float
        No more than these: replicates cannot know more than their number.
    partitions : int array (rows,), optional
        Of breakdowns side by side: which one a row's group belongs to. Groups of different breakdowns share members.
    """

    members: Any
    strata: NDArray[np.int64]
    elements: bool
    groups: NDArray[np.int64]
    fixed: float | None = None
    most: float = np.inf
    partitions: NDArray[np.int64] | None = None

    def df(self) -> Array:
        """Degrees of freedom of each row: clusters minus strata, counting those with members."""
        rows = self.members.shape[1]
        if self.fixed is not None:
            return np.full(rows, float(self.fixed))
        if not isinstance(self.members, np.ndarray):
            return np.asarray(np.minimum(self.clusters() - self._strata_of_sparse(), self.most), dtype=float)
        present, clusters = self.members > 0, self.clusters()
        n_strata = int(self.strata.max()) + 1 if len(self.strata) else 0
        if n_strata == 1:
            strata = present.any(axis=0).astype(int)
        elif n_strata == len(self.strata):
            strata = present.sum(axis=0)
        else:
            order = np.argsort(self.strata, kind="stable")
            starts = np.flatnonzero(np.r_[True, np.diff(self.strata[order]) > 0])
            strata = np.logical_or.reduceat(present[order], starts, axis=0).sum(axis=0)
        df: Array = np.minimum(np.asarray(clusters - strata, dtype=float), self.most)
        return df

    def clusters(self) -> NDArray[Any]:
        """Clusters (or elements, where they are the clusters) with members in each row: (rows,)."""
        if not self.elements and not isinstance(self.members, np.ndarray):
            return np.diff(self.members.indptr)
        return np.asarray(self.members.sum(axis=0) if self.elements else (self.members > 0).sum(axis=0)).reshape(-1)

    def columns(self, rows: Any) -> NDArray[Any]:
        """`members` of some rows: (units, rows)."""
        part = self.members[:, rows]
        return part if isinstance(part, np.ndarray) else np.asarray(part.toarray())

    def _strata_of_sparse(self) -> NDArray[np.int64]:
        """Strata with members in each row."""
        row = np.repeat(np.arange(self.members.shape[1]), np.diff(self.members.indptr))
        strata = int(self.strata.max(initial=0)) + 1
        there = distinct(row * strata + self.strata[self.members.indices])
        return np.bincount(there // strata, minlength=self.members.shape[1])

    def joint_df(self, rows: NDArray[np.int64]) -> float:
        """Degrees of freedom of a combination of rows, by the rule for a model with one coefficient per group.

        Clusters minus strata with members in any of the rows, plus one minus the number of groups: a difference
        between two groups has one fewer than the design.
        """
        groups = np.unique(self.groups[rows])
        if self.fixed is not None:
            return self.fixed + 1 - len(groups)
        members = np.zeros(len(self.strata))
        partition = np.zeros(len(self.groups), np.int64) if self.partitions is None else self.partitions
        for part in np.unique(partition[rows]):
            inside = np.zeros(len(self.strata))
            for group in np.unique(self.groups[rows[partition[rows] == part]]):
                columns = rows[self.groups[rows] == group]
                inside = inside + self.columns(columns).max(axis=1)
            members = np.maximum(members, inside)  # those of another breakdown may be the same people
        clusters = members.sum() if self.elements else np.count_nonzero(members)
        return float(min(clusters - len(np.unique(self.strata[members > 0])), self.most) + 1 - len(groups))

    def expected_variance(self, rows: NDArray[np.int64]) -> Array:
        """Mean of the estimated variance of each row over the true one, were all clusters as large and as alike.

        A domain's clusters deviate from the mean of the domain, which they made themselves: of m clusters among the
        many of a stratum, their squares are short of a share 1/m that the stratum's n / (n - 1) does not give back.
        Where the domain has all clusters of its strata this is 1, as it is with replicates, which are not short of it.

        Returns
        -------
        array (rows,)
            Above 0 and at most 1; NaN where a row stands on one cluster.
        """
        if self.fixed is not None or np.isfinite(self.most):
            return np.ones(len(rows))
        order = np.argsort(self.strata, kind="stable")
        starts = np.flatnonzero(np.r_[True, np.diff(self.strata[order]) > 0])
        members = self.columns(rows)
        if self.elements:
            _, firsts = np.unique(self.groups, return_index=True)
            drawn = self.columns(firsts)[order].sum(axis=1, keepdims=True)
        else:
            members, drawn = members > 0, np.ones((len(order), 1))
        inside = np.add.reduceat(members[order].astype(float), starts, axis=0)
        n, m = np.add.reduceat(drawn.astype(float), starts, axis=0), inside.sum(axis=0)
        n = np.maximum(n, inside)
        with np.errstate(divide="ignore", invalid="ignore"):
            of_each = np.where(n > 1, n / (n - 1) * (1 - 1 / m - 1 / n + inside / (m * n)), 1.0)
            found = (inside * of_each).sum(axis=0) / m
        return np.where(found > 0, np.minimum(found, 1.0), np.nan)

    def pair_df(self, first: NDArray[np.int64], second: NDArray[np.int64]) -> Array:
        """Degrees of freedom of differences of two rows each, as `joint_df` gives them one by one."""
        apart = (self.groups[first] != self.groups[second]).astype(float)
        if self.fixed is not None:
            return np.asarray(self.fixed - apart, dtype=float)
        rows, place = np.unique(np.concatenate([first, second]), return_inverse=True)
        a, b = place[: len(first)], place[len(first) :]
        members = self.columns(rows).astype(float)
        present = (members > 0).astype(float)
        order = np.argsort(self.strata, kind="stable")
        starts = np.flatnonzero(np.r_[True, np.diff(self.strata[order]) > 0]) if len(order) else order
        strata = np.maximum.reduceat(present[order], starts, axis=0) if len(order) else present
        either = _in_either(strata, a, b)
        clusters = members.sum(axis=0)[a] + members.sum(axis=0)[b] if self.elements else _in_either(present, a, b)
        df: Array = np.minimum(clusters - either, self.most) - apart
        if self.elements:  # people of both rows count once
            shared = apart == 0
            if self.partitions is not None:
                shared |= self.partitions[first] != self.partitions[second]
            for i in np.flatnonzero(shared):
                df[i] = self.joint_df(np.array([first[i], second[i]]))
        return df


def _in_either(present: Array, a: NDArray[np.int64], b: NDArray[np.int64]) -> Array:
    """Units that are present in either of two columns, for each pair of them."""
    both = gram(present)
    return np.asarray(both[a, a] + both[b, b] - both[a, b], dtype=float)


@dataclass(frozen=True, slots=True)
class Clustering:
    """What is known of the clusters behind each share.

    Parameters
    ----------
    kish_n : array (k,)
        (sum w)^2 / sum w^2 of the valid answers.
    clusters : array (k,)
        Clusters with valid answers.
    carrying : array (k,)
        Effective number of clusters that carry the rarer answer, T^2 / sum T_c^2 with T_c its weight in cluster c; 0
        where no one gave it.
    size : array (k,)
        Effective number of answers in a cluster, sum W_c^2 / sum w^2; 1 where respondents are drawn directly.
    empty_n : array (k,)
        Effective number of answers behind a share of 0 or 1 (see `empty_cluster_size`); read only there.
    least : array (k,) or float
        The smallest design effect that is believed: 0 for calibrated weights and censuses, which can do without any.
    """

    kish_n: Array
    clusters: Array
    carrying: Array
    size: Array
    empty_n: Array
    least: Array | float = 0.25
