"""From a sample or a scan to cells: every question counted by cluster, in one pass over rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial, reduce
from operator import add
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.base.arrays import Array, weighted_count
from survey.base.codes import Ints
from survey.base.expressions import column_names
from survey.base.names import column_named, columns_named, composed_value
from survey.codebook import Codebook
from survey.core.responses_data import ResponsesData
from survey.core.sample_data import SampleData
from survey.counting.cells import MAX_ANSWERS, Coded, code_answers, in_scale_order
from survey.design.design import Adjustment, Design
from survey.errors import DesignError, EstimationError, PrivacyError, shorten
from survey.estimation.items import Names, item_names
from survey.scanning.columns import KINDS
from survey.scanning.held import Held
from survey.scanning.state import ScanData
from survey.sharing.counts import Calibration, ItemCounts, Lines, add_lines
from survey.sharing.rows import Part, Rows

__all__ = ["Counted", "asked_of", "count"]

_PRIVATE = ("personal", "pseudonym", "id")
_MOST_GROUPS = 1_000_000


@dataclass(frozen=True, eq=False)
class Counted:
    """What cells are made of; see `sharing.state.CellsData`."""

    tallies: list[ItemCounts]
    codebook: Codebook
    design: Design
    drawn: pd.DataFrame
    rows: int
    calibration: Calibration | None


def count(
    data: SampleData | ScanData, questions: Mapping[str, Sequence[Sequence[str]]], *, partly: bool = False
) -> Counted:
    """Count questions: of each item, by which columns; several for an item that is asked in several ways.

    With `partly`, the rows are some of more, and columns may be empty in them.

    Raises
    ------
    EstimationError
        For columns that do not exist or hold too many values; for personal data.
    DesignError
        Without clusters, with two stages of them, or with replicate weights.
    """
    source = Rows.of(data)
    _refuse_design(data.design)
    there = source.names
    ways = [(column_named(i, there), columns_named(by, there)) for i, each in questions.items() for by in each]
    names = list(dict.fromkeys(c for item, by in ways for c in (item, *by)))
    drawn = source.drawn()
    if dates := [str(name) for name in drawn if drawn[name].dtype.kind == "M"]:
        raise _dates(dates[0])
    held = source.held(names)
    book = source.codebook
    private = [n for n in names if (v := book.variables.get(composed_value(n))) and v.role in _PRIVATE]
    if private:
        raise PrivacyError(
            "Personal data are not counted.",
            where="count_cells",
            got=shorten(private),
            expected="answers and groups of many people",
            fix="leave these columns out",
        )
    asked = [_Way.of(item, by, held, book, partly) for item, by in ways]
    sums = source.counted(partial(_count, asked), names)
    tallies = [way.tally(*parts) for way, parts in zip(asked, sums.parts, strict=True)]
    return Counted(tallies, _part(book, names), _light(data.design), drawn, len(data), Calibration.of(source.residuals))


def _refuse_design(design: Design) -> None:
    if len(design.psu) != 1 or design.replicates is not None:
        got = "replicate weights" if design.replicates else f"{len(design.psu)} stages of clusters"
        raise DesignError(
            "Cells need one column of clusters.",
            where="count_cells",
            got=got if design.psu or design.replicates else "none: every respondent is a cluster, whose count is a row",
            expected="the first-stage clusters, and no replicate weights",
            fix="name the first-stage clusters alone: sv.Sample(..., psu=...)",
        )


def _light(design: Design) -> Design:
    """The design without what only rows need."""
    steps = tuple(Adjustment(a.method, a.margins or _model(a), a.numbers, met=a.calibrates) for a in design.adjustments)
    return replace(design, adjustments=steps, absent=None)


def _model(step: Adjustment) -> tuple[tuple[str, ...], ...]:
    """What stands for the variables of a response model."""
    return ((step.propensity,),) if step.propensity else ()


def _part(book: Codebook, names: Sequence[str]) -> Codebook:
    """The codebook of some columns, and of those that say who was asked."""
    known, wanted = book.variables, [composed_value(n) for n in names]
    for name in wanted:
        variable = known.get(name)
        if variable is not None and variable.base:
            wanted += [n for n in column_names(variable.base) if n in known and n not in wanted]
    return book.select(wanted)


@dataclass(frozen=True, eq=False)
class _Sums:
    """Of each question the groups that occur, its cells and its sums of calibration variables; those of parts add."""

    parts: list[tuple[Lines, list[Lines], Ints]]

    def __add__(self, other: _Sums) -> _Sums:
        return _Sums(
            [
                (add_lines([a, b]), [*m, *n], np.union1d(g, h))
                for (a, m, g), (b, n, h) in zip(self.parts, other.parts, strict=True)
            ]
        )


def _count(ways: Sequence[_Way], parts: Iterable[Part]) -> _Sums:
    return reduce(add, (_Sums([way.count(part) for way in ways]) for part in parts))


def _places(column: pd.Series, values: NDArray[Any], name: str) -> Ints:
    """Values as places in a list, `len(values)` where there is none: (rows,)."""
    coded = code_answers(column, None, required=True) or Coded(np.zeros(len(column), np.int8), np.empty(0))
    place = {value: i for i, value in enumerate(values.tolist())}
    try:
        look = np.array([*(place[value] for value in coded.answers.tolist()), len(values)])
    except KeyError:
        raise EstimationError(
            "The source changed while it was read: it holds answers that it did not hold before.",
            where=name,
            fix="scan it again",
        ) from None
    return np.asarray(look[coded.code], np.int64)


@dataclass(frozen=True, eq=False)
class _Way:
    """An item by some columns: how its rows are counted."""

    item: str
    by: tuple[str, ...]
    values: tuple[NDArray[Any], ...]
    kinds_of: tuple[pd.Series, ...]
    held: Held

    @classmethod
    def of(cls, item: str, by: Sequence[str], held: Mapping[str, Held], book: Codebook, partly: bool) -> _Way:
        if item in by or len(set(by)) < len(by):
            raise EstimationError("A column is named twice.", where="count_cells", got=shorten([item, *by]))
        columns = []
        for name in by:
            if held[name].counts == {} and not partly:
                raise EstimationError("A grouping column is empty.", where=name, fix="leave it out of by=")
            columns.append(in_scale_order(held[name].groups(name), book.variables.get(composed_value(name))))
            if columns[-1].dtype.kind == "M":
                raise _dates(name)
        own = held[item]
        if own.counts == {} and not partly:
            raise EstimationError("Nobody answered.", where=item, fix="leave it out")
        if own.text and own.values(item).dtype.kind == "M":
            raise _dates(item)
        size = int(np.prod([len(c) + 1.0 for c in columns]))
        if size > _MOST_GROUPS:
            raise EstimationError(
                "There are too many groups.",
                where=f"{item} by {', '.join(by)}",
                got=f"{size:,} combinations of values",
                expected=f"at most {_MOST_GROUPS:,}",
                fix="leave columns out, or make several questions with fewer columns each",
            )
        return cls(item, tuple(by), tuple(c.to_numpy(object) for c in columns), tuple(columns), own)

    @property
    def numbers(self) -> bool:
        """Whether it is counted by its moments."""
        return self.held.counts is None or (not self.held.text and len(self.held.counts) > MAX_ANSWERS)

    @property
    def answers(self) -> NDArray[Any]:
        return np.asarray(self.held.values(self.item), object)

    @property
    def pivot(self) -> float:
        return self.held.pivot if self.numbers else 0.0

    def count(self, part: Part) -> tuple[Lines, list[Lines], Ints]:
        """The cells of some rows, the sums of their calibration variables, and their groups."""
        frame = part.responses.data
        kept = np.flatnonzero(part.weights > 0)
        group: Ints = np.zeros(len(frame), np.int64)
        for name, values in zip(self.by, self.values, strict=True):
            group = group * (len(values) + 1) + _places(frame[name], values, name)
        slot, moments = self._slots(part.responses)
        group, slot = group[kept], slot[kept]
        moments = None if moments is None else moments[kept]
        cells = _listed(part.unit[kept], group, slot, part.weights[kept], moments)
        sums, start = [], 0
        for step in part.steps:
            for block in step.blocks:
                values = step.share if block.number is None else step.share * block.number
                sums.append(_listed(start + block.code[kept], group, slot, values[kept], moments))
                start += block.size
        return cells, sums, np.unique(group)

    def _slots(self, responses: ResponsesData) -> tuple[Ints, Array | None]:
        """The place of each row's answer, or of the reason why there is none; moments of numbers."""
        column = responses.data[self.item]
        moments = None
        if self.numbers:
            y = np.asarray(column.to_numpy(dtype=float, na_value=np.nan)) - self.pivot
            slot, k = np.where(np.isnan(y), 1, 0), 1
            y = np.nan_to_num(y)
            moments = np.stack([y, y * y], axis=1)
        else:
            k = len(self.answers)
            slot = _places(column, self.answers, self.item)
        kind = np.zeros(len(column), np.int64)
        if self.item in responses.missing:
            kind = responses.missing[self.item].to_numpy().astype(np.int64)
        return np.where(slot < k, slot, k + np.where(kind > 0, kind - 1, KINDS - 1)), moments

    def tally(self, cells: Lines, margins: Sequence[Lines], there: Ints) -> ItemCounts:
        """The counts of all rows, groups that occur alone."""
        sizes = [len(v) + 1 for v in self.values]
        columns: dict[str, Any] = {}
        rest = there
        for name, series, size in reversed(list(zip(self.by, self.kinds_of, sizes, strict=True))):
            rest, at = np.divmod(rest, size)
            columns[name] = _labels(series, at)
        groups = pd.DataFrame({name: columns[name] for name in self.by}, index=pd.RangeIndex(len(there)))
        counts = None if self.numbers or self.held.counts is None else self.held.counts
        answers = None if counts is None else {a: counts[a] for a in self.answers.tolist()}
        hidden = pd.DataFrame({"n": 0, "weight": 0.0}, index=groups.index)
        return ItemCounts(
            self.item,
            self.by,
            groups,
            answers,
            self.pivot,
            self.held.kinds,
            _among([cells], there),
            _among(margins, there) if margins else None,
            hidden,
        )


def _dates(name: str) -> EstimationError:
    return EstimationError(
        "Dates are not counted into cells.",
        where=name,
        got="a column of dates or moments",
        expected="numbers or texts",
        fix="write the day, the week or the month of each row into a column of its own, as text",
    )


def _labels(values: pd.Series, at: Ints) -> pd.Series:
    """Values by place, missing behind the last."""
    if len(at) == 0 or at.max() < len(values):
        return pd.Series(values.iloc[at].array, index=range(len(at)))
    plain = values.astype(object) if isinstance(values.dtype, pd.CategoricalDtype) else values
    return plain.reset_index(drop=True).reindex(np.where(at < len(values), at, -1)).reset_index(drop=True)


def _among(lines: Sequence[Lines], there: Ints) -> Lines:
    whole = add_lines(lines)
    return replace(whole, group=np.searchsorted(there, whole.group))


def _listed(unit: Ints, group: Ints, slot: Ints, values: Array, moments: Array | None) -> Lines:
    """Rows as lines, those of one place added up."""
    groups, slots = int(group.max(initial=0)) + 1, int(slot.max(initial=0)) + 1
    key, at = np.unique((unit * groups + group) * slots + slot, return_inverse=True)
    sums = [values] if moments is None else [values, *(values * moment for moment in moments.T)]
    rest, place = np.divmod(key, slots)
    return Lines(
        *np.divmod(rest, groups),
        place,
        np.stack([weighted_count(at, one, len(key)) for one in sums], axis=1),
        weighted_count(at, values * values, len(key)),
        np.bincount(at, minlength=len(key)),
    )


def asked_of(items: Names | Mapping[str, Any], by: Any) -> dict[str, list[tuple[str, ...]]]:
    """Questions as `count` takes them: items by columns, or a mapping of items to columns, or to lists of columns.

    Names are composed (NFC): as `read` and `scan` have them, and as both forms of a name are found.
    """
    if isinstance(items, Mapping):
        return {composed_value(str(item)): _ways(ways) for item, ways in items.items()}
    return {composed_value(name): _ways(by) for name in item_names(items)}


def _ways(by: Any) -> list[tuple[str, ...]]:
    if by is None:
        return [()]
    if isinstance(by, str):
        return [(composed_value(by),)]
    ways = list(by)
    if any(not isinstance(one, str) for one in ways):
        return [way for one in ways for way in _ways(one)]
    return [tuple(map(composed_value, ways))]
