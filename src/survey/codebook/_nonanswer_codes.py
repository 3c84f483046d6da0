"""Numbers that stand apart from the answers of their column, as 9 does from 1 to 5 and 99 from 0 to 10.

What looks so may be an answer: nothing here is sure. Not apart are the 0 of a scale from 0 to 10, the 9 of 1 to 10,
and the tail of a count or an age.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.codebook._variable import Variable

__all__ = [
    "Held",
    "apart",
    "beyond",
    "held",
    "how_spread",
    "reads_as_numbers",
    "says_nothing",
    "unremarkable",
    "weakly_apart",
]

_DIGITS = (7.0, 8.0, 9.0)
_TWO = (66.0, 77.0, 88.0, 96.0, 97.0, 98.0, 99.0)
_LONG = tuple(float(n) for k in (3, 4, 5, 6) for n in (*(10**k - i for i in (1, 2, 3, 4)), *(int(d * k) for d in "78")))
_NEGATIVE = tuple(-n for n in (*range(1, 10), *_TWO, 94.0, 95.0, *_LONG))
_TOP = 11  # scales end here: 0 to 10, 1 to 11
_LONG_COLUMN = 100_000  # rows
_MANY_COLUMNS, _AT_ONCE = 500, 5_000_000  # columns, cells
_MOST_STRAYS, _NUMBERS = 10, 0.9
_LETTER, _DOTTED = re.compile(r"\.?[a-z]"), re.compile(r"\.[a-z]")
_NUMBER = re.compile(r"\s*[+-]?(\d+([.,]\d+)?|[.,]\d+)\s*")


_PLAIN = re.compile(r"\s*[+-]?(0|[1-9]\d*)(\.\d+)?\s*")


def reads_as_numbers(column: pd.Series) -> bool:
    """Whether a column of text holds numbers and nothing else; "01" and telephones are codes, not numbers."""
    left = column.dropna()
    if not len(left) or not isinstance(left.iloc[0], str):
        return False
    try:
        texts = left.unique()
    except TypeError:  # lists and the like, which have no hash
        return False
    return all(isinstance(t, str) and len(t) < 10 and _PLAIN.fullmatch(t) for t in texts)


@dataclass(frozen=True, slots=True)
class Held:
    """The values of a column that are not declared missing, and how many rows hold each.

    Parameters
    ----------
    distinct : mapping of value to int
        As the data hold them.
    numbers : mapping of float to int
        Those that are numbers or read like one.
    originals : mapping of float to object
        Numbers as the data hold them.
    texts : tuple of str
        Of a column of text that is no column of numbers: its texts.
    letters : tuple of str
        Stata's missing letters in a column of numbers.
    strays : tuple of str
        The few texts of a column of text that is at least 90 % numbers.
    """

    distinct: Mapping[Any, int]
    numbers: Mapping[float, int]
    originals: Mapping[float, Any]
    texts: tuple[str, ...] = ()
    letters: tuple[str, ...] = ()
    strays: tuple[str, ...] = ()
    answers: set[float] = field(default_factory=set)

    def rows_of(self, code: Any) -> int:
        """How many rows hold a code."""
        return int(self.distinct.get(code, 0) or self.distinct.get(self.originals.get(code), 0))

    def as_held(self, number: float) -> Any:
        """A number as the data hold it, whole ones as int."""
        value = self.originals.get(number, number)
        return value if isinstance(value, str) else _plain(float(value))


def _plain(number: float) -> int | float:
    return int(number) if number.is_integer() else number


def held(column: pd.Series, declared: Collection[Any], rows: Mapping[float, int] | None = None) -> Held | None:
    """The values of a column, without those declared missing; None of dates, truth values and columns without any.

    `rows` says how many rows hold each number, where someone counted already.
    """
    dtype = column.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        column = column.astype(object if dtype.ordered or column.hasnans else dtype.categories.dtype)
        dtype = column.dtype
    if pd.api.types.is_bool_dtype(dtype) or pd.api.types.is_datetime64_any_dtype(dtype):
        return None
    if pd.api.types.is_numeric_dtype(dtype):
        return _of_numbers(column, declared) if rows is None else _counted_already(rows, declared)
    skip = {c for c in declared if isinstance(c, str)} | {float(c) for c in declared if _is_number(c)}
    try:
        counts = column.value_counts(dropna=True)
        distinct = {v: int(n) for v, n in counts.items() if (float(v) if _is_number(v) else v) not in skip}
    except TypeError:  # lists and the like, which have no hash
        return None
    if not distinct or not all(isinstance(v, str) or _is_number(v) for v in distinct):
        return None
    texts = [v for v in distinct if isinstance(v, str) and not _NUMBER.fullmatch(v)]
    worded = set(texts)
    digits = {v: _as_number(v) for v in distinct if v not in worded}
    numbers: dict[float, int] = {}
    originals: dict[float, Any] = {}
    for value, number in digits.items():
        numbers[number] = numbers.get(number, 0) + distinct[value]
        originals.setdefault(number, value)
    pattern = _LETTER if any(not isinstance(v, str) for v in distinct) else _DOTTED
    letters = [t for t in texts if pattern.fullmatch(t)] if numbers else []
    others = [t for t in texts if not pattern.fullmatch(t)] if letters else texts
    total = sum(distinct.values())
    answered = total - sum(distinct[t] for t in letters)
    mostly = sum(numbers.values()) >= _NUMBERS * answered > 0
    if mostly and len(others) <= _MOST_STRAYS:
        return Held(distinct, numbers, originals, (), tuple(letters), tuple(others))
    return Held(distinct, _sentinels_of(numbers), originals, tuple(texts))


def says_nothing(variable: Variable | None) -> bool:
    """Whether the codebook has neither labels nor missing codes of a column."""
    return variable is None or not (variable.labels or variable.missing)


def unremarkable(frame: pd.DataFrame, names: Sequence[Any]) -> set[Any]:
    """Of columns without labels and missing codes those of numbers in which none can stand apart.

    These have no negative number, or one that is no code; and end below 7, or between 9 and 66, where no code is.
    Frames of few columns are not looked at: their columns are looked at one by one anyway.
    """
    found: set[Any] = set()
    for some, cells in _in_blocks(frame, names):
        with np.errstate(invalid="ignore"):
            negative = cells < 0
            no_code = ~negative.any(axis=0) | (negative & (cells % 1 != 0)).any(axis=0)
            top = np.max(cells, axis=0, initial=-np.inf, where=~np.isnan(cells))
            fine = no_code & ((top < min(_DIGITS)) | ((top > max(_DIGITS)) & (top < min(_TWO))))
        found |= {name for name, is_fine in zip(some, fine, strict=True) if is_fine}
    return found


def how_spread(frame: pd.DataFrame, names: Sequence[Any]) -> tuple[set[Any], dict[Any, float]]:
    """Of these columns those of numbers with more than two different ones; and those with one in every row, with it.

    Frames of few columns are not looked at, as by `unremarkable`.
    """
    varied: set[Any] = set()
    alike: dict[Any, float] = {}
    for some, cells in _in_blocks(frame, names):
        if not len(cells):
            continue
        low = np.min(cells, axis=0, initial=np.inf, where=~np.isnan(cells))
        top = np.max(cells, axis=0, initial=-np.inf, where=~np.isnan(cells))
        third = ((cells > low) & (cells < top)).any(axis=0)
        same = (cells == cells[:1]).all(axis=0)
        varied |= {name for name, is_varied in zip(some, third, strict=True) if is_varied}
        alike |= {name: value for name, value, is_same in zip(some, cells[0].tolist(), same, strict=True) if is_same}
    return varied, alike


def _in_blocks(frame: pd.DataFrame, names: Sequence[Any]) -> Iterator[tuple[Sequence[Any], NDArray[np.float64]]]:
    """Of these columns those of numbers, many at a time; few, and those of others, are looked at one by one anyway."""
    dtypes = zip(frame.columns.tolist(), frame.dtypes.tolist(), strict=True)
    numbers = {name for name, dtype in dtypes if dtype.kind in "iuf"}
    names = [name for name in names if name in numbers]
    if len(names) < _MANY_COLUMNS:
        return
    size = max(1, _AT_ONCE // max(1, len(frame)))
    at = frame.columns.get_indexer(names)
    for start in range(0, len(names), size):
        cells = frame.iloc[:, at[start : start + size]].to_numpy(dtype=float, na_value=np.nan)
        yield names[start : start + size], cells


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | np.number) and not isinstance(value, bool | np.bool_)


def _as_number(value: Any) -> float:
    return float(value.replace(",", ".")) if isinstance(value, str) else float(value)


def _sentinels_of(numbers: Mapping[float, int]) -> dict[float, int]:
    """Of the numbers among texts only those that can be nothing else."""
    return {n: rows for n, rows in numbers.items() if n in _TWO or n in _LONG or n in _NEGATIVE}


def _counted_already(rows: Mapping[float, int], declared: Collection[Any]) -> Held | None:
    skip = {float(c) for c in declared if _is_number(c)}
    numbers = {n: count for n, count in rows.items() if n not in skip}
    return Held(numbers, numbers, {n: n for n in numbers}) if numbers else None


def _of_numbers(column: pd.Series, declared: Collection[Any]) -> Held | None:
    values = column.to_numpy(dtype=float, na_value=np.nan)
    values = values[np.isfinite(values)]
    skip = {float(c) for c in declared if _is_number(c)}
    if not len(values):
        return None
    if len(values) > _LONG_COLUMN and (values[:1000] % 1 != 0).any():
        numbers = _ends(values)
    else:
        whole, rows = _counted(values)
        numbers = {float(v): int(n) for v, n in zip(whole, rows, strict=True)}
    numbers = {n: rows for n, rows in numbers.items() if n not in skip}
    if not numbers:
        return None
    return Held(numbers, numbers, {n: n for n in numbers})


def _counted(values: NDArray[np.float64]) -> tuple[NDArray[Any], NDArray[Any]]:
    """The different values and how often each occurs; whole numbers are looked up, not sorted."""
    low, high = float(values.min()), float(values.max())
    if high - low < 70_000 and abs(low) < 2**53:
        shifted = (values - low).astype(np.int64)
        if (shifted + low == values).all():
            counts = np.bincount(shifted)
            at = np.flatnonzero(counts)
            return at + low, counts[at]
    return np.unique(values, return_counts=True)


def _ends(values: NDArray[np.float64]) -> dict[float, int]:
    """Of measurements, in which only the very ends can stand apart: these and how often each occurs, and one other."""
    found = {float(v): 1 for v in values[:1000][values[:1000] % 1 != 0][:1]}
    for sign in (1.0, -1.0):
        left = sign * values
        for _ in range(5):
            if not len(left):
                break
            end = left.max()
            found[float(sign * end)] = int((left == end).sum())
            left = left[left < end]
    return found


def _continuous(numbers: Iterable[float]) -> bool:
    return any(not n.is_integer() for n in numbers)


def _unique_to_each_row(values: Held) -> bool:
    total = sum(values.distinct.values())
    return total > 20 and len(values.distinct) > 0.9 * total


def apart(values: Held, said: Collection[Any]) -> list[float]:
    """Numbers apart from a scale that nobody labelled, or from measurements; `said` are not answers already."""
    known = {float(c) for c in said if _is_number(c)} | {_as_number(c) for c in said if _readable(c)}
    numbers = {n: rows for n, rows in values.numbers.items() if n not in known}
    if values.texts:  # a number among texts
        return sorted(numbers) if sum(numbers.values()) < sum(values.distinct.values()) else []
    if len(numbers) < 2 or _unique_to_each_row(values):
        return []
    below = _negatives(numbers)
    rest = sorted(n for n in numbers if n not in below)
    above: list[float] = []
    if len(rest) >= 2:
        above = _far(rest, numbers)
        rest = [n for n in rest if n not in above]
        above += _digits(rest, numbers) if not _continuous(rest) else []
    return sorted([*below, *above])


def _readable(code: Any) -> bool:
    return isinstance(code, str) and _NUMBER.fullmatch(code) is not None


def _negatives(numbers: Mapping[float, int]) -> list[float]:
    low = sorted(n for n in numbers if n < 0)
    rest = [n for n in numbers if n >= 0]
    if not low or len(low) > 6 or len(rest) < 2 or not all(n in _NEGATIVE for n in low):
        return []
    if max(rest) <= -low[0] and len(rest) <= -low[0] + 1 and low[0] >= -5:  # -2 to 2: a scale with both signs
        return []
    return low


def _far(rest: Sequence[float], numbers: Mapping[float, int]) -> list[float]:
    """Numbers at the top of more than one digit, more than twice as large as any answer."""
    found = []
    answers = list(rest)
    while len(answers) > 2 and answers[-1] in (*_TWO, *_LONG):
        found.append(answers.pop())
    while found:
        top = answers[-1]
        # a count may have a tail, so one row of it says nothing
        if found[-1] > 2 * top and (top <= _TOP or sum(numbers[n] for n in found) > 1):
            return found
        answers.append(found.pop())
    return []


def _digits(rest: Sequence[float], numbers: Mapping[float, int]) -> list[float]:
    """7, 8 and 9 beyond a gap above a scale that begins with 0 or 1 and holds every code up to its end."""
    if len(rest) < 3 or rest[-1] > 9 or rest[0] not in (0.0, 1.0):
        return []
    gap = next((i for i in range(len(rest) - 1, 0, -1) if rest[i] - rest[i - 1] >= 2), None)
    if gap is None:
        return []
    scale, beyond_ = rest[:gap], rest[gap:]
    if len(scale) < 2 or scale[-1] - scale[0] != len(scale) - 1 or not set(beyond_) <= set(_DIGITS):
        return []
    return [] if _tails_off([numbers[n] for n in scale]) else list(beyond_)


def _tails_off(rows: Sequence[int]) -> bool:
    """Whether fewer and fewer give the higher numbers, as with a count of children."""
    top = int(np.argmax(rows))
    tail = rows[top:]
    falling = all(a >= b for a, b in pairwise(tail))
    return len(tail) > 2 and falling and tail[-1] < 0.1 * rows[top]


def beyond(values: Held, scale: Sequence[float], said: Collection[Any]) -> list[float]:
    """Numbers without a label outside a labelled scale."""
    low, high = min(scale), max(scale)
    known = {float(c) for c in said if _is_number(c)} | {_as_number(c) for c in said if _readable(c)} | set(scale)
    loose = [n for n in values.numbers if n not in known and not low <= n <= high]
    if not loose or _continuous(values.numbers):
        return []
    listed = (*_TWO, *_LONG, *_DIGITS)
    whole = len(set(scale)) == high - low + 1
    above = sorted(n for n in loose if n > high)
    found: list[float] = []
    if above and all(n in listed for n in above) and len(above) <= 4 and (above[0] > high + 1 or whole):
        found += above
    else:
        found += [n for n in above if n in (*_TWO, *_LONG) and n > 2 * max([high, *(a for a in above if a < n / 2)])]
        rest = [n for n in above if n not in found]
        found = found if not rest or min(found, default=0) > 2 * max(rest) else []
    below = [n for n in loose if n < low]
    zero = low == 1 and 0.0 in below and not set(below) - {0.0, *_NEGATIVE} and whole and high <= _TOP and not above
    if low >= 0 and below and (zero or all(n in _NEGATIVE for n in below)):
        found += below
    # a slip of the keyboard is an error of one row, which `check` names as outside the scale
    many = sum(values.distinct.values()) > 50
    found = [n for n in found if values.numbers[n] > 1 or not many]
    return sorted(found)


def weakly_apart(values: Held, codes: Iterable[float]) -> list[float]:
    """Codes that stand apart in other items, and here are the highest or negative with a gap below them."""
    wanted, found = set(codes), []
    rest = sorted(values.numbers)
    if values.texts or _continuous(rest) or _unique_to_each_row(values) or not rest:
        return []
    for code in sorted(wanted & set(rest), reverse=True):
        if code in values.answers:
            continue
        others = [n for n in rest if n not in wanted]
        if not others or len(others) > _TOP + 1:
            continue
        if (code < 0 <= others[0]) or (code - others[-1] >= 2 and code in (*_DIGITS, *_TWO, *_LONG)):
            found.append(code)
    return sorted(found)
