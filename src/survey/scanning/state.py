"""The state of a scan: where rows are, how they are cleaned and were drawn, and what a first pass saw of columns."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.base.arguments import columns_exist
from survey.base.codes import Ints
from survey.base.expressions import Where, column_names, mask
from survey.base.names import columns_named, composed_value
from survey.codebook import Codebook
from survey.core.result import refuse_reserved
from survey.core.sample_data import SampleData
from survey.core.unheld import refuse_empty, unheld
from survey.counting.cells import Cells, Coded, Grouping
from survey.design.coded_design import weights_of
from survey.design.design import Design
from survey.errors import EstimationError, shorten
from survey.estimation.held_answers import keep_counts
from survey.estimation.inferred import where_notes
from survey.estimation.items import RESERVED, Names, item_names, refuse_nested
from survey.responses import Responses
from survey.scanning.first_pass import Clusters, Held
from survey.scanning.question import Counter, Groups, Rows, kept, summed, windowed
from survey.scanning.readers import Reader
from survey.scanning.steps import Steps

__all__ = ["Question", "ScanData"]

_THREADS = 4
_EMPTY: Ints = np.zeros(0, np.int64)


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
    """

    reader: Reader
    steps: Steps
    design: Design
    clusters: Clusters
    memory: int
    _held: dict[str, Held] = field(default_factory=dict, repr=False)
    _codebook: list[Codebook] = field(default_factory=list, repr=False)

    def __len__(self) -> int:
        return self.clusters.rows

    def __repr__(self) -> str:
        return f"<Scan: {len(self):,} respondents in {self.reader.source}; {self.design.describe()}>"

    @property
    def codebook(self) -> Codebook:
        """What was asked, after the steps."""
        return self._codebook[0] if self._codebook else self.steps.codebook

    def ask(self, items: Sequence[str], by: Names | None, where: Where) -> Question:
        """What is known before a question is counted: the groups, and the values of its columns."""
        refuse_nested(by)
        groups = columns_named(item_names(by), self.steps.names)
        refuse_reserved(groups, RESERVED)
        if where is not None and not isinstance(where, str):
            raise EstimationError(
                "A scan takes a condition as an expression.",
                where="where=",
                got=type(where).__name__,
                expected="text such as \"kind == 'business'\"",
                fix="write the condition as text, or derive(...) a column first",
            )
        conditions = columns_named(column_names(where, what="where"), self.steps.names) if where else []
        named = list(dict.fromkeys((*items, *groups, *conditions)))
        columns_exist(
            named, self.steps.names, "The source has no such column.", EstimationError, where=self.reader.source
        )
        self.look(named)
        empty = [name for name in groups if self._held[name].counts == {}]
        if empty:
            raise EstimationError("A grouping column is empty.", where=shorten(empty), fix="leave it out of by=")
        values = {name: self._held[name].values(name) for name in groups}
        return Question(self, groups, where, Groups.of(values, self.codebook), self.prototype(named))

    def look(self, names: Iterable[str]) -> None:
        """Read columns that nobody asked for before, and keep which values they hold."""
        new = [name for name in names if name not in self._held]
        if not new:
            return
        held = {name: Held() for name in new}
        for responses in self.responses(new):
            for name in new:
                missing = responses.missing[name].to_numpy() if name in responses.missing else None
                held[name].add(responses.data[name], responses.codebook.variables.get(name), missing)
            self._codebook[:] = [self._learnt(responses)]
        self._held.update(held)

    def _learnt(self, responses: Responses) -> Codebook:
        """What is known of variables, with what the steps made of the columns of a batch."""
        variables = responses.codebook.variables
        there = [variables[n] for c in responses.data.columns if (n := composed_value(c)) in variables]
        return self.codebook.update(*there)

    def held(self, name: str) -> Held:
        """What the first pass saw of a column."""
        return self._held[name]

    def responses(self, names: Sequence[str], also: Sequence[str] = ()) -> Iterable[Responses]:
        """Every batch of some columns, cleaned; `also` are columns that are read beside them as they are."""
        start = 0
        for batch in self.reader.batches(list(dict.fromkeys((*self.steps.read(names), *also)))):
            yield self.steps.responses(batch, start, names)
            start += batch.num_rows

    def prototype(self, names: Sequence[str]) -> SampleData:
        """A sample without rows of this design, whose columns hold every value once: what a column is can be seen."""
        listed = {n: self._held[n] for n in names if self._held[n].counts is not None}
        columns = {n: h.values(n) for n, h in listed.items()}
        columns |= {n: pd.Series([h.pivot], name=n) for n in names if (h := self._held[n]).counts is None}
        rows = max((len(c) for c in columns.values()), default=0)
        frame = pd.DataFrame({n: c.reindex(range(rows)) for n, c in columns.items()}, index=range(rows))
        responses = Responses(frame, self.codebook)
        for name, held in listed.items():
            if not held.text and held.counts:
                answers = np.array(sorted(held.counts), dtype=float)
                n = np.array([held.counts[a] for a in answers.tolist()])
                keep_counts(responses, name, Coded(np.zeros(0, np.int8), answers, n))
        return SampleData.of(responses, self.design, self.clusters.structure)

    @property
    def threads(self) -> int:
        """Batches that are counted at a time."""
        return min(os.cpu_count() or 1, _THREADS)


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
    """

    scan: ScanData
    by: list[str]
    where: Where
    groups: Groups
    sample: SampleData

    def needs(self, counters: Sequence[Counter]) -> int:
        """Bytes that counting takes at most: a table in each thread, one that waits, and the sum."""
        units = self.scan.clusters.structure.units
        return sum(c.size(units, len(self.groups)) for c in counters) * (self.scan.threads + 3)

    def count(self, counters: Sequence[Counter], columns: Sequence[str]) -> tuple[list[Cells], Grouping]:
        """Count in one pass; groups that nobody is in are left out.

        Raises
        ------
        EstimationError
            For an empty domain; where counts would take more memory than they may.
        """
        scan, design = self.scan, self.scan.design
        needed, budget = self.needs(counters), scan.memory
        if needed > budget:
            size = f"{scan.clusters.structure.units:,} clusters x {len(self.groups):,} groups x {len(counters)} items"
            raise EstimationError(
                "The counts of this question take more memory than they may.",
                where="scan(memory=...)",
                got=f"{needed / 1e9:.3g} GB for {size}",
                expected=f"at most {budget / 1e9:.3g} GB",
                fix="ask for fewer items or groups at a time, or give scan(..., memory=) more bytes",
            )
        own = list(dict.fromkeys(design.columns))
        conditions = columns_named(column_names(self.where), scan.steps.names) if isinstance(self.where, str) else []
        names = list(dict.fromkeys((*columns, *self.by, *conditions)))

        def work(responses: Responses) -> tuple[list[Cells], NDArray[np.int64]]:
            rows = self._rows(responses, design)
            sizes = np.append(rows.grouping.sizes[:-1], rows.grouping.n_outside)
            return [counter.cells(rows) for counter in counters], sizes

        cells, sizes = summed(windowed(work, scan.responses(names, own), scan.threads))
        keep = sizes[:-1] > 0
        if not keep.any():
            if absent := unheld(self.sample, self.where):
                refuse_empty(absent)
            raise EstimationError("The domain is empty.", where="where=", fix="check the condition")
        labels = self.groups.labels.loc[keep].reset_index(drop=True)
        notes = tuple(one.note for one in unheld(self.sample, self.where))
        if isinstance(self.where, str):
            inside = mask(self.where, self.sample.data)
            notes += tuple(where_notes(self.sample, self.where, inside))
        grouping = Grouping(_EMPTY, _EMPTY, labels, int(sizes[-1]), notes=notes)
        return [kept(one, keep, labels) for one in cells], grouping

    def _rows(self, responses: Responses, design: Design) -> Rows:
        frame = responses.data
        nobody = design.weights is not None and bool((frame[design.weights] == 0).all())  # a batch may hold them alone
        weights = np.zeros(len(frame)) if nobody else weights_of(frame, design)
        unit = self.scan.clusters.unit(frame, design)
        code = self.groups.code(frame)
        inside = weights > 0
        if self.where is not None:
            inside &= mask(self.where, frame)
        outside = int(np.count_nonzero(inside & (code == len(self.groups))))
        code = np.where(inside, code, len(self.groups))
        structure = replace(self.scan.clusters.structure, weights=weights, unit=unit)
        grouping = Grouping(code, unit, self.groups.labels, outside)
        grouping.place, grouping.sizes  # noqa: B018 - made once, before counters ask
        return Rows(responses, structure, grouping)
