"""The columns of the questions of a form: each its own, whatever the names of groups and options."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from survey.errors import CodebookError
from survey.io.xlsform.question_types import NO_ANSWER
from survey.io.xlsform.questions import Question

__all__ = ["Columns", "columns_of", "place_of", "safe"]

_MOST = 200_000
Place = tuple[str, ...]
Columns = tuple[Mapping[Place, str], Mapping[tuple[Place, str], str]]
"""Of questions by their place in the form, and of options by the place and the code as written."""


def safe(code: Any) -> str:
    """A code as the end of a column name: -98 is _98."""
    return re.sub(r"\W", "_", str(code))


def place_of(question: Question) -> Place:
    """The names of the groups around a question, and its own."""
    return (*question.path, question.name)


def columns_of(questions: Sequence[Question]) -> Columns:
    """A separate column for each question and option.

    A question is called by its name; with its groups before it where questions in different groups have one name;
    an option by its question and its code. Where two would meet (`p_name` and `name` in the group `p`; the option
    `other` of `q` and the question `q_other`), the question that is called so keeps the name, and the other is joined
    by two underscores.
    """
    several = sum(len(q.choices) for q in questions if q.kind == "select_multiple")
    if several > _MOST:
        raise CodebookError(
            "The form has too many columns.",
            got=f"{several:,} options of questions with several answers",
            expected=f"{_MOST:,} at most",
        )
    count = Counter(q.name for q in questions)
    answered = [q for q in questions if q.kind not in NO_ANSWER]
    columns: dict[Place, str] = {place_of(q): q.name for q in questions if count[q.name] == 1}
    taken = {q.name for q in answered if count[q.name] == 1}
    for q in answered:
        if place_of(q) not in columns:
            place = place_of(q)
            columns[place] = _free((joint.join(place) for joint in ("_", "__")), taken)
    options: dict[tuple[Place, str], str] = {}
    for q in answered:
        if q.kind == "select_multiple":
            name = columns[place_of(q)]
            for code in q.choices:
                options[place_of(q), code] = _free((f"{name}{joint}{safe(code)}" for joint in ("_", "__")), taken)
    return columns, options


def _free(names: Iterable[str], taken: set[str]) -> str:
    """The first of the names that is not taken; the last one with a number if all are."""
    name = last = ""
    for name in names:
        last = name
        if name not in taken:
            break
    number = 2
    while name in taken:
        name, number = f"{last}_{number}", number + 1
    taken.add(name)
    return name
