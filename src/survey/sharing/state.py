"""The state of cells: a scan whose counts were made beforehand, so that there is nothing left to read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Self

import pandas as pd

from survey.base.expressions import Where, column_names
from survey.base.names import columns_named
from survey.calibration.residuals import Residuals
from survey.codebook import Codebook
from survey.core.sample_data import SampleData
from survey.design.coded_design import CodedDesign
from survey.design.design import Design
from survey.errors import EstimationError, shorten
from survey.scanning.columns import Column
from survey.scanning.dialect import PLAIN_CSV, Dialect
from survey.scanning.first_pass import Clusters
from survey.scanning.held import Held
from survey.scanning.here import Here
from survey.scanning.pair_pass import PairPass
from survey.scanning.passing import Pass, Tally
from survey.scanning.question import Answers, Counter, Groups, Moments
from survey.scanning.state import ScanData
from survey.scanning.steps import Steps
from survey.sharing.counted_files import CountedFile
from survey.sharing.counts import Calibration, ItemCounts
from survey.sharing.passing import by_pairs, by_tables

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
    dialect : Dialect
        How the CSV among them is written.
    """

    tallies: tuple[ItemCounts, ...] = ()
    drawn: pd.DataFrame = field(default_factory=pd.DataFrame)
    calibration: Calibration | None = None
    name: str = ""
    parts: tuple[tuple[str, str], ...] = ()
    smallest: int = 0
    files: tuple[CountedFile, ...] = ()
    dialect: Dialect = PLAIN_CSV

    @classmethod
    def made(
        cls,
        tallies: Sequence[ItemCounts],
        codebook: Codebook,
        design: Design,
        drawn: pd.DataFrame,
        rows: int,
        calibration: Calibration | None,
        *,
        memory: int = MEMORY,
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
            memory,
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

    def places_held(self, counters: Sequence[Counter]) -> int:
        """What was kept is listed, so that this is known."""
        items = {c.item for c in counters if isinstance(c, Answers | Moments)}
        return max((len(t.cells) for t in self.tallies if t.item in items), default=len(self))

    @property
    def margins(self) -> int:
        """Variables that weights were calibrated to."""
        return 0 if self.calibration is None else sum(self.calibration.sizes)

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
        return by_pairs(self, one) if isinstance(one, PairPass) else by_tables(self, one)


def structure_of(drawn: pd.DataFrame, design: Design) -> CodedDesign:
    """The design of clusters without rows."""
    weighed = drawn if design.weights is None else drawn.assign(**{design.weights: 1.0})
    return CodedDesign.of(weighed, replace(design, adjustments=()))
