"""What reweighting takes off a variance: influence values lose what its variables explain.

For weights made in steps w_0 -> w_1 -> ... -> w_k, a total of u has the linearised row value

    r_k = w_k u,    r_s = r_{s+1} - a_s x_s' B_s,    B_s = G_s^{-1} sum of b_s r_{s+1} x_s,

from the last step to the first. A calibration regresses with the weights from *before* it (Deville & Sarndal 1992):
a = w_{s+1}, b = w_s / w_{s+1}, G = sum of w_s x x'. Margins are linearly dependent, so G is inverted by its
pseudo-inverse; the fitted values do not depend on the choice.

A nonresponse adjustment by estimated propensities p, w_{s+1} = w_s / p, has a = w_s (1 - p), b = 1 - p and
G = sum of w_s p (1 - p) x x' over everyone drawn; nonrespondents have r = w_s p x' B (Binder 1983; Kim & Kim
2007, Canadian J. Statistics 35). Weighting classes are the model with one propensity per class.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.base.arrays import Array, solve_spd, weighted_count
from survey.base.codes import Ints, factorize, numbers
from survey.calibration.problem import indicators_of
from survey.design.coded_design import CodedDesign
from survey.design.design import Adjustment, Design
from survey.errors import DesignError

__all__ = ["Block", "JointCells", "Residuals", "Step", "cross_counts"]

_MOST = 2**20
"""Sums that are kept while rows are counted by cells of all margins; with more, counting by margin is faster."""


@dataclass(frozen=True, slots=True)
class Block:
    """Calibration variables: the indicators of a coded margin, or one number.

    Parameters
    ----------
    code : int array (rows,)
        Where rows are not kept: the place of the first of these variables among all that were summed beforehand, alone.
    size : int
        Number of categories; 1 for a number.
    number : array (rows,), optional
    """

    code: Ints
    size: int
    number: Array | None = None

    def sums(self, weights: Array, unit: Ints, units: int) -> Array:
        """Sum of weights * x in each unit: (units, size)."""
        values = weights if self.number is None else weights * self.number
        return weighted_count(unit * self.size + self.code, values, units * self.size).reshape(units, self.size)

    def rows(self, factor: Array, coefficients: Array, at: slice) -> Array:
        """factor * x' coefficients for some rows: (rows, statistics)."""
        values = factor[at] if self.number is None else factor[at] * self.number[at]
        return coefficients[self.code[at]] * values[:, None]


@dataclass(frozen=True, slots=True)
class JointCells:
    """Respondents who are alike in all categories of a step: one pass over the rows then does for all its margins.

    Parameters
    ----------
    code : int array (rows,)
    size : int
    own : tuple of int arrays (size,) or None
        Category of each cell in each block; None for blocks of numbers.
    """

    code: Ints
    size: int
    own: tuple[Ints | None, ...]

    @classmethod
    def of(cls, blocks: tuple[Block, ...]) -> JointCells | None:
        """None where there is nothing to save: fewer than two margins, or cells of few respondents."""
        coded = [b for b in blocks if b.number is None]
        if len(coded) < 2:
            return None
        size = math.prod(b.size for b in coded)
        rows = len(coded[0].code)
        if size > max(rows, _MOST):
            return None
        key = coded[0].code
        for block in coded[1:]:
            key = key * block.size + block.code
        left = np.flatnonzero(np.bincount(key, minlength=size))
        cells = len(left)
        if 8 * cells > rows:
            return None
        place = np.zeros(size, np.int64)
        place[left] = np.arange(cells)
        own: list[Ints | None] = []
        for block in reversed(blocks):
            part = None
            if block.number is None:
                left, part = np.divmod(left, block.size)
            own.append(part)
        return cls(place[key], cells, tuple(reversed(own)))

    def sums(self, cross: Cross, blocks: tuple[Block, ...], weights: Array) -> Array:
        """Sum over rows of weights * x u: (variables, statistics)."""
        whole = cross(Block(self.code, self.size), weights)
        return np.vstack(
            [
                cross(b, weights) if own is None else indicators_of(own, b.size) @ whole
                for b, own in zip(blocks, self.own, strict=True)
            ]
        )

    def gram(self, blocks: tuple[Block, ...], weights: Array) -> Array:
        """Sum over rows of weights * x x'."""
        if any(own is None for own in self.own):
            return _gram(blocks, blocks, weights)
        own = tuple(Block(code, b.size) for code, b in zip(self.own, blocks, strict=True) if code is not None)
        return _gram(own, own, weighted_count(self.code, weights, self.size))

    def fitted(self, blocks: tuple[Block, ...], coefficients: Array) -> Array:
        """x' coefficients as far as categories go: (size, statistics)."""
        out, start = np.zeros((self.size, coefficients.shape[1])), 0
        for block, own in zip(blocks, self.own, strict=True):
            if own is not None:
                out += coefficients[start : start + block.size][own]
            start += block.size
        return out


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its variables x, and a, b and G of the module's formula.

    Parameters
    ----------
    blocks : tuple of Block
    taken : array (rows,)
        a: what x' B is multiplied by.
    share : array (rows,)
        b w_k: what u is multiplied by in the regression.
    inverse : array (variables, variables)
        The pseudo-inverse of G.
    unit_totals : array (units, variables)
        Sums of a x in the units, nonrespondents included.
    silent : array (absent, variables), optional
        a x of the nonrespondents.
    alike : JointCells, optional
        Respondents by cells of all margins, where those are few.
    later : tuple of array (variables, variables of a later step)
        Sums of a b x x' with the a and x of each later step.
    """

    blocks: tuple[Block, ...]
    taken: Array
    share: Array
    inverse: Array
    unit_totals: Array
    silent: Array | None = None
    alike: JointCells | None = None
    later: tuple[Array, ...] = ()

    @classmethod
    def summed(cls, first: int, inverse: Array, unit_totals: Array, later: tuple[Array, ...]) -> Step:
        """A step whose rows are not kept; its variables begin at `first` among all that were summed beforehand."""
        nobody = np.zeros(0)
        block = Block(np.array([first]), unit_totals.shape[1])
        return cls((block,), nobody, nobody, inverse, unit_totals, later=later)


Cross = Callable[[Block, Array], Array]
"""Sum over rows of weights * x u for a block: (block size, statistics)."""


@dataclass(frozen=True, slots=True)
class Residuals:
    """The steps of a sample's weights, ready to be taken off any influence value."""

    steps: tuple[Step, ...]

    @classmethod
    def of(cls, frame: pd.DataFrame, design: Design, structure: CodedDesign) -> Residuals:
        """Code the steps that a design remembers; those without variables (trimming, scaling) take nothing off."""
        steps: list[Step] = []
        columns = [a.weights_before for a in design.adjustments] + [design.weights]
        for adjustment, first, last in zip(design.adjustments, columns[:-1], columns[1:], strict=True):
            before, after = frame[first].to_numpy(float), frame[last].to_numpy(float)
            if adjustment.method in ("nonresponse", "propensity"):
                steps.append(_response_step(frame, design, structure, adjustment, before, after))
            elif adjustment.margins or adjustment.numbers:
                steps.append(_calibration_step(frame, structure, adjustment, before, after))
        for s, step in enumerate(steps):
            later = tuple(_gram(step.blocks, other.blocks, step.share * other.taken) for other in steps[s + 1 :])
            steps[s] = replace(step, share=step.share * structure.weights, later=later)
        return cls(tuple(steps))

    def without_rows(self) -> Residuals:
        """The same steps, for sums that were made beforehand."""
        steps, first = [], 0
        for step in self.steps:
            steps.append(Step.summed(first, step.inverse, step.unit_totals, step.later))
            first += step.unit_totals.shape[1]
        return Residuals(tuple(steps))

    def coefficients(self, cross: Cross, width: int = 1) -> tuple[Array, ...]:
        """Regression coefficients of every step (variables, statistics), from `cross` of the statistics.

        `width` is how many numbers `cross` keeps for each category while it sums.
        """
        found: list[Array] = []
        for step in reversed(self.steps):
            if step.alike is not None and step.alike.size * width <= _MOST:
                right = step.alike.sums(cross, step.blocks, step.share)
            else:
                right = np.vstack([cross(block, step.share) for block in step.blocks])
            for gram, coefficients in zip(step.later, found, strict=True):
                right = right - gram @ coefficients
            found.insert(0, step.inverse @ right)
        return tuple(found)

    def take_off(self, z: Array, coefficients: tuple[Array, ...]) -> Array:
        """Unit totals of the residuals."""
        for step, b in zip(self.steps, coefficients, strict=True):
            z = z - step.unit_totals @ b
        return z

    def rows(self, coefficients: tuple[Array, ...], at: slice) -> Array:
        """What is taken off the rows `at`: (rows, statistics)."""
        out: Array | float = 0.0
        for step, b in zip(self.steps, coefficients, strict=True):
            alike, start = step.alike, 0
            if alike is not None:
                out = out + alike.fitted(step.blocks, b)[alike.code[at]] * step.taken[at, None]
            for block in step.blocks:
                if alike is None or block.number is not None:
                    out = out + block.rows(step.taken, b[start : start + block.size], at)
                start += block.size
        return np.asarray(out)

    def silent(self, coefficients: tuple[Array, ...]) -> Array | None:
        """Row values of the nonrespondents: (absent, statistics); None where every case is in the data."""
        out: Array | None = None
        for step, b in zip(self.steps, coefficients, strict=True):
            if step.silent is not None:
                own = step.silent @ b
                out = -own if out is None else out - own
        return out


def _calibration_step(
    frame: pd.DataFrame, structure: CodedDesign, adjustment: Adjustment, before: Array, after: Array
) -> Step:
    blocks = _blocks(frame, adjustment, after > 0)
    totals = np.hstack([b.sums(after, structure.unit, structure.units) for b in blocks])
    alike = JointCells.of(blocks)
    gram = _gram(blocks, blocks, before) if alike is None else alike.gram(blocks, before)
    share = np.divide(before, after, out=np.zeros(len(after)), where=after > 0)
    return Step(blocks, after, share, _inverse(gram), totals, alike=alike)


def _blocks(frame: pd.DataFrame, adjustment: Adjustment, counted: NDArray[np.bool_]) -> tuple[Block, ...]:
    """The variables of a calibration; who has a weight of 0 may lack them, and adds nothing whatever is put there."""
    blocks = []
    for margin in adjustment.margins:
        code, labels = factorize([frame[c] for c in margin])
        blocks.append(Block(np.maximum(code, 0), len(labels)))
    for *groups, name in adjustment.numbers:
        number = np.where(counted, numbers(frame[name]), 0.0)
        if groups:
            code, labels = factorize([frame[c] for c in groups])
            blocks.append(Block(np.maximum(code, 0), len(labels), number))
        else:
            blocks.append(Block(np.zeros(len(frame), np.int64), 1, number))
    return _averaged(blocks, frame[adjustment.unit], counted) if adjustment.unit else tuple(blocks)


def _averaged(blocks: list[Block], unit: pd.Series, counted: NDArray[np.bool_]) -> tuple[Block, ...]:
    """Calibration variables as means over households: what members who share a weight were calibrated on."""
    code, labels = factorize([unit])
    code = np.maximum(code, 0)
    everyone = counted.astype(float)
    n = np.maximum(weighted_count(code, everyone, len(labels)), 1)
    zero = np.zeros(len(code), np.int64)
    out = []
    for block in blocks:
        means = block.sums(everyone, code, len(labels)) / n[:, None]
        out += [Block(zero, 1, column[code]) for column in means.T]
    return tuple(out)


def _response_step(
    frame: pd.DataFrame, design: Design, structure: CodedDesign, adjustment: Adjustment, before: Array, after: Array
) -> Step:
    if design.absent is None:
        raise DesignError("The design no longer contains the nonrespondents.", where=adjustment.method)
    away = design.absent.rows
    n, weights = len(frame), away[design.absent.weights].to_numpy(float)
    p = np.divide(before, after, out=np.ones(n), where=after > 0)
    if adjustment.method == "nonresponse":
        code, labels = factorize([pd.concat([frame[c], away[c]]) for c in adjustment.margins[0]])
        # the ineligible have no weight to give away, and may have no class
        missing, code = np.flatnonzero(code < 0), np.where(code < 0, 0, code)
        whole: tuple[Block, ...] = (Block(code, len(labels)),)
        of_class = np.zeros(len(labels))
        of_class[code[:n][after > 0]] = p[after > 0]
        p_away = of_class[code[n:]]
        weights = np.where(np.isin(np.arange(n, len(code)), missing), 0.0, weights)
    else:
        from survey.calibration.propensity import response_matrix

        x = response_matrix(adjustment, frame, design.absent)
        whole = tuple(Block(np.zeros(len(x), np.int64), 1, column) for column in x.T)
        p_away = away[adjustment.propensity].to_numpy(float)
        p_away = np.where(weights > 0, p_away, 1.0)
    here, there = slice(0, n), slice(n, None)
    blocks = tuple(_part(b, here) for b in whole)
    others = tuple(_part(b, there) for b in whole)
    taken = before * (1 - p)
    gram = _gram(blocks, blocks, before * p * (1 - p)) + _gram(others, others, weights * p_away * (1 - p_away))
    mine = np.hstack([b.sums(taken, structure.unit, structure.units) for b in blocks])
    theirs = np.hstack([b.sums(-weights * p_away, structure.silent, structure.units) for b in others])
    silent = np.hstack([b.sums(-weights * p_away, np.arange(len(away)), len(away)) for b in others])
    return Step(blocks, taken, 1 - p, _inverse(gram), mine + theirs, silent)


def _inverse(gram: Array) -> Array:
    """Pseudo-inverse: margins add up to the same total, so G has none."""
    return solve_spd(gram, np.eye(len(gram)))[0]


def _part(block: Block, at: slice) -> Block:
    return Block(block.code[at], block.size, None if block.number is None else block.number[at])


def _gram(first: tuple[Block, ...], second: tuple[Block, ...], weights: Array) -> Array:
    """Sum over rows of weights * x x' for the variables of two steps."""
    if first is not second:
        return np.block([[cross_counts(a, b, weights) for b in second] for a in first])
    size = [b.size for b in first]
    ends = np.cumsum(size)
    out = np.zeros((ends[-1], ends[-1]))
    for i, a in enumerate(first):
        for j, b in enumerate(first[: i + 1]):
            part = cross_counts(a, b, weights)
            rows, columns = slice(ends[i] - size[i], ends[i]), slice(ends[j] - size[j], ends[j])
            out[rows, columns] = part
            out[columns, rows] = part.T
    return out


def cross_counts(a: Block, b: Block, weights: Array) -> Array:
    """Sum over rows of weights * x_a x_b: (size of a, size of b)."""
    values = weights
    for block in (a, b):
        if block.number is not None:
            values = values * block.number
    return weighted_count(a.code * b.size + b.code, values, a.size * b.size).reshape(a.size, b.size)
