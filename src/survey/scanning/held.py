"""The values of a column, as far as batches were seen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.base.codes import Ints
from survey.counting.cells import code_answers
from survey.errors import EstimationError, ReadError
from survey.estimation.items import refuse_infinite

__all__ = ["EXACT", "MOST_VALUES", "Held", "texts", "told_apart"]

EXACT = 2**53
"""From here on numbers of floating point leave whole numbers out."""
MOST_VALUES = 10_000
"""A column with more different values is no group and no list of answers."""


@dataclass
class Held:
    """The values of a column, as far as a first pass saw them.

    Parameters
    ----------
    counts : dict of value to int, or None
        Rows that hold each; None of a number with very many.
    text : bool or None
        Whether it holds texts, or dates; None where nothing was seen.
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

    def add(self, column: pd.Series, missing: NDArray[Any] | None, rows: Ints | None = None) -> None:
        """Look at another batch; `rows` says how many rows hold each value, where they are listed once.

        Raises
        ------
        ReadError
            If a column holds text in one file and numbers in another.
        """
        text = column.dtype.kind not in "iufb"
        whole = column.dtype.kind in "iu"
        if column.notna().any():
            self._of_type(column, text)
        self.whole &= whole
        if missing is not None:
            seen = np.bincount(missing.astype(np.int64), minlength=8)[:8] > 0
            self.kinds = seen if self.kinds is None else self.kinds | seen
        if not text:
            n = column.notna().to_numpy() * (1 if rows is None else rows)
            # one infinite number makes the sum infinite, so that the pivot tells of it; of both signs they cancelled
            values = np.nan_to_num(column.to_numpy(float, na_value=0.0), posinf=np.inf, neginf=np.inf)
            self.total, self.n = self.total + float(values @ n), self.n + int(n.sum())
        if self.counts is None:
            return
        for value, held in _counted(column, text, len(self.counts), rows):
            if held:
                self.counts[value] = self.counts.get(value, 0) + held
            if len(self.counts) > MOST_VALUES:
                self.counts = None
                return

    def _of_type(self, column: pd.Series, text: bool) -> None:
        if self.text is not None and self.text != text:
            raise ReadError(
                "A column holds text in one batch and numbers in another.",
                where=f"column {column.name!r}, from row {column.index[0]}",
                expected="one type in all files",
                fix="export the files alike, or convert the column",
            )
        self.text = text

    def plus(self, other: Held, name: str) -> Held:
        """Both together."""
        if self.text is not None and other.text is not None and self.text != other.text:
            self._of_type(pd.Series([None], name=name), other.text)
        counts = None
        if self.counts is not None and other.counts is not None:
            counts = dict(self.counts)
            for value, rows in other.counts.items():
                counts[value] = counts.get(value, 0) + rows
        if counts is not None and len(counts) > MOST_VALUES:
            counts = None
        kinds = self.kinds if other.kinds is None else other.kinds if self.kinds is None else self.kinds | other.kinds
        text = self.text if other.text is None else other.text
        return Held(counts, text, self.whole and other.whole, kinds, self.total + other.total, self.n + other.n)

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
                fix="write ids as whole numbers, not as text, and days, weeks or months in place of moments"
                if self.text
                else "band it with derive(...), or ask for its mean",
            )
        values = sorted(self.counts, key=lambda v: (isinstance(v, str), v))
        if self.text:
            return texts(values, name)
        whole = self.whole and values and values[0] >= -EXACT and values[-1] <= EXACT
        return pd.Series(np.asarray(values, dtype=np.int64 if whole else float), name=name)

    def groups(self, name: str) -> pd.Series:
        """The values of a column that rows are told apart by.

        Raises
        ------
        EstimationError
            If there are too many to be listed, infinite numbers, or such as are equal to others in floating point.
        """
        values = self.values(name)
        if values.dtype.kind in "if":
            refuse_infinite(name, values.to_numpy(), "A column")
            if values.abs().max() >= EXACT:
                raise told_apart(name, values.abs().max())
        return values


def told_apart(name: str, largest: float) -> EstimationError:
    """What is wrong with whole numbers beyond what floating point holds."""
    return EstimationError(
        "Numbers of so many digits cannot be told apart.",
        where=name,
        got=f"{largest:.0f}",
        expected="groups of numbers below 2^53, which is 9,007,199,254,740,992, or of texts",
        fix="write the column as text",
    )


def texts(values: list[Any], name: str) -> pd.Series:
    """Texts as a column, or dates."""
    dates = bool(values) and not any(isinstance(value, str) for value in values)
    return pd.Series(values, dtype="datetime64[us]" if dates else "str", name=name)


def _counted(column: pd.Series, text: bool, known: int, rows: Ints | None) -> Iterable[tuple[Any, int]]:
    """Values of a batch with their rows; more than may be listed where there are too many."""
    if rows is not None:
        return [(v, n) for v, n in zip(column.tolist(), rows.tolist(), strict=True) if not pd.isna(v)]
    coded = code_answers(column, None, required=text)
    if coded is None:
        values = column.dropna().value_counts() if known < MOST_VALUES else column.dropna()
        return zip(values.index.tolist(), values.tolist(), strict=True)
    n = coded.rows
    if n is None:
        n = np.bincount(coded.code, minlength=len(coded.answers) + 1)[: len(coded.answers)]
    return zip(coded.answers.tolist(), n.tolist(), strict=True)
