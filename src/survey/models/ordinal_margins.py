"""Effects and predictions of an ordinal model: on each answer, or on some of them together, such as the top two."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from survey.base._formula_tree import Column
from survey.base.expressions import Where
from survey.base.names import column_named
from survey.errors import EstimationError
from survey.estimates import Estimates
from survey.estimation.answer_sets import counted_answers
from survey.estimation.items import Names, answers_of
from survey.models import margins as effects
from survey.models import predictions
from survey.models.model_data import ModelData, regressions_of
from survey.models.ordinal_response import OrdinalResponse

__all__ = ["margins", "predict"]


def margins(
    self: ModelData,
    variables: Names | None = None,
    by: Names | None = None,
    where: Where = None,
    *,
    levels: Any = None,
    top: int | None = None,
    bottom: int | None = None,
) -> Estimates:
    """Average marginal effects on the shares of answers, in percentage points.

    Parameters
    ----------
    variables, by, where
        As for other models.
    levels, top, bottom : optional
        As for `proportion`: the effect on the share of these answers together, `levels=5`, `levels=[4, 5]` or `top=2`.
        Left out, the effects on each answer, which add up to 0.

    Returns
    -------
    Estimates
        item, <by...>, (answer), term, reference, estimate, std_error, statistic, df, p_value, conf_low, conf_high.

    Raises
    ------
    EstimationError
        As for other models, and as for `proportion`.

    Examples
    --------
    >>> sample.ordinal("OV01 ~ pilot * wave").margins("pilot", by="wave", top=2)  # doctest: +SKIP
    """
    model, counted = _counting(self, levels, top, bottom, "margins")
    return _told(effects.margins(model, variables, by, where), counted)


def predict(
    self: ModelData,
    at: Mapping[str, Any] | None = None,
    by: Names | None = None,
    where: Where = None,
    *,
    levels: Any = None,
    top: int | None = None,
    bottom: int | None = None,
) -> Estimates:
    """Predicted shares of the answers if everybody had chosen values of some variables.

    Parameters
    ----------
    at, by, where
        As for other models.
    levels, top, bottom
        As for `margins`.

    Returns
    -------
    Estimates
        item, <at...>, <by...>, (answer), estimate (a share in 0-1), std_error, conf_low, conf_high, df.
    """
    model, counted = _counting(self, levels, top, bottom, "predict")
    return _told(predictions.predict(model, at, by, where), counted)


def _told(e: Estimates, counted: tuple[Any, ...]) -> Estimates:
    """With the answers counted, on what it was made of too."""
    if not counted:
        return e
    return replace(e, answers=counted, origin=None if e.origin is None else replace(e.origin, answers=counted))


def _counting(
    self: ModelData, levels: Any, top: int | None, bottom: int | None, verb: str
) -> tuple[ModelData, tuple[Any, ...]]:
    """The model with one prediction, of the answers asked for together; and these answers."""
    several = levels is None or isinstance(levels, str | list | tuple | np.ndarray)
    asked = {"levels": levels if several else [levels], "top": top, "bottom": bottom, "net": None}
    if all(value is None for value in asked.values()):
        return self, ()
    made, counted = [], ()
    for one in regressions_of(self, verb):
        response, outcome = one.response, one.rows.formula.outcome
        if not isinstance(outcome, Column) or not isinstance(response, OrdinalResponse):
            raise EstimationError(
                "Answers can be counted together where the outcome is an item itself.",
                where=f"{verb}(...), {one.item}",
                expected="a column of the data before the ~",
            )
        name = str(column_named(outcome.name, one.sample.data.columns))
        _, counted = counted_answers(one.sample, name, answers_of(one.sample, name), asked)
        together = np.array([[float(a in counted) for a in response.scale]])
        made.append(replace(one, response=OrdinalResponse(response.scale, (), together)))
    return replace(self, regressions=tuple(made)), counted
