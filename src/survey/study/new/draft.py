"""The draft of a study: a codebook with every guess marked, and the part that each column plays."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

import pandas as pd

from survey.base.catalogue import Note, listed, text
from survey.base.names import composed_value
from survey.codebook import Codebook, Text, Variable, named, same_text
from survey.errors import StudyError, shorten
from survey.io.design_columns import named_role
from survey.io.drafting import draft_of
from survey.io.remarks import Remark
from survey.io.xlsform.analysis import PARTS, Analysis, analysis_of
from survey.io.xlsform.form import read_form
from survey.privacy.scan import personal_columns
from survey.study.new.looking import Looked
from survey.study.new.naming import short_names
from survey.study.new.parts import SURE_BY_NAME, guessed_parts, is_age, is_breakdown, is_overall
from survey.study.new.scales import bare_scales, in_groups, of_labelled_texts

__all__ = ["Draft", "drafted"]

_MOST_CATEGORIES, _LONGEST_CATEGORY = 60, 60
_ROLES = {"ward": "frame", "wave": "period", "weight": "weight", "stratum": "stratum", "psu": "psu"}
_SETTLED = ("codes", "design", "personal", "texts")
"""Kinds of remarks on what a draft of a study decides, and says where it does."""
_DATES = ("start", "today", "starttime", "StartDate", "startdate", "timestamp", "_submission_time", "SubmissionDate")


@dataclass(frozen=True)
class Draft:
    """What is known and guessed of an export.

    Parameters
    ----------
    book : Codebook
    remarks : mapping of variable to tuple of str
        What stands above it in the codebook; of "" at its head.
    how : mapping
        How the file is read, as arguments of `survey.read`; without its form.
    parts : mapping of str to str
        Parts in effect and their columns: those that were said, and guesses that move no estimate.
    waiting : mapping of str to str
        Guessed parts that are not in effect until a person says so: weights, strata, clusters.
    said : tuple of str
        Parts that are no guess.
    age : str
        A column of ages, or "".
    groups, scores, primary : tuple of str
    personal : mapping of str to str
        Columns that are left out, and what they hold.
    rows : int
    """

    book: Codebook
    remarks: Mapping[str, tuple[str, ...]]
    how: Mapping[str, Any]
    parts: Mapping[str, str]
    waiting: Mapping[str, str] = field(default_factory=dict)
    said: tuple[str, ...] = ()
    age: str = ""
    groups: tuple[str, ...] = ()
    scores: tuple[str, ...] = ()
    primary: tuple[str, ...] = ()
    personal: Mapping[str, str] = field(default_factory=dict)
    rows: int = 0

    @property
    def reportable(self) -> bool:
        """Whether there is a question on an ordered scale, or a score: what a report is made of."""
        return bool(self.scores or self.book.by_scale())

    def left_out(self, lang: str) -> dict[str, str]:
        """Columns that are left out, and what they hold, in a language."""
        return {name: text("new.kinds", lang, kinds=kinds) for name, kinds in self.personal.items()}

    def without(self, personal: Mapping[str, str], lang: str) -> Draft:
        """The draft with further columns that hold personal data left out."""
        marker = _Marker(self.book, {n: list(r) for n, r in self.remarks.items()}, lang)
        for name, kinds in personal.items():
            marker.personal(name, kinds)
        return replace(
            self,
            book=marker.book,
            remarks={n: tuple(r) for n, r in marker.remarks.items()},
            personal={**self.personal, **personal},
            parts={part: name for part, name in self.parts.items() if name not in personal},
            waiting={part: name for part, name in self.waiting.items() if name not in personal},
            groups=tuple(n for n in self.groups if n not in personal),
            age="" if self.age in personal else self.age,
            scores=marker.book.scored,
        )


class _Marker:
    """A codebook in the making; each change of a guess leaves a remark."""

    def __init__(self, book: Codebook, remarks: dict[str, list[str]], lang: str) -> None:
        self.book, self.remarks, self.lang = book, remarks, lang

    @classmethod
    def of(cls, book: Codebook, remarks: Mapping[str, Sequence[Remark]], lang: str, head: str) -> _Marker:
        """With remarks that only a person can settle; what a draft of a study settles by guess leaves its own."""
        made = cls(book, {"": [head]}, lang)
        for name, some in remarks.items():
            left = [r for r in some if r.kind not in _SETTLED and getattr(r.text, "key", "") != "remarks.office"]
            made.put(book[name], *(r.text.in_language(lang) for r in left))
        return made

    def put(self, v: Variable, *notes: str) -> None:
        self.book = self.book.update(v)
        if notes:
            lines = [f"{text('new.to_check', self.lang)} {note}" for note in notes]
            self.remarks.setdefault(v.name, []).extend(lines)

    def told(self, key: str, **values: object) -> str:
        return text(f"new.{key}", self.lang, **values)

    def personal(self, name: str, kinds: str) -> None:
        v = self.book[name]
        bare = Variable(name, type="text", text=v.text, short=v.short, role="personal")
        self.remarks[name] = []
        self.put(bare, self.told("guess_personal", kinds=kinds))


def drafted(looked: Looked, forms: Sequence[Any], given: Mapping[str, str], name: str, lang: str) -> Draft:
    """Draft a study.

    Parameters
    ----------
    looked : Looked
    forms : sequence of Path
        XLSForms.
    given : mapping of part to column
        What was said, by the names in the file or those of the draft; "" for none.
    name : str
        Of the file.
    lang : str
        Of the remarks.

    Raises
    ------
    StudyError
        If a column that was given is not in the file.
    CodebookError
        If an analysis column of the form contradicts itself.
    """
    responses = looked.responses
    hidden = dict(personal_columns(responses))
    book, remarks = draft_of(responses)
    plain = "export" not in looked.how
    names = short_names(n for n in responses.data.columns if not book[n].text) if plain else {}
    data = responses.data.rename(columns=names)
    head = text("new.codebook_head", lang, file=name, n=len(data))
    marker = _Marker.of(_renamed(book, names), {names.get(n, n): r for n, r in remarks.items()}, lang, head)
    form = read_form(forms[-1]) if forms else None
    told = Analysis() if form is None else analysis_of(form)
    for column, kinds in hidden.items():
        marker.personal(names.get(column, column), kinds)
    for v in _open(marker.book):
        if v.required and v.name not in data.columns:
            marker.put(replace(v, required=False), marker.told("guess_absent"))
    _scales(marker, data, told)
    parts = {**told.parts, **_checked(given, names, marker.book, looked)}
    none = {part for part, column in given.items() if not column}
    parts = {part: column for part, column in parts.items() if part not in none}
    said = (*parts, *none)
    guesses = {p: c for p, c in guessed_parts(_open(marker.book), data).items() if p not in said}
    parts |= {p: c for p, c in guesses.items() if p in SURE_BY_NAME and c not in parts.values()}
    waiting = {p: c for p, c in guesses.items() if p not in SURE_BY_NAME and c not in parts.values()}
    parts = {part: column for part, column in parts.items() if column in data.columns}
    _roles(marker, data, parts, waiting, said)
    _categories(marker, data)
    dates = next((n for n in _DATES if n in data.columns and marker.book[n].type == "date"), "")
    if dates and "date" not in said:
        parts["date"] = dates
    if "overall" not in said and (overall := _overall(marker.book, data)):
        parts["overall"] = overall
        marker.put(marker.book[overall], marker.told("guess_overall"))
    groups = told.breakdowns or tuple(
        v.name for v in _open(marker.book) if v.name in data.columns and is_breakdown(v, data[v.name])
    )
    groups = tuple(g for g in groups if g in data.columns and g not in parts.values())
    for group in groups:
        notes = () if told.breakdowns else (marker.told("guess_breakdown"),)
        marker.put(replace(marker.book[group], role="respondent"), *notes)
    ages = [v.name for v in _open(marker.book) if v.name in data.columns and is_age(v, data[v.name])]
    age = ages[0] if ages and not any("age" in g or "tuoi" in g for g in groups) else ""
    if age:
        marker.put(replace(marker.book[age], role="respondent"))
    places = {} if form is None else _groups_of(form)
    _dimensions(marker, places, [c for c in parts.values()], told)
    return Draft(
        book=marker.book,
        remarks={n: tuple(r) for n, r in marker.remarks.items()},
        how=dict(looked.how),
        parts=parts,
        waiting=waiting,
        said=said,
        age=age,
        groups=groups,
        scores=marker.book.scored,
        primary=_primary(marker.book, told),
        personal={names.get(c, c): kinds for c, kinds in hidden.items()} | _left_out_on_reading(looked, form),
        rows=len(data),
    )


def _left_out_on_reading(looked: Looked, form: Any) -> dict[str, Any]:
    """Columns that the form or the platform calls personal; of the parts of a place on the map the first."""
    found: dict[str, Any] = {}
    kinds = {} if form is None else {form.column(q): q.kind for q in form.questions}
    for name in looked.responses.remembered.get("left_out", ()):
        if not any(name.startswith(f"{earlier}_") for earlier in found):
            found[name] = Note("personal.exact_place" if "geo" in kinds.get(name, name) else "personal.declared")
    return found


def _renamed(book: Codebook, names: Mapping[str, str]) -> Codebook:
    """The codebook under the short names, with the headers as wording, by which reading finds the columns again."""
    made: dict[str, Variable] = {}
    for v in book.variables.values():
        if v.name in names:
            wording = same_text(v.name)
            short = named(v.name)
            v = replace(v, name=names[v.name], text=wording, short=same_text(short) if short != v.name else {})
        made[v.name] = v
    return replace(book, variables=MappingProxyType(made))


def _open(book: Codebook) -> list[Variable]:
    return [v for v in book.variables.values() if v.role != "personal"]


def _scales(marker: _Marker, data: pd.DataFrame, told: Analysis) -> None:
    """Order where labels show it, where the form says which end is good, and in batteries of bare numbers."""
    for v in _open(marker.book):
        if v.name in told.directed and v.type == "nominal":  # what has a good end has an order: that of the form
            marker.put(replace(v, type="ordinal"))
        elif (ordered := of_labelled_texts(v)) is not None:
            answers = listed([t.get(marker.lang) or next(iter(t.values())) for t in ordered.labels.values()], 12)
            marker.put(ordered, marker.told("guess_order", answers=answers))
    for v in bare_scales(_open(marker.book), data).values():
        marker.put(v, marker.told("guess_bare", high=len(v.labels)))


def _roles(
    marker: _Marker, data: pd.DataFrame, parts: Mapping[str, str], waiting: Mapping[str, str], said: Sequence[str]
) -> None:
    for part, column in {**parts, **waiting}.items():
        if part not in _ROLES:
            continue
        v = marker.book[column]
        key = "guess_waits" if column in waiting.values() else "guess_part"
        notes = () if part in said else (marker.told(key, part=text(f"new.part_{part}", marker.lang)),)
        v = replace(v, role=_ROLES[part], dimension="", scored=False)
        if part in ("ward", "wave") and not v.labels and v.type in ("text", "number"):
            v = _with_categories(v, data[column])
        marker.put(v, *notes)
    for v in _open(marker.book):
        bare = v.role == "item" and v.type in ("text", "date", "number") and not v.labels
        if bare and (named_role(v) == "paradata" or v.name.startswith("_")):
            marker.put(replace(v, role="paradata"))


def _with_categories(v: Variable, column: pd.Series) -> Variable:
    """A variable with the values that occur as its categories."""
    values = sorted({composed_value(x) for x in column.dropna().tolist()} - set(v.missing), key=_naturally)
    if all(isinstance(x, int | float) for x in values):
        values = sorted(int(x) if float(x).is_integer() else x for x in values)
    labels = {x: same_text(x if isinstance(x, str) else f"{x:g}") for x in values}
    return replace(v, type="nominal", labels=MappingProxyType(labels))


def _naturally(value: object) -> list[tuple[bool, int, str]]:
    """A value as people sort it: wave 2 before wave 10."""
    parts = re.split(r"(\d+)", str(value))
    return [(not part.isdigit(), int(part) if part.isdigit() else 0, part) for part in parts]


def _categories(marker: _Marker, data: pd.DataFrame) -> None:
    """Answers in words that repeat themselves are categories."""
    for v in _open(marker.book):
        if v.type != "text" or v.labels or v.role != "item" or v.name not in data.columns:
            continue
        given = data[v.name].dropna().astype(str)
        different = given.nunique()
        if not 2 <= different <= _MOST_CATEGORIES or different > len(given) / 3:
            continue
        if given.str.len().max() > _LONGEST_CATEGORY or pd.to_numeric(given, errors="coerce").notna().any():
            continue
        marker.put(_with_categories(v, data[v.name]), marker.told("guess_categories", n=different))


def _overall(book: Codebook, data: pd.DataFrame) -> str:
    """The item on satisfaction as a whole: of ordered ones with four answers or more, the last that says so."""
    found = [
        v.name
        for v in _open(book)
        if v.type == "ordinal" and v.role == "item" and len(v.codes) > 3 and v.name in data.columns and is_overall(v)
    ]
    return found[-1] if found else ""


def _groups_of(form: Any) -> dict[str, tuple[str, Text]]:
    """The innermost group of each question, by its path and its label."""
    return {
        form.column(q): ("/".join(q.path), q.groups[-1].text or same_text(q.groups[-1].name))
        for q in form.questions
        if q.groups
    }


def _dimensions(marker: _Marker, places: Mapping[str, tuple[str, Text]], alone: Sequence[str], told: Analysis) -> None:
    """Items in their dimensions: as the form says, else by guess."""
    if any(v.dimension for v in marker.book.variables.values()):
        for v in _open(marker.book):
            ordered = v.type in ("ordinal", "binary") and v.role == "item" and v.name not in alone
            if v.dimension and v.name not in told.scored and ordered and v.direction:
                marker.put(replace(v, scored=True))
        named_ = {v.dimension for v in marker.book.variables.values() if v.dimension} - set(marker.book.dimensions)
        spoken = {**marker.book.dimensions, **{d: same_text(d.replace("_", " ").capitalize()) for d in sorted(named_)}}
        marker.book = replace(marker.book, dimensions=MappingProxyType(spoken))
        return
    dimensions = dict(marker.book.dimensions)
    for one in in_groups(marker.book, places, alone):
        dimensions[one.name] = MappingProxyType(dict(one.label))
        for item in one.items:
            v = marker.book[item]
            note = marker.told("guess_scored", dimension=one.label.get(marker.lang, one.name), n=len(one.items))
            marker.put(replace(v, dimension=one.name, scored=True), note)
    marker.book = replace(marker.book, dimensions=MappingProxyType(dimensions))
    for v in _open(marker.book):
        if v.type == "ordinal" and v.role == "item" and not v.direction and v.name not in alone:
            marker.put(v, marker.told("guess_no_direction"))


def _primary(book: Codebook, told: Analysis) -> tuple[str, ...]:
    """Primary outcomes: an item that is scored stands for its score."""
    found = [book[n].dimension if n in book and book[n].scored else n for n in told.primary if n in book]
    return tuple(dict.fromkeys(found))


def _checked(given: Mapping[str, str], names: Mapping[str, str], book: Codebook, looked: Looked) -> dict[str, str]:
    """Parts that were said, under the names of the draft."""
    found = {}
    for part, column in given.items():
        if part not in PARTS:
            raise StudyError("A column has no such part.", where="new(...)", got=part, expected=shorten(PARTS, 20))
        if not column:
            continue
        wanted = names.get(column, column)
        if wanted not in book or wanted not in {names.get(c, c) for c in looked.responses.data.columns}:
            raise StudyError(
                "The file has no such column.",
                where=f"{part}={column!r}",
                got=column,
                expected=shorten(looked.responses.data.columns, 20),
                fix="give one of these names",
            )
        found[part] = wanted
    return found
