"""One question to a scan: what must be known before it is counted, and the counts that answer it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.base.arguments import columns_exist
from survey.base.codes import Ints
from survey.base.expressions import Where, column_names, mask
from survey.base.names import columns_named
from survey.core.result import refuse_reserved
from survey.core.sample_data import SampleData
from survey.core.unheld import refuse_empty, unheld
from survey.counting.cells import MAX_ANSWERS, Cells, Grouping
from survey.counting.paired import PairCells
from survey.errors import EstimationError, shorten
from survey.estimation.inferred import where_notes
from survey.estimation.items import RESERVED, Names, item_names, refuse_nested
from survey.scanning.budget import affordable, groups_fit
from survey.scanning.columns import KINDS, Column
from survey.scanning.pair_pass import PairPass, PairTally, columns_of
from survey.scanning.passing import Pass, Tally
from survey.scanning.question import Answers, ByRows, Counter, Groups, Moments, kept
from survey.scanning.state import ScanData

__all__ = ["Question", "ask", "conditions_of"]

_EMPTY: Ints = np.zeros(0, np.int64)


def ask(scan: ScanData, items: Sequence[str], by: Names | None, where: Where, squares: bool | None = None) -> Question:
    """What is known before a question is counted: the groups, and the values of its columns.

    Where items are counted by answers (`squares` says whether squares of weights are summed beside), and the source
    knows what its columns may hold, values are found and counted in one pass.
    """
    refuse_nested(by)
    groups = columns_named(item_names(by), scan.steps.names)
    refuse_reserved(groups, RESERVED)
    conditions = conditions_of(scan, where)
    named = list(dict.fromkeys((*items, *groups, *conditions)))
    columns_exist(named, scan.steps.names, "The source has no such column.", EstimationError, where=scan.reader.source)
    unknown = [name for name in named if name not in scan.seen]
    tally = _count_unseen(scan, items, groups, where, unknown, squares) if squares is not None and unknown else None
    if tally is None:
        scan.look(named)
    empty = [name for name in groups if scan.seen[name].counts == {}]
    if empty:
        raise EstimationError("A grouping column is empty.", where=shorten(empty), fix="leave it out of by=")
    values = {name: scan.seen[name].groups(name) for name in groups}
    groups_fit(scan, values)
    return Question(scan, groups, where, Groups.of(values, scan.codebook), scan.prototype(named), tally)


def conditions_of(scan: ScanData, where: Where) -> list[str]:
    """The columns that a condition names; raises unless it is an expression."""
    if where is not None and not isinstance(where, str):
        raise EstimationError(
            "A scan takes a condition as an expression.",
            where="where=",
            got=type(where).__name__,
            expected="text such as \"kind == 'business'\"",
            fix="write the condition as text, or derive(...) a column first",
        )
    return columns_named(column_names(where, what="where"), scan.steps.names) if where else []


def _count_unseen(
    scan: ScanData, items: Sequence[str], by: Sequence[str], where: Where, unknown: Sequence[str], squares: bool
) -> Counted | None:
    """Count items by all answers that they may have, and see which they have; None where this is not known."""
    possible = {name: scan.possible(name) for name in unknown}
    if any(possible.get(name, True) is None for name in items):
        return None
    scan.look([name for name, column in possible.items() if column is None])
    unknown = [name for name in unknown if possible[name] is not None]
    columns = scan.columns_of((*items, *by)) | {n: column for n, column in possible.items() if column is not None}
    if not set(items) <= set(columns) or not set(by) <= set(columns):
        return None
    if not squares and any(len(columns[name].values()) > MAX_ANSWERS for name in items):
        return None  # numbers of many values have moments
    groups = Groups.of({name: columns[name].values() for name in by}, scan.codebook)
    counters = []
    for name in dict.fromkeys(items):
        reasons = bool((columns[name].kinds < KINDS - 1).any())
        counters.append(Answers(name, columns[name].values().to_numpy(), squares, squares and reasons))
    if scan.pairwise(counters, len(groups)) or scan.needs(counters, len(groups)) > scan.memory:
        return None
    tally = scan.passed(
        Pass(scan.steps, scan.design, scan.clusters, groups, where, columns, counters, [], [], scan.threads)
    )
    if any(tally.held[name][-1] for name in unknown):
        return None  # values that the codebook does not have
    for name in unknown:
        scan.hold(columns[name], tally.held[name])
    return Counted(groups, counters, tally)


@dataclass(frozen=True)
class Counted:
    """What was counted before it was known which answers occur."""

    groups: Groups
    counters: Sequence[Answers]
    tally: Tally


@dataclass(frozen=True, eq=False)
class Question:
    """Groups and a domain of a scan.

    Parameters
    ----------
    scan : ScanData
    by : list of str
    where : str or None
    groups : Groups
    sample : SampleData
        As `ScanData.prototype`.
    counted : Counted or None
        Where a pass was made already.
    """

    scan: ScanData
    by: list[str]
    where: Where
    groups: Groups
    sample: SampleData
    counted: Counted | None = None

    def count(self, counters: Sequence[Counter], columns: Sequence[str]) -> tuple[list[Cells | PairCells], Grouping]:
        """Count in one pass; groups that nobody is in are left out.

        Raises
        ------
        EstimationError
            For an empty domain; where counts would take more memory than they may.
        """
        counted = self.counted
        answers = [one for one in counters if isinstance(one, Answers)]
        moments = [one for one in counters if isinstance(one, Moments)]
        if counted is None:
            counted = Counted(self.groups, answers, self._passed(answers, moments, columns))
        tally = counted.tally
        at = _positions(self.groups, counted.groups)
        keep, grouping = self.grouping(tally, at)
        labels = grouping.labels
        rest = iter(tally.moments)
        cells: list[Cells | PairCells] = []
        if isinstance(tally, PairTally):
            every: list[Answers | Moments] = [*answers, *moments]
            missing = [*tally.missing, *(None for _ in moments)]
            margins: Sequence[Any] = tally.margins or [None for _ in every]
            made = {
                id(one): tally.cells(one, columns, keep, labels, n, margin)
                for one, columns, n, margin in zip(every, columns_of(every), missing, margins, strict=True)
            }
            return [made[id(one)] for one in counters], grouping
        for one in counters:
            if isinstance(one, Answers):
                cells.append(_cells(counted, one, at[keep], labels))
            else:
                cells.append(kept(next(rest), keep, labels))
        return cells, grouping

    def grouping(self, tally: Tally, at: Ints | None = None) -> tuple[NDArray[np.bool_], Grouping]:
        """Which groups there are, and these, as of rows in memory; `at` says where each was counted.

        Raises
        ------
        EstimationError
            For an empty domain.
        """
        keep = (tally.sizes[:-1] if at is None else tally.sizes[at]) > 0
        if not keep.any():
            if absent := unheld(self.sample, self.where):
                refuse_empty(absent)
            raise EstimationError("The domain is empty.", where="where=", fix="check the condition")
        labels = self.groups.labels.loc[keep].reset_index(drop=True)
        notes = tuple(one.note for one in unheld(self.sample, self.where))
        if isinstance(self.where, str):
            inside = mask(self.where, self.sample.data)
            notes += tuple(where_notes(self.sample, self.where, inside))
        return keep, Grouping(_EMPTY, _EMPTY, labels, int(tally.outside), notes=notes)

    @property
    def present(self) -> int:
        """Groups that there are at least: as many as the column of the most values has, where everyone is asked."""
        return 1 if self.where is not None else max((len(v) for v in self.groups.columns.values()), default=1)

    def present_in(self, grouping: Grouping) -> NDArray[np.bool_]:
        """Which of all combinations are groups of a result: (groups,)."""
        if not self.by:
            return np.ones(1, bool)
        there = set(map(tuple, grouping.labels.to_numpy(object)))
        return np.array([tuple(row) in there for row in self.groups.labels.to_numpy(object)])

    def _passed(self, answers: Sequence[Answers], moments: Sequence[Moments], columns: Sequence[str]) -> Tally:
        scan, others = self.scan, list(columns) if moments else []
        by_pairs = affordable(scan, [*answers, *moments], len(self.groups), self.present)

        def made(known: dict[str, Column]) -> Pass:
            parts = (scan.steps, scan.design, scan.clusters, self.groups, self.where)
            rest = (known, answers, moments, others, scan.threads)
            return PairPass(*parts, *rest, scan.memory) if by_pairs else Pass(*parts, *rest)

        return self._settled([*(one.item for one in answers), *self.by], made, scan.passed)

    def passed(self, counters: Sequence[ByRows], columns: Sequence[str], margins: bool = False) -> Tally:
        """What counters of rows make of all rows, group by group; `columns` are those that they look at.

        With `margins` cells are summed by calibration variable too, as estimates of adjusted weights want.
        """
        scan = self.scan

        def made(known: dict[str, Column]) -> Pass:
            parts = (scan.steps, scan.design, scan.clusters, self.groups, self.where)
            return Pass(*parts, known, [], counters, columns, scan.threads)

        return self._settled(self.by, made, scan.passed if margins else scan.passed_once)

    def _settled(
        self, names: Sequence[str], made: Callable[[dict[str, Column]], Pass], passed: Callable[[Pass], Tally]
    ) -> Tally:
        """Count in a pass; once more where a column holds values that cannot be looked up."""
        for _ in range(2):
            tally = passed(made(self.scan.columns_of(names)))
            stray = [name for name, rows in tally.held.items() if rows[-1]]
            if not stray:
                return tally
            self.scan.row_by_row(stray)
        raise EstimationError(
            "The source changed while it was read: it holds answers that it did not hold before.",
            where=shorten(stray),
            fix="scan it again",
        )


def _positions(groups: Groups, counted: Groups) -> Ints:
    """Where each group stands among those that were counted."""
    if groups is counted or not groups.columns:
        return np.arange(len(groups))
    at = np.zeros(1, np.int64)
    for name, values in groups.columns.items():
        place = {value: i for i, value in enumerate(counted.columns[name].tolist())}
        own = np.array([place[value] for value in values.tolist()], np.int64)
        at = (at[:, None] * len(place) + own).reshape(-1)
    return at


def _cells(counted: Counted, wanted: Answers, groups: Ints, labels: pd.DataFrame) -> Cells:
    """The cells of an item for the answers and groups that are wanted, from what was counted."""
    i = next(i for i, one in enumerate(counted.counters) if one.item == wanted.item and one.kinds >= wanted.kinds)
    counter, tally = counted.counters[i], counted.tally
    g, k, slots = len(counted.groups), len(counter.answers), counter.slots
    place = {value: j for j, value in enumerate(counter.answers.tolist())}
    # the last slot holds those without an answer where reasons are not counted: an answer that nobody gave is none
    at = [place.get(value, -1) for value in wanted.answers.tolist()]
    at += list(range(k, k + KINDS)) if wanted.kinds else []

    def part(table: NDArray[Any]) -> NDArray[Any]:
        whole = table.reshape(-1, g + 1, slots + 1)
        if np.array_equal(groups, np.arange(g)) and at == list(range(len(at))):
            return whole[:, :g, : len(at)]
        found = whole[:, groups[:, None], np.array(at, np.int64)]
        found[:, :, [j < 0 for j in at]] = 0.0
        return found

    squares = tally.squares[i]
    missing = tally.missing[i][groups]
    return Cells(
        wanted.item,
        labels,
        np.arange(wanted.slots),
        part(tally.sums[i]),
        None,
        missing,
        part(squares) if wanted.squares and squares is not None else None,
        None,
        tally.sizes[groups] - missing,
        part(tally.margins[i]) if tally.margins else None,
    )
