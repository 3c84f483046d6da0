"""CSV and TSV: encoding, separator and decimal sign as declared, never guessed; every row complete."""

from __future__ import annotations

import codecs
import csv
import io
import unicodedata
from pathlib import Path

import pandas as pd

from survey.codebook import Codebook, Variable
from survey.errors import ReadError, some
from survey.io._raw import Options, Raw, column_names, settled

__all__ = ["plain_codebook", "read_csv"]

_BLOCK = 1 << 24  # bytes; a quoted text must not be longer
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_SEPARATORS = {",": '","', ";": '";"', "\t": '"\\t"', "|": '"|"'}


def read_csv(path: Path, options: Options) -> Raw:
    """Read .csv or .tsv.

    An empty cell is missing, and so is NA without quotes (what R writes); "NA" in quotes is text. Columns are what
    the codebook declares; the others are numbers if every cell is one.

    Raises
    ------
    ReadError
        For bytes that are no text in the encoding, rows with more or fewer cells than the header, another
        separator, two columns of one name.
    """
    import pyarrow as pa
    import pyarrow.csv as pc

    separator = "\t" if path.suffix.lower() == ".tsv" else ","
    separator = separator if options.separator is None else options.separator
    decimal = "." if options.decimal is None else options.decimal
    if len(separator) != 1 or decimal not in (".", ","):
        raise ReadError(
            "A separator is one sign; a decimal sign is a point or a comma.", where=path,
            got=f"separator={separator!r}, decimal={options.decimal!r}",
        )  # fmt: skip
    text = _decoded(path, options.encoding)
    if not text.strip():
        raise ReadError("The file is empty.", where=path, fix="export it again")
    header = _header(text, separator, path)
    _refuse_open_quote(text, separator, path)
    ragged: list[str] = []

    def note(row: pc.InvalidRow) -> str:
        number = "" if row.number is None else f"row {row.number}: "
        ragged.append(f"{number}{row.actual_columns} cells")
        return "skip"

    try:
        table = pc.read_csv(
            pa.BufferReader(text.encode("utf-8")),
            read_options=pc.ReadOptions(
                use_threads=False, block_size=_BLOCK, skip_rows_after_names=1,
                column_names=[str(i) for i in range(len(header))],
            ),
            parse_options=pc.ParseOptions(delimiter=separator, newlines_in_values=True, invalid_row_handler=note),
            convert_options=pc.ConvertOptions(
                column_types={str(i): pa.string() for i in range(len(header))},
                null_values=["", "NA"], strings_can_be_null=True, quoted_strings_can_be_null=False,
            ),
        )  # fmt: skip
    except pa.ArrowInvalid as problem:
        raise ReadError(
            "The file is no table.", where=path, got=problem, expected="CSV", fix="export it again"
        ) from None
    if ragged:
        raise ReadError(
            "Some rows have more or fewer cells than the header: the file is cut short, or text with separators "
            "lacks its quotes.",
            where=path, got=some(ragged), expected=f"{len(header)} cells",
            fix="export the file again, with quotes around text",
        )  # fmt: skip
    names = column_names(header, path)
    variables = options.codebook.variables if options.codebook else {}
    columns = {}
    for name, values in zip(names, table.columns, strict=True):
        column = pd.Series(values.to_pandas(), dtype="str")
        columns[name] = settled(column.mask(column == ""), variables.get(name), decimal)
    data = pd.DataFrame(columns, index=pd.RangeIndex(table.num_rows))
    return Raw(data, plain_codebook(data, str(path)), {})


def plain_codebook(data: pd.DataFrame, source: str) -> Codebook:
    """A codebook of names and types only: such files say nothing else about themselves."""
    kinds = {}
    for name, dtype in data.dtypes.items():
        if pd.api.types.is_datetime64_any_dtype(dtype):
            kinds[name] = "date"
        else:
            kinds[name] = "number" if pd.api.types.is_numeric_dtype(dtype) else "text"
    return Codebook(source=source).update(*(Variable(str(n), type=k) for n, k in kinds.items()))


def _decoded(path: Path, encoding: str | None) -> str:
    raw = path.read_bytes()
    if encoding is None and raw.startswith(_UTF16):
        raise ReadError("The file is in UTF-16.", where=path, fix='name its encoding: read(..., encoding="utf-16")')
    chosen = "utf-8-sig" if (encoding or "utf-8").lower().replace("_", "-") in ("utf-8", "utf8") else encoding
    try:
        text = raw.decode(chosen or "utf-8-sig")
    except UnicodeDecodeError as problem:
        line = raw.count(b"\n", 0, problem.start) + 1
        raise ReadError(
            f"The file is not in {encoding or 'UTF-8'}.",
            where=f"{path}, line {line}, byte {problem.start}", got=f"byte 0x{raw[problem.start]:02x}",
            expected=f"text in {encoding or 'UTF-8'}",
            fix='name the encoding it was saved in: read(..., encoding="windows-1258"), "cp1252", "utf-16"',
        ) from None  # fmt: skip
    except LookupError:
        raise ReadError("The encoding is not known.", got=encoding, expected="such as utf-8, windows-1258") from None
    return text if unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)


def _refuse_open_quote(text: str, separator: str, path: Path) -> None:
    """An error for a quote that is never closed: it would swallow every row after it."""
    if text.count('"') % 2 == 0:
        return
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    start = 1
    try:
        for _ in reader:
            start = reader.line_num + 1
    except csv.Error as problem:
        raise ReadError(
            "A quote is not closed.", where=f"{path}, row that begins in line {start}", got=problem,
            expected='text in quotes, with quotes inside it doubled: "a ""word"" apart"', fix="export the file again",
        ) from None  # fmt: skip


def _header(text: str, separator: str, path: Path) -> list[str]:
    try:
        cells = next(row for row in csv.reader(io.StringIO(text), delimiter=separator) if row)
    except csv.Error as problem:
        raise ReadError("The header of the file cannot be read.", where=path, got=problem) from None
    if len(cells) == 1:
        for other, shown in _SEPARATORS.items():
            if other != separator and other in cells[0]:
                raise ReadError(
                    "The header is one column: the file uses another separator.", where=path, got=cells[0][:80],
                    expected=f"columns separated by {separator!r}", fix=f"name it: read(..., separator={shown})",
                )  # fmt: skip
    return cells
