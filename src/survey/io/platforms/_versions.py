"""Several versions of a form as one: what the newest asks, and what earlier ones called it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

from survey.base.catalogue import Note, listed
from survey.codebook import Codebook, Text
from survey.io.platforms._form import SEVERAL, Question, XLSForm, form_of, form_of_codebook, read_form

__all__ = ["Versions", "given_form", "one_form"]


@dataclass(frozen=True, slots=True)
class Versions:
    """A form with the questions and options of its earlier versions.

    Parameters
    ----------
    form : XLSForm
        The newest, with the questions and options that only earlier ones have at the end.
    earlier : tuple of (Question, Question)
        A question as an earlier version asked it, and the one of `form` that it is.
    """

    form: XLSForm
    earlier: tuple[tuple[Question, Question], ...] = ()

    def labels(self, q: Question) -> tuple[Mapping[str, Text], ...]:
        """The options of a question as earlier versions labelled them."""
        mine = (*q.path, q.name)
        return tuple(old.choices for old, new in self.earlier if (*new.path, new.name) == mine and old.choices)


def given_form(paths: Sequence[Path], book: Codebook | None, notes: list[str]) -> Versions:
    """The form of an export: its versions, else what a codebook knows of one, else none."""
    if paths:
        return one_form([read_form(path) for path in paths], notes)
    return Versions(form_of(()) if book is None else form_of_codebook(book))


def one_form(forms: Sequence[XLSForm], notes: list[str]) -> Versions:
    """One form of several versions, the newest last.

    A question of an earlier version is the one of the newest that has its name and groups; else the only one that has
    its name and kind, which was moved; else one that was deleted, and is kept. So are deleted options.
    """
    newest = forms[-1]
    questions = list(newest.questions)
    pairs: list[tuple[Question, tuple[str, ...]]] = []
    moved: list[str] = []
    deleted: list[str] = []
    options: list[str] = []
    lists = {name: dict(texts) for name, texts in newest.lists.items()}
    choices = {name: dict(rows) for name, rows in newest.choices.items()}
    repeats = dict(newest.repeats)
    for form in reversed(forms[:-1]):
        repeats = {**form.repeats, **repeats}
        for name in form.lists:
            lists[name] = {**form.lists[name], **lists.get(name, {})}
            choices[name] = {**form.choices[name], **choices.get(name, {})}
        places = {(*q.path, q.name): k for k, q in enumerate(questions)}
        by_name: dict[str, list[int]] = {}
        for k, q in enumerate(questions):
            by_name.setdefault(q.name, []).append(k)
        i: int | None
        theirs = [q.name for q in form.questions]
        for old in form.questions:
            i = places.get((*old.path, old.name))
            if i is None:
                same = [k for k in by_name.get(old.name, []) if _kind(questions[k]) == _kind(old)]
                i = same[0] if len(same) == 1 and theirs.count(old.name) == 1 else None
                moved += [] if i is None else [old.name]
            if i is None:
                questions.append(old)
                deleted.append(old.name)
                continue
            lost = {c: t for c, t in old.choices.items() if c not in questions[i].choices}
            if lost:
                questions[i] = replace(questions[i], choices=MappingProxyType({**questions[i].choices, **lost}))
                options += [f"{old.name} {code}" for code in lost]
                own, rows = questions[i].list_name, form.choices.get(old.list_name, {})
                lists[own] = {**lists.get(own, {}), **lost}
                choices[own] = {**{c: rows.get(c, {}) for c in lost}, **choices.get(own, {})}
            pairs.append((old, (*questions[i].path, questions[i].name)))
    final = {(*q.path, q.name): q for q in questions}
    for key, names in (
        ("reading.versions_moved", moved),
        ("reading.versions_deleted", deleted),
        ("reading.versions_options", options),
    ):
        if names:
            notes.append(Note(key, names=listed(dict.fromkeys(names), 8)))
    merged = replace(
        newest,
        questions=tuple(questions),
        lists=MappingProxyType(lists),
        choices=MappingProxyType(choices),
        repeats=MappingProxyType(repeats),
        languages=tuple(dict.fromkeys(lang for form in reversed(forms) for lang in form.languages)),
    )
    return Versions(merged, tuple((old, final[key]) for old, key in pairs))


def _kind(q: Question) -> str:
    return "several" if q.kind in SEVERAL else q.kind
