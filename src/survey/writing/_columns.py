"""Columns on their way to a file: one kind of values each, text in NFC, missing answers under codes of their kind."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from survey.codebook import Codebook, Variable
from survey.core.columns import Asked, name_rows
from survey.core.log import KIND_CODES
from survey.core.responses_data import ResponsesData
from survey.errors import CleaningError, ExportError, shorten
from survey.writing._letters import LETTERS, Letters

__all__ = ["LOSSES", "Columns", "columns_of", "kind_of_column", "number_of", "with_codes", "with_letters"]

LOSSES = ("labels", "spaces", "fractions")
"""What a caller may allow to be lost: the end of a label, spaces at the end of a text, fractions of a second."""

_KINDS = {number: kind for kind, number in KIND_CODES.items()}


@dataclass(frozen=True, slots=True)
class Columns:
    """What is to be written.

    Parameters
    ----------
    data : DataFrame
        Rows counted from 0; columns of floats, integers, text ("str") or datetime64[us], and for Stata of objects:
        numbers beside the letters of tagged missings.
    codebook : Codebook
        An entry a column, in the order of the columns.
    kinds : DataFrame of uint8
        `Responses.missing`, for formats that hold it as it is.
    """

    data: pd.DataFrame
    codebook: Codebook
    kinds: pd.DataFrame


def kind_of_column(column: pd.Series) -> str:
    """ "text", "date", "number", or "tagged": numbers beside letters of Stata's missings."""
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        return "date"
    if isinstance(column.dtype, pd.StringDtype):
        return "text"
    return "tagged" if pd.api.types.is_object_dtype(column.dtype) else "number"


def columns_of(self: ResponsesData) -> Columns:
    """The data as files can hold them.

    Raises
    ------
    ExportError
        For a column name that is not text, and for a column of lists, durations, moments with a zone or of several
        kinds of values.
    """
    columns, variables = {}, []
    for name in self.data.columns:
        if not isinstance(name, str) or not name:
            raise ExportError("A column name is not text.", got=repr(name), fix="rename it")
        try:
            column = _settled(self.data[name].reset_index(drop=True), name)
        except UnicodeEncodeError as problem:
            raise ExportError(
                "A text contains an unpaired surrogate.",
                where=name,
                got=f"U+{ord(problem.object[problem.start]):04X}",
                fix="recode it",
            ) from None
        columns[name] = column
        variable = self.codebook.variables.get(name)
        kind = kind_of_column(column)
        variables.append(variable or Variable(name, type="number" if kind == "tagged" else kind))
    if not columns:
        raise ExportError("There are no columns to write.", fix="keep at least one column")
    composed = {unicodedata.normalize("NFC", name) for name in columns}
    if len(composed) < len(columns):
        raise ExportError("Two columns have the same name in composed Unicode.", got=shorten(columns), fix="rename one")
    sets = {k: s for k, s in self.codebook.sets.items() if set(s.variables) <= set(columns)}
    book = replace(
        self.codebook, variables=MappingProxyType({v.name: v for v in variables}), sets=MappingProxyType(sets)
    )
    kinds = self.missing[[n for n in self.missing.columns if n in columns]].reset_index(drop=True)
    return Columns(pd.DataFrame(columns, index=pd.RangeIndex(len(self.data))), book, kinds)


def _settled(column: pd.Series, name: str) -> pd.Series:
    dtype = column.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        column = column.astype(dtype.categories.dtype)
        dtype = column.dtype
    if pd.api.types.is_bool_dtype(dtype) or isinstance(dtype, pd.BooleanDtype):
        return column.astype("float64") if column.isna().any() else column.astype("int64")
    if isinstance(dtype, pd.DatetimeTZDtype) or pd.api.types.is_timedelta64_dtype(dtype):
        raise _no_place(name, dtype)
    if pd.api.types.is_datetime64_any_dtype(dtype):
        whole = column.astype("datetime64[us]")
        if not (whole.isna() | (whole == column)).all():
            raise ExportError("A time is finer than a microsecond.", where=name, fix="round it: .dt.round('us')")
        return whole
    if pd.api.types.is_complex_dtype(dtype):
        raise _no_place(name, dtype)
    if pd.api.types.is_numeric_dtype(dtype):
        return _number_column(column, name)
    if isinstance(dtype, pd.StringDtype):
        return _composed(column, name)
    given = column.dropna()
    if all(isinstance(v, str) for v in given):
        texts = pd.Series(column, dtype="str")
        return texts if len(given) == 0 else _composed(texts, name)
    numbers = [v for v in given if not isinstance(v, str)]
    tags = {v for v in given if isinstance(v, str)}
    if not all(isinstance(v, int | float | np.number) for v in numbers) or not tags <= set(LETTERS):
        kinds = sorted({type(v).__name__ for v in given})
        raise ExportError(
            "A column contains several types of values.",
            where=name,
            got=shorten(kinds),
            expected="numbers, texts or dates",
            fix="recode it to one kind",
        )
    if not tags:
        return _number_column(pd.to_numeric(column), name)
    return column.map(lambda v: v if isinstance(v, str) else float(v))


def _no_place(name: str, dtype: Any) -> ExportError:
    return ExportError(
        "A column contains values that survey files cannot store.",
        where=name,
        got=dtype,
        expected="numbers, texts or dates",
        fix="convert it to seconds, or to times without a zone, with derive or pandas",
    )


def _number_column(column: pd.Series, name: str) -> pd.Series:
    values = column.to_numpy(float, na_value=np.nan)
    if np.isinf(values).any():
        raise ExportError("A number is infinite.", where=name, fix="recode it, or make the cell empty")
    if not pd.api.types.is_integer_dtype(column.dtype):
        return pd.Series(values, name=column.name)
    given = column.dropna()
    if len(given) and max(abs(int(given.max())), abs(int(given.min()))) > 2**53:
        raise ExportError(
            "A whole number is too large to be stored exactly.",
            where=name,
            got="a larger one",
            expected="at most 2**53",
            fix="convert it to text: .astype('str')",
        )
    return pd.Series(values, name=column.name) if len(given) < len(column) else column.astype("int64")


def _composed(column: pd.Series, name: str) -> pd.Series:
    """Text in NFC; an empty text is an empty cell, as it is on reading."""
    changed: dict[str, Any] = {}
    for value in column.unique():
        if not isinstance(value, str):
            continue
        if "\x00" in value:
            raise ExportError(
                "A text contains a NUL character.", where=name, got=f"{len(value):,} letters", fix="recode it"
            )
        value.encode("utf-8")  # half a character cannot be written
        if value == "" or not unicodedata.is_normalized("NFC", value):
            changed[value] = unicodedata.normalize("NFC", value) or np.nan
    return column.map(lambda v: changed.get(v, v), na_action="ignore").astype("str") if changed else column


def with_codes(self: ResponsesData, columns: Columns, codes: Mapping[str, Any]) -> Columns:
    """Every missing answer of a known kind under a code of its variable, as it came from the field.

    Parameters
    ----------
    codes : mapping of kind to code
        For variables that have no code of that kind: {"not_asked": -95}. Their entry in the codebook gains it.

    Raises
    ------
    ExportError
        If a kind has no code, or a code is an answer; all columns at once.
    """
    asked = Asked(self)
    lacking: list[str] = []
    new, variables = {}, []
    for name, variable in columns.codebook.variables.items():
        column = columns.data[name]
        kind = kind_of_column(column)
        if kind == "tagged":
            raise ExportError(
                "Only Stata has tagged missings.",
                where=name,
                got=shorten(v for v in column.unique() if isinstance(v, str)),
                fix='call recode_missing() and name codes, such as codes={"refused": -99}; or write .dta or .parquet',
            )
        if kind == "number":
            variable = _numbered(variable, codes, lacking)
        kinds = columns.kinds[name].to_numpy() if name in columns.kinds else np.zeros(len(column), np.uint8)
        gaps = column.isna().to_numpy() & (kinds != 0)
        if gaps.any():
            column, variable = _filled(self, column, variable, np.where(gaps, kinds, 0), codes, asked, lacking)
        new[name] = column
        variables.append(variable)
    if lacking:
        raise ExportError(
            "A kind of missing answer has no code in this format.",
            where=shorten(lacking, 20),
            expected="a code of the codebook, of the column's own kind (a date has none)",
            fix='name one: codes={"not_asked": -95}; or write .parquet, which holds the kinds themselves',
        )
    book = replace(columns.codebook, variables=MappingProxyType({v.name: v for v in variables}))
    return Columns(pd.DataFrame(new, index=columns.data.index), book, columns.kinds)


def number_of(code: Any) -> bool:
    """Whether a code is a number."""
    return isinstance(code, int | float) and not isinstance(code, bool)


def _numbered(variable: Variable, codes: Mapping[str, Any], lacking: list[str]) -> Variable:
    """Letters of tagged missings in the entry of a column of numbers, by the codes given for their kinds."""
    letters = [c for c in variable.missing if isinstance(c, str)]
    if not letters:
        return variable
    missing: dict[Any, str] = {c: k for c, k in variable.missing.items() if number_of(c)}
    labels = {c: t for c, t in variable.missing_labels.items() if c in missing}
    for letter in letters:
        kind = variable.missing[letter]
        if not number_of(codes.get(kind)):
            lacking.append(f"{variable.name}: {kind}")
            continue
        missing.setdefault(codes[kind], kind)
        if letter in variable.missing_labels:
            labels.setdefault(codes[kind], variable.missing_labels[letter])
    return replace(variable, missing=MappingProxyType(missing), missing_labels=MappingProxyType(labels))


def _filled(
    self: ResponsesData,
    column: pd.Series,
    variable: Variable,
    kinds: np.ndarray,
    codes: Mapping[str, Any],
    asked: Asked,
    lacking: list[str],
) -> tuple[pd.Series, Variable]:
    sort = kind_of_column(column)
    fits = number_of if sort == "number" else (lambda c: isinstance(c, str) and sort == "text")
    for number in np.unique(kinds[kinds > 0]):
        kind, rows = _KINDS[int(number)], kinds == number
        code = next((c for c, k in variable.missing.items() if k == kind and fits(c)), None)
        if code is None and fits(codes.get(kind)):
            code = codes[kind]
            if code in variable.labels or column.eq(code).any():
                raise ExportError(
                    "A code for missing answers is also an answer.",
                    where=variable.name,
                    got=code,
                    fix=f"name another code for {kind}",
                )
            variable = replace(variable, missing=MappingProxyType({**variable.missing, code: kind}))
        if code is None:
            if kind == "not_asked" and _explained(asked, variable, rows):
                continue
            lacking.append(f"{variable.name}: {kind}, {name_rows(self, rows)}")
            continue
        column = column.mask(rows, code)
    return column, variable


def _explained(asked: Asked, variable: Variable, rows: np.ndarray) -> bool:
    """Whether reading the file again finds these rows not asked from the base alone."""
    try:
        base = asked(variable)
    except CleaningError:
        return False
    return base is not None and bool((base[rows] == 0).all())


def with_letters(self: ResponsesData, columns: Columns) -> Columns:
    """Missing answers as Stata's tagged missings: one letter per code, the same in the whole file where 26 suffice.

    A numeric code of the codebook (-96, -97, ...) becomes .a, .b, ... in the order of the codebook; a kind without
    a code gets a letter of its own. Where columns have more codes than that between them (7, 77 and 777 for refused),
    each column has letters of its own, and a kind has the same letter in every column as far as it goes. The codebook
    that goes with the file declares the letters.

    Raises
    ------
    ExportError
        If a column needs more than 26 letters; if text or a date has a missing answer that Stata has no place for.
    """
    variables = columns.codebook.variables
    sorts = {name: kind_of_column(columns.data[name]) for name in variables}
    texts = [n for n, sort in sorts.items() if sort in ("text", "date") and n in columns.kinds]
    book = replace(columns.codebook, variables=MappingProxyType({n: variables[n] for n in texts}))
    plain = with_codes(self, replace(columns, data=columns.data[texts], codebook=book), {}) if texts else None
    letters = Letters({n: _kinds_held(columns, n, v) for n, v in variables.items() if sorts[n] in ("number", "tagged")})
    new, entries = {}, []
    for name, variable in variables.items():
        column = columns.data[name]
        if sorts[name] in ("text", "date"):
            new[name] = column if plain is None or name not in texts else plain.data[name]
            entries.append(variable)
            continue
        missing: dict[Any, str] = {}
        labels: dict[Any, Any] = {}
        cells = column
        for code, kind in variable.missing.items():
            letter = letters.of(name, code, kind)
            missing[letter] = kind
            if code in variable.missing_labels:
                labels[letter] = variable.missing_labels[code]
            found = column.eq(code).to_numpy(bool, na_value=False) if number_of(code) else np.zeros(len(column), bool)
            if found.any():
                cells = cells.astype(object).mask(found, letter)
        if name in columns.kinds:
            kinds = np.where(column.isna(), columns.kinds[name].to_numpy(), 0)
            for number in np.unique(kinds[kinds > 0]):
                kind = _KINDS[int(number)]
                letter = next((c for c, k in missing.items() if k == kind), "") or letters.of(name, None, kind)
                missing[letter] = kind
                cells = cells.astype(object).mask(kinds == number, letter)
        new[name] = cells
        changed = replace(variable, missing=MappingProxyType(missing), missing_labels=MappingProxyType(labels))
        entries.append(changed)
    frame = pd.DataFrame(new, index=columns.data.index)
    book = replace(columns.codebook, variables=MappingProxyType({v.name: v for v in entries}))
    return Columns(frame, book, columns.kinds)


def _kinds_held(columns: Columns, name: str, variable: Variable) -> list[tuple[Any, str]]:
    """Missing codes of a column with their kinds; and None for a kind that its empty cells have and no code is of."""
    listed: list[tuple[Any, str]] = list(variable.missing.items())
    if name in columns.kinds:
        kinds = np.where(columns.data[name].isna(), columns.kinds[name].to_numpy(), 0)
        held = [_KINDS[int(number)] for number in np.unique(kinds[kinds > 0])]
        listed += [(None, kind) for kind in held if kind not in variable.missing.values()]
    return listed
