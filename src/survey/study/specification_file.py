"""Choices of specifications as `[specifications]` of study.toml has them (docs/study.md): data, and never code."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from survey.base.arguments import in_range, listed
from survey.base.toml import refuse_shapes, refuse_unknown, table
from survey.errors import StudyError, shorten

__all__ = ["Choices", "plain", "restored_choice", "specified"]

Choices = Mapping[str, Mapping[str, Any]]

_SHAPES = {
    **dict.fromkeys(("where", "domain", "treated"), "text"),
    **dict.fromkeys(("within", "without"), "text or texts"),
    "min_answered": "number",
    "label": "words",
}
_KEYS = (*_SHAPES, "items", "weights")
_RESERVED = ("main", "")


def specified(raw: Mapping[str, Any], path: Path) -> Choices:
    """The choices of a study.toml by their name; empty where it has none.

    Raises
    ------
    StudyError
        If a key is unknown or has a value of another kind, a choice changes nothing, or its name is taken.
    """
    entries = table(raw, "specifications", "study", path, StudyError, of_tables=True)
    return MappingProxyType({name: _choice(name, entry, path) for name, entry in entries.items()})


def _choice(name: str, entry: Mapping[str, Any], path: Path) -> Mapping[str, Any]:
    where = f"{path}, [specifications.{name}]"
    if name in _RESERVED:
        raise StudyError(
            "A choice has a name that the toolkit uses.", where=where, got=name, fix="give it another name"
        )
    refuse_unknown(entry, _KEYS, "A choice of specifications", where, StudyError)
    refuse_shapes(entry, _SHAPES, "A choice of specifications", where, StudyError)
    if not set(entry) - {"label"}:
        raise StudyError(
            "A choice of specifications changes nothing.",
            where=where,
            expected=f"one of {shorten([k for k in _KEYS if k != 'label'], len(_KEYS))}",
            fix="say what it changes, or remove it",
        )
    made = dict(entry)
    if "weights" in entry:
        made["weights"] = _weights(entry["weights"], where)
    if "items" in entry:
        made["items"] = _items(entry["items"], where)
    if "min_answered" in entry:
        in_range(
            entry["min_answered"],
            "The share of answered items is out of range.",
            StudyError,
            where=where,
            expected="above 0, at most 1",
            fits=lambda v: 0 < v <= 1,
        )
    for key in ("within", "without"):
        if key in entry:
            made[key] = list(listed(entry[key]))
    return MappingProxyType(made)


def plain(choice: Mapping[str, Any]) -> dict[str, Any]:
    """What a choice changes, without its label, as it is stored: lists sorted, no weights as false."""
    kept = {key: choice[key] for key in sorted(choice) if key in _KEYS and key != "label"}
    for key, value in kept.items():
        if value is None:
            kept[key] = False
        elif isinstance(value, list | tuple):
            kept[key] = sorted(value)
        elif isinstance(value, Mapping):
            kept[key] = {k: value[k] for k in sorted(value)}
    return kept


def restored_choice(stored: Mapping[str, Any]) -> dict[str, Any]:
    """A choice as `plain` stores it."""
    return {key: None if value is False else value for key, value in stored.items()}


def _weights(value: Any, where: str) -> str | None:
    """A column, or none, which TOML has no word for: `weights = false`."""
    if value is False:
        return None
    if not isinstance(value, str):
        raise _wrong(where, f"weights = {value!r}", 'weights = "COLUMN", or weights = false for none')
    return value


def _items(value: Any, where: str) -> dict[str, str]:
    if not isinstance(value, Mapping) or not value or not all(isinstance(v, str) for v in value.values()):
        raise _wrong(where, f"items = {value!r}"[:300], 'items = {friendliness = "another_column"}')
    return dict(value)


def _wrong(where: str, got: str, expected: str) -> StudyError:
    return StudyError(
        "A choice of specifications has a value of the wrong kind.",
        where=where,
        got=got,
        expected=expected,
        fix="correct the value",
    )
