"""Cases who was drawn, answered or not, and whose weight counts as eligible."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.base.arguments import columns_exist
from survey.base.arrays import Array, weighted_count
from survey.base.codes import Ints, factorize
from survey.base.text import counted
from survey.calibration.keys import key, spelled_alike
from survey.codebook.numeric import column_numbers
from survey.codebook.told import describe_rows, describe_values
from survey.core.sample_data import SampleData
from survey.errors import DesignError, shorten
from survey.responses import Responses
from survey.weighting.response import _outcomes

__all__ = [
    "INTERVIEWS",
    "NOT_ELIGIBLE",
    "UNKNOWN",
    "Cases",
    "eligible_share",
    "everybody",
    "filled_share",
    "named",
    "refuse_missing",
]

Bools = NDArray[np.bool_]

INTERVIEWS, UNKNOWN, NOT_ELIGIBLE = (0, 1), (5, 6), 7
"""Positions in OUTCOMES."""


@dataclass(frozen=True, slots=True)
class Cases:
    """Those drawn: respondents first, each part in its own order.

    `frame` has an index of (file, row) and the columns of the design, of classes and model, and the disposition;
    `outcome` is a position in OUTCOMES, `stayed` says of the sample's rows who is a respondent.
    """

    frame: pd.DataFrame
    outcome: Ints
    answered: Bools
    weights: Array
    stayed: Bools
    disposition: str


def everybody(
    sample: SampleData,
    others: Responses | pd.DataFrame | None,
    disposition: str,
    codes: Mapping[Any, Any],
    variables: list[str],
) -> Cases:
    design, data = sample.design, sample.data
    wanted = [c for c in dict.fromkeys((*design.columns, *variables)) if c != disposition]
    away = others if others is None or isinstance(others, pd.DataFrame) else getattr(others, "data", None)
    if others is not None and not isinstance(away, pd.DataFrame):
        raise DesignError(
            "`nonrespondents` must be Responses or a DataFrame.",
            got=type(others).__name__,
            expected="a DataFrame or Responses",
        )
    parts: dict[Any, pd.DataFrame] = {}
    if away is None or disposition in data.columns:
        parts[0] = _columns(data, [*wanted, disposition], "the sample")
    else:
        parts[0] = _columns(data, wanted, "the sample").assign(**{disposition: "I"})
    if away is not None:
        parts["nonrespondents"] = _columns(away, [*wanted, disposition], "nonrespondents")
        keys = [c for c in wanted if c in (*design.strata, *design.psu)]
        keys += [c for c in variables if c not in keys and _texts(parts[0][c]) == _texts(away[c])]
        parts["nonrespondents"] = parts["nonrespondents"].assign(
            **{c: spelled_alike(parts[0][c], away[c], "nonrespondents") for c in keys}
        )
        _refuse_twice(sample, away)
    for name in variables:
        _refuse_codes(sample, name, parts)
    outcome = _outcomes(pd.concat({k: part[disposition] for k, part in parts.items()}), codes)
    frame = pd.concat({k: part.drop(columns=disposition) for k, part in parts.items()})
    frame[disposition] = pd.concat({k: part[disposition].astype(object) for k, part in parts.items()})
    for name in frame.columns:  # a codebook's categories beside plain numbers
        if isinstance(frame[name].dtype, pd.CategoricalDtype) or frame[name].dtype == object:
            frame[name] = frame[name].astype(object).infer_objects()
    answered = np.isin(outcome, INTERVIEWS)
    astray = answered & (frame.index.get_level_values(0) != 0)
    if astray.any():
        raise DesignError(
            "`nonrespondents` contains interviews.",
            where=named(frame, astray),
            got=counted(int(astray.sum()), "row"),
            expected="sampled cases that are not among the respondents",
            fix="interviews belong in the sample; one that cleaning rejected needs a disposition such as 2.3",
        )
    if not answered.any():
        raise DesignError(
            "There are no respondents.", where=f"column {disposition!r}", expected="interviews (1.1, 1.2, I, P)"
        )
    if answered.all():
        raise DesignError(
            "There are no nonrespondents, so there is no nonresponse to adjust for.",
            got=counted(len(frame), "interview"),
            expected="rows of nonrespondents",
            fix="pass them as adjust_nonresponse(..., nonrespondents=rows), or skip this step",
        )
    weights = np.ones(len(frame)) if design.weights is None else _weights(frame, design.weights)
    order = np.argsort(~answered, kind="stable")
    frame = frame.iloc[order]
    return Cases(frame, outcome[order], answered[order], weights[order], answered[: len(data)], disposition)


def _columns(frame: pd.DataFrame, names: list[str], where: str) -> pd.DataFrame:
    columns_exist(
        names,
        frame.columns,
        "Columns needed for the nonresponse adjustment are missing.",
        DesignError,
        where=where,
        fix="give them the names of the sample's: nonrespondents.rename(columns={'frame_sex': 'sex'})"
        if where == "nonrespondents"
        else "correct the names; or give those who did not answer with nonrespondents=",
    )
    return frame[names]


def _texts(column: pd.Series) -> bool:
    """Whether a column holds text."""
    return any(isinstance(v, str) for v in column.dropna().unique())


def _refuse_twice(sample: SampleData, away: pd.DataFrame) -> None:
    ids = [n for n, v in sample.codebook.variables.items() if v.role == "id"]
    ids = [n for n in ids if n in away.columns and n in sample.data.columns]
    twice = []
    for n in ids:
        own = {key(v) for v in sample.data[n].dropna()}
        twice += sorted({v for v in away[n].dropna() if key(v) in own}, key=str)
    if twice:
        raise DesignError(
            "Some cases are both in the sample and in `nonrespondents`.",
            where=f"column {shorten(ids)}",
            got=describe_values(twice),
            expected="each sampled case once",
            fix="remove them from one of the two",
        )


def _refuse_codes(sample: SampleData, name: str, parts: Mapping[Any, pd.DataFrame]) -> None:
    """An error for text beside numbers, and for codes that the codebook declares missing."""
    values = pd.concat([pd.Series(part[name].unique(), dtype=object).dropna() for part in parts.values()])
    if values.map(lambda v: isinstance(v, str)).nunique() > 1:
        raise DesignError(
            "A variable is text in one table and numeric in the other.",
            where=f"column {name!r}",
            got=describe_values(values, sample.codebook.variables.get(name), column=values),
            expected="one kind of value",
            fix="convert the column to one of them in the sample and in `nonrespondents`",
        )
    variable = sample.codebook.variables.get(name)
    declared = set() if variable is None else set(variable.missing) & set(values.unique())
    if declared:
        raise DesignError(
            "A variable still contains codes that the codebook declares missing.",
            where=f"column {name!r}",
            got=shorten(declared),
            fix="call recode_missing() before sv.Sample(...)",
        )


def _weights(frame: pd.DataFrame, name: str) -> Array:
    fix = "convert the column to numbers"
    values = column_numbers(frame[name], "The weights are not numeric.", DesignError, where=f"column {name!r}", fix=fix)
    bad = ~((values >= 0) & np.isfinite(values))
    if bad.any():
        raise DesignError(
            "Some sampled cases have no usable weight.",
            where=f"column {name!r}, {named(frame, bad)}",
            got=describe_values(frame[name][bad].unique(), column=frame[name]),
            expected="a base weight for every sampled case, respondents and nonrespondents",
            fix="compute base weights for all sampled cases (sv.base_weights)",
        )
    return values


def eligible_share(drawn: Cases, unknown: str | float) -> Array:
    """Share of each weight that counts as eligible: (rows,); NaN where it is still to be estimated."""
    number = {"eligible": 1.0, "ineligible": 0.0, "proportional": np.nan}.get(str(unknown))
    share = np.where(drawn.outcome == NOT_ELIGIBLE, 0.0, 1.0)
    share[np.isin(drawn.outcome, UNKNOWN)] = float(unknown) if number is None else number
    return share


def filled_share(drawn: Cases, share: Array, groups: list[pd.Series]) -> Array:
    """The share with its NaN estimated: eligible weight / weight whose eligibility is known, in groups."""
    code = factorize(groups)[0] if groups else np.zeros(len(share), np.int64)
    waiting, size = np.isnan(share), int(code.max()) + 1
    certain = weighted_count(code, np.where(waiting, 0.0, drawn.weights * share), size)
    known = weighted_count(code, np.where(waiting, 0.0, drawn.weights), size)
    with np.errstate(invalid="ignore", divide="ignore"):
        found = np.where(known > 0, certain / known, certain.sum() / known.sum())
    return np.where(waiting, found[code], share)


def refuse_missing(drawn: Cases, share: Array, names: list[str]) -> None:
    counts, rows = [], np.zeros(len(share), bool)
    for name in dict.fromkeys(names):
        missing = drawn.frame[name].isna().to_numpy() & ~(share == 0) & (drawn.weights > 0)
        if missing.any():
            who = (missing & drawn.answered).sum(), (missing & ~drawn.answered).sum()
            counts.append(f"{name}: {counted(int(who[0]), 'respondent')}, {int(who[1]):,} others")
            rows |= missing
    if counts:
        raise DesignError(
            "A variable of the classes or the model is missing for some eligible cases.",
            where=named(drawn.frame, rows),
            got="; ".join(counts),
            expected="a value for every eligible case",
            fix="fill the cells from the sampling frame, or give them a separate category",
        )


def named(frame: pd.DataFrame, at: Bools) -> str:
    """Rows of an index of (file, row) in words: "rows 3, 4; rows 7 of nonrespondents"."""
    file, row = (frame.index.get_level_values(i)[at] for i in (0, 1))
    parts = [describe_rows(row, file == 0)] if (file == 0).any() else []
    parts += [f"{describe_rows(row, file != 0)} of nonrespondents"] if (file != 0).any() else []
    return "rows " + "; rows ".join(parts)
