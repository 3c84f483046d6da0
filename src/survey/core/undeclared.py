"""Non-answers and select-all questions that nobody declared, of some responses: found once, and told in one line."""

from __future__ import annotations

from collections import Counter

from survey.base.catalogue import Note, listed
from survey.codebook.nonanswers import NonAnswer, find_nonanswers
from survey.codebook.set_finder import find_select_all
from survey.codebook.told import describe_values
from survey.core.responses_data import ResponsesData

__all__ = ["code_in_words", "form_notes", "undeclared", "undeclared_note"]

_MOST = 4
_ENOUGH = 20_000  # rows in which a select-all question shows itself
_FEW = 30  # rows: where a number stands apart from so few others, that says nothing


def undeclared(self: ResponsesData) -> tuple[NonAnswer, ...]:
    """Codes and texts that the data hold, that read like missing answers, and that are not declared."""
    return self.once(_found)


def _found(self: ResponsesData) -> tuple[NonAnswer, ...]:
    return find_nonanswers(self.data, self.codebook)


def undeclared_note(self: ResponsesData) -> Note | None:
    """What a file holds and does not declare, in one line: non-answers, select-all questions; None for neither."""
    said = [note for note in (_nonanswers_note(self), _sets_note(self)) if note is not None]
    return None if not said else said[0] if len(said) == 1 else Note("parts.in_turn", first=said[0], last=said[1])


def _sets_note(self: ResponsesData) -> Note | None:
    """How many select-all questions are not declared, by name; None where there are none."""
    names = self.once(_sets)
    return Note("nonanswers.sets", n=len(names), names=listed(names, _MOST)) if names else None


def _sets(self: ResponsesData) -> tuple[str, ...]:
    found = find_select_all(self.data.head(_ENOUGH), self.codebook)
    return tuple(one.name for one in found if one.sure)


def _nonanswers_note(self: ResponsesData) -> Note | None:
    """How many columns hold such answers, the most frequent codes first; None where there are none."""
    few = len(self.data) < _FEW
    held = [one for one in undeclared(self) if one.rows and (one.sure or not few or one.reason == "shared")]
    if not held:
        return None
    sure = [one for one in held if one.sure]
    spread = Counter((code_in_words(self, one), one.sure) for one in held)
    first = sorted(spread, key=lambda key: (not key[1], -spread[key]))
    codes = listed([Note("nonanswers.code", code=code, n=spread[code, said]) for code, said in first], _MOST)
    key = "nonanswers.told_sure" if sure else "nonanswers.told"
    return Note(key, n=len({one.variable for one in held}), codes=codes)


def code_in_words(self: ResponsesData, one: NonAnswer) -> str:
    """A code with its label, as far as it may be shown: 8 "Don't know"."""
    if one.label:
        return f"{one.code} “{one.label}”"
    if one.sure and isinstance(one.code, str):  # words of a list, or a letter
        return f".{one.code}" if one.reason == "letter" else f"“{one.code}”"
    column = self.data[one.variable]
    return describe_values([one.code], self.codebook.variables.get(one.variable), column=column)


def form_notes(self: ResponsesData) -> tuple[str, ...]:
    """What was noted when the form was made a codebook: bases that could not be written, types nobody knows."""
    notes = self.codebook.extra.get("notes", ())
    return tuple(n for n in notes if isinstance(n, str)) if isinstance(notes, tuple | list) else ()
