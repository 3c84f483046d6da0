"""What a question counts: its groups, and items by their answers or by moments."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.base.arrays import Array
from survey.base.codes import Ints, factorize
from survey.codebook import Codebook
from survey.counting.cells import Cells, Grouping, in_scale_order
from survey.counting.memory import count_moments
from survey.counting.paired import PairCells
from survey.design.coded_design import CodedDesign
from survey.responses import Responses
from survey.scanning.columns import KINDS, Column

__all__ = ["Answers", "ByRows", "Counter", "Groups", "Moments", "Rows", "columns_behind", "kept", "numbers_in"]


@dataclass(frozen=True)
class Rows:
    """A batch, with the unit and group of each row; rows outside the domain are in group `groups`."""

    responses: Responses
    structure: CodedDesign
    grouping: Grouping


class Counter:
    """What one item is counted into, batch by batch."""

    def size(self, units: int, groups: int) -> int:
        """Bytes of one table of cells."""
        raise NotImplementedError


@dataclass(frozen=True)
class Answers(Counter):
    """An item by its answers; with `kinds` also by why there is none."""

    item: str
    answers: NDArray[Any]
    squares: bool
    kinds: bool

    @property
    def slots(self) -> int:
        return len(self.answers) + (KINDS if self.kinds else 0)

    def size(self, units: int, groups: int) -> int:
        return units * (groups + 1) * (self.slots + 1) * 8 * (2 if self.squares else 1)

    def answered(self, cells: Cells | PairCells) -> Cells | PairCells:
        """The cells of those who answered."""
        k = len(self.answers)
        squares = None if cells.squares is None else cells.squares[..., :k]
        margins = None if cells.margins is None else cells.margins[..., :k]
        return replace(cells, answers=self.answers, sums=cells.sums[..., :k], squares=squares, margins=margins)


class ByRows(Counter):
    """What is made of the rows of a batch, and adds."""

    def cells(self, rows: Rows) -> Any:
        """What the rows of a batch add; never changed afterwards."""
        raise NotImplementedError


@dataclass(frozen=True)
class Moments(ByRows):
    """An item of numbers by sums of what is made from its columns."""

    item: str
    make: Callable[[Rows], tuple[Array, ...]]
    width: int

    def size(self, units: int, groups: int) -> int:
        return units * (groups + 1) * (self.width + 1) * 8

    def cells(self, rows: Rows) -> Cells:
        return count_moments(self.item, rows.structure, rows.grouping, self.make(rows))


@dataclass(frozen=True)
class Groups:
    """Groups by the values of columns, all combinations of them.

    Parameters
    ----------
    columns : dict of name to array
        The values of each, in order.
    labels : DataFrame (groups, by)
    """

    columns: dict[str, NDArray[Any]]
    labels: pd.DataFrame

    @classmethod
    def of(cls, values: dict[str, pd.Series], codebook: Codebook) -> Groups:
        ordered = {}
        for name, held in values.items():
            _, labels = factorize([in_scale_order(held, codebook.variables.get(name))])
            ordered[name] = labels.iloc[:, 0]
        if not ordered:
            return cls({}, pd.DataFrame(index=pd.RangeIndex(1)))
        at = np.indices([len(v) for v in ordered.values()]).reshape(len(ordered), -1)
        labels = pd.DataFrame({n: v.iloc[i].array for (n, v), i in zip(ordered.items(), at, strict=True)})
        return cls({n: v.to_numpy(object) for n, v in ordered.items()}, labels)

    def __len__(self) -> int:
        return len(self.labels)

    def code(self, places: Mapping[str, NDArray[Any]], columns: Mapping[str, Column], rows: int) -> Ints:
        """The group of each row, `groups` where a value is missing: (rows,).

        Parameters
        ----------
        places : dict of name to int array (rows,)
            What stands in each column, as its `Column` says.
        """
        if not self.columns:
            return np.zeros(rows, np.int64)
        code: Ints | None = None
        outside: NDArray[np.bool_] | None = None
        for name, values in self.columns.items():
            look = columns[name].slots(values.tolist(), False)
            part = look[places[name]]
            beyond = part == len(values)
            if beyond.any():
                outside = beyond if outside is None else outside | beyond
            code = part if code is None else code * len(values) + part
        assert code is not None
        return code if outside is None else np.where(outside, len(self), code)


def columns_behind(names: Sequence[str]) -> list[str]:
    """Columns behind items: "one" is everyone, and has none."""
    return [name for name in names if name != "one"]


def numbers_in(rows: Rows, name: str) -> Array:
    """A column of numbers of a batch; "one" is 1 for everyone, where no column is called so."""
    data = rows.responses.data
    if name == "one" and name not in data.columns:
        return np.ones(len(data))
    return np.asarray(data[name].to_numpy(dtype=float, na_value=np.nan))


def kept(cells: Cells, keep: NDArray[np.bool_], labels: pd.DataFrame) -> Cells:
    """The cells of some groups."""

    def some(part: Any, axis: int) -> Any:
        return part if part is None or keep.all() else np.compress(keep, part, axis=axis)

    return Cells(
        cells.item,
        labels,
        cells.answers,
        some(cells.sums, 1),
        some(cells.n, 1),
        some(cells.n_missing, 0),
        some(cells.squares, 1),
        some(cells.n_answers, 0),
        some(cells.n_answered, 0),
        some(cells.margins, 1),
    )
