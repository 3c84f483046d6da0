"""Replicate weights that went the same way as the weights: every adjustment is made anew in every replicate.

A replicate multiplies clusters, an adjustment multiplies cells. So the sums that an adjustment looks at are, for all
replicates at once, a product of the clusters' sums by cell with the multipliers, and what comes out is a factor a cell
and replicate: there is no table of respondents by replicates (Valliant, Dever & Kreuter 2018, section 15.4).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey._linalg import Array, weighted_count
from survey.design import Adjustment, Design, Replicates
from survey.errors import ConvergenceError, DesignError, some
from survey.structure import Ints, Structure, factorize
from survey.weighting.anew import rescaled, retrimmed
from survey.weighting.batch import calibrate_all
from survey.weighting.margins import code_margins
from survey.weighting.problem import Problem, indicators_of, joint_cells

__all__ = ["Factor", "Readjusted", "multiplier_rows"]

_ROOM = 2**22
"""Numbers in one passing table of rows by replicates."""


@dataclass(frozen=True, slots=True)
class Factor:
    """What one adjustment multiplies replicate weights by.

    Parameters
    ----------
    code : int array (rows,)
        Cell of each respondent.
    cells : array (cells, replicates)
    rows : array (rows,), optional
        A part that is the same in every replicate: trimming and scaling of samples stored before these were made anew.
    """

    code: Ints
    cells: Array
    rows: Array | None = None


@dataclass(frozen=True, slots=True)
class Readjusted:
    """The weights of the respondents in every replicate.

    Parameters
    ----------
    base : array (rows,)
        Weights from before all adjustments; ones where a producer's columns are complete weights themselves.
    unit : int array (rows,)
        Row of the multipliers of each respondent.
    multipliers : array (units, replicates)
    factors : tuple of Factor
    """

    base: Array
    unit: Ints
    multipliers: Array
    factors: tuple[Factor, ...] = ()

    @classmethod
    def of(cls, frame: pd.DataFrame, design: Design, structure: Structure, progress: bool = False) -> Readjusted:
        """Make every adjustment of the design anew in every replicate.

        Parameters
        ----------
        frame : DataFrame
        design : Design
            With replicates.
        structure : Structure
        progress : bool
            Show a bar.

        Raises
        ------
        ConvergenceError
            If some replicates cannot be adjusted: a category may have lost all its clusters.
        """
        replicates = design.replicates
        if replicates is None:
            raise DesignError("The design has no replicates.")
        columns = [a.weights_before for a in design.adjustments] + [design.weights]
        base = structure.weights if columns[0] is None else frame[columns[0]].to_numpy(float)
        base, multipliers, unit, silent = _multipliers(frame, structure, replicates, base)
        made = cls(base, unit, multipliers)
        for adjustment, first, last in zip(design.adjustments, columns[:-1], columns[1:], strict=True):
            before, after = frame[first].to_numpy(float), frame[last].to_numpy(float)
            ratio = np.divide(after, before, out=np.ones(len(before)), where=before != 0)
            factor = _factor(made, adjustment, frame, design, silent, ratio, before != 0, progress)
            made = cls(base, unit, multipliers, (*made.factors, factor))
        return made

    @property
    def count(self) -> int:
        """Number of replicates."""
        return self.multipliers.shape[1]

    def chunks(self) -> Iterator[slice]:
        """Slices of the rows whose weights in all replicates fit into a passing table."""
        step = max(_ROOM // max(self.count, 1), 256)
        for start in range(0, len(self.base), step):
            yield slice(start, min(start + step, len(self.base)))

    def weights(self, at: slice | Ints) -> Array:
        """Weights of some rows in all replicates: (rows, replicates)."""
        out = self.multipliers[self.unit[at]]
        out *= self.base[at, None]
        for factor in self.factors:
            out *= factor.cells[factor.code[at]]
            if factor.rows is not None:
                out *= factor.rows[at, None]
        return out

    def replicate(self, r: int) -> Array:
        """Weights of all rows in one replicate."""
        out = self.base * self.multipliers[self.unit, r]
        for factor in self.factors:
            out *= factor.cells[factor.code, r]
            if factor.rows is not None:
                out *= factor.rows
        return out

    def sums(self, code: Ints, size: int, *, counts: bool = False) -> Array:
        """Sums of the weights by code in all replicates, or numbers of those who have one: (size, replicates)."""
        if counts:
            return _by_unit(
                (self.multipliers != 0).astype(float), self.unit, code, (self.base != 0).astype(float), size
            )
        base, codes, sizes = self.base, [code], [size]
        for factor in self.factors:
            base = base if factor.rows is None else base * factor.rows
            if len(factor.cells) > 1:
                codes.append(factor.code)
                sizes.append(len(factor.cells))
        cell, own = joint_cells(codes, sizes) if len(codes) > 1 else (code, [np.arange(size)])
        fine = _by_unit(self.multipliers, self.unit, cell, base, len(own[0]))
        parts = iter(own[1:])
        for factor in self.factors:
            fine *= factor.cells[next(parts)] if len(factor.cells) > 1 else factor.cells
        if len(own) == 1:
            out = np.zeros((size, self.count))
            out[own[0]] = fine
            return out
        summed: Array = indicators_of(own[0], size) @ fine
        return summed


def multiplier_rows(structure: Structure, replicates: Replicates) -> tuple[Ints, Ints]:
    """Which row of the multipliers belongs to each respondent, and to each of those who did not answer."""
    if structure.elements is not None and not structure.stages:
        drawn = np.arange(len(structure.drawn))
        return drawn[: structure.rows], drawn[structure.rows :]
    if replicates.per == "psu":
        return structure.psu[structure.unit], structure.psu[structure.silent]
    return structure.unit, structure.silent


def _multipliers(
    frame: pd.DataFrame, structure: Structure, replicates: Replicates, base: Array
) -> tuple[Array, Array, Ints, Ints]:
    """Base weights, multipliers, and their row of each respondent and of those who did not answer."""
    if replicates.multipliers is not None:
        return base, replicates.multipliers, *multiplier_rows(structure, replicates)
    columns = frame[list(replicates.columns)].to_numpy(float)
    return np.ones(len(base)) if replicates.combined else base, columns, np.arange(len(base)), np.zeros(0, np.int64)


def _by_unit(multipliers: Array, unit: Ints, cell: Ints, weights: Array, cells: int) -> Array:
    """Sums by cell in all replicates: the clusters' sums by cell, times the multipliers."""
    units = len(multipliers)
    if units * cells <= max(_ROOM * 2, 4 * len(cell)):
        table = weighted_count(cell * units + unit, weights, cells * units).reshape(cells, units)
        return table @ multipliers
    from scipy import sparse

    return sparse.csr_array((weights, (cell, unit)), shape=(cells, units)) @ multipliers


def _factor(
    made: Readjusted, step: Adjustment, frame: pd.DataFrame, design: Design, silent: Ints, ratio: Array,
    live: NDArray[np.bool_], progress: bool,
) -> Factor:  # fmt: skip
    if step.method == "nonresponse":
        return _classes(made, step, frame, design, silent)
    if step.method == "propensity":
        from survey.weighting.propensity import refitted

        return Factor(*refitted(made, step, frame, design, silent))
    if step.method == "scale" and step.settings:
        return Factor(*rescaled(made, step, frame))
    if step.method == "trim" and step.settings:
        return Factor(*retrimmed(made, step, frame, live, progress))
    if step.targets is None:
        return Factor(np.zeros(len(frame), np.int64), np.ones((1, made.count)), ratio)
    fixed = ratio if step.method == "trim" else None  # stored before trimming remembered how it was asked for
    start = made if fixed is None else _times(made, fixed)
    whole = bool(live.all())  # who weighs nothing may be in no category
    data = frame if whole else frame.loc[live]
    margins = code_margins(data, step.targets)
    problem = Problem.of(margins, np.ones(len(data)), data[step.unit] if step.unit else None)
    cell = problem.cell
    if not whole:
        cell = np.zeros(len(frame), np.int64)
        cell[live] = problem.cell
    sums = start.sums(cell, len(problem.start))
    # trimmed weights meet the targets already; elsewhere the factors of the whole sample are where to begin
    guess = np.ones(len(problem.start))
    if fixed is None:
        guess[cell[live]] = ratio[live]
    cells = calibrate_all(problem, sums, step, guess, progress)
    return Factor(cell, cells, fixed)


def _times(made: Readjusted, rows: Array) -> Readjusted:
    neutral = Factor(np.zeros(len(rows), np.int64), np.ones((1, made.count)), rows)
    return Readjusted(made.base, made.unit, made.multipliers, (*made.factors, neutral))


def _classes(made: Readjusted, step: Adjustment, frame: pd.DataFrame, design: Design, silent: Ints) -> Factor:
    """Factors of weighting classes: what those drawn weigh, over what the respondents weigh."""
    if design.absent is None or (len(silent) == 0 and len(design.absent.rows)):
        raise DesignError(
            "A non-response adjustment cannot be made anew in a producer's replicate weights.",
            got="replicate columns of the respondents alone", fix="make replicates of the design: sample.replicates()",
        )  # fmt: skip
    away = design.absent.rows
    names = list(step.margins[0])
    code, labels = factorize([pd.concat([frame[c], away[c]]) for c in names])
    n, k = len(frame), len(labels)
    code[:n] = np.maximum(code[:n], 0)  # who has no class has no weight
    answered = made.sums(code[:n], k)
    weights, of_away = away[design.absent.weights].to_numpy(float), code[n:]
    counted = (of_away >= 0) & (weights > 0)
    others = _by_unit(made.multipliers, silent[counted], of_away[counted], weights[counted], k)
    empty = (answered <= 0) & (others > 0)
    if empty.any():
        raise ConvergenceError(
            "In some replicates a weighting class has no respondent.",
            where=f"classes {some(labels.iloc[np.flatnonzero(empty.any(axis=1)), 0])}",
            got=f"{int(empty.any(axis=0).sum())} of {made.count} replicates", expected="a respondent in each",
            fix="merge small classes (collapse=), use Fay's replicates, which leave nobody out, or variance='taylor'",
        )  # fmt: skip
    with np.errstate(divide="ignore", invalid="ignore"):
        return Factor(code[:n], np.where(answered > 0, 1 + others / answered, 1.0))
