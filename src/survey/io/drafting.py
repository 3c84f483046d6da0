"""A codebook from any file: what it says about itself, and for a person to check, what its values look like.

Guesses do not enter the codebook: they are remarks beside it.
"""

from __future__ import annotations

import os
import re
import unicodedata
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from survey.base.arguments import explained
from survey.base.text import written
from survey.codebook import Codebook, Variable, named
from survey.codebook.told import describe_values
from survey.errors import ReadError, SurveyWarning, shorten
from survey.io.reading import read
from survey.io.xlsform.codebook import codebook_from_xlsform
from survey.io.xlsform.sheets import is_form
from survey.privacy.scan import quick_look

__all__ = ["draft_codebook", "read_codebook"]

_MARK = "to be checked:"
_FEW, _LONG = 12, 40
_WEIGHT = re.compile(r"(^|_)(w|wt|wgt|pw|weight|quyen_so|trong_so)(_|\d|$)")
_LIKELY_MISSING = frozenset({-9, -8, -7, -99, -98, -97, -96, -95, 97, 98, 99, 998, 999, 9998, 9999, -999, -998})
_HEAD = (
    "A first draft from {name}: {rows:,} rows, {columns:,} columns. For a person to finish.",
    f'Lines that begin with "{_MARK}" are guesses from names and values; none of them is in effect.',
    "docs/codebook.md says what may stand here.",
)


@explained(ReadError)
def read_codebook(path: str | os.PathLike[str]) -> Codebook:
    """Read the codebook from any file that contains one.

    Parameters
    ----------
    path : path
        .toml; an XLSForm; or any file of answers that `sv.read` takes, whose own labels, missing codes and measurement
        levels are the codebook (SPSS and Stata say most, CSV nothing but names and types).

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
    if target.suffix.lower() in (".xlsx", ".xls", ".xlsm") and is_form(target):
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
        Anything that `sv.read` takes.
    lang : str, optional
        The language of the file's labels; both, one text for each, when not given.
    how :
        How to read it: `sheet`, `separator`, `encoding` of `sv.read`.

    Returns
    -------
    Codebook
        Only what the file declares.
    mapping of variable to tuple of str
        Remarks: likely identifiers, weights, codes without labels, undeclared missing codes, open text,
        personal data. Those of "" are about the whole file. `to_toml(path, comments)` takes them.

    Raises
    ------
    ReadError
        If the file cannot be read.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SurveyWarning)  # personal columns are named below
        responses = read(path, **how)
    book, data = responses.codebook, responses.data
    declared = book.extra.get("declared_missing", {})
    personal = responses.once(quick_look)
    remarks: dict[str, tuple[str, ...]] = {}
    for v in book.variables.values():
        if v.name not in data.columns:
            continue
        if v.name in personal:  # whose values must not stand in a codebook
            found = [f'it holds {personal[v.name]}; role = "personal" leaves it out on reading']
        else:
            found = list(_looks(v, data[v.name], len(data)))
        ranges = [
            f"{low:g} to {high:g}" for low, high in declared.get(v.name, ()) if low != high and not isinstance(low, str)
        ]
        lines = [f"{_MARK} {line}" for line in found]
        lines += [f"the file declares missing: {shorten(ranges)}"] if ranges else []
        if lines:
            remarks[v.name] = tuple(lines)
    head = [t.format(name=Path(path).name, rows=len(data), columns=len(data.columns)) for t in _HEAD]
    if lang is None and any(v.text or v.labels for v in book.variables.values()):
        head.append('One text serves both languages: make it {vi = "...", en = "..."}.')
    remarks[""] = tuple(head)
    book = replace(
        book,
        variables=MappingProxyType({n: _with_name(v) for n, v in book.variables.items()}),
        extra=MappingProxyType({}),
    )
    if any(v.short for v in book.variables.values()):
        head.append("`short` is drafted from the wording: make it the noun phrase that findings and tables shall use.")
        remarks[""] = tuple(head)
    return (book if lang is None else _in(book, lang)), MappingProxyType(remarks)


def _with_name(v: Variable) -> Variable:
    """A variable with a draft of its short name, where the wording does not do for one."""
    drafts = {lang: named(text) for lang, text in v.text.items() if text}
    return replace(v, short=MappingProxyType(drafts)) if not v.short and drafts != dict(v.text) else v


def _looks(v: Variable, column: pd.Series, rows: int) -> Iterator[str]:
    """What the values of a column look like."""
    given = column.dropna()
    if given.empty:
        yield "it is empty"
        return
    if v.role != "item":
        return
    different = given.nunique()
    numeric = pd.api.types.is_numeric_dtype(column.dtype)
    short = numeric or given.astype(str).str.len().mean() <= _LONG
    whole = not numeric or (given % 1 == 0).all()
    if rows > _FEW and different > 0.98 * rows and short and whole and v.type != "date":
        own = "every row has a value of its own" if different == rows else f"{different:,} values in {rows:,} rows"
        yield f'{own}: perhaps type = "id", role = "id", required = true'
        return
    if numeric and _WEIGHT.search(_plain(v)) and (given > 0).all():
        yield 'its name is that of a weight: perhaps role = "weight"'
    if v.labels or v.missing:
        unknown = [c for c in given.unique() if c not in v.labels and c not in v.missing]
        if v.labels and unknown and v.type != "number":
            yield f"values without a label: {describe_values(_sorted(unknown), v, column=column)}"
        elif v.labels and v.type == "number" and different <= _FEW:
            yield 'it has labels and the file calls it a number: perhaps type = "ordinal" or "nominal"'
        for code, kind in v.missing.items():
            if kind == "blank":
                yield f"the label of missing code {_shown(code)} names no kind: {shorten(_KINDS)}"
        if v.type == "nominal" and len(v.labels) > 2:
            yield 'if its codes have an order: type = "ordinal", and direction = 1 or -1 if one end is good'
    elif numeric and different <= _FEW and (given % 1 == 0).all():
        values = describe_values([int(c) for c in _sorted(given.unique())], limit=_FEW)
        yield f'{different} different numbers ({values}): if they are codes, type = "ordinal" or "nominal", and labels'
    elif not numeric and v.type == "text":
        long = given.astype(str).str.len().mean() > _LONG
        if long or different > 0.5 * len(given) > _FEW:
            yield 'open text: perhaps role = "open"'
        elif different <= _FEW:
            texts = describe_values(_sorted(given.unique()), column=column, limit=_FEW)
            yield f'{different} different texts ({texts}): perhaps type = "nominal" and labels'
    if numeric and not v.missing:
        odd = [c for c in _sorted(given.unique()) if c in _LIKELY_MISSING and c not in v.labels and _apart(given, c)]
        if odd:
            yield f"perhaps undeclared missing codes: {shorten(map(_shown, odd))}"


_KINDS = ("not_applicable", "blank", "dont_know", "refused", "not_asked")


def _apart(given: pd.Series, code: float) -> bool:
    """Whether a value stands apart from the others: 99 among ages from 18 to 99 does not."""
    others = np.asarray(given[~given.isin(_LIKELY_MISSING)], dtype=float)
    return len(others) == 0 or code < others.min() < np.inf or code > 2 * others.max()


def _plain(v: Variable) -> str:
    text = unicodedata.normalize("NFD", v.name).casefold().replace("đ", "d")
    return re.sub(r"[\s.\-]+", "_", "".join(c for c in text if not unicodedata.combining(c)))


def _sorted(values: Any) -> list[Any]:
    return sorted(values, key=lambda c: (isinstance(c, str), c))


def _shown(value: Any) -> str:
    return written(value)


def _in(book: Codebook, lang: str) -> Codebook:
    """Texts of a file that says no language, in the language that someone says it is."""

    def in_lang(text: Mapping[str, str]) -> Mapping[str, str]:
        return MappingProxyType({lang: next(iter(text.values()))} if text else {})

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
