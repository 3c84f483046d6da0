"""What stands beside estimates of answers, whoever counted them: notes, the answers meant, items without an order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from survey.base.arrays import Array
from survey.core.sample_data import SampleData
from survey.counting.cells import Coded
from survey.estimates import Estimates
from survey.estimation.answer_sets import counted_answers, has_order
from survey.estimation.direction_notes import end_notes, mean_notes, order_notes
from survey.estimation.inferred import counted_note, refuse_nonanswers, scale_notes
from survey.estimation.items import known_scale
from survey.estimation.set_notes import list_notes, option_notes

__all__ = ["Share", "of_distributions", "of_means", "of_numbers", "of_shares", "share_of"]


@dataclass(frozen=True, slots=True)
class Share:
    """The answers that a share counts, whether the scale was guessed, and 1, hit, hit squared by answer."""

    answers: tuple[Any, ...]
    guessed: bool
    features: Array


def share_of(sample: SampleData, name: str, coded: Coded, asked: Mapping[str, Any]) -> Share:
    """Which answers of an item a share counts: `asked` has levels, top, bottom and net.

    Raises
    ------
    EstimationError
        If they are none, or answers that are no answers.
    """
    hit, answers = counted_answers(sample, name, coded, asked)
    if asked["levels"] is None:
        refuse_nonanswers(sample, name, asked, answers)
    guessed = asked["levels"] is None and not known_scale(sample, name, coded)
    return Share(answers, guessed, np.stack([np.ones(len(hit)), hit, hit * hit], axis=1))


def of_means(
    result: Estimates, sample: SampleData, names: Sequence[str], rescale: tuple[float, float] | None
) -> Estimates:
    """Means with their notes and their scale."""
    notes = (*result.notes, *scale_notes(sample, names), *mean_notes(sample, names), *option_notes(sample, names))
    return replace(result, notes=notes) if rescale is None else replace(result, notes=notes, scale=rescale)


def of_numbers(result: Estimates, sample: SampleData, names: Sequence[str]) -> Estimates:
    """Totals and ratios with the scales that they are of."""
    return replace(result, notes=(*result.notes, *scale_notes(sample, names, shown=True)))


def of_shares(
    result: Estimates, sample: SampleData, names: Sequence[str], asked: Mapping[str, Any], shares: Sequence[Share]
) -> Estimates:
    """Shares of a set of answers with their notes, and the set where it is the same of all."""
    levels, counted = asked["levels"], [share.answers for share in shares]
    notes = list(result.notes)
    for name, share in zip(names, shares, strict=True):
        notes += [counted_note(sample, name, asked, share.answers)] if share.guessed else []
    notes += end_notes(sample, asked, dict(zip(names, counted, strict=True)))
    notes += scale_notes(sample, names, shown=True, asked=() if levels is None else levels)
    notes += [*option_notes(sample, names), *(() if levels is None else list_notes(sample, names, levels))]
    return replace(result, answers=counted[0] if len(set(counted)) == 1 else (), notes=tuple(notes))


def of_distributions(result: Estimates, sample: SampleData, names: Sequence[str]) -> Estimates:
    """Shares of every answer with their notes, and the items whose answers have no order."""
    notes = (*result.notes, *scale_notes(sample, names), *order_notes(sample, names), *option_notes(sample, names))
    unordered = tuple(name for name in names if not has_order(sample, name))
    return replace(result, notes=(*notes, *list_notes(sample, names)), unordered=unordered)
