"""CSV and TSV: encoding, separator and decimal sign as declared, or found and said; every row complete."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pandas as pd

from survey.base.catalogue import Note
from survey.base.cells import csv_cells, find_separator
from survey.base.encodings import FIND, decoded
from survey.codebook import Codebook, Variable
from survey.codebook.told import describe_values
from survey.errors import ReadError
from survey.io._raw import Options, Raw, column_names
from survey.io._values import settled, written_in

__all__ = ["plain_codebook", "read_csv"]


def read_csv(path: Path, options: Options) -> Raw:
    """Read .csv or .tsv.

    An empty cell is missing, and so is NA without quotes (what R writes); "NA" in quotes is text. Columns are what
    the codebook declares; the others are numbers if every cell is one.

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
    if separator == FIND:
        separator, why = find_separator(text, path)
        notes.append(why)
    header, cells = csv_cells(
        text, separator, path, missing=("NA",), fix="export the file again, with quotes around text"
    )
    names = column_names(header, path)
    variables = options.codebook.variables if options.codebook else {}
    columns = {name: column.rename(name) for name, column in zip(names, cells, strict=True)}
    if decimal == FIND:
        sign, why = _decimal(columns, path)
        written = replace(written, decimal=sign, group="" if written.group == sign else written.group)
        notes.append(why)
    columns = {name: settled(column, variables.get(name), written, notes) for name, column in columns.items()}
    data = pd.DataFrame(columns, index=pd.RangeIndex(len(cells[0])))
    return Raw(data, plain_codebook(data, str(path)), {}, tuple(notes))


def plain_codebook(data: pd.DataFrame, source: str, units: Mapping[str, str] | None = None) -> Codebook:
    """A codebook of names, types and units only: such files say nothing else about themselves."""
    kinds = {}
    for name, dtype in data.dtypes.items():
        if pd.api.types.is_datetime64_any_dtype(dtype):
            kinds[name] = "date"
        else:
            kinds[name] = "number" if pd.api.types.is_numeric_dtype(dtype) else "text"
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
