"""What the rows of Estimates are called and measured in, and which of them may be shown.

Every way of showing results (on a screen, in a figure, a table, a sentence) reads them through `labelled`, so that
labels, units and the rule on small numbers are the same everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.base.catalogue import text
from survey.codebook import MultipleSet, Text
from survey.codebook._variable import shortened
from survey.codebook.sets import set_of
from survey.core.breakdowns import COLUMNS
from survey.core.estimates_data import EstimatesData
from survey.core.rest import told_of
from survey.core.result import ResultData, rows_in
from survey.errors import ExportError, shorten
from survey.words import locale as loc
from survey.words.compared import compared, two_rows
from survey.words.group_labels import (
    breakdown_label,
    category_label,
    code_text,
    group_label,
    grouping_values,
    inline_label,
    sides_of,
    told_apart,
    told_levels,
    under_headings,
)
from survey.words.item_measure import measure_of
from survey.words.measure import Measure
from survey.words.phrases import bare, is_period, later
from survey.words.statuses import FLAG_BELOW, SUPPRESS_BELOW, details, statuses
from survey.words.terms import term_label

__all__ = [
    "FLAG_BELOW",
    "SUPPRESS_BELOW",
    "Measure",
    "answer_label",
    "asked_as",
    "breakdown_label",
    "code_text",
    "common_measure",
    "compared",
    "cut_short",
    "group_label",
    "inline_label",
    "items_of",
    "labelled",
    "level_head",
    "levels_of",
    "measure_at",
    "measures",
    "statuses",
    "told_levels",
    "under_headings",
    "untranslated",
    "varying",
]

_ROWS = ("step", "margin", "category", "design", "exhibit", "component")
_KNOWN_CONTRASTS = ("did", "trend_per_year", "trend_per_wave", "trend_per_unit")


def measure_at(e: ResultData, i: int) -> Measure:
    """What row `i` is measured in, from the statistic and the codebook; never from the size of the number.

    A contrast whose weights add up to 0 is a difference, one whose weights add up to 1 an average of what it
    combines; anything else (a ratio of two rows) is a bare number.
    """
    return e.once(_measures)[i]


def _measure_of(e: ResultData, i: int, of: Sequence[Measure] | None) -> Measure:
    if not isinstance(e, EstimatesData) or of is None or e.contrast_matrix is None:
        return Measure("number", True, digits=2)
    weights = e.contrast_matrix[i]
    found = {of[k] for k in np.flatnonzero(weights).tolist()}
    base = found.pop() if len(found) == 1 else Measure("number", digits=2)
    if e.linear is not None and not e.linear[i]:
        return Measure("number", digits=2)
    total = float(weights.sum())
    if abs(total) < 1e-9:
        return replace(base, difference=True)
    return base if abs(total - 1) < 1e-9 else replace(base, limits=None)


def measures(e: ResultData) -> list[Measure]:
    """What each row is measured in."""
    return list(e.once(_measures))


def _measures(e: ResultData) -> tuple[Measure, ...]:
    if e.kind.combines:
        of = None if e.origin is None else e.origin.once(_measures)
        return tuple(_measure_of(e, i, of) for i in range(len(e.table)))
    items = e.table["item"].tolist() if "item" in e.table.columns else [""] * len(e.table)
    known = {item: measure_of(e, str(item)) for item in dict.fromkeys(items)}
    return tuple(known[item] for item in items)


def common_measure(e: ResultData) -> Measure:
    """The measure that all rows share.

    Raises
    ------
    ExportError
        If rows are measured in different units: they cannot stand on one axis.
    """
    found = dict.fromkeys(measures(e))
    if len(found) > 1:
        raise ExportError(
            "Numbers in different units cannot share an axis.",
            got=shorten(m.axis("en") or m.kind for m in found),
            fix="make one figure for each unit",
        )
    return next(iter(found), Measure("number", digits=2))


def items_of(e: ResultData) -> list[str]:
    """The items of a result; of what it was combined from, where its own table has none."""
    return [*e.once(_items_of)]


def _items_of(e: ResultData) -> tuple[str, ...]:
    if "item" in e.table.columns:
        return tuple(str(item) for item in dict.fromkeys(e.table["item"]))
    return e.origin.once(_items_of) if e.origin is not None else ()


def levels_of(e: ResultData) -> list[str]:
    """Columns of the table that tell rows apart, outermost first: item, the groups, the contrast."""
    names = ["item", "with", *e.by, "contrast", "term", "quantile", "measure"]
    if e.breakdowns is not None and "breakdown" not in e.by:  # a comparison within each
        names.insert(2, "breakdown")
    columns, quantities = rows_in(e).columns, e.quantities
    return [n for n in columns if n in (*names, *_ROWS)] if quantities else [n for n in names if n in columns]


def varying(e: ResultData, levels: Sequence[str] | None = None) -> list[str]:
    """The levels that are not the same in all rows; of all of them, the answer too, where none are named."""
    among = [*levels_of(e), "answer"] if levels is None else levels
    table = rows_in(e)
    return [n for n in among if n in table.columns and table[n].nunique(dropna=False) > 1]


def labelled(
    e: ResultData,
    lang: str,
    labels: Mapping[str, str | Text] | None = None,
    suppress_below: int = SUPPRESS_BELOW,
    flag_below: int = FLAG_BELOW,
) -> pd.DataFrame:
    """The table with labels for codes and a column `status`; numbers unrounded, those not to be shown left out.

    Parameters
    ----------
    e : Estimates
    lang : str
    labels : mapping of str to text, optional
        Labels of one's own for items, contrasts or terms, by the name they have in the table.
    suppress_below, flag_below : int
        The rule on small numbers.

    Returns
    -------
    DataFrame
        Index and numbers of `e.table`; item, by, answer and contrast columns hold labels. `status` is "shown",
        "flagged", "suppressed" (numbers are NaN) or "empty" (there is no estimate); `detail` as `words.statuses`.
    """
    loc.check_language(lang)
    own = {name: loc.pick(loc.text_of(text), lang, name) for name, text in (labels or {}).items()}
    table = e.table
    if "estimate" in table.columns and "conf_low" not in table.columns:
        table = table.assign(conf_low=np.nan, conf_high=np.nan)  # judged by permutation, not by an interval
    for name in levels_of(e):
        table[name] = _texts(_names(e, name, lang, own))
    if "answer" in table.columns:
        items = e.table["item"] if "item" in table.columns else [""] * len(table)
        table["answer"] = _texts([answer_label(e, i, a, lang) for i, a in zip(items, e.table["answer"], strict=True)])
    status = statuses(e, suppress_below, flag_below)
    table["status"] = status
    table["detail"] = details(e, status)
    numeric = [
        c for c in table.columns if c not in ("status", "detail", "n", "df") and pd.api.types.is_float_dtype(table[c])
    ]
    table.loc[status == "suppressed", [c for c in numeric if c not in e.by]] = np.nan
    return table


def level_head(e: ResultData, name: str, lang: str) -> str:
    """What stands above a column that tells rows apart: the short name of a group, else what the column holds."""
    if e.breakdowns is not None and name in COLUMNS:
        return loc.heading(name, lang)
    if name in e.by:
        return e.codebook.short_name(name, lang)
    if name == "item" and asked_as(e) is not None:
        return loc.heading("option", lang)
    pair = two_rows(e, 0) if name == "contrast" and shared_difference(e, lang) else None
    if pair is not None and e.origin is not None:
        one, other = pair
        return ", ".join(level_head(e.origin, k, lang) for k in e.once(_told) if one[k] == other[k])
    return loc.pick(e.words.get(name, {}), lang) or loc.heading(name, lang)


def asked_as(e: ResultData) -> MultipleSet | None:
    """The select-all question of which the items are options, for a result of one, or a comparison of its rows."""
    origin = e.origin if e.kind.combines and e.origin is not None else e
    return set_of(e.codebook, items_of(e)) if origin.kind.options else None


def _texts(values: list[str]) -> NDArray[np.object_]:
    """Labels as a column that does not align by index: a table may hold an index twice."""
    out = np.empty(len(values), dtype=object)
    out[:] = values
    return out


def _names(e: ResultData, level: str, lang: str, own: Mapping[str, str]) -> list[str]:
    values = e.table[level].tolist()
    if e.breakdowns is not None and level == "category":
        rows = zip(e.table["breakdown"].tolist(), values, strict=True)
        return [category_label(e, breakdown, value, lang) for breakdown, value in rows]
    if level == "contrast" and e.kind.ranks and e.origin is not None:
        return _names(e.origin, level, lang, own)
    if level == "item":
        return told_apart(values, {v: _name(e, level, v, lang, own) for v in dict.fromkeys(values)})
    if level != "contrast":
        named = {key: _name(e, level, key[1], lang, own) for key in {(type(v), v) for v in values}}  # once a value
        return [named[type(v), v] for v in values]
    if shared_difference(e, lang):
        return [own.get(v) or contrast_parts(e, i, lang)[0] for i, v in enumerate(values)]
    return [own.get(v) or contrast_label(e, i, lang) for i, v in enumerate(values)]


def _name(
    e: ResultData, level: str, value: Any, lang: str, own: Mapping[str, str], row: Mapping[str, Any] | None = None
) -> str:
    if level in e.by or (level == "breakdown" and e.breakdowns is not None):
        return group_label(e, level, value, lang, row)
    if level in ("item", "with"):
        return own.get(value) or item_label(e, value, lang) + (" ↓" if value in turned(e) else "")
    if level in _ROWS:
        return own.get(str(value)) or loc.pick(e.words.get(value, {}), lang, str(value))
    if level == "quantile":
        return loc.quantile(float(value), lang)
    if level == "measure":
        return own.get(str(value)) or text(f"measures.{value}", lang)
    if level == "term" and str(value) not in own:
        return term_label(e, str(value), lang)
    return own.get(str(value), code_text(value))


def turned(e: ResultData) -> set[str]:
    """Items on which a low answer is good, where a result also has others: they are marked with an arrow."""
    items = [i for i in items_of(e) if i in e.codebook]
    direction = {i: e.codebook[i].direction for i in items}
    return {i for i in items if direction[i] < 0} if len(set(direction.values())) > 1 else set()


def item_label(e: ResultData, item: str, lang: str) -> str:
    """Wording of an item, name of a score, or both sides of a ratio."""
    if item == "one" and item not in e.codebook:
        return loc.word("people", lang)
    return " / ".join(e.codebook.short_name(part, lang) for part in sides_of(e, item))


def answer_label(e: ResultData, item: str, code: Any, lang: str) -> str:
    """Label of an answer, cut after a word if it is long."""
    return shortened(e.codebook.label(item, code, lang))


def cut_short(e: ResultData, lang: str) -> bool:
    """Whether a name or label of a result is longer than what `labelled` shows of it."""
    names = [part for item in items_of(e) for part in sides_of(e, item)] + [v for v, _ in grouping_values(e)]
    texts = [e.codebook.variables[name].full_name(lang) for name in names if name in e.codebook]
    for origin in (e, e.origin):
        if origin is not None:
            columns = grouping_values(origin)
            columns += [(i, e.table["answer"].unique()) for i in items_of(e) if "answer" in e.table.columns]
            texts += [e.codebook.label(name, code, lang) for name, codes in columns for code in codes]
    return any(shortened(text) != text for text in texts)


def untranslated(e: ResultData, lang: str) -> bool:
    """Whether a name of a result is shown in another language, as the codebook has none in this one."""
    names = [part for item in items_of(e) for part in sides_of(e, item)] + [v for v, _ in grouping_values(e)]
    known = [e.codebook.variables[name] for name in names if name in e.codebook]
    return any((v.short or v.text) and lang not in v.short and lang not in v.text for v in known)


def contrast_label(e: ResultData, row: int, lang: str) -> str:
    """Name of a contrast; a plain difference is named by its two groups ("Nữ − Nam"), of two periods as a change."""
    place, sides = contrast_parts(e, row, lang)
    difference = change(e, row, lang) or " − ".join(sides)
    return f"{place}: {difference}" if place and difference else place or difference


def contrast_parts(e: ResultData, row: int, lang: str) -> tuple[str, tuple[str, ...]]:
    """What a difference is within ("Phường An Phú") and its two sides ("Đợt 2", "Đợt 1"); else its name and ()."""
    return e.once(_parts, row, lang)


def _told(e: ResultData) -> list[str]:
    """What tells the rows of its origin apart, and is not said of its own."""
    own, origin = e.table.columns, e.origin
    return [] if origin is None else [k for k in varying(origin, levels_of(origin)) if k not in own]


def _parts(e: ResultData, row: int, lang: str) -> tuple[str, tuple[str, ...]]:
    name = str(e.table["contrast"].iloc[row])
    if name in _KNOWN_CONTRASTS:
        return loc.word(name, lang), ()
    pair = two_rows(e, row)
    if pair is None or e.origin is None:
        return e.codebook.short_name(name, lang), ()
    origin, (one, other), told = e.origin, pair, e.once(_told)
    differs = [k for k in told if one[k] != other[k]]
    if not differs:
        return name, ()
    same = [k for k in told if k not in differs]
    apart = told_levels(origin, differs)
    sides = tuple(", ".join(_name(origin, k, r[k], lang, {}, r) for k in told_of(apart, r)) for r in (one, other))
    return ", ".join(_name(origin, k, one[k], lang, {}, one) for k in told_levels(origin, same)), sides


def change(e: ResultData, row: int, lang: str) -> str:
    """A difference of two periods of the same group: "Thay đổi từ đợt 1 đến đợt 2"; "" for any other contrast."""
    pair = two_rows(e, row)
    if pair is None or e.origin is None:
        return ""
    origin, (one, other) = e.origin, pair
    differs = [k for k in e.once(_told) if one[k] != other[k]]
    if len(differs) != 1 or differs[0] not in origin.by or not is_period(origin.codebook, differs[0]):
        return ""
    name = differs[0]
    if not later(origin.codebook, name, one[name], other[name]):
        return ""
    last, first = (inline_label(origin, name, r[name], lang) for r in (one, other))
    if bare(last) != bare(first):
        last, first = bare(last), bare(first)
    return loc.word("change", lang, first=first, last=last)


def shared_difference(e: ResultData, lang: str) -> str:
    """What all rows of a contrast have in common ("Thay đổi từ đợt 1 đến đợt 2"), where the places differ; else ""."""
    return e.once(_shared, lang)


def _shared(e: ResultData, lang: str) -> str:
    if "contrast" not in e.table.columns:
        return ""
    parts = [contrast_parts(e, i, lang) for i in range(len(e.table))]
    places = {place for place, _ in parts}
    if len({sides for _, sides in parts}) != 1 or not parts[0][1] or "" in places or len(places) < 2:
        return ""
    return change(e, 0, lang) or f"{loc.word('difference', lang)} {' − '.join(parts[0][1])}"
