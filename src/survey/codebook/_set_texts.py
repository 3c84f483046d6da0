"""One text that holds several options: by which separator, and which options."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations, pairwise
from typing import Any
from unicodedata import normalize

import pandas as pd

__all__ = ["list_call", "list_separator", "read_text"]

_SEPARATORS = (";", "|", "\n", ",", " ")
_MOST, _MOST_CELLS, _LONGEST = 20, 2_000, 80
_FEWEST, _SHARE, _KNOWN = 5, 0.05, 0.9  # cells of several options, their share, mentions that repeat
_CODE = re.compile(r"[A-Za-z]?\d{1,3}|[a-z][a-z0-9]*(_[a-z0-9]+)+")


def read_text(column: pd.Series) -> tuple[str, tuple[str, ...], bool] | None:
    """The separator, the options by how often they are named, and whether a label holds the separator; None if none.

    A list of options shows itself by recombination: the same pieces return in other company, and cells hold different
    numbers of them. Labels with a comma ("Yes, always") and addresses ("Ward 1, District 3") do not.
    """
    if not (
        pd.api.types.is_object_dtype(column.dtype) or isinstance(column.dtype, pd.StringDtype | pd.CategoricalDtype)
    ):
        return None
    left = column.dropna()
    counts = (left if isinstance(column.dtype, pd.StringDtype) else left.astype(object)).value_counts()
    if len(counts) > _MOST_CELLS or len(counts) < 3 or not all(isinstance(c, str) for c in counts.index):
        return None
    cells: Counter[str] = Counter()
    for cell, n in counts.items():
        cells[normalize("NFC", str(cell)).strip()] += int(n)
    for separator in _SEPARATORS:
        found = _read(cells, separator)
        if found is not None:
            return separator, *found
    return None


_UNMISTAKABLE = (";", "|", "\n")


def list_separator(column: pd.Series, option: Any) -> str:
    """By which separator an option stands beside others in the answers of a column ("radio;tv"); "" if it never does.

    A comma or a space is as often part of an answer: those that `read_text` sees count.
    """
    if not isinstance(option, str) or pd.api.types.is_numeric_dtype(column.dtype):
        return ""
    listed = read_text(column)
    if listed is not None and option in listed[1]:
        return listed[0]
    answers = {normalize("NFC", a) for a in column.dropna().unique() if isinstance(a, str)}
    for separator in _UNMISTAKABLE:
        if any(option in [p.strip() for p in a.split(separator)] for a in answers if separator in a):
            return separator
    return ""


def list_call(name: str, separator: str) -> str:
    """The call that declares such a column; who was asked is for a person to confirm."""
    return f"responses.declare_select_all({name!r}, separator={separator!r}, base='everyone')"


def _read(cells: Mapping[str, int], separator: str) -> tuple[tuple[str, ...], bool] | None:
    lists = {c: [p.strip() for p in c.split(separator) if p.strip()] for c in cells if c}
    several = sum(cells[c] for c, pieces in lists.items() if len(pieces) > 1)
    if several < max(_FEWEST, _SHARE * sum(cells[c] for c in lists)):
        return None
    joined, lists = _joined(lists, separator)
    mentions: Counter[str] = Counter()
    company: dict[str, set[str]] = defaultdict(set)
    for cell, pieces in lists.items():
        if len(set(pieces)) < len(pieces):
            return None  # nobody chooses an option twice
        for piece in pieces:
            mentions[piece] += cells[cell]
            company[piece].add(cell)
    options = [p for p, n in mentions.most_common() if n > 1]
    if not 2 <= len(options) <= _MOST or any(len(p) > _LONGEST for p in options):
        return None
    if sum(mentions[p] for p in options) < _KNOWN * sum(mentions.values()):
        return None
    known = {frozenset(pieces) for pieces in lists.values() if set(pieces) <= set(options)}
    if len({len(k) for k in known}) < 2 or not any(len(k) > 1 for k in known):
        return None
    recombined = [p for p in options if len(company[p]) > 1]
    if 2 * len(recombined) <= len(options) or len(known) <= len(options):
        return None
    if separator == " " and (joined or not all(_CODE.fullmatch(p) for p in options)):
        return None
    if separator == "," and not _in_threes(known):
        return None
    if separator == "," and all(re.fullmatch(r"\d{3}|\d{1,2}", p) for p in options) and max(map(len, known)) < 3:
        return None  # "1,200" and "3,5" are numbers
    return tuple(options), joined


def _in_threes(known: Iterable[frozenset[str]]) -> bool:
    """Whether three options are named with each other; of places and their districts no three ever are."""
    pairs = {frozenset(pair) for pieces in known for pair in combinations(sorted(pieces), 2)}
    options = sorted({p for pair in pairs for p in pair})
    return any({a, b} in pairs and {a, c} in pairs and {b, c} in pairs for a, b, c in combinations(options, 3))


def _joined(lists: Mapping[str, Sequence[str]], separator: str) -> tuple[bool, dict[str, list[str]]]:
    """Pieces that never come apart are one label that holds the separator."""
    given = {cell: list(pieces) for cell, pieces in lists.items()}
    joined = False
    while True:
        count = Counter(p for pieces in given.values() for p in pieces)
        pairs = Counter(pair for pieces in given.values() for pair in pairwise(pieces))
        fixed = next(
            (
                pair
                for pair, n in pairs.items()
                if pair[0] != pair[1] and n > 1 and n == count[pair[0]] == count[pair[1]]
            ),
            None,
        )
        if fixed is None:
            return joined, given
        joined = True
        whole = f"{separator.strip()} ".join(fixed) if separator.strip() else separator.join(fixed)
        for cell, pieces in given.items():
            if fixed[0] in pieces:
                at = pieces.index(fixed[0])
                given[cell] = [*pieces[:at], whole, *pieces[at + 2 :]]
