"""Notes of other verbs on items that are options of a select-all question, declared or only looking so."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd

from survey.base.catalogue import Note
from survey.codebook._set_texts import list_call, list_separator, read_text
from survey.codebook.sets import set_of
from survey.core.sample_data import SampleData, answers_in
from survey.estimation.held_answers import counts_kept, lone_kept

__all__ = ["list_notes", "option_notes"]

_LOOK = 500
"""Rows that are looked at first: a column of several answers shows them early."""


def option_notes(sample: SampleData, names: Sequence[str]) -> list[Note]:
    """What a reader must know of items that are options, or hold one answer and are empty otherwise."""
    notes = []
    for name in names:
        question = set_of(sample.codebook, [name])
        if question is not None:
            notes.append(Note("notes.option_of", item=name, call=f"sample.select_all({question.name!r})"))
        if name in answers_in(sample).columns and _one_answer(sample, name):
            notes.append(Note("notes.one_answer", item=name))
    return notes


def list_notes(sample: SampleData, names: Sequence[str], levels: Iterable[Any] = ()) -> list[Note]:
    """What a reader must know of items whose answers list several options each: a share counts exact lists.

    Parameters
    ----------
    sample : Sample
    names : sequence of str
    levels : iterable
        The answers that were asked for, of a share; without them all that a column holds is looked at.
    """
    notes = []
    asked = list(levels)
    for name in names:
        if name not in answers_in(sample).columns or pd.api.types.is_numeric_dtype(answers_in(sample)[name].dtype):
            continue
        column = answers_in(sample)[name]
        found = [separator for level in asked if (separator := list_separator(column, level))]
        if not asked and (listed := read_text(column)) is not None:
            found = [listed[0]]
        if found:
            call = list_call(name, found[0])
            notes.append(Note("notes.lists_options", item=name, call=call, verb=f"sample.select_all({name!r})"))
    return notes


def _one_answer(sample: SampleData, name: str) -> bool:
    """Whether a column holds one answer in several rows, and is empty in others: no one said anything else."""
    if name in (known := lone_kept(sample.responses)):
        return known[name]
    column, counts = answers_in(sample)[name], counts_kept(sample.responses).get(name)
    if counts is not None:
        return len(counts) == 1 and 2 <= next(iter(counts.values())) < len(column)
    if column.iloc[:_LOOK].nunique() > 1:
        return False
    answers = column.dropna()
    return 2 <= len(answers) < len(column) and bool(answers.nunique() == 1)
