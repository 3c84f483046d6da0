"""Notes of other verbs on items that are options of a select-all question, declared or only looking so."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from survey.base.catalogue import Note
from survey.codebook.sets import set_of
from survey.core.sample_data import SampleData

__all__ = ["option_notes"]

_LOOK = 500
"""Answers that are looked at first: a column of several answers shows them early."""


def option_notes(sample: SampleData, names: Sequence[str]) -> list[Note]:
    """What a reader must know of items that are options, or hold one answer and are empty otherwise."""
    notes = []
    for name in names:
        question = set_of(sample.codebook, [name])
        if question is not None:
            notes.append(Note("notes.option_of", item=name, name=question.name))
        if name in sample.data.columns and _one_answer(sample.data[name]):
            notes.append(Note("notes.one_answer", item=name))
    return notes


def _one_answer(column: pd.Series) -> bool:
    """Whether a column holds one answer in several rows, and is empty in others: no one said anything else."""
    answers = column.dropna()
    if len(answers) < 2 or len(answers) == len(column) or answers.iloc[:_LOOK].nunique() > 1:
        return False
    return bool(answers.nunique() == 1)
