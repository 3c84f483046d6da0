"""Checks of answers against the codebook: every broken rule at once, with its rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from survey._expressions import column_names, derived
from survey.cleaning._common import CODED, Asked, Bools, in_words, is_code, numeric, row_ids
from survey.cleaning._copies import row_groups
from survey.cleaning.report import Broken, Report
from survey.codebook import Variable
from survey.errors import CleaningError, some
from survey.privacy.scan import personal_columns

if TYPE_CHECKING:
    from survey.responses import Responses

__all__ = ["check"]


def check(self: Responses, rules: Mapping[str, str] | None = None) -> Report:
    """Compare the answers with the codebook.

    Errors: values of another type than declared, codes outside the scale, numbers outside the limits, empty cells of
    required variables, ids that are not unique, codes that the file declares missing and the codebook takes for
    answers, variables of the codebook that the data lack, columns that the codebook lacks. Warnings: whole rows that
    are exact copies, what was found on reading and not declared (a sheet, an encoding),
    answers to a question whose base does not hold, a base that cannot be evaluated, columns with personal data (by
    a quick look; `scan_personal` looks at every row).

    Parameters
    ----------
    rules : mapping of str to str, optional
        Rules of your own: a name, and an expression that must hold in every row where it can be evaluated.

    Returns
    -------
    Report

    Raises
    ------
    CleaningError
        If a rule of your own cannot be read.
    """
    found: list[Broken] = []
    found += [_broken(self, "reading", "", "warning", None, note) for s in self.sources for note in s.notes]
    found += _codebook_against_data(self)
    asked = Asked(self)
    for name in self.data.columns:
        variable = self.codebook.variables.get(name)
        if variable is not None:
            found += _variable(self, variable, asked)
    found += _rows(self)
    for name, kinds in personal_columns(self.data, self.codebook, quick=True).items():
        found.append(_broken(self, "personal", name, "warning", None, f"holds personal data: {kinds}"))
    for title, expression in (rules or {}).items():
        holds = np.asarray(derived(expression, self.data, f"rule {title}", error=CleaningError), dtype=float)
        if (holds == 0).any():
            found.append(_broken(self, title, ", ".join(column_names(expression)), "error", holds == 0,
                                 f"does not hold: {expression}"))  # fmt: skip
    found.sort(key=lambda b: b.severity)  # "error" before "warning"; stable
    source = "; ".join(s.path for s in self.sources)
    return Report(tuple(found), len(self.data), len(self.data.columns), source)


def _broken(self: Responses, rule: str, variable: str, severity: str, rows: Bools | None, message: str) -> Broken:
    if rows is None:
        return Broken(rule, variable, severity, self.data.index[:0], (), message)
    ids = tuple(row_ids(self.data, self.codebook, rows))
    return Broken(rule, variable, severity, self.data.index[rows], ids, message)


def _codebook_against_data(self: Responses) -> Iterator[Broken]:
    if not self.codebook:
        yield _broken(self, "codebook", "", "warning", None, "there is no codebook to compare with")
        return
    for name in self.codebook.variables:
        if name not in self.data.columns:
            yield _broken(self, "codebook", name, "error", None, "the codebook names it and the data lack it")
    for name in self.data.columns:
        if name not in self.codebook.variables:
            yield _broken(self, "codebook", name, "error", None, "the data have it and the codebook lacks it")


def _variable(self: Responses, variable: Variable, asked: Asked) -> Iterator[Broken]:
    name = variable.name
    column = self.data[name]
    empty = column.isna().to_numpy()
    yield from _declared(self, variable)
    if variable.type in CODED and variable.labels:
        outside = ~empty & ~is_code(column, [*variable.codes, *variable.missing])
        if outside.any():
            values = in_words(column[outside])
            yield _broken(self, "scale", name, "error", outside,
                          f"codes outside the scale: {values}; the scale is {some(variable.codes, 12)}")  # fmt: skip
    elif variable.type in ("number", "date"):
        wrong = _wrong_type(variable, column, empty)
        if wrong.any():
            yield _broken(self, "type", name, "error", wrong, f"not a {variable.type}: {in_words(column[wrong])}")
    if variable.limits is not None:
        values = pd.to_numeric(column, errors="coerce").to_numpy(float)
        low, high = variable.limits
        outside = ((values < low) | (values > high)) & ~is_code(column, variable.missing)
        if outside.any():
            yield _broken(self, "limits", name, "error", outside,
                          f"outside {low:g} to {high:g}: {in_words(column[outside])}")  # fmt: skip
    try:
        base = asked(variable)
    except CleaningError as error:
        yield _broken(self, "routing", name, "warning", None, f"its base cannot be evaluated: {error.what}")
        return
    if base is not None:
        answered = (base == 0) & ~empty & ~is_code(column, variable.missing)
        if answered.any():
            yield _broken(self, "routing", name, "warning", answered,
                          f"answered although the base does not hold: {variable.base}")  # fmt: skip
    if variable.required:
        lacking = empty if base is None else empty & (base == 1)
        if name in self.missing.columns:  # a recoded missing code was an entry
            lacking = lacking & (self.missing[name].to_numpy() == 0)
        if lacking.any():
            yield _broken(self, "required", name, "error", lacking, "required and empty")


def _wrong_type(variable: Variable, column: pd.Series, empty: Bools) -> Bools:
    if variable.type == "date":
        if pd.api.types.is_datetime64_any_dtype(column.dtype):
            return np.zeros(len(column), dtype=bool)
        return ~empty & pd.to_datetime(column.astype("str"), errors="coerce", format="ISO8601").isna().to_numpy()
    if numeric(column) is not None:
        return np.zeros(len(column), dtype=bool)
    return ~empty & pd.to_numeric(column, errors="coerce").isna().to_numpy() & ~is_code(column, variable.missing)


def _declared(self: Responses, variable: Variable) -> Iterator[Broken]:
    """Missing codes: what the file declares against what the codebook says."""
    declared = self.codebook.extra.get("declared_missing", {})
    ranges, column = declared.get(variable.name), self.data[variable.name]
    if not ranges:
        return
    inside = np.zeros(len(column), dtype=bool)
    values = numeric(column)
    for low, high in ranges:
        if values is not None and not isinstance(low, str):
            inside |= (values >= low) & (values <= high)
        elif isinstance(low, str):
            inside |= is_code(column, [low])
    surplus = inside & ~is_code(column, variable.missing)
    if surplus.any():
        yield _broken(
            self, "missing codes", variable.name, "error", surplus,
            f"the file declares them missing, the codebook does not: {in_words(column[surplus])}",
        )  # fmt: skip
    codes = [c for c in variable.missing if not any(_within(c, *r) for r in ranges)]
    lacking = is_code(column, codes)
    if lacking.any():
        yield _broken(
            self, "missing codes", variable.name, "warning", lacking,
            f"the codebook declares them missing, the file does not: {in_words(column[lacking])}",
        )  # fmt: skip


def _within(code: object, low: object, high: object) -> bool:
    try:
        return bool(low <= code <= high)  # type: ignore[operator]
    except TypeError:
        return False


def _rows(self: Responses) -> Iterator[Broken]:
    ids = [n for n, v in self.codebook.variables.items() if v.role == "id" and n in self.data.columns]
    if ids:
        given = self.data[ids].notna().all(axis=1).to_numpy()
        twice = self.data.duplicated(ids, keep=False).to_numpy() & given
        if twice.any():
            yield _broken(self, "unique", ", ".join(ids), "error", twice, "the same id in several rows")
        if not given.all():
            yield _broken(self, "unique", ", ".join(ids), "error", ~given, "rows without an id")
    others = [n for n in self.data.columns if n not in ids]
    if others:
        group = row_groups([self.data[n] for n in others])
        copies = np.ones(len(group), dtype=bool)
        copies[np.unique(group, return_index=True)[1]] = False
        if copies.any():
            yield _broken(self, "copies", "", "warning", copies,
                          "exact copies of an earlier row" + (" but for the id" if ids else ""))  # fmt: skip
