"""The stages of a sample that `sv.draw` drew: each respondent has the probability of the unit that was drawn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.base.arguments import columns_exist, explained_verbs
from survey.base.arrays import Array
from survey.base.names import columns_named, label
from survey.base.text import counted
from survey.codebook.told import describe_groups, describe_rows
from survey.errors import DesignError

__all__ = ["DrawnUnits"]


@explained_verbs(DesignError)
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class DrawnUnits:
    """The stages of a draw, from its table: what `sv.draw(...).stage()` makes.

    Parameters
    ----------
    units : DataFrame
        Names of the units drawn, reserves among them: the columns `unit`.
    unit : tuple of str
        Columns that name a unit, in the draw and in the data.
    inclusion : array (units,)
        Probability of each.
    reserve : bool array (units,)
        Which were reserves.
    """

    units: pd.DataFrame
    unit: tuple[str, ...]
    inclusion: Array
    reserve: NDArray[np.bool_]

    def __str__(self) -> str:
        return f"drawn {', '.join(self.unit)}"

    __repr__ = __str__

    def probability(self, data: pd.DataFrame) -> tuple[Array, list[str]]:
        """Probability of every row (rows,), matched by the unit's name, and what to note in the log.

        Raises
        ------
        DesignError
            For rows whose unit was not drawn, or is missing.
        """
        spelled = columns_named(self.unit, data.columns)
        columns_exist(
            spelled,
            data.columns,
            "The data lack a column that names the unit drawn.",
            DesignError,
            where="data",
            fix="name the columns of the data as those of the draw",
        )
        place = {name: i for i, name in enumerate(_named(self.units, self.unit))}
        names = _named(data, spelled)
        at = np.array([place.get(name, -1) for name in names], dtype=np.int64)
        if (at < 0).any():
            other = list(dict.fromkeys(name for name, i in zip(names, at, strict=True) if i < 0))
            raise DesignError(
                "Some rows are of units that were not drawn.",
                where=f"data, columns {', '.join(self.unit)}, rows {describe_rows(data.index, at < 0)}",
                got=describe_groups(other),
                expected=f"units of the draw, such as {describe_groups(list(place)[:3])}",
                fix="correct the names; a household that was interviewed in place of another and is no reserve has no "
                "probability",
            )
        return self.inclusion[at], self._remarks(at)

    def _remarks(self, at: NDArray[np.int64]) -> list[str]:
        drawn, spare = int((~self.reserve).sum()), int(self.reserve[at].sum())
        absent = drawn - len(np.unique(at[~self.reserve[at]]))
        twice = len(at) - len(np.unique(at))
        told = []
        if twice:
            told.append(f"{counted(twice, 'row')} more than units, so that some people may be in the data twice")
        if spare:
            rows = counted(spare, "row")
            told.append(f"{rows} of reserves, unbiased only if whom they replace would have answered as they do")
        if absent:
            told.append(f"{absent} of {drawn} drawn are not in the data, so the weights need a nonresponse step")
        return told


def _named(table: pd.DataFrame, columns: tuple[str, ...] | list[str]) -> list[tuple[str, ...]]:
    """Names as the draw compares them."""
    return list(zip(*([label(v) for v in table[c].astype(object)] for c in columns), strict=True))
