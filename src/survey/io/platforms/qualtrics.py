"""Exports of Qualtrics: three header rows, of names, wording and import ids."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd

from survey.base.catalogue import Note
from survey.codebook import Variable
from survey.errors import ReadError, shorten
from survey.io._raw import Options, Raw
from survey.io.platforms import _answers as answers
from survey.io.platforms._draft import Draft
from survey.io.platforms._form import plain
from survey.io.platforms._table import tables_of
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
    "recipientLastName": ("RecipientLastName", "text", "personal"),
    "recipientFirstName": ("RecipientFirstName", "text", "personal"),
    "recipientEmail": ("RecipientEmail", "text", "personal"),
    "externalDataReference": ("ExternalReference", "text", "paradata"),
    "locationLatitude": ("LocationLatitude", "text", "personal"),
    "locationLongitude": ("LocationLongitude", "text", "personal"),
    "distributionChannel": ("DistributionChannel", "text", "paradata"),
    "userLanguage": ("UserLanguage", "text", "paradata"),
}


def read_qualtrics(path: Path, options: Options) -> Raw:
    """Read an export of Qualtrics as CSV, TSV or XLSX, with numeric values or choice text.

    Names are those of the first row, wording that of the second. Columns of one choice each (`Q3_1`, `Q3_2`: "Split
    multi-value fields into columns") become 0/1 where the codebook declares a set or the third row names choices.
    Previews and unfinished answers are kept and counted in a note.

    Raises
    ------
    ReadError
        If the third row has no import ids, or an answer is not an option of its question.
    """
    table = next(iter(tables_of(path, options).values()))
    ids, zone = _import_ids(table.header, [c.iloc[1] if len(c) > 1 else None for c in table.cells], table.where)
    draft = Draft(str(path), options.codebook)
    columns: list[Column] = []
    choice_of: dict[str, str] = {}
    for header, cells, (id_, choice) in zip(table.header, table.cells, ids, strict=True):
        wording, body = cells.iloc[0], cells.iloc[2:].reset_index(drop=True)
        text = both_languages(plain(wording) if isinstance(wording, str) else "")
        if id_ in _META:
            name, kind, role = _META[id_]
            draft.put(name, _meta(body, kind), Variable(name, type=kind, text=text, role=role), header)
            continue
        columns.append(Column(header, header, body, text))
        if choice and not header.endswith("_TEXT"):
            choice_of[header] = choice
    _choices(draft, columns, choice_of)
    if zone:
        draft.notes.append(Note("reading.clock_account", zone=zone))
    _tell(draft)
    return draft.raw(("ResponseId",))


def _import_ids(headers: tuple[str, ...], third: list[str | None], where: str) -> tuple[list[tuple[str, str]], str]:
    found, zone, wrong = [], "", []
    for header, cell in zip(headers, third, strict=True):
        try:
            entry = json.loads(cell or "")
            found.append((str(entry["ImportId"]), str(entry.get("choiceId", ""))))
            zone = zone or str(entry.get("timeZone", ""))
        except (ValueError, KeyError, TypeError):
            wrong.append(header)
    if wrong:
        raise ReadError(
            "The third row has no import ids: this is not a Qualtrics export, or its header rows were changed.",
            where=f"{where}, row 3",
            got=f"{shorten(wrong)} lack one",
            expected='{"ImportId":"QID1"} under every name',
            fix="export it again as CSV with all header rows, not in the legacy format",
        )
    return found, zone


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
