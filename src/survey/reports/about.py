"""What a report asks of a sample or a scan beside estimates: its columns, their values, and what was done to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

import pandas as pd

from survey.core.log import LogEntry, Source
from survey.core.sample_data import answers_in
from survey.sample import Sample
from survey.scanning import told
from survey.scanning.answered import answered_by
from survey.scanning.combined import base_sample
from survey.scanning.scan import Scan

__all__ = ["About", "about"]


class About(Protocol):
    """Facts of a sample, with or without rows."""

    @property
    def columns(self) -> Sequence[str]:
        """Names of columns that may be asked for."""
        ...

    @property
    def entries(self) -> Sequence[LogEntry]:
        """What was done to the answers, in order."""
        ...

    @property
    def log(self) -> pd.DataFrame:
        """The same as a table, as `Responses.log`; NaN for numbers that are not known."""
        ...

    @property
    def sources(self) -> Sequence[Source]:
        """The files that rows stand in, in their order; none where rows cannot be named."""
        ...

    @property
    def scanned(self) -> bool:
        """Whether rows were counted where they are, and not kept."""
        ...

    def values(self, column: str) -> list[Any]:
        """The values that a column holds, each once, without missing ones."""
        ...

    def answered(self, names: Sequence[str], column: str, code: Any) -> list[str]:
        """Those of some columns that hold anything where a column holds a code."""
        ...

    def pairs(self, one: str, other: str) -> list[tuple[Any, Any]]:
        """The values of two columns that stand beside each other in some row, without missing ones."""
        ...


@dataclass(frozen=True)
class _Kept:
    """Of rows in memory."""

    sample: Sample
    scanned: bool = False

    @property
    def columns(self) -> Sequence[str]:
        return [str(name) for name in answers_in(self.sample).columns]

    @property
    def entries(self) -> Sequence[LogEntry]:
        return self.sample.responses.entries

    @property
    def log(self) -> pd.DataFrame:
        return self.sample.responses.log

    @property
    def sources(self) -> Sequence[Source]:
        return self.sample.responses.sources

    def values(self, column: str) -> list[Any]:
        return list(answers_in(self.sample)[column].dropna().unique().tolist())

    def answered(self, names: Sequence[str], column: str, code: Any) -> list[str]:
        data = answers_in(self.sample)
        rows = data[data[column] == code]
        return [name for name in names if rows[name].notna().any()]

    def pairs(self, one: str, other: str) -> list[tuple[Any, Any]]:
        return _pairs(answers_in(self.sample), one, other)


@dataclass(frozen=True)
class _Scanned:
    """Of rows that were counted batch by batch."""

    scan: Scan
    sources: Sequence[Source] = ()
    scanned: bool = True
    _answered: dict[tuple[str, str], set[Any]] = field(default_factory=dict)

    @property
    def columns(self) -> Sequence[str]:
        return self.scan.steps.names

    @cached_property
    def entries(self) -> Sequence[LogEntry]:
        return told.entries_of(self.scan)

    @property
    def log(self) -> pd.DataFrame:
        return told.log_of(self.scan)

    def values(self, column: str) -> list[Any]:
        self.scan.look([column])
        return list(self.scan.held(column).values(column).tolist())

    def answered(self, names: Sequence[str], column: str, code: Any) -> list[str]:
        if any((name, column) not in self._answered for name in names):
            book = self.scan.codebook.variables
            items = [name for name in self.columns if name in book and book[name].role == "item"]
            asked = list(dict.fromkeys([*items, *names]))
            self._answered.update({(n, column): codes for n, codes in answered_by(self.scan, asked, column).items()})
        return [name for name in names if code in self._answered[name, column]]

    def pairs(self, one: str, other: str) -> list[tuple[Any, Any]]:
        return _pairs(base_sample(self.scan, [one, other], True).data, one, other)


def _pairs(data: pd.DataFrame, one: str, other: str) -> list[tuple[Any, Any]]:
    return list(data[[one, other]].dropna().drop_duplicates().itertuples(index=False, name=None))


def about(sample: Sample | Scan) -> About:
    """The facts of a sample."""
    return _Scanned(sample) if isinstance(sample, Scan) else _Kept(sample)
