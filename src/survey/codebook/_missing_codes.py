"""Codes that a codebook declares missing are not answers: functions that would treat them as answers refuse them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import pandas as pd

from survey.base.expressions import column_names, constants, mask
from survey.base.names import columns_named, composed_value
from survey.codebook import Codebook
from survey.errors import EstimationError, SurveyError, shorten

__all__ = ["codes_left", "refuse_codes_in", "refuse_codes_of"]


def codes_left(column: pd.Series, codebook: Codebook, name: str) -> list[Any]:
    """The declared missing codes that a column still holds."""
    variable = codebook.variables.get(name) or codebook.variables.get(composed_value(name))
    if variable is None or not variable.missing:
        return []
    if isinstance(column.dtype, np.dtype) and column.dtype.kind in "fiub":
        values = column.to_numpy()
        return [c for c in variable.missing if isinstance(c, int | float) and (values == c).any()]
    there = {composed_value(v) for v in column.dropna().unique()}
    return [c for c in variable.missing if c in there]


def refuse_codes_of(
    frame: pd.DataFrame,
    codebook: Codebook,
    names: Iterable[str],
    where: str,
    *,
    allowed: Iterable[Any] = (),
    error: type[SurveyError] = EstimationError,
) -> None:
    """Raise if columns still hold declared missing codes, other than those `allowed`."""
    spoken = set(allowed)
    for name in names:
        left = [c for c in codes_left(frame[name], codebook, name) if c not in spoken]
        if left:
            raise error(
                "A variable still contains codes that the codebook declares missing.",
                where=f"{where}, {name}",
                got=shorten(left),
                expected="answers or empty cells",
                fix="call recode_missing() before sv.Sample(...)",
            )


def refuse_codes_in(frame: pd.DataFrame, codebook: Codebook, condition: object, what: str = "where") -> None:
    """Raise if a condition compares a column that still holds declared missing codes, and does not name these.

    Of a function nobody sees which columns it compares: it is refused if it chooses other rows where these codes are
    empty.
    """
    if isinstance(condition, str):
        names = [n for n in columns_named(column_names(condition, what=what), frame.columns) if n in frame.columns]
        refuse_codes_of(frame, codebook, names, f"{what} = {condition!r}", allowed=constants(condition))
    elif callable(condition):
        _refuse_codes_chosen(frame, codebook, condition, what)


def _refuse_codes_chosen(
    frame: pd.DataFrame, codebook: Codebook, condition: Callable[[pd.DataFrame], Any], what: str
) -> None:
    left = {n: codes for n in frame.columns if (codes := codes_left(frame[n], codebook, n))}
    if not left:
        return
    chosen = mask(condition, frame, what)
    for name, codes in left.items():
        emptied = frame.assign(**{name: frame[name].mask(frame[name].isin(codes))})
        try:
            same = bool((mask(condition, emptied, what) == chosen).all())
        except Exception:  # whatever a function does where a cell is empty, it looked at this column
            same = False
        if not same:
            raise EstimationError(
                "A variable still contains codes that the codebook declares missing.",
                where=f"{what}, a function of {name}",
                got=shorten(codes),
                expected="answers or empty cells",
                fix=f"call recode_missing() before sv.Sample(...); to choose such a code, write {what} as text: "
                f'"{name} == {codes[0]!r}"',
            )
