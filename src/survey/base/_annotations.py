"""What an annotation allows, read from its text: `level: float` is a number, `by: Names | None` names or nothing."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import MISSING, Field, fields
from functools import lru_cache
from numbers import Integral, Real
from typing import Any

import numpy as np
import pandas as pd

__all__ = ["described", "fields_of", "fits", "in_words"]

_ALIASES = {
    "Names": "str | Sequence[str]",
    "Within": "str | Sequence[str]",
    "AnyPath": "str | os.PathLike[str]",
    "TargetsLike": "Targets | pd.DataFrame | Mapping",
    "Row": "int | Mapping[str, Any] | None",
    "Where": "str | Array | pd.Series | Callable | None",
    "Text": "Mapping[str, str]",
    "Data": "pd.DataFrame | Responses",
    "Stage": "SRS | PPS | FramePPS | Census | DrawnUnits",
    "Statistic": "Callable",
    "Collapse": "str | Mapping | None",
    "Iterable[str]": "Sequence[str]",
}
_SAID = {
    "str": "text",
    "float": "a number",
    "int": "a whole number",
    "bool": "True or False",
    "None": "None",
    "Mapping": "a mapping (dict)",
    "pd.DataFrame": "a DataFrame",
    "Array": "an array",
    "pd.Series": "a Series",
    "os.PathLike": "a path",
    "Callable": "a function",
    "dt.date": "a date",
    "Path": "a path",
}
_ROWS_OF = ("Sequence", "Iterable", "tuple", "list")
_OURS = (
    "Estimates",
    "Summary",
    "Exhibit",
    "Codebook",
    "Responses",
    "Targets",
    "Replicates",
    "Quality",
    "Sample",
    "Rule",
    "SRS",
    "PPS",
    "FramePPS",
    "DrawnUnits",
    "Census",
    "Log",
    "Variable",
    "Margin",
    "LogEntry",
    "Source",
    "Finding",
    "MultipleSet",
    "Adjustment",
    "Nonrespondents",
    "SurveyFiles",
    "Path",
)


@lru_cache(maxsize=512)
def _parts(annotation: str) -> tuple[str, ...]:
    """The alternatives of an annotation, aliases written out: "Names | None" is text, a sequence of text, or None."""
    depth, start, found = 0, 0, []
    for i, mark in enumerate(annotation + "|"):
        depth += (mark == "[") - (mark == "]")
        if mark == "|" and depth == 0:
            found.append(annotation[start:i].strip())
            start = i + 1
    return tuple(p for part in found for p in (_parts(_ALIASES[part]) if part in _ALIASES else (part,)))


def in_words(annotation: str) -> str:
    """The alternatives of an annotation as an error names them: "text or a list of names or None"."""
    return " or ".join(dict.fromkeys(_said(part) for part in _parts(annotation)))


def fits(value: Any, annotation: str) -> bool:
    """Whether a value is of a kind that the annotation allows; of a kind not known here it is."""
    return any(_is(value, part) for part in _parts(annotation))


_KNOWN: Mapping[str, Callable[[Any, str], bool]] = {
    "None": lambda value, _: value is None,
    "str": lambda value, _: isinstance(value, str),
    "bool": lambda value, _: isinstance(value, bool | np.bool_),
    "int": lambda value, _: isinstance(value, Integral) and not isinstance(value, bool),
    "float": lambda value, _: isinstance(value, Real) and not isinstance(value, bool) and value == value,
    "Mapping": lambda value, inside: (
        isinstance(value, Mapping) and (inside != "str, str" or all(isinstance(v, str) for v in value.values()))
    ),
    "Array": lambda value, _: isinstance(value, np.ndarray | list | tuple),
    "slice": lambda value, _: isinstance(value, slice),
    "dt.date": lambda value, _: isinstance(value, dt.date),
    "Callable": lambda value, _: callable(value),
    "pd.DataFrame": lambda value, _: isinstance(value, pd.DataFrame),
    "pd.Series": lambda value, _: isinstance(value, pd.Series),
    "os.PathLike": lambda value, _: isinstance(value, os.PathLike),
}
"""What a value of each kind is; the second argument is what stands in the brackets of the annotation."""


@lru_cache(maxsize=512)
def _split(kind: str) -> tuple[str, str]:
    """An annotation's name and what stands in its brackets."""
    name, _, inside = kind.partition("[")
    return name, inside.removesuffix("]")


def _is(value: Any, kind: str) -> bool:
    name, inside = _split(kind)
    if name in _ROWS_OF:
        listed = isinstance(value, Iterable) and not isinstance(value, str | bytes | Mapping | pd.DataFrame)
        listed = listed and not (isinstance(value, pd.Series) and inside.startswith("str"))  # values, not names
        if name == "tuple" and "..." not in inside and isinstance(value, tuple | list | np.ndarray):
            listed = listed and len(value) == len(inside.split(","))
        element = inside.removesuffix(", ...") if name != "tuple" else _parts(inside.split(",")[0])[0]
        return listed and all(_is_element(v, element) for v in value)
    if name.removesuffix("Data") in _OURS:  # the state or its facade
        return name in {cls.__name__ for cls in type(value).__mro__}
    return name not in _KNOWN or _KNOWN[name](value, inside)


def _is_element(value: Any, kind: str) -> bool:
    # columns may be called by whole numbers, as pandas allows; never by nothing
    if kind == "str":
        return isinstance(value, Hashable) and value is not None and not isinstance(value, float)
    return fits(value, kind)


_ITSELF = {"str": str, "bool": bool, "int": int, "float": int, "None": type(None), "pd.DataFrame": pd.DataFrame}
"""Types whose values fit a kind, whatever they are; a float may be no number."""


def _default(one: Field[Any]) -> Any:
    return one.default if one.default_factory is MISSING else one.default_factory()


@lru_cache(maxsize=64)
def fields_of(cls: type) -> tuple[tuple[str, str, Any, frozenset[type]], ...]:
    """Of each annotated field of a dataclass: name, annotation, default, types that need no further look."""
    return tuple(
        (one.name, one.type, _default(one), frozenset(_ITSELF[part] for part in _parts(one.type) if part in _ITSELF))
        for one in fields(cls)
        if isinstance(one.type, str)
    )


def _said(kind: str) -> str:
    name, _, inside = kind.partition("[")
    if name in _ROWS_OF:
        each = inside.removesuffix("]").split(",")[0]
        return {"str": "a list of names", "float": "a list of numbers"}.get(each, "a list")
    return _SAID.get(name, name.removesuffix("Data") if name != "Data" else name)


def described(value: Any) -> str:
    """What came, by its kind; the values of a column are no one's business."""
    if value is None or isinstance(value, str | bool | Real):
        return f"{type(value).__name__}: {str(value)[:60]!r}" if isinstance(value, str) else repr(value)
    return f"a {type(value).__name__}"
