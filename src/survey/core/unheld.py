"""Values that a condition asks for and nobody has: a slip chooses other people than were meant, in silence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from survey.base.catalogue import Note
from survey.base.expressions import compared_values
from survey.base.names import column_named, composed_value
from survey.base.stored import shown
from survey.base.suggestions import near
from survey.base.text import written
from survey.codebook import Variable
from survey.codebook.told import may_be_shown
from survey.core.responses_data import ResponsesData
from survey.core.sample_data import SampleData
from survey.errors import EstimationError, shorten

__all__ = ["Unheld", "keep_unlisted", "refuse_empty", "unheld", "unheld_remark"]

_MOST = 5
"""Values that are noted one by one."""
_PRIVATE = ("personal", "pseudonym", "id")


@dataclass(frozen=True, slots=True)
class Unheld:
    """A value that a condition compares a column with and nobody has.

    Parameters
    ----------
    column : str
    value : str
        As it is written.
    meant : str
        What may be meant by it, or "".
    answer : bool
        Whether the codebook has it: an answer that nobody gave.
    """

    column: str
    value: str
    meant: str = ""
    answer: bool = False

    @property
    def note(self) -> Note:
        """What a reader of a result must know of it."""
        if self.answer:
            return Note("notes.nobody_answered", column=self.column, value=self.value)
        if self.meant:
            return Note("notes.nobody_has_meant", column=self.column, value=self.value, meant=self.meant)
        return Note("notes.nobody_has", column=self.column, value=self.value)

    def __str__(self) -> str:
        if self.answer:
            return f"nobody gave the answer {self.value} to {self.column}"
        return f"nobody has {self.column} = {self.value}"


def unheld(self: ResponsesData | SampleData, where: object) -> tuple[Unheld, ...]:
    """Find the values that a condition names and nobody in the data has, with what may be meant.

    Only values that a column is compared with by == or `in` are looked at: a threshold need not be anyone's age. By
    != only texts that look like a slip are: "not 99" is said to be safe. A code of the codebook is no slip.
    """
    if not isinstance(where, str):
        return ()
    found: list[Unheld] = []
    data = self.data
    unlisted = (self.responses if isinstance(self, SampleData) else self).once(_unlisted)
    for name, value, equal in compared_values(where):
        column_name = column_named(name, data.columns)
        if column_name in unlisted:
            continue
        answers = _held(data[column_name], value) if column_name in data.columns else None
        if answers is None:
            continue
        variable = self.codebook.variables.get(composed_value(column_name))
        known = variable is not None and (value in variable.codes or value in variable.missing)
        meant = "" if known else shorten(_meant(value, answers, variable), 3)
        if equal or meant:
            found.append(Unheld(name, _quoted(value), meant, known))
    return tuple(dict.fromkeys(found))[:_MOST]


def keep_unlisted(responses: ResponsesData, names: Iterable[str]) -> None:
    """Keep which columns do not hold all values that somebody has: of these nobody knows what is not held."""
    responses.once(_unlisted).update(names)


def _unlisted(responses: ResponsesData) -> set[str]:
    return set()


def unheld_remark(self: ResponsesData | SampleData, condition: object) -> str:
    """What a line of the log says of the values of a condition that nobody has: "; nobody has q = 9", or ""."""
    return "".join(
        f"; {one}" + (f", did you mean {one.meant}?" if one.meant else "") for one in unheld(self, condition)
    )


def refuse_empty(found: Sequence[Unheld]) -> None:
    """Raise for a domain without people, which values that nobody has may explain."""
    meant = [one.meant for one in found if one.meant]
    raise EstimationError(
        "The domain is empty.",
        where="where=",
        got=shorten(found, _MOST),
        expected="values that someone has",
        fix=f"did you mean {shorten(meant, 3)}?" if meant else "check the condition",
    )


def _held(column: pd.Series, value: Any) -> Counter[Any] | None:
    """How many rows hold each text of a column; None where the value is held, or is of another kind."""
    dtype = column.dtype
    if pd.api.types.is_bool_dtype(dtype) or pd.api.types.is_datetime64_any_dtype(dtype):
        return None
    if pd.api.types.is_numeric_dtype(dtype):
        return None if isinstance(value, str) or bool((column == value).any()) else Counter()
    if bool((column.astype(object) == value).any()):
        return None
    counts: Counter[Any] = Counter()
    for answer, n in column.value_counts().items():
        counts[composed_value(answer)] += int(n)
    if counts[composed_value(value)]:
        return None
    same_kind = [isinstance(a, str) == isinstance(value, str) for a in counts]
    return counts if all(same_kind) and counts and not _dates(counts) else None


def _dates(answers: Counter[Any]) -> bool:
    return not all(isinstance(a, str | int | float) for a in answers)


def _meant(value: Any, answers: Counter[Any], variable: Variable | None) -> list[str]:
    """What may be meant by a text: the code that it labels, or an answer spelled nearly so."""
    if not isinstance(value, str) or (variable is not None and variable.role in _PRIVATE):
        return []
    labels = {} if variable is None else variable.labels
    codes = [code for code, texts in labels.items() if composed_value(value) in texts.values()]
    if codes:
        return [_quoted(code) for code in codes]
    known = [a for a, n in answers.items() if a in labels or may_be_shown(a, n)]
    return [_quoted(a) for a in near([value], known)]


def _quoted(value: Any) -> str:
    return repr(shown(value[:80])) if isinstance(value, str) else written(value)
