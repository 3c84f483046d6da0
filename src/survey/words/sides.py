"""Noun phrases that sentences are made of: what was measured, which groups or periods are compared, how they read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from survey.base import catalogue
from survey.codebook import Text
from survey.core.estimates_data import EstimatesData
from survey.core.rest import told_of
from survey.words import labels
from survey.words.compared import compared, two_rows
from survey.words.parts import answers_of, is_question, item_of, quoted, subject_of
from survey.words.phrases import is_period, later, within_brackets

__all__ = ["Sides", "inline", "measured", "sides_of", "within_brackets"]

inline = labels.inline_label


def measured(e: EstimatesData, i: int, lang: str, what: str | Text | None) -> str:
    """What a comparison is about: "điểm “Thân thiện”", "the share answering “Satisfied” on “Overall satisfaction”"."""
    subject = subject_of(e, i, lang, what)
    if what is None and not subject and e.origin is not None and e.origin.kind.options:
        return catalogue.text("narrative.option_share", lang)
    if what is not None or not subject:
        return subject
    origin, at = e, i
    if e.origin is not None and e.contrast_matrix is not None:
        origin, at = e.origin, int(np.flatnonzero(e.contrast_matrix[i])[0])
    elif e.origin is not None:
        origin = e.origin
        at = next((k for k, item in enumerate(origin.table["item"]) if item == item_of(e, i)), 0)
    name, question = quoted(subject, lang), is_question(subject)
    answers = answers_of(origin, at, item_of(e, i), lang)
    if answers:
        return catalogue.text(f"narrative.share{'_question' * question}", lang, answers=answers, item=name)
    measure = labels.measure_at(origin, at)
    if origin.kind.options:
        return catalogue.text("narrative.option_of", lang, item=name)
    if measure.kind == "score":
        return catalogue.text("narrative.score", lang, item=name)
    if measure.kind == "share" and origin.kind.phrase != "net":
        return catalogue.text("narrative.share_bare", lang, item=name)
    key = f"narrative.{origin.kind.phrase}_of"
    if "quantile" in origin.table.columns and float(origin.table["quantile"].iloc[at]) == 0.5:
        key = "narrative.median_of"
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
    pair, rows = compared(e, i), two_rows(e, i)
    if pair is None or rows is None or e.origin is None:
        return _of_differences(e, i, lang)
    origin, (one, other), told = e.origin, rows, e.once(_told)
    differs = [k for k in told if one[k] != other[k]]
    if not differs:
        return None
    shared = labels.told_levels(origin, [k for k in told if k not in differs])
    same = ", ".join(_said(origin, k, one[k], lang, one) for k in shared)
    sides = labels.told_levels(origin, differs)
    first, second = (", ".join(_said(origin, k, r[k], lang, r) for k in told_of(sides, r)) for r in (one, other))
    change = len(differs) == 1 and _is_period(origin, differs[0]) and _later(origin, differs[0], one, other)
    return Sides("change" if change else "groups", first, second, same, pair)


def _told(e: EstimatesData) -> list[str]:
    """What tells the rows of its origin apart, and is not said of its own but as a group."""
    own, origin = e.table.columns, e.origin
    known = [] if origin is None else labels.varying(origin, labels.levels_of(origin))
    return [k for k in known if k not in own or k in e.by]


def _said(e: EstimatesData, name: str, value: Any, lang: str, row: Mapping[str, Any] | None = None) -> str:
    if name in e.by:
        return inline(e, name, value, lang, row)
    return quoted(labels.item_label(e, str(value), lang), lang) if name in ("item", "with") else str(value)


def _is_period(e: EstimatesData, name: str) -> bool:
    return name in e.by and is_period(e.codebook, name)


def _later(e: EstimatesData, name: str, one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether the first side is the later period."""
    return later(e.codebook, name, one[name], other[name])


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
