"""Standard errors of whatever a model tells: by linearisation under the design, or from replicate weights.

A statistic is given by its influence values in the rows of a model, which are fewer than the respondents: sums by
cluster, and by what the weights were calibrated to, are small products with them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from survey.base.arrays import Array, weighted_count
from survey.calibration.residuals import Block
from survey.core.sample_data import SampleData
from survey.design.coded_design import CodedDesign
from survey.errors import DesignError
from survey.estimation.linearize import silent_deviations
from survey.estimation.replicate_variance import spread
from survey.estimation.variance import Elements, Linearized, unit_sums
from survey.models.rows import ModelRows

__all__ = [
    "Part",
    "design_df",
    "linearised_covariance",
    "replicate_covariance",
    "replicate_weights",
    "without_residuals",
]

Part = tuple[ModelRows, Array]
"""Rows of a model, and influence values (rows, statistics) in them."""
_CHUNK = 65_536
_TOGETHER = 20_000_000
"""Weights of rows in replicates that are made at once."""


def linearised_covariance(sample: SampleData, parts: Sequence[Part]) -> Array:
    """Covariance of statistics of one or several models of a sample, in their order: (statistics, statistics).

    What calibration and the adjustment for non-response explain is taken off, as everywhere.
    """
    structure, residuals = sample.structure, sample.residuals
    z = np.hstack([rows.unit_totals(values) for rows, values in parts])
    coefficients: tuple[Array, ...] = ()
    members, away = None, None
    if residuals.steps:

        def cross(block: Block, weights: Array) -> Array:
            by = weights if block.number is None else weights * block.number
            return np.hstack([rows.totals(block.code, block.size, by, values) for rows, values in parts])

        coefficients = residuals.coefficients(cross, sum(len(rows) + 1 for rows, _ in parts))
        z = residuals.take_off(z, coefficients)
        away = residuals.silent(coefficients)
    else:
        members = np.hstack([np.repeat(rows.unit_n[:, None], values.shape[1], axis=1) for rows, values in parts])

    def second(whole: bool, elements: Elements) -> Array:
        few = structure.units * (len(parts[0][0]) + 1) <= 4 * structure.rows
        if few and len(parts) == 1 and not residuals.steps and not len(structure.silent):
            joint = _second_by_cells(structure, *parts[0], elements)
            return joint if whole else np.diag(joint).copy()
        size = z.shape[1]
        joint = np.zeros((size, size))
        padded = [np.vstack([values, np.zeros((1, values.shape[1]))]) for _, values in parts]
        for start in range(0, structure.rows, _CHUNK):
            at = slice(start, min(start + _CHUNK, structure.rows))
            own = np.hstack([p[rows.code[at]] for p, (rows, _) in zip(padded, parts, strict=True)])
            own *= structure.weights[at, None]
            if coefficients:
                own = own - residuals.rows(coefficients, at)
            own = elements.deviations(own, structure.unit[at])
            joint += own.T @ own
        silent = silent_deviations(structure, away, elements)
        joint += silent.T @ silent
        return joint if whole else np.diag(joint).copy()

    return Linearized.of(structure, z, second, members).covariance()


def _second_by_cells(structure: CodedDesign, rows: ModelRows, values: Array, elements: Elements) -> Array:
    """Sum over everyone drawn of the deviations' products, by unit and row of the model.

    Within a cell u is the same for everybody, so that the deviations of w u from the unit's mean are those of w from
    the cell's mean, and that mean's: nothing is squared before it is centred.
    """
    width = len(rows) + 1
    cell, size = structure.unit * width + rows.code, structure.units * width
    n = np.bincount(cell, minlength=size).astype(float)
    w = structure.weights
    mean = weighted_count(cell, w, size) / np.maximum(n, 1)
    spread = weighted_count(cell, (w - mean[cell]) ** 2, size)
    unit, row = np.divmod(np.arange(size), width)
    padded = np.vstack([values, np.zeros((1, values.shape[1]))])[row]
    root = elements.root[unit]
    between = (padded * mean[:, None] - elements.centre[unit]) * root
    within = padded * root
    return np.asarray((between * n[:, None]).T @ between + (within * spread[:, None]).T @ within)


def replicate_covariance(sample: SampleData, estimates: Array, full: Array) -> Array:
    """Covariance from the estimates of the replicates (replicates, statistics) and of the full sample (statistics,)."""
    replicates = sample.design.replicates
    if replicates is None:
        raise DesignError("The sample has no replicates.")
    return spread(replicates, estimates, full).covariance()


def replicate_weights(sample: SampleData, rows: ModelRows) -> Iterator[Array]:
    """The weights of a model's rows in each replicate, one after the other; all are made at once where they fit."""
    made, size = sample.readjusted, len(rows) + 1
    if size * made.count <= _TOGETHER:
        yield from made.sums(rows.code, size)[:-1].T
        return
    for r in range(made.count):
        yield weighted_count(rows.code, made.replicate(r), size)[:-1]


def without_residuals(rows: ModelRows, own: Array, size: Array) -> NDArray[np.bool_]:
    """Coefficients (k,) that no residuals stand behind: of a single respondent or cluster, or of an exact fit.

    What each adds cancels within every cluster; R's svyglm gives the rounding that is left of it, such as 4e-16.

    Parameters
    ----------
    rows : ModelRows
    own, size : array (rows, coefficients)
        Influence values, and the sum of the absolute values that cancel in them.
    """
    structure = rows.structure
    if not structure.stages:
        w = rows.weights[:, None]
        return np.asarray(np.linalg.norm(w * own, axis=0) <= 1e-12 * np.linalg.norm(w * size, axis=0))
    clusters = int(structure.psu.max()) + 1
    sums, sizes = (unit_sums(rows.unit_totals(part), structure.psu, clusters) for part in (own, size))
    return np.asarray(np.linalg.norm(sums, axis=0) <= 1e-12 * np.linalg.norm(sizes, axis=0))


def design_df(rows: ModelRows) -> float:
    """Clusters minus strata, of those with members in the model."""
    structure, counts = rows.structure, rows.unit_n
    strata = len(np.unique(structure.stratum[counts > 0]))
    if structure.elements is not None and not structure.stages:
        return float(counts.sum() - strata)
    return float(len(np.unique(structure.psu[counts > 0])) - strata)
