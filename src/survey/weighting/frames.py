"""Lists that samples are drawn from: units by name, their sizes, and whether a weighted sample agrees with the list."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.base.arguments import columns_exist, explained
from survey.base.arrays import Array, weighted_count
from survey.base.codes import Ints, factorize
from survey.codebook.numeric import column_numbers
from survey.codebook.told import describe_groups, describe_rows, describe_values
from survey.core.result import refuse_reserved
from survey.design.coded_design import weights_of
from survey.design.design import Design
from survey.errors import DesignError, shorten
from survey.responses import Responses

__all__ = ["coded", "find", "frame_check", "frame_sizes", "in_words", "names", "need_columns", "positive", "units_of"]

_RESULT = ("n", "units", "frame_units", "frame_total", "estimate", "std_error", "ratio")


@explained(DesignError)
def frame_check(
    data: Responses | pd.DataFrame,
    frame: pd.DataFrame,
    *,
    weights: str,
    size: str | float,
    unit: str | Sequence[str] | None = None,
    by: str | Sequence[str] | None = None,
) -> pd.DataFrame:
    """Compare weighted totals of the sample with those of the frame.

    Parameters
    ----------
    data : Responses or DataFrame
        One row per unit of what `size` counts: weights of households add up to the households listed. Take everyone
        drawn; without nonrespondents the ratio is a weighted response rate.
    frame : DataFrame
        One row per listed unit.
    weights : str
        Column of the data: base weights of what `size` counts. 0 marks a sampled case outside the population:
        not in n, but a unit of such rows counts in units and in the std_error.
    size : str or float
        Column of the frame, or 1 to count the listed units themselves (then data have one row per sampled unit).
    unit : str or sequence of str, optional
        Columns that name a unit in both. Every unit in the data must be on the list, in the group where it was found.
    by : str or sequence of str, optional
        Columns that make groups. For a column that is not in the frame, such as a wave, each value is compared with the
        whole list.

    Returns
    -------
    DataFrame
        One row per group, sorted, including groups of the frame without sampled units: the columns of `by`, n (rows),
        frame_total, estimate (sum of weights), ratio (estimate over frame_total). With `unit` also, after n, units (in
        the data) and frame_units, and, after the estimate, its std_error from the spread between units as if drawn
        with replacement in the row's group (Hansen & Hurwitz 1943), NaN with fewer than two units: how far from 1 the
        ratio may be by chance. It is too large where a row joins several strata.

    Raises
    ------
    DesignError
        For columns that do not exist, weights or sizes that are not numbers, a unit that is listed twice, units or
        groups of the data that are not in the frame.
    """
    answers = getattr(data, "data", data)
    for what, given in (("data", answers), ("frame", frame)):
        if not isinstance(given, pd.DataFrame):
            raise DesignError("Expected a DataFrame.", where=what, got=type(given).__name__, expected="a DataFrame")
    groups, units = names(by or ()), names(unit or ())
    if not len(answers):
        raise DesignError("The data have no rows.", where="data", expected="at least one sampled unit")
    refuse_reserved(groups, _RESULT, DesignError, "by")
    need_columns(answers, [weights, *groups, *units], "data")
    shared, own = [g for g in groups if g in frame.columns], [g for g in groups if g not in frame.columns]
    w = weights_of(answers, Design.from_columns(weights=weights))
    sizes = frame_sizes(frame, size) if isinstance(size, str) else np.full(len(frame), float(size))
    listed, labels = coded(frame, shared, "frame")
    part, parts = coded(answers, own, "data")
    place = find(answers, labels, "data")
    k, cells = len(labels), len(labels) * len(parts)
    cell = part * k + place
    columns = {name: np.tile(labels[name].to_numpy(), len(parts)) for name in shared}
    columns |= {name: np.repeat(parts[name].to_numpy(), k) for name in own}
    table = pd.DataFrame({g: columns[g] for g in groups} | {"n": np.bincount(cell[w > 0], minlength=cells)})
    total, estimate = np.tile(weighted_count(listed, sizes, k), len(parts)), weighted_count(cell, w, cells)
    if units:
        listing = units_of(frame, list(dict.fromkeys([*shared, *units])))[1]
        at = find(answers, listing, "data")
        table["units"], error = _between(cell, at, w, cells)
        table["frame_units"] = np.tile(np.bincount(listed, minlength=k), len(parts))
    table["frame_total"], table["estimate"] = total, estimate
    if units:
        table["std_error"] = error
    table["ratio"] = np.divide(estimate, total, out=np.full(cells, np.nan), where=total > 0)
    return table.sort_values(groups, ignore_index=True) if groups else table


def _between(cell: Ints, unit: Ints, w: Array, cells: int) -> tuple[Ints, Array]:
    """Units with rows in each cell, and the standard error of the cell's sum of weights from their spread."""
    pair, member = np.unique(cell * (unit.max() + 1) + unit, return_inverse=True)
    home, sums = pair // (unit.max() + 1), weighted_count(member, w, len(pair))
    m = np.bincount(home, minlength=cells)
    mean = weighted_count(home, sums, cells) / np.maximum(m, 1)
    squares = weighted_count(home, (sums - mean[home]) ** 2, cells)
    return m, np.sqrt(np.divide(m * squares, m - 1, out=np.full(cells, np.nan), where=m > 1))


def names(columns: str | Sequence[str]) -> list[str]:
    """Column names as a list."""
    return [columns] if isinstance(columns, str) else list(columns)


def need_columns(table: pd.DataFrame, columns: Iterable[str], where: str) -> None:
    """Raise if a table lacks columns."""
    fix = "correct the name, or add the column"
    columns_exist(columns, table.columns, "A column is missing.", DesignError, where=where, fix=fix)


def coded(table: pd.DataFrame, columns: list[str], where: str) -> tuple[Ints, pd.DataFrame]:
    """Codes (rows,) of the combinations of columns, sorted, and their labels; without columns all rows are one."""
    need_columns(table, columns, where)
    if not columns:
        return np.zeros(len(table), np.int64), pd.DataFrame(index=range(1))
    code, labels = factorize([table[c] for c in columns])
    if (code < 0).any():
        raise DesignError(
            "The unit or group is missing for some rows.",
            where=f"{where}, column {shorten(columns)}, rows {rows(table, code < 0)}",
            got="missing",
            expected="a value in every row",
            fix="correct the file, or drop these rows with a reason",
        )
    return code, labels.set_axis(columns, axis=1)


def units_of(frame: pd.DataFrame, keys: list[str]) -> tuple[Ints, pd.DataFrame]:
    """The unit of each row of a frame, and the units' names, sorted: each listed once.

    Raises
    ------
    DesignError
        If the frame is empty, or a unit has no name or is listed twice.
    """
    code, labels = coded(frame, keys, "frame")
    if not len(frame):
        raise DesignError("The frame is empty.", where="frame", expected="one row per listed unit")
    twice = np.bincount(code, minlength=len(labels)) > 1
    if twice.any():
        raise DesignError(
            "Some units are listed twice in the frame.",
            where=f"frame, {in_words(labels, twice)}",
            got=shorten(np.flatnonzero(twice[code])),
            expected="one row per unit (positions of the rows above)",
            fix="remove the duplicates, or name further columns that identify these units",
        )
    return code, labels


def find(data: pd.DataFrame, units: pd.DataFrame, where: str) -> Ints:
    """Position in `units` of each row's unit, matched by the columns of `units`; text in any Unicode form."""
    keys = list(units.columns)
    need_columns(data, keys, where)
    if not keys:
        return np.zeros(len(data), np.int64)
    code, named = coded(data, keys, where)  # names are matched, not rows: there are few of them
    both, _ = factorize([pd.concat([units[k], named[k]], ignore_index=True).astype(object) for k in keys])
    place = np.full(both.max(initial=0) + 1, -1, dtype=np.int64)
    place[both[: len(units)]] = np.arange(len(units))
    at = place[both[len(units) :]]
    if (at < 0).any():
        kinds = [k for k in keys if _text(units[k]) != _text(named[k])]
        raise DesignError(
            "The data name units or groups that are not in the frame.",
            where=f"{where}, column {shorten(keys)}, rows {rows(data, at[code] < 0)}",
            got=in_words(named, at < 0, code),
            expected=f"a unit of the frame, such as {in_words(units.iloc[:4])}",
            fix=f"column {shorten(kinds)} is text on one side and numbers on the other: convert one of them"
            if kinds
            else "correct the names, or use the list from which these units were drawn",
        )
    return at[code]


def _text(column: pd.Series) -> bool:
    return any(isinstance(value, str) for value in column.dropna().unique())


def frame_sizes(frame: pd.DataFrame, size: str) -> Array:
    """The sizes of the frame's units (rows,), none missing, infinite or negative."""
    need_columns(frame, [size], "frame")
    values = _numbers(frame[size], "frame")
    bad = ~((values >= 0) & np.isfinite(values))
    if bad.any():
        raise DesignError(
            "The size is missing for some units of the frame.",
            where=f"frame, column {size!r}, rows {rows(frame, bad)}",
            got=describe_values(frame[size][bad].unique(), column=frame[size]),
            expected="a number for every unit",
            fix="complete the list",
        )
    return values


def positive(data: pd.DataFrame, value: str | float, where: str) -> Array:
    """A column, or one number for all, as positive numbers (rows,)."""
    if not isinstance(value, str):
        if isinstance(value, bool) or not (isinstance(value, int | float | np.number) and 0 < value < np.inf):
            raise DesignError(
                "The number of units must be positive.", where=where, got=repr(value), expected="a positive number"
            )
        return np.full(len(data), float(value))
    need_columns(data, [value], where)
    values = _numbers(data[value], where)
    bad = ~((values > 0) & np.isfinite(values))
    if bad.any():
        raise DesignError(
            "Some rows do not have a positive number.",
            where=f"{where}, column {value!r}, rows {rows(data, bad)}",
            got=describe_values(data[value][bad].unique(), column=data[value]),
            expected="a positive number in every row",
            fix="complete the column; where unknown for nonrespondents, weight them only up to the previous stage "
            "(such as households), separately from the others",
        )
    return values


def _numbers(column: pd.Series, where: str) -> Array:
    return column_numbers(
        column,
        "A column is not numeric.",
        DesignError,
        where=f"{where}, column {column.name!r}",
        fix="convert the column to numbers; text is not interpreted",
    )


def rows(table: pd.DataFrame, at: NDArray[np.bool_]) -> str:
    """The names of some rows."""
    return describe_rows(table.index, at)


def in_words(labels: pd.DataFrame, at: Any = None, code: Ints | None = None) -> str:
    """Units by name: "P01 / P01-03, ..."; with the code of each row also names that many rows share."""
    every = np.arange(len(labels))
    chosen = every if at is None else every[at]
    n = None if code is None else np.bincount(code[code >= 0], minlength=len(labels))[chosen]
    return describe_groups(map(tuple, labels.iloc[chosen].to_numpy(dtype=object)), n)
