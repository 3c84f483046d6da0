"""Neighbouring columns that are the first, second, ... mention of one question, and not declared so.

Such columns hold codes of the same list, and nobody mentions a code twice; items that are answered on one scale repeat
its codes all the time. How often a code would meet itself by chance says how strong that is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import combinations, pairwise
from typing import Any

import numpy as np
import pandas as pd

from survey.codebook._nonanswer_words import read_label
from survey.codebook._variable import Variable

__all__ = ["mention_runs"]

_STEMS = (
    re.compile(
        r"(?P<stem>.+?)[\s_./:\-\[(]*(?:m|o|r|op|opt|mention|choice|rank|men[cç]\w*)?[\s_.]*\d{1,2}[\])]?", re.I
    ),
    re.compile(r"(?P<stem>.+?)[\s_./:\-]*(?:\d(?:st|nd|rd|th|er|re|e|a|o|ª|º)|first|second|third|fourth|fifth)", re.I),
    re.compile(
        r"(?P<stem>.+?)[\s_./:\-]*(?:primer[ao]?|segund[ao]|tercer[ao]?|terceir[ao]|premi[eè]re?|deuxi[eè]me)", re.I
    ),
    re.compile(r"(?P<stem>.*\d)_?[a-h]", re.I),
)
_FEWEST, _LONGEST, _MOST = 3, 200, 20
"""Codes of a list, and mentions of a question."""
_COMMON = 0.6
"""Share of the numbers of two columns that both hold, where nothing else says that they are codes of one list."""
_BY_CHANCE, _REPEATED = 5.0, 0.1
"""Repetitions that chance would give, and the share of them that there may be."""


def mention_runs(
    frame: pd.DataFrame, variables: Mapping[str, Variable], usable: Sequence[bool]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Stems and columns of the questions, in the order of the data.

    Parameters
    ----------
    frame : DataFrame
    variables : mapping of str to Variable
    usable : sequence of bool
        Of each column: whether it may be a mention.
    """
    names = frame.columns.tolist()
    dtypes = dict(zip(names, frame.dtypes.tolist(), strict=True))
    at = 0
    while at < len(names):
        stem, length = _longest(names, usable, at)
        run = names[at : at + length]
        known = _alike(dtypes, variables, run) if length > 1 else 1
        if 1 < known <= _MOST:
            answers = [_answers(frame[n], variables.get(n)) for n in run[:known]]
            if _mentions(answers, variables.get(run[0])):
                yield stem, tuple(run[:known])
        at += known


def _longest(names: Sequence[Any], usable: Sequence[bool], at: int) -> tuple[str, int]:
    """The stem that most columns from a place on have, and how many these are."""
    best = ("", 1)
    for stem in _stems(names[at]) if usable[at] else ():
        length = 0
        while at + length < len(names) and usable[at + length] and stem in _stems(names[at + length]):
            length += 1
        best = max(best, (stem, length), key=lambda b: (b[1], len(b[0])))
    return best


@lru_cache(maxsize=4096)
def _stems(name: Any) -> frozenset[str]:
    if not isinstance(name, str):
        return frozenset()
    found = (pattern.fullmatch(name) for pattern in _STEMS)
    return frozenset(m["stem"].rstrip(" _./:-[(") for m in found if m)


def _none(variable: Variable | None) -> set[Any]:
    """Codes that are no answers: declared missing, or labelled so."""
    if variable is None:
        return set()
    said = {c for c, texts in variable.labels.items() if any(read_label(t) is not None for t in texts.values())}
    return said | set(variable.missing)


def _answers(column: pd.Series, variable: Variable | None) -> pd.Series:
    none = _none(variable)
    return column.mask(column.isin(none)) if none else column


def _alike(dtypes: Mapping[Any, Any], variables: Mapping[str, Variable], run: Sequence[str]) -> int:
    """How many columns from the first on have its labels, but for what is no answer, and its kind of values."""

    def list_of(name: str) -> tuple[frozenset[Any], bool]:
        variable = variables.get(name)
        labels, none = ({} if variable is None else variable.labels), _none(variable)
        told = frozenset((c, *sorted(texts.values())) for c, texts in labels.items() if c not in none)
        return told, pd.api.types.is_numeric_dtype(dtypes[name])

    first = list_of(run[0])
    return next((i for i, name in enumerate(run) if list_of(name) != first), len(run))


def _mentions(columns: Sequence[pd.Series], variable: Variable | None) -> bool:
    n = [int(column.notna().sum()) for column in columns]
    if any(later > earlier for earlier, later in pairwise(n)):
        return False
    try:
        code, distinct = pd.factorize(pd.concat(columns, ignore_index=True))
    except TypeError:  # lists and the like
        return False
    labelled = variable is not None and bool(variable.labels)
    ranks = not labelled and set(distinct) == set(range(1, len(columns) + 1))  # each option has a column, and its rank
    if ranks or not max(_FEWEST, len(columns)) <= len(distinct) <= _LONGEST:
        return False
    codes = code.reshape(len(columns), -1)
    if not labelled and pd.api.types.is_numeric_dtype(columns[0]):  # visits and minutes are numbers, of no list
        measured = variable is not None and (variable.unit or variable.limits or variable.direction or variable.scored)
        held = [set(np.unique(c[c >= 0])) for c in codes]
        if measured or any(
            len(a & b) < _COMMON * (len(a | b) if len(columns) == 2 else min(len(a), len(b)))
            for a, b in ((held[0], later) for later in held[1:])
        ):
            return False
    expected = observed = 0.0
    for i, j in combinations(range(len(columns)), 2):
        both = (codes[i] >= 0) & (codes[j] >= 0)
        rows = int(both.sum())
        if not rows:
            continue
        shares = [np.bincount(codes[k][both], minlength=len(distinct)) / rows for k in (i, j)]
        expected += float(shares[0] @ shares[1]) * rows
        observed += float(np.count_nonzero(codes[i][both] == codes[j][both]))
        if observed > _BY_CHANCE and observed > _REPEATED * expected * len(columns):
            return False
    return expected >= _BY_CHANCE and observed <= _REPEATED * expected
