"""Turning negatively worded items onto the others, so that a high code is good."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from types import MappingProxyType

import numpy as np
import pandas as pd

from survey.base.text import counted
from survey.core.columns import known_columns, valid_numbers, with_columns
from survey.core.log import LogEntry, plain_arguments
from survey.core.responses_data import R
from survey.errors import CleaningError, shorten

__all__ = ["reverse"]


def reverse(self: R, columns: str | Iterable[str] | None = None) -> R:
    """Reverse items of direction -1: x becomes lowest + highest code - x, and the labels follow.

    In the new codebook their direction is +1, so a second call changes nothing. Missing codes and empty cells stay.

    Parameters
    ----------
    columns : str or list of str, optional
        Ordinal and binary items of direction -1 when not given.

    Returns
    -------
    Responses

    Raises
    ------
    CleaningError
        For codes outside the scale (the rows are named), a scale without evenly spaced codes, a column
        named without a direction or a scale.
    """
    names = known_columns(self, columns)
    data, new, variables = self.data, {}, []
    touched, answers = np.zeros(len(data), dtype=bool), 0
    for name in names:
        variable = self.codebook.variables.get(name)
        turnable = variable is not None and variable.type in ("ordinal", "binary") and variable.direction != 0
        if variable is None or not turnable:
            if columns is not None:
                raise CleaningError(
                    "An item without a scale and a direction cannot be reversed.",
                    where=name,
                    expected="an ordinal or binary variable with direction -1 or 1",
                    fix="declare both in the codebook",
                )
            continue
        if variable.direction > 0:
            continue
        values, codes = valid_numbers(self, variable, "reverse")
        ends = min(codes) + max(codes)
        if {ends - c for c in codes} != set(codes):
            raise CleaningError(
                "Only a scale with evenly spaced codes can be reversed.",
                where=name,
                got=shorten(codes),
                expected="evenly spaced codes such as 1, 2, 3, 4, 5",
                fix="recode it first",
            )
        valid = ~np.isnan(values)
        new[name] = pd.Series(np.where(valid, ends - values, np.nan), index=data.index, name=name)
        kept = ~valid & data[name].notna().to_numpy()
        if kept.any():  # missing codes that were not recoded stay what they are
            new[name] = new[name].astype(data[name].dtype if data[name].dtype == object else float)
            new[name] = new[name].where(~kept, data[name])
        touched |= valid
        answers += int(valid.sum())
        labels = MappingProxyType({c: variable.labels[ends - c] for c in codes if ends - c in variable.labels})
        variables.append(replace(variable, labels=labels, direction=1))
    entry = LogEntry(
        "reverse",
        f"{counted(len(new), 'item')} turned" + (f": {shorten(new, 20)}" if new else ""),
        plain_arguments(columns=None if columns is None else names),
        len(data),
        len(data),
        int(touched.sum()),
        answers,
    )
    return self.logged(entry, data=with_columns(data, new), codebook=self.codebook.update(*variables))
