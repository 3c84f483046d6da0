"""From counts to estimates and their linearised covariance.

A `LinearizedItem` is one item's statistics in all groups: the estimate, and the gradient on the item's cells. Unit
totals of the influence values are a small product of counts and gradient; calibration and elements-as-clusters add
theirs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from survey.base.arrays import Array, weighted_count
from survey.calibration.residuals import Block, Residuals
from survey.counting.cells import Cells
from survey.counting.engine import without_rows
from survey.counting.memory import ItemRows, in_threads
from survey.design.coded_design import CodedDesign, Ints
from survey.estimation.estimators import Estimator
from survey.estimation.variance import Elements, Linearized

__all__ = ["LinearizedItem", "linearized", "row_covariance", "silent_deviations"]

_CHUNK = 16_384
_PRODUCT = 200_000
"""Multiplications of a product of matrices up to which BLAS works in the thread that asks it."""
_MANY = 8
"""Statistics of a group up to which each product of two is summed by itself."""


@dataclass(frozen=True, slots=True)
class LinearizedItem:
    """An item's statistics, linearised.

    Parameters
    ----------
    item : str
    sums : array (units, groups, features)
        The item's counts as far as the statistic needs them: sums of w times each feature (answer, moment) by unit. A
        mean needs two features of five answers, so this is smaller than the cells, which are not kept.
    n : int array (groups,)
        Rows with an answer.
    population : array (groups,)
        Their weights together.
    present : array (units, groups)
        As `Cells.members`.
    estimate, srs : array (groups, statistics)
    slope : array (groups, statistics, features)
        Gradient on `sums`.
    gradient : array (groups, statistics, answers or moments)
        Gradient on the cells.
    estimator : Estimator
    answers : array (answers,) or None
        As `Cells.answers`.
    respondents : ItemRows or None
        The item's rows; None where they were counted and not kept.
    features : array (answers, features), optional
        What each answer counts for.
    squares, margins : array, optional
        As of `Cells`; kept where rows are not.
    """

    item: str
    sums: Array
    n: Ints
    population: Array
    present: NDArray[Any]
    estimate: Array
    srs: Array
    slope: Array
    gradient: Array
    estimator: Estimator
    answers: NDArray[Any] | None
    respondents: ItemRows | None
    features: Array | None = None
    squares: Array | None = None
    margins: Array | None = None

    @classmethod
    def of(
        cls,
        estimator: Estimator,
        cells: Cells,
        respondents: ItemRows | None,
        features: Array | None = None,
    ) -> LinearizedItem:
        """Evaluate a estimator on cells; `features` (answers, features) says what each answer counts for."""
        totals, sums, n = np.einsum("ugb->gb", cells.sums), cells.sums, cells.n_groups
        population = totals.sum(axis=1) if cells.answers is not None else totals[:, estimator.one]
        if features is not None:
            totals = totals @ features
            features = features[:, : estimator.squared or features.shape[1]]
            sums = _products(sums, features)
        gradient = slope = np.nan_to_num(estimator.gradient(totals))
        if features is not None:
            slope = slope[:, :, : features.shape[1]]
            gradient = slope @ features.T
        estimate = estimator.evaluate(totals)
        estimate[n == 0] = np.nan
        srs = estimator.srs(totals, n.astype(float))
        return cls(
            cells.item,
            sums,
            n,
            population,
            cells.members,
            estimate,
            srs,
            slope,
            gradient,
            estimator,
            cells.answers,
            respondents,
            features,
            cells.squares if respondents is None else None,
            cells.margins if respondents is None else None,
        )

    def seen_as(self, estimator: Estimator) -> LinearizedItem:
        """Other statistics of the same counts, as far as these were kept."""
        totals = np.einsum("ugf->gf", self.sums)
        slope = np.nan_to_num(estimator.gradient(totals))
        estimate = estimator.evaluate(totals)
        estimate[self.n == 0] = np.nan
        return replace(
            self,
            estimator=estimator,
            estimate=estimate,
            srs=np.full(estimate.shape, np.nan),
            slope=slope,
            gradient=slope if self.features is None else slope @ self.features.T,
        )

    @property
    def width(self) -> int:
        """Sums that `cross` makes for each category."""
        groups, _, cells = self.gradient.shape
        return int((groups + 1) * (cells + 1))

    def evaluate(self, totals: Array) -> Array:
        """The statistics from other totals (replicates, groups, features): (replicates, size)."""
        flat = self.estimator.evaluate(totals.reshape(-1, totals.shape[2]))
        return flat.reshape(len(totals), self.size)

    def features_of(self, at: slice) -> Any:
        """What one unit of weight of some rows adds to each total: sparse (groups * features, rows)."""
        return self.own.features(self.features, at)

    @property
    def own(self) -> ItemRows:
        """The item's rows.

        Raises
        ------
        EstimationError
            If they were counted and not kept.
        """
        if self.respondents is None:
            raise without_rows(self.item)
        return self.respondents

    @property
    def size(self) -> int:
        return self.estimate.size

    def totals(self) -> Array:
        """Sums of w * u in the units: (units, groups * statistics)."""
        if self.slope.shape[1] == 1:
            return np.asarray(np.einsum("ugb,gb->ug", self.sums, self.slope[:, 0, : self.sums.shape[2]]))
        product = np.matmul(self.sums.transpose(1, 0, 2), self.slope.transpose(0, 2, 1))
        return np.asarray(product.transpose(1, 0, 2).reshape(len(self.sums), self.size))

    def members(self) -> Array:
        """Answers in each unit's part of the domain of each statistic: (units, groups * statistics)."""
        return np.repeat(self.present, self.estimate.shape[1], axis=1)

    def cross(self, block: Block, weights: Array) -> Array:
        """Sum over rows of weights * x u: (block size, groups * statistics)."""
        if self.margins is not None:
            first = int(block.code[0])
            counts = self.margins[first : first + block.size]
            return np.asarray(np.einsum("cgb,gsb->cgs", counts, self.gradient)).reshape(block.size, self.size)
        values = weights if block.number is None else weights * block.number
        return self.own.cross(self.gradient, block.code, block.size, values)

    def second(self, structure: CodedDesign, elements: Elements, whole: bool) -> Array:
        """Sum over everyone drawn of products of the elements' deviations, as `Linearized.second`.

        Rows are looked at for the statistics of their own group; for those of other groups they are what everyone
        else is, a value of 0 that deviates by the centre, and are counted without being visited.
        """
        groups, statistics = self.estimate.shape
        centre, root = (part.reshape(-1, groups, statistics) for part in (elements.centre, elements.root))
        drawn = np.zeros(0) if structure.elements is None else structure.elements.size
        away, apart = (drawn[:, None] - self.present)[:, :, None], root * centre
        pairs = [(s, t) for s in range(statistics) for t in range(s + 1) if whole or s == t]
        joint = np.zeros((groups, statistics, statistics))
        for s, t in pairs:
            joint[:, s, t] = (away[:, :, 0] * apart[:, :, s] * apart[:, :, t]).sum(axis=0)
        for start in range(0, structure.rows, _CHUNK):
            at = slice(start, min(start + _CHUNK, structure.rows))
            inside, group, own = self.own.influence(self.gradient, at)
            unit = structure.unit[at][inside]
            own *= structure.weights[at][inside, None]
            own -= centre[unit, group]
            own *= root[unit, group]
            for s, t in pairs:
                joint[:, s, t] += weighted_count(group, own[:, s] * own[:, t], groups)
        if not whole:
            return np.asarray(np.einsum("gss->gs", joint).reshape(-1))
        z, c = self.totals() * elements.root, elements.centre * elements.root
        between = z.T @ c
        out = ((c * drawn[:, None]).T @ c - between - between.T).reshape(groups, statistics, groups, statistics)
        joint = joint + np.tril(joint, -1).transpose(0, 2, 1)
        out[np.arange(groups), :, np.arange(groups), :] = joint
        return out.reshape(self.size, self.size)

    def rows(self, at: slice) -> Array:
        """Influence values u of some rows: (rows, groups * statistics)."""
        groups, statistics = self.estimate.shape
        inside, group, own = self.own.influence(self.gradient, at)
        out = np.zeros((len(self.own.grouping.code[at]), groups, statistics))
        out[inside, group] = own
        return out.reshape(len(out), self.size)


def _products(sums: Array, features: Array) -> Array:
    """Sums (units, groups, answers) times features (answers, features).

    Tables are taken in parts so small that BLAS starts no threads of its own: they would wait for each other.
    """
    units, groups, answers = sums.shape
    out = np.empty((units, groups, features.shape[1]))
    step = max(1, _PRODUCT // max(1, groups * answers * features.shape[1]))
    for start in range(0, units, step):
        part = sums[start : start + step]
        np.dot(part.reshape(-1, answers), features, out=out[start : start + step].reshape(-1, features.shape[1]))
    return out


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
