"""Missing answers by kind: not applicable, blank, don't know, refused, not asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import numpy as np
import pandas as pd

from survey.base.arguments import one_of
from survey.base.text import counted
from survey.core.columns import CODED, Asked, is_code, known_columns, numeric, with_columns
from survey.core.log import KIND_CODES, LogEntry, plain_arguments
from survey.core.responses_data import R
from survey.errors import CleaningError, shorten

__all__ = ["emptied", "recode_missing"]


def recode_missing(self: R, columns: str | Iterable[str] | None = None, *, outside: str | None = None) -> R:
    """Empty every declared missing code, and keep its kind in `.missing`.

    An empty cell of a question whose `base` does not hold is of the kind not_asked; an empty cell that no one
    declared keeps the kind 0. Where the routing question itself was not answered, nothing is known and the kind
    stays 0, unless the routing question was not asked either. A second call changes nothing.

    Parameters
    ----------
    columns : str or list of str, optional
        All columns when not given.
    outside : str, optional
        A kind of missing answer ("blank"): codes outside the scale of a question become missing answers of this
        kind. When not given they stay, for `check` to name and `score` to refuse.

    Returns
    -------
    Responses

    Raises
    ------
    CleaningError
        For a column that the data lack, or a base that names one; for an unknown kind.
    """
    if outside is not None:
        one_of(outside, KIND_CODES, "kind of missing answer", CleaningError)
    names = known_columns(self, columns)
    data, rows = self.data, len(self.data)
    new, kinds = {}, {name: self.missing[name].to_numpy() for name in self.missing.columns}
    asked = Asked(self)
    touched, counts, stray = np.zeros(rows, dtype=bool), Counter[str](), Counter[str]()
    for name in names:
        variable = self.codebook.variables.get(name)
        if variable is None or not (variable.missing or variable.base or (outside and variable.labels)):
            continue
        column = data[name]
        before = kinds.get(name)
        kind = np.zeros(rows, dtype=np.uint8) if before is None else before.copy()
        coded = np.zeros(rows, dtype=bool)
        for code, what in variable.missing.items():
            found = is_code(column, [code])
            hits = int(np.count_nonzero(found))
            if hits:
                kind[found] = KIND_CODES[what]
                coded |= found
                counts[what] += hits
        if outside is not None and variable.type in CODED and variable.labels:
            found = ~is_code(column, variable.codes) & ~coded & column.notna().to_numpy()
            if found.any():
                kind[found] = KIND_CODES[outside]
                coded |= found
                stray[name] = int(np.count_nonzero(found))
        base = asked(variable)
        if base is not None:
            kind[(base == 0) & column.isna().to_numpy() & (kind == 0)] = KIND_CODES["not_asked"]
        if coded.any():
            new[name] = emptied(column, coded)
            touched |= coded
        kinds[name] = kind
    order = [n for n in data.columns if n in kinds]
    missing = pd.DataFrame({n: kinds[n] for n in order}, index=data.index, dtype=np.uint8)
    declared, outsiders = sum(counts.values()), sum(stray.values())
    parts = ", ".join(f"{what} {n:,}" for what, n in counts.items())
    what = f"{counted(declared, 'missing code')} emptied in {counted(len(new), 'column')}{': ' if parts else ''}{parts}"
    if outsiders:
        places = shorten([f"{name} {n:,}" for name, n in stray.items()], 40)
        what += f"; {counted(outsiders, 'code')} outside the scale taken as {outside}: {places}"
    arguments = plain_arguments(columns=None if columns is None else names, outside=outside)
    entry = LogEntry("recode_missing", what, arguments, rows, rows, int(touched.sum()), declared + outsiders)
    return self.logged(entry, data=with_columns(data, new), missing=missing)


def emptied(column: pd.Series, found: np.ndarray) -> pd.Series:
    values = numeric(column)
    if values is None:
        # an object column held Stata's tagged missings beside numbers; without them it is numbers
        return column.mask(found).infer_objects()
    return pd.Series(np.where(found, np.nan, values), index=column.index, name=column.name)
