"""What may be meant by answers that are not on an item's scale."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Any

import pandas as pd

from survey.base.suggestions import did_you_mean, near
from survey.base.text import written
from survey.codebook import Variable
from survey.codebook._set_texts import list_call, list_separator
from survey.codebook.told import may_be_shown
from survey.errors import shorten

__all__ = ["meant_answers"]


def meant_answers(column: pd.Series, variable: Variable | None, absent: list[Any], answers: Iterable[Any]) -> str:
    """What may be meant by answers that are not on the scale: a text for a number, a label for its code, a slip."""
    codes = {t: code for code, texts in ({} if variable is None else variable.labels).items() for t in texts.values()}
    by_label = [codes[v] for v in absent if isinstance(v, str) and v in codes]
    if by_label:
        return f"levels= takes codes: {shorten(map(repr, by_label))}"
    separator = next(filter(None, (list_separator(column, v) for v in absent)), "")
    if separator:
        call = list_call(str(column.name), separator)
        return f"its answers list several options each: call {call}, then sample.select_all({str(column.name)!r})"
    counts = column.value_counts()
    known = [a for a in answers if not isinstance(a, str) or a in codes.values() or may_be_shown(a, counts.get(a, 0))]
    found = near([v for v in absent if isinstance(v, Hashable)], known)
    if found and any(isinstance(v, str) for v in absent) and not any(isinstance(v, str) for v in found):
        return f"numbers go without quotes: {shorten(map(written, found))}"
    if any(not isinstance(v, str) for v in absent) and any(isinstance(v, str) for v in found):
        return f"text goes in quotes: {shorten(map(repr, found))}"
    return did_you_mean([v for v in absent if isinstance(v, Hashable)], known) or "name answers as the data hold them"
