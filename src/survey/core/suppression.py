"""Complementary suppression: which further cells of a table are hidden, so that no hidden one can be computed.

A table of groups has totals, and totals are published: in the same table, or in another exhibit of the study. A group
that is hidden by itself is the total less the groups that are shown. What is decided here depends on the table alone,
never on what was exported before it, so that exhibits come out the same in any order.

References
----------
Willenborg & de Waal (2001), Elements of Statistical Disclosure Control, ch. 5; Hundepool et al. (2012), Statistical
Disclosure Control, ch. 4: secondary cell suppression, exact disclosure by linear relations.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from survey.base.arrays import Array

__all__ = ["complementary", "determined", "linked", "tells"]

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
_ROUNDING = 1e-9
_MOST = 2_000
"""Hidden cells of one table up to which relations of several lines together are looked at."""


def complementary(codes: Ints, n: Array, hidden: Bools, least: float) -> Bools:
    """Which further cells of one table to hide.

    Every total over some of the variables, and over all of them, is taken as published where a table of these totals
    would show it. Then no hidden cell may follow from the totals and the cells shown, and the hidden cells of a line
    have `least` answers together: their common result is a result too.

    Parameters
    ----------
    codes : int array (cells, variables)
        The category of each cell; no two cells agree in all.
    n : array (cells,)
        Answers behind each. Of the shown cells that help in most lines the smallest is hidden, the first of equal ones.
    hidden : bool array (cells,)
        Cells on too few answers.
    least : float
        The fewest answers that a published result stands on.

    Returns
    -------
    bool array (cells,)
        The further ones.
    """
    first, hidden = hidden, hidden.copy()
    if not hidden.any():
        return np.zeros(len(hidden), bool)
    n = np.nan_to_num(n)
    lines = _lines(codes, n, least)
    alone = np.zeros(len(n), bool)  # a cell that is a published total itself would be hidden in vain
    for line in lines:
        cells = np.flatnonzero(line & (n > 0))
        if len(cells) == 1:
            alone[cells] = True
    stuck: set[int] = set()
    while True:
        weak = [
            i
            for i, line in enumerate(lines)
            if i not in stuck
            and (line & hidden).any()
            and (np.count_nonzero(line & hidden & (n > 0)) == 1 or n[line & hidden].sum() < least)
        ]
        weak = weak or _bridges(lines, hidden & (n > 0), stuck)
        if not weak:
            return hidden & ~first
        chosen = _best(np.sum([lines[i] for i in weak], axis=0), ~hidden & ~alone & (n > 0), n)
        if chosen is None:
            stuck.update(weak)
        else:
            hidden[chosen] = True


def _lines(codes: Ints, n: Array, least: float) -> list[Bools]:
    """The cells of each total that is published: of some of the variables, over the others; hidden by the same rule."""
    variables = codes.shape[1]
    found: dict[bytes, Bools] = {}
    for size in range(variables):
        for kept in combinations(range(variables), size):
            groups, line = np.unique(codes[:, list(kept)], axis=0, return_inverse=True)
            line = line.reshape(-1)
            total = np.bincount(line, weights=n, minlength=len(groups)).astype(float)
            shown = total >= least
            if size and not shown.all():
                shown &= ~complementary(groups, total, (total < least) & (total > 0), least)
            for value in np.flatnonzero(shown):
                cells = line == value
                found.setdefault(cells.tobytes(), cells)
    return list(found.values())


def _bridges(lines: list[Bools], hidden: Bools, stuck: set[int]) -> list[int]:
    """Lines with a hidden cell that follows from several lines together."""
    at = np.flatnonzero(hidden)
    used = [i for i, line in enumerate(lines) if (line & hidden).any()]
    if not used or len(at) > _MOST:
        return []
    known = at[determined(np.stack([lines[i][at] for i in used]).astype(float), np.eye(len(at)))]
    return [i for i in used if i not in stuck and lines[i][known].any()]


def _best(helps: Ints, free: Bools, n: Array) -> int | None:
    """The cell that is in most of the lines, and of those the smallest."""
    at = np.flatnonzero(free & (helps > 0))
    return int(at[np.lexsort((n[at], -helps[at]))[0]]) if len(at) else None


def linked(members: Bools, n: Array, shown: Bools, hidden: Bools) -> Bools:
    """Which further cells to hide of tables of the same people side by side, some of whose cells overlap.

    Parameters
    ----------
    members : bool array (cells, people)
    n : array (cells,)
        People in each. Of the cells that a hidden one follows from the smallest is hidden, the first of equal ones.
    shown : bool array (cells,)
    hidden : bool array (cells,)
        Cells on too few answers.

    Returns
    -------
    bool array (cells,)
    """
    further = np.zeros(len(n), bool)
    small = np.flatnonzero(hidden & (n > 0))
    atoms = np.unique(np.packbits(members, axis=0), axis=1, return_index=True)[1]
    sets = members[:, atoms].astype(float)
    everyone = sets.any(axis=0, keepdims=True).astype(float)
    while len(small):
        at = np.flatnonzero(shown & ~further)
        known = np.vstack([sets[at], everyone])
        follows = small[determined(known, sets[small])]
        if not len(follows):
            break
        used = _needed(known, sets[follows[0]])
        used = [at[i] for i in used if i < len(at)]
        if not used:
            break
        further[min(used, key=lambda i: (n[i], i))] = True
    return further


def _needed(known: Array, asked: Array) -> list[int]:
    """So few of the known sums that what is asked follows from them, large ones left out first."""
    use = list(range(len(known)))
    for i in sorted(use, key=lambda i: -known[i].sum()):
        others = [o for o in use if o != i]
        if others and determined(known[others], asked[None])[0]:
            use = others
    return use


def tells(codes: Ints, n: Array, size: Array, hidden: Bools, small: Bools, weights: Array, least: float) -> bool:
    """Whether a combination of all cells of a table gives away a small one, or how it differs within its unit.

    Parameters
    ----------
    codes : int array (cells, variables)
        The category of each cell; of the first variable, units whose changes are told too.
    n, size : array (cells,)
        Answers behind each, and the sum of their weights.
    hidden, small : bool array (cells,)
        Cells that are not shown, and those of them on too few answers.
    weights : array (cells,)
        Of each cell's mean in the combination.
    least : float
        The fewest answers that a published result stands on.

    Returns
    -------
    bool
    """
    if not small.any():
        return False
    # the unknowns are means, so that all numbers are of like size
    lines = np.array([np.where(line, size, 0.0) / size[line].sum() for line in _lines(codes, n, least)])
    known = np.vstack([np.eye(len(n))[~hidden], lines.reshape(-1, len(n)), weights])
    units = [np.where(codes[:, 0] == unit, weights, 0.0) for unit in np.unique(codes[small, 0])]
    return bool(
        determined(known, np.vstack([np.eye(len(n))[small], *(u / np.abs(weights).max() for u in units)])).any()
    )


def determined(known: Array, asked: Array) -> Bools:
    """Which of some sums follow from known sums of the same unknowns.

    Parameters
    ----------
    known : array (sums, unknowns)
    asked : array (others, unknowns)

    Returns
    -------
    bool array (others,)
        Whether each is a linear combination of the known ones.
    """
    if not known.size:
        return np.zeros(len(asked), bool)
    _, size, basis = np.linalg.svd(known, full_matrices=False)
    basis = basis[size > _ROUNDING * max(known.shape) * size.max(initial=0.0)]
    rest = asked - (asked @ basis.T) @ basis
    return np.asarray(np.abs(rest).max(axis=1) < 1e-7)
