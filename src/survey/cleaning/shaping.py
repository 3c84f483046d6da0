"""Columns renamed and chosen, with everything that speaks of them."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from survey.base.arguments import columns_exist, listed, outside
from survey.base.names import column_named
from survey.base.text import counted
from survey.codebook._shape import needed, renamed
from survey.core.columns import known_columns
from survey.core.log import LogEntry, plain_arguments
from survey.core.responses_data import R
from survey.errors import CleaningError, SurveyWarning, shorten

__all__ = ["rename", "select"]

_OURS = ("_reason", "_step")
"""Columns that rejected rows have beside their own."""


def rename(self: R, names: Mapping[str, str]) -> R:
    """Rename columns: rename({"Q01": "q1", "Q02": "q2"}).

    Everything that names a column follows: its variable in the codebook, the bases of other variables, select-all
    sets, kinds of missing answers, rejected rows. Where the codebook describes the new name already, and not the old
    one, the column is from now on what the codebook says of it. Names may be exchanged in one call.

    Parameters
    ----------
    names : mapping of str to str
        Old name to new name.

    Returns
    -------
    Responses

    Raises
    ------
    CleaningError
        For a column that the data lack, a new name that another column has, or that is given twice, or that is empty;
        where the codebook describes both names.
    """
    pairs = dict(names) if isinstance(names, Mapping | list) else {}  # a log holds pairs where a name is a number
    if not pairs:
        raise CleaningError(
            "`rename` needs old names and new ones.",
            where="rename(names=...)",
            got="no name" if isinstance(names, Mapping | list) else type(names).__name__,
            expected='a mapping of old name to new name, such as {"Q01": "q1"}',
            fix="name at least one column",
        )
    data = self.data
    known = set(data.columns)
    given = {old if old in known else column_named(old, data.columns): new for old, new in pairs.items()}
    columns_exist(
        given, data.columns, "A column to rename does not exist.", CleaningError, where="rename", fix="correct the name"
    )
    _refuse_names(self, given)
    new = {old: name for old, name in given.items() if old != name}
    described = [(old, name) for old, name in new.items() if {old, name} <= set(self.codebook.variables)]
    both = [f"{old} and {name}" for old, name in described if name not in data.columns]
    if both:
        raise CleaningError(
            "The codebook describes the old name and the new one.",
            where="rename",
            got=shorten(both),
            expected="one variable for each column",
            fix="take one of them out of the codebook",
        )
    columns = {"columns": new}
    rejected = self.rejected.rename(columns=new)
    touched = int(data[list(new)].notna().any(axis=1).sum()) if new else 0
    what = f"{counted(len(new), 'column')} renamed" + (": " if new else "")
    what += shorten([f"{old} -> {name}" for old, name in new.items()], 40)
    entry = LogEntry("rename", what, plain_arguments(names=given), len(data), len(data), touched, 0)
    return self.logged(
        entry,
        data=data.rename(**columns),
        missing=self.missing.rename(**columns),
        rejected=rejected,
        codebook=renamed(self.codebook, new),
    )


def _refuse_names(self: R, given: Mapping[Any, str]) -> None:
    wrong = [name for name in given.values() if not isinstance(name, str) or not name.strip()]
    if wrong:
        raise CleaningError(
            "A new name must be a text.",
            where="rename",
            got=shorten([repr(name)[:80] for name in wrong]),
            expected='a mapping of old name to new name, such as {"Q01": "q1"}',
            fix="give every column a name",
        )
    after = [given.get(c, c) for c in self.data.columns]
    often, there = Counter(after), set(self.data.columns)
    twice = [name for name in dict.fromkeys(given.values()) if often[name] > 1]
    aside = {*_OURS, *(c for c in self.rejected.columns if c not in given)} - there
    twice += [name for name in given.values() if name in aside]
    if twice:
        raise CleaningError(
            "Two columns would have the same name.",
            where="rename",
            got=shorten(map(repr, twice)),
            expected="a name that no other column has",
            fix="give another name, or rename the other column in the same call",
        )


def select(self: R, columns: str | Iterable[str] | None = None, *, without: str | Iterable[str] | None = None) -> R:
    """Keep some columns, in the order given: select(["id", "ward", "q1"]); or all but some: select(without="phone").

    Columns that are left out leave the codebook and the rejected rows too, as personal data that are left out must be
    gone. What the columns that stay need of them is said in the log and by a warning: who was asked a question, the
    other options of a select-all question, items of a score, weights, strata and ids.

    Parameters
    ----------
    columns : str or list of str
    without : str or list of str
        Columns to leave out, instead of those to keep.

    Returns
    -------
    Responses

    Raises
    ------
    CleaningError
        For a column that the data lack or that is named twice; if no column is left.

    Warns
    -----
    SurveyWarning
        If a column that stays needs one that is left out.
    """
    if (columns is None) == (without is None):
        raise CleaningError(
            "`select` needs the columns to keep, or those to leave out.",
            where="select(columns=..., without=...)",
            got="neither" if columns is None else "both",
            expected='select(["q1", "q2"]) or select(without=["phone"])',
            fix="give one of the two",
        )
    asked = known_columns(self, listed(without if columns is None else columns))
    twice = [n for n, k in Counter(asked).items() if k > 1]
    every = list(self.data.columns)
    named = set(asked)
    kept = asked if columns is not None else [n for n in every if n not in named]
    if twice or not kept:
        raise CleaningError(
            "A column is named twice." if twice else "No column is left.",
            where="select",
            got=shorten(twice) or counted(len(asked), "column") + (" left out" if columns is None else ""),
            expected="each column once" if twice else "at least one column to keep",
            fix="name it once" if twice else "name the columns to keep",
        )
    stay = set(kept)
    gone = [n for n in every if n not in stay]
    notes = needed(self.codebook, kept, gone)
    held = self.data[gone].notna() if gone else pd.DataFrame(index=self.data.index)
    what = f"{counted(len(kept), 'column')} of {len(every)} kept"
    what += f"; left out: {shorten(gone, 40)}" if gone else ""
    entry = LogEntry(
        "select",
        "; ".join([what, *notes]),
        plain_arguments(columns=None if columns is None else kept, without=None if without is None else asked),
        len(self.data),
        len(self.data),
        int(held.any(axis=1).sum()),
        int(held.to_numpy().sum()),
    )
    if notes:
        told = "; ".join(notes)
        warnings.warn(f"select: {told}.", SurveyWarning, stacklevel=outside())
    return self.logged(
        entry,
        data=self.data[kept],
        missing=self.missing[[n for n in kept if n in self.missing.columns]],
        rejected=self.rejected.drop(columns=[n for n in gone if n in self.rejected.columns]),
        codebook=self.codebook.select(kept),
    )
