"""How long interviews took for what was asked, when they were held, and whether one interviewer held two at a time."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.base.arrays import Array
from survey.core.columns import numeric
from survey.core.responses_data import ResponsesData
from survey.errors import CleaningError
from survey.quality._table import Table
from survey.quality._tests import robust_z

__all__ = ["clock", "days", "odd_hours", "overlaps", "seconds", "speed"]

_MOST_PAIRS = 200_000
_LEAST_OWN = 10
"""An interviewer with fewer interviews is taken to be as fast as the others."""
_TUKEY_FAR = 3.0
"""Tukey (1977): beyond three times the width of the middle half is far out."""


def seconds(table: Table, name: str) -> Array:
    """A duration as seconds; NaN where it is empty, a declared missing code, or negative.

    Raises
    ------
    CleaningError
        If the column holds no numbers.
    """
    column = table.data[name]
    if pd.api.types.is_timedelta64_dtype(column):
        length: Array = column.dt.total_seconds().to_numpy(float)
        return length
    values = numeric(column)
    if values is None:
        raise CleaningError(
            "`quality` needs durations as numbers.",
            where=f"duration=, {name}",
            got=f"a column of {column.dtype}",
            expected="seconds",
            fix="derive a column of seconds, or give duration=None",
        )
    out = values.astype(float)
    variable = table.codebook.variables.get(name)
    missing = np.isin(out, [c for c in variable.missing if isinstance(c, int | float)]) if variable else False
    return np.where(missing | (out < 0), np.nan, out)


def clock(table: Table | ResponsesData, name: str, argument: str, verb: str = "quality") -> pd.Series:
    """A column of moments.

    Raises
    ------
    CleaningError
        If the column is neither dates with a time of day nor text that reads as such.
    """
    column = table.data[name]
    found = column
    if not pd.api.types.is_datetime64_any_dtype(column):
        text = numeric(column) is None or column.isna().all()
        try:
            found = pd.to_datetime(column.astype(object), errors="coerce", format="ISO8601") if text else None
        except ValueError:  # offsets of several time zones
            found = None
        if found is not None and (found.isna() & column.notna()).any():
            found = None
    if found is None:
        raise CleaningError(
            f"`{verb}` needs interview times as dates with a time.",
            where=f"{argument}=, {name}",
            got=f"a column of {column.dtype}",
            expected="2024-06-18T09:30:00+07:00",
            fix=f"convert it with pandas.to_datetime, or give {argument}=None",
        )
    return found.dt.tz_localize(None) if found.dt.tz is not None else found  # as the interviewer's clock showed


def speed(table: Table, length: Array, path: NDArray[np.int64], seed: int) -> tuple[Array, Array]:
    """Robust z of the duration given path and interviewer, and the log residual given the path alone.

    log(seconds) = interviewer + slope * log(1 + questions asked). The slope is the median of the slopes between pairs
    of interviews with paths of different length (Theil 1950, Sen 1968; at most 200,000 pairs at random), interviewers
    are medians of what is left, and z is what then remains over 1.4826 MAD.
    """
    rows = len(length)
    with np.errstate(divide="ignore", invalid="ignore"):
        y = np.log(np.where(length > 0, length, np.nan))
    x = np.log1p(path.astype(float))
    known = np.flatnonzero(np.isfinite(y))
    if len(known) < 3:
        return np.full(rows, np.nan), np.full(rows, np.nan)
    rng = np.random.default_rng(seed)
    if len(known) * (len(known) - 1) // 2 <= _MOST_PAIRS:
        one, other = (known[i] for i in np.triu_indices(len(known), 1))
    else:
        one, other = (known[rng.integers(0, len(known), _MOST_PAIRS)] for _ in range(2))
    differ = x[one] != x[other]
    slope = 0.0
    if differ.any():
        slope = max(0.0, float(np.median((y[one] - y[other])[differ] / (x[one] - x[other])[differ])))
    left = y - slope * x
    left = left - np.nanmedian(left)
    own = left.copy()
    for t in np.unique(table.team):
        mine = (table.team == t) & np.isfinite(left)
        if t >= 0 and mine.sum() >= _LEAST_OWN:
            own[mine] -= np.median(left[mine])
    return robust_z(own), left


def overlaps(table: Table, start: pd.Series, end: pd.Series) -> Array:
    """Seconds by which an interview began before an earlier one of the same interviewer had ended; 0 for none."""
    out = np.full(len(table), np.nan)
    frame = pd.DataFrame({"who": table.who, "start": start.to_numpy(), "end": end.to_numpy()})
    if table.ids is not None:
        frame = frame[~pd.Series(table.ids).duplicated().to_numpy()]  # a form delivered twice does not overlap itself
    frame = frame[(frame["who"] >= 0) & frame["start"].notna() & frame["end"].notna()]
    frame = frame.sort_values(["who", "start"], kind="stable")
    latest = frame.groupby("who")["end"].cummax().groupby(frame["who"]).shift()
    late = (latest - frame["start"]).dt.total_seconds().fillna(0).clip(lower=0)
    out[frame.index.to_numpy()] = late.to_numpy(float)
    return out


def odd_hours(start: pd.Series, hours: tuple[float, float]) -> tuple[Array, Array]:
    """Hour of the day (9.5 for half past nine), and 1 where it is outside the working hours."""
    hour = start.dt.hour + start.dt.minute / 60
    outside = (hour < hours[0]) | (hour >= hours[1])
    return hour.to_numpy(float), np.where(hour.isna(), np.nan, outside.to_numpy(float))


def days(table: Table, start: pd.Series, length: Array | None, late: Array | None) -> pd.DataFrame:
    """Interviews by interviewer and day.

    Returns
    -------
    DataFrame
        <within>, interviewer, day, interviews, first and last (hour of the day at which one began), minutes (in
        interviews; NaN where unknown), overlaps, too_many (beyond Tukey's far fence: the upper quartile of all
        interviewers' days plus three times the width of the middle half, or more minutes than from the first
        beginning to the last end).
    """
    frame = pd.DataFrame(
        {
            "team": table.team,
            "day": start.dt.normalize().to_numpy(),
            "hour": (start.dt.hour + start.dt.minute / 60 + start.dt.second / 3600).to_numpy(float),
            "minutes": np.nan if length is None else length / 60,
            "overlap": np.nan if late is None else late > 0,
        }
    )
    if table.ids is not None:
        frame = frame[~pd.Series(table.ids).duplicated().to_numpy()]
    frame = frame[(frame["team"] >= 0) & frame["day"].notna()]
    grouped = frame.groupby(["team", "day"], sort=True)
    out = grouped.agg(
        interviews=("hour", "size"),
        first=("hour", "min"),
        last=("hour", "max"),
        minutes=("minutes", lambda x: x.sum(min_count=1)),
        overlaps=("overlap", lambda x: x.sum(min_count=1)),
    ).reset_index()
    low, high = out["interviews"].quantile([0.25, 0.75]) if len(out) else (0.0, 0.0)
    out["too_many"] = out["interviews"] > high + _TUKEY_FAR * max(high - low, 1.0)
    return out
