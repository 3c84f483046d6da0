"""What a pass over rows would count, from counts that were kept: in tables, or by the pairs that hold anyone."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import pandas as pd

from survey.base.arrays import Array
from survey.base.codes import Ints
from survey.base.expressions import Where, mask
from survey.counting.cells import Cells
from survey.design.design import Design
from survey.errors import EstimationError
from survey.scanning.first_pass import Clusters
from survey.scanning.pair_pass import PairPass, PairTally, columns_of
from survey.scanning.passing import Pass, Tally
from survey.scanning.question import Answers, Groups, Moments
from survey.sharing.counts import Calibration, ItemCounts, Lines

__all__ = ["by_pairs", "by_tables", "groups_of"]


class _Kept(Protocol):
    """Counts in place of rows: `survey.sharing.state.CellsData`."""

    @property
    def clusters(self) -> Clusters: ...
    @property
    def design(self) -> Design: ...
    @property
    def calibration(self) -> Calibration | None: ...
    @property
    def smallest(self) -> int: ...
    @property
    def margins(self) -> int: ...
    def counts_of(self, item: str, groups: Groups, where: Where) -> ItemCounts: ...


def by_tables(data: _Kept, one: Pass) -> Tally:
    """All clusters by all groups."""
    g, units = len(one.groups), data.clusters.structure.units
    tally = Tally(0, 0, np.zeros(g + 1, np.int64), {}, [], [], [])
    counters = one.summed
    for counter in counters:
        kept, cells, group, place, slots = _placed(data, one, counter, tally)
        margins = _margins(data.margins, counter, kept, group, place, slots, g)
        if isinstance(counter, Moments):
            n = cells.counts((units, g, 1))[:, :, 0]
            labels, missing = pd.DataFrame(index=pd.RangeIndex(g)), tally.sizes[:-1] - n.sum(axis=0)
            sums = _moments(counter, kept, cells, (units, g))
            tally.moments.append(Cells(counter.item, labels, None, sums, n, missing, margins=margins))
            continue
        shape = (units, g + 1, slots + 1)
        tally.sums.append(cells.table(shape).reshape(-1))
        tally.squares.append(cells.table(shape, -1).reshape(-1) if counter.squares else None)
        answered = cells.counts(shape)[:, :, : len(counter.answers)].sum(axis=(0, 2))
        tally.missing.append(tally.sizes - answered)
        if margins is not None:
            tally.margins.append(margins.reshape(-1))
    return tally


def by_pairs(data: _Kept, one: PairPass) -> PairTally:
    """Pairs of cluster and group that hold anyone."""
    tally, g = one.empty(), len(one.groups)
    counters = one.summed
    columns = columns_of(counters)
    for i, (counter, own) in enumerate(zip(counters, columns, strict=True)):
        kept, cells, group, place, slots = _placed(data, one, counter, tally)
        margins = _margins(data.margins, counter, kept, group, place, slots, g)
        key, at = np.unique(cells.unit * np.int64(g + 1) + cells.group, return_inverse=True)
        values = np.zeros((len(key), columns[-1].stop))
        if isinstance(counter, Moments):
            sums = cells.sums[:, _columns(counter, kept)]
            values[at, own] = np.concatenate([sums, cells.n[:, None]], axis=1)
        else:
            values[at, own.start + cells.slot] = cells.sums[:, 0]
            if counter.squares:
                values[at, own.start + slots + cells.slot] = cells.squares
            answer = cells.slot < len(counter.answers)
            answered = np.bincount(cells.group[answer], weights=cells.n[answer], minlength=g + 1)
            tally.missing[i] = tally.sizes - np.rint(answered).astype(np.int64)
            margins = None if margins is None else margins[:, :-1, :-1]
        if margins is not None:
            tally.margins.append(margins)
        tally.keys.append(key)
        tally.values.append(values)
        tally.settle()
    return tally


def _margins(
    variables: int, counter: Answers | Moments, kept: ItemCounts, group: Ints, place: Ints, slots: int, groups: int
) -> Array | None:
    """Sums by calibration variable: (variables, groups + 1, slots + 1), of moments (variables, groups, moments)."""
    sums = kept.margins
    if sums is None or not variables:
        return None
    sums = sums.placed(sums.unit, group[sums.group], place[sums.slot])
    if isinstance(counter, Moments):
        return _moments(counter, kept, sums, (variables, groups))
    return sums.table((variables, groups + 1, slots + 1))


def _placed(
    data: _Kept, one: Pass, counter: Answers | Moments, tally: Tally
) -> tuple[ItemCounts, Lines, Ints, Ints, int]:
    """The lines of an item in the groups and places of a question; how many are in its groups is noted.

    Raises
    ------
    EstimationError
        If the item was not counted by these columns, or cells that are asked for are hidden.
    """
    kept = data.counts_of(counter.item, one.groups, one.where)
    group, tally.sizes, tally.outside = groups_of(kept, one.groups, one.where)
    _refuse_hidden(data, kept, group)
    place, slots = _places(counter, kept)
    cells = kept.cells.placed(kept.cells.unit, group[kept.cells.group], place[kept.cells.slot])
    return kept, cells, group, place, slots


def groups_of(counts: ItemCounts, groups: Groups, where: Where) -> tuple[Ints, Ints, int]:
    """Where the groups of counts stand among those that are asked for.

    Returns
    -------
    group : int array
        -1 for those outside.
    sizes : int array (groups + 1,)
        Rows by group.
    outside : int
        Rows of the domain that are in none.
    """
    size, code = len(groups), np.zeros(len(counts.groups), np.int64)
    beyond = np.zeros(len(code), bool)
    for name, values in groups.columns.items():
        place = {value: i for i, value in enumerate(values.tolist())}
        part = np.array([place.get(v, -1) for v in counts.groups[name].astype(object).tolist()], np.int64)
        beyond |= part < 0
        code = code * len(values) + part
    inside = mask(where, counts.groups)
    rows = counts.sizes
    code = np.where(inside & ~beyond, code, -1)
    sizes = np.bincount(code[code >= 0], weights=rows[code >= 0], minlength=size + 1)
    return code, np.rint(sizes).astype(np.int64), int(rows[inside & beyond].sum())


def _moments(counter: Moments, kept: ItemCounts, lines: Lines, shape: tuple[int, int]) -> Array:
    """Sums of an item of numbers: (units or variables, groups, moments)."""
    return np.concatenate([lines.table((*shape, 1), i) for i in _columns(counter, kept)], axis=2)


def _columns(counter: Moments, kept: ItemCounts) -> list[int]:
    """Which sums the moments are: of everyone, each is 1 and so is its square."""
    if counter.width != 3:
        raise EstimationError(
            "Cells of single columns do not hold a ratio of two.",
            where=counter.item,
            expected="mean, total, proportion, distribution",
            fix="ask where the rows are; the ratio of two totals needs the sums of their products",
        )
    return [0, 1, 2] if counter.item == kept.item else [0, 0, 0]


def _places(counter: Answers | Moments, tally: ItemCounts) -> tuple[Ints, int]:
    """Where each slot of a tally goes, -1 for nowhere, and how many places there are."""
    k = tally.numbers
    place = np.full(tally.slots, -1)
    if not isinstance(counter, Answers):
        place[:1] = 0
        return (place if tally.answers is None and counter.item == tally.item else np.zeros_like(place)), 1
    if tally.answers is None:
        raise EstimationError(
            "Numbers of many values were counted by their sums, not one by one.",
            where=tally.name,
            expected="a mean or a total of them",
            fix="band them where the rows are, and count the bands",
        )
    at = {value: i for i, value in enumerate(counter.answers.tolist())}
    place[:k] = [at[value] for value in tally.answers or ()]
    if counter.kinds:
        place[k:] = np.arange(len(counter.answers), counter.slots)
    return place, counter.slots


def _refuse_hidden(scan: _Kept, tally: ItemCounts, group: Ints) -> None:
    """Raise where people of the groups are hidden, or what weights were calibrated to is."""
    asked = tally.hidden.loc[group >= 0]
    if asked["n"].any():
        share = asked["weight"].sum() / (asked["weight"].sum() + _weight(tally, group))
        raise EstimationError(
            "Cells that this estimate stands on are hidden.",
            where=tally.name,
            got=f"{int(asked['n'].sum()):,} people, {share:.1%} of the weight, in cells of fewer than {scan.smallest}",
            expected="groups of which all cells are there",
            fix="ask for .bounds(...), between which the estimate lies; or for fewer, larger groups",
        )
    if scan.calibration is None and any(a.margins or a.numbers for a in scan.design.adjustments):
        raise EstimationError(
            "Standard errors are not possible: what the weights were calibrated to is hidden.",
            where=tally.name,
            fix="ask for .bounds(...), whose two ends are the estimate where nobody of a group is hidden",
        )


def _weight(tally: ItemCounts, group: Ints) -> float:
    return float(tally.cells.sums[group[tally.cells.group] >= 0, 0].sum())
