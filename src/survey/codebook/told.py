"""What an error may say of the values of a column: codes, numbers and categories, never what a person wrote or is."""

from __future__ import annotations

import datetime as dt
import re
import traceback
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any
from unicodedata import normalize

import numpy as np
import pandas as pd

from survey.base.catalogue import Note, listed
from survey.base.personal import full_date, in_text, is_name
from survey.base.said import said
from survey.codebook import Variable
from survey.errors import SurveyError

__all__ = [
    "describe_groups",
    "describe_row",
    "describe_rows",
    "describe_terms",
    "describe_values",
    "fault_message",
    "may_be_shown",
    "said",
]

_LONGEST, _OFTEN, _LARGEST, _MANY = 30, 5, 1e7, 2_000
_ROLES = ("personal", "pseudonym", "id")
_IDENTIFIER = re.compile(r"[A-Za-z]|\d[\dA-Za-z]{0,6}|[A-Za-z]{1,4}[-_.]?\d[\dA-Za-z]*(?:[-_.][\dA-Za-z]+)*")
_LEVEL = re.compile(r"(?s)\[(?:T\.)?((?:[^\[\]]|\[[^\]]*\])*)\]")


def describe_values(
    values: Iterable[Any],
    variable: Variable | None = None,
    *,
    column: pd.Series | None = None,
    like: Iterable[Any] = (),
    limit: int = 8,
) -> str:
    """The values that may be shown, and of the others how many there are and of what kind.

    Shown are numbers (below 10 million: telephones and ID numbers are not), codes and labels of the codebook, names
    of units such as P01-03, and short texts that are categories: at least five rows of `column` hold them, or they
    are one of `like` but for a slip. Nothing is shown of columns with a personal role, and no text that has the form
    of personal data.

    Parameters
    ----------
    values : iterable
        What is wrong; missing ones are called so.
    variable : Variable, optional
        The column's, if the codebook has it.
    column : Series, optional
        All of the column: how often a text occurs.
    like : iterable
        What was expected.
    limit : int
        So many are written out.

    Examples
    --------
    >>> told([3.0, "Nam ", "Trần Thị Bé, nhà số 5"], like=["Nam", "Nữ"])
    "3.0, 'Nam ', 1 text (not shown)"
    """
    distinct = _distinct(values)
    role = variable.role if variable is not None else ""
    if role in _ROLES:
        return Note(f"parts.hidden_{role}", n=len(distinct))
    codes: set[Any] = set()
    if variable is not None:
        codes = {*variable.codes, *variable.missing, *(t for texts in variable.labels.values() for t in texts.values())}
    expected = [normalize("NFC", v) for v in like if isinstance(v, str)] if len(distinct) <= _MANY else []
    texts = {v for v in distinct if isinstance(v, str)}
    often: set[str] = set()
    if column is not None and texts:
        plain = column.astype(object)
        try:
            held = plain.isin(texts)
        except TypeError:  # lists and the like beside the texts
            held = plain.map(lambda v: isinstance(v, str) and v in texts).astype(bool)
        counts = plain[held].value_counts()
        often = {v for v, n in counts.items() if n >= _OFTEN}
    shown: list[Any] = []
    hidden = {"text": 0, "date": 0, "large": 0, "other": 0}
    for value in distinct:
        if (_hashable(value) and value in codes) or _shown(value, _hashable(value) and value in often, expected):
            shown.append(_quoted(value))
        else:
            hidden[_kind(value)] += 1
    rest = [Note(f"parts.hidden_{kind}", n=n) for kind, n in hidden.items() if n]
    return listed([*([listed(shown, limit)] if shown else []), *rest])


def may_be_shown(value: Any, rows: int = 1, like: Iterable[Any] = ()) -> bool:
    """Whether one value may be shown that so many rows hold; see `told`."""
    return _shown(value, often=rows >= _OFTEN, expected=[normalize("NFC", v) for v in like if isinstance(v, str)])


def describe_groups(groups: Iterable[Any], rows: Iterable[int] | None = None, limit: int = 8, like: Any = ()) -> str:
    """Groups by their labels, "P01 / 3, P02 / 1", as far as these may be shown, and how many others there are.

    Parameters
    ----------
    groups : iterable of label or tuple of labels
    rows : iterable of int, optional
        How many rows each has; without it one: only numbers and names such as P01 are shown of it.
    limit : int
    like : iterable
        Labels that were typed, which are shown.
    """
    every = [g if isinstance(g, tuple) else (g,) for g in groups]
    counts = [1] * len(every) if rows is None else [int(n) for n in rows]
    given = set(like)
    shown, hidden = [], 0
    for group, n in zip(every, counts, strict=True):
        if all(v in given or may_be_shown(v, n) for v in group):
            shown.append(" / ".join(map(str, group)))
        else:
            hidden += 1
    rest = [Note("parts.hidden_other_group" if shown else "parts.hidden_group", n=hidden)] if hidden else []
    return listed([*([listed(shown, limit)] if shown else []), *rest])


def describe_rows(index: pd.Index, at: Any, limit: int = 8) -> str:
    """Rows by their labels: numbers, and names such as R018; where an index holds other texts, by position from 0."""
    places = np.flatnonzero(np.asarray(at)) if np.asarray(at).dtype == bool else np.asarray(at, dtype=np.int64)
    shown = ", ".join(describe_row(index[place], int(place)) for place in places[:limit])
    return shown if len(places) <= limit else f"{shown}, … ({len(places)} in all)"


def describe_row(label: Any, place: int) -> str:
    """One row by its label, or by its position from 0 where the label may be someone's name or number."""
    parts = label if isinstance(label, tuple) else (label,)
    if all(may_be_shown(p) for p in parts):
        return "/".join(map(str, parts))
    return f"{place} (by position)"


def describe_terms(names: Sequence[str], values: Any, which: Iterable[int], people: Any = 1) -> list[str]:
    """Terms of a model by name, "C(ward)[P01]"; a level that may be someone's words is written […].

    Parameters
    ----------
    names : sequence of str (terms,)
    values : array (rows, terms)
    which : positions of terms
    people : int or int array (rows,)
        Respondents that a row stands for.
    """
    found = []
    for i in which:
        rows = int(((np.nan_to_num(np.asarray(values[:, i], dtype=float)) != 0) * people).sum())
        found.append(_level_told(names[i], rows))
    return list(dict.fromkeys(found))


def _level_told(name: str, rows: int) -> str:
    def level(match: re.Match[str]) -> str:
        return match[0] if may_be_shown(match[1], rows) else "[…]"

    return _LEVEL.sub(level, name)


def fault_message(error: BaseException) -> str:
    """An error that no one foresaw, without the answers that its traceback may quote."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{Path(frame.filename).name}, line {frame.lineno}"
    fix = "--debug shows the traceback, which may quote answers"
    return str(SurveyError("This should not happen; please report it.", where=place, got=said(error), fix=fix))


def _quoted(value: Any) -> Any:
    """A value as it is listed; text like a number, or with spaces at its ends, in quotes: else nobody sees it."""
    if not isinstance(value, str):
        return value
    plain = value.strip()
    return repr(value) if plain != value or plain.replace(",", "").replace(".", "").isdigit() else value


def _kind(value: Any) -> str:
    """The kind of a value that is not shown; "" for one that is."""
    if isinstance(value, str):
        return "text"
    if value is None or value is pd.NA or value is pd.NaT or isinstance(value, bool | np.bool_):
        return ""
    if isinstance(value, int | float | np.number):
        return "large" if np.isfinite(float(value)) and abs(float(value)) >= _LARGEST else ""
    return "date" if isinstance(value, dt.date | np.datetime64) else "other"


def _distinct(values: Iterable[Any]) -> list[Any]:
    """Values once each, in order; lists and the like, which have no hash, all of them."""
    given = list(values)
    return list(dict.fromkeys(v for v in given if _hashable(v))) + [v for v in given if not _hashable(v)]


def _hashable(value: Any) -> bool:
    try:
        hash(value)
    except TypeError:
        return False
    return True


def _shown(value: Any, often: bool, expected: list[str]) -> bool:
    kind = _kind(value)
    return not kind or (kind == "text" and _category(value, often, expected))


def _category(text: str, often: bool, expected: list[str]) -> bool:
    if len(text) > _LONGEST or not text.isprintable():
        return False
    plain = normalize("NFC", text).strip().casefold()
    folded = {e.strip().casefold() for e in expected}
    if plain in folded:
        return True
    if sum(c.isdigit() for c in text) >= 8:
        return False
    try:
        float(plain.replace(",", "."))
    except ValueError:
        pass
    else:
        return True  # a number written as text
    if not (often or _IDENTIFIER.fullmatch(text.strip()) or get_close_matches(plain, folded, 1, 0.75)):
        return False
    return not (full_date(text) or is_name(text.strip()) or any(in_text(text)))
