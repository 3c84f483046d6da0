"""Repeat groups: their rows with the columns of the submission they belong to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.base.catalogue import Note
from survey.codebook.told import describe_values
from survey.errors import ReadError, shorten
from survey.io.platforms._headers import BRACKETS, Place
from survey.io.platforms._table import Table, rows_named

__all__ = ["Block", "joined", "lengthened"]

_LINKS = (("_parent_index", "_index"), ("PARENT_KEY", "KEY"))


@dataclass(frozen=True, slots=True)
class Block:
    """Columns side by side, and the repeat group they are of ("": of none; None: of any)."""

    table: Table
    inside: str | None


def joined(
    child: Table, repeat: str, main: Table, parent_of: Callable[[Table, str], tuple[Table, str]], notes: list[str]
) -> list[Block]:
    """The rows of a repeat group, then the columns of what it stands in, outwards to the submission.

    Raises
    ------
    ReadError
        If rows have no parent, or two parents have one key.
    """
    blocks = [Block(child, repeat)]
    used = set(child.header)
    table, name, rows = child, repeat, np.arange(len(child))
    while table is not main:
        parent, outer = parent_of(table, name)
        positions = _positions(table, parent)
        rows = positions[rows]
        keep = [i for i, h in enumerate(parent.header) if h not in used or not _linking(h)]
        part = parent.rows(rows.tolist())
        blocks.append(
            Block(
                Table(part.name, tuple(part.header[i] for i in keep), tuple(part.cells[i] for i in keep), part.where),
                outer,
            )
        )
        used |= set(parent.header)
        if parent is main:
            alone = len(parent) - len(np.unique(rows))
            notes.append(Note("reading.repeat", group=repr(repeat), alone=int(alone), all=len(parent)))
        table, name = parent, outer
    return blocks


def _linking(header: str) -> bool:
    """Columns that both tables have of the platform itself."""
    return header.startswith("_") or header in ("KEY", "PARENT_KEY") or header.startswith("SET-OF-")


def _positions(child: Table, parent: Table) -> NDArray[np.int64]:
    """Where the parent of each row stands."""
    link = next(((c, p) for c, p in _LINKS if c in child.header and p in parent.header), None)
    if link is None:
        raise ReadError(
            "The rows of the repeat group cannot be joined to their submissions.",
            where=child.where,
            got=shorten(child.header),
            expected="_parent_index and _index (KoboToolbox), or PARENT_KEY and KEY (ODK)",
            fix="export with all the columns of the platform",
        )
    wanted, known = child.column(link[0]), parent.column(link[1])
    if known is None or wanted is None or known.dropna().duplicated().any():
        raise ReadError("Two submissions have the same key.", where=f"{parent.where}, {link[1]}", fix="export it again")
    places = wanted.map(pd.Series(known.index, index=known).to_dict())
    lost = np.flatnonzero(places.isna())
    if len(lost):
        raise ReadError(
            "Rows of the repeat group do not belong to a submission.",
            where=f"{child.where}, {rows_named(lost)}",
            got=f"{link[0]} {describe_values(map(_numbered, wanted[places.isna()].unique()))}",
            expected=f"a value of {link[1]} in {parent.where}",
            fix="export both at the same time, with the same filter",
        )
    return np.asarray(places, np.int64)


def lengthened(main: Table, places: Sequence[Place], repeat: str, notes: list[str]) -> list[Block]:
    """A repeat group in wide form (age_1, age_2) as one row for each of its rows.

    Raises
    ------
    ReadError
        If the repeat group stands inside another one.
    """
    mine = {
        (p.question.name, p.detail): i
        for i, p in enumerate(places)
        if p.kind == "nth" and p.question is not None and p.question.repeat == repeat
    }
    several = {p.question.name for p in places if p.question is not None and p.question.kind == "select_multiple"}
    mine = {k: i for k, i in mine.items() if "_" not in k[1] or k[0] not in several}
    if any("_" in n for _, n in mine):
        raise ReadError(
            "A nested repeat group cannot be read from wide columns.",
            where=main.where,
            got=f"repeat={repeat!r}",
            fix="export repeat groups in long form",
        )
    numbers = sorted({n for _, n in mine}, key=int)
    names = list(dict.fromkeys(name for name, _ in mine))
    nothing = pd.Series([None] * len(main), dtype="str")
    wide = {(name, n): main.cells[mine[name, n]] if (name, n) in mine else nothing for name in names for n in numbers}
    taken = {
        n: np.flatnonzero(pd.concat([wide[name, n] for name in names], axis=1).notna().any(axis=1)) for n in numbers
    }
    parents = np.concatenate([taken[n] for n in numbers])
    number = np.concatenate([np.full(len(taken[n]), int(n)) for n in numbers])
    order = np.lexsort((number, parents))
    stacked = [pd.concat([wide[name, n].iloc[taken[n]] for n in numbers], ignore_index=True) for name in names]
    cells = [column.iloc[order].reset_index(drop=True) for column in stacked]
    cells.append(pd.Series(number[order]).astype("str"))
    child = Table(repeat, (*names, f"{repeat}_row"), tuple(cells), main.where)
    keep = [i for i, p in enumerate(places) if not (p.kind == "nth" and p.question and p.question.repeat == repeat)]
    rows = main.rows(parents[order].tolist())
    example, alone = f"{names[0]}_{numbers[0]}", len(main) - len(np.unique(parents))
    notes.append(Note("reading.repeat_wide", group=repr(repeat), column=example, alone=alone, all=len(main)))
    rest = Table(main.name, tuple(rows.header[i] for i in keep), tuple(rows.cells[i] for i in keep), main.where)
    return [Block(child, repeat), Block(rest, "")]


def unbracketed(main: Table, repeat: str, notes: list[str]) -> Table | None:
    """A repeat group in columns such as `children[1]/age` as one row for each of its rows; None if none is of it.

    Repeats around it give the columns of their own row; those inside it, and others, stay columns with numbers.
    """
    around = [_around(h) for h in main.header]
    chain = next((a[: a.index(repeat) + 1] for a in around if repeat in a), None)
    if chain is None:
        return None
    depth = len(chain)
    mine: dict[tuple[str, ...], dict[str, int]] = {}  # numbers of a row -> header without them -> column
    above: dict[tuple[str, ...], dict[str, int]] = {}
    rest = []
    for i, header in enumerate(main.header):
        numbers = tuple(BRACKETS.findall(header)[:depth])
        if around[i][:depth] == chain:
            mine.setdefault(numbers, {})[BRACKETS.sub("", header, depth)] = i
        elif around[i] and around[i] == chain[: len(around[i])]:
            above.setdefault(numbers, {})[BRACKETS.sub("", header)] = i
        else:
            rest.append(i)
    rows: list[tuple[int, tuple[str, ...]]] = []
    for numbers, found in mine.items():
        cells = pd.concat([main.cells[i].mask(main.cells[i] == "n/a") for i in found.values()], axis=1)
        rows += [(int(r), numbers) for r in np.flatnonzero(cells.notna().any(axis=1))]
    rows.sort(key=lambda row: (row[0], [int(n) for n in row[1]]))

    def stacked(table: dict[tuple[str, ...], dict[str, int]]) -> dict[str, pd.Series]:
        columns: dict[str, pd.Series] = {}
        for header in dict.fromkeys(h for found in table.values() for h in found):
            at = {numbers: found[header] for numbers, found in table.items() if header in found}
            deep = len(next(iter(at)))
            cells = [main.cells[at[n[:deep]]].iloc[row] if n[:deep] in at else None for row, n in rows]
            columns[header] = pd.Series(cells, dtype="str")
        return columns

    own = stacked(mine)
    own[f"{repeat}_row"] = pd.Series([numbers[-1] for _, numbers in rows], dtype="str")
    columns = {**own, **stacked(above)}
    part = main.rows([row for row, _ in rows])
    example = main.header[around.index(next(a for a in around if a[:depth] == chain))]
    alone = len(main) - len({row for row, _ in rows})
    notes.append(Note("reading.repeat_wide", group=repr(repeat), column=example, alone=alone, all=len(main)))
    names = (*columns, *(part.header[i] for i in rest))
    return Table(repeat, names, (*columns.values(), *(part.cells[i] for i in rest)), main.where)


def _around(header: str) -> list[str]:
    """The repeats that a header with numbers in brackets stands in, the outermost first."""
    return [before.rpartition("/")[2] for before in BRACKETS.split(header)[:-1:2]]


def _numbered(key: object) -> object:
    """A key as a number where it is one: of a row, not of a person."""
    text = f"{key:g}" if isinstance(key, float) else str(key)
    return int(text) if text.isdecimal() and len(text) < 8 else key
