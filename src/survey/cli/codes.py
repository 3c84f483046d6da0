"""Exit codes of the commands."""

from __future__ import annotations

__all__ = ["BAD_INPUT", "BROKEN_RULES", "FINE", "NOT_COMPARED", "STOPPED"]

FINE, BROKEN_RULES, BAD_INPUT, NOT_COMPARED, STOPPED = 0, 1, 2, 3, 130
