"""What drivers are asked of: the outcome, the respondents who have everything, groups of predictors, and refusals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from survey.base.arguments import listed
from survey.base.arrays import Array
from survey.base.names import columns_named
from survey.base.suggestions import did_you_mean
from survey.compare.asked import shares_asked
from survey.core.sample_data import SampleData
from survey.counting.cells import Grouping
from survey.errors import EstimationError, shorten
from survey.estimation.answer_sets import counted_answers
from survey.estimation.items import Names, answers_of, numbers_of
from survey.models.scale_items import ScaleItems, people_in
from survey.models.shapley import MOST_PREDICTORS

__all__ = [
    "Players",
    "outcome_of",
    "players_of",
    "refuse_collinear",
    "refuse_number",
    "refuse_separated",
    "respondents_of",
]

_COLLINEAR = 1e-8
Players = dict[str, tuple[int, ...]]
"""Groups of predictors that enter a regression together, by name: the places of their predictors."""


def players_of(sample: SampleData, groups: Mapping[str, Names] | None, scale: ScaleItems) -> Players:
    """Who shares R2: groups in their order, then each predictor that is in none.

    Raises
    ------
    EstimationError
        If a group holds what is no predictor, a predictor is in two, or everything is in one.
    """
    if groups is None:
        return {}
    where = "drivers(groups=...)"
    if not isinstance(groups, Mapping) or not groups:
        raise EstimationError(
            "Groups of predictors must be given by name.",
            where=where,
            got=shorten([groups]),
            expected='a dict such as {"Staff": ["FR01", "FR02"]}',
        )
    found: Players = {}
    for name, members in groups.items():
        names = columns_named(listed(members), sample.data.columns)
        strange = [n for n in names if n not in scale.items]
        if strange or not names:
            raise EstimationError(
                "A group holds what is not a predictor.",
                where=f"{where}, {name}",
                got=shorten(strange) or "no predictors",
                expected=shorten(scale.items),
                fix=did_you_mean(strange, scale.items),
            )
        found[str(name)] = tuple(dict.fromkeys(scale.items.index(n) for n in names))
    taken = [j for places in found.values() for j in places]
    twice = sorted({scale.items[j] for j in taken if taken.count(j) > 1})
    if twice:
        raise EstimationError(
            "A predictor is in two groups.",
            where=where,
            got=shorten(twice),
            expected="each predictor in one group at most",
        )
    alone = {scale.items[j]: (j,) for j in range(len(scale.items)) if j not in taken}
    same = sorted(found.keys() & alone.keys())
    if same:
        raise EstimationError(
            "A group is called like a predictor that is not in it.",
            where=where,
            got=shorten(same),
            fix="give the group another name",
        )
    players = {**found, **alone}
    if len(players) < 2:
        raise EstimationError(
            "All predictors are in one group, so there is nothing to share.",
            where=where,
            got=shorten(players),
            expected="two groups, or predictors beside the group",
        )
    return players


def refuse_number(outcome: str, scale: ScaleItems) -> None:
    """Raise for an outcome that is one of the predictors, or too many of these."""
    if outcome in scale.items:
        raise EstimationError(
            "The outcome is one of the predictors.",
            where="drivers(predictors=...)",
            got=outcome,
            expected="other items than the outcome",
            fix="leave it out",
        )
    if len(scale.items) > MOST_PREDICTORS:
        raise EstimationError(
            "Too many predictors for shares of R2: every subset of them is looked at.",
            where="drivers(predictors=...)",
            got=f"{len(scale.items)} predictors, 2^{len(scale.items)} subsets",
            expected=f"at most {MOST_PREDICTORS}",
            fix="name scores in place of the items that belong together, such as responses.score('friendliness')",
        )


def outcome_of(sample: SampleData, name: str, asked: dict[str, Any]) -> tuple[Array, tuple[Any, ...]]:
    """The outcome of each respondent, NaN where there is none, and which answers count; a high number is good."""
    if shares_asked(asked):
        coded = answers_of(sample, name)
        hit, counted = counted_answers(sample, name, coded, asked)
        return np.append(hit, np.nan)[coded.code], counted
    values = numbers_of(sample, name)
    turned = name in sample.codebook and sample.codebook[name].direction < 0
    return (-values if turned else values), ()


def respondents_of(sample: SampleData, scale: ScaleItems, y: Array, groups: Grouping) -> NDArray[np.int64]:
    """Respondents of the domain who have everything."""
    inside = scale.complete & ~np.isnan(y) & (groups.code < len(groups))
    if sample.structure.counted is not None:
        inside &= sample.structure.counted
    used = np.flatnonzero(inside)
    least = len(scale.items) + 2
    if (n := people_in(sample.structure, used)) < least:
        raise EstimationError(
            "Too few respondents answered the outcome and all predictors.",
            where=shorten(scale.items),
            got=f"{n} respondents",
            expected=f"{least} or more",
            fix="leave out predictors that only some were asked",
        )
    return used


def refuse_collinear(scale: ScaleItems, joint: Array, outcome: str, constant: NDArray[np.bool_]) -> None:
    """Raise for predictors that do not vary or that others already say, by the covariance with the outcome."""
    if constant.any():
        raise EstimationError(
            "A predictor has the same answer from everyone, or from everyone in each group.",
            where="drivers(predictors=...)",
            got=shorten(np.array(scale.items)[constant]),
            expected="predictors that vary",
            fix="leave it out",
        )
    if not joint[-1, -1] > 0:
        raise EstimationError(
            "The outcome is the same for everyone, or for everyone in each group.",
            where=outcome,
            expected="answers that differ",
            fix="choose other answers to count, or another outcome",
        )
    found = []
    left = joint[:-1, :-1] / np.sqrt(np.outer(np.diag(joint)[:-1], np.diag(joint)[:-1]))
    for j, name in enumerate(scale.items):
        pivot = left[j, j]
        if pivot <= _COLLINEAR:
            found.append(name)
            continue
        left = left - np.outer(left[:, j], left[j]) / pivot
    if found:
        raise EstimationError(
            "Predictors are collinear: one is a combination of those before it.",
            where="drivers(predictors=...)",
            got=shorten(found),
            expected="predictors that each tell something of their own",
            fix="leave it out; a score stands for its items, so name either the score or the items",
        )


def refuse_separated(effects: Array, outcome: str) -> None:
    """Raise where the logistic model has no solution."""
    if np.isnan(effects).any():
        raise EstimationError(
            "The logistic model has no solution: a predictor tells the outcome of everyone.",
            where=outcome,
            expected="answers that no combination of predictors tells apart exactly",
            fix="count other answers (top=), leave out the predictor, or use the linear model of the mean",
        )
