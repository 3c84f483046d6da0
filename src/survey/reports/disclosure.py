"""The exhibits of a study held against each other: what is hidden, and whether anything hidden can be computed.

Each result is published so that nothing hidden follows from it and its own totals (`words.disclosure`). What remains
are exhibits of different groups: wards beside the tiers they belong to, everyone beside those of one wave. Here, sets
of people are compared: a hidden number of answers, or a hidden estimate with known weights, follows from those shown
if and only if its people are a linear combination of theirs.

References
----------
Willenborg & de Waal (2001), Elements of Statistical Disclosure Control, ch. 5 and 8; Hundepool et al. (2012),
Statistical Disclosure Control, ch. 4 (linked tables).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.base.arguments import checked
from survey.base.catalogue import Note, listed, text
from survey.codebook import LANGUAGES
from survey.core.estimates_data import EstimatesData
from survey.core.result import ResultData
from survey.core.suppression import determined
from survey.errors import ExportError, shorten
from survey.estimates import Summary
from survey.exhibits.exhibit import Exhibit
from survey.words import labels
from survey.words.disclosure import published
from survey.words.statuses import FLAG_BELOW, MUCH, SUPPRESS_BELOW, details, reliability, statuses

__all__ = ["COUNTS", "Cell", "audit", "audit_cells", "cells_of", "counts_of", "hidden", "protect", "summary_of"]

Bools = NDArray[np.bool_]
E = TypeVar("E", bound=EstimatesData)
_ROUNDING, _MOST = 1e-7, 80
COUNTS = ("rows", "small", "complementary", "flagged", "unreliable", "review")
_COLUMNS = ("exhibit", "item", "group", "n", "computed_from")


@dataclass(frozen=True, slots=True)
class Cell:
    """A row of an exhibit.

    Parameters
    ----------
    people : str
        Name of its set of people.
    shown, small : bool
        Hidden and not small is what goes with another.
    n : int
    exhibit, item, group : str
    members : bool array (people,)
    data : bytes
        Which people there are.
    """

    people: str
    shown: bool
    small: bool
    n: int
    exhibit: str
    item: str
    group: str
    members: Bools
    data: bytes


@checked(ExportError)
def audit(*exhibits: Exhibit | EstimatesData | Mapping[str, Any], suppress_below: int = SUPPRESS_BELOW) -> pd.DataFrame:
    """Find hidden results that can be computed from several exhibits together.

    Parameters
    ----------
    *exhibits : Exhibit or Estimates, or mappings of names to them
        Everything that is published of a study. Estimates are taken as they would be published.
    suppress_below : int
        Of estimates; exhibits have their own.

    Returns
    -------
    DataFrame
        A row for each result on too few answers that follows from those shown: exhibit, item, group, n (its answers),
        computed_from (the exhibits whose rows give it away). Empty where nothing does.

    Raises
    ------
    ExportError
        For anything that is neither exhibit nor estimates.

    Notes
    -----
    Estimates follow if whoever computes them knows the weights of all groups; numbers of answers follow without.
    What does not stand on people who are known (results of other programs, more than 200,000 rows) is left out.

    Examples
    --------
    >>> sv.audit({"by ward": by_ward, "by tier": by_tier})  # doctest: +SKIP
    """
    return audit_cells(cells_of(_results(exhibits), suppress_below))


def audit_cells(cells: Sequence[Cell]) -> pd.DataFrame:
    """As `audit`, from the rows of exhibits."""
    rows = [
        {
            "exhibit": cell.exhibit,
            "item": cell.item,
            "group": cell.group,
            "n": cell.n,
            "computed_from": ", ".join(dict.fromkeys(c.exhibit for c in used)),
        }
        for cell, used in _leaks(cells)
    ]
    return pd.DataFrame(rows, columns=list(_COLUMNS))


@checked(ExportError)
def protect(*results: E, suppress_below: int = SUPPRESS_BELOW) -> tuple[E, ...]:
    """Hide what gives away a hidden result of another exhibit.

    The smallest group shown that is needed to compute a hidden one is hidden in every result, until nothing hidden
    follows from all of them together; which ones does not depend on the order of the results.

    Parameters
    ----------
    *results : Estimates
        Results of one sample that are published together.
    suppress_below : int

    Returns
    -------
    tuple of Estimates
        As they are published, in the same order: make exhibits of these.

    Raises
    ------
    ExportError
        For anything that is no Estimates.

    Examples
    --------
    >>> by_ward, by_tier = sv.protect(by_ward, by_tier)  # doctest: +SKIP
    """
    wrong = [type(r).__name__ for r in results if not isinstance(r, EstimatesData)]
    if wrong:
        raise ExportError("Only estimates can be protected.", got=shorten(wrong), expected="results with a covariance")
    named: dict[str, ResultData | Exhibit] = {f"{i}": r for i, r in enumerate(results)}
    withheld: set[str] = set()
    while True:
        found = _leaks(cells_of(named, suppress_below, withheld))
        chosen = {min((c.n, c.people) for c in used)[1] for _, used in found if used}
        if not chosen:
            return tuple(published(r, suppress_below, withheld) for r in results)
        withheld |= chosen


@checked(ExportError)
def hidden(*exhibits: Exhibit | EstimatesData | Mapping[str, Any]) -> Summary:
    """List what is hidden, flagged and unreliable in each exhibit, and what share of it is hidden.

    Parameters
    ----------
    *exhibits : Exhibit or Estimates, or mappings of names to them

    Returns
    -------
    Summary
        A row an exhibit, and one of all together: rows, small (on too few answers), complementary (hidden so that a
        small one cannot be computed), flagged, unreliable (by the standard of NCHS), review (few degrees of freedom, or
        a share of 0 or 1), share_hidden (0-1). Where more than 40% of an exhibit are hidden, a note proposes coarser
        groups.
    """
    return summary_of({name: counts_of(thing) for name, thing in _results(exhibits).items()})


def counts_of(thing: ResultData | Exhibit) -> dict[str, int] | None:
    """How many rows of an exhibit have each status (`COUNTS`); None for what is about no one's answers."""
    low, high = thing.thresholds if isinstance(thing, Exhibit) else (SUPPRESS_BELOW, FLAG_BELOW)
    e = thing.estimates if isinstance(thing, Exhibit) else published(thing, low)
    if not isinstance(e, EstimatesData):
        return None
    status = statuses(e, low, high)
    detail, why = details(e, status), reliability(e).astype(str)
    seen = np.isin(status.astype(str), ("shown", "flagged"))
    found = (
        np.ones(len(status), bool),
        detail == "small",
        detail == "complementary",
        status == "flagged",
        detail == "unreliable",
        seen & np.isin(why, ("df", "end")),
    )
    return {name: int(np.count_nonzero(at)) for name, at in zip(COUNTS, found, strict=True)}


def summary_of(counts: Mapping[str, Mapping[str, int] | None]) -> Summary:
    """As `hidden`, from what `counts_of` found in each exhibit."""
    rows = [{"exhibit": name, **found} for name, found in counts.items() if found is not None]
    table = pd.DataFrame(rows, columns=["exhibit", *COUNTS])
    total = {name: int(table[name].sum()) for name in COUNTS}
    table = pd.concat([table, pd.DataFrame([{"exhibit": "total", **total}])], ignore_index=True)
    gone = table["small"] + table["complementary"]
    table["share_hidden"] = (gone / table["rows"].where(table["rows"] > 0)).astype(float)
    much = table["exhibit"][:-1][table["share_hidden"][:-1] > MUCH].tolist()
    notes = (Note("notes.much_hidden", exhibits=listed(much)),) if much else ()
    words = {"total": {lang: text("words.hidden_total", lang) for lang in LANGUAGES}}
    return Summary(table, "hidden", notes=notes, words=words)


def _results(exhibits: Sequence[Any]) -> dict[str, ResultData | Exhibit]:
    """Everything by its name; what has none is called by its place."""
    found: dict[str, ResultData | Exhibit] = {}
    for thing in exhibits:
        pairs = thing.items() if isinstance(thing, Mapping) else [(getattr(thing, "name", "") or "", thing)]
        for given, one in pairs:
            if not isinstance(one, Exhibit | ResultData):
                raise ExportError(
                    "Only exhibits and estimates can be held against each other.",
                    got=type(one).__name__,
                    expected="figures, tables, or results of estimation verbs",
                )
            name = str(given) or f"{len(found) + 1}"
            while name in found:
                name += "′"
            found[name] = one
    return found


def _published(thing: ResultData | Exhibit, least: int, withheld: Collection[str]) -> list[ResultData]:
    """The results whose numbers are seen: of an exhibit also what stands beside its own (a median, a reference)."""
    if not isinstance(thing, Exhibit):
        return [published(thing, least, withheld)]
    options = {**thing.options, **thing.options.get("of_figure", {})}
    beside = [published(e, thing.thresholds[0]) for e in options.values() if isinstance(e, ResultData)]
    return [thing.estimates, *beside]


def cells_of(
    things: Mapping[str, ResultData | Exhibit], least: int = SUPPRESS_BELOW, withheld: Collection[str] = ()
) -> list[Cell]:
    """The rows of exhibits that stand on people who are known; of differences, the rows that they combine."""
    cells: list[Cell] = []
    for name, e in ((name, e) for name, thing in things.items() for e in _published(thing, least, withheld)):
        while isinstance(e, EstimatesData) and e._domains is None and e.origin is not None:
            e = e.origin  # a difference is held to tell the rows that it combines
        if not isinstance(e, EstimatesData) or e._domains is None:
            continue
        at, members = e._domains.sets()
        names, size = e._domains.names(), members.sum(axis=1)
        gone = np.zeros(len(at), bool) if e.hidden is None else e.hidden
        further = gone & False if e.complementary is None else e.complementary
        table = e.table
        told = [column for column in labels.levels_of(e) if column != "item"]
        groups = [", ".join(map(str, row)) for row in table[told].itertuples(index=False, name=None)]
        items = table["item"].astype(str).tolist() if "item" in table.columns else [""] * len(table)
        for i in range(len(at)):
            if not size[at[i]]:
                continue
            small = bool(gone[i] and not further[i])
            cells.append(
                Cell(
                    names[i],
                    not gone[i],
                    small,
                    int(size[at[i]]),
                    name,
                    items[i],
                    groups[i],
                    members[at[i]],
                    e._domains.key,
                )
            )
    return cells


def _leaks(cells: Sequence[Cell]) -> list[tuple[Cell, list[Cell]]]:
    """Small cells that follow from those shown, with those that are needed for it."""
    found: list[tuple[Cell, list[Cell]]] = []
    by_data: dict[bytes, list[Cell]] = {}
    for cell in cells:
        by_data.setdefault(cell.data, []).append(cell)
    for group in by_data.values():  # results of other people have nothing to tell of these
        shown = {c.people: c for c in group if c.shown}
        small = {c.people: c for c in group if c.small}
        if not shown or not small:
            continue
        whole = np.array([c.members for c in (*shown.values(), *small.values())], dtype=bool)
        atoms = np.unique(np.packbits(whole, axis=0), axis=1, return_index=True)[1]
        known, asked = whole[: len(shown), atoms].astype(float), whole[len(shown) :, atoms].astype(float)
        follows = determined(known, asked)
        if not follows.any():
            continue
        use = np.linalg.lstsq(known.T, asked[follows].T, rcond=None)[0]
        cells_shown = list(shown.values())
        for cell, weights in zip(np.array(list(small.values()), dtype=object)[follows], use.T, strict=True):
            used = [c for c, w in zip(cells_shown, weights, strict=True) if abs(w) > _ROUNDING]
            found.append((cell, _needed(cell, used)))
    return found


def _needed(cell: Cell, used: list[Cell]) -> list[Cell]:
    """Of the rows that a hidden one follows from, so few that it does not follow without any of them."""
    if len(used) > _MOST:
        return used
    for c in sorted(used, key=lambda c: (-c.n, c.people)):
        others = [o for o in used if o is not c]
        if others and determined(np.array([o.members for o in others], float), cell.members[None].astype(float))[0]:
            used = others
    return used
