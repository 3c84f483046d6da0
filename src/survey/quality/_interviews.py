"""Questions left without an answer, numbers rounded to fives, officials in earshot, one call and no more."""

from __future__ import annotations

import numpy as np
import pandas as pd

from survey.base.arrays import Array
from survey.core.columns import holds_codes, numeric
from survey.quality._table import Bools, Table
from survey.quality._tests import against_others, beta_binomial_sf

__all__ = ["HEAP", "favour", "heaping", "heaping_columns", "nonresponse", "yes_against_others"]

HEAP = 5
"""Multiples of this are round: minutes, ages and years of birth (Whipple's index)."""
_ROUND_FROM = 10
"""Numbers that are usually smaller than this (trips, visits) are not rounded to fives."""
_CORE = 0.95


def nonresponse(table: Table, names: tuple[str, ...]) -> tuple[Array, Array, tuple[Array, Array, Array]]:
    """Share of questions without a valid answer among those asked, the chance of so many, and interviewers.

    Don't know, refused and blank count alike; "not applicable" and not asked do not. What is expected of a person are
    the shares of each question in the wave. People differ in what they know, so the number follows a beta-binomial
    law whose correlation is estimated by moments from the 95 % closest to expectation.
    """
    rows = len(table)
    asked = np.zeros((rows, len(names)), dtype=bool)
    silent = np.zeros_like(asked)
    for k, name in enumerate(names):
        asked[:, k] = table.applies(name)
        silent[:, k] = asked[:, k] & ~_valid(table, name)
    expected = np.zeros(rows)
    for c in range(-1, len(table.cells)):
        at = table.cell == c
        if at.any():
            rate = silent[at].sum(axis=0) / np.maximum(asked[at].sum(axis=0), 1)
            expected[at] = asked[at] @ rate
    n, y = asked.sum(axis=1).astype(float), silent.sum(axis=1).astype(float)
    with np.errstate(invalid="ignore", divide="ignore"):
        share, mean = np.where(n > 0, y / n, np.nan), np.where(n > 0, expected / n, np.nan)
    p = np.full(rows, np.nan)
    use = n > 0
    if use.any():
        p[use] = beta_binomial_sf(y[use], n[use], mean[use], _correlation(y[use], n[use], mean[use]))
    items = len(names)
    person, team, cell = (np.repeat(a, items) for a in (np.arange(rows), table.team, table.cell))
    kinds = np.tile(np.arange(items), rows)
    interviewers = against_others(
        silent.ravel().astype(float), asked.ravel().astype(float), kinds, person, team, cell, len(table.teams)
    )
    return share, p, interviewers


def _correlation(y: Array, n: Array, mean: Array) -> float:
    """Correlation of one person's blanks, from the variance of their numbers; 0 where they vary no more than chance."""
    away = (y - n * mean) ** 2
    binomial = n * mean * (1 - mean)
    with np.errstate(invalid="ignore", divide="ignore"):
        pearson = np.where(binomial > 0, away / binomial, 0)
    core = pearson <= np.quantile(pearson, _CORE)
    weight = (binomial * (n - 1))[core].sum()
    return float(np.clip((away - binomial)[core].sum() / weight, 0, 0.5)) if weight > 0 else 0.0


def _valid(table: Table, name: str) -> Bools:
    variable, values = table.codebook[name], table.data[name]
    if variable.codes:
        return np.asarray(values.isin(list(variable.codes)), bool)
    return np.asarray(values.notna(), bool) & ~holds_codes(table.responses, name)


def heaping_columns(table: Table) -> tuple[str, ...]:
    """Numbers of the questionnaire and of the respondent that people could round to fives."""
    names = []
    for name, variable in table.codebook.variables.items():
        if variable.type == "number" and variable.role in ("item", "respondent") and name in table.data.columns:
            x = _numbers(table, name)
            if np.isfinite(x).any() and np.nanmedian(x) >= _ROUND_FROM:
                names.append(name)
    return tuple(names)


def _numbers(table: Table, name: str) -> Array:
    values = numeric(table.data[name])
    if values is None:
        return np.full(len(table), np.nan)
    return np.where(holds_codes(table.responses, name), np.nan, values.astype(float))


def heaping(table: Table, names: tuple[str, ...]) -> tuple[Array, Array, Array]:
    """Whipple's index of each interviewer (100 where a fifth of the numbers are multiples of five, 500 where all are),
    that of the others, and the chance of so many.

    References
    ----------
    Shryock & Siegel (1976), The methods and materials of demography, ch. 8; here over all numbers, not ages 23-62.
    """
    x = np.concatenate([_numbers(table, n) for n in names])
    kinds = np.repeat(np.arange(len(names)), len(table))
    person, team, cell = (np.tile(a, len(names)) for a in (np.arange(len(table)), table.team, table.cell))
    trials = np.isfinite(x).astype(float)
    hits = np.where(trials > 0, np.nan_to_num(x) % HEAP == 0, 0).astype(float)
    share, expected, p = against_others(hits, trials, kinds, person, team, cell, len(table.teams))
    return 100 * HEAP * share, 100 * HEAP * expected, p


def yes_against_others(table: Table, yes: Array) -> tuple[Array, Array, Array]:
    """Share of ones of each interviewer, of the others, and the chance of so many; NaN is not an answer."""
    trials = np.isfinite(yes).astype(float)
    zeros = np.zeros(len(table), dtype=np.int64)
    return against_others(
        np.nan_to_num(yes), trials, zeros, np.arange(len(table)), table.team, table.cell, len(table.teams)
    )


def favour(table: Table, present: Array) -> Array:
    """How much more favourable the answers of each interviewer are with someone in earshot, in points of 0-100.

    Mean over respondents of their mean favourable score over items with a direction, present minus absent; NaN where
    an interviewer has only one of the two.
    """
    points = []
    for k, name in enumerate(table.items):
        variable = table.codebook[name]
        if variable.direction and len(variable.codes) > 1:
            place = np.where(table.answers[:, k] >= 0, table.answers[:, k] / (len(variable.codes) - 1), np.nan)
            points.append(100 * (place if variable.direction > 0 else 1 - place))
    out = np.full(len(table.teams), np.nan)
    if points:
        score = pd.DataFrame(np.column_stack(points)).mean(axis=1)
        frame = pd.DataFrame({"team": table.team, "present": present, "score": score})
        means = frame[frame["team"] >= 0].groupby(["team", "present"])["score"].mean().unstack()
        if {0.0, 1.0} <= set(means.columns):
            out[means.index.to_numpy()] = (means[1.0] - means[0.0]).to_numpy()
    return out
