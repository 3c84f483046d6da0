"""Estimates of all replicates at once, and the variance they give."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from survey._linalg import Array
from survey.design import Design, Replicates
from survey.errors import DesignError, some
from survey.linearize import Piece
from survey.structure import Structure, numbers
from survey.variance import unit_sums
from survey.weighting.readjust import Readjusted

__all__ = ["Replicated", "by_clusters", "check_replicates", "degrees_of_freedom", "replicated", "spread"]

_MANY = 40
"""Chunks of rows from which a progress bar is shown."""


@dataclass(frozen=True, slots=True)
class Replicated:
    """Deviations D (replicates, statistics) with covariance D'D."""

    deviations: Array

    def variance(self) -> Array:
        """Variances (statistics,)."""
        return np.einsum("rs,rs->s", self.deviations, self.deviations)

    def covariance(self) -> Array:
        """Covariance matrix (statistics, statistics)."""
        return self.deviations.T @ self.deviations


def spread(replicates: Replicates, estimates: Array, full: Array) -> Replicated:
    """Variance from the estimates of the replicates (replicates, statistics) and of the full sample (statistics,)."""
    rscales = np.ones(len(estimates)) if replicates.rscales is None else np.asarray(replicates.rscales, float)
    centre = full if replicates.mse else estimates[rscales > 0].mean(axis=0)
    return Replicated((estimates - centre) * np.sqrt(replicates.factor * rscales)[:, None])


def replicated(
    structure: Structure, replicates: Replicates, pieces: Sequence[Piece], readjusted: Readjusted | None
) -> Replicated:
    """Evaluate items' statistics in every replicate.

    `readjusted` are the weights where they are more than multiples of clusters; None where a product with the cluster
    totals is enough.
    """
    full = np.concatenate([piece.evaluate(piece.sums.sum(axis=0)[None])[0] for piece in pieces])
    if readjusted is None:
        estimates = np.hstack([piece.evaluate(_products(structure, replicates, piece)) for piece in pieces])
    else:
        estimates = np.hstack([p.evaluate(t) for p, t in zip(pieces, _totals(readjusted, pieces), strict=True)])
    return spread(replicates, estimates, full)


def by_clusters(structure: Structure, design: Design) -> bool:
    """Whether all that replicates do is multiply clusters, so that cluster totals are enough."""
    replicates = design.replicates
    if replicates is None or replicates.multipliers is None or design.adjustments:
        return False
    return structure.elements is None or bool(structure.stages)


def _totals(readjusted: Readjusted, pieces: Sequence[Piece]) -> list[Array]:
    """Totals of every piece's features in every replicate, each (replicates, groups, features), rows by chunks."""
    from tqdm.auto import tqdm

    chunks = list(readjusted.chunks())
    sums = [0.0] * len(pieces)
    for at in tqdm(chunks, desc="replicates", disable=len(chunks) < _MANY, leave=False):
        weights = readjusted.weights(at)
        sums = [total + piece.features_of(at) @ weights for total, piece in zip(sums, pieces, strict=True)]
    return [
        np.asarray(total).T.reshape(readjusted.count, len(piece.grouping), -1)
        for total, piece in zip(sums, pieces, strict=True)
    ]


def check_replicates(structure: Structure, frame: pd.DataFrame, replicates: Replicates) -> None:
    """Raise if replicate weights cannot be used.

    Raises
    ------
    DesignError
        For text, missing or negative values, a scale or rscales that are negative or too few, or multipliers that
        were made for other rows.
    """
    count = replicates.count
    if count < 2:
        raise DesignError("Too few replicates.", got=count, expected="2 or more")
    if replicates.rscales is not None and len(replicates.rscales) != count:
        raise DesignError(
            "rscales do not fit the replicates.", got=len(replicates.rscales), expected=f"{count}, one a replicate"
        )
    scales = np.append(np.ones(0) if replicates.rscales is None else replicates.rscales, replicates.factor)
    if not (np.isfinite(scales) & (scales >= 0)).all():
        raise DesignError(
            "Replicates have a scale that is negative or no number.",
            got=some(scales[~(np.isfinite(scales) & (scales >= 0))]), expected="scale= and rscales= of 0 or more",
        )  # fmt: skip
    if replicates.multipliers is not None and len(replicates.multipliers) != _size(structure, replicates):
        raise DesignError(
            "The multipliers of the replicates were made for another sample.",
            got=f"{len(replicates.multipliers)} rows", expected=f"{_size(structure, replicates)}",
            fix="leave rows out first, then call sample.replicates(...); or keep them and use where=",
        )  # fmt: skip
    for name in replicates.columns:
        try:
            column = numbers(frame[name])
        except (TypeError, ValueError):
            raise DesignError(
                "A replicate weight holds no numbers.", where=f"column {name!r}", got=some(frame[name].unique(), 4)
            ) from None
        bad = ~(column >= 0) | np.isinf(column)
        if bad.any():
            raise DesignError(
                "Some replicate weights are missing, infinite or negative.",
                where=f"column {name!r}, rows {some(frame.index[bad])}", expected="0 or more for every respondent",
            )  # fmt: skip


def degrees_of_freedom(base: Array, replicates: Replicates, frame: pd.DataFrame) -> float:
    """Rank of the replicate weights minus one, as R's degf; known beforehand for replicates made by us.

    `base` are the weights that the replicates are replicates of: from before all adjustments (rows,).
    """
    if replicates.df is not None:
        return float(replicates.df)
    if replicates.multipliers is not None:
        gram = replicates.multipliers.T @ replicates.multipliers
    else:
        weights = frame[list(replicates.columns)].to_numpy(float)
        if replicates.combined:
            weights = np.divide(weights, base[:, None], out=np.zeros(weights.shape), where=base[:, None] > 0)
        gram = weights.T @ weights
    values = np.linalg.eigvalsh(gram)
    # R's tolerance of 1e-5 on the matrix is its square on the cross-products
    return float(np.count_nonzero(values > values[-1] * 1e-10) - 1)


def _size(structure: Structure, replicates: Replicates) -> int:
    """How many rows the multipliers should have."""
    if structure.elements is not None and not structure.stages:
        return len(structure.drawn)
    if replicates.per == "psu" and structure.stages:
        return len(structure.stages[0].parent)
    return structure.units


def _products(structure: Structure, replicates: Replicates, piece: Piece) -> Array:
    """Totals of the cells in every replicate, as a product of multipliers with the cluster totals."""
    sums = piece.sums
    flat = sums.reshape(len(sums), -1)
    if replicates.per == "psu" and structure.member:
        flat = unit_sums(flat, structure.member[0], len(structure.stages[0].parent))
    if replicates.multipliers is None:
        raise DesignError("These replicates have no multipliers.")
    return (replicates.multipliers.T @ flat).reshape(-1, *sums.shape[1:])
