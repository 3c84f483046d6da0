"""Why a calibration cannot succeed: found by linear programmes on its cells, proved by their dual, with what helps.

Weights that meet the totals within bounds exist exactly if a linear programme has a solution. Where it has none, its
dual gives a combination of the targets that no weights can reach (Farkas' lemma); which can be verified manually.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.base.arrays import Array
from survey.base.codes import Ints
from survey.base.text import counted
from survey.calibration.feasibility import Certificate, certificate, least_cells, nearest_bounds
from survey.calibration.newton import Solution
from survey.calibration.problem import Problem
from survey.codebook.told import describe_groups, describe_rows, may_be_shown
from survey.errors import ConvergenceError, shorten

__all__ = ["Explanation", "explain", "refuse", "refuse_signs", "settled"]

Bounds = tuple[float, float] | None

_LARGEST = 20_000
"""Cells up to which linear programmes are solved; beyond that it would take minutes."""
_TRIES = 40
_VANISHING = 1e-6
"""Factors below this share of what any total of the cell asks for."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """What `ConvergenceError.explanation` holds.

    Parameters
    ----------
    reason : str
        In a sentence.
    possible : bool or None
        Whether weights that meet the totals exist; None where there were too many cells to tell.
    proof : Certificate or None
        A combination of the targets that no weights reach; None where weights exist.
    cells : DataFrame
        Pairs of categories without respondents that stand in the way, or cells whose weight would have to be zero.
    bounds : (low, high) or None
        The nearest bounds that leave room, where bounds are what is in the way: the low one is kept where a higher
        high one is enough.
    proposals : tuple of str
        What else helps: merged categories, margins left out, weights scaled first. Each was tried by itself.
    """

    reason: str
    possible: bool | None
    proof: Certificate | None
    cells: pd.DataFrame
    bounds: tuple[float, float] | None
    proposals: tuple[str, ...]


def settled(problem: Problem, solution: Solution, tolerance: float, bounds: Bounds, *, signed: bool) -> bool:
    """Whether the totals are met by weights that count.

    Where totals hold only with no one in some cells, an iteration comes as near to them as it likes with weights that
    go to zero. A cell with far less weight than any of its totals asks for is looked at closely.
    """
    if not solution.worst <= tolerance:
        return False
    if signed or (bounds is not None and bounds[0] > 0) or len(problem.start) > _LARGEST:
        return True
    high = np.inf if bounds is None else bounds[1]
    return not (_vanishing(problem, solution).any() and least_cells(problem, high).any())


def _vanishing(problem: Problem, solution: Solution) -> NDArray[np.bool_]:
    people = np.concatenate([np.full(len(m.categories), m.values is None) for m in problem.margins])
    with np.errstate(divide="ignore", invalid="ignore"):
        asked = np.where(people, problem.totals / (problem.x.T @ problem.start), np.inf)
    x = problem.x.tocsr()
    least = np.minimum.reduceat(asked[x.indices], x.indptr[:-1])
    least = np.where(np.isfinite(least), least, np.median(solution.factors))
    vanishing: NDArray[np.bool_] = solution.factors < _VANISHING * least
    return vanishing


def refuse(
    problem: Problem,
    solution: Solution,
    what: str,
    tolerance: float,
    max_iterations: int,
    bounds: Bounds,
    *,
    signed: bool,
) -> None:
    """Raise what there is to say about an iteration that ended without meeting the totals.

    Raises
    ------
    ConvergenceError
        Always; its attribute `explanation` has the parts.
    """
    found = explain(problem, bounds, signed=signed, tolerance=tolerance)
    gaps = np.abs(problem.gaps(solution.factors))
    achieved = problem.x.T @ (problem.start * solution.factors)
    order = np.argsort(-gaps, kind="stable")
    pairs = (f"{problem.labels[i]}: {_apart_by(achieved[i], problem.totals[i])}" for i in order if gaps[i] > tolerance)
    got = shorten(pairs, 4)
    if solution.worst <= tolerance:
        n = problem.joint.count[_vanishing(problem, solution)].sum()
        got = f"{counted(int(n), 'weight')} near 0"
    proof = "" if found.proof is None else f". Proof: {found.proof}"
    margins = shorten(m.margin.name for m in problem.margins)
    raise ConvergenceError(
        f"{what} did not meet the margins: {found.reason}",
        where=f"{counted(solution.iterations, 'iteration')} over {margins}",
        got=got + proof,
        expected=f"every margin within {tolerance:g} of its target",
        fix=_mending(found, max_iterations),
        explanation=found,
    )


def refuse_signs(problem: Problem, solution: Solution, weights: Array, index: pd.Index) -> None:
    """Raise that linear calibration gives weights that are not positive, with what does not.

    Raises
    ------
    ConvergenceError
        Always.
    """
    at, people = problem.joint.spread(solution.factors <= 0), problem.joint.people
    n = int((at if people is None else people[at]).sum())
    least = "" if people is not None else f" from {problem.weighted(weights, solution.factors).min():.3g}"
    found = explain(problem, None, signed=False)
    if found.possible:
        ways = ['method="raking", which is never negative']
        # bounds are of the weights as they came
        plain = replace(problem, start=problem.start / problem.scale, scale=1.0)
        if 0.2 < problem.start.sum() / plain.start.sum() < 5:
            near = (0.2, 5.0) if certificate(plain, 0.2, 5.0) is None else nearest_bounds(plain, 0.2, 5.0)
            ways += [] if near is None or near[0] == 0 else [f"bounds=({near[0]:g}, {near[1]:g})"]
        reason = "positive weights exist, but not as a straight line in what is known."
        found = Explanation(reason, True, None, pd.DataFrame(), None, tuple(ways))
    elif found.possible is None:
        found = replace(found, proposals=('method="raking", which is never negative', "bounds=(0.2, 5)"))
    proof = "" if found.proof is None else f". Proof: {found.proof}"
    raise ConvergenceError(
        f"Calibration produced weights that are not positive: {found.reason}",
        where=f"rows {describe_rows(index, at)}" if people is None else None,
        got=f"{counted(n, 'weight')}{least}{proof}",
        expected="positive weights",
        fix=_mending(found, 0),
        explanation=found,
    )


def _apart_by(achieved: float, total: float) -> str:
    """Two numbers with as many digits as it takes to see the difference."""
    gap = abs(achieved - total)
    digits = int(np.clip(1 - np.floor(np.log10(gap)), 1, 12)) if 0 < gap < np.inf else 1
    return f"{achieved:,.{digits}f} for {total:,.{digits}f}"


def _mending(found: Explanation, max_iterations: int) -> str:
    ways = list(found.proposals)
    if found.bounds is not None:
        ways.insert(0, f"bounds=({found.bounds[0]:g}, {found.bounds[1]:g}) or wider")
    if found.possible and not ways:
        ways = [f"more iterations (max_iterations={max(10 * max_iterations, 1000)}), or a looser tolerance"]
    if not ways:
        ways = ["look for confounded margins or margins from different sources; merge categories, or drop a margin"]
    return "; or ".join(ways)


def explain(problem: Problem, bounds: Bounds, *, signed: bool, tolerance: float = 1e-10) -> Explanation:
    """Explain why totals cannot be met.

    Parameters
    ----------
    problem : Problem
    bounds : (low, high) or None
        Of the factors.
    signed : bool
        Whether weights may be negative (linear calibration without bounds).
    tolerance : float
        Of the iteration: what margins may differ by.
    """
    nothing = pd.DataFrame()
    if len(problem.start) > _LARGEST:
        return Explanation(
            f"there are {len(problem.start):,} cells, too many to say why.", None, None, nothing, None, ()
        )
    low, high = bounds if bounds is not None else (-np.inf if signed else 0.0, np.inf)
    apart, difference = _apart(problem, tolerance)
    proof = certificate(problem, low, high)
    if proof is not None:
        if bounds is not None and certificate(problem, 0.0, np.inf) is None and not least_cells(problem).any():
            return _too_tight(problem, proof, low, high)
        empty = _empty_pairs(problem, proof)
        reason = apart or (
            f"there are no respondents in {_listed(empty['cell'])}."
            if len(empty)
            else "the targets contradict each other."
        )
        return Explanation(reason, False, proof, empty, None, tuple(_merges(problem, proof, low, high)))
    if apart:  # by so little that linear programmes do not see it
        rounding = f"tolerance={2 * difference:.1g}, if this is rounding"
        return Explanation(apart, False, None, nothing, None, (rounding,))
    if low == 0:
        zero = least_cells(problem, high)
        if zero.any():
            cells = _described(problem, np.flatnonzero(zero))
            reason = f"they hold only with zero weight in {_listed(cells['cell'])}."
            return Explanation(reason, False, None, cells, None, tuple(_merges(problem, None, low, high)))
    return Explanation("weights exist, but the iteration ended before it.", True, None, nothing, None, ())


def _too_tight(problem: Problem, proof: Certificate, low: float, high: float) -> Explanation:
    """Weights exist, but not within the bounds."""
    counts = [m.totals.sum() for m in problem.margins if m.values is None]
    whole = problem.start.sum()
    if counts and not low <= counts[0] / whole <= high:
        reason = (
            f"the weights add up to {whole:,.6g} and the population is {counts[0]:,.6g}, so the bounds "
            f"({low:g}, {high:g}) leave no room."
        )
        scaled = problem.scaled(np.full(len(problem.start), counts[0] / whole))
        near = None if certificate(scaled, low, high) is None else nearest_bounds(scaled, low, high)
        way = f"scale the weights first: sample.scale_weights({counts[0]:.12g})"
        way += "" if near is None else f", then bounds=({near[0]:g}, {near[1]:g}) or wider"
        return Explanation(reason, False, proof, pd.DataFrame(), None, (way,))
    near = nearest_bounds(problem, low, high)
    reason = f"the bounds ({low:g}, {high:g}) leave no room."
    return Explanation(reason, False, proof, pd.DataFrame(), near, tuple(_merges(problem, proof, low, high)))


def _apart(problem: Problem, tolerance: float) -> tuple[str, float]:
    """Margins whose categories go together in blocks that have different totals: what "confounded" means.

    And how far the totals are apart, relative to them.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    counts = [(m, code) for m, code in zip(problem.margins, problem.codes, strict=False) if m.values is None]
    worst, found = 2 * tolerance, ""
    for (a, code_a), (b, code_b) in combinations(counts, 2):
        k, total = len(a.categories), len(a.categories) + len(b.categories)
        links = coo_array((np.ones(len(code_a)), (code_a, code_b + k)), shape=(total, total))
        blocks, block = connected_components(links, directed=False)
        for i in range(blocks if blocks > 1 else 0):
            of_a, of_b = np.flatnonzero(block[:k] == i), np.flatnonzero(block[k:] == i)
            there, here = a.totals[of_a].sum(), b.totals[of_b].sum()
            difference = abs(there - here) / max(there, here)
            if difference > worst * (1 + 1e-9):
                names_a, names_b = (shorten([m.labels[j] for j in at], 3) for m, at in ((a, of_a), (b, of_b)))
                worst = difference
                found = (
                    f"{a.margin.name} and {b.margin.name} are confounded: {names_a} goes with {names_b} and with "
                    f"nothing else, yet the targets are {there:,.10g} and {here:,.10g}."
                )
    return found, worst


def _empty_pairs(problem: Problem, proof: Certificate) -> pd.DataFrame:
    """Pairs of categories in which no one is, and in which someone would undo the proof."""
    rows = []
    parts = problem.slices()
    for i, j in combinations(range(len(problem.codes)), 2):
        one, other = problem.margins[i], problem.margins[j]
        worth = proof.multipliers[parts[i]][:, None] + proof.multipliers[parts[j]][None, :]
        occupied = np.zeros(worth.shape, bool)
        occupied[problem.codes[i], problem.codes[j]] = True
        for a, b in np.argwhere((worth > 0) & ~occupied):
            first = dict(zip(one.margin.variables, one.categories[a], strict=True))
            second = dict(zip(other.margin.variables, other.categories[b], strict=True))
            if all(first[v] == second[v] for v in first.keys() & second.keys()):  # no cell of two waves
                cell = ", ".join(f"{v} = {c}" for v, c in {**first, **second}.items())
                rows.append({"cell": cell, "respondents": 0})
    return pd.DataFrame(rows, columns=["cell", "respondents"])


def _listed(cells: pd.Series) -> str:
    return shorten((f"({cell})" for cell in cells), 3)


def _described(problem: Problem, cells: Ints) -> pd.DataFrame:
    n = problem.joint.count
    rows = []
    for cell in cells:
        parts: dict[str, object] = {}
        if problem.households is not None:
            parts[str(problem.households.name)] = describe_groups([problem.households.iloc[cell]])
        for margin, code in zip(problem.margins, problem.codes, strict=False):
            parts |= dict(zip(margin.margin.variables, margin.categories[code[cell]], strict=True))
            if margin.values is not None:
                value = float(margin.values[cell])
                parts[margin.margin.number] = f"{value:g}" if may_be_shown(value) else "a large number (not shown)"
        rows.append({"cell": ", ".join(f"{v} = {c}" for v, c in parts.items()), "respondents": int(n[cell])})
    return pd.DataFrame(rows, columns=["cell", "respondents"])


def _merges(problem: Problem, proof: Certificate | None, low: float, high: float) -> list[str]:
    """Merged neighbours, then whole margins left out, with which weights exist; three at most."""
    found: list[str] = []
    for text, smaller in _ways(problem, proof):
        if len(found) == 3:
            break
        if certificate(smaller, low, high) is None and not (low == 0 and least_cells(smaller, high).any()):
            found.append(text)
    return found


def _ways(problem: Problem, proof: Certificate | None) -> Iterator[tuple[str, Problem]]:
    """Problems with less to meet, the most local first."""
    size = len(problem.totals)
    near, whole = [], []
    for part, margin in zip(problem.slices(), problem.margins, strict=True):
        k = len(margin.categories)
        named = np.ones(k, bool) if proof is None else proof.multipliers[part] != 0
        if not named.any():
            continue
        for a in range(k - 1) if k > 2 and margin.values is None else ():
            first, second = margin.categories[a], margin.categories[a + 1]
            if first[:-1] == second[:-1] and (named[a] or named[a + 1]):
                merge = np.delete(np.eye(size), part.start + a + 1, axis=1)
                merge[part.start + a + 1, part.start + a] = 1
                near.append((f"merge {margin.labels[a]} with {margin.labels[a + 1]}", merge))
        if len(problem.margins) > 1:
            left = np.delete(np.eye(size), np.arange(part.start, part.stop), axis=1)
            what = "the margin" if margin.values is None else "the sum of"
            whole.append((f"leave {what} {margin.margin.name} out", left))
    for text, merge in near[:_TRIES] + whole:
        yield text, _merged(problem, merge)
    if problem.households is not None:
        yield "give members of a household weights of their own (no unit=)", Problem.of(problem.margins, problem.start)


def _merged(problem: Problem, merge: Array) -> Problem:
    from scipy import sparse

    return replace(problem, x=sparse.csr_array(problem.x @ merge), totals=merge.T @ problem.totals)
