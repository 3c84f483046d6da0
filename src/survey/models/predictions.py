"""Predicted margins: the mean outcome, or the share, if everybody had chosen values of some variables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from survey.base.arrays import Array, t_interval_factor
from survey.base.expressions import Where
from survey.core.estimates_data import RESULT_COLUMNS
from survey.core.result import refuse_reserved
from survey.counting.cells import Grouping
from survey.errors import EstimationError
from survey.estimates import Estimates
from survey.estimation.items import Names
from survey.models.averages import Averages, averages, groups_of, joint_covariance
from survey.models.model_data import ModelData, Regression, regressions_of
from survey.models.rows import columns_in
from survey.models.what_if import Effect, known_value, predicted_at

__all__ = ["RESERVED", "labels_of", "people_behind", "predict", "predictions", "share_limits"]

RESERVED = ("item", "answer", "term", "against", *RESULT_COLUMNS)
MOST_PREDICTIONS = 10_000


def predict(
    self: ModelData, at: Mapping[str, Any] | None = None, by: Names | None = None, where: Where = None
) -> Estimates:
    """Predicted margins: what the model says on average if everybody had chosen values, the rest as it is.

    With all variables of the model in `at` this is the prediction for one kind of person. R's emmeans differs: it
    averages over a grid in which all categories are equally frequent, not over the respondents.

    Parameters
    ----------
    at : mapping of variable to value or list of values, optional
        {"pilot": [0, 1], "wave": [1, 2]}: all combinations; columns of these names hold the values. Left out, what
        the model says of everybody as they are.
    by : str or list of str, optional
        Columns: averages within each group.
    where : str, bool array or callable, optional
        Respondents to average over; left out, all in the model.

    Returns
    -------
    Estimates
        item, <at...>, <by...>, (answer), estimate (a share in 0-1, or a mean in the outcome's unit), std_error,
        conf_low, conf_high, df. Standard errors as for `margins`; intervals of shares are t intervals of the log odds,
        which stay within 0 and 1. `pairwise` and `contrast` compare rows.

    Raises
    ------
    EstimationError
        If the model has no such variable, or a category of it is not among those of its respondents.

    References
    ----------
    Graubard & Korn (1999), Biometrics 55, 652-659, on predictive margins.

    Examples
    --------
    >>> model.predict(at={"pilot": [0, 1], "wave": [1, 2]})  # doctest: +SKIP
    """
    regressions = regressions_of(self, "predict")
    if by is not None or where is not None:
        regressions[0].rows.refuse_averages(None, 1)
    grouping = groups_of(regressions[0].sample, by, where)
    chosen = {v: list(one) if isinstance(one, list | tuple | np.ndarray) else [one] for v, one in (at or {}).items()}
    return predictions(self, chosen, grouping)


def predictions(self: ModelData, at: Mapping[str, Sequence[Any]], grouping: Grouping) -> Estimates:
    """Predicted margins at every combination of values, in every group."""
    regressions = regressions_of(self, "predict")
    names = list(at)
    refuse_reserved([*names, *grouping.labels.columns], RESERVED, where="at=, by=")
    size = int(np.prod([len(values) for values in at.values()]))
    if not 0 < size <= MOST_PREDICTIONS:
        raise EstimationError(
            "There are too many predictions, or none.",
            where="at",
            got=f"{size:,} combinations of values",
            expected=f"1 to {MOST_PREDICTIONS:,}",
        )
    tables, found, behind = [], [], []
    for one in regressions:
        one.rows.refuse_averages(names, len(grouping))
        known = [[known_value(one.rows, v, value) for value in at[v]] for v in names]
        combinations = [dict(zip(names, values, strict=True)) for values in product(*known)]
        effects = [predicted_at(one, values) for values in combinations]
        part = averages(one, effects, grouping)
        told = pd.DataFrame({v: pd.Series([c[v] for c in combinations], dtype=object).infer_objects() for v in names})
        table = labels_of(one, grouping, told if names else pd.DataFrame(index=range(1)))
        tables.append(_with_intervals(table, one, part, self.level))
        found.append(part)
        behind.append(people_behind(one, effects, part))
    answers, share = regressions[0].response.answers, regressions[0].response.share
    return Estimates(
        pd.concat(tables, ignore_index=True),
        "predicted_distribution" if answers else "predicted_share" if share else "predicted_mean",
        (*names, *map(str, grouping.labels.columns)),
        self.level,
        codebook=self.codebook,
        notes=(*self.notes, *grouping.notes),
        source=self.source,
        simulated=self.simulated,
        behind=np.concatenate(behind),
        _covariance=joint_covariance(regressions[0].sample, found),
    )


def labels_of(one: Regression, grouping: Grouping, told: pd.DataFrame) -> pd.DataFrame:
    """Labels of averages, in the order of `Averages.estimate`: group, effect, answer."""
    answers: list[Any] = list(one.response.answers) or [None]
    g, e, a = (x.reshape(-1) for x in np.indices((len(grouping), len(told), len(answers))))
    table = pd.DataFrame({"item": [one.item] * len(g)})
    parts = [told, grouping.labels] if "term" not in told else [grouping.labels, told]
    for part, place in zip(parts, (e, g) if parts[0] is told else (g, e), strict=True):
        for name in part.columns:
            table[name] = part[name].to_numpy()[place]
    if one.response.answers:
        first = ["item", *map(str, grouping.labels.columns)] if "term" in told else list(table.columns)
        table.insert(len(first), "answer", [answers[k] for k in a])
    return table


def people_behind(one: Regression, effects: Sequence[Effect], part: Averages) -> Array:
    """Respondents that averages stand on: those averaged over, those who have a category, and those it is against.

    Of values chosen together, those who have what one term of the model says of them.
    """
    rows = one.rows
    per = np.empty((len(part.n), len(effects)))
    for e, effect in enumerate(effects):
        per[:, e] = part.n
        for values in (effect.chosen, effect.against):
            for term in rows.formula.terms:
                names = {v for factor in term for v in columns_in(factor)} & set(values)
                if names:
                    per[:, e] = np.minimum(per[:, e], rows.people_with({v: values[v] for v in names}))
    return np.repeat(per.reshape(-1), part.estimate.shape[2])


def _with_intervals(table: pd.DataFrame, one: Regression, part: Averages, level: float) -> pd.DataFrame:
    estimate = part.estimate.reshape(-1)
    std_error = np.sqrt(np.clip(np.diag(part.covariance), 0, None))
    if one.response.share:
        low, high = share_limits(estimate, std_error, np.full(len(estimate), one.df), level)
    else:
        half = t_interval_factor(level, one.df) * std_error
        low, high = estimate - half, estimate + half
    return table.assign(estimate=estimate, std_error=std_error, conf_low=low, conf_high=high, df=float(one.df))


def share_limits(estimate: Array, std_error: Array, df: Array, level: float) -> tuple[Array, Array]:
    """Limits of predicted shares: t intervals of their log odds."""
    with np.errstate(divide="ignore", invalid="ignore"):
        centre = np.log(estimate / (1 - estimate))
        half = t_interval_factor(level, df) * std_error / (estimate * (1 - estimate))
        return 1 / (1 + np.exp(half - centre)), 1 / (1 + np.exp(-half - centre))
