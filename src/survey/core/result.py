"""What every result has, estimates and summaries alike: a table, its kind of statistic, and where it comes from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any, TypeVar

import pandas as pd

from survey.base.frames import held
from survey.codebook import Codebook, Text
from survey.core.breakdowns import Breakdowns
from survey.core.statistics import Kind, kind_of
from survey.errors import EstimationError, SurveyError, shorten

__all__ = ["R", "ResultData", "refuse_reserved", "rows_in"]

T = TypeVar("T")


class ResultData:
    """What labels, screens and exhibits ask of any result.

    `EstimatesData` and `SummaryData` hold it; the fields are described there. `answers` and `words` are empty in
    results that have none.
    """

    table: pd.DataFrame
    statistic: str
    by: tuple[str, ...]
    level: float
    codebook: Codebook
    notes: tuple[str, ...]
    source: str
    simulated: bool
    origin: ResultData | None
    answers: tuple[Any, ...] = ()
    words: Mapping[str, Text] = MappingProxyType({})
    breakdowns: Breakdowns | None = None

    @property
    def kind(self) -> Kind:
        """What is known of the statistic: its row of `survey.core.statistics.KINDS`."""
        return kind_of(self.statistic)

    @property
    def quantities(self) -> Mapping[str, str]:
        """Columns of numbers of equal standing, and what each holds; empty for one estimate and its interval."""
        return self.kind.quantities

    @property
    def groups(self) -> pd.DataFrame:
        """The grouping columns alone."""
        return rows_in(self)[list(self.by)]

    def __len__(self) -> int:
        return len(rows_in(self))

    def once(self, make: Callable[..., T], *asked: Any) -> T:
        """`make(self, *asked)`, computed when first asked for: a result never changes. No one may write to it."""
        known: dict[Any, Any] = self.__dict__.setdefault("_made", {})
        if (make, *asked) not in known:
            known[make, *asked] = make(self, *asked)
        found: T = known[make, *asked]
        return found


R = TypeVar("R", bound=ResultData)


def rows_in(e: ResultData) -> pd.DataFrame:
    """`e.table` itself and no copy of it, for whoever only reads single cells."""
    return held(e, "table")


def refuse_reserved(
    groups: Iterable[str], reserved: Iterable[str], error: type[SurveyError] = EstimationError, where: str = "by="
) -> None:
    """Raise if a group is called after a column of the result, which would write over its labels, or named twice."""
    names, columns = list(groups), list(dict.fromkeys(reserved))
    taken = [name for name in names if name in columns or names.count(name) > 1]
    if taken:
        raise error(
            "A grouping column conflicts with a column of the result.",
            where=where,
            got=shorten(dict.fromkeys(taken)),
            expected=f"each column once, and none called {shorten(columns, 20)}",
            fix="rename the column",
        )
