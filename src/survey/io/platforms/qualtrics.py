"""Exports of Qualtrics: header rows of names, wording and import ids, of which some may have been cut out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from survey.base.catalogue import Note, listed
from survey.codebook import Variable, catalogue_text
from survey.errors import ReadError, shorten
from survey.io._raw import Options, Raw
from survey.io.platforms import _answers as answers
from survey.io.platforms._draft import Draft
from survey.io.platforms._form import plain
from survey.io.platforms._table import Table, tables_of
from survey.io.platforms._worded import Column, both_languages, declared_sets, put_all

__all__ = ["read_qualtrics"]

# by import id: our name, type, role
_META = {
    "startDate": ("StartDate", "date", "paradata"),
    "endDate": ("EndDate", "date", "paradata"),
    "recordedDate": ("RecordedDate", "date", "paradata"),
    "status": ("Status", "text", "paradata"),
    "ipAddress": ("IPAddress", "text", "personal"),
    "progress": ("Progress", "number", "paradata"),
    "duration": ("duration_s", "number", "paradata"),
    "finished": ("Finished", "binary", "paradata"),
    "_recordId": ("ResponseId", "text", "paradata"),
    "responseId": ("ResponseId", "text", "paradata"),
    "responseSetId": ("ResponseSet", "text", "paradata"),
    "recipientLastName": ("RecipientLastName", "text", "personal"),
    "recipientFirstName": ("RecipientFirstName", "text", "personal"),
    "recipientEmail": ("RecipientEmail", "text", "personal"),
    "externalDataReference": ("ExternalReference", "text", "paradata"),
    "locationLatitude": ("LocationLatitude", "text", "personal"),
    "locationLongitude": ("LocationLongitude", "text", "personal"),
    "locationAccuracy": ("LocationAccuracy", "text", "paradata"),
    "distributionChannel": ("DistributionChannel", "text", "paradata"),
    "userLanguage": ("UserLanguage", "text", "paradata"),
}
# by name, where there are no import ids; those of the former format too
_NAMED = {
    **{name.lower(): id_ for id_, (name, _, _) in _META.items()},
    "duration (in seconds)": "duration",
    "externaldatareference": "externalDataReference",
    "emailaddress": "recipientEmail",
    "name": "recipientLastName",
}
_ID = re.compile(r"""["']ImportId["']\s*:\s*["']([^"']*)["']""")
_CHOICE = re.compile(r"""["']choiceId["']\s*:\s*["']?([^"',}]*)""")
_ZONE = re.compile(r"""["']timeZone["']\s*:\s*["']([^"']*)["']""")
_SEEN = "-99"
"""What Qualtrics writes, where asked to, for a question that was seen and not answered."""


@dataclass(frozen=True, slots=True)
class _Head:
    """The header rows of an export: names, wording, import id and choice of each column; how many rows they are."""

    names: Sequence[str]
    wording: Sequence[str]
    ids: Sequence[str]
    choices: Sequence[str]
    rows: int
    zone: str = ""


def read_qualtrics(path: Path, options: Options) -> Raw:
    """Read an export of Qualtrics as CSV, TSV or XLSX, with numeric values or choice text.

    Names are those of the first row, wording that of the second, import ids those of the third; where rows were cut
    out, what stands in a row tells which it is. Columns of one choice each (`Q3_1`, `Q3_2`: "Split multi-value fields
    into columns") become 0/1 where the codebook declares a set or the third row names choices. -99, for questions that
    were seen and not answered, is a missing code. Previews and unfinished answers are kept and counted in a note.

    Raises
    ------
    ReadError
        If the columns of Qualtrics are not there, or an answer is not an option of its question.
    """
    table = next(iter(tables_of(path, options).values()))
    draft = Draft(str(path), options.codebook)
    head = _head(table, draft.notes)
    columns: list[Column] = []
    choice_of: dict[str, str] = {}
    for i, (name, cells) in enumerate(zip(head.names, table.cells, strict=True)):
        body = cells.iloc[head.rows :].reset_index(drop=True)
        if not name and body.isna().all():
            continue  # the former format ends its rows with a comma
        text = both_languages(plain(head.wording[i]))
        meta = _META.get(head.ids[i])
        if meta is not None and meta[0] not in draft.columns:
            own, kind, role = meta
            draft.put(own, _meta(body, kind), Variable(own, type=kind, text=text, role=role), name)
            continue
        columns.append(Column(name or f"column_{i + 1}", name, body, text))
        if head.choices[i] and not name.endswith("_TEXT"):
            choice_of[name] = head.choices[i]
    _seen(draft, columns := _single(columns, draft))
    _choices(draft, columns, choice_of)
    if head.zone:
        draft.notes.append(Note("reading.clock_account", zone=head.zone))
    _tell(draft)
    return draft.raw(("ResponseId",))


def _head(table: Table, notes: list[str]) -> _Head:
    """Which rows are headers: import ids stand in the third or the second; wording is what is no answer."""
    names = list(table.header)
    rows = [["" if pd.isna(c.iloc[r]) else str(c.iloc[r]) for c in table.cells] for r in range(min(2, len(table)))]
    of_ids = next((r for r, row in enumerate(rows) if any(_ID.search(cell) for cell in row)), None)
    if of_ids is not None:
        strange = [n for n, c in zip(names, rows[of_ids], strict=True) if c and not _ID.search(c)]
        if strange:
            raise ReadError(
                "The row of import ids holds other text: its header rows were changed.",
                where=f"{table.where}, row {of_ids + 2}",
                got=f"{shorten(strange)} lack one",
                expected='{"ImportId":"QID1"} under every name',
                fix="export it again as CSV with all header rows",
            )
        found = [_ID.search(c) for c in rows[of_ids]]
        ids = [_bare(m[1]) if m else _NAMED.get(n.lower(), "") for n, m in zip(names, found, strict=True)]
        picked = [_CHOICE.search(c) for c in rows[of_ids]]
        zone = next((m[1] for c in rows[of_ids] if (m := _ZONE.search(c))), "")
        wording = rows[0] if of_ids else ["" for _ in names]
        return _Head(names, wording, ids, [m[1] if m else "" for m in picked], of_ids + 1, zone)
    former = rows and any(re.fullmatch(r"V\d+", n) for n in names)
    called = (
        [w if former and re.fullmatch(r"V\d+", n) and w else n for n, w in zip(names, rows[0], strict=True)]
        if rows
        else names
    )
    ids = [_NAMED.get(n.lower(), "") for n in called]
    if not {"startDate", "endDate"} <= set(ids) and "responseId" not in ids and "_recordId" not in ids:
        raise ReadError(
            "The third row has no import ids, and the columns of Qualtrics are not there.",
            where=f"{table.where}, row 3",
            got=shorten(names),
            expected='columns StartDate, EndDate, ResponseId; {"ImportId":"QID1"} under every name',
            fix="export it again as CSV with all header rows",
        )
    own = [(i, c) for i, c in zip(ids, rows[0], strict=True) if i and c] if rows else []
    worded = bool(own) and not any(_answers(i, c) for i, c in own)
    notes.append(Note("reading.import_ids_lacking" if worded else "reading.wording_lacking"))
    return _Head(called, rows[0] if worded else ["" for _ in names], ids, ["" for _ in names], int(worded))


def _bare(id_: str) -> str:
    """An import id without what the former format puts before it: panel-RecipientEmail, Location-LocationLatitude."""
    last = id_.rpartition("-")[2]
    return _NAMED.get(last.lower(), id_) if id_.startswith(("panel-", "Location-")) else id_


def _answers(id_: str, cell: str) -> bool:
    """Whether a cell is what the platform writes in a row of answers, and no wording."""
    if id_ in ("startDate", "endDate", "recordedDate"):
        return bool(re.match(r"\d", cell))
    if id_ in ("_recordId", "responseId"):
        return cell.startswith("R_") or cell.isdecimal()
    return id_ in ("progress", "finished", "duration", "status") and cell.strip().lstrip("-").isdecimal()


def _single(columns: list[Column], draft: Draft) -> list[Column]:
    """Columns under names of their own: loops and old exports repeat them, or what a row of a matrix begins with."""
    count: dict[str, int] = {}
    found = []
    for c in columns:
        twice = re.fullmatch(r"(.+)_(\1.*)", c.name)
        if twice and draft.variable(c.name) is None and draft.variable(twice[2]) is not None:
            c = replace(c, name=twice[2])
        count[c.name] = count.get(c.name, 0) + 1
        found.append(c if count[c.name] == 1 else replace(c, name=f"{c.name}_{count[c.name]}"))
    for name, n in count.items():
        if n > 1:
            draft.notes.append(Note("reading.header_repeated", header=repr(name), columns=n))
    return found


def _seen(draft: Draft, columns: list[Column]) -> None:
    """-99 declared as a blank answer, in the codebook too, where nothing else says what it is."""
    text = catalogue_text("labels.seen_not_answered")
    marked = [c.name for c in columns if (c.cells == _SEEN).any()]
    told: list[Variable] = []
    sets = {m for _, members in declared_sets(draft.given).values() for m in members}
    for name in list(marked):
        v = draft.variable(name)
        if name in sets or (v is not None and {-99, _SEEN} & {*v.missing, *v.labels}):
            marked.remove(name)
        elif v is not None:
            numbers = v.type == "number" or any(isinstance(c, int | float) for c in v.labels)
            told.append(_with_mark(v, -99 if numbers else _SEEN, text))
    if draft.given is not None and told:
        draft.given = draft.all = draft.given.update(*told)
    if marked:
        draft.marked = {name: text for name in marked}
        draft.notes.append(Note("reading.seen_not_answered", columns=listed(marked, 8)))


def _with_mark(v: Variable, code: Any, text: Any) -> Variable:
    return replace(
        v,
        missing=MappingProxyType({**v.missing, code: "blank"}),
        missing_labels=MappingProxyType({**v.missing_labels, code: text}),
    )


def _meta(cells: pd.Series, kind: str) -> pd.Series:
    if kind == "date":
        return answers.as_times(cells)
    if kind == "binary":
        values = cells.str.strip().str.lower().map({"true": 1.0, "1": 1.0, "false": 0.0, "0": 0.0})
        return values if values.isna().equals(cells.isna()) else cells
    return answers.as_numbers(cells) if kind == "number" else cells


def _choices(draft: Draft, columns: list[Column], choice_of: dict[str, str]) -> None:
    """Columns of one choice each as 0/1, all others as the codebook declares them."""
    families: dict[str, list[Column]] = {}
    for name, (_, members) in declared_sets(draft.given).items():
        mine = [c for c in columns if c.name in members]
        if mine:
            families[name] = mine
    inside = {c.name for family in families.values() for c in family}
    for c in columns:
        match = re.fullmatch(r"(.+)_\d+", c.name)
        if match and c.name in choice_of and c.name not in inside:
            families.setdefault(match[1], []).append(c)
    first = {family[0].name: base for base, family in families.items()}
    inside = {c.name for family in families.values() for c in family}
    rest: list[Column] = []
    for c in columns:
        if c.name in first:
            put_all(draft, rest, {})
            rest = []
            _family(draft, first[c.name], families[first[c.name]], choice_of)
        elif c.name not in inside:
            rest.append(c)
    put_all(draft, rest, {})
    for name, text in draft.marked.items():
        v = draft.variables.get(name)
        if v is not None and draft.variable(name) is None:
            numbers = pd.api.types.is_numeric_dtype(draft.columns[name].dtype)
            draft.variables[name] = _with_mark(v, -99 if numbers else _SEEN, text)


def _family(draft: Draft, base: str, family: list[Column], choice_of: dict[str, str]) -> None:
    answered = np.any([c.cells.notna().to_numpy() for c in family], axis=0)
    draft.hold(base)
    members = {}
    text = both_languages("")
    for c in family:
        stem, _, option = next(iter(c.text.values()), "").rpartition(" - ")
        text = text or both_languages(stem.removesuffix(" - Selected Choice"))
        ticked = c.cells.notna().to_numpy() & ~c.cells.isin(["0", "-99"]).to_numpy()
        values = np.where(answered, ticked.astype(float), np.nan)
        members[c.name] = (choice_of.get(c.name, c.name), both_languages(option), values)
    draft.spread(base, text, members)


def _tell(draft: Draft) -> None:
    status = draft.columns.get("Status")
    if status is not None:
        previews = int(status.isin(["Survey Preview", "1", "Survey Test", "4"]).sum())
        if previews:
            draft.notes.append(Note("reading.previews", rows=previews))
    finished = draft.columns.get("Finished")
    if finished is not None and pd.api.types.is_numeric_dtype(finished):
        unfinished = int((finished == 0).sum())
        if unfinished:
            draft.notes.append(Note("reading.unfinished", rows=unfinished))
