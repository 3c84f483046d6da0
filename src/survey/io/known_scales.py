"""A draft with the scales that its answers are: known ones, in order, items with the same answers on one scale.

What goes in has a remark to be checked. Answers in words that are no answers ("Không biết") become missing codes, as
no order holds them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

import pandas as pd

from survey.base.names import composed_value
from survey.codebook import ENGLISH_FIRST, Codebook, Variable, same_text
from survey.codebook.nonanswers import NonAnswer
from survey.codebook.scales import KnownScale, recognise, recognise_codes, same_answer

__all__ = ["Drafted", "with_known_scales"]

_MOST = 20
"""Different texts of a column that may be points of a scale, or spellings of them."""


@dataclass(frozen=True, slots=True)
class Drafted:
    """What went into a draft without being declared.

    Parameters
    ----------
    book : Codebook
    scales : mapping of variable to KnownScale
    entered : mapping of variable to tuple of NonAnswer
        Those that are missing codes now.
    spelled : mapping of variable to tuple of str
        Answers that are another one but for capitals, marks or spaces, and are not on the scale.
    """

    book: Codebook
    scales: Mapping[str, KnownScale] = field(default_factory=dict)
    entered: Mapping[str, tuple[NonAnswer, ...]] = field(default_factory=dict)
    spelled: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Words:
    """The answers of a column of text: those that may be a scale, and other spellings of them."""

    answers: tuple[str, ...]
    others: tuple[str, ...]


def with_known_scales(
    book: Codebook, data: pd.DataFrame, left_out: Iterable[str], nonanswers: Mapping[str, Sequence[NonAnswer]]
) -> Drafted:
    """The codebook with the scales that columns are, and with their non-answers as missing codes.

    Parameters
    ----------
    book : Codebook
    data : DataFrame
    left_out : iterable of str
        Columns that are not looked at, such as those with personal data.
    nonanswers : mapping of variable to sequence of NonAnswer
    """
    hidden = set(left_out)
    sure = {n: tuple(a for a in found if a.sure and a.kind) for n, found in nonanswers.items()}
    scales: dict[str, KnownScale] = {}
    spelled: dict[str, tuple[str, ...]] = {}
    for v in book.variables.values():
        if v.name not in data.columns or v.name in hidden or v.role != "item":
            continue
        none = {composed_value(a.code) for a in sure.get(v.name, ())}
        scale: KnownScale | None = None
        if v.type == "text" and not v.labels:
            words = _words(data[v.name], none | set(v.missing))
            scale = None if words is None else recognise(words.answers)
            if scale is not None and words is not None and words.others:
                spelled[v.name] = words.others
        elif v.labels:
            scale = _of_codes(v, data[v.name], none)
        if scale is not None:
            scales[v.name] = scale
    scales |= _shared({n: s for n, s in scales.items() if not book[n].labels}, data)
    entered = {n: a for n, a in sure.items() if a and n not in hidden and (n in scales or book[n].labels)}
    changed = []
    for name in dict.fromkeys([*scales, *entered]):
        if name in book:
            v = _entered(book[name], entered.get(name, ()))
            changed.append(_on(v, scales[name]) if name in scales else v)
    return Drafted(book.update(*changed), scales, entered, spelled)


def _words(column: pd.Series, none: set[Any]) -> _Words | None:
    """The different answers of a column in words, the most frequent spelling of each; None where there are many."""
    counts = column.dropna().astype(object).map(composed_value).value_counts()
    if not 2 <= len(counts) <= _MOST + len(none) or not all(isinstance(v, str) for v in counts.index):
        return None
    taken: dict[str, str] = {}
    others = []
    order = sorted(counts.index, key=lambda text: (-counts[text], text != text.strip()))
    for text in order:  # the most frequent first
        if text in none or not text.strip():
            continue
        first = taken.setdefault(same_answer(text), text)
        if first != text:
            others.append(text)
    return _Words(tuple(taken.values()), tuple(others))


def _of_codes(v: Variable, column: pd.Series, none: set[Any]) -> KnownScale | None:
    """The scale that labelled numbers are, if it holds every answer of the column."""
    labels = {c: t for c, t in v.labels.items() if c not in none}
    scale = recognise_codes(labels)
    if scale is None:
        if v.type != "nominal" or not all(isinstance(c, int | float) for c in labels):
            return None
        ends = replace(v, type="ordinal", labels=MappingProxyType(labels))
        if not ends.labelled_at_ends or not _holds(ends, column, none, between=True):
            return None
        return KnownScale("labelled_ends", tuple(labels), (), MappingProxyType(labels), direction=v.direction)
    ordered = replace(v, type=scale.type, labels=scale.labels)
    return scale if _holds(ordered, column, none, between=False) else None


def _holds(v: Variable, column: pd.Series, none: set[Any], *, between: bool) -> bool:
    """Whether a column holds codes of a variable only; `between`: some of them without a label."""
    given = set(column.dropna().unique().tolist()) - none - set(v.missing)
    inside = given <= set(v.codes)
    return inside and (not between or bool(given - set(v.labels)))


_BY_CHANCE = 0.001


def _shared(scales: Mapping[str, KnownScale], data: pd.DataFrame) -> dict[str, KnownScale]:
    """Scales of text in which items that use the same words have every point that one of them has.

    An item with half of a scale's points or fewer is asked on a scale of its own, and so is one that lacks a point by
    more than chance: with the share that it has in the others, its absence has a probability below 0.001.
    """
    counts = {n: data[n].map(composed_value).value_counts() for n in scales}
    found: dict[str, KnownScale] = {}
    for family in dict.fromkeys(s.family for s in scales.values()):
        names = [n for n, s in scales.items() if s.family == family]
        groups: list[list[str]] = []
        for name in sorted(names, key=lambda n: -len(scales[n].answers)):
            for group in groups:
                whole, own = _points(scales[n] for n in group), _points([scales[name]])
                same = all(whole.get(d, t) == t for d, t in own.items())
                lacking = [t for d, t in whole.items() if d not in own]
                if same and 2 * (len(whole) - len(lacking)) > len(whole) and _by_chance(name, lacking, group, counts):
                    group.append(name)
                    break
            else:
                groups.append([name])
        for group in groups:
            answers = list(dict.fromkeys(a for n in group for a in scales[n].answers))
            joint = recognise(answers, family) if family != "bands" else recognise(answers)
            if joint is not None and joint.family == family:
                found |= dict.fromkeys(group, joint)
    return found


def _by_chance(name: str, lacking: Iterable[str], group: Sequence[str], counts: Mapping[str, pd.Series]) -> bool:
    """Whether nobody may have chosen some answers of an item that so many chose in others of a group."""
    n = int(counts[name].sum())
    for text in lacking:
        share = max(counts[other].get(text, 0) / counts[other].sum() for other in group)
        if (1 - share) ** n < _BY_CHANCE:
            return False
    return True


def _points(scales: Iterable[KnownScale]) -> dict[Any, str]:
    """Place and wording of the points of some scales; bands, whose places only count, by wording."""
    found: dict[Any, str] = {}
    for scale in scales:
        for degree, answer in zip(scale.degrees, scale.answers, strict=True):
            found[answer if scale.family == "bands" else degree] = answer
    return found


def _entered(v: Variable, found: Sequence[NonAnswer]) -> Variable:
    """A variable with non-answers as missing codes, under the labels that they had."""
    codes = {a.code: a for a in found if a.code not in v.missing}
    kinds = {**v.missing, **{c: a.kind for c, a in codes.items()}}
    texts = {**v.missing_labels, **{c: v.labels[c] for c in codes if c in v.labels}}
    texts |= {c: same_text(c, ENGLISH_FIRST) for c in codes if isinstance(c, str) and c not in texts}
    return replace(
        v,
        labels=MappingProxyType({c: t for c, t in v.labels.items() if c not in codes}),
        missing=MappingProxyType(kinds),
        missing_labels=MappingProxyType(texts),
    )


def _on(v: Variable, scale: KnownScale) -> Variable:
    """A variable on a scale; what the file declares of its order and its good end stays."""
    kind = v.type if v.type in ("ordinal", "binary") else scale.type
    return replace(v, type=kind, labels=scale.labels, direction=v.direction or scale.direction)
