"""The state of responses: the data, their codebook, the log of every change, every rejected row with its reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Self, TypeVar

import pandas as pd

from survey.base.arguments import check_fields, explained_verbs
from survey.base.files import AnySource
from survey.base.frames import kept
from survey.base.text import counted
from survey.codebook import Codebook
from survey.codebook.told import describe_groups
from survey.core.log import LogEntry, Source, named_files
from survey.errors import CleaningError, shorten

__all__ = ["R", "ResponsesData"]

T = TypeVar("T")


@explained_verbs(CleaningError)
@kept("data", "missing", "rejected")
@dataclass(frozen=True)
class ResponsesData:
    """State of `survey.responses.Responses`, which has the verbs; the fields are described there."""

    data: pd.DataFrame
    codebook: Codebook = field(default_factory=Codebook)
    missing: pd.DataFrame = field(default_factory=pd.DataFrame, repr=False)
    entries: tuple[LogEntry, ...] = field(default=(), repr=False)
    rejected: pd.DataFrame = field(default_factory=pd.DataFrame, repr=False)
    sources: tuple[Source, ...] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        if not isinstance(self.data, pd.DataFrame):
            raise CleaningError(
                "Responses must be made from a DataFrame.",
                got=type(self.data).__name__,
                expected="a DataFrame",
                fix="read a file with sv.read(...)",
            )
        check_fields(self, CleaningError, fix={"codebook": "give sv.Codebook.from_toml(...)"})
        for what, labels in (("row", self.data.index), ("column", self.data.columns)):
            if not labels.is_unique:
                raise CleaningError(
                    f"Two {what}s have the same name.",
                    got=(describe_groups if what == "row" else shorten)(labels[labels.duplicated()].unique()),
                    expected=f"a unique name for each {what}",
                    fix="call reset_index(drop=True)" if what == "row" else "rename them",
                )
        if isinstance(self.codebook, Codebook):
            object.__setattr__(self, "codebook", self.codebook.spelled_as(self.data.columns))

    def __len__(self) -> int:
        return len(self.data)

    def __repr__(self) -> str:
        # answers stay out of logs and tracebacks; .data shows them
        sizes = zip((*self.data.shape, len(self.entries)), ("row", "column", "step"), strict=True)
        return f"<Responses: {', '.join(counted(n, what) for n, what in sizes)}>"

    @property
    def log(self) -> pd.DataFrame:
        """Every change, one line per step: verb, what, rows and answers touched, rows before and after, reason."""
        columns = ["verb", "what", "rows_before", "rows_after", "rows_touched", "answers_touched", "reason"]
        rows = [{c: getattr(entry, c) for c in columns} for entry in self.entries]
        return pd.DataFrame(rows, columns=columns, index=pd.RangeIndex(1, len(rows) + 1, name="step"))

    @property
    def origins(self) -> tuple[AnySource, ...]:
        """Every file that the answers and their codebook were made from; no writer replaces one of them."""
        return (*self.codebook.files, *named_files(self.entries, self.sources))

    def once(self, compute: Callable[[Self], T]) -> T:
        """What a function of these responses gives, computed the first time and kept: they never change."""
        computed: dict[Any, Any] = self.__dict__.setdefault("_computed", {})
        if compute not in computed:
            computed[compute] = compute(self)
        result: T = computed[compute]
        return result

    @property
    def remembered(self) -> dict[Any, Any]:
        """What was found in single columns: kept from verb to verb, for whoever checks that the column is the same."""
        known: dict[Any, Any] = self.__dict__.setdefault("_remembered", {})
        return known

    def logged(self, entry: LogEntry, **changes: Any) -> Self:
        """A copy with `changes` and one more line in the log."""
        done = replace(self, entries=(*self.entries, entry), **changes)
        done.__dict__["_remembered"] = self.remembered
        return done


R = TypeVar("R", bound=ResponsesData)
