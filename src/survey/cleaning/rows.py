"""Rows that leave the data: to `rejected`, with a reason."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from survey.base.expressions import Where, column_names, constants, mask
from survey.base.names import columns_named
from survey.base.text import counted
from survey.cleaning._duplicates import row_groups
from survey.codebook import ENGLISH_FIRST, Variable, catalogue_text
from survey.core.columns import Bools, known_columns, new_column, refuse_codes, with_columns
from survey.core.log import LogEntry, plain_arguments
from survey.core.responses_data import R
from survey.core.unheld import unheld_remark
from survey.errors import CleaningError

__all__ = ["collapse_copies", "drop"]


def drop(self: R, where: Where = None, reason: str = "") -> R:
    """Move the rows that meet a condition to `rejected`.

    A rule that no row meets leaves its line in the log all the same, and the line names values that nobody has.

    Parameters
    ----------
    where : str, array of bool, Series of bool or callable
    reason : str
        Why; required.

    Returns
    -------
    Responses

    Raises
    ------
    CleaningError
        Without a condition or a reason; for an unknown column; where a column compared still holds declared
        missing codes and the condition does not name one of them.
    """
    if where is None:
        raise CleaningError(
            "`drop` needs a condition.",
            where="drop(where=...)",
            got="None",
            expected="an expression, a bool for every row, or a function of the data",
            fix='write drop(where="duration_s < 120", reason="speeder")',
        )
    if isinstance(where, str):
        spoken_of = columns_named(column_names(where, CleaningError), self.data.columns)
        names = [n for n in spoken_of if n in self.data.columns]
        refuse_codes(self, names, "drop", constants(where))
    gone = mask(where, self.data, "drop", error=CleaningError)
    if not (isinstance(reason, str) and reason.strip()):
        raise CleaningError(
            "`drop` needs a reason.",
            where="drop(reason=...)",
            got="no text" if isinstance(reason, str) else type(reason).__name__,
            expected="a text that gives the reason",
            fix='add reason="why these rows leave"',
        )
    rule = {"where": where} if isinstance(where, str) else {"rows": self.data.index[gone]}
    what = where if isinstance(where, str) else "rows picked one by one"
    what += unheld_remark(self, where)
    return _rejecting(self, "drop", what, plain_arguments(**rule, reason=reason), gone, reason.strip())


def collapse_copies(
    self: R,
    columns: str | Iterable[str] | None = None,
    *,
    ignore: str | Iterable[str] = (),
    adjacent: bool = False,
    into: str = "copies",
    reason: str = "exact copy of an earlier row",
) -> R:
    """Keep the first of each set of exact copies and count them; the others go to `rejected`.

    Data weighted by repeating rows (a row for 3 people three times) understate every standard error; the count is
    the frequency weight that says the same without that.

    Parameters
    ----------
    columns : str or list of str, optional
        Columns in which copies agree; all when not given. Kinds of missing answers are compared too.
    ignore : str or list of str
        Columns left out of the comparison: a row number, an id.
    adjacent : bool
        Count only copies that stand next to each other, as repeating rows leaves them; people who happen to give
        the same answers elsewhere in the file stay two people.
    into : str
        Name of the new column of counts (1 where there is no copy).
    reason : str

    Returns
    -------
    Responses

    Raises
    ------
    CleaningError
        For a column that the data lack, no column left to compare, or if `into` exists.
    """
    left_out = known_columns(self, ignore)
    names = [n for n in known_columns(self, columns) if n not in left_out]
    if not names:
        raise CleaningError("There are no columns left to compare.", fix="exclude fewer columns")
    if not reason.strip():
        raise CleaningError(
            "`collapse_copies` needs a reason.",
            where="collapse_copies(reason=...)",
            got="no text",
            expected="a text that gives the reason",
            fix='add reason="why copies are collapsed"',
        )
    new_column(self, into, "collapse_copies")
    group = row_groups([self.data[n] for n in names] + [self.missing[n] for n in names if n in self.missing.columns])
    if adjacent:
        group = np.cumsum(np.diff(group, prepend=group[:1]) != 0)
    counts = np.bincount(group)
    first = np.zeros(len(self.data), dtype=bool)
    first[np.unique(group, return_index=True)[1]] = True
    column = pd.Series(counts[group], index=self.data.index, dtype=float)
    text = catalogue_text("labels.identical_rows", ENGLISH_FIRST)
    variable = Variable(into, type="number", text=text, role="frequency", limits=(1.0, float("inf")))
    with_counts = replace(self, data=with_columns(self.data, {into: column}), codebook=self.codebook.update(variable))
    arguments = plain_arguments(
        columns=None if columns is None else names, ignore=left_out, adjacent=adjacent, into=into, reason=reason
    )
    what = f"{'adjacent ' if adjacent else ''}copies over {counted(len(names), 'column')} counted in {into}"
    return _rejecting(with_counts, "collapse_copies", what, arguments, ~first, reason.strip())


def _rejecting(self: R, verb: str, what: str, arguments: Any, gone: Bools, reason: str) -> R:
    data, count = self.data, int(gone.sum())
    entry = LogEntry(verb, what, arguments, len(data), len(data) - count, count, 0, reason)
    if not count:
        return self.logged(entry, data=data)
    out = data[gone].assign(_reason=reason, _step=len(self.entries) + 1)
    rejected = pd.concat([self.rejected, out]) if len(self.rejected) else out
    missing = self.missing[~gone] if len(self.missing.columns) else self.missing
    return self.logged(entry, data=data[~gone], missing=missing, rejected=rejected)
