"""One item's statistics in all groups, linearised: the estimates, and what each unit adds to them.

Most counts are tables of units by groups; where there are thousands of both, an item is counted by the pairs that hold
anyone (`PairedItem`), and made into a table for a few groups at a time where formulas want one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from survey.base.arrays import Array, weighted_count
from survey.calibration.residuals import Block
from survey.counting.cells import Cells
from survey.counting.engine import without_rows
from survey.counting.memory import ItemRows
from survey.counting.paired import PairCells
from survey.counting.pairs import Pairs
from survey.design.coded_design import CodedDesign, Ints
from survey.estimation.estimators import Estimator
from survey.estimation.variance import Elements

__all__ = ["LinearizedItem", "PairedItem"]

_CHUNK = 16_384
_PRODUCT = 200_000
"""Multiplications of a product of matrices up to which BLAS works in the thread that asks it."""


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
        cells: Cells | PairCells,
        respondents: ItemRows | None,
        features: Array | None = None,
    ) -> LinearizedItem:
        """Evaluate a estimator on cells; `features` (answers, features) says what each answer counts for."""
        totals, sums, n = cells.totals, cells.sums, cells.n_groups
        population = totals.sum(axis=1) if cells.answers is not None else totals[:, estimator.one]
        if features is not None:
            totals = totals @ features
            features = features[:, : estimator.squared or features.shape[1]]
            sums = _products(sums, features) if isinstance(cells, Cells) else sums @ features
        gradient = slope = np.nan_to_num(estimator.gradient(totals))
        if features is not None:
            slope = slope[:, :, : features.shape[1]]
            gradient = slope @ features.T
        estimate = estimator.evaluate(totals)
        estimate[n == 0] = np.nan
        srs = estimator.srs(totals, n.astype(float))
        item: LinearizedItem = (cls if isinstance(cells, Cells) else partial(PairedItem, pairs=cells.pairs))(
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
        return item

    def seen_as(self, estimator: Estimator) -> LinearizedItem:
        """Other statistics of the same counts, as far as these were kept."""
        totals = self.over_units(self.sums)
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

    def over_units(self, values: NDArray[Any]) -> NDArray[Any]:
        """Sums over all units of values that stand as `sums` does: (groups, ...)."""
        return np.asarray(np.einsum("ug...->g...", values))

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

    def among(self, units: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Whether any of some units (units,) has answers in the domain of each statistic: (groups * statistics,)."""
        return np.asarray((self.members()[units] > 0).any(axis=0))

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


@dataclass(frozen=True, slots=True, kw_only=True)
class PairedItem(LinearizedItem):
    """An item that was counted by pairs of unit and group: `sums`, `present` and `squares` are (pairs, ...).

    Parameters
    ----------
    pairs : Pairs
    """

    pairs: Pairs

    def over_units(self, values: NDArray[Any]) -> NDArray[Any]:
        """Sums over the units of each group of values (pairs, ...): (groups, ...)."""
        return self.pairs.over_units(values)

    def pair_totals(self) -> Array:
        """Sums of w * u in the pairs: (pairs, statistics)."""
        width, statistics = self.sums.shape[1], self.estimate.shape[1]
        out = np.empty((len(self.pairs), statistics))
        for s in range(statistics):
            slope = self.slope[:, s, :width][self.pairs.group]
            out[:, s] = np.einsum("pf,pf->p", self.sums, slope)
        return out

    def among(self, units: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """As of `LinearizedItem`, from the pairs."""
        there = self.over_units((self.present > 0) & units[self.pairs.unit]) > 0
        return np.repeat(there, self.estimate.shape[1])

    def parts(self, most: int) -> Iterator[LinearizedItem]:
        """The item as tables of some groups each, in order, of at most so many places."""
        step = max(1, most // max(1, self.pairs.units * max(self.estimate.shape[1], self.sums.shape[1])))
        for start in range(0, len(self.estimate), step):
            yield self.part(np.arange(start, min(start + step, len(self.estimate))))

    def part(self, groups: Ints | None = None) -> LinearizedItem:
        """The item as a table of all units by some of the groups (left out, by all)."""
        at = np.arange(len(self.estimate)) if groups is None else groups
        own = self.respondents
        if own is not None and groups is not None:
            place = np.full(len(self.estimate) + 1, len(at))
            place[at] = np.arange(len(at))
            whole = own.grouping
            few = replace(whole, code=place[whole.code], labels=whole.labels.iloc[at], partial=True, _kept={})
            own = replace(own, grouping=few)
        return LinearizedItem(
            self.item,
            self.pairs.table(self.sums, groups),
            self.n[at],
            self.population[at],
            self.pairs.table(self.present, groups),
            self.estimate[at],
            self.srs[at],
            self.slope[at],
            self.gradient[at],
            self.estimator,
            self.answers,
            own,
            self.features,
            None if self.squares is None else self.pairs.table(self.squares, groups),
            None if self.margins is None else self.margins[:, at],
        )

    def totals(self) -> Array:
        """As of `LinearizedItem`, all places of it."""
        return self.part().totals()

    def members(self) -> Array:
        """As of `LinearizedItem`, all places of it."""
        return np.repeat(self.pairs.table(self.present), self.estimate.shape[1], axis=1)

    def second(self, structure: CodedDesign, elements: Elements, whole: bool) -> Array:
        """As of `LinearizedItem`."""
        return self.part().second(structure, elements, whole)


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
