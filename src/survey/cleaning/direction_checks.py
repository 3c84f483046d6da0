"""A check of scales whose first answer is the good or strong end, as their words say, and nobody declared."""

from __future__ import annotations

from collections.abc import Iterator

from survey.base.catalogue import Note, listed
from survey.cleaning.check_report import Broken, broken
from survey.codebook.ordered import runs_down
from survey.core.responses_data import ResponsesData

__all__ = ["found_directions"]

_MOST_COLUMNS = 12


def found_directions(self: ResponsesData) -> Iterator[Broken]:
    """One warning of all items whose top answers are those of the other end, and which declare no direction."""
    names = [
        v.name
        for v in self.codebook.variables.values()
        if v.name in self.data.columns and not v.direction and v.role == "item" and len(v.labels) > 2 and runs_down(v)
    ]
    if names:
        note = Note("found.runs_down", n=len(names), columns=listed(names, _MOST_COLUMNS), first=repr(names[0]))
        yield broken(self, "direction", names[0] if len(names) == 1 else "", "warning", None, note)
