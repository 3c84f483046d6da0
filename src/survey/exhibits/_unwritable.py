"""Characters that no document can hold, shown as signs: most come from copying out of a terminal or Word."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from types import MappingProxyType
from typing import Any, TypeVar

import pandas as pd

from survey.base._archive import UNWRITABLE, refuse_unwritable, unwritable
from survey.base.arguments import outside
from survey.core.result import ResultData
from survey.errors import SurveyError, SurveyWarning
from survey.exhibits.exhibit import Exhibit

__all__ = ["words", "writable"]

R = TypeVar("R", bound=ResultData)


def words(exhibit: Exhibit) -> list[object]:
    """Every text that a reader of an exhibit sees."""
    try:
        shown = exhibit.rows()
        said = [exhibit.title, exhibit.caption, exhibit.alt, *exhibit.footing]
    except UnicodeEncodeError as problem:  # a column of text holds no half letters: a label has one
        return [problem.object]
    texts = [n for n in shown.columns if not pd.api.types.is_numeric_dtype(shown[n].dtype)]
    return [*said, *shown.columns, *(v for n in texts for v in shown[n].unique())]


def writable(exhibit: Exhibit, where: object) -> Exhibit:
    """The exhibit as documents can hold it: itself, or one with a sign for each character that they cannot.

    A control character becomes its picture ("␋" for U+000B, the line break of Word), so that two texts that only it
    tells apart stay apart; half of a pair of surrogates and what is no character become "�".

    Raises
    ------
    ExportError
        That names the characters and not the text, if one remains.
    """
    found = unwritable(words(exhibit))
    if not found:
        return exhibit
    try:
        shown = replace(
            exhibit,
            estimates=_result(exhibit.estimates),
            titles=_shown(exhibit.titles),
            captions=_shown(exhibit.captions),
            options=_shown(exhibit.options),
        )
    except (SurveyError, UnicodeEncodeError):
        refuse_unwritable(words(exhibit), where)
        raise
    refuse_unwritable(words(shown), where)
    told = ", ".join(f"U+{ord(c):04X} as {_sign(c)}" for c in found)
    warnings.warn(f"Characters that documents cannot represent are shown as signs: {told}.", SurveyWarning, outside())
    return shown


def _sign(character: str) -> str:
    code = ord(character)
    return chr(0x2400 + code) if code < 0x20 else "\ufffd"


def _result(e: R) -> R:
    table = e.table.copy()
    for name in table.columns:
        if not pd.api.types.is_numeric_dtype(table[name].dtype) and table[name].dtype != bool:
            table[name] = table[name].map(_shown)
    table.columns = pd.Index([_shown(name) for name in table.columns])
    held = ("by", "answers", "codebook", "notes", "source", "words", "breakdowns", "compared", "unordered")
    more = {f.name: _shown(getattr(e, f.name)) for f in fields(e) if f.name in held}  # type: ignore[arg-type]
    origin = {"origin": _result(e.origin)} if getattr(e, "origin", None) is not None else {}  # type: ignore[type-var]
    made: R = replace(e, table=table, **more, **origin)  # type: ignore[type-var]
    return made


def _shown(value: Any) -> Any:
    """Texts in anything that holds them; the same object where there is nothing to change."""
    if isinstance(value, str):
        return UNWRITABLE.sub(lambda found: _sign(found[0]), value) if UNWRITABLE.search(value) else value
    if isinstance(value, Mapping):
        made = {_shown(k): _shown(v) for k, v in value.items()}
        same = all(a is b for a, b in zip(made.values(), value.values(), strict=False)) and list(made) == list(value)
        return value if same else MappingProxyType(made) if isinstance(value, MappingProxyType) else made
    if type(value) in (list, tuple, set, frozenset):
        return type(value)(_shown(v) for v in value)
    if is_dataclass(value) and not isinstance(value, type | ResultData):
        held = {f.name: getattr(value, f.name) for f in fields(value) if f.init}
        changed = {name: new for name, old in held.items() if (new := _shown(old)) is not old and new != old}
        return replace(value, **changed) if changed else value
    return value
