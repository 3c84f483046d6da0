"""Notes of other verbs on items that are options of a select-all question, declared or only looking so."""

from __future__ import annotations

from collections.abc import Sequence

from survey.base.catalogue import Note
from survey.codebook.sets import set_of
from survey.core.sample_data import SampleData
from survey.estimation.held_answers import counts_kept

__all__ = ["option_notes"]

_LOOK = 500
"""Rows that are looked at first: a column of several answers shows them early."""


def option_notes(sample: SampleData, names: Sequence[str]) -> list[Note]:
    """What a reader must know of items that are options, or hold one answer and are empty otherwise."""
    notes = []
    for name in names:
        question = set_of(sample.codebook, [name])
        if question is not None:
            notes.append(Note("notes.option_of", item=name, call=f"sample.select_all({question.name!r})"))
        if name in sample.data.columns and _one_answer(sample, name):
            notes.append(Note("notes.one_answer", item=name))
    return notes


def _one_answer(sample: SampleData, name: str) -> bool:
    """Whether a column holds one answer in several rows, and is empty in others: no one said anything else."""
    column, counts = sample.data[name], counts_kept(sample.responses).get(name)
    if counts is not None:
        return len(counts) == 1 and 2 <= next(iter(counts.values())) < len(column)
    if column.iloc[:_LOOK].nunique() > 1:
        return False
    answers = column.dropna()
    return 2 <= len(answers) < len(column) and bool(answers.nunique() == 1)
