"""The scale of items set in one step: answers in order, how they are labelled, which end is good."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from survey.base.arguments import one_of
from survey.base.names import composed_value
from survey.base.text import counted
from survey.codebook import ENGLISH_FIRST, Text, Variable, same_text
from survey.codebook.nonanswers import is_answer
from survey.codebook.scales import KnownScale, fitted_scale, known_scale, same_answer, scale_names
from survey.core.columns import in_words, is_code, known_columns, name_rows, numeric, with_columns
from survey.core.log import LogEntry, plain_arguments
from survey.core.responses_data import R, ResponsesData
from survey.errors import CleaningError, shorten

__all__ = ["on_scale", "set_scale"]

_Labels = Mapping[Any, Text]


def set_scale(
    self: R,
    items: str | Iterable[str],
    labels: str | Sequence[Any] | Mapping[Any, Any] | None = None,
    *,
    direction: int | None = None,
    reason: str = "",
) -> R:
    """Set the scale of items: set_scale(["q1", "q2"], ["Không hài lòng", "Bình thường", "Hài lòng"]).

    Every answer must be on the scale, or declared missing. Answers that differ from a label only in capitals, spaces,
    marks, Unicode form or a number before them are written as the label is. The codebook gets the labels, the type
    "ordinal" ("binary" for yes and no) and the direction.

    Parameters
    ----------
    items : str or list of str
    labels : str, list, or mapping of code to label, optional
        The labels that each item has, in the order of their codes, when not given (of items that a file calls
        nominal). The name of a known scale ("satisfaction5", "agreement4", "yes_no", ...); or labels in order, lowest
        first, of text answers or of the codes 1, 2, ...; or each code with its label (a text, or one by language). A
        mapping of numbers turns answers in words, or numbers kept as text, into these numbers.
    direction : int, optional
        1: the high end is good; -1: the low end is; 0: neither. When not given, that of the known scale, else what the
        codebook says.
    reason : str

    Returns
    -------
    Responses

    Raises
    ------
    CleaningError
        For an unknown column or scale, a label given twice, a label that is a declared missing code, or answers that
        are not on the scale (the rows are named).
    """
    names = [] if items is None else known_columns(self, items)
    if not names:
        raise CleaningError("`set_scale` needs items.", where="set_scale(items=...)", got="no name")
    if direction is not None:
        one_of(direction, (-1, 0, 1), "direction", CleaningError, where="set_scale(direction=...)")
    given = labels if labels is None or isinstance(labels, str) else _entries(labels)
    new, variables = {}, []
    touched, answers = np.zeros(len(self.data), dtype=bool), 0
    for name in names:
        old = self.codebook.variables.get(name) or Variable(name)
        scale = None
        if isinstance(given, str):
            scale = _known(self, name, names, given)
            texts = scale.labels
        elif given is None:
            texts = _own_labels(old)
        else:
            texts = _coded(self.data[name], given)
        both = [c for c in texts if c in old.missing]
        if both:
            raise CleaningError(
                "A code is both an answer and missing.", where=name, got=shorten(both), fix="leave it out of the scale"
            )
        column, changed = on_scale(self, old, texts)
        if changed.any():
            new[name] = column
            touched |= changed
            answers += int(changed.sum())
        kind = scale.type if scale is not None else "ordinal"
        way = direction if direction is not None else scale.direction if scale is not None else old.direction
        variables.append(replace(old, type=kind, labels=MappingProxyType(dict(texts)), direction=way))
    told = (
        given
        if isinstance(given, str)
        else "the labels of each"
        if given is None
        else shorten([next(iter(t.values()), c) for c, t in texts.items()], 12)
    )
    what = f"{counted(len(names), 'item')} ({shorten(names, 12)}): {told}"
    if answers:
        what += f"; {counted(answers, 'answer')} written as on the scale"
    entry = LogEntry(
        "set_scale",
        what,
        plain_arguments(items=names, labels=labels, direction=direction, reason=reason),
        len(self.data),
        len(self.data),
        int(touched.sum()),
        answers,
        reason,
    )
    return self.logged(entry, data=with_columns(self.data, new), codebook=self.codebook.update(*variables))


def _entries(labels: Any) -> list[tuple[Any, Text]] | list[Any]:
    """Codes with their labels as pairs, or labels alone, each once."""
    listed = list(labels.items()) if isinstance(labels, Mapping) else list(labels)
    pairs = isinstance(labels, Mapping) or all(isinstance(e, list | tuple) and len(e) == 2 for e in listed)
    found: list[Any] = [(composed_value(c), _text(t)) for c, t in listed] if pairs else list(listed)
    keys = [c for c, _ in found] if pairs else [same_answer(t) for t in found]
    unusable = [k for k in keys if not isinstance(k, Hashable) or k is None or (isinstance(k, float) and np.isnan(k))]
    if len(found) < 2 or unusable or len(set(keys)) < len(keys):
        raise CleaningError(
            "A scale needs at least two answers, each once.",
            where="set_scale(labels=...)",
            got=shorten(keys) if found else "no label",
            expected='such as ["Không hài lòng", "Bình thường", "Hài lòng"], lowest first, or {1: "...", 2: "..."}',
        )
    return found


def _own_labels(variable: Variable) -> _Labels:
    """The labels that an item has, without those that say that nobody answered: no order holds them."""
    texts = {c: t for c, t in variable.labels.items() if is_answer(t.values())}
    if len(texts) < 2:
        raise CleaningError(
            "An item has no labels that could be its scale.",
            where=variable.name,
            got=shorten(texts) or "no label of an answer",
            expected="a codebook with at least two labelled answers",
            fix=f"give them: set_scale({variable.name!r}, [...]), lowest first",
        )
    numbers = [c for c in texts if isinstance(c, int | float)]
    return {c: texts[c] for c in (sorted(numbers) if len(numbers) == len(texts) else texts)}


def _text(text: Any) -> Text:
    if isinstance(text, Mapping):
        return MappingProxyType({lang: composed_value(t) for lang, t in text.items()})
    return same_text(composed_value(str(text)), ENGLISH_FIRST)


def _coded(column: pd.Series, given: list[Any]) -> _Labels:
    """Codes with labels for a column: labels alone are codes of text, and 1, 2, ... of numbers."""
    if isinstance(given[0], tuple):
        return dict(given)
    if all(isinstance(t, int | float) for t in given):
        return {c: _text(f"{c:g}") for c in given}
    if numeric(column) is not None:
        return {i: _text(t) for i, t in enumerate(given, 0 if pd.api.types.is_bool_dtype(column.dtype) else 1)}
    return {composed_value(t): _text(t) for t in given}


def _present(self: ResponsesData, name: str) -> list[Any]:
    """The distinct answers of a column, without declared missing codes."""
    return _answers(self.data[name], self.codebook.variables.get(name))


def _answers(column: pd.Series, variable: Variable | None) -> list[Any]:
    missing = {composed_value(c) for c in variable.missing} if variable is not None else set()
    return [v for v in column.dropna().unique().tolist() if composed_value(v) not in missing]


def _known(self: ResponsesData, name: str, names: Sequence[str], scale_name: str) -> KnownScale:
    """The known scale of that name over what a column holds: codes 1, 2, ..., or its own words and those of the others.

    An option that nobody chose in one item is worded as the others word it.
    """
    plain = known_scale(scale_name)
    if plain is None:
        near = get_close_matches(scale_name, scale_names(), 3)
        raise CleaningError(
            "There is no known scale of this name.",
            where="set_scale(labels=...)",
            got=repr(scale_name),
            expected=shorten(scale_names(), 50),
            fix=f"did you mean {shorten(near, 3)}?" if near else "list the answers in order, lowest first",
        )
    if numeric(self.data[name]) is not None or all(str(v).strip().isdigit() for v in _present(self, name)):
        return plain
    words = [w for n in dict.fromkeys([name, *names]) if numeric(self.data[n]) is None for w in _present(self, n)]
    found = fitted_scale(scale_name, words)
    if found is None:
        raise CleaningError(
            "Some answers are not on the known scale.",
            where=name,
            got=in_words(pd.Series(_present(self, name), dtype=object), self.codebook.variables.get(name)),
            expected=f"{scale_name}: " + shorten([t["vi"] + " / " + t["en"] for t in plain.labels.values()], 12),
            fix="list the answers in order, lowest first, or declare those that are no answers missing",
        )
    return found


def on_scale(self: ResponsesData, variable: Variable, texts: _Labels) -> tuple[pd.Series, np.ndarray]:
    """A column with its answers written as on the scale, and where they changed."""
    column = self.data[variable.name]
    answers = _answers(column, variable)
    if numeric(column) is not None:
        present = [v for v in answers if v not in texts]
        valid = replace(variable, type="ordinal", labels=MappingProxyType(dict(texts))).codes
        _refuse(self, variable, texts, [v for v in present if v not in valid])
        return column, np.zeros(len(column), dtype=bool)
    place: dict[Any, Any] = {}
    for code, text in texts.items():
        for spelling in (code if isinstance(code, str) else f"{code:g}", *text.values()):
            place.setdefault(same_answer(spelling), code)
    to: dict[Any, Any] = {}
    for value in answers:
        plain = value if value in texts else place.get(same_answer(value))
        if plain is not None or value in texts:
            to[value] = plain
    _refuse(self, variable, texts, [v for v in answers if v not in to])
    moved = {v: c for v, c in to.items() if type(v) is not type(c) or v != c}
    changed = np.asarray(column.isin(list(moved)), bool)
    if not changed.any():
        return column, changed
    values = column.astype(object).map(lambda v: moved.get(v, v) if isinstance(v, Hashable) else v)
    fresh = pd.Series(values, index=column.index, name=column.name, dtype=object).infer_objects()
    as_numbers = pd.to_numeric(fresh, errors="coerce")
    if not any(isinstance(c, str) for c in to.values()) and as_numbers.notna().equals(fresh.notna()):
        return as_numbers.astype(float), changed
    if all(isinstance(c, str) for c in to.values()) and pd.api.types.is_string_dtype(column.dtype):
        fresh = fresh.astype(column.dtype)
    return fresh, changed


def _refuse(self: ResponsesData, variable: Variable, texts: _Labels, outside: Iterable[Any]) -> None:
    left = list(outside)
    if not left:
        return
    column = self.data[variable.name]
    rows = is_code(column, left)
    raise CleaningError(
        "Some answers are not on the scale.",
        where=f"{variable.name}, {name_rows(self, rows)}",
        got=in_words(column[rows], variable),
        expected=shorten(texts, 12),
        fix="add them to the scale, recode them, or declare them missing if they are no answers"
        + ("" if numeric(column) is None else '; {0: "...", 1: "..."} gives each code its label'),
    )
