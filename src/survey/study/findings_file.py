"""The file in which a study keeps its findings."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from survey.base.files import AnySource, refuse_sources, system_message, writing
from survey.errors import ExportError, StudyError
from survey.narrative import Finding

__all__ = ["forget_findings", "keep_finding", "stored_findings"]


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


def keep_finding(path: Path, finding: Finding, sources: Sequence[str | Path]) -> None:
    """Add a finding to a file, or put it where one of the same id stands; `sources` are never written."""
    kept = {entry["id"]: entry for entry in stored_findings(path)}
    numbers = {str(key): _plain(value) for key, value in dict(finding.numbers).items()}
    kept[finding.id] = {"id": finding.id, **finding.texts, "numbers": numbers}
    text = json.dumps(list(kept.values()), ensure_ascii=False, indent=1, allow_nan=False)
    with writing(path, sources) as temporary:
        temporary.write_text(text + "\n", encoding="utf-8", newline="\n")


def _plain(value: Any) -> Any:
    """A number as JSON has it; one that is not a number is null."""
    value = value.item() if hasattr(value, "item") else value
    return None if isinstance(value, float) and not math.isfinite(value) else value


def forget_findings(path: Path, sources: Iterable[AnySource]) -> None:
    """Remove the findings of earlier runs; the file is no source of the study.

    Raises
    ------
    ExportError
        If the file is a source, or cannot be removed.
    """
    refuse_sources(path, sources)
    try:
        path.unlink(missing_ok=True)
    except OSError as problem:
        raise ExportError(
            "The findings of the last run cannot be removed.",
            where=path,
            got=system_message(problem),
            expected="a file that can be removed",
            fix="close it in other programs, or delete it manually",
        ) from problem
