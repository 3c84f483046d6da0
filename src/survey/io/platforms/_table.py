"""Tables of text as a platform wrote them: every cell as it stands; headers that may repeat; sheets or files."""

from __future__ import annotations

import codecs
import re
import zipfile
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from survey.base.catalogue import Note, listed
from survey.base.encodings import decoded
from survey.codebook.told import said
from survey.errors import ReadError, shorten
from survey.io._cells import cell_text, csv_cells, workbook_cells
from survey.io._raw import Options, nfc
from survey.io._sheets import named

__all__ = ["Table", "rows_named", "table_named", "tables_of"]


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
    return Note("parts.rows", n=len(rows), rows=listed(rows, limit))


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
    fitting = [t for n, t in tables.items() if n == name or n.endswith("-" + name) or _shortened(n, name)]
    if len(fitting) > 1:  # sheets of two long names: whose headers have the group
        fitting = [t for t in fitting if any(f"{name}/" in h for h in t.header)] or fitting
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


def _shortened(sheet: str, name: str) -> bool:
    """Whether a sheet may have this name: Excel allows 31 letters, and KoboToolbox ends in "..." or "... (1)"."""
    cut = re.fullmatch(r"(.+)\.\.\.(?: \(\d+\))?", sheet)
    begins = cut[1] if cut and len(sheet) > 24 else sheet if len(sheet) == 31 else None
    return begins is not None and name.startswith(begins) and len(name) > len(begins)


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
    if not raw.strip():
        raise ReadError("The file is empty.", where=where, fix="export it again")
    marked = raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))  # Qualtrics' TSV, and says so
    text, _ = decoded(raw, where, options.encoding or ("utf-16" if marked else None))
    separator = options.separator or ("\t" if tabs else _separator(text))
    header, cells = csv_cells(text, separator, where, fix="export it again and do not modify it, or export it as XLSX")
    return _table(name, header, cells, where)


def _separator(text: str) -> str:
    """The sign between the cells of the header: platforms write a comma, a semicolon or a tab, and quote their cells.

    The sign after a first cell in quotes is it; of a header that begins without them the sign that cuts it most often.
    """
    quoted = re.match(r'\s*"(?:[^"]|"")*"([,;\t|])', text)
    if quoted is not None:
        return quoted[1]
    head = re.sub(r'"(?:[^"]|"")*"', "", text[: 1 << 20]).lstrip().split("\n", 1)[0]
    return max((",", ";", "\t", "|"), key=head.count)


def _table(name: str, header: Sequence[Any], cells: Sequence[pd.Series], where: str) -> Table:
    names = tuple("" if not isinstance(h, str) else " ".join(nfc(h).split()) for h in header)
    return Table(name, names, tuple(c.reset_index(drop=True) for c in cells), where)


def _workbook(path: Path, options: Options) -> dict[str, Table]:
    sheets = workbook_cells(path, fix="download it again")
    if options.sheet is not None:
        wanted = named(sheets, options.sheet, path)
        sheets = {wanted: sheets[wanted], **sheets}
    tables = {}
    for name, sheet in sheets.items():
        if not sheet.rows:
            continue
        texts = [[cell_text(cell, ("0", "1")) or None for cell in row] for row in sheet.rows]
        columns = [pd.Series(column, dtype="str") for column in zip(*texts[1:], strict=True)]
        columns = columns or [pd.Series([], dtype="str") for _ in texts[0]]
        tables[name] = _table(name, texts[0], columns, f"{path}, sheet {name!r}")
    if not tables:
        raise ReadError("The workbook is empty.", where=path, fix="export it again")
    return tables
