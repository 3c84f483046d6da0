"""A codebook from any file: what it says about itself, and for a person to check, what its values look like.

Guesses are remarks beside it. Two enter the codebook, with a remark, as nothing could be counted before: scales that
are known by their answers, and labels that say that nobody answered.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from survey.base.arguments import explained
from survey.base.catalogue import Note, listed
from survey.codebook import Codebook, Variable, named
from survey.codebook.nonanswers import NonAnswer, find_nonanswers
from survey.codebook.set_finder import find_select_all
from survey.errors import ReadError, SurveyWarning
from survey.io.known_scales import with_known_scales
from survey.io.platforms.structure import STRUCTURES, codebook_of_structure
from survey.io.reading import read
from survey.io.remarks import MARK, Remark, column_remarks, said_once, summary, with_sets
from survey.io.xlsform.codebook import codebook_from_xlsform
from survey.io.xlsform.sheets import is_form
from survey.privacy.scan import quick_look
from survey.responses import Responses

__all__ = ["draft_codebook", "draft_of", "read_codebook"]

_HEAD = (
    "A first draft from {name}: {rows:,} rows, {columns:,} columns. For a person to finish.",
    f'Lines that begin with "{MARK}" are guesses from names, labels and values. Only scales that were recognised, and',
    "labels that say that nobody answered, are entered; no other guess is in effect.",
    "docs/codebook.md says what may stand here.",
)


@explained(ReadError)
def read_codebook(path: str | os.PathLike[str]) -> Codebook:
    """Read the codebook from any file that contains one.

    Parameters
    ----------
    path : path
        .toml; an XLSForm; the .qsf of Qualtrics or .lss of LimeSurvey; or any file of answers that `sv.read` takes,
        whose own labels, missing codes and measurement levels are the codebook (SPSS and Stata say most, CSV nothing
        but names and types).

    Returns
    -------
    Codebook

    Raises
    ------
    CodebookError, ReadError
        If the file is missing, damaged, or contradicts itself.
    """
    target = Path(path)
    if target.is_dir():
        raise ReadError(
            "Expected a file, but the path is a folder.",
            where=repr(os.fspath(path)),
            got="a folder",
            expected="a file",
            fix="name the file",
        )
    if target.suffix.lower() == ".toml":
        return Codebook.from_toml(target)
    if target.suffix.lower() in STRUCTURES:
        return codebook_of_structure(target)
    if _is_form(target):
        return codebook_from_xlsform(target)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SurveyWarning)  # no answers are kept
        return read(target).codebook


def draft_codebook(
    path: str | os.PathLike[str], lang: str | None = None, **how: Any
) -> tuple[Codebook, Mapping[str, tuple[str, ...]]]:
    """Draft a codebook from a file of answers, with remarks on what a person should check.

    Parameters
    ----------
    path : path
        Anything that `sv.read` takes, or an XLSForm, whose codebook needs no draft.
    lang : str, optional
        The language of the file's labels; both, one text for each, when not given.
    how :
        How to read it: `sheet`, `separator`, `encoding` of `sv.read`.

    Returns
    -------
    Codebook
        What the file declares; known scales in their order; and as missing codes, labels that say that nobody answered.
    mapping of variable to tuple of str
        Remarks: what was entered and is to be checked, undeclared missing codes, numbers kept as text, codes without
        labels, likely identifiers and weights, open text, personal data. Those of "" are about the whole file and
        count the others by kind, the most urgent first. `to_toml(path, comments)` takes them.

    Raises
    ------
    ReadError
        If the file cannot be read.
    """
    if _is_form(Path(path)):
        return _of_form(Path(path), lang)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SurveyWarning)  # personal columns are named below
        responses = read(path, **how)
    return _in_lines(responses, Path(path).name, lang)


def draft_of(responses: Responses) -> tuple[Codebook, Mapping[str, tuple[Remark, ...]]]:
    """Draft a codebook of answers that were read, with remarks by variable, which any language has."""
    book, data = responses.codebook, responses.data
    personal = responses.once(quick_look)
    nonanswers: dict[str, list[NonAnswer]] = {}
    for one in find_nonanswers(data, book, [n for n in data.columns if n not in personal]):
        nonanswers.setdefault(one.variable, []).append(one)
    draft = with_known_scales(book, data, personal, nonanswers)
    book = draft.book
    found: dict[str, list[Remark]] = {}
    for v in book.variables.values():
        if v.name in personal:  # whose values must not stand in a codebook
            found[v.name] = [Remark("personal", Note("remarks.personal", kinds=personal[v.name]))]
        elif v.name in data.columns:
            found[v.name] = column_remarks(v, data[v.name], len(data), draft, nonanswers.get(v.name, ()))
    found = said_once(with_sets(found, find_select_all(data, responses.codebook, personal)))
    book = replace(
        book,
        variables=MappingProxyType({n: _with_name(v) for n, v in book.variables.items()}),
        extra=MappingProxyType({}),
    )
    return book, MappingProxyType({name: tuple(some) for name, some in found.items()})


def _in_lines(responses: Responses, name: str, lang: str | None) -> tuple[Codebook, Mapping[str, tuple[str, ...]]]:
    """A draft with its remarks as the lines of a file."""
    book, found = draft_of(responses)
    declared = responses.codebook.extra.get("declared_missing", {})
    remarks: dict[str, tuple[str, ...]] = {"": ()}
    for variable, some in found.items():
        ranges = [
            Note("remarks.range", low=f"{low:g}", high=f"{high:g}")
            for low, high in declared.get(variable, ())
            if low != high and not isinstance(low, str)
        ]
        lines = [f"{MARK} {remark.text}" for remark in some]
        lines += [Note("remarks.ranges", ranges=listed(ranges, 8))] if ranges else []
        if lines:
            remarks[variable] = tuple(lines)
    rows, columns = responses.data.shape
    head = [t.format(name=name, rows=rows, columns=columns) for t in _HEAD]
    if lang is None and any(v.text or v.labels for v in book.variables.values()):
        head.append('One text serves both languages: make it {vi = "...", en = "..."}.')
    if any(v.short for v in book.variables.values()):
        head.append("`short` is drafted from the wording: make it the noun phrase that findings and tables shall use.")
    remarks[""] = (*head, *summary(found))
    return (book if lang is None else _in(book, lang)), MappingProxyType(remarks)


def _is_form(path: Path) -> bool:
    return path.suffix.lower() in (".xlsx", ".xls", ".xlsm", ".xlsb", ".ods") and is_form(path)


def _of_form(path: Path, lang: str | None) -> tuple[Codebook, Mapping[str, tuple[str, ...]]]:
    """The codebook of a form, which says what was asked: nothing of it is a guess; what was not followed is told."""
    book = codebook_from_xlsform(path)
    notes = [Note("reading.form_head", name=path.name, columns=len(book)), *book.extra.get("notes", ())]
    told = tuple(note.in_language(lang) if lang and isinstance(note, Note) else str(note) for note in notes)
    return replace(book, extra=MappingProxyType({})), MappingProxyType({"": told})


def _with_name(v: Variable) -> Variable:
    """A variable with a draft of its short name, where the wording does not do for one."""
    drafts = {lang: named(text) for lang, text in v.text.items() if text}
    return replace(v, short=MappingProxyType(drafts)) if not v.short and drafts != dict(v.text) else v


def _in(book: Codebook, lang: str) -> Codebook:
    """Texts of a file that says no language, in the language that someone says it is."""

    def in_lang(text: Mapping[str, str]) -> Mapping[str, str]:
        return MappingProxyType({lang: text.get(lang) or next(iter(text.values()))} if text else {})

    variables = {
        v.name: replace(
            v,
            text=in_lang(v.text),
            short=in_lang(v.short),
            labels=MappingProxyType({c: in_lang(t) for c, t in v.labels.items()}),
            missing_labels=MappingProxyType({c: in_lang(t) for c, t in v.missing_labels.items()}),
        )
        for v in book.variables.values()
    }
    sets = {n: replace(s, label=in_lang(s.label)) for n, s in book.sets.items()}
    return replace(book, variables=MappingProxyType(variables), title=in_lang(book.title), sets=MappingProxyType(sets))
