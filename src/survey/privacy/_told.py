"""What an error may say of the values of a column: codes, numbers and categories, never what a person wrote or is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any
from unicodedata import normalize

import numpy as np
import pandas as pd

from survey.codebook import Variable
from survey.errors import some
from survey.privacy._values import in_text, is_name

__all__ = ["told"]

_LONGEST, _OFTEN, _LARGEST = 30, 5, 1e7
_ROLES = ("personal", "pseudonym", "id")


def told(
    values: Iterable[Any],
    variable: Variable | None = None,
    *,
    column: pd.Series | None = None,
    like: Iterable[Any] = (),
    limit: int = 8,
) -> str:
    """The values that may be shown, and of the others how many there are and of what kind.

    Shown are numbers (below 10 million: telephones and ID numbers are not), codes and labels of the codebook, and
    short texts that are categories: at least five rows of `column` hold them, or they are one of `like` but for a
    slip. Nothing is shown of columns with a personal role, and no text that has the form of personal data.

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
    distinct = list(dict.fromkeys(values))
    role = variable.role if variable is not None else ""
    if role in _ROLES:
        return _counted(len(distinct), "value", f"not shown: {role}")
    codes: set[Any] = set()
    if variable is not None:
        codes = {*variable.codes, *variable.missing, *(t for texts in variable.labels.values() for t in texts.values())}
    expected = [normalize("NFC", v) for v in like if isinstance(v, str)]
    texts = {v for v in distinct if isinstance(v, str)}
    often: set[str] = set()
    if column is not None and texts:
        counts = column[column.isin(texts)].astype(object).value_counts()
        often = {v for v, n in counts.items() if n >= _OFTEN}
    shown, hidden = [], {"text": 0, "date": 0, "large number": 0, "other value": 0}
    for value in distinct:
        kind = _kind(value)
        if value in codes or not kind or (kind == "text" and _category(value, often, expected)):
            shown.append(_quoted(value))
        else:
            hidden[kind] += 1
    rest = [_counted(n, kind, "not shown") for kind, n in hidden.items() if n]
    return ", ".join([*([some(shown, limit)] if shown else []), *rest])


def _quoted(value: Any) -> Any:
    """Text that reads like a number, or has spaces at its ends, in quotes: else nobody sees what is wrong with it."""
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
        return "large number" if np.isfinite(float(value)) and abs(float(value)) >= _LARGEST else ""
    return "date" if isinstance(value, dt.date | np.datetime64) else "other value"


def _category(text: str, often: set[str], expected: list[str]) -> bool:
    if len(text) > _LONGEST:
        return False
    plain = normalize("NFC", text).strip().casefold()
    folded = {e.strip().casefold() for e in expected}
    if plain in folded:
        return True
    if is_name(text.strip()) or any(in_text(text)) or sum(c.isdigit() for c in text) >= 8:
        return False
    try:
        float(plain.replace(",", "."))
    except ValueError:
        pass
    else:
        return True  # a number written as text
    return text in often or bool(get_close_matches(plain, folded, 1, 0.75))


def _counted(n: int, kind: str, why: str) -> str:
    return f"{n:,} {kind}{'' if n == 1 else 's'} ({why})"
