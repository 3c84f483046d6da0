"""What must be known before anything is counted: clusters and strata of the design, the values of a column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.base.arrays import Array
from survey.base.codes import Ints, composed
from survey.codebook import Variable
from survey.counting.cells import code_answers
from survey.design.coded_design import CodedDesign, weights_of
from survey.design.design import Design
from survey.errors import DesignError, EstimationError, ReadError
from survey.scanning.readers import Reader
from survey.scanning.steps import Steps

__all__ = ["Clusters", "Held", "design_pass"]

MOST_VALUES = 10_000
"""A column with more different values is no group and no list of answers."""


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
    """

    structure: CodedDesign
    place: pd.Series
    rows: int

    def unit(self, frame: pd.DataFrame, design: Design) -> Ints:
        """The unit of each row: (rows,)."""
        columns = _key(design)
        code, first = _combinations(frame, columns)
        labels = _normal(frame[list(columns)].iloc[first])
        at = self.place.index.get_indexer(labels if len(columns) > 1 else labels.get_level_values(0))
        if (at < 0).any():
            raise ReadError(
                "The source changed while it was read: it holds clusters that it did not hold before.",
                where=", ".join(columns),
                fix="scan it again",
            )
        return np.asarray(self.place.to_numpy()[at][code], np.int64)


def _key(design: Design) -> tuple[str, ...]:
    return (*design.strata[:1], *design.psu) if design.nest else design.psu


def _combinations(frame: pd.DataFrame, columns: Sequence[str]) -> tuple[Ints, Ints]:
    """Combinations of columns as codes in order of appearance, and the first row of each."""
    code: Ints = np.zeros(len(frame), np.int64)
    for column in columns:
        part, labels = pd.factorize(frame[column], use_na_sentinel=False)
        code = pd.factorize(code * max(len(labels), 1) + part)[0]
    first = np.zeros(int(code.max(initial=-1)) + 1, np.int64)
    first[code[::-1]] = np.arange(len(code))[::-1]
    return code, first


def _normal(frame: pd.DataFrame) -> pd.MultiIndex:
    """Labels that are found again: whole numbers as such, text in one Unicode form."""
    return pd.MultiIndex.from_arrays([_labels(frame[c]) for c in frame.columns], names=list(frame.columns))


def _labels(column: pd.Series) -> Any:
    code, labels = composed(*pd.factorize(column.astype(object)))
    return np.asarray(labels, dtype=object)[code]


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
    columns = list(dict.fromkeys(design.columns))
    own = list(dict.fromkeys((*design.strata, *design.psu, *design.fpc)))
    found: pd.DataFrame | None = None
    rows, weighing, raw = 0, design.weights is None, Steps(steps.codebook.select(()), steps.raw)
    for batch in reader.batches(columns):
        frame = raw.responses(batch, rows, columns).data
        rows += len(frame)
        if design.weights is not None and not weighing and not (frame[design.weights] == 0).all():
            weighing = True
        if design.weights is not None and weighing and not (frame[design.weights] == 0).all():
            weights_of(frame, design)
        part = frame[own].iloc[_combinations(frame, own)[1]]
        found = part if found is None else pd.concat([found, part])
        found = found.iloc[_combinations(found, own)[1]]
    if found is None:
        raise DesignError("The data have no rows.", where=reader.source, expected="at least one respondent")
    if not weighing:
        weights_of(found.assign(**{str(design.weights): 0.0}), design)
    if design.weights is not None and design.weights not in own:
        found = found.assign(**{design.weights: 1.0})
    structure = CodedDesign.of(found, design)
    key = list(_key(design))
    unit = pd.Series(structure.unit, index=_normal(found[key]))
    unit = unit[~unit.index.duplicated()]
    if len(key) == 1:
        unit.index = unit.index.get_level_values(0)
    return Clusters(structure, unit, rows)


@dataclass
class Held:
    """The values of a column, as far as a first pass saw them.

    Parameters
    ----------
    counts : dict of value to int, or None
        Rows that hold each; None of a number with very many.
    text : bool or None
        None where nothing was seen.
    whole : bool
        Whether every row held a whole number, so that groups are called 1 and not 1.0.
    kinds : array (kinds + 1,) of bool, or None
        Which kinds of missing answers there are; None where none are recorded.
    total, n : float, int
        Sum and number of the numbers seen.
    """

    counts: dict[Any, int] | None = field(default_factory=dict)
    text: bool | None = None
    whole: bool = True
    kinds: NDArray[np.bool_] | None = None
    total: float = 0.0
    n: int = 0

    @property
    def pivot(self) -> float:
        """A number near the others."""
        return self.total / self.n if self.n else 0.0

    def add(self, column: pd.Series, variable: Variable | None, missing: Array | None) -> None:
        """Look at another batch.

        Raises
        ------
        ReadError
            If a column holds text in one file and numbers in another.
        """
        text = column.dtype.kind not in "iufb"
        whole = column.dtype.kind in "iu"
        if column.notna().any():
            if self.text is not None and self.text != text:
                raise ReadError(
                    "A column holds text in one batch and numbers in another.",
                    where=f"column {column.name!r}, from row {column.index[0]}",
                    expected="one type in all files",
                    fix="export the files alike, or convert the column",
                )
            self.text = text
        self.whole &= whole
        if missing is not None:
            seen = np.bincount(missing.astype(np.int64), minlength=8)[:8] > 0
            self.kinds = seen if self.kinds is None else self.kinds | seen
        if not text:
            self.total, self.n = self.total + float(column.sum()), self.n + int(column.notna().sum())
        if self.counts is None:
            return
        coded = code_answers(column, None, required=text)
        if coded is None:
            values = column.dropna().value_counts() if len(self.counts) < MOST_VALUES else None
            if values is None or len(values) > MOST_VALUES:
                self.counts = None
                return
            pairs = zip(values.index.tolist(), values.tolist(), strict=True)
        else:
            n = coded.rows
            if n is None:
                n = np.bincount(coded.code, minlength=len(coded.answers) + 1)[: len(coded.answers)]
            pairs = zip(coded.answers.tolist(), n.tolist(), strict=True)
        for value, rows in pairs:
            if rows:
                self.counts[value] = self.counts.get(value, 0) + rows
        if len(self.counts) > MOST_VALUES:
            self.counts = None

    def values(self, name: str) -> pd.Series:
        """The values, one a row.

        Raises
        ------
        EstimationError
            If there are too many to be listed.
        """
        if self.counts is None:
            raise EstimationError(
                "A column has too many different values to be counted one by one.",
                where=name,
                got=f"more than {MOST_VALUES:,}",
                expected="groups, or answers of a scale",
                fix="band it with derive(...), or ask for its mean",
            )
        values = sorted(self.counts, key=lambda v: (isinstance(v, str), v))
        if self.text:
            return pd.Series(values, dtype="str", name=name)
        return pd.Series(np.asarray(values, dtype=np.int64 if self.whole and values else float), name=name)
