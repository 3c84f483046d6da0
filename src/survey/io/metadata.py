"""A codebook from what SPSS and Stata files say about themselves.

Only declarations count. The kind of a missing code comes from its label ("Refused", "Không biết"); a code without
a label, or with one that names no kind, is "blank". The type comes from the measurement level and the
value labels, never from the values. Where a file states no level, labels that are a known scale are an order, and a
note says which were taken so.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import pandas as pd

from survey.base.catalogue import Note, listed
from survey.codebook import ENGLISH_FIRST, Codebook, MultipleSet, Text, Variable, same_text
from survey.codebook.nonanswers import is_answer, read_label
from survey.codebook.scales import recognise_codes
from survey.io._raw import nfc

__all__ = ["codebook_of", "kind_of", "with_sets"]

_MOST_NAMED, _FEWEST_POINTS = 8, 3
_WORDS = {
    "refused": ("refus", "declined", "từ chối", "không trả lời", "no answer", "prefer not"),
    "dont_know": (
        "don't know",
        "don’t know",
        "dont know",
        "do not know",
        "unsure",
        "không biết",
        "khó trả lời",
        "không rõ",
        "no sabe",
    ),
    "not_applicable": ("not applicable", "inapplicable", "n/a", "không áp dụng", "chưa gặp"),
    "not_asked": ("not asked", "skipped", "không hỏi"),
    "blank": ("blank", "left empty", "bỏ trống", "missing"),
}


def kind_of(label: str) -> str:
    """The kind of missing answer that a label names; "blank" if it names none.

    Examples
    --------
    >>> kind_of("Từ chối trả lời"), kind_of("98"), kind_of("Don't know / refused")
    ('refused', 'blank', 'dont_know')
    """
    reading = read_label(label)
    if reading is not None and reading.kind:
        return reading.kind
    text = nfc(label).casefold()
    named = [kind for kind, words in _WORDS.items() if any(word in text for word in words)]
    return named[0] if len(named) == 1 else "blank"


def codebook_of(
    data: pd.DataFrame,
    *,
    labels: Mapping[str, str | None],
    value_labels: Mapping[str, Mapping[Any, str]],
    measures: Mapping[str, str],
    declared: Mapping[str, tuple[tuple[Any, Any], ...]],
    units: Mapping[str, str],
    title: str | None,
    source: str,
) -> Codebook:
    """One variable per column.

    Parameters
    ----------
    data : DataFrame
    labels : mapping of column to its label
    value_labels : mapping of column to {code: label}
    measures : mapping of column to "nominal", "ordinal", "scale" or "unknown"
    declared : mapping of column to ranges of missing codes
    units : mapping of column to unit
    title, source : str

    Returns
    -------
    Codebook
        Of a range of missing codes, those that are labelled or occur.
    """
    variables = {}
    guessed = []
    for name in data.columns:
        column, ranges = data[name], declared.get(name, ())
        texts = {_code(c): nfc(t) for c, t in value_labels.get(name, {}).items()}
        candidates = list(texts)
        if any(low != high for low, high in ranges):
            candidates += [_code(v) for v in column.dropna().unique()]
        missing = [c for c in dict.fromkeys([*_single(ranges), *candidates]) if _inside(c, ranges)]
        valid = {c: t for c, t in texts.items() if c not in missing}
        label = nfc(labels.get(name) or "")
        kind = _type(column, valid, measures.get(name, "unknown"))
        if kind == "nominal" and measures.get(name, "unknown") == "unknown" and _of_known_scale(valid):
            kind = "ordinal"
            guessed.append(str(name))
        variables[name] = Variable(
            name,
            type=kind,
            text=_text(label) if label else MappingProxyType({}),
            labels=MappingProxyType({c: _text(valid[c]) for c in _ordered(valid)}),
            missing=MappingProxyType({c: kind_of(texts.get(c, "")) for c in missing}),
            missing_labels=MappingProxyType({c: _text(texts[c]) for c in missing if c in texts}),
            unit=units.get(name, ""),
        )
    head = _text(nfc(title)) if title else MappingProxyType({})
    notes = (Note("reading.order_of_labels", n=len(guessed), columns=listed(guessed, _MOST_NAMED)),) if guessed else ()
    extra = MappingProxyType({"notes": notes} if notes else {})
    return Codebook(variables=MappingProxyType(variables), title=head, source=source, extra=extra)


def with_sets(book: Codebook, declared: Mapping[str, Mapping[str, Any]], renamed: Mapping[str, str]) -> Codebook:
    """The codebook with the multiple-response sets that an SPSS file declares.

    Parameters
    ----------
    book : Codebook
    declared : mapping of name to set
        As pyreadstat gives them: label, variable_list, is_dichotomy, counted_value.
    renamed : mapping of str to str
        Columns of the file to those of the data.
    """
    sets = {}
    for name, one in declared.items():
        # SPSS writes the names of members in its own case
        columns = {str(old).casefold(): new for old, new in renamed.items()}
        members = tuple(columns[v.casefold()] for v in one["variable_list"] if v.casefold() in columns)
        label = nfc(one.get("label") or "")
        several = MultipleSet(nfc(name), members, label=_text(label) if label else MappingProxyType({}))
        if one.get("is_dichotomy"):
            sets[several.name] = replace(several, counted=one.get("counted_value"))
        else:
            sets[several.name] = replace(several, kind="categories", counted=None)
    return replace(book, sets=MappingProxyType(sets)) if sets else book


def _type(column: pd.Series, valid: Mapping[Any, str], measure: str) -> str:
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        return "date"
    if valid and measure != "scale":
        ordered = measure == "ordinal" or (measure == "unknown" and _between_labels(column, valid))
        return "binary" if set(valid) == {0, 1} else "ordinal" if ordered else "nominal"
    return "text" if isinstance(column.dtype, pd.StringDtype) else "number"


def _of_known_scale(valid: Mapping[Any, str]) -> bool:
    """Whether labels are a known scale of three points or more; "yes" and "no" are as often names."""
    answers = {c: _text(t) for c, t in valid.items() if is_answer([t])}
    return len(answers) >= _FEWEST_POINTS and recognise_codes(answers) is not None


def _between_labels(column: pd.Series, valid: Mapping[Any, str]) -> bool:
    """Whether a code without a label lies between labelled ones: names would have a label each, so these are steps."""
    if not pd.api.types.is_numeric_dtype(column.dtype) or not all(isinstance(c, int | float) for c in valid):
        return False
    inside = column[(column > min(valid)) & (column < max(valid))]
    return not inside.isin(list(valid)).all()


def _text(text: str) -> Text:
    return same_text(text, ENGLISH_FIRST)


def _code(value: Any) -> Any:
    if isinstance(value, str):
        return nfc(value)
    number = float(value)
    return int(number) if number.is_integer() else number


def _single(ranges: Iterable[tuple[Any, Any]]) -> list[Any]:
    return [_code(low) for low, high in ranges if low == high]


def _inside(code: Any, ranges: Iterable[tuple[Any, Any]]) -> bool:
    return any(isinstance(code, str) == isinstance(low, str) and low <= code <= high for low, high in ranges)


def _ordered(codes: Iterable[Any]) -> list[Any]:
    return sorted(codes, key=lambda c: (isinstance(c, str), c if isinstance(c, str) or math.isfinite(c) else 0))
