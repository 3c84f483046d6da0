"""How many respondents each coefficient of a model stands on, from counts of the rows of its matrix."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from survey.base.arrays import Array, weighted_count

__all__ = ["RowCounts", "behind_coefficients"]

_FIRST = 2_000
"""Rows that mostly tell already whether there are few cells."""
Cells = tuple[Array, Array]
"""Different rows of a matrix (cells, coefficients), and people of each (cells,)."""


@dataclass(frozen=True, slots=True)
class RowCounts:
    """Counts of the rows of a model's matrix; those of parts of the rows add.

    Parameters
    ----------
    names : tuple of str (coefficients,)
    n : float
        People.
    zero : array (coefficients,)
        People whose value is 0.
    levels : tuple of mapping of value to people, or None where a column has more than two values
    references : mapping of str to float
        People of whom all columns of a factor are 0.
    cells : tuple of array, or None
        The different rows and their people; None where they are more than coefficients.
    """

    names: tuple[str, ...]
    n: float
    zero: Array
    levels: tuple[Mapping[float, float] | None, ...]
    references: Mapping[str, float]
    cells: Cells | None

    @classmethod
    def of(cls, values: Array, names: Sequence[str], people: Array | None = None) -> RowCounts:
        """Count rows (rows, coefficients), each of so many `people` (rows,), or of one."""
        each = np.ones(len(values)) if people is None else np.asarray(people, dtype=float)
        zero, reference = values == 0, dict[str, Array]()
        for j, name in enumerate(names):
            if "[" in name and ":" not in name:
                reference[_factor(name)] = reference.get(_factor(name), np.ones(len(values), bool)) & zero[:, j]
        return cls(
            tuple(names),
            float(each.sum()),
            np.array([each[own].sum() for own in zero.T]),
            tuple(_two(column, each) for column in values.T),
            {factor: float(each[rows].sum()) for factor, rows in reference.items()},
            _few(values, each),
        )

    def __add__(self, other: RowCounts) -> RowCounts:
        levels = [_both(a, b) for a, b in zip(self.levels, other.levels, strict=True)]
        cells: Cells | None = None
        if self.cells is not None and other.cells is not None:
            cells = _few(*(np.concatenate(part) for part in zip(self.cells, other.cells, strict=True)))
        references = {factor: n + other.references[factor] for factor, n in self.references.items()}
        return RowCounts(self.names, self.n + other.n, self.zero + other.zero, tuple(levels), references, cells)

    def behind(self, bread: Array) -> Array:
        """Respondents behind each coefficient; see `behind_coefficients`."""
        n, names = self.n, self.names
        references = {factor: people for factor, people in self.references.items() if people}
        behind = np.full(len(names), n)
        for j, (name, levels) in enumerate(zip(names, self.levels, strict=True)):
            if levels is not None and len(levels) == 1:
                behind[j] = min([n, *references.values()])
            elif levels is not None:
                behind[j] = min(levels.values(), default=n)
            elif "[" in name or ":" in name:
                behind[j] = n - self.zero[j]
            behind[j] = min([behind[j], *(references.get(_factor(part), n) for part in name.split(":"))])
        if self.cells is not None:
            cells, sizes = self.cells
            pull = np.abs(cells @ bread)
            uses = pull > 1e-9 * pull.max(axis=0)
            behind = np.minimum(behind, [float(sizes[uses[:, j]].min(initial=n)) for j in range(len(names))])
        return behind


def behind_coefficients(x: pd.DataFrame, bread: Array, people: Array | None = None) -> Array:
    """Number of respondents each coefficient of a model stands on.

    A coefficient of a factor compares a group with the factor's reference group, so it tells about the smaller of the
    two; one of a number tells about everyone. Where the model is nothing but the means of its cells, every
    coefficient is a combination of those means and stands on the smallest cell it uses.

    Parameters
    ----------
    x : DataFrame (respondents, coefficients)
        Model matrix with its names of terms.
    bread : array (coefficients, coefficients)
        Inverse of the weighted cross product of `x`.
    people : array (respondents,), optional
        Where respondents who are alike stand together in one row of `x`: how many they are.

    Returns
    -------
    array (coefficients,)
    """
    return RowCounts.of(x.to_numpy(float), [str(name) for name in x.columns], people).behind(bread)


def _two(column: Array, each: Array) -> Mapping[float, float] | None:
    """The one or two values of a column with their people; None of more."""
    if not len(column):
        return {}
    low, high = float(column.min()), float(column.max())
    at_low, at_high = column == low, column == high
    if not (at_low | at_high).all():
        return None
    return {low: float(each[at_low].sum()), high: float(each[at_high].sum())}


def _both(one: Mapping[float, float] | None, other: Mapping[float, float] | None) -> Mapping[float, float] | None:
    if one is None or other is None or len(one.keys() | other.keys()) > 2:
        return None
    return {value: one.get(value, 0.0) + other.get(value, 0.0) for value in (*one, *other)}


def _few(values: Array, each: Array) -> Cells | None:
    """The different rows and their people, unless they are more than columns."""
    if len(np.unique(values[:_FIRST], axis=0)) > values.shape[1]:
        return None
    cells, place = np.unique(values, axis=0, return_inverse=True)
    if len(cells) > values.shape[1]:
        return None
    return cells, weighted_count(place.reshape(-1), each, len(cells))


def _factor(name: str) -> str:
    return name.partition("[")[0]
