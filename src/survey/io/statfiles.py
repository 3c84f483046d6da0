"""SPSS, Stata and SAS files, by pyreadstat, with their missing codes kept as codes."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from pandas.api.types import is_numeric_dtype as is_numeric

from survey.base.catalogue import Note, listed
from survey.base.encodings import encoding_that_reads, legacy_name
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
    r"(?:DATE|(?:DD|MM|YY)(?:MM|DD|YY){1,2}[BCDNPS]?|WEEKDAT[EX]|WORDDAT[EX]|JULIAN|JULDAY|MONYY|MMYY[CDNPS]?|"
    r"YYMM[CDNPS]?|YYMON|YYQR?[CDNPS]?|NLDATE|(?:E8601|B8601|IS8601|ND8601)DA)"
)
_SAS_MOMENTS = re.compile(r"(?:DATETIME|DATEAMPM|MDYAMPM|NLDATM|DTDATE|DTMONYY|DTWKDATX|(?:E8601|B8601|IS8601)D[TNZ])")
_SAS_TIMES = re.compile(r"(?:TIME|TIMEAMPM|HHMM|HOUR|MMSS|TOD|NLTIME|(?:E8601|B8601|IS8601)TM)")
_SAS_PARTS = re.compile(r"(?:YEAR|QTRR?|MONTH|MONNAME|DAY|DOWNAME|WEEKDAY)")  # SAS shows a part of the date
_STATA_PERIODS = {"w": "weeks", "m": "months", "q": "quarters", "h": "half-years"}
_SPSS_DATES = ("DATE", "ADATE", "EDATE", "JDATE", "SDATE", "QYR", "MOYR", "WKYR", "DATETIME", "YMDHMS")
_SPSS_TIMES = ("TIME", "DTIME", "MTIME")
_FIRST, _LAST = -62_135_596_800.0, 253_402_300_800.0  # the years 1 and 10000: other dates cannot be shown


def read_statfile(path: Path, options: Options) -> Raw:
    """Read .sav, .zsav, .por, .dta, .sas7bdat or .xpt.

    User-missing codes stay in the data as numbers (or texts), and their declared ranges come along; Stata's tagged
    missings (.a to .z) and those of SAS stay as the letters "a" to "z" in a column of objects until `recode_missing`.
    Dates become datetimes; times of day and durations stay numbers of seconds. A date after the year 9999 is left
    empty, and a note names its row. Value labels of a SAS catalogue beside the file go to the codebook, never in place
    of the codes.

    Raises
    ------
    ReadError
        If the file is cut short, of another version, or in an undeclared encoding.
    """
    suffix = path.suffix.lower()
    legacy = legacy_name(options.encoding)
    encoding = None if suffix == ".por" else "ISO-8859-1" if legacy else options.encoding
    try:
        frame, meta = parsed(path, encoding)
    except Failed as problem:
        raise _unreadable(path, problem.told, options) from None
    expected = meta.number_rows
    if expected is not None and expected >= 0 and expected != len(frame):
        raise _unreadable(path, f"{len(frame):,} of {expected:,} rows", options)
    notes: list[str] = []
    value_labels = meta.variable_value_labels
    catalogue = _catalogue_beside(path, bool(meta.variable_to_label)) if suffix == ".sas7bdat" else None
    if catalogue is not None:
        value_labels = _labels_beside(catalogue, encoding, meta)
        notes.append(Note("reading.labels_beside", file=catalogue.name))
    if legacy:
        value_labels = _from_legacy(frame, meta, value_labels, legacy)
    places = dict(enumerate(frame.columns))
    frame.columns = names = column_names(list(frame.columns), path, notes)
    renamed = {places[i]: name for i, name in enumerate(names)}
    formats = {renamed[n]: f or "" for n, f in meta.original_variable_types.items() if n in renamed}
    units, pieces = {}, 0
    for name in names:
        column = frame[name]
        settled, units[name] = _settled(column, formats.get(name, ""), suffix, notes)
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
        value_labels=_renamed(value_labels, renamed),
        measures=_renamed(meta.variable_measure, renamed),
        declared=declared,
        units=units,
        title=meta.file_label,
        source=str(path),
    )
    codebook = with_sets(codebook, getattr(meta, "mr_sets", None) or {}, renamed)
    return Raw(data, codebook, declared, tuple(notes), beside=(catalogue,) if catalogue is not None else ())


def parsed(path: Path, encoding: str | None) -> tuple[pd.DataFrame, Any]:
    """The cells of a file and what it says of them, as pyreadstat gives them: no date and no code is changed."""
    arguments: dict[str, Any] = {"disable_datetime_conversion": True}
    if path.suffix.lower() not in (".por", ".xpt"):
        arguments["user_missing"] = True
    if encoding:
        arguments["encoding"] = encoding
    frame, meta = parsed_statfile(path, arguments)
    if len(frame.columns) < len(meta.column_names):
        raise Failed("ValueError", "two columns have the same name")
    if path.suffix.lower() == ".dta":
        plain = {**arguments, "user_missing": False}
        _without_stray_numbers(frame, meta, lambda names: parsed_statfile(path, {**plain, "usecols": names})[0])
    return frame, meta


def _without_stray_numbers(frame: pd.DataFrame, meta: Any, again: Callable[[list[str]], pd.DataFrame]) -> None:
    """Empty cells of whole numbers beside tagged missings: pyreadstat puts whatever stood in memory there."""
    whole = ("int8", "int16", "int32")
    tagged = [
        name
        for name, letters in (meta.missing_user_values or {}).items()
        if letters and meta.readstat_variable_types.get(name) in whole
    ]
    if not tagged:
        return
    plain = again(tagged)
    for name in tagged:
        column = frame[name]
        empty = plain[name].isna() & ~column.map(lambda cell: isinstance(cell, str))
        if empty.any():
            frame[name] = column.astype(object).mask(empty, np.nan)


def parsed_catalogue(path: Path, encoding: str | None) -> Mapping[str, Mapping[Any, str]]:
    """Labels by the names of formats of a SAS catalogue, as pyreadstat gives them."""
    _, meta = parsed_statfile(path, {"encoding": encoding} if encoding else {})
    labels: Mapping[str, Mapping[Any, str]] = meta.value_labels
    return labels


def _catalogue_beside(path: Path, labelled: bool) -> Path | None:
    """The catalogue of value labels in the folder, in letters of either case: of the file's name, or named formats.

    PROC FORMAT calls the catalogue of a library formats.sas7bcat; it is looked at where a column has a format of one.
    """
    found: dict[str, Path] = {}
    with contextlib.suppress(OSError):  # a folder that cannot be listed
        found = {p.stem.lower(): p for p in sorted(path.parent.iterdir()) if p.suffix.lower() == ".sas7bcat"}
    return found.get(path.stem.lower()) or (found.get("formats") if labelled else None)


def _labels_beside(catalogue: Path, encoding: str | None, meta: Any) -> dict[str, dict[Any, str]]:
    """Value labels by column, from a catalogue: pyreadstat would put them in place of the codes, and merge codes."""
    try:
        formats = parsed_catalogue(catalogue, encoding)
    except Failed as problem:
        raise ReadError(
            "The catalogue of value labels cannot be read: it is cut short, damaged, or of an unknown version.",
            where=catalogue,
            got=problem.told,
            fix="copy it again; or move it to another folder, and the data are read without labels",
        ) from None
    known = {name.rstrip("0123456789.").upper(): labels for name, labels in formats.items()}
    known |= {name.upper(): labels for name, labels in formats.items()}
    found = {}
    for column, form in (meta.variable_to_label or {}).items():
        for name in (str(form).upper(), str(form).upper().rstrip("0123456789.")):
            if name in known:
                found[column] = dict(known[name])
                break
    return found


def _from_legacy(
    frame: pd.DataFrame, meta: Any, value_labels: Mapping[str, Mapping[Any, str]], legacy: str
) -> dict[str, dict[Any, str]]:
    """Texts of TCVN3 or VNI, read as Latin-1, into Unicode: cells and labels; names of columns stay."""
    for name in frame.columns:
        column = frame[name]
        if isinstance(column.dtype, pd.StringDtype) or pd.api.types.is_object_dtype(column.dtype):
            table = {v: from_legacy(v, legacy) for v in column.unique() if isinstance(v, str)}
            frame[name] = column.map(lambda v, table=table: table.get(v, v), na_action="ignore")
    meta.column_names_to_labels = {n: from_legacy(t or "", legacy) for n, t in meta.column_names_to_labels.items()}
    meta.file_label = from_legacy(meta.file_label or "", legacy)
    return {
        n: {(from_legacy(c, legacy) if isinstance(c, str) else c): from_legacy(t, legacy) for c, t in labels.items()}
        for n, labels in value_labels.items()
    }


def _renamed(values: Mapping[str, Any], renamed: Mapping[str, str]) -> dict[str, Any]:
    return {renamed[name]: value for name, value in values.items() if name in renamed}


def _settled(column: pd.Series, form: str, suffix: str, notes: list[str]) -> tuple[pd.Series, str]:
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
            return _dates(column, 86_400.0, _STATA_ORIGIN, "days since 1960-01-01", notes)
        if form.lower().startswith(("%tc", "%-tc")):
            return _dates(column, 0.001, _STATA_ORIGIN, "milliseconds since 1960-01-01", notes)
        period = _STATA_PERIODS.get(form.replace("-", "")[2:3]) if form.startswith(("%t", "%-t")) else None
        return column, f"{period} since 1960" if period else ""
    if suffix in _SAS:
        kind = form.upper().rstrip("0123456789.")
        if _SAS_MOMENTS.fullmatch(kind):
            return _dates(column, 1.0, _STATA_ORIGIN, "seconds since 1960-01-01", notes)
        if _SAS_DATES.fullmatch(kind):
            return _dates(column, 86_400.0, _STATA_ORIGIN, "days since 1960-01-01", notes)
        if _SAS_PARTS.fullmatch(kind):
            return column, "days since 1960-01-01"
        return column, "seconds" if _SAS_TIMES.fullmatch(kind) else ""
    letters = form.rstrip("0123456789.")
    if letters in _SPSS_DATES:
        return _dates(column, 1.0, _SPSS_ORIGIN, "seconds since 1582-10-14", notes)
    return column, "seconds" if letters in _SPSS_TIMES else ""


def _dates(column: pd.Series, step: float, origin: float, unit: str, notes: list[str]) -> tuple[pd.Series, str]:
    """Numbers as dates. Those after the year 9999 are left empty and named; if most are, they are no dates."""
    seconds = column.to_numpy(float) * step - origin
    with np.errstate(invalid="ignore"):
        wild = (seconds >= _LAST) | (seconds < _FIRST)
    given = ~np.isnan(seconds)
    if wild.any():
        if 2 * wild.sum() > given.sum():
            notes.append(Note("reading.dates_as_numbers", column=column.name, unit=unit))
            return column, unit
        rows = listed([str(i) for i in np.flatnonzero(wild)], 5)
        notes.append(Note("reading.wild_dates", column=column.name, n=int(wild.sum()), rows=rows))
        given &= ~wild
    micros = np.full(len(seconds), np.iinfo(np.int64).min)  # not a time
    micros[given] = np.round(seconds[given] * 1e6).astype(np.int64)
    return pd.Series(micros.view("datetime64[us]"), index=column.index), ""


def _unreadable(path: Path, text: str, options: Options) -> ReadError:
    if any(word in text for word in ("encoding", "invalid byte", "character set")) or text.startswith("Unicode"):
        return ReadError(
            "The text of the file is not in its declared encoding.",
            where=path,
            got=text if options.encoding is None else f"{text} (encoding={options.encoding!r})",
            fix=_advice(path),
        )
    return ReadError(
        "The file cannot be read: it is cut short, damaged, or of an unknown version.",
        where=path,
        got=text,
        expected=f"a whole {path.suffix} file",
        fix="copy or export it again",
    )


def _advice(path: Path) -> str:
    """Which encoding reads the file: UTF-8 if it fits, one of Vietnamese if its words do, else Latin-1 and others."""
    if path.suffix.lower() == ".por":
        return "export it again as .sav"
    texts: dict[str, list[str]] = {}
    for name in ("utf-8", "windows-1258", "latin1"):
        try:
            frame, meta = parsed(path, name)
        except (Failed, ReadError):  # one that does not fit
            continue
        labels = [t for ts in meta.variable_value_labels.values() for t in ts.values()]
        cells = [v for n in frame.columns if not is_numeric(frame[n]) for v in frame[n].head(2000).unique()]
        words = [t for t in (*meta.column_names_to_labels.values(), *labels, *cells) if isinstance(t, str)]
        texts[name] = [nfc(t) for t in words if not t.isascii()]
    if not texts:
        return "drop columns of binary content (strL) in Stata, or write the file again as a version that is UTF-8"
    name = encoding_that_reads(texts)
    others = ', or "windows-1258" for old Vietnamese files, "cp1251" for Cyrillic ones' if name == "latin1" else ""
    return f'name its encoding: read(..., encoding="{name}"){others}'
