"""SPSS and Stata files: labels, measurement level, missing answers by kind, the same bytes on every run."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from survey.codebook import Variable
from survey.codebook.told import said
from survey.errors import ExportError
from survey.writing._columns import Columns, kind_of_column, number_of
from survey.writing._limits import SPSS, STATA, Limits, check_names, fitted, moments, texts

__all__ = ["MEASURES", "declared_ranges", "stamped_sav", "write_dta", "write_sav"]

MEASURES = {
    "ordinal": "ordinal",
    "nominal": "nominal",
    "binary": "nominal",
    "text": "nominal",
    "id": "nominal",
    "number": "scale",
    "date": "scale",
}
# record 1 of the format: creation date (9 bytes) and time (8 bytes) follow 92 bytes of other things
_STAMP_AT, _SPSS_STAMP = 92, b"01 Jan 2400:00:00"
_STATA_STAMP = b"01 Jan 2024 00:00"
_LARGEST_LABELLED = 2_147_483_620


def write_sav(path: Path, columns: Columns, lang: str, losses: frozenset[str]) -> None:
    """Write .sav or .zsav; see `survey.writing.write`."""
    data, formats = _prepared(columns, SPSS, losses)
    wording, values = _labels(columns, SPSS, lang, "labels" in losses)
    ranges = {}
    for name, variable in columns.codebook.variables.items():
        found = declared_ranges(variable, columns.data[name])
        if found:
            ranges[name] = found
    kind: dict[str, Any] = {"compress": True} if path.suffix.lower() == ".zsav" else {"row_compress": True}
    measures = {n: MEASURES[v.type] for n, v in columns.codebook.variables.items()}
    stamped_sav(
        path,
        data,
        file_label=_title(columns, SPSS, lang),
        column_labels=wording,
        variable_value_labels=values,
        missing_ranges=ranges,
        variable_measure=measures,
        variable_format=formats,
        **kind,
    )


def stamped_sav(path: Path, data: pd.DataFrame, *, stamp: bytes = _SPSS_STAMP, **arguments: Any) -> None:
    """Write an SPSS file that is the same bytes on every run.

    Parameters
    ----------
    path : Path
    data : DataFrame
        As pyreadstat takes it.
    stamp : bytes
        Date ("dd mmm yy") and time of creation; pyreadstat writes the present moment.
    **arguments
        Of `pyreadstat.write_sav`.
    """
    import pyreadstat

    _call(pyreadstat.write_sav, path, data, **arguments)
    with open(path, "r+b") as stream:
        stream.seek(_STAMP_AT)
        stream.write(stamp)


def write_dta(path: Path, columns: Columns, lang: str, losses: frozenset[str]) -> None:
    """Write .dta of Stata 14 and later; see `survey.writing.write`."""
    import pyreadstat

    data, formats = _prepared(columns, STATA, losses)
    wording, values = _labels(columns, STATA, lang, "labels" in losses)
    tags = {}
    for name in data.columns:
        if pd.api.types.is_object_dtype(data[name].dtype):
            tags[name] = sorted({v for v in data[name] if isinstance(v, str)})
    for name, labels in values.items():
        letters = {c for c in labels if isinstance(c, str)}
        if letters:
            tags[name] = sorted(letters | set(tags.get(name, [])))
    _call(
        pyreadstat.write_dta,
        path,
        data,
        file_label=_title(columns, STATA, lang),
        column_labels=wording,
        version=14,
        variable_value_labels=values,
        missing_user_values=tags,
        variable_format=formats,
    )
    content = bytearray(path.read_bytes())
    at = content.find(b"<timestamp>\x11")
    content[at + 12 : at + 29] = _STATA_STAMP
    _name_label_sets(content, [n for n in data.columns if n in values])
    path.write_bytes(content)


def _call(writer: Any, path: Path, data: pd.DataFrame, **arguments: Any) -> None:
    try:
        writer(data, str(path), **arguments)
    except Exception as problem:  # the library has errors of its own; all mean that the file was not written
        raise ExportError("The file cannot be written.", got=said(problem), fix="write .parquet or .csv") from None


def _prepared(columns: Columns, limits: Limits, losses: frozenset[str]) -> tuple[pd.DataFrame, dict[str, str]]:
    new, formats = {}, {}
    for name in columns.data.columns:
        column = columns.data[name]
        kind = kind_of_column(column)
        if kind == "text":
            new[name] = texts(column, limits, "spaces" in losses).astype(object).astype("str")
        elif kind == "date":
            values, days = moments(column, limits, "fractions" in losses)
            if limits is STATA and days:
                values = values / 86_400_000.0
            new[name] = values
            formats[name] = {"SPSS": ("DATETIME20", "DATE11"), "Stata": ("%tc", "%td")}[limits.format][days]
        elif kind == "tagged":
            new[name] = column
            _check_numbers(column.map(lambda v: np.nan if isinstance(v, str) else v).astype(float), limits)
        else:
            values = column.astype(float)
            _check_numbers(values, limits)
            new[name] = values
            if limits is SPSS and (values.isna() | (values % 1 == 0)).all():
                formats[name] = "F8.0"
    return pd.DataFrame(new, index=columns.data.index), formats


def _check_numbers(values: pd.Series, limits: Limits) -> None:
    largest = values.abs().max()
    room = 8.9e307 if limits is STATA else 1.797e308
    if not math.isnan(largest) and largest > room:
        raise ExportError(
            f"A number is outside the range of {limits.format}.",
            where=values.name,
            got=largest,
            expected=f"at most {room:g}",
            fix="recode it",
        )


def _title(columns: Columns, limits: Limits, lang: str) -> str:
    """The study's title if it fits; a title that does not stands in the codebook beside the file."""
    title = columns.codebook.title
    text = title.get(lang) or title.get("en") or title.get("vi") or ""
    return text if limits.size(text) <= limits.title else ""


def _labels(
    columns: Columns, limits: Limits, lang: str, cut: bool
) -> tuple[dict[str, str | None], dict[str, dict[Any, str]]]:
    """Labels of variables and of codes in one language, each as long as the format keeps it."""
    wanted: dict[str, tuple[str, int]] = {}
    codes: dict[str, dict[Any, str]] = {}
    homeless = []
    for name, variable in columns.codebook.variables.items():
        if variable.text:
            wanted[name] = (variable.wording(lang), limits.variable_label)
        kind = kind_of_column(columns.data[name])
        for code in [*variable.labels, *(c for c in variable.missing if variable.missing_labels.get(c))]:
            label = variable.label(code, lang)
            if _attachable(code, kind, limits):
                place = f"{name}, code {code}"
                wanted[place] = (label, limits.value_label)
                codes.setdefault(name, {})[code] = place
            elif label != str(code):
                homeless.append(f"{name}, code {code}")
    if homeless and not cut:
        raise ExportError(
            f"{limits.format} cannot store these labels.",
            where=", ".join(homeless[:12]),
            expected="labels of whole numbers" if limits is STATA else "codes of the column's own kind",
            fix='recode the column; or allow_loss=["labels"]: they stay in the codebook beside the file',
        )
    check_names(columns.data.columns, limits, codes)
    kept = fitted(wanted, limits, cut)
    values = {name: {_plain(c): kept[place] for c, place in places.items()} for name, places in codes.items()}
    return {n: kept.get(n) for n in columns.data.columns}, values


def _plain(code: Any) -> Any:
    return code if isinstance(code, str) or not float(code).is_integer() else int(code)


def _attachable(code: Any, kind: str, limits: Limits) -> bool:
    if limits is SPSS:
        return kind != "date" and isinstance(code, str) == (kind == "text")
    if kind in ("text", "date"):
        return False
    return isinstance(code, str) or (float(code).is_integer() and abs(code) <= _LARGEST_LABELLED)


def declared_ranges(variable: Variable, column: pd.Series) -> list[Any]:
    """Missing codes as SPSS declares them: three single ones, or a range and one more.

    A range holds no valid code and no answer of the data. Codes that could not stand in such a column (numbers
    beside text) are not declared.

    Raises
    ------
    ExportError
        If the codes fit neither.
    """
    kind = kind_of_column(column)
    if kind == "text":
        found = [c for c in variable.missing if isinstance(c, str)]
        if len(found) > 3 or any(len(c.encode("utf-8")) > 8 for c in found):
            raise _too_many(variable, found, "three texts of at most 8 bytes")
        return list(found)
    if kind == "date":
        return []
    codes = sorted(_plain(c) for c in variable.missing if number_of(c))
    if len(codes) <= 3:
        return list(codes)
    answers = column.dropna().to_numpy(float)
    answers = np.unique(answers[~np.isin(answers, codes)])
    valid = np.array([c for c in variable.labels if number_of(c)], dtype=float)
    for inside, single in ((codes, None), (codes[1:], codes[0]), (codes[:-1], codes[-1])):
        low, high = inside[0], inside[-1]
        taken = np.concatenate([answers, valid])
        if not ((taken >= low) & (taken <= high)).any():
            return [{"lo": low, "hi": high}, *([] if single is None else [single])]
    raise _too_many(variable, codes, "three codes, or codes in one range without answers and one more")


def _too_many(variable: Variable, codes: list[Any], expected: str) -> ExportError:
    return ExportError(
        "SPSS cannot declare these missing codes.",
        where=variable.name,
        got=", ".join(map(str, codes)),
        expected=expected,
        fix="recode some of them to the same code, or write .parquet, .csv or .dta",
    )


def _name_label_sets(content: bytearray, names: list[str]) -> None:
    """Name every set of value labels after its column.

    pyreadstat 1.3 calls it after the column and a running number, so that column "x1" with number 1 and column "x"
    with number 11 get sets of one name, and one of them the other's labels. Names have a fixed width in the file.
    """
    if not names:
        return
    width = 129  # 32 characters of up to four bytes and a zero, in the versions since Stata 14
    start = content.index(b"<value_label_names>") + len(b"<value_label_names>")
    end = content.index(b"</value_label_names>", start)
    waiting = iter(names)
    for at in range(start, end, width):
        if content[at] != 0:
            content[at : at + width] = next(waiting).encode("utf-8").ljust(width, b"\x00")
    at = content.index(b"<value_labels>", end)
    for name in names:
        at = content.index(b"<lbl>", at) + len(b"<lbl>") + 4
        length = int.from_bytes(content[at - 4 : at], "little")
        content[at : at + width] = name.encode("utf-8").ljust(width, b"\x00")
        at += width + 3 + length
