"""The answers as the checks need them: small integers, who was asked, which interviewer, which wave."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.base.arguments import columns_exist, listed
from survey.base.expressions import column_names
from survey.base.names import columns_named
from survey.base.text import written
from survey.codebook import Codebook, Variable
from survey.core.columns import CODED, Asked, numeric
from survey.core.log import KIND_CODES
from survey.core.responses_data import ResponsesData
from survey.errors import CleaningError, shorten

__all__ = ["Default", "Table", "column", "group_codes", "item_names", "tidy_name"]

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


class Default(str):
    """A column that is looked at where the data have it; a name given by a person must be there."""

    __slots__ = ()


def column(responses: ResponsesData, name: str | None, argument: str) -> str | None:
    """The column, or None where the data lack one that no one asked for by name."""
    if name is None or name in responses.data.columns:
        return name
    if isinstance(name, Default):
        return None
    message = f"`quality` was told of a column {name!r} that the data lack."
    columns_exist([name], responses.data.columns, message, CleaningError, where=f"{argument}=")
    return name


def item_names(responses: ResponsesData, items: str | Iterable[str] | None) -> tuple[str, ...]:
    """The items to compare: those asked for, or every item of the codebook that has numeric codes."""
    book, data = responses.codebook, responses.data
    if items is None:
        named = [n for n, v in book.variables.items() if v.role == "item" and v.type in CODED and n in data.columns]
        return tuple(n for n in named if _numeric_codes(book[n]) and numeric(data[n]) is not None)
    names = listed(items)
    for name in names:
        column(responses, name, "items")
        if not _numeric_codes(book[name]) or numeric(data[name]) is None:
            raise CleaningError(
                "`quality` needs items with codes.",
                where=f"items=, {name}",
                got=f"{data[name].dtype}, {shorten(book[name].codes) or 'no codes in the codebook'}",
                expected="numbers, and their codes in the codebook",
                fix="recode it, or exclude it",
            )
    return tuple(dict.fromkeys(names))


def _numeric_codes(variable: Variable) -> bool:
    return bool(variable.codes) and all(isinstance(c, int | float) for c in variable.codes)


def tidy_name(value: Any) -> str:
    """One interviewer, one name: composed letters, single spaces, 7 and not 7.0."""
    text = written(value)
    return " ".join(unicodedata.normalize("NFC", text).split())


def group_codes(values: pd.Series) -> tuple[Ints, tuple[str, ...]]:
    """Interviewers numbered in the order of their names; -1 where there is none."""
    names = values.map(tidy_name, na_action="ignore")
    names = names.where(names != "")
    codes, found = pd.factorize(names.astype(object), sort=True)
    return codes.astype(np.int64), tuple(str(name) for name in found)


@dataclass(frozen=True)
class Table:
    """What every check works on.

    Parameters
    ----------
    responses : Responses
    items : tuple of str
        Items with codes.
    who : int array (rows,)
        Interviewer, -1 where unknown.
    names : tuple of str
        What they are called.
    cell : int array (rows,)
        Wave (and whatever else `within` names), -1 where one of them is empty.
    cells : DataFrame
        Values of the `within` columns of each cell.
    """

    responses: ResponsesData
    items: tuple[str, ...]
    who: Ints
    names: tuple[str, ...]
    cell: Ints
    cells: pd.DataFrame
    _asked: dict[str, Bools] = field(default_factory=dict, repr=False)

    @classmethod
    def make(
        cls, responses: ResponsesData, items: tuple[str, ...], interviewer: str | None, within: Sequence[str]
    ) -> Table:
        """Code the answers of all rows."""
        data = responses.data
        nobody = pd.Series(None, index=data.index, dtype=object)
        who, names = group_codes(nobody if interviewer is None else data[interviewer])
        if within and len(data):
            grouped = data[list(within)].groupby(list(within), sort=True, observed=True)
            cell = grouped.ngroup().fillna(-1).to_numpy().astype(np.int64)
            cells = grouped.size().reset_index()[list(within)]
        else:
            cell, cells = np.zeros(len(data), dtype=np.int64), pd.DataFrame(index=[0])
        return cls(responses, items, who, names, cell, cells)

    @property
    def data(self) -> pd.DataFrame:
        """The rows."""
        return self.responses.data

    @property
    def codebook(self) -> Codebook:
        """What was asked."""
        return self.responses.codebook

    def __len__(self) -> int:
        return len(self.data)

    @cached_property
    def answers(self) -> NDArray[np.int16]:
        """(rows, items): place of the answer on its scale, -1 where there is no valid answer."""
        found = np.full((len(self), len(self.items)), -1, dtype=np.int16)
        for k, name in enumerate(self.items):
            values = numeric(self.data[name])
            for place, code in enumerate(self.codebook[name].codes):
                found[values == code, k] = place
        return found

    @cached_property
    def asked(self) -> Bools:
        """(rows, items): whether the question applied to this person: asked by routing, and not "not applicable"."""
        return np.stack([self.applies(n) for n in self.items], axis=1) if self.items else np.zeros((len(self), 0), bool)

    def applies(self, name: str) -> Bools:
        """Whether one question applied to each person; see `asked`.

        Where the codebook has no base, or the data lack its columns, an empty cell without a kind counts as not asked
        if anybody else has one of the declared missing codes there, as a form that writes codes leaves no cell empty.
        """
        if name not in self._asked:
            self._asked[name] = self._applies(name)
        return self._asked[name]

    def _applies(self, name: str) -> Bools:
        variable, values = self.codebook[name], self.data[name]
        kinds = self.responses.missing.get(name)
        out: Bools = np.zeros(len(self), dtype=bool) if kinds is None else kinds.isin(_NOT_ASKED).to_numpy()
        away = [c for c, kind in variable.missing.items() if KIND_CODES[kind] in _NOT_ASKED]
        out = out | np.asarray(values.isin(away), bool)
        base = variable.base
        named = columns_named(column_names(base, CleaningError), self.data.columns) if base else []
        if base and all(n in self.data.columns for n in named):
            reached = self._base(variable)
            out = ~out & (reached == 1)
            return out
        coded = values.isin(list(variable.missing)).any() or (kinds is not None and (kinds > 0).any())
        return ~out & (np.asarray(values.notna(), bool) | _told(kinds, len(self))) if coded else ~out

    @cached_property
    def _bases(self) -> Asked:
        return Asked(self.responses)

    def _base(self, variable: Variable) -> Floats:
        reached = self._bases(variable)
        return np.ones(len(self)) if reached is None else reached

    @cached_property
    def ids(self) -> Ints | None:
        """One number for every respondent's id, so that a form delivered twice is not taken for two people."""
        names = self.id_columns
        if not names:
            return None
        return np.asarray(self.data[names].groupby(names, dropna=False, sort=False).ngroup(), np.int64)

    @property
    def id_columns(self) -> list[str]:
        """Columns that name a respondent."""
        return [n for n, v in self.codebook.variables.items() if v.role == "id" and n in self.data.columns]

    @cached_property
    def team(self) -> Ints:
        """Interviewer within wave, numbered in the order of `teams`; -1 where either is unknown."""
        known = (self.who >= 0) & (self.cell >= 0)
        both = np.where(known, self.cell * max(len(self.names), 1) + self.who, -1)
        present = np.unique(both[known])
        return np.where(known, np.searchsorted(present, both), -1) if len(present) else np.full(len(self), -1)

    @cached_property
    def teams(self) -> pd.DataFrame:
        """Rows of the table of interviewers: cell and who."""
        first = pd.DataFrame({"cell": self.cell, "who": self.who})[self.team >= 0].drop_duplicates()
        return first.sort_values(["cell", "who"]).reset_index(drop=True)


_NOT_ASKED = (KIND_CODES["not_applicable"], KIND_CODES["not_asked"])


def _told(kinds: pd.Series | None, rows: int) -> Bools:
    return np.zeros(rows, dtype=bool) if kinds is None else (kinds > 0).to_numpy()
