"""Tables of text as a platform wrote them: every cell as it stands; headers that may repeat; sheets or files."""

from __future__ import annotations

import codecs
import datetime as dt
import io
import unicodedata
import zipfile
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from survey.codebook.told import said
from survey.errors import ReadError, shorten
from survey.io._raw import Options, nfc

__all__ = ["Table", "rows_named", "table_named", "tables_of"]

_SEPARATORS = {",": '","', ";": '";"', "\t": '"\\t"'}


@dataclass(frozen=True, slots=True)
class Table:
    """One sheet or CSV file of an export.

    Parameters
    ----------
    name : str
        Of the sheet, or of the file without its extension.
    header : tuple of str
        In NFC; may repeat.
    cells : tuple of Series
        One a header: text in NFC, empty cells missing, index from 0.
    where : str
        File and sheet, for errors.
    """

    name: str
    header: tuple[str, ...]
    cells: tuple[pd.Series, ...]
    where: str

    def __len__(self) -> int:
        return len(self.cells[0]) if self.cells else 0

    def column(self, header: str) -> pd.Series | None:
        """The first column of a name, or None."""
        return self.cells[self.header.index(header)] if header in self.header else None

    def rows(self, positions: Sequence[int]) -> Table:
        """Some rows, in this order, counted from 0 again."""
        cells = tuple(c.take(positions).reset_index(drop=True) for c in self.cells)
        return Table(self.name, self.header, cells, self.where)


def rows_named(rows: Collection[Any], limit: int = 5) -> str:
    """Rows in words, counted from 0 as in the data: "2 rows: 3, 8"."""
    return f"{len(rows):,} row{'' if len(rows) == 1 else 's'}: {shorten(list(rows), limit)}"


def tables_of(path: Path, options: Options) -> dict[str, Table]:
    """All tables of a file, the main one first: sheets of a workbook, files of a .zip, a CSV alone.

    Raises
    ------
    ReadError
        For a file that is cut short, no table, or in another encoding or with another separator than declared.
    """
    if path.suffix.lower() == ".zip":
        return _archive(path, options)
    if path.suffix.lower() in (".csv", ".tsv"):
        return {path.stem: _csv(path.read_bytes(), path.stem, str(path), options, path.suffix.lower() == ".tsv")}
    return _workbook(path, options)


def table_named(tables: Mapping[str, Table], path: Path, name: str, options: Options) -> Table:
    """The table of a repeat group: a sheet, or the file NAME-repeat.csv beside the main one.

    Raises
    ------
    ReadError
        If there is none, or several.
    """
    fitting = [
        t for n, t in tables.items() if n == name or n.endswith("-" + name) or (len(n) == 31 and name.startswith(n))
    ]
    if not fitting and path.suffix.lower() in (".csv", ".tsv"):
        beside = sorted(p for p in path.parent.glob(f"*{path.suffix}") if p.stem.startswith(path.stem + "-"))
        for file in beside:
            if file.stem.endswith("-" + name):
                fitting.append(next(iter(tables_of(file, options).values())))
        known = [p.stem.removeprefix(path.stem + "-") for p in beside]
    else:
        known = list(tables)[1:]
    if len(fitting) != 1:
        raise ReadError(
            "The export has no table of that repeat group." if not fitting else "Several tables fit that repeat group.",
            where=path,
            got=f"repeat={name!r}",
            expected=shorten(known or [t.where for t in fitting]) or "sheets or files of repeats",
            fix="name one of them, or export with repeat groups (XLSX, or the .zip of ODK)",
        )
    return fitting[0]


def _archive(path: Path, options: Options) -> dict[str, Table]:
    try:
        with zipfile.ZipFile(path) as archive:
            names = [n for n in archive.namelist() if n.lower().endswith(".csv") and "/" not in n.strip("/")]
            contents = {n: archive.read(n) for n in names}
    except (zipfile.BadZipFile, OSError, EOFError) as problem:
        raise ReadError(
            "The archive cannot be read: it is cut short or damaged.",
            where=path,
            got=said(problem),
            fix="download it again",
        ) from problem
    names.sort(key=len)
    stems = [n[:-4] for n in names]
    if not names or not all(s == stems[0] or s.startswith(stems[0] + "-") for s in stems):
        raise ReadError(
            "The archive is not an export of a single form.",
            where=path,
            got=shorten(names) or "no CSV file",
            expected="FORM.csv, and FORM-REPEAT.csv for each repeat group",
            fix="download one form at a time",
        )
    return {s: _csv(contents[n], s, f"{path}, {n}", options, False) for n, s in zip(names, stems, strict=True)}


def _csv(raw: bytes, name: str, where: str, options: Options, tabs: bool) -> Table:
    import pyarrow as pa
    import pyarrow.csv as pc

    if not raw.strip():
        raise ReadError("The file is empty.", where=where, fix="export it again")
    if options.encoding is None and raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise ReadError("The file is in UTF-16.", where=where, fix='name its encoding: read(..., encoding="utf-16")')
    try:
        text = unicodedata.normalize("NFC", raw.decode(options.encoding or "utf-8-sig"))
    except (UnicodeError, LookupError) as problem:
        raise ReadError(
            f"The file is not in {options.encoding or 'UTF-8'}.",
            where=where,
            got=said(problem),
            expected="the encoding the platform wrote, UTF-8 unless it was saved again",
            fix='export it again, or name the encoding: read(..., encoding="utf-16")',
        ) from None
    separator = options.separator or ("\t" if tabs else ",")
    if text.count('"') % 2:
        raise ReadError("A quote is not closed: the file is cut short.", where=where, fix="download it again")
    width, first = _first_row(text, separator)
    if width == 1:
        for other, shown in _SEPARATORS.items():
            if other != separator and other in first:
                raise ReadError(
                    "The header has a single column: the file uses another separator.",
                    where=where,
                    got=f"{first.count(other):,} of the sign {shown} in it",
                    fix=f"name it: read(..., separator={shown})",
                )
    ragged: list[str] = []

    def note(row: pc.InvalidRow) -> str:
        ragged.append(
            f"{row.actual_columns} cells" if row.number is None else f"row {row.number}: {row.actual_columns} cells"
        )
        return "skip"

    try:
        table = pc.read_csv(
            pa.BufferReader(text.encode("utf-8")),
            read_options=pc.ReadOptions(
                use_threads=False, block_size=1 << 24, column_names=[str(i) for i in range(width)]
            ),
            parse_options=pc.ParseOptions(delimiter=separator, newlines_in_values=True, invalid_row_handler=note),
            convert_options=pc.ConvertOptions(
                column_types={str(i): pa.string() for i in range(width)},
                null_values=[""],
                strings_can_be_null=True,
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
        raise ReadError(
            "Some rows have more or fewer cells than the header: the file is cut short, or another program saved it.",
            where=where,
            got=shorten(ragged),
            expected=f"{width} cells",
            fix="export it again and do not modify it",
        )
    columns = [pd.Series(c.to_pandas(), dtype="str") for c in table.columns]
    return _table(name, [c.iloc[0] for c in columns], [c.iloc[1:] for c in columns], where)


def _first_row(text: str, separator: str) -> tuple[int, str]:
    import csv

    rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    row = next((r for r in rows if r), [])
    return len(row), separator.join(row)


def _table(name: str, header: Sequence[Any], cells: Sequence[pd.Series], where: str) -> Table:
    names = tuple("" if not isinstance(h, str) else " ".join(nfc(h).split()) for h in header)
    return Table(name, names, tuple(c.reset_index(drop=True) for c in cells), where)


def _workbook(path: Path, options: Options) -> dict[str, Table]:
    import python_calamine

    if not zipfile.is_zipfile(path):
        raise _damaged(path, "no complete archive")
    try:
        workbook = python_calamine.CalamineWorkbook.from_path(str(path))
        names = [s.name for s in workbook.sheets_metadata]
        sheets = {n: workbook.get_sheet_by_name(n).to_python(skip_empty_area=False) for n in names}
    except Exception as problem:  # a parser may fail in ways of its own
        raise _damaged(path, problem) from None
    if options.sheet is not None:
        wanted = (
            names[options.sheet] if isinstance(options.sheet, int) and options.sheet < len(names) else options.sheet
        )
        if wanted not in sheets:
            raise ReadError(
                "The workbook has no such sheet.", where=path, got=repr(options.sheet), expected=shorten(names)
            )
        sheets = {str(wanted): sheets[str(wanted)], **sheets}
    tables = {}
    for name, rows in sheets.items():
        while rows and all(cell == "" for cell in rows[-1]):
            rows.pop()
        if not rows:
            continue
        width = max(i for row in rows for i, cell in enumerate(row, 1) if cell != "")
        columns = [pd.Series([_written(row[i]) for row in rows[1:]], dtype="str") for i in range(width)]
        tables[name] = _table(name, [_written(c) for c in rows[0][:width]], columns, f"{path}, sheet {name!r}")
    if not tables:
        raise ReadError("The workbook is empty.", where=path, fix="export it again")
    return tables


def _written(cell: Any) -> str | None:
    if cell == "":
        return None
    if isinstance(cell, bool):
        return "1" if cell else "0"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, dt.date | dt.time):
        return cell.isoformat()
    return nfc(str(cell))


def _damaged(path: Path, problem: object) -> ReadError:
    return ReadError(
        "The workbook cannot be read: it is cut short or damaged.",
        where=path,
        got=said(problem),
        expected="a whole .xlsx file",
        fix="download it again",
    )
