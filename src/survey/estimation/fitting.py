"""Columns that a misspelt name may stand for: those that fit the verb first, those of the design last."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd

from survey.base.suggestions import near
from survey.codebook.ordered import NAMES
from survey.core.sample_data import SampleData, answers_in
from survey.errors import EstimationError, shorten

__all__ = ["groups_exist", "item_exists"]

_HIDDEN = ("id", "personal", "pseudonym", "paradata")
_WEIGHTS = ("weight", "fpc", "replicate", "frame")
_DESIGN = (*_WEIGHTS, "stratum", "psu", "ssu")


def item_exists(sample: SampleData, name: Any, *, numeric: bool = False) -> None:
    """Raise unless the data have an item; suggested are questions, and numbers where a verb needs them."""
    if name in answers_in(sample).columns:
        return
    design = sample.design
    administrative = {*_weights(sample), *design.strata, *design.psu}

    def fits(column: Any) -> bool:
        return not numeric or _is_number(sample, column)

    _refuse(sample, [name], administrative, _DESIGN, fits, "The data have no such item.", "items")


def groups_exist(sample: SampleData, names: Sequence[Any], argument: str = "by") -> None:
    """Raise unless the data have the columns of groups; strata and clusters may be groups, weights may not."""
    absent = [name for name in dict.fromkeys(names) if name not in answers_in(sample).columns]
    if absent:
        message = "The data have no such grouping column."
        _refuse(sample, absent, {*_weights(sample)}, _WEIGHTS, lambda _: True, message, argument)


def _weights(sample: SampleData) -> list[str]:
    design = sample.design
    weights = [*(a.weights_before for a in design.adjustments), design.weights]
    replicates = () if design.replicates is None else design.replicates.columns
    return [*filter(None, weights), *design.fpc, *replicates]


def _is_number(sample: SampleData, name: Any) -> bool:
    variable = sample.codebook.variables.get(name)
    if variable is not None and variable.type in (*NAMES, "date", "text"):
        return False
    column = answers_in(sample)[name]
    dtype = column.dtypes.iloc[0] if isinstance(column, pd.DataFrame) else column.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        dtype = dtype.categories.dtype
    return bool(pd.api.types.is_numeric_dtype(dtype) or pd.api.types.is_bool_dtype(dtype))


def _refuse(
    sample: SampleData,
    absent: Sequence[Any],
    administrative: set[str],
    roles: tuple[str, ...],
    fits: Callable[[Any], bool],
    message: str,
    where: str,
) -> None:
    variables = sample.codebook.variables
    first: list[Any] = []
    other: list[Any] = []
    last: list[Any] = []
    for column in answers_in(sample).columns:
        variable = variables.get(column)
        role = "item" if variable is None else variable.role
        if column in administrative or role in (*roles, *_HIDDEN):
            last.append(column)
        else:
            (first if fits(column) else other).append(column)
    meant = [*near(absent, first), *near(absent, other)][:3] or near(absent, last)
    raise EstimationError(
        message,
        where=where,
        got=shorten(map(repr, absent)),
        expected=shorten(first or other or last, 20),
        fix=f"did you mean {shorten(meant, 3)}?" if meant else "correct the name",
    )
