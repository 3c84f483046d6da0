"""The true values of the simulated population: what a census with the same questionnaire would give."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from survey.base.expressions import mask
from survey.codebook import Codebook
from survey.simulate.items import ITEMS
from survey.simulate.settings import DIMENSIONS, MISSING, MISSING_RANGE

__all__ = ["population_values", "scores"]


def scores(answers: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    """Scores of 0-100 by the rule of the study, written apart from `Responses.score` so that one can test the other.

    Each item is put on 0-100 with the favourable end at 100, and a person's score is the mean of the items with an
    answer, if these are at least two thirds of the items that apply (asked, and not "not applicable").

    Parameters
    ----------
    answers : DataFrame
        Items as answered, missing codes included.
    codebook : Codebook

    Returns
    -------
    DataFrame
        friendliness, transparency and efficiency, NaN where there are too few answers.
    """
    result = {}
    for dimension in DIMENSIONS:
        total = np.zeros(len(answers))
        answered, applicable = np.zeros(len(answers), dtype=int), np.zeros(len(answers), dtype=int)
        for name in codebook.items(dimension):
            variable, values = codebook[name], answers[name].to_numpy(dtype=float)
            low, high = min(variable.codes), max(variable.codes)
            points = 100 * (values - low) / (high - low)
            points = 100 - points if variable.direction < 0 else points
            valid = (values >= low) & (values <= high)
            total += np.where(valid, points, 0.0)
            answered += valid
            applicable += ~np.isnan(values) & (values != MISSING["not_applicable"])
        enough = (answered > 0) & (3 * answered >= 2 * applicable)
        result[dimension] = np.where(enough, total / np.maximum(answered, 1), np.nan)
    return pd.DataFrame(result, index=answers.index)


def population_values(
    census: pd.DataFrame, codebook: Codebook, by: Sequence[str] = ("pilot_tier", "wave"), where: str | None = None
) -> pd.DataFrame:
    """Finite-population means of every item and score.

    Parameters
    ----------
    census : DataFrame
        Everyone, with answers.
    codebook : Codebook
    by : sequence of str
        Columns of the census: wave, pilot_tier, ward_legacy_code, resp_type, ...
    where : str, optional
        A domain of the population, as an expression.

    Returns
    -------
    DataFrame
        item, <by...>, value, people: the mean over those with an answer (items in their own codes, scores in points),
        and how many these are.
    """
    people = census[mask(where, census)]
    low, high = MISSING_RANGE
    items = people[list(ITEMS)]
    values = pd.concat([items.where(~((items >= low) & (items <= high))), scores(items, codebook)], axis=1)
    groups = [people[c] for c in by] or [pd.Series(0, index=people.index)]
    tables = []
    for name in values:
        grouped = values[name].groupby(groups, observed=False)
        table = pd.DataFrame({"value": grouped.mean(), "people": grouped.count()}).reset_index()
        table.insert(0, "item", name)
        tables.append(table[["item", *by, "value", "people"]])
    return pd.concat(tables, ignore_index=True)
