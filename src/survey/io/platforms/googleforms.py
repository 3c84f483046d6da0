"""Exports of Google Forms: the wording of each question above its answers."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from survey.base.catalogue import Note
from survey.codebook import Variable
from survey.codebook.told import describe_values
from survey.errors import ReadError
from survey.io._raw import Options, Raw
from survey.io.platforms._draft import Draft
from survey.io.platforms._form import plain
from survey.io.platforms._table import tables_of
from survey.io.platforms._worded import Column, both_languages, by_wording, put_all

__all__ = ["read_googleforms"]

_TIMESTAMPS = ("timestamp", "dấu thời gian")
_PERSONAL = ("email address", "địa chỉ email", "username", "tên người dùng", "email")
_SCORES = ("score", "điểm", "điểm số", "total score")
_SLASHED = re.compile(
    r"(\d{1,4})([/.-])(\d{1,2})\2(\d{1,4})[ ,T]+(\d{1,2}):(\d{2})(?::(\d{2}))?"
    r"\s*(AM|PM|SA|CH)?\s*(?:GMT|UTC)?([+-]\d{1,2}(?::?\d{2})?)?",
    re.IGNORECASE,
)
_ORDERS = {"vi": "dmy", "en-us": "mdy", "en-gb": "dmy", "de": "dmy", "fr": "dmy"}


def read_googleforms(path: Path, options: Options) -> Raw:
    """Read the answers of a form, as CSV from Google Forms or as CSV or XLSX from Google Sheets.

    With a codebook each header is the wording of a variable, in any language; several answers in one cell (checkboxes,
    joined by ", " or ";") become the 0/1 columns of the codebook's set; words of one's own under "Other" are kept in
    `NAME_other`. Without one, questions are called q1, q2, ... and keep their wording.

    Raises
    ------
    ReadError
        For a wording that the codebook lacks, an answer that is not a label, a time whose order of day and month is not
        declared (`locale="vi"`, `"en-US"`).
    """
    table = next(iter(tables_of(path, options).values()))
    draft = Draft(str(path), options.codebook)
    found: list[tuple[str, str, pd.Series]] = []  # name, header, cells
    questions: list[tuple[str, pd.Series]] = []
    for header, cells in zip(table.header, table.cells, strict=True):
        bare = plain(header).casefold()
        if bare in _TIMESTAMPS:
            found.append(("timestamp", header, cells))
        elif bare in _PERSONAL:
            found.append(("email", header, cells))
        elif bare in _SCORES and draft.given is None:
            found.append(("form_score", header, cells))
        elif header or cells.notna().any():
            questions.append((header, cells))
    for name, header, cells in found:
        variable = Variable(name, type="text", role="personal" if name == "email" else "paradata")
        column = cells
        if name == "timestamp":
            column = _times(cells, getattr(options, "locale", None), draft.where, header)
            variable = Variable(name, type="date", role="paradata")
        draft.put(name, column, variable, header)
    if draft.given is not None:
        names = by_wording([h for h, _ in questions], draft.given, table.where, draft.notes)
    else:
        names = [f"q{i}" for i in range(1, len(questions) + 1)]
        draft.notes.append(Note("reading.no_codebook"))
    columns = [Column(n, h, c, both_languages(h)) for n, (h, c) in zip(names, questions, strict=True)]
    clock: Callable[..., pd.Series] = partial(_dates, locale=getattr(options, "locale", None))
    put_all(draft, columns, {"": clock})
    return draft.raw()


def _times(cells: pd.Series, locale: str | None, where: str, header: str) -> pd.Series:
    """Times as Forms and Sheets write them; an error where day and month could be either."""
    times: dict[str, dt.datetime] = {}
    for text in cells.dropna().unique():
        moment = _time(text, _ORDERS.get((locale or "").lower().replace("_", "-"), ""))
        if moment is None:
            raise ReadError(
                "A time is ambiguous: the order of day and month is unknown.",
                where=f"{where}, {header}",
                got=describe_values([text], column=cells),
                expected="yyyy/mm/dd, or a declared locale",
                fix='declare the date format: read(..., locale="vi") for dd/mm/yyyy, "en-US" for mm/dd/yyyy',
            )
        times[text] = moment
    return pd.Series(cells.map(times).to_numpy("datetime64[us]"), index=cells.index)


def _dates(cells: pd.Series, locale: str | None) -> pd.Series:
    """Dates that a codebook declares; the text if one of them is none."""
    order = _ORDERS.get((locale or "").lower().replace("_", "-"), "")
    given = cells.dropna().unique()
    times = {t: _time(t, order) or _time(f"{t} 0:00", order) for t in given}
    if not len(given):
        return pd.Series(np.full(len(cells), np.datetime64("NaT", "us")), index=cells.index)
    if any(v is None for v in times.values()):
        return cells
    return pd.Series(cells.map(times).to_numpy("datetime64[us]"), index=cells.index)


def _time(text: str, order: str) -> dt.datetime | None:
    text = re.sub(r"[\u00a0\u202f]", " ", text).strip()
    try:
        return dt.datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        pass
    match = _SLASHED.fullmatch(text)
    if match is None:
        return None
    first, second, third = match[1], match[3], match[4]
    if len(first) == 4:
        year, month, day = first, second, third
    elif len(third) == 4 and order:
        year, month, day = (third, second, first) if order == "dmy" else (third, first, second)
    else:
        return None
    half = (match[8] or "").upper()
    hour = int(match[5]) % 12 + 12 * (half in ("PM", "CH")) if half else int(match[5])
    try:
        return dt.datetime(int(year), int(month), int(day), hour, int(match[6]), int(match[7] or 0))
    except ValueError:
        return None
