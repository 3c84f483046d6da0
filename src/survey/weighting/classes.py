"""Weighting classes: nonrespondents transfer their weight to the respondents of their class.

A class without enough respondents is an error that names it, unless collapse is asked for: then it joins its neighbour
in the last variable, and each merge is recorded.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.base.arrays import Array, weighted_count
from survey.base.codes import Ints, factorize
from survey.base.text import counted
from survey.codebook.told import describe_values, may_be_shown
from survey.design.targets import plain
from survey.errors import DesignError, shorten

__all__ = ["Classes", "Collapse", "Eligibility", "merged_by_hand", "weighting_classes"]

Bools = NDArray[np.bool_]
Collapse = str | Mapping[str, Mapping[Any, Any]] | None
_SHOWN = 200
"""Classes that an error names before it breaks off."""


@dataclass(frozen=True, slots=True)
class Eligibility:
    """What weighting classes need of every case drawn.

    Parameters
    ----------
    answered : bool array (rows,)
    eligible : array (rows,)
        Weight that is eligible for certain, or by a share that is known already.
    ineligible : array (rows,)
        Weight of those who are not eligible.
    unknown : array (rows,)
        Weight of which each class counts the share that is eligible among its known cases.
    """

    answered: Bools
    eligible: Array
    ineligible: Array
    unknown: Array


@dataclass(frozen=True, slots=True)
class Classes:
    """Final classes.

    Parameters
    ----------
    code : int array (rows,)
        Class of every case drawn; -1 for someone without one, who has no weight to give.
    labels : tuple of str
    factor, share : array (classes,)
        What respondents' weights are multiplied by; which share of the unknown counts as eligible. Factors are NaN in
        a class that holds no one eligible.
    merges : tuple of (text, rows)
        Joins, in words, and how many of those drawn changed their class.
    """

    code: Ints
    labels: tuple[str, ...]
    factor: Array
    share: Array
    merges: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class _Cells:
    """The crossed categories before any join: codes in `key` (cells, variables), sums in `sums` (cells, 6).

    `public` are the values as errors and the log may show them: a text that hardly anybody has is "…".
    """

    key: Ints
    values: tuple[tuple[str, ...], ...]
    public: tuple[tuple[str, ...], ...]
    sums: Array
    drawn: Ints

    def figures(self, part: Ints) -> tuple[Array, Array, Array, Array]:
        """For each class 0..cells-1 (most of them empty): respondents, cases, share of the unknown, factor."""
        size = len(part)
        respondents, cases, answered, eligible, ineligible, unknown = (
            weighted_count(part, column, size) for column in self.sums.T
        )
        with np.errstate(divide="ignore", invalid="ignore"):
            share = eligible / (eligible + ineligible)
            factor = (eligible + np.where(unknown > 0, unknown * share, 0.0)) / answered
        return respondents, cases, share, factor

    def live(self) -> Bools:
        """Cells with someone who is, or may be, eligible."""
        return (self.sums[:, 3] > 0) | (self.sums[:, 5] > 0)

    def failing(self, part: Ints, smallest: int, largest: float) -> Ints:
        """Classes that cannot stand, in order."""
        respondents, _, _, factor = self.figures(part)
        needed = np.zeros(len(part), bool)
        needed[part[self.live()]] = True
        return np.flatnonzero(needed & ((respondents < smallest) | ~(factor <= largest * (1 + 1e-12))))

    def text(self, members: Ints, public: bool = False) -> str:
        """A class in words: "P01 | 3+4"; `public` for an error or the log."""
        if not self.key.shape[1]:
            return "all"
        parts = []
        for j, names in enumerate(self.public if public else self.values):
            parts.append("+".join(names[i] for i in np.unique(self.key[members, j])))
        return " | ".join(parts)


def weighting_classes(
    columns: Sequence[pd.Series], drawn: Eligibility, collapse: Collapse, smallest: int, largest_factor: float | None
) -> Classes:
    """Classes of every case drawn, and their factors.

    Parameters
    ----------
    columns : sequence of Series (rows,)
        The variables that are crossed; no one with weight to give lacks one. None of them: one class.
    drawn : Eligibility
    collapse : "neighbours" or None
        What the user merged is merged already.
    smallest : int
        Respondents that a class must have.
    largest_factor : float, optional

    Raises
    ------
    DesignError
        If a class has too few respondents or too large a factor; all such classes are named.

    References
    ----------
    Little (1986), Int. Stat. Review 54. Kalton & Flores-Cervantes (2003), J. Official Statistics 19.
    """
    code, cells = _cells(columns, drawn)
    largest = np.inf if largest_factor is None else largest_factor
    part = np.arange(len(cells.sums))
    merges: list[tuple[str, int]] = []
    if collapse == "neighbours":
        part, merges = _join(cells, part, smallest, largest)
    bad = cells.failing(part, smallest, largest)
    if len(bad):
        _refuse(cells, part, bad, [str(c.name) for c in columns], smallest, largest, collapse)
    ids, final = np.unique(part, return_inverse=True)
    labels: dict[str, None] = {}
    for i in ids:
        name, number = cells.text(np.flatnonzero(part == i)), 2
        unique = name
        while unique in labels:
            unique, number = f"{name} ({number})", number + 1
        labels[unique] = None
    _, _, share, factor = cells.figures(part)
    return Classes(np.append(final, -1)[code], tuple(labels), factor[ids], share[ids], tuple(merges))


def merged_by_hand(columns: Sequence[pd.Series], collapse: Collapse) -> list[pd.Series]:
    """The variables with categories merged as `collapse={"age_group": {4: 3}}` says.

    Raises
    ------
    DesignError
        If it names a variable that makes no classes, or a category that no one has.
    """
    if collapse is None or collapse == "neighbours":
        return list(columns)
    if not isinstance(collapse, Mapping) or not all(isinstance(m, Mapping) for m in collapse.values()):
        raise DesignError(
            "`collapse` has an invalid value.", got=repr(collapse), expected='"neighbours", or {"age_group": {4: 3}}'
        )
    names = [c.name for c in columns]
    unknown = [v for v in collapse if v not in names]
    if unknown:
        raise DesignError(
            "`collapse` names a variable that is not in `by`.",
            where="collapse",
            got=shorten(unknown),
            expected=shorten(names) or "no classes are made",
            fix="give a variable of `by`",
        )
    out = []
    for column in columns:
        changes = {_category(k): _category(v) for k, v in collapse.get(column.name, {}).items()}
        values = column.astype(object).map(_category, na_action="ignore")
        there = set(values.dropna())
        lost = [k for pair in changes.items() for k in pair if k not in there]
        if lost:
            raise DesignError(
                "`collapse` names a category that does not occur.",
                where=f"collapse, {column.name}",
                got=shorten(lost),
                expected=describe_values(sorted(there, key=lambda v: (isinstance(v, str), v)), column=values, limit=20),
            )
        out.append(values.map(lambda v, c=changes: c.get(v, v)).infer_objects() if changes else column)
    return out


def _category(value: Any) -> Any:
    return unicodedata.normalize("NFC", value) if isinstance(value, str) else plain(value)


def _cells(columns: Sequence[pd.Series], drawn: Eligibility) -> tuple[Ints, _Cells]:
    n = len(drawn.answered)
    if columns:
        code, labels = factorize(list(columns))
    else:
        code, labels = np.zeros(n, np.int64), pd.DataFrame(index=[0])
    inside, size = code >= 0, len(labels)
    counts = [
        drawn.answered.astype(float),
        ((drawn.eligible > 0) | (drawn.unknown > 0)).astype(float),
        np.where(drawn.answered, drawn.eligible, 0.0),
        drawn.eligible,
        drawn.ineligible,
        drawn.unknown,
    ]
    sums = np.column_stack([weighted_count(code[inside], c[inside], size) for c in counts])
    rows = np.bincount(code[inside], minlength=size)
    keys, values, public = [], [], []
    for name in labels.columns:
        key, distinct = factorize([labels[name]])
        keys.append(key)
        values.append(tuple(str(plain(v)) for v in distinct[0]))
        held = np.bincount(key, weights=rows, minlength=len(distinct))
        shown = [may_be_shown(v, int(n)) for v, n in zip(distinct[0], held, strict=True)]
        public.append(tuple(v if show else "…" for v, show in zip(values[-1], shown, strict=True)))
    key = np.column_stack(keys) if keys else np.zeros((size, 0), np.int64)
    return code, _Cells(key, tuple(values), tuple(public), sums, rows)


def _join(cells: _Cells, part: Ints, smallest: int, largest: float) -> tuple[Ints, list[tuple[str, int]]]:
    """Join classes that cannot stand to their neighbours until all can, or only one is left."""
    joins: list[tuple[str, int]] = []
    while True:
        for bad in cells.failing(part, smallest, largest):
            partners = _partners(cells, part, bad)
            if len(partners):
                break
        else:
            return part, joins
        respondents, cases, _, factor = cells.figures(part)
        names = [cells.text(np.flatnonzero(part == p), public=True) for p in (bad, *partners)]
        why = f"{counted(int(respondents[bad]), 'respondent')} of {counted(int(cases[bad]), 'case')}"
        why += f", factor {factor[bad]:.3g}" if np.isfinite(factor[bad]) else ""
        joins.append((f"{names[0]} ({why}) joined to {shorten(names[1:])}", int(cells.drawn[part == bad].sum())))
        joined = np.isin(part, [bad, *partners])
        part = np.where(joined, part[joined].min(), part)


def _partners(cells: _Cells, part: Ints, bad: int) -> Ints:
    """The neighbours of a class: within the same values of the other variables, in the last one; else one up."""
    own, live = cells.key[part == bad], cells.live()
    respondents = cells.figures(part)[0]
    for level in range(cells.key.shape[1] - 1, -1, -1):
        if (own[:, :level] != own[0, :level]).any():
            continue
        inside = live & (part != bad) & (cells.key[:, :level] == own[0, :level]).all(axis=1)
        values, low, high = cells.key[:, level], own[:, level].min(), own[:, level].max()
        between = inside & (values >= low) & (values <= high)
        if between.any():
            choices = [between]
        else:
            below, above = inside & (values < low), inside & (values > high)
            choices = [below & (values == values[below].max())] if below.any() else []
            choices += [above & (values == values[above].min())] if above.any() else []
        if not choices:
            continue
        found = []
        for cell in choices:
            alike = cell & np.isin(_rest(cells.key, level), _rest(own, level))
            found.append(np.unique(part[alike if alike.any() else cell]))
        return min(found, key=lambda p: respondents[p].sum())  # on a tie the one before
    return np.zeros(0, np.int64)


def _rest(key: Ints, level: int) -> Any:
    """The values of the variables after a level, one object per cell."""
    out = np.empty(len(key), object)
    out[:] = [str(row.tolist()) for row in key[:, level + 1 :]]
    return out


def _refuse(
    cells: _Cells, part: Ints, bad: Ints, names: list[str], smallest: int, largest: float, collapse: Collapse
) -> None:
    respondents, cases, _, factor = cells.figures(part)
    found = []
    for i in bad:
        shown = f", factor {factor[i]:.3g}" if np.isfinite(factor[i]) else ", no factor"
        found.append(
            f"{cells.text(np.flatnonzero(part == i), public=True)}: {counted(int(respondents[i]), 'respondent')} of "
            f"{counted(int(cases[i]), 'case')}{shown}"
        )
    ways = [] if collapse == "neighbours" else _proposals(cells, names, smallest, largest)
    raise DesignError(
        "Some weighting classes have too few respondents to take on the weight of the nonrespondents."
        if (respondents[bad] < smallest).any()
        else "The adjustment factors of some weighting classes exceed the limit.",
        where=f"classes {' x '.join(names) or 'all'}",
        got="; ".join(found[:_SHOWN]) + (f"; … ({len(found)} in all)" if len(found) > _SHOWN else ""),
        expected=f"{counted(smallest, 'respondent')} or more in every class"
        + ("" if largest == np.inf else f", and factors up to {largest:g}"),
        fix="; or ".join(ways)
        or "use fewer or larger classes" + ("" if largest == np.inf else ", or allow larger factors"),
    )


def _proposals(cells: _Cells, names: list[str], smallest: int, largest: float) -> list[str]:
    """Ways to merge classes after which all can stand; each was tried."""
    start = np.arange(len(cells.sums))
    ways: list[str] = []
    if not names:
        return ways

    def stands(key: Ints) -> bool:
        part = factorize([*key.T])[0] if key.shape[1] else np.zeros(len(key), np.int64)
        return not len(cells.failing(part, smallest, largest))

    for j in range(len(names) - 1, -1, -1):
        merge = _one_variable(cells, j, start, smallest, largest, stands)
        if merge and not any(cells.public[j][i] == "…" for pair in merge.items() for i in pair):
            shown = ", ".join(f"{_quoted(cells.values[j][a])}: {_quoted(cells.values[j][b])}" for a, b in merge.items())
            ways.append(f"collapse={{{names[j]!r}: {{{shown}}}}}")
            break
    part, merges = _join(cells, start, smallest, largest)
    if not len(cells.failing(part, smallest, largest)):
        ways.append(f'collapse="neighbours" ({counted(len(merges), "join")}, each told in the log)')
    for j in range(len(names) - 1, -1, -1):
        if stands(np.delete(cells.key, j, axis=1)):
            ways.append(f"leave {names[j]} out of the classes")
            break
    return ways


def _one_variable(
    cells: _Cells, j: int, start: Ints, smallest: int, largest: float, stands: Callable[[Ints], bool]
) -> dict[int, int]:
    """A merge of categories of one variable with which all classes can stand: each failing one with the next."""
    failing = sorted({int(v) for v in cells.key[cells.failing(start, smallest, largest), j]})
    size = len(cells.values[j])
    if size < 3 or len(failing) > size // 2:
        return {}
    for step in (-1, 1):
        merge = {v: v + step if 0 <= v + step < size else v - step for v in failing}
        if set(merge) & set(merge.values()):
            continue
        key = cells.key.copy()
        key[:, j] = [merge.get(int(v), int(v)) for v in key[:, j]]
        if stands(key):
            return merge
    return {}


def _quoted(value: str) -> str:
    return value if value.lstrip("-").replace(".", "", 1).isdigit() else repr(value)
