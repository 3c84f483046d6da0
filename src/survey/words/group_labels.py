"""What the groups of a result are called: labels of codes, and of the categories of breakdowns side by side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from survey.base.text import written
from survey.codebook._variable import shortened
from survey.core.breakdowns import COLUMNS
from survey.core.rest import Rest
from survey.core.result import ResultData, rows_in
from survey.words import locale as loc
from survey.words.phrases import small

__all__ = [
    "breakdown_label",
    "category_label",
    "code_text",
    "group_label",
    "grouping_values",
    "inline_label",
    "sides_of",
    "told_apart",
    "told_levels",
    "under_headings",
]


def code_text(code: Any) -> str:
    """A code as it is written: 3, not 3.0."""
    return written(code)


def breakdown_label(e: ResultData, name: str, lang: str) -> str:
    """The variables of a breakdown, "Sex × Age group"; "" for everyone, who need no heading."""
    variables = () if e.breakdowns is None else e.breakdowns.variables.get(name, ())
    return " × ".join(e.codebook.short_name(v, lang) for v in variables)


def category_label(e: ResultData, breakdown: str, value: Any, lang: str) -> str:
    """The category of a breakdown: the labels of the values it stands for."""
    values = () if e.breakdowns is None else e.breakdowns.values(breakdown, value)
    return ", ".join(group_label(e, v, code, lang) for v, code in values) or loc.word("everyone", lang)


def group_label(e: ResultData, name: str, code: Any, lang: str, row: Mapping[str, Any] | None = None) -> str:
    """Label of a group; a code without a label is written after the name of its variable ("Đợt 1").

    `row` tells which breakdown a category is of.
    """
    if e.breakdowns is not None and name == "breakdown":
        return breakdown_label(e, code, lang)
    if e.breakdowns is not None and name == "category" and row is not None:
        return category_label(e, row["breakdown"], code, lang)
    if isinstance(code, Rest):
        return loc.word("the_rest", lang)
    if pd.isna(code):
        return "–"
    label = shortened(e.codebook.label(name, code, lang))
    plain = code_text(code)
    if label != plain or isinstance(code, str):
        return label
    return f"{e.codebook.short_name(name, lang)} {label}"


def inline_label(e: ResultData, name: str, code: Any, lang: str, row: Mapping[str, Any] | None = None) -> str:
    """The label of a group inside a sentence: with a small letter, unless it is a name or a code."""
    if e.breakdowns is not None and name == "category" and row is not None:
        values = e.breakdowns.values(row["breakdown"], code)
        told = ", ".join(inline_label(e, v, c, lang) for v, c in values)
        return told or small(loc.word("everyone", lang), lang, True)
    variable = e.codebook.variables.get(name)
    ordered = variable is not None and variable.type in ("ordinal", "binary")
    return small(group_label(e, name, code, lang, row), lang, ordered)


def under_headings(e: ResultData, levels: Sequence[str], labels: Sequence[str]) -> tuple[str, ...]:
    """Labels of a row, outermost first; of breakdowns what stands above their categories is one heading."""
    if e.breakdowns is None or "breakdown" not in levels:
        return tuple(labels)
    at = list(levels).index("breakdown") + 1
    return (" · ".join(label for label in labels[:at] if label), *labels[at:])


def grouping_values(e: ResultData) -> list[tuple[str, list[Any]]]:
    """The variables that the groups of a result are made of, each with the codes it has there."""
    table = rows_in(e)
    if e.breakdowns is None:
        return [(by, table[by].unique().tolist()) for by in e.by if by in table.columns]
    found: dict[str, list[Any]] = {v: [] for names in e.breakdowns.variables.values() for v in names}
    if set(COLUMNS) <= set(table.columns):
        for breakdown, category in table[list(COLUMNS)].drop_duplicates().itertuples(index=False, name=None):
            for name, code in e.breakdowns.values(breakdown, category):
                found[name].append(code)
    within = [by for by in e.by if by not in COLUMNS and by in table.columns]
    return [*found.items(), *((by, table[by].unique().tolist()) for by in within)]


def told_levels(e: ResultData, levels: list[str]) -> list[str]:
    """The levels whose labels tell a row in words: a category says which breakdown it is of."""
    return [k for k in levels if e.breakdowns is None or k != "breakdown" or "category" not in levels]


def told_apart(values: list[Any], names: Mapping[Any, str]) -> list[str]:
    """Names of items; those of one name, or cut short to one, with their column behind it."""
    shared = Counter(names.values())
    return [f"{names[v]} ({v})" if shared[names[v]] > 1 and names[v] != v else names[v] for v in values]


def sides_of(e: ResultData, item: Any) -> tuple[str, ...]:
    """Both variables of a ratio; any other item is one, whatever its name holds ("Ông/Bà hài lòng ...?")."""
    name, origin = str(item), getattr(e, "origin", None)
    if name in e.codebook or "/" not in name:
        return (name,)
    if e.kind.phrase != "ratio":
        return (name,) if origin is None else sides_of(origin, item)
    cuts = [(name[:i], name[i + 1 :]) for i, letter in enumerate(name) if letter == "/"]
    return max(cuts, key=lambda sides: sum(side in e.codebook for side in sides))
