"""Frequencies with and without those who gave no answer: counts, shares of everyone asked, shares of valid answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.base.arguments import one_of
from survey.base.arrays import Array, weighted_count
from survey.base.expressions import Where
from survey.codebook import Codebook, Variable
from survey.codebook._variable import catalogue_text
from survey.core.log import KIND_CODES
from survey.core.result import refuse_reserved
from survey.core.sample_data import SampleData
from survey.counting.cells import Coded, Grouping
from survey.errors import EstimationError
from survey.estimates import Estimates
from survey.estimation.breakdowns import Groupings
from survey.estimation.intervals import INTERVALS
from survey.estimation.item_nonresponse import answer_kinds, share_among
from survey.estimation.items import Names, answers_of, grouping_of, item_names
from survey.estimation.means import distributions_of
from survey.estimation.results import assemble

__all__ = ["REASONS", "UNASKED", "frequencies"]

REASONS = ("dont_know", "refused", "blank", "empty")
"""Why somebody who was asked has no answer; "empty" where no reason is recorded."""
UNASKED = ("not_applicable", "not_asked")
_EMPTY = 6
_OWN = ("reason", "count", "weighted", "valid", "valid_low", "valid_high", "valid_unweighted")
_BASES = tuple(f"{kind}_{base}" for kind in ("n", "weighted") for base in ("valid", *UNASKED, "everyone"))


def frequencies(
    self: SampleData,
    items: Names,
    by: Names | None = None,
    where: Where = None,
    interval: str = "clustered",
    level: float = 0.95,
) -> Estimates:
    """Count the answers to an item with and without those who did not know, refused or left it blank.

    Parameters
    ----------
    items : str or list of str
    by : str or list of str, optional
    where : str, bool array or callable, optional
    interval : str
        As for `proportion`.
    level : float

    Returns
    -------
    Estimates
        Statistic "frequency"; one row per item, group and answer, then one for each reason that somebody asked gave
        for no answer: item, <by...>, answer, reason ("" of an answer), estimate (share of everyone asked, 0-1,
        weighted) with std_error, conf_low, conf_high; n (everyone asked); count (people who gave it), weighted (sum of
        their weights); valid (weighted share of valid answers) with valid_low and valid_high, valid_unweighted (the
        same without weights), NaN of reasons; and of the item in the group n_valid, n_not_applicable, n_not_asked,
        n_everyone and their sums of weights weighted_valid, ... Shares of valid answers are those of `distribution`.

    Raises
    ------
    EstimationError
        As for `distribution`.

    Examples
    --------
    >>> sv.tables.frequencies(sample.frequencies("OV01"))  # doctest: +SKIP
    """
    one_of(interval, INTERVALS, "interval for a share", EstimationError)
    grouping, names = grouping_of(self, by, where), item_names(items, self)
    refuse_reserved(grouping.labels.columns, (*_OWN, *_BASES))
    kinds = {name: answer_kinds(self, name) for name in names}
    coded = {name: answers_of(self, name) for name in names}
    inside = grouping.code < len(grouping)
    reasons = {name: [r for r in REASONS if (kinds[name][inside] == _code(r)).any()] for name in names}
    pieces, repeated = [], []
    for name in names:
        kind = kinds[name]
        asked = ~np.isin(kind, [KIND_CODES[r] for r in UNASKED])
        for yes in _indicators(coded[name], kind, reasons[name]):
            pieces.append(share_among(self, name, grouping, yes, asked))
            repeated.append(name)
    made = assemble(self, "frequency", pieces, repeated, grouping, level, interval)
    valid, _ = distributions_of(self, names, grouping, interval, level)
    table, order = _arranged(self, made.table, valid.table, grouping, names, coded, kinds, reasons)
    notes = tuple(dict.fromkeys([*made.notes, *valid.notes]))
    book = _with_reasons(made.codebook, names, coded)
    covariance = lambda: made.covariance[np.ix_(order, order)]  # noqa: E731
    domains = None if made._domains is None else made._domains.take(order)
    known = {"_covariance": covariance, "_domains": domains, "support": None, "exact": (), "population": None}
    return replace(
        made.with_table(table, **known, clustering=None),
        notes=notes,
        codebook=book,
        unordered=valid.unordered,
    )


def _code(reason: str) -> int:
    return _EMPTY if reason == "empty" else KIND_CODES[reason]


def _indicators(coded: Coded, kind: NDArray[np.int64], reasons: Sequence[str]) -> list[NDArray[np.bool_]]:
    """Who gave each answer, and who none for each reason."""
    found = [coded.code == j for j in range(len(coded.answers))]
    return [*found, *(kind == _code(reason) for reason in reasons)]


def _arranged(
    sample: SampleData,
    made: pd.DataFrame,
    valid: pd.DataFrame,
    grouping: Grouping | Groupings,
    names: Sequence[str],
    coded: dict[str, Coded],
    kinds: dict[str, NDArray[np.int64]],
    reasons: dict[str, list[str]],
) -> tuple[pd.DataFrame, NDArray[np.int64]]:
    """The table group by group with its counts and shares of valid answers, and where each row comes from."""
    part = Groupings.of(grouping).parts[0]
    groups = len(part)
    parts, order, start, valid_start = [], [], 0, 0
    for name in names:
        answers = coded[name].answers.tolist()
        k, rows = len(answers), len(answers) + len(reasons[name])
        own = (start + np.arange(rows * groups)).reshape(rows, groups).T.reshape(-1)
        of_valid = valid.iloc[valid_start : valid_start + k * groups]
        order.append(own)
        start, valid_start = start + rows * groups, valid_start + k * groups
        table = made.iloc[own].reset_index(drop=True)
        told = [*answers, *(f"({r})" for r in reasons[name])]
        table.insert(1 + len(part.labels.columns), "answer", pd.Series(told * groups, dtype=object))
        table.insert(2 + len(part.labels.columns), "reason", [*[""] * k, *reasons[name]] * groups)
        given = _indicators(coded[name], kinds[name], reasons[name])
        counts = np.array([_people(part, None, yes) for yes in given])
        weights = np.array([_people(part, sample.weights, yes) for yes in given])
        table["count"], table["weighted"] = counts.T.reshape(-1), weights.T.reshape(-1)
        for column, source in (("valid", "estimate"), ("valid_low", "conf_low"), ("valid_high", "conf_high")):
            shares = np.full((groups, rows), np.nan)
            shares[:, :k] = of_valid[source].to_numpy(float).reshape(groups, k)
            table[column] = shares.reshape(-1)
        n_valid = counts[:k].sum(axis=0)
        with np.errstate(divide="ignore", invalid="ignore"):
            bare = np.where(np.arange(rows) < k, (counts / n_valid).T, np.nan)
        table["valid_unweighted"] = bare.reshape(-1)
        for base, yes in _bases(kinds[name]).items():
            table[f"n_{base}"] = np.repeat(_people(part, None, yes), rows)
            table[f"weighted_{base}"] = np.repeat(_people(part, sample.weights, yes), rows)
        parts.append(table)
    return pd.concat(parts, ignore_index=True), np.concatenate(order)


def _bases(kind: NDArray[np.int64]) -> dict[str, NDArray[np.bool_]]:
    unasked = {reason: kind == KIND_CODES[reason] for reason in UNASKED}
    return {"valid": kind == 0, **unasked, "everyone": np.ones(len(kind), bool)}


def _people(part: Grouping, weights: Array | None, yes: NDArray[np.bool_]) -> Array:
    """Of each group how many, or the sum of their weights."""
    at = np.flatnonzero(yes)
    people = np.ones(len(part.code)) if part.people is None else part.people.astype(float)
    w = people[at] if weights is None else weights[at]
    found: Array = weighted_count(part.code[at], w, len(part) + 1)[: len(part)]
    return found


def _with_reasons(book: Codebook, names: Sequence[str], coded: dict[str, Coded]) -> Codebook:
    """The codebook with a label for each reason, so that they are read as the answers are."""
    told: dict[Any, Any] = {f"({reason})": catalogue_text(f"frequencies.{reason}") for reason in REASONS}
    for name in names:
        variable = book.variables.get(name) or Variable(name, "nominal")
        labels = dict(variable.labels) or {a: {} for a in coded[name].answers.tolist()}
        book = book.update(replace(variable, labels={**labels, **told}))
    return book
