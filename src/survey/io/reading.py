"""From raw files to Responses."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd

from survey._files import sha256
from survey._log import LogEntry, Source, counted, plain_arguments
from survey.codebook import Codebook
from survey.errors import CodebookError, ReadError, some
from survey.io._content import refuse_other_content
from survey.io._raw import Options, Raw
from survey.io.csvfiles import read_csv
from survey.io.excel import read_excel
from survey.io.statfiles import read_statfile
from survey.responses import Responses

__all__ = ["READERS", "read"]

READERS: Mapping[str, Callable[[Path, Options], Raw]] = MappingProxyType(
    {
        ".sav": read_statfile,
        ".zsav": read_statfile,
        ".por": read_statfile,
        ".dta": read_statfile,
        ".csv": read_csv,
        ".tsv": read_csv,
        ".xlsx": read_excel,
    }
)
"""Reader by extension."""

_MEANT_FOR = {
    "sheet": (".xlsx",), "separator": (".csv", ".tsv"), "decimal": (".csv", ".tsv"),
    "encoding": (".csv", ".tsv", ".sav", ".zsav", ".dta", ".por"),
}  # fmt: skip

AnyPath = str | os.PathLike[str]


def read(
    path: AnyPath | Sequence[AnyPath],
    codebook: AnyPath | Codebook | None = None,
    *,
    sheet: str | int | None = None,
    encoding: str | None = None,
    separator: str | None = None,
    decimal: str | None = None,
) -> Responses:
    """Read raw files: .sav, .zsav, .por, .dta, .csv, .tsv, .xlsx, by extension.

    Text, names and labels come in composed form (NFC). Codes that SPSS or Stata declare missing stay codes until
    `recode_missing`. The files are not written to.

    Parameters
    ----------
    path : path or list of paths
        Several files of the same columns are stacked in this order; the index counts rows over all of them from 0.
    codebook : path of a TOML file or Codebook, optional
        Columns to which it gives the role "personal" (names, phones, exact places) are left out and never kept.
        Without one it is made from what the files say about themselves: labels, measurement level, missing codes.
        The kind of a missing code comes from its label, and is "blank" where the label names none.
    sheet : str or int, optional
        Of a workbook with several sheets.
    encoding : str, optional
        Of CSV (UTF-8 when not given), or of SPSS and Stata files that say the wrong one.
    separator, decimal : str, optional
        Of CSV; "," and "." when not given (a tab for .tsv).

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
        labels. Other differences are told by `check()`.
    """
    paths = [Path(path)] if isinstance(path, str | os.PathLike) else [Path(p) for p in path]
    if not paths:
        raise ReadError("There is no file to read.", expected="a path, or a list of paths")
    given = codebook if codebook is None or isinstance(codebook, Codebook) else Codebook.from_toml(codebook)
    options = Options(sheet, encoding, separator, decimal, given)
    raws = [_read_one(p, options) for p in paths]
    data = _stacked(raws, paths)
    declared: dict[str, Any] = {}
    for raw in raws:
        for name, ranges in raw.declared.items():
            declared[name] = tuple(dict.fromkeys([*declared.get(name, ()), *ranges]))
    book = _agreed(raws, paths) if given is None else _fitting(given, data, paths)
    personal = [n for n in data.columns if n in book and book[n].role == "personal"]
    if personal:
        data = data.drop(columns=personal)
        book = book.select(n for n, v in book.variables.items() if v.role != "personal")
    if declared:
        book = replace(book, extra=MappingProxyType({**book.extra, "declared_missing": MappingProxyType(declared)}))
    sources = tuple(Source(str(p), sha256(p), len(r.data)) for p, r in zip(paths, raws, strict=True))
    what = f"{some([p.name for p in paths], 4)}: {counted(len(data), 'row')}, {counted(len(data.columns), 'column')}"
    entry = LogEntry(
        "read", what + (f"; left out as personal: {some(personal, 20)}" if personal else ""),
        plain_arguments(
            path=[str(p) for p in paths], codebook=given.source if given is not None else None,
            sheet=sheet, encoding=encoding, separator=separator, decimal=decimal,
        ),
        0, len(data), len(data),
    )  # fmt: skip
    return Responses(data, book, entries=(entry,), sources=sources)


def _read_one(path: Path, options: Options) -> Raw:
    suffix = path.suffix.lower()
    if suffix not in READERS:
        old = suffix in (".xls", ".ods", ".xlsm", ".xlsb")
        raise ReadError(
            "The kind of the file is not known.", where=path, got=suffix or "no extension", expected=some(READERS),
            fix="save it as .xlsx" if old else "export it as .sav, .dta, .csv or .xlsx",
        )  # fmt: skip
    if not path.exists():
        beside = sorted(p.name for p in path.parent.glob("*") if p.suffix.lower() in READERS)
        raise ReadError(
            "The file is not there.", where=path, expected=f"in that folder: {some(beside)}" if beside else None,
            fix="correct the path",
        )  # fmt: skip
    if path.is_dir():
        raise ReadError("The path is a folder.", where=path, expected="a file", fix="name a file in it")
    for name, suffixes in _MEANT_FOR.items():
        if getattr(options, name) is not None and suffix not in suffixes:
            raise ReadError(f"`{name}` means nothing for this kind of file.", where=path, expected=some(suffixes),
                            fix=f"leave {name}= out")  # fmt: skip
    refuse_other_content(path)
    try:
        raw = READERS[suffix](path, options)
    except OSError as problem:
        raise ReadError("The file cannot be opened.", where=path, got=problem) from problem
    if not len(raw.data):
        raise ReadError(
            "The file has no rows.", where=path, got=f"{len(raw.data.columns)} columns and no answers",
            fix="export it again",
        )  # fmt: skip
    return raw


def _stacked(raws: list[Raw], paths: list[Path]) -> pd.DataFrame:
    """Rows of all files under one index."""
    first = raws[0].data
    if len(raws) == 1:
        return first
    for raw, path in zip(raws[1:], paths[1:], strict=True):
        lacking = [c for c in first.columns if c not in raw.data.columns]
        surplus = [c for c in raw.data.columns if c not in first.columns]
        if lacking or surplus:
            parts = [f"{what}: {some(c)}" for what, c in (("it lacks", lacking), ("it adds", surplus)) if c]
            raise ReadError(
                "Files of one study have different columns.", where=f"{path} against {paths[0]}",
                got="; ".join(parts), fix="read them one by one, or give them the same columns",
            )  # fmt: skip
    columns: dict[str, Any] = {}
    for name in first.columns:
        answers = [r.data[name] for r in raws]
        kinds = {_kind(p): path for p, path in zip(answers, paths, strict=True) if p.notna().any()}
        if len(kinds) > 1:
            raise ReadError(
                "A column holds another kind of values in another file.", where=name,
                got="; ".join(f"{kind} in {path}" for kind, path in kinds.items()), expected="one kind",
                fix="read the file with its codebook, or mend the column at its source",
            )  # fmt: skip
        columns[name] = _end_to_end(answers)
    return pd.DataFrame(columns)


def _end_to_end(parts: list[pd.Series]) -> pd.Series:
    """One column from those of several files, an empty one taking the type of the others."""
    dtypes = list(dict.fromkeys(p.dtype for p in parts if p.notna().any()))
    if len(dtypes) > 1:  # whole and other numbers, or numbers and Stata's tagged missings
        objects = any(pd.api.types.is_object_dtype(d) for d in dtypes)
        dates = all(pd.api.types.is_datetime64_any_dtype(d) for d in dtypes)
        dtypes = ["datetime64[us]" if dates else "object" if objects else "float64"]
    elif len(dtypes) == 1 and pd.api.types.is_integer_dtype(dtypes[0]) and any(p.isna().any() for p in parts):
        dtypes = ["float64"]
    return pd.concat([p.astype(dtypes[0]) for p in parts] if dtypes else parts, ignore_index=True)


def _kind(column: pd.Series) -> str:
    if isinstance(column.dtype, pd.StringDtype):
        return "text"
    return "date" if pd.api.types.is_datetime64_any_dtype(column.dtype) else "number"


def _agreed(raws: list[Raw], paths: list[Path]) -> Codebook:
    """The files' own codebook: the first one's, with what later files add; no code may change its label."""
    book = raws[0].codebook
    for raw, path in zip(raws[1:], paths[1:], strict=True):
        for variable in raw.codebook.variables.values():
            before = book.variables[variable.name]
            for code, text in {**variable.missing_labels, **variable.labels}.items():
                known = before.labels.get(code) or before.missing_labels.get(code)
                if known is not None and dict(known) != dict(text):
                    raise CodebookError(
                        "Files give one code two labels.", where=f"{variable.name}, code {code}",
                        got=f"{before.label(code)!r} in {paths[0]}, {variable.label(code)!r} in {path}",
                        fix="give a codebook that says which is right, after recoding one of the files",
                    )  # fmt: skip
            missing = {**variable.missing, **before.missing}
            labels = {c: t for c, t in {**before.labels, **variable.labels}.items() if c not in missing}
            book = book.update(
                replace(
                    before,
                    labels=MappingProxyType(labels),
                    missing=MappingProxyType(missing),
                    missing_labels=MappingProxyType({**variable.missing_labels, **before.missing_labels}),
                )
            )
    return book


def _fitting(book: Codebook, data: pd.DataFrame, paths: list[Path]) -> Codebook:
    """The codebook given, if it is one of these data."""
    if not any(name in data.columns for name in book.variables):
        raise CodebookError(
            "The data have none of the codebook's variables.", where=f"{some(paths)} with {book.source or 'codebook'}",
            got=some(data.columns), expected=some(book.variables), fix="give the codebook of these data",
        )  # fmt: skip
    absent = [n for n, v in book.variables.items() if v.required and n not in data.columns]
    if absent:
        raise CodebookError(
            "The data lack variables that the codebook requires.", where=some(paths), got=some(data.columns, 20),
            expected=some(absent), fix="export the file with these columns, or set required = false",
        )  # fmt: skip
    return book
