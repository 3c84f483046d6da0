"""A model whose rows are somewhere else: what each row adds to the coefficients was summed by unit of the design.

The sums stand in place of rows. "Row" j is coefficient j, and its weight in a unit is the unit's sum of influence
values; so whatever is linear in influence values, and every covariance is, comes out as from the rows themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from survey.base.arrays import Array
from survey.base.codes import Ints
from survey.errors import EstimationError
from survey.models.fitting import Fit
from survey.models.rows import ModelRows, columns_in
from survey.words.behind import RowCounts

__all__ = ["SummedRows", "summed_fit"]


@dataclass(frozen=True, kw_only=True)
class SummedRows(ModelRows):
    """Sums of the rows of a model.

    The matrix has a row for each of its columns, 1 there and 0 elsewhere, and `n` the respondents whose value is not
    0; `columns` hold every category once.

    Parameters
    ----------
    n_by_unit : int array (units,)
    held : mapping of str to mapping of value to int
        Respondents of each value of a variable, where these are few.
    occurring : function of names of variables to int
        How many combinations of them occur.
    together : function of a mapping of variable to value to int
        Respondents who have all of these.
    by_unit : array (units, 2 * coefficients), optional
        Sums of influence values, and of what cancels in them; known when the model is fitted.
    by_variable : array (calibration variables, 2 * coefficients), optional
        The same, by what the weights were calibrated to.
    counted_rows : RowCounts, optional
    """

    n_by_unit: Ints
    held: Mapping[str, Mapping[Any, int]]
    occurring: Callable[[Sequence[str]], int]
    together: Callable[[Mapping[str, Any]], int]
    by_unit: Array | None = None
    by_variable: Array | None = None
    counted_rows: RowCounts | None = None

    @property
    def people(self) -> int:
        """Respondents of the model."""
        return int(self.n_by_unit.sum())

    @cached_property
    def unit_n(self) -> Ints:
        """Respondents of the model in each counted unit of the design: (units,)."""
        return self.n_by_unit

    def people_with(self, values: Mapping[str, Any]) -> int:
        """Respondents of the model who have all of some values."""
        if len(values) > 1:
            return self.together(values)
        ((variable, value),) = values.items()
        return self.held[variable].get(value, 0)

    def has_two_values(self, variable: str) -> bool:
        """Whether a number has two values at most."""
        return variable in self.held and len(self.held[variable]) <= 2

    def refuse_averages(self, at: Collection[str] | None, groups: int) -> None:
        """Raise unless all variables are set, and everybody is meant."""
        used = {v for term in self.formula.terms for factor in term for v in columns_in(factor)}
        if at is None or groups != 1 or not used <= set(at):
            raise without_rows(self.formula.text)

    def counts(self, names: Sequence[str], thresholds: bool = False) -> RowCounts:
        """Counts of the rows of the matrix."""
        assert self.counted_rows is not None
        return replace(self.counted_rows, names=tuple(names))

    def unit_totals(self, values: Array) -> Array:
        """Sums by unit of what `values` are of influence values: (units, statistics)."""
        assert self.by_unit is not None
        return np.asarray(self.by_unit @ values)

    def totals(self, key: Ints, size: int, weights: Array, values: Array) -> Array:
        """By calibration variable: `key` is the place of the first of them."""
        assert self.by_variable is not None
        first = int(key[0])
        return np.asarray(self.by_variable[first : first + size] @ values)

    def combined(self, names: Sequence[str]) -> tuple[int, Any]:
        """How many combinations of some variables occur, and their names."""
        return self.occurring(names), list(names)

    def combinations(self, codes: Sequence[Any]) -> int:
        """How many combinations of what `combined` gives occur."""
        return self.occurring([v for names in codes for v in names])

    def split(self, group: Ints, groups: int) -> NoReturn:
        """There are no rows."""
        raise without_rows(self.formula.text)

    def only(self, keep: NDArray[np.bool_]) -> NoReturn:
        """There are no rows."""
        raise without_rows(self.formula.text)


def summed_fit(fit: Fit) -> Fit:
    """A fit with what its influence values are in the "rows" of `SummedRows`."""
    k = len(fit.beta)
    first, second = np.eye(k), np.zeros((k, k))
    return replace(fit, influence=np.vstack([first, second]), size=np.vstack([second, first]))


def without_rows(formula: str) -> EstimationError:
    """What is wrong where rows of a model are asked for that were read in passes."""
    return EstimationError(
        "Averages over the respondents of this model need rows, which were read in passes and not kept.",
        where=formula,
        got="a model of numbers of very many values, beyond the memory of the scan",
        expected="coefficients, tests, contrasts, odds ratios, and predict(at=...) of all variables, "
        "without by= and where=",
        fix="round the numbers with derive(...), or give scan(..., memory=) more bytes",
    )
