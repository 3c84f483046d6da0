"""Wards across a reorganisation: which unit a code meant on a day, and which one is there instead.

New codes reuse old ones, so a join on the code alone is silently wrong. A unit is a code with the days it was in
force; the lineage table says which unit follows which.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from survey.base.names import column_named
from survey.base.text import counted
from survey.codebook import Variable, same_text
from survey.codebook.told import may_be_shown
from survey.core.columns import known_columns, name_rows, new_column, refuse_codes, with_column_from
from survey.core.log import LogEntry, plain_arguments
from survey.core.responses_data import R, ResponsesData
from survey.design.lineage_table import Lineage
from survey.errors import CleaningError, shorten

__all__ = ["map_wards"]


def map_wards(
    self: R,
    column: str,
    *,
    lineage: pd.DataFrame | str | os.PathLike[str] | list[dict[str, Any]],
    date: str | Mapping[str, Mapping[Any, str]],
    to: str,
    into: str,
    reason: str = "",
) -> R:
    """Add the code that each ward has on another day, forward or back across reorganisations.

    Forward a unit becomes its successor; a unit that was split has several, and where its people went the code does
    not say. Back a unit becomes its predecessor, which is known only where there is one: a merged unit has several.

    Parameters
    ----------
    column : str
        Codes of wards, as text or numbers (12436 finds "12436", 1234 finds "01234").
    lineage : DataFrame, or path of a CSV
        One row per unit and successor: code, name, valid_from, valid_to, successor_code, successor_valid_from and
        kind (renamed, merged, split) or share. Days as 2025-07-01; valid_to is the last day, empty where the unit is
        still in force; both successor columns are empty for a unit that nothing followed.
    date : str or mapping
        The day of the codes: a day ("2024-06-30"), a column of dates, or a column that says which codes are used
        with the day that each of its values stands for: {"code_vintage": {1: "2025-06-30", 2: "2025-07-01"}}.
    to : str
        The day whose codes are wanted ("2025-07-01").
    into : str
        Name of the new column of codes, as the lineage table writes them. Empty cells stay empty and keep their kind.
    reason : str

    Returns
    -------
    Responses

    Raises
    ------
    CleaningError
        For a lineage table that contradicts itself; for codes that no unit had on their day, units without a
        successor, split units forward, merged units back: the rows are named, and nothing is guessed.
    """
    (column,) = known_columns(self, [column])
    new_column(self, into, "map_wards")
    refuse_codes(self, [column], "map_wards")
    table = Lineage.of(lineage)
    target = _day(to, "to")
    codes = self.data[column]
    filled = codes.notna().to_numpy()
    days, told = _days(self, date, filled)
    number, pairs = _distinct(codes, days, filled)
    results: list[str | None] = []
    failed = np.zeros(len(codes), dtype=bool)
    problems: list[str] = []
    kinds: dict[str, int] = {}
    each = np.bincount(number[number >= 0], minlength=len(pairs))
    for i, (code, day) in enumerate(pairs):
        shown = str(code) if may_be_shown(code, each[i]) else "a code (not shown)"
        found, problem, kind = table.follow(code, day, target, shown)
        results.append(found)
        if problem:
            failed |= number == i
            problems.append(problem)
        else:
            kinds[kind] = kinds.get(kind, 0) + 1
    if problems:
        raise CleaningError(
            "The ward of some rows on that day cannot be determined.",
            where=f"{column}, {name_rows(self, failed)}",
            got="; ".join(problems[:8]) + (f"; … ({len(problems)} in all)" if len(problems) > 8 else ""),
            expected=f"one unit in force on {target:%Y-%m-%d} for each code",
            fix="correct the code or its date, complete the lineage table, or use the ward that respondents reported",
        )
    values = np.full(len(codes), None, dtype=object)
    if results:
        values[number >= 0] = np.array(results, dtype=object)[number[number >= 0]]
    names = table.names(target, [r for r in results if r is not None])
    source = self.codebook.variables.get(column)
    made = Variable(
        into,
        type="nominal",
        text=source.text if source else MappingProxyType({}),
        role="frame",
        labels=MappingProxyType({c: same_text(n) for c, n in names.items()}),
    )
    used = table.records([code for code, _ in pairs])
    told_kinds = ", ".join(f"{kind} {n}" for kind, n in sorted(kinds.items()))
    answers = int(np.count_nonzero(number >= 0))
    entry = LogEntry(
        "map_wards",
        f"{into}: {column} as of {told} to {target:%Y-%m-%d}; {counted(len(pairs), 'unit')} became {len(names)}"
        + (f" ({told_kinds})" if told_kinds else ""),
        plain_arguments(column=column, lineage=used, date=_plain_date(date), to=to, into=into, reason=reason),
        len(codes),
        len(codes),
        answers,
        answers,
        reason,
    )
    mapped = with_column_from(self, entry, column, made, pd.Series(values, index=self.data.index, dtype="str"))
    if isinstance(lineage, str | os.PathLike):
        mapped = replace(mapped, codebook=mapped.codebook.read_from(lineage))
    return mapped


def _day(text: Any, what: str) -> pd.Timestamp:
    try:
        day = pd.Timestamp(text)
    except (ValueError, TypeError):
        day = pd.NaT
    if pd.isna(day):
        raise CleaningError("A date cannot be read.", where=f"{what}=", got=text, expected="such as '2025-07-01'")
    return day.tz_localize(None).normalize()


def _plain_date(date: Any) -> Any:
    return [[n, [[k, str(v)] for k, v in m.items()]] for n, m in date.items()] if isinstance(date, Mapping) else date


def _days(self: ResponsesData, date: Any, filled: Any) -> tuple[Any, str]:
    """The day of each row's code, and how to say where it comes from."""
    rows = len(self.data)
    if isinstance(date, list):  # as the log holds a mapping
        date = {name: dict(pairs) for name, pairs in date}
    if isinstance(date, Mapping):
        if len(date) != 1:
            raise CleaningError("The date of the codes must be a single column.", where="date=", got=shorten(date))
        ((name, stands),) = date.items()
        (name,) = known_columns(self, [name])
        column = self.data[name]
        days = column.map({k: _day(v, f"date={{{name!r}: {{{k}: ...}}}}") for k, v in stands.items()})
        days = pd.to_datetime(days)
        told = name
    elif (date := column_named(date, self.data.columns)) in self.data.columns:
        column = self.data[date]
        days = (
            column
            if pd.api.types.is_datetime64_any_dtype(column.dtype)
            else pd.to_datetime(column.astype("str"), errors="coerce", format="ISO8601")
        )
        days, told = days.dt.tz_localize(None).dt.normalize(), str(date)
    else:
        day = _day(date, "date")
        return pd.Series(day, index=range(rows)).to_numpy("datetime64[s]"), f"{day:%Y-%m-%d}"
    unknown = days.isna().to_numpy() & filled
    if unknown.any():
        raise CleaningError(
            "Some rows have a ward but no date.",
            where=f"{told}, {name_rows(self, unknown)}",
            expected="a date in each row that has a ward",
            fix="give one date for all: date='2024-06-30'",
        )
    return days.to_numpy("datetime64[s]"), told


def _distinct(codes: pd.Series, days: Any, filled: Any) -> tuple[Any, list[tuple[Any, pd.Timestamp]]]:
    """Number the pairs of code and day that occur; -1 for empty cells."""
    which, values = pd.factorize(codes)
    day, moments = pd.factorize(days)
    both = np.where(filled, which * max(len(moments), 1) + day, -1)
    number, found = pd.factorize(both[filled], sort=True)
    full = np.full(len(codes), -1)
    full[filled] = number
    wide = max(len(moments), 1)
    return full, [(values[int(b) // wide], pd.Timestamp(moments[int(b) % wide])) for b in found]
