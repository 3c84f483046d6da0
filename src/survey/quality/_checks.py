"""The checks, one method each: what it adds to the table of respondents and to that of interviewers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from survey.base.arrays import Array
from survey.base.catalogue import Note, either
from survey.core.columns import numeric
from survey.core.contrasts import adjust_pvalues
from survey.errors import CleaningError
from survey.quality import _interviews, _near_duplicates, _places, _straightlining, _timing
from survey.quality._effects import interviewer_icc
from survey.quality._table import Bools, Table
from survey.quality._tests import against_others, shorter
from survey.quality._words import FLAGS
from survey.quality.result import Quality

__all__ = ["FieldChecks"]

_PATH_TYPES = ("ordinal", "nominal", "binary", "number")
_NO_INTERVIEWER = Note("skipped.no_interviewer")


@dataclass
class FieldChecks:
    """Columns of the two tables as they come up."""

    table: Table
    at: Mapping[str, str | None]
    fdr: float
    alpha: float
    seed: int
    people: dict[str, Any] = field(default_factory=dict)
    flags: dict[str, Bools] = field(default_factory=dict)
    teams: dict[str, Any] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    days: pd.DataFrame = field(default_factory=pd.DataFrame)
    tame: Bools = field(init=False)

    def team(self, check: str, value: Array, others: Array, p: Array) -> None:
        """A check of interviewers; p is adjusted for their number."""
        if len(self.table.teams):
            self.teams |= {check: value, f"{check}_others": others, f"{check}_p": adjust_pvalues(p, "holm")}

    def flag(self, check: str, flagged: Bools, seen: Bools | None = None, teams: bool = True) -> None:
        """A flag of respondents, and each interviewer's share of it."""
        self.flags[check] = flagged
        if teams:
            yes = flagged.astype(float) if seen is None else np.where(seen, flagged, np.nan)
            self.team(check, *_interviews.yes_against_others(self.table, yes))

    def lines(self) -> None:
        """One answer down the page."""
        if not self.table.items:
            self.skipped["straight_line"] = Note("skipped.no_items")
            self.tame = np.ones(len(self.table), dtype=bool)
            return
        found = _straightlining.straight_lines(self.table)
        self.people |= {"longest_run": found.longest, "irv": found.irv}
        self.tame = np.isnan(found.code)
        if not found.batteries:
            self.skipped["straight_line"] = Note("skipped.one_way")
            return
        self.people |= {"line_code": found.code, "line_answers": found.answers}
        self.flag("straight_line", ~self.tame)

    def near(self) -> None:
        """Near-duplicates."""
        why = (
            _NO_INTERVIEWER
            if self.at["interviewer"] is None
            else Note("skipped.few_items", least=_near_duplicates.MIN_ITEMS)
            if len(self.table.items) < _near_duplicates.MIN_ITEMS
            else ""
        )
        if not why:
            found = _near_duplicates.near_duplicates(self.table, self.tame, self.seed)
            why = "" if found.cells else Note("skipped.few_interviews")
        if why:
            self.skipped["near_duplicate"] = why
            return
        adjusted = adjust_pvalues(found.p, "bh")
        suspect = adjust_pvalues(found.group_p, "holm") < self.alpha  # whose interviews are alike as a set
        for t in np.flatnonzero(suspect):
            own = np.flatnonzero(self.table.team == t)
            adjusted[own] = np.fmin(adjusted[own], adjust_pvalues(found.p[own], "bh"))
        index = self.table.data.index
        twin = np.full(len(index), None, dtype=object)
        has = found.twin >= 0
        twin[has] = index.to_numpy()[found.twin[has]]
        self.people |= {
            "twin": pd.array(twin),
            "twin_share": found.share,
            "twin_answers": found.joint,
            "twin_p": found.p,
            "twin_p_adjusted": adjusted,
        }
        self.flag("near_duplicate", np.nan_to_num(adjusted, nan=1.0) <= self.fdr, teams=False)
        n = np.maximum(np.bincount(self.table.team[self.table.team >= 0], minlength=len(self.table.teams)), 1)
        self.team("near_duplicate", found.close / n, found.expected / n, found.group_p)

    def durations(self, z: float, least: float) -> None:
        """Too fast for what was asked, for this interviewer; and interviewers who are faster than others."""
        name = self.at["duration"]
        if name is None:
            self.skipped["fast"] = Note("skipped.no_durations")
            self.skipped["short"] = Note("skipped.no_durations")
            return
        table = self.table
        length = _timing.seconds(table, name)
        path = np.zeros(len(table), dtype=np.int64)
        for item in self.questions:
            path += table.applies(item)
        far, left = _timing.speed(table, length, path, self.seed)
        with np.errstate(invalid="ignore"):
            fast = (far < -z) | (length < least * path)
        self.people |= {"seconds": length, "questions_asked": path, "speed_z": far}
        self.flag("fast", fast, np.isfinite(length))
        n, ratio = len(table.teams), np.full(len(table.teams), np.nan)
        for t in range(n):
            own = left[(table.team == t) & np.isfinite(left)]
            ratio[t] = np.exp(np.median(own)) if len(own) else np.nan
        self.team("short", ratio, np.ones(n), shorter(left, table.team, table.cell, n))

    @property
    def questions(self) -> tuple[str, ...]:
        """All questions of the codebook that the data have: what a path is counted in."""
        book, data = self.table.codebook, self.table.data
        named = [n for n, v in book.variables.items() if v.role == "item" and v.type in _PATH_TYPES]
        return tuple(n for n in dict.fromkeys([*named, *self.table.items]) if n in data.columns)

    def unanswered(self) -> None:
        """Questions that applied and have no valid answer."""
        if not self.questions:
            self.skipped["nonresponse"] = Note("skipped.no_questions")
            return
        share, p, interviewers = _interviews.nonresponse(self.table, self.questions)
        adjusted = adjust_pvalues(p, "bh")
        self.people |= {"unanswered": share, "unanswered_p": p, "unanswered_p_adjusted": adjusted}
        self.flag("nonresponse", np.nan_to_num(adjusted, nan=1.0) <= self.fdr, teams=False)
        self.team("nonresponse", *interviewers)

    def heaping(self) -> None:
        """Numbers rounded to fives."""
        names = _interviews.heaping_columns(self.table)
        if not names or not len(self.table.teams):
            self.skipped["heaping"] = Note("skipped.no_numbers") if not names else _NO_INTERVIEWER
            return
        self.team("heaping", *_interviews.heaping(self.table, names))

    def circumstances(self, hours: tuple[float, float]) -> None:
        """Official, visits, times."""
        table = self.table
        present, calls = self._numbers("official"), self._numbers("visits")
        if present is None:
            self.skipped["official"] = Note("skipped.no_official")
        else:
            present = np.where(np.isin(present, [0, 1]), present, np.nan)
            self.flag("official", present == 1, np.isfinite(present))
            if len(table.teams):
                self.teams["official_difference"] = _interviews.favour(table, present)
        if calls is None:
            self.skipped["one_call"] = Note("skipped.no_visits")
        else:
            calls = np.where(calls >= 1, calls, np.nan)
            self.people["visits"] = calls
            self.team("one_call", *_interviews.yes_against_others(table, np.where(np.isnan(calls), np.nan, calls == 1)))
        if self.at["start"] is None:
            self.skipped |= dict.fromkeys(("overlap", "odd_hour", "too_many"), Note("skipped.no_starts"))
            return
        start = _timing.clock(table, self.at["start"], "start")
        hour, outside = _timing.odd_hours(start, hours)
        self.people["hour"] = hour
        self.flag("odd_hour", outside == 1, np.isfinite(outside))
        self._days(start)

    def _days(self, start: pd.Series) -> None:
        table, length = self.table, self.people.get("seconds")
        late = None
        if self.at["end"] is None and length is None:
            self.skipped["overlap"] = Note("skipped.no_ends")
        elif self.at["interviewer"] is None:
            self.skipped["overlap"] = _NO_INTERVIEWER
        else:
            end = self.at["end"]
            until = start + pd.to_timedelta(length, "s") if end is None else _timing.clock(table, end, "end")
            late = _timing.overlaps(table, start, until)
            self.people["overlap_s"] = late
            with np.errstate(invalid="ignore"):
                self.flag("overlap", late > 0, np.isfinite(late))
        if self.at["interviewer"] is None:
            self.skipped["too_many"] = _NO_INTERVIEWER
            return
        self.days = _timing.days(table, start, length, late)
        team, each = self.days["team"].to_numpy(np.int64), np.arange(len(self.days))
        cell = table.teams["cell"].to_numpy(np.int64)[team]
        hits = self.days["too_many"].to_numpy(float)
        self.team("too_many", *against_others(hits, np.ones(len(hits)), 0 * each, each, team, cell, len(table.teams)))

    def places(self, far: float) -> None:
        """Distances."""
        table, latitude, longitude = self.table, self.at["latitude"], self.at["longitude"]
        if latitude is None or longitude is None:
            self.skipped |= dict.fromkeys(("far", "same_point"), Note("skipped.no_places"))
            return
        cluster = self.at["cluster"]
        codes = np.full(len(table), -1) if cluster is None else pd.factorize(table.data[cluster])[0].astype(np.int64)
        distance, same = _places.places(table, latitude, longitude, codes)
        if cluster is None:
            self.skipped["far"] = Note("skipped.no_clusters")
        else:
            self.people["distance_m"] = distance
            with np.errstate(invalid="ignore"):
                self.flag("far", distance > far, np.isfinite(distance))
        if self.at["interviewer"] is None:
            self.skipped["same_point"] = _NO_INTERVIEWER
        else:
            self.people["same_points"] = same
            with np.errstate(invalid="ignore"):
                self.flag("same_point", same > 0, np.isfinite(same))
        if (precision := self._numbers("accuracy")) is not None:
            self.people["accuracy_m"] = precision

    def _numbers(self, argument: str) -> Array | None:
        name = self.at[argument]
        if name is None:
            return None
        values = numeric(self.table.data[name])
        if values is None:
            raise CleaningError(
                "`quality` needs a numeric column.",
                where=f"{argument}=, {name}",
                got=f"a column of {self.table.data[name].dtype}",
                fix=f"recode it, or give {argument}=None",
            )
        return values.astype(float)

    def result(self, within: tuple[str, ...]) -> Quality:
        """Put the tables together."""
        table, data = self.table, self.table.data
        unknown = int((table.team < 0).sum())
        if self.at["interviewer"] is not None and unknown:
            if within:
                note = Note("notes.no_interviewer_or", n=unknown, columns=either(within))
            else:
                note = Note("notes.no_interviewer", n=unknown)
            self.notes.append(note)
        who = np.array([*table.names, None], dtype=object)[table.who]
        head = {name: data[name] for name in dict.fromkeys([*table.id_columns, *within])}
        if self.at["interviewer"] is not None:
            head["interviewer"] = pd.Series(who, index=data.index, dtype=object)
        flags = {name: self.flags[name] for name in FLAGS if name in self.flags}
        total = np.sum(list(flags.values()), axis=0, dtype=int) if flags else np.zeros(len(data), dtype=int)
        plain = {n: pd.Series(v, index=data.index) for n, v in (*self.people.items(), *flags.items())}
        people = pd.DataFrame(head | plain | {"flags": pd.Series(total, index=data.index)}, index=data.index)
        codes = dict.fromkeys(table.items)
        values = {n: _codes(table, k) for k, n in enumerate(codes) if table.codebook[n].type != "nominal"}
        usable = self.at["interviewer"] is not None and len(table.teams) > 0
        return Quality(
            respondents=people,
            interviewers=self._interviewers(total, within),
            days=self._named_days(within),
            icc=interviewer_icc(values if usable else {}, table.team, table.cell, 0.95),
            looked=tuple(dict.fromkeys([*flags, *(n[:-2] for n in self.teams if n.endswith("_p"))])),
            skipped=dict(self.skipped),
            alpha=self.alpha,
            within=within,
            codebook=table.codebook,
            notes=tuple(self.notes),
            source=_source(table),
        )

    def _interviewers(self, total: Array, within: tuple[str, ...]) -> pd.DataFrame:
        table = self.table
        teams, n = table.teams, len(table.teams)
        member = table.team >= 0
        size = np.bincount(table.team[member], minlength=n)
        out = {name: table.cells[name].to_numpy()[teams["cell"]] for name in within}
        out["interviewer"] = np.array(table.names, dtype=object)[teams["who"]] if n else np.array([], dtype=object)
        out["n"] = size
        if "seconds" in self.people:
            seconds = pd.Series(self.people["seconds"])[member].groupby(table.team[member]).median()
            out["seconds"] = seconds.reindex(range(n)).to_numpy()
        out["flagged"] = np.bincount(table.team[member], (total > 0)[member], minlength=n) / np.maximum(size, 1)
        alerts = np.sum([v < self.alpha for k, v in self.teams.items() if k.endswith("_p")], axis=0, dtype=int)
        return pd.DataFrame({**out, **self.teams, "alerts": alerts if self.teams else np.zeros(n, dtype=int)})

    def _named_days(self, within: tuple[str, ...]) -> pd.DataFrame:
        if not len(self.days):
            columns = [*within, "interviewer", "day", "interviews", "first", "last", "minutes", "overlaps", "too_many"]
            return pd.DataFrame({c: pd.Series(dtype=bool if c == "too_many" else object) for c in columns})
        table = self.table
        rows = table.teams.iloc[self.days["team"]]
        out = {name: table.cells[name].to_numpy()[rows["cell"]] for name in within}
        out["interviewer"] = np.array(table.names, dtype=object)[rows["who"]]
        return pd.DataFrame(out).join(self.days.drop(columns="team"))


def _codes(table: Table, k: int) -> Array:
    codes = np.array([*table.codebook[table.items[k]].codes, np.nan], dtype=float)
    return codes[table.answers[:, k]]


def _source(table: Table) -> str:
    return table.codebook.title.get("en") or ", ".join(s.path for s in table.responses.sources)
