"""Counts of some rows as counts of more rows would have been: what a column is may show in other rows only."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

import numpy as np
import pandas as pd

from survey.base.names import composed_value
from survey.counting.cells import MAX_ANSWERS
from survey.errors import EstimationError, ReadError
from survey.scanning.held import MOST_VALUES
from survey.sharing.counts import ItemCounts, Lines, add_lines
from survey.sharing.state import CellsData

__all__ = ["alike", "by_sums", "composed"]

C = TypeVar("C", bound=CellsData)


def alike(a: C, b: C) -> tuple[C, C]:
    """Cells of the same questions in one form: answers one by one or by their sums, groups of one type.

    Raises
    ------
    ReadError
        If a column holds text in one and numbers in the other.
    EstimationError
        If there are too many different texts.
    """
    others = {(t.item, t.by): t for t in b.tallies}
    pairs = [_pair(t, others[t.item, t.by]) for t in a.tallies if (t.item, t.by) in others]
    if len(pairs) < len(others) or len(pairs) < len(a.tallies):
        return a, b  # other questions, which adding refuses
    return replace(a, tallies=tuple(t for t, _ in pairs)), replace(b, tallies=tuple(u for _, u in pairs))


def composed(cells: C) -> C:
    """Cells whose columns are called in composed Unicode: those of older scans kept the spelling of their files."""
    design = cells.design
    old = dict.fromkeys((*cells.steps.raw, *cells.drawn.columns, *design.columns))
    if all(composed_value(name) == name for name in old):
        return cells
    tallies = [
        replace(
            t,
            item=composed_value(t.item),
            by=tuple(map(composed_value, t.by)),
            groups=t.groups.rename(columns=composed_value),
        )
        for t in cells.tallies
    ]
    strata, psu, fpc = (tuple(map(composed_value, own)) for own in (design.strata, design.psu, design.fpc))
    return type(cells).made(
        tallies,
        cells.codebook.spelled_as(map(composed_value, old)),
        replace(design, weights=composed_value(design.weights), strata=strata, psu=psu, fpc=fpc),
        cells.drawn.rename(columns=composed_value),
        len(cells),
        cells.calibration,
        **{name: getattr(cells, name) for name in ("memory", "name", "parts", "smallest", "files", "dialect")},
    )


def _pair(a: ItemCounts, b: ItemCounts) -> tuple[ItemCounts, ItemCounts]:
    kinds = {_is_text(t) for t in (a, b) if t.answers != {}}
    if len(kinds) > 1:
        raise _two_types(a.item)
    if a.answers is None or b.answers is None:
        a, b = by_sums(a), by_sums(b)
    else:
        values = {*a.answers, *b.answers}
        if kinds == {True} and len(values) > MOST_VALUES:
            raise EstimationError(
                "A column has too many different values to be counted one by one.",
                where=a.item,
                got=f"more than {MOST_VALUES:,}",
                expected="answers of a scale",
            )
        if kinds == {False} and len(values) > MAX_ANSWERS:
            a, b = by_sums(a), by_sums(b)
    groups = [_groups(a.groups, b.groups), _groups(b.groups, a.groups)]
    return replace(a, groups=groups[0]), replace(b, groups=groups[1])


def _is_text(tally: ItemCounts) -> bool:
    return any(isinstance(answer, str) for answer in tally.answers or ())


def by_sums(tally: ItemCounts) -> ItemCounts:
    """Answers that are numbers, by the sums of w, w y and w y squared about their mean."""
    if tally.answers is None:
        return tally
    values = np.array([float(answer) for answer in tally.answers])
    rows = np.array([*tally.answers.values()], float)
    pivot = float(values @ rows / rows.sum()) if rows.sum() else 0.0

    def moved(lines: Lines) -> Lines:
        answered = lines.slot < len(values)
        y = np.append(values - pivot, 0.0)[np.where(answered, lines.slot, len(values))]
        w = lines.sums[:, 0]
        slot = np.where(answered, 0, lines.slot - len(values) + 1)
        return add_lines([replace(lines, slot=slot, sums=np.stack([w, w * y, w * y * y], axis=1))])

    margins = None if tally.margins is None else moved(tally.margins)
    return replace(tally, answers=None, pivot=pivot, cells=moved(tally.cells), margins=margins)


def _groups(own: pd.DataFrame, other: pd.DataFrame) -> pd.DataFrame:
    """Columns that hold nothing at all, as of the type that they have elsewhere."""
    made = {}
    for name in own:
        column, beside = own[name], other[name]
        if column.isna().all() and not beside.isna().all():
            text = beside.dtype.kind not in "iufb"
            column = pd.Series([None] * len(column), dtype="str" if text else float, index=column.index)
        elif not beside.isna().all() and (column.dtype.kind in "iufb") != (beside.dtype.kind in "iufb"):
            raise _two_types(str(name))
        made[name] = column
    return pd.DataFrame(made, index=own.index)


def _two_types(name: str) -> ReadError:
    return ReadError(
        "A column holds text in this file and numbers in those that were counted, or the other way round.",
        where=f"column {name!r}",
        expected="one type in all files",
        fix="export the file with the type of the others",
    )
