"""Estimates of all replicates at once, and the variance they give."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from survey.base.arrays import Array, gram
from survey.base.codes import Ints
from survey.calibration.readjusted import Readjusted
from survey.design.coded_design import CodedDesign
from survey.design.design import Design, Replicates
from survey.errors import DesignError
from survey.estimation.linearized_item import LinearizedItem, PairedItem
from survey.estimation.variance import unit_sums

__all__ = [
    "Replicated",
    "by_clusters",
    "replicated",
    "spread",
]

_MANY = 40
"""Chunks of rows from which a progress bar is shown."""


@dataclass(frozen=True, slots=True)
class Replicated:
    """Deviations D (replicates, statistics) with covariance D'D."""

    deviations: Array

    def variance(self) -> Array:
        """Variances (statistics,)."""
        variance: Array = np.einsum("rs,rs->s", self.deviations, self.deviations)
        return variance

    def block(self, rows: Ints) -> Array:
        """Covariance matrix of some of the statistics."""
        return gram(self.deviations[:, rows])

    def covariance(self) -> Array:
        """Covariance matrix (statistics, statistics)."""
        return self.deviations.T @ self.deviations


def spread(replicates: Replicates, estimates: Array, full: Array) -> Replicated:
    """Variance from the estimates of the replicates (replicates, statistics) and of the full sample (statistics,)."""
    rscales = np.ones(len(estimates)) if replicates.rscales is None else np.asarray(replicates.rscales, float)
    centre = full if replicates.mse else estimates[rscales > 0].mean(axis=0)
    return Replicated((estimates - centre) * np.sqrt(replicates.factor * rscales)[:, None])


def replicated(
    structure: CodedDesign, replicates: Replicates, pieces: Sequence[LinearizedItem], readjusted: Readjusted | None
) -> Replicated:
    """Evaluate items' statistics in every replicate.

    `readjusted` are the weights where they are more than multiples of clusters; None where a product with the cluster
    totals is enough.
    """
    full = np.concatenate([piece.evaluate(piece.over_units(piece.sums)[None])[0] for piece in pieces])
    if readjusted is None:
        estimates = np.hstack([piece.evaluate(_products(structure, replicates, piece)) for piece in pieces])
    else:
        estimates = np.hstack([p.evaluate(t) for p, t in zip(pieces, _totals(readjusted, pieces), strict=True)])
    return spread(replicates, estimates, full)


def by_clusters(structure: CodedDesign, design: Design) -> bool:
    """Whether all that replicates do is multiply clusters, so that cluster totals are enough."""
    replicates = design.replicates
    if replicates is None or replicates.multipliers is None or design.adjustments:
        return False
    return structure.elements is None or bool(structure.stages)


def _totals(readjusted: Readjusted, pieces: Sequence[LinearizedItem]) -> list[Array]:
    """Totals of every piece's features in every replicate, each (replicates, groups, features), rows by chunks."""
    from tqdm import tqdm

    chunks = list(readjusted.chunks())
    sums = [0.0] * len(pieces)
    for at in tqdm(chunks, desc="replicates", disable=len(chunks) < _MANY, leave=False):
        weights = readjusted.weights(at)
        sums = [total + piece.features_of(at) @ weights for total, piece in zip(sums, pieces, strict=True)]
    return [
        np.asarray(total).T.reshape(readjusted.count, len(piece.estimate), -1)
        for total, piece in zip(sums, pieces, strict=True)
    ]


def _products(structure: CodedDesign, replicates: Replicates, piece: LinearizedItem) -> Array:
    """Totals of the cells in every replicate, as a product of multipliers with the cluster totals."""
    if isinstance(piece, PairedItem):
        return _products_of_pairs(structure, replicates, piece)
    sums = piece.sums
    flat = sums.reshape(len(sums), -1)
    if replicates.per == "psu" and structure.member:
        flat = unit_sums(flat, structure.member[0], len(structure.stages[0].parent))
    if replicates.multipliers is None:
        raise DesignError("These replicates have no multipliers.")
    return (replicates.multipliers.T @ flat).reshape(-1, *sums.shape[1:])


def _products_of_pairs(structure: CodedDesign, replicates: Replicates, piece: PairedItem) -> Array:
    """The same where only pairs of unit and group that hold anyone were counted."""
    from scipy import sparse

    if replicates.multipliers is None:
        raise DesignError("These replicates have no multipliers.")
    pairs, units = piece.pairs, piece.pairs.units
    unit = pairs.unit
    if replicates.per == "psu" and structure.member:
        unit, units = structure.member[0][unit], len(structure.stages[0].parent)
    starts = pairs.starts
    shape = (pairs.groups, units)
    columns = [
        sparse.csr_array((column, unit, starts), shape=shape) @ replicates.multipliers for column in piece.sums.T
    ]
    return np.stack(columns, axis=2).transpose(1, 0, 2)
