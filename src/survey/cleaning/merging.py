"""Merging categories into a new variable, with every category assigned and no missing code included."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np

from survey.base.codes import infinite_in
from survey.base.suggestions import near
from survey.base.text import counted
from survey.codebook import ENGLISH_FIRST, Text, Variable, same_text
from survey.codebook.told import may_be_shown
from survey.core.columns import (
    in_words,
    is_code,
    known_columns,
    name_rows,
    new_column,
    refuse_codes,
    with_column_from,
)
from survey.core.log import LogEntry, plain_arguments
from survey.core.responses_data import R
from survey.errors import CleaningError, shorten

__all__ = ["merge_categories"]


def merge_categories(
    self: R,
    column: str,
    groups: Mapping[Any, Any] | Sequence[Sequence[Any]],
    *,
    into: str,
    labels: Sequence[str | Text] | None = None,
    reason: str = "",
) -> R:
    """Add a column of merged categories: merge_categories("educ", {"low": [1, 2], "high": [3, 4]}, into="educ2").

    Every category that the scale has or the data hold goes into exactly one group. Empty cells stay empty and keep
    their kind. The new variable is ordinal, with the old direction, if the old one is and the groups follow its
    scale; else nominal.

    Parameters
    ----------
    column : str
    groups : mapping of new label or code to list of old codes, or list of such pairs
        A text is the label of a new code, 1, 2, ... in the order given; a number is the new code itself, which takes
        the labels of the codes it is made of.
    into : str
        Name of the new column.
    labels : list of str (or mappings of language to str), optional
        One per group, in place of the above.
    reason : str

    Returns
    -------
    Responses

    Raises
    ------
    CleaningError
        For a code in no group or in two, new codes of both kinds, a group without codes, another number of labels,
        a column that still holds missing codes, or if `into` exists.
    """
    (column,) = known_columns(self, [column])
    new_column(self, into, "merge_categories")
    refuse_codes(self, [column], "merge_categories")
    named = _pairs(column, groups)
    variable = self.codebook.variables.get(column) or Variable(column, type="nominal")
    old = self.data[column]
    codes = _new_codes(column, [name for name, _ in named])
    if labels is not None and len(labels) != len(named):
        raise CleaningError(
            "The number of labels differs from the number of groups.",
            where=column,
            got=f"{len(labels)} labels",
            expected=f"{len(named)}",
        )
    every = [code for _, members in named for code in members]
    twice = sorted({str(c) for c in every if every.count(c) > 1})
    unnamed = [c for c in variable.codes if c not in every]
    if twice or unnamed:
        raise CleaningError(
            "A category belongs to two groups." if twice else "A category belongs to no group.",
            where=column,
            got=shorten(twice or unnamed),
            expected="each category in one group",
            fix="list it once" if twice else "put it into a group",
        )
    values = np.full(len(old), np.nan)
    for code, (_, members) in zip(codes, named, strict=True):
        values[is_code(old, members)] = code
    left = np.isnan(values) & old.notna().to_numpy()
    if left.any():
        raise CleaningError(
            "Some answers belong to no group.",
            where=f"{column}, {name_rows(self, left)}",
            got=in_words(old[left], variable),
            expected=shorten(every, 20),
            fix="put them into a group, or recode or drop the rows",
        )
    if infinite_in(every):
        raise CleaningError(
            "An infinite number is no category.",
            where=column,
            got="inf",
            expected="codes of the column",
            fix="recode it as missing first: recode(column, {float('inf'): float('nan')})",
        )
    strange = [m for m in every if m not in variable.codes and not is_code(old, [m]).any()]
    meant = near(strange, [*variable.codes, *(old.dropna().unique() if len(variable.codes) == 0 else ())])
    meant = [v for v in meant if v in variable.codes or may_be_shown(v, int(is_code(old, [v]).sum()))]
    if meant:
        raise CleaningError(
            "A group names a category that does not occur.",
            where=column,
            got=shorten(map(repr, strange)),
            expected="codes of the scale, or values of the column",
            fix=f"did you mean {shorten(meant, 3)}?",
        )
    texts = labels if labels is not None else [_text(variable, name, members) for name, members in named]
    place = {code: i for i, code in enumerate(variable.codes)}
    ordered = variable.type in ("ordinal", "binary") and _follows([[place.get(c, -1) for c in m] for _, m in named])
    made = Variable(
        into,
        type="ordinal" if ordered else "nominal",
        text=variable.text,
        dimension=variable.dimension,
        direction=variable.direction if ordered else 0,
        role="derived",
        base=variable.base,
        labels=MappingProxyType({c: _both(t) for c, t in zip(codes, texts, strict=True)}),
    )
    answers = int(np.count_nonzero(~np.isnan(values)))
    entry = LogEntry(
        "merge_categories",
        f"{into}: {counted(len(every), 'category').replace('categorys', 'categories')} of {column} in "
        f"{counted(len(named), 'group')}: " + shorten([f"{n}: {', '.join(map(str, m))}" for n, m in named], 12),
        plain_arguments(column=column, groups=[[n, m] for n, m in named], into=into, labels=labels, reason=reason),
        len(old),
        len(old),
        answers,
        answers,
        reason,
    )
    return with_column_from(self, entry, column, made, values)


def _pairs(column: str, groups: Any) -> list[tuple[Any, list[Any]]]:
    try:
        pairs = list(groups.items()) if isinstance(groups, Mapping) else [(name, members) for name, members in groups]
    except (TypeError, ValueError):
        pairs = []
    named = [(n, list(m) if isinstance(m, list | tuple | set | frozenset | range) else [m]) for n, m in pairs]
    if not named or not all(members for _, members in named):
        raise CleaningError(
            "`merge_categories` needs groups of codes.",
            where=f"column {column!r}",
            got="a group without codes" if named else "no group",
            fix="name the codes of each group",
            expected='such as {"low": [1, 2], "high": [3, 4]}',
        )
    return named


def _new_codes(column: str, names: list[Any]) -> list[float]:
    if all(isinstance(n, str) for n in names) and len(set(names)) == len(names):
        return list(range(1, len(names) + 1))
    numbers = [n for n in names if isinstance(n, int | float | np.number) and not isinstance(n, bool)]
    finite = np.isfinite(np.asarray(numbers, float)).all()
    if len(numbers) != len(names) or len(set(numbers)) < len(names) or not finite:
        raise CleaningError(
            "The names of the groups are not distinct.",
            where=column,
            got=shorten(names),
            expected="different labels, or different codes",
        )
    return [int(n) if float(n).is_integer() else float(n) for n in numbers]


def _text(variable: Variable, name: Any, members: Sequence[Any]) -> str | Text:
    if isinstance(name, str):
        return name
    texts = [variable.labels[c] for c in members if c in variable.labels]
    langs = dict.fromkeys(lang for text in texts for lang in text)
    return {lang: " / ".join(dict.fromkeys(t[lang] for t in texts if lang in t)) for lang in langs}


def _both(text: str | Text) -> Text:
    return same_text(text, ENGLISH_FIRST) if isinstance(text, str) else MappingProxyType(dict(text))


def _follows(places: list[list[int]]) -> bool:
    """Whether groups are neighbours on the scale and stand in its order."""
    flat = [p for group in places for p in sorted(group)]
    return flat == list(range(len(flat)))
