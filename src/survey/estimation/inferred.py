"""What a reader must know of a scale that nobody declared: which answers were taken, and which look like none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.base.catalogue import Note, listed
from survey.base.expressions import Where, column_names, constants
from survey.base.names import columns_named, composed_value
from survey.codebook import Variable
from survey.codebook.nonanswers import NonAnswer, find_nonanswers
from survey.codebook.told import describe_values
from survey.core.columns import is_code, numeric
from survey.core.responses_data import ResponsesData
from survey.core.sample_data import SampleData, answers_in
from survey.core.undeclared import code_in_words, undeclared
from survey.counting.cells import code_answers
from survey.errors import EstimationError, shorten
from survey.estimation.held_answers import counts_kept, keep_counts

__all__ = ["LONGEST_SCALE", "answers_held", "counted_note", "refuse_nonanswers", "scale_notes", "where_notes"]

LONGEST_SCALE = 11
"""More different numbers are no scale: the children of a household, an age."""
_MOST_CELLS = 1_000_000
"""In larger data only the items themselves are looked at: a code that stands apart in one, not in many."""
_MOST_NAMED = 6
_MEASURED = ("score", "weight", "stratum", "psu", "fpc", "replicate", "frame", "paradata")


def _suspects(sample: SampleData, names: Sequence[str]) -> list[NonAnswer]:
    """Undeclared non-answers among some items, looked for once in the same responses."""
    responses, data = sample.responses, answers_in(sample)
    if data.size <= _MOST_CELLS:
        return [one for one in undeclared(responses) if one.rows and one.variable in set(names)]
    kept = responses.once(_by_column)
    missing = [name for name in names if name not in kept]
    kept |= {name: [] for name in missing}
    counted = {name: counts for name, counts in counts_kept(responses).items() if counts is not None}
    for one in find_nonanswers(data[missing], responses.codebook, counted=counted) if missing else ():
        kept[one.variable].append(one)
    return [one for name in names for one in kept[name] if one.rows]


def _by_column(responses: ResponsesData) -> dict[str, list[NonAnswer]]:
    return {}


def answers_held(sample: SampleData, name: str) -> tuple[Any, ...] | None:
    """The answers to an item that occur, in order; None where they are more than a list has."""
    kept = counts_kept(sample.responses)
    if name not in kept:
        column = answers_in(sample)[name]
        try:
            values = None if column.dtype.kind in "iuf" else numeric(column)  # numbers kept as objects or categories
            coded = code_answers(column if values is None else pd.Series(values), None, required=False)
        except TypeError:  # cells that are no single answers
            coded = None
        keep_counts(sample.responses, name, coded)
    counts = kept[name]
    return None if counts is None else tuple(sorted(counts))


def scale_notes(
    sample: SampleData, names: Iterable[str], *, shown: bool = False, asked: Iterable[Any] = ()
) -> list[Note]:
    """Notes on items whose scale is inferred, or holds what looks like a non-answer.

    Parameters
    ----------
    sample : Sample
    names : iterable of str
    shown : bool
        The answers need not be listed: the result is no summary of a scale, or says itself which were counted.
    asked : iterable
        Answers whose share was asked for by name: of these nothing is said, of others that stand in its base it is.
    """
    data = answers_in(sample)
    items = [name for name in dict.fromkeys(names) if name in data.columns and _is_question(sample, name)]
    named = list(asked)
    notes = []
    for name in items:
        if shown or sample.codebook.variables.get(name) is not None:
            continue
        column = data[name]  # `sample.data` is a copy each time
        answers = _scale(sample, name, column)
        if answers is not None:
            notes.append(Note("notes.answers_taken", item=name, answers=_written(sample, name, answers, column)))
    for name, ones in _by_item(one for one in _suspects(sample, items) if one.code not in named).items():
        codes = listed((code_in_words(sample.responses, one) for one in ones), _MOST_NAMED)
        notes.append(Note("notes.looks_missing", item=name, codes=codes))
    return notes


def refuse_nonanswers(sample: SampleData, name: str, asked: Mapping[str, Any], answers: Sequence[Any]) -> None:
    """Raise if the top or bottom answers counted of an item include one that says that nobody answered."""
    composed = {composed_value(a) for a in answers}
    found = [one for one in _suspects(sample, [name]) if one.sure and composed_value(one.code) in composed]
    if not found or not _is_question(sample, name):
        return
    kind, count = next((k, v) for k, v in asked.items() if v is not None)
    raise EstimationError(
        "The highest or lowest answers of an item include one that reads like a non-answer.",
        where=name,
        got=f"{kind}={count} counts {shorten(code_in_words(sample.responses, one) for one in found)}",
        expected="answers",
        fix=f"call responses.declare_missing(columns={name!r}).apply() before sv.Sample(...); "
        "where it is an answer, name the answers with levels=",
    )


def where_notes(sample: SampleData, where: Where, inside: NDArray[np.bool_] | None) -> list[Note]:
    """Notes on what looks like a non-answer, meets a condition on its item, and is not named by the condition.

    Parameters
    ----------
    sample : Sample
    where : str, bool array or callable, optional
        Of an array or a function nobody sees what it compares.
    inside : bool array (rows,), optional
        Who meets it.
    """
    if not isinstance(where, str) or inside is None:
        return []
    spoken = {composed_value(value) for value in constants(where)}
    names = [
        n for n in columns_named(column_names(where), answers_in(sample).columns) if n in answers_in(sample).columns
    ]
    ones = _suspects(sample, [name for name in names if _is_question(sample, name)])
    chosen = [
        one
        for one in ones
        if composed_value(one.code) not in spoken
        and is_code(answers_in(sample).loc[inside, one.variable], [one.code]).any()
    ]
    return [
        Note(
            "notes.chosen_missing",
            item=name,
            codes=listed((code_in_words(sample.responses, one) for one in found), _MOST_NAMED),
        )
        for name, found in _by_item(chosen).items()
    ]


def counted_note(sample: SampleData, name: str, asked: Mapping[str, Any], answers: Sequence[Any]) -> Note:
    """Which answers were counted as the top or bottom ones (`asked`) of a scale that nobody declared."""
    ((kind, count),) = [(k, v) for k, v in asked.items() if v is not None]
    if kind == "net":
        half = len(answers) // 2
        low, high = (_written(sample, name, part) for part in (answers[:half], answers[half:]))
        return Note("notes.counted_net", item=name, count=count, high=high, low=low)
    return Note(f"notes.counted_{kind}", item=name, count=count, answers=_written(sample, name, answers))


def _is_question(sample: SampleData, name: str) -> bool:
    """Whether an item may hold an answer that is none, as a score or a weight does not."""
    variable = sample.codebook.variables.get(name)
    if variable is None:
        return True
    return variable.role not in _MEASURED and variable.type not in ("id", "date")


def _scale(sample: SampleData, name: str, column: pd.Series) -> tuple[Any, ...] | None:
    """The answers to an item of a few whole numbers; None of anything else, and of 0 and 1."""
    if pd.api.types.is_bool_dtype(column.dtype) or (column.dtype.kind not in "iuf" and numeric(column) is None):
        return None
    answers = answers_held(sample, name)
    if answers is None or not 2 <= len(answers) <= LONGEST_SCALE or set(answers) <= {0, 1}:
        return None
    return answers if all(float(a).is_integer() for a in answers) else None


def _by_item(ones: Iterable[NonAnswer]) -> dict[str, list[NonAnswer]]:
    found: dict[str, list[NonAnswer]] = {}
    for one in ones:
        found.setdefault(one.variable, []).append(one)
    return found


def _written(sample: SampleData, name: str, answers: Sequence[Any], column: pd.Series | None = None) -> str:
    variable: Variable | None = sample.codebook.variables.get(name)
    column = answers_in(sample)[name] if column is None else column
    plain = [int(a) if isinstance(a, float) and a.is_integer() else a for a in answers]
    if len(plain) == 2:
        first, last = (describe_values([a], variable, column=column) for a in plain)
        return Note("parts.both", first=first, last=last)
    return describe_values(plain, variable, column=column, limit=LONGEST_SCALE)
