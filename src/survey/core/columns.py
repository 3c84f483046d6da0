"""What several verbs need: naming rows, replacing columns, finding missing codes, who was asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.base.arguments import columns_exist, listed
from survey.base.expressions import column_names, derived
from survey.base.names import column_named, columns_named, composed_column, composed_value
from survey.base.text import counted, written
from survey.codebook import Codebook, Variable
from survey.core.log import KIND_CODES, LogEntry
from survey.core.responses_data import R, ResponsesData
from survey.errors import CleaningError, shorten

__all__ = [
    "CODED",
    "Asked",
    "holds_codes",
    "in_words",
    "is_code",
    "known_columns",
    "name_rows",
    "new_column",
    "numeric",
    "refuse_codes",
    "row_ids",
    "valid_numbers",
    "with_column_from",
    "with_columns",
]

CODED = ("ordinal", "nominal", "binary")
"""Types of variables that have a scale."""

Bools = NDArray[np.bool_]


def known_columns(self: ResponsesData, columns: str | Iterable[str] | None) -> list[str]:
    """The columns asked for, or all; an error for one that the data lack."""
    if columns is None:
        return list(self.data.columns)
    there = self.data.columns
    known = set(there)
    names = [n if n in known else column_named(n, there) for n in listed(columns)]
    for name in names:
        if name not in known:
            columns_exist([name], there, f"The data have no column {name!r}.", CleaningError, where="columns")
    return names


def new_column(self: ResponsesData, name: str, verb: str) -> None:
    """Raise if a column of that name exists, or the name is no name: a verb never overwrites answers."""
    if not isinstance(name, str) or not name.strip():
        raise CleaningError(
            f"`{verb}` creates a column, which needs a name.",
            where=verb,
            got=repr(name)[:80],
            expected="a text",
            fix="give the new column a name",
        )
    if name in self.data.columns:
        raise CleaningError(
            f"`{verb}` would overwrite the column {name!r}.",
            where=verb,
            got=repr(name),
            expected="an unused name",
            fix="give the new column another name",
        )


_NUMBERS = ("integer", "floating", "mixed-integer-float", "boolean", "decimal")
"""Kinds of values of an object column that are numbers; one that is empty is none of them."""
_PIECES = 48  # pandas warns of a frame in more than a hundred pieces


def with_columns(data: pd.DataFrame, new: Mapping[str, Any]) -> pd.DataFrame:
    """The data with some columns replaced or added at the end.

    The other columns are shared with the data, not copied, unless the frame would come in many pieces, which is slow:
    then it is rebuilt in one block.
    """
    if not new:
        return data
    pieces = getattr(getattr(data, "_mgr", None), "nblocks", None)
    if pieces is not None and pieces + 2 * len(new) < _PIECES:
        shared = data.copy(deep=False)
        for name, column in new.items():
            shared[name] = column
        return shared
    columns = {name: new.get(name, data[name]) for name in data.columns} | dict(new)
    return pd.DataFrame(columns, index=data.index)


def with_column_from(self: R, entry: LogEntry, column: str, variable: Variable, values: Any) -> R:
    """Responses with a column made from another one, whose kinds of missing answers it takes over."""
    missing = self.missing
    if column in missing.columns:
        missing = with_columns(missing, {variable.name: missing[column]})
    return self.logged(
        entry,
        data=with_columns(self.data, {variable.name: pd.Series(values, index=self.data.index)}),
        missing=missing,
        codebook=self.codebook.update(variable),
    )


def numeric(column: pd.Series) -> NDArray[Any] | None:
    """The numbers of a column (NaN where empty), or None if it holds anything else.

    Numbers of any type: of numpy, pandas and pyarrow, numbers kept as objects, and categories that are numbers.
    """
    dtype = column.dtype
    if isinstance(dtype, np.dtype) and dtype.kind in "fiub":
        numbers: NDArray[Any] = column.to_numpy()
        return numbers
    if pd.api.types.is_numeric_dtype(dtype):
        floats: NDArray[Any] = column.to_numpy(float, na_value=np.nan)
        return floats
    if isinstance(dtype, pd.CategoricalDtype):
        held = pd.api.types.is_numeric_dtype(dtype.categories.dtype) and len(dtype.categories) > 0
    else:
        held = pd.api.types.is_object_dtype(dtype) and pd.api.types.infer_dtype(column, skipna=True) in _NUMBERS
    return column.to_numpy(float, na_value=np.nan) if held else None


def is_code(column: pd.Series, codes: Iterable[Any]) -> Bools:
    """Where a column holds one of the codes."""
    wanted = list(codes)
    values = numeric(column)
    if values is None:
        if any(isinstance(code, str) and not code.isascii() for code in wanted):  # one word in two Unicode forms
            wanted = [composed_value(code) for code in wanted]
            column = composed_column(column.astype(object))
        return np.asarray(column.isin(wanted), bool)
    found = np.zeros(len(values), dtype=bool)
    for code in wanted:
        if isinstance(code, int | float):
            found |= values == code
    return found


def holds_codes(self: ResponsesData, name: str) -> Bools:
    """Where a column still holds a declared missing code."""
    variable = self.codebook.variables.get(name)
    if variable is None or not variable.missing:
        return np.zeros(len(self.data), dtype=bool)
    return is_code(self.data[name], variable.missing)


def refuse_codes(self: ResponsesData, names: Iterable[str], verb: str, allowed: Iterable[Any] = ()) -> None:
    """Raise if a column still holds declared missing codes: they would be taken for answers."""
    spoken = set(allowed)
    for name in names:
        variable = self.codebook.variables.get(name)
        if variable is None or spoken & set(variable.missing):
            continue
        found = holds_codes(self, name)
        if found.any():
            raise CleaningError(
                f"`{verb}` would treat missing codes as answers.",
                where=f"{name}, {name_rows(self, found)}",
                got=in_words(self.data[name][found], self.codebook.variables.get(name)),
                expected="answers or empty cells",
                fix="call recode_missing() first",
            )


def _blanked(data: pd.DataFrame, codebook: Codebook, names: Iterable[str]) -> pd.DataFrame:
    """Some columns, with their declared missing codes emptied."""
    columns = {}
    for name in names:
        column, variable = data[name], codebook.variables.get(name)
        if variable is not None and variable.missing:
            found = is_code(column, variable.missing)
            if found.any():
                column = column.mask(found).infer_objects()
        columns[name] = column
    return pd.DataFrame(columns, index=data.index)


class Asked:
    """Who was asked a question: 1, 0, or NaN where the routing question was not answered; None for everyone.

    Declared missing codes of the routing questions count as unanswered, whether they were recoded or not. Who was not
    asked the routing question was not asked what it leads to either, as in a form where one filter follows another.
    Many questions share a base, so each is worked out once.
    """

    def __init__(self, responses: ResponsesData) -> None:
        self.responses = responses
        self.known: dict[str, NDArray[np.float64]] = {}

    def __call__(self, variable: Variable) -> NDArray[np.float64] | None:
        base = variable.base
        if not base:
            return None
        if base not in self.known:
            data = self.responses.data
            spoken_of = columns_named(column_names(base, CleaningError), data.columns)
            names = [n for n in spoken_of if n in data.columns]
            frame = _blanked(data, self.responses.codebook, names)
            what = f"base of {variable.name}"
            try:
                values = np.array(derived(base, frame, what, error=CleaningError), dtype=float)
            except (TypeError, ValueError):  # a column of text
                raise CleaningError(
                    "A base must be a condition.",
                    where=what,
                    got=base,
                    expected="a true or false value per row",
                    fix=f'compare it: {base} == "..."',
                ) from None
            self.known[base] = values  # before the routing questions are looked at: a chain may lead back to itself
            unknown = np.isnan(values)
            if unknown.any():
                values[unknown & self._passed_by(frame)] = 0
        return self.known[base]

    def _passed_by(self, frame: pd.DataFrame) -> Bools:
        """Where routing questions are empty, and none of the empty ones was asked."""
        codebook, missing = self.responses.codebook, self.responses.missing
        empty = frame.isna().to_numpy()
        silent = np.zeros(empty.shape, dtype=bool)  # empty although asked, or nobody knows
        for column, name in enumerate(frame.columns):
            if not empty[:, column].any():
                continue
            asked: Bools = np.ones(len(frame), dtype=bool)
            if name in missing.columns:
                asked = missing[name].to_numpy() != KIND_CODES["not_asked"]
            routing = codebook.variables.get(name)
            try:
                base = None if routing is None else self(routing)
            except CleaningError:  # its own base names a column of another file: nothing is known of it
                base = None
            silent[:, column] = empty[:, column] & asked & (True if base is None else base != 0)
        passed: Bools = empty.any(axis=1) & ~silent.any(axis=1)
        return passed


def row_ids(data: pd.DataFrame, codebook: Codebook, rows: Bools, limit: int = 5) -> list[str]:
    """The first rows of a selection, each by its index and, where the codebook has one, its id."""
    names = [n for n, v in codebook.variables.items() if v.role == "id" and n in data.columns]
    from survey.codebook.told import describe_row, may_be_shown  # its room takes names of columns from here

    positions = np.flatnonzero(rows)[:limit]
    shown = []
    for position in positions:
        own = [data[n].iloc[position] for n in names]
        ids = "/".join(written(v) for v in own if may_be_shown(v))
        row = describe_row(data.index[position], int(position))
        shown.append(f"{row} ({ids})" if ids else row)
    return shown


def name_rows(self: ResponsesData, rows: Bools) -> str:
    """Rows in words: "3 rows: 17 (R018), 25 (R026), 31 (R032)"."""
    count = int(rows.sum())
    shown = ", ".join(row_ids(self.data, self.codebook, rows))
    return f"{counted(count, 'row')}: {shown}{', …' if count > 5 else ''}"


def in_words(values: pd.Series, variable: Variable | None = None) -> str:
    """The distinct values of some cells, in order, as far as they may be shown; see `survey.codebook.told`."""
    from survey.codebook.told import describe_values  # its room takes names of columns from here

    distinct = values.dropna().unique().tolist()
    # a slip in a label is shown, as it is what a check is for; a word of one's own ("other: divorce") is not
    labels = [] if variable is None else [t for texts in variable.labels.values() for t in texts.values()]
    ordered = sorted(distinct, key=lambda v: (isinstance(v, str), v))
    like = [*labels, *(variable.codes if variable is not None else ())]
    return describe_values(
        (_plain(v) if isinstance(v, float) else v for v in ordered), variable, column=values, like=like
    )


def _plain(value: float) -> float:
    """A number as it is read: 3 for 3.0."""
    return int(value) if value.is_integer() else float(f"{value:.6g}")


def valid_numbers(self: ResponsesData, variable: Variable, verb: str) -> tuple[NDArray[np.float64], Sequence[float]]:
    """The answers to a scale item as numbers (missing codes NaN) and the codes of its scale.

    Raises
    ------
    CleaningError
        If the item has no numeric scale, or holds codes outside it; the rows are named.
    """
    name = variable.name
    column = self.data[name].mask(holds_codes(self, name)).infer_objects()
    values = numeric(column)
    if values is None and column.isna().all():
        values = np.full(len(column), np.nan)
    codes = variable.codes
    if values is None or not all(isinstance(c, int | float) for c in codes):
        raise CleaningError(
            f"`{verb}` needs a numeric column.",
            where=name,
            got=f"a column of {self.data[name].dtype}",
            expected="a scale",
            fix="recode it to the codes of its scale",
        )
    if codes:
        outside = ~is_code(self.data[name], [*codes, *variable.missing]) & ~np.isnan(values)
        expected = shorten(codes)
    else:
        low, high = variable.limits or (-np.inf, np.inf)
        outside = (values < low) | (values > high)
        expected = f"{low:g} to {high:g}"
    if outside.any():
        raise CleaningError(
            f"`{verb}` found codes outside the scale.",
            where=f"{name}, {name_rows(self, outside)}",
            got=in_words(pd.Series(values[outside]), variable),
            expected=expected,
            fix="complete the scale with set_scale(...) or the codebook, or recode them or declare them missing",
        )
    return values.astype(float), codes
