"""Columns of one question made one: a question that another version of the form had elsewhere, rows of a repeat."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from survey.base.catalogue import Note
from survey.errors import ReadError
from survey.io.platforms._headers import Place
from survey.io.platforms._table import rows_named

__all__ = ["together"]

Columns = list[tuple[Place, pd.Series]]


def together(columns: Columns, where: str, notes: list[str], *, by_form: bool) -> Columns:
    """Each question in one column.

    Columns that are never both filled become one, with a note: versions of the form had the question
    in different groups. Where a question stands in a repeat, or no form says what a question is, they are its rows and
    get numbers.

    Raises
    ------
    ReadError
        If two columns of a question are both filled.
    """
    groups: dict[tuple[object, ...], list[int]] = {}
    for i, (place, _) in enumerate(columns):
        groups.setdefault(_key(place, i), []).append(i)
    done: dict[int, tuple[Place, pd.Series]] = {}
    for members in groups.values():
        some = [columns[i] for i in members]
        for i, column in zip(members, _one(some, where, notes, by_form), strict=False):
            done[i] = column
    return [done[i] for i in sorted(done)]


def _key(place: Place, position: int) -> tuple[object, ...]:
    q = place.question
    if q is None:
        return (place.kind, place.header) if place.kind == "unknown" and place.header else (position,)
    return ("question" if place.kind == "moved" else place.kind, q.path, q.name, place.detail, place.nth)


def _one(some: Columns, where: str, notes: list[str], by_form: bool) -> Columns:
    first, *others = some
    q = first[0].question
    if not others and first[0].kind != "moved":
        return some
    same = len({p.header for p, _ in some}) == 1
    if others and (q is None or not by_form or (q.repeat and same)):
        return _numbered(some, notes)
    known = [c for c in some if c[0].kind != "moved"] or some[:1]
    place, cells = known[0]
    joined, apart = [], []
    for other, more in [c for c in some if c is not known[0]]:
        wrong = cells.notna() & more.notna()
        if not wrong.any():
            cells = cells.where(cells.notna(), more)
            joined.append(other.header)
        elif other.kind == "moved":  # another question after all, that the form does not have
            apart.append((replace(other, kind="unknown", question=None), more))
        elif q is not None and q.repeat:
            return _numbered(some, notes)
        else:
            raise ReadError(
                "Two columns belong to the same question.",
                where=f"{where}, {rows_named(np.flatnonzero(wrong))}",
                got=f"{place.header!r} and {other.header!r}, both filled",
                expected="one column, or columns that are never both filled",
                fix="export again, with the names of groups in the headers",
            )
    place = replace(place, kind="question") if place.kind == "moved" else place
    if q is not None and (joined or known[0][0].kind == "moved"):
        headers = ", ".join(repr(h) for h in dict.fromkeys([place.header, *joined]))
        notes.append(Note("reading.moved", headers=headers, column="/".join((*q.path, q.name))))
    return [(place, cells), *apart]


def _numbered(some: Columns, notes: list[str]) -> Columns:
    place = some[0][0]
    notes.append(Note("reading.header_repeated", header=repr(place.header), columns=len(some)))
    if place.question is None:
        return [(replace(p, header=f"{p.header}_{i}"), c) for i, (p, c) in enumerate(some, 1)]
    return [(replace(p, nth=f"{p.nth}_{i}".strip("_")), c) for i, (p, c) in enumerate(some, 1)]
