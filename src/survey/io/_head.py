"""Which rows of a table are its header: titles above it, the row of names, rows of wording below the names."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from survey.base.catalogue import Note, listed
from survey.codebook import ENGLISH_FIRST, Text, same_text
from survey.codebook.nonanswers import read_label
from survey.errors import ReadError
from survey.io._cells import cell_text
from survey.io._sheets import is_vietnamese

__all__ = ["Head", "head_of", "titles"]

Row = Sequence[Any]
Span = tuple[tuple[int, int], tuple[int, int]]
_MOST_ABOVE, _MOST_BELOW = 20, 2  # rows of titles, rows of wording
_LOOKED_AT = 400  # rows below a row that may be wording
_REPEATED = 8  # rows that tell whether the answers of a column repeat
_VALUE = re.compile(
    r"\s*([+-]?(\d+([.,]\d+)*|[.,]\d+)([eE][+-]?\d+)?|\d{4}-\d\d?-\d\d?([ T].*)?|\d\d?[/.]\d\d?[/.]\d{4})\s*"
)
_IMPORT_IDS = re.compile(r'\s*\{\s*"ImportId"')


@dataclass(frozen=True, slots=True)
class Head:
    """Rows counted from 0: the one that names the columns, those of wording, and the first row of answers."""

    names: int
    wording: tuple[int, ...]
    end: int
    notes: tuple[str, ...] = ()


def head_of(
    rows: Sequence[Row], merged: Sequence[Span], wanted: int | Sequence[int] | None, where: str, skipped: int = 0
) -> Head:
    """The header of a table, as it is declared or found; what is found is said.

    Above the names, rows with a text in their first cell only are titles. Rows of wording below the names are told by
    what is below them: texts above columns of numbers, or questions above columns whose answers repeat and never are
    these texts. So are names below cells that are merged over several columns.

    Parameters
    ----------
    rows : sequence of rows of equal length
        The first rows at least; cells are "" where empty.
    merged : sequence of ((row, column), (row, column))
        Ranges of merged cells.
    wanted : int, sequence of int or None
        How many rows, 1 or 2; or the row of names, then the rows of wording, counted from 0; None to find them.
    where : str
        For errors.
    skipped : int
        Empty rows above the first of `rows`, which count in `wanted`.

    Raises
    ------
    ReadError
        If `wanted` is none of these.
    """
    if wanted is not None:
        return _declared(wanted, len(rows), where, skipped)
    above = _titles_above(rows, merged)
    notes = []
    texts = [t for i in range(above) if (t := cell_text(rows[i][0]).strip())]
    if texts:
        notes.append(Note("reading.header_below", where=_short(where), row=above + skipped + 1, above=listed(texts, 3)))
    width = len(rows[above]) if above < len(rows) else 0
    spans = [(a[1], b[1]) for a, b in merged if a[0] == above == b[0] and a[1] < b[1] < width]
    wording: list[int] = []
    if len(rows) - above >= 4:
        second = rows[above + 1]
        if spans and all(_is_text(second[i]) for low, high in spans for i in range(low, high + 1)):
            wording.append(above + 1)
            notes.append(Note("reading.header_merged", sheet=_short(where)))
        while not spans and len(wording) < _MOST_BELOW and _is_wording(rows, above, above + 1 + len(wording)):
            wording.append(above + 1 + len(wording))
        if wording and not spans:
            key = ("reading.header_wording", "reading.header_wordings")[len(wording) - 1]
            shown = listed(str(i + skipped + 1) for i in wording)
            notes.append(Note(key, where=_short(where), row=above + skipped + 1, below=shown))
    return Head(above, tuple(wording), above + 1 + len(wording), tuple(notes))


def _short(where: str) -> str:
    """The sheet of "path, sheet 'answers'", or the name of a file."""
    match = re.search(r", sheet '(.*)'$", where)
    return match[1] if match else re.split(r"[/\\]", where)[-1]


def _declared(wanted: int | Sequence[int], count: int, where: str, skipped: int) -> Head:
    whole = isinstance(wanted, int) and not isinstance(wanted, bool)
    if whole and wanted in (1, 2):
        return Head(0, tuple(range(1, wanted)), wanted)
    listed_ = [] if isinstance(wanted, int | str) else list(wanted)
    places = [i - skipped for i in listed_ if isinstance(i, int) and not isinstance(i, bool)]
    fine = listed_ and len(places) == len(listed_) == len(set(places)) and all(0 <= i < count for i in places)
    if not fine:
        raise ReadError(
            "The header must be one or two rows, or a list of rows.",
            where=where,
            got=wanted,
            expected="1 or 2; or rows counted from 0, the one with the names first: [0, 2]",
        )
    return Head(places[0], tuple(places[1:]), max(places) + 1)


def _titles_above(rows: Sequence[Row], merged: Sequence[Span]) -> int:
    """How many rows stand above the names: empty ones, and titles in the first cell of a row."""
    width = max((len(row) for row in rows[:_MOST_ABOVE]), default=0)
    grouped = {a[0] for a, b in merged if a[0] == b[0] and b[1] > a[1] and (a[1] > 0 or b[1] < width - 1)}
    empty = 0
    for i, row in enumerate(rows[:_MOST_ABOVE]):
        given = [j for j, cell in enumerate(row) if _filled(cell)]
        if not given:
            empty += empty == i
            continue
        if given == [0] and width >= 3 and i not in grouped and not _is_value(row[0]):
            continue
        if i == 0:
            return 0
        names = [cell_text(row[j]).strip() for j in given]
        fine = 2 * len(given) > width and all(_is_text(row[j]) or _is_year(row[j]) for j in given)
        return i if fine and len(set(names)) == len(names) and len(rows) > i + 1 else empty
    return empty


def _is_wording(rows: Sequence[Row], names: int, at: int) -> bool:
    row, below = rows[at], rows[at + 1 : at + 1 + _LOOKED_AT]
    if any(_is_value(cell) for cell in row):
        return False
    texts = {j: cell_text(cell).strip() for j, cell in enumerate(row) if _filled(cell)}
    if len(below) < 2 or 2 * len(texts) < len(row) or not all(_is_text(row[j]) for j in texts):
        return False
    if _of_an_import(texts.values()):
        return True
    if below and _of_an_import([cell_text(cell) for cell in below[0]]):
        below = below[1:]
    columns = {j: [r[j] for r in below if j < len(r) and _filled(r[j])] for j in range(len(row))}
    numbers = [j for j, cells in columns.items() if len(cells) >= 2 and all(map(_is_value, cells))]
    if len(row) == 1:  # several words above numbers, which are no reason for not answering
        return numbers == [0] and " " in texts[0] and read_label(texts[0]) is None
    above = [texts[j] for j in numbers if j in texts]
    if len(above) >= 2 and 2 * len(above) >= len(numbers) and 5 * len(set(above)) >= 4 * len(above):
        return 2 * len(numbers) >= len(row) or _like_questions(list(texts.values()))
    repeated = {j: {cell_text(c).strip() for c in cells} for j, cells in columns.items() if len(cells) >= _REPEATED}
    repeated = {j: cells for j, cells in repeated.items() if 3 * len(cells) <= len(columns[j])}
    if len(repeated) < 2 or 2 * len(repeated) < len(row) or any(texts.get(j) in cells for j, cells in repeated.items()):
        return False
    short = all(" " not in cell_text(c).strip() for c in rows[names])
    return short and len(set(texts.values())) == len(texts) and _like_questions(list(texts.values()))


def _of_an_import(texts: Collection[str]) -> bool:
    """Whether a row holds the identifiers by which a platform knows its columns again."""
    return 2 * sum(bool(_IMPORT_IDS.match(t)) for t in texts) > len(texts)


def _like_questions(texts: Sequence[str]) -> bool:
    """Whether most texts are sentences."""
    return 2 * sum(len(t) >= 12 and " " in t for t in texts) >= len(texts)


def _filled(cell: Any) -> bool:
    return cell is not None and not (isinstance(cell, str) and not cell.strip())


def _is_text(cell: Any) -> bool:
    return isinstance(cell, str) and bool(cell.strip()) and not _VALUE.fullmatch(cell)


def _is_year(cell: Any) -> bool:
    return bool(re.fullmatch(r"(19|20)\d\d", cell_text(cell).strip()))


def _is_value(cell: Any) -> bool:
    """Whether a cell is a number or a date, not a name."""
    if isinstance(cell, str):
        return bool(_VALUE.fullmatch(cell))
    return isinstance(cell, int | float | dt.date | dt.time | dt.timedelta) and not isinstance(cell, bool)


def titles(rows: Sequence[Row], head: Head, merged: Sequence[Span]) -> tuple[list[str], list[Text]]:
    """Names of the columns, and their wording where there is a row of it."""
    top = [cell_text(cell) for cell in rows[head.names]]
    worded = [[cell_text(cell).strip() for cell in rows[i]] for i in head.wording]
    worded = [row for row in worded if not _of_an_import(row)]
    if not worded:
        return top, []
    below = worded[0]
    for (a, b), (c, d) in merged:
        if a == head.names == c and d > b:  # one name over several columns goes before theirs
            for i in range(b, min(d + 1, len(top))):
                below[i], top[i] = "", f"{top[b].split(' / ')[0]} / {below[i]}" if below[i] else top[b]
    top = [name.strip() or under for name, under in zip(top, below, strict=True)]
    if len(worded) > 1:
        return top, _of_rows(worded)
    pairs = list(zip(top, below, strict=True))
    first = is_vietnamese(a for a, b in pairs if a != b)
    second = is_vietnamese(b for a, b in pairs if a != b)
    texts = []
    for name, under in pairs:
        if not under or under == name:
            texts.append(_both(name))
        elif first != second:
            texts.append(MappingProxyType({"vi": name, "en": under} if first else {"en": name, "vi": under}))
        else:
            texts.append(_both(under))
    return top, texts


def _of_rows(worded: Sequence[Sequence[str]]) -> list[Text]:
    """The wording of two rows: each in its language, or the longer of the two."""
    first, second = worded[:2]
    if is_vietnamese(first) != is_vietnamese(second):
        vi, en = (first, second) if is_vietnamese(first) else (second, first)
        return [MappingProxyType({"vi": a or b, "en": b or a}) for a, b in zip(vi, en, strict=True)]
    return [_both(max(a, b, key=len)) for a, b in zip(first, second, strict=True)]


def _both(text: str) -> Text:
    return same_text(text, ENGLISH_FIRST)
