"""Don't know, refused, not asked: every denominator of an item, and how far those who did not say could move it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.base.arguments import one_of
from survey.base.arrays import Array, tallied, weighted_count
from survey.base.catalogue import Note
from survey.base.expressions import Where
from survey.codebook import Variable
from survey.codebook._variable import catalogue_text
from survey.core.log import KIND_CODES
from survey.core.result import refuse_reserved
from survey.core.sample_data import SampleData
from survey.counting.cells import Coded, Grouping
from survey.counting.memory import ItemRows
from survey.counting.paired import cells_of_answers
from survey.errors import EstimationError, shorten
from survey.estimates import Estimates
from survey.estimation.answer_sets import counted_answers
from survey.estimation.breakdowns import Groupings
from survey.estimation.direction_notes import end_notes
from survey.estimation.estimators import MEAN
from survey.estimation.intervals import INTERVALS
from survey.estimation.items import (
    Names,
    answers_of,
    column_of,
    grouping_of,
    item_names,
    missing_codes_of,
    refuse_infinite,
)
from survey.estimation.linearize import LinearizedItem
from survey.estimation.results import assemble

__all__ = ["BOUNDS", "answer_kinds", "beside", "bounds", "item_response", "share_among"]

BOUNDS = ("headline", "low", "high", "dont_know", "refused")
"""What each row of a band is; see `band`."""

_ANSWERED, _EMPTY = 0, 6
_KINDS = ("valid", "not_applicable", "blank", "dont_know", "refused", "not_asked", "empty")
"""By number: an answer, the kinds of `KIND_CODES`, and an empty cell that no one declared."""


def answer_kinds(sample: SampleData, name: str) -> NDArray[np.int64]:
    """Why each row has no answer to an item, as a position in `_KINDS`."""
    column = column_of(sample, name)
    left = column.isin(missing_codes_of(sample, name))
    if left.any():
        raise EstimationError(
            "An item still contains codes that the codebook declares missing.",
            where=name,
            got=shorten(sorted(column[left].unique())),
            fix="call recode_missing() before sv.Sample(...)",
        )
    refuse_infinite(name, column.dropna().astype(object).drop_duplicates().to_numpy(object))
    kind = np.where(column.notna().to_numpy(), _ANSWERED, _EMPTY)
    missing = sample.responses.missing
    if name in missing.columns:
        known = missing[name].to_numpy().astype(np.int64)
        kind = np.where((kind == _EMPTY) & (known > 0), known, kind)
    return kind


def item_response(self: SampleData, items: Names, by: Names | None = None, where: Where = None) -> pd.DataFrame:
    """Count who was asked, could answer and did: every denominator of an item, and why the others have no answer.

    Parameters
    ----------
    items : str or list of str
    by : str or list of str, optional
    where : str, bool array or callable, optional

    Returns
    -------
    DataFrame
        item, <by...>; numbers of people: everyone, asked (everyone but not asked), applicable (asked but for those it
        does not apply to), valid, dont_know, refused, blank, empty (no reason recorded), not_applicable, not_asked;
        weighted shares in 0-1: share_valid, share_dont_know, share_refused, share_blank, share_empty of the
        applicable, share_not_applicable of the asked, share_not_asked of everyone.

    Raises
    ------
    EstimationError
        For items that do not exist, or still hold missing codes; an empty domain.
    """
    grouping = grouping_of(self, by, where)
    names, groups, k = item_names(items, self), len(grouping), len(_KINDS)
    parts = []
    for name in names:
        key = grouping.code * k + answer_kinds(self, name)
        size = (groups + 1) * k
        n = tallied(key, self.structure.people, size).reshape(groups + 1, k)[:groups]
        w = weighted_count(key, self.weights, size).reshape(groups + 1, k)[:groups]
        parts.append(_response_table(name, grouping.labels, n, w))
    return pd.concat(parts, ignore_index=True)


_BESIDE = ("dont_know", "refused")
_NOT_ASKED = [KIND_CODES["not_applicable"], KIND_CODES["not_asked"]]


def beside(
    sample: SampleData, e: Estimates, names: Sequence[str], answers: Sequence[int], grouping: Groupings
) -> Estimates:
    """Shares with the shares of everyone asked who did not know or refused beside them, where any did.

    Parameters
    ----------
    sample : Sample
    e : Estimates
        Of these items in these groups, items outermost and groups next.
    names : sequence of str
    answers : sequence of int
        Rows that each item has in a group of each part.
    grouping : Groupings

    Returns
    -------
    Estimates
        With the columns `dont_know` and `refused` in its table (only the ones that anybody gave to any of the items):
        shares in 0-1 of the weights of those who were asked and to whom the item applies, as in `item_response`; NaN
        for items of which no reasons are recorded. `nonresponse` has them with standard errors.
    """
    found = {name: _silent(sample, name) for name in dict.fromkeys(names)}
    said = {name: set(np.unique(kind).tolist()) for name, (_, kind) in found.items()}
    given = [r for r in _BESIDE if r not in e.by and any(KIND_CODES[r] in kinds for kinds in said.values())]
    if not given:
        return e
    parts = grouping.parts
    shares: dict[str, list[Array]] = {reason: [] for reason in given}
    for name in names:
        at, kind = found[name]
        for part in parts:
            for reason, share in _shares_beside(sample, part, at, kind, given).items():
                shares[reason].append(share)
    sizes = [len(part) for _ in names for part in parts]
    starts = np.cumsum([0, *sizes[:-1]])
    place = np.concatenate(
        [np.repeat(start + np.arange(size), n) for start, size, n in zip(starts, sizes, answers, strict=True)]
    )
    table = e.table.assign(**{reason: np.concatenate(each)[place] for reason, each in shares.items()})
    return replace(e, table=table, _nonresponse=lambda: _nonresponse(sample, list(found), grouping, given, e.level))


def _shares_beside(
    sample: SampleData, grouping: Grouping, at: NDArray[np.int64], kind: NDArray[np.int64], reasons: Sequence[str]
) -> dict[str, Array]:
    """Of each group the share of those asked who gave each of some reasons; NaN where nobody knows why."""
    groups, k = len(grouping), len(_KINDS)
    shares = {reason: np.full(groups, np.nan) for reason in reasons}
    if not len(at):  # nobody knows why cells are empty
        return shares
    everyone = weighted_count(grouping.code, sample.weights, groups + 1)[:groups]
    weights = weighted_count(grouping.code[at] * k + kind, sample.weights[at], (groups + 1) * k)
    weights = weights.reshape(groups + 1, k)[:groups]
    asked = everyone - weights[:, _NOT_ASKED].sum(axis=1)
    for reason, share in shares.items():
        # rounding may be left where nobody was asked
        np.divide(weights[:, KIND_CODES[reason]], asked, out=share, where=asked > 1e-12 * everyone)
    return shares


def _silent(sample: SampleData, name: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows without an answer of which it is recorded why, and the kind of each."""
    missing = sample.responses.missing
    if name not in missing.columns:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    known = missing[name].to_numpy()
    at = np.flatnonzero(known != 0)  # of truth values it is several times as fast
    at = at[sample.data[name].iloc[at].isna().to_numpy()]
    return at, known[at].astype(np.int64)


def _nonresponse(
    sample: SampleData,
    items: Sequence[str],
    grouping: Groupings,
    reasons: Sequence[str],
    level: float,
) -> Estimates:
    """Shares of those asked, each the mean of an indicator in the domain of those who were asked."""
    refuse_reserved(grouping.labels.columns, ("reason",))
    names = [name for name in items if len(_silent(sample, name)[0])]
    pieces = []
    for name in names:
        kind = answer_kinds(sample, name)
        asked = ~np.isin(kind, _NOT_ASKED)
        pieces += [
            share_among(sample, name, part, kind == KIND_CODES[r], asked) for r in reasons for part in grouping.parts
        ]
    repeated = [name for name in names for _ in reasons]
    result = assemble(sample, "proportion", pieces, repeated, grouping, level, "clustered")
    table = result.table
    every = np.tile(np.repeat(np.array(reasons, dtype=object), len(grouping)), len(names))
    table.insert(1, "reason", pd.Series(every, dtype="str"))
    labels = {r: catalogue_text(f"columns.{r}") for r in reasons}
    reason = Variable("reason", "nominal", text=catalogue_text("columns.reason"), labels=labels)
    return replace(result, table=table, by=("reason", *result.by), codebook=result.codebook.update(reason))


def share_among(
    sample: SampleData, name: str, grouping: Grouping, yes: NDArray[Any], among: NDArray[np.bool_]
) -> LinearizedItem:
    """The share of `yes` among some rows."""
    coded = Coded(np.where(among, np.asarray(yes, dtype=bool), 2).astype(np.int8), np.array([0.0, 1.0]))
    cells = cells_of_answers(name, sample.structure, grouping, coded)
    return LinearizedItem.of(MEAN, cells, ItemRows(grouping, coded), np.array([[1.0, 0.0, 0.0], [1.0, 1.0, 1.0]]))


def _response_table(name: str, labels: pd.DataFrame, n: Any, w: Any) -> pd.DataFrame:
    place = {kind: i for i, kind in enumerate(_KINDS)}
    table = pd.DataFrame({"item": pd.Series([name] * len(n), dtype="str")})
    for column in labels.columns:
        table[column] = labels[column].array
    asked, w_asked = n.sum(axis=1) - n[:, place["not_asked"]], w.sum(axis=1) - w[:, place["not_asked"]]
    w_applicable = w_asked - w[:, place["not_applicable"]]
    table["everyone"], table["asked"] = n.sum(axis=1), asked
    table["applicable"] = asked - n[:, place["not_applicable"]]
    shown = ["valid", "dont_know", "refused", "blank", "empty", "not_applicable", "not_asked"]
    for kind in shown:
        table[kind] = n[:, place[kind]]
    below = {"not_applicable": w_asked, "not_asked": w.sum(axis=1)}
    for kind in shown:
        base = below.get(kind, w_applicable)
        with np.errstate(divide="ignore", invalid="ignore"):
            table[f"share_{kind}"] = np.where(base > 0, w[:, place[kind]] / base, np.nan)
    return table


def bounds(
    self: SampleData,
    items: Names,
    levels: Sequence[Any] | None = None,
    top: int | None = None,
    bottom: int | None = None,
    by: Names | None = None,
    where: Where = None,
    interval: str = "clustered",
    level: float = 0.95,
    variance: str | None = None,
) -> Estimates:
    """Estimate the share of a set of answers with its worst-case bounds under item nonresponse.

    Parameters
    ----------
    items : str or list of str
    levels, top, bottom :
        The answers counted, as for `proportion`; exactly one of them.
    by, where, interval, level, variance :
        As for `proportion`.

    Returns
    -------
    Estimates
        Five rows per item and group, distinguished by the column `bound`, each with its own standard error and n:
        "headline", the share by the codebook's policy for the item (`dont_know = "exclude"`: among valid answers;
        `"answer"`: don't know is in the denominator); "low" and "high", the share if no one, or everyone, who did
        not know or refused were counted, among all who were asked and answered in some way; "dont_know" and
        "refused", their shares of the same people. Blank cells, and those not asked, are in none of them.

    Raises
    ------
    EstimationError
        As for `proportion`; also for a group called "bound".

    References
    ----------
    Manski (2003), Partial Identification of Probability Distributions, ch. 1: the worst-case bounds.
    """
    one_of(interval, INTERVALS, "interval for a share", EstimationError)
    grouping = grouping_of(self, by, where)
    refuse_reserved(grouping.labels.columns, ("bound",))
    names, pieces, notes, counted = item_names(items, self), [], [], []
    inside = grouping.code < len(grouping)
    asked = {"levels": levels, "top": top, "bottom": bottom, "net": None}
    for name in names:
        kind, answers = answer_kinds(self, name), answers_of(self, name)
        hits, said = counted_answers(self, name, answers, asked)
        counted.append(said)
        hit = np.append(hits, 0.0)[answers.code]
        valid, unknown, refused = (kind == k for k in (_ANSWERED, KIND_CODES["dont_know"], KIND_CODES["refused"]))
        spoke = valid | unknown | refused
        variable = self.codebook.variables.get(name)
        included = valid
        if variable is not None and variable.dont_know == "answer":
            included = valid | unknown
            notes.append(Note("notes.dont_know_is_answer", item=name))
        if (kind[inside] == _EMPTY).any() and name not in self.responses.missing.columns:
            notes.append(Note("notes.why_empty_unknown", item=name))
        for yes, among in (
            (hit, included),
            (hit, spoke),
            (np.where(unknown | refused, 1.0, hit), spoke),
            (unknown, spoke),
            (refused, spoke),
        ):
            pieces.append(share_among(self, name, grouping, yes, among))
    repeated = [name for name in names for _ in BOUNDS]
    result = assemble(self, "proportion", pieces, repeated, grouping, level, interval, variance)
    table = result.table
    ends = np.tile(np.repeat(np.array(BOUNDS, dtype=object), len(grouping)), len(names))
    table.insert(1, "bound", pd.Series(ends, dtype="str"))
    same = counted[0] if len(set(counted)) == 1 else ()
    notes += end_notes(self, asked, dict(zip(names, counted, strict=True)))
    return result.with_table(table, by=("bound", *result.by), answers=same, notes=(*result.notes, *notes))
