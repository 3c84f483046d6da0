"""Groups of a sample by one set of variables (`by=`), or by several side by side (`over=`)."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from survey.base.expressions import Where
from survey.base.names import columns_named
from survey.base.text import written
from survey.core.breakdowns import COLUMNS, EVERYONE, Breakdowns
from survey.core.result import refuse_reserved
from survey.core.sample_data import SampleData
from survey.core.stacking import end_to_end
from survey.counting.cells import Grouping
from survey.counting.memory import in_threads
from survey.errors import EstimationError, shorten
from survey.estimation.items import (
    RESERVED,
    Names,
    domain_of,
    each_item,
    group_by,
    grouping_of,
    item_names,
    prepare,
    refuse_nested,
)
from survey.estimation.linearize import LinearizedItem

__all__ = ["Groupings", "Over", "groupings_of", "pieces_of"]

Over = str | Sequence[str | Sequence[str]]
"""Breakdowns: names of variables, or lists of variables that are crossed."""
Counter = Callable[[Grouping], LinearizedItem]
"""Counts an item, whose answers are coded already, in some groups."""


@dataclass(frozen=True, slots=True)
class Groupings:
    """The groups of a result.

    Parameters
    ----------
    parts : tuple of Grouping
        Of `by=` a single one; of `over=` one a breakdown. Respondents are in one group of each.
    labels : DataFrame (groups, columns)
        The groups of all parts under each other.
    breakdowns : Breakdowns or None
    """

    parts: tuple[Grouping, ...]
    labels: pd.DataFrame
    breakdowns: Breakdowns | None = None

    @classmethod
    def of(cls, grouping: Grouping | Groupings) -> Groupings:
        """One grouping as a list of one."""
        return grouping if isinstance(grouping, Groupings) else cls((grouping,), grouping.labels)

    def __len__(self) -> int:
        return len(self.labels)


def groupings_of(sample: SampleData, by: Names | None, over: Over | None, where: Where) -> Groupings:
    """The groups that `by=` and `over=` ask for; those of `by=` are crossed with each breakdown.

    Raises
    ------
    EstimationError
        For columns that do not exist, a breakdown that is named twice or has no group, names of `by=` that the result
        needs.
    """
    if over is None:
        return Groupings.of(grouping_of(sample, by, where))
    refuse_nested(by)
    within = item_names(by, sample)
    refuse_reserved(within, (*RESERVED, *COLUMNS))
    entries = [_variables(sample, entry) for entry in _entries(over)]
    names = _named(entries, [":".join(map(str, e)) or EVERYONE for e in entries])
    for name, entry in zip(names, entries, strict=True):
        if shared := [v for v in entry if v in within]:
            raise EstimationError(
                "A variable stands in by= and in over=.",
                where=f"over={name!r}",
                got=shorten(shared),
                expected="each variable in one of them",
                fix="leave it out of by=, or out of over=",
            )
    inside = domain_of(sample, where)
    parts = tuple(group_by(sample, [*entry, *within], inside, "over" if entry else "by") for entry in entries)
    crossed: dict[tuple[str, Any], tuple[Any, ...]] = {}
    breakdown: list[str] = []
    category: list[Any] = []
    for name, entry, part in zip(names, entries, parts, strict=True):
        rows = list(zip(*(part.labels[v].tolist() for v in entry), strict=True)) if entry else [()] * len(part)
        told: list[Any] = (
            [row[0] for row in rows] if len(entry) == 1 else _texts(rows) if entry else [EVERYONE] * len(rows)
        )
        if len(entry) > 1:
            crossed |= {(name, text): row for text, row in zip(told, rows, strict=True)}
        breakdown += [name] * len(part)
        category += told
    labels = pd.DataFrame({"breakdown": pd.Series(breakdown, dtype=str), "category": _column(category)})
    for name in within:
        labels[name] = end_to_end([part.labels[name] for part in parts]).array
    return Groupings(parts, labels, Breakdowns(dict(zip(names, entries, strict=True)), crossed))


def pieces_of(
    sample: SampleData, groupings: Groupings, counter: Callable[[str], Counter], names: Sequence[str]
) -> list[LinearizedItem]:
    """Every item in every part, items outermost: answers are coded once an item and counted once a part."""
    first, *others = groupings.parts
    if not others:
        return each_item(sample, first, lambda name: counter(name)(first), names)
    for part in others:
        prepare(sample, part)
    counters = each_item(sample, first, counter, names)
    return in_threads(lambda pair: pair[0](pair[1]), product(counters, groupings.parts), sample.structure.rows)


def _entries(over: Over) -> list[str | Sequence[str]]:
    single = isinstance(over, str) or not isinstance(over, Iterable)
    entries: list[Any] = [] if isinstance(over, pd.Series | pd.DataFrame) else [over] if single else list(over)
    wrong = [e for e in entries if not len(_each(e)) or not all(map(_is_name, _each(e)))]
    if wrong or not entries:
        raise EstimationError(
            "over= must name breakdowns.",
            where="over=",
            got=shorten(map(repr, wrong)) if wrong else "no name",
            expected='over=["sex", "age", ["sex", "age"]]; a list inside is crossed, "everyone" is the total',
            fix="name columns of the data",
        )
    return entries


def _is_name(name: Any) -> bool:
    return isinstance(name, Hashable) and name != ""


def _each(entry: Any) -> Sequence[Any]:
    return entry if isinstance(entry, list | tuple) else [entry]


def _variables(sample: SampleData, entry: str | Sequence[str]) -> tuple[str, ...]:
    """The variables of one breakdown, spelled as the data do; none for everyone."""
    names = columns_named(_each(entry), sample.data.columns)
    if names == [EVERYONE] and EVERYONE not in sample.data.columns:
        return ()
    if len(set(names)) < len(names):
        raise EstimationError(
            "A breakdown crosses a variable with itself.",
            where="over=",
            got=shorten(names),
            expected="each variable once",
            fix="leave one of them out",
        )
    return tuple(names)


def _named(entries: Sequence[tuple[str, ...]], names: list[str]) -> list[str]:
    """Names of the breakdowns: those of their variables joined by a colon, or by another sign where that is no name."""
    twice = [name for i, name in enumerate(names) if entries[i] in entries[:i]]
    if twice:
        raise EstimationError(
            "A breakdown is named twice.",
            where="over=",
            got=shorten(dict.fromkeys(twice)),
            expected="each breakdown once",
            fix="leave one of them out",
        )
    return names if len(set(names)) == len(names) else [" × ".join(map(str, e)) or EVERYONE for e in entries]


def _texts(rows: Sequence[tuple[Any, ...]]) -> list[str]:
    """Crossed categories as text, "1:2", with a sign between that keeps all apart."""
    for sign in (":", " × ", " | "):
        told = [sign.join(map(written, row)) for row in rows]
        if len(set(told)) == len(set(rows)):
            break
    return told


def _column(values: list[Any]) -> pd.Series:
    """Values of several variables in one column, each as it is; of one type where all are."""
    column = np.empty(len(values), dtype=object)
    column[:] = values
    return pd.Series(column).infer_objects()
