"""People asked in two waves: their answers side by side, in the rows of the later wave, and who was lost in between."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.base.arrays import Array
from survey.base.catalogue import Note
from survey.compare._waves import Waves
from survey.compare.asked import shares_asked
from survey.core.sample_data import SampleData
from survey.errors import EstimationError
from survey.estimates import Estimates
from survey.estimation.answer_sets import counted_answers
from survey.estimation.items import answers_of, numbers_of
from survey.estimation.means import mean
from survey.estimation.scores import stretched

__all__ = ["attrition", "pair_values", "paired"]

_PREFIX = "_wave_pair_"
Bools = NDArray[np.bool_]


def pair_values(sample: SampleData, name: str, asked: Mapping[str, Any], rescale: tuple[float, float] | None) -> Array:
    """What each row's answer to an item counts for, NaN where there is none: (rows,)."""
    if shares_asked(asked):
        coded = answers_of(sample, name)
        hit, _ = counted_answers(sample, name, coded, asked)
        return np.asarray(np.append(hit, np.nan)[coded.code], dtype=float)
    if rescale is None:
        return numbers_of(sample, name)
    coded, value = stretched(sample, name, rescale)
    return np.asarray(np.append(value, np.nan)[coded.code], dtype=float)


@dataclass(frozen=True, slots=True)
class _Pair:
    """Two waves: the rows of people in both, earlier and later, in the same order."""

    first: int
    last: int
    before: NDArray[np.int64]
    after: NDArray[np.int64]


def _pairs(waves: Waves, who: NDArray[np.int64], steps: Sequence[tuple[int, int]]) -> list[_Pair]:
    found = []
    for first, last in steps:
        rows = [np.flatnonzero((waves.number == w) & (who >= 0)) for w in (first, last)]
        _, before, after = np.intersect1d(who[rows[0]], who[rows[1]], assume_unique=True, return_indices=True)
        found.append(_Pair(first, last, rows[0][before], rows[1][after]))
    return found


def paired(
    sample: SampleData,
    waves: Waves,
    who: NDArray[np.int64],
    steps: Sequence[tuple[int, int]],
    names: Sequence[str],
    values: Mapping[str, Array],
    by: Sequence[str],
    inside: Bools | None,
    level: float,
    variance: str | None,
) -> tuple[Estimates, list[tuple[int, int]]]:
    """Means of both waves among those who answered in both, with the weights of the later one.

    Returns
    -------
    Estimates
        item, <by...>, wave, estimate, ...: for each item, pair of waves and group the earlier and the later mean.
    list of (earlier row, later row)
        In that table.

    Raises
    ------
    EstimationError
        If nobody answered in both waves of any pair.
    """
    data = sample.data.copy(deep=False)
    columns: list[str] = []
    order: list[tuple[str, int, int]] = []
    for name in names:
        for k, pair in enumerate(_pairs(waves, who, steps)):
            y = values[name]
            both = ~np.isnan(y[pair.before]) & ~np.isnan(y[pair.after])
            if inside is not None:
                both &= inside[pair.after]
            if not both.any():
                continue
            for side, rows in (("before", pair.before), ("after", pair.after)):
                column = np.full(len(data), np.nan)
                column[pair.after[both]] = y[rows[both]]
                columns.append(f"{_PREFIX}{len(columns)}")
                data[columns[-1]] = column
                order.append((name, k, pair.first if side == "before" else pair.last))
    if not columns:
        raise EstimationError(
            "Nobody answered in two waves.",
            where=waves.name,
            got="no person with an answer in both waves",
            expected="people of the same id in both",
            fix="check that ids are the same in each wave, or leave person= out for the change of everybody",
        )
    wide = type(sample).of(replace(sample.responses, data=data), sample.design, sample.structure)
    e = mean(wide, columns, by=list(by) or None, level=level, variance=variance)
    groups = len(e.table) // len(columns)
    # item, pair, group, side
    place = np.arange(len(e.table)).reshape(-1, 2, groups).transpose(0, 2, 1).reshape(-1)
    table = e.table.iloc[place].reset_index(drop=True)
    table["item"] = pd.Series([order[i // groups][0] for i in place], dtype="str")
    waves_of = [waves.values[order[i // groups][2]] for i in place]
    table.insert(1 + len(by), waves.name, pd.Series(waves_of))
    made = replace(
        e,
        table=table,
        by=(*by, waves.name),
        notes=tuple(n for n in e.notes if _PREFIX not in str(n)),
        support=None if e.support is None else _moved(e, place),
        _covariance=lambda: e.covariance[np.ix_(place, place)],
        population=None if e.population is None else e.population[place],
        exact=tuple(np.array(e.exact, dtype=object)[place]) if e.exact else (),
        codebook=sample.codebook,
    )
    return made, [(i, i + 1) for i in range(0, len(table), 2)]


def _moved(e: Estimates, place: NDArray[np.int64]) -> Any:
    support = e.support
    assert support is not None  # the caller looked
    return replace(support, members=support.members[:, place], groups=support.groups[place])


def attrition(
    sample: SampleData,
    waves: Waves,
    who: NDArray[np.int64],
    steps: Sequence[tuple[int, int]],
    inside: Bools | None,
) -> list[str]:
    """How many of the earlier wave answered again, how many did not, and how many were new; a note a pair."""
    found: list[str] = []
    counts = np.ones(len(who), bool) if inside is None else inside
    if sample.structure.counted is not None:
        counts = counts & sample.structure.counted
    for first, last in steps:
        early, late = (who[(waves.number == w) & counts & (who >= 0)] for w in (first, last))
        both = len(np.intersect1d(early, late, assume_unique=True))  # nobody is in a wave twice
        note = Note(
            "notes.panel",
            first=waves.label(first),
            last=waves.label(last),
            people=len(early),
            both=both,
            share=round(100 * both / len(early)) if len(early) else 0,
            lost=len(early) - both,
            joined=len(late) - both,
        )
        found.append(note)
    nameless = int(((waves.number >= 0) & counts & (who < 0)).sum())
    if nameless:
        found.append(Note("notes.panel_nameless", rows=nameless))
    return found
