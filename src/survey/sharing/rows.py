"""The rows that cells are made of: those of a sample in memory, or the batches of a scan, cleaned."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import pandas as pd

from survey.base.arrays import Array
from survey.base.codes import Ints
from survey.calibration.residuals import Residuals, Step
from survey.codebook import Codebook
from survey.core.responses_data import ResponsesData
from survey.core.sample_data import SampleData
from survey.design.design import Design
from survey.errors import EstimationError, shorten
from survey.scanning.first_pass import Clusters
from survey.scanning.held import Held
from survey.scanning.state import ScanData
from survey.scanning.steps import Steps
from survey.scanning.weigher import Weigher, weighed
from survey.scanning.weighing import CellBlock

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Part", "Rows"]

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Part:
    """Some rows: answers, the unit and weight of each, and their calibration variables."""

    responses: ResponsesData
    unit: Ints
    weights: Array
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, eq=False)
class Rows:
    """A sample or a scan as parts of its rows."""

    data: SampleData | ScanData

    @classmethod
    def of(cls, data: Any) -> Rows:
        """Raise for anything else than a sample or a scan."""
        if not isinstance(data, SampleData | ScanData):
            raise EstimationError(
                "Cells are made from a sample or a scan.",
                where="count_cells(...)",
                got=type(data).__name__,
                expected="sv.Sample(...) or sv.scan(...)",
            )
        return cls(data)

    @property
    def codebook(self) -> Codebook:
        """What was asked."""
        return self.data.codebook

    @property
    def residuals(self) -> Residuals:
        """What weights were calibrated to; those that a scan reads are taken as they are."""
        if isinstance(self.data, SampleData):
            return self.data.residuals
        return Residuals(()) if self.data.weighing is None else self.data.weighing.residuals

    @property
    def names(self) -> Sequence[str]:
        """The columns that are there."""
        return self.data.steps.names if isinstance(self.data, ScanData) else list(self.data.data.columns)

    def held(self, names: Sequence[str]) -> dict[str, Held]:
        """The values of columns."""
        data = self.data
        if isinstance(data, ScanData):
            absent = [n for n in names if n not in data.steps.names]
            _refuse_absent(absent, data.steps.names)
            data.look(names)
            return {name: data.held(name) for name in names}
        frame, responses = data.data, data.responses
        _refuse_absent([n for n in names if n not in frame.columns], frame.columns)
        found = {}
        for name in names:
            found[name] = Held()
            missing = responses.missing[name].to_numpy() if name in responses.missing else None
            found[name].add(frame[name], missing)
        return found

    def counted(self, work: Callable[[Iterable[Part]], T], names: Sequence[str]) -> T:
        """What `work` makes of all rows; of parts of them added up, where they are in several places."""
        data = self.data
        if isinstance(data, SampleData):
            structure = data.structure
            return work([Part(data.responses, structure.unit, structure.weights, data.residuals.steps)])
        if data.weighing is None:
            reads = list(dict.fromkeys((*data.steps.read(names), *data.design.columns)))
            return data.reader.gather(reads, partial(_work, work, data.steps, data.design, data.clusters, names))
        blocks, design = data.weighing.blocks, data.drawn_by
        reads = data.steps.read([*names, *data.weighing.names])
        reads = list(dict.fromkeys((*reads, *design.columns)))
        rest = (work, data.steps, design, data.clusters, names)
        return data.with_weigher(
            lambda weigher: data.reader.gather(reads, partial(_work, *rest, weigher=weigher, blocks=blocks))
        )

    def drawn(self) -> pd.DataFrame:
        """The design's columns of every cluster, in the order of units."""
        data, design = self.data, self.data.design
        columns = list(dict.fromkeys((*design.strata[:1], *design.psu, *design.fpc)))
        if isinstance(data, ScanData):
            return data.clusters.drawn[columns]
        frame = data.data[columns]
        if design.absent is not None:
            frame = pd.concat([frame, design.absent.rows[columns]])
        first = np.unique(data.structure.drawn, return_index=True)[1]
        return frame.iloc[first].reset_index(drop=True)


def _work(
    count: Callable[[Iterable[Part]], T],
    steps: Steps,
    design: Design,
    clusters: Clusters,
    names: Sequence[str],
    batches: Iterable[pa.RecordBatch],
    weigher: Weigher | None = None,
    blocks: Sequence[CellBlock] = (),
) -> T:
    return count(_parts(steps, design, clusters, names, batches, weigher, blocks))


def _parts(
    steps: Steps,
    design: Design,
    clusters: Clusters,
    names: Sequence[str],
    batches: Iterable[pa.RecordBatch],
    weigher: Weigher | None,
    blocks: Sequence[CellBlock],
) -> Iterator[Part]:
    """Batches of a scan, cleaned, with the unit and weight of each row, and with what its weight was adjusted by."""
    start = 0
    for batch in batches:
        responses = steps.responses(batch.select(steps.read(names)), start, names)
        unit, variables = clusters.unit(batch, design, steps, start), tuple[Step, ...]()
        weights, cell = weighed(batch, design, weigher, steps, start)
        if cell is not None:
            variables = tuple(block.of_rows(cell, weights) for block in blocks)
        yield Part(responses, unit, weights, variables)
        start += batch.num_rows


def _refuse_absent(absent: Sequence[str], columns: Iterable[Any]) -> None:
    if absent:
        raise EstimationError(
            "The data have no such column.", where="count_cells", got=shorten(absent), expected=shorten(columns, 12)
        )
