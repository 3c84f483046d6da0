"""The data and the codebook of an export while they are put together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from survey.codebook import Codebook, MultipleSet, Text, Variable, catalogue_text, same_text
from survey.errors import ReadError
from survey.io._raw import Raw

__all__ = ["NO_YES", "Draft"]

NO_YES: Mapping[Any, Text] = MappingProxyType(
    {i: catalogue_text(f"labels.{key}") for i, key in enumerate(("no", "yes"))}
)
"""Labels of a 0/1 column."""


class Draft:
    """Columns in the order of the export, each with its variable; a given codebook goes before what the form says."""

    def __init__(self, where: str, given: Codebook | None, all_of_it: Codebook | None = None) -> None:
        self.where, self.given, self.all = where, given, all_of_it or given
        self.columns: dict[str, Any] = {}
        self.variables: dict[str, Variable] = {}
        self.headers: dict[str, str] = {}
        self.sets: dict[str, tuple[Text, dict[str, Any]]] = {}
        self.notes: list[str] = []
        self.marked: dict[str, Text] = {}

    def variable(self, name: str) -> Variable | None:
        """What the given codebook says of a column."""
        return self.given.variables.get(name) if self.given is not None else None

    def put(self, name: str, column: pd.Series, variable: Variable, header: str) -> None:
        """Add a column.

        Raises
        ------
        ReadError
            If one of that name is there.
        """
        if name in self.columns:
            raise ReadError(
                "Two columns of the export would have the same name.",
                where=self.where,
                got=f"{self.headers.get(name, name)!r} and {header!r}, both {name}",
                expected="a unique name for each question",
                fix="give the form, or export with the names of groups in the headers",
            )
        self.columns[name], self.headers[name] = column, header
        self.variables[name] = self.variable(name) or variable

    def hold(self, name: str) -> None:
        """Keep the place of a question with several answers."""
        self.columns.setdefault(f"\0{name}", None)

    def spread(self, name: str, text: Text, members: Mapping[str, tuple[Any, Text, np.ndarray[Any, Any]]]) -> None:
        """Put the 0/1 columns of a question in its place: column -> (code, label, values).

        Another question may be called as an option is: `src_other`, in words, beside the option `other` of `src`.
        """
        members = {f"{m}_option" if m in self.columns else m: member for m, member in members.items()}
        order: dict[str, Any] = {}
        for key, column in self.columns.items():
            if key != f"\0{name}":
                order[key] = column
                continue
            for member, (_, _, values) in members.items():
                whole = bool(len(values)) and not np.isnan(values).any()
                order[member] = pd.Series(values.astype("int64") if whole else values)
        self.columns = order
        for member, (code, label, _) in members.items():
            words = label or same_text(str(code))
            self.variables[member] = self.variable(member) or Variable(
                member,
                type="binary",
                text=words,
                labels=NO_YES,
            )
        self.sets[name] = (text, {m: code for m, (code, _, _) in members.items()})

    def raw(self, keys: Sequence[str] = ()) -> Raw:
        """Data, codebook and notes; the first of `keys` that is there is the id if nothing else is."""
        data = pd.DataFrame(self.columns)
        variables = {n: self.variables[n] for n in data.columns}
        roles = {v.role for v in (self.given.variables if self.given is not None else variables).values()}
        key = next((k for k in keys if k in variables), None)
        if "id" not in roles and key is not None:
            variables[key] = replace(variables[key], role="id", type="id")
        sets = {n: MultipleSet(n, tuple(members), label=text) for n, (text, members) in self.sets.items()}
        book = Codebook(source=self.where) if self.given is None else self.given
        book = book.update(*variables.values())
        spread = {n for n in self.sets if n not in data.columns}  # a question that a form has under its own name alone
        kept = {n: v for n, v in book.variables.items() if n not in spread}
        book = replace(book, variables=MappingProxyType(kept))
        book = replace(book, sets=MappingProxyType({**sets, **book.sets}))
        return Raw(data, book, {}, tuple(self.notes))
