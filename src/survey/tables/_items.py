"""What a document is made of: exhibits, and findings between them; protected over all of them, in one language."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from survey.base.language import spoken
from survey.errors import ExportError, shorten
from survey.exhibits._unwritable import writable
from survey.exhibits.exhibit import Exhibit
from survey.exhibits.finding import Finding
from survey.exhibits.linked import protected

__all__ = ["Item", "exhibits_of", "language_of_items", "listed", "only_exhibits", "refuse_others"]

Item = Exhibit | Finding


def listed(items: Item | Sequence[Item], path: str | os.PathLike[str], ending: str) -> list[Item]:
    """The items as a list, exhibits protected over all of them, for a file whose name ends as it must.

    Raises
    ------
    ExportError
        If there are none, one is neither an exhibit nor a finding, or the name ends otherwise.
    """
    chosen = list(items) if isinstance(items, Sequence) else [items]
    if not chosen:
        raise ExportError("There is nothing to write.", where=path, got="no exhibits", expected="at least one")
    refuse_others(chosen, path)
    if Path(path).suffix.lower() != ending:
        raise ExportError(
            "The file name has the wrong extension.", got=Path(path).name, expected=f"one ending in {ending}"
        )
    exhibits = exhibits_of(chosen)
    if len(exhibits) > 1:  # what one hides must not follow from the others
        safe = iter(protected(exhibits))
        chosen = [next(safe) if isinstance(item, Exhibit) else item for item in chosen]
    return [writable(item, item.name or path) if isinstance(item, Exhibit) else item for item in chosen]


def refuse_others(items: Sequence[object], where: object) -> None:
    """Raise where something is neither an exhibit nor a finding."""
    wrong = [type(item).__name__ for item in items if not isinstance(item, Exhibit | Finding)]
    if wrong:
        raise ExportError(
            "A document is made of figures, tables and findings.",
            where=where,
            got=shorten(wrong),
            expected="exhibits of sv.figures and sv.tables, findings of sv.narrative",
            fix="make a table of a result first: sv.tables.table(e)",
        )


def exhibits_of(items: Sequence[Item]) -> list[Exhibit]:
    """The figures and tables among the items."""
    return [item for item in items if isinstance(item, Exhibit)]


def only_exhibits(items: Sequence[Item], where: object, fix: str) -> list[Exhibit]:
    """The items, if all are exhibits.

    Raises
    ------
    ExportError
        If a finding is among them.
    """
    findings = [item.id for item in items if isinstance(item, Finding)]
    if findings:
        raise ExportError(
            "A finding has no place here.", where=where, got=shorten(findings), expected="figures and tables", fix=fix
        )
    return exhibits_of(items)


def language_of_items(items: Sequence[Item]) -> str:
    """The language of the first exhibit; where there is none, the one that `sv.language` set, else Vietnamese."""
    exhibits = exhibits_of(items)
    return exhibits[0].lang if exhibits else spoken()[0]
