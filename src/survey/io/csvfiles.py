"""CSV and TSV: encoding, separator and decimal sign as declared, or found and said; every row complete."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from survey.base.catalogue import Note, listed
from survey.base.cells import SEPARATORS, csv_table, declared_separator, find_separator, first_rows
from survey.base.encodings import FIND, decoded
from survey.codebook import Codebook, Text, Variable
from survey.codebook.told import describe_values
from survey.errors import ReadError
from survey.io._head import Head, head_of, titles
from survey.io._raw import Options, Raw, column_names
from survey.io._values import PLAIN, Written, may_be_numbers, numbers_of, plain_numbers, settled_text, written_in

__all__ = ["LOOKED_AT", "head_in", "plain_codebook", "read_csv"]

LOOKED_AT = 100_000
"""Cells that tell the header."""
_WIDE = 1_000  # columns


def read_csv(path: Path, options: Options) -> Raw:
    """Read .csv or .tsv.

    A cell of nothing, or of spaces, is missing, and so is NA without quotes (what R writes); "NA" in quotes is text.
    Columns are what the codebook declares; the others are numbers if every cell is one. A first line "sep=;" declares
    the separator, as Excel understands it.

    Raises
    ------
    ReadError
        For bytes that are not text in the encoding, rows with more or fewer cells than the header, another
        separator, two columns of one name.
    """
    separator = "\t" if path.suffix.lower() == ".tsv" else ","
    separator = separator if options.separator is None else options.separator
    decimal = options.decimal
    if (len(separator) != 1 and separator != FIND) or decimal not in (".", ",", FIND, None):
        raise ReadError(
            "The separator must be one character, the decimal sign a point or a comma.",
            where=path,
            got=f"separator={separator!r}, decimal={options.decimal!r}",
            expected=f"a sign, or {FIND!r}",
        )
    written = written_in(options.locale, None if decimal == FIND else decimal)
    text, notes = decoded(path.read_bytes(), path, options.encoding)
    if not text.strip():
        raise ReadError("The file is empty.", where=path, fix="export it again")
    sign, start = declared_separator(text)
    if options.separator is None and sign is not None:
        separator = sign
    text = text[start:]
    if separator == FIND:
        separator, why = find_separator(text, path)
        notes.append(why)
    header, texts, cells = _table(text, separator, path, options, notes)
    names = column_names(header, path, notes)
    empty = [n for n, h, c in zip(names, header, cells, strict=True) if not h.strip() and c.null_count == len(c)]
    columns = {n: c for n, c in zip(names, cells, strict=True) if n not in set(empty)}
    if empty and columns:
        notes[:] = [note for note in notes if getattr(note, "key", "") != "reading.nameless"]
        notes.append(Note("reading.nothing_in_columns", columns=listed(empty, 8)))
    if decimal == FIND:
        sign, why = _decimal({n: _series(n, c) for n, c in columns.items()}, path)
        written = replace(written, decimal=sign, told=True, group="" if written.group == sign else written.group)
        notes.append(why)
    data = _data(columns, options, written, notes)
    book = plain_codebook(data, str(path))
    if texts:
        known = dict(zip(names, texts, strict=True))
        book = book.update(*(replace(book[n], text=known[n]) for n in columns))
    return Raw(data, book, {}, tuple(notes))


def _table(
    text: str, separator: str, path: Path, options: Options, notes: list[str]
) -> tuple[list[str], list[Text], list[Any]]:
    """Names and wording of the columns, and their cells as arrays of strings of pyarrow."""
    first = first_rows(text, separator, LOOKED_AT)
    rows = _of_one_width(first)
    width = len(rows[0]) if rows else 0
    other = bool(first) and any(len(row) == 1 and any(s in row[0] for s in SEPARATORS) for row, _ in first[:1])
    merged: tuple[Any, ...] = ()
    head = Head(0, (), 1)
    if first and not (other and options.header is None):
        head = head_of(rows, merged, options.header, str(path))
        notes += head.notes
        ends = [0, *(end for _, end in first)]
        text = text[ends[head.names] : ends[head.names + 1]] + text[ends[head.end] :]
    header, cells = csv_table(
        text,
        separator,
        path,
        missing=("NA",),
        fix="export the file again, with quotes around text",
        above=head.end - 1,
    )
    if len(header) != width or not head.wording:
        return header, [], cells
    header, texts = titles(rows, head, merged)
    return header, texts, cells


def _of_one_width(first: Sequence[tuple[list[str], int]]) -> list[list[str]]:
    """Rows of CSV, filled up or cut to the width that most have."""
    width = Counter(len(row) for row, _ in first if row).most_common(1)[0][0] if first else 0
    return [row + [""] * (width - len(row)) if len(row) < width else row[:width] for row, _ in first]


def head_in(first: Sequence[tuple[list[str], int]], path: Path) -> Head:
    """Which of the first rows of CSV name the columns, as `read` finds them."""
    rows = _of_one_width(first)
    return head_of(rows, (), None, str(path)) if rows else Head(0, (), 1)


def _series(name: str, cells: Any) -> pd.Series:
    return pd.Series(cells.to_pandas(), dtype="str", name=name)


def _data(columns: Mapping[str, Any], options: Options, written: Written, notes: list[str]) -> pd.DataFrame:
    variables = options.codebook.variables if options.codebook else {}
    done: dict[str, Any] = plain_numbers(columns) if len(columns) > _WIDE and written == PLAIN and not variables else {}
    for name, cells in columns.items():
        if name in done:
            continue
        variable = variables.get(name)
        values = numbers_of(cells, written, declared=variable is not None) if may_be_numbers(variable) else None
        done[name] = settled_text(_series(name, cells), variable, written, notes) if values is None else values
    return _framed(done, list(columns), len(next(iter(columns.values()))))


def _framed(done: dict[str, Any], names: list[str], rows: int) -> pd.DataFrame:
    """Columns as a frame; many of one type as one block, for a frame of many pieces is slow ever after."""
    index = pd.RangeIndex(rows)
    if len(names) <= _WIDE:
        return pd.DataFrame({name: done[name] for name in names}, index=index)
    alike: dict[str, list[str]] = {}
    for name in names:
        kind = done[name].dtype.kind if isinstance(done[name], np.ndarray) else ""
        alike.setdefault(kind, []).append(name)
    parts = [pd.DataFrame({name: done[name] for name in alike.pop("", [])}, index=index)]
    parts += [pd.DataFrame(np.column_stack([done[n] for n in ns]), columns=ns, index=index) for ns in alike.values()]
    parts = [part for part in parts if len(part.columns)]
    return parts[0][names] if len(parts) == 1 else pd.concat(parts, axis=1)[names]


def plain_codebook(data: pd.DataFrame, source: str, units: Mapping[str, str] | None = None) -> Codebook:
    """A codebook of names, types and units only: such files say nothing else about themselves."""
    told = {"M": "date", "i": "number", "u": "number", "f": "number", "b": "number"}
    kinds = {
        name: told.get(dtype.kind, "text")
        for name, dtype in zip(data.columns.tolist(), data.dtypes.tolist(), strict=True)
    }
    unit = units or {}
    return Codebook(source=source).update(
        *(Variable(str(n), type=k, unit=unit.get(str(n), "")) for n, k in kinds.items())
    )


_POINT, _COMMA = r"\s*[+-]?\d*\.\d+(?:[eE][+-]?\d+)?\s*", r"\s*[+-]?\d*,\d+\s*"
_EITHER = re.compile(rf"{_POINT}|{_COMMA}|\s*[+-]?\d+\s*")
_GROUPED = re.compile(r"\s*[+-]?\d{1,3}(?:[.,]\d{3})+\s*")


def _decimal(columns: dict[str, pd.Series], path: Path) -> tuple[str, str]:
    """The decimal sign of columns whose every cell is a number with one sign or the other."""
    seen: dict[str, Counter[str]] = {".": Counter(), ",": Counter()}
    for name, column in columns.items():
        values = column.dropna().unique()
        if not all(_EITHER.fullmatch(v) for v in values):
            continue
        for value in values:
            for sign, found in seen.items():
                if sign in value:
                    found[f"{name}: {describe_values([value.strip()]).strip(chr(39))}"] += 1
    signs = [sign for sign, found in seen.items() if found]
    if not signs:
        return ".", Note("reading.decimal_none")
    first = {
        sign: next((c for c in seen[sign] if not _GROUPED.fullmatch(c.rpartition(": ")[2].strip())), None)
        for sign in signs
    }
    if len(signs) == 1 and first[signs[0]] is not None:
        return signs[0], Note("reading.decimal", sign=signs[0], example=first[signs[0]])
    raise ReadError(
        "The decimal sign of the file cannot be determined.",
        where=path,
        got="; ".join(next(iter(seen[sign])) for sign in signs),
        expected="numbers with one decimal sign",
        fix='declare it: read(..., decimal=","), or locale="vi" where the other sign groups thousands',
    )
