"""The state of a summary: several numbers of equal standing in each row, about weights, margins or fieldwork."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

import pandas as pd

from survey.base.arguments import explained_verbs
from survey.base.frames import kept
from survey.codebook import Codebook, Text
from survey.core.breakdowns import Breakdowns
from survey.core.result import ResultData
from survey.core.statistics import kind_of
from survey.errors import EstimationError

__all__ = ["SummaryData"]


@explained_verbs(EstimationError)
@kept("table")
@dataclass(frozen=True)
class SummaryData(ResultData):
    """State of `survey.estimates.Summary`, which has the verbs; the fields are described there."""

    table: pd.DataFrame
    statistic: str
    by: tuple[str, ...] = ()
    level: float = 0.95
    codebook: Codebook = field(default_factory=Codebook, repr=False)
    notes: tuple[str, ...] = ()
    source: str = ""
    simulated: bool = False
    origin: SummaryData | None = field(default=None, repr=False)
    words: Mapping[str, Text] = field(default_factory=dict, repr=False)
    breakdowns: Breakdowns | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        kind_of(self.statistic)

    def with_table(self, table: pd.DataFrame, **changes: Any) -> Self:
        """A copy with another table (rounded, renamed)."""
        return replace(self, table=table, **changes)
