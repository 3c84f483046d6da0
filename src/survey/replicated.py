"""Estimates of all replicates at once, and the variance they give."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from survey._arguments import outside
from survey._linalg import Array
from survey.design import Design, Replicates
from survey.errors import DesignError, SurveyWarning, some
from survey.linearize import Piece
from survey.privacy._told import rows_told, told
from survey.structure import Structure, numbers
from survey.variance import unit_sums
from survey.weighting.readjust import Readjusted

__all__ = [
    "Replicated", "by_clusters", "check_replicates", "degrees_of_freedom", "replicated", "spread",
    "warn_of_kind",
]  # fmt: skip

_NEAR, _LEVEL = 0.1, 2.0
"""What counts as another weight than 1, and as another level, of replicate columns averaged over the replicates."""
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
        For text, missing or infinite values, a replicate without weight, a scale or rscales that are negative or too
        few, or multipliers that were made for other rows.

    Notes
    -----
    Single negative weights are what producers ship (CPS ASEC, generalised replication), and estimates take them as R
    does. Weights of the full sample are never negative.
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
                "A replicate weight holds no numbers.",
                where=f"column {name!r}",
                got=told(frame[name].unique(), column=frame[name], limit=4),
            ) from None
        bad = ~np.isfinite(column)
        if bad.any():
            raise DesignError(
                "Some replicate weights are missing or infinite.",
                where=f"column {name!r}, rows {rows_told(frame.index, bad)}", expected="a number for every respondent",
            )  # fmt: skip
        if not column.sum() > 0:
            raise DesignError(
                "A replicate has no weight.", where=f"column {name!r}", got=f"weights that add up to {column.sum():g}",
                expected="a positive sum; a few single weights may be negative",
                fix="leave the column out of the replicates, and state the scale for those that are left",
            )  # fmt: skip


def warn_of_kind(frame: pd.DataFrame, replicates: Replicates, base: Array, given: bool) -> None:
    """Warn where a producer's columns do not look like what `combined` says they are.

    Averaged over the replicates, complete weights come back to somebody's weight and multipliers to 1, whatever the
    method (bootstrap, BRR, Fay, jackknife and successive differences keep sums, nearly or in expectation). What is
    compared is the distance to either, and the level of all columns together.

    Parameters
    ----------
    frame : DataFrame
    replicates : Replicates
        With columns.
    base : array (rows,)
        The weights that they are replicates of.
    given : bool
        Whether these stand in the data, and are not ones because of `weights=None`.
    """
    live = base > 0
    table = frame[list(replicates.columns)].to_numpy(float)[live]
    mean, weights = table.mean(axis=1), base[live]
    if not len(mean):
        return
    to_weights, to_one = _distance(mean, weights), _distance(mean, np.ones(len(mean)))
    combined = replicates.combined
    level = mean.sum() / weights.sum() if combined else float(mean.mean())
    told = f"they are {mean.mean():.6g} on average, the weights {weights.mean():.6g}"
    if combined and not given:
        noise = np.median(table.std(axis=1) / np.sqrt(table.shape[1]) / np.maximum(np.abs(mean), 1e-300))
        if to_one > max(_NEAR, noise) or not 1 / _LEVEL < level < _LEVEL:
            _warn(
                "Complete replicate weights stand beside weights=None: every row counts once in the estimate, and "
                f"differently in its replicates ({told}). Name the weights that they are replicates of, weights='...'."
            )
    elif combined and to_one < to_weights / 2:
        _warn(
            f"The replicate columns do not look like complete weights but like multipliers: {told}. If each has to be "
            "multiplied by the weight, say sv.Replicates(..., combined=False)."
        )
    elif not combined and given and to_weights < to_one / 2:
        _warn(
            f"The replicate columns look like complete weights, and combined=False multiplies them by the weight: "
            f"{told}. If they are weights themselves, leave combined=False out."
        )
    elif not 1 / _LEVEL < level < _LEVEL:
        _warn(
            f"The replicate columns are {level:.3g} times as large as they should be on average: {told}. Totals have "
            "no standard error that way: bring both to one scale, and check combined= and weights=."
        )


def _distance(mean: Array, other: Array) -> float:
    """Median relative distance of two columns of positive numbers, 0 to 1."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return float(np.nanmedian(np.abs(mean - other) / (np.abs(mean) + np.abs(other))))


def _warn(text: str) -> None:
    import warnings

    warnings.warn(text, SurveyWarning, stacklevel=outside())


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
            weights = weights[base != 0] / base[base != 0, None]
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
