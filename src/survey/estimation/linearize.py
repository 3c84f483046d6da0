"""From counts to estimates and their linearised covariance.

A `LinearizedItem` is one item's statistics in all groups: the estimate, and the gradient on the item's cells. Unit
totals of the influence values are a small product of counts and gradient; calibration and elements-as-clusters add
theirs.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from survey.base.arrays import Array, weighted_count
from survey.calibration.residuals import Block, Residuals
from survey.counting.memory import in_threads
from survey.design.coded_design import CodedDesign
from survey.estimation.linearized_item import LinearizedItem
from survey.estimation.variance import Elements, Linearized

__all__ = ["LinearizedItem", "linearized", "row_covariance", "silent_deviations"]

_CHUNK = 16_384
_MANY = 8
"""Statistics of a group up to which each product of two is summed by itself."""


def linearized(structure: CodedDesign, residuals: Residuals, pieces: Sequence[LinearizedItem]) -> Linearized:
    """Many items' statistics together, in order, with what calibration explains taken off.

    Every step works on the columns of one item by themselves, so items are taken one after the other: the whole is
    held once, and what is worked on fits into the processor's cache.

    After calibration everyone is in every estimate: who is outside a domain has a residual too. So the lonely rule
    "average" then counts all strata, and without calibration those of the domain.
    """
    ends = np.cumsum([piece.size for piece in pieces])
    size = int(ends[-1])
    lengths = [sum(len(stage.parent) for stage in structure.stages)]
    if structure.elements is not None:
        lengths += [structure.units, structure.units]
    whole = [np.empty((length, size)) for length in lengths]

    def one(i: int) -> tuple[Array, ...]:
        piece = pieces[i]
        coefficients: tuple[Array, ...] = ()
        z = piece.totals()
        if residuals.steps:
            coefficients = residuals.coefficients(piece.cross, piece.width)
            z = residuals.take_off(z, coefficients)
        own = Linearized.of(structure, z, None, None if residuals.steps else piece.members())
        parts = (own.deviations,) if own.elements is None else (own.deviations, own.elements.centre, own.elements.root)
        for out, part in zip(whole, parts, strict=True):
            out[:, ends[i] - piece.size : ends[i]] = part
        return coefficients

    per_piece = in_threads(one, range(len(pieces)), structure.rows)
    if structure.elements is None:
        return Linearized(whole[0])
    coefficients = tuple(np.hstack(parts) for parts in zip(*per_piece, strict=True))

    def second(both: bool, elements: Elements) -> Array:
        if coefficients or (both and (len(pieces) > 1 or pieces[0].estimate.shape[1] > _MANY)):
            return _second_by_rows(structure, residuals, coefficients, pieces, elements, both)
        each = zip(pieces, ends, strict=True)
        parts = [p.second(structure, elements.part(slice(end - p.size, end)), both) for p, end in each]
        return parts[0] if both else np.concatenate(parts)

    elements = Elements(*whole[1:])
    known: dict[int, Array] = {}

    def of_item(statistic: int) -> tuple[slice, Array]:
        i = int(np.searchsorted(ends, statistic, side="right"))
        at = slice(int(ends[i]) - pieces[i].size, int(ends[i]))
        if i not in known:
            if coefficients:
                own = tuple(part[:, at] for part in coefficients)
                known[i] = _second_by_rows(structure, residuals, own, [pieces[i]], elements.part(at), True)
            else:
                known[i] = pieces[i].second(structure, elements.part(at), True)
        return at, known[i]

    return Linearized(whole[0], elements, second, of_item)


def _second_by_rows(
    structure: CodedDesign,
    residuals: Residuals,
    coefficients: tuple[Array, ...],
    pieces: Sequence[LinearizedItem],
    elements: Elements,
    whole: bool,
) -> Array:
    """Products of deviations row by row, a chunk at a time: items meet in respondents, not in cells."""
    size = sum(piece.size for piece in pieces)
    out = np.zeros((size, size) if whole else size)
    for start in range(0, structure.rows, _CHUNK):
        at = slice(start, min(start + _CHUNK, structure.rows))
        values = np.hstack([piece.rows(at) for piece in pieces]) * structure.weights[at, None]
        if coefficients:
            values = values - residuals.rows(coefficients, at)
        values = elements.deviations(values, structure.unit[at])
        out += values.T @ values if whole else np.einsum("ij,ij->j", values, values)
    silent = silent_deviations(structure, residuals.silent(coefficients), elements)
    return out + (silent.T @ silent if whole else np.einsum("ij,ij->j", silent, silent))


def silent_deviations(structure: CodedDesign, values: Array | None, elements: Elements) -> Array:
    """What nonrespondents add where they are the units that were drawn: (absent, statistics)."""
    known = np.zeros((len(structure.silent), elements.centre.shape[1]))
    if values is not None:
        known[: len(values)] = values
    return elements.deviations(known, structure.silent)


def row_covariance(
    structure: CodedDesign, residuals: Residuals, influence: Array, inside: NDArray[np.bool_] | None = None
) -> Array:
    """Covariance of statistics given by their influence values (rows, statistics), as for a model's coefficients.

    `inside` (rows,) says who is in the domain; left out, everyone is.
    """

    def cross(block: Block, weights: Array) -> Array:
        values = weights if block.number is None else weights * block.number
        return np.stack([weighted_count(block.code, values * column, block.size) for column in influence.T], axis=1)

    weighted = influence * structure.weights[:, None]
    z = np.stack([weighted_count(structure.unit, column, structure.units) for column in weighted.T], axis=1)
    away, members = None, None
    if residuals.steps:
        coefficients = residuals.coefficients(cross)
        weighted = weighted - residuals.rows(coefficients, slice(None))
        z = residuals.take_off(z, coefficients)
        away = residuals.silent(coefficients)
    elif inside is not None:
        n = np.bincount(structure.unit[inside], minlength=structure.units)
        members = np.repeat(n[:, None], influence.shape[1], axis=1)

    def second(whole: bool, elements: Elements) -> Array:
        rows = elements.deviations(weighted, structure.unit)
        both = np.vstack([rows, silent_deviations(structure, away, elements)])
        return both.T @ both if whole else np.einsum("ij,ij->j", both, both)

    return Linearized.of(structure, z, second, members).covariance()
