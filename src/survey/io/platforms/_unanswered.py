"""What KoboToolbox, Ona and formhub write that is no answer: n/a in every column, a row of HXL tags."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pandas as pd

from survey.base.catalogue import Note, listed
from survey.io.platforms._headers import Place
from survey.io.platforms._table import Table

__all__ = ["without_mark", "without_tags"]

_MARK = "n/a"
_TAG = re.compile(r"#[A-Za-z]\w*(\s*\+[A-Za-z]\w*)*\s*")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")


def without_tags(table: Table, notes: list[str]) -> Table:
    """A table without the row of tags (#loc+name) that stands below the header where a form has a column hxl."""
    first = [c.iloc[0] for c in table.cells] if len(table) else []
    tags = [cell for cell in first if isinstance(cell, str)]
    if not tags or not all(_TAG.fullmatch(tag) for tag in tags):
        return table
    notes.append(Note("reading.hxl_row", tags=listed(tags, 4)))
    return table.rows(list(range(1, len(table))))


def without_mark(columns: Sequence[tuple[Place, pd.Series]], notes: list[str]) -> list[tuple[Place, pd.Series]]:
    """Columns with empty cells for the mark.

    In a column of text a respondent may have written it. What no respondent can have written, in a column of codes or
    numbers, shows that the file has this mark.
    """
    marked = [
        p.question is not None and _MARK not in p.question.choices and bool((c == _MARK).any()) for p, c in columns
    ]
    coded = [_not_text(p, c) for p, c in columns]
    sure = any(m and c for m, c in zip(marked, coded, strict=True))
    texts = [p.header for (p, _), m, c in zip(columns, marked, coded, strict=True) if m and not c]
    if sure and texts:
        notes.append(Note("reading.not_answered_mark", columns=listed(texts, 8)))
    return [
        (p, cells.mask(cells == _MARK) if m and (sure or c) else cells)
        for (p, cells), m, c in zip(columns, marked, coded, strict=True)
    ]


def _not_text(place: Place, cells: pd.Series) -> bool:
    """Whether what a column holds is no text that a respondent wrote."""
    q = place.question
    if q is None or place.kind not in ("question", "moved", "nth"):
        return q is not None
    if q.kind:
        return q.kind != "text"
    rest = cells[cells != _MARK].dropna()
    return len(rest) > 0 and bool(rest.str.fullmatch(_NUMBER).all())
