"""What must be known before anything is counted: the clusters and strata of the design, and the unit of each row."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.base.arrays import Array
from survey.base.codes import ROOM, Ints, composed
from survey.design.coded_design import CodedDesign, weights_of
from survey.design.design import Design
from survey.errors import DesignError, ReadError, shorten
from survey.scanning.batches import refuse_many
from survey.scanning.columns import places_in
from survey.scanning.readers import Reader
from survey.scanning.steps import Steps

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Clusters", "design_pass", "weights_in"]


@dataclass(frozen=True)
class Clusters:
    """The design of rows that are somewhere else.

    Parameters
    ----------
    structure : CodedDesign
        Without rows.
    place : Series
        The unit of each cluster, by its id; where ids start again in each stratum, by stratum and id.
    rows : int
    drawn : DataFrame (units, columns of the design)
    """

    structure: CodedDesign
    place: pd.Series
    rows: int
    drawn: pd.DataFrame
    _looks: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    def unit(self, batch: pa.RecordBatch, design: Design, steps: Steps, start: int) -> Ints:
        """The unit of each row of a batch: (rows,)."""
        columns = _key(design)
        values, table = self._look(len(columns))
        code: NDArray[Any] | None = None
        for name, held in zip(columns, values, strict=True):
            found = places_in(held, batch.column(name), len(held), len(held))
            if found is None:
                return self._unit_of(_raw(steps).responses(batch.select(columns), start, columns).data, columns)
            code = found if code is None else code.astype(np.int64) * (len(held) + 1) + found
        if code is None or table is None:
            return self._unit_of(_raw(steps).responses(batch.select(columns), start, columns).data, columns)
        return self._known(table[code], columns)

    def _unit_of(self, frame: pd.DataFrame, columns: tuple[str, ...]) -> Ints:
        code, first = _combinations(frame, columns)
        labels = _normal(frame[list(columns)].iloc[first])
        at = self.place.index.get_indexer(labels if len(columns) > 1 else labels.get_level_values(0))
        units = np.append(self.place.to_numpy(), -1)
        return self._known(np.asarray(units[at][code], np.int64), columns)

    def _known(self, unit: Ints, columns: tuple[str, ...]) -> Ints:
        if unit.min(initial=0) < 0:
            raise ReadError(
                "The source changed while it was read: it holds clusters that it did not hold before.",
                where=", ".join(columns),
                fix="scan it again",
            )
        return unit

    def _look(self, columns: int) -> tuple[list[list[Any]], Ints | None]:
        """Ids of each column, and the unit of each combination of them; None where these are too many for a table."""
        if "table" not in self._looks:
            index = self.place.index
            levels = [index.get_level_values(i) for i in range(columns)] if columns > 1 else [index]
            coded = [pd.factorize(level) for level in levels]
            values = [[v.item() if isinstance(v, np.generic) else v for v in held] for _, held in coded]
            size, at = 1, np.zeros(len(index), np.int64)
            for (code, _), held in zip(coded, values, strict=True):
                size, at = size * (len(held) + 1), at * (len(held) + 1) + code
            table: Ints | None = None
            if size <= ROOM:
                table = np.full(size, -1)
                table[at] = self.place.to_numpy()
            self._looks["table"] = values, table
        found: tuple[list[list[Any]], Ints | None] = self._looks["table"]
        return found


def _raw(steps: Steps) -> Steps:
    """No cleaning: a design is taken as it is."""
    return Steps(steps.codebook.select(()), steps.raw)


def _key(design: Design) -> tuple[str, ...]:
    return (*design.strata[:1], *design.psu) if design.nest else design.psu


def _combinations(frame: pd.DataFrame, columns: Sequence[str]) -> tuple[Ints, Ints]:
    """Combinations of columns as codes in order of appearance, and the first row of each."""
    code: Ints = np.zeros(len(frame), np.int64)
    for column in columns:
        part, labels = pd.factorize(frame[column], use_na_sentinel=False)
        code = pd.factorize(code * max(len(labels), 1) + part)[0]
    return code, _firsts(code, int(code.max(initial=-1)) + 1)


def _firsts(code: Ints, size: int) -> Ints:
    """The first row of each code that occurs, in order of appearance."""
    first = np.full(size, -1)
    first[code[::-1]] = np.arange(len(code))[::-1]
    return np.sort(first[first >= 0])


def _distinct(batch: pa.RecordBatch, columns: Sequence[str]) -> Ints:
    """Rows of a batch that hold every combination of its values in some columns."""
    code, size = np.zeros(batch.num_rows, np.int64), 1
    for name in columns:
        part, many = _small_codes(batch.column(name))
        if size * many > ROOM:
            code, labels = pd.factorize(code)
            size = len(labels)
        if size * many > ROOM:
            code, labels = pd.factorize(code * many + part)
            size = len(labels)
        else:
            code = code * many + part
            size *= many
    return _firsts(code, size)


def _small_codes(array: pa.Array) -> tuple[NDArray[Any], int]:
    """Values of a batch as small numbers, equal where the values are."""
    import pyarrow as pa

    if array.null_count == 0 and pa.types.is_integer(array.type) and len(array):
        values = array.to_numpy()
        low, high = int(values.min()), int(values.max())
        if high - low < ROOM:
            wide = values if values.dtype == np.uint64 else values.astype(np.int64)
            return (wide - low).astype(np.int64), high - low + 1
    if pa.types.is_string(array.type) or pa.types.is_large_string(array.type):
        array = array.dictionary_encode()
    if pa.types.is_dictionary(array.type) and array.null_count == 0:
        return array.indices.to_numpy(), len(array.dictionary)
    code, labels = pd.factorize(array.to_pandas(), use_na_sentinel=False)
    return code, len(labels)


def weights_in(batch: pa.RecordBatch, design: Design, steps: Steps, start: int) -> Array:
    """The weights of a batch: (rows,); a batch may hold weights of 0 alone.

    Raises
    ------
    DesignError
        As for `Sample`.
    """
    import pyarrow as pa

    if design.weights is None:
        return np.ones(batch.num_rows)
    column = batch.column(design.weights)
    if column.null_count == 0 and (pa.types.is_floating(column.type) or pa.types.is_integer(column.type)):
        weights = np.asarray(column.to_numpy(), float)
        if len(weights) and weights.min() > 1e-90 and weights.max() < 1e90:
            return weights
    frame = _raw(steps).responses(batch.select([design.weights]), start, [design.weights]).data
    return np.zeros(len(frame)) if (frame[design.weights] == 0).all() else weights_of(frame, design)


def _normal(frame: pd.DataFrame) -> pd.MultiIndex:
    """Labels that are found again: whole numbers as such, text in one Unicode form."""
    return pd.MultiIndex.from_arrays([_labels(frame[c]) for c in frame.columns], names=list(frame.columns))


def _labels(column: pd.Series) -> Any:
    code, labels = composed(*pd.factorize(column.astype(object)))
    return np.asarray(labels, dtype=object)[code]


@dataclass(frozen=True)
class _Drawn:
    """Combinations of the design's columns in some rows, how many rows, and whether any weighs anything."""

    found: list[pd.DataFrame]
    rows: int
    weighing: bool

    def __add__(self, other: _Drawn) -> _Drawn:
        found = [*self.found, *other.found]
        if sum(map(len, found)) > ROOM // 4:
            found = [_once(found)]
        return _Drawn(found, self.rows + other.rows, self.weighing or other.weighing)


def _once(frames: list[pd.DataFrame]) -> pd.DataFrame:
    frame = pd.concat(frames)
    return frame.iloc[_combinations(frame, list(frame.columns))[1]]


def _of_one_type(found: pd.DataFrame) -> None:
    for name in found:
        values = found[name].dropna()
        text = values.map(lambda value: isinstance(value, str))
        if text.any() and not text.all():
            raise ReadError(
                "Ids are text in one part of the source and numbers in another: one cluster would be two.",
                where=f"column {name!r}",
                got=shorten([repr(values[text].iloc[0]), repr(values[~text].iloc[0])]),
                expected="one type in all parts",
                fix="convert the column",
            )


def _drawn(steps: Steps, design: Design, own: list[str], batches: Iterable[pa.RecordBatch]) -> _Drawn:
    drawn = _Drawn([], 0, design.weights is None)
    for batch in batches:
        weighing = bool(weights_in(batch, design, steps, drawn.rows).any())
        refuse_many(batch.select(own).schema)
        few = batch.select(own).take(_distinct(batch, own))
        frame = _raw(steps).responses(few, drawn.rows, own).data
        drawn += _Drawn([frame], batch.num_rows, weighing)
    return drawn


def design_pass(reader: Reader, steps: Steps, design: Design) -> Clusters:
    """Read the design's columns alone, and code them.

    Raises
    ------
    DesignError
        As for `Sample`; also if no clusters are named, or two stages of them.
    """
    if len(design.psu) != 1:
        raise DesignError(
            "A scan needs one column of clusters.",
            where="scan(psu=...)",
            got=f"{len(design.psu)} columns" if design.psu else "none: every row would be a cluster",
            expected="the first-stage clusters",
            fix="name the first-stage clusters alone, or read the data into memory: sv.Sample(sv.read(...), ...)",
        )
    own = list(dict.fromkeys((*design.strata, *design.psu, *design.fpc)))
    drawn = reader.gather(list(dict.fromkeys(design.columns)), partial(_drawn, steps, design, own))
    if not drawn.found:
        raise DesignError("The data have no rows.", where=reader.source, expected="at least one respondent")
    found = _once(drawn.found)
    _of_one_type(found)
    if not drawn.weighing:
        weights_of(found.assign(**{str(design.weights): 0.0}), design)
    if design.weights is not None and design.weights not in own:
        found = found.assign(**{design.weights: 1.0})
    structure = replace(CodedDesign.of(found, design), elsewhere=drawn.rows)
    key = list(_key(design))
    unit = pd.Series(structure.unit, index=_normal(found[key]))
    unit = unit[~unit.index.duplicated()]
    if len(key) == 1:
        unit.index = unit.index.get_level_values(0)
    clusters = found[own].iloc[np.unique(structure.unit, return_index=True)[1]].reset_index(drop=True)
    return Clusters(structure, unit, drawn.rows, clusters)
