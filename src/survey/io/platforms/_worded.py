"""Columns that are known by their wording or by a codebook: what LimeSurvey, Google Forms and Qualtrics share."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import replace as changed
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from survey.base.catalogue import Note
from survey.codebook import ENGLISH_FIRST, Codebook, Text, Variable, same_text
from survey.errors import ReadError, shorten
from survey.io.platforms import _answers as answers
from survey.io.platforms._draft import Draft
from survey.io.platforms._form import plain
from survey.io.platforms._table import rows_named

__all__ = ["Column", "bare", "both_languages", "by_wording", "declared_sets", "put_all"]

_YES = ("Y", "Yes", "Có", "Oui", "Ja", "Sí", "Sim", "Sì", "1")
_NO = ("N", "No", "Không", "Non", "Nein", "Nee", "Não", "0")


@dataclass(frozen=True, slots=True)
class Column:
    """A column that was recognised: its name here, its header there, its cells, its wording if it tells one."""

    name: str
    header: str
    cells: pd.Series
    text: Text


def both_languages(text: str) -> Text:
    """A wording of which nobody says the language."""
    return same_text(text, ENGLISH_FIRST) if text else MappingProxyType({})


def declared_sets(book: Codebook | None) -> dict[str, tuple[Text, dict[str, Text]]]:
    """Questions with several answers of a codebook: name -> wording, and the label of each 0/1 column."""
    if book is None:
        return {}
    sets = book.sets.values()
    return {s.name: (s.label, {m: book.variables[m].text for m in s.variables if m in book}) for s in sets}


def by_wording(headers: Sequence[str], book: Codebook, where: str, notes: list[str]) -> list[str]:
    """The variable or set of every header, by its wording in any language, or by its name.

    Where one wording belongs to several variables and as many columns have it, they are taken in order and noted.

    Raises
    ------
    ReadError
        If a header has no variable; the nearest wording is proposed.
    """
    sets = declared_sets(book)
    inside = {m for _, members in sets.values() for m in members}
    known: dict[str, list[str]] = {}
    for name, text in [
        *((n, v.text) for n, v in book.variables.items() if n not in inside),
        *((n, t) for n, (t, _) in sets.items()),
    ]:
        for wording in dict.fromkeys([name, *text.values()]):
            known.setdefault(bare(wording), [])
            if name not in known[bare(wording)]:
                known[bare(wording)].append(name)
    lost, names = [], []
    counts = {h: sum(bare(o) == bare(h) for o in headers) for h in headers}
    seen: dict[str, int] = {}
    for header in headers:
        found = known.get(bare(header), [])
        turn = seen[bare(header)] = seen.get(bare(header), -1) + 1
        if not found:
            lost.append(header)
            names.append("")
            continue
        if len(found) != counts[header]:
            raise ReadError(
                "A wording is ambiguous.",
                where=where,
                got=f"{header!r} heads {counts[header]} columns and is the wording of {shorten(found)}",
                expected="as many columns as variables",
                fix="change the wording in the codebook, or the header in a copy",
            )
        names.append(found[turn])
        if len(found) > 1 and turn == 0:
            taken = ", ".join(found)
            notes.append(Note("reading.same_header", header=repr(header), columns=len(found), names=taken))
    if lost:
        texts = [w for w in known if w]
        shown = []
        for header in lost[:8]:
            near = difflib.get_close_matches(bare(header), texts, n=1, cutoff=0.5)
            shown.append(
                f"{header!r}" + (f" (nearest: {near[0]!r}, which is {', '.join(known[near[0]])})" if near else "")
            )
        raise ReadError(
            "Questions of the export are not in the codebook.",
            where=where,
            got="; ".join(shown) + (f"; … ({len(lost)} in all)" if len(lost) > 8 else ""),
            expected="the wording of a variable, in any language",
            fix="correct the wording in the codebook, or add a variable with this wording",
        )
    return names


def bare(wording: str) -> str:
    """A wording for comparison: without marks at its end, case and emphasis."""
    return plain(wording).rstrip(" *:").casefold()


def put_all(draft: Draft, columns: Sequence[Column], clocks: Mapping[str, Any], *, yes_no: bool = False) -> None:
    """Put columns into the draft, as the codebook declares them: codes, numbers, dates, text, several answers.

    Parameters
    ----------
    draft : Draft
    columns : sequence of Column
    clocks : mapping of str to callable
        How columns of time are read, by name; "" for dates that the codebook declares.
    yes_no : bool
        Whether Y and N mean 1 and 0.
    """
    sets = declared_sets(draft.given)
    asked, choices = [], {}
    for c in columns:
        v = draft.variable(c.name)
        if c.name in sets:
            choices[c.name] = answers.Choices.of(sets[c.name][1])
        elif v is not None and v.labels:
            choices[c.name] = _with_yes(answers.Choices.of({**v.labels, **v.missing_labels}), v, yes_no)
        else:
            continue
        cells = c.cells
        other = _others(c.name, choices[c.name], cells, c.name in sets)
        asked.append(
            (c.header, cells.mask(cells.isin(list(other))) if other else cells, choices[c.name], c.name in sets)
        )
    way = answers.way_of(asked, draft.where)
    if way != answers.CODES and asked:
        draft.notes.append(Note("reading.labels_of_codebook", way=way))
    for c in columns:
        if c.name in sets:
            _several(draft, c, choices[c.name], sets[c.name], way)
        elif c.name in choices:
            _coded(draft, c, choices[c.name], way)
        else:
            _plain(draft, c, clocks)


def _with_yes(choices: answers.Choices, variable: Variable, yes_no: bool) -> answers.Choices:
    if not yes_no or not {0, 1} <= set(variable.labels):
        return choices
    codes = {**{w: 1 for w in _YES}, **{w: 0 for w in _NO}, **choices.codes}
    return changed(choices, codes=codes)


def _other_code(choices: answers.Choices) -> Any:
    """The code of "other, please say", if the question has one."""
    for texts in choices.labels.values():
        for label, codes in texts.items():
            if label.casefold().rstrip(" :.…") in ("other", "khác", "mục khác") and len(codes) == 1:
                return codes[0]
    named = [
        c for w, c in choices.codes.items() if w.casefold() in ("other", "-oth-") or w.casefold().endswith("_other")
    ]
    return named[0] if len(named) == 1 else None


def _others(
    name: str, choices: answers.Choices, cells: pd.Series, several: bool
) -> dict[str, tuple[tuple[Any, ...], str]]:
    """Cells that end in words of the respondent's own, where the question allows them: the codes, and the words."""
    other = _other_code(choices)
    if other is None:
        return {}
    found = {}
    for value in cells.dropna().unique():
        if any(_reads(choices, value, way, several) is not None for way in (answers.CODES, *choices.labels)):
            continue
        if not several:
            found[value] = ((other,), value)
            continue
        for cut in [0, *(i + 1 for i, sign in enumerate(value) if sign in ",;")]:  # the longest known beginning is best
            head, words = value[:cut].rstrip(" ,;"), value[cut:].strip()
            codes = (
                ()
                if not head
                else next((r for way in choices.labels if (r := _reads(choices, head, way, True)) is not None), None)
            )
            if codes is not None and words:
                found[value] = ((*codes, other), words)
    return found


def _reads(choices: answers.Choices, value: str, way: str, several: bool) -> tuple[Any, ...] | None:
    try:
        return choices.read(value, way, several)
    except LookupError:
        return ()


def _coded(draft: Draft, c: Column, choices: answers.Choices, way: str) -> None:
    other = _others(c.name, choices, c.cells, False)
    known = c.cells.mask(c.cells.isin(list(other))) if other else c.cells
    table = answers.decoded(c.header, known, choices, False, way, draft.where, draft.notes)
    table |= {value: codes for value, (codes, _) in other.items()}
    draft.put(c.name, answers.mapped(c.cells, table), Variable(c.name), c.header)
    _words(draft, c, {v: words for v, (_, words) in other.items()})


def _words(draft: Draft, c: Column, words: Mapping[str, str]) -> None:
    if words:
        name = f"{c.name}_other"
        if name in draft.columns or draft.variable(name) is not None:
            name += "_text"
        draft.put(name, c.cells.map(dict(words)).astype("str"), Variable(name, type="text"), c.header)
        rows = np.flatnonzero(c.cells.isin(list(words)))
        draft.notes.append(Note("reading.own_words", column=c.name, rows=rows_named(rows), kept=name))


def _several(
    draft: Draft, c: Column, choices: answers.Choices, declared: tuple[Text, Mapping[str, Text]], way: str
) -> None:
    text, members = declared
    other = _others(c.name, choices, c.cells, True)
    known = c.cells.mask(c.cells.isin(list(other))) if other else c.cells
    table = answers.decoded(c.header, known, choices, True, way, draft.where, draft.notes)
    table |= {value: codes for value, (codes, _) in other.items()}
    draft.hold(c.name)
    columns = {}
    for member, label in members.items():
        values = [np.nan if not isinstance(v, str) else float(member in table[v]) for v in c.cells]
        columns[member] = (member, label, np.array(values))
    draft.spread(c.name, text, columns)
    _words(draft, c, {v: words for v, (_, words) in other.items()})


def _plain(draft: Draft, c: Column, clocks: Mapping[str, Any]) -> None:
    v = draft.variable(c.name)
    kind = v.type if v is not None else ""
    read = clocks.get(c.name) or (clocks.get("", answers.as_times) if kind == "date" else None)
    if read is not None:
        column, kind = read(c.cells), "date"
    elif kind == "number":
        column = answers.as_numbers(c.cells)
    elif kind:
        column = c.cells
    else:
        column = answers.guessless(c.cells)
        kind = "text" if column is c.cells else "number"
    draft.put(c.name, column, Variable(c.name, type=kind, text=c.text), c.header)
