"""Which columns of a scan hold anything beside each value of another: one pass for however many columns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from survey.scanning.state import ScanData
from survey.scanning.steps import Steps
from survey.scanning.watch import gathered

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["answered_by"]


def answered_by(scan: ScanData, names: Sequence[str], column: str) -> dict[str, set[Any]]:
    """Of each column the values of another beside which it holds an answer."""
    found = gathered(scan.reader, scan.steps.read([*names, column]), partial(_seen, scan.steps, names, column))
    return {name: set(found.codes.get(name, ())) for name in names}


@dataclass(frozen=True)
class _Answered:
    codes: dict[str, frozenset[Any]]

    def __add__(self, other: _Answered) -> _Answered:
        none: frozenset[Any] = frozenset()
        names = {**self.codes, **other.codes}
        return _Answered({n: self.codes.get(n, none) | other.codes.get(n, none) for n in names})


def _seen(steps: Steps, names: Sequence[str], column: str, batches: Iterable[pa.RecordBatch]) -> _Answered:
    found, start = _Answered({}), 0
    for batch in batches:
        data = steps.responses(batch, start, [*names, column]).data
        known = data[list(names)].notna().groupby(data[column]).any()
        found += _Answered({name: frozenset(known.index[known[name].to_numpy(bool)].tolist()) for name in names})
        start += batch.num_rows
    return found
