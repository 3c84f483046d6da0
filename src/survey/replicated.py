"""Estimates of all replicates at once, and the variance they give."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from survey._linalg import Array
from survey.design import Replicates
from survey.errors import DesignError, some
from survey.linearize import Piece
from survey.structure import Structure, numbers
from survey.variance import unit_sums

__all__ = ["Replicated", "check_replicates", "degrees_of_freedom", "replicate_weights", "replicated", "spread"]


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
    structure: Structure, replicates: Replicates, frame: pd.DataFrame, pieces: Sequence[Piece]
) -> Replicated:
    """Evaluate items' statistics in every replicate."""
    full = np.concatenate([piece.evaluate(piece.sums.sum(axis=0)[None])[0] for piece in pieces])
    if replicates.multipliers is not None and not _by_rows(structure, replicates):
        estimates = np.hstack([piece.evaluate(_products(structure, replicates, piece)) for piece in pieces])
    else:
        rows = []
        for weights in replicate_weights(structure, replicates, frame):
            rows.append(np.concatenate([piece.evaluate(piece.totals_under(weights)[None])[0] for piece in pieces]))
        estimates = np.array(rows)
    return spread(replicates, estimates, full)


def replicate_weights(structure: Structure, replicates: Replicates, frame: pd.DataFrame) -> Iterator[Array]:
    """The weights of the rows in each replicate, one at a time."""
    if replicates.multipliers is None:
        for name in replicates.columns:
            column = frame[name].to_numpy(dtype=float, na_value=np.nan)
            yield column.copy() if replicates.combined else structure.weights * column
        return
    unit = structure.unit
    if _by_rows(structure, replicates):
        unit = np.arange(structure.rows)
    elif replicates.per == "psu":
        unit = structure.psu[structure.unit]
    for r in range(replicates.multipliers.shape[1]):
        yield structure.weights * replicates.multipliers[unit, r]


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


def degrees_of_freedom(structure: Structure, replicates: Replicates, frame: pd.DataFrame) -> float:
    """Rank of the replicate weights minus one, as R's degf; known beforehand for replicates made by us."""
    if replicates.df is not None:
        return float(replicates.df)
    if replicates.multipliers is not None:
        gram = replicates.multipliers.T @ replicates.multipliers
    else:
        weights = frame[list(replicates.columns)].to_numpy(float)
        if replicates.combined:
            weights = weights / structure.weights[:, None]
        gram = weights.T @ weights
    values = np.linalg.eigvalsh(gram)
    # R's tolerance of 1e-5 on the matrix is its square on the cross-products
    return float(np.count_nonzero(values > values[-1] * 1e-10) - 1)


def _by_rows(structure: Structure, replicates: Replicates) -> bool:
    """Whether the multipliers are those of respondents: elements drawn directly."""
    return structure.elements is not None and not structure.stages and replicates.multipliers is not None


def _size(structure: Structure, replicates: Replicates) -> int:
    """How many rows the multipliers should have."""
    if _by_rows(structure, replicates):
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
