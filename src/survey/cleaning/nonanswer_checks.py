"""Checks of answers that read like missing ones and are not declared, each with the call that mends it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from survey.base.catalogue import Note, listed
from survey.cleaning.check_report import Broken, broken
from survey.codebook.nonanswers import NonAnswer, digits_as_text
from survey.core.columns import is_code
from survey.core.responses_data import ResponsesData
from survey.core.undeclared import code_in_words, undeclared

__all__ = ["found_nonanswers"]


def found_nonanswers(self: ResponsesData) -> Iterator[Broken]:
    """A warning a column for the codes that are sure, one for those that only look so, and one for numbers as text."""
    held = [one for one in undeclared(self) if one.rows and not _declared_by_file(self, one)]
    for (name, sure), group in groupby(held, key=lambda one: (one.variable, one.sure)):
        ones = list(group)
        rows = is_code(self.data[name], [one.code for one in ones])
        key = "found.nonanswers" if sure else "found.nonanswers_unsure"
        codes = listed((code_in_words(self, one) for one in ones), 8)
        yield broken(self, "non-answers", name, "warning", rows, Note(key, codes=codes, call=_call(ones)))
    for name in digits_as_text(self.data, self.codebook):
        call = f"responses.to_number({name!r})"
        yield broken(self, "type", name, "warning", None, Note("found.digits_as_text", call=call))


def _declared_by_file(self: ResponsesData, one: NonAnswer) -> bool:
    """Whether the file declares a code missing; where the codebook does not, another check says so."""
    ranges = self.codebook.extra.get("declared_missing", {}).get(one.variable, ())
    return any(isinstance(one.code, str) == isinstance(low, str) and low <= one.code <= high for low, high in ranges)


def _call(ones: list[NonAnswer]) -> str:
    """What is to be typed."""
    name = ones[0].variable
    if ones[0].sure:
        return f"responses.declare_missing(columns={name!r}).apply()"
    unsure = next((one.kind for one in ones if one.kind), "blank")
    return f"responses.declare_missing(columns={name!r}, unsure={unsure!r}).apply()"
