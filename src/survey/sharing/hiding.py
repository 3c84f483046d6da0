"""Small cells hidden before counts are passed on, what that costs, and between which values estimates then lie.

A cell is what some people of one cluster and group answered; where they are few, whoever knows the cluster may know
them. What is hidden leaves its number of people and its weight with the group, so that estimates can be bounded. If
few people of a group would be hidden, the next smallest cell goes with them: else what is hidden is the difference.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from survey.base.arguments import in_range
from survey.base.codes import Ints
from survey.base.expressions import Where
from survey.errors import EstimationError
from survey.estimation.answer_sets import counted_answers
from survey.estimation.items import Names, answers_of, item_names, numbers_of
from survey.scanning.asked import Question, ask
from survey.sharing.counts import ItemCounts
from survey.sharing.passing import groups_of
from survey.sharing.state import CellsData

__all__ = ["bounds", "hidden", "suppress"]

C = TypeVar("C", bound=CellsData)


def suppress(self: C, smallest: int) -> C:
    """Hide cells of fewer people, and what weights were calibrated to.

    Parameters
    ----------
    smallest : int
        Cells of 1 to `smallest` - 1 people are hidden; in a group where anything is, at least `smallest` people are.

    Returns
    -------
    Cells
        `hidden` says what that costs; estimates that stand on hidden cells are refused, `bounds` says where they lie.
        Sums by calibration variable are left out, as they would show who lives in a cluster: after calibration
        standard errors are no longer possible.

    Raises
    ------
    EstimationError
        For a number below 2.
    """
    in_range(
        smallest,
        "The smallest cell that is shown must have several people.",
        EstimationError,
        where="suppress(smallest)",
        expected="2 or more, such as 5",
        fits=lambda n: n >= 2 and n == int(n),
    )
    tallies = [_hidden(tally, int(smallest)) for tally in self.tallies]
    drawn = self.drawn
    return type(self).made(
        tallies,
        self.codebook,
        self.design,
        drawn,
        len(self),
        None,
        memory=self.memory,
        name=self.name,
        parts=self.parts,
        smallest=max(int(smallest), self.smallest),
    )


def _hidden(tally: ItemCounts, smallest: int) -> ItemCounts:
    cells = tally.cells
    small = cells.n < smallest
    order = np.lexsort((cells.slot, cells.unit, cells.n))
    for group in np.unique(cells.group[small]):
        own = order[cells.group[order] == group]
        before = int(tally.hidden["n"].iloc[group])
        people = before + np.cumsum(cells.n[own])
        enough = int(np.searchsorted(people, smallest)) + 1
        small[own[: max(enough, int(small[own].sum()))]] = True
    kept = cells.some(~small)
    gone = cells.some(small)
    size = len(tally.groups)
    hidden = pd.DataFrame(
        {
            "n": tally.hidden["n"] + np.bincount(gone.group, gone.n, size).astype(np.int64),
            "weight": tally.hidden["weight"] + np.bincount(gone.group, gone.sums[:, 0], size),
        }
    )
    answers = tally.answers
    if answers is not None and len(gone):
        shown = np.bincount(kept.slot, kept.n, tally.slots).astype(np.int64)
        answers = {answer: int(n) for answer, n in zip(answers, shown, strict=False)}
    return replace(tally, cells=kept, margins=None, hidden=hidden, answers=answers)


def hidden(self: CellsData) -> pd.DataFrame:
    """What suppression costs: a row for each question.

    Returns
    -------
    DataFrame
        question; groups and whole (groups of which nothing is hidden: their estimates are exact); people and
        hidden_people; share_people and share_weight (of all that are hidden, 0 to 1).
    """
    rows = []
    for tally in self.tallies:
        n, weight = tally.hidden["n"], tally.hidden["weight"]
        people, total = int(tally.sizes.sum()), float(tally.cells.sums[:, 0].sum() + weight.sum())
        rows.append(
            {
                "question": tally.name,
                "groups": len(tally.groups),
                "whole": int((n == 0).sum()),
                "people": people,
                "hidden_people": int(n.sum()),
                "share_people": n.sum() / people if people else 0.0,
                "share_weight": weight.sum() / total if total else 0.0,
            }
        )
    return pd.DataFrame(rows)


def bounds(
    self: CellsData,
    items: Names,
    levels: Sequence[Any] | None = None,
    top: int | None = None,
    bottom: int | None = None,
    by: Names | None = None,
    where: Where = None,
) -> pd.DataFrame:
    """Between which values a mean, or with levels, top or bottom a share lies, whatever hidden people answered.

    Parameters
    ----------
    items : str or list of str
    levels, top, bottom : optional
        Which answers count, as for `proportion`; without any of them means are bounded.
    by, where : optional

    Returns
    -------
    DataFrame
        item, <by...>, low, high (both the estimate where nothing is hidden), hidden_people, share_hidden (of the
        group's weight, 0 to 1). Sampling error is not in it.

    Raises
    ------
    EstimationError
        For numbers of many values, which have no ends; as `mean` and `proportion`.
    """
    names = item_names(items)
    asked = ask(self, names, by, where)
    wanted = {"levels": levels, "top": top, "bottom": bottom, "net": None}
    share = any(v is not None for v in (levels, top, bottom))
    parts = []
    for name in names:
        tally = self.counts_of(name, asked.groups, where)
        if tally.answers is None:
            raise EstimationError(
                "Numbers of many values have no ends to bound a mean by.", where=name, fix="band them, and count again"
            )
        coded = answers_of(asked.sample, name)
        if share:
            value = counted_answers(asked.sample, name, coded, wanted)[0].astype(float)
        else:
            numbers_of(asked.sample, name)  # raises for what is no number
            value = coded.answers.astype(float)
        parts.append(_bounded(asked, tally, name, dict(zip(coded.answers.tolist(), value.tolist(), strict=True))))
    return pd.concat(parts, ignore_index=True)


def _bounded(asked: Question, tally: ItemCounts, name: str, value: dict[Any, float]) -> pd.DataFrame:
    """Nobody hidden may have answered, or each of them either end: an average is extreme at one of these."""
    group, sizes, _ = groups_of(tally, asked.groups, asked.where)
    size, k = len(asked.groups), tally.numbers
    lines = tally.cells
    keep = (group[lines.group] >= 0) & (lines.slot < k)
    worth = np.array([value[a] for a in tally.answers or ()])
    at: Ints = group[lines.group[keep]]
    w = lines.sums[keep, 0]
    weight = np.bincount(at, w, size)
    total = np.bincount(at, w * worth[lines.slot[keep]], size)
    inside = group >= 0
    gone, people = (np.bincount(group[inside], tally.hidden[c].to_numpy(float)[inside], size) for c in ("weight", "n"))
    ends = min(value.values()), max(value.values())
    with np.errstate(invalid="ignore", divide="ignore"):
        low, high = ((total + gone * end) / (weight + gone) for end in ends)
        seen = total / weight
        everyone = np.bincount(
            group[lines.group[group[lines.group] >= 0]], lines.sums[group[lines.group] >= 0, 0], size
        )
        hidden_share = gone / (everyone + gone)
    low, high = np.fmin(low, seen), np.fmax(high, seen)
    there = sizes[:-1] > 0
    table = pd.DataFrame({"item": name}, index=asked.groups.labels.index)
    for column in asked.groups.labels:
        table[column] = asked.groups.labels[column].array
    table = table.assign(low=low, high=high, hidden_people=people.astype(int), share_hidden=hidden_share)
    return table.loc[there]
