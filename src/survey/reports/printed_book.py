"""What a workbook prints, piece by piece; evidence is the name of a cell."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from survey.reports.office_parts import Parts
from survey.reports.printed import Piece, piece_of, plain_text
from survey.reports.printed_chart import format_of, pieces_of_chart

__all__ = ["pieces_in_book", "values_of"]

_S = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_CELL = re.compile(r"\$?([A-Z]{1,3})\$?(\d+)")
_NAMED = re.compile(r"(?:'((?:[^']|'')*)'|([^'!]+))!\$?([A-Z]{1,3})\$?(\d+)$")
_BUILT_IN = {9: "0%", 10: "0.00%", 1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00"}
"""Number formats that a workbook does not spell out (ECMA-376 part 1, 18.8.30)."""
_MARK = re.compile(r'"([^"]*)"|\\(.)')
"""What a number format writes as it is."""
Rows = dict[int, dict[int, Any]]


@dataclass(frozen=True, slots=True)
class _Styled:
    """A number of a cell and how it is shown."""

    value: float
    shown: str
    mark: str


class _Book:
    def __init__(self, parts: Parts) -> None:
        self.parts, self.main = parts, parts.main
        self.strings: list[str] = []
        for name in parts.of_kind(self.main, "sharedStrings"):
            self.strings = ["".join(t.text or "" for t in one.iter(f"{_S}t")) for one in parts.xml(name)]
        self.formats = [""]
        for name in parts.of_kind(self.main, "styles"):
            styles = parts.xml(name)
            own = {int(one.get("numFmtId")): one.get("formatCode") or "" for one in styles.iter(f"{_S}numFmt")}
            own = _BUILT_IN | own
            used = styles.find(f"{_S}cellXfs")
            self.formats = [own.get(int(xf.get("numFmtId", "0")), "") for xf in ([] if used is None else used)]
        root, related = parts.xml(self.main), parts.related(self.main)
        self.sheets = {
            one.get("name"): related[one.get(f"{_R}id")][1]
            for one in root.iter(f"{_S}sheet")
            if one.get(f"{_R}id") in related
        }
        names = [one.get("name") for one in root.iter(f"{_S}sheet")]
        self.heads: dict[str, int] = {}
        self.ids: dict[str, dict[tuple[int, int], str]] = defaultdict(dict)
        for one in root.iter(f"{_S}definedName"):
            found = _NAMED.match(one.text or "")
            if one.get("name") == "_xlnm.Print_Titles":
                top, own_sheet = re.search(r"\$(\d+)$", one.text or ""), one.get("localSheetId", "")
                if top and own_sheet.isdigit() and int(own_sheet) < len(names):
                    self.heads[names[int(own_sheet)]] = int(top[1])
            elif found and not one.get("name", "").startswith("_xlnm"):
                sheet = (found[1] or found[2]).replace("''", "'")
                self.ids[sheet][int(found[4]) - 1, _column(found[3])] = one.get("name")

    def rows(self, root: Any) -> Rows:
        """The cells of a sheet that hold something: texts, and numbers with how they are shown."""
        found: Rows = {}
        i = -1
        for row in root.iter(f"{_S}row"):
            i = int(row.get("r", i + 2)) - 1
            j = -1
            for cell in row:
                at = _CELL.match(cell.get("r", ""))
                j = _column(at[1]) if at else j + 1
                value = self._value(cell)
                if value not in ("", None):
                    found.setdefault(i, {})[j] = value
        return found

    def _value(self, cell: Any) -> Any:
        kind, held = cell.get("t", "n"), cell.find(f"{_S}v")
        if kind == "inlineStr":
            return plain_text("".join(t.text or "" for t in cell.iter(f"{_S}t")))
        text = "" if held is None else held.text or ""
        if kind == "s" and text.isdigit() and int(text) < len(self.strings):
            return plain_text(self.strings[int(text)])
        if kind != "n" or not text:
            return plain_text(text)
        style = int(cell.get("s", "0"))
        code = self.formats[style] if style < len(self.formats) else ""
        mark = "".join(a or b for a, b in _MARK.findall(code.partition(";")[0]))
        try:
            return _Styled(float(text), format_of(_MARK.sub("", code)), mark)
        except ValueError:
            return text


def pieces_in_book(parts: Parts) -> tuple[list[Piece], int]:
    """The pieces of a workbook, and how many pictures it has."""
    book = _Book(parts)
    pieces: list[Piece] = []
    for name, part in book.sheets.items():
        root = parts.xml(part)
        rows = book.rows(root)
        title = next((t for t in rows.get(0, {}).values() if isinstance(t, str)), name)
        pieces += _sheet(rows, book.heads.get(name, 0), title, book.ids.get(name, {}), _merged(root))
        for drawing in parts.of_kind(part, "drawing"):
            for chart in parts.of_kind(drawing, "chart"):
                pieces += pieces_of_chart(parts.xml(chart), title, None)
    pictures = sum(1 for name in parts.names if name.startswith("xl/media/"))
    return [piece for piece in pieces if piece.text], pictures


def values_of(parts: Parts) -> list[dict[int, Any]]:
    """The rows of the first sheet of a workbook: texts, and numbers as floats."""
    book = _Book(parts)
    part = next(iter(book.sheets.values()), "")
    rows = book.rows(parts.xml(part)) if part in parts.names else {}
    return [
        {j: v.value if isinstance(v, _Styled) else v for j, v in rows.get(i, {}).items()}
        for i in range(max(rows, default=-1) + 1)
    ]


def _sheet(
    rows: Rows, top: int, title: str, ids: dict[tuple[int, int], str], merged: Mapping[tuple[int, int], int]
) -> Iterator[Piece]:
    """A sheet: texts above its table and below, cells beside the names of their row and under their headings.

    The headings are the rows that are printed on each page, of which there are `top` with all above. Below a table,
    after an empty row, may stand the numbers that its chart is drawn from: their headings are the nearest texts above
    them, and what the first row there says.
    """
    end = top
    while end in rows:
        end += 1
    left = _named([rows[i] for i in range(top, end)])
    heads: dict[int, list[str]] = defaultdict(list)
    over: dict[int, str] = {}
    first: list[str] = []
    for i in sorted(rows):
        row = rows[i]
        texts = {j: v for j, v in row.items() if isinstance(v, str)}
        if i < top:
            yield from (piece_of([(text, "")], where="" if i == 0 else title) for text in texts.values())
            if i >= _HEAD_ROW:
                _spread(heads, {(j, merged.get((i, j), j)): text for j, text in texts.items()})
            continue
        inside = i < end
        if not inside:
            first = first or list(texts.values())
        names = [str(row[j]) for j in sorted(texts) if j < left] if inside else list(texts.values())
        for j, value in row.items():
            above = heads.get(j, []) if inside else [*([over[j]] if j in over else []), *first]
            evidence = ids.get((i, j), "")
            if isinstance(value, _Styled):
                text = _told(value)
                yield piece_of([(text, evidence)], [*names, *above], title, f" {value.shown}")
            elif inside and j >= left:
                beside = [*names, *above] if len(value) < _SENTENCE else names
                yield piece_of([(value, evidence)], beside, title)
            else:
                yield piece_of([(value, evidence)], where=title)
        if not inside:
            over |= texts


_HEAD_ROW, _SENTENCE = 3, 80
"""Row of the headings, from 0, as our workbooks have them; letters of a cell that is a sentence, not a number."""


def _told(cell: _Styled) -> str:
    """A number with nine digits, and what its format writes behind it."""
    value = 100 * cell.value if "%" in cell.shown else cell.value
    digits = f"{value:.9g}"
    if "e" in digits:
        digits = f"{value:.12f}".rstrip("0").rstrip(".")
    return f"{digits}{'%' if '%' in cell.shown else ''}{cell.mark}"


def _merged(root: Any) -> dict[tuple[int, int], int]:
    """The last column of each cell that is one of several, by its row and column."""
    found: dict[tuple[int, int], int] = {}
    for one in root.iter(f"{_S}mergeCell"):
        corners = [_CELL.match(corner) for corner in one.get("ref", "").split(":")]
        first, last = corners[0], corners[-1]
        if first and last:
            found[int(first[2]) - 1, _column(first[1])] = _column(last[1])
    return found


def _spread(heads: dict[int, list[str]], texts: Mapping[tuple[int, int], str]) -> None:
    """Headings over the columns that they are of; one that a row has several times goes with the one to its left."""
    often, other = Counter(texts.values()), ""
    for (first, last), text in sorted(texts.items()):
        for j in range(first, last + 1):
            heads[j] += [other, text] if often[text] > 1 and other else [text]
        other = other if often[text] > 1 else text


def _named(table: Sequence[Mapping[int, Any]]) -> int:
    """How many columns hold the names of rows: those before the first with numbers, one of a table of words."""
    numbers = [j for row in table for j, value in row.items() if isinstance(value, _Styled)]
    return max(min(numbers, default=1), 1)


def _column(letters: str) -> int:
    """The position of a column from its letters, from 0."""
    found = 0
    for letter in letters:
        found = 26 * found + ord(letter) - 64
    return found - 1
