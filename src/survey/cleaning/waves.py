"""Waves against each other: what one of them uses and another does not, and people who change what does not change."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from survey.base.catalogue import Note, in_turn
from survey.cleaning.check_report import Broken, broken
from survey.codebook import Variable
from survey.codebook.told import describe_values, may_be_shown
from survey.core.columns import CODED, holds_codes, in_words, known_columns, numeric
from survey.core.responses_data import ResponsesData

__all__ = ["across_waves"]

Named = Callable[[Any], str]
"""Waves in words."""

_FIXED = ("sex", "birth_year")
_BY_CHANCE = 0.001


def across_waves(self: ResponsesData, across: str, fixed: Sequence[str] | None) -> Iterator[Broken]:
    """What differs between waves: warnings, but for ids whose person changes, which are errors.

    A code that one wave uses and another does not is reported where chance does not explain it: with the share of the
    wave that uses it, its absence in the other has a probability below 0.001.
    """
    across, *named_fixed = known_columns(self, [across, *(fixed or ())])
    fixed = named_fixed if fixed else fixed
    wave = self.data[across]
    number, waves = pd.factorize(wave, sort=True)

    @cache  # of sixty waves each is named in a thousand pairs
    def of(chosen: tuple[Any, ...]) -> str:
        return describe_values(chosen, self.codebook.variables.get(across), column=wave)

    def named(chosen: Any) -> str:
        return of(tuple(chosen))

    ids = [n for n, v in self.codebook.variables.items() if v.role == "id" and n in self.data.columns and n != across]
    for name in self.data.columns:
        if name == across or name in ids or len(waves) < 2:
            continue
        column = self.data[name].mask(holds_codes(self, name))
        given = column.notna().to_numpy() & (number >= 0)
        counts = np.bincount(number[given], minlength=len(waves))
        if not counts.any():
            continue
        if not counts.all():
            silent, heard = named(waves[counts == 0]), named(waves[counts > 0])
            yield broken(self, "waves", name, "warning", None, Note("found.one_wave", heard=heard, silent=silent))
            continue
        variable = self.codebook.variables.get(name)
        if variable is not None and variable.type in CODED:
            yield from _codes(self, name, column[given], number[given], waves, counts, named)
        elif numeric(column) is not None:
            yield from _ranges(self, name, column[given], number[given], waves, named)
        if numeric(column) is None and not pd.api.types.is_datetime64_any_dtype(column.dtype):
            yield from _spellings(self, name, column[given])
    yield from _people(self, across, ids, _FIXED if fixed is None else fixed)


def _codes(
    self: ResponsesData, name: str, column: pd.Series, number: Any, waves: Any, counts: Any, named: Named
) -> Iterator[Broken]:
    code, values = pd.factorize(column, sort=False)
    table = np.zeros((len(waves), len(values)))
    np.add.at(table, (number, code), 1)
    share = table / counts[:, None]
    for other in range(len(waves)):
        missed = (table[other] == 0) & ((1 - share.max(axis=0)) ** counts[other] < _BY_CHANCE)
        if missed.any():
            said = in_words(column[column.isin(values[missed])], self.codebook.variables.get(name))
            user = named(waves[np.unique(share[:, missed].argmax(axis=0))])
            rows = np.zeros(len(self.data), dtype=bool)
            rows[self.data.index.get_indexer(column.index[np.isin(code, np.flatnonzero(missed))])] = True
            note = Note("found.codes_of_wave", user=user, other=named([waves[other]]), values=said)
            yield broken(self, "waves", name, "warning", rows, note)


def _ranges(
    self: ResponsesData, name: str, column: pd.Series, number: Any, waves: Any, named: Named
) -> Iterator[Broken]:
    values = column.to_numpy(float)
    middle = [np.percentile(values[number == w], [25, 75]) for w in range(len(waves))]
    variable = self.codebook.variables.get(name)

    @cache
    def of(w: int) -> str:
        return Note("parts.of", name=named([waves[w]]), value=_middle(middle[w], variable))

    for a in range(len(waves)):
        for b in range(a + 1, len(waves)):
            if middle[a][1] < middle[b][0] or middle[b][1] < middle[a][0]:
                said = in_turn(of(w) for w in (a, b))
                yield broken(self, "waves", name, "warning", None, Note("found.ranges", values=said))


def _spellings(self: ResponsesData, name: str, column: pd.Series) -> Iterator[Broken]:
    alike: dict[str, list[str]] = {}
    for value in column.unique():
        if isinstance(value, str):
            key = " ".join(unicodedata.normalize("NFC", value).casefold().split())
            alike.setdefault(key, []).append(value)
    several = [texts for texts in alike.values() if len(texts) > 1]
    if several:
        variable = self.codebook.variables.get(name)
        spelled = in_turn(_spelled(column, texts, variable) for texts in several[:5])
        yield broken(self, "waves", name, "warning", None, Note("found.spellings", values=spelled))


def _people(self: ResponsesData, across: str, ids: list[str], fixed: Sequence[str]) -> Iterator[Broken]:
    if not ids:
        return
    who = self.data.groupby(ids, sort=False, dropna=True)
    panel = (who[across].transform("nunique") > 1).to_numpy()
    for name in fixed:
        if name not in self.data.columns or name in ids or not panel.any():
            continue
        column = self.data[name].mask(holds_codes(self, name))
        parts = pd.concat([self.data[ids], column.rename("_value")], axis=1)
        changes = (parts.groupby(ids, sort=False, dropna=True)["_value"].transform("nunique") > 1).to_numpy() & panel
        if changes.any():
            yield broken(self, "panel", name, "error", changes, Note("found.panel", column=name))


def _middle(ends: Any, variable: Variable | None) -> str:
    """The middle half of a column's numbers; where these are telephones or the like, no more than that."""
    if "not shown" in describe_values(ends, variable):
        return Note("parts.hidden")
    return f"{ends[0]:g}–{ends[1]:g}"


def _spelled(column: pd.Series, texts: list[str], variable: Variable | None) -> str:
    """Spellings of one text, if the text is a category: enough rows hold it in one spelling or another."""
    n = int(column.isin(texts).sum())
    if "not shown" in describe_values(texts, variable) or not all(may_be_shown(t, n) for t in texts):
        return Note("parts.spellings", ways=len(texts))
    return " / ".join(repr(t) for t in sorted(texts))
