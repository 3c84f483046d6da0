"""`responses.by_day(...)`: how many responses came in each day, by whom or from where."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from survey.base import catalogue
from survey.base.arguments import columns_exist, listed
from survey.base.catalogue import Note
from survey.base.names import columns_named
from survey.codebook import LANGUAGES, Variable
from survey.core.responses_data import ResponsesData
from survey.core.result import refuse_reserved
from survey.errors import CleaningError
from survey.estimates import Summary
from survey.quality._timing import clock
from survey.words import locale as loc

__all__ = ["BREAK", "by_day"]

BREAK = 14
"""Days without any response after which a new period of fieldwork begins; shorter gaps are days with 0."""
_COLUMNS = ("day", "responses", "cumulative")


def by_day(self: ResponsesData, start: str = "int_start", by: str | Iterable[str] | None = None) -> Summary:
    """Count responses a day, and all up to that day.

    Parameters
    ----------
    start : str
        The column of when an interview began: dates, or text that reads as such.
    by : str or list of str, optional
        Interviewers, wards or waves: each has a row a day.

    Returns
    -------
    Summary
        Statistic "fieldwork": day (ISO 8601), <by...>, responses, cumulative (since the first day). Days without
        responses are rows of 0, but for breaks of more than 14 days. Rows without a date are counted in a note.

    Raises
    ------
    CleaningError
        If there is no such column, it holds no dates, or no row has one.

    Examples
    --------
    >>> sv.figures.fieldwork(clean.by_day(by="ward_legacy_code"))  # doctest: +SKIP
    """
    [start, *groups] = columns_named([start, *listed(by)], self.data.columns)
    message = "`by_day` was told of a column that the data lack."
    columns_exist([start], self.data.columns, message, CleaningError, where="start=")
    columns_exist(groups, self.data.columns, message, CleaningError, where="by=")
    refuse_reserved(groups, _COLUMNS, CleaningError)
    day = clock(self, start, "start", "by_day").dt.normalize()
    known = day.notna()
    if not known.any():
        raise CleaningError("No response has a date.", where=start, got="empty cells", expected="dates")
    frame = self.data.loc[known, groups].assign(day=day[known])
    every = _days(frame["day"])
    counts = _counted(frame, groups, every)
    absent = int((~known).sum())
    labels = {d: {lang: loc.date(pd.Timestamp(d).date(), lang) for lang in LANGUAGES} for d in counts["day"].unique()}
    words = Variable("day", "nominal", catalogue.texts("fieldwork.day"), labels)
    return Summary(
        counts,
        "fieldwork",
        ("day", *groups),
        codebook=self.codebook.update(words),
        notes=(Note("notes.without_day", n=absent),) if absent else (),
        source=self.codebook.title.get("en") or ", ".join(s.path for s in self.sources),
        simulated=self.codebook.simulated,
    )


def _days(day: pd.Series) -> pd.DatetimeIndex:
    """All days of the fieldwork: those with responses, and the gaps between them that are no breaks."""
    found = pd.DatetimeIndex(np.sort(day.unique()))
    parts = [found[:1]]
    for before, after in pairwise(found):
        gap = (after - before).days
        parts.append(pd.date_range(before, after)[1:] if gap <= BREAK else pd.DatetimeIndex([after]))
    return pd.DatetimeIndex(np.concatenate([np.asarray(part) for part in parts]))


def _counted(frame: pd.DataFrame, groups: list[str], every: pd.DatetimeIndex) -> pd.DataFrame:
    """A row a group and day; groups in their order, days without responses with 0."""
    if not groups:
        table = (
            frame.groupby("day")
            .size()
            .reindex(every, fill_value=0)
            .rename_axis("day")
            .rename("responses")
            .reset_index()
        )
    else:
        found = frame.groupby(groups, observed=True, dropna=False, sort=True)["day"]
        parts = []
        for key, own in found:
            values: Any = key if isinstance(key, tuple) else (key,)
            part = _of(own, every)
            for name, value in zip(groups, values, strict=True):
                part[name] = value
            parts.append(part)
        table = pd.concat(parts, ignore_index=True)
    by_group = table.groupby(groups, sort=False, dropna=False) if groups else None
    together = table["responses"].cumsum() if by_group is None else by_group["responses"].cumsum()
    table = table.assign(day=table["day"].dt.strftime("%Y-%m-%d").astype(object), cumulative=together)
    return table[["day", *groups, "responses", "cumulative"]]


def _of(day: pd.Series, every: pd.DatetimeIndex) -> pd.DataFrame:
    """How often each day stands there."""
    counts = day.value_counts().reindex(every, fill_value=0)
    return counts.rename_axis("day").rename("responses").reset_index()
