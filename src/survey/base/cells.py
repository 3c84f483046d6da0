"""CSV text as raw cells: the one place that parses it. What a cell means is left to who asks."""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from survey.base.catalogue import Note
from survey.base.encodings import FIND, decoded
from survey.base.said import said
from survey.errors import ReadError, shorten

__all__ = [
    "SEPARATORS",
    "csv_cells",
    "csv_table",
    "declared_separator",
    "find_separator",
    "first_rows",
    "header_of",
    "refuse_open_quote",
    "second_table",
]

SEPARATORS = {",": '","', ";": '";"', "\t": '"\\t"', "|": '"|"'}
"""Signs that separate cells, and how they are typed."""
_BLOCK = 1 << 24  # bytes; a quoted text must not be longer
_WORKBOOK = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # the first bytes of .xlsx and .xls
_WIDE = 1_000  # columns


def csv_cells(
    text: str, separator: str, where: object, *, missing: Sequence[str] = (), fix: str
) -> tuple[list[str], list[pd.Series]]:
    """The first row of CSV, and the cells below it by column: text as it stands, cells of nothing but spaces missing.

    Parameters and errors are those of `csv_table`.
    """
    header, columns = csv_table(text, separator, where, missing=missing, fix=fix)
    return header, [pd.Series(c.to_pandas(), dtype="str") for c in columns]


def csv_table(
    text: str, separator: str, where: object, *, missing: Sequence[str] = (), fix: str, above: int = 0
) -> tuple[list[str], list[Any]]:
    """The first row of CSV, and the cells below it as arrays of strings of pyarrow, a column each; empty cells null.

    Parameters
    ----------
    text : str
        Holds more than blanks.
    separator : str
        One sign.
    where : path or str
        The file, for errors.
    missing : sequence of str
        Words that are missing where they stand without quotes ("NA").
    fix : str
        What helps where rows have more or fewer cells than the header.
    above : int
        Rows above the first of `text`, which count in errors.

    Raises
    ------
    ReadError
        For another separator, a quote that is never closed, rows with more or fewer cells than the header.
    """
    import pyarrow as pa
    import pyarrow.csv as pc

    if len(separator) != 1:
        raise ReadError(
            "A separator is one sign.", where=where, got=repr(separator), expected=", ".join(SEPARATORS.values())
        )
    header = header_of(text, separator, where)
    if text.count('"') % 2:
        refuse_open_quote(io.StringIO(text, newline=""), separator, where)
    ragged: list[str] = []

    def note(row: pc.InvalidRow) -> str:
        number = "" if row.number is None else f"row {row.number + above}: "
        ragged.append(f"{number}{row.actual_columns} cells")
        return "skip"

    names = [str(i) for i in range(len(header))]
    try:
        table = pc.read_csv(
            pa.BufferReader(text.encode("utf-8")),
            read_options=pc.ReadOptions(use_threads=False, block_size=_BLOCK, column_names=names),
            parse_options=pc.ParseOptions(delimiter=separator, newlines_in_values=True, invalid_row_handler=note),
            convert_options=pc.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()),
                null_values=["", *missing],
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,
            ),
        )
    except pa.ArrowInvalid as problem:
        raise ReadError(
            "The file could not be parsed as CSV.",
            where=where,
            got=said(problem),
            expected="CSV",
            fix="export it again",
        ) from None
    if ragged:
        _refuse_other_separator(text, separator, where)
        raise ReadError(
            "Some rows have more or fewer cells than the header: the file is cut short, or text with separators "
            "lacks its quotes.",
            where=where,
            got=shorten(ragged),
            expected=f"{len(header)} cells",
            fix=fix,
        )
    return header, _without_blanks(table.slice(1))


def _refuse_other_separator(text: str, separator: str, where: object) -> None:
    """An error where another sign cuts the rows alike: one separator in a heading's text, another between columns."""
    try:
        sign, _ = find_separator(text, where)
    except ReadError:
        return
    if sign != separator and sign in text:
        got = f"the same number of cells in each of the first rows with {SEPARATORS[sign]}"
        raise _other_separator("Rows and header have different numbers of cells", where, got, separator, sign)


def _other_separator(what: str, where: object, got: str, separator: str, sign: str) -> ReadError:
    return ReadError(
        f"{what}: the file uses another separator.",
        where=where,
        got=got,
        expected=f"columns separated by {separator!r}",
        fix=f"name it: read(..., separator={SEPARATORS[sign]})",
    )


def _without_blanks(table: Any) -> list[Any]:
    """The columns of a table of strings, with cells of nothing but spaces null."""
    import pyarrow as pa
    import pyarrow.compute as pc

    columns = [c.chunk(0) if c.num_chunks == 1 else pa.concat_arrays(c.chunks) for c in table.columns]
    if not any(c.null_count < len(c) for c in columns):
        return columns
    if len(columns) > _WIDE:  # a look at all cells at once is cheaper than one at each of many columns
        every = pa.concat_arrays(columns)
        if not pc.any(pc.equal(pc.utf8_trim_whitespace(every), "")).as_py():
            return columns
    return [_blank_as_null(c) for c in columns]


def _blank_as_null(cells: Any) -> Any:
    import pyarrow as pa
    import pyarrow.compute as pc

    blank = pc.equal(pc.utf8_trim_whitespace(cells), "")
    return pc.if_else(blank, pa.scalar(None, pa.string()), cells) if pc.any(blank).as_py() else cells


def declared_separator(text: str) -> tuple[str | None, int]:
    """The separator that the first line of CSV declares for Excel ("sep=;"), and the length of that line."""
    match = re.match(r'\ufeff?"?sep=(?P<sign>[^\r\n"])"?[^\S\r\n\t]*[,;]*(?:\r\n|\r|\n|$)', text, re.IGNORECASE)
    return (match["sign"], match.end()) if match else (None, 0)


def first_rows(text: str, separator: str, cells: int) -> list[tuple[list[str], int]]:
    """The first rows of CSV with the place where each ends in the text; at least two, then up to a number of cells.

    Empty lines are rows without cells. Nothing where the text cannot be read.
    """
    lines = _Lines(text)
    rows, seen = [], 0
    try:
        for row in csv.reader(lines, delimiter=separator):
            rows.append((row, lines.at))
            seen += len(row)
            if len(rows) > 2 and seen >= cells:
                break
    except csv.Error:
        return []
    return rows


class _Lines:
    """The lines of a text, and where the last one given ends."""

    def __init__(self, text: str) -> None:
        self.stream, self.at = io.StringIO(text, newline=""), 0

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self.stream.readline()
        if not line:
            raise StopIteration
        self.at += len(line)
        return line


def header_of(text: str, separator: str, where: object) -> list[str]:
    """The first row of CSV that is not empty.

    Raises
    ------
    ReadError
        If it cannot be read, or is a single cell that another sign would cut.
    """
    try:
        cells = next(row for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator) if row)
    except csv.Error as problem:
        raise ReadError("The header of the file cannot be read.", where=where, got=said(problem)) from None
    if len(cells) == 1:
        for other, shown in SEPARATORS.items():
            if other != separator and other in cells[0]:
                got = f"{cells[0].count(other):,} of the sign {shown} in it"
                raise _other_separator("The header has a single column", where, got, separator, other)
    return cells


def refuse_open_quote(lines: Iterable[str], separator: str, where: object) -> None:
    """Raise `ReadError` for a quote that is never closed: it would swallow every row after it."""
    reader = csv.reader(lines, delimiter=separator, strict=True)
    start = 1
    try:
        for _ in reader:
            start = reader.line_num + 1
    except csv.Error as problem:
        raise ReadError(
            "A quote is not closed: the file is cut short, or a quote inside a text is not doubled.",
            where=f"{where}, row that begins in line {start}",
            got=said(problem),
            expected='text in quotes, with quotes inside it doubled: "a ""word"" apart"',
            fix="export the file again",
        ) from None


def find_separator(text: str, path: object) -> tuple[str, str]:
    """The one sign that cuts the first rows into the same number of cells, more than one."""
    head = text[: 1 << 16]
    if len(head) < len(text):
        head = head[: head.rindex("\n") + 1] if "\n" in head else head
    widths = {}
    for sign in SEPARATORS:
        try:
            rows = [len(row) for row in csv.reader(io.StringIO(head, newline=""), delimiter=sign) if row][:200]
        except csv.Error:
            continue
        if len(head) < len(text) and len(rows) > 2:
            rows = rows[:-1]  # a quoted text may have been cut
        if len(set(rows)) == 1 and rows[0] > 1:
            widths[sign] = rows[0]
    if len(widths) == 1:
        sign, width = widths.popitem()
        key = "reading.separator_tab" if sign == "\t" else "reading.separator"
        return sign, Note(key, sign=sign, cells=width)
    if not widths and not any(sign in head for sign in SEPARATORS):
        return ",", Note("reading.separator_none")
    raise ReadError(
        "The separator of the file cannot be determined.",
        where=path,
        got="; ".join(f"{sign!r} gives {width} cells in every row" for sign, width in widths.items())
        or "no sign cuts every row into the same number of cells",
        fix="name it: read(..., separator=" + next((SEPARATORS[s] for s in widths), '";"') + ")",
    )


def second_table(
    path: str | os.PathLike[str], *, encoding: str | None = None, separator: str | None = None
) -> pd.DataFrame:
    """A CSV file that goes with a survey (targets, a lineage), every cell as the text that it is; None where empty.

    Codes such as "01" and "NA" are text, as whoever compares them with the data decides what they are. Encoding and
    separator are found where they are not given: UTF-8, UTF-16, Vietnamese code pages; comma, semicolon, tab.

    Raises
    ------
    ReadError
        As `survey.read` for a CSV file.
    OSError, ValueError
        If the file cannot be opened.
    """
    content = Path(path).read_bytes()
    if content.startswith(_WORKBOOK):
        raise ReadError(
            "The file is a workbook.",
            where=path,
            expected="CSV",
            fix="save its sheet as CSV UTF-8, or give it as a DataFrame: pd.read_excel(path)",
        )
    text, _ = decoded(content, path, FIND if encoding is None else encoding)
    if not text.strip():
        raise ReadError("The file is empty.", where=path, fix="export it again")
    declared, length = declared_separator(text)
    text = text[length:]
    if separator is None:
        separator = declared
    sign = find_separator(text, path)[0] if separator is None else separator
    header, cells = csv_cells(text, sign, path, fix="export the file again, with quotes around text")
    twice = [name for name in header if header.count(name) > 1]
    if twice:
        raise ReadError(
            "Two columns have the same name.", where=path, got=shorten(dict.fromkeys(twice)), fix="rename them"
        )
    columns = {
        name.strip(): column.astype(object).where(column.notna(), None)
        for name, column in zip(header, cells, strict=True)
    }
    return pd.DataFrame(columns)
