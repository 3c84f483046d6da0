"""Rows hidden beside others: what is hidden must not follow from what is shown with it and from the totals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.base.arrays import Array
from survey.core.breakdowns import COLUMNS
from survey.core.contrasts import answers_behind
from survey.core.estimates_data import EstimatesData
from survey.core.rest import Rest
from survey.core.suppression import complementary, linked, tells
from survey.words.labels import levels_of

__all__ = ["complements"]

Bools = NDArray[np.bool_]
_OTHER_LABELS = ("answer", "bound", "part")


def complements(e: EstimatesData, origin: EstimatesData | None, hidden: Bools, least: int) -> Bools:
    """Which further rows may not be shown.

    Parameters
    ----------
    e : Estimates
    origin : Estimates, optional
        What it was made from, with its hidden rows marked.
    hidden : bool array (rows,)
        Rows on too few answers.
    least : int
        The fewest answers that a published result stands on.

    Returns
    -------
    bool array (rows,)
        Of groups (`by=`, each breakdown of `over=`): the smallest others, by `core.suppression.complementary`. Of what
        is made of other rows (differences, ranks, indices): whatever uses a hidden one. The effect of a programme is
        a result of all its units together, and hidden where a unit's follows from it (`core.suppression.tells`); so is
        a trend over groups.
    """
    found = np.zeros(len(hidden), bool)
    if least <= 0:
        return found
    together = e.kind.by_units  # an effect is told by what stands behind all its units together
    if origin is not None and origin.hidden is not None and origin.hidden.any():
        found |= _effects(e, origin, least) if together else _from_hidden(e, origin, origin.hidden)
    if e.contrast_matrix is None and not e.kind.combines and not together and (hidden | found).any():
        found |= _terms(e, hidden | found, least) if "term" in e.table.columns else _groups(e, hidden | found, least)
    return np.asarray(found & ~hidden)


def _from_hidden(e: EstimatesData, origin: EstimatesData, gone: Bools) -> Bools:
    if e.kind.sentence == "verdict" and e.kind.unit == "difference" and "item" in origin.table.columns:
        # a trend and the total are two equations: two hidden groups follow from them, three do not
        hidden = origin.table["item"][gone].value_counts()
        return np.asarray(e.table["item"].map(hidden).isin([1, 2]), dtype=bool)
    if e.contrast_matrix is not None:
        if e.contrast_matrix.shape[1] != len(gone):
            return np.ones(len(e.table), bool)
        uses = np.array([bool(gone[np.asarray(row) != 0].any()) for row in e.contrast_matrix], dtype=bool)
        if e.linear is not None:  # a ratio of 0 to a hidden row has no gradient on it, and an error that tells it
            uses |= ~e.linear & (e.table["estimate"].to_numpy(float) == 0)
        return uses
    if e.kind.ranks and len(e.table) == len(gone):
        return gone.copy()
    keys = [name for name in (*e.by, "answer", "quantile") if name in e.table.columns and name in origin.table.columns]
    if not e.by or not keys:
        return np.zeros(len(e.table), bool)
    known = set(_keys(origin.table[keys][gone]))
    return np.array([key in known for key in _keys(e.table[keys])], dtype=bool)


def _effects(e: EstimatesData, origin: EstimatesData, least: float) -> Bools:
    """Effects that give a unit away beside the units shown and the totals of units and periods."""
    before, gone = e.origin, origin.hidden
    if before is None or gone is None or e.contrast_matrix is None or e.contrast_matrix.shape[1] != len(gone):
        return np.zeros(len(e.table), bool)  # a pooled effect, whose units are not known
    small = gone if origin.complementary is None else gone & ~origin.complementary
    n = answers_behind(before)
    size = n if before.population is None else before.population
    out = np.zeros(len(e.table), bool)
    for i, weights in enumerate(np.asarray(e.contrast_matrix, float)):
        at = np.flatnonzero(weights)
        if small[at].any():
            codes = np.stack([pd.Series(before.table[name].iloc[at]).factorize()[0] for name in before.by], axis=1)
            out[i] = tells(codes, n[at], size[at], gone[at], small[at], weights[at], least)
    return out


def _groups(e: EstimatesData, hidden: Bools, least: float) -> Bools:
    """Of the groups of each item, answer and breakdown, those that go with the hidden ones."""
    table, behind = e.table, answers_behind(e)
    if np.isnan(behind[hidden]).any():  # published already, with those that go with others
        return np.zeros(len(hidden), bool)
    n = np.nan_to_num(behind, posinf=0.0)
    by = [name for name in e.by if name in table.columns]
    if not by:
        return np.zeros(len(hidden), bool)
    rest: Bools = np.array([isinstance(v, Rest) for v in table[by[0]]], dtype=bool)
    within = [name for name in by if e.breakdowns is None or name not in COLUMNS]
    apart = [name for name in table.columns if name in (*levels_of(e), *_OTHER_LABELS) and name not in by]
    apart += ["breakdown"] if e.breakdowns is not None else []
    block = pd.Series(_keys(table[apart])).factorize()[0] if apart else np.zeros(len(table), np.int64)
    out, made = np.zeros(len(hidden), bool), {}
    for number in np.unique(block):
        at = np.flatnonzero((block == number) & ~rest)
        if not hidden[at].any():
            continue
        codes = _codes(e, at, within)
        same = (codes.tobytes(), n[at].tobytes(), hidden[at].tobytes())
        if same not in made:  # the answers of a distribution stand on the same people
            made[same] = complementary(codes, n[at], hidden[at], least)
        out[at] = made[same]
    if e.breakdowns is not None and e._domains is not None and table["breakdown"].nunique() > 1:
        out |= _linked(e, n, np.asarray(hidden | out), hidden, [name for name in apart if name != "breakdown"])
    if rest.any():
        out |= _of_rest(table, by, rest, np.asarray(hidden | out))
    return out


def _linked(e: EstimatesData, n: NDArray[np.float64], gone: Bools, hidden: Bools, apart: list[str]) -> Bools:
    """Of breakdowns side by side, what gives a hidden group of another away: wards, and the tiers they belong to."""
    assert e._domains is not None
    at, members = e._domains.sets()
    out = np.zeros(len(gone), bool)
    block = pd.Series(_keys(e.table[apart])).factorize()[0] if apart else np.zeros(len(gone), np.int64)
    for number in np.unique(block[hidden]):
        own = np.flatnonzero(block == number)
        out[own] = linked(members[at[own]], n[own], ~gone[own] & (n[own] > 0), hidden[own])
    return out


def _of_rest(table: pd.DataFrame, by: list[str], rest: Bools, gone: Bools) -> Bools:
    """Everyone else than a group is the total less the group: both are hidden, or neither."""
    others = [name for name in ("item", "with", "answer", "quantile") if name in table.columns]
    told = [
        (*key, *(v if isinstance(v, Rest) else Rest.of(v) for v in group))
        for key, group in zip(_keys(table[others]), _keys(table[by]), strict=True)
    ]
    hidden = {key for key, at in zip(told, gone, strict=True) if at}
    return np.array([key in hidden for key in told], dtype=bool)


def _codes(e: EstimatesData, at: NDArray[np.int64], within: list[str]) -> NDArray[np.int64]:
    """The categories of some rows: of the variables of their breakdown, and of those that it is made within."""
    table = e.table.iloc[at]
    columns: list[list[Any]] = [table[name].tolist() for name in within]
    if e.breakdowns is not None and set(COLUMNS) <= set(table.columns):
        told = [e.breakdowns.values(b, c) for b, c in zip(table["breakdown"], table["category"], strict=True)]
        columns += [list(column) for column in zip(*([v for _, v in row] for row in told), strict=False)]
    if not columns:
        return np.zeros((len(at), 1), np.int64)
    return np.stack([pd.Series(c, dtype=object).factorize(use_na_sentinel=False)[0] for c in columns], axis=1).astype(
        np.int64
    )


def _terms(e: EstimatesData, hidden: Bools, least: float) -> Bools:
    """Coefficients that go with hidden ones, which would follow from the others and the means of groups and of all.

    Of a factor the smallest others, as of its groups, until the hidden ones have `least` answers together; where no
    group is smaller than the reference, which all compare with, the intercept and the whole factor. Of an interaction
    whatever has one of its factors. Models of several outcomes, groups or answers each for itself.
    """
    told = [str(term) for term in e.table["term"]]
    factor = np.array([":".join(part.partition("[")[0] for part in term.split(":")) for term in told])
    places = [name for name in ("item", *e.by, "answer") if name in e.table.columns]
    model = pd.factorize(pd.Series(_keys(e.table[places]), dtype=object))[0]
    behind, out = answers_behind(e), np.zeros(len(hidden), bool)
    for m in np.unique(model[hidden]):
        out |= _terms_of(factor, hidden, behind, least, model == m)
    return out & ~hidden


def _terms_of(factor: NDArray[np.str_], hidden: Bools, behind: Array, least: float, model: Bools) -> Bools:
    """The same for the rows of one model."""
    intercept, out = (factor == "Intercept") & model, np.zeros(len(hidden), bool)
    for name in np.unique(factor[hidden & model]):
        if ":" in name:
            parts = set(name.split(":"))
            out |= intercept | (model & np.array([bool(parts & set(other.split(":"))) for other in factor]))
            continue
        own = (factor == name) & model
        left = np.flatnonzero(own & ~hidden)
        if intercept.any() and len(left) and behind[intercept].min() <= behind[left].min():
            out |= own | intercept
            continue
        gone = hidden & own
        for i in left[np.argsort(behind[left], kind="stable")]:
            if np.count_nonzero(gone) > 1 and behind[gone].sum() >= least:
                break
            gone[i] = out[i] = True
    return out


def _keys(table: pd.DataFrame) -> list[tuple[Any, ...]]:
    if not len(table.columns):
        return [()] * len(table)
    return list(zip(*(table[name].tolist() for name in table.columns), strict=True))
