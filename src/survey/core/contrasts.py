"""Differences and other combinations of anything that was estimated together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.base.arrays import Array, t_interval_factor, t_pvalue
from survey.base.catalogue import Note
from survey.base.text import written
from survey.core import contrast_expressions
from survey.core.adjusting import ADJUSTMENTS, adjust_pvalues, check_adjust
from survey.core.differences import differences, family_names
from survey.core.estimates_data import E, EstimatesData
from survey.core.result import rows_in
from survey.errors import EstimationError, shorten

__all__ = [
    "ADJUSTMENTS",
    "WITHIN",
    "adjust_pvalues",
    "alike_in",
    "answers_behind",
    "contrast",
    "pairs_within",
    "pairwise",
]

_ROUNDING = 1e-12
"""Of the variance that the rows would have without their covariance: less is what rounding left of zero."""
_DID = [-1.0, -1.0, 1.0, 1.0]
WITHIN = ("item", "with", "answer", "quantile")
"""What groups are compared within: like with like, never one group's quartiles with each other."""


def contrast(self: E, weights: Mapping[str, Any] | Sequence[float] | Array | pd.DataFrame | str) -> E:
    """Combine rows of a table, with the covariance of the combinations.

    Parameters
    ----------
    weights : mapping of str to (str or sequence), str, list of str, matrix, or DataFrame
        {"name": "University - Primary"}: arithmetic over the names of rows, also ratios; or a list of such texts, each
        named by itself. A row is called by its item, groups and answer joined by ":", leaving out what is the same in
        all rows; groups by their values or their labels in the codebook. A difference is read whatever names hold
        ("2025 - 2024", "Rất hài lòng - Hài lòng"); elsewhere a name with spaces or signs goes in `backticks`.
        By position: {"name": one number per row of `table`}, or a matrix of such rows. One without a name is called
        "contrast".

    Returns
    -------
    Estimates
        Rows contrast, estimate, std_error, statistic, df, p_value, conf_low, conf_high. t intervals; the degrees
        of freedom are the design's (clusters minus strata with members in the rows used) plus one minus the
        number of groups used, as for a model with these coefficients. Ratios have delta-method standard errors.

    Raises
    ------
    EstimationError
        If a contrast has another length than the table, uses a row without an estimate, or cannot be read.

    Examples
    --------
    >>> e.contrast({"gap": "University - Primary"})  # doctest: +SKIP
    >>> e.contrast({"did": "(`1:2` - `1:1`) - (`0:2` - `0:1`)", "ratio": "`1:2` / `0:2`"})  # doctest: +SKIP
    >>> e.contrast({"did": [1, -1, -1, 1]})  # by position  # doctest: +SKIP
    """
    named = _by_name(weights)
    theta = self.table["estimate"].to_numpy(float)
    names: list[str] = []
    labels: list[list[str]] = []
    if any(isinstance(row, str) for row in named.values()):
        names = contrast_expressions.row_names(self.table, self.by)
        labels = contrast_expressions.label_names(self.table, self.by, self.codebook, self.breakdowns)
    matrix, values = np.zeros((len(named), len(theta))), np.full(len(named), np.nan)
    touched, linear = np.zeros(matrix.shape, bool), np.ones(len(named), bool)
    for i, (name, row) in enumerate(named.items()):
        if isinstance(row, str):
            found = contrast_expressions.evaluate(row, names, theta, labels)
            values[i], matrix[i], touched[i], linear[i] = found.value, found.gradient, found.used, found.linear
            continue
        try:
            numbers = np.asarray(row, dtype=float)
        except (TypeError, ValueError):
            numbers = np.full(len(theta), np.nan)
        if numbers.shape != (len(theta),) or not np.isfinite(numbers).all() or not numbers.any():
            raise EstimationError(
                "A contrast does not fit the table.",
                where=name,
                got=f"{numbers.size} weights: {row}",
                expected=f"{len(theta)} numbers, one per row of .table, not all 0",
                fix="see .table for the rows and their order",
            )
        matrix[i], values[i] = numbers, numbers @ np.where(numbers == 0, 0.0, theta)
        touched[i] = numbers != 0
    result = combine(self, matrix, pd.DataFrame({"contrast": list(named)}), values)
    # a ratio of 0 to a row has no gradient on that row, and stands on its answers all the same
    return replace(result, behind=least_behind(self, touched), linear=linear)


def answers_behind(e: EstimatesData) -> Array:
    """Number of answers each row stands on; for a contrast the smallest number of the rows it uses; else infinite."""
    if e.behind is not None:  # of a comparison with a column n, the smaller side of it
        return e.behind
    if "n" in rows_in(e).columns:
        n: Array = rows_in(e)["n"].to_numpy(float, na_value=np.nan)
        return n
    if e.origin is None or e.contrast_matrix is None:
        return np.full(len(rows_in(e)), np.inf)
    return least_behind(e.origin, e.contrast_matrix != 0)


def least_behind(e: EstimatesData, used: NDArray[np.bool_]) -> Array:
    """For each row of `used` (combinations, rows of `e`) the smallest number of answers of the rows it uses."""
    behind = answers_behind(e)
    return np.array([behind[row].min(initial=np.inf) for row in used])


def _by_name(weights: Any) -> Mapping[str, Any]:
    """Contrasts as {name: weights}; the rows of a matrix are numbered, those of a DataFrame keep their names."""
    if isinstance(weights, Mapping):
        return weights
    if isinstance(weights, pd.DataFrame):
        return {str(name): row.to_numpy() for name, row in weights.iterrows()}
    if isinstance(weights, np.ndarray) and weights.ndim == 2:
        return {f"contrast {i}": row for i, row in enumerate(weights, start=1)}
    if isinstance(weights, list | tuple) and weights and all(isinstance(w, str) for w in weights):
        return {text: text for text in weights}
    return {"contrast": weights}


def refuse_uncombinable(e: EstimatesData) -> None:
    """Raise for ranks, which have no standard errors, and for results of tests."""
    if e.kind.ranks:
        raise EstimationError(
            "Ranks cannot be combined.",
            got=f"a {e.statistic}",
            expected="estimates with standard errors",
            fix="combine the estimates that were ranked, then rank the result",
        )
    if e.kind.sentence == "verdict":
        raise EstimationError(
            "The results of tests cannot be combined.",
            got=e.statistic,
            expected="estimates, such as means and shares",
            fix="contrast the means or shares that were tested",
        )


def combine(self: E, matrix: Array, labels: pd.DataFrame, values: Array | None = None) -> E:
    """Estimates with gradient `matrix` on the rows; their values are `matrix @ estimate` unless given."""
    refuse_uncombinable(self)
    theta = self.table["estimate"].to_numpy(float)
    used = np.abs(matrix).sum(axis=0) > 0
    if np.isnan(theta[used]).any():
        empty = self.table.loc[used & np.isnan(theta), ["item", *self.by]]
        raise EstimationError(
            "A contrast uses a row without an estimate.",
            where=shorten(" ".join(map(str, r)) for r in empty.to_numpy()),
            fix="exclude empty groups",
        )
    covariance = self.covariance[np.ix_(used, used)]
    part = matrix[:, used]
    estimate = part @ theta[used] if values is None else values
    joint = part @ covariance @ part.T
    variance = np.clip(np.diag(joint), 0, None)
    # of numbers that are known, or that cancel, rounding is left
    own = np.abs(part) @ np.nan_to_num(self.table["std_error"].to_numpy(float)[used])
    known = variance <= _ROUNDING * own**2
    std_error = np.where(known, 0.0, np.sqrt(variance))
    # where a row's own error is unknown (a group within one cluster), so is that of whatever uses the row
    std_error[(matrix[:, self.table["std_error"].isna()] != 0).any(axis=1)] = np.nan
    if self.support is None:
        df = np.full(len(matrix), self.table["df"].to_numpy(float)[used].min(initial=np.inf))
    else:
        df = np.array([self.support.joint_df(np.flatnonzero(row)) for row in matrix])
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = np.where(known, np.nan, estimate / std_error)
    half = np.where(known, np.nan, t_interval_factor(self.level, df) * std_error)
    table = labels.assign(
        estimate=estimate,
        std_error=std_error,
        statistic=statistic,
        df=df,
        p_value=t_pvalue(statistic, df),
        conf_low=estimate - half,
        conf_high=estimate + half,
    )
    notes = (*self.notes, *_notes(table, matrix, known))
    return self.derived(table, "contrast", notes=notes, contrast_matrix=matrix, _covariance=joint)


def _notes(table: pd.DataFrame, matrix: Array, known: NDArray[np.bool_]) -> list[str]:
    """What a reader of the combinations must know besides the notes of what they combine."""
    found: list[str] = [Note("notes.known_difference")] if known.any() else []
    names = table["contrast"].tolist()
    did = any(str(n) == "did" and sorted(row[row != 0]) == _DID for n, row in zip(names, matrix, strict=True))
    return [*found, Note("notes.weighted_by_people")] if did else found


def pairwise(self: E, adjust: str = "holm") -> E:
    """Compare every group with every other, item by item (and answer by answer).

    Of a select-all question without groups, every option is compared with every other. Of breakdowns side by side,
    the categories of each are compared with each other.

    Parameters
    ----------
    adjust : {"holm", "hochberg", "bh", "bonferroni", "max-t", "none"}
        Adjustment of the p-values over the comparisons of one item (answer, quantile, pair of items, breakdown).
        "max-t" uses the covariance of the comparisons, and its intervals hold together.

    Returns
    -------
    Estimates
        Rows item, (with, breakdown, answer, quantile), contrast "B − A", estimate, ..., p_value, p_adjusted.

    Raises
    ------
    EstimationError
        If there are no groups (nor options of a select-all question), or `adjust` is unknown.
    """
    refuse_uncombinable(self)
    check_adjust(adjust)
    keep = alike_in(self)
    sides = [c for c in self.by if c not in keep] or (["item"] if self.kind.options else [])
    if not sides:
        raise EstimationError("There are no groups to compare.", expected="estimates with by=")
    names = [" ".join(map(written, row)) for row in self.table[sides].itertuples(index=False, name=None)]
    first, second = pairs_within(self, keep)
    if not len(first):
        only = "group" if self.by else "option"
        raise EstimationError(f"There is only one {only} with answers.", expected="two or more")
    labels = self.table[keep].iloc[first].reset_index(drop=True)
    labels["contrast"] = [f"{names[b]} − {names[a]}" for a, b in zip(first, second, strict=True)]
    return differences(self, first, second, labels, family_names(labels, keep)[0], adjust, "contrast")


def alike_in(e: EstimatesData) -> list[str]:
    """Columns in which rows that are compared agree: those of `WITHIN` and the breakdown, but not among options."""
    names = (*WITHIN[:2], "breakdown", *WITHIN[2:]) if e.breakdowns is not None else WITHIN
    options = e.kind.options and not e.by  # options of a select-all question are compared with each other
    return [name for name in names if name in e.table.columns and not (options and name == "item")]


def pairs_within(self: EstimatesData, keep: list[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """All pairs of rows with an estimate that agree in some columns: positions of the subtrahend and the minuend."""
    table = self.table.reset_index(drop=True)
    blocks = table.groupby(keep, sort=False, observed=True, dropna=False) if keep else [((), table)]
    pairs = [np.zeros((2, 0), np.int64)]
    for _, part in blocks:
        filled = part.index[part["estimate"].notna()].to_numpy(np.int64)
        pairs.append(np.stack([filled[k] for k in np.triu_indices(len(filled), 1)]))
    first, second = np.hstack(pairs)
    return first, second
