"""The file in which a study keeps its findings."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from survey.errors import StudyError

__all__ = ["stored_findings"]


def stored_findings(path: Path) -> list[dict[str, Any]]:
    """The findings of a file as JSON has them, in the order they were first kept.

    Raises
    ------
    StudyError
        If the file is damaged.
    """
    if not path.is_file():
        return []
    try:
        entries: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as problem:
        raise StudyError("The findings file is damaged.", where=path, got=problem, fix="remove it") from problem
    whole = isinstance(entries, list) and all(
        isinstance(e, dict) and isinstance(e.get("id"), str) and isinstance(e.get("numbers"), dict) for e in entries
    )
    if not whole:
        raise StudyError(
            "The findings file is damaged.",
            where=path,
            got="JSON of another kind",
            expected="findings that the notebooks kept, each with an id and its numbers",
            fix="remove it",
        )
    return entries
