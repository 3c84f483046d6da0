"""Checks of answers against the codebook: every broken rule at once, with its rows."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

import numpy as np
import pandas as pd

from survey.base.catalogue import Note, as_note, listed
from survey.base.expressions import column_names
from survey.base.names import columns_named
from survey.cleaning._duplicates import row_groups
from survey.cleaning._scan import EMPTY, byte_codes, member
from survey.cleaning.check_report import Broken, Report, broken
from survey.cleaning.direction_checks import found_directions
from survey.cleaning.nonanswer_checks import found_nonanswers
from survey.cleaning.rules import Rule, check_rule, read_rules
from survey.cleaning.set_checks import found_sets
from survey.cleaning.waves import across_waves
from survey.codebook import LANGUAGES, Text, Variable
from survey.codebook._table import language_of
from survey.core.columns import CODED, Asked, Bools, in_words, is_code, numeric
from survey.core.responses_data import ResponsesData
from survey.core.undeclared import form_notes
from survey.core.unheld import unheld
from survey.errors import CleaningError, SurveyError
from survey.privacy.scan import quick_look

__all__ = ["check"]

_SOME_LACKING, _SLIP = 3, 0.85


def check(
    self: ResponsesData,
    rules: Mapping[str, str] | str | os.PathLike[str] | Sequence[Rule] | None = None,
    *,
    across: str | None = None,
    fixed: Sequence[str] | None = None,
    today: dt.date | str | None = None,
) -> Report:
    """Compare the answers with the codebook, with each other, and with custom rules.

    Errors: values of another type than declared, codes outside the scale, numbers outside the limits, empty cells of
    required variables, ids that are not unique, codes that the file declares missing and the codebook takes for
    answers, variables of the codebook that the data lack, columns that the codebook lacks, dates in the future.
    Warnings: whole rows that are exact copies, what was found on reading and not declared (a sheet, an encoding),
    answers that read like missing ones and are not declared (`declare_missing` mends it), numbers stored as text,
    select-all questions that are not declared (`declare_select_all` does it), scales whose first answer is the good or
    strong end, by the words of their labels, without a declared direction,
    answers to a question whose base does not hold, a base that cannot be evaluated, columns with personal data (by a
    quick look; `scan_personal` looks at every row). A codebook that describes less than half of the columns is taken
    for one of the questions in use: one warning names the others.

    Parameters
    ----------
    rules : path of a TOML file, mapping of str to str, or list of Rule, optional
        Custom rules; docs/checks.md describes the file. A mapping gives a name and an expression that must hold
        in every row where it can be evaluated.
    across : str, optional
        A column of waves. Then ids need be unique within a wave only, and waves are compared: variables answered in
        one of them only, codes, ranges and spellings used in one and not in another, people who change what is fixed.
    fixed : list of str, optional
        With `across`: what does not change in a person; of sex and birth_year those that there are, when not given.
    today : date, optional
        The day after which dates lie in the future; that of the clock when not given.

    Returns
    -------
    Report

    Raises
    ------
    CleaningError
        If a custom rule cannot be read, or `across` or `fixed` names a column that does not exist.
    """
    own = read_rules(rules)
    try:
        now = pd.Timestamp(dt.date.today() if today is None else today)
    except ValueError:
        raise CleaningError(
            "The date given as today cannot be read.",
            where="check(today=...)",
            got=today,
            expected="2024-06-30, or a date object",
        ) from None
    found: list[Broken] = []
    read = dict.fromkeys([*(n for s in self.sources for n in s.notes), *form_notes(self)])
    found += [broken(self, "reading", "", "warning", None, as_note(n)) for n in read]
    found += _codebook_against_data(self)
    found += _bases(self)
    asked = Asked(self)
    for name in self.data.columns:
        variable = self.codebook.variables.get(name)
        if variable is not None:
            found += _variable(self, variable, asked, now)
    found += _rows(self, across)
    found += found_nonanswers(self)
    found += found_sets(self)
    found += found_directions(self)
    for name, kinds in self.once(quick_look).items():
        found.append(broken(self, "personal", name, "warning", None, Note("found.personal", kinds=kinds)))
    if across is not None:
        found += across_waves(self, across, fixed)
    for rule in own:
        found += check_rule(self, rule)
    found.sort(key=lambda b: b.severity)  # "error" before "warning"; stable
    source = "; ".join(s.path for s in self.sources)
    return Report(
        tuple(found),
        len(self.data),
        len(self.data.columns),
        source,
        tuple(r.name for r in own),
        self.codebook.simulated,
        (*self.origins, *([rules] if isinstance(rules, str | os.PathLike) else [])),
        {b.variable: _names(self, b.variable) for b in found if b.variable in self.codebook},
        language_of(self.codebook),
    )


def _names(self: ResponsesData, variable: str) -> Text:
    """What a variable is called in every language, where it has a short name or a wording at all."""
    named = self.codebook[variable]
    return {lang: named.short_name(lang) for lang in LANGUAGES} if named.short or named.text else {}


def _codebook_against_data(self: ResponsesData) -> Iterator[Broken]:
    if not self.codebook:
        yield broken(self, "codebook", "", "warning", None, Note("found.no_codebook"))
        return
    absent = [n for n in self.codebook.variables if n not in self.data.columns]
    for name in absent:
        yield broken(self, "codebook", name, "error", None, Note("found.not_in_data"))
    lacking = [n for n in self.data.columns if n not in self.codebook.variables]
    if len(lacking) > max(_SOME_LACKING, len(self.data.columns) / 2):  # a codebook of the questions in use
        slips = [n for n in lacking if get_close_matches(str(n), absent, 1, _SLIP)]  # but a name that is misspelt
        others = [n for n in lacking if n not in slips]
        numbers = {"described": len(self.data.columns) - len(lacking), "columns": len(self.data.columns)}
        note = Note("found.partial_codebook", **numbers, names=listed(others, 12))
        yield broken(self, "codebook", "", "warning", None, note)
        lacking = slips
    for name in lacking:
        yield broken(self, "codebook", name, "error", None, Note("found.not_in_codebook"))


class _Column:
    """One column, looked at as bytes where its numbers allow it."""

    def __init__(self, column: pd.Series, variable: Variable) -> None:
        self.column, self.variable = column, variable
        self.values = numeric(column)
        self.bytes = None if self.values is None else byte_codes(self.values)
        self.empty: Bools = column.isna().to_numpy() if self.bytes is None else self.bytes == EMPTY

    def holds(self, codes: Sequence[Any], *, empty: bool = False) -> Bools:
        """Where it holds one of the codes (or is empty, on request)."""
        if self.bytes is not None:
            return member(self.bytes, codes, empty=empty)
        found = is_code(self.column, codes)
        return found | self.empty if empty else found


def _variable(self: ResponsesData, variable: Variable, asked: Asked, today: pd.Timestamp) -> Iterator[Broken]:
    name = variable.name
    column = self.data[name]
    look = _Column(column, variable)
    missing = list(variable.missing)
    yield from _declared(self, variable)
    if variable.type in CODED and variable.labels:
        inside = look.holds([*variable.codes, *missing], empty=True)
        if not inside.all():
            values = in_words(column[~inside], variable)
            scale = listed(variable.codes, 12)
            yield broken(self, "scale", name, "error", ~inside, Note("found.scale", values=values, scale=scale))
    elif variable.type in ("number", "date"):
        wrong = _wrong_type(variable, column, look.empty)
        if wrong.any():
            values = in_words(column[wrong], variable)
            key = "found.not_number" if variable.type == "number" else "found.not_date"
            yield broken(self, "type", name, "error", wrong, Note(key, values=values))
        if variable.type == "date":
            yield from _future(self, name, column, wrong, today)
    if variable.limits is not None:
        numbers = look.values if look.values is not None else pd.to_numeric(column, errors="coerce").to_numpy(float)
        low, high = variable.limits
        beyond = (numbers < low) | (numbers > high)
        if beyond.any():
            beyond &= ~look.holds(missing)
        if beyond.any():
            values = in_words(column[beyond], variable)
            ends = {"low": f"{low:g}", "high": f"{high:g}"}
            yield broken(self, "limits", name, "error", beyond, Note("found.limits", values=values, **ends))
    try:
        base = asked(variable)
    except CleaningError:
        yield broken(self, "routing", name, "warning", None, Note("found.base_unknown", why=_why(self, variable)))
        return
    if base is not None:
        answered = base == 0
        answered &= ~look.holds(missing, empty=True)
        if answered.any():
            yield broken(self, "routing", name, "warning", answered, Note("found.base_not", base=variable.base))
    if variable.required:
        lacking = look.empty if base is None else look.empty & (base == 1)
        if name in self.missing.columns:  # a recoded missing code was an entry
            lacking = lacking & (self.missing[name].to_numpy() == 0)
        if lacking.any():
            yield broken(self, "required", name, "error", lacking, Note("found.required"))


def _bases(self: ResponsesData) -> Iterator[Broken]:
    """A warning for each base that compares a question with a value that nobody has and the codebook does not know."""
    named: dict[str, list[str]] = {}
    for v in self.codebook.variables.values():
        if v.base and v.name in self.data.columns:
            named.setdefault(v.base, []).append(v.name)
    for base, names in named.items():
        try:
            values = [f"{one.column} = {one.value}" for one in unheld(self, base) if not one.answer]
        except SurveyError:  # an expression that cannot be read is told with its variable
            continue
        if values:
            note = Note("found.base_unheld", base=base, values=listed(values), columns=listed(names, 12))
            yield broken(self, "routing", names[0] if len(names) == 1 else "", "warning", None, note)


def _why(self: ResponsesData, variable: Variable) -> Note:
    """Why nobody knows who was asked a question: a column that is not there, or an expression that does not work."""
    try:
        named = columns_named(column_names(variable.base, CleaningError), self.data.columns)
        lacking = [n for n in named if n not in self.data.columns]
    except CleaningError:
        lacking = []
    if lacking:
        return Note("found.base_column", columns=listed(lacking, 8))
    return Note("found.base_expression", expression=variable.base)


def _future(self: ResponsesData, name: str, column: pd.Series, wrong: Bools, today: pd.Timestamp) -> Iterator[Broken]:
    days = column
    if not pd.api.types.is_datetime64_any_dtype(column.dtype):
        days = pd.to_datetime(column.astype("str").mask(wrong), errors="coerce", format="ISO8601", utc=True)
    if getattr(days.dt, "tz", None) is not None:
        days = days.dt.tz_localize(None)
    later = (days >= today + pd.Timedelta(days=1)).to_numpy(bool)
    if later.any():
        values = listed((_day(d) for d in sorted(days[later].dt.normalize().unique())), 4)
        declared = self.codebook.variables.get(name)
        if declared is not None and declared.role in ("personal", "pseudonym", "id"):
            values = Note("parts.hidden")
        yield broken(self, "future", name, "error", later, Note("found.future", today=today.date(), values=values))


def _day(moment: pd.Timestamp) -> object:
    """The date; of a year after 9999, which Python has no date for, the text."""
    return moment.date() if moment.year <= 9999 else str(moment.asm8.astype("datetime64[D]"))


def _wrong_type(variable: Variable, column: pd.Series, empty: Bools) -> Bools:
    if variable.type == "date":
        if pd.api.types.is_datetime64_any_dtype(column.dtype):
            return np.zeros(len(column), dtype=bool)
        dates = pd.to_datetime(column.astype("str"), errors="coerce", format="ISO8601")
        return np.asarray(~empty & dates.isna())
    if numeric(column) is not None:
        return np.zeros(len(column), dtype=bool)
    return np.asarray(~empty & pd.to_numeric(column, errors="coerce").isna() & ~is_code(column, variable.missing))


def _declared(self: ResponsesData, variable: Variable) -> Iterator[Broken]:
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
        yield broken(
            self,
            "missing codes",
            variable.name,
            "error",
            surplus,
            Note("found.missing_in_file", values=in_words(column[surplus], variable)),
        )
    codes = [c for c in variable.missing if not any(_within(c, *r) for r in ranges)]
    lacking = is_code(column, codes)
    if lacking.any():
        yield broken(
            self,
            "missing codes",
            variable.name,
            "warning",
            lacking,
            Note("found.missing_in_codebook", values=in_words(column[lacking], variable)),
        )


def _within(code: object, low: object, high: object) -> bool:
    try:
        return bool(low <= code <= high)  # type: ignore[operator]
    except TypeError:
        return False


def _rows(self: ResponsesData, across: str | None) -> Iterator[Broken]:
    ids = [n for n, v in self.codebook.variables.items() if v.role == "id" and n in self.data.columns]
    if ids:
        given = self.data[ids].notna().all(axis=1).to_numpy()
        within = ids if across is None or across in ids or across not in self.data.columns else [*ids, across]
        twice = self.data.duplicated(within, keep=False).to_numpy() & given
        if twice.any():
            yield broken(self, "unique", ", ".join(ids), "error", twice, Note("found.same_id"))
        if not given.all():
            yield broken(self, "unique", ", ".join(ids), "error", ~given, Note("found.no_id"))
    others = [n for n in self.data.columns if n not in ids]
    if others:
        group = row_groups([self.data[n] for n in others])
        copies = np.zeros(len(group), dtype=bool)
        if len(group) and group.max() < len(group) - 1:  # fewer numbers than rows
            copies = pd.Series(group).duplicated().to_numpy()
        if copies.any():
            key = "found.copies_but_id" if ids else "found.copies"
            yield broken(self, "copies", "", "warning", copies, Note(key))
