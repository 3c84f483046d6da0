"""From text to numbers, dates and times, as a codebook and a locale declare them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from survey.base.catalogue import Note, either
from survey.codebook import Variable
from survey.codebook.told import describe_values
from survey.errors import ReadError

__all__ = [
    "PLAIN",
    "Written",
    "may_be_numbers",
    "numbers_of",
    "ordered_by",
    "plain_numbers",
    "settled",
    "settled_text",
    "truths_as_codes",
    "wants_text",
    "written_in",
]


@dataclass(frozen=True, slots=True)
class Written:
    """How numbers and dates are written.

    `group` is the sign between thousands, "" for none; `order` of day, month and year is "dmy", "mdy", "ymd", or ""
    where only yyyy-mm-dd is a date. `told` is whether somebody declared the decimal sign, or cells showed it.
    """

    decimal: str = "."
    group: str = ""
    order: str = ""
    told: bool = False


PLAIN = Written()
_SPACES = "\u00a0\u202f\u2009 "
_DAY = re.compile(r"\s*(\d{1,4})([-/.])(\d{1,2})\2(\d{1,4})(?:[ T]+(\d{1,2}):(\d{2})(?::(\d{2}(?:\.\d+)?))?)?\s*")
_ISO = r"\s*\d{4}(-\d{2}(-\d{2}([ T]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?)?)?\s*"
_ZONE = re.compile(r"(Z|[+-]\d{2}:?\d{2})\s*$")
_CLOCK = re.compile(r"\s*(\d{1,3}):([0-5]\d)(?::([0-5]\d(?:\.\d+)?))?\s*")
_ORDERS = {"dd/mm/yyyy": "dmy", "mm/dd/yyyy": "mdy", "yyyy-mm-dd": "ymd", "yyyy/mm/dd": "ymd"}
_UNITS = {"seconds": 1.0, "minutes": 60.0, "hours": 3600.0}


def written_in(locale: str | None, decimal: str | None = None) -> Written:
    """How a locale writes, such as "vi" (1.234,5 and dd/mm/yyyy), "en-US", "en-GB", "de".

    "en" alone says nothing of the order of day and month.

    Raises
    ------
    ReadError
        If the locale is not known.
    """
    if locale is None:
        return replace(PLAIN, decimal=decimal or ".", told=decimal is not None)
    from babel import Locale, UnknownLocaleError

    try:
        found = Locale.parse(locale.replace("-", "_"))
    except (UnknownLocaleError, ValueError, TypeError, AttributeError):
        raise ReadError("The locale is unknown.", got=locale, expected="such as vi, en-US, en-GB, de") from None
    symbols = found.number_symbols.get("latn") or found.number_symbols[found.default_numbering_system]
    letters = re.sub("[^dMy]", "", found.date_formats["short"].pattern)
    order = "".join(dict.fromkeys(letters.replace("M", "m")))
    if found.language == "en" and found.territory is None:
        order = ""
    sign = decimal or symbols["decimal"]
    group = symbols["group"]
    return Written(sign, "" if group == sign else group, order)


def ordered_by(variable: Variable | None, written: Written) -> str:
    """The order of day, month and year of a column: the codebook's unit ("dd/mm/yyyy"), then the locale's."""
    unit = variable.unit.lower() if variable is not None and variable.type == "date" else ""
    return _ORDERS.get(unit, written.order)


def wants_text(variable: Variable) -> bool:
    """Whether a column is text by its declaration: free text, an id, or codes that are text."""
    codes: Iterable[Any] = [*variable.labels, *variable.missing]
    return variable.type in ("text", "id") or any(isinstance(c, str) for c in codes)


def settled(column: pd.Series, variable: Variable | None, written: Written, notes: list[str]) -> pd.Series:
    """A column of text as the codebook and the locale declare it: numbers, dates, or text.

    A declared column that holds anything else stays text, and `check()` names the rows. Without a declaration a
    column is numbers if every cell is one and none begins with a zero that a number would lose ("01"), and dates if
    a locale is declared and every cell is a date of it.
    """
    import pyarrow as pa

    cells = pa.array(column, type=pa.string(), from_pandas=True) if may_be_numbers(variable) else None
    values = None if cells is None else numbers_of(cells, written, declared=variable is not None)
    if values is not None:
        return pd.Series(values, index=column.index, name=column.name)
    return settled_text(column, variable, written, notes)


def may_be_numbers(variable: Variable | None) -> bool:
    """Whether what is declared of a column leaves it to be numbers."""
    return variable is None or not (variable.type == "date" or wants_text(variable))


def settled_text(column: pd.Series, variable: Variable | None, written: Written, notes: list[str]) -> pd.Series:
    """A column of text that is no column of numbers, as `settled` gives it."""
    if variable is not None and variable.role == "personal":
        notes = []  # nothing of it is told
    if variable is not None and variable.type == "date":
        return _dates(column, variable, written, notes)
    if not may_be_numbers(variable):
        return column
    if variable is not None and variable.unit in _UNITS:
        return _clock(column, variable.unit)
    if variable is None and written.order:
        return _dates(column, None, written, notes)
    if variable is None:
        _hint(column, written, notes)
    return column


def numbers_of(cells: Any, written: Written, *, declared: bool) -> Any:
    """Cells of text as an array of numbers; None where one is no number, or no number holds all its digits.

    Parameters
    ----------
    cells : array of strings of pyarrow
        Empty cells null.
    written : Written
    declared : bool
        Whether a codebook says that they are numbers; "01" then is 1.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    texts = pc.utf8_trim_whitespace(cells)
    if written.group or written.decimal != ".":
        known = pc.all(pc.match_substring_regex(texts, _number(written))).as_py()
        if known is False:
            return None
        for sign in _SPACES if written.group in _SPACES and written.group else written.group:
            texts = pc.replace_substring(texts, sign, "")
        texts = pc.replace_substring(texts, written.decimal, ".")
    elif not written.told and _thousands(texts):
        return None
    # "0x1A" is no number; "01", "+84901234567" and "12E4" may be codes
    codes = r"^[+-]?0[xX]" if declared else r"^([+-]?0[0-9xX]|\+[0-9]{8}|[0-9]+E[0-9]+$)"
    if pc.any(pc.match_substring_regex(texts, codes)).as_py():
        return None
    try:
        whole = texts.cast(pa.int64())
        if whole.null_count == 0:
            return whole.to_numpy()
        limits = pc.min_max(whole).as_py()
        if not declared and max(abs(limits["min"] or 0), abs(limits["max"] or 0)) > _EXACT:
            return None  # beyond what a number with empty cells can hold exactly
    except pa.ArrowInvalid:
        pass
    try:
        values = texts.cast(pa.float64())
    except pa.ArrowInvalid:
        return None
    numbers = values.to_numpy(zero_copy_only=False)
    if np.isfinite(numbers).sum() + values.null_count < len(numbers):
        return None  # "nan" and "inf" are words here
    if len(numbers) and np.nanmax(np.abs(numbers), initial=0.0) > _EXACT and _loses_digits(texts, declared):
        return None
    return numbers


def _thousands(texts: Any) -> bool:
    """Whether a point separates thousands beyond doubt: "1.200" beside "950", and no cell says otherwise.

    No program writes a fraction with zeros at its end and a number beside it without a point.
    """
    import pyarrow.compute as pc

    pointed = texts.filter(pc.match_substring(texts, "."))
    if len(pointed) == 0 or not pc.any(pc.ends_with(pointed, "0")).as_py():
        return False
    bare = texts.filter(pc.invert(pc.match_substring(texts, ".")))
    return bool(
        pc.all(pc.match_substring_regex(pointed, r"^[+-]?[1-9][0-9]{0,2}\.[0-9]{3}$")).as_py()
        and pc.any(pc.match_substring_regex(bare, r"^[+-]?[1-9][0-9]{0,2}$")).as_py()
        and pc.all(pc.match_substring_regex(bare, r"^[+-]?[0-9]{1,3}$")).as_py()
    )


def plain_numbers(columns: Mapping[str, Any]) -> dict[str, Any]:
    """Those of many short columns that are numbers beyond doubt, as arrays: all cells are looked at together.

    The others are for `numbers_of`, which says the same of these.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    shape = (len(columns), len(next(iter(columns.values()))))
    every = pa.concat_arrays(list(columns.values()))
    plain = pc.fill_null(pc.match_substring_regex(every, r"^-?(0|[1-9][0-9]{0,14})(\.[0-9]+)?$"), True)
    fitting = plain.to_numpy(zero_copy_only=False).reshape(shape).all(axis=1)
    names = [name for name, fits in zip(columns, fitting, strict=True) if fits]
    if not names:
        return {}
    cells = pa.concat_arrays([columns[name] for name in names])
    numbers = cells.cast(pa.float64()).to_numpy(zero_copy_only=False).reshape(len(names), shape[1])
    fractions = pc.fill_null(pc.match_substring(cells, "."), True).to_numpy(zero_copy_only=False).reshape(numbers.shape)
    whole = ~fractions.any(axis=1)
    return {
        name: row.astype(np.int64) if is_whole else row
        for name, row, is_whole in zip(names, numbers, whole, strict=True)
    }


def truths_as_codes(codes: Iterable[Any]) -> dict[bool, str]:
    """The codes that say true and false, in any case: programs make truth values of TRUE and false.

    Codes that differ in case alone say neither.
    """
    texts = [code for code in codes if isinstance(code, str)]
    named = {truth: [t for t in texts if t.casefold() == word] for truth, word in ((True, "true"), (False, "false"))}
    return {truth: found[0] for truth, found in named.items() if len(found) == 1}


_EXACT = 2**53
"""Up to here every whole number is a float."""


def _loses_digits(texts: Any, declared: bool) -> bool:
    """Whether a number written with all its digits is more than a float holds: ids of 20 digits would meet.

    What a codebook declares a number stays one where the float is the very number ("1" and 20 zeros).
    """
    import pyarrow.compute as pc

    long = pc.unique(texts.filter(pc.match_substring_regex(texts, r"^[+-]?[0-9]{16,}(\.[0-9]*)?$"))).to_pylist()
    whole = [int(text.partition(".")[0]) for text in long]
    return any(abs(n) > _EXACT and not (declared and int(float(n)) == n) for n in whole if abs(n) < 10**300)


def _number(written: Written) -> str:
    """What a number looks like: 1.234,5 and 1234,5, but not 1.5 where the point groups thousands."""
    decimal = re.escape(written.decimal)
    group = f"[{_SPACES}]" if written.group and written.group in _SPACES else re.escape(written.group)
    whole = rf"([0-9]+|[0-9]{{1,3}}({group}[0-9]{{3}})+)" if group else "[0-9]+"
    return rf"^[+-]?({whole}({decimal}[0-9]*)?|{decimal}[0-9]+)([eE][+-]?[0-9]+)?$"


def _dates(column: pd.Series, variable: Variable | None, written: Written, notes: list[str]) -> pd.Series:
    """Dates of a column; a declared one keeps what is none as text, beside its dates as yyyy-mm-dd."""
    given = column.dropna()
    if given.empty:
        return column if variable is None else pd.to_datetime(column)
    order = ordered_by(variable, written)
    distinct = given.unique()
    if all(re.fullmatch(_ISO, text) for text in distinct):
        zoned = [text for text in distinct if _ZONE.search(text)]
        if zoned:
            notes.append(Note("reading.zone_dropped", column=column.name))
        bare = column.str.replace(_ZONE, "", regex=True) if zoned else column
        dates = pd.to_datetime(bare.str.strip(), errors="coerce", format="ISO8601")
        if dates.isna().equals(column.isna()):
            return dates
    table = {text: _moment(text, order) for text in distinct}
    wrong = [text for text, moment in table.items() if moment is None]
    if not wrong:
        moments = pd.Series(list(table.values()), index=list(table), dtype="datetime64[us]")
        return pd.Series(column.map(moments).to_numpy("datetime64[us]"), index=column.index, name=column.name)
    if variable is None:
        return column
    _ambiguous(column.name, wrong, order, notes)
    texts = {
        t: t if m is None else (m.isoformat(" ") if m.time() != m.min.time() else m.date().isoformat())
        for t, m in table.items()
    }
    return column.map(texts, na_action="ignore").astype("str")


def _moment(text: str, order: str) -> Any:
    """A text as a datetime, or None if it is no date in that order."""
    import datetime as dt

    if re.fullmatch(_ISO, text):
        try:
            return dt.datetime.fromisoformat(_ZONE.sub("", text).strip())
        except ValueError:
            return None
    match = _DAY.fullmatch(text)
    if match is None or not order:
        return None
    parts = dict(zip(order, (match[1], match[3], match[4]), strict=True))
    if len(parts["y"]) != 4 or max(len(parts["d"]), len(parts["m"])) > 2:
        return None
    seconds = float(match[7] or 0)
    try:
        day = dt.datetime(int(parts["y"]), int(parts["m"]), int(parts["d"]), int(match[5] or 0), int(match[6] or 0))
    except ValueError:
        return None
    return day + dt.timedelta(seconds=seconds) if seconds < 60 else None


def _ambiguous(name: Any, wrong: list[str], order: str, notes: list[str]) -> None:
    """A note for dates whose order no one declared."""
    if order:
        return
    days = [text for text in wrong if _DAY.fullmatch(text)]
    fits = [
        shown
        for shown, o in (("dd/mm/yyyy", "dmy"), ("mm/dd/yyyy", "mdy"))
        if days and all(_moment(t, o) for t in days)
    ]
    if fits:
        notes.append(Note("reading.date_order", column=name, form=either(fits), unit=fits[0]))


def _clock(column: pd.Series, unit: str) -> pd.Series:
    """Times such as 1:05:30 as a number in a unit; the column itself if a cell is neither a time nor a number."""
    table: dict[str, float] = {}
    for text in column.dropna().unique():
        match = _CLOCK.fullmatch(text)
        try:
            seconds = int(match[1]) * 3600 + int(match[2]) * 60 + float(match[3] or 0) if match else None
            table[text] = float(text) if seconds is None else seconds / _UNITS[unit]
        except ValueError:
            return column
    return column.map(table).astype(float)


def _hint(column: pd.Series, written: Written, notes: list[str]) -> None:
    """A note for a column that would be numbers if the decimal sign were another."""
    other = "," if written.decimal == "." else "."
    head = column.dropna().head(1000)
    if (
        not written.told
        and head.str.fullmatch(r"\s*[+-]?\d+(\.\d+)?\s*").all()
        and head.str.contains(".", regex=False).any()
    ):
        example = head[head.str.contains(".", regex=False)].iloc[0]
        notes.append(Note("reading.thousands_hint", column=column.name, example=describe_values([example])))
    elif (
        len(head)
        and head.str.fullmatch(rf"\s*[+-]?\d+(\{other}\d+)?\s*").all()
        and head.str.contains(other, regex=False).any()
    ):
        example = head[head.str.contains(other, regex=False)].iloc[0]
        notes.append(Note("reading.number_hint", column=column.name, example=describe_values([example]), sign=other))
