"""What a person should check in a draft: remarks of each kind, the most urgent first, and their numbers.

Urgent is what changes numbers in silence: answers that are none, numbers kept as text, codes that have no order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from survey.codebook import MISSING_KINDS, Variable
from survey.codebook._variable import shortened
from survey.codebook.nonanswers import NonAnswer
from survey.codebook.ordered import runs_down
from survey.codebook.set_finder import SelectAll
from survey.codebook.told import describe_values
from survey.errors import shorten
from survey.io.design_columns import looks_like_id, looks_like_weight, named_role
from survey.io.known_scales import Drafted

__all__ = ["KINDS", "MARK", "Remark", "column_remarks", "said_once", "summary", "with_sets"]

MARK = "to be checked:"
_FEW, _LONG, _FEWEST_CLUSTERS, _LONGEST_NAME = 12, 40, 4, 30
KINDS: Mapping[str, str] = {
    "nonanswers": "answers that may be none and are not declared missing",
    "sets": "select-all questions that are not declared",
    "entered": "non-answers entered as missing codes",
    "digits": "numbers kept as text",
    "codes": "numbers that may be codes, or codes whose order is not declared",
    "perhaps_sets": "columns of 0 and 1 that may be options of one question",
    "labels": "values without a label",
    "spellings": "one answer in several spellings",
    "scales": "scales recognised and entered",
    "design": "weights, strata, clusters, identifiers",
    "personal": "personal data",
    "texts": "answers in words without an order, or open text",
    "others": "others",
}
"""Kinds of remarks, the most urgent first."""


@dataclass(frozen=True, slots=True)
class Remark:
    """A remark on a variable: its kind (one of `KINDS`), and what to check."""

    kind: str
    text: str


def column_remarks(
    v: Variable, column: pd.Series, rows: int, draft: Drafted, nonanswers: Sequence[NonAnswer]
) -> list[Remark]:
    """What is to be checked of a column, the most urgent first.

    Parameters
    ----------
    v : Variable
        As the draft has it.
    column : Series
    rows : int
    draft : Drafted
    nonanswers : sequence of NonAnswer
        What was found in this column.
    """
    order = list(KINDS)
    return sorted(_remarks(v, column, rows, draft, nonanswers), key=lambda r: order.index(r.kind))


def summary(remarks: Mapping[str, Iterable[Remark]]) -> list[str]:
    """The head of a draft: how many remarks there are of each kind and on which variables, the most urgent first."""
    found: dict[str, list[str]] = {}
    for name, some in remarks.items():
        for remark in some:
            found.setdefault(remark.kind, []).append(name)
    if not found:
        return []
    count = sum(map(len, found.values()))
    lines = [f"{count} {'remark' if count == 1 else 'remarks'} to check, the most urgent first:"]
    for kind in (k for k in KINDS if k in found):
        names = dict.fromkeys(shortened(name, _LONGEST_NAME) for name in found[kind])
        lines.append(f"  {len(found[kind])} {KINDS[kind]}: {shorten(names, _FEW)}")
    return lines


_OF_MEMBERS = ("codes", "texts", "labels", "others")


def with_sets(found: Mapping[str, Sequence[Remark]], sets: Iterable[SelectAll]) -> dict[str, list[Remark]]:
    """Remarks with one for each select-all question, above its first column, in place of those on each column."""
    given = {name: list(some) for name, some in found.items()}
    for one in sets:
        for name in one.columns if one.sure else ():
            given[name] = [r for r in given.get(name, []) if r.kind not in _OF_MEMBERS]
        first = given.setdefault(one.columns[0], [])
        first.insert(0 if one.sure else len(first), _of_set(one))
    return given


def _of_set(one: SelectAll) -> Remark:
    if not one.sure:
        count = len(one.columns)
        return Remark("perhaps_sets", f"{count} columns of 0 and 1, perhaps options of one question: {one.call}")
    if one.shape == "text":
        return Remark("sets", f"its answers list several options each, a select-all question: {one.call}")
    if one.shape == "mentions":
        what = f"{len(one.columns)} columns look like the first, second, ... mention of one question"
        return Remark("sets", f"{what}, whose shares are of all who were asked: {one.call}")
    what = f"{len(one.columns)} columns look like the options of one select-all question"
    wrong = "each share would be 100% until it is declared: " if one.shape == "ticks" else ""
    return Remark("sets", f"{what}; {wrong}{one.call}")


_ALIKE = ("codes", "texts", "others")


def said_once(found: Mapping[str, Sequence[Remark]]) -> dict[str, list[Remark]]:
    """Remarks that say the same of many variables, above the first of them only, with the number of the others."""
    count = Counter(r for some in found.values() for r in some if r.kind in _ALIKE)
    said: set[Remark] = set()
    once: dict[str, list[Remark]] = {}
    for name, some in found.items():
        once[name] = []
        for remark in some:
            if remark in said:
                continue
            others = count[remark] - 1
            if others > 0:
                said.add(remark)
                what = "1 other variable" if others == 1 else f"{others} other variables"
                remark = Remark(remark.kind, f"{remark.text} (so for {what})")
            once[name].append(remark)
    return once


def _remarks(
    v: Variable, column: pd.Series, rows: int, draft: Drafted, nonanswers: Sequence[NonAnswer]
) -> Iterator[Remark]:
    given = column.dropna()
    if given.empty:
        yield Remark("others", "it is empty")
        return
    if v.role != "item":
        return
    yield from _of_nonanswers(v, column, draft.entered.get(v.name, ()), nonanswers)
    scale = draft.scales.get(v.name)
    if scale is not None:
        alike = [n for n, s in draft.scales.items() if s.answers == scale.answers and s.direction == scale.direction]
        if alike[0] == v.name:  # said once, above the first of the items
            lacking = "; nobody chose its other end: add the options that the form has" if scale.one_sided else ""
            yield Remark("scales", _scale_told(v, column, len(alike) - 1) + lacking)
    if v.name in draft.spelled:
        others = describe_values(draft.spelled[v.name], v, column=column, like=v.codes)
        yield Remark("spellings", f"other spellings of these answers: {others}; set_scale() writes them alike")
    part = named_role(v)
    if scale is None and (design := _of_design(v, given, rows, part)):
        yield Remark("design", design)
        if part not in ("psu", "stratum"):  # a ward is a cluster and an answer at once
            return
    if v.type == "date" or part == "paradata":
        return
    if v.labels or v.missing:
        yield from _of_labels(v, column[~column.isin(draft.spelled.get(v.name, ()))])
    else:
        none = {a.code for a in nonanswers}
        yield from _of_values(v, column[~column.isin(none)] if none else column)


def _of_nonanswers(
    v: Variable, column: pd.Series, entered: Sequence[NonAnswer], found: Sequence[NonAnswer]
) -> Iterator[Remark]:
    for one in entered:
        yield Remark("entered", f"{_named(one, v, column)} is entered as missing, of the kind {one.kind}")
    left = [a for a in found if a not in entered]
    said = [a for a in left if a.sure or a.label or a.reason in ("label", "text")]
    odd = [a for a in left if a not in said]
    for one in said:
        kind = f" ({one.kind})" if one.kind else ""
        yield Remark("nonanswers", f"{_named(one, v, column)} reads like no answer{kind}: {_entry([one])}")
    if odd:
        codes = shorten([f"{_shown(a.code)} ({a.rows} {'row' if a.rows == 1 else 'rows'})" for a in odd])
        yield Remark("nonanswers", f"perhaps undeclared missing codes: {codes}; if so: {_entry(odd)}")


def _named(one: NonAnswer, v: Variable, column: pd.Series) -> str:
    told = describe_values([one.code], v, column=column)
    label = f" = {one.label!r}" if one.label and one.label != one.code else ""
    return f"{told}{label} ({one.rows} {'row' if one.rows == 1 else 'rows'})"


def _entry(found: Sequence[NonAnswer]) -> str:
    """The line that declares codes missing; of a code of text, its shape alone."""
    parts = [f'{_shown(a.code)} = "{a.kind or "dont_know"}"' for a in found if not isinstance(a.code, str)]
    return f"missing = {{{', '.join(parts)}}}" if parts else "declare it under `missing`"


def _scale_told(v: Variable, column: pd.Series, others: int) -> str:
    if v.labelled_at_ends:
        down = "; the first is the good or strong end" if runs_down(v) else ""
        return f"a scale labelled at its ends: the codes {v.codes[0]:g} to {v.codes[-1]:g} are answers{down}"
    down = f"; top= counts the other end: {describe_values(v.codes[-2:], v)}" if runs_down(v) else ""
    order = describe_values(v.codes, v, column=column, limit=_FEW)
    good = {1: "the last is the good end", -1: "the first is the good end", 0: "neither end is said to be good"}
    unused = [c for c in v.codes if not column.isin([c]).any()]
    lacking = f"; here nobody chose {describe_values(unused, v)}" if unused else ""
    alike = f"; so {'has 1 other item' if others == 1 else f'have {others} other items'}" if others else ""
    return f"its order, lowest first: {order}; {good[v.direction]}{down}{alike}{lacking}"


def _of_design(v: Variable, given: pd.Series, rows: int, part: str) -> str:
    """What a column of the design looks like, or ""."""
    different = given.nunique()
    if v.labels and part not in ("psu", "stratum"):
        return ""
    if part == "weight" and rows > 1 and looks_like_weight(given, named=True):
        return 'its name is that of a weight: perhaps role = "weight"'
    if rows > _FEW and v.type != "date" and part != "paradata" and looks_like_id(given, rows):
        own = "every row has a value of its own" if different == rows else f"{different:,} values in {rows:,} rows"
        return f'{own}: perhaps type = "id", role = "id", required = true'
    if rows > 1 and looks_like_weight(given, named=False):
        return 'positive fractions with a mean of 1, as weights: perhaps role = "weight"'
    if part in ("psu", "stratum") and (_FEWEST_CLUSTERS if part == "psu" else 2) <= different < rows:
        what = "clusters" if part == "psu" else "strata"
        return f'its name is that of {what} ({different:,} values): perhaps role = "{part}"'
    if part == "paradata" or (part == "id" and different == len(given) == rows > _FEW):
        return f'a column of the form or the office, no question: perhaps role = "{part}"'
    return ""


def _of_labels(v: Variable, column: pd.Series) -> Iterator[Remark]:
    given = column.dropna()
    unknown = [_plain(c) for c in given.unique() if c not in v.codes and c not in v.missing]
    if v.labels and unknown and v.type != "number":
        yield Remark("labels", f"values without a label: {describe_values(_sorted(unknown), v, column=column)}")
    elif v.labels and v.type == "number" and given.nunique() <= _FEW:
        yield Remark("codes", 'it has labels and the file calls it a number: perhaps type = "ordinal" or "nominal"')
    for code, kind in v.missing.items():
        if kind == "blank":
            told = describe_values([code], v, column=column)
            yield Remark("others", f"the label of missing code {told} names no kind: {shorten(MISSING_KINDS)}")
    if v.type == "nominal" and len(v.labels) > 2:
        yield Remark(
            "codes", 'if its codes have an order: type = "ordinal", and direction = 1 or -1 if one end is good'
        )


def _of_values(v: Variable, column: pd.Series) -> Iterator[Remark]:
    given = column.dropna()
    different = given.nunique()
    if different == 1:
        yield Remark("others", f"one value in every answer: {describe_values(given.unique(), column=column)}")
        return
    if pd.api.types.is_numeric_dtype(column.dtype):
        if 0 < different <= _FEW and (given % 1 == 0).all():
            values = describe_values([int(c) for c in _sorted(given.unique())], limit=_FEW)
            what = f"{different} different numbers ({values})"
            yield Remark("codes", f'{what}: if they are codes, type = "ordinal" or "nominal", and labels')
        return
    if v.type != "text":
        return
    numbers = pd.to_numeric(given.astype(object), errors="coerce").notna().mean() if len(given) else 0
    if numbers >= 0.9:
        share = "all" if numbers == 1 else f"{100 * numbers:.0f}%"
        yield Remark(
            "digits",
            f"numbers kept as text ({share} of its answers), which have no mean; to_number() reads them",
        )
        return
    if given.astype(str).str.len().mean() > _LONG or different > 0.5 * len(given) > _FEW:
        yield Remark("texts", 'open text: perhaps role = "open"')
    elif different <= _FEW:
        texts = describe_values(_sorted(given.unique()), column=column, limit=_FEW)
        yield Remark("texts", f'{different} different texts ({texts}): perhaps type = "nominal" and labels')


def _plain(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _sorted(values: Any) -> list[Any]:
    return sorted(values, key=lambda c: (isinstance(c, str), c))


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else f"{value:g}"
