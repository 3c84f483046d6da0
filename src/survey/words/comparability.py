"""Results whose groups cannot be compared fairly, as a test of their items found: every sentence and title says so."""

from __future__ import annotations

from dataclasses import replace

from survey.base.catalogue import Note, as_note
from survey.core.estimates_data import EstimatesData
from survey.core.result import ResultData

__all__ = ["NOT_COMPARABLE", "warning_of", "without_warning"]

NOT_COMPARABLE = "notes.not_comparable"


def warning_of(e: ResultData) -> Note | None:
    """The warning that a result carries, or that what it was made of carries."""
    for note in map(as_note, e.notes):
        if isinstance(note, Note) and note.key == NOT_COMPARABLE:
            return note
    return None if e.origin is None else warning_of(e.origin)


def without_warning(e: EstimatesData) -> EstimatesData:
    """The test of items itself, whose sentence says what the warning says."""
    kept = tuple(note for note in e.notes if getattr(as_note(note), "key", "") != NOT_COMPARABLE)
    return replace(e, notes=kept)
