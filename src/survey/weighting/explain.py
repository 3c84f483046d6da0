"""Why a calibration cannot succeed: found by linear programmes on its cells, proved by their dual, with what helps.

Weights that meet the totals within bounds exist exactly if a linear programme has a solution. Where it has none, its
dual gives a combination of the targets that no weights can reach (Farkas' lemma); anybody can check that by hand.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
import pandas as pd

from survey._linalg import Array
from survey.errors import ConvergenceError, some
from survey.structure import Ints
from survey.weighting.newton import Solution
from survey.weighting.problem import Problem
from survey.weighting.programmes import Certificate, certificate, least_cells, nearest_bounds

__all__ = ["Explanation", "explain", "refuse"]

_LARGEST = 20_000
"""Cells up to which linear programmes are solved; beyond that it would take minutes."""
_TRIES = 40


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
        The nearest bounds that leave room, where bounds are what is in the way: with the low one kept, the least high
        one.
    proposals : tuple of str
        Merged categories, or margins left out, with which weights exist. Each was tried by itself.
    """

    reason: str
    possible: bool | None
    proof: Certificate | None
    cells: pd.DataFrame
    bounds: tuple[float, float] | None
    proposals: tuple[str, ...]


def refuse(
    problem: Problem,
    solution: Solution,
    what: str,
    tolerance: float,
    max_iterations: int,
    bounds: tuple[float, float] | None,
    *,
    signed: bool,
) -> None:
    """Raise what there is to say about an iteration that ended without meeting the totals.

    Raises
    ------
    ConvergenceError
        Always; its attribute `explanation` has the parts.
    """
    found = explain(problem, bounds, signed=signed)
    gaps = np.abs(problem.gaps(solution.factors))
    achieved = problem.x.T @ (problem.start * solution.factors)
    order = np.argsort(-gaps, kind="stable")
    labels = problem.labels
    worst = [f"{labels[i]}: {achieved[i]:,.1f} for {problem.totals[i]:,.1f}" for i in order if gaps[i] > tolerance]
    proof = "" if found.proof is None else f". Proof: {found.proof}"
    margins = some(m.margin.name for m in problem.margins)
    raise ConvergenceError(
        f"{what} stopped without meeting the margins: {found.reason}",
        where=f"{solution.iterations} iterations over {margins}",
        got=some(worst, 4) + proof,
        expected=f"every margin within {tolerance:g} of its target",
        fix=_mending(found, max_iterations),
        explanation=found,
    )


def _mending(found: Explanation, max_iterations: int) -> str:
    ways = list(found.proposals)
    if found.bounds is not None:
        ways.insert(0, f"bounds=({found.bounds[0]:.3g}, {found.bounds[1]:.3g}) or wider")
    if found.possible and not ways:
        ways = [f"more iterations (max_iterations={max(10 * max_iterations, 1000)}), or a looser tolerance"]
    if not ways:
        ways = ["look for confounded margins or margins from different sources; merge categories, or drop a margin"]
    return "; or ".join(ways)


def explain(problem: Problem, bounds: tuple[float, float] | None, *, signed: bool) -> Explanation:
    """Find out why totals cannot be met.

    Parameters
    ----------
    problem : Problem
    bounds : (low, high) or None
        Of the factors.
    signed : bool
        Whether weights may be negative (linear calibration without bounds).
    """
    nothing = pd.DataFrame()
    if len(problem.start) > _LARGEST:
        return Explanation(
            f"there are {len(problem.start):,} cells, too many to say why.", None, None, nothing, None, ()
        )
    low, high = bounds if bounds is not None else (-np.inf if signed else 0.0, np.inf)
    apart = _apart(problem)
    proof = certificate(problem, low, high)
    if proof is not None:
        if bounds is not None and certificate(problem, 0.0, np.inf) is None:
            near = nearest_bounds(problem, low)
            reason = f"the bounds ({low:g}, {high:g}) leave no room."
            counts = [m.totals.sum() for m in problem.margins if m.values is None]
            if counts and not low <= counts[0] / problem.start.sum() <= high:
                reason = (
                    f"the weights add up to {problem.start.sum():,.0f} and the population is {counts[0]:,.0f}, so the "
                    f"bounds ({low:g}, {high:g}) leave no room: scale the weights first (sample.scale_weights)."
                )
            return Explanation(reason, False, proof, nothing, near, tuple(_merges(problem, proof, low, high)))
        empty = _empty_pairs(problem, proof)
        reason = apart or (
            f"nobody is in {_listed(empty['cell'])}." if len(empty) else "the targets contradict each other."
        )
        return Explanation(reason, False, proof, empty, None, tuple(_merges(problem, proof, low, high)))
    if bounds is None and not signed:
        zero = least_cells(problem)
        if zero.any():
            cells = _described(problem, np.flatnonzero(zero))
            reason = f"they hold only if nobody counts in {_listed(cells['cell'])}."
            merges = tuple(_merges(problem, None, low, high, positive=True))
            return Explanation(reason, False, None, cells, None, merges)
    return Explanation("weights exist, but the iteration ended before it.", True, None, nothing, None, ())


def _apart(problem: Problem) -> str:
    """Margins whose categories go together in blocks that have different totals: what "confounded" means."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    counts = [(m, code) for m, code in zip(problem.margins, problem.codes, strict=False) if m.values is None]
    for (a, code_a), (b, code_b) in combinations(counts, 2):
        k, total = len(a.categories), len(a.categories) + len(b.categories)
        links = coo_array((np.ones(len(code_a)), (code_a, code_b + k)), shape=(total, total))
        blocks, block = connected_components(links, directed=False)
        for i in range(blocks if blocks > 1 else 0):
            of_a, of_b = np.flatnonzero(block[:k] == i), np.flatnonzero(block[k:] == i)
            there, here = a.totals[of_a].sum(), b.totals[of_b].sum()
            if abs(there - here) > 1e-6 * max(there, here):
                names_a, names_b = (some([m.labels[j] for j in at], 3) for m, at in ((a, of_a), (b, of_b)))
                return (
                    f"{a.margin.name} and {b.margin.name} are confounded: {names_a} goes with {names_b} and with "
                    f"nothing else, yet the targets are {there:,.0f} and {here:,.0f}."
                )
    return ""


def _empty_pairs(problem: Problem, proof: Certificate) -> pd.DataFrame:
    """Pairs of categories in which nobody is, and in which somebody would undo the proof."""
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
    return some((f"({cell})" for cell in cells), 3)


def _described(problem: Problem, cells: Ints) -> pd.DataFrame:
    n = problem.joint.count
    rows = []
    for cell in cells:
        parts: dict[str, object] = {}
        for margin, code in zip(problem.margins, problem.codes, strict=False):
            parts |= dict(zip(margin.margin.variables, margin.categories[code[cell]], strict=True))
        rows.append({"cell": ", ".join(f"{v} = {c}" for v, c in parts.items()), "respondents": int(n[cell])})
    return pd.DataFrame(rows, columns=["cell", "respondents"])


def _merges(
    problem: Problem, proof: Certificate | None, low: float, high: float, *, positive: bool = False
) -> list[str]:
    """Merged neighbours, then whole margins left out, with which weights exist; three at most."""
    found: list[str] = []
    for text, merge in _pairs(problem, proof)[:_TRIES]:
        if len(found) == 3:
            break
        smaller = _merged(problem, merge)
        if certificate(smaller, low, high) is None and not (positive and least_cells(smaller).any()):
            found.append(text)
    return found


def _pairs(problem: Problem, proof: Certificate | None) -> list[tuple[str, Array]]:
    """Ways to merge targets, the most local first, each as a matrix (targets, merged targets)."""
    size = len(problem.totals)
    near, whole = [], []
    for part, margin in zip(problem.slices(), problem.margins, strict=True):
        k = len(margin.categories)
        named = np.ones(k, bool) if proof is None else proof.multipliers[part] != 0
        if not named.any() or margin.values is not None:
            continue
        for a in range(k - 1) if k > 2 else ():
            first, second = margin.categories[a], margin.categories[a + 1]
            if first[:-1] == second[:-1] and (named[a] or named[a + 1]):
                merge = np.delete(np.eye(size), part.start + a + 1, axis=1)
                merge[part.start + a + 1, part.start + a] = 1
                near.append((f"merge {margin.labels[a]} with {margin.labels[a + 1]}", merge))
        if len(problem.margins) > 1:
            left = np.delete(np.eye(size), np.arange(part.start, part.stop), axis=1)
            whole.append((f"leave the margin {margin.margin.name} out", left))
    return near + whole


def _merged(problem: Problem, merge: Array) -> Problem:
    from scipy import sparse

    return replace(problem, x=sparse.csr_array(problem.x @ merge), totals=merge.T @ problem.totals)
