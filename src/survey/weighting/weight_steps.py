"""The columns of weights that a sample has had, in the order they were made, and what each is called."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from survey.base.arrays import Array
from survey.codebook import LANGUAGES, Codebook, Text
from survey.core.sample_data import SampleData
from survey.design.design import Design
from survey.words import locale

__all__ = ["EQUAL", "WeightStep", "names_of_steps", "step_words", "weight_steps"]

EQUAL = "(equal)"
"""Name of the step at which every row counts once."""


@dataclass(frozen=True, slots=True)
class WeightStep:
    """One column of weights: its name, how it was made ("" for the first) and the weights (rows,).

    Where each row stands for several people alike, weights are those that they have together.
    """

    name: str
    method: str
    weights: Array


def weight_steps(sample: SampleData) -> list[WeightStep]:
    """The weight columns in the order they were made; equal weights where there are none."""
    made = names_of_steps(sample.design)
    if not made:
        people = sample.structure.people
        return [WeightStep(EQUAL, "", np.ones(len(sample)) if people is None else people.astype(float))]
    return [WeightStep(column, method, sample.data[column].to_numpy(float)) for column, method in made]


def names_of_steps(design: Design) -> list[tuple[str, str]]:
    """Each column of weights, and how it was made; none where everyone counts once."""
    columns = [a.weights_before for a in design.adjustments] + ([] if design.weights is None else [design.weights])
    methods = ["", *(a.method for a in design.adjustments)]
    return [(str(column), method) for column, method in zip(columns, methods, strict=False)]


def step_words(steps: Sequence[WeightStep], book: Codebook) -> dict[str, Text]:
    """What each step is called: the first by the codebook, the others by how they were made; never by a column."""
    words: dict[str, Text] = {EQUAL: {code: locale.word("equal_weights", code) for code in LANGUAGES}}
    made: list[str] = []
    for step in steps:
        if step.name == EQUAL:
            continue
        made.append(step.method)
        times = made.count(step.method) if step.method else 1
        words[step.name] = {code: _step_name(step, book, times, code) for code in LANGUAGES}
    return words


def _step_name(step: WeightStep, book: Codebook, times: int, lang: str) -> str:
    """ "Quyền số thiết kế", "Sau hiệu chỉnh theo phân bố biên", "Sau hiệu chỉnh theo phân bố biên, lần 2"."""
    if not step.method:
        return book.short_name(step.name, lang) if step.name in book else locale.word("first_weights", lang)
    name = locale.after(step.method, lang)
    return name if times == 1 else locale.word("again", lang, name=name, times=times)
