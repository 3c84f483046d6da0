"""The rows of several exhibits as sets of people: which hidden ones follow from those shown, and what to hide for it.

A hidden number of answers, or a hidden estimate with known weights, follows from those shown of the same item if and
only if its people are a linear combination of theirs. The effect of a programme is such a combination with weights.

References
----------
Willenborg & de Waal (2001), Elements of Statistical Disclosure Control, ch. 5 and 8; Hundepool et al. (2012),
Statistical Disclosure Control, ch. 4 (linked tables).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from survey.base.arrays import Array
from survey.core.domains import mixtures
from survey.core.estimates_data import EstimatesData
from survey.core.result import ResultData
from survey.core.suppression import determined
from survey.exhibits.exhibit import Exhibit
from survey.words import labels
from survey.words.disclosure import published
from survey.words.statuses import SUPPRESS_BELOW

__all__ = ["Cell", "L", "cells_of", "leaks", "protected", "withheld_beside"]

Bools = NDArray[np.bool_]
L = TypeVar("L", bound=ResultData | Exhibit)
_ROUNDING, _MOST = 1e-7, 80


@dataclass(frozen=True, slots=True)
class Cell:
    """A row of an exhibit.

    Parameters
    ----------
    people : str
        Name of its answers: its subject and set of people, or combination of sets.
    subject : str
        Name of what it is about; see `core.domains`.
    shown, small : bool
        Hidden and not small is what goes with another.
    n : int
    exhibit, item, group : str
    members : bool array (people,)
    data : bytes
        Which people there are.
    parts : tuple of (float, bool array (people,))
        Of an effect: how much the weighted sum of each set's answers counts; else empty.
    """

    people: str
    subject: str
    shown: bool
    small: bool
    n: int
    exhibit: str
    item: str
    group: str
    members: Bools
    data: bytes
    parts: tuple[tuple[float, Bools], ...] = ()

    def of(self, atoms: NDArray[np.int64]) -> Array:
        """How much one person of each atom counts: (atoms,), at most 1."""
        if not self.parts:
            return self.members[atoms].astype(float)
        whole = np.sum([c * m[atoms] for c, m in self.parts], axis=0)
        return np.asarray(whole / max(abs(c) for c, _ in self.parts), dtype=float)


def cells_of(
    things: Mapping[str, ResultData | Exhibit], least: int = SUPPRESS_BELOW, withheld: Collection[str] = ()
) -> list[Cell]:
    """The rows of exhibits that stand on people who are known; of differences, the rows that they combine."""
    cells: list[Cell] = []
    for name, e in ((name, e) for name, thing in things.items() for e in _seen(thing, least, withheld)):
        if isinstance(e, EstimatesData) and e.kind.by_units:
            cells += _effects(name, e)
        while isinstance(e, EstimatesData) and e._domains is None and e.origin is not None:
            e = e.origin  # a difference is held to tell the rows that it combines
        if not isinstance(e, EstimatesData) or e._domains is None:
            continue
        at, members = e._domains.sets()
        names, subjects, size = e._domains.names(), e._domains.subjects(), members.sum(axis=1)
        gone = np.zeros(len(at), bool) if e.hidden is None else e.hidden
        further = gone & False if e.complementary is None else e.complementary
        told = [column for column in labels.levels_of(e) if column != "item"]
        groups = [", ".join(map(str, row)) for row in e.table[told].itertuples(index=False, name=None)]
        items = _items(e)
        for i in np.flatnonzero(size[at] > 0).tolist():
            small = bool(gone[i] and not further[i])
            own, n = members[at[i]], int(size[at[i]])
            about = (names[i], subjects[i])
            cells.append(Cell(*about, not gone[i], small, n, name, items[i], groups[i], own, e._domains.key))
    return cells


def _seen(thing: ResultData | Exhibit, least: int, withheld: Collection[str]) -> list[ResultData]:
    """The results whose numbers are seen: of an exhibit also what stands beside its own (a median, a reference)."""
    if not isinstance(thing, Exhibit):
        return [published(thing, least, withheld)]
    low = thing.thresholds[0]
    options = {**thing.options, **thing.options.get("of_figure", {})}
    beside = [published(e, low, withheld) for e in options.values() if isinstance(e, ResultData)]
    return [published(thing.estimates, low, withheld) if withheld else thing.estimates, *beside]


def _items(e: EstimatesData) -> list[str]:
    return e.table["item"].astype(str).tolist() if "item" in e.table.columns else [""] * len(e.table)


def _effects(name: str, e: EstimatesData) -> list[Cell]:
    """The effects that are shown, each a combination of the means of its units."""
    origin, matrix = e.origin, e.contrast_matrix
    if origin is None or origin._domains is None or matrix is None:
        return []
    shown = ~np.isnan(e.table["estimate"].to_numpy(float))
    subjects, cells = origin._domains.subjects(), []
    for i, (people, parts) in enumerate(mixtures(origin._domains, np.asarray(matrix, float))):
        if shown[i] and parts:
            members = np.any([m for _, m in parts], axis=0)
            n = int(members.sum())
            about = (people, str(subjects[np.flatnonzero(matrix[i])[0]]))
            cells.append(Cell(*about, True, False, n, name, _items(e)[i], "", members, origin._domains.key, parts))
    return cells


def leaks(cells: Sequence[Cell]) -> list[tuple[Cell, list[Cell]]]:
    """Small cells that follow from those shown, with those that are needed for it."""
    found: list[tuple[Cell, list[Cell]]] = []
    apart: dict[tuple[bytes, str], list[Cell]] = {}
    for cell in cells:
        apart.setdefault((cell.data, cell.subject), []).append(cell)
    for group in apart.values():  # results of other people, and of other answers, have nothing to tell of these
        shown = {c.people: c for c in group if c.shown}
        small = {c.people: c for c in group if c.small}
        if not shown or not small:
            continue
        sets = {id(m): m for c in (*shown.values(), *small.values()) for m in (c.members, *(m for _, m in c.parts))}
        whole = np.array(list(sets.values()), dtype=bool)
        atoms = np.unique(np.packbits(whole, axis=0), axis=1, return_index=True)[1]
        known, asked = (np.array([c.of(atoms) for c in side.values()]) for side in (shown, small))
        follows = determined(known, asked)
        if not follows.any():
            continue
        use = np.linalg.lstsq(known.T, asked[follows].T, rcond=None)[0]
        cells_shown = list(shown.values())
        for cell, weights in zip(np.array(list(small.values()), dtype=object)[follows], use.T, strict=True):
            used = [c for c, w in zip(cells_shown, weights, strict=True) if abs(w) > _ROUNDING]
            found.append((cell, _needed(cell, used, atoms)))
    return found


def _needed(cell: Cell, used: list[Cell], atoms: NDArray[np.int64]) -> list[Cell]:
    """Of the rows that a hidden one follows from, so few that it does not follow without any of them."""
    if len(used) > _MOST:
        return used
    for c in sorted(used, key=lambda c: (-c.n, c.people)):
        others = [o for o in used if o is not c]
        if others and determined(np.array([o.of(atoms) for o in others]), cell.of(atoms)[None])[0]:
            used = others
    return used


def withheld_beside(
    things: Mapping[str, ResultData | Exhibit], least: int = SUPPRESS_BELOW, written: Sequence[Cell] = ()
) -> set[str]:
    """Names of the sets of people to hide in some exhibits, so that nothing hidden follows from all together.

    Parameters
    ----------
    things : mapping of str to (Estimates or Exhibit)
    least : int
        Of estimates; exhibits have their own.
    written : sequence of Cell
        Rows of exhibits that cannot be changed any more. What follows from these alone is left.

    Returns
    -------
    set of str
        Of each combination that gives a hidden row away the smallest row; empty where nothing does.
    """
    withheld: set[str] = set()
    public = {c.people for c in written if c.shown}
    while True:
        cells = [*cells_of(things, least, withheld), *written]
        chosen = set()
        for _, used in leaks(cells):
            own = [(c.n, c.people) for c in used if c.people not in public]
            chosen |= {min(own)[1]} if own else set()
        if chosen <= withheld:
            return withheld
        withheld |= chosen


def protected(things: Sequence[L], least: int = SUPPRESS_BELOW, written: Sequence[Cell] = ()) -> tuple[L, ...]:
    """Results and exhibits as they may be published together, beside rows that are published already."""
    withheld = withheld_beside({f"{i}": thing for i, thing in enumerate(things)}, least, written)
    return tuple(_without(thing, least, withheld) for thing in things)


def _without(thing: L, least: int, withheld: set[str]) -> L:
    if not isinstance(thing, Exhibit):
        return cast(L, published(thing, least, withheld))
    if not withheld:
        return thing
    low = thing.thresholds[0]

    def safe(options: Mapping[str, Any]) -> dict[str, Any]:
        return {k: published(e, low, withheld) if isinstance(e, ResultData) else e for k, e in options.items()}

    options = safe(thing.options)
    if "of_figure" in options:
        options["of_figure"] = safe(options["of_figure"])
    return cast(L, replace(thing, estimates=published(thing.estimates, low, withheld), options=options))
