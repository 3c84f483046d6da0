"""How CSV files are written, and whether a scan would read in them what `read` reads: asked before rows are counted."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from survey.base.cells import csv_table, declared_separator, first_rows, header_of, refuse_open_quote
from survey.base.encodings import decoded, nul_bytes
from survey.errors import ReadError
from survey.io._raw import column_names
from survey.io._values import PLAIN, Written
from survey.io.csvfiles import LOOKED_AT, head_in

__all__ = ["PLAIN_CSV", "Dialect"]

_HEAD = 1 << 20  # bytes that tell the separator and the header
_CHUNK = 1 << 22
_EXPLAINED = 1 << 28  # bytes of a file that cannot be read, of which it is told why


@dataclass(frozen=True)
class Dialect:
    """How CSV is written.

    Parameters
    ----------
    separator : str
        "" where nobody said: a comma, and a tab in .tsv.
    decimal : str
    """

    separator: str = ""
    decimal: str = "."

    @classmethod
    def of(cls, separator: str | None, decimal: str | None, verb: str = "scan") -> Dialect:
        """What was given to `scan`, or to another verb.

        Raises
        ------
        ReadError
            For a separator of more than one sign, and another decimal sign than a point or a comma.
        """
        one = separator is None or (isinstance(separator, str) and len(separator) == 1)
        if not one or decimal not in (None, ".", ","):
            raise ReadError(
                "The separator must be one character, the decimal sign a point or a comma.",
                where=f"{verb}(separator=..., decimal=...)",
                got=f"separator={separator!r}, decimal={decimal!r}",
                expected="a sign each; a scan looks for none",
                fix=f'such as {verb}(..., separator=";", decimal=",")',
            )
        return cls(separator or "", decimal or ".")

    @property
    def written(self) -> Written:
        """How its numbers are written."""
        return replace(PLAIN, decimal=self.decimal, told=True)

    def between(self, path: Path) -> str:
        """The sign between the cells of a file."""
        return self.separator or ("\t" if path.suffix.lower() == ".tsv" else ",")

    def check(self, paths: Sequence[Path]) -> None:
        """Look at files before they are counted.

        Raises
        ------
        ReadError
            For the first file that is empty, not UTF-8, holds NUL bytes or a quote that is never closed, has another
            separator, or rows of titles or wording about the names of its columns.
        """
        first = self.between(paths[0])
        for path in paths:
            separator = self.between(path)
            if separator != first:
                raise ReadError(
                    "The files are not of one kind that can be scanned.",
                    where=path,
                    got=f"columns separated by {separator!r}",
                    expected=f"columns separated by {first!r}, as in {paths[0]}",
                    fix="scan one kind; or name the separator if all have the same: scan(..., separator=...)",
                )
            with path.open("rb") as file:
                raw = file.read(_HEAD)
            text = _text(raw if len(raw) < _HEAD else raw[: raw.rfind(b"\n") + 1] or raw, path)
            if not text.strip():
                raise ReadError("The file is empty.", where=path, fix="export it again")
            if declared_separator(text)[0] is not None:
                raise _other_rows(path, 'a first line that declares the separator ("sep=")')
            try:
                header_of(text, separator, path)
            except ReadError as problem:
                fix = (problem.fix or "").replace("read(...", "scan(...")
                raise _with_fix(problem, f'{fix}, and decimal="," if numbers are written with a comma') from None
            _refuse_titles([row for row in first_rows(text, separator, LOOKED_AT) if row[0]], path)
            _refuse_bytes(path, separator)

    def explain(self, path: Path) -> None:
        """Raise what `read` says of a file that Arrow cannot read, if it says anything."""
        if path.stat().st_size > _EXPLAINED:
            return
        fix = "export the file again, with quotes around text"
        header, _ = csv_table(_text(path.read_bytes(), path), self.between(path), path, fix=fix)
        column_names(header, path)


PLAIN_CSV = Dialect()
"""As nobody said otherwise."""


def _with_fix(problem: ReadError, fix: str) -> ReadError:
    return ReadError(problem.what, where=problem.where, got=problem.got, expected=problem.expected, fix=fix)


def _text(raw: bytes, path: Path) -> str:
    """The text of a file, in UTF-8."""
    try:
        return decoded(raw, path, None)[0]
    except ReadError as problem:
        raise _with_fix(problem, _in_utf8(problem)) from None


def _in_utf8(problem: ReadError) -> str:
    told = re.search(r'encoding="(.*?)"( reads .*)?', problem.fix or "")
    name, reads = (told[1], told[2] or "") if told else ("...", "")
    shown = f", which{reads}" if reads else ""
    return (
        f'save it as UTF-8; or call sv.read(..., encoding="{name}"){shown}, then write("name.parquet"), and scan that'
    )


def _refuse_titles(rows: Sequence[tuple[list[str], int]], path: Path) -> None:
    """Raise for rows above the names of columns, or of wording below them, which a scan would take for answers."""
    if not rows:
        return
    head = head_in(rows, path)
    if head.names:
        raise _other_rows(path, f"titles above row {head.names + 1}")
    if head.wording:
        raise _other_rows(path, f"wording in row {head.wording[0] + 1}")


def _other_rows(path: Path, got: str) -> ReadError:
    return ReadError(
        "The first row must name the columns, and answers stand below it.",
        where=path,
        got=got,
        expected="one row of names: a scan looks for none",
        fix='remove it; or call sv.read(...).write("name.parquet"), and scan that',
    )


def _refuse_bytes(path: Path, separator: str) -> None:
    """Raise for what Arrow would read otherwise than `read`, and say nothing: NUL bytes, a quote never closed."""
    quotes, lines = 0, 1
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            if b"\0" in chunk:
                problem = nul_bytes(f"{path}, line {lines + chunk.count(10, 0, chunk.index(0))}", chunk.count(0))
                raise _with_fix(problem, _in_utf8(problem))
            quotes, lines = quotes + chunk.count(b'"'), lines + chunk.count(b"\n")
    if quotes % 2:
        with path.open(encoding="utf-8-sig", errors="replace", newline="") as text:
            refuse_open_quote(text, separator, path)
