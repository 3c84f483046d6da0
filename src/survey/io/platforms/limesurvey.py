"""Exports of LimeSurvey: codes or full answers, headers as codes or as wording."""

from __future__ import annotations

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
from survey.io.platforms._form import safe
from survey.io.platforms._table import tables_of
from survey.io.platforms._worded import Column, both_languages, by_wording, put_all

__all__ = ["read_limesurvey"]

_META = {
    "id": ("id", "number", "paradata"),
    "response id": ("id", "number", "paradata"),
    "submitdate": ("submitdate", "date", "paradata"),
    "date submitted": ("submitdate", "date", "paradata"),
    "lastpage": ("lastpage", "number", "paradata"),
    "last page": ("lastpage", "number", "paradata"),
    "startlanguage": ("startlanguage", "text", "paradata"),
    "start language": ("startlanguage", "text", "paradata"),
    "seed": ("seed", "text", "paradata"),
    "startdate": ("startdate", "date", "paradata"),
    "date started": ("startdate", "date", "paradata"),
    "datestamp": ("datestamp", "date", "paradata"),
    "date last action": ("datestamp", "date", "paradata"),
    "ipaddr": ("ipaddr", "text", "personal"),
    "ip address": ("ipaddr", "text", "personal"),
    "refurl": ("refurl", "text", "paradata"),
    "referrer url": ("refurl", "text", "paradata"),
    "token": ("token", "text", "personal"),
    "access code": ("token", "text", "personal"),
    "firstname": ("firstname", "text", "personal"),
    "first name": ("firstname", "text", "personal"),
    "lastname": ("lastname", "text", "personal"),
    "last name": ("lastname", "text", "personal"),
    "email": ("email", "text", "personal"),
    "email address": ("email", "text", "personal"),
    "interviewtime": ("interviewtime", "number", "paradata"),
    "total time": ("interviewtime", "number", "paradata"),
}
_CODE = re.compile(r"(?P<code>[A-Za-z][A-Za-z0-9]*)(?P<subs>(?:\[[^\]]*\])*)(?:\.\s+(?P<text>.+))?")
_TIMING = re.compile(r"groupTime\d+|[A-Za-z][A-Za-z0-9]*Time")
_YES = {"Y": 1.0, "N": 0.0, "Yes": 1.0, "No": 0.0, "Có": 1.0, "Không": 0.0}
_EMPTY_DATE = pd.Timestamp("1980-01-01")


def read_limesurvey(path: Path, options: Options) -> Raw:
    """Read responses exported by LimeSurvey as CSV or XLSX.

    `G2Q1[SQ001]` becomes `G2Q1_SQ001`, `G2Q1[other]` becomes `G2Q1_other`. Sub-questions of which only Y is ever
    written are a question with several answers: 0 and 1, empty where the row has none of them, because LimeSurvey
    writes the same for "not shown" and "nothing ticked". Headers that are wording need a codebook.

    Raises
    ------
    ReadError
        For wording without a codebook or not in it, and answers that are not options.
    """
    table = next(iter(tables_of(path, options).values()))
    draft = Draft(str(path), options.codebook)
    columns: list[Column] = []
    worded: list[tuple[str, pd.Series]] = []
    for header, cells in zip(table.header, table.cells, strict=True):
        head = header.partition(". ")[0].strip().casefold()
        key = head if head in _META else header.casefold()
        if key in _META and key not in {n.casefold() for n in (draft.given.variables if draft.given else ())}:
            name, kind, role = _META[key]
            draft.put(name, _meta(cells, kind, name, draft), Variable(name, type=kind, role=role), header)
            continue
        name, text = _name(header, draft)
        if name:
            columns.append(Column(name, header, cells.mask(cells == "N/A"), both_languages(text)))
        elif header or cells.notna().any():
            worded.append((header, cells.mask(cells == "N/A")))
    if worded:
        if draft.given is None:
            raise ReadError(
                "The headers are question texts, and there is no codebook to match them with.",
                where=table.where,
                got=shorten([repr(h) for h, _ in worded], 3),
                expected="question codes such as G1Q1 or G2Q1[SQ001]",
                fix="export with question codes as headings, or give a codebook with this wording",
            )
        names = by_wording([h for h, _ in worded], draft.given, table.where, draft.notes)
        columns += [Column(n, h, c, both_languages(h)) for n, (h, c) in zip(names, worded, strict=True)]
    _put(draft, columns)
    return draft.raw(("id",))


def _name(header: str, draft: Draft) -> tuple[str, str]:
    """The name of a column from a header that is a code; "" for wording."""
    if draft.variable(header) is not None:
        return header, ""
    match = _CODE.fullmatch(header)
    if match is None:
        return "", ""
    subs = re.findall(r"\[([^\]]*)\]", match["subs"])
    name = "_".join([match["code"], *(safe(s) for s in subs)])
    return name, match["text"] or ""


def _meta(cells: pd.Series, kind: str, name: str, draft: Draft) -> pd.Series:
    if kind == "number":
        return answers.as_numbers(cells)
    if kind != "date":
        return cells
    times = answers.as_times(cells)
    if pd.api.types.is_datetime64_any_dtype(times.dtype) and (times == _EMPTY_DATE).any():
        count = int((times == _EMPTY_DATE).sum())
        draft.notes.append(Note("reading.no_date_1980", column=name, rows=int(count)))
        times = times.mask(times == _EMPTY_DATE)
    return times


def _put(draft: Draft, columns: list[Column]) -> None:
    families: dict[str, list[Column]] = {}
    for c in columns:
        match = re.fullmatch(r"([A-Za-z][A-Za-z0-9]*)\[([^\]]+)\](?:\..*)?", c.header)
        if match and not match[2].endswith(("other", "comment")):
            families.setdefault(match[1], []).append(c)
    several = {}
    for base, family in families.items():
        seen = {v for c in family for v in c.cells.dropna().unique()}
        free = [draft.variable(c.name) is None or draft.variable(c.name).type == "binary" for c in family]  # type: ignore[union-attr]
        if (
            seen
            and len(family) > 1
            and all(free)
            and (seen == {"Y"} or seen <= {"Yes", "No"} or seen <= {"Có", "Không"})
        ):
            several[base] = family
    first = {family[0].name: base for base, family in several.items()}
    inside = {c.name for family in several.values() for c in family}
    rest: list[Column] = []
    for c in columns:
        if c.name in first:
            put_all(draft, rest, {}, yes_no=True)
            rest = []
            _spread(draft, first[c.name], several[first[c.name]])
        elif c.name not in inside:
            rest.append(c)
    put_all(draft, rest, {}, yes_no=True)
    for name, variable in draft.variables.items():
        if _TIMING.fullmatch(name):
            draft.variables[name] = Variable(name, type=variable.type, role="paradata", unit="seconds")


def _spread(draft: Draft, base: str, family: list[Column]) -> None:
    ticks = {c.name: c.cells.map(_YES).to_numpy(float) for c in family}
    if not any((v == 0).any() for v in ticks.values()):
        answered = np.any([v == 1 for v in ticks.values()], axis=0)
        ticks = {n: np.where(answered & np.isnan(v), 0.0, v) for n, v in ticks.items()}
        draft.notes.append(Note("reading.nothing_ticked", column=base, rows=int((~answered).sum())))
    draft.hold(base)
    stem = next(iter(family[0].text.values()), "")
    members = {}
    for c in family:
        label = re.search(r"\[([^\]]*)\]\s*$", next(iter(c.text.values()), ""))
        members[c.name] = (c.name.removeprefix(f"{base}_"), both_languages(label[1] if label else ""), ticks[c.name])
    draft.spread(base, both_languages(re.sub(r"\s*\[[^\]]*\]\s*$", "", stem)), members)
