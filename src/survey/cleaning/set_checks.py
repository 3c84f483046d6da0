"""Checks of select-all questions that nobody declared, each with the call that declares it."""

from __future__ import annotations

from collections.abc import Iterator

from survey.base.catalogue import Note
from survey.cleaning.check_report import Broken, broken
from survey.codebook.set_finder import SelectAll, find_select_all
from survey.core.responses_data import ResponsesData
from survey.privacy.scan import quick_look

__all__ = ["found_sets"]


def found_sets(self: ResponsesData) -> Iterator[Broken]:
    """A warning a set, at its first column; not for columns of 0 and 1 that may as well be questions of their own."""
    for one in self.once(_found):
        if one.sure:
            key = {"text": "found.select_all_text", "mentions": "found.mentions"}.get(one.shape, "found.select_all")
            note = Note(key, call=one.call) if one.shape == "text" else Note(key, n=len(one.columns), call=one.call)
            yield broken(self, "select-all", one.columns[0], "warning", None, note)


def _found(self: ResponsesData) -> tuple[SelectAll, ...]:
    return find_select_all(self.data, self.codebook, self.once(quick_look))
