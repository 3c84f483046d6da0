"""What a person should check in a draft: remarks of each kind, the most urgent first, and their numbers.

Urgent is what changes numbers in silence: answers that are none, numbers kept as text, codes that have no order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from survey.base.catalogue import Note, in_turn, listed
from survey.codebook import MISSING_KINDS, Variable
from survey.codebook._variable import shortened
from survey.codebook.nonanswers import NonAnswer
from survey.codebook.ordered import runs_down
from survey.codebook.set_finder import SelectAll
from survey.codebook.told import describe_values
from survey.io.design_columns import looks_like_id, looks_like_weight, named_role
from survey.io.known_scales import Drafted

__all__ = ["KINDS", "MARK", "Remark", "column_remarks", "said_once", "summary", "with_sets"]

MARK = "to be checked:"
_FEW, _LONG, _FEWEST_CLUSTERS, _LONGEST_NAME, _MOST = 12, 40, 4, 30, 8
KINDS = (
    "nonanswers",
    "sets",
    "entered",
    "digits",
    "codes",
    "perhaps_sets",
    "labels",
    "spellings",
    "scales",
    "design",
    "personal",
    "texts",
    "others",
)
"""Kinds of remarks, the most urgent first."""


@dataclass(frozen=True, slots=True)
class Remark:
    """A remark on a variable: its kind (one of `KINDS`), and what to check, which any language has."""

    kind: str
    text: Note


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
    lines: list[str] = [Note("remarks.count", n=count)]
    for kind in (k for k in KINDS if k in found):
        names = listed(dict.fromkeys(shortened(name, _LONGEST_NAME) for name in found[kind]), _FEW)
        lines.append(Note("remarks.line", count=len(found[kind]), kind=Note(f"remarks.kind_{kind}"), names=names))
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
        return Remark("perhaps_sets", Note("remarks.perhaps_set", columns=count, call=one.call))
    if one.shape == "text":
        return Remark("sets", Note("remarks.set_text", call=one.call))
    key = one.shape if one.shape in ("mentions", "ticks") else "options"
    return Remark("sets", Note(f"remarks.set_{key}", columns=len(one.columns), call=one.call))


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
                remark = Remark(remark.kind, Note("remarks.so_for", remark=remark.text, n=others))
            once[name].append(remark)
    return once


def _remarks(
    v: Variable, column: pd.Series, rows: int, draft: Drafted, nonanswers: Sequence[NonAnswer]
) -> Iterator[Remark]:
    given = column.dropna()
    if given.empty:
        yield Remark("others", Note("remarks.empty"))
        return
    if v.role != "item":
        return
    yield from _of_nonanswers(v, column, draft.entered.get(v.name, ()), nonanswers)
    scale = draft.scales.get(v.name)
    if scale is not None:
        alike = [n for n, s in draft.scales.items() if s.answers == scale.answers and s.direction == scale.direction]
        if alike[0] == v.name:  # said once, above the first of the items
            told = _scale_told(v, column, len(alike) - 1)
            told += [Note("remarks.one_sided")] if scale.one_sided else []
            yield Remark("scales", _in_turn(told))
    if v.name in draft.spelled:
        others = describe_values(draft.spelled[v.name], v, column=column, like=v.codes)
        yield Remark("spellings", Note("remarks.spellings", answers=others))
    part = named_role(v)
    if scale is None and (design := _of_design(v, given, rows, part)) is not None:
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
        yield Remark("entered", Note("remarks.entered", code=_named(one, v, column), kind=one.kind))
    left = [a for a in found if a not in entered]
    said = [a for a in left if a.sure or a.label or a.reason in ("label", "text")]
    odd = [a for a in left if a not in said]
    for one in said:
        key = "remarks.reads_like_kind" if one.kind else "remarks.reads_like"
        parts = {"code": _named(one, v, column), "entry": _entry([one]), **({"kind": one.kind} if one.kind else {})}
        yield Remark("nonanswers", Note(key, **parts))
    if odd:
        codes = listed([Note("remarks.of_rows", code=_shown(a.code), n=a.rows) for a in odd], _MOST)
        yield Remark("nonanswers", Note("remarks.perhaps_missing", codes=codes, entry=_entry(odd)))


def _named(one: NonAnswer, v: Variable, column: pd.Series) -> Note:
    told: object = describe_values([one.code], v, column=column)
    if one.label and one.label != one.code:
        told = Note("remarks.labelled", code=told, label=repr(one.label))
    return Note("remarks.of_rows", code=told, n=one.rows)


def _entry(found: Sequence[NonAnswer]) -> str:
    """The line that declares codes missing; of a code of text, its shape alone."""
    parts = [f'{_shown(a.code)} = "{a.kind or "dont_know"}"' for a in found if not isinstance(a.code, str)]
    return f"missing = {{{', '.join(parts)}}}" if parts else Note("remarks.declare")


def _in_turn(told: Sequence[Note]) -> Note:
    whole = in_turn(told)
    assert isinstance(whole, Note)
    return whole


def _scale_told(v: Variable, column: pd.Series, others: int) -> list[Note]:
    if v.labelled_at_ends:
        ends = Note("remarks.ends", low=f"{v.codes[0]:g}", high=f"{v.codes[-1]:g}")
        return [ends, *([Note("remarks.ends_down")] if runs_down(v) else [])]
    good = {1: "last", -1: "first", 0: "neither"}
    told = [
        Note("remarks.order", answers=describe_values(v.codes, v, column=column, limit=_FEW)),
        Note(f"remarks.good_{good[v.direction]}"),
    ]
    if runs_down(v):
        told.append(Note("remarks.top", answers=describe_values(v.codes[-2:], v)))
    if others:
        told.append(Note("remarks.alike", n=others))
    unused = [c for c in v.codes if not column.isin([c]).any()]
    if unused:
        told.append(Note("remarks.unused", answers=describe_values(unused, v)))
    return told


def _of_design(v: Variable, given: pd.Series, rows: int, part: str) -> Note | None:
    """What a column of the design looks like, or None."""
    different = given.nunique()
    if v.labels and part not in ("psu", "stratum"):
        return None
    if part == "weight" and rows > 1 and looks_like_weight(given, named=True):
        return Note("remarks.weight")
    if rows > _FEW and v.type != "date" and part != "paradata" and looks_like_id(given, rows):
        own = Note("remarks.own_values") if different == rows else Note("remarks.values", values=different, rows=rows)
        return Note("remarks.id", told=own)
    if rows > 1 and looks_like_weight(given, named=False):
        return Note("remarks.weight_by_values")
    if part in ("psu", "stratum") and (_FEWEST_CLUSTERS if part == "psu" else 2) <= different < rows:
        return Note("remarks.clusters" if part == "psu" else "remarks.strata", values=different)
    if part == "paradata" or (part == "id" and different == len(given) == rows > _FEW):
        return Note("remarks.office", role=part)
    return None


def _of_labels(v: Variable, column: pd.Series) -> Iterator[Remark]:
    given = column.dropna()
    unknown = [_plain(c) for c in given.unique() if c not in v.codes and c not in v.missing]
    if v.labels and unknown and v.type != "number":
        values = describe_values(_sorted(unknown), v, column=column)
        yield Remark("labels", Note("remarks.unlabelled", values=values))
    elif v.labels and v.type == "number" and given.nunique() <= _FEW:
        yield Remark("codes", Note("remarks.labelled_number"))
    for code, kind in v.missing.items():
        if kind == "blank":
            told = describe_values([code], v, column=column)
            yield Remark("others", Note("remarks.no_kind", code=told, kinds=listed(MISSING_KINDS)))
    if v.type == "nominal" and len(v.labels) > 2:
        yield Remark("codes", Note("remarks.if_ordered"))


def _of_values(v: Variable, column: pd.Series) -> Iterator[Remark]:
    given = column.dropna()
    different = given.nunique()
    if different == 1:
        yield Remark("others", Note("remarks.one_value", value=describe_values(given.unique(), column=column)))
        return
    if pd.api.types.is_numeric_dtype(column.dtype):
        if 0 < different <= _FEW and (given % 1 == 0).all():
            values = describe_values([int(c) for c in _sorted(given.unique())], limit=_FEW)
            yield Remark("codes", Note("remarks.numbers", different=different, values=values))
        return
    if v.type != "text":
        return
    numbers = pd.to_numeric(given.astype(object), errors="coerce").notna().mean() if len(given) else 0
    if numbers >= 0.9:
        key = "remarks.digits_all" if numbers == 1 else "remarks.digits"
        yield Remark("digits", Note(key, **({} if numbers == 1 else {"share": f"{100 * numbers:.0f}"})))
        return
    if given.astype(str).str.len().mean() > _LONG or different > 0.5 * len(given) > _FEW:
        yield Remark("texts", Note("remarks.open"))
    elif different <= _FEW:
        texts = describe_values(_sorted(given.unique()), column=column, limit=_FEW)
        yield Remark("texts", Note("remarks.texts", different=different, texts=texts))


def _plain(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _sorted(values: Any) -> list[Any]:
    return sorted(values, key=lambda c: (isinstance(c, str), c))


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else f"{value:g}"
