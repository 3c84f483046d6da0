"""Linear programmes over the cells of a calibration: is there a solution, what proves there is none, what is near."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from survey.base.arrays import Array
from survey.base.codes import Ints
from survey.calibration.problem import Problem

__all__ = ["Certificate", "certificate", "least_cells", "least_high", "nearest_bounds", "nearest_limits"]

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
    y = y / unit
    once = np.abs(y[y != 0]).min()
    named = [label for m in problem.margins for label in m.labels]
    labels = named if len(named) == size else [f"target {i}" for i in range(size)]
    return Certificate(y / once, labels, float(asked / once), float(attainable / once))


def _forms(problem: Problem, y: Array) -> list[Array]:
    """Equivalent combinations, to choose the shortest from.

    A constant added to one margin of people and taken from another changes nothing, nor does one for each group of
    targets that cells link (a wave).
    """
    forms = [y]
    for linked in _linked(problem) if len(y) == sum(len(m.categories) for m in problem.margins) else ():
        shifted, shifts = y.copy(), []
        for group in linked:
            own = []
            for part in group:
                values, often = np.unique(np.round(y[part], 9), return_counts=True)
                own.append(values[np.argmax(often)])
                shifted[part] -= own[-1]
            shifts.append(sum(own))
        for kept in range(len(linked[0])):
            form = shifted.copy()
            for group, shift in zip(linked, shifts, strict=True):
                form[group[kept]] += shift
            forms.append(form)
    out = []
    for form in forms:
        form = np.where(np.abs(form) < 1e-9, 0.0, form)
        smallest = np.abs(form[form != 0]).min(initial=np.inf)
        out.append(form / smallest if np.isfinite(smallest) else form)
    return out


def _linked(problem: Problem) -> list[list[list[Ints]]]:
    """Targets by margin of people: all as one group, and in the groups that cells link; nothing for households."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    parts = problem.slices()
    people = [i for i, m in enumerate(problem.margins[: len(problem.codes)]) if m.values is None]
    if not people:
        return []
    size = len(problem.totals)
    first = problem.codes[people[0]] + parts[people[0]].start
    ends = [problem.codes[i] + parts[i].start for i in people]
    links = coo_array(
        (np.ones(len(first) * len(ends)), (np.tile(first, len(ends)), np.concatenate(ends))), shape=(size, size)
    )
    group = connected_components(links, directed=False)[1]
    at = [np.arange(parts[i].start, parts[i].stop) for i in people]
    return [[at], [[part[group[part] == g] for part in at] for g in np.unique(group[at[0]])]]


def least_cells(problem: Problem, high: float = np.inf) -> NDArray[np.bool_]:
    """Cells whose weight is zero in every solution: (cells,). None are where a positive solution exists."""
    from scipy.optimize import linprog
    from scipy.sparse import csr_array, eye_array, hstack

    cells = len(problem.start)
    share = problem.start / problem.start.sum()
    total = float(np.abs(problem.totals).max()) or float(problem.start.sum())
    # w = rest + t share, t as large as may be; then cell by cell, the most that each can hold
    column = csr_array((problem.x.T @ share)[:, None])
    system = hstack([problem.x.T, column], format="csr") * (1 / total)
    roof: dict[str, Any] = {}
    if np.isfinite(high):
        above = hstack([eye_array(cells), csr_array(share[:, None])], format="csr")
        roof = {"A_ub": above * (1 / total), "b_ub": high * problem.start / total}
    cost = np.zeros(cells + 1)
    cost[-1] = -1.0
    solved = linprog(cost, A_eq=system, b_eq=problem.totals / total, bounds=(0, None), method="highs", **roof)
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
        solved = linprog(cost, A_eq=system, b_eq=problem.totals / total, bounds=limits, method="highs", **roof)
        reached = (solved.x[:-1] > _SMALL * total) & open_ if solved.status == 0 else none
        if not reached.any():
            break
        open_ &= ~reached
    return open_


def nearest_bounds(problem: Problem, low: float, high: float) -> tuple[float, float] | None:
    """The nearest bounds of the factors with which totals can be met.

    The lower one is kept where a wider upper one is enough; else the upper one is raised as far as need be, and the
    lower one is the greatest that goes with it. Both leave a hundredth for rounding.
    """
    most = least_high(problem, problem.start, low * problem.start)
    if most is not None:
        return low, _above(most)
    most = least_high(problem, problem.start, 0.0 * problem.start)
    if most is None:
        return None
    wide = max(high, _above(most))
    least = _greatest_low(problem, problem.start, wide * problem.start)
    return float(np.floor(0.99 * min(least or 0.0, 0.99) * 1000) / 1000), wide


def _above(high: float) -> float:
    return float(np.ceil(1.01 * max(high, 1.001) * 100) / 100)


def nearest_limits(problem: Problem, n: Array, low: Bound, high: Bound) -> tuple[float | None, float | None]:
    """The greatest lower and the least upper limit of the weights themselves, the other one kept; n people a cell.

    None where no such limit would do.
    """
    least, most = _greatest_low(problem, n, high * n), least_high(problem, n, low * n)
    return None if least is None else 0.999 * least, None if most is None else 1.001 * most


def least_high(problem: Problem, size: Array, floor: Array) -> float | None:
    """The least h for which totals are met by w <= h * size, w >= floor."""
    return _limit(problem, -size, np.column_stack([floor, np.full(len(size), np.inf)]), 1.0)


def _greatest_low(problem: Problem, size: Array, roof: Array) -> float | None:
    """The greatest l for which totals are met by w >= l * size, w <= roof."""
    return _limit(problem, size, np.column_stack([np.zeros(len(size)), roof]), -1.0)


def _limit(problem: Problem, size: Array, limits: Array, cost: float) -> float | None:
    """The best h with totals met and -cost * w + h * size up to 0, w within limits."""
    from scipy.optimize import linprog
    from scipy.sparse import csr_array, eye_array, hstack

    cells, unit = len(size), _units(problem)
    totals = problem.totals / unit
    total = float(np.abs(totals).max())
    x = csr_array(problem.x.T / unit[:, None])
    equal = hstack([x, csr_array((len(totals), 1))], format="csr") * (1 / total)
    above = hstack([cost * eye_array(cells), csr_array(size[:, None])], format="csr")
    solved = linprog(
        np.append(np.zeros(cells), cost),
        A_ub=above,
        b_ub=np.zeros(cells),
        A_eq=equal,
        b_eq=totals / total,
        bounds=np.vstack([limits, [[0.0, np.inf]]]),
        method="highs",
    )
    return float(solved.x[-1]) if solved.status == 0 else None


def _bounds(problem: Problem, low: Bound, high: Bound) -> Array:
    with np.errstate(invalid="ignore"):
        return np.column_stack([low * problem.start, high * problem.start])


def _units(problem: Problem) -> Array:
    """What one of a target counts as: people as they are, sums of a number by its size."""
    units: list[Any] = []
    for part, margin in zip(problem.slices(), problem.margins, strict=True):
        size = 1.0 if margin.values is None else float(np.abs(margin.values).mean()) or 1.0
        units.append(np.full(part.stop - part.start, size))
    joined = np.concatenate(units)
    return joined if len(joined) == len(problem.totals) else np.ones(len(problem.totals))
