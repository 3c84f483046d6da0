"""What a question takes, known before it is counted; what takes more than it may is refused with the number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod

import pandas as pd

from survey.errors import DesignError, EstimationError
from survey.scanning.pair_pass import pair_bytes, too_many
from survey.scanning.question import Answers, Counter, Moments
from survey.scanning.state import ScanData

__all__ = ["MemoryNeeded", "affordable", "check_budget", "fits", "groups_fit", "needed"]

_LABEL = 24
"""Bytes of a group for each of its columns and once more: its label, its rows, its answers."""


@dataclass(frozen=True, slots=True)
class MemoryNeeded:
    """What a question takes at most while it is counted.

    Parameters
    ----------
    clusters, groups : int
        Groups are all combinations of the values of `by`; of people alike, of all columns that are looked at; of a
        model that is read in passes its coefficients.
    answers : tuple of int
        Of each item: answers, and reasons for none, or sums where a number has many values. None of people alike
        and of models in passes; of quantiles and histograms in passes the classes between their limits.
    counted : {"tables", "pairs", "people alike", "passes"}
        Whole tables of clusters by groups by answers; pairs of cluster and group that occur, where most do not; or
        people who are alike in all columns; or passes: of a model, which sum its influence values by cluster; of a
        number of very many values, in brackets that grow narrower.
    bytes : int
        At most. Of pairs and people as if every row were one of its own.
    least : int
        At least: what takes more than `budget` is refused before it is counted. Of tables the same as `bytes`.
    budget : int
        As of `memory=`.
    """

    clusters: int
    groups: int
    answers: tuple[int, ...]
    counted: str
    bytes: int
    least: int
    budget: int

    def __str__(self) -> str:
        of_model = self.counted == "passes" and not self.answers
        size = f"{self.clusters:,} clusters x {self.groups:,} {'coefficients' if of_model else 'groups'}"
        if self.answers:
            size += f" x {' + '.join(map(str, self.answers))} answers"
        return f"{size}: at most {self.bytes / 1e9:.3g} GB of {self.budget / 1e9:.3g} GB, by {self.counted}"


def check_budget(memory: object) -> int:
    """The bytes that counts may take; raises unless they are a whole number above 0."""
    if isinstance(memory, bool) or not isinstance(memory, int | float) or not memory >= 1 or memory != memory // 1:
        raise DesignError(
            "The memory that counts may take must be a whole number of bytes.",
            where="memory=...",
            got=memory,
            expected="1 or more, such as 2_000_000_000 for 2 GB",
            fix="give the number of bytes",
        )
    return int(memory)


def needed(scan: ScanData, counters: Sequence[Counter], groups: int, present: int = 0) -> MemoryNeeded:
    """What counters take in so many groups, of which at least some are `present`."""
    units = scan.clusters.structure.units
    known = [one for one in counters if isinstance(one, Answers | Moments)]
    answers = tuple(one.slots if isinstance(one, Answers) else one.width for one in known)
    if not scan.pairwise(counters, groups):
        size = scan.needs(counters, groups)
        return MemoryNeeded(units, groups, answers, "tables", size, size, scan.memory)
    each, beside = pair_bytes(known), scan.needs_beside(counters, groups)
    most = min(len(scan), units * groups) * each + beside
    return MemoryNeeded(units, groups, answers, "pairs", most, present * each + beside, scan.memory)


def affordable(scan: ScanData, counters: Sequence[Counter], groups: int, present: int) -> bool:
    """Whether a question is counted by pairs.

    Raises
    ------
    EstimationError
        If it takes more than it may, whatever the rows hold.
    """
    size = needed(scan, counters, groups, present)
    if size.counted == "pairs":
        if size.least > size.budget:
            raise too_many(present, size.least, size.budget)
        return True
    fits(scan, counters, groups)
    return False


def fits(scan: ScanData, counters: Sequence[Counter], groups: int) -> None:
    """Raise if the tables of counters take more than they may."""
    size, clusters = scan.needs(counters, groups), scan.clusters.structure.units
    if size > scan.memory:
        raise EstimationError(
            "The counts of this question take more memory than they may.",
            where="memory=...",
            got=f"{size / 1e9:.3g} GB for {clusters:,} clusters x {groups:,} groups x {len(counters)} items",
            expected=f"at most {scan.memory / 1e9:.3g} GB",
            fix="ask for fewer items or groups at a time, or give scan(...) or load_cells(...) more bytes by memory=",
        )


def groups_fit(scan: ScanData, values: Mapping[str, pd.Series]) -> None:
    """Raise if the combinations of groups are so many that their labels alone take more than they may."""
    groups = prod(len(held) for held in values.values())
    size = groups * _LABEL * (1 + len(values))
    if size > scan.memory:
        raise EstimationError(
            "The groups of this question take more memory than they may.",
            where="memory=...",
            got=f"{size / 1e9:.3g} GB for {groups:,} combinations of {len(values)} columns",
            expected=f"at most {scan.memory / 1e9:.3g} GB",
            fix="ask for fewer groups at a time, or give scan(...) or load_cells(...) more bytes by memory=",
        )
