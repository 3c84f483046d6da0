"""Replicate weights of a producer and our own: what cannot be used is refused, what looks mistaken is said."""

from __future__ import annotations

import numpy as np
import pandas as pd

from survey.base.arguments import outside
from survey.base.arrays import Array
from survey.base.codes import numbers
from survey.codebook.told import describe_rows, describe_values
from survey.design.coded_design import CodedDesign
from survey.design.design import Replicates
from survey.errors import DesignError, SurveyWarning, shorten

__all__ = ["check_replicates", "degrees_of_freedom", "warn_of_kind"]

_NEAR, _LEVEL = 0.1, 2.0
"""What counts as another weight than 1, and as another level, of replicate columns averaged over the replicates."""


def check_replicates(structure: CodedDesign, frame: pd.DataFrame, replicates: Replicates) -> None:
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
        raise DesignError("There are too few replicates.", got=count, expected="2 or more")
    if replicates.rscales is not None and len(replicates.rscales) != count:
        raise DesignError(
            "rscales must have one value per replicate.",
            got=len(replicates.rscales),
            expected=f"{count}, one per replicate",
        )
    scales = np.append(np.ones(0) if replicates.rscales is None else replicates.rscales, replicates.factor)
    if not (np.isfinite(scales) & (scales >= 0)).all():
        raise DesignError(
            "Replicate scales must be non-negative numbers.",
            got=shorten(scales[~(np.isfinite(scales) & (scales >= 0))]),
            expected="scale= and rscales= of 0 or more",
        )
    if replicates.multipliers is not None and len(replicates.multipliers) != _size(structure, replicates):
        raise DesignError(
            "The multipliers of the replicates were made for another sample.",
            got=f"{len(replicates.multipliers)} rows",
            expected=f"{_size(structure, replicates)}",
            fix="remove rows before calling sample.replicates(...), or keep them and use where=",
        )
    for name in replicates.columns:
        try:
            column = numbers(frame[name])
        except (TypeError, ValueError):
            raise DesignError(
                "A column of replicate weights is not numeric.",
                where=f"column {name!r}",
                got=describe_values(frame[name].unique(), column=frame[name], limit=4),
            ) from None
        bad = ~np.isfinite(column)
        if bad.any():
            raise DesignError(
                "Some replicate weights are missing or infinite.",
                where=f"column {name!r}, rows {describe_rows(frame.index, bad)}",
                expected="a number for every respondent",
            )
        if not column.sum() > 0:
            raise DesignError(
                "The weights of a replicate do not have a positive sum.",
                where=f"column {name!r}",
                got=f"weights that add up to {column.sum():g}",
                expected="a positive sum; a few single weights may be negative",
                fix="remove the column from the replicates, and state the scale for the remaining ones",
            )


def warn_of_kind(frame: pd.DataFrame, replicates: Replicates, base: Array, given: bool) -> None:
    """Warn where a producer's columns do not look like what `combined` says they are.

    Averaged over the replicates, complete weights come back to someone's weight and multipliers to 1, whatever the
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
    averages = f"they are {mean.mean():.6g} on average, the weights {weights.mean():.6g}"
    if combined and not given:
        noise = np.median(table.std(axis=1) / np.sqrt(table.shape[1]) / np.maximum(np.abs(mean), 1e-300))
        if to_one > max(_NEAR, noise) or not 1 / _LEVEL < level < _LEVEL:
            _warn(
                "Complete replicate weights are given with weights=None: every row counts once in the estimate, and "
                f"differently in its replicates ({averages}). Name the weights that they are "
                "replicates of, weights='...'."
            )
    elif combined and to_one < to_weights / 2:
        _warn(
            f"The replicate columns do not look like complete weights but like multipliers: {averages}. If each has "
            "to be multiplied by the weight, say sv.Replicates(..., combined=False)."
        )
    elif not combined and given and to_weights < to_one / 2:
        _warn(
            f"The replicate columns look like complete weights, and combined=False multiplies them by the weight: "
            f"{averages}. If they are weights themselves, omit combined=False."
        )
    elif not 1 / _LEVEL < level < _LEVEL:
        _warn(
            f"The replicate columns are {level:.3g} times as large as they should be on average: {averages}. Totals "
            "have no standard error that way: bring both to one scale, and check combined= and weights=."
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


def _size(structure: CodedDesign, replicates: Replicates) -> int:
    """How many rows the multipliers should have."""
    if structure.elements is not None and not structure.stages:
        return len(structure.drawn)
    if replicates.per == "psu" and structure.stages:
        return len(structure.stages[0].parent)
    return structure.units
