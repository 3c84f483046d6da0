"""Linear programmes over the cells of a calibration: is there a solution, what proves there is none, what is near."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from survey._linalg import Array
from survey.weighting.problem import Problem

__all__ = ["Certificate", "certificate", "least_cells", "least_limit", "nearest_bounds"]

Bound = float | Array

_SMALL = 1e-7


@dataclass(frozen=True, slots=True)
class Certificate:
    """A combination of the targets that no weights within the bounds reach.

    Parameters
    ----------
    multipliers : array (targets,)
        How often each target enters.
    labels : list of str
        The targets in words.
    asked : float
        The combination of the targets.
    attainable : float
        The most that it can be, whatever the weights; less than `asked`.
    """

    multipliers: Array
    labels: list[str]
    asked: float
    attainable: float

    def __str__(self) -> str:
        plus, minus = (_sum([self._term(i) for i in np.flatnonzero(sign * self.multipliers > 0)]) for sign in (1, -1))
        combination = f"{plus} less {minus}" if plus and minus else plus or f"minus {minus}"
        return (
            f"{combination} is at most {self.attainable:,.1f} with any weights; the targets make it {self.asked:,.1f}"
        )

    def _term(self, i: Any) -> str:
        times = abs(self.multipliers[i])
        return f"({self.labels[i]})" if abs(times - 1) < 1e-9 else f"{times:.4g} x ({self.labels[i]})"


def _sum(terms: list[str]) -> str:
    """Up to six terms in words."""
    more = [f"{len(terms) - 6} more"] if len(terms) > 6 else []
    joined = " + ".join(terms[:6] + more)
    return f"[{joined}]" if len(terms) > 1 else joined


def certificate(problem: Problem, low: Bound, high: Bound) -> Certificate | None:
    """The proof that no factors between `low` and `high` meet the totals, or None if some do.

    The programme lets every target be missed and asks for the least that is missed in all; its dual is the combination.
    """
    from scipy.optimize import linprog
    from scipy.sparse import eye_array, hstack

    unit = _units(problem)
    x, totals = problem.x.T / unit[:, None], problem.totals / unit
    size = len(totals)
    cells = len(problem.start)
    system = hstack([x, eye_array(size), -eye_array(size)], format="csr")
    cost = np.concatenate([np.zeros(cells), np.ones(2 * size)])
    bounds = np.vstack([_bounds(problem, low, high), np.tile([0.0, np.inf], (2 * size, 1))])
    solved = linprog(cost, A_eq=system, b_eq=totals, bounds=bounds, method="highs")
    if solved.status != 0 or solved.fun <= _SMALL * np.abs(totals).sum():
        return None
    best: tuple[Array, float, float] | None = None
    limits = _bounds(problem, low, high)
    # margins add up to the same total, so one proof has many forms: the shortest is the one to read
    for y in _forms(problem, np.asarray(solved.eqlin.marginals)):
        value = x.T @ y
        with np.errstate(invalid="ignore"):
            most = np.where(value > 1e-9, value * limits[:, 1], np.where(value < -1e-9, value * limits[:, 0], 0.0))
        asked, attainable = float(y @ totals), float(most.sum())
        shorter = best is None or np.count_nonzero(y) < np.count_nonzero(best[0])
        if asked - attainable > _SMALL * np.abs(totals).max() and shorter:
            best = (y, asked, attainable)
    if best is None:
        return None
    y, asked, attainable = best
    named = [label for m in problem.margins for label in m.labels]
    labels = named if len(named) == size else [f"target {i}" for i in range(size)]
    return Certificate(y / unit, labels, asked, attainable)


def _forms(problem: Problem, y: Array) -> list[Array]:
    """Equivalent combinations: a constant added to one margin of people and taken from another changes nothing."""
    forms = [y]
    parts = [p for p, m in zip(problem.slices(), problem.margins, strict=True) if m.values is None]
    if len(y) == sum(len(m.categories) for m in problem.margins):
        shifts = []
        for part in parts:
            values, often = np.unique(np.round(y[part], 9), return_counts=True)
            shifts.append(values[np.argmax(often)])
        for kept in parts:
            form = y.copy()
            for part, shift in zip(parts, shifts, strict=True):
                form[part] -= shift
            form[kept] += sum(shifts)
            forms.append(form)
    out = []
    for form in forms:
        form = np.where(np.abs(form) < 1e-9, 0.0, form)
        smallest = np.abs(form[form != 0]).min(initial=np.inf)
        out.append(form / smallest if np.isfinite(smallest) else form)
    return out


def least_cells(problem: Problem) -> NDArray[np.bool_]:
    """Cells whose weight is zero in every solution: (cells,). None are where a positive solution exists."""
    from scipy.optimize import linprog
    from scipy.sparse import csr_array, hstack

    cells = len(problem.start)
    share = problem.start / problem.start.sum()
    total = float(np.abs(problem.totals).max())
    # w = rest + t share, t as large as may be; then cell by cell, the most that each can hold
    column = csr_array((problem.x.T @ share)[:, None])
    system = hstack([problem.x.T, column], format="csr") * (1 / total)
    cost = np.zeros(cells + 1)
    cost[-1] = -1.0
    solved = linprog(cost, A_eq=system, b_eq=problem.totals / total, bounds=(0, None), method="highs")
    none = np.zeros(cells, bool)
    if solved.status != 0 or -solved.fun > _SMALL * total:
        return none
    open_ = np.ones(cells, bool)
    open_[solved.x[:-1] > _SMALL * total] = False
    for _ in range(cells):
        if not open_.any():
            break
        cost = np.concatenate([-open_.astype(float), [0.0]])
        limits = np.tile([0.0, np.inf], (cells + 1, 1))
        limits[-1, 1] = 0.0
        solved = linprog(cost, A_eq=system, b_eq=problem.totals / total, bounds=limits, method="highs")
        reached = (solved.x[:-1] > _SMALL * total) & open_ if solved.status == 0 else none
        if not reached.any():
            break
        open_ &= ~reached
    return open_


def nearest_bounds(problem: Problem, low: float) -> tuple[float, float] | None:
    """The least upper bound of the factors with which totals can be met, the lower one kept or, if need be, 0."""
    for least in (low, 0.0):
        high = _least_high(problem, problem.start, least * problem.start)
        if high is not None:
            return (least, float(np.ceil(1.01 * max(high, 1.001) * 100) / 100))  # rounding must leave room
    return None


def least_limit(problem: Problem, n: Array, low: Bound) -> float | None:
    """The least upper limit of the weights themselves with which totals can be met; n people a cell, `low` at least."""
    high = _least_high(problem, n, low * n)
    return None if high is None else 1.001 * high


def _least_high(problem: Problem, size: Array, floor: Array) -> float | None:
    """The least h for which totals are met by w <= h * size, w >= floor."""
    from scipy.optimize import linprog
    from scipy.sparse import csr_array, eye_array, hstack

    cells = len(size)
    total = float(np.abs(problem.totals).max())
    equal = hstack([problem.x.T, csr_array((len(problem.totals), 1))], format="csr") * (1 / total)
    above = hstack([eye_array(cells), csr_array(-size[:, None])], format="csr")
    cost = np.concatenate([np.zeros(cells), [1.0]])
    limits = np.vstack([np.column_stack([floor, np.full(cells, np.inf)]), [[0.0, np.inf]]])
    solved = linprog(
        cost, A_ub=above, b_ub=np.zeros(cells), A_eq=equal, b_eq=problem.totals / total, bounds=limits, method="highs"
    )
    return float(solved.x[-1]) if solved.status == 0 else None


def _bounds(problem: Problem, low: Bound, high: Bound) -> Array:
    with np.errstate(invalid="ignore"):
        return np.column_stack([low * problem.start, high * problem.start])


def _units(problem: Problem) -> Array:
    """What one of a target counts as: people as they are, sums of a number by its size."""
    units: list[Any] = []
    for part, margin in zip(problem.slices(), problem.margins, strict=True):
        size = 1.0 if margin.values is None else max(float(np.abs(margin.values).mean()), 1e-300)
        units.append(np.full(part.stop - part.start, size))
    joined = np.concatenate(units)
    return joined if len(joined) == len(problem.totals) else np.ones(len(problem.totals))
