"""The codebook of data whose columns are renamed, chosen or put under those of another wave."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from survey.base import catalogue
from survey.base.catalogue import Note, listed
from survey.base.expressions import column_names, with_names
from survey.base.names import column_named
from survey.codebook._compare import differences
from survey.codebook._data import C, CodebookData
from survey.codebook._variable import ANY_CHOSEN, EVERYONE, MultipleSet, Variable
from survey.errors import CodebookError

__all__ = ["MADE", "as_one", "needed", "of_waves", "renamed"]

_DESIGN_ROLES = ("weight", "stratum", "psu", "ssu", "fpc", "replicate", "id")
MADE = ("derived", "score", "frequency", "pseudonym")
"""Roles of columns that cleaning makes: nobody was asked them, and their wording is the formula of each wave."""
_MOST = 12


def renamed(self: C, names: Mapping[str, str]) -> C:
    """The codebook in which some variables have other names, wherever they are named: bases and sets follow.

    Parameters
    ----------
    names : mapping of str to str
        Old name to new name. A variable of the new name that the codebook has already describes the column then.
    """
    variables: dict[str, Variable] = {}
    for name, variable in self.variables.items():
        new = names.get(name, name)
        based = _renamed_base(variable.base, names)
        variables[new] = variable if (new, based) == (name, variable.base) else replace(variable, name=new, base=based)
    sets = {
        key: replace(
            one,
            variables=tuple(names.get(n, n) for n in one.variables),
            exclusive=tuple(names.get(n, n) for n in one.exclusive),
            base=_renamed_base(one.base, names),
        )
        for key, one in self.sets.items()
    }
    extra = dict(self.extra)
    if "declared_missing" in extra:
        declared = extra["declared_missing"].items()
        extra["declared_missing"] = MappingProxyType({names.get(n, n): r for n, r in declared})
    return replace(
        self,
        variables=MappingProxyType(variables),
        sets=MappingProxyType(sets),
        extra=MappingProxyType(extra),
    )


def _renamed_base(base: str, names: Mapping[str, str]) -> str:
    return base if base in ("", EVERYONE, ANY_CHOSEN) else with_names(base, names)


def _spoken_of(base: str, names: Mapping[str, Any]) -> list[str]:
    """The columns, of some, that a base speaks of."""
    if base in ("", EVERYONE, ANY_CHOSEN):
        return []
    try:
        spoken_of = column_names(base, CodebookError)
    except CodebookError:
        return []
    return [n for n in (s if s in names or s.isascii() else column_named(s, names) for s in spoken_of) if n in names]


def needed(self: CodebookData, kept: Iterable[str], gone: Iterable[str]) -> list[Note]:
    """What columns that stay need of those that go: bases, sets, items of a score, the design."""
    stay, left = set(kept), dict.fromkeys(gone)
    asked: dict[str, list[str]] = {}
    bases = [(n, v.base) for n, v in self.variables.items() if n in stay and v.base]
    bases += [(s.name, s.base) for s in self.sets.values() if stay.issuperset(s.variables)]
    for name, base in bases:
        for column in _spoken_of(base, left):
            asked.setdefault(column, []).append(name)
    notes = [Note("shape.base_gone", column=c, columns=listed(dict.fromkeys(n), _MOST)) for c, n in asked.items()]
    for one in self.sets.values():
        lacking = [n for n in one.variables if n in left]
        if lacking and stay & set(one.variables):
            notes.append(Note("shape.set_gone", name=one.name, columns=listed(lacking, _MOST)))
    dimensions = dict.fromkeys(v.dimension for v in self.variables.values() if v.scored and v.dimension)
    for dimension in dimensions:
        items = self.items(dimension)
        lacking = [n for n in items if n in left]
        if lacking and stay & set(items):
            notes.append(Note("shape.items_gone", dimension=dimension, columns=listed(lacking, _MOST)))
    roles = [n for n in left if n in self.variables and self.variables[n].role in _DESIGN_ROLES]
    if roles:
        told = [f"{n} ({self.variables[n].role})" for n in roles]
        notes.append(Note("shape.design_gone", columns=listed(told, _MOST)))
    return notes


def of_waves(self: C, other: CodebookData, where: str, theirs: str) -> tuple[C, list[Note]]:
    """One codebook of two waves, and what of the second gives way to the first.

    Parameters
    ----------
    other : Codebook
    where, theirs : str
        What the two are called in errors and notes.

    Raises
    ------
    CodebookError
        If a code has two labels, or an item was reversed in one of them only.
    """
    variables: dict[str, Variable] = dict(self.variables)
    for name, after in other.variables.items():
        before = variables.get(name)
        variables[name] = after if before is None else as_one(before, after, where, theirs)
    shared = [n for n, v in self.variables.items() if n in other.variables and v.role not in MADE]
    told: dict[str, list[str]] = {}
    for name, what, *_ in differences(_described(self, shared), _described(other, shared)):
        if name and not what.startswith(("label of", "codes", "missing code", "set of", "order of the")):
            told.setdefault(what, []).append(name)
    notes = [Note("shape.differs", what=_spoken(w), file=theirs, columns=listed(n, _MOST)) for w, n in told.items()]
    sets = {**other.sets, **self.sets}
    for name in self.sets:
        if name in other.sets:
            sets[name] = _one_set(self.sets[name], other.sets[name], where, theirs)
    extra = {**other.extra, **self.extra}
    declared = [book.extra.get("declared_missing") for book in (self, other)]
    if any(declared):
        ranges: dict[str, Any] = {}
        for one in declared:
            for name, own in (one or {}).items():
                ranges[name] = tuple(dict.fromkeys([*ranges.get(name, ()), *own]))
        extra["declared_missing"] = MappingProxyType(ranges)
    book = replace(
        self,
        variables=MappingProxyType(variables),
        dimensions=MappingProxyType({**other.dimensions, **self.dimensions}),
        sets=MappingProxyType(sets),
        simulated=self.simulated or other.simulated,
        extra=MappingProxyType(extra),
        files=tuple(dict.fromkeys([*self.files, *other.files])),
    )
    return book, notes


def _spoken(what: str) -> str:
    """What differs; of texts, which have a name in every language, a note."""
    kind, sign, lang = what.rstrip(")").partition(" (")
    key = f"shape.{kind.replace(' ', '_')}"
    return Note(key, lang=lang) if sign and catalogue.find(key, "en") is not None else what


def _described(book: CodebookData, names: Iterable[str]) -> CodebookData:
    return CodebookData(MappingProxyType({n: book.variables[n] for n in names}))


def as_one(
    before: Variable,
    after: Variable,
    where: str,
    theirs: str,
    what: str = "Waves",
    fix: str = "recode one of the two, or give both one codebook",
) -> Variable:
    """One variable of two waves or files: the first, with codes that only the second has.

    Parameters
    ----------
    where, theirs : str
        What the two are called in errors; `what` says what they are, and `fix` what helps where labels differ.

    Raises
    ------
    CodebookError
        If a code has two labels, or the item was reversed in one of them only.
    """
    if before.direction * after.direction < 0:
        raise CodebookError(
            "An item is turned in one of the two only.",
            where=before.name,
            got=f"direction {before.direction} in {where}, {after.direction} in {theirs}",
            expected="the same direction in both",
            fix="call reverse() on both, or on neither",
        )
    for code, text in {**after.missing_labels, **after.labels}.items():
        known = before.labels.get(code) or before.missing_labels.get(code)
        if known is not None and dict(known) != dict(text):
            raise CodebookError(
                f"{what} give the same code different labels.",
                where=f"{before.name}, code {code}",
                got=f"{before.label(code)!r} in {where}, {after.label(code)!r} in {theirs}",
                expected="one label for each code",
                fix=fix,
            )
    missing = {**after.missing, **before.missing}
    labels = {c: t for c, t in {**before.labels, **after.labels}.items() if c not in missing}
    if all(isinstance(c, int | float) for c in labels) and list(before.labels) == sorted(before.labels):
        labels = dict(sorted(labels.items()))  # a code that only the second wave has takes its place in the scale
    return replace(
        before,
        labels=MappingProxyType(labels),
        missing=MappingProxyType(missing),
        missing_labels=MappingProxyType({**after.missing_labels, **before.missing_labels}),
    )


def _one_set(ours: MultipleSet, other: MultipleSet, where: str, theirs: str) -> MultipleSet:
    """One set of two waves, with the options of both."""
    for part in ("kind", "counted", "base"):
        first, second = getattr(ours, part), getattr(other, part)
        if first != second:
            raise CodebookError(
                "Waves keep a select-all question in different ways.",
                where=f"{ours.name}, {part}",
                got=f"{first!r} in {where}, {second!r} in {theirs}",
                expected="the same in both",
                fix="call declare_select_all() on both in the same way",
            )
    return replace(
        ours,
        variables=tuple(dict.fromkeys([*ours.variables, *other.variables])),
        exclusive=tuple(dict.fromkeys([*ours.exclusive, *other.exclusive])),
    )
