"""Cells of provinces, wards or waves as cells of all of them.

Samples that were drawn apart have strata and clusters of their own, named by where they are from; a variance of the
whole is then the sum of theirs. The same clusters, asked again in another wave, are added up. Which of the two holds
cannot be seen from ids, so it is never guessed where ids meet.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import reduce
from typing import TypeVar

import numpy as np
import pandas as pd

from survey.base.arguments import one_of
from survey.base.arrays import Array
from survey.base.codes import Ints
from survey.codebook._compare import differences
from survey.counting.cells import MAX_ANSWERS
from survey.design.design import Design
from survey.errors import CodebookError, DesignError, EstimationError, shorten
from survey.scanning.columns import KINDS
from survey.sharing.alike import by_sums
from survey.sharing.counts import Calibration, ItemCounts, Lines, add_lines
from survey.sharing.state import CellsData, structure_of

__all__ = ["CLUSTERS", "add"]

C = TypeVar("C", bound=CellsData)

CLUSTERS = ("apart", "same")
"""What clusters of one id in two files are: of two samples, or the same clusters again."""


def add(self: C, *others: C, clusters: str | None = None) -> C:
    """Add cells of the same questions: of other provinces, wards, institutions or waves.

    Parameters
    ----------
    *others : Cells
    clusters : {"apart", "same"}, optional
        "apart": samples that were drawn apart; strata and clusters are named by where they are from (`name`). "same":
        strata and clusters of one id are one, as where a wave went back to the same places. May be left out where no
        id of one is in another.

    Returns
    -------
    Cells

    Raises
    ------
    EstimationError
        If cells are added twice, or hold different questions.
    CodebookError
        If they understand a question differently: its codes, scale, direction or wording.
    DesignError
        If ids of strata or clusters meet and `clusters` does not say what that means; if designs are of different
        kinds.
    """
    if clusters is not None:
        one_of(clusters, CLUSTERS, "relation of clusters", EstimationError, where="add(clusters=...)")
    for other in others:
        if not isinstance(other, CellsData):
            raise EstimationError("Only cells can be added.", got=type(other).__name__, expected="cells")
    return reduce(lambda a, b: _added(a, b, clusters), others, self)


def _added(a: C, b: C, clusters: str | None) -> C:
    _refuse_twice(a, b)
    _refuse_other_questions(a, b)
    _refuse_other_codebooks(a, b)
    _refuse_other_designs(a.design, b.design)
    both = [_named(a, clusters), _named(b, clusters)]
    design = both[0].design
    if clusters is None:
        _refuse_same_ids(*both)
    drawn, units = _clusters(both, clusters)
    structure_of(drawn, design)
    calibration, starts = _calibrations(both, units, len(drawn))
    tallies = []
    for tally in a.tallies:
        other = next(t for t in b.tallies if (t.item, t.by) == (tally.item, tally.by))
        tallies.append(_both(tally, other, units, starts))
    steps = (*a.design.adjustments, *(s for s in b.design.adjustments if s not in a.design.adjustments))
    names = [n for n in (a.name, b.name) if n]
    book = a.codebook.read_from(*b.codebook.files)
    return type(a).made(
        tallies,
        replace(book, simulated=book.simulated or b.codebook.simulated),
        replace(design, adjustments=steps),
        drawn,
        len(a) + len(b),
        calibration,
        memory=a.memory,
        name=" + ".join(names),
        parts=(*a.parts, *b.parts),
        smallest=max(a.smallest, b.smallest),
        files=(*a.files, *b.files),
    )


def _refuse_twice(a: CellsData, b: CellsData) -> None:
    marks = {mark: name for name, mark in a.parts}
    twice = [name or marks[mark] or "the same counts" for name, mark in b.parts if mark in marks]
    counted = {file.sha256 for file in a.files if file.rows}
    twice += [file.name for file in b.files if file.sha256 in counted]
    if twice:
        raise EstimationError(
            "These cells were added already: their people would count twice.",
            where="add",
            got=shorten(twice),
            expected="each file once",
            fix="leave it out",
        )


def _refuse_other_questions(a: CellsData, b: CellsData) -> None:
    one, other = ({(t.item, t.by): t.name for t in x.tallies} for x in (a, b))
    apart = [name for key, name in (one | other).items() if key not in one or key not in other]
    if apart:
        raise EstimationError(
            "The cells hold different questions.",
            where=f"{a.name or 'the first'}, {b.name or 'the second'}",
            got=f"only in one: {shorten(apart, 6)}",
            expected="the same items by the same columns",
            fix="make both with the same items and columns",
        )


def _refuse_other_codebooks(a: CellsData, b: CellsData) -> None:
    own = {c for t in a.tallies for c in (t.item, *t.by)}
    found = [row for row in differences(a.codebook, b.codebook) if row[0] in own]
    for one, other in ((t, u) for t in a.tallies for u in b.tallies if (t.item, t.by) == (u.item, u.by)):
        if (one.answers is None) != (other.answers is None) and not found:
            found.append((one.item, "kind of answers", _kind(one), _kind(other)))
    if found:
        name, what, ours, theirs = found[0]
        more = f"; {len(found) - 1} more differences" if len(found) > 1 else ""
        raise CodebookError(
            "The cells understand a question differently.",
            where=f"{name}, {what}",
            got=f"{ours!r} and {theirs!r}{more}"[:400],
            expected="the same codes, scale, direction and wording",
            fix="make the cells with one codebook, or recode where the rows are",
        )


def _kind(tally: ItemCounts) -> str:
    return "numbers of many values" if tally.answers is None else f"{len(tally.answers)} answers"


def _refuse_other_designs(a: Design, b: Design) -> None:
    for what in ("strata", "fpc", "psu", "lonely"):
        one, other = getattr(a, what), getattr(b, what)
        if (one != other) if what == "lonely" else (len(one[:1]) != len(other[:1])):
            raise DesignError(
                "The designs are of different kinds.",
                where=what,
                got=f"{one or 'none'} and {other or 'none'}",
                expected="both with or both without it, and one rule for lonely clusters",
                fix="make the cells with designs of one kind",
            )


def _named(cells: C, clusters: str | None) -> C:
    """Cells whose strata and clusters are called by where they are from, if they were drawn apart."""
    if clusters != "apart" or len(cells.parts) > 1:
        return cells
    if not cells.name:
        raise EstimationError(
            "Cells that are kept apart need a name.",
            where='add(clusters="apart")',
            got="cells without a name",
            expected='count_cells(..., name="An Giang"), or survey cells make --name "An Giang"',
            fix="make them with a name",
        )
    drawn, design = cells.drawn.copy(), cells.design
    for column in (*design.strata[:1], *design.psu):
        drawn[column] = [f"{cells.name}: {value}" for value in drawn[column]]
    if not design.strata:
        drawn.insert(0, "source", cells.name)
        design = replace(design, strata=("source",))
    return replace(cells, drawn=drawn, design=design)


def _refuse_same_ids(a: CellsData, b: CellsData) -> None:
    for what, one, other in (("strata", a.design.strata[:1], b.design.strata[:1]), ("psu", a.design.psu, b.design.psu)):
        if not one:
            raise DesignError(
                "It is not known whether the samples were drawn apart.",
                where="add",
                got="designs without strata",
                expected='clusters="apart": each is a stratum of the whole; "same": one sample',
                fix="say which",
            )
        met = sorted(set(a.drawn[one[0]]) & set(b.drawn[other[0]]), key=str)
        if met:
            raise DesignError(
                "Both have strata or clusters of the same id.",
                where=what,
                got=shorten(met),
                expected='clusters="apart": samples drawn apart; "same": the same places',
                fix="say which",
            )


def _clusters(both: Sequence[CellsData], clusters: str | None) -> tuple[pd.DataFrame, list[Ints]]:
    """All clusters in the order of units, and the unit of each cluster of the two."""
    first, frames = both[0].design, []
    for cells in both:
        own = cells.design
        columns = dict(
            zip((*own.strata[:1], *own.psu, *own.fpc), (*first.strata[:1], *first.psu, *first.fpc), strict=True)
        )
        frames.append(cells.drawn.rename(columns=columns)[list(dict.fromkeys(columns.values()))])
    for column in frames[0]:
        if (frames[0][column].dtype.kind in "iuf") != (frames[1][column].dtype.kind in "iuf"):
            raise DesignError(
                "Ids are numbers in one and text in the other.", where=str(column), fix="make the cells alike"
            )
    whole = pd.concat(frames, ignore_index=True)
    key = [*(first.strata[:1] if first.nest else ()), *first.psu]
    kept = whole.drop_duplicates(key)
    if clusters == "same":
        apart = whole.drop_duplicates()
        if len(apart) > len(kept):
            twice = apart.loc[apart.duplicated(key), key[-1]].tolist()
            raise DesignError(
                "A cluster is in two strata, or its stratum has two sizes.",
                where=shorten(key),
                got=shorten(twice),
                expected="the same stratum and population size in both",
                fix='correct them, or add with clusters="apart"',
            )
    structure = structure_of(kept, first)
    kept = kept.iloc[np.argsort(structure.unit)].reset_index(drop=True)
    place = pd.MultiIndex.from_frame(kept[key].astype(object))
    units = [place.get_indexer(pd.MultiIndex.from_frame(f[key].astype(object))).astype(np.int64) for f in frames]
    return kept, units


def _calibrations(both: Sequence[CellsData], units: list[Ints], size: int) -> tuple[Calibration | None, list[Ints]]:
    """What both were calibrated to, each by itself; where the variables of each have gone."""
    hidden = [c.calibration is None and any(a.margins or a.numbers for a in c.design.adjustments) for c in both]
    own = [c.calibration or Calibration((), (), np.zeros((len(c.drawn), 0)), ()) for c in both]
    if any(hidden) or not any(c.sizes for c in own):
        return None, [np.zeros(0, np.int64)] * 2
    steps = max(len(c.sizes) for c in own)
    padded = [(*c.sizes, *[0] * (steps - len(c.sizes))) for c in own]
    sizes = tuple(sum(pair) for pair in zip(*padded, strict=True))
    begin = np.cumsum((0, *sizes[:-1]))
    before = [np.zeros(steps, np.int64), np.array(padded[0])]
    places = [
        np.concatenate([np.arange(n) + begin[s] + before[i][s] for s, n in enumerate(padded[i])]).astype(np.int64)
        for i in range(2)
    ]
    totals: Array = np.zeros((size, sum(sizes)))
    for c, unit, place in zip(own, units, places, strict=True):
        np.add.at(totals, (unit[:, None], place[None, :]), c.totals)

    def inverse(c: Calibration, s: int) -> Array:
        return c.inverse[s] if s < len(c.sizes) else np.zeros((0, 0))

    def later(i: int, s: int, t: int) -> Array:
        known = t < len(own[i].sizes)
        return own[i].later[s][t - s - 1] if known else np.zeros((padded[i][s], padded[i][t]))

    return Calibration(
        sizes,
        tuple(_beside(inverse(own[0], s), inverse(own[1], s)) for s in range(steps)),
        totals,
        tuple(tuple(_beside(later(0, s, t), later(1, s, t)) for t in range(s + 1, steps)) for s in range(steps)),
    ), places


def _beside(a: Array, b: Array) -> Array:
    """Two matrices as blocks of one, zeros elsewhere."""
    out = np.zeros((a.shape[0] + b.shape[0], a.shape[1] + b.shape[1]))
    out[: a.shape[0], : a.shape[1]] = a
    out[a.shape[0] :, a.shape[1] :] = b
    return out


def _both(a: ItemCounts, b: ItemCounts, units: list[Ints], variables: list[Ints]) -> ItemCounts:
    """Counts of one question from two files."""
    union = {*(a.answers or ()), *(b.answers or ())}
    if len(union) > MAX_ANSWERS and not any(isinstance(answer, str) for answer in union):
        a, b = by_sums(a), by_sums(b)  # as all rows together would have been counted
    for name in a.by:
        if (a.groups[name].dtype.kind in "iuf") != (b.groups[name].dtype.kind in "iuf"):
            raise EstimationError(
                "A column is numbers in one and text in the other.", where=name, fix="make the cells alike"
            )
    whole = pd.concat([a.groups, b.groups], ignore_index=True)
    groups = whole.drop_duplicates().reset_index(drop=True)
    if a.by:
        place = pd.MultiIndex.from_frame(groups)
        of = [place.get_indexer(pd.MultiIndex.from_frame(t.groups)).astype(np.int64) for t in (a, b)]
    else:
        of = [np.zeros(len(t.groups), np.int64) for t in (a, b)]
    answers, slots = _answers(a, b)
    pivot = (a.pivot + b.pivot) / 2
    moved = [
        replace(t, cells=_shifted(t.cells, t.pivot - pivot), margins=t.margins and _shifted(t.margins, t.pivot - pivot))
        for t in (a, b)
    ]
    cells = [
        t.cells.placed(u[t.cells.unit], g[t.cells.group], s[t.cells.slot])
        for t, u, g, s in zip(moved, units, of, slots, strict=True)
    ]
    margins = [
        t.margins.placed(v[t.margins.unit], g[t.margins.group], s[t.margins.slot])
        for t, v, g, s in zip(moved, variables, of, slots, strict=True)
        if t.margins is not None and len(v)
    ]
    hidden = pd.DataFrame({"n": 0, "weight": 0.0}, index=groups.index)
    for t, g in zip((a, b), of, strict=True):
        for column in hidden:
            np.add.at(values := hidden[column].to_numpy(copy=True), g, t.hidden[column].to_numpy())
            hidden[column] = values
    kinds = a.kinds if b.kinds is None else b.kinds if a.kinds is None else a.kinds | b.kinds
    return ItemCounts(
        a.item, a.by, groups, answers, pivot, kinds, add_lines(cells), add_lines(margins) if margins else None, hidden
    )


def _answers(a: ItemCounts, b: ItemCounts) -> tuple[dict[str | float, int] | None, list[Ints]]:
    """The answers of both, and where each slot of the two has gone."""
    if a.answers is None or b.answers is None:
        same = np.arange(1 + KINDS)
        return None, [same, same]
    rows = dict(a.answers)
    for answer, n in b.answers.items():
        rows[answer] = rows.get(answer, 0) + n
    order = sorted(rows, key=lambda v: (isinstance(v, str), v))
    at = {answer: i for i, answer in enumerate(order)}
    slots = [np.array([*(at[v] for v in t.answers or ()), *range(len(at), len(at) + KINDS)], np.int64) for t in (a, b)]
    return {answer: rows[answer] for answer in order}, slots


def _shifted(lines: Lines, by: float) -> Lines:
    """Moments about another pivot: those of y + `by`."""
    if lines.sums.shape[1] == 1 or by == 0:
        return lines
    w, wy, wyy = lines.sums.T
    return replace(lines, sums=np.stack([w, wy + by * w, wyy + 2 * by * wy + by * by * w], axis=1))
