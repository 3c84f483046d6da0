"""Whether the codes of an item are numbers: those of nominal items, text and ids are names, and names have no mean."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

from survey.codebook._variable import Variable
from survey.codebook.told import describe_values
from survey.errors import EstimationError, SurveyError

__all__ = ["NAMES", "are_names", "refuse_names"]

NAMES = ("nominal", "text", "id")
"""Types of variables whose values are names, also where they are written in digits."""


def are_names(variable: Variable | None, column: pd.Series) -> bool:
    """Whether the values of a column are names, by the type that the codebook declares.

    A nominal item of 0 and 1 (files of SPSS have many) is a share in all but name, and its mean is that share.
    """
    if variable is None or variable.type not in NAMES:
        return False
    if variable.type != "nominal":
        return True
    there: Iterable[Any] = [*variable.codes] or column.dropna().unique()
    return not all(isinstance(v, int | float) and v in (0, 1) for v in there)


def refuse_names(
    variable: Variable | None,
    column: pd.Series,
    name: str,
    *,
    where: str | None = None,
    fix: str = "use distribution(...) or proportion(levels=[...]); "
    "if the answers are ordered, declare them with set_scale(...) before sv.Sample(...)",
    error: type[SurveyError] = EstimationError,
) -> None:
    """Raise if a column is to be taken as numbers although its values are names.

    Raises
    ------
    EstimationError, or `error`
        For nominal items of other codes than 0 and 1, text and ids.
    """
    if variable is None or not are_names(variable, column):
        return
    told = describe_values(column.dropna().unique(), variable, column=column)
    raise error(
        f"An item of type {variable.type} has no mean, quantile or order: its codes are names.",
        where=where or name,
        got=f"{variable.type}; {told}",
        expected="an ordinal or binary item, or a number",
        fix=fix,
    )
