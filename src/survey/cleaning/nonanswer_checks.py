"""Checks of answers that read like missing ones and are not declared, each with the call that mends it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby

import numpy as np

from survey.base.catalogue import Note, listed
from survey.cleaning.check_report import Broken, broken
from survey.codebook.nonanswers import NonAnswer, digits_as_text
from survey.core.columns import is_code
from survey.core.responses_data import ResponsesData
from survey.core.undeclared import code_in_words, undeclared

__all__ = ["found_nonanswers"]

_APIECE = 3
"""So many columns have a warning each; more have one together, with their names."""
_MOST_CODES, _MOST_COLUMNS = 8, 12


def found_nonanswers(self: ResponsesData) -> Iterator[Broken]:
    """Warnings of codes that are sure, of codes that only look so, and of numbers kept as text.

    Of up to three columns there is one a column, of more one for all of them.
    """
    held = [one for one in undeclared(self) if one.rows and not _declared_by_file(self, one)]
    for sure in (True, False):
        ones = [one for one in held if one.sure == sure]
        columns = [list(group) for _, group in groupby(ones, key=lambda one: one.variable)]
        if len(columns) > _APIECE:
            yield _of_many(self, ones, sure)
            continue
        for few in columns:
            rows = is_code(self.data[few[0].variable], [one.code for one in few])
            key = "found.nonanswers" if sure else "found.nonanswers_unsure"
            codes = listed((code_in_words(self, one) for one in few), _MOST_CODES)
            note = Note(key, codes=codes, call=_call(few, f"columns={few[0].variable!r}"))
            yield broken(self, "non-answers", few[0].variable, "warning", rows, note)
    numbers = digits_as_text(self.data, self.codebook)
    if len(numbers) > _APIECE:
        call = f"responses.to_number({list(numbers)!r})"
        note = Note("found.digits_as_text_many", n=len(numbers), call=call)
        yield broken(self, "type", "", "warning", None, note)
        return
    for name in numbers:
        call = f"responses.to_number({name!r})"
        yield broken(self, "type", name, "warning", None, Note("found.digits_as_text", call=call))


def _of_many(self: ResponsesData, ones: Sequence[NonAnswer], sure: bool) -> Broken:
    """One warning of several columns: their codes, the most frequent first, and their names."""
    rows = np.zeros(len(self.data), dtype=bool)
    for name, group in groupby(ones, key=lambda one: one.variable):
        rows |= is_code(self.data[name], [one.code for one in group])
    spread = Counter(code_in_words(self, one) for one in ones)
    names = list(dict.fromkeys(one.variable for one in ones))
    note = Note(
        "found.nonanswers_many" if sure else "found.nonanswers_unsure_many",
        n=len(names),
        codes=listed([Note("nonanswers.code", code=c, n=n) for c, n in spread.most_common()], _MOST_CODES),
        columns=listed(names, _MOST_COLUMNS),
        call=_call(ones, ""),
    )
    return broken(self, "non-answers", "", "warning", rows, note)


def _declared_by_file(self: ResponsesData, one: NonAnswer) -> bool:
    """Whether the file declares a code missing; where the codebook does not, another check says so."""
    ranges = self.codebook.extra.get("declared_missing", {}).get(one.variable, ())
    return any(isinstance(one.code, str) == isinstance(low, str) and low <= one.code <= high for low, high in ranges)


def _call(ones: Sequence[NonAnswer], columns: str) -> str:
    """What is to be typed."""
    kinds = Counter(one.kind for one in ones if one.kind)
    unsure = "" if ones[0].sure else f"unsure={(kinds.most_common(1)[0][0] if kinds else 'blank')!r}"
    return f"responses.declare_missing({', '.join(part for part in (columns, unsure) if part)}).apply()"
