"""Notes on estimates: those told apart by equality, read in any language; and notes as exhibits print them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from survey.base.catalogue import Note
from survey.words import locale as loc

__all__ = [
    "ALIKE",
    "ALONE",
    "BY_DESIGN",
    "CALIBRATED",
    "CLUSTERED_END",
    "KORN_GRAUBARD_END",
    "silent_notes",
    "without_calls",
]

CALIBRATED = Note("notes.calibrated")
BY_DESIGN = Note("notes.by_design")
KORN_GRAUBARD_END = Note("notes.korn_graubard_end")
CLUSTERED_END = Note("notes.clustered_end")
ALONE = Note("notes.alone")
ALIKE = Note("notes.alike")

_CALL = re.compile(r"\b(?:responses|sample|codebook|sv)\.\w|\b[a-z]\w*\((?:\.\.\.)?\)")
"""What whoever computes would type."""


def without_calls(note: str) -> str:
    """A note as an exhibit prints it: readers of a report are not told what to type.

    Examples
    --------
    >>> without_calls("age: numbers kept as text are taken as categories; responses.to_number(...) makes numbers")
    'age: numbers kept as text are taken as categories'
    """
    kept = [clause for clause in note.split("; ") if not _CALL.search(clause)]
    return "; ".join(kept) or note


_SILENT = {"dont_know": "dont_know_note", "refused": "refused_note"}


def silent_notes(reasons: Sequence[str], lang: str) -> list[str]:
    """What the shares without an opinion are of, said once where there are two."""
    if len(reasons) == 2:
        return [loc.word("silent_both_note", lang)]
    return [loc.word(_SILENT[reason], lang) for reason in reasons]
