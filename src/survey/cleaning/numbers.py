"""Numbers that a file holds as text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from survey.base.arguments import one_of
from survey.base.text import counted
from survey.cleaning.declaring import check_kind
from survey.codebook import Variable
from survey.core.columns import in_words, known_columns, name_rows, with_columns
from survey.core.log import KIND_CODES, LogEntry, plain_arguments
from survey.core.responses_data import R
from survey.errors import CleaningError

__all__ = ["how_to_number", "to_number"]

T = TypeVar("T")
_NUMBER = re.compile(r"\s*[+-]?(\d+(\.\d+)?|\.\d+)\s*")
_WITH_COMMA = re.compile(r"\s*[+-]?(\d{1,3}([.\s]\d{3})+|\d+)(,\d+)?\s*")
_WRITTEN_OTHERWISE = re.compile(r"\s*[+-]?(\d+,\d+|\d{1,3}([.,\s'’]\d{3})+([.,]\d+)?)\s*%?\s*|\s*\d+(\.\d+)?\s*%\s*")
_GROUPED = re.compile(r"[+-]?[1-9]\d{0,2}([.,]\d{3})+")
_DECIMAL_COMMA = re.compile(r"[+-]?(\d{1,3}(\.\d{3})+|\d+),(\d{1,2}|\d{4,})|[+-]?\d{1,3}(\.\d{3})+,\d+")
_EXPECTED = {
    ".": "numbers written with a point",
    ",": "numbers written with a comma, thousands apart by points or spaces",
}


def to_number(self: R, columns: str | Iterable[str], *, others: str | None = None, decimal: str = ".") -> R:
    """Turn columns of text into numbers, written with a point: "8" is 8; to_number("q", decimal=",") reads "7,5".

    Codes that the codebook declares missing are emptied and their kind is kept, as `recode_missing` does. A column of
    numbers stays as it is.

    Parameters
    ----------
    columns : str or list of str
    others : str, optional
        A kind of missing answer ("blank"), which texts that are no number become.
    decimal : {".", ","}
        The mark of decimals. With a comma, points or spaces may part thousands ("1.200,5").

    Returns
    -------
    Responses

    Raises
    ------
    CleaningError
        For a column that the data lack, an unknown kind, texts that are no number where `others` is not given, or
        numbers written in another way ("7,5", "1 200", "12 %"), which are no such texts.
    """
    if others is not None:
        check_kind(others, "others", verb="to_number")
    one_of(decimal, tuple(_EXPECTED), "mark of decimals", CleaningError, where="to_number(decimal=...)")
    names = known_columns(self, columns)
    kinds = {name: self.missing[name].to_numpy() for name in self.missing.columns}
    new, variables, touched, emptied, changed = {}, [], np.zeros(len(self.data), dtype=bool), 0, 0
    for name in names:
        column = self.data[name]
        pointed = np.zeros(len(column), dtype=bool)
        if decimal == "," and not pd.api.types.is_numeric_dtype(column.dtype):
            pointed = np.asarray(column.map(_is_pointed), bool)
            column = column.map(_with_point)
        if pd.api.types.is_numeric_dtype(column.dtype):
            continue
        variable = _numbered(self.codebook.variables.get(name) or Variable(name))
        kind = kinds[name].copy() if name in kinds else np.zeros(len(column), dtype=np.uint8)
        numbers = pd.to_numeric(column.where(_reads(column))).astype(float)
        gone = column.notna().to_numpy() & numbers.isna().to_numpy()
        for code, what in variable.missing.items():
            held = np.asarray(numbers == code if isinstance(code, int | float) else column.isin([code]), bool)
            kind[held] = KIND_CODES[what]
            numbers = numbers.mask(held)
            gone &= ~held
            emptied += int(held.sum())
        if gone.any() and others is None:
            raise CleaningError(
                "A column holds texts that are not numbers.",
                where=f"to_number, {name}, {name_rows(self, gone)}",
                got=in_words(column[gone], self.codebook.variables.get(name)),
                expected="numbers written with a point, or empty cells",
                fix=f'name what they are: to_number({name!r}, others="blank"), or recode them',
            )
        otherwise = pointed | (gone & np.asarray(column.map(_is_written_otherwise), bool))
        if otherwise.any():
            raise CleaningError(
                "A column holds numbers written in another way, which would be lost.",
                where=f"to_number, {name}, {name_rows(self, otherwise)}",
                got=in_words(self.data[name][otherwise], self.codebook.variables.get(name)),
                expected=_EXPECTED[decimal],
                fix="recode them"
                if decimal == ","
                else f"to_number({name!r}, decimal=',') if all have a comma before decimals; else recode them",
            )
        if gone.any():
            kind[gone] = KIND_CODES[str(others)]
        new[name], kinds[name] = numbers, kind
        emptied += int(gone.sum())
        touched |= column.notna().to_numpy()
        changed += int(column.notna().sum())
        variables.append(variable)
    order = [n for n in self.data.columns if n in kinds]
    missing = pd.DataFrame({n: kinds[n] for n in order}, index=self.data.index, dtype=np.uint8)
    what = f"{counted(len(new), 'column')} of text now numbers, {counted(emptied, 'cell')} emptied"
    arguments = plain_arguments(columns=names, others=others, **({} if decimal == "." else {"decimal": decimal}))
    entry = LogEntry("to_number", what, arguments, len(self.data), len(self.data), int(touched.sum()), changed)
    book = self.codebook.update(*variables) if variables else self.codebook
    return self.logged(entry, data=with_columns(self.data, new), missing=missing, codebook=book)


def how_to_number(name: str, values: Iterable[Any]) -> str | None:
    """The call that makes numbers of a column of such values, as typed.

    None where none of them reads like a number, where "7,5" stands beside "7.5", and where "1,200" or "1.200" may be
    thousands or decimals.
    """
    texts = {value.strip() for value in values if isinstance(value, str)}
    point, comma = ({t for t in texts if form.fullmatch(t)} for form in (_NUMBER, _WITH_COMMA))
    marked = {t for t in comma if not t.lstrip("+-").isdigit()}
    if any(_GROUPED.fullmatch(t) for t in texts) and not any(_DECIMAL_COMMA.fullmatch(t) for t in texts):
        return None
    written = comma if marked - point else point
    if not written or (written is comma and any(_is_pointed(t) for t in texts)):
        return None
    options = ['decimal=","'] if written is comma else []
    options += ['others="blank"'] if texts - written else []
    return f"to_number({', '.join([repr(name), *options])})"


def _numbered(variable: Variable) -> Variable:
    """A variable whose codes are numbers where they read like one."""
    return replace(
        variable,
        type="number" if variable.type == "text" else variable.type,
        labels=_coded(variable.labels),
        missing=_coded(variable.missing),
        missing_labels=_coded(variable.missing_labels),
    )


def _coded(table: Mapping[Any, T]) -> Mapping[Any, T]:
    return MappingProxyType({_code(code): value for code, value in table.items()})


def _code(code: Any) -> Any:
    if not isinstance(code, str) or not _NUMBER.fullmatch(code):
        return code
    number = float(code)
    return int(number) if number.is_integer() else number


def _with_point(value: Any) -> Any:
    """A text with a comma before its decimals, as it is written with a point; what has a point as it is not read."""
    if not isinstance(value, str) or _WITH_COMMA.fullmatch(value) is None:
        return value
    return re.sub(r"[.\s]", "", value).replace(",", ".")


def _is_pointed(value: Any) -> bool:
    """Whether a text has a point before decimals, where a comma is said to stand."""
    pointed = isinstance(value, str) and "." in value and _NUMBER.fullmatch(value) is not None
    return pointed and _WITH_COMMA.fullmatch(value) is None


def _is_written_otherwise(value: Any) -> bool:
    return isinstance(value, str) and _WRITTEN_OTHERWISE.fullmatch(value) is not None


def _reads(column: pd.Series) -> np.ndarray:
    """Where a cell reads like a number."""
    values = column.dropna().unique()
    good = [v for v in values if isinstance(v, int | float) or (isinstance(v, str) and _NUMBER.fullmatch(v))]
    return np.asarray(column.isin(good), bool)
