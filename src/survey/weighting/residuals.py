"""What calibration takes off a variance: influence values lose what the calibration variables explain.

For weights calibrated in steps w_0 -> w_1 -> ... -> w_k, a total of u has the linearised row value

    r_k = w_k u - w_k x_k' B_k,    r_{s} = r_{s+1} - w_s x_s' B_s,

where B_s regresses r_{s+1} / w_s on x_s with the weights from *before* step s (Deville & Sarndal 1992, for one step;
applied from the last step to the first for several). Margins are linearly dependent, so the regression uses a
pseudo-inverse; the fitted values do not depend on the choice.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from survey._linalg import Array, solve_spd, weighted_count
from survey.design import Design
from survey.structure import Ints, Structure, factorize

__all__ = ["Block", "Residuals", "Step", "cross_counts"]


@dataclass(frozen=True, slots=True)
class Block:
    """Calibration variables: the indicators of a coded margin, or one number.

    Parameters
    ----------
    code : int array (rows,)
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
class Step:
    """One calibration: its variables and the weights before and after it."""

    blocks: tuple[Block, ...]
    before: Array
    after: Array
    gram: Array


Cross = Callable[[Block, Array], Array]
"""Sum over rows of weights * x u for a block: (block size, statistics)."""


@dataclass(frozen=True, slots=True)
class Residuals:
    """The calibrations of a sample, ready to be taken off any influence value."""

    steps: tuple[Step, ...]
    unit_totals: tuple[Array, ...]

    @classmethod
    def of(cls, frame: pd.DataFrame, design: Design, structure: Structure) -> Residuals:
        """Code the calibrations that a design remembers."""
        steps, totals = [], []
        columns = [a.weights_before for a in design.adjustments] + [design.weights]
        for i, adjustment in enumerate(design.adjustments):
            before = frame[columns[i]].to_numpy(float)
            after = frame[columns[i + 1]].to_numpy(float)
            blocks = []
            for margin in adjustment.margins:
                code, labels = factorize([frame[c] for c in margin])
                blocks.append(Block(code, len(labels)))
            zero = np.zeros(len(frame), np.int64)
            blocks += [Block(zero, 1, frame[c].to_numpy(float)) for c in adjustment.numbers]
            gram = np.block([[cross_counts(a, b, before) for b in blocks] for a in blocks])
            steps.append(Step(tuple(blocks), before, after, gram))
            totals.append(np.hstack([b.sums(after, structure.unit, structure.units) for b in blocks]))
        return cls(tuple(steps), tuple(totals))

    def coefficients(self, cross: Cross, weights: Array) -> tuple[Array, ...]:
        """Regression coefficients of every step (variables, statistics), from `cross` of the statistics."""
        found: dict[int, Array] = {}
        for s in range(len(self.steps) - 1, -1, -1):
            step = self.steps[s]
            share = step.before / step.after
            right = np.vstack([cross(block, share * weights) for block in step.blocks])
            for later, coefficients in found.items():
                other = self.steps[later]
                joint = np.block([[cross_counts(a, b, share * other.after) for b in other.blocks] for a in step.blocks])
                right = right - joint @ coefficients
            found[s] = solve_spd(step.gram, right)[0]
        return tuple(found[s] for s in range(len(self.steps)))

    def take_off(self, z: Array, coefficients: tuple[Array, ...]) -> Array:
        """Unit totals of the residuals."""
        for totals, b in zip(self.unit_totals, coefficients, strict=True):
            z = z - totals @ b
        return z

    def rows(self, coefficients: tuple[Array, ...], at: slice) -> Array:
        """What is taken off the rows `at`: (rows, statistics)."""
        out: Array | float = 0.0
        for step, b in zip(self.steps, coefficients, strict=True):
            start = 0
            for block in step.blocks:
                out = out + block.rows(step.after, b[start : start + block.size], at)
                start += block.size
        return np.asarray(out)


def cross_counts(a: Block, b: Block, weights: Array) -> Array:
    """Sum over rows of weights * x_a x_b: (size of a, size of b)."""
    values = weights
    for block in (a, b):
        if block.number is not None:
            values = values * block.number
    return weighted_count(a.code * b.size + b.code, values, a.size * b.size).reshape(a.size, b.size)
