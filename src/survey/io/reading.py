"""From raw files to Responses."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd

from survey.base.arguments import explained, outside
from survey.base.catalogue import Note, listed
from survey.base.encodings import encoding_hints, legacy_name
from survey.base.files import sha256, system_message
from survey.base.text import counted
from survey.codebook import Codebook, answers_of, beside
from survey.core.log import LogEntry, Source, plain_arguments
from survey.core.undeclared import undeclared_note
from survey.errors import CodebookError, ReadError, SurveyWarning, UndeclaredWarning, shorten
from survey.io._content import refuse_other_content
from survey.io._raw import Options, Raw
from survey.io._stacking import agreed, declared_by_all, kinds_of, stacked, without_uncommon
from survey.io._worded_headers import known_by_wording, named_by_wording
from survey.io.csvfiles import read_csv
from survey.io.parquet import read_parquet
from survey.io.platforms import Export, looks_like, read_export
from survey.io.platforms.structure import codebook_in
from survey.io.rfiles import SUFFIXES, read_rfile
from survey.io.statfiles import read_statfile
from survey.io.workbooks import read_workbook
from survey.privacy.scan import warn_personal
from survey.responses import Responses

__all__ = ["READERS", "read"]

READERS: Mapping[str, Callable[[Path, Options], Raw]] = MappingProxyType(
    {
        ".sav": read_statfile,
        ".zsav": read_statfile,
        ".por": read_statfile,
        ".dta": read_statfile,
        ".sas7bdat": read_statfile,
        ".xpt": read_statfile,
        ".csv": read_csv,
        ".tsv": read_csv,
        ".parquet": read_parquet,
        ".xlsx": read_workbook,
        ".xlsm": read_workbook,
        ".xlsb": read_workbook,
        ".xls": read_workbook,
        ".ods": read_workbook,
        **dict.fromkeys(SUFFIXES, read_rfile),
    }
)
"""Reader by extension."""

_BOOKS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
_STATFILES = (".sav", ".zsav", ".por", ".dta", ".sas7bdat", ".xpt")
_MEANT_FOR = {
    "sheet": (*_BOOKS, *SUFFIXES),
    "header": (".csv", ".tsv", *_BOOKS),
    "separator": (".csv", ".tsv"),
    "decimal": (".csv", ".tsv"),
    "locale": (".csv", ".tsv", *_BOOKS),
    "encoding": (".csv", ".tsv", *_STATFILES),
}

AnyPath = str | os.PathLike[str]


@explained(ReadError)
def read(
    path: AnyPath | Sequence[AnyPath],
    codebook: AnyPath | Codebook | None = None,
    *,
    sheet: str | int | Sequence[str | int] | None = None,
    header: int | Sequence[int] | None = None,
    encoding: str | None = None,
    separator: str | None = None,
    decimal: str | None = None,
    locale: str | None = None,
    export: str | None = None,
    form: AnyPath | Sequence[AnyPath] | None = None,
    repeat: str | None = None,
    timezone: str | None = None,
    columns: str | None = None,
) -> Responses:
    """Read raw files of SPSS, Stata, SAS, Excel, LibreOffice, Parquet, CSV, by extension; docs/reading.md lists them.

    Text, names and labels come in composed form (NFC). Codes that a file declares missing stay codes until
    `recode_missing`. What was not declared and had to be found stands in the log, in `sources[i].notes`, and among
    the warnings of `check()`. The files are not written to.

    Parameters
    ----------
    path : path or list of paths
        Several files are stacked in this order; the index counts rows over all of them from 0. See `columns`.
    codebook : path of a TOML file, an XLSForm, a .qsf or .lss, or Codebook, optional
        Columns to which it gives the role "personal" (names, phones, exact places) are left out and never kept.
        Without one it is made from what the files say about themselves: labels, measurement level, missing codes.
        The kind of a missing code comes from its label, and is "blank" where the label names none. A file
        NAME.sav.codebook.toml beside NAME.sav is used if no other is given; so is NAME.codebook.toml if no other
        file of answers is called NAME.
    sheet : str, int, or list of them, optional
        Of a workbook; of a file of R the name of the data frame. Several sheets, or "*" for all, are stacked, with
        the sheet's name in the column `sheet`, and the year in `year` if each name holds one. Not given: the sheet
        that is the data by its structure.
    header : int or list of int, optional
        Of CSV and workbooks. How many rows name the columns, 1 or 2; or which rows, counted from 0: [0, 2] has names
        in the first and wording in the third. The second is the wording, in the other language where one is
        Vietnamese; cells merged over several columns go before the names below them. Not given: found.
    encoding : str, optional
        Of CSV (UTF-8 when not given), or of SPSS, Stata and SAS files that declare the wrong one. Besides those of
        Python "tcvn3" and "vni", for workbooks too; for CSV "find".
    separator, decimal : str, optional
        Of CSV; "," and "." when not given (a tab for .tsv); or "find".
    locale : str, optional
        How numbers and dates are written in CSV and in text cells of workbooks: "vi" for 1.234,5 and dd/mm/yyyy,
        "en-US", "en-GB", "de". Not given, only yyyy-mm-dd is a date, and 03/04/2024 is never guessed: the codebook
        may say it for a column, by `unit = "dd/mm/yyyy"` on a variable of type date.
    export : str, optional
        The platform that wrote the files: "kobo", "odk", "surveycto", "limesurvey", "googleforms" or "qualtrics"
        (docs/platforms.md). Never guessed: without it a file is a plain table.
    form : path or list of paths, optional
        Of kobo, odk and surveycto: the XLSForm. It names groups, options, labels and types. Several are versions of one
        form, the newest last.
    repeat : str, optional
        Of kobo, odk and surveycto: the repeat group whose rows are wanted, with the columns of their submission.
    timezone : str, optional
        Of kobo, odk and surveycto: the clock that times are put on, "Asia/Ho_Chi_Minh". Not given: that of the
        devices if it is one, else UTC; a note says which.
    columns : {"all", "common"}, optional
        Of several files whose questionnaires differ: all columns, where what a file did not ask is empty and of the
        kind not_asked; or only those that every file has. A note says which these are. Not given: an error.

    Returns
    -------
    Responses

    Raises
    ------
    ReadError
        For a file that is missing, empty, without rows, cut short, of an unknown kind or not of the kind its name
        says; two columns of one name; files whose columns differ.
    CodebookError
        If the data have none of the codebook's variables, or lack a required one; if files give one code two
        labels. Other differences are reported by `check()`.

    Warns
    -----
    UndeclaredWarning
        If answers read like missing ones and are not declared; `declare_missing` shows them.
    """
    empty = [n for n, v in (("path", path), ("codebook", codebook), ("form", form)) if isinstance(v, str) and not v]
    if empty:
        raise ReadError(
            "A file name is empty.",
            where=f"read({empty[0]}=...)",
            got="''",
            expected="a path",
            fix="name a file",
        )
    paths = [Path(path)] if isinstance(path, str | os.PathLike) else [Path(p) for p in path]
    if not paths:
        raise ReadError("There is no file to read.", expected="a path, or a list of paths")
    given = codebook if codebook is None or isinstance(codebook, Codebook) else codebook_in(codebook)
    notes: list[str] = []
    if given is None:
        given = _beside(paths, notes)
    sheet = sheet if sheet is None or isinstance(sheet, str | int) else tuple(sheet)
    header = header if header is None or isinstance(header, int) else tuple(header)
    options = Options(sheet, header, encoding, separator, decimal, locale, given)
    options = replace(options, export=Export.asked(export, form, repeat, timezone))
    if options.export is None:  # a table may have the wording of the codebook's questions above its columns
        options = replace(options, codebook=known_by_wording(given))
    raws = [_read_one(p, options) for p in paths]
    raws = raws if options.export is not None else [named_by_wording(raw, given) for raw in raws]
    data, apart = stacked(raws, paths, columns)
    declared = declared_by_all(raws)
    if options.export is not None and given is not None:
        given = raws[0].codebook  # the one given, with the columns that the platform adds
    book = agreed(raws, paths) if given is None else _fitting(given, data, paths)
    book = without_uncommon(book, raws, data)
    personal = [n for n in data.columns.tolist() if n in book and book[n].role == "personal"]
    if personal:
        data = data.drop(columns=personal)
        book = book.select(n for n, v in book.variables.items() if v.role != "personal")
    if declared:
        book = replace(book, extra=MappingProxyType({**book.extra, "declared_missing": MappingProxyType(declared)}))
    sources = tuple(
        Source(str(p), sha256(p), len(r.data), (*notes, *r.notes)) for p, r in zip(paths, raws, strict=True)
    )
    told = [f"{p.name}: {note}" for p, s in zip(paths, sources, strict=True) for note in s.notes] + apart
    sources = (*sources[:-1], replace(sources[-1], notes=(*sources[-1].notes, *apart)))
    what = f"{shorten([p.name for p in paths], 4)}: {counted(len(data), 'row')}, {counted(len(data.columns), 'column')}"
    book = book.read_from(
        *paths, *(options.export.forms if options.export else ()), *(f for r in raws for f in r.beside)
    )
    entry = LogEntry(
        "read",
        "; ".join([what, *([f"left out as personal: {shorten(personal, 20)}"] if personal else []), *told]),
        plain_arguments(
            path=[str(p) for p in paths],
            codebook=given.source if given is not None else None,
            sheet=sheet,
            header=header,
            encoding=encoding,
            separator=separator,
            decimal=decimal,
            locale=locale,
            **_said(
                export=export,
                form=options.export and options.export.as_given,
                repeat=repeat,
                timezone=timezone,
                columns=columns,
            ),
        ),
        0,
        len(data),
        len(data),
    )
    missing = kinds_of(raws, data)
    responses = Responses(data, book, missing, entries=(entry,), sources=sources)
    responses.remembered["left_out"] = tuple(personal)
    warn_personal(responses, shorten([p.name for p in paths], 4))
    undeclared = undeclared_note(responses)
    if undeclared is not None:
        where = shorten([p.name for p in paths], 4)
        warnings.warn(f"{where}: {undeclared}.", UndeclaredWarning, stacklevel=outside())
    return responses


def _said(**arguments: Any) -> dict[str, Any]:
    """Those arguments that were given."""
    return {name: value for name, value in arguments.items() if value is not None}


def _read_one(path: Path, options: Options) -> Raw:
    suffix = path.suffix.lower()
    exported = options.export is not None
    if suffix not in READERS and not exported:
        raise ReadError(
            "The file type is unknown.",
            where=path,
            got=suffix or "no extension",
            expected=shorten(READERS, 20),
            fix="export it as .sav, .dta, .csv or .xlsx",
        )
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        near = sorted(p.name for p in path.parent.glob("*") if p.suffix.lower() in READERS)
        raise ReadError(
            "The file does not exist.",
            where=path,
            expected=f"in that folder: {shorten(near)}" if near else None,
            fix="correct the path",
        ) from None
    except (OSError, ValueError) as problem:  # no permission; a name that is too long, or holds a zero byte
        raise _cannot_open(path, problem) from problem
    if path.is_dir():
        raise ReadError("The path is a folder.", where=path, expected="a file", fix="give a file inside it")
    for name, suffixes in _MEANT_FOR.items():
        legacy = name == "encoding" and suffix in _BOOKS and legacy_name(options.encoding)
        if getattr(options, name) is not None and suffix not in suffixes and not legacy and not exported:
            raise ReadError(
                f"`{name}` does not apply to this type of file.",
                where=path,
                expected=shorten(suffixes),
                fix=f"omit {name}=",
            )
    if not exported or suffix != ".zip":
        refuse_other_content(path)
    try:
        raw = read_export(path, options) if exported else READERS[suffix](path, options)
    except OSError as problem:
        raise _cannot_open(path, problem) from problem
    if not len(raw.data):
        raise ReadError(
            "The file has no rows.",
            where=path,
            got=f"{len(raw.data.columns)} columns and no answers",
            fix="export it again",
        )
    hints = encoding_hints(_texts(raw), options.encoding, suffix in _STATFILES)
    raw = replace(raw, notes=(*raw.notes, *hints)) if hints else raw
    platform = None if exported else looks_like(raw.data.columns.tolist())
    return raw if platform is None else replace(raw, notes=(*raw.notes, platform))


def _cannot_open(path: Path, problem: Exception) -> ReadError:
    return ReadError(
        "The file cannot be opened.",
        where=repr(str(path)) if isinstance(problem, ValueError) else path,
        got=system_message(problem),
        expected="a readable file",
        fix="correct the path, or the file permissions",
    )


def _texts(raw: Raw) -> list[str]:
    """Some texts of a file: labels, names of columns, and the first of each column that is text."""
    found = [
        t
        for v in raw.codebook.variables.values()
        for labels in (v.labels, v.missing_labels)
        for text in labels.values()
        for t in list(text.values())[:1]
    ]
    found += [t for t in raw.data.columns.tolist() if isinstance(t, str)]
    for name in raw.data.select_dtypes("str").columns.tolist():
        found += [t for t in raw.data[name].head(2000).unique() if isinstance(t, str)]
    return found


def _beside(paths: Sequence[Path], notes: list[str]) -> Codebook | None:
    """The codebooks that belong to the files, if every one has the same."""
    found = [_own_codebook(p) if p.name else None for p in paths]  # "" and "." have no name
    files = [f for f in found if f is not None]
    if len(files) < len(paths):
        without = [p.name for p, f in zip(paths, found, strict=True) if f is None]
        if files:
            notes.append(Note("reading.codebook_unused", file=files[0].name, others=listed(without, 4)))
        return None
    books = [Codebook.from_toml(f) for f in files]
    for book, file in zip(books[1:], files[1:], strict=True):
        if replace(book, source="") != replace(books[0], source=""):
            raise CodebookError(
                "The codebooks next to the files differ.",
                where=f"{file} against {files[0]}",
                fix="give the one of all files, read(..., codebook=...), or read them one by one and append() them",
            )
    notes.append(Note("reading.codebook_beside", file=files[0].name))
    for path, file in zip(paths, files, strict=True):
        written_with = answers_of(file)
        if written_with and os.path.isfile(path) and sha256(path) != written_with:
            notes.append(Note("reading.codebook_other", file=file.name, data=path.name))
            warnings.warn(
                f"{file.name} was written for a different content of {path.name}, so its codes may mean something "
                "else here. Write both again; if the answers were changed on purpose, remove the line with their "
                "SHA-256 from the codebook.",
                SurveyWarning,
                stacklevel=outside(),
            )
    return books[0].read_from(*files)


def _own_codebook(path: Path) -> Path | None:
    """NAME.sav.codebook.toml; or NAME.codebook.toml, if it can belong to no other file."""
    own = beside(path)
    if os.path.isfile(own):
        return own
    named = path.with_suffix(".codebook.toml")
    if not os.path.isfile(named):
        return None
    others = [
        p.name
        for p in sorted(path.parent.glob("*"))
        if p.stem == path.stem
        and p.suffix.lower() in READERS
        and p.name != path.name
        and p.is_file()
        and not os.path.isfile(beside(p))
    ]
    if others:
        raise CodebookError(
            "The codebook next to the file may belong to another file.",
            where=named,
            got=f"{shorten([path.name, *others])}, without a separate codebook",
            expected=f"{own.name}, which belongs to a single file",
            fix=f"rename it to {own.name} if it is the codebook of {path.name}, or pass read(..., codebook=...)",
        )
    return named


def _fitting(book: Codebook, data: pd.DataFrame, paths: list[Path]) -> Codebook:
    """The codebook given, if it is one of these data."""
    if not any(name in data.columns for name in book.variables):
        raise CodebookError(
            "The data have none of the codebook's variables.",
            where=f"{shorten(paths)} with {book.source or 'codebook'}",
            got=shorten(data.columns),
            expected=shorten(book.variables),
            fix="give the codebook of these data",
        )
    absent = [n for n, v in book.variables.items() if v.required and n not in data.columns]
    if absent:
        raise CodebookError(
            "The data are missing variables that the codebook requires.",
            where=shorten(paths),
            got=shorten(data.columns, 20),
            expected=shorten(absent),
            fix="export the file with these columns, or set required = false",
        )
    return book
