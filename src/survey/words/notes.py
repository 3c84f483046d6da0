"""Notes on estimates whose standard error is 0 or none: told apart by equality, read in any language."""

from __future__ import annotations

from survey.base.catalogue import Note

__all__ = ["ALIKE", "ALONE", "BY_DESIGN", "CALIBRATED", "CLUSTERED_END", "KORN_GRAUBARD_END"]

CALIBRATED = Note("notes.calibrated")
BY_DESIGN = Note("notes.by_design")
KORN_GRAUBARD_END = Note("notes.korn_graubard_end")
CLUSTERED_END = Note("notes.clustered_end")
ALONE = Note("notes.alone")
ALIKE = Note("notes.alike")
