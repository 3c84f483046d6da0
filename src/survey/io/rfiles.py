"""Data frames of R (.rds, .rda, .RData), by pyreadr where it is installed."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd

from survey.base.catalogue import Note, listed
from survey.codebook import ENGLISH_FIRST, Codebook, Variable, same_text
from survey.codebook.told import said
from survey.errors import ReadError, shorten
from survey.io._raw import Options, Raw, column_names, normalised
from survey.io._values import truths_as_codes
from survey.io.csvfiles import plain_codebook

__all__ = ["SUFFIXES", "read_rfile"]

SUFFIXES = (".rds", ".rda", ".rdata")


def read_rfile(path: Path, options: Options) -> Raw:
    """Read a data frame that R saved.

    Factors are text, and their levels stand in the codebook in their order. Truth values are 1 and 0, or the codes
    TRUE and FALSE where the codebook has these. What R's packages attach to columns (labels of haven) is not read.

    Raises
    ------
    ReadError
        If pyreadr is not installed, the file is damaged, or holds no data frame, or several and none is named.
    """
    if importlib.util.find_spec("pyreadr") is None:
        raise ReadError(
            "The file type is unknown.",
            where=path,
            got=path.suffix.lower(),
            expected="a file of R needs pyreadr",
            fix='pip install "resident-survey[r]"; or write it in R: haven::write_sav, haven::write_dta, write.csv',
        )
    try:
        objects = parsed_objects(path)
    except Exception as problem:  # a parser may fail in ways of its own
        raise ReadError(
            "The file cannot be read: it is cut short, damaged, or holds objects that are no data frames.",
            where=path,
            got=said(problem),
            expected="a data frame",
            fix="in R: saveRDS(as.data.frame(x), file); or haven::write_sav(x, file)",
        ) from None
    frame, notes = _chosen(objects, options.sheet, path)
    names = column_names(list(frame.columns), path, notes)
    columns, levels = {}, {}
    for position, title in enumerate(names):
        variable = options.codebook.variables.get(title) if options.codebook else None
        columns[title], levels[title] = _column(_as_coded(frame.iloc[:, position], variable), title)
    data = pd.DataFrame(columns, index=pd.RangeIndex(len(frame)))
    book = plain_codebook(data, str(path))
    return Raw(data, _levelled(book, levels), {}, tuple(notes))


def parsed_objects(path: Path) -> Mapping[Any, pd.DataFrame]:
    """The objects of a file by name, as pyreadr gives them."""
    pyreadr = importlib.import_module("pyreadr")  # not one of the packages that are always installed
    objects: Mapping[Any, pd.DataFrame] = pyreadr.read_r(str(path))
    return objects


def _chosen(objects: Mapping[Any, Any], wanted: Any, path: Path) -> tuple[pd.DataFrame, list[str]]:
    """The data frame that is meant: the only one, the one of a name, or the only one with several columns."""
    frames = {str(k or path.stem): v for k, v in objects.items() if isinstance(v, pd.DataFrame)}
    if wanted is not None:
        found = list(frames)[wanted : wanted + 1] if isinstance(wanted, int) else [n for n in frames if n == wanted]
    else:
        found = list(frames) if len(frames) == 1 else [n for n, f in frames.items() if len(f.columns) > 1]
    if len(found) == 1:
        others = [n for n in frames if n != found[0]]
        notes: list[str] = (
            [Note("reading.r_object", name=found[0], others=listed(others, 8))] if others and wanted is None else []
        )
        return frames[found[0]], notes
    sizes = [f"{n} ({len(f)} rows x {len(f.columns)} columns)" for n, f in frames.items()]
    raise ReadError(
        "The file has no such object." if wanted is not None else "The file has several data frames.",
        where=path,
        got=None if wanted is None else repr(wanted),
        expected=f"one of its data frames: {shorten(sizes, 20)}" if sizes else "a data frame",
        fix=f"name it: read(..., sheet={next(iter(frames))!r})" if frames else "save a data frame in R",
    )


def _as_coded(column: pd.Series, variable: Variable | None) -> pd.Series:
    """Truth values as the codes that a codebook has for them: "TRUE" and "FALSE"."""
    if variable is None or pd.api.types.infer_dtype(column, skipna=True) != "boolean":
        return column
    words = truths_as_codes([*variable.codes, *variable.missing])
    return column.map(words).astype(object) if len(words) == 2 else column


def _column(column: pd.Series, name: str) -> tuple[pd.Series, list[str]]:
    """A column as the other readers give it, and the levels of a factor."""
    column = column.reset_index(drop=True).rename(name)
    if isinstance(column.dtype, pd.CategoricalDtype):
        levels = [str(level) for level in column.cat.categories]
        return normalised(column.astype(object).astype("str")), levels
    if pd.api.types.is_bool_dtype(column.dtype):
        return column.astype(float), []
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        return column.dt.tz_localize(None) if column.dt.tz is not None else column, []
    if pd.api.types.is_numeric_dtype(column.dtype):
        return (column.astype("int64") if pd.api.types.is_integer_dtype(column.dtype) else column), []
    kind = pd.api.types.infer_dtype(column, skipna=True)
    if kind in ("integer", "floating", "mixed-integer-float", "boolean", "decimal"):
        return pd.to_numeric(column.astype(object)).astype(float), []
    if kind in ("date", "datetime", "datetime64"):
        return pd.to_datetime(column), []
    return normalised(column.where(column.notna(), None).astype("str")), []


def _levelled(book: Codebook, levels: Mapping[str, list[str]]) -> Codebook:
    changed = [
        replace(
            book[name],
            type="nominal",
            labels=MappingProxyType({level: same_text(level, ENGLISH_FIRST) for level in values}),
        )
        for name, values in levels.items()
        if values
    ]
    return book.update(*changed)
