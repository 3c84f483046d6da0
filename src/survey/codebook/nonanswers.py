"""Answers that are none: codes and texts that stand for "don't know", "refused", "not asked" and are not declared so.

Two kinds of evidence. A label says so, or the code is one of Stata's missing letters: that is sure. Or a number stands
apart from its scale, as 9 does from 1 to 5 and 99 from 0 to 10: that only looks so, and a person decides.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from survey.codebook._data import CodebookData
from survey.codebook._nonanswer_codes import (
    Held,
    apart,
    beyond,
    held,
    reads_as_numbers,
    says_nothing,
    unremarkable,
    weakly_apart,
)
from survey.codebook._nonanswer_words import has_opposite, is_answer, read_label
from survey.codebook._variable import Text, Variable

__all__ = ["REASONS", "NonAnswer", "digits_as_text", "find_nonanswers", "is_answer", "read_label", "reads_as_numbers"]

REASONS = ("label", "letter", "text", "beyond", "apart", "shared")
"""A label says so; a missing letter of Stata; a text among numbers; a code beyond the labelled scale, or that stands
apart from the others; one that does so in at least three items."""
_SHARED = 3
_HIDDEN_ROLES = ("id", "personal", "pseudonym")
_DESIGN_ROLES = ("weight", "stratum", "psu", "ssu", "fpc", "replicate", "frame", "paradata")
_UNSCALED = ("id", "date")


@dataclass(frozen=True, slots=True)
class NonAnswer:
    """A code or text that reads like a missing answer and is not declared one.

    Parameters
    ----------
    variable : str
    code : object
        As the data hold it.
    label : str
        Its label, or "".
    kind : str
        One of `MISSING_KINDS`; "" where nothing says which.
    rows : int
        Rows that hold it.
    reason : str
        One of `REASONS`.
    sure : bool
        Whether a label says so or it is a missing letter; False where only the numbers look so.
    """

    variable: str
    code: Any
    label: str
    kind: str
    rows: int
    reason: str
    sure: bool


def find_nonanswers(
    frame: pd.DataFrame,
    codebook: CodebookData,
    names: Iterable[str] | None = None,
    counted: Mapping[str, Mapping[float, int]] | None = None,
) -> tuple[NonAnswer, ...]:
    """Find the codes and texts that read like missing answers and are not declared missing.

    Parameters
    ----------
    frame : DataFrame
    codebook : CodebookData
        What it declares missing is not listed again.
    names : iterable of str, optional
        All columns when not given. Evidence from other columns (a code that stands apart in many) counts either way.
    counted : mapping of str to mapping of float to int, optional
        Of columns of numbers: how many rows hold each, where that was counted already.

    Returns
    -------
    tuple of NonAnswer
        In the order of the columns, of one column those that are sure first.
    """
    found: dict[str, list[NonAnswer]] = {}
    columns: dict[str, Held] = {}
    known: dict[Any, Counter[str]] = defaultdict(Counter)
    every = frame.columns.tolist()
    skipped = unremarkable(frame, [n for n in every if says_nothing(codebook.variables.get(n))])
    for name in every:
        if name in skipped:
            continue
        variable = codebook.variables.get(name) or Variable(name)
        for code, kind in variable.missing.items():
            known[code][kind] += 1
        if variable.role in _HIDDEN_ROLES or variable.type in _UNSCALED:
            continue
        values = held(frame[name], variable.missing, (counted or {}).get(name))
        if values is None:
            continue
        found[name] = list(_of_column(variable, values))
        for one in found[name]:
            if one.reason == "label" and one.kind:
                known[one.code][one.kind] += 1
        if variable.role not in _DESIGN_ROLES and not _chosen(codebook, name):
            columns[name] = values
            columns[name].answers.update(_answers_of(variable, found[name]))
    _shared(found, columns)
    wanted = found if names is None else [n for n in found if n in set(names)]
    return tuple(_with_kind(one, known) for name in wanted for one in sorted(found[name], key=lambda one: not one.sure))


def digits_as_text(frame: pd.DataFrame, codebook: CodebookData) -> tuple[str, ...]:
    """Columns of text that hold numbers and nothing else, without zeros that a number would lose, and are not ids."""
    found = []
    for name in frame.columns:
        variable = codebook.variables.get(name) or Variable(name, type="text")
        coded = any(isinstance(code, str) for code in (*variable.labels, *variable.missing))
        if pd.api.types.is_numeric_dtype(frame[name].dtype) or coded or variable.type in ("id", "date"):
            continue
        if variable.role == "item" and reads_as_numbers(frame[name]):
            found.append(name)
    return tuple(found)


def _answers_of(variable: Variable, found: Iterable[NonAnswer]) -> set[float]:
    """Codes with a label that is an answer."""
    said = {one.code for one in found}
    return {c for c, t in variable.labels.items() if _number(c) is not None and c not in said and not _bare(_text(t))}


def _chosen(codebook: CodebookData, name: str) -> bool:
    return any(name in several.variables for several in codebook.sets.values())


def _with_kind(one: NonAnswer, known: Mapping[Any, Counter[str]]) -> NonAnswer:
    """A bare code is of the kind that it has in the other items, if it has the same in all of them."""
    kinds: Counter[str] = known.get(one.code) or Counter()
    return replace(one, kind=next(iter(kinds))) if not one.kind and not one.label and len(kinds) == 1 else one


def _of_column(variable: Variable, values: Held) -> Iterator[NonAnswer]:
    labels = {code: _telling(texts) for code, texts in variable.labels.items()}
    if not labels and values.texts:  # a text is its own label
        labels = {text: text for text in values.texts} if len(values.texts) <= _MOST_TEXTS else {}
    said = set()
    for code, label, kind, sure in _labelled(labels, values):
        said.add(code)
        rows = values.rows_of(code)
        yield NonAnswer(variable.name, code, "" if label == code else label, kind, rows, "label", sure)
    for letter in values.letters:
        if letter not in said:
            said.add(letter)
            yield NonAnswer(variable.name, letter, "", "", values.rows_of(letter), "letter", True)
    for text in values.strays:
        if text not in said:
            said.add(text)
            reading = read_label(text)
            if reading is None and _END.fullmatch(text):
                continue
            kind, sure = ("", False) if reading is None else (reading.kind, not reading.perhaps)
            yield NonAnswer(variable.name, text, "", kind, values.rows_of(text), "text", sure)
    if variable.role in _DESIGN_ROLES:
        return
    answers = [code for code in variable.labels if code not in said and not _bare(labels[code])]
    scale = [c for c in answers if isinstance(c, int | float)]
    reason, codes = ("beyond", beyond(values, scale, said)) if len(scale) > 1 else ("apart", apart(values, said))
    for code in codes:
        if code not in answers:
            yield NonAnswer(variable.name, values.as_held(code), "", "", values.rows_of(code), reason, False)


_REFUSALS = (("refused",), ("refusal",), ("refus",), ("tu", "choi"))  # outcomes of an interview too
_END = re.compile(
    r"\s*[(\[]?[+-]?\d{1,3}[)\]]?\s*[-–—:.=,]?\s+\D.*"
)  # "10 - Very satisfied": the labelled end of a scale
_MOST_TEXTS = 60  # different texts of a column that are options; more are words of one's own


def _text(texts: Text) -> str:
    return texts.get("en") or next(iter(texts.values()), "")


def _telling(texts: Text) -> str:
    """The label that reads like a missing answer, in whichever language; else the English one."""
    return next((text for text in texts.values() if text and read_label(text) is not None), _text(texts))


def _bare(label: str) -> bool:
    """Whether a label is only the code again."""
    return not label.strip() or label.strip().lstrip("-").replace(".", "", 1).isdigit()


def _labelled(labels: Mapping[Any, str], values: Held) -> Iterator[tuple[Any, str, str, bool]]:
    """Codes whose labels say so: code, label, kind, whether that is sure."""
    read = {code: read_label(label) for code, label in labels.items()}
    candidates = {code: reading for code, reading in read.items() if reading is not None}
    if not candidates:
        return
    answers = {code: label for code, label in labels.items() if code not in candidates}
    loose = [v for v in values.distinct if v not in labels]
    pair = len(answers) == len(candidates) == 1  # "Biết" and "Không biết", "Agreed" and "Refused": neither is missing
    an_option = not answers and all(code == labels[code] for code in candidates)  # a column for one choice of several
    if not loose and (pair or an_option):
        return
    numbers = [c for c in answers if isinstance(c, int | float)]
    short = sum(len(label) <= 3 for label in answers.values()) * 2 > len(answers) > 0
    for code, reading in candidates.items():
        outside = not numbers or not isinstance(code, int | float) or code < min(numbers) or code > max(numbers)
        gap = bool(numbers) and isinstance(code, int | float) and (code > max(numbers) + 1 or code < min(numbers) - 1)
        if not gap and ((pair and numbers) or (reading.abbreviated and short)):
            continue
        if not gap and has_opposite(reading, answers.values()):
            continue
        sentinel = reading.words[:1] and reading.words[0].isdigit()
        if not outside and (reading.perhaps or reading.words in _REFUSALS or sentinel):
            continue  # "No opinion" between agreement and disagreement, "Refusal" among outcomes of an interview
        sure = (not reading.perhaps or gap) and not reading.misspelt
        yield code, labels[code], reading.kind, sure


def _shared(found: dict[str, list[NonAnswer]], columns: Mapping[str, Held]) -> None:
    """Codes that stand apart in several items: evidence for each of them, and for those where it was too weak alone."""
    count = Counter(_number(one.code) for ones in found.values() for one in ones if one.reason in ("apart", "beyond"))
    often = {code for code, n in count.items() if n >= _SHARED and code is not None}
    if not often:
        return
    for name, values in columns.items():
        ones = [
            replace(one, reason="shared") if one.reason in ("apart", "beyond") and _number(one.code) in often else one
            for one in found[name]
        ]
        listed = {_number(one.code) for one in ones}
        for code in weakly_apart(values, often - listed):
            ones.append(NonAnswer(name, values.as_held(code), "", "", values.rows_of(code), "shared", False))
        found[name] = ones


def _number(code: Any) -> float | None:
    try:
        return float(code)
    except (TypeError, ValueError):
        return None
