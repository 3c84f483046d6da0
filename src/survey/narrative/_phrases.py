"""Noun phrases that sentences are made of: what was measured, which groups or periods are compared, how they read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from survey.base import catalogue
from survey.codebook import Text
from survey.core.estimates_data import EstimatesData
from survey.narrative._words import answers_of, item_of, quoted, subject_of
from survey.words import labels

__all__ = ["Sides", "inline", "measured", "sides_of", "within_brackets"]

_PERIODS = ("wave", "round", "period", "year", "đợt", "dot")


def inline(e: EstimatesData, name: str, code: Any, lang: str) -> str:
    """The label of a group inside a sentence: with a small letter, unless it is a name or a code.

    "Phường thí điểm của tỉnh" becomes "phường thí điểm của tỉnh"; "An Phú ward" and "P01" stay.
    """
    label = labels.group_label(e, name, code, lang)
    first, *others = re.findall(r"[^\W_]+(?:-[^\W_]+)*", label) or [""]
    if first.lower() in catalogue.text("narrative.common_words", lang).split():
        return label[:1].lower() + label[1:]
    variable = e.codebook.variables.get(name)
    ordered = variable is not None and variable.type in ("ordinal", "binary")
    plain = len(first) > 1 and first[1:].islower() and any(w.islower() for w in others)
    if ordered and plain and not any(w[0].isupper() for w in others):
        return label[:1].lower() + label[1:]
    return label


def within_brackets(label: str) -> str:
    """A label that comes to stand in brackets, without brackets of its own: "đợt 1, tháng 8/2023"."""
    return re.sub(r"\s*\(([^()]*)\)", r", \1", label)


def measured(e: EstimatesData, i: int, lang: str, what: str | Text | None) -> str:
    """What a comparison is about: "điểm “Thân thiện”", "the share answering “Satisfied” on “Overall satisfaction”"."""
    subject = subject_of(e, i, lang, what)
    if what is not None or not subject:
        return subject
    origin, at = e, i
    if e.origin is not None and e.contrast_matrix is not None:
        origin, at = e.origin, int(np.flatnonzero(e.contrast_matrix[i])[0])
    elif e.origin is not None:
        origin = e.origin
        at = next((k for k, item in enumerate(origin.table["item"]) if item == item_of(e, i)), 0)
    name, question = quoted(subject, lang), subject.endswith("?")
    answers = answers_of(origin, at, item_of(e, i), lang)
    if answers:
        return catalogue.text(f"narrative.share{'_question' * question}", lang, answers=answers, item=name)
    measure = labels.measure_at(origin, at)
    if measure.kind == "score":
        return catalogue.text("narrative.score", lang, item=name)
    if measure.kind == "share" and origin.kind.phrase != "net":
        return catalogue.text("narrative.share_bare", lang, item=name)
    key = f"narrative.{origin.kind.phrase}_of"
    if origin.kind.phrase == "mean":
        key = "narrative.mean_of_question" if question else "narrative.mean_of"
    return name if catalogue.find(key, lang) is None else catalogue.text(key, lang, item=name)


@dataclass(frozen=True, slots=True)
class Sides:
    """The two sides of a comparison, in words.

    Parameters
    ----------
    kind : {"groups", "change", "did"}
        Two groups; two periods of one group, the later first; or the change of one group against that of another.
    one, other : str
    place : str
        What both have in common ("An Phú ward"), or "".
    rows : tuple of int
        Their rows in the origin: (one, other); of a difference in differences (one after, one before, other after,
        other before).
    """

    kind: str
    one: str
    other: str
    place: str
    rows: tuple[int, ...]


def sides_of(e: EstimatesData, i: int, lang: str) -> Sides | None:
    """The two sides of a contrast; None where it is neither a plain difference nor one of differences."""
    pair = labels.compared(e, i)
    if pair is None or e.origin is None:
        return _of_differences(e, i, lang)
    origin = e.origin
    told = [
        k for k in labels.levels_of(origin) if k not in e.table.columns and origin.table[k].nunique(dropna=False) > 1
    ]
    one, other = (origin.table.iloc[k] for k in pair)
    differs = [k for k in told if one[k] != other[k]]
    if not differs:
        return None
    same = ", ".join(_said(origin, k, one[k], lang) for k in told if k not in differs)
    first, second = (", ".join(_said(origin, k, row[k], lang) for k in differs) for row in (one, other))
    change = len(differs) == 1 and _is_period(origin, differs[0]) and _later(origin, differs[0], one, other)
    return Sides("change" if change else "groups", first, second, same, pair)


def _said(e: EstimatesData, name: str, value: Any, lang: str) -> str:
    if name in e.by:
        return inline(e, name, value, lang)
    return quoted(labels.item_label(e, str(value), lang), lang) if name in ("item", "with") else str(value)


def _is_period(e: EstimatesData, name: str) -> bool:
    variable = e.codebook.variables.get(name)
    return name in e.by and (name.casefold() in _PERIODS or (variable is not None and variable.role == "period"))


def _later(e: EstimatesData, name: str, one: pd.Series, other: pd.Series) -> bool:
    """Whether the first side is the later period, by the order of the codebook or of the values."""
    codes = e.codebook.variables[name].codes if name in e.codebook.variables else ()
    values = (one[name], other[name])
    if all(v in codes for v in values):
        return codes.index(values[0]) > codes.index(values[1])
    try:
        return bool(values[0] > values[1])
    except TypeError:
        return False


def _of_differences(e: EstimatesData, i: int, lang: str) -> Sides | None:
    """A difference in differences: two groups in two periods, and nothing else differs."""
    if e.origin is None or e.contrast_matrix is None or e.origin.kind.combines:
        return None
    origin, weights = e.origin, e.contrast_matrix[i]
    used = np.flatnonzero(weights)
    if len(used) != 4 or sorted(weights[used]) != [-1.0, -1.0, 1.0, 1.0] or "item" in e.table.columns:
        return None
    table = origin.table.iloc[used]
    told = [k for k in labels.levels_of(origin) if table[k].nunique(dropna=False) > 1]
    periods = [k for k in told if _is_period(origin, k)]
    if len(told) != 2 or len(periods) != 1:
        return None
    period, group = periods[0], next(k for k in told if k != periods[0])
    plus, minus = ([origin.table.iloc[k] for k in used[weights[used] == w]] for w in (1.0, -1.0))
    one = next((r for r in plus for s in minus if r[group] == s[group] and _later(origin, period, r, s)), None)
    if one is None:
        return None
    at = {(r[group], r[period]): int(k) for k, r in zip(used, (origin.table.iloc[k] for k in used), strict=True)}
    other = next(g for g, _ in at if g != one[group])
    early = next(p for _, p in at if p != one[period])
    cells = [(one[group], one[period]), (one[group], early), (other, one[period]), (other, early)]
    if set(cells) != set(at) or [weights[at[c]] for c in cells] != [1.0, -1.0, -1.0, 1.0]:
        return None
    names = (_said(origin, group, one[group], lang), _said(origin, group, other, lang))
    return Sides("did", *names, "", tuple(at[c] for c in cells))
