"""Codes declared missing and emptied, with their kinds kept: one step of the log, which a log can do again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from survey.base.arguments import one_of
from survey.base.text import counted
from survey.cleaning.missing import emptied
from survey.codebook import MISSING_KINDS, Variable, same_text
from survey.codebook.nonanswers import reads_as_numbers
from survey.core.columns import is_code, known_columns, with_columns
from survey.core.log import KIND_CODES, LogEntry, plain_arguments
from survey.core.responses_data import R
from survey.errors import CleaningError

__all__ = ["check_kind", "declared_missing"]


def check_kind(kind: Any, where: str, verb: str = "declare_missing") -> None:
    """Raise unless it is a kind of missing answer."""
    one_of(kind, MISSING_KINDS, "kind of missing answer", CleaningError, where=f"{verb}, {where}")


def declared_missing(self: R, codes: Mapping[Any, Any]) -> R:
    """Declare codes missing and empty their cells: what `MissingPlan.apply` does, and a log does again.

    Parameters
    ----------
    codes : mapping of column to mapping of code to kind
        Or to pairs of code and kind, as a log holds them.
    """
    by_column = {name: dict(pairs) for name, pairs in dict(codes).items()}
    known_columns(self, by_column)
    rows = len(self.data)
    kinds = {name: self.missing[name].to_numpy() for name in self.missing.columns}
    new, variables, numbers = {}, [], []
    touched, changed, counts = np.zeros(rows, dtype=bool), 0, Counter[str]()
    for name, pairs in by_column.items():
        column = self.data[name]
        kind = kinds[name].copy() if name in kinds else np.zeros(rows, dtype=np.uint8)
        gone = np.zeros(rows, dtype=bool)
        for code, what in pairs.items():
            check_kind(what, f"{name}: {code!r}")
            held = is_code(column, [code])
            kind[held] = KIND_CODES[what]
            gone |= held
            counts[what] += int(held.sum())
        variable = _with_codes(self.codebook.variables.get(name) or _bare(name, column), pairs)
        if gone.any():
            new[name] = emptied(column, gone)
            as_numbers = _numbers(new[name], variable)
            if as_numbers is not None:
                new[name], variable = as_numbers, replace(variable, type=_type(variable))
                numbers.append(name)
                gone = column.notna().to_numpy()  # "8" is 8 now
            touched |= gone
            changed += int(gone.sum())
        kinds[name] = kind
        variables.append(variable)
    order = [n for n in self.data.columns if n in kinds]
    missing = pd.DataFrame({n: kinds[n] for n in order}, index=self.data.index, dtype=np.uint8)
    cells = sum(counts.values())
    parts = ", ".join(f"{what} {n:,}" for what, n in counts.items() if n)
    declared = counted(sum(map(len, by_column.values())), "code")
    what = f"{declared} of {counted(len(by_column), 'column')} declared missing, {counted(cells, 'cell')} emptied"
    what += f": {parts}" if parts else ""
    what += f"; now numbers: {', '.join(map(str, numbers))}" if numbers else ""
    entry = LogEntry("declare_missing", what, plain_arguments(codes=by_column), rows, rows, int(touched.sum()), changed)
    book = self.codebook.update(*variables)
    return self.logged(entry, data=with_columns(self.data, new), missing=missing, codebook=book)


def _bare(name: str, column: pd.Series) -> Variable:
    return Variable(name, type="number" if pd.api.types.is_numeric_dtype(column.dtype) else "text")


def _type(variable: Variable) -> str:
    return "number" if variable.type == "text" else variable.type


def _with_codes(variable: Variable, pairs: Mapping[Any, str]) -> Variable:
    """A variable with more missing codes, and these no longer among its answers."""
    labels = {code: text for code, text in variable.labels.items() if code not in pairs}
    texts = {code: variable.labels[code] for code in pairs if code in variable.labels}
    texts |= {c: same_text(c) for c in pairs if isinstance(c, str) and len(c) > 1 and c not in texts}
    return replace(
        variable,
        labels=MappingProxyType(labels),
        missing=MappingProxyType({**variable.missing, **pairs}),
        missing_labels=MappingProxyType({**variable.missing_labels, **texts}),
    )


def _numbers(column: pd.Series, variable: Variable) -> pd.Series | None:
    """A column of text as numbers, where nothing else is left in it and no zero would be lost."""
    if pd.api.types.is_numeric_dtype(column.dtype) or any(isinstance(c, str) for c in variable.labels):
        return None
    return pd.to_numeric(column).astype(float) if reads_as_numbers(column) else None
