"""Exports of KoboToolbox, ODK (Central, Briefcase) and SurveyCTO: forms made of XLSForms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from survey.base.catalogue import Note, listed
from survey.codebook import Codebook, Text, Variable
from survey.codebook.told import describe_values
from survey.errors import ReadError, shorten
from survey.io._raw import Options, Raw
from survey.io.platforms import _answers as answers
from survey.io.platforms._draft import Draft
from survey.io.platforms._family import Family
from survey.io.platforms._form import (
    SEVERAL,
    Question,
    XLSForm,
    book_of,
    code_of,
    safe,
    variable_of,
)
from survey.io.platforms._headers import BRACKETS, Place, form_of_headers, nearest, placed
from survey.io.platforms._repeats import Block, joined, lengthened, unbracketed
from survey.io.platforms._table import Table, rows_named, table_named, tables_of
from survey.io.platforms._together import together
from survey.io.platforms._unanswered import without_mark, without_tags
from survey.io.platforms._versions import Versions, given_form

__all__ = ["read_family"]

_TIMES = ("start", "end", "dateTime")
_VERSIONS = ("__version__", "_version_", "_version", "FormVersion", "formdef_version")
_TRUE, _FALSE = ("1", "true", "yes"), ("0", "false", "no")


def read_family(path: Path, options: Options, family: Family) -> Raw:
    """Read an export of a platform of the ODK family.

    Parameters
    ----------
    path : Path
        CSV, XLSX with a sheet for each repeat group, or the .zip of ODK Central.
    options : Options
        With `export`: the form, the repeat group that is wanted, the time zone.
    family : Family

    Returns
    -------
    Raw
        One row per submission, or one per row of the repeat group, joined to the columns of the submission.

    Raises
    ------
    ReadError
        For headers or labels that the form does not know or knows twice, rows of a repeat without a submission,
        several answers that contradict their 0/1 columns.
    """
    wanted, given = options.export, options.codebook
    tables = tables_of(path, options)
    notes: list[str] = []
    if family.name == "KoboToolbox":
        tables = {name: without_tags(table, notes) for name, table in tables.items()}
    main = next(iter(tables.values()))
    versions = given_form(wanted.forms, given, notes)
    form = versions.form
    book = book_of(form, given, bool(wanted.forms))
    draft = Draft(str(path), None if book is None else _of_interest(book, form, wanted.repeat), book)
    draft.notes += [*notes, *([Note("reading.no_form")] if book is None else [])]
    blocks = _blocks(path, options, family, tables, main, form, draft)
    known = (
        form
        if form.questions
        else form_of_headers([h for b in blocks for h in b.table.header], family.meta, family.wide)
    )
    columns: list[tuple[Place, pd.Series]] = []
    for block in blocks:
        inside = block.inside if form.repeats and not (family.wide and block.inside == "") else None
        places = placed(
            block.table.header,
            known,
            family.meta,
            block.table.where,
            draft.notes,
            inside=inside,
            wide=family.wide,
            earlier=versions.earlier,
        )
        columns += zip(places, block.table.cells, strict=True)
    reading = _Reading(draft, replace(versions, form=known), family, given)
    reading.take(together(columns, draft.where, draft.notes, by_form=known is form), wanted.timezone)
    _tell(draft, family, tables, wanted.repeat, form)
    return draft.raw(family.keys if wanted.repeat is None else ("KEY", "_index"))


def _of_interest(book: Codebook, form: XLSForm, repeat: str | None) -> Codebook:
    """The codebook without the questions of repeat groups that are not read."""
    inside: set[str] = {""}
    while repeat:
        inside.add(repeat)
        repeat = form.repeats.get(repeat, "")
    away = {form.column(q) for q in form.questions if q.repeat not in inside}
    gone = {m for n, s in book.sets.items() if n in away for m in s.variables}
    return book.select(n for n in book.variables if n not in away and n not in gone) if away else book


def _blocks(
    path: Path, options: Options, family: Family, tables: Mapping[str, Table], main: Table, form: XLSForm, draft: Draft
) -> list[Block]:
    repeat = options.export.repeat
    if repeat is None:
        return [Block(main, "")]
    if form.repeats and repeat not in form.repeats:
        raise ReadError(
            "The form has no such repeat group.",
            where=form.source,
            got=f"repeat={repeat!r}",
            expected=shorten(form.repeats),
            fix="name one of them",
        )
    if any(BRACKETS.search(h) for h in main.header):
        rows = unbracketed(main, repeat, draft.notes)
        if rows is not None:
            return [Block(rows, None)]
    if family.wide and len(tables) == 1 and form.repeats:
        places = placed(main.header, form, family.meta, main.where, [], wide=True)
        if any(p.kind == "nth" and p.question and p.question.repeat == repeat for p in places):
            return lengthened(main, places, repeat, draft.notes)
    child = table_named(tables, path, repeat, options)

    def parent_of(table: Table, name: str) -> tuple[Table, str]:
        named = table.column("_parent_table_name")
        title = None if named is None or named.isna().all() else str(named.dropna().iloc[0])
        outer = form.repeats.get(name, "")
        if title is not None and title in tables and title != main.name:
            return tables[title], title
        return (table_named(tables, path, outer, options), outer) if outer else (main, "")

    return joined(child, repeat, main, parent_of, draft.notes)


@dataclass
class _Several:
    """The columns of a question of which several options may be chosen."""

    question: Question
    name: str
    summary: pd.Series | None = None
    header: str = ""
    dummies: dict[str, tuple[str, pd.Series]] = field(default_factory=dict)


class _Reading:
    """Columns of an export, one after the other."""

    def __init__(self, draft: Draft, versions: Versions, family: Family, declared: Codebook | None) -> None:
        self.draft, self.form, self.family, self.where = draft, versions.form, family, draft.where
        self.versions, self.several_versions = versions, bool(versions.earlier)
        self.declared = declared.variables if declared is not None else {}
        self.notes = draft.notes
        self.several: dict[str, _Several] = {}
        self.clocks: dict[str, pd.Series] = {}
        self.way = answers.CODES

    def take(self, columns: Sequence[tuple[Place, pd.Series]], timezone: str | None) -> None:
        """Put every column into the draft."""
        if self.family.name == "KoboToolbox":
            columns = without_mark(columns, self.notes)
        for place, cells in columns:
            if place.header in _VERSIONS and cells.nunique() > 1:
                self.several_versions = True
        self.way = answers.way_of(self._asked(columns), self.where)
        if self.way != answers.CODES:
            self.notes.append(Note("reading.labels_of_form", way=self.way))
        for place, cells in columns:
            getattr(self, f"_{place.kind}")(place, cells)
        for several in self.several.values():
            self._spread(several)
        utc = [n for h, (n, _, _) in self.family.meta.items() if h in self.family.utc]
        for name, times in answers.in_zone(self.clocks, utc, timezone, self.notes).items():
            self.draft.columns[name] = times

    def _asked(self, columns: Sequence[tuple[Place, pd.Series]]) -> answers.Asked:
        found = []
        for place, cells in columns:
            q = self._full(place.question) if place.question else None
            if q and q.choices and q.kind in ("select_one", *SEVERAL) and place.kind in ("question", "nth"):
                if place.kind == "nth" and q.kind in SEVERAL and "_" in place.detail:
                    continue
                found.append((place.header, cells, self._choices(q), q.kind in SEVERAL))
        return found

    def _choices(self, q: Question) -> answers.Choices:
        return answers.Choices.of(q.choices, self.versions.labels(q))

    def _full(self, q: Question) -> Question:
        """A question with the options of the codebook, where the form has none."""
        v = self.draft.given.variables.get(self.form.column(q)) if self.draft.given else None
        if v is None or q.choices or not v.labels or q.kind in SEVERAL:
            return q
        texts = {str(c): t for c, t in {**v.labels, **v.missing_labels}.items()}
        return replace(q, kind="select_one", choices=MappingProxyType(texts))

    def _name(self, q: Question, nth: str = "") -> str:
        name = self.form.column(q) if q in self.form.questions else q.name
        return f"{name}_{nth}" if nth else name

    def _question(self, place: Place, cells: pd.Series) -> None:
        q = self._full(place.question)  # type: ignore[arg-type]
        name = self._name(place.question, place.nth)  # type: ignore[arg-type]
        if q.kind in SEVERAL:
            several = self._of(q, name)
            several.summary, several.header = cells, place.header
            return
        self._single(place.header, name, q, cells)

    def _single(self, header: str, name: str, q: Question, cells: pd.Series) -> None:
        variable = self.draft.variable(name) or self._repeated(q, name) or variable_of(q, name)
        if q.kind in _TIMES:
            self.clocks[name] = cells
        column = cells
        if q.kind == "select_one" and q.choices:
            choices = self._choices(q)
            if self.draft.variable(name):  # codes as the codebook types them
                types = {str(c): c for c in (*variable.labels, *variable.missing)}
                choices = replace(choices, codes={k: types.get(k, c) for k, c in choices.codes.items()})
                labels = {
                    lang: {t: tuple(types.get(str(c), c) for c in cs) for t, cs in texts.items()}
                    for lang, texts in choices.labels.items()
                }
                choices = replace(choices, labels=labels)
            column = answers.mapped(cells, self._decoded(header, cells, choices, False))
        elif q.kind in ("integer", "decimal", "range") or (self.draft.variable(name) and variable.type == "number"):
            column = answers.as_numbers(cells)
        elif q.kind in ("date", "today") or (
            self.draft.variable(name) and variable.type == "date" and q.kind not in _TIMES
        ):
            column = answers.as_times(cells)
        elif q.kind in ("calculate", "") and variable.type == "text" and name not in self.declared:
            column = answers.guessless(cells)
        self.draft.put(name, column, variable, header)
        if q.kind in ("calculate", "") and column is not cells and variable.type == "text":
            self.draft.variables[name] = replace(variable, type="number")  # a form does not say what it calculates

    def _decoded(
        self, header: str, cells: pd.Series, choices: answers.Choices, several: bool, ticked: bool = True
    ) -> dict[str, tuple[Any, ...]]:
        versions = self.several_versions and ticked
        return answers.decoded(header, cells, choices, several, self.way, self.where, self.notes, versions=versions)

    def _repeated(self, q: Question, name: str) -> Variable | None:
        """What the codebook says of a question of a repeat, for one of its columns in wide form."""
        known = self.draft.all.variables.get(self.form.column(q)) if self.draft.all is not None else None
        return None if known is None else replace(known, name=name, required=False, base="")

    def _of(self, q: Question, name: str) -> _Several:
        if name not in self.several:
            self.several[name] = _Several(q, name)
            self.draft.hold(name)
        return self.several[name]

    def _option(self, place: Place, cells: pd.Series) -> None:
        q: Question = place.question  # type: ignore[assignment]
        self._of(q, self._name(q, place.nth)).dummies[place.detail] = (place.header, cells)

    def _former(self, place: Place, cells: pd.Series) -> None:
        """An option of another version of the form; another column where its cells are no ticks."""
        if not cells.dropna().str.strip().str.lower().isin([*_TRUE, *_FALSE]).all():
            self._unknown(place, cells)
            return
        self.notes.append(Note("reading.option_not_in_form", column=repr(place.header)))
        self._option(place, cells)

    def _part(self, place: Place, cells: pd.Series) -> None:
        name = f"{self._name(place.question, place.nth)}_{place.detail}"  # type: ignore[arg-type]
        self.draft.put(name, answers.as_numbers(cells), Variable(name, role="personal"), place.header)

    def _link(self, place: Place, cells: pd.Series) -> None:
        name = f"{self._name(place.question, place.nth)}_URL"  # type: ignore[arg-type]
        self.draft.put(name, cells, Variable(name, type="text", role="paradata"), place.header)

    def _nth(self, place: Place, cells: pd.Series) -> None:
        q: Question = place.question  # type: ignore[assignment]
        if q.kind in SEVERAL and "_" in place.detail:
            return  # 0/1 columns inside a repeat: the column of all codes says the same
        name = self._name(q, place.detail)
        if q.kind in SEVERAL:
            several = self._of(q, name)
            several.summary, several.header = cells, place.header
        else:
            self._single(place.header, name, q, cells)

    def _meta(self, place: Place, cells: pd.Series) -> None:
        name, kind, role = self.family.meta[place.header]
        if kind == "date":
            self.clocks[name] = cells
        column = answers.guessless(cells) if kind == "number" else cells
        self.draft.put(name, column, Variable(name, type=kind, role=role), place.header)

    def _unknown(self, place: Place, cells: pd.Series) -> None:
        if not place.header and cells.isna().all():
            return
        column = answers.guessless(cells)
        kind = "text" if column is cells else "number"
        name = place.header or f"column_{len(self.draft.columns) + 1}"
        self.draft.put(name, column, Variable(name, type=kind), place.header)
        near = nearest(place.header, self.form)
        key = "reading.not_in_form_near" if near else "reading.not_in_form"
        self.notes.append(Note(key, column=repr(name), near=repr(near)))

    def _spread(self, several: _Several) -> None:
        """0/1 columns of one question, from the column of all answers, the columns of options, or both."""
        q, name = several.question, several.name
        rows = several.summary if several.summary is not None else next(iter(several.dummies.values()))[1]
        columns: dict[str, np.ndarray[Any, Any]] = {}
        texts: dict[str, Text] = dict(q.choices)
        if several.summary is not None and (q.choices or self.form.questions or not several.dummies):
            table = self._decoded(several.header, rows, self._choices(q), True, bool(several.dummies))
            for code in dict.fromkeys(str(c) for codes in table.values() for c in codes):
                texts.setdefault(code, MappingProxyType({}))
            chosen = [{str(c) for c in table[v]} if isinstance(v, str) and v in table else None for v in rows]
            for code in texts:
                columns[code] = np.array([np.nan if c is None else float(code in c) for c in chosen])
        for code, values in self._ticks(several).items():
            texts.setdefault(code, MappingProxyType({}))
            both = columns.get(code, np.full(len(rows), np.nan))
            wrong = ~np.isnan(values) & ~np.isnan(both) & (values != both)
            if wrong.any():
                raise ReadError(
                    "The two representations of a multiple-choice question contradict each other.",
                    where=f"{self.where}, {several.dummies[code][0]}, {rows_named(np.flatnonzero(wrong))}",
                    got=f"the column of the option is {values[wrong][0]:g}, {several.header} says the other",
                    expected="the same",
                    fix="export it again; one of them was edited",
                )
            columns[code] = np.where(np.isnan(values), both, values)
        members = {
            self._member(q, name, code): (code_of(code), text, columns.get(code, np.full(len(rows), np.nan)))
            for code, text in texts.items()
        }
        self.draft.spread(name, q.text, members)

    def _member(self, q: Question, name: str, code: str) -> str:
        """The 0/1 column of an option, under the name that the form's codebook gives it."""
        known = q in self.form.questions and name == self.form.column(q)
        return self.form.column(q, code) if known else f"{name}_{safe(code)}"

    def _ticks(self, several: _Several) -> dict[str, np.ndarray[Any, Any]]:
        ticks = {}
        for code, (header, cells) in several.dummies.items():
            lower = cells.str.strip().str.lower()
            values = lower.map({**dict.fromkeys(_TRUE, 1.0), **dict.fromkeys(_FALSE, 0.0)}).to_numpy(float)
            wrong = np.isnan(values) & cells.notna().to_numpy()
            if wrong.any():
                raise ReadError(
                    "The column of an option contains values other than 0 and 1.",
                    where=f"{self.where}, {header}, {rows_named(np.flatnonzero(wrong))}",
                    got=describe_values(cells[wrong].unique(), column=cells),
                    expected="1, 0 or an empty cell",
                    fix="export it again",
                )
            ticks[code] = values
        if ticks and not any((v == 0).any() for v in ticks.values()):  # only what was chosen is written
            answered = np.any([v == 1 for v in ticks.values()], axis=0)
            ticks = {c: np.where(answered & np.isnan(v), 0.0, v) for c, v in ticks.items()}
        return ticks


def _tell(draft: Draft, family: Family, tables: Mapping[str, Table], repeat: str | None, form: XLSForm) -> None:
    """Notes on what is not in the data, and on submissions that a reviewer refused."""
    if repeat is None:
        left = [Note("parts.repeat", group=n, n=len(t)) for n, t in list(tables.items())[1:]]
        if left:
            draft.notes.append(Note("reading.repeats_left_out", groups=listed(left, 8)))
        elif form.repeats and not family.wide:
            draft.notes.append(Note("reading.repeats_elsewhere", groups=listed(form.repeats, 8)))
    for name, values in family.refused.items():
        if name in draft.columns:
            count = int(draft.columns[name].isin(values).sum())
            if count:
                draft.notes.append(Note("reading.refused", rows=count, column=name))
    for name in ("__version__", "FormVersion", "formdef_version"):
        if name in draft.columns and draft.columns[name].nunique() > 1:
            draft.notes.append(Note("reading.versions", versions=draft.columns[name].nunique(), column=name))
