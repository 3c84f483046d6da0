"""Answers as a platform wrote them, turned into codes, numbers and times.

An export writes answers as codes or as labels of one language, all of them the same way. Which way is found from all
columns together and said in a note; where two ways read the file differently it is an error, never a guess.
"""

from __future__ import annotations

import datetime as dt
import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from survey.base.catalogue import Note
from survey.base.options import taken_apart
from survey.codebook import Text
from survey.codebook.told import describe_values
from survey.errors import ReadError, shorten
from survey.io._values import truths_as_codes
from survey.io.platforms._form import code_of, plain
from survey.io.platforms._table import rows_named

__all__ = [
    "CODES",
    "Choices",
    "as_numbers",
    "as_times",
    "decoded",
    "guessless",
    "in_zone",
    "mapped",
    "way_of",
]

CODES = "codes"
"""The way of answers written as codes; the others are languages."""
_TRUTHS = {"true": True, "1": True, "false": False, "0": False}
_ZONED = re.compile(r".*[T ]\d{2}:\d{2}.*(Z|[+-]\d{2}:?\d{2})\s*$")


@dataclass(frozen=True, slots=True)
class Choices:
    """The options of a question: a code as written, and the codes that each label of a language means."""

    codes: Mapping[str, Any]
    labels: Mapping[str, Mapping[str, tuple[Any, ...]]]

    @classmethod
    def of(cls, options: Mapping[Any, Text], earlier: Iterable[Mapping[Any, Text]] = ()) -> Choices:
        """From codes with their labels by language, those of earlier versions of the form too."""
        labels: dict[str, dict[str, tuple[Any, ...]]] = {}
        codes = {str(c): code_of(c) if isinstance(c, str) else c for c in options}
        for written, text in options.items():
            for lang, label in text.items():
                seen = labels.setdefault(lang, {})
                key = plain(label)
                seen[key] = (*seen.get(key, ()), codes[str(written)])
        if "other" in codes:  # of or_other, which exports of labels write as it is
            for seen in labels.values():
                seen.setdefault("other", (codes["other"],))
        for former in earlier:
            for written, text in former.items():
                for lang, label in text.items():
                    means = codes.get(str(written))
                    known = labels.setdefault(lang, {}).get(plain(label), ())
                    if means is not None and means not in known:
                        labels[lang][plain(label)] = (*known, means)
        return cls(codes, labels)

    def _written(self, part: str) -> Any:
        """The code that is written so, or None; of truth values in any case, and as 1 and 0, as workbooks are read."""
        truth = _TRUTHS.get(part.casefold()) if part not in self.codes else None
        return self.codes.get(part if truth is None else truths_as_codes(self.codes).get(truth, part))

    def read(self, value: str, way: str, several: bool) -> tuple[Any, ...] | None:
        """The code that a cell means (the codes, where several may be chosen); None if it means none.

        Raises
        ------
        LookupError
            If it means more than one.
        """
        if way == CODES:
            parts = value.replace(",", " ").replace(";", " ").split() if several else [value.strip()]
            known = {p: self._written(p) for p in parts}
            return tuple(known[p] for p in parts) if None not in known.values() else None
        table = self.labels.get(way, {})
        text = plain(value)
        if not several:
            found = table.get(text)
            if found and len(found) > 1:
                raise LookupError(f"the label {value!r} belongs to codes {shorten(found)}")
            return found
        return taken_apart(text, table)


Asked = Sequence[tuple[str, pd.Series, Choices, bool]]
"""Columns with options: header, cells, options, whether several may be chosen."""


def way_of(columns: Asked, where: str) -> str:
    """How the answers of a file are written: "codes", or the language of their labels.

    Raises
    ------
    ReadError
        If two ways read every answer, and not the same.
    """
    ways = [CODES, *dict.fromkeys(lang for _, _, choices, _ in columns for lang in choices.labels)]
    unread = dict.fromkeys(ways, 0)
    meant: dict[str, list[Any]] = {way: [] for way in ways}
    cells: list[str] = []
    for header, column, choices, several in columns:
        for value in column.dropna().unique():
            cells.append(f"{header}: {value}")
            for way in ways:
                try:
                    codes = choices.read(value, way, several)
                except LookupError:
                    codes = ("?",)
                unread[way] += codes is None
                meant[way].append(None if codes is None else frozenset(codes))
    best = min(ways, key=lambda way: unread[way])
    for way in ways:
        if way != best and not unread[way] and not unread[best] and meant[way] != meant[best]:
            i = next(i for i, (a, b) in enumerate(zip(meant[way], meant[best], strict=True)) if a != b)
            raise ReadError(
                "The answers are ambiguous: two readings give different codes.",
                where=where,
                got=f"{shorten(meant[best][i])} by the {best}, {shorten(meant[way][i])} by the labels in {way}",
                expected="codes that are not the labels of other codes",
                fix="export with XML values and headers, and change such labels in the form",
            )
    return best


def decoded(
    header: str,
    column: pd.Series,
    choices: Choices,
    several: bool,
    way: str,
    where: str,
    notes: list[str],
    *,
    versions: bool = False,
) -> dict[str, tuple[Any, ...]]:
    """What each distinct cell of a column means, by way of the file, else by any other that is sure.

    Where the file writes codes, one that the form lacks (of another version) stays a code and is noted. With `versions`
    the file says that it holds several versions of the form: an unknown label stays the answer that it is, and cells
    of several answers that hold one are left to the columns of options.

    Raises
    ------
    ReadError
        For a label that the form lacks, or that belongs to several codes; the rows are named.
    """
    table: dict[str, tuple[Any, ...]] = {}
    unknown: list[str] = []
    for value in column.dropna().unique():
        codes: tuple[Any, ...] | None = None
        try:
            codes = choices.read(value, way, several)
        except LookupError as problem:
            raise ReadError(
                "An answer matches two options.",
                where=f"{where}, {header}, {rows_named(np.flatnonzero(column == value))}",
                got=problem,
                expected="a label of one option",
                fix="export with XML values and headers instead of labels, or change the label in the form",
            ) from None
        if codes is None:
            codes = _another_way(value, choices, several, way)
        if codes is None and way == CODES:
            parts = value.replace(",", " ").replace(";", " ").split() if several else [value.strip()]
            strange = [p for p in parts if p not in choices.codes]
            if several or all(not re.search(r"\s", p) for p in strange):
                codes = tuple(choices.codes.get(p, code_of(p)) for p in parts)
                held = rows_named(np.flatnonzero(column == value))
                own = describe_values([code_of(p) for p in strange], column=column)
                notes.append(Note("reading.code_not_in_form", column=header, code=own, rows=held))
        if codes is None:
            unknown.append(value)
        else:
            table[value] = codes
    rows = np.flatnonzero(column.isin(unknown))
    if unknown and versions:
        told = describe_values(unknown, column=column)
        notes.append(Note("reading.label_not_in_form", column=header, label=told, rows=rows_named(rows)))
        return table if several else table | {value: (value,) for value in unknown}
    if unknown:
        labels = [label for texts in choices.labels.values() for label in texts]
        near = difflib.get_close_matches(plain(unknown[0]), labels, n=1)
        raise ReadError(
            "An answer is not an option of its question.",
            where=f"{where}, {header}, {rows_named(rows)}",
            got=describe_values(unknown, column=column, like=labels or choices.codes),
            expected=shorten(labels or choices.codes, 12),
            fix=(f"is it {near[0]!r}? " if near else "")
            + "give the form or codebook with the labels of this export, or export codes (XML values)",
        )
    return table


def _another_way(value: str, choices: Choices, several: bool, way: str) -> tuple[Any, ...] | None:
    found = set()
    for other in (CODES, *choices.labels):
        if other != way:
            try:
                codes = choices.read(value, other, several)
            except LookupError:
                return None
            if codes is not None:
                found.add(codes)
    return found.pop() if len(found) == 1 else None


def mapped(column: pd.Series, table: Mapping[str, tuple[Any, ...]]) -> pd.Series:
    """Codes of a question with one answer: numbers where all are, text where all are."""
    values = column.map({k: v[0] for k, v in table.items()})
    codes = {v[0] for v in table.values()}
    if all(isinstance(c, int | float) for c in codes):
        numbers = pd.to_numeric(values)
        return numbers if numbers.isna().any() or not len(numbers) else numbers.astype("int64", errors="ignore")
    return values.astype("str") if all(isinstance(c, str) for c in codes) else values.astype(object)


def as_numbers(column: pd.Series) -> pd.Series:
    """Numbers, if every cell is one; otherwise the text, for `check()` to name the rows."""
    given = column.dropna()
    if given.empty:
        return pd.Series(np.full(len(column), np.nan), index=column.index)
    if not given.str.fullmatch(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*").all():
        return column
    numbers = pd.to_numeric(column.str.strip())
    return numbers


def guessless(column: pd.Series) -> pd.Series:
    """A column that no one declared: numbers if every cell is one and loses nothing as one, else text."""
    given = column.dropna()
    if given.empty or given.str.match(r"[+-]?0\d").any() or given.str.match(r"\+").any() or given.str.len().max() > 15:
        return column
    return as_numbers(column)


_ENGLISH = ("%b %d, %Y %I:%M:%S %p", "%b %d, %Y %H:%M:%S", "%b %d, %Y")


def as_times(column: pd.Series) -> pd.Series:
    """Dates and times without a zone, ISO 8601 or such as "Nov 24, 2026 10:38:51 AM"; the text if a cell is none."""
    given = column.dropna()
    if given.empty:
        return pd.Series(np.full(len(column), np.datetime64("NaT", "us")), index=column.index)
    texts = {t: re.sub(r"[\u00a0\u202f]", " ", t).strip() for t in given.unique()}
    times = {t: _time(s) for t, s in texts.items()}
    if any(v is None for v in times.values()):
        return column
    return pd.Series(column.map(times).to_numpy("datetime64[us]"), index=column.index)


def _time(text: str) -> dt.datetime | None:
    try:
        return dt.datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        pass
    for form in _ENGLISH:
        try:
            return dt.datetime.strptime(text, form)
        except ValueError:
            continue
    return None


def in_zone(
    columns: Mapping[str, pd.Series], utc: Iterable[str], declared: str | None, notes: list[str]
) -> dict[str, pd.Series]:
    """Times of a file on one clock: the declared zone, the one offset they are written with, or UTC.

    Parameters
    ----------
    columns : mapping of str to Series of text
    utc : iterable of str
        Columns that the platform writes in UTC without saying so.
    declared : str, optional
        Such as "Asia/Ho_Chi_Minh".
    notes : list of str
        Is told which clock it is.
    """
    zoned = {n: c.str.match(_ZONED).fillna(False).astype(bool) for n, c in columns.items()}
    plainly = set(utc)
    if not any(z.any() for z in zoned.values()) and not (declared and plainly & set(columns)):
        return {n: as_times(c) for n, c in columns.items()}
    offsets = set()
    for n, c in columns.items():
        for value in c[zoned[n]].unique():
            moment = _aware(value)
            if moment is not None and n not in plainly and not value.strip().endswith("Z"):
                offsets.add(moment.utcoffset())
    zone: Any = dt.UTC
    if declared is not None:
        from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

        try:
            zone, name = ZoneInfo(declared), declared
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ReadError(
                "The time zone is unknown.", got=declared, expected="such as Asia/Ho_Chi_Minh, UTC"
            ) from None
    elif len(offsets) == 1:
        zone = dt.timezone(offset := offsets.pop() or dt.timedelta())
        name = Note("reading.clock_devices", offset=dt.timezone(offset))
    else:
        name = Note("reading.clock_several") if offsets else "UTC"
    notes.append(Note("reading.clock", clock=name))
    return {n: _moved(c, zoned[n], zone, n in plainly) for n, c in columns.items()}


def _moved(column: pd.Series, zoned: pd.Series, zone: Any, utc: bool) -> pd.Series:
    times: dict[str, dt.datetime | None] = {}
    for text, has in zip(column, zoned, strict=True):
        if not isinstance(text, str) or text in times:
            continue
        moment = _aware(text) if has else _time(text.strip())
        if moment is not None and not has and utc:
            moment = moment.replace(tzinfo=dt.UTC)
        times[text] = moment.astimezone(zone).replace(tzinfo=None) if moment is not None and moment.tzinfo else moment
    if any(v is None for v in times.values()):
        return column
    return pd.Series(column.map(times).to_numpy("datetime64[us]"), index=column.index)


def _aware(text: str) -> dt.datetime | None:
    try:
        return dt.datetime.fromisoformat(text.strip())
    except ValueError:
        return None
