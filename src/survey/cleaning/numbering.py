"""Scales that the data hold in words, numbered in their order: means and scores need numbers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from types import MappingProxyType

import numpy as np
import pandas as pd

from survey.base.text import counted
from survey.cleaning.scale import on_scale
from survey.codebook import Variable
from survey.core.columns import known_columns, refuse_codes, with_columns
from survey.core.log import LogEntry, plain_arguments
from survey.core.responses_data import R
from survey.errors import CleaningError, shorten

__all__ = ["number_scales"]


def number_scales(self: R, columns: str | Iterable[str] | None = None) -> R:
    """Turn ordered answers that are texts into the numbers 1, 2, ... of their scale; no and yes into 0 and 1.

    The order is that of the codebook's labels, lowest first; the labels stay as they are. Answers that differ from a
    label or a code only in capitals, spaces, marks, Unicode form or a number before them count as that answer.

    Parameters
    ----------
    columns : str or list of str, optional
        Ordinal and binary items whose codes are texts when not given. A second call changes nothing.

    Returns
    -------
    Responses

    Raises
    ------
    CleaningError
        If an item still holds missing codes, or answers that are not on its scale (the rows are named); for a column
        named that has no ordered answers in words.

    Examples
    --------
    >>> clean = raw.recode_missing().number_scales().score("friendliness")  # doctest: +SKIP
    """
    names = known_columns(self, columns)
    wanted = [n for n in names if n in self.codebook and _in_words(self.codebook[n])]
    others = [n for n in names if n not in wanted]
    if columns is not None and others:
        raise CleaningError(
            "A column without ordered answers in words cannot be numbered.",
            where=shorten(others),
            expected="an ordinal or binary variable whose codes are texts",
            fix="declare its type and its labels, lowest first, in the codebook; or use set_scale(...)",
        )
    refuse_codes(self, wanted, "number_scales")
    rows = len(self.data)
    new, variables = {}, []
    touched, answers = np.zeros(rows, dtype=bool), 0
    for name in wanted:
        old = self.codebook[name]
        texts = dict(old.labels)
        number = {code: i for i, code in enumerate(texts, 0 if old.type == "binary" else 1)}
        column, _ = on_scale(self, old, texts)
        values = column.astype(object).map(number)
        new[name] = pd.Series(values, index=self.data.index, name=name).astype(float)
        given = new[name].notna().to_numpy()
        touched |= given
        answers += int(given.sum())
        labels = MappingProxyType({number[code]: text for code, text in texts.items()})
        variables.append(replace(old, labels=labels))
    entry = LogEntry(
        "number_scales",
        f"{counted(len(new), 'item')} numbered in the order of their scales" + (f": {shorten(new, 20)}" if new else ""),
        plain_arguments(columns=None if columns is None else names),
        rows,
        rows,
        int(touched.sum()),
        answers,
    )
    return self.logged(entry, data=with_columns(self.data, new), codebook=self.codebook.update(*variables))


def _in_words(variable: Variable) -> bool:
    """Whether a variable has ordered answers, all of which are texts; yes and no are two."""
    ordered = variable.type == "ordinal" or (variable.type == "binary" and len(variable.labels) == 2)
    return ordered and len(variable.labels) > 1 and all(isinstance(code, str) for code in variable.labels)
