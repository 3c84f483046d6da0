"""Choices of specifications that a study declared, each with when that was: before the data were seen, or later."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from survey.base.catalogue import LANGUAGES, Note, text
from survey.base.suggestions import did_you_mean
from survey.codebook import Text
from survey.errors import StudyError, shorten
from survey.study.plan_file import Declaration
from survey.study.plan_lock import Lock, lock_path, read_lock
from survey.study.specification_file import Choices, plain

__all__ = ["choices_of", "specifications"]


class _Study(Protocol):
    """A study as far as its choices ask."""

    @property
    def path(self) -> Path: ...
    @property
    def declared(self) -> Declaration | None: ...


def specifications(self: Any, *names: str) -> dict[str, dict[str, Any]]:
    """The choices of `[specifications]`, as `sample.specifications(..., choices=...)` takes them.

    Where the plan was locked, its choices count as they were locked. What was declared or changed afterwards is
    labelled so, and a note of the result says when each was declared (docs/plan.md).

    Parameters
    ----------
    *names : str
        Some of them, in this order; all where none is named.

    Returns
    -------
    dict
        By name: what the choice changes, `label` and `declared`.

    Raises
    ------
    StudyError
        If the study declares none, or none of that name; if the lock is not as it was written.

    Examples
    --------
    >>> sample.specifications(  # doctest: +SKIP
    ...     "friendliness", "pilot == 1", "wave", "ward", choices=study.specifications()
    ... )
    """
    study: _Study = self
    found = choices_of(study)
    if not found:
        raise StudyError(
            "The study declares no choices of specifications.",
            where=study.path,
            expected="[specifications.NAME] with what the choice changes",
            fix="add them as docs/study.md describes",
        )
    unknown = [name for name in names if name not in found]
    if unknown:
        raise StudyError(
            "The study declares no such choice of specifications.",
            where=f"{study.path}, [specifications]",
            got=shorten(map(repr, unknown)),
            expected=shorten(found, 20),
            fix=did_you_mean(unknown, found, "give one of these names"),
        )
    return {name: found[name] for name in names or found}


def choices_of(study: _Study) -> dict[str, dict[str, Any]]:
    """The choices that count; empty where the study declares none.

    Raises
    ------
    StudyError
        If the lock is not as it was written.
    """
    lock = read_lock(lock_path(study.path))
    declared: Choices = {} if study.declared is None else study.declared.specifications
    if lock is None:
        note = Note("plan.declared_unlocked")
        return {name: _made(name, choice, _label(name, choice), note) for name, choice in declared.items()}
    return _since(lock, declared)


def _since(lock: Lock, declared: Choices) -> dict[str, dict[str, Any]]:
    """Those that were locked, as they were; and those of now that differ from them."""
    locked = lock.declaration.specifications
    before = Note("plan.declared_locked", date=lock.date.date())
    after = Note("plan.declared_later", date=lock.date.date())
    found = {}
    for name in [*declared, *(name for name in locked if name not in declared)]:
        label = _label(name, declared.get(name, {}))
        if name in locked:
            found[name] = _made(name, locked[name], label, before)
        if name in declared and plain(declared[name]) != plain(locked.get(name, {})):
            later = {lang: text("plan.choice_later", lang, choice=label[lang]) for lang in LANGUAGES}
            own = f"{name}, later" if name in locked else name
            found[own] = _made(own, declared[name], later, after)
    return found


def _made(name: str, choice: Mapping[str, Any], label: Text, declared: Note) -> dict[str, Any]:
    return {**{key: value for key, value in choice.items() if key != "label"}, "label": label, "declared": declared}


def _label(name: str, choice: Mapping[str, Any]) -> dict[str, str]:
    given = choice.get("label") or name
    if isinstance(given, str):
        return dict.fromkeys(LANGUAGES, given)
    return {lang: given.get(lang) or next(iter(given.values())) for lang in LANGUAGES}
