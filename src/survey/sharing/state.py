"""The state of cells: a scan whose counts were made beforehand, so that there is nothing left to read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd

from survey.base.arrays import Array
from survey.base.codes import Ints
from survey.base.expressions import Where, column_names, mask
from survey.base.names import columns_named
from survey.calibration.residuals import Residuals
from survey.codebook import Codebook
from survey.core.sample_data import SampleData
from survey.counting.cells import Cells
from survey.design.coded_design import CodedDesign
from survey.design.design import Design
from survey.errors import EstimationError, shorten
from survey.scanning.columns import Column
from survey.scanning.first_pass import Clusters
from survey.scanning.held import Held
from survey.scanning.here import Here
from survey.scanning.passing import Pass, Tally
from survey.scanning.question import Answers, Counter, Groups, Moments
from survey.scanning.state import ScanData
from survey.scanning.steps import Steps
from survey.sharing.counted_files import CountedFile
from survey.sharing.counts import Calibration, ItemCounts, Lines

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["MEMORY", "CellsData"]

MEMORY = 2 * 10**9
"""Bytes that the tables of one question may take."""


@dataclass(frozen=True)
class NoRows(Here):
    """What cells have in place of rows."""

    names: tuple[str, ...]
    source: str

    def batches(self, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """Raise: there is nothing to read."""
        raise EstimationError(
            "Cells have no rows, and this needs them.",
            where=self.source,
            got=shorten(columns),
            expected="mean, total, proportion, distribution of what was counted",
            fix="ask where the rows are",
        )


@dataclass(frozen=True, eq=False)
class CellsData(ScanData):
    """State of `survey.sharing.cells.SharedCells`, which has the verbs.

    Parameters
    ----------
    tallies : tuple of ItemCounts
    drawn : DataFrame
        The design's columns of every cluster, in the order of units.
    calibration : Calibration or None
        None where weights were not calibrated, or what they were calibrated to is hidden.
    name : str
        What the counts are of: a province, a wave.
    parts : tuple of (str, str)
        Names of the files that were added up, and what tells each from any other.
    smallest : int
        Cells of fewer people are hidden; 0 where none are.
    files : tuple of CountedFile
        The files whose rows were counted, where `count_new` counted them.
    """

    tallies: tuple[ItemCounts, ...] = ()
    drawn: pd.DataFrame = field(default_factory=pd.DataFrame)
    calibration: Calibration | None = None
    name: str = ""
    parts: tuple[tuple[str, str], ...] = ()
    smallest: int = 0
    files: tuple[CountedFile, ...] = ()

    @classmethod
    def made(
        cls,
        tallies: Sequence[ItemCounts],
        codebook: Codebook,
        design: Design,
        drawn: pd.DataFrame,
        rows: int,
        calibration: Calibration | None,
        **more: Any,
    ) -> Self:
        """Cells of some questions; raises as `CodedDesign.of`."""
        columns = dict.fromkeys(column for tally in tallies for column in (*tally.by, tally.item))
        structure = replace(structure_of(drawn, design), elsewhere=rows)
        clusters = Clusters(structure, pd.Series(dtype="int64"), rows, drawn)
        names, source = tuple(columns), f"cells of {more.get('name') or 'a sample'}"
        made = cls(
            NoRows(names, source),
            Steps(codebook, names),
            design,
            clusters,
            MEMORY,
            tallies=tuple(tallies),
            drawn=drawn,
            calibration=calibration,
            **more,
        )
        made.seen.update({name: made._values(name) for name in names})
        return made

    def __repr__(self) -> str:
        people = f"{len(self):,} respondents in {len(self.drawn):,} clusters"
        return f"<SharedCells: {people}; {shorten([t.name for t in self.tallies], 5)}; {self.design.describe()}>"

    def look(self, names: Iterable[str]) -> None:
        """Nothing is read: what columns hold was kept."""

    def pairwise(self, counters: Sequence[Counter], groups: int) -> bool:
        """Never: what was kept is put into tables."""
        return False

    def possible(self, name: str) -> Column | None:
        """Nothing is found in a pass."""
        return None

    def columns_of(self, names: Iterable[str]) -> dict[str, Column]:
        """No column is coded."""
        return {}

    def _values(self, name: str) -> Held:
        for tally in self.tallies:
            if tally.item == name and tally.answers is None:
                return Held(None, False, False, tally.kinds, tally.pivot, 1)
            if tally.item == name and tally.answers is not None:
                text = any(isinstance(a, str) for a in tally.answers)
                return Held(dict(tally.answers), text, False, tally.kinds)
        tally = next(t for t in self.tallies if name in t.by)
        column = tally.groups[name]
        n = pd.Series(tally.sizes).groupby(column.to_numpy(object)).sum()
        return Held(n.to_dict(), column.dtype.kind not in "iufb", column.dtype.kind in "iu")

    def prototype(self, names: Sequence[str]) -> SampleData:
        """As of a scan, with what the weights were calibrated to."""
        sample = super().prototype(names)
        if self.calibration is not None:
            sample.__dict__["residuals"] = self.calibration.residuals
        else:
            sample.__dict__["residuals"] = Residuals(())
        return sample

    def counts_of(self, item: str, groups: Groups, where: Where) -> ItemCounts:
        """The smallest counts that answer a question.

        Raises
        ------
        EstimationError
            If the item was not counted by these columns.
        """
        conditions = column_names(where) if isinstance(where, str) else ()
        needed = list(dict.fromkeys((*groups.columns, *columns_named(conditions, self.steps.names))))
        known = [t for t in self.tallies if item in (t.item, "one")]
        fitting = [t for t in known if set(needed) <= set(t.by)]
        if not fitting:
            raise EstimationError(
                "The cells do not hold this question.",
                where=self.reader.source,
                got=f"{item} by {', '.join(needed)}" if needed else item,
                expected=shorten([t.name for t in known or self.tallies], 12),
                fix="make the cells anew, with the columns of by= and where= among those that they are counted by",
            )
        return min(fitting, key=lambda t: len(t.groups))

    def passed(self, one: Pass) -> Tally:
        """What a pass over all rows would count.

        Raises
        ------
        EstimationError
            If an item was not counted by these columns, or cells that are asked for are hidden.
        """
        g, variables = len(one.groups), 0 if self.calibration is None else sum(self.calibration.sizes)
        units = self.clusters.structure.units
        tally = Tally(0, 0, np.zeros(g + 1, np.int64), {}, [], [], [])
        counters: list[Answers | Moments] = [*one.answers, *one.moments]
        for counter in counters:
            kept = self.counts_of(counter.item, one.groups, one.where)
            group, tally.sizes, tally.outside = groups_of(kept, one.groups, one.where)
            _refuse_hidden(self, kept, group)
            place, slots = _places(counter, kept)
            cells = kept.cells.placed(kept.cells.unit, group[kept.cells.group], place[kept.cells.slot])
            sums = kept.margins
            if sums is not None and variables:
                sums = sums.placed(sums.unit, group[sums.group], place[sums.slot])
            if isinstance(counter, Moments):
                tally.moments.append(_moments(counter, kept, cells, sums, (units, g), variables, tally.sizes))
                continue
            shape = (units, g + 1, slots + 1)
            tally.sums.append(cells.table(shape).reshape(-1))
            tally.squares.append(cells.table(shape, -1).reshape(-1) if counter.squares else None)
            answered = cells.counts(shape)[:, :, : len(counter.answers)].sum(axis=(0, 2))
            tally.missing.append(tally.sizes - answered)
            if sums is not None and variables:
                tally.margins.append(sums.table((variables, g + 1, slots + 1)).reshape(-1))
        return tally


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


def _moments(
    counter: Moments,
    kept: ItemCounts,
    cells: Lines,
    sums: Lines | None,
    shape: tuple[int, int],
    variables: int,
    sizes: Ints,
) -> Cells:
    """Sums of an item of numbers; of everyone, where each is 1 and so is its square."""
    if counter.width != 3:
        raise EstimationError(
            "Cells of single columns do not hold a ratio of two.",
            where=counter.item,
            expected="mean, total, proportion, distribution",
            fix="ask where the rows are; the ratio of two totals needs the sums of their products",
        )
    columns = range(3) if counter.item == kept.item else (0, 0, 0)

    def table(lines: Lines, units: int) -> Array:
        return np.concatenate([lines.table((units, shape[1], 1), i) for i in columns], axis=2)

    n = cells.counts((*shape, 1))[:, :, 0]
    margins = table(sums, variables) if sums is not None and variables else None
    labels = pd.DataFrame(index=pd.RangeIndex(shape[1]))
    return Cells(counter.item, labels, None, table(cells, shape[0]), n, sizes[:-1] - n.sum(axis=0), margins=margins)


def structure_of(drawn: pd.DataFrame, design: Design) -> CodedDesign:
    """The design of clusters without rows."""
    weighed = drawn if design.weights is None else drawn.assign(**{design.weights: 1.0})
    return CodedDesign.of(weighed, replace(design, adjustments=()))


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


def _refuse_hidden(scan: CellsData, tally: ItemCounts, group: Ints) -> None:
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
