"""The state of a scan: where rows are, how they are cleaned and were drawn, and what a first pass saw of columns."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import pandas as pd

from survey.base.codes import Ints
from survey.base.names import composed_value
from survey.codebook import Codebook
from survey.core.sample_data import SampleData
from survey.core.unheld import keep_unlisted
from survey.counting.cells import MAX_ANSWERS, Coded
from survey.counting.pairs import large, mostly_empty
from survey.design.design import Design
from survey.estimation.held_answers import keep_counts, keep_lone
from survey.responses import Responses
from survey.scanning.columns import Column, cleaned
from survey.scanning.first_pass import Clusters
from survey.scanning.held import EXACT, MOST_VALUES, Held
from survey.scanning.passing import Pass, Tally
from survey.scanning.question import Counter
from survey.scanning.readers import Reader
from survey.scanning.steps import Steps
from survey.scanning.watch import gathered
from survey.scanning.weigher import Changed, Weigher
from survey.scanning.weighing import Weighing
from survey.scanning.weighted_pass import weighted_tally

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["ScanData"]

_THREADS = 4
T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class ScanData:
    """State of `survey.scanning.scan.Scan`, which has the verbs.

    Parameters
    ----------
    reader : Reader
    steps : Steps
    design : Design
    clusters : Clusters
    memory : int
        Bytes that counts may take.
    weighing : Weighing or None
        What was done to the weights after they were read.
    sets : tuple of frozenset
        Columns of which several questions are to be asked: they are counted together, once.
    """

    reader: Reader
    steps: Steps
    design: Design
    clusters: Clusters
    memory: int
    weighing: Weighing | None = None
    seen: dict[str, Held] = field(default_factory=dict, repr=False)
    _codebook: list[Codebook] = field(default_factory=list, repr=False)
    _ranges: dict[str, tuple[int, int, Any] | None] = field(default_factory=dict, repr=False)
    _columns: dict[str, Column] = field(default_factory=dict, repr=False)
    sets: tuple[frozenset[str], ...] = ()
    _alike: list[tuple[frozenset[str], Any, Any, Any]] = field(default_factory=list, repr=False)

    def __len__(self) -> int:
        return self.clusters.rows

    def __repr__(self) -> str:
        return f"<Scan: {len(self):,} respondents in {self.reader.source}; {self.design.describe()}>"

    @property
    def codebook(self) -> Codebook:
        """What was asked, after the steps."""
        return self._codebook[0] if self._codebook else self.steps.codebook

    @property
    def drawn_by(self) -> Design:
        """The design as the source has it: with the weights from before they were adjusted here."""
        return self.design if self.weighing is None else replace(self.weighing.base, replicates=self.design.replicates)

    @property
    def recalibrated(self) -> bool:
        """Whether weights are adjusted in every replicate: that takes respondents by cluster and cell at once."""
        return self.weighing is not None and self.design.replicates is not None

    def passed(self, one: Pass) -> Tally:
        """What a pass over all rows counts."""
        weighing = self.weighing
        if weighing is None:
            return gathered(self.reader, one.reads, one.count)
        variables = weighing.variables
        return self.with_weigher(lambda weigher: weighted_tally(self.reader, one, weigher, variables))

    def passed_once(self, one: Pass) -> Tally:
        """What a pass counts that makes no estimates: without sums by calibration variable, which take one more."""
        if self.weighing is None:
            return self.passed(one)
        return self.with_weigher(lambda weigher: weighted_tally(self.reader, one, weigher, None))

    def with_weigher(self, work: Callable[[Weigher], T]) -> T:
        """What is made with the weights of rows; once more where a column holds values that cannot be looked up.

        Raises
        ------
        ReadError
            If rows are in cells that the weights were not made for.
        """
        weighing = self.weighing
        assert weighing is not None
        self.look(weighing.names)
        try:
            return work(weighing.weigher(self.columns_of(weighing.names)))
        except Changed:
            self.row_by_row(weighing.names)
            return work(weighing.weigher(self.columns_of(weighing.names)))

    def needs(self, counters: Sequence[Counter], groups: int) -> int:
        """Bytes that counting takes at most: a table of each item, and what a thread works on."""
        return self._tables(counters, self.clusters.structure.units + self.margins, groups)

    def needs_beside(self, counters: Sequence[Counter], groups: int) -> int:
        """Bytes of what is counted in whole tables beside pairs: by the cells that weights were adjusted by."""
        return self._tables(counters, self.margins, groups)

    def _tables(self, counters: Sequence[Counter], units: int, groups: int) -> int:
        sizes = [counter.size(units, groups) for counter in counters]
        return sum(sizes) + 2 * self.threads * max(sizes, default=0)

    @property
    def margins(self) -> int:
        """Cells that weights were adjusted by."""
        return 0 if self.weighing is None else len(self.weighing.cells)

    def pairwise(self, counters: Sequence[Counter], groups: int) -> bool:
        """Whether a question is counted by pairs of cluster and group: whole tables are large and mostly empty, or
        take more than they may."""
        units = self.clusters.structure.units
        return large(units, groups) and (
            mostly_empty(units, groups, self.places_held(counters)) or self.needs(counters, groups) > self.memory
        )

    def places_held(self, counters: Sequence[Counter]) -> int:
        """Pairs of cluster and group that hold anyone, at most."""
        return len(self)

    def possible(self, name: str) -> Column | None:
        """What the source or the codebook says that a column may hold; None where they do not, or of too many."""
        variable = self.steps.codebook.variables.get(composed_value(name))
        if name not in self.steps.raw or (variable is not None and variable.base):
            return None
        if name not in self._ranges:
            found = self.reader.ranges([n for n in self.steps.raw if n not in self._ranges])
            self._ranges.update({n: found.get(n) for n in self.steps.raw})
        known = self._ranges[name]
        if known is None:
            return None
        low, high, kind = known
        values: Sequence[int] = range(low, high + 1)
        if variable is not None and variable.codes:
            values = [v for v in _whole((*variable.codes, *variable.missing)) if low <= v <= high]
        return Column.looked_up(self.steps, name, values, kind) if 0 < len(values) <= MAX_ANSWERS else None

    def columns_of(self, names: Iterable[str]) -> dict[str, Column]:
        """Columns whose values were seen."""
        for name in names:
            held = self.seen.get(name)
            if name not in self._columns and held is not None and held.counts is not None:
                self._columns[name] = self._looked_up(name, held) or Column.row_by_row(name, held.values(name))
        return {name: self._columns[name] for name in names if name in self._columns}

    def row_by_row(self, names: Iterable[str]) -> None:
        """Clean these columns row by row from now on: they hold values that cannot be looked up."""
        self._columns.update({name: Column.row_by_row(name, self.seen[name].values(name)) for name in names})

    def _looked_up(self, name: str, held: Held) -> Column | None:
        """A column that holds whole numbers or texts, and whose cells say by themselves what cleaning makes of them."""
        import pyarrow as pa

        variable = self.steps.codebook.variables.get(composed_value(name))
        if name not in self.steps.raw or not held.counts or (variable is not None and variable.base):
            return None
        if name in self.steps.read_as_numbers:
            return None  # the source holds texts, and numbers were seen
        known = [] if variable is None else [*variable.codes, *variable.missing]
        if held.text and not all(isinstance(value, str) for value in held.counts):
            return None  # dates
        if held.text:
            values: Sequence[Any] = [*dict.fromkeys((*held.counts, *(v for v in known if isinstance(v, str))))]
        elif all(abs(value) < EXACT and value == int(value) for value in held.counts):
            whole = _whole((*held.counts, *known))
            values = whole if known else range(whole[0], whole[-1] + 1)
        else:
            return None
        if len(values) > MOST_VALUES:
            return None
        column = Column.looked_up(self.steps, name, values, pa.string() if held.text else pa.int64())
        return column if set(held.counts) <= set(column.clean.dropna().tolist()) else None

    def hold(self, column: Column, rows: Ints) -> None:
        """Keep what was seen of a column whose values are looked up."""
        there = np.flatnonzero(rows[:-1])
        values = [*(column.raw or ()), None]
        *_, kind = self._ranges[column.name] or (None,)
        responses = cleaned(self.steps, column.name, [values[i] for i in there], kind)
        name = column.name
        missing = responses.missing[name].to_numpy() if name in responses.missing else None
        held = Held()
        held.add(responses.data[name], missing, rows[there])
        self.seen[name], self._columns[name] = held, column
        self._codebook[:] = [self._learnt(responses)]

    def look(self, names: Iterable[str]) -> None:
        """Read columns that nobody asked for before, and keep which values they hold."""
        new = [name for name in names if name not in self.seen]
        if not new:
            return
        seen = gathered(self.reader, self.steps.read(new), partial(_seen, self.steps, new))
        self.seen.update({name: seen.held.get(name, Held()) for name in new})
        if seen.responses is not None:
            self._codebook[:] = [self._learnt(seen.responses)]

    def _learnt(self, responses: Responses) -> Codebook:
        """What is known of variables, with what the steps made of the columns of a batch."""
        variables = responses.codebook.variables
        there = [variables[n] for c in responses.data.columns if (n := composed_value(c)) in variables]
        return self.codebook.update(*there)

    def held(self, name: str) -> Held:
        """What the first pass saw of a column."""
        return self.seen[name]

    def prototype(self, names: Sequence[str]) -> SampleData:
        """A sample without rows of this design, whose columns hold every value once: what a column is can be seen."""
        listed = {n: self.seen[n] for n in names if self.seen[n].counts is not None}
        columns = {n: h.values(n) for n, h in listed.items()}
        columns |= {n: pd.Series([h.pivot], name=n) for n in names if (h := self.seen[n]).counts is None}
        rows = max((len(c) for c in columns.values()), default=0)
        frame = pd.DataFrame({n: c.reindex(range(rows)) for n, c in columns.items()}, index=range(rows))
        responses = Responses(frame, self.codebook)
        keep_unlisted(responses, set(names) - set(listed))
        for name, held in listed.items():
            keep_lone(responses, name, held.counts, len(self))
            if not held.text and held.counts:
                answers = np.array(sorted(held.counts), dtype=float)
                n = np.array([held.counts[a] for a in answers.tolist()])
                keep_counts(responses, name, Coded(np.zeros(0, np.int8), answers, n))
        sample = SampleData.of(responses, self.design, self.clusters.structure)
        if self.weighing is not None:
            sample.__dict__["residuals"] = self.weighing.residuals
        return sample

    @property
    def threads(self) -> int:
        """Batches that are counted at a time."""
        return min(os.cpu_count() or 1, _THREADS)


def _whole(values: Iterable[Any]) -> list[int]:
    """The whole numbers among some values, each once and in order."""
    return sorted({int(v) for v in values if isinstance(v, int | float) and v == int(v)})


@dataclass(frozen=True)
class _Seen:
    """What batches hold, and the first of them, from which the codebook learns."""

    held: dict[str, Held]
    responses: Responses | None

    def __add__(self, other: _Seen) -> _Seen:
        held = {name: one.plus(other.held[name], name) for name, one in self.held.items()}
        return _Seen(held, other.responses if self.responses is None else self.responses)


def _seen(steps: Steps, names: Sequence[str], batches: Iterable[pa.RecordBatch]) -> _Seen:
    held, start, first = {name: Held() for name in names}, 0, None
    for batch in batches:
        responses = steps.responses(batch, start, names)
        for name in names:
            missing = responses.missing[name].to_numpy() if name in responses.missing else None
            held[name].add(responses.data[name], missing)
        first = Responses(responses.data.iloc[:1], responses.codebook) if first is None else first
        start += batch.num_rows
    return _Seen(held, first)
