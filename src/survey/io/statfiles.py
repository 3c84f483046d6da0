"""SPSS, Stata and SAS files, by pyreadstat, with their missing codes kept as codes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from survey.base.catalogue import Note
from survey.base.encodings import legacy_name
from survey.base.native import Failed, parsed_statfile
from survey.base.vietnamese import from_legacy
from survey.errors import ReadError
from survey.io._raw import Options, Raw, column_names, nfc, normalised
from survey.io.metadata import codebook_of, with_sets

__all__ = ["read_statfile"]

# seconds from the origin of each format's dates to 1970
_SPSS_ORIGIN = 12_219_379_200.0  # 14 October 1582
_STATA_ORIGIN = 315_619_200.0  # 1 January 1960, SAS's too
_SAS = (".sas7bdat", ".xpt")
_SAS_DATES = re.compile(
    r"(?:DATE|(?:DD|MM|YY)(?:MM|DD|YY){1,2}[BCDNPS]?|WEEKDAT[EX]|WORDDAT[EX]|JULIAN|MONYY|MMYY|YYMM|YYMON|YYQ|NLDATE|"
    r"(?:E8601|B8601|IS8601|ND8601)DA)"
)
_SAS_MOMENTS = re.compile(r"(?:DATETIME|DATEAMPM|NLDATM|(?:E8601|B8601|IS8601)DT)")
_SAS_TIMES = re.compile(r"(?:TIME|TIMEAMPM|HHMM|HOUR|MMSS|TOD|NLTIME|(?:E8601|B8601|IS8601)TM)")
_SPSS_DATES = ("DATE", "ADATE", "EDATE", "JDATE", "SDATE", "QYR", "MOYR", "WKYR", "DATETIME", "YMDHMS")
_SPSS_TIMES = ("TIME", "DTIME", "MTIME")
_LAST = 253_402_300_800.0  # the year 10000: later dates cannot be shown


def read_statfile(path: Path, options: Options) -> Raw:
    """Read .sav, .zsav, .por, .dta, .sas7bdat or .xpt.

    User-missing codes stay in the data as numbers (or texts), and their declared ranges come along; Stata's tagged
    missings (.a to .z) and those of SAS stay as the letters "a" to "z" in a column of objects until `recode_missing`.
    Dates become
    datetimes; times of day and durations stay numbers of seconds, as do dates after the year 9999.

    Raises
    ------
    ReadError
        If the file is cut short, of another version, or in an undeclared encoding.
    """
    suffix = path.suffix.lower()
    arguments: dict[str, Any] = {"disable_datetime_conversion": True}
    if suffix not in (".por", ".xpt"):
        arguments["user_missing"] = True
    notes: list[str] = []
    catalogue = path.with_suffix(".sas7bcat")
    if suffix == ".sas7bdat" and catalogue.is_file():
        arguments["catalog_file"] = str(catalogue)
        notes.append(Note("reading.labels_beside", file=catalogue.name))
    legacy = legacy_name(options.encoding)
    if options.encoding and suffix != ".por":
        arguments["encoding"] = "ISO-8859-1" if legacy else options.encoding
    try:
        frame, meta = parsed_statfile(path, arguments)
    except Failed as problem:
        raise _unreadable(path, problem.told, options) from None
    expected = meta.number_rows
    if expected is not None and expected >= 0 and expected != len(frame):
        raise _unreadable(path, f"{len(frame):,} of {expected:,} rows", options)
    if legacy:
        _from_legacy(frame, meta, legacy)
    names = column_names([n if isinstance(n, str) else "" for n in frame.columns], path)
    renamed = dict(zip(frame.columns, names, strict=True))
    frame.columns = names
    formats = {renamed[n]: f or "" for n, f in meta.original_variable_types.items() if n in renamed}
    units, pieces = {}, 0
    for name in names:
        column = frame[name]
        settled, units[name] = _settled(column, formats.get(name, ""), suffix)
        if (
            settled is not column
        ):  # most columns are numbers and stay where they are: a copy would cost as much as reading
            frame[name] = settled
            pieces += 1
    data = frame if pieces < 50 else frame.copy()
    declared = {
        renamed[n]: tuple((nfc(r["lo"]), nfc(r["hi"])) for r in ranges)
        for n, ranges in meta.missing_ranges.items()
        if n in renamed
    }
    for name, tags in (getattr(meta, "missing_user_values", None) or {}).items():
        if name not in renamed:
            continue
        declared[renamed[name]] = tuple((tag, tag) for tag in tags)
    codebook = codebook_of(
        data,
        labels=_renamed(meta.column_names_to_labels, renamed),
        value_labels=_renamed(meta.variable_value_labels, renamed),
        measures=_renamed(meta.variable_measure, renamed),
        declared=declared,
        units=units,
        title=meta.file_label,
        source=str(path),
    )
    codebook = with_sets(codebook, getattr(meta, "mr_sets", None) or {}, renamed)
    beside = (catalogue,) if "catalog_file" in arguments else ()
    return Raw(data, codebook, declared, tuple(notes), beside=beside)


def _from_legacy(frame: pd.DataFrame, meta: Any, legacy: str) -> None:
    """Texts of TCVN3 or VNI, read as Latin-1, into Unicode: cells and labels; names of columns stay."""
    for name in frame.columns:
        column = frame[name]
        if isinstance(column.dtype, pd.StringDtype) or pd.api.types.is_object_dtype(column.dtype):
            table = {v: from_legacy(v, legacy) for v in column.unique() if isinstance(v, str)}
            frame[name] = column.map(lambda v, table=table: table.get(v, v), na_action="ignore")
    meta.column_names_to_labels = {n: from_legacy(t or "", legacy) for n, t in meta.column_names_to_labels.items()}
    meta.variable_value_labels = {
        n: {(from_legacy(c, legacy) if isinstance(c, str) else c): from_legacy(t, legacy) for c, t in labels.items()}
        for n, labels in meta.variable_value_labels.items()
    }
    meta.file_label = from_legacy(meta.file_label or "", legacy)


def _renamed(values: Mapping[str, Any], renamed: Mapping[str, str]) -> dict[str, Any]:
    return {renamed[name]: value for name, value in values.items() if name in renamed}


def _settled(column: pd.Series, form: str, suffix: str) -> tuple[pd.Series, str]:
    if isinstance(column.dtype, pd.StringDtype):
        return normalised(column), ""
    if pd.api.types.is_object_dtype(column.dtype):
        kind = pd.api.types.infer_dtype(column, skipna=True)
        if kind == "string":
            return normalised(column.astype("str")), ""
        if kind.startswith("mixed") and any(isinstance(v, str) for v in column):
            return column, ""
        column = pd.to_numeric(column)
    if suffix == ".dta":
        if form.startswith(("%td", "%d", "%-td", "%-d")):
            return _dates(column, 86_400.0, _STATA_ORIGIN, "days since 1960-01-01")
        if form.lower().startswith(("%tc", "%-tc")):
            return _dates(column, 0.001, _STATA_ORIGIN, "milliseconds since 1960-01-01")
        return column, ""
    if suffix in _SAS:
        kind = form.upper().rstrip("0123456789.")
        if _SAS_MOMENTS.fullmatch(kind):
            return _dates(column, 1.0, _STATA_ORIGIN, "seconds since 1960-01-01")
        if _SAS_DATES.fullmatch(kind):
            return _dates(column, 86_400.0, _STATA_ORIGIN, "days since 1960-01-01")
        return column, "seconds" if _SAS_TIMES.fullmatch(kind) else ""
    letters = form.rstrip("0123456789.")
    if letters in _SPSS_DATES:
        return _dates(column, 1.0, _SPSS_ORIGIN, "seconds since 1582-10-14")
    return column, "seconds" if letters in _SPSS_TIMES else ""


def _dates(column: pd.Series, step: float, origin: float, unit: str) -> tuple[pd.Series, str]:
    seconds = column.to_numpy(float) * step - origin
    with np.errstate(invalid="ignore"):
        if (seconds >= _LAST).any() or (seconds < -_SPSS_ORIGIN - 86_400).any():
            return column, unit
    micros = np.full(len(seconds), np.iinfo(np.int64).min)  # not a time
    given = ~np.isnan(seconds)
    micros[given] = np.round(seconds[given] * 1e6).astype(np.int64)
    return pd.Series(micros.view("datetime64[us]"), index=column.index), ""


def _unreadable(path: Path, text: str, options: Options) -> ReadError:
    if "encoding" in text or "invalid byte" in text or text.startswith("Unicode"):
        return ReadError(
            "The text of the file is not in its declared encoding.",
            where=path,
            got=text if options.encoding is None else f"{text} (encoding={options.encoding!r})",
            fix='name its encoding: read(..., encoding="latin1"), or "windows-1258" for old Vietnamese files',
        )
    return ReadError(
        "The file cannot be read: it is cut short, damaged, or of an unknown version.",
        where=path,
        got=text,
        expected=f"a whole {path.suffix} file",
        fix="copy or export it again",
    )
