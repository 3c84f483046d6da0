"""The joint variance of many items, of which some were counted by pairs of unit and group.

A stage's part of a variance is a weighted sum of squared deviations of unit totals from the mean of their parent. A
unit that has no one in a group deviates by that mean, and so does every other such unit of the parent: they are
counted, not visited. What no such sum is known for (calibrated weights, elements as clusters, the lonely rules that
look at all strata) is computed as always, for so many groups at a time that a table of them is small.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from survey.base.arrays import Array
from survey.base.codes import Ints
from survey.calibration.residuals import Residuals
from survey.counting.pairs import Pairs, summed
from survey.design.coded_design import CodedDesign, Stage
from survey.estimation.linearize import linearized
from survey.estimation.linearized_item import LinearizedItem, PairedItem
from survey.estimation.replicate_variance import Replicated
from survey.estimation.variance import Linearized, unit_sums

__all__ = ["PART", "Joint", "PairedVariance", "joined", "members_of"]

PART = 1 << 22
"""Places of the tables that are made of pairs at a time."""


def joined(
    structure: CodedDesign, residuals: Residuals, pieces: Sequence[LinearizedItem]
) -> Linearized | PairedVariance:
    """The linearised variance of many items' statistics, in order."""
    if any(isinstance(piece, PairedItem) for piece in pieces):
        return PairedVariance(structure, residuals, tuple(pieces))
    return linearized(structure, residuals, pieces)


@dataclass(frozen=True, slots=True, eq=False)
class PairedVariance:
    """Variances of items of which some were counted by pairs; covariances of some of them, or of all, when asked for.

    Parameters
    ----------
    structure : CodedDesign
    residuals : Residuals
    pieces : tuple of LinearizedItem
    """

    structure: CodedDesign
    residuals: Residuals
    pieces: tuple[LinearizedItem, ...]

    @property
    def _by_pairs(self) -> bool:
        """Whether the stages' sums over pairs are all that the variance is."""
        stages = self.structure.stages
        looks_at_all = self.structure.lonely_rule in ("average", "centered") and any(s.lonely.any() for s in stages)
        return self.structure.elements is None and not self.residuals.steps and not looks_at_all

    def variance(self) -> Array:
        """Variances (statistics,)."""
        return np.concatenate([part for piece in self.pieces for part in self._of(piece)])

    def _of(self, piece: LinearizedItem) -> Iterator[Array]:
        if not isinstance(piece, PairedItem):
            yield linearized(self.structure, self.residuals, [piece]).variance()
        elif self._by_pairs:
            z = piece.pair_totals()
            out = np.zeros(piece.estimate.shape)
            for stage, member in zip(self.structure.stages, self.structure.member, strict=False):
                pairs, at = piece.pairs.in_clusters(member, len(stage.parent))
                out += _stage_variance(stage, pairs, summed(at, z, len(pairs)))
            yield out.reshape(-1)
        else:
            for part in piece.parts(PART):
                yield linearized(self.structure, self.residuals, [part]).variance()

    def block(self, rows: Ints) -> Array:
        """Covariance matrix of some of the statistics; tables are made of their groups alone."""
        parts: list[LinearizedItem] = []
        place = np.zeros(len(rows), np.int64)
        start = first = 0
        for piece in self.pieces:
            own = np.flatnonzero((rows >= start) & (rows < start + piece.size))
            group, statistic = np.divmod(rows[own] - start, piece.estimate.shape[1])
            start += piece.size
            if not len(own):
                continue
            if isinstance(piece, PairedItem):
                groups, group = np.unique(group, return_inverse=True)
                piece = piece.part(groups)
            place[own] = first + group.reshape(-1) * piece.estimate.shape[1] + statistic
            first += piece.size
            parts.append(piece)
        return linearized(self.structure, self.residuals, parts).block(place)

    def covariance(self) -> Array:
        """Covariance matrix (statistics, statistics): the whole of it, and without clusters' strata all totals too."""
        if not self._by_pairs or not all(isinstance(piece, PairedItem) for piece in self.pieces):
            parts = [piece.part() if isinstance(piece, PairedItem) else piece for piece in self.pieces]
            return linearized(self.structure, self.residuals, parts).covariance()
        size = sum(piece.size for piece in self.pieces)
        out = np.zeros((size, size))
        for stage, member in zip(self.structure.stages, self.structure.member, strict=False):
            _add_stage(out, stage, *self._entries(member, len(stage.parent)))
        return out

    def _entries(self, member: Ints, clusters: int) -> tuple[Ints, Ints, Array]:
        """What is not 0 of a stage's totals: its unit, its statistic among all, and the total."""
        unit, column, total, first = [], [], [], 0
        for piece in self.pieces:
            assert isinstance(piece, PairedItem)
            pairs, at = piece.pairs.in_clusters(member, clusters)
            z = summed(at, piece.pair_totals(), len(pairs))
            statistics = z.shape[1]
            unit.append(np.repeat(pairs.unit, statistics))
            column.append((first + pairs.group[:, None] * statistics + np.arange(statistics)).reshape(-1))
            total.append(z.reshape(-1))
            first += piece.size
        return np.concatenate(unit), np.concatenate(column), np.concatenate(total)


Joint = Linearized | PairedVariance | Replicated
"""What gives the variances and covariances of statistics."""


def _stage_variance(stage: Stage, pairs: Pairs, z: Array) -> Array:
    """A stage's part of the variances (groups, statistics), from its units' totals in pairs (pairs, statistics)."""
    parents = len(stage.size)
    parent = stage.parent[pairs.unit]
    key, at = np.unique(pairs.group * np.int64(parents) + parent, return_inverse=True)
    at = at.reshape(-1)
    of_group, of_parent = np.divmod(key, parents)
    own = Pairs(of_parent, of_group, parents, pairs.groups)
    mean = _by(at, z, len(own)) / np.maximum(stage.size[of_parent], 1)[:, None]
    mean[stage.lonely[of_parent]] = 0.0
    squares = _by(at, (z - mean[at]) ** 2, len(own))
    units = np.bincount(stage.parent, minlength=parents)
    squares += (units[of_parent] - np.bincount(at, minlength=len(own)))[:, None] * mean**2
    return own.over_units(squares * stage.coef[of_parent][:, None])


def _by(at: Ints, values: Array, size: int) -> Array:
    return np.stack([np.bincount(at, column, size) for column in values.T], axis=1)


def _add_stage(out: Array, stage: Stage, unit: Ints, column: Ints, total: Array) -> None:
    """Add a stage's part of the covariances, parent by parent: those of statistics that have members in the parent."""
    parent = stage.parent[unit]
    order = np.argsort(parent, kind="stable")
    unit, column, total = unit[order], column[order], total[order]
    ends = np.searchsorted(parent[order], np.arange(len(stage.size) + 1))
    place = np.zeros(len(stage.parent), np.int64)
    members = np.argsort(stage.parent, kind="stable")
    first = np.searchsorted(stage.parent[members], np.arange(len(stage.size) + 1))
    for p in np.flatnonzero(np.diff(ends)):
        at = slice(ends[p], ends[p + 1])
        some, own = np.unique(column[at], return_inverse=True)
        units = first[p + 1] - first[p]
        place[members[first[p] : first[p + 1]]] = np.arange(units)
        mean = np.bincount(own, total[at], len(some)) / max(stage.size[p], 1)
        if stage.lonely[p]:
            mean[:] = 0.0
        row = place[unit[at]]
        step = max(1, PART // len(some))
        for start in range(0, units, step):
            here = (row >= start) & (row < start + step)
            deviations = np.tile(-mean, (min(step, units - start), 1))
            deviations[row[here] - start, own[here]] += total[at][here]
            product = deviations.T @ deviations * stage.coef[p]
            if len(some) == len(out):
                out += product
            else:
                out[np.ix_(some, some)] += product


def members_of(structure: CodedDesign, pieces: Sequence[LinearizedItem]) -> Any:
    """Clusters with answers in the domain of each statistic, as `Support.members`; sparse where a piece is of pairs."""
    by_elements = structure.elements is not None and not structure.stages
    clusters = structure.units if by_elements else len(structure.stages[0].parent)
    if not any(isinstance(piece, PairedItem) for piece in pieces):
        members: NDArray[Any] = np.hstack([piece.members() for piece in pieces])
        return members if by_elements else unit_sums(members > 0, structure.psu, clusters)
    from scipy import sparse

    parts = []
    for piece in pieces:
        if not isinstance(piece, PairedItem):
            parts.append(sparse.csc_array(members_of(structure, [piece])))
            continue
        pairs, values = piece.pairs, piece.present
        if not by_elements:
            pairs, at = pairs.in_clusters(structure.psu, clusters)
            values = np.zeros(len(pairs), bool)
            values[at[piece.present > 0]] = True
        there = np.flatnonzero(values)
        values, unit, group = values[there], pairs.unit[there], pairs.group[there]
        starts = np.searchsorted(group, np.arange(len(piece.estimate) + 1))
        table = sparse.csc_array((values, unit, starts), shape=(clusters, len(piece.estimate)))
        statistics = piece.estimate.shape[1]
        parts.append(table if statistics == 1 else table[:, np.repeat(np.arange(len(piece.estimate)), statistics)])
    return sparse.hstack(parts, format="csc")
