"""Whether the codes of an item are numbers: those of nominal items, text and ids are names, and names have no mean."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import pandas as pd

from survey.codebook._nonanswer_words import is_answer
from survey.codebook._variable import Text, Variable
from survey.codebook.scales import recognise, recognise_codes
from survey.codebook.told import describe_values
from survey.errors import EstimationError, SurveyError

__all__ = ["NAMES", "are_names", "order_call", "refuse_names", "runs_down"]

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


def order_call(variable: Variable | None) -> str:
    """The call that makes an ordered item of one that is declared nominal, where its labels look like a scale; or "".

    They do where they are a known one, or only the ends (and the middle) of the codes have a label.
    """
    if variable is None or variable.type != "nominal":
        return ""
    labels = _answers(variable)
    if len(labels) < 2 or not all(isinstance(c, int | float) for c in labels):
        return ""
    if not replace(variable, type="ordinal", labels=labels).labelled_at_ends and recognise_codes(labels) is None:
        return ""
    first = f"declare_missing(columns={variable.name!r}).apply()." if len(labels) < len(variable.labels) else ""
    return f"responses.{first}set_scale({variable.name!r})"


def runs_down(variable: Variable) -> bool:
    """Whether the first answer of an item is its good or strong end (1 = very satisfied, 1 = always).

    The codebook says so (direction -1), or, where it says nothing, the words of a known scale do.
    """
    if variable.type in NAMES or variable.direction > 0 or len(variable.labels) < 2:
        return False
    if variable.direction < 0:
        return True
    labels = _answers(variable)
    if all(isinstance(c, str) for c in labels):
        worded = recognise(labels)
        return worded is not None and worded.family != "bands" and worded.answers == tuple(reversed(labels))
    scale = recognise_codes(labels)
    return scale is not None and scale.degrees[0] > scale.degrees[-1]


def _answers(variable: Variable) -> Mapping[Any, Text]:
    """Labels without those that say that nobody answered."""
    labels = {c: t for c, t in variable.labels.items() if is_answer(t.values())}
    return MappingProxyType(labels)


def refuse_names(
    variable: Variable | None,
    column: pd.Series,
    name: str,
    *,
    where: str | None = None,
    fix: str | None = None,
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
    if fix is None:
        call = order_call(variable) or "set_scale(...)"
        fix = "use distribution(...) or proportion(levels=[...]); "
        fix += f"if the answers are ordered, declare them with {call} before sv.Sample(...)"
    told = describe_values(column.dropna().unique(), variable, column=column)
    raise error(
        f"An item of type {variable.type} has no mean, quantile or order: its codes are names.",
        where=where or name,
        got=f"{variable.type}; {told}",
        expected="an ordinal or binary item, or a number",
        fix=fix,
    )
