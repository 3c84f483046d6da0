"""The rows of a banner table: answers, sums of answers and means by column, and which columns differ.

Everything follows from the joint covariance of the estimates: a sum of answers and the mean of their codes are linear
combinations of shares, a test of two columns is a difference of two of them.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.base.arguments import in_range, one_of
from survey.base.arrays import Array, t_interval_factor, t_pvalue
from survey.core.adjusting import ADJUSTMENTS, adjust_pvalues
from survey.core.estimates_data import EstimatesData
from survey.core.letters import spreadsheet_name
from survey.errors import EstimationError

__all__ = ["ADJUST", "FAMILIES", "Columns", "Rows", "banner_rows", "columns_of"]

ADJUST = tuple(a for a in ADJUSTMENTS if a != "max-t")
FAMILIES = ("item", "row", "table")
"""Over which comparisons p-values are adjusted: those of an item within a breakdown, of one row of it, or all."""

_FEWEST_FOR_NETS = 4
"""Answers that a scale needs for two at either end to be sums apart from each other."""
_END = 1e-12
_ROUNDING = 1e-12

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Rows:
    """Which rows a banner table has besides the answers themselves.

    Parameters
    ----------
    top, bottom : int or None
        So many answers at the upper and lower end of a scale are added up; scales of fewer than four answers have no
        such rows.
    mean : bool
        Whether scales have the mean of their codes.
    """

    top: int | None = 2
    bottom: int | None = 2
    mean: bool = True

    def __post_init__(self) -> None:
        for name, value in (("top", self.top), ("bottom", self.bottom)):
            if value is not None:
                in_range(
                    value,
                    "A sum of answers takes a whole number of answers.",
                    EstimationError,
                    where=f"{name}=",
                    expected="1 or more, or None for no such row",
                    fits=lambda n: n >= 1 and float(n).is_integer(),
                )


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a banner table.

    Parameters
    ----------
    keys : tuple of tuple
        Values of the grouping columns, in the order of the result.
    blocks : int array (columns,)
        The breakdown of each: columns of one block are compared.
    letters : tuple of str
        "A", "B", ... where the block has several columns; "" elsewhere.
    """

    keys: tuple[tuple[Any, ...], ...]
    blocks: Ints
    letters: tuple[str, ...]


def columns_of(e: EstimatesData, shown: NDArray[np.bool_] | None = None) -> Columns:
    """The columns of a result: every group, lettered over the whole table within blocks of several shown columns.

    Parameters
    ----------
    e : Estimates
        With groups; the last grouping column varies within a block.
    shown : bool array (rows,), optional
        Columns without any such row get no letter.
    """
    every = [tuple(row) for row in e.table[list(e.by)].itertuples(index=False, name=None)]
    keys = tuple(dict.fromkeys(every))
    blocks, _ = pd.factorize(np.array([_block(key[:-1]) for key in keys], dtype=object))
    known = set(every) if shown is None else {key for key, at in zip(every, shown.tolist(), strict=True) if at}
    kept = np.array([key in known for key in keys], dtype=bool)
    letters, used = [], 0
    for key, block in zip(keys, blocks, strict=True):
        compared = key in known and kept[blocks == block].sum() > 1
        letters.append(spreadsheet_name(used).upper() if compared else "")
        used += compared
    return Columns(keys, blocks.astype(np.int64), tuple(letters))


def _block(key: tuple[Hashable, ...]) -> str:
    """What tells a block from others: a text, as groups may be of several types."""
    return repr(key)


@dataclass(frozen=True, slots=True)
class _Row:
    """A row of an item: what it is, the answer it is about, and its weights of the answers (None: as estimated)."""

    kind: str
    answer: Any
    weights: Array


def banner_rows(
    e: EstimatesData, columns: Columns, rows: Rows, *, adjust: str = "holm", family: str = "item"
) -> pd.DataFrame:
    """Compute the rows of a banner table and test the columns of each breakdown against each other.

    Two columns differ in a row where the p-value of their difference (design-based t, with the covariance and the
    degrees of freedom of the two groups), adjusted over its family, is below one minus the level. Shares of 0 and 1
    have no variance to be tested with, and are not.

    Parameters
    ----------
    e : Estimates
        With groups. Of rows marked `hidden` nothing is used; their comparisons count in their family as if nothing
        had been found in them.
    columns : Columns
    rows : Rows
        Added to items of a distribution whose answers are ordered.
    adjust : str
        One of `ADJUST`.
    family : str
        One of `FAMILIES`.

    Returns
    -------
    DataFrame
        One row per item, row and column of the table: item, <by...>, row ("answer", "top", "bottom", "mean"; "estimate"
        of results with one number an item), answer, estimate, std_error, conf_low, conf_high (NaN of sums of answers,
        which have the interval of `Sample.proportion` only there), df, n, population (sum of weights of valid answers),
        n_eff, letter (of the column), higher_than (letters of the columns that it is significantly higher than). n_eff
        of a distribution is n over the mean generalised design effect of its answers, sum (1 - p) deff / (k - 1).

    Raises
    ------
    EstimationError
        For an unknown adjustment or family.

    References
    ----------
    Rao & Scott (1981), J. Am. Stat. Assoc. 76: the mean generalised design effect. Holm (1979), Scand. J. Statist. 6.
    """
    one_of(adjust, ADJUST, "adjustment of p-values", EstimationError)
    one_of(family, FAMILIES, "family of comparisons", EstimationError)
    table = e.table.reset_index(drop=True)
    place = {key: c for c, key in enumerate(columns.keys)}
    column = np.array([place[tuple(k)] for k in table[list(e.by)].itertuples(index=False, name=None)], np.int64)
    items = list(dict.fromkeys(table["item"].tolist()))
    blocks = [_item(e, table, item, column, columns, rows) for item in items]
    _test(blocks, columns, adjust, family, 1 - e.level)
    return pd.concat([block.frame(e, columns) for block in blocks], ignore_index=True)


@dataclass(slots=True)
class _Block:
    """The rows of one item: arrays (rows, columns), and of each pair of columns in a block its p-value by row."""

    item: Any
    rows: list[_Row]
    numbers: dict[str, Array]
    first: Ints
    second: Ints
    p: Array
    letters: NDArray[np.object_]

    def frame(self, e: EstimatesData, columns: Columns) -> pd.DataFrame:
        shape = (len(self.rows), len(columns.keys))
        out: dict[str, Any] = {"item": [self.item] * (shape[0] * shape[1])}
        for i, name in enumerate(e.by):
            out[name] = [key[i] for _ in self.rows for key in columns.keys]
        out["row"] = [row.kind for row in self.rows for _ in columns.keys]
        if e.kind.per_answer:
            out["answer"] = pd.Series([row.answer for row in self.rows for _ in columns.keys], dtype=object)
        out |= {name: np.broadcast_to(values, shape).reshape(-1) for name, values in self.numbers.items()}
        out["letter"] = list(columns.letters) * shape[0]
        out["higher_than"] = self.letters.reshape(-1)
        return pd.DataFrame(out)


def _item(e: EstimatesData, table: pd.DataFrame, item: Any, column: Ints, columns: Columns, wanted: Rows) -> _Block:
    at = np.flatnonzero((table["item"] == item).to_numpy())
    answers = list(dict.fromkeys(table["answer"].iloc[at].tolist())) if e.kind.per_answer else [None]
    # where each answer of each column stands; -1 where it does not
    where = np.full((len(answers), len(columns.keys)), -1)
    if e.kind.per_answer:
        number = {a: i for i, a in enumerate(answers)}
        where[[number[a] for a in table["answer"].iloc[at]], column[at]] = at
    else:
        where[0, column[at]] = at
    rows = _rows_of(e, item, answers, wanted)
    there = where >= 0
    value = {name: _at(table[name].to_numpy(float, na_value=np.nan), where) for name in ("estimate", "std_error", "df")}
    population = np.full(len(table), np.nan) if e.population is None else np.asarray(e.population, float)
    joint = np.full((len(answers), where.shape[1], len(answers), where.shape[1]), np.nan)
    inside = np.flatnonzero(there.reshape(-1))
    joint.reshape(where.size, where.size)[np.ix_(inside, inside)] = e.covariance_of(where.reshape(-1)[inside])
    first, second = _pairs(columns)
    numbers, p = _combined(e, value, joint, rows, where, (first, second))
    own = [row.kind in ("answer", "estimate") for row in rows]
    for name in ("conf_low", "conf_high"):
        if name in table.columns:
            numbers[name][own] = _at(table[name].to_numpy(float), where)
    numbers["std_error"][own] = value["std_error"]
    n = table["n"].to_numpy(float, na_value=np.nan) if "n" in table.columns else np.full(len(table), np.nan)
    numbers["n"], numbers["population"] = _first(_at(n, where)), _first(_at(population, where))
    numbers["n_eff"] = _effective(table, where, value["estimate"], numbers["n"], e.kind.per_answer)
    if e.hidden is not None:
        gone = _first(_at(e.hidden.astype(float), where)) > 0
        p[:, gone[first] | gone[second]] = 1.0
    return _Block(item, rows, numbers, first, second, p, np.full(numbers["estimate"].shape, "", dtype=object))


def _rows_of(e: EstimatesData, item: Any, answers: Sequence[Any], wanted: Rows) -> list[_Row]:
    k = len(answers)
    if not e.kind.per_answer:
        return [_Row("estimate", None, np.ones(1))]
    rows = [_Row("answer", answer, unit) for answer, unit in zip(answers, np.eye(k), strict=True)]
    if item in e.unordered or k < 3:
        return rows
    position = np.arange(k)
    for kind, count in (("top", wanted.top), ("bottom", wanted.bottom)):
        if count is not None and k >= _FEWEST_FOR_NETS and 2 * count <= k:
            weights = position >= k - count if kind == "top" else position < count
            rows.append(_Row(kind, None, weights.astype(float)))
    codes = pd.to_numeric(pd.Series(answers, dtype=object), errors="coerce").to_numpy(float)
    if wanted.mean and np.isfinite(codes).all():
        rows.append(_Row("mean", None, codes))
    return rows


def _at(values: Array, where: Ints) -> Array:
    """Values at rows of the table; NaN where there is no row."""
    return np.where(where >= 0, values[where], np.nan)


def _first(values: Array) -> Array:
    """Of each column the first value there is; NaN where there is none."""
    found = pd.DataFrame(values).bfill().iloc[0].to_numpy(float)
    return np.asarray(found, dtype=float)


def _pairs(columns: Columns) -> tuple[Ints, Ints]:
    """All pairs of lettered columns within a block."""
    pairs = [np.zeros((2, 0), np.int64)]
    lettered = np.array([bool(x) for x in columns.letters])
    for block in np.unique(columns.blocks):
        own = np.flatnonzero((columns.blocks == block) & lettered)
        i, j = np.triu_indices(len(own), 1)
        pairs.append(np.stack([own[i], own[j]]))
    first, second = np.hstack(pairs)
    return first, second


def _combined(
    e: EstimatesData, value: dict[str, Array], joint: Array, rows: list[_Row], where: Ints, pairs: tuple[Ints, Ints]
) -> tuple[dict[str, Array], Array]:
    """Estimates, errors and intervals of each row by column, and the p-values of the pairs of columns."""
    shape, (first, second) = (len(rows), where.shape[1]), pairs
    out = {name: np.full(shape, np.nan) for name in ("estimate", "std_error", "conf_low", "conf_high", "df")}
    p = np.full((len(rows), len(first)), np.nan)
    df = _first(value["df"])
    pair_df = np.fmin(df[first], df[second])
    at = np.where((where >= 0).any(axis=0), where.max(axis=0), -1)
    if e.support is not None and len(first):
        both = (at[first] >= 0) & (at[second] >= 0)
        pair_df[both] = e.support.pair_df(at[first[both]], at[second[both]])
    for i, row in enumerate(rows):
        used = np.flatnonzero(row.weights)
        weights = row.weights[used]
        estimate = weights @ value["estimate"][used]
        # (answers, columns, answers, columns): weighted over the answers of either side
        covariance = np.tensordot(weights, np.tensordot(joint[used][:, :, used], weights, (2, 0)), (0, 0))
        errors = np.abs(weights) @ value["std_error"][used]
        own = np.clip(np.diag(covariance), 0, None)
        error = np.where(np.isnan(errors), np.nan, np.sqrt(np.where(own <= _ROUNDING * errors**2, 0.0, own)))
        out["estimate"][i], out["std_error"][i], out["df"][i] = estimate, error, df
        if row.kind == "mean":
            with np.errstate(invalid="ignore"):
                half = np.where(error > 0, t_interval_factor(e.level, df) * error, np.nan)
            out["conf_low"][i], out["conf_high"][i] = estimate - half, estimate + half
        if not len(first):
            continue
        variance = np.clip(own[first] + own[second] - 2 * covariance[first, second], 0, None)
        sure = variance > _ROUNDING * (errors[first] + errors[second]) ** 2
        if e.kind.unit in ("share", "net") and row.kind != "mean":
            ends = (np.abs(estimate) < _END) | (np.abs(estimate - 1) < _END)
            sure &= ~(ends[first] | ends[second])
        with np.errstate(divide="ignore", invalid="ignore"):
            statistic = np.where(sure, (estimate[second] - estimate[first]) / np.sqrt(variance), np.nan)
        p[i] = t_pvalue(statistic, pair_df)
    return out, p


def _effective(table: pd.DataFrame, where: Ints, share: Array, n: Array, per_answer: bool) -> Array:
    """Effective bases of the columns."""
    if "n_eff" not in table.columns:
        return np.full(where.shape[1], np.nan)
    effective = _at(table["n_eff"].to_numpy(float, na_value=np.nan), where)
    if not per_answer:
        only: Array = effective[0]
        return only
    with np.errstate(divide="ignore", invalid="ignore"):
        deff = n / effective
        told = np.isfinite(deff) & (share > _END) & (share < 1 - _END)
        mean = np.where(told, (1 - share) * deff, 0.0).sum(axis=0) / (told.sum(axis=0) - 1)
        found: Array = np.where(np.isfinite(mean) & (mean > 0), n / mean, np.nan)
    return found


def _test(blocks: Sequence[_Block], columns: Columns, adjust: str, family: str, alpha: float) -> None:
    """Adjust the p-values over their families and write the letters."""
    families: dict[tuple[Any, ...], list[tuple[int, int, int]]] = {}
    for b, block in enumerate(blocks):
        for i in range(len(block.rows)):
            for k, c in enumerate(block.first):
                where = int(columns.blocks[c])
                key = {"item": (b, where), "row": (b, where, i), "table": ()}[family]
                families.setdefault(key, []).append((b, i, k))
    found: list[list[tuple[int, int, int]]] = [[] for _ in blocks]
    for members in families.values():
        adjusted = adjust_pvalues(np.array([blocks[b].p[i, k] for b, i, k in members]), adjust)
        for (b, i, k), q in zip(members, adjusted, strict=True):
            if q < alpha:
                one, other = int(blocks[b].first[k]), int(blocks[b].second[k])
                estimate = blocks[b].numbers["estimate"][i]
                high, low = (one, other) if estimate[one] > estimate[other] else (other, one)
                found[b].append((i, high, low))
    for block, higher in zip(blocks, found, strict=True):
        for i, high, low in sorted(higher):
            known = block.letters[i, high]
            block.letters[i, high] = f"{known} {columns.letters[low]}" if known else columns.letters[low]
