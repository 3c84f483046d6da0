"""Audit logs of ODK Collect and KoboCollect: time per question and returns to it."""

from __future__ import annotations

import csv
import io
import os
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from survey.base.arguments import explained
from survey.base.catalogue import Note
from survey.base.files import system_message
from survey.codebook import Variable
from survey.codebook.told import describe_values, said
from survey.core.log import LogEntry
from survey.core.responses_data import R
from survey.errors import CleaningError, ReadError, shorten

__all__ = ["Audit", "join_audit", "read_audit"]

_NEEDED = ("event", "node", "start", "end")
_ID = ("instance ID", "instanceID", "instance_id")
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
_TIMED = ("question", "group questions")
_KEYS = ("instanceID", "_uuid", "KEY")
_LONGEST = 24 * 3600.0  # seconds; a question that was open for longer was left open


@dataclass(frozen=True)
class Audit:
    """What audit logs say.

    Parameters
    ----------
    table : DataFrame
        One row per question of an interview: `instanceID`, `node` (its path in the form), `question` (its name),
        `seconds` it was on the screen in all, `visits`, `revisits` (visits after the first).
    interviews : DataFrame
        One row an interview: `instanceID`, `seconds` on questions, `span_s` from the first event to the last,
        `questions`, `revisits`, `constraint_errors`, `resumed` (how often the form was opened again).
    notes : tuple of str
        What could not be counted.
    source : str
        The path that was read.
    """

    table: pd.DataFrame
    interviews: pd.DataFrame
    notes: tuple[str, ...] = field(default=(), repr=False)
    source: str = ""

    def join(self, responses: R, on: str | None = None) -> R:
        """Responses with `audit_s`, `audit_span_s`, `audit_revisits` and `audit_constraint_errors` of each interview.

        Parameters
        ----------
        responses : Responses
        on : str, optional
            The column with the submission id; `instanceID`, `_uuid` or `KEY` when not given.

        Raises
        ------
        CleaningError
            If there is no such column, no interview matches, or the columns already exist.
        """
        data = responses.data
        key = on or next((k for k in _KEYS if k in data.columns), None)
        if key is None or key not in data.columns:
            raise CleaningError(
                "The data have no column that identifies the submission.",
                got=shorten(data.columns),
                expected=shorten(_KEYS),
                fix="name it: audit.join(responses, on=...)",
            )
        new = {
            "audit_s": "seconds",
            "audit_span_s": "span_s",
            "audit_revisits": "revisits",
            "audit_constraint_errors": "constraint_errors",
        }
        there = [n for n in new if n in data.columns]
        if there:
            raise CleaningError("The audit columns already exist.", got=shorten(there), fix="join the audit only once")
        known = self.interviews.set_index("instanceID")
        ids = data[key].astype("str").str.removeprefix("uuid:")
        found = ids.isin(known.index).to_numpy()
        if not found.any():
            raise CleaningError(
                "No audit log belongs to these interviews.",
                where=key,
                got=f"{len(ids):,} interviews",
                expected=shorten(known.index[:3]),
                fix="give the audit logs of these submissions, or set on=",
            )
        columns = {name: ids.map(known[source]).astype(float) for name, source in new.items()}
        book = responses.codebook.update(
            *(Variable(n, role="paradata", unit="seconds" if n.endswith("_s") else "") for n in new)
        )
        alone = int((~known.index.isin(ids)).sum())
        what = (
            f"timings of {int(found.sum()):,} of {len(data):,} interviews by {key}; {alone:,} audit logs are of others"
        )
        arguments = {"path": self.source, "on": key}
        entry = LogEntry("join_audit", what, arguments, len(data), len(data), int(found.sum()))
        book = book.read_from(self.source) if self.source else book
        return responses.logged(entry, data=data.assign(**columns), codebook=book)


@explained(ReadError)
def read_audit(path: str | os.PathLike[str]) -> Audit:
    """Read audit logs: a folder or .zip of audit.csv files in folders named by submission, or one CSV of them all.

    Parameters
    ----------
    path : path
        What KoboToolbox gives as media attachments (.../UUID/audit.csv), ODK Briefcase (audit-uuidUUID.csv), or ODK
        Central (one file with a column 'instance ID').

    Returns
    -------
    Audit
        Times are of the events "question" and "group questions" of the XForms specification of client audit logs;
        milliseconds there, seconds here.

    Raises
    ------
    ReadError
        If there is no audit log, one is cut short or has other columns, or its submission cannot be identified.
    """
    place = Path(path)
    frames: dict[str, pd.DataFrame] = {}
    for name, raw in _opened(place):
        frame = _events(name, raw)
        column = next((c for c in _ID if c in frame.columns), None)
        parts = frame.groupby(column) if column else [(_instance(name), frame)]
        for instance, part in parts:
            key = str(instance).removeprefix("uuid:")
            if key in frames:
                raise ReadError(
                    "Two audit logs belong to the same submission.", where=name, got=key, fix="keep one of them"
                )
            frames[key] = part.reset_index(drop=True)
    if not frames:
        raise ReadError(
            "No audit log was found.",
            where=place,
            got="no such file",
            expected="files named audit.csv",
            fix="download the media attachments of the project",
        )
    tables, interviews, open_, back = [], [], 0, 0
    for instance, events in frames.items():
        table, interview, left, negative = _timings(instance, events)
        tables.append(table)
        interviews.append(interview)
        open_, back = open_ + left, back + negative
    notes = []
    if open_:
        notes.append(Note("reading.audit_open", questions=int(open_)))
    if back:
        notes.append(Note("reading.audit_back", questions=int(back)))
    return Audit(pd.concat(tables, ignore_index=True), pd.DataFrame(interviews), tuple(notes), str(place))


def _opened(place: Path) -> list[tuple[str, bytes]]:
    try:
        return list(_files(place))
    except OSError as problem:
        raise ReadError(
            "The audit logs cannot be opened.",
            where=place,
            got=system_message(problem),
            expected="readable files",
            fix="correct the path",
        ) from problem


def _files(place: Path) -> Iterator[tuple[str, bytes]]:
    if not place.exists():
        raise ReadError("The audit logs do not exist.", where=place, fix="correct the path")
    if place.is_dir():
        for file in sorted(place.rglob("*.csv")):
            if "audit" in file.name.lower():
                yield str(file), file.read_bytes()
    elif place.suffix.lower() == ".zip":
        try:
            with zipfile.ZipFile(place) as archive:
                for name in sorted(archive.namelist()):
                    base = name.rpartition("/")[2].lower()
                    if "audit" in base and base.endswith(".csv"):
                        yield f"{place}, {name}", archive.read(name)
        except (zipfile.BadZipFile, OSError, EOFError) as problem:
            raise ReadError(
                "The archive cannot be read: it is cut short or damaged.",
                where=place,
                got=said(problem),
                fix="download it again",
            ) from problem
    else:
        yield str(place), place.read_bytes()


def _instance(name: str) -> str:
    found = _UUID.findall(name)
    if found:
        return str(found[-1]).lower()
    folder, _, base = name.replace("\\", "/").rpartition("/")
    stem = re.sub(r"(?i)^audit[-_ ]*|\.csv$", "", base)
    last = re.sub(r"^.*, ", "", folder).rpartition("/")[2]
    if stem or last:
        return (stem or last).removeprefix("uuid:").removeprefix("uuid")
    raise ReadError(
        "The submission of an audit log cannot be identified.",
        where=name,
        expected="a folder named after the submission, or a column 'instance ID'",
    )


def _events(name: str, raw: bytes) -> pd.DataFrame:
    try:
        rows = [r for r in csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline=""), strict=True) if r]
    except (UnicodeDecodeError, csv.Error) as problem:
        raise ReadError(
            "An audit log cannot be read.",
            where=name,
            got=said(problem),
            expected="CSV in UTF-8",
            fix="download it again",
        ) from problem
    short = next((i for i, r in enumerate(rows, 1) if len(r) != len(rows[0])), None)
    if short is not None or not rows:
        raise ReadError(
            "An audit log cannot be read: it is cut short.",
            where=name if short is None else f"{name}, row {short}",
            got="no rows" if short is None else f"{len(rows[short - 1])} cells",
            expected=None if short is None else f"{len(rows[0])} cells",
            fix="download it again",
        )
    frame = pd.DataFrame(rows[1:], columns=rows[0], dtype="str")
    lacking = [c for c in _NEEDED if c not in frame.columns]
    if lacking:
        raise ReadError(
            "The file is not an audit log.",
            where=name,
            got=shorten(frame.columns),
            expected=f"columns {shorten(_NEEDED)}",
            fix="remove other files from the folder",
        )
    for c in ("start", "end"):
        times = pd.to_numeric(frame[c].str.strip().replace({"": None, "null": None}), errors="coerce")
        wrong = times.isna() & ~frame[c].str.strip().isin(["", "null"])
        if wrong.any():
            raise ReadError(
                "A timestamp in an audit log is not a number.",
                where=f"{name}, row {int(np.flatnonzero(wrong)[0]) + 2}",
                got=describe_values(frame[c][wrong].unique(), column=frame[c]),
                expected="milliseconds since 1970",
                fix="download it again",
            )
        frame[c] = times
    return frame


def _timings(instance: str, events: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, object], int, int]:
    timed = events[events["event"].isin(_TIMED)]
    seconds = (timed["end"] - timed["start"]) / 1000
    never = seconds.isna() | (seconds > _LONGEST)
    back = seconds < 0
    counted = seconds.mask(never | back)
    groups = pd.DataFrame({"node": timed["node"], "seconds": counted}).groupby("node", sort=False)["seconds"]
    table = pd.DataFrame({"seconds": groups.sum(min_count=1), "visits": groups.size()}).reset_index()
    table.insert(0, "instanceID", instance)
    table.insert(2, "question", [re.sub(r"\[\d+\]$", "", n.rpartition("/")[2]) for n in table["node"]])
    table["revisits"] = table["visits"] - 1
    moments = pd.concat([events["start"], events["end"]]).dropna()
    interview: dict[str, object] = {
        "instanceID": instance,
        "seconds": float(table["seconds"].sum()),
        "span_s": float(moments.max() - moments.min()) / 1000 if len(moments) else np.nan,
        "questions": len(table),
        "revisits": int(table["revisits"].sum()),
        "constraint_errors": int((events["event"] == "constraint error").sum()),
        "resumed": int((events["event"] == "form resume").sum()),
    }
    return table, interview, int(never.sum()), int(back.sum())


def join_audit(self: R, path: str | os.PathLike[str], *, on: str | None = None) -> R:
    """Add the audit measures of each interview from ODK or KoboToolbox logs.

    Parameters
    ----------
    path : path
        Folder, .zip or CSV as in `survey.read_audit`.
    on : str, optional
        The column with the submission id; `instanceID`, `_uuid` or `KEY` when not given.

    Returns
    -------
    Responses
        With `audit_s` (seconds on questions), `audit_span_s` (seconds from the first event to the last),
        `audit_revisits` and `audit_constraint_errors`; empty where there is no log.

    Raises
    ------
    ReadError
        If there is no audit log, or one cannot be read.
    CleaningError
        If there is no such column, no log belongs to these interviews, or the columns already exist.
    """
    return read_audit(path).join(self, on)
