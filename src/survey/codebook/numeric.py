"""A column as numbers, or an error that shows of its values what may be shown."""

from __future__ import annotations

import pandas as pd

from survey.base.arrays import Array
from survey.base.codes import numbers
from survey.codebook.told import describe_values
from survey.errors import SurveyError

__all__ = ["column_numbers"]


def column_numbers(
    column: pd.Series,
    message: str,
    error: type[SurveyError],
    *,
    where: object,
    expected: str = "numbers",
    fix: str | None = None,
) -> Array:
    """A column as numbers (rows,), NaN where missing; text that reads like numbers is not guessed to be some.

    Parameters
    ----------
    column : Series
    message : str
        What the error says.
    error : type of SurveyError
    where, expected, fix : optional
        Parts of the error.

    Raises
    ------
    SurveyError
        Of that type, for dates and text.
    """
    try:
        return numbers(column)
    except (TypeError, ValueError):
        raise error(
            message,
            where=where,
            got=describe_values(column.dropna().unique(), column=column, limit=4),
            expected=expected,
            fix=fix,
        ) from None
