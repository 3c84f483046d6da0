"""Keys of two tables: the same unit written in two ways is one unit, or an error.

The rule, wherever rows of one table are laid to rows of another: 3, 3.0, "3" and "3 " are one key, and so is a word in
both Unicode forms. Text that reads like a number of the other table in any further way ("03", "3,0", "3.00") may or may
not mean it: that is an error, not a guess. So is text that differs in capitals or in
the spaces between words ("p3", "P3").
"""

from __future__ import annotations

import unicodedata
from collections.abc import Hashable
from typing import Any

import pandas as pd

from survey.codebook.told import may_be_shown
from survey.design.targets import plain
from survey.errors import DesignError, shorten

__all__ = ["key", "spelled_alike"]


def key(value: Any) -> Hashable:
    """A value in the form in which keys are compared; None where missing."""
    if value is None or value is pd.NA or value is pd.NaT or value != value:
        return None
    if isinstance(value, str):
        # NBSP and the like are spaces too
        value = unicodedata.normalize("NFC", value).strip()
    found: Hashable = plain(value)
    return found


def spelled_alike(column: pd.Series, other: pd.Series, where: str) -> pd.Series:
    """The other table's column in the spelling of this one.

    Parameters
    ----------
    column, other : Series
        Keys of the first and of the second table.
    where : str
        The second table, for errors.

    Raises
    ------
    DesignError
        If one table writes one key in two ways, or text of one table reads like a number of the other.
    """
    own, theirs = (pd.Series(c.astype(object).dropna().unique(), dtype=object) for c in (column, other))
    spelling: dict[Hashable, Any] = {}
    for value in own:
        if key(value) in spelling and spelling[key(value)] != value:
            raise DesignError(
                "A key has two representations.",
                where=f"the sample, column {column.name!r}",
                got=_both(spelling[key(value)], value),
                expected="one representation, as the key joins two tables",
                fix="recode the column to one of them",
            )
        spelling[key(value)] = value
    keys = {key(value): value for value in theirs}
    alone = [k for k in {**spelling, **keys} if isinstance(k, str) and not (k in spelling and k in keys)]
    everything = {k for k in {**spelling, **keys} if not isinstance(k, str)}
    unsure: list[tuple[str, Any]] = [(k, number) for k in alone if (number := _number(str(k))) in everything]
    ours = {_folded(k): k for k in spelling if isinstance(k, str)}
    unsure += [(k, ours[_folded(k)]) for k in alone if k not in spelling and _folded(k) in ours]
    if unsure:
        raise DesignError(
            "Keys of two tables look alike but differ in type or spelling.",
            where=f"{where}, column {column.name!r}",
            got=shorten(_both(k, other) for k, other in unsure),
            expected="the same representation in both",
            fix="convert the column to one of them in both tables",
        )
    table = {value: spelling.get(k, k) for k, value in keys.items()}
    table |= {value: spelling.get(key(value), key(value)) for value in theirs}
    if all(v == w and type(v) is type(w) for v, w in table.items()):
        return other
    return other.astype(object).map(lambda v: table.get(v, v), na_action="ignore").infer_objects()


def _both(one: Any, other: Any) -> str:
    """Two spellings of a key; one that may be someone's name or number is not shown."""
    if not (may_be_shown(one, 5) and may_be_shown(other, 5)):
        return "texts (not shown)"
    return f"{one!r} and {other!r}"


def _folded(text: str) -> str:
    """A text without what the eye passes over: capitals, and which and how many spaces."""
    return " ".join(text.split()).casefold()


def _number(text: str) -> float | None:
    """The number that a text may mean, with either decimal mark."""
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return None
