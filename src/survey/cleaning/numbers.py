"""Numbers that a file holds as text."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pandas as pd

from survey.base.text import counted
from survey.cleaning.declaring import check_kind
from survey.codebook import Variable
from survey.core.columns import holds_codes, in_words, known_columns, name_rows, with_columns
from survey.core.log import KIND_CODES, LogEntry, plain_arguments
from survey.core.responses_data import R
from survey.errors import CleaningError

__all__ = ["to_number"]

_NUMBER = re.compile(r"\s*[+-]?(\d+(\.\d+)?|\.\d+)\s*")


def to_number(self: R, columns: str | Iterable[str], *, others: str | None = None) -> R:
    """Turn columns of text into numbers, written with a point: "8" is 8.

    Codes that the codebook declares missing are emptied and their kind is kept, as `recode_missing` does. A column of
    numbers stays as it is.

    Parameters
    ----------
    columns : str or list of str
    others : str, optional
        A kind of missing answer ("blank"), which texts that are no number become.

    Returns
    -------
    Responses

    Raises
    ------
    CleaningError
        For a column that the data lack, an unknown kind, or texts that are no number where `others` is not given.
    """
    if others is not None:
        check_kind(others, "others", verb="to_number")
    names = known_columns(self, columns)
    kinds = {name: self.missing[name].to_numpy() for name in self.missing.columns}
    new, variables, touched, cells = {}, [], np.zeros(len(self.data), dtype=bool), 0
    for name in names:
        column = self.data[name]
        variable = self.codebook.variables.get(name)
        if pd.api.types.is_numeric_dtype(column.dtype):
            continue
        declared = holds_codes(self, name)
        kind = kinds[name].copy() if name in kinds else np.zeros(len(column), dtype=np.uint8)
        for code, what in (variable.missing if variable else {}).items():
            kind[np.asarray(column.isin([code, f"{code}"]), bool)] = KIND_CODES[what]
        declared |= np.asarray(column.isin([f"{c}" for c in (variable.missing if variable else ())]), bool)
        wrong = ~_reads(column) & column.notna().to_numpy() & ~declared
        if wrong.any() and others is None:
            raise CleaningError(
                "A column holds texts that are no numbers.",
                where=f"to_number, {name}, {name_rows(self, wrong)}",
                got=in_words(column[wrong], variable),
                expected="numbers written with a point, or empty cells",
                fix=f'name what they are: to_number({name!r}, others="blank"), or recode them',
            )
        kind[wrong] = KIND_CODES[others] if others else 0
        new[name] = pd.to_numeric(column.mask(declared | wrong)).astype(float)
        gone = declared | wrong
        kinds[name] = kind
        touched |= gone
        cells += int(gone.sum())
        if variable is None or variable.type == "text":
            variables.append(replace(variable or Variable(name), type="number"))
    order = [n for n in self.data.columns if n in kinds]
    missing = pd.DataFrame({n: kinds[n] for n in order}, index=self.data.index, dtype=np.uint8)
    what = f"{counted(len(new), 'column')} of text now numbers, {counted(cells, 'text')} emptied"
    arguments = plain_arguments(columns=names, others=others)
    entry = LogEntry("to_number", what, arguments, len(self.data), len(self.data), int(touched.sum()), cells)
    book = self.codebook.update(*variables) if variables else self.codebook
    return self.logged(entry, data=with_columns(self.data, new), missing=missing, codebook=book)


def _reads(column: pd.Series) -> np.ndarray:
    """Where a cell reads like a number."""
    good = {
        v
        for v in column.dropna().unique()
        if isinstance(v, int | float) or (isinstance(v, str) and _NUMBER.fullmatch(v))
    }
    return np.asarray(column.isin(good), bool)
